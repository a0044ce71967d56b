"""Letters on one's hours: asking for one, reading it as PDF, and the public page that says whether it is genuine."""

from flask import Response as FlaskResponse
from flask import current_app, flash, render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ...db import db
from ...errors import Conflict, msg
from ...people.access import Permission, requires
from ...web import filters
from ...web.i18n import spoken
from ...web.permission import everyone
from ...web.redirects import see_other
from ..day_models import HoursLetter
from ..forms.hours import LetterForm
from ..worked import letter_pdf, letters
from .blueprint import bp
from .hours import Answer, my_hours_page, zone


@bp.post("/my/hours")
@requires(Permission.TAKE_SHIFTS)
def ask_letter() -> Answer:
    """Make a letter on one's hours between two days."""
    form, me = LetterForm(), (current_user.id, current_user.name)

    def issue() -> str:
        _refuse_unknown_letters(me[1])
        first_day, last_day = form.first_day.data, form.last_day.data
        return letters.issue.once(form.token)(actor_id=me[0], first_day=first_day, last_day=last_day, zone=zone())

    if not form.accepts(issue):
        return my_hours_page(form)
    flash(_("Your letter is ready to download."))
    return see_other("/my/hours#letters")


@bp.get("/my/letters/<code>.pdf")
@requires(Permission.TAKE_SHIFTS)
def letter_file(code: str) -> Response:
    """Give one's own letter as PDF, in the language of the page."""
    letter = letters.own(db.session, current_user.id, code)
    _refuse_unknown_letters(current_user.name)
    return FlaskResponse(
        letter_pdf.draw(_words(letter, current_user.name), letter.issued_at),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="hours-{letter.code}.pdf"'},
    )


@bp.get("/letters/<code>")
@everyone
def check_letter(code: str) -> tuple[str, int]:
    """Say whether a letter is genuine, and only its days, shifts and hours."""
    letter = letters.find(db.session, code)
    return render_template("shifts/letter.html", letter=letter, code=code[:40]), 200 if letter else 404


def _refuse_unknown_letters(name: str) -> None:
    unknown = letter_pdf.unknown_letters(name)
    if unknown:
        raise Conflict(
            msg(
                "A letter cannot be printed with “%(letters)s” in your name. Write your name in Latin, Greek or Cyrillic "
                "letters on your account's page, then ask again.",
                letters=unknown,
            )
        )


def _words(letter: HoursLetter, name: str) -> letter_pdf.Words:
    settings = current_app.extensions["shoreline_settings"]
    number = settings.charity_number
    charity = settings.org_name
    shifts = ngettext("%(num)d shift", "%(num)d shifts", letter.shifts)
    period = _(
        "from %(first)s to %(last)s", first=filters.full_day(letter.first_day), last=filters.full_day(letter.last_day)
    )
    return letter_pdf.Words(
        language=spoken(),
        from_whom=charity,
        registered=_("Registered charity %(number)s", number=number) if number else "",
        place_and_day=filters.full_day(filters.local_date(letter.issued_at)),
        title=_("Confirmation of voluntary work"),
        paragraphs=[
            _("To whom it may concern,"),
            _("we confirm that %(name)s worked with us as a volunteer, without pay, as follows.", name=name),
        ],
        facts=[
            (_("Name"), name),
            (_("When"), period),
            (_("Shifts worked"), shifts),
            (_("Hours worked"), _hours(letter.minutes)),
        ],
        signed=_(
            "For %(charity)s. Counted from the record of attendance. This letter was made electronically and holds "
            "without a signature by hand: its code stands for one.",
            charity=charity,
        ),
        check=_("To see that this letter is genuine, scan the square or open this address:"),
        code=letter.code,
        address=f"{settings.base_url}/letters/{letter.code}",
    )


def _hours(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    said = str(ngettext("%(num)d hour", "%(num)d hours", whole))
    return f"{said} {ngettext('%(num)d minute', '%(num)d minutes', rest)}" if rest else said

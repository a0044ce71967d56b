"""Letters on one's hours: asking for one, reading it as PDF, and the public page that says whether it is genuine."""

from flask import Response as FlaskResponse
from flask import current_app, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from ... import pdf_signing
from ...config import Settings
from ...db import db
from ...errors import NotFound, msg
from ...pdf_signing import SigningKey
from ...people.access import Permission, requires
from ...printing import can_print
from ...web import filters
from ...web.i18n import spoken
from ...web.permission import everyone
from ...web.redirects import see_other
from ..day_models import HoursLetter
from ..forms.hours import CodeForm, LetterForm, NameForm
from ..worked import letter_pdf, letters
from .blueprint import bp
from .hours import Answer, my_hours_page, zone


@bp.post("/my/hours")
@requires(Permission.TAKE_SHIFTS)
def ask_letter() -> Answer:
    """Make a letter on one's hours between two days."""
    form, actor_id = LetterForm(), current_user.id

    def issue() -> str:
        first_day, last_day = form.first_day.data, form.last_day.data
        return letters.issue.once(form.token)(actor_id=actor_id, first_day=first_day, last_day=last_day, zone=zone())

    if not form.accepts(issue):
        return my_hours_page(form)
    flash(_("Your letter is ready to download."))
    return see_other("/my/hours#letters")


@bp.get("/my/letters/<code>.pdf")
@requires(Permission.TAKE_SHIFTS)
def letter_file(code: str) -> Response:
    """Give one's own letter as PDF, in the language of the page."""
    letter = letters.own(db.session, current_user.id, code)
    words, key = _words(letter), _signing_key()
    pdf = letter_pdf.draw(words, letter.issued_at)
    return FlaskResponse(
        pdf_signing.sign(pdf, key, words.title) if key else pdf,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="hours-{letter.code}.pdf"'},
    )


@bp.get("/letters/certificate.cer")
@everyone
def letter_certificate() -> Response:
    """Give the certificate of the signature in letters' PDFs, for those who want to trust it."""
    key = _signing_key()
    if key is None:
        raise NotFound(msg("Our letters are not signed inside their file. Check them by their code."))
    return FlaskResponse(
        pdf_signing.certificate_file(key),
        mimetype="application/pkix-cert",
        headers={"Content-Disposition": 'attachment; filename="certificate.cer"'},
    )


@bp.route("/letters", methods=["GET", "POST"])
@everyone
def find_letter() -> Answer:
    """Take the code of a letter, however it is typed, and lead to its check."""
    form = CodeForm()
    if form.accepts(lambda: letters.known(db.session, form.code.data or "")):
        return see_other(f"/letters/{form.result}")
    key = _signing_key()
    signer = pdf_signing.fingerprint(key) if key else ""
    return render_template("shifts/letters.html", form=form, fingerprint=signer), form.status


@bp.route("/letters/<code>", methods=["GET", "POST"])
@everyone
def check_letter(code: str) -> tuple[str, int]:
    """Say whether a letter is genuine: its days, shifts and hours, and whose they are to whoever knows or scanned it.

    A name is sent by POST, so that it stands in no log; nothing is written.
    """
    letter = letters.find(db.session, code)
    if letter is None:
        return render_template("shifts/letter.html", letter=None, code=code[:40]), 404
    form, key, given = NameForm(), _key(), request.args.get("seal", "")[:100]
    asked = form.accepts(lambda: letters.is_of(key, letter, given, form.name.data or ""))
    page = render_template(
        "shifts/letter.html",
        letter=letter,
        form=form,
        sealed=bool(given) and letter.name is not None and letters.seals(key, letter, given),
        altered=bool(given) and letter.name is not None and not letters.seals(key, letter, given),
        can_tell=bool(given) or letter.name is not None,
        fits=form.result if asked else None,
        now=letters.counted_now(db.session, letter, zone()),
    )
    return page, 200 if asked else form.status


def _signing_key() -> SigningKey | None:
    """Return what letters are signed with, if anything. Where people try Shoreline out, it is made on the spot."""
    settings: Settings = current_app.extensions["shoreline_settings"]
    if settings.signing_key is None or settings.production:
        return settings.signing_key
    return pdf_signing.make_once(settings.signing_key, settings.org_name)


def _key() -> str:
    key: str = current_app.extensions["shoreline_settings"].secret_key
    return key


def _words(letter: HoursLetter) -> letter_pdf.Words:
    name = letter.name if letter.name and can_print(letter.name) else None
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
            _("we confirm that %(name)s worked with us as a volunteer, without pay, as follows.", name=name)
            if name
            else _("we confirm that the person named below worked with us as a volunteer, without pay, as follows."),
        ],
        facts=[
            (_("Name"), name or _("In letters that we cannot print here: scan the square at the foot to read it.")),
            (_("When"), period),
            (_("Shifts worked"), shifts),
            (_("Hours worked"), _hours(letter.minutes)),
        ],
        signed=_(
            "For %(charity)s. Counted from the record of attendance. This letter was made electronically and holds "
            "without a signature by hand: its code stands for one.",
            charity=charity,
        ),
        check=_(
            "To see that this letter and its name are genuine, scan the square. Or open the address below and type the "
            "code."
        ),
        code=letter.code,
        address=f"{settings.base_url}/letters",
        sealed=f"{settings.base_url}/letters/{letter.code}?seal={letters.seal(settings.secret_key, letter)}",
    )


def _hours(minutes: int) -> str:
    whole, rest = divmod(minutes, 60)
    said = str(ngettext("%(num)d hour", "%(num)d hours", whole))
    return f"{said} {ngettext('%(num)d minute', '%(num)d minutes', rest)}" if rest else said

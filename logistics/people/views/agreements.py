"""What every volunteer agrees to: reading and agreeing, and for admins its versions."""

from collections.abc import Iterator
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from ...config import LANGUAGES
from ...db import db, stream
from ...errors import NotFound, msg
from ...paging import paginate
from ...web.asked import page_number, searched, wants_csv
from ...web.csv import csv_response
from ...web.filters import stamp
from ...web.i18n import spoken, translate
from ...web.permission import signed_in
from ...web.redirects import safe_path, see_other
from .. import agreements as service
from ..access import Permission, requires
from ..privacy import blocks
from ..qualification_models import AgreementKind
from ..volunteer_forms import AgreeForm, AgreementForm
from .blueprint import bp
from .coming_from import shift_asked_from

Answer = Response | tuple[str, int]


@bp.get("/my/agreements")
@signed_in
def my_agreements() -> Answer:
    """Show the texts in force, and ask for what is not agreed to yet."""
    return _mine()


@bp.post("/my/agreements")
@signed_in
def agree() -> Answer:
    """Agree to the versions that the page showed."""
    form = AgreeForm()
    if form.accepts(lambda: service.agree.once(form.token)(actor_id=current_user.id, shown=form.versions)):
        flash(_("Thank you. You can sign up for shifts now."))
        return see_other(safe_path(form.next.data, url_for("people.my_agreements")))
    return _mine(form)


@bp.get("/admin/agreements")
@requires(Permission.MANAGE_SETUP)
def list_agreements() -> str:
    """Show which texts are in force."""
    versions = {kind: service.newest_version(db.session, kind) for kind in AgreementKind}
    return render_template("admin/agreements.html", versions=versions, title_of=_title)


@bp.get("/admin/agreements/<kind>")
@requires(Permission.MANAGE_SETUP)
def edit_agreement(kind: str) -> Answer:
    """Offer a text in both languages to be edited, and list its versions."""
    which = service.kind_of(kind)
    shown = service.newest_version(db.session, which) or 0
    texts = service.texts_of(db.session, which, shown)
    filled = {f"text_{language}": text.text for language, text in texts.items()}
    return edit_page(which, AgreementForm(data={**filled, "shown": shown}))


@bp.get("/admin/agreements/<kind>/<int:version>")
@requires(Permission.MANAGE_SETUP)
def agreement_version(kind: str, version: int) -> str:
    """Show one version, as it was published."""
    which = service.kind_of(kind)
    texts = service.texts_of(db.session, which, version)
    if not texts:
        raise NotFound(msg("There is no such version."))
    shown = [(language, blocks(texts[language].text)) for language in LANGUAGES if language in texts]
    published_at = next(iter(texts.values())).published_at
    return render_template(
        "admin/agreement_version.html",
        kind=which,
        title=_title(which),
        version=version,
        published_at=published_at,
        texts=shown,
    )


@bp.get("/admin/agreements/<kind>/people")
@requires(Permission.MANAGE_PEOPLE)
def who_agreed(kind: str) -> str | FlaskResponse:
    """List who agreed to a text, to which version, and when."""
    which, words = service.kind_of(kind), searched()
    query = service.who_agreed(which, words)
    if wants_csv():

        def rows() -> Iterator[list[Any]]:
            for person_id, name, email, version, agreed_at in stream(db.session, query):
                yield [person_id, name, email, version, stamp(agreed_at)]

        header = [_("Number"), _("Name"), _("Email"), _("Version"), _("Agreed on")]
        return csv_response(f"{which.value}.csv", header, rows())
    return render_template(
        "admin/who_agreed.html",
        kind=which,
        title=_title(which),
        page=paginate(db.session, query, page_number()),
        words=words,
    )


def _title(kind: AgreementKind) -> str:
    return translate(service.TITLES[kind])


def _mine(form: AgreeForm | None = None) -> Answer:
    texts = service.in_force(db.session, spoken(), current_user.id)
    missing = [text for text in texts if text.agreed_at is None]
    if form is None:
        form = AgreeForm(data={"next": shift_asked_from()})
    if form.status == 409:  # what they ticked was another text
        form.sure.data = False
    form.shown.data = ",".join(f"{text.kind.value}:{text.version}" for text in missing)
    return (
        render_template(
            "people/agreements.html",
            form=form,
            missing=missing,
            agreed=[text for text in texts if text.agreed_at is not None],
            title_of=_title,
            blocks=blocks,
        ),
        form.status,
    )


def edit_page(kind: AgreementKind, form: AgreementForm) -> Answer:
    """Draw the page on which a text is edited; `shifts` publishes it, and tells those who are booked."""
    return (
        render_template(
            "admin/agreement.html",
            kind=kind,
            title=_title(kind),
            form=form,
            page=paginate(db.session, service.versions(kind), page_number()),
        ),
        form.status,
    )

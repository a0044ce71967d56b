"""The privacy notice: its public page, and editing it."""

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from ...config import LANGUAGES
from ...db import db
from ...errors import NotFound, msg
from ...paging import paginate
from ...web.asked import page_number
from ...web.i18n import speaking, spoken
from ...web.permission import everyone
from ...web.redirects import see_other
from .. import privacy as service
from ..access import Permission, requires
from ..forms import NoticeForm
from ..models import Person, PrivacyNotice
from .blueprint import bp

Answer = Response | tuple[str, int]


@bp.get("/privacy")
@everyone
def privacy() -> str:
    """Show the notice in the page's language."""
    notice = service.newest(db.session, spoken())
    text = notice.text if notice else _first_text(spoken())
    return render_template("people/privacy.html", blocks=service.blocks(text), notice=notice)


@bp.get("/admin/privacy")
@requires(Permission.MANAGE_SETUP)
def edit_privacy() -> Answer:
    """Offer the notice in one language to be edited, and list its versions."""
    language = _language()
    notice = service.newest(db.session, language)
    text, shown = (notice.text, notice.version) if notice else (_first_text(language), 0)
    return _page(NoticeForm(data={"text": text, "shown": shown}), language)


@bp.post("/admin/privacy")
@requires(Permission.MANAGE_SETUP)
def publish_privacy() -> Answer:
    """Publish another version."""
    form, language = NoticeForm(), _language()

    def publish() -> int:
        shown = form.shown.data or ""
        return service.publish.once(form.token)(
            actor_id=current_user.id,
            language=language,
            text=form.text.data,
            shown=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 9 else -1,
        )

    if form.accepts(publish):
        flash(_("Published."))
        return see_other(url_for("people.edit_privacy", language=language))
    if form.status == 409:  # what was typed stays; publishing again now means: after seeing the other version
        notice = service.newest(db.session, language)
        form.shown.data = notice.version if notice else 0
    return _page(form, language)


@bp.get("/admin/privacy/<int:notice_id>")
@requires(Permission.MANAGE_SETUP)
def privacy_version(notice_id: int) -> str:
    """Show one version, as it was published."""
    notice = db.session.get(PrivacyNotice, notice_id)
    if notice is None:
        raise NotFound(msg("There is no such version."))
    return render_template("admin/privacy_version.html", notice=notice, blocks=service.blocks(notice.text))


def _language() -> str:
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else spoken()


def _first_text(language: str) -> str:
    """Return the notice that Shoreline comes with."""
    with speaking(language):
        return render_template(f"people/notice_{language}.txt")


def _page(form: NoticeForm, language: str) -> Answer:
    versions = (
        select(PrivacyNotice, Person.name)
        .outerjoin(Person, Person.id == PrivacyNotice.published_by)
        .where(PrivacyNotice.language == language)
        .order_by(PrivacyNotice.version.desc())
    )
    page = paginate(db.session, versions, page_number())
    return render_template("admin/privacy.html", form=form, language=language, page=page), form.status

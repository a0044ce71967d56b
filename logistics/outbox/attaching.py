"""The invitation that a mail about a shift carries, so that it stands in its reader's calendar as it stands with us.

It goes twice, as Google's own do: as an alternative to the text, which Gmail and Outlook look for, and as a file,
which Apple's Mail and others do. METHOD is REQUEST or CANCEL, not PUBLISH: only an invitation is moved and taken out
again by a later one of the same UID. RSVP is off and the guest has accepted, so no mail program asks for an answer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from ..calendars import Event, Mailbox, Method, Status, enclosure, invitation
from ..clock import now
from ..config import Settings


def invite(mail: EmailMessage, to: str, params: Mapping[str, Any], settings: Settings) -> None:
    """Attach the event of a mail's params (see `shifts.telling.mail`) in the language spoken here."""
    about = params["calendar"]
    method = Method(about["method"])
    calendar = invitation(
        _event(params, settings, cancelled=method == Method.CANCEL),
        method,
        settings.timezone,
        organizer=Mailbox(settings.org_name, settings.mail_from),
        guest=Mailbox(params["name"], to),
    )
    mail.add_alternative(
        calendar, maintype="text", subtype="calendar", params={"method": method.value, "charset": "utf-8"}
    )
    mail.add_attachment(calendar, maintype="application", subtype="ics", filename="shift.ics")


def enclose(mail: EmailMessage, shifts: Sequence[Mapping[str, Any]], settings: Settings) -> None:
    """Attach the events of several shifts as one file, in the language spoken here.

    An invitation is to one event only (RFC 5546, 3.2.2), so this is a calendar to be taken over. Its events have the
    UIDs that later mails name, so that they are moved and taken out again by these all the same.
    """
    events = [_event(shift, settings, cancelled=False) for shift in shifts]
    calendar = enclosure(events, settings.timezone, organizer=Mailbox(settings.org_name, settings.mail_from))
    mail.add_attachment(
        calendar, maintype="text", subtype="calendar", filename="shifts.ics", params={"method": "PUBLISH"}
    )


def _event(params: Mapping[str, Any], settings: Settings, *, cancelled: bool) -> Event:
    about, host = params["calendar"], urlsplit(settings.base_url).hostname
    link = f"{settings.base_url}{params['path']}"
    bring = _("What to bring: %(bring)s", bring=params["bring"]) if params.get("bring") else ""
    return Event(
        uid=f"{about['uid']}@{host}",
        sequence=about["sequence"],
        changed_at=datetime.fromisoformat(about["changed_at"]) if "changed_at" in about else now(),
        starts_at=datetime.fromisoformat(params["starts_at"]),
        ends_at=datetime.fromisoformat(params["ends_at"]),
        title=f"{params['role']} · {settings.org_name}",
        place=params["site"],
        text="\n".join(line for line in (bring, link) if line),
        link=link,
        status=Status.CANCELLED if cancelled else Status.CONFIRMED,
    )

"""What became of messages, for people: why one failed, in plain words, and sending it again."""

from sqlalchemy.orm import Session

from ..audit import record
from ..clock import now
from ..commands import command
from ..errors import Conflict, Message, NotFound, msg
from .models import MessageState, OutboxMessage
from .sending import SPENT

UNREACHABLE = msg("The mail server could not be reached.")
REFUSED_ADDRESS = msg("The mail server takes nothing for this address. Is it spelled right?")
REFUSED_MAIL = msg("The mail server refused the message.")
SIGN_IN = msg("The mail server did not let us sign in. An admin has to look at MAIL_URL.")
IN_THE_CLEAR = msg(
    "The mail server offers no encryption, so nothing was handed over. An admin has to look at MAIL_URL."
)
BAD_ADDRESS = msg("Nothing can be sent to an address like this.")
CUT_SHORT = msg("Sending it was cut short each time.")
UNKNOWN = msg("It could not be sent. The worker's log says why.")

WHY = {  # by the name of the error that `sending` kept
    "SMTPRecipientsRefused": REFUSED_ADDRESS,
    "SMTPSenderRefused": REFUSED_MAIL,
    "SMTPDataError": REFUSED_MAIL,
    "SMTPResponseException": REFUSED_MAIL,
    "SMTPAuthenticationError": SIGN_IN,
    "NotEncrypted": IN_THE_CLEAR,
    "HeaderParseError": BAD_ADDRESS,
    "ValueError": BAD_ADDRESS,
    "SMTPServerDisconnected": UNREACHABLE,
    "SMTPConnectError": UNREACHABLE,
    "ConnectionRefusedError": UNREACHABLE,
    "ConnectionResetError": UNREACHABLE,
    "TimeoutError": UNREACHABLE,
    "gaierror": UNREACHABLE,
    "OSError": UNREACHABLE,
    "Each worker that tried to send this ended before it could tell.": CUT_SHORT,
}


def plain_words(error: str) -> Message:
    """Return why a message was not sent, for someone who runs no mail server."""
    return WHY.get(error.partition(":")[0], UNKNOWN)


@command
def send_again(session: Session, *, actor_id: int, message_id: int) -> None:
    """Let a message that failed be tried anew. Again, while it waits, changes nothing.

    Raises NotFound, and Conflict for one that was sent, that is good no longer, or whose link was good once.
    """
    message = session.get(OutboxMessage, message_id, with_for_update=True)
    if message is None:
        raise NotFound(msg("There is no such message."))
    if message.state in (MessageState.WAITING, MessageState.SENDING):
        return
    if message.state == MessageState.SENT:
        raise Conflict(msg("This message has been sent."))
    if message.state == MessageState.TOO_LATE or (message.good_until is not None and message.good_until <= now()):
        raise Conflict(msg("It is too late for this message: what it says holds no longer."))
    if message.params.get(SPENT):
        raise Conflict(msg("The link in this message was good once. They can ask for another by themselves."))
    message.state, message.due_at, message.attempts, message.error = MessageState.WAITING, now(), 0, None
    record(session, actor_id, "message.sent_again", "message", message_id, kind=message.kind)

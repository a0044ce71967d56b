"""XML that others wrote, parsed as it streams by: nothing is kept but what a handler keeps, and nothing is declared."""

from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from ...errors import Invalid, msg

CHUNK = 64 * 1024
UNREADABLE = msg("This file cannot be read. Save it again as XLSX, ODS or “CSV UTF-8”, and send that.")
TOO_LARGE = msg("Unpacked, this file is too large to be a list of boxes.")


class Handler:
    """What is done at the beginning and end of an element, and with text. Names are without their namespaces."""

    done = False  # whether the rest need not be read

    def start(self, name: str, given: dict[str, str]) -> None:
        """Begin an element with its attributes."""

    def end(self, name: str) -> None:
        """End an element."""

    def text(self, text: str) -> None:
        """Take some text."""


def feed(content: IO[bytes], handler: Handler) -> Iterator[None]:
    """Parse XML by chunks, and yield after each. Raises Invalid for a document type: entities are declared there."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, given: handler.start(
        _local(name), {_local(key): value for key, value in given.items()}
    )
    parser.EndElementHandler = lambda name: handler.end(_local(name))
    parser.CharacterDataHandler = handler.text
    ended = False
    while not handler.done and not ended:
        chunk = content.read(CHUNK)
        ended = not chunk
        try:
            parser.Parse(chunk, ended)
        except expat.ExpatError as error:
            raise Invalid(UNREADABLE) from error
        yield


def read(content: IO[bytes], handler: Handler) -> None:
    """Parse XML to its end, or until the handler is done."""
    for _chunk in feed(content, handler):
        pass


def count(text: str | None, otherwise: int = 1) -> int:
    """Return a whole number above 0 of an attribute."""
    return int(text) if text and text.isascii() and text.isdigit() and 0 < len(text) < 9 and int(text) else otherwise


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse(*_declared: Any) -> None:
    raise Invalid(UNREADABLE)

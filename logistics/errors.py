"""Refusals: what a service raises when it will not do as asked, and the words that say why.

Services know nothing of languages or pages. They raise a `DomainError` that carries a `Message`;
`logistics.web` translates it and puts it at the field or on an error page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Name:
    """A name in one or two languages, as a value of a `Message`: which one is shown is decided at the edge."""

    name: str
    name_fr: str | None = None

    def __str__(self) -> str:
        """Return the first name, for logs and the command line."""
        return self.name


@dataclass(frozen=True)
class Message:
    """A sentence to be translated at the edge: a msgid with %(name)s places, and their values.

    A value may be a `Name`, a `Message`, or a tuple of them, which is said as a list.
    """

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)
    plural: str | None = None
    count: int = 0

    def __str__(self) -> str:
        """Return the English sentence, for logs and the command line."""
        text = self.plural if self.plural is not None and self.count != 1 else self.text
        return text % {name: plain(value) for name, value in self.params.items()} if self.params else text


Words = str | Message | Name | tuple[Any, ...]  # what can be put into words at the edge; a tuple is of Words


def plain(value: Any) -> Any:
    """Return a value of a message as it is said in English: a tuple as a list, however deep it stands."""
    return ", ".join(str(plain(each)) for each in value) if isinstance(value, tuple) else value


def msg(text: str, **params: Any) -> Message:
    """Mark a sentence for translation and keep the values that go into it."""
    return Message(text, params)


def nmsg(singular: str, plural: str, num: int, **params: Any) -> Message:
    """Like `msg`, for a sentence whose form depends on a number, given to it as %(num)d."""
    return Message(singular, {"num": num, **params}, plural, num)


def name_of(thing: Any) -> Name:
    """Return the name of a thing that has `name` and `name_fr`, to be said in a `Message`."""
    return Name(thing.name, thing.name_fr)


class DomainError(Exception):
    """A request that was understood and refused. `field` names the form field to blame, if one is."""

    status = 422

    def __init__(self, message: Message, field: str | None = None) -> None:
        """Keep the message to show and the field it belongs to."""
        super().__init__(str(message))
        self.message = message
        self.field = field


class Invalid(DomainError):
    """The input is wrong in itself (422)."""


class NotAllowed(DomainError):
    """This person may not do this (403)."""

    status = 403


class NotFound(DomainError):
    """There is no such thing, or not for this person (404)."""

    status = 404


class Conflict(DomainError):
    """The input is fine, but the world has changed: full, not enough, wrong state (409)."""

    status = 409


class TooManyTries(DomainError):
    """Too many failed attempts; wait (429)."""

    status = 429

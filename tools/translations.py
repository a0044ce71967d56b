"""French: what the code says, what the catalogue says, and whether the two agree.

python tools/translations.py update          put new strings into the catalogue, take gone ones out
python tools/translations.py missing         print what waits for a translator, as JSON
python tools/translations.py fill FILE       put a translator's JSON (the same list, "fr" filled in) back
python tools/translations.py check           exit 1 when anything is missing, fuzzy, obsolete or malformed
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = "fr"
CATALOGUE = ROOT / "logistics" / "translations" / LOCALE / "LC_MESSAGES" / "messages.po"
BIRTHDAY = datetime(2026, 11, 24, tzinfo=UTC)  # a catalogue's own dates would only make noise in its history
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "msg": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "nmsg": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
SOURCES = {"logistics": [("**.py", "python")], "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")]}
OPTIONS = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}
PLACE = re.compile(r"%\((\w+)\)[a-z]")
SPACE = re.compile(r" [:;?!»]|« ")


class Key(NamedTuple):
    """What a catalogue knows a message by: its text, or its singular, and the context that tells it from others."""

    text: str
    context: str = ""

    def __str__(self) -> str:
        """Return it as one line of a report."""
        return f"{self.text!r} ({self.context})" if self.context else repr(self.text)


Strings = dict[Key, str]  # what is said, with its plural, empty where it has none


def said() -> Strings:
    """Return every string that the code and the templates mark for translation."""
    found: Strings = {}
    for folder, methods in SOURCES.items():
        for _file, _line, text, _comments, context in extract_from_dir(
            ROOT / folder, method_map=methods, options_map=OPTIONS, keywords=KEYWORDS
        ):
            one, many = (text, "") if isinstance(text, str) else (text[0], text[1])
            key = Key(one, context or "")
            found[key] = found.get(key) or many  # one said both alone and with a plural is kept with its plural
    return {key: found[key] for key in sorted(found) if key.text}


def empty() -> Catalog:
    """Return a catalogue with a header and nothing else."""
    return Catalog(
        locale=LOCALE,
        header_comment="# Shoreline in French.",
        project="Shoreline",
        version="1",
        creation_date=BIRTHDAY,
        revision_date=BIRTHDAY,
        last_translator="Shoreline contributors",
        language_team="Shoreline contributors",
        msgid_bugs_address="none",
        fuzzy=False,
    )


def load() -> Catalog:
    """Return the catalogue as it stands, or an empty one."""
    if not CATALOGUE.exists():
        return empty()
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale=LOCALE)


def save(catalogue: Catalog) -> None:
    """Write the catalogue sorted, without line numbers: its history shows words and nothing else."""
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)


def key(message: Message) -> Key:
    """Return what a catalogue knows a message by."""
    return Key(str(message.id if isinstance(message.id, str) else message.id[0]), message.context or "")


def known(catalogue: Catalog, wanted: Key, many: str) -> Message | None:
    """Return a catalogue's message; none where it has none, or one of another shape (with a plural, without)."""
    found = catalogue.get(wanted.text, wanted.context or None)
    return found if found is not None and isinstance(found.id, str) == (not many) else None


def merge(catalogue: Catalog, strings: Strings) -> Catalog:
    """Return a catalogue of exactly these strings, with the translations that it has."""
    fresh = empty()
    for wanted, many in strings.items():
        had = known(catalogue, wanted, many)
        text = (wanted.text, many) if many else wanted.text
        fresh.add(text, had.string if had else None, context=wanted.context or None)
    return fresh


def messages(catalogue: Catalog) -> Iterator[Message]:
    """Yield every message of a catalogue but its header."""
    return (message for message in catalogue if message.id)


def translated(message: Message) -> bool:
    """Return whether every form of a message has words."""
    return bool(message.string) and all(message.string if isinstance(message.string, tuple) else [message.string])


def misplaced(message: Message) -> str:
    """Return what is wrong with the %(places)s of a translation, or nothing."""
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    named = [set(PLACE.findall(text)) for text in ids]
    may, must = set[str]().union(*named), set.intersection(*named)
    for form in forms:
        places = set(PLACE.findall(form))
        if not must <= places <= may:
            return f"its places are {sorted(places)}, not {sorted(may)}"
        if may and not formats(form, may):
            return "a %(place)s is written wrongly, or a lone % should be %%"
    return ""


def misspaced(message: Message) -> str:
    """Return what is wrong with the spaces of a translation, or nothing: a French colon never begins a line."""
    forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return "a space before :;?!» or after « should be a no-break space" if any(map(SPACE.search, forms)) else ""


def formats(text: str, places: set[str]) -> bool:
    """Return whether a translation can be filled in."""
    try:
        return bool(text % dict.fromkeys(places, 1))
    except (ValueError, TypeError, KeyError):
        return False


def problems() -> Iterator[str]:
    """Yield one line for each string that keeps a French reader from reading all of it."""
    catalogue, strings = load(), said()
    for wanted, many in strings.items():
        message = known(catalogue, wanted, many)
        if message is None:
            yield f"not in the catalogue: {wanted}"
        elif message.fuzzy:
            yield f"fuzzy: {wanted}"
        elif not translated(message):
            yield f"not translated: {wanted}"
        elif wrong := misplaced(message) or misspaced(message):
            yield f"{wrong}: {wanted}"
    for message in [*messages(catalogue), *catalogue.obsolete.values()]:
        if key(message) not in strings:
            yield f"said nowhere any more: {key(message)}"


@click.group(help=__doc__)
def main() -> None:
    """Keep French in step with English."""


@main.command()
def update() -> None:
    """Put new strings into the catalogue, and take gone ones out."""
    catalogue = merge(load(), said())
    save(catalogue)
    waiting = sum(not translated(message) for message in messages(catalogue))
    click.echo(f"{len(catalogue)} strings, {waiting} to translate")


@main.command()
def missing() -> None:
    """Print what waits for a translator, as a list to fill in ("fr") and give to `fill`."""
    waiting: list[dict[str, Any]] = []
    for message in messages(merge(load(), said())):
        if not translated(message):
            plural = not isinstance(message.id, str)
            entry: dict[str, Any] = {"en": key(message).text}
            entry |= {"context": message.context} if message.context else {}
            waiting.append(entry | ({"en_plural": message.id[1], "fr": ["", ""]} if plural else {"fr": ""}))
    click.echo(json.dumps(waiting, ensure_ascii=False, indent=1))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def fill(file: Path) -> None:
    """Put a translator's list back; a string that is said nowhere any more is named and left out."""
    catalogue = merge(load(), said())
    for entry in json.loads(file.read_text(encoding="utf-8")):
        message = catalogue.get(entry["en"], entry.get("context"))
        if message is None:
            click.echo(f"said nowhere any more: {entry['en']!r}", err=True)
        else:
            message.string = tuple(entry["fr"]) if isinstance(entry["fr"], list) else entry["fr"]
    save(catalogue)


@main.command()
def check() -> None:
    """Exit 1 when anything is missing, fuzzy, obsolete or malformed."""
    found = list(problems())
    for line in found:
        click.echo(line, err=True)
    if found:
        click.echo(f"French is not complete: {len(found)} to put right (tools/translations.py missing)", err=True)
        sys.exit(1)
    click.echo("French is complete.")


if __name__ == "__main__":
    main()

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
from typing import Any

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
}
SOURCES = {"logistics": [("**.py", "python")], "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")]}
OPTIONS = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}
PLACE = re.compile(r"%\((\w+)\)[a-z]")

MessageId = str | tuple[str, str]


def said() -> set[MessageId]:
    """Return every string that the code and the templates mark for translation."""
    found: set[MessageId] = set()
    for folder, methods in SOURCES.items():
        for _file, _line, text, _comments, _context in extract_from_dir(
            ROOT / folder, method_map=methods, options_map=OPTIONS, keywords=KEYWORDS
        ):
            found.add(text if isinstance(text, str) else (text[0], text[1]))
    return found - {""}


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


def key(text: Any) -> str:
    """Return what a catalogue knows a message by: its text, or its singular."""
    return str(text if isinstance(text, str) else text[0])


def merge(catalogue: Catalog, strings: set[MessageId]) -> Catalog:
    """Return a catalogue of exactly these strings, with the translations that it has."""
    fresh = empty()
    for text in with_plurals(strings):
        known = catalogue.get(key(text))
        same_shape = known is not None and isinstance(known.id, str) == isinstance(text, str)
        fresh.add(text, known.string if known is not None and same_shape else None)
    return fresh


def with_plurals(strings: set[MessageId]) -> list[MessageId]:
    """Return the strings sorted; one said both alone and with a plural is kept with its plural."""
    plural = {text[0] for text in strings if not isinstance(text, str)}
    return sorted((text for text in strings if not isinstance(text, str) or text not in plural), key=key)


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


def formats(text: str, places: set[str]) -> bool:
    """Return whether a translation can be filled in."""
    try:
        return bool(text % dict.fromkeys(places, 1))
    except (ValueError, TypeError, KeyError):
        return False


def problems() -> Iterator[str]:
    """Yield one line for each string that keeps a French reader from reading all of it."""
    catalogue, strings = load(), said()
    for text in with_plurals(strings):
        message = catalogue.get(key(text))
        if message is None or isinstance(message.id, str) != isinstance(text, str):
            yield f"not in the catalogue: {key(text)!r}"
        elif message.fuzzy:
            yield f"fuzzy: {key(text)!r}"
        elif not translated(message):
            yield f"not translated: {key(text)!r}"
        elif wrong := misplaced(message):
            yield f"{wrong}: {key(text)!r}"
    known = {key(text) for text in strings}
    gone = [key(message.id) for message in messages(catalogue) if key(message.id) not in known]
    for text in [*gone, *(key(identity) for identity in catalogue.obsolete)]:
        yield f"said nowhere any more: {text!r}"


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
            entry: dict[str, Any] = {"en": key(message.id)}
            waiting.append(entry | ({"en_plural": message.id[1], "fr": ["", ""]} if plural else {"fr": ""}))
    click.echo(json.dumps(waiting, ensure_ascii=False, indent=1))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def fill(file: Path) -> None:
    """Put a translator's list back; a string that is said nowhere any more is named and left out."""
    catalogue = merge(load(), said())
    for entry in json.loads(file.read_text(encoding="utf-8")):
        message = catalogue.get(entry["en"])
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

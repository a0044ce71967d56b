"""What importing a spreadsheet would do, and doing it: its rows, matched, through the importer of boxes."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...commands import command
from ...errors import Invalid, msg
from .. import importing_boxes
from ..importing import BadRow
from ..importing_boxes import BoxPlan
from ..importing_here import Standing
from ..models import Box, Level, Location, LocationKind
from .headings import NEEDED, Field
from .learning import mapping_named
from .matching import ColumnMapping, Layout, Unknown, first_mapping, look, read

AT_ONCE = 500


def plan(
    session: Session,
    data: bytes,
    warehouse: str,
    mapping: ColumnMapping,
    *,
    add_missing: bool = False,
    add_warehouses: bool = True,
) -> tuple[BoxPlan, Sequence[Unknown]]:
    """Return what importing a file would do, and which of its values are not known; writes nothing.

    `warehouse` is where boxes go of which the file does not say. Raises Invalid when it can't be used.
    """
    found = read(session, data, mapping)
    done = importing_boxes.plan_rows(session, found.parsed, warehouse, add_missing=add_missing, standing=standing)
    done.changed += found.left_out
    if not add_warehouses:
        done.bad += [
            BadRow(1, msg("There is no warehouse %(name)s, and you may not add one.", name=name))
            for name in (*done.more_warehouses.values(), *([warehouse] if done.new_warehouse else ()))
        ]
    return done, list(found.unknown.values())


@command
def import_file(
    session: Session,
    *,
    actor_id: int | None,
    data: bytes,
    warehouse: str,
    mapping: Mapping[str, Any],
    add_missing: bool = False,
    progress: Callable[[int], None] | None = None,
) -> dict[str, int]:
    """Import a spreadsheet, all or nothing; return how many of each thing. Raises Invalid when any row is bad."""
    done, _unknown = plan(session, data, warehouse, ColumnMapping(**mapping), add_missing=add_missing)
    return importing_boxes.write_boxes(session, done, warehouse, actor_id=actor_id, progress=progress)


def choose(session: Session, data: bytes, name: str = "") -> ColumnMapping | None:
    """Return how a file's columns are matched without anybody to ask: by a saved mapping, or by their headings.

    None when its headings say neither what is in the boxes nor how many. Raises NotFound, and Invalid for no such file.
    """
    layout = look(data)
    mapping = ColumnMapping(mapping_named(session, name).columns) if name else first_mapping(session, layout)[0]
    return mapping if all(mapping.columns.get(what) in layout.keys for what in NEEDED) else None


def checked(layout: Layout, columns: Mapping[str, int]) -> dict[Field, str]:
    """Return which column is what, by the columns' keys. Raises Invalid at a field that needs a column, or one used twice."""
    found: dict[Field, str] = {}
    for what in Field:
        place = columns.get(what, -1)
        if 0 <= place < len(layout.headings):
            key = layout.keys[place]
            if key in found.values():
                raise Invalid(msg("This column is something else already."), f"column_{what}")
            found[what] = key
        elif what in NEEDED:
            raise Invalid(msg("Choose a column."), f"column_{what}")
    return found


def standing(session: Session, codes: Sequence[str]) -> dict[str, Standing]:
    """Return how boxes stand: what they are, and how many are on which shelves. One statement for 500 boxes."""
    known: dict[str, tuple[int, date | None, str, str]] = {}
    places: dict[str, dict[int, int]] = defaultdict(dict)
    for start in range(0, len(codes), AT_ONCE):
        rows = session.execute(
            select(Box.code, Box.size_id, Box.best_before, Box.source, Box.note, Level.location_id, Level.quantity)
            .join(Level, Level.box_id == Box.id)
            .join(Location, Location.id == Level.location_id)
            .where(Box.code.in_(codes[start : start + AT_ONCE]), Location.kind == LocationKind.SHELF)
        )
        for code, size_id, best_before, source, note, place, quantity in rows:
            known[code] = (size_id, best_before, source, note)
            if quantity:
                places[code][place] = quantity
    return {code: Standing(*what, frozenset(places[code].items())) for code, what in known.items()}

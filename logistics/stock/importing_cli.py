"""`flask import products FILE` and `flask import boxes FILE --warehouse NAME`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from ..db import db
from ..errors import DomainError, NotFound
from . import importing_boxes, importing_products
from .importing import BadRow, is_plain
from .importing_boxes import BoxPlan
from .importing_products import ProductPlan
from .spreadsheets import planning
from .spreadsheets.matching import ColumnMapping

LARGEST = 50 * 2**20  # bytes: 50,000 rows take a tenth of that

group = AppGroup("import", help="Take in what another system exported.")
a_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


@group.command("products")
@a_file
@dry_run_option
def products_command(file: Path, dry_run: bool) -> None:
    """Add the products of ASSORT's list (id, name, gender, sizes, category)."""
    data = file.read_bytes()
    plan = importing_products.plan_products(db.session, data)
    _report(plan.changed, plan.bad)
    if not dry_run:
        try:
            importing_products.import_products(actor_id=None, data=data)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
    _say(products_done(plan), dry_run)


@group.command("boxes")
@a_file
@click.option("--warehouse", required=True, help="The warehouse's name; it is made if there is none.")
@click.option("--add-missing", is_flag=True, help="Add the products and sizes that Shoreline lacks.")
@click.option("--mapping", default="", help="A mapping of columns that was saved on the import's page, by its name.")
@dry_run_option
def boxes_command(file: Path, warehouse: str, add_missing: bool, mapping: str, dry_run: bool) -> None:
    """Add boxes from Boxtribute's export, our own, or any spreadsheet (CSV, XLSX, ODS).

    Boxtribute's columns are Box number, Product, Gender, Size, Location, Items, Comments. Those of other files are
    matched by their headings, as such a file was matched before, or as --mapping says.
    """
    if file.stat().st_size > LARGEST:
        raise click.ClickException(f"The file is larger than {LARGEST // 2**20} MB.")
    data = file.read_bytes()
    try:
        columns = None if not mapping and is_plain(data) else _columns(data, mapping)
        if columns is None:
            plan = importing_boxes.plan_boxes(db.session, data, warehouse, add_missing=add_missing)
        else:
            plan, _unknown = planning.plan(db.session, data, warehouse, columns, add_missing=add_missing)
        _report(plan.changed, plan.bad)
        if not dry_run:
            _write(data, warehouse, add_missing, len(plan.new), columns)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    _say(boxes_done(plan), dry_run)
    if plan.undated:
        names = ", ".join(sorted(set(plan.undated.values())))
        click.echo(f"The file has no best-before dates. Set them on the boxes of: {names}.")


def _columns(data: bytes, name: str) -> ColumnMapping | None:
    """Return how a file's columns are matched; None for one that only Boxtribute's parser can say what is wrong with."""
    try:
        found = planning.choose(db.session, data, name)
    except NotFound:
        raise
    except DomainError:
        found = None
    if found is None and name:
        raise click.ClickException("The file lacks columns that this mapping needs.")
    return found


def _write(data: bytes, warehouse: str, add_missing: bool, count: int, columns: ColumnMapping | None) -> None:
    with click.progressbar(length=count, label="Boxes") as bar:
        said: dict[str, Any] = {
            "actor_id": None,
            "data": data,
            "warehouse": warehouse,
            "add_missing": add_missing,
            "progress": bar.update,
        }
        if columns is None:
            importing_boxes.import_boxes(**said)
        else:
            planning.import_file(mapping=columns.plain(), **said)


def boxes_done(plan: BoxPlan) -> str:
    """Return one line that says what a plan adds."""
    counts = plan.summary
    return (
        f"{_many(counts['boxes'], 'box', 'boxes')} with {_many(counts['items'], 'item')}, "
        f"{_many(counts['shelves'], 'shelf', 'shelves')}, {_many(counts['products'], 'product')} "
        f"and {_many(counts['sizes'], 'size')} added; "
        f"{_many(counts['unchanged'], 'box was', 'boxes were')} here already, "
        f"{_many(counts['changed'], 'has changed and was left as it is', 'have changed and were left as they are')}."
    )


def products_done(plan: ProductPlan) -> str:
    """Return one line that says what a plan adds."""
    counts = plan.summary
    return (
        f"{_many(counts['products'], 'product')} added; {_many(counts['unchanged'], 'was', 'were')} here already, "
        f"{_many(counts['changed'], 'differs and was left as it is', 'differ and were left as they are')}."
    )


def _many(number: int, one: str, several: str = "") -> str:
    """Return a number with the word for it."""
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def _report(changed: Iterable[BadRow], bad: list[BadRow]) -> None:
    """Print what is off, line by line, and end the command when something cannot be taken."""
    for row in (*changed, *bad):
        click.echo(str(row), err=True)
    if bad:
        raise click.ClickException(f"{_many(len(bad), 'row')} cannot be taken. Nothing was imported.")


def _say(done: str, dry_run: bool) -> None:
    click.echo(f"Dry run, nothing was written. It would be: {done}" if dry_run else done)

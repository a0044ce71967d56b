"""Lists as XLSX, written a row at a time, with nothing in them that a spreadsheet would run."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import xlsxwriter
from flask import Response
from werkzeug.wsgi import FileWrapper

from ..errors import Invalid, msg
from .csv import cell

MOST_ROWS = 1_048_575  # what a sheet holds below its headings
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = 16  # characters
# Texts are texts, and each row goes to the disk before the next one is written.
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def xlsx_response(filename: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Response:
    """Return rows as a download. Raises Invalid when there are more than a sheet holds."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response reads it, and closes it
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        sheet = book.add_worksheet()
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(0, len(header) - 1), WIDTH)
        for place, title in enumerate(header):
            sheet.write_string(0, place, str(title), bold)
        for number, row in enumerate(rows, 1):
            if number > MOST_ROWS:
                raise Invalid(msg("There are more rows than a spreadsheet holds. Take the CSV."))
            for place, value in enumerate(row):
                _write(sheet, number, place, value, day)
    file.seek(0)
    return Response(
        FileWrapper(file),
        mimetype=TYPE,
        direct_passthrough=True,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _write(sheet: Any, row: int, place: int, value: Any, day: Any) -> None:
    if isinstance(value, int):
        sheet.write_number(row, place, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, day)
    elif text := cell(value):
        sheet.write_string(row, place, text)

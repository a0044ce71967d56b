"""Lists as CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response, stream_with_context

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """Return a value as text; one that a spreadsheet would run as a formula gets a leading apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if _would_run(text) and not isinstance(value, int) else text


def unescaped(text: str) -> str:
    """Return what `cell` was given for a text: without the apostrophe that it put before a formula."""
    return text[1:] if text.startswith("'") and _would_run(text) else text


def _would_run(text: str) -> bool:
    # Apostrophes that were there already count as none, so that each way is the other's reverse.
    return text.lstrip("'").startswith(FORMULA_STARTS)


def csv_response(filename: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Response:
    """Stream rows as a CSV download in UTF-8 (with the mark that spreadsheets need to see that)."""

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        buffer.write("\ufeff")
        writer.writerow([str(title) for title in header])
        for row in rows:
            writer.writerow([cell(value) for value in row])
            if buffer.tell() > 16_000:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()

    return Response(
        stream_with_context(lines()),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )

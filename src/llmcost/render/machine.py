"""Text for machines: JSON and CSV, unrounded and in a stable order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from llmcost.render.report import Document, Rows
from llmcost.render.words import clean


def to_json(document: Document) -> str:
    """Return JSON text; NaN and infinity cannot occur and are refused."""
    from llmcost.scenario.files.json_text import json_text

    return json_text(document, indent=2) + "\n"


def to_csv(rows: Rows, columns: Sequence[str] = ()) -> str:
    """Return CSV text with a header; an apostrophe keeps a spreadsheet from running text as a formula.

    `columns` come first, and are there without any row.
    """
    titles = list(dict.fromkeys([*columns, *(key for row in rows for key in row)]))
    return csv_lines([titles, *([row.get(title) for title in titles] for row in rows)])


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV text, each on a line of its own."""
    import csv
    import io

    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([_field(value) for value in row] for row in rows)
    return file.getvalue()


def _field(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text

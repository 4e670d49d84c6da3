"""The rows of a result as CSV, unrounded and in a stable order."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from llmcost.render.report import Views
from llmcost.render.words import clean, harmless

_FORMULA: Final = tuple("=+-@＝＋－＠")


def write(views: Views) -> str:
    """Return the rows of a result under a header; the columns of `views` come first, even without rows."""
    rows = views.rows()
    titles = list(dict.fromkeys([*views.columns, *(key for row in rows for key in row)]))
    return lines([titles, *([row.get(title) for title in titles] for row in rows)])


def lines(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV text, each on a line of its own."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([_field(value) for value in row] for row in rows)
    return file.getvalue()


def _field(value: object) -> object:
    """Return a value as a field; an apostrophe stops a spreadsheet from running text as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value + 0.0 if isinstance(value, float) else value  # + 0.0 removes the sign of a zero
    text = harmless(clean(value))
    return f"'{text}" if text[:1] in _FORMULA else text

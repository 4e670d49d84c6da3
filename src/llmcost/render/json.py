"""Results as JSON, unrounded and in a stable order: a document, or one row on each line."""

from __future__ import annotations

from collections.abc import Iterable

from llmcost.render.report import Document, Views
from llmcost.scenario.files.json_text import json_text


def write(views: Views) -> str:
    """Return a result as a JSON document."""
    return to_json(views.document())


def write_rows(views: Views) -> str:
    """Return the rows of a result, each on a line of its own."""
    return lines((views.records or views.rows)())


def to_json(document: Document) -> str:
    """Return JSON text; NaN and infinity must not occur."""
    return json_text(document, indent=2) + "\n"


def lines(rows: Iterable[Document]) -> str:
    """Return rows as JSON, each on a line of its own."""
    return "".join(f"{json_text(row)}\n" for row in rows)

"""The rows of a result as JSON, one a line."""

from __future__ import annotations

from collections.abc import Iterable

from llmcost.render.report import Document, Views


def write(views: Views) -> str:
    """Return the rows of a result, each on a line of its own."""
    return lines((views.records or views.rows)())


def lines(rows: Iterable[Document]) -> str:
    """Return rows as JSON, each on a line of its own."""
    from llmcost.scenario.files.json_text import json_text

    return "".join(f"{json_text(row)}\n" for row in rows)

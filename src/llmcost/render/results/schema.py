"""What `schema` has to say: the schema alone."""

from __future__ import annotations

from llmcost.render.report import Document, Report, Views


def views(schema: Document) -> Views:
    """Return the one way to show a schema."""
    return Views(Report, lambda: schema, list)

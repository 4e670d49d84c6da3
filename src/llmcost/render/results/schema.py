"""Shows the result of `schema`: the schema alone."""

from __future__ import annotations

from llmcost.render.report import Document, Report, Views
from llmcost.scenario.files.schema import schema_text


def views(schema: Document) -> Views:
    """Return the one way to show a schema."""
    return Views(
        Report, lambda: schema, list, stream=lambda _: iter([schema_text(schema)]), streamed=("json",)
    )

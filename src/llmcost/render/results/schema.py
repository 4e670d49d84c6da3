"""Shows the result of `schema`: the schema alone."""

from __future__ import annotations

from llmcost.render.report import Document, Views
from llmcost.scenario.files.schema import schema_text


def views(schema: Document) -> Views:
    """Return the one way to show a schema."""
    return Views(document=lambda: schema, stream=lambda _: iter([schema_text(schema)]), streamed=("json",))

"""Results as JSON, unrounded and in a stable order."""

from __future__ import annotations

from llmcost.render.report import Document, Views


def write(views: Views) -> str:
    """Return a result as a JSON document."""
    return to_json(views.document())


def to_json(document: Document) -> str:
    """Return JSON text; NaN and infinity cannot occur and are refused."""
    from llmcost.scenario.files.json_text import json_text

    return json_text(document, indent=2) + "\n"

"""The chart of a result as a Vega-Lite specification."""

from __future__ import annotations

from llmcost.render.drawn import specification
from llmcost.render.report import Views
from llmcost.scenario.files.json_text import json_text


def write(views: Views) -> str:
    """Return the specification as JSON.

    Raises:
        LlmcostError: where there is nothing to draw.
    """
    return f"{json_text(specification(views), indent=2)}\n"

"""The chart of a result as SVG."""

from __future__ import annotations

from llmcost.render.drawn import specification, svg_of
from llmcost.render.report import Views

MARK = "<!-- llmcost -->"


def write(views: Views) -> str:
    """Return the chart as SVG.

    Raises:
        LlmcostError: where there is nothing to draw, or the extra `charts` is not installed.
    """
    return f"{svg_of(specification(views)).rstrip()}\n{MARK}\n"

"""Writes the result of `page`."""

from __future__ import annotations

from llmcost.analysis.whatif.sliders import Sliders
from llmcost.render.report import Views, later


def views(result: Sliders) -> Views:
    """Return the forms of an interactive page."""
    return Views(files={"html": later("page", "page", result)})

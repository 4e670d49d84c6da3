"""What `page` writes."""

from __future__ import annotations

from llmcost.analysis.whatif.sliders import Sliders
from llmcost.render.report import Views, later


def views(result: Sliders) -> Views:
    """Return the forms of a page that computes."""
    return Views(files={"html": later("page", "page", result)})

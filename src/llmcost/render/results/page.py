"""What `page` writes."""

from __future__ import annotations

from llmcost.analysis.whatif.sliders import Sliders
from llmcost.render.report import Views


def views(result: Sliders) -> Views:
    """Return the forms of a page that computes."""
    return Views(files={"html": lambda: _page(result)})


def _page(result: Sliders) -> str:
    from llmcost.render.page import page

    return page(result)

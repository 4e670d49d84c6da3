"""Charts as Vega-Lite specifications: plain data, made from results without any dependency.

Each module draws the result of the verb that it is named after. What all charts share is in `look`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def drawing(verb: str, *parts: Any) -> Callable[[], dict[str, Any]]:
    """Return what draws the result of a verb once it is wanted."""
    return lambda: dict(import_module(f"llmcost.render.charts.{verb}").chart(*parts))

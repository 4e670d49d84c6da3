"""Waterfalls: from one amount to another, in labelled steps."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from llmcost.engine.registry import Quantity
from llmcost.records import NamedTuple
from llmcost.render import words
from llmcost.render.charts import look

UP, DOWN, WHOLE = "adds", "takes away", "comes to"


class WaterfallStep(NamedTuple):
    """A step of a waterfall: an amount to add or, if it is a `whole`, the sum reached.

    `low` and `high` are the ends of its 90% interval, if it has one.
    """

    name: str
    amount: float
    whole: bool = False
    low: float | None = None
    high: float | None = None


def adding_up(steps: Sequence[WaterfallStep], rest: str) -> list[WaterfallStep]:
    """Return steps, adding the unexplained rest before each whole that is not their sum."""
    found: list[WaterfallStep] = []
    at = 0.0
    for step in steps:
        if step.whole:
            left = step.amount - at
            size = max(abs(step.amount), *(abs(other.amount) for other in found), 0.0) if found else 0.0
            if found and abs(left) > 1e-9 * size:
                found.append(WaterfallStep(rest, left))
            at = step.amount
        else:
            at += step.amount
        found.append(step)
    return found


def rows(steps: Sequence[WaterfallStep], quantity: Quantity) -> list[dict[str, Any]]:
    """Return the beginning, end and label of each bar of a waterfall."""
    found = []
    at = 0.0
    for place, step in enumerate(steps):
        start = 0.0 if step.whole else at
        at = start + step.amount
        row: dict[str, Any] = {
            "step": place,
            "name": step.name,
            "from": start,
            "to": at,
            "kind": WHOLE if step.whole else UP if step.amount >= 0 else DOWN,
            "label": (words.number if step.whole else words.signed)(step.amount, quantity),
        }
        if step.low is not None and step.high is not None and all(map(math.isfinite, (step.low, step.high))):
            row |= {"low": start + step.low, "high": start + step.high}
            # The range of a step is ordered by size, as it is a cost; that of a whole from its low end.
            ends = sorted((step.low, step.high), key=None if step.whole else abs)
            row["label"] += f" ({words.between(ends, quantity)})"
        found.append(row)
    return found


Rows = list[dict[str, Any]]
Waterfall = tuple[Rows, Quantity, str]
"""The rows of a waterfall, its quantity, and the title of its axis."""


def drawn(waterfalls: Sequence[Waterfall]) -> tuple[list[look.Spec], dict[str, Rows]]:
    """Return a panel for each waterfall, with colours that mean the same in all of them, and their data."""
    told = {row["kind"] for found, _, _ in waterfalls for row in found}
    kinds = [kind for kind in (WHOLE, UP, DOWN) if kind in told]
    panels = [_panel(f"steps{place}", *one, kinds) for place, one in enumerate(waterfalls)]
    return panels, {f"steps{place}": found for place, (found, _, _) in enumerate(waterfalls)}


def _panel(data: str, found: Rows, quantity: Quantity, title: str, kinds: Sequence[str]) -> look.Spec:
    ends = [0.0, *(row[key] for row in found for key in ("from", "to", "low", "high") if key in row)]
    low, high = min(ends), max(ends)
    span = high - low or 1.0
    domain = [low - span * (0.05 if low < 0 else 0.0), high + span * 0.34]
    names = [row["name"] for row in found]
    # Names may repeat, so the places are numbers.
    axis = {"title": None, "ticks": False, "labelExpr": f"{json.dumps(names)}[datum.value]"}
    y = look.field("step", "ordinal", axis=axis)
    x: look.Spec = {
        "type": "quantitative",
        "scale": {"domain": domain, "nice": False},
        "axis": look.axis(quantity, title=title, tickCount=6),
    }
    colors = {WHOLE: look.GREY, UP: look.BLUE, DOWN: look.ORANGE}
    scale = {"domain": kinds, "range": [colors[kind] for kind in kinds]}
    color = look.field("kind", scale=scale, title=None)
    reach = "max(datum.from, datum.to, isValid(datum.low) ? max(datum.low, datum.high) : datum.to)"
    drawn = {"y": y, "x": x | {"field": "from"}, "x2": {"field": "to"}, "color": color}
    return look.across(data, found, drawn, x, reach)

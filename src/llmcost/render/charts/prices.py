"""Prices over time: a panel for each price, and a step line for each model."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from llmcost.analysis.ask.prices import Prices
from llmcost.analysis.ask.reach import listed
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.results.shared import relative

MOST_MODELS: Final = len(look.COLORS)
DRAWN: Final = ("price.input_per_mtok", "price.cached_input_per_mtok", "price.output_per_mtok")


def chart(result: Prices) -> look.Spec:
    """Return steps of the prices of input, cache hits and output.

    Raises:
        LlmcostError: if there are too many models to tell apart, or no dated price.
    """
    models = list(dict.fromkeys(price.model for price in result.prices))
    if len(models) > MOST_MODELS:
        raise LlmcostError(f"a chart shows at most {MOST_MODELS} models, got {len(models)}")
    shown = [price for price in result.prices if price.name in DRAWN and price.since is not None]
    if not shown:
        raise look.nothing("no price has a day from which it holds")
    dates = [str(price.since) for price in shown]
    first, last = (dt.date.fromisoformat(end(dates)) for end in (min, max))
    stop = str(last + max(dt.timedelta(30), (last - first) / 8))  # what holds after the last change is seen
    datasets: dict[str, list[dict[str, Any]]] = {}
    panels: list[look.Spec] = []
    for name in DRAWN:
        quantity = MODEL.quantities[name]
        rows: list[dict[str, Any]] = []
        for model in models:
            own = [price for price in shown if price.model == model and price.name == name]
            for price in own:
                value = None if price.datum is None else price.datum.value
                label = "ended" if value is None else words.number(value, quantity)
                rows.append({"name": model, "day": str(price.since), "value": value, "label": label})
            if own:
                rows.append(rows[-1] | {"day": stop, "label": ""})
        if not rows:
            continue
        data = f"metric{len(panels)}"
        datasets[data] = rows
        days = {"title": None, "format": "%Y-%m-%d", "tickCount": 6, "labelSeparation": 8}
        x = look.field("day", "temporal", scale={"domain": [str(first), stop]}, axis=days)
        y = look.field("value", "quantitative", axis=look.axis(quantity), scale={"zero": True})
        told = look.lines_told_apart(models) | look.tooltip("name", "day", "label")
        encoding = {"x": x, "y": y, **told}
        steps = look.layer("line", encoding, interpolate="step-after", strokeWidth=2)
        changes = look.layer("point", encoding, where="datum.label != ''", filled=True, opacity=1)
        panels.append(look.panel([steps, changes], 180, data=data))
    sources = (relative(p.datum.source) for p in shown if p.datum is not None and p.datum.source)
    return look.whole(
        f"List prices of {listed(models)}",
        panels,
        datasets,
        subtitle=["Each holds until the next point."],
        caption=[*look.credited(sources, "llmcost prices"), f"Last change: {last}. {look.MADE}"],
        alike=True,
    )

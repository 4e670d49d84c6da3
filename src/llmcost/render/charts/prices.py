"""Prices over time: a panel for each price, a line for each model, level until the day of a change."""

from __future__ import annotations

from typing import Any, Final

from llmcost.analysis.ask.prices import Prices
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
        LlmcostError: for more models than can be told apart, and where no price is dated.
    """
    models = list(dict.fromkeys(price.model for price in result.prices))
    if len(models) > MOST_MODELS:
        raise LlmcostError(f"a chart shows at most {MOST_MODELS} models, got {len(models)}")
    shown = [price for price in result.prices if price.name in DRAWN and price.since is not None]
    if not shown:
        raise look.nothing("no price has a day from which it holds")
    dates = [str(price.since) for price in shown]
    first, last = min(dates), max(dates)
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
            if own and rows[-1]["day"] < last:
                rows.append(rows[-1] | {"day": last})
        if not rows:
            continue
        data = f"metric{len(panels)}"
        datasets[data] = rows
        scale = {"domain": [first, last]} if first < last else {}
        days = {"title": None, "format": "%Y-%m-%d", "tickCount": 6, "labelSeparation": 8}
        x = look.field("day", "temporal", scale=scale, axis=days)
        y = look.field("value", "quantitative", axis=look.axis(quantity), scale={"zero": True})
        told = look.lines_told_apart(models) | look.tooltip("name", "day", "label")
        encoding = {"x": x, "y": y, **told}
        panels.append(look.lines(data, encoding, 240, interpolate="step-after", strokeWidth=2, point=True))
    sources = (relative(p.datum.source) for p in shown if p.datum is not None and p.datum.source)
    return look.whole(
        f"List prices of {', '.join(models)}",
        panels,
        datasets,
        subtitle=["Each holds until the next point."],
        caption=[*look.credited(sources, "llmcost prices"), f"Up to {last}. Made with llmcost"],
        alike=True,
    )

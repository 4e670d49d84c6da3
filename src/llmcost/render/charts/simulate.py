"""The distribution of the draws of a metric, with percentiles; draws without a value are separate."""

from __future__ import annotations

import math
from typing import Any, Final

from llmcost.analysis.whatif.simulate import Simulated, Simulation
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.results.shared import heading, rounded

HEIGHT: Final = 170
MARKED: Final = {5: "left", 50: "center", 95: "right"}
"""Marked percentiles, and the alignment of their labels."""


def chart(result: Simulation) -> look.Spec:
    """Return a histogram for each metric, and beside it the share of draws without a value."""
    panels, datasets, said = [], {}, []
    for place, item in enumerate(result.metrics):
        ends = _ends(item, result.draws)
        certain = len(item.histogram) == 1
        if certain:
            said.append(f"{item.metric.name} is {rounded(item.histogram[0][0], item.metric)} throughout.")
        if certain and len(ends) < 2:
            continue
        side = []
        if item.histogram and not certain:
            datasets[f"bins{place}"] = [
                {"from": low, "to": high, "share": count / result.draws}
                for low, high, count in item.histogram
            ]
            side.append(_histogram(item, f"bins{place}", look.WIDTH - (170 if len(ends) > 1 else 0)))
        if len(ends) > 1:
            datasets[f"ends{place}"] = ends
            side.append(_apart(f"ends{place}", [end["what"] for end in ends]))
        panels.append({"hconcat": side, "spacing": 30})
    if not panels:
        raise look.nothing("every draw gives the same value")
    names = ", ".join(quantity.name for quantity in result.uncertain)
    subtitle = [
        f"The middle 90% of {result.draws:,} draws from the ranges of {names}.",
        *said,
        *(f"{share.text}: {share.share:.2%} of the draws." for share in result.shares),
    ]
    metrics = [item.metric.name for item in result.metrics]
    return look.whole(
        f"Simulation of {heading(result.scenario)}",
        panels,
        datasets,
        subtitle=subtitle,
        caption=look.caption([(result.scenario, metrics)], [result.caveats]),
    )


def _ends(item: Simulated, draws: int) -> list[dict[str, Any]]:
    """Return the shares of draws that have a number, are infinite, or have no value."""
    found = {"a number": item.defined}
    for why, count in item.reasons:
        what = (words.end_of(why.end) if why.end is not None else None) or "no value"
        found[what] = found.get(what, 0) + count
    return [
        {"what": what, "share": count / draws, "label": f"{count / draws:.1%}"}
        for what, count in found.items()
        if count
    ]


def _histogram(item: Simulated, data: str, width: int) -> look.Spec:
    low, high = item.histogram[0][0], item.histogram[-1][1]
    x = look.scaled(item.metric, low, high, log=item.log, grid=False, labelOverlap=True)
    shares = {"title": "share of the draws", "format": "~%", "tickCount": 4}
    bin_ = {
        "x": x | {"field": "from"},
        "x2": {"field": "to"},
        "y": look.field("share", "quantitative", axis=shares),
        "y2": {"datum": 0},
    }
    layers = [look.layer("bar", bin_, data=data, color=look.BLUE, stroke="white", strokeWidth=0.5)]
    for percentile in item.percentiles:
        align = MARKED.get(percentile.percent)
        if align is None:
            continue
        middle = align == "center"
        name = "median" if middle else f"{percentile.percent}%"
        text = f"{name}: {words.ranked(percentile.value, item.metric)}"
        at: look.Spec = {"x": x | {"datum": min(max(percentile.value, low), high)}}
        if math.isfinite(percentile.value):
            layers.append(look.still("rule", at, color=look.INK, strokeDash=[4, 3], strokeWidth=1.5))
        above = at | {"y": {"value": -18 if middle else -4}}
        layers.append(look.still("text", above, align=align, baseline="bottom", text=text))
    return look.panel(layers, HEIGHT, width=width)


def _apart(data: str, order: list[str]) -> look.Spec:
    """Return a bar for draws with a number, and one for each way of having none."""
    axis = {"title": "share of all draws", "format": "~%", "tickCount": 4}
    x = look.field("what", sort=order, axis={"title": None, "labelAngle": 0})
    y = look.field("share", "quantitative", scale={"domain": [0, 1]}, axis=axis)
    color = {"condition": {"test": "datum.what == 'a number'", "value": look.BLUE}, "value": look.RED}
    layers = [
        look.layer("bar", {"x": x, "y": y, "color": color}, width={"band": 0.7}),
        look.layer("text", {"x": x, "y": y, "text": {"field": "label"}}, baseline="bottom", dy=-3),
    ]
    return look.panel(layers, HEIGHT, data=data, width={"step": 50})

"""A tornado: what each input does to a metric, the strongest first."""

from __future__ import annotations

from typing import Any, Final

from llmcost.analysis.whatif.sensitivity import Influence, Sensitivity
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.results.shared import heading, rounded

MOST: Final = 15
"""The most inputs in a tornado."""
ENDS: Final = ("at its low end", "at its high end")


def chart(result: Sensitivity) -> look.Spec:
    """Return a tornado; each bar goes from today's value of the metric to that at one end of an input."""
    value = result.value
    shown = result.influences[:MOST]
    bars = [bar for item in shown for bar in _bars(item, value)]
    if value is None or not bars:
        raise look.nothing(f"no input moves {result.metric.name} from a value to another")
    order = [item.quantity.name for item in shown]
    domain = look.padded([value, *(bar["to"] for bar in bars)], 0.14)
    y = look.field("input", sort=order, title=None)
    x = look.field("to", "quantitative", scale={"domain": domain, "nice": False, "zero": False})
    ends = {"domain": list(ENDS), "range": [look.ORANGE, look.BLUE]}
    bar = {
        "y": y,
        "x": x | {"axis": look.axis(result.metric, tickCount=8, labelOverlap=True)},
        "x2": {"field": "from"},
        "color": look.field("end", scale=ends, title="Input"),
        **look.tooltip("input", "label", "result"),
    }
    layers = [
        look.layer("bar", bar, data="bars", **look.BAR),
        *look.labels("bars", {"y": y, "x": x}),
        look.rule(value),
    ]
    shown_value = rounded(value, result.metric)
    more = len(result.influences) - len(shown)
    subtitle = [
        f"{result.metric.name} is {shown_value}. Each input moves alone over its own "
        f"range, or by ±{result.by * 100:g}% if it has none."
    ]
    if more > 0:
        subtitle.append(f"The {MOST} strongest; {more} more move it less.")
    lost = [item.quantity.name for item in shown if not item.ends_defined]
    if lost:
        subtitle.append(f"Undefined at an end of {', '.join(lost)}.")
    return look.whole(
        f"What moves {result.metric.name} of {heading(result.scenario)}",
        [look.panel(layers, {"step": 24})],
        {"bars": bars},
        subtitle=subtitle,
        caption=look.caption([(result.scenario, [result.metric.name])], [result.caveats]),
    )


def _bars(item: Influence, value: float | None) -> list[dict[str, Any]]:
    """Return the bars of an input, labelled with its values; of two on one side, only one has a label."""
    if value is None:
        return []
    ends = zip(ENDS, (item.low, item.high), (item.at_low, item.at_high), strict=True)
    bars: list[dict[str, Any]] = [
        {
            "input": item.quantity.name,
            "end": end,
            "from": value,
            "to": at,
            "side": "more" if at > value else "less",
            "label": words.number(put, item.quantity),
            "result": at,
        }
        for end, put, at in ends
        if at is not None and at != value
    ]
    if len(bars) == 2 and bars[0]["side"] == bars[1]["side"]:
        min(bars, key=lambda bar: abs(bar["to"] - value))["side"] = ""
    return bars

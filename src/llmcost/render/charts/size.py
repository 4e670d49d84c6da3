"""The costs of deployments, and the curve of throughput against interactivity."""

from __future__ import annotations

from typing import Any, Final

from llmcost.analysis.ask.size import Configuration, Sizing
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.results.shared import fields, heading

MOST: Final = 12
"""The most deployments with a bar."""
MONTH: Final = MODEL.quantities["serving.cost_per_month"]
CURVE: Final = (
    "name:shape.accelerator speed:load.speed output:load.output replica:shape.text users:load.users"
)


def chart(result: Sizing) -> look.Spec:
    """Return the cheapest deployments with their monthly bill, and the curve of each accelerator."""
    panels: list[look.Spec] = []
    datasets: dict[str, list[dict[str, Any]]] = {}
    bars = [_bar(item) for item in result.meeting if item.fleet and item.fleet.usd_per_month is not None]
    if bars:
        datasets["deployments"] = bars[:MOST]
        panels.append(look.bars("deployments", bars[:MOST], MONTH))
    if result.curve:
        datasets["curve"] = [fields(point, CURVE) for point in result.curve]
        panels.append(_curve(datasets["curve"], result.target))
    if not panels:
        raise look.nothing("no deployment with a known rent meets the target, and no curve was asked for")
    title = heading(result.architecture)
    subtitle = []
    if result.target is not None:
        title += f", for {result.users:,g} users at {result.target:,g} tokens a second each"
    if len(bars) > MOST:
        subtitle.append(f"The {MOST} cheapest of {len(bars)} that meet the target.")
    if any("low" in bar for bar in bars[:MOST]):
        subtitle.append("A line with ends is the range of the bill, by the range of the model's factor.")
    scenarios = [(result.architecture, list(result.architecture.data))]
    scenarios += [(scenario, list(scenario.data)) for scenario in result.accelerators.values()]
    return look.whole(title, panels, datasets, subtitle=subtitle, caption=look.caption(scenarios, []))


def _bar(item: Configuration) -> dict[str, Any]:
    assert item.fleet is not None
    value = item.fleet.usd_per_month
    assert value is not None
    gpus = words.counted(f"{item.fleet.gpus:,}", "GPU")
    bar: dict[str, Any] = {
        "name": item.shape.text,
        "value": value,
        "label": f"{words.number(value, MONTH)} ({gpus})",
    }
    ends = [fleet.usd_per_month for fleet in (item.best, item.worst) if fleet is not None]
    if len(ends) == 2 and None not in ends:
        bar |= dict(zip(("low", "high"), ends, strict=True))
    return bar


def _curve(rows: list[dict[str, Any]], target: float | None) -> look.Spec:
    names = list(dict.fromkeys(row["name"] for row in rows))
    axes: dict[str, look.Spec] = {}
    for channel, field, title in (
        ("x", "speed", "interactivity, output tokens per second of each user"),
        ("y", "output", "throughput, output tokens per second of each GPU"),
    ):
        values = [row[field] for row in rows] + ([target] if target and field == "speed" else [])
        low, high = min(values) / 1.15, max(values) * 1.15
        axes[channel] = look.field(
            field,
            "quantitative",
            scale={"type": "log", "domain": [low, high], "nice": False},
            axis={"title": title, "values": look.log_ticks(low, high), "format": ",~r"},
        )
    encoding = {
        **axes,
        **look.lines_told_apart(names),
        "order": look.field("speed", "quantitative"),
        **look.tooltip("replica", "users", "speed", "output"),
    }
    layers = [look.layer("line", encoding, data="curve", strokeWidth=2, point={"size": 24})]
    if target:
        layers.append(look.rule(target, strokeDash=[4, 3]))
    return look.panel(layers, 280)

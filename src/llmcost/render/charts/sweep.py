"""A sweep: lines over one input, a map over two, bars over scenarios."""

from __future__ import annotations

from typing import Any, Final

from llmcost.analysis.whatif.sweep import Sweep
from llmcost.analysis.whatif.vary import Axis
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.results.shared import titled
from llmcost.render.results.sweep import Band

MOST_POINTS: Final = 20_000
"""The most points in a chart."""
MOST_LINES: Final = len(look.COLORS)
MOST_LABELS: Final = 200
"""The most cells of a map with labels."""
WIDE: Final = 50
"""The ratio of the largest to the least multiple above which the axis is logarithmic."""


def chart(result: Sweep, band: Band = None) -> look.Spec:
    """Return lines over one input, or over several varied together; for two inputs, a map for each metric.

    Raises:
        LlmcostError: for too many points, lines or inputs to tell apart.
    """
    if len(result) > MOST_POINTS:
        raise LlmcostError(f"a chart shows at most {MOST_POINTS:,} points, this has {len(result):,}")
    points = [dict(zip(result.columns, row, strict=True)) for row in result.rows()]
    labels = [scenario.label for scenario in result.scenarios]
    flat = len(result.axes) < 2 or result.zipped
    if flat and len(labels) > MOST_LINES:
        raise LlmcostError(f"a chart shows at most {MOST_LINES} scenarios, got {len(labels)}")
    if not flat and (len(result.axes) > 2 or len(labels) > 1):
        raise LlmcostError(
            "a chart shows one scenario over two inputs, or several over one; --zip walks inputs together"
        )
    datasets: dict[str, list[dict[str, Any]]] = {}
    panels = []
    for place, quantity in enumerate(result.quantities):
        rows = [_point(point, result, quantity) for point in points]
        rows = [row for row in rows if row["value"] is not None]
        if not rows:
            continue
        data = f"metric{place}"
        datasets[data] = rows
        if not result.axes:
            panels.append(look.bars(data, rows, quantity))
        elif flat:
            panels.append(_lines(data, rows, result.axes[0], labels, quantity, band))
        else:
            panels.append(_map(data, rows, result.axes, quantity))
    if not panels:
        raise look.nothing("no metric has a value at any point")
    over = " and ".join(axis.name for axis in result.axes)
    title = f"{', '.join(labels)} over {over}" if over else ", ".join(labels)
    subtitle = []
    if sum(map(len, datasets.values())) < len(points) * len(panels):
        subtitle.append("Where nothing is drawn, the metric is undefined.")
    if band is not None and flat and result.axes:
        subtitle.append(f"The band is {band[0]:g} to {band[1]:g}.")
    return look.whole(
        title,
        panels,
        datasets,
        subtitle=subtitle,
        caption=look.caption([(s, result.metrics) for s in result.scenarios], result.caveats),
    )


def _point(point: dict[str, Any], result: Sweep, quantity: Quantity) -> dict[str, Any]:
    value = point[quantity.name]
    row: dict[str, Any] = {"name": point["scenario"], "value": value}
    for channel, axis in zip("xy", result.axes, strict=False):
        row |= {channel: point[axis.name], f"{channel}_label": words.number(point[axis.name], axis.quantity)}
    if value is not None:
        row["label"] = words.number(value, quantity)
    return row


def _lines(
    data: str, rows: list[dict[str, Any]], axis: Axis, labels: list[str], quantity: Quantity, band: Band
) -> look.Spec:
    low, high = sorted((axis.value(0), axis.value(axis.size - 1)))
    ends = axis.listed or (low, high)
    x = look.along("x", axis.quantity, min(ends), max(ends), log=axis.log, grid=False)
    values = [row["value"] for row in rows]
    bounds = [*values, *(band or ())]
    y: look.Spec = {"type": "quantitative", "axis": look.axis(quantity), "scale": {"zero": False}}
    if min(bounds) > 0 and max(bounds) > WIDE * min(bounds) and (quantity.unit == "×" or band):
        ticks = look.log_ticks(min(bounds), max(bounds))
        y = y | {"scale": {"type": "log", "nice": False}, "axis": look.axis(quantity, values=ticks)}
    told = look.lines_told_apart(labels) | look.tooltip("name", "x_label", "label")
    encoding = {"x": x, "y": y | {"field": "value"}, **told}
    layers = [look.layer("line", encoding, data=data, strokeWidth=2, point=axis.size <= 24)]
    if band is not None:
        ends_of_band = {"y": y | {"datum": band[0]}, "y2": {"datum": band[1]}}
        layers.insert(0, look.still("rect", ends_of_band, color=look.BAND))
    if min(values) < 0 < max(values):
        layers.append(look.rule(0, "y", color=look.GREY))
    return look.panel(layers, 240)


def _map(data: str, rows: list[dict[str, Any]], axes: tuple[Axis, ...], quantity: Quantity) -> look.Spec:
    """Return a heat map, darker for higher values; with both signs, blue above zero and orange below."""
    down, across = axes
    order = {
        "x": [words.number(across.value(i), across.quantity) for i in range(across.size)],
        "y": [words.number(down.value(i), down.quantity) for i in range(down.size)],
    }
    values = [row["value"] for row in rows]
    low, high = min(values), max(values)
    scale: look.Spec = {"domain": [low, high], "range": ["#E8F1F8", "#08426B"], "interpolate": "lab"}
    pale = f"datum.value < {(low + high) / 2!r}"
    if low < 0 < high:
        scale = {"domain": [low, 0, high], "range": ["#C25700", "#FFFFFF", "#0A5A94"], "interpolate": "lab"}
        pale = f"datum.value > {low * 0.6!r} && datum.value < {high * 0.6!r}"
    encoding: look.Spec = {
        # The first input goes down, the second across, as in the table.
        "y": look.field("x_label", "ordinal", sort=order["y"], axis={"title": titled(down.quantity)}),
        "x": look.field(
            "y_label",
            "ordinal",
            sort=order["x"],
            axis={"title": titled(across.quantity), "labelAngle": 0, "labelOverlap": True},
        ),
    }
    legend = {"title": titled(quantity), "gradientLength": 220, "labelExpr": look.axis(quantity)["labelExpr"]}
    shade = look.field("value", "quantitative", scale=scale, legend=legend)
    layers: list[look.Spec] = [{"mark": "rect", "encoding": encoding | {"color": shade}}]
    if len(rows) <= MOST_LABELS:
        ink = {"condition": {"test": pale, "value": look.INK}, "value": "white"}
        layers.append(look.layer("text", encoding | {"text": {"field": "label"}, "color": ink}))
    width = {"step": max(12, min(64, look.WIDTH // across.size))}
    return look.panel(layers, {"step": max(10, min(26, 420 // down.size))}, data=data, width=width)

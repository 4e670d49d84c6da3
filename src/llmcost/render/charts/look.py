"""The look of all charts: colours, type, axes, the title above and the sources below.

The colours are those of Okabe and Ito, which colour-blind people can tell apart, in an order in which
neighbours also differ in lightness, so that they work in greyscale.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.sources import sources_of
from llmcost.analysis.whatif.evaluate import inputs_of
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError
from llmcost.render.results.caveats import warnings
from llmcost.render.results.shared import date_of, relative, titled
from llmcost.render.words import clean, in_percent
from llmcost.scenario.settled import Scenario

Spec = dict[str, Any]
"""A Vega-Lite specification, or a part of one."""

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
BLACK: Final = "#000000"
COLORS: Final = (BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", RED, BLACK, "#B3A100")
DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 1], [1, 3], [10, 4], [6, 2, 2, 2])
SHAPES: Final = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "stroke", "arrow")
GREY, FAINT, INK, BAND = "#767676", "#E5E5E5", "#222222", "#F0E6D2"
BAR: Final[Spec] = {"height": {"band": 0.66}}
"""The thickness of a horizontal bar."""
WIDTH: Final = 560
"""The width of a panel in pixels, without labels beside it."""
LETTERS: Final = {15: 88, 11: 118, 10: 130}
"""By font size, the number of characters that fit on a line."""
MADE: Final = "Made with llmcost"
MOST_SOURCES: Final = 4
"""The most sources in a caption."""
MOST_WARNINGS: Final = 3
"""The most warnings in a caption."""

CONFIG: Final[Spec] = {
    "font": "Liberation Sans, Arial, Helvetica, sans-serif",
    "background": "white",
    "padding": 12,
    "view": {"stroke": None},
    "axis": {
        "domainColor": GREY,
        "tickColor": GREY,
        "gridColor": FAINT,
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelLimit": 0,
        "titleLimit": 0,
        "labelFlush": False,
    },
    "legend": {
        "orient": "top",
        "direction": "horizontal",
        "labelFontSize": 11,
        "labelColor": INK,
        "labelLimit": 0,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "titleOrient": "left",
        "titleLimit": 0,
        "symbolStrokeWidth": 2,
        "columns": 4,
    },
    "header": {"labelFontSize": 11, "labelColor": INK, "labelLimit": 0, "title": None},
    "title": {"anchor": "start", "frame": "bounds", "limit": 0},
    "text": {"fontSize": 11, "color": INK},
    "range": {"category": list(COLORS)},
}


def whole(
    title: str,
    panels: Sequence[Spec],
    datasets: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    subtitle: Iterable[str] = (),
    caption: Iterable[str] = (),
    alike: bool = False,
) -> Spec:
    """Return panels, one below the other, as a chart with a title above and a caption below.

    `alike` says that colours mean the same in all panels, so that one legend is enough.
    """
    heading: Spec = {"text": wrapped(title, 15), "fontSize": 15, "color": INK, "offset": 14}
    said = [line for text in subtitle for line in wrapped(text, 11)]
    if said:
        heading |= {"subtitle": said, "subtitleFontSize": 11, "subtitleColor": GREY, "subtitlePadding": 5}
    below = {
        "text": [line for text in caption for line in wrapped(text, 10)],
        "orient": "bottom",
        "fontSize": 10,
        "fontWeight": "normal",
        "color": GREY,
        "offset": 14,
    }
    resolved = "shared" if alike else "independent"
    return {
        "$schema": SCHEMA,
        "usermeta": {"made_by": "llmcost"},
        "config": CONFIG,
        "title": heading,
        "datasets": {name: list(rows) for name, rows in datasets.items()},
        "vconcat": [
            {
                "vconcat": list(panels),
                "spacing": 24,
                "title": below,
                "resolve": {"scale": dict.fromkeys(("color", "shape", "strokeDash"), resolved)},
            }
        ],
    }


def wrapped(text: str, size: int) -> list[str]:
    """Return untrusted text as lines that fit the width of a chart in a font size."""
    return textwrap.wrap(clean(text), LETTERS[size])


def caption(said: Iterable[tuple[Scenario, Iterable[str]]], caveats: Iterable[Caveats]) -> list[str]:
    """Return the caption of a chart: warnings, then sources and dates.

    `said` has the scenarios, each with the metrics drawn.
    """
    found = list(said)
    named = len(found) > 1
    lines = warnings(caveats, named=named)
    if (left := len(lines) - MOST_WARNINGS) > 0:
        lines = [*lines[:MOST_WARNINGS], f"And {left} more warnings; the table has them."]
    told: dict[str, None] = {}
    dates: dict[str, str] = {}
    for scenario, metrics in found:
        told |= dict.fromkeys(
            relative(item.source)
            for item in sources_of(scenario, inputs_of(scenario, tuple(metrics)))
            if item.source
        )
        date = date_of(scenario)
        if date:
            dates[scenario.label] = date
    lines += credited(told, "llmcost sources")
    days = {*dates.values()} if len(dates) == len(found) else ()
    each = (f"{label.removesuffix(f'@{date}')} {date}" for label, date in dates.items())
    as_of = "; ".join(days if len(days) == 1 else each)
    lines.append(f"As of {as_of}. {MADE}" if as_of else MADE)
    return lines


def credited(sources: Iterable[str], command: str) -> list[str]:
    """Return the line of a caption with sources, if there are any; a command shows the ones left out."""
    told = list(dict.fromkeys(sources))
    rest = f"; and {len(told) - MOST_SOURCES} more, see '{command}'" if len(told) > MOST_SOURCES else ""
    return [f"Sources: {'; '.join(told[:MOST_SOURCES])}{rest}"] if told else []


def axis(quantity: Quantity, **more: Any) -> Spec:
    """Return the axis of a quantity: percentages, multiples, or numbers with k, M, B and T."""
    return {"title": titled(quantity), "labelExpr": _label(quantity.unit), **more}


def _label(unit: str) -> str:
    if in_percent(unit):
        return "format(datum.value, ',~%')"
    if unit == "×":
        return "format(datum.value, ',.4~r') + '×'"
    # d3 writes a billion as G, and 0.001 as 1m.
    return (
        "datum.value != 0 && abs(datum.value) < 1 ? format(datum.value, '.3~g')"
        " : replace(format(datum.value, '.4~s'), 'G', 'B')"
    )


def log_ticks(low: float, high: float) -> list[float]:
    """Return the ticks of a logarithmic axis: 1, 2 and 5 times each power of ten; fewer on a wide one."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1, 2, 5) if high < 100 * low else (1, 3) if last - first <= 4 else (1,)
    every = max(1, (last - first) // 8)
    ticks = [step * 10.0**power for power in range(first, last + 1, every) for step in steps]
    return [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]


def along(name: str, quantity: Quantity, low: float, high: float, *, log: bool = False, **more: Any) -> Spec:
    """Return a channel for a quantity from one value to another, with its own axis."""
    return {"field": name, **scaled(quantity, low, high, log=log, **more)}


def scaled(quantity: Quantity, low: float, high: float, *, log: bool = False, **more: Any) -> Spec:
    """Return the scale and axis of a channel for a quantity from one value to another."""
    scale: Spec = {"domain": [low, high], "nice": False, "zero": False}
    if log:
        scale["type"] = "log"
        more["values"] = log_ticks(low, high)
    return {"type": "quantitative", "scale": scale, "axis": axis(quantity, **more)}


def spans_decades(low: float, high: float) -> bool:
    """Whether an axis from one value to another should be logarithmic."""
    return 0 < 10 * low < high


def place(value: float, low: float, high: float, *, log: bool = False) -> float:
    """Return the position of a value on an axis, from 0 at the low end to 1 at the high end."""
    if log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    return (value - low) / (high - low)


def labels(data: str, encoding: Spec, *, up: int = 0) -> list[Spec]:
    """Return layers with each row's `label`: on the left if its `side` is `less`, on the right if `more`."""
    told = encoding | {"text": {"field": "label"}}
    return [
        layer("text", told, data=data, where=f"datum.side == '{side}'", align=align, dx=dx, dy=-up)
        for side, align, dx in (("less", "right", -4 - up // 2), ("more", "left", 4 + up // 2))
    ]


def points(at: Spec, **more: Any) -> list[Spec]:
    """Return layers that draw the set `points` with labels."""
    mark: Spec = {"filled": True, "size": 80, "opacity": 1, "color": INK}
    return [layer("point", at | more, data="points", **mark), *labels("points", at, up=10)]


def padded(values: Iterable[float], share: float = 0.1) -> list[float]:
    """Return the ends of values, with some room on both sides."""
    found = list(values)
    low, high = min(found), max(found)
    room = (high - low or abs(high) or 1.0) * share
    return [low - room, high + room]


def rule(value: float, channel: str = "x", color: str = INK, **more: Any) -> Spec:
    """Return a line through a chart at a value."""
    return still("rule", {channel: {"datum": value}}, color=color, **more)


LOOKS: Final = {"color": COLORS, "shape": SHAPES, "strokeDash": DASHES}


def told_apart(names: Sequence[str], channel: str, title: str | None = None, by: str = "name") -> Spec:
    """Return a channel that distinguishes series by a colour, a shape or a dash, in this order."""
    given = [LOOKS[channel][place % len(COLORS)] for place in range(len(names))]
    told = field(by, scale={"domain": list(names), "range": given})
    return told | {"title": title} | ({"legend": None} if len(names) == 1 else {})


def lines_told_apart(names: Sequence[str], by: str = "name") -> Spec:
    """Return channels that distinguish lines by colour and dash, with one legend for both."""
    found = {channel: told_apart(names, channel, by=by) for channel in ("color", "strokeDash")}
    for told in found.values():
        told.setdefault("legend", {"symbolType": "stroke", "symbolSize": 500})
    return found


def field(name: str, kind: str = "nominal", **more: Any) -> Spec:
    """Return a channel for a field of the rows, nominal or of another type."""
    return {"field": name, "type": kind, **more}


def tooltip(*names: str) -> Spec:
    """Return a tooltip with some fields."""
    return {"tooltip": [field(name) for name in names]}


def layer(mark: str, encoding: Spec, *, data: str = "", where: str = "", **looks: Any) -> Spec:
    """Return a layer: a mark for each row of a data set, or only for rows that satisfy `where`."""
    found: Spec = {"data": named(data)} if data else {}
    if where:
        found["transform"] = [{"filter": where}]
    return found | {"mark": {"type": mark, **looks}, "encoding": encoding}


def still(mark: str, encoding: Spec, **looks: Any) -> Spec:
    """Return a layer of a single mark without data."""
    return {"data": {"values": [{}]}, "mark": {"type": mark, **looks}, "encoding": encoding}


def panel(layers: Sequence[Spec], height: Any, *, data: str = "", width: Any = WIDTH) -> Spec:
    """Return a panel of layers, with its size in pixels; `data` is the default for all layers."""
    return {"width": width, "height": height, **({"data": named(data)} if data else {}), "layer": layers}


def lines(data: str, encoding: Spec, height: int, **looks: Any) -> Spec:
    """Return a panel with only lines."""
    drawn = layer("line", encoding, data=data, **looks)
    return {"width": WIDTH, "height": height, **drawn}


def named(name: str) -> Spec:
    """Return the data of a layer: one of the data sets of the chart, by name."""
    return {"name": name}


def nothing(why: str) -> LlmcostError:
    """Return the error for a result with nothing to draw."""
    return LlmcostError(f"there is nothing to draw: {why}")


def bars(data: str, rows: Sequence[Mapping[str, Any]], quantity: Quantity) -> Spec:
    """Return a bar for each row's `value`, with its name and label, and a line from its `low` to its `high`.

    If there are few, each has its own colour.
    """
    ends = [row[key] for row in rows for key in ("value", "low", "high") if row.get(key) is not None]
    domain = padded([0.0, *ends], 0.3)
    if min(ends) >= 0:
        domain[0] = 0.0
    y = field("name", sort=None, axis={"title": None, "ticks": False})
    ticks: Spec = {"tickCount": 6}
    if quantity.high == 1 and domain[1] > 1:  # the room for labels goes beyond what a share may be
        step = next(step for step in (0.2, 0.5, 1, 2, 5, 10, 100, math.inf) if 1 - domain[0] <= 8 * step)
        ticks = {"values": [round(1 - step * back, 1) for back in range(9) if 1 - step * back >= domain[0]]}
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": domain, "nice": False},
        "axis": axis(quantity, **ticks),
    }
    reach = "max(0, isValid(datum.value) ? datum.value : 0, isValid(datum.high) ? datum.high : 0)"
    drawn = {"y": y, "x": x | {"field": "value"}, "color": told_apart_by_place(rows)}
    return across(data, rows, drawn, x, reach)


def across(data: str, rows: Sequence[Mapping[str, Any]], drawn: Spec, x: Spec, reach: str) -> Spec:
    """Return a panel of horizontal bars with ranges, and labels after the value that they `reach`."""
    y = drawn["y"]
    layers = [layer("bar", drawn, **BAR), rule(0.0, color=GREY)]
    if any("low" in row for row in rows):
        line = {"y": y, "x": x | {"field": "low"}, "x2": {"field": "high"}}
        layers.append(layer("rule", line, color=INK, strokeWidth=1.5))
        layers += [
            layer("tick", {"y": y, "x": x | {"field": end}}, color=INK, thickness=1.5, size=9)
            for end in ("low", "high")
        ]
    told = {"y": y, "x": x | {"field": "beyond"}, "text": {"field": "label"}}
    label = layer("text", told, align="left", dx=5)
    layers.append({"transform": [{"calculate": reach, "as": "beyond"}], **label})
    return panel(layers, {"step": 22}, data=data)


def told_apart_by_place(rows: Sequence[Mapping[str, Any]]) -> Spec:
    """Return a colour for each bar, without a legend; if there are many bars, one for all.

    Black is not used: it would hide the line of a range.
    """
    if len(rows) > COLORS.index(BLACK):
        return {"value": BLUE}
    return told_apart([row["name"] for row in rows], "color") | {"legend": None}

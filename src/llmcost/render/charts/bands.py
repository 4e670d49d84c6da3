"""Rows of bands, for expected or claimed ranges, with the actual values as points."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from llmcost.records import NamedTuple
from llmcost.render import words
from llmcost.render.charts import look

LETTERS: Final = 48
"""The width of a row's name in characters."""
BAND: Final = "#CFDDE8"
LINE: Final = 13
"""The height of a line of a row's name in pixels."""
ROOM: Final = 9
"""Pixels between rows."""


class BandRow(NamedTuple):
    """A row: its name in lines, its band, its points, and a label beside it.

    A band is open at an end that is None. `points` are values with their verdicts; a line joins the lowest
    and the highest.
    """

    name: Sequence[str]
    low: float | None
    high: float | None
    points: Sequence[tuple[float, str]]
    label: str = ""


def named(*texts: str) -> list[str]:
    """Return the name of a row as lines."""
    return [line for text in texts for line in textwrap.wrap(words.clean(text), LETTERS)]


def panel(
    prefix: str,
    rows: Sequence[BandRow],
    axis: look.Spec,
    ends: tuple[float, float],
    looks: Mapping[str, str],
    *,
    aim: float | None = None,
    log: bool = False,
) -> tuple[look.Spec, dict[str, list[dict[str, Any]]]]:
    """Return a panel of bands, and its data; values beyond the axis are drawn at its ends.

    `looks` has a colour for each verdict, the topmost first; their shapes differ too.
    """
    low, high = ends
    places = list(looks)

    def inside(value: float) -> float:
        return min(max(value, low), high)

    bands, points, spans = [], [], []
    for place, row in enumerate(rows):
        bands.append(
            {
                "row": place,
                "name": " ".join(row.name),
                "lines": list(row.name),
                "from": low if row.low is None else inside(row.low),
                "to": high if row.high is None else inside(row.high),
                "label": row.label,
            }
        )
        points += [
            {"row": place, "name": " ".join(row.name), "value": value, "x": inside(value), "what": what}
            for value, what in sorted(row.points, key=lambda point: -places.index(point[1]))
        ]
        values = [inside(value) for value, _ in row.points]
        if len(set(values)) > 1:
            spans.append({"row": place, "from": min(values), "to": max(values)})
    told = [what for what in looks if any(point["what"] == what for point in points)]
    scale: look.Spec = {"domain": [low, high], "nice": False, "zero": False}
    scale |= {"type": "log"} if log else {}
    lines = max(len(row.name) for row in rows)
    y = look.field("row", "ordinal", axis={"title": None, "ticks": False, "labels": False})
    x: look.Spec = {"type": "quantitative", "scale": scale, "axis": axis}
    between = {"y": y, "x": x | {"field": "from"}, "x2": {"field": "to"}}
    before = {"y": y, "x": {"value": -6}, "text": {"field": "lines"}}
    beside = {"y": y, "x": {"value": look.WIDTH + 8}, "text": {"field": "label"}}
    apart = {"color": looks, "shape": {what: look.SHAPES[place] for place, what in enumerate(places)}}
    point = {"y": y, "x": x | {"field": "x"}} | {
        channel: look.field(
            "what",
            title=None,
            scale={"domain": told, "range": [given[what] for what in told]},
            legend={"columns": len(told)},
        )
        for channel, given in apart.items()
    }
    thick: look.Spec = {"height": {"band": 0.7}, "color": BAND, "stroke": BAND, "strokeWidth": 2}
    seen: look.Spec = {"filled": True, "size": 60, "opacity": 1}
    layers: list[look.Spec] = [
        *([look.rule(aim, color=look.GREY)] if aim is not None else []),
        look.layer("bar", between, data=f"{prefix}bands", **thick),
        *(
            look.layer(
                *("text", before),
                data=f"{prefix}bands",
                where=f"length(datum.lines) == {count}",
                align="right",
                lineHeight=LINE,
                dy=-LINE * (count - 1) / 2,
            )
            for count in sorted({len(row.name) for row in rows})
        ),
        look.layer("text", beside, data=f"{prefix}bands", align="left"),
        look.layer("rule", between, data=f"{prefix}spans", color=look.INK, strokeWidth=1.5),
        look.layer("point", point | look.tooltip("name", "value", "what"), data=f"{prefix}points", **seen),
    ]
    spec = look.panel(layers, {"step": LINE * lines + ROOM})
    return spec, {f"{prefix}bands": bands, f"{prefix}points": points, f"{prefix}spans": spans}

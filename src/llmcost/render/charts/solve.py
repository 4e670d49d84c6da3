"""Goal seek: the metric over the searched range, the target, where they meet, and today's value."""

from __future__ import annotations

import math
from typing import Any, Final

from llmcost.analysis.ask.evaluation import value_today
from llmcost.analysis.whatif.evaluate import grid_of
from llmcost.analysis.whatif.solve import Solved
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.results.shared import heading
from llmcost.render.results.solve import outcome

ROOM: Final = 2.0
"""How far the chart extends above and below the relevant values, relative to their span."""
Rows = list[dict[str, Any]]


def chart(result: Solved) -> look.Spec:
    """Return the metric and the target as lines, with a point where they meet and one for today.

    Raises:
        LlmcostError: if the metric has no value anywhere in the search.
    """
    metric = _line(result, "metric", result.metric.name)
    if not metric:
        raise look.nothing(f"{result.metric.name} has no value in the range searched")
    right = result.condition.right
    target = _line(result, "target", right if isinstance(right, str) else "target")
    if isinstance(right, float):
        target = [target[0], target[-1]]
    log = look.spans_decades(result.low, result.high)
    points = _points(result, log=log)
    low, high = _ends([row["y"] for row in metric], [row["y"] for row in (*target, *points)])
    x = look.along("x", result.input, result.low, result.high, log=log, grid=False)
    y = look.along("y", result.metric, low, high)
    held = [{"from": start, "to": stop} for start, stop in result.holds]
    shaded = {"x": x | {"field": "from"}, "x2": {"field": "to"}}
    names = list(dict.fromkeys(row["name"] for row in (*metric, *target)))
    drawn = {"x": x, "y": y, "detail": {"field": "stretch"}, **look.lines_told_apart(names)}
    shapes = {"domain": ["answer", "today"], "range": ["circle", "diamond"]}
    layers: list[look.Spec] = [
        *([look.layer("rect", shaded, data="holds", color=look.BAND)] if held else []),
        look.layer("line", drawn, data="lines", strokeWidth=2, clip=True),
        *look.points({"x": x, "y": y}, shape=look.field("what", scale=shapes, legend=None)),
    ]
    told = outcome(result)
    subtitle = [told if told.endswith(".") else f"{told}."]
    if held:
        subtitle.append("It holds in the shaded area.")
    if not all(low <= row["y"] <= high for row in metric):
        subtitle.append("Values beyond the chart are cut off.")
    if result.blanks:
        subtitle.append("Where nothing is drawn, it is undefined.")
    return look.whole(
        f"Which {result.input.name} gives {result.condition.text}: {heading(result.scenario)}",
        [look.panel(layers, 280)],
        {"lines": [*metric, *target], "points": points, "holds": held},
        subtitle=[" ".join(subtitle)],
        caption=look.caption([(result.scenario, [result.metric.name])], [result.caveats]),
    )


def _line(result: Solved, side: str, name: str) -> Rows:
    """Return the points of one side that have a value, in stretches that end at gaps and jumps."""
    rows: Rows = []
    stretch, before = 0, math.inf
    for point in result.scan:
        value = point.metric if side == "metric" else point.target
        if value is None or any(before < jump <= point.value for jump in result.jumps):
            stretch += 1
        if value is not None:
            rows.append({"name": name, "stretch": f"{side} {stretch}", "x": point.value, "y": value})
        before = point.value
    return rows


def _points(result: Solved, *, log: bool) -> Rows:
    """Return the solutions, and today's point if it is in the searched range."""
    found = [("answer", solution.value, solution.achieved) for solution in result.solutions]
    today = value_today(result.scenario, result.input.name)
    if today is not None and result.low <= today <= result.high:
        (metric,) = grid_of(result.scenario, [result.input.name], [result.metric.name]).at([today])
        found += [("today", today, metric)] if metric is not None else []
    first, last = (end or 0.0 for end in result.ends)
    room = 0.25 if first < last else 0.75  # a rising line leaves room on its left
    return [
        {
            "what": what,
            "x": at,
            "y": metric,
            "label": f"{'today ' if what == 'today' else ''}{words.number(at, result.input)}",
            "side": "less" if look.place(at, result.low, result.high, log=log) > room else "more",
        }
        for what, at, metric in found
    ]


def _ends(drawn: list[float], matter: list[float]) -> tuple[float, float]:
    """Return the ends of the vertical axis: around the relevant values, within what is drawn."""
    height = max(matter) - min(matter)
    if height:
        drawn = [max(min(value, max(matter) + ROOM * height), min(matter) - ROOM * height) for value in drawn]
    low, high = look.padded([*drawn, *matter], 0.06)
    return low, high

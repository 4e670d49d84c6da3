"""Shows the result of `sensitivity`: a tornado."""

from __future__ import annotations

from typing import Final

from llmcost.analysis.whatif.sensitivity import Influence, Sensitivity
from llmcost.render import words
from llmcost.render.report import Cell, Column, Document, Report, Table, Views, columns_of
from llmcost.render.results.caveats import caveats_document
from llmcost.render.results.shared import fields, header, heading, horizon_lines, united
from llmcost.render.results.ways import ways

BAR: Final = 30
"""The width of a tornado bar in characters."""


def views(result: Sensitivity) -> Views:
    """Return the ways to show what moves a metric."""
    return ways(
        result, report, document, Sensitivity.to_dicts, drawn="sensitivity", caveats=lambda one: [one.caveats]
    )


def report(result: Sensitivity) -> Report:
    """Show the inputs that move the metric, the strongest first."""
    metric = result.metric
    bar = Column("", narrow="beneath")
    columns = columns_of("input", ">from", ">to", ">at low", ">at high", ">1% more", bar)
    rows = [
        [
            Cell(item.quantity.name, "name"),
            Cell(words.number(item.low, item.quantity), "faint"),
            Cell(words.number(item.high, item.quantity), "faint"),
            Cell(end_shown(item.at_low, result)),
            Cell(end_shown(item.at_high, result)),
            Cell("–" if item.per_percent is None else words.signed(item.per_percent, metric), "faint"),
            Cell(_bar(item, result), "bar"),
        ]
        for item in result.influences
    ]
    shown = united(end_shown(result.value, result), metric)
    verb = "does" if result.idle == 1 else "do"
    facts = [
        f"{metric.name} is {shown} at current inputs; {result.idle} more {verb} not move it",
        f"Each input moves over its own range, or by ±{result.by * 100:g}% if it has none",
        "░ at the low end of the input, █ at the high end",
        "1% more: the effect on the metric of 1% more of the input, from exact derivatives",
    ]
    title = f"What moves {metric.name} of {heading(result.scenario)}"
    facts += horizon_lines(result.scenario, [result.metric.name])
    return Report(title, blocks=[Table(columns, rows)] if rows else [], facts=facts)


def end_shown(value: float | None, result: Sensitivity) -> str:
    """Return the value of the metric, if it has one."""
    return "undefined" if value is None else words.number(value, result.metric)


def _bar(item: Influence, result: Sensitivity) -> str:
    """Draw the metric at the low end (░) and at the high end (█) of the input, around today's value (│)."""
    ends = [v for i in result.influences for v in (i.at_low, i.at_high) if v is not None]
    if result.value is None or item.at_low is None or item.at_high is None or not ends:
        return ""
    low, high = min(*ends, result.value), max(*ends, result.value)
    if not low < high:
        return ""

    def place(value: float) -> int:
        return round((value - low) / (high - low) * (BAR - 1))

    marks = [" "] * BAR
    today = place(result.value)
    for value, sign in ((item.at_low, "░"), (item.at_high, "█")):
        first, last = sorted((place(value), today))
        for position in range(first, last + 1):
            marks[position] = sign
    marks[today] = "│"
    return "".join(marks).rstrip()


def document(result: Sensitivity) -> Document:
    """The document of `sensitivity`."""
    return header("sensitivity") | {
        **fields(result.scenario, "scenario:label workload"),
        **caveats_document([result.caveats]),
        **fields(result, "metric:metric.name unit:metric.unit value by"),
        "rows": result.to_dicts(),
        "without_influence": result.idle,
    }

"""Shows the result of `report`: a page for decision makers, which needs only a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from llmcost.analysis.ask.sources import Source
from llmcost.analysis.whatif.briefing import Brief, Briefing
from llmcost.analysis.whatif.sensitivity import Sensitivity
from llmcost.errors import LlmcostError
from llmcost.render import html, words
from llmcost.render.drawn import svg_of
from llmcost.render.report import Cell, Document, Report, Rows, Table, Tree, Views, columns_of, drawing
from llmcost.render.results import compare, sensitivity, show, sources
from llmcost.render.results.caveats import acknowledged, warnings
from llmcost.render.results.shared import (
    WEAK,
    any_weak,
    date_of,
    header,
    heading,
    marked,
    titled,
    typed,
    unit_shown,
)
from llmcost.scenario.values.number import shorten

MOST_INPUTS: Final = 15
"""The most inputs in the table of those that matter."""


def views(result: Briefing, command: str = "llmcost report") -> Views:
    """Return the ways to show a report; `command` is the one that made it."""
    return Views(
        lambda: summary(result),
        lambda: document(result),
        lambda: rows(result),
        files={"html": lambda: page(result, command)},
        warnings=lambda: warnings([brief.evaluation.caveats() for brief in result.briefs], named=True),
    )


def page(result: Briefing, command: str) -> str:
    """Return the page.

    Raises:
        LlmcostError: if the extra `charts` is not installed.
    """
    several = len(result.briefs) > 1
    title = " and ".join(heading(scenario) for scenario in result.scenarios)
    parts = [f"<h1>{html.text(title)}</h1>"]
    if result.comparison is not None:
        shown = compare.views(result.comparison, result.spread).report()
        parts += [
            "<section>",
            "<h2>Side by side</h2>",
            html.fragment(shown._replace(title="")),
            _figure(drawing("compare", result.comparison, result.spread)),
            "</section>",
        ]
    for brief in result.briefs:
        parts.append("<section>")
        if several:
            parts.append(f"<h2>{html.text(heading(brief.scenario))}</h2>")
        parts += [*_brief(brief, 3 if several else 2), "</section>"]
    parts += ["<section>", "<h2>How to reproduce</h2>", *_reproduce(result, command), "</section>"]
    return html.document(title, [part for part in parts if part])


def _brief(brief: Brief, level: int) -> list[str]:
    scenario, found = brief.scenario, brief.evaluation
    about = [scenario.kind or "model"]
    if date_of(scenario):
        about.append(f"values of {date_of(scenario)}")
    if scenario.workload:
        about.append(f"workload {scenario.workload}")
    parts = [f'<p class="f">{html.text(", ".join(about))}</p>']
    if scenario.note:
        parts.append(f"<p>{html.linked(scenario.note)}</p>")
    caveats = [found.caveats()]
    parts += [f'<p class="warn">{html.linked(said)}</p>' for said in warnings(caveats)]
    parts.append(_cards(brief))
    parts.append(_figure(drawing("show", found, brief.ranges)))
    if brief.moved is not None:
        parts += [
            f"<h{level}>The inputs that matter most</h{level}>",
            _figure(drawing("sensitivity", brief.moved)),
            html.table(_inputs(brief, brief.moved)),
            html.facts([_idle(brief.moved)]),
        ]
    if brief.projection is not None:
        parts += [f"<h{level}>Month by month</h{level}>", _figure(drawing("project", brief.projection))]
        parts.append(html.facts([f"{subject}: {said}" for subject, said in brief.projection.notes]))
    if brief.ladder is not None:
        drawn = _figure(drawing("breakeven", brief.ladder))
        parts += [f"<h{level}>How far prices would have to rise</h{level}>", drawn] if drawn else []
    known = acknowledged(caveats)
    if known:
        parts += [f"<h{level}>Statements that disagree, and why both are kept</h{level}>", html.facts(known)]
    parts += [f"<h{level}>Sources</h{level}>", html.table(_sources(brief))]
    figures = show.views(found, ranges=brief.ranges).report()
    parts.append(f"<h{level}>All figures</h{level}>")
    parts.append(html.fragment(figures._replace(title="", lead=()), level))
    return parts


def _figure(draw: Callable[[], Document]) -> str:
    """Return a chart as an image; nothing if there is nothing to draw."""
    try:
        chart = draw()
    except LlmcostError:
        return ""
    return html.figure(svg_of(chart), " ".join(chart["title"]["text"]))


def _cards(brief: Brief) -> str:
    """Return the headlines: each figure large, with its interval and description."""
    cards = []
    for name in brief.headlines:
        node = brief.evaluation[name]
        quantity = node.quantity
        ends = words.between(brief.ranges.get(name, ()), quantity)
        unit = unit_shown(quantity.unit)
        broken = re.sub(r"([._])", r"\1<wbr>", html.text(name))  # long names may break between words
        cards.append(
            '<div class="card">'
            f'<div class="big">{html.text(marked(node))}<small> {html.text(unit)}</small></div>'
            f"<div>{html.text(ends)}</div>"
            f'<div class="n">{broken}</div><div class="f">{html.text(quantity.description)}</div>'
            "</div>"
        )
    nodes = [brief.evaluation[name] for name in brief.headlines]
    said = [WEAK] if any_weak(nodes) else []
    if any(name in brief.ranges for name in brief.headlines):
        said.append("A range contains 90% of the draws from the ranges of its inputs")
    return f'<div class="cards">{"".join(cards)}</div>{html.facts(said)}' if cards else ""


def _inputs(brief: Brief, moved: Sensitivity) -> Table:
    columns = columns_of(
        "input", ">value", "unit", ">moved from", ">to", ">result from", ">to", "basis", "source"
    )
    rows = []
    for item in moved.influences[:MOST_INPUTS]:
        datum = brief.scenario.data.get(item.quantity.name)  # None if a default is moved
        basis, source, url = ("default", "", "") if datum is None else (datum.basis, datum.source, datum.url)
        rows.append(
            [
                Cell(item.quantity.name, "name"),
                Cell(words.number(item.value, item.quantity)),
                Cell(unit_shown(item.quantity.unit), "faint"),
                *(
                    Cell(words.number(end, item.quantity), "" if item.stated else "faint")
                    for end in (item.low, item.high)
                ),
                *(Cell(sensitivity.end_shown(end, moved), "strong") for end in (item.at_low, item.at_high)),
                Cell(basis, "bad" if basis in ("estimated", "assumed") else ""),
                Cell(shorten(source or "", 80), "faint", url or ""),
            ]
        )
    return Table(columns, rows)


def _idle(moved: Sensitivity) -> str:
    step = f"over its own range, or by ±{moved.by * 100:g}% if it has none"
    metric = moved.metric
    return f"Each input moves alone, {step}. The result is {titled(metric)}; {moved.idle} more do not move it"


def _sources(brief: Brief) -> Table:
    rows = [
        [
            Cell(_source(item), "", item.url or ""),
            Cell(", ".join(f"{name} ({basis})" for name, basis in item.stated.items())),
            Cell(sources.listed(item.behind), "faint"),
        ]
        for item in brief.sources.sources
    ]
    return Table(columns_of("source", "states", "behind"), rows)


def _source(item: Source) -> str:
    name = item.source or item.url or sources.NAMELESS
    return f"{name} ({', '.join(item.dates)})" if item.dates else name


def _reproduce(result: Briefing, command: str) -> list[str]:
    from llmcost import __version__

    lines = [command]
    for brief in result.briefs:
        name = typed(brief.scenario)
        lines.append(f"llmcost sources {name}")
        if brief.headlines:
            lines.append(f"llmcost explain {name} {brief.headlines[0]}")
    told = "\n".join(map(html.text, lines))
    return [
        f"<p>Made with llmcost {html.text(__version__)}. <code>explain</code> shows how a figure is derived."
        "</p>",
        f"<pre>{told}</pre>",
    ]


def summary(result: Briefing) -> Report:
    """Return only the headlines, for other forms than a page."""
    blocks: list[Table | Tree] = []
    for brief in result.briefs:
        columns = columns_of("metric", ">value", "unit", "90% interval")
        rows = []
        for name in brief.headlines:
            node = brief.evaluation[name]
            ends = words.between(brief.ranges.get(name, ()), node.quantity)
            unit = Cell(unit_shown(node.quantity.unit), "faint")
            rows.append([Cell(name, "name"), Cell(marked(node)), unit, Cell(ends, "faint")])
        blocks.append(Table(columns, rows, title=heading(brief.scenario)))
    said = [brief.evaluation.caveats() for brief in result.briefs]
    return Report(lead=warnings(said, named=len(said) > 1), blocks=blocks)


def rows(result: Briefing) -> Rows:
    """A row for each headline; an infinite end becomes a word."""
    return [
        row | dict(zip(("low", "high"), words.ends((row["low"], row["high"])), strict=True))
        if row["low"] is not None
        else row
        for row in result.to_dicts()
    ]


def document(result: Briefing) -> Document:
    """The document of `report`: its headlines."""
    return header("report") | {
        "scenarios": [scenario.label for scenario in result.scenarios],
        "headlines": rows(result),
    }

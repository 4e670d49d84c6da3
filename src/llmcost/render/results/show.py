"""Shows the result of `show`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from llmcost.analysis.ask.evaluation import Evaluation, datum_of, notes_of, shortest_gap, why_missing
from llmcost.analysis.ask.modelled import modelled
from llmcost.analysis.ask.parts import MEASURES, PartOf, parts_of
from llmcost.analysis.ask.trust import doubts
from llmcost.engine.trace import Node
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.report import (
    Cell,
    Column,
    Document,
    Report,
    Rows,
    Table,
    Tree,
    Views,
    columns_of,
    drawing,
)
from llmcost.render.results.caveats import caveats_document, warnings
from llmcost.render.results.shared import (
    ABOUT,
    WEAK,
    any_weak,
    default_lines,
    doubts_document,
    fields,
    grouped,
    header,
    heading,
    node_cell,
    reason_fields,
    unit_shown,
    workload_line,
)
from llmcost.render.results.ways import cautious
from llmcost.scenario.settled import Scenario

Ranges = Mapping[str, tuple[float, float]]
"""The 5th and 95th percentiles of derived values, which may be infinite."""


def views(
    result: Evaluation,
    metrics: Sequence[str] | None = None,
    *,
    everything: bool = False,
    ranges: Ranges | None = None,
) -> Views:
    """Return the ways to show a scenario, or some of its metrics; with `everything`, also what is missing.

    `ranges` are the 5–95% intervals of derived values, if they were drawn.
    """
    found = ranges or {}
    return Views(
        lambda: cautious(
            report(result, metrics, everything=everything, ranges=found), [result.caveats(metrics)]
        ),
        lambda: document(result, metrics, everything=everything, ranges=found),
        lambda: rows(result, metrics, everything=everything, ranges=found),
        warnings=lambda: warnings([result.caveats(metrics)]),
        chart=drawing("show", result, found),
    )


def report(result: Evaluation, metrics: Sequence[str] | None, *, everything: bool, ranges: Ranges) -> Report:
    """Show the values of a scenario by section; with `everything`, also what is missing."""
    scenario = result.scenario
    nodes = result.shown if metrics is None else [result.trace.nodes[m] for m in metrics if m in result]
    parts = parts_of(result) if metrics is None else []
    blocks: list[Table | Tree] = [_parts(parts)] if parts else []
    if nodes:
        blocks.append(_values(nodes, ranges))
    missing = _missing(result, metrics) if everything or metrics is not None else []
    if everything and missing:
        columns = [Column("metric"), Column("what it lacks", wrap=True, narrow="beneath")]
        rows = [[Cell(name, "name"), Cell(why, "faint")] for name, why in missing]
        blocks.append(Table(columns, rows, title="Cannot be derived"))
    facts = []
    if not scenario.parts and result.trace.plan.depends_on("workload", *(node.name for node in nodes)):
        facts.append(workload_line(result))
    names = [node.name for node in nodes]
    notes = notes_of(result.trace, names)
    facts += [f"{name}: {note}" for name, note in notes]
    if scenario.kind == "portfolio" and not scenario.parts:
        facts.append("No part is stated; a portfolio adds up the parts listed under 'parts:'")
    elif not nodes and metrics is None:
        facts.append("Nothing is stated")
    elif metrics is None and not everything:
        facts.append("Metrics that cannot be derived are left out; --all lists what each lacks")
    elif missing and not everything:
        lacking = grouped((why, name) for name, why in missing)
        facts += [f"No value for {', '.join(names)}: {why}" for why, names in lacking.items()]
    facts += [str(item) for item in modelled(scenario) if metrics is None or item.name in metrics]
    facts += doubts(result, names)
    facts += default_lines(result.trace, names)
    drawn = [node for node in nodes if node.name in ranges and node.given is None]
    if drawn:
        facts.append("Ranges of derived values contain 90% of the draws from the ranges of their inputs")
    outside = [node.name for node in drawn if _lies_outside(node, *ranges[node.name])]
    if outside:
        told = "Outside their ranges, as inputs are stated near the ends of their own"
        facts.append(f"{told}: {', '.join(outside)}")
    if any_weak(nodes):
        facts.append(WEAK)
    return Report(heading(scenario), lead=_subheading(scenario), blocks=blocks, facts=facts)


_TITLES: Final = {
    "parts.share": "share",
    "product.units_per_month": "units/month",
    "serving.gpus": "GPUs",
    "parts.tokens_per_month": "tok/month",
    "parts.requests_per_month": "requests/month",
    "parts.revenue_per_month": "revenue/month",
    "parts.cost_per_month": "cost/month",
    "parts.cost_per_mtok": "USD/Mtok",
    "product.price_per_unit": "USD/unit",
    "product.variable_cost_per_unit": "cost/unit",
    "product.gross_margin": "margin",
}
_OUT: Final = (
    "parts.requests_per_month",
    "serving.gpus",
    "product.price_per_unit",
    "product.variable_cost_per_unit",
    "parts.cost_per_mtok",
)


def _parts(parts: Sequence[PartOf]) -> Table:
    """Return a table with a row for each part, and one for all."""
    measures = [name for name in MEASURES if any(name in part.nodes for part in parts[:-1])]
    costs = any(part.cost_share is not None for part in parts)
    columns = [Column("part"), Column("scenario", narrow="out")]
    for name in measures:
        columns.append(Column(_TITLES[name], right=True, narrow="out" if name in _OUT else ""))
        if name == "parts.cost_per_month" and costs:
            columns.append(Column("of cost", right=True))
    rows = []
    for part in parts:
        on = f", {part.workload}" if part.workload else ""
        row = [Cell(part.name or "all parts", "name" if part.name else "strong"), Cell(part.scenario + on)]
        for name in measures:
            node = part.nodes.get(name)
            row.append(node_cell(node))
            if name == "parts.cost_per_month" and costs:
                share = part.cost_share
                row.append(Cell("" if share is None else f"{words.significant(share * 100)}%"))
        rows.append(row)
    return Table(columns, rows, turns=True)


def _values(nodes: Sequence[Node], ranges: Ranges) -> Table:
    """Return a table of all values, each section under its title."""
    rows: list[list[Cell]] = []
    for section, title in MODEL.sections.items():
        inside = [node for node in nodes if node.quantity.section == section]
        if inside:
            rows += [[], [Cell(title, "strong")]] if rows else [[Cell(title, "strong")]]
        rows += [
            [
                Cell(node.name, "name"),
                node_cell(node),
                Cell(unit_shown(node.quantity.unit), "faint"),
                Cell(_how(node, ranges), "faint"),
            ]
            for node in inside
        ]
    unit, how = Column("unit", narrow="beneath"), Column("", wrap=True, narrow="beneath", least=16)
    return Table(columns_of("metric", ">value", unit, how), rows)


def _subheading(scenario: Scenario) -> list[str]:
    since = scenario.in_force_since
    when = f"as of {since}" if scenario.as_of else f"values of {since}" if since else ""
    supplier = scenario.links.get("supplier")
    supply = f"tokens from {supplier.text}" if supplier else ""
    line = ", ".join(filter(None, [scenario.kind, when, supply]))
    return [text for text in (line, scenario.note) if text]


def _how(node: Node, ranges: Ranges) -> str:
    """Return the origin of a value in a word or two, and its range."""
    interval = _interval(node, ranges)
    told = words.between(interval or (), node.quantity)
    if interval and interval[0] == interval[1]:
        told = ""  # every draw is the same
    if node.value is None:
        return ", ".join(filter(None, [str(node.reason or ""), told]))
    if node.step is not None and not node.rooted:
        return "default"
    written = _written(node)
    before = f"from {written}" if written else ""
    return ", ".join(filter(None, ["derived" if node.step is not None else "", node.basis, told, before]))


def _written(node: Node) -> str | None:
    """Return how a value was written, if it is shown in another unit or currency."""
    datum = datum_of(node)
    return datum.text if datum is not None and datum.converted else None


def _interval(node: Node, ranges: Ranges) -> tuple[float, float] | None:
    """Return the range that was stated or drawn for a value."""
    datum = datum_of(node)
    if datum is not None and datum.ends is not None:
        return datum.ends
    return ranges.get(node.name) if node.given is None else None


def _lies_outside(node: Node, low: float, high: float) -> bool:
    """Whether a value is visibly outside its range."""
    if node.value is None:
        return False
    nearest = min(max(node.value, low), high)
    return words.ranked(nearest, node.quantity) != words.number(node.value, node.quantity)


def _missing(result: Evaluation, metrics: Sequence[str] | None) -> list[tuple[str, str]]:
    """Return which requested metrics have no value, and why; by default, of all with a formula."""
    if metrics is None:
        names = [name for name in result.trace.missing if MODEL.formulas.get(name)]
    else:
        names = [name for name in metrics if name not in result]
    return [(name, why_missing(result, name)) for name in MODEL.in_order(names)]


def document(
    result: Evaluation, metrics: Sequence[str] | None, *, everything: bool, ranges: Ranges
) -> Document:
    """The document of `show`."""
    nodes = result.shown if metrics is None else [result.trace.nodes[m] for m in metrics if m in result]
    document = header("show") | {
        **fields(result.scenario, ABOUT),
        **{key: link.text for key, link in result.scenario.links.items()},
        **caveats_document([result.caveats(metrics)]),
        **_modelled(result.scenario, metrics),
        **doubts_document(doubts(result, [node.name for node in nodes])),
        "values": {node.name: _value(node, ranges) for node in nodes},
    }
    parts = parts_of(result) if metrics is None else []
    if parts:
        document["parts"] = {
            part.name: fields(part, "scenario workload cost_share")
            | {"values": {node.name: _value(node, ranges) for node in part.nodes.values()}}
            for part in parts[:-1]
        }
    if everything:
        names = result.trace.missing if metrics is None else [m for m in metrics if m not in result]
        document["missing"] = {
            name: {"lacks": list(shortest_gap(result, name))}
            for name in MODEL.in_order(names)
            if metrics is not None or MODEL.formulas.get(name)
        }
    return document


def _modelled(scenario: Scenario, metrics: Sequence[str] | None) -> Document:
    """Return how far the model is from measurements, if a scenario states both."""
    found = [item._asdict() for item in modelled(scenario) if metrics is None or item.name in metrics]
    return {"modelled": found} if found else {}


def _value(node: Node, ranges: Ranges) -> Document:
    entry: Document = {"value": node.value, "unit": node.quantity.unit}
    if node.value is None:
        entry |= reason_fields(node.reason)
    else:
        entry |= {"basis": node.basis, "given": node.given is not None}
        if (written := _written(node)) is not None:
            entry["written"] = written
    interval = _interval(node, ranges)
    if interval is not None:
        entry |= dict(zip(("low", "high"), words.ends(interval), strict=True))
    return entry


def rows(result: Evaluation, metrics: Sequence[str] | None, *, everything: bool, ranges: Ranges) -> Rows:
    """A row for each metric of `show`."""
    found = document(result, metrics, everything=everything, ranges=ranges)
    flat = [
        {"scenario": result.scenario.label, "metric": name, **_flat(entry)}
        for name, entry in found["values"].items()
    ]
    return flat + [
        {"scenario": result.scenario.label, "metric": name, "reason": f"lacks {', '.join(entry['lacks'])}"}
        for name, entry in found.get("missing", {}).items()
    ]


def _flat(entry: Document) -> Document:
    keys = ("value", "unit", "basis", "given", "low", "high", "reason", "reason_code")
    return {key: entry.get(key) for key in keys}

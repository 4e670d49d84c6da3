"""Shows the result of `compare`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from llmcost.analysis.ask.compare import YOU_PAY, Comparison, MetricRow
from llmcost.analysis.ask.reach import listed
from llmcost.engine.trace import Node
from llmcost.render import words
from llmcost.render.report import Cell, Column, Document, Report, Rows, Table, Views, columns_of, drawing
from llmcost.render.results.caveats import caveats_document, warnings
from llmcost.render.results.shared import (
    NONE,
    WEAK,
    any_weak,
    date_of,
    distinct,
    fields,
    grouped,
    header,
    marked,
    node_cell,
    unit_shown,
    workload_line,
)
from llmcost.render.results.ways import cautious
from llmcost.scenario.settled import Scenario

if TYPE_CHECKING:
    from llmcost.analysis.whatif.uncertainty import Spread, Uncertainty

MARGINS: Final = ("unit.gross_margin", "company.gross_margin", "product.gross_margin")
"""The margin for the verdict: the first of these among the rows."""


Margins = Sequence[tuple[float, float] | None]
"""The interval of each scenario's gross margin, if it depends on a stated range."""


def views(result: Comparison, uncertainty: Uncertainty | None = None, margins: Margins = ()) -> Views:
    """Return the ways to show a comparison, with its uncertainty if that was asked for."""
    row = margin_row(result)
    for spread in uncertainty.spreads if uncertainty and row else ():
        if row and spread.metric == row.quantity.name:
            margins = spread.intervals
    return Views(
        lambda: cautious(report(result, uncertainty, margins), result.caveats, named=True),
        lambda: document(result, uncertainty, margins),
        lambda: rows(result, uncertainty),
        warnings=lambda: warnings(result.caveats, named=True),
        chart=drawing("compare", result, uncertainty, margins),
    )


def uncertainty_views(result: Uncertainty) -> Views:
    """Return the ways to show the uncertainty of a comparison."""
    return views(result.comparison, result)


def report(result: Comparison, uncertainty: Uncertainty | None = None, margins: Margins = ()) -> Report:
    """Show scenarios side by side."""
    first, *others = result.labels
    differences = (f">{other} has" if others[1:] else ">difference" for other in others)
    labels = (f">{label}" for label in result.labels)
    columns = columns_of("metric", Column("unit", narrow="beneath"), *labels, *differences)
    rows = []
    for row in result.rows:
        cells = [Cell(row.quantity.name, "name"), Cell(unit_shown(row.quantity.unit), "faint")]
        cells += map(node_cell, row.nodes)
        cells += [Cell(said, "strong") for said in _against(row)]
        rows.append(cells)
    blocks = [Table(columns, rows)] if rows else []
    if uncertainty is not None and uncertainty.spreads:
        blocks.append(_spreads(result, uncertainty))
    title = " against ".join([first, listed(others)])
    return Report(title, lead=_verdict(result, margins), blocks=blocks, facts=_facts(result))


def _spreads(result: Comparison, uncertainty: Uncertainty) -> Table:
    first, *others = result.labels
    odds = (f">{first} below {other}" for other in others)
    columns = columns_of("metric", *(f">{label}" for label in result.labels), *odds)
    quantities = {row.quantity.name: row.quantity for row in result.rows}
    rows = []
    for spread in uncertainty.spreads:
        quantity = quantities[spread.metric]
        cells = [Cell(spread.metric, "name")]
        cells += [Cell(words.between(ends, quantity)) if ends else NONE for ends in spread.intervals]
        cells += [NONE if part is None else Cell(f"{part:.1%}", "strong") for part in spread.first_lower[1:]]
        rows.append(cells)
    title = f"90% intervals, and in how many of {uncertainty.draws:,} draws the first is lower"
    return Table(columns, rows, title=title)


def _against(row: MetricRow) -> list[str]:
    """Say how much more or less each other scenario has than the first; for shares, in points."""
    first, *others = row.values
    if not words.in_percent(row.quantity.unit) or first is None:
        return [words.against(ratio) for ratio in row.ratios[1:]]
    return ["" if other is None else words.signed(other - first, row.quantity) for other in others]


def _verdict(result: Comparison, margins: Margins) -> list[str]:
    """Say which is cheaper, by how much, and whether it makes money."""
    lines = []
    if result.mixed:
        kinds = ", ".join(sorted({scenario.kind or "model" for scenario in result.scenarios}))
        lines.append(
            f"Different kinds ({kinds}): "
            + ("only their common metrics are shown." if result.rows else "they have no metric in common.")
        )
    first, *others = result.scenarios
    if first.where and all((item.where, item.data) == (first.where, first.data) for item in others):
        return [*lines, f"{first.label} is compared with itself: all are one file, with the same values."]
    lines += _cheaper(result)
    margin = margin_row(result)
    if margin is not None and result.row(YOU_PAY.name) is None:
        lines.append(_margin_words(result, margin.nodes, margins))
    return lines


PAID: Final = {
    "parts.cost_per_month": "a month",
    "paid_per_mtok": "on the {} workload, for whoever uses it",
    "price.blended_per_mtok": "on the {} workload",
}
"""Metrics that decide which scenario is cheaper, and their contexts; the first among the rows counts."""
MORE_TOKENS: Final = (
    "Another model may need more tokens, or fewer, for the same work: 'workload' and 'set' of a part say so."
)


def _cheaper(result: Comparison) -> list[str]:
    """Say how each other scenario's price or bill compares with the first's."""
    metric = next((name for name in PAID if result.row(name) is not None), None)
    row = result.row(metric) if metric else None
    if metric is None or row is None:
        return []
    where = PAID[metric].format(result.workload)
    first, *others = result.labels
    lines = []
    for label, value in zip(others, row.ratios[1:], strict=True):
        if value is not None and value > 1:
            lines.append(f"{label} is {words.multiplier(value)} cheaper than {first} {where}.")
        elif value is not None and value < 1:
            lines.append(f"{first} is {words.multiplier(1 / value)} cheaper than {label} {where}.")
        elif value is not None:
            lines.append(f"{label} and {first} cost the same {where}.")
    return [*lines, MORE_TOKENS] if result.swapped else lines


def margin_row(result: Comparison) -> MetricRow | None:
    """Return the row of the margin for the verdict."""
    return next(filter(None, map(result.row, MARGINS)), None)


def _margin_words(result: Comparison, nodes: Sequence[Node | None], margins: Margins) -> str:
    said = []
    for label, node, margin in itertools.zip_longest(result.labels, nodes, margins):
        if node is None or node.value is None:
            said.append(f"{label}: not known")
        elif margin is not None:
            said.append(f"{label}: {words.between(margin, node.quantity)}")
        else:
            said.append(f"{label}: {marked(node)}")
    return f"Gross margin of {'; of '.join(said)}."


def _mix(result: Comparison) -> str:
    """Name the workload and its mix, or each scenario's own mix if they differ."""
    lines = [workload_line(evaluation) for evaluation in result.evaluations]
    if len(set(lines)) == 1:
        return lines[0]
    start = f"Workload: {result.workload}"
    own = [
        label
        + (line.removeprefix(start) if line.startswith(start) else f" on {line.removeprefix('Workload: ')}")
        for label, line in zip(result.labels, lines, strict=True)
    ]
    return f"{start}, each scenario's own mix: {', '.join(own)}"


def _facts(result: Comparison) -> list[str]:
    facts = []
    if result.row(YOU_PAY.name) is not None:
        facts.append(f"{YOU_PAY.name}: what you pay, the price or the cost of your own fleet")
    if result.uses_workload and not all(scenario.parts for scenario in result.scenarios):
        facts.append(_mix(result))
    dated = [(scenario.label, _price_dates(scenario)) for scenario in result.scenarios]
    if any(date for _, date in dated):
        days = [
            day
            for s in result.scenarios
            for day in (s.as_of, *(link.reference.as_of for link in s.links.values()))
        ]
        which = "Prices" if any(days) else "Newest prices"
        facts.append(f"{which}: {'; '.join(f'{label} since {date}' for label, date in dated if date)}")
    if not all(all(row.comparable) for row in result.rows):
        facts.append("Amounts of periods of different length have no ratio.")
    noted = grouped(((name, note), label) for label, name, note in result.notes)
    facts += [f"{name} ({', '.join(labels)}): {note}" for (name, note), labels in noted.items()]
    missing = grouped(((gap.label, gap.reason), gap.metric) for gap in result.gaps)
    facts += [
        f"No value for {label}: {', '.join(metrics)} – {reason}"
        for (label, reason), metrics in missing.items()
    ]
    if any_weak(node for row in result.rows for node in row.nodes):
        facts.append(WEAK)
    return facts


def _price_dates(scenario: Scenario) -> str | None:
    """Say since when a scenario's prices are in force."""
    dates = grouped(
        (str(datum.since), name.partition(".")[2].removesuffix("_per_mtok"))
        for name, datum in scenario.data.items()
        if name.startswith(("price.", "product.")) and datum.since is not None
    )
    if not dates:
        return None
    if len(dates) == 1:
        return next(iter(dates))
    return ", ".join(
        f"{date} ({', '.join(names).replace('_', ' ')})" for date, names in sorted(dates.items())
    )


def document(result: Comparison, uncertainty: Uncertainty | None = None, margins: Margins = ()) -> Document:
    """The document of `compare`."""
    return header("compare") | {
        "scenarios": list(result.labels),
        "workload": result.workload,
        "as_of": [date_of(scenario) for scenario in result.scenarios],
        **caveats_document(result.caveats),
        "rows": [
            {
                **fields(row, "metric:quantity.name unit:quantity.unit values ratios"),
                "basis": [node.basis if node else None for node in row.nodes],
            }
            | _drawn(row.quantity.name, uncertainty)
            for row in result.rows
        ],
        "notes": [{"scenario": label, "metric": name, "note": note} for label, name, note in result.notes],
        "margins": [words.ends(margin) if margin else None for margin in margins],
        "missing": [fields(gap, "scenario:label metric reason") for gap in result.gaps],
    }


def _drawn(metric: str, uncertainty: Uncertainty | None) -> Document:
    spread = _spread_of(metric, uncertainty)
    if spread is None:
        return {}
    return {
        "intervals": [words.ends(interval) if interval else None for interval in spread.intervals],
        "first_lower": list(spread.first_lower),
    }


def _spread_of(metric: str, uncertainty: Uncertainty | None) -> Spread | None:
    spreads = uncertainty.spreads if uncertainty else ()
    return next((spread for spread in spreads if spread.metric == metric), None)


def rows(result: Comparison, uncertainty: Uncertainty | None = None) -> Rows:
    """A row for each metric: a value and a ratio for each scenario, and the uncertainty."""
    titles = distinct(result.labels)
    return [
        fields(row, "metric:quantity.name unit:quantity.unit")
        | dict(zip(titles, row.values, strict=True))
        | {f"{titles[0]} ÷ {title}": ratio for title, ratio in list(zip(titles, row.ratios, strict=True))[1:]}
        | _flat(titles, _spread_of(row.quantity.name, uncertainty))
        for row in result.rows
    ]


def _flat(titles: Sequence[str], spread: Spread | None) -> Document:
    """Return the ends of each interval, and the share of draws in which the first scenario is lower."""
    if spread is None:
        return {}
    found: Document = {}
    for title, interval in zip(titles, spread.intervals, strict=True):
        found[f"{title} 5%"], found[f"{title} 95%"] = words.ends(interval) if interval else (None, None)
    pairs = list(zip(titles, spread.first_lower, strict=True))[1:]
    return found | {f"{titles[0]} below {title}": part for title, part in pairs}

"""Shows the result of `simulate`."""

from __future__ import annotations

from typing import Final

from llmcost.analysis.whatif.simulate import PERCENTILES, Simulated, Simulation
from llmcost.engine.ranking import Percentile
from llmcost.reasons import Reason
from llmcost.render import words
from llmcost.render.report import Cell, Document, Report, Rows, Table, Tree, Views, columns_of
from llmcost.render.results.caveats import caveats_document
from llmcost.render.results.shared import fields, header, heading, horizon_lines, reason_fields, unit_shown
from llmcost.render.results.ways import ways

BAR: Final = 32
"""The width of the longest histogram bar in characters."""


def views(result: Simulation) -> Views:
    """Return the ways to show a simulation."""
    return ways(result, report, document, rows, drawn="simulate", caveats=lambda one: [one.caveats])


def report(result: Simulation) -> Report:
    """Show percentiles with standard errors, shares, histograms, and the causes of the spread."""
    blocks: list[Table | Tree] = [_percentiles(result)]
    for item in result.metrics:
        if item.histogram:
            blocks.append(_histogram(item))
        if item.influences:
            blocks.append(_influences(item))
    lead = [f"{one.text}: {one.share:.2%} of the draws (± {one.error * 100:.2g})" for one in result.shares]
    names = ", ".join(quantity.name for quantity in result.uncertain)
    facts = [f"{result.draws:,} draws ({result.sampling}, seed {result.seed}) from: {names}"]
    facts += [
        _without_value(item, why, count / result.draws)
        for item in result.metrics
        for why, count in item.reasons
    ]
    facts += horizon_lines(result.scenario, [item.metric.name for item in result.metrics])
    points = any(words.in_percent(item.metric.unit) for item in result.metrics)
    points_of = ", of a share in points" if points else ""
    facts.append(f"± is the standard error of the percentile above it{points_of}; digits beyond it are noise")
    return Report(f"Simulation of {heading(result.scenario)}", lead=lead, blocks=blocks, facts=facts)


def _without_value(item: Simulated, why: Reason, part: float) -> str:
    end = None if why.end is None else words.end_of(why.end)
    ranked = "; these draws are left out" if end is None else f"; ranks as '{end}'"
    return f"{item.metric.name} has no value in {part:.2%} of the draws: {why}{ranked}"


def _percentiles(result: Simulation) -> Table:
    percentiles = (f">{percent}%" for percent in PERCENTILES)
    rows = []
    for item in result.metrics:
        metric = item.metric
        name, unit = Cell(metric.name, "name"), Cell(unit_shown(metric.unit), "faint")
        if not item.percentiles:
            rows.append([name, Cell("undefined", "faint")])
            continue
        # Without a deviation, the tail is so long that a few draws decide the mean.
        moments = (item.mean, item.deviation) if item.deviation is not None else (None, None)
        mean, spread = ("–" if value is None else words.number(value, metric) for value in moments)
        values = [Cell(words.ranked(p.value, metric), "strong") for p in item.percentiles]
        errors = [
            Cell("" if p.error is None else f"± {words.number(p.error, metric)}", "faint")
            for p in item.percentiles
        ]
        rows.append([name, Cell(mean), Cell(spread), *values])
        rows.append([unit, Cell(""), Cell(""), *errors])
    return Table(columns_of("metric", ">mean", ">deviation", *percentiles), rows, turns=True)


def _histogram(item: Simulated) -> Table:
    tallest = max(count for _, _, count in item.histogram)
    rows = [
        [
            Cell(words.number(low, item.metric), "faint"),
            Cell(words.number(high, item.metric), "faint"),
            Cell("█" * round(count / tallest * BAR) if tallest else "", "bar"),
        ]
        for low, high, count in item.histogram
    ]
    scale = ", logarithmic" if item.log else ""
    of = "" if item.defined == item.ranked else " of the draws with a value"
    title = f"{item.metric.name}, 5th to 95th percentile{of}{scale}"
    return Table(columns_of(">from", ">to", ""), rows, title=title)


def _influences(item: Simulated) -> Table:
    rows = [[Cell(name, "name"), Cell(f"{value:+.2f}")] for name, value in item.influences]
    title = f"Where the spread of {item.metric.name} comes from"
    return Table(columns_of("input", ">rank correlation"), rows, title=title)


def document(result: Simulation) -> Document:
    """The document of `simulate`."""
    return header("simulate") | {
        **fields(result.scenario, "scenario:label workload"),
        **caveats_document([result.caveats]),
        **fields(result, "draws seed sampling"),
        "uncertain": [quantity.name for quantity in result.uncertain],
        "shares": [fields(share, "where:text share error") for share in result.shares],
        "metrics": [_metric(item) for item in result.metrics],
    }


def _metric(item: Simulated) -> Document:
    return {
        **fields(item, "metric:metric.name unit:metric.unit defined ranked mean deviation"),
        "percentiles": list(map(_percentile, item.percentiles)),
        "undefined": [{**reason_fields(why), "draws": count} for why, count in item.reasons],
        "rank_correlation": dict(item.influences),
        "histogram": [{"from": low, "to": high, "draws": count} for low, high, count in item.histogram],
    }


def _percentile(item: Percentile) -> Document:
    """Return a percentile for scripts; an infinite one has no value, but names the end."""
    end = words.end_of(item.value)
    if end is None:
        return fields(item, "percent value error")
    return {"percent": item.percent, "value": None, "error": None, "end": end}


def rows(result: Simulation) -> Rows:
    """A row for each metric; an infinite percentile becomes a word."""
    return [
        {
            key: words.end_of(value) or value if isinstance(value, float) else value
            for key, value in row.items()
        }
        for row in result.to_dicts()
    ]

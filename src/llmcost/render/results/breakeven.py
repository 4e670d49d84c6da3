"""Shows the result of `breakeven`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from llmcost.analysis.ask.breakeven import NEEDED, Ladder, Line, Rung
from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.reach import listed
from llmcost.render import words
from llmcost.render.report import Cell, Document, Report, Rows, Table, Tree, Views, columns_of
from llmcost.render.results.caveats import caveats_document
from llmcost.render.results.shared import NONE, fields, grouped, header, heading, reason_fields, usd
from llmcost.render.results.ways import ways

MARKS: Final = (
    "ε is the price elasticity of demand: at 0.5, four times the price sells half as much",
    "[ ] marks values in 10–100×; ! is near-singular: 0.01 more of ε moves it by 10% or more",
)


def views(result: Ladder) -> Views:
    """Return the ways to show a ladder."""
    return ways(result, report, document, rows, drawn="breakeven", caveats=_caveats)


def _caveats(result: Ladder) -> list[Caveats]:
    return [result.evaluation.caveats(NEEDED)]


def report(result: Ladder) -> Report:
    """Show the ladder: a line for each boundary, payer and compute rate, a column for each elasticity."""
    blocks: list[Table | Tree] = []
    for compute in dict.fromkeys(line.compute for line in result.lines):
        for payer in dict.fromkeys(line.payer for line in result.lines):
            lines = [line for line in result.lines if (line.compute, line.payer) == (compute, payer)]
            known = [line for line in lines if line.rungs]
            if known:
                blocks.append(_table(result, known, f"{payer} payer, compute at the {compute} rate"))
    blocks += _losses(result)
    facts = _missing_lines(result)
    facts += [f"{name}: {note}" for name, note in result.notes]
    facts += MARKS
    return Report(
        f"Break-even multipliers of {heading(result.scenario)}",
        lead=_lead(result),
        blocks=blocks,
        facts=facts,
    )


def _lead(result: Ladder) -> list[str]:
    """Say how many answers lie in the band, and what it takes to get there at each compute rate."""
    inside = sum(rung.in_band for rung in result.rungs)
    lead = [f"{inside} of {len(result.rungs)} answers {'lies' if inside == 1 else 'lie'} in 10–100×."]
    for compute in dict.fromkeys(line.compute for line in result.lines if line.rungs):
        lines = [line for line in result.lines if line.compute == compute]
        free = [
            f"{r.payer} {r.boundary}" for line in lines for r in line.rungs if not r.elasticity and r.in_band
        ]
        bounds = [(line.band[0], f"{line.payer} {line.boundary}") for line in lines if line.band]
        said = "no elasticity can be named: cost.inference is not stated"
        if free:
            said = f"{listed(free)} {'lies' if len(free) == 1 else 'lie'} there even at constant demand"
        elif bounds:
            least, where = min(bounds)
            said = f"that takes an elasticity of {least:.2f} or more ({where})"
        elif all(line.answering for line in lines if line.rungs):
            said = "no elasticity brings any of them there"
        lead.append(f"At the {compute} rate, {said}.")
    return lead


def _table(result: Ladder, lines: Sequence[Line], title: str) -> Table:
    at = (f">ε = {elasticity:g}" for elasticity in result.elasticities)
    columns = columns_of("boundary", *at, ">10–100× where ε is")
    rows = []
    for line in lines:
        cells = [Cell(line.boundary, "name"), *map(_rung_cell, line.rungs), Cell(_band_words(line))]
        rows.append(cells)
    return Table(columns, rows, title=title, turns=True)


def _rung_cell(rung: Rung) -> Cell:
    if rung.result is None:
        return NONE
    if rung.result.covered:
        return Cell("covered", "good")
    if rung.multiplier is None:
        return Cell("never", "bad")
    text = words.multiplier(rung.multiplier) + ("!" if rung.result.near_singular else "")
    return Cell(f"[{text}]", "band") if rung.in_band else Cell(text)


def _band_words(line: Line) -> str:
    if line.band is None:
        return "–"
    low, high = (f"{end:.2f}" if end else "0" for end in line.band)
    return "any" if line.band[1] == math.inf else f"{low} to {high}"


def _missing_lines(result: Ladder) -> list[str]:
    absent = [line for line in result.lines if not line.rungs]
    facts = []
    for why, lines in grouped((str(line.reason or ""), line) for line in absent).items():
        boundaries = grouped(((line.payer, line.compute), line.boundary) for line in lines)
        rates = grouped((", ".join(names), case) for case, names in boundaries.items())
        told = [f"{names} ({'; '.join(map(', '.join, cases))})" for names, cases in rates.items()]
        facts.append(f"Not shown: {', '.join(told)} – {why}")
    open_ = ((rung.boundary, str(rung.reason or "")) for rung in result.rungs if rung.result is None)
    return facts + [f"– in {boundary}: {why}" for boundary, why in dict.fromkeys(open_)]


def _losses(result: Ladder) -> list[Table | Tree]:
    """Return a table of rungs where no price breaks even: the price of least loss, and that loss."""
    rows = []
    for rung in result.rungs:
        found = rung.result
        if found is None or found.least_loss is None:
            continue
        at = "∞" if found.least_loss_multiplier is None else words.multiplier(found.least_loss_multiplier)
        rows.append(
            [
                Cell(rung.boundary, "name"),
                Cell(rung.payer),
                Cell(rung.compute),
                Cell(f"{rung.elasticity:g}"),
                Cell(at),
                Cell(usd(found.least_loss)),
            ]
        )
    columns = columns_of("boundary", "payer", "compute", ">ε", ">least loss at", ">loss, USD per period")
    return [Table(columns, rows, title="Where no price breaks even")] if rows else []


def document(result: Ladder) -> Document:
    """The document of `breakeven`."""
    return header("breakeven") | {
        **fields(result.scenario, "scenario:label as_of:in_force_since"),
        **caveats_document(_caveats(result)),
        "rows": rows(result),
        "missing": [
            fields(line, "boundary payer compute") | reason_fields(line.reason)
            for line in result.lines
            if not line.rungs
        ],
    }


def rows(result: Ladder) -> Rows:
    """A row for each rung of `breakeven`."""
    rows = []
    for rung in result.rungs:
        row = fields(rung, "boundary payer compute elasticity multiplier")
        found = rung.result
        if rung.reason is not None:
            row |= reason_fields(rung.reason)
        if found is not None and found.other is not None:
            row["other_multiplier"] = found.other
        if found is not None and found.least_loss is not None:
            row |= {"least_loss_multiplier": found.least_loss_multiplier, "least_loss": found.least_loss}
        if found is not None and found.near_singular:
            row["near_singular"] = True
        rows.append(row)
    return rows

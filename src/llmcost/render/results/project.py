"""Shows the result of `project`."""

from __future__ import annotations

from typing import Final

from llmcost.analysis.projection.names import (
    BALANCE,
    BURN,
    COMMITTED,
    COST_LINES,
    CREDITS_USED,
    NONCASH,
    STOCK_COMPENSATION,
)
from llmcost.analysis.projection.outcomes import Outcome
from llmcost.analysis.projection.project import Projection
from llmcost.engine.registry import Quantity
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.report import Block, Cell, Column, Document, Report, Rows, Style, Table, Views, columns_of
from llmcost.render.results.cash_bars import cash_bars
from llmcost.render.results.caveats import caveats_document
from llmcost.render.results.cohorts import model_document, model_notes, model_tables
from llmcost.render.results.shared import (
    ABOUT,
    NONE,
    WEAK,
    amount,
    fields,
    header,
    heading,
    reason_fields,
    reasons_by_metric,
    titled,
    unit_shown,
    usd,
)
from llmcost.render.results.ways import ways
from llmcost.scenario.timeline import Event, month_name
from llmcost.scenario.values.datum import Provenance

TITLES: Final = {"company.operating_profit": "profit", "cost.sales_marketing": "marketing"}


def views(result: Projection) -> Views:
    """Return the ways to show a projection."""
    found = ways(result, report, document, rows, drawn="project", caveats=lambda one: [one.caveats])
    return found._replace(records=lambda: records(result))


def report(result: Projection) -> Report:
    """Show what moves, the periods, the cash as a chart, and the outcomes."""
    blocks: list[Block] = []
    moves = _moves(result)
    if moves.rows:
        blocks.append(moves)
    if result.rows:
        blocks += _months_of(result)
    if len(result.cash) > 1:
        blocks.append(cash_bars(result))
    if result.outcomes:
        blocks.append(_outcomes(result))
    if result.models is not None:
        blocks += model_tables(result.models)
    facts = [
        f"Month {_month(result, month)}: {event.provenance.note}"
        for month, event in result.schedule.events
        if event.provenance.note
    ]
    facts += [f"{subject}: {said}" for subject, said in result.notes]
    reasons = dict.fromkeys(item for row in result.rows for item in row.reasons.items())
    facts += [f"– {name}: {why}" for name, why in reasons]
    if result.models is not None:
        facts += model_notes(result.models)
    tables = [block for block in blocks if isinstance(block, Table)]
    if any("~" in cell.text for table in tables for row in table.rows for cell in row):
        facts.append(WEAK)
    title = f"Projection of {heading(result.scenario)}"
    return Report(title, lead=_lead(result), blocks=blocks, facts=facts)


def _lead(result: Projection) -> list[str]:
    """Say when the cash runs out, when it breaks even, how much cash that takes, and give the note."""
    lead = []
    found = result.outcomes
    runway = found.get("project.runway_months")
    if runway is not None and runway.value is not None:
        months = words.significant(runway.value)
        lead.append(
            f"The cash lasts beyond month {_month(result, len(result.cash))}."
            if runway.month is None
            else f"The cash runs out in month {_month(result, runway.month)}, after {months} months."
        )
    even = found.get("project.breakeven_month")
    if even is not None:
        lead.append(_even_words(result, even))
        lead += _funding_words(result)
    if result.models is not None:
        paid = sum(account.profit > 0 for account in result.models.models)
        lost = sum(account.profit < 0 for account in result.models.years)
        lead.append(
            f"{paid} of {len(result.models.models)} models earn more than they cost; "
            f"the company loses money in {lost} of {len(result.models.years)} years."
        )
    if result.scenario.note:
        lead.append(result.scenario.note)
    return lead


def _even_words(result: Projection, even: Outcome) -> str:
    if even.reason is not None:
        reason = str(even.reason)
        never = even.reason.code == "outside_horizon"
        return f"I{reason[1:]}." if never else f"No break-even month: {reason}."
    again = dict(result.notes).get("project.breakeven_month")
    said = f"It breaks even in month {_month(result, even.month or 1)}"
    return f"{said}; {again}." if again else f"{said}."


def _funding_words(result: Projection) -> list[str]:
    """Say how much cash is needed, as far as known."""
    found = result.outcomes.get("project.funding_needed")
    if found is None or not found.value or found.month is None:
        return []
    still = "project.funding_needed" in dict(result.notes)
    gap = result.outcomes["project.funding_gap"].value
    said = f"It needs {'at least ' if still else ''}{usd(found.value)} USD of cash"
    said += f" until month {_month(result, found.month)}"
    said += f", {usd(gap)} of it not funded" if gap else ", all of it funded" if gap == 0 else ""
    return [f"{said}."]


def _month(result: Projection, month: int) -> str:
    start = result.schedule.start
    return str(month) if start is None else f"{month} ({month_name(start + month - 1)})"


def _moves(result: Projection) -> Table:
    """Return a table of trajectories and events."""
    rows = [
        [Cell("throughout"), Cell(item.name, "name"), Cell(words.mark(item.provenance.basis) + item.text)]
        for item, _ in result.schedule.trajectories
    ]
    rows += [
        [Cell(_month(result, month)), Cell(name, "name"), Cell(words.mark(event.provenance.basis) + said)]
        for month, event in result.schedule.events
        for name, said in _changes(event)
    ]
    return Table(columns_of("month", "what moves", Column("how", wrap=True)), rows)


def _changes(event: Event) -> list[tuple[str, str]]:
    found = [(effect.name, effect.text) for effect in event.effects]
    if event.reprice is not None:
        payer = "API" if event.reprice.payer == "api-only" else "all"
        found.append(("reprice", f"{payer} prices {words.multiplier(event.reprice.multiplier)}"))
    return found


def _months_of(result: Projection) -> list[Block]:
    """Return tables of revenue and cost, of cash, and of the requested metrics."""
    by = result.by
    shown = ("revenue.total", *COST_LINES, "cost.total", "company.operating_profit")
    flows = {
        _title(name): [amount(row.flows.get(name), name, _is_weak(result, name)) for row in result.rows]
        for name in result.flows
        if name in shown
    }
    metrics = {
        titled(one): [
            _followed(row.metrics[one.name], one, _is_weak(result, one.name)) for row in result.rows
        ]
        for one in result.metrics
    }
    tables = {f"Revenue and cost, USD a {by}": flows, f"Cash, USD a {by}": _cash(result), "": metrics}
    labels = [Cell(row.label) for row in result.rows]
    return [
        Table(
            columns_of(by, *(f">{over}" for over in columns)),
            list(zip(labels, *columns.values(), strict=True)),
            title=title,
            turns=True,
        )
        for title, columns in tables.items()
        if columns
    ]


def _cash(result: Projection) -> dict[str, list[Cell]]:
    """Return the columns of the table of cash; empty ones are left out."""
    if all(row.net_burn is None for row in result.rows):
        return {}
    noncash, funding = [row.noncash for row in result.rows], [row.funding for row in result.rows]
    found = {}
    for title, values, name, basis in (
        ("opening", [row.opening for row in result.rows], BALANCE, (BALANCE,)),
        ("credits used", [row.credits_used for row in result.rows], "", (CREDITS_USED,)),
        ("no cash", noncash if any(noncash) else [], "", (STOCK_COMPENSATION, NONCASH)),
        ("net burn", [row.net_burn for row in result.rows], BURN, (BURN,)),
        ("funding", funding if any(funding) else [], "", (COMMITTED,)),
        ("closing", [row.closing for row in result.rows], BALANCE, (BALANCE,)),
    ):
        if any(value is not None for value in values):
            weak = any(_is_weak(result, one) for one in basis)
            found[title] = [amount(value, name, weak) for value in values]
    return found


def _title(name: str) -> str:
    section, _, rest = name.partition(".")
    if rest == "total":
        return section
    return TITLES.get(name, rest.replace("_", " "))


def _is_weak(result: Projection, name: str) -> bool:
    return words.is_weak(result.basis.get(name))


def _followed(value: float | None, metric: Quantity, weak: bool) -> Cell:
    mark = "~" if weak else ""
    return NONE if value is None else Cell(mark + words.number(value, metric))


def _outcomes(result: Projection) -> Table:
    """Return a table of outcomes: when the cash runs out, when it breaks even, and so on."""
    rows = []
    for name, found in result.outcomes.items():
        quantity = MODEL.quantities[name]
        if found.value is None:
            cells = [Cell("undefined", "faint"), Cell(""), Cell(str(found.reason or ""), "faint")]
        else:
            text = ("~" if _is_weak(result, name) else "") + words.number(found.value, quantity)
            shown = f"beyond {text}" if found.beyond else text
            when = "" if found.month is None else f"month {_month(result, found.month)}"
            style: Style = "bad" if found.value < 0 else "strong"
            cells = [Cell(shown, style), Cell(unit_shown(quantity.unit), "faint"), Cell(when)]
        rows.append([Cell(name, "name"), *cells])
    unit, beside = Column("unit", narrow="beneath"), Column("", wrap=True, narrow="beneath")
    return Table(columns_of("outcome", ">value", unit, beside), rows, title="Outcomes")


def document(result: Projection) -> Document:
    """The document of `project`."""
    start = result.schedule.start
    found = header("project") | {
        **fields(result.scenario, ABOUT),
        **caveats_document([result.caveats]),
        "months": result.schedule.months,
        "start": None if start is None else month_name(start),
        "by": result.by,
        "trajectory": [
            fields(trajectory, "quantity:name text") | _sources(trajectory.provenance)
            for trajectory, _ in result.schedule.trajectories
        ],
        "events": [
            {"month": month, **_event(event), **_sources(event.provenance)}
            for month, event in result.schedule.events
        ],
        "rows": _rows(result) if result.rows else [],
        "basis": dict(result.basis) if result.rows else {},
        "outcomes": {
            name: _outcome(name, item) | {"basis": result.basis[name]}
            for name, item in result.outcomes.items()
        },
        "notes": [{"subject": subject, "note": said} for subject, said in result.notes],
    }
    if result.models is not None:
        found["models"] = list(map(model_document, result.models.models))
        found["years"] = [year._asdict() for year in result.models.years]
    return found


def _event(event: Event) -> Document:
    """Return the effects of an event: changes as written, a repricing unrounded."""
    found: Document = {"changes": {effect.name: effect.text for effect in event.effects}}
    if event.reprice is not None:
        found["reprice"] = fields(event.reprice, "payer multiplier")
    return found


def _sources(provenance: Provenance) -> Document:
    said = fields(provenance, "basis source url as_of note")
    return {key: value for key, value in said.items() if value is not None}


def _outcome(name: str, found: Outcome) -> Document:
    entry: Document = {"value": found.value, "unit": MODEL.quantities[name].unit}
    if found.month is not None:
        entry["month"] = found.month
    if found.beyond:
        entry["beyond"] = True
    if found.reason is not None:
        entry |= reason_fields(found.reason)
    return entry


def rows(result: Projection) -> Rows:
    """A row for each period; if there are only models, a row for each model."""
    if result.rows:
        return result.to_dicts()
    return [] if result.models is None else list(map(model_document, result.models.models))


def _rows(result: Projection) -> Rows:
    """Return the rows with the reasons for missing values, which flat rows have no room for."""
    return [
        entry | (reasons_by_metric(row.reasons) if row.reasons else {})
        for entry, row in zip(result.to_dicts(), result.rows, strict=True)
    ]


def records(result: Projection) -> Rows:
    """Return the rows, each with the reasons for missing values."""
    return _rows(result) or rows(result)

"""A projection as the cells of a spreadsheet: a column for each month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from llmcost.analysis.projection.names import (
    BALANCE,
    BURN,
    CHURN,
    COMMITTED,
    COMPUTE_LINES,
    CREDITS,
    CREDITS_USED,
    LINES,
    NEW_UNITS,
    PERIOD,
    RATE,
    UNITS,
)
from llmcost.analysis.projection.plan import PlannedMonth
from llmcost.analysis.projection.run import Month, Projector
from llmcost.engine.parts import inside, split
from llmcost.engine.trace import call
from llmcost.formulas import MODEL
from llmcost.formulas.projection import growth_factor
from llmcost.formulas.vocabulary import A_YEAR_IN_MONTHS
from llmcost.reasons import Undefined
from llmcost.records import NamedTuple
from llmcost.render.cells import CellFormula, cell_formula
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import Growth, month_name

OPENING, FUNDING, CLOSING = "cash at the start", "funding that comes in", "cash at the end"
CASH = (OPENING, FUNDING, CLOSING)
LONGEST = 120
"""The most months on a sheet."""

Values = dict[str, float | None]


class Entry(NamedTuple):
    """A cell: its formula (None for a plain value), and its value."""

    formula: CellFormula | None
    value: float | None


class Months(NamedTuple):
    """A projection as a sheet.

    Attributes:
        labels: the months, as columns.
        rows: the row of each quantity, from 0.
        columns: for each month, the cells by quantity.
        stopped: why the months end before the horizon, if they do.
    """

    labels: tuple[str, ...]
    rows: Mapping[str, int]
    columns: tuple[Mapping[str, Entry], ...]
    stopped: str = ""


class _Writer:
    """Writes the quantities of a month as formulas over those of the month before, if possible."""

    def __init__(self, first: int, rows: Mapping[str, int], stated: Mapping[str, tuple[str, float]]) -> None:
        self.first = first
        self.rows = rows
        self.stated = stated
        self.values: list[Values] = []

    def cell(self, name: str, month: int) -> str:
        """Return the cell of a quantity in a month, counted from 0."""
        return f"{letters(self.first + month)}{self.rows[name] + 1}"

    def stated_as(self, name: str, value: float) -> CellFormula | None:
        """Return the cell where a quantity is stated, if its value is the same."""
        cell, stated = self.stated.get(name, ("", None))
        return CellFormula(cell) if stated == value else None

    def entry(self, name: str, planned: PlannedMonth, value: float) -> Entry:
        """Return the cell of a given value, with a formula if one gives the value."""
        for text, found in self._ways(name, planned):
            if abs(found - value) <= 1e-11 * abs(value):
                return Entry(CellFormula(text), value)
        return Entry(None, value)

    def _ways(self, name: str, planned: PlannedMonth) -> Iterator[tuple[str, float]]:
        """Yield possible formulas of a value, each with its result."""
        month = len(self.values) - 1
        if month == 0:
            yield from self._following(name, planned, month)
            if name in self.stated:
                cell, value = self.stated[name]
                yield cell, value
                period, parts = self.stated.get(PERIOD, (f"{A_YEAR_IN_MONTHS:g}", A_YEAR_IN_MONTHS))
                yield f"{cell}/{period}", value / parts
            return
        before, now = self.values[-2], self.values[-1]
        was = before.get(name)
        if was is None:
            return
        cell = self.cell(name, month - 1)
        grown = [(cell, was)]
        for step in planned.steps:
            growth = step.step
            if step.name == name and isinstance(growth, Growth) and growth.name in self.stated:
                rate_cell, rate = self.stated[growth.name]
                factor = growth_factor(rate, growth.months)
                grown.append((f"{cell}*(1+{rate_cell})^(1/{growth.months})", was * factor))
        # That nothing has moved comes last: where it is so today, it need not be with other inputs.
        yield from self._following(name, planned, month)
        if name in COMPUTE_LINES and before.get(RATE) and now.get(RATE) is not None:
            ratio = f"{self.cell(RATE, month)}/{self.cell(RATE, month - 1)}"
            yield from ((f"{text}*{ratio}", found * now[RATE] / before[RATE]) for text, found in grown)  # type: ignore[operator]
        if name == CREDITS and before.get(CREDITS_USED) is not None:
            used = before[CREDITS_USED] or 0.0
            yield f"MAX(0,{cell}-{self.cell(CREDITS_USED, month - 1)})", max(0.0, was - used)
        prefix, base = split(name)
        leaving, coming = inside(prefix, CHURN), inside(prefix, NEW_UNITS)
        left, new = before.get(leaving), before.get(coming)
        if base in UNITS and (left is not None or new is not None):
            churn = f"(1-{self.cell(leaving, month - 1)})" if left is not None else "1"
            more = f"+{self.cell(coming, month - 1)}" if new is not None else ""
            yield f"{cell}*{churn}{more}", was * (1 - (left or 0.0)) + (new or 0.0)
        yield from reversed(grown)

    def _following(self, name: str, planned: PlannedMonth, month: int) -> Iterator[tuple[str, float]]:
        """Yield possible formulas of a quantity that follows another."""
        before, now = self.values[-2] if month else {}, self.values[-1]
        for item in planned.followers:
            driver = now.get(item.follows.driver)
            if item.name != name or driver is None or item.follows.driver not in self.rows:
                continue
            driven = self.cell(item.follows.driver, month)
            if item.follows.name in self.stated:
                share_cell, share = self.stated[item.follows.name]
                yield f"{share_cell}*{driven}", share * driver
            earlier, was = before.get(item.follows.driver), before.get(name)
            if earlier and was is not None:
                ratio = f"{driven}/{self.cell(item.follows.driver, month - 1)}"
                yield f"{self.cell(name, month - 1)}*{ratio}", was * driver / earlier


def months_of(scenario: Scenario, stated: Mapping[str, tuple[str, float]], first: int) -> Months | None:
    """Return the months of a scenario as cells; None if it states nothing about time.

    Args:
        scenario: the scenario.
        stated: the cells of quantities on the other sheets, with their values.
        first: the column of the first month.
    """
    if not scenario.timeline.moving and not scenario.timeline.events:
        return None
    projector = Projector(scenario, lines=LINES)
    found, stopped = _run(projector)
    if not found:
        return Months((), {}, (), stopped)
    plan = projector.plan
    # Besides what formulas read: what the amounts of a month follow from.
    behind = [name for item in plan.turnover for name in (*item.churn.inputs, *item.new.inputs)]
    behind += [RATE] if RATE in plan.moved else []
    names: dict[str, None] = {}
    for month, planned in zip(found, plan.months, strict=False):
        names |= dict.fromkeys(name for name in (*planned.core.inputs, *behind) if name in month.state)
        names |= dict.fromkeys(step.name for step in planned.core.plan.steps)
    ordered = [*MODEL.in_order(names), *(CASH if found[0].closing is not None else ())]
    writer = _Writer(first, {name: row for row, name in enumerate(ordered, 1)}, stated)
    columns = [_column(writer, month, planned) for month, planned in zip(found, plan.months, strict=False)]
    start = plan.schedule.start
    labels = tuple(
        f"month {month.number}" if start is None else month_name(start + month.number - 1) for month in found
    )
    return Months(labels, writer.rows, tuple(columns), stopped)


def _run(projector: Projector) -> tuple[list[Month], str]:
    found: list[Month] = []
    try:
        for month in projector.months():
            if month.number > LONGEST:
                return found, f"only the first {LONGEST} months are on the sheet"
            found.append(month)
    except Undefined as why:
        return found, str(why.reason)
    return found, ""


def _column(writer: _Writer, month: Month, planned: PlannedMonth) -> dict[str, Entry]:
    """Return the cells of one month."""
    steps = planned.core.plan.steps
    given: Values = {name: value for name, value in month.state.items() if name in writer.rows}
    values = dict(given)
    for step in steps:
        try:
            lost = any(values.get(name) is None for name in step.inputs)
            values[step.name] = None if lost else call(step.formula, values)
        except Undefined:
            values[step.name] = None
    writer.values.append(values)
    here = len(writer.values) - 1
    entries = {name: writer.entry(name, planned, value or 0.0) for name, value in given.items()}
    for step in steps:
        cells = {name: writer.cell(name, here) for name in step.inputs}
        formula = cell_formula(step, values[step.name], cells, values)
        entries[step.name] = Entry(formula, values[step.name])
    if month.closing is not None and OPENING in writer.rows:
        entries |= _cash(writer, month, here)
    return entries


def _cash(writer: _Writer, month: Month, here: int) -> dict[str, Entry]:
    """Return the cash of one month: opening, funding and closing."""
    first = CellFormula(writer.cell(CLOSING, here - 1)) if here else writer.stated_as(BALANCE, month.opening)
    left = f"{writer.cell(OPENING, here)}+{writer.cell(FUNDING, here)}-{writer.cell(BURN, here)}"
    return {
        OPENING: Entry(first, month.opening),
        FUNDING: Entry(None if here else writer.stated_as(COMMITTED, month.funding), month.funding),
        CLOSING: Entry(CellFormula(left), month.closing),
    }


def letters(column: int) -> str:
    """Return the letters of a column, counted from 0: A, …, Z, AA, …"""
    found = ""
    while column >= 0:
        column, letter = column // 26 - 1, column % 26
        found = chr(65 + letter) + found
    return found

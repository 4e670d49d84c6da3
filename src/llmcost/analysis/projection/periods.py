"""Months added up to the rows of a projection, by month, quarter or year, with metrics."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from llmcost.analysis.ask.evaluation import Evaluation, select_metrics, why_missing
from llmcost.analysis.projection.names import (
    BALANCE,
    BURN,
    COMMITTED,
    COST,
    CREDITS,
    CREDITS_USED,
    LINES,
    NONCASH,
    PERIOD,
    PRODUCT_FLOWS,
    PROFIT,
    REVENUE,
    STOCK_COMPENSATION,
)
from llmcost.analysis.projection.plan import MonthlyPlan
from llmcost.analysis.projection.run import Month
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.plan import resolve
from llmcost.engine.trace import Given
from llmcost.engine.trace import evaluate as trace_of
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.formulas.projection import FLOWS, settled
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.schedule import Schedule
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import month_name
from llmcost.scenario.values.growth import MONTHS

FLOW_COLUMNS: Final = (REVENUE, *LINES, COST, PROFIT)
BY_MONTH: Final = (BURN, CREDITS_USED)
"""Rates per month: over several months, the mean counts."""


class Period(NamedTuple):
    """Some months together.

    Attributes:
        first, last: their numbers.
        label: their label.
        flows: revenue, cost lines and operating profit by name, USD in all of these months, without those
            that are in none of them.
        net_burn: cash consumed, USD; None if unknown.
        noncash: the part of the cost that takes no cash, besides credits used, USD.
        credits_used: compute paid with credits, USD; None without credits.
        funding: cash that came in from outside, USD.
        opening, closing: cash at the start and the end, USD; None if unknown.
        metrics: the requested metrics; None if one is undefined or cannot be derived yet.
        reasons: why these are None.
    """

    first: int
    last: int
    label: str
    flows: Mapping[str, float]
    net_burn: float | None
    noncash: float
    credits_used: float | None
    funding: float
    opening: float | None
    closing: float | None
    metrics: Mapping[str, float | None]
    reasons: Mapping[str, Reason]

    def to_dict(self, flows: Iterable[str]) -> dict[str, Any]:
        """Return it flat, by column name, with these flows, or None for flows that do not exist yet."""
        return {
            "period": self.label,
            "from": self.first,
            "to": self.last,
            **{name: self.flows.get(name) for name in flows},
            "net_burn": self.net_burn,
            "noncash": self.noncash,
            "credits_used": self.credits_used,
            "funding": self.funding,
            "opening_cash": self.opening,
            "closing_cash": self.closing,
            **self.metrics,
        }


def periods(plan: MonthlyPlan, months: Sequence[Month], by: str, metrics: MetricsOverTime) -> list[Period]:
    """Add the months up by month, quarter or year, counted from the start."""
    size = MONTHS[by]
    chunks = [months[start : start + size] for start in range(0, len(months), size)]
    return [_period(chunk, plan, metrics) for chunk in chunks]


def _period(months: Sequence[Month], plan: MonthlyPlan, metrics: MetricsOverTime) -> Period:
    """Add up some months."""
    flows = {name: total for name in FLOW_COLUMNS if (total := _total(months, name)) is not None}
    if REVENUE not in flows and COST not in flows:
        whole = {name: _total(months, of_product) for name, of_product in PRODUCT_FLOWS.items()}
        flows |= {name: total for name, total in whole.items() if total is not None}
    used = [month.credits for month in months if month.credits is not None]
    # Credits used have a column of their own.
    noncash = STOCK_COMPENSATION if plan.draws_credits else NONCASH
    known = all(month.targets.get(BURN) is not None for month in months)
    first, last = months[0].number, months[-1].number
    return Period(
        first,
        last,
        _label(first, last, plan.schedule),
        flows,
        _total(months, BURN) if known else None,
        _total(months, noncash) or 0.0,
        _sum(used) if used else None,
        _sum([month.funding for month in months]),
        months[0].opening,
        months[-1].closing,
        *metrics.at(months),
    )


def _total(months: Sequence[Month], name: str) -> float | None:
    """Return the sum of a target over the months that have it; None if none has."""
    amounts = [month.targets[name] for month in months if month.targets.get(name) is not None]
    return _sum(amounts) if amounts else None


def _sum(amounts: Sequence[float]) -> float:
    return float(settled(math.fsum(amounts), *amounts))


def _label(first: int, last: int, schedule: Schedule) -> str:
    """Name a period: `7`, `7-9`, `2025-07`, `2025-Q3`, `2025`, or `2025-07 to 2026-06`."""
    if schedule.start is None:
        return str(first) if first == last else f"{first}-{last}"
    start, end = schedule.start + first - 1, schedule.start + last - 1
    if first == last:
        return month_name(start)
    if start % 12 == 0 and end == start + 11:
        return f"{start // 12:04}"
    if start % 3 == 0 and end == start + 2:
        return f"{start // 12:04}-Q{start % 12 // 3 + 1}"
    return f"{month_name(start)} to {month_name(end)}"


class MetricsOverTime:
    """Evaluates the requested metrics over some months: flows add up, and all else follows from the sums.

    Attributes:
        names: the metrics that can be derived in some month.
    """

    def __init__(self, scenario: Scenario, months: Sequence[Month], asked: Sequence[str]) -> None:
        """Choose the metrics; of a section or a pattern, those that can be derived.

        Raises:
            LlmcostError: for a pattern without metrics, and for metrics that cannot be derived in any month.
        """
        self._months = months
        self._cache: dict[frozenset[str], CompiledPlan] = {}
        self.names = chosen = [name for name in select_metrics(asked) if name not in MODEL.outcomes]
        there = {name for month in months for name in self._plan(self._state([month])).targets}
        named = {name for name in asked if name in MODEL.quantities}
        # A default to which nothing stated leads is shown only if it is named.
        state = {name: Given(value) for name, value in self._state(months[-1:]).items() if name != PERIOD}
        nodes = trace_of(MODEL, state, chosen).nodes
        rooted = {name for name, node in nodes.items() if node.rooted}
        self.names = [name for name in chosen if name in there and name in named | rooted]
        lost = [name for name in chosen if name not in there and name in named]
        evaluation = Evaluation(scenario, trace_of(MODEL, scenario.given, lost))
        problems = [Problem(why_missing(evaluation, name), scenario.label, subject=name) for name in lost]
        for pattern in asked:
            followed = {*select_metrics([pattern])}
            if pattern not in named and not followed & {*self.names, *MODEL.outcomes}:
                problems.append(
                    Problem("nothing that is stated leads to it", scenario.label, subject=pattern)
                )
        if problems:
            raise LlmcostError(*problems)

    def at(self, months: Sequence[Month]) -> tuple[dict[str, float | None], dict[str, Reason]]:
        """Return the metrics over these months, and why some have no value."""
        if not self.names:
            return {}, {}
        found, reasons = self._values(self._state(months))
        for name in self.names:
            if all(name in month.targets for month in months) and (name in FLOWS or name in BY_MONTH):
                total = _total(months, name)
                found[name] = total if total is None or name in FLOWS else total / len(months)
            elif name in FLOWS:
                parts = [self._values(self._state([month]))[0].get(name) for month in months]
                there = [part for part in parts if part is not None]
                found[name] = _sum(there) if there else None
        metrics = {name: found.get(name) for name in self.names}
        nothing = (name for name, value in metrics.items() if value is None)
        return metrics, {name: reasons.get(name, Reason("not_yet")) for name in nothing}

    def notes(self, by: str) -> list[tuple[str, str]]:
        """Say which metrics are those of a period's last month: other quantities than flows move them."""
        if by == "month":
            return []
        first, last = self._months[0].state, self._months[-1].state
        states = (month.state for month in self._months)
        moved = {name for state in states for name in state if state[name] != first.get(name)}
        moved = {name for name in moved if name not in FLOWS}
        found = [
            name
            for name in self.names
            if name not in FLOWS and moved & set(resolve(MODEL, last, [name]).inputs)
        ]
        return [(name, f"that of the last month of each {by}") for name in found]

    def _state(self, months: Sequence[Month]) -> dict[str, float]:
        """Return the given values of some months together: sums of flows, and other values of the last."""
        last = months[-1]
        state = dict(last.state)
        for name in filter(FLOWS.__contains__, state):
            state[name] = math.fsum(month.state.get(name, 0.0) for month in months)
        state[PERIOD] = float(len(months))
        # Committed funding has come in; an overdraft is not cash at hand.
        if last.closing is not None:
            state[BALANCE] = max(last.closing, 0.0)
            state[COMMITTED] = 0.0
        if last.credits_left is not None:
            state[CREDITS] = last.credits_left
        return state

    def _plan(self, state: Mapping[str, float]) -> CompiledPlan:
        names = frozenset(state)
        if names not in self._cache:
            self._cache[names] = CompiledPlan(resolve(MODEL, names, self.names))
        return self._cache[names]

    def _values(self, state: Mapping[str, float]) -> tuple[dict[str, float | None], dict[str, Reason]]:
        plan = self._plan(state)
        values = [state[name] for name in plan.inputs]
        results = plan(values)
        reasons = plan.explained(values)[1] if None in results else {}
        return dict(zip(plan.targets, results, strict=True)), reasons

"""A projection: revenue, cost and cash by month, quarter or year, when cash runs out, what it takes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

from llmcost.analysis.ask.evaluation import Evaluation, select_metrics, why_missing
from llmcost.analysis.ask.load import load, over_months
from llmcost.analysis.projection.basis import firmness_of
from llmcost.analysis.projection.models import Cohorts, cohorts
from llmcost.analysis.projection.months import (
    BALANCE,
    BURN,
    CREDITS,
    LINES,
    NONCASH,
    PERIOD,
    PROFIT,
    Course,
    Month,
    followed,
)
from llmcost.analysis.projection.notes import remarks
from llmcost.analysis.projection.outcomes import Outcome, outcomes
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.plan import resolve
from llmcost.engine.registry import Basis, Quantity
from llmcost.engine.trace import evaluate as trace_of
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.formulas.projection import FLOWS
from llmcost.reasons import Reason
from llmcost.scenario.schedule import Schedule
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import MONTHS, month_name

By = Literal["month", "quarter", "year"]
BYS: Final[tuple[By, ...]] = get_args(By)
FLOW_COLUMNS: Final = ("revenue.total", *LINES, "cost.total", PROFIT)


class Row(NamedTuple):
    """Some months together.

    Attributes:
        first, last: their numbers.
        label: how they are called.
        flows: revenue, cost lines and operating profit by name, USD in all of these months; what is not
            there in any of them is left out.
        net_burn: cash consumed, USD; None where it is not known.
        noncash: the part of the cost that is no cash, credits left out, USD.
        credits_used: compute paid with credits, USD; None where there are none.
        funding: cash that came in from outside, USD.
        opening, closing: cash at the start and the end, USD; None where it is not known.
        metrics: the metrics asked for; None where one is undefined or cannot be derived yet.
        reasons: why those are.
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
        """Return it flat, by column name; of the flows these, None where one is not there yet."""
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


class Projection(NamedTuple):
    """The result of `project`.

    Attributes:
        scenario: what was projected.
        schedule: how many months, from when, and what moves in which.
        by: what the rows are: months, quarters or years, counted from the start.
        metrics: the metrics asked for.
        rows: the course, as far as the scenario has revenue, cost, burn or metrics.
        cash: the cash at the end of each month; empty where it is not known.
        outcomes: what it comes to, by the names of the section `project`; empty without any revenue and cost.
        models: each model as a company, where the scenario has models.
        notes: what a reader must know about how it was worked out, each with what it is about.
        basis: how firm columns, metrics and outcomes are, by name; the cash goes by that of `cash.balance`.
    """

    scenario: Scenario
    schedule: Schedule
    by: By
    metrics: tuple[Quantity, ...]
    rows: tuple[Row, ...]
    cash: tuple[float, ...]
    outcomes: Mapping[str, Outcome]
    models: Cohorts | None
    notes: tuple[tuple[str, str], ...]
    basis: Mapping[str, Basis]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row a period, as pandas and polars take them."""
        return [row.to_dict(self.flows) for row in self.rows]

    @property
    def flows(self) -> tuple[str, ...]:
        """The names of the flows that any row has: revenue and its lines, cost lines, cost, profit."""
        return tuple(name for name in FLOW_COLUMNS if any(name in row.flows for row in self.rows))


def project(
    scenario: Scenario | str,
    *,
    months: int | None = None,
    by: str = "month",
    metrics: Iterable[str] = (),
    trajectory: Sequence[str] | Mapping[str, str] = (),
) -> Projection:
    """Run a scenario through its months.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        months: how many, 1 to 1,200; without it the scenario's own `horizon_months`, else 60.
        by: what the rows are: month, quarter or year, counted from the start.
        metrics: names, sections or patterns to follow as well.
        trajectory: further trajectories as `["revenue.api=+8%/month"]` or as a mapping, over the
            scenario's own.

    Raises:
        LlmcostError: for an unknown name, for whatever is wrong with the timeline, for a month that cannot
            be worked out, and for a scenario in which there is nothing to project.
    """
    loaded = load(scenario) if isinstance(scenario, str) else scenario
    texts = [f"{k}={v}" for k, v in trajectory.items()] if isinstance(trajectory, Mapping) else trajectory
    loaded = over_months(loaded, months, texts)
    if by not in BYS:
        raise LlmcostError(Problem(f"unknown period '{by}'; allowed are {', '.join(BYS)}", "--by"))
    chosen = [name for name in select_metrics(metrics) if name not in MODEL.outcomes]
    course = Course(loaded, lines=LINES)
    found = followed(course)
    follower = _Follower(course.scenario, found, chosen)
    size = MONTHS[by]
    chunks = [found[start : start + size] for start in range(0, len(found), size)]
    models = loaded.timeline.models
    known = any(name in month.targets for month in found for name in ("revenue.total", "cost.total", BURN))
    if not known and not chosen and not models:
        message = "has neither revenue nor cost nor models to project; --metric follows what it has"
        raise LlmcostError(Problem(message, loaded.label))
    return Projection(
        scenario=course.scenario,
        schedule=course.schedule,
        by=next(item for item in BYS if item == by),
        metrics=tuple(MODEL.quantities[name] for name in chosen),
        rows=tuple(_row(chunk, course.schedule, follower) for chunk in chunks) if known or chosen else (),
        cash=tuple(month.closing for month in found if month.closing is not None),
        outcomes=_outcomes(course, found) if known else {},
        models=cohorts(models) if models else None,
        notes=(*remarks(course, found, chosen), *follower.notes(by)) if known or chosen else (),
        basis=firmness_of(course, found, FLOW_COLUMNS, chosen),
    )


def _outcomes(course: Course, months: Sequence[Month]) -> dict[str, Outcome]:
    """Return what it comes to; what cannot be worked out says what it lacks."""
    lacking = {name: Reason("lacks", (what,)) for name, what in course.lacking().items()}
    return {
        name: Outcome(None, reason=lacking[name]) if name in lacking else found
        for name, found in outcomes(months).items()
    }


def _row(months: Sequence[Month], schedule: Schedule, follower: _Follower) -> Row:
    """Add up some months."""
    flows = {}
    for name in FLOW_COLUMNS:
        amounts = [month.targets[name] for month in months if month.targets.get(name) is not None]
        if amounts:
            flows[name] = math.fsum(amount for amount in amounts if amount is not None)
    burns = [month.targets.get(BURN) for month in months]
    used = [month.credits for month in months if month.credits is not None]
    first, last = months[0].number, months[-1].number
    return Row(
        first,
        last,
        _label(first, last, schedule),
        flows,
        None if None in burns else math.fsum(burn for burn in burns if burn is not None),
        0.0 if used else math.fsum(month.state.get(NONCASH, 0.0) for month in months),
        math.fsum(used) if used else None,
        math.fsum(month.funding for month in months),
        months[0].opening,
        months[-1].closing,
        *follower.at(months),
    )


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


class _Follower:
    """Evaluates the metrics asked for over some months: flows add up, all else follows from the sums."""

    def __init__(self, scenario: Scenario, months: Sequence[Month], metrics: Sequence[str]) -> None:
        self.metrics = metrics
        self._months = months
        self._cache: dict[frozenset[str], CompiledPlan] = {}
        there = {name for month in months for name in self._plan(self._state([month])).targets}
        lost = [name for name in metrics if name not in there]
        if lost:
            evaluation = Evaluation(scenario, trace_of(MODEL, scenario.given, lost))
            label = scenario.label
            raise LlmcostError(
                *(Problem(why_missing(evaluation, name), label, subject=name) for name in lost)
            )

    def at(self, months: Sequence[Month]) -> tuple[dict[str, float | None], dict[str, Reason]]:
        """Return the metrics over these months, and why some have no value."""
        if not self.metrics:
            return {}, {}
        found, reasons = self._values(self._state(months))
        for name in self.metrics:
            if name in FLOWS:
                parts = [self._values(self._state([month]))[0].get(name) for month in months]
                there = [part for part in parts if part is not None]
                found[name] = math.fsum(there) if there else None
        metrics = {name: found.get(name) for name in self.metrics}
        nothing = (name for name, value in metrics.items() if value is None)
        return metrics, {name: reasons.get(name, Reason("not_yet")) for name in nothing}

    def notes(self, by: str) -> list[tuple[str, str]]:
        """Say which metrics are those of a period's last month: what moves them there is no flow."""
        if by == "month":
            return []
        first, last = self._months[0].state, self._months[-1].state
        states = (month.state for month in self._months)
        moved = {name for state in states for name in state if state[name] != first.get(name)} - FLOWS
        found = [
            name
            for name in self.metrics
            if name not in FLOWS and moved & set(resolve(MODEL, last, [name]).inputs)
        ]
        return [(name, f"that of the last month of each {by}") for name in found]

    def _state(self, months: Sequence[Month]) -> dict[str, float]:
        """Return the given values of some months together: the sums of flows, everything else of the last."""
        last = months[-1]
        state = dict(last.state)
        for name in state.keys() & FLOWS:
            state[name] = math.fsum(month.state.get(name, 0.0) for month in months)
        state[PERIOD] = float(len(months))
        # What was committed has come in; what is overdrawn is no cash at hand.
        if last.closing is not None:
            state[BALANCE] = max(last.closing, 0.0)
        if last.credits_left is not None:
            state[CREDITS] = last.credits_left
        return state

    def _plan(self, state: Mapping[str, float]) -> CompiledPlan:
        names = frozenset(state)
        if names not in self._cache:
            self._cache[names] = CompiledPlan(resolve(MODEL, names, self.metrics))
        return self._cache[names]

    def _values(self, state: Mapping[str, float]) -> tuple[dict[str, float | None], dict[str, Reason]]:
        plan = self._plan(state)
        values = [state[name] for name in plan.inputs]
        results = plan(values)
        reasons = plan.explained(values)[1] if None in results else {}
        return dict(zip(plan.targets, results, strict=True)), reasons

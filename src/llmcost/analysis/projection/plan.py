"""What happens in each month of a scenario, and which formulas follow: planned once, run for many inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from llmcost.analysis.ask.load import put_workload
from llmcost.analysis.projection.names import (
    BALANCE,
    BURN,
    BURN_WITHOUT_CREDITS,
    COMMITTED,
    COMPUTE_LINES,
    CORE,
    COST_LINES,
    CREDITS,
    CREDITS_PAYABLE,
    CREDITS_USED,
    ELASTICITY,
    INFERENCE_SHARE,
    NONCASH,
    ON_CASH,
    PERIOD,
    PROFIT,
    RATE,
    REVENUE,
    REVENUE_LINES,
    STOCK_COMPENSATION,
    STOCKS,
    WITHOUT_CASH,
)
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.plan import resolve
from llmcost.errors import LlmcostError, Place, Problem
from llmcost.formulas import MODEL
from llmcost.scenario.schedule import Schedule, schedule, set_in_month_1
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import Event, Growth, Reprice


class PlannedStep(NamedTuple):
    """What a trajectory does to a quantity in one month: multiply it, or put it to a value."""

    name: str
    step: float | Growth
    place: Place


class PlannedMonth(NamedTuple):
    """One month: what its trajectories and events do, and the formulas of what follows.

    Attributes:
        steps: what trajectories do, the GPU-hour rate first, as it moves other lines.
        events: what happens, in the order of the file; with a repricing, what it has to know.
        core: revenue, cost, profit, burn, what credits pay for, and the lines that were asked for.
    """

    steps: tuple[PlannedStep, ...]
    events: tuple[tuple[Event, CompiledPlan | None], ...]
    core: CompiledPlan


class Plan(NamedTuple):
    """The months of a scenario.

    Attributes:
        scenario: the scenario, its workload chosen.
        varied: inputs that are put somewhere in each run.
        schedule: what happens in which month.
        base: the stated values.
        moved: what a trajectory or an event names.
        fixed: what a trajectory says outright, so that nothing else moves it.
        bills: compute lines that go with the GPU-hour rate.
        held: totals whose part beyond the lines stays while the lines move.
        rests: what finds that part.
        draws_credits: whether credits pay for compute before cash does.
        months: the months.
    """

    scenario: Scenario
    varied: tuple[str, ...]
    schedule: Schedule
    base: Mapping[str, float]
    moved: frozenset[str]
    fixed: frozenset[str]
    bills: tuple[str, ...]
    held: tuple[str, ...]
    rests: CompiledPlan
    draws_credits: bool
    months: tuple[PlannedMonth, ...]

    def place(self, name: str) -> Place:
        """Return where it is written that a quantity moves."""
        for trajectory, _ in self.schedule.trajectories:
            if trajectory.name == name:
                return trajectory.place
        for _, event in self.schedule.events:
            for effect in event.effects:
                if effect.name == name:
                    return effect.place
        return Place()

    def lacking(self) -> dict[str, str]:
        """Return what the outcomes lack that cannot be worked out at any point, by name."""
        first, last = self.months[0].core.targets, self.months[-1].core.targets
        cash = {*self.base, *self.varied, *self.moved} & {BALANCE, COMMITTED}
        found: dict[str, str] = {}
        for name in MODEL.outcomes:
            if PROFIT not in first and name not in ON_CASH:
                found[name] = "revenue or cost"
            elif BURN not in first or BURN not in last:
                found[name] = f"{BURN}, or revenue and cost"
            elif not cash and name not in WITHOUT_CASH:
                found[name] = f"{BALANCE} or {COMMITTED}"
        return found

    def replaced(self) -> dict[str, float]:
        """Return what month 1 puts in place of what is stated, where what is stated counts for nothing else.

        A stated GPU-hour rate is the one that the bills were paid at, and a stated line is a part of a
        stated total, which says how much no line holds: both count, whatever month 1 says.
        """
        lines = {"revenue.total": REVENUE_LINES, "cost.total": (*COST_LINES, "cost.revenue_share")}
        counted = {line for total in self.held for line in lines[total]}
        if self.bills:
            counted.add(RATE)
        return {name: value for name, value in set_in_month_1(self.schedule).items() if name not in counted}


def unallocated(total: str) -> str:
    """Return the name of the part of a total that no line holds."""
    return total.replace("total", "unallocated")


def plan_months(scenario: Scenario, varied: Sequence[str] = (), lines: Sequence[str] = ()) -> Plan:
    """Plan the months of a scenario; `lines` are targets besides revenue, cost, operating profit and burn.

    Raises:
        LlmcostError: for whatever is wrong with the timeline.
    """
    scenario = put_workload(scenario, None)
    found = schedule(scenario.timeline, scenario.data, varied, scenario.absent)
    base = {name: datum.value for name, datum in scenario.data.items()}
    given = {*base, *varied}
    moved = frozenset(
        [
            *(trajectory.name for trajectory, _ in found.trajectories),
            *(effect.name for _, event in found.events for effect in event.effects),
        ]
    )
    fixed = frozenset(trajectory.name for trajectory, _ in found.trajectories if trajectory.sets_values)
    held = tuple(
        total
        for total in ("revenue.total", "cost.total")
        if total in given - moved and resolve(MODEL, given, [total.replace("total", "lines")]).targets
    )
    rests = [unallocated(total) for total in held]
    planner = _Planner(lines)
    return Plan(
        scenario,
        tuple(varied),
        found,
        base,
        moved,
        fixed,
        bills=tuple(line for line in COMPUTE_LINES if line in given and line not in fixed),
        held=held,
        rests=CompiledPlan(resolve(MODEL, given, [*held, *rests])),
        draws_credits=CREDITS in given | moved and BURN not in given | moved,
        months=tuple(planner.months(found, given - {PERIOD, *STOCKS, *held} | {*rests}, given | moved)),
    )


class _Planner:
    """Finds the formulas of each month: which are used depends on what is given, never on values."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.cache: dict[frozenset[str], CompiledPlan] = {}

    def months(self, found: Schedule, names: set[str], ever: set[str]) -> list[PlannedMonth]:
        """Return the months; `names` are those given at the start, `ever` those given at any time."""
        if CREDITS in ever and BURN not in ever:
            names.add(CREDITS)
        steps = _steps(found)
        events: list[list[Event]] = [[] for _ in steps]
        for month, event in found.events:
            events[month - 1].append(event)
        months = []
        for month_steps, month_events in zip(steps, events, strict=True):
            names |= {step.name for step in month_steps}
            planned: list[tuple[Event, CompiledPlan | None]] = []
            for event in month_events:
                names |= {effect.name for effect in event.effects if effect.name not in STOCKS}
                repricing = None
                if event.reprice is not None:
                    repricing = _plan_repricing(event.reprice, names | {PERIOD})
                planned.append((event, repricing))
            core = self.core(frozenset({*names, PERIOD}))
            months.append(PlannedMonth(tuple(month_steps), tuple(planned), core))
        return months

    def core(self, names: frozenset[str]) -> CompiledPlan:
        """Return the plan of revenue, cost, profit and burn from these given quantities."""
        if names not in self.cache:
            # A total that moves by itself must not fall below its lines.
            totals = [total for total in ("revenue.total", "cost.total") if total in names]
            credit = (BURN_WITHOUT_CREDITS, CREDITS_PAYABLE, CREDITS_USED) if CREDITS in names else ()
            wanted = (*CORE, *self.lines, *map(unallocated, totals), NONCASH, STOCK_COMPENSATION, *credit)
            self.cache[names] = CompiledPlan(resolve(MODEL, names, dict.fromkeys(wanted)))
        return self.cache[names]


def _steps(found: Schedule) -> list[list[PlannedStep]]:
    """Return what trajectories do in each month, the GPU-hour rate first: it moves other lines."""
    steps: list[list[PlannedStep]] = [[] for _ in range(found.months)]
    for trajectory, by_month in sorted(found.trajectories, key=lambda item: item[0].name != RATE):
        growth: Growth | None = None
        for month in range(1, found.months + 1):
            step = by_month.get(month)
            if isinstance(step, Growth):
                growth = step
            elif step is not None:
                growth = None
                steps[month - 1].append(PlannedStep(trajectory.name, step, trajectory.place))
            # A growth compounds from the month after the first: what is given is that of month 1.
            if growth is not None and month > 1:
                steps[month - 1].append(PlannedStep(trajectory.name, growth, trajectory.place))
    return steps


def _plan_repricing(reprice: Reprice, names: set[str]) -> CompiledPlan:
    """Return the plan of what a repricing has to know.

    Raises:
        LlmcostError: where there is nothing to reprice.
    """
    needed = REVENUE if reprice.payer == "uniform" else "revenue.api"
    if needed not in names and not resolve(MODEL, names, [needed]).targets:
        raise LlmcostError(Problem(f"there is no {needed} to reprice", *reprice.place, "reprice"))
    return CompiledPlan(resolve(MODEL, names, (REVENUE, ELASTICITY, INFERENCE_SHARE)))

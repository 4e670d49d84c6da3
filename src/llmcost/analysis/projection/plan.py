"""The plan of a scenario's months: what happens in each, and by which formulas; run for many inputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmcost.analysis.ask.load import put_workload
from llmcost.analysis.projection.names import (
    AGE,
    AGED,
    ANSWER,
    BALANCE,
    BURN,
    BURN_WITHOUT_CREDITS,
    CHARGES,
    CHURN,
    COMMITTED,
    COMPUTE_LINES,
    CORE,
    COST,
    COST_LINES,
    CREDITS,
    CREDITS_PAYABLE,
    CREDITS_USED,
    INFERENCE,
    MARGINS,
    NEEDS,
    NEW_UNITS,
    PERIOD,
    PRODUCT_FLOWS,
    PROFIT,
    RATE,
    REVENUE,
    REVENUE_LINES,
    SPEND,
    STOCKS,
    UNITS,
)
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.parts import inside, split
from llmcost.engine.plan import Plan, resolve
from llmcost.errors import LlmcostError, Place, Problem
from llmcost.formulas import MODEL
from llmcost.formulas.company import STATED_LINES
from llmcost.formulas.price_change import REPRICED
from llmcost.formulas.projection import is_column
from llmcost.reasons import Reason, Undefined
from llmcost.records import NamedTuple
from llmcost.scenario.schedule import Schedule, schedule, set_in_month_1
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import Effect, Event, Follows, Growth, Reprice, Step, Trajectory

if TYPE_CHECKING:
    from llmcost.engine.arrays import ArrayPlan

Number = Any
"""A float, or a column with a number for each draw."""

Targets = dict[str, Number]


class Formulas:
    """The formulas of some quantities, on floats or on columns of draws all at once.

    Attributes:
        inputs: the given values that they take.
        targets: the quantities that they yield.
        plan: the formulas in order.
    """

    def __init__(self, plan: Plan) -> None:
        self.inputs, self.targets = plan.inputs, plan.targets
        self.plan = plan
        self._floats: CompiledPlan | None = None
        self._columns: ArrayPlan | None = None

    def of(self, state: Mapping[str, Number]) -> Targets:
        """Return the targets by name, for given values; None if undefined, and NaN within a column."""
        values = [state[name] for name in self.inputs]
        if any(map(is_column, values)):
            return dict(zip(self.targets, self._by_numpy(values), strict=True))
        if self._floats is None:
            self._floats = CompiledPlan(self.plan)
        return dict(zip(self.targets, self._floats(values), strict=True))

    def _by_numpy(self, values: Sequence[Number]) -> Iterator[Number]:
        if self._columns is None:
            from llmcost.engine.arrays import ArrayPlan

            self._columns = ArrayPlan(self.plan)
        for found in self._columns(values):
            single = not is_column(found)
            yield (None if found != found else float(found)) if single else found


def value_of(found: Targets, name: str) -> Number:
    """Return a target.

    Raises:
        Undefined: if it has no value.
    """
    value = found.get(name)
    if value is None:
        raise Undefined(Reason("no_value", (name,)))
    return value


class PlannedStep(NamedTuple):
    """A trajectory's step in one month: it multiplies a quantity, or sets it to a value."""

    name: str
    step: float | Growth
    place: Place


class Follower(NamedTuple):
    """A quantity that follows another one, its driver, and the formulas of the driver."""

    name: str
    follows: Follows
    driver: Formulas

    def at(self, state: Mapping[str, Number]) -> Number:
        """Return the driver's value.

        Raises:
            Undefined: if it has none.
        """
        return value_of(self.driver.of(state), self.follows.driver)


class Turnover(NamedTuple):
    """Units that change from month to month, with the formulas of their churn and of new units."""

    units: str
    churn: Formulas
    new: Formulas


class PlannedMonth(NamedTuple):
    """One month: its trajectories and events, and the formulas of its results.

    Attributes:
        steps: the steps of trajectories; the GPU-hour rate first, because it moves other lines.
        followers: the quantities that follow others, each after its driver.
        events: the events in the order of the file; a repricing with the formulas of what it needs.
        buys: whether capital is bought in this month.
        core: revenue, cost, profit, burn, credits used, and the requested lines.
    """

    steps: tuple[PlannedStep, ...]
    followers: tuple[Follower, ...]
    events: tuple[tuple[Event, Formulas | None], ...]
    buys: bool
    core: Formulas


class MonthlyPlan(NamedTuple):
    """The months of a scenario.

    Attributes:
        scenario: the scenario, with a workload.
        varied: inputs whose values each run chooses.
        schedule: what happens in which month.
        base: the stated values.
        moved: quantities that a trajectory or event names.
        fixed: quantities whose values a trajectory states, so that nothing else moves them.
        bills: compute lines that move with the GPU-hour rate.
        held: totals that move with their lines, while the part that no line includes stays the same.
        rests: the formulas of that part.
        start: the formulas of the length of the period and the stocks at its end, of all parts together.
        draws_credits: whether credits pay for compute before cash does.
        turnover: the units that churn and new units move, of the scenario or its parts.
        charges: the formulas of a purchase's yearly cost and its value at some age; None without purchases.
        ages: whether capital bought before month 1 ages.
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
    rests: Formulas
    start: Formulas
    draws_credits: bool
    turnover: tuple[Turnover, ...]
    charges: Formulas | None
    ages: bool
    months: tuple[PlannedMonth, ...]

    @property
    def drivers(self) -> dict[str, str]:
        """The quantities that follow others in any month, with their drivers."""
        return {item.name: item.follows.driver for month in self.months for item in month.followers}

    def place(self, name: str) -> Place:
        """Return the place of the first trajectory, or else event, that moves a quantity."""
        effects = (effect for _, event in self.schedule.events for effect in event.effects)
        moving: list[Trajectory | Effect] = [*(item for item, _ in self.schedule.trajectories), *effects]
        return next((item.place for item in moving if item.name == name), Place())

    def lacking(self) -> dict[str, str]:
        """Return, by name, what the outcomes lack that cannot be computed for any inputs."""
        first, last = self.months[0].core.targets, self.months[-1].core.targets
        cash = {*self.start.targets, *self.moved} & {BALANCE, COMMITTED}
        found: dict[str, str] = {}
        for name, needed in NEEDS.items():
            if needed == PROFIT and PROFIT not in first:
                found[name] = "revenue or cost"
            elif BURN not in first or BURN not in last:
                found[name] = f"{BURN}, or revenue and cost"
            elif needed == BALANCE and not cash:
                found[name] = f"{BALANCE} or {COMMITTED}"
        return found

    def replaced(self) -> dict[str, float]:
        """Return the values that month 1 sets, for quantities whose stated value has no other effect.

        A stated GPU-hour rate has an effect, as the rate at which bills were paid; so has a line of a stated
        total, because it determines the part that no line includes.
        """
        lines = {"revenue.total": REVENUE_LINES, "cost.total": (*COST_LINES, "cost.revenue_share")}
        counted = {inside(prefix, line) for prefix, total in map(split, self.held) for line in lines[total]}
        if self.bills:
            counted.add(RATE)
        return {name: value for name, value in set_in_month_1(self.schedule).items() if name not in counted}


def unallocated(total: str) -> str:
    """Return the name of the part of a total that no line includes."""
    return total.replace("total", "unallocated")


def plan_months(scenario: Scenario, varied: Sequence[str] = (), lines: Sequence[str] = ()) -> MonthlyPlan:
    """Plan the months of a scenario; `lines` are targets besides revenue, cost, operating profit and burn.

    Raises:
        LlmcostError: for every problem of the timeline.
    """
    scenario = put_workload(scenario, None)
    found = schedule(scenario.timeline, scenario.data, varied, scenario.absent)
    base = {name: datum.value for name, datum in {**scenario.timeline.rates, **scenario.data}.items()}
    given = {*base, *varied}
    named = [trajectory.name for trajectory, _ in found.trajectories]
    moved = frozenset([*named, *(effect.name for _, event in found.events for effect in event.effects)])
    fixed = frozenset(trajectory.name for trajectory, _ in found.trajectories if trajectory.sets_values)
    held = tuple(
        total
        for base in (REVENUE, COST)
        for total in sorted(name for name in given - moved if split(name)[1] == base)
        if resolve(MODEL, given, [total.replace("total", "lines")]).targets
    )
    rests = [unallocated(total) for total in held]
    start = resolve(MODEL, given, (PERIOD, *STOCKS))
    draws_credits = CREDITS in {*start.targets, *moved} and BURN not in given | moved
    names = {name for name in given if split(name)[1] != PERIOD} - {*STOCKS, *held} | {*rests}
    names |= {CREDITS} if draws_credits else set()
    buying = SPEND in moved
    ever = frozenset(given | moved)
    ages = SPEND in given and not buying and AGE not in moved
    names |= {AGE} if ages else set()
    of_purchases = (*CHARGES, *(name for name in AGED if name not in ever))
    charges = resolve(MODEL, ever - {PERIOD} | {AGE}, of_purchases)
    return MonthlyPlan(
        scenario,
        tuple(varied),
        found,
        base,
        moved,
        fixed,
        bills=tuple(line for line in COMPUTE_LINES if line in given and line not in fixed),
        held=held,
        rests=Formulas(resolve(MODEL, given, [*held, *rests])),
        start=Formulas(start),
        draws_credits=draws_credits,
        turnover=tuple(_turnover(ever, {*named})),
        charges=Formulas(charges) if buying and not ever & {*CHARGES} else None,
        ages=ages,
        months=tuple(_Planner(lines).months(found, names, {*charges.targets} if buying else set())),
    )


def _turnover(ever: frozenset[str], named: Collection[str]) -> Iterator[Turnover]:
    """Yield the units that churn and new units move: stated units, of the whole or of each part.

    If a mix states its units, the mean churn of its parts counts, and their shares do not change.
    """
    for prefix in sorted({split(name)[0] for name in ever}):
        units = next((name for base in UNITS if (name := inside(prefix, base)) in ever), None)
        if units is None or units in named:
            continue
        churn, new = (Formulas(resolve(MODEL, ever, [inside(prefix, name)])) for name in (CHURN, NEW_UNITS))
        if churn.targets or new.targets:
            yield Turnover(units, churn, new)


class _Planner:
    """Chooses the formulas of each month, which depend on the given quantities, never on their values."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.cache: dict[frozenset[str], Formulas] = {}

    def months(self, found: Schedule, names: set[str], charges: set[str]) -> list[PlannedMonth]:
        """Return the months; `names` are given at the start, `charges` are added by purchases."""
        steps, follows = _steps(found), _follows(found)
        events: list[list[Event]] = [[] for _ in steps]
        for month, event in found.events:
            events[month - 1].append(event)
        buys = _purchases(found, names)
        months = []
        for number, (month_steps, month_events) in enumerate(zip(steps, events, strict=True), start=1):
            names |= {step.name for step in month_steps} | follows[number - 1].keys()
            planned: list[tuple[Event, Formulas | None]] = []
            for event in month_events:
                names |= {effect.name for effect in event.effects if effect.name not in STOCKS}
                repricing = None
                if event.reprice is not None:
                    repricing = _plan_repricing(event.reprice, names | {PERIOD})
                    if INFERENCE not in names and INFERENCE in repricing.targets:
                        names = names - MARGINS | {INFERENCE}
                planned.append((event, repricing))
            names |= charges if SPEND in names else set()
            given = frozenset({*names, PERIOD})
            followers = tuple(self.followers(follows[number - 1], given))
            months.append(
                PlannedMonth(tuple(month_steps), followers, tuple(planned), number in buys, self.core(given))
            )
        return months

    def core(self, names: frozenset[str]) -> Formulas:
        """Return the plan of revenue, cost, profit and burn from these given quantities."""
        # A total that moves independently must not fall below its lines.
        totals = [total for total in (REVENUE, COST) if total in names]
        credit = (BURN_WITHOUT_CREDITS, CREDITS_PAYABLE, CREDITS_USED) if CREDITS in names else ()
        of_product = PRODUCT_FLOWS.values() if names.isdisjoint(STATED_LINES) else ()
        return self.plan(names, (*CORE, *of_product, *self.lines, *map(unallocated, totals), *credit))

    def plan(self, names: frozenset[str], wanted: Sequence[str]) -> Formulas:
        """Return the formulas of some targets; months with the same given quantities share them."""
        key = names | {f"→{name}" for name in wanted}
        if key not in self.cache:
            self.cache[key] = Formulas(resolve(MODEL, names, dict.fromkeys(wanted)))
        return self.cache[key]

    def followers(self, follows: Mapping[str, Follows], given: frozenset[str]) -> Iterator[Follower]:
        """Yield the quantities that follow others, each after its driver.

        Raises:
            LlmcostError: for a driver that does not exist, or depends on its follower.
        """
        plans = {name: self.plan(given, (item.driver,)) for name, item in follows.items()}
        for name, item in follows.items():
            if not plans[name].targets:
                message = f"follows {item.driver}, which is not stated and cannot be derived"
                raise LlmcostError(Problem(message, *item.place, name))
        left = dict(follows)
        while left:
            ready = [name for name in left if not left.keys() & {*plans[name].inputs}]
            if not ready:
                name, item = next(iter(left.items()))
                message = f"follows {item.driver}, which depends on {name} itself"
                raise LlmcostError(Problem(message, *item.place, name))
            for name in ready:
                yield Follower(name, left.pop(name), plans[name])


def _in_force(steps: Mapping[int, Step], months: int) -> Iterator[tuple[int, Step]]:
    """Yield each month from the first step on, with the last step that has been reached."""
    step: Step | None = None
    for month in range(1, months + 1):
        step = steps.get(month, step)
        if step is not None:
            yield month, step


def _steps(found: Schedule) -> list[list[PlannedStep]]:
    """Return the steps of trajectories by month; the GPU-hour rate first, because it moves other lines."""
    steps: list[list[PlannedStep]] = [[] for _ in range(found.months)]
    for trajectory, by_month in sorted(found.trajectories, key=lambda item: item[0].name != RATE):
        for month, step in _in_force(by_month, found.months):
            # Growth starts in month 2: the given values are those of month 1.
            if (isinstance(step, float) and month in by_month) or (isinstance(step, Growth) and month > 1):
                steps[month - 1].append(PlannedStep(trajectory.name, step, trajectory.place))
    return steps


def _follows(found: Schedule) -> list[dict[str, Follows]]:
    """Return the quantities that follow others in each month."""
    months: list[dict[str, Follows]] = [{} for _ in range(found.months)]
    for trajectory, by_month in found.trajectories:
        for month, step in _in_force(by_month, found.months):
            if isinstance(step, Follows):
                months[month - 1][trajectory.name] = step
    return months


def _purchases(found: Schedule, names: Collection[str]) -> set[int]:
    """Return the months in which capital is bought.

    The stated spend is in month 1, and each step in its month; while the spend grows, there is a purchase
    every twelve months. Purchases of events are not included.
    """
    bought = {1} if SPEND in names else set()
    by_month = {trajectory.name: steps for trajectory, steps in found.trajectories}.get(SPEND, {})
    for month, step in _in_force(by_month, found.months):
        if isinstance(step, float):
            bought |= {month} & by_month.keys()
        elif bought and (month - max(bought)) % 12 == 0:
            bought.add(month)
    return bought


def _plan_repricing(reprice: Reprice, names: set[str]) -> Formulas:
    """Return the formulas of the quantities that a repricing needs.

    Raises:
        LlmcostError: if there is nothing to reprice.
    """
    repriced = [name for name in names if split(name)[1] in REPRICED[reprice.payer]]
    message = ""
    if not repriced:
        message = f"there is no {REVENUE if reprice.payer == 'uniform' else 'revenue.api'} to reprice"
    elif any(split(name)[0] for name in repriced):
        message = "multiplies the prices of one company; move the revenue of its parts by trajectories"
    if message:
        raise LlmcostError(Problem(message, *reprice.place, "reprice"))
    return Formulas(resolve(MODEL, names, (REVENUE, INFERENCE, *ANSWER)))

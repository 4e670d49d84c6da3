"""A scenario's months, one after another: its trajectories and events, the model's own formulas, and cash.

Whatever moves is a given value. What follows from it is worked out by the plan of the formulas, month by
month; the plans are compiled once, so that a course can be run for every draw of a simulation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from llmcost.analysis.ask.load import put_workload
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.plan import resolve
from llmcost.errors import LlmcostError, Place, Problem
from llmcost.formulas import MODEL
from llmcost.formulas.projection import (
    FLOWS,
    at_rate,
    closing_cash,
    credits_used,
    inference_factor,
    monthly,
    share_of_inference,
    volume_factor,
)
from llmcost.formulas.vocabulary import A_YEAR_IN_MONTHS
from llmcost.reasons import Reason, Undefined, reason_of
from llmcost.scenario.schedule import said_of_month_1, schedule
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import Change, Event, Growth, Reprice
from llmcost.scenario.values.datum import out_of_bounds
from llmcost.scenario.values.number import LARGEST

PERIOD: Final = "company.period_months"
BALANCE, COMMITTED, CREDITS = "cash.balance", "cash.committed_funding", "cash.credits"
STOCKS: Final = (BALANCE, COMMITTED, CREDITS)
NONCASH: Final = "cost.noncash"
BURN: Final = "company.net_burn_per_month"
PROFIT: Final = "company.operating_profit"
RATE: Final = "compute.paid_gpu_hour"
COMPUTE_LINES: Final = ("cost.inference", "cost.training")
REVENUE_LINES: Final = ("revenue.api", "revenue.subscription", "revenue.other")
COST_LINES: Final = (
    "cost.inference",
    "company.revenue_share",
    "cost.training",
    "cost.data",
    "cost.staff",
    "cost.sales_marketing",
    "cost.general",
    "cost.other",
    "cost.unallocated",
)
LINES: Final = (*REVENUE_LINES, "revenue.unallocated", *COST_LINES)
REVENUES: Final[tuple[str, ...]] = (*REVENUE_LINES, "revenue.total", "revenue.unallocated")
CORE: Final = ("revenue.total", "cost.total", PROFIT, BURN)
INFERENCE_SHARE: Final = "company.api_inference_share"
ELASTICITY: Final = "market.price_elasticity"
RUNWAY: Final = "project.runway_months"
ON_CASH: Final = (RUNWAY, "project.cash_low", "project.cash_end")
"""Outcomes that need no revenue and cost where the burn is stated."""
WITHOUT_CASH: Final = ("project.breakeven_month", "project.funding_needed", "project.operating_profit")
"""Outcomes that need no cash to start from."""
CLOSE: Final = 1e-9
"""Of revenue or cost, whichever is larger: a profit that is 0 but for rounding counts as none lost."""

State = dict[str, float]
Targets = dict[str, float | None]
Move = tuple[str, float, bool, Place]
"""A quantity, an amount, whether it is a factor (else the value to put there), and where it was written."""


class Broken(Undefined):
    """A month that cannot be worked out, and where that was written."""

    def __init__(self, message: str, place: Place, subject: str) -> None:
        super().__init__(Reason("month_fails", (subject, message)))
        self.problem = Problem(message, *place, subject)


class Month(NamedTuple):
    """One month of a course; what a scenario does not say is None.

    Attributes:
        number: counted from 1.
        state: every given value, flows those of the month.
        targets: what follows from it, by name: revenue, cost, operating profit, net burn and cost lines.
        credits: credits used up for compute, USD.
        funding: cash that came in from outside, USD; it comes at the start of the month.
        opening, closing: cash, USD.
        credits_left: credits at the end, USD.
    """

    number: int
    state: Mapping[str, float]
    targets: Mapping[str, float | None]
    credits: float | None
    funding: float
    opening: float | None
    closing: float | None
    credits_left: float | None


class _Plans(NamedTuple):
    """The compiled plans of one set of given quantities: what compute costs is needed ahead of the rest."""

    core: CompiledPlan
    compute: CompiledPlan | None


class Course:
    """Runs through a scenario's months wherever its varied inputs are put.

    Attributes:
        scenario: the scenario, its workload chosen.
        varied: the inputs that are put somewhere, in the order in which their values are passed.
        schedule: what happens in which month.
        draws_credits: whether compute is paid with credits as long as there are any.
        held: totals whose part beyond the lines is held while the lines move.
        bills: compute lines that go with the GPU-hour rate.
    """

    def __init__(self, scenario: Scenario, varied: Sequence[str] = (), lines: Sequence[str] = ()) -> None:
        """Plan a course; `lines` are targets besides revenue, cost, operating profit and net burn.

        Raises:
            LlmcostError: for whatever is wrong with the timeline.
        """
        self.scenario = put_workload(scenario, None)
        self.varied = tuple(varied)
        timeline, data = self.scenario.timeline, self.scenario.data
        self.schedule = schedule(timeline, data, varied, self.scenario.absent)
        self._base = {name: datum.value for name, datum in self.scenario.data.items()}
        motions = [motion for motion, _ in self.schedule.motions]
        changes = [change for _, event in self.schedule.events for change in event.changes]
        self._stated = frozenset(motion.name for motion in motions if motion.stated)
        given = {*self._base, *self.varied}
        self.bills = tuple(line for line in COMPUTE_LINES if line in given and line not in self._stated)
        self._moved = {motion.name for motion in motions} | {change.name for change in changes}
        self.held = tuple(
            f"{section}.total"
            for section in ("revenue", "cost")
            if f"{section}.total" in given - self._moved
            and resolve(MODEL, given, [f"{section}.lines"]).targets
        )
        rests = [total.replace("total", "unallocated") for total in self.held]
        self._rests = CompiledPlan(resolve(MODEL, given, [*self.held, *rests]))
        ever = given | self._moved
        self.draws_credits = CREDITS in ever and not ever & {NONCASH, BURN}
        self._lines = tuple(lines)
        self._events: dict[int, list[Event]] = {}
        for month, event in self.schedule.events:
            self._events.setdefault(month, []).append(event)
        self._moves = self._by_month()
        self._cache: dict[frozenset[str], _Plans] = {}
        self._repricing: dict[int, CompiledPlan] = {}
        self._plans = self._per_month(given, rests)
        self._checked = [(name, MODEL.quantities[name]) for name in sorted(self._moved - {*STOCKS})]

    def _by_month(self) -> list[list[Move]]:
        """Return what trajectories do in each month, the GPU-hour rate first: it moves other lines."""
        moves: list[list[Move]] = [[] for _ in range(self.schedule.months)]
        ordered = sorted(self.schedule.motions, key=lambda item: item[0].name != RATE)
        for motion, steps in ordered:
            growth: float | None = None
            for month in range(1, self.schedule.months + 1):
                step = steps.get(month)
                if isinstance(step, Growth):
                    growth = step.factor
                elif step is not None:
                    growth = None
                    moves[month - 1].append((motion.name, step, False, motion.place))
                # A growth compounds from the month after the first: what is given is that of month 1.
                if growth is not None and month > 1:
                    moves[month - 1].append((motion.name, growth, True, motion.place))
        return moves

    def _per_month(self, given: set[str], rests: Iterable[str]) -> list[_Plans]:
        """Return each month's plans: which formulas are used depends on what is given, never on values."""
        names = given - {PERIOD, *STOCKS, *self.held} | set(rests)
        if self.draws_credits:
            names.add(NONCASH)
        found = []
        for month, moves in enumerate(self._moves, start=1):
            names |= {name for name, _, _, _ in moves}
            for event in self._events.get(month, ()):
                names |= {change.name for change in event.changes if change.name not in STOCKS}
                if event.reprice is not None:
                    self._repricing[id(event)] = self._plan_repricing(event.reprice, names | {PERIOD})
            found.append(self._planned(frozenset({*names, PERIOD})))
        return found

    def _planned(self, names: frozenset[str]) -> _Plans:
        if names not in self._cache:
            # A total that moves by itself must not fall below its lines.
            totals = [s for s in ("revenue", "cost") if f"{s}.total" in names]
            wanted = (*CORE, *self._lines, *(f"{s}.unallocated" for s in totals))
            compute = resolve(MODEL, names, ["cost.compute"])
            self._cache[names] = _Plans(
                CompiledPlan(resolve(MODEL, names, dict.fromkeys(wanted))),
                CompiledPlan(compute) if self.draws_credits and compute.targets else None,
            )
        return self._cache[names]

    def _plan_repricing(self, reprice: Reprice, names: set[str]) -> CompiledPlan:
        """Return the plan of what a repricing has to know.

        Raises:
            LlmcostError: where there is nothing to reprice.
        """
        needed = "revenue.total" if reprice.payer == "uniform" else "revenue.api"
        if needed not in names and not resolve(MODEL, names, [needed]).targets:
            raise LlmcostError(Problem(f"there is no {needed} to reprice", *reprice.place, "reprice"))
        return CompiledPlan(resolve(MODEL, names, ("revenue.total", ELASTICITY, INFERENCE_SHARE)))

    def lacking(self) -> dict[str, str]:
        """Return what the outcomes lack that cannot be worked out at any point, by name."""
        first, last = self._plans[0].core.targets, self._plans[-1].core.targets
        cash = {*self._base, *self.varied, *self._moved} & {BALANCE, COMMITTED}
        found: dict[str, str] = {}
        for name in MODEL.outcomes:
            if PROFIT not in first and name not in ON_CASH:
                found[name] = "revenue or cost"
            elif BURN not in first or BURN not in last:
                found[name] = f"{BURN}, or revenue and cost"
            elif not cash and name not in WITHOUT_CASH:
                found[name] = f"{BALANCE} or {COMMITTED}"
        return found

    def run(self, values: Sequence[float] = ()) -> list[Month]:
        """Return the months, one after another.

        Raises:
            Undefined: with the reason, where a month cannot be worked out.
        """
        state = self._base | dict(zip(self.varied, values, strict=True))
        period = state.pop(PERIOD, A_YEAR_IN_MONTHS)
        self._hold(state)
        cash, left = state.pop(BALANCE, None), state.pop(CREDITS, None)
        committed = state.pop(COMMITTED, None)
        pending = committed or 0.0
        if cash is None and committed is not None:
            cash = 0.0
        for name in state:
            if name in FLOWS:
                state[name] = monthly(state[name], period)
        state[PERIOD] = 1.0
        months: list[Month] = []
        for number, (moves, plans) in enumerate(zip(self._moves, self._plans, strict=True), start=1):
            for name, amount, is_factor, place in moves:
                self._put(state, name, self._moved_to(state, name, amount, is_factor, period), place, number)
            opening, funding, pending = cash, pending, 0.0
            for event in self._events.get(number, ()):
                for change in sorted(event.changes, key=lambda change: change.name != RATE):
                    if change.name == CREDITS:
                        left = _stock(left or 0.0, change, number)
                    elif change.name == BALANCE:
                        opening = opening or 0.0
                        before = opening + funding
                        funding += _changed(before, change, 1.0) - before
                    elif change.name == COMMITTED:
                        opening = opening or 0.0
                        before, committed = committed or 0.0, _stock(committed or 0.0, change, number)
                        funding += committed - before
                    else:
                        parts = period if change.name in FLOWS else 1.0
                        value = _changed(state.get(change.name, 0.0), change, parts)
                        self._put(state, change.name, value, change.place, number)
                if event.reprice is not None:
                    self._reprice(state, event.reprice, self._repricing[id(event)], number)
            self._check(state, number)
            used: float | None = None
            if self.draws_credits:
                used = 0.0
                if plans.compute is not None and left is not None:
                    used = credits_used(left, _value(_targets(plans.compute, state), "cost.compute"))
                    left -= used
                state[NONCASH] = used
            targets = _targets(plans.core, state)
            self._check_totals(targets, number)
            burn = targets.get(BURN)
            if burn is None and BURN in targets:
                raise Undefined(Reason("undefined_in_month", (BURN, number)))
            cash = None if opening is None or burn is None else closing_cash(opening, burn, funding)
            months.append(Month(number, dict(state), targets, used, funding, opening, cash, left))
        return months

    def _hold(self, state: State) -> None:
        """Put the part that no line holds in place of a stated total, which then moves with its lines."""
        if not self.held:
            return
        found = dict(
            zip(self._rests.targets, self._rests([state[n] for n in self._rests.inputs]), strict=True)
        )
        for total in self.held:
            rest = found[total.replace("total", "unallocated")]
            if rest is None or rest < -CLOSE * state[total]:
                raise Undefined(Reason("below_lines", (total,)))
            state[total.replace("total", "unallocated")] = max(rest, 0.0)
            del state[total]

    def _moved_to(self, state: State, name: str, amount: float, is_factor: bool, period: float) -> float:
        if is_factor:
            return state[name] * amount
        return monthly(amount, period) if name in FLOWS else amount

    def _put(self, state: State, name: str, value: float, place: Place, number: int) -> None:
        """Move one quantity; the compute bill goes with the GPU-hour rate that is paid."""
        before = state.get(name)
        state[name] = value
        if name == RATE and value != before:
            for line in COMPUTE_LINES:
                if line in state and line not in self._stated:
                    if before is None:
                        # A rate that is first said in month 1 is the one that the bills were paid at.
                        if number == 1:
                            continue
                        message = f"is not given before month {number}, so that no bill follows from it"
                        raise Broken(message, place, name)
                    try:
                        self._line(state, line, at_rate(state[line], value, before))
                    except ZeroDivisionError:
                        message = f"rises from 0 in month {number}, so that no bill follows from it"
                        raise Broken(message, place, name) from None

    def _line(self, state: State, line: str, value: float) -> None:
        """Move a cost line, and a total that is stated besides it by as much."""
        if "cost.total" in state and "cost.total" not in self._stated:
            state["cost.total"] += value - state[line]
        state[line] = value

    def _reprice(self, state: State, reprice: Reprice, plan: CompiledPlan, number: int) -> None:
        """Multiply prices: revenue goes as m^(1−ε), the inference cost of what is repriced as m^−ε."""
        found = _targets(plan, state)
        elasticity = _value(found, ELASTICITY)
        try:
            volume = volume_factor(reprice.multiplier, elasticity)
        except OverflowError:
            message = f"demand is too large to represent from month {number} on"
            raise Broken(message, reprice.place, "reprice") from None
        if elasticity and "cost.inference" not in state:
            raise Broken(str(Reason("no_inference")), reprice.place, "reprice")
        revenue = before = _value(found, "revenue.total")
        if reprice.payer == "uniform":
            names = [name for name in REVENUES if name in state]
            share: float | None = 1.0
            revenue *= reprice.multiplier * volume
        else:
            names = ["revenue.api"]
            share = self._inference_share(state, found, reprice, volume, number)
            gained = state["revenue.api"] * (reprice.multiplier * volume - 1)
            revenue += gained
            if "revenue.total" in state:
                state["revenue.total"] += gained
        for name in names:
            state[name] *= reprice.multiplier * volume
        if "cost.inference" in state and share is not None:
            factor = inference_factor(share, volume)
            self._line(state, "cost.inference", state["cost.inference"] * factor)
            if reprice.payer == "api-only" and factor:
                state[INFERENCE_SHARE] = share_of_inference(share, volume)
        # The revenue share is owed on each dollar of revenue; at a rate it follows by itself.
        for name in ("cost.revenue_share", "company.revenue_share"):
            if name in state and before:
                self._line(state, name, state[name] * revenue / before)

    def _inference_share(
        self, state: State, found: Targets, reprice: Reprice, volume: float, number: int
    ) -> float | None:
        """Return the API's share of the inference cost; None where there is none and nothing hangs on it.

        An earlier repricing has put it in the state: with the new price, revenue does not show it any more.
        """
        if "cost.inference" not in state:
            return None
        share = state.get(INFERENCE_SHARE, found.get(INFERENCE_SHARE))
        if share is None and state["cost.inference"] and volume != 1:
            message = (
                f"in month {number} there is no revenue to take the API's share of cost.inference from; "
                f"state {INFERENCE_SHARE}"
            )
            raise Broken(message, reprice.place, "reprice")
        return share

    def _check(self, state: State, number: int) -> None:
        for name, quantity in self._checked:
            value = state.get(name)
            if value is None or (0 <= value <= LARGEST and quantity.high is None):
                continue
            fault = out_of_bounds(value, quantity)
            if abs(value) > LARGEST:
                fault = f"is too large; the limit is {LARGEST:.0e}"
            if fault:
                raise Broken(f"in month {number} it {fault}", self._place(name), name)

    def _place(self, name: str) -> Place:
        """Where it is written that a quantity moves."""
        motions: Iterable[Place] = (
            motion.place for motion, _ in self.schedule.motions if motion.name == name
        )
        events = (c.place for _, event in self.schedule.events for c in event.changes if c.name == name)
        return next(itertools.chain(motions, events), Place())

    def _check_totals(self, targets: Targets, number: int) -> None:
        for section in ("revenue", "cost"):
            rest, total = targets.get(f"{section}.unallocated"), targets.get(f"{section}.total")
            if rest is not None and total is not None and rest < -CLOSE * total:
                name = f"{section}.total"
                raise Broken(f"in month {number} it is below the sum of its lines", self._place(name), name)


def _changed(before: float, change: Change, parts: float) -> float:
    """Return what an event makes of a value; an amount is that of a whole period of so many parts."""
    if change.kind == "set":
        return change.amount / parts
    return before + change.amount / parts if change.kind == "add" else before * change.amount


def _stock(before: float, change: Change, number: int) -> float:
    """Return what an event makes of credits or of committed funding, of which nobody can have less than none.

    Raises:
        Broken: where it takes away more than there is.
    """
    after = _changed(before, change, 1.0)
    if after < -CLOSE * before:
        message = f"in month {number} only {before:.12g} is left to take from, got '{change.text}'"
        raise Broken(message, change.place, change.name)
    return max(after, 0.0)


def _targets(plan: CompiledPlan, state: Mapping[str, float]) -> Targets:
    return dict(zip(plan.targets, plan([state[name] for name in plan.inputs]), strict=True))


def _value(found: Targets, name: str) -> float:
    value = found.get(name)
    if value is None:
        raise Undefined(Reason("no_value", (name,)))
    return value


def check_course(scenario: Scenario) -> list[Month]:
    """Run a scenario through its months, for whatever is wrong on the way.

    Raises:
        LlmcostError: for what contradicts something else or does not exist, and for the first month that
            cannot be worked out, each at its place.
    """
    return followed(Course(scenario))


def followed(course: Course) -> list[Month]:
    """Return the months of a course where all inputs stand.

    Raises:
        LlmcostError: for the first month that cannot be worked out, at its place.
    """
    try:
        return course.run()
    except Broken as broken:
        raise LlmcostError(broken.problem) from None
    except ArithmeticError as error:
        raise LlmcostError(Problem(str(reason_of(error)), course.scenario.label)) from None


def check_reach(
    metric: str, end: float, scenario: Scenario, option: str, *, sure_at_horizon: bool = True
) -> None:
    """Refuse to ask for a runway that no projection of this length can show.

    Args:
        metric: what is asked for.
        end: the runway that it is held against.
        scenario: whose horizon counts.
        option: where it was asked for.
        sure_at_horizon: whether a runway of the horizon or more can be told from `end` at the horizon.

    Raises:
        LlmcostError: naming the months that it takes.
    """
    length = scenario.timeline.length
    if metric == RUNWAY and (end > length or (end == length and not sure_at_horizon)):
        message = f"{metric} is counted up to the horizon of {length} months; --months sets another"
        raise LlmcostError(Problem(message, option))


def replaced(course: Course) -> dict[str, float]:
    """Return what month 1 puts in place of what is stated, where what is stated counts for nothing else.

    A stated GPU-hour rate is the one that the bills were paid at, and a stated line is a part of a stated
    total, which says how much no line holds: both count, whatever month 1 says.
    """
    lines = {"revenue.total": REVENUE_LINES, "cost.total": (*COST_LINES, "cost.revenue_share")}
    counted = {line for total in course.held for line in lines[total]}
    if course.bills:
        counted.add(RATE)
    return {name: value for name, value in said_of_month_1(course.schedule).items() if name not in counted}


def check_varied(scenario: Scenario, names: Sequence[str], option: str) -> None:
    """Refuse to vary what is stated of a quantity to which month 1 gives another value.

    Raises:
        LlmcostError: naming each.
    """
    said = replaced(Course(scenario, names))
    message = "month 1 takes it from the trajectory or an event, so that varying it moves nothing"
    problems = [Problem(message, option, subject=name) for name in names if name in said]
    if problems:
        raise LlmcostError(*problems)


def course_targets(scenario: Scenario) -> tuple[str, ...]:
    """Return the quantities that a scenario's course depends on directly."""
    timeline = scenario.timeline
    targets = [*CORE, "cost.compute", *STOCKS, PERIOD]
    if any(event.reprice is not None for event in timeline.events or ()):
        targets += [ELASTICITY, INFERENCE_SHARE, "revenue.api"]
    targets += [name for name, motion in timeline.motions.items() if motion is not None]
    return tuple(dict.fromkeys(targets))


def leading(scenario: Scenario) -> tuple[str, ...]:
    """Return the given quantities that a scenario's course depends on."""
    return resolve(MODEL, scenario.data, course_targets(scenario)).inputs

"""The months of a scenario, one after another: what moves, what follows by the formulas, and the cash.

Whatever moves is a given value. What follows from it is worked out by the plan of the formulas, month by
month, so that a run can be repeated for every draw of a simulation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from llmcost.analysis.projection.names import (
    BALANCE,
    BURN,
    COMMITTED,
    COMPUTE_LINES,
    COST,
    CREDITS,
    CREDITS_USED,
    ELASTICITY,
    INFERENCE,
    INFERENCE_SHARE,
    PERIOD,
    PROFIT,
    RATE,
    REVENUE,
    STOCKS,
)
from llmcost.analysis.projection.plan import Plan, PlannedMonth, PlannedStep, plan_months, unallocated
from llmcost.engine.arithmetic import largest
from llmcost.engine.compiled import CompiledPlan
from llmcost.errors import Place, Problem
from llmcost.formulas import MODEL
from llmcost.formulas.price_change import after_price_change, share_of_inference, volume_factor
from llmcost.formulas.projection import (
    CLOSE,
    FLOWS,
    at_rate,
    closing_cash,
    growth_factor,
    monthly,
    settled,
)
from llmcost.formulas.vocabulary import A_YEAR_IN_MONTHS
from llmcost.reasons import Reason, Undefined
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import Effect, Event, Growth, Reprice
from llmcost.scenario.values.number import LARGEST, out_of_bounds

Number = Any
State = dict[str, Number]
Targets = dict[str, Number]


class Broken(Undefined):
    """A month that cannot be worked out, and where that was written."""

    def __init__(self, message: str, place: Place, subject: str) -> None:
        super().__init__(Reason("month_fails", (subject, message)))
        self.problem = Problem(message, *place, subject)


class Month(NamedTuple):
    """One month of a projection; what a scenario does not say is None.

    Attributes:
        number: counted from 1.
        state: every given value at the start of the month, flows those of the month.
        targets: what follows, by name: revenue, cost, operating profit, net burn and cost lines.
        credits: credits used up for compute, USD.
        funding: cash that came in from outside, USD; it comes at the start of the month.
        opening, closing: cash, USD.
        credits_left: credits at the end, USD.
    """

    number: int
    state: Mapping[str, Number]
    targets: Mapping[str, Number]
    credits: Number
    funding: Number
    opening: Number
    closing: Number
    credits_left: Number


class Projector:
    """Runs a scenario through its months wherever its varied inputs are put.

    Attributes:
        plan: what happens in which month.
    """

    def __init__(self, scenario: Scenario, varied: Sequence[str] = (), lines: Sequence[str] = ()) -> None:
        """Plan the months; `lines` are followed besides revenue, cost, operating profit and net burn.

        Raises:
            LlmcostError: for whatever is wrong with the timeline.
        """
        self.plan = plan_months(scenario, varied, lines)
        self._checked = [(name, MODEL.quantities[name]) for name in sorted(self.plan.moved - {*STOCKS})]

    def run(self, values: Sequence[Number] = ()) -> list[Month]:
        """Return the months, one after another.

        Raises:
            Undefined: with the reason, where a month cannot be worked out.
        """
        state = dict(self.plan.base) | dict(zip(self.plan.varied, values, strict=True))
        run = _Run(self.plan, state)
        months = []
        for number, planned in enumerate(self.plan.months, start=1):
            run.move(number, planned)
            self._check(run.state, number)
            months.append(run.follow(number, planned.core))
        return months

    def _check(self, state: State, number: int) -> None:
        """Refuse what has moved out of its bounds."""
        for name, quantity in self._checked:
            value = state.get(name)
            if value is None or (0 <= value <= LARGEST and quantity.high is None):
                continue
            fault = out_of_bounds(value, quantity)
            if abs(value) > LARGEST:
                fault = f"is too large; the limit is {LARGEST:.0e}"
            if fault:
                raise Broken(f"in month {number} it {fault}", self.plan.place(name), name)


class _Run:
    """One run: the given values of the month that it has come to, cash and credits."""

    def __init__(self, plan: Plan, state: State) -> None:
        self.plan = plan
        self.state = state
        self.period = state.pop(PERIOD, A_YEAR_IN_MONTHS)
        self._hold()
        self.cash, self.committed = state.pop(BALANCE, None), state.pop(COMMITTED, None)
        self.credits = state.pop(CREDITS, None)
        if plan.draws_credits and self.credits is None:
            self.credits = 0.0
        self.funding: Number = 0.0
        self.pending: Number = self.committed or 0.0
        if self.cash is None and self.committed is not None:
            self.cash = 0.0
        for name in state.keys() & FLOWS:
            state[name] = monthly(state[name], self.period)
        state[PERIOD] = 1.0

    def _hold(self) -> None:
        """Put the part that no line holds in place of a stated total, which then moves with its lines."""
        if not self.plan.held:
            return
        found = _targets(self.plan.rests, self.state)
        for total in self.plan.held:
            rest = found[unallocated(total)]
            if rest is None or rest < -CLOSE * self.state[total]:
                raise Undefined(Reason("below_lines", (total,)))
            self.state[unallocated(total)] = largest(rest, 0.0)
            del self.state[total]

    def move(self, number: int, planned: PlannedMonth) -> None:
        """Do what trajectories and events do in a month."""
        for item in planned.steps:
            self._put(item.name, self._after(item), item.place, number)
        self.funding, self.pending = self.pending, 0.0
        for event, knowledge in planned.events:
            self._happen(event, number)
            if event.reprice is not None and knowledge is not None:
                self._reprice(event.reprice, _targets(knowledge, self.state), number)
        if self.plan.draws_credits:
            self.state[CREDITS] = self.credits

    def follow(self, number: int, core: CompiledPlan) -> Month:
        """Work out what follows in a month, and what becomes of cash and credits."""
        targets = _targets(core, self.state)
        self._check_totals(targets, number)
        revenue, cost = targets.get(REVENUE), targets.get(COST)
        for name in (PROFIT, BURN):
            if targets.get(name) is not None and revenue is not None and cost is not None:
                targets[name] = settled(targets[name], revenue, cost)
        burn = targets.get(BURN)
        if burn is None and BURN in targets:
            raise Undefined(Reason("undefined_in_month", (BURN, number)))
        used = targets.get(CREDITS_USED) if self.plan.draws_credits else None
        opening, self.cash = (
            self.cash,
            None if self.cash is None or burn is None else closing_cash(self.cash, burn, self.funding),
        )
        if used is not None:
            self.credits = settled(self.credits - used, self.credits)
        return Month(number, dict(self.state), targets, used, self.funding, opening, self.cash, self.credits)

    def _after(self, item: PlannedStep) -> Number:
        """Return what a trajectory makes of a quantity."""
        if isinstance(item.step, Growth):
            return self.state[item.name] * growth_factor(item.step.rate, item.step.months)
        return monthly(item.step, self.period) if item.name in FLOWS else item.step

    def _put(self, name: str, value: Number, place: Place, number: int) -> None:
        """Put a quantity to a value; the compute bill goes with the GPU-hour rate that is paid."""
        before = self.state.get(name)
        self.state[name] = value
        if name != RATE or value == before:
            return
        for line in COMPUTE_LINES:
            if line in self.state and line not in self.plan.fixed:
                if before is None:
                    # A rate that is first said in month 1 is the one that the bills were paid at.
                    if number == 1:
                        continue
                    message = f"is not given before month {number}, so that no bill follows from it"
                    raise Broken(message, place, name)
                if before == 0:
                    message = f"rises from 0 in month {number}, so that no bill follows from it"
                    raise Broken(message, place, name)
                self._line(line, at_rate(self.state[line], value, before))

    def _line(self, line: str, value: Number) -> None:
        """Put a cost line to a value, and a total that is stated besides it up or down by as much."""
        if COST in self.state and COST not in self.plan.fixed:
            self.state[COST] += value - self.state[line]
        self.state[line] = value

    def _happen(self, event: Event, number: int) -> None:
        """Do what an event does to quantities, the GPU-hour rate first."""
        for effect in sorted(event.effects, key=lambda effect: effect.name != RATE):
            if effect.name == CREDITS:
                self.credits = _stock(self.credits or 0.0, effect, number)
            elif effect.name == BALANCE:
                self.cash = self.cash or 0.0
                before = self.cash + self.funding
                self.funding += _changed(before, effect, 1.0) - before
            elif effect.name == COMMITTED:
                self.cash = self.cash or 0.0
                before, self.committed = (
                    self.committed or 0.0,
                    _stock(self.committed or 0.0, effect, number),
                )
                self.funding += self.committed - before
            else:
                parts = self.period if effect.name in FLOWS else 1.0
                value = _changed(self.state.get(effect.name, 0.0), effect, parts)
                self._put(effect.name, value, effect.place, number)

    def _reprice(self, reprice: Reprice, known: Targets, number: int) -> None:
        """Multiply prices: what that does to the lines is the economics of `formulas.price_change`."""
        elasticity, revenue = _value(known, ELASTICITY), _value(known, REVENUE)
        try:
            volume = volume_factor(reprice.multiplier, elasticity)
        except OverflowError:
            message = f"demand is too large to represent from month {number} on"
            raise Broken(message, reprice.place, "reprice") from None
        share: Number = None
        if INFERENCE in self.state:
            share = (
                1.0 if reprice.payer == "uniform" else self._inference_share(reprice, known, volume, number)
            )
        elif elasticity:
            raise Broken(str(Reason("no_inference")), reprice.place, "reprice")
        after = after_price_change(self.state, revenue, reprice.payer, reprice.multiplier, volume, share)
        for name, value in after.items():
            if name.startswith("revenue."):
                self.state[name] = value
            else:
                self._line(name, value)
        if reprice.payer == "api-only" and share is not None and (share != 1 or volume):
            self.state[INFERENCE_SHARE] = share_of_inference(share, volume)

    def _inference_share(self, reprice: Reprice, known: Targets, volume: Number, number: int) -> Number:
        """Return the API's share of the inference cost; None where there is none and nothing hangs on it.

        An earlier repricing has put it in the state: with the new price, revenue does not show it any more.
        """
        share = self.state.get(INFERENCE_SHARE, known.get(INFERENCE_SHARE))
        if share is None and self.state[INFERENCE] and volume != 1:
            message = (
                f"in month {number} there is no revenue to take the API's share of cost.inference from; "
                f"state {INFERENCE_SHARE}"
            )
            raise Broken(message, reprice.place, "reprice")
        return share

    def _check_totals(self, targets: Targets, number: int) -> None:
        """Refuse a total that moves by itself and falls below its lines."""
        for total in (REVENUE, COST):
            rest, whole = targets.get(unallocated(total)), targets.get(total)
            if rest is not None and whole is not None and rest < -CLOSE * whole:
                message = f"in month {number} it is below the sum of its lines"
                raise Broken(message, self.plan.place(total), total)


def _changed(before: Number, effect: Effect, parts: Number) -> Number:
    """Return what an event makes of a value; an amount is that of a whole period of so many parts."""
    if effect.kind == "set":
        return effect.amount / parts
    return before + effect.amount / parts if effect.kind == "add" else before * effect.amount


def _stock(before: Number, effect: Effect, number: int) -> Number:
    """Return what an event makes of credits or of committed funding, of which nobody can have less than none.

    Raises:
        Broken: where it takes away more than there is.
    """
    after = _changed(before, effect, 1.0)
    if after < -CLOSE * before:
        message = f"in month {number} only {before:.12g} is left to take from, got '{effect.text}'"
        raise Broken(message, effect.place, effect.name)
    return largest(after, 0.0)


def _targets(plan: CompiledPlan, state: Mapping[str, Number]) -> Targets:
    return dict(zip(plan.targets, plan([state[name] for name in plan.inputs]), strict=True))


def _value(found: Targets, name: str) -> Number:
    value = found.get(name)
    if value is None:
        raise Undefined(Reason("no_value", (name,)))
    return value

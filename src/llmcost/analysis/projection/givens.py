"""The given values of each month, moved by trajectories, events, prices and drivers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from llmcost.analysis.projection.capital import Capital
from llmcost.analysis.projection.names import (
    AGE,
    BALANCE,
    COMMITTED,
    COMPUTE_LINES,
    COST,
    CREDITS,
    ELASTICITY,
    FREE,
    INFERENCE,
    INFERENCE_SHARE,
    MARGINS,
    PERIOD,
    RATE,
    REVENUE,
    SPEND,
    STOCKS,
)
from llmcost.analysis.projection.plan import (
    Follower,
    Formulas,
    MonthlyPlan,
    Number,
    PlannedMonth,
    PlannedStep,
    Targets,
    Turnover,
    unallocated,
    value_of,
)
from llmcost.engine.arithmetic import largest, where
from llmcost.engine.parts import split
from llmcost.errors import Place, Problem
from llmcost.formulas.price_change import after_price_change, share_of_inference, volume_factor
from llmcost.formulas.projection import (
    CLOSE,
    FLOWS,
    growth_factor,
    is_column,
    is_nan,
    monthly,
    times,
    units_after,
)
from llmcost.formulas.vocabulary import MONTHS_PER_YEAR
from llmcost.reasons import Reason, Undefined
from llmcost.scenario.timeline import Effect, Event, Growth, Reprice

State = dict[str, Number]


class Broken(Undefined):
    """A month that cannot be computed, with the place in the file that causes it."""

    def __init__(self, message: str, place: Place, subject: str) -> None:
        super().__init__(Reason("month_fails", (subject, message)))
        self.problem = Problem(message, *place, subject)


class Givens:
    """The given values of the current month of a run.

    Attributes:
        plan: what happens in which month.
        state: every given value except stocks; flows are per month.
        cash, credits: the amounts at hand, USD; None if unknown.
        funding: the cash that comes in from outside this month, USD.
        lost: the draws of a column in which something cannot be computed.
    """

    def __init__(self, plan: MonthlyPlan, state: State) -> None:
        self.plan = plan
        self.state = state
        self.lost: Number = False
        self._factors: dict[str, Number] = {}
        start = plan.start.of(state)
        self.period = value_of(start, PERIOD)
        self._hold()
        self.cash, self.committed, self.credits = map(start.get, (BALANCE, COMMITTED, CREDITS))
        for name in [name for name in state if name in STOCKS or split(name)[1] == PERIOD]:
            del state[name]
        if plan.draws_credits and self.credits is None:
            self.credits = 0.0
        self.capital = None if plan.charges is None else Capital(plan.charges, state.get(SPEND))
        self.age = state.get(AGE, 0.0)
        self.followed: dict[str, Number] = {}
        """By follower, the value of its driver so far."""
        self.funding: Number = 0.0
        self.pending: Number = _or_nothing(self.committed)
        if self.cash is None and self.committed is not None:
            self.cash = 0.0
        for name in filter(FLOWS.__contains__, state):
            state[name] = monthly(state[name], self.period)
        state[PERIOD] = 1.0

    def _hold(self) -> None:
        """Replace a stated total by the part that no line includes, so that it moves with its lines."""
        if not self.plan.held:
            return
        found = self.plan.rests.of(self.state)
        for total in self.plan.held:
            below = Undefined(Reason("below_lines", (total,)))
            rest = found[unallocated(total)]
            if rest is None:
                raise below
            self.refuse((rest < -CLOSE * self.state[total]) | is_nan(rest), below)
            self.state[unallocated(total)] = largest(rest, 0.0)
            del self.state[total]

    def refuse(self, failed: Number, error: Undefined | Broken) -> None:
        """Stop if something cannot be computed; for columns, record in which draws.

        Raises:
            Undefined: the error, unless there are columns.
        """
        if is_column(failed):
            self.lost = self.lost | failed
        elif failed:
            raise error

    def move(self, number: int, planned: PlannedMonth) -> None:
        """Apply the trajectories and events of a month."""
        self._begin(planned.followers)
        if self.capital is not None:
            self.state |= self.capital.begin()
        if self.plan.ages:
            self.state[AGE] = self.age + number / MONTHS_PER_YEAR
        if number > 1:
            # All at once from the month before: a mean of churns is weighted by the units before.
            self.state |= {item.units: self._turned_over(item) for item in self.plan.turnover}
        for item in planned.steps:
            self._put(item.name, self._after(item), item.place, number)
        self._go_along(planned.followers, number)
        self.funding, self.pending = self.pending, 0.0
        for event, knowledge in planned.events:
            self._happen(event, planned.followers, number)
            if event.reprice is not None and knowledge is not None:
                self._reprice(event.reprice, knowledge.of(self.state), planned.followers, number)
        if self.capital is not None:
            self.state |= self.capital.end(number, self.state, buys=planned.buys)
        if self.plan.draws_credits:
            self.state[CREDITS] = self.credits

    def _after(self, item: PlannedStep) -> Number:
        """Return the next value of a quantity by a trajectory."""
        if isinstance(item.step, Growth):
            name = item.step.name
            if name not in self._factors:
                self._factors[name] = growth_factor(self.state[name], item.step.months)
            return self.state[item.name] * self._factors[name]
        return monthly(item.step, self.period) if item.name in FLOWS else item.step

    def _turned_over(self, item: Turnover) -> Number:
        """Return the units after some have left and new ones have come."""
        churn, new = (self._flow(formulas) for formulas in (item.churn, item.new))
        return units_after(self.state[item.units], churn, new)

    def _flow(self, formulas: Formulas) -> Number:
        """Return the churn or new units; 0 if unknown as yet, or a mean over no units."""
        if not formulas.targets or not self.state.keys() >= {*formulas.inputs}:
            return 0.0
        (found,) = formulas.of(self.state).values()
        return where(is_nan(found), 0.0, found) if is_column(found) else found or 0.0

    def _begin(self, followers: Sequence[Follower]) -> None:
        """Record the values of drivers before the month, as far as they exist."""
        known = {}
        for follower in followers:
            if follower.name in self.followed:
                known[follower.name] = self.followed[follower.name]
            elif self.state.keys() >= {*follower.driver.inputs}:
                known[follower.name] = follower.at(self.state)
        self.followed = known

    def _go_along(self, followers: Sequence[Follower], number: int) -> None:
        """Move each follower by the same factor as its driver, or set it to its share of the driver."""
        for follower in followers:
            name, follows = follower.name, follower.follows
            now = follower.at(self.state)
            if follows.share is not None:
                self._put(name, self.state[follows.name] * now, follows.place, number)
                continue
            before = self.followed.get(name, now)
            message = f"follows {follows.driver}, which rises from 0 in month {number}"
            self.refuse((before == 0) & (now != 0), Broken(message, follows.place, name))
            self._put(name, self.state[name] * times(now, before), follows.place, number)
            self.followed[name] = now

    def _put(self, name: str, value: Number, place: Place, number: int) -> None:
        """Set a quantity; compute lines move with the GPU-hour rate that is paid."""
        before = self.state.get(name)
        self.state[name] = value
        if name != RATE:
            return
        same = value == before
        if not is_column(same) and same:
            return
        for line in COMPUTE_LINES:
            if line in self.state and line not in self.plan.fixed:
                if before is None:
                    # A rate first stated in month 1 is the one at which the bills were paid.
                    if number == 1:
                        continue
                    message = f"is not stated before month {number}, so no bill follows from it"
                    raise Broken(message, place, name)
                message = f"rises from 0 in month {number}, so no bill follows from it"
                self.refuse((before == 0) & (value != 0), Broken(message, place, name))
                self._line(line, self.state[line] * times(value, before))

    def _line(self, line: str, value: Number) -> None:
        """Set a cost line, and move a stated total by as much."""
        if COST in self.state and COST not in self.plan.fixed:
            self.state[COST] = self.state[COST] + value - self.state[line]
        self.state[line] = value

    def _happen(self, event: Event, followers: Sequence[Follower], number: int) -> None:
        """Apply the effects of an event: the GPU-hour rate first, and followers last."""
        following = {follower.name for follower in followers}
        first = sorted(event.effects, key=lambda effect: effect.name != RATE)
        for effect in first:
            if effect.name not in following:
                self._affect(effect, number)
        self._go_along(followers, number)
        for effect in first:
            if effect.name in following:
                self._affect(effect, number)

    def _affect(self, effect: Effect, number: int) -> None:
        """Apply one effect of an event."""
        if effect.name == CREDITS:
            self.credits = self._stock(_or_nothing(self.credits), effect, number)
        elif effect.name == BALANCE:
            self.cash = _or_nothing(self.cash)
            before = self.cash + self.funding
            self.funding = self.funding + (_changed(before, effect, 1.0) - before)
        elif effect.name == COMMITTED:
            self.cash = _or_nothing(self.cash)
            before = _or_nothing(self.committed)
            self.committed = self._stock(before, effect, number)
            self.funding = self.funding + (self.committed - before)
        elif effect.name == SPEND and self.capital is not None and effect.kind != "scale":
            self.capital.order(effect.amount, besides=effect.kind == "add")
        else:
            parts = self.period if effect.name in FLOWS else 1.0
            value = _changed(self.state.get(effect.name, 0.0), effect, parts)
            self._put(effect.name, value, effect.place, number)

    def _reprice(self, reprice: Reprice, known: Targets, followers: Sequence[Follower], number: int) -> None:
        """Multiply prices, and move the lines as `formulas.price_change` says."""
        elasticity, revenue = value_of(known, ELASTICITY), value_of(known, REVENUE)
        payer, multiplier = reprice.payer, reprice.multiplier
        message = f"demand is too large to represent from month {number} on"
        volume = volume_factor(multiplier, elasticity)
        self.refuse(volume == math.inf, Broken(message, reprice.place, "reprice"))
        share: Number = None
        if INFERENCE not in self.state and INFERENCE in known:
            self.state[INFERENCE] = value_of(known, INFERENCE)
            for name in MARGINS & self.state.keys():
                del self.state[name]
        if INFERENCE in self.state:
            share = self._inference_share(reprice, known, volume, number)
        else:
            self.refuse(elasticity != 0, Broken(str(Reason("no_inference")), reprice.place, "reprice"))
        after = after_price_change(self.state, revenue, payer, multiplier, volume, share)
        at_old_prices = self.state | after_price_change(self.state, revenue, payer, 1.0, volume, share)
        for name, value in after.items():
            if name.startswith("revenue."):
                self.state[name] = value
            else:
                self._line(name, value)
        if payer == "api-only" and share is not None:
            self.state[INFERENCE_SHARE] = share
        for name, grown in ((INFERENCE_SHARE, volume), (FREE, 1.0)):
            if share is not None and name in self.state:
                self.state[name] = share_of_inference(self.state[name], grown, share, volume)
        self._go_along_by_volume(followers, at_old_prices, {*after})
        self._go_along(followers, number)

    def _go_along_by_volume(
        self, followers: Sequence[Follower], at_old_prices: State, repriced: set[str]
    ) -> None:
        """Move followers only by the change of their driver's volume: a price alone causes no work."""
        for follower in followers:
            name = follower.name
            if follower.follows.share is None:
                before = self.followed.get(name)
                if name not in repriced and before is not None:
                    now = follower.at(at_old_prices)
                    self.state[name] = at_old_prices[name] = self.state[name] * times(now, before)
                self.followed[name] = follower.at(self.state)

    def _inference_share(self, reprice: Reprice, known: Targets, volume: Number, number: int) -> Number:
        """Return the share of the inference cost that serves those who pay: everyone who does, or the API.

        It is None if there is no API's share and it does not matter. An earlier repricing has stored it in
        the state, because at a new price revenue no longer shows it.
        """
        if reprice.payer == "uniform":
            return 1 - value_of(known, FREE)
        share = self.state.get(INFERENCE_SHARE, known.get(INFERENCE_SHARE))
        message = (
            f"in month {number} there is no revenue to take the API's share of cost.inference from; "
            f"state {INFERENCE_SHARE}"
        )
        missing = Broken(message, reprice.place, "reprice")
        if share is None:
            self.refuse((self.state[INFERENCE] != 0) & (volume != 1), missing)
        else:
            # Only the draws without a share are lost.
            self.refuse(is_nan(share), missing)
        return share

    def _stock(self, before: Number, effect: Effect, number: int) -> Number:
        """Return credits or committed funding after an event, which cannot be below 0.

        Raises:
            Broken: if the event takes away more than there is.
        """
        after = _changed(before, effect, 1.0)
        left = "less" if is_column(before) else f"{before:.12g}"
        message = f"in month {number} only {left} is left to take from, got '{effect.text}'"
        self.refuse(after < -CLOSE * before, Broken(message, effect.place, effect.name))
        return largest(after, 0.0)


def _or_nothing(stock: Number) -> Number:
    return 0.0 if stock is None else stock


def _changed(before: Number, effect: Effect, parts: Number) -> Number:
    """Return a value after an event, whose amount is for a period of `parts` months."""
    if effect.kind == "set":
        return effect.amount / parts
    return before + effect.amount / parts if effect.kind == "add" else before * effect.amount

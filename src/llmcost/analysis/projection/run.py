"""The months of a scenario, one after another: what moves, what follows by the formulas, and the cash.

Only given values move. Everything else is computed from them each month by planned formulas, so a run can be
repeated for every draw of a simulation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from llmcost.analysis.projection.givens import Broken, Givens
from llmcost.analysis.projection.names import BURN, COST, CREDITS_USED, PROFIT, REVENUE, STOCKS
from llmcost.analysis.projection.plan import Formulas, Number, Targets, plan_months, unallocated
from llmcost.formulas import MODEL
from llmcost.formulas.projection import CLOSE, closing_cash, is_column, is_nan, settled
from llmcost.reasons import Reason, Undefined
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.number import LARGEST, out_of_bounds


class Month(NamedTuple):
    """One month of a projection; amounts that a scenario does not state are None.

    Attributes:
        number: its number, from 1.
        state: every given value at the start of the month; flows are those of the month.
        targets: the results by name: revenue, cost, operating profit, net burn and cost lines.
        credits: credits used for compute, USD.
        funding: cash that came in from outside at the start of the month, USD.
        opening, closing: cash, USD.
        credits_left: credits at the end, USD.
        lost: the draws of a column in which something could not be computed so far.
    """

    number: int
    state: Mapping[str, Number]
    targets: Mapping[str, Number]
    credits: Number
    funding: Number
    opening: Number
    closing: Number
    credits_left: Number
    lost: Number = False


class Projector:
    """Runs a scenario through its months, for any values of its varied inputs.

    Attributes:
        plan: what happens in which month.
    """

    def __init__(self, scenario: Scenario, varied: Sequence[str] = (), lines: Sequence[str] = ()) -> None:
        """Plan the months; `lines` are targets besides revenue, cost, operating profit and net burn.

        Raises:
            LlmcostError: for every problem of the timeline.
        """
        self.plan = plan_months(scenario, varied, lines)
        self._checked = [(name, MODEL.quantities[name]) for name in sorted(self.plan.moved - {*STOCKS})]

    def run(self, values: Sequence[Number] = ()) -> list[Month]:
        """Return the months, one after another.

        Raises:
            Undefined: with the reason, if a month cannot be computed.
        """
        return list(self.months(values))

    def months(self, values: Sequence[Number] = ()) -> Iterator[Month]:
        """Yield the months, one after another; with columns, all draws at once.

        Raises:
            Undefined: with the reason, if a month cannot be computed in any draw.
        """
        state = dict(self.plan.base) | dict(zip(self.plan.varied, values, strict=True))
        givens = Givens(self.plan, state)
        for number, planned in enumerate(self.plan.months, start=1):
            givens.move(number, planned)
            self._check(givens, number)
            yield _work_out(number, givens, planned.core)

    def _check(self, givens: Givens, number: int) -> None:
        """Refuse quantities that have moved out of their bounds."""
        for name, quantity in self._checked:
            value: Number = givens.state.get(name)
            if is_column(value):
                low = -LARGEST if quantity.low is None else quantity.low
                high = LARGEST if quantity.high is None else quantity.high
                if not (low <= value.min() and value.max() <= min(high, LARGEST)):
                    givens.lost = givens.lost | ~((low <= value) & (value <= min(high, LARGEST)))
                continue
            if value is None or (0 <= value <= LARGEST and quantity.high is None):
                continue
            fault = out_of_bounds(value, quantity)
            if abs(value) > LARGEST:
                fault = f"is too large; the limit is {LARGEST:.0e}"
            if fault:
                raise Broken(f"in month {number} it {fault}", self.plan.place(name), name)


def _work_out(number: int, givens: Givens, core: Formulas) -> Month:
    """Compute the results of a month, and its cash and credits."""
    targets = core.of(givens.state)
    _check_totals(givens, targets, number)
    revenue, cost = targets.get(REVENUE), targets.get(COST)
    for name in (PROFIT, BURN):
        if targets.get(name) is not None and revenue is not None and cost is not None:
            targets[name] = settled(targets[name], revenue, cost)
    burn = targets.get(BURN)
    undefined = Undefined(Reason("undefined_in_month", (BURN, number)))
    if burn is None and BURN in targets:
        raise undefined
    if burn is not None:
        givens.refuse(is_nan(burn), undefined)
    used = targets.get(CREDITS_USED) if givens.plan.draws_credits else None
    opening = givens.cash
    known = opening is not None and burn is not None
    givens.cash = closing_cash(opening, burn, givens.funding) if known else None
    if used is not None:
        givens.credits = settled(givens.credits - used, givens.credits)
    state, funding = dict(givens.state), givens.funding
    return Month(number, state, targets, used, funding, opening, givens.cash, givens.credits, givens.lost)


def _check_totals(givens: Givens, targets: Targets, number: int) -> None:
    """Refuse a total that moves independently and falls below its lines."""
    for total in (REVENUE, COST):
        rest, whole = targets.get(unallocated(total)), targets.get(total)
        if rest is not None and whole is not None:
            message = f"in month {number} it is below the sum of its lines"
            givens.refuse(rest < -CLOSE * whole, Broken(message, givens.plan.place(total), total))

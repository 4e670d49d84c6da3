"""Capital bought over the months: every purchase is a vintage with its own charge and life."""

from __future__ import annotations

from collections.abc import Mapping

from llmcost.analysis.projection.names import AGE, LIFE, SPEND
from llmcost.analysis.projection.plan import Formulas, Number, value_of
from llmcost.formulas.projection import share_in_use
from llmcost.formulas.vocabulary import MONTHS_PER_YEAR
from llmcost.records import NamedTuple


class Vintage(NamedTuple):
    """One purchase.

    Attributes:
        month: the month of the purchase.
        given: the given values of that month, which are its terms.
        life: the months for which it is used; None if unknown.
    """

    month: int
    given: Mapping[str, Number]
    life: Number


class Capital:
    """The purchases so far, and the present price of another."""

    def __init__(self, plan: Formulas, spend: Number) -> None:
        """Begin without purchases; `plan` computes the charges of a purchase, `spend` is the stated one."""
        self._plan = plan
        self._spend = spend
        self._vintages: list[Vintage] = []
        self._ordered = False
        self._besides: list[Number] = []

    def begin(self) -> dict[str, Number]:
        """Begin a month; return the spend of a purchase, if stated, for trajectories to move."""
        self._ordered, self._besides = False, []
        return {} if self._spend is None else {SPEND: self._spend}

    def order(self, amount: Number, *, besides: bool) -> None:
        """Make an event's purchase this month: instead of the month's own purchase, or besides it."""
        if besides:
            self._besides.append(amount)
        else:
            self._spend, self._ordered = amount, True

    def end(self, month: int, state: Mapping[str, Number], *, buys: bool) -> dict[str, Number]:
        """Make this month's purchases; return the spend in use and the charges on it."""
        if not self._ordered:
            self._spend = state.get(SPEND)
        life = state.get(LIFE)
        months = None if life is None else life * MONTHS_PER_YEAR
        for spend in [*self._besides, *([self._spend] if buys or self._ordered else [])]:
            self._vintages.append(Vintage(month, {AGE: 0.0, **state, SPEND: spend}, months))
        return self._in_use(month)

    def _in_use(self, month: int) -> dict[str, Number]:
        """Return the amounts in use at the end of a month, with each purchase at its own age."""
        found: dict[str, Number] = {}
        for vintage in self._vintages:
            part = 1.0 if vintage.life is None else share_in_use(month - vintage.month, vintage.life)
            age = vintage.given[AGE] + (month - vintage.month + 1) / MONTHS_PER_YEAR
            of_it = self._plan.of({**vintage.given, AGE: age})
            amounts = {SPEND: vintage.given[SPEND], **{name: value_of(of_it, name) for name in of_it}}
            for name, amount in amounts.items():
                found[name] = found.get(name, 0.0) + amount * part
        return found

"""Capital that is bought over the months: every purchase is a vintage with a charge and a life of its own."""

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
        month: when it was made.
        given: what was given when it was made: the terms that it keeps.
        life: the months for which it is used; None where that is not known.
    """

    month: int
    given: Mapping[str, Number]
    life: Number


class Capital:
    """What has been bought so far, and what a purchase costs at present."""

    def __init__(self, plan: Formulas, spend: Number) -> None:
        """Begin with nothing bought; `plan` finds the charges of a purchase, `spend` is what is stated."""
        self._plan = plan
        self._spend = spend
        self._vintages: list[Vintage] = []
        self._ordered = False
        self._besides: list[Number] = []

    def begin(self) -> dict[str, Number]:
        """Return what trajectories move in a month: the spend of a purchase, where there is one."""
        self._ordered, self._besides = False, []
        return {} if self._spend is None else {SPEND: self._spend}

    def order(self, amount: Number, *, besides: bool) -> None:
        """Make a purchase in this month that an event states: in place of its own one, or besides it."""
        if besides:
            self._besides.append(amount)
        else:
            self._spend, self._ordered = amount, True

    def end(self, month: int, state: Mapping[str, Number], *, buys: bool) -> dict[str, Number]:
        """Make this month's purchases; return what is in use: the spend on it and what goes with it."""
        if not self._ordered:
            self._spend = state.get(SPEND)
        bought = [*self._besides, *([self._spend] if buys or self._ordered else [])]
        for spend in bought:
            self._buy(month, spend, state)
        return self._in_use(month)

    def _buy(self, month: int, spend: Number, state: Mapping[str, Number]) -> None:
        """Make a purchase on the terms of this month."""
        life = state.get(LIFE)
        months = None if life is None else life * MONTHS_PER_YEAR
        self._vintages.append(Vintage(month, {AGE: 0.0, **state, SPEND: spend}, months))

    def _in_use(self, month: int) -> dict[str, Number]:
        """Return what is in use at the end of a month, every purchase at its own age."""
        found: dict[str, Number] = {}
        for vintage in self._vintages:
            part = 1.0 if vintage.life is None else share_in_use(month - vintage.month, vintage.life)
            age = vintage.given[AGE] + (month - vintage.month + 1) / MONTHS_PER_YEAR
            of_it = self._plan.of({**vintage.given, AGE: age})
            amounts = {SPEND: vintage.given[SPEND], **{name: value_of(of_it, name) for name in of_it}}
            for name, amount in amounts.items():
                found[name] = found.get(name, 0.0) + amount * part
        return found

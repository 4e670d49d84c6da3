"""What a course over time comes to: when the cash is gone, when it breaks even, what it takes until then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from llmcost.analysis.projection.months import BURN, CLOSE, PROFIT, Month
from llmcost.formulas.projection import cash_to_break_even, gap, run_out
from llmcost.reasons import Reason


class Outcome(NamedTuple):
    """What a course comes to.

    Attributes:
        value: in the unit of its quantity; None where it is undefined.
        month: the month in which it is so, where it is so in one.
        reason: why it is undefined.
        beyond: whether the value is the horizon itself, and the truth lies beyond it.
    """

    value: float | None
    month: int | None = None
    reason: Reason | None = None
    beyond: bool = False


def outcomes(months: Sequence[Month]) -> dict[str, Outcome]:
    """Return what a course comes to, by the names of the vocabulary's section `project`."""
    even = next((month.number for month in months if breaks_even(month)), None)
    never = Outcome(None, reason=Reason("outside_horizon", (len(months),)))
    before = months[:even]
    burns = [month.targets.get(BURN) or 0.0 for month in before]
    low, low_before = _lowest(months), _lowest(before)
    found = {
        "project.runway_months": _runway(months),
        "project.breakeven_month": Outcome(float(even), even) if even else never,
        "project.funding_needed": Outcome(cash_to_break_even(burns), even) if even else never,
        "project.funding_gap": never if even is None else low_before,
        "project.cash_low": low,
        "project.cash_end": NO_CASH
        if months[-1].closing is None
        else Outcome(months[-1].closing, len(months)),
        "project.operating_profit": _profit(months),
    }
    if even is not None and low_before.value is not None:
        missing = gap(low_before.value)
        found["project.funding_gap"] = Outcome(missing, low_before.month if missing else None)
    return found


def breaks_even(month: Month) -> bool:
    """Whether a month has an operating profit, or none and no loss, but for rounding."""
    profit = month.targets.get(PROFIT)
    if profit is None:
        return False
    sizes = (abs(month.targets.get(name) or 0.0) for name in ("revenue.total", "cost.total"))
    return profit >= -CLOSE * max(sizes)


NO_CASH: Final = Outcome(None, reason=Reason("cash_unknown"))


def _runway(months: Sequence[Month]) -> Outcome:
    if months[-1].closing is None:
        return NO_CASH
    for month in months:
        burn = month.targets.get(BURN)
        if month.closing is not None and month.opening is not None and month.closing < 0 and burn:
            return Outcome(run_out(month.number, month.opening + month.funding, burn), month.number)
    return Outcome(float(len(months)), None, beyond=True)


def _profit(months: Sequence[Month]) -> Outcome:
    profits = [month.targets.get(PROFIT) for month in months]
    if None in profits:
        return Outcome(None, reason=Reason("profit_unknown"))
    return Outcome(math.fsum(profit for profit in profits if profit is not None))


def _lowest(months: Sequence[Month]) -> Outcome:
    known = [(month.closing, month.number) for month in months if month.closing is not None]
    if not known:
        return NO_CASH
    lowest, number = min(known)
    return Outcome(lowest, number)

"""What a projection ends in: when the cash is gone, when it breaks even, and what it takes until then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from llmcost.analysis.projection.names import (
    BURN,
    BURN_WITHOUT_CREDITS,
    COST,
    CREDITS,
    CREDITS_PAYABLE,
    PROFIT,
    REVENUE,
)
from llmcost.analysis.projection.run import Month
from llmcost.formulas.projection import CLOSE, cumulated, gap, run_out
from llmcost.reasons import Reason


class Outcome(NamedTuple):
    """What a projection ends in.

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


NO_CASH: Final = Outcome(None, reason=Reason("cash_unknown"))


def outcomes(months: Sequence[Month]) -> dict[str, Outcome]:
    """Return what a projection ends in, by the names of the vocabulary's section `project`."""
    even = next((month.number for month in months if breaks_even(month)), None)
    never = Outcome(None, reason=Reason("outside_horizon", (len(months),)))
    closing = months[-1].closing
    return {
        "project.runway_months": _runway(months),
        "project.breakeven_month": Outcome(float(even), even) if even else never,
        "project.funding_needed": _funding_needed(months),
        "project.funding_gap": _gap(months),
        "project.cash_low": _lowest(months),
        "project.cash_end": NO_CASH if closing is None else Outcome(closing, len(months)),
        "project.operating_profit": _profit(months),
    }


def breaks_even(month: Month) -> bool:
    """Whether a month has an operating profit, or none and no loss, but for rounding."""
    profit = month.targets.get(PROFIT)
    if profit is None:
        return False
    sizes = (abs(month.targets.get(name) or 0.0) for name in (REVENUE, COST))
    return bool(profit >= -CLOSE * max(sizes))


def cash_still_falls(months: Sequence[Month]) -> bool:
    """Whether the last month reaches the deepest hole, so that a longer projection would need more."""
    needed = _funding_needed(months)
    return needed.month == len(months) and needed.value != 0


def _runway(months: Sequence[Month]) -> Outcome:
    if months[-1].closing is None:
        return NO_CASH
    for month in months:
        if month.closing is not None and month.opening is not None and month.closing < 0:
            return Outcome(_run_out(month), month.number)
    return Outcome(float(len(months)), None, beyond=True)


def _run_out(month: Month) -> float:
    """Return the months until the cash is gone, in the month in which it is."""
    payable, burn = 0.0, month.targets[BURN]
    credits_at_hand = 0.0
    if month.targets.get(BURN_WITHOUT_CREDITS) is not None:
        credits_at_hand = month.state[CREDITS]
        payable, burn = month.targets[CREDITS_PAYABLE], month.targets[BURN_WITHOUT_CREDITS]
    return float(run_out(month.number, month.opening + month.funding, credits_at_hand, payable, burn))


def _funding_needed(months: Sequence[Month]) -> Outcome:
    """What is taken out of the company counts as spent; what is put in is what is asked for."""
    burnt = cumulated([(month.targets.get(BURN) or 0.0) + max(-month.funding, 0.0) for month in months])
    deepest = max(0.0, *burnt)
    return Outcome(deepest, burnt.index(deepest) + 1 if deepest else None)


def _gap(months: Sequence[Month]) -> Outcome:
    low = _lowest(months)
    if low.value is None:
        return low
    missing = gap(low.value)
    return Outcome(missing, low.month if missing else None)


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

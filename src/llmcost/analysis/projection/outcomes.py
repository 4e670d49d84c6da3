"""The outcomes of a projection: when the cash is gone, when it breaks even, and the cash it takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from llmcost.analysis.projection.names import (
    BURN,
    BURN_WITHOUT_CREDITS,
    COST,
    CREDITS,
    CREDITS_PAYABLE,
    PROFIT,
    REVENUE,
    RUNWAY,
)
from llmcost.analysis.projection.plan import Number
from llmcost.analysis.projection.run import Month
from llmcost.engine.arithmetic import largest, least, where
from llmcost.formulas.projection import CLOSE, gap, is_column, is_nan, run_out, settled
from llmcost.reasons import Reason
from llmcost.records import NamedTuple


class Outcome(NamedTuple):
    """One outcome of a projection.

    Attributes:
        value: its value in the unit of its quantity; None if it is undefined.
        month: the month in which it occurs, if it does in one.
        reason: why it is undefined.
        beyond: whether the true value is beyond the horizon, and this is the horizon.
    """

    value: float | None
    month: int | None = None
    reason: Reason | None = None
    beyond: bool = False


class Tally:
    """The outcomes of a projection, added up month by month, on floats or columns; NaN if undefined."""

    def __init__(self) -> None:
        self.count = 0
        self.lost: Number = False
        self.even = self.gone = math.nan
        self.burnt = self.deepest = 0.0
        self.low: Number = math.inf
        self.end: Number = None
        self.profit: Number = 0.0

    def add(self, month: Month) -> None:
        """Add a month."""
        self.count, self.lost = month.number, month.lost
        burn = month.targets.get(BURN)
        # Cash taken out of the company counts as spent; cash put in is the funding that is sought.
        spent = (0.0 if burn is None else burn) + largest(-month.funding, 0.0)
        self.burnt = settled(self.burnt + spent, self.burnt, spent)
        self.deepest = largest(self.deepest, self.burnt)
        profit = month.targets.get(PROFIT)
        self.profit = self.profit + (math.nan if profit is None else profit)
        self.even = where(is_nan(self.even) & breaks_even(month), float(month.number), self.even)
        self.end = month.closing
        if month.closing is not None:
            self.low = least(self.low, month.closing)
            first = is_nan(self.gone) & (month.closing < 0)
            if first.any() if is_column(first) else first:
                self.gone = where(first, _run_out(month), self.gone)

    def values(self) -> dict[str, Number]:
        """Return the outcomes, by the names of the vocabulary's section `project`."""
        known = self.end is not None
        low = self.low if known else math.nan
        return {
            RUNWAY: where(is_nan(self.gone), float(self.count), self.gone) if known else math.nan,
            "project.breakeven_month": self.even,
            "project.funding_needed": self.deepest,
            "project.funding_gap": gap(low),
            "project.cash_low": low,
            "project.cash_end": self.end if known else math.nan,
            "project.operating_profit": self.profit,
        }


def outcomes(months: Sequence[Month]) -> dict[str, Outcome]:
    """Return the outcomes of a projection, by the names of the vocabulary's section `project`."""
    tally = Tally()
    firsts: dict[str, int] = {}
    for month in months:
        before = tally.deepest, tally.low, tally.gone
        tally.add(month)
        for name, then, now in zip(
            ("project.funding_needed", "project.cash_low", RUNWAY),
            before,
            (tally.deepest, tally.low, tally.gone),
            strict=True,
        ):
            if now != then and not is_nan(now):
                firsts[name] = month.number
    values = tally.values()
    found = {
        name: Outcome(None, reason=undefined(name, len(months)))
        if is_nan(value)
        else Outcome(value, firsts.get(name))
        for name, value in values.items()
    }
    even, runway, missing = (
        found[f"project.{name}"] for name in ("breakeven_month", "runway_months", "funding_gap")
    )
    if even.value is not None:
        found["project.breakeven_month"] = even._replace(month=int(even.value))
    if runway.value is not None and runway.month is None:
        found[RUNWAY] = runway._replace(beyond=True)
    if missing.value:
        found["project.funding_gap"] = missing._replace(month=firsts["project.cash_low"])
    if found["project.cash_end"].value is not None:
        found["project.cash_end"] = found["project.cash_end"]._replace(month=len(months))
    return found


def undefined(name: str, months: int) -> Reason:
    """Return why an outcome has no value after so many months."""
    if name == "project.breakeven_month":
        return Reason("outside_horizon", (months,))
    return Reason("profit_unknown" if name == "project.operating_profit" else "cash_unknown")


def cash_still_falls(found: Mapping[str, Outcome], months: Sequence[Month]) -> bool:
    """Whether the last month reaches the deepest hole, so that a longer projection would need more."""
    needed = found["project.funding_needed"]
    return needed.month == len(months) and needed.value != 0


def breaks_even(month: Month) -> Any:
    """Whether a month has no operating loss, rounding aside."""
    profit = month.targets.get(PROFIT)
    if profit is None:
        return False
    amounts = (month.targets.get(name) for name in (REVENUE, COST))
    size = largest(0.0, *(abs(amount) for amount in amounts if amount is not None))
    return profit >= -CLOSE * size


def _run_out(month: Month) -> Number:
    """Return the months until the cash is gone, in the month in which it is."""
    payable, burn = 0.0, month.targets[BURN]
    credits_at_hand = 0.0
    if month.targets.get(BURN_WITHOUT_CREDITS) is not None:
        credits_at_hand = month.state[CREDITS]
        payable, burn = month.targets[CREDITS_PAYABLE], month.targets[BURN_WITHOUT_CREDITS]
    return run_out(month.number, month.opening + month.funding, credits_at_hand, payable, burn)

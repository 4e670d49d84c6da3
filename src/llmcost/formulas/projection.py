"""A company's money from one month to the next: growth, bills, cash and capital.

Amounts are USD, flows are per month, and burn is cash consumed, negative if cash is earned. Every function
takes floats, or columns of floats with a number for each draw.
"""

from __future__ import annotations

import math
from typing import Any, Final

from llmcost.engine.arithmetic import clamp, largest, where
from llmcost.engine.registry import AlsoInParts
from llmcost.formulas.cash import months_of_cash
from llmcost.formulas.vocabulary import MODEL
from llmcost.reasons import Undefined

Number = Any
"""A float, or a column of floats."""

ROUNDING: Final = 1e-12
"""A sum that is a smaller share of its largest amount is zero, rounding aside."""

CLOSE: Final = 1e-9
"""A loss that is a smaller share of revenue or cost, whichever is larger, counts as none."""

FLOWS: Final = AlsoInParts(
    name
    for name, quantity in MODEL.quantities.items()
    if quantity.unit == "USD" and quantity.section in ("revenue", "cost", "company", "breakeven")
    if name != "company.valuation"
)
"""Amounts that cover a period, so that each month has a part of them; a company's value does not."""


def settled(total: Number, *amounts: Number) -> Number:
    """Return the total of some amounts, or 0 if only their rounding is left of it."""
    size = largest(*(abs(amount) for amount in amounts)) if amounts else 0.0
    nothing = abs(total) <= ROUNDING * size
    if is_column(nothing) and not nothing.any():
        return total
    return where(nothing, 0.0, total)


def monthly(flow: Number, period_months: Number) -> Number:
    """Return a month's part of a period's amount.

    Raises:
        Undefined: if the period has no length.
    """
    if not isinstance(period_months, float) or period_months > 0:
        return flow / period_months
    raise Undefined("no_period")


def growth_factor(rate: Number, period_months: int) -> Number:
    """Return the factor of a month, at a growth of `rate` in so many months: (1 + rate)^(1/months)."""
    return power(1 + rate, 1 / period_months)


def first_year(flow: float, rate: float, period_months: int) -> float:
    """Return the sum of twelve months, the first of which is `flow`, at a growth of `rate` a period."""
    return float(sum(flow * growth_factor(rate, period_months) ** month for month in range(12)))


def times(now: Number, before: Number) -> Number:
    """Return the factor by which an amount has grown; 1 if it was 0 before."""
    nothing = before == 0
    return where(nothing, 1.0, now / where(nothing, 1.0, before))


def is_column(number: Number) -> bool:
    """Whether a number is a column, with one for each draw."""
    return bool(getattr(number, "ndim", 0))


def is_nan(number: Number) -> Number:
    """Whether a number is NaN, as undefined values in a column are."""
    return number != number


def power(base: Number, exponent: Number) -> Number:
    """Return a power; columns are computed number by number, because numpy may round differently."""
    if not is_column(base) and not is_column(exponent):
        return _power(base, exponent)
    import numpy as np

    bases, exponents = np.broadcast_arrays(base, exponent)
    return np.array([_power(b, e) for b, e in zip(bases.tolist(), exponents.tolist(), strict=True)])


def _power(base: float, exponent: float) -> float:
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf


def units_after(units: Number, churn: Number, new: Number) -> Number:
    """Return the units of the next month: those that stay, and the new ones."""
    return units * (1 - churn) + new


def share_in_use(months: Number, life_months: Number) -> Number:
    """Return the part of a month, some months after the purchase, in which capital is still in use."""
    return clamp(life_months - months, 0.0, 1.0)


def closing_cash(opening: Number, net_burn: Number, funding: Number) -> Number:
    """Return the cash at the end of a month."""
    return settled(opening + funding - net_burn, opening, funding, net_burn)


def run_out(
    month: int, available: Number, credits_at_hand: Number, compute_cost: Number, burn: Number
) -> Number:
    """Return the months from the start until the cash is gone, within a month that burns more than is left.

    Burn is even within the month, funding comes at its start, and credits pay for compute before cash does.

    Args:
        month: its number, from 1.
        available: the cash at its start, funding included.
        credits_at_hand: the credits at its start.
        compute_cost: the part of the burn that credits pay for.
        burn: the burn of the month without credits; above 0.
    """
    return month - 1 + months_of_cash(largest(available, 0.0), credits_at_hand, compute_cost, burn)


def gap(lowest_cash: Number) -> Number:
    """Return the cash missing at the lowest point, or 0."""
    return largest(-lowest_cash, 0.0)

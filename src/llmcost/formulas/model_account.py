"""Each model as a company: what it earns on its training, when that pays back, and at what rate of return.

Amounts are USD in each period of a model's life; training is in the first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

from llmcost.engine.roots import root
from llmcost.formulas.vocabulary import MONTHS_PER_YEAR
from llmcost.reasons import Reason, Undefined

MOST_PERIODS: Final = 120
"""Beyond this many periods, several IRRs are not told apart."""

NOTHING: Final = 1e-9
"""A smaller rate is 0, rounding aside."""


def earnings(
    training: Sequence[float], revenue: Sequence[float], serving: Sequence[float]
) -> tuple[float, ...]:
    """Return what a model earns in each period of its life, after its training."""
    periods = itertools.zip_longest(training, revenue, serving, fillvalue=0.0)
    return tuple(earned - served - spent for spent, earned, served in periods)


def payback(flows: Sequence[float]) -> float:
    """Return the periods until the spending has come back, with even flows within each period.

    The first flow is today's, as in any textbook: −1000, 500, 400, 300 pays back in 2⅓ periods.

    Raises:
        Undefined: if it never comes back, or is lost again.
    """
    total = 0.0
    for period, flow in enumerate(flows):
        if total < 0 and total + flow >= 0:
            if math.fsum(flows) < 0:
                raise Undefined("lost_again")
            return period - 1 + -total / flow
        total += flow
    if min(itertools.accumulate(flows), default=0.0) >= 0:
        return 0.0
    raise Undefined("not_paid_back")


def yearly_rate(monthly_rate: float) -> float:
    """Return a monthly rate, compounded to a year."""
    return float((1 + monthly_rate) ** MONTHS_PER_YEAR - 1)


def internal_rates(flows: Sequence[float]) -> list[float]:
    """Return every rate above −100% a period at which flows have no present value, in rising order.

    With x = 1/(1 + rate) the present value is a polynomial in x. Between neighbouring zeros of its slope it
    crosses zero at most once, and those zeros are found in the same way: no rate is missed or guessed.

    Raises:
        Undefined: if there may be several, over too many periods to tell them apart.
    """
    if _sign_changes(flows) > 1 and len(flows) > MOST_PERIODS:
        raise Undefined(Reason("too_many_periods", (MOST_PERIODS,)))
    return sorted(1 / x - 1 for x in _positive_roots(flows))


def irr(flows: Sequence[float]) -> float:
    """Return the internal rate of return a period: the one rate at which flows have no present value.

    Raises:
        Undefined: if there is none, or more than one, with the reason.
    """
    if not any(flow > 0 for flow in flows):
        raise Undefined("no_gain")
    if not any(flow < 0 for flow in flows):
        raise Undefined("no_outlay")
    rates = internal_rates(flows)
    if not rates:
        raise Undefined("no_rate")
    if len(rates) > 1:
        # Rounding leaves a rate of 0 slightly off.
        texts = [f"{0.0 if abs(rate) < NOTHING else 100 * rate:.4g}" for rate in rates]
        found = f"{', '.join(texts[:-1])} and {texts[-1]}"
        raise Undefined(Reason("several_rates", (found,)))
    return rates[0]


def _sign_changes(coefficients: Sequence[float]) -> int:
    """Count the changes of sign; a polynomial has at most as many positive roots (Descartes)."""
    signs = [value > 0 for value in coefficients if value]
    return sum(one != other for one, other in itertools.pairwise(signs))


def _positive_roots(coefficients: Sequence[float]) -> list[float]:
    """Return the x > 0 at which Σ c_k·x^k is zero, each once, in rising order."""
    kept = list(coefficients)
    while kept and kept[0] == 0:
        kept.pop(0)
    while kept and kept[-1] == 0:
        kept.pop()
    changes = _sign_changes(kept)
    if changes == 0:
        return []
    largest = max(map(abs, kept))
    scaled = [value / largest for value in kept]
    # Cauchy's bounds: every root lies between them.
    low = abs(scaled[0]) / (abs(scaled[0]) + 1)
    high = 1 + 1 / abs(scaled[-1])
    turns: list[float] = []
    if changes > 1:
        turns = [
            x for x in _positive_roots([k * value for k, value in enumerate(scaled)][1:]) if low < x < high
        ]
    found: list[float] = []
    for left, right in itertools.pairwise([low, *turns, high]):
        at_left, at_right = _polynomial(scaled, left)[0], _polynomial(scaled, right)[0]
        if _touches(scaled, left, at_left):
            found.append(left)
        elif at_left * at_right < 0 and not _touches(scaled, right, at_right):
            found.append(root(lambda x: _polynomial(scaled, x), left, right))
    return found


def _polynomial(coefficients: Sequence[float], x: float) -> tuple[float, float]:
    """Return the value and slope of Σ c_k·x^k; beyond x = 1 over the highest power, which may overflow."""
    if x <= 1:
        return _horner(coefficients, x)
    value, slope = _horner(coefficients[::-1], 1 / x)
    return value, -slope / (x * x)


def _horner(coefficients: Sequence[float], x: float) -> tuple[float, float]:
    value = slope = 0.0
    for coefficient in reversed(coefficients):
        slope = slope * x + value
        value = value * x + coefficient
    return value, slope


def _touches(coefficients: Sequence[float], x: float, value: float) -> bool:
    """Whether a value is zero, rounding aside."""
    size = _polynomial([abs(value) for value in coefficients], x)[0]
    return abs(value) <= 1e-13 * size

"""What a change of price does to profit if demand responds, and the change that breaks even.

A company multiplies some of its prices by m. Demand at these prices changes as m^−ε, so their revenue R
becomes R·m^(1−ε) and the inference cost V that serves it V·m^−ε; other revenue R₀ and other cost F stay. With
the share s of all revenue owed to partners the profit is

    (1−s)·(R·m^(1−ε) + R₀) − V·m^−ε − F

and the break-even multiplier is the m that makes it zero. With a = (1−s)·R, K = F − (1−s)·R₀ and u = ln m,
profit has the sign of h(u) = u + ln a − ln(K·e^(εu) + V), which is concave for K > 0. For K < 0, profit has
the sign of a·e^u + |K|·e^(εu) − V, which is convex and only rises. So Newton steps from an end with a known
sign never pass the root.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from llmcost.engine.roots import also_on_columns, climbed, settled
from llmcost.reasons import Reason, Undefined
from llmcost.records import NamedTuple

TINY = 1e-290
"""Smaller numbers have lost digits."""

APART = 1e145
"""The largest ratio of revenue and cost: any three of them can then be divided by one another."""

LARGEST_LOG = 690.0
"""ln of the largest multiplier, about 1e300."""

NEAR_SINGULAR = 10.0
"""d(ln m)/dε beyond which an answer counts as near-singular: 0.01 of ε then moves m by 10% and more."""


class Repricing(NamedTuple):
    """Where profit crosses zero as prices are multiplied.

    Attributes:
        multiplier: the break-even multiplier; None if there is none.
        other: a second break-even multiplier, if demand falls faster than price rises (ε > 1).
        covered: whether every price covers the boundary: revenue at unchanged prices is enough, or (at ε = 1,
            without cost that depends on volume) revenue is the same at any price, and enough.
        least_loss_multiplier: if no price breaks even, the multiplier with the least loss; None if the
            loss keeps shrinking as prices rise.
        least_loss: that loss in USD per period, or its limit.
        steepness: d(ln multiplier)/dε at the answer.
    """

    multiplier: float | None = None
    other: float | None = None
    covered: bool = False
    least_loss_multiplier: float | None = None
    least_loss: float | None = None
    steepness: float | None = None

    @property
    def near_singular(self) -> bool:
        """Whether a small change of the elasticity moves the answer a lot."""
        return self.steepness is not None and abs(self.steepness) >= NEAR_SINGULAR

    @property
    def reason(self) -> Reason | None:
        """Why there is no multiplier."""
        if self.multiplier is not None:
            return None
        if self.covered:
            return Reason("any_price" if self.least_loss == 0 else "already_covered")
        if self.least_loss_multiplier is None:
            return Reason("loss_only_shrinks")
        return Reason("never_breaks_even")


def profit(
    multiplier: Any, repriced: Any, kept: Any, variable: Any, fixed: Any, elasticity: Any, share: Any
) -> Any:
    """Return the profit, in the unit of the amounts, with prices multiplied.

    Args:
        multiplier: m, dimensionless.
        repriced: R, revenue whose price is multiplied, at today's price and volume.
        kept: R₀, revenue whose price stays.
        variable: V, inference cost that serves R, at today's volume.
        fixed: F, all other costs to be covered, without the revenue share.
        elasticity: ε, demand ∝ price^−ε.
        share: s, the part of all revenue owed to partners.
    """
    volume = multiplier ** (-elasticity)
    return (1 - share) * (repriced * multiplier * volume + kept) - variable * volume - fixed


def break_even(
    repriced: float, kept: float, variable: float, fixed: float, elasticity: float, share: float
) -> Repricing:
    """Find the multiplier at which `profit` is zero; the arguments are those of `profit`.

    For ε > 1 there are two such multipliers or none. The answer is the one reached first from today's
    price, or the lower one if today's price already earns a profit, as for ε < 1.

    Raises:
        Undefined: if no revenue is repriced, the amounts are too far apart, or the answer is beyond 1e299.
    """
    a, k = (1.0 - share) * repriced, fixed - (1.0 - share) * kept
    if is_covered(repriced, k, variable, elasticity):
        return Repricing(covered=True)
    if a <= 0:
        return Repricing(least_loss=k if elasticity else k + variable)
    if elasticity == 1 and variable == 0 and k <= a:
        return Repricing(covered=True, least_loss=0.0)
    roots = _roots(a, k, variable, elasticity)
    if not roots:
        return _least_loss(a, k, variable, elasticity)
    first = _first(roots, a, k, variable)
    second = next((root for root in roots if root != first), None)
    _verify(first, a, k, variable, elasticity)
    return Repricing(multiplier=first, other=second, steepness=_steepness(first, a, variable, elasticity))


@also_on_columns("llmcost.formulas.repricing_columns:multipliers")
def multiplier(
    repriced: float, kept: float, variable: float, fixed: float, elasticity: float, share: float
) -> float:
    """Return only the multiplier of `break_even`, for inner loops.

    Raises:
        Undefined: with the reason, if there is none.
    """
    a, k = (1.0 - share) * repriced, fixed - (1.0 - share) * kept
    if a > 0 and not is_covered(repriced, k, variable, elasticity):
        roots = _roots(a, k, variable, elasticity)
        if roots:
            first = roots[0] if len(roots) == 1 else _first(roots, a, k, variable)
            _verify(first, a, k, variable, elasticity)
            return first
    raise Undefined(break_even(repriced, kept, variable, fixed, elasticity, share).reason or "no_value")


def is_covered(repriced: float, k: float, variable: float, elasticity: float) -> bool:
    """Whether revenue at unchanged prices covers the cost at any other prices; k is what it leaves uncovered.

    Raises:
        Undefined: if no revenue is repriced.
    """
    if repriced <= 0:
        raise Undefined("nothing_repriced")
    return k + variable <= 0 and (elasticity == 0 or variable == 0)


def _first(roots: list[float], a: float, k: float, v: float) -> float:
    """Of two roots the one reached first from today's price; the lower one if today earns a profit."""
    losing_today = a - v - k < 0
    return roots[-1] if losing_today and roots[-1] < 1 else roots[0]


def elasticities_between(
    low: float, high: float, repriced: float, kept: float, variable: float, fixed: float, share: float
) -> tuple[float, float] | None:
    """Return the first and last elasticity at which the multiplier of `break_even` lies in low..high (> 1).

    None if it never does; the last is infinite if no elasticity moves it out. There is one range of such
    elasticities: with ε, the multiplier rises if K > 0, as long as there is any break-even, falls towards
    today's price if K < 0 or if that price earns a profit, and stays if K = 0.
    """
    a, v = (1.0 - share) * repriced, variable
    k = fixed - (1.0 - share) * kept

    def at(m: float) -> float:
        """The elasticity at which m is a break-even multiplier: a·m − V = K·m^ε."""
        return math.log((a * m - v) / k) / math.log(m)

    if a <= 0:
        return None
    if k + v <= a:
        # Today's price covers it. If volume costs nothing and ε > 1, only a far higher price does not.
        return (at(high), at(low)) if v == 0 and 0 < k < a else None
    inelastic = (k + v) / a
    if k == 0:
        return (0.0, math.inf) if low <= inelastic <= high else None
    if k < 0:
        if inelastic < low:
            return None
        return (0.0 if inelastic <= high else at(high)), at(low)
    if inelastic > high:
        return None
    start = 0.0 if low <= inelastic else at(low)
    if not _rises(max(low, inelastic), start, a, v):
        return None
    right = high
    if not _rises(high, at(high), a, v):
        below = max(low, inelastic)
        while right - below > 1e-12 * right:
            middle = below + (right - below) / 2
            below, right = (middle, right) if _rises(middle, at(middle), a, v) else (below, middle)
    return start, at(right)


def _rises(m: float, e: float, a: float, v: float) -> bool:
    """Whether a break-even multiplier rises with the elasticity, as the one reached first does."""
    return (1 - e) * a * m + e * v > 0


def _roots(a: float, k: float, v: float, e: float) -> list[float]:
    """Return every m > 0 with a·m^(1−e) = k + v·m^−e, in rising order; a > 0, and k + v > 0 or e > 0.

    Raises:
        Undefined: if the amounts are too far apart, or the answer is beyond 1e299.
    """
    near = all(1 / APART <= abs(amount) / a <= APART for amount in (k, v) if amount)
    if not (near and TINY <= a <= 1 / TINY):
        raise Undefined("too_far_apart")
    if e == 0:
        return [(k + v) / a]
    if k == 0:
        return [v / a]
    if v == 0:
        return [] if e == 1 else [_exp(math.log(k / a) / (1 - e))]
    if e == 1:
        return [v / (a - k)] if a > k else []

    log_a = math.log(a)
    start = math.log(v) - math.log(a)
    if k < 0:
        return [_exp(settle(_root_below_pole(a, -k, v, e, start), k / a, v / a, e))]

    def h(u: float) -> tuple[float, float]:
        """h and its slope, without overflow on either side."""
        if u * e > 0:
            tail = v * math.exp(-e * u)
            return u * (1 - e) + log_a - math.log(k + tail), 1 - e * k / (k + tail)
        head = k * math.exp(e * u)
        return u + log_a - math.log(head + v), 1 - e * head / (head + v)

    if e < 1:
        return [_exp(settle(climbed(h, start), k / a, v / a, e))]
    peak = (math.log(v) - math.log(e - 1) - math.log(k)) / e
    at_peak = h(peak)[0]
    if at_peak < 0:
        return []
    if at_peak == 0:
        return [_exp(peak)]
    lower = settle(climbed(h, min(start, peak)), k / a, v / a, e)
    if peak > LARGEST_LOG:
        return [_exp(lower)]
    end = _beyond(h, peak)
    upper = settle(climbed(h, end), k / a, v / a, e) if h(end)[0] < 0 else math.inf
    return [_exp(lower), math.exp(upper)] if upper <= LARGEST_LOG else [_exp(lower)]


def settle(u: float, k: float, v: float, e: float) -> float:
    """Return ln m, near which a search ended, as the float on which all searches agree; k, v are K/a, V/a."""

    def h(u: float) -> tuple[float, float]:
        if k < 0:
            part = math.exp(math.log(-k) + (e - 1) * u)
            return u + math.log1p(part) - math.log(v), 1 + (e - 1) * part / (1 + part)
        if u > 0:
            tail = v * math.exp(-e * u)
            return u * (1 - e) - math.log(k + tail), 1 - e * k / (k + tail)
        head = k * math.exp(e * u)
        return u - math.log(head + v), 1 - e * head / (head + v)

    return settled(h, u) if abs(u) < LARGEST_LOG else u


def _root_below_pole(a: float, surplus: float, v: float, e: float, start: float) -> float:
    """Return u with a·e^u + surplus·e^(e·u) = v, if revenue at unchanged prices exceeds the other cost.

    Both terms rise with u, and neither exceeds v at the root, which bounds it from above.
    """
    right = min(start, (math.log(v) - math.log(surplus)) / e)

    def lacking(u: float) -> tuple[float, float]:
        own, kept = a * math.exp(u) / v, surplus * math.exp(e * u) / v
        return 1 - own - kept, -own - e * kept

    return climbed(lacking, right)


def _beyond(h: Callable[[float], tuple[float, float]], start: float) -> float:
    """Return a point above `start`, where h is not negative, at which it is, or the end of all numbers."""
    width = max(1.0, abs(start) * 1e-9)
    while abs(start) + width < 4 * LARGEST_LOG and h(start + width)[0] >= 0:
        width *= 2
    return start + width


def _exp(u: float) -> float:
    if u > LARGEST_LOG:
        raise Undefined("multiplier_too_large")
    if u < -LARGEST_LOG:
        raise Undefined("multiplier_too_small")
    return math.exp(u)


def _least_loss(a: float, k: float, v: float, e: float) -> Repricing:
    """The price of least loss, if no price breaks even (e ≥ 1)."""
    if e == 1:
        return Repricing(least_loss=k - a)
    m = e * v / ((e - 1) * a)
    return Repricing(least_loss_multiplier=m, least_loss=k + v * m**-e - a * m ** (1 - e))


def _steepness(m: float, a: float, v: float, e: float) -> float:
    """d(ln m)/dε where profit stays zero: ln m · (a·m − v)/((1 − e)·a·m + e·v)."""
    slope = (1 - e) * a * m + e * v
    return math.inf if slope == 0 else math.log(m) * (a * m - v) / slope


def _verify(m: float, a: float, k: float, v: float, e: float) -> None:
    """Check the root, with profit divided by the volume where the volume's cost may overflow otherwise."""
    if not k or (m < 1 and v):
        earned, volume_cost, fixed = a * m, v, k and k * m**e
    else:
        earned, volume_cost, fixed = a * m ** (1 - e), v and v * m**-e, k
    residual = earned - volume_cost - fixed
    if abs(residual) > 1e-9 * (earned + volume_cost + abs(fixed)) + TINY:
        raise Undefined(Reason("root_not_verified", (residual,)))

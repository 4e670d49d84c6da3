"""The few operations that formulas need beyond + − × ÷."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from llmcost.reasons import Reason, Undefined


def require(condition: bool, reason: Reason | str) -> None:
    """Stop a formula whose result would have no meaning.

    Raises:
        Undefined: with `reason`, or the code of one, where the condition does not hold.
    """
    if not condition:
        raise Undefined(reason)


def add(*lines: Any) -> Any:
    """Return the sum of the lines that are there; None stands for a line that is not."""
    present = [line for line in lines if line is not None]
    total = present[0]
    for line in present[1:]:
        total = total + line
    return total


def where(condition: Any, yes: Any, no: Any) -> Any:
    """Return `yes` where the condition holds and `no` elsewhere, number by number in columns."""
    if not getattr(condition, "ndim", 0):
        return yes if condition else no
    import numpy as np

    return np.where(condition, yes, no)


def least(first: Any, *others: Any) -> Any:
    """Return the least of some numbers."""
    for other in others:
        # An undefined number in a column leaves nothing to choose.
        first = where((other < first) | (other != other), other, first)
    return first


def largest(first: Any, *others: Any) -> Any:
    """Return the largest of some numbers."""
    for other in others:
        first = where((other > first) | (other != other), other, first)
    return first


def clamp(number: Any, low: Any, high: Any) -> Any:
    """Return a number within low and high."""
    return least(largest(number, low), high)


FLAT = 1e-3
"""Rate times (periods + 1) below which an annuity is a series: there 1 − (1 + rate)^−periods loses digits."""


def annuity(rate: Any, periods: Any) -> Any:
    """Return what pays back 1, with interest, in equal parts: rate/(1 − (1 + rate)^−periods); 1/periods at 0.

    Takes any kind of number; both are dimensionless, and the rate is not below 0.

    Raises:
        ZeroDivisionError: for 0 periods.
    """
    if type(rate).__module__ == "numpy" or type(periods).__module__ == "numpy":
        import numpy as np

        flat = rate * (periods + 1) < FLAT
        return np.where(flat, _flat_annuity(rate, periods), _annuity(np.where(flat, 1.0, rate), periods))
    return _flat_annuity(rate, periods) if rate * (periods + 1) < FLAT else _annuity(rate, periods)


def _annuity(rate: Any, periods: Any) -> Any:
    return rate / (1 - (1 + rate) ** (-periods))


def _flat_annuity(rate: Any, periods: Any) -> Any:
    """The first terms of the same in powers of the rate; the next is below rounding."""
    return (1 + rate * (periods + 1) / 2 * (1 + rate * (periods - 1) / 6 * (1 - rate / 2))) / periods


def root(function: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """Return x in [low, high] where `function` changes sign.

    `function` returns its value and its slope at x. Newton's step is taken where it stays inside the
    bracket, bisection otherwise, so that it always ends.

    Raises:
        Undefined: if the ends of the bracket have the same sign.
    """
    at_low, slope_low = function(low)
    at_high, slope_high = function(high)
    if at_low == 0:
        return low
    if at_high == 0:
        return high
    rising = at_low < 0
    if rising == (at_high < 0):
        raise Undefined(Reason("no_sign_change", (low, high)))
    x, value, slope = (low, at_low, slope_low) if abs(at_low) < abs(at_high) else (high, at_high, slope_high)
    for _ in range(200):
        if (value < 0) == rising:
            low = x
        else:
            high = x
        step = x - value / slope if slope else math.nan
        if not low < step < high:
            step = low + (high - low) / 2
        if abs(step - x) <= 1e-15 * max(1.0, abs(x)):
            return step
        x = step
        value, slope = function(x)
        if value == 0:
            return x
    return x


def root_of(
    solve: Callable[..., float], residual: Callable[..., Any], *arguments: Any, possible: Any = True
) -> Any:
    """Return `solve(*arguments)`, whatever kind of number the arguments are.

    `solve` knows floats alone. `residual(root, *arguments)` is what the root makes zero, in plain
    arithmetic: it serves the other kinds, which bring their own way to lift a root. Where `possible` does
    not hold, a root of the residual is no answer, and `solve` knows why.

    Raises:
        Undefined: as `solve` does.
    """
    for argument in arguments:
        if type(argument) is float:
            continue
        if type(argument).__module__ == "numpy":
            from llmcost.engine.arrays import lift_root

            return lift_root(solve, residual, arguments, possible)
        lift = getattr(argument, "lift_root", None)
        if lift is not None:
            return lift(solve, residual, arguments)
    return solve(*arguments)

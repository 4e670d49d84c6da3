"""Where a function of one float crosses zero."""

from __future__ import annotations

import math
from collections.abc import Callable

from llmcost.reasons import Reason, Undefined


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

"""Where a function of one float crosses zero."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any, Final, TypeVar

from llmcost.reasons import Reason, Undefined

WIDTH: Final = 4e-16
"""Relative width of a bracket below which its ends are the same float or neighbours."""

GRID: Final = 2.0**30
"""Points per unit of the grid on which `settled` starts its last step to a root."""
OFF: Final = 0.49
"""How far from a grid point, in steps, a search may end so that others round to the same point."""

FAR, LEAP = 2.0**23, 2.0**64
"""The point from which an upward search no longer doubles but leaps, and the factor of a leap."""

TWINS: Final[dict[Callable[..., float], str]] = {}
"""For a solver on floats, its version for columns as `module:function`."""

Solver = TypeVar("Solver", bound=Callable[..., float])


def also_on_columns(twin: str) -> Callable[[Solver], Solver]:
    """Register a solver's version for columns as `module:function`, which is imported when it is used."""

    def noted(solve: Solver) -> Solver:
        TWINS[solve] = twin
        return solve

    return noted


def on_columns(solve: Callable[..., float]) -> Callable[..., Any]:
    """Return a solver's version for columns."""
    module, _, name = TWINS[solve].partition(":")
    twin: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return twin


def root(function: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """Return x in [low, high] where `function` changes sign.

    `function` returns its value and its slope at x. A Newton step is taken if it stays inside the bracket,
    and bisection otherwise, so that the search always ends.

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


def climbed(function: Callable[[float], tuple[float, float]], start: float) -> float:
    """Return the root of a concave function next to a start at which it is below 0, and else the start.

    `function` returns its value and its slope. It lies below its tangents, so that Newton's steps come nearer
    to the root and never pass it but for rounding.
    """
    x = start
    for _ in range(200):
        value, slope = function(x)
        step = -value / slope if value < 0 and slope else 0.0
        x += step
        if abs(step) <= 1e-15 * max(1.0, abs(x)):
            break
    return x


def settled(function: Callable[[float], tuple[float, float]], near: float) -> float:
    """Return the root next to `near`: the same float for all searches that end near it.

    It takes one Newton step from the nearest point of a fine grid. If that leads away, as at a root where
    the curve is flat, it returns `near` itself. `function` returns its value and its slope.
    """
    start = round(near * GRID) / GRID
    try:
        value, slope = function(start)
    except OverflowError:
        return near
    found = start - value / slope if slope else math.nan
    return found if abs(found - near) < 2 / GRID else near


def crossing(
    function: Callable[[float], float], low: float, high: float, at_low: float, at_high: float
) -> float:
    """Return x in [low, high] where `function` changes sign, given its values at both ends.

    Chandrupatla's method needs no slope: it takes an inverse parabola through three points if that is safe,
    and half of the bracket otherwise (Advances in Engineering Software 28, 1997).

    Raises:
        Undefined: if the ends of the bracket have the same sign.
    """
    a, b, at_a, at_b = high, low, at_high, at_low
    if at_a == 0 or at_b == 0:
        return a if at_a == 0 else b
    if (at_a < 0) == (at_b < 0):
        raise Undefined(Reason("no_sign_change", (low, high)))
    part = 0.5
    for _ in range(200):
        x = a + part * (b - a)
        value = function(x)
        if (value < 0) == (at_a < 0):
            c, at_c = a, at_a
        else:
            c, at_c, b, at_b = b, at_b, a, at_a
        a, at_a = x, value
        best = a if abs(at_a) < abs(at_b) else b
        least = WIDTH * max(1.0, abs(best)) / abs(b - a)
        if at_a == 0 or least > 0.5:
            return best
        place, height = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
        part = 0.5
        if height * height < place and (1 - height) * (1 - height) < 1 - place:
            part = at_a / (at_b - at_a) * at_c / (at_b - at_c)
            part += (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
        part = min(max(part, least), 1 - least)
    return best


class Upward:
    """Finds where a residual that rises with its first argument is 0, from 1 upward.

    Attributes:
        residual: takes the root and the arguments of the search.
        most: where the search ends; the result if the residual is still below 0 there.
        reason: the code of the reason if the residual is already above 0 at 1.
    """

    def __init__(self, name: str, residual: Callable[..., Any], most: float, reason: str) -> None:
        self.__name__, self.residual, self.most, self.reason = name, residual, most, reason

    def __call__(self, *arguments: float) -> float:
        """Return the root.

        Raises:
            Undefined: where there is none.
        """

        def at(x: float) -> float:
            value: float = self.residual(x, *arguments)
            return value

        low, high, at_low = 1.0, 2.0, at(1.0)
        if at_low > 0:
            raise Undefined(self.reason)
        while high < self.most and (at_high := at(high)) <= 0:
            low, at_low, high = high, at_high, high * (2 if high < FAR else LEAP)
        return crossing(at, low, high, at_low, at_high) if high < self.most else self.most

"""The break-even multiplier of `repricing.multiplier` for whole columns, with numpy.

Money is counted in units of a = (1−s)·R. Then profit crosses zero where

    K > 0:  h(u) = u − ln(K·e^(εu) + V) = 0, which is concave
    K < 0:  g(u) = u + ln(1 + |K|·e^((ε−1)·u)) − ln V = 0, which is convex and only rises

so Newton steps from an end with a known sign never pass the root. Points that are ill-conditioned, or that
such steps do not reach, are left to floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from llmcost.engine.arrays import each, point_by_point
from llmcost.engine.roots import GRID, OFF
from llmcost.formulas.repricing import APART, LARGEST_LOG, TINY, multiplier

Column = Any
"""A float array of one dimension."""

FLAT: Final = 1e-2
"""At smaller slopes, rounding moves the root by more than about 1e-13 of itself."""
SURE: Final = 1e-6
"""The peak of h must be at least this far below 0 to exclude a root despite rounding."""
NEAR: Final = 1e-8
"""After a step below this, only one more is taken, on floats: each step squares the error."""
STEPS: Final = 40
REACH: Final = 50.0
"""Beyond this ln m, its rounding moves m by more than about 1e-14 of itself."""

Curve = Callable[..., tuple[Column, Column]]
"""Value and slope at u, for selected points, by functions of numpy or of floats."""


class Floats:
    """Functions of columns with the results of floats: numpy's own may differ in the last digit."""

    log = partial(point_by_point, math.log)
    log1p = partial(point_by_point, math.log1p)

    @staticmethod
    def exp(column: Column) -> Column:
        """Return e to the power of a column, limited to the largest multiplier."""
        return point_by_point(math.exp, np.minimum(column, LARGEST_LOG))


def multipliers(
    repriced: Column, kept: Column, variable: Column, fixed: Column, elasticity: Column, share: Column
) -> Column:
    """Return the multiplier of `break_even` at each point, or NaN if there is none.

    The arguments are those of `profit`, as float arrays of one length; NaN stands for no value.
    """
    arguments = (repriced, kept, variable, fixed, elasticity, share)
    with np.errstate(all="ignore"):
        a, e = (1.0 - share) * repriced, elasticity
        gap = fixed - (1.0 - share) * kept
        k, v = gap / a, variable / a
        found = np.full(len(a), np.nan)
        # There is none if nothing is repriced, all revenue is shared, or any price covers the cost.
        open_ = (a > 0) & (repriced > 0) & ~((gap + variable <= 0) & ((e == 0) | (variable == 0)))
        unsure = open_ & ~((e >= 0) & (variable >= 0) & (a >= TINY) & (a <= 1 / TINY))
        for amount, ratio in ((gap, k), (variable, v)):
            unsure |= open_ & (amount != 0) & ~((abs(ratio) >= 1 / APART) & (abs(ratio) <= APART))
        open_ &= ~unsure
        plain = open_ & ((e == 0) | (k == 0) | (v == 0) | (e == 1))
        if plain.any():
            found[plain] = _in_closed_form(a[plain], gap[plain], variable[plain], e[plain])
        for curved, solve in ((open_ & ~plain & (k > 0), _costly), (open_ & ~plain & (k < 0), _covered)):
            if curved.any():
                found[curved], lost = solve(k[curved], v[curved], e[curved])
                unsure[np.flatnonzero(curved)[lost]] = True
    found[unsure] = each(multiplier)(*(column[unsure] for column in arguments))
    return found


def _in_closed_form(a: Column, k: Column, v: Column, e: Column) -> Column:
    alone = (v == 0) & (e != 0) & (e != 1) & (k > 0)
    power = np.full(len(a), np.nan)
    power[alone] = Floats.log(k[alone] / a[alone]) / (1 - e[alone])
    power[~(np.abs(power) <= LARGEST_LOG)] = np.nan
    at_one = np.where((e == 1) & (k < a), v / (a - k), np.nan)
    return np.where(e == 0, (k + v) / a, np.where(k == 0, v / a, np.where(v == 0, Floats.exp(power), at_one)))


def _costly(k: Column, v: Column, e: Column) -> tuple[Column, Column]:
    """Return the multipliers for K > 0, and the points that are left to floats."""
    log_k, log_v = np.log(k), np.log(v)

    def h(u: Column, at: Any, by: Any = np) -> tuple[Column, Column]:
        own_e, own_k, own_v = e[at], k[at], v[at]
        up = u > 0  # so that nothing overflows on either side
        faded = by.exp(-own_e * np.abs(u)) * np.where(up, own_v, own_k)
        whole = faded + np.where(up, own_k, own_v)
        value = np.where(up, u * (1 - own_e), u) - by.log(whole)
        return value, 1 - own_e * np.where(up, own_k, faded) / whole

    elastic = e > 1
    peak = np.where(elastic, (log_v - np.log((e - 1) * k)) / e, np.inf)
    at_peak = np.full(len(k), np.inf)
    at_peak[elastic] = h(peak[elastic], elastic)[0]
    # The upper of two roots, if today's price lies above both and makes a loss.
    upper = elastic & (k + v > 1) & (peak < 0)
    right, left = log_k / (1 - e), log_v  # h is not above 0 at either
    start = np.where(upper, right, np.where(elastic, left, np.maximum(left, right)))
    none = at_peak < -SURE
    sought = ~none & (at_peak > SURE) & (upper | (start < peak))
    u, sure = _newton(h, start, sought)
    return Floats.exp(u), ~none & ~sure


def _covered(k: Column, v: Column, e: Column) -> tuple[Column, Column]:
    """Return the multipliers for K < 0, and the points that are left to floats."""
    log_s, log_v = np.log(-k), np.log(v)

    def g(u: Column, at: Any, by: Any = np) -> tuple[Column, Column]:
        own_e = e[at]
        part = by.exp(by.log(-k[at]) + (own_e - 1) * u)
        return u + by.log1p(part) - by.log(v[at]), 1 + (own_e - 1) * part / (1 + part)

    u, sure = _newton(g, np.minimum(log_v, (log_v - log_s) / e), np.ones(len(k), dtype=bool))
    return Floats.exp(u), ~sure


def _newton(curve: Curve, start: Column, sought: Column) -> tuple[Column, Column]:
    """Return where curves cross zero, or NaN at points not sought, and whether each result is sure."""
    u, sure = np.full(len(start), np.nan), np.zeros(len(start), dtype=bool)
    at = np.flatnonzero(sought)
    x = start[at]
    for _ in range(STEPS):
        value, slope = curve(x, at)
        step = value / slope
        x = x - step
        near = np.abs(step) <= NEAR * np.maximum(1.0, np.abs(x))
        if near.any():
            done, ends = at[near], x[near]
            places = ends * GRID
            start = np.rint(places) / GRID
            value, slope = curve(start, done, Floats)
            u[done] = start - value / slope
            sure[done] = (
                (np.abs(slope) > FLAT) & (np.abs(ends) < REACH) & (np.abs(places - np.rint(places)) < OFF)
            )
            sure[done] &= np.abs(u[done] - ends) < 1 / GRID
            at, x = at[~near], x[~near]
        if not len(at):
            break
    return u, sure

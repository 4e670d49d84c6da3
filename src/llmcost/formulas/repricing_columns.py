"""The break-even multiplier of whole columns: what `repricing.multiplier` finds, for many points at once.

Money is counted in a = (1−s)·R. In that unit profit crosses zero where

    K > 0:  h(u) = u − ln(K·e^(εu) + V) = 0, which is concave
    K < 0:  g(u) = u + ln(1 + |K|·e^((ε−1)·u)) − ln V = 0, which is convex and only rises

so that Newton's steps from an end at which the sign is known never pass the root. What is ill-conditioned
there, or beyond what such steps reach, is left to floats. Needs numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from llmcost.engine.arrays import each, point_by_point
from llmcost.engine.roots import GRID, OFF
from llmcost.formulas.repricing import LARGEST_LOG, multiplier

Column = Any
"""A float array of one dimension."""

FLAT: Final = 1e-2
"""A slope below which rounding moves the root by more than some 1e-13 of itself."""
SURE: Final = 1e-6
"""How far below 0 the peak of h must lie for there to be no root in spite of rounding."""
NEAR: Final = 1e-8
"""A step after which the next, that of floats, is the last: each squares what is left."""
STEPS: Final = 40
REACH: Final = 50.0
"""ln m beyond which a rounding of it moves m by more than some 1e-14 of itself."""

Curve = Callable[..., tuple[Column, Column]]
"""Value and slope at u, for the points that are picked, by numpy's functions or by those of floats."""


class Floats:
    """Functions of columns that give what floats give: numpy's own may differ from it in the last digit."""

    log = partial(point_by_point, math.log)
    log1p = partial(point_by_point, math.log1p)

    @staticmethod
    def exp(column: Column) -> Column:
        """Return e to the power of a column, as far as floats go."""
        return point_by_point(math.exp, np.minimum(column, LARGEST_LOG))


def multipliers(
    repriced: Column, kept: Column, variable: Column, fixed: Column, elasticity: Column, share: Column
) -> Column:
    """Return the multiplier that `break_even` names at each point; NaN where there is none.

    The arguments are those of `profit`, as float arrays of one length; NaN stands for no value.
    """
    arguments = (repriced, kept, variable, fixed, elasticity, share)
    with np.errstate(all="ignore"):
        a, e = (1.0 - share) * repriced, elasticity
        gap = fixed - (1.0 - share) * kept
        k, v = gap / a, variable / a
        found = np.full(len(a), np.nan)
        # Where nothing is repriced, all is shared out or any price covers the cost, there is none.
        open_ = (a > 0) & (repriced > 0) & ~((gap + variable <= 0) & ((e == 0) | (v == 0)))
        unsure = open_ & ~((e >= 0) & (v >= 0))
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
    """Return the multipliers where K > 0, and at which points they are left to floats."""
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
    # The upper of two roots, where today's price lies above both and earns a loss.
    upper = elastic & (k + v > 1) & (peak < 0)
    right, left = log_k / (1 - e), log_v  # h is not above 0 at either
    start = np.where(upper, right, np.where(elastic, left, np.maximum(left, right)))
    none = at_peak < -SURE
    sought = ~none & (at_peak > SURE) & (upper | (start < peak))
    u, sure = _newton(h, start, sought)
    return Floats.exp(u), ~none & ~sure


def _covered(k: Column, v: Column, e: Column) -> tuple[Column, Column]:
    """Return the multipliers where K < 0, and at which points they are left to floats."""
    log_s, log_v = np.log(-k), np.log(v)

    def g(u: Column, at: Any, by: Any = np) -> tuple[Column, Column]:
        own_e = e[at]
        part = by.exp(by.log(-k[at]) + (own_e - 1) * u)
        return u + by.log1p(part) - by.log(v[at]), 1 + (own_e - 1) * part / (1 + part)

    u, sure = _newton(g, np.minimum(log_v, (log_v - log_s) / e), np.ones(len(k), dtype=bool))
    return Floats.exp(u), ~sure


def _newton(curve: Curve, start: Column, sought: Column) -> tuple[Column, Column]:
    """Return where curves cross zero, NaN where that is not sought, and at which points that is sure."""
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

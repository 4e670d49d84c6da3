"""The largest rise of whole columns: what `pass_through.largest_rise` finds, for many points at once.

Over the logarithm of the multiple the loss only rises, and the ends between which it crosses zero are known.
What is ill-conditioned there is left to floats. Needs numpy.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from llmcost.engine.arrays import point_by_point
from llmcost.engine.roots import GRID, OFF
from llmcost.formulas.pass_through import largest_rise, loss

Column = Any
"""A float array of one dimension."""

FLAT: Final = 1e-2
"""A slope, over the amounts that balance, below which rounding moves the root by more than some 1e-13."""
NEAR: Final = 1e-8
"""A step after which the next is the last: each squares what is left."""
STEPS: Final = 60


def largest_rises(*amounts: Column) -> Column:
    """Return the multiple of the supplier's prices at which `loss` is zero; NaN where there is none.

    The arguments are those of `largest_rise`, as float arrays of one length; NaN stands for no value.
    """
    units, price, share, tokens, other, carried, passed, _, fixed = amounts
    with np.errstate(all="ignore"):
        open_ = (units > 0) & (loss(1.0, *amounts) <= 0) & (tokens > 0)
        left, borne, free = (1 - share) * price - tokens - other, 1 - passed * (1 - share), carried - 1
        paid, own = 1 + left / (borne * tokens), np.maximum(1.0, left / (free * tokens))
        end = np.minimum(np.where(borne > 0, paid, np.inf), np.where(free > 0, own, np.inf))
        plain = open_ & (fixed == 0) & (free <= 0) & (borne > 0)
        found, unsure = np.where(plain, paid, np.nan), open_ & ~plain
        at = np.flatnonzero(unsure & np.isfinite(end) & (end > 1))
        if len(at):
            found[at], sure = _roots([column[at] for column in amounts], np.log(end[at]))
            unsure[at[sure]] = False
    for place in np.flatnonzero(unsure).tolist():
        try:
            found[place] = largest_rise(*(float(column[place]) for column in amounts))
        except ArithmeticError:
            found[place] = np.nan
    return found


def _roots(amounts: list[Column], last: Column) -> tuple[Column, Column]:
    """Return the multiples between 1 and e^last, and which of them are sure."""
    found, sure = np.full(len(last), np.nan), np.zeros(len(last), dtype=bool)
    at, low, high, x = np.arange(len(last)), np.zeros_like(last), last, last
    for _ in range(STEPS):
        value, slope, _ = _fallen(x, amounts)
        low, high = np.where(value < 0, x, low), np.where(value < 0, high, x)
        newton = x - value / slope
        inside = (low < newton) & (newton < high)
        step = np.where(inside, newton, low + (high - low) / 2)
        near = inside & (np.abs(step - x) <= NEAR * np.maximum(1.0, np.abs(x)))
        if near.any():
            done, ends = at[near], step[near]
            places = ends * GRID
            start = np.rint(places) / GRID
            value, slope, size = _fallen(start, [column[near] for column in amounts], exactly=True)
            settled = start - value / slope
            found[done] = point_by_point(math.exp, settled)
            sure[done] = (slope > FLAT * size) & (settled > 0) & (settled < last[done])
            sure[done] &= (np.abs(places - np.rint(places)) < OFF) & (np.abs(settled - ends) < 1 / GRID)
            amounts = [column[~near] for column in amounts]
            at, low, high, step = at[~near], low[~near], high[~near], step[~near]
        if not len(at):
            break
        x = step
    return found, sure


def _fallen(log: Column, amounts: list[Column], exactly: bool = False) -> tuple[Column, Column, Column]:
    """Return the loss over the logarithm of the multiple, its slope, and the size of what balances."""
    units, price, share, tokens, other, carried, passed, elasticity, fixed = amounts
    times = point_by_point(math.exp, log) if exactly else np.exp(log)
    raised = price + passed * (times - 1) * tokens
    cost, free = times * tokens + other, carried - 1
    if exactly:
        sold = point_by_point(pow, raised / price, -elasticity)
    else:
        sold = np.exp(-elasticity * np.log(raised / price))
    kept = (1 - share) * raised - cost
    slope = sold * (elasticity * kept * passed * tokens / raised + (1 - passed * (1 - share)) * tokens)
    value = fixed - units * (sold * kept - free * cost)
    size = fixed + units * (sold * (raised + cost) + free * cost)
    return value, units * (slope + free * tokens) * times, size

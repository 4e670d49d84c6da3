"""Draws from uncertain numbers: the same for the same seed, on every platform and Python.

Everything here is plain Python: the generator and the arithmetic do not depend on whether numpy is
installed. A range is a 90 % interval: its ends are the 5th and 95th percentile, unless the distribution
is one that ends there (uniform, triangular, PERT). Where an end is a bound of the quantity, such as 0 of
0% to 60%, 5 % of the draws are that end: it stays the 5th (or 95th) percentile, and nothing lies beyond.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from statistics import NormalDist
from typing import Literal

from llmcost.errors import LlmcostError

Sampling = Literal["lhs", "random"]
Quantile = Callable[[float], float]

BELOW_ONE = math.nextafter(1.0, 0.0)
TAIL = 0.05
_normal = NormalDist()
_inverse_normal = _normal.inv_cdf
Z95 = _inverse_normal(1 - TAIL)


def uniforms(count: int, seed: int, stream: str, sampling: Sampling) -> list[float]:
    """Return `count` numbers in (0, 1).

    Latin hypercube sampling (`lhs`) takes one from each of `count` equal strata, in random order; the
    order of each stream is its own, so that streams are independent of one another.
    """
    source = random.Random(f"{seed}:{stream}")
    draw = source.random
    if sampling == "random":
        return [draw() or 0.5 for _ in range(count)]
    # One multiplication a draw, and no draw can land on 0 or 1.
    strata = [min((index + (draw() or 0.5)) / count, BELOW_ONE) for index in range(count)]
    source.shuffle(strata)
    return strata


def evenly(count: int, place: int, inputs: int) -> list[float]:
    """Return the column `place` of `count` points that fill a cube of so many inputs evenly, without chance.

    Each column is an arithmetic series modulo 1 whose steps are powers of 1/φ, where φ^(inputs + 1) = φ + 1:
    what is worked out from a few hundred such points is as near as from some thousand random ones.
    """
    ratio = 2.0
    for _ in range(64):
        ratio = (1 + ratio) ** (1 / (inputs + 1))
    step = ratio ** -(place + 1)
    return [(0.5 + step * index) % 1 or 0.5 for index in range(1, count + 1)]


def quantile(
    value: float,
    low: float,
    high: float,
    dist: str | None,
    *,
    least: float | None,
    most: float | None,
) -> Quantile:
    """Return the inverse distribution function of an uncertain number.

    Args:
        value: its centre: the median, or the mode of a triangular or PERT distribution.
        low, high: the ends of its range.
        dist: uniform, triangular, normal, lognormal, pert or fixed; without one a share is
            logit-normal, other positive ranges are lognormal, and the rest normal.
        least, most: what the quantity allows; a draw is never outside.

    Raises:
        LlmcostError: for a lognormal distribution of a range that is not above 0.
    """
    if dist == "fixed":
        return lambda _: value
    if dist == "uniform":
        return lambda u: low + (high - low) * u
    if dist == "triangular":
        return _triangular(low, value, high)
    if dist == "pert":
        return _pert(low, value, high)
    if dist is None and least == 0 and most == 1 and low > 0 and high < 1:
        return _split_normal(value, low, high, _logit, _expit, least, most)
    if dist == "lognormal" or (dist is None and low > 0):
        if low <= 0:
            raise LlmcostError(f"a lognormal range must lie above 0, got {low:g} to {high:g}")
        return _split_normal(value, low, high, _log, math.exp, least, most)
    return _split_normal(value, low, high, float, float, least, most)


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf


def _logit(p: float) -> float:
    return _log(p) - _log(1 - p)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _split_normal(
    value: float,
    low: float,
    high: float,
    there: Callable[[float], float],
    back: Callable[[float], float],
    least: float | None,
    most: float | None,
) -> Quantile:
    """Normal on a transformed scale, with its own spread on each side of the median.

    Where the median lies in the middle of the transformed range, as it does when none is stated, both
    spreads are one and this is the plain distribution. The ends are the 5th and 95th percentile exactly.
    A tail that would reach beyond what the quantity allows is cut off there, and what is left of it keeps
    its 5 %; so where an end of the range is the bound itself, that end is what 5 % of the draws are.
    """
    centre = there(value)
    below, above = (centre - there(low)) / Z95, (there(high) - centre) / Z95
    under = 0.0 if least is None or not below else _normal.cdf((there(least) - centre) / below)
    over = 0.0 if most is None or not above else _normal.cdf((centre - there(most)) / above)
    bottom, top = -math.inf if least is None else least, math.inf if most is None else most

    def at(u: float) -> float:
        rank = u
        if u < TAIL and under > 1e-18:
            rank = under + (1 - under / TAIL) * u
        elif u > 1 - TAIL and over > 1e-18:
            rank = 1 - over - (1 - over / TAIL) * (1 - u)
        z = _inverse_normal(min(max(rank, 1e-16), BELOW_ONE))
        x = back(centre + z * (above if z > 0 else below))
        x = min(x, low) if u <= TAIL else max(x, high) if u >= 1 - TAIL else x
        return min(max(x, bottom), top)

    return at


def _triangular(low: float, mode: float, high: float) -> Quantile:
    width = high - low
    turn = (mode - low) / width

    def at(u: float) -> float:
        if u < turn:
            return low + math.sqrt(u * width * (mode - low))
        return high - math.sqrt((1 - u) * width * (high - mode))

    return at


def _pert(low: float, mode: float, high: float) -> Quantile:
    """Beta on [low, high] with shape 4, as in PERT; its inverse by bisection on a tabulated integral."""
    width = high - low
    a, b = 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width
    steps = 512
    density = [(i / steps) ** (a - 1) * (1 - i / steps) ** (b - 1) for i in range(steps + 1)]
    # Simpson's rule on each half step keeps the table exact to about 1e-9.
    table = [0.0]
    for i in range(steps):
        middle = (i + 0.5) / steps
        inner = middle ** (a - 1) * (1 - middle) ** (b - 1)
        table.append(table[-1] + (density[i] + 4 * inner + density[i + 1]) / (6 * steps))
    total = table[-1]

    def at(u: float) -> float:
        wanted = u * total
        first, last = 0, steps
        while last - first > 1:
            half = (first + last) // 2
            first, last = (half, last) if table[half] <= wanted else (first, half)
        rest = (wanted - table[first]) / (table[last] - table[first])
        return low + width * (first + rest) / steps

    return at

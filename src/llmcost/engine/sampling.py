"""Draws from uncertain numbers: the same for the same seed, on every platform and Python.

Everything here is plain Python; `sampling_columns` does the same for whole columns, with numpy. A draw
depends only on its stream and its place, so any part of a column can be drawn without the rest. A range is a
90% interval: its ends are the 5th and 95th percentile, unless the distribution ends there (uniform,
triangular, PERT). If an end is a bound of the quantity, such as 0 in 0% to 60%, then 5% of the draws equal
that end: it remains the 5th (or 95th) percentile, and nothing lies beyond it.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from statistics import NormalDist
from struct import pack, unpack
from typing import Final, Literal

from llmcost.errors import LlmcostError
from llmcost.records import NamedTuple

Sampling = Literal["lhs", "random"]
Way = Sampling | Literal["even"]
"""How draws are taken: by chance, or evenly where few must do."""

BELOW_ONE = math.nextafter(1.0, 0.0)
LEAST_RANK: Final = 1e-16
TAIL = 0.05
NO_TAIL: Final = 1e-18
"""A smaller probability beyond a bound is only rounding."""
_normal = NormalDist()
_inverse_normal = _normal.inv_cdf
Z95 = _inverse_normal(1 - TAIL)

WORD: Final = 2**64 - 1
GOLDEN: Final = 0x9E3779B97F4A7C15
MIX: Final = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
"""The factors of SplitMix64, which mixes the bits of a counter (Steele, Lea and Flood, OOPSLA 2014)."""
FINE: Final = 28
"""Binary digits of a draw's position in its stratum; together with those of the stratum they fit a float."""

TURNS: Final = 4
"""Steps that shuffle the strata; after only three, neighbours are still correlated."""


class Stream(NamedTuple):
    """The parameters of a stream of draws.

    Attributes:
        key: where its counter begins.
        turns: odd factors and summands of the steps that shuffle the strata.
    """

    key: int
    turns: tuple[tuple[int, int], ...]


def stream_of(seed: int, name: str) -> Stream:
    """Return the stream of a seed and name."""
    bits = random.Random(f"{seed}:{name}").getrandbits
    return Stream(bits(64), tuple((bits(64) | 1, bits(64)) for _ in range(TURNS)))


def uniforms(count: int, seed: int, stream: str | int, way: Way) -> list[float]:
    """Return `count` numbers in (0, 1).

    Latin hypercube sampling (`lhs`) takes one from each of `count` equal strata, in random order. Each
    stream has its own order, so that streams are independent. For evenly spaced numbers (`even`), the stream
    is the place of a column.
    """
    if way == "even":
        return evenly(count, int(stream))
    source = stream_of(seed, str(stream))
    words = _words(source.key, count)
    if way == "random":
        return [((word >> 12) + 0.5) / 2**52 for word in words]
    places, unit = _places(source, count), 2**FINE
    return [
        (place + ((word >> (64 - FINE)) + 0.5) / unit) / count
        for place, word in zip(places, words, strict=True)
    ]


def _words(key: int, count: int) -> list[int]:
    """Return 64 random bits for each place: a counter with its bits mixed."""
    one, two = MIX
    found: list[int] = []
    for start in range(0, count, LANES):
        ones, steps, keep = _lanes(min(LANES, count - start), 2, WORD)
        words = (ones * (key + GOLDEN * start & WORD) & keep) + steps * GOLDEN & keep
        words = (words ^ words >> 30 & keep) * one & keep
        words = (words ^ words >> 27 & keep) * two & keep
        found += _numbers(words ^ words >> 31 & keep, min(LANES, count - start), 2)
    return found


LANES: Final = 2048
"""Numbers processed at once, side by side in one long integer, far enough apart to be multiplied."""


@lru_cache(maxsize=8)
def _lanes(count: int, width: int, mask: int) -> tuple[int, int, int]:
    """Return ones, the numbers from 1 on, and a mask, each in `count` lanes of `width` words."""
    zeros = (0,) * (width - 1)

    def laid(numbers: Iterable[int]) -> int:
        words = [word for number in numbers for word in (number, *zeros)]
        return int.from_bytes(pack(f"<{len(words)}Q", *words), "little")

    ones = laid([1] * count)
    return ones, laid(range(1, count + 1)), ones * mask


def _numbers(lanes: int, count: int, width: int) -> tuple[int, ...]:
    """Return the numbers in the lanes."""
    return unpack(f"<{width * count}Q", lanes.to_bytes(8 * width * count, "little"))[::width]


def bits_of(count: int) -> tuple[int, int]:
    """Return the binary digits that number the strata, and the shift that mixes upper into lower ones."""
    digits = (count - 1).bit_length()
    return digits, max(1, (digits + 1) // 2)


def _places(source: Stream, count: int) -> list[int]:
    """Return the strata in random order, by an invertible mixture of their digits.

    A result beyond the last stratum is mixed again until it is a stratum.
    """
    digits, down = bits_of(count)
    mask = (1 << digits) - 1
    turns = [(factor & mask, summand & mask) for factor, summand in source.turns]
    (a, b), (c, d), (e, f), (g, h) = turns
    found: list[int] = []
    for start in range(0, count, LANES):
        ones, steps, keep = _lanes(min(LANES, count - start), 1, mask)
        x = steps + ones * (start - 1) if start else steps - ones
        for place, (factor, summand) in enumerate(turns):
            x = (x ^ x >> down & keep if place else x) * factor + ones * summand & keep
        found += _numbers(x, min(LANES, count - start), 1)
    for place, x in enumerate(found):
        while x >= count:
            x = x * a + b & mask
            x = (x ^ x >> down) * c + d & mask
            x = (x ^ x >> down) * e + f & mask
            x = (x ^ x >> down) * g + h & mask
        found[place] = x
    return found


LATTICES: Final = {509: 118, 2039: 421}
"""The multiplier of Korobov's lattice by its number of points: with a small P₂ in 2 to 12 dimensions (Sloan
and Joe, Lattice Methods for Multiple Integration, 1994)."""
TURN: Final = (math.sqrt(5) - 1) / 2
"""Columns of a lattice begin at its multiples by squares, so that no point is the least in all of them."""


@lru_cache(maxsize=64)
def evenly(count: int, place: int) -> list[float]:
    """Return column `place` of `count` points that fill the unit cube evenly.

    A column has the middle of each of `count` equal strata. 509 such points are as exact as 2,000 draws of a
    Latin hypercube, of which columns beyond those of the lattice are.
    """
    if place >= count // 4:
        return uniforms(count, 0, str(place), "lhs")
    step, start = pow(LATTICES[count], place, count), int(count * ((place + 1) ** 2 * TURN % 1))
    return [((step * index + start) % count + 0.5) / count for index in range(count)]


class Fixed(NamedTuple):
    """A number that is the same in every draw."""

    value: float


class Uniform(NamedTuple):
    """Equal density over a range."""

    low: float
    high: float


class Triangular(NamedTuple):
    """A density that rises linearly to the mode, and falls linearly after it."""

    low: float
    mode: float
    high: float


class Pert(NamedTuple):
    """Beta distribution with shape 4, as in PERT, stored as its integral at equal steps of the range."""

    low: float
    high: float
    table: tuple[float, ...]


class SplitNormal(NamedTuple):
    """Normal on a transformed scale, with its own spread on each side of the median.

    If the median is in the middle of the transformed range, as it is unless one is stated, both spreads are
    equal and this is the plain distribution. The ends are exactly the 5th and 95th percentile. A tail that
    would go beyond the bounds of the quantity is cut off there, and the rest of it keeps its 5%; so if an
    end of the range is the bound itself, 5% of the draws equal that end.

    Attributes:
        scale: the scale on which it is normal.
        centre, below, above: the median and the deviation on either side of it, on that scale.
        under, over: the probabilities beyond the bounds.
        low, high: the ends of the range.
        bottom, top: the bounds of the quantity.
    """

    scale: Literal["plain", "log", "logit"]
    centre: float
    below: float
    above: float
    under: float
    over: float
    low: float
    high: float
    bottom: float
    top: float


Distribution = Fixed | Uniform | Triangular | Pert | SplitNormal


def distribution(
    value: float, low: float, high: float, dist: str | None, *, least: float | None, most: float | None
) -> Distribution:
    """Return how an uncertain number is distributed.

    Args:
        value: its centre: the median, or the mode of a triangular or PERT distribution.
        low, high: the ends of its range.
        dist: uniform, triangular, normal, lognormal, pert or fixed; by default a share is logit-normal,
            other positive ranges are lognormal, and the rest normal.
        least, most: the bounds of the quantity; a draw is never outside.

    Raises:
        LlmcostError: for a lognormal distribution over a range that is not above 0.
    """
    if dist == "fixed":
        return Fixed(value)
    if dist == "uniform":
        return Uniform(low, high)
    if dist == "triangular":
        return Triangular(low, value, high)
    if dist == "pert":
        return _pert(low, value, high)
    scale: Literal["plain", "log", "logit"] = "plain"
    if dist is None and least == 0 and most == 1 and low > 0 and high < 1:
        scale = "logit"
    elif dist == "lognormal" or (dist is None and low > 0):
        if low <= 0:
            raise LlmcostError(f"a lognormal range must lie above 0, got {low:g} to {high:g}")
        scale = "log"
    there = SCALES[scale].there
    centre = there(value)
    below, above = (centre - there(low)) / Z95, (there(high) - centre) / Z95
    return SplitNormal(
        *(scale, centre, below, above),
        under=0.0 if least is None or not below else _normal.cdf((there(least) - centre) / below),
        over=0.0 if most is None or not above else _normal.cdf((centre - there(most)) / above),
        low=low,
        high=high,
        bottom=-math.inf if least is None else least,
        top=math.inf if most is None else most,
    )


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf


def _logit(p: float) -> float:
    return _log(p) - _log(1 - p)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


class Transform(NamedTuple):
    """A scale, and the way back from it."""

    there: Callable[[float], float]
    back: Callable[[float], float]


SCALES: Final = {
    "plain": Transform(float, float),
    "log": Transform(_log, math.exp),
    "logit": Transform(_logit, _expit),
}


def _pert(low: float, mode: float, high: float) -> Pert:
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
    return Pert(low, high, tuple(table))


def values(found: Distribution, ranks: Sequence[float]) -> list[float]:
    """Return what a distribution has at some ranks in (0, 1)."""
    match found:
        case Fixed(value):
            return [value] * len(ranks)
        case Uniform(low, high):
            return [low + (high - low) * u for u in ranks]
        case Triangular(low, mode, high):
            width, rise, fall = high - low, mode - low, high - mode
            return [
                low + math.sqrt(u * width * rise)
                if u < rise / width
                else high - math.sqrt((1 - u) * width * fall)
                for u in ranks
            ]
        case Pert(low, high, table):
            return [_of_pert(low, high, table, u * table[-1]) for u in ranks]
        case SplitNormal():
            return _of_normal(found, ranks)


def _of_normal(found: SplitNormal, ranks: Sequence[float]) -> list[float]:
    scale, centre, below, above, under, over, low, high, bottom, top = found
    back = SCALES[scale].back
    cut_below, cut_above, most = under > NO_TAIL, over > NO_TAIL, 1 - TAIL

    def in_tail(u: float) -> float:
        rank = u
        if u < TAIL and cut_below:
            rank = under + (1 - under / TAIL) * u
        elif u > most and cut_above:
            rank = 1 - over - (1 - over / TAIL) * (1 - u)
        z = _inverse_normal(min(max(rank, LEAST_RANK), BELOW_ONE))
        x = back(centre + z * (above if z > 0 else below))
        return min(x, low) if u <= TAIL else max(x, high)

    found_at = [
        back(centre + _inverse_normal(u) * (above if u > 0.5 else below)) if TAIL < u < most else in_tail(u)
        for u in ranks
    ]
    return [x if bottom <= x <= top else min(max(x, bottom), top) for x in found_at]


def _of_pert(low: float, high: float, table: Sequence[float], wanted: float) -> float:
    steps = len(table) - 1
    first = min(bisect_right(table, wanted), steps) - 1
    rest = (wanted - table[first]) / (table[first + 1] - table[first])
    return low + (high - low) * (first + rest) / steps

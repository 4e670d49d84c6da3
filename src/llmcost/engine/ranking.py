"""Sorted draws: percentiles with their errors, histograms and rank correlations, in plain Python.

A draw may be infinite: that is a value beyond all numbers, such as a break-even that is never reached.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from llmcost.records import NamedTuple

BINS: Final = 24
SAME: Final = 1e-9
"""Numbers whose relative difference is below this differ only by rounding."""


class Percentile(NamedTuple):
    """A percentile of the draws and its standard error, both in the metric's unit.

    The value is infinite if that many draws are; next to infinite draws the error is None.
    """

    percent: int
    value: float
    error: float | None


def percentile(ordered: Sequence[float], percent: int) -> Percentile:
    """Return a percentile, interpolated, and its standard error.

    The error is half the distance between the order statistics that lie one standard deviation of the
    binomial rank to either side (the distribution-free interval of a quantile).
    """
    p = percent / 100
    count = len(ordered)
    spread = math.sqrt(count * p * (1 - p))
    place = p * (count - 1)
    above = at(ordered, min(place + spread, count - 1))
    below = at(ordered, max(place - spread, 0))
    error = (above - below) / 2 if math.isfinite(above) and math.isfinite(below) else None
    return Percentile(percent, at(ordered, place), error)


def at(ordered: Sequence[float], place: float) -> float:
    """Return the value at a place between two neighbours, interpolated.

    If one of the two is infinite, or is the value of several draws, such as the bound of a range, the result
    is that one: there is nothing to interpolate.
    """
    below = math.floor(place)
    rest = place - below
    if not rest:
        return float(ordered[below])
    one, other = float(ordered[below]), float(ordered[below + 1])
    if one == -math.inf or other == math.inf:
        return one if one == -math.inf else other
    before, after = ordered[max(below - 1, 0)], ordered[min(below + 2, len(ordered) - 1)]
    many, more = below > 0 and before == one, below + 2 < len(ordered) and after == other
    if many != more:
        return one if many else other
    return one * (1 - rest) + other * rest


def moments(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Return mean and standard deviation; None if there is none, or it is too large to represent."""
    mean = deviation = None
    try:
        if values:
            mean = math.fsum(values) / len(values)
        if mean is not None and len(values) > 1:
            squares = math.fsum((value - mean) * (value - mean) for value in values)
            deviation = math.sqrt(squares / (len(values) - 1))
    except OverflowError:
        pass  # a tail that reaches beyond 1e154 has no deviation worth printing
    return mean, deviation


Histogram = tuple[tuple[float, float, int], ...]
"""Edges and counts."""


class Bins(NamedTuple):
    """Equal bins for values from `low` to `high`, on a log scale or not."""

    low: float
    high: float
    log: bool
    first: float
    width: float


def counted(ordered: Sequence[float], bins: Bins) -> list[int]:
    """Count the values in each bin."""
    scale, counts = (math.log if bins.log else float), [0] * BINS
    for value in ordered:
        if bins.low <= value <= bins.high:
            counts[min(int((scale(value) - bins.first) / bins.width), BINS - 1)] += 1
    return counts


def histogram(
    ordered: Sequence[float], counted: Callable[[Sequence[float], Bins], list[int]] = counted
) -> tuple[Histogram, bool]:
    """Count draws between the 5th and 95th percentile in equal bins, on a log scale if the range is wide.

    Returns edges and counts, and whether the scale is logarithmic.
    """
    if not len(ordered):
        return (), False
    low, high = (at(ordered, end * (len(ordered) - 1)) for end in (0.05, 0.95))
    if high - low <= SAME * max(abs(low), abs(high)):
        return ((low, high, len(ordered)),), False
    log = low > 0 and high / low > 20
    scale, back = (math.log, math.exp) if log else (float, float)
    first, width = scale(low), (scale(high) - scale(low)) / BINS
    edges = [back(first + width * step) for step in range(BINS + 1)]
    counts = counted(ordered, Bins(low, high, log, first, width))
    return tuple(zip(edges, edges[1:], counts, strict=False)), log


def ranks(values: Sequence[float]) -> list[float]:
    """Return ranks from 0; equal values share their mean rank."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop + 1 < len(order) and values[order[stop + 1]] == values[order[start]]:
            stop += 1
        for place in range(start, stop + 1):
            found[order[place]] = (start + stop) / 2
        start = stop + 1
    return found


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the correlation of two columns of ranks; 0 if one of them does not vary."""
    middle = (len(one) - 1) / 2
    together = math.fsum((a - middle) * (b - middle) for a, b in zip(one, other, strict=True))
    spread = math.fsum((a - middle) ** 2 for a in one) * math.fsum((b - middle) ** 2 for b in other)
    return together / math.sqrt(spread) if spread > 0 else 0.0

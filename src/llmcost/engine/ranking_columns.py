"""Draws in order as columns: what `ranking` does, with numpy."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from llmcost.engine.ranking import BINS, Histogram, scale_of

Column = Any
"""A float array of one dimension."""

PART: Final = 8_192
"""Values that are worked on at a time, so that memory does not grow with their number."""


def moments(values: Column) -> tuple[float | None, float | None]:
    """Return mean and standard deviation; None where there is none, or it is too large to represent."""
    if not len(values):
        return None, None
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(np.mean(values))
        parts = (values[start : start + PART] - mean for start in range(0, len(values), PART))
        squares = math.fsum(float(np.dot(part, part)) for part in parts)
    known = math.isfinite(mean)
    several = known and len(values) > 1 and math.isfinite(squares)
    return mean if known else None, math.sqrt(squares / (len(values) - 1)) if several else None


def histogram(ordered: Column) -> tuple[Histogram, bool]:
    """Count draws between the 5th and 95th percentile, as `ranking.histogram` does."""
    scale = scale_of(ordered)
    if scale.edges is None:
        return scale.whole, False
    first, last = np.searchsorted(ordered, scale.low, "left"), np.searchsorted(ordered, scale.high, "right")
    counts = np.zeros(BINS, dtype=int)
    for start in range(int(first), int(last), PART):
        inner = ordered[start : min(start + PART, int(last))]
        places = ((np.log(inner) if scale.log else inner) - scale.first) / scale.width
        counts += np.bincount(np.minimum(places.astype(int), BINS - 1), minlength=BINS)
    return tuple(zip(scale.edges, scale.edges[1:], counts.tolist(), strict=False)), scale.log


def ranks(values: Column) -> Column:
    """Return ranks from 0; equal values share their mean rank."""
    _, back, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts + 1) / 2)[back]


def correlation(one: Column, other: Column) -> float:
    """Return the correlation of two columns of ranks; 0 where one of them does not vary."""
    middle = (len(one) - 1) / 2
    a, b = one - middle, other - middle
    spread = float(np.dot(a, a)) * float(np.dot(b, b))
    return float(np.dot(a, b)) / spread**0.5 if spread > 0 else 0.0

"""The functions of `ranking` and `correlation` on columns, with numpy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from llmcost.engine.correlation import cholesky, of_normals
from llmcost.engine.ranking import BINS, Bins
from llmcost.engine.sampling_columns import inverse_normal

Column = Any
"""A float array of one dimension."""

PART: Final = 8_192
"""Values that are processed at a time, so that memory does not grow with their number."""


def moments(values: Column) -> tuple[float | None, float | None]:
    """Return mean and standard deviation; None if there is none, or it is too large to represent."""
    if not len(values):
        return None, None
    with np.errstate(over="ignore", invalid="ignore"):
        parts = [values[start : start + PART] for start in range(0, len(values), PART)]
        mean = _sum(parts) / len(values)
        squares = _sum((part - mean) * (part - mean) for part in parts)
    known = math.isfinite(mean)
    several = known and len(values) > 1 and math.isfinite(squares)
    return mean if known else None, math.sqrt(squares / (len(values) - 1)) if several else None


def counted(ordered: Column, bins: Bins) -> list[int]:
    """Count the values in each bin."""
    first, last = np.searchsorted(ordered, bins.low, "left"), np.searchsorted(ordered, bins.high, "right")
    counts = np.zeros(BINS, dtype=int)
    for start in range(int(first), int(last), PART):
        inner = ordered[start : min(start + PART, int(last))]
        places = ((np.log(inner) if bins.log else inner) - bins.first) / bins.width
        counts += np.bincount(np.minimum(places.astype(int), BINS - 1), minlength=BINS)
    return [int(count) for count in counts]


def ranks(values: Column) -> Column:
    """Return ranks from 0; equal values share their mean rank."""
    _, back, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts + 1) / 2)[back]


def correlation(one: Column, other: Column) -> float:
    """Return the correlation of two columns of ranks; 0 if one of them does not vary."""
    middle = (len(one) - 1) / 2
    a, b = one - middle, other - middle
    spread = _dot(a, a) * _dot(b, b)
    return _dot(a, b) / math.sqrt(spread) if spread > 0 else 0.0


def reordered(columns: Sequence[Column], ranks: Sequence[Sequence[float]]) -> list[Column]:
    """Reorder columns of uniform draws so that they have the given rank correlations."""
    wanted = cholesky([[of_normals(rank) for rank in row] for row in ranks])
    assert wanted is not None
    scores = [_standardised(inverse_normal(column)) for column in columns]
    own = cholesky([[float(np.dot(one, other)) / len(one) for other in scores] for one in scores])
    if own is not None and all(own[k][k] > 0 for k in range(len(columns))):
        for place, row in enumerate(own):
            for weight, known in zip(row[:place], scores, strict=False):
                scores[place] = scores[place] - weight * known
            scores[place] = scores[place] / row[place]
    found = []
    for place, column in enumerate(columns):
        keys = sum(weight * score for weight, score in zip(wanted[place][: place + 1], scores, strict=False))
        result = np.empty_like(column)
        result[np.argsort(keys, kind="stable")] = np.sort(column)
        found.append(result)
    return found


def _standardised(column: Column) -> Column:
    size = np.std(column)
    return (column - np.mean(column)) / size if size > 0 else np.zeros_like(column)


def _dot(a: Column, b: Column) -> float:
    return _sum(a[start : start + PART] * b[start : start + PART] for start in range(0, len(a), PART))


def _sum(parts: Iterable[Column]) -> float:
    """Return the sum of some columns like `math.fsum`, rounded once; NaN if it is too large.

    Halves are added to each other; what rounding loses is known exactly and is summed separately.
    """
    terms: list[float] = []
    for part in parts:
        while len(part) > 1:
            half, odd = divmod(len(part), 2)
            terms += part[2 * half :].tolist() if odd else ()
            a, b = part[:half], part[half : 2 * half]
            part = a + b
            back = part - a
            terms.append(float(np.sum((a - (part - back)) + (b - back))))
        terms += part.tolist()
    try:
        return math.fsum(terms)
    except (OverflowError, ValueError):
        return math.nan

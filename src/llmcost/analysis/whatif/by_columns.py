"""Operations on draws as numpy arrays: they take a thirtieth of the time of `by_lists`.

A missing value is NaN. Any part of a column can be drawn without the rest, so only the results take memory.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from llmcost.analysis.whatif.grid import CHUNK, Grid
from llmcost.analysis.whatif.over_time import GridOverTime
from llmcost.engine import sampling_columns
from llmcost.engine.ranking_columns import correlation, counted, moments, ranks, reordered
from llmcost.engine.sampling import Distribution, Sampling, stream_of
from llmcost.engine.sampling_columns import values
from llmcost.reasons import Reason

__all__ = ("correlation", "counted", "moments", "ranks", "reordered", "values")

Column = Any
"""A float array of one dimension."""

STEP: Final = CHUNK
"""Draws that are processed at a time."""

_stream = lru_cache(maxsize=256)(stream_of)


def uniforms(count: int, seed: int, fact: str, sampling: Sampling) -> Column:
    """Return `count` numbers in (0, 1)."""
    return sampling_columns.uniforms(0, count, count, _stream(seed, fact), sampling)


def drawn(
    kind: Distribution, start: int, stop: int, count: int, seed: int, fact: str, sampling: Sampling
) -> Column:
    """Return the draws of a fact at the places start to stop of `count`."""
    return values(kind, sampling_columns.uniforms(start, stop, count, _stream(seed, fact), sampling))


def worked_out(
    grid: Grid | GridOverTime, columns: Sequence[Column], reasons: dict[str, Counter[Reason]] | None = None
) -> list[Column]:
    """Return the metrics of a grid at some draws; `reasons` counts why they are undefined."""
    if isinstance(grid, GridOverTime):
        lists = grid.one_by_one([column.tolist() for column in columns], reasons, ends=True)
        return [np.array(column, dtype=float) for column in lists]
    found = grid.arrays(columns)
    lost = np.flatnonzero(np.isnan(found).any(axis=0))
    if len(lost):  # each for its own reason, and some are infinite
        found = [column.copy() for column in found]
        alone = grid.one_by_one([column[lost].tolist() for column in columns], reasons, ends=True)
        for column, values in zip(found, alone, strict=True):
            column[lost] = np.array(values, dtype=float)
    return found


def empty(count: int) -> Column:
    """Return a column to be filled."""
    return np.empty(count)


def holding(compare: Callable[[Any, Any], Any], column: Column, other: Column | float) -> int:
    """Return the number of draws at which a comparison with a column or a number holds."""
    return int(np.count_nonzero(compare(column, other)))


def present(column: Column) -> Column:
    """Return the places of the values that exist."""
    return np.flatnonzero(~np.isnan(column))


def taken(column: Column, places: Column) -> Column:
    """Return the values at some places."""
    return column[places]


def ordered(column: Column) -> tuple[Column, Column]:
    """Return the existing values, and the finite ones, in order; the column is sorted in place."""
    column.sort()  # NaN last
    there = column[: np.searchsorted(column, math.nan)]
    return there, there[np.searchsorted(there, -math.inf, "right") : np.searchsorted(there, math.inf)]


def held(lines: Sequence[Column], sums: Column, total: Column | float, *, exact: bool) -> list[Column]:
    """Return the lines of a total, reduced to at most its value; with `exact`, adjusted to it."""
    gaps = total - sums
    open_ = np.flatnonzero((gaps < 0) | (exact & ~np.isnan(gaps)))
    found = np.stack([line[open_] for line in lines])
    spread(found, gaps[open_], np.array([np.var(line) for line in lines]))
    whole = [line.copy() for line in lines]
    for line, column in zip(whole, found, strict=True):
        line[open_] = column
    return whole


def spread(lines: Column, gaps: Column, variances: Column) -> None:
    """Add a gap to the lines of each draw by their share of the variance; none falls below 0.

    Args:
        lines: a row for each line and a column for each draw; it is changed.
        gaps: the missing part of the total in each draw; below 0, the excess.
        variances: one for each line.
    """
    free = np.ones(lines.shape, dtype=bool)
    left = np.flatnonzero(gaps)
    while len(left):
        weights = np.where(free[:, left], variances[:, None], 0.0)
        sizes = weights.sum(axis=0)
        left, weights, sizes = left[sizes > 0], weights[:, sizes > 0], sizes[sizes > 0]
        now, steps = lines[:, left], gaps[left] * weights / sizes
        stopped = free[:, left] & (now + steps < 0)
        again = stopped.any(axis=0)
        steps = np.where(again, np.where(stopped, -now, 0.0), steps)
        lines[:, left] = now + steps
        gaps[left] -= steps.sum(axis=0)
        free[:, left] &= ~stopped
        left = left[again & (gaps[left] != 0)]

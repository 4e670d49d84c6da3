"""Operations on draws as lists: plain Python, with the same results on every machine.

A missing value is None. `by_columns` has the same names for numpy arrays.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Final

from llmcost.engine.correlation import reordered
from llmcost.engine.ranking import correlation, counted, moments, ranks
from llmcost.engine.sampling import Distribution, Way, uniforms, values
from llmcost.reasons import Reason

if TYPE_CHECKING:
    from llmcost.analysis.whatif.grid import Grid
    from llmcost.analysis.whatif.over_time import GridOverTime

__all__ = ("correlation", "counted", "moments", "ranks", "reordered", "uniforms", "values")

Column = list[float | None]
STEP: Final = sys.maxsize
"""Draws that are processed at a time: all."""
KEPT: Final = 10_000
"""Up to this many draws of a fact are kept for further use."""


def drawn(
    kind: Distribution, start: int, stop: int, count: int, seed: int, fact: str | int, way: Way
) -> Sequence[float]:
    """Return the draws of a fact at the places start to stop of `count`."""
    whole = (_kept if count <= KEPT else _drawn)(kind, count, seed, fact, way)
    return whole if stop - start == count else whole[start:stop]


def _drawn(kind: Distribution, count: int, seed: int, fact: str | int, way: Way) -> list[float]:
    return values(kind, uniforms(count, seed, fact, way))


_kept = lru_cache(maxsize=64)(_drawn)
"""The draws of facts that several metrics or scenarios share."""


def worked_out(
    grid: Grid | GridOverTime,
    columns: Sequence[Sequence[float]],
    reasons: dict[str, Counter[Reason]] | None = None,
) -> list[Column]:
    """Return the metrics of a grid at some draws; `reasons` counts why they are undefined."""
    return grid.one_by_one(columns, reasons, ends=True)


def empty(count: int) -> Column:
    """Return a column to be filled."""
    return [None] * count


def holding(compare: Callable[[float, float], bool], column: Column, other: Column | float) -> int:
    """Return the number of draws at which a comparison with a column or a number holds."""
    others = other if isinstance(other, list) else repeat(other, len(column))
    pairs = zip(column, others, strict=True)
    return sum(1 for a, b in pairs if a is not None and b is not None and compare(a, b))


def present(column: Column) -> list[int]:
    """Return the places of the values that exist."""
    return [place for place, value in enumerate(column) if value is not None]


def taken(column: Column, places: Sequence[int]) -> Column:
    """Return the values at some places."""
    return [column[place] for place in places]


def ordered(column: Column) -> tuple[list[float], list[float]]:
    """Return the existing values in order, and the finite ones."""
    there = sorted(value for value in column if value is not None)
    return there, [value for value in there if math.isfinite(value)]


def held(
    lines: Sequence[Sequence[float]], sums: Column, total: Sequence[float] | float, *, exact: bool
) -> list[list[float]]:
    """Return the lines of a total, reduced to at most its value; with `exact`, adjusted to it.

    A gap is added to the lines of its draw by their share of the variance; none falls below 0.
    """
    found = [list(line) for line in lines]
    variances = [_variance(line) for line in lines]
    totals = total if isinstance(total, Sequence) else repeat(total, len(sums))
    for place, (summed, most) in enumerate(zip(sums, totals, strict=True)):
        if summed is not None and (exact or most < summed):
            _spread(most - summed, place, found, variances)
    return found


def _spread(gap: float, place: int, lines: list[list[float]], variances: Sequence[float]) -> None:
    free = dict(enumerate(variances))
    while free and gap:
        size = math.fsum(free.values())
        if size <= 0:
            return
        steps = {line: gap * variance / size for line, variance in free.items()}
        stopped = [line for line, step in steps.items() if lines[line][place] + step < 0]
        for line in stopped or free:
            step = -lines[line][place] if stopped else steps[line]
            lines[line][place] += step
            gap -= step
        if not stopped:
            return
        for line in stopped:
            del free[line]


def _variance(column: Sequence[float]) -> float:
    mean = math.fsum(column) / len(column)
    return math.fsum((value - mean) ** 2 for value in column) / len(column)

"""Where two curves meet as an input goes from low to high: every place, and no jumps.

`solve` compares a metric with its target, and a claim a number with the ends of what is claimed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

from llmcost.analysis.whatif.conditions import OPERATORS
from llmcost.analysis.whatif.grid import Grid
from llmcost.analysis.whatif.vary import NOISE
from llmcost.engine.compiled import Values
from llmcost.formulas.projection import ROUNDING
from llmcost.reasons import Reason
from llmcost.records import NamedTuple

if TYPE_CHECKING:
    from llmcost.analysis.whatif.over_time import GridOverTime

SCAN: Final = 512
"""Points of the scan that finds the sign changes before any is refined."""

CLOSE: Final = 1e-9
"""How far the two sides may differ at a solution, relative to the larger side or to their gap around it."""


class Solution(NamedTuple):
    """One place where the two sides meet.

    Attributes:
        value: the input there.
        achieved: the metric there.
        residual: metric less target there.
    """

    value: float
    achieved: float
    residual: float


class Scanned(NamedTuple):
    """A point of the scan: the input, and both sides there, None if undefined."""

    value: float
    metric: float | None
    target: float | None


class Blank(NamedTuple):
    """An interval of the search in which a side is undefined, and why."""

    low: float
    high: float
    reason: Reason


class Meetings(NamedTuple):
    """What a search finds.

    Attributes:
        solutions: the inputs at which the two sides meet, in rising order.
        holds: the intervals of the search in which an inequality holds.
        jumps: places where the metric jumps across the target without meeting it.
        scan: the points with which the search began, from low to high.
        blanks: intervals in which one side is undefined.
    """

    solutions: tuple[Solution, ...]
    holds: tuple[tuple[float, float], ...]
    jumps: tuple[float, ...]
    scan: tuple[Scanned, ...]
    blanks: tuple[Blank, ...]


Kind = TypeVar("Kind", bool, Reason)
Stretch = tuple[float, float]
Why = Callable[[float], Reason | None]


class Curve(NamedTuple):
    """A number as a function of an input, None where it is undefined: at one value, and at many at once."""

    at: Callable[[float], float | None]
    over: Callable[[tuple[float, ...]], Sequence[float | None]]


def pointwise(at: Callable[[float], float | None]) -> Curve:
    """Return the curve of a function that takes one value at a time, and is called once for each."""
    once = cache(at)
    return Curve(once, lambda xs: list(map(once, xs)))


def constant(value: float | None) -> Curve:
    """Return a number that does not move, as a curve."""
    return Curve(lambda _: value, lambda xs: [value] * len(xs))


def curve_of(
    grid: Grid | GridOverTime,
    one: Callable[[Values], float | None],
    many: Callable[[list[list[float | None]]], list[float | None]],
) -> Curve:
    """Return what is made of the metrics of a grid of one input: of one row of them, or of columns.

    Columns are worked out once, however many targets they are held against.
    """
    if not isinstance(grid, Grid):  # each point is a whole projection
        return pointwise(lambda x: one(grid.at([x])))
    return Curve(lambda x: one(grid.at([x])), cache(lambda xs: many(grid.one_by_one([xs]))))


def search(
    sign: str,
    low: float,
    high: float,
    left: Curve,
    right: Curve,
    why: Why = lambda _: None,
    rounded: Callable[[float], float] = lambda x: x,
) -> Meetings:
    """Find where two sides meet as an input goes from low to high, and where the left is `sign` the right.

    A solution is `rounded` if that is as good.
    """
    grid = _grid(low, high)
    scan = tuple(map(Scanned, grid, left.over(grid), right.over(grid)))
    gaps = [_gap(point.metric, point.target) for point in scan]
    solutions: list[Solution] = []
    jumps: list[float] = []

    def at(x: float) -> Solution | None:
        achieved, wanted = left.at(x), right.at(x)
        return None if achieved is None or wanted is None else Solution(x, achieved, achieved - wanted)

    def meet(x: float, across: float = 0.0) -> None:
        """Record a solution, or a jump if the sides stay apart; `across` is their gap around x."""
        found, near = at(x), min(max(rounded(x), low), high)
        if found is None:
            return
        short = found if near == x else at(near)
        larger = max(abs(found.achieved), abs(found.achieved - found.residual))
        if short is not None and abs(short.residual) <= max(abs(found.residual), NOISE * larger):
            found = short
        if abs(found.residual) <= CLOSE * max(larger, across):
            solutions.append(found)
        else:
            jumps.append(x)

    # If both sides are equal on a stretch, its ends are solutions, not every point of it.
    around = zip([None, *gaps], gaps, [*gaps[1:], None], strict=False)
    flat = [gap == 0 and 0 in (before, after) for before, gap, after in around]
    if flat[0]:
        meet(grid[0])
    edges: list[float] = []
    for (x0, g0, flat0), (x1, g1, flat1) in itertools.pairwise(zip(grid, gaps, flat, strict=True)):
        if g0 == 0 and not flat0:
            meet(x0)
        elif (g0 is None) != (g1 is None):
            edges.append(_edge(lambda x: _gap(left.at(x), right.at(x)) is not None, x0, x1))
            if flat0 or flat1:
                meet(edges[-1])
        elif flat0 != flat1:
            meet(_edge(lambda x: _gap(left.at(x), right.at(x)) == 0, x0, x1))
        elif g0 is not None and g1 is not None and g0 * g1 < 0:
            crossing = _refine(lambda x: _gap(left.at(x), right.at(x), False), x0, x1, g0, g1)
            meet(crossing, max(abs(g0), abs(g1)))
    if gaps[-1] == 0:
        meet(grid[-1])
    holds = _stretches(sign, grid, gaps, [s.value for s in solutions] + jumps + edges)
    return Meetings(tuple(solutions), holds, tuple(jumps), scan, _blanks(grid, gaps, edges, why))


def _gap(one: float | None, other: float | None, rounded: bool = True) -> float | None:
    """Return one side minus the other, or 0 if that is only rounding; None if either is undefined."""
    if one is None or other is None:
        return None
    gap = one - other
    return 0.0 if rounded and abs(gap) <= ROUNDING * max(abs(one), abs(other)) else gap


def _grid(low: float, high: float) -> tuple[float, ...]:
    """Return points from low to high, ends included: on a log scale if they span more than a power of ten."""
    steps = [index / (SCAN - 1) for index in range(SCAN)]
    if low > 0 and high / low > 10:
        inner = [low * (high / low) ** step for step in steps]
    else:
        inner = [low + (high - low) * step for step in steps]
    return (low, *inner[1:-1], high)


def _refine(gap: Callable[[float], float | None], a: float, b: float, fa: float, fb: float) -> float:
    """Bisect, with secant steps if they help, down to neighbouring floats or an exact zero."""
    for turn in range(200):
        middle = a + (b - a) / 2
        if turn % 3 != 2:
            secant = b - fb * (b - a) / (fb - fa)
            middle = secant if a < secant < b else middle
        if not a < middle < b:
            break
        value = gap(middle)
        if value is None:
            break
        if value == 0:
            return middle
        if (value < 0) == (fa < 0):
            a, fa = middle, value
        else:
            b, fb = middle, value
    return a if abs(fa) <= abs(fb) else b


def _edge(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Bisect to the last point at which something holds that holds at one end only."""
    at_low = holds(low)
    while low < (middle := low + (high - low) / 2) < high:
        if holds(middle) == at_low:
            low = middle
        else:
            high = middle
    return low if at_low else high


def _stretches(
    sign: str, grid: Sequence[float], gaps: list[float | None], borders: list[float]
) -> tuple[Stretch, ...]:
    """Return the intervals in which an inequality holds, with ends at the solutions between grid points."""
    if sign == "=":
        return ()
    compare = OPERATORS[sign]
    holds = [gap is not None and compare(gap, 0.0) for gap in gaps]
    return tuple(ends for _, ends in _runs(grid, holds, borders))


def _blanks(
    grid: Sequence[float], gaps: list[float | None], edges: list[float], why: Why
) -> tuple[Blank, ...]:
    """Return the intervals in which a side is undefined, each for one reason."""
    found = [why(x) if gap is None else None for x, gap in zip(grid, gaps, strict=True)]
    told: dict[str, set[object]] = {}
    for reason in filter(None, found):
        told.setdefault(reason.code, set()).add(reason.parameters)
    # Parameters that differ from point to point are left out.
    alike = [
        reason if reason is None or len(told[reason.code]) == 1 else Reason(reason.code) for reason in found
    ]
    return tuple(Blank(*ends, reason) for reason, ends in _runs(grid, alike, edges))


def _runs(
    grid: Sequence[float], kinds: Sequence[Kind | None], borders: list[float]
) -> Iterator[tuple[Kind, Stretch]]:
    """Yield each interval of one kind, except of no kind, with ends at the borders between grid points."""
    for kind, run in itertools.groupby(range(len(grid)), key=kinds.__getitem__):
        places = list(run)
        if kind:
            low, high = places[0], places[-1]
            before, after = grid[max(low - 1, 0)], grid[min(high + 1, len(grid) - 1)]
            start = _border(before, grid[low], borders, grid[low])
            yield kind, (start, _border(grid[high], after, borders, grid[high]))


def _border(low: float, high: float, borders: list[float], default: float) -> float:
    return next((border for border in borders if low <= border <= high), default)

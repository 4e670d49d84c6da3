"""Goal seek: the values of an input at which a metric meets a condition. All solutions, and no jumps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeVar

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import evaluate, value_today
from llmcost.analysis.ask.load import load, put_workload
from llmcost.analysis.ask.reach import NoEffect
from llmcost.analysis.projection.checks import check_reach, check_varied
from llmcost.analysis.projection.names import RUNWAY
from llmcost.analysis.whatif.conditions import OPERATORS, Condition, parse_condition
from llmcost.analysis.whatif.evaluate import caveats_of, grid_of
from llmcost.analysis.whatif.grid import Grid
from llmcost.analysis.whatif.vary import NOISE, bounds, is_input, not_an_input, tidy
from llmcost.engine.compiled import Values
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.formulas.projection import ROUNDING
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.number import shorten
from llmcost.scenario.workload import OWN

if TYPE_CHECKING:
    from llmcost.analysis.whatif.over_time import GridOverTime

SCAN: Final = 512
"""Points of the scan that finds the sign changes before any is refined."""

MIX: Final = ("workload.output_share", "workload.cached_input_share")
"""The mix of a scenario's own traffic, at which another scenario is compared."""

DECADES: Final = 3
"""Powers of ten around today's value that are searched if the vocabulary sets no bounds."""

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


class Solved(NamedTuple):
    """The result of `solve`.

    Attributes:
        scenario: the scenario.
        input: the quantity that was moved.
        condition: the target condition.
        target: the value, or the name of the metric, to compare with.
        low, high: the bounds of the search.
        solutions: the inputs at which the two sides meet, in rising order.
        holds: the intervals of the search in which an inequality holds.
        jumps: places where the metric jumps across the target without meeting it.
        scan: the points with which the search began, from low to high.
        blanks: intervals in which one side is undefined.
    """

    scenario: Scenario
    input: Quantity
    condition: Condition
    target: str
    low: float
    high: float
    solutions: tuple[Solution, ...]
    holds: tuple[tuple[float, float], ...]
    jumps: tuple[float, ...]
    scan: tuple[Scanned, ...]
    blanks: tuple[Blank, ...]

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """The metric at the first and last point of the scan at which it is defined."""
        defined = [point.metric for point in self.scan if point.metric is not None]
        return (defined[0], defined[-1]) if defined else (None, None)

    @property
    def metric(self) -> Quantity:
        """The metric that was to reach the target."""
        return MODEL.quantities[self.condition.metric]

    @property
    def caveats(self) -> Caveats:
        """What a reader must know before the answer; an input without effect is never one."""
        right = self.condition.right
        sides = [self.condition.metric]
        if isinstance(right, str):
            # If this scenario uses its own mix, the other one's metric moves with that.
            sides += [right] if "/" not in right else MIX if self.scenario.workload == OWN else ()
        places = [*(solution.value for solution in self.solutions), *itertools.chain(*self.holds)]
        points = [{self.input.name: value} for value in places]
        return caveats_of(self.scenario, sides, [self.input.name]).at(self.scenario, sides, points)

    @property
    def no_effect(self) -> NoEffect | None:
        """Why no value of the input can be a solution, if neither side depends on it."""
        found = (gap for gap in self.caveats.no_effect if gap.name == self.input.name and not gap.partly)
        return next(found, None)

    @property
    def found(self) -> bool:
        """Whether the input can meet the condition: there is a solution, or an inequality holds somewhere."""
        if self.no_effect is not None:
            return False
        return bool(self.solutions) or (self.condition.sign != "=" and bool(self.holds))

    @property
    def best(self) -> Solution | None:
        """The solution nearest to today's value of the input, or the lowest if it has none."""
        if not self.solutions or self.no_effect is not None:
            return None
        today = self.scenario.data.get(self.input.name)
        if today is None or today.value <= 0:
            return self.solutions[0]
        here = math.log(today.value)
        return min(self.solutions, key=lambda s: abs(math.log(max(s.value, 1e-300)) - here))

    def rows(self) -> list[tuple[float, float, float]]:
        """Return (input, metric, residual) of each solution."""
        return [(s.value, s.achieved, s.residual) for s in self.solutions]

    def to_dicts(self) -> list[dict[str, float]]:
        """Return the solutions, for pandas and polars."""
        return [dict(zip(("value", "achieved", "residual"), row, strict=True)) for row in self.rows()]


def solve(
    scenario: Scenario | str, *, vary: str, until: str, between: tuple[float, float] | str | None = None
) -> Solved:
    """Find the values of an input at which a condition holds.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        vary: the input to move.
        until: `METRIC OP VALUE`: OP one of = < <= > >=, VALUE a number, another metric of the scenario,
            or `SCENARIO/METRIC` of another one, at the same workload.
        between: bounds of the search, as numbers or `LOW to HIGH`; by default those of the vocabulary, or
            else the input's own range, or three powers of ten around its value, stated or derived.

    Raises:
        LlmcostError: for an unknown name, a metric that cannot be derived, or bad bounds.
    """
    loaded = load(scenario) if isinstance(scenario, str) else put_workload(scenario, None)
    quantity = MODEL.quantities.find(vary)
    if quantity is None:
        raise LlmcostError(Problem(MODEL.unknown(shorten(vary, 80), "input"), "--vary"))
    quantity = loaded.quantity(vary)
    if not is_input(vary, [loaded]):
        raise LlmcostError(Problem(not_an_input(vary, [loaded]), "--vary"))
    condition = parse_condition(until, "--until")
    if condition.metric in MODEL.outcomes:
        check_varied(loaded, [vary], "--vary")
    if isinstance(condition.right, float):
        check_reach(condition.metric, condition.right, loaded, "--until")
        if condition.metric == RUNWAY and condition.right == loaded.timeline.length:
            # One more month is needed to tell a runway that ends at the horizon from a longer one.
            longer = loaded.timeline._replace(months=loaded.timeline.length + 1)
            loaded = loaded._replace(timeline=longer)
    low, high = _bounds(loaded, quantity, between)
    left, right, why = _sides(loaded, quantity, condition)
    return search(loaded, quantity, condition, low, high, left, right, why, tidy)


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
    """Return what is made of the metrics of a grid of one input: of one row of them, or of columns."""
    if not isinstance(grid, Grid):  # each point is a whole projection
        return pointwise(lambda x: one(grid.at([x])))
    return Curve(lambda x: one(grid.at([x])), lambda xs: many(grid.one_by_one([xs])))


def _metric(grid: Grid | GridOverTime, place: int = 0) -> Curve:
    return curve_of(grid, itemgetter(place), itemgetter(place))


def _sides(scenario: Scenario, quantity: Quantity, condition: Condition) -> tuple[Curve, Curve, Why]:
    """Return the metric, the target, and why one of them is undefined, as functions of the input."""
    right = condition.right
    if isinstance(right, float):
        grid = grid_of(scenario, [quantity.name], [condition.metric])
        return _metric(grid), constant(right), _why(grid)
    if "/" not in right:
        both = grid_of(scenario, [quantity.name], [condition.metric, right])
        if both.metrics[0] == right:
            raise LlmcostError(Problem("compares a metric with itself", f"--until '{condition.text}'"))
        return _metric(both, 0), _metric(both, 1), _why(both)
    name, _, metric = right.rpartition("/")
    other = load(name, as_of=scenario.as_of, workload=scenario.workload)
    grid = grid_of(scenario, [quantity.name], [condition.metric])
    if scenario.workload == OWN and all(part in evaluate(scenario, MIX) for part in MIX):
        # Both scenarios must be compared at the mix of this one's traffic.
        mix, theirs = grid_of(scenario, [quantity.name], MIX), grid_of(other, MIX, [metric])
        return _metric(grid), pointwise(lambda x: _at_mix(theirs, mix.at([x]))), _why(grid)
    fixed = evaluate(other, [metric]).value(metric)
    if fixed is None:
        raise LlmcostError(Problem("is undefined", where=other.label, subject=metric))
    return _metric(grid), constant(fixed), _why(grid)


def _why(grid: Grid | GridOverTime) -> Why:
    return lambda x: next(iter(grid.reasons([x]).values()), None)


def _at_mix(grid: Grid | GridOverTime, mix: Sequence[float | None]) -> float | None:
    known = [share for share in mix if share is not None]
    return grid.at(known)[0] if len(known) == len(mix) else None


def _bounds(
    scenario: Scenario, quantity: Quantity, between: tuple[float, float] | str | None
) -> tuple[float, float]:
    if between is not None:
        return bounds(between, quantity, "--between")
    if quantity.low is not None and quantity.high is not None:
        return quantity.low, quantity.high
    given = scenario.data.get(quantity.name)
    if given is not None and given.ends is not None:
        return given.ends
    today = value_today(scenario, quantity.name)
    if today is None or today <= 0:
        message = f"{quantity.name} has no value to search around; give --between 'LOW to HIGH'"
        raise LlmcostError(Problem(message, where=scenario.label))
    return today / 10**DECADES, today * 10**DECADES


def search(
    scenario: Scenario,
    quantity: Quantity,
    condition: Condition,
    low: float,
    high: float,
    left: Curve,
    right: Curve,
    why: Why = lambda _: None,
    rounded: Callable[[float], float] = lambda x: x,
) -> Solved:
    """Find where two sides meet as an input goes from low to high; a side is None if it is undefined.

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
        found, short = at(x), at(min(max(rounded(x), low), high))
        if found is None:
            return
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
    return Solved(
        scenario=scenario,
        input=quantity,
        condition=condition,
        target=str(condition.right) if isinstance(condition.right, str) else f"{condition.right:.12g}",
        low=low,
        high=high,
        solutions=tuple(solutions),
        holds=_stretches(condition, grid, gaps, [s.value for s in solutions] + jumps + edges),
        jumps=tuple(jumps),
        scan=scan,
        blanks=_blanks(grid, gaps, edges, why),
    )


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
    condition: Condition, grid: Sequence[float], gaps: list[float | None], borders: list[float]
) -> tuple[Stretch, ...]:
    """Return the intervals in which an inequality holds, with ends at the solutions between grid points."""
    if condition.sign == "=":
        return ()
    compare = OPERATORS[condition.sign]
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

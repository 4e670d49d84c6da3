"""Goal seek: the values of an input at which a metric meets a condition. All solutions, and no jumps."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import evaluate, value_today
from llmcost.analysis.ask.load import load, put_workload
from llmcost.analysis.ask.reach import NoEffect
from llmcost.analysis.projection.checks import check_reach, check_varied
from llmcost.analysis.projection.names import RUNWAY
from llmcost.analysis.whatif.conditions import Condition, parse_condition
from llmcost.analysis.whatif.evaluate import caveats_of, grid_of
from llmcost.analysis.whatif.grid import Grid
from llmcost.analysis.whatif.search import (
    Blank,
    Curve,
    Scanned,
    Solution,
    Why,
    constant,
    curve_of,
    pointwise,
    search,
)
from llmcost.analysis.whatif.vary import bounds, is_input, not_an_input, tidy
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.number import shorten
from llmcost.scenario.workload import OWN

if TYPE_CHECKING:
    from llmcost.analysis.whatif.over_time import GridOverTime

MIX: Final = ("workload.output_share", "workload.cached_input_share")
"""The mix of a scenario's own traffic, at which another scenario is compared."""

DECADES: Final = 3
"""Powers of ten around today's value that are searched if the vocabulary sets no bounds."""


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
    target = condition.right if isinstance(condition.right, str) else f"{condition.right:.12g}"
    found = search(condition.sign, low, high, left, right, why, tidy)
    return Solved(loaded, quantity, condition, target, low, high, *found)


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

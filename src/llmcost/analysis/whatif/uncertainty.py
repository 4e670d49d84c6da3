"""How far apart scenarios are once their ranges are drawn from: intervals, and which is lower how often."""

from __future__ import annotations

from typing import Final, NamedTuple

from llmcost.analysis.ask.compare import Comparison
from llmcost.analysis.whatif.draws import draw
from llmcost.analysis.whatif.evaluate import points_of
from llmcost.analysis.whatif.simulate import MOST_DRAWS
from llmcost.engine.ranking import percentile
from llmcost.errors import LlmcostError, Problem

DRAWS: Final = 10_000
LOW, HIGH = 5, 95


class Spread(NamedTuple):
    """One row of a comparison under uncertainty.

    Attributes:
        metric: which row.
        intervals: 5th and 95th percentile for each scenario; None where nothing is drawn or defined.
        first_lower: for each scenario, the part of the draws in which the first is below it; None for
            the first itself and where one of the two has no value or nothing is drawn.
    """

    metric: str
    intervals: tuple[tuple[float, float] | None, ...]
    first_lower: tuple[float | None, ...]


class Uncertainty(NamedTuple):
    """The result of `uncertainty`."""

    spreads: tuple[Spread, ...]
    draws: int
    seed: int


def uncertainty(comparison: Comparison, *, draws: int = DRAWS, seed: int = 0) -> Uncertainty:
    """Draw from every range of the scenarios compared, on common draws.

    A fact that two scenarios state alike is drawn alike; different facts are independent.

    Raises:
        LlmcostError: for a number of draws that is none.
    """
    if not 1 <= draws <= MOST_DRAWS:
        raise LlmcostError(Problem(f"must lie between 1 and {MOST_DRAWS:,}, got {draws}", "--draws"))
    columns = [_drawn(comparison, place, draws, seed) for place in range(len(comparison.scenarios))]
    spreads = []
    for row in comparison.rows:
        metric = row.quantity.name
        drawn = [found.get(metric) for found in columns]
        certain = row.values  # of what is not drawn
        intervals = tuple(_interval(values) for values in drawn)
        lower = tuple(
            None if place == 0 else _below(drawn[0], certain[0], drawn[place], certain[place], draws)
            for place in range(len(drawn))
        )
        if any(intervals):
            spreads.append(Spread(metric, intervals, lower))
    return Uncertainty(tuple(spreads), draws, seed)


def _drawn(comparison: Comparison, place: int, draws: int, seed: int) -> dict[str, list[float | None]]:
    """Return the drawn columns of every row that depends on a range of this scenario."""
    evaluation = comparison.evaluations[place]
    scenario = evaluation.scenario
    found: dict[str, list[float | None]] = {}
    for row in comparison.rows:
        metric = row.quantity.name
        if metric not in evaluation:
            continue
        drawn = draw(scenario, [metric], draws, seed, "lhs")
        if drawn.uncertain:
            found[metric] = points_of(scenario, drawn.names, [metric]).one_by_one(drawn.columns, ends=True)[0]
    return found


def _interval(values: list[float | None] | None) -> tuple[float, float] | None:
    ordered = sorted(value for value in values or () if value is not None)
    if not ordered:
        return None
    return percentile(ordered, LOW).value, percentile(ordered, HIGH).value


def _below(
    first: list[float | None] | None,
    first_value: float | None,
    other: list[float | None] | None,
    other_value: float | None,
    draws: int,
) -> float | None:
    if first is None and other is None:
        return None
    one = first if first is not None else [first_value] * draws
    two = other if other is not None else [other_value] * draws
    pairs = [(a, b) for a, b in zip(one, two, strict=True) if a is not None and b is not None]
    return sum(a < b for a, b in pairs) / len(pairs) if pairs else None

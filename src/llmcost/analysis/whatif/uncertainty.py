"""Scenarios compared under uncertainty: intervals of metrics, and how often each is lower."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from llmcost.analysis.ask.compare import Comparison
from llmcost.analysis.ask.evaluation import Evaluation
from llmcost.analysis.ask.modelled import RATES
from llmcost.analysis.whatif.draws import Draws
from llmcost.analysis.whatif.evaluate import grid_of, inputs_of
from llmcost.analysis.whatif.simulate import DRAWS, check_draws
from llmcost.engine.ranking import percentile
from llmcost.engine.registry import WEAK
from llmcost.engine.sampling import Way
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario

LOW, HIGH = 5, 95


class Spread(NamedTuple):
    """One row of a comparison under uncertainty.

    Attributes:
        metric: the metric.
        intervals: 5th and 95th percentile for each scenario; None if nothing is drawn or defined.
        first_lower: for each scenario, the share of draws in which the first is below it; None for the
            first itself, and if one of the two has no value or nothing is drawn.
    """

    metric: str
    intervals: tuple[Interval | None, ...]
    first_lower: tuple[float | None, ...]


class Uncertainty(NamedTuple):
    """The result of `uncertainty`: the comparison, and the spread of each of its rows."""

    comparison: Comparison
    spreads: tuple[Spread, ...]
    draws: int
    seed: int

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios compared."""
        return self.comparison.scenarios


Interval = tuple[float, float]
"""The 5th and 95th percentile; infinite beyond all numbers."""
FEW: Final = 2_039
"""Draws for a headline, which are taken evenly."""
HEADLINES: Final = (
    *("unit.gross_margin", "unit.breakeven_multiplier", "product.gross_margin", "product.blended_margin"),
    *("product.survivable_multiplier", "company.gross_margin", "company.runway_months"),
    *("breakeven.uniform_multiplier", "breakeven.api_only_multiplier"),
)
"""Metrics that people quote, and should not quote as one number if they rest on a range."""
MODELLED: Final = (*RATES, "energy.wh_per_request")
"""Metrics of a deployment, which are known at best within the range of the model."""


def headlines(
    evaluation: Evaluation, metrics: Iterable[str] = (*HEADLINES, *MODELLED)
) -> dict[str, Interval]:
    """Return the intervals of headline metrics that rest on an estimated or assumed range.

    Each is drawn alone, so that it is the same whatever else is requested.
    """
    scenario = evaluation.scenario
    assumed = {name for name, datum in scenario.data.items() if datum.is_uncertain and datum.basis in WEAK}
    if not assumed:
        return {}
    resting = [
        name
        for name in metrics
        if name in evaluation
        and evaluation.value(name) is not None
        and evaluation[name].given is None
        and not assumed.isdisjoint(inputs_of(scenario, [name]))
    ]
    alone = (_intervals(_columns(scenario, [name], FEW, 0, "even")) for name in resting)
    return {name: interval for found in alone for name, interval in found.items()}


def intervals(evaluation: Evaluation, *, draws: int = DRAWS, seed: int = 0) -> dict[str, Interval]:
    """Return the intervals of all evaluated metrics that rest on a range.

    Raises:
        LlmcostError: for a number of draws out of range.
    """
    check_draws(draws)
    return _intervals(_columns(evaluation.scenario, list(evaluation.trace.nodes), draws, seed, "lhs"))


class Likelihood(NamedTuple):
    """How likely it is that a metric is above 0.

    Attributes:
        positive: the share of draws in which it is; in the others it is not, or has no value.
        intervals: the intervals of metrics that rest on a range.
    """

    positive: float
    intervals: dict[str, Interval]


def likelihood(evaluation: Evaluation, metric: str, also: Iterable[str] = ()) -> Likelihood | None:
    """Return how likely it is that a metric is above 0; None if it rests on no range or is not derived."""
    names = [name for name in (metric, *also) if name in evaluation]
    columns = _columns(evaluation.scenario, names, FEW, 0, "even")
    if metric not in columns:
        return None
    positive = sum(value is not None and value > 0 for value in columns[metric])
    return Likelihood(positive / FEW, _intervals(columns))


def _intervals(columns: Mapping[str, list[float | None]]) -> dict[str, Interval]:
    found = {name: _interval(column) for name, column in columns.items()}
    return {name: interval for name, interval in found.items() if interval is not None}


def _columns(
    scenario: Scenario, metrics: Sequence[str], draws: int, seed: int, way: Way
) -> dict[str, list[float | None]]:
    """Return the draws of the metrics that rest on a range."""
    ranged = {name for name, datum in scenario.data.items() if datum.is_uncertain}
    moved = [name for name in metrics if not ranged.isdisjoint(inputs_of(scenario, [name]))]
    if not moved:
        return {}
    drawn = Draws(scenario, moved, draws, seed, way)
    columns = grid_of(scenario, drawn.names, moved).one_by_one(drawn.columns, ends=True)
    return dict(zip(moved, columns, strict=True))


def uncertainty(comparison: Comparison, *, draws: int = DRAWS, seed: int = 0) -> Uncertainty:
    """Draw from every range of the scenarios compared, on common draws.

    A fact that two scenarios share is drawn once for both; different facts are independent.

    Raises:
        LlmcostError: for a number of draws out of range.
    """
    check_draws(draws)
    columns = [_drawn(comparison, place, draws, seed) for place in range(len(comparison.scenarios))]
    spreads = []
    for row in comparison.rows:
        metric = row.quantity.name
        drawn = [found.get(metric) for found in columns]
        intervals = tuple(map(_interval, drawn))
        if any(intervals):
            first, *others = (
                [value] * draws if column is None else column
                for column, value in zip(drawn, row.values, strict=True)
            )
            lower = (
                None if drawn[0] is column is None else _below(first, other)
                for column, other in zip(drawn[1:], others, strict=True)
            )
            spreads.append(Spread(metric, intervals, (None, *lower)))
    return Uncertainty(comparison, tuple(spreads), draws, seed)


def _drawn(comparison: Comparison, place: int, draws: int, seed: int) -> dict[str, list[float | None]]:
    """Return the drawn columns of every row that depends on a range of this scenario."""
    evaluation = comparison.evaluations[place]
    found: dict[str, list[float | None]] = {}
    for name in (row.quantity.name for row in comparison.rows):
        if name in evaluation:
            found |= _columns(evaluation.scenario, [name], draws, seed, "lhs")
    return found


def _interval(values: list[float | None] | None) -> Interval | None:
    ordered = sorted(value for value in values or () if value is not None)
    if not ordered:
        return None
    return percentile(ordered, LOW).value, percentile(ordered, HIGH).value


def _below(one: list[float | None], other: list[float | None]) -> float | None:
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    return sum(a < b for a, b in pairs) / len(pairs) if pairs else None

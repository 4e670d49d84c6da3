"""The distribution of metrics over draws from every range that a scenario states."""

from __future__ import annotations

import importlib
import math
import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, get_args

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.analysis.ask.load import load, put_workload
from llmcost.analysis.projection.checks import check_reach
from llmcost.analysis.whatif import by_lists
from llmcost.analysis.whatif.conditions import OPERATORS, Band, Condition, parse_where
from llmcost.analysis.whatif.draws import Draws
from llmcost.analysis.whatif.evaluate import blocked, grid_of
from llmcost.analysis.whatif.grid import MANY, Grid, has_numpy
from llmcost.engine.ranking import Percentile, histogram, percentile
from llmcost.engine.registry import Quantity
from llmcost.engine.sampling import Sampling
from llmcost.errors import LlmcostError, Problem, texts_in
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario

if TYPE_CHECKING:
    from llmcost.analysis.whatif.over_time import GridOverTime

DRAWS: Final = 10_000
MOST_DRAWS: Final = 10_000_000
PERCENTILES: Final = (5, 25, 50, 75, 95)
RANKED: Final = 20_000
"""Draws from which rank correlations are computed: enough for two digits."""
SAMPLINGS: Final[tuple[Sampling, ...]] = get_args(Sampling)


class Simulated(NamedTuple):
    """One metric over the draws.

    Attributes:
        metric: the metric.
        defined: the number of draws in which it has a value.
        ranked: the same, including values beyond all numbers, such as a runway that never ends.
        mean, deviation: over those draws; None if there are none, or if any is beyond all numbers.
        percentiles: at 5, 25, 50, 75 and 95% of those draws; infinite beyond all numbers.
        reasons: why it has no value in the other draws, with their numbers.
        histogram: edges and counts of the values, between their 5th and 95th percentile.
        log: whether the edges are spaced on a log scale.
        influences: rank correlation with each uncertain input, strongest first.
    """

    metric: Quantity
    defined: int
    ranked: int
    mean: float | None
    deviation: float | None
    percentiles: tuple[Percentile, ...]
    reasons: tuple[tuple[Reason, int], ...]
    histogram: tuple[tuple[float, float, int], ...]
    log: bool
    influences: tuple[tuple[str, float], ...]


class Share(NamedTuple):
    """The part of all draws in which a condition holds, and its standard error."""

    text: str
    share: float
    error: float


class Simulation(NamedTuple):
    """The result of `simulate`.

    Attributes:
        scenario: the scenario.
        draws, seed, sampling: how it was simulated.
        uncertain: the inputs that were drawn.
        metrics: each metric over the draws.
        shares: the shares of the requested conditions.
    """

    scenario: Scenario
    draws: int
    seed: int
    sampling: Sampling
    uncertain: tuple[Quantity, ...]
    metrics: tuple[Simulated, ...]
    shares: tuple[Share, ...]

    @property
    def caveats(self) -> Caveats:
        """What a reader must know before the metrics, including ranges that a stated quantity blocks."""
        drawn = {quantity.name for quantity in self.uncertain}
        ranged = [name for name, datum in self.scenario.data.items() if datum.is_uncertain]
        metrics = [item.metric.name for item in self.metrics]
        return blocked(self.scenario, metrics, [name for name in ranged if name not in drawn])

    def rows(self) -> list[tuple[Any, ...]]:
        """Return one row per metric, in the order of `to_dicts`."""
        return [tuple(row.values()) for row in self.to_dicts()]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one row per metric, for pandas and polars."""
        return [
            {
                "metric": item.metric.name,
                "unit": item.metric.unit,
                "draws": self.draws,
                "defined": item.defined,
                "ranked": item.ranked,
                "mean": item.mean,
                "deviation": item.deviation,
            }
            | {f"p{p.percent}": p.value for p in item.percentiles}
            | {f"p{p.percent}_error": p.error for p in item.percentiles}
            for item in self.metrics
        ]


def simulate(
    scenario: Scenario | str,
    *,
    metrics: Iterable[str],
    draws: int = DRAWS,
    seed: int = 0,
    where: Sequence[str] = (),
    sampling: Sampling = "lhs",
) -> Simulation:
    """Draw from every range of a scenario and describe how metrics are distributed.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        metrics: names, sections or patterns.
        draws: how many, 1 to ten million.
        seed: the same seed gives the same draws everywhere. From 50,000 draws on numpy is used if it is
            installed, with the same results.
        where: conditions such as `unit.gross_margin > 0`, or bands such as `10 to 100`, whose share of the
            draws is returned.
        sampling: `lhs` (Latin hypercube) or `random`.

    Raises:
        LlmcostError: for an unknown name, a metric that cannot be derived, a bad number of draws, or a
            scenario without any range.
    """
    check_draws(draws)
    if sampling not in SAMPLINGS:
        raise LlmcostError(Problem(f"unknown sampling '{sampling}'; allowed are lhs, random", "--sampling"))
    loaded = load(scenario) if isinstance(scenario, str) else put_workload(scenario, None)
    chosen = select_metrics(metrics, [loaded])
    if not chosen:
        raise LlmcostError("simulate needs --metric NAME")
    conditions = [parse_where(text, chosen, "--where") for text in texts_in(where, "where")]
    for condition in conditions:
        if isinstance(condition, Band):
            check_reach(condition.metric, condition.high, loaded, "--where", sure_at_horizon=False)
        elif isinstance(condition.right, float):
            sure = condition.sign in ("<", ">=")
            check_reach(condition.metric, condition.right, loaded, "--where", sure_at_horizon=sure)
    needed = list(dict.fromkeys([*chosen, *(name for c in conditions for name in _names(c))]))
    by: ModuleType = by_lists
    if has_numpy() and draws >= MANY:
        by = importlib.import_module("llmcost.analysis.whatif.by_columns")
    drawn = Draws(loaded, needed, draws, seed, sampling, by)
    if not drawn.uncertain:
        raise LlmcostError(
            Problem("no range leads to these metrics, so there is nothing to draw", loaded.label)
        )
    reasons: dict[str, Counter[Reason]] = {}
    results = _results(grid_of(loaded, drawn.names, needed), needed, drawn, draws, by, reasons)
    shares = []
    for condition in conditions:
        share = _hits(condition, results, by) / draws
        shares.append(Share(condition.text, share, math.sqrt(share * (1 - share) / draws)))
    found = [_describe(name, results.pop(name), drawn, reasons.get(name, Counter()), by) for name in chosen]
    return Simulation(loaded, draws, seed, sampling, drawn.uncertain, tuple(found), tuple(shares))


def check_draws(draws: int) -> None:
    """Refuse a number of draws out of range.

    Raises:
        LlmcostError: naming the bounds.
    """
    if not 1 <= draws <= MOST_DRAWS:
        raise LlmcostError(Problem(f"must lie between 1 and {MOST_DRAWS:,}, got {draws}", "--draws"))


def _names(condition: Condition | Band) -> list[str]:
    if isinstance(condition, Band) or isinstance(condition.right, float):
        return [condition.metric]
    if "/" in condition.right:
        raise LlmcostError(Problem("compares with a number or a metric of the same scenario", "--where"))
    return [condition.metric, condition.right]


def _results(
    grid: Grid | GridOverTime,
    metrics: Sequence[str],
    drawn: Draws,
    draws: int,
    by: ModuleType,
    reasons: dict[str, Counter[Reason]],
) -> dict[str, Any]:
    """Return each metric over the draws; `reasons` counts why it has no value."""
    found = {name: by.empty(draws) for name in metrics}
    for start, columns in drawn.parts():
        for name, column in zip(metrics, by.worked_out(grid, columns, reasons), strict=True):
            found[name][start : start + len(column)] = column
    return found


def _hits(condition: Condition | Band, results: Mapping[str, Any], by: ModuleType) -> int:
    """Return the number of draws in which a condition holds."""
    column = results[condition.metric]
    if isinstance(condition, Band):
        beyond: int = by.holding(operator.gt, column, condition.high)
        from_low: int = by.holding(operator.ge, column, condition.low)
        return from_low - beyond
    right = condition.right
    hits: int = by.holding(
        OPERATORS[condition.sign], column, results[right] if isinstance(right, str) else right
    )
    return hits


def _describe(name: str, column: Any, drawn: Draws, reasons: Counter[Reason], by: ModuleType) -> Simulated:
    """Describe a metric over the draws; this may sort the column."""
    influences = _influences(column, drawn, by)
    ordered, finite = by.ordered(column)
    # If some draws are infinite, there is no mean of all.
    mean, deviation = by.moments(finite) if len(finite) == len(ordered) else (None, None)
    bins, log = histogram(finite, by.counted)
    return Simulated(
        metric=MODEL.quantities[name],
        defined=len(finite),
        ranked=len(ordered),
        mean=mean,
        deviation=deviation,
        percentiles=tuple(percentile(ordered, p) for p in PERCENTILES) if len(ordered) else (),
        reasons=tuple(reasons.most_common()),
        histogram=bins,
        log=log,
        influences=influences,
    )


def _influences(column: Any, drawn: Draws, by: ModuleType) -> tuple[tuple[str, float], ...]:
    """Return rank correlations with the uncertain inputs, over the first draws that rank the metric."""
    kept = by.present(column)[:RANKED]
    if len(kept) < 3:
        return ()
    own, stop = by.ranks(by.taken(column, kept)), int(kept[-1]) + 1
    names = [quantity.name for quantity in drawn.uncertain]
    found = [
        (name, by.correlation(by.ranks(by.taken(drawn.column(name, 0, stop), kept)), own)) for name in names
    ]
    return tuple(sorted(found, key=lambda item: (-abs(item[1]), item[0])))

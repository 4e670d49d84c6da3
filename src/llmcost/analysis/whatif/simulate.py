"""How sure can one be: metrics over draws from every range that a scenario states."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.analysis.ask.load import load, put_workload
from llmcost.analysis.projection.checks import check_reach
from llmcost.analysis.whatif.conditions import OPERATORS, Band, Condition, parse_where
from llmcost.analysis.whatif.draws import Draws, draw
from llmcost.analysis.whatif.evaluate import blocked, grid_of
from llmcost.analysis.whatif.grid import MANY, has_numpy
from llmcost.analysis.whatif.simulated import PERCENTILES, RANKED, Simulated
from llmcost.engine.ranking import correlation, histogram, moments, percentile, ranks
from llmcost.engine.registry import Quantity
from llmcost.engine.sampling import Sampling
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario

DRAWS: Final = 10_000
MOST_DRAWS: Final = 10_000_000
SAMPLINGS: Final[tuple[Sampling, ...]] = get_args(Sampling)


class Share(NamedTuple):
    """The part of all draws in which a condition holds, and its standard error."""

    text: str
    share: float
    error: float


class Simulation(NamedTuple):
    """The result of `simulate`.

    Attributes:
        scenario: what was simulated.
        draws, seed, sampling: how.
        uncertain: the inputs that were drawn.
        metrics: each metric over the draws.
        shares: the conditions asked for.
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
        """What must be said before the metrics: of the ranges that are not drawn, those held back too."""
        drawn = {quantity.name for quantity in self.uncertain}
        ranged = [name for name, datum in self.scenario.data.items() if datum.is_uncertain]
        metrics = [item.metric.name for item in self.metrics]
        return blocked(self.scenario, metrics, [name for name in ranged if name not in drawn])

    def rows(self) -> list[tuple[Any, ...]]:
        """Return a row a metric, in the order of `to_dicts`."""
        return [tuple(row.values()) for row in self.to_dicts()]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row a metric, as pandas and polars take them."""
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
        seed: the same seed gives the same draws everywhere; from 50,000 on numpy works out what becomes of
            them, where it is installed, to the same numbers.
        where: conditions such as `unit.gross_margin > 0`, or bands such as `10 to 100`, whose share of
            the draws is wanted.
        sampling: `lhs` (Latin hypercube) or `random`.

    Raises:
        LlmcostError: for an unknown name, a metric that cannot be derived, a number of draws that is
            none, or a scenario without any range.
    """
    check_draws(draws)
    if sampling not in SAMPLINGS:
        raise LlmcostError(Problem(f"unknown sampling '{sampling}'; allowed are lhs, random", "--sampling"))
    loaded = load(scenario) if isinstance(scenario, str) else put_workload(scenario, None)
    chosen = select_metrics(metrics, [loaded])
    if not chosen:
        raise LlmcostError("simulate needs --metric NAME")
    conditions = [parse_where(text, chosen, "--where") for text in where]
    for condition in conditions:
        if isinstance(condition, Band):
            check_reach(condition.metric, condition.high, loaded, "--where", sure_at_horizon=False)
        elif isinstance(condition.right, float):
            sure = condition.sign in ("<", ">=")
            check_reach(condition.metric, condition.right, loaded, "--where", sure_at_horizon=sure)
    needed = list(dict.fromkeys([*chosen, *(name for c in conditions for name in _names(c))]))
    ranges, found, parts = (_by_columns if has_numpy() and draws >= MANY else _one_by_one)(
        loaded, needed, chosen, conditions, (draws, seed, sampling)
    )
    shares = [
        Share(condition.text, share, math.sqrt(share * (1 - share) / draws))
        for condition, share in zip(conditions, parts, strict=True)
    ]
    return Simulation(loaded, draws, seed, sampling, ranges, tuple(found), tuple(shares))


Found = tuple[tuple[Quantity, ...], list[Simulated], list[float]]
"""The inputs that were drawn, the metrics, and the part of the draws in which each condition holds."""


def _one_by_one(
    scenario: Scenario,
    needed: Sequence[str],
    metrics: Sequence[str],
    conditions: Sequence[Condition | Band],
    how: tuple[int, int, Sampling],
) -> Found:
    """Simulate in plain Python: the same to the last digit on every machine."""
    drawn = draw(scenario, needed, *how)
    _refuse_nothing(drawn.uncertain, scenario)
    grid = grid_of(scenario, drawn.names, needed)
    reasons: dict[str, Counter[Reason]] = {}
    results = dict(zip(needed, grid.one_by_one(drawn.columns, reasons, ends=True), strict=True))
    found = [_describe(name, results[name], drawn, reasons.get(name, Counter())) for name in metrics]
    return drawn.uncertain, found, [_share(condition, results) for condition in conditions]


def _by_columns(
    scenario: Scenario,
    needed: Sequence[str],
    metrics: Sequence[str],
    conditions: Sequence[Condition | Band],
    how: tuple[int, int, Sampling],
) -> Found:
    """Simulate with numpy: the same draws and the same figures, in a thirtieth of the time."""
    from llmcost.analysis.whatif.draws_columns import DrawnColumns
    from llmcost.analysis.whatif.simulate_columns import describe, results_of, share_of

    drawn = DrawnColumns(scenario, needed, *how)
    _refuse_nothing(drawn.uncertain, scenario)
    reasons: dict[str, Counter[Reason]] = {}
    results = results_of(scenario, needed, drawn, how[0], reasons)
    shares = [share_of(condition, results) for condition in conditions]
    found = [describe(name, results.pop(name), drawn, reasons.get(name, Counter())) for name in metrics]
    return drawn.uncertain, found, shares


def _refuse_nothing(uncertain: Sequence[Quantity], scenario: Scenario) -> None:
    if not uncertain:
        raise LlmcostError(
            Problem("no range leads to these metrics, so there is nothing to draw", scenario.label)
        )


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


def _share(condition: Condition | Band, results: Mapping[str, Sequence[float | None]]) -> float:
    """Return the part of all draws in which a condition holds."""
    column = results[condition.metric]
    if isinstance(condition, Band):
        hits = sum(1 for value in column if value is not None and condition.holds(value))
    else:
        compare, right = OPERATORS[condition.sign], condition.right
        other = results[right] if isinstance(right, str) else [right] * len(column)
        pairs = zip(column, other, strict=True)
        hits = sum(1 for a, b in pairs if a is not None and b is not None and compare(a, b))
    return hits / len(column)


def _describe(name: str, column: Sequence[float | None], drawn: Draws, reasons: Counter[Reason]) -> Simulated:
    ordered = sorted(value for value in column if value is not None)
    finite = [value for value in ordered if math.isfinite(value)]
    # Where some draws lie at the end of the line, there is no mean of all.
    mean, deviation = moments(finite) if len(finite) == len(ordered) else (None, None)
    bins, log = histogram(finite)
    return Simulated(
        metric=MODEL.quantities[name],
        defined=len(finite),
        ranked=len(ordered),
        mean=mean,
        deviation=deviation,
        percentiles=tuple(percentile(ordered, percent) for percent in PERCENTILES) if ordered else (),
        reasons=tuple(reasons.most_common()),
        histogram=bins,
        log=log,
        influences=_influences(column, drawn),
    )


def _influences(column: Sequence[float | None], drawn: Draws) -> tuple[tuple[str, float], ...]:
    """Rank correlations with the uncertain inputs, over the first draws in which the metric has a place."""
    kept = [(place, value) for place, value in enumerate(column) if value is not None][:RANKED]
    if len(kept) < 3:
        return ()
    own = ranks([value for _, value in kept])
    found = [
        (quantity.name, correlation(ranks([draws[place] for place, _ in kept]), own))
        for quantity in drawn.uncertain
        for draws in [drawn.by_name[quantity.name]]
    ]
    return tuple(sorted(found, key=lambda item: (-abs(item[1]), item[0])))

"""How sure can one be: metrics over draws from every range that a scenario states."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, get_args

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.analysis.ask.load import load, put_workload
from llmcost.analysis.projection.checks import check_reach
from llmcost.analysis.whatif.conditions import OPERATORS, Band, Condition, parse_where
from llmcost.analysis.whatif.evaluate import blocked, inputs_of, points_of
from llmcost.engine.registry import Quantity
from llmcost.engine.sampling import Sampling, quantile, uniforms
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.provenance import Datum

DRAWS: Final = 10_000
MOST_DRAWS: Final = 10_000_000
PERCENTILES: Final = (5, 25, 50, 75, 95)
BINS: Final = 24
RANKED: Final = 20_000
"""Draws that rank correlations are worked out from: enough for two digits."""
SAMPLINGS: Final[tuple[Sampling, ...]] = get_args(Sampling)


class Percentile(NamedTuple):
    """A percentile of the draws and its standard error, both in the metric's unit."""

    percent: int
    value: float
    error: float


class Simulated(NamedTuple):
    """One metric over the draws.

    Attributes:
        metric: what it is.
        defined: in how many draws it has a value.
        mean, deviation: of those draws; None where there are none, or where it is beyond all numbers.
        percentiles: at 5, 25, 50, 75 and 95 %.
        reasons: why it is undefined in the other draws, with how often.
        histogram: edges and counts, between the 5th and 95th percentile.
        log: whether the edges are spaced on a log scale.
        influences: rank correlation with each uncertain input, strongest first.
    """

    metric: Quantity
    defined: int
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
        ranged = [name for name, datum in self.scenario.data.items() if is_uncertain(datum)]
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
    """Draw from every range of a scenario and describe what becomes of some metrics.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        metrics: names, sections or patterns.
        draws: how many, 1 to ten million.
        seed: the same seed gives the same numbers everywhere.
        where: conditions such as `unit.gross_margin > 0`, or bands such as `10..100`, whose share of
            the draws is wanted.
        sampling: `lhs` (Latin hypercube) or `random`.

    Raises:
        LlmcostError: for an unknown name, a metric that cannot be derived, a number of draws that is
            none, or a scenario without any range.
    """
    if not 1 <= draws <= MOST_DRAWS:
        raise LlmcostError(Problem(f"must lie between 1 and {MOST_DRAWS:,}, got {draws}", "--draws"))
    if sampling not in SAMPLINGS:
        raise LlmcostError(Problem(f"unknown sampling '{sampling}'; allowed are lhs, random", "--sampling"))
    loaded = load(scenario) if isinstance(scenario, str) else put_workload(scenario, None)
    chosen = select_metrics(metrics)
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
    uncertain = uncertain_inputs(loaded, needed)
    if not uncertain:
        raise LlmcostError(
            Problem("no range leads to these metrics, so there is nothing to draw", loaded.label)
        )
    columns = [sample(loaded.data[q.name], q, draws, seed, sampling) for q in uncertain]
    points = points_of(loaded, [q.name for q in uncertain], needed)
    # Not by numpy, whose powers differ in the last digit from one machine to another.
    reasons: dict[str, Counter[Reason]] = {}
    results = dict(zip(needed, points.one_by_one(columns, reasons), strict=True))
    described = [
        _describe(name, results[name], columns, uncertain, reasons.get(name, Counter())) for name in chosen
    ]
    shares = [_share(condition, results) for condition in conditions]
    return Simulation(loaded, draws, seed, sampling, uncertain, tuple(described), tuple(shares))


def uncertain_inputs(scenario: Scenario, metrics: Sequence[str]) -> tuple[Quantity, ...]:
    """Return the inputs that have a range and lead to some metrics."""
    ranged = [name for name in inputs_of(scenario, metrics) if is_uncertain(scenario.data[name])]
    return tuple(MODEL.quantities[name] for name in ranged)


def is_uncertain(datum: Datum) -> bool:
    """Whether a number is a range that may be drawn from."""
    return datum.low is not None and datum.dist != "fixed"


def sample(datum: Datum, quantity: Quantity, draws: int, seed: int, sampling: Sampling) -> list[float]:
    """Return draws from one uncertain number.

    The stream depends on the fact that is stated, so that one fact in two scenarios is drawn alike and
    different facts are independent.
    """
    assert datum.low is not None
    assert datum.high is not None
    at = quantile(datum.value, datum.low, datum.high, datum.dist, least=quantity.low, most=quantity.high)
    fact = f"{quantity.name}|{datum.value!r}|{datum.low!r}|{datum.high!r}|{datum.dist}|{datum.source}"
    return [at(u) for u in uniforms(draws, seed, fact, sampling)]


def _names(condition: Condition | Band) -> list[str]:
    if isinstance(condition, Band) or isinstance(condition.right, float):
        return [condition.metric]
    if "/" in condition.right:
        raise LlmcostError(Problem("compares with a number or a metric of the same scenario", "--where"))
    return [condition.metric, condition.right]


def _share(condition: Condition | Band, results: Mapping[str, Sequence[float | None]]) -> Share:
    column = results[condition.metric]
    if isinstance(condition, Band):
        hits = sum(1 for value in column if value is not None and condition.holds(value))
    else:
        compare, right = OPERATORS[condition.sign], condition.right
        other = results[right] if isinstance(right, str) else [right] * len(column)
        pairs = zip(column, other, strict=True)
        hits = sum(1 for a, b in pairs if a is not None and b is not None and compare(a, b))
    share = hits / len(column)
    return Share(condition.text, share, math.sqrt(share * (1 - share) / len(column)))


def _describe(
    name: str,
    column: Sequence[float | None],
    columns: Sequence[Sequence[float]],
    uncertain: Sequence[Quantity],
    reasons: Counter[Reason],
) -> Simulated:
    ordered = sorted(value for value in column if value is not None)
    count = len(ordered)
    mean, deviation = _moments(ordered)
    histogram, log = _histogram(ordered)
    return Simulated(
        metric=MODEL.quantities[name],
        defined=count,
        mean=mean,
        deviation=deviation,
        percentiles=tuple(percentile(ordered, percent) for percent in PERCENTILES) if count else (),
        reasons=tuple(reasons.most_common()),
        histogram=histogram,
        log=log,
        influences=_influences(column, columns, uncertain),
    )


def _moments(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Return mean and standard deviation; None where there is none, or it is too large to represent."""
    mean = deviation = None
    try:
        if values:
            mean = math.fsum(values) / len(values)
        if mean is not None and len(values) > 1:
            deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    except OverflowError:
        pass  # a tail that reaches beyond 1e154 has no deviation worth printing
    return mean, deviation


def _influences(
    column: Sequence[float | None], columns: Sequence[Sequence[float]], uncertain: Sequence[Quantity]
) -> tuple[tuple[str, float], ...]:
    """Rank correlations with the uncertain inputs, over the first draws in which the metric is defined."""
    kept = [(place, value) for place, value in enumerate(column) if value is not None][:RANKED]
    if len(kept) < 3:
        return ()
    own = _ranks([value for _, value in kept])
    found = [
        (quantity.name, _correlation(_ranks([draws[place] for place, _ in kept]), own))
        for quantity, draws in zip(uncertain, columns, strict=True)
    ]
    return tuple(sorted(found, key=lambda item: (-abs(item[1]), item[0])))


def percentile(ordered: Sequence[float], percent: int) -> Percentile:
    """Return a percentile, interpolated, and its standard error.

    The error is half the distance between the order statistics one standard deviation of their
    binomial rank to either side (the distribution-free interval of a quantile).
    """
    p = percent / 100
    count = len(ordered)
    spread = math.sqrt(count * p * (1 - p))
    place = p * (count - 1)
    return Percentile(
        percent,
        _at(ordered, place),
        (_at(ordered, min(place + spread, count - 1)) - _at(ordered, max(place - spread, 0))) / 2,
    )


def _at(ordered: Sequence[float], place: float) -> float:
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    rest = place - below
    return ordered[below] * (1 - rest) + ordered[above] * rest if rest else ordered[below]


def _histogram(ordered: Sequence[float]) -> tuple[tuple[tuple[float, float, int], ...], bool]:
    """Count the draws between the 5th and 95th percentile in equal bins, on a log scale where it is wide."""
    if not ordered:
        return (), False
    low, high = (_at(ordered, end * (len(ordered) - 1)) for end in (0.05, 0.95))
    if not low < high:
        return ((low, high, len(ordered)),), False
    log = low > 0 and high / low > 20
    scale, back = (math.log, math.exp) if log else (float, float)
    first, width = scale(low), (scale(high) - scale(low)) / BINS
    counts = [0] * BINS
    for value in ordered:
        if low <= value <= high:
            counts[min(int((scale(value) - first) / width), BINS - 1)] += 1
    edges = [back(first + width * step) for step in range(BINS + 1)]
    return tuple(zip(edges, edges[1:], counts, strict=False)), log


def _ranks(values: Sequence[float]) -> list[float]:
    """Return ranks from 0; equal values share their mean rank."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop + 1 < len(order) and values[order[stop + 1]] == values[order[start]]:
            stop += 1
        for place in range(start, stop + 1):
            ranks[order[place]] = (start + stop) / 2
        start = stop + 1
    return ranks


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    middle = (len(one) - 1) / 2
    together = math.fsum((a - middle) * (b - middle) for a, b in zip(one, other, strict=True))
    spread = math.fsum((a - middle) ** 2 for a in one) * math.fsum((b - middle) ** 2 for b in other)
    return together / math.sqrt(spread) if spread > 0 else 0.0

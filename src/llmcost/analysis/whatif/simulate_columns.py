"""Many draws as columns: what `simulate` works out one by one, in the memory of its results."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from llmcost.analysis.whatif.conditions import OPERATORS, Band, Condition
from llmcost.analysis.whatif.draws_columns import DrawnColumns
from llmcost.analysis.whatif.evaluate import grid_of
from llmcost.analysis.whatif.grid import Grid
from llmcost.analysis.whatif.over_time import GridOverTime
from llmcost.analysis.whatif.simulated import PERCENTILES, RANKED, Simulated
from llmcost.engine.ranking import percentile
from llmcost.engine.ranking_columns import correlation, histogram, moments, ranks
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.scenario.settled import Scenario

Column = Any
"""A float array of one dimension; NaN where there is no value, infinite at an end of the line."""


def results_of(
    scenario: Scenario,
    metrics: Sequence[str],
    drawn: DrawnColumns,
    draws: int,
    reasons: dict[str, Counter[Reason]],
) -> dict[str, Column]:
    """Return each metric over the draws; `reasons` is filled with why, and how often, it has no value."""
    grid = grid_of(scenario, drawn.names, metrics)
    found = {name: np.empty(draws) for name in metrics}
    for start, columns in drawn.parts():
        stop = start + len(columns[0])
        for name, column in zip(metrics, _part(grid, columns, reasons), strict=True):
            found[name][start:stop] = column
    return found


def _part(
    grid: Grid | GridOverTime, columns: Sequence[Column], reasons: dict[str, Counter[Reason]]
) -> list[Column]:
    if isinstance(grid, GridOverTime):
        lists = grid.one_by_one([column.tolist() for column in columns], reasons, ends=True)
        return [np.array(column, dtype=float) for column in lists]
    found = grid.arrays(columns)
    lost = np.flatnonzero(np.isnan(found).any(axis=0))
    if len(lost):  # each for a reason of its own, and some lie at the end of the line
        found = [column.copy() for column in found]
        alone = grid.one_by_one([column[lost].tolist() for column in columns], reasons, ends=True)
        for column, values in zip(found, alone, strict=True):
            column[lost] = np.array(values, dtype=float)
    return found


def share_of(condition: Condition | Band, results: Mapping[str, Column]) -> float:
    """Return the part of all draws in which a condition holds."""
    column = results[condition.metric]
    if isinstance(condition, Band):
        holds = (condition.low <= column) & (column <= condition.high)
    else:
        right = condition.right
        holds = OPERATORS[condition.sign](column, results[right] if isinstance(right, str) else right)
    return int(np.count_nonzero(holds)) / len(column)


def describe(name: str, column: Column, drawn: DrawnColumns, reasons: Counter[Reason]) -> Simulated:
    """Describe a metric over the draws, which are put in order on the way."""
    influences = _influences(column, drawn)
    column.sort()  # NaN last
    ordered = column[: np.searchsorted(column, math.nan)]
    finite = ordered[np.searchsorted(ordered, -math.inf, "right") : np.searchsorted(ordered, math.inf)]
    # Where some draws lie at the end of the line, there is no mean of all.
    mean, deviation = moments(finite) if len(finite) == len(ordered) else (None, None)
    bins, log = histogram(finite)
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


def _influences(column: Column, drawn: DrawnColumns) -> tuple[tuple[str, float], ...]:
    """Rank correlations with the uncertain inputs, over the first draws in which the metric has a place."""
    kept = np.flatnonzero(~np.isnan(column))[:RANKED]
    if len(kept) < 3:
        return ()
    own, stop = ranks(column[kept]), int(kept[-1]) + 1
    names = [quantity.name for quantity in drawn.uncertain]
    found = [(name, correlation(ranks(drawn.column(name, 0, stop)[kept]), own)) for name in names]
    return tuple(sorted(found, key=lambda item: (-abs(item[1]), item[0])))

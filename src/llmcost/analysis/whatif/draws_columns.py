"""Draws by the part: what `draws` draws, as columns, of which any part can be had without the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from llmcost.analysis.whatif.draws import distribution_of, fact, lines_of, subjects, whole_of
from llmcost.analysis.whatif.grid import CHUNK, Grid
from llmcost.engine.correlation_columns import reordered
from llmcost.engine.sampling import Sampling, stream_of
from llmcost.engine.sampling_columns import uniforms, values
from llmcost.formulas import MODEL
from llmcost.scenario.settled import Scenario

Column = Any
"""A float array of one dimension."""


class DrawnColumns:
    """The ranges that lead to what is asked for, and their draws.

    Only what is correlated, or held by a total, is kept whole; the rest is drawn when it is asked for.

    Attributes:
        uncertain: the ranges that lead to what is asked for.
        names: all that is drawn, in the order in which its columns come.
    """

    def __init__(
        self, scenario: Scenario, metrics: Sequence[str], count: int, seed: int, sampling: Sampling
    ) -> None:
        found = subjects(scenario, metrics)
        self.uncertain, self.names = found.uncertain, found.names
        self._count, self._sampling = count, sampling
        facts = {name: (scenario.data[name], MODEL.quantities[name]) for name in self.names}
        self._streams = {name: stream_of(seed, fact(*one)) for name, one in facts.items()}
        self._kinds = {name: distribution_of(*one) for name, one in facts.items()}
        self._whole: dict[str, Column] = {}
        if found.together:
            ordered = reordered([self._uniforms(name, 0, count) for name in found.together], found.ranks)
            for name, column in zip(found.together, ordered, strict=True):
                self._whole[name] = values(self._kinds[name], column)
        for section in found.totals:
            self._hold(scenario, section)

    def _uniforms(self, name: str, start: int, stop: int) -> Column:
        return uniforms(start, stop, self._count, self._streams[name], self._sampling)

    def column(self, name: str, start: int, stop: int) -> Column:
        """Return the draws of one fact from one place to before another."""
        if name in self._whole:
            return self._whole[name][start:stop]
        return values(self._kinds[name], self._uniforms(name, start, stop))

    def parts(self) -> Iterator[tuple[int, list[Column]]]:
        """Yield all draws by the chunk: where it begins, and a column for each name."""
        for start in range(0, self._count, CHUNK):
            stop = min(start + CHUNK, self._count)
            yield start, [self.column(name, start, stop) for name in self.names]

    def _hold(self, scenario: Scenario, section: str) -> None:
        """Keep the lines of a total, so that in no draw they are more than it."""
        whole, exact = whole_of(scenario, section)
        total = f"{section}.total"
        lines = [name for name in lines_of(scenario, section) if name in self.names]
        grid = Grid(scenario, self.names, [f"{section}.lines"], limits=())
        gaps = np.empty(self._count)
        for start, columns in self.parts():
            (sums,) = grid.arrays(columns)
            most = columns[self.names.index(total)] if total in self.names else whole
            gaps[start : start + len(sums)] = most - sums
        open_ = np.flatnonzero((gaps < 0) | (exact & ~np.isnan(gaps)))
        for name in lines:
            column = self.column(name, 0, self._count)
            self._whole[name] = column.copy() if name in self._whole else column
        found = np.stack([self._whole[name][open_] for name in lines])
        variances = np.array([np.var(self._whole[name]) for name in lines])
        spread(found, gaps[open_], variances)
        for name, column in zip(lines, found, strict=True):
            self._whole[name][open_] = column


def spread(lines: Column, gaps: Column, variances: Column) -> None:
    """Add a gap to the lines of each draw by their share of the variance; none falls below 0.

    Args:
        lines: a row for each line and a column for each draw; it is changed.
        gaps: what is missing from the total in each draw, below 0 what is too much.
        variances: one for each line.
    """
    free = np.ones(lines.shape, dtype=bool)
    left = np.flatnonzero(gaps)
    while len(left):
        weights = np.where(free[:, left], variances[:, None], 0.0)
        sizes = weights.sum(axis=0)
        left, weights, sizes = left[sizes > 0], weights[:, sizes > 0], sizes[sizes > 0]
        now, steps = lines[:, left], gaps[left] * weights / sizes
        stopped = free[:, left] & (now + steps < 0)
        again = stopped.any(axis=0)
        steps = np.where(again, np.where(stopped, -now, 0.0), steps)
        lines[:, left] = now + steps
        gaps[left] -= steps.sum(axis=0)
        free[:, left] &= ~stopped
        left = left[again & (gaps[left] != 0)]

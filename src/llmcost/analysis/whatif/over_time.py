"""Outcomes of projections, and other metrics, at many values of some inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from llmcost.analysis.projection.outcomes import Outcome, Tally, outcomes, undefined
from llmcost.analysis.projection.run import Projector
from llmcost.analysis.whatif.grid import Grid, has_numpy
from llmcost.engine.compiled import Values
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.reasons import Reason, reason_of
from llmcost.scenario.settled import Scenario

CHUNK: Final = 16_384
"""Points processed at a time: a month has more overhead to hide than a formula."""
MANY: Final = 32
"""From this many points on, columns pay."""

Found = tuple[dict[str, float | None], dict[str, Reason]]
"""Projected metrics at a point, and why some are undefined."""

Chunk = tuple[dict[str, list[float | None]], dict[str, dict[int, Reason]], Iterable[int]]
"""Projected metrics at some points, reasons of undefined ones by point, and points to evaluate singly."""


class GridOverTime:
    """Does what `Grid` does for metrics of the section `project`: each point is a whole projection.

    Attributes:
        metrics: the metrics, in the order in which they are returned.

    Raises:
        LlmcostError: for a metric that cannot be derived, and for every problem of the timeline.
    """

    def __init__(self, scenario: Scenario, varied: Sequence[str], metrics: Sequence[str]) -> None:
        self.metrics = tuple(metrics)
        self._over_time = [name for name in metrics if name in MODEL.outcomes]
        self._plain = Grid(scenario, varied, [name for name in metrics if name not in MODEL.outcomes])
        self._projector = Projector(scenario, varied)
        lacking = self._projector.plan.lacking()
        lost = [name for name in self._over_time if name in lacking]
        if lost:
            raise LlmcostError(
                *(Problem(f"lacks {lacking[name]}", scenario.label, subject=name) for name in lost)
            )

    def _found(self, values: Sequence[float]) -> Found:
        """Return the projected metrics at one point, and why some are undefined."""
        try:
            found = outcomes(self._projector.run(values))
        except ArithmeticError as error:
            return dict.fromkeys(self._over_time), dict.fromkeys(self._over_time, reason_of(error))
        reasons = {name: item.reason for name, item in found.items() if item.reason is not None}
        return {name: item.value for name, item in found.items()}, reasons

    def _blank(self, size: int) -> Chunk:
        """Return a chunk of which nothing is known yet."""
        return (
            {name: [None] * size for name in self._over_time},
            {n: {} for n in self._over_time},
            range(size),
        )

    def _by_numpy(self, columns: Sequence[Sequence[float]], size: int) -> Chunk:
        """Return the projected metrics of many points, evaluated all at once."""
        import numpy as np

        tally = Tally()
        try:
            with np.errstate(all="ignore"):
                for month in self._projector.months([np.asarray(column, dtype=float) for column in columns]):
                    tally.add(month)
        except ArithmeticError:
            return self._blank(size)  # at every point, and each has its own reason
        found, reasons, _ = self._blank(size)
        values = tally.values()
        for name in self._over_time:
            column = np.broadcast_to(values[name], (size,))
            found[name] = column.tolist()
            why = undefined(name, self._projector.plan.schedule.months)
            for index in np.flatnonzero(np.isnan(column)).tolist():
                found[name][index], reasons[name][index] = None, why
        return found, reasons, np.flatnonzero(np.broadcast_to(tally.lost, (size,))).tolist()

    def at(self, values: Sequence[float]) -> Values:
        """Return the metrics at one point, with None for undefined ones."""
        found, _ = self._found(values)
        found |= dict(zip(self._plain.metrics, self._plain.at(values), strict=True))
        return tuple(found[name] for name in self.metrics)

    def reasons(self, values: Sequence[float]) -> dict[str, Reason]:
        """Return why metrics are undefined at a point, by metric."""
        reasons = self._found(values)[1] | self._plain.reasons(values)
        return {name: reasons[name] for name in self.metrics if name in reasons}

    def columns(self, columns: Sequence[Any]) -> list[list[float | None]]:
        """Return the metrics at many points, a column each; takes a column for each varied input."""
        return self.one_by_one([item if isinstance(item, list) else item.tolist() for item in columns])

    def one_by_one(
        self,
        columns: Sequence[Sequence[float]],
        reasons: dict[str, Counter[Reason]] | None = None,
        *,
        ends: bool = False,
    ) -> list[list[float | None]]:
        """Do what `columns` does, with the options of `Grid.one_by_one`."""
        count = len(columns[0]) if columns else 1
        results: dict[str, list[float | None]] = {name: [] for name in self._over_time}
        for start in range(0, count, CHUNK):
            part, size = [column[start : start + CHUNK] for column in columns], min(CHUNK, count - start)
            together = has_numpy() and count >= MANY
            found, why, alone = self._by_numpy(part, size) if together else self._blank(size)
            for index in alone:
                point, own = self._found([column[index] for column in part])
                for name in self._over_time:
                    found[name][index] = point[name]
                    why[name].pop(index, None)
                    if name in own:
                        why[name][index] = own[name]
            for name, column in found.items():
                for index, reason in why[name].items():
                    if ends:
                        column[index] = reason.end
                    if reasons is not None:
                        reasons.setdefault(name, Counter())[reason] += 1
                results[name] += column
        plain = self._plain.one_by_one(columns, reasons, ends=ends)
        results |= dict(zip(self._plain.metrics, plain, strict=True))
        return [results[name] for name in self.metrics]


def outcome_over_time(scenario: Scenario, metric: str) -> Outcome:
    """Return one metric of the section `project`.

    Raises:
        LlmcostError: for a metric that cannot be derived, and for every problem of the timeline.
    """
    projector = Projector(scenario)
    lacking = projector.plan.lacking()
    if metric in lacking:
        raise LlmcostError(Problem(f"lacks {lacking[metric]}", scenario.label, subject=metric))
    try:
        return outcomes(projector.run())[metric]
    except ArithmeticError as error:
        return Outcome(None, reason=reason_of(error))

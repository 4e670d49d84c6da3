"""Metrics of one scenario at many values of some inputs: the base of sweep, solve and simulate.

The plan is resolved and compiled once. Numpy, if installed, evaluates whole columns; otherwise the compiled
plan runs point by point, with the same results.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from functools import cache
from itertools import starmap
from typing import Any, Final

from llmcost.analysis.ask.evaluation import Evaluation, why_missing
from llmcost.analysis.ask.load import put_workload
from llmcost.engine.compiled import CompiledPlan, Values
from llmcost.engine.plan import resolve
from llmcost.engine.trace import evaluate as trace_of
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.reasons import Reason, Undefined
from llmcost.scenario.settled import Scenario

CHUNK: Final = 8_192
"""Points processed at a time: enough to hide the overhead, and few enough for the processor's cache.

Columns of twice as many make the C library get memory from the system, and return it, each time.
"""

IDLE, FLEET = "serving.idle_gpus", "serving.gpus"
RESTS: Final = {
    "revenue.unallocated": ("revenue.total", "below_lines"),
    "cost.unallocated": ("cost.total", "below_lines"),
    IDLE: (FLEET, "fleet_too_small"),
}
"""The rest of a whole, and the reason why no metric has a value if that is below 0."""


class Grid:
    """Evaluates some metrics of a scenario for any values of its varied inputs.

    Attributes:
        scenario: the scenario, with a workload.
        varied: the varied inputs, in the order in which their values are passed.
        metrics: the metrics, in the order in which they are returned.
        plan: the formulas of the metrics and of the limits.
        limits: for each limit, the places of a rest and of its whole among the plan's targets, and the name
            of the rest: if it is below 0, no metric has a value.

    Raises:
        LlmcostError: for a metric that cannot be derived even once the varied inputs are given.
    """

    def __init__(
        self,
        scenario: Scenario,
        varied: Sequence[str],
        metrics: Sequence[str],
        *,
        limits: Collection[str] = tuple(RESTS),
    ) -> None:
        """Plan the metrics and the rests in `limits`, which must not be below 0."""
        self.scenario = put_workload(scenario, None)
        self.varied = tuple(varied)
        self.metrics = tuple(metrics)
        fixed = {name: datum.value for name, datum in self.scenario.data.items() if name not in self.varied}
        given = {*fixed, *self.varied}
        # For all values, a total must not be below its lines, nor traffic exceed its fleet.
        rests = {rest: whole for rest, (whole, _) in RESTS.items() if rest in limits and whole in given}
        if set(resolve(MODEL, given, [IDLE]).inputs).isdisjoint(varied):
            rests.pop(IDLE, None)
        self.plan = resolve(MODEL, given, (*metrics, *rests, *rests.values()))
        self._refuse_missing(self.plan.targets)
        self._fixed = fixed
        self._compiled = CompiledPlan(self.plan, fixed)
        self._slots = [self.varied.index(name) for name in self._compiled.inputs]
        self._places = [self.plan.targets.index(name) for name in metrics]
        self.limits = [
            (self.plan.targets.index(rest), self.plan.targets.index(whole), rest)
            for rest, whole in rests.items()
            if rest in self.plan.targets
        ]

    def _refuse_missing(self, targets: Sequence[str]) -> None:
        lost = [metric for metric in self.metrics if metric not in targets]
        if lost:
            evaluation = Evaluation(self.scenario, trace_of(MODEL, self.scenario.given, lost))
            label = self.scenario.label
            raise LlmcostError(*(Problem(why_missing(evaluation, m), label, subject=m) for m in lost))

    def _passed(self, values: Sequence[float]) -> list[float]:
        return [values[slot] for slot in self._slots]

    def at(self, values: Sequence[float]) -> Values:
        """Return the metrics at one point, with None for undefined ones."""
        results = self._compiled(self._passed(values))
        if self.limits and self._below(results):
            return (None,) * len(self.metrics)
        return tuple(results[place] for place in self._places)

    def _below(self, results: Sequence[float | None]) -> Reason | None:
        """Return the reason of a limit that is exceeded, if any."""
        for place, whole, name in self.limits:
            rest, total = results[place], results[whole]
            if rest is not None and total is not None and rest < -1e-9 * total:
                return Reason(RESTS[name][1], (total - rest, total) if name == IDLE else RESTS[name][:1])
        return None

    def reasons(self, values: Sequence[float]) -> dict[str, Reason]:
        """Return why metrics are undefined at a point, by metric."""
        return self._explained(self._passed(values))[1]

    def _explained(self, passed: Sequence[float]) -> tuple[Values, dict[str, Reason]]:
        """Return the targets at a point, and why metrics are undefined there."""
        results, reasons = self._compiled.explained(passed)
        below = self._below(results)
        if below is not None:
            return (None,) * len(results), dict.fromkeys(self.metrics, below)
        return results, {metric: reasons[metric] for metric in self.metrics if metric in reasons}

    def columns(self, columns: Sequence[Any]) -> list[list[float | None]]:
        """Return the metrics at many points, a column each; takes a column for each varied input."""
        if columns and numpy_pays(len(columns[0])):
            return self._by_numpy(columns)
        return self.one_by_one(columns)

    def one_by_one(
        self,
        columns: Sequence[Sequence[float]],
        reasons: dict[str, Counter[Reason]] | None = None,
        *,
        ends: bool = False,
    ) -> list[list[float | None]]:
        """Do what `columns` does in plain Python, with exactly the same results on every machine.

        `reasons` counts why each metric is undefined. With `ends`, a value beyond all numbers is infinite
        rather than None.
        """
        count = len(columns[0]) if columns else 1
        found: list[list[float | None]] = [[] for _ in self.metrics]
        for start in range(0, count, CHUNK):
            points: list[tuple[float, ...]] = [()] * min(CHUNK, count - start)
            if self._slots:
                parts = (columns[slot][start : start + CHUNK] for slot in self._slots)
                points = list(zip(*parts, strict=True))
            rows, lost = self._rows(points)
            for column, place in zip(found, self._places, strict=True):
                column += [row[place] for row in rows]
            for index, why in lost.items():
                for column, metric in zip(found, self.metrics, strict=True):
                    if metric in why and reasons is not None:
                        reasons.setdefault(metric, Counter())[why[metric]] += 1
                    if metric in why and ends and why[metric].end is not None:
                        column[start + index] = why[metric].end
        return found

    def _rows(self, points: Sequence[tuple[float, ...]]) -> tuple[list[Values], dict[int, dict[str, Reason]]]:
        """Return the targets at some points, and why some are undefined, by the place of the point."""
        fast, isfinite = self._compiled.fast, math.isfinite
        nothing = (0.0,) * len(self.plan.targets)
        rows: list[tuple[float, ...]] = []
        lost: dict[int, Reason | None] = {}
        left = iter(points)
        while len(rows) < len(points):
            try:
                rows.extend(starmap(fast, left))
            except ArithmeticError as error:
                lost[len(rows)] = error.reason if isinstance(error, Undefined) else None
                rows.append(nothing)
        if not isfinite(sum(map(sum, rows))):
            lost |= {place: None for place, row in enumerate(rows) if not isfinite(sum(row))}
        if self.limits:
            lost |= {place: None for place, row in enumerate(rows) if self._below(row)}
        found: list[Values] = [*rows]
        told: dict[int, dict[str, Reason]] = {}
        for place in sorted(lost):
            reason = lost[place]
            if reason is not None and len(nothing) == 1:  # nothing else can be undefined
                found[place], told[place] = (None,), {self.metrics[0]: reason}
            else:
                found[place], told[place] = self._explained(points[place])
        return found, told

    def arrays(self, columns: Sequence[Any]) -> list[Any]:
        """Return the metrics at many points as numpy arrays, with NaN for undefined values.

        Takes an array for each varied input. Metrics that depend on none of them are arrays too.
        """
        import numpy as np

        from llmcost.engine.arrays import ArrayPlan

        if not hasattr(self, "_array_plan"):
            self._array_plan = ArrayPlan(self.plan, self._fixed)
        count = len(columns[0]) if len(columns) else 1
        results = self._array_plan([np.asarray(columns[slot], dtype=float) for slot in self._slots])
        found = [np.broadcast_to(results[place], (count,)) for place in self._places]
        if self.limits:
            broken = np.zeros(count, dtype=bool)
            for place, whole, _ in self.limits:
                broken |= results[place] < -1e-9 * results[whole]
            if broken.any():
                found = [np.where(broken, np.nan, column) for column in found]
        return found

    def _by_numpy(self, columns: Sequence[Any]) -> list[list[float | None]]:
        import numpy as np

        found: list[list[float | None]] = []
        for column in self.arrays(columns):
            values: list[float | None] = column.tolist()
            undefined = np.isnan(column)
            if undefined.any():
                for index in np.flatnonzero(undefined):
                    values[index] = None
            found.append(values)
        return found


@cache
def has_numpy() -> bool:
    """Whether numpy is installed: the optional extra `fast`."""
    return importlib.util.find_spec("numpy") is not None


def joined(parts: Sequence[Sequence[float | None]]) -> Any:
    """Join the parts of a column: to an array with NaN for None, or without numpy to a list with None."""
    if not has_numpy():
        return [value for part in parts for value in part]
    import numpy as np

    return np.concatenate([np.array(part, dtype=float) for part in parts])


MANY: Final = 50_000
"""From this many points on, importing numpy takes less time than it saves."""


def numpy_pays(points: int) -> bool:
    """Whether numpy is faster for this many points: it is installed, and loaded or worth loading."""
    return has_numpy() and (points >= MANY or "numpy" in sys.modules)

"""A scenario prepared for repeated evaluation at different values of some quantities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.analysis.ask.load import put_workload
from llmcost.analysis.whatif.evaluate import grid_of
from llmcost.analysis.whatif.grid import CHUNK, IDLE, RESTS, Grid, has_numpy
from llmcost.engine.plan import resolve
from llmcost.errors import LlmcostError, Problem, missing_extra, texts_in
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.number import LARGEST, out_of_bounds, shorten

if TYPE_CHECKING:
    from llmcost.analysis.whatif.over_time import GridOverTime

TOTALS: Final = tuple(rest for rest in RESTS if rest != IDLE)
"""The limits of a single evaluation: a total is never below its lines."""


class Fault(NamedTuple):
    """A value that a quantity cannot have: its place among rows and inputs, and what is wrong with it."""

    row: int
    input: int
    message: str


class Results(NamedTuple):
    """The metrics of some rows, as columns, and if requested the codes of why they have no value.

    The columns are numpy arrays with NaN for no value, or without numpy lists with None.
    """

    columns: list[Any]
    reasons: list[list[str | None]]


class Prepared:
    """Metrics of a scenario as a function of some quantities. It can be pickled.

    Called with a number for each input, it returns a number for each metric, None where one is undefined.
    Called with numpy arrays, or a mix of arrays and numbers, it returns arrays, with NaN for undefined. As an
    input, None or NaN means that a quantity is not stated. Units are those of the vocabulary.

    Attributes:
        scenario: the scenario, with a workload.
        inputs: the quantities to set, in the order in which values are passed.
        metrics: the metrics returned, in that order.

    Raises:
        LlmcostError: for an unknown or repeated name, or a metric that cannot be derived.
    """

    def __init__(self, scenario: Scenario, inputs: Iterable[str], metrics: Iterable[str]) -> None:
        """Choose and compile the formulas once."""
        self.scenario = put_workload(scenario, None)
        self.inputs = texts_in(inputs, "inputs")
        asked = texts_in(metrics, "metrics")
        found = select_metrics(asked, [self.scenario])
        # Of a section or pattern, metrics that cannot be derived are left out; named metrics are required.
        self.metrics = tuple(
            name
            for name in found
            if name in asked
            or (name not in self.inputs and _can_be_derived(self.scenario, self.inputs, name))
        ) or tuple(found)
        _check(self.scenario, self.inputs, self.metrics)
        self.quantities = tuple(map(self.scenario.quantity, self.inputs))
        self._bounds = [
            (
                -LARGEST if quantity.low is None else quantity.low,
                LARGEST if quantity.high is None else quantity.high,
            )
            for quantity in self.quantities
        ]
        self._grid: Grid | GridOverTime
        if MODEL.outcomes.isdisjoint(self.metrics):
            self._grid = Grid(self.scenario, self.inputs, self.metrics, limits=TOTALS)
        else:
            self._grid = grid_of(self.scenario, self.inputs, self.metrics)
        self._without: dict[frozenset[int], tuple[Prepared | None, list[int]]] = {}

    def __reduce__(self) -> tuple[Callable[..., Prepared], tuple[Any, ...]]:
        return Prepared, (self.scenario, self.inputs, self.metrics)

    def __call__(self, *values: Any) -> tuple[Any, ...]:
        """Return the metrics at these values of the inputs.

        Raises:
            LlmcostError: for a value that a quantity cannot have, and for a wrong number of values.
        """
        if len(values) != len(self.inputs):
            count = f"{len(self.inputs)} value{'s' * (len(self.inputs) != 1)}"
            told = f"takes {count} ({', '.join(self.inputs)}), got {len(values)}"
            raise LlmcostError(Problem(told, self.scenario.label))
        for value, (low, high) in zip(values, self._bounds, strict=True):
            if not isinstance(value, float | int) or not low <= value <= high:
                return self._spread(values)
        return self._grid.at(values)

    def _spread(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Return the metrics if a value is an array, missing, or possibly out of bounds."""
        if all(value is None or isinstance(value, float | int) for value in values):
            columns: list[Any] = [[value] for value in values]
            self._refuse(columns)
            found = self.columns(columns).columns
            return tuple(
                None if column[0] is None or column[0] != column[0] else float(column[0]) for column in found
            )
        for name, value in zip(self.inputs, values, strict=True):
            if isinstance(value, str | bytes):
                told = f"expected a number or an array of them, got {value!r}"
                raise LlmcostError(Problem(told, self.scenario.label, subject=name))
        if not has_numpy():
            raise LlmcostError(missing_extra("fast", "a plan of arrays"))
        import numpy as np

        arrays: Sequence[Any] = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))
        columns = [array.ravel() for array in arrays]
        self._refuse(columns)
        return tuple(column.reshape(arrays[0].shape) for column in self.columns(columns).columns)

    def _refuse(self, columns: Sequence[Any]) -> None:
        fault = self.fault(columns)
        if fault is not None:
            place = f"value {fault.row + 1:,}" if len(columns[0]) > 1 else self.scenario.label
            raise LlmcostError(Problem(fault.message, place, subject=self.inputs[fault.input]))

    def fault(self, columns: Sequence[Any]) -> Fault | None:
        """Return the first value that a quantity cannot have, in the order of rows."""
        found: list[Fault] = []
        for place, (column, (low, high), quantity) in enumerate(
            zip(columns, self._bounds, self.quantities, strict=True)
        ):
            row = _first_outside(column, low, high)
            if row is not None:
                message = out_of_bounds(float(column[row]), quantity) or f"must not exceed {high:g}"
                found.append(Fault(row, place, message))
        return min(found, default=None)

    def columns(self, columns: Sequence[Any], *, reasons: bool = False) -> Results:
        """Return the metrics at many rows, from a column for each input in which `fault` finds nothing.

        None, or NaN, means that a quantity is not stated in that row; the metrics then follow from the rest.
        """
        if not columns:
            return Results([], [])
        count = len(columns[0])
        groups = _by_gaps(columns)
        if len(groups) == 1 and frozenset() in groups:
            return self._whole(columns, count, reasons=reasons)
        found: list[Any] = [_filled(count) for _ in self.metrics]
        why: list[list[str | None]] = [[None] * count for _ in self.metrics] if reasons else []
        for gaps, rows in groups.items():
            part, kept = self._lacking(gaps)
            own = [_taken(column, rows) for place, column in enumerate(columns) if place not in gaps]
            results = Results([], []) if part is None else part._whole(own, len(rows), reasons=reasons)
            for place in range(len(self.metrics)):
                if place in kept:
                    _put(found[place], rows, results.columns[kept.index(place)])
                if reasons:
                    codes = results.reasons[kept.index(place)] if place in kept else ["lacks"] * len(rows)
                    for row, code in zip(rows, codes, strict=True):
                        why[place][row] = code
        return Results(found, why)

    def _lacking(self, gaps: frozenset[int]) -> tuple[Prepared | None, list[int]]:
        """Return the same without some inputs, and the places of the metrics that can still be derived."""
        if not gaps:
            return self, list(range(len(self.metrics)))
        if gaps not in self._without:
            bare = self.scenario.with_data({self.inputs[place]: None for place in gaps})
            inputs = [name for place, name in enumerate(self.inputs) if place not in gaps]
            kept = [p for p, name in enumerate(self.metrics) if _can_be_derived(bare, inputs, name)]
            part = Prepared(bare, inputs, [self.metrics[place] for place in kept]) if kept else None
            self._without[gaps] = part, kept
        return self._without[gaps]

    def _whole(self, columns: Sequence[Any], count: int, *, reasons: bool) -> Results:
        """Return the metrics at rows in which every input is stated."""
        found: list[Any]
        if not self.inputs:
            found = [_filled(count, value) for value in self._grid.at(())]
        elif has_numpy():
            found = self._arrays(columns, count)
        else:
            found = list(self._grid.one_by_one(columns))
        if not reasons:
            return Results(found, [])
        why: list[list[str | None]] = [[None] * count for _ in self.metrics]
        for row in range(count):
            if not any(_is_none(column[row]) for column in found):
                continue
            told = self._grid.reasons([float(column[row]) for column in columns])
            for place, metric in enumerate(self.metrics):
                if _is_none(found[place][row]):
                    why[place][row] = told.get(metric, Reason("no_value", (metric,))).code
        return Results(found, why)

    def _arrays(self, columns: Sequence[Any], count: int) -> list[Any]:
        import numpy as np

        filled = [np.asarray(column, dtype=float) for column in columns]
        found = [np.empty(count) for _ in self.metrics]
        for start in range(0, count, CHUNK):
            part = [column[start : start + CHUNK] for column in filled]
            if isinstance(self._grid, Grid):
                results: Sequence[Any] = self._grid.arrays(part)
            else:
                results = self._grid.columns(part)
            for column, result in zip(found, results, strict=True):
                column[start : start + CHUNK] = np.asarray(result, dtype=float)
        return found


def _check(scenario: Scenario, inputs: Sequence[str], metrics: Sequence[str]) -> None:
    problems: list[Problem] = []
    for name, times in Counter(inputs).items():
        if times > 1:
            problems.append(Problem(f"{name} is given twice", scenario.label))
        if MODEL.quantities.find(name) is None:
            problems.append(Problem(MODEL.unknown(shorten(name, 80), "input"), scenario.label))
        elif name in MODEL.outcomes:
            problems.append(
                Problem(f"{name} is an outcome of a projection and cannot be set", scenario.label)
            )
        elif name in metrics:
            problems.append(Problem(f"{name} is both an input and a metric", scenario.label))
    if not metrics:
        problems.append(Problem("no metric is named", scenario.label))
    if problems:
        raise LlmcostError(*problems)


def _can_be_derived(scenario: Scenario, inputs: Sequence[str], metric: str) -> bool:
    if metric not in MODEL.outcomes:
        return metric in resolve(MODEL, {*scenario.data, *inputs}, [metric]).targets
    try:
        grid_of(scenario, inputs, [metric])
    except LlmcostError:
        return False
    return True


# Columns are numpy arrays, or lists without numpy


def _is_none(value: Any) -> bool:
    return value is None or value != value


def _first_outside(column: Any, low: float, high: float) -> int | None:
    if has_numpy():
        import numpy as np

        values = np.asarray(column, dtype=float)
        if not len(values) or (values.min() >= low and values.max() <= high):
            return None
        outside = (values < low) | (values > high)
        return int(outside.argmax()) if outside.any() else None
    return next((row for row, v in enumerate(column) if not _is_none(v) and not low <= v <= high), None)


def _by_gaps(columns: Sequence[Any]) -> dict[frozenset[int], list[int]]:
    """Return the rows by their missing inputs; if no row has any, no rows are listed."""
    if has_numpy():
        import numpy as np

        arrays = [np.asarray(column, dtype=float) for column in columns]
        holes = [place for place, column in enumerate(arrays) if len(column) and np.isnan(column.min())]
        if not holes:
            return {frozenset(): []}
        found: dict[frozenset[int], list[int]] = {}
        masks = np.stack([np.isnan(arrays[place]) for place in holes])
        kinds, at = np.unique(masks, axis=1, return_inverse=True)
        for kind in range(kinds.shape[1]):
            gaps = frozenset(place for place, gap in zip(holes, kinds[:, kind], strict=True) if gap)
            found[gaps] = np.flatnonzero(at.ravel() == kind).tolist()
        return found
    found = {}
    for row, values in enumerate(zip(*columns, strict=True)):
        gaps = frozenset(place for place, value in enumerate(values) if _is_none(value))
        found.setdefault(gaps, []).append(row)
    return found or {frozenset(): []}


def _filled(count: int, value: float | None = None) -> Any:
    if not has_numpy():
        return [value] * count
    import numpy as np

    return np.full(count, np.nan if value is None else value)


def _taken(column: Any, rows: Sequence[int]) -> Any:
    if not has_numpy():
        return [column[row] for row in rows]
    import numpy as np

    return np.asarray(column, dtype=float)[rows]


def _put(column: Any, rows: Sequence[int], values: Sequence[Any]) -> None:
    if has_numpy():
        column[rows] = values
        return
    for row, value in zip(rows, values, strict=True):
        column[row] = value

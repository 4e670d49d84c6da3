"""A grid of what-ifs: metrics at many values of some inputs, for one scenario or several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.analysis.ask.load import load, put_workload
from llmcost.analysis.projection.checks import check_reach, check_varied
from llmcost.analysis.whatif.evaluate import caveats_of, grid_of
from llmcost.analysis.whatif.grid import CHUNK, joined, numpy_pays
from llmcost.analysis.whatif.vary import MOST_POINTS, Axis, check_axes, corners_of, grid_size, read_axes
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario


class Chunk(NamedTuple):
    """Some consecutive points of one scenario: a column for each varied input and each metric.

    The columns of the inputs are numpy arrays if that pays, and lists otherwise.
    """

    scenario: int
    inputs: list[Any]
    metrics: list[list[float | None]]

    def rows(self) -> Iterator[tuple[float | None, ...]]:
        """Yield inputs and metrics point by point, as plain floats."""
        inputs = [column if isinstance(column, list) else column.tolist() for column in self.inputs]
        return zip(*inputs, *self.metrics, strict=True)


class Sweep:
    """The result of `sweep`: computed as it is read, so it never takes more memory than a chunk.

    Attributes:
        scenarios: the scenarios swept, outermost.
        axes: the varied inputs; the last varies fastest.
        metrics: the metrics.
        zipped: whether the inputs move together.
        count: points of one scenario's grid.
    """

    def __init__(
        self, scenarios: Sequence[Scenario], axes: Sequence[Axis], metrics: Sequence[str], *, zipped: bool
    ) -> None:
        self.scenarios = tuple(scenarios)
        self.axes = tuple(axes)
        self.metrics = tuple(metrics)
        self.zipped = zipped
        self.count = grid_size(axes, zipped=zipped)
        self._grids = [grid_of(scenario, [item.name for item in axes], metrics) for scenario in scenarios]

    def __len__(self) -> int:
        return self.count * len(self.scenarios)

    @property
    def quantities(self) -> list[Quantity]:
        """The metrics with their units."""
        return [MODEL.quantities[metric] for metric in self.metrics]

    @property
    def caveats(self) -> list[Caveats]:
        """What a reader must know before the points, by scenario."""
        varied = [item.name for item in self.axes]
        corners = list(corners_of(self.axes, zipped=self.zipped))
        return [
            caveats_of(scenario, self.metrics, varied).at(scenario, self.metrics, corners)
            for scenario in self.scenarios
        ]

    def chunks(self) -> Iterator[Chunk]:
        """Yield the points in order, chunk by chunk, as columns."""
        for index, grid in enumerate(self._grids):
            for start in range(0, self.count, CHUNK):
                inputs = self._inputs(start, min(start + CHUNK, self.count))
                metrics = grid.columns(inputs)
                yield Chunk(index, inputs, metrics)

    def _inputs(self, start: int, stop: int) -> list[Any]:
        columns: list[Any] = []
        arrays = numpy_pays(len(self))
        stride = 1 if self.zipped else self.count
        for item in self.axes:
            if not self.zipped:
                stride //= item.size
            columns.append(item.column(start, stop, stride, columns=arrays))
        return columns

    def reasons(self, scenario: int, values: Sequence[float]) -> dict[str, Reason]:
        """Return why metrics are undefined at a point of a scenario, by metric."""
        return self._grids[scenario].reasons(values)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield one row per point: the scenario's label, the inputs, the metrics (None if undefined)."""
        for chunk in self.chunks():
            label = self.scenarios[chunk.scenario].label
            for row in chunk.rows():
                yield (label, *row)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of a row."""
        return ("scenario", *(item.name for item in self.axes), *self.metrics)

    def to_columns(self) -> dict[str, Any]:
        """Return all points as columns by name, for pandas and polars.

        The columns are numpy arrays with NaN for no value, or without numpy lists with None.
        """
        labels = [scenario.label for scenario in self.scenarios for _ in range(self.count)]
        parts = [[*chunk.inputs, *chunk.metrics] for chunk in self.chunks()]
        columns = [joined(column) for column in zip(*parts, strict=True)]
        return dict(zip(self.columns, [labels, *columns], strict=True))

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return all rows by column name, for pandas and polars."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows()]


def sweep(
    *scenarios: Scenario | str,
    vary: Sequence[str] | Mapping[str, str | Iterable[float]] = (),
    metrics: Iterable[str],
    zip: bool = False,  # noqa: A002  (the name of the option it stands for)
    force: bool = False,
) -> Sweep:
    """Evaluate metrics at each value of some inputs.

    Args:
        scenarios: one or more, loaded or named as for `load`.
        vary: `["serving.utilization=0.1:0.9:9"]` or a mapping from inputs to SPECs or numbers.
        metrics: names, sections or patterns.
        zip: move the inputs together instead of taking every combination.
        force: allow more than 50 million points.

    Raises:
        LlmcostError: for an unknown name, a bad SPEC, a metric that cannot be derived, or a grid that
            is too large.
    """
    loaded = [load(item) if isinstance(item, str) else put_workload(item, None) for item in scenarios]
    if not loaded:
        raise LlmcostError("sweep takes a scenario")
    axes = read_axes(vary)
    check_axes(axes, loaded)
    axes = [axis._replace(quantity=loaded[0].quantity(axis.name)) for axis in axes]
    if not axes and len(loaded) == 1:
        raise LlmcostError("sweep needs --vary PATH=SPEC, or several scenarios")
    chosen = select_metrics(metrics, loaded)
    if not chosen:
        raise LlmcostError("sweep needs --metric NAME")
    if MODEL.outcomes.issuperset(chosen):
        for item in loaded:
            check_varied(item, [axis.name for axis in axes], "--vary")
    size = grid_size(axes, zipped=zip) * len(loaded)
    if size > MOST_POINTS and not force:
        raise LlmcostError(f"the grid has {size:,} points, more than {MOST_POINTS:,}; --huge allows it")
    return Sweep(loaded, axes, chosen, zipped=zip)


def check_band(result: Sweep, band: tuple[float, float], option: str) -> None:
    """Refuse a band that a runway cut off at the horizon would seem to reach.

    Raises:
        LlmcostError: naming the horizon.
    """
    for scenario in result.scenarios:
        for metric in result.metrics:
            check_reach(metric, band[1], scenario, option, sure_at_horizon=False)

"""A scenario evaluated on every row of a table: columns are quantities, and metrics become columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.analysis.ask.load import load, put_workload
from llmcost.analysis.whatif.evaluate import caveats_of
from llmcost.analysis.whatif.grid import joined
from llmcost.analysis.whatif.prepared import Prepared, Results
from llmcost.errors import LlmcostError, Problem, did_you_mean, texts_in
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.tables import NotANumberAt, arrow, numbers
from llmcost.scenario.values.number import shorten

REASON: Final = "_reason"
"""The ending of a column's name that says why a metric has no value."""


class Mapped(NamedTuple):
    """The columns of a table that are quantities, and their evaluation.

    Attributes:
        columns: the columns that are quantities, in the order of the inputs.
        prepared: the metrics as a function of these.
        reasons: whether each metric has a column that says why it has no value.
    """

    columns: tuple[str, ...]
    prepared: Prepared
    reasons: bool

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of the new columns."""
        metrics = self.prepared.metrics
        return (*metrics, *(f"{metric}{REASON}" for metric in metrics)) if self.reasons else metrics

    @property
    def caveats(self) -> Caveats:
        """What a reader must know before the rows."""
        return caveats_of(self.prepared.scenario, self.prepared.metrics, self.prepared.inputs)

    def results(self, columns: Sequence[Any]) -> Results:
        """Return the metrics of some rows, from a column of numbers for each input.

        Raises:
            BadRow: for the first value that a quantity cannot have.
        """
        fault = self.prepared.fault(columns)
        if fault is not None:
            raise BadRow(fault.row, self.columns[fault.input], fault.message)
        return self.prepared.columns(columns, reasons=self.reasons)


class BadRow(LlmcostError):
    """A row that cannot be evaluated.

    Attributes:
        row: its place, from 0.
        column: the column at fault.
        message: what is wrong with it.
    """

    def __init__(self, row: int, column: str, message: str) -> None:
        self.row, self.column, self.message = row, column, message
        super().__init__(Problem(message, f"row {row + 1:,}", subject=column))


def mapped(
    scenario: Scenario,
    columns: Sequence[str],
    metrics: Iterable[str],
    named: Mapping[str, str] | None = None,
    *,
    reasons: bool = False,
    place: str = "column",
) -> Mapped:
    """Return the columns of a table that are quantities: by their names, or by `named`.

    Raises:
        LlmcostError: if there are none, `named` has unknown columns, or a name is almost that of a quantity.
    """
    chosen = dict(named or {})
    problems = [
        Problem(f"there is no column '{shorten(name)}'{did_you_mean(name, columns)}", "--map")
        for name in chosen
        if name not in columns
    ]
    for name in columns:
        if name in chosen or not isinstance(name, str):
            continue
        if MODEL.quantities.find(name) is not None and name not in MODEL.outcomes:
            chosen[name] = name
        elif name.partition(".")[0] in MODEL.sections and "." in name and name not in MODEL.quantities:
            problems.append(Problem(MODEL.unknown(shorten(name, 80), "quantity"), place))
    if not chosen and not problems:
        told = f"no column is a quantity; there are {', '.join(map(str, columns[:6]))}"
        problems.append(Problem(f"{told}: say --map COLUMN=QUANTITY, such as price=price.input_per_mtok"))
    names, wanted = [name for name in columns if name in chosen], tuple(metrics)
    asked = select_metrics(wanted, [scenario])
    problems += [
        Problem(f"there is a column '{name}' already", "--metric")
        for metric in asked
        for name in (metric, metric + REASON)
        if name in columns and chosen.get(name) != name
    ]
    if problems:
        raise LlmcostError(*problems)
    return Mapped(tuple(names), Prepared(scenario, [chosen[name] for name in names], wanted), reasons)


def apply(
    scenario: Scenario | str,
    batch: Any,
    *,
    metrics: Iterable[str],
    map: Mapping[str, str] | None = None,  # noqa: A002  (the name of the option it stands for)
    reasons: bool = False,
) -> Any:
    """Evaluate metrics on every row of a table, and return it with a column for each of them.

    The result has the type of the input: an Arrow record batch, table or stream of batches, a DataFrame of
    pandas or polars, or a mapping from names to columns. Anything else with `__arrow_c_stream__` gives an
    Arrow table. With `function = functools.partial(llmcost.apply, scenario, metrics=[…])` it runs under Dask
    `map_partitions`, Ray `map_batches` and, as `lambda batches: map(function, batches)`, Spark `mapInArrow`.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        batch: the rows. A column named after a quantity sets it, in its unit; null or NaN means that it is
            not stated in that row. Other columns are unchanged.
        metrics: names, sections or patterns.
        map: columns that have another name than their quantity, as `{"price": "price.blended_per_mtok"}`.
        reasons: add a column `METRIC_reason` for each metric, with a code that says why it has no value.

    Returns:
        The rows, with the metrics as last columns; null (in pandas and numpy NaN) for no value.

    Raises:
        LlmcostError: for an unknown name, something that is not a table, columns of different lengths, and
            the first value that a quantity cannot take, with its row.
    """
    loaded = load(scenario) if isinstance(scenario, str) else put_workload(scenario, None)
    asked = texts_in(metrics, "metrics")
    if isinstance(batch, Mapping):
        plan = _plan(loaded, tuple(batch), asked, map, reasons)
        _check_lengths(batch)
        return {**batch, **_new_columns(plan, [batch[name] for name in plan.columns])}
    module = type(batch).__module__.partition(".")[0]
    if module == "pandas":
        plan = _plan(loaded, tuple(batch.columns), asked, map, reasons)
        return batch.assign(**_new_columns(plan, [_of_pandas(batch[name]) for name in plan.columns]))
    if not any(hasattr(batch, name) for name in ("__arrow_c_stream__", "__arrow_c_array__")):
        tables = "Arrow batches, a DataFrame of pandas or polars, or a mapping from names to columns"
        raise LlmcostError(f"expected a table ({tables}), got {type(batch).__name__}")
    pa = arrow("a table that is neither a mapping nor of pandas")
    known = (pa.RecordBatchReader, pa.RecordBatch, pa.Table)
    rows = batch if isinstance(batch, known) else pa.table(batch)
    plan = _plan(loaded, tuple(rows.schema.names), asked, map, reasons)
    if isinstance(rows, pa.RecordBatchReader):
        return pa.RecordBatchReader.from_batches(
            _extended_schema(plan, rows.schema), (_extended(plan, one) for one in rows)
        )
    done = _extended(plan, rows)
    if module == "polars":
        import polars as pl

        return pl.from_arrow(done)
    return done


def _check_lengths(columns: Mapping[Any, Any]) -> None:
    lengths: dict[int, Any] = {}
    for name, column in columns.items():
        try:
            length = -1 if isinstance(column, str) else len(column)
        except TypeError:
            length = -1
        if length < 0:
            raise LlmcostError(Problem(f"expected a column, got {type(column).__name__}", subject=str(name)))
        lengths.setdefault(length, name)
    if len(lengths) > 1:
        (one, first), (other, second), *_ = lengths.items()
        raise LlmcostError(f"columns differ in length: {first} has {one:,}, {second} {other:,}")


_kept: list[tuple[Scenario, object, Mapped]] = []
"""The last plan, because the batches of a table come one after another."""


def _plan(
    scenario: Scenario,
    columns: tuple[str, ...],
    metrics: tuple[str, ...],
    named: Mapping[str, str] | None,
    reasons: bool,
) -> Mapped:
    key = (columns, metrics, tuple((named or {}).items()), reasons)
    if _kept and _kept[0][0] is scenario and _kept[0][1] == key:
        return _kept[0][2]
    plan = mapped(scenario, columns, metrics, named, reasons=reasons)
    _kept[:] = [(scenario, key, plan)]
    return plan


def read_columns(plan: Mapped, columns: Sequence[Any]) -> list[Any]:
    """Return the columns of the inputs as numbers.

    Raises:
        BadRow: for the first cell of a column that is not a number.
    """
    found = []
    for column, name, quantity in zip(columns, plan.columns, plan.prepared.quantities, strict=True):
        if getattr(column, "dtype", None) is not None and column.dtype.kind in "fiu":
            found.append(column)
            continue
        try:
            found.append(joined([numbers(column, quantity)]))
        except NotANumberAt as error:
            raise BadRow(error.row, name, error.message) from None
    return found


def of_arrow(column: Any) -> Any:
    """Return a numeric Arrow column as a numpy array of floats, with NaN for null; others as a list."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return column.cast(pa.float64(), safe=False).to_numpy(**_copying(column))
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64()).to_numpy(**_copying(column))
    return column.to_pylist()


def _copying(column: Any) -> dict[str, bool]:
    import pyarrow as pa

    return {} if isinstance(column, pa.ChunkedArray) else {"zero_copy_only": False}


def _of_pandas(series: Any) -> Any:
    if series.dtype.kind in "fiu":
        return series.to_numpy(dtype=float, na_value=float("nan"))
    return [None if cell != cell else cell for cell in series.astype(object).where(series.notna(), None)]


def _new_columns(plan: Mapped, columns: Sequence[Any]) -> dict[str, Any]:
    """Return the new columns by name, from the input columns of the table."""
    results = plan.results(read_columns(plan, columns))
    return dict(zip(plan.titles, [*results.columns, *results.reasons], strict=True))


def _extended(plan: Mapped, batch: Any) -> Any:
    """Return an Arrow batch or table with the new columns."""
    for title, array in arrow_columns(plan, [of_arrow(batch.column(name)) for name in plan.columns]).items():
        batch = batch.append_column(title, array)
    return batch


def arrow_columns(plan: Mapped, columns: Sequence[Any]) -> dict[str, Any]:
    """Return the new columns as Arrow arrays, from input columns of numbers or text."""
    import pyarrow as pa

    results = plan.results(read_columns(plan, columns))
    metrics = [pa.array(column, pa.float64(), from_pandas=_has_gaps(column)) for column in results.columns]
    return dict(
        zip(plan.titles, [*metrics, *(pa.array(c, pa.string()) for c in results.reasons)], strict=True)
    )


def _has_gaps(column: Any) -> bool:
    """Whether a column may have gaps; one without any is shared with Arrow, not copied."""
    return isinstance(column, list) or (len(column) > 0 and bool(column.min() != column.min()))


def _extended_schema(plan: Mapped, schema: Any) -> Any:
    import pyarrow as pa

    for title in plan.titles:
        schema = schema.append(pa.field(title, pa.string() if title.endswith(REASON) else pa.float64()))
    return schema

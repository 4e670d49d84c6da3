"""Writes the result of `apply`: the rows of a table, with the metrics as further columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from llmcost.analysis.whatif.apply import BadRow, Mapped, arrow_columns, of_arrow, read_columns
from llmcost.errors import LlmcostError, Problem
from llmcost.render import parquet
from llmcost.render.columns import csv_cells, json_rows, json_texts
from llmcost.render.output import with_progress
from llmcost.render.report import Views
from llmcost.render.results.caveats import warnings
from llmcost.render.words import harmless
from llmcost.scenario.tables import ROWS, Piece, TableFile, arrow


def views(table: TableFile, plan: Mapped) -> Views:
    """Return the forms of a table with its metrics, written piece by piece."""
    return Views(
        stream=lambda form: with_progress(pieces(table, plan, form), table.rows, ROWS, "rows"),
        streamed=("csv", "jsonl", "parquet"),
        warnings=lambda: warnings([plan.caveats]),
    )


def pieces(table: TableFile, plan: Mapped, form: str) -> Iterator[str | bytes]:
    """Yield a table with its metrics in a form, in whole lines.

    Raises:
        LlmcostError: for the first invalid cell, with its line and column.
    """
    match form:
        case "csv":
            yield from _csv(table, plan)
        case "jsonl":
            yield from _json(table, plan)
        case _:
            yield from _parquet(table, plan)


def _inputs(piece: Piece, plan: Mapped) -> list[Any]:
    columns = [piece.columns[name] for name in plan.columns]
    return [of_arrow(column) if hasattr(column, "to_pylist") else column for column in columns]


def _at(table: TableFile, piece: Piece, error: BadRow) -> LlmcostError:
    return LlmcostError(Problem(error.message, table.where(piece.lines[error.row]), subject=error.column))


def _lists(table: TableFile, plan: Mapped) -> Iterator[list[Sequence[Any]]]:
    """Yield the columns of each piece, old and new, as lists."""
    for piece in table.pieces():
        try:
            results = plan.results(read_columns(plan, _inputs(piece, plan)))
        except BadRow as error:
            raise _at(table, piece, error) from None
        old = (one.to_pylist() if hasattr(one, "to_pylist") else one for one in piece.columns.values())
        yield [*old, *map(_plain, results.columns), *results.reasons]


def _plain(column: Any) -> list[float | None]:
    """Return a column as a list, with None for missing values and no negative zero."""
    values: list[float | None] = column if isinstance(column, list) else (column + 0.0).tolist()
    return [None if value is None or value != value else value + 0.0 for value in values]


def _csv(table: TableFile, plan: Mapped) -> Iterator[str]:
    header = csv_cells([[name] for name in (*table.columns, *plan.titles)])
    for columns in _lists(table, plan):  # no header without valid rows
        yield harmless(header + csv_cells(columns))
        header = ""
    if header:
        yield harmless(header)


def _json(table: TableFile, plan: Mapped) -> Iterator[str]:
    names = (*table.columns, *plan.titles)
    for columns in _lists(table, plan):
        yield "\n".join([*json_rows(names, list(map(json_texts, columns))), ""])


def _parquet(table: TableFile, plan: Mapped) -> Iterator[bytes]:
    pa = arrow("a Parquet file")
    fields = [(name, pa.string()) for name in table.columns]
    empty = pa.schema([*fields, *((title, pa.float64()) for title in plan.titles)])
    return parquet.pieces(_batches(pa, table, plan), empty)


def _batches(pa: Any, table: TableFile, plan: Mapped) -> Iterator[Any]:
    """Yield the pieces as Arrow batches, with the column types of the first."""
    schema = None
    for piece in table.pieces():
        batch = _batch(pa, table, plan, piece)
        schema = schema or batch.schema
        try:
            yield batch.cast(schema)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            message = f"a column is of another type than in the rows before: {error}"
            raise LlmcostError(Problem(message, table.where(piece.lines[0]))) from None


def _batch(pa: Any, table: TableFile, plan: Mapped, piece: Piece) -> Any:
    """Return a piece as an Arrow batch: quantities as numbers, other columns as they are."""
    try:
        inputs = read_columns(plan, _inputs(piece, plan))
        new = arrow_columns(plan, inputs)
    except BadRow as error:
        raise _at(table, piece, error) from None
    read = dict(zip(plan.columns, inputs, strict=True))
    columns = {}
    for name, column in piece.columns.items():
        if hasattr(column, "to_pylist"):
            columns[name] = column
        elif name in read:
            columns[name] = pa.array(read[name], pa.float64(), from_pandas=True)
        else:
            try:
                columns[name] = pa.array(column)
            except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
                where = table.where(piece.lines[0])
                raise LlmcostError(Problem(f"no column of one type: {error}", where, subject=name)) from None
    return pa.RecordBatch.from_pydict(columns | new)

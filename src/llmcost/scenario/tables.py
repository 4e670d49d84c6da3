"""The user's tables: CSV, JSON lines and Parquet, read in pieces, each row with its line."""

from __future__ import annotations

import csv
import itertools
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError, Problem, missing_extra
from llmcost.records import NamedTuple
from llmcost.scenario.files.tree import files_read, reading
from llmcost.scenario.values.number import NotANumber, out_of_bounds, parse_number, shorten

ROWS: Final = 32_768
"""Rows of a piece."""
KINDS: Final = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


class Piece(NamedTuple):
    """Some consecutive rows, as columns by name, and the line or number of each row.

    Cells are text in CSV, JSON values in JSON lines; a column of Parquet is an Arrow array.
    """

    columns: dict[str, Any]
    lines: Sequence[int]


class TableFile(NamedTuple):
    """A table that can be read piece by piece.

    Attributes:
        path: the file.
        kind: csv, jsonl or parquet.
        columns: the names of its columns; for JSON lines, the keys of the first line.
    """

    path: Path
    kind: str
    columns: tuple[str, ...]

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows in order.

        Raises:
            LlmcostError: with the line, if one cannot be read.
        """
        with _reading(self.path):
            match self.kind:
                case "csv":
                    yield from _csv_pieces(self.path, self.columns)
                case "jsonl":
                    yield from _json_pieces(self.path, self.columns)
                case _:
                    yield from _parquet_pieces(self.path)

    def rows(self) -> int:
        """Return roughly how many rows there are: for a text, its lines."""
        if self.kind == "parquet":
            with _reading(self.path), _parquet(self.path) as file:
                return int(file.metadata.num_rows)
        with _reading(self.path), self.path.open("rb") as text:
            return max(sum(block.count(b"\n") for block in iter(lambda: text.read(1 << 20), b"")), 1)

    def where(self, line: int = 0) -> str:
        """Name a line for a message; without one, where the columns are named."""
        if self.kind == "parquet":
            return f"{self.path}: row {line:,}" if line else str(self.path)
        return f"{self.path}:{line or 1}"


def open_table(path: Path) -> TableFile:
    """Open a table and read its column names; the ending of the file says what kind it is.

    Raises:
        LlmcostError: if it cannot be read, has no or unknown columns, or is of another kind.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise LlmcostError(Problem(f"is not a table; a table ends in {', '.join(KINDS)}", where=str(path)))
    with _reading(path):
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise LlmcostError(Problem("is not a regular file", where=str(path)))
        files_read.add((found.st_dev, found.st_ino))
        columns = {"csv": _csv_columns, "jsonl": _json_columns, "parquet": _parquet_columns}[kind](path)
    table = TableFile(path, kind, columns)
    twice = next((name for place, name in enumerate(columns) if name in columns[:place]), None)
    if twice is not None:
        raise LlmcostError(Problem(f"has two columns '{shorten(twice)}'", where=table.where()))
    if not columns:
        raise LlmcostError(Problem("is empty: it has no columns", where=str(path)))
    return table


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say in one line why a file cannot be read, or that it is not UTF-8."""
    with reading(path):
        try:
            yield
        except UnicodeDecodeError as error:
            message = f"is not UTF-8: byte 0x{error.object[error.start]:02x} here; save the file as UTF-8"
            raise LlmcostError(Problem(message, str(path), _undecodable(path))) from None


def _undecodable(path: Path) -> int | None:
    """Return the first line that is not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return None


def _opened(path: Path) -> IO[str]:
    return path.open(encoding="utf-8-sig", newline="")


def _csv_columns(path: Path) -> tuple[str, ...]:
    with _opened(path) as file:
        try:
            columns = tuple(name.strip() for name in next(csv.reader(file, strict=True), []))
        except csv.Error as error:
            raise LlmcostError(Problem(f"cannot be read: {error}", where=f"{path}:1")) from None
    for mark, called in ((";", "semicolons"), ("\t", "tabs")):
        if len(columns) == 1 and mark in columns[0]:
            message = f"has {called} between its columns; save it with commas, and with points in numbers"
            raise LlmcostError(Problem(message, where=f"{path}:1"))
    return columns


def _csv_pieces(path: Path, columns: Sequence[str]) -> Iterator[Piece]:
    width = len(columns)
    with _opened(path) as file:
        reader, done = csv.reader(file, strict=True), 0
        try:
            next(reader)
            done = reader.line_num
            while lines := list(itertools.islice(file, ROWS)):
                cells = _plain_cells(lines, width)
                if cells is not None:
                    read = {name: cells[place::width] for place, name in enumerate(columns)}
                    yield Piece(read, range(done + 1, done + 1 + len(lines)))
                    done += len(lines)
                    continue
                rows: list[list[str]] = []
                numbers: list[int] = []
                # A quoted cell may continue after these lines.
                reader = csv.reader(itertools.chain(lines, file), strict=True)
                while reader.line_num < len(lines):
                    number = done + reader.line_num + 1
                    row = next(reader)
                    if row and len(row) != width:
                        told = f"has {len(row)} field{'' if len(row) == 1 else 's'}, the header {width}"
                        raise LlmcostError(Problem(told, where=f"{path}:{number}"))
                    if row:
                        rows.append(row)
                        numbers.append(number)
                done += reader.line_num
                if rows:
                    yield Piece(dict(zip(columns, zip(*rows, strict=True), strict=True)), numbers)
        except csv.Error as error:
            where = f"{path}:{done + reader.line_num}"
            raise LlmcostError(Problem(f"cannot be read: {error}", where=where)) from None


def _plain_cells(lines: Sequence[str], width: int) -> list[str] | None:
    """Return the cells of some lines, row by row, if a CSV reader would only split them at commas."""
    if width < 2 or set(map(str.count, lines, itertools.repeat(","))) != {width - 1}:
        return None
    text = "".join(lines).replace("\r\n", "\n")
    if '"' in text or "\r" in text or max(map(len, lines)) > csv.field_size_limit():
        return None
    return text.removesuffix("\n").replace("\n", ",").split(",")


def _json_columns(path: Path) -> tuple[str, ...]:
    with _opened(path) as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                return tuple(_object(path, number, line))
    return ()


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line.rstrip("\r\n"))
    except (ValueError, RecursionError) as error:
        why = (getattr(error, "msg", None) or "too deep, or a number too long").removesuffix(" at")
        column = getattr(error, "colno", None)
        where = f"{path}:{number}" + (f":{column}" if column else "")
        raise LlmcostError(Problem(f"is not JSON: {why}", where=where)) from None
    if not isinstance(found, dict):
        raise LlmcostError(Problem("each line must be an object", where=f"{path}:{number}"))
    return found


def _json_pieces(path: Path, columns: Sequence[str]) -> Iterator[Piece]:
    known = set(columns)
    with _opened(path) as file:
        rows: list[dict[str, Any]] = []
        lines: list[int] = []
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            row = _object(path, number, line)
            if not row.keys() <= known:
                new = next(name for name in row if name not in known)
                told = f"has '{shorten(new)}', which the first line does not have"
                raise LlmcostError(Problem(told, where=f"{path}:{number}"))
            rows.append(row)
            lines.append(number)
            if len(rows) == ROWS:
                yield _of_objects(rows, lines, columns)
                rows, lines = [], []
        if rows:
            yield _of_objects(rows, lines, columns)


def _of_objects(rows: Sequence[Mapping[str, Any]], lines: list[int], columns: Sequence[str]) -> Piece:
    return Piece({name: [row.get(name) for row in rows] for name in columns}, lines)


def arrow(purpose: str) -> Any:
    """Return the module pyarrow.

    Raises:
        LlmcostError: if it is not installed, with the command to install it.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError:
        raise LlmcostError(missing_extra("data", purpose)) from None
    return pa


def _parquet(path: Path) -> Any:
    pa = arrow("a Parquet file")
    try:
        return pa.parquet.ParquetFile(os.fspath(path))
    except pa.ArrowInvalid as error:
        raise LlmcostError(Problem(f"is not Parquet: {error}", where=str(path))) from None


def _parquet_columns(path: Path) -> tuple[str, ...]:
    with _parquet(path) as file:
        return tuple(file.schema_arrow.names)


def _parquet_pieces(path: Path) -> Iterator[Piece]:
    pa = arrow("a Parquet file")
    first = 1
    with _parquet(path) as file:
        try:
            for batch in file.iter_batches(batch_size=ROWS):
                columns = dict(zip(batch.schema.names, batch.columns, strict=True))
                yield Piece(columns, range(first, first + batch.num_rows))
                first += batch.num_rows
        except pa.ArrowInvalid as error:
            raise LlmcostError(Problem(f"is not Parquet: {error}", where=str(path))) from None


class NotANumberAt(Exception):
    """A cell that is no valid number for its quantity.

    Attributes:
        row: its index in the column.
        message: what is wrong with it.
    """

    def __init__(self, row: int, message: str) -> None:
        self.row, self.message = row, message
        super().__init__(message)


def numbers(column: Iterable[Any], quantity: Quantity) -> list[float | None]:
    """Return the cells of a column as numbers in a quantity's unit; None for empty ones.

    Text is read as in a file: `50%`, `1.5M`, `2 USD/ktok`.

    Raises:
        NotANumberAt: for the first invalid cell.
    """
    cells = column if isinstance(column, Sequence) else list(column)
    kinds = set(map(type, cells))
    try:
        found: list[Any] = list(cells) if kinds == {float} else list(map(float, cells))
    except (ValueError, TypeError, OverflowError):
        return [_number(row, cell, quantity) for row, cell in enumerate(cells)]
    if bool in kinds or not _finite(found):
        return [_number(row, cell, quantity) for row, cell in enumerate(cells)]
    return found


def _finite(values: Sequence[float]) -> bool:
    total = sum(values)
    return total - total == 0


def _number(row: int, cell: Any, quantity: Quantity) -> float | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise NotANumberAt(row, f"expected a number, got {shorten(json.dumps(cell, default=str))}")
    try:
        if isinstance(cell, str):
            return parse_number(cell, quantity) if cell.strip() else None
        value = float(cell)
    except NotANumber as error:
        raise NotANumberAt(row, str(error)) from None
    except OverflowError:
        raise NotANumberAt(row, "must be a finite number") from None
    fault = out_of_bounds(value, quantity)
    if fault is not None:
        raise NotANumberAt(row, fault)
    return value

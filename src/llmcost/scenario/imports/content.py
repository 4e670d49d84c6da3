"""A file of another tool as records: JSON, JSON lines or a table.

Faults are collected with their line and column, so that one reading finds all of them.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.records import NamedTuple
from llmcost.scenario.files.tree import decode, place_after, read_bytes, read_text
from llmcost.scenario.values.number import shorten

MOST_BYTES: Final = 64 * 1024 * 1024
"""Larger files are not read into memory; they must be tables, which DuckDB reads."""
MOST: Final = 1e18
"""Any larger count or amount is a fault of the file."""
FAULTS: Final = 20
"""The most faults of a file that are listed."""

FEW: Final = 4
"""The most files that are named one by one."""

Step = str | int
Locate = Callable[[Mapping[str, Any], str | None], tuple[str, int | None] | None]
Shape = Literal["json", "lines", "table"]


class Faults:
    """Collects the faults of a file."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.more = 0

    def note(self, problem: Problem) -> None:
        """Add a fault once; if there are many already, only count it."""
        if problem in self.found:
            return
        if len(self.found) < FAULTS:
            self.found.append(problem)
        else:
            self.more += 1

    def tell(self) -> None:
        """Report the faults.

        Raises:
            LlmcostError: if there are any.
        """
        if self.found:
            more = [f"{self.found[0].where}: {self.more:,} more like these"] if self.more else []
            raise LlmcostError(*self.found, *more)


class Record(NamedTuple):
    """An object or a row of a file: its values, its place, and the file."""

    values: Mapping[str, Any]
    content: Content
    line: int = 1
    path: tuple[Step, ...] = ()

    @property
    def source(self) -> str:
        """The record as a source: the file, with the line or the index in a list."""
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        line = f":{self.line}" if self.line and self.content.shape != "json" else ""
        return f"{self.content.file}{line}{steps}"

    def get(self, *names: str) -> Any:
        """Return the value of the first of some names that has one; `a.b` is b in a."""
        for name in names:
            found: Any = self.values
            for step in (name,) if name in self.values else name.split("."):
                found = found.get(step) if isinstance(found, dict) else None
            if found is not None and found != "":
                return found
        return None

    def name(self, *names: str) -> str:
        """Return the first of some names that the record has, or the first of all."""
        return next((name for name in names if self.get(name) is not None), names[0])

    def text(self, *names: str) -> str | None:
        """Return a text, or None."""
        found = self.get(*names)
        return str(found).strip() or None if isinstance(found, (str, int, float)) else None

    def number(self, *names: str, least: float = 0.0) -> float | None:
        """Return a number, or None; a value that is no number, or below `least`, is a fault."""
        found = self.get(*names)
        if found is None or isinstance(found, bool):
            return None if found is None else self._fault(names, "a number", found)
        try:
            value = float(found)
        except (TypeError, ValueError, OverflowError):
            large = isinstance(found, int)
            return self._fault(names, f"at most {MOST:g}" if large else "a number", found)
        if not math.isfinite(value) or abs(value) > MOST:
            return self._fault(names, f"at most {MOST:g}", found)
        if value < least:
            return self._fault(names, f"a number of {least:g} or more", found)
        return value

    def needed(self, *names: str, least: float = 0.0) -> float:
        """Return a required number; if it is missing, that is a fault, and 0 is returned."""
        if self.get(*names) is None:
            known = [str(key) for key in self.content.columns or self.values]
            absent = () if any(name in known for name in names) else names  # an empty one is no misspelling
            meant = next(filter(None, (did_you_mean(name, known) for name in absent)), "")
            self.refuse(f"has no '{names[0]}'{meant}")
            return 0.0
        return self.number(*names, least=least) or 0.0

    def below(self, *steps: Step) -> Iterator[Record]:
        """Yield the objects in a list, or the single object, inside this one."""
        found: Any = self.values
        for step in steps:
            found = found.get(step) if isinstance(found, dict) else None
        path = (*self.path, *steps)
        if isinstance(found, dict):
            yield self._replace(values=found, path=path)
        for number, item in enumerate(found if isinstance(found, list) else ()):
            if isinstance(item, dict):
                yield self._replace(values=item, path=(*path, number))

    def refuse(self, message: str, name: str | None = None) -> None:
        """Add a fault of the record, or of one of its values; only the first of a value counts."""
        if name is None or not self._is_noted(name):
            self.content.faults.note(Problem(message, *self.place(name), name))

    def _is_noted(self, name: str) -> bool:
        found = [problem for problem in self.content.faults.found if problem.subject == name]
        return bool(found) and self.place(name) in [
            (problem.where, problem.line, problem.column) for problem in found
        ]

    def place(self, name: str | None = None) -> tuple[str, int | None, int | None]:
        """Return the file, the line, and in JSON the column, of the record or of one of its values."""
        where = self.content.where
        if self.content.shape == "table":
            locate = self.content.locate
            found = locate(self.values, name) if locate and not self.line else None
            return (*(found or (where, self.line or None)), None)
        steps = [] if name is None else [name] if name in self.values else name.split(".")
        text = self.content.text
        start = _start_of_line(text, self.line) if self.content.shape == "lines" else 0
        offset = _offset(text, start, (*self.path, *steps))
        return where, *place_after(text[:offset])

    def _fault(self, names: Sequence[str], expected: str, found: object) -> None:
        text = shorten(f"{found}" if isinstance(found, str) else _spelled(found))
        self.refuse(f"expected {expected}, got {text}", self.name(*names))


class Content(NamedTuple):
    """A file: its text, shape, records and faults."""

    where: str
    text: str
    shape: Shape
    records: Sequence[Record]
    columns: Sequence[str]
    faults: Faults
    locate: Locate | None = None
    """Finds the line of a row that was summed with others."""

    @property
    def file(self) -> str:
        """The file's name, as sources give it."""
        return Path(self.where).name

    @property
    def first(self) -> Record:
        """The first record."""
        return self.records[0]

    def has(self, *names: str) -> bool:
        """Whether the first record has all of some keys; `a.b` is b in a."""
        return all(_is_there(self.first.values, name) for name in names)


def names_of(contents: Sequence[Content]) -> str:
    """Return the names of files, briefly; one name in several folders is given once."""
    names = list(dict.fromkeys(content.file for content in contents))
    return ", ".join(names) if len(names) <= FEW else f"{names[0]} and {len(names) - 1} other files"


def _is_there(values: Any, name: str) -> bool:
    if name in values:
        return True
    for step in name.split("."):
        if not isinstance(values, dict) or step not in values:
            return False
        values = values[step]
    return True


def read_content(path: str) -> Content | None:
    """Read a file of another tool; None if it is compressed and too large for memory.

    Raises:
        LlmcostError: with the place, if it cannot be read, is empty, not UTF-8, or cut off.
    """
    text = _unpacked(path) if path.lower().endswith(".gz") else read_text(Path(path), MOST_BYTES)
    if text is None:
        return None
    readable, nul, _ = text.partition("\0")
    if nul:  # UTF-16 without a BOM has these, and would pass for UTF-8
        message = "is not text: byte 0x00 here; save the file as UTF-8"
        raise LlmcostError(Problem(message, path, *place_after(readable)))
    start = text.lstrip()
    if not start:
        raise LlmcostError(Problem("is empty; expected JSON, JSON lines or a table (CSV)", where=path))
    shape: Shape = "table" if start[0] not in "{[" else "json"
    faults = Faults()
    records: list[Record] = []
    if shape == "table":
        columns, rows = _table(text, path)
        content = Content(path, text, shape, records, columns, faults)
        records += (Record(values, content, line) for line, values in rows)
        if not records:
            raise LlmcostError(Problem("has a header and no row", path, 1))
        return content
    try:
        values, end = _DECODER.raw_decode(text, len(text) - len(start))
        shape = "json" if not text[end:].strip() else "lines"
    except ValueError as error:
        shape = "lines" if start[0] == "{" and "\n" in text.strip() else "json"
        if shape == "json" or not _is_json(start.partition("\n")[0]):
            raise LlmcostError(_broken(error, path)) from None
    content = Content(path, text, shape, records, (), faults)
    if shape == "lines":
        records += _lines(content)
    elif isinstance(values, list):
        records += (Record(item, content, 1, (n,)) for n, item in enumerate(values) if isinstance(item, dict))
    else:
        records.append(Record(values, content))
    if not records:
        raise LlmcostError(Problem("is a list without an object in it", path, 1, 1))
    return content


def _unpacked(path: str) -> str | None:
    import gzip
    import zlib

    packed = read_bytes(Path(path), MOST_BYTES)
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        said = "it may be cut off" if isinstance(error, EOFError) else str(error).partition(" (")[0]
        raise LlmcostError(Problem(f"is not a gzip file that can be read: {said}", where=path)) from None
    return decode(data, path, MOST_BYTES) if len(data) <= MOST_BYTES else None


_DECODER: Final = json.JSONDecoder(parse_int=lambda text: int(text) if len(text) <= 4000 else math.inf)


def _is_json(line: str) -> bool:
    try:
        _DECODER.decode(line.strip())
    except ValueError:
        return False
    return True


def _broken(error: ValueError, where: str, before: int = 0) -> Problem:
    if not isinstance(error, json.JSONDecodeError):
        return Problem(f"is not JSON: {error}", where)
    said = error.msg[0].lower() + error.msg[1:]
    cut = "; the file may be cut off" if error.pos >= len(error.doc.rstrip()) or "nterminated" in said else ""
    return Problem(f"is not JSON: {said}{cut}", where, error.lineno + before, error.colno)


def _lines(content: Content) -> Iterator[Record]:
    for number, line in enumerate(content.text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = _DECODER.decode(line.strip())
        except ValueError as error:
            content.faults.note(_broken(error, content.where, number - 1))
            continue
        if isinstance(found, dict):
            yield Record(found, content, number)
        else:
            content.faults.note(Problem("expected a JSON object on each line", content.where, number, 1))
    content.faults.tell()


def _table(text: str, where: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the columns of a table, and its rows with the lines on which they begin."""
    head = text.lstrip("\n\r").partition("\n")[0]
    delimiter = max(",;\t|", key=head.count)
    if not head.count(delimiter):
        raise LlmcostError(Problem("is neither JSON nor a table: its first line has no comma", where, 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    faults = Faults()
    line = 1
    try:
        for fields in reader:
            if not fields:
                pass
            elif not columns:
                columns = [field.strip() for field in fields]
            elif len(fields) != len(columns):
                cut = "; the file may be cut off" if len(fields) < len(columns) else ""
                count = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
                message = f"has {count}, where the header has {len(columns)}{cut}"
                faults.note(Problem(message, where, line))
            else:
                rows.append((line, dict(zip(columns, fields, strict=True))))
            line = reader.line_num + 1
    except csv.Error as error:
        cut = "; the file may be cut off" if "end of data" in str(error) else ""
        faults.note(Problem(f"is not CSV: {error}{cut}", where, line))
    faults.tell()
    return columns, rows


# The place of a JSON value is searched for only if the value is wrong.


def _start_of_line(text: str, line: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start


_SPACE: Final = re.compile(r"[\s,:]*")


def _offset(text: str, start: int, path: Sequence[Step]) -> int:
    """Return the offset of the value at a path, or of its last existing parent."""
    position = _SPACE.match(text, start).end()  # type: ignore[union-attr]
    for step in path:
        inside = position + 1
        found = None
        number = 0
        while text[inside : inside + 1]:
            inside = _SPACE.match(text, inside).end()  # type: ignore[union-attr]
            if text[inside : inside + 1] in ("}", "]", ""):
                break
            key: Any = number
            if text[position] == "{":
                key, inside = _DECODER.raw_decode(text, inside)
                inside = _SPACE.match(text, inside).end()  # type: ignore[union-attr]
            if key == step:
                found = inside
                break
            _, inside = _DECODER.raw_decode(text, inside)
            number += 1
        if found is None:
            return position
        position = found
    return position


def _spelled(found: object) -> str:
    if isinstance(found, (list, dict)):
        return "a list" if isinstance(found, list) else "an object"
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) > MOST:
        return f"a number of {len(str(abs(found)))} digits"
    return str(found)

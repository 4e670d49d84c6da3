"""Tables larger than memory, compressed ones, Parquet and globs: summed by DuckDB before they are read.

A format says which of its columns are summed and which tell rows apart. DuckDB streams over the rows and
returns one for each combination, under the names of the columns, so that the format reads it as any other.
"""

from __future__ import annotations

import datetime as dt
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from llmcost.errors import LlmcostError, Problem, missing_extra
from llmcost.scenario.files.tree import files_read
from llmcost.scenario.imports.content import MOST, MOST_BYTES, Content, Faults, Record
from llmcost.scenario.imports.format import Format, Table

READERS: Final = {
    ".parquet": "read_parquet",
    ".jsonl": "read_json_auto",
    ".ndjson": "read_json_auto",
    ".json": "read_json_auto",
}
PACKED: Final = (".gz", ".zst", ".bz2")
PACKS: Final = 8
"""How many times smaller than a table a packed one mostly is; one that is smaller yet is unpacked to see."""
_GLOB: Final = re.compile(r"[*?\[]")


def is_large(path: str) -> bool:
    """Whether a path is of what only DuckDB reads: by its size, its ending, or because it is a pattern."""
    if _GLOB.search(path) and not Path(path).exists():
        return True
    if path.lower().endswith((".zst", ".bz2", ".parquet")):
        return True
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return False  # who reads it says why
    if not stat.S_ISREG(status.st_mode):
        return False
    if path.lower().endswith(".gz"):
        return status.st_size > MOST_BYTES / PACKS or _unpacks_to_more(path)
    return status.st_size > MOST_BYTES


def _unpacks_to_more(path: str) -> bool:
    import gzip
    import zlib

    try:
        with gzip.open(path) as file:
            return len(file.read(MOST_BYTES + 1)) > MOST_BYTES
    except (OSError, EOFError, zlib.error):
        return False


def read_large(path: str, formats: Sequence[Format], by: str | None) -> tuple[Content, Format]:
    """Sum a large table, and return what it comes to, and its format.

    Raises:
        LlmcostError: where DuckDB is not installed, no file is there, or one cannot be read as a table.
    """
    try:
        import duckdb
    except ImportError:
        raise LlmcostError(missing_extra("data", f"to read {Path(path).name}")) from None
    files = [path] if Path(path).exists() else _matching(path)
    _check(path, files)
    reader = _reader(path)
    connection = duckdb.connect()
    try:
        connection.execute("SET preserve_insertion_order = false")
        source = f"{reader}({_texts(files)}{_OPTIONS.get(reader, '')})"
        head = connection.execute(f"SELECT * FROM {source} LIMIT 1")
        types = {name: str(kind) for name, kind, *_ in head.description or ()}
        first = head.fetchone()
        if first is None:
            raise LlmcostError(Problem("has no row", path))
        content = _content(path, [dict(zip(types, first, strict=True))], list(types))
        found = next((each for each in formats if each.table is not None and each.detect(content)), None)
        if found is None or found.table is None:
            known = ", ".join(each.name for each in formats if each.table is not None)
            message = f"is of no format whose tables llmcost sums ({known}); import smaller files of others"
            raise LlmcostError(Problem(message, path))
        columns = _columns(found.table, types, by)
        rows = connection.execute(_query(columns, source, found.table)).fetchall()
        return _content(path, _named(path, rows, columns, connection, source), list(types)), found
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.Error as error:
        raise LlmcostError(_told(error, path)) from None
    finally:
        connection.close()


_OPTIONS: Final = {
    "read_csv": ", ignore_errors = false",
    "read_json_auto": ", maximum_object_size = 16777216",
}


def _matching(pattern: str) -> list[str]:
    import glob

    return sorted(glob.glob(pattern))  # noqa: PTH207  (a pattern may begin anywhere)


def _check(path: str, files: Sequence[str]) -> None:
    if not files:
        raise LlmcostError(Problem("no file is of this pattern", path))
    for file in files:
        try:
            status = Path(file).stat()
            with Path(file).open("rb"):
                files_read.add((status.st_dev, status.st_ino))
        except OSError as error:
            raise LlmcostError(Problem(f"cannot be read: {error.strerror or error}", where=file)) from None
        if not stat.S_ISREG(status.st_mode):
            raise LlmcostError(Problem("is not a regular file", where=file))


def _reader(path: str) -> str:
    bare = path.lower()
    for ending in PACKED:
        bare = bare.removesuffix(ending)
    return READERS.get(Path(bare).suffix, "read_csv")


def _texts(items: Sequence[str]) -> str:
    return "[" + ", ".join(_text(item) for item in items) + "]"


def _text(item: str) -> str:
    return "'" + item.replace("'", "''") + "'"


def _name(item: str) -> str:
    return '"' + item.replace('"', '""') + '"'


class _Columns:
    """The expressions of a query, by the names under which the format looks for them."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.sums: dict[str, str] = {}
        self.amounts: dict[str, str] = {}


def _columns(table: Table, types: Mapping[str, str], by: str | None) -> _Columns:
    """Return what a format's table has of its columns; what is `a.b` may stand in JSON in the column a."""
    found = _Columns()
    for name in (*table.keys, *table.by.get(by or "", ())):
        if name in types:
            found.keys[name] = f"CAST({_name(name)} AS VARCHAR)"
    for name in table.times:
        if name in types:
            epoch = "INT" in types[name] or "NUMBER" in types[name] or types[name] == "DOUBLE"
            moment = f"to_timestamp({_name(name)})" if epoch else f"CAST({_name(name)} AS TIMESTAMP)"
            found.keys[name] = f"CAST({moment} AS DATE)"
    found.amounts = {name: f"CAST({_name(name)} AS DOUBLE)" for name in table.amounts if name in types}
    for name in table.sums:
        root, _, rest = name.partition(".")
        if name in types:
            found.sums[name] = f"CAST({_name(name)} AS DOUBLE)"
        elif rest and root in types:
            inside = f"json_extract_string({_json(_name(root), types[root])}, {_text('$.' + rest)})"
            found.sums[name] = f"CAST({inside} AS DOUBLE)"
    return found


def _json(column: str, kind: str) -> str:
    """A column as JSON: one that is, one that is a structure, or a text of it, also within JSON."""
    if kind not in ("JSON", "VARCHAR"):
        return f"to_json({column})"
    whole = f"try_cast({column} AS JSON)"
    return f"CASE WHEN json_type({whole}) = 'VARCHAR' THEN try_cast({whole}->>'$' AS JSON) ELSE {whole} END"


def _query(columns: _Columns, source: str, table: Table) -> str:
    keys = [f"{sql} AS {_name(name)}" for name, sql in columns.keys.items()]
    sums = [f"sum({sql}) AS {_name(name)}" for name, sql in (columns.sums | columns.amounts).items()]
    lows = [f"min({sql})" for sql in columns.sums.values()]
    used = " OR ".join(f"{sql} > 0" for sql in [*columns.sums.values()][:2])
    count = [f"count(*) FILTER ({used}) AS {_name(table.counted)}"] if table.counted else []
    grouped = f" GROUP BY {', '.join(str(n) for n in range(1, len(keys) + 1))}" if keys else ""
    return f"SELECT {', '.join([*keys, *sums, *count, *lows])} FROM {source}{grouped}"


def _named(
    path: str, rows: Sequence[Sequence[Any]], columns: _Columns, connection: Any, source: str
) -> list[dict[str, Any]]:
    """Return rows under the names of their columns; a negative number is looked for where it stands."""
    names = [*columns.keys, *columns.sums, *columns.amounts]
    count = len(columns.sums)
    for row in rows:
        for (name, sql), low in zip(columns.sums.items(), row[len(row) - count :], strict=True):
            if low is not None and (low < 0 or low > MOST):
                raise LlmcostError(_where(path, name, sql, low, connection, source))
    counted = ["requests"] if rows and len(rows[0]) > len(names) + count else []
    texts = ([str(value) if isinstance(value, dt.date) else value for value in row] for row in rows)
    return [dict(zip([*names, *counted], row, strict=False)) for row in texts]


def _where(path: str, name: str, sql: str, low: float, connection: Any, source: str) -> Problem:
    number = connection.execute(
        f"SELECT n FROM (SELECT row_number() OVER () AS n, {sql} AS x FROM {source}) WHERE x < 0 LIMIT 1"
    ).fetchone()
    line = number[0] + 1 if number and source.startswith("read_csv") else None
    return Problem(f"expected a number of 0 or more, got {low:.15g}", path, line, None, name)


def _content(path: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Content:
    records: list[Record] = []
    content = Content(path, "", "table", records, columns, Faults())
    records += (Record(row, content, 0) for row in rows)
    return content


_LINE: Final = re.compile(r"[Ll]ine:? (\d+)")


def _told(error: Exception, path: str) -> Problem:
    """Say in a line what DuckDB says in many."""
    text = str(error)
    line = _LINE.search(text)
    first = next((part.strip() for part in text.splitlines() if part.strip()), "it cannot be read")
    first = re.sub(r"^(?:[\w ]+ Error: )+|CSV Error on Line: \d+|^Original Line:.*", "", first).strip(" :.")
    said = f"is no table that can be read: {first or text.splitlines()[-1].strip()}"
    return Problem(said[:200], path, int(line[1]) if line else None)

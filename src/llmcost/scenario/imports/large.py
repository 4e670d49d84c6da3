"""Tables larger than memory, compressed ones, Parquet and globs: DuckDB sums them before they are read.

A format says which columns to sum and which to group by. DuckDB streams over the rows and returns one for
each group, with the same column names, so that the format reads it like any other row.
"""

from __future__ import annotations

import datetime as dt
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from llmcost.errors import LlmcostError, Problem, missing_extra
from llmcost.scenario.files.tree import read_bytes
from llmcost.scenario.imports.content import MOST, MOST_BYTES, Content, Faults, Locate, Record
from llmcost.scenario.imports.format import Format, RawTable

JSON: Final = "read_json"
READERS: Final = {".parquet": "read_parquet", ".jsonl": JSON, ".ndjson": JSON, ".json": JSON}
PACKED: Final = (".gz", ".zst", ".bz2")
PACKS: Final = 8
"""The usual compression of a table; a file that is compressed more is noticed when it is read."""
_GLOB: Final = re.compile(r"[*?\[]")


def small_files(pattern: str) -> list[str]:
    """Return the files of a pattern if all of them together fit in memory; nothing for a plain path."""
    if not _GLOB.search(pattern) or Path(pattern).exists():
        return []
    files = _matching(pattern)
    sizes = (Path(file).stat().st_size for file in files)
    return [] if any(map(is_large, files)) or sum(sizes) > MOST_BYTES / PACKS else files


def is_large(path: str) -> bool:
    """Whether only DuckDB can read a path: because of its size or ending, or because it is a pattern."""
    if _GLOB.search(path) and not Path(path).exists():
        return True
    if path.lower().endswith((".zst", ".bz2", ".parquet")):
        return True
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return False  # the reader will say why
    if not stat.S_ISREG(status.st_mode):
        return False
    if path.lower().endswith(".gz"):
        return status.st_size > MOST_BYTES / PACKS
    return status.st_size > MOST_BYTES


def read_large(path: str, formats: Sequence[Format], by: str | None) -> tuple[Content, Format]:
    """Return the sums of a large table, and its format.

    Raises:
        LlmcostError: if DuckDB is not installed, or a file is missing or no table.
    """
    files = [path] if Path(path).exists() else _matching(path)
    _check(path, files)
    try:
        import duckdb
    except ImportError:
        raise LlmcostError(missing_extra("data", f"to read {Path(path).name}")) from None
    reader = _reader(path)
    connection = duckdb.connect()
    types: dict[str, str] = {}
    try:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET TimeZone = 'UTC'")
        types, first, source = _head(connection, reader, files)
        content = _content(path, [first], list(types))
        found = next((each for each in formats if each.table is not None and each.detect(content)), None)
        if found is None or found.table is None:
            known = ", ".join(each.name for each in formats if each.table is not None)
            has = f"it has {', '.join([*types][:4])}, …"
            message = f"is of no format whose tables llmcost sums ({known}); {has}"
            raise LlmcostError(Problem(message, path))
        if reader == JSON:
            types = _wanted(found.table, by)
            source = _json_source(files, types)
        columns = _columns(found.table, types, by)
        rows = connection.execute(_query(columns, source, found.table)).fetchall()
        if not rows:
            raise LlmcostError(Problem("has no row", path))
        sources = {
            each: _json_source([each], types) if reader == JSON else _source(reader, [each]) for each in files
        }
        _where(rows, [*_faults(columns, found.table)], connection, sources)
        locate = partial(_locate, sources, columns.keys)
        return _content(path, _named(rows, columns, found.table), list(types), locate), found
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except duckdb.Error as error:
        told = _told(error, path)
        if reader == JSON and "numerical" in str(error):
            told = told._replace(subject=_no_number(connection, files, types))
        raise LlmcostError(told) from None
    finally:
        connection.close()


def _no_number(connection: Any, files: Sequence[str], types: Mapping[str, str]) -> str | None:
    """Return the first JSON column with a value that is no number: DuckDB does not name it."""
    for name in (name for name, kind in types.items() if kind == "DOUBLE"):
        number = f"try_cast({_name(name)}->>'$' AS DOUBLE)"
        wrong = f"{number} IS NULL AND json_type({_name(name)}) <> 'NULL'"
        query = f"SELECT 1 FROM {_json_source(files, {name: 'JSON'})} WHERE {wrong} LIMIT 1"
        if connection.execute(query).fetchone():
            return name
    return None


_OPTIONS: Final = {
    # The sniffer may see no quoted field among the first rows.
    "read_csv": """, quote = '"', escape = '"', ignore_errors = false""",
    JSON: ", maximum_object_size = 16777216",
}


def _source(reader: str, files: Sequence[str]) -> str:
    return f"{reader}({_texts(files)}{_OPTIONS.get(reader, '')})"


def _json_source(files: Sequence[str], types: Mapping[str, str]) -> str:
    """Return a JSON source restricted to some columns."""
    columns = ", ".join(f"{_name(name)}: {_text(kind)}" for name, kind in types.items())
    return f"read_json({_texts(files)}{_OPTIONS[JSON]}, format = 'auto', columns = {{{columns}}})"


def _head(connection: Any, reader: str, files: Sequence[str]) -> tuple[dict[str, str], dict[str, Any], str]:
    """Return the types of a table's columns, its first row, and the source for queries."""
    if reader == "read_csv" and len(files) == 1:
        # The sniffed options are reused, so that the file is sniffed once.
        options = """quote = '"', escape = '"'"""
        query = f"SELECT Columns, Prompt FROM sniff_csv({_text(files[0])}, {options})"
        found, prompt = connection.execute(query).fetchall()[0]
        types = {column["name"]: str(column["type"]) for column in found}
        return types, dict.fromkeys(types), prompt.removeprefix("FROM ").removesuffix(";")
    source = _source(reader, files)
    head = connection.execute(f"SELECT * FROM {source} LIMIT 1")
    types = {name: str(kind) for name, kind, *_ in head.description or ()}
    return types, dict(zip(types, head.fetchone() or (None,) * len(types), strict=True)), source


def _wanted(table: RawTable, by: str | None) -> dict[str, str]:
    """Return the JSON columns to read, with types that make DuckDB report invalid values."""
    texts = (*table.keys, *table.by.get(by or "", ()), *table.times, *table.ends)
    sums = [name for names in table.sums for name in names]
    roots = {name.partition(".")[0]: "JSON" if "." in name else "DOUBLE" for name in sums}
    return {**dict.fromkeys(texts, "VARCHAR"), **roots, **dict.fromkeys(table.amounts, "DOUBLE")}


def _matching(pattern: str) -> list[str]:
    import glob

    return sorted(glob.glob(pattern))  # noqa: PTH207  (a pattern may begin anywhere)


def _check(path: str, files: Sequence[str]) -> None:
    """Check that there are files and that each can be read, before DuckDB tries."""
    if not files:
        missing = (
            "no file is of this pattern"
            if _GLOB.search(path)
            else "cannot be read: No such file or directory"
        )
        raise LlmcostError(Problem(missing, path))
    for file in files:
        read_bytes(Path(file), 0)


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


Faulty = Sequence[tuple[str, str, str]]


class _Columns:
    """The expressions of a query, by the names that the format uses."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.sums: dict[str, str] = {}
        self.amounts: dict[str, str] = {}
        self.texts: dict[str, tuple[str, str]] = {}
        """Times that are texts: the text, and its conversion."""


def _columns(table: RawTable, types: Mapping[str, str], by: str | None) -> _Columns:
    """Return the expressions for the columns that a table has; `a.b` may be b in JSON in column a."""
    found = _Columns()
    for name in (*table.keys, *table.by.get(by or "", ())):
        if name in types:
            found.keys[name] = f"CAST({_name(name)} AS VARCHAR)"
    for name in table.times:
        if name in types:
            found.keys[name] = f"CAST({_moment(name, types[name])} AS DATE)"
            if types[name] == "VARCHAR":
                found.texts[name] = _name(name), _moment(name, "VARCHAR")
    for name in table.ends:
        if name in types:  # the midnight after the last moment before the end
            last = f"CAST({_moment(name, types[name])} - INTERVAL 1 SECOND AS DATE)"
            found.keys[name] = f"CAST({last} + INTERVAL 1 DAY AS DATE)"
    found.amounts = {name: f"CAST({_name(name)} AS DOUBLE)" for name in table.amounts if name in types}
    for names in table.sums:
        there = [_number(name, types) for name in names if name in types or name.partition(".")[0] in types]
        if there:
            found.sums[names[0]] = there[0] if len(there) == 1 else f"coalesce({', '.join(there)})"
    return found


def _moment(name: str, kind: str) -> str:
    column = _name(name)
    if kind.startswith(("TIMESTAMP", "DATE")):
        return column
    if kind != "VARCHAR":
        return f"to_timestamp({column})"
    epoch = f"regexp_full_match({column}, '[0-9]{{9,10}}(\\.0*)?')"
    moments = f"THEN to_timestamp({column}::DOUBLE) ELSE try_cast({column} AS TIMESTAMPTZ)"
    return f"CASE WHEN {epoch} {moments} END"


def _number(name: str, types: Mapping[str, str]) -> str:
    root, _, rest = name.partition(".")
    if name in types:
        return f"CAST({_name(name)} AS DOUBLE)"
    inside = f"json_extract_string({_json(_name(root), types[root])}, {_text('$.' + rest)})"
    return f"CAST({inside} AS DOUBLE)"


def _json(column: str, kind: str) -> str:
    """Return a column as JSON, whether it is JSON, a structure, or JSON text, even nested in JSON."""
    if kind not in ("JSON", "VARCHAR"):
        return f"to_json({column})"
    whole = f"try_cast({column} AS JSON)"
    return f"CASE WHEN json_type({whole}) = 'VARCHAR' THEN try_cast({whole}->>'$' AS JSON) ELSE {whole} END"


def _query(columns: _Columns, source: str, table: RawTable) -> str:
    """Return the query: sums, and whether a value is out of bounds, which is far cheaper than a minimum."""
    keys = [f"{sql} AS {_name(name)}" for name, sql in columns.keys.items()]
    sums = [f"sum({sql}) AS {_name(name)}" for name, sql in (columns.sums | columns.amounts).items()]
    faults = [f"bool_or({fault})" for _, _, fault in _faults(columns, table)]
    used = " OR ".join(f"coalesce({sql}, 0) > 0" for sql in [*columns.sums.values()][:2])
    count = [f"sum(CAST({used} AS INT)) AS {_name(table.counted)}"] if table.counted else []
    grouped = f" GROUP BY {', '.join(str(n) for n in range(1, len(keys) + 1))}" if keys else ""
    return f"SELECT {', '.join([*keys, *sums, *count, *faults])} FROM {source}{grouped}"


def _faults(columns: _Columns, table: RawTable) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each sum and time, its expression, and the condition under which it is wrong.

    If rows are requests, the first two sums are required.
    """
    for name, (raw, moment) in columns.texts.items():
        yield name, raw, f"{raw} <> '' AND {moment} IS NULL"
    for place, (name, sql) in enumerate(columns.sums.items()):
        outside = f"NOT {sql} BETWEEN 0 AND {MOST:.0f}"
        yield name, sql, f"coalesce({outside}, true)" if table.counted and place < 2 else outside


def _named(rows: Sequence[Sequence[Any]], columns: _Columns, table: RawTable) -> list[dict[str, Any]]:
    """Return rows under the names of their columns."""
    names = [*columns.keys, *columns.sums, *columns.amounts]
    counted = [table.counted] if table.counted else []
    texts = ([str(value) if isinstance(value, dt.date) else value for value in row] for row in rows)
    return [dict(zip([*names, *counted], row, strict=False)) for row in texts]


def _where(
    rows: Sequence[Sequence[Any]], faults: Faulty, connection: Any, sources: Mapping[str, str]
) -> None:
    """Find the first invalid number.

    Raises:
        LlmcostError: with its file and line, if there is one.
    """
    wrong = [fault for place, fault in enumerate(faults) if any(row[place - len(faults)] for row in rows)]
    if wrong:
        connection.execute("SET preserve_insertion_order = true")
    for path, source in sources.items() if wrong else ():
        for name, sql, fault in wrong:
            numbered = f"SELECT row_number() OVER () AS n, {sql} AS x, {fault} AS wrong FROM {source}"
            found = connection.execute(f"SELECT n, x FROM ({numbered}) WHERE wrong LIMIT 1").fetchone()
            if found:
                raise LlmcostError(_fault(found[1], path, _line(found[0], path, source), name))


def _fault(value: float | str | None, path: str, line: int | None, name: str) -> Problem:
    if value is None:
        return Problem(f"has no '{name}'", path, line)
    if isinstance(value, str):
        return Problem(f"expected {_NO_TIME}, got {value[:40]}", path, line, None, name)
    expected = "a number of 0 or more" if value < 0 else f"at most {MOST:g}"
    return Problem(f"expected {expected}, got {value:.15g}", path, line, None, name)


def _line(row: int, path: str, source: str) -> int | None:
    """Return the line of a row, if lines can be told."""
    if source.startswith("read_csv"):
        return row + 1
    return row if any(ending in path.lower() for ending in (".jsonl", ".ndjson")) else None


def _locate(
    sources: Mapping[str, str], keys: Mapping[str, str], values: Mapping[str, Any], name: str | None
) -> tuple[str, int | None] | None:
    """Return the file and line of the first row with these key values; None for a summed column."""
    import duckdb

    if name is not None and name not in keys:
        return None
    same = " AND ".join(f"CAST({sql} AS VARCHAR) IS NOT DISTINCT FROM ?" for sql in keys.values())
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for path, source in sources.items():
            numbered = f"SELECT row_number() OVER () AS n, {same} AS found FROM {source}"
            query = f"SELECT n FROM ({numbered}) WHERE found LIMIT 1"
            found = connection.execute(query, [values[name] for name in keys]).fetchone()
            if found:
                return path, _line(found[0], path, source)
    return None


def _content(
    path: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], locate: Locate | None = None
) -> Content:
    records: list[Record] = []
    content = Content(path, "", "table", records, columns, Faults(), locate)
    records += (Record(row, content, 0) for row in rows)
    return content


_LINE: Final = re.compile(r"[Ll]ine:? (\d+)")
_SAID: Final = (
    (
        r"Expected Number of Columns: (\d+) Found: (\d+)",
        r"has \2 fields, where the header has \1; the file may be cut off",
    ),
    (r"Invalid unicode", "is not UTF-8; save the file as UTF-8"),
    (r"unterminated quote", "is not CSV: a quote is not closed; the file may be cut off"),
    (r"end of GZIP stream", "is not a gzip file that can be read: it may be cut off"),
    (r"Malformed JSON .*?: ([^.\n]*)", r"is not JSON: \1"),
    (r"Failed to cast value to numerical: \"?([^\n\"]{,40})", r"expected a number, got \1"),
)
"""Messages of DuckDB and ours, which do not quote the line: it may contain names."""
_CONVERTED: Final = re.compile(
    r"converting column \"(.+?)\"\. Could not convert string \"(.{,40}).*?\" to '(\w+)"
)
_NO_TIME: Final = "a day or time such as 2026-11-26"


def _told(error: Exception, path: str) -> Problem:
    """Return DuckDB's message as one line."""
    text = str(error)
    found = _LINE.search(text)
    line = int(found[1]) if found else None
    wrong = _CONVERTED.search(text)
    if wrong:
        expected = _NO_TIME if wrong[3].startswith(("TIME", "DATE")) else "a number"
        return Problem(f"expected {expected}, got {wrong[2]}", path, line, None, wrong[1])
    for pattern, words in _SAID:
        said = re.search(pattern, text)
        if said:
            if line and "Malformed JSON" in text:  # it names the line after
                line -= 1
            return Problem(said.expand(words), path, line)
    first = re.sub(r"^(?:[\w ]+ Error: )+", "", next(filter(None, text.splitlines()), "no reason is stated"))
    return Problem(f"is a table that cannot be read: {first}"[:200].rstrip(" :."), path, line)

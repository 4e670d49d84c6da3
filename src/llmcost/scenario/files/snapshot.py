"""Snapshots: recorded figures of scenarios, in a file that is easy to review.

The file is JSON, sorted and unrounded, with one quantity on each line: a changed figure is a changed line.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NoReturn

from llmcost.engine.registry import BASES, Basis
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple, make
from llmcost.scenario.files.json_text import json_text
from llmcost.scenario.files.tree import refuse_conflict
from llmcost.scenario.values.dates import parse_day
from llmcost.scenario.values.number import shorten

FORMAT: Final = "llmcost/snapshot"
VERSION: Final = 1


class Recorded(NamedTuple):
    """A recorded quantity: its value and unit, or the reason why it had no value."""

    value: float | None
    unit: str
    basis: Basis | None = None
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    reason_code: str | None = None


class RecordedScenario(NamedTuple):
    """A recorded scenario: its label, the workload priced, the stated and the derived quantities.

    `links` are the scenarios that its header names, such as its supplier.
    """

    label: str
    workload: str
    inputs: Mapping[str, Recorded]
    metrics: Mapping[str, Recorded]
    links: Mapping[str, str] = MappingProxyType({})


class Snapshot(NamedTuple):
    """The records of scenarios, and a fingerprint of every formula.

    Attributes:
        targets: the names, paths and folders given.
        as_of, set, workload: the options used.
        scenarios: the records, by path or label.
        formulas: fingerprints by `quantity/function`.
        where: the file it was read from.
    """

    targets: tuple[str, ...]
    scenarios: Mapping[str, RecordedScenario]
    formulas: Mapping[str, str]
    as_of: str | None = None
    set: tuple[str, ...] = ()
    workload: str | None = None
    where: str = ""


class SnapshotKey(NamedTuple):
    """One key of a snapshot: what its value is, a test for that, and what it is for."""

    words: str
    test: Callable[[Any], bool]
    text: str


def _all_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


_NUMBER: Final = ("a number", lambda v: v is None or (isinstance(v, float) and math.isfinite(v)))
_TEXT: Final = ("a text", lambda v: v is None or isinstance(v, str))
_TEXTS: Final = ("a list of texts", lambda v: isinstance(v, list) and _all_texts(v))
_MAPPING: Final = ("a mapping", lambda v: isinstance(v, dict))
_NAMES: Final = ("a mapping of names", lambda v: isinstance(v, dict) and _all_texts(v.values()))
SNAPSHOT: Final = {
    "format": SnapshotKey("'llmcost/snapshot'", _TEXT[1], "Marks the file as a snapshot."),
    "version": SnapshotKey(*_NUMBER, "Format version."),
    "targets": SnapshotKey(*_TEXTS, "The names, paths and folders that were asked for."),
    "as_of": SnapshotKey(*_TEXT, "The date that was asked for, or null."),
    "set": SnapshotKey(*_TEXTS, "The overrides that were given."),
    "workload": SnapshotKey(*_TEXT, "The workload that was asked for, or null."),
    "scenarios": SnapshotKey(*_MAPPING, "A record of each scenario, by its path or label."),
    "formulas": SnapshotKey(*_MAPPING, "A fingerprint of each formula, by quantity/function."),
}
RECORD: Final = {
    "scenario": SnapshotKey(*_TEXT, "What the scenario is called."),
    "workload": SnapshotKey(*_TEXT, "The mix that was priced."),
    "inputs": SnapshotKey(*_MAPPING, "An entry for each stated quantity."),
    "metrics": SnapshotKey(*_MAPPING, "An entry for each derived quantity."),
    "links": SnapshotKey(*_NAMES, "The scenarios that its header names, if any."),
}
"""All of these but `links` are required."""
ENTRY: Final = {
    "value": SnapshotKey(*_NUMBER, "The value, unrounded, or null."),
    "low": SnapshotKey(*_NUMBER, "Low end of its 90% interval."),
    "high": SnapshotKey(*_NUMBER, "High end of its 90% interval."),
    "unit": SnapshotKey("a text", lambda value: isinstance(value, str), "Its unit."),
    "basis": SnapshotKey(f"one of {', '.join(BASES)}", (None, *BASES).__contains__, "How firm it was."),
    "reason": SnapshotKey(*_TEXT, "Why there is no value."),
    "reason_code": SnapshotKey(*_TEXT, "The code of that reason."),
}
"""Of these, `value` and `unit` are required."""
PLAIN: Final = ("value", "unit", "basis")


def dump(snapshot: Snapshot) -> str:
    """Return a snapshot as text."""
    head = {"format": FORMAT, "version": VERSION} | {
        key: getattr(snapshot, key) for key in ("targets", "as_of", "set", "workload")
    }
    records = {key: _record(record) for key, record in sorted(snapshot.scenarios.items())}
    formulas = _values(dict(sorted(snapshot.formulas.items())))
    lines = _mapping({**_values(head), "scenarios": _mapping(records), "formulas": _mapping(formulas)})
    return "\n".join(lines) + "\n"


def _record(record: RecordedScenario) -> list[str]:
    head: dict[str, Any] = {"scenario": record.label, "workload": record.workload}
    if record.links:
        head["links"] = dict(record.links)
    parts = {"inputs": record.inputs, "metrics": record.metrics}
    entries = {
        part: _mapping(_values({name: _entry(entry) for name, entry in sorted(held.items())}))
        for part, held in parts.items()
    }
    return _mapping({**_values(head), **entries})


def _entry(entry: Recorded) -> dict[str, Any]:
    values = {key: getattr(entry, key) for key in ENTRY}
    return {key: value for key, value in values.items() if value is not None or key == "value"}


def _values(found: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return values as JSON, each on a line."""
    return {key: [json_text(value)] for key, value in found.items()}


def _mapping(found: Mapping[str, list[str]]) -> list[str]:
    """Return the lines of a mapping from keys to the lines of their values."""
    lines = ["{"]
    for key, (first, *rest) in found.items():
        lines += [f"  {json_text(key)}: {first}", *(f"  {line}" for line in rest)]
        lines[-1] += ","
    lines[-1] = lines[-1].removesuffix(",")
    return [*lines, "}"]


def read_snapshot(text: str, where: str) -> Snapshot:
    """Read a snapshot back.

    Raises:
        LlmcostError: with the line, if it is not JSON, cut off, edited, or of another format or version.
    """
    try:
        found = json.loads(
            text, object_pairs_hook=_read_pairs, parse_constant=_refuse_constant, parse_int=float
        )
    except json.JSONDecodeError as error:
        if not text.strip():
            raise LlmcostError(Problem("is empty; 'llmcost snapshot' writes one", where)) from None
        refuse_conflict(text, where, "JSON")
        rest = text[error.pos :].strip()
        message = f"is not JSON: {error.msg}" if rest else "is cut off: the snapshot ends in the middle"
        raise LlmcostError(Problem(message, where, error.lineno, error.colno)) from None
    except _Broken as error:
        raise LlmcostError(Problem(str(error), where, error.line(text))) from None
    except RecursionError:
        raise LlmcostError(Problem("is not a snapshot: it is nested too deep", where)) from None
    return _SnapshotReader(text, where).read(found)


class _Broken(ValueError):
    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name

    def line(self, text: str) -> int:
        """Return the line of a duplicate key, or of the first use of a constant."""
        seen: list[set[str]] = [set()]
        for number, line in enumerate(text.split("\n"), 1):
            found = re.match(r'\s*("(?:[^"\\]|\\.)*")\s*:', line)
            key = f"{json_text(self.name)}:"
            if re.search(rf"[:\[,]\s*{re.escape(self.name)}\b", line) or line.count(key) > 1:
                return number
            if found and found[1] == json_text(self.name):
                if self.name in seen[-1]:
                    return number
                seen[-1].add(self.name)
            if line.rstrip().endswith("{"):
                seen.append(set())
            elif line.lstrip().startswith("}") and len(seen) > 1:
                seen.pop()
        return line_of(text, self.name)


def _read_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Recorded:
    """Return a mapping, or a record if it has just a value, a unit and a basis, as most entries do."""
    if len(pairs) == len(PLAIN):
        (one, value), (two, unit), (three, basis) = pairs
        plain = (one, two, three) == PLAIN and type(value) is float and math.isfinite(value)
        if plain and type(unit) is str and basis in BASES:
            return make(Recorded, (value, unit, basis, None, None, None, None))
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise _Broken(f"'{shorten(twice, 80)}' is there twice; it was edited by hand or merged", twice)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _Broken(f"'{name}' is not a number; it was edited by hand", name)


def line_of(text: str, *path: str) -> int:
    """Return the line of the last of some nested keys, or of the last that is there."""
    at = 0
    for key in path:
        found = re.compile(rf"{re.escape(json_text(key))}\s*:").search(text, at)
        if found is None:
            break
        at = found.start()
    return text.count("\n", 0, at) + 1


class _SnapshotReader:
    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where

    def refuse(self, message: str, *path: str, hint: str = "; it was edited by hand") -> NoReturn:
        line = line_of(self.text, *path) if path else 1
        raise LlmcostError(Problem(message + hint, self.where, line))

    def read(self, found: Any) -> Snapshot:
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            self.refuse("is not a snapshot", hint="; 'llmcost snapshot' writes one")
        version = found.get("version", VERSION)
        if version is True or version != VERSION:
            shown = f"{version:g}" if isinstance(version, float) else json.dumps(version)
            said = f"is of format version {shorten(shown)}, and this llmcost reads {VERSION}"
            self.refuse(said, "version", hint="; take a new snapshot")
        self._items(found, SNAPSHOT)
        as_of = found["as_of"]
        if as_of is not None and parse_day(as_of) is None:
            said = f"'as_of' is a date such as 2025-01-29, got '{shorten(as_of)}'"
            self.refuse(said, "as_of", hint="")
        for key in ("targets", "scenarios"):
            if not found[key]:
                self.refuse(f"'{key}' is empty", key)
        for name, mark in found["formulas"].items():
            if not isinstance(mark, str):
                self.refuse("a fingerprint is a text", "formulas", name)
        return Snapshot(
            targets=tuple(found["targets"]),
            scenarios={key: self._record(body, "scenarios", key) for key, body in found["scenarios"].items()},
            formulas=found["formulas"],
            as_of=as_of,
            set=tuple(found["set"]),
            workload=found["workload"],
            where=self.where,
        )

    def _items(
        self,
        found: Any,
        items: Mapping[str, SnapshotKey],
        *path: str,
        needed: Collection[str] = (),
        about: str = "",
    ) -> None:
        """Refuse a mapping with a missing key, an unknown key, or a wrong value."""
        if not isinstance(found, dict):
            self.refuse(f"{about}is not a mapping", *path)
        for key in needed or items:
            if key not in found:
                self.refuse(f"{about}has no '{key}'", *path)
        for key, value in found.items():
            item = items.get(key)
            if item is None or not item.test(value):
                break
        else:
            return
        for key, value in sorted(found.items()):
            at = path if about else (*path, key)
            if key not in items:
                self.refuse(f"{about}has an unknown '{shorten(key)}'", *at)
            if not items[key].test(value):
                self.refuse(f"{about}'{key}' is not {items[key].words}", *at)

    def _record(self, body: Any, *path: str) -> RecordedScenario:
        self._items(body, RECORD, *path, needed=("scenario", "workload", "inputs", "metrics"))
        inputs, metrics = (
            {name: self._recorded(entry, path, part, name) for name, entry in body[part].items()}
            for part in ("inputs", "metrics")
        )
        label, workload = body["scenario"] or path[-1], body["workload"] or ""
        return RecordedScenario(label, workload, inputs, metrics, body.get("links", {}))

    def _recorded(self, entry: Any, path: tuple[str, ...], section: str, name: str) -> Recorded:
        found = entry
        if not isinstance(found, Recorded):
            here = (*path, section, name)
            self._items(entry, ENTRY, *here, needed=("value", "unit"), about=f"{name}: ")
            if entry["value"] is None and (section == "inputs" or not entry.get("reason")):
                self.refuse(f"{name}: has neither a value nor a reason", *here)
            found = Recorded(**entry)
        unit = _unit_now(name)
        if unit is not None and unit != found.unit:
            said = f"{name}: is in {shorten(found.unit)} here and in {unit} now"
            self.refuse(said, *path, section, name, hint="; take a new snapshot")
        return found


@lru_cache(maxsize=4096)
def _unit_now(name: str) -> str | None:
    quantity = MODEL.quantities.get(name)
    return None if quantity is None else quantity.unit


def line_in(text: str, key: str, *path: str) -> int:
    """Return the line of a scenario in a snapshot, or of a section and quantity of it."""
    return line_of(text, "scenarios", key, *path)

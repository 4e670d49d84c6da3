"""Snapshots: what scenarios amounted to when they were recorded, in a file that reads well in a review.

JSON, sorted and unrounded, one quantity a line, so that a change of one figure is a change of one line.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, NoReturn

from llmcost.engine.registry import BASES, Basis, Registry
from llmcost.errors import LlmcostError, Problem
from llmcost.scenario.files.json_text import json_text
from llmcost.scenario.files.tree import refuse_conflict
from llmcost.scenario.values.datum import parse_day
from llmcost.scenario.values.number import shorten

FORMAT: Final = "llmcost/snapshot"
VERSION: Final = 1
_ENTRY_KEYS: Final = ("value", "low", "high", "unit", "basis", "reason", "reason_code")


class Recorded(NamedTuple):
    """One quantity as it was: its value in its unit, or the reason why there was none."""

    value: float | None
    unit: str
    basis: Basis | None = None
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    reason_code: str | None = None


class Record(NamedTuple):
    """One scenario as it was: what it is called, the mix that was priced, what was stated, what followed."""

    label: str
    workload: str
    inputs: Mapping[str, Recorded]
    metrics: Mapping[str, Recorded]


class Snapshot(NamedTuple):
    """Scenarios by what names them, and a fingerprint of every formula.

    Attributes:
        targets: the names, paths and folders that were asked for.
        as_of, set, workload: the options that were given.
        scenarios: the records, by path or label.
        formulas: fingerprints by `quantity/function`.
        where: the file it was read from.
    """

    targets: tuple[str, ...]
    scenarios: Mapping[str, Record]
    formulas: Mapping[str, str]
    as_of: str | None = None
    set: tuple[str, ...] = ()
    workload: str | None = None
    where: str = ""


def dump(snapshot: Snapshot) -> str:
    """Return a snapshot as text."""
    lines = [
        "{",
        f'  "format": {json_text(FORMAT)},',
        f'  "version": {VERSION},',
        f'  "targets": {json_text(list(snapshot.targets))},',
        f'  "as_of": {json_text(snapshot.as_of)},',
        f'  "set": {json_text(list(snapshot.set))},',
        f'  "workload": {json_text(snapshot.workload)},',
        '  "scenarios": {',
    ]
    blocks = [_record(key, record) for key, record in sorted(snapshot.scenarios.items())]
    lines += _joined(blocks)
    lines += ["  },", '  "formulas": {']
    lines += _joined(
        [[f"    {json_text(name)}: {json_text(mark)}"] for name, mark in sorted(snapshot.formulas.items())]
    )
    return "\n".join([*lines, "  }", "}"]) + "\n"


def _record(key: str, record: Record) -> list[str]:
    head = {"scenario": record.label, "workload": record.workload}
    lines = [
        f"    {json_text(key)}: {{",
        *(f"      {json_text(k)}: {json_text(v)}," for k, v in head.items()),
    ]
    for section, entries in (("inputs", record.inputs), ("metrics", record.metrics)):
        lines.append(f'      "{section}": {{')
        lines += _joined(
            [[f"        {json_text(name)}: {_entry(entry)}"] for name, entry in sorted(entries.items())]
        )
        lines.append("      }," if section == "inputs" else "      }")
    return [*lines, "    }"]


def _joined(blocks: list[list[str]]) -> list[str]:
    """Put a comma behind every block but the last."""
    for block in blocks[:-1]:
        block[-1] += ","
    return [line for block in blocks for line in block]


def _entry(entry: Recorded) -> str:
    values = {key: getattr(entry, key) for key in _ENTRY_KEYS}
    return json_text({key: value for key, value in values.items() if value is not None or key == "value"})


def read_snapshot(text: str, where: str, registry: Registry) -> Snapshot:
    """Read a snapshot back.

    Raises:
        LlmcostError: where it is no JSON or cut off, of another format or version, or not as it was written,
            with the line.
    """
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant, parse_int=float)
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
        raise LlmcostError(Problem("is no snapshot: it is nested too deep", where)) from None
    return _Reader(text, where, registry).read(found)


class _Broken(ValueError):
    def __init__(self, message: str, name: str) -> None:
        super().__init__(message)
        self.name = name

    def line(self, text: str) -> int:
        """Return the line on which a key stands a second time, or on which a constant first stands."""
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


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Broken(f"'{shorten(key, 80)}' is there twice; it was edited by hand or merged", key)
        found[key] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _Broken(f"'{name}' is no number; it was edited by hand", name)


def line_of(text: str, *path: str) -> int:
    """Return the line on which the last of some keys stands, each looked for behind the one before; where one
    of them is not there, the line of the one before.
    """
    at = 0
    for key in path:
        found = re.compile(rf"{re.escape(json_text(key))}\s*:").search(text, at)
        if found is None:
            break
        at = found.start()
    return text.count("\n", 0, at) + 1


class _Reader:
    def __init__(self, text: str, where: str, registry: Registry) -> None:
        self.text = text
        self.where = where
        self.registry = registry

    def refuse(self, message: str, *path: str) -> NoReturn:
        line = line_of(self.text, *path) if path else 1
        raise LlmcostError(Problem(message, self.where, line))

    def read(self, found: Any) -> Snapshot:
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            self.refuse("is no snapshot; 'llmcost snapshot' writes one")
        if "version" not in found:
            self.refuse("has no 'version'; it was edited by hand")
        if found["version"] is True or found["version"] != VERSION:
            shown = shorten(_shown(found["version"]))
            message = (
                f"is of format version {shown}, and this llmcost reads {VERSION}; write the snapshot anew"
            )
            self.refuse(message, "version")
        self._keys(
            found, {"format", "version", "targets", "as_of", "set", "workload", "scenarios", "formulas"}
        )
        targets, options = self._texts(found, "targets"), self._texts(found, "set")
        as_of, workload = self._text(found, "as_of"), self._text(found, "workload")
        if as_of is not None and parse_day(as_of) is None:
            self.refuse(f"'as_of' is a date such as 2025-01-29, got '{shorten(as_of)}'", "as_of")
        if not targets:
            self.refuse("'targets' is empty; it was edited by hand", "targets")
        scenarios = {key: self._record(key, body) for key, body in self._mapping(found, "scenarios").items()}
        if not scenarios:
            self.refuse("holds no scenario; it was edited by hand", "scenarios")
        formulas = self._mapping(found, "formulas")
        for name, mark in formulas.items():
            if not isinstance(mark, str):
                self.refuse("a fingerprint is a text; it was edited by hand", "formulas", name)
        return Snapshot(targets, scenarios, formulas, as_of, options, workload, self.where)

    def _keys(self, found: Mapping[str, Any], wanted: set[str], *path: str) -> None:
        for key in sorted(wanted - found.keys()):
            self.refuse(f"has no '{key}'; it was edited by hand", *path)
        for key in sorted(found.keys() - wanted):
            self.refuse(f"has an unknown '{shorten(key)}'; it was edited by hand", *path, key)

    def _mapping(self, found: Mapping[str, Any], key: str, *path: str) -> dict[str, Any]:
        value = found[key]
        if not isinstance(value, dict):
            self.refuse(f"'{key}' is no mapping; it was edited by hand", *path, key)
        return value

    def _text(self, found: Mapping[str, Any], key: str, *path: str) -> str | None:
        value = found[key]
        if value is not None and not isinstance(value, str):
            self.refuse(f"'{key}' is no text; it was edited by hand", *path, key)
        return value

    def _texts(self, found: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = found[key]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(f"'{key}' is no list of texts; it was edited by hand", key)
        return tuple(value)

    def _record(self, key: str, body: Any) -> Record:
        path = ("scenarios", key)
        if not isinstance(body, dict):
            self.refuse("a scenario's record is a mapping; it was edited by hand", *path)
        self._keys(body, {"scenario", "workload", "inputs", "metrics"}, *path)
        inputs, metrics = (
            {
                name: self._entry(entry, *path, section, name)
                for name, entry in self._mapping(body, section, *path).items()
            }
            for section in ("inputs", "metrics")
        )
        label, workload = (self._text(body, word, *path) for word in ("scenario", "workload"))
        return Record(label or key, workload or "", inputs, metrics)

    def _entry(self, entry: Any, *path: str) -> Recorded:
        name = path[-1]
        if not isinstance(entry, dict) or "value" not in entry or not isinstance(entry.get("unit"), str):
            self.refuse(f"{name}: an entry has a 'value' and a 'unit'; it was edited by hand", *path)
        for key in sorted(entry.keys() - set(_ENTRY_KEYS)):
            self.refuse(f"{name}: has an unknown '{shorten(key)}'; it was edited by hand", *path)
        for key in ("value", "low", "high"):
            value = entry.get(key)
            if value is not None and not _is_number(value):
                self.refuse(f"{name}: '{key}' is no number; it was edited by hand", *path)
        if entry.get("basis") not in (None, *BASES):
            self.refuse(f"{name}: the basis is one of {', '.join(BASES)}; it was edited by hand", *path)
        for key in ("reason", "reason_code"):
            if entry.get(key) is not None and not isinstance(entry[key], str):
                self.refuse(f"{name}: '{key}' is no text; it was edited by hand", *path)
        if entry["value"] is None and (path[-2] == "inputs" or not entry.get("reason")):
            self.refuse(f"{name}: has neither a value nor a reason; it was edited by hand", *path)
        quantity = self.registry.quantities.get(name)
        if quantity is not None and quantity.unit != entry["unit"]:
            was = shorten(entry["unit"])
            message = f"{name}: is in {was} here and in {quantity.unit} now; write the snapshot anew"
            self.refuse(message, *path)
        numbers = {
            key: None if entry.get(key) is None else float(entry[key]) for key in ("value", "low", "high")
        }
        return Recorded(
            numbers["value"],
            entry["unit"],
            entry.get("basis"),
            entry.get("reason"),
            numbers["low"],
            numbers["high"],
            entry.get("reason_code"),
        )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)


def line_in(text: str, key: str, *path: str) -> int:
    """Return the line of a snapshot on which a scenario stands, or a section and quantity of it."""
    return line_of(text, "scenarios", key, *path)

"""From a YAML node to a quantity's values, every fault collected with its place."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Final, cast

from llmcost.engine.registry import BASES, Basis, Quantity
from llmcost.engine.units import same_unit
from llmcost.errors import Place, Problem, did_you_mean
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence
from llmcost.scenario.values.number import (
    Amount,
    NotANumber,
    parse_amount,
    parse_number,
    range_meant,
    shorten,
)
from llmcost.scenario.values.provenance import DISTRIBUTIONS, Datum, Distribution, Provenance, Series

SOURCE_KEYS: Final = ("basis", "source", "url", "as_of", "note")
RANGE_KEYS: Final = ("low", "high", "dist")
DATUM_KEYS: Final = ("value", *RANGE_KEYS, *SOURCE_KEYS)
QUANTITY_KEYS: Final = (*DATUM_KEYS, "values", "unit")

HINTED: Final = 100
"""Problems of a file up to which each may say what was meant: finding that takes milliseconds."""

Sources = dict[str, str | None]

_DAY: Final = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_AS_OF: Final = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")


class Problems:
    """Collects what is wrong with one file (or one option) as it is read."""

    def __init__(self, where: str | None, *, located: bool = True) -> None:
        self.where = where
        self.located = located
        self.found: list[Problem] = []

    def place(self, node: Node | Place | None) -> Place:
        """Return where a node stands; what was written inside an option is not located."""
        if node is None or not self.located:
            return Place(self.where)
        return Place(self.where, node.line, node.column)

    def add(self, node: Node | Place | None, message: str, subject: str | None = None) -> None:
        """Note a problem at a node."""
        self.found.append(Problem(message, *self.place(node), subject))

    @property
    def few(self) -> bool:
        """Whether another problem may still say what was meant."""
        return len(self.found) < HINTED

    def sorted(self) -> tuple[Problem, ...]:
        """Return the problems in the order of the file."""
        return tuple(sorted(self.found, key=lambda p: (p.line or 0, p.column or 0)))


def kind_of(node: Node) -> str:
    """Say in a word what a node is."""
    if not isinstance(node, Scalar):
        what = "mapping" if isinstance(node, Mapping) else "list"
        return f"a {what}" if node.items else f"an empty {what}"
    return "null" if node.is_null else f"'{shorten(node.text)}'"


def fields(
    node: Mapping, allowed: tuple[str, ...], problems: Problems, subject: str | None = None
) -> dict[str, Node]:
    """Return a mapping's values by key; unknown and duplicate keys are problems and left out."""
    found: dict[str, Node] = {}
    first: dict[str, Scalar] = {}
    for key, value in node.items:
        if key.text in found:
            problems.add(key, f"duplicate key '{key.text}', first in line {first[key.text].line}", subject)
        elif key.text not in allowed:
            hint = did_you_mean(key.text, allowed) if problems.few else ""
            shown = shorten(key.text)
            problems.add(
                key, f"unknown key '{shown}'{hint or '; allowed are ' + ', '.join(allowed)}", subject
            )
        else:
            found[key.text], first[key.text] = value, key
    return found


def text_of(node: Node, problems: Problems, subject: str | None, key: str) -> str | None:
    """Return the text of a scalar; anything else, and nothing at all, is a problem."""
    if isinstance(node, Scalar) and not node.is_null and node.text.strip():
        return node.text.strip()
    what = "is empty" if isinstance(node, Scalar) else f"expected a text, got {kind_of(node)}"
    problems.add(node, f"'{key}': {what}" if key else what, subject)
    return None


def parse_day(text: str) -> dt.date | None:
    """Return the date that `YYYY-MM-DD` names, or None."""
    if not _DAY.match(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def read_series(node: Node, quantity: Quantity, problems: Problems) -> Series | None:
    """Read whatever stands for a quantity: a number, null, or a mapping with `value` or `values`."""
    name = quantity.name
    if isinstance(node, Sequence):
        problems.add(node, "expected a number or a mapping, got a list", name)
        return None
    if isinstance(node, Scalar):
        if node.is_null:
            return Series(((None, None),))
        datum = _datum_of_scalar(node, quantity, problems, {})
        return None if datum is None else Series(((None, datum),))
    before = len(problems.found)
    found = fields(node, QUANTITY_KEYS, problems, name)
    if "unit" in found:
        _check_unit(found["unit"], quantity, problems)
    if ("value" in found) == ("values" in found):
        if "value" in found:
            problems.add(node, "has both 'value' and 'values'; one of them is enough", name)
        elif len(problems.found) == before:
            ranged = "; a range alone is written LOW to HIGH" if "low" in found and "high" in found else ""
            problems.add(node, f"has neither 'value' nor 'values'{ranged}", name)
        return None
    if "value" in found:
        if isinstance(found["value"], Scalar) and found["value"].is_null:
            problems.add(found["value"], "'value' is empty; write null in place of the whole mapping", name)
            return None
        datum = _datum_of_mapping(node, found, quantity, problems, {})
        return None if datum is None else Series(((None, datum),))
    for key in RANGE_KEYS:
        if key in found:
            problems.add(found[key], f"'{key}' belongs to each of the dated values", name)
    return _dated(found, quantity, problems)


def _dated(found: dict[str, Node], quantity: Quantity, problems: Problems) -> Series | None:
    name, values = quantity.name, found["values"]
    shared = read_sources(found, quantity.name, problems)
    if not isinstance(values, Mapping) or not values.items:
        problems.add(values, "'values' maps dates to values, such as 2024-05-13: 5", name)
        return None
    entries: dict[dt.date, Datum | None] = {}
    for key, entry in values.items:
        day = parse_day(key.text)
        if day is None:
            problems.add(key, f"expected a date such as 2024-05-13, got '{shorten(key.text)}'", name)
            continue
        if day in entries:
            problems.add(key, f"duplicate date {day}", name)
            continue
        datum: Datum | None = None
        if isinstance(entry, Mapping):
            own = fields(entry, DATUM_KEYS, problems, name)
            if "value" not in own:
                problems.add(entry, f"the value of {day} has no 'value'", name)
            else:
                datum = _datum_of_mapping(entry, own, quantity, problems, shared, day)
        elif isinstance(entry, Sequence):
            problems.add(entry, "expected a number or a mapping, got a list", name)
        elif not entry.is_null:
            datum = _datum_of_scalar(entry, quantity, problems, shared, day)
        entries[day] = datum
    return Series(tuple(sorted(entries.items()))) if entries else None


def _check_unit(node: Node, quantity: Quantity, problems: Problems) -> None:
    unit = text_of(node, problems, quantity.name, "unit")
    if unit is not None and not same_unit(unit, quantity.unit):
        problems.add(node, f"the unit is {quantity.unit}, got '{shorten(unit)}'", quantity.name)


def _datum_of_scalar(
    node: Scalar, quantity: Quantity, problems: Problems, shared: Sources, day: dt.date | None = None
) -> Datum | None:
    amount = _amount(node, quantity, problems)
    if amount is None:
        return None
    return _datum(amount, None, shared, node, problems, day)


def _datum_of_mapping(
    node: Mapping,
    found: dict[str, Node],
    quantity: Quantity,
    problems: Problems,
    shared: Sources,
    day: dt.date | None = None,
) -> Datum | None:
    name = quantity.name
    before = len(problems.found)
    amount = _amount(found["value"], quantity, problems)
    sources = {**shared, **read_sources(found, quantity.name, problems)}
    dist = read_choice(found.get("dist"), DISTRIBUTIONS, problems, name, "dist")
    ends = {key: read_number(found[key], quantity, problems) for key in ("low", "high") if key in found}
    if len(problems.found) > before or amount is None:
        return None
    if ends:
        if len(ends) == 1:
            problems.add(node, f"has '{next(iter(ends))}' alone; a range needs 'low' and 'high'", name)
            return None
        if amount.low is not None:
            problems.add(node, "has a range as 'value' and 'low' and 'high' as well", name)
            return None
        low, high = cast(float, ends["low"]), cast(float, ends["high"])
        if not low < high:
            problems.add(found["low"], f"'low' must be below 'high', got {low:g} and {high:g}", name)
            return None
        if not low <= amount.value <= high:
            message = (
                f"'value' must lie between 'low' and 'high', got {amount.value:g} outside {low:g} to {high:g}"
            )
            problems.add(found["value"], message, name)
            return None
        amount = Amount(amount.value, low, high, amount.text)
    if dist not in (None, "fixed") and amount.low is None:
        problems.add(found["dist"], f"'dist: {dist}' needs a range", name)
        return None
    if dist in (None, "normal", "lognormal") and amount.value in (amount.low, amount.high):
        message = "a 'value' at the end of its range needs 'dist: triangular', 'uniform' or 'pert'"
        problems.add(found["value"], message, name)
        return None
    if dist == "lognormal" and amount.low is not None and amount.low <= 0:
        problems.add(found["dist"], "'dist: lognormal' needs a range above 0", name)
        return None
    return _datum(amount, dist, sources, found["value"], problems, day)


def _datum(
    amount: Amount,
    dist: str | None,
    sources: Sources,
    node: Node,
    problems: Problems,
    day: dt.date | None,
) -> Datum:
    return Datum(
        value=amount.value,
        low=amount.low,
        high=amount.high,
        dist=cast("Distribution | None", dist),
        text=amount.text,
        provenance=provenance_of(sources, problems.place(node), day),
    )


def _amount(node: Node, quantity: Quantity, problems: Problems) -> Amount | None:
    if not isinstance(node, Scalar) or node.is_null:
        problems.add(node, f"expected a number, got {kind_of(node)}", quantity.name)
        return None
    try:
        amount = parse_amount(node.text, percent=quantity.is_share)
    except NotANumber as error:
        problems.add(node, f"{error}{range_meant(node.text)}", quantity.name)
        return None
    ends = [amount.value] if amount.low is None or amount.high is None else [amount.low, amount.high]
    hint = "%" not in node.text
    bad = next((fault for fault in (out_of_bounds(end, quantity, hint=hint) for end in ends) if fault), None)
    if bad:
        problems.add(node, f"{bad}{range_meant(node.text)}", quantity.name)
        return None
    return amount


def read_number(node: Node, quantity: Quantity, problems: Problems) -> float | None:
    """Read one number within the quantity's bounds, no range; None where that is a problem."""
    if not isinstance(node, Scalar):
        problems.add(node, f"expected a number, got {kind_of(node)}", quantity.name)
        return None
    try:
        value = parse_number(node.text, percent=quantity.is_share)
    except NotANumber as error:
        problems.add(node, str(error), quantity.name)
        return None
    fault = out_of_bounds(value, quantity, hint="%" not in node.text)
    if fault:
        problems.add(node, fault, quantity.name)
        return None
    return value


def out_of_bounds(value: float, quantity: Quantity, *, hint: bool = False) -> str | None:
    """Say why a value is not allowed for a quantity, or return None."""
    shown = f"{value:.12g}"
    if not math.isfinite(value):
        return "must be a finite number"
    if quantity.high is not None and value > quantity.high:
        meant = f"; did you mean {shown}%?" if hint and 1 < value <= 100 else ""
        if quantity.low == 0:
            return f"must lie between 0 and {quantity.high:g}, got {shown}{meant}"
        return f"must not exceed {quantity.high:g}, got {shown}{meant}"
    if quantity.low is not None and value < quantity.low:
        return (
            f"must not be negative, got {shown}"
            if quantity.low == 0
            else f"must be at least {quantity.low:g}, got {shown}"
        )
    return None


def read_choice(
    node: Node | None, allowed: tuple[str, ...], problems: Problems, subject: str | None, key: str
) -> str | None:
    """Read one of some words; None where there is none."""
    if node is None:
        return None
    text = text_of(node, problems, subject, key)
    if text is not None and text not in allowed:
        hint = did_you_mean(text, allowed) or f"; allowed are {', '.join(allowed)}"
        problems.add(node, f"unknown {key} '{shorten(text)}'{hint}", subject)
        return None
    return text


def provenance_of(sources: Sources, place: Place, since: dt.date | None = None) -> Provenance:
    """Return who says something, from the texts that were read."""
    basis, source, url, as_of, note = map(sources.get, SOURCE_KEYS)
    return Provenance(cast(Basis, basis or "stated"), source, url, as_of, note, since, place)


def read_sources(found: dict[str, Node], name: str | None, problems: Problems) -> Sources:
    """Read basis, source, url, as_of and note, as far as they are there."""
    result: Sources = {}
    for key, node in found.items():
        if key not in SOURCE_KEYS:
            continue
        if key == "basis":
            result[key] = read_choice(node, BASES, problems, name, key)
            continue
        text = text_of(node, problems, name, key)
        if text is not None and key == "url" and not text.startswith(("https://", "http://")):
            problems.add(node, f"'url' must start with https:// or http://, got '{shorten(text)}'", name)
        elif text is not None and key == "as_of" and not is_as_of(text):
            problems.add(
                node, f"'as_of' is a date such as 2024-05-13 or 2024-05, got '{shorten(text)}'", name
            )
        else:
            result[key] = text
    return result


def is_as_of(text: str) -> bool:
    """Whether a text is a year, a month or a day, such as 2024, 2024-05 or 2024-05-13."""
    if not _AS_OF.match(text):
        return False
    return parse_day((text + "-01-01")[:10] if len(text) == 4 else (text + "-01")[:10]) is not None

"""From a YAML node to a quantity's values, every fault collected with its place."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, cast

from llmcost.engine.registry import BASES, Basis, Quantity
from llmcost.errors import Place, Problem, did_you_mean
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence
from llmcost.scenario.values.number import Amount, NotANumber, parse_amount, parse_number, shorten
from llmcost.scenario.values.provenance import (
    DISTRIBUTIONS,
    Datum,
    Distribution,
    Exchange,
    Foreign,
    Provenance,
    Series,
)
from llmcost.scenario.values.units import CURRENCIES, allowed, unit_of

SOURCE_KEYS: Final = ("basis", "source", "url", "as_of", "note")
RANGE_KEYS: Final = ("low", "high", "dist")
DATUM_KEYS: Final = ("value", *RANGE_KEYS, *SOURCE_KEYS)
QUANTITY_KEYS: Final = (*DATUM_KEYS, "values", "unit")

DEAREST_CURRENCY: Final = 3.0
"""USD for one of a currency, beyond which the rate was turned round: none is worth as much."""

HINTED: Final = 100
"""Problems of a file up to which each may say what was meant: finding that takes milliseconds."""

Sources = dict[str, str | None]

_DAY: Final = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_AS_OF: Final = re.compile(r"^\d{4}(-\d{2}(-\d{2})?)?$")


class Problems:
    """Collects what is wrong with one file (or one option) as it is read.

    `exchange` are the rates that the file states; None where they are not known yet.
    """

    def __init__(self, where: str | None, *, located: bool = True) -> None:
        self.where = where
        self.exchange: Exchange | None = None
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
        datum = _datum(node, {"value": node}, quantity, problems, {}, "")
        return None if datum is None else Series(((None, datum),))
    before = len(problems.found)
    found = fields(node, QUANTITY_KEYS, problems, name)
    unit = _unit(found["unit"], quantity, problems) if "unit" in found else ""
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
        datum = _datum(node, found, quantity, problems, {}, unit)
        return None if datum is None else Series(((None, datum),))
    for key in RANGE_KEYS:
        if key in found:
            problems.add(found[key], f"'{key}' belongs to each of the dated values", name)
    return _dated(found, quantity, problems, unit)


def read_exchange(node: Node | None, problems: Problems) -> Exchange:
    """Read `exchange: {EUR: {value: 1.08, source: …}}`: USD for one of each currency, which may be dated."""
    found: dict[str, Series] = {}
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return found
    if not isinstance(node, Mapping):
        problems.add(
            node, f"'exchange' maps currencies to USD for one, such as EUR: 1.08, got {kind_of(node)}"
        )
        return found
    for key, value in node.items:
        code = key.text
        if code in found or code == "USD" or code not in CURRENCIES:
            wrong = "duplicate" if code in found else "not needed for" if code == "USD" else "unknown"
            hint = "; a currency is written as its code, such as EUR or CNY" if wrong == "unknown" else ""
            problems.add(key, f"{wrong} currency '{shorten(code)}'{hint}", "exchange")
            continue
        series = read_series(value, Quantity(f"exchange {code}", "USD", ""), problems)
        if series is not None:
            found[code] = series
            _check_rates(value, code, series, problems)
    return found


def _check_rates(node: Node, code: str, series: Series, problems: Problems) -> None:
    for rate in (datum for _, datum in series.entries if datum is not None):
        if rate.low is not None or rate.foreign or rate.value == 0:
            problems.add(node, f"expected USD for one {code}, one number above 0", f"exchange {code}")
        elif rate.value > DEAREST_CURRENCY:
            inverse = f"'1 / {rate.text or f'{rate.value:.12g}'}'"
            message = f"says that one {code} is {rate.value:.12g} USD; did you mean {inverse}?"
            problems.add(node, message, f"exchange {code}")


def _dated(found: dict[str, Node], quantity: Quantity, problems: Problems, unit: str | None) -> Series | None:
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
                datum = _datum(entry, own, quantity, problems, shared, unit, day)
        elif isinstance(entry, Sequence):
            problems.add(entry, "expected a number or a mapping, got a list", name)
        elif not entry.is_null:
            datum = _datum(entry, {"value": entry}, quantity, problems, shared, unit, day)
        entries[day] = datum
    return Series(tuple(sorted(entries.items()))) if entries else None


def _unit(node: Node, quantity: Quantity, problems: Problems) -> str | None:
    """Read the unit of numbers without one; None where it is not one of the quantity's dimension."""
    text = text_of(node, problems, quantity.name, "unit")
    wanted = unit_of(quantity.unit)
    if text is None or (len(text) <= 40 and unit_of(text).dimension == wanted.dimension):
        return text
    problems.add(node, f"expected the unit {allowed(wanted)}, got '{shorten(text)}'", quantity.name)
    return None


def _datum(
    node: Node,
    found: dict[str, Node],
    quantity: Quantity,
    problems: Problems,
    shared: Sources,
    unit: str | None,
    day: dt.date | None = None,
) -> Datum | None:
    """Read a value with what stands beside it; None where something is wrong, or was wrong with its unit."""
    name = quantity.name
    before = len(problems.found)
    amount = _amount(found["value"], quantity, problems, unit)
    sources = {**shared, **read_sources(found, name, problems)}
    dist = read_choice(found.get("dist"), DISTRIBUTIONS, problems, name, "dist")
    money = amount.currency if amount else None
    spelled = unit or (quantity.unit.replace("USD", money) if money else "")
    read: dict[str, Amount | None] = {
        key: _amount(found[key], quantity, problems, spelled) for key in ("low", "high") if key in found
    }
    ends = {key: end.value for key, end in read.items() if end is not None}
    for key, end in read.items():
        if end is not None and end.low is not None:
            problems.add(
                found[key], f"'{key}' is one number, got the range '{shorten(end.text or '')}'", name
            )
        elif end is not None and end.currency != money:
            problems.add(found[key], f"'{key}' is in another currency than 'value'", name)
    if len(problems.found) > before or amount is None or unit is None:
        return None
    wrong = _misfit(amount, ends, dist)
    if wrong is not None:
        problems.add(found.get(wrong[0], node), wrong[1], name)
        return None
    amount = amount._replace(low=ends.get("low", amount.low), high=ends.get("high", amount.high))
    rates = (problems.exchange or {}).get(amount.currency or "")
    return Datum(
        amount.value,
        amount.low,
        amount.high,
        cast("Distribution | None", dist),
        amount.text,
        amount.converted,
        Foreign(amount.currency, rates) if amount.currency else None,
        provenance_of(sources, problems.place(found["value"]), day),
    )


def _misfit(amount: Amount, ends: dict[str, float], dist: str | None) -> tuple[str, str] | None:
    """Return the key at which a value, its range and its distribution do not fit together, and why."""
    low, high = ends.get("low", amount.low), ends.get("high", amount.high)
    if len(ends) == 1:
        return "", f"has '{next(iter(ends))}' alone; a range needs 'low' and 'high'"
    if ends and amount.low is not None:
        return "", "has a range as 'value' and 'low' and 'high' as well"
    if low is None or high is None:
        return ("dist", f"'dist: {dist}' needs a range") if dist not in (None, "fixed") else None
    if not low < high:
        return "low", f"'low' must be below 'high', got {low:g} and {high:g}"
    if not low <= amount.value <= high:
        outside = f"got {amount.value:g} outside {low:g} to {high:g}"
        return "value", f"'value' must lie between 'low' and 'high', {outside}"
    if dist in (None, "normal", "lognormal") and amount.value in (low, high):
        return "value", "a 'value' at the end of its range needs 'dist: triangular', 'uniform' or 'pert'"
    if dist == "lognormal" and low <= 0:
        return "dist", "'dist: lognormal' needs a range above 0"
    return None


def _amount(node: Node, quantity: Quantity, problems: Problems, unit: str | None = "") -> Amount | None:
    if not isinstance(node, Scalar) or node.is_null:
        problems.add(node, f"expected a number, got {kind_of(node)}", quantity.name)
        return None
    try:
        return parse_amount(node.text, quantity, unit=unit or "", rates=rates_of(problems.exchange))
    except NotANumber as error:
        problems.add(node, str(error), quantity.name)
        return None


def rates_of(exchange: Exchange | None) -> dict[str, float] | None:
    """Return the newest rate of each currency; None where the rates are not known yet."""
    if exchange is None:
        return None
    newest = ((code, series.at(None)) for code, series in exchange.items())
    return {code: rate.value for code, rate in newest if isinstance(rate, Datum)}


def read_number(
    node: Node, quantity: Quantity, problems: Problems, subject: str | None = None
) -> float | None:
    """Read one number within the quantity's bounds, no range; None where that is a problem."""
    if not isinstance(node, Scalar) or node.is_null:
        problems.add(node, f"expected a number, got {kind_of(node)}", subject or quantity.name)
        return None
    try:
        return parse_number(node.text, quantity, rates=fixed_rates(problems.exchange))
    except NotANumber as error:
        problems.add(node, str(error), subject or quantity.name)
        return None


def fixed_rates(exchange: Exchange | None) -> dict[str, float]:
    """Return the rates that do not depend on the day, for numbers that are converted as they are read."""
    return (
        rates_of({code: rates for code, rates in (exchange or {}).items() if len(rates.entries) == 1}) or {}
    )


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

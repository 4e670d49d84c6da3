"""The value of a quantity: a number, null, or a mapping with `value` or dated `values`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from llmcost.engine.registry import Quantity
from llmcost.records import make
from llmcost.scenario.files.format import Field, Fields, Found, Kind
from llmcost.scenario.files.kinds import SOURCES, TEXT, choice, mapped
from llmcost.scenario.files.problems import At
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence
from llmcost.scenario.values.dates import parse_day
from llmcost.scenario.values.datum import DISTRIBUTIONS, Datum, Distribution, Foreign, Provenance, Series
from llmcost.scenario.values.number import Amount, parse_amount, parse_number, shorten
from llmcost.scenario.values.units import CURRENCIES, allowed, unit_of

if TYPE_CHECKING:
    from llmcost.scenario.files.schema import Models

DEAREST_CURRENCY: Final = 3.0
"""Above this many USD, an exchange rate is upside down: no currency is worth as much."""


def _later(words: str) -> Kind[Node]:
    """A number that is read once the unit beside it is known."""
    return Kind(words, lambda node, at: node, lambda _: float | str)


def _unit(node: Node, at: At) -> str | None:
    text, wanted = TEXT.read(node, at), unit_of(at.stated.unit)
    if text is None or (len(text) <= 40 and unit_of(text).dimension == wanted.dimension):
        return text
    at.refuse(node, f"expected the unit {allowed(wanted)}, got '{shorten(text)}'")
    return None


def _dates(models: Models) -> Any:
    return models.limited(dict[str, models.of(ENTRY) | float | str | None], min_length=1)  # type: ignore[misc]


_VALUE: Final = Field(
    "value",
    _later("a number, 3.7B, 27%, arithmetic, or a range LOW to HIGH"),
    "What it is.",
    required=True,
    without="; a range alone is written LOW to HIGH",
)
_RANGE: Final = (
    Field(
        "low", _later("a number"), "Low end of the 90% interval; of uniform, triangular and pert the least."
    ),
    Field(
        "high", _later("a number"), "High end of the 90% interval; of uniform, triangular and pert the most."
    ),
    Field("dist", choice(*DISTRIBUTIONS), "Distribution over the range."),
)
_VALUES: Final = Field(
    "values",
    Kind("a mapping from dates to values", lambda node, at: node, _dates),
    "Values by date, such as 2024-05-13: 5.",
    required=True,
)
_UNIT: Final = Field(
    "unit",
    Kind("a unit of the quantity's dimension", _unit, lambda _: str),
    "The unit of the number, converted to the vocabulary's.",
)
ENTRY: Final = Fields(
    "Entry", "a mapping with 'value'", "A dated number with its source.", _VALUE, *_RANGE, *SOURCES
)
DATUM: Final = Fields(
    "Datum", "a mapping with 'value'", "One number with its source.", _VALUE, *_RANGE, *SOURCES, _UNIT
)
DATED: Final = Fields(
    "Dated",
    "a mapping with 'values'",
    "Values by the date from which each is in force; append, never overwrite.",
    _VALUES,
    *SOURCES,
    _UNIT,
    elsewhere={"value": "; one of 'value' and 'values' is enough"}
    | {field.name: "; it belongs to each of the dated values" for field in _RANGE},
)


def _value(node: Node, at: At) -> Series | None:
    if isinstance(node, Scalar):
        if node.is_null:
            return Series(((None, None),))
        datum = read_datum(node, None, at)
        return None if datum is None else _undated(datum)
    if isinstance(node, Sequence):
        at.refuse(node, "expected a number or a mapping, got a list")
        return None
    at = make(At, (at.problems, at.subject, "", at.quantity, None))
    for key, _ in node.items:
        if key.text == "values":
            return _dated(DATED.read(node, at))
        if parse_day(key.text):
            at.refuse(key, "dated values stand under 'values', such as {values: {2024-05-13: 5}}")
            return None
    found = DATUM.read(node, at)
    if found is None or (value := found.values.get("value")) is None:
        return None
    if isinstance(value, Scalar) and value.is_null:
        found.refuse("'value' is empty; write null in place of the whole mapping", "value")
        return None
    datum = read_datum(value, found, at, unit=found.values.get("unit") or "")
    return _undated(datum) if datum is not None and found.sound else None


def _undated(datum: Datum) -> Series:
    return make(Series, (((None, datum),),))


def _dated(shared: Found | None) -> Series | None:
    assert shared is not None
    at, values = shared.at, shared["values"]
    if not isinstance(values, Mapping) or not values.items:
        shared.refuse("'values' maps dates to values, such as 2024-05-13: 5", "values")
        return None
    entries: dict[dt.date, Datum | None] = {}
    for key, entry in values.items:
        day = parse_day(key.text)
        if day is None or day in entries:
            wrong = f"duplicate date {day}" if day else f"expected {_A_DATE}, got '{shorten(key.text)}'"
            at.refuse(key, wrong)
            continue
        null = isinstance(entry, Scalar) and entry.is_null
        entries[day] = None if null else _entry(entry, shared, day)
    return Series(tuple(sorted(entries.items()))) if entries and shared.sound else None


_A_DATE: Final = "a date such as 2024-05-13"


def _entry(node: Node, shared: Found, day: dt.date) -> Datum | None:
    unit = shared["unit"] or ""
    if isinstance(node, Scalar):
        return read_datum(node, None, shared.at, shared, day, unit)
    if isinstance(node, Sequence):
        shared.at.refuse(node, "expected a number or a mapping, got a list")
        return None
    found = ENTRY.read(node, shared.at)
    if found is None or (value := found["value"]) is None:
        return None
    return read_datum(value, found, shared.at, shared, day, unit)


def read_datum(
    node: Node,
    found: Found | None,
    at: At,
    shared: Found | None = None,
    day: dt.date | None = None,
    unit: str = "",
) -> Datum | None:
    """Read a value, with the fields `found` beside it and those `shared` by dated values."""
    before = len(at.problems.found)
    amount = _amount(node, at, unit)
    ends: dict[str, float] = {}
    dist: Distribution | None = None
    if found is not None:
        dist = found.values.get("dist")
        if "low" in found.nodes or "high" in found.nodes:
            ends = _ends(amount, found, at, unit)
    if len(at.problems.found) > before or amount is None or (found is not None and not found.sound):
        return None
    wrong = _misfit(amount, ends, dist)
    if wrong is not None:
        key, message = wrong
        at.refuse(found.nodes.get(key, found.node) if found is not None else node, message)
        return None
    value, low, high, text, currency, converted = amount
    place = at.problems.place(node)
    if (said := found or shared) is None:
        provenance = make(Provenance, ("stated", None, None, None, None, day, place, None))
    else:
        provenance = said.provenance(place, day, shared)
    if ends:
        low, high = ends["low"], ends["high"]
    foreign = Foreign(currency, (at.problems.exchange or {}).get(currency)) if currency else None
    datum = make(Datum, (value, low, high, dist, text, converted, foreign, provenance))
    return datum if ends or dist is None else datum.drawn_as(dist)


def _ends(amount: Amount | None, found: Found, at: At, unit: str) -> dict[str, float]:
    """Read the `low` and `high` beside a value."""
    money = amount.currency if amount else None
    spelled = unit or (at.stated.unit.replace("USD", money) if money else "")
    ends: dict[str, float] = {}
    for key in ("low", "high"):
        node = found[key]
        end = None if node is None else _amount(node, at, spelled)
        if end is not None and end.low is not None:
            at.refuse(node, f"'{key}' is one number, got the range '{shorten(end.text or '')}'")
        elif end is not None and end.currency != money:
            at.refuse(node, f"'{key}' is in another currency than 'value'")
        elif end is not None:
            ends[key] = end.value
    return ends


def _misfit(amount: Amount, ends: dict[str, float], dist: str | None) -> tuple[str, str] | None:
    """Return why a value, its range and its distribution do not fit together, and at which key."""
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


def _amount(node: Node, at: At, unit: str) -> Amount | None:
    return at.parsed(node, lambda text: parse_amount(text, at.stated, unit=unit, rates=at.problems.rates))


def _number(node: Node, at: At) -> float | None:
    return at.parsed(node, lambda text: parse_number(text, at.stated, rates=at.problems.fixed))


def written(models: Models) -> Any:
    """Return the type of a quantity's value, other than a plain number."""
    text = models.limited(str, pattern=r"^[-+*/\s]*([$€£¥₹(.\d]|[A-Z]{3}\s*\d)")
    return models.named("Written", lambda: text | models.of(DATUM) | models.of(DATED) | None)


VALUE: Final = Kind(
    "a number, a range LOW to HIGH, a mapping with 'value' or dated 'values', or null",
    _value,
    lambda models: models.bounded(written(models)),
)
NUMBER: Final = Kind("a number", _number, lambda _: float | str)
"""A number within the bounds of its quantity; no range."""


def _rate(node: Node, at: At) -> Series | None:
    about = f"exchange {at.key}"
    at = At(at.problems, about, "", Quantity(about, "USD", ""))
    series = VALUE.read(node, at)
    for _, rate in series.entries if series is not None else ():
        if rate is None:
            continue
        if rate.low is not None or rate.foreign or rate.value == 0:
            at.refuse(node, f"expected USD for one {about[-3:]}, one number above 0")
        elif rate.value > DEAREST_CURRENCY:
            inverse = f"'1 / {rate.text or f'{rate.value:.12g}'}'"
            said = f"says that one {about[-3:]} is {rate.value:.12g} USD"
            at.refuse(node, f"{said}; did you mean {inverse}?")
    return series


def _no_currency(code: str) -> str | None:
    if code == "USD":
        return "not needed for currency 'USD'"
    hint = "a currency is written as its code, such as EUR or CNY"
    return None if code in CURRENCIES else f"unknown currency '{shorten(code)}'; {hint}"


_RATES: Final = mapped(
    Kind(VALUE.words, _rate, lambda models: float | written(models)),
    "a mapping from currencies to USD for one, such as {EUR: 1.08}",
    "currency",
    refused=_no_currency,
)


def _exchange(node: Node, at: At) -> dict[str, Series] | None:
    """Read the exchange rates, which apply to everything read after them."""
    found = _RATES.read(node, at.inside._replace(key="") if isinstance(node, Mapping) else at)
    at.problems.convert_at(found or {})
    return found


EXCHANGE: Final = Field(
    "exchange",
    Kind(_RATES.words, _exchange, _RATES.model),
    "USD for one of each other currency, such as EUR: 1.08.",
)

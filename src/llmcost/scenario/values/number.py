"""Numbers as people write them: `3.7B`, `27%`, `$1,300`, `1.45B tok/month`, `300 to 1500`, `(11.5B)`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from llmcost.engine.registry import Quantity
from llmcost.engine.units import Measure, UnitMismatch
from llmcost.errors import old_spelling
from llmcost.records import NamedTuple
from llmcost.scenario.values.grammar import (
    LARGEST,
    MAX_LENGTH,
    SMALLEST,
    TOO_LARGE,
    TOO_SMALL,
    Literal,
    NotANumber,
    Step,
    check_length,
    in_range,
    parse,
    run,
    shorten,
)
from llmcost.scenario.values.units import Unit, allowed, convert, spelled, unit_of, yen

__all__ = ["LARGEST", "SMALLEST", "Amount", "NotANumber", "parse_amount", "parse_number", "shorten"]

PURE: Final = Quantity("number", "", "A number without a unit", low=None)
DOLLARS: Final = Quantity("amount", "USD", "An amount of money", low=None)
CHEAPEST: Final = 1e-4
DEAREST: Final = 1e5
"""Prices per million tokens outside these bounds probably have the wrong unit."""

_TO: Final = re.compile(r"\s+to\s+")
_DIGITS: Final = re.compile(r"^[-+$€£¥\s\d.,_]+")
_TRAILING_UNIT: Final = re.compile(r"\s*(?:USD|\$)?\s*/\s*[A-Za-z]+$")
_PLAIN: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?", re.ASCII)
_ARITHMETIC: Final = re.compile(r"[*/()]|\bper\b")
_OTHER_TO: Final = re.compile(r"\.{2,}|[-–—:]")
_LOSS: Final = re.compile(r"([^()\d+*/-]*)\(([^()+*/-]*)\)([^()\d+*/-]*)")
_DASHES: Final = re.compile(r"[−–—]")
_LATE_SIGN: Final = re.compile(r"^((?:US)?[$€£¥₹]|[A-Z]{3})\s*-\s*")
_NOT_FINITE: Final = frozenset({".inf", "inf", "infinity", ".nan", "nan"})
_BOOLEANS: Final = frozenset({"true", "false", "yes", "no", "on", "off"})
_DATE: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?", re.DOTALL)
_CLOCK: Final = re.compile(r"\d{1,2}(:\d{2})+")


class Amount(NamedTuple):
    """A number as written.

    Attributes:
        value: in the unit of its quantity.
        low, high: its 90% interval, if it has one.
        text: how it was written, if that is arithmetic, a range, or in another unit.
        currency: its currency, if that is not USD.
        converted: whether it was written in another unit than the quantity's.
    """

    value: float
    low: float | None = None
    high: float | None = None
    text: str | None = None
    currency: str | None = None
    converted: bool = False

    @property
    def ends(self) -> tuple[float, ...]:
        """The ends of the range, or the value."""
        return (self.value,) if self.low is None or self.high is None else (self.low, self.high)

    def in_dollars(self, rates: Mapping[str, float]) -> Amount:
        """Return the amount in USD."""
        if self.currency is None:
            return self
        rate = rates.get(self.currency, 1.0)
        low, high = (None if end is None else end * rate for end in (self.low, self.high))
        return self._replace(value=self.value * rate, low=low, high=high, currency=None)


def parse_amount(
    text: str,
    quantity: Quantity = PURE,
    *,
    unit: str = "",
    rates: Mapping[str, float] | None = None,
    bounded: bool = True,
) -> Amount:
    """Read a number, literal arithmetic, or a range `LOW to HIGH`.

    The value of a range is the geometric mean of its ends if both are positive, else the arithmetic mean.

    Args:
        text: what was written.
        quantity: the quantity: it gives the default unit and the bounds, and says whether percentages are
            allowed.
        unit: another default unit, if one was stated.
        rates: what one of each currency is worth in USD; None where that is not known yet.
        bounded: whether it must lie within the quantity's bounds.

    Raises:
        NotANumber: saying what is wrong with it, and where possible what was meant.
    """
    known = None if rates is None else tuple(rates.items())
    return _parsed(text, quantity, unit, known, bounded)


@lru_cache(maxsize=2048)  # files often contain the same texts
def _parsed(
    text: str, quantity: Quantity, unit: str, rates: tuple[tuple[str, float], ...] | None, bounded: bool
) -> Amount:
    wanted, stated = unit_of(quantity.unit), unit_of(unit) if unit else None
    reader = _Reader(quantity, wanted, stated, None if rates is None else dict(rates), bounded)
    stripped = text.strip()
    _refuse_words(stripped)
    try:
        return reader.read(stripped)
    except NotANumber as error:
        raise error.with_suggestion(reader.read, *_respelled(stripped)) from None


def parse_number(
    text: str, quantity: Quantity = PURE, *, rates: Mapping[str, float] | None = None, bounded: bool = True
) -> float:
    """Read a number or literal arithmetic, no range; return it in the quantity's unit, money in USD.

    Raises:
        NotANumber: as `parse_amount`.
    """
    amount = parse_amount(text, quantity, rates=rates or {}, bounded=bounded)
    if amount.low is not None:
        raise NotANumber(f"expected one number, got the range '{shorten(text.strip())}'")
    return amount.in_dollars(rates or {}).value


def parse_range(text: str, quantity: Quantity, where: str) -> tuple[float, float]:
    """Read `LOW to HIGH`, ignoring bounds; LOW:HIGH, LOW..HIGH and LOW-HIGH give a warning.

    Raises:
        NotANumber: saying what is wrong with it.
    """
    ends = None if re.search(r"\bto\b", text) else rough_ends(text)
    new = " to ".join(ends) if ends else text
    amount = parse_amount(new, quantity, rates={}, bounded=False)
    if amount.low is None or amount.high is None:
        raise NotANumber(f"expected LOW to HIGH, got '{shorten(text)}'")
    if new != text:
        old_spelling(where, text, new)
    return amount.low, amount.high


def out_of_bounds(value: float, quantity: Quantity) -> str | None:
    """Say why a value is not allowed for a quantity, or return None."""
    shown, low, high = f"{value:.12g}", quantity.low, quantity.high
    if not math.isfinite(value):
        return "must be a finite number"
    if high is not None and value > high:
        return f"must {f'lie between 0 and {high:g}' if low == 0 else f'not exceed {high:g}'}, got {shown}"
    if low is not None and value < low:
        return f"must {'not be negative' if low == 0 else f'be at least {low:g}'}, got {shown}"
    return None


class _Reader(NamedTuple):
    """Reads amounts of one quantity; `stated` is the stated default unit, if there is one."""

    quantity: Quantity
    wanted: Unit
    stated: Unit | None
    rates: Mapping[str, float] | None
    bounded: bool

    def read(self, text: str) -> Amount:
        """Return the amount in a text."""
        amount, literals = self._amount(text)
        self._refuse_beyond(amount, text)
        rate = 1.0 if amount.currency is None else (self.rates or {}).get(amount.currency)
        if self.bounded and rate is not None and self.quantity.unit == "USD/Mtok":
            self._ask(amount, text, rate, {literal.unit.text for literal in literals if literal.unit})
        return amount

    def _amount(self, text: str) -> tuple[Amount, list[Literal]]:
        if self.stated is None and _PLAIN.fullmatch(text):  # most numbers, the quick way
            return Amount(in_range(float(text))), []
        ends = parse(text, ranges=True)
        literals = [step for steps in ends for step in steps if isinstance(step, Literal)]
        currency = self._currency(text, literals)
        unit = self.stated or self.wanted
        if len(ends) == 2:
            found = self._range(text, ends[0], ends[1])
        else:
            found = Amount(in_range(self._value(text, ends[0], unit)))
        units = [literal.unit for literal in literals if literal.unit] or [unit]
        converted = bool(currency) or any(other.size != self.wanted.size for other in units)
        alone = _alone(ends[0]) if len(ends) == 1 else None
        if alone is None or alone.bracketed or converted:
            found = found._replace(
                text=f"{text} {unit.text}" if units == [self.stated] and converted else text
            )
        return found._replace(currency=currency, converted=converted), literals

    def _currency(self, text: str, literals: Sequence[Literal]) -> str | None:
        """Return the currency of the numbers, None for USD."""
        codes = {literal.currency for literal in literals if literal.currency}
        if codes and not self.wanted.currency:
            raise NotANumber(f"'{shorten(text)}' is money; expected {allowed(self.wanted)}")
        codes |= {self.stated.currency} if self.stated and self.stated.currency else set()
        if len(codes) > 1:
            raise NotANumber(f"'{shorten(text)}' mixes currencies, {' and '.join(sorted(codes))}")
        code = next(iter(codes), "USD")
        if code == "¥" and self.rates is not None:
            code = yen(self.rates) or "CNY or JPY"
        if code == "USD" or self.rates is None or code in self.rates:
            return None if code == "USD" else code
        rate = f"'exchange: {{{code[:3]}: {{value: 0.5, source: ECB}}}}' if one is 0.5 USD"
        raise NotANumber(f"'{shorten(text)}' is in {code}; state its rate first, such as {rate}")

    def _value(self, text: str, steps: Sequence[Step], implied: Unit) -> float:
        """Return the result of steps in the quantity's unit; `implied` is the unit of bare numbers."""
        alone = _alone(steps)
        literals = [step for step in steps if isinstance(step, Literal)]
        if alone and alone.bracketed and self.quantity.low is not None and self.quantity.low >= 0:
            message = f"'({shorten(alone.text)})' is how accountants write a loss; this cannot be negative"
            raise NotANumber(message, [alone.text])
        self._refuse_percent(steps)
        multiple = next((literal for literal in literals if literal.multiple and self.wanted.dimension), None)
        if multiple:
            raise NotANumber(f"'{shorten(multiple.text)}' is a multiple; expected {allowed(self.wanted)}")
        sign = -1 if alone and alone.bracketed else 1
        if alone or not any(literal.unit for literal in literals):
            unit = (alone and alone.unit) or implied
            self._refuse_unit(text, unit)
            result: float = run(steps, lambda literal: literal.value, partial(_apply, text))
            return sign * convert(result, unit, self.wanted)
        try:
            measured = run(steps, _measure, partial(_apply, text))
        except UnitMismatch:
            raise NotANumber(f"'{shorten(text)}' adds different units; give each number its own") from None
        unit = Unit(spelled(measured.powers), (1, 1), measured.powers)
        self._refuse_unit(text, unit)
        return convert(measured.value, unit, self.wanted)

    def _refuse_unit(self, text: str, unit: Unit) -> None:
        shares = self.quantity.unit.startswith("share/")
        if unit.dimension == self.wanted.dimension and not (shares and unit.size != self.wanted.size):
            return
        message = f"'{shorten(text)}' is in {unit.text}; expected "
        if shares:
            raise NotANumber(message + self.quantity.unit)
        machine = unit.text == "USD/hour" and "GPU" in self.wanted.text
        hint = "; for a machine of 8 GPUs write '10.24 USD/hour / 8 GPU'" if machine else ""
        raise NotANumber(message + allowed(self.wanted) + hint)

    def _refuse_percent(self, steps: Sequence[Step]) -> None:
        """Refuse a percentage if the quantity is no share, except as a factor."""
        percent = next((step for step in steps if isinstance(step, Literal) and step.percent), None)
        if percent is None or self.quantity.is_share:
            return
        if run([step for step in steps if step != "neg"], lambda literal: literal.percent, _of_percent):
            message = f"'{shorten(percent.text)}': a percentage is allowed only for shares"
            raise NotANumber(f"{message}, or as a factor, as in 5000 * 10%")

    def _range(self, text: str, first: Sequence[Step], last: Sequence[Step]) -> Amount:
        one, two = _alone(first), _alone(last)
        unit = self.stated or self.wanted
        low = in_range(self._value(text, first, (two and two.unit) or unit))
        high = in_range(self._value(text, last, (one and one.unit) or unit))
        if one and two and one.plain and two.percent and not low < high and low / 100 < high:
            low /= 100  # 30 to 60%
        elif one and two and one.plain and two.percent and 0 != low < high:
            message = f"'{shorten(text)}' has a percent sign at one end alone"
            raise NotANumber(message, _completed(text))
        if not low < high:
            raise NotANumber(f"a range goes from low to high, got '{shorten(text)}'", _completed(text))
        if one and two and one.plain and two.scaled and high > 1000 * low > 0:
            wide = NotANumber(f"'{shorten(text)}' spans a factor of {high / low:.3g}", _completed(text))
            suggested = wide.with_suggestion(self._amount)
            if suggested is not wide:
                raise suggested
        centre = math.sqrt(low) * math.sqrt(high) if low > 0 else (low + high) / 2
        return Amount(centre, low, high)

    def _refuse_beyond(self, amount: Amount, text: str) -> None:
        for end in amount.ends if self.bounded else ():
            if fault := out_of_bounds(end, self.quantity):
                share = self.quantity.is_share and 1 < end <= 100
                raise NotANumber(fault, [f"{'% to '.join(_TO.split(text))}%"] if share else ())

    def _ask(self, amount: Amount, text: str, rate: float, units: set[str]) -> None:
        """Question a very low or high price, unless it says that it is per million tokens."""
        money = amount.currency or "USD"
        odd = [end * rate for end in amount.ends if end and not CHEAPEST <= abs(end * rate) <= DEAREST]
        if not odd or (units or {self.stated.text if self.stated else ""}) == {f"{money}/Mtok"}:
            return
        cheap, bare = abs(odd[0]) < CHEAPEST, _TRAILING_UNIT.sub("", text)
        message = f"{odd[0]:.12g} USD/Mtok is " + (f"below {CHEAPEST}" if cheap else f"above {DEAREST:,.0f}")
        written = bool(units or self.stated)
        unit = f"{money}/{'tok' if cheap else 'Mtok' if written else 'Btok'}"
        worked_out = written or _ARITHMETIC.search(text)  # a unit after it would be that of its last number
        anyway = f"write '{f'{amount.value:.12g}' if worked_out else text} {money}/Mtok'"
        hint = f"if it is right, {anyway}"
        try:
            likely = self._replace(stated=unit_of(unit))._amount(bare)[0]
            meant, same = f"{bare} {unit}", f", which is {likely.value:.6g} {money}/Mtok"
            if _ARITHMETIC.search(bare):
                meant, same = same.removeprefix(", which is "), ""
            hint = f"did you mean '{meant}'{'' if unit.endswith('Mtok') else same}? If not, {anyway}"
        except NotANumber:
            pass
        raise NotANumber(message, hint=hint)


def _alone(steps: Sequence[Step]) -> Literal | None:
    """Return the only number of an expression, signed or not; None for arithmetic."""
    first = steps[0]
    return first if isinstance(first, Literal) and (len(steps) == 1 or list(steps[1:]) == ["neg"]) else None


def _measure(literal: Literal) -> Measure:
    """Return a number in base units; a currency alone is an amount of money."""
    if literal.unit is None:
        return Measure(literal.value, (("USD", 1),) if literal.currency else ())
    return Measure(convert(literal.value, literal.unit, Unit("", (1, 1), ())), literal.unit.dimension)


def _apply(text: str, operator: str, left: Any, right: Any) -> Any:
    """Apply an operator; refuse overflow and underflow."""
    if operator in "+-":
        return left + right if operator == "+" else left - right
    one, other = (float(getattr(side, "value", side)) for side in (left, right))
    if operator == "/" and other == 0:
        raise NotANumber(f"divides by zero: '{shorten(text)}'")
    result = left * right if operator == "*" else left / right
    size = float(getattr(result, "value", result))
    if not math.isfinite(size):
        raise NotANumber(TOO_LARGE)
    if size == 0 and one != 0 and (operator == "/" or other != 0):
        raise NotANumber(TOO_SMALL)
    return result


def _of_percent(operator: str, left: bool, right: bool) -> bool:
    """Whether a result is a percentage: a product is if both sides are, a quotient if its dividend is."""
    return (left and right) if operator == "*" else left if operator == "/" else (left or right)


def _refuse_words(text: str) -> None:
    """Refuse texts that YAML would read as something else, and those that cannot be a number."""
    check_length(text)
    lowered = text.lower()
    if not text:
        raise NotANumber("a number is missing")
    if lowered.lstrip("+-") in _NOT_FINITE:
        raise NotANumber(f"must be a finite number, got '{text}'")
    if lowered in _BOOLEANS:
        raise NotANumber(f"expected a number, got the boolean '{text}'")
    if _DATE.fullmatch(text):
        raise NotANumber(f"expected a number, got the date '{shorten(text)}'")
    if _CLOCK.fullmatch(text):
        raise NotANumber(f"expected a number, got '{text}', which reads as a time of day")


def rough_ends(text: str) -> tuple[str, str] | None:
    """Return the ends of a possible range in another spelling, such as 300-1500 or `between 300 and 1500`."""
    words = text.strip().removeprefix("between ")
    parts = _OTHER_TO.split(words) if words == text.strip() else words.split(" and ")
    low, high = (parts[0].strip(), parts[1].strip()) if len(parts) == 2 else ("", "")
    return (low, high) if low and high and len(text) <= MAX_LENGTH else None


def rise(low: str, high: str, quantity: Quantity) -> bool:
    """Whether two texts are numbers of which the second is higher."""
    read = partial(parse_number, quantity=quantity, bounded=False)
    try:
        return read(low) < read(high)
    except NotANumber:
        return False


def _respelled(text: str) -> list[str]:
    ends, loss = rough_ends(text), _LOSS.fullmatch(text)
    found = [*_completed(" to ".join(ends)), " to ".join(ends)] if ends else []
    inner = "".join(loss.groups()) if loss else ""
    found += [f"({inner})", inner] if loss else []  # $(11.5B) as ($11.5B)
    signed = _LATE_SIGN.sub(r"-\1", _DASHES.sub("-", text))  # –2B as -2B, $-2B as -$2B
    other = signed.lstrip("~≈ ").replace(".", "," if text.count(".") > 1 else ".")  # 3.000.000 as 3,000,000
    return found if other == text else [*found, other]


def _completed(text: str) -> list[str]:
    """Return a range with the suffix of one end copied to the other: `30 to 60%` as `30% to 60%`."""
    ends = _TO.split(text)
    if len(ends) != 2:
        return []
    behind = [_DIGITS.sub("", end) for end in ends]
    bare = [end[-1:].isdigit() for end in ends]
    found = [f"{ends[0]}{behind[1]} to {ends[1]}"] if bare[0] and behind[1] else []
    return found + ([f"{ends[0]} to {ends[1]}{behind[0]}"] if bare[1] and behind[0] else [])

"""What people write for a number: `3.7B`, `27%`, `$1,300`, `2664k + 119k + 5k`, `300 to 1500`."""

from __future__ import annotations

import math
import re
from typing import Final, NamedTuple

SUFFIXES: Final = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
LARGEST: Final = 1e30
SMALLEST: Final = 1e-30
MAX_LENGTH: Final = 200
_TOO_LARGE: Final = f"is too large; the limit is {LARGEST:.0e}"
_TOO_SMALL: Final = f"is too close to zero; the limit is {SMALLEST:.0e}"
MAX_PARENTHESES: Final = 30

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<operator>[-+*/()])
      | (?P<number>\$?(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+(?:_\d+)*)?(?:\.\d+(?:_\d+)*|\.(?!\w))?
            (?:(?<=[\d.])[eE][+-]?\d+)?)
        (?P<suffix>\s?%|\s?[A-Za-z]+)?
    )""",
    re.VERBOSE,
)
_PLAIN: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?", re.ASCII)
_RANGE: Final = re.compile(r"^(?P<low>.+?)\s+to\s+(?P<high>.+)$", re.DOTALL)
_OTHER_RANGE: Final = re.compile(
    r"(?P<low>\$?\d[\d.,_]*?[kMBT%]?)\s*(?:-|–|—|\.\.+)\s*(?P<high>\$?\d[\d.,_]*[kMBT%]?)"
)
_NOT_FINITE: Final = frozenset({".inf", "inf", "infinity", ".nan", "nan"})
_BOOLEANS: Final = frozenset({"true", "false", "yes", "no", "on", "off"})
_DATE: Final = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?$")
_CLOCK: Final = re.compile(r"^\d{1,2}(:\d{2})+$")


class NotANumber(ValueError):
    """The text is no number that is allowed here; the message says why."""


class Amount(NamedTuple):
    """A number as written: its value, its 90 % interval if it has one, its arithmetic if it has any."""

    value: float
    low: float | None = None
    high: float | None = None
    text: str | None = None


def parse_amount(text: str, *, percent: bool) -> Amount:
    """Read a number, literal arithmetic, or a range `LOW to HIGH`.

    The value of a range is the geometric mean of its ends where both are positive, else the
    arithmetic mean. `percent` tells whether `27%` is allowed.

    Raises:
        NotANumber: saying what is wrong with it.
    """
    stripped = text.strip()
    if len(stripped) > 2 * MAX_LENGTH:
        raise NotANumber(f"is longer than {MAX_LENGTH} characters")
    both = _RANGE.match(stripped)
    if both is None:
        value, arithmetic = _expression(stripped, percent)
        return Amount(value, text=stripped if arithmetic else None)
    low, worked_out = _expression(both["low"], percent)
    high, _ = _expression(both["high"], percent)
    if not low < high:
        forgotten = _forgotten_suffix(both["low"], both["high"], low, high)
        raise NotANumber(f"a range goes from low to high, got '{shorten(stripped)}'{forgotten}")
    if both["high"].endswith("%") and low > 0 and not worked_out:
        forgotten = _forgotten_suffix(both["low"], both["high"], low, high)
        if forgotten:
            raise NotANumber(f"'{shorten(stripped)}' has a percent sign at one end alone{forgotten}")
    if high > 1000 * low > 0 and (forgotten := _forgotten_suffix(both["low"], both["high"], low, high)):
        raise NotANumber(f"'{shorten(stripped)}' spans a factor of {high / low:.3g}{forgotten}")
    centre = math.sqrt(low) * math.sqrt(high) if low > 0 else (low + high) / 2
    return Amount(centre, low, high, stripped)


def parse_number(text: str, *, percent: bool) -> float:
    """Read one number or literal arithmetic, no range.

    Raises:
        NotANumber: saying what is wrong with it.
    """
    stripped = text.strip()
    if len(stripped) <= 2 * MAX_LENGTH and _RANGE.match(stripped):
        raise NotANumber(f"expected one number, got the range '{shorten(stripped)}'")
    return _expression(stripped, percent)[0]


def range_meant(text: str) -> str:
    """Suggest `LOW to HIGH` for a range that is written otherwise: 300-1500, 300–1500, 300..1500."""
    ends = _OTHER_RANGE.fullmatch(text.strip())
    return f"; did you mean '{shorten(ends['low'])} to {shorten(ends['high'])}'?" if ends else ""


def _forgotten_suffix(low: str, high: str, low_value: float, high_value: float) -> str:
    """Suggest the suffix of the high end for the low one, where that makes a range."""
    suffix = high.strip()[-1:]
    factor = {**SUFFIXES, "%": 0.01}.get(suffix)
    if factor and low.strip()[-1:].isdigit() and low_value * factor < high_value:
        return f"; did you mean '{shorten(f'{low.strip()}{suffix} to {high.strip()}', 80)}'?"
    return ""


def _expression(text: str, percent: bool) -> tuple[float, bool]:
    """Return the value of literal arithmetic, and whether there is any arithmetic in it."""
    if _PLAIN.fullmatch(text):  # most numbers; the rest of this is for what people also write
        return _in_range(float(text)), False
    lowered = text.lower()
    if not text:
        raise NotANumber("a number is missing")
    if len(text) > MAX_LENGTH:
        raise NotANumber(f"is longer than {MAX_LENGTH} characters")
    if lowered.lstrip("+-") in _NOT_FINITE:
        raise NotANumber(f"must be a finite number, got '{text}'")
    if lowered in _BOOLEANS:
        raise NotANumber(f"expected a number, got the boolean '{text}'")
    if _DATE.match(text):
        raise NotANumber(f"expected a number, got the date '{shorten(text)}'")
    if _CLOCK.match(text):
        raise NotANumber(f"expected a number, got '{text}', which reads as a time of day")
    parser = _Parser(text, percent)
    return _in_range(parser.parse()), parser.arithmetic


def _in_range(value: float) -> float:
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise NotANumber(_TOO_LARGE)
    if 0 < abs(value) < SMALLEST:
        raise NotANumber(_TOO_SMALL)
    return value


class _Parser:
    """Recursive descent over `+ - * / ( )`; there are no names, calls or powers."""

    def __init__(self, text: str, percent: bool) -> None:
        self.text = text
        self.percent = percent
        self.tokens = self._tokenize()
        self.at = 0
        self.depth = 0
        signs = 1 if self.tokens[:1] in (["-"], ["+"]) else 0
        self.arithmetic = len(self.tokens) > 1 + signs

    def _tokenize(self) -> list[float | str]:
        tokens: list[float | str] = []
        at = 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if match is None or match.end() == at:
                self._refuse(at)
            assert match is not None
            if match["operator"]:
                tokens.append(match["operator"])
            elif not any(sign.isdigit() for sign in match["number"]):
                self._refuse(at)
            else:
                if tokens and isinstance(tokens[-1], float):
                    raise NotANumber(f"expected an operator in '{shorten(self.text)}'")
                tokens.append(self._number(match["number"], (match["suffix"] or "").strip()))
            at = match.end()
            if not self.text[at:].strip():
                break
        return tokens

    def _refuse(self, at: int) -> None:
        rest = self.text[at:].strip()
        hint = ""
        if rest.startswith(","):
            hint = "; commas separate thousands only, as in 1,300"
        elif any(sign.isdigit() for sign in self.text):
            hint = "; allowed are digits with k, M, B, T or %, and + - * / ( )"
        raise NotANumber(f"expected a number, got '{shorten(self.text)}'{hint}")

    def _number(self, digits: str, suffix: str) -> float:
        plain = digits.lstrip("$").replace(",", "").replace("_", "")
        if len(plain) > 1 and plain[0] == "0" and plain[1].isdigit():
            raise NotANumber(f"'{digits}' has a leading zero, which YAML reads as octal")
        value = float(plain)
        if value == 0 and re.search("[1-9]", re.split("[eE]", plain)[0]):
            raise NotANumber(_TOO_SMALL)
        if suffix == "%":
            if not self.percent:
                raise NotANumber(f"'{digits}%': a percentage is allowed only for shares")
            return _in_range(value / 100)
        if not suffix:
            return _in_range(value)
        factor = SUFFIXES.get(suffix)
        if factor is None:
            known = next((sign for sign in SUFFIXES if sign.lower() == suffix.lower()), None)
            hint = f"; did you mean '{digits}{known}'?" if known else "; a unit belongs in 'unit:'"
            raise NotANumber(
                f"unknown suffix '{suffix}' in '{shorten(self.text)}', allowed are k, M, B, T and %{hint}"
            )
        return _in_range(value * factor)

    def parse(self) -> float:
        value = self._sum()
        if self._peek() == ")":
            raise NotANumber(f"a '(' is missing in '{shorten(self.text)}'")
        if self.at < len(self.tokens):
            raise NotANumber(f"expected an operator in '{shorten(self.text)}'")
        return value

    def _peek(self) -> float | str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _sum(self) -> float:
        value = self._product()
        while self._peek() in ("+", "-"):
            operator = self._take()
            other = self._product()
            value = value + other if operator == "+" else value - other
        return value

    def _product(self) -> float:
        value = self._factor()
        while self._peek() in ("*", "/"):
            operator = self._take()
            other = self._factor()
            if operator == "/" and other == 0:
                raise NotANumber(f"divides by zero: '{shorten(self.text)}'")
            vanishes = value != 0 and (operator == "/" or other != 0)
            value = value * other if operator == "*" else value / other
            if not math.isfinite(value):
                raise NotANumber(_TOO_LARGE)
            if value == 0 and vanishes:
                raise NotANumber(_TOO_SMALL)
        return value

    def _take(self) -> float | str:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def _factor(self) -> float:
        if self._peek() is None:
            raise NotANumber(f"expected a number at the end of '{shorten(self.text)}'")
        token = self._take()
        if isinstance(token, float):
            return token
        self.depth += 1
        if self.depth > MAX_PARENTHESES:
            raise NotANumber(f"is nested deeper than {MAX_PARENTHESES} levels")
        if token == "(":
            value = self._sum()
            if self._peek() != ")":
                raise NotANumber(f"a ')' is missing in '{shorten(self.text)}'")
            self._take()
        elif token in ("+", "-"):
            value = self._factor() if token == "+" else -self._factor()
        else:
            raise NotANumber(f"expected a number before '{token}' in '{shorten(self.text)}'")
        self.depth -= 1
        return value


def shorten(text: str, most: int = 40) -> str:
    """Return a text fit to be quoted in a message: one line, no control characters, not too long."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"

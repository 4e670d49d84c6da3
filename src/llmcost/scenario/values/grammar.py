"""The one grammar of numbers: literals with scale and unit, names, + - * / ^ ( ), and `LOW to HIGH`.

    range   = sum ["to" sum]
    sum     = product {("+" | "-") product}
    product = signed {("*" | "/") signed}
    signed  = ("+" | "-") signed | atom ["^" signed]
    atom    = literal | name | "(" sum ")" | ("min" | "max") "(" sum "," sum ")"
    literal = [currency] digits [scale | "%" | "x"] [unit | currency]

Names, powers, min and max are for expressions over metrics, ranges for amounts. A text is scanned once,
from left to right, and one that is too long is not looked at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from llmcost.records import NamedTuple
from llmcost.scenario.values.units import SYMBOLS, Unit, currency_of, is_word, known_words, unit_of

SCALES: Final = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_SCALE_WORDS: Final = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12} | {
    "mn": 1e6,
    "mio": 1e6,
    "bn": 1e9,
    "tn": 1e12,
}
LARGEST: Final = 1e30
SMALLEST: Final = 1e-30
MAX_LENGTH: Final = 200
MAX_PARENTHESES: Final = 30
TOO_LARGE: Final = f"is too large; the limit is {LARGEST:.0e}"
TOO_SMALL: Final = f"is too close to zero; the limit is {SMALLEST:.0e}"

_DIGITS: Final = re.compile(
    r"(?P<whole>\d+(?:[,_]\d+)*)?(?:\.(?P<part>\d+(?:_\d+)*)?)?(?P<exponent>[eE][+-]?\d+)?", re.ASCII
)
_WORD: Final = re.compile(r"[A-Za-z]+|[×€£¥₹$]")
NAME: Final = re.compile(r"[A-Za-z_][\w.]*", re.ASCII)
"""A name in arithmetic."""
METRIC: Final = re.compile(r"[a-z_]+\.[a-z_]\w*", re.ASCII)
"""A text that can only be the name of a quantity."""
_SPACE: Final = re.compile(r"\s*")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+", re.ASCII)
_MULTIPLE: Final = ("x", "×")
_SPACED: Final = re.compile(r"(?<=\d)\s(?=\d{3}(?!\d))", re.ASCII)
_FACTOR: Final = re.compile(r"\s*[\d.($]")
_ALLOWED: Final = "allowed are digits with k, M, B, T or %, a unit, and + - * / ( )"
_COMMAS: Final = "commas separate thousands only, as in 1,300"


class NotANumber(ValueError):
    """The text is not a number that is allowed here; the message says why.

    `meant` are suggestions, the likeliest first; `hint` is for when none of them would be accepted either.
    """

    def __init__(self, message: str, meant: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message + (f"; {hint}" if hint else ""))
        self.message = message
        self.meant = tuple(meant)

    def with_suggestion(self, accepts: Callable[[str], object], *more: str) -> NotANumber:
        """Return the error with the first suggestion that would be accepted; unchanged if none would."""
        message = self.message.partition("; did you mean")[0]
        for text in (*self.meant, *more):
            try:
                if len(text) <= 80 and text.isprintable():
                    accepts(text)
                    return NotANumber(f"{message}; did you mean '{text}'?")
            except NotANumber:
                continue
        return self


class Literal(NamedTuple):
    """A number as written.

    Attributes:
        value: the number, with its scale or percent sign applied.
        step: the value of one in its last digit: 0.1M for 5.6M.
        text: how it was written.
        percent, scaled, multiple: whether it has a percent sign; k, M, B, T; an x.
        unit: its unit; None where it has none, or a currency alone.
        currency: the code of its currency, if it has one.
        bracketed: whether it stands in parentheses by itself, as accountants write a loss.
    """

    value: float
    step: float
    text: str
    percent: bool = False
    scaled: bool = False
    multiple: bool = False
    unit: Unit | None = None
    currency: str | None = None
    bracketed: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is digits and nothing else."""
        return not (self.percent or self.scaled or self.multiple or self.unit or self.currency)


class Name(str):
    """A name in an expression."""

    __slots__ = ()


Step = Literal | Name | str
"""A step of a stack machine: literals and names are pushed, operators (`neg` negates) pop their operands."""


@lru_cache(maxsize=2048)  # files often contain the same texts
def parse(text: str, *, names: bool = False, ranges: bool = False) -> tuple[tuple[Step, ...], ...]:
    """Return the steps of a text in postfix order; for a range, those of each end.

    Raises:
        NotANumber: saying what is wrong with it.
    """
    return _Parser(text, names).parse(ranges)


def run(steps: Sequence[Step], put: Callable[[Any], Any], apply: Callable[[str, Any, Any], Any]) -> Any:
    """Run steps on any kind of number: `put` makes one, `apply` applies + - * / ^."""
    stack: list[Any] = []
    for step in steps:
        if isinstance(step, Literal | Name):
            stack.append(put(step))
        elif step == "neg":
            stack.append(-stack.pop())
        else:
            right = stack.pop()
            stack.append(apply(step, stack.pop(), right))
    return stack[0]


def check_length(text: str) -> None:
    """Refuse a text that is too long to parse.

    Raises:
        NotANumber: saying so.
    """
    if len(text) > MAX_LENGTH:
        raise NotANumber(f"is longer than {MAX_LENGTH} characters")


def in_range(value: float) -> float:
    """Return a number, unless it is too large or too close to zero.

    Raises:
        NotANumber: saying so.
    """
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise NotANumber(TOO_LARGE)
    if 0 < abs(value) < SMALLEST:
        raise NotANumber(TOO_SMALL)
    return value


def shorten(text: str, most: int = 40) -> str:
    """Return a text that is safe to quote: one line, no control characters, not too long."""
    shown = "".join(character if character.isprintable() else " " for character in text[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"


class _Scanner:
    """Splits a text into literals, names and operators."""

    def __init__(self, text: str, names: bool) -> None:
        self.text = text
        self.names = names
        self.at = 0

    def tokens(self) -> list[Step]:
        found: list[Step] = []
        self._skip()
        while self.at < len(self.text):
            start = self.at
            character = self.text[start]
            word = self._word() if found else ""
            name = NAME.match(self.text, start) if self.names else None
            if character in "+-*/()×" or (character in "^," and self.names):
                found.append("*" if character == "×" else character)
                self.at += 1
            elif name:
                found.append(Name(name[0]))
                self.at = name.end()
            elif word == "to" or word == "per" or (word == "x" and self.text[start - 1].isspace()):
                found.append({"per": "/", "x": "*"}.get(word, word))
                self.at += len(word)
            else:
                found.append(self._literal(start, found[-1] if found else ""))
            self._skip()
        return found

    def _skip(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _word(self) -> str:
        """Return the word at this place; in an expression, not the beginning of a name."""
        found = _WORD.match(self.text, self.at)
        dotted = found and self.names and self.text[found.end() : found.end() + 1] in (".", "_")
        return found[0] if found and not dotted else ""

    def _literal(self, start: int, before: Step) -> Literal:
        sign = next((sign for sign in ("US$", *SYMBOLS) if self.text.startswith(sign, start)), "")
        if not sign and currency_of(self._word()):
            sign = self._word()
        currency = currency_of(sign.removeprefix("US")) if sign else None
        self.at += len(sign)
        if sign:
            self._skip()
        digits = _DIGITS.match(self.text, self.at)
        if digits and (digits["whole"] or digits["part"]):
            if isinstance(before, Literal):
                joined = _SPACED.sub("", self.text)
                raise NotANumber(f"expected an operator in '{shorten(self.text)}'", [joined])
            self.at = digits.end()
            value, step = _value(digits[0], digits["whole"] or "", digits["part"] or "", digits["exponent"])
        elif before == "/" and self._word().lower() in _SCALE_WORDS:  # per million tokens
            value, step = 1.0, 1.0
        else:
            raise self._refusal(start)
        literal = self._unit(self._suffix(Literal(value, step, "", currency=currency)), start)
        in_range(literal.value)
        return literal._replace(text=self.text[start : self.at].strip())

    def _suffix(self, literal: Literal) -> Literal:
        """Read a scale, a percent sign or an x, if one follows."""
        end = self.at
        self._skip()
        word = self._word()
        factor = SCALES.get(word) or _SCALE_WORDS.get(word.lower())
        if self.text.startswith("%", self.at):
            self.at += 1
            return literal._replace(value=literal.value / 100, step=literal.step / 100, percent=True)
        if factor is not None:
            self.at += len(word)
            return literal._replace(value=literal.value * factor, step=literal.step * factor, scaled=True)
        if word in _MULTIPLE and not _FACTOR.match(self.text, self.at + 1):
            self.at += 1
            return literal._replace(multiple=True)
        self.at = end
        return literal

    def _unit(self, literal: Literal, start: int) -> Literal:
        """Read a unit or a currency, if one follows."""
        end = self.at
        self._skip()
        word = self._word()
        if word in ("", "to", "per", "a", *_MULTIPLE):
            spelled = literal.currency or ""
            self.at = end
        elif is_word(word):
            spelled = f"{literal.currency}-{word}" if literal.currency else word
            self.at += len(word)
        else:
            raise self._unknown(word)
        while (link := self._link()) is not None:
            spelled += ("1" if not spelled else "") + link
        if not spelled:
            return literal
        money = currency_of(spelled)
        unit = None if money else unit_of(spelled)
        return literal._replace(unit=unit, currency=money or (unit and unit.currency))

    def _link(self) -> str | None:
        """Read `/Mtok`, `per Mtok` or `-hour`, if it follows; in a unit only."""
        before = self.at
        self._skip()
        spaced = self.at > before
        slash = next((sign for sign in "/-" if self.text.startswith(sign, self.at)), "")
        per = self._word() if self._word() in ("per", "a") else ""
        self.at += len(per or slash)
        gap = self.at
        self._skip()
        word = self._word()
        loose = slash == "-" and (spaced or self.at > gap)
        if (slash or per) and not loose and is_word(word) and word not in _MULTIPLE:
            self.at += len(word)
            return ("-" if slash == "-" else "/") + word
        self.at = before
        return None

    def _unknown(self, word: str) -> NotANumber:
        from difflib import get_close_matches

        known = (*SCALES, *known_words())
        alike = [name for name in known if name.lower() == word.lower()]
        alike += get_close_matches(word[:20], known, n=3, cutoff=0.7)
        before, after = self.text[: self.at], self.text[self.at + len(word) :]
        meant = [f"{before.rstrip() if name in SCALES else before}{name}{after}" for name in alike]
        message = f"unknown suffix or unit '{shorten(word)}' in '{shorten(self.text)}'"
        return NotANumber(
            message, meant, "allowed are k, M, B, T, %, and units such as tok/day, USD/Mtok, GB"
        )

    def _refusal(self, at: int) -> NotANumber:
        rest = self.text[at:].strip()
        if self.names:
            message = f"cannot be read from '{shorten(rest)}' on"
            return NotANumber(
                message, hint="allowed are metrics, numbers, + - * / ^ ( ), min(a, b), max(a, b)"
            )
        hint = _ALLOWED if any(character.isdigit() for character in self.text) else ""
        hint = _COMMAS if rest.startswith(",") else hint
        return NotANumber(f"expected a number, got '{shorten(self.text)}'", hint=hint)


def _value(text: str, whole: str, part: str, exponent: str | None) -> tuple[float, float]:
    """Return the value of digits, and the value of one in the last of them."""
    if "," in whole and not _THOUSANDS.fullmatch(whole):
        raise NotANumber(f"expected a number, got '{shorten(text)}'", hint=_COMMAS)
    if len(whole) > 1 and whole[0] == "0":
        raise NotANumber(f"'{shorten(text)}' has a leading zero, which YAML reads as octal")
    power = int(exponent[1:]) if exponent and len(exponent) < 6 else 0
    if exponent and (len(exponent) >= 6 or abs(power) > 300):
        raise NotANumber(TOO_SMALL if exponent[1] == "-" else TOO_LARGE)
    value = float(text.replace(",", "").replace("_", ""))
    if value == 0 and (whole + part).strip("0,_"):
        raise NotANumber(TOO_SMALL)
    step = float(f"1e{power - len(part.replace('_', ''))}")
    return value, step


class _Parser:
    """A recursive-descent parser; its output is `steps`."""

    def __init__(self, text: str, names: bool) -> None:
        check_length(text)
        self.text = text
        self.names = names
        self.tokens = _Scanner(text, names).tokens()
        self.at = 0
        self.depth = 0
        self.steps: list[Step] = []

    def parse(self, ranges: bool) -> tuple[tuple[Step, ...], ...]:
        found = [self._end()]
        if self._peek() == "to" and ranges:
            self.at += 1
            found.append(self._end())
        left = self._peek()
        if left == ")":
            raise NotANumber(f"a '(' is missing in '{shorten(self.text)}'")
        if left is not None:
            raise NotANumber(f"expected an operator in '{shorten(self.text)}'")
        return tuple(found)

    def _end(self) -> tuple[Step, ...]:
        self.steps = []
        self._sum()
        return tuple(self.steps)

    def _peek(self) -> Step | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _take(self) -> Step:
        if self.at == len(self.tokens):
            what = "metric" if self.names else "number"
            raise NotANumber(f"expected a {what} at the end of '{shorten(self.text)}'")
        self.at += 1
        return self.tokens[self.at - 1]

    def _binary(self, operators: tuple[str, ...], operand: str) -> None:
        read = self._signed if operand == "signed" else self._product
        start = len(self.steps)
        read()
        while self._peek() in operators:
            operator = str(self._take())
            middle = len(self.steps)
            read()
            if operand == "product":
                self._refuse_loss(start, middle)
            self.steps.append(operator)

    def _refuse_loss(self, start: int, middle: int) -> None:
        for side in (self.steps[start:middle], self.steps[middle:]):
            if len(side) == 1 and isinstance(side[0], Literal) and side[0].bracketed:
                shown = side[0].text
                message = f"'({shown})' in a sum may mean a loss or not"
                raise NotANumber(f"{message}; write '- {shown}' or '+ {shown}'")

    def _sum(self) -> None:
        self._binary(("+", "-"), "product")

    def _product(self) -> None:
        self._binary(("*", "/"), "signed")

    def _signed(self) -> None:
        self.depth += 1
        if self.depth > MAX_PARENTHESES:
            raise NotANumber(f"is nested deeper than {MAX_PARENTHESES} levels")
        sign = self._peek()
        if sign in ("+", "-"):
            self.at += 1
            start = len(self.steps)
            self._signed()
            first = self.steps[start]
            if isinstance(first, Literal):  # an explicit sign: parentheses then mean nothing
                self.steps[start] = first._replace(bracketed=False)
            if sign == "-":
                self.steps.append("neg")
        else:
            self._atom()
            if self._peek() == "^":
                self.at += 1
                self._signed()
                self.steps.append("^")
        self.depth -= 1

    def _atom(self) -> None:
        token = self._take()
        if token in ("min", "max") and self._peek() == "(":
            self.at += 1
            self._sum()
            self._expect(",")
            self._sum()
            self._expect(")")
            self.steps.append(str(token))
        elif isinstance(token, Literal | Name):
            self.steps.append(token)
        elif token == "(":
            start = len(self.steps)
            self._sum()
            self._expect(")")
            inner = self.steps[start]
            if len(self.steps) == start + 1 and isinstance(inner, Literal):
                self.steps[start] = inner._replace(bracketed=True)
        else:
            what = "metric" if self.names else "number"
            raise NotANumber(f"expected a {what} before '{token}' in '{shorten(self.text)}'")

    def _expect(self, mark: str) -> None:
        if self._peek() != mark:
            raise NotANumber(f"a '{mark}' is missing in '{shorten(self.text)}'")
        self.at += 1

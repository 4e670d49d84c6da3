"""What is claimed, `about 30` or `between 10 and 100`: the values for which it is true."""

from __future__ import annotations

import re
from functools import partial
from typing import Final, NamedTuple

from llmcost.scenario.values.number import NotANumber, parse_number, shorten

RELATIONS: Final = ("about", "between", "more than", "less than", "at least", "at most")
_DIGITS: Final = re.compile(r"^[-+]?\$?[\d,_]*(?:\.(?P<decimals>\d*))?(?:[eE](?P<exponent>[-+]?\d+))?")
_SUFFIX: Final = re.compile(r"\s*[kMBT%]?\s*[x×]?")
_ENDS: Final = re.compile(r"(?P<low>\$?\d[\d.,_]*?[kMBT%x×]?)\s*(?:-|–|\.\.|\bto\b)\s*(?P<high>\$?\.?\d.*)")
_SIGN: Final = re.compile(r"(?P<sign>[<>]=?)\s*(?P<number>.+)")
_WORDS: Final = {">": "more than", "<": "less than", ">=": "at least", "<=": "at most"}
ABOUT: Final = 0.10
"""How far `about` reaches to either side, where no `within` says."""


class Claimed(NamedTuple):
    """The values for which a claim is true: from `low` to `high`, None where there is no end.

    `strict` tells whether the ends themselves are left out.
    """

    text: str
    low: float | None
    high: float | None
    strict: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value is what is claimed; ends are met to a part in a billion."""
        return not self._beyond(self.low, value, 1) and not self._beyond(self.high, value, -1)

    def _beyond(self, end: float | None, value: float, side: int) -> bool:
        if end is None:
            return False
        room = 1e-9 * max(abs(end), abs(value))
        distance = side * (value - end)
        return distance <= room if self.strict else distance < -room


def parse_claimed(text: str, *, within: float | None = None, percent: bool = True) -> Claimed:
    """Read what is claimed.

    `about 30` reaches 10 % to either side, or as far as `within` says; a number by itself, such as 53 or
    5.6M, stands for all that rounds to it as it is written; the rest is `between 10 and 100`,
    `more than`, `less than`, `at least` and `at most`.

    Raises:
        NotANumber: saying what is wrong with it.
    """
    plain = " ".join(text.split())
    word = next((word for word in RELATIONS if plain.startswith(f"{word} ")), None)
    rest = plain.removeprefix(word or "").strip()
    number = partial(_number, percent=percent)
    if word == "between":
        low, found, high = rest.partition(" and ")
        if not found:
            raise NotANumber(f"expected 'between LOW and HIGH', got '{shorten(plain)}'")
        ends = number(low), number(high)
        if not ends[0] < ends[1]:
            raise NotANumber(f"'between' goes from low to high, got '{shorten(plain)}'")
        claimed = Claimed(plain, *ends)
    elif word in ("more than", "at least"):
        claimed = Claimed(plain, number(rest), None, word == "more than")
    elif word in ("less than", "at most"):
        claimed = Claimed(plain, None, number(rest), word == "less than")
    else:
        value = number(rest)
        reach = abs(value) * (within if within is not None else ABOUT)
        if word is None and within is None:
            reach = _last_digit(rest) / 2
        return Claimed(plain, value - reach, value + reach)
    if within is not None:
        raise NotANumber("'within' belongs to 'about' or to a number by itself")
    return claimed


def _number(text: str, percent: bool) -> float:
    plain = text.strip()
    hint = _meant(plain, percent)
    # `2-3` is arithmetic that comes to -1, and is never meant as such.
    if hint and not _SIGN.fullmatch(plain):
        raise NotANumber(f"expected one number, got the range '{shorten(plain)}'{hint}")
    try:
        return parse_number(plain[:-1] if plain[-1:] in ("x", "×") else plain, percent=percent)
    except NotANumber as error:
        raise NotANumber(f"{error}{hint}") from None


def _meant(text: str, percent: bool) -> str:
    """Suggest the wording for what is written as a range or with a sign.

    What falls from one end to the other, as 8.7B - 5.0B does, is no range and a difference.
    """
    sign, ends = _SIGN.fullmatch(text), _ENDS.fullmatch(text)
    if sign:
        return f"; did you mean '{_WORDS[sign['sign']]} {shorten(sign['number'])}'?"
    if ends and not _falls(ends["low"], ends["high"], percent):
        return f"; did you mean 'between {shorten(ends['low'])} and {shorten(ends['high'])}'?"
    return ""


def _falls(low: str, high: str, percent: bool) -> bool:
    try:
        return _number(low, percent) > _number(high, percent)
    except NotANumber:
        return False


def _last_digit(text: str) -> float:
    """Return what one more in the last written digit amounts to: 0.1M for 5.6M."""
    match = _DIGITS.match(text)
    if match is None or not _SUFFIX.fullmatch(text[match.end() :]):
        raise NotANumber(f"expected one plain number, got '{shorten(text)}'")
    suffix = text[match.end() :].strip()
    size = _number("1" + suffix, True) if suffix.strip("x×") else 1.0
    return float(size * 10.0 ** (int(match["exponent"] or 0) - len(match["decimals"] or "")))

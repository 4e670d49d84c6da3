"""Claimed values, such as `about 30` or `between 10 and 100`, as ranges."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

from llmcost.engine.registry import Quantity
from llmcost.errors import closest
from llmcost.records import NamedTuple
from llmcost.scenario.values.grammar import Literal, NotANumber, parse, shorten
from llmcost.scenario.values.number import parse_amount, rise, rough_ends

RELATIONS: Final = ("about", "between", "more than", "less than", "at least", "at most")
_MEANT: Final = {
    "about": "~ ≈ around approx approx. approximately ca ca. circa nearly roughly some",
    "more than": "> above exceeds greater over",
    "less than": "< below fewer smaller under",
    "at least": ">= ≥ min minimum from",
    "at most": "<= ≤ max maximum up",
}
"""First words that people write in place of a relation."""
ABOUT: Final = 0.10
"""How far `about` reaches to either side, unless `within` says otherwise."""
CLOSE: Final = 1e-9
"""A value this close to an end, relative to the larger of the two, counts as equal to it."""


class Claimed(NamedTuple):
    """The values for which a claim is true: from `low` to `high`, None for no limit.

    `strict` says whether the ends are excluded.
    """

    text: str
    low: float | None
    high: float | None
    strict: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value is in the range; a value within `CLOSE` of an end counts as equal to it."""
        low, high = self.low, self.high
        if not self.strict and (low is None or low <= value) and (high is None or value <= high):
            return True
        return not self._beyond(low, value, 1) and not self._beyond(high, value, -1)

    def each(self, values: Iterable[float | None]) -> list[bool]:
        """Return `holds` for each value; False for None.

        Most values are far from the ends, so that two comparisons are enough.
        """
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        by_low, by_high = (2 * CLOSE * abs(end) if math.isfinite(end) else 0.0 for end in (low, high))
        least, first, last, most = low - by_low, low + by_low, high - by_high, high + by_high
        return [
            value is not None and (first < value < last or (least <= value <= most and self.holds(value)))
            for value in values
        ]

    def _beyond(self, end: float | None, value: float, side: int) -> bool:
        if end is None:
            return False
        distance = side * (value - end)
        if distance > 0 and not self.strict:
            return False
        room = CLOSE * max(abs(end), abs(value)) if math.isfinite(value) else 0.0
        return distance <= room if self.strict else distance < -room


def parse_claimed(text: str, *, within: float | None = None, unit: str = "") -> Claimed:
    """Read a claimed number in some unit.

    `about 30` reaches 10% to either side, or as far as `within` says; a number by itself, such as 53 or
    5.6M, stands for all that rounds to it as it is written; the rest is `10 to 100`, `between 10 and 100`,
    `more than`, `less than`, `at least` and `at most`.

    Raises:
        NotANumber: saying what is wrong with it, and where possible what was meant.
    """
    plain = " ".join(text.split())
    quantity = Quantity("claimed", unit, "", low=None)
    try:
        return _claimed(plain, within, quantity)
    except NotANumber as error:
        said = re.match(r"[^\d$€(-]*", plain)[0]  # type: ignore[index]
        first = said.casefold().split()[:1]
        meant = next((word for word, others in _MEANT.items() if first and first[0] in others.split()), "")
        rest = plain.removeprefix(said)
        text = f"{meant or closest(said.strip(), RELATIONS)} {rest}".strip()
        texts = text, re.sub(r" ?-?(times|fold)\b.*", "x", text), rest if " to " in rest else text
        raise error.with_suggestion(lambda other: _claimed(other, within, quantity), *texts) from None


def _claimed(plain: str, within: float | None, quantity: Quantity) -> Claimed:
    word = next((word for word in RELATIONS if plain.startswith(f"{word} ")), None)
    rest = plain.removeprefix(word or "").strip()
    if word == "between":
        low, found, high = rest.partition(" and ")
        if not found:
            raise NotANumber(f"expected 'between LOW and HIGH', got '{shorten(plain)}'")
        rest = f"{low} to {high}"
    amount = parse_amount(rest, quantity, rates={}, bounded=False)
    ends = rough_ends(rest) if amount.low is None else None
    if ends and rise(*ends, quantity):  # 2-3 is arithmetic, but never meant as such
        raise NotANumber(f"expected one number, got the range '{shorten(rest)}'", [" to ".join(ends)])
    value = amount.value
    if amount.low is not None and word in (None, "between"):
        claimed = Claimed(plain, amount.low, amount.high)
    elif amount.low is not None:
        raise NotANumber(f"expected one number, got the range '{shorten(rest)}'", [rest])
    elif word in ("more than", "at least"):
        claimed = Claimed(plain, value, None, word == "more than")
    elif word in ("less than", "at most"):
        claimed = Claimed(plain, None, value, word == "less than")
    else:
        reach = abs(value) * (within if within is not None else ABOUT)
        if word is None and within is None:
            reach = _last_digit(rest, value) / 2
        return Claimed(plain, value - reach, value + reach)
    if within is not None:
        raise NotANumber("'within' belongs to 'about' or to a number by itself")
    return claimed


def _last_digit(text: str, value: float) -> float:
    """Return the value of one in the last written digit, in the unit of `value`: 0.1M for 5.6M."""
    (steps,) = parse(text)
    number = steps[0]
    if not isinstance(number, Literal) or list(steps[1:]) not in ([], ["neg"]):
        raise NotANumber(f"expected one plain number, got '{shorten(text)}'")
    return number.step * (abs(value / number.value) if number.value else 1.0)

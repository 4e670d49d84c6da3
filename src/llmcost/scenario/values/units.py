"""Units as people write them, such as `tok/month`, `TB/s` and `EUR/month`, and their conversion."""

from __future__ import annotations

import math
import re
from collections.abc import Container
from functools import cache, lru_cache
from typing import Final

from llmcost.records import NamedTuple

Dimension = tuple[tuple[str, int], ...]
"""Base units with their powers, sorted by name."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_MONTH, _YEAR = _DAY * 365 // 12, _DAY * 365
_METRIC: Final = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_PLAIN: Final = (
    # spellings, beginning with that of the vocabulary; size; base units
    ("tok token tokens", 1, "tok"),
    ("ktok", 10**3, "tok"),
    ("Mtok", 10**6, "tok"),
    ("Btok Gtok", 10**9, "tok"),
    ("Ttok", 10**12, "tok"),
    ("second s sec secs seconds", 1, "second"),
    ("minute min mins minutes", _MINUTE, "second"),
    ("hour h hr hrs hours", _HOUR, "second"),
    ("day d days", _DAY, "second"),
    ("week wk weeks", 7 * _DAY, "second"),
    ("month mo months", _MONTH, "second"),
    ("quarter quarters", _YEAR // 4, "second"),
    ("year yr yrs years", _YEAR, "second"),
    ("GPU GPUs gpu gpus", 1, "GPU"),
    ("request req reqs requests", 1, "request"),
    ("call calls", 1, "call"),
    ("unit units", 1, "unit"),
    ("user users", 1, "user"),
    ("byte bytes", 1, "byte"),
    ("kB KB", 10**3, "byte"),
    *((f"{prefix}B", size, "byte") for prefix, size in _METRIC.items() if prefix != "k"),
    *((f"{prefix}iB", 1024**power, "byte") for power, prefix in enumerate("KMGT", 1)),
    ("FLOP flop", 1, "FLOP"),
    *((f"{prefix}FLOP", size, "FLOP") for prefix, size in _METRIC.items()),
    *((f"{prefix}FLOPS {prefix}FLOPs", size, "FLOP/second") for prefix, size in _METRIC.items()),
    ("J", 1, "joule"),
    ("W watt watts", 1, "joule/second"),
    *((f"{prefix}W", size, "joule/second") for prefix, size in _METRIC.items()),
    ("Wh", _HOUR, "joule"),
    *((f"{prefix}Wh", size * _HOUR, "joule") for prefix, size in _METRIC.items()),
    ("share", 1, ""),
    ("× x", 1, ""),
)
_RARE: Final = frozenset({"minute", "week", "quarter", "Ttok"})
_NONE: Final = frozenset({"", "1", "–", "×", "x", "share"})
SYMBOLS: Final = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "¥", "₹": "INR", "RMB": "CNY"}
CURRENCIES: Final = frozenset(
    re.findall(
        "...",
        "AEDARSAUDBRLCADCHFCLPCNYCOPCZKDKKEGPEURGBPHKDHUFIDRILSINRJPYKRWMXNMYRNGNNOKNZD"
        "PHPPKRPLNQARRONRUBSARSEKSGDTHBTRYTWDUAHUSDVNDZAR",
    )
)
_YEN: Final = ("CNY", "JPY")
"""The currencies written ¥."""


class Unit(NamedTuple):
    """A unit: `size` of its base units, as a fraction, so that conversion rounds only once.

    Attributes:
        text: its spelling in the vocabulary.
        size: numerator and denominator.
        dimension: the base units; money of any currency is USD here.
        currency: its currency, if it has one.
    """

    text: str
    size: tuple[int, int]
    dimension: Dimension
    currency: str | None = None


@cache
def _words() -> dict[str, tuple[str, int, str]]:
    """Return the unit of each spelling: the vocabulary's spelling, the size, the base units."""
    return {word: (names.split()[0], size, base) for names, size, base in _PLAIN for word in names.split()}


def currency_of(word: str) -> str | None:
    """Return the currency code of a word or symbol, or None."""
    found = SYMBOLS.get(word, word)
    return found if found in CURRENCIES or found == "¥" else None


def is_word(word: str) -> bool:
    """Whether a word is a unit or a currency."""
    return word in _words() or currency_of(word) is not None


def known_words() -> tuple[str, ...]:
    """Return every spelling of a unit."""
    return tuple(_words())


@lru_cache(maxsize=512)
def unit_of(text: str) -> Unit:
    """Return the unit of a text such as `USD/GPU-hour`.

    A slash divides, a hyphen multiplies. An unknown word is a base unit of its own: something that the
    vocabulary counts, such as conversations.
    """
    size, powers, spelled, currency = [1, 1], dict[str, int](), "", None
    for part in re.findall(r"[/-]?[^/-]+", text):
        sign = -1 if part[0] == "/" or (part[0] == "-" and "/" in spelled) else 1
        word = part.lstrip("/-").strip()
        money = currency_of(word)
        currency = money or currency
        name, factor, base = _words().get(word, (money or word, 1, "USD" if money else word))
        spelled += ("/" if part[0] == "/" else "-" if spelled else "") + name
        size[sign < 0] *= factor
        for place, unit in enumerate(base.split("/")):
            if unit and word not in _NONE:
                powers[unit] = powers.get(unit, 0) + (-sign if place else sign)
    dimension = tuple(sorted((unit, power) for unit, power in powers.items() if power))
    return Unit(spelled, (size[0], size[1]), dimension, currency)


def convert(value: float, unit: Unit, wanted: Unit) -> float:
    """Return a value in another unit of the same dimension."""
    above, below = unit.size[0] * wanted.size[1], unit.size[1] * wanted.size[0]
    common = math.gcd(above, below)
    return value * (above // common) / (below // common)


def allowed(wanted: Unit) -> str:
    """Name the wanted unit, and units that can be converted: `tok/day (ktok, Mtok, … and hour work too)`."""
    others: dict[str, None] = {}
    for word in re.split("[/-]", wanted.text):
        base = _words().get(word, ("", 0, ""))[2]
        alike = [names.split()[0] for names, _, other in _PLAIN if base and other == base]
        others |= dict.fromkeys(name for name in alike if name != word and name not in _RARE)
    *first, last = others or [""]
    return (wanted.text or "a number without a unit") + (
        f" ({', '.join(first)} and {last} work too)" if first else ""
    )


def spelled(dimension: Dimension) -> str:
    """Return base units in the spelling of the vocabulary; a plain ratio is a multiple."""
    above = [base for base, power in dimension for _ in range(power)]
    below = [base for base, power in dimension for _ in range(-power)]
    if not dimension:
        return "×"
    return "-".join(above or ["1"]) + ("/" + "-".join(below) if below else "")


def yen(stated: Container[str]) -> str | None:
    """Return the currency that ¥ means, if only one of the two has a stated rate; else None."""
    found = [code for code in _YEN if code in stated]
    return found[0] if len(found) == 1 else None

"""Numbers and untrusted text for people."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmcost.engine.registry import Basis, Quantity

SUFFIXES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def in_percent(unit: str) -> bool:
    """Whether values of a unit are shown in percent: shares, and shares per month or year."""
    return unit.startswith("share")


def counted(count: object, what: str) -> str:
    """Return how many there are of something: `1 file`, `2 files`."""
    return f"{count} {what}{'' if str(count) == '1' else 's'}"


def is_weak(basis: Basis | None) -> bool:
    """Whether a value is marked `~`: estimated or assumed."""
    return basis in ("estimated", "assumed")


_LEAST = {"USD": 1e-5, "USD/day": 1e-5, "USD/month": 1e-5, "USD/year": 1e-5, "share": 1e-12}
"""By unit, the size below which a value is only a rounding error, and is shown as 0."""


def _shown(value: float, quantity: Quantity) -> float:
    return 0.0 if abs(value) < _LEAST.get(quantity.unit, 0.0) else value


def number(value: float, quantity: Quantity) -> str:
    """Return a value for a table: three significant digits, without its unit.

    Shares are percentages, multipliers have ×, large amounts a suffix k, M, B or T.
    """
    value = _shown(value, quantity)
    if in_percent(quantity.unit):
        return f"{significant(value * 100)}%"
    if quantity.unit == "×":
        return multiplier(value)
    return scaled(value, 3)


def ranked(value: float, quantity: Quantity) -> str:
    """Return a value that may be infinite: `never` for infinity, `none` for minus infinity."""
    return (end_of(value) or number(value, quantity)) if math.isinf(value) else number(value, quantity)


def end_of(value: float) -> str | None:
    """Return the word for infinity or minus infinity, None for a number."""
    return {math.inf: "never", -math.inf: "none"}.get(value)


def ends(interval: tuple[float, float]) -> list[float | str]:
    """Return an interval for scripts; an infinite end becomes a word."""
    return [end_of(end) or end for end in interval]


def between(interval: Iterable[float], quantity: Quantity) -> str:
    """Return an interval for a table; an infinite end becomes a word."""
    return " to ".join(ranked(end, quantity) for end in interval)


def mark(basis: Basis | None) -> str:
    """Return the mark of a value that is estimated or assumed."""
    return "~" if is_weak(basis) else ""


def exact(value: float, quantity: Quantity) -> str:
    """Return a value for a derivation: up to six significant digits, no padding, without its unit."""
    value = _shown(value, quantity)
    if in_percent(quantity.unit):
        return f"{trimmed(value * 100)}%"
    if quantity.unit == "×":
        return f"{trimmed(value)}×" if abs(value) < 1e6 else multiplier(value)
    rounded = float(f"{abs(value):.5e}")  # 999,999,700 is 1B and not 1,000M
    if rounded >= 1e6:
        for size, suffix in SUFFIXES:
            if rounded >= size:
                return f"{trimmed(value / size)}{suffix}" if rounded < 1e15 else f"{value:.6g}"
    return trimmed(value)


def trimmed(value: float) -> str:
    """Return up to six significant digits with thousands separators and no trailing zeros."""
    if value == 0:
        return "0"
    if abs(value) < 1e-4 or abs(value) >= 1e15:
        return f"{value:.6g}"
    decimals = max(0, 5 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def significant(value: float) -> str:
    """Return three significant digits: 0.270, 2.50, 84.0, 545, 12,300, 1.20e8."""
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e-3 or size >= 999_500:
        mantissa, _, exponent = f"{value:.2e}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    rounded = float(f"{value:.2e}")
    decimals = max(0, 2 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}"


def scaled(value: float, digits: int) -> str:
    """Return a value with a suffix k, M, B or T from 1,000 on, else plain, in significant digits."""
    for size, suffix in SUFFIXES:
        # 999,999 is 1.00M and not 1000k
        if float(f"{abs(value):.{digits - 1}e}") >= size:
            return f"{significant(value / size)}{suffix}" if abs(value) < 1e15 else significant(value)
    return significant(value)


def multiplier(value: float) -> str:
    """Return `2.35×`, `384×`, `10,000×` or `1.20e8×`."""
    return f"{significant(value)}×"


def against(ratio: float | None) -> str:
    """Describe the other value, given first ÷ other: `9.26× less`, `10.0× more`, `the same`."""
    if ratio is None:
        return ""
    shown, more = (multiplier(1 / ratio), True) if ratio < 1 else (multiplier(ratio), False)
    return "the same" if shown == "1.00×" else f"{shown} {'more' if more else 'less'}"


def points(difference: float) -> str:
    """Return the size of a difference of shares, in percentage points."""
    return f"{significant(abs(difference) * 100)} points"


def signed(value: float, quantity: Quantity) -> str:
    """Return a difference with its sign; that of two shares is in points."""
    shown = points(value) if in_percent(quantity.unit) else number(abs(value), quantity)
    return ("+" if value >= 0 else "-") + shown


_COMMAND = re.compile(r"^(\s*):(?=:)|#(?=#\w*\[)", re.MULTILINE)


def harmless(text: str) -> str:
    """Return text that contains no command to a CI service, such as `::error::` or `##[group]`."""
    if "::" not in text and "##" not in text:
        return text
    return _COMMAND.sub(lambda found: f"{found[0]} ", text)


_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def clean(text: str) -> str:
    """Return untrusted text made safe for display: on one line, with control characters spelled out."""
    if text.isprintable():
        return text
    return "".join(
        " " if sign in "\n\r\t" else f"\\u{ord(sign):04x}" if unicodedata.category(sign) in _HIDDEN else sign
        for sign in text
    )

"""What formulas need beyond + − × ÷ and comparisons, for every kind of number.

A formula runs on floats, unit-carrying numbers, duals and symbols; whole plans run on columns through what
the symbols yield. A kind does here what floats do, unless it says otherwise. Both branches of `where` are
always worked out, so that neither may divide by zero; a Python `if` on a number is refused by symbols.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from llmcost.reasons import Reason, Undefined

ROUNDING: Final = 1e-9
"""Differences below this are what rounding leaves: of shares that are the same, and of a part of a whole."""


KINDS: Final[dict[type, type[NumberKind]]] = {}
"""The kind of a number by its type; what is not here is a float."""


class NumberKind:
    """What floats do; a kind of number overrides what it does in another way. See the functions below."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        KINDS[cls] = cls

    @staticmethod
    def where(condition: Any, yes: Any, no: Any) -> Any:
        return yes if condition else no

    @staticmethod
    def least(*numbers: Any) -> Any:
        return min(numbers)

    @staticmethod
    def largest(*numbers: Any) -> Any:
        return max(numbers)

    @staticmethod
    def round_up(value: Any, step: Any) -> Any:
        return math.ceil(value / step - ROUNDING) * step

    @staticmethod
    def require(condition: Any, reason: Reason) -> None:
        if not condition:
            raise Undefined(reason)

    @staticmethod
    def root(solve: Callable[..., float], residual: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        return solve(*arguments)


def _kind(*numbers: Any) -> type[NumberKind]:
    for number in numbers:
        kind = KINDS.get(type(number))
        if kind is not None:
            return kind
    return NumberKind


def require(condition: Any, reason: Reason | str, *parameters: Any) -> None:
    """Stop a formula whose result would have no meaning.

    Raises:
        Undefined: with `reason`, or the one of a code and its parameters, where the condition does not hold.
    """
    if isinstance(reason, str):
        reason = Reason(reason, tuple(getattr(number, "value", number) for number in parameters))
    _kind(condition).require(condition, reason)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """Return `yes` where a condition holds, else `no`; both are worked out."""
    return _kind(condition, yes, no).where(condition, yes, no)


def least(*numbers: Any) -> Any:
    """Return the smallest of some numbers."""
    return _kind(*numbers).least(*numbers)


def largest(*numbers: Any) -> Any:
    """Return the largest of some numbers."""
    return _kind(*numbers).largest(*numbers)


def clamp(value: Any, low: Any, high: Any) -> Any:
    """Return a number, or the end of a range that it lies beyond."""
    return least(largest(value, low), high)


def round_up(value: Any, step: Any = 1.0) -> Any:
    """Return the least multiple of a step that is not below a number, but for rounding."""
    return _kind(value, step).round_up(value, step)


def close(one: Any, other: Any) -> Any:
    """Return whether two dimensionless numbers are the same but for rounding."""
    return abs(one - other) < ROUNDING


def add(*lines: Any) -> Any:
    """Return the sum of the lines that are there; None stands for a line that is not."""
    present = [line for line in lines if line is not None]
    total = present[0]
    for line in present[1:]:
        total = total + line
    return total


FLAT: Final = 1e-3
"""Rate times (periods + 1) below which an annuity is a series: there 1 − (1 + rate)^−periods loses digits."""


def annuity(rate: Any, periods: Any) -> Any:
    """Return what pays back 1, with interest, in equal parts: rate/(1 − (1 + rate)^−periods); 1/periods at 0.

    Both are dimensionless, and the rate is not below 0.

    Raises:
        ZeroDivisionError: for 0 periods.
    """
    flat = rate * (periods + 1) < FLAT
    # The first terms of the same in powers of the rate; the next is below rounding.
    series = (1 + rate * (periods + 1) / 2 * (1 + rate * (periods - 1) / 6 * (1 - rate / 2))) / periods
    steep, many = where(flat, 1.0, rate), where(flat, 1.0, periods)
    return where(flat, series, steep / (1 - (1 + steep) ** (-many)))


def root_of(solve: Callable[..., float], residual: Callable[..., Any], *arguments: Any) -> Any:
    """Return `solve(*arguments)`, whatever kind of number the arguments are; it is a multiplier.

    `solve` knows floats alone. `residual(root, *arguments)` is what the root makes zero, in plain
    arithmetic: it serves the other kinds, which bring their own way to lift a root.

    Raises:
        Undefined: as `solve` does.
    """
    return _kind(*arguments).root(solve, residual, arguments)

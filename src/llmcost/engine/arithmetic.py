"""What formulas need beyond + − × ÷ and comparisons, for every kind of number.

A formula runs on floats, numbers with units, duals and symbols; whole plans run on columns, through the code
written from symbols. A kind of number behaves like floats unless it overrides a function. `where` always
computes both branches, so neither may divide by zero; symbols refuse a Python `if` on a number.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Final

from llmcost.reasons import Reason, Undefined

ROUNDING: Final = 1e-9
"""Smaller differences between shares, or fractions of a whole, are only rounding."""


KINDS: Final[dict[type, type[NumberKind]]] = {}
"""The kind of number of each type; all other types count as floats."""


class NumberKind:
    """What floats do; other kinds override what they do differently. See the functions below."""

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
        Undefined: if the condition does not hold; `reason` is a reason, or its code, followed by parameters.
    """
    if isinstance(reason, str):
        reason = Reason(reason, tuple(getattr(number, "value", number) for number in parameters))
    _kind(condition).require(condition, reason)


def where(condition: Any, yes: Any, no: Any) -> Any:
    """Return `yes` where a condition holds, else `no`; both are computed."""
    return _kind(condition, yes, no).where(condition, yes, no)


def least(*numbers: Any) -> Any:
    """Return the smallest of some numbers."""
    return _kind(*numbers).least(*numbers)


def largest(*numbers: Any) -> Any:
    """Return the largest of some numbers."""
    return _kind(*numbers).largest(*numbers)


def clamp(value: Any, low: Any, high: Any) -> Any:
    """Return a number, limited to a range."""
    return least(largest(value, low), high)


def round_up(value: Any, step: Any = 1.0) -> Any:
    """Return a number rounded up to a multiple of a step; an excess of mere rounding does not count."""
    return _kind(value, step).round_up(value, step)


def close(one: Any, other: Any) -> Any:
    """Return whether two dimensionless numbers are equal, rounding aside."""
    return abs(one - other) < ROUNDING


def add(*lines: Any) -> Any:
    """Return the sum of the lines that are there; None stands for a line that is not."""
    return reduce(operator.add, (line for line in lines if line is not None))


FLAT: Final = 1e-3
"""Rate times (periods + 1) below which an annuity is a power series: 1 − (1 + rate)^−periods loses digits."""


def annuity(rate: Any, periods: Any) -> Any:
    """Return the equal payment that pays back 1 with interest: rate/(1 − (1 + rate)^−periods), or 1/periods.

    Both are dimensionless, and the rate is not below 0.

    Raises:
        ZeroDivisionError: for 0 periods.
    """
    flat = rate * (periods + 1) < FLAT
    # The first terms of its power series in the rate; the next one is below rounding.
    series = (1 + rate * (periods + 1) / 2 * (1 + rate * (periods - 1) / 6 * (1 - rate / 2))) / periods
    steep, many = where(flat, 1.0, rate), where(flat, 1.0, periods)
    return where(flat, series, steep / (1 - (1 + steep) ** (-many)))


def root_of(solve: Callable[..., float], residual: Callable[..., Any], *arguments: Any) -> Any:
    """Return `solve(*arguments)`, a multiplier, for arguments of any kind of number.

    `solve` takes only floats. `residual(root, *arguments)` is what the root makes zero, in plain arithmetic:
    the other kinds of number derive what they need from it.

    Raises:
        Undefined: as `solve` does.
    """
    return _kind(*arguments).root(solve, residual, arguments)

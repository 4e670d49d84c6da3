"""Units, constants that carry one, and the number that proves a formula's unit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, total_ordering
from typing import Any, Final

from llmcost.engine.arithmetic import NumberKind

DIMENSIONLESS: Final = frozenset({"", "1", "–", "×", "share"})

Powers = tuple[tuple[str, int], ...]


class UnitMismatch(TypeError):
    """Two numbers whose units do not allow what a formula does with them."""


@cache
def powers(unit: str) -> Powers:
    """Return the base units of `unit` with their powers, sorted by name.

    `USD/GPU-hour` is USD¹·GPU⁻¹·hour⁻¹: units after the slash divide, a hyphen multiplies.
    Hour, day and month are separate base units, so every conversion needs its constant.
    """
    if unit in DIMENSIONLESS:
        return ()
    above, _, below = unit.partition("/")
    found: dict[str, int] = {}
    for part, sign in ((above, 1), (below, -1)):
        for base in part.split("-"):
            if base and base not in DIMENSIONLESS:
                found[base] = found.get(base, 0) + sign
    return tuple(sorted((base, power) for base, power in found.items() if power))


def same_unit(one: str, other: str) -> bool:
    """Whether two spellings mean the same unit."""
    return powers(one) == powers(other)


class Constant(float):
    """A float with a unit, such as 24 hour/day; in ordinary arithmetic simply a float."""

    unit: str

    def __new__(cls, value: float, unit: str) -> Constant:
        self = super().__new__(cls, value)
        self.unit = unit
        return self


@total_ordering
class Measure(NumberKind):
    """A number that carries its unit through arithmetic and refuses units that do not fit.

    The tests run the formulas on it, which proves the unit that each declares. A bare number counts as
    dimensionless.

    Raises:
        UnitMismatch: on adding or comparing different units, and on an exponent with a unit.
    """

    __slots__ = ("powers", "value")

    def __init__(self, value: float, unit: str | Powers = "") -> None:
        self.value = float(value)
        self.powers = powers(unit) if isinstance(unit, str) else unit

    def __repr__(self) -> str:
        return f"Measure({self.value!r}, {self.powers!r})"

    @staticmethod
    def _lift(other: object) -> Measure:
        if isinstance(other, Measure):
            return other
        if isinstance(other, Constant):
            return Measure(other, other.unit)
        if isinstance(other, (int, float)):
            return Measure(other)
        raise UnitMismatch(f"{other!r} is not a number")

    def _alike(self, other: object, verb: str) -> Measure:
        lifted = self._lift(other)
        if isinstance(other, (int, float)) and not isinstance(other, Constant) and other == 0:
            return lifted  # a bare zero is zero in every unit
        if lifted.powers != self.powers:
            raise UnitMismatch(f"cannot {verb} {self.powers} and {lifted.powers}")
        return lifted

    def _scaled(self, other: Measure, sign: int, value: float) -> Measure:
        total = dict(self.powers)
        for base, power in other.powers:
            total[base] = total.get(base, 0) + sign * power
        return Measure(value, tuple(sorted((b, p) for b, p in total.items() if p)))

    def __add__(self, other: object) -> Measure:
        return Measure(self.value + self._alike(other, "add").value, self.powers)

    __radd__ = __add__

    def __sub__(self, other: object) -> Measure:
        return Measure(self.value - self._alike(other, "subtract").value, self.powers)

    def __rsub__(self, other: object) -> Measure:
        return Measure(self._alike(other, "subtract").value - self.value, self.powers)

    def __mul__(self, other: object) -> Measure:
        lifted = self._lift(other)
        return self._scaled(lifted, 1, self.value * lifted.value)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Measure:
        lifted = self._lift(other)
        return self._scaled(lifted, -1, self.value / lifted.value)

    def __rtruediv__(self, other: object) -> Measure:
        return self._lift(other) / self

    def __neg__(self) -> Measure:
        return Measure(-self.value, self.powers)

    def __abs__(self) -> Measure:
        return Measure(abs(self.value), self.powers)

    def __ceil__(self) -> Measure:
        if self.powers:
            raise UnitMismatch("only a dimensionless number is rounded up")
        return Measure(math.ceil(self.value))

    @staticmethod
    def _together(*numbers: Any) -> list[Measure]:
        """Return numbers, which must have the same unit, as measures."""
        first = next(number for number in numbers if isinstance(number, Measure))
        return [Measure(first._alike(number, "choose between").value, first.powers) for number in numbers]

    @staticmethod
    def where(condition: Any, yes: Any, no: Any) -> Measure:
        return Measure._together(yes, no)[0 if condition else 1]

    @staticmethod
    def least(*numbers: Any) -> Measure:
        return min(Measure._together(*numbers))

    @staticmethod
    def largest(*numbers: Any) -> Measure:
        return max(Measure._together(*numbers))

    @staticmethod
    def root(solve: Callable[..., float], residual: Callable[..., Any], arguments: Sequence[Any]) -> Measure:
        """Return the root, a multiplier; the units in its residual must fit."""
        found = Measure(solve(*(Measure._lift(argument).value for argument in arguments)))
        residual(found, *arguments)
        return found

    def __pow__(self, exponent: object) -> Measure:
        lifted = self._lift(exponent)
        if lifted.powers or self.powers:
            raise UnitMismatch("a power needs a dimensionless base and exponent here")
        return Measure(self.value**lifted.value)

    def __rpow__(self, base: object) -> Measure:
        return self._lift(base) ** self

    def __lt__(self, other: object) -> bool:
        return self.value < self._alike(other, "compare").value

    def __eq__(self, other: object) -> bool:
        return self.value == self._alike(other, "compare").value

    __hash__ = None  # type: ignore[assignment]

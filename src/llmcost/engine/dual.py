"""Dual numbers: a value with its slope, so that arithmetic also yields exact derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import total_ordering
from typing import Any

from llmcost.engine.arithmetic import NumberKind
from llmcost.engine.formula import Formula
from llmcost.engine.plan import Plan


@total_ordering
class Dual(NumberKind):
    """value + slope·δ with δ² = 0; comparisons use only the value.

    Raises:
        ZeroDivisionError, OverflowError: as floats do.
    """

    __slots__ = ("slope", "value")

    def __init__(self, value: float, slope: float = 0.0) -> None:
        self.value = value
        self.slope = slope

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.slope!r})"

    def __add__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value + other.value, self.slope + other.slope)
        return Dual(self.value + other, self.slope)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value - other.value, self.slope - other.slope)
        return Dual(self.value - other, self.slope)

    def __rsub__(self, other: Any) -> Dual:
        return Dual(other - self.value, -self.slope)

    def __mul__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            return Dual(self.value * other.value, self.slope * other.value + self.value * other.slope)
        return Dual(self.value * other, self.slope * other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        if isinstance(other, Dual):
            ratio = self.value / other.value
            return Dual(ratio, (self.slope - ratio * other.slope) / other.value)
        return Dual(self.value / other, self.slope / other)

    def __rtruediv__(self, other: Any) -> Dual:
        ratio = other / self.value
        return Dual(ratio, -ratio * self.slope / self.value)

    def __pow__(self, exponent: Any) -> Dual:
        power = exponent if isinstance(exponent, Dual) else Dual(exponent)
        value = self.value**power.value
        slope = 0.0
        if self.slope:
            slope += power.value * self.value ** (power.value - 1) * self.slope
        if power.slope:
            slope += value * math.log(self.value) * power.slope
        return Dual(value, slope)

    def __rpow__(self, base: Any) -> Dual:
        return Dual(float(base)) ** self

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < _value(other))

    def __eq__(self, other: object) -> bool:
        return bool(self.value == _value(other))

    __hash__ = None  # type: ignore[assignment]

    def __abs__(self) -> Dual:
        return self if self.value >= 0 else -self

    def __ceil__(self) -> Dual:
        return Dual(math.ceil(self.value))

    @staticmethod
    def root(solve: Callable[..., float], residual: Callable[..., Any], arguments: Sequence[Any]) -> Dual:
        """Return the root as a dual: its slope is −(∂f/∂x)/(∂f/∂root), by implicit differentiation."""
        found = solve(*map(_value, arguments))
        along = residual(found, *arguments)
        across = residual(Dual(found, 1.0), *map(_value, arguments))
        return Dual(found, -along.slope / across.slope)


def _value(number: Any) -> Any:
    return number.value if isinstance(number, Dual) else number


def slopes(plan: Plan, values: Mapping[str, float], inputs: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the derivative of each target of a plan with respect to each of these given inputs.

    Shape: `result[input][target]`, in the target's unit per unit of the input. An input that the plan
    does not use has slope 0.

    Raises:
        ArithmeticError: where anything along the way is undefined.
    """
    found: dict[str, dict[str, float]] = {}
    for chosen in inputs:
        known: dict[str, Any] = {name: Dual(values[name], float(name == chosen)) for name in plan.inputs}
        for step in plan.steps:
            known[step.name] = step.formula.function(*(known.get(name) for name in step.formula.inputs))
        found[chosen] = {target: _slope(known[target]) for target in plan.targets}
    return found


def contributions(
    formula: Formula, values: Mapping[str, float | None], inputs: Sequence[str]
) -> dict[str, float]:
    """Return what each input contributes to a formula's value: the input times the derivative by it.

    For a sum these are its terms, for a mean each value times its weight, in the unit of the result.

    Raises:
        ArithmeticError: where the formula is undefined there.
    """
    found = {}
    for chosen in inputs:
        known = [
            None if values.get(name) is None else Dual(values[name] or 0.0, float(name == chosen))
            for name in formula.inputs
        ]
        found[chosen] = _slope(formula.function(*known)) * (values[chosen] or 0.0)
    return found


def _slope(number: Any) -> float:
    return number.slope if isinstance(number, Dual) else 0.0

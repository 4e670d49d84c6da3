"""Arithmetic over metrics and facts, for claims: `cost.inference_at_market - cost.inference`."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, Final

from llmcost.engine.arithmetic import largest, least
from llmcost.engine.compiled import Code
from llmcost.engine.registry import Quantity, Registry
from llmcost.engine.symbols import Graph
from llmcost.engine.units import DIMENSIONLESS, Measure, UnitMismatch
from llmcost.engine.writing import write
from llmcost.errors import did_you_mean
from llmcost.reasons import Undefined
from llmcost.records import NamedTuple
from llmcost.scenario.values.grammar import NAME, Literal, Name, NotANumber, Step, parse, run, shorten
from llmcost.scenario.values.units import spelled

_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "min": least,
    "max": largest,
}


class Expression(NamedTuple):
    """Arithmetic over the metrics of one scenario, and over facts.

    Attributes:
        text: as it was written.
        metrics: the metrics in it, each once.
        steps: numbers, metrics, facts and operators, in postfix order.
        unit: the unit of the result.
        facts: the facts in it, each once.
    """

    text: str
    metrics: tuple[str, ...]
    steps: tuple[Step, ...]
    unit: str = ""
    facts: tuple[str, ...] = ()

    @property
    def is_metric(self) -> bool:
        """Whether it is one metric and nothing else."""
        return len(self.steps) == 1 and bool(self.metrics)

    def written(self, values: Mapping[str, str]) -> str:
        """Return its text with each name replaced."""
        return NAME.sub(lambda match: values.get(match[0], match[0]), self.text)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of `value`: the metrics, then the facts."""
        return (*self.metrics, *self.facts)

    def value(self, *values: float) -> float:
        """Return what it comes to at one value of each of its `names`.

        Raises:
            Undefined: for a division by zero, a power that is not a number, or a result beyond all numbers.
        """
        if self.is_metric:
            return values[0]
        known = dict(zip(self.names, values, strict=True))

        def put(step: Literal | Name) -> float:
            return step.value if isinstance(step, Literal) else known[step]

        return _sound(lambda: (_run(self.steps, put),))

    def where_defined(self) -> Callable[..., float | None]:
        """Return `value` as a function for many calls, which takes and returns None for undefined values."""
        if self.is_metric:
            return lambda value: value
        arithmetic = _written(self.steps, self.names)

        def at(*values: float | None) -> float | None:
            if None in values:
                return None
            try:
                return _sound(arithmetic, *values)
            except Undefined:
                return None

        return at

    def over(self, columns: Sequence[Sequence[float | None]]) -> list[float | None]:
        """Return the results of `where_defined` for columns of values, one for each name."""
        if self.is_metric:
            return list(columns[0])
        arithmetic, at = _written(self.steps, self.names), self.where_defined()
        found: list[float | None] = []
        for start in range(0, len(columns[0]), PART):
            rows = list(zip(*(column[start : start + PART] for column in columns), strict=True))
            try:
                part = [float(arithmetic(*row)[0]) for row in rows]
                defined = math.isfinite(sum(part))
            except (ArithmeticError, TypeError):
                defined = False  # in some row of this part
            found += part if defined else [at(*row) for row in rows]
        return found


PART: Final = 100
"""Rows computed in one go; if one of them is undefined, they are computed one by one."""


def _sound(arithmetic: Callable[..., tuple[Any]], *values: float | None) -> float:
    try:
        (found,) = arithmetic(*values)
    except ZeroDivisionError:
        raise Undefined("division_by_zero") from None
    except OverflowError:
        raise Undefined("too_large") from None
    if isinstance(found, complex):
        raise Undefined("negative_power")
    if not math.isfinite(found):
        raise Undefined("too_large")
    return float(found)


@lru_cache(maxsize=256)  # ledgers repeat the same arithmetic for many scenarios and claims
def _written(steps: tuple[Step, ...], names: tuple[str, ...]) -> Callable[..., Any]:
    """Return the arithmetic as a function of some names, with nothing refused."""
    graph, code = Graph(), Code(names)
    result = _run(steps, lambda step: step.value if isinstance(step, Literal) else graph.put("input", step))
    _, arithmetic = code.function(write(graph, code, [graph.lift(result)]))
    return arithmetic


def _run(steps: tuple[Step, ...], put: Callable[[Literal | Name], Any]) -> Any:
    return run(steps, put, lambda sign, left, right: _OPERATORS[sign](left, right))


def parse_expression(
    text: str, registry: Registry, facts: Mapping[str, Quantity] = MappingProxyType({})
) -> Expression:
    """Read metrics, facts, numbers, + - * / ^ ( ), and the smaller or larger of two: min(a, b), max(a, b).

    A number may have a unit. One without has none, except that an amount such as 10B is USD if only money
    makes sense.

    Raises:
        NotANumber: saying what is wrong with it, unknown metrics and units that do not fit included.
    """
    (steps,) = parse(text, names=True)
    names = tuple(dict.fromkeys(str(step) for step in steps if isinstance(step, Name)))
    for name in names:
        if name not in registry.quantities and name not in facts:
            if "." not in name and facts:
                raise NotANumber(f"no fact is called '{shorten(name, 80)}'{did_you_mean(name, facts)}")
            raise NotANumber(registry.unknown(shorten(name, 80), "metric"))
    if not names:
        raise NotANumber(f"names no metric: '{shorten(text)}'")
    other = next((s.text for s in steps if isinstance(s, Literal) and s.currency not in (None, "USD")), None)
    if other is not None:
        raise NotANumber(f"'{shorten(other)}': metrics are in USD")
    own = tuple(name for name in names if name in facts)
    found = Expression(text, tuple(name for name in names if name not in facts), steps, facts=own)
    return found._replace(
        unit=_unit(found, {name: (facts.get(name) or registry.quantities[name]).unit for name in names})
    )


def _unit(expression: Expression, unit_of: Mapping[str, str]) -> str:
    """Return the unit of the result, found by computing with units."""
    names, units = list(unit_of), list(unit_of.values())
    if len(expression.steps) == 1:
        return units[0]
    # Distinct values, so that no difference in a denominator is zero.
    pairs = enumerate(zip(names, units, strict=True))
    values = {name: Measure(1.5 + place / 7, unit) for place, (name, unit) in pairs}
    try:
        try:
            result = _run(expression.steps, partial(_measure, values, ""))
        except UnitMismatch:
            result = _run(expression.steps, partial(_measure, values, "USD"))
    except UnitMismatch:
        told = ", ".join(f"{name} in {unit}" for name, unit in unit_of.items())
        raise NotANumber(
            f"its units do not fit: {told}; a number has no unit unless you write one, as in $5"
        ) from None
    except (ArithmeticError, AttributeError, TypeError):  # from powers of negative numbers
        raise NotANumber(f"cannot be worked out: '{shorten(expression.text)}'") from None
    same = [unit for unit in units if Measure(1, unit).powers == result.powers and unit not in DIMENSIONLESS]
    return same[0] if same else spelled(result.powers)


def _measure(values: Mapping[str, Measure], scaled: str, step: Literal | Name) -> Measure:
    """Return a step with its unit; `scaled` is the unit of a number with k, M, B or T and no unit."""
    if isinstance(step, Name):
        return values[step]
    unit = step.unit.text if step.unit else step.currency or (scaled if step.scaled else "")
    return Measure(step.value, unit)

"""Arithmetic over metrics, as a claim needs it: `cost.inference_at_market - cost.inference`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from llmcost.engine.registry import Registry
from llmcost.engine.units import DIMENSIONLESS, Measure, Powers, UnitMismatch
from llmcost.reasons import Undefined
from llmcost.scenario.values.number import MAX_LENGTH, MAX_PARENTHESES, NotANumber, parse_number, shorten

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][\w.]*)|(?P<operator>[-+*/^()])"
    r"|(?P<number>\$?[\d.][\d.,_]*(?:[eE][+-]?\d+)?[%A-Za-z]*))"
)
_NAME: Final = re.compile(r"[A-Za-z_][\w.]*")


class Expression(NamedTuple):
    """Arithmetic over the metrics of one scenario.

    Attributes:
        text: as it was written.
        metrics: the metrics in it, each once.
        steps: what a stack machine does: numbers and metrics are put on the stack, operators (`neg`
            turns a sign) take from it.
        unit: the unit of the result.
    """

    text: str
    metrics: tuple[str, ...]
    steps: tuple[float | str, ...]
    unit: str = ""

    @property
    def is_metric(self) -> bool:
        """Whether it is one metric and nothing else."""
        return len(self.steps) == 1 and bool(self.metrics)

    def written(self, values: Mapping[str, str]) -> str:
        """Return its text with something else in the place of each metric."""
        return _NAME.sub(lambda match: values.get(match[0], match[0]), self.text)

    def at(self, values: Mapping[str, float]) -> float:
        """Return the result where the metrics have some values.

        Raises:
            Undefined: for a division by zero, a power that is no number, or a result beyond all numbers.
        """
        try:
            result = self._run(values)
        except ZeroDivisionError:
            raise Undefined("division_by_zero") from None
        except OverflowError:
            raise Undefined("too_large") from None
        if isinstance(result, complex):
            raise Undefined("negative_power")
        if not math.isfinite(result):
            raise Undefined("too_large")
        return float(result)

    def _run(self, values: Mapping[str, Any]) -> Any:
        stack: list[Any] = []
        for step in self.steps:
            if isinstance(step, float):
                stack.append(step)
            elif step == "neg":
                stack.append(-stack.pop())
            elif step not in _OPERATORS:
                stack.append(values[step])
            else:
                right, left = stack.pop(), stack.pop()
                stack.append(_apply(step, left, right))
        return stack[0]


_OPERATORS: Final = frozenset("+-*/^")


def _apply(operator: str, left: Any, right: Any) -> Any:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case _:
            return left**right


def parse_expression(text: str, registry: Registry) -> Expression:
    """Read metrics, numbers and + - * / ^ ( ); a number has no unit.

    Raises:
        NotANumber: saying what is wrong with it, unknown metrics and units that do not fit included.
    """
    if len(text) > MAX_LENGTH:
        raise NotANumber(f"is longer than {MAX_LENGTH} characters")
    parser = _Parser(text, registry)
    parser.parse()
    metrics = tuple(dict.fromkeys(step for step in parser.steps if isinstance(step, str) and "." in step))
    if not metrics:
        raise NotANumber(f"names no metric: '{shorten(text)}'")
    found = Expression(text, metrics, tuple(parser.steps))
    return found._replace(unit=_unit(found, registry))


def _unit(expression: Expression, registry: Registry) -> str:
    """Return the unit of the result, proved on numbers that carry theirs."""
    units = [registry.quantities[name].unit for name in expression.metrics]
    if expression.is_metric:
        return units[0]
    # Distinct values, so that no difference between metrics vanishes below a fraction line.
    values = {name: Measure(1.5 + place / 7, unit) for place, (name, unit) in _numbered(expression, units)}
    try:
        result = expression._run(values)
    except UnitMismatch:
        told = ", ".join(f"{name} in {unit}" for name, unit in zip(expression.metrics, units, strict=True))
        raise NotANumber(f"its units do not fit: {told}; a bare number has none") from None
    except (ArithmeticError, AttributeError, TypeError):  # what a power of a negative number leads to
        raise NotANumber(f"cannot be worked out: '{shorten(expression.text)}'") from None
    same = [unit for unit in units if Measure(1, unit).powers == result.powers and unit not in DIMENSIONLESS]
    return same[0] if same else _spelled(result.powers)


def _numbered(expression: Expression, units: list[str]) -> Any:
    return enumerate(zip(expression.metrics, units, strict=True))


def _spelled(powers: Powers) -> str:
    """Return a unit as the vocabulary would write it; a plain ratio is a multiple."""
    above = [base for base, power in powers for _ in range(power)]
    below = [base for base, power in powers for _ in range(-power)]
    if not powers:
        return "×"
    return "-".join(above or ["1"]) + ("/" + "-".join(below) if below else "")


class _Parser:
    """Recursive descent; what it reads is left in `steps`, operators behind what they take."""

    def __init__(self, text: str, registry: Registry) -> None:
        self.text = text
        self.registry = registry
        self.steps: list[float | str] = []
        self.tokens = self._tokenize()
        self.at = 0
        self.depth = 0

    def _tokenize(self) -> list[tuple[str, str]]:
        tokens: list[tuple[str, str]] = []
        at = 0
        while self.text[at:].strip():
            match = _TOKEN.match(self.text, at)
            if match is None:
                raise NotANumber(
                    f"cannot be read from '{shorten(self.text[at:].strip())}' on; allowed are metrics, "
                    "numbers and + - * / ^ ( )"
                )
            assert match.lastgroup is not None
            tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        return tokens

    def parse(self) -> None:
        self._sum()
        if self.at < len(self.tokens):
            raise NotANumber(f"expected an operator before '{self.tokens[self.at][1]}'")

    def _peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def _take(self) -> tuple[str, str]:
        if self.at == len(self.tokens):
            raise NotANumber(f"expected a metric at the end of '{shorten(self.text)}'")
        self.at += 1
        return self.tokens[self.at - 1]

    def _sum(self) -> None:
        self._product()
        while self._peek() in ("+", "-"):
            operator = self._take()[1]
            self._product()
            self.steps.append(operator)

    def _product(self) -> None:
        self._signed()
        while self._peek() in ("*", "/"):
            operator = self._take()[1]
            self._signed()
            self.steps.append(operator)

    def _signed(self) -> None:
        self.depth += 1
        if self.depth > MAX_PARENTHESES:
            raise NotANumber(f"is nested deeper than {MAX_PARENTHESES} levels")
        if self._peek() in ("+", "-"):
            operator = self._take()[1]
            self._signed()
            if operator == "-":
                self.steps.append("neg")
        else:
            self._power()
        self.depth -= 1

    def _power(self) -> None:
        self._atom()
        if self._peek() == "^":
            self._take()
            self._signed()
            self.steps.append("^")

    def _atom(self) -> None:
        kind, token = self._take()
        if kind == "number":
            self.steps.append(float(parse_number(token, percent=True)))
        elif kind == "name":
            if token not in self.registry.quantities:
                raise NotANumber(self.registry.unknown(shorten(token, 80), "metric"))
            self.steps.append(token)
        elif token == "(":
            self._sum()
            if self._peek() != ")":
                raise NotANumber(f"a ')' is missing in '{shorten(self.text)}'")
            self._take()
        else:
            raise NotANumber(f"expected a metric before '{token}' in '{shorten(self.text)}'")

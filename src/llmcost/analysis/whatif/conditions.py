"""What a metric is held against: `METRIC OP VALUE`, or a band `LOW..HIGH`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.engine.registry import Quantity
from llmcost.engine.units import same_unit
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.scenario.values.number import NotANumber, parse_number, shorten

OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}

_CONDITION: Final = re.compile(r"^\s*(?P<left>[\w.]+)\s*(?P<sign><=|>=|==?|<|>)\s*(?P<right>.+?)\s*$")
_NAME: Final = re.compile(r"^[a-z_]+\.[a-z_]\w*$")
_BAND: Final = re.compile(
    r"^\s*(?:(?P<left>[a-z_]+\.\w+)\s+(?:in\s+)?)?(?P<low>[^.\s]\S*?)\.\.(?P<high>\S+?)\s*$"
)


class Condition(NamedTuple):
    """A metric, a comparison, and what it is compared with.

    `right` is a number, or a reference `metric` or `scenario/metric` for the caller to resolve.
    """

    metric: str
    sign: str
    right: float | str
    text: str


class Band(NamedTuple):
    """A metric and the range it is looked for in, ends included."""

    metric: str
    low: float
    high: float
    text: str

    def holds(self, value: float) -> bool:
        """Whether a value lies in the band."""
        return self.low <= value <= self.high


def parse_condition(text: str, option: str) -> Condition:
    """Read `METRIC OP VALUE`, OP one of = < <= > >=, VALUE a number or a metric.

    Raises:
        LlmcostError: naming the option and what is wrong.
    """
    where = f"{option} '{shorten(text, 80)}'"
    match = _CONDITION.match(text)
    if match is None:
        message = "expected METRIC OP VALUE with OP one of = < <= > >=, such as 'unit.gross_margin >= 70%'"
        raise LlmcostError(Problem(message, where))
    metric = one_metric(match["left"], where)
    sign = "=" if match["sign"] == "==" else match["sign"]
    right = match["right"]
    other = right.rpartition("/")[2]
    if right in MODEL.quantities or ("/" in right and _NAME.match(other)):
        one, two = MODEL.quantities[metric].unit, MODEL.quantities[one_metric(other, where)].unit
        if not same_unit(one, two):
            raise LlmcostError(Problem(f"compares {metric} in {one} with {other} in {two}", where))
        return Condition(metric, sign, right, text.strip())
    if _NAME.match(right):
        one_metric(right, where)  # a metric, and misspelt
    return Condition(metric, sign, read_value(right, MODEL.quantities[metric], where), text.strip())


def parse_where(text: str, metrics: list[str], option: str) -> Condition | Band:
    """Read a condition, or a band `LOW..HIGH` of the one metric asked for or of the one it names.

    Raises:
        LlmcostError: naming the option and what is wrong.
    """
    where = f"{option} '{shorten(text, 80)}'"
    match = _BAND.match(text)
    if match is None:
        return parse_condition(text, option)
    if match["left"] is None and len(metrics) != 1:
        raise LlmcostError(
            Problem("name the metric, such as 'unit.gross_margin 0..1'; there are several", where)
        )
    metric = one_metric(match["left"], where) if match["left"] else metrics[0]
    low, high = (read_value(match[end], MODEL.quantities[metric], where) for end in ("low", "high"))
    if not low < high:
        raise LlmcostError(Problem(f"a band goes from low to high, got {low:g}..{high:g}", where))
    return Band(metric, low, high, text.strip())


def one_metric(name: str, where: str) -> str:
    """Return a metric's name.

    Raises:
        LlmcostError: if it is unknown or stands for several.
    """
    try:
        chosen = select_metrics([name])
    except LlmcostError as error:
        raise LlmcostError(*(Problem(problem.message, where) for problem in error.problems)) from None
    if len(chosen) != 1:
        raise LlmcostError(Problem(f"takes one metric; '{name}' stands for {len(chosen)}", where))
    return chosen[0]


def read_value(text: str, quantity: Quantity, where: str) -> float:
    """Return a number in a quantity's unit, as written in YAML; `6x` and `6×` are allowed for multipliers.

    Raises:
        LlmcostError: saying what is wrong with it.
    """
    plain = text.strip()
    if quantity.unit == "×" and plain[-1:] in ("x", "×"):
        plain = plain[:-1]
    try:
        return parse_number(plain, percent=quantity.is_share)
    except NotANumber as error:
        raise LlmcostError(Problem(str(error), where)) from None

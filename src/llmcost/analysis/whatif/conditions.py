"""Conditions on metrics: `METRIC OP VALUE`, or a band `LOW to HIGH`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.engine.units import same_unit
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.values.grammar import MAX_LENGTH, METRIC
from llmcost.scenario.values.number import NotANumber, parse_number, parse_range, shorten

OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}

_SIGN: Final = re.compile(r"[<>=!]=?")


class Condition(NamedTuple):
    """A metric, a comparison, and the other side.

    `right` is a number, or a reference `metric` or `scenario/metric` for the caller to resolve.
    """

    metric: str
    sign: str
    right: float | str
    text: str


class Band(NamedTuple):
    """A metric and a range, ends included."""

    metric: str
    low: float
    high: float
    text: str


def parse_condition(text: str, option: str) -> Condition:
    """Read `METRIC OP VALUE`, OP one of = < <= > >=, VALUE a number or a metric.

    Raises:
        LlmcostError: naming the option and what is wrong.
    """
    where = f"{option} '{shorten(text, 80)}'"
    found = _SIGN.search(text) if len(text) <= MAX_LENGTH else None
    left, right = (text[: found.start()].strip(), text[found.end() :].strip()) if found else ("", "")
    if found is None or not left or not right or found[0][0] == "!" or right[0] in "<>=":
        message = "expected METRIC OP VALUE with OP one of = < <= > >=, such as 'unit.gross_margin >= 70%'"
        raise LlmcostError(Problem(message, where))
    metric = one_metric(left, where)
    sign = "=" if found[0] == "==" else found[0]
    other = right.rpartition("/")[2]
    if right in MODEL.quantities or ("/" in right and METRIC.fullmatch(other)):
        one, two = MODEL.quantities[metric].unit, MODEL.quantities[one_metric(other, where)].unit
        if not same_unit(one, two):
            raise LlmcostError(Problem(f"compares {metric} in {one} with {other} in {two}", where))
        return Condition(metric, sign, right, text.strip())
    if METRIC.fullmatch(right):
        one_metric(right, where)  # a metric, and misspelt
    try:
        quantity = MODEL.quantities[metric]
        value = parse_number(right, quantity, bounded=quantity.high == 1)  # 80 is meant as 80%
    except NotANumber as error:
        raise LlmcostError(Problem(str(error), where)) from None
    return Condition(metric, sign, value, text.strip())


def parse_where(text: str, metrics: list[str], option: str) -> Condition | Band:
    """Read a condition, or a band `LOW to HIGH` of the metric that it names, or of the only metric.

    Raises:
        LlmcostError: naming the option and what is wrong.
    """
    where = f"{option} '{shorten(text, 80)}'"
    first, _, rest = text.strip().partition(" ")
    named = METRIC.fullmatch(first) is not None
    band = rest.strip().removeprefix("in ") if named else text
    if _SIGN.search(text) or not band or len(text) > MAX_LENGTH:
        return parse_condition(text, option)
    if not named and len(metrics) != 1:
        example = "name the metric, such as 'unit.gross_margin 0 to 1'; there are several"
        raise LlmcostError(Problem(example, where))
    metric = one_metric(first, where) if named else metrics[0]
    try:
        low, high = parse_range(band, MODEL.quantities[metric], where)
    except NotANumber as error:
        raise LlmcostError(
            Problem(f"{error}; a condition is METRIC OP VALUE, a band LOW to HIGH", where)
        ) from None
    return Band(metric, low, high, text.strip())


def one_metric(name: str, where: str) -> str:
    """Return a metric's name.

    Raises:
        LlmcostError: if it is unknown or matches several.
    """
    try:
        chosen = select_metrics([name])
    except LlmcostError as error:
        raise LlmcostError(*(Problem(problem.message, where) for problem in error.problems)) from None
    if len(chosen) != 1:
        raise LlmcostError(Problem(f"takes one metric; '{name}' matches {len(chosen)}", where))
    return chosen[0]

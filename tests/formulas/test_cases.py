"""The worked examples of tests/cases: what is given, and what follows from it by hand."""

from __future__ import annotations

import ast
import inspect
import math
import operator
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml

from calling import each, scenario_in
from llmcost.engine.formula import Formula
from llmcost.engine.trace import Trace, evaluate
from llmcost.formulas import MODEL
from llmcost.scenario.reference import Reference
from llmcost.scenario.settled import settle

FOLDER = Path(__file__).parents[1] / "cases"
KEYS = {"name", "source", "given", "expect"}
EXPECTATION_KEYS = {"value", "within", "undefined"}
EXACT = 1e-9
BASE: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""It leaves every scalar as it was written."""
MULTIPLIERS = {"": 1.0, "%": 0.01, "k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}


def amount(text: str) -> float:
    """Work out an expected number such as `(5.0 * 3 + 15.0) / 4`, independently of the scenario reader."""

    def plain(match: re.Match[str]) -> str:
        return repr(float(match[1].replace("_", "")) * MULTIPLIERS[match[2] or ""])

    def value(node: ast.AST) -> float:
        match node:
            case ast.Expression(body=body):
                return value(body)
            case ast.Constant(value=float() | int() as number):
                return float(number)
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op=op, operand=operand):
                return OPERATORS[type(op)](value(operand))
        raise ValueError(f"no arithmetic: {text}")

    return value(ast.parse(re.sub(r"(\d[\d_]*(?:\.\d+)?)([kMBT%])?", plain, text), mode="eval"))


@dataclass(frozen=True)
class Expected:
    """What a case says about one quantity: a value, a reason why there is none, or that it is missing."""

    value: float | None = None
    within: float = EXACT
    undefined: str | None = None
    missing: bool = False


@dataclass(frozen=True)
class Case:
    """One worked example."""

    topic: str
    name: str
    given: dict[str, str]
    expect: dict[str, Expected]

    def __str__(self) -> str:
        return f"{self.topic}: {self.name}"

    @cached_property
    def trace(self) -> Trace:
        """What is expected, derived from what is given, which is read as a scenario file is."""
        text = yaml.safe_dump(self.given, allow_unicode=True)
        scenario = settle(scenario_in(text, self.name, str(self)), Reference(self.name), None)
        return evaluate(MODEL, scenario.given, self.expect)


def read_expected(stated: str | dict[str, str]) -> Expected:
    if stated == "missing":
        return Expected(missing=True)
    if isinstance(stated, str):
        return Expected(amount(stated))
    assert stated.keys() <= EXPECTATION_KEYS, f"unknown key in {stated}"
    if "undefined" in stated:
        return Expected(undefined=stated["undefined"])
    return Expected(amount(stated["value"]), amount(stated["within"]))


@cache
def all_cases() -> tuple[Case, ...]:
    cases: list[Case] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        entries: list[dict[str, Any]] = yaml.load(path.read_text("utf-8"), BASE)
        for entry in entries:
            assert entry.keys() <= KEYS, f"unknown key in {path.name}: {entry}"
            expect = {name: read_expected(stated) for name, stated in entry["expect"].items()}
            cases.append(Case(path.stem, entry["name"], entry["given"], expect))
    return tuple(cases)


@each("case", all_cases())
def test_case(case: Case) -> None:
    trace = case.trace
    assert case.expect
    for name, expected in case.expect.items():
        if expected.missing:
            assert name in trace.missing, f"{name} should be missing, is {trace.nodes.get(name)}"
            assert name not in trace.nodes
            continue
        assert name in trace.nodes, f"{name} lacks {trace.lacking(name)}"
        node = trace.nodes[name]
        if expected.undefined is not None:
            assert node.value is None, f"{name} should be undefined, is {node.value}"
            assert expected.undefined in str(node.reason)
        else:
            assert node.value == pytest.approx(expected.value, rel=expected.within, abs=0), name


def test_names_tell_the_cases_apart() -> None:
    names = [str(case) for case in all_cases()]
    assert sorted(set(names)) == sorted(names)


def test_every_route_of_every_formula_is_worked_out_by_hand() -> None:
    """A route counts only where a case states the value that this very route leads to."""
    covered: set[tuple[str, str]] = set()
    for case in all_cases():
        trace = case.trace
        for name, expected in case.expect.items():
            node = trace.nodes.get(name)
            if expected.value is not None and node is not None and node.step is not None:
                covered.add((name, node.step.formula.function.__name__))
    routes = {
        (name, formula.function.__name__) for name, formulas in MODEL.formulas.items() for formula in formulas
    }
    assert covered == routes


def refusals(formula: Formula) -> set[str]:
    """The reasons that a formula states with `require`, written there or named."""
    scope = formula.function.__globals__
    found: set[str] = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(formula.function)))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require":
            why = node.args[1]
            found.add(scope[why.id] if isinstance(why, ast.Name) else ast.literal_eval(why))
    return found


def test_every_reason_that_a_formula_refuses_with_is_worked_out_by_hand() -> None:
    stated = {
        (formula.function, reason)
        for formulas in MODEL.formulas.values()
        for formula in formulas
        for reason in refusals(formula)
    }
    seen = set()
    for case in all_cases():
        trace = case.trace
        for name, expected in case.expect.items():
            node = trace.nodes.get(name)
            if expected.undefined and node is not None and node.step is not None and node.origin == name:
                assert node.reason is not None
                seen.add((node.step.formula.function, node.reason.code))
    assert len(stated) > 10
    assert stated <= seen


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.7B", 3_700_000_000.0),
        ("27%", 0.27),
        ("(5.0 * 3 + 15.0) / 4", 7.5),
        ("87_072 / 2", 43_536.0),
        ("-2.5M", -2_500_000.0),
        ("9 ** 0.5", 3.0),
        ("10B / 6 * 12", 20_000_000_000.0),
    ],
)
def test_expected_numbers_are_read_as_written(text: str, value: float) -> None:
    assert math.isclose(amount(text), value, rel_tol=1e-15)

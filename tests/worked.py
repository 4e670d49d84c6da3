"""The worked examples of tests/cases, as they are read: what is given, and what follows from it by hand."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from calling import scenario_in
from llmcost.engine.trace import Given, Trace, evaluate
from llmcost.formulas import MODEL
from llmcost.scenario.reference import Reference
from llmcost.scenario.settled import settle

FOLDER = Path(__file__).parent / "cases"
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
    def stated(self) -> Mapping[str, Given]:
        """What is given, read as a scenario file is."""
        text = yaml.safe_dump(self.given, allow_unicode=True)
        return settle(scenario_in(text, self.name, str(self)), Reference(self.name), None).given

    @cached_property
    def trace(self) -> Trace:
        """What is expected, derived from what is given."""
        return evaluate(MODEL, self.stated, self.expect)


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

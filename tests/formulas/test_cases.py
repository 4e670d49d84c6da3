"""The worked examples of tests/cases: what is given, and what follows from it by hand."""

from __future__ import annotations

import ast
import inspect
import math
import textwrap

import pytest

from calling import each
from llmcost.engine.formula import Formula
from llmcost.engine.trace import Given, evaluate
from llmcost.engine.units import powers
from llmcost.formulas import MODEL
from worked import Case, all_cases, amount


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


@each("exponent", [-30, 30])
def test_in_another_currency_only_amounts_of_money_change(exponent: int) -> None:
    """A power of two keeps the arithmetic exact, but for the digits of a root."""

    def rate(name: str) -> float:
        return 2.0 ** (exponent * dict(powers(MODEL.quantities[name].unit)).get("USD", 0))

    for case in all_cases():
        given = {name: Given(item.value * rate(name)) for name, item in case.stated.items()}
        trace = evaluate(MODEL, given, case.expect)
        for name, node in case.trace.nodes.items():
            found, value = trace.nodes[name], node.value
            same = value and pytest.approx(value * rate(name), rel=1e-9, abs=0)
            assert (found.value, found.reason) == (same, node.reason), name


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

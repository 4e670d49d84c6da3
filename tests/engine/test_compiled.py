"""A compiled plan gives the same numbers, and the same reasons, as an evaluation step by step."""

from __future__ import annotations

import math
import random
from functools import cache
from typing import Any

import pytest

from calling import each
from llmcost.engine.arithmetic import add, require
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.formula import Formula
from llmcost.engine.plan import resolve
from llmcost.engine.registry import Registry
from llmcost.engine.symbols import graph_of_formula
from llmcost.engine.trace import Given, evaluate
from llmcost.engine.writing import readable
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from worked import all_cases

FORMULAS = [formula for routes in MODEL.formulas.values() for formula in routes]


@cache
def plans() -> dict[str, CompiledPlan]:
    """Plans for what worked examples state: as many of these, the longest first, as take every route."""
    found: dict[str, CompiledPlan] = {}
    taken: set[tuple[str, Any]] = set()
    for case in sorted(all_cases(), key=lambda case: -len(case.stated)):
        routes = {(step.name, step.formula.function) for step in case.trace.plan.steps}
        if not routes <= taken:
            found[str(case)] = CompiledPlan(resolve(MODEL, case.stated, MODEL.quantities))
            taken |= routes
    return found


def drawn(name: str, rng: random.Random) -> float:
    """Return a value of the size that a quantity has: a zero now and then, where one may be stated, one, or
    an end of its range.
    """
    unit = MODEL.quantities[name].unit
    if name == "market.price_elasticity":
        return rng.choice([0.0, 1.0, rng.uniform(0.1, 0.9), rng.uniform(1.1, 3.0)])
    low, high = (
        (1e-3, 1.0)
        if unit.startswith("share")
        else (1e3, 1e6)
        if unit == "USD"
        else (1e2, 1e12)
        if unit.startswith("tok")
        else (1e-2, 1e5)
    )
    if rng.random() < 0.7:
        return math.exp(rng.uniform(math.log(low), math.log(high)))
    return rng.choice([0.0, 0.0, low, high, max(1.0, low)])


def test_a_compiled_plan_agrees_with_an_evaluation() -> None:
    for label, plan in plans().items():
        rng = random.Random(label)
        for _ in range(6):
            values = {name: drawn(name, rng) for name in plan.inputs}
            trace = evaluate(MODEL, {name: Given(value) for name, value in values.items()})
            expected = tuple(trace.nodes[name].value for name in plan.targets)
            assert plan([*values.values()]) == expected, (label, values)
            found, reasons = plan.explained([*values.values()])
            assert found == expected, (label, values)
            refused = {name: node.reason for name, node in trace.nodes.items() if node.value is None}
            assert reasons == refused, (label, values)


def test_a_compiled_plan_takes_what_is_given_and_returns_what_was_asked_for() -> None:
    given = {str(case): {*case.stated} for case in all_cases()}
    assert len(plans()) > 50
    for label, plan in plans().items():
        assert {*plan.inputs} <= given[label]
        assert {*plan.inputs} <= {*plan.targets}
        assert len({*plan.targets}) == len(plan.targets)


def test_a_number_too_large_is_none() -> None:
    compiled = CompiledPlan(resolve(MODEL, ["training.gpus", "training.days"], ["training.gpu_hours"]))
    assert compiled([1e200, 1e200]) == (None,)
    assert compiled.explained([1e200, 1e200])[1] == {"training.gpu_hours": Reason("too_large")}
    assert compiled([1e20, 2.0]) == (48e20,)


def test_large_numbers_whose_sum_is_too_large_are_numbers() -> None:
    compiled = CompiledPlan(
        resolve(MODEL, ["cash.balance", "cash.credits"], ["cash.balance", "cash.credits"])
    )
    assert compiled([1.5e308, 1.5e308]) == (1.5e308, 1.5e308)


def test_the_largest_and_smallest_numbers_that_may_be_stated() -> None:
    """Between 1e-30 and 1e30 nothing becomes infinite on the way and is then divided away."""
    for label, plan in plans().items():
        rng = random.Random(label)
        most = {name: MODEL.quantities[name].high or 1e30 for name in plan.inputs}
        most |= {name: 100.0 for name in most if name == "market.price_elasticity"}
        for _ in range(6):
            values = {name: rng.choice([1e-30, 1.0, high]) for name, high in most.items()}
            trace = evaluate(MODEL, {name: Given(value) for name, value in values.items()})
            expected = tuple(trace.nodes[name].value for name in plan.targets)
            assert plan([*values.values()]) == expected, (label, values)


def test_too_few_values_are_refused() -> None:
    compiled = CompiledPlan(resolve(MODEL, ["training.gpus", "training.days"], ["training.gpu_hours"]))
    with pytest.raises((TypeError, ValueError)):
        compiled([1.0])


def test_a_plan_without_targets_returns_nothing() -> None:
    assert CompiledPlan(resolve(MODEL, [], []))([]) == ()


# Formulas of other shapes than those of the model


def lines() -> Registry:
    registry = Registry()
    registry.section("a", "A")
    for name in ("a.one", "a.two", "a.three"):
        registry.given(name, "USD", name)
    return registry


FOUR = 4.0
TOO_MUCH = "no_gain"


def mixed(a_one: Any, a_two: Any, a_three: Any = None) -> Any:
    """Guards, a constant, a sum with a line that may be absent, and signs that need their brackets."""
    require(a_two < 2, TOO_MUCH)
    require((a_one >= 0) & (a_one <= 100), "no_outlay")
    return FOUR * (a_one - add(a_two, a_three)) / (1 - a_two)


def branching(a_one: Any, a_two: Any) -> Any:
    return a_one - a_two if a_one > a_two else a_two / a_one


@pytest.mark.parametrize(
    ("values", "expected", "reason"),
    [
        ({"a.one": 7.0, "a.two": 0.5, "a.three": 1.5}, 40.0, None),
        ({"a.one": 7.0, "a.two": 0.5}, 52.0, None),
        ({"a.one": 7.0, "a.two": 3.0}, None, TOO_MUCH),
        ({"a.one": 107.0, "a.two": 0.0}, None, "no_outlay"),
        ({"a.one": 7.0, "a.two": 1.0, "a.three": 1.0}, None, "division_by_zero"),
    ],
)
def test_guards_sums_and_brackets(
    values: dict[str, float], expected: float | None, reason: str | None
) -> None:
    registry = lines()
    registry.formula("a.x", unit="USD")(mixed)
    compiled = CompiledPlan(resolve(registry.complete(), values, ["a.x"]))
    ordered = [values[name] for name in compiled.inputs]
    assert compiled(ordered) == (expected,)
    found = compiled.explained(ordered)[1].get("a.x")
    assert (found and found.code) == reason


def test_a_branch_that_python_would_have_to_decide_is_refused() -> None:
    registry = lines()
    registry.formula("a.x", unit="USD")(branching)
    with pytest.raises(TypeError, match=r"^a symbol decides no comparison: formulas use where"):
        CompiledPlan(resolve(registry.complete(), ["a.one", "a.two"], ["a.x"]))


# Formulas in readable form


@each("formula", FORMULAS, lambda f: f"{f.quantity}-{f.function.__name__}")
def test_a_formula_can_be_read(formula: Formula) -> None:
    assert formula.description.endswith(".")
    assert readable(formula)
    # What a root is found for is a text of its own; everything else is written by itself.
    opaque = any(node.kind == "root" for node in graph_of_formula(formula).nodes)
    assert opaque <= (formula.text is not None)


def route(quantity: str, function: str) -> Formula:
    (found,) = [f for f in MODEL.formulas[quantity] if f.function.__name__ == function]
    return found


@pytest.mark.parametrize(
    ("quantity", "function", "text"),
    [
        ("unit.gross_margin", "gross_margin", "1 − serving.cost_per_mtok / price.blended_per_mtok"),
        ("training.gpu_hours", "gpu_hours", "training.gpus · training.days · 24"),
        ("training.cost_per_mtok", "cost_per_mtok", "training.cost / training.lifetime_tokens · 1e6"),
        (
            "serving.seconds_per_input_token",
            "seconds_of_prefill",
            "1 / (serving.prefill_tokens_per_gpu_second · (1 − serving.measured_cached_input_share"
            " · (1 − serving.cached_input_cost_ratio)))",
        ),
        (
            "company.net_burn_per_month",
            "net_burn",
            "(cost.total − cost.noncash − revenue.total) / company.period_months",
        ),
        ("company.runway_months", "runway", "cash.available / company.net_burn_per_month"),
        ("revenue.lines", "sum_of_lines", "revenue.api + revenue.subscription + revenue.other"),
    ],
)
def test_readable_form(quantity: str, function: str, text: str) -> None:
    assert readable(route(quantity, function)) == text


@pytest.mark.parametrize(
    ("present", "text"),
    [(("cost.inference", "cost.staff"), "cost.inference + cost.staff"), (("cost.staff",), "cost.staff")],
)
def test_readable_form_leaves_out_what_is_absent(present: tuple[str, ...], text: str) -> None:
    assert readable(route("cost.lines", "sum_of_lines"), present) == text


def test_a_root_is_described_by_its_equation() -> None:
    assert readable(route("breakeven.uniform_multiplier", "multiplier_where_demand_answers")) == (
        "the m with (1 − s)·(R·m^(1−ε) + R₀) = V·m^−ε + F, where R = revenue.total, R₀ = 0, "
        "V = breakeven.paid_inference, F = cost.inference − V + breakeven.other_cost"
    )

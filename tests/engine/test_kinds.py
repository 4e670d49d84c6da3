"""Floats, columns of numbers and dual numbers run the same formulas, to the same results."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from llmcost.engine.arrays import ArrayPlan
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.dual import Dual, slopes
from llmcost.engine.plan import Plan, Step, resolve
from llmcost.engine.registry import Formula
from llmcost.formulas import MODEL
from llmcost.reasons import Undefined

FORMULAS = [formula for routes in MODEL.formulas.values() for formula in routes]
WITH_INPUTS = [formula for formula in FORMULAS if formula.inputs]
SAMPLES = 12

COMPANY = (
    "revenue.api",
    "revenue.subscription",
    "cost.inference",
    "cost.training",
    "cost.staff",
    "cash.balance",
    "cash.credits",
    "company.period_months",
    "compute.paid_gpu_hour",
    "compute.market_gpu_hour",
)
ELASTIC = (*COMPANY, "market.price_elasticity", "company.revenue_share_rate", "company.api_inference_share")
FLEET = (
    "price.input_per_mtok",
    "price.output_per_mtok",
    "traffic.input_tokens_per_day",
    "traffic.output_tokens_per_day",
    "serving.gpu_hour_cost",
    "serving.prefill_tokens_per_gpu_second",
    "serving.decode_tokens_per_gpu_second",
    "serving.utilization",
    "training.compute_cost",
    "training.amortization_months",
)
PRODUCT = (
    "product.price_per_unit",
    "product.revenue_share_rate",
    "product.base_token_cost_per_unit",
    "product.supplier_price_multiplier",
    "product.other_cost_per_unit",
    "product.units_per_month",
    "product.paying_share",
    "product.fixed_cost_per_month",
    "product.target_margin",
    "product.pass_through_share",
    "market.price_elasticity",
)
CAPITAL = (
    "capex.spend",
    "capex.useful_life_years",
    "capex.cost_of_capital",
    "capex.operating_cost_share",
    "capex.gross_margin",
    "revenue.total",
)
SETS = {
    "company": COMPANY,
    "company, demand answering": ELASTIC,
    "fleet": FLEET,
    "product": PRODUCT,
    "capital": CAPITAL,
}


def identity(formula: Formula) -> str:
    return f"{formula.quantity}-{formula.function.__name__}"


def drawn(name: str, rng: random.Random) -> float:
    """A value of a plausible size, away from 0."""
    if name == "market.price_elasticity":
        return rng.uniform(0.05, 0.9)
    unit = MODEL.quantities[name].unit
    return rng.uniform(0.05, 0.95) if unit == "share" else rng.uniform(1.0, 9.0)


def points_of(formula: Formula) -> list[dict[str, float]]:
    """Values for a formula's inputs for which all of its guards pass."""
    rng = random.Random(identity(formula))
    found: list[dict[str, float]] = []
    for _ in range(5_000):
        values = {name: drawn(name, rng) for name in formula.inputs}
        if formula.function.__name__ == "cost_of_own_mix":
            values["workload.output_share"] = values["traffic.output_share"]
            values["workload.cached_input_share"] = values["traffic.cached_input_share"]
        if formula.function.__name__.startswith("inelastic_"):
            values["market.price_elasticity"] = 0.0
        if formula.function.__name__.startswith("survivable_passed_on"):
            values["product.price_per_unit"] *= 100
        try:
            formula.function(*values.values())
        except Undefined:
            continue
        found.append(values)
        if len(found) == SAMPLES:
            return found
    raise AssertionError(f"no inputs found for {identity(formula)}")


def tolerance(formula: Formula) -> float:
    return 1e-12 if formula.residual is None else 1e-9


@pytest.mark.parametrize("formula", WITH_INPUTS, ids=identity)
def test_a_column_holds_what_floats_give(formula: Formula) -> None:
    points = points_of(formula)
    expected = [formula.function(*point.values()) for point in points]
    step = Step(formula.quantity, formula, formula.inputs)
    columns = ArrayPlan(Plan(formula.inputs, (step,), {}, (formula.quantity,)))
    filled = [np.array([point[name] for point in points]) for name in columns.inputs]
    (found,) = columns(filled)
    assert len(found) == SAMPLES
    assert list(found) == pytest.approx(expected, rel=tolerance(formula), abs=1e-15)


@pytest.mark.parametrize("formula", WITH_INPUTS, ids=identity)
def test_slopes_agree_with_central_differences(formula: Formula) -> None:
    for point in points_of(formula)[:4]:
        plain = formula.function(*point.values())
        for name, value in point.items():
            if name.endswith("share") and formula.function.__name__ == "cost_of_own_mix":
                continue  # its guard leaves no room to move
            if name == "market.price_elasticity" and value == 0:
                continue  # the edge of where the formula holds
            dual = formula.function(*(Dual(v, float(n == name)) for n, v in point.items()))
            assert dual.value == plain
            step = 1e-5 * value
            try:
                above = formula.function(*({**point, name: value + step}).values())
                below = formula.function(*({**point, name: value - step}).values())
            except Undefined:
                continue
            numeric = (above - below) / (2 * step)
            assert dual.slope == pytest.approx(numeric, rel=1e-5, abs=1e-7 * max(1, abs(plain / value))), name


@pytest.mark.parametrize(
    ("one", "value", "slope"),
    [
        (Dual(3, 1) + 2, 5, 1),
        (2 + Dual(3, 1), 5, 1),
        (Dual(3, 1) + Dual(4, 2), 7, 3),
        (Dual(3, 1) - Dual(4, 3), -1, -2),
        (10 - Dual(3, 1), 7, -1),
        (-Dual(3, 1), -3, -1),
        (Dual(3, 1) * Dual(4, 2), 12, 10),
        (2 * Dual(3, 1), 6, 2),
        (Dual(6, 1) / Dual(3, 2), 2, -1),
        (Dual(6, 1) / 2, 3, 0.5),
        (12 / Dual(3, 1), 4, -4 / 3),
        (Dual(3, 1) ** 2, 9, 6),
        (2 ** Dual(3, 1), 8, 8 * math.log(2)),
        (Dual(2, 1) ** Dual(3, 1), 8, 12 + 8 * math.log(2)),
    ],
)
def test_dual_arithmetic_by_hand(one: Dual, value: float, slope: float) -> None:
    assert one.value == pytest.approx(value, rel=1e-15)
    assert one.slope == pytest.approx(slope, rel=1e-15)


def test_duals_divide_by_zero_as_floats_do_and_compare_by_value() -> None:
    with pytest.raises(ZeroDivisionError):
        _ = 1 / Dual(0.0, 1.0)
    with pytest.raises(ZeroDivisionError):
        _ = Dual(1.0, 1.0) / Dual(0.0, 1.0)
    assert Dual(1, 5) < Dual(2, 0) <= 2 < Dual(3, -1)
    assert Dual(2, 1) == 2
    assert Dual(2, 1) == Dual(2, 7)
    assert Dual(3) >= 3 > Dual(2)


def test_slopes_of_a_plan_by_hand() -> None:
    """margin = 1 − cost/price: its slopes are −1/price and cost/price²; what is not used has none."""
    plan = resolve(MODEL, ["price.blended_per_mtok", "serving.cost_per_mtok"], ["unit.gross_margin"])
    values = {"price.blended_per_mtok": 4.0, "serving.cost_per_mtok": 1.0, "cash.balance": 7.0}
    found = slopes(plan, values, [*plan.inputs, "cash.balance"])
    assert found["serving.cost_per_mtok"]["unit.gross_margin"] == pytest.approx(-0.25, rel=1e-15)
    assert found["price.blended_per_mtok"]["unit.gross_margin"] == pytest.approx(1 / 16, rel=1e-15)
    assert found["cash.balance"] == {"unit.gross_margin": 0.0}


def test_the_slope_of_a_root_by_hand() -> None:
    """At elasticity 1, 12/m + 4 = 10: m = V/(R − F), so dm/dV = 1/6, dm/dF = V/(R − F)² = 1/3."""
    names = ("revenue.total", "cost.inference", "cost.staff", "market.price_elasticity")
    plan = resolve(MODEL, names, ["breakeven.uniform_multiplier"])
    found = slopes(plan, dict(zip(names, (10.0, 12.0, 4.0, 1.0), strict=True)), names)
    slope = {name: found[name]["breakeven.uniform_multiplier"] for name in names}
    assert slope["cost.inference"] == pytest.approx(1 / 6, rel=1e-9)
    assert slope["cost.staff"] == pytest.approx(1 / 3, rel=1e-9)
    assert slope["revenue.total"] == pytest.approx(-1 / 3, rel=1e-9)
    # d(ln m)/dε = ln m·(R·m − V)/V = ln 2·(20 − 12)/12
    assert slope["market.price_elasticity"] == pytest.approx(2 * math.log(2) * 8 / 12, rel=1e-9)


# Whole plans


def hard(name: str, rng: random.Random) -> float:
    """A value of any size that may be stated, the edges among them."""
    if name == "market.price_elasticity":
        return rng.choice([0.0, 1.0, rng.uniform(0.1, 0.9), rng.uniform(1.05, 3.0)])
    unit = MODEL.quantities[name].unit
    if unit == "share":
        return rng.choice([0.0, 1.0, *(rng.uniform(0.01, 0.99) for _ in range(6))])
    scale = 1e9 if unit == "USD" else 1e3
    return rng.choice([0.0, *(scale * rng.uniform(0.1, 9) for _ in range(9))])


def compared(plan: Plan, points: Sequence[Mapping[str, float]]) -> list[list[float | None]]:
    """Hold columns against floats at every point, and return what floats give, target by target."""
    compiled, columns = CompiledPlan(plan), ArrayPlan(plan)
    rows = [compiled([point[name] for name in compiled.inputs]) for point in points]
    filled = [np.array([point[name] for point in points]) for name in columns.inputs]
    found = [np.broadcast_to(column, (len(points),)) for column in columns(filled)]
    for place, target in enumerate(plan.targets):
        for index, row in enumerate(rows):
            value, other = row[place], float(found[place][index])
            if value is None:
                assert math.isnan(other), (target, dict(points[index]))
            else:
                slack = 1e-9 * max(abs(value), *points[index].values())
                assert abs(other - value) <= slack, (target, dict(points[index]))
    return [[row[place] for row in rows] for place in range(len(plan.targets))]


@pytest.mark.parametrize("label", SETS)
def test_whole_plans_agree_and_are_undefined_at_the_same_points(label: str) -> None:
    rng = random.Random(label)
    plan = resolve(MODEL, SETS[label], MODEL.quantities)
    points = [{name: hard(name, rng) for name in SETS[label]} for _ in range(300)]
    columns = compared(plan, points)
    flat = [value for column in columns for value in column]
    assert any(value is None for value in flat)
    assert sum(value is not None for value in flat) > len(flat) / 2


def test_both_roots_of_an_elastic_demand_are_told_apart_alike() -> None:
    """With ε = 2, R = V = 10 and F: 10/m − 10/m² = F, m = (10 ± √(100 − 40·F))/(2·F)."""
    names = ("revenue.total", "cost.inference", "cost.staff", "market.price_elasticity")
    plan = resolve(MODEL, names, ["breakeven.uniform_multiplier"])
    fixed = [1.6, 2.1, 2.4, 2.6]
    columns = ArrayPlan(plan)
    filled = {
        "revenue.total": np.full(4, 10.0),
        "cost.inference": np.full(4, 10.0),
        "cost.staff": np.array(fixed),
        "market.price_elasticity": np.full(4, 2.0),
    }
    (found,) = columns([filled[name] for name in columns.inputs])
    by_hand = [(10 - math.sqrt(100 - 40 * f)) / (2 * f) for f in fixed[:3]]
    assert list(found[:3]) == pytest.approx(by_hand, rel=1e-12)
    assert math.isnan(found[3])


def test_a_division_by_zero_on_the_way_is_undefined_even_where_the_end_is_finite() -> None:
    names = (
        "price.blended_per_mtok",
        "serving.gpu_hour_cost",
        "serving.prefill_tokens_per_gpu_second",
        "serving.decode_tokens_per_gpu_second",
        "serving.utilization",
        "workload.output_share",
    )
    plan = resolve(MODEL, names, ["unit.markup", "unit.breakeven_gpu_hour_cost"])
    columns = ArrayPlan(plan)
    zero = {name: np.array([1.0, 1.0]) for name in names} | {"serving.utilization": np.array([0.0, 1.0])}
    zero["workload.output_share"] = np.array([0.5, 0.5])
    markup, rate = columns([zero[name] for name in columns.inputs])
    # 1e6/3600 dollars a million tokens against a price of 1
    assert math.isnan(markup[0])
    assert markup[1] == pytest.approx(0.0036 - 1, rel=1e-12)
    assert math.isnan(rate[0])
    assert rate[1] == pytest.approx(0.0036, rel=1e-12)


def test_without_anything_to_reprice_there_is_no_multiplier() -> None:
    """All revenue keeps its price and more than covers the cost: nothing is repriced, whatever ε."""
    names = (
        "revenue.api",
        "revenue.subscription",
        "cost.inference",
        "company.api_inference_share",
        "market.price_elasticity",
    )
    plan = resolve(MODEL, names, ["breakeven.api_only_multiplier"])
    columns = ArrayPlan(plan)
    given = dict(zip(names, (0.0, 10.0, 2.0, 0.5, 0.5), strict=True))
    (found,) = columns([np.array([given[name]]) for name in columns.inputs])
    assert math.isnan(found[0])


# Partial evaluation


@pytest.mark.parametrize("label", SETS)
def test_what_is_fixed_changes_nothing(label: str) -> None:
    rng = random.Random(label)
    names = SETS[label]
    plan = resolve(MODEL, names, MODEL.quantities)
    whole = CompiledPlan(plan)
    undefined = 0
    for _ in range(8):
        point = {name: hard(name, rng) for name in names}
        fixed = {name: value for name, value in point.items() if rng.random() < 0.6}
        expected, why = whole.explained([point[name] for name in whole.inputs])
        partial = CompiledPlan(plan, fixed)
        assert set(partial.inputs) == set(whole.inputs) - set(fixed)
        rest = [point[name] for name in partial.inputs]
        assert partial(rest) == expected
        assert partial.explained(rest) == (expected, why)
        undefined += sum(value is None for value in expected)
    assert undefined


@pytest.mark.parametrize("label", SETS)
def test_columns_with_fixed_values_agree_with_floats(label: str) -> None:
    rng = random.Random(f"fixed {label}")
    names = SETS[label]
    plan = resolve(MODEL, names, MODEL.quantities)
    whole = CompiledPlan(plan)
    for _ in range(8):
        point = {name: hard(name, rng) for name in names}
        fixed = {name: value for name, value in point.items() if rng.random() < 0.6}
        expected = whole([point[name] for name in whole.inputs])
        columns = ArrayPlan(plan, fixed)
        found = columns([np.array([point[name]] * 2) for name in columns.inputs])
        for target, value, column in zip(plan.targets, expected, found, strict=True):
            both: Any = np.broadcast_to(column, (2,))
            if value is None:
                assert np.isnan(both).all(), (target, point, fixed)
            else:
                scale = 1e-9 * max(map(abs, point.values()))
                assert list(both) == pytest.approx([value] * 2, rel=1e-9, abs=scale), (target, point)


def test_everything_fixed_leaves_numbers_alone() -> None:
    plan = resolve(MODEL, ["training.gpus", "training.days"], ["training.gpu_hours"])
    fixed = CompiledPlan(plan, {"training.gpus": 2.0, "training.days": 3.0, "cash.balance": 1.0})
    assert fixed.inputs == ()
    assert fixed([]) == (144.0,)
    assert "*" not in fixed.source


def test_a_fixed_zero_is_undefined_with_its_reason() -> None:
    plan = resolve(MODEL, ["revenue.total", "cost.total"], ["company.operating_margin"])
    fixed = CompiledPlan(plan, {"revenue.total": 0.0})
    assert fixed([1.0]) == (None,)
    (reason,) = fixed.explained([1.0])[1].values()
    assert str(reason) == "division by zero: revenue.total is 0"

"""Every kind of number runs the same formulas, to the same results."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from calling import each
from llmcost.engine.arithmetic import add, annuity, clamp, close, largest, least, round_up, where
from llmcost.engine.arrays import ArrayPlan, ColumnCode, for_columns, roots
from llmcost.engine.compiled import Code, CompiledPlan
from llmcost.engine.dual import Dual, slopes
from llmcost.engine.formula import Formula
from llmcost.engine.plan import Plan, Step, resolve
from llmcost.engine.registry import Registry
from llmcost.engine.roots import Upward
from llmcost.engine.symbols import Graph
from llmcost.engine.trace import call
from llmcost.engine.units import Measure, UnitMismatch
from llmcost.engine.writing import write
from llmcost.formulas import MODEL
from llmcost.reasons import Undefined

FORMULAS = [formula for routes in MODEL.formulas.values() for formula in routes]
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


SCALES = {"tok/day": 1e6, "tok/GPU-day": 1e6, "GPU-second/tok": 1e-6}


def drawn(name: str, rng: random.Random) -> float:
    """A value of a plausible size, away from 0 but for demand that does not answer."""
    if name == "market.price_elasticity":
        return rng.choice([0.0, rng.uniform(0.05, 0.9)])
    if name.endswith("gpus_per_replica"):
        return rng.choice([0.9, 8.0])  # one GPU has nothing to exchange
    if name.endswith(UNUSED) and rng.random() < 0.5:
        return 1.0 if name.endswith("multiplier") else 0.0
    unit = MODEL.quantities[name].unit
    scale = rng.choice([1.0, 1.0, 100.0]) * SCALES.get(unit, 1.0)
    return rng.uniform(0.05, 0.95) if unit == "share" else scale * rng.uniform(1.0, 9.0)


UNUSED = (
    *("batch_share", "flex_share", "priority_share", "off_peak_share", "fees_per_request"),
    *("long_context_input_multiplier", "long_context_output_multiplier"),
)
"""What asks for a price or a length only where it is not neutral."""

Point = dict[str, float | None]


def at(formula: Formula, point: Point) -> float | None:
    """What floats give; None where the formula refuses."""
    try:
        return call(formula, point)
    except Undefined:
        return None


def points_of(formula: Formula, absent: str | None = None) -> list[Point]:
    """Values for a formula's inputs, its optional one that is absent left out: some at which it has a value,
    and some of those at which it refuses.
    """
    rng = random.Random(f"{identity(formula)} without {absent}")
    found: list[Point] = []
    refused: list[Point] = []
    for _ in range(5_000):
        point: Point = {name: None if name == absent else drawn(name, rng) for name in formula.inputs}
        if formula.function.__name__.startswith("blended_of_"):
            point[formula.inputs[0]] = rng.choice([0.0, 1.0])  # all input, or all output
        if rng.random() < 0.3:
            # What must be alike is: shares of one mix.
            alike = rng.uniform(0.05, 0.95)
            shares = [name for name in point if MODEL.quantities[name].unit == "share"]
            point |= {name: alike for name in shares if point[name] is not None}
        if at(formula, point) is None:
            refused.append(point)
        else:
            found.append(point)
        if len(found) == SAMPLES:
            return found + refused[:3]
    raise AssertionError(f"no inputs found for {identity(formula)}")


def defined_points(formula: Formula) -> list[dict[str, float]]:
    return [
        {name: value for name, value in point.items() if value is not None}
        for point in points_of(formula)
        if at(formula, point) is not None
    ]


# Every formula on every kind of number: what each gives at some points, None where the formula refuses.


def plan_of(formula: Formula, points: list[Point]) -> Plan:
    present = tuple(name for name in formula.inputs if points[0][name] is not None)
    return Plan(present, (Step(formula.quantity, formula, present),), {}, (formula.quantity,))


def by_array(formula: Formula, points: list[Point]) -> list[float | None]:
    columns = ArrayPlan(plan_of(formula, points))
    (found,) = columns([np.array([point[name] for point in points]) for name in columns.inputs])
    values: list[float] = np.broadcast_to(found, (len(points),)).tolist()
    return [None if math.isnan(value) else value for value in values]


def by_symbol(formula: Formula, points: list[Point]) -> list[float | None]:
    compiled = CompiledPlan(plan_of(formula, points))
    found: list[float | None] = []
    for point in points:
        try:
            (value,) = compiled.fast(*(point[name] for name in compiled.inputs))
        except Undefined:
            found.append(None)
        else:
            found.append(value)
    return found


Run = Callable[[Formula, list[Point]], list[float | None]]


def by(kind: Callable[[str, float], Any], value: Callable[[Any], float]) -> Run:
    """Run a formula's own function on numbers of a kind, of whose results `value` is the value."""

    def run(formula: Formula, points: list[Point]) -> list[float | None]:
        found: list[float | None] = []
        for point in points:
            numbers = [None if v is None else kind(name, v) for name, v in point.items()]
            try:
                result = formula.function(*numbers)
            except Undefined:
                found.append(None)
            else:
                found.append(float(result) if isinstance(result, float) else value(result))
        return found

    return run


KINDS: dict[str, Run] = {
    "float": by(lambda _, number: number, float),
    "array": by_array,
    "unit-carrying": by(
        lambda name, number: Measure(number, MODEL.quantities[name].unit), lambda one: one.value
    ),
    "dual": by(lambda _, number: Dual(number, 1.0), lambda one: one.value),
    "symbol": by_symbol,
}


@each("formula", FORMULAS, identity)
def test_every_formula_gives_the_same_on_every_kind_of_number(formula: Formula) -> None:
    """To the last digit; with each of its optional inputs left out as well, where others remain."""
    for absent in (None, *(sorted(formula.optional) if len(formula.inputs) > 1 else ())):
        points = points_of(formula, absent)
        expected = [at(formula, point) for point in points]
        for kind, run in KINDS.items():
            assert run(formula, points) == expected, kind


# What formulas need beyond + − × ÷, by hand, on every kind


def mixed(a_one: Any, a_two: Any) -> dict[str, Any]:
    """Of 2.5 and 4: every function that there is."""
    return {
        "where": where(a_one < a_two, a_one, a_two) * 1,
        "where not": where((a_one > a_two) | (a_one == a_two), a_one, a_two) * 1,
        "where both": where((a_one <= a_two) & (a_one != a_two), a_one + 1, a_two) * 1,
        "least": least(a_two, a_one, 3.0) * 1,
        "largest": largest(a_one, 3.0, 0) * 1,
        "clamp": clamp(a_two, 1.0, a_one) * 1,
        "clamp below": clamp(0.5 * a_one, a_one, a_two) * 1,
        "round up": round_up(a_one) * 1,
        "round up to": round_up(a_one, a_two) * 1,
        "round up but for rounding": round_up(a_one * 0.4 + 1e-12) * 1,
        "close": where(close(a_one * 3, 7.5), 1.0, 0.0 * a_one) * 1,
        "abs": abs(a_one - a_two) * 1,
        "add": add(None, a_one, None, a_two),
        "annuity": annuity(a_one, a_two),
        "annuity at hardly any rate": annuity(a_one * 1e-9, a_two),
    }


BY_HAND = {
    "where": 2.5,
    "where not": 4.0,
    "where both": 3.5,
    "least": 2.5,
    "largest": 3.0,
    "clamp": 2.5,
    "clamp below": 2.5,
    "round up": 3.0,
    "round up to": 4.0,
    "round up but for rounding": 1.0,
    "close": 1.0,
    "abs": 1.5,
    "add": 6.5,
    "annuity": 2.5 / (1 - 3.5**-4),
    "annuity at hardly any rate": (1 + 2.5e-9 * 5 / 2) / 4,
}


def graph_of_mixed() -> Graph:
    graph = Graph()
    one, two = graph.put("input", "one"), graph.put("input", "two")
    graph.quantities = {name: value.place for name, value in mixed(one, two).items()}
    return graph


def mixed_by_symbol() -> list[float]:
    graph, code = graph_of_mixed(), Code(["one", "two"])
    return list(code.function(write(graph, code, list(graph.quantities.values())))[1](2.5, 4.0))


def mixed_by_array() -> list[float]:
    graph, code = for_columns(graph_of_mixed()), ColumnCode(["one", "two"])
    run = code.function(write(graph, code, list(graph.quantities.values())))[1]
    return [float(column[1]) for column in run(np.array([9.0, 2.5]), np.array([1.0, 4.0]))]


MIXED: dict[str, Callable[[], list[float]]] = {
    "float": lambda: list(mixed(2.5, 4.0).values()),
    "array": mixed_by_array,
    "unit-carrying": lambda: [one.value for one in mixed(Measure(2.5), Measure(4.0)).values()],
    "dual": lambda: [float(getattr(one, "value", one)) for one in mixed(Dual(2.5, 1.0), Dual(4.0)).values()],
    "symbol": mixed_by_symbol,
}


@pytest.mark.parametrize("kind", MIXED)
def test_every_kind_knows_every_function(kind: str) -> None:
    assert dict(zip(BY_HAND, MIXED[kind](), strict=True)) == pytest.approx(BY_HAND, rel=1e-12)


def test_one_to_an_undefined_power_is_undefined() -> None:
    power = ColumnCode([]).scope["power"]
    assert np.isnan(power(np.array([1.0, math.nan]), np.array([math.nan, 0.0]))).all()


def test_a_branch_that_is_not_taken_has_to_have_a_value_on_every_kind() -> None:
    """Since all kinds work out both branches, none may have a value where another has none."""

    def chosen(a_one: Any, a_two: Any) -> Any:
        return where(a_one > 1, a_two, 1 / (a_one - 2))

    registry = Registry()
    registry.section("a", "A")
    registry.given("a.one", "–", "")
    registry.given("a.two", "–", "")
    registry.formula("a.x", unit="–")(chosen)
    plan = resolve(registry.complete(), ["a.one", "a.two"], ["a.x"])
    compiled = CompiledPlan(plan)
    assert [compiled([2.0, 5.0]), compiled([3.0, 5.0])] == [(None,), (5.0,)]
    (found,) = ArrayPlan(plan)([np.array([2.0, 3.0]), np.array([5.0, 5.0])])
    assert np.isnan(found).tolist() == [True, False]
    for arguments in ([Measure(2.0), Measure(5.0)], [Dual(2.0), Dual(5.0)]):
        with pytest.raises(ZeroDivisionError):
            chosen(*arguments)


def test_units_must_fit_in_every_branch() -> None:
    usd, hour = Measure(2, "USD"), Measure(3, "hour")
    wrongs: list[Callable[[], Any]] = [
        lambda: where(True, usd, hour),
        lambda: least(usd, hour),
        lambda: largest(usd, hour),
        lambda: clamp(usd, 1.0, usd),
        lambda: round_up(usd),
        lambda: close(usd, usd),
    ]
    for wrong in wrongs:
        with pytest.raises(UnitMismatch):
            wrong()
    assert largest(usd - 5 * usd, 0).powers == usd.powers


def test_slopes_of_functions_by_hand() -> None:
    one, two = Dual(2.5, 1.0), Dual(4.0, 3.0)
    found = [least(one, two), largest(one, two), where(one > two, one, two), round_up(one), abs(one - two)]
    assert [item.slope for item in found] == [1.0, 3.0, 3.0, 0.0, 2.0]


@each("formula", [f for f in FORMULAS if f.inputs], identity)
def test_slopes_agree_with_central_differences(formula: Formula) -> None:
    for point in defined_points(formula)[:4]:
        plain = formula.function(*point.values())
        for name, value in point.items():
            if value == 0:
                continue  # the edge of where the formula holds
            found = formula.function(*(Dual(v, float(n == name)) for n, v in point.items()))
            dual = found if isinstance(found, Dual) else Dual(found)
            assert dual.value == plain
            step = 1e-5 * value
            try:
                above = formula.function(*({**point, name: value + step}).values())
                below = formula.function(*({**point, name: value - step}).values())
            except Undefined:
                continue
            numeric = (above - below) / (2 * step)
            if (above - plain) * (plain - below) < 0 or abs(above + below - 2 * plain) > 1e-3 * abs(
                above - below
            ):
                continue  # a kink, which has no slope
            assert dual.slope == pytest.approx(numeric, rel=1e-5, abs=1e-7 * max(1, abs(plain / value))), name


@pytest.mark.parametrize(
    ("one", "value", "slope"),
    [
        (2 + Dual(3, 1), 5, 1),
        (Dual(3, 1) + Dual(4, 2), 7, 3),
        (Dual(3, 1) - Dual(4, 3), -1, -2),
        (10 - Dual(3, 1), 7, -1),
        (-Dual(3, 1), -3, -1),
        (Dual(3, 1) * Dual(4, 2), 12, 10),
        (Dual(6, 1) / Dual(3, 2), 2, -1),
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


def test_a_search_upward_takes_the_same_steps_on_columns() -> None:
    """Where s·x^p is 10: x = (10/s)^(1/p), none below 1, and 1,000 where it lies beyond."""
    search = Upward("search", lambda x, s, p: s * x**p - 10, 1000.0, "too_slow_for_one_user")
    factors = [10.0, 2.5, 0.3, 1e-9, 20.0, math.nan, 0.01]
    found = roots(search)(np.array(factors), 2.0)
    alone = [search(s, 2.0) for s in (10.0, 2.5, 0.3, 1e-9)]
    assert found[:4].tolist() == alone
    assert alone == [1.0, 2.0, pytest.approx(math.sqrt(10 / 0.3), rel=1e-15), 1000.0]
    assert np.isnan(found[4:6]).all()
    assert found[6] == search(0.01, 2.0) == pytest.approx(math.sqrt(1000), rel=1e-15)
    with pytest.raises(Undefined):
        search(20.0, 2.0)


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

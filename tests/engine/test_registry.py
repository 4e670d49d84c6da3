"""The engine: what may be registered, which route is taken, how a value comes to be missing or undefined."""

from __future__ import annotations

import math
from typing import Any
from unittest.mock import Mock

import pytest

from calling import each, refusal
from llmcost.engine.arithmetic import add, require
from llmcost.engine.plan import resolve
from llmcost.engine.registry import BASES, Basis, Quantity, Registry, quantity_name, weakest
from llmcost.engine.roots import climbed, root
from llmcost.engine.trace import Given, Trace, evaluate
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.formulas.price_list import USE, WORKLOAD
from llmcost.reasons import Reason, Undefined


def empty() -> Registry:
    """A registry with two sections and no quantities."""
    registry = Registry()
    registry.section("a", "First")
    registry.section("b", "Second")
    return registry


def small() -> Registry:
    """Inputs a.one and a.two, and what follows from them."""
    registry = empty()
    registry.given("a.one", "USD", "One")
    registry.given("a.two", "USD", "Two")
    return registry


def add_up(registry: Registry, name: str, *inputs: str, **terms: Any) -> None:
    """Register a sum of inputs, in USD unless told otherwise."""
    registry.formula(name, **{"unit": "USD", **terms}, inputs=inputs)(lambda *values: sum(values))


def run(registry: Registry, targets: list[str] | None = None, **values: float) -> Trace:
    """Evaluate; `a_one=1` stands for a.one."""
    given = {quantity_name(name): Given(value) for name, value in values.items()}
    return evaluate(registry.complete(), given, targets)


# What may be registered


def test_the_decorator_returns_the_function_unchanged() -> None:
    registry = small()

    def ratio(a_one: float, a_two: float) -> float:
        """One over two."""
        return a_one / a_two

    assert registry.formula("b.ratio", unit="×")(ratio) is ratio
    assert ratio(1.0, 4.0) == 0.25


def test_a_formula_brings_its_quantity_into_the_vocabulary() -> None:
    registry = small()

    @registry.formula("b.ratio", unit="share", bounds=(-1, None))
    def ratio(a_one: float, a_two: float) -> float:
        """One over two.

        Not shown in lists.
        """
        return a_one / a_two

    assert registry.quantities["b.ratio"] == Quantity("b.ratio", "share", "One over two", -1, None)
    (formula,) = registry.formulas["b.ratio"]
    assert formula.inputs == ("a.one", "a.two")
    assert formula.required == ("a.one", "a.two")
    assert formula.description == "One over two. Not shown in lists."
    assert "b.ratio" not in registry.inputs
    assert registry.inputs == {"a.one", "a.two"}


def test_a_table_declares_what_may_be_stated() -> None:
    registry = empty()
    names = registry.declare("""
a.one [share, worse up, adds] One, and more to say
    of it
b.two [USD, from 1, to 2.5, at least a.one] Two
b.end [USD, outcome, any sign, worse down] The end
""")
    assert names == ["a.one", "b.two", "b.end"]
    assert list(registry.quantities.values()) == [
        Quantity("a.one", "share", "One, and more to say of it", 0.0, 1.0, "up", adds=True),
        Quantity("b.two", "USD", "Two", 1, 2.5, least=("a.one",)),
        Quantity("b.end", "USD", "The end", None, worse="down"),
    ]
    assert (registry.inputs, registry.outcomes) == ({"a.one", "b.two"}, {"b.end"})
    with pytest.raises(LlmcostError, match=r"^'a\.three' has the unknown mark 'worse off'$"):
        registry.declare("a.three [USD, worse off] Three")


def test_bounds_without_a_word_are_those_of_an_amount_or_a_share() -> None:
    registry = empty()
    registry.given("a.amount", "USD", "")
    registry.given("a.share", "share", "")
    registry.given("a.free", "USD", "", low=None)

    add_up(registry, "b.share", "a.share", unit="share")
    add_up(registry, "b.amount", "a.amount")
    bounds = {name: (quantity.low, quantity.high) for name, quantity in registry.quantities.items()}
    assert bounds == {
        "a.amount": (0.0, None),
        "a.share": (0.0, 1.0),
        "a.free": (None, None),
        "b.share": (0.0, 1.0),
        "b.amount": (0.0, None),
    }


@pytest.mark.parametrize(
    ("inputs", "terms", "said"),
    [
        (("a.one", "a.tvo"), {}, "'a.tvo'; did you mean 'a.two'?"),
        (("zebra.stripes",), {}, "'zebra.stripes'"),
        (("a.one",), {"unless_given": ("a.too",)}, "'a.too'; did you mean 'a.two'?"),
        (("a.one",), {"if_given": ("a.too",)}, "'a.too'; did you mean 'a.two'?"),
    ],
)
def test_an_unknown_name_in_a_formula_is_refused(
    inputs: tuple[str, ...], terms: dict[str, Any], said: str
) -> None:
    registry = small()
    add_up(registry, "b.sum", *inputs, **terms)
    assert refusal(registry.complete) == f"the formula of 'b.sum' uses unknown {said}"


def test_two_given_quantities_of_one_name_are_refused() -> None:
    registry = small()
    with pytest.raises(LlmcostError, match=r"^two quantities are named 'a\.one'$"):
        registry.given("a.one", "USD", "Again")


def test_a_derived_quantity_is_not_declared_as_given_afterwards() -> None:
    registry = small()

    add_up(registry, "b.sum", "a.one")
    with pytest.raises(LlmcostError, match=r"^two quantities are named 'b\.sum'$"):
        registry.given("b.sum", "USD", "Again")


def test_routes_in_two_modules_are_refused() -> None:
    registry = small()

    def elsewhere(a_two: float) -> float:
        return a_two

    elsewhere.__module__ = "somewhere.else"
    add_up(registry, "b.sum", "a.one")
    with pytest.raises(LlmcostError, match=r"^two quantities are named 'b\.sum'$"):
        registry.formula("b.sum", unit="USD")(elsewhere)


def test_a_given_quantity_may_have_a_formula_too() -> None:
    registry = small()
    add_up(registry, "a.two", "a.one", "a.one")
    trace = run(registry, ["a.two"], a_one=3.0)
    assert trace.nodes["a.two"].value == 6.0
    assert "a.two" in registry.inputs


def test_a_unit_is_said_once_or_alike() -> None:
    registry = small()
    registry.given("a.rate", "USD/GPU-hour", "")
    add_up(registry, "a.rate", unit="USD/hour-GPU")
    add_up(registry, "a.two", "a.one", unit=None)
    with pytest.raises(LlmcostError, match=r"^'a\.two' is declared in USD and derived in USD/day$"):
        add_up(registry, "a.two", "a.one", unit="USD/day")
    with pytest.raises(LlmcostError, match=r"^'b\.sum' has no unit$"):
        add_up(registry, "b.sum", "a.one", unit=None)
    add_up(registry, "b.sum", "a.one")
    with pytest.raises(LlmcostError, match=r"^'b\.sum' is declared in USD and derived in GPU$"):
        add_up(registry, "b.sum", "a.two", unit="GPU")


@pytest.mark.parametrize(
    ("formulas", "circle"),
    [
        ([("b.x", "b.y"), ("b.y", "b.z"), ("b.z", "b.x")], "b.x → b.y → b.z → b.x"),
        ([("b.x", "b.y"), ("b.y", "a.one"), ("b.y", "b.x")], "b.x → b.y → b.x"),  # by a second route
        ([("a.one", "a.one")], "a.one → a.one"),
    ],
)
def test_a_circle_is_named(formulas: list[tuple[str, str]], circle: str) -> None:
    registry = small()
    for name, used in formulas:
        add_up(registry, name, used)
    with pytest.raises(LlmcostError, match=f"^formulas in a circle: {circle}$"):
        registry.complete()


def test_two_paths_to_one_quantity_are_no_circle() -> None:
    registry = small()
    add_up(registry, "b.left", "a.one")
    add_up(registry, "b.right", "a.one")
    add_up(registry, "b.both", "b.left", "b.right")
    assert run(registry, ["b.both"], a_one=2.0).nodes["b.both"].value == 4.0


def test_a_section_that_is_not_declared_is_refused() -> None:
    registry = small()
    registry.given("c.three", "USD", "")
    with pytest.raises(LlmcostError, match=r"^'c\.three' is in no declared section$"):
        registry.complete()


def test_an_unknown_name_is_answered_with_the_closest() -> None:
    assert MODEL.unknown("unit.gross_margn", "metric") == (
        "unknown metric 'unit.gross_margn'; did you mean 'unit.gross_margin'?"
    )
    assert MODEL.unknown("serving.gpu", "input").endswith("; did you mean 'serving.gpus'?")
    assert (
        MODEL.unknown("zzz", "metric") == "unknown metric 'zzz'; 'llmcost list metrics' shows what there is"
    )


# How firm


def test_bases_stand_from_strong_to_weak() -> None:
    assert list(BASES) == ["disclosed", "reported", "stated", "estimated", "assumed"]


def test_the_weakest_basis_counts() -> None:
    for index, strong in enumerate(BASES):
        for weak in BASES[index:]:
            assert weakest([strong, weak]) == weak
            assert weakest([weak, strong]) == weak


def test_a_derivation_from_nothing_is_an_assumption() -> None:
    assert weakest([]) == "assumed"


@pytest.mark.parametrize("basis", BASES)
def test_a_derived_value_is_as_firm_as_its_weakest_input(basis: Basis) -> None:
    given = {"price.blended_per_mtok": Given(4.0, "disclosed"), "serving.cost_per_mtok": Given(1.0, basis)}
    trace = evaluate(MODEL, given, ["unit.gross_margin"])
    assert trace.nodes["unit.gross_margin"].basis == basis


# Given beats derived

# Every input at once, so that whatever can follow does.
EVERYTHING = {name: Given(0.5) for name in MODEL.inputs}
DEFINED = evaluate(MODEL, EVERYTHING)
NEEDS_A_GIVEN_TOTAL = {"revenue.unallocated", "cost.unallocated", "cost.inference"}
RULED_OUT = NEEDS_A_GIVEN_TOTAL | set(WORKLOAD.of(*USE)) | {"model.num_experts_per_tok"}
"""With them what follows only where no mix of its own is stated for the workload, or no experts."""


@each("name", MODEL.formulas)
def test_a_given_value_beats_every_formula(name: str) -> None:
    others = {other: stated for other, stated in EVERYTHING.items() if other != name}
    derived = evaluate(MODEL, others, [name])
    if name in RULED_OUT:
        assert name in derived.missing
    else:
        assert derived.nodes[name].step is not None
    stated = Given(0.125, "reported", origin="somebody")
    trace = evaluate(MODEL, {**others, name: stated}, [name])
    node = trace.nodes[name]
    assert node.value == 0.125
    assert node.given is stated
    assert node.basis == "reported"
    assert node.step is None
    assert node.formula is None
    assert list(trace.nodes) == [name]


def test_what_follows_from_a_derived_quantity_uses_the_given_value() -> None:
    trace = evaluate(
        MODEL,
        {
            "price.input_per_mtok": Given(1.0),
            "price.output_per_mtok": Given(1.0),
            "workload.output_share": Given(0.5),
            "price.blended_per_mtok": Given(8.0),
            "serving.cost_per_mtok": Given(2.0),
        },
        ["unit.gross_margin"],
    )
    assert trace.nodes["unit.gross_margin"].value == 0.75
    assert "price.input_per_mtok" not in trace.nodes


# Which route


def two_routes() -> Registry:
    registry = small()

    @registry.formula("b.x", unit="USD")
    def from_both(a_one: float, a_two: float) -> float:
        return a_one + a_two

    @registry.formula("b.x", unit="USD")
    def from_one(a_one: float) -> float:
        return 10 * a_one

    return registry


def test_the_first_route_that_has_its_inputs_is_taken() -> None:
    node = run(two_routes(), ["b.x"], a_one=1.0, a_two=2.0).nodes["b.x"]
    assert node.value == 3.0
    assert node.step is not None
    assert node.step.passed == ()


def test_a_route_that_lacks_an_input_is_passed_and_recorded() -> None:
    node = run(two_routes(), ["b.x"], a_one=1.0).nodes["b.x"]
    assert node.value == 10.0
    assert node.step is not None
    assert node.step.formula.function.__name__ == "from_one"
    (passed,) = node.step.passed
    assert passed.formula.function.__name__ == "from_both"
    assert passed.lacking == ("a.two",)
    assert passed.reason is None


def test_every_route_of_a_missing_quantity_is_recorded() -> None:
    trace = run(two_routes(), ["b.x"], a_two=2.0)
    assert "b.x" not in trace.nodes
    assert [route.lacking for route in trace.missing["b.x"].routes] == [("a.one",), ("a.one",)]
    assert trace.lacking("b.x") == ("a.one",)


def test_an_undefined_route_is_not_replaced_by_the_next() -> None:
    """The choice depends on what is given, never on the values."""
    registry = small()

    @registry.formula("b.x", unit="×")
    def ratio(a_one: float, a_two: float) -> float:
        return a_one / a_two

    @registry.formula("b.x", unit="×")
    def one(a_one: float) -> float:
        return 1.0

    node = run(registry, ["b.x"], a_one=1.0, a_two=0.0).nodes["b.x"]
    assert node.value is None
    assert str(node.reason) == "division by zero: a.two is 0"


def conditional() -> Registry:
    registry = small()

    add_up(registry, "b.x", "a.one", unless_given=("a.two",), note="only without two")
    add_up(registry, "b.y", "b.total", if_given=("b.total",))
    add_up(registry, "b.total", "a.one")
    return registry


def test_a_route_is_ruled_out_by_what_makes_it_wrong() -> None:
    assert run(conditional(), ["b.x"], a_one=1.0).nodes["b.x"].value == 1.0
    (passed,) = run(conditional(), ["b.x"], a_one=1.0, a_two=2.0).missing["b.x"].routes
    assert passed.lacking == ()
    assert passed.reason == "a.two is stated, so it does not follow from these inputs"


def test_a_route_may_want_an_input_given_and_not_derived() -> None:
    assert run(conditional(), ["b.y"], a_one=1.0, b_total=5.0).nodes["b.y"].value == 5.0
    (passed,) = run(conditional(), ["b.y"], a_one=1.0).missing["b.y"].routes
    assert passed.lacking == ("b.total",)
    assert passed.reason == "must be stated"


def sum_of_lines() -> Registry:
    registry = small()

    @registry.formula("b.sum", unit="USD")
    def lines(a_one: float | None = None, a_two: float | None = None) -> Any:
        return add(a_one, a_two)

    return registry


@pytest.mark.parametrize(
    ("values", "total", "left_out"),
    [
        ({"a_one": 1.0, "a_two": 2.0}, 3.0, ()),
        ({"a_one": 1.0}, 1.0, ("a.two",)),
        ({"a_two": 2.0}, 2.0, ("a.one",)),
    ],
)
def test_optional_inputs_may_be_absent(
    values: dict[str, float], total: float, left_out: tuple[str, ...]
) -> None:
    node = run(sum_of_lines(), ["b.sum"], **values).nodes["b.sum"]
    assert node.value == total
    assert node.step is not None
    assert node.step.left_out == left_out


def test_of_inputs_that_are_all_optional_one_must_be_there() -> None:
    (passed,) = run(sum_of_lines(), ["b.sum"]).missing["b.sum"].routes
    assert passed.lacking == ("a.one", "a.two")
    assert passed.reason == "at least one of these is needed"


# What is evaluated


def test_only_what_is_asked_for_is_resolved() -> None:
    trace = evaluate(MODEL, EVERYTHING, ["training.gpu_hours"])
    assert list(trace.nodes) == ["training.gpu_hours"]
    without = {name: stated for name, stated in EVERYTHING.items() if name != "training.gpu_hours"}
    trace = evaluate(MODEL, without, ["training.gpu_hours"])
    assert set(trace.nodes) == {"training.gpu_hours", "training.gpus", "training.days"}
    assert not trace.missing


def test_without_targets_everything_is_evaluated() -> None:
    trace = evaluate(MODEL, EVERYTHING)
    assert set(trace.nodes) | set(trace.missing) == set(MODEL.quantities) - MODEL.outcomes
    of_parts = {name for name in trace.missing if name.startswith("parts.")}
    assert set(trace.missing) - of_parts == NEEDS_A_GIVEN_TOTAL - MODEL.inputs


def test_an_input_that_no_step_uses_is_left_out_of_the_plan() -> None:
    plan = resolve(MODEL, EVERYTHING, ["company.gross_margin"])
    assert "cash.balance" not in plan.inputs
    assert "cost.inference" in plan.inputs
    assert plan.targets == ("company.gross_margin",)


def test_a_target_that_is_asked_for_twice_comes_once() -> None:
    assert resolve(MODEL, ["cash.balance"], ["cash.balance", "cash.balance"]).targets == ("cash.balance",)


# Missing, undefined, default


def test_missing_is_not_undefined() -> None:
    trace = evaluate(MODEL, {"revenue.total": Given(0.0), "cost.total": Given(5.0)})
    assert "company.gross_margin" in trace.missing
    assert "company.gross_margin" not in trace.nodes
    assert "company.operating_margin" not in trace.missing
    node = trace.nodes["company.operating_margin"]
    assert (node.value, str(node.reason)) == (None, "division by zero: revenue.total is 0")


def test_undefined_is_passed_on_with_the_place_where_it_began() -> None:
    trace = evaluate(
        MODEL,
        {
            "compute.paid_gpu_hour": Given(0.0),
            "compute.market_gpu_hour": Given(3.7),
            "cost.inference": Given(4.0),
            "cost.total": Given(8.0),
        },
    )
    for name in ("cost.inference_at_market", "cost.total_at_market", "breakeven.cost_at_market"):
        node = trace.nodes[name]
        assert node.value is None
        assert str(node.reason) == "division by zero: compute.paid_gpu_hour is 0"
        assert node.origin == "compute.market_ratio"
    assert trace.nodes["cost.total"].value == 8.0
    assert trace.nodes["compute.discount"].value == 1.0


@each("zero", sorted(MODEL.inputs))
def test_a_zero_anywhere_leaves_numbers_or_reasons(zero: str) -> None:
    """An undefined quantity never becomes 0, NaN or infinity, and never spoils what does not need it."""
    trace, defined = evaluate(MODEL, {**EVERYTHING, zero: Given(0.0)}), DEFINED
    assert set(trace.nodes) == set(defined.nodes)
    moved = trace.plan.ahead([zero])
    for name, node in trace.nodes.items():
        if node.value is None:
            assert node.reason
            assert node.origin in trace.nodes
        else:
            assert math.isfinite(node.value)
            assert node.reason is None
        if name not in moved:
            assert node.value == defined.nodes[name].value


@pytest.mark.parametrize(
    ("function", "one", "blamed"),
    [
        (lambda one, two: one / two, 1.0, "a.two is 0"),
        (lambda one, two: one / two, 0.0, "a.two is 0"),  # what is divided is not to blame
        (lambda one, two: 1 / (one + two), 0.0, "a.one and a.two are 0"),
    ],
)
def test_division_by_zero_names_the_divisor(function: Any, one: float, blamed: str) -> None:
    registry = small()
    registry.formula("b.ratio", unit="×", inputs=("a.one", "a.two"))(function)
    reason = run(registry, ["b.ratio"], a_one=one, a_two=0.0).nodes["b.ratio"].reason
    assert reason == Reason("division_by_zero", (blamed,))


def test_too_large_a_number_is_undefined() -> None:
    trace = evaluate(MODEL, {"training.gpus": Given(1e200), "training.days": Given(1e200)})
    node = trace.nodes["training.gpu_hours"]
    assert (node.value, str(node.reason)) == (None, "too large to represent")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("company.period_months", 12.0),
        ("cost.noncash", 0.0),
        ("market.price_elasticity", 0.0),
        ("traffic.cached_input_share", 0.0),
        ("company.revenue_share_rate", 0.0),
    ],
)
def test_defaults(name: str, value: float) -> None:
    node = evaluate(MODEL, {}, [name]).nodes[name]
    assert (node.value, node.basis, node.is_default, node.rooted) == (value, "assumed", True, False)


def test_there_are_no_other_defaults() -> None:
    trace = evaluate(MODEL, {})
    assert {node.name for node in trace.nodes.values() if node.is_default} == {
        "company.period_months",
        "cost.noncash",
        "market.price_elasticity",
        "traffic.cached_input_share",
        "traffic.billed_share",
        "serving.measured_cached_input_share",
        "serving.cached_input_cost_ratio",
        "serving.headroom",
        "serving.fixed_cost_per_month",
        "company.free_inference_share",
        "company.revenue_share_rate",
        "product.revenue_share_rate",
        "product.cached_input_share",
        "product.supplier_price_multiplier",
        "product.other_cost_per_unit",
        "product.free_usage_share",
        "capex.residual_share",
        "capex.age_years",
        # A dense model, computed with as stated.
        "model.num_experts_per_tok",
        "model.expert_share",
        "model.moe_layers",
        "model.routed_parameters",
        "model.routed_parameters_per_token",
        "model.tie_word_embeddings",
        "deployment.attention_data_parallel",
        "deployment.cached_input_share",
        "deployment.kv_bits",
        "deployment.speculative_speedup",
        "gpu.software",
    }
    assert not any(node.rooted for node in trace.nodes.values())


def test_a_value_that_a_default_and_a_given_lead_to_is_rooted() -> None:
    trace = evaluate(MODEL, {"revenue.total": Given(1.0), "cost.total": Given(13.0)})
    node = trace.nodes["company.net_burn_per_month"]
    assert node.value == 1.0
    assert node.rooted
    assert not node.is_default
    # A year of twelve months is nobody's assumption: the default taints nothing.
    assert (node.basis, node.is_weak) == ("stated", False)
    assert trace.nodes["company.period_months"].is_default
    assert not trace.nodes["company.period_months"].is_weak


def test_a_stated_value_in_place_of_a_default_is_rooted() -> None:
    node = evaluate(MODEL, {"company.period_months": Given(6.0, "reported")}).nodes["company.period_months"]
    assert (node.value, node.basis, node.rooted, node.is_default) == (6.0, "reported", True, False)


# The trace


def test_ancestry_goes_down_to_what_was_given_nearest_first() -> None:
    trace = evaluate(
        MODEL,
        {"training.gpus": Given(2.0), "training.days": Given(3.0), "training.gpu_hour_cost": Given(5.0)},
        ["training.cost"],
    )
    names = [node.name for node in trace.ancestry("training.cost")]
    assert names[0] == "training.cost"
    assert names[1] == "training.compute_cost"
    assert set(names[2:4]) == {"training.gpu_hours", "training.gpu_hour_cost"}
    assert set(names[4:]) == {"training.gpus", "training.days"}
    assert trace.nodes["training.cost"].value == 2.0 * 3.0 * 24 * 5.0


def test_depends_on_a_section() -> None:
    trace = evaluate(MODEL, EVERYTHING)
    assert trace.plan.depends_on("workload", "price.blended_per_mtok")
    assert not trace.plan.depends_on("workload", "traffic.revenue_per_day")
    assert not trace.plan.depends_on("workload", "serving.cost_per_day")


# Arithmetic


def test_require_states_its_reason() -> None:
    require(True, "no_gain")
    with pytest.raises(Undefined, match=r"^it has no IRR: no period costs more"):
        require(False, "no_outlay")


@pytest.mark.parametrize(
    ("function", "low", "high", "found"),
    [
        (lambda x: (x * x - 2.0, 2.0 * x), 0.0, 2.0, math.sqrt(2)),
        (lambda x: (x * x - 2.0, 2.0 * x), -2.0, 0.0, -math.sqrt(2)),
        # Newton's step from the outer end of the arc tangent leaves the bracket; bisection brings it back.
        (lambda x: (math.atan(x), 1.0 / (1.0 + x * x)), -1000.0, 900.0, 0.0),
        (lambda x: (x - 1.0, 1.0), 1.0, 5.0, 1.0),  # at an end
        (lambda x: (x - 1.0, 1.0), -5.0, 1.0, 1.0),
    ],
)
def test_root_finds_where_the_sign_changes(function: Any, low: float, high: float, found: float) -> None:
    counted = Mock(side_effect=function)
    assert root(counted, low, high) == pytest.approx(found, rel=1e-15, abs=1e-14)
    assert counted.call_count < 20, counted.call_count


@pytest.mark.parametrize(("start", "found"), [(0.5, 2**0.5), (-9.0, 2**0.5), (3.0, 3.0), (14.0, 6 - 2**0.5)])
def test_newtons_steps_climb_to_the_root_next_to_them(start: float, found: float) -> None:
    """Of a parabola whose peak is at 3: roots at √2 and 6 − √2; between them it is not below 0."""
    height = (3 - 2**0.5) ** 2
    assert climbed(lambda x: (height - (x - 3) ** 2, -2 * (x - 3)), start) == pytest.approx(found, rel=1e-15)


def test_root_without_a_change_of_sign_is_undefined() -> None:
    def above(x: float) -> tuple[float, float]:
        return x * x + 1.0, 2.0 * x

    with pytest.raises(Undefined, match="no sign change between -1 and 2"):
        root(above, -1.0, 2.0)

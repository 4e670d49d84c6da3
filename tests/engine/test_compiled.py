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
from llmcost.formulas.price_list import ALTERNATIVE as ALTERNATIVE_LIST
from llmcost.formulas.price_list import PRICE, SUPPLIER, UNIT, USE, WORKLOAD
from llmcost.formulas.price_list import TRAFFIC as TRAFFIC_MIX
from llmcost.reasons import Reason

FORMULAS = [formula for routes in MODEL.formulas.values() for formula in routes]

PRICES = ("price.input_per_mtok", "price.cached_input_per_mtok", "price.output_per_mtok")
TRAFFIC = (
    "traffic.input_tokens_per_day",
    "traffic.output_tokens_per_day",
    "traffic.cached_input_share",
)
RATES = (
    "serving.gpu_hour_cost",
    "serving.prefill_tokens_per_gpu_second",
    "serving.decode_tokens_per_gpu_second",
    "serving.utilization",
)
MIX = ("workload.output_share", "workload.cached_input_share")
RENTED = ("serving.gpus", "serving.gpu_hour_cost", "serving.fixed_cost_per_month")
MEASURED = ("serving.measured_output_share", "serving.measured_cached_input_share")
MIXED_RATE = ("serving.tokens_per_gpu_second", *MEASURED)
ALTERNATIVE = ("alternative.input_per_mtok", "alternative.output_per_mtok")
PARTS = ("cache_write_1h_share", "reasoning_share", "batch_share", "off_peak_share", "tool_calls_per_request")
LENGTHS = ("input_tokens_per_request", "output_tokens_per_request")
ALL_OF_PRICE, ALL_OF_ALTERNATIVE, ALL_OF_SUPPLIER = (
    tuple(names.fields.values()) for names in (PRICE, ALTERNATIVE_LIST, SUPPLIER)
)
CALLED = ("per_tool_call", "long_context_above", "long_context_input_multiplier")
COMPUTE = ("compute.paid_gpu_hour", "compute.market_gpu_hour")
COMPANY = (
    "revenue.api",
    "revenue.subscription",
    "revenue.other",
    "cost.inference",
    "cost.training",
    "cost.unsplit_compute",
    "cost.research_and_development",
    "cost.data",
    "cost.staff",
    "cost.sales_marketing",
    "cost.general",
    "cost.other",
    "cash.balance",
    "cash.credits",
    "cash.committed_funding",
    *COMPUTE,
)
PRODUCT = (
    "product.price_per_unit",
    "product.revenue_share_rate",
    "product.input_tokens_per_unit",
    "product.output_tokens_per_unit",
    "product.cached_input_share",
    "product.input_cost_per_mtok",
    "product.cached_input_cost_per_mtok",
    "product.output_cost_per_mtok",
    "product.supplier_price_multiplier",
    "product.other_cost_per_unit",
)
MARKETED = (
    "product.units_per_month",
    "product.paying_share",
    "product.free_usage_share",
    "product.fixed_cost_per_month",
    "product.target_margin",
)
GROWING = ("product.new_units_per_month", "product.churn_per_month", "product.acquisition_cost_per_unit")
ANSWERING = ("product.pass_through_share", "market.price_elasticity")
CAPITAL = (
    "capex.spend",
    "capex.useful_life_years",
    "capex.cost_of_capital",
    "capex.operating_cost_share",
    "capex.residual_share",
)

# What scenarios of each kind state; together they take every route of every formula.
SHAPE = (
    *(f"model.{name}" for name in ("parameters", "num_hidden_layers", "hidden_size", "vocab_size")),
    "model.num_attention_heads",
    "gpu.memory",
    "gpu.memory_bandwidth",
    "gpu.flops_16bit",
    "deployment.gpus_per_replica",
    "deployment.weight_bits",
    "deployment.input_tokens_per_request",
    "deployment.output_tokens_per_request",
    *(name for name in MODEL.quantities if name.startswith("efficiency.")),
)
GROUPED = ("model.num_key_value_heads", "model.head_dim")
EXPERTS = ("model.active_parameters", "model.num_experts", "model.num_experts_per_tok")
LATENT = tuple(
    f"model.{name}" for name in ("kv_lora_rank", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim")
)
LINK = "gpu.interconnect_bandwidth"
SETS = {
    "an instance of several GPUs": (
        "serving.instance_hour_cost",
        "serving.gpus_per_instance",
        "serving.gpus",
    ),
    "a dense model on one GPU": (
        *(*SHAPE, *GROUPED, "deployment.concurrency", "gpu.all_in_power", "serving.utilization"),
        *(name for name in MODEL.quantities if name.startswith("energy.") and name in MODEL.inputs),
        "serving.seconds_per_token",
    ),
    "experts and windows": (
        *(*SHAPE, *GROUPED, *EXPERTS, LINK, "gpu.flops_8bit"),
        *("model.sliding_window", "deployment.min_tokens_per_second_per_user", "deployment.users"),
    ),
    "latent attention in pools": (
        *(*SHAPE, *EXPERTS, *LATENT, LINK, "gpu.flops_8bit", "gpu.flops_4bit", "model.index_topk"),
        *("deployment.prefill_gpus_per_replica", "deployment.prefill_replicas"),
        *("deployment.decode_replicas", "deployment.users"),
    ),
    "prices": PRICES[::2],
    "a list of every part": (*ALL_OF_PRICE, *ALL_OF_ALTERNATIVE, *WORKLOAD.of("cached_input_share", *USE)),
    "the traffic at a list of every part": (
        *(*ALL_OF_PRICE, *ALL_OF_ALTERNATIVE, *TRAFFIC_MIX.of("cached_input_share", *USE)),
        *("traffic.tokens_per_day", "traffic.output_share"),
    ),
    "a supplier's list of every part": (
        *(*ALL_OF_SUPPLIER, *UNIT.of("cached_input_share", *USE), "product.requests_per_unit"),
    ),
    "little is stated": (
        *(*PRICE.of("input_per_mtok", "output_per_mtok", *CALLED), *WORKLOAD.of(*PARTS, *LENGTHS)),
        *ALTERNATIVE_LIST.of("input_per_mtok", "output_per_mtok", *CALLED),
        *SUPPLIER.of("input_per_mtok", "output_per_mtok", *CALLED),
        *UNIT.of("cache_write_share", *PARTS, *LENGTHS),
        "product.requests_per_unit",
    ),
    "little is stated of the traffic": (
        *(*PRICE.of("input_per_mtok", "output_per_mtok", *CALLED), *TRAFFIC_MIX.of(*PARTS, *LENGTHS)),
        *ALTERNATIVE_LIST.of("input_per_mtok", "output_per_mtok", *CALLED),
        *TRAFFIC[:2],
    ),
    "output alone": (*PRICES[2:], *ALTERNATIVE[1:], "workload.output_share", "traffic.output_share"),
    "input alone": (*PRICES[:1], *ALTERNATIVE[:1], "workload.output_share", "traffic.output_share"),
    "output alone, of a workload": (*ALTERNATIVE[1:], "workload.output_share"),
    "input alone, of a workload": (*ALTERNATIVE[:1], "workload.output_share"),
    "serving": (*PRICES, *RATES, "workload.output_share", "workload.cached_input_share"),
    "traffic at rates": (*PRICES, *TRAFFIC, *RATES),
    "fleet": (*PRICES[::2], *TRAFFIC[:2], "serving.gpus", "serving.gpu_hour_cost"),
    "fleet by weight": (
        *PRICES,
        *TRAFFIC,
        "serving.gpus",
        "serving.gpu_hour_cost",
        "serving.output_cost_weight",
        "workload.output_share",
        "workload.cached_input_share",
    ),
    "fleet at rates": (
        *PRICES,
        *TRAFFIC,
        *RATES[:3],
        *RENTED,
        "serving.cached_input_cost_ratio",
        *ALTERNATIVE,
    ),
    "fleet at rates, with a peak": (*TRAFFIC, *RATES[:3], *RENTED, *MIX, "serving.peak_to_average"),
    "fleet at rates of both": (*TRAFFIC, *MIXED_RATE, "serving.output_cost_weight", *RENTED),
    "fleet at rates of both, as measured": (*TRAFFIC, *MIXED_RATE, *RENTED, "alternative.blended_per_mtok"),
    "rates of both": (*MIXED_RATE, *RATES[::3], "serving.output_cost_weight", *MIX),
    "rates of both, as measured": (*MIXED_RATE, *RATES[::3], *ALTERNATIVE),
    "rates with a peak": (*RATES[:3], *MIX, "serving.peak_to_average", *ALTERNATIVE),
    "fleet against one price": (*RENTED, "alternative.blended_per_mtok"),
    "one volume in replicas": (
        *("traffic.tokens_per_day", "workload.output_share", "price.blended_per_mtok"),
        *(*RATES, "serving.gpus_per_replica", "serving.fixed_cost_per_month", "alternative.blended_per_mtok"),
    ),
    "one volume at list prices": (*PRICES, "traffic.tokens_per_day", "traffic.output_share"),
    "one volume by the GPU": (
        *("traffic.tokens_per_day", "traffic.output_share", "alternative.blended_per_mtok"),
        *(*RATES, "serving.fixed_cost_per_month", "capex.spend"),
    ),
    "GPUs owned that serve": (*CAPITAL, "capex.gpus", "serving.gpus", *TRAFFIC, *RATES[1:3], *ALTERNATIVE),
    "company by its gross margin": ("revenue.total", "company.gross_margin", "company.revenue_share_rate"),
    "company by its gross profit": ("revenue.total", "company.gross_profit", "cost.revenue_share"),
    "company by its cost of revenue": ("revenue.total", "company.cogs", "company.free_inference_share"),
    "training": (
        "training.gpus",
        "training.days",
        "training.gpu_hour_cost",
        "training.other_cost",
        "training.amortization_months",
        *PRICES,
        *TRAFFIC,
        *RATES,
    ),
    "final run": ("training.gpu_hours", "training.gpu_hour_cost", "training.lifetime_tokens"),
    "company": COMPANY,
    "company, demand answering": (*COMPANY, "market.price_elasticity", "company.api_inference_share"),
    "company with a rate owed": (*COMPANY, "market.price_elasticity", "company.revenue_share_rate"),
    "company with a share paid": (*COMPANY, "cost.revenue_share", "cost.noncash", "company.period_months"),
    "company with a share given": (*COMPANY, "market.price_elasticity", "company.revenue_share"),
    "company paid in shares": (*COMPANY, "cost.stock_compensation"),
    "company on credits": (*COMPANY, "cost.noncash", "cost.credits_used"),
    "company that has no compute": ("revenue.api", "cost.staff", "cash.balance", "cash.credits"),
    "company that used credits": ("revenue.api", "cost.total", "cost.credits_used", "cash.credits"),
    "company without credits": (*COMPANY[:13], "cash.committed_funding", "cost.stock_compensation"),
    "remainders": (*COMPANY, "revenue.unallocated", "cost.unallocated"),
    "company at its valuation": ("company.valuation", "revenue.total", "cost.total"),
    "totals": ("revenue.total", "revenue.api", "cost.total", "cost.training", *COMPUTE, "cash.balance"),
    "totals, demand answering": (
        "revenue.total",
        "revenue.api",
        "cost.total",
        "cost.training",
        *COMPUTE,
        "cash.committed_funding",
        "market.price_elasticity",
    ),
    "traffic by its requests": (
        "traffic.requests_per_day",
        "traffic.input_tokens_per_request",
        "traffic.output_tokens_per_request",
    ),
    "traffic of requests of a length": (
        "traffic.tokens_per_day",
        "traffic.input_tokens_per_request",
        "traffic.output_tokens_per_request",
    ),
    "product": (*PRODUCT, *MARKETED),
    "product that grows": (*PRODUCT, *MARKETED, *GROWING),
    "product that grows, without free units": (*PRODUCT, *GROWING),
    "product, demand answering": (*PRODUCT, *MARKETED, *ANSWERING, "product.fixed_cost_per_month"),
    "product by the request, demand answering": (
        "product.price_per_unit",
        "product.requests_per_unit",
        "product.input_tokens_per_request",
        "product.output_tokens_per_request",
        "product.input_cost_per_mtok",
        "product.output_cost_per_mtok",
        "product.paying_share",
        *ANSWERING,
    ),
    "product without free units": (*PRODUCT, "product.target_margin"),
    "capital": (*CAPITAL, "capex.gross_margin", "revenue.total", "price.blended_per_mtok"),
    "GPUs owned": (*CAPITAL[:-1], "capex.gross_margin", "capex.gpus", "capex.utilization", *COMPUTE),
    "GPUs bought on credit": (
        *(*CAPITAL, "capex.gross_margin", "capex.gpus", "capex.utilization", "capex.age_years"),
        *("capex.debt_share", "capex.interest_rate", *COMPUTE),
    ),
}


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


def plan_of(names: tuple[str, ...]) -> CompiledPlan:
    return CompiledPlan(resolve(MODEL, names, MODEL.quantities))


@cache
def compiled_of(label: str) -> CompiledPlan:
    return plan_of(SETS[label])


def test_the_sets_take_every_route_of_every_formula() -> None:
    taken = {
        (step.name, step.formula.function)
        for names in SETS.values()
        for step in resolve(MODEL, names, MODEL.quantities).steps
    }
    assert taken == {(formula.quantity, formula.function) for formula in FORMULAS}


@each("label", SETS)
def test_a_compiled_plan_agrees_with_an_evaluation(label: str) -> None:
    compiled, rng = compiled_of(label), random.Random(label)
    for _ in range(25):
        values = {name: drawn(name, rng) for name in compiled.inputs}
        trace = evaluate(MODEL, {name: Given(value) for name, value in values.items()})
        expected = tuple(trace.nodes[name].value for name in compiled.targets)
        assert compiled([*values.values()]) == expected, values
        found, reasons = compiled.explained([*values.values()])
        assert found == expected, values
        refused = {name: node.reason for name, node in trace.nodes.items() if node.value is None}
        assert reasons == refused, values


@each("label", SETS)
def test_a_compiled_plan_takes_what_is_given_and_returns_what_was_asked_for(label: str) -> None:
    compiled = compiled_of(label)
    assert set(compiled.inputs) <= set(SETS[label])
    assert set(compiled.inputs) <= set(compiled.targets)
    assert len(set(compiled.targets)) == len(compiled.targets)


def test_values_by_hand() -> None:
    plan = resolve(
        MODEL,
        ["price.blended_per_mtok", "serving.cost_per_mtok"],
        ["unit.gross_margin", "unit.markup", "unit.breakeven_multiplier"],
    )
    compiled = CompiledPlan(plan)
    values = dict(zip(("price.blended_per_mtok", "serving.cost_per_mtok"), (4.0, 1.0), strict=True))
    assert compiled.targets == ("unit.gross_margin", "unit.markup", "unit.breakeven_multiplier")
    assert compiled([values[name] for name in compiled.inputs]) == (0.75, 3.0, 0.25)


def test_values_by_hand_where_demand_answers() -> None:
    """10 = 12/m + 4 at elasticity 1."""
    names = ("revenue.total", "cost.inference", "cost.staff", "market.price_elasticity")
    compiled = CompiledPlan(resolve(MODEL, names, ["breakeven.uniform_multiplier"]))
    amounts = dict(zip(names, (10.0, 12.0, 4.0, 1.0), strict=True))
    (multiplier,) = compiled([amounts[name] for name in compiled.inputs])
    assert multiplier == pytest.approx(2.0, rel=1e-12)


def test_one_plan_serves_many_values() -> None:
    compiled = CompiledPlan(resolve(MODEL, ["training.gpus", "training.days"], ["training.gpu_hours"]))
    results = [compiled([float(gpus), 2.0]) for gpus in range(4)]
    assert results == [(0.0,), (48.0,), (96.0,), (144.0,)]


def test_what_is_undefined_is_none_and_leaves_the_rest() -> None:
    names = ("revenue.total", "cost.total")
    targets = ("company.operating_profit", "company.operating_margin", "company.cost_per_revenue_dollar")
    compiled = CompiledPlan(resolve(MODEL, names, targets))
    by_name = {"revenue.total": 0.0, "cost.total": 5.0}
    values = [by_name[name] for name in compiled.inputs]
    assert compiled(values) == (-5.0, None, None)
    assert compiled.explained(values) == (
        (-5.0, None, None),
        {
            "company.operating_margin": Reason("division_by_zero", ("revenue.total is 0",)),
            "company.cost_per_revenue_dollar": Reason("division_by_zero", ("revenue.total is 0",)),
        },
    )


def test_what_a_formula_refuses_is_none_with_its_reason() -> None:
    names = ("training.cost", "traffic.revenue_per_day", "serving.cost_per_day")
    compiled = CompiledPlan(resolve(MODEL, names, ["training.payback_days"]))
    by_name = dict(zip(names, (100.0, 1.0, 2.0), strict=True))
    values = [by_name[name] for name in compiled.inputs]
    assert compiled(values) == (None,)
    assert compiled.explained(values)[1] == {"training.payback_days": Reason("loses_per_token")}
    by_name["traffic.revenue_per_day"] = 12.0
    assert compiled([by_name[name] for name in compiled.inputs]) == (10.0,)


def test_a_reason_is_passed_on_to_what_depends_on_it() -> None:
    names = ("compute.paid_gpu_hour", "compute.market_gpu_hour", "cost.inference")
    compiled = CompiledPlan(resolve(MODEL, names, ["cost.inference_at_market"]))
    by_name = dict(zip(names, (0.0, 3.7, 4.0), strict=True))
    results, reasons = compiled.explained([by_name[name] for name in compiled.inputs])
    assert results == (None,)
    assert reasons == {
        "compute.market_ratio": Reason("division_by_zero", ("compute.paid_gpu_hour is 0",)),
        "cost.inference_at_market": Reason("division_by_zero", ("compute.paid_gpu_hour is 0",)),
    }


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


@each("label", SETS)
def test_the_largest_and_smallest_numbers_that_may_be_stated(label: str) -> None:
    """Between 1e-30 and 1e30 nothing becomes infinite on the way and is then divided away."""
    compiled, rng = compiled_of(label), random.Random(label)
    most = {name: MODEL.quantities[name].high or 1e30 for name in compiled.inputs}
    most |= {name: 100.0 for name in most if name == "market.price_elasticity"}
    for _ in range(25):
        values = {name: rng.choice([1e-30, 1.0, high]) for name, high in most.items()}
        trace = evaluate(MODEL, {name: Given(value) for name, value in values.items()})
        expected = tuple(trace.nodes[name].value for name in compiled.targets)
        assert compiled([*values.values()]) == expected, values


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
        (
            "training.cost_per_mtok",
            "cost_per_mtok",
            "training.cost / training.lifetime_tokens · 1e6",
        ),
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
        (
            "company.runway_months",
            "runway",
            "cash.available / company.net_burn_per_month",
        ),
        ("revenue.lines", "sum_of_lines", "revenue.api + revenue.subscription + revenue.other"),
    ],
)
def test_readable_form(quantity: str, function: str, text: str) -> None:
    assert readable(route(quantity, function)) == text


@pytest.mark.parametrize(
    ("present", "text"),
    [
        (("cost.inference", "cost.staff"), "cost.inference + cost.staff"),
        (("cost.staff",), "cost.staff"),
    ],
)
def test_readable_form_leaves_out_what_is_absent(present: tuple[str, ...], text: str) -> None:
    assert readable(route("cost.lines", "sum_of_lines"), present) == text


def test_a_root_is_described_by_its_equation() -> None:
    assert readable(route("breakeven.uniform_multiplier", "multiplier_where_demand_answers")) == (
        "the m with (1 − s)·(R·m^(1−ε) + R₀) = V·m^−ε + F, where R = revenue.total, R₀ = 0, "
        "V = breakeven.paid_inference, F = cost.inference − V + breakeven.other_cost"
    )

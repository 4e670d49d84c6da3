"""What holds whatever the numbers are."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drawn import Values, run, some, value
from llmcost import compare, load
from llmcost.analysis.ask.evaluation import evaluate
from llmcost.analysis.ask.load import put_workload
from llmcost.engine.trace import Trace
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum

prices = st.floats(0.01, 100.0)
shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(1e-6, 1.0))
tokens = st.floats(1e6, 1e12)
weights = st.one_of(st.just(0.0), st.floats(1e-6, 100.0))
money = st.floats(1e6, 1e10)

PRICES = {
    "price.input_per_mtok": prices,
    "price.cached_input_per_mtok": prices,
    "price.output_per_mtok": prices,
}
MIX = {"workload.output_share": shares, "workload.cached_input_share": shares}
TRAFFIC = {
    "traffic.input_tokens_per_day": tokens,
    "traffic.output_tokens_per_day": tokens,
    "traffic.cached_input_share": shares,
}
RATES = {
    "serving.gpu_hour_cost": st.floats(0.1, 10.0),
    "serving.prefill_tokens_per_gpu_second": st.floats(100.0, 1e5),
    "serving.decode_tokens_per_gpu_second": st.floats(10.0, 1e4),
    "serving.utilization": st.floats(0.05, 1.0),
}
FLEET = {"serving.gpus": st.floats(1.0, 1e5)}
TRAINING = {
    "training.gpu_hours": st.floats(1e3, 1e8),
    "training.gpu_hour_cost": st.floats(0.1, 10.0),
    "training.other_cost": money,
    "training.amortization_months": st.floats(1.0, 60.0),
}
COMPANY = {
    "revenue.api": money,
    "revenue.subscription": money,
    "revenue.other": money,
    "cost.inference": money,
    "cost.training": money,
    "cost.unsplit_compute": money,
    "cost.research_and_development": money,
    "cost.data": money,
    "cost.staff": money,
    "cost.sales_marketing": money,
    "cost.general": money,
    "cost.other": money,
    "cost.noncash": money,
    "company.period_months": st.floats(1.0, 24.0),
    "company.revenue_share_rate": st.one_of(st.just(0.0), st.floats(1e-6, 0.5)),
    "cash.balance": money,
    "cash.credits": money,
    "cash.committed_funding": money,
    "compute.paid_gpu_hour": st.floats(0.1, 10.0),
    "compute.market_gpu_hour": st.floats(0.1, 10.0),
}
COMPUTE_LINES = ("cost.inference", "cost.training", "cost.unsplit_compute")


def outcome(trace: Trace, name: str) -> tuple[float | None, Reason | None] | None:
    """Return a quantity's value and the reason why it has none; None where it is missing."""
    node = trace.nodes.get(name)
    return None if node is None else (node.value, node.reason)


def scenario(values: Values) -> Scenario:
    data = {name: Datum(number) for name, number in values.items()}
    return Scenario(name="made", label="made", data=data, absent={})


# Price and cost


@given(some(PRICES, MIX, RATES))
def test_price_is_cost_and_profit(values: Values) -> None:
    trace = run(values)
    price, cost = value(trace, "price.blended_per_mtok"), value(trace, "serving.cost_per_mtok")
    profit = value(trace, "unit.gross_profit_per_mtok")
    assert cost + profit == pytest.approx(price, rel=1e-12, abs=1e-12 * cost)
    assert value(trace, "unit.gross_margin") * price == pytest.approx(profit, rel=1e-9, abs=1e-12 * cost)
    assert value(trace, "unit.markup") * cost == pytest.approx(profit, rel=1e-9, abs=1e-12 * price)


@given(some(COMPANY))
def test_revenue_is_cost_and_profit(values: Values) -> None:
    trace = run(values)
    revenue = value(trace, "revenue.total")
    cost, profit = value(trace, "cost.total"), value(trace, "company.operating_profit")
    cogs, gross = value(trace, "company.cogs"), value(trace, "company.gross_profit")
    assert cost + profit == pytest.approx(revenue, rel=1e-12, abs=1e-12 * cost)
    assert cogs + gross == pytest.approx(revenue, rel=1e-12, abs=1e-12 * cogs)
    assert gross >= profit
    assert value(trace, "company.cost_per_revenue_dollar") == pytest.approx(
        1 - value(trace, "company.operating_margin"), rel=1e-12, abs=1e-12
    )


@given(some(PRICES, RATES, TRAFFIC, TRAINING))
def test_the_loaded_multiplier_pays_for_training_too(values: Values) -> None:
    multiplier = value(run(values), "unit.loaded_breakeven_multiplier")
    raised = {name: number * (multiplier if name in PRICES else 1) for name, number in values.items()}
    assert value(run(raised), "unit.loaded_margin") == pytest.approx(0, abs=1e-12)


@given(some(COMPANY), st.booleans())
def test_a_company_that_multiplies_its_prices_breaks_even(values: Values, api_only: bool) -> None:
    """Where demand does not answer, revenue is multiplied and its share grows with it."""
    name = "breakeven.api_only_multiplier" if api_only else "breakeven.uniform_multiplier"
    before = run(values)
    assume(before.nodes[name].value is not None)
    multiplier = value(before, name)
    lines = ("revenue.api",) if api_only else ("revenue.api", "revenue.subscription", "revenue.other")
    after = run({**values, **{line: values[line] * multiplier for line in lines}})
    cost = value(after, "cost.total")
    assert value(after, "company.operating_profit") == pytest.approx(0, abs=1e-9 * cost)


@given(some(PRICES, MIX, RATES), st.floats(1.001, 10.0))
def test_cost_rises_with_the_rent(values: Values, factor: float) -> None:
    name = "serving.gpu_hour_cost"
    before, after = run(values), run({**values, name: values[name] * factor})
    for metric in ("serving.cost_per_mtok", "serving.cost_per_input_mtok", "serving.cost_per_output_mtok"):
        assert value(after, metric) == pytest.approx(factor * value(before, metric), rel=1e-12)
    assert value(after, "unit.gross_margin") < value(before, "unit.gross_margin")
    assert value(after, "price.blended_per_mtok") == value(before, "price.blended_per_mtok")


@given(some(FLEET, RATES, TRAFFIC, PRICES), st.floats(0.05, 1.0))
def test_utilization_never_changes_the_bill_of_a_fleet(values: Values, utilization: float) -> None:
    before, after = run(values), run({**values, "serving.utilization": utilization})
    for metric in ("serving.cost_per_day", "traffic.revenue_per_day", "traffic.tokens_per_day"):
        assert value(after, metric) == value(before, metric)


@given(some(PRICES, MIX))
def test_the_blended_price_lies_between_the_prices(values: Values) -> None:
    blended = value(run(values), "price.blended_per_mtok")
    stated = [values[name] for name in PRICES]
    assert min(stated) * (1 - 1e-12) <= blended <= max(stated) * (1 + 1e-12)


@given(some(COMPANY), money, money)
def test_a_stated_total_is_its_lines_and_what_is_unallocated(
    values: Values, more_revenue: float, more_cost: float
) -> None:
    lines = run(values)
    revenue = value(lines, "revenue.lines") + more_revenue
    # The share of revenue is a line of cost, and grows with the revenue that is stated.
    share = values["company.revenue_share_rate"] * more_revenue
    cost = value(lines, "cost.lines") + share + more_cost
    trace = run({**values, "revenue.total": revenue, "cost.total": cost})
    for section, total, rest in (("revenue", revenue, more_revenue), ("cost", cost, more_cost)):
        assert value(trace, f"{section}.total") == total
        parts = value(trace, f"{section}.lines") + value(trace, f"{section}.unallocated")
        assert parts == pytest.approx(total, rel=1e-12)
        assert value(trace, f"{section}.unallocated") == pytest.approx(rest, rel=1e-9, abs=1e-9 * total)


@given(some(optional=COMPANY))
def test_a_total_that_is_not_stated_is_the_sum_of_its_lines(values: Values) -> None:
    trace = run(values)
    revenue = [number for name, number in values.items() if name.startswith("revenue.")]
    if revenue:
        assert value(trace, "revenue.total") == pytest.approx(sum(revenue), rel=1e-12)
    else:
        assert "revenue.total" in trace.missing
    assert "revenue.unallocated" in trace.missing
    assert "cost.unallocated" in trace.missing


@given(some(COMPANY), st.floats(1.01, 10.0))
def test_market_rates_move_compute_and_nothing_else(values: Values, ratio: float) -> None:
    paid = values["compute.paid_gpu_hour"]
    trace = run({**values, "compute.market_gpu_hour": paid * ratio})
    compute = sum(values[line] for line in COMPUTE_LINES)
    moved = value(trace, "cost.total_at_market") - value(trace, "cost.total")
    assert moved == pytest.approx(compute * (ratio - 1), rel=1e-6)
    assert value(trace, "compute.discount") == pytest.approx(1 - 1 / ratio, rel=1e-9)


@given(some(COMPANY))
def test_a_runway_uses_up_what_there_is(values: Values) -> None:
    trace = run(values)
    node = trace.nodes["company.runway_months"]
    burn = value(trace, "company.burn_without_credits_per_month")
    if burn > 0:
        assert node.value is not None
        cash = values["cash.balance"] + values["cash.committed_funding"]
        # Month by month: what credits pay for of the burn, as long as there are any.
        compute = sum(values[line] for line in COMPUTE_LINES) / values["company.period_months"]
        drawn = min(values["cash.credits"], node.value * compute)
        assert node.value * burn - drawn == pytest.approx(cash, rel=1e-9, abs=1e-6)
    else:
        assert (node.value, node.reason) == (None, Reason("earns_cash"))


# Workloads

WORKLOADS = ("chat", "rag", "own")


@given(
    st.one_of(
        some(PRICES, TRAFFIC, RATES, FLEET, TRAINING),
        some(optional={**PRICES, **MIX, **TRAFFIC, **RATES, **FLEET}),
    ),
    st.sampled_from(WORKLOADS),
)
def test_a_workload_never_changes_the_bill_or_what_the_traffic_brings(values: Values, workload: str) -> None:
    made = scenario(values)
    before, after = evaluate(put_workload(made, "own")), evaluate(put_workload(made, workload))
    changed = {
        name
        for name in before.trace.nodes.keys() | after.trace.nodes.keys()
        if MODEL.quantities[name].section in ("traffic", "training") or name in BILL
        if outcome(before.trace, name) != outcome(after.trace, name)
    }
    assert changed == set()


BILL = {"serving.cost_per_day", "serving.gpus", "serving.gpus_required"}


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize(
    ("reference", "bill", "revenue"),
    [("fleet", 2000 * 24 * 2, 300e3 * 0.5 + 300e3 * 0.1 + 200e3 * 2), ("fleet:peak", 2400 * 24 * 2, 580e3)],
)
def test_a_fleets_day_costs_the_same_whatever_is_asked_of_it(
    reference: str, bill: float, revenue: float, workload: str
) -> None:
    evaluation = evaluate(load(reference, workload=workload))
    assert evaluation.value("serving.cost_per_day") == pytest.approx(bill, rel=1e-12)
    assert evaluation.value("traffic.revenue_per_day") == pytest.approx(revenue, rel=1e-12)


# Comparisons


@pytest.mark.parametrize("name", ["lark", "wren", "fleet", "acme", "beta", "acme-half"])
def test_compared_with_itself_nothing_differs(name: str) -> None:
    comparison = compare(name, name)
    assert comparison.rows
    for row in comparison.rows:
        first, second = row.values
        assert first == second
        if first is not None and first > 0:
            assert row.ratios == (1.0, 1.0)
        else:
            assert row.ratios == (None, None)


@given(some(PRICES), st.floats(0.1, 10.0))
def test_ratios_read_how_many_times_cheaper_the_other_is(values: Values, factor: float) -> None:
    cheaper = {name: number / factor for name, number in values.items()}
    comparison = compare(scenario(values), scenario(cheaper))
    assert len(comparison.rows) == 4
    for row in comparison.rows:
        assert list(row.ratios) == [1.0, pytest.approx(factor, rel=1e-12)]


# Overrides

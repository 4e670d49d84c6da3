"""Applying a break-even multiplier leaves no profit: at every boundary, for every payer, at either rate.

The account is written out here once more: what is repriced sells at m times the price and m^−ε of the volume,
and its part of inference shrinks with that.
"""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llmcost.analysis.ask.breakeven import Line, breakeven
from llmcost.engine.trace import Given, evaluate
from llmcost.formulas import MODEL
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum

Values = dict[str, float]

money = st.floats(1.0, 1e3)
part = st.floats(0.0, 0.6)
LINES = dict.fromkeys(("revenue.api", "revenue.subscription", "cost.inference", "cost.training"), money)
MORE = dict.fromkeys(("cost.data", "cost.staff", "cost.other"), money)
RATES = {"compute.paid_gpu_hour": st.floats(0.5, 5.0), "compute.market_gpu_hour": st.floats(0.5, 5.0)}
SHARED = {
    "cost.revenue_share": st.floats(0.0, 100.0),
    "company.revenue_share_rate": part,
    "company.free_inference_share": st.floats(0.0, 0.4),
    "company.api_inference_share": st.just(0.0) | st.floats(1e-30, 0.6),  # no file states less
}
COMPANIES = st.fixed_dictionaries({**LINES, **MORE, **RATES}, optional=SHARED)
ELASTICITIES = st.one_of(st.just(0.0), st.floats(0.05, 0.95), st.floats(1.05, 2.0))


def line_at(values: Values, elasticity: float, boundary: str, payer: str, compute: str) -> Line:
    data = {name: Datum(number) for name, number in values.items()}
    ladder = breakeven(
        Scenario(name="made", label="made", data=data, absent={}),
        elasticities=[elasticity],
        boundaries=[boundary],
        payers=[payer],
        computes=[compute],
    )
    (line,) = ladder.lines
    return line


def account(values: Values) -> Values:
    """The company's account as `show` has it."""
    trace = evaluate(MODEL, {name: Given(number) for name, number in values.items()})
    return {name: node.value for name, node in trace.nodes.items() if node.value is not None}


def repriced(values: Values, times: float, elasticity: float, payer: str, compute: str) -> Values:
    """What is stated of the company once the prices have been multiplied and demand has answered."""
    after = dict(values)
    if compute == "market":
        ratio = values["compute.market_gpu_hour"] / values["compute.paid_gpu_hour"]
        after |= {name: values[name] * ratio for name in ("cost.inference", "cost.training")}
    before = values["revenue.api"] + values["revenue.subscription"]
    volume = times**-elasticity
    lines = ("revenue.api",) if payer == "api-only" else ("revenue.api", "revenue.subscription")
    after |= {name: values[name] * times * volume for name in lines}
    free = values.get("company.free_inference_share", 0.0)
    share = 1 - free
    if payer == "api-only":
        share = values.get("company.api_inference_share", values["revenue.api"] / before * (1 - free))
    after["cost.inference"] *= 1 - share + share * volume
    if "cost.revenue_share" in values:  # what was paid grows with revenue, as a share does
        grown = (after["revenue.api"] + after["revenue.subscription"]) / before
        after["cost.revenue_share"] = values["cost.revenue_share"] * grown
    return after


@given(
    COMPANIES,
    ELASTICITIES,
    st.sampled_from(["inference", "cogs", "cogs+training", "total"]),
    st.sampled_from(["uniform", "api-only"]),
    st.sampled_from(["paid", "market"]),
)
def test_at_the_break_even_multiplier_there_is_no_profit(
    values: Values, elasticity: float, boundary: str, payer: str, compute: str
) -> None:
    (rung,) = line_at(values, elasticity, boundary, payer, compute).rungs
    assume(rung.multiplier is not None and rung.multiplier < 1e6)
    assert rung.multiplier is not None
    after = account(repriced(values, rung.multiplier, elasticity, payer, compute))
    shared = after.get("company.revenue_share", 0.0)
    covered = {
        "inference": after["cost.inference"],
        "cogs": after["company.cogs"],
        "cogs+training": after["company.cogs"] + after["cost.training"] + after["cost.data"],
        "total": after["cost.total"],
    }[boundary]
    assert after["revenue.total"] - covered == pytest.approx(0, abs=1e-6 * (covered + shared))


@given(COMPANIES, ELASTICITIES, st.sampled_from(["uniform", "api-only"]), st.sampled_from(["paid", "market"]))
def test_the_ladder_and_the_metrics_name_the_same_multiplier(
    values: Values, elasticity: float, payer: str, compute: str
) -> None:
    (rung,) = line_at(values, elasticity, "total", payer, compute).rungs
    name = f"breakeven.{payer.replace('-', '_')}_multiplier{'_at_market' if compute == 'market' else ''}"
    stated = {name: Given(number) for name, number in values.items()}
    node = evaluate(MODEL, stated | {"market.price_elasticity": Given(elasticity)}, [name]).nodes[name]
    assert node.value == (None if rung.multiplier is None else pytest.approx(rung.multiplier, rel=1e-9))
    assert (node.reason is None) == (rung.multiplier is not None)


@given(COMPANIES, st.floats(0.05, 0.95), st.floats(0.01, 0.5))
def test_inference_that_nobody_pays_for_never_makes_it_easier(
    values: Values, elasticity: float, free: float
) -> None:
    """It stays when prices rise and demand falls, so that more has to be made up for."""
    name = "company.free_inference_share"
    (without,) = line_at({**values, name: 0.0}, elasticity, "total", "uniform", "paid").rungs
    (with_it,) = line_at({**values, name: free}, elasticity, "total", "uniform", "paid").rungs
    assume(without.multiplier is not None and with_it.multiplier is not None and without.multiplier > 1)
    assert with_it.multiplier is not None
    assert without.multiplier is not None
    assert with_it.multiplier >= without.multiplier * (1 - 1e-9)

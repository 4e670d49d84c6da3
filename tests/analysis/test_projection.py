"""Projections: months worked out by hand as a spreadsheet has them, and what must hold of any of them."""

from __future__ import annotations

import io
import itertools
import json
import math
import re
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from calling import Call, made, refusal
from llmcost import LlmcostError, check, evaluate, load, project, sensitivity, simulate, solve, sweep
from llmcost.analysis.projection.project import Projection
from llmcost.formulas import MODEL
from llmcost.formulas import model_account as formulas
from llmcost.reasons import Reason, Undefined
from llmcost.render.markdown import render as to_markdown
from llmcost.render.output import write_stdout
from llmcost.render.results.check import explained
from llmcost.render.results.project import document, records, report, rows
from llmcost.render.terminal import render

CENT = 0.01
COMPANY = """
revenue: {api: 120, subscription: 240}
cost: {inference: 360, training: 240, staff: 120}
cash: {balance: 100}
"""


def fault(text: str, **asked: object) -> str:
    return refusal(project, made(text), **asked)


def value(result: Projection, name: str) -> float | None:
    return result.outcomes[f"project.{name}"].value


# By hand: a year's 360 of revenue and 720 of cost are 30 and 60 a month, a burn of 30.


def test_an_unmoved_month_is_the_period_s_average() -> None:
    result = project(made(COMPANY), months=4)
    first = result.rows[0]
    assert first.flows == {
        "revenue.total": pytest.approx((120 + 240) / 12),
        "revenue.api": pytest.approx(120 / 12),
        "revenue.subscription": pytest.approx(240 / 12),
        "cost.inference": pytest.approx(360 / 12),
        "cost.training": pytest.approx(240 / 12),
        "cost.staff": pytest.approx(120 / 12),
        "cost.total": pytest.approx((360 + 240 + 120) / 12),
        "company.operating_profit": pytest.approx(30 - 60),
    }
    assert [row.closing for row in result.rows] == pytest.approx([70, 40, 10, -20])
    # 10 are left at the start of month 4, a third of what it burns.
    assert value(result, "runway_months") == pytest.approx(3 + 10 / 30)
    assert result.outcomes["project.runway_months"].month == 4
    assert value(result, "cash_low") == pytest.approx(-20)
    assert value(result, "breakeven_month") is None
    # 30 are burnt in each of four months, and 20 of them are not there.
    assert value(result, "funding_needed") == pytest.approx(120)
    assert value(result, "funding_gap") == pytest.approx(20)
    assert result.outcomes["project.breakeven_month"].reason == Reason("outside_horizon", (4,))


def test_growth_compounds_from_the_second_month_on() -> None:
    text = COMPANY + "trajectory: {revenue.api: +10%/month, cost.training: x3/year, cost.staff: -30%/year}"
    result = project(made(text), months=13)
    api, training, staff = (
        [row.flows[name] for row in result.rows] for name in ("revenue.api", "cost.training", "cost.staff")
    )
    assert api[:3] == pytest.approx([10, 10 * 1.1, 10 * 1.1 * 1.1])
    assert training[0] == pytest.approx(20)
    assert training[12] == pytest.approx(20 * 3)
    assert training[6] == pytest.approx(20 * math.sqrt(3))
    assert staff[12] == pytest.approx(10 * 0.7)


def test_steps_lists_and_phases() -> None:
    """Amounts are those of a whole period of twelve months, as in the rest of the file."""
    text = COMPANY + (
        "start: 2025-01\n"
        "trajectory:\n"
        "  cost.training: {3: 480, 2025-05-20: 600}\n"
        "  cost.staff: [120, 132, 144]\n"
        "  revenue.api: {1: +10%/month, 3: 240, 5: -50%/month}\n"
        "  cost.data: {4: 12}\n"
    )
    result = project(made(text), months=6)
    flows = [row.flows for row in result.rows]
    assert [f["cost.training"] for f in flows] == pytest.approx([20, 20, 40, 40, 50, 50])
    assert [f["cost.staff"] for f in flows] == pytest.approx([10, 11, 12, 12, 12, 12])
    assert [f["revenue.api"] for f in flows] == pytest.approx([10, 11, 20, 20, 10, 5])
    assert [f.get("cost.data") for f in flows] == [None, None, None, 1, 1, 1]
    assert [row.label for row in result.rows[:2]] == ["2025-01", "2025-02"]
    assert ("cost.staff", "the last of its 3 values applies to the end") in result.notes


def test_events_set_add_and_scale() -> None:
    text = COMPANY + (
        "events:\n"
        "  - {at: 2, cash.balance: +50, cost.staff: 240}\n"
        "  - {at: 3, cost.training: '*2', revenue.api: +120}\n"
        "  - {at: 3, cost.inference: -10%}\n"
        "  - {at: 4, cash.balance: 500}\n"
    )
    result = project(made(text), months=4)
    flows = [row.flows for row in result.rows]
    assert [f["cost.staff"] for f in flows] == pytest.approx([10, 20, 20, 20])
    assert [f["cost.training"] for f in flows] == pytest.approx([20, 20, 40, 40])
    assert [f["revenue.api"] for f in flows] == pytest.approx([10, 10, 20, 20])
    assert [f["cost.inference"] for f in flows] == pytest.approx([30, 30, 27, 27])
    # 100 − 30 = 70; + 50 − 40 = 80; − (27 + 40 + 20 − 40) = 33; 467 to 500, less 47.
    assert [row.closing for row in result.rows] == pytest.approx([70, 80, 33, 500 - 47])
    assert [row.funding for row in result.rows] == pytest.approx([0, 50, 0, 500 - 33])


def test_growth_goes_on_from_what_an_event_has_made() -> None:
    text = COMPANY + "trajectory: {revenue.api: +10%/month}\nevents: [{at: 2, revenue.api: '*2'}]"
    result = project(made(text), months=3)
    assert [row.flows["revenue.api"] for row in result.rows] == pytest.approx([10, 22, 24.2])


def test_break_even_and_the_funding_it_takes() -> None:
    """Subscriptions double each month: 20, 40, 80 beside 10 of the API, against 60: −30, −10, +30."""
    text = COMPANY + "trajectory: {revenue.subscription: x2/month}"
    result = project(made(text), months=6)
    assert value(result, "breakeven_month") == 3
    assert value(result, "funding_needed") == pytest.approx(30 + 10)
    assert value(result, "funding_gap") == 0
    assert value(result, "cash_low") == pytest.approx(60)
    assert value(result, "runway_months") == 6
    assert result.outcomes["project.runway_months"].beyond
    poor = project(made(text.replace("balance: 100", "balance: 25")), months=6)
    assert value(poor, "funding_gap") == pytest.approx(40 - 25)
    assert value(poor, "runway_months") == pytest.approx(25 / 30)


def test_cash_that_is_gone_at_once_lasts_until_the_start_of_the_month() -> None:
    """Of the 70 that are left after month 1, 200 are paid at the start of month 2."""
    text = COMPANY + "events: [{at: 2, cash.balance: -200}]"
    result = project(made(text), months=3)
    assert value(result, "runway_months") == 1
    assert value(result, "cash_low") == pytest.approx(70 - 200 - 60)


def test_credits_are_used_up_before_cash() -> None:
    """Compute is 50 a month: 120 of credits pay for two months and 20 of the third."""
    result = project(made(COMPANY + "cash.credits: 120"), months=4)
    assert [row.credits_used for row in result.rows] == pytest.approx([50, 50, 20, 0])
    assert [row.noncash for row in result.rows] == [0, 0, 0, 0]  # what credits pay for is not told twice
    assert [row.net_burn for row in result.rows] == pytest.approx([-20, -20, 10, 30])
    assert [row.closing for row in result.rows] == pytest.approx([120, 140, 130, 100])
    assert [row.flows["company.operating_profit"] for row in result.rows] == pytest.approx([-30] * 4)
    more = project(made(COMPANY + "cash.credits: 0\nevents: [{at: 2, cash.credits: +60}]"), months=3)
    assert [row.credits_used for row in more.rows] == pytest.approx([0, 50, 10])


@pytest.mark.parametrize(
    ("stock", "left", "used", "funding"),
    [("credits", 10, [50, 0, 0], [0, 0, 0]), ("committed_funding", 60, [0, 0, 0], [60, -60, 0])],
)
def test_no_more_can_be_taken_from_a_stock_than_is_left(
    stock: str, left: int, used: list[float], funding: list[float]
) -> None:
    """Of 60 credits a month's compute of 50 has been paid."""
    text = COMPANY + f"cash.{stock}: 60\nevents: [{{at: 2, cash.{stock}: -90}}]"
    said = f"cash.{stock}: in month 2 only {left} is left to take from, got '-90'"
    assert fault(text) == f"company.yaml:7:{21 + len(stock) + 4}: {said}"
    rows = project(made(text.replace("-90", f"-{left}")), months=3).rows
    assert [row.credits_used or 0 for row in rows] == pytest.approx(used)
    assert [row.funding for row in rows] == pytest.approx(funding)


def test_credits_are_not_counted_twice() -> None:
    """What is no cash is taken for credits used up, where nothing says that some of it is paid in shares."""
    result = project(made(COMPANY + "cost.noncash: 120\ncash.credits: 120"), months=4)
    assert [row.net_burn for row in result.rows] == pytest.approx([30 - 50, 30 - 50, 30 - 20, 30])
    assert [row.credits_used for row in result.rows] == pytest.approx([50, 50, 20, 0])
    assert [row.noncash for row in result.rows] == [0, 0, 0, 0]
    said = "all of it counts as credits used: cost.stock_compensation is not stated"
    assert ("cost.noncash", said) in result.notes


def test_what_is_paid_in_shares_stays_when_the_credits_are_used_up() -> None:
    text = COMPANY + "cost: {stock_compensation: 120, credits_used: 60}\ncash.credits: 70"
    text = text.replace("cost: {inf", "cost: {stock_compensation: 120, credits_used: 60, inf", 1)
    text = text.replace("cost: {stock_compensation: 120, credits_used: 60}\n", "", 1)
    result = project(made(text), months=3, metrics=["company.net_burn_per_month"])
    assert [row.noncash for row in result.rows] == pytest.approx([10, 10, 10])
    assert [row.net_burn for row in result.rows] == pytest.approx([20 - 50, 20 - 20, 20])
    assert [row.metrics["company.net_burn_per_month"] for row in result.rows] == pytest.approx([-30, 0, 20])


def test_committed_funding_is_received_in_month_1() -> None:
    text = "revenue.total: 120\ncost.total: 240\ncash.committed_funding: 30"
    result = project(made(text), months=4)
    assert [row.funding for row in result.rows] == [30, 0, 0, 0]
    assert value(result, "runway_months") == pytest.approx(30 / 10)
    later = project(made(text + "\nevents: [{at: 3, cash.committed_funding: +5}]"), months=4)
    assert [row.funding for row in later.rows] == [30, 0, 5, 0]


def test_a_total_alone_moves_and_one_with_lines_moves_with_them() -> None:
    alone = project(
        made("revenue.total: 120\ncost.total: 240\ntrajectory: {cost.total: +10%/month}"), months=2
    )
    assert [row.flows["cost.total"] for row in alone.rows] == pytest.approx([20, 22])
    text = "revenue.total: 120\ncost: {total: 240, training: 120}\ntrajectory: {cost.training: +10%/month}"
    held = project(made(text), months=2)
    assert [row.flows["cost.total"] for row in held.rows] == pytest.approx([10 + 10, 10 + 11])
    assert [row.flows["cost.unallocated"] for row in held.rows] == pytest.approx([10, 10])
    both = project(made(text + "\n  "), months=2, trajectory={"cost.total": "+10%/month"})
    assert [row.flows["cost.unallocated"] for row in both.rows] == pytest.approx([10, 11])


def test_the_compute_bill_goes_with_the_rate() -> None:
    text = COMPANY + "compute.paid_gpu_hour: 1.30\nevents: [{at: 2, compute.paid_gpu_hour: 2.60}]"
    result = project(made(text), months=2, metrics=["cost.compute"])
    assert [row.flows["cost.total"] for row in result.rows] == pytest.approx([60, 60 + 30 + 20])
    assert [row.metrics["cost.compute"] for row in result.rows] == pytest.approx([50, 100])
    kept = text + "\ntrajectory: {cost.inference: [360, 360]}"
    result = project(made(kept), months=2)
    assert [row.flows["cost.total"] for row in result.rows] == pytest.approx([60, 60 + 20])


def test_the_rate_moves_before_what_is_said_of_the_bills() -> None:
    """The rate doubles in month 2: training goes from 20 to 40, and inference is what the event says."""
    stated = COMPANY + "compute.paid_gpu_hour: 2\n"
    told = stated + "events: [{at: 2, cost.inference: 600, compute.paid_gpu_hour: 4}]"
    flows = project(made(told), months=2).rows[1].flows
    assert [flows["cost.inference"], flows["cost.training"]] == pytest.approx([600 / 12, 40])
    # A total of 100 a month grows with the 50 that the bills have risen by inside.
    grown = stated.replace("staff: 120", "total: 1200")
    grown += "trajectory: {cost.total: +10%/month, compute.paid_gpu_hour: {2: 4}}"
    flows = project(made(grown), months=2).rows[1].flows
    assert flows["cost.total"] == pytest.approx((100 + 50) * 1.1)


def test_what_is_said_of_compute_is_what_moves() -> None:
    growth = "trajectory: {revenue.api: +8%/month, cost.training: [240, 300]}\n"
    alone = project(made(COMPANY + growth), months=2)
    assert dict(alone.notes)["cost.inference"].startswith("stays the same while revenue moves")
    shared = project("acme-plan:leak", months=2)
    assert dict(shared.notes)["cost.revenue_share"].startswith("stays the same while revenue moves")
    rate = "compute.paid_gpu_hour: 1\nevents: [{at: 2, compute.paid_gpu_hour: 2}]"
    notes = dict(project(made(COMPANY + growth + rate), months=2).notes)
    assert notes["compute.paid_gpu_hour"] == "cost.inference moves with it"
    assert "cost.inference" not in notes


def test_a_repricing_moves_revenue_and_volume() -> None:
    """At ε = 0.5 and a price of 4, volume halves: revenue × 2, the API's third of inference × 1/2."""
    text = (
        COMPANY
        + "market.price_elasticity: 0.5\nevents: [{at: 2, reprice: {payer: api-only, multiplier: 4x}}]"
    )
    result = project(made(text), months=3)
    assert [row.flows["revenue.api"] for row in result.rows] == pytest.approx([10, 20, 20])
    assert [row.flows["revenue.subscription"] for row in result.rows] == pytest.approx([20] * 3)
    assert [row.flows["cost.inference"] for row in result.rows] == pytest.approx([30, 20 + 5, 25])
    text = text.replace("api-only", "uniform") + "\ncost.revenue_share: 36"
    result = project(made(text), months=2)
    assert result.rows[1].flows["revenue.total"] == pytest.approx(60)
    assert result.rows[1].flows["cost.inference"] == pytest.approx(15)
    assert result.rows[1].flows["company.revenue_share"] == pytest.approx(3 * 2)


def test_what_a_repricing_takes_for_granted_is_said() -> None:
    def notes(text: str, payer: str) -> dict[str, str]:
        event = f"events: [{{at: 2, reprice: {{payer: {payer}, multiplier: 4}}}}]"
        found = made(f"{text}\n{event}")
        return dict(project(found, months=2).notes)

    elastic = COMPANY + "market.price_elasticity: 0.5"
    assert notes(COMPANY, "uniform")["reprice"] == (
        "demand does not respond to price: market.price_elasticity is not stated"
    )
    assert "company.api_inference_share" in notes(elastic, "api-only")
    assert not notes(elastic, "uniform").keys() & {"reprice", "company.api_inference_share"}
    assert "company.api_inference_share" not in notes(
        elastic + "\ncompany.api_inference_share: 30%", "api-only"
    )


def test_a_demand_beyond_all_numbers_is_told_at_its_place() -> None:
    event = "events: [{at: 2, reprice: {payer: uniform, multiplier: 1e-30}}]"
    text = COMPANY + f"market.price_elasticity: 100\n{event}"
    said = "reprice: demand is too large to represent from month 2 on"
    assert fault(text) == f"company.yaml:7:27: {said}"


def test_a_second_repricing_starts_from_the_first() -> None:
    """Twice by 2 is once by 4, the shares of inference that serve the API and free users included."""
    for payer in ("uniform", "api-only"):
        event = f"{{payer: {payer}, multiplier: "
        text = COMPANY + "company.free_inference_share: 20%\nmarket.price_elasticity: 0.5\nevents:\n"
        once = project(made(f"{text}  - {{at: 2, reprice: {event}4}}}}"), months=4)
        twice = text + "".join(f"  - {{at: {month}, reprice: {event}2}}}}\n" for month in (2, 3))
        result = project(made(twice), months=4)
        assert result.rows[3].flows == pytest.approx(dict(once.rows[3].flows))


def test_a_new_price_leaves_the_cost_behind_a_margin_where_it_is() -> None:
    """60 of 100 are inference by the margin; at 1.4 times the price they and 80 of staff are paid for."""
    text = "revenue.api: 1200\ncompany.gross_margin: 40%\ncost.staff: 960\n"
    event = "events: [{at: 2, reprice: {payer: uniform, multiplier: 1.4}}]"
    found = project(made(text + event), months=3, metrics=["company.gross_margin"])
    assert [row.flows["company.operating_profit"] for row in found.rows] == pytest.approx([-40, 0, 0])
    assert found.rows[2].metrics["company.gross_margin"] == pytest.approx(80 / 140)


def test_a_month_grows_first_then_comes_its_event_and_then_its_prices() -> None:
    """In month 2 it would be 110; the event makes it 200, the price 400, and it grows on from there."""
    text = """
revenue.api: 1200
cost.staff: 1200
market.price_elasticity: 0
trajectory: {revenue.api: +10%/month}
events: [{at: 2, revenue.api: 2400, reprice: {payer: api-only, multiplier: 2}}]
"""
    rows = project(made(text), months=3).rows
    assert [row.flows["revenue.api"] for row in rows] == pytest.approx([100, 400, 440])


def test_a_total_that_moves_by_itself_takes_along_what_the_api_gains() -> None:
    """40 of the 100 a month are the API's; at twice its price, a month of growth on, 110 and 40 more."""
    text = """
revenue: {total: 1200, api: 480}
cost.staff: 1200
market.price_elasticity: 0
trajectory: {revenue.total: +10%/month}
events: [{at: 2, reprice: {payer: api-only, multiplier: 2}}]
"""
    rows = project(made(text), months=2).rows
    assert [row.flows["revenue.total"] for row in rows] == pytest.approx([100, 150])


def test_whose_inference_it_is_is_asked_only_where_it_matters() -> None:
    """Without revenue nobody's share of inference follows; it is needed once its volume moves."""

    def company(inference: int, elasticity: float, *more: str) -> str:
        return "\n".join(
            (
                "revenue: {api: 0, subscription: 0}",
                f"cost: {{inference: {inference}, staff: 120}}",
                f"market.price_elasticity: {elasticity}",
                "events:",
                "  - {at: 2, reprice: {payer: api-only, multiplier: 4}}",
                *more,
            )
        )

    for quiet in (company(0, 0.5), company(240, 0)):
        result = project(made(quiet), months=3)
        assert [row.flows["revenue.total"] for row in result.rows] == [0, 0, 0]
        assert len({row.flows["cost.inference"] for row in result.rows}) == 1
    assert fault(company(240, 0.5)) == (
        "company.yaml:6:22: reprice: in month 2 there is no revenue to take the API's share of "
        "cost.inference from; state company.api_inference_share"
    )
    # Stated, it is known: half of 20 a month, a quarter in price^-0.5 = 1/2 of the volume.
    stated = company(240, 0.5) + "\ncompany.api_inference_share: 50%"
    result = project(made(stated), months=2)
    assert [row.flows["cost.inference"] for row in result.rows] == pytest.approx([20, 10 + 10 / 2])
    # The first repricing meets no revenue; by the second a third of it is the API's.
    later = company(
        0,
        0.5,
        "  - {at: 3, revenue.api: 120, revenue.subscription: 240, cost.inference: 360}",
        "  - {at: 4, reprice: {payer: api-only, multiplier: 4}}",
    )
    result = project(made(later), months=4)
    assert [row.flows["cost.inference"] for row in result.rows] == pytest.approx([0, 0, 30, 20 + 10 / 2])


def test_a_metric_over_a_quarter_follows_from_its_sums() -> None:
    text = (
        COMPANY
        + "serving: {utilization: 20%}\ntrajectory: {revenue.api: x2/month, serving.utilization: x2/month}"
    )
    names = [
        "company.gross_margin",
        "company.gross_profit",
        "serving.utilization",
        "company.net_burn_per_month",
    ]
    result = project(made(text), months=3, by="quarter", metrics=names)
    (row,) = result.rows
    revenue = (10 + 20 + 40) + 3 * 20
    assert row.metrics["company.gross_margin"] == pytest.approx(1 - 90 / revenue)
    assert row.metrics["company.gross_profit"] == pytest.approx(revenue - 90)
    assert row.metrics["serving.utilization"] == pytest.approx(0.8)
    assert row.metrics["company.net_burn_per_month"] == pytest.approx((180 - revenue) / 3)
    assert (row.first, row.last, row.label) == (1, 3, "1-3")


def test_what_is_no_flow_is_that_of_the_last_month() -> None:
    text = COMPANY + "product: {price_per_unit: 20, paying_units_per_month: 10}\n"
    text += "trajectory: {product.paying_units_per_month: [10, 20, 30], revenue.api: x2/month}"
    asked = ["product.revenue_per_month", "company.gross_margin"]
    result = project(made(text), months=3, by="quarter", metrics=asked)
    assert result.rows[0].metrics["product.revenue_per_month"] == 600
    assert dict(result.notes)["product.revenue_per_month"] == "that of the last month of each quarter"
    assert "company.gross_margin" not in dict(result.notes)
    assert "product.revenue_per_month" not in dict(project(result.scenario, months=3, metrics=asked).notes)


def test_what_a_company_is_worth_is_no_flow() -> None:
    stated = "company.valuation: 1200\nrevenue.total: 360\ncost.total: 240\n"
    text = stated + "events: [{at: 2, company.valuation: 2400}]"
    names = ["company.valuation", "company.valuation_multiple"]
    first, second = project(made(text), months=2, metrics=names).rows
    # A year's profit of 120: the multiple that `show` has for the whole of it.
    assert first.metrics == {"company.valuation": 1200, "company.valuation_multiple": pytest.approx(10)}
    assert second.metrics == {"company.valuation": 2400, "company.valuation_multiple": pytest.approx(20)}


def test_a_runway_along_the_way_counts_the_cash_that_is_left() -> None:
    result = project(made(COMPANY), months=4, metrics=["company.runway_months"])
    found = [row.metrics["company.runway_months"] for row in result.rows]
    assert found == pytest.approx([70 / 30, 40 / 30, 10 / 30, 0])


def test_a_metric_without_a_value_says_why() -> None:
    """Revenue of 60, 120 and 30 a month against 60: break-even twice, then a loss again."""
    text = COMPANY + "trajectory: {revenue.subscription: [600, 1320, 240]}\nevents: [{at: 3, cost.data: 12}]"
    names = ["company.runway_months", "cost.data"]
    result = project(made(text), months=3, metrics=names)
    assert [dict(row.reasons) for row in result.rows] == [
        {"company.runway_months": Reason("earns_cash"), "cost.data": Reason("not_yet")},
        {"company.runway_months": Reason("earns_cash"), "cost.data": Reason("not_yet")},
        {},
    ]
    assert document(result)["rows"][0]["reasons"]["company.runway_months"] == "earns cash"
    assert "reasons" not in rows(result)[0]
    assert value(result, "breakeven_month") == 1
    assert ("project.breakeven_month", "month 3 loses money again") in result.notes


@pytest.mark.parametrize(
    ("start", "by", "labels"),
    [
        ("2025-01", "year", ["2025", "2026-Q1"]),
        ("2025-07", "year", ["2025-07 to 2026-06", "2026-Q3"]),
        ("2025-04", "quarter", ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]),
        ("2025-12", "quarter", ["2025-12 to 2026-02", "2026-03 to 2026-05"]),
    ],
)
def test_how_periods_are_called(start: str, by: str, labels: list[str]) -> None:
    result = project(made(f"{COMPANY}\nstart: {start}"), months=15, by=by)
    assert [row.label for row in result.rows][: len(labels)] == labels


def test_a_stated_burn_is_taken_as_it_is() -> None:
    """18B at 0.5B a month last 36 months, whatever the operating loss."""
    result = project("acme-half", months=60)
    assert value(result, "runway_months") == pytest.approx(36)
    assert any(subject == "company.net_burn_per_month" for subject, _ in result.notes)


def test_inheritance_and_variants_add_to_a_timeline(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(
        f"{COMPANY}trajectory: {{cost.staff: x2/year, revenue.api: x2/year}}\n"
        "events: [{at: 2, cash.balance: +1}]\nhorizon_months: 24\nstart: 2025-01\n",
        encoding="utf-8",
    )
    text = (
        "extends: ./parent.yaml\ntrajectory: {cost.staff: null}\nevents: [{at: 3, cash.balance: +2}]\n"
        "variants: {more: {events: [{at: 4, cash.balance: +3}]}, less: {horizon_months: 5}}\n"
    )
    (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
    child = project(f"{tmp_path}/company.yaml")
    assert child.schedule.months == 24
    assert [row.funding for row in child.rows[:4]] == [0, 1, 2, 0]
    assert child.rows[12].flows["cost.staff"] == pytest.approx(10)
    assert child.rows[12].flows["revenue.api"] == pytest.approx(20)
    assert [row.funding for row in project(f"{tmp_path}/company.yaml:more").rows[:4]] == [0, 1, 2, 3]
    assert project(f"{tmp_path}/company.yaml:less").schedule.months == 5
    none = tmp_path / "none.yaml"
    none.write_text(text.replace("[{at: 3, cash.balance: +2}]", "null"), encoding="utf-8")
    assert sum(row.funding for row in project(str(none)).rows) == 0


def test_a_shorter_projection_does_not_reach_what_comes_later() -> None:
    text = COMPANY + "events: [{at: 12, cash.balance: +1}]"
    result = project(made(text), months=6)
    assert sum(row.funding for row in result.rows) == 0
    assert ("not reached", "1 event or step lies beyond month 6") in result.notes


def test_a_longer_projection_reaches_what_lies_beyond_the_scenario_s_own_horizon() -> None:
    text = COMPANY + "horizon_months: 6\nevents: [{at: 12, cash.balance: +1}]"
    result = project(made(text), months=12)
    assert [row.funding for row in result.rows] == [0] * 11 + [1]


def test_an_older_value_may_be_the_start(tmp_path: Path) -> None:
    """--as-of takes the price that was in force before the newest."""
    path = tmp_path / "price.yaml"
    path.write_text(
        "price: {output_per_mtok: {values: {2024-05-13: 15, 2025-02-08: 10}}}\n"
        "start: 2024-12\ntrajectory: {price.output_per_mtok: -10%/year}\n",
        encoding="utf-8",
    )
    result = project(load(path, as_of="2024-12-31"), months=13, metrics=["price.output_per_mtok"])
    found = [row.metrics["price.output_per_mtok"] for row in result.rows]
    assert [found[0], found[12]] == pytest.approx([15, 15 * 0.9])
    assert result.outcomes == {}


# What is refused besides the fixtures of bad/.


def test_what_project_refuses() -> None:
    assert fault(COMPANY, months=0) == "months: must lie between 1 and 1,200, got 0"
    assert fault(COMPANY, by="week") == "by: unknown period 'week'; allowed are month, quarter, year"
    assert fault(COMPANY, trajectory=["revenue.api=+8%", "revenue.app=+8%/month", "cash.balance"]) == (
        "trajectory revenue.api=+8%: revenue.api: a growth needs its period; "
        "did you mean '+8%/month' or '+8%/year'?\n"
        "trajectory revenue.app=+8%/month: unknown quantity 'revenue.app'; "
        "did you mean 'revenue.api'?\n"
        "trajectory cash.balance: expected PATH=GROWTH, such as revenue.api=+8%/month"
    )
    assert fault("price.output_per_mtok: 2") == (
        "company: has neither revenue nor cost nor models to project; metric follows what it has"
    )
    assert fault(COMPANY, metrics=["training.cost"]).startswith("company: training.cost: lacks ")
    assert fault(COMPANY + "compute.paid_gpu_hour: 0\nevents: [{at: 2, compute.paid_gpu_hour: 2}]") == (
        "company.yaml:7:41: compute.paid_gpu_hour: rises from 0 in month 2, so no bill follows from it"
    )
    assert fault(COMPANY + "events: [{at: 3, compute.paid_gpu_hour: 2}]") == (
        "company.yaml:6:41: compute.paid_gpu_hour: is not stated before month 3, so no bill follows from it"
    )
    assert fault(COMPANY.replace("120, s", "1e29, s") + "trajectory: {revenue.api: x2/month}") == (
        "company.yaml:6:27: revenue.api: in month 8 it is too large; the limit is 1e+30"
    )


def test_an_outcome_that_a_scenario_cannot_have_says_what_it_lacks() -> None:
    no_cash = made(COMPANY.replace("cash: {balance: 100}", ""))
    result = project(no_cash, months=3)
    assert (
        str(result.outcomes["project.runway_months"].reason) == "lacks cash.balance or cash.committed_funding"
    )
    assert result.cash == ()
    with pytest.raises(LlmcostError, match=r"project\.cash_low: lacks cash\.balance or"):
        solve(no_cash, vary="cost.staff", until="project.cash_low = 0")
    with pytest.raises(LlmcostError, match=r"project\.breakeven_month: lacks revenue"):
        sweep(made("cost.data: 12"), vary=["cost.data=1,2"], metrics=["project.breakeven_month"])
    with pytest.raises(LlmcostError, match="cannot be stated"):
        load("acme", set={"project.cash_low": 1})


# Projection metrics in solve, simulate, sweep and sensitivity.


def test_solve_for_a_runway() -> None:
    """100 of cash last 20 months at a burn of 5 a month: a cost of 35 a month, 420 a year."""
    company = made(COMPANY.replace("staff: 120", "staff: 60, other: 60") + "horizon_months: 24")
    until = "project.runway_months >= 20"
    solved = solve(company, vary="cost.inference", until=until, between="1 to 720")
    assert solved.best is not None
    assert solved.best.value == pytest.approx(420 - 240 - 60 - 60)
    assert [list(stretch) for stretch in solved.holds] == [pytest.approx([1, 60])]
    at_the_end = solve(
        company, vary="cost.inference", until="project.runway_months >= 24", between="1 to 720"
    )
    assert at_the_end.best is not None
    assert at_the_end.best.value == pytest.approx(12 * (30 + 100 / 24) - 240 - 60 - 60)
    assert refusal(
        solve, company, vary="cost.inference", until="project.runway_months >= 25", between="1 to 720"
    ) == ("until: project.runway_months is counted up to the horizon of 24 months; months sets another")


def test_simulate_draws_whole_projections() -> None:
    """The runway of 100 falls as inference costs more: its median is that of the median cost."""
    company = made(COMPANY.replace("inference: 360", "inference: 300 to 432"))
    metrics = ["project.runway_months", "project.cash_low", "company.gross_margin"]
    result = simulate(company, metrics=metrics, draws=400, where=["project.runway_months < 4"])
    runway, low, margin = result.metrics
    assert runway.percentiles[2].value == pytest.approx(100 / 30, rel=0.02)
    assert low.percentiles[2].value == pytest.approx(100 - 60 * 30, rel=0.02)
    assert margin.percentiles[2].value == pytest.approx(0, abs=0.02)
    assert runway.influences[0][1] == pytest.approx(-1)
    assert 0 < result.shares[0].share < 1
    with pytest.raises(LlmcostError, match="counted up to the horizon"):
        simulate(company, metrics=metrics, draws=2, where=["project.runway_months 61 to 70"])


def test_sweep_and_sensitivity_of_a_projection() -> None:
    company = made(COMPANY)
    found = sweep(company, vary=["cash.balance=30,60"], metrics=["project.runway_months", "revenue.total"])
    assert [row[2:] for row in found.rows()] == [(pytest.approx(1), 360), (pytest.approx(2), 360)]
    moved = {item.quantity.name: item for item in sensitivity(company, "project.runway_months").influences}
    assert moved["cash.balance"].at_low == pytest.approx(90 / 30)
    assert moved["cash.balance"].elasticity is None


# What always holds.

RATES = st.floats(-0.2, 0.3)
AMOUNTS = st.integers(0, 10**10).map(float)
HUNDREDTHS = st.integers(0, 150).map(lambda percent: percent / 100)


@st.composite
def companies(draw: st.DrawFn) -> str:
    """A company with growth, credits, funding and a repricing."""
    money = [draw(AMOUNTS) for _ in range(8)]
    growth = [f"{100 * draw(RATES):+.6f}%/{draw(st.sampled_from(['month', 'year']))}" for _ in range(3)]
    payer = draw(st.sampled_from(["uniform", "api-only"]))
    at = [draw(st.integers(1, 18)) for _ in range(2)]
    elasticity = draw(HUNDREDTHS)
    # Where there is inference and no revenue, nobody can say whose inference answers to the API's price.
    assume(payer == "uniform" or money[0] + money[1] > 0 or money[2] == 0 or elasticity == 0)
    return (
        f"revenue: {{api: {money[0]!r}, subscription: {money[1]!r}}}\n"
        f"cost: {{inference: {money[2]!r}, training: {money[3]!r}, staff: {money[4]!r}}}\n"
        f"cash: {{balance: {money[5]!r}, credits: {money[6]!r}, committed_funding: {money[7]!r}}}\n"
        f"market.price_elasticity: {elasticity!r}\n"
        f"trajectory: {{revenue.api: {growth[0]}, cost.inference: {growth[1]}, cost.training: {growth[2]}}}\n"
        f"events:\n"
        f"  - {{at: {at[0]}, cash.balance: +{draw(AMOUNTS)!r}, cash.credits: +{draw(AMOUNTS)!r}}}\n"
        f"  - {{at: {at[1]}, reprice: {{payer: {payer}, multiplier: {draw(HUNDREDTHS) + 0.1!r}}}}}\n"
    )


@settings(max_examples=20)
@given(text=companies(), by=st.sampled_from(["month", "quarter", "year"]))
def test_cash_is_what_there_was_less_burn_and_more_funding(text: str, by: str) -> None:
    result = project(made(text), months=18, by=by)
    for row in result.rows:
        assert row.opening is not None
        assert row.closing is not None
        assert row.net_burn is not None
        assert row.opening - row.net_burn + row.funding == pytest.approx(row.closing, abs=CENT)
        assert row.credits_used is not None
        loss = -row.flows["company.operating_profit"]
        assert row.net_burn == pytest.approx(loss - row.credits_used, abs=CENT)
    for one, other in itertools.pairwise(result.rows):
        assert one.closing == other.opening


@settings(max_examples=20)
@given(text=companies())
def test_months_add_up_to_quarters_and_years(text: str) -> None:
    company = made(text)
    months, quarters, years = (project(company, months=24, by=by) for by in ("month", "quarter", "year"))
    for longer, size in ((quarters, 3), (years, 12)):
        for index, row in enumerate(longer.rows):
            inside = months.rows[index * size : (index + 1) * size]
            for name, amount in row.flows.items():
                assert math.fsum(item.flows[name] for item in inside) == pytest.approx(amount, abs=CENT)
            assert row.closing == inside[-1].closing
    assert months.outcomes == years.outcomes


@settings(max_examples=20)
@given(amounts=st.lists(AMOUNTS, min_size=4, max_size=4), period=st.integers(1, 36))
def test_an_unmoved_scenario_adds_up_to_its_period(amounts: list[float], period: int) -> None:
    api, other, inference, staff = amounts
    text = (
        f"company.period_months: {period}\nrevenue: {{api: {api!r}, other: {other!r}}}\n"
        f"cost: {{inference: {inference!r}, staff: {staff!r}}}\n"
    )
    result = project(made(text), months=period)
    for name, amount in {"revenue.total": api + other, "cost.total": inference + staff}.items():
        assert math.fsum(row.flows[name] for row in result.rows) == pytest.approx(amount, abs=CENT)


@settings(max_examples=20)
@given(
    elasticity=st.integers(0, 80).map(lambda percent: percent / 100),
    revenue=st.tuples(st.floats(1e6, 1e9), st.floats(1e6, 1e9)),
    cost=st.tuples(st.floats(1e6, 1e9), st.floats(1e6, 1e9)),
    shared=st.integers(0, 30).map(lambda percent: percent / 100),
    payer=st.sampled_from([("uniform", "uniform"), ("api-only", "api_only")]),
    stated=st.booleans(),
)
def test_a_repricing_by_its_break_even_multiplier_ends_the_loss(
    elasticity: float,
    revenue: tuple[float, float],
    cost: tuple[float, float],
    shared: float,
    payer: tuple[str, str],
    stated: bool,
) -> None:
    share = (
        f"cost.revenue_share: {shared * sum(revenue)!r}"
        if stated
        else f"company.revenue_share_rate: {shared!r}"
    )
    text = (
        f"revenue: {{api: {revenue[0]!r}, subscription: {revenue[1]!r}}}\n"
        f"cost: {{inference: {cost[0]!r}, staff: {cost[1]!r}}}\n{share}\n"
        f"market.price_elasticity: {elasticity!r}\ncompany.free_inference_share: {shared!r}\n"
    )
    company = made(text)
    multiplier = evaluate(company).value(f"breakeven.{payer[1]}_multiplier")
    if multiplier is None or not 1e-6 < multiplier < 1e6:
        return
    event = f"events: [{{at: 3, reprice: {{payer: {payer[0]}, multiplier: {multiplier!r}}}}}]"
    rows = project(made(text + event), months=4).rows
    size = max(rows[2].flows["revenue.total"], rows[2].flows["cost.total"])
    assert rows[2].flows["company.operating_profit"] == pytest.approx(0, abs=1e-7 * size)
    assert rows[3].flows["company.operating_profit"] == rows[2].flows["company.operating_profit"]


@settings(max_examples=20)
@given(rate=st.floats(-0.9, 5), months=st.integers(1, 12))
def test_a_yearly_rate_is_twelve_monthly_ones(rate: float, months: int) -> None:
    text = f"revenue.total: 1200\ncost.total: 1200\ntrajectory: {{revenue.total: {100 * rate:+.10f}%/year}}"
    result = project(made(text), months=13)
    assert result.rows[12].flows["revenue.total"] == pytest.approx(100 * (1 + rate), rel=1e-9)
    assert result.rows[months].flows["revenue.total"] == pytest.approx(
        100 * (1 + rate) ** (months / 12), rel=1e-9
    )


# Payback, present value and IRR.


def test_payback_of_a_textbook() -> None:
    """1000 paid back by 500 and 400 in two years, and by 100 of the 300 of the third."""
    assert formulas.payback([-1000, 500, 400, 300, 100]) == pytest.approx(2 + 100 / 300)
    assert formulas.payback([-100, 200]) == pytest.approx(0.5)
    assert formulas.payback([-100, 100]) == 1
    assert [formulas.payback(flows) for flows in ([5, 5], [0, 5], [])] == [0, 0, 0]
    with pytest.raises(Undefined, match="the spending does not come back within its life"):
        formulas.payback([100, -300])  # begins with a gain and ends with a loss
    with pytest.raises(Undefined, match="the spending does not come back within its life"):
        formulas.payback([-1000, 500, 400])
    with pytest.raises(Undefined, match="lost again"):
        formulas.payback([-100, 230, -100, -100])


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ([-100, 200], 1.0),  # twice as much a year later
        ([-1000, 1100], 0.1),
        ([-100, 60, 60], (60 + math.sqrt(60**2 + 4 * 100 * 60)) / 200 - 1),  # 100 y² − 60 y − 60 = 0
        ([-1000, 0, 0, 1331], 0.1),  # 1.1³
        ([-100, 50], -0.5),
        ([0, 0, -100, 121], 0.21),
        ([-1, 2, -1], 0.0),  # (x − 1)² touches zero once
    ],
)
def test_irr_of_a_textbook(flows: list[float], rate: float) -> None:
    assert formulas.irr(flows) == pytest.approx(rate, abs=1e-7)


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ([-100, -5], "it has no IRR: no period earns more than it costs"),
        ([100, 5], "it has no IRR: no period costs more than it earns"),
        ([-100, 150, -100], "it has no IRR: no rate makes its present value zero"),
        # −100·1.1·1.2 + 230… : (1 + r − 1.1)(1 + r − 1.2) = 0, and the oil-pump problem of Lorie and Savage.
        ([-100, 230, -132], "it has more than one IRR: at 10 and 20% a period its present value is zero"),
        (
            [-1600, 10000, -10000],
            "it has more than one IRR: at 25 and 400% a period its present value is zero",
        ),
        ([-1, 6, -11, 6], "it has more than one IRR: at 0, 100 and 200% a period its present value is zero"),
        ([-1, 2, *[0] * 130, -0.5], "the cash flows change sign more than once over more than 120 periods"),
    ],
)
def test_an_irr_that_is_not_there_is_not_guessed(flows: list[float], reason: str) -> None:
    with pytest.raises(Undefined) as caught:
        formulas.irr(flows)
    assert str(caught.value) == reason


@given(flows=st.lists(st.integers(-1000, 1000), min_size=2, max_size=9))
def test_at_every_internal_rate_flows_are_worth_nothing(flows: list[int]) -> None:
    rates = formulas.internal_rates(flows)
    signs = [flow > 0 for flow in flows if flow]
    # What begins as a loss and ends as a gain, or the other way round, is worth nothing at some rate.
    assert rates or not signs or signs[0] == signs[-1]
    for rate in rates:
        size = sum(abs(flow) / (1 + rate) ** period for period, flow in enumerate(flows))
        worth = math.fsum(flow / (1 + rate) ** period for period, flow in enumerate(flows))
        assert worth == pytest.approx(0, abs=1e-6 * size)


@given(rates=st.lists(st.integers(-60, 300), min_size=1, max_size=4, unique=True))
def test_no_internal_rate_is_missed(rates: list[int]) -> None:
    """Flows with known rates: Π (x·(1 + r) − 1) over x = 1/(1 + rate)."""
    flows = [1.0]
    for percent in rates:
        times = 1 + percent / 100
        flows = [times * before - here for before, here in zip([0.0, *flows], [*flows, 0.0], strict=True)]
    assert formulas.internal_rates(flows) == pytest.approx([p / 100 for p in sorted(rates)], abs=1e-6)


# Each model as a company.


def test_models_that_earn_on_a_company_that_loses() -> None:
    """Spends of 100, 1000, 10000 in successive years with revenues of 0, 200, 2000."""
    models = project("vintages").models
    assert models is not None
    assert [year.profit for year in models.years] == [-100, 200 - 1000, 2000 - 10000]
    assert [account.profit for account in models.models] == [100, 1000, -10000]
    assert [account.irr.value for account in models.models] == [pytest.approx(1), pytest.approx(1), None]
    assert models.models[0].payback.value == pytest.approx(0.5)
    assert str(models.models[2].irr.reason) == "it has no IRR: no period earns more than it costs"
    assert str(models.models[2].payback.reason) == "the spending does not come back within its life"


def test_models_by_month_totals_and_dates() -> None:
    """120 spread over twelve months after the training; a year's rate from a month's."""
    text = (
        "models:\n"
        "  - {name: a, month: 2024-07, training_cost: 60, revenue: 120, serving_cost: 36, life: 12}\n"
        "  - {name: b, month: 2025-01, training_cost: [30, 30], revenue: [0, 0, 100]}\n"
    )
    models = project(made(text)).models
    assert models is not None
    a, b = models.models
    assert [a.profit, b.profit] == pytest.approx([120 - 36 - 60, 40])
    # 84 come in over twelve months, 7 a month: 60 of them after 60/7 months.
    assert a.payback.value == pytest.approx(60 / 7 / 12)
    # −30 − 30y⁻¹ + 100y⁻² = 0: y = (−30 + √(30² + 4·30·100)) / 60 a month.
    assert b.irr.value == pytest.approx(((math.sqrt(30**2 + 12000) - 30) / 60) ** 12 - 1)
    assert a.trained == "2024-07"
    by_year = {year.year: year for year in models.years}
    assert by_year["2024"].profit == pytest.approx(5 * 7 - 60)
    assert by_year["2025"].profit == pytest.approx(7 * 7 - 60 + 100)


def test_months_of_models_make_years_of_twelve() -> None:
    text = "models: [{name: a, month: 12, training_cost: 60, revenue: [0, 50]}]"
    models = project(made(text)).models
    assert models is not None
    assert [(year.year, year.profit) for year in models.years] == [("1", -60), ("2", 50)]


# What is printed.


@pytest.mark.parametrize("width", [80, 160])
def test_a_projection_fits_the_screen(width: int) -> None:
    result = project("acme", months=36, by="quarter")
    text = render(report(result), color=False, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "Cash at the end of each month, USD" in text


def test_the_chart_in_plain_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    write_stdout(render(report(project("acme-plan", months=24)), color=False), utf8=False)
    text = raw.getvalue().decode("ascii")
    assert "?" not in text
    assert re.search(r"^ +\|#+ *$", text, re.MULTILINE)
    assert re.search(r"^ +0 \|-{48}$", text, re.MULTILINE)


def test_what_follows_from_an_assumption_is_marked() -> None:
    """A trajectory's basis reaches what it moves and what follows; a repricing's and a rate's do too."""
    firm = "{{value: {}, basis: reported}}"
    text = (
        f"revenue: {{api: {firm.format(120)}, subscription: {firm.format(240)}}}\n"
        f"cost: {{inference: {firm.format(360)}, staff: {firm.format(120)}, noncash: {firm.format(0)}}}\n"
        f"cash: {{balance: {firm.format(100)}}}\n"
        f"compute: {{paid_gpu_hour: {firm.format(2)}}}\n"
    )
    assert set(project(made(text)).basis.values()) == {"reported"}
    grown = text + "trajectory: {cost.staff: {growth: +1%/month, basis: assumed}}"
    basis = project(made(grown), metrics=["company.gross_margin"]).basis
    kept = ("revenue.total", "cost.inference", "company.gross_margin")
    assert {basis[name] for name in kept} == {"reported"}
    assert {basis[name] for name in ("cost.total", "company.operating_profit", "cash.balance")} == {"assumed"}
    assert {basis[name] for name in MODEL.outcomes} == {"assumed"}
    events = "events: [{at: 2, compute.paid_gpu_hour: 3, basis: estimated}]"
    basis = project(made(text + events)).basis
    assert (basis["cost.inference"], basis["cost.staff"]) == ("estimated", "reported")
    events = "events: [{at: 2, reprice: {payer: api-only, multiplier: 2}, basis: assumed}]"
    basis = project(made(text + events)).basis
    assert (basis["revenue.api"], basis["cost.staff"]) == ("assumed", "reported")


def test_funding_that_is_assumed_is_marked() -> None:
    firm = "{{value: {}, basis: reported}}"
    text = (
        f"revenue.total: {firm.format(120)}\ncost.total: {firm.format(240)}\n"
        "cash.committed_funding: {value: 50, basis: assumed}\n"
    )
    result = project(made(text), months=2)
    assert result.basis["cash.committed_funding"] == "assumed"
    assert re.search(r"^1 +0 +~?10\.0 +~50\.0 +~40\.0$", render(report(result), color=False), re.MULTILINE)


def test_what_machines_read_has_every_row_and_no_chart() -> None:
    result = project("acme-plan:round", by="year", metrics=["company.gross_margin"])
    found = json.loads(json.dumps(document(result), allow_nan=False))
    assert (found["format"], found["version"]) == ("llmcost/project", 1)
    assert (found["months"], found["start"], found["by"]) == (24, "2025-01", "year")
    assert found["rows"][0]["period"] == "2025"
    assert found["events"][0]["changes"] == {"cash.committed_funding": "+10B"}
    assert found["outcomes"]["project.runway_months"]["month"] == 7  # before the round comes in
    assert records(result) == rows(result) == found["rows"]
    assert "│" not in json.dumps(found, ensure_ascii=False)
    assert "```text" in to_markdown(report(result))
    repriced = document(project("acme-plan:api-5x"))["events"][0]
    assert (repriced["changes"], repriced["reprice"]) == ({}, {"payer": "api-only", "multiplier": 5.0})
    assert [row["model"] for row in rows(project("vintages"))] == ["first", "second", "third"]


def test_a_model_without_a_serving_cost_says_so() -> None:
    text = (
        "models:\n"
        "  - {name: bare, year: 1, training_cost: 100, revenue: [0, 200]}\n"
        "  - {name: free, year: 1, training_cost: 100, revenue: [0, 200], serving_cost: [0, 0]}\n"
    )
    result = project(made(text))
    printed = render(report(result), color=False)
    assert "bare: no serving_cost is stated, so none is deducted" in printed
    assert "free: no serving_cost" not in printed
    assert ["serving_reason" in row for row in document(result)["models"]] == [True, False]


# The command, and what files expect of a projection.


def test_the_command_in_every_form(tmp_path: Path, llmcost: Call) -> None:
    asked = ("acme-plan", "--by", "quarter", "--months", "7", "--metric", "company.gross_margin")
    texts = {}
    for form in ("table", "json", "jsonl", "csv", "markdown"):
        done = llmcost("project", *asked, "--format", form, "--output", str(tmp_path / form))
        assert (done.code, done.out) == (0, "")
        texts[form] = (tmp_path / form).read_text(encoding="utf-8")
    found = json.loads(texts["json"])
    assert [json.loads(line) for line in texts["jsonl"].splitlines()] == found["rows"]
    assert texts["csv"].removeprefix("\ufeff").splitlines()[0].split(",") == list(found["rows"][0])
    assert found["rows"][0]["cost.sales_marketing"] is None
    assert [row["period"] for row in found["rows"]] == ["2025-Q1", "2025-Q2", "2025-07"]
    assert llmcost("project", *asked, "--format", "jsonl").out == texts["jsonl"]


def test_options_reach_every_command_that_projects(llmcost: Call) -> None:
    moved = ("--months", "12", "--trajectory", "revenue.subscription=+20%/month")
    metric = ("--metric", "project.breakeven_month", "--format", "json")
    swept = json.loads(llmcost("sweep", "acme", "--vary", "cost.staff=0,1B", *metric, *moved).out)["rows"]
    # 250M·1.2^n + 83.3M of revenue a month against 583M and 667M of cost: n = 4 and 5 months on.
    assert [row["project.breakeven_month"] for row in swept] == [5, 6]
    assert json.loads(llmcost("sensitivity", "acme", *metric, *moved).out)["value"] == 6
    drawn = llmcost("simulate", "acme", "--draws", "50", *metric, *moved)
    assert json.loads(drawn.out)["metrics"][0]["defined"] == 50


def test_what_is_earned_and_what_is_left_at_the_end() -> None:
    """30 of 60 a month are lost in each of 4 months; 100 less 120 and 50 of funding leave 30."""
    result = project(made(f"{COMPANY}events: [{{at: 2, cash.balance: +50}}]\n"), months=4)
    assert value(result, "operating_profit") == pytest.approx(-120)
    assert value(result, "cash_end") == pytest.approx(30)
    assert result.outcomes["project.cash_end"].month == 4
    poor = project(made("revenue: {api: 12}\ncost: {staff: 24}\n"), months=4)
    assert value(poor, "operating_profit") == pytest.approx(-4)
    assert str(poor.outcomes["project.cash_end"].reason) == "lacks cash.balance or cash.committed_funding"


def test_a_file_expects_something_of_its_projection(tmp_path: Path) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(
        f"{COMPANY}horizon_months: 4\nexpect:\n  project.runway_months: {{value: 3.333, within: 0.1%}}\n"
        "  project.cash_low: -20\n  project.breakeven_month: 2\n",
        encoding="utf-8",
    )
    result = check(path)
    assert [outcome.status for outcome in result.outcomes] == ["passed", "passed", "failed"]
    assert str(result.outcomes[2].reason) == "it does not break even within 4 months"


@pytest.mark.parametrize(
    ("expected", "status"),
    [
        ("{above: 17}", "passed"),
        ("{above: 18}", "failed"),
        ("{below: 24}", "failed"),
        ("{above: 12, below: 24}", "failed"),
        ("{between: 12 to 24}", "failed"),
        ("{value: 18, within: 5%}", "failed"),
        ("18", "failed"),
    ],
)
def test_a_runway_beyond_the_horizon_holds_only_where_no_longer_one_would_not(
    tmp_path: Path, expected: str, status: str
) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(
        "revenue: {api: 12}\ncost: {staff: 2}\ncash: {balance: 5}\nhorizon_months: 18\n"
        f"expect:\n  project.runway_months: {expected}\n",
        encoding="utf-8",
    )
    (outcome,) = check(path).outcomes
    assert outcome.status == status
    assert outcome.actual == 18
    assert outcome.reason is not None
    assert "18 months or more: the cash lasts beyond the horizon" in explained(outcome)


@pytest.mark.parametrize("where", ["> 60", "= 60", "<= 60", "3 to 60", "3 to 61"])
def test_a_share_of_draws_does_not_take_the_horizon_for_the_runway(where: str) -> None:
    company = made(COMPANY.replace("inference: 360", "inference: 100 to 432"))
    metric = "project.runway_months"
    with pytest.raises(LlmcostError, match="counted up to the horizon of 60 months"):
        simulate(company, metrics=[metric], draws=2, where=[f"{metric} {where}"])
    told = simulate(
        company, metrics=[metric], draws=200, where=[f"{metric} >= 60", f"{metric} < 60", f"{metric} 0 to 59"]
    )
    assert sum(share.share for share in told.shares[:2]) == pytest.approx(1)


def test_what_moves_and_reaches_neither_revenue_cost_nor_cash_is_told() -> None:
    """Units that grow and a supplier that asks ten times as much: neither is in the runway."""
    text = (
        COMPANY + "product: {price_per_unit: 20, units_per_month: 5}\n"
        "trajectory: {product.units_per_month: +8%/month, revenue.api: +1%/month}\n"
        "events: [{at: 3, product.supplier_price_multiplier: 10}, {at: 4, cash.balance: +5}]\n"
    )
    said = "moves here, but neither revenue, cost nor cash depends on it"
    told = [name for name, note in project(made(text)).notes if note == said]
    assert told == ["product.units_per_month", "product.supplier_price_multiplier"]
    followed = project(made(text), metrics=["product.units_per_month"])
    told = [name for name, note in followed.notes if note == said]
    assert told == ["product.supplier_price_multiplier"]
    margin = "revenue.api: 12\ncompany.gross_margin: 40%\ntrajectory: {compute.paid_gpu_hour: [2, 4]}\n"
    assert ("compute.paid_gpu_hour", said) in project(made(margin)).notes


@pytest.mark.parametrize("moved", ["trajectory: {cost.staff: [60]}", "events: [{at: 1, cost.staff: 60}]"])
def test_what_month_1_says_otherwise_is_not_varied_in_vain(moved: str) -> None:
    company = made(f"{COMPANY}{moved}\n")
    note = ("cost.staff", "the stated value has no effect: month 1 has another value")
    assert note in project(company).notes
    assert note not in project(made(f"{COMPANY}{moved}\n".replace("60", "120"))).notes
    metric = "project.runway_months"
    for ask in (
        lambda: sweep(company, vary=["cost.staff=0,60"], metrics=[metric]),
        lambda: solve(company, vary="cost.staff", until=f"{metric} >= 30"),
    ):
        with pytest.raises(LlmcostError, match="month 1 takes it from the trajectory"):
            ask()


@pytest.mark.parametrize(
    ("company", "name", "runways"),
    [
        # The bills were paid at 2 (or 1), and triple (or double) at 3: 12 a year become 18 (or 36).
        (
            "cost: {inference: 12, staff: 12}\ncompute.paid_gpu_hour: 2\n"
            "trajectory: {compute.paid_gpu_hour: [3]}\n",
            "compute.paid_gpu_hour=1,2",
            [10 / ((36 + 12 - 12) / 12), 10 / ((18 + 12 - 12) / 12)],
        ),
        # What no line holds is 24 less the stated 6 or 12, and stays beside the 9 of month 1.
        (
            "cost: {inference: 6, total: 24}\ntrajectory: {cost.inference: [9]}\n",
            "cost.inference=6,12",
            [10 / ((24 - 6 + 9 - 12) / 12), 10 / ((24 - 12 + 9 - 12) / 12)],
        ),
    ],
)
def test_what_is_stated_counts_where_something_else_is_measured_by_it(
    company: str, name: str, runways: list[float]
) -> None:
    found = made(f"revenue.total: 12\ncash.balance: 10\n{company}")
    swept = sweep(found, vary=[name], metrics=["project.runway_months"])
    assert [row[-1] for row in swept.rows()] == pytest.approx(runways)
    assert not [note for _, note in project(found).notes if "has no effect" in note]


PRODUCT = """
product:
  price_per_unit: 20
  base_token_cost_per_unit: 8
  other_cost_per_unit: 2
  paying_share: 100%
  units_per_month: 100
  fixed_cost_per_month: 1500
cash: {balance: 1000}
"""


def test_a_product_is_projected_as_the_company_that_it_is() -> None:
    """10 a unit are left: 100 units lose 500 a month, and at three times the tokens' price -6 a unit."""
    result = project(made(PRODUCT), months=4)
    assert result.flows == ("revenue.total", "cost.total", "company.operating_profit")
    assert [*result.rows[0].flows.values()] == pytest.approx([-500, 2000, 2500])
    assert value(result, "runway_months") == pytest.approx(2)
    grown = project(made(f"{PRODUCT}trajectory: {{product.units_per_month: +50%/month}}\n"))
    assert value(grown, "breakeven_month") == 2
    assert value(grown, "funding_needed") == pytest.approx(500)
    dearer = "events: [{at: 2, product.supplier_price_multiplier: 3}]\n"
    result = project(made(PRODUCT + dearer), months=4)
    assert value(result, "runway_months") == pytest.approx(1 + 500 / 2100)
    found = solve(made(PRODUCT), vary="product.price_per_unit", until="project.runway_months >= 4")
    assert found.best is not None
    assert found.best.value == pytest.approx(22.5)


@pytest.mark.parametrize("name", ["company.revenue_share_rate", "company.gross_profit"])
def test_a_product_beside_an_account_of_the_company_is_not_the_company(name: str) -> None:
    """A share of its revenue that is owed to partners would otherwise be left out of the burn."""
    found = evaluate(made(f"{PRODUCT}{name}: 0.2\n"), ["company.net_burn_per_month"])
    assert "company.net_burn_per_month" not in found


def test_credits_without_a_compute_line_are_not_said_to_pay_for_it() -> None:
    notes = project(made(f"{PRODUCT}cash.credits: 100\n"), months=2).notes
    assert (
        "cash.credits",
        "not drawn on: none of cost.inference, cost.training and cost.unsplit_compute is stated",
    ) in notes


def test_the_lead_says_that_a_break_even_does_not_last() -> None:
    text = "revenue: {api: 12}\ncost: {staff: 6}\ncash: {balance: 5}\nevents: [{at: 3, cost.staff: 24}]\n"
    lead = report(project(made(text), months=6)).lead
    assert "It breaks even in month 1; month 3 loses money again." in lead
    # Half a dollar is earned in each of two months, and one lost in each of four.
    assert "It needs at least 3.00 USD of cash until month 6, all of it funded." in lead
    later = text.replace("staff: 6", "staff: 18").replace("[{at: 3", "[{at: 3, cost.staff: 6}, {at: 5")
    notes = project(made(later), months=6).notes
    assert ("project.breakeven_month", "month 5 loses money again") in notes


def test_cash_that_is_put_to_an_amount_is_told_from_cash_that_is_added() -> None:
    text = COMPANY + "events: [{at: 2, cash.balance: 6M}]"
    said = "set to 6M in month 2: the difference counts as funding; +6M adds to what is there"
    assert ("cash.balance", said) in project(made(text), months=3).notes
    added = project(made(text.replace("6M", "+6M")), months=3)
    assert not any(name == "cash.balance" for name, _ in added.notes)

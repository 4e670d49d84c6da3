"""How sure can one be: draws against closed forms, influences by hand, and comparisons on common draws."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping
from statistics import NormalDist

import pytest

from calling import refusal
from llmcost import LlmcostError, compare, load, sensitivity, simulate, uncertainty
from llmcost.analysis.whatif import grid as points
from llmcost.reasons import Reason
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum


def account(**data: Datum | float) -> Scenario:
    """A company that states these and nothing else; `revenue_api` stands for revenue.api."""
    found: Mapping[str, Datum] = {
        name.replace("_", ".", 1): item if isinstance(item, Datum) else Datum(item)
        for name, item in data.items()
    }
    return Scenario(name="made", label="made", data=found, absent={}, kind="company", workload="own")


def uniform(low: float, high: float) -> Datum:
    return Datum((low + high) / 2, low, high, "uniform")


# Simulate


def test_a_linear_metric_of_a_uniform_input_in_closed_form() -> None:
    """Profit = 100 − U(20, 60): uniform from 40 to 80."""
    result = simulate(
        account(revenue_total=100.0, cost_total=uniform(20, 60)),
        metrics=["company.operating_profit"],
        draws=10_000,
    )
    (found,) = result.metrics
    assert found.defined == 10_000
    assert found.mean == pytest.approx(60, abs=1e-3)
    assert found.deviation == pytest.approx(40 / math.sqrt(12), rel=1e-3)
    assert [p.percent for p in found.percentiles] == [5, 25, 50, 75, 95]
    assert [p.value for p in found.percentiles] == pytest.approx([42, 50, 60, 70, 78], abs=0.02)
    assert dict(found.influences) == {"cost.total": pytest.approx(-1.0, abs=1e-12)}
    assert found.reasons == ()
    assert [q.name for q in result.uncertain] == ["cost.total"]
    # 24 bins from the 5th to the 95th percentile hold nine tenths, alike
    assert len(found.histogram) == 24
    assert sum(count for _, _, count in found.histogram) == pytest.approx(9_000, abs=2)
    assert all(count == pytest.approx(375, abs=3) for _, _, count in found.histogram)


def test_a_sum_of_two_normals_in_closed_form() -> None:
    """Independent inputs: variances add."""
    z = NormalDist().inv_cdf(0.95)
    scenario = account(
        revenue_total=Datum(100, 100 - 3 * z, 100 + 3 * z, "normal"),
        cost_total=Datum(50, 50 - 4 * z, 50 + 4 * z, "normal"),
    )
    (found,) = simulate(scenario, metrics=["company.operating_profit"], draws=20_000).metrics
    assert found.mean == pytest.approx(50, abs=0.01)
    assert found.deviation == pytest.approx(5, rel=0.02)
    by_hand = [50 + 5 * NormalDist().inv_cdf(p) for p in (0.05, 0.25, 0.5, 0.75, 0.95)]
    assert [p.value for p in found.percentiles] == pytest.approx(by_hand, abs=0.2)
    # The rank correlation of a normal pair with correlation r is 6/π·asin(r/2)
    expected = {"revenue.total": 6 / math.pi * math.asin(0.3), "cost.total": -6 / math.pi * math.asin(0.4)}
    assert dict(found.influences) == {name: pytest.approx(r, abs=0.03) for name, r in expected.items()}
    assert [name for name, _ in found.influences] == ["cost.total", "revenue.total"]


def test_the_standard_error_of_the_median() -> None:
    """Of N uniform draws from an interval of 40: 40·√(p·(1 − p)/N), whichever percentile.

    One draw in each stratum keeps the order statistics where they are expected.
    """
    scenario = account(revenue_total=100.0, cost_total=uniform(20, 60))
    for draws in (1_000, 10_000):
        (found,) = simulate(scenario, metrics=["company.operating_profit"], draws=draws).metrics
        for part in found.percentiles:
            p = part.percent / 100
            assert part.error == pytest.approx(40 * math.sqrt(p * (1 - p) / draws), rel=0.1)


def test_the_standard_error_is_how_far_seeds_differ() -> None:
    scenario = account(revenue_total=100.0, cost_total=uniform(20, 60))
    runs = [
        simulate(
            scenario, metrics=["company.operating_profit"], draws=400, sampling="random", seed=seed
        ).metrics[0]
        for seed in range(60)
    ]
    medians = [run.percentiles[2].value for run in runs]
    told = statistics.fmean(run.percentiles[2].error or 0.0 for run in runs)
    assert statistics.stdev(medians) == pytest.approx(told, rel=0.35)


def test_shares_of_draws() -> None:
    """Profit is uniform from 40 to 80."""
    result = simulate(
        account(revenue_total=100.0, cost_total=uniform(20, 60)),
        metrics=["company.operating_profit"],
        where=[
            "company.operating_profit > 50",
            "50 to 60",
            "company.operating_profit in 40 to 45",
            "company.operating_profit >= cost.total",
            "company.operating_profit < 0",
        ],
        draws=10_000,
    )
    shares = [share.share for share in result.shares]
    assert shares == pytest.approx([0.75, 0.25, 0.125, 0.75, 0.0], abs=2e-4)
    assert result.shares[0].error == pytest.approx(math.sqrt(0.75 * 0.25 / 10_000), rel=1e-2)
    assert result.shares[0].text == "company.operating_profit > 50"


def test_the_undefined_share_and_why() -> None:
    """Burn is 12·U(−1, 3)/12: a quarter of the draws earns cash, and has a runway above every number."""
    result = simulate(
        account(revenue_total=100.0, cost_total=uniform(88, 136), cash_balance=10.0),
        metrics=["company.runway_months", "company.net_burn_per_month"],
        where=["company.runway_months > 0", "company.runway_months < 1e9"],
        draws=4_000,
    )
    runway, burn = result.metrics
    assert runway.defined == pytest.approx(3_000, abs=1)
    assert runway.reasons == ((Reason("earns_cash"), 4_000 - runway.defined),)
    assert (burn.defined, burn.reasons) == (4_000, ())
    assert result.shares[0].share == 1.0
    assert result.shares[1].share == pytest.approx(0.75, abs=1e-3)
    # runway = 10/U(−1, 3): half of the draws burn more than 1
    assert runway.percentiles[2].value == pytest.approx(10, rel=1e-2)
    first, second = result.to_dicts()
    assert (first["metric"], first["defined"], first["draws"]) == (
        "company.runway_months",
        runway.defined,
        4_000,
    )
    assert second["p50"] == pytest.approx(1.0, abs=1e-2)
    assert result.rows() == [tuple(first.values()), tuple(second.values())]


def test_what_lies_at_the_end_of_the_line_in_every_draw_ranks_there() -> None:
    (found,) = simulate(
        account(revenue_total=100.0, cost_total=uniform(10, 20), cash_balance=10.0),
        metrics=["company.runway_months"],
        draws=50,
    ).metrics
    assert (found.defined, found.ranked, found.mean, found.deviation) == (0, 50, None, None)
    assert {(part.value, part.error) for part in found.percentiles} == {(math.inf, None)}
    assert found.reasons == ((Reason("earns_cash"), 50),)


def test_a_single_draw_has_no_deviation() -> None:
    (found,) = simulate(
        account(revenue_total=100.0, cost_total=uniform(20, 60)),
        metrics=["company.operating_profit"],
        draws=1,
    ).metrics
    assert found.mean is not None
    assert 40 <= found.mean <= 80
    assert found.deviation is None
    assert found.influences == ()


def test_same_seed_same_numbers_with_and_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(seed: int = 3) -> object:
        result = simulate(
            "acme",
            metrics=["breakeven.api_only_multiplier", "company.operating_margin"],
            where=["breakeven.api_only_multiplier 10 to 100"],
            draws=500,
            seed=seed,
        )
        return [tuple(item) for item in result.metrics], result.shares

    one = run()
    assert run() == one
    assert run(seed=4) != one
    monkeypatch.setattr(points, "has_numpy", lambda: False)
    assert run() == one


def test_whether_the_api_must_charge_10_to_100_times_as_much() -> None:
    """The elasticity, 0 to 1.2, decides: beyond 1 no price breaks even, and 10× needs 0.32 or so."""
    result = simulate("acme", metrics=["breakeven.api_only_multiplier"], where=["10 to 100"], draws=4_000)
    (found,) = result.metrics
    assert {q.name for q in result.uncertain} == {
        "cost.inference",
        "cost.training",
        "market.price_elasticity",
    }
    assert 0.25 < result.shares[0].share < 0.35
    assert {str(why) for why, _ in found.reasons} <= {
        "no price breaks even",
        "the break-even multiplier is beyond 1e299",
        "no price breaks even: the loss only shrinks as prices rise",
    }
    # What lies beyond ε = 1 is a sixth of 0 to 1.2, and no price breaks even there
    assert found.reasons[0][1] / 4_000 == pytest.approx(0.2 / 1.2, abs=0.003)
    assert found.influences[0][0] == "market.price_elasticity"
    assert found.influences[0][1] > 0.9


@pytest.mark.parametrize("draws", [0, -1, 10_000_001])
def test_a_number_of_draws_that_is_none_is_refused(draws: int) -> None:
    assert (
        refusal(simulate, "acme", metrics=["company.operating_margin"], draws=draws)
        == f"draws: must lie between 1 and 10,000,000, got {draws}"
    )


@pytest.mark.parametrize(
    ("scenario", "metrics", "where", "message"),
    [
        (
            "lark",
            ["price.input_per_mtok"],
            [],
            "lark: no range leads to these metrics, so there is nothing to draw",
        ),
        ("acme", [], [], "simulate needs metric NAME"),
        (
            "acme",
            ["company.operating_margn"],
            [],
            "unknown metric 'company.operating_margn'; did you mean 'company.operating_margin'?",
        ),
        (
            "acme",
            ["company.operating_margin"],
            ["5 to 1"],
            "where '5 to 1': a range goes from low to high, got '5 to 1'; a condition is METRIC OP VALUE, "
            "a band LOW to HIGH",
        ),
        (
            "acme",
            ["company.operating_margin", "cost.total"],
            ["0 to 1"],
            "where '0 to 1': name the metric, such as 'unit.gross_margin 0 to 1'; there are several",
        ),
        (
            "acme",
            ["cost.total"],
            ["cost.total > acme:leak/cost.total"],
            "where: compares with a number or a metric of the same scenario",
        ),
    ],
)
def test_what_a_simulation_refuses(scenario: str, metrics: list[str], where: list[str], message: str) -> None:
    assert refusal(simulate, scenario, metrics=metrics, where=where) == message


def test_what_is_fixed_is_not_drawn() -> None:
    fixed = Datum(40, 20, 60, "fixed")
    with pytest.raises(LlmcostError, match="nothing to draw"):
        simulate(account(revenue_total=100.0, cost_total=fixed), metrics=["company.operating_profit"])


# Sensitivity


def test_the_elasticity_of_a_margin_by_hand() -> None:
    """margin = 1 − c/p at c/p = 0.25: −(c/p)/(1 − c/p) = −1/3 for the cost, +1/3 for the price."""
    scenario = account(cost_total=25.0, revenue_total=100.0, cash_balance=1.0, cash_credits=2.0)
    result = sensitivity(scenario, "company.operating_margin")
    assert result.value == pytest.approx(0.75, rel=1e-15)
    by_name = {item.quantity.name: item for item in result.influences}
    assert by_name["cost.total"].elasticity == pytest.approx(-1 / 3, rel=1e-12)
    assert by_name["revenue.total"].elasticity == pytest.approx(1 / 3, rel=1e-12)
    # Cost by ±10 %: 0.725 to 0.775; price: 1 − 0.25/0.9 to 1 − 0.25/1.1
    cost, revenue = by_name["cost.total"], by_name["revenue.total"]
    assert [cost.low, cost.high] == pytest.approx([22.5, 27.5])
    assert [cost.at_low, cost.at_high] == pytest.approx([0.775, 0.725])
    assert cost.swing == pytest.approx(0.05)
    assert revenue.swing == pytest.approx(0.25 / 0.9 - 0.25 / 1.1)
    assert [item.quantity.name for item in result.influences] == ["revenue.total", "cost.total"]
    assert result.idle == 2
    assert not cost.stated
    assert result.rows() == [tuple(row.values()) for row in result.to_dicts()]


def test_an_input_moves_over_its_own_range() -> None:
    scenario = account(cost_total=uniform(20, 60), revenue_total=100.0)
    result = sensitivity(scenario, "company.operating_profit", by=0.01)
    cost, revenue = result.influences
    assert (cost.quantity.name, cost.stated, cost.low, cost.high) == ("cost.total", True, 20, 60)
    assert (cost.at_low, cost.at_high, cost.swing) == (80, 40, 40)
    assert [revenue.low, revenue.high] == pytest.approx([99, 101])
    assert revenue.swing == pytest.approx(2)
    # 60 = 100 − 40: elasticities 100/60 and −40/60
    assert [cost.elasticity, revenue.elasticity] == pytest.approx([-2 / 3, 5 / 3])


def test_a_share_is_not_moved_above_1() -> None:
    (top,) = [
        item
        for item in sensitivity(
            load("wren", set={"serving.utilization": 0.95}), "serving.cost_per_output_mtok"
        ).influences
        if item.quantity.name == "serving.utilization"
    ]
    assert top.low == pytest.approx(0.855)
    assert top.high == 1.0
    assert top.elasticity == pytest.approx(-1, rel=1e-12)


def test_an_input_at_which_the_metric_ends_is_listed() -> None:
    result = sensitivity("acme", "breakeven.api_only_multiplier")
    assert result.value == pytest.approx(5, rel=1e-12)
    by_name = {item.quantity.name: item for item in result.influences}
    assert by_name["market.price_elasticity"].at_high is None
    # (8 − 3)/1: training is 3 of 5, revenue −1, subscriptions −3/5
    assert by_name["cost.training"].elasticity == pytest.approx(3 / 5, rel=1e-9)
    assert by_name["revenue.api"].elasticity == pytest.approx(-1, rel=1e-9)
    assert by_name["revenue.subscription"].elasticity == pytest.approx(-3 / 5, rel=1e-9)
    # What can end the metric comes first, and then the largest swing.
    assert result.influences[0].quantity.name == "market.price_elasticity"
    swings = [item.swing for item in result.influences[1:]]
    assert swings == sorted(swings, reverse=True)


def test_the_elasticity_with_respect_to_an_input_of_0_is_none() -> None:
    scenario = account(cost_total=25.0, revenue_total=100.0, cost_noncash=Datum(0, 0, 5, "uniform"))
    result = sensitivity(scenario, "company.net_burn_per_month")
    (item,) = [item for item in result.influences if item.quantity.name == "cost.noncash"]
    assert item.elasticity is None


@pytest.mark.parametrize("by", [0.0, 1.0, -0.1, math.nan])
def test_a_step_that_is_none_is_refused(by: float) -> None:
    with pytest.raises(LlmcostError, match=r"^by: the step lies between 0% and 100%, got "):
        sensitivity("acme", "company.operating_margin", by=by)


def test_a_sensitivity_takes_one_metric() -> None:
    with pytest.raises(LlmcostError, match=r"^metric: takes one metric; 'unit' matches \d+$"):
        sensitivity("wren", "unit")


# Uncertainty of a comparison


def test_a_scenario_is_never_below_itself_on_common_draws() -> None:
    result = uncertainty(compare("acme", "acme"), draws=300)
    assert result.spreads
    for spread in result.spreads:
        assert spread.first_lower == (None, 0.0)
        one, other = spread.intervals
        assert one == other
        assert one is not None
        assert one[0] <= one[1]


def test_intervals_and_which_is_lower_by_hand() -> None:
    """Profit 100 − U(20, 60) against a certain 50, and against 80 − U(0, 40) drawn apart."""
    one = account(revenue_total=100.0, cost_total=uniform(20, 60))
    sure = account(revenue_total=100.0, cost_total=50.0)._replace(label="sure")
    apart = account(revenue_total=80.0, cost_total=uniform(0, 40))._replace(label="apart")
    found = uncertainty(compare(one, sure, apart), draws=4_000)
    (spread,) = [s for s in found.spreads if s.metric == "company.operating_profit"]
    first, second, third = spread.intervals
    assert first is not None
    assert third is not None
    assert list(first) == pytest.approx([42, 78], abs=0.05)
    assert second is None
    assert list(third) == pytest.approx([42, 78], abs=0.05)
    # U(40, 80) is below 50 in a quarter, and below another such in half of the draws
    none, quarter, half = spread.first_lower
    assert none is None
    assert quarter == pytest.approx(0.25, abs=1e-3)
    assert half == pytest.approx(0.5, abs=0.03)
    assert "revenue.total" not in {s.metric for s in found.spreads}


def test_a_fact_that_two_state_alike_is_drawn_alike() -> None:
    """The second earns 1 more on the same uncertain cost: the first is below it always."""
    cost = uniform(20, 60)
    one = account(revenue_total=100.0, cost_total=cost)
    more = account(revenue_total=101.0, cost_total=cost)._replace(label="more")
    found = uncertainty(compare(one, more), draws=200)
    (spread,) = [s for s in found.spreads if s.metric == "company.operating_profit"]
    assert spread.first_lower == (None, 1.0)


@pytest.mark.parametrize("draws", [0, 10_000_001])
def test_an_uncertainty_without_draws_is_refused(draws: int) -> None:
    with pytest.raises(LlmcostError, match=r"^draws: must lie between 1 and 10,000,000"):
        uncertainty(compare("acme", "acme"), draws=draws)


def test_a_metric_that_is_the_input_itself() -> None:
    scenario = account(
        revenue_total=100.0, cost_total=uniform(20, 60), cash_balance=10.0, company_period_months=12.0
    )
    (found,) = simulate(scenario, metrics=["cost.total"], draws=101).metrics
    assert dict(found.influences) == {"cost.total": pytest.approx(1.0, abs=1e-12)}
    edges = [low for low, _, _ in found.histogram]
    steps = [b - a for a, b in itertools.pairwise(edges)]
    assert steps == pytest.approx([steps[0]] * 23, rel=1e-9)

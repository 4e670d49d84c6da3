"""Goal seek: all places where a metric is what is wanted, and none where it is not."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calling import refusal
from llmcost import LlmcostError, Scenario, Solved, evaluate, load, solve
from llmcost.analysis.whatif.search import Meetings, constant, pointwise, search
from llmcost.reasons import Reason
from llmcost.render.results.solve import bare, document, outcome

SHARE = "serving.utilization"
COST_AT_1 = 0.75 * 1.8e6 / (3600 * 8000) + 0.25 * 1.8e6 / (3600 * 2000)
"""0.109375 USD/Mtok: what a chat costs wren on GPUs that are never idle."""


def only(result: Solved) -> float:
    """The one solution, its residual checked against what an evaluation gives there."""
    assert result.found
    (solution,) = result.solutions
    assert result.jumps == ()
    assert result.best == solution
    there = load(result.scenario.label, set={result.input.name: repr(solution.value)})
    assert evaluate(there).value(result.metric.name) == pytest.approx(solution.achieved, rel=1e-12)
    return solution.value


def test_the_utilization_for_a_margin_by_hand() -> None:
    """Cost goes as 1/utilization, so margin M needs cost(1)/(price·(1 − M))."""
    result = solve("wren", vary=SHARE, until="unit.gross_margin = 50%")
    assert only(result) == pytest.approx(COST_AT_1 / (0.35 * 0.5), rel=1e-12) == pytest.approx(0.625)
    assert (result.low, result.high) == (0.0, 1.0)
    (blank,) = result.blanks
    assert blank.reason.code == "division_by_zero"


def test_a_solution_has_no_noise_of_floats(tmp_path: Path) -> None:
    """6 · (1 − 44 %) = 3.36; the search ends at 3359999999.9999995."""
    path = tmp_path / "firm.yaml"
    path.write_text("revenue: {api: 6B}\ncost: {staff: 4B}\n", encoding="utf-8")
    result = solve(str(path), vary="cost.staff", until="company.operating_margin = 44%")
    assert bare(result) == "3360000000.0\n"


def test_a_solution_at_either_end_of_the_search() -> None:
    """At 62.5 % the margin is 50 %: where the search begins there, and where it ends there."""
    for low, high in ((0.625, 1.0), (0.25, 0.625)):
        result = solve("wren", vary=SHARE, until="unit.gross_margin = 50%", between=(low, high))
        assert only(result) == 0.625


def test_the_revenue_at_which_nothing_is_lost_by_hand() -> None:
    """8 of cost less 3 of subscriptions leaves 5 billion for the API to earn."""
    result = solve("acme", vary="revenue.api", until="company.operating_profit = 0")
    assert only(result) == pytest.approx(5e9, rel=1e-12)
    assert result.best is not None
    assert abs(result.best.residual) < 1e-3
    assert [result.low, result.high] == pytest.approx([1e6, 1e12])
    assert list(result.ends) == pytest.approx([-4.999e9, 995e9])


def test_the_elasticity_at_which_the_api_must_charge_tenfold() -> None:
    """In billions: 10^(1−ε) + 3 = V·10^−ε + 8 − V with V = 2·1/4."""
    result = solve("acme", vary="market.price_elasticity", until="breakeven.api_only_multiplier = 10×")
    elasticity = only(result)
    served = 0.5
    earned = 10 ** (1 - elasticity) + 3
    spent = served * 10**-elasticity + 8 - served
    assert earned == pytest.approx(spent, rel=1e-11)
    assert elasticity == pytest.approx(math.log10((10 - served) / (5 - served)), rel=1e-9)
    assert (result.low, result.high) == (0.0, 1.2)
    assert [blank.reason.code for blank in result.blanks] == ["multiplier_too_large", "never_breaks_even"]
    assert result.blanks[-1].high == 1.2


def test_a_multiplier_out_of_reach_is_not_found() -> None:
    """With all revenue R = 1 repriced at ε = 2 and F = 6, in billions: R·m − V = F·m².

    For m = 0.9 this needs V = 0.9 − 6·0.81, which is below 0.
    """
    account = load(
        "acme",
        set={"market.price_elasticity": 2, "company.api_inference_share": 1, "revenue.subscription": 0},
    )
    result = solve(
        account, vary="cost.inference", until="breakeven.api_only_multiplier = 0.9", between="1k to 1B"
    )
    assert result.solutions == ()
    assert not result.found


def test_one_metric_against_another() -> None:
    """With API revenue x, in billions: uniform 8/(x + 3) and API-only 5/x are one at x = 5."""
    result = solve(
        "acme",
        vary="revenue.api",
        until="breakeven.uniform_multiplier = breakeven.api_only_multiplier",
        between="0.1B to 8B",
    )
    assert only(result) == pytest.approx(5e9, rel=1e-9)


def small_company(**values: float) -> Scenario:
    """A company with two lines of cost and none of the other figures of acme in the way."""
    lines = {"cost.staff": None, "cost.other": None, "market.price_elasticity": None}
    given = {name.replace("_", ".", 1): value for name, value in values.items()}
    return load("acme", set={**lines, **given})


def test_a_quadratic_has_the_one_root_that_is_positive() -> None:
    """Cost 2 and subscriptions 1: the API-only multiplier 1/x is its share x/(x + 1) where x² − x − 1 = 0."""
    account = small_company(revenue_api=1.0, revenue_subscription=1.0, cost_inference=1.0, cost_training=1.0)
    until = "breakeven.api_only_multiplier = revenue.api_share"
    (solution,) = solve(account, vary="revenue.api", until=until, between="0.1 to 5").solutions
    assert solution.value == pytest.approx((1 + math.sqrt(5)) / 2, rel=1e-9)


def test_a_quadratic_has_both_of_its_roots() -> None:
    """All cost is compute, 1 in all, and revenue 4.5; r is the market rate over the rate paid.

    The multiplier at market is r/4.5, the discount 1 − 1/r: equal where r² − 4.5·r + 4.5 = 0, at 1.5 and 3.
    """
    account = small_company(
        revenue_api=2.5,
        revenue_subscription=2.0,
        cost_inference=0.5,
        cost_training=0.5,
        compute_paid_gpu_hour=1.0,
        compute_market_gpu_hour=2.9,
    )
    result = solve(
        account,
        vary="compute.market_gpu_hour",
        until="breakeven.uniform_multiplier_at_market = compute.discount",
        between="1.01 to 10",
    )
    assert [s.value for s in result.solutions] == pytest.approx([1.5, 3.0], rel=1e-9)
    assert outcome(result).startswith("2 solutions between ")
    assert len(result.rows()) == len(result.to_dicts()) == 2
    # today's value, 2.9, lies nearer to the second
    assert result.best == result.solutions[1]
    assert len(document(result)["solutions"]) == 2


def test_a_zero_among_billions_is_a_solution_and_no_jump() -> None:
    """Beside billions a cent is as close to 0 as floats come: cost less the subscriptions is what is left."""
    generator = random.Random(1)
    for _ in range(60):
        staff, other = generator.uniform(1e9, 2e9), generator.uniform(1e7, 3e8)
        subscriptions = generator.uniform(2e9, 3e9)
        lines = {"cost.staff": staff, "cost.other": other, "revenue.subscription": subscriptions}
        account = load("acme", set={**lines, "cash.credits": None})
        until = "company.net_burn_per_month = 0"
        result = solve(account, vary="revenue.api", until=until, between="1M to 90B")
        (solution,) = result.solutions
        assert solution.value == pytest.approx(2e9 + 3e9 + staff + other - subscriptions, rel=1e-12)
        assert solution.residual == pytest.approx(0, abs=1e-6)
        assert not result.jumps
    assert sought(lambda x: (x - 7 - 1e-12) * 1e12, "= 0").solutions  # −1 and 1e12 at the points around it


def sought(left: Callable[[float], float | None], until: str) -> Meetings:
    """Search from 0 to 511, whose whole numbers are the points of its scan, to compare two sides."""
    sign, target = until.split()
    why = Reason("earns_cash")
    return search(sign, 0.0, 511.0, pointwise(left), constant(float(target)), lambda _: why)


def test_stretches_of_a_single_point_end_where_the_sides_meet() -> None:
    """Within 0.4 of the points 7 and 9 of the scan, and from a point of it on."""
    near = sought(lambda x: min(abs(x - 7), abs(x - 9)), "< 0.4")
    assert [end for stretch in near.holds for end in stretch] == pytest.approx([6.6, 7.4, 8.6, 9.4])
    assert sought(lambda x: x, "> 7").holds == ((7.0, 511.0),)
    assert sought(lambda x: x, "< 7").holds == ((0.0, 7.0),)


def test_blanks_end_at_the_last_float_without_a_value() -> None:
    def left(x: float) -> float | None:
        return None if 6.6 <= x <= 7.4 or 8.6 <= x <= 10.4 or x >= 510.5 else 1.0

    ends = [(blank.low, blank.high) for blank in sought(left, "= 2").blanks]
    assert [end for blank in ends for end in blank] == pytest.approx([6.6, 7.4, 8.6, 10.4, 510.5, 511])


@pytest.mark.parametrize("root", [2.0, 3.0, 5.0, 7.0, 11.0])
def test_of_two_neighbouring_floats_the_one_that_leaves_less_is_the_solution(root: float) -> None:
    (found,) = sought(lambda x: (x * x - root) * 1e3, "= 0").solutions
    beside = [math.nextafter(found.value, end) for end in (-math.inf, math.inf)]
    assert abs(found.residual) <= min(abs(x * x - root) * 1e3 for x in beside)


def test_two_units_are_not_compared_nor_is_what_has_no_value() -> None:
    said = r"compares company\.gross_margin in share with cost\.total in USD"
    with pytest.raises(LlmcostError, match=said):
        solve("acme", vary="revenue.api", until="company.gross_margin = cost.total")
    with pytest.raises(LlmcostError, match=r"^fleet: unit\.markup: is undefined$"):
        solve(load("wren", workload="rag"), vary=SHARE, until="unit.markup = fleet/unit.markup")


def test_where_there_is_no_solution_the_path_is_told() -> None:
    result = solve("acme", vary="revenue.api", until="company.gross_margin = 99%", between="1B to 2B")
    assert not result.found
    assert result.best is None
    assert bare(result) == ""
    assert not any((result.solutions, result.holds, result.jumps))
    # 1 − 2/4 and 1 − 2/5
    assert list(result.ends) == pytest.approx([0.5, 0.6])
    assert outcome(result) == (
        "No solution between 1.00B and 2.00B USD: company.gross_margin runs from 50% to 60%."
    )


@pytest.mark.parametrize("today", ["1e23", "2e23", "1e29"])
def test_a_solution_at_zero_is_an_answer_however_far_today_is(today: str, tmp_path: Path) -> None:
    """Between them lie more powers of ten than a float can divide by."""
    (tmp_path / "ours.yaml").write_text(f"llmcost: 1\nrevenue: {{total: {today}}}\ncost: {{total: 1}}\n")
    solved = solve(
        str(tmp_path / "ours.yaml"),
        vary="revenue.total",
        until="company.operating_profit = -1",
        between=(0.0, 1e30),
    )
    assert solved.best is not None
    assert solved.best.value == 0
    assert bare(solved) == "0.0\n"


def test_a_pole_is_no_root() -> None:
    """Runway grows without end towards zero burn, and is undefined beyond: it crosses nothing there."""
    result = solve(
        "acme", vary="revenue.subscription", until="company.runway_months = 10", between="5B to 9B"
    )
    # 2·12/(7 − x) = 10 only at x = 4.6
    assert result.solutions == ()
    assert not result.found
    (blank,) = result.blanks
    assert (round(blank.low), blank.high, blank.reason.code) == (7e9, 9e9, "earns_cash")


def test_a_jump_is_no_root() -> None:
    """With R = 1, V = 0.3 and ε = 2 the roots are those of F·m² − m + V = 0.

    While F < 0.7 today's price earns a profit and the lower root is named, 0.43 at most; beyond that the
    upper one, from 1 downwards. So 0.6 is jumped across at F = 0.7, which is staff of 0.6.
    """
    account = load(
        "acme",
        set={
            "revenue.api": 1.0,
            "revenue.subscription": 0,
            "cost.inference": 0.3,
            "cost.training": 0.1,
            "cost.staff": 0.05,
            "cost.other": 0.0,
            "market.price_elasticity": 2,
        },
    )
    result = solve(
        account, vary="cost.staff", until="breakeven.uniform_multiplier = 0.6", between="0.1 to 0.65"
    )
    assert result.solutions == ()
    assert not result.found
    assert list(result.jumps) == pytest.approx([0.6], rel=1e-9)
    assert "jumps across the target at 0.6 USD, without meeting it" in outcome(result)


def test_inequalities_hold_on_stretches() -> None:
    result = solve("acme", vary="revenue.api", until="company.operating_profit >= 0", between="1B to 20B")
    assert list(result.holds[0]) == pytest.approx([5e9, 20e9], rel=1e-9)
    assert result.found
    below = solve("acme", vary="revenue.api", until="company.operating_profit < 0", between="1B to 20B")
    assert list(below.holds[0]) == pytest.approx([1e9, 5e9], rel=1e-9)
    assert len(result.holds) == len(below.holds) == 1
    everywhere = solve("acme", vary="revenue.api", until="revenue.total > 0", between="1B to 2B")
    assert everywhere.holds == ((1e9, 2e9),)
    assert outcome(everywhere) == "It holds everywhere between 1.00B and 2.00B USD."
    nowhere = solve("acme", vary="revenue.api", until="revenue.total < 0", between="1B to 2B")
    assert not nowhere.found
    assert outcome(nowhere).startswith("No solution between 1.00B and 2.00B USD: revenue.total runs from ")


def test_a_stretch_ends_where_the_metric_ends() -> None:
    """The runway is at least 24 months from 6 to 7 billion, where burn ends and with it the runway."""
    account = load("acme", set={"cash.credits": None})
    result = solve(
        account, vary="revenue.subscription", until="company.runway_months >= 24", between="1B to 20B"
    )
    ((low, high),) = result.holds
    assert low == pytest.approx(6e9, rel=1e-9)
    assert high == pytest.approx(7e9, rel=1e-6)


def test_self_hosting_against_an_api() -> None:
    """The utilization at which serving a million tokens costs what another scenario charges for them."""
    result = solve("wren", vary=SHARE, until="serving.cost_per_mtok = wren:off-peak/price.blended_per_mtok")
    # 3:1 of 0.10 and 0.40
    assert only(result) == pytest.approx(COST_AT_1 / 0.175, rel=1e-9)


def test_between_is_read_as_numbers_or_text() -> None:
    one = solve("acme", vary="revenue.api", until="company.operating_profit = 0", between="5B to 7B")
    other = solve("acme", vary="revenue.api", until="company.operating_profit = 0", between=(5e9, 7e9))
    assert (one.low, one.high) == (other.low, other.high) == (5e9, 7e9)
    assert one.solutions == other.solutions
    percent = solve("wren", vary=SHARE, until="unit.gross_margin = 0", between="10% to 90%")
    assert (percent.low, percent.high) == (0.1, 0.9)


def test_a_stretch_on_which_both_sides_are_one_is_solved_at_its_ends() -> None:
    """From 6.6 to 9.4, between points of the scan; and all along, where rounding is all that moves."""
    found = sought(lambda x: max(6.6 - x, 0.0, x - 9.4), "= 0")
    assert [solution.value for solution in found.solutions] == pytest.approx([6.6, 9.4])
    rounded = sought(lambda x: 0.1 + 0.2 if x % 2 else 0.3, "<= 0.3")
    assert rounded.holds == ((0.0, 511.0),)
    assert [solution.value for solution in rounded.solutions] == [0.0, 511.0]


EXPECTED = "expected METRIC OP VALUE with OP one of = < <= > >=, such as 'unit.gross_margin >= 70%'"


@pytest.mark.parametrize(
    ("until", "message"),
    [
        ("nonsense", f"until 'nonsense': {EXPECTED}"),
        ("", f"until '': {EXPECTED}"),
        ("unit.gross_margin =", f"until 'unit.gross_margin =': {EXPECTED}"),
        ("unit.gross_margin != 1", f"until 'unit.gross_margin != 1': {EXPECTED}"),
        (
            "unit.gross_margn = 1",
            "until 'unit.gross_margn = 1': unknown metric 'unit.gross_margn'; did you mean "
            "'unit.gross_margin'?",
        ),
        (
            "unit.gross_margin = 80",
            "until 'unit.gross_margin = 80': must not exceed 1, got 80; did you mean '80%'?",
        ),
        ("unit.gross_margin = abc", "until 'unit.gross_margin = abc': expected a number, got 'abc'"),
        (
            "unit.gross_margin = 0.1 to 0.2",
            "until 'unit.gross_margin = 0.1 to 0.2': expected one number, got the range '0.1 to 0.2'",
        ),
        (
            "serving.cost_per_mtok = 10%",
            "until 'serving.cost_per_mtok = 10%': '10%': a percentage is allowed only for shares, "
            "or as a factor, as in 5000 * 10%",
        ),
        (
            "unit.gross_margin > unit.gross_margin",
            "until 'unit.gross_margin > unit.gross_margin': compares a metric with itself",
        ),
    ],
)
def test_a_bad_condition_is_refused_in_one_sentence(until: str, message: str) -> None:
    assert refusal(solve, "wren", vary=SHARE, until=until) == message


def test_a_section_is_no_metric() -> None:
    with pytest.raises(LlmcostError, match=r"^until 'unit = 1': takes one metric; 'unit' matches \d+$"):
        solve("wren", vary=SHARE, until="unit = 1")


def test_a_misspelt_metric_on_the_right_is_named() -> None:
    with pytest.raises(LlmcostError, match=r"did you mean 'unit\.gross_margin'\?"):
        solve("wren", vary=SHARE, until="unit.markup = unit.gross_margn")


@pytest.mark.parametrize(
    ("vary", "between", "message"),
    [
        ("serving.utilisation", None, f"vary: unknown input 'serving.utilisation'; did you mean '{SHARE}'?"),
        (
            "unit.markup",
            None,
            "vary: unit.markup is derived; vary what it follows from: workload.output_share, "
            "workload.cached_input_share, price.input_per_mtok, price.cached_input_per_mtok, "
            "price.output_per_mtok, serving.gpu_hour_cost and 3 more",
        ),
        (SHARE, "0.5", "between: expected LOW to HIGH, got '0.5'"),
        (SHARE, "0.9 to 0.1", "between: a range goes from low to high, got '0.9 to 0.1'"),
        (SHARE, "0.5 to 0.5", "between: a range goes from low to high, got '0.5 to 0.5'"),
        (SHARE, "0 to 2", f"between: {SHARE}: must lie between 0 and 1, got 2"),
        (
            SHARE,
            "a to 1",
            "between: expected a number, got 'a to 1'; allowed are digits with k, M, B, T or %, a unit, "
            "and + - * / ( )",
        ),
        (
            "serving.gpus",
            None,
            "wren: serving.gpus has no value to search around; give between 'LOW to HIGH'",
        ),
    ],
)
def test_bad_bounds_and_inputs_are_refused(vary: str, between: str | None, message: str) -> None:
    assert refusal(solve, "wren", vary=vary, until="unit.gross_margin = 0", between=between) == message


def test_bounds_as_numbers_rise_and_nothing_is_searched_around_0() -> None:
    with pytest.raises(LlmcostError, match=r"^between: goes from low to high, got 0\.9 to 0\.1$"):
        solve("wren", vary=SHARE, until="unit.gross_margin = 0", between=(0.9, 0.1))
    account = load("acme", set={"revenue.subscription": 0})
    with pytest.raises(LlmcostError, match=r"revenue\.subscription has no value to search around"):
        solve(account, vary="revenue.subscription", until="company.operating_profit = 0")


def test_what_follows_where_nothing_is_stated_is_searched_around() -> None:
    """No multiplier is stated, and today's is 1: the rise that ends the margin is the survivable one."""
    start_up = load("seat")
    assert "product.supplier_price_multiplier" not in start_up.data
    found = solve(start_up, vary="product.supplier_price_multiplier", until="product.gross_margin = 0")
    # 20 USD a seat less 5 % of revenue share and √(1·3) of other cost, over 3 + 4 of tokens.
    assert found.solutions[0].value == pytest.approx((19 - math.sqrt(3)) / 7, rel=1e-9)


@settings(max_examples=25)
@given(value=st.floats(0.05, 0.99))
def test_solving_for_what_was_evaluated_leads_back(value: float) -> None:
    there = evaluate(load("wren", set={SHARE: repr(value)})).value("unit.gross_margin")
    assert there is not None
    (solution,) = solve("wren", vary=SHARE, until=f"unit.gross_margin = {there!r}").solutions
    assert solution.value == pytest.approx(value, rel=1e-9)
    assert abs(solution.residual) < 1e-9


def test_another_scenario_is_priced_at_the_own_mix_of_this_one(tmp_path: Path) -> None:
    """A fifth of output, 30 % of input cached: 0.8·(0.7·0.2 + 0.3·0.05) + 0.2·0.8 = 0.284 of wren's price.

    At a utilization u an input Mtok costs 0.1/u and an output Mtok 1/u, the mix 0.28/u: u = 0.28/0.284.
    """
    path = tmp_path / "hosted.yaml"
    path.write_text(
        "serving: {gpu_hour_cost: 2.16, utilization: 40%, prefill_tokens_per_gpu_second: 6000, "
        "decode_tokens_per_gpu_second: 600}\n"
        "traffic: {input_tokens_per_day: 4B, output_tokens_per_day: 1B, cached_input_share: 30%}\n",
        encoding="utf-8",
    )
    until = "serving.cost_per_mtok <= wren/price.blended_per_mtok"
    found = solve(str(path), vary="serving.utilization", until=until)
    assert found.scenario.workload == "own"
    assert found.best is not None
    assert found.best.value == pytest.approx(0.28 / 0.284, rel=1e-9)
    # The mix moves along: without output wren asks 0.155, and 0.1/0.4 = 0.25 is dearer wherever the mix goes.
    moved = solve(str(path), vary="traffic.output_tokens_per_day", until=until, between="0 to 1B")
    assert moved.best is None

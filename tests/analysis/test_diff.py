"""Diff: what moved, why, and whether that fails the gate."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest

from calling import WORLD, Call, Done, each, refusal, write
from llmcost import Diff, LlmcostError, diff, snapshot
from llmcost.analysis.ask.evaluation import Evaluation, evaluate
from llmcost.analysis.gates import snapshot as taking
from llmcost.analysis.gates.changes import Move, ScenarioDiff
from llmcost.formulas import MODEL
from llmcost.formulas.price_list import ALTERNATIVE, PRICE, TRAFFIC, UNIT, USE, WORKLOAD
from llmcost.render import markdown
from llmcost.render.results.diff import UNFOLDED, page
from llmcost.scenario.files.snapshot import dump
from llmcost.scenario.settled import Scenario

SHOP: Final = """\
llmcost: 1
revenue: {api: 10, subscription: 30}
cost:
  inference: 5
  staff: 10
cash: {balance: 9}
"""


@pytest.fixture
def llmcost(llmcost: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call llmcost within this process, on a wide screen."""
    monkeypatch.setenv("COLUMNS", "200")
    return llmcost


@pytest.fixture
def folder(home: Path) -> Path:
    """A working directory with a shop and a snapshot of it."""
    write("shop.yaml", SHOP)
    record("shop.yaml")
    return home


def record(*targets: str, to: str = "s.json", **options: Any) -> None:
    write(to, dump(snapshot(*targets, **options)))


def change(old: str, new: str, path: str = "shop.yaml") -> None:
    """Replace a text that stands in a scenario once."""
    text = Path(path).read_text(encoding="utf-8")
    assert text.count(old) == 1
    write(path, text.replace(old, new))


def moves(found: Diff) -> dict[str, Move]:
    (scenario,) = found.scenarios
    return {move.metric: move for move in scenario.moves}


# By hand, from end to end


def test_subscriptions_of_3_2_in_place_of_3_billion(folder: Path, llmcost: Call) -> None:
    """Revenue 4 → 4.2 at cost 8, in billions; inference 2, 2 of funding and 6 of credits, 1 from the API."""
    record("acme")
    write("scenarios/acme.yaml", (WORLD / "companies/acme.yaml").read_text(encoding="utf-8"))
    change("subscription: {value: 3B", "subscription: {value: 3.2B", "scenarios/acme.yaml")
    by_hand = {
        "revenue.subscription": (3e9, 3.2e9),
        "revenue.lines": (4e9, 4.2e9),
        "revenue.total": (4e9, 4.2e9),
        "revenue.api_share": (1 / 4, 1 / 4.2),
        "company.api_inference_share": (1 / 4, 1 / 4.2),
        "company.gross_profit": (2e9, 2.2e9),
        "company.gross_margin": (1 - 2 / 4, 1 - 2 / 4.2),
        "company.operating_profit": (-4e9, -3.8e9),
        "company.operating_margin": (1 - 8 / 4, 1 - 8 / 4.2),
        "company.cost_per_revenue_dollar": (8 / 4, 8 / 4.2),
        "company.loss_per_revenue_dollar": (4 / 4, 3.8 / 4.2),
        "company.compute_per_revenue_dollar": (5 / 4, 5 / 4.2),
        "company.burn_without_credits_per_month": (4e9 / 12, 3.8e9 / 12),
        "company.net_burn_per_month": (-1e9 / 12, -1.2e9 / 12),
        "company.runway_months": (8 / 4 * 12, 8 / 3.8 * 12),
        "breakeven.kept_revenue": (3e9, 3.2e9),
        "breakeven.api_inference": (2e9 / 4, 2e9 / 4.2),
        "breakeven.uniform_multiplier": (8 / 4, 8 / 4.2),
        "breakeven.api_only_multiplier": (5, 4.8),
        "breakeven.api_inference_at_market": (6e9 / 4, 6e9 / 4.2),
        "breakeven.uniform_multiplier_at_market": (18 / 4, 18 / 4.2),
        "breakeven.api_only_multiplier_at_market": (15, 14.8),
    }
    done = llmcost("diff", "s.json", "--format", "json")
    assert (done.code, done.err) == (1, "")
    document = json.loads(done.out)
    assert (document["format"], document["version"]) == ("llmcost/diff", 1)
    (scenario,) = document["scenarios"]
    assert list(by_hand) == [move["metric"] for move in scenario["moves"]], "stated first, then in order"
    for move in scenario["moves"]:
        before, after = by_hand[move["metric"]]
        assert move["before"] == pytest.approx(before, rel=1e-9)
        assert move["after"] == pytest.approx(after, rel=1e-9)
        assert move["change"] == pytest.approx(after - before, rel=1e-7)
        assert move["relative"] == pytest.approx((after - before) / abs(before), rel=1e-7)
        assert move["status"] == "moved"
        assert move["failed"] is True
        if move["given"]:
            assert (move["metric"], move["parts"]) == ("revenue.subscription", [])
        else:
            (part,) = move["parts"]
            assert (part["kind"], part["names"]) == ("input", ["revenue.subscription"])
            assert part["change"] == pytest.approx(move["change"], rel=1e-12)
    assert document["failed"] == 22
    assert scenario["unchanged"] == len(snapshot("acme").scenarios["acme"].metrics) + 12 - 22
    table = llmcost("diff", "s.json")
    assert table.code == 1
    shown = re.search(r"FAILED +breakeven.uniform_multiplier +(\S+) +(\S+) +(\S+) +(.*)", table.out)
    assert shown is not None
    # 8/4 and 8/4.2; both assume that demand does not answer to price
    assert shown.groups() == ("~2.00×", "~1.90×", "-4.76%", "better   revenue.subscription -0.0952×")
    assert "-100% -90.5% +9.52 points better revenue.subscription +9.52 points" in " ".join(table.out.split())
    assert table.out.endswith("\n22 moved, 0 added, 0 removed, 22 failed\n")


def test_nothing_moved(folder: Path, llmcost: Call) -> None:
    done = llmcost("diff", "s.json")
    said = "What moved from s.json to now\n\nNothing moved\n0 moved, 0 added, 0 removed, 0 failed\n"
    assert done == Done(0, said, "")
    assert llmcost("diff", "s.json", "--fail-on", "any").code == 0
    found = diff("s.json")
    assert (found.ok, found.moves, found.failures) == (True, [], 0)


def test_another_place_of_the_file_another_comment_and_another_spelling_move_nothing(folder: Path) -> None:
    write(
        "shop.yaml",
        "# a comment\nllmcost: 1\ncost.staff: 5 + 5\ncost.inference: $5\ncash: {balance: 9.0}\n"
        "revenue: {subscription: 30.0, api: 1e1}\n",
    )
    assert diff("s.json", fail_on="any").ok


# What became of it


def test_moved_added_removed_undefined_defined_and_restated_are_told_apart(folder: Path) -> None:
    """cash lasts while money is burnt; staff of 50 burns some, 10 does not."""
    write("shop.yaml", SHOP.replace("staff: 10", "staff: 50") + "market.price_elasticity: 0.2\n")
    record("shop.yaml")
    write(
        "shop.yaml",
        SHOP.replace("inference: 5", "training: 5").replace("api: 10", "api: {value: 10, basis: reported}"),
    )
    found = moves(diff("s.json"))
    status = {name: move.status for name, move in found.items()}
    assert status["cost.staff"] == "moved"
    assert status["cost.training"] == "added"
    assert status["cost.inference"] == "removed"
    assert status["revenue.api"] == "restated"
    assert status["company.runway_months"] == "undefined"
    assert status["company.gross_profit"] == "removed"
    # A default takes its place, and nothing that is stated leads to it.
    assert status["market.price_elasticity"] == "removed"
    assert "revenue.subscription" not in status
    assert "company.period_months" not in status
    added = found["cost.training"]
    assert (added.before, added.after, added.change, added.relative, added.parts) == (
        None,
        5.0,
        None,
        None,
        (),
    )
    gone = found["cost.inference"]
    assert (gone.before, gone.after) == (5.0, None)
    undefined = found["company.runway_months"]
    assert undefined.before == pytest.approx(9 / (15 / 12))
    assert undefined.new is not None
    assert (undefined.after, undefined.new.reason) == (None, "earns cash")


def test_a_metric_that_is_defined_again(folder: Path) -> None:
    change("staff: 10", "staff: 50")
    move = moves(diff("s.json"))["company.runway_months"]
    assert (move.status, move.before) == ("defined", None)
    assert move.after == pytest.approx(7.2)
    assert move.old is not None
    assert move.old.reason == "earns cash"


def test_why_it_was_undefined_is_told_as_past(folder: Path, llmcost: Call) -> None:
    change("staff: 10", "staff: 50")
    out = llmcost("diff", "s.json").out
    assert re.search(
        r"company.runway_months +month +undefined +~?7.20 +defined +worse +was undefined: earns cash", out
    )
    record("shop.yaml")
    change("staff: 50", "staff: 10")
    out = llmcost("diff", "s.json").out
    assert re.search(r"company.runway_months +month +~?7.20 +undefined +undefined +better +earns cash", out)


def test_a_trajectory_moves_the_outcome(folder: Path, llmcost: Call) -> None:
    """Cash 9, and a burn of 15 − 12 a year that grows as revenue of the API falls, or is gone as it rises."""
    write(
        "course.yaml",
        SHOP.replace("subscription: 30", "subscription: 2") + "trajectory: {revenue.api: +9%/month}\n",
    )
    record("course.yaml")
    assert diff("s.json", fail_on="any").ok
    change("+9%", "-9%", "course.yaml")
    found = moves(diff("s.json", fail_on="regression"))
    assert found.pop("trajectory.revenue.api").before == pytest.approx(0.09)
    assert set(found) == set(MODEL.outcomes)
    assert all(move.failed for move in found.values())
    assert found["project.cash_low"].worse
    code, out, _ = llmcost("diff", "s.json")
    assert code == 1
    assert re.search(r"FAILED +project.cash_low +USD .+ trajectory.revenue.api", out)


def test_a_runway_beyond_the_horizon_is_no_runway_of_that_length(folder: Path) -> None:
    """Cash 100 and a burn of 1 a month last 100 months; 23.5 of it 23.5, of which 24 is 2 % away."""
    text = (
        "revenue: {api: 12}\ncost: {staff: 24}\ncash: {balance: 100}\ntrajectory: {cost.staff: +0%/month}\n"
    )
    write("course.yaml", text + "horizon_months: 24\n")
    record("course.yaml")
    write("course.yaml", text + "horizon_months: 36\n")
    assert "project.runway_months" not in moves(diff("s.json"))
    write("course.yaml", text.replace("100", "23.5") + "horizon_months: 24\n")
    runway = moves(diff("s.json", fail_on="regression", tolerance=["90%"]))["project.runway_months"]
    assert (runway.before, runway.status, runway.worse, runway.failed) == (None, "defined", True, True)
    assert runway.after == pytest.approx(23.5)


def test_a_model_that_earns_less_is_a_regression(folder: Path, llmcost: Call) -> None:
    """Spend 100, and 200 a year later; then 150 of it: the profit halves, the IRR falls from 100 to 50 %."""
    write("lab.yaml", "kind: company\nmodels: [{name: a, year: 1, training_cost: 100, revenue: [0, 200]}]\n")
    record("lab.yaml")
    assert diff("s.json", fail_on="any").ok
    change("200", "150", "lab.yaml")
    found = moves(diff("s.json", fail_on="regression"))
    assert {name: (move.before, move.after) for name, move in found.items()} == {
        "models[a].revenue": (200, 150),
        "models[a].profit": (100, 50),
        "models[a].payback_years": (0.5, pytest.approx(2 / 3)),
        "models[a].irr": (pytest.approx(1), pytest.approx(0.5)),
    }
    assert all(move.failed and move.worse for move in found.values())
    code, out, _ = llmcost("diff", "s.json")
    assert code == 1
    assert re.search(
        r"FAILED +models\[a\]\.profit +USD +100 +50.0 +-50.0% +worse +the models, as they are stated", out
    )
    change("150", "90", "lab.yaml")
    assert diff("s.json", fail_on="regression").failures == 4


def test_an_outcome_is_shared_out_among_inputs_and_the_projection(folder: Path, llmcost: Call) -> None:
    """Burn 12 of cash 30 in 12 months; 6 more of staff and 2 less of cash; then 3 of funding in month 3.

    The staff is 6 more a period, which is the projection's whole length, so that the parts are -6, -2 and +3.
    """
    text = "revenue: {api: 12}\ncost: {staff: 24}\ncash: {balance: 30}\nhorizon_months: 12\n"
    write("course.yaml", text + "events: [{at: 2, cash.balance: +1}]\n")
    record("course.yaml")
    write(
        "course.yaml",
        text.replace("24", "30").replace("30}\nh", "28}\nh") + "events: [{at: 3, cash.balance: +4}]\n",
    )
    end = moves(diff("s.json"))["project.cash_end"]
    assert [end.before, end.after] == pytest.approx([19, 14])
    assert [(part.kind, part.names) for part in end.parts] == [
        ("input", ("cost.staff",)),
        ("projection", ()),
        ("input", ("cash.balance",)),
    ]
    assert [part.change for part in end.parts] == pytest.approx([-6, 3, -2])
    assert "the projection +3.00" in llmcost("diff", "s.json").out


@each("before, after", [("+8%/month", "+30%/month"), ("+6", "+1"), ("at: 9", "at: 10")])
def test_a_projection_that_never_runs_out_of_cash_moves_too(folder: Path, before: str, after: str) -> None:
    """A company that earns from month 1 on has no break-even, gap or low that growth would move."""
    text = (
        "revenue: {api: 12}\ncost: {staff: 6}\ncash: {balance: 5}\nhorizon_months: 12\n"
        "trajectory: {revenue.api: +8%/month}\n"
        "events: [{at: 2, cash.balance: +6}, {at: 9, cost.staff: 7}]\n"
    )
    write("rich.yaml", text)
    record("rich.yaml")
    write("rich.yaml", text.replace(before, after))
    assert {*moves(diff("s.json"))} & {"project.cash_end", "project.operating_profit"}


def test_without_a_trajectory_there_is_no_projection(folder: Path) -> None:
    assert not any(name in MODEL.outcomes for name in snapshot("shop.yaml").scenarios["shop.yaml"].metrics)


def test_undefined_for_another_reason_is_no_move(folder: Path) -> None:
    change("balance: 9", "balance: 10")
    assert list(moves(diff("s.json"))) == ["cash.balance", "cash.available"]


def test_undefined_as_all_is_well_and_then_as_nothing_helps_is_a_regression(
    folder: Path, llmcost: Call
) -> None:
    """Subscriptions of 30 cover a cost of 15; of 65 they do not, and at ε = 2 no price of the API does."""
    write("shop.yaml", SHOP.replace("staff: 10", "staff: 60") + "market: {price_elasticity: 2}\n")
    loose: dict[str, Any] = {"tolerance": ["100000%"], "fail_on": "regression"}
    multiplier = moves(diff("s.json", **loose))["breakeven.api_only_multiplier"]
    assert (multiplier.status, multiplier.worse, multiplier.failed) == ("undefined", True, True)
    out = llmcost("diff", "s.json").out
    said = "no price breaks even; before: the revenue that keeps its price already covers this"
    assert re.search(rf"undefined +undefined +other reason +worse +{said}", out)
    record("shop.yaml")
    write("shop.yaml", SHOP)
    assert moves(diff("s.json", **loose))["breakeven.api_only_multiplier"].worse is False


def test_a_figure_that_is_stated_in_place_of_a_formula_is_told(folder: Path, llmcost: Call) -> None:
    """It does not move now, and no longer will with what it followed from."""
    write("shop.yaml", SHOP + "company: {operating_profit: 25}\n")
    (move,) = moves(diff("s.json")).values()
    assert (move.metric, move.status, move.given, move.failed) == (
        "company.operating_profit",
        "restated",
        True,
        False,
    )
    assert not diff("s.json", fail_on="any").ok
    assert re.search(r"operating_profit .+ restated +stated, before derived\n", llmcost("diff", "s.json").out)
    record("shop.yaml")
    write("shop.yaml", SHOP)
    assert re.search(r"operating_profit .+ restated +derived, before stated\n", llmcost("diff", "s.json").out)


def test_a_move_from_zero(folder: Path, llmcost: Call) -> None:
    write("shop.yaml", SHOP.replace("staff: 10", "staff: 0"))
    record("shop.yaml")
    change("staff: 0", "staff: 2")
    move = moves(diff("s.json", tolerance=["50%"]))["cost.staff"]
    assert (move.before, move.after, move.change, move.relative) == (0, 2, 2, None)
    assert (move.beyond, move.failed) == (True, True)
    assert re.search(r"cost.staff +USD +0 +2.00 +\+2.00 +worse +stated", llmcost("diff", "s.json").out)


def test_rounding_is_no_move(folder: Path) -> None:
    change("inference: 5", "inference: 5.000000001")
    assert diff("s.json", fail_on="any").ok
    change("inference: 5.000000001", "inference: 5.00000001")
    assert "cost.inference" in moves(diff("s.json"))


def test_more_digits_where_before_and_after_look_the_same(folder: Path, llmcost: Call) -> None:
    change("staff: 10", "staff: 10.001")
    out = llmcost("diff", "s.json").out
    assert re.search(r"cost.staff +USD +10 +10.001 +\+0.0100% +worse +stated", out)
    assert re.search(r"cost.total +USD +15 +15.001 ", out)
    change("staff: 10.001", "staff: 10.00000001")
    out = llmcost("diff", "s.json").out
    assert re.search(r"cost.staff +USD +10.0 +10.00000001 ", out)


def test_what_was_stated_and_is_derived_now(folder: Path) -> None:
    write("shop.yaml", SHOP + "cost.total: 15\n")
    record("shop.yaml")
    write("shop.yaml", SHOP)
    found = moves(diff("s.json"))
    assert {name: move.status for name, move in found.items()} == {
        "cost.total": "restated",
        "cost.unallocated": "removed",
    }
    write("shop.yaml", SHOP.replace("staff: 10", "staff: 11"))
    total = moves(diff("s.json"))["cost.total"]
    assert (total.given, total.status, total.change) == (False, "moved", 1)
    assert sum(part.change for part in total.parts) == pytest.approx(1)


# The gate


def failing(**options: Any) -> list[str]:
    return [move.metric for move in diff("s.json", **options).moves if move.failed]


def test_the_end_of_a_tolerance_is_within_it(folder: Path) -> None:
    write("shop.yaml", SHOP.replace("staff: 10", "staff: 8"))
    record("shop.yaml")
    change("staff: 8", "staff: 10")
    assert "cost.staff" not in failing(tolerance=["25%"])
    assert "cost.staff" in failing(tolerance=["24.999%"])


@pytest.mark.parametrize(
    ("tolerance", "passes"),
    [
        # The operating margin goes from 62.5 % to 60 %: 2.5 points, or 4 % of it.
        ("company.operating_margin=2.6pp", True),
        ("company.operating_margin=2.4pp", False),
        ("company.operating_margin=4.1%", True),
        ("company.operating_margin=3.9%", False),
        ("company.operating_margin=0.026", True),
        ("company.operating_margin=0.024", False),
        # The operating profit from 25 to 24.
        ("company.operating_profit=1.01", True),
        ("company.operating_profit=0.99", False),
        ("company.operating_profit=$1.01", True),
    ],
)
def test_a_tolerance_for_one_metric(folder: Path, tolerance: str, passes: bool) -> None:
    change("staff: 10", "staff: 11")
    metric = tolerance.partition("=")[0]
    found = failing(tolerance=[tolerance])
    assert (metric not in found) is passes
    assert "cost.staff" in found


def test_tolerances_for_a_section_and_a_pattern(folder: Path) -> None:
    change("staff: 10", "staff: 11")
    everything = set(failing())
    rest = set(failing(tolerance=["cost=20%"]))
    assert everything - rest == {"cost.staff", "cost.lines", "cost.total"}
    assert set(failing(tolerance=["cost.*=20%"])) == rest
    assert everything - set(failing(tolerance=["*_margin=10pp"])) == {"company.operating_margin"}


def test_the_last_tolerance_of_a_metric_counts_and_its_own_wins_over_the_general(folder: Path) -> None:
    change("staff: 10", "staff: 11")
    assert "cost.staff" in failing(tolerance=["cost=20%", "cost.staff=5%"])
    assert "cost.staff" not in failing(tolerance=["cost.staff=5%", "cost=20%"])
    assert "cost.staff" in failing(tolerance=["50%", "cost.staff=5%"])
    assert failing(tolerance=["cost.staff=5%", "50%"]) == ["cost.staff"]
    assert failing(tolerance=["cost.staff=0%", "50%"]) == ["cost.staff"]


@each(
    "text, message",
    [
        ("", "a number is missing"),
        ("abc", "expected a number, got 'abc'"),
        ("unit.gross_margin=", "a number is missing"),
        ("5", "for every metric it is a percentage, such as 1%, got '5'"),
        ("1pp", "percentage points are for shares, which every metric is not; use a percentage"),
        ("cost.total=1pp", "percentage points are for shares, which cost.total is not; use a percentage"),
        ("-1%", "must not be negative, got '-1%'"),
        ("cost.total=-5", "must not be negative, got '-5'"),
        ("unit.gros_margin=1%", "unknown metric 'unit.gros_margin'; did you mean 'unit.gross_margin'?"),
        ("zzz.*=1%", "no metric matches 'zzz.*'"),
        ("=1%", "unknown metric ''; 'llmcost list metrics' shows what there is"),
        ("1%=cost.total", "expected a number, got 'cost.total'"),
    ],
)
def test_a_bad_tolerance_is_one_line(folder: Path, llmcost: Call, text: str, message: str) -> None:
    done = llmcost("diff", "s.json", "--tolerance", text)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    if text in ("zzz.*=1%", "1%=cost.total"):
        assert done.err.startswith(f"--tolerance {text}: ")
    else:
        assert done.err == f"--tolerance {text}: {message}\n"


def test_everything_that_is_wrong_with_a_gate_is_said_at_once(folder: Path, llmcost: Call) -> None:
    done = llmcost("diff", "s.json", "--tolerance", "x", "--tolerance", "zz=1%", "--fail-on", "always")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "--tolerance x: expected a number, got 'x'",
        "--tolerance zz=1%: unknown metric 'zz'; 'llmcost list metrics' shows what there is",
        "--fail-on: is one of any, above, regression, got 'always'",
    ]


NEUTRAL: Final = {
    # A price is revenue to one and cost to another; whether a rise is bad depends on demand.
    *("price.input_per_mtok", "price.cached_input_per_mtok", "price.output_per_mtok"),
    *("price.blended_per_mtok", "price.cost_per_request", "price.per_million_requests"),
    *(*PRICE.fields.values(), *ALTERNATIVE.fields.values(), "traffic.list_price_per_mtok"),
    *(
        name
        for name in MODEL.details
        if MODEL.quantities[name].section in ("price", "alternative", "traffic")
    ),
    # The mix that is priced is the question, not a result.
    *("workload.output_share", "workload.cached_input_share", *WORKLOAD.of(*USE), *TRAFFIC.of(*USE)),
    *(f"{section}.standard_share" for section in ("workload", "traffic", "product")),
    *UNIT.of(*(name for name in USE if not name.endswith("tokens_per_request"))),
    # More traffic is more revenue and more cost.
    *("traffic.input_tokens_per_day", "traffic.output_tokens_per_day", "traffic.cached_input_share"),
    *("traffic.tokens_per_day", "traffic.output_share", "traffic.requests_per_day"),
    # How large a part is, and what all parts take.
    *("parts.share", "parts.tokens_per_month", "parts.requests_per_month", "parts.largest_cost_share"),
    # How a rate was measured, how a fleet is planned, and what it does not do.
    *("serving.measured_output_share", "serving.headroom", "serving.gpus_per_replica", "serving.idle_gpus"),
    # What another seller asks: dear is good for whoever serves, and bad for whoever buys.
    *("alternative.input_per_mtok", "alternative.cached_input_per_mtok", "alternative.output_per_mtok"),
    *("alternative.blended_per_mtok", "alternative.cost_per_day", "alternative.cost_per_month"),
    # Splits a bill that stays the same.
    *("serving.output_cost_weight", "company.api_inference_share", "revenue.api_share"),
    # An assumption about how long a model is in use.
    "training.amortization_months",
    # Which part of the cost is no cash, and how long a period is, is bookkeeping.
    *("cost.stock_compensation", "cost.credits_used", "cost.noncash", "company.period_months"),
    # What others pay does not change what the company pays.
    *("compute.market_gpu_hour", "compute.market_ratio"),
    # How demand answers is neither good nor bad.
    "market.price_elasticity",
    # What is charged for a unit, before and after a rise is passed on: demand decides.
    *("product.price_per_unit", "product.net_price_per_unit", "product.passed_on_price_per_unit"),
    # A mix, and free units among all.
    *("product.cached_input_share", "product.units_per_month"),
    # What is aimed at, and a choice.
    *("product.target_margin", "product.pass_through_share"),
    # Twice the GPUs at twice the spend are the same business.
    "capex.gpus",
}


def test_every_quantity_has_a_direction_that_is_worse_or_a_reason_to_have_none() -> None:
    supply = {"model", "gpu", "deployment", "prefill", "decode", "efficiency", "energy"}
    neutral = {q.name for q in MODEL.quantities.values() if q.worse is None and q.section not in supply}
    assert neutral == NEUTRAL


DIRECTIONS: Final = {
    "up": (
        *("cost.total", "cost.staff", "cost.inference_at_market", "company.net_burn_per_month"),
        *("serving.cost_per_mtok", "serving.gpu_hour_cost", "training.cost", "training.compute_cost"),
        *("training.gpu_hours", "training.payback_days", "company.revenue_share_rate"),
        *("unit.breakeven_multiplier", "breakeven.uniform_multiplier", "company.cost_per_revenue_dollar"),
        *("unit.breakeven_utilization", "unit.loaded_cost_per_mtok", "serving.gpus_required"),
    ),
    "down": (
        *("revenue.total", "revenue.api", "company.gross_margin", "company.operating_profit"),
        *("company.runway_months", "cash.balance", "cash.credits_months", "unit.gross_margin"),
        *("unit.markup", "unit.gross_profit_per_mtok", "serving.utilization", "training.lifetime_tokens"),
        *("traffic.revenue_per_day", "unit.breakeven_gpu_hour_cost", "compute.discount"),
    ),
}


@each("direction", DIRECTIONS)
def test_directions_by_hand(direction: str) -> None:
    for name in DIRECTIONS[direction]:
        assert MODEL.quantities[name].worse == direction, name


def test_fail_on_a_regression(folder: Path) -> None:
    """Cost goes up by 1: the cost and what follows are worse; nothing gets better."""
    change("staff: 10", "staff: 11")
    worse = failing(fail_on="regression")
    assert "cost.staff" in worse
    assert "company.operating_margin" in worse
    found = diff("s.json", fail_on="regression")
    assert {move.metric for move in found.moves if move.worse} == set(worse)
    change("staff: 11", "staff: 9")
    found = diff("s.json", fail_on="regression")
    assert found.ok
    assert {move.worse for move in found.moves} == {False}
    assert not diff("s.json").ok
    assert diff("s.json", tolerance=["20%"], fail_on="regression").ok


def test_a_regression_within_the_tolerance_is_none(folder: Path) -> None:
    change("staff: 10", "staff: 11")
    assert failing(tolerance=["9%"], fail_on="regression") == ["cost.staff", "breakeven.other_cost"]


def test_who_comes_to_earn_cash_has_no_regression(folder: Path) -> None:
    """The runway is undefined then, which is better than any; to burn again is worse."""
    change("staff: 10", "staff: 50")
    runway = moves(diff("s.json", fail_on="regression"))["company.runway_months"]
    assert (runway.status, runway.worse, runway.failed) == ("defined", True, True)
    record("shop.yaml")
    change("staff: 50", "staff: 10")
    found = diff("s.json", fail_on="regression")
    assert moves(found)["company.runway_months"].worse is False
    assert found.ok


def test_what_becomes_undefined_for_want_of_revenue_is_a_regression(folder: Path) -> None:
    write("shop.yaml", SHOP.replace("10, subscription: 30", "0"))
    margin = moves(diff("s.json", fail_on="regression"))["company.operating_margin"]
    assert (margin.status, margin.worse, margin.failed) == ("undefined", None, True)


def test_what_has_no_direction_is_no_regression(folder: Path) -> None:
    write("model.yaml", "llmcost: 1\nprice: {input_per_mtok: 1, output_per_mtok: 4}\n")
    record("model.yaml")
    change("4", "9", "model.yaml")
    assert [move.worse for move in diff("s.json").moves] == [None, None]
    assert diff("s.json", fail_on="regression").ok
    assert not diff("s.json").ok


@each("fail_on, failed", [("any", {"added", "restated"}), ("above", set()), ("regression", set())])
def test_an_addition_and_another_basis_fail_on_any_alone(
    folder: Path, fail_on: str, failed: set[str]
) -> None:
    write("shop.yaml", SHOP.replace("api: 10", "api: {value: 10, low: 8, high: 12}") + "training.gpus: 8\n")
    found = moves(diff("s.json", fail_on=fail_on))
    assert {move.status for move in found.values()} == {"added", "restated"}
    assert {move.status for move in found.values() if move.failed} == failed


@each("fail_on", ["any", "above", "regression"])
def test_what_is_gone_fails_however(folder: Path, fail_on: str) -> None:
    write("shop.yaml", SHOP + "training.gpus: 8\n")
    record("shop.yaml")
    write("shop.yaml", SHOP)
    assert failing(fail_on=fail_on) == ["training.gpus"]


@pytest.mark.parametrize("fail_on", ["any", "above", "regression"])
def test_any_fails_whatever_the_tolerance(folder: Path, fail_on: str) -> None:
    change("staff: 10", "staff: 10.1")
    assert diff("s.json", tolerance=["10%"], fail_on=fail_on).ok is (fail_on != "any")


# What is compared


def test_two_snapshots_without_recomputing(folder: Path) -> None:
    change("staff: 10", "staff: 11")
    record("shop.yaml", to="t.json")
    Path("shop.yaml").unlink()
    found = diff("s.json", "t.json")
    assert (found.before, found.after) == ("s.json", "t.json")
    total = moves(found)["cost.total"]
    assert (total.before, total.after) == (15, 16)
    assert [(part.kind, part.names, part.change) for part in total.parts] == [("input", ("cost.staff",), 1.0)]
    back = moves(diff("t.json", "s.json"))["cost.total"]
    assert (back.before, back.after, back.parts[0].change) == (16, 15, -1)
    assert diff("s.json", "s.json").ok


def edited(path: str, to: str, edit: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    edit(document)
    write(to, json.dumps(document))


def test_two_snapshots_whose_formulas_are_not_at_hand(folder: Path, llmcost: Call) -> None:
    """What they make of inputs cannot be known, so the whole change has one part."""
    change("staff: 10", "staff: 11")
    record("shop.yaml", to="t.json")
    mark = "company.operating_profit/operating_profit"

    def later(document: dict[str, Any]) -> None:
        document["formulas"][mark] = "0" * 16
        document["scenarios"]["shop.yaml"]["metrics"]["company.operating_profit"]["value"] = 20.0

    edited("t.json", "t.json", later)
    found = diff("s.json", "t.json")
    assert found.changed == (mark,)
    move = moves(found)["company.operating_profit"]
    assert [(part.kind, part.names, part.change) for part in move.parts] == [
        ("all", (mark, "cost.staff"), -5.0)
    ]
    out = llmcost("diff", "s.json", "t.json").out
    assert f"Formula code changed: {mark}" in out


def test_formulas_that_came_and_went(folder: Path) -> None:
    def older(document: dict[str, Any]) -> None:
        document["formulas"]["cost.total/old_total"] = document["formulas"].pop("cost.total/sum_alone")
        document["scenarios"]["shop.yaml"]["metrics"]["cost.total"]["value"] = 14.0

    edited("s.json", "s.json", older)
    found = diff("s.json")
    assert (found.changed, found.added, found.removed) == (
        (),
        ("cost.total/sum_alone",),
        ("cost.total/old_total",),
    )
    (part,) = moves(found)["cost.total"].parts
    assert (part.kind, part.names, part.change) == (
        "formula",
        ("cost.total/sum_alone", "cost.total/old_total"),
        1.0,
    )


def test_two_scenarios(folder: Path, llmcost: Call) -> None:
    found = diff("acme", "acme:low-inference", tolerance=["1%"])
    move = moves(found)["company.gross_profit"]
    # 4 − 2 → 4 − 1
    assert [move.before, move.after] == pytest.approx([2e9, 3e9])
    (part,) = move.parts
    assert part.names == ("cost.inference",)
    assert part.change == pytest.approx(1e9)
    assert found.scenarios[0].label == "acme → acme:low-inference"
    assert llmcost("diff", "lark", "LARK").out.endswith("0 moved, 0 added, 0 removed, 0 failed\n")
    assert llmcost("diff", "lark", "wren").code == 0, "they are compared, and nothing is gated"
    assert llmcost("diff", "lark", "wren", "--fail-on", "above").code == 1
    assert llmcost("diff", "lark", "wren", "--fail-on", "above", "--tolerance", "100000%").code == 0


def test_a_snapshot_of_one_scenario_is_compared_with_another(folder: Path, llmcost: Call) -> None:
    """Shares move by points and losses by amounts, and each is better or worse."""
    write("a.yaml", "revenue: {total: 1000}\ncost: {inference: 1081.1, staff: 10}\n")
    write("b.yaml", "revenue: {total: 1000}\ncost: {inference: 1027, staff: 10}\n")
    record("a.yaml")
    done = llmcost("diff", "s.json", "b.yaml")
    assert (done.code, done.err) == (1, "")
    told = " ".join(done.out.split())
    # 1 − 1.0811 → 1 − 1.027
    assert "company.gross_margin -8.11% -2.70% +5.41 points better" in told
    assert "company.operating_profit USD -91.1 -37.0 +54.1 better" in told
    Path("b.yaml").rename("b.conf")
    assert llmcost("diff", "./b.conf", "a.yaml").code == 0, "a scenario, however its file is called"


def test_a_changed_supplier_is_named(folder: Path, llmcost: Call) -> None:
    product = "kind: product\nsupplier: lark\nproduct: {price_per_unit: 20, input_tokens_per_unit: 1M}\n"
    write("app.yaml", f"{product}product.output_tokens_per_unit: 1M\n")
    record("app.yaml")
    assert '"links": {"supplier": "lark"}' in Path("s.json").read_text(encoding="utf-8")
    assert llmcost("diff", "s.json").code == 0
    change("supplier: lark", "supplier: wren", "app.yaml")
    done = llmcost("diff", "s.json")
    assert "app: supplier lark → wren" in done.out
    (scenario,) = json.loads(llmcost("diff", "s.json", "--format", "json").out)["scenarios"]
    assert scenario["links"] == {"supplier": {"before": "lark", "after": "wren"}}
    # The prices stand in wren's file, which is not in this repository: the change is where it is named.
    commands = llmcost("diff", "s.json", "--format", "github").out.splitlines()[:-1]
    assert commands
    assert all(command.startswith("::error file=app.yaml,line=2,col=11,") for command in commands)


def test_what_lies_outside_of_the_repository_is_no_place_to_point_at(
    folder: Path, llmcost: Call, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path_factory.mktemp("library")
    monkeypatch.setenv("LLMCOST_PATH", str(library))
    (library / "rook.yaml").write_text(SHOP, encoding="utf-8")
    record("rook")
    (library / "rook.yaml").write_text(SHOP.replace("staff: 10", "staff: 11"), encoding="utf-8")
    out = llmcost("diff", "s.json", "--format", "github").out
    assert out.startswith("::error file=s.json,line=1,title=cost.staff and ")
    assert str(library) not in out


def test_two_scenarios_of_different_workloads_say_so(folder: Path, llmcost: Call) -> None:
    """A day of traffic is priced at its own mix, a list price on chat."""
    assert "workload own → chat" in llmcost("diff", "fleet", "lark").out
    assert "workload chat" in llmcost("diff", "lark", "wren").out


def test_two_files_of_one_name(folder: Path, llmcost: Call) -> None:
    write("other/shop.yaml", SHOP.replace("staff: 10", "staff: 12"))
    done = llmcost("diff", "shop.yaml", "other/shop.yaml")
    assert done.code == 0
    assert "shop.yaml → other/shop.yaml" in done.out


@each(
    "arguments, message",
    [
        (["shop.yaml"], "shop.yaml: is not a snapshot file; name one, or two scenarios to compare"),
        (["lark", "lark", "lark"], "lark: is not a snapshot file; name one, or two scenarios to compare"),
        (["shop.yaml", "s.json"], "shop.yaml: is not a snapshot file; the snapshot comes first"),
        (["shop.yaml", "."], ".: means several scenarios; name one"),
        (["no.yaml", "shop.yaml"], "no.yaml: there is no such file or folder"),
        (["shop.yaml", "zzz"], "no scenario is called 'zzz'; 'llmcost list' shows what there is"),
        (["s.json", "zzz"], "no scenario is called 'zzz'; 'llmcost list' shows what there is"),
        (["two.json", "acme"], "two.json: holds none of acme; it holds lark, wren"),
        (["two.json", "other/one.yaml"], "two.json: holds none of other/one.yaml; it holds lark, wren"),
        (["s.json", "t.json"], "t.json: cannot be read: No such file or directory"),
        (["shop.yaml", "-"], "-: standard input cannot be read again later; give a file"),
    ],
)
def test_what_cannot_be_compared(folder: Path, llmcost: Call, arguments: list[str], message: str) -> None:
    write("other/one.yaml", SHOP)
    llmcost("snapshot", "lark", "wren", "-o", "two.json")
    assert llmcost("diff", *arguments) == Done(2, "", f"{message}\n")


def line_of(path: str, start: str) -> int:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if line.startswith(start)]
    return number


@each("target", [".", "models", "./models/", ""])
def test_a_scenario_that_disappeared_from_a_folder_is_named_with_its_line(
    folder: Path, llmcost: Call, target: str
) -> None:
    write("models/a.yaml", SHOP)
    write("models/sub/b.yaml", SHOP)
    record("." if target == "." else "models")
    line = line_of("s.json", '    "models/sub/b.yaml"')
    Path("models/sub/b.yaml").unlink()
    message = "'models/sub/b.yaml' has disappeared; if that is intended, take a new snapshot"
    done = llmcost("diff", "s.json", *([target] if target else []))
    assert done == Done(2, "", f"s.json:{line}: {message}\n")


def test_a_scenario_that_was_named_and_disappeared(folder: Path, llmcost: Call) -> None:
    record("shop.yaml", "lark")
    Path("shop.yaml").unlink()
    done = llmcost("diff", "s.json")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("s.json:4: "), "the line of the targets"
    assert "shop.yaml: there is no such file or folder" in done.err


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('"set": []', '"set": ["cost.stafff=1"]', 6, "--set cost.stafff=1: unknown quantity 'cost.stafff'"),
        ('"workload": null', '"workload": "zzz"', 7, "--workload: no workload is called 'zzz'"),
        ('"targets": ["shop.yaml"]', '"targets": ["zzz"]', 4, "no scenario is called 'zzz'"),
    ],
)
def test_an_option_that_no_longer_makes_sense(
    folder: Path, llmcost: Call, old: str, new: str, line: int, said: str
) -> None:
    text = Path("s.json").read_text(encoding="utf-8")
    write("s.json", text.replace(old, new, 1))
    done = llmcost("diff", "s.json")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"s.json:{line}: ")
    assert said in done.err


def test_a_scenario_that_is_broken_now_is_told_of_as_it_is(folder: Path, llmcost: Call) -> None:
    change("inference: 5", "inference: -5")
    done = llmcost("diff", "s.json")
    assert done == Done(2, "", "shop.yaml:4:14: cost.inference: must not be negative, got -5\n")


def test_restricted_to_some_scenarios(folder: Path, llmcost: Call) -> None:
    write("models/a.yaml", SHOP)
    write("models/b.yaml", SHOP)
    record("shop.yaml", "models")
    for path in ("shop.yaml", "models/a.yaml", "models/b.yaml"):
        change("staff: 10", "staff: 11", path)

    def compared(*targets: str) -> list[str]:
        return [scenario.key for scenario in diff("s.json", *targets).scenarios]

    assert compared() == ["models/a.yaml", "models/b.yaml", "shop.yaml"]
    assert compared("models") == compared("./models/") == ["models/a.yaml", "models/b.yaml"]
    assert compared("models/b.yaml") == ["models/b.yaml"]
    assert compared("models/b.yaml", "shop.yaml") == ["models/b.yaml", "shop.yaml"]
    assert compared(".") == compared()


def test_a_report_does_not_replace_what_is_compared(folder: Path, llmcost: Call) -> None:
    before = Path("s.json").read_bytes()
    Path("link.txt").symlink_to("shop.yaml")
    for arguments in (["s.json", "-o", "./s.json"], ["s.json", "shop.yaml", "-o", "link.txt", "--force"]):
        done = llmcost("diff", *arguments)
        assert done.code == 2
        assert "is an input of this command; write to another file" in done.err
    assert (Path("s.json").read_bytes(), Path("shop.yaml").read_text(encoding="utf-8")) == (before, SHOP)


def test_what_is_not_compared_is_named(folder: Path, llmcost: Call) -> None:
    """A variant that the snapshot holds is no part of the folder that is recomputed."""
    write("models/a.yaml", SHOP + "variants: {more: {cost.staff: 20}}\n")
    record("models", "models/a.yaml:more")
    change("cost.staff: 20", "cost.staff: 30", "models/a.yaml")
    assert diff("s.json").failures
    found = diff("s.json", "models")
    assert (found.ok, found.left_out) == (True, ("models/a.yaml:more",))
    assert "In s.json, but not compared: models/a.yaml:more\n" in llmcost("diff", "s.json", "models").out
    assert diff("s.json", "models", "models/a.yaml:more").left_out == ()


def test_variants_that_come_go_and_move(folder: Path) -> None:
    """A snapshot of `:*` follows the variants of each file."""
    write("models/a.yaml", SHOP + "variants: {more: {cost.staff: 20}, most: {cost.staff: 30}}\n")
    record("models:*")
    change("cost.staff: 20", "cost.staff: 25", "models/a.yaml")
    change("{cost.staff: 30}}", "{cost.staff: 30}, odd: {cost.staff: 9}}", "models/a.yaml")
    for asked in ((), ("models:*",), ("models/a.yaml:*",)):
        found = diff("s.json", *asked)
        assert [(s.key, s.status) for s in found.scenarios] == [
            ("models/a.yaml", "same"),
            ("models/a.yaml:more", "moved"),
            ("models/a.yaml:most", "same"),
            ("models/a.yaml:odd", "added"),
        ]
        assert not found.ok
    change("most: {cost.staff: 30}, ", "", "models/a.yaml")
    for asked in ((), ("models:*",), ("models/a.yaml:*",)):
        with pytest.raises(LlmcostError, match=r"s.json:[0-9]+: 'models/a.yaml:most' has disappeared"):
            diff("s.json", *asked)


def test_a_variant_of_a_name_however_it_is_written_has_disappeared(folder: Path) -> None:
    write("scenarios/my-shop.yaml", SHOP + "variants: {more: {cost.staff: 20}}\n")
    record("myshop:*")
    change("variants: {more: {cost.staff: 20}}\n", "", "scenarios/my-shop.yaml")
    for asked in ("myshop:*", "my-shop:*", "My_Shop:*"):
        with pytest.raises(LlmcostError, match=r"s.json:[0-9]+: 'my-shop:more' has disappeared"):
            diff("s.json", asked)


def test_a_new_scenario_in_a_folder(folder: Path, llmcost: Call) -> None:
    write("models/a.yaml", SHOP)
    record("models")
    write("models/b.yaml", SHOP)
    found = diff("s.json")
    assert [(s.key, s.status, s.failed) for s in found.scenarios] == [
        ("models/a.yaml", "same", False),
        ("models/b.yaml", "added", False),
    ]
    assert not diff("s.json", fail_on="any").ok
    assert diff("s.json", fail_on="regression").ok
    out = llmcost("diff", "s.json").out
    assert "Scenario added: models/b.yaml" in out
    assert out.endswith("0 moved, 1 added, 0 removed, 0 failed\n")


def test_files_of_one_name_are_told_apart(folder: Path, llmcost: Call) -> None:
    for path in ("prod/shop.yaml", "staging/shop.yaml", "staging/other.yaml"):
        write(path, SHOP)
    record("prod", "staging")
    for path in ("prod/shop.yaml", "staging/shop.yaml", "staging/other.yaml"):
        change("balance: 9", "balance: 10", path)
    assert [s.label for s in diff("s.json").scenarios] == ["prod/shop.yaml", "other", "staging/shop.yaml"]
    assert "prod/shop.yaml,cash.balance," in llmcost("diff", "s.json", "--format", "csv").out


def test_a_scenario_that_the_second_snapshot_lacks(folder: Path) -> None:
    write("models/a.yaml", SHOP)
    record("shop.yaml", "models", to="t.json")
    found = diff("t.json", "s.json")
    assert [(s.key, s.status, s.failed) for s in found.scenarios] == [
        ("models/a.yaml", "removed", True),
        ("shop.yaml", "same", False),
    ]
    assert not diff("t.json", "s.json", fail_on="regression").ok


def test_recorded_options_hold_when_it_is_compared(folder: Path) -> None:
    write(
        "model.yaml",
        "llmcost: 1\nprice: {input_per_mtok: {values: {2024-01-01: 3, 2025-01-01: 2}}, output_per_mtok: 8}\n",
    )
    options: dict[str, Any] = {"as_of": "2024-06-01", "set": ["price.output_per_mtok=*2"], "workload": "rag"}
    record("model.yaml", **options)
    assert diff("s.json", fail_on="any").ok
    change("2025-01-01: 2", "2025-01-01: 1", "model.yaml")
    assert diff("s.json", fail_on="any").ok
    change("per_mtok: 8", "per_mtok: 9", "model.yaml")
    assert moves(diff("s.json"))["price.output_per_mtok"].after == 18


def test_the_order_of_keys_and_the_folder_do_not_matter(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record("acme", "wren", to="n.json")
    write("else/x.txt", "")
    monkeypatch.chdir("else")
    assert diff("../n.json").ok


# How it looks


def test_json_of_what_is_not_there(folder: Path, llmcost: Call) -> None:
    write("shop.yaml", SHOP.replace("staff: 10", "staff: 50"))
    record("shop.yaml")
    write("shop.yaml", SHOP + "training.gpus: 8\n")
    document = json.loads(llmcost("diff", "s.json", "--format", "json").out)
    found = {move["metric"]: move for move in document["scenarios"][0]["moves"]}
    assert found["training.gpus"] == {
        "metric": "training.gpus",
        "unit": "GPU",
        "given": True,
        "status": "added",
        "before": None,
        "after": 8.0,
        "change": None,
        "relative": None,
        "beyond": False,
        "worse": None,
        "failed": False,
        "reason": None,
        "reason_code": None,
        "parts": [],
    }
    runway = found["company.runway_months"]
    assert (runway["status"], runway["after"], runway["reason"]) == ("undefined", None, "earns cash")
    assert document["fail_on"] == "above"
    assert document["formulas"] == {"changed": [], "added": [], "removed": []}


def test_csv(folder: Path, llmcost: Call) -> None:
    change("staff: 10", "staff: 11")
    done = llmcost("diff", "s.json", "--format", "csv")
    assert done.code == 1
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [row["metric"] for row in rows][:3] == ["cost.staff", "cost.lines", "cost.total"]
    assert rows[0]["scenario"] == "shop"
    assert (rows[0]["before"], rows[0]["after"], rows[0]["change"]) == ("10.0", "11.0", "1.0")
    assert (rows[0]["given"], rows[0]["failed"], rows[0]["worse"]) == ("true", "true", "true")
    assert rows[2]["why"] == "cost.staff +1.00"


def test_csv_has_its_header_where_nothing_moved(folder: Path, llmcost: Call) -> None:
    head = llmcost("diff", "s.json", "--format", "csv").out
    change("staff: 10", "staff: 11")
    assert head == llmcost("diff", "s.json", "--format", "csv").out.partition("\n")[0] + "\n"


def many(count: int, failed: int) -> Diff:
    """A result of so many moves, of which so many fail."""
    names = list(MODEL.quantities)[:count]
    (one,) = diff("s.json").scenarios
    found = tuple(
        Move(name, False, MODEL.quantities[name].unit, "added", None, None, failed=place < failed)
        for place, name in enumerate(names)
    )
    scenario = ScenarioDiff(one.key, one.label, "moved", found)
    return Diff("a", "b", (scenario,), (), (), (), "above")


@pytest.mark.parametrize(
    ("count", "failed", "open_rows", "folded_rows"),
    [(3, 0, 3, 0), (6, 0, 0, 6), (30, 30, 25, 5), (30, 2, 2, 28), (2, 2, 2, 0), (40, 25, 25, 15)],
)
def test_long_tables_are_folded(
    folder: Path, count: int, failed: int, open_rows: int, folded_rows: int
) -> None:
    assert UNFOLDED == 25
    change("staff: 10", "staff: 11")
    text = markdown.render(page(many(count, failed)))
    head, _, rest = text.partition("<details>")
    shown = [len(re.findall(r"^\| (?:\*\*failed\*\*|ok) ", part, re.MULTILINE)) for part in (head, rest)]
    assert shown == [open_rows, folded_rows]


class Tags(HTMLParser):
    """Every tag of a page, however it got there."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)


HOSTILE: Final = "a<img src=x onerror=alert(1)>_b|c`d\x1b[31m,::error::x%0A&\u202e.yaml"


def hostile() -> None:
    write(HOSTILE, SHOP)
    record(".")
    change("staff: 10", "staff: 11", HOSTILE)


def test_hostile_names_in_markdown(folder: Path, llmcost: Call) -> None:
    """GitHub reads what is on the line of <details> as HTML, where a backslash escapes nothing."""
    hostile()
    out = llmcost("diff", "s.json", "--format", "markdown", "--tolerance", "cost=50%").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    (summary,) = [line for line in out.splitlines() if line.startswith("<details>")]
    tags = Tags()
    tags.feed(summary)
    assert tags.seen == ["details", "summary"]
    assert "\\" not in summary.replace("\\u001b", "").replace("\\u202e", "")
    assert "&lt;img src=x" in summary
    (title,) = [line for line in out.splitlines() if line.startswith("**a")]
    assert title.startswith("**a\\<img src=x onerror=alert(1)\\>\\_b\\|c\\`d")
    for line in out.splitlines():
        if line.startswith("| "):
            assert len(re.findall(r"(?<!\\)\|", line)) == 7


def test_hostile_names_in_workflow_commands(folder: Path, llmcost: Call) -> None:
    hostile()
    done = llmcost("diff", "s.json", "--format", "github")
    *commands, last = done.out.splitlines()
    assert done.code == 1
    assert re.fullmatch(r"\d+ moved, 0 added, 0 removed, \d+ failed", last)
    assert len(commands) == 1, "one place, one annotation"
    for command in commands:
        kind, _, rest = command.removeprefix("::").partition(" ")
        properties, _, _ = rest.partition("::")
        assert kind == "error"
        found = dict(part.split("=", 1) for part in properties.split(","))
        assert set(found) == {"file", "line", "col", "title"}
        assert (found["line"], found["col"]) == ("5", "10"), "where the staff stand"
        assert "%3A%3Aerror%3A%3Ax%250A&" in found["file"]
        assert "\x1b" not in command


def test_hostile_names_in_other_forms(folder: Path, llmcost: Call) -> None:
    hostile()
    for form in ("table", "csv", "junit"):
        out = llmcost("diff", "s.json", "--format", form).out
        assert "\x1b" not in out, form
        assert "\u202e" not in out, form
    root = ET.fromstring(llmcost("diff", "s.json", "--format", "junit").out)
    assert "<img src=x onerror=alert(1)>" in (root.find("testsuite") or root).attrib["name"]
    document = json.loads(llmcost("diff", "s.json", "--format", "json").out)
    assert [scenario["key"] for scenario in document["scenarios"]] == sorted([HOSTILE, "shop.yaml"])


def test_junit(folder: Path, llmcost: Call) -> None:
    write("models/a.yaml", SHOP)
    record("shop.yaml", "models")
    change("staff: 10", "staff: 11")
    write("models/b.yaml", SHOP)
    done = llmcost("diff", "s.json", "--format", "junit", "--tolerance", "cost=50%")
    assert done.code == 1
    root = ET.fromstring(done.out)
    suites = {suite.attrib["name"]: suite for suite in root.iter("testsuite")}
    assert set(suites) == {"shop.yaml", "models/a.yaml", "models/b.yaml"}
    failed = {case.attrib["name"] for case in root.iter("testcase") if case.find("failure") is not None}
    moved = [move for move in diff("s.json", tolerance=["cost=50%"]).moves if move.failed]
    assert failed == {move.metric for move in moved}
    assert int(root.attrib["failures"]) == int(suites["shop.yaml"].attrib["failures"]) == len(failed)
    assert int(root.attrib["tests"]) == len(list(root.iter("testcase")))
    everything = snapshot("shop.yaml").scenarios["shop.yaml"]
    cases = {case.attrib["name"]: case for case in suites["shop.yaml"]}
    assert set(cases) == {*everything.inputs, *everything.metrics}, "what has not moved has passed"
    failure = cases["company.operating_profit"].find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "company.operating_profit: 25.0 → 24.0 USD (-4.00%, worse)"
    assert failure.text == "25.0 → 24.0 USD (-4.00%, worse)\n  cost.staff -1.00"
    passed = cases["cost.staff"].find("system-out")
    assert passed is not None
    assert passed.text == "10.0 → 11.0 USD (+10.0%, worse)"


def test_annotations_point_at_what_was_changed(folder: Path, llmcost: Call) -> None:
    change("staff: 10", "staff: 11")
    done = llmcost("diff", "s.json", "--format", "github", "--tolerance", "cost=50%")
    commands = done.out.splitlines()[:-1]
    (command,) = commands
    assert command.startswith(
        "::error file=shop.yaml,line=5,col=10,title=company.operating_profit and 7 more of shop::"
        "company.operating_profit: 25.0 → 24.0 USD (-4.00%25, worse)%0A  cost.staff -1.00%0A"
        "company.operating_margin: 62.5%25 → 60.0%25 (-2.50 points, worse)%0A  cost.staff -2.50 points%0A"
    )
    assert "%0Acost." not in command, "what passes is not remarked on"
    single = llmcost(
        "diff",
        "s.json",
        "--format",
        "github",
        "--tolerance",
        "*=50%",
        "--tolerance",
        "company.operating_profit=1%",
    ).out.splitlines()[0]
    assert single == (
        "::error file=shop.yaml,line=5,col=10,title=company.operating_profit of shop::"
        "25.0 → 24.0 USD (-4.00%25, worse)%0A  cost.staff -1.00"
    )


def test_what_failed_for_what_is_gone_has_an_annotation(folder: Path, llmcost: Call) -> None:
    write("shop.yaml", SHOP.replace("  staff: 10\n", ""))
    commands = llmcost("diff", "s.json", "--format", "github").out.splitlines()
    assert any(
        line.startswith("::error file=shop.yaml,line=1,col=1,title=cost.staff and ") for line in commands
    )


def test_parts_beyond_the_third_are_taken_together_in_a_table(folder: Path, llmcost: Call) -> None:
    write(
        "shop.yaml",
        SHOP.replace("10, s", "11, s")
        .replace("30", "32")
        .replace(" 5", " 9")
        .replace("staff: 10", "staff: 26"),
    )
    out = llmcost("diff", "s.json").out
    # profit 25 → 8: staff −16, inference −4, subscriptions +2, API +1
    told = "cost.staff -16.0 cost.inference -4.00 revenue.subscription +2.00 1 more +1.00"
    assert told in " ".join(out.replace(",", "").split())


def test_a_table_on_a_narrow_screen_loses_nothing(
    folder: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    change("staff: 10", "staff: 11")
    monkeypatch.setenv("COLUMNS", "60")
    lines = llmcost("diff", "s.json").out.splitlines()
    place = next(n for n, line in enumerate(lines) if "company.operating_profit" in line)
    # 25 of profit, less 1: no number is cut, and what is long goes on below
    assert lines[place].split() == ["company.operating_profit", "25.0", "24.0"]
    assert lines[place + 1] == "  FAILED, USD, -4.00%, worse, cost.staff -1.00"
    assert max(map(len, lines)) <= 60


def test_the_summary_stands_alone_on_the_last_line(folder: Path, llmcost: Call) -> None:
    write("shop.yaml", SHOP.replace("staff: 10", "data: 10"))
    for form in ("table", "github"):
        last = llmcost("diff", "s.json", "--format", form).out.splitlines()[-1]
        assert last == "0 moved, 1 added, 1 removed, 1 failed"


def test_the_python_function_says_the_same(folder: Path) -> None:
    change("staff: 10", "staff: 11")
    found = diff(Path("s.json"), Path("shop.yaml"), tolerance=["cost=50%"], fail_on="regression")
    assert isinstance(found, Diff)
    assert not found.ok
    assert found.failures == len([move for move in found.moves if move.failed])
    said = "fail_on: is one of any, above, regression, got 'never'"
    assert refusal(diff, "s.json", fail_on="never") == said


# What stands as it stood is not worked out again


def test_what_states_the_same_is_not_worked_out_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("shop.yaml", "llmcost: 1\nprice: {input_per_mtok: 2, output_per_mtok: 8}\n")
    record("shop.yaml")
    worked_out: list[str] = []

    def noted(scenario: Scenario) -> Evaluation:
        worked_out.append(scenario.label)
        return evaluate(scenario)

    monkeypatch.setattr(taking, "evaluate", noted)
    assert diff("s.json").ok
    assert not worked_out
    change("output_per_mtok: 8", "output_per_mtok: {value: 8, basis: estimated}")
    found = diff("s.json")
    assert worked_out == ["shop"]
    assert [(move.metric, move.status) for move in found.moves] == [("price.output_per_mtok", "restated")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("staff: 10", "staff: 9 to 12"),
        ("staff: 10", "staff: 10\n  total: 25"),
        ("cash: {balance: 9}", "cash: {balance: 9}\ntrajectory: {revenue.api: +8%/month}"),
        ("cash: {balance: 9}", "cash: {balance: 9}\nmodels: [{name: one, year: 2024, training_cost: 5}]"),
        ("cash: {balance: 9}", "cash: {balance: 9}\nworkload: {output_share: 20%}"),
    ],
)
def test_whatever_follows_from_something_else_moves_as_if_nothing_were_known(
    old: str, new: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(old, new)
    short = diff("s.json")
    record = taking.record
    monkeypatch.setattr(taking, "record", lambda scenario, before: record(scenario))
    whole = diff("s.json")
    assert [item._replace(scenario=None) for item in short.scenarios] == [
        item._replace(scenario=None) for item in whole.scenarios
    ]
    assert short.moves

"""Draws at the end of the line, draws that go together, and totals that hold their lines."""

from __future__ import annotations

import csv
import io
import json
import math
import statistics
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from calling import Call
from llmcost import LlmcostError, compare, load, simulate, uncertainty
from llmcost.analysis.ask.load import library
from llmcost.analysis.whatif import simulate as simulations
from llmcost.analysis.whatif.by_columns import spread
from llmcost.analysis.whatif.draws import Draws
from llmcost.analysis.whatif.simulate import Simulation
from llmcost.engine import ranking_columns
from llmcost.engine.correlation import cholesky, of_normals, reordered
from llmcost.engine.ranking import at, correlation, histogram, percentile, ranks
from llmcost.engine.sampling import evenly, uniforms
from llmcost.scenario.correlation import Correlation
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum

INF = math.inf


def uniform(low: float, high: float) -> Datum:
    return Datum((low + high) / 2, low, high, "uniform")


def account(ranks: dict[tuple[str, str], float] | None = None, /, **data: Datum | float) -> Scenario:
    """A company that states these; `ranks` correlates pairs of them."""
    return Scenario(
        name="made",
        label="made",
        data={
            name.replace("_", ".", 1): item if isinstance(item, Datum) else Datum(item)
            for name, item in data.items()
        },
        absent={},
        kind="company",
        workload="own",
        correlations={frozenset(pair): Correlation(pair, rank) for pair, rank in (ranks or {}).items()},
    )


# The end of the line


def test_percentiles_by_hand() -> None:
    """Of five values the 25th percentile is the second; between a number and the end lies the end."""
    values = [1.0, 2.0, 4.0, INF, INF]
    assert [percentile(values, p).value for p in (25, 50, 75)] == [2, 4, INF]
    assert percentile(values, 40).value == pytest.approx(2 + 0.6 * 2)
    assert at(values, 2.01) == INF
    assert at([-INF, 1.0, 2.0], 0.99) == -INF
    assert at([-INF, 1.0, 2.0], 1.5) == 1.5
    assert at([-INF, INF], 0.5) == -INF
    assert at([INF, INF], 0.5) == INF
    # What several draws are, such as the bound that a range ends at, is not mixed with the next draw.
    assert at([0.0, 0.0, 0.3, 0.4], 1.95) == 0
    assert at([0.1, 0.2, 1.0, 1.0], 1.05) == 1
    assert at([0.0, 0.2, 0.2, 0.4], 2.5) == at([0.0, 0.2, 0.2, 0.4], 0.5) == 0.2
    assert at([0.0, 0.0, 1.0, 1.0], 1.5) == 0.5
    assert at([0.0, 1.0, 2.0], 0.5) == 0.5


def test_a_percentile_next_to_the_end_has_no_error() -> None:
    values = [float(k) for k in range(100)]
    found = percentile(values, 50)  # √(100/4) ranks to either side
    assert (found.percent, found.value) == (50, 49.5)
    assert found.error == pytest.approx(5.0)
    assert percentile([*values[:52], *[INF] * 48], 50).error is None
    assert percentile([*values[:60], *[INF] * 40], 50).error == pytest.approx(5.0)


def test_ranks_and_bins_by_hand() -> None:
    assert ranks([3.0, 1.0, INF, 1.0, INF]) == [2, 0.5, 3.5, 0.5, 3.5]
    assert correlation([0, 1, 2], [0, 1, 2]) == 1
    assert correlation([0, 1, 2], [2, 1, 0]) == -1
    assert correlation([1, 1, 1], [0, 1, 2]) == 0
    assert ranking_columns.correlation(np.array([1.0, 1.0, 1.0]), np.array([0.0, 1.0, 2.0])) == 0
    assert histogram([2.0, 2.0]) == (((2.0, 2.0, 2),), False)
    assert histogram([]) == ((), False)
    bins, log = histogram([float(k) for k in range(101)])  # 5 to 95 in 24 bins of 3.75
    assert (len(bins), log) == (24, False)
    assert list(bins[0]) == [5, 8.75, 4]
    assert sum(count for _, _, count in bins) == 91
    assert histogram([1.0, 10.0, 100.0])[1] is True


def test_a_median_runway_counts_the_draws_that_never_run_out() -> None:
    """Cost 110 against 80 to 130, on 50 of cash: 30 % earn cash. The median burns 8 a year, 75 months."""
    ours = account(revenue_total=Datum(math.sqrt(80 * 130), 80, 130), cost_total=110.0, cash_balance=50.0)
    (found,) = simulate(ours, metrics=["company.runway_months"]).metrics
    assert found.ranked == 10_000
    assert found.defined == pytest.approx(7_000, abs=60)
    assert [part.value for part in found.percentiles[:3]] == pytest.approx([20, 33.9, 74.8], rel=5e-3)
    assert [(part.value, part.error) for part in found.percentiles[3:]] == [(INF, None)] * 2
    assert (found.mean, found.deviation) == (None, None)
    # More revenue, more runway: the draws without an end come last.
    assert dict(found.influences)["revenue.total"] > 0.98


def test_no_price_breaks_even_is_beyond_every_multiplier(llmcost: Call, tmp_path: Path) -> None:
    """Of ε from U(0.6, 1.1), 15 % lie above 1.025.

    There 100·m^(1−ε) − 60·m^−ε, at its highest where m = 0.6·ε/(ε − 1), stays below 90: 89.9 at 1.0255.
    """
    path = tmp_path / "ours.yaml"
    path.write_text(
        "llmcost: 1\nrevenue: {api: 100}\ncost: {inference: 60, staff: 90}\n"
        "market: {price_elasticity: {value: 0.85, low: 0.6, high: 1.1, dist: uniform}}\n"
    )
    arguments = ["simulate", str(path), "--metric", "breakeven.uniform_multiplier", "--draws", "1000"]
    arguments += ["--where", "breakeven.uniform_multiplier > 1e9"]
    document = json.loads(llmcost(*arguments, "--format", "json").out)
    (found,) = document["metrics"]
    parts = {part["percent"]: part for part in found["percentiles"]}
    assert parts[50]["value"] is not None
    assert parts[95] == {"percent": 95, "value": None, "error": None, "end": "never"}
    never = {item["reason_code"]: item["draws"] for item in found["undefined"]}
    assert never == {"never_breaks_even": pytest.approx(150, abs=1)}
    assert found["defined"] + sum(never.values()) == found["ranked"] == 1_000
    assert document["shares"][0]["share"] >= 0.15
    (row,) = csv.DictReader(io.StringIO(llmcost(*arguments, "--format", "csv").out))
    assert (row["p95"], row["p95_error"], row["mean"]) == ("never", "", "")
    out = llmcost(*arguments).out
    assert "no price breaks even; ranks as 'never'" in " ".join(out.split())
    assert "never" in out.split("\n\n")[1]


def test_a_median_may_be_never_and_a_lower_end_none(llmcost: Call) -> None:
    """Cost between 20 and 60 against 100 of revenue that keeps its price: every price covers most of it."""
    ours = account(revenue_total=100.0, cost_total=uniform(20, 101), cash_balance=10.0)
    (found,) = simulate(ours, metrics=["company.runway_months"], draws=500).metrics
    assert found.percentiles[2].value == INF
    kept = account(
        revenue_api=10.0, revenue_subscription=90.0, cost_staff=uniform(50, 130), market_price_elasticity=0.0
    )
    (found,) = simulate(kept, metrics=["breakeven.api_only_multiplier"], draws=500).metrics
    assert [part.value for part in found.percentiles[:3]] == [-INF, -INF, pytest.approx(-INF)]
    assert found.percentiles[4].value == pytest.approx((126 - 90) / 10, rel=0.01)


def test_draws_without_any_place_are_left_out() -> None:
    """Nothing is left to divide by: no end of the line, and no draw to rank."""
    ours = account(revenue_api=0.0, revenue_subscription=10.0, cost_staff=uniform(20, 40))
    (found,) = simulate(ours, metrics=["breakeven.api_only_multiplier"], draws=100).metrics
    assert (found.defined, found.ranked, found.percentiles) == (0, 0, ())
    assert [(why.code, count) for why, count in found.reasons] == [("division_by_zero", 100)]


def test_intervals_of_a_comparison_reach_to_the_end(llmcost: Call, tmp_path: Path) -> None:
    one = account(revenue_total=uniform(80, 130), cost_total=110.0, cash_balance=50.0)
    two = account(revenue_total=uniform(50, 60), cost_total=110.0, cash_balance=50.0)
    found = uncertainty(compare(one, two, metrics=["company.runway_months"]), draws=1_000)
    (spread,) = found.spreads
    assert spread.intervals[0] is not None
    assert spread.intervals[0][1] == INF
    assert spread.first_lower == (None, 0.0)
    assert uncertainty(compare(two, one, metrics=["company.runway_months"])).spreads[0].first_lower[1] == 1.0
    for name, low in (("one", 80), ("two", 50)):
        (tmp_path / f"{name}.yaml").write_text(
            f"llmcost: 1\nrevenue: {{total: {low} to 130}}\ncost: {{total: 110}}\ncash: {{balance: 50}}\n"
        )
    paths = [str(tmp_path / f"{name}.yaml") for name in ("one", "two")]
    command = ["compare", *paths, "--uncertainty", "--draws", "200", "--metric", "company.runway_months"]
    assert "to never" in llmcost(*command).out
    rows = json.loads(llmcost(*command, "--format", "json").out)["rows"]
    assert rows[0]["intervals"][0][1] == "never"


# Correlations


def test_normals_by_hand() -> None:
    assert of_normals(1) == pytest.approx(1)
    assert of_normals(-1) == pytest.approx(-1)
    assert of_normals(0.5) == pytest.approx(2 * math.sin(math.pi / 12))
    assert cholesky([[4, 2], [2, 5]]) == [[2, 0], [1, 2]]
    assert cholesky([[1, 1], [1, 1]]) == [[1, 0], [1, 0]]
    assert cholesky([[1, 2], [2, 1]]) is None
    assert cholesky([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]) is None
    assert cholesky([[0.0, 1.0], [1.0, 1.0]]) is None


@pytest.mark.parametrize("rank", [-1.0, -0.9, -0.3, 0.0, 0.5, 0.99, 1.0])
def test_a_rank_correlation_is_met_by_the_same_draws(rank: float) -> None:
    columns = [uniforms(4_000, 7, name, "lhs") for name in ("one", "other")]
    first, second = reordered(columns, [[1, rank], [rank, 1]])
    assert first == columns[0]
    assert sorted(second) == sorted(columns[1])
    assert correlation(ranks(first), ranks(second)) == pytest.approx(rank, abs=0.01)


def test_three_go_together_in_pairs() -> None:
    wanted = [[1, -0.9, 0.3], [-0.9, 1, 0], [0.3, 0, 1]]
    columns = [uniforms(5_000, 0, str(place), "random") for place in range(3)]
    found = reordered(columns, wanted)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        achieved = correlation(ranks(found[one]), ranks(found[other]))
        assert achieved == pytest.approx(wanted[one][other], abs=0.02)


def test_few_draws_are_correlated_as_far_as_they_can_be() -> None:
    for count in (1, 2, 3):
        columns = [uniforms(count, 0, name, "lhs") for name in ("one", "other")]
        found = reordered(columns, [[1, 0.5], [0.5, 1]])
        assert [sorted(column) for column in found] == [sorted(column) for column in columns]


def test_what_goes_against_each_other_spreads_a_sum_less() -> None:
    """Var(A + B) = σ²·(2 + 2r) for normals; with r near −1 next to nothing is left."""
    data: dict[str, Datum | float] = {
        "revenue_total": 100.0,
        "cost_inference": Datum(40, 30, 50, "normal"),
        "cost_training": Datum(40, 30, 50, "normal"),
    }
    pair = ("cost.inference", "cost.training")
    alone, against, along = (
        simulate(account(ranks, **data), metrics=["company.operating_profit"], draws=4_000).metrics[0]
        for ranks in (None, {pair: -0.9}, {pair: 0.9})
    )
    assert alone.deviation is not None
    for found, rank in ((against, -0.9), (along, 0.9)):
        expected = alone.deviation * math.sqrt(1 + of_normals(rank))
        assert found.deviation == pytest.approx(expected, rel=0.03)
        assert found.mean == pytest.approx(20, abs=0.05)


def numbers(result: Simulation) -> list[float]:
    """All that a simulation comes to, as numbers in a row; −1 for what is not there."""
    found: list[float | None] = []
    for item in result.metrics:
        found += [item.defined, item.ranked, item.mean, item.deviation]
        found += [value for point in item.percentiles for value in point]
        found += [value for counted in item.histogram for value in counted]
        found += [strength for _, strength in item.influences]
    found += [value for share in result.shares for value in share[1:]]
    return [-1.0 if value is None else float(value) for value in found]


COSTS = {
    "cost_inference": Datum(40, 30, 50),
    "cost_training": Datum(40, 30, 50),
    "cost_staff": Datum(4, 0, 15),
}


@pytest.mark.parametrize(
    ("ranks", "data", "metrics"),
    [
        ({}, {"revenue_total": uniform(80, 130)}, ["company.gross_margin"]),
        ({("cost.inference", "cost.training"): -0.5}, {"revenue_total": 100.0}, ["cost.compute"]),
        # Lines that add up to the total are held to it; elsewhere they only must not exceed it.
        ({}, {"revenue_total": 100.0, "cost_total": 84.0}, ["company.gross_margin", "cost.staff"]),
        ({}, {"revenue_total": 100.0, "cost_total": uniform(85, 99)}, ["cost.staff", "cost.compute"]),
        # Some draws lie at the end of the line, and some have no value.
        ({}, {"revenue_total": uniform(80, 130), "cash_balance": 50.0}, ["company.runway_months"]),
        (
            {},
            {"revenue_total": 60.0, "market_price_elasticity": Datum(0.8, 0.5, 1.3, "pert")},
            ["breakeven.uniform_multiplier"],
        ),
    ],
)
def test_many_draws_are_the_same_with_numpy(
    ranks: dict[tuple[str, str], float],
    data: dict[str, Datum | float],
    metrics: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = account(ranks, **COSTS, **data)
    where = [f"{metrics[0]} > 0.2"]
    alone = simulate(ours, metrics=metrics, where=where, draws=2_000)
    monkeypatch.setattr(simulations, "MANY", 1)
    columns = simulate(ours, metrics=metrics, where=where, draws=2_000)
    assert columns.uncertain == alone.uncertain
    assert [item.reasons for item in columns.metrics] == [item.reasons for item in alone.metrics]
    assert numbers(columns) == pytest.approx(numbers(alone), rel=1e-12, abs=1e-13)
    assert simulate(ours, metrics=metrics, where=where, draws=2_000, seed=1) != columns


@pytest.mark.parametrize("many", [1, 100])
def test_three_draws_have_influences_and_two_have_none(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of this seed rise or fall with every line of cost: equal ones stand by name."""
    monkeypatch.setattr(simulations, "MANY", many)
    ours = account(cost_staff=uniform(10, 20), cost_training=uniform(10, 20), cost_data=uniform(10, 20))
    three, two = (simulate(ours, metrics=["cost.total"], draws=draws, seed=6).metrics[0] for draws in (3, 2))
    assert list(three.influences) == [("cost.data", 1), ("cost.staff", -1), ("cost.training", 1)]
    assert not two.influences


def test_a_projection_is_drawn_alike_with_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["project.cash_low", "cost.total"]
    alone = simulate("acme-plan", metrics=asked, draws=200)
    monkeypatch.setattr(simulations, "MANY", 1)
    assert numbers(simulate("acme-plan", metrics=asked, draws=200)) == pytest.approx(
        numbers(alone), rel=1e-12
    )


def test_moments_that_are_beyond_all_numbers_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ranking_columns.moments(np.array([])) == (None, None)
    assert ranking_columns.moments(np.array([3.0])) == (3.0, None)
    assert ranking_columns.moments(np.array([1.0, 3.0])) == pytest.approx((2.0, math.sqrt(2)))
    assert ranking_columns.moments(np.array([1e200, -1e200])) == (0.0, None)
    assert ranking_columns.moments(np.array([1.7e308, 1.7e308])) == (None, None)
    monkeypatch.setattr(ranking_columns, "PART", 1)  # each part is a number, and their sum is none
    assert ranking_columns.moments(np.array([1.7e308, 1.7e308])) == (None, None)


def test_a_gap_is_shared_out_by_hand_and_no_line_falls_below_0() -> None:
    """Of −6 the first line takes 2/3, which is all it has and more; the other takes the rest."""
    lines = np.array([[1.0, 9.0, 2.0], [9.0, 1.0, 2.0]])
    spread(lines, np.array([-6.0, -3.0, 0.0]), np.array([2.0, 1.0]))
    assert lines.tolist() == [[0.0, 7.0, 2.0], [4.0, 0.0, 2.0]]
    spread(lines, np.array([-1.0, 1.0, 1.0]), np.zeros(2))  # what never moves takes nothing
    assert lines.tolist() == [[0.0, 7.0, 2.0], [4.0, 0.0, 2.0]]


def test_lines_of_less_than_a_dollar_are_held_to_their_total_too() -> None:
    ours = account(cost_total=0.8, cost_staff=uniform(0.3, 0.5), cost_training=uniform(0.2, 0.6))
    columns = Draws(ours, ["cost.staff", "cost.training"], 50, 0, "lhs").by_name
    sums = map(sum, zip(columns["cost.staff"], columns["cost.training"], strict=True))
    assert list(sums) == pytest.approx([0.8] * 50)
    assert len(Draws(ours, ["cost.staff", "cost.training"], 1, 0, "lhs").columns) == 2  # one has no spread


COMPANY = """\
llmcost: 1
revenue: {total: 100}
cost: {inference: 30 to 50, training: 30 to 50, staff: 5 to 15, data: 1}
"""


def reading(tmp_path: Path, correlations: str, more: str = "") -> Scenario:
    (tmp_path / "ours.yaml").write_text(f"{COMPANY}correlations:\n{correlations}{more}")
    library.cache_clear()
    return load(tmp_path / "ours.yaml")


def test_a_file_says_what_goes_together(tmp_path: Path) -> None:
    ours = reading(
        tmp_path,
        "  - {between: [cost.inference, cost.training], rank: -0.9, source: the leak, basis: assumed}\n"
        "  - {between: [cost.staff, cost.training], rank: 25%}\n".replace("25%", "0.25"),
    )
    found = ours.correlations[frozenset(("cost.inference", "cost.training"))]
    assert (found.rank, found.provenance.source, found.provenance.basis) == (-0.9, "the leak", "assumed")
    assert found.provenance.place.line == 5
    columns = Draws(ours, ["cost.total"], 3_000, 0, "lhs").by_name
    for pair, wanted in (
        (("cost.inference", "cost.training"), -0.9),
        (("cost.staff", "cost.training"), 0.25),
        (("cost.staff", "cost.inference"), 0),
    ):
        one, other = (ranks(columns[name]) for name in pair)
        assert correlation(one, other) == pytest.approx(wanted, abs=0.02)


def test_what_does_not_lead_to_the_metric_is_not_drawn(tmp_path: Path) -> None:
    ours = reading(tmp_path, "  - {between: [cost.inference, cost.training], rank: -0.9}\n")
    alone = Draws(ours._replace(correlations={}), ["company.gross_margin"], 100, 0, "lhs")
    assert Draws(ours, ["company.gross_margin"], 100, 0, "lhs").by_name == alone.by_name


def test_a_child_takes_what_its_parent_correlates_and_may_say_otherwise(tmp_path: Path) -> None:
    reading(tmp_path, "  - {between: [cost.inference, cost.training], rank: -0.9}\n")
    child = "llmcost: 1\nextends: ours.yaml\ncorrelations:\n"
    pairs = "  - {between: [cost.training, cost.inference], rank: 0.2}\n"
    pairs += "  - {between: [cost.staff, cost.training], rank: 0.5}\n"
    (tmp_path / "child.yaml").write_text(child + pairs)
    found = load(tmp_path / "child.yaml").correlations
    assert {tuple(sorted(pair)): item.rank for pair, item in found.items()} == {
        ("cost.inference", "cost.training"): 0.2,
        ("cost.staff", "cost.training"): 0.5,
    }


def test_an_override_that_is_no_range_goes_with_nothing(tmp_path: Path) -> None:
    reading(tmp_path, "  - {between: [cost.inference, cost.training], rank: -0.9}\n")
    ours = load(tmp_path / "ours.yaml", set=["cost.training=40"])
    assert Draws(ours, ["cost.total"], 100, 0, "lhs").names == ("cost.inference", "cost.staff")


def test_a_range_of_a_variant_may_be_correlated(tmp_path: Path) -> None:
    variant = "variants:\n  wide: {cost.data: 1 to 2}\n"
    ours = reading(tmp_path, "  - {between: [cost.inference, cost.data], rank: 0.5}\n", variant)
    assert len(ours.correlations) == 1


@pytest.mark.parametrize(
    ("correlations", "message"),
    [
        ("  - {between: [cost.inference, cost.training]}\n", "5:5: correlations: has no 'rank'"),
        ("  - {between: [cost.inference, cost.staff], rank: 2}\n", "must not be above 1, got 2"),
        ("  - {between: [cost.inference, cost.staff], rank: -1.5}\n", "must not be below -1, got -1.5"),
        ("  - {between: [cost.inference], rank: 0.5}\n", "'between': names two different quantities"),
        ("  - {between: [cost.staff, cost.staff], rank: 0.5}\n", "'between': names two different quantities"),
        (
            "  - {between: [cost.inference, cost.trainin], rank: 0.5}\n",
            "unknown quantity 'cost.trainin'; did you mean 'cost.training'?",
        ),
        (
            "  - {between: [cost.inference, project.cash_end], rank: 0.5}\n",
            "project.cash_end is an outcome of a projection, and has no range",
        ),
        (
            "  - {between: [cost.inference, cost.data], rank: 0.5}\n",
            "5:5: cost.inference and cost.data: cost.data is not stated as a range, "
            "so it cannot be correlated",
        ),
        (
            "  - {between: [cost.inference, cost.staff], rank: 0.5}\n"
            "  - {between: [cost.staff, cost.inference], rank: 0.4}\n",
            "6:5: cost.staff and cost.inference are already in line 5",
        ),
        (
            "  - {between: [cost.inference, cost.training], rank: 0.9}\n"
            "  - {between: [cost.inference, cost.staff], rank: 0.9}\n"
            "  - {between: [cost.training, cost.staff], rank: -0.9}\n",
            "7:5: cost.training and cost.staff: the correlations cannot all hold: their matrix is not "
            "positive semi-definite",
        ),
        ("  {between: 1}\n", "a list of correlations, got a mapping"),
    ],
)
def test_a_bad_correlation_is_an_error_with_its_place(
    tmp_path: Path, correlations: str, message: str
) -> None:
    with pytest.raises(LlmcostError) as error:
        reading(tmp_path, correlations)
    assert message in str(error.value.problems[0])
    assert len(error.value.problems) == 1


# Totals and their lines


def lines_of(scenario: Scenario, count: int = 2_000) -> dict[str, Sequence[float]]:
    metrics = ["cost.inference", "cost.training", "cost.staff", "cost.total"]
    return Draws(scenario, metrics, count, 0, "lhs").by_name


def test_lines_that_add_up_to_a_total_do_so_in_every_draw() -> None:
    """Two normals with σ and 2σ, given their sum: each keeps σ·2σ/√5 of spread, against the other."""
    ours = account(
        cost_total=100.0,
        cost_inference=Datum(40, 30, 50, "normal"),
        cost_training=Datum(40, 20, 60, "normal"),
        cost_staff=20.0,
    )
    found = lines_of(ours)
    one, other = found["cost.inference"], found["cost.training"]
    assert [a + b for a, b in zip(one, other, strict=True)] == pytest.approx([80.0] * 2_000)
    sigma = 10 / 1.6448536
    assert statistics.pstdev(one) == pytest.approx(2 / math.sqrt(5) * sigma, rel=0.03)
    assert statistics.pstdev(other) == pytest.approx(2 / math.sqrt(5) * sigma, rel=0.03)
    assert statistics.fmean(one) == pytest.approx(40, abs=0.05)


def test_what_lines_leave_of_a_total_is_unallocated_and_never_below_0() -> None:
    ours = account(
        revenue_total=200.0,
        cost_total=100.0,
        cost_inference=uniform(30, 50),
        cost_training=uniform(30, 50),
        cost_staff=10.0,
    )
    free = lines_of(ours._replace(data={n: d for n, d in ours.data.items() if n != "cost.total"}))
    found = lines_of(ours)
    for one, other, before, after in zip(
        found["cost.inference"],
        found["cost.training"],
        free["cost.inference"],
        free["cost.training"],
        strict=True,
    ):
        assert one + other <= 90 + 1e-9
        excess = max(0.0, before + after - 90)
        assert (one, other) == pytest.approx((before - excess / 2, after - excess / 2), abs=0.02)
    (rest,) = simulate(ours, metrics=["cost.unallocated"], draws=2_000).metrics
    assert rest.defined == 2_000
    assert rest.percentiles[0].value == pytest.approx(0, abs=1e-6)


def test_a_line_that_has_nothing_left_stops_at_0() -> None:
    ours = account(cost_total=100.0, cost_inference=uniform(0, 20), cost_training=uniform(80, 120))
    found = lines_of(ours)
    assert min(found["cost.inference"]) == 0
    for one, other in zip(*found.values(), strict=True):
        assert one + other == pytest.approx(100) if one == 0 else one + other <= 100 + 1e-9


def test_a_total_that_is_a_range_holds_its_lines_as_it_is_drawn() -> None:
    ours = account(cost_total=uniform(90, 110), cost_inference=uniform(30, 70), cost_training=uniform(30, 70))
    found = lines_of(ours)
    sums = [a + b for a, b in zip(found["cost.inference"], found["cost.training"], strict=True)]
    assert sums == pytest.approx(found["cost.total"])
    assert [min(sums), max(sums)] == pytest.approx([90, 110], abs=0.1)


def test_lines_are_held_where_only_one_of_them_is_asked_for() -> None:
    """The gross margin needs inference alone; what training takes of the total still counts."""
    ours = account(
        revenue_total=200.0, cost_total=80.0, cost_inference=uniform(30, 50), cost_training=uniform(30, 50)
    )
    (found,) = simulate(ours, metrics=["company.gross_margin"], draws=1_000).metrics
    assert found.defined == 1_000
    # U(30, 50) alone spreads by 20/√12; half of what the two are apart from 80 is taken from each.
    assert found.deviation == pytest.approx(20 / math.sqrt(12) / math.sqrt(2) / 200, rel=0.05)


def test_a_share_paid_is_a_line_and_revenue_has_lines_too() -> None:
    ours = account(
        revenue_total=100.0,
        revenue_api=uniform(20, 40),
        revenue_subscription=uniform(60, 80),
        cost_total=50.0,
        cost_inference=uniform(20, 40),
        cost_revenue_share=uniform(10, 30),
    )
    metrics = ["revenue.api", "revenue.subscription", "cost.inference", "cost.revenue_share"]
    columns = Draws(ours, metrics, 500, 0, "lhs").by_name
    for total, (one, other) in ((100, metrics[:2]), (50, metrics[2:])):
        sums = [a + b for a, b in zip(columns[one], columns[other], strict=True)]
        assert sums == pytest.approx([total] * 500)
        # Half of what the two are apart from the total is taken from each, which 20/√12 spreads alone.
        spreads = [statistics.pstdev(columns[name]) for name in (one, other)]
        assert spreads == pytest.approx([20 / math.sqrt(12) / math.sqrt(2)] * 2, rel=0.05)


def test_without_a_total_lines_are_drawn_as_they_are() -> None:
    ours = account(revenue_total=100.0, cost_inference=uniform(20, 40), cost_training=uniform(20, 40))
    found = Draws(ours, ["company.operating_profit"], 500, 0, "lhs")
    assert max(found.by_name["cost.inference"]) == pytest.approx(40, abs=0.1)


# Ranges of derived values


ASSUMED = """\
llmcost: 1
revenue: {total: 100}
cost: {total: 60, inference: {value: 40, low: 20, high: 60, dist: uniform, basis: BASIS}}
cash: {balance: 50}
"""


def shown(tmp_path: Path, llmcost: Call, basis: str, *options: str) -> dict[str, dict[str, object]]:
    (tmp_path / "ours.yaml").write_text(ASSUMED.replace("BASIS", basis))
    library.cache_clear()
    done = llmcost("show", str(tmp_path / "ours.yaml"), *options, "--format", "json")
    found: dict[str, dict[str, object]] = json.loads(done.out)["values"]
    return found


def test_a_headline_that_rests_on_an_assumed_range_is_one(tmp_path: Path, llmcost: Call) -> None:
    """1 − U(20, 60)/100 lies between 42 and 78 % in nine of ten draws."""
    values = shown(tmp_path, llmcost, "assumed")
    assert values["company.gross_margin"]["low"] == pytest.approx(0.42, abs=2e-3)
    assert values["company.gross_margin"]["high"] == pytest.approx(0.78, abs=2e-3)
    assert "low" not in values["company.gross_profit"]
    assert "low" not in shown(tmp_path, llmcost, "reported")["company.gross_margin"]
    out = llmcost("show", str(tmp_path / "ours.yaml")).out
    assert "hold 90% of the draws" not in out


def test_every_derived_value_has_its_range_on_request(tmp_path: Path, llmcost: Call) -> None:
    values = shown(tmp_path, llmcost, "reported", "--uncertainty", "--draws", "4000")
    assert values["company.gross_profit"]["low"] == pytest.approx(42, abs=0.2)
    assert values["company.gross_profit"]["high"] == pytest.approx(78, abs=0.2)
    assert (values["cost.inference"]["low"], values["cost.inference"]["high"]) == (20, 60)
    assert "low" not in values["company.operating_profit"]
    out = llmcost("show", str(tmp_path / "ours.yaml"), "--uncertainty").out
    assert "42.0% to 78.0%" in out
    assert "Ranges of derived values contain 90% of the draws from the ranges of their inputs" in out
    assert llmcost("show", str(tmp_path / "ours.yaml"), "--uncertainty", "--draws", "0").code == 2


def test_a_range_may_end_at_never(tmp_path: Path, llmcost: Call) -> None:
    text = "llmcost: 1\nrevenue: {total: {value: 105, low: 80, high: 130, dist: uniform, basis: assumed}}\n"
    (tmp_path / "ours.yaml").write_text(f"{text}cost: {{total: 110}}\ncash: {{balance: 50}}\n")
    done = llmcost("show", str(tmp_path / "ours.yaml"), "--metric", "company.runway_months")
    assert "21.8 to never" in done.out
    done = llmcost("show", str(tmp_path / "ours.yaml"), "--format", "json")
    assert json.loads(done.out)["values"]["company.runway_months"]["high"] == "never"


def test_compare_tells_a_margin_as_the_range_that_it_is(tmp_path: Path, llmcost: Call) -> None:
    for name in ("one", "other"):
        (tmp_path / f"{name}.yaml").write_text(
            "llmcost: 1\nkind: company\nrevenue: {total: 100}\ncost: {inference: {value: "
            "120, low: 80, high: 160, dist: uniform, basis: assumed}}\n"
        )
    library.cache_clear()
    paths = [str(tmp_path / f"{name}.yaml") for name in ("one", "other")]
    told = "Gross margin of one: -56.0% to 16.0%; of other: -56.0% to 16.0%."
    assert told in llmcost("compare", *paths).out
    drawn = llmcost("compare", *paths, "--uncertainty", "--format", "json")
    (row,) = (row for row in json.loads(drawn.out)["rows"] if row["metric"] == "company.gross_margin")
    assert json.loads(drawn.out)["margins"] == row["intervals"]


@pytest.mark.parametrize("count", [509, 2039])
def test_even_draws_fill_each_column_and_the_cube(count: int) -> None:
    """Of four numbers below 1, the sum is below 1.5 in (1.5⁴ − 4 × 0.5⁴)/4! = 0.200521 of all cases."""
    columns = [evenly(count, place) for place in range(12)]
    for column in [*columns, evenly(count, count // 4)]:
        assert sorted(int(count * u) for u in column) == list(range(count))
    for together in zip(columns, columns[1:], columns[2:], columns[3:], strict=False):
        below = sum(sum(point) < 1.5 for point in zip(*together, strict=True))
        assert below / count == pytest.approx(0.200521, abs=8 / count)
    # Forty independent columns: their sum has a variance of 40, which no point in a corner may raise.
    many = [list(map(statistics.NormalDist().inv_cdf, evenly(count, place))) for place in range(40)]
    assert statistics.pvariance(map(math.fsum, zip(*many, strict=True))) == pytest.approx(40, rel=0.15)


def test_even_draws_are_those_of_the_lattice() -> None:
    """118² = 27 × 509 + 181; 0.618034 × 4 and × 9 are 0.472136 and 0.562306 more than a whole number."""
    assert evenly(509, 1)[:2] == [240.5 / 509, 358.5 / 509]  # 0.472136 × 509 = 240.3
    assert evenly(509, 2)[:2] == [286.5 / 509, 467.5 / 509]  # 0.562306 × 509 = 286.2


def test_a_value_outside_its_own_range_is_named(here: Path, llmcost: Call) -> None:
    """The input stands at its low end of 10; nine in ten draws make the total more than 20."""
    path = here / "low.yaml"
    path.write_text(
        "cost: {staff: {value: 10, low: 10, high: 30, dist: uniform}, data: 10}\n", encoding="utf-8"
    )
    told = "Outside their ranges, as inputs are stated near the ends of their own: cost.lines, cost.total,"
    assert told in llmcost("show", "./low.yaml", "--uncertainty").out
    path.write_text(
        "cost: {staff: {value: 20, low: 10, high: 30, dist: uniform}, data: 10}\n", encoding="utf-8"
    )
    assert "Outside their ranges" not in llmcost("show", "./low.yaml", "--uncertainty").out

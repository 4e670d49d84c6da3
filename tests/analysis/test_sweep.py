"""Sweeps: what a SPEC says, the order of a grid, and what is undefined in it."""

from __future__ import annotations

import itertools
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest

from calling import refusal
from llmcost import LlmcostError, evaluate, load, sweep
from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.analysis.whatif import grid as points
from llmcost.analysis.whatif.grid import CHUNK
from llmcost.analysis.whatif.vary import read_axis
from llmcost.reasons import Reason

SHARE = "serving.utilization"
RENT = "serving.gpu_hour_cost"
MARGIN = "unit.gross_margin"


@pytest.fixture(params=["numpy", "plain"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test twice: with numpy and as if there were none."""
    if request.param == "plain":
        without_numpy(monkeypatch)
    return str(request.param)


def without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "has_numpy", lambda: False)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (f"{SHARE}=0.5", [0.5]),
        (f"{SHARE}=10%,0.5, 90%", [0.1, 0.5, 0.9]),
        (f" {SHARE} = 0.5 ", [0.5]),
        (f"{SHARE}=0:1:5", [0, 0.25, 0.5, 0.75, 1]),
        (f"{SHARE}=1:0:3", [1, 0.5, 0]),
        (f"{SHARE}=0.1:0.9:9", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        (f"{RENT}=1:1000:4:log", [1, 10, 100, 1000]),
        (f"{RENT}=1:8:4:log", [1, 2, 4, 8]),
        (f"{RENT}=8:1:4:log", [8, 4, 2, 1]),
        ("revenue.api=1B,3.7B,$4", [1e9, 3.7e9, 4]),
        ("revenue.api=2*3,10/4", [6, 2.5]),
        ("cost.staff=3,1,3", [3, 1, 3]),
    ],
)
def test_what_a_spec_stands_for(text: str, values: list[float]) -> None:
    axis = read_axis(text)
    assert axis.size == len(values)
    assert [axis.value(i) for i in range(axis.size)] == values
    for columns in (False, True):
        assert list(axis.column(0, axis.size, 1, columns=columns)) == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{SHARE}=0.1:0.1:3", "START and STOP are the same"),
        (f"{SHARE}=0.1:0.5:0", "N must be a whole number of 1 or more, got 0"),
        (f"{SHARE}=0.1:0.5:1.5", "N must be a whole number of 1 or more, got 1.5"),
        (f"{SHARE}=0.1:0.5:1", "N must be 2 or more to get from START to STOP; for one value write it alone"),
        (f"{SHARE}=0:0.5:3:log", "a log scale needs START and STOP above 0"),
        (f"{SHARE}=0.1:0.5:3:lin", "expected 'log' or nothing after N, got 'lin'"),
        (f"{SHARE}=0.1:0.5", "expected START:STOP:N or START:STOP:N:log"),
        (f"{SHARE}=a:0.5:3", "expected a number, got 'a'"),
        (f"{SHARE}=0.1,,0.3", "a number is missing"),
        (f"{SHARE}=0.1 to 0.5", "takes values, not a range; did you mean '0.1:0.5:9'?"),
        (f"{RENT}=10%", "'10%': a percentage is allowed only for shares, or as a factor, as in 5000 * 10%"),
        (f"{SHARE}=50", f"{SHARE}: must lie between 0 and 1, got 50"),
        (f"{SHARE}=0.5:1.5:3", f"{SHARE}: must lie between 0 and 1, got 1.5"),
        ("serving.utilisation=0.5", f"unknown input 'serving.utilisation'; did you mean '{SHARE}'?"),
        (SHARE, "expected PATH=SPEC, SPEC such as 0.1,0.5 or 0.1:0.9:9 or 1:100:5:log"),
        (f"{SHARE}=", "expected PATH=SPEC, SPEC such as 0.1,0.5 or 0.1:0.9:9 or 1:100:5:log"),
    ],
)
def test_a_bad_spec_is_refused_in_one_sentence(text: str, message: str) -> None:
    assert refusal(read_axis, text) == f"vary {text}: {message}"


def test_what_a_sweep_refuses() -> None:
    half = f"{SHARE}=0.5"
    said = f"vary: {SHARE} is varied twice"
    assert refusal(sweep, "wren", vary=[half, f"{SHARE}=0.6"], metrics=[MARGIN]) == said
    assert refusal(sweep, "wren", vary=["unit.markup=1"], metrics=[MARGIN]).startswith(
        "vary: unit.markup is derived; vary what it follows from"
    )
    said = "unknown metric 'unit.markp'; did you mean 'unit.markup'?"
    assert refusal(sweep, "wren", vary=[half], metrics=["unit.markp"]) == said
    assert refusal(sweep, "wren", vary=[half], metrics=[]) == "sweep needs metric NAME"
    said = "sweep needs vary PATH=SPEC, or several scenarios"
    assert refusal(sweep, "wren", vary=[], metrics=[MARGIN]) == said
    assert refusal(sweep, vary=[half], metrics=[MARGIN]) == "sweep takes a scenario"
    said = "wren: company.operating_profit: lacks revenue.total, cost.total"
    assert refusal(sweep, "wren", vary=[half], metrics=["company.operating_profit"]) == said
    said = f"zip: the inputs must have equally many values: {SHARE} has 2, {RENT} has 3"
    assert (
        refusal(sweep, "wren", vary=[f"{SHARE}=0.1,0.2", f"{RENT}=1,2,3"], metrics=[MARGIN], zip=True) == said
    )
    assert len(refusal(sweep, "wren", vary=[f"{SHARE}=2", "no.such=1"], metrics=[MARGIN]).splitlines()) == 2


def test_a_grid_that_is_too_large_is_refused_unless_forced() -> None:
    large = [f"{SHARE}=0.1:0.5:10000", f"{RENT}=1:2:10000"]
    said = "the grid has 100,000,000 points, more than 50,000,000; force allows it"
    assert refusal(sweep, "wren", vary=large, metrics=[MARGIN]) == said
    forced = sweep("wren", vary=large, metrics=[MARGIN], force=True)
    assert len(forced) == 100_000_000
    assert next(forced.rows())[1:3] == (0.1, 1.0)
    just = [f"{SHARE}=0.1:0.5:10000", f"{RENT}=1:2:5000"]
    assert len(sweep("wren", vary=just, metrics=[MARGIN])) == 50_000_000
    with pytest.raises(LlmcostError, match="the grid has 100,000,000 points"):
        sweep("wren", "lark", vary=just, metrics=[MARGIN])


def test_a_single_axis_that_is_too_large_is_refused_unless_forced() -> None:
    wide = [f"{SHARE}=0.1:0.5:60M"]
    with pytest.raises(LlmcostError):
        sweep("wren", vary=wide, metrics=[MARGIN])
    assert len(sweep("wren", vary=wide, metrics=[MARGIN], force=True)) == 60_000_000


@pytest.mark.parametrize(
    ("scenario", "vary", "metrics"),
    [
        ("acme", ["market.price_elasticity=0:1.6:23"], ["breakeven.*_multiplier"]),
        ("acme", ["cost.inference=1e9:9e9:40:log", "revenue.api=0:3B:7"], ["company", "breakeven"]),
        ("lark", [f"{SHARE}=0.001:1:50:log", f"{RENT}=0:7:11"], ["unit", "serving"]),
        ("pass", ["product.supplier_price_multiplier=0.1:300:40:log"], ["product"]),
        ("capital", ["capex.cost_of_capital=0:0.3:30", "capex.useful_life_years=0:9:10"], ["capex"]),
    ],
)
def test_columns_and_floats_give_the_same_to_the_last_digit(
    scenario: str, vary: list[str], metrics: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows() -> list[tuple[Any, ...]]:
        chosen = [name for name in select_metrics(metrics) if name in evaluate(scenario)]
        return list(sweep(scenario, vary=vary, metrics=chosen).rows())

    by_columns = rows()
    without_numpy(monkeypatch)
    assert by_columns == rows()
    assert any(value is not None for row in by_columns for value in row[1 + len(vary) :])


def test_the_last_input_varies_fastest_and_numbers_are_right(either: str) -> None:
    """serving.cost_per_output_mtok = rent/(3600·2000·utilization)·1e6."""
    found = sweep("wren", vary=[f"{SHARE}=0.5,1", f"{RENT}=1,2,3"], metrics=["serving.cost_per_output_mtok"])
    assert len(found) == 6
    assert found.columns == ("scenario", SHARE, RENT, "serving.cost_per_output_mtok")
    rows = list(found.rows())
    assert [row[:3] for row in rows] == [
        ("wren", share, rent) for share in (0.5, 1.0) for rent in (1.0, 2.0, 3.0)
    ]
    by_hand = [rent * 1e6 / (3600 * 2000 * share) for _, share, rent, _ in rows]
    assert [row[3] for row in rows] == pytest.approx(by_hand, rel=1e-12)
    assert {type(value) for row in rows for value in row[1:]} == {float}
    assert found.to_dicts()[4] == dict(zip(found.columns, rows[4], strict=True))
    assert list(found.rows()) == rows


def test_zipped_inputs_are_walked_together(either: str) -> None:
    found = sweep(
        "acme",
        vary={"revenue.api": [1e9, 2e9, 3e9], "cost.staff": "1B:3B:3"},
        metrics=["company.operating_profit"],
        zip=True,
    )
    # 3 + api − (2 + 3 + 2 + staff), in billions
    assert [row[1:] for row in found.rows()] == [
        (1e9, 1e9, pytest.approx(-4e9)),
        (2e9, 2e9, pytest.approx(-4e9)),
        (3e9, 3e9, pytest.approx(-4e9)),
    ]


def test_all_points_as_columns(either: str) -> None:
    """A company that loses money breaks even at no price where demand falls as fast as prices rise."""
    vary = {"market.price_elasticity": np.array([0.0, 2.0])}
    found = sweep("acme", vary=vary, metrics=["breakeven.uniform_multiplier"]).to_columns()
    assert list(found) == ["scenario", "market.price_elasticity", "breakeven.uniform_multiplier"]
    assert found["scenario"] == ["acme", "acme"]
    assert list(found["market.price_elasticity"]) == [0, 2]
    there, lost = found["breakeven.uniform_multiplier"]
    assert there > 1
    assert lost is None if either == "plain" else math.isnan(lost)


def test_several_scenarios_stand_outermost(either: str) -> None:
    names = ("acme", "acme:market-compute")
    found = sweep(*names, vary=["cost.staff=0,1B"], metrics=["cost.total"])
    assert [row[:2] for row in found.rows()] == [(name, staff) for name in names for staff in (0.0, 1e9)]
    totals = [7e9, 8e9, 17e9, 18e9]  # compute of 5 at the rate paid, of 15 at the market's
    assert [row[2] for row in found.rows()] == pytest.approx(totals, rel=1e-12)
    plain = sweep(*names, metrics=["cost.total"])
    assert [row[1] for row in plain.rows()] == pytest.approx([8e9, 18e9], rel=1e-12)


def test_an_undefined_point_is_none_with_its_reason(either: str) -> None:
    found = sweep(
        load("acme", set={"cash.credits": None}),
        vary=["revenue.subscription=0,3B,7B,9B"],
        metrics=["company.runway_months", "company.operating_profit"],
    )
    assert [row[2:] for row in found.rows()] == [
        (pytest.approx(2 / 7 * 12), pytest.approx(-7e9)),
        (pytest.approx(2 / 4 * 12), pytest.approx(-4e9)),
        (None, pytest.approx(0, abs=1e-3)),
        (None, pytest.approx(2e9)),
    ]
    assert found.reasons(0, [9e9]) == {"company.runway_months": Reason("earns_cash")}
    assert found.reasons(0, [3e9]) == {}


def test_a_total_below_its_lines_is_undefined_with_its_reason(either: str) -> None:
    """1 + 3 of revenue, and of 9 of cost in total 2 of inference and 3 of training."""
    found = sweep("acme:totals", vary=["cost.staff=0,4B,6B"], metrics=["company.operating_profit"])
    assert [row[2] for row in found.rows()] == [pytest.approx(-5e9), pytest.approx(-5e9), None]
    why = {"company.operating_profit": Reason("below_lines", ("cost.total",))}
    assert found.reasons(0, [6e9]) == why
    varied = sweep("acme:totals", vary=["cost.total=4B,6B"], metrics=["company.operating_profit"])
    assert [row[2] for row in varied.rows()] == [None, pytest.approx(-2e9)]
    assert varied.reasons(0, [4e9]) == why


def test_a_varied_total_that_equals_its_lines_is_defined(either: str) -> None:
    """0.1 + 0.2 is more than 0.3, by rounding alone."""
    account = load("acme", set={"revenue.api": 0.1, "revenue.subscription": 0.2, "revenue.total": 0.3})
    found = sweep(account, vary={"revenue.total": [0.3]}, metrics=["revenue.unallocated"])
    ((_, _, value),) = found.rows()
    assert value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("settings", "metric"),
    [({SHARE: 0}, MARGIN), ({SHARE: 0}, "unit.breakeven_gpu_hour_cost"), ({RENT: 0}, "unit.markup")],
)
def test_what_is_undefined_whatever_is_varied_is_none(
    either: str, settings: dict[str, float], metric: str
) -> None:
    found = sweep(load("wren", set=settings), vary={"price.output_per_mtok": [1.0, 2.0]}, metrics=[metric])
    assert [row[2] for row in found.rows()] == [None, None]
    assert found.reasons(0, [1.0])[metric].code == "division_by_zero"


def test_points_on_both_sides_of_a_chunk_follow_on() -> None:
    count = CHUNK * 2 + 3
    found = sweep("acme", vary=[f"cost.staff=0:{count - 1}:{count}"], metrics=["cost.staff"])
    sizes = [len(chunk.metrics[0]) for chunk in found.chunks()]
    assert sizes == [CHUNK, CHUNK, 3]
    values = [row[2] for row in found.rows()]
    assert max(abs(value - place) for place, value in enumerate(values)) < 1e-7


def test_a_sweep_is_worked_out_as_it_is_read() -> None:
    """More points than anybody waits for: the first ones come without the rest."""
    found = sweep(
        "acme",
        vary=["revenue.api=1B:2B:5000000", "cost.staff=1B:2B:2000"],
        metrics=["company.operating_profit"],
        force=True,
    )
    assert len(found) == 10_000_000_000
    rows = list(itertools.islice(found.rows(), 3))
    step = 1e9 / 1999
    # 1 + 3 − (2 + 3 + 2 + staff)
    by_hand = [(4 - 8) * 1e9 - i * step for i in range(3)]
    assert [row[3] for row in rows] == pytest.approx(by_hand, rel=1e-12)


def test_memory_does_not_grow_with_the_number_of_points() -> None:
    found = sweep(
        "acme", vary=["revenue.api=1B:2B:5000", "cost.staff=1B:2B:2000"], metrics=["company.operating_profit"]
    )
    chunks = found.chunks()
    next(chunks)
    tracemalloc.start()
    next(chunks)
    tracemalloc.reset_peak()
    for _ in range(2):
        next(chunks)
    early = tracemalloc.get_traced_memory()[1]
    for _ in range(5):
        next(chunks)
    late = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert late < 1.2 * early
    assert late < 20e6

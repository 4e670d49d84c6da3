"""What holds of products and of capital whatever the numbers are, and where no rise is the largest."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import drawn
from drawn import Values, some, value
from llmcost.engine.arithmetic import annuity
from llmcost.engine.arrays import ArrayPlan
from llmcost.engine.dual import Dual
from llmcost.engine.plan import resolve
from llmcost.engine.trace import Given, Trace, evaluate
from llmcost.formulas import MODEL
from llmcost.formulas.pass_through import largest_rise, loss
from llmcost.reasons import Undefined

shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(1e-3, 1.0))
money = st.floats(1e3, 1e7)

TOKENS = {
    "product.input_tokens_per_unit": st.floats(1e3, 1e7),
    "product.output_tokens_per_unit": st.floats(1e3, 1e7),
    "product.cached_input_share": shares,
    "product.input_cost_per_mtok": st.floats(0.01, 30.0),
    "product.cached_input_cost_per_mtok": st.floats(0.01, 30.0),
    "product.output_cost_per_mtok": st.floats(0.01, 60.0),
}
SOLD = {
    "product.price_per_unit": st.floats(0.1, 1e3),
    "product.revenue_share_rate": st.one_of(st.just(0.0), st.floats(1e-3, 0.5)),
    "product.other_cost_per_unit": st.floats(0.0, 10.0),
    "product.units_per_month": st.floats(10.0, 1e6),
    "product.paying_share": st.one_of(st.just(1.0), st.floats(1e-2, 1.0)),
    "product.free_usage_share": shares,
    "product.fixed_cost_per_month": st.one_of(st.just(0.0), money),
    "product.target_margin": st.floats(0.0, 0.9),
}
ANSWERING = {
    "product.pass_through_share": shares,
    "market.price_elasticity": st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.01, 5.0)),
}
CAPITAL = {
    "capex.spend": money,
    "capex.useful_life_years": st.integers(1, 30).map(float),
    "capex.cost_of_capital": st.one_of(st.just(0.0), st.floats(1e-12, 1.0)),
    "capex.residual_share": st.one_of(st.just(0.0), st.floats(1e-3, 0.9)),
    "capex.operating_cost_share": shares,
    "capex.gross_margin": st.floats(0.01, 1.0),
    "capex.gpus": st.floats(1.0, 1e5),
    "capex.utilization": st.floats(0.01, 1.0),
    "compute.market_gpu_hour": st.floats(0.1, 10.0),
    "compute.paid_gpu_hour": st.floats(0.1, 10.0),
}


def run(values: Values, **changed: float) -> Trace:
    return drawn.run(values | {f"product.{name}": number for name, number in changed.items()})


def survivable(trace: Trace, suffix: str) -> float:
    """The multiple that the product survives; examples without one are passed over."""
    found = trace.nodes[f"product.survivable_multiplier{suffix}"].value
    assume(found is not None)
    assert found is not None
    return found


# The rise that is survived, put in, leaves nothing


@given(some(TOKENS, SOLD))
def test_a_survivable_rise_leaves_what_it_is_survived_with(values: Values) -> None:
    """Nothing of a unit, of all units, or of a month with its fixed cost; or the target of all units."""
    trace = run(values)
    size = value(trace, "product.revenue_per_month") + values["product.fixed_cost_per_month"]
    for suffix, metric, left, scale in (
        ("", "gross_margin", 0.0, 1.0),
        ("_blended", "blended_margin", 0.0, 1.0),
        ("_at_target", "blended_margin", values["product.target_margin"], 1.0),
        ("_after_fixed", "profit_per_month", 0.0, size),
    ):
        times = trace.nodes[f"product.survivable_multiplier{suffix}"].value
        if times is not None:
            after = run(values, supplier_price_multiplier=times)
            assert value(after, f"product.{metric}") == pytest.approx(left, abs=1e-11 * scale)
            # At 0 the tokens cost nothing, and any number of them may be used.
            if suffix == "" and times > 0:
                assert value(after, "product.breakeven_usage_multiplier") == pytest.approx(1, rel=1e-9)


@given(some(TOKENS, SOLD))
def test_without_free_units_the_target_is_that_of_a_unit(values: Values) -> None:
    del values["product.paying_share"]
    times = survivable(run(values), "_at_target")
    after = run(values, supplier_price_multiplier=times)
    assert value(after, "product.gross_margin") == pytest.approx(values["product.target_margin"], abs=1e-12)


profitable = some(TOKENS, {**SOLD, "product.price_per_unit": st.floats(300.0, 3e3)}, ANSWERING)


@given(profitable)
def test_the_survivable_rise_passed_on_leaves_no_profit(values: Values) -> None:
    times = survivable(run(values), "_passed_on")
    assume(times < 1e12)
    after = run(values, supplier_price_multiplier=times)
    cost = value(after, "product.cost_per_month")
    earned = value(after, "product.revenue_per_month") * value(after, "product.passed_on_volume")
    raised = value(after, "product.passed_on_price_per_unit") / values["product.price_per_unit"]
    assert value(after, "product.passed_on_profit_per_month") == pytest.approx(
        0, abs=1e-8 * (cost + earned * raised)
    )


@given(profitable, st.floats(0.0, 1.0), st.floats(1.001, 100.0))
def test_below_the_survivable_rise_passed_on_there_is_profit_and_above_it_a_loss(
    values: Values, part: float, beyond: float
) -> None:
    """There is no second root: profit has one sign on either side."""
    times = survivable(run(values), "_passed_on")
    assume(1 + 1e-6 < times < 1e9)
    below, above = times ** (0.999 * part), times * beyond
    assert value(run(values, supplier_price_multiplier=below), "product.passed_on_profit_per_month") > 0
    assert value(run(values, supplier_price_multiplier=above), "product.passed_on_profit_per_month") < 0


@given(profitable)
def test_with_nothing_passed_on_the_price_stays(values: Values) -> None:
    trace = run(values, pass_through_share=0.0)
    times = survivable(trace, "_passed_on")
    assert times == pytest.approx(survivable(trace, "_after_fixed"), rel=1e-9)
    assert value(trace, "product.passed_on_profit_per_month") == pytest.approx(
        value(trace, "product.profit_per_month"), rel=1e-9, abs=1e-9 * value(trace, "product.cost_per_month")
    )


@given(profitable)
def test_without_fixed_cost_it_is_all_the_same_how_many_units_there_are(values: Values) -> None:
    with_units = run(values, fixed_cost_per_month=0.0)
    del values["product.fixed_cost_per_month"]
    del values["product.units_per_month"]
    times = survivable(run(values), "_passed_on")
    assert times == pytest.approx(survivable(with_units, "_passed_on"), rel=1e-9)


@given(some(TOKENS, SOLD))
def test_each_thing_that_is_counted_lowers_what_is_survived(values: Values) -> None:
    trace = run(values)
    alone = survivable(trace, "")
    blended = survivable(trace, "_blended")
    assert survivable(trace, "_at_target") <= blended * (1 + 1e-12)
    assert survivable(trace, "_after_fixed") <= blended * (1 + 1e-12)
    assert blended <= alone * (1 + 1e-12)


# Break-even


@given(some(TOKENS, SOLD))
def test_break_even_units_leave_no_profit(values: Values) -> None:
    trace = run(values)
    units = trace.nodes["product.breakeven_units_per_month"].value
    assume(units is not None)
    assert units is not None
    after = run(values, units_per_month=units)
    scale = value(after, "product.cost_per_month")
    assert value(after, "product.profit_per_month") == pytest.approx(0, abs=1e-12 * scale)


@given(some(TOKENS, SOLD))
def test_at_the_break_even_tokens_of_the_same_mix_a_unit_leaves_nothing(values: Values) -> None:
    trace = run(values)
    survivable(trace, "")
    times = value(trace, "product.breakeven_tokens_per_unit") / value(trace, "product.tokens_per_unit")
    into, out = "input_tokens_per_unit", "output_tokens_per_unit"
    more = {into: times * values[f"product.{into}"], out: times * values[f"product.{out}"]}
    price = values["product.price_per_unit"]
    assert value(run(values, **more), "product.contribution_per_unit") == pytest.approx(0, abs=1e-9 * price)


# Where the largest rise has no value


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        # units, price, share, tokens, other, carried, passed, elasticity, fixed
        ((0.0, 20.0, 0.0, 5.0, 0.0, 1.0, 0.5, 1.0, 0.0), "nothing is sold"),
        ((1.0, 20.0, 0.0, 21.0, 0.0, 1.0, 0.5, 1.0, 0.0), "loses money already, before any rise"),
        ((1.0, 20.0, 0.0, 0.0, 5.0, 1.0, 0.5, 1.0, 0.0), "survives any rise: its tokens cost nothing"),
        ((1.0, 20.0, 0.0, 5.0, 5.0, 1.0, 1.0, 1.0, 0.0), "survives any rise: all of it is passed on"),
        ((1.0, 20.0, 0.0, 5.0, 5.0, 1.0, 1.0, 0.0, 9.0), "survives any rise: all of it is passed on"),
        ((1.0, 20.0, 0.0, 5.0, 5.0, 1.0, 1.0, 1e-3, 1.0), "the rise that it survives is beyond 1e299"),
    ],
)
def test_no_largest_rise(amounts: tuple[float, ...], reason: str) -> None:
    with pytest.raises(Undefined, match=reason):
        largest_rise(*amounts)


@pytest.mark.parametrize(
    ("amounts", "times"),
    [
        # Break-even today, at any elasticity.
        ((1.0, 20.0, 0.0, 15.0, 5.0, 1.0, 0.5, 3.0, 0.0), 1.0),
        # All passed on, but a partner takes a fifth of the rise as well: 10 − 4 a multiple, from 6 left.
        ((1.0, 20.0, 0.2, 5.0, 5.0, 1.0, 1.0, 0.0, 0.0), 7.0),
        # What a unit leaves is gone at 5; the fixed cost takes half of it.
        ((100.0, 20.0, 0.0, 5.0, 5.0, 1.0, 0.5, 0.0, 500.0), 3.0),
    ],
)
def test_largest_rises_by_hand(amounts: tuple[float, ...], times: float) -> None:
    assert largest_rise(*amounts) == pytest.approx(times, rel=1e-12)
    assert loss(times, *amounts) == pytest.approx(0, abs=1e-9)


def test_all_passed_on_free_use_alone_ends_it() -> None:
    """10·20/P = 1e-9·v: far out, P and v both go as 5m, so that 200 = 25e-9·m²."""
    times = largest_rise(1.0, 20.0, 0.0, 5.0, 5.0, 1 + 1e-9, 1.0, 1.0, 0.0)
    assert times == pytest.approx(math.sqrt(200 / 25e-9), rel=1e-3)


# Capital


@given(some(CAPITAL))
def test_the_charges_and_what_is_left_are_worth_the_spend_today(values: Values) -> None:
    """Present values, year by year."""
    charge = value(run(values), "capex.charge_per_year")
    rate, life = values["capex.cost_of_capital"], int(values["capex.useful_life_years"])
    worth = sum(charge / (1 + rate) ** year for year in range(1, life + 1))
    worth += values["capex.residual_share"] * values["capex.spend"] / (1 + rate) ** life
    assert worth == pytest.approx(values["capex.spend"], rel=1e-9)


@given(some(CAPITAL))
def test_the_required_revenue_pays_for_the_capital(values: Values) -> None:
    trace = run(values)
    revenue = value(trace, "capex.revenue_required_per_year")
    assert revenue * values["capex.gross_margin"] == pytest.approx(
        value(trace, "capex.cost_per_year"), rel=1e-12
    )
    earned = evaluate(MODEL, {n: Given(v) for n, v in (values | {"revenue.total": revenue}).items()})
    assert value(earned, "capex.revenue_multiple_required") == pytest.approx(1, rel=1e-12)
    assert value(earned, "capex.revenue_gap_per_year") == pytest.approx(0, abs=1e-12 * revenue)


@given(some(CAPITAL))
def test_at_the_break_even_utilization_owning_costs_what_renting_does(values: Values) -> None:
    share = value(run(values), "capex.breakeven_utilization")
    after = run({**values, "capex.utilization": share})
    assert value(after, "capex.owned_to_market_ratio") == pytest.approx(1, rel=1e-9)


@given(st.one_of(st.floats(1e-12, 1e-2), st.floats(1e-6, 1e-3)), st.floats(0.1, 100.0))
def test_an_annuity_keeps_its_digits_down_to_the_straight_line(rate: float, periods: float) -> None:
    exact = -rate / math.expm1(-periods * math.log1p(rate))
    assert annuity(rate, periods) == pytest.approx(exact, rel=1e-10)
    names = ("capex.cost_of_capital", "capex.useful_life_years")
    columns = ArrayPlan(resolve(MODEL, names, ["capex.recovery_factor"]))
    (column,) = columns([np.array([rate, 0.0]), np.array([periods, periods])])
    assert list(column) == pytest.approx([exact, 1 / periods], rel=1e-10)


def test_an_annuity_of_dual_numbers_has_its_slope_at_a_rate_of_zero() -> None:
    """(n + 1)/(2n), from the series of the annuity in its rate."""
    assert annuity(Dual(0.0, 1.0), 4.0).slope == pytest.approx(5 / 8, rel=1e-15)
    assert annuity(0.0, Dual(4.0, 1.0)).slope == pytest.approx(-1 / 16, rel=1e-15)


def test_largest_rises_of_columns() -> None:
    """By hand, NaN where there is no largest rise; then all regimes beside one another, as of floats."""
    # N, p, s, t, o, k, φ, ε, F: with nothing passed on m = ((1−s)·p − F/N − k·o)/(k·t).
    points: list[tuple[float, ...]] = [
        (100.0, 20.0, 0.1, 5.0, 1.0, 1.2, 0.0, 0.0, 500.0),
        (100.0, 20.0, 0.0, 5.0, 0.0, 1.0, 1.0, 1.0, 1000.0),  # 100·20·15/P = 1000, P = 20 + (m − 1)·5
        (100.0, 20.0, 0.0, 5.0, 0.0, 1.0, 0.5, 2.0, 0.0),  # 20 + (m − 1)·2.5 = 5·m
        (100.0, 4.0, 0.0, 5.0, 0.0, 1.0, 0.5, 2.0, 0.0),
        (100.0, 20.0, 0.0, 0.0, 0.0, 1.0, 0.5, 2.0, 0.0),
    ]
    by_hand = [(18 - 5 - 1.2) / 6, 3.0, 7.0, math.nan, math.nan]
    source = np.random.default_rng(0)
    ranges = [(1, 1e3), (10, 30), (0, 0.3), (0, 9), (0, 5), (0.8, 1.5), (0, 1.3), (-1, 3), (-500, 5e3)]
    drawn = np.array([np.maximum(source.uniform(low, high, 300), 0) for low, high in ranges])
    drawn[5] = np.maximum(drawn[5], 1)  # every unit carries itself
    points += [tuple(point) for point in drawn.T.tolist()]

    def alone(*point: float) -> float:
        try:
            rise: float = largest_rise(*point)
        except Undefined:
            return math.nan
        return rise

    metric = "product.survivable_multiplier_passed_on"
    names = MODEL.formulas[metric][0].inputs
    columns = ArrayPlan(resolve(MODEL, names, [metric]))
    filled = dict(zip(names, map(np.array, zip(*points, strict=True)), strict=True))
    (found,) = columns([filled[name] for name in columns.inputs])
    assert found[: len(by_hand)] == pytest.approx(by_hand, rel=1e-13, nan_ok=True)
    assert np.array_equal(found, [alone(*point) for point in points], equal_nan=True)  # to the last bit
    assert 30 < np.isnan(found).sum() < 270

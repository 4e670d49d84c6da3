"""Draws: the numbers of a seed, and the distributions that they follow."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmcost.engine import sampling, sampling_columns
from llmcost.engine.sampling import Sampling, distribution, uniforms
from llmcost.errors import LlmcostError

LHS = [0.700896720867604, 0.8955941419117153, 0.1549367900006473, 0.42362194368615746]
RANDOM = [0.8035868818174977, 0.5823765660034067, 0.6197471601865142]
GRID = [(i + 0.5) / 2000 for i in range(2000)]


def quantile(
    value: float, low: float, high: float, dist: str | None, *, least: float | None, most: float | None
) -> Callable[[float], float]:
    """The inverse distribution function, held against its twin for columns at every rank it is asked for."""
    found = distribution(value, low, high, dist, least=least, most=most)

    def at(u: float) -> float:
        (answer,) = sampling.values(found, [u])
        (twin,) = sampling_columns.values(found, np.array([u]))
        assert twin == pytest.approx(answer, rel=1e-13, abs=1e-13 * (high - low))
        return answer

    return at


def test_the_numbers_of_seed_0() -> None:
    """They may never change: somebody has published results of them."""
    assert uniforms(4, 0, "a", "lhs") == LHS
    assert uniforms(3, 0, "a", "random") == RANDOM
    assert uniforms(2, 0, "b", "random") != uniforms(2, 0, "a", "random")


def test_the_bits_of_a_counter_are_those_of_splitmix() -> None:
    """The first outputs for the seeds 0 and 1234567, as its authors' reference code gives them."""
    assert sampling._words(0, 1) == [0xE220A8397B1DCDAF]
    assert sampling._words(1234567, 3) == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("count", [1, 2, 3, 1000, 4097])
@pytest.mark.parametrize("how", ["lhs", "random"])
def test_any_part_of_a_column_is_the_same_with_numpy(count: int, how: Sampling) -> None:
    stream = sampling.stream_of(5, "x")
    for start, stop in ((0, count), (count // 3, count // 2), (count // 2, count)):
        part = sampling_columns.uniforms(start, stop, count, stream, how)
        assert part.tolist() == uniforms(count, 5, "x", how)[start:stop]


def test_normal_deviates_of_columns() -> None:
    ends = [10.0**-k for k in range(1, 17)]
    ranks = np.array([*GRID, *ends, *(1 - end for end in ends[:15]), 0.5])
    expected = [NormalDist().inv_cdf(rank) for rank in ranks.tolist()]
    assert sampling_columns.inverse_normal(ranks) == pytest.approx(expected, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("how", ["lhs", "random"])
def test_same_seed_same_numbers_and_other_seeds_others(how: Sampling) -> None:
    one = uniforms(500, 7, "x", how)
    assert one == uniforms(500, 7, "x", how)
    assert one != uniforms(500, 8, "x", how)
    assert one != uniforms(500, 7, "y", how)
    assert all(0 < u < 1 for u in one)


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_latin_hypercube_has_one_draw_in_each_stratum(count: int) -> None:
    for seed in range(5):
        assert sorted(int(u * count) for u in uniforms(count, seed, "x", "lhs")) == list(range(count))


def test_latin_hypercube_is_in_no_order() -> None:
    draws = uniforms(1000, 0, "x", "lhs")
    assert abs(statistics.correlation(draws, list(range(1000)))) < 0.15


@pytest.mark.parametrize("how", ["lhs", "random"])
def test_streams_are_independent(how: Sampling) -> None:
    one, other = uniforms(4000, 0, "cost.staff", how), uniforms(4000, 0, "cost.data", how)
    assert abs(statistics.correlation(one, other)) < 0.06  # four standard errors


def test_plain_draws_are_uniform() -> None:
    draws = sorted(uniforms(4000, 3, "x", "random"))
    distance = max(abs(u - (i + 0.5) / 4000) for i, u in enumerate(draws))
    assert distance < 1.95 / math.sqrt(4000)  # Kolmogorov and Smirnov at 0.1 %


@pytest.mark.parametrize(
    ("value", "low", "high", "dist", "least", "most"),
    [
        (math.sqrt(300 * 1500), 300, 1500, None, 0.0, None),
        (math.sqrt(300 * 1500), 300, 1500, "lognormal", 0.0, None),
        (400, 300, 1500, "lognormal", 0.0, None),
        (5, -10, 20, None, None, None),
        (5, -10, 20, "normal", None, None),
        (100, 90, 130, "normal", 0.0, None),
        (0.5, 0.2, 0.8, None, 0.0, 1.0),
        (0.9, 0.2, 0.99, None, 0.0, 1.0),
        (0.5, 0.4, 0.55, "normal", 0.0, 1.0),
    ],
)
def test_the_ends_of_a_range_are_its_5th_and_95th_percentile(
    value: float, low: float, high: float, dist: str | None, least: float | None, most: float | None
) -> None:
    at = quantile(value, low, high, dist, least=least, most=most)
    assert at(0.05) == pytest.approx(low, rel=1e-6)
    assert at(0.5) == pytest.approx(value, rel=1e-6)
    assert at(0.95) == pytest.approx(high, rel=1e-6)


def test_the_kind_of_a_range_without_a_stated_one() -> None:
    """At the upper quartile: lognormal for what is positive, normal otherwise, logit-normal for shares."""
    z = NormalDist().inv_cdf(0.75) / NormalDist().inv_cdf(0.95)
    positive = quantile(10, 1, 100, None, least=0.0, most=None)
    assert positive(0.75) == pytest.approx(10 * 10**z, rel=1e-12)
    signed = quantile(0, -3, 3, None, least=None, most=None)
    assert signed(0.75) == pytest.approx(3 * z, rel=1e-12)
    share = quantile(0.5, 0.1, 0.9, None, least=0.0, most=1.0)
    odds = 9**z
    assert share(0.75) == pytest.approx(odds / (1 + odds), rel=1e-12)


def test_uniform_triangular_and_fixed_in_closed_form() -> None:
    uniform = quantile(3, 2, 6, "uniform", least=0.0, most=None)
    assert [uniform(u) for u in (0.0, 0.25, 0.5, 1.0)] == [2, 3, 4, 6]
    # Mode at a quarter: F = (x − 2)²/4 below 3, 1 − (6 − x)²/12 above
    triangular = quantile(3, 2, 6, "triangular", least=0.0, most=None)
    for x, u in ((2.5, 1 / 16), (3, 0.25), (4, 2 / 3), (5, 11 / 12)):
        assert triangular(u) == pytest.approx(x, rel=1e-12)
    assert (triangular(0.0), triangular(1.0)) == (2, 6)
    fixed = quantile(3, 2, 6, "fixed", least=0.0, most=None)
    assert {fixed(u) for u in GRID} == {3}


@pytest.mark.parametrize("mode", [2, 6])
def test_a_triangle_with_its_mode_at_an_end(mode: float) -> None:
    at = quantile(mode, 2, 6, "triangular", least=0.0, most=None)
    by_hand = 2 + 4 * math.sqrt(0.36) if mode == 6 else 6 - 4 * math.sqrt(0.64)
    assert at(0.36) == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize(("low", "mode", "high"), [(2, 3, 6), (0, 5, 10), (1, 1, 2), (1, 2, 2), (-4, 0, 1)])
def test_pert_has_its_mean_and_spread_and_stays_inside(low: float, mode: float, high: float) -> None:
    at = quantile(mode, low, high, "pert", least=None, most=None)
    values = [at(u) for u in GRID]
    mean = (low + 4 * mode + high) / 6
    assert statistics.fmean(values) == pytest.approx(mean, abs=1e-3 * (high - low))
    variance = (mean - low) * (high - mean) / 7
    assert statistics.pvariance(values) == pytest.approx(variance, rel=0.02)
    assert values == sorted(values)
    assert low <= values[0]
    assert values[-1] <= high


def test_pert_in_closed_form() -> None:
    """With its mode in the middle it is Beta(3, 3): F(x) = 10x³ − 15x⁴ + 6x⁵."""
    at = quantile(0.5, 0, 1, "pert", least=0.0, most=1.0)
    for x in (0.05, 0.2, 0.5, 0.7, 0.95):
        assert at(10 * x**3 - 15 * x**4 + 6 * x**5) == pytest.approx(x, abs=1e-4)
    # On the points of its table, x = 1/2 and 1/4, to what Simpson's rule leaves.
    assert [at(1 / 2), at(53 / 512)] == pytest.approx([1 / 2, 1 / 4], abs=1e-9)


def test_an_end_that_is_a_bound_is_kept() -> None:
    """0% to 60%: 5 % of the draws are 0, the rest is the normal of 0.3 with a spread of 0.3/1.64485."""
    at = quantile(0.3, 0.0, 0.6, None, least=0.0, most=1.0)
    assert [at(u) for u in (1e-9, 0.01, 0.0499, 0.05)] == [0.0, 0.0, 0.0, 0.0]
    assert at(0.0501) > 0
    spread = 0.3 / 1.6448536269514722
    assert at(0.25) == pytest.approx(0.3 - 0.6744897501960817 * spread, rel=1e-12)
    assert (at(0.5), at(0.95)) == pytest.approx((0.3, 0.6), rel=1e-12)
    unbounded = quantile(0.3, 0.0, 0.6, None, least=0.0, most=None)
    assert unbounded(0.99) == pytest.approx(0.3 + 2.3263478740408408 * spread, rel=1e-9)


def test_an_upper_end_that_is_a_bound_is_kept() -> None:
    at = quantile(0.7, 0.4, 1.0, None, least=0.0, most=1.0)
    assert [at(u) for u in (0.95, 0.96, 1 - 1e-9)] == [1.0, 1.0, 1.0]
    assert at(0.05) == pytest.approx(0.4, rel=1e-12)


def test_a_tail_beyond_the_bound_is_cut_off_and_keeps_its_5_percent() -> None:
    """10% to 50%: the spread is 0.2/1.64485, and 0 lies 2.46728 of them down, so 0.68073 % are cut off."""
    at = quantile(0.3, 0.1, 0.5, "normal", least=0.0, most=1.0)
    assert (at(0.05), at(0.5), at(0.95)) == pytest.approx((0.1, 0.3, 0.5), rel=1e-12)
    # Of the 4.31927 % that are left of the tail, a fifth: rank 0.0068073 + 0.0086385, which is -2.1585.
    assert at(0.01) == pytest.approx(0.3 - 2.1585 * 0.2 / 1.644854, abs=2e-5)
    values = [at(u) for u in GRID]
    assert min(values) > 0
    assert len(set(values)) == len(values)
    assert sum(value < 0.1 for value in values) / len(values) == pytest.approx(0.05, abs=1e-3)


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_a_lognormal_of_what_is_not_positive_is_refused(low: float) -> None:
    with pytest.raises(LlmcostError, match=f"^a lognormal range must lie above 0, got {low:g} to 5$"):
        quantile(2, low, 5, "lognormal", least=None, most=None)


@settings(max_examples=200)
@given(
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    dist=st.sampled_from([None, "uniform", "triangular", "normal", "pert", "lognormal"]),
    share=st.booleans(),
    u=st.floats(1e-12, 1 - 1e-12),
)
def test_no_draw_is_outside_what_a_quantity_allows(
    ends: tuple[float, float, float], dist: str | None, share: bool, u: float
) -> None:
    scale = 1.0 if share else 1e9
    low, value, high = (scale * end for end in sorted(round(end, 6) for end in ends))
    if not low < high or (dist == "lognormal" and low == 0):
        return
    least, most = 0.0, 1.0 if share else None
    draw = quantile(value, low, high, dist, least=least, most=most)(u)
    assert 0 <= draw <= (most or math.inf)
    if dist in ("uniform", "triangular", "pert"):
        assert low * (1 - 1e-12) <= draw <= high * (1 + 1e-12)


@settings(max_examples=100)
@given(
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    dist=st.sampled_from([None, "uniform", "triangular", "normal", "pert"]),
)
def test_quantiles_rise(ends: tuple[float, float, float], dist: str | None) -> None:
    low, value, high = sorted(round(end, 6) for end in ends)
    if not low < high:
        return
    at = quantile(value, low, high, dist, least=0.0, most=None)
    values = [at(i / 100) for i in range(1, 100)]
    assert all(b >= a - 1e-12 for a, b in itertools.pairwise(values))

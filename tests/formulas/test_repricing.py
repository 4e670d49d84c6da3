"""The multiplier that breaks even, regime by regime: R repriced, R₀ kept, V variable, F fixed, ε, s.

Profit is (1−s)·(R·m^(1−ε) + R₀) − V·m^−ε − F throughout.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from llmcost.engine.arrays import MANY, roots
from llmcost.formulas import repricing_columns
from llmcost.formulas.repricing import (
    NEAR_SINGULAR,
    Repricing,
    _verify,
    break_even,
    elasticities_between,
    multiplier,
    profit,
)
from llmcost.formulas.repricing_columns import multipliers
from llmcost.reasons import Undefined

# Revenue 3.7 and cost 8.7 in billions, as reported of OpenAI in 2024; the API earns 1.0.
REVENUE, API, COST = 3.7, 1.0, 8.7
BELOW_1 = math.nextafter(1.0, 0.0)


def plain_profit(
    m: float, repriced: float, kept: float, variable: float, fixed: float, elasticity: float, share: float
) -> float:
    """The profit as the page head has it, written out once more."""
    volume: float = m**-elasticity
    return (1 - share) * (repriced * m * volume + kept) - variable * volume - fixed


def answers_of(found: Repricing) -> list[float]:
    return sorted(m for m in (found.multiplier, found.other) if m is not None)


# Values worked out by hand


@pytest.mark.parametrize(
    ("amounts_of", "multiplier"),
    [
        # R, R₀, V, F, ε, s. Demand does not answer: m = ((V + F)/(1 − s) − R₀)/R.
        ((API, 2.7, 0.0, COST, 0.0, 0.0), 6.0),
        ((10.0, 5.0, 4.0, 16.0, 0.0, 0.5), 3.5),
        ((10.0, 0.0, 1.0, 1.0, 0.0, 0.0), 0.2),
        # ε = 1/2, with x the root of m: 80 x² − 60 x − 30 = 0.
        ((100.0, 0.0, 30.0, 60.0, 0.5, 0.2), ((60 + math.sqrt(60**2 + 4 * 80 * 30)) / (2 * 80)) ** 2),
        # ε = 1: revenue stays whatever the price, (1 − s)·(10 + R₀) − V/m − F = 0.
        ((10.0, 2.0, 12.0, 6.0, 1.0, 0.0), 2.0),
        ((10.0, 0.0, 6.0, 2.0, 1.0, 0.5), 2.0),
        # Kept revenue helps out: 10 m^(1−ε) − 8 m^−ε + 4 = 0, from R₀ = 6 and F = 2.
        ((10.0, 6.0, 8.0, 2.0, 0.5, 0.0), ((-4 + math.sqrt(16 + 320)) / 20) ** 2),
        ((10.0, 6.0, 8.0, 2.0, 2.0, 0.0), (-10 + math.sqrt(100 + 128)) / 8),
        # Of 10 kept a half is owed, which leaves 5 against 8; the other 3 come from 0.5·R·m.
        ((2.0, 10.0, 0.0, 8.0, 0.0, 0.5), 3.0),
        # No variable cost: 10·m^(1−ε) = 20, so that m = 2^(1/(1−ε)).
        ((10.0, 0.0, 0.0, 20.0, 0.5, 0.0), 4.0),
        ((10.0, 0.0, 0.0, 20.0, 2.0, 0.0), 0.5),
        # With K = F − R₀ = 0 each token has to pay for itself alone: m = V/R, whatever the elasticity.
        ((4.0, 7.0, 10.0, 7.0, 0.5, 0.0), 2.5),
        ((4.0, 7.0, 10.0, 7.0, 2.0, 0.0), 2.5),
        ((10.0, 9.0, 2.0, 1.0, 100.0, 0.0), 0.2),  # 10 m = 2 − 8 m^100
        # Today breaks even already.
        ((10.0, 0.0, 4.0, 6.0, 0.5, 0.0), 1.0),
    ],
)
def test_by_hand(amounts_of: tuple[float, ...], multiplier: float) -> None:
    found = break_even(*amounts_of)
    assert found.multiplier == pytest.approx(multiplier, rel=1e-12)
    assert found.other is None or amounts_of[4] > 1
    assert found.reason is None
    assert found.steepness is not None
    if multiplier == 1:
        assert found.steepness == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("variable", "fixed", "loss"), [(3.0, 12.0, 2.0), (3.0, 10.0, 0.0), (0.0, 12.0, 2.0)]
)
def test_elasticity_one_without_an_answer(variable: float, fixed: float, loss: float) -> None:
    """The higher the price, the less inference is left to pay for; F − R stays."""
    found = break_even(10.0, 0.0, variable, fixed, 1.0, 0.0)
    assert found.multiplier is None
    assert found.least_loss_multiplier is None
    assert found.least_loss == pytest.approx(loss, rel=1e-12)
    assert str(found.reason) == "no price breaks even: the loss only shrinks as prices rise"


def test_elasticity_one_where_every_price_earns_a_profit() -> None:
    """Revenue stays 10 and cost 5 at any price: nothing breaks even, and nothing is lost either."""
    found = break_even(10.0, 0.0, 0.0, 5.0, 1.0, 0.0)
    assert found.multiplier is None
    assert found.least_loss is None or found.least_loss >= 0
    assert "loss" not in (found.reason or "")


@pytest.mark.parametrize(
    ("variable", "fixed", "elasticity", "multiplier", "other"),
    [
        # With y = 1/m: V y² − 10 y + F = 0.
        (30.0, 0.8, 2.0, 5.0, 7.5),  # y = 1/5, 2/15: a loss today, the smaller rise is the answer
        (2.0, 12.0, 2.0, 1 / 2, 1 / 3),  # y = 2, 3: a loss today, the smaller cut is the answer
        (2.0, 4.5, 2.0, 2 / 9, 2.0),  # y = 9/2, 1/2: a profit today, the lower one is the answer
        # Today breaks even by itself, so that either may come first.
        (2.0, 8.0, 2.0, 0.25, 1.0),  # 2 y² − 10 y + 8 = 0 at y = 1 and 4
        (2.0, 8.0, 100.0, 0.2, 1.0),  # the fixed cost counts for nothing: 10 m = 2 + 8 m^100 at m = 0.2
    ],
)
def test_two_answers(
    variable: float, fixed: float, elasticity: float, multiplier: float, other: float
) -> None:
    found = break_even(10.0, 0.0, variable, fixed, elasticity, 0.0)
    answers = [found.multiplier, found.other]
    assert (sorted(answers_of(found)) if other == 1 else answers) == pytest.approx(
        [multiplier, other], rel=1e-9
    )


def test_a_second_answer_beyond_all_numbers_does_not_hide_the_first() -> None:
    """At ε = 1.0001 all is as at ε = 1, where 10 = 12/m + 4 at m = 2; the other is near 2.5^10000."""
    found = break_even(10.0, 0.0, 12.0, 4.0, 1.0001, 0.0)
    assert found.multiplier == pytest.approx(2.0, rel=1e-3)
    assert found.other is None


@pytest.mark.parametrize("amounts_of", [(10.0, 0.0, 30.0, 1.0, 2.0, 0.0), (20.0, 10.0, 30.0, 6.0, 2.0, 0.5)])
def test_elasticity_two_without_an_answer(amounts_of: tuple[float, ...]) -> None:
    """10/m − 30/m² − 1 is greatest at m = 6, where it is 10/6 − 30/36 − 1 = −1/6.

    With kept revenue and a share a = 0.5·20 = 10 and K = 6 − 0.5·10 = 1, so that all is the same.
    """
    found = break_even(*amounts_of)
    assert answers_of(found) == []
    assert found.least_loss_multiplier == pytest.approx(6.0, rel=1e-12)
    assert found.least_loss == pytest.approx(1 / 6, rel=1e-12)
    assert str(found.reason) == "no price breaks even"
    assert not found.near_singular


@pytest.mark.parametrize(
    ("variable", "fixed", "elasticity"),
    [(3.0, 5.0, 0.0), (0.0, 5.0, 0.0), (0.0, 5.0, 0.5), (0.0, 5.0, 1.0), (0.0, 5.0, 2.0), (3.0, 7.0, 0.0)],
)
def test_kept_revenue_that_covers_everything(variable: float, fixed: float, elasticity: float) -> None:
    found = break_even(1.0, 10.0, variable, fixed, elasticity, 0.0)
    assert found.covered
    assert found.multiplier is None
    assert found.least_loss is None
    assert str(found.reason) == "the revenue that keeps its price already covers this"


@pytest.mark.parametrize(
    ("kept", "variable", "fixed", "elasticity"), [(10.0, 1e-4, 0.0, 0.25), (49.0, 1 / 32, 1.0, 0.3125)]
)
def test_a_tiny_answer_is_an_answer(kept: float, variable: float, fixed: float, elasticity: float) -> None:
    """What is kept pays for V·m^−ε alone, long before m·R counts: m = (V/(R₀ − F))^(1/ε)."""
    found = break_even(1.0, kept, variable, fixed, elasticity, 0.0)
    assert found.multiplier == pytest.approx((variable / (kept - fixed)) ** (1 / elasticity), rel=1e-6, abs=0)


def test_an_elasticity_that_hardly_is_one() -> None:
    """m + 5·m^ε = 5 with m^ε = 1 + ε·ln m, so that m = −5·ε·ln m."""
    found = break_even(1.0, 5.0, 5.0, 0.0, 1e-6, 0.0)
    assert found.multiplier is not None
    assert found.multiplier == pytest.approx(-5 * 1e-6 * math.log(found.multiplier), rel=1e-4)


@pytest.mark.parametrize("elasticity", [0.0, 0.5, 1.0, 2.0])
def test_no_revenue_to_reprice(elasticity: float) -> None:
    with pytest.raises(Undefined, match=r"^there is no revenue to reprice$"):
        break_even(0.0, 10.0, 5.0, 20.0, elasticity, 0.0)


@pytest.mark.parametrize(("elasticity", "loss"), [(0.0, 6.0), (0.3, 2.0), (1.0, 2.0), (2.0, 2.0)])
def test_all_revenue_owed_to_partners(elasticity: float, loss: float) -> None:
    """No price earns anything; what demand can still lower is the inference bill of 4, never the other 2."""
    found = break_even(10.0, 5.0, 4.0, 2.0, elasticity, 1.0)
    assert found.multiplier is None
    assert found.least_loss == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("root", [0.5, 2.0])
def test_a_multiplier_that_does_not_break_even_is_refused(root: float) -> None:
    """Cost that goes with the volume is earned back at its ratio to the revenue, and beside it is not."""
    _verify(root, 1.0, 0.0, root, 0.5)
    with pytest.raises(Undefined, match="could not be verified"):
        _verify(root * 1.0001, 1.0, 0.0, root, 0.5)


@pytest.mark.parametrize(
    ("variable", "fixed", "elasticity", "expected"), [(0.0, 1e120, 1.5, 1e-240), (1e68, 0.0, 4.7, 1e68)]
)
def test_one_cost_alone_is_verified_at_any_volume(
    variable: float, fixed: float, elasticity: float, expected: float
) -> None:
    """m^0.5 = 1/F, and m = V; the volume itself, m^1.5 or m^−4.7, is too far from 1 to be compared."""
    found = break_even(1.0, 0.0, variable, fixed, elasticity, 0.0)
    assert found.multiplier == pytest.approx(expected, rel=1e-9, abs=0)


# Near-singular


def test_the_answer_is_given_in_full_as_long_as_it_is_a_number() -> None:
    """At ε = 0.999, 3.7 m^0.001 = 6.7, since the inference that is left costs nothing: m = (6.7/3.7)^1000."""
    found = break_even(REVENUE, 0.0, 2.0, 6.7, 0.999, 0.0)
    assert found.multiplier is not None
    assert math.log(found.multiplier) == pytest.approx(1000 * math.log(6.7 / 3.7), rel=1e-9)
    assert found.near_singular


@pytest.mark.parametrize("elasticity", [0.9999, 1 - 1e-9, 1 - 1e-13, BELOW_1])
@pytest.mark.parametrize(("kept", "variable", "fixed"), [(0.0, 2.0, 6.7), (2.7, 2.0, 9.4), (0.0, 1e6, 4.0)])
def test_beyond_all_numbers_the_answer_is_undefined(
    elasticity: float, kept: float, variable: float, fixed: float
) -> None:
    """(6.7/3.7)^10000 has more than 2500 digits."""
    with pytest.raises(Undefined, match=r"^the break-even multiplier is beyond 1e299$"):
        break_even(REVENUE, kept, variable, fixed, elasticity, 0.0)


@pytest.mark.parametrize(
    "amounts_of",
    [
        (1.0, 0.0, 1.0, 3.0, BELOW_1, BELOW_1),  # hardly a cent of revenue is kept
        (10.0, 0.0, 0.0, 20.0, 1.0005, 0.0),  # (10/20)^(1/0.0005) has more than 600 zeros behind the point
        (20.0, 0.0, 0.0, 10.0, 0.9995, 0.0),
        (1.0, 10.0, 0.05, 0.0, 0.005, 0.0),  # (V/R₀)^(1/ε) = (0.005)^200 = 1e-460
    ],
)
def test_an_answer_too_small_or_large_for_a_number_is_undefined(amounts_of: tuple[float, ...]) -> None:
    with pytest.raises(Undefined, match=r"^the break-even multiplier is "):
        break_even(*amounts_of)


@pytest.mark.parametrize(
    "amounts_of",
    [
        (1e250, 0.0, 1e-3, 1e-112, 24.0, 0.0),
        (1e-150, 1e10, 1e211, 0.0, 0.5, 0.2),
        (1e103, 0.0, 1e-290, 1e9, 1.0, 0.0),
        (5e-324, 0.0, 5e-324, 5e-324, 1.1, 0.0),
    ],
)
def test_amounts_too_far_apart_have_no_answer(amounts_of: tuple[float, ...]) -> None:
    """Their ratios are no numbers, or have lost digits, as floats and in columns."""
    with pytest.raises(Undefined, match=r"^revenue and cost are too small, too large or too far apart$"):
        break_even(*amounts_of)
    assert np.isnan(columns_of([amounts_of])).all()


@pytest.mark.parametrize("elasticity", [1e-12, 1e-17, 1e-30])
def test_an_elasticity_next_to_nothing_ends_too(elasticity: float) -> None:
    """(4/9)^(1/ε) is not a number; at ε = 0 itself what is kept covers everything."""
    with pytest.raises(Undefined, match=r"^the break-even multiplier is "):
        break_even(1.0, 10.0, 4.0, 1.0, elasticity, 0.0)
    assert break_even(1.0, 10.0, 4.0, 1.0, 0.0, 0.0).covered


def test_the_flag_means_a_tenth_for_a_hundredth() -> None:
    assert NEAR_SINGULAR == 10.0
    assert Repricing(multiplier=2.0, steepness=10.0).near_singular
    assert Repricing(multiplier=2.0, steepness=-10.0).near_singular
    assert not Repricing(multiplier=2.0, steepness=9.99).near_singular
    assert not Repricing(multiplier=2.0).near_singular


@pytest.mark.parametrize(
    ("repriced", "kept", "variable", "fixed", "elasticity", "share"),
    [
        (3.7, 0.0, 2.0, 6.7, 0.9, 0.0),
        (1.0, 2.7, 1.0, 7.0, 0.3, 0.2),
        (10.0, 0.0, 30.0, 0.8, 2.0, 0.0),
        (10.0, 0.0, 12.0, 4.0, 1.0, 0.0),
        (10.0, 0.0, 0.0, 20.0, 0.5, 0.0),
    ],
)
def test_steepness_is_the_slope_of_the_answer(
    repriced: float, kept: float, variable: float, fixed: float, elasticity: float, share: float
) -> None:
    step = 1e-5
    here = break_even(repriced, kept, variable, fixed, elasticity, share)
    below = break_even(repriced, kept, variable, fixed, elasticity - step, share).multiplier
    above = break_even(repriced, kept, variable, fixed, elasticity + step, share).multiplier
    assert below is not None
    assert above is not None
    assert here.steepness == pytest.approx((math.log(above) - math.log(below)) / (2 * step), rel=1e-4)


def test_steepness_where_demand_does_not_answer() -> None:
    """From 0 on upwards: at ε = 0 the slope is ln m·(a·m − V)/(a·m)."""
    found = break_even(4.0, 0.0, 2.0, 6.0, 0.0, 0.0)
    assert found.multiplier == pytest.approx(2.0, rel=1e-12)
    assert found.steepness == pytest.approx(math.log(2) * (8 - 2) / 8, rel=1e-12)


# The elasticities at which the answer lies in a band


@pytest.mark.parametrize(
    ("amounts_of", "band"),
    [
        # a·m − V = K·m^ε at m = 10 and 100: 37 − 2 = 6.7·10^ε, 370 − 2 = 6.7·100^ε
        ((3.7, 0.0, 2.0, 6.7, 0.0), (math.log10(35 / 6.7), math.log10(368 / 6.7) / 2)),
        # 0.5·20·m − 32 = (37 − 0.5·10)·m^ε, and without an answer to price 6.4
        ((20.0, 10.0, 32.0, 37.0, 0.5), (math.log10(68 / 32), math.log10(968 / 32) / 2)),
        ((1.0, 0.0, 12.0, 3.0, 0.0), (0.0, math.log10(88 / 3) / 2)),  # 15 already where demand stays
        ((1.0, 0.0, 12.0, 0.0, 0.0), (0.0, math.inf)),  # nothing but inference: 12 at any elasticity
        ((1.0, 10.0, 50.0, 5.0, 0.0), (0.0, math.log10(40 / 5))),  # 45, and less as volume goes
        ((1.0, 10.0, 250.0, 5.0, 0.0), (math.log10(150 / 5) / 2, math.log10(240 / 5))),  # down from 245
        # Today's price covers it; 26·m^(1−ε) falls to 0.25 at 100 and at 10 times that.
        ((26.0, 0.0, 0.0, 0.25, 0.0), (math.log10(2600 / 0.25) / 2, math.log10(260 / 0.25))),
    ],
)
def test_the_elasticities_of_a_band(amounts_of: tuple[float, ...], band: tuple[float, float]) -> None:
    assert elasticities_between(10.0, 100.0, *amounts_of) == pytest.approx(band, rel=1e-12)


def test_a_band_ends_with_the_last_break_even() -> None:
    """3.7·m^(1−ε) = 4·m^−ε + 3 has a solution up to ε = 1.053, where it is 22, and none beyond."""
    band = elasticities_between(10.0, 100.0, 3.7, 0.0, 4.0, 3.0, 0.0)
    assert band is not None
    assert band[0] == pytest.approx(math.log10(33 / 3), rel=1e-12)
    assert 1.0 < band[0] < band[1] < 1.06
    assert break_even(3.7, 0.0, 4.0, 3.0, band[1] - 1e-6, 0.0).multiplier == pytest.approx(21.6, rel=0.02)
    assert break_even(3.7, 0.0, 4.0, 3.0, band[1] + 1e-6, 0.0).multiplier is None


@pytest.mark.parametrize(
    ("repriced", "kept", "variable", "fixed"),
    [
        (1.0, 10.0, 1.0, 10.0),  # 1, whatever demand does
        (1.0, 20.0, 1.0, 10.0),  # covered
        (1.0, 0.0, 0.5, 0.4),  # today's price earns a profit
        (1.0, 0.0, 100.0, 5.0),  # 105 and more
        (1.0, 10.0, 12.0, 5.0),  # 7, and less as volume goes
        (1.0, 0.0, 0.0, 0.0),
    ],
)
def test_no_elasticity_leads_into_the_band(
    repriced: float, kept: float, variable: float, fixed: float
) -> None:
    assert elasticities_between(10.0, 100.0, repriced, kept, variable, fixed, 0.0) is None


# Profit


@pytest.mark.parametrize(
    ("m", "elasticity", "share", "expected"),
    [
        (1.0, 3.0, 0.0, 10 + 5 - 4 - 6),
        (2.0, 1.0, 0.0, 10 + 5 - 2 - 6),
        (4.0, 0.5, 0.2, 0.8 * 25 - 2 - 6),
        (2.0, 1.0, 1.0, -2 - 6),
    ],
)
def test_profit(m: float, elasticity: float, share: float, expected: float) -> None:
    assert profit(m, 10.0, 5.0, 4.0, 6.0, elasticity, share) == pytest.approx(expected, rel=1e-12)


# Columns


def columns_of(points: Sequence[Sequence[float]]) -> list[float]:
    return list(multipliers(*(np.array(column, dtype=float) for column in zip(*points, strict=True))))


def test_columns_by_hand() -> None:
    """One point of each regime, at any elasticity, and NaN where there is no answer."""
    points_and_answers = [
        ((3.7, 0.0, 2.0, 6.7, 0.0, 0.0), 8.7 / 3.7),
        ((1.0, 2.7, 0.0, 8.7, 0.0, 0.0), 6.0),
        ((10.0, 0.0, 2.0, 4.0, 1.0, 0.5), 2.0),  # 5 = 2/m + 4
        ((10.0, 0.0, 0.0, 20.0, 0.5, 0.0), 4.0),  # 10·√m = 20
        ((10.0, 4.0, 5.0, 4.0, 1.7, 0.0), 0.5),  # nothing but the variable cost to cover
        ((1.0, 1.0, 6.0, 0.0, 2.0, 0.0), 2.0),  # m + m² = 6
        ((10.0, 0.0, 30.0, 0.8, 2.0, 0.0), 5.0),  # the smaller rise
        ((10.0, 0.0, 2.0, 12.0, 2.0, 0.0), 1 / 2),  # the smaller cut
        ((10.0, 0.0, 2.0, 4.5, 2.0, 0.0), 2 / 9),  # the lower, as today earns a profit
        ((10.0, 0.0, 30.0, 1.0, 2.0, 0.0), math.nan),  # no price breaks even
        ((10.0, 0.0, 2.0, 12.0, 1.0, 0.0), math.nan),
        ((10.0, 5.0, 0.0, 4.0, 0.5, 0.0), math.nan),  # any price covers the cost
        ((0.0, 5.0, 2.0, 4.0, 0.5, 0.0), math.nan),
        ((10.0, 0.0, 2.0, 4.0, 0.5, 1.0), math.nan),
        ((10.0, 0.0, math.nan, 4.0, 0.5, 0.0), math.nan),
    ]
    points, answers = zip(*points_and_answers, strict=True)
    assert columns_of(points) == pytest.approx(list(answers), rel=1e-13, nan_ok=True)


def test_columns_find_the_roots_of_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    """At all regimes beside one another, next to ε = 1, and where two roots all but meet; few by floats."""
    source = np.random.default_rng(0)
    size = (500, 4)
    wide = 10 ** source.uniform(-2, 2, size) * (source.random(size) > 0.1)
    elasticity = np.concatenate([source.uniform(0, 1, 200), source.uniform(1, 4, 200), np.repeat(1.0, 50)])
    elasticity = np.concatenate([elasticity, source.uniform(0.99, 1.01, 50)])
    share = source.random(500) * (source.random(500) > 0.5)
    points = [(*four, e, s) for four, e, s in zip(wide.tolist(), elasticity, share, strict=True)]
    # 10/m − 25/m² = F is greatest at m = 5, where it is 1.
    points += [(10.0, 0.0, 25.0, 1.0 - gap, 2.0, 0.0) for gap in (0.0, 1e-15, 1e-12, 1e-6, -1e-12, -1e-6)]

    def alone(*point: float) -> float:
        try:
            return multiplier(*point)
        except Undefined:
            return math.nan

    wanted = [alone(*map(float, point)) for point in points]
    assert 100 < sum(map(math.isnan, wanted)) < 300
    by_floats = Mock(side_effect=multiplier)
    monkeypatch.setattr(repricing_columns, "multiplier", by_floats)
    assert np.array_equal(columns_of(points), wanted, equal_nan=True)  # to the last bit
    assert by_floats.call_count < 30


def test_many_points_take_the_columns_roots() -> None:
    """10/m − 30/m² = F at 1/m = (10 − √(100 − 120·F))/60, whatever the number of points."""
    for count in (MANY - 1, MANY):
        fixed = np.linspace(0.1, 0.8, count)
        found = roots(multiplier)(10.0, 0.0, 30.0, fixed, 2.0, 0.0)
        by_hand = 60 / (10 + np.sqrt(100 - 120 * fixed))
        assert found == pytest.approx(by_hand, rel=1e-11)


# Properties

amounts = st.floats(1e-2, 1e2)
or_nothing = st.one_of(st.just(0.0), amounts)
shares = st.one_of(st.just(0.0), st.floats(0.0, 0.9))
elasticities = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.05, 0.95), st.floats(1.05, 3.0))
points = st.tuples(amounts, or_nothing, or_nothing, or_nothing, elasticities, shares)
Point = tuple[float, float, float, float, float, float]


def solved(*point: float) -> Repricing:
    """Return the answer; examples whose answer is too large or too small for a number are passed over."""
    try:
        return break_even(*point)
    except Undefined as why:
        assume(not str(why).startswith("the break-even multiplier is "))
        raise


@given(points)
def test_profit_is_zero_at_the_multiplier(point: Point) -> None:
    repriced, kept, variable, fixed, elasticity, share = point
    found = solved(*point)
    answers = answers_of(found)
    assert answers or found.reason
    for m in answers:
        assert m > 0
        earned = (1 - share) * repriced * m ** (1 - elasticity)
        scale = earned + (1 - share) * kept + variable * m**-elasticity + fixed
        residual = plain_profit(m, *point)
        assert abs(residual) <= 1e-9 * scale


@given(points)
def test_where_there_is_no_answer_no_price_is_one(point: Point) -> None:
    repriced, kept, _, fixed, *_ = point
    found = solved(*point)
    if found.multiplier is not None:
        assert found.reason is None
        return
    prices = [10 ** (exponent / 2) for exponent in range(-12, 13)]
    profits = [plain_profit(m, *point) for m in prices]
    if found.covered or found.least_loss is None:
        assert min(profits) >= -1e-9 * (kept + repriced)
    else:
        assert found.least_loss >= 0
        assert max(profits) <= -found.least_loss + 1e-9 * (kept + fixed + repriced)


@given(
    st.floats(1e-6, 1e6),
    st.one_of(st.just(0.0), st.floats(1e-6, 1e6)),
    st.one_of(st.just(0.0), st.floats(1e-6, 1e6)),
    st.one_of(st.just(0.0), st.floats(1e-6, 1e6)),
    st.one_of(st.sampled_from([0.0, 1.0]), st.floats(1e-3, 100.0)),
    st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.0, 1.0)),
)
def test_every_question_has_an_answer_or_a_reason(
    repriced: float, kept: float, variable: float, fixed: float, elasticity: float, share: float
) -> None:
    """Over whatever the command line takes; the only refusal is that the answer is too large or small."""
    found, refusal = None, ""
    try:
        found = break_even(repriced, kept, variable, fixed, elasticity, share)
    except Undefined as why:
        refusal = str(why)
    if found is None:
        assert refusal.startswith("the break-even multiplier is ")
        return
    assert (found.multiplier is None) == (found.reason is not None)
    for value in (found.multiplier, found.other, found.least_loss_multiplier):
        assert value is None or 0 < value < math.inf
    assert found.least_loss is None or 0 <= found.least_loss < math.inf


@given(points)
def test_the_multiplier_alone_is_the_same(point: Point) -> None:
    found = solved(*point)
    if found.multiplier is not None:
        assert multiplier(*point) == found.multiplier
    else:
        with pytest.raises(Undefined, match=f"^{re.escape(str(found.reason))}$"):
            multiplier(*point)


@given(points, st.integers(-60, 60))
def test_the_scale_of_money_does_not_matter(point: Point, exponent: int) -> None:
    scale = 2.0**exponent
    here = solved(*point)
    there = solved(*(scale * amount for amount in point[:4]), *point[4:])
    assert here.covered == there.covered
    assert here.reason == there.reason
    # Where today breaks even by itself, rounding decides which of two answers comes first.
    assert answers_of(there) == [pytest.approx(m, rel=1e-6) for m in answers_of(here)]
    assert there.least_loss_multiplier == here.least_loss_multiplier
    if here.least_loss is not None:
        assert there.least_loss == pytest.approx(scale * here.least_loss, rel=1e-9, abs=1e-9 * scale)


@given(amounts, or_nothing, or_nothing, amounts, st.floats(0.0, 0.9), st.floats(0.0, 0.9), shares)
def test_what_demand_takes_away_prices_must_bring_back(
    repriced: float, kept: float, variable: float, fixed: float, one: float, other: float, share: float
) -> None:
    """As long as more than the variable cost is to be covered, the rise grows with the elasticity."""
    assume(fixed > (1 - share) * kept)
    low, high = sorted((one, other))
    lower = solved(repriced, kept, variable, fixed, low, share).multiplier
    higher = solved(repriced, kept, variable, fixed, high, share).multiplier
    assert lower is not None
    assert higher is not None
    if lower >= 1:
        assert higher >= lower * (1 - 1e-9)
    else:
        assert higher <= lower * (1 + 1e-9)


@given(amounts, or_nothing, or_nothing, amounts, st.floats(0.0, 0.95), shares)
def test_more_cost_takes_a_higher_price(
    repriced: float, kept: float, variable: float, fixed: float, elasticity: float, share: float
) -> None:
    assume(fixed > (1 - share) * kept)
    before = solved(repriced, kept, variable, fixed, elasticity, share).multiplier
    after = solved(repriced, kept, variable, fixed * 1.01, elasticity, share).multiplier
    assert before is not None
    assert after is not None
    assert after > before


@given(amounts, or_nothing, or_nothing, or_nothing, st.floats(0.0, 3.0), shares)
def test_the_band_is_where_the_answer_lies_in_it(
    repriced: float, kept: float, variable: float, fixed: float, elasticity: float, share: float
) -> None:
    found = solved(repriced, kept, variable, fixed, elasticity, share).multiplier
    band = elasticities_between(10.0, 100.0, repriced, kept, variable, fixed, share)
    inside = band is not None and band[0] <= elasticity <= band[1]
    ends = [] if band is None else [end for end in band if end]
    assume(all(abs(elasticity - end) > 1e-6 for end in ends))
    assume(found is None or all(abs(found / end - 1) > 1e-6 for end in (10.0, 100.0)))
    assert inside == (found is not None and 10.0 <= found <= 100.0)

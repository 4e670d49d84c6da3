"""The proof of units: every formula runs on numbers that carry theirs, and must return what it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from calling import each
from llmcost.engine.formula import Formula
from llmcost.engine.units import DIMENSIONLESS, Constant, Measure, UnitMismatch, powers, same_unit
from llmcost.formulas import MODEL

FORMULAS = [formula for routes in MODEL.formulas.values() for formula in routes]

# Where 2 would be refused: no elasticity, income above cost, mixes alike, shares below 1.
VALUES = {
    "market.price_elasticity": 0.0,
    "traffic.revenue_per_day": 3.0,
    "serving.gpus": 30.0,
    "serving.cost_per_month": 30.0,
    "serving.capacity_tokens_per_day": 1e9,
    "alternative.blended_per_mtok": 1e9,
    "company.revenue_share": 0.5,
    "company.gross_profit": 0.5,
    "breakeven.cost": 30.0,
    "breakeven.cost_at_market": 30.0,
    "product.net_price_per_unit": 30.0,
    "capex.revenue_per_year": 30.0,
    "product.price_per_unit": 40.0,
    # 2 of 8 experts, all weights in 16 bits on one GPU, with room for them.
    **{f"model.{which}parameters": 20.0 for which in ("", "active_", "dense_")},
    "model.num_experts": 8.0,
    "deployment.math_bits": 16.0,
    "deployment.free_bytes": 100.0,
    "deployment.dense_copies": 1.0,
    "gpu.memory": 100.0,
    "deployment.gpus_per_replica": 1.0,
    "deployment.prefill_gpus_per_replica": 1.0,
    "deployment.min_tokens_per_second_per_user": 0.01,
    # No tier without a price, no fee and no threshold where the length is not known.
    **{
        f"{section}.{tier}_share": 0.0
        for section in ("workload", "traffic", "product")
        for tier in ("batch", "flex", "priority", "off_peak")
    },
    **{
        f"{names}long_context_{what}_multiplier": 1.0
        for names in ("price.", "alternative.", "product.supplier_")
        for what in ("input", "output")
    },
    **{f"{section}.fees_per_request": 0.0 for section in ("price", "traffic", "alternative", "product")},
}
ONE_KIND = {"blended_of_output": 1.0, "blended_of_input": 0.0}
"""The output share of what holds for output or input alone."""
SHARE = 0.25
OTHERWISE = 2.0


def measure(name: str, formula: Formula | None = None) -> Measure:
    unit = MODEL.quantities[name].unit
    value = VALUES.get(name, SHARE if unit == "share" else OTHERWISE)
    if formula is not None and name.endswith(".output_share"):
        value = ONE_KIND.get(formula.function.__name__.removesuffix("_of_workload"), value)
    return Measure(value, unit)


def name_of(formula: Formula) -> str:
    return f"{formula.quantity}-{formula.function.__name__}"


def selections(formula: Formula) -> Iterator[frozenset[str]]:
    """Yield which inputs are there: all, all but each optional one, and each optional one alone."""
    inputs = frozenset(formula.inputs)
    yield inputs
    for absent in formula.optional:
        if inputs - {absent}:
            yield inputs - {absent}
    for present in formula.optional:
        yield frozenset(formula.required) | {present}


def arguments(formula: Formula, present: frozenset[str]) -> list[Measure | None]:
    return [measure(name, formula) if name in present else None for name in formula.inputs]


def unit_powers(result: object) -> tuple[tuple[str, int], ...] | None:
    """Return the powers of a result; None for a plain zero, which is zero in every unit."""
    if isinstance(result, Measure):
        return result.powers
    if isinstance(result, Constant):
        return powers(result.unit)
    assert result == 0.0, f"a bare number that is not zero has no unit: {result!r}"
    return None


def assert_unit(result: object, unit: str, *, zero_passes: bool = False) -> None:
    found = unit_powers(result)
    if found is None:
        assert zero_passes, "a bare zero where a number with a unit was expected"
    else:
        assert found == powers(unit)


def prove(formula: Formula) -> int:
    """Prove one formula; return how many selections of its inputs were proved."""
    unit = MODEL.quantities[formula.quantity].unit
    proved = 0
    for present in selections(formula):
        values = arguments(formula, present)
        assert_unit(formula.function(*values), unit, zero_passes=not formula.inputs)
        proved += 1
    return proved


@each("formula", FORMULAS, name_of)
def test_formula_has_the_unit_it_declares(formula: Formula) -> None:
    assert prove(formula) >= 1 + len(formula.optional)


def test_every_unit_of_the_vocabulary_is_built_from_known_base_units() -> None:
    bases = {base for quantity in MODEL.quantities.values() for base, _ in powers(quantity.unit)}
    time = {"second", "hour", "day", "month", "year"}
    charged = {"call"}
    hardware = {"byte", "bit", "FLOP", "W", "Wh", "kWh", "user"}
    assert bases == {"USD", "tok", "Mtok", "GPU", "instance", "unit", "request", *charged, *time, *hardware}


# A proof that cannot fail proves nothing: these formulas are wrong, and it must say so.


def no_conversion(serving_gpu_hour_cost: Any, serving_prefill_tokens_per_gpu_second: Any) -> Any:
    return serving_gpu_hour_cost / serving_prefill_tokens_per_gpu_second


def unlike_terms(price_input_per_mtok: Any, serving_gpu_hour_cost: Any) -> Any:
    return price_input_per_mtok + serving_gpu_hour_cost


def upside_down(revenue_api: Any, company_period_months: Any) -> Any:
    return company_period_months / revenue_api


def plain_hours(serving_gpus: Any, serving_gpu_hour_cost: Any) -> Any:
    return serving_gpus * 24 * serving_gpu_hour_cost


def bare_number(revenue_api: Any) -> Any:
    return 7.0


@pytest.mark.parametrize(
    ("function", "inputs", "unit"),
    [
        (no_conversion, ("serving.gpu_hour_cost", "serving.prefill_tokens_per_gpu_second"), "USD/Mtok"),
        (unlike_terms, ("price.input_per_mtok", "serving.gpu_hour_cost"), "USD/Mtok"),
        (upside_down, ("revenue.api", "company.period_months"), "USD/month"),
        (plain_hours, ("serving.gpus", "serving.gpu_hour_cost"), "USD/day"),
        (bare_number, ("revenue.api",), "USD"),
    ],
)
def test_wrong_formulas_are_caught(function: Callable[..., Any], inputs: tuple[str, ...], unit: str) -> None:
    with pytest.raises((UnitMismatch, AssertionError)):
        assert_unit(function(*map(measure, inputs)), unit)


def test_the_same_proof_passes_a_right_formula() -> None:
    def per_month(revenue_api: Any, company_period_months: Any) -> Any:
        return revenue_api / company_period_months

    assert_unit(per_month(measure("revenue.api"), measure("company.period_months")), "USD/month")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("USD/GPU-hour", (("GPU", -1), ("USD", 1), ("hour", -1))),
        ("GPU-hour", (("GPU", 1), ("hour", 1))),
        ("tok/GPU-second", (("GPU", -1), ("second", -1), ("tok", 1))),
        ("USD", (("USD", 1),)),
        ("USD/USD", ()),
        ("share", ()),
        ("×", ()),
        ("–", ()),
        ("", ()),
    ],
)
def test_powers_of_a_unit(unit: str, expected: tuple[tuple[str, int], ...]) -> None:
    assert powers(unit) == expected


def test_all_spellings_of_a_plain_number_are_one_unit() -> None:
    assert {powers(unit) for unit in DIMENSIONLESS} == {()}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("USD/GPU-hour", "USD/hour-GPU", True),
        ("share", "×", True),
        ("USD/USD", "share", True),
        ("USD/Mtok", "USD/tok", False),
        ("hour", "day", False),
        ("USD/month", "USD", False),
        ("USD", "USD/share", True),
    ],
)
def test_same_unit(one: str, other: str, same: bool) -> None:
    assert same_unit(one, other) is same


def test_a_constant_is_a_float_with_a_unit() -> None:
    hours = Constant(24, "hour/day")
    assert isinstance(hours, float)
    assert hours.unit == "hour/day"
    assert hours * 2 == 48.0
    assert not hasattr(hours * 2, "unit")
    assert hours / 24 == 1.0


def test_a_constant_brings_its_unit_into_a_measure() -> None:
    hours = Constant(24, "hour/day")
    for product in (Measure(2, "day") * hours, hours * Measure(2, "day")):
        assert product.powers == powers("hour")
        assert product.value == 48.0
    assert (Measure(48, "hour") / hours).powers == powers("day")
    assert (hours / Measure(2, "hour")).powers == (("day", -1),)


def test_measures_calculate() -> None:
    six, two = Measure(6, "USD"), Measure(2, "USD")
    results = [six + two, six - two, two - six, -six, abs(-six), six * 2, 2 * six, six / 2]
    assert [result.value for result in results] == [8, 4, -4, -6, 6, 12, 12, 3]
    assert {result.powers for result in results} == {powers("USD")}
    assert (six / two).powers == ()
    assert (12 / six).powers == (("USD", -1),)
    assert (1 - six / two).value == -2
    assert (Measure(3) ** Measure(2)).value == 9
    assert (2 ** Measure(3)).value == 8


def test_measures_compare() -> None:
    six, two = Measure(6, "USD"), Measure(2, "USD")
    assert two < six <= six
    assert six > two >= two
    assert six == Measure(6, "USD")
    assert six != two


def test_a_bare_zero_is_zero_in_every_unit() -> None:
    six = Measure(6, "USD")
    assert six > 0
    assert (six + 0).powers == powers("USD")
    assert (0 - six).value == -6


@pytest.mark.parametrize(
    "wrong",
    [
        lambda usd, hour: usd + hour,
        lambda usd, hour: usd - hour,
        lambda usd, hour: usd < hour,
        lambda usd, hour: usd <= hour,
        lambda usd, hour: usd > hour,
        lambda usd, hour: usd >= hour,
        lambda usd, hour: usd == hour,
        lambda usd, hour: usd + 1,
        lambda usd, hour: 1 - usd,
        lambda usd, hour: usd > 1,
        lambda usd, hour: usd + Constant(0, "hour"),
        lambda usd, hour: usd**2,
        lambda usd, hour: 2**usd,
        lambda usd, hour: (usd / usd) ** hour,
        lambda usd, hour: usd * "2",
    ],
)
def test_what_does_not_fit_is_refused(wrong: Callable[[Measure, Measure], Any]) -> None:
    with pytest.raises(UnitMismatch):
        wrong(Measure(6, "USD"), Measure(2, "hour"))

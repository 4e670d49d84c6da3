"""Growth rates and shares are stated like other numbers: ranges, `--set`, what-ifs, and parts of a change."""

from __future__ import annotations

import math

import pytest

from calling import made, refusal, write
from llmcost import (
    LlmcostError,
    Scenario,
    diff,
    evaluate,
    explain,
    load,
    project,
    sensitivity,
    simulate,
    snapshot,
    solve,
    sweep,
)
from llmcost.analysis.ask.load import over_months, prepare
from llmcost.scenario.files.snapshot import dump
from llmcost.scenario.values.growth import in_months

RATE = "trajectory.revenue.api"
# A year's 1200 are 100 a month; 150 of cost.
COMPANY = "revenue: {api: 1200}\ncost: {staff: 1800}\ncash.balance: 400\nhorizon_months: 24\n"


def growing(growth: str) -> Scenario:
    return made(f"{COMPANY}trajectory: {{revenue.api: {growth}}}\n")


def revenue(scenario: Scenario, month: int) -> float:
    return project(scenario, months=month).rows[-1].flows["revenue.api"]


def fault(growth: str) -> str:
    return refusal(growing, growth).partition("revenue.api: ")[2]


@pytest.mark.parametrize(
    ("text", "value", "low", "high", "unit"),
    [
        ("+8%/month", 0.08, None, None, "share/month"),
        ("-30%/year", -0.3, None, None, "share/year"),
        ("x3/year", 2.0, None, None, "share/year"),
        ("x 1.5/quarter", 0.5, None, None, "share/quarter"),
        ("+4% to +16%/month", 0.08, 0.04, 0.16, "share/month"),
        ("+4%/month to +16%/month", 0.08, 0.04, 0.16, "share/month"),
        ("-10% to +20%/year", 0.05, -0.1, 0.2, "share/year"),
        ("x1.5 to x3/year", 1.0, 0.5, 2.0, "share/year"),
    ],
)
def test_a_growth_is_a_stated_number(
    text: str, value: float, low: float | None, high: float | None, unit: str
) -> None:
    scenario = growing(f"'{text}'")
    datum = scenario.data[RATE]
    assert datum.value == pytest.approx(value)
    assert (datum.low, datum.high) == (low and pytest.approx(low), high and pytest.approx(high))
    assert (scenario.quantity(RATE).unit, datum.text) == (unit, text)
    assert datum.place.line == 6


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("+16% to +4%/month", "a range goes from low to high, got '+16% to +4%/month'"),
        ("+4%/month to +16%/year", "both ends of a range have the same period"),
        ("+4% to +16%", "a growth needs its period; did you mean '+4% to +16%/month'"),
        ("-100% to +5%/year", "cannot shrink by 100% or more"),
        ("4% to 16%/month", "a growth needs a sign; did you mean '+4% to +16%/month'?"),
    ],
)
def test_a_range_of_growth_that_is_none(text: str, said: str) -> None:
    assert fault(f"'{text}'").startswith(said)


@pytest.mark.usefixtures("here")
def test_every_rate_of_a_trajectory_has_a_name() -> None:
    scenario = growing("{1: +8%/month, 7: 2400, 13: x2/year}")
    assert [name for name in scenario.data if name.startswith("trajectory.")] == [RATE, f"{RATE}.13"]
    write(
        "s.yaml",
        f"llmcost: 1\n{COMPANY}trajectory: {{revenue.api: +8%/month}}\n"
        "variants: {v: {trajectory: {cost.staff: 40% of revenue.api}}}",
    )
    variant = load("./s.yaml:v")
    assert variant.data["follows.cost.staff"].value == pytest.approx(0.4)
    assert (variant.quantity("follows.cost.staff").unit, RATE in variant.data) == ("share", True)


def test_a_source_and_a_distribution_are_those_of_the_rate() -> None:
    growth = "{growth: +4% to +16%/month, dist: uniform, basis: estimated, source: somebody}"
    datum = growing(growth).data[RATE]
    assert (datum.dist, datum.basis, datum.source) == ("uniform", "estimated", "somebody")


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("12%", 0.12),
        ("+12%/month", 0.12),
        ("x4/year", 4 ** (1 / 12) - 1),
        ("'*2'", 0.16),
        ("+50%", 0.12),
        ("0", 0.0),
    ],
)
def test_a_growth_is_set_like_any_number(written: str, rate: float) -> None:
    scenario = prepare(growing("+8%/month"), set=[f"{RATE}={written}"])
    assert scenario.data[RATE].value == pytest.approx(rate)
    assert revenue(scenario, 3) == pytest.approx(100 * (1 + rate) ** 2)
    assert dict(project(scenario).notes)[RATE].endswith(" in place of +8%/month")
    assert scenario.replace(**{RATE: "12%"}).data[RATE].value == pytest.approx(0.12)


def test_a_growth_that_is_set_keeps_the_period_of_the_file() -> None:
    """5 % a month compound to 1.05¹² a year."""
    scenario = prepare(growing("x2/year"), set=[f"{RATE}=+5%/month"])
    assert scenario.data[RATE].value == pytest.approx(1.05**12 - 1)
    assert in_months(0.05, 1, 12) == pytest.approx(1.05**12 - 1)
    ranged = prepare(growing("x2/year"), set=[f"{RATE}=+5% to +6%/month"]).data[RATE]
    assert ranged.high == pytest.approx(1.06**12 - 1)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("trajectory.cost.staff=5%", "has no trajectory.cost.staff; it has trajectory.revenue.api"),
        ("follows.cost.staff=5%", "trajectory cost.staff=+8%/month gives one"),
        (f"{RATE}=null", "cannot be removed; 0% stops it"),
        (f"{RATE}=-120%/month", "cannot shrink by 100% or more, got '-120%/month'"),
        (f"{RATE}=+5%/decade", "unknown period 'decade'"),
        ("trajectory.revenue.app=5%", "unknown quantity 'trajectory.revenue.app'"),
    ],
)
def test_what_cannot_be_set_says_why(written: str, said: str) -> None:
    assert said in refusal(prepare, growing("+8%/month"), set=[written])


def test_another_trajectory_takes_the_place_of_a_rate() -> None:
    scenario = over_months(growing("{1: +8%/month, 7: x2/year}"), None, ["revenue.api=+5%/month"])
    assert [name for name in scenario.data if name.startswith("trajectory.")] == [RATE]
    assert revenue(scenario, 9) == pytest.approx(100 * 1.05**8)


def test_sweeps_move_a_growth() -> None:
    """At 0 % 50 a month are burnt of 400; at 50 % revenue is 150 in month 2, and no more is burnt."""
    scenario = growing("+8%/month")
    found = sweep(scenario, vary=[f"{RATE}=0,50%"], metrics=["project.funding_needed"])
    assert [row[-1] for row in found.rows()] == pytest.approx([24 * 50, 50])
    with pytest.raises(LlmcostError, match=r"no trajectory states trajectory\.cost\.staff; there are"):
        sweep(scenario, vary=["trajectory.cost.staff=0,1"], metrics=["project.funding_needed"])


def test_solve_finds_the_growth_that_breaks_even_in_time() -> None:
    """From 100 to 150 in twelve months: 1.5^(1/12) − 1 a month."""
    solved = solve(
        growing("+8%/month"), vary=RATE, until="project.breakeven_month <= 13", between="0% to 50%"
    )
    assert solved.holds[0][0] == pytest.approx(1.5 ** (1 / 12) - 1, abs=2e-3)


def test_sensitivity_tells_what_a_growth_does() -> None:
    scenario = growing("+2% to +8%/month")
    influences = {item.quantity.name: item for item in sensitivity(scenario, "project.cash_end").influences}
    at_high = project(prepare(scenario, set=[f"{RATE}=8%"])).outcomes["project.cash_end"].value
    assert influences[RATE].at_high == pytest.approx(at_high)
    assert influences[RATE].quantity.unit == "share/month"


def test_simulations_draw_a_growth() -> None:
    scenario = growing("{growth: +2% to +8%/month, dist: uniform}")
    found = simulate(scenario, metrics=["project.cash_end"], draws=400)
    assert [quantity.name for quantity in found.uncertain] == [RATE]
    middle = project(prepare(scenario, set=[f"{RATE}=5%"])).outcomes["project.cash_end"].value
    assert found.metrics[0].percentiles[2].value == pytest.approx(middle, rel=1e-2)


@pytest.mark.usefixtures("here")
def test_a_growth_has_a_part_of_its_own_in_a_change() -> None:
    """+8 % a month, and a year later 2.6 times a year, beside a cost that rises: each has its part."""
    text = f"{COMPANY}trajectory: {{revenue.api: +8%/month}}\n"
    write("s.yaml", text)
    write("before.json", dump(snapshot("./s.yaml")))
    write("s.yaml", text.replace("+8%/month", "x2.6/year").replace("staff: 1800", "staff: 1900"))
    moved = {move.metric: move for one in diff("before.json").scenarios for move in one.moves}
    assert moved[RATE].before == pytest.approx(1.08**12 - 1)
    assert moved[RATE].after == pytest.approx(1.6)
    end = moved["project.cash_end"]
    parts = {part.names: part.change for part in end.parts}
    assert parts[("cost.staff",)] == pytest.approx(-100 / 12 * 24)
    grown = (2.6 ** (1 / 12), 1.08)
    sums = [sum(100 * factor**month for month in range(24)) for factor in grown]
    assert parts[(RATE,)] == pytest.approx(sums[0] - sums[1])
    assert math.fsum(parts.values()) == pytest.approx(end.change)


@pytest.mark.usefixtures("here")
def test_the_same_growth_in_another_period_is_no_change() -> None:
    write("s.yaml", f"{COMPANY}trajectory: {{revenue.api: +100%/year}}\n")
    write("before.json", dump(snapshot("./s.yaml")))
    write("s.yaml", f"{COMPANY}trajectory: {{revenue.api: x{2 ** (1 / 12)!r}/month}}\n")
    assert not [move for one in diff("before.json").scenarios for move in one.moves]


def test_a_rate_is_explained_and_shown() -> None:
    scenario = growing("{growth: +8%/month, source: somebody}")
    assert evaluate(scenario, [RATE]).value(RATE) == pytest.approx(0.08)
    tree = explain(scenario, RATE).tree
    assert tree.datum is not None
    assert tree.datum.source == "somebody"


def test_a_yearly_growth_says_what_the_first_year_adds_up_to() -> None:
    """1200 a year from month 1 on at twice a year: 100·(2^(12/12) − 1)/(2^(1/12) − 1)."""
    notes = dict(project(growing("x2/year")).notes)
    first = 100 / (2 ** (1 / 12) - 1)
    assert notes["revenue.api"] == (
        "1.2k a year in month 1, growing x2/year month by month: months 1 to 12 add up to "
        f"{first / 1000:.3g}k"
    )
    assert "revenue.api" not in dict(project(growing("+2%/year")).notes)
    assert "revenue.api" not in dict(project(growing("{1: x2/year, 12: 5}")).notes)

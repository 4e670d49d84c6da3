"""Cash over time: credits and shares, the deepest hole, and `show` and `project` of one mind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calling import each, made
from llmcost import LlmcostError, Scenario, evaluate, project


def outcome(scenario: Scenario, name: str, **asked: int) -> float | None:
    return project(scenario, **asked).outcomes[f"project.{name}"].value  # type: ignore[arg-type]


# A year of 1200 is 100 a month.


def test_a_company_on_its_credits() -> None:
    """5B of 8B are compute, which 6B of credits pay for; 2B of funding and 4B of revenue a year."""
    shown = evaluate("acme", ["company.net_burn_per_month", "company.runway_months"])
    projected = project("acme")
    assert shown.value("company.net_burn_per_month") == pytest.approx(-1e9 / 12)
    assert projected.rows[0].net_burn == pytest.approx(-1e9 / 12)
    assert shown.value("company.runway_months") == pytest.approx((2 + 6) / 4 * 12)
    assert projected.outcomes["project.runway_months"].value == pytest.approx((2 + 6) / 4 * 12)
    # 14 months of 5/12 on credits, and what is left of 6B in the 15th.
    assert projected.rows[14].credits_used == pytest.approx(6e9 - 14 * 5e9 / 12)


def test_credits_pay_the_compute_before_cash_does() -> None:
    """90 a month are burnt of which credits pay 100: 50 months earn 10, and the 600 last 6⅔ more."""
    company = made(
        "revenue.api: 1200\ncost: {inference: 1200, staff: 1200, stock_compensation: 120}\n"
        "cash: {balance: 100, credits: 5000}"
    )
    assert outcome(company, "runway_months") == pytest.approx(50 + 600 / 90)
    assert evaluate(company).value("company.runway_months") == pytest.approx(50 + 600 / 90)


def test_a_hole_that_comes_after_break_even_needs_its_funding() -> None:
    """10 a month are earned; 200 a month of training from month 3 to 14 make it 190 that are burnt."""
    company = made(
        "revenue.api: 1200\ncost: {inference: 600, staff: 480}\ncash.balance: 100\n"
        "events: [{at: 3, cost.training: 2400}, {at: 15, cost.training: 0}]"
    )
    assert outcome(company, "breakeven_month") == 1
    assert outcome(company, "funding_needed") == pytest.approx(12 * 190 - 2 * 10)
    assert outcome(company, "funding_gap") == pytest.approx(12 * 190 - 2 * 10 - 100)
    assert outcome(company, "cash_low") == pytest.approx(-2160)
    assert project(company).outcomes["project.funding_needed"].month == 14


def test_cash_that_never_falls_needs_no_funding() -> None:
    """A loss of 600 of which 720 are no cash: it never breaks even and earns 10 a month."""
    company = made("revenue.api: 1200\ncost: {inference: 600, staff: 1200, noncash: 720}")
    assert outcome(company, "breakeven_month") is None
    assert outcome(company, "funding_needed") == 0
    assert project(company).rows[0].net_burn == pytest.approx(-10)


def test_what_is_taken_out_is_needed_too() -> None:
    """10 a month are earned, and 50 are taken out in month 2."""
    company = made("revenue.api: 240\ncost.staff: 120\ncash.balance: 5\nevents: [{at: 2, cash.balance: -50}]")
    assert outcome(company, "funding_needed", months=6) == pytest.approx(50 - 20)
    assert outcome(company, "funding_gap", months=6) == pytest.approx(50 - 20 - 5)


def test_a_hole_that_still_deepens_says_so() -> None:
    company = made("revenue.api: 120\ncost.staff: 240\ncash.balance: 5")
    result = project(company, months=6)
    assert result.outcomes["project.funding_needed"].value == pytest.approx(60)
    assert (
        "project.funding_needed",
        "the cash still falls in month 6: a longer projection needs more",
    ) in result.notes


def test_nothing_but_rounding_is_nothing() -> None:
    """Two months on credits and one in part: what is earned in the first two is burnt in the third."""
    burns = [row.net_burn for row in project("acme", by="quarter").rows]
    assert burns[4] == 0.0
    assert burns[3] == pytest.approx(-2.5e8)
    # 0.1 + 0.2 is not 0.3 in floats, and a profit of -5.6e-17 is none.
    company = made("revenue: {api: 0.1, subscription: 0.2}\ncost: {staff: 0.3}\ncash.balance: 0.3")
    result = project(company, months=3)
    assert [row.flows["company.operating_profit"] for row in result.rows] == [0, 0, 0]
    assert [row.net_burn for row in result.rows] == [0, 0, 0]
    assert result.outcomes["project.funding_needed"].value == 0


@each("asked", ["cash.committed_funding", "cash.credits", "cash.available", "cash", "*"])
def test_any_stock_can_be_followed(asked: str) -> None:
    """What was committed has come in with month 1; of a section, what can be derived is shown."""
    result = project("acme", months=2, metrics=[asked])
    names = [metric.name for metric in result.metrics]
    assert set(names) >= ({asked} if "." in asked else {"cash.credits", "cash.committed_funding"})
    assert not {"product.supplier_price_multiplier", "capex.residual_share"} & {*names}
    last = result.rows[1].metrics
    if "cash.committed_funding" in names:
        assert last["cash.committed_funding"] == 0
    if "cash.credits" in names:
        assert last["cash.credits"] == pytest.approx(6e9 - 2 * 5e9 / 12)


def test_a_stock_that_is_not_there_says_why() -> None:
    company = made("revenue.api: 120\ncost.staff: 240")
    with pytest.raises(LlmcostError, match=r"company: cash\.committed_funding: not stated"):
        project(company, metrics=["cash.committed_funding"])
    for pattern in ("cash", "product.*"):
        with pytest.raises(LlmcostError, match=r"company: \S+: nothing that is stated leads to it"):
            project(company, metrics=[pattern])


# What always holds.

AMOUNTS = st.integers(0, 10**9).map(float)


@st.composite
def companies(draw: st.DrawFn) -> str:
    """A company in which nothing moves."""
    money = [draw(AMOUNTS) for _ in range(8)]
    shares, used = (draw(st.integers(0, 100)) / 100 for _ in range(2))
    texts = [
        f"company.period_months: {draw(st.integers(1, 24))}",
        f"revenue: {{api: {money[0]!r}, subscription: {money[1]!r}}}",
        f"cost: {{inference: {money[2]!r}, training: {money[3]!r}, staff: {money[4]!r}}}",
        f"cash: {{balance: {money[5]!r}}}",
        f"cash.credits: {money[6]!r}" if draw(st.booleans()) else "",
        f"cash.committed_funding: {money[7]!r}" if draw(st.booleans()) else "",
        f"cost.stock_compensation: {shares * money[4]!r}" if draw(st.booleans()) else "",
        f"cost.credits_used: {used * money[2]!r}" if draw(st.booleans()) else "",
    ]
    return "\n".join(filter(None, texts))


@given(text=companies())
def test_show_and_project_agree_where_nothing_moves(text: str) -> None:
    company = made(text)
    shown = evaluate(company, ["company.net_burn_per_month", "company.runway_months"])
    burn, runway = shown.value("company.net_burn_per_month"), shown.value("company.runway_months")
    result = project(company, months=120)
    size = max(result.rows[0].flows["cost.total"], result.rows[0].flows["revenue.total"])
    assert result.rows[0].net_burn == pytest.approx(burn, rel=1e-9, abs=1e-9 * size)
    projected = result.outcomes["project.runway_months"]
    if runway is None or runway > 120:
        assert projected.beyond
    else:
        assert projected.value == pytest.approx(runway, rel=1e-9, abs=1e-9)


@given(text=companies(), growth=st.integers(-20, 20), month=st.integers(1, 12), amount=AMOUNTS)
def test_what_is_needed_is_never_less_than_what_is_missing(
    text: str, growth: int, month: int, amount: float
) -> None:
    """With all that there is and comes in, what is missing is what is needed at that, and no more."""
    moved = (
        f"\ntrajectory: {{revenue.api: {growth:+}%/month}}\n"
        f"events: [{{at: {month}, cash.balance: {'+' if growth % 2 else '-'}{amount!r}}}]"
    )
    result = project(made(text + moved), months=24)
    needed, gap = (result.outcomes[f"project.{name}"].value for name in ("funding_needed", "funding_gap"))
    assert needed is not None
    assert gap is not None
    there = (result.rows[0].opening or 0.0) + sum(max(row.funding, 0.0) for row in result.rows)
    rounding = 1e-9 * (needed + there)
    assert needed >= gap - rounding
    assert needed <= gap + there + rounding

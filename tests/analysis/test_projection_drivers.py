"""What moves other things in a projection: what costs follow, churn and new units, capital."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calling import made
from llmcost import LlmcostError, project


def flows(text: str, name: str, months: int) -> list[float]:
    return [row.flows[name] for row in project(made(text), months=months).rows]


def fault(text: str) -> str:
    with pytest.raises(LlmcostError) as caught:
        project(made(text))
    return str(caught.value).partition(".yaml:")[2] or str(caught.value)


# A year's 1200 are 100 a month.

COMPANY = """
revenue: {api: 1200, subscription: 1200}
cost: {inference: 960, staff: 120}
cash.balance: 100
"""


def test_a_cost_that_is_a_share_of_revenue_doubles_with_it() -> None:
    """40 % of 200, and of 400 once revenue has doubled."""
    text = COMPANY + (
        "trajectory: {revenue.api: {2: 2400}, revenue.subscription: {2: 2400}, "
        "cost.inference: follows 40% of revenue.total}"
    )
    assert flows(text, "cost.inference", 3) == pytest.approx([80, 160, 160])
    assert flows(text, "cost.total", 3) == pytest.approx([90, 170, 170])
    said = fault(COMPANY + "trajectory: {cost.inference: {follows: 40% of revenue.total}}")
    assert said.endswith(
        "cost.inference: 'follows' is no month; did you mean 'follows 40% of revenue.total'?"
    )


def test_a_cost_that_follows_grows_by_the_same_factor() -> None:
    """80 of inference beside 100 of the API, which grows by a half."""
    text = COMPANY + "trajectory: {revenue.api: +50%/month, cost.inference: follows revenue.api}"
    assert flows(text, "cost.inference", 3) == pytest.approx([80, 120, 180])
    whole = COMPANY + "trajectory: {revenue.api: +50%/month, cost.inference: follows revenue.total}"
    assert flows(whole, "cost.inference", 3) == pytest.approx([80, 80 * 250 / 200, 80 * 325 / 200])
    price = "price.cache_write_1h_per_mtok"  # a name with a digit, in a step
    moves = f"{{{price}: +50%/month, cost.inference: {{1: follows {price}}}}}"
    dearer = f"{COMPANY}{price}: 4\ntrajectory: {moves}"
    assert flows(dearer, "cost.inference", 3) == pytest.approx([80, 120, 180])


def test_what_follows_begins_with_what_is_stated() -> None:
    """Month 1 puts the API at 150 where 100 are stated: inference is half as much again from the start."""
    text = COMPANY + "trajectory: {revenue.api: [1800, 1800], cost.inference: follows revenue.api}"
    assert flows(text, "cost.inference", 2) == pytest.approx([120, 120])


def test_events_move_what_is_followed_and_what_follows() -> None:
    """The API doubles in month 2; inference gets a fifth cheaper in month 3, and doubles again."""
    text = COMPANY + (
        "trajectory: {cost.inference: follows revenue.api}\n"
        "events: [{at: 2, revenue.api: '*2'}, {at: 3, cost.inference: -20%}, {at: 4, revenue.api: +2400}]"
    )
    assert flows(text, "cost.inference", 4) == pytest.approx([80, 160, 128, 256])


def test_one_follows_another_that_follows() -> None:
    text = COMPANY + (
        "trajectory: {cost.staff: follows cost.inference, cost.inference: follows revenue.api, "
        "revenue.api: x2/month}"
    )
    assert flows(text, "cost.staff", 3) == pytest.approx([10, 20, 40])


def test_phases_of_following() -> None:
    """From month 2 on 40 % of revenue, from 3 on a growth of a half, from 4 on along with the API."""
    text = COMPANY + (
        "trajectory:\n  revenue.api: {4: 2400}\n"
        "  cost.inference: {2: 40% of revenue.total, 3: +50%/month, 4: follows revenue.api}"
    )
    assert flows(text, "cost.inference", 5) == pytest.approx([80, 80, 120, 240, 240])


def test_what_follows_revenue_goes_by_volume_where_prices_change() -> None:
    """At ε = 0.5 four times the price is half the volume: inference and data halve, revenue doubles."""
    text = COMPANY.replace("staff", "data: 240, staff") + (
        "market.price_elasticity: 0.5\ncompany.api_inference_share: 1\n"
        "trajectory: {cost.inference: follows revenue.api, cost.data: follows revenue.api, "
        "cost.staff: 10% of revenue.api}\n"
        "events: [{at: 2, reprice: {payer: api-only, multiplier: 4}}, {at: 3, revenue.api: '*2'}]"
    )
    assert flows(text, "revenue.api", 3) == pytest.approx([100, 200, 400])
    assert flows(text, "cost.inference", 3) == pytest.approx([80, 40, 80])
    assert flows(text, "cost.data", 3) == pytest.approx([20, 10, 20])
    assert flows(text, "cost.staff", 3) == pytest.approx([10, 20, 40])
    notes = dict(project(made(text), months=3).notes)
    assert notes["cost.data"] == "follows revenue.api by volume: a change of price alone does not move it"
    fixed = text.replace("cost.inference: follows revenue.api", "cost.inference: 80% of revenue.api")
    assert fault(fixed).endswith(
        "reprice: the trajectory of cost.inference already says what it is; a repricing contradicts it"
    )


@pytest.mark.parametrize(
    ("trajectory", "said"),
    [
        ("cost.data: follows revenue.api", "cost.data: is not stated, so there is nothing to go along with"),
        ("cost.staff: follows revenue.other", "revenue.other, which is not stated and cannot be derived"),
        ("cost.staff: follows cost.total", "follows cost.total, which depends on cost.staff itself"),
        ("cost.staff: 10% of cost.total", "follows cost.total, which depends on cost.staff itself"),
        ("cost.staff: follows cash.balance", "cannot follow cash.balance: it is a stock"),
        ("cost.staff: follows cost.staff", "cost.staff: cannot follow cost.staff"),
        ("cost.staff: follows project.cash_end", "cannot follow project.cash_end"),
        ("cost.staff: follows revenue.app", "unknown quantity 'revenue.app'; did you mean 'revenue.api'?"),
        ("cost.staff: -5% of revenue.api", "a share must not be negative, got '-5% of revenue.api'"),
        ("cost.staff: x of revenue.api", "expected a number, got 'x'"),
        (
            "cost.staff: 5% of product.units_per_month",
            "cannot be a share of product.units_per_month: one is in USD, the other in unit/month",
        ),
    ],
)
def test_what_cannot_be_followed_says_why(trajectory: str, said: str) -> None:
    assert said in fault(f"{COMPANY}trajectory: {{{trajectory}}}")


def test_what_rises_from_nothing_cannot_be_followed_by_a_factor() -> None:
    text = "revenue: {api: 0}\ncost: {staff: 120}\ntrajectory: {cost.staff: follows revenue.api}\n"
    text += "events: [{at: 3, revenue.api: 12}]"
    said = "cost.staff: follows revenue.api, which rises from 0 in month 3"
    assert fault(text).endswith(said)


@settings(max_examples=30)
@given(
    percent=st.integers(1, 300),
    growth=st.integers(-30, 60),
    money=st.lists(st.integers(1, 10**9), min_size=3, max_size=3),
)
def test_what_follows_keeps_its_share(percent: int, growth: int, money: list[int]) -> None:
    text = (
        f"revenue: {{api: {money[0]}, other: {money[1]}}}\ncost: {{inference: {money[2]}, staff: 1}}\n"
        f"trajectory: {{revenue.api: {growth:+}%/month, cost.inference: follows revenue.total, "
        f"cost.staff: {percent}% of revenue.total}}"
    )
    rows = project(made(text), months=6).rows
    for row in rows:
        revenue = row.flows["revenue.total"]
        assert row.flows["cost.staff"] == pytest.approx(percent / 100 * revenue, rel=1e-9)
        assert row.flows["cost.inference"] / revenue == pytest.approx(
            money[2] / (money[0] + money[1]), rel=1e-9
        )


# Capital

OWNER = "capex: {useful_life_years: 6, cost_of_capital: 0, spend: 200B}\n"
STEPS = "trajectory: {capex.spend: {13: 250B, 25: 300B, 37: 400B, 49: 500B}}\n"


def charges(text: str, name: str, years: int) -> list[float | None]:
    found = project(made(text), months=12 * years, by="year", metrics=[name])
    return [row.metrics[name] for row in found.rows]


@pytest.mark.parametrize("name", ["capex.charge_per_year", "capex.depreciation_per_year"])
def test_every_purchase_has_a_charge_of_its_own(name: str) -> None:
    """200, 250, 300, 400 and 500 in five years and nothing after that, used for six years each."""
    found = charges(OWNER + STEPS, name, 12)
    bought = [200e9, 250e9, 300e9, 400e9, 500e9, *[0.0] * 7]
    by_hand = [sum(bought[max(year - 5, 0) : year + 1]) / 6 for year in range(12)]
    assert by_hand[4] == pytest.approx(275e9)
    assert found == pytest.approx(by_hand)


def test_the_same_purchases_stated_otherwise() -> None:
    by_month = OWNER.replace(", spend: 200B", "") + STEPS.replace("{13:", "{1: 200B, 13:")
    assert charges(by_month, "capex.charge_per_year", 5)[4] == pytest.approx(275e9)
    events = "events: [" + ", ".join(
        f"{{at: {month}, capex.spend: {text}}}" for month, text in ((13, "250B"), (25, "+300B"), (37, "400B"))
    )
    found = charges(f"{OWNER}{events}]", "capex.charge_per_year", 4)
    assert found == pytest.approx([200e9 / 6, 450e9 / 6, 750e9 / 6, 1150e9 / 6])


def test_a_spend_that_grows_is_made_every_year() -> None:
    """200, 300 and 450: half as much again in each year."""
    text = OWNER + "trajectory: {capex.spend: +50%/year}\n"
    assert charges(text, "capex.spend", 3) == pytest.approx([200e9, 500e9, 950e9])
    # From a step in month 7 on, that of month 19 is the next.
    found = charges(text.replace("+50%/year", "{7: 300B, 8: +50%/year}"), "capex.spend", 2)
    assert found == pytest.approx([500e9, 500e9 + 450e9])


def test_a_purchase_keeps_the_terms_it_was_made_on() -> None:
    """In month 13 the life becomes 5 years: 250 over 5, beside the 200 over 6."""
    text = OWNER + "trajectory: {capex.spend: {13: 250B}, capex.useful_life_years: {13: 5}}\n"
    assert charges(text, "capex.charge_per_year", 2)[1] == pytest.approx(200e9 / 6 + 250e9 / 5)


def test_what_is_bought_once_stays_what_it_is() -> None:
    """A spend that does not move is one purchase, whose charge is that of `show`."""
    assert charges(OWNER, "capex.charge_per_year", 2) == pytest.approx([200e9 / 6] * 2)


def test_interest_is_paid_on_each_purchase() -> None:
    """An annuity of 10 % over 2 years: 11/21 of each spend a year."""
    text = "capex: {useful_life_years: 2, cost_of_capital: 10%, spend: 210}\n"
    found = charges(text + "trajectory: {capex.spend: {13: 420}}", "capex.charge_per_year", 4)
    # 0.1 / (1 − 1.1⁻²) = 0.121 / 0.21
    share = 0.121 / 0.21
    assert found == pytest.approx([210 * share, 630 * share, 420 * share, 0])


@settings(max_examples=25)
@given(
    spends=st.lists(st.integers(1, 10**6), min_size=1, max_size=6),
    life=st.integers(1, 8),
    rate=st.integers(0, 20),
)
def test_charges_of_purchases_add(spends: list[int], life: int, rate: int) -> None:
    """Bought together or each by itself: the charges are the same."""
    terms = f"capex: {{useful_life_years: {life}, cost_of_capital: {rate}%, "

    def years(by_month: dict[int, int]) -> list[float]:
        steps = ", ".join(f"{month}: {spend}" for month, spend in by_month.items())
        text = f"{terms}residual_share: 10%}}\ntrajectory: {{capex.spend: {{{steps}}}}}\n"
        found = project(made(text), months=72, by="year", metrics=["capex.charge_per_year"]).rows
        return [row.metrics["capex.charge_per_year"] or 0.0 for row in found]

    together = years({12 * year + 1: spend for year, spend in enumerate(spends)})
    apart = [years({12 * year + 1: spend}) for year, spend in enumerate(spends)]
    assert together == pytest.approx([sum(column) for column in zip(*apart, strict=True)])


# Products

SEATS = """
product:
  price_per_unit: 20
  base_token_cost_per_unit: 8
  other_cost_per_unit: 2
  paying_share: 100%
  units_per_month: 1000
  fixed_cost_per_month: 1000
  churn_per_month: 5%
  new_units_per_month: 100
  acquisition_cost_per_unit: 40
cash.balance: 100000
"""


def units(text: str, months: int) -> list[float | None]:
    name = "product.units_per_month"
    return [row.metrics[name] for row in project(made(text), months=months, metrics=[name]).rows]


def test_units_leave_and_new_ones_come() -> None:
    """Of 1000 units 5 % leave and 100 come; in the long run there are 100 / 5 %."""
    assert units(SEATS, 3) == pytest.approx([1000, 1050, 1050 * 0.95 + 100])
    assert units(SEATS, 600)[-1] == pytest.approx(2000)
    losing = SEATS.replace("  new_units_per_month: 100\n", "")
    assert units(losing, 3) == pytest.approx([1000, 950, 902.5])
    assert dict(project(made(losing), months=3).notes)["product.units_per_month"] == (
        "moves by churn and new units; none are won: product.new_units_per_month is not stated"
    )
    kept = SEATS + "trajectory: {product.units_per_month: +10%/month}"
    assert units(kept, 3) == pytest.approx([1000, 1100, 1210])
    shaken = SEATS + "events: [{at: 2, product.churn_per_month: 50%}, {at: 3, product.units_per_month: '*2'}]"
    # An event moves churn from the month after it on; what it does to units comes on top of theirs.
    assert units(shaken, 3) == pytest.approx([1000, 1050, 2 * (1050 * 0.5 + 100)])


def test_what_the_profit_of_a_product_lacks_is_said() -> None:
    lacking = SEATS.replace("  fixed_cost_per_month: 1000\n", "")
    found = project(made(lacking), months=2)
    assert [row.metrics["product.contribution_per_month"] for row in found.rows] == pytest.approx(
        [10_000, 10_500]
    )
    assert dict(found.notes)["product.profit_per_month"] == "lacks product.fixed_cost_per_month"
    still = lacking.replace("  churn_per_month: 5%\n  new_units_per_month: 100\n", "")
    assert fault(still) == "company: product.profit_per_month: lacks product.fixed_cost_per_month"


def test_a_product_beside_lines_of_a_company_counts_for_nothing_and_that_is_said() -> None:
    notes = dict(project(made(SEATS + "cost.staff: 120\n"), months=2).notes)
    assert notes["product"].startswith("has no effect here, as lines of a company are stated")
    assert "product" not in dict(project(made(SEATS), months=2).notes)


def test_winning_units_is_paid_for() -> None:
    """10 are left of each of 1000 units; 1000 of fixed cost, and 100 new units at 40."""
    rows = project(made(SEATS), months=2).rows
    assert [row.net_burn for row in rows] == pytest.approx([1000 + 4000 - 10_000, 1000 + 4000 - 10_500])


def test_every_purchase_has_an_age_of_its_own() -> None:
    """Used for six years by the straight line, at the end of the fifth: 1, 2, 3, 4 and 5 sixths are left.

    200/6 + 250·2/6 + 300·3/6 + 400·4/6 + 500·5/6 = 950.
    """
    found = charges(OWNER + STEPS, "capex.book_value", 11)
    assert found[0] == pytest.approx(200e9 * 5 / 6)
    assert found[4] == pytest.approx(950e9)
    assert found[10] == pytest.approx(0, abs=1)
    followed = project(made(OWNER + STEPS), months=24, metrics=["capex.book_value"])
    assert [gap.name for gap in followed.no_effect] == []
    assert "moves here" not in str(followed.notes)


def test_what_is_bought_once_grows_old() -> None:
    """A third of six years is over at the start: 200/6 less each year; after the sixth none is left."""
    text = OWNER + "capex.age_years: 2\n"
    assert charges(text, "capex.book_value", 5) == pytest.approx([100e9, 200e9 / 3, 100e9 / 3, 0, 0])
    assert charges(text, "capex.depreciation_per_year", 5) == pytest.approx([200e9 / 6] * 5)
    said = dict(project(made(text), months=60, metrics=["capex.book_value"]).notes)
    assert said["capex.spend"].startswith("bought once: its charge continues after its life")
    held = text + "trajectory: {capex.age_years: {13: 4}}\n"
    assert charges(held, "capex.book_value", 2) == pytest.approx([400e9 / 3, 200e9 / 3])


def test_each_purchase_is_written_off_by_digits_at_its_own_age() -> None:
    """Of three years, 3 · 2 / 12 are left after one and 2 · 1 / 12 after two: 120/6 + 240/2 = 140."""
    text = "capex: {useful_life_years: 3, spend: 120}\ntrajectory: {capex.spend: {13: 240}}\n"
    found = charges(text, "capex.book_value_by_digits", 2)
    assert found == pytest.approx([60, 140])

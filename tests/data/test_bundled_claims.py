"""The claims that come along: sourced, as they were recorded, and each worked out by hand."""

from __future__ import annotations

import math

import pytest
from tasks.generated import CLAIMS, is_fresh, ledgers

from calling import ROOT, each
from llmcost import breakeven, claims, evaluate, load
from llmcost.analysis.claims.verdict import Claims, Finding, Judged
from llmcost.scenario.claims import VERDICTS
from llmcost.scenario.values.datum import Datum


@pytest.fixture(scope="module")
def bundled() -> Claims:
    return claims(ROOT / "scenarios" / "claims")


@pytest.fixture(scope="module")
def facts(bundled: Claims) -> dict[str, Datum]:
    return {
        item.quantity.name: item.datum
        for judged in bundled.judged
        for item in judged.cited
        if "." not in item.quantity.name
    }


def of(bundled: Claims, name: str) -> Judged:
    return next(judged for judged in bundled.judged if judged.claim.id == name)


def by_name(judged: Judged) -> dict[str, Finding]:
    return {finding.reading.name: finding for finding in judged.findings}


def value_of(finding: Finding) -> float:
    (figure,) = finding.figures
    assert figure.value is not None
    return figure.value


def test_every_claim_says_who_said_it_when_and_records_its_verdict(bundled: Claims) -> None:
    assert bundled.judged
    for judged in bundled.judged:
        claim = judged.claim
        assert claim.statement.endswith(".")
        assert claim.who
        assert claim.when
        unseen = "not seen" in (claim.note or "") or "No source was found" in (claim.note or "")
        assert claim.source or "forum" in claim.who or unseen
        assert bool(claim.url) == bool(claim.source)
        assert claim.expected in VERDICTS
    assert bundled.ok
    assert [item.claim.id for item in bundled.judged if item.verdict != item.claim.expected] == []


def test_the_page_of_claims_is_fresh(bundled: Claims) -> None:
    assert is_fresh(CLAIMS, lambda: ledgers(bundled)), f"{CLAIMS} is stale; run 'python -m tasks regenerate'"


def test_every_claim_rests_on_sourced_figures(bundled: Claims) -> None:
    for judged in bundled.judged:
        assert judged.cited
        assert [item.quantity.name for item in judged.cited if not item.datum.source] == []


def test_every_fact_can_be_looked_up(facts: dict[str, Datum]) -> None:
    for name, datum in facts.items():
        ours = (datum.source or "").startswith("llmcost")
        assert datum.url or ours or "no URL" in (datum.note or ""), name


@each(
    "fact, scenario, metric, times",
    [
        ("minimax_apps_margin", "minimax-2025:apps", "company.gross_margin", 1),
        ("minimax_api_margin", "minimax-2025:api", "company.gross_margin", 1),
        ("minimax_2026_margin", "minimax-2025:h1-2026", "company.gross_margin", 1),
        ("minimax_2026_api", "minimax-2025:h1-2026", "revenue.api_share", 1),
        ("zai_cloud_2024", "zai-2024:cloud", "company.gross_margin", 1),
        ("zai_2026_margin", "zai-2025:h1-2026", "company.gross_margin", 1),
        ("zai_2026_cloud", "zai-2025:h1-2026", "revenue.api_share", 1),
        ("coreweave_income", "coreweave-q2-2026", "company.operating_profit", 1),
        ("coreweave_charges", "coreweave-q2-2026", "capex.depreciation_per_year", 4),
        ("coreweave_interest", "coreweave-q2-2026", "capex.interest_per_year", 4),
        ("cursor_margin_spring", "cursor-2026", "company.gross_margin", 1),
        ("plan_price", "plan-200", "product.price_per_unit", 1),
        ("glm_output", "glm-5.2@2026-06-30", "price.output_per_mtok", 1),
        ("fable_output", "claude-fable-5@2026-06-30", "price.output_per_mtok", 1),
        ("gpt55_output", "gpt-5.5@2026-06-30", "price.output_per_mtok", 1),
        ("opus_output", "claude-opus-5@2026-07-31", "price.output_per_mtok", 1),
        ("gpt4o_output", "gpt-4o@2024-10-31", "price.output_per_mtok", 1),
        ("gpt4o_input", "gpt-4o@2024-10-31", "price.input_per_mtok", 1),
        ("gpt5_input", "gpt-5@2025-08-31", "price.input_per_mtok", 1),
        ("gpt55_input", "gpt-5.5@2026-06-30", "price.input_per_mtok", 1),
        ("sol_input", "gpt-6.1-sol@2026-10-26", "price.input_per_mtok", 1),
        ("astra_output", "gpt-6-astra@2026-10-26", "price.output_per_mtok", 1),
        ("astra_input", "gpt-6-astra@2026-10-26", "price.input_per_mtok", 1),
    ],
)
def test_the_ledger_and_the_scenarios_agree(
    facts: dict[str, Datum], fact: str, scenario: str, metric: str, times: int
) -> None:
    value = facts[fact].value
    assert value is not None
    assert evaluate(load(scenario)).value(metric) == pytest.approx(value * times, rel=1e-6)


@each(
    "reading, model, off_peak",
    [
        ("at its own prices for R1", "deepseek-r1@2025-02-27", 1),
        ("at GPT-5's prices", "gpt-5@2025-08-27", 1),
        ("at Claude Sonnet 4's prices", "claude-sonnet-4@2025-08-27", 1),
        ("at its own prices for V3.2, September 2025", "deepseek-v3.2@2025-09-30", 1),
        ("at its own prices for V4-flash, 2026", "deepseek-v4-flash@2026-09-30", 0.5),
        ("at its own peak prices for V4-flash, 2026", "deepseek-v4-flash@2026-09-30", 1),
    ],
)
def test_the_served_day_is_billed_at_the_prices_of_the_models(
    bundled: Claims, reading: str, model: str, off_peak: float
) -> None:
    """266B of input that missed the cache, 342B that hit it, and 168B of output."""
    listed = evaluate(load(model))
    tokens = {"input": 265.7e3, "cached_input": 342.3e3, "output": 168e3}
    revenue = 0.0
    for part, mtok in tokens.items():
        price = listed.value(f"price.{part}_per_mtok")
        assert price is not None
        revenue += mtok * price * off_peak
    found = by_name(of(bundled, "api-earns-80-to-95"))[reading]
    assert value_of(found) == pytest.approx(1 - 87_072 / revenue, abs=1e-3)


def test_53_times_cheaper_is_sonnets_output_at_the_launch_price(bundled: Claims) -> None:
    judged = of(bundled, "v3-53x-cheaper")
    assert {name: value_of(finding) for name, finding in by_name(judged).items()} == {
        "output of Claude 3.5 Sonnet, launch price": pytest.approx(15 / 0.28),
        "output of GPT-4o, launch price": pytest.approx(10 / 0.28),
        "input of Claude 3.5 Sonnet, launch price": pytest.approx(3 / 0.14),
        "input of GPT-4o, launch price": pytest.approx(2.50 / 0.14),
        "output of Claude 3.5 Sonnet, price from February 2025": pytest.approx(15 / 1.10),
        "output of GPT-4o, price from February 2025": pytest.approx(10 / 1.10),
        "input of GPT-4o from the cache, price from February 2025": pytest.approx(1.25 / 0.07),
        "a chat with Claude 3.5 Sonnet, launch price": pytest.approx((3 * 3 + 15) / (3 * 0.14 + 0.28)),
        "a chat with GPT-4o, launch price": pytest.approx((3 * 2.50 + 10) / (3 * 0.14 + 0.28)),
    }
    assert judged.verdict == "holds only if"
    assert [o.reading.name for o in judged.holding] == ["output of Claude 3.5 Sonnet, launch price"]


def test_servers_that_last_four_and_a_half_years_cost_176b_more(bundled: Claims) -> None:
    """Servers of 2024 are charged for 2.91 of the three years: 58 % of 4,081.5 / 4.41 − 622.75 is 176."""
    (finding,) = of(bundled, "depreciation-understated-by-176b").findings
    assert finding.threshold is not None
    assert finding.threshold.believed.holds[0][1] == pytest.approx(4081.5 / (622.75 + 176 / 0.58), rel=1e-6)
    assert [known.holds for known in finding.threshold.known] == [False, True]


def test_cheaper_tokens_raise_spending_above_an_elasticity_of_one(bundled: Claims) -> None:
    """At a tenth of the price 10^(ε − 1) times as much is spent: 0.112 at ε = 0.05, 1.288 at 1.11."""
    judged = of(bundled, "jevons")
    (finding,) = judged.findings
    assert (judged.verdict, finding.probability) == ("holds only if", None)
    assert finding.threshold is not None
    assert finding.threshold.believed.holds[0][0] == pytest.approx(1, rel=1e-6)
    assert [known.holds for known in finding.threshold.known] == [False, True, True]
    assert list(finding.threshold.known[1].values) == pytest.approx([10**0.11])


def test_the_account_of_mid_2024_gives_a_range_of_revenue(bundled: Claims) -> None:
    """3.65 to 3.75B round to 3.7B, in the lower half of 3.5 to 4.5B; 8.5B of cost less that rounds to 5B.

    Revenue is as likely to exceed x as (4.5 − x)²: 0.85² − 0.75² between the two.
    """
    finding = by_name(of(bundled, "lost-5b-on-3.7b"))["the account of mid-2024"]
    assert finding.verdict == "undecided"
    assert finding.probability == pytest.approx(0.16, abs=0.01)


def test_53_times_cheaper_needs_another_price(bundled: Claims) -> None:
    """About 53 is 47.7 to 58.3, so 10 USD of GPT-4o's output against 0.17 to 0.21."""
    finding = by_name(of(bundled, "v3-53x-cheaper"))["output of GPT-4o, price from February 2025"]
    (believed,) = finding.believed
    assert believed.today == 1.10
    assert list(*believed.holds) == pytest.approx([10 / 58.3, 10 / 47.7])
    assert believed.needed == pytest.approx(10 / 47.7)


def test_ten_to_a_hundred_times_shows_the_rungs_of_the_ladder(bundled: Claims) -> None:
    judged = of(bundled, "api-prices-10-to-100x")
    found = {name: value_of(finding) for name, finding in by_name(judged).items()}
    assert list(found.values()) == [
        pytest.approx(4.0 * 6 / 35),
        pytest.approx(4.0 / 3.7),
        pytest.approx(4.0 * 3.70 / 1.30 * 6 / 35),
        pytest.approx(2.65 * 6 / 35),
        pytest.approx(4.0 * 12.3 / 350),
        pytest.approx(12.477 / 3.70),
        pytest.approx(8.7 / 3.7),
        pytest.approx((8.7 + 7 * (3.70 / 1.30 - 1)) / 3.7),
        pytest.approx(4.0 - 2.7),
        pytest.approx(4.0 * 3.70 / 1.30 - 2.7),
        pytest.approx(7.0 - 2.7),
        # m − K·√m − V = 0, where V is the API's 6/35 of 4.0 and K = 7.0 − V − 2.7
        pytest.approx((((kept := 4.3 - 24 / 35) + math.sqrt(kept**2 + 4 * 24 / 35)) / 2) ** 2),
        pytest.approx(7.0 * 3.70 / 1.30 - 2.7),
        pytest.approx(12.477 - 2.7),
        pytest.approx(6.0),
        pytest.approx(8.7 + 7 * (3.70 / 1.30 - 1) - 2.7),
        pytest.approx(29.6, abs=0.05),
        pytest.approx(292, abs=0.5),
        pytest.approx(6.0),
    ]
    rungs = {
        (rung.boundary, rung.payer, rung.compute): rung.multiplier
        for rung in breakeven("openai-2024", elasticities=[0.0]).rungs
    }
    assert found["the API covers inference"] == pytest.approx(rungs["inference", "api-only", "paid"])
    assert found["the API covers inference and training"] == pytest.approx(
        rungs["cogs+training", "api-only", "paid"]
    )
    assert found["the API covers all cost, compute at the market rate"] == pytest.approx(
        rungs["total", "api-only", "market"]
    )
    assert [o.reading.name for o in judged.holding] == [
        "the API covers inference and training, compute at the market rate",
        "the API covers all cost, compute at the market rate",
        "the API covers all cost, at an elasticity of 0.5",
    ]


def test_when_the_credits_are_used_up(bundled: Claims) -> None:
    found = by_name(of(bundled, "more-credits-by-2025"))
    expected = {
        "used since January 2024, and gone when 2025 begins": (20, "does not hold"),
        "used since January 2024": (20, "holds"),
        "used since January 2024, with 13B of credits": (26, "does not hold"),
        "used since September 2024, when the essay was written": (20, "does not hold"),
        "used since September 2024, with 3B of training": (120 / 7, "does not hold"),
    }
    assert list(found) == list(expected)
    for name, (months, verdict) in expected.items():
        assert value_of(found[name]) == pytest.approx(months)
        assert found[name].verdict == verdict


def test_ten_to_a_hundred_times_shows_the_elasticities_at_which_it_becomes_true(bundled: Claims) -> None:
    (believed,) = by_name(of(bundled, "api-prices-10-to-100x"))["the API covers all cost"].believed
    ((low, high),) = believed.holds
    assert (round(low, 2), round(high, 2)) == (0.24, 0.64)
    for elasticity, times in ((low, 10), (high, 100)):
        scenario = load("openai-2024", set={"market.price_elasticity": elasticity})
        found = evaluate(scenario).value("breakeven.api_only_multiplier")
        assert found == pytest.approx(times, rel=1e-6)
    assert (believed.today, believed.sourced, believed.inside) == (0, (0, 1.11), True)


def test_half_the_price_deepens_no_loss_where_serving_costs_half_as_much(bundled: Claims) -> None:
    """Half of 3.7B of revenue is lost and half of 4B of inference saved; below 3.7B of it less is saved."""
    finding = by_name(of(bundled, "price-cuts-deepen-the-loss"))[
        "all prices halved because serving costs half as much, demand stays"
    ]
    assert value_of(finding) == pytest.approx((4.0e9 - 3.7e9) / 2)
    assert finding.believed[0].needed == pytest.approx(3.7e9)


def test_6b_is_shown_as_the_whole_bill_and_as_the_extra(bundled: Claims) -> None:
    found = {name: value_of(o) for name, o in by_name(of(bundled, "servers-6b-a-year")).items()}
    year = 350e3 * 365 * 24
    assert found == {
        "the whole bill": pytest.approx(4e9 * 3.70 / 1.30),
        "the whole bill, with 2B of inference": pytest.approx(2e9 * 3.70 / 1.30),
        "the extra": pytest.approx(4e9 * 2.40 / 1.30),
        "the extra on 4B, where others pay 3.40": pytest.approx(4e9 * 2.10 / 1.30),
        "the extra on 4B, at two and a half times the rate": pytest.approx(6e9),
        "the extra on 2B of inference": pytest.approx(2e9 * 2.40 / 1.30),
        "the whole bill of 350,000 servers": pytest.approx(year * 3.70),
        "the extra on 350,000 servers": pytest.approx(year * 2.40),
    }


@each(
    "name, reading, value",
    [
        ("rate-2.5x-cheaper", "one of those who pay between 3.40 and 4.00", 3.70 / 1.30),
        ("openai-gross-margin-41", "all inference of the press account of 2024", (3.7 - 4.0) / 3.7),
        ("openai-gross-margin-41", "cost of revenue, as audited", (3.70 - 2.65) / 3.70),
        (
            "inference-twice-revenue",
            "against revenue worked back from what Microsoft was paid",
            8.67 * 0.2 / 0.8658,
        ),
        ("openai-loss-per-dollar-falls", "2025 against 2024", (20.91 / 13.07) / (8.777 / 3.70)),
        (
            "openai-loss-per-dollar-falls",
            "the second quarter of 2026 against 2025",
            (12.3 / 6.7) / (20.91 / 13.07),
        ),
        ("openai-profitable-on-inference", "the leaked bill of Azure, a year of it", 1 - 11.56 / 13.07),
        ("openai-207b-short", "rent of 792B", 510e9),
        ("compute-more-than-revenue", "compute over revenue, 2026 to 2030", 856 / 840),
        ("closed-labs-above-90", "against Fable 5, if GLM is sold at cost", 0.912),
        (
            "anthropic-profit-is-a-discount",
            "all capacity was there from the first of May",
            (2.5 - 1.822) / 0.559,
        ),
        ("anthropic-overstates-by-27-percent", "what clouds keep", 0.351 / 4.59),
        ("anthropic-overtook-openai", "as both report it", (11.5 * 11.6) ** 0.5 / 6.7),
        (
            "anthropic-more-on-aws-than-revenue",
            "compute and infrastructure of the year, all providers",
            7.33 / 4.59,
        ),
        ("gpt5-did-not-earn-its-research", "four months, by what Epoch counts", 6 * 0.33 / 5),
        ("ai-must-earn-1.5t", "a year's building, both doublings", 1424e9),
        ("two-customers-must-grow-tenfold", "OpenAI, on its second quarter", 856 / 5 / 26.8),
        (
            "seventy-percent-from-two-labs",
            "OpenAI at Microsoft, over the revenue of the same twelve months",
            24.1 / (32 * 37) ** 0.5,
        ),
        ("neoclouds-do-not-earn-their-interest", "adjusted operating income over interest", 0.2),
        ("cursor-pays-1.23", "the margin that is printed everywhere", 1.23),
        ("apps-lose-the-api-earns", "the first half of 2026, if apps earned nothing", 0.179 / 0.63),
        ("r1-30x-cheaper", "the price of output", 60 / 2.19),
        ("r1-30x-cheaper", "the price of input from the cache", 7.50 / 0.14),
        ("r1-96-percent-cheaper", "the price of output", 1 - 2.19 / 60),
        ("r1-96-percent-cheaper", "the price of input from the cache", 1 - 0.14 / 7.50),
        ("r1-96-percent-cheaper", "the price of a chat", 1 - (3 * 0.55 + 2.19) / (3 * 15 + 60)),
        ("more-credits-by-2025", "used since January 2024", 10 / 6 * 12),
        ("copilot-no-business", "1% pay 50 USD", 440e6 * 0.01 * 50 * 12 / (69.6e9 * 4)),
        (
            "copilot-no-business",
            "1% pay 50 USD, against the year that was known when the essay was written",
            440e6 * 0.01 * 50 * 12 / 245.1e9,
        ),
        ("anthropic-loses-2.7b", "the operating loss of the draft prospectus of 2026", 2.98e9),
        ("compute-7b", "reports of early 2025, 2B and 3B", 5e9),
        ("price-cuts-deepen-the-loss", "all prices halved, demand stays", -1.85e9),
        (
            "10b-do-not-carry-340b",
            "OpenAI would be valued at more years of its profit than Microsoft",
            34 / ((3.3e12 * 0.938 * 3.3e12) ** 0.5 / (4 * 31.7e9)),
        ),
        ("10b-do-not-carry-340b", "OpenAI's year would earn less than Microsoft's quarter", 10 / 31.7),
    ],
)
def test_readings_worked_out_by_hand(bundled: Claims, name: str, reading: str, value: float) -> None:
    assert value_of(by_name(of(bundled, name))[reading]) == pytest.approx(value, rel=1e-9)


def test_after_tax_microsoft_is_valued_at_as_many_years_of_profit(bundled: Claims) -> None:
    finding = by_name(of(bundled, "10b-do-not-carry-340b"))[
        "OpenAI would be valued at more years of its profit than Microsoft, after tax"
    ]
    assert value_of(finding) == pytest.approx(34 / (3.3e12 * 0.938**0.5 / (4 * 24.1e9)))
    assert finding.verdict == "undecided"


def test_the_final_run_takes_57_days(bundled: Claims) -> None:
    cost, days = by_name(of(bundled, "v3-trained-for-5.6m"))[
        "the final run, at the rent that DeepSeek assumes"
    ].figures
    assert cost.value == pytest.approx(5.576e6)
    assert days.value == pytest.approx(2788e3 / 2048 / 24)
    assert days.quantity.unit == "day"

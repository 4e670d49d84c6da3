"""The scenarios that come along: complete, sourced, and true to what was published."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from calling import each
from llmcost import LlmcostError, breakeven, compare, evaluate, load, project
from llmcost.analysis.ask.evaluation import why_missing
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.fill import OF_OWN_KIND
from llmcost.scenario.finding import bundled_folder
from llmcost.scenario.library import Library
from llmcost.scenario.timeline import Timeline
from llmcost.scenario.values.datum import Datum, Provenance, Series

FOLDERS = {
    "accelerator": "accelerators",
    "architecture": "architectures",
    "company": "companies",
    "infrastructure": "infrastructure",
    "model": "models",
    "portfolio": "portfolios",
    "product": "products",
    "workload": "workloads",
}
EVERY = Library([bundled_folder()]).all_files()
CATALOGUES = [file for file in EVERY if file.kind in OF_OWN_KIND]
FILES = {file.name: file for file in EVERY if file.kind not in OF_OWN_KIND}
MODELS, COMPANIES = (
    [name for name, file in FILES.items() if file.kind == kind] for kind in ("model", "company")
)
ONE_PAGE = {"https://chris-gpu-rental.pages.dev/"}
"""A site that is a single page, with the figures on it."""
FILLERS = {"serving-efficiency"}
"""What fills other scenarios and has nothing to derive by itself."""
REFERENCES = [
    reference
    for name, file in FILES.items()
    for reference in (name, *(f"{name}:{variant}" for variant in file.variants))
]


def movements(file: ScenarioFile) -> Iterator[tuple[str, Provenance]]:
    """Yield the sources of every trajectory, event and model of a file, all variants included."""
    for name, timeline in {"": file.timeline, **{n: v.timeline for n, v in file.variants.items()}}.items():
        for motion in timeline.trajectories.values():
            if motion is not None:
                yield f"{name} {motion.name}", motion.provenance
        for event in timeline.events or ():
            yield f"{name} event of {event.at.text}", event.provenance
        for model in timeline.models or ():
            yield f"{name} {model.name}", model.provenance


def numbers(file: ScenarioFile) -> Iterator[tuple[str, Datum]]:
    """Yield every number of a file with where it stands: all dates, all variants."""
    parts = {"": file.quantities, **{name: variant.quantities for name, variant in file.variants.items()}}
    for variant, quantities in parts.items():
        for quantity, series in quantities.items():
            for day, datum in series.entries:
                if datum is not None:
                    yield f"{variant}:{quantity}@{day}", datum
    for name, part in file.parts.items():
        for day, datum in part.share.entries if isinstance(part.share, Series) else ():
            if datum is not None:
                yield f"parts.{name}.share@{day}", datum
        for override in chain.from_iterable(part.set.values()):
            if override.datum is not None:
                yield f"parts.{name}.{override.name}", override.datum


evaluated = cache(evaluate)


def figure(reference: str, metric: str, *, workload: str | None = None) -> float:
    found = evaluate(load(reference, workload=workload)).value(metric)
    assert found is not None, f"{reference}: {metric} is undefined"
    return found


def near(value: float, within: float = 1e-9) -> object:
    return pytest.approx(value, rel=within, abs=0)


# What there is, and what every file owes its readers


def test_no_file_is_left_out_because_it_is_broken() -> None:
    paths = [path for path in bundled_folder().rglob("*.yaml") if path.parent.name != "claims"]
    assert sorted(path.stem for path in paths) == sorted(file.name for file in EVERY)


def test_the_catalogues_are_whole() -> None:
    kinds = [file.kind for file in CATALOGUES]
    assert (kinds.count("accelerator"), kinds.count("architecture")) == (33, 27)


def test_names_and_aliases_are_told_apart_whatever_their_spelling() -> None:
    """But for the endpoints of which each served several models: they must not stand for one of them."""
    endpoints = ("deepseek-chat", "deepseek-reasoner")
    words = [word for file in FILES.values() for word in (file.name, *file.aliases) if word not in endpoints]
    plain = [word.replace("-", "").replace(".", "").replace("_", "").lower() for word in words]
    assert len(set(plain)) == len(plain)


@each(
    "written, name",
    [
        ("gpt4o", "gpt-4o"),
        ("GPT_4o", "gpt-4o"),
        ("DeepSeek-V3", "deepseek-v3"),
        ("o1-preview", "o1"),
        ("gpt-4-8k", "gpt-4"),
        ("llama-405b", "llama-3.1-405b"),
        ("llama-70b", "llama-3.1-70b"),
        ("claude35sonnet", "claude-3.5-sonnet"),
    ],
)
def test_names_are_found_as_people_write_them(written: str, name: str) -> None:
    assert load(written).name == name


def test_the_name_of_an_endpoint_that_served_several_models_names_them() -> None:
    with pytest.raises(LlmcostError, match=r"matches deepseek-v3\.1, deepseek-v3\.2-exp, .* use one of"):
        load("deepseek-chat@2025-10-15")


@each("file", EVERY, lambda file: f"{file.kind} {file.name}")
def test_every_file_says_what_it_is(file: ScenarioFile) -> None:
    assert file.title
    assert Path(file.where).parent.name == FOLDERS[file.kind or ""]
    for name, variant in file.variants.items():
        assert variant.note, f"{name} does not say what it is"
        assert variant.quantities or variant.links or variant.parts or variant.timeline != Timeline()


@each("file", EVERY, lambda file: f"{file.kind} {file.name}")
def test_every_number_has_a_basis_and_a_source(file: ScenarioFile) -> None:
    found = list(numbers(file))
    moves = list(movements(file))
    assert found or moves
    for where, said in moves:
        assert said.basis != "stated", f"{where} has no basis"
        assert said.source, f"{where} has no source"
    for where, datum in found:
        assert datum.source, f"{where} has no source"
        # A workload may be a definition of one's own; anything else was said by somebody.
        assert datum.basis != "stated" or file.kind == "workload", f"{where} is {datum.basis}"


def test_every_figure_that_somebody_published_can_be_looked_up() -> None:
    """It has an address, or says that none was found."""
    for file in EVERY:
        for where, datum in numbers(file):
            published = datum.basis != "stated" and not (datum.source or "").startswith("llmcost")
            if published and datum.url is None:
                assert "no URL" in (datum.note or ""), f"{file.name}: {where}"
        for where, said in movements(file):
            if said.basis != "assumed":
                assert said.url, f"{file.name}: {where}"


def test_an_address_leads_further_than_the_front_page_of_a_site() -> None:
    for file in EVERY:
        urls = [(where, datum.url) for where, datum in numbers(file)]
        for where, url in [*urls, *((where, said.url) for where, said in movements(file))]:
            assert not url or urlsplit(url).path.strip("/") or url in ONE_PAGE, f"{file.name}: {where}: {url}"


def test_an_assumption_of_our_own_says_so() -> None:
    ours = [
        (where, datum)
        for file in FILES.values()
        for where, datum in numbers(file)
        if (datum.source or "").startswith("llmcost")
    ]
    assert ours
    for where, datum in ours:
        assert datum.basis in ("assumed", "stated"), where
        assert datum.note, f"{where} does not say why"


@each("name", MODELS)
def test_the_prices_of_a_model_are_dated(name: str) -> None:
    prices = {q: series for q, series in FILES[name].quantities.items() if q.startswith("price.")}
    assert {"price.input_per_mtok", "price.output_per_mtok"} <= prices.keys()
    for quantity, series in prices.items():
        assert series.first_date is not None, f"{quantity} is not dated"
        days = [day for day, _ in series.entries if day is not None]
        assert days == sorted(set(days))


@each("name", MODELS)
def test_input_and_output_are_priced_from_the_same_day(name: str) -> None:
    quantities = FILES[name].quantities
    days = [[day for day, _ in quantities[f"price.{side}_per_mtok"].entries] for side in ("input", "output")]
    assert days[0] == days[1]


@each("name", MODELS)
def test_a_cache_hit_never_costs_more_than_fresh_input(name: str) -> None:
    for day, _ in FILES[name].quantities["price.input_per_mtok"].entries:
        evaluation = evaluate(load(f"{name}@{day}"))
        fresh = evaluation.value("price.input_per_mtok")
        cached = evaluation.value("price.cached_input_per_mtok")
        assert fresh is not None
        assert cached is not None
        assert cached <= fresh


@each("name", MODELS)
def test_a_model_has_no_price_before_its_first_day(name: str) -> None:
    with pytest.raises(LlmcostError, match="its first date is"):
        load(f"{name}@2020-01-01")


# Everything evaluates


@each("reference", REFERENCES)
def test_every_scenario_and_variant_evaluates(reference: str) -> None:
    evaluation = evaluated(reference)
    nodes = evaluation.trace.nodes
    derives = any(node.rooted and node.step is not None for node in nodes.values())
    own = evaluation.scenario.kind == "workload" or evaluation.scenario.timeline.models
    assert derives or own or reference in FILLERS
    for name, node in nodes.items():
        if node.value is None:
            assert node.reason, f"{name} is undefined without a reason"
        else:
            assert math.isfinite(node.value)


@each("reference", [reference for reference in REFERENCES if ":" in reference])
def test_every_variant_makes_a_difference(reference: str) -> None:
    base, variant = evaluated(reference.partition(":")[0]), evaluated(reference)
    before = {name: node.value for name, node in base.trace.nodes.items()}
    after = {name: node.value for name, node in variant.trace.nodes.items()}
    assert (before, base.scenario.timeline) != (after, variant.scenario.timeline)


@each(
    "workload, output, cached",
    [("chat", 1 / 4, 0.0), ("rag", 1 / 21, 0.0), ("agent", 1 / 26, 0.8), ("reasoning", 3 / 4, 0.0)],
)
def test_workloads(workload: str, output: float, cached: float) -> None:
    assert figure(workload, "workload.output_share") == near(output)
    assert figure(workload, "workload.cached_input_share") == near(cached)


# DeepSeek's own figures


def test_what_serving_v3_costs() -> None:
    """16 USD a node and hour, over 73.7k tokens in, 56.3 % of them hits, or 14.8k out in a second."""
    into, out = 16 / (3600 * 0.0737 * 0.437), 16 / (3600 * 0.0148)
    assert figure("deepseek-v3", "serving.cost_per_input_mtok") == near(into)
    assert figure("deepseek-v3", "serving.cost_per_output_mtok") == near(out)
    assert figure("deepseek-v3", "serving.cost_per_mtok", workload="chat") == near((3 * into + out) / 4)
    assert figure("deepseek-v3", "unit.gross_margin", workload="chat") == near(
        1 - (3 * into + out) / (3 * 0.27 + 1.10)
    )


@each("hits, margin", [(0.0, 0.626), (0.563, 0.694), (0.95, 0.760)])
def test_a_better_cache_makes_v3_no_poorer(hits: float, margin: float) -> None:
    """A quarter of output: what is paid for hits falls slower than what they cost, which is nothing."""
    mix = {"workload.output_share": "25%", "workload.cached_input_share": hits}
    found = evaluate(load("deepseek-v3", set={name: str(share) for name, share in mix.items()}))
    into, out = 16 / (3600 * 0.0737 * 0.437), 16 / (3600 * 0.0148)
    cost = (3 * (1 - hits) * into + out) / 4
    price = (3 * ((1 - hits) * 0.27 + hits * 0.07) + 1.10) / 4
    assert found.value("unit.gross_margin") == near(1 - cost / price)
    assert found.value("unit.gross_margin") == near(margin, 0.001)


@pytest.mark.parametrize(
    ("variant", "factor"), [("market-compute", 3.70 / 2.00), ("peak-fleet", 278 / 226.75)]
)
@pytest.mark.parametrize("name", ["deepseek-v3", "deepseek-r1"])
def test_what_serving_costs_otherwise(name: str, variant: str, factor: float) -> None:
    base = figure(name, "serving.cost_per_mtok", workload="chat")
    assert figure(f"{name}:{variant}", "serving.cost_per_mtok", workload="chat") == near(base * factor)


def test_deepseeks_day_at_v3_prices() -> None:
    revenue = 608_000 * (0.437 * 0.27 + 0.563 * 0.07) + 168_000 * 1.10
    assert figure("deepseek-day:v3-prices", "serving.cost_per_day") == near(87_072)
    assert figure("deepseek-day:v3-prices", "traffic.revenue_per_day") == near(revenue)
    assert figure("deepseek-day:v3-prices", "unit.markup") == near(revenue / 87_072 - 1)


@each("variant, bill", [("market-compute", 1814 * 24 * 3.70), ("peak-fleet", 278 * 8 * 24 * 2.00)])
def test_deepseeks_day_on_another_bill(variant: str, bill: float) -> None:
    assert figure(f"deepseek-day:{variant}", "serving.cost_per_day") == near(bill)


# OpenAI and Anthropic


def test_openai_in_2024() -> None:
    # 7 of 8.7 are compute, which 10 of credits pay for: 2 a year are earned until they are used up.
    assert figure("openai-2024", "company.net_burn_per_month") == near(-2e9 / 12)
    assert figure("openai-2024", "company.burn_without_credits_per_month") == near(5e9 / 12)
    assert figure("openai-2024", "company.runway_months") == near((6.6 + 10) / 5 * 12)
    assert figure("openai-2024", "cash.credits_months") == near(10 / 7 * 12)


OPENAI_VARIANTS = [
    # variant, revenue, cost, inference, training, unallocated cost; in billions
    ("market-compute", 3.7, 7 * 3.70 / 1.30 + 1.7, 4 * 3.70 / 1.30, 3 * 3.70 / 1.30, None),
    ("mid-2024", 3.5, 4 + 3 + 1.5, 4.0, 3.0, None),
    ("spend-9b", 3.7, 9.0, 2.0, 3.0, 9 - 3 - 2),
    ("epoch", 3.7, 5 + 2 + 1.5 + 0.2, 2.0, 5.0, None),
    ("azure-leak", 3.7, 3.767 + 0.4938 + 3 + 1.5 + 0.2, 3.767, 3.0, None),
    ("leak-2026", 3.7, 12.48, 4.0, 3.0, 12.48 - 8.7),
    ("audited", 3.7, 12.477, 2.65, None, None),
    ("adjusted", 3.7, 12.48, 0.6 * 3.7, None, 12.48 - 7.81 - 1.11 - 0.907 - 0.6 * 3.7),
    ("inference-2b", 3.7, 8.7, 2.0, 3.0, None),
    ("published-elasticity", 3.7, 8.7, 4.0, 3.0, None),
    ("futuresearch", 3.7, 8.7, 4.0, 3.0, None),
    ("credit-line", 3.7, 8.7, 4.0, 3.0, None),
]


def test_the_other_accounts_of_2024() -> None:
    assert [variant for variant, *_ in OPENAI_VARIANTS] == list(FILES["openai-2024"].variants)
    for variant, revenue, cost, inference, training, unallocated in OPENAI_VARIANTS:
        evaluation = evaluate(f"openai-2024:{variant}")
        lines = {"inference": inference, "training": training, "unallocated": unallocated, "total": cost}
        assert evaluation.value("revenue.total") == near(revenue * 1e9), variant
        for line, billions in lines.items():
            found = evaluation.value(f"cost.{line}") if f"cost.{line}" in evaluation else None
            assert found == (None if billions is None else near(billions * 1e9)), (variant, line)


def test_the_revenue_share_as_leaked() -> None:
    assert figure("openai-2024:azure-leak", "company.revenue_share_rate") == near(493.8 / 3700)
    assert figure("openai-2024:azure-leak", "company.cogs") == near(4.2608e9)
    # Of each dollar 3206.2/3700 are left; everything but the share has to come from that.
    assert figure("openai-2024:azure-leak", "breakeven.uniform_multiplier") == near(8467 / 3206.2)


def test_at_market_rates_the_company_already_pays_the_market() -> None:
    assert figure("openai-2024:market-compute", "compute.market_ratio") == near(1.0)


def test_a_split_that_is_not_reported_is_missing() -> None:
    evaluation = evaluate("openai-2024:mid-2024")
    assert "revenue.api_share" not in evaluation
    assert "breakeven.api_only_multiplier" not in evaluation
    assert evaluation.value("breakeven.uniform_multiplier") == near(8.5 / 3.5)


def test_variants_add_up() -> None:
    evaluation = evaluate("openai-2024:inference-2b+credit-line")
    assert evaluation.value("cost.inference") == near(2.0e9)
    assert evaluation.value("company.runway_months") == near((10.6 + 10) / 5 * 12)


def test_openai_in_the_first_half_of_2025() -> None:
    """Cash of 17.5B against 2.5B burnt in six months; the loss is not the burn."""
    assert figure("openai-h1-2025", "company.runway_months") == near(17.5 / (2.5 / 6))
    assert figure("openai-h1-2025", "company.period_months") == 6.0


def test_anthropic_in_2024() -> None:
    assert figure("anthropic-2024", "cost.total") == near(3.081e9)
    assert figure("anthropic-2024", "company.gross_margin") == near(-0.94)
    assert figure("anthropic-2024", "breakeven.uniform_multiplier") == near(3081 / 381)
    assert figure("anthropic-2024:free-users", "company.gross_margin") == near(-1.09)
    assert figure("anthropic-2024:essay", "company.operating_profit") == near(-3.0e9)
    assert figure("anthropic-2024:raise-2b", "company.runway_months") == near(2 / 2.7 * 12)


ACCOUNTS = [
    # revenue, cost of revenue, all cost and operating loss, in billions; None: not reported
    ("anthropic-2024:prospectus", 0.386, None, 3.366, 2.98),
    ("anthropic-2025", 4.59, None, 12.65, 8.06),
    ("minimax-2024", 0.0305, 0.878 * 0.0305, 0.2745, 0.244),
    ("minimax-2025", 0.0790, 0.746 * 0.0790, 0.3299, 0.2509),
    ("zai-2024", 0.3124 / 7.19, 0.437 * 0.3124 / 7.19, 2.7784 / 7.19, 2.466 / 7.19),
    ("zai-2025", 0.7243 / 7.19, 0.59 * 0.7243 / 7.19, 3.9063 / 7.19, 3.182 / 7.19),
    ("nebius-q2-2026", 0.5823, None, 0.7582, 0.1759),
]


@each("reference, revenue, cogs, cost, loss", ACCOUNTS)
def test_accounts_of_labs(
    reference: str, revenue: float, cogs: float | None, cost: float, loss: float
) -> None:
    assert figure(reference, "revenue.total") == near(revenue * 1e9)
    assert figure(reference, "cost.total") == near(cost * 1e9)
    assert figure(reference, "company.loss_per_revenue_dollar") == near(loss / revenue)
    if cogs is not None:
        assert figure(reference, "company.gross_margin") == near(1 - cogs / revenue)


def test_what_microsoft_was_paid_for_research_is_compute() -> None:
    """Research and development in two: 10.59 of 19.18B; all else stays as it is."""
    assert figure("openai-2025:research-compute", "cost.compute") == near((7.50 + 10.59) * 1e9)
    assert figure("openai-2025:research-compute", "cost.total") == near(figure("openai-2025", "cost.total"))


def test_nothing_about_openai_is_firmer_than_the_press() -> None:
    nodes = evaluate("openai-2024").trace.nodes
    assert nodes["cost.total"].basis == "reported"
    assert nodes["cash.credits_months"].basis == "assumed"
    bases = {node.basis for node in nodes.values() if node.quantity.section != "workload"}
    assert bases == {"reported", "assumed"}


# Products


@each("day, margin, cost", [("2024-06-01", 0.35, 13.0), ("2025-01-15", 0.52, 9.6), ("2025-10-01", 0.70, 6.0)])
def test_a_seat_of_plus_costs_what_the_reported_margin_leaves(day: str, margin: float, cost: float) -> None:
    """Microsoft's share, which that margin leaves out, comes off on top of it."""
    evaluation = evaluate(load(f"chatgpt-plus@{day}", set={"product.revenue_share_rate": 0}))
    assert evaluation.value("product.base_token_cost_per_unit") == near(cost)
    assert evaluation.value("product.gross_margin") == near(margin)
    assert evaluation.value("product.survivable_multiplier") == near(1 / (1 - margin))


@each(
    "day, least, most, revenue, cost",
    [("2025-01-01", 2.0, 4.0, 3.7, 9.6), ("2025-10-01", 2.5, 5.0, 4.3, 6.0)],
)
def test_plus_brings_310_million_a_month_and_carries_free_users(
    day: str, least: float, most: float, revenue: float, cost: float
) -> None:
    """What is carried is of the year of the margin: seat by seat it comes to all inference over revenue."""
    evaluation = evaluate(f"chatgpt-plus@{day}")
    carried = math.sqrt(least * most) / (revenue * cost / 20)
    kept = 20 * (1 - math.sqrt(0.20 * 493.8 / 3700))
    assert evaluation.value("product.revenue_per_month") == near(310e6)
    assert evaluation.value("product.units_carried") == near(carried)
    assert evaluation.value("product.contribution_per_month") == near(15.5e6 * (kept - cost * carried))
    assert evaluation.value("product.survivable_multiplier_blended") == near(kept / carried / cost)


def test_azure_at_the_market_rate_is_more_than_plus_survives_at_the_margin_of_2024() -> None:
    """3.70 over 1.30 is 2.85 times; 52 % of margin survive 2.08 before Microsoft's share."""
    times = figure("openai-2024", "compute.market_ratio")
    assert figure("chatgpt-plus@2025-01-15", "product.survivable_multiplier") < 1 / 0.48 < times


def test_how_many_prompts_until_pro_loses_money() -> None:
    prompt = math.sqrt(500 * 4000) * 15e-6 + math.sqrt(2000 * 10000) * 60e-6
    kept = 200 * (1 - math.sqrt(0.20 * 493.8 / 3700))
    assert figure("chatgpt-pro", "product.token_cost_per_request") == near(prompt)
    assert figure("chatgpt-pro", "product.breakeven_requests_per_unit") == near(kept / prompt)
    assert figure("chatgpt-pro:at-cost", "product.breakeven_requests_per_unit") == near(kept / prompt / 0.48)


@each(
    "reference, seats",
    [
        ("m365-copilot", 440e6 * math.sqrt(0.001 * 0.01)),
        ("m365-copilot:users-4.4m", 4.4e6 * math.sqrt(0.001 * 0.01)),
        ("m365-copilot:one-percent", 4.4e6),
    ],
)
def test_what_copilot_brings(reference: str, seats: float) -> None:
    assert figure(reference, "product.paying_units_per_month") == near(seats)
    assert figure(reference, "product.revenue_per_month") == near(30 * seats)
    assert figure(reference, "product.units_carried") == 1.0


def test_the_tokens_of_a_conversation_do_not_explain_its_price() -> None:
    tokens = math.sqrt(5e3 * 100e3) * 2.5e-6 + math.sqrt(500 * 5000) * 10e-6
    assert figure("agentforce", "product.token_cost_per_unit") == near(tokens)
    assert figure("agentforce", "product.survivable_multiplier") == near(2 / tokens)
    assert figure("agentforce:long", "product.token_cost_per_unit") == near(0.1 * 2.5 + 0.005 * 10)
    assert figure("agentforce:long", "product.gross_margin") == near(1.7 / 2)


def test_a_supplier_ten_times_as_dear_is_one_override_or_variant() -> None:
    set_ = evaluate(load("wrapper-startup", set={"product.supplier_price_multiplier": 10}))
    variant = evaluate("wrapper-startup:supplier-10x")
    for metric in ("product.gross_margin", "product.profit_per_month", "product.passed_on_profit_per_month"):
        found = set_.value(metric)
        assert found is not None
        assert found < 0
        assert variant.value(metric) == found
    assert set_.value("product.token_cost_per_unit") == near(
        10 * figure("wrapper-startup", "product.token_cost_per_unit")
    )


@each(
    "reference, paid",
    [
        ("wrapper-startup", (2.50, 1.25, 10.00)),
        ("wrapper-startup@2024-06-01", (5.00, 5.00, 15.00)),
        ("wrapper-startup:on-deepseek", (0.27, 0.07, 1.10)),
        ("wrapper-startup:on-claude", (3.00, 0.30, 15.00)),
        ("chatgpt-plus:at-list-price", (2.50, 1.25, 10.00)),
    ],
)
def test_products_pay_their_suppliers_list_price(reference: str, paid: tuple[float, ...]) -> None:
    names = ("input", "cached_input", "output")
    assert tuple(figure(reference, f"product.{name}_cost_per_mtok") for name in names) == paid


def test_products_are_compared_as_products() -> None:
    comparison = compare("chatgpt-plus", "chatgpt-pro")
    assert {row.quantity.section for row in comparison.rows} == {"product"}
    price = comparison.row("product.price_per_unit")
    assert price is not None
    assert price.values == (20.0, 200.0)
    # What neither speaks of is not missed; what one does is.
    assert not {gap.metric for gap in comparison.gaps} & {"product.profit_per_month"}
    assert ("chatgpt-pro", "product.revenue_per_month") in {(g.label, g.metric) for g in comparison.gaps}


# Capital


def recovery(rate: float, years: float) -> float:
    """The capital recovery factor."""
    return rate / (1 - math.pow(1 + rate, -years))


@each("reference, spend", [("hyperscaler-capex", 150e9), ("hyperscaler-capex:spend-200b", 200e9)])
def test_what_the_hyperscalers_must_earn(reference: str, spend: float) -> None:
    rate = math.sqrt(0.08 * 0.12)
    charge = spend * (0.95 * recovery(rate, math.sqrt(24)) + 0.05 * rate)
    required = (charge + spend * math.sqrt(0.05 * 0.15)) / math.sqrt(0.6 * 0.9)
    revenue = math.sqrt(12e9 * 13e9)
    assert figure(reference, "capex.charge_per_year") == near(charge)
    assert figure(reference, "capex.revenue_required_per_year") == near(required)
    assert figure(reference, "capex.revenue_multiple_required") == near(required / revenue)
    assert figure(reference, "capex.revenue_gap_per_year") == near(required - revenue)


def test_a_run_rate_of_one_does_not_pay_for_running_what_all_bought() -> None:
    node = evaluate("hyperscaler-capex")["capex.payback_years"]
    assert str(node.reason) == "today's revenue does not even cover the operation"


def test_one_gpu_at_the_owners_best() -> None:
    """25,000 USD over six years at 8 %, a fifth of it left, 10 % a year to run it, 90 % of the hours."""
    cost = 25e3 * (0.8 * recovery(0.08, 6) + 0.2 * 0.08 + 0.10) / (8760 * 0.9)
    evaluation = evaluate("gpu-owner:cheap")
    assert evaluation.value("capex.cost_per_used_gpu_hour") == near(cost)
    assert evaluation.value("capex.owned_to_market_ratio") == near(cost / 2.35)
    assert evaluation.value("capex.owned_to_paid_ratio") == near(cost / 1.30)
    assert evaluation.value("capex.breakeven_utilization") == near(0.9 * cost / 2.35)


@each(
    "reference, rent",
    [
        ("gpu-owner@2024-06-01", 2.85),
        ("gpu-owner@2025-11-01", 1.70),
        ("gpu-owner:hyperscaler-list@2024-06-01", 7.92),
        ("gpu-owner:hyperscaler-list@2025-12-01", 6.26),
        ("gpu-owner:neocloud-index@2025-12-31", 2.00),
        ("gpu-owner:on-demand@2026-07-01", 3.37),
    ],
)
def test_the_rent_of_an_h100(reference: str, rent: float) -> None:
    """By kind of seller: the series are not joined."""
    assert figure(reference, "compute.market_gpu_hour") == rent
    assert figure(reference, "capex.revenue_per_year") == near(8760 * math.sqrt(0.45) * rent)


@each(
    "reference, owned, rent",
    [("gpu-tco:b200@2025-08-01", 2.34, 2.90), ("gpu-tco:mi300x-hyperscaler", 0.95, 1.30)],
)
def test_how_busy_a_gpu_must_be_to_be_cheaper_owned(reference: str, owned: float, rent: float) -> None:
    assert figure(reference, "capex.breakeven_utilization") == near(owned / rent)


def test_the_segments_of_minimax_make_its_margin() -> None:
    cost = 0.289 * (1 - 0.694) + 0.711 * (1 - 0.047)
    assert figure("minimax-2025:nine-months", "company.gross_margin") == near(1 - cost)
    assert figure("minimax-2025:nine-months", "company.api_inference_share") == near(0.289 * 0.306 / cost)


@each(
    "reference, part, margin, whole, loss",
    [
        ("minimax-segments", "api", 0.694, 1 - 0.289 * 0.306 - 0.711 * 0.953, 186 / 53.4),
        ("minimax-segments", "apps", 0.047, 1 - 0.289 * 0.306 - 0.711 * 0.953, 186 / 53.4),
        ("zai-segments", "cloud", 0.034, 0.563, 2466 / 312.4),
    ],
)
def test_segments_are_parts(reference: str, part: str, margin: float, whole: float, loss: float) -> None:
    assert figure(reference, f"parts.{part}.company.gross_margin") == near(margin)
    assert figure(reference, "company.gross_margin") == near(whole)
    assert figure(reference, "company.loss_per_revenue_dollar") == near(loss)


@each("reference, spend", [("gpt4o-vs-next-model", 1e8), ("next-model:next-model", 1e9)])
def test_what_a_model_must_earn_over_its_life(reference: str, spend: float) -> None:
    years = math.sqrt(2)
    required = spend * recovery(math.sqrt(0.025), years) / 0.40
    assert figure(reference, "capex.revenue_required_per_year") == near(required)
    assert figure(reference, "capex.revenue_required_over_life") == near(required * years)
    assert figure(reference, "capex.tokens_required_per_day") == near(required / 365 / 4.375e-6)


def test_capital_is_compared_as_capital() -> None:
    comparison = compare("hyperscaler-capex", "hyperscaler-capex:spend-200b")
    assert {row.quantity.section for row in comparison.rows} == {"capex"}
    assert {gap.metric for gap in comparison.gaps} == {"capex.payback_years"}


def test_without_a_stated_elasticity_the_answer_says_that_it_lacks_it() -> None:
    product = load("wrapper-startup").replace(**{"market.price_elasticity": None})
    metric = "product.survivable_multiplier_passed_on"
    assert why_missing(evaluate(product, [metric]), metric) == "lacks market.price_elasticity"


def outcome(reference: str, name: str) -> float:
    found = project(reference).outcomes[name].value
    assert found is not None
    return found


def test_the_plan_of_openai_by_year_meets_its_sums() -> None:
    """840B of revenue, 856B of compute and 278B that are burnt; the money of March 2026 lasts to 2028."""
    rows = project("openai-plan-2030", by="year").rows
    for line, total in {"revenue.total": 840e9, "cost.unsplit_compute": 856e9}.items():
        assert sum(row.flows[line] or 0 for row in rows) == near(total)
        assert figure("openai-2026-2030", line) == near(total)
    assert outcome("openai-plan-2030", "project.operating_profit") == near(-278e9)
    # 147B of cash, 26 and 65B burnt in 2026 and 2027, and 92B in 2028.
    assert outcome("openai-plan-2030", "project.runway_months") == near(24 + (147 - 26 - 65) / 92 * 12)


def test_without_growth_promised_compute_takes_the_cash() -> None:
    """A quarter costs 12.3 less 2.35B in cash; from January 2027 on Oracle takes 15B more."""
    cash, burn = 133.3, 12.3 - 2.35
    assert outcome("openai-flat-2026", "project.runway_months") == near(cash / burn * 3)
    assert outcome("openai-flat-2026:oracle", "project.runway_months") == near(
        6 + (cash - 2 * burn) / (burn + 15) * 3
    )


def test_the_gap_of_hsbc_takes_funds_that_it_does_not_name() -> None:
    assert -figure("openai-hsbc-2030", "company.operating_profit") == near(510e9)
    assert load("openai-hsbc-2030").data["cash.committed_funding"].value == near(303e9)


@each("variant, elasticity", [("", 1.11), (":openrouter", 0.06)])
def test_what_falling_prices_do_to_revenue(variant: str, elasticity: float) -> None:
    """Each price cut to 0.53 takes revenue to 0.53^(1 − ε)."""
    rows = project(f"falling-prices{variant}", by="month").rows
    first, last = (rows[at].flows["revenue.api"] for at in (0, -1))
    assert first is not None
    assert last is not None
    assert last / first == near(0.53 ** (4 * (1 - elasticity)))


def test_the_page_of_companies_names_each() -> None:
    page = (Path(__file__).parents[2] / "docs/companies.md").read_text(encoding="utf-8")
    assert [name for name in COMPANIES if f"`{name}`" not in page] == []


def test_margins_of_the_projection_stay_where_its_note_says_that_they_do() -> None:
    """From June 2025 on every line grows alike, so that no line left behind makes the loss look smaller."""
    rows = project("openai-2024-projection", months=36, metrics=["company.operating_margin"]).rows
    margins = [row.metrics["company.operating_margin"] for row in rows if row.label >= "2025-06"]
    assert len(margins) == 25
    assert margins == pytest.approx([margins[0]] * 25)


@each("variant", ["mid-2024", "azure-leak", "inference-2b"])
def test_an_account_of_openai_takes_no_range_from_another(variant: str) -> None:
    """Inference and training trade off between the accounts: the range of one alone shifts the total."""
    data = load(f"openai-2024:{variant}").data
    assert [name for name, datum in data.items() if name.startswith("cost.") and datum.low is not None] == []


def test_what_scaling_a_bill_takes_for_granted_is_said() -> None:
    """`openai-2024:market-compute` calls the same figure an assumption."""
    notes = dict(breakeven("openai-2024").notes)
    assert notes["cost.inference_at_market"] == notes["cost.training_at_market"]
    assert "assumed to move with the GPU-hour rate" in notes["cost.inference_at_market"]


def test_a_round_number_of_an_argument_is_no_report() -> None:
    assert load("gpt4o-vs-next-model:next-model").data["capex.spend"].basis == "assumed"

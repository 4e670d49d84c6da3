"""The bundled prices on fixed dates, and what price catalogues say of them."""

from __future__ import annotations

import pytest

from calling import each
from llmcost.analysis.ask.evaluation import evaluate
from llmcost.analysis.ask.load import load
from llmcost.analysis.ask.prices import check_prices
from llmcost.scenario.finding import bundled_folder
from llmcost.scenario.library import Library

PUBLISHED = [
    # USD per million tokens: input, cached input, output; of models the last price of each list.
    ("gpt-4@2023-03-14", 30.00, 30.00, 60.00),
    ("gpt-4-turbo@2023-11-06", 10.00, 10.00, 30.00),
    ("gpt-4o@2024-05-13", 5.00, 5.00, 15.00),
    ("gpt-4o@2024-08-05", 5.00, 5.00, 15.00),
    ("gpt-4o@2024-08-06", 2.50, 2.50, 10.00),
    ("gpt-4o@2024-10-01", 2.50, 1.25, 10.00),
    ("gpt-4o:batch", 1.25, 1.25, 5.00),
    ("gpt-4o-mini@2024-07-18", 0.15, 0.15, 0.60),
    ("o1@2024-09-12", 15.00, 15.00, 60.00),
    ("o1@2024-12-17", 15.00, 7.50, 60.00),
    ("o1-mini@2024-10-01", 3.00, 1.50, 12.00),
    ("o1-mini", 1.10, 1.10, 4.40),
    ("claude-3-opus@2024-03-04", 15.00, 15.00, 75.00),
    ("claude-3.5-sonnet@2024-06-20", 3.00, 3.00, 15.00),
    ("claude-3.5-sonnet", 3.00, 0.30, 15.00),
    ("gemini-1.5-pro@2024-05-14", 3.50, 3.50, 10.50),
    ("gemini-1.5-pro", 1.25, 1.25, 5.00),
    ("gemini-1.5-flash@2024-05-14", 0.35, 0.35, 1.05),
    ("gemini-1.5-flash", 0.075, 0.075, 0.30),
    ("llama-3.1-405b", 3.50, 3.50, 3.50),
    ("llama-3.1-405b:fireworks", 3.00, 3.00, 3.00),
    ("llama-3.1-70b", 0.59, 0.59, 0.79),
    ("deepseek-v3@2024-12-26", 0.14, 0.014, 0.28),
    ("deepseek-v3@2025-02-07", 0.14, 0.014, 0.28),
    ("deepseek-v3@2025-02-08", 0.27, 0.07, 1.10),
    ("deepseek-v3", 0.27, 0.07, 1.10),
    ("deepseek-v3:off-peak", 0.135, 0.035, 0.55),
    ("deepseek-v3:api-2025-09", 0.56, 0.07, 1.68),
    ("deepseek-r1:off-peak", 0.135, 0.035, 0.55),
    ("deepseek-r1:api-2025-09", 0.56, 0.07, 1.68),
    ("deepseek-v3.2-exp", 0.28, 0.028, 0.42),
    ("deepseek-day", 0.55, 0.14, 2.19),
    ("deepseek-day:v3-prices", 0.27, 0.07, 1.10),
    ("gpt4o-vs-next-model", 2.50, 1.25, 10.00),
    ("gpt4o-vs-next-model:next-model", 2.50, 1.25, 10.00),
    ("deepseek-v3.1", 0.56, 0.07, 1.68),
    ("deepseek-v3.2", 0.28, 0.028, 0.42),
    ("deepseek-v4-flash", 0.3, 0.006, 1.2),
    ("gemini-2.5-flash", 0.3, 0.03, 2.5),
    ("glm-5.2", 1.4, 0.26, 4.4),
    ("gpt-4.1-nano", 0.1, 0.025, 0.4),
    ("gpt-5-mini", 0.25, 0.025, 2.0),
    ("gpt-5.1", 1.25, 0.125, 10.0),
    ("kimi-k2.5", 0.6, 0.1, 3.0),
    ("o3", 2.0, 0.5, 8.0),
    ("o3@2025-06-09", 10.00, 2.50, 40.00),
]
PRICES = tuple(f"price.{name}_per_mtok" for name in ("input", "cached_input", "output"))


@each("reference, fresh, cached, output", PUBLISHED)
def test_published_price(reference: str, fresh: float, cached: float, output: float) -> None:
    """Where no cache price is published, a cache hit costs what input costs."""
    found = evaluate(load(reference), PRICES)
    assert tuple(found.value(name) for name in PRICES) == (fresh, cached, output)


def test_a_long_prompt_pays_twice() -> None:
    """250,000 tokens at 2 USD/Mtok up to 200k, and at 4 above: 1 USD, and no output."""
    found = evaluate(
        load(
            "gemini-3-pro@2026-01-01",
            set={"workload.input_tokens_per_request": "250k", "workload.output_tokens_per_request": "0"},
            workload="own",
        ),
        ["price.cost_per_request"],
    )
    assert found.value("price.cost_per_request") == pytest.approx(1.00)


def test_every_bundled_price_is_that_of_the_catalogues_or_says_why_not() -> None:
    """Whatever no catalogue has, or has otherwise, is checked by hand."""
    found = check_prices()
    assert [difference for difference in found.differences if not difference.explained] == []
    otherwise = {one.model for one in found.differences if one.name in ("", *PRICES)}
    settled = {*found.checked} - otherwise | {reference.partition("@")[0] for reference, *_ in PUBLISHED}
    for file in Library([bundled_folder()]).all_files():
        for name in (file.name, *(f"{file.name}:{variant}" for variant in file.variants)):
            of_others = name.partition(":")[2] in ("market-compute", "peak-fleet")
            assert name in settled or of_others or PRICES[0] not in load(name).data, name

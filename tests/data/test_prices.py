"""The bundled prices on fixed dates, and what price catalogues say of them."""

from __future__ import annotations

import pytest

from calling import each
from llmcost.analysis.ask.evaluation import evaluate
from llmcost.analysis.ask.load import load
from llmcost.analysis.ask.prices import check_prices


@each(
    "reference, uncached, output",
    [
        ("gpt5@2025-08-07", 1.25, 10),
        ("o3@2025-06-09", 10, 40),
        ("o3@2025-06-10", 2, 8),
        ("claude-opus-5.5@2026-10-01", 4, 20),
        ("anthropic/claude-opus-4.5@2025-12-01", 5, 25),
        ("gemini-4-argon@2026-11-30", 2, 10),
        ("gemini-4-argon@2026-12-01", 4, 20),
        ("gpt-5.6-luna@2026-07-29", 1, 6),
        ("gpt-5.6-luna@2026-07-30", 0.20, 1.20),
        # The peak; off-peak is half of it.
        ("deepseek-v4-pro@2026-09-01", 1.32, 3.96),
    ],
)
def test_prices_on_fixed_dates(reference: str, uncached: float, output: float) -> None:
    data = load(reference).data
    assert (data["price.input_per_mtok"].value, data["price.output_per_mtok"].value) == (uncached, output)


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
    found = check_prices()
    assert [difference for difference in found.differences if not difference.explained] == []
    assert len(found.checked) > 80

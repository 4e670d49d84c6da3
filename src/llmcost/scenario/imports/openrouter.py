"""OpenRouter's activity: the CSV of generations, and the JSON of its activity API.

Reference: https://openrouter.ai/docs/use-cases/usage-accounting and the activity API, as of November 2026.
The CSV has a row for each generation (`tokens_prompt`, `cost_total`), the API one for each day and endpoint
(`prompt_tokens`, `usage`). Prompt counts cached tokens in, completion reasoning tokens. Amounts are USD.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format, RawTable
from llmcost.scenario.imports.usage import Row, days_of, reader, requests_in, tokens_of

BY: Final = {"app": ("app_name",), "provider": ("provider_name",)}
TOKENS: Final = {
    "input": ("tokens_prompt", "prompt_tokens"),
    "output": ("tokens_completion", "completion_tokens"),
    "cached": ("tokens_cached", "cached_tokens"),
    "reasoning": ("tokens_reasoning", "reasoning_tokens"),
}


def detect(content: Content) -> bool:
    """Whether a file is such an export, by its columns or keys."""
    if content.has("model_permaslug", "cost_total", "tokens_prompt"):
        return True
    return any(record.get("model_permaslug") is not None for record in list(content.first.below("data"))[:1])


def rows(content: Content) -> Iterator[Row]:
    """Yield each generation, or each row of a day."""
    for page in content.records:
        for record in (page,) if page.get("model_permaslug") is not None else page.below("data"):
            yield _row(record)


def _row(record: Record) -> Row:
    tokens = tokens_of(record, TOKENS, inside=True)
    slug = record.text("model_permaslug", "model") or ""
    provider, slash, model = slug.partition("/")
    return Row(
        record,
        model if slash else slug,
        tokens,
        requests_in(record, tokens),
        days_of(record, ("created_at", "date")),
        "standard",
        provider if slash else None,
        record.number("cost_total", "usage"),
    )


FORMAT = Format(
    "openrouter",
    "activity of OpenRouter",
    detect,
    reader("OpenRouter", rows, TOKENS, {"requests": "generation_id", "billed": "cost_total"}, by=BY),
    RawTable(
        ("model_permaslug",),
        ("created_at",),
        tuple(TOKENS.values()),
        BY,
        amounts=("cost_total",),
        counted="requests",
    ),
)

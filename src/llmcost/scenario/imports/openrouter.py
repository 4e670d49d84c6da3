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
from llmcost.scenario.imports.usage import Row, days_of, reader, requests_in, split, within

BY: Final = {"app": ("app_name",), "provider": ("provider_name",)}
READ: Final = ("tokens_prompt", "prompt_tokens")
OUT: Final = ("tokens_completion", "completion_tokens")


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
    read, out = record.needed(*READ), record.needed(*OUT)
    cached = record.number("tokens_cached", "cached_tokens") or 0.0
    reasoning = record.number("tokens_reasoning", "reasoning_tokens") or 0.0
    within(record, record.name(*READ), read, cached, "cached tokens")
    within(record, record.name(*OUT), out, reasoning, "reasoning tokens")
    slug = record.text("model_permaslug", "model") or ""
    provider, slash, model = slug.partition("/")
    return Row(
        record,
        model if slash else slug,
        {
            "input": split(read, cached),
            "cached": cached,
            "output": split(out, reasoning),
            "reasoning": reasoning,
        },
        requests_in(record, read + out),
        days_of(record, ("created_at", "date")),
        "standard",
        provider if slash else None,
        record.number("cost_total", "usage"),
    )


FORMAT = Format(
    "openrouter",
    "activity of OpenRouter",
    "https://openrouter.ai/docs/use-cases/usage-accounting",
    "2026-11",
    detect,
    reader(
        "OpenRouter",
        rows,
        BY,
        {
            "input": "tokens_prompt",
            "cached": "tokens_cached",
            "output": "tokens_completion",
            "reasoning": "tokens_reasoning",
            "requests": "generation_id",
            "billed": "cost_total",
        },
    ),
    RawTable(
        ("model_permaslug",),
        ("created_at",),
        (("tokens_prompt",), ("tokens_completion",), ("tokens_reasoning",), ("tokens_cached",)),
        BY,
        amounts=("cost_total",),
        counted="requests",
    ),
)

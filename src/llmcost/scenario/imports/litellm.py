"""LiteLLM's spend logs: rows of LiteLLM_SpendLogs as JSON, JSON lines or CSV.

Reference: https://docs.litellm.ai/docs/proxy/cost_tracking and the table's schema in LiteLLM 1.80.
`prompt_tokens` counts cached and written tokens in, which stand in `metadata.additional_usage_values` or
`metadata.usage_object`. `spend` is what LiteLLM works out in USD from its own price map, times what its
keys add: no provider's bill.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format, RawTable
from llmcost.scenario.imports.usage import Row, days_of, reader, requests_in, split, within

BY: Final = {"customer": ("end_user",), "team": ("team_id",), "feature": ("request_tags",)}
USAGE: Final = ("metadata.additional_usage_values", "metadata.usage_object")

CACHED: Final = ("cache_read_input_tokens", "prompt_tokens_details.cached_tokens")
WRITTEN: Final = ("cache_creation_input_tokens", "prompt_tokens_details.cache_creation_tokens")
REASONING: Final = ("completion_tokens_details.reasoning_tokens",)


def detect(content: Content) -> bool:
    """Whether a file has such rows, by their keys."""
    return content.has("spend", "prompt_tokens", "completion_tokens", "request_id") and (
        content.has("custom_llm_provider") or content.has("model_group") or content.has("call_type")
    )


def rows(content: Content) -> Iterator[Row]:
    """Yield each request."""
    for found in content.records:
        record = _unpacked(found)
        read, out = record.needed("prompt_tokens"), record.needed("completion_tokens")
        cached = _count(record, CACHED)
        written = _count(record, WRITTEN)
        reasoning = _count(record, REASONING)
        within(record, "prompt_tokens", read, cached + written, "cached and written tokens")
        within(record, "completion_tokens", out, reasoning, "reasoning tokens")
        yield Row(
            record,
            record.text("model_group", "model") or "",
            {
                "input": split(read, cached, written),
                "cached": cached,
                "written": written,
                "output": split(out, reasoning),
                "reasoning": reasoning,
            },
            requests_in(record, read + out),
            days_of(record, ("startTime",)),
            "standard",
            record.text("custom_llm_provider"),
            record.number("spend"),
        )


def _unpacked(record: Record) -> Record:
    """A row of which the metadata is a text of JSON, as CSV and some exports have it."""
    packed = record.values.get("metadata")
    if not isinstance(packed, str) or not packed.strip():
        return record
    try:
        metadata: Any = json.loads(packed)
    except ValueError:
        record.refuse("expected JSON", "metadata")
        metadata = {}
    return record._replace(values={**record.values, "metadata": metadata})


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return where a count may stand, the first first."""
    return tuple(f"{usage}.{name}" for name in names for usage in USAGE)


def _count(record: Record, names: tuple[str, ...]) -> float:
    return record.number(*_names(names)) or 0.0


FORMAT = Format(
    "litellm",
    "spend logs of LiteLLM",
    "https://docs.litellm.ai/docs/proxy/cost_tracking",
    "1.80",
    detect,
    reader(
        "LiteLLM",
        rows,
        BY,
        {
            "input": "prompt_tokens",
            "cached": "metadata",
            "written": "metadata",
            "output": "completion_tokens",
            "reasoning": "metadata",
            "requests": "request_id",
            "billed": "spend",
        },
        ["The amount is what LiteLLM worked out by its own price map, not a provider's bill."],
    ),
    RawTable(
        ("model", "model_group", "custom_llm_provider"),
        ("startTime",),
        (("prompt_tokens",), ("completion_tokens",), *map(_names, (CACHED, WRITTEN, REASONING))),
        BY,
        amounts=("spend",),
        counted="requests",
    ),
)

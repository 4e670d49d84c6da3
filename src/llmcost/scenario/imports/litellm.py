"""LiteLLM's spend logs: rows of LiteLLM_SpendLogs as JSON, JSON lines or CSV.

Reference: https://docs.litellm.ai/docs/proxy/cost_tracking and the table's schema in LiteLLM 1.80.
`prompt_tokens` counts cached and written tokens in, which stand in `metadata.additional_usage_values` or
`metadata.usage_object`. `spend` is what LiteLLM works out in USD from its own price map, times what its
keys add: no provider's bill.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from llmcost.scenario.imports.content import Content
from llmcost.scenario.imports.format import Format, RawTable, having
from llmcost.scenario.imports.usage import Row, days_of, reader, requests_in, tokens_of, unpacked

BY: Final = {"customer": ("end_user",), "team": ("team_id",), "feature": ("request_tags",)}
USAGE: Final = ("metadata.additional_usage_values", "metadata.usage_object")


def _in_usage(*names: str) -> tuple[str, ...]:
    """Return the places of a count, in order of preference."""
    return tuple(f"{usage}.{name}" for name in names for usage in USAGE)


TOKENS: Final = {
    "input": ("prompt_tokens",),
    "output": ("completion_tokens",),
    "cached": _in_usage("cache_read_input_tokens", "prompt_tokens_details.cached_tokens"),
    "written": _in_usage("cache_creation_input_tokens", "prompt_tokens_details.cache_creation_tokens"),
    "reasoning": _in_usage("completion_tokens_details.reasoning_tokens"),
}
REQUEST: Final = ("spend", "prompt_tokens", "completion_tokens", "request_id")
ABOUT: Final = ("custom_llm_provider", "model_group", "call_type")
"""A row has at least one of these, besides `REQUEST`."""


def rows(content: Content) -> Iterator[Row]:
    """Yield each request."""
    for found in content.records:
        record = unpacked(found, "metadata")
        tokens = tokens_of(record, TOKENS, inside=True)
        yield Row(
            record,
            record.text("model_group", "model") or "",
            tokens,
            requests_in(record, tokens),
            days_of(record, ("startTime",)),
            "standard",
            record.text("custom_llm_provider"),
            record.number("spend"),
        )


FORMAT = Format(
    "litellm",
    "spend logs of LiteLLM",
    having(*((*REQUEST, name) for name in ABOUT)),
    reader(
        "LiteLLM",
        rows,
        TOKENS,
        {
            **dict.fromkeys(("cached", "written", "reasoning"), "metadata"),
            "requests": "request_id",
            "billed": "spend",
        },
        ["LiteLLM calculated the amount from its own price map; it is not a provider's bill."],
        BY,
    ),
    RawTable(
        ("model", "model_group", "custom_llm_provider"),
        ("startTime",),
        tuple(TOKENS.values()),
        BY,
        amounts=("spend",),
        counted="requests",
    ),
)

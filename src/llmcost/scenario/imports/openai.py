"""OpenAI's usage and costs: the API's JSON, and the CSV exports of the dashboard.

Reference: https://platform.openai.com/docs/api-reference/usage, as of November 2026. `input_tokens` counts
cached and written tokens in; reasoning tokens are not told apart from other output. A time ends before
`end_time`. Costs have a `line_item` such as `gpt-4o-2024-08-06, cached input`, in USD.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format, RawTable
from llmcost.scenario.imports.usage import Row, days_of, dollars, reader, results_of, tier_of, tokens_of

BY: Final = {"project": ("project_id",)}
TIMES: Final = ("start_time", "end_time")
TOKENS: Final = {
    "input": ("input_tokens",),
    "output": ("output_tokens",),
    "cached": ("input_cached_tokens",),
    "written": ("input_cache_write_tokens", "input_cache_creation_tokens"),
}
REQUESTS: Final = "num_model_requests"
USED: Final = ("input_tokens", "output_tokens", REQUESTS)
"""Columns that only rows of usage have."""
ITEMS: Final = {
    "input": "input",
    "cached input": "cached",
    "cache write": "written",
    "cache writes": "written",
    "output": "output",
    "reasoning": "reasoning",
}
"""Classes of tokens, by the end of a line item."""


def detect(content: Content) -> bool:
    """Whether a file is such an export, by its keys or columns."""
    if content.shape == "table":
        usage = content.has("input_tokens", "input_cached_tokens", REQUESTS)
        return usage or content.has("amount_value", "line_item")
    kinds = {record.text("object") or "" for record in results_of(content.first, *TIMES)}
    return any(kind.startswith(("organization.usage.completions", "organization.costs")) for kind in kinds)


def rows(content: Content) -> Iterator[Row]:
    """Yield each row; a bucket without results stands for no usage."""
    for page in content.records:
        for record in (page,) if content.shape == "table" else results_of(page, *TIMES):
            if record.get("amount_value", "amount") is not None:
                yield from _cost(record)
            elif record.get(*USED) is not None:
                yield _usage(record)
            else:
                yield Row(record, "", {}, days=days_of(record, ("start_time",), ("end_time",)))


def _usage(record: Record) -> Row:
    batch = (record.text("batch") or "").lower() == "true" or record.get("batch") is True
    return Row(
        record,
        record.text("model") or "",
        tokens_of(record, TOKENS, inside=True),
        record.number(REQUESTS),
        days_of(record, ("start_time",), ("end_time",)),
        "batch" if batch else tier_of(record.text("service_tier")),
        "openai",
    )


def _cost(record: Record) -> Iterator[Row]:
    item = record.text("line_item") or ""
    model, comma, what = item.rpartition(", ")
    kind = ITEMS.get(what.strip().lower())
    if not comma or kind is None:
        model = item
    nested = isinstance(record.get("amount"), dict)
    amount, currency = ("amount.value", "amount.currency") if nested else ("amount_value", "amount_currency")
    billed = dollars(record, amount, (currency,))
    days = days_of(record, ("start_time",), ("end_time",))
    if billed is not None:
        yield Row(record, model.lower(), {}, None, days, None, "openai", billed, kind)


FORMAT = Format(
    "openai",
    "usage or costs of OpenAI",
    detect,
    reader(
        "OpenAI",
        rows,
        TOKENS,
        {"tier": "batch, service_tier", "requests": REQUESTS, "billed": "amount"},
        ["Reasoning tokens are part of the output: the export does not list them separately."],
        BY,
    ),
    RawTable(
        ("model", "batch", "service_tier", "line_item", "amount_currency"),
        ("start_time",),
        (*TOKENS.values(), (REQUESTS,)),
        BY,
        amounts=("amount_value",),
        ends=("end_time",),
    ),
)

"""Observations of Langfuse: exports as JSON, JSON lines or CSV.

Reference: https://langfuse.com/docs/observability/features/token-and-cost-tracking, as of Langfuse 3.
`usageDetails` has a key for each kind of token, of which none counts another in; those that begin with
`input` are read, those with `output` written, and `total` is their sum; the integration of LangChain calls
cache writes `input_ephemeral_5m_input_tokens` and the like. `costDetails` has the same keys, in
USD.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from llmcost.scenario.imports.content import Content
from llmcost.scenario.imports.format import Format, having
from llmcost.scenario.imports.usage import CLASSES, Row, days_of, reader, requests_in, unpacked

USAGE: Final = ("usageDetails", "usage_details")
COST: Final = ("costDetails", "cost_details")
OF_OBSERVATIONS: Final = ("traceId", "trace_id", "type")
"""An observation has at least one of these, besides its usage."""
TOTAL: Final = ("costDetails.total", "cost_details.total", "calculatedTotalCost", "totalCost", "total_cost")


def rows(content: Content) -> Iterator[Row]:
    """Yield each generation."""
    for page in content.records:
        below = list(page.below("data")) if "data" in page.values else [page]
        for found in below:
            record = unpacked(found, *USAGE, *COST)
            usage = record.get(*USAGE)
            if not isinstance(usage, dict):
                continue
            tokens: dict[str, float] = {}
            name = record.name(*USAGE)
            for key in usage:
                kind = kind_of(key)
                if kind is not None:
                    tokens[kind] = tokens.get(kind, 0.0) + (record.number(f"{name}.{key}") or 0.0)
            total = record.number(f"{name}.total") or 0.0
            if total and not any(tokens.values()):
                record.refuse(
                    f"says that {total:,.15g} tokens were used, and not which kind", f"{name}.total"
                )
            yield Row(
                record,
                record.text("model", "providedModelName", "provided_model_name") or "",
                tokens,
                requests_in(record, tokens),
                days_of(record, ("startTime", "start_time")),
                billed=record.number(*TOTAL),
            )


def kind_of(key: str) -> str | None:
    """Return the class of a kind of token; None for the total, and for tokens that are not text."""
    word = key.lower()
    if word == "total":
        return None
    if "ephemeral" in word or ("cache" in word and ("creation" in word or "write" in word)):
        return "written_1h" if "1h" in word else "written"
    if "cache" in word:
        return "cached"
    if "reasoning" in word or "thought" in word:
        return "reasoning"
    if word.startswith(("input", "prompt")):
        return "input"
    return "output" if word.startswith(("output", "completion", "candidates")) else None


FORMAT = Format(
    "langfuse",
    "observations of Langfuse",
    having(*product(USAGE, OF_OBSERVATIONS)),
    reader(
        "Langfuse",
        rows,
        {},
        {**dict.fromkeys(CLASSES, "usageDetails"), "requests": "id", "billed": "costDetails.total"},
        [
            "Langfuse calculated the amount; it is not a provider's bill.",
            "Tokens of sound and pictures count as text, though their prices differ.",
        ],
        {"customer": ("userId", "user_id"), "feature": ("name", "traceName", "trace_name")},
    ),
)

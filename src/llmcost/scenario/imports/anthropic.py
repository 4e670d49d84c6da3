"""Anthropic's usage report of messages and its cost report, as the Admin API returns them.

Reference: https://docs.anthropic.com/en/api/admin-api/usage-cost/get-messages-usage-report and
get-cost-report, as of November 2026. Each token is counted once: uncached, written for five minutes or an
hour, read from a cache, or output. Amounts are texts in cents. Only the cost report says what was billed,
and only it has `token_type`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from llmcost.scenario.imports.content import Content
from llmcost.scenario.imports.format import Format
from llmcost.scenario.imports.usage import Row, days_of, dollars, reader, results_of, tier_of, tokens_of

CENT: Final = 0.01
TOKENS: Final = {
    "input": ("uncached_input_tokens",),
    "cached": ("cache_read_input_tokens",),
    "written": ("cache_creation.ephemeral_5m_input_tokens",),
    "written_1h": ("cache_creation.ephemeral_1h_input_tokens",),
    "output": ("output_tokens",),
}
KINDS: Final = {name: kind for kind, (name,) in TOKENS.items()}
"""Classes of tokens, by the token types of the cost report."""
TIMES: Final = ("starting_at", "ending_at")


def detect(content: Content) -> bool:
    """Whether a file is such a report, by its keys."""
    first = next(results_of(content.first, *TIMES), None)
    return first is not None and first.get("uncached_input_tokens", "cost_type") is not None


def rows(content: Content) -> Iterator[Row]:
    """Yield each result of a file."""
    for page in content.records:
        for record in results_of(page, *TIMES):
            model = record.text("model") or record.text("description") or ""
            days = days_of(record, ("starting_at",), ("ending_at",))
            tier = tier_of(record.text("service_tier"))
            if record.get(*KINDS, "amount") is None:
                yield Row(record, "", {}, days=days)
                continue
            if record.get("amount") is not None:
                billed = dollars(record, "amount", ("currency",), CENT)
                kind = KINDS.get(record.text("token_type") or "")
                yield Row(record, model, {}, None, days, tier, "anthropic", billed, kind)
                continue
            yield Row(record, model, tokens_of(record, TOKENS), None, days, tier, "anthropic")


FORMAT = Format(
    "anthropic",
    "a usage or cost report of Anthropic",
    detect,
    reader(
        "Anthropic",
        rows,
        TOKENS,
        {"tier": "service_tier", "billed": "amount"},
        ["Requests are not in the report.", "Reasoning tokens are part of the output."],
        {"workspace": ("workspace_id",)},
    ),
)

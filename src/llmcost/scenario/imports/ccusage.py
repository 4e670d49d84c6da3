"""Reports of ccusage: `ccusage daily --json`, and those of weeks, sessions and blocks.

Reference: https://ccusage.com/guide/json-output, ccusage 18. Each token is counted once: input, cache
creation, cache read, output. `cost` is what ccusage works out at list prices, no bill. Without a breakdown
a day's tokens cannot be told by model, unless there was one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format
from llmcost.scenario.imports.usage import Row, days_of, reader

REPORTS: Final = ("daily", "monthly", "weekly", "sessions", "blocks")
TOKENS: Final = {
    "inputTokens": "input",
    "outputTokens": "output",
    "cacheCreationTokens": "written",
    "cacheReadTokens": "cached",
}
MONTH: Final = 7
"""Characters of a month such as 2026-11."""


def detect(content: Content) -> bool:
    """Whether a file is such a report, by its keys."""
    return any(
        record.get("modelBreakdowns") is not None or record.get("modelsUsed") is not None
        for name in REPORTS
        for record in list(content.first.below(name))[:1]
    )


def rows(content: Content) -> Iterator[Row]:
    """Yield what each model used in each period."""
    for page in content.records:
        for name in REPORTS:
            for period in page.below(name):
                yield from _period(period)


def _period(period: Record) -> Iterator[Row]:
    if period.get("month") is not None or len(period.text("date") or "") == MONTH:
        period.refuse("is a report of months, whose days are not known; import 'ccusage daily --json'")
        return
    days = days_of(period, ("date", "lastActivity", "startTime"))
    models = list(period.below("modelBreakdowns"))
    if not models:
        used = period.get("modelsUsed", "models")
        if not isinstance(used, list) or len(used) != 1:
            period.refuse("does not tell its models apart; run ccusage with --breakdown")
            return
        tokens = {kind: period.needed(name) for name, kind in TOKENS.items()}
        yield Row(period, str(used[0]), tokens, None, days, provider="anthropic")
    for record in models:
        tokens = {kind: record.needed(name) for name, kind in TOKENS.items()}
        yield Row(record, record.text("modelName") or "", tokens, None, days, provider="anthropic")


FORMAT = Format(
    "ccusage",
    "a report of ccusage",
    "https://ccusage.com/guide/json-output",
    "18.0",
    detect,
    reader(
        "ccusage",
        rows,
        {},
        {kind: name for name, kind in TOKENS.items()},
        [
            "The costs that ccusage works out at list prices are not a bill, and are left out.",
            "How long cache writes are kept is not in the report: they count as writes for five minutes.",
            "Requests are not in the report.",
        ],
    ),
)

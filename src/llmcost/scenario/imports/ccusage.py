"""Reports of ccusage: `ccusage daily --json`, and those of weeks and sessions.

Reference: https://ccusage.com/guide/json-output, ccusage 18, and the fixtures of its successor, which has
`period` in place of `date` and `session` in place of `sessions`. Each token is counted once: input, cache
creation, cache read, output. `cost` is what ccusage works out at list prices, no bill. Without a breakdown
a day's tokens cannot be told by model, unless there was one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format
from llmcost.scenario.imports.usage import Row, days_of, reader, tokens_of

REPORTS: Final = ("daily", "monthly", "weekly", "sessions", "session", "blocks")
TOKENS: Final = {
    "input": ("inputTokens",),
    "output": ("outputTokens",),
    "written": ("cacheCreationTokens",),
    "cached": ("cacheReadTokens",),
}
LAST: Final = ("date", "lastActivity", "metadata.lastActivity")
"""The last use of a session."""
MONTH: Final = 7
"""Characters of a month such as 2026-11."""


def detect(content: Content) -> bool:
    """Whether a file is such a report, by its keys."""
    return any(
        record.get("modelBreakdowns", "modelsUsed", "tokenCounts") is not None
        for name in REPORTS
        for record in list(content.first.below(name))[:1]
    )


def rows(content: Content) -> Iterator[Row]:
    """Yield what each model used in each period."""
    for page in content.records:
        for name in REPORTS:
            for period in page.below(name):
                yield from _period(period, ("date", "period") if name == "daily" else LAST)


def _period(period: Record, times: Sequence[str]) -> Iterator[Row]:
    if period.get("month") is not None or len(period.text("date", "period") or "") == MONTH:
        period.refuse("is a report of months, whose days are not known; import 'ccusage daily --json'")
        return
    if period.get("tokenCounts") is not None:
        period.refuse("is a report of blocks, which lack what a model used; import 'ccusage daily --json'")
        return
    days = days_of(period, times)
    models = list(period.below("modelBreakdowns"))
    if not models:
        used = period.get("modelsUsed", "models")
        if not isinstance(used, list) or len(used) != 1:
            period.refuse("does not separate its models; run ccusage with --breakdown")
            return
        tokens = tokens_of(period, TOKENS, TOKENS)
        yield Row(period, str(used[0]), tokens, None, days, provider="anthropic")
    told: dict[str, float] = {}
    for record in models:
        tokens = tokens_of(record, TOKENS, TOKENS)
        told = {kind: told.get(kind, 0.0) + number for kind, number in tokens.items()}
        yield Row(record, record.text("modelName") or "", tokens, None, days, provider="anthropic")
    for kind, (name,) in TOKENS.items() if models else ():
        whole = period.number(name)
        if whole is not None and whole != told[kind]:
            period.refuse(f"is {whole:,.15g}, and its models come to {told[kind]:,.15g}", name)


FORMAT = Format(
    "ccusage",
    "a report of ccusage",
    detect,
    reader(
        "ccusage",
        rows,
        TOKENS,
        {},
        [
            "The costs that ccusage works out at list prices are not a bill, and are left out.",
            "How long cache writes are kept is not in the report: they count as writes for five minutes.",
            "Requests are not in the report.",
        ],
    ),
)

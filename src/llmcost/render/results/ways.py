"""The ways to show a result, as most results have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from llmcost.analysis.ask.caveats import Caveats
from llmcost.render.report import Document, Report, Rows, Views, drawing
from llmcost.render.results.caveats import acknowledged, warnings

Result = TypeVar("Result")


def ways(
    result: Result,
    report: Callable[[Result], Report],
    document: Callable[[Result], Document],
    rows: Callable[[Result], Rows],
    *,
    drawn: str = "",
    caveats: Callable[[Result], Sequence[Caveats]] = lambda _: (),
    code: int = 0,
) -> Views:
    """Return the ways to show a result: what three functions make of it, and the chart of a verb.

    What its caveats warn of comes first in the report, and is told beside the rows.
    """
    return Views(
        lambda: cautious(report(result), caveats(result)),
        lambda: document(result),
        lambda: rows(result),
        warnings=lambda: warnings(caveats(result)),
        chart=drawing(drawn, result) if drawn else None,
        code=code,
    )


def cautious(shown: Report, caveats: Iterable[Caveats], *, named: bool = False) -> Report:
    """Return a report with what is to be warned of before the rest, and its known disagreements as notes."""
    found = list(caveats)
    return shown._replace(
        lead=[*warnings(found, named=named), *shown.lead],
        facts=[*acknowledged(found, named=named), *shown.facts],
    )

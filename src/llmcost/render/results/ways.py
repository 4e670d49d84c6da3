"""The usual ways to show a result."""

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
    """Return the ways to show a result, from three functions and the chart of a verb.

    Warnings from its caveats come first in the report, and beside the rows.
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
    """Return a report with warnings at the beginning, and known disagreements as notes."""
    found = list(caveats)
    return shown._replace(
        lead=[*warnings(found, named=named), *shown.lead],
        facts=[*acknowledged(found, named=named), *shown.facts],
    )

"""The text of the sheet About of a workbook: what it is, and what to know before reading any figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from llmcost.analysis.ask.evaluation import Evaluation
from llmcost.engine.trace import Node
from llmcost.render.results.caveats import acknowledged, warnings

LINE: Final = 90
"""Characters on a line; a line of that width fits a page."""
HEIGHT: Final = 14
"""The height of a line in points."""
SOLVED: Final = (
    "Found by search, so it is a value, not a formula; it turns to #N/A if you change what it depends on."
)
BLUE: Final = (
    "Blue cells on the sheet Inputs are the stated inputs; change them, and the sheet Model recomputes."
)
NAMED: Final = "Each quantity is a named cell, such as unit.gross_margin"
MONTHS: Final = "The months continue from there; blue cells among them are steps and events, as values."
UNDEFINED: Final = (
    "#N/A and #DIV/0! mark undefined figures; a comment on the cell gives the reason at the stated inputs."
)


def about(
    evaluations: Sequence[Evaluation],
    nodes: Sequence[Mapping[str, Node]],
    solved: Sequence[str],
    stopped: Sequence[str],
    moves: bool,
) -> list[str]:
    """Return paragraphs: notes and warnings of the scenarios, and how to read the sheets.

    `solved` are the quantities found by search, `stopped` says why months end early, and `moves` whether
    there are any months.
    """
    many = len(evaluations) > 1
    scenarios = [item.scenario for item in evaluations]
    lines = [f"{item.label}: {item.note}" if many else item.note for item in scenarios if item.note]
    found = [item.caveats() for item in evaluations]
    lines += [*warnings(found, named=many), *acknowledged(found, named=many), BLUE]
    whose = "Each quantity of the first scenario" if many else "Each quantity"
    lines.append(f"{whose} is a named cell, such as unit.gross_margin.")
    lines += [*([MONTHS] if moves else []), UNDEFINED]
    if solved:
        lines.append(f"Solved by llmcost, not by the workbook: {', '.join(solved)}. {SOLVED}")
    lines += [f"The months end early. {line}" for line in stopped]
    undefined = dict.fromkeys(
        f"{name} is undefined: {node.reason}"
        for each in nodes
        for name, node in each.items()
        if node.value is None and node.origin in (None, name)
    )
    return [*lines, *undefined, f"Written by llmcost {version()}."]


def version() -> str:
    """Return the version of llmcost."""
    from llmcost import __version__

    return __version__

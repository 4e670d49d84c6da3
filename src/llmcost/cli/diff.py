"""The command `diff`."""

from __future__ import annotations

from llmcost.cli.options import argument, complete_scenario, option
from llmcost.render.report import Views


def run(
    before: str = argument("FILE", "A snapshot, or a scenario to compare with another.", complete_scenario),
    after: list[str] | None = argument(
        "[SCENARIO|PATH|FILE]...",
        "What to recompute (by default everything in FILE), or another snapshot.",
        complete_scenario,
        default=None,
    ),
    tolerance: list[str] | None = option(
        "--tolerance",
        "[METRIC=]AMOUNT",
        "How far metrics may move: 1%, unit.gross_margin=0.5pp, cost.*=2%. Repeatable.",
    ),
    fail_on: str | None = option(
        "--fail-on",
        "any|above|regression",
        "Fail on any difference, on changes above the tolerance, or on regressions. "
        "Default: above, if there is a snapshot.",
    ),
) -> Views:
    """Say what changed since a snapshot and why. The exit code is 1 if something changed too much.

    Two scenarios are compared without failing, unless --fail-on is given.
    """
    from llmcost.analysis.gates.diff import diff
    from llmcost.render.results.diff import views

    return views(diff(before, *(after or ()), tolerance=tolerance or (), fail_on=fail_on))

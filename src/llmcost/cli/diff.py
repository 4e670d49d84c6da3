"""The command `diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import complete_scenario
from llmcost.render.report import Views


def run(
    before: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A snapshot; or a scenario to be compared with another.",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ],
    after: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SCENARIO|PATH|FILE]...",
            help="What to recompute (by default everything in FILE), or another snapshot.",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            "--tolerance",
            metavar="[METRIC=]AMOUNT",
            help="How far metrics may move: 1%, unit.gross_margin=0.5pp, cost.*=2%. Repeatable.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on",
            metavar="any|above|regression",
            help="Fail on any difference, on changes above the tolerance, or on regressions. "
            "By default above, where there is a snapshot.",
            show_default=False,
        ),
    ] = None,
) -> Views:
    """Say what moved since a snapshot and why. The exit code is 1 if something moved too far.

    Two scenarios are only compared, unless --fail-on is given.
    """
    from llmcost.analysis.gates.diff import diff
    from llmcost.render.results.diff import views

    return views(diff(before, *(after or ()), tolerance=tolerance or (), fail_on=fail_on))

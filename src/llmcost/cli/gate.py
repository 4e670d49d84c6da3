"""The verbs that stand guard in CI: check, snapshot, diff."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import GateFormatOption, NoColorOption, OutputOption, complete_scenario, send_gate
from llmcost.render.present import GateFormat

TargetsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH|SCENARIO...",
        help="Files, folders, names of scenarios, or - for standard input.",
        autocompletion=complete_scenario,
        show_default=False,
    ),
]


def check(
    targets: TargetsArgument,
    select: Annotated[
        str | None,
        typer.Option(
            "-k",
            metavar="WORDS",
            help="Only expectations whose name contains this; 'and', 'or' and 'not' work.",
            show_default=False,
        ),
    ] = None,
    stop: Annotated[bool, typer.Option("-x", "--exitfirst", help="Stop at the first that fails.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show what does not hold and the summary only.")
    ] = False,
    form: GateFormatOption = GateFormat.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Hold every 'expect:' of scenarios and test files against what follows; exit code 1 if one fails."""
    from llmcost.analysis.check import check as run
    from llmcost.render.results.check import views

    result = run(*targets, select=select, stop=stop)
    send_gate(views(result, quiet=quiet), form, output, no_color)
    if not result.ok:
        raise typer.Exit(1)

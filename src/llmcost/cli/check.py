"""The command `check`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import JobsOption, complete_scenario
from llmcost.render.report import Views


def run(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH|SCENARIO...",
            help="Files, folders, names of scenarios, or - for standard input.",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ],
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
    if_any: Annotated[
        bool, typer.Option("--if-any", help="Do not fail where there is nothing to test.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show only what fails, and the summary.")
    ] = False,
    jobs: JobsOption = 1,
) -> Views:
    """Test every `expect:` of scenarios and test files. The exit code is 1 if one fails."""
    from llmcost.analysis.gates.check import check
    from llmcost.render.results.check import views

    return views(check(*targets, select=select, stop=stop, if_any=if_any, jobs=jobs), quiet=quiet)

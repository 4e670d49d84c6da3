"""The command `solve`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import (
    AsOfOption,
    MonthsOption,
    ScenarioArgument,
    SetOption,
    TrajectoryOption,
    WorkloadOption,
    complete_metric,
)
from llmcost.render.report import Views


def run(
    scenario: ScenarioArgument,
    vary: Annotated[
        str,
        typer.Option(
            "--vary",
            metavar="PATH",
            help="The input to move.",
            autocompletion=complete_metric,
            show_default=False,
        ),
    ],
    until: Annotated[
        str,
        typer.Option(
            "--until",
            metavar="'METRIC OP VALUE'",
            help="The target; VALUE is a number, a metric, or SCENARIO/METRIC.",
            show_default=False,
        ),
    ],
    between: Annotated[
        str | None,
        typer.Option("--between", metavar="'LOW to HIGH'", help="Where to search.", show_default=False),
    ] = None,
    value: Annotated[bool, typer.Option("--value", help="Print the bare number.")] = False,
    months: MonthsOption = None,
    trajectory: TrajectoryOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Find the values of an input at which a metric meets a target. The exit code is 1 if there are none."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.solve import solve
    from llmcost.render.output import tell
    from llmcost.render.results.solve import bare_views, outcome, views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    loaded = over_months(loaded, months, trajectory or ())
    result = solve(loaded, vary=vary, until=until, between=between)
    if not value:
        return views(result)
    if result.best is None:
        tell(outcome(result))
    return bare_views(result)

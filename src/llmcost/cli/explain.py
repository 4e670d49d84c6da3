"""The command `explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import AsOfOption, ScenarioArgument, SetOption, WorkloadOption, complete_metric
from llmcost.render.report import Views


def run(
    scenario: ScenarioArgument,
    metric: Annotated[
        str,
        typer.Argument(
            metavar="METRIC", help="What to explain.", autocompletion=complete_metric, show_default=False
        ),
    ],
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Show the formulas that lead to a figure, down to the sources of what was stated."""
    from llmcost.analysis.ask.explain import explain
    from llmcost.analysis.ask.load import load
    from llmcost.render.results.explain import views

    return views(explain(load(scenario, as_of=as_of, set=set_ or (), workload=workload), metric))

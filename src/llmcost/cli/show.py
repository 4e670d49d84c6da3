"""The command `show`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import AsOfOption, MetricsOption, ScenarioArgument, SetOption, WorkloadOption
from llmcost.render.report import Views


def run(
    scenario: ScenarioArgument,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    metric: MetricsOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also list what cannot be derived, and what it lacks.")
    ] = False,
) -> Views:
    """Show what a scenario states and all that can be worked out from it."""
    from llmcost.analysis.ask.evaluation import evaluate, select_metrics
    from llmcost.analysis.ask.load import load
    from llmcost.render.results.show import views

    chosen = select_metrics(metric) if metric else None
    result = evaluate(load(scenario, as_of=as_of, set=set_ or (), workload=workload), chosen)
    return views(result, chosen, everything=everything)

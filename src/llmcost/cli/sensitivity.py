"""The command `sensitivity`."""

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
    numbers,
)
from llmcost.render.report import Views


def run(
    scenario: ScenarioArgument,
    metric: Annotated[
        str,
        typer.Option(
            "--metric", metavar="NAME", help="The metric.", autocompletion=complete_metric, show_default=False
        ),
    ],
    by: Annotated[
        str, typer.Option("--by", metavar="STEP", help="How far to move inputs without a range.")
    ] = "10%",
    months: MonthsOption = None,
    trajectory: TrajectoryOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Move one input at a time, and show which moves the metric most, with its exact elasticity."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.sensitivity import sensitivity
    from llmcost.render.results.sensitivity import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    loaded = over_months(loaded, months, trajectory or ())
    (step,) = numbers(by, "--by", "\n")
    return views(sensitivity(loaded, metric, by=step))

"""The command `project`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from llmcost.cli.options import (
    AsOfOption,
    MetricsOption,
    MonthsOption,
    ScenarioArgument,
    SetOption,
    TrajectoryOption,
    WorkloadOption,
)
from llmcost.render.report import Views


class Interval(StrEnum):
    """What a row of a projection covers."""

    month = "month"
    quarter = "quarter"
    year = "year"


def run(
    scenario: ScenarioArgument,
    months: MonthsOption = None,
    by: Annotated[Interval, typer.Option("--by", help="What a row covers.")] = Interval.month,
    trajectory: TrajectoryOption = None,
    metric: MetricsOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Show revenue, cost and cash over time, when the cash runs out and what it takes to break even.

    Quantities move as the scenario's `trajectory:` and `events:` say; `models:` are shown as companies.
    """
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.projection.project import project
    from llmcost.render.results.project import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    return views(
        project(loaded, months=months, by=by.value, metrics=metric or (), trajectory=trajectory or ())
    )

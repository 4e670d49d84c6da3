"""The verb that asks what becomes of a scenario: project."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from llmcost.cli.options import (
    AsOfOption,
    Destination,
    MetricsOption,
    MonthsOption,
    NoColorOption,
    OutputOption,
    ScenarioArgument,
    SetOption,
    StreamOption,
    TrajectoryOption,
    WorkloadOption,
)
from llmcost.render.present import Format, Stream


class Period(StrEnum):
    """What a row of a projection covers."""

    month = "month"
    quarter = "quarter"
    year = "year"


def project(
    scenario: ScenarioArgument,
    months: MonthsOption = None,
    by: Annotated[Period, typer.Option("--by", help="What a row covers.")] = Period.month,
    trajectory: TrajectoryOption = None,
    metric: MetricsOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    form: StreamOption = Stream.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Run a scenario through its months: revenue, cost, cash, when it runs out and what break-even takes.

    Quantities move as the scenario's `trajectory:` and `events:` say; `models:` are shown as companies.
    """
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.projection.project import project as run
    from llmcost.render.output import write_file, write_stdout
    from llmcost.render.results.project import lines, views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    result = run(loaded, months=months, by=by.value, metrics=metric or (), trajectory=trajectory or ())
    if form is not Stream.jsonl:
        Destination(Format(form.value), output, no_color).send(views(result))
    elif output is not None:
        write_file(output, lines(result))
    else:
        write_stdout(lines(result), machine=True)

"""The command `sweep`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import (
    AsOfOption,
    MetricsOption,
    MonthsOption,
    SetOption,
    TrajectoryOption,
    WorkloadOption,
    complete_scenario,
    complete_set,
    pair,
)
from llmcost.render.report import Views


def run(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...",
            help="One scenario or several.",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ],
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="PATH=SPEC",
            help="An input and its values: a,b,c or START:STOP:N or START:STOP:N:log. Repeatable.",
            autocompletion=complete_set,
            show_default=False,
        ),
    ] = None,
    metric: MetricsOption = None,
    zip_: Annotated[bool, typer.Option("--zip", help="Walk the inputs together, not as a grid.")] = False,
    band: Annotated[
        str | None,
        typer.Option("--band", metavar="'LOW to HIGH'", help="Mark what lies in a band.", show_default=False),
    ] = None,
    huge: Annotated[bool, typer.Option("--huge", help="Allow more than 50 million points.")] = False,
    months: MonthsOption = None,
    trajectory: TrajectoryOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Evaluate metrics at each point of a grid of inputs, for one scenario or several."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.sweep import check_band, sweep
    from llmcost.render.results.sweep import views

    loaded = [
        over_months(load(name, as_of=as_of, set=set_ or (), workload=workload), months, trajectory or ())
        for name in scenarios
    ]
    result = sweep(*loaded, vary=vary or (), metrics=metric or (), zip=zip_, force=huge)
    ends = None if band is None else pair(band, "--band", result.quantities)
    if ends is not None:
        check_band(result, ends, "--band")
    return views(result, ends)

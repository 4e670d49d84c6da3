"""The command `page`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import (
    AsOfOption,
    MetricsOption,
    ScenarioArgument,
    SetOption,
    WorkloadOption,
    complete_set,
)
from llmcost.render.report import Views


def run(
    scenario: ScenarioArgument,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="PATH[=RANGE]",
            help="An input that gets a slider, from LOW to HIGH. Repeatable.",
            autocompletion=complete_set,
            show_default=False,
        ),
    ] = None,
    metric: MetricsOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Write a page (.html) with sliders that computes in the browser, with no server and no network."""
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.whatif.sliders import sliders
    from llmcost.render.results.page import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    return views(sliders(loaded, vary=vary or (), metrics=metric or ()))

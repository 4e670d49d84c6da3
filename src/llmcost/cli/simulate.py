"""The command `simulate`."""

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


class Sampling(StrEnum):
    """How draws are taken."""

    lhs = "lhs"
    random = "random"


def run(
    scenario: ScenarioArgument,
    metric: MetricsOption = None,
    draws: Annotated[int, typer.Option("--draws", metavar="N", help="How many draws.")] = 10_000,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="The same seed gives the same numbers.")
    ] = 0,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="CONDITION",
            help="Also the share of draws in 'METRIC OP VALUE' or a band 'LOW to HIGH'. Repeatable.",
            show_default=False,
        ),
    ] = None,
    sampling: Annotated[
        Sampling, typer.Option("--sampling", help="Latin hypercube or plain random draws.")
    ] = Sampling.lhs,
    months: MonthsOption = None,
    trajectory: TrajectoryOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Draw every input from its range, and show how far a metric spreads and which inputs make it spread."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.simulate import simulate
    from llmcost.render.results.simulate import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    loaded = over_months(loaded, months, trajectory or ())
    result = simulate(
        loaded, metrics=metric or (), draws=draws, seed=seed, where=where or (), sampling=sampling.value
    )
    return views(result)

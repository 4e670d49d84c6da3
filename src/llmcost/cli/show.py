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
    uncertainty: Annotated[
        bool, typer.Option("--uncertainty", help="Also 5-95 % intervals of derived values.")
    ] = False,
    draws: Annotated[int, typer.Option("--draws", metavar="N", help="Draws for --uncertainty.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed for --uncertainty.")] = 0,
) -> Views:
    """Show what a scenario states and all that can be worked out from it."""
    from llmcost.analysis.ask.evaluation import evaluate, select_metrics
    from llmcost.analysis.ask.load import load
    from llmcost.render.results.show import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    chosen = select_metrics(metric, [loaded]) if metric else None
    result = evaluate(loaded, chosen)
    weak = any(datum.is_uncertain for datum in result.scenario.data.values())
    ranges = None
    if weak:
        from llmcost.analysis.whatif.uncertainty import headlines, intervals

        ranges = intervals(result, draws=draws, seed=seed) if uncertainty else headlines(result)
    return views(result, chosen, everything=everything, ranges=ranges)

"""The command `compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import AsOfOption, MetricsOption, SetOption, WorkloadOption, complete_scenario
from llmcost.render.report import Views


def run(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...",
            help="Two scenarios or more; ratios are against the first.",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ],
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    metric: MetricsOption = None,
    uncertainty: Annotated[
        bool, typer.Option("--uncertainty", help="Also 5-95 % intervals and which is lower how often.")
    ] = False,
    draws: Annotated[int, typer.Option("--draws", metavar="N", help="Draws for --uncertainty.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed for --uncertainty.")] = 0,
) -> Views:
    """Put prices, serving cost, gross margin, break-even and training cost side by side.

    All on one workload (chat by default), and each with its ratio against the first scenario.
    """
    from llmcost.analysis.ask.compare import compare
    from llmcost.analysis.ask.load import DEFAULT_WORKLOAD, load
    from llmcost.render.results.compare import views

    mix = workload or DEFAULT_WORKLOAD
    loaded = [load(name, as_of=as_of, set=set_ or (), workload=mix) for name in scenarios]
    result = compare(*loaded, metrics=metric, workload=mix)
    spread = None
    if uncertainty:
        from llmcost.analysis.whatif.uncertainty import uncertainty as draw

        spread = draw(result, draws=draws, seed=seed)
    return views(result, spread)

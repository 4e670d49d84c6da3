"""The command `export`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import AsOfOption, SetOption, WorkloadOption, complete_scenario
from llmcost.render.report import Views


def run(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...",
            help="A column for each: names, name@DATE, name:variant, paths.",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ],
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Write a workbook (.xlsx) in which the inputs can be changed and the rest recomputes."""
    from llmcost.analysis.ask.evaluation import evaluate
    from llmcost.analysis.ask.load import load
    from llmcost.render.results.export import views

    return views([evaluate(load(name, as_of=as_of, set=set_ or (), workload=workload)) for name in scenarios])

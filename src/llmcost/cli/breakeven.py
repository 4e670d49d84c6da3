"""The command `breakeven`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import AsOfOption, ScenarioArgument, SetOption, WorkloadOption, numbers
from llmcost.render.report import Views


def run(
    scenario: ScenarioArgument,
    elasticity: Annotated[
        str | None,
        typer.Option(
            "--elasticity",
            metavar="E,E,...",
            help="Elasticities of demand; by default the scenario's own, else 0,0.3,0.5,0.7,0.9,1.1.",
            show_default=False,
        ),
    ] = None,
    payer: Annotated[
        str | None,
        typer.Option("--payer", metavar="uniform|api-only", help="Who pays more.", show_default=False),
    ] = None,
    compute: Annotated[
        str | None,
        typer.Option("--compute", metavar="paid|market", help="At which GPU-hour rate.", show_default=False),
    ] = None,
    boundary: Annotated[
        str | None,
        typer.Option(
            "--boundary",
            metavar="NAME,...",
            help="Which cost must be covered: inference, cogs, cogs+training, total.",
            show_default=False,
        ),
    ] = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Show what prices must be multiplied by: a ladder by cost covered, payer, rate and elasticity."""
    from llmcost.analysis.ask.breakeven import breakeven
    from llmcost.analysis.ask.load import load
    from llmcost.formulas.breakeven import BOUNDARIES, PAYERS, RATES
    from llmcost.render.results.breakeven import views

    result = breakeven(
        load(scenario, as_of=as_of, set=set_ or (), workload=workload),
        elasticities=None if elasticity is None else numbers(elasticity, "--elasticity"),
        boundaries=_words(boundary) or BOUNDARIES,
        payers=_words(payer) or PAYERS,
        computes=_words(compute) or RATES,
    )
    return views(result)


def _words(text: str | None) -> list[str] | None:
    return [word.strip() for word in text.split(",")] if text is not None else None

"""The verbs that ask something of scenarios: compare, show, explain, breakeven."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import (
    AsOfOption,
    Destination,
    FormatOption,
    MetricsOption,
    NoColorOption,
    OutputOption,
    ScenarioArgument,
    ScenariosArgument,
    SetOption,
    WorkloadOption,
    complete_metric,
)
from llmcost.render.present import Format


def compare(
    scenarios: ScenariosArgument,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    metric: MetricsOption = None,
    uncertainty: Annotated[
        bool, typer.Option("--uncertainty", help="Also 5-95 % intervals and which is lower how often.")
    ] = False,
    draws: Annotated[int, typer.Option("--draws", metavar="N", help="Draws for --uncertainty.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Seed for --uncertainty.")] = 0,
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Put scenarios side by side on one workload (chat by default).

    Prices, serving cost, gross margin, break-even and training cost, each with its ratio against the first.
    """
    from llmcost.analysis.ask.compare import compare as run
    from llmcost.analysis.ask.load import DEFAULT_WORKLOAD, load
    from llmcost.render.results.compare import views

    mix = workload or DEFAULT_WORKLOAD
    loaded = [load(name, as_of=as_of, set=set_ or (), workload=mix) for name in scenarios]
    result = run(*loaded, metrics=metric, workload=mix)
    spread = None
    if uncertainty:
        from llmcost.analysis.whatif.uncertainty import uncertainty as draw

        spread = draw(result, draws=draws, seed=seed)
    Destination(form, output, no_color).send(views(result, spread))


def show(
    scenario: ScenarioArgument,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    metric: MetricsOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also list what cannot be derived, and what it lacks.")
    ] = False,
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Show everything that can be worked out for one scenario."""
    from llmcost.analysis.ask.evaluation import evaluate, select_metrics
    from llmcost.analysis.ask.load import load
    from llmcost.render.results.show import views

    chosen = select_metrics(metric) if metric else None
    result = evaluate(load(scenario, as_of=as_of, set=set_ or (), workload=workload), chosen)
    Destination(form, output, no_color).send(views(result, chosen, everything=everything))


def explain(
    scenario: ScenarioArgument,
    metric: Annotated[
        str,
        typer.Argument(
            metavar="METRIC", help="What to explain.", autocompletion=complete_metric, show_default=False
        ),
    ],
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Show how a figure comes about, down to the sources of what was stated."""
    from llmcost.analysis.ask.explain import explain as run
    from llmcost.analysis.ask.load import load
    from llmcost.render.results.explain import views

    result = run(load(scenario, as_of=as_of, set=set_ or (), workload=workload), metric)
    Destination(form, output, no_color).send(views(result))


def breakeven(
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
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Show what prices must be multiplied by: the ladder of boundary, payer, compute rate and elasticity."""
    from llmcost.analysis.ask.breakeven import BOUNDARIES, COMPUTES, PAYERS
    from llmcost.analysis.ask.breakeven import breakeven as run
    from llmcost.analysis.ask.load import load
    from llmcost.render.results.breakeven import views

    result = run(
        load(scenario, as_of=as_of, set=set_ or (), workload=workload),
        elasticities=_numbers(elasticity, "--elasticity"),
        boundaries=_words(boundary) or BOUNDARIES,
        payers=_words(payer) or PAYERS,
        computes=_words(compute) or COMPUTES,
    )
    Destination(form, output, no_color).send(views(result))


def _words(text: str | None) -> list[str] | None:
    return [word.strip() for word in text.split(",")] if text is not None else None


def _numbers(text: str | None, option: str) -> list[float] | None:
    from llmcost.errors import LlmcostError, Problem
    from llmcost.scenario.values.number import NotANumber, parse_number

    if text is None:
        return None
    try:
        return [parse_number(word, percent=False) for word in text.split(",")]
    except NotANumber as error:
        raise LlmcostError(Problem(str(error), where=f"{option} {text}")) from None

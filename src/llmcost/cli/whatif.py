"""The verbs that ask what if: sweep, solve, sensitivity, simulate."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from llmcost.cli.options import (
    AsOfOption,
    Destination,
    FormatOption,
    MetricsOption,
    MonthsOption,
    NoColorOption,
    OutputOption,
    ScenarioArgument,
    SetOption,
    StreamOption,
    TrajectoryOption,
    WorkloadOption,
    complete_metric,
    complete_scenario,
    complete_set,
)
from llmcost.render.present import Format, Stream


class Sampling(StrEnum):
    """How draws are taken."""

    lhs = "lhs"
    random = "random"


MetricOption = Annotated[
    str,
    typer.Option(
        "--metric", metavar="NAME", help="The metric.", autocompletion=complete_metric, show_default=False
    ),
]


def sweep(
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
            help="An input and where it goes: a,b,c or START:STOP:N or START:STOP:N:log. Repeatable.",
            autocompletion=complete_set,
            show_default=False,
        ),
    ] = None,
    metric: MetricsOption = None,
    zip_: Annotated[bool, typer.Option("--zip", help="Walk the inputs together, not as a grid.")] = False,
    band: Annotated[
        str | None,
        typer.Option("--band", metavar="LOW:HIGH", help="Mark what lies in a band.", show_default=False),
    ] = None,
    months: MonthsOption = None,
    trajectory: TrajectoryOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    form: StreamOption = Stream.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
    force: Annotated[bool, typer.Option("--force", help="Allow more than 50 million points.")] = False,
) -> None:
    """Evaluate metrics over a grid of inputs, for one scenario or several."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.grid import CHUNK
    from llmcost.analysis.whatif.sweep import check_band
    from llmcost.analysis.whatif.sweep import sweep as run
    from llmcost.render.output import stream_stdout, with_progress, write_file
    from llmcost.render.report import Views
    from llmcost.render.results.sweep import pieces, report

    ends = _pair(band, "--band")
    loaded = [
        over_months(load(name, as_of=as_of, set=set_ or (), workload=workload), months, trajectory or ())
        for name in scenarios
    ]
    result = run(*loaded, vary=vary or (), metrics=metric or (), zip=zip_, force=force)
    if ends is not None:
        check_band(result, ends, "--band")
    if form in (Stream.table, Stream.markdown):
        shown = Views(lambda: report(result, ends), dict, list)
        Destination(Format(form.value), output, no_color).send(shown)
        return
    stream = with_progress(pieces(result, form.value), len(result), CHUNK)
    if output is not None:
        write_file(output, stream)
    else:
        stream_stdout(stream)


def solve(
    scenario: ScenarioArgument,
    vary: Annotated[
        str,
        typer.Option(
            "--vary",
            metavar="PATH",
            help="The input to move.",
            autocompletion=complete_metric,
            show_default=False,
        ),
    ],
    until: Annotated[
        str,
        typer.Option(
            "--until",
            metavar="'METRIC OP VALUE'",
            help="What is wanted; VALUE is a number, a metric, or SCENARIO/METRIC.",
            show_default=False,
        ),
    ],
    between: Annotated[
        str | None,
        typer.Option("--between", metavar="LOW:HIGH", help="Where to search.", show_default=False),
    ] = None,
    value: Annotated[bool, typer.Option("--value", help="Print the bare number.")] = False,
    months: MonthsOption = None,
    trajectory: TrajectoryOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Find where an input must be for a metric to be what is wanted. Exit code 1 if nowhere."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.solve import solve as run
    from llmcost.render.results.solve import bare, outcome, views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    loaded = over_months(loaded, months, trajectory or ())
    result = run(loaded, vary=vary, until=until, between=between)
    if value:
        from llmcost.render.output import write_file, write_stdout

        if result.best is None:
            sys.stderr.write(f"{outcome(result)}\n")
            raise typer.Exit(1)
        if output is not None:
            write_file(output, bare(result))
        else:
            write_stdout(bare(result), machine=True)
        return
    Destination(form, output, no_color).send(views(result))
    if not result.found:
        raise typer.Exit(1)


def sensitivity(
    scenario: ScenarioArgument,
    metric: MetricOption,
    by: Annotated[
        str, typer.Option("--by", metavar="STEP", help="How far inputs without a range are moved.")
    ] = "10%",
    months: MonthsOption = None,
    trajectory: TrajectoryOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Move each input alone: which moves the metric most, and its exact elasticity."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.sensitivity import sensitivity as run
    from llmcost.render.results.sensitivity import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    loaded = over_months(loaded, months, trajectory or ())
    Destination(form, output, no_color).send(views(run(loaded, metric, by=_share(by, "--by"))))


def simulate(
    scenario: ScenarioArgument,
    metric: MetricsOption = None,
    draws: Annotated[int, typer.Option("--draws", metavar="N", help="How many draws.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed, the same numbers.")] = 0,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="CONDITION",
            help="Also the share of draws in 'METRIC OP VALUE' or a band LOW..HIGH. Repeatable.",
            show_default=False,
        ),
    ] = None,
    sampling: Annotated[
        Sampling, typer.Option("--sampling", help="Latin hypercube or plain.")
    ] = Sampling.lhs,
    months: MonthsOption = None,
    trajectory: TrajectoryOption = None,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Draw from every range: how sure one can be of a metric, and what the spread comes from."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.simulate import simulate as run
    from llmcost.render.results.simulate import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    loaded = over_months(loaded, months, trajectory or ())
    result = run(
        loaded, metrics=metric or (), draws=draws, seed=seed, where=where or (), sampling=sampling.value
    )
    Destination(form, output, no_color).send(views(result))


def _share(text: str, option: str) -> float:
    from llmcost.errors import LlmcostError, Problem
    from llmcost.scenario.values.number import NotANumber, parse_number

    try:
        return parse_number(text, percent=True)
    except NotANumber as error:
        raise LlmcostError(Problem(str(error), where=f"{option} {text}")) from None


def _pair(text: str | None, option: str) -> tuple[float, float] | None:
    from llmcost.errors import LlmcostError, Problem

    if text is None:
        return None
    low, colon, high = text.partition(":")
    if not colon:
        raise LlmcostError(Problem("expected LOW:HIGH", where=f"{option} {text}"))
    ends = _share(low, option), _share(high, option)
    if not ends[0] < ends[1]:
        raise LlmcostError(Problem("goes from low to high", where=f"{option} {text}"))
    return ends

"""The command `size`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import AsOfOption, SetOption, complete_workload, numbers
from llmcost.render.report import Views


def complete_architecture(incomplete: str) -> list[str]:
    """Complete the names of architectures."""
    return _names("architecture", incomplete)


def complete_accelerator(incomplete: str) -> list[str]:
    """Complete the last name of a list of accelerators."""
    before, comma, last = incomplete.rpartition(",")
    return [before + comma + name for name in _names("accelerator", last)]


def _names(kind: str, incomplete: str) -> list[str]:
    from llmcost.analysis.ask.load import library

    names = (name for file in library().of_kind(kind) for name in (file.name, *file.aliases))
    return sorted(name for name in names if name.startswith(incomplete))


def run(
    architecture: Annotated[
        str,
        typer.Argument(
            metavar="ARCHITECTURE",
            help="The model: name or path of an architecture.",
            autocompletion=complete_architecture,
            show_default=False,
        ),
    ],
    accelerator: Annotated[
        list[str] | None,
        typer.Option(
            "--accelerator",
            metavar="NAME,…",
            help="Accelerators to try; else all whose rent is on file. Repeatable.",
            autocompletion=complete_accelerator,
            show_default=False,
        ),
    ] = None,
    users: Annotated[
        str | None,
        typer.Option("--users", metavar="N", help="Users at once, at the peak.", show_default=False),
    ] = None,
    speed: Annotated[
        str | None,
        typer.Option(
            "--min-tokens-per-second",
            metavar="S",
            help="Output that each user sees at least, in tokens per second.",
            show_default=False,
        ),
    ] = None,
    input_tokens: Annotated[
        str | None,
        typer.Option(
            "--input-tokens", metavar="N", help="Input of a request; 1,024 unless stated.", show_default=False
        ),
    ] = None,
    output_tokens: Annotated[
        str | None,
        typer.Option(
            "--output-tokens",
            metavar="N",
            help="Output of a request; 1,024 unless stated.",
            show_default=False,
        ),
    ] = None,
    cached: Annotated[
        str | None,
        typer.Option("--cached", metavar="SHARE", help="Share of input that is cached.", show_default=False),
    ] = None,
    workload: Annotated[
        str | None,
        typer.Option(
            "--workload",
            metavar="NAME",
            help="A workload that states the shares of output and cached input.",
            autocompletion=complete_workload,
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            "--precision",
            metavar="NAME,…",
            help="bf16, fp8, fp4 or int4; else those of the model and the accelerator. Repeatable.",
            show_default=False,
        ),
    ] = None,
    gpus: Annotated[
        str | None,
        typer.Option(
            "--gpus",
            metavar="N,…",
            help="GPUs per replica; else 1, 2, 4, … as far as a fast link or a server goes.",
            show_default=False,
        ),
    ] = None,
    headroom: Annotated[
        str, typer.Option("--headroom", metavar="SHARE", help="Spare capacity above the peak.")
    ] = "0%",
    utilization: Annotated[
        str | None,
        typer.Option(
            "--utilization",
            metavar="SHARE",
            help="Busy share of the GPUs, for costs per token; else users never pause.",
            show_default=False,
        ),
    ] = None,
    gpu_hour_cost: Annotated[
        str | None,
        typer.Option(
            "--gpu-hour-cost",
            metavar="USD",
            help="In place of the rents on file: 2.5, or h100=2,b200=4.",
            show_default=False,
        ),
    ] = None,
    rent: Annotated[
        str, typer.Option("--rent", metavar="KIND", help="Rents on file: on-demand, contract or owned.")
    ] = "on-demand",
    set_: SetOption = None,
    as_of: AsOfOption = None,
    pareto: Annotated[
        bool, typer.Option("--pareto", help="The best throughput per GPU at each speed, too.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="List every deployment.")] = False,
    choice: Annotated[
        int, typer.Option("--choice", metavar="N", help="With -o FILE.yaml: which of the list.")
    ] = 1,
) -> Views:
    """Size a deployment: what fits, what meets the target, how many GPUs, what it costs, cheapest first.

    Rates are modelled from the shape of the model and the accelerator's data sheet; a measurement of your
    own beats them. -o FILE.yaml writes the cheapest, or another, as a scenario.
    """
    from llmcost.analysis.ask.size import size
    from llmcost.errors import LlmcostError, Problem
    from llmcost.render.results.size import views

    goal = {"--users": users, "--min-tokens-per-second": speed}
    missing = [option for option, value in goal.items() if value is None]
    if missing and not (pareto and len(missing) == 2):
        raise LlmcostError(*(Problem("is needed", where=option) for option in missing))
    result = size(
        architecture,
        users=1.0 if users is None else _number(users, "--users"),
        min_tokens_per_second=None if speed is None else _number(speed, "--min-tokens-per-second"),
        accelerators=_words(accelerator),
        precisions=_words(precision),
        gpus=None if gpus is None else [_whole(value, gpus) for value in numbers(gpus, "--gpus")],
        input_tokens=None if input_tokens is None else _number(input_tokens, "--input-tokens"),
        output_tokens=None if output_tokens is None else _number(output_tokens, "--output-tokens"),
        cached_input_share=None if cached is None else _number(cached, "--cached"),
        workload=workload,
        headroom=_number(headroom, "--headroom"),
        utilization=None if utilization is None else _number(utilization, "--utilization"),
        gpu_hour_cost=None if gpu_hour_cost is None else _costs(gpu_hour_cost),
        rent=rent,
        set=set_ or (),
        as_of=as_of,
        curve=pareto,
    )
    return views(result, everything=everything, choice=choice)


def _words(texts: list[str] | None) -> list[str] | None:
    if texts is None:
        return None
    return [word.strip() for text in texts for word in text.split(",") if word.strip()]


def _number(text: str, option: str) -> float:
    found = numbers(text, option, separator="\0")
    return found[0]


def _whole(value: float, text: str) -> int:
    from llmcost.errors import LlmcostError, Problem

    if value != int(value):
        raise LlmcostError(Problem(f"GPUs come whole, got {value:g}", where=f"--gpus {text}"))
    return int(value)


def _costs(text: str) -> float | dict[str, float]:
    """Read one cost for all accelerators, or `NAME=COST` for each."""
    from llmcost.errors import LlmcostError, Problem

    option = "--gpu-hour-cost"
    if "=" not in text:
        return _number(text, option)
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(name.strip() and cost.strip() for name, _, cost in pairs):
        raise LlmcostError(Problem("expected USD, or NAME=USD,NAME=USD", where=f"{option} {text}"))
    return {name.strip(): _number(cost, option) for name, _, cost in pairs}

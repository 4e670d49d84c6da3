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
    ctx: typer.Context,
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
            help="Accelerators to try; by default all with a rent on file. Repeatable.",
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
            help="The least output that each user must see, in tokens per second.",
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
            help="Rents to use instead of those on file: 2.5, or h100=2,b200=4.",
            show_default=False,
        ),
    ] = None,
    rent: Annotated[
        str, typer.Option("--rent", metavar="KIND", help="Rents on file: on-demand, contract or owned.")
    ] = "on-demand",
    set_: SetOption = None,
    as_of: AsOfOption = None,
    pareto: Annotated[
        bool, typer.Option("--pareto", help="Also the best throughput per GPU at each speed.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="List every deployment.")] = False,
    choice: Annotated[
        int | None,
        typer.Option(
            "--choice",
            metavar="N",
            help="With -o FILE.yaml: which of the list to write; by default the first.",
            show_default=False,
        ),
    ] = None,
) -> Views:
    """Size a deployment: what fits, what meets the target, how many GPUs, what it costs, cheapest first.

    Rates are modelled from the shape of the model and the accelerator's data sheet; a measurement of your
    own beats them. -o FILE.yaml writes the cheapest, or another, as a scenario.
    """
    from llmcost.analysis.ask.size import size
    from llmcost.errors import LlmcostError, Problem, attempt
    from llmcost.render.results.size import views

    goal = {"--users": users, "--min-tokens-per-second": speed}
    missing = [option for option, value in goal.items() if value is None]
    problems: list[Problem] = []
    if missing and not (pareto and len(missing) == 2):
        problems += [Problem("is needed", where=option) for option in missing]
    if choice is not None and ctx.obj.form != "yaml":
        problems.append(Problem("says which deployment is written: add -o FILE.yaml", where="--choice"))

    def read(text: str | None, option: str, separator: str = "\0") -> list[float]:
        """Return the numbers of an option; keep what is none, to be told with the others."""
        return [] if text is None else attempt(lambda: numbers(text, option, separator), problems) or []

    def number(text: str | None, option: str) -> float | None:
        return next(iter(read(text, option)), None)

    counts = read(gpus, "--gpus", ",")
    problems += [
        Problem(f"the number of GPUs must be whole, got {count:g}", where=f"--gpus {gpus}")
        for count in counts
        if count != int(count)
    ]
    at_once, spare = number(users, "--users"), number(headroom, "--headroom")
    stated = {
        "min_tokens_per_second": number(speed, "--min-tokens-per-second"),
        "input_tokens": number(input_tokens, "--input-tokens"),
        "output_tokens": number(output_tokens, "--output-tokens"),
        "cached_input_share": number(cached, "--cached"),
        "utilization": number(utilization, "--utilization"),
    }
    hourly = None if gpu_hour_cost is None else attempt(lambda: _costs(gpu_hour_cost), problems)
    # What is wrong with the rest is told too, though nothing can be sized.
    result = attempt(
        lambda: size(
            architecture,
            users=1.0 if at_once is None else at_once,
            accelerators=_words(accelerator),
            precisions=_words(precision),
            gpus=[int(count) for count in counts] or None,
            workload=workload,
            headroom=spare or 0.0,
            gpu_hour_cost=hourly,
            rent=rent,
            set=set_ or (),
            as_of=as_of,
            curve=pareto,
            **stated,
        ),
        problems,
    )
    if result is None or problems:
        raise LlmcostError(*problems)
    return views(result, everything=everything, choice=choice)


def _words(texts: list[str] | None) -> list[str] | None:
    if texts is None:
        return None
    return [word.strip() for text in texts for word in text.split(",") if word.strip()]


def _costs(text: str) -> float | dict[str, float]:
    """Read one cost for all accelerators, or `NAME=COST` for each."""
    from llmcost.errors import LlmcostError, Problem

    option = "--gpu-hour-cost"
    if "=" not in text:
        return numbers(text, option, "\0")[0]
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(name.strip() and cost.strip() for name, _, cost in pairs):
        raise LlmcostError(Problem("expected USD, or NAME=USD,NAME=USD", where=f"{option} {text}"))
    names = [name.strip() for name, _, _ in pairs]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise LlmcostError(*(Problem("has two costs", where=option, subject=name) for name in twice))
    return {name.strip(): numbers(cost, option)[0] for name, _, cost in pairs}

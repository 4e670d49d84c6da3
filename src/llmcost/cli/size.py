"""The command `size`."""

from __future__ import annotations

import typer

from llmcost.cli.options import AS_OF, SET, argument, complete_workload, flag, numbers, option
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
    architecture: str = argument(
        "ARCHITECTURE", "The model: name or path of an architecture.", complete_architecture
    ),
    accelerator: list[str] | None = option(
        "--accelerator",
        "NAME,…",
        "Accelerators to try; by default all with a rent on file. Repeatable.",
        complete_accelerator,
    ),
    users: str | None = option("--users", "N", "Users at once, at the peak."),
    speed: str | None = option(
        "--min-tokens-per-second", "S", "The least output that each user must see, in tokens per second."
    ),
    input_tokens: str | None = option("--input-tokens", "N", "Input of a request; 1,024 unless stated."),
    output_tokens: str | None = option("--output-tokens", "N", "Output of a request; 1,024 unless stated."),
    cached: str | None = option("--cached", "SHARE", "Share of input that is cached."),
    workload: str | None = option(
        "--workload",
        "NAME",
        "A workload that states the shares of output and cached input.",
        complete_workload,
    ),
    precision: list[str] | None = option(
        "--precision",
        "NAME,…",
        "bf16, fp8, fp4 or int4; else those of the model and the accelerator. Repeatable.",
    ),
    gpus: str | None = option(
        "--gpus", "N,…", "GPUs per replica; else 1, 2, 4, … as far as a fast link or a server goes."
    ),
    headroom: str = option("--headroom", "SHARE", "Spare capacity above the peak.", default="0%"),
    utilization: str | None = option(
        "--utilization", "SHARE", "Busy share of the GPUs, for costs per token; else users never pause."
    ),
    gpu_hour_cost: str | None = option(
        "--gpu-hour-cost", "USD", "Rents to use instead of those on file: 2.5, or h100=2,b200=4."
    ),
    rent: str = option("--rent", "KIND", "Rents on file: on-demand, contract or owned.", default="on-demand"),
    set_: list[str] | None = SET,
    as_of: str | None = AS_OF,
    pareto: bool = flag("--pareto", "Also the best throughput per GPU at each speed."),
    everything: bool = flag("--all", "List every deployment."),
    choice: int | None = option(
        "--choice", "N", "With -o FILE.yaml: which deployment in the list to write; by default the first."
    ),
) -> Views:
    """Size a deployment: what fits, what meets the target, how many GPUs, what it costs, cheapest first.

    Rates are modelled from the shape of the model and the accelerator's data sheet; your own measurement is
    better. -o FILE.yaml writes the cheapest, or another, as a scenario.
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
        """Return the numbers of an option; collect its problems, to report them together."""
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
    # Also run with invalid options, to report all problems together.
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

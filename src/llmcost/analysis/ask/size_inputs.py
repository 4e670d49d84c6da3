"""The inputs of `size`, read and checked: the model, accelerators, the request, and hourly costs."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from llmcost.analysis.ask.deployments import (
    WIDTHS,
    Bench,
    Shape,
    counts_of_gpus,
    precision,
    precisions_of,
    shapes,
    sizes,
)
from llmcost.analysis.ask.evaluation import Evaluation, evaluate, value_in, why_missing
from llmcost.analysis.ask.load import Overrides, library, prepare, put_workload
from llmcost.engine.trace import Given
from llmcost.engine.trace import evaluate as trace_of
from llmcost.errors import LlmcostError, Option, Place, Problem, attempt, did_you_mean, each
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.fill import FILLS
from llmcost.scenario.finding import normalise
from llmcost.scenario.reference import Link, Reference, parse_reference
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum, Provenance
from llmcost.scenario.workload import OWN

RENTS: Final = {
    "on-demand": "gpu.rent_per_hour",
    "contract": "gpu.contract_rent_per_hour",
    "owned": "gpu.owned_cost_per_hour",
}
"""The hourly cost of a GPU, by kind of rent."""

MOST_USERS: Final = 10_000_000_000
"""More than there are people."""


class Request(NamedTuple):
    """Tokens of input of a request, tokens of output, and the share of input that is cached."""

    input_tokens: float = 1024.0
    output_tokens: float = 1024.0
    cached_share: float = 0.0

    @property
    def output_share(self) -> float:
        """Output over all tokens."""
        return self.output_tokens / (self.input_tokens + self.output_tokens)


def checked(
    users: float,
    target: float | None,
    headroom: float,
    utilization: float | None,
    rent: str,
    accelerators: Sequence[str] | None,
    names: Sequence[str] | None,
    gpus: Sequence[int] | None,
) -> list[str] | None:
    """Check the options, and return the precisions, if any are stated.

    Raises:
        LlmcostError: with the problems of all options.
    """
    problems = []
    if not 1 <= users <= MOST_USERS or users != int(users):
        problems.append(
            Problem(f"must be a whole number from 1 to {MOST_USERS:,}, got {users:g}", where="--users")
        )
    if target is not None and not (math.isfinite(target) and target > 0):
        problems.append(Problem(f"must be above 0, got {target:g}", where="--min-tokens-per-second"))
    if not 0 <= headroom < math.inf:
        problems.append(Problem(f"must not be below 0, got {headroom:g}", where="--headroom"))
    if utilization is not None and not 0 < utilization <= 1:
        problems.append(
            Problem(f"must be above 0% and at most 100%, got {utilization:g}", where="--utilization")
        )
    if rent not in RENTS:
        hint = did_you_mean(rent, RENTS) or f"; allowed are {', '.join(RENTS)}"
        problems.append(Problem(f"unknown rent '{rent}'{hint}", where="--rent"))
    for option, listed in (("--accelerator", accelerators), ("--precision", names)):
        if listed is not None and not listed:
            problems.append(Problem("names nothing", where=option))
    few = [count for count in gpus or () if count < 1]
    problems += [Problem(f"a replica has at least one GPU, got {count}", where="--gpus") for count in few]
    asked = None if names is None else list(dict.fromkeys(name.casefold() for name in names))
    for name in asked or ():
        if name not in WIDTHS:
            hint = did_you_mean(name, WIDTHS) or f"; allowed are {', '.join(WIDTHS)}"
            problems.append(Problem(f"unknown precision '{name}'{hint}", where="--precision"))
    if problems:
        raise LlmcostError(*problems)
    return asked


def request_of(
    model: Scenario | None,
    input_tokens: float | None,
    output_tokens: float | None,
    cached: float | None,
    workload: str | None,
) -> Request:
    """Return the request that options state; a workload needs a model, and is ignored without one."""
    usual = Request()
    if workload is not None and model is not None:
        if workload == OWN:
            raise LlmcostError(Problem("an architecture has no traffic of its own", where="--workload own"))
        mix = evaluate(put_workload(model, workload), ["workload"])
        share = value_in(mix, "workload.output_share")
        if cached is None:
            cached = value_in(mix, "workload.cached_input_share")
        if share is None or not 0 < share < 1:
            raise LlmcostError(Problem("has no share of output between 0 and 1", f"--workload {workload}"))
        if input_tokens is not None and output_tokens is not None:
            message = "states the share of output: give --input-tokens or --output-tokens, not both"
            raise LlmcostError(Problem(message, f"--workload {workload}"))
        if output_tokens is not None:
            input_tokens = output_tokens * (1 - share) / share
        else:
            input_tokens = usual.input_tokens if input_tokens is None else input_tokens
            output_tokens = input_tokens * share / (1 - share)
    found = Request(
        usual.input_tokens if input_tokens is None else input_tokens,
        usual.output_tokens if output_tokens is None else output_tokens,
        cached or 0.0,
    )
    problems = []
    for option, count in (("--input-tokens", found.input_tokens), ("--output-tokens", found.output_tokens)):
        if not (math.isfinite(count) and count >= 1):
            problems.append(Problem(f"must be 1 or more, got {count:g}", where=option))
    if not 0 <= found.cached_share < 1:
        problems.append(
            Problem(f"must be at least 0% and below 100%, got {found.cached_share:g}", where="--cached")
        )
    if problems:
        raise LlmcostError(*problems)
    return found


def named(name: str, kind: str, day: dt.date | None) -> Scenario:
    """Return the architecture or accelerator that a name or path stands for.

    Raises:
        LlmcostError: if there is none, or it is something else.
    """
    place = Place(Option(f"--{kind}" if kind == "accelerator" else kind))
    link = Link(name, place, parse_reference(name))
    file = library().fresh().linked(link._replace(place=Place()), kind)
    if file.kind != kind:
        raise LlmcostError(Problem(f"is a scenario of kind {file.kind}, not {kind}", where=name))
    scenario = library().settle(file, link.reference, day)
    called = link.reference.base
    if kind == "architecture" and normalise(called) in map(normalise, file.aliases):
        # A model with the shape of another keeps the name it was asked for by.
        label = scenario.label.replace(scenario.name, called, 1)
        return scenario._replace(name=called, label=label, title=None)
    return scenario


def accelerators_of(names: Sequence[str] | None, day: dt.date | None) -> dict[str, Scenario]:
    if names is None:
        files = library().of_kind("accelerator")
        return {file.name: library().settle(file, Reference(file.name), day) for file in files}
    return {found.name: found for found in each(lambda name: named(name, "accelerator", day), names)}


def costs_of(
    accelerators: Mapping[str, Scenario], given: float | Mapping[str, float] | None, rent: str
) -> dict[str, Datum | None]:
    """Return the hourly cost of each accelerator, as given or as on file."""
    option = "--gpu-hour-cost"
    problems: list[Problem] = []
    if isinstance(given, Mapping):
        called = {name: attempt(partial(named, name, "accelerator", None), problems) for name in given}
        own = [(found.name, given[name]) for name, found in called.items() if found is not None]
        by_name, twice = dict(own), [name for name, _ in own]
        problems += [
            Problem("has two costs", option, subject=name) for name in by_name if twice.count(name) > 1
        ]
        problems += [
            Problem(f"{name} is not among the accelerators asked for: {', '.join(accelerators)}", option)
            for name in by_name
            if name not in accelerators
        ]
    else:
        by_name = {} if given is None else dict.fromkeys(accelerators, given)
    for name, cost in given.items() if isinstance(given, Mapping) else [(None, given)]:
        if cost is not None and not (math.isfinite(cost) and cost > 0):
            problems.append(Problem(f"must be above 0, got {cost:g}", option, subject=name))
    if problems:
        raise LlmcostError(*problems)
    return {
        name: Datum(by_name[name], provenance=Provenance("stated", "--gpu-hour-cost"))
        if name in by_name
        else scenario.data.get(RENTS.get(rent, ""))
        for name, scenario in accelerators.items()
    }


_BY_LAYOUT: Final = {
    "deployment.gpus_per_replica": "--gpus",
    "deployment.concurrency": "--min-tokens-per-second",
    "deployment.min_tokens_per_second_per_user": "--min-tokens-per-second",
    "deployment.attention_data_parallel": "both layouts are tried",
    "deployment.input_tokens_per_request": "--input-tokens",
    "deployment.output_tokens_per_request": "--output-tokens",
    "deployment.cached_input_share": "--cached",
    "deployment.users": "--users",
}
"""Quantities that `--set` cannot override, and the options for them."""
_APART: Final = ("gpu.all_in_power", "gpu.scale_up_domain", "model.native_weight_bits")
"""Quantities that no rate depends on."""


def together_of(model: Scenario, accelerator: Scenario, overrides: Overrides) -> Scenario:
    """Return the model on the accelerator, with the usual efficiencies and with overrides."""
    both = accelerator._replace(data={}, absent={}, note=None, workload=OWN)
    efficiency = library().load("serving-efficiency")
    others = {"architecture": model, "accelerator": accelerator, "efficiency_of": efficiency}
    for fill in FILLS:
        if fill.key in others:
            try:
                both = fill.fill(both, others[fill.key])
            except LlmcostError as error:
                raise LlmcostError(f"{fill.key}: {error}") from None
    ready = prepare(both, set=overrides, workload=OWN)
    refused = [name for name in ready.ruling if name in _BY_LAYOUT]
    if refused:
        raise LlmcostError(
            *(Problem(f"cannot be set here: {_BY_LAYOUT[name]}", subject=name) for name in refused)
        )
    return ready


def bench_of(scenario: Scenario, request: Request) -> Bench:
    """Return the evaluator of a model's layouts on an accelerator.

    Raises:
        LlmcostError: naming what they lack.
    """
    stated = {
        name: datum.value
        for name, datum in scenario.data.items()
        if name.partition(".")[0] in ("model", "gpu", "efficiency", "deployment")
        and name not in _APART
        and not MODEL.quantities[name].unit.startswith("USD")
    }
    stated |= {
        "deployment.input_tokens_per_request": request.input_tokens,
        "deployment.output_tokens_per_request": request.output_tokens,
        "deployment.cached_input_share": request.cached_share,
    }
    bench = Bench(stated)
    if bench.missing is not None:
        given = {name: Given(1.0) for name in bench.given}
        told = why_missing(Evaluation(scenario, trace_of(MODEL, given, [bench.missing])), bench.missing)
        raise LlmcostError(Problem(told, where=scenario.label))
    return bench


def layouts_of(
    name: str, scenario: Scenario, asked: Sequence[str] | None, gpus: Sequence[int] | None
) -> list[Shape]:
    """Return the ways to lay out a model on an accelerator.

    Raises:
        LlmcostError: for requested numbers of GPUs that cannot hold a replica.
    """
    values = {key: datum.value for key, datum in scenario.data.items()}
    any_up_to, others = counts_of_gpus(values)
    wrong = [count for count in gpus or () if count > any_up_to and count not in others]
    if wrong:
        first = "1" if any_up_to == 1 else f"1 to {any_up_to}"
        allowed = ", ".join([first, *map(str, others)])
        heads = f"cannot share {values['model.num_attention_heads']:g} attention heads evenly"
        few = f", and are more than its {any_up_to} experts" if any_up_to > 1 else ""
        raise LlmcostError(
            *(Problem(f"{count} GPUs {heads}{few}; allowed are {allowed}", where="--gpus") for count in wrong)
        )
    bits = precisions_of(values) if asked is None else [precision(name, values) for name in asked]
    return list(shapes(name, values, bits, dict.fromkeys(gpus) if gpus else sizes(values)))

"""Benchmarks of a server that reads and writes at once: one mixed rate, never separate rates of pools.

A benchmark counts input and output tokens over the same seconds on the same GPUs. Neither rate could be
reached alone, so they become one, `serving.tokens_per_gpu_second`, which is valid at the measured mix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from llmcost.errors import LlmcostError, Problem
from llmcost.records import NamedTuple
from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.draft import Asked, Draft, Gap, Stated, VariantDraft

PER_GPU: Final = "serving.tokens_per_gpu_second"
OUTPUT_SHARE: Final = "serving.measured_output_share"
CACHED_SHARE: Final = "serving.measured_cached_input_share"


class Run(NamedTuple):
    """One measurement.

    Attributes:
        record: its record.
        rate: input and output tokens per second, of all GPUs, or of one if `per_gpu`.
        rate_from: the fields that it comes from.
        output_share: output tokens of all tokens, as a number or a division.
        output_from: the fields that it comes from.
        cached_share: cache hits of the input, if they were measured, and the field.
        gpus: how many GPUs were used, and the field.
        day: of the measurement, as YYYY-MM-DD.
        model: the model served.
        setting: what else to know, in short sentences.
        concurrency: requests in progress at once.
        basis: how firm it is; None for a stated measurement.
        written: the rate as arithmetic on the fields, if it is more than one number.
    """

    record: Record
    rate: float
    rate_from: str
    output_share: str
    output_from: str
    cached_share: tuple[float, str] | None = None
    gpus: tuple[float, str] | None = None
    day: str | None = None
    model: str | None = None
    setting: Sequence[str] = ()
    concurrency: float | None = None
    per_gpu: bool = False
    basis: str | None = None
    written: str = ""


def reader(
    tool: str, runs: Callable[[Content], Iterable[Run]]
) -> Callable[[Sequence[Content], Asked], Draft]:
    """Return a reader of benchmark files, given a function that yields the runs of one."""

    def read(contents: Sequence[Content], asked: Asked) -> Draft:
        found = [run for content in contents for run in runs(content)]
        for content in contents:
            content.faults.tell()
        if not found:
            raise LlmcostError(Problem("contains no successful run", contents[0].where))
        return draft(tool, found, asked)

    return read


def draft(tool: str, runs: Sequence[Run], asked: Asked) -> Draft:
    """Return a scenario of some runs: it states the slowest, which is the safe one; all are variants."""
    if asked.gpus is not None:
        asked.whole("gpus")
    given = asked.stated("gpus", "serving.gpus_per_replica")
    for run in runs:
        if given is not None and run.gpus is not None and float(given.value) != run.gpus[0]:
            said = f"{run.gpus[1]} says that {run.gpus[0]:g} GPUs were measured, and {given.source} another"
            raise LlmcostError(Problem(said, *run.record.place()))
    ordered = sorted(runs, key=lambda run: run.rate if run.per_gpu else run.rate / (run.gpus or (1.0,))[0])
    base = ordered[0]
    stated, gaps = _stated(base, given)
    for option, name, words, example in GAPS:
        text = asked.stated(option, name)
        if text is None:
            gaps.append(Gap(name, words, f"--{option.replace('_', '-')} {example}", example))
        else:
            stated.append(text)
    names = dict(zip(map(id, runs), _names(runs), strict=True))
    models = dict.fromkeys(run.model for run in runs if run.model)
    variants = [
        _variant(names[id(run)], run, len(models) > 1, _stated(base, given)[0], _stated(run, given)[0])
        for run in runs
        if len(runs) > 1
    ]
    told = f"Of {len(runs)} runs, each a variant, the slowest is '{names[id(base)]}', used if you name none."
    modelled = base.basis == "estimated"
    how = f"Modelled by {tool}, not measured." if modelled else f"Measured with {tool}."
    note = [how, *_told(base), *([told] if len(runs) > 1 else [])]
    served = f"{len(models)} models" if len(models) > 1 else base.model or "A model"
    them = "them" if len(models) > 1 else "it"
    title = f"{served} as {tool} {'models' if modelled else 'measured'} {them}"
    return Draft(title, "infrastructure", note, stated, gaps, variants)


GAPS: Final = (
    ("gpu_hour", "serving.gpu_hour_cost", "a benchmark does not know the USD per GPU-hour", "2.10"),
    ("utilization", "serving.utilization", "a benchmark keeps its GPUs busy, a service does not", "40%"),
)
"""What no benchmark contains: the option, the quantity, the reason, and an example."""


def _stated(run: Run, given: Stated | None) -> tuple[list[Stated], list[Gap]]:
    """Return the quantities that a run states, and those that it lacks."""
    at = run.record.source
    gpus = (float(given.value), given.source) if given is not None else run.gpus
    stated: list[Stated] = []
    gaps: list[Gap] = []
    rate = run.written or f"{run.rate:.10g}"
    note = "Input and output together, over the same seconds: one rate, valid at this mix."
    if run.per_gpu:
        stated.append(Stated(PER_GPU, rate, f"{at}: {run.rate_from}", run.day, note, run.basis))
    elif gpus is not None:
        source = f"{at}: {run.rate_from}; GPUs: {gpus[1]}"
        stated.append(Stated(PER_GPU, f"{_grouped(rate)} / {gpus[0]:g}", source, run.day, note, run.basis))
    else:
        words = f"{rate} tok/s came from all GPUs together, and the file does not say how many there were"
        gaps.append(Gap(PER_GPU, words, "--gpus 8", f"{rate} / 8"))
    stated.append(Stated(OUTPUT_SHARE, run.output_share, f"{at}: {run.output_from}", run.day))
    if run.cached_share is not None:
        share, name = run.cached_share
        stated.append(Stated(CACHED_SHARE, f"{share:.10g}", f"{at}: {name}", run.day))
    if gpus is not None:
        source = gpus[1] if given is not None else f"{at}: {gpus[1]}"
        stated.append(Stated("serving.gpus_per_replica", f"{gpus[0]:g}", source))
    return stated, gaps


def _variant(name: str, run: Run, named: bool, base: Sequence[Stated], own: Sequence[Stated]) -> VariantDraft:
    """Return a run as a variant, which removes whatever it would inherit from the base run."""
    has = {item.name for item in own}
    removed = [Stated(item.name, "null", "") for item in base if item.name not in has]
    told = [f"Model: {run.model}."] if named and run.model else []
    return VariantDraft(name, " ".join([*told, *_told(run)]), [*own, *removed])


def _grouped(text: str) -> str:
    return f"({text})" if " " in text else text


def _told(run: Run) -> Iterator[str]:
    yield from run.setting
    if run.cached_share is None:
        yield "The file does not say how much of the input was served from a cache."


def _names(runs: Sequence[Run]) -> list[str]:
    """Name runs by their concurrency if it is unique, else by number."""
    levels = [run.concurrency for run in runs]
    if None in levels or len(set(levels)) < len(runs):
        return [f"run-{number}" for number in range(1, len(runs) + 1)]
    return [f"concurrency-{level:g}" for level in levels]


def served(record: Record, rate: float, rate_from: str) -> Run:
    """Return a run from the fields that vLLM and SGLang share."""
    written, read = record.needed("total_output_tokens"), record.needed("total_input_tokens")
    if written + read <= 0:
        record.refuse("counts no token: total_output_tokens and total_input_tokens are 0")
    share, fields = (
        f"{written:.15g} / ({read:.15g} + {written:.15g})",
        "total_output_tokens, total_input_tokens",
    )
    setting, users = list(_setting(record, read, written)), record.number("max_concurrency")
    return Run(record, rate, rate_from, share, fields, setting=setting, concurrency=users)


def _setting(record: Record, read: float, written: float) -> Iterator[str]:
    completed = record.number("completed")
    if completed:
        sizes = f"{read / completed:,.4g} tokens in and {written / completed:,.4g} out on average"
        yield f"{completed:,.15g} requests of {sizes}."
    most = record.number("max_concurrency")
    if most is not None:
        yield f"At most {most:,.15g} requests at once."
    rate = record.text("request_rate")
    if rate not in (None, "inf"):
        yield f"Requests came at {rate} a second: the server may be able to do more."
    failed = record.number("failed")
    if failed:
        yield f"{failed:,.15g} requests failed, whose work is not counted."
    yield from named(record, {"Requests": ("dataset_name",), "Backend": ("backend",)})


def named(record: Record, words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Describe a record: for each word, the first of some fields that it has."""
    for word, names in words.items():
        if text := record.text(*names):
            yield f"{word}: {text}."

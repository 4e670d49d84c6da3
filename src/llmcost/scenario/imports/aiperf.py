"""The summary of a run of AIPerf or GenAI-Perf: `profile_export_aiperf.json`, `…_genai_perf.json`.

Reference: https://github.com/ai-dynamo/aiperf, schema_version 1.4 of AIPerf 0.13; GenAI-Perf 0.0.16 has the
same metrics with fewer totals. A metric is an object with `unit` and `avg`. Input and output of a second
are the totals over `benchmark_duration`, or requests a second times their mean sizes. GPUs are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmcost.scenario.imports.benchmark import Run, reader
from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format, having

CACHED = "overall_usage_prompt_cache_read_pct.avg"


def runs(content: Content) -> Iterator[Run]:
    """Yield the run of a file."""
    for record in content.records:
        written = record.needed("output_token_throughput.avg")
        requests, size = record.needed("request_throughput.avg"), record.needed("input_sequence_length.avg")
        read, fields = requests * size, "request_throughput.avg × input_sequence_length.avg"
        total, seconds = record.number("total_isl.avg"), record.number("benchmark_duration.avg")
        if total and seconds:
            read, fields = total / seconds, "total_isl.avg / benchmark_duration.avg"
        if read + written <= 0:
            record.refuse("counts no token", "output_token_throughput.avg")
            continue
        cached = record.number(CACHED)
        yield Run(
            record,
            read + written,
            f"output_token_throughput.avg + {fields}",
            f"{written:.10g} / ({read:.10g} + {written:.10g})",
            f"output_token_throughput.avg, {fields}",
            cached_share=None if cached is None else (cached / 100, CACHED),
            day=(record.text("start_time") or "")[:10] or None,
            model=_model(record),
            setting=list(_setting(record)),
            concurrency=_concurrency(record),
        )


def _model(record: Record) -> str | None:
    """Return the model: AIPerf has it in its configuration, GenAI-Perf in one place or another."""
    for name in (
        "input_config.models.items",
        "input_config.endpoint.model_names",
        "input_config.model_names",
    ):
        found = record.get(name)
        if isinstance(found, list) and found:
            first = found[0]
            return str(first.get("name")) if isinstance(first, dict) else str(first)
    return record.text("input_config.model", "input_config.models")


def _concurrency(record: Record) -> float | None:
    names = ("input_config.loadgen.concurrency", "input_config.perf_analyzer.stimulus.concurrency")
    return record.number(*names, "input_config.concurrency")


def _setting(record: Record) -> Iterator[str]:
    count, size = record.number("request_count.avg"), record.number("output_sequence_length.avg")
    read = record.number("input_sequence_length.avg")
    sizes = f"{read or 0:,.4g} tokens in and {size or 0:,.4g} out on average"
    yield f"{count:,.15g} requests of {sizes}." if count else f"Requests of {sizes}."
    most = _concurrency(record)
    if most is not None:
        yield f"At most {most:,.15g} requests at once."
    failed = record.number("error_request_count.avg")
    if failed:
        yield f"{failed:,.15g} requests failed, whose work is not counted."
    if record.get("was_cancelled") is True or record.get("is_complete") is False:
        yield "The run did not finish."
    version = record.text("aiperf_version")
    if version:
        yield f"AIPerf {version}."


FORMAT = Format(
    "aiperf",
    "a summary of AIPerf or GenAI-Perf",
    having(("output_token_throughput.avg", "request_throughput.avg", "input_config")),
    reader("AIPerf", runs),
)

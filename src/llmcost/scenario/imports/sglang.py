"""The results of SGLang's `bench_serving`, as `--output-file` writes them: a JSON object on each line.

Reference: https://docs.sglang.io/developer_guide/bench_serving.html and bench_serving.py of SGLang 0.5.
`input_throughput` and `output_throughput` are tokens over the same `duration`, so their sum is the rate.
Neither the model nor the GPUs are in it, unless the server's own settings are, as `server_info`.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmcost.scenario.imports.benchmark import Run, reader, served
from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format, having

CACHED = "cache_report.total_cached_tokens"


def runs(content: Content) -> Iterator[Run]:
    """Yield each run of a file."""
    for record in content.records:
        rate = record.needed("input_throughput") + record.needed("output_throughput")
        yield served(record, rate, "input_throughput + output_throughput")._replace(
            cached_share=_cached(record), gpus=_gpus(record), model=record.text("server_info.model_path")
        )


def _cached(record: Record) -> tuple[float, str] | None:
    """Return the cache hits of the input, if `--cache-report` counted them."""
    hits, of = (record.number(f"cache_report.total_{what}_tokens") for what in ("cached", "prompt"))
    if hits is None or not of:
        return None
    if hits > of:
        record.refuse(f"expected at most total_prompt_tokens ({of:g}), got {hits:g}", CACHED)
        return None
    return hits / of, f"{CACHED} / total_prompt_tokens"


def _gpus(record: Record) -> tuple[float, str] | None:
    """Return the GPUs of the server, if its settings are known: tensor × pipeline × data parallel."""
    tensor = record.number("server_info.tp_size", least=1)
    if tensor is None:
        return None
    pipeline = record.number("server_info.pp_size", least=1) or 1.0
    replicas = record.number("server_info.dp_size", least=1) or 1.0
    inside = record.get("server_info.enable_dp_attention")  # data parallel within the tensor parallel group
    gpus = tensor * pipeline * (1.0 if inside else replicas)
    return gpus, "server_info.tp_size, pp_size, dp_size"


FORMAT = Format(
    "sglang",
    "results of SGLang's bench_serving",
    having(("input_throughput", "output_throughput", "total_output_tokens_retokenized")),
    reader("SGLang's bench_serving", runs),
)

"""The result of `vllm bench serve` (before: `benchmark_serving.py`), as `--save-result` writes it.

Reference: https://docs.vllm.ai/en/latest/benchmarking/cli/ and vllm/benchmarks/serve.py of vLLM 0.11 to 0.20.
A file is one JSON object, with `--append-result` one a line. `total_token_throughput` is input and output
tokens over `duration`. GPUs are not in it; `--metadata gpus=8` puts them there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmcost.scenario.imports.benchmark import Run, reader, served
from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format, having

GPUS = ("gpus", "num_gpus", "gpu_count")
"""Usual names for it in `--metadata`."""


def runs(content: Content) -> Iterator[Run]:
    """Yield each run of a file."""
    for record in content.records:
        if record.get("total_input_sequences") is not None:
            record.refuse("is a benchmark of embeddings, which writes no tokens")
            continue
        rate = record.needed("total_token_throughput")
        gpus = record.number(*GPUS, least=1)
        yield served(record, rate, "total_token_throughput")._replace(
            gpus=None if gpus is None else (gpus, record.name(*GPUS)),
            day=day(record),
            model=record.text("model_id"),
        )


def day(record: Record) -> str | None:
    """Return the day of a run, whose `date` is written 20261126-142500."""
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)-\d{6}", record.text("date") or "")
    return None if found is None else "-".join(found.groups())


FORMAT = Format(
    "vllm",
    "a result of vllm bench serve",
    having(("total_token_throughput", "total_input_tokens", "duration", "num_prompts")),
    reader("vllm bench serve", runs),
)

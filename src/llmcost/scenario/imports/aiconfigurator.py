"""Estimates of AIConfigurator (AISimulate): `best_config_topn.csv` and `pareto.csv` of `--save-dir`.

Reference: https://github.com/ai-dynamo/aiconfigurator, ColumnsAgg and ColumnsDisagg of its SDK 0.12. It
measures nothing, so its rates are estimates. `tokens/s/gpu` counts output tokens alone; input tokens come
with them as `isl` to `osl`. `prefix` is how much of `isl` is served from a cache.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmcost.scenario.imports.benchmark import Run, named, reader
from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format, having


def runs(content: Content) -> Iterator[Run]:
    """Yield each configuration of a file."""
    for record in content.records:
        written, read = record.needed("tokens/s/gpu"), record.needed("isl", least=1)
        out = record.needed("osl", least=1)
        prefix = record.number("prefix")
        if prefix is not None and prefix > read:
            record.refuse(f"expected at most isl ({read:g}), got {prefix:g}", "prefix")
        if not (written and read and out):
            continue
        gpus = record.number("num_total_gpus", least=1)
        yield Run(
            record,
            written * (read + out) / out,
            "tokens/s/gpu, which counts output alone, and isl, osl",
            f"{out:.10g} / ({read:.10g} + {out:.10g})",
            "osl, isl",
            cached_share=None if prefix is None else (prefix / read, "prefix / isl"),
            gpus=None if gpus is None else (gpus, "num_total_gpus"),
            model=record.text("model"),
            setting=list(_setting(record)),
            concurrency=record.number("concurrency"),
            per_gpu=True,
            basis="estimated",
            written=f"{written:.10g} * ({read:.10g} + {out:.10g}) / {out:.10g}",
        )


def _setting(record: Record) -> Iterator[str]:
    yield f"Requests of {record.text('isl')} tokens in and {record.text('osl')} out."
    most = record.number("concurrency")
    if most is not None:
        yield f"{most:,.15g} requests at once."
    yield from named(record, {"System": ("system", "(d)system"), "Backend": ("backend", "(d)backend")})
    if record.get("(p)workers") is not None:
        yield "Prefill and decode have GPUs of their own; the rate is for each GPU of both."
    speed, first = record.number("tokens/s/user"), record.number("ttft")
    if speed and first:
        yield f"A user gets {speed:.4g} tokens a second, the first after {first:.4g} ms."


FORMAT = Format(
    "aiconfigurator",
    "configurations of AIConfigurator",
    having(("tokens/s/gpu", "seq/s", "isl", "osl", "num_total_gpus")),
    reader("AIConfigurator", runs),
)

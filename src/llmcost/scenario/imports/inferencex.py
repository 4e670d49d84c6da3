"""Rows of InferenceX (before: InferenceMAX): its `agg_*.json`, and rows of its database and API.

Reference: https://github.com/SemiAnalysisAI/InferenceX, utils/process_result.py, and InferenceX-app's
description of its data. `tput_per_gpu` is input and output tokens a second for each GPU. Where prefill and
decode have GPUs of their own, `output_tput_per_gpu` is for each GPU of decode only. In the database a row
has its numbers under `metrics`, and its hardware in another table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from llmcost.scenario.imports.benchmark import Run, named, reader
from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format, having

RATE = ("tput_per_gpu", "metrics.tput_per_gpu")
WRITTEN = ("output_tput_per_gpu", "metrics.output_tput_per_gpu")

SETTING = {
    "Hardware": ("hw", "hardware"),
    "Framework": ("framework",),
    "Precision": ("precision",),
    "Speculative decoding": ("spec_decoding", "spec_method"),
}


def runs(content: Content) -> Iterator[Run]:
    """Yield each row that has no error."""
    for record in content.records:
        if record.get("error") is not None:
            continue
        rate = record.needed(*RATE)
        if rate <= 0:
            record.refuse("counts no token", record.name(*RATE))
            continue
        gpus = _gpus(record)
        share, fields = _share(record)
        yield Run(
            record,
            rate,
            record.name(*RATE),
            share,
            fields,
            gpus=gpus,
            day=(record.text("date") or "")[:10] or None,
            model=record.text("model"),
            setting=list(_setting(record)),
            concurrency=record.number("conc"),
            per_gpu=True,
        )


def _gpus(record: Record) -> tuple[float, str] | None:
    """Return the GPUs of a row: those of prefill and decode, or tensor × pipeline × context parallel."""
    pools = record.number("num_prefill_gpu", least=1), record.number("num_decode_gpu")
    if record.get("disagg") is True and pools[0] and pools[1]:
        return pools[0] + pools[1], "num_prefill_gpu + num_decode_gpu"
    if pools[0] and record.get("tp") is None:
        return pools[0], "num_prefill_gpu"
    tensor = record.number("tp", least=1)
    if tensor is None:
        return None
    others = (record.number(name, least=1) or 1.0 for name in ("pp", "pcp_size"))
    return math.prod(others, start=tensor), "tp, pp, pcp_size"


def _share(record: Record) -> tuple[str, str]:
    """Return the measured output share, else that of the requested sizes."""
    together = record.get("disagg") is False and record.get("is_multinode") in (False, None)
    written = record.number(*WRITTEN)
    if written is not None and together:
        rate = record.needed(*RATE)
        return f"{written:.10g} / {rate:.10g}", f"{record.name(*WRITTEN)}, {record.name(*RATE)}"
    read, out = record.needed("isl"), record.needed("osl")
    if read + out <= 0:
        record.refuse("counts no token", "isl")
        return "0", ""
    return f"{out:.10g} / ({read:.10g} + {out:.10g})", "osl, isl"


def _setting(record: Record) -> Iterator[str]:
    read, out = record.number("isl"), record.number("osl")
    if read is not None and out is not None:
        yield f"Requests of {read:,.15g} tokens in and {out:,.15g} out."
    most = record.number("conc")
    if most is not None:
        yield f"At most {most:,.15g} requests at once."
    yield from named(record, SETTING)
    if record.get("disagg") is True:
        yield "Prefill and decode have GPUs of their own; the rate is for each GPU of both."


FORMAT = Format(
    "inferencex", "rows of InferenceX", having(*((name,) for name in RATE)), reader("InferenceX", runs)
)

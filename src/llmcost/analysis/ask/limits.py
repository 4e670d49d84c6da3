"""What limits a modelled rate: the parts of a decode step and of a prefill, longest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from llmcost.analysis.ask.evaluation import Evaluation
from llmcost.engine.arithmetic import ROUNDING
from llmcost.records import NamedTuple

Limit = Literal["memory", "bandwidth", "compute", "communication", "latency"]
Values = Mapping[str, float | None]

DECODE = (
    *("decode.seconds", "decode.dense_seconds", "decode.expert_seconds", "decode.attention_seconds"),
    *("decode.fixed_seconds", "decode.exchange_seconds", "decode.dense_compute_seconds_per_user"),
    *("decode.expert_compute_seconds_per_user", "decode.attention_compute_seconds_per_user"),
    *("deployment.batch", "gpu.software"),
)
PREFILL = (
    *("prefill.seconds", "prefill.weight_seconds", "prefill.attention_seconds", "prefill.exchange_seconds"),
)
"""The quantities from which the parts of a decode step, and of a prefill, are computed."""


class Wait(NamedTuple):
    """A part of a phase's time.

    Attributes:
        doing: what the GPUs do, such as `reading experts`.
        limit: the resource that would make it faster.
        seconds: its length.
    """

    doing: str
    limit: Limit
    seconds: float


class Phase(NamedTuple):
    """A phase of serving and the parts of its time, the longest first.

    Attributes:
        name: `decode`, one step of all users of a replica, or `prefill`, the input of one request.
        seconds: its length.
        parts: its parts.
    """

    name: str
    seconds: float
    parts: tuple[Wait, ...]

    def __str__(self) -> str:
        longest = self.parts[0]
        part, whole = (f"{seconds * 1000:.3g}" for seconds in (longest.seconds, self.seconds))
        return f"{self.name} is bound by {longest.doing}: {part} of {whole} ms"


def decode_phase(values: Values) -> Phase | None:
    """Return the parts of a decode step, given the values of `DECODE`; None if it has no value."""
    found = _known(values, DECODE)
    if found is None:
        return None
    users = found["deployment.batch"] / found["gpu.software"]
    parts = [
        _read_or_computed(
            what, found[f"decode.{part}_seconds"], users * found[f"decode.{part}_compute_seconds_per_user"]
        )
        for part, what in (
            ("dense", "dense weights" if found["decode.expert_seconds"] else "weights"),
            ("expert", "experts"),
            ("attention", "context"),
        )
    ]
    parts.append(Wait("launching work", "latency", found["decode.fixed_seconds"]))
    parts.append(Wait("exchange between GPUs", "communication", found["decode.exchange_seconds"]))
    return _phase("decode", found["decode.seconds"], parts)


def prefill_phase(values: Values) -> Phase | None:
    """Return the parts of a prefill, given the values of `PREFILL`; None if it has no value."""
    found = _known(values, PREFILL)
    if found is None:
        return None
    parts = [
        Wait("computing with weights", "compute", found["prefill.weight_seconds"]),
        Wait("computing attention", "compute", found["prefill.attention_seconds"]),
        Wait("exchange between GPUs", "communication", found["prefill.exchange_seconds"]),
    ]
    return _phase("prefill", found["prefill.seconds"], parts)


def phases(evaluation: Evaluation, metric: str) -> tuple[Phase, ...]:
    """Return the modelled phases that lead to a metric."""
    if metric not in evaluation:
        return ()
    behind = {node.name: node for node in evaluation.trace.ancestry(metric) if node.step is not None}
    values = {name: node.value for name, node in evaluation.trace.nodes.items()}
    found = [
        phase(values)
        for name, phase in (("decode.seconds", decode_phase), ("prefill.seconds", prefill_phase))
        if name in behind
    ]
    return tuple(phase for phase in found if phase is not None)


def _known(values: Values, names: tuple[str, ...]) -> dict[str, float] | None:
    found = {name: value for name in names if (value := values.get(name)) is not None}
    return found if len(found) == len(names) and found[names[0]] > 0 else None


def _read_or_computed(what: str, seconds: float, computed: float) -> Wait:
    """Reading and computing overlap, and the longer one counts; tell which one it is."""
    if computed >= seconds * (1 - ROUNDING):
        return Wait(f"computing with {what}", "compute", seconds)
    return Wait(f"reading {what}", "bandwidth", seconds)


def _phase(name: str, seconds: float, parts: list[Wait]) -> Phase:
    """Sort and scale the parts: speculation and the model factor shorten all of them equally."""
    scale = seconds / sum(part.seconds for part in parts)
    scaled = (part._replace(seconds=part.seconds * scale) for part in parts if part.seconds)
    return Phase(name, seconds, tuple(sorted(scaled, key=lambda part: -part.seconds)))

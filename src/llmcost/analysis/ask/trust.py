"""Where the figures of a modelled deployment cannot be trusted, because measured ones differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from llmcost.analysis.ask.evaluation import Evaluation, value_in
from llmcost.scenario.values.datum import Datum

FAST: Final = 75.0
"""Above this many tokens per second and user, the model's curves are off by more than half."""
TOO_FAST: Final = f"Above {FAST:g} tokens per second and user the model cannot be trusted: off by 60 to 95%"
UNFAMILIAR: Final = "Attention is sparse or linear, which the model handles poorly: the median error is 29%"
FIRST_TOKEN: Final = "The time to the first token is not modelled: it depends on queues"
SOFTWARE: Final = "gpu.software"
OF_REQUEST: Final = frozenset(("prefill.seconds", "deployment.seconds_per_request"))
"""Times that one may mistake for the time to the first token, or add it to."""
SPEED: Final = "deployment.tokens_per_second_per_user"


def too_wide(names: str) -> str:
    """Say that replicas on some accelerators use slow links."""
    return f"More GPUs than share a fast link ({names}): rates may be off by a factor of two"


def untried(names: str) -> str:
    """Say that no measurements tell how fast the software of some accelerators is."""
    moved = "new stacks were up to 1.7 times slower, and got 1.4 to 2.6 times faster within half a year"
    return f"No fit to the software of {names} ({SOFTWARE} is not stated): {moved}"


def unfamiliar(data: Mapping[str, Datum]) -> bool:
    """Whether a model's attention is sparse or linear."""
    layers, full = data.get("model.num_hidden_layers"), data.get("model.full_attention_layers")
    linear = full is not None and layers is not None and full.value < layers.value
    return "model.index_topk" in data or (linear and "model.sliding_window" not in data)


def doubts(evaluation: Evaluation, metrics: Iterable[str]) -> list[str]:
    """Return why some metrics cannot be trusted; nothing if they do not rest on modelled rates."""
    data, trace = evaluation.scenario.data, evaluation.trace
    known = [metric for metric in metrics if metric in evaluation]
    behind = {node.name for metric in known for node in trace.ancestry(metric) if node.step is not None}
    if behind.isdisjoint(("decode.seconds", "prefill.seconds")):
        return []
    step = evaluation.value("decode.seconds") if "decode.seconds" in behind else None
    speed = value_in(evaluation, SPEED)
    found = []
    if (speed or (1 / step if step else 0)) > FAST:
        found.append(TOO_FAST)
    gpus, domain = (data.get(name) for name in ("deployment.gpus_per_replica", "gpu.scale_up_domain"))
    if gpus is not None and domain is not None and gpus.value > domain.value:
        found.append(too_wide(f"{gpus.value:g}, and {domain.value:g} do"))
    if unfamiliar(data):
        found.append(UNFAMILIAR)
    if SOFTWARE not in data:
        accelerator = evaluation.scenario.links.get("accelerator")
        found.append(untried(accelerator.text if accelerator else "the accelerator"))
    return [*found, FIRST_TOKEN] if OF_REQUEST.intersection(known) else found

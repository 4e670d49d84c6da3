"""What the GPUs of a replica exchange: sums of activations, or tokens on the way to their experts."""

from __future__ import annotations

from typing import Final

from llmcost.engine.arithmetic import require, where
from llmcost.engine.units import Constant
from llmcost.formulas.supply.vocabulary import BYTES_REDUCED, BYTES_SENT, ONE_GPU, formula

REDUCTIONS_PER_LAYER: Final = 2
"""After attention and after the feed-forward block."""
EXCHANGES_PER_MOE_LAYER: Final = 2
"""Tokens are sent to their experts and come back."""
THERE_AND_BACK: Final = 2
"""A sum over n GPUs passes (n − 1)/n of the data twice: once to add up, once to share out."""
DECODING: Final = "deployment.gpus_per_replica"
PREFILLING: Final = "deployment.prefill_gpus_per_replica"
"""GPUs of a replica that decodes, and of one that prefills."""
NO_TIME: Final = Constant(0, "second/tok")
RING = "Rabenseifner, Optimization of collective reduction operations, 2004"


def _of(gpus: str, *others: str) -> tuple[str, ...]:
    """Return the inputs of an exchange between these GPUs."""
    layers = ("model.num_hidden_layers", "model.moe_layers")
    return (*layers, gpus, "deployment.attention_data_parallel", *others)


_WIDTH: Final = ("model.hidden_size", "model.num_experts_per_tok")
_LINK: Final = ("efficiency.interconnect", "gpu.interconnect_bandwidth")


@formula(
    "deployment.exchange_latency",
    unit="second",
    inputs=_of(DECODING, "efficiency.collective_seconds"),
    about="Latency of all exchanges in one pass through the model.",
    worse="up",
)
@formula(
    "prefill.exchange_latency",
    unit="second",
    inputs=_of(PREFILLING, "efficiency.collective_seconds"),
    about="Latency of all exchanges in one prefill.",
    worse="up",
)
def exchange_latency(layers, moe_layers, gpus, data_parallel, once):
    """Return the time of all exchanges in one pass through the model, one after the other."""
    exchanges = where(data_parallel > 0, EXCHANGES_PER_MOE_LAYER * moe_layers, REDUCTIONS_PER_LAYER * layers)
    return where(gpus > ONE_GPU, exchanges, 0.0) * once


@formula(
    "deployment.exchange_seconds_per_token",
    unit="second/tok",
    inputs=_of(DECODING, *_WIDTH, *_LINK),
    about="Time to pass one token's activations between GPUs, in all layers together.",
    optional=_LINK[1:],
    worse="up",
    reference=RING,
)
@formula(
    "prefill.exchange_seconds_per_token",
    unit="second/tok",
    inputs=_of(PREFILLING, *_WIDTH, *_LINK),
    about="Time to pass one input token's activations between the GPUs that prefill it.",
    optional=_LINK[1:],
    worse="up",
    reference=RING,
)
def exchange_seconds_per_token(layers, moe_layers, gpus, data_parallel, width, experts, reached, bandwidth):
    """Return the time to pass one token's activations between GPUs, in all layers together.

    Split attention adds up activations of 16 bits twice a layer. With data-parallel attention each GPU sends
    its own users' tokens to their experts in 8 bits and gets them back in 16. A GPU whose interconnect is not
    stated holds a replica alone.
    """
    if bandwidth is None:
        require(gpus <= ONE_GPU, "no_interconnect")
        return NO_TIME
    count = gpus / ONE_GPU
    others = (count - 1) / count
    summed = layers * REDUCTIONS_PER_LAYER * THERE_AND_BACK * others * BYTES_REDUCED
    sent = moe_layers * experts * others / count * BYTES_SENT
    return where(data_parallel > 0, sent, summed) * width / (bandwidth * reached)

"""What the GPUs of a replica exchange: sums of activations, or tokens on the way to their experts."""

from __future__ import annotations

from typing import Final

from llmcost.engine.arithmetic import require, where
from llmcost.engine.units import Constant
from llmcost.formulas.supply.vocabulary import (
    BYTES_REDUCED,
    BYTES_SENT,
    ONE_GPU,
    formula,
)

REDUCTIONS_PER_LAYER: Final = 2
"""After attention and after the feed-forward block."""
EXCHANGES_PER_MOE_LAYER: Final = 2
"""Tokens are sent to their experts and come back."""
THERE_AND_BACK: Final = 2
"""A sum over n GPUs passes (n − 1)/n of the data twice: once to add up, once to share out."""
NO_TIME: Final = Constant(0, "second/tok")
RING = "Rabenseifner, Optimization of collective reduction operations, 2004"


@formula("deployment.exchange_latency", unit="second", worse="up")
def exchange_latency(
    model_num_hidden_layers,
    model_moe_layers,
    deployment_gpus_per_replica,
    deployment_attention_data_parallel,
    efficiency_collective_seconds,
):
    """Time of all exchanges of one pass through the model, however little is exchanged."""
    return _latency(
        model_num_hidden_layers,
        model_moe_layers,
        deployment_gpus_per_replica,
        deployment_attention_data_parallel,
        efficiency_collective_seconds,
    )


@formula("prefill.exchange_latency", unit="second", worse="up")
def exchange_latency_of_prefill(
    model_num_hidden_layers,
    model_moe_layers,
    deployment_prefill_gpus_per_replica,
    deployment_attention_data_parallel,
    efficiency_collective_seconds,
):
    """Time of all exchanges of one prefill, however little is exchanged."""
    return _latency(
        model_num_hidden_layers,
        model_moe_layers,
        deployment_prefill_gpus_per_replica,
        deployment_attention_data_parallel,
        efficiency_collective_seconds,
    )


@formula("deployment.exchange_seconds_per_token", unit="second/tok", worse="up", reference=RING)
def exchange_seconds_per_token(
    model_num_hidden_layers,
    model_moe_layers,
    model_hidden_size,
    model_num_experts_per_tok,
    deployment_gpus_per_replica,
    deployment_attention_data_parallel,
    gpu_interconnect_bandwidth,
    efficiency_interconnect,
):
    """Time in which one token's activations pass between GPUs, all layers together.

    Split attention adds up activations of 16 bits twice a layer. Data-parallel attention sends each
    token to its experts in 8 bits and back in 16, every GPU those of its own users.
    """
    return _seconds_per_token(
        model_num_hidden_layers,
        model_moe_layers,
        model_hidden_size,
        model_num_experts_per_tok,
        deployment_gpus_per_replica,
        deployment_attention_data_parallel,
        gpu_interconnect_bandwidth,
        efficiency_interconnect,
    )


@formula("deployment.exchange_seconds_per_token", unit="second/tok")
def nothing_to_exchange(deployment_gpus_per_replica, model_hidden_size):
    """A GPU whose interconnect is not stated can hold a replica only alone, and has nothing to exchange."""
    require(deployment_gpus_per_replica <= ONE_GPU, "no_interconnect")
    return NO_TIME


@formula("prefill.exchange_seconds_per_token", unit="second/tok", worse="up", reference=RING)
def exchange_seconds_per_token_of_prefill(
    model_num_hidden_layers,
    model_moe_layers,
    model_hidden_size,
    model_num_experts_per_tok,
    deployment_prefill_gpus_per_replica,
    deployment_attention_data_parallel,
    gpu_interconnect_bandwidth,
    efficiency_interconnect,
):
    """Time in which one input token's activations pass between the GPUs that prefill it."""
    return _seconds_per_token(
        model_num_hidden_layers,
        model_moe_layers,
        model_hidden_size,
        model_num_experts_per_tok,
        deployment_prefill_gpus_per_replica,
        deployment_attention_data_parallel,
        gpu_interconnect_bandwidth,
        efficiency_interconnect,
    )


@formula("prefill.exchange_seconds_per_token", unit="second/tok")
def nothing_to_exchange_in_prefill(deployment_prefill_gpus_per_replica, model_hidden_size):
    """A GPU whose interconnect is not stated prefills alone, and has nothing to exchange."""
    require(deployment_prefill_gpus_per_replica <= ONE_GPU, "no_interconnect")
    return NO_TIME


def _latency(layers, moe_layers, gpus, data_parallel, once):
    exchanges = where(data_parallel > 0, EXCHANGES_PER_MOE_LAYER * moe_layers, REDUCTIONS_PER_LAYER * layers)
    return where(gpus > ONE_GPU, exchanges, 0.0) * once


def _seconds_per_token(layers, moe_layers, width, experts, gpus, data_parallel, bandwidth, reached):
    count = gpus / ONE_GPU
    others = (count - 1) / count
    summed = layers * REDUCTIONS_PER_LAYER * THERE_AND_BACK * others * BYTES_REDUCED
    sent = moe_layers * experts * others / count * BYTES_SENT
    return where(data_parallel > 0, sent, summed) * width / (bandwidth * reached)

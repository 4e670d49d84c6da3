"""Prefill: the time of one request's input on a replica that does nothing else."""

from __future__ import annotations

from typing import Final

from llmcost.engine.arithmetic import require, where
from llmcost.engine.units import Constant
from llmcost.formulas.supply.deployment import HALF
from llmcost.formulas.supply.shape import SCALING_BOOK
from llmcost.formulas.supply.vocabulary import FLOP_PER_WEIGHT, at_most, formula, together

ONCE_PER_REQUEST: Final = Constant(1, "1/request")


@formula("prefill.tokens_per_request", unit="tok/request", worse="up")
def computed_tokens(deployment_input_tokens_per_request, deployment_cached_input_share):
    """Input tokens of a request that are computed, that is, without cache hits."""
    return deployment_input_tokens_per_request * (1 - deployment_cached_input_share)


@formula("prefill.context_tokens", unit="tok/request", worse="up", reference=SCALING_BOOK)
def attended_tokens(
    deployment_input_tokens_per_request, deployment_cached_input_share, model_index_topk=None
):
    """Context that a computed token attends to: all cached ones and half of the others; if sparse, fewer."""
    mean = deployment_input_tokens_per_request * (1 + deployment_cached_input_share) * HALF
    return at_most(mean, model_index_topk)


@formula("prefill.weight_seconds", unit="second/request", worse="up", reference=SCALING_BOOK)
def weight_seconds(
    prefill_tokens_per_request,
    model_multiplied_parameters,
    model_routed_parameters_per_token,
    model_expert_share,
    deployment_peak_flops,
    deployment_prefill_gpus_per_replica,
    gpu_software,
    gpu_memory,
    model_weight_bytes,
    efficiency_memory,
    efficiency_compute,
    efficiency_expert_tokens,
    efficiency_prefill_chunk,
):
    """Time of the products of weights; experts with few tokens in a chunk are slower."""
    usable = together(deployment_prefill_gpus_per_replica, gpu_memory, efficiency_memory)
    require(usable > model_weight_bytes, "weights_do_not_fit")
    reached = together(deployment_prefill_gpus_per_replica, deployment_peak_flops, efficiency_compute)
    # Tokens at half of the peak, over an expert's share of a chunk; a dense model has no experts.
    slower = 1 + efficiency_expert_tokens / (
        efficiency_prefill_chunk * where(model_expert_share > 0, model_expert_share, 1.0)
    )
    products = model_multiplied_parameters + model_routed_parameters_per_token * slower
    return prefill_tokens_per_request * FLOP_PER_WEIGHT * products / (reached * gpu_software)


@formula("prefill.attention_seconds", unit="second/request", worse="up")
def attention_seconds(
    prefill_tokens_per_request,
    prefill_attention_flops_per_token,
    gpu_flops_16bit,
    deployment_prefill_gpus_per_replica,
    gpu_software,
    efficiency_attention_compute,
):
    """Time of attention, which computes in 16 bits."""
    reached = together(deployment_prefill_gpus_per_replica, gpu_flops_16bit, efficiency_attention_compute)
    return prefill_tokens_per_request * prefill_attention_flops_per_token / (reached * gpu_software)


@formula("prefill.exchange_seconds", unit="second/request", worse="up")
def exchange_seconds(
    prefill_tokens_per_request, prefill_exchange_seconds_per_token, prefill_exchange_latency
):
    """Time in which the GPUs of the replica exchange results."""
    return (
        prefill_tokens_per_request * prefill_exchange_seconds_per_token
        + ONCE_PER_REQUEST * prefill_exchange_latency
    )


@formula("prefill.seconds", unit="second/request", worse="up")
def seconds(
    prefill_weight_seconds, prefill_attention_seconds, prefill_exchange_seconds, efficiency_model_factor
):
    """Time to prefill the input of one request."""
    return (
        prefill_weight_seconds + prefill_attention_seconds + prefill_exchange_seconds
    ) / efficiency_model_factor

"""One replica: the precision of its products, its memory, and the copies that its GPUs hold."""

from __future__ import annotations

from typing import Final

from llmcost.engine.arithmetic import largest, least, require, round_up, where
from llmcost.engine.units import Constant
from llmcost.formulas.supply.vocabulary import (
    BITS_4,
    BITS_8,
    BITS_16,
    BITS_PER_BYTE,
    ONE_GPU,
    ONE_USER,
    REQUEST_PER_USER,
    formula,
    together,
)
from llmcost.formulas.vocabulary import SAME

JUST_ABOVE_4_BITS: Final = Constant(5, "bit")
"""Formats of 4 bits also store scales: 4.25 bits a weight in MXFP4, 4.5 in NVFP4."""
HALF: Final = 0.5


@formula("deployment.math_bits", stand_in="rule")
def math_bits(
    deployment_weight_bits, deployment_expert_weight_bits, gpu_flops_8bit=None, gpu_flops_4bit=None
):
    """Bits that products are computed in; absent: the fewest that the GPU has and all weights allow."""
    widest = largest(deployment_weight_bits, deployment_expert_weight_bits)
    if gpu_flops_8bit is None:
        return BITS_16
    few = where(widest <= BITS_8, BITS_8, BITS_16)
    return few if gpu_flops_4bit is None else where(widest < JUST_ABOVE_4_BITS, BITS_4, few)


@formula("deployment.peak_flops", unit="FLOP/second", worse="down")
def peak_flops(
    deployment_math_bits, gpu_flops_16bit, gpu_flops_8bit, gpu_flops_4bit, efficiency_compute_4bit
):
    """Dense peak of one GPU at the precision of its products."""
    return where(
        deployment_math_bits <= BITS_4,
        gpu_flops_4bit * efficiency_compute_4bit,
        where(deployment_math_bits <= BITS_8, gpu_flops_8bit, gpu_flops_16bit),
    )


@formula("deployment.peak_flops")
def peak_flops_without_4(deployment_math_bits, gpu_flops_16bit, gpu_flops_8bit=None):
    """Dense peak of one GPU that has none in 4 bits, or in 8."""
    require(deployment_math_bits > (BITS_8 if gpu_flops_8bit is None else BITS_4), "no_such_math")
    if gpu_flops_8bit is None:
        return gpu_flops_16bit
    return where(deployment_math_bits <= BITS_8, gpu_flops_8bit, gpu_flops_16bit)


@formula("deployment.context_tokens", unit="tok/request", worse="up")
def mean_context(deployment_input_tokens_per_request, deployment_output_tokens_per_request):
    """Average context of a request during decode: its input and half of its output."""
    return deployment_input_tokens_per_request + HALF * deployment_output_tokens_per_request


@formula("deployment.kv_bytes_per_request", unit="byte/request", worse="up")
def context_bytes(
    model_kv_bytes_per_token,
    deployment_context_tokens,
    model_window_kv_bytes_per_token=None,
    model_sliding_window=None,
):
    """Memory of the context of one request; some layers may store only a window."""
    kept = model_kv_bytes_per_token * deployment_context_tokens
    if model_window_kv_bytes_per_token is None or model_sliding_window is None:
        return kept
    return kept + model_window_kv_bytes_per_token * least(deployment_context_tokens, model_sliding_window)


@formula("deployment.kv_bytes_read_per_request", unit="byte/request", worse="up")
def context_bytes_read(
    deployment_kv_bytes_per_request,
    model_kv_bytes_per_token,
    deployment_context_tokens,
    decode_attended_tokens,
):
    """What a decode step reads of a request's context: all but what sparse attention leaves out."""
    skipped = model_kv_bytes_per_token * (deployment_context_tokens - decode_attended_tokens)
    return deployment_kv_bytes_per_request - skipped


@formula("deployment.kv_copies", unit="×", if_given=("model.kv_lora_rank",), worse="up")
def latent_copies(deployment_gpus_per_replica, deployment_attention_data_parallel):
    """Copies of the context in a replica; with MLA, one per GPU unless attention is data-parallel."""
    return where(deployment_attention_data_parallel > 0, SAME, deployment_gpus_per_replica / ONE_GPU)


@formula("deployment.kv_copies")
def key_value_copies(
    model_num_key_value_heads, deployment_gpus_per_replica, deployment_attention_data_parallel
):
    """Copies of the context in a replica: GPUs beyond the key-value heads keep one more."""
    gpus = deployment_gpus_per_replica / ONE_GPU
    return where(deployment_attention_data_parallel > 0, SAME, gpus / least(gpus, model_num_key_value_heads))


@formula("deployment.dense_copies", unit="×", worse="up")
def dense_copies(deployment_gpus_per_replica, deployment_attention_data_parallel):
    """Copies of the weights that every token uses; one per GPU if attention is data-parallel."""
    return where(deployment_attention_data_parallel > 0, deployment_gpus_per_replica / ONE_GPU, SAME)


@formula("deployment.free_bytes", unit="byte", worse="down")
def free_bytes(
    gpu_memory,
    deployment_gpus_per_replica,
    efficiency_memory,
    model_weight_bytes,
    model_dense_parameters,
    deployment_weight_bits,
    deployment_dense_copies,
):
    """Memory of a replica left for context after the weights."""
    further = (deployment_dense_copies - 1) * model_dense_parameters * deployment_weight_bits / BITS_PER_BYTE
    usable = together(deployment_gpus_per_replica, gpu_memory, efficiency_memory)
    require(usable > model_weight_bytes + further, "weights_do_not_fit")
    return usable - model_weight_bytes - further


@formula("deployment.max_concurrency", unit="user", worse="down")
def max_concurrency(deployment_free_bytes, deployment_kv_bytes_per_request, deployment_kv_copies):
    """Users whose context fits into the memory of a replica at once."""
    users = deployment_free_bytes / (
        deployment_kv_bytes_per_request * REQUEST_PER_USER * deployment_kv_copies
    )
    require(users >= ONE_USER, "context_does_not_fit")
    return -round_up(-users, ONE_USER)

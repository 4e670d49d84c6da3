"""A decode step of a replica, in which each user gets one token: the sum of its times."""

from __future__ import annotations

from llmcost.engine.arithmetic import largest
from llmcost.formulas.supply.shape import ERDIL, SCALING_BOOK
from llmcost.formulas.supply.vocabulary import (
    BITS_PER_BYTE,
    FLOP_PER_WEIGHT,
    ONE_USER,
    REQUEST_PER_USER,
    TOKEN_PER_USER,
    at_most,
    formula,
    together,
)


@formula("decode.dense_read_seconds", unit="second", worse="up", reference=SCALING_BOOK)
def dense_read_seconds(
    model_multiplied_parameters,
    deployment_weight_bits,
    deployment_dense_copies,
    deployment_gpus_per_replica,
    gpu_memory_bandwidth,
    efficiency_dense_bandwidth,
):
    """Time to read the weights that every token uses."""
    read = model_multiplied_parameters * deployment_dense_copies * deployment_weight_bits / BITS_PER_BYTE
    return read / together(deployment_gpus_per_replica, gpu_memory_bandwidth, efficiency_dense_bandwidth)


@formula("decode.dense_compute_seconds_per_user", unit="second/user", worse="up", reference=SCALING_BOOK)
def dense_compute_seconds(
    model_multiplied_parameters, deployment_peak_flops, deployment_gpus_per_replica, efficiency_compute
):
    """Time of the products of those weights for one user."""
    reached = together(deployment_gpus_per_replica, deployment_peak_flops, efficiency_compute)
    return model_multiplied_parameters * FLOP_PER_WEIGHT * TOKEN_PER_USER / reached


@formula("decode.expert_read_seconds", unit="second", worse="up")
def expert_read_seconds(
    model_routed_parameters,
    deployment_expert_weight_bits,
    deployment_gpus_per_replica,
    gpu_memory_bandwidth,
    efficiency_expert_bandwidth,
):
    """Time to read all routed experts."""
    read = model_routed_parameters * deployment_expert_weight_bits / BITS_PER_BYTE
    return read / together(deployment_gpus_per_replica, gpu_memory_bandwidth, efficiency_expert_bandwidth)


@formula("decode.expert_compute_seconds_per_user", unit="second/user", worse="up")
def expert_compute_seconds(
    model_routed_parameters_per_token, deployment_peak_flops, deployment_gpus_per_replica, efficiency_compute
):
    """Time of the products of the experts that one user's token goes through."""
    reached = together(deployment_gpus_per_replica, deployment_peak_flops, efficiency_compute)
    return model_routed_parameters_per_token * FLOP_PER_WEIGHT * TOKEN_PER_USER / reached


@formula("decode.attended_tokens", unit="tok/request", worse="up")
def attended(deployment_context_tokens, model_index_topk=None):
    """Context that an output token attends to; sparse attention limits it, and selecting is not counted."""
    return at_most(deployment_context_tokens, model_index_topk)


@formula("decode.attention_read_seconds_per_user", unit="second/user", worse="up", reference=SCALING_BOOK)
def attention_read_seconds(
    deployment_kv_bytes_read_per_request,
    deployment_kv_copies,
    deployment_gpus_per_replica,
    gpu_memory_bandwidth,
    efficiency_kv_bandwidth,
):
    """Time to read the context of one user."""
    read = REQUEST_PER_USER * deployment_kv_bytes_read_per_request * deployment_kv_copies
    return read / together(deployment_gpus_per_replica, gpu_memory_bandwidth, efficiency_kv_bandwidth)


@formula("decode.attention_compute_seconds_per_user", unit="second/user", worse="up", reference=SCALING_BOOK)
def attention_compute_seconds(
    decode_attention_flops_per_token,
    deployment_gpus_per_replica,
    gpu_flops_16bit,
    efficiency_attention_compute,
):
    """Time to compute with the context of one user, in 16 bits."""
    computed = TOKEN_PER_USER * decode_attention_flops_per_token
    return computed / together(deployment_gpus_per_replica, gpu_flops_16bit, efficiency_attention_compute)


@formula("decode.attention_seconds_per_user", unit="second/user", worse="up")
def attention_seconds_per_user(
    decode_attention_read_seconds_per_user, decode_attention_compute_seconds_per_user
):
    """Time of attention for one user: reading the context or computing with it, whichever takes longer."""
    return largest(decode_attention_read_seconds_per_user, decode_attention_compute_seconds_per_user)


@formula("decode.overhead_seconds", unit="second", if_given=("model.kv_lora_rank",))
def latent_overhead(
    model_num_hidden_layers,
    model_moe_layers,
    efficiency_step_seconds,
    efficiency_layer_seconds,
    efficiency_moe_layer_seconds,
    efficiency_mla_layer_seconds,
):
    """Time of a step to launch its work, layer by layer; layers with experts or MLA take longer."""
    return (
        efficiency_step_seconds
        + model_num_hidden_layers * (efficiency_layer_seconds + efficiency_mla_layer_seconds)
        + model_moe_layers * efficiency_moe_layer_seconds
    )


@formula("decode.overhead_seconds", worse="up")
def overhead(
    model_num_hidden_layers,
    model_moe_layers,
    efficiency_step_seconds,
    efficiency_layer_seconds,
    efficiency_moe_layer_seconds,
):
    """Time of a step to launch its work, layer by layer; layers with experts take longer."""
    return (
        efficiency_step_seconds
        + model_num_hidden_layers * efficiency_layer_seconds
        + model_moe_layers * efficiency_moe_layer_seconds
    )


@formula("decode.overhead_seconds_per_user", unit="second/user", worse="up")
def overhead_per_user(efficiency_user_seconds, deployment_dense_copies):
    """Time that each user adds; with data-parallel attention, each GPU handles its own users."""
    return efficiency_user_seconds / deployment_dense_copies


@formula("decode.dense_seconds", unit="second", worse="up")
def dense_seconds(
    deployment_batch, decode_dense_read_seconds, decode_dense_compute_seconds_per_user, gpu_software
):
    """Time of a step for the weights that every token uses."""
    return (
        _dense(deployment_batch, decode_dense_read_seconds, decode_dense_compute_seconds_per_user)
        / gpu_software
    )


@formula("decode.expert_coverage", unit="share", worse="up", reference=ERDIL)
def expert_coverage(deployment_batch, model_expert_share):
    """Share of the experts that a step reads, with uniform routing."""
    return _coverage(deployment_batch, model_expert_share)


@formula("decode.expert_seconds", unit="second", worse="up", reference=ERDIL)
def expert_seconds(
    deployment_batch,
    model_expert_share,
    decode_expert_read_seconds,
    decode_expert_compute_seconds_per_user,
    gpu_software,
):
    """Time of a step for the routed experts that it uses."""
    return (
        _experts(
            deployment_batch,
            model_expert_share,
            decode_expert_read_seconds,
            decode_expert_compute_seconds_per_user,
        )
        / gpu_software
    )


@formula("decode.attention_seconds", unit="second", worse="up")
def attention_seconds(deployment_batch, decode_attention_seconds_per_user, gpu_software):
    """Time of a step for attention."""
    return deployment_batch * decode_attention_seconds_per_user / gpu_software


@formula("decode.fixed_seconds", unit="second", worse="up")
def fixed_seconds(deployment_batch, decode_overhead_seconds, decode_overhead_seconds_per_user):
    """Time of a step spent neither on memory nor on products."""
    return decode_overhead_seconds + deployment_batch * decode_overhead_seconds_per_user


@formula("decode.exchange_seconds", unit="second", worse="up")
def exchange_seconds(deployment_batch, deployment_exchange_latency, deployment_exchange_seconds_per_token):
    """Time of a step in which the GPUs of the replica exchange results."""
    return _exchange(deployment_batch, deployment_exchange_latency, deployment_exchange_seconds_per_token)


@formula("decode.seconds", unit="second", worse="up")
def seconds(
    decode_dense_seconds,
    decode_expert_seconds,
    decode_attention_seconds,
    decode_fixed_seconds,
    decode_exchange_seconds,
    deployment_speculative_speedup,
    efficiency_model_factor,
):
    """Time of a step, in which every user gets one token."""
    step = (
        decode_dense_seconds
        + decode_expert_seconds
        + decode_attention_seconds
        + decode_fixed_seconds
        + decode_exchange_seconds
    )
    return step / (deployment_speculative_speedup * efficiency_model_factor)


def token_seconds(
    users,
    dense_read,
    dense_compute,
    share,
    expert_read,
    expert_compute,
    attention,
    overhead,
    per_user,
    latency,
    exchange,
    software,
    speedup,
    factor,
):
    """Return `decode.seconds` for some number of users, to search for that number."""
    held_up = (
        _dense(users, dense_read, dense_compute)
        + _experts(users, share, expert_read, expert_compute)
        + users * attention
    )
    step = held_up / software + overhead + users * per_user + _exchange(users, latency, exchange)
    return step / (speedup * factor)


def _coverage(users, share):
    return 1 - (1 - share) ** (users / ONE_USER)


def _dense(users, read, compute):
    return largest(read, users * compute)


def _experts(users, share, read, compute):
    return largest(_coverage(users, share) * read, users * compute)


def _exchange(users, latency, per_token):
    return latency + users * TOKEN_PER_USER * per_token

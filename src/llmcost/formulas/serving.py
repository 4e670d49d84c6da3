"""What it costs to serve tokens: from the rates of prefill and decode, or from a fleet and its bill."""

from __future__ import annotations

from llmcost.engine.arithmetic import close, require
from llmcost.formulas.vocabulary import (
    HOURS_PER_DAY,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    TOKENS_PER_MTOK,
    formula,
)


@formula("serving.gpus_required", unit="GPU", worse="up")
def gpus_required(
    traffic_input_tokens_per_day,
    traffic_output_tokens_per_day,
    serving_prefill_tokens_per_gpu_second,
    serving_decode_tokens_per_gpu_second,
    serving_utilization,
):
    """GPUs that the traffic needs at these rates and this utilization."""
    return (
        traffic_input_tokens_per_day / serving_prefill_tokens_per_gpu_second
        + traffic_output_tokens_per_day / serving_decode_tokens_per_gpu_second
    ) / (SECONDS_PER_DAY * serving_utilization)


@formula(
    "serving.cost_per_day",
    unit="USD/day",
    worse="up",
    reference="DeepSeek-V3/R1 Inference System Overview, github.com/deepseek-ai/open-infra-index",
)
def fleet_cost_per_day(serving_gpus, serving_gpu_hour_cost):
    """What the fleet costs in a day, idle GPUs included."""
    return serving_gpus * HOURS_PER_DAY * serving_gpu_hour_cost


@formula("serving.cost_per_day", unit="USD/day", note="fleet size worked out from the traffic and the rates")
def required_cost_per_day(serving_gpus_required, serving_gpu_hour_cost):
    """What the GPUs that the traffic needs cost in a day."""
    return serving_gpus_required * HOURS_PER_DAY * serving_gpu_hour_cost


@formula("serving.cost_per_input_mtok", unit="USD/Mtok", worse="up")
def prefill_cost(serving_gpu_hour_cost, serving_prefill_tokens_per_gpu_second, serving_utilization):
    """Cost of serving a million input tokens."""
    return (
        serving_gpu_hour_cost
        / (SECONDS_PER_HOUR * serving_prefill_tokens_per_gpu_second * serving_utilization)
        * TOKENS_PER_MTOK
    )


@formula("serving.cost_per_input_mtok", unit="USD/Mtok")
def weighted_input_cost(
    serving_cost_per_day,
    traffic_input_tokens_per_day,
    traffic_output_tokens_per_day,
    serving_output_cost_weight,
):
    """Cost of a million input tokens: the fleet's bill, output tokens counted by their weight."""
    return (
        serving_cost_per_day
        / (traffic_input_tokens_per_day + serving_output_cost_weight * traffic_output_tokens_per_day)
        * TOKENS_PER_MTOK
    )


@formula("serving.cost_per_output_mtok", unit="USD/Mtok", worse="up")
def decode_cost(serving_gpu_hour_cost, serving_decode_tokens_per_gpu_second, serving_utilization):
    """Cost of serving a million output tokens."""
    return (
        serving_gpu_hour_cost
        / (SECONDS_PER_HOUR * serving_decode_tokens_per_gpu_second * serving_utilization)
        * TOKENS_PER_MTOK
    )


@formula("serving.cost_per_output_mtok", unit="USD/Mtok")
def weighted_output_cost(
    serving_cost_per_day,
    traffic_input_tokens_per_day,
    traffic_output_tokens_per_day,
    serving_output_cost_weight,
):
    """Cost of a million output tokens: its weight times that of input, from the fleet's bill."""
    return (
        serving_output_cost_weight
        * serving_cost_per_day
        / (traffic_input_tokens_per_day + serving_output_cost_weight * traffic_output_tokens_per_day)
        * TOKENS_PER_MTOK
    )


@formula("serving.cost_per_mtok", unit="USD/Mtok", worse="up")
def cost_of_mix(serving_cost_per_input_mtok, serving_cost_per_output_mtok, workload_output_share):
    """Cost of serving a million tokens of the workload."""
    return (
        1 - workload_output_share
    ) * serving_cost_per_input_mtok + workload_output_share * serving_cost_per_output_mtok


@formula("serving.cost_per_mtok", unit="USD/Mtok", note="the fleet's bill over all its tokens")
def cost_of_own_mix(
    serving_cost_per_day,
    traffic_tokens_per_day,
    workload_output_share,
    traffic_output_share,
    workload_cached_input_share,
    traffic_cached_input_share,
):
    """Cost of serving a million tokens of the traffic, which says nothing of any other mix."""
    require(close(workload_output_share, traffic_output_share), "not_at_own_mix")
    require(close(workload_cached_input_share, traffic_cached_input_share), "not_at_own_mix")
    return serving_cost_per_day / traffic_tokens_per_day * TOKENS_PER_MTOK

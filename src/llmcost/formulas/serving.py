"""How long GPUs work on a token: from the rates of prefill and decode, or of GPUs that do both at once.

A rate holds for what it was measured on. With r_p and h_m the prefill rate and the cache hits that it counts
as input, and κ what a hit costs in uncached input tokens, an uncached token takes

    t = 1 / (r_p·((1 − h_m) + h_m·κ))

and with the rate r of GPUs that do both, x_m its output share and w what an output token costs in uncached
input tokens, t = 1 / (r·((1 − x_m)·((1 − h_m) + h_m·κ) + x_m·w)). A hit takes κ·t, an output token w·t.
"""

from __future__ import annotations

from llmcost.engine.arithmetic import close, largest, require, where
from llmcost.formulas.price import mixed
from llmcost.formulas.vocabulary import NONE, SAME, formula

HITS_NOT_STATED = "not stated: 0 or 1, whichever makes the workload more expensive"
MOST = "serving.cached_input_cost_ratio is not stated: 0 or 1, whichever takes more GPUs"
AS_WORKLOAD = "no mix of the traffic is stated: the workload's is used is used"
MIXED_RATE = ("serving.tokens_per_gpu_second",)
RATIO = ("serving.cached_input_cost_ratio",)


def work(output_share, cached_share, ratio, weight):
    """Return what a token of a mix costs to serve, in uncached input tokens."""
    return mixed(output_share, cached_share, 1, ratio, weight)


def seconds(output_share, cached_share, ratio, of_input, of_output):
    """Return GPU-seconds of a token of a mix, by those of an uncached input token and of an output token."""
    return work(output_share, cached_share, ratio, 0.0) * of_input + output_share * of_output


def _work_of(output_share, cached_share, weight):
    """Return the work of a mix as a function of κ."""
    return lambda ratio: work(output_share, cached_share, ratio, weight)


def _dearer(asked, *pinned):
    """Return 0 or 1, whichever κ makes the work that is asked for larger, measured by what is known of it.

    All are functions of κ. The first of `pinned` tells them apart; where it does not, the next does.
    """
    ratio = SAME
    for known in reversed(pinned):
        free, full = asked(0.0) * known(1.0), asked(1.0) * known(0.0)
        ratio = where(full > free, SAME, where(full < free, NONE, ratio))
    return ratio


@formula(
    "serving.measured_cached_input_share", note="none is stated, so no hits are counted", stand_in="rule"
)
def no_hits_measured():
    """Cache hits that a measured rate counts as input; none, where none are stated."""
    return 0.0


@formula("serving.cached_input_cost_ratio", note=HITS_NOT_STATED, stand_in="rule")
def ratio_of_traffic_by_pools(
    serving_prefill_tokens_per_gpu_second,
    serving_decode_tokens_per_gpu_second,
    serving_measured_cached_input_share,
    workload_output_share,
    workload_cached_input_share,
    traffic_output_share,
    traffic_cached_input_share,
):
    """What a cache hit costs, where all the traffic's tokens share one bill: what costs the workload more."""

    measured = _work_of(0.0, serving_measured_cached_input_share, 0.0)

    def weight(ratio):
        return serving_prefill_tokens_per_gpu_second * measured(ratio) / serving_decode_tokens_per_gpu_second

    return _dearer(
        lambda ratio: work(workload_output_share, workload_cached_input_share, ratio, weight(ratio)),
        lambda ratio: work(traffic_output_share, traffic_cached_input_share, ratio, weight(ratio)),
        measured,
    )


@formula("serving.cached_input_cost_ratio", note=HITS_NOT_STATED, stand_in="rule")
def ratio_by_prefill(
    serving_prefill_tokens_per_gpu_second, serving_measured_cached_input_share, workload_cached_input_share
):
    """What a cache hit costs, by the rate of prefill: what costs the workload more."""
    measured = _work_of(0.0, serving_measured_cached_input_share, 0.0)
    return _dearer(
        _work_of(0.0, workload_cached_input_share, 0.0),
        lambda ratio: serving_prefill_tokens_per_gpu_second * measured(ratio),
    )


@formula("serving.cached_input_cost_ratio", note=HITS_NOT_STATED, stand_in="rule")
def ratio_of_traffic_by_mixed_rate(
    serving_measured_output_share,
    serving_measured_cached_input_share,
    serving_output_cost_weight,
    workload_output_share,
    workload_cached_input_share,
    traffic_output_share,
    traffic_cached_input_share,
):
    """What a cache hit costs, where all the traffic's tokens share one bill: what costs the workload more."""
    w = serving_output_cost_weight
    return _dearer(
        _work_of(workload_output_share, workload_cached_input_share, w),
        _work_of(traffic_output_share, traffic_cached_input_share, w),
        _work_of(serving_measured_output_share, serving_measured_cached_input_share, w),
    )


@formula("serving.cached_input_cost_ratio", note=HITS_NOT_STATED, stand_in="rule")
def ratio_by_mixed_rate(
    serving_measured_output_share,
    serving_measured_cached_input_share,
    serving_output_cost_weight,
    workload_output_share,
    workload_cached_input_share,
):
    """What a cache hit costs, by the rate of GPUs that do both: what costs the workload more."""
    w = serving_output_cost_weight
    return _dearer(
        _work_of(workload_output_share, workload_cached_input_share, w),
        _work_of(serving_measured_output_share, serving_measured_cached_input_share, w),
    )


@formula("serving.cached_input_cost_ratio", note=HITS_NOT_STATED, stand_in="rule")
def ratio_by_weight(
    serving_output_cost_weight,
    workload_output_share,
    workload_cached_input_share,
    traffic_output_share,
    traffic_cached_input_share,
):
    """What a cache hit costs, where a bill is split by weight: what costs the workload more."""
    w = serving_output_cost_weight
    return _dearer(
        _work_of(workload_output_share, workload_cached_input_share, w),
        _work_of(traffic_output_share, traffic_cached_input_share, w),
    )


@formula("serving.cached_input_cost_ratio", note=HITS_NOT_STATED, stand_in="rule")
def hits_cost_as_much():
    """What a cache hit costs, where no rate is known: as much as any input."""
    return SAME


@formula("serving.seconds_per_input_token", unit="GPU-second/tok", worse="up")
def seconds_of_prefill(
    serving_prefill_tokens_per_gpu_second,
    serving_measured_cached_input_share,
    serving_cached_input_cost_ratio,
):
    """GPU-seconds of an uncached input token; cache hits in the measured rate took less."""
    return 1 / (
        serving_prefill_tokens_per_gpu_second
        * (1 - serving_measured_cached_input_share * (1 - serving_cached_input_cost_ratio))
    )


@formula("serving.seconds_per_input_token")
def seconds_of_input_by_mixed_rate(
    serving_tokens_per_gpu_second,
    serving_measured_output_share,
    serving_measured_cached_input_share,
    serving_cached_input_cost_ratio,
    serving_output_cost_weight,
):
    """GPU-seconds of an uncached input token, where an output token is worth so many of them."""
    return 1 / (
        serving_tokens_per_gpu_second
        * work(
            serving_measured_output_share,
            serving_measured_cached_input_share,
            serving_cached_input_cost_ratio,
            serving_output_cost_weight,
        )
    )


@formula("serving.seconds_per_cached_token", unit="GPU-second/tok", worse="up")
def seconds_of_hit(serving_cached_input_cost_ratio, serving_seconds_per_input_token):
    """GPU-seconds of a cache hit."""
    return serving_cached_input_cost_ratio * serving_seconds_per_input_token


@formula("serving.seconds_per_output_token", unit="GPU-second/tok", worse="up")
def seconds_of_decode(serving_decode_tokens_per_gpu_second):
    """GPU-seconds of an output token."""
    return 1 / serving_decode_tokens_per_gpu_second


@formula("serving.seconds_per_output_token", if_given=MIXED_RATE)
def seconds_of_output_by_weight(serving_output_cost_weight, serving_seconds_per_input_token):
    """GPU-seconds of an output token, which is worth so many of input."""
    return serving_output_cost_weight * serving_seconds_per_input_token


@formula("serving.seconds_per_token", unit="GPU-second/tok", worse="up")
def seconds_of_mix(
    serving_seconds_per_input_token,
    serving_seconds_per_cached_token,
    serving_seconds_per_output_token,
    workload_output_share,
    workload_cached_input_share,
):
    """GPU-seconds of a token of the workload."""
    return mixed(
        workload_output_share,
        workload_cached_input_share,
        serving_seconds_per_input_token,
        serving_seconds_per_cached_token,
        serving_seconds_per_output_token,
    )


@formula("serving.seconds_per_token")
def seconds_as_measured(
    serving_tokens_per_gpu_second,
    serving_measured_output_share,
    serving_measured_cached_input_share,
    workload_output_share,
    workload_cached_input_share,
):
    """GPU-seconds of a token of the mix at which the rate was measured."""
    require(close(workload_output_share, serving_measured_output_share), "not_as_measured")
    require(close(workload_cached_input_share, serving_measured_cached_input_share), "not_as_measured")
    return 1 / serving_tokens_per_gpu_second


@formula("serving.seconds_per_traffic_token", unit="GPU-second/tok", if_given=RATIO, worse="up")
def seconds_of_traffic(
    serving_seconds_per_input_token,
    serving_cached_input_cost_ratio,
    serving_seconds_per_output_token,
    traffic_output_share,
    traffic_cached_input_share,
):
    """GPU-seconds of a token of the traffic, at its own mix."""
    return seconds(
        traffic_output_share,
        traffic_cached_input_share,
        serving_cached_input_cost_ratio,
        serving_seconds_per_input_token,
        serving_seconds_per_output_token,
    )


@formula("serving.seconds_per_traffic_token", note=MOST, stand_in="rule")
def most_seconds_by_pools(
    serving_prefill_tokens_per_gpu_second,
    serving_decode_tokens_per_gpu_second,
    serving_measured_cached_input_share,
    traffic_output_share,
    traffic_cached_input_share,
):
    """GPU-seconds of a token of the traffic, cache hits as dear as the rest or free: what takes longer."""

    asked = _work_of(traffic_output_share, traffic_cached_input_share, 0.0)
    measured = _work_of(0.0, serving_measured_cached_input_share, 0.0)
    output = traffic_output_share / serving_decode_tokens_per_gpu_second
    free, full = (
        asked(ratio) / (serving_prefill_tokens_per_gpu_second * measured(ratio)) for ratio in (0.0, 1.0)
    )
    return largest(free + output, full + output)


@formula("serving.seconds_per_traffic_token", note=MOST, stand_in="rule")
def most_seconds_by_mixed_rate(
    serving_tokens_per_gpu_second,
    serving_measured_output_share,
    serving_measured_cached_input_share,
    serving_output_cost_weight,
    traffic_output_share,
    traffic_cached_input_share,
):
    """GPU-seconds of a token of the traffic, cache hits as dear as the rest or free: what takes longer."""
    w = serving_output_cost_weight
    asked = _work_of(traffic_output_share, traffic_cached_input_share, w)
    measured = _work_of(serving_measured_output_share, serving_measured_cached_input_share, w)
    free, full = (asked(ratio) / (serving_tokens_per_gpu_second * measured(ratio)) for ratio in (0.0, 1.0))
    return largest(free, full)


@formula("serving.seconds_per_traffic_token")
def seconds_of_traffic_as_measured(
    serving_tokens_per_gpu_second,
    serving_measured_output_share,
    serving_measured_cached_input_share,
    traffic_output_share,
    traffic_cached_input_share,
):
    """GPU-seconds of a token of the traffic, where its mix is that at which the rate was measured."""
    require(close(traffic_output_share, serving_measured_output_share), "not_as_measured")
    require(close(traffic_cached_input_share, serving_measured_cached_input_share), "not_as_measured")
    return 1 / serving_tokens_per_gpu_second


@formula(
    "serving.seconds_per_traffic_token",
    unless_given=("traffic.output_share", "traffic.input_tokens_per_day", "traffic.output_tokens_per_day"),
    note=AS_WORKLOAD,
    stand_in="rule",
)
def seconds_of_traffic_as_workload(serving_seconds_per_token):
    """GPU-seconds of a token of the traffic, where it is taken to be of the workload's mix."""
    return serving_seconds_per_token

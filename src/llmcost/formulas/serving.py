"""How long GPUs work on a token: from the rates of prefill and decode, or of GPUs that do both at once.

A rate is valid for the mix on which it was measured. With the prefill rate r_p, the share h_m of its input
that were cache hits, and the cost κ of a hit in uncached input tokens, an uncached token takes

    t = 1 / (r_p·((1 − h_m) + h_m·κ))

and with the rate r of GPUs that do both, its output share x_m and the cost w of an output token in uncached
input tokens, t = 1 / (r·((1 − x_m)·((1 − h_m) + h_m·κ) + x_m·w)). A hit takes κ·t, an output token w·t.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmcost.engine.arithmetic import close, largest, require, where
from llmcost.formulas.price import MIX_OF_TRAFFIC, mixed
from llmcost.formulas.vocabulary import NONE, SAME, formula

HITS_NOT_STATED = "not stated: 0 or 1, whichever makes the workload more expensive"
MOST = "serving.cached_input_cost_ratio is not stated: 0 or 1, whichever takes more GPUs"
AS_WORKLOAD = "no mix of the traffic is stated: the workload's is used"
MIXED_RATE = ("serving.tokens_per_gpu_second",)
RATIO = ("serving.cached_input_cost_ratio",)
WEIGHT = ("serving.output_cost_weight",)
SECONDS = ("serving.seconds_per_input_token", *RATIO, "serving.seconds_per_output_token")
HITS = ("serving.measured_cached_input_share",)
PREFILL, DECODE = ("serving.prefill_tokens_per_gpu_second",), ("serving.decode_tokens_per_gpu_second",)
# Mixes: their output share and their cached share.
MEASURED = ("serving.measured_output_share", *HITS)
OWN_MIX = ("workload.output_share", "workload.cached_input_share")
TRAFFIC_MIX = ("traffic.output_share", "traffic.cached_input_share")


def work(output_share, cached_share, ratio, weight):
    """Return the cost of serving a token of a mix, in uncached input tokens."""
    return mixed(output_share, cached_share, 1, ratio, weight)


def seconds(output_share, cached_share, ratio, of_input, of_output):
    """Return the GPU-seconds of a token of a mix, given those of uncached input and of output."""
    return work(output_share, cached_share, ratio, 0.0) * of_input + output_share * of_output


def _work_of(output_share, cached_share, weight):
    """Return the work of a mix as a function of κ."""
    return lambda ratio: work(output_share, cached_share, ratio, weight)


def _dearer(asked, *pinned):
    """Return the κ, 0 or 1, that makes the work in `asked` larger relative to work that is known.

    All are functions of κ. The first of `pinned` decides, or the next one if it makes no difference.
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
    """Cache hits that a measured rate counts as input; 0 unless stated."""
    return 0.0


def _ratio(known: str, *inputs: str) -> Callable[[Any], Any]:
    """Register a function that returns the ratio at which the workload costs more."""
    return formula(
        "serving.cached_input_cost_ratio",
        inputs=inputs,
        about=f"Cost of a cache hit, {known}: whichever costs the workload more.",
        note=HITS_NOT_STATED,
        stand_in="rule",
    )


SHARED = "where all the traffic's tokens share one bill"


@_ratio(SHARED, *PREFILL, *DECODE, *HITS, *OWN_MIX, *TRAFFIC_MIX)
def ratio_of_traffic_by_pools(prefill, decode, hits, output, cached, output_of_all, cached_of_all):
    measured = _work_of(0.0, hits, 0.0)

    def weight(ratio):
        return prefill * measured(ratio) / decode

    return _dearer(
        lambda ratio: work(output, cached, ratio, weight(ratio)),
        lambda ratio: work(output_of_all, cached_of_all, ratio, weight(ratio)),
        measured,
    )


@_ratio("by the rate of prefill", *PREFILL, *HITS, "workload.cached_input_share")
def ratio_by_prefill(prefill, hits, cached):
    measured = _work_of(0.0, hits, 0.0)
    return _dearer(_work_of(0.0, cached, 0.0), lambda ratio: prefill * measured(ratio))


@_ratio(SHARED, *MEASURED, *WEIGHT, *OWN_MIX, *TRAFFIC_MIX)
def ratio_of_traffic_by_mixed_rate(measured, hits, weight, output, cached, output_of_all, cached_of_all):
    return _dearer(
        _work_of(output, cached, weight),
        _work_of(output_of_all, cached_of_all, weight),
        _work_of(measured, hits, weight),
    )


@_ratio("by the rate of GPUs that do both", *MEASURED, *WEIGHT, *OWN_MIX)
def ratio_by_mixed_rate(measured, hits, weight, output, cached):
    return _dearer(_work_of(output, cached, weight), _work_of(measured, hits, weight))


@_ratio("where a bill is split by weight", *WEIGHT, *OWN_MIX, *TRAFFIC_MIX)
def ratio_by_weight(weight, output, cached, output_of_all, cached_of_all):
    return _dearer(_work_of(output, cached, weight), _work_of(output_of_all, cached_of_all, weight))


@formula("serving.cached_input_cost_ratio", note=HITS_NOT_STATED, stand_in="rule")
def hits_cost_as_much():
    """Cost of a cache hit if no rate is known: as much as any input."""
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


@formula(
    "serving.seconds_per_input_token",
    inputs=(*MIXED_RATE, *MEASURED, *RATIO, *WEIGHT),
    about="GPU-seconds of an uncached input token, given the weight of an output token.",
)
def seconds_of_input_by_mixed_rate(rate, *measured):
    return 1 / (rate * work(*measured))


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
    """GPU-seconds of an output token, by its weight in input tokens."""
    return serving_output_cost_weight * serving_seconds_per_input_token


@formula(
    "serving.seconds_per_token",
    unit="GPU-second/tok",
    inputs=(
        *("serving.seconds_per_input_token", "serving.seconds_per_cached_token"),
        *("serving.seconds_per_output_token", *OWN_MIX),
    ),
    about="GPU-seconds of a token of the workload.",
    worse="up",
)
def seconds_of_mix(uncached, cached, output, output_share, cached_share):
    return mixed(output_share, cached_share, uncached, cached, output)


def _as_measured(rate, measured, hits, output, cached):
    """Return the GPU-seconds of a token of a mix, which must be the mix at which the rate was measured."""
    require(close(output, measured), "not_as_measured")
    require(close(cached, hits), "not_as_measured")
    return 1 / rate


@formula(
    "serving.seconds_per_token",
    inputs=(*MIXED_RATE, *MEASURED, *OWN_MIX),
    about="GPU-seconds of a token of the mix at which the rate was measured.",
)
def seconds_as_measured(*rate_and_mixes):
    return _as_measured(*rate_and_mixes)


@formula(
    "serving.seconds_per_traffic_token",
    unit="GPU-second/tok",
    inputs=(*SECONDS, *TRAFFIC_MIX),
    about="GPU-seconds of a token of the traffic, at its own mix.",
    if_given=RATIO,
    worse="up",
)
def seconds_of_traffic(of_input, ratio, of_output, output_share, cached_share):
    return seconds(output_share, cached_share, ratio, of_input, of_output)


def _most_seconds(*inputs: str) -> Callable[[Any], Any]:
    """Register a function for the longer time of a traffic token, with cache hits free or at full cost."""
    return formula(
        "serving.seconds_per_traffic_token",
        inputs=(*inputs, *TRAFFIC_MIX),
        about="GPU-seconds of a token of the traffic, with cache hits free or at full cost: the longer.",
        note=MOST,
        stand_in="rule",
    )


@_most_seconds(*PREFILL, *DECODE, *HITS)
def most_seconds_by_pools(prefill, decode, hits, output, cached):
    asked, measured = _work_of(output, cached, 0.0), _work_of(0.0, hits, 0.0)
    free, full = (asked(ratio) / (prefill * measured(ratio)) for ratio in (0.0, 1.0))
    return largest(free + output / decode, full + output / decode)


@_most_seconds(*MIXED_RATE, *MEASURED, *WEIGHT)
def most_seconds_by_mixed_rate(rate, measured_output, hits, weight, output, cached):
    asked, measured = _work_of(output, cached, weight), _work_of(measured_output, hits, weight)
    free, full = (asked(ratio) / (rate * measured(ratio)) for ratio in (0.0, 1.0))
    return largest(free, full)


@formula(
    "serving.seconds_per_traffic_token",
    inputs=(*MIXED_RATE, *MEASURED, *TRAFFIC_MIX),
    about="GPU-seconds of a token of the traffic, at the mix at which the rate was measured.",
)
def seconds_of_traffic_as_measured(*rate_and_mixes):
    return _as_measured(*rate_and_mixes)


@formula("serving.seconds_per_traffic_token", unless_given=MIX_OF_TRAFFIC, note=AS_WORKLOAD, stand_in="rule")
def seconds_of_traffic_as_workload(serving_seconds_per_token):
    """GPU-seconds of a token of the traffic, assumed to have the workload's mix."""
    return serving_seconds_per_token

"""Electricity of served tokens: busy and idle GPUs, and the data centre's overhead."""

from __future__ import annotations

from llmcost.formulas.supply.vocabulary import ONE_GPU, SECONDS_PER_HOUR_OF_WATT, WH_PER_KWH, formula
from llmcost.formulas.vocabulary import TOKENS_PER_MTOK

UPTIME = "LBNL, in Uptime Institute update 362, May 2025: an idle GPU server draws about 20% of its nameplate"


@formula("energy.watts_per_busy_gpu", unit="W", worse="up", reference=UPTIME)
def watts(
    gpu_all_in_power, energy_load, energy_idle_load, energy_power_usage_effectiveness, serving_utilization
):
    """Power for one busy GPU: its own, that of idle GPUs, and the data centre's."""
    idle = energy_idle_load * (1 - serving_utilization) / serving_utilization
    return gpu_all_in_power * (energy_load + idle) * energy_power_usage_effectiveness


@formula("energy.wh_per_mtok", unit="Wh/Mtok", worse="up")
def wh_per_mtok(energy_watts_per_busy_gpu, serving_seconds_per_token):
    """Electricity for a million tokens of the workload."""
    return (
        energy_watts_per_busy_gpu
        / ONE_GPU
        * serving_seconds_per_token
        / SECONDS_PER_HOUR_OF_WATT
        * TOKENS_PER_MTOK
    )


@formula("energy.usd_per_mtok", unit="USD/Mtok", worse="up")
def usd_per_mtok(energy_wh_per_mtok, energy_usd_per_kwh):
    """Cost of the electricity for a million tokens."""
    return energy_wh_per_mtok / WH_PER_KWH * energy_usd_per_kwh


@formula("energy.wh_per_request", unit="Wh/request", worse="up")
def wh_per_request(
    energy_watts_per_busy_gpu,
    prefill_tokens_per_request,
    deployment_output_tokens_per_request,
    serving_prefill_tokens_per_gpu_second,
    serving_decode_tokens_per_gpu_second,
):
    """Electricity for one request."""
    busy = (
        prefill_tokens_per_request / serving_prefill_tokens_per_gpu_second
        + deployment_output_tokens_per_request / serving_decode_tokens_per_gpu_second
    )
    return energy_watts_per_busy_gpu / ONE_GPU * busy / SECONDS_PER_HOUR_OF_WATT

"""The fleet and its bill: how busy it is, how much it can serve, and what a token costs.

The bill is the cost. Rates tell what a GPU can do, traffic what it does: busy GPUs carry the whole bill,
including idle GPUs and fixed cost. If traffic is stated, the costs of a day's tokens add up to the bill.
"""

from __future__ import annotations

from llmcost.engine.arithmetic import close, require, round_up
from llmcost.formulas.price import mixed
from llmcost.formulas.serving import OWN_MIX, RATIO, SECONDS, TRAFFIC_MIX, WEIGHT, seconds, work
from llmcost.formulas.vocabulary import (
    DAYS_PER_YEAR,
    HOURS_PER_DAY,
    MONTHS_PER_YEAR,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    TOKENS_PER_MTOK,
    formula,
)

OVER_ALL = "the fleet's bill over all its tokens"
FULL = 1 + 1e-9
"""A fleet that is busy all day, rounding aside."""


def per_day(cost_per_month):
    """Return a monthly cost as a cost per day."""
    return cost_per_month * MONTHS_PER_YEAR / DAYS_PER_YEAR


def per_month(cost_per_day):
    """Return a cost per day as a cost per month, a twelfth of a year."""
    return cost_per_day * DAYS_PER_YEAR / MONTHS_PER_YEAR


def _bill(gpus, gpu_hour_cost, fixed_cost_per_month):
    """Return the cost of some GPUs for a day, fixed cost included."""
    return gpus * HOURS_PER_DAY * gpu_hour_cost + per_day(fixed_cost_per_month)


def volume_that_pays(cost_per_day, worth_per_mtok, reason, capacity=None):
    """Return the tokens a day that are worth the day's cost, if they can be served.

    Args:
        cost_per_day: USD/day.
        worth_per_mtok: what a million tokens earn or save, USD/Mtok.
        reason: the code of the reason if they are worth nothing.
        capacity: the most that can be served, tok/day; None if unknown.
    """
    require(worth_per_mtok > 0, reason)
    if capacity is not None:
        require(cost_per_day * TOKENS_PER_MTOK <= worth_per_mtok * capacity * FULL, "beyond_capacity")
    return cost_per_day / worth_per_mtok * TOKENS_PER_MTOK


# How busy it is


@formula(
    "serving.busy_gpus",
    unit="GPU",
    worse="up",
    reference="offered load, queueing theory: arrivals a day times service time",
    adds=True,
)
def busy_gpus(traffic_tokens_per_day, serving_seconds_per_traffic_token):
    """GPUs that the day's traffic keeps busy all the time."""
    return traffic_tokens_per_day * serving_seconds_per_traffic_token / SECONDS_PER_DAY


@formula("serving.idle_gpus", unit="GPU", bounds=(None, None))
def idle_gpus(serving_gpus, serving_busy_gpus):
    """Paid GPUs that are idle, on average; below 0, that many are missing."""
    return serving_gpus - serving_busy_gpus


@formula("serving.headroom", stand_in="rule")
def no_headroom():
    """Spare capacity at the peak; 0 unless stated."""
    return 0.0


@formula("serving.peak_utilization", unit="share", worse="down")
def peak_utilization(serving_peak_to_average, serving_headroom):
    """Busy share of a fleet that is just large enough for the peak and the headroom."""
    return 1 / (serving_peak_to_average * (1 + serving_headroom))


@formula("serving.utilization", reference="utilization law, queueing theory: offered load over servers")
def utilization(serving_busy_gpus, serving_gpus):
    """Busy share of the paid GPU time: the GPUs that the traffic keeps busy, over the fleet."""
    require(serving_busy_gpus <= serving_gpus * FULL, "fleet_too_small", serving_busy_gpus, serving_gpus)
    return serving_busy_gpus / serving_gpus


@formula(
    "serving.utilization", note="the fleet is assumed to be just large enough for its peak", stand_in="guess"
)
def utilization_at_peak(serving_peak_utilization):
    """Busy share of the paid GPU time of a fleet that is just large enough for its peak."""
    return serving_peak_utilization


@formula("serving.planned_utilization", unit="share", if_given=("serving.utilization",), worse="down")
def stated_utilization(serving_utilization):
    """Busy share that the fleet is planned for."""
    return serving_utilization


@formula("serving.planned_utilization")
def planned_utilization(serving_peak_utilization):
    """Busy share that the fleet is planned for, given its peak."""
    return serving_peak_utilization


@formula("serving.tokens_per_gpu_day", unit="tok/GPU-day", worse="down")
def tokens_per_gpu_day(serving_planned_utilization, serving_seconds_per_traffic_token):
    """Tokens that a GPU serves in a day at the planned utilization."""
    return serving_planned_utilization * SECONDS_PER_DAY / serving_seconds_per_traffic_token


@formula("serving.gpus_required", unit="GPU", worse="up", adds=True)
def gpus_in_replicas(serving_busy_gpus, serving_planned_utilization, serving_gpus_per_replica):
    """GPUs that the traffic needs at these rates and this utilization, in whole replicas."""
    return round_up(serving_busy_gpus / serving_planned_utilization, serving_gpus_per_replica)


@formula("serving.gpus_required")
def gpus_required(serving_busy_gpus, serving_planned_utilization):
    """GPUs that the traffic needs at these rates and this utilization."""
    return serving_busy_gpus / serving_planned_utilization


@formula("serving.capacity_tokens_per_day", unit="tok/day", worse="down", least=("traffic.tokens_per_day",))
def capacity_for_peaks(serving_gpus, serving_peak_utilization, serving_seconds_per_traffic_token):
    """Most tokens that the fleet can serve in a day at the traffic's mix, leaving room for peaks."""
    return serving_gpus * serving_peak_utilization * SECONDS_PER_DAY / serving_seconds_per_traffic_token


@formula("serving.capacity_tokens_per_day")
def capacity(serving_gpus, serving_seconds_per_traffic_token):
    """Most tokens that the fleet can serve in a day at the traffic's mix, always busy."""
    return serving_gpus * SECONDS_PER_DAY / serving_seconds_per_traffic_token


# What it costs


@formula("serving.fixed_cost_per_month", note="none is stated, so none is counted")
def no_fixed_cost():
    """Cost on top of the GPUs; 0 unless stated."""
    return 0.0


@formula("serving.gpu_hour_cost", if_given=("serving.instance_hour_cost",))
def gpu_hour_of_instance(serving_instance_hour_cost, serving_gpus_per_instance):
    """Cost of a GPU-hour, from the price of an instance with several GPUs."""
    return serving_instance_hour_cost / serving_gpus_per_instance


@formula("serving.gpu_hour_cost")
def owned_gpu_hour_cost(capex_cost_per_paid_gpu_hour):
    """Cost of a GPU-hour to its owner: each hour of the year counts, used or not."""
    return capex_cost_per_paid_gpu_hour


@formula(
    "serving.cost_per_day",
    unit="USD/day",
    worse="up",
    reference="DeepSeek-V3/R1 Inference System Overview, github.com/deepseek-ai/open-infra-index",
    adds=True,
)
def fleet_cost_per_day(serving_gpus, serving_gpu_hour_cost, serving_fixed_cost_per_month):
    """Cost of the fleet for a day, idle GPUs and fixed cost included."""
    return _bill(serving_gpus, serving_gpu_hour_cost, serving_fixed_cost_per_month)


@formula("serving.cost_per_day", note="the fleet size follows from the traffic and the rates")
def required_cost_per_day(serving_gpus_required, serving_gpu_hour_cost, serving_fixed_cost_per_month):
    """Cost of the GPUs that the traffic needs for a day, fixed cost included."""
    return _bill(serving_gpus_required, serving_gpu_hour_cost, serving_fixed_cost_per_month)


@formula("serving.bill_per_day", unit="USD/day", worse="up", adds=True)
def bill_of_fleet(serving_cost_per_day, serving_busy_gpus, serving_gpus):
    """Cost of serving a day's traffic: the bill of a fleet that is large enough."""
    require(serving_busy_gpus <= serving_gpus * FULL, "fleet_too_small", serving_busy_gpus, serving_gpus)
    return serving_cost_per_day


@formula("serving.bill_per_day")
def bill(serving_cost_per_day):
    """Cost of serving a day's traffic."""
    return serving_cost_per_day


@formula("serving.cost_per_month", unit="USD/month", worse="up", adds=True)
def cost_per_month(serving_cost_per_day):
    """Cost of serving for a month, a twelfth of a year."""
    return per_month(serving_cost_per_day)


@formula("serving.all_in_gpu_hour_cost", unit="USD/GPU-hour", worse="up")
def all_in_gpu_hour_cost(serving_cost_per_day, serving_gpus):
    """Cost of a paid GPU-hour, with the fixed cost spread over the fleet."""
    return serving_cost_per_day / (serving_gpus * HOURS_PER_DAY)


@formula("serving.all_in_gpu_hour_cost")
def all_in_gpu_hour_cost_of_need(serving_cost_per_day, serving_gpus_required):
    """Cost of a paid GPU-hour, with the fixed cost spread over the GPUs that the traffic needs."""
    return serving_cost_per_day / (serving_gpus_required * HOURS_PER_DAY)


@formula(
    "serving.all_in_gpu_hour_cost",
    unless_given=("serving.cost_per_day",),
    note="no fixed cost is counted",
    stand_in="least",
)
def bare_gpu_hour_cost(serving_gpu_hour_cost):
    """Cost of a paid GPU-hour, if there is no fleet to share a fixed cost."""
    return serving_gpu_hour_cost


@formula(
    "serving.busy_hours_per_day",
    unit="GPU-hour/day",
    inputs=("traffic.tokens_per_day", *TRAFFIC_MIX, *SECONDS),
    about="GPU-hours that the day's traffic takes, with cache hits counted as in the workload.",
    worse="up",
)
def busy_hours(tokens, output, cached, of_input, ratio, of_output):
    return tokens * seconds(output, cached, ratio, of_input, of_output) / SECONDS_PER_HOUR


@formula("serving.busy_hours_per_day")
def busy_hours_as_measured(serving_busy_gpus):
    """GPU-hours that the day's traffic takes."""
    return serving_busy_gpus * HOURS_PER_DAY


@formula("serving.busy_gpu_hour_cost", unit="USD/GPU-hour", worse="up")
def busy_hour_of_bill(serving_bill_per_day, serving_busy_hours_per_day):
    """Cost of an hour of a busy GPU, idle GPUs included."""
    return serving_bill_per_day / serving_busy_hours_per_day


@formula("serving.busy_gpu_hour_cost")
def busy_hour_by_utilization(serving_all_in_gpu_hour_cost, serving_utilization):
    """Cost of an hour of a busy GPU, which carries its idle hours."""
    return serving_all_in_gpu_hour_cost / serving_utilization


@formula("serving.cost_per_input_mtok", unit="USD/Mtok", worse="up")
def input_cost(serving_busy_gpu_hour_cost, serving_seconds_per_input_token):
    """Cost of serving a million uncached input tokens."""
    return serving_busy_gpu_hour_cost / SECONDS_PER_HOUR * serving_seconds_per_input_token * TOKENS_PER_MTOK


@formula(
    "serving.cost_per_input_mtok",
    inputs=("serving.bill_per_day", "traffic.tokens_per_day", *TRAFFIC_MIX, *RATIO, *WEIGHT),
    about="Cost of a million uncached input tokens: the bill, divided by the weights of hits and output.",
)
def weighted_input_cost(bill_per_day, tokens, *mix_and_worth):
    return bill_per_day / tokens / work(*mix_and_worth) * TOKENS_PER_MTOK


@formula("serving.cost_per_cached_input_mtok", unit="USD/Mtok", worse="up")
def hit_cost(serving_cached_input_cost_ratio, serving_cost_per_input_mtok):
    """Cost of serving a million cache hits."""
    return serving_cached_input_cost_ratio * serving_cost_per_input_mtok


@formula("serving.cost_per_output_mtok", unit="USD/Mtok", worse="up")
def output_cost(serving_busy_gpu_hour_cost, serving_seconds_per_output_token):
    """Cost of serving a million output tokens."""
    return serving_busy_gpu_hour_cost / SECONDS_PER_HOUR * serving_seconds_per_output_token * TOKENS_PER_MTOK


@formula("serving.cost_per_output_mtok")
def weighted_output_cost(serving_output_cost_weight, serving_cost_per_input_mtok):
    """Cost of a million output tokens: its weight times that of input."""
    return serving_output_cost_weight * serving_cost_per_input_mtok


@formula(
    "serving.cost_per_mtok",
    unit="USD/Mtok",
    inputs=(
        *("serving.cost_per_input_mtok", "serving.cost_per_cached_input_mtok"),
        *("serving.cost_per_output_mtok", *OWN_MIX),
    ),
    about="Cost of serving a million tokens of the workload.",
    worse="up",
)
def cost_of_mix(uncached, cached, output, output_share, cached_share):
    return mixed(output_share, cached_share, uncached, cached, output)


@formula("serving.cost_per_mtok", note=OVER_ALL)
def cost_of_own_mix(
    serving_bill_per_day,
    traffic_tokens_per_day,
    workload_output_share,
    traffic_output_share,
    workload_cached_input_share,
    traffic_cached_input_share,
):
    """Cost of serving a million tokens of the traffic, valid only at its own mix."""
    require(close(workload_output_share, traffic_output_share), "not_at_own_mix")
    require(close(workload_cached_input_share, traffic_cached_input_share), "not_at_own_mix")
    return serving_bill_per_day / traffic_tokens_per_day * TOKENS_PER_MTOK


@formula("serving.cost_per_mtok")
def cost_as_measured(serving_busy_gpu_hour_cost, serving_seconds_per_token):
    """Cost of serving a million tokens of the mix at which the rate was measured."""
    return serving_busy_gpu_hour_cost / SECONDS_PER_HOUR * serving_seconds_per_token * TOKENS_PER_MTOK


# What pays for it


@formula("serving.breakeven_tokens_per_day", unit="tok/day", worse="up")
def breakeven_volume(serving_cost_per_day, traffic_revenue_per_mtok, serving_capacity_tokens_per_day):
    """Tokens a day that pay for the fleet, at the traffic's mix and this price."""
    return volume_that_pays(
        serving_cost_per_day,
        traffic_revenue_per_mtok,
        "traffic_earns_nothing",
        serving_capacity_tokens_per_day,
    )


@formula(
    "serving.breakeven_tokens_per_day",
    if_given=("serving.gpus",),
    note="no rates are stated, so it is not known whether the fleet can serve that much",
)
def breakeven_volume_of_any_fleet(serving_cost_per_day, traffic_revenue_per_mtok):
    """Tokens a day that pay for the fleet, at the traffic's mix and this price."""
    return volume_that_pays(serving_cost_per_day, traffic_revenue_per_mtok, "traffic_earns_nothing")


@formula("traffic.gross_profit_per_day", unit="USD/day", bounds=(None, None), worse="down", adds=True)
def gross_profit_of_traffic(traffic_revenue_per_day, serving_bill_per_day):
    """Profit from a day's traffic after the fleet's bill; unpaid tokens cost as much as the rest."""
    return traffic_revenue_per_day - serving_bill_per_day


@formula("traffic.gross_margin", unit="share", bounds=(None, 1), worse="down")
def gross_margin_of_traffic(traffic_gross_profit_per_day, traffic_revenue_per_day):
    """Share of the traffic's revenue left after the fleet's bill."""
    require(traffic_revenue_per_day > 0, "traffic_earns_nothing")
    return traffic_gross_profit_per_day / traffic_revenue_per_day

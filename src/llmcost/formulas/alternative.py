"""Self-host or buy: the cost of the same traffic from another seller, and what it takes to beat it."""

from __future__ import annotations

from llmcost.engine.arithmetic import largest, require, round_up
from llmcost.formulas.fleet import per_day, per_month, volume_that_pays
from llmcost.formulas.price import MIX_OF_TRAFFIC
from llmcost.formulas.price_list import ALTERNATIVE, TRAFFIC, WORKLOAD
from llmcost.formulas.price_parts import declare_blended, declare_defaults, declare_parts
from llmcost.formulas.serving import AS_WORKLOAD
from llmcost.formulas.unit import STATED_COST, STATED_TOKEN_COST
from llmcost.formulas.vocabulary import HOURS_PER_DAY, SECONDS_PER_HOUR, TOKENS_PER_MTOK, formula

BOUGHT = "Another seller's all-in price of a million tokens of the traffic."

declare_defaults(ALTERNATIVE)
declare_parts("alternative", ALTERNATIVE, WORKLOAD, of="workload", unless_given=MIX_OF_TRAFFIC)
declare_parts("alternative", ALTERNATIVE, TRAFFIC)
declare_blended(
    "alternative.blended_per_mtok",
    ALTERNATIVE,
    WORKLOAD,
    "Another seller's all-in price of a million tokens of the workload.",
    of="workload",
    unless_given=MIX_OF_TRAFFIC,
    note=AS_WORKLOAD,
)
declare_blended("alternative.blended_per_mtok", ALTERNATIVE, TRAFFIC, BOUGHT)


@formula("alternative.cost_per_day", unit="USD/day", adds=True)
def cost_per_day(traffic_tokens_per_day, alternative_blended_per_mtok):
    """Cost of a day's traffic at another seller."""
    return traffic_tokens_per_day * alternative_blended_per_mtok / TOKENS_PER_MTOK


@formula("alternative.cost_per_month", unit="USD/month", adds=True)
def cost_per_month(alternative_cost_per_day):
    """Cost of a month's traffic at another seller."""
    return per_month(alternative_cost_per_day)


@formula("alternative.savings_per_month", unit="USD/month", bounds=(None, None), worse="down", adds=True)
def savings(alternative_cost_per_month, serving_bill_per_day):
    """Monthly savings from self-hosting; below 0, it costs more than buying."""
    return alternative_cost_per_month - per_month(serving_bill_per_day)


@formula("alternative.payback_months", unit="month", worse="up")
def payback(capex_spend, alternative_savings_per_month):
    """Months until the savings have paid back the purchase."""
    require(alternative_savings_per_month > 0, "saves_nothing")
    return capex_spend / alternative_savings_per_month


@formula("alternative.breakeven_tokens_per_day", unit="tok/day", worse="up")
def breakeven_of_fleet(serving_cost_per_day, alternative_blended_per_mtok, serving_capacity_tokens_per_day):
    """Tokens a day above which the fleet costs less than buying, up to its capacity."""
    return volume_that_pays(
        serving_cost_per_day, alternative_blended_per_mtok, "given_away", serving_capacity_tokens_per_day
    )


@formula(
    "alternative.breakeven_tokens_per_day",
    if_given=("serving.gpus",),
    note="no rates are stated, so it is not known whether the fleet can serve that much",
)
def breakeven_of_any_fleet(serving_cost_per_day, alternative_blended_per_mtok):
    """Tokens a day above which the existing fleet is cheaper than buying."""
    return volume_that_pays(serving_cost_per_day, alternative_blended_per_mtok, "given_away")


def _saved_by_gpu(tokens, price, cost):
    """Return a day's savings by one GPU as busy as planned: its tokens' price elsewhere, less its cost."""
    worth = tokens * price / TOKENS_PER_MTOK
    require(worth > cost, "never_cheaper")
    return worth - cost


@formula(
    "alternative.breakeven_tokens_per_day",
    unless_given=("serving.cost_per_day",),
    note="with as many replicas as the volume needs; just above it, one more may cost more than it "
    "saves: see alternative.always_cheaper_tokens_per_day",
)
def breakeven_in_replicas(
    serving_gpu_hour_cost,
    serving_gpus_per_replica,
    serving_tokens_per_gpu_day,
    serving_fixed_cost_per_month,
    alternative_blended_per_mtok,
):
    """Tokens a day from which self-hosting is cheaper than buying, in whole replicas."""
    cost = serving_gpu_hour_cost * HOURS_PER_DAY
    saved = _saved_by_gpu(serving_tokens_per_gpu_day, alternative_blended_per_mtok, cost)
    fixed = per_day(serving_fixed_cost_per_month)
    replicas = largest(round_up(fixed / (serving_gpus_per_replica * saved)), 1.0)
    return (
        (replicas * serving_gpus_per_replica * cost + fixed) / alternative_blended_per_mtok * TOKENS_PER_MTOK
    )


@formula(
    "alternative.breakeven_tokens_per_day",
    unless_given=("serving.cost_per_day",),
    note="with as many GPUs as the volume needs, fractions included",
)
def breakeven_in_gpus(
    serving_gpu_hour_cost,
    serving_tokens_per_gpu_day,
    serving_fixed_cost_per_month,
    alternative_blended_per_mtok,
):
    """Tokens a day from which self-hosting is cheaper than buying."""
    cost = serving_gpu_hour_cost * HOURS_PER_DAY / serving_tokens_per_gpu_day * TOKENS_PER_MTOK
    require(alternative_blended_per_mtok > cost, "never_cheaper")
    fixed = per_day(serving_fixed_cost_per_month)
    return fixed / (alternative_blended_per_mtok - cost) * TOKENS_PER_MTOK


@formula("alternative.always_cheaper_tokens_per_day", unit="tok/day", worse="up")
def always_cheaper_than_fleet(
    serving_cost_per_day, alternative_blended_per_mtok, serving_capacity_tokens_per_day
):
    """Tokens a day above which self-hosting is always cheaper than buying, up to what the fleet can serve."""
    return breakeven_of_fleet(
        serving_cost_per_day, alternative_blended_per_mtok, serving_capacity_tokens_per_day
    )


@formula("alternative.always_cheaper_tokens_per_day", unless_given=("serving.cost_per_day", "serving.gpus"))
def always_cheaper_in_replicas(
    serving_gpu_hour_cost,
    serving_gpus_per_replica,
    serving_tokens_per_gpu_day,
    serving_fixed_cost_per_month,
    alternative_blended_per_mtok,
):
    """Tokens a day above which self-hosting is always cheaper than buying.

    Just above full replicas one more is paid for that has next to nothing to do. From here on the full ones
    save what it costs.
    """
    cost = serving_gpu_hour_cost * HOURS_PER_DAY
    saved = _saved_by_gpu(serving_tokens_per_gpu_day, alternative_blended_per_mtok, cost)
    fixed = per_day(serving_fixed_cost_per_month)
    replica = serving_gpus_per_replica * cost
    replicas = round_up((replica + fixed) / (serving_gpus_per_replica * saved))
    return (replicas * replica + fixed) / alternative_blended_per_mtok * TOKENS_PER_MTOK


@formula("alternative.always_cheaper_tokens_per_day")
def always_cheaper(alternative_breakeven_tokens_per_day):
    """Tokens a day above which the fleet is cheaper than buying, at any volume that it can serve."""
    return alternative_breakeven_tokens_per_day


@formula("alternative.breakeven_price_multiplier", unit="×", worse="up")
def breakeven_price_multiplier(serving_bill_per_day, alternative_cost_per_day):
    """Factor on another seller's prices at which buying costs as much as self-hosting."""
    require(alternative_cost_per_day > 0, "given_away")
    return serving_bill_per_day / alternative_cost_per_day


@formula(
    "alternative.breakeven_utilization",
    unit="share",
    bounds=(0, None),
    unless_given=STATED_TOKEN_COST,
    worse="up",
)
def breakeven_utilization(
    serving_all_in_gpu_hour_cost, serving_seconds_per_traffic_token, alternative_blended_per_mtok
):
    """Utilization at which a token of the traffic costs another seller's price; above 1, it never does."""
    return (
        serving_all_in_gpu_hour_cost
        / SECONDS_PER_HOUR
        * serving_seconds_per_traffic_token
        * TOKENS_PER_MTOK
        / alternative_blended_per_mtok
    )


@formula("alternative.breakeven_gpu_hour_cost", unit="USD/GPU-hour", unless_given=STATED_COST, worse="down")
def breakeven_gpu_hour_cost(
    serving_gpu_hour_cost, serving_bill_per_day, serving_fixed_cost_per_month, alternative_cost_per_month
):
    """GPU-hour rate at which self-hosting costs as much as buying, at the same fixed cost."""
    require(alternative_cost_per_month >= serving_fixed_cost_per_month, "fixed_cost_alone")
    return (
        serving_gpu_hour_cost
        * (alternative_cost_per_month - serving_fixed_cost_per_month)
        / (per_month(serving_bill_per_day) - serving_fixed_cost_per_month)
    )

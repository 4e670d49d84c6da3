"""The profit on a million tokens, and what would have to change for them to break even."""

from __future__ import annotations

from llmcost.engine.arithmetic import require
from llmcost.formulas.vocabulary import SECONDS_PER_HOUR, TOKENS_PER_MTOK, formula

# A stated cost no longer depends on the GPU-hour rate or the utilization.
STATED_TOKEN_COST = (
    "serving.cost_per_mtok",
    "serving.cost_per_input_mtok",
    "serving.cost_per_output_mtok",
    "serving.busy_gpu_hour_cost",
)
STATED_COST = (
    *STATED_TOKEN_COST,
    "serving.cost_per_day",
    "serving.cost_per_month",
    "serving.all_in_gpu_hour_cost",
)


@formula("unit.gross_profit_per_mtok", unit="USD/Mtok", bounds=(None, None), worse="down")
def gross_profit(price_blended_per_mtok, serving_cost_per_mtok):
    """Price of a million tokens less the cost of serving them."""
    return price_blended_per_mtok - serving_cost_per_mtok


@formula("unit.gross_margin", unit="share", bounds=(None, 1), worse="down")
def gross_margin(price_blended_per_mtok, serving_cost_per_mtok):
    """Share of the price left after serving the tokens."""
    return 1 - serving_cost_per_mtok / price_blended_per_mtok


@formula(
    "unit.markup",
    unit="share",
    bounds=(-1, None),
    worse="down",
    reference="DeepSeek-V3/R1 Inference System Overview, github.com/deepseek-ai/open-infra-index",
)
def markup(price_blended_per_mtok, serving_cost_per_mtok):
    """Profit over serving cost: DeepSeek's "cost profit margin"."""
    return price_blended_per_mtok / serving_cost_per_mtok - 1


@formula("unit.breakeven_multiplier", unit="×", worse="up")
def breakeven_multiplier(price_blended_per_mtok, serving_cost_per_mtok):
    """Factor on the price that covers the serving cost."""
    return serving_cost_per_mtok / price_blended_per_mtok


@formula("unit.breakeven_gpu_hour_cost", unit="USD/GPU-hour", unless_given=STATED_COST, worse="down")
def breakeven_gpu_hour_cost_beside_fixed(
    serving_gpu_hour_cost,
    price_blended_per_mtok,
    serving_cost_per_mtok,
    serving_fixed_cost_per_month,
    serving_cost_per_month,
):
    """GPU-hour rate at which serving costs as much as it earns, at the same fixed cost."""
    require(
        price_blended_per_mtok * serving_cost_per_month
        >= serving_cost_per_mtok * serving_fixed_cost_per_month,
        "fixed_cost_alone",
    )
    return (
        serving_gpu_hour_cost
        * (
            price_blended_per_mtok * serving_cost_per_month
            - serving_cost_per_mtok * serving_fixed_cost_per_month
        )
        / (serving_cost_per_mtok * (serving_cost_per_month - serving_fixed_cost_per_month))
    )


@formula("unit.breakeven_gpu_hour_cost", unless_given=STATED_COST)
def breakeven_gpu_hour_cost(serving_gpu_hour_cost, price_blended_per_mtok, serving_cost_per_mtok):
    """GPU-hour rate at which serving costs as much as it earns."""
    return serving_gpu_hour_cost * price_blended_per_mtok / serving_cost_per_mtok


@formula(
    "unit.breakeven_utilization", unit="share", bounds=(0, None), unless_given=STATED_TOKEN_COST, worse="up"
)
def breakeven_utilization(serving_all_in_gpu_hour_cost, serving_seconds_per_token, price_blended_per_mtok):
    """Utilization at which serving costs as much as it earns; above 1, it never does."""
    return (
        serving_seconds_per_token
        * serving_all_in_gpu_hour_cost
        / SECONDS_PER_HOUR
        * TOKENS_PER_MTOK
        / price_blended_per_mtok
    )


@formula("unit.loaded_cost_per_mtok", unit="USD/Mtok", worse="up")
def loaded_cost(serving_cost_per_mtok, training_cost_per_mtok):
    """Serving and training cost of a million tokens."""
    return serving_cost_per_mtok + training_cost_per_mtok


@formula("unit.loaded_margin", unit="share", bounds=(None, 1), worse="down")
def loaded_margin(price_blended_per_mtok, unit_loaded_cost_per_mtok):
    """Share of the price left after serving the tokens and their share of training."""
    return 1 - unit_loaded_cost_per_mtok / price_blended_per_mtok


@formula("unit.loaded_breakeven_multiplier", unit="×", worse="up")
def loaded_breakeven_multiplier(price_blended_per_mtok, unit_loaded_cost_per_mtok):
    """Factor on the price that covers serving and training."""
    return unit_loaded_cost_per_mtok / price_blended_per_mtok

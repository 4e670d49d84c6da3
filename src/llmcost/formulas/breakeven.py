"""The price at which the numbers add up, for a company: at the boundary `total`, by payer and compute."""

from __future__ import annotations

from llmcost.engine.arithmetic import add, require, root_of
from llmcost.formulas.repricing import multiplier, profit
from llmcost.formulas.vocabulary import formula

EQUATION = "the m with (1 − s)·(R·m^(1−ε) + R₀) = V·m^−ε + F, where "


def _multiplier(repriced, kept, variable, fixed, elasticity, share):
    """Return the break-even multiplier of any kind of number."""
    return root_of(multiplier, profit, repriced, kept, variable, fixed, elasticity, share)


@formula("market.price_elasticity", unit="–")
def inelastic():
    """Demand does not answer to price, where no elasticity is stated."""
    return 0.0


@formula(
    "company.api_inference_share",
    unit="share",
    note="the API's share of the inference cost is taken from its share of revenue",
    stand_in="guess",
)
def api_inference_share(revenue_api_share):
    """Share of the inference cost that serves the API; its share of revenue, where none is stated."""
    return revenue_api_share


@formula("breakeven.kept_revenue", unit="USD", worse="down")
def kept_revenue(revenue_total, revenue_api):
    """Revenue that keeps its price where only the API is repriced."""
    return revenue_total - revenue_api


@formula("breakeven.api_inference", unit="USD", worse="up")
def api_inference(cost_inference, company_api_inference_share):
    """Inference cost of what the API serves."""
    return cost_inference * company_api_inference_share


@formula("breakeven.api_inference_at_market", unit="USD", worse="up")
def api_inference_at_market(cost_inference_at_market, company_api_inference_share):
    """Inference cost of what the API serves, at the market's GPU-hour rate."""
    return cost_inference_at_market * company_api_inference_share


@formula("breakeven.training_cost", unit="USD", worse="up")
def training_cost(cost_training, cost_data=None):
    """What the boundary `cogs+training` adds: training and data."""
    return add(cost_training, cost_data)


@formula("breakeven.training_cost_at_market", unit="USD", worse="up")
def training_cost_at_market(cost_training_at_market, cost_data=None):
    """What the boundary `cogs+training` adds, at the market's GPU-hour rate."""
    return add(cost_training_at_market, cost_data)


@formula("breakeven.cost", unit="USD", worse="up")
def cost_before_share(cost_total, company_revenue_share):
    """All cost besides the revenue share, which moves with revenue."""
    return cost_total - company_revenue_share


@formula("breakeven.cost", unit="USD", stand_in="guess")
def cost_without_share(cost_total):
    """All cost, where no revenue share is stated."""
    return cost_total


@formula("breakeven.cost_at_market", unit="USD", worse="up")
def cost_before_share_at_market(breakeven_cost, cost_total_at_market, cost_total):
    """All cost besides the revenue share, at the market's GPU-hour rate."""
    return breakeven_cost + cost_total_at_market - cost_total


@formula("breakeven.other_cost", unit="USD", worse="up")
def other_cost(breakeven_cost, cost_inference):
    """All cost besides inference and revenue share."""
    return breakeven_cost - cost_inference


@formula("breakeven.other_cost_at_market", unit="USD", worse="up")
def other_cost_at_market(breakeven_cost_at_market, cost_inference_at_market):
    """All cost besides inference and revenue share, at the market's GPU-hour rate."""
    return breakeven_cost_at_market - cost_inference_at_market


UNIFORM = EQUATION + "R = revenue.total, R₀ = 0, V = cost.inference, F = breakeven.other_cost"
API_ONLY = (
    EQUATION + "R = revenue.api, R₀ = breakeven.kept_revenue, V = breakeven.api_inference, "
    "F = cost.inference − V + breakeven.other_cost"
)
AT_MARKET = ", costs at the market rate"
ELASTIC = ("market.price_elasticity",)


@formula(
    "breakeven.uniform_multiplier",
    unit="×",
    text=UNIFORM,
    if_given=ELASTIC,
    worse="up",
    reference="constant elasticity of demand, Q ∝ P^−ε",
)
def uniform_multiplier(
    revenue_total,
    cost_inference,
    breakeven_other_cost,
    market_price_elasticity,
    company_revenue_share_rate,
):
    """What all prices must be multiplied by to cover all cost, demand answering."""
    return _multiplier(
        revenue_total,
        0.0,
        cost_inference,
        breakeven_other_cost,
        market_price_elasticity,
        company_revenue_share_rate,
    )


@formula("breakeven.uniform_multiplier", unit="×")
def inelastic_uniform_multiplier(
    breakeven_cost, company_revenue_share_rate, revenue_total, market_price_elasticity
):
    """What all prices must be multiplied by to cover all cost, demand not answering."""
    require(market_price_elasticity <= 0, "no_inference")
    require(company_revenue_share_rate < 1, "all_shared")
    return breakeven_cost / (1 - company_revenue_share_rate) / revenue_total


@formula(
    "breakeven.api_only_multiplier",
    unit="×",
    text=API_ONLY,
    if_given=ELASTIC,
    worse="up",
    reference="constant elasticity of demand, Q ∝ P^−ε",
)
def api_only_multiplier(
    revenue_api,
    breakeven_kept_revenue,
    breakeven_api_inference,
    cost_inference,
    breakeven_other_cost,
    market_price_elasticity,
    company_revenue_share_rate,
):
    """What the API's prices must be multiplied by to cover all cost, other prices kept, demand answering."""
    return _multiplier(
        revenue_api,
        breakeven_kept_revenue,
        breakeven_api_inference,
        cost_inference - breakeven_api_inference + breakeven_other_cost,
        market_price_elasticity,
        company_revenue_share_rate,
    )


@formula("breakeven.api_only_multiplier", unit="×")
def inelastic_api_only_multiplier(
    breakeven_cost, company_revenue_share_rate, breakeven_kept_revenue, revenue_api, market_price_elasticity
):
    """What the API's prices must be multiplied by to cover all cost, other prices kept."""
    require(market_price_elasticity <= 0, "no_inference")
    require(company_revenue_share_rate < 1, "all_shared")
    require(breakeven_cost > (1 - company_revenue_share_rate) * breakeven_kept_revenue, "already_covered")
    return (breakeven_cost / (1 - company_revenue_share_rate) - breakeven_kept_revenue) / revenue_api


@formula(
    "breakeven.uniform_multiplier_at_market",
    unit="×",
    text=UNIFORM + AT_MARKET,
    if_given=ELASTIC,
    worse="up",
    reference="constant elasticity of demand, Q ∝ P^−ε",
)
def uniform_multiplier_at_market(
    revenue_total,
    cost_inference_at_market,
    breakeven_other_cost_at_market,
    market_price_elasticity,
    company_revenue_share_rate,
):
    """What all prices must be multiplied by to cover all cost at the market's GPU-hour rate."""
    return _multiplier(
        revenue_total,
        0.0,
        cost_inference_at_market,
        breakeven_other_cost_at_market,
        market_price_elasticity,
        company_revenue_share_rate,
    )


@formula("breakeven.uniform_multiplier_at_market", unit="×")
def inelastic_uniform_multiplier_at_market(
    breakeven_cost_at_market, company_revenue_share_rate, revenue_total, market_price_elasticity
):
    """What all prices must be multiplied by to cover all cost at the market's rate, demand not answering."""
    require(market_price_elasticity <= 0, "no_inference")
    require(company_revenue_share_rate < 1, "all_shared")
    return breakeven_cost_at_market / (1 - company_revenue_share_rate) / revenue_total


@formula(
    "breakeven.api_only_multiplier_at_market",
    unit="×",
    text=API_ONLY + AT_MARKET,
    if_given=ELASTIC,
    worse="up",
    reference="constant elasticity of demand, Q ∝ P^−ε",
)
def api_only_multiplier_at_market(
    revenue_api,
    breakeven_kept_revenue,
    breakeven_api_inference_at_market,
    cost_inference_at_market,
    breakeven_other_cost_at_market,
    market_price_elasticity,
    company_revenue_share_rate,
):
    """What the API's prices must be multiplied by to cover all cost at the market's GPU-hour rate."""
    return _multiplier(
        revenue_api,
        breakeven_kept_revenue,
        breakeven_api_inference_at_market,
        cost_inference_at_market - breakeven_api_inference_at_market + breakeven_other_cost_at_market,
        market_price_elasticity,
        company_revenue_share_rate,
    )


@formula("breakeven.api_only_multiplier_at_market", unit="×")
def inelastic_api_only_multiplier_at_market(
    breakeven_cost_at_market,
    company_revenue_share_rate,
    breakeven_kept_revenue,
    revenue_api,
    market_price_elasticity,
):
    """What the API's prices must be multiplied by to cover all cost at the market's rate."""
    require(market_price_elasticity <= 0, "no_inference")
    require(company_revenue_share_rate < 1, "all_shared")
    require(
        breakeven_cost_at_market > (1 - company_revenue_share_rate) * breakeven_kept_revenue,
        "already_covered",
    )
    return (
        breakeven_cost_at_market / (1 - company_revenue_share_rate) - breakeven_kept_revenue
    ) / revenue_api

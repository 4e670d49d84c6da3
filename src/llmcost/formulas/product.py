"""A product built on tokens: what a unit of it costs and earns, and how many units break even.

A unit is whatever is charged for: a seat-month, a conversation, a request. Free units pay nothing and cost
a share of a paying unit's cost.
"""

from __future__ import annotations

from llmcost.engine.arithmetic import add, require
from llmcost.engine.units import Constant
from llmcost.formulas.price_list import SUPPLIER, UNIT
from llmcost.formulas.price_parts import (
    TOKEN_PARTS,
    cost_of_tokens,
    declare_defaults,
    declare_parts,
    declare_standard_share,
    tokens_of_requests,
)
from llmcost.formulas.vocabulary import ONE_MONTH, SAME, TOKENS_PER_MTOK, formula


@formula("product.revenue_share_rate")
def nothing_owed():
    """Share of the price owed to others; 0 unless stated."""
    return 0.0


for _which in ("input", "output"):
    formula(
        f"product.{_which}_tokens_per_unit",
        inputs=("product.requests_per_unit", f"product.{_which}_tokens_per_request"),
        about=f"{_which.capitalize()} of a unit, from its requests.",
    )(tokens_of_requests)


@formula("product.cached_input_share")
def no_cache_hits():
    """Share of input that hits the cache; 0 unless stated."""
    return 0.0


ONE_UNIT_A_REQUEST = Constant(1, "unit/request")

declare_defaults(SUPPLIER)
declare_standard_share(UNIT)
declare_parts("product", SUPPLIER, UNIT, worse="up")


@formula("product.supplier_price_multiplier", stand_in="rule")
def prices_as_stated():
    """Factor on the supplier's prices; 1 unless stated."""
    return SAME


@formula(
    "product.other_cost_per_unit", note="tokens only: no hosting, support or other variable cost is stated"
)
def no_other_cost():
    """Variable cost besides tokens; left out unless stated."""
    return 0.0


@formula("product.free_usage_share")
def free_as_paying():
    """Cost of a free unit, as a share of the cost of a paying one; 1 unless stated."""
    return SAME


@formula("product.net_price_per_unit", unit="USD/unit")
def net_price(product_price_per_unit, product_revenue_share_rate):
    """Price left after the shares owed to others."""
    return product_price_per_unit * (1 - product_revenue_share_rate)


@formula("product.tokens_per_unit", unit="tok/unit", worse="up")
def tokens_per_unit(product_input_tokens_per_unit, product_output_tokens_per_unit):
    """All tokens of a unit, input and output."""
    return product_input_tokens_per_unit + product_output_tokens_per_unit


_PRICED = (
    "product.cached_input_share",
    "product.input_cost_per_mtok",
    "product.cached_input_cost_per_mtok",
    "product.output_cost_per_mtok",
)
_PARTS = tuple(f"product.{part}" for part in TOKEN_PARTS)


@formula(
    "product.fees_per_unit",
    unit="USD/unit",
    worse="up",
    inputs=("product.fees_per_request", "product.requests_per_unit"),
    optional=("product.requests_per_unit",),
    detail=True,
)
def fees_of_unit(fees, requests):
    """Cost of a unit's requests on top of their tokens."""
    if requests is None:
        require(fees <= 0, "requests_unknown")
        return fees / ONE_UNIT_A_REQUEST
    return fees * requests


@formula(
    "product.base_token_cost_per_unit",
    unit="USD/unit",
    worse="up",
    inputs=(
        "product.input_tokens_per_unit",
        "product.output_tokens_per_unit",
        *_PRICED,
        *_PARTS,
        "product.fees_per_unit",
    ),
    optional=(*_PARTS, "product.fees_per_unit"),
)
def base_token_cost(input_tokens, output_tokens, *prices):
    """Token cost of a unit at the supplier's stated prices, fees included."""
    *token_prices, fees = prices
    return add(cost_of_tokens(input_tokens, output_tokens, *token_prices) / TOKENS_PER_MTOK, fees)


@formula("product.token_cost_per_unit", unit="USD/unit", worse="up")
def token_cost(product_base_token_cost_per_unit, product_supplier_price_multiplier):
    """Token cost of a unit, with the factor on the supplier's prices."""
    return product_base_token_cost_per_unit * product_supplier_price_multiplier


@formula(
    "product.token_cost_per_request",
    unit="USD/request",
    worse="up",
    inputs=(
        "product.supplier_price_multiplier",
        "product.input_tokens_per_request",
        "product.output_tokens_per_request",
        *_PRICED,
        *_PARTS,
        "product.fees_per_request",
    ),
    optional=(*_PARTS, "product.fees_per_request"),
)
def token_cost_of_request(multiplier, input_tokens, output_tokens, *prices):
    """Token cost of a request, with the factor on the supplier's prices, fees included."""
    return base_token_cost(input_tokens, output_tokens, *prices) * multiplier


@formula("product.variable_cost_per_unit", unit="USD/unit", worse="up")
def variable_cost(product_token_cost_per_unit, product_other_cost_per_unit):
    """Cost of one more unit: tokens and other variable cost."""
    return product_token_cost_per_unit + product_other_cost_per_unit


@formula("product.contribution_per_unit", unit="USD/unit", bounds=(None, None), worse="down")
def contribution(product_net_price_per_unit, product_variable_cost_per_unit):
    """Profit of a paying unit before fixed cost and free units."""
    return product_net_price_per_unit - product_variable_cost_per_unit


@formula("product.gross_margin", unit="share", bounds=(None, 1), worse="down")
def gross_margin(product_contribution_per_unit, product_price_per_unit):
    """Share of the price left after a paying unit's cost, free units not counted."""
    return product_contribution_per_unit / product_price_per_unit


@formula("product.units_carried", unit="×", bounds=(1, None), worse="up")
def units_carried(product_paying_share, product_free_usage_share):
    """Units whose cost a paying one carries: itself and its share of the free ones."""
    return 1 + (1 - product_paying_share) / product_paying_share * product_free_usage_share


@formula("product.blended_contribution_per_unit", unit="USD/unit", bounds=(None, None), worse="down")
def blended_contribution(product_net_price_per_unit, product_variable_cost_per_unit, product_units_carried):
    """Profit of a paying unit after its share of the free ones, before fixed cost."""
    return product_net_price_per_unit - product_variable_cost_per_unit * product_units_carried


@formula("product.blended_margin", unit="share", bounds=(None, 1), worse="down")
def blended_margin(product_blended_contribution_per_unit, product_price_per_unit):
    """Share of revenue left after the variable cost of all units, free ones included."""
    return product_blended_contribution_per_unit / product_price_per_unit


@formula("product.paying_units_per_month", unit="unit/month", worse="down", adds=True)
def paying_units(product_units_per_month, product_paying_share):
    """Paying units a month."""
    return product_units_per_month * product_paying_share


@formula("product.revenue_per_month", unit="USD/month", worse="down", adds=True)
def revenue(product_paying_units_per_month, product_price_per_unit):
    """Monthly revenue from the paying units."""
    return product_paying_units_per_month * product_price_per_unit


@formula("product.contribution_per_month", unit="USD/month", bounds=(None, None), worse="down", adds=True)
def contribution_per_month(product_paying_units_per_month, product_blended_contribution_per_unit):
    """Monthly profit after the variable cost of all units, before fixed cost."""
    return product_paying_units_per_month * product_blended_contribution_per_unit


@formula(
    "product.acquisition_cost_per_month",
    unit="USD/month",
    if_given=("product.paying_share",),
    worse="up",
    adds=True,
)
def acquisition(product_new_units_per_month, product_paying_share, product_acquisition_cost_per_unit):
    """Cost of winning a month's new units; free units cost nothing to win."""
    return product_new_units_per_month * product_paying_share * product_acquisition_cost_per_unit


@formula("product.acquisition_cost_per_month", note="all new units are assumed to pay")
def acquisition_of_all(product_new_units_per_month, product_acquisition_cost_per_unit):
    """Cost of winning a month's new units."""
    return product_new_units_per_month * product_acquisition_cost_per_unit


@formula("product.overhead_per_month", unit="USD/month", worse="up", adds=True)
def overhead_with_acquisition(product_fixed_cost_per_month, product_acquisition_cost_per_month):
    """Monthly cost that does not depend on the units there are: fixed cost, and winning new units."""
    return product_fixed_cost_per_month + product_acquisition_cost_per_month


@formula("product.overhead_per_month")
def overhead(product_fixed_cost_per_month):
    """Monthly cost that does not depend on the units there are."""
    return product_fixed_cost_per_month


@formula("product.cost_per_month", unit="USD/month", worse="up", adds=True)
def cost(
    product_paying_units_per_month,
    product_variable_cost_per_unit,
    product_units_carried,
    product_price_per_unit,
    product_revenue_share_rate,
    product_overhead_per_month,
):
    """All cost of a month: variable, owed on the price, fixed, and for winning new units."""
    return (
        product_paying_units_per_month
        * (
            product_variable_cost_per_unit * product_units_carried
            + product_price_per_unit * product_revenue_share_rate
        )
        + product_overhead_per_month
    )


@formula("product.profit_per_month", unit="USD/month", bounds=(None, None), worse="down", adds=True)
def profit(product_contribution_per_month, product_overhead_per_month):
    """Monthly profit after all cost."""
    return product_contribution_per_month - product_overhead_per_month


@formula("product.breakeven_paying_units_per_month", unit="unit/month", worse="up")
def breakeven_paying_units(product_overhead_per_month, product_blended_contribution_per_unit):
    """Paying units a month that cover the fixed cost, with free ones growing in proportion."""
    require(product_blended_contribution_per_unit > 0, "loses_per_unit")
    return product_overhead_per_month / product_blended_contribution_per_unit


@formula("product.breakeven_units_per_month", unit="unit/month", worse="up")
def breakeven_units(product_breakeven_paying_units_per_month, product_paying_share):
    """Units a month, free ones included, that cover the fixed cost at today's paying share."""
    return product_breakeven_paying_units_per_month / product_paying_share


def _paid_for(net, other, tokens):
    """Return how often a price pays for a unit's tokens, after it has paid the other cost."""
    require(tokens > 0, "tokens_cost_nothing")
    require(net >= other, "loses_without_tokens")
    return (net - other) / tokens


@formula(
    "product.breakeven_usage_multiplier",
    unit="×",
    unless_given=("product.variable_cost_per_unit",),
    worse="down",
)
def breakeven_usage(product_net_price_per_unit, product_other_cost_per_unit, product_token_cost_per_unit):
    """Factor on a paying unit's tokens at which it begins to lose money."""
    return _paid_for(product_net_price_per_unit, product_other_cost_per_unit, product_token_cost_per_unit)


@formula("product.breakeven_tokens_per_unit", unit="tok/unit", worse="down")
def breakeven_tokens(product_tokens_per_unit, product_breakeven_usage_multiplier):
    """Tokens, in the unit's own mix, above which a paying unit loses money."""
    return product_tokens_per_unit * product_breakeven_usage_multiplier


@formula("product.breakeven_requests_per_unit", unit="request/unit", worse="down")
def breakeven_requests(
    product_net_price_per_unit, product_other_cost_per_unit, product_token_cost_per_request
):
    """Requests above which a paying unit loses money."""
    return _paid_for(product_net_price_per_unit, product_other_cost_per_unit, product_token_cost_per_request)


@formula("product.lifetime_months", unit="month", worse="down")
def lifetime(product_churn_per_month):
    """Average months that a unit stays, at this churn."""
    require(product_churn_per_month > 0, "nobody_leaves")
    return 1 / product_churn_per_month


@formula("product.lifetime_value", unit="USD/unit", bounds=(None, None), worse="down")
def lifetime_value(product_blended_contribution_per_unit, product_lifetime_months):
    """Profit of a paying unit over its life, after its share of the free ones."""
    return product_blended_contribution_per_unit * product_lifetime_months / ONE_MONTH


@formula("product.lifetime_value", note="no free units counted: product.paying_share is not stated")
def lifetime_value_of_paying(product_contribution_per_unit, product_lifetime_months):
    """Profit of a paying unit over its life, free ones not counted."""
    return product_contribution_per_unit * product_lifetime_months / ONE_MONTH


@formula("product.ltv_to_cac", unit="×", bounds=(None, None), worse="down")
def ltv_to_cac(product_lifetime_value, product_acquisition_cost_per_unit):
    """Lifetime value of a paying unit for each dollar of acquisition cost."""
    return product_lifetime_value / product_acquisition_cost_per_unit


@formula("product.cac_payback_months", unit="month", worse="up")
def cac_payback(product_acquisition_cost_per_unit, product_blended_contribution_per_unit):
    """Months until a paying unit's profit has paid for winning it."""
    require(product_blended_contribution_per_unit > 0, "loses_per_unit")
    return product_acquisition_cost_per_unit / product_blended_contribution_per_unit * ONE_MONTH


@formula("product.cac_payback_months", note="no free units counted: product.paying_share is not stated")
def cac_payback_of_paying(product_acquisition_cost_per_unit, product_contribution_per_unit):
    """Months until a paying unit's profit has paid for winning it, free ones not counted."""
    require(product_contribution_per_unit > 0, "loses_per_unit")
    return product_acquisition_cost_per_unit / product_contribution_per_unit * ONE_MONTH

"""A product built on tokens: what a unit of it earns, and what rise of its supplier's prices it survives.

A unit is whatever is charged for: a seat-month, a conversation, a request. Free units pay nothing and cost
a share of what a paying one does. A multiplier that a product survives is one of the supplier's prices as
they are stated; below 1 the product loses money as it stands, and they would have to fall to that.
"""

from __future__ import annotations

from llmcost.engine.arithmetic import require, root_of
from llmcost.formulas.pass_through import ANY_RISE, largest_rise, loss
from llmcost.formulas.vocabulary import SAME, TOKENS_PER_MTOK, formula

NO_TOKEN_COST = "its tokens cost nothing"
LOSES_WITHOUT_TOKENS = "loses money even if its tokens cost nothing"
MISSES_WITHOUT_TOKENS = "misses the target even if its tokens cost nothing"
LOSES_PER_UNIT = "each paying unit loses money, its share of free ones included"
NOTHING_CHARGED = "nothing is charged for a unit"
NO_PRICE_LEFT = "the fall that is passed on leaves no price"
NO_FREE_UNITS = "no free units counted: product.paying_share is not stated"
ELASTIC = ("market.price_elasticity",)

# A cost that is stated no longer moves with the supplier's prices.
STATED_COST = ("product.token_cost_per_unit", "product.variable_cost_per_unit")


@formula("product.revenue_share_rate", unit="share")
def nothing_owed():
    """Owed to others on each dollar of the price; nothing, where nothing is stated."""
    return 0.0


@formula("product.input_tokens_per_unit", unit="tok/unit")
def input_tokens_of_requests(product_requests_per_unit, product_input_tokens_per_request):
    """Input of a unit, from its requests."""
    return product_requests_per_unit * product_input_tokens_per_request


@formula("product.output_tokens_per_unit", unit="tok/unit")
def output_tokens_of_requests(product_requests_per_unit, product_output_tokens_per_request):
    """Output of a unit, from its requests."""
    return product_requests_per_unit * product_output_tokens_per_request


@formula("product.cached_input_share", unit="share")
def no_cache_hits():
    """Share of input that hits the cache; none is assumed where none is stated."""
    return 0.0


@formula(
    "product.cached_input_cost_per_mtok",
    unit="USD/Mtok",
    note="no cache price: cached input at the input price",
)
def cached_input_cost(product_input_cost_per_mtok):
    """What cache-hit input costs; without a price of its own, what uncached input does."""
    return product_input_cost_per_mtok


@formula("product.supplier_price_multiplier", unit="×")
def prices_as_stated():
    """What the supplier's prices are multiplied by; 1 where nothing is stated."""
    return SAME


@formula(
    "product.other_cost_per_unit",
    unit="USD/unit",
    note="tokens only: no hosting, support or other variable cost is stated",
)
def no_other_cost():
    """Variable cost besides tokens; left out where none is stated."""
    return 0.0


@formula("product.free_usage_share", unit="share")
def free_as_paying():
    """What a free unit costs, as a share of what a paying one does; as much, where nothing is stated."""
    return SAME


@formula("product.net_price_per_unit", unit="USD/unit")
def net_price(product_price_per_unit, product_revenue_share_rate):
    """What is left of the price after what is owed to others on it."""
    return product_price_per_unit * (1 - product_revenue_share_rate)


@formula("product.tokens_per_unit", unit="tok/unit", worse="up")
def tokens_per_unit(product_input_tokens_per_unit, product_output_tokens_per_unit):
    """All tokens of a unit, input and output."""
    return product_input_tokens_per_unit + product_output_tokens_per_unit


@formula("product.base_token_cost_per_unit", unit="USD/unit", worse="up")
def base_token_cost(
    product_input_tokens_per_unit,
    product_output_tokens_per_unit,
    product_cached_input_share,
    product_input_cost_per_mtok,
    product_cached_input_cost_per_mtok,
    product_output_cost_per_mtok,
):
    """Token cost of a unit at the supplier's prices as they are stated."""
    return (
        product_input_tokens_per_unit
        * (
            (1 - product_cached_input_share) * product_input_cost_per_mtok
            + product_cached_input_share * product_cached_input_cost_per_mtok
        )
        + product_output_tokens_per_unit * product_output_cost_per_mtok
    ) / TOKENS_PER_MTOK


@formula("product.token_cost_per_unit", unit="USD/unit", worse="up")
def token_cost(product_base_token_cost_per_unit, product_supplier_price_multiplier):
    """Token cost of a unit, the supplier's prices multiplied."""
    return product_base_token_cost_per_unit * product_supplier_price_multiplier


@formula("product.token_cost_per_request", unit="USD/request", worse="up")
def token_cost_of_request(
    product_input_tokens_per_request,
    product_output_tokens_per_request,
    product_cached_input_share,
    product_input_cost_per_mtok,
    product_cached_input_cost_per_mtok,
    product_output_cost_per_mtok,
    product_supplier_price_multiplier,
):
    """Token cost of a request, the supplier's prices multiplied."""
    return (
        (
            product_input_tokens_per_request
            * (
                (1 - product_cached_input_share) * product_input_cost_per_mtok
                + product_cached_input_share * product_cached_input_cost_per_mtok
            )
            + product_output_tokens_per_request * product_output_cost_per_mtok
        )
        / TOKENS_PER_MTOK
        * product_supplier_price_multiplier
    )


@formula("product.variable_cost_per_unit", unit="USD/unit", worse="up")
def variable_cost(product_token_cost_per_unit, product_other_cost_per_unit):
    """What one more unit costs: its tokens and the rest."""
    return product_token_cost_per_unit + product_other_cost_per_unit


@formula("product.contribution_per_unit", unit="USD/unit", bounds=(None, None), worse="down")
def contribution(product_net_price_per_unit, product_variable_cost_per_unit):
    """What a paying unit leaves, free ones not counted."""
    return product_net_price_per_unit - product_variable_cost_per_unit


@formula("product.gross_margin", unit="share", bounds=(None, 1), worse="down")
def gross_margin(product_contribution_per_unit, product_price_per_unit):
    """Share of the price that a paying unit leaves, free ones not counted."""
    return product_contribution_per_unit / product_price_per_unit


@formula("product.units_carried", unit="×", bounds=(1, None), worse="up")
def units_carried(product_paying_share, product_free_usage_share):
    """Units that a paying one carries the cost of: itself and its share of the free ones."""
    return 1 + (1 - product_paying_share) / product_paying_share * product_free_usage_share


@formula("product.blended_contribution_per_unit", unit="USD/unit", bounds=(None, None), worse="down")
def blended_contribution(product_net_price_per_unit, product_variable_cost_per_unit, product_units_carried):
    """What a paying unit leaves once it has paid for its share of the free ones."""
    return product_net_price_per_unit - product_variable_cost_per_unit * product_units_carried


@formula("product.blended_margin", unit="share", bounds=(None, 1), worse="down")
def blended_margin(product_blended_contribution_per_unit, product_price_per_unit):
    """Share of revenue left after the variable cost of all units, free ones included."""
    return product_blended_contribution_per_unit / product_price_per_unit


@formula("product.paying_units_per_month", unit="unit/month", worse="down")
def paying_units(product_units_per_month, product_paying_share):
    """Units of a month that are paid for."""
    return product_units_per_month * product_paying_share


@formula("product.revenue_per_month", unit="USD/month", worse="down")
def revenue(product_paying_units_per_month, product_price_per_unit):
    """What the paying units bring in a month."""
    return product_paying_units_per_month * product_price_per_unit


@formula("product.contribution_per_month", unit="USD/month", bounds=(None, None), worse="down")
def contribution_per_month(product_paying_units_per_month, product_blended_contribution_per_unit):
    """What a month leaves after the variable cost of all units, before fixed cost."""
    return product_paying_units_per_month * product_blended_contribution_per_unit


@formula("product.cost_per_month", unit="USD/month", worse="up")
def cost(
    product_paying_units_per_month,
    product_variable_cost_per_unit,
    product_units_carried,
    product_price_per_unit,
    product_revenue_share_rate,
    product_fixed_cost_per_month,
):
    """All cost of a month: variable, owed on the price, and fixed."""
    return (
        product_paying_units_per_month
        * (
            product_variable_cost_per_unit * product_units_carried
            + product_price_per_unit * product_revenue_share_rate
        )
        + product_fixed_cost_per_month
    )


@formula("product.profit_per_month", unit="USD/month", bounds=(None, None), worse="down")
def profit(product_contribution_per_month, product_fixed_cost_per_month):
    """What a month leaves after all cost."""
    return product_contribution_per_month - product_fixed_cost_per_month


@formula("product.breakeven_paying_units_per_month", unit="unit/month", worse="up")
def breakeven_paying_units(product_fixed_cost_per_month, product_blended_contribution_per_unit):
    """Paying units of a month that cover the fixed cost, the free ones growing along."""
    require(product_blended_contribution_per_unit > 0, LOSES_PER_UNIT)
    return product_fixed_cost_per_month / product_blended_contribution_per_unit


@formula("product.breakeven_units_per_month", unit="unit/month", worse="up")
def breakeven_units(product_breakeven_paying_units_per_month, product_paying_share):
    """All units of a month, free ones included, that cover the fixed cost at today's paying share."""
    return product_breakeven_paying_units_per_month / product_paying_share


@formula(
    "product.breakeven_usage_multiplier",
    unit="×",
    unless_given=("product.variable_cost_per_unit",),
    worse="down",
)
def breakeven_usage(product_net_price_per_unit, product_other_cost_per_unit, product_token_cost_per_unit):
    """What a paying unit's tokens may be multiplied by before it loses money."""
    require(product_token_cost_per_unit > 0, NO_TOKEN_COST)
    require(product_net_price_per_unit >= product_other_cost_per_unit, LOSES_WITHOUT_TOKENS)
    return (product_net_price_per_unit - product_other_cost_per_unit) / product_token_cost_per_unit


@formula("product.breakeven_tokens_per_unit", unit="tok/unit", worse="down")
def breakeven_tokens(product_tokens_per_unit, product_breakeven_usage_multiplier):
    """Tokens, in the unit's own mix, from which on a paying unit loses money."""
    return product_tokens_per_unit * product_breakeven_usage_multiplier


@formula("product.breakeven_requests_per_unit", unit="request/unit", worse="down")
def breakeven_requests(
    product_net_price_per_unit, product_other_cost_per_unit, product_token_cost_per_request
):
    """Requests from which on a paying unit loses money."""
    require(product_token_cost_per_request > 0, NO_TOKEN_COST)
    require(product_net_price_per_unit >= product_other_cost_per_unit, LOSES_WITHOUT_TOKENS)
    return (product_net_price_per_unit - product_other_cost_per_unit) / product_token_cost_per_request


@formula("product.survivable_multiplier", unit="×", unless_given=STATED_COST, worse="down")
def survivable(product_net_price_per_unit, product_other_cost_per_unit, product_base_token_cost_per_unit):
    """What the supplier's prices may be multiplied by before a paying unit loses money."""
    require(product_base_token_cost_per_unit > 0, ANY_RISE)
    require(product_net_price_per_unit >= product_other_cost_per_unit, LOSES_WITHOUT_TOKENS)
    return (product_net_price_per_unit - product_other_cost_per_unit) / product_base_token_cost_per_unit


@formula("product.survivable_multiplier_blended", unit="×", unless_given=STATED_COST, worse="down")
def survivable_blended(
    product_net_price_per_unit,
    product_units_carried,
    product_other_cost_per_unit,
    product_base_token_cost_per_unit,
):
    """What the supplier's prices may be multiplied by before all units lose money, free ones included."""
    require(product_base_token_cost_per_unit > 0, ANY_RISE)
    require(
        product_net_price_per_unit >= product_other_cost_per_unit * product_units_carried,
        LOSES_WITHOUT_TOKENS,
    )
    return (
        product_net_price_per_unit / product_units_carried - product_other_cost_per_unit
    ) / product_base_token_cost_per_unit


@formula("product.survivable_multiplier_at_target", unit="×", unless_given=STATED_COST, worse="down")
def survivable_at_target(
    product_net_price_per_unit,
    product_target_margin,
    product_price_per_unit,
    product_units_carried,
    product_other_cost_per_unit,
    product_base_token_cost_per_unit,
):
    """What the supplier's prices may be multiplied by before the target margin is missed."""
    require(product_base_token_cost_per_unit > 0, ANY_RISE)
    require(
        product_net_price_per_unit - product_target_margin * product_price_per_unit
        >= product_other_cost_per_unit * product_units_carried,
        MISSES_WITHOUT_TOKENS,
    )
    return (
        (product_net_price_per_unit - product_target_margin * product_price_per_unit) / product_units_carried
        - product_other_cost_per_unit
    ) / product_base_token_cost_per_unit


@formula("product.survivable_multiplier_at_target", unit="×", unless_given=STATED_COST, note=NO_FREE_UNITS)
def survivable_at_target_of_unit(
    product_net_price_per_unit,
    product_target_margin,
    product_price_per_unit,
    product_other_cost_per_unit,
    product_base_token_cost_per_unit,
):
    """What the supplier's prices may be multiplied by before a paying unit misses the target margin."""
    require(product_base_token_cost_per_unit > 0, ANY_RISE)
    require(
        product_net_price_per_unit - product_target_margin * product_price_per_unit
        >= product_other_cost_per_unit,
        MISSES_WITHOUT_TOKENS,
    )
    return (
        product_net_price_per_unit
        - product_target_margin * product_price_per_unit
        - product_other_cost_per_unit
    ) / product_base_token_cost_per_unit


@formula("product.survivable_multiplier_after_fixed", unit="×", unless_given=STATED_COST, worse="down")
def survivable_after_fixed(
    product_net_price_per_unit,
    product_fixed_cost_per_month,
    product_paying_units_per_month,
    product_units_carried,
    product_other_cost_per_unit,
    product_base_token_cost_per_unit,
):
    """What the supplier's prices may be multiplied by before a month loses money, fixed cost included."""
    require(product_base_token_cost_per_unit > 0, ANY_RISE)
    require(
        product_net_price_per_unit - product_fixed_cost_per_month / product_paying_units_per_month
        >= product_other_cost_per_unit * product_units_carried,
        LOSES_WITHOUT_TOKENS,
    )
    return (
        (product_net_price_per_unit - product_fixed_cost_per_month / product_paying_units_per_month)
        / product_units_carried
        - product_other_cost_per_unit
    ) / product_base_token_cost_per_unit


@formula("product.passed_on_price_per_unit", unit="USD/unit")
def passed_on_price(
    product_price_per_unit,
    product_pass_through_share,
    product_supplier_price_multiplier,
    product_base_token_cost_per_unit,
):
    """The price with a share of the rise of a unit's token cost passed on."""
    return (
        product_price_per_unit
        + product_pass_through_share
        * (product_supplier_price_multiplier - 1)
        * product_base_token_cost_per_unit
    )


@formula("product.passed_on_volume", unit="×", if_given=ELASTIC, worse="down")
def passed_on_volume(product_passed_on_price_per_unit, product_price_per_unit, market_price_elasticity):
    """What is left of the paying units once customers have answered to the price passed on."""
    require(product_price_per_unit > 0, NOTHING_CHARGED)
    require(product_passed_on_price_per_unit > 0, NO_PRICE_LEFT)
    return (product_passed_on_price_per_unit / product_price_per_unit) ** (-market_price_elasticity)


@formula("product.passed_on_profit_per_month", unit="USD/month", bounds=(None, None), worse="down")
def passed_on_profit(
    product_paying_units_per_month,
    product_passed_on_volume,
    product_passed_on_price_per_unit,
    product_revenue_share_rate,
    product_variable_cost_per_unit,
    product_units_carried,
    product_fixed_cost_per_month,
):
    """What a month leaves with the rise passed on: payers answer to the price, free units stay."""
    return (
        product_paying_units_per_month
        * (
            product_passed_on_volume
            * (
                product_passed_on_price_per_unit * (1 - product_revenue_share_rate)
                - product_variable_cost_per_unit
            )
            - (product_units_carried - 1) * product_variable_cost_per_unit
        )
        - product_fixed_cost_per_month
    )


def loss_per_month(
    times,
    product_paying_units_per_month,
    product_price_per_unit,
    product_revenue_share_rate,
    product_base_token_cost_per_unit,
    product_other_cost_per_unit,
    product_units_carried,
    product_pass_through_share,
    market_price_elasticity,
    product_fixed_cost_per_month,
):
    """Loss of a month at a multiple of the supplier's prices, a share of the rise passed on."""
    return loss(
        times,
        product_paying_units_per_month,
        product_price_per_unit,
        product_revenue_share_rate,
        product_base_token_cost_per_unit,
        product_other_cost_per_unit,
        product_units_carried,
        product_pass_through_share,
        market_price_elasticity,
        product_fixed_cost_per_month,
    )


def loss_per_unit(
    times,
    product_price_per_unit,
    product_revenue_share_rate,
    product_base_token_cost_per_unit,
    product_other_cost_per_unit,
    product_units_carried,
    product_pass_through_share,
    market_price_elasticity,
):
    """Loss of a paying unit of today at a multiple of the supplier's prices, free ones included."""
    return loss(
        times,
        SAME,
        product_price_per_unit,
        product_revenue_share_rate,
        product_base_token_cost_per_unit,
        product_other_cost_per_unit,
        product_units_carried,
        product_pass_through_share,
        market_price_elasticity,
        0 * product_price_per_unit,
    )


EQUATION = (
    "the m with N·((P/p)^−ε·((1 − s)·P − v) − (k − 1)·v) = {fixed}, where P = p + φ·(m − 1)·t, v = m·t + o, "
    "p = product.price_per_unit, φ = product.pass_through_share, t = product.base_token_cost_per_unit, "
    "o = product.other_cost_per_unit, ε = market.price_elasticity, s = product.revenue_share_rate, "
    "k = product.units_carried, {units}"
)


@formula(
    "product.survivable_multiplier_passed_on",
    unit="×",
    unless_given=STATED_COST,
    text=EQUATION.format(
        fixed="F", units="N = product.paying_units_per_month, F = product.fixed_cost_per_month"
    ),
    residual=loss_per_month,
    if_given=ELASTIC,
    worse="down",
)
def survivable_passed_on(
    product_paying_units_per_month,
    product_price_per_unit,
    product_revenue_share_rate,
    product_base_token_cost_per_unit,
    product_other_cost_per_unit,
    product_units_carried,
    product_pass_through_share,
    market_price_elasticity,
    product_fixed_cost_per_month,
):
    """What the supplier's prices may be multiplied by before a month loses money, a share passed on."""
    arguments = (
        product_paying_units_per_month,
        product_price_per_unit,
        product_revenue_share_rate,
        product_base_token_cost_per_unit,
        product_other_cost_per_unit,
        product_units_carried,
        product_pass_through_share,
        market_price_elasticity,
        product_fixed_cost_per_month,
    )
    return root_of(largest_rise, loss, *arguments, possible=loss(1.0, *arguments) <= 0)


@formula(
    "product.survivable_multiplier_passed_on",
    unit="×",
    unless_given=STATED_COST,
    note="no fixed cost counted: none is stated",
    text=EQUATION.format(fixed="0", units="N = 1"),
    residual=loss_per_unit,
    if_given=ELASTIC,
)
def survivable_passed_on_before_fixed(
    product_price_per_unit,
    product_revenue_share_rate,
    product_base_token_cost_per_unit,
    product_other_cost_per_unit,
    product_units_carried,
    product_pass_through_share,
    market_price_elasticity,
):
    """What the supplier's prices may be multiplied by before all units lose money, a share passed on."""
    arguments = (
        1.0,
        product_price_per_unit,
        product_revenue_share_rate,
        product_base_token_cost_per_unit,
        product_other_cost_per_unit,
        product_units_carried,
        product_pass_through_share,
        market_price_elasticity,
        0.0,
    )
    return root_of(largest_rise, loss, *arguments, possible=loss(1.0, *arguments) <= 0)

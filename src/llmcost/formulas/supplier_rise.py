"""What rise of its supplier's prices a product survives, alone and with a share of it passed on.

A multiplier that a product survives is one of the supplier's prices as they are stated; below 1 the product
loses money as it stands, and they would have to fall to that.
"""

from __future__ import annotations

from llmcost.engine.arithmetic import require, root_of
from llmcost.formulas.pass_through import largest_rise, loss
from llmcost.formulas.vocabulary import formula

NO_FREE_UNITS = "no free units counted: product.paying_share is not stated"
ELASTIC = ("market.price_elasticity",)

# A cost that is stated no longer moves with the supplier's prices.
STATED_COST = ("product.token_cost_per_unit", "product.variable_cost_per_unit")


@formula("product.survivable_multiplier", unit="×", unless_given=STATED_COST, worse="down")
def survivable(product_net_price_per_unit, product_other_cost_per_unit, product_base_token_cost_per_unit):
    """Factor on the supplier's prices at which a paying unit begins to lose money."""
    require(product_base_token_cost_per_unit > 0, "any_rise")
    require(product_net_price_per_unit >= product_other_cost_per_unit, "loses_without_tokens")
    return (product_net_price_per_unit - product_other_cost_per_unit) / product_base_token_cost_per_unit


@formula("product.survivable_multiplier_blended", unit="×", unless_given=STATED_COST, worse="down")
def survivable_blended(
    product_net_price_per_unit,
    product_units_carried,
    product_other_cost_per_unit,
    product_base_token_cost_per_unit,
):
    """Factor on the supplier's prices at which all units together begin to lose money, free ones included."""
    require(product_base_token_cost_per_unit > 0, "any_rise")
    require(
        product_net_price_per_unit >= product_other_cost_per_unit * product_units_carried,
        "loses_without_tokens",
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
    """Factor on the supplier's prices at which the target margin is just met."""
    require(product_base_token_cost_per_unit > 0, "any_rise")
    require(
        product_net_price_per_unit - product_target_margin * product_price_per_unit
        >= product_other_cost_per_unit * product_units_carried,
        "misses_without_tokens",
    )
    return (
        (product_net_price_per_unit - product_target_margin * product_price_per_unit) / product_units_carried
        - product_other_cost_per_unit
    ) / product_base_token_cost_per_unit


@formula("product.survivable_multiplier_at_target", unless_given=STATED_COST, note=NO_FREE_UNITS)
def survivable_at_target_of_unit(
    product_net_price_per_unit,
    product_target_margin,
    product_price_per_unit,
    product_other_cost_per_unit,
    product_base_token_cost_per_unit,
):
    """What the supplier's prices may be multiplied by before a paying unit misses the target margin."""
    require(product_base_token_cost_per_unit > 0, "any_rise")
    require(
        product_net_price_per_unit - product_target_margin * product_price_per_unit
        >= product_other_cost_per_unit,
        "misses_without_tokens",
    )
    return (
        product_net_price_per_unit
        - product_target_margin * product_price_per_unit
        - product_other_cost_per_unit
    ) / product_base_token_cost_per_unit


@formula("product.survivable_multiplier_after_fixed", unit="×", unless_given=STATED_COST, worse="down")
def survivable_after_fixed(
    product_net_price_per_unit,
    product_overhead_per_month,
    product_paying_units_per_month,
    product_units_carried,
    product_other_cost_per_unit,
    product_base_token_cost_per_unit,
):
    """Factor on the supplier's prices at which a month begins to lose money, fixed cost included."""
    require(product_base_token_cost_per_unit > 0, "any_rise")
    require(
        product_net_price_per_unit - product_overhead_per_month / product_paying_units_per_month
        >= product_other_cost_per_unit * product_units_carried,
        "loses_without_tokens",
    )
    return (
        (product_net_price_per_unit - product_overhead_per_month / product_paying_units_per_month)
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
    """Price of a unit after passing on a share of the rise in its token cost."""
    return (
        product_price_per_unit
        + product_pass_through_share
        * (product_supplier_price_multiplier - 1)
        * product_base_token_cost_per_unit
    )


@formula(
    "product.passed_on_volume",
    unit="×",
    if_given=ELASTIC,
    worse="down",
    reference="constant elasticity of demand, Q ∝ P^−ε",
)
def passed_on_volume(product_passed_on_price_per_unit, product_price_per_unit, market_price_elasticity):
    """Share of paying units left after customers respond to the higher price."""
    require(product_price_per_unit > 0, "nothing_charged")
    require(product_passed_on_price_per_unit > 0, "no_price_left")
    return (product_passed_on_price_per_unit / product_price_per_unit) ** (-market_price_elasticity)


@formula("product.passed_on_profit_per_month", unit="USD/month", bounds=(None, None), worse="down")
def passed_on_profit(
    product_paying_units_per_month,
    product_passed_on_volume,
    product_passed_on_price_per_unit,
    product_revenue_share_rate,
    product_variable_cost_per_unit,
    product_units_carried,
    product_overhead_per_month,
):
    """Monthly profit with the rise passed on: paying units respond to the price, free units stay."""
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
        - product_overhead_per_month
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
        fixed="F", units="N = product.paying_units_per_month, F = product.overhead_per_month"
    ),
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
    product_overhead_per_month,
):
    """Factor on the supplier's prices at which a month begins to lose money, with a share passed on."""
    return root_of(
        largest_rise,
        loss,
        product_paying_units_per_month,
        product_price_per_unit,
        product_revenue_share_rate,
        product_base_token_cost_per_unit,
        product_other_cost_per_unit,
        product_units_carried,
        product_pass_through_share,
        market_price_elasticity,
        product_overhead_per_month,
    )


@formula(
    "product.survivable_multiplier_passed_on",
    unless_given=STATED_COST,
    note="no fixed cost counted: none is stated",
    text=EQUATION.format(fixed="0", units="N = 1"),
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
    return root_of(
        largest_rise,
        loss,
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

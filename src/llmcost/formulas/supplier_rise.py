"""The rise of its supplier's prices that a product survives, with or without passing on a share of it.

A survivable multiplier applies to the supplier's prices as stated; below 1 the product already loses money,
and the prices would have to fall that far.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmcost.engine.arithmetic import require
from llmcost.formulas.pass_through import largest_rise
from llmcost.formulas.vocabulary import formula

NO_FREE_UNITS = "no free units counted: product.paying_share is not stated"
ELASTIC = ("market.price_elasticity",)

# A cost that is stated no longer moves with the supplier's prices.
STATED_COST = ("product.token_cost_per_unit", "product.variable_cost_per_unit")

NET = "product.net_price_per_unit"
TARGET = ("product.target_margin", "product.price_per_unit")
FIXED = ("product.overhead_per_month", "product.paying_units_per_month")
CARRIED = "product.units_carried"
COST = ("product.other_cost_per_unit", "product.base_token_cost_per_unit")


def _survivable(which: str, until: str, *inputs: str, **terms: Any) -> Callable[[Any], Any]:
    """Register the largest factor on the supplier's prices before something goes wrong."""
    return formula(
        f"product.survivable_multiplier{which}",
        unit="×",
        inputs=inputs,
        about=f"Largest factor on the supplier's prices before {until}.",
        unless_given=STATED_COST,
        worse="down",
        **terms,
    )


def _multiple(left, carried, other, tokens, otherwise="loses_without_tokens"):
    """Return the multiple at which `carried` units cost `left`; `otherwise` is why none does."""
    require(tokens > 0, "any_rise")
    require(left >= other * carried, otherwise)
    return (left / carried - other) / tokens


@_survivable("", "a paying unit loses money", NET, *COST)
def survivable(net, other, tokens):
    return _multiple(net, 1, other, tokens)


@_survivable("_blended", "all units lose money, free ones included", NET, CARRIED, *COST)
def survivable_blended(net, carried, other, tokens):
    return _multiple(net, carried, other, tokens)


@_survivable("_at_target", "the target margin is missed", NET, *TARGET, CARRIED, *COST)
def survivable_at_target(net, margin, price, carried, other, tokens):
    return _multiple(net - margin * price, carried, other, tokens, "misses_without_tokens")


@_survivable("_at_target", "a paying unit misses the target margin", NET, *TARGET, *COST, note=NO_FREE_UNITS)
def survivable_at_target_of_unit(net, margin, price, other, tokens):
    return _multiple(net - margin * price, 1, other, tokens, "misses_without_tokens")


@_survivable("_after_fixed", "a month loses money, fixed cost included", NET, *FIXED, CARRIED, *COST)
def survivable_after_fixed(net, overhead, paying_units, carried, other, tokens):
    return _multiple(net - overhead / paying_units, carried, other, tokens)


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


_UNIT = (
    *("product.price_per_unit", "product.revenue_share_rate", "product.base_token_cost_per_unit"),
    *("product.other_cost_per_unit", "product.units_carried", "product.pass_through_share"),
    *ELASTIC,
)


@_survivable(
    "_passed_on",
    "a month loses money, with a share passed on",
    *("product.paying_units_per_month", *_UNIT, "product.overhead_per_month"),
    text=EQUATION.format(
        fixed="F", units="N = product.paying_units_per_month, F = product.overhead_per_month"
    ),
    if_given=ELASTIC,
)
def survivable_passed_on(*amounts):
    return largest_rise(*amounts)


@_survivable(
    "_passed_on",
    "all units lose money, a share passed on",
    *_UNIT,
    note="no fixed cost counted: none is stated",
    text=EQUATION.format(fixed="0", units="N = 1"),
    if_given=ELASTIC,
)
def survivable_passed_on_before_fixed(*of_unit):
    return largest_rise(*[1.0, *of_unit, 0.0])

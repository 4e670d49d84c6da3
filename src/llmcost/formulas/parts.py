"""A whole and its parts: bills over several models, plans and cohorts of a product, fleets, companies.

Quantities that add up are marked where they are declared. This module says which quantities of a whole are
means, and by which weight, which volumes a mix divides among its parts, and what a month costs. A margin has
no weight: it follows from the revenue and cost of all parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from llmcost.engine.arithmetic import add, largest, where
from llmcost.engine.parts import Over, averaged
from llmcost.formulas.price_parts import tokens_of_requests
from llmcost.formulas.vocabulary import (
    COST_LINES,
    DAYS_PER_MONTH,
    MODEL,
    REVENUE_LINES,
    TOKENS_PER_MTOK,
    given,
)

RULES: Final = MODEL.rules
VOLUMES: Final = (
    "traffic.tokens_per_day",
    "traffic.input_tokens_per_day",
    "traffic.output_tokens_per_day",
    "traffic.requests_per_day",
    "product.units_per_month",
    "product.new_units_per_month",
)
"""Volumes that a mix divides among its parts by their shares."""
RULES.volumes = frozenset(VOLUMES)
RULES.topics = (
    frozenset(("price", "workload", "traffic", "serving", "unit", "alternative", "deployment", "energy")),
    frozenset(("product",)),
    frozenset(("revenue", "cost", "company", "cash", "compute", "breakeven")),
    frozenset(("capex",)),
    frozenset(("training",)),
)
RULES.lines = frozenset(
    (
        *(line.name for line in (*REVENUE_LINES, *COST_LINES)),
        *(line.counted for line in COST_LINES),
        *("revenue.unallocated", "cost.unallocated"),
        *("cost.stock_compensation", "cost.credits_used", "cost.noncash"),
        *("cash.balance", "cash.credits", "cash.committed_funding"),
        *("product.fixed_cost_per_month", "product.acquisition_cost_per_month"),
    )
)
# The units that a paying one carries have no mean over parts: contribution accounts for them.
RULES.without = frozenset(("product.units_carried",))
# A bill with a model in it pays its price; the seller's revenue is not part of the whole.
RULES.unassumed = frozenset(("traffic.billed_share",))
OWN_FLEET: Final = ("traffic.billed_share", "serving.gpus")
"""Inputs which show that the whole runs a part itself: it pays for the fleet, and others pay the price."""


def _mean(name: str, *weights: tuple[str, ...]) -> None:
    ways = [Over(averaged, (*by, name), f"The parts' mean, by {' and '.join(by)}") for by in weights]
    RULES.over.setdefault(name, []).extend(ways)


for _name in (
    *("price_per_unit", "net_price_per_unit", "contribution_per_unit", "blended_contribution_per_unit"),
    *("base_token_cost_per_unit", "token_cost_per_unit", "other_cost_per_unit", "variable_cost_per_unit"),
    *("tokens_per_unit", "input_tokens_per_unit", "output_tokens_per_unit", "requests_per_unit"),
):
    _paying = (("product.paying_units_per_month",), ("parts.share", "product.paying_share"))
    _mean(f"product.{_name}", *_paying)
for _name in ("product.paying_share", "product.churn_per_month"):
    _mean(_name, ("product.units_per_month",), ("parts.share",))
_mean("product.acquisition_cost_per_unit", ("product.new_units_per_month", "product.paying_share"))
for _name in (
    "price.blended_per_mtok",
    "serving.cost_per_mtok",
    "traffic.output_share",
    "workload.output_share",
):
    _mean(_name, ("traffic.tokens_per_day",), ("parts.share",))
for _name in ("cached_input_share", "cache_write_share", "cache_write_1h_share"):
    _mean(f"traffic.{_name}", ("traffic.input_tokens_per_day",))
_mean("traffic.reasoning_share", ("traffic.output_tokens_per_day",))
for _name in ("batch_share", "flex_share", "priority_share", "off_peak_share"):
    _mean(f"traffic.{_name}", ("traffic.tokens_per_day",))
_mean("serving.gpu_hour_cost", ("serving.gpus",), ("serving.gpus_required",))


def of_any(rows: Any) -> Any:
    """Return a value that is the same in all parts."""
    return rows[0][0]


RULES.over["company.period_months"] = [Over(of_any, ("company.period_months",), "The parts' period")]

given("parts.share", "share", "The part's share of the whole, in a mix")
MODEL.inputs.discard("parts.share")  # it is stated only in parts


def _rule(scope: Any, name: str, unit: str, **terms: Any) -> Callable[[Any], Any]:
    return MODEL.formula(f"parts.{name}", unit=unit, scope=scope, **terms)


@MODEL.formula("product.paying_share", scope="part", note="all units of the part are taken to pay")
def all_pay():
    """Paying units / all units; 1 in a part unless stated."""
    return 1.0


def _as_it_is(amount):
    return amount


for _name in ("output_share", "cached_input_share"):
    MODEL.formula(
        f"traffic.{_name}",
        unit="share",
        inputs=(f"workload.{_name}",),
        about="The mix of the part's traffic: that of the workload put on it",
        if_given=(f"workload.{_name}",),
        scope="part",
        stand_in="rule",
    )(_as_it_is)


@MODEL.formula(
    "traffic.requests_per_day",
    scope="part",
    note="requests are taken to be as long as those of the workload",
    stand_in="rule",
)
def requests_of_workload(
    traffic_tokens_per_day, workload_input_tokens_per_request, workload_output_tokens_per_request
):
    """Requests a day, each as long as a request of the part's workload."""
    return traffic_tokens_per_day / (workload_input_tokens_per_request + workload_output_tokens_per_request)


for _name in ("input", "output"):
    MODEL.formula(
        f"traffic.{_name}_tokens_per_day",
        inputs=("traffic.requests_per_day", f"workload.{_name}_tokens_per_request"),
        about="Tokens a day, from the part's requests and the length of its workload's requests",
        if_given=("traffic.requests_per_day", f"workload.{_name}_tokens_per_request"),
        unless_given=("traffic.tokens_per_day",),
        note="requests are taken to be as long as those of the workload",
        scope="part",
        stand_in="guess",
    )(tokens_of_requests)


# What a month costs


def _of_days(amount_per_day):
    return amount_per_day * DAYS_PER_MONTH


def _of_period(amount, months):
    return amount / months


def _of_units(paying, carried, amount_per_unit):
    return paying * carried * amount_per_unit


def _of_part(function: Any, name: str, unit: str, about: str, *inputs: str, **terms: Any) -> None:
    _rule("part", name, unit, about=about, inputs=inputs, **terms)(function)


_COST, _REVENUE, _MONTHS = "cost_per_month", "revenue_per_month", "company.period_months"
_UNITS = ("product.paying_units_per_month", "product.units_carried")
_ALL = "for a part or for all parts together"
_of_part(
    *(_as_it_is, _COST, "USD/month", f"Cost of a month, {_ALL}", "product.cost_per_month"),
    worse="up",
    adds=True,
)


@_rule("part", _COST, "USD/month", note="variable cost only: the part states no fixed cost")
def variable_cost_of_product(product_revenue_per_month, product_contribution_per_month):
    """Monthly cost of a product's units."""
    return product_revenue_per_month - product_contribution_per_month


@_rule("part", _COST, "USD/month", unless_given=OWN_FLEET)
def cost_at_price(traffic_tokens_per_day, price_blended_per_mtok):
    """Price of a month's tokens."""
    return traffic_tokens_per_day * DAYS_PER_MONTH * price_blended_per_mtok / TOKENS_PER_MTOK


_of_part(_of_days, _COST, "USD/month", "Cost of your own fleet for a month", "serving.bill_per_day")
_of_part(_of_period, _COST, "USD/month", "The company's cost of a month", "cost.total", _MONTHS)
_of_part(
    *(_as_it_is, _REVENUE, "USD/month", f"Revenue of a month, {_ALL}", "product.revenue_per_month"),
    worse="down",
    adds=True,
)
_of_part(
    *(_of_days, _REVENUE, "USD/month", "Revenue from a month's tokens of your own fleet, at their price"),
    "traffic.revenue_per_day",
    if_given=("traffic.billed_share",),
    note="this is your own fleet: its price is what others pay, for all tokens if no billed share is stated",
)
_of_part(_of_period, _REVENUE, "USD/month", "The company's revenue of a month", "revenue.total", _MONTHS)
for _name, _unit, _what in (
    ("tokens", "tok/month", "Tokens of a month, input and output,"),
    ("requests", "request/month", "Requests of a month,"),
):
    _about, _of_all = f"{_what} {_ALL}", f"{_name.capitalize()} of a month of all units, free ones included"
    _of_part(_of_days, f"{_name}_per_month", _unit, _about, f"traffic.{_name}_per_day", adds=True)
    _of_part(_of_units, f"{_name}_per_month", _unit, _of_all, *_UNITS, f"product.{_name}_per_unit")
_of_part(
    *(_as_it_is, "cost_per_mtok", "USD/Mtok", f"Cost of a million tokens to their user, {_ALL}"),
    "price.blended_per_mtok",
    worse="up",
    unless_given=OWN_FLEET,
)


def cost_of_each_mtok(parts_cost_per_month, parts_tokens_per_month):
    """Cost of a million tokens to their user, for a part or for all parts together."""
    return parts_cost_per_month / parts_tokens_per_month * TOKENS_PER_MTOK


def cost_of_each_request(parts_cost_per_month, parts_requests_per_month):
    """Cost of a request to its sender, for a part or for all parts together."""
    return parts_cost_per_month / parts_requests_per_month


def profit(parts_revenue_per_month, parts_cost_per_month):
    """Profit of a month: revenue less cost, for a part or for all parts together."""
    return parts_revenue_per_month - parts_cost_per_month


for _scope in ("part", "whole"):
    _rule(_scope, "cost_per_mtok", "USD/Mtok")(cost_of_each_mtok)
    _rule(_scope, "cost_per_request", "USD/request", worse="up")(cost_of_each_request)
    _rule(_scope, "profit_per_month", "USD/month", bounds=(None, None), worse="down")(profit)


@_rule("part", "cost_per_mtok", "USD/Mtok")
def own_cost(serving_cost_per_mtok):
    """Cost of a million tokens of your own fleet."""
    return serving_cost_per_mtok


RULES.over["parts.cost_per_mtok"] = [
    Over(
        averaged,
        ("parts.share", "parts.cost_per_mtok"),
        "The parts' mean, by parts.share",
        "price.blended_per_mtok",
    )
]


# What only a whole has


def losing(rows: Any) -> Any:
    """Return the share of units in parts that lose money on each unit."""
    return add(*(where(left < 0, units, 0 * units) for units, left in rows)) / add(*(row[0] for row in rows))


def dearest(rows: Any) -> Any:
    """Return the most expensive part's share of the cost."""
    costs = [row[0] * row[1] if len(row) == 2 else row[0] for row in rows]
    return (largest(*costs) if costs[1:] else costs[0]) / add(*costs)


def _over(
    name: str,
    function: Callable[[Any], Any],
    about: str,
    worse: Any,
    *ways: tuple[tuple[str, ...], str | None],
) -> None:
    given(f"parts.{name}", "share", about, worse=worse)
    MODEL.inputs.discard(f"parts.{name}")
    RULES.over[f"parts.{name}"] = [Over(function, columns, about, among) for columns, among in ways]


_LEFT: Final = "product.blended_contribution_per_unit"
_over(
    "losing_share",
    losing,
    "Share of units in parts that lose money on each unit",
    "up",
    (("product.units_per_month", _LEFT), None),
    (("parts.share", _LEFT), None),
)
_over(
    "largest_cost_share",
    dearest,
    "The most expensive part's share of the cost",
    None,
    (("parts.cost_per_month",), None),
    (("parts.share", "parts.cost_per_mtok"), "price.blended_per_mtok"),
    (("parts.share", "product.variable_cost_per_unit"), "product.units_per_month"),
)


@MODEL.formula("product.cost_per_month", unit="USD/month", scope="whole")
def cost_of_all(product_revenue_per_month, product_contribution_per_month, product_overhead_per_month):
    """All cost of a month: what the units cost and what is owed on them, and the fixed cost."""
    return product_revenue_per_month - product_contribution_per_month + product_overhead_per_month

"""A company's break-even price: the revenue that a multiplier reprices, and the cost that it has to cover.

R is the revenue that is repriced, R₀ the revenue that keeps its price, V the inference cost that serves R, F
all other cost within the boundary, s the share of revenue owed to partners. At the market's GPU-hour rate the
compute lines are those of `llmcost.formulas.compute`.
"""

from __future__ import annotations

from typing import Any, Final

from llmcost.engine.arithmetic import add, require, root_of
from llmcost.formulas.repricing import multiplier, profit
from llmcost.formulas.vocabulary import formula
from llmcost.records import NamedTuple

ELASTICITY: Final = "market.price_elasticity"
SHARE: Final = "breakeven.revenue_share_rate"
FREE: Final = "company.free_inference_share"
API_SHARE: Final = "company.api_inference_share"
EQUATION: Final = "the m with (1 − s)·(R·m^(1−ε) + R₀) = V·m^−ε + F, where "
RATES: Final = {"paid": "", "market": "_at_market"}
"""The suffix of names that include compute, by the GPU-hour rate at which it is paid."""


class Payer(NamedTuple):
    """Whose prices are multiplied, and the names of R, R₀ (None if there is none) and V."""

    name: str
    prices: str
    repriced: str
    kept: str | None
    variable: str


PAYERS: Final = {
    "uniform": Payer("uniform", "all prices", "revenue.total", None, "breakeven.paid_inference"),
    "api-only": Payer(
        "api_only", "the API's prices", "revenue.api", "breakeven.kept_revenue", "breakeven.api_inference"
    ),
}


class Boundary(NamedTuple):
    """The cost that has to be covered: all inference, and further cost."""

    further: str | None
    shared: bool = True


BOUNDARIES: Final = {
    "inference": Boundary(None, shared=False),
    "cogs": Boundary(None),
    "cogs+training": Boundary("breakeven.training_cost"),
    "total": Boundary("breakeven.other_cost"),
}


def fixed_cost(inference: Any, variable: Any, further: Any) -> Any:
    """Return F, the cost to be covered that does not depend on prices, in the unit of the amounts.

    Args:
        inference: all inference cost of the period.
        variable: V, the part of it that serves the repriced revenue.
        further: the cost within the boundary besides inference.
    """
    return inference - variable + further


@formula(ELASTICITY, unit="–")
def inelastic():
    """Demand does not respond to price unless an elasticity is stated."""
    return 0.0


@formula(FREE, unit="share", note="not stated, so all inference is assumed to respond to price")
def no_free_inference():
    """Share of the inference cost that serves users who pay nothing; 0 unless stated."""
    return 0.0


@formula(
    API_SHARE,
    unit="share",
    note="the API's share of revenue is used as its share of the inference cost",
    stand_in="guess",
)
def api_inference_share(revenue_api_share, company_free_inference_share):
    """Share of the inference cost that serves the API; of what is paid for, its share of revenue."""
    return revenue_api_share * (1 - company_free_inference_share)


@formula(SHARE, unit="share", if_given=("company.revenue_share",), worse="up")
def rate_of_stated_share(company_revenue_share, revenue_total):
    """Revenue share owed on each dollar of revenue, if the amount is stated directly."""
    return company_revenue_share / revenue_total


@formula(SHARE, unit="share")
def revenue_share_rate(company_revenue_share_rate):
    """Revenue share owed on each dollar of revenue."""
    return company_revenue_share_rate


@formula("breakeven.kept_revenue", unit="USD", worse="down")
def kept_revenue(revenue_total, revenue_api):
    """Revenue that keeps its price if only the API is repriced."""
    return revenue_total - revenue_api


@formula("breakeven.cost", unit="USD", worse="up")
def cost_before_share(cost_total, company_revenue_share):
    """All cost except the revenue share, which moves with revenue."""
    return cost_total - company_revenue_share


@formula("breakeven.cost", stand_in="guess")
def cost_without_share(cost_total):
    """All cost, if no revenue share is stated."""
    return cost_total


@formula("breakeven.cost_at_market", unit="USD", worse="up")
def cost_before_share_at_market(breakeven_cost, cost_total_at_market, cost_total):
    """All cost except the revenue share, at the market's GPU-hour rate."""
    return breakeven_cost + cost_total_at_market - cost_total


def paid_inference(inference, free):
    """Inference cost of paid use."""
    return inference * (1 - free)


def api_inference(inference, share, free):
    """Inference cost of the API."""
    require(share + free <= 1 + 1e-9, "more_than_all_inference")
    return inference * share


def training_cost(training, data=None):
    """Cost that the boundary `cogs+training` adds: training and data."""
    return add(training, data)


def other_cost(cost, inference):
    """All cost except inference and revenue share."""
    return cost - inference


def multiplier_where_demand_answers(repriced, variable, inference, other, elasticity, share, kept=0.0):
    """Factor on prices that covers all cost, if demand responds."""
    fixed = fixed_cost(inference, variable, other)
    return root_of(multiplier, profit, repriced, kept, variable, fixed, elasticity, share)


def multiplier_where_demand_stays(repriced, cost, elasticity, share, kept=None):
    """Factor on prices that covers all cost, if demand does not respond."""
    require(elasticity <= 0, "no_inference")
    require(share < 1, "all_shared")
    if kept is None:
        return cost / (1 - share) / repriced
    require(cost > (1 - share) * kept, "already_covered")
    return (cost / (1 - share) - kept) / repriced


def _register(at: str) -> None:
    """Register the formulas that are the same at the paid and at the market's GPU-hour rate."""
    inference, training, cost = f"cost.inference{at}", f"cost.training{at}", f"breakeven.cost{at}"
    other = f"breakeven.other_cost{at}"

    rate = ", at the market's GPU-hour rate" if at else ""

    def derive(name: str, function: Any, about: str, *inputs: str, unit: str = "USD", **terms: Any) -> None:
        formula(name + at, unit=unit, inputs=inputs, about=f"{about}{rate}.", worse="up", **terms)(function)

    derive("breakeven.paid_inference", paid_inference, "Inference cost of paid use", inference, FREE)
    derive(
        "breakeven.api_inference", api_inference, "Inference cost of the API", *(inference, API_SHARE, FREE)
    )
    derive(
        "breakeven.training_cost",
        training_cost,
        "Cost that the boundary `cogs+training` adds: training and data",
        *(training, "cost.data"),
        optional=("cost.data",),
    )
    derive(
        "breakeven.other_cost", other_cost, "All cost except inference and revenue share", *(cost, inference)
    )
    for payer in PAYERS.values():
        name, about = f"breakeven.{payer.name}_multiplier", f"Factor on {payer.prices}"
        variable, kept = payer.variable + at, (payer.kept,) if payer.kept else ()
        derive(
            name,
            multiplier_where_demand_answers,
            f"{about} that covers all cost",
            *(payer.repriced, variable, inference, other, ELASTICITY, SHARE, *kept),
            unit="×",
            if_given=(ELASTICITY,),
            reference="constant elasticity of demand, Q ∝ P^−ε",
            text=f"{EQUATION}R = {payer.repriced}, R₀ = {payer.kept or 0}, V = {variable}, "
            f"F = {inference} − V + {other}",
        )
        derive(
            name,
            multiplier_where_demand_stays,
            f"{about} that covers all cost, if demand does not respond",
            *(payer.repriced, cost, ELASTICITY, SHARE, *kept),
            unit="×",
        )


for _at in RATES.values():
    _register(_at)

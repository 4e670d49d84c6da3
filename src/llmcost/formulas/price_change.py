"""What a change of price does to a company's lines if demand responds.

Some prices are multiplied by m, and demand at them changes as m^−ε: their revenue R becomes R·m^(1−ε), the
inference cost V that serves it V·m^−ε, and amounts owed to partners follow all revenue. Every function takes
floats, or columns of floats.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from llmcost.formulas.projection import power, times

REPRICED: Final[Mapping[str, tuple[str, ...]]] = {
    "uniform": (
        "revenue.api",
        "revenue.subscription",
        "revenue.other",
        "revenue.total",
        "revenue.unallocated",
    ),
    "api-only": ("revenue.api",),
}
"""The lines of revenue whose price is multiplied, by payer."""

OWED_ON_REVENUE: Final = ("cost.revenue_share", "company.revenue_share")
"""Amounts owed on each dollar of revenue; stated as a rate, they follow by themselves."""


def volume_factor(multiplier: float, elasticity: Any) -> Any:
    """Return the factor on demand if prices are multiplied: m^−ε, or infinity if that is too large."""
    return power(multiplier, -elasticity)


def inference_factor(share: Any, volume: Any) -> Any:
    """Return the factor on the inference cost if the volume of a share of it changes."""
    return 1 - share + share * volume


def share_of_inference(part: Any, grown: Any, share: Any, volume: Any) -> Any:
    """Return a part's share of a cost, after the part has `grown` and a `share` of the cost has moved.

    It stays the same if nothing is left of the cost.
    """
    return part * times(grown, inference_factor(share, volume))


def after_price_change(
    flows: Mapping[str, Any], revenue: Any, payer: str, multiplier: float, volume: Any, share: Any
) -> dict[str, Any]:
    """Return the lines and totals of revenue that a change of price moves, with their new amounts in USD.

    Args:
        flows: given amounts, by name.
        revenue: all revenue before.
        payer: whose prices are multiplied.
        multiplier, volume: factors on these prices and on the demand at them.
        share: the part of the inference cost that serves the repriced revenue; None if there is none.
    """
    factor = multiplier * volume
    found = {name: flows[name] * factor for name in REPRICED[payer] if name in flows}
    if payer == "uniform":
        after = revenue * factor
    else:
        gained = flows["revenue.api"] * (factor - 1)
        after = revenue + gained
        if "revenue.total" in flows:
            found["revenue.total"] = flows["revenue.total"] + gained
    if "cost.inference" in flows and share is not None:
        found["cost.inference"] = flows["cost.inference"] * inference_factor(share, volume)
    grown = times(after, revenue)
    return found | {name: flows[name] * grown for name in OWED_ON_REVENUE if name in flows}

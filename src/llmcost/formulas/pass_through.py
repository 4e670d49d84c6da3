"""How far a supplier's price may rise when the product passes a share of it on and customers answer.

At m times the supplier's prices a paying unit's tokens cost m·t instead of t. The share φ of that rise is
added to the price, P = p + φ·(m−1)·t, and paying units go as (P/p)^−ε. Each of the paying units of today,
N, carries k−1 more units' worth of free use, which pays nothing, is charged nothing, and does not leave:

    profit(m) = N·((P/p)^−ε·((1−s)·P − v) − (k−1)·v) − F,  v = m·t + o

with the share s of the price that is owed to others, other variable cost o and fixed cost F. Where today
makes no loss, both what a paying unit leaves and how many there are only fall as m rises from 1, and free
use only costs more: there is one root or none.
"""

from __future__ import annotations

import math
from typing import Any

from llmcost.engine.roots import also_on_columns, root, settled
from llmcost.reasons import Reason, Undefined


def loss(
    times: Any,
    units: Any,
    price: Any,
    share: Any,
    tokens: Any,
    other: Any,
    carried: Any,
    passed: Any,
    elasticity: Any,
    fixed: Any,
) -> Any:
    """Return the loss, in the unit of `fixed`, at a multiple of the supplier's prices; below 0 a profit.

    Args:
        times: m, dimensionless.
        units: N, paying units at today's price.
        price: p, today's price of a unit.
        share: s, the part of the price that is owed to others.
        tokens: t, a unit's token cost at the supplier's prices of today.
        other: o, a unit's other variable cost.
        carried: k, units that a paying one carries the cost of, itself included.
        passed: φ, the share of the rise that is added to the price.
        elasticity: ε, demand ∝ price^−ε.
        fixed: F, the cost that does not move with units.
    """
    raised = price + passed * (times - 1) * tokens
    cost = times * tokens + other
    sold = (raised / price) ** (-elasticity)
    return fixed - units * (sold * ((1 - share) * raised - cost) - (carried - 1) * cost)


@also_on_columns("llmcost.formulas.pass_through_columns:largest_rises")
def largest_rise(
    units: float,
    price: float,
    share: float,
    tokens: float,
    other: float,
    carried: float,
    passed: float,
    elasticity: float,
    fixed: float,
) -> float:
    """Return the multiple of the supplier's prices at which `loss` is zero; the arguments are its own.

    Raises:
        Undefined: where today makes a loss already, where none comes however high the prices rise, or where
            the multiple is too large to represent.
    """
    amounts = (units, price, share, tokens, other, carried, passed, elasticity, fixed)
    if units <= 0:
        raise Undefined("nothing_sold")
    if loss(1.0, *amounts) > 0:
        raise Undefined("loses_already")
    if tokens <= 0:
        raise Undefined("any_rise")
    left = (1 - share) * price - tokens - other
    borne = 1 - passed * (1 - share)
    free = carried - 1
    if borne <= 0 and free <= 0:
        if elasticity == 0 or fixed == 0:
            raise Undefined("all_passed_on")
        try:
            grown = (units * left / fixed) ** (1 / elasticity)
        except OverflowError:
            grown = math.inf
        if not math.isfinite(grown * price):
            raise Undefined("rise_too_large")
        return float(1 + (grown - 1) * price / tokens)
    if fixed == 0 and free <= 0:
        return 1 + left / (borne * tokens)
    # Profit is gone at the latest where nothing is left of a paying unit, or where free use alone eats it.
    end = min(
        1 + left / (borne * tokens) if borne > 0 else math.inf,
        max(1.0, left / (free * tokens)) if free > 0 else math.inf,
    )

    last = math.log(end)
    if last <= 0 or fallen(last, *amounts)[0] <= 0:
        return end  # never but for rounding

    def curve(log: float) -> tuple[float, float]:
        return fallen(log, *amounts)

    times = math.exp(settled(curve, root(curve, 0.0, last)))
    _verify(times, amounts)
    return times


def fallen(
    log: float,
    units: float,
    price: float,
    share: float,
    tokens: float,
    other: float,
    carried: float,
    passed: float,
    elasticity: float,
    fixed: float,
) -> tuple[float, float]:
    """Return the loss and its slope, over the logarithm of the multiple; the amounts are those of `loss`."""
    times = math.exp(log)
    raised = price + passed * (times - 1) * tokens
    cost, free = times * tokens + other, carried - 1
    sold = (raised / price) ** (-elasticity)
    kept = (1 - share) * raised - cost
    slope = sold * (elasticity * kept * passed * tokens / raised + (1 - passed * (1 - share)) * tokens)
    return fixed - units * (sold * kept - free * cost), units * (slope + free * tokens) * times


def _verify(times: float, amounts: tuple[float, ...]) -> None:
    """Check that the root is one, against the largest of the amounts that balance there."""
    units, price, _, tokens, other, carried, passed, elasticity, fixed = amounts
    raised = price + passed * (times - 1) * tokens
    earned = units * raised * (raised / price) ** (-elasticity)
    spent = units * carried * (times * tokens + other)
    residual = loss(times, *amounts)
    if abs(residual) > 1e-9 * (earned + spent + fixed):
        raise Undefined(Reason("root_not_verified", (residual,)))

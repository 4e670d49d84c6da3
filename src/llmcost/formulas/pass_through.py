"""How far a supplier's price may rise if the product passes a share of it on and customers respond.

At m times the supplier's prices a paying unit's tokens cost m·t instead of t. The share φ of that rise is
added to the price, P = p + φ·(m−1)·t, and the number of paying units changes as (P/p)^−ε. Each of today's N
paying units carries k−1 free units' worth of use, which pays nothing and does not leave:

    profit(m) = N·((P/p)^−ε·((1−s)·P − v) − (k−1)·v) − F,  v = m·t + o

with the share s of the price that is owed to others, other variable cost o and fixed cost F. If there is no
loss today, the profit per paying unit and their number only fall as m rises from 1, and free use only costs
more: there is one root or none.
"""

from __future__ import annotations

from typing import Any, Final

from llmcost.engine.arithmetic import require, root_of
from llmcost.engine.roots import Upward

LARGEST: Final = 1e299
"""A larger multiple cannot be represented."""


def loss(times: Any, *amounts: Any) -> Any:
    """Return the loss, in the unit of `fixed`, at a multiple of the supplier's prices; below 0 a profit.

    Args:
        times: m, dimensionless.
        amounts: these nine, in this order.

            units: N, paying units at today's price.
            price: p, today's price of a unit.
            share: s, the part of the price that is owed to others.
            tokens: t, a unit's token cost at the supplier's prices of today.
            other: o, a unit's other variable cost.
            carried: k, the units whose cost a paying one carries, including itself.
            passed: φ, the share of the rise that is added to the price.
            elasticity: ε, demand ∝ price^−ε.
            fixed: F, the cost that does not depend on units.
    """
    units, price, share, tokens, other, carried, passed, elasticity, fixed = amounts
    risen = (times - 1) * tokens
    sold = ((price + passed * risen) / price) ** (-elasticity)
    # Today's margin of a paying unit, less the part of the rise that is not passed on: this loses no digits.
    kept = (1 - share) * price - tokens - other - (1 - passed * (1 - share)) * risen
    return fixed - units * (sold * kept - (carried - 1) * (times * tokens + other))


_search: Final = Upward("largest_rise", loss, LARGEST, "loses_already")


def largest_rise(*amounts: Any) -> Any:
    """Return the multiple of the supplier's prices at which `loss` is zero; the amounts are those of `loss`.

    Raises:
        Undefined: if there is a loss already today, if there is none however high the prices rise, or if
            the multiple is too large to represent.
    """
    units, _, share, tokens, _, carried, passed, elasticity, fixed = amounts
    require(units > 0, "nothing_sold")
    times = root_of(_search, loss, *amounts)
    require(tokens > 0, "any_rise")
    borne = 1 - passed * (1 - share)
    require((borne > 0) | (carried > 1) | (elasticity * fixed > 0), "all_passed_on")
    require(times < LARGEST, "rise_too_large")
    return times

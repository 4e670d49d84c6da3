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

from typing import Any, Final

from llmcost.engine.arithmetic import require, root_of
from llmcost.engine.roots import Upward

LARGEST: Final = 1e299
"""The multiple from which on it is too large to represent."""


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
    risen = (times - 1) * tokens
    sold = ((price + passed * risen) / price) ** (-elasticity)
    # Left of a paying unit: of today's price, less what of the rise is not passed on. So no digits are lost.
    kept = (1 - share) * price - tokens - other - (1 - passed * (1 - share)) * risen
    return fixed - units * (sold * kept - (carried - 1) * (times * tokens + other))


_search: Final = Upward("largest_rise", loss, LARGEST, "loses_already")


def largest_rise(
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
    """Return the multiple of the supplier's prices at which `loss` is zero; the arguments are its own.

    Raises:
        Undefined: where today makes a loss already, where none comes however high the prices rise, or where
            the multiple is too large to represent.
    """
    require(units > 0, "nothing_sold")
    times = root_of(_search, loss, units, price, share, tokens, other, carried, passed, elasticity, fixed)
    require(tokens > 0, "any_rise")
    borne = 1 - passed * (1 - share)
    require((borne > 0) | (carried > 1) | (elasticity * fixed > 0), "all_passed_on")
    require(times < LARGEST, "rise_too_large")
    return times

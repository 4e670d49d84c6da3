"""How far a number may lie from another: `5%` of it, `0.5pp`, or an amount in its own unit."""

from __future__ import annotations

from typing import Final

from llmcost.engine.registry import Quantity
from llmcost.records import NamedTuple
from llmcost.scenario.values.number import PURE, NotANumber, parse_number, shorten


class Tolerance(NamedTuple):
    """How far a number may lie from another: a share of it, or an amount in the metric's own unit."""

    amount: float
    relative: bool
    text: str

    def around(self, value: float) -> float:
        """Return how far from `value` it reaches, in the unit of `value`."""
        return self.amount * abs(value) if self.relative else self.amount


EXACT: Final = Tolerance(1e-9, True, "")
"""What rounding may do to a number that is meant to be the same."""


def parse_tolerance(text: str, quantity: Quantity | None) -> Tolerance:
    """Read a tolerance: `5%` is relative; `0.5pp`, for shares, and a bare number are amounts in the unit.

    Without a quantity, since it is meant for all of them, only a percentage makes sense.

    Raises:
        NotANumber: saying what is wrong with it.
    """
    written = " ".join(text[:500].split())
    relative, points = "%" in written, written.endswith("pp") and written != "pp"
    if points:
        if quantity is None or quantity.unit != "share":
            what = quantity.name if quantity is not None else "every metric"
            raise NotANumber(f"percentage points are for shares, which {what} is not; use a percentage")
        if relative:
            raise NotANumber(f"percentage points are written as 2pp, got '{shorten(written)}'")
        amount = parse_number(written.removesuffix("pp")) / 100
    else:
        amount = parse_number(written, PURE if relative or quantity is None else quantity, bounded=False)
        if quantity is None and not relative:
            raise NotANumber(f"for every metric it is a percentage, such as 1%, got '{shorten(written)}'")
    if amount < 0:
        raise NotANumber(f"must not be negative, got '{shorten(written)}'")
    bounded = quantity is not None and quantity.unit == "share" and quantity.high == 1
    if bounded and not relative and amount >= 1:
        shown = shorten(written)
        hint = "" if points else f"; did you mean '{shown}%' of the value, or '{shown}pp'?"
        raise NotANumber(f"{shown} is more than a share can be off{hint}")
    return Tolerance(amount, relative, written)

"""Tolerances: `5%` of a number, `0.5pp`, or an amount in its unit."""

from __future__ import annotations

from typing import Final

from llmcost.engine.registry import Quantity
from llmcost.records import NamedTuple
from llmcost.scenario.values.number import PURE, NotANumber, parse_number, shorten


class Tolerance(NamedTuple):
    """A tolerance: a share of a number, or an amount in the unit of the metric."""

    amount: float
    relative: bool
    text: str

    def around(self, value: float) -> float:
        """Return the tolerance around `value`, in its unit."""
        return self.amount * abs(value) if self.relative else self.amount


EXACT: Final = Tolerance(1e-9, True, "")
"""Allows for rounding of numbers that should be equal."""


def parse_tolerance(text: str, quantity: Quantity | None) -> Tolerance:
    """Read a tolerance: `5%` is relative; `0.5pp`, for shares, and a bare number are amounts in the unit.

    Without a quantity, for a tolerance of all metrics, only a percentage makes sense.

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

"""What is put in place of a scenario's own values: `--set PATH=VALUE`, `set:` in a file, and variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from llmcost.engine.registry import BASES, Quantity
from llmcost.errors import LlmcostError, Place, Problem
from llmcost.records import NamedTuple
from llmcost.scenario.values.datum import Datum
from llmcost.scenario.values.grammar import in_range
from llmcost.scenario.values.number import NotANumber, out_of_bounds, parse_number


class Relative(NamedTuple):
    """What changes a value: `*2`, `/2`, `+10%` and `-30%` scale it, `+5B` and `-1B` add to it."""

    kind: Literal["scale", "add"]
    amount: float


def relative(
    text: str, quantity: Quantity, rates: Mapping[str, float], *, takes: bool = False
) -> Relative | None:
    """Read what changes a value; None for anything else. `takes` tells whether -1B does: it may be a value.

    Raises:
        NotANumber: for a factor that is not above 0, and for less than nothing.
    """
    sign, rest = text[:1], text[1:].strip()
    if sign in ("*", "/") and rest:
        by = parse_number(rest)
        if by <= 0:
            raise NotANumber(f"the factor must be above 0, got {by:g}")
        return Relative("scale", by if sign == "*" else 1 / by)
    if sign not in ("+", "-") or not (rest[:1].isdecimal() or rest[:1] in "$€£¥."):
        return None
    if rest.endswith("%"):
        change = parse_number(f"{sign}{rest}")
        if change < -1:
            raise NotANumber("cannot take away more than 100%")
        return Relative("scale", 1 + change)
    if sign == "-" and not takes:
        return None
    return Relative("add", parse_number(f"{sign}{rest}", quantity, rates=rates, bounded=False))


class Override(NamedTuple):
    """A datum to put in place of what is there, a change of it, or (neither) its removal.

    `months` are those of the period of a growth, where one is written; else it is that of the scenario's own.
    `text` is what was written, and `place` where; `origin` is what a value owes to it, and `subject` what
    messages about it begin with.
    """

    name: str
    place: Place
    datum: Datum | None = None
    months: int | None = None
    change: Relative | None = None
    text: str = ""
    origin: str = ""
    subject: str | None = None

    @property
    def said(self) -> str:
        """What was asked for, as it is told: the option, or the entry of a `set:` in a file."""
        return str(self.place) if self.place.line is None else f"set {self.text}"

    def changed(self, before: Datum, quantity: Quantity) -> Datum:
        """Return a datum scaled or added to, which is nobody's word any more but the asker's.

        Raises:
            LlmcostError: where the change moves it out of the quantity's bounds, or out of the numbers.
        """
        assert self.change is not None
        found = before.changed(*self.change)
        for value in (found.value, found.low, found.high):
            try:
                fault = None if value is None else out_of_bounds(in_range(value), quantity)
            except NotANumber as error:
                fault = str(error)
            if fault:
                raise LlmcostError(self.refusal(fault, self.name))
        basis = max(before.basis, "stated", key=BASES.index)
        return found.credited(f"{self.origin}, on {before.source}" if before.source else self.origin, basis)

    def refusal(self, message: str, subject: str | None = None) -> Problem:
        """Return a problem of it, at the option or where it stands in a file."""
        return Problem(message, *self.place, self.subject if self.place.line is not None else subject)

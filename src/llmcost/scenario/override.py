"""Overrides of a scenario's values: `--set PATH=VALUE`, `set:` in a file, and variants."""

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
    """A relative change: `*2`, `/2`, `+10%` and `-30%` scale a value, `+5B` and `-1B` add to it."""

    kind: Literal["scale", "add"]
    amount: float


def relative(
    text: str, quantity: Quantity, rates: Mapping[str, float], *, takes: bool = False
) -> Relative | None:
    """Read a relative change; None for anything else. `takes` says whether -1B is one, or a value.

    Raises:
        NotANumber: for a factor that is not above 0, and for less than -100%.
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
    """A new datum for a quantity, a change of it, or (neither) its removal.

    `months` is the period of a growth, if one is written; else the period in the scenario applies. `text` is
    what was written, `place` where, `origin` the source of the new value, and `subject` begins messages.
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
        """The override in words: the option, or the entry of a `set:` in a file."""
        return str(self.place) if self.place.line is None else f"set {self.text}"

    def changed(self, before: Datum, quantity: Quantity) -> Datum:
        """Return the changed datum, for which the override is now the source.

        Raises:
            LlmcostError: if the value is then out of bounds.
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
        """Return a problem with it, at the option or its place in a file."""
        return Problem(message, *self.place, self.subject if self.place.line is not None else subject)

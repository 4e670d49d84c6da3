"""A formula: one way to derive a quantity from others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from llmcost.records import NamedTuple

Number = Any
"""Formulas run on floats, on numbers with units, and on every other kind of number."""

StandIn = Literal["rule", "least", "guess"]
"""Why a stated value may differ from what a formula yields; see `Formula.stand_in`."""


class Formula(NamedTuple):
    """One way to derive a quantity.

    Attributes:
        quantity: name of the quantity that it derives.
        function: the plain function; its parameters, in order, are `inputs`.
        inputs: names of the quantities it takes.
        optional: those of `inputs` that may be absent (passed as None); where all are optional, at
            least one must be there.
        description: what it does, in one line.
        note: what a reader must know if this route is taken.
        unless_given: quantities that make this route wrong if they are given.
        if_given: quantities that must be given, not derived.
        text: readable form, if the body is not a single expression.
        stand_in: set if a stated value may differ without contradicting the formula. `rule`: a convention
            for values that are not stated; `least`: something is left out, so the value may be larger;
            `guess`: an assumption. None: a definition.
        reference: where the formula comes from, so that it can be checked.
    """

    quantity: str
    function: Callable[..., Number]
    inputs: tuple[str, ...]
    optional: frozenset[str]
    description: str
    note: str | None = None
    unless_given: tuple[str, ...] = ()
    if_given: tuple[str, ...] = ()
    text: str | None = None
    stand_in: StandIn | None = None
    reference: str | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """Inputs without which the formula cannot be used."""
        return tuple(name for name in self.inputs if name not in self.optional)

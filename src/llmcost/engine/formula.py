"""A formula: one way in which a quantity follows from others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from llmcost.records import NamedTuple

Number = Any
"""Formulas run on floats, on unit-carrying numbers and on whatever else knows arithmetic."""

StandIn = Literal["rule", "least", "guess"]
"""What a formula is that serves only where its quantity is not stated; see `Formula.stand_in`."""


class Formula(NamedTuple):
    """One way to derive a quantity.

    Attributes:
        quantity: name of what it derives.
        function: the plain function; its parameters, in order, are `inputs`.
        inputs: names of the quantities it takes.
        optional: those of `inputs` that may be absent (passed as None); where all are optional, at
            least one must be there.
        description: what it does, in one line.
        note: what a reader must know when this route was taken.
        unless_given: quantities that, once given, make this route wrong.
        if_given: quantities that must be given, not derived.
        text: readable form, where the body is no single expression.
        stand_in: set where a stated value may differ without contradicting the formula. `rule`: a convention
            for what is not stated; `least`: a part is left out, so that there may be more; `guess`: an
            assumption. None: a definition.
        reference: where the formula comes from, for whoever wants to check it.
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

"""A reading that turns on one input: where it holds, and what is known about that input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmcost.analysis.claims.believe import Believed, believed_of
from llmcost.analysis.claims.reading import Sought, placed
from llmcost.engine.units import same_unit
from llmcost.errors import LlmcostError
from llmcost.records import NamedTuple
from llmcost.scenario.claims import Claim, TurnsOn, Verdict
from llmcost.scenario.values.datum import Datum


class Known(NamedTuple):
    """An estimate of the input, or the range over all who differ in it.

    Attributes:
        datum: the number or range, with its source.
        holds: whether the reading holds in all of it; None if in a part.
        values: the reading's number at its ends, if the reading has one number.
    """

    datum: Datum
    holds: bool | None
    values: tuple[float | None, ...]


class Threshold(NamedTuple):
    """Where the input makes the reading hold, and what is known about the input.

    Attributes:
        believed: the input, and the intervals in which the reading holds.
        known: its published estimates, or the one range over all who differ in it.
        varies: who differs in it; None if `known` are estimates of one number.
    """

    believed: Believed
    known: tuple[Known, ...]
    varies: str | None

    @property
    def verdict(self) -> Verdict:
        """The verdict: whether all that is known agrees, nothing does, or a part."""
        found = {known.holds for known in self.known}
        return "holds" if found == {True} else "does not hold" if found == {False} else "holds only if"


def threshold_of(claim: Claim, turns_on: TurnsOn, all_sought: Sequence[Sought]) -> Threshold:
    """Find where a reading holds, and compare that with what is known.

    Raises:
        LlmcostError: if nothing is known about the input, or only in another unit.
    """
    belief = turns_on.belief
    believed = believed_of(claim, belief, all_sought)
    assert believed is not None  # an input that moves nothing was refused
    data = [fact.datum for fact in turns_on.estimates]
    for fact in turns_on.estimates:
        if not same_unit(fact.quantity.unit, believed.input.unit):
            message = f"{fact.quantity.name} is in {fact.quantity.unit or 'no unit'}, {belief.input} in "
            raise LlmcostError(placed(message + (believed.input.unit or "none"), claim, belief))
    if turns_on.varies is not None:
        if believed.sourced is None:
            message = f"{belief.input} of {believed.scenario.label} is not a range, which 'varies' needs"
            raise LlmcostError(placed(message, claim, belief))
        data = [next(_stated(belief.input, all_sought))]
    curve = all_sought[0].moved(belief) if len(all_sought) == 1 else None
    known = []
    for datum in data:
        low, high = ends_of(datum)
        values = () if curve is None else tuple(curve.at(end) for end in dict.fromkeys((low, high)))
        known.append(Known(datum, _holds(believed, low, high), values))
    return Threshold(believed, tuple(known), turns_on.varies)


def _stated(name: str, all_sought: Sequence[Sought]) -> Iterator[Datum]:
    """Yield the stated values of an input, before a reading sets anything."""
    for sought in all_sought:
        if name in sought.asked.facts:
            yield sought.asked.facts[name].datum
        yield from (side.sourced.data[name] for side in sought.sides if name in side.sourced.data)


def ends_of(datum: Datum) -> tuple[float, float]:
    """Return the ends of a range; for a single number, that number twice."""
    return datum.ends or (datum.value, datum.value)


def _holds(believed: Believed, low: float, high: float) -> bool | None:
    if any(start <= low and high <= stop for start, stop in believed.holds):
        return True
    return None if any(start <= high and low <= stop for start, stop in believed.holds) else False

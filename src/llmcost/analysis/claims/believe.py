"""What one would have to believe: the values of an input at which a claim's reading holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from llmcost.analysis.ask.evaluation import value_today
from llmcost.analysis.claims.reading import Side, Sought, placed
from llmcost.analysis.whatif.search import constant, search
from llmcost.analysis.whatif.solve import DECADES
from llmcost.analysis.whatif.vary import is_input
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError, Place, Problem, attempt
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.claims import Belief, Claim, Reading
from llmcost.scenario.settled import Scenario

Stretch = tuple[float, float]


class Believed(NamedTuple):
    """The values of one input at which a reading holds, all else unchanged.

    Attributes:
        input: the input.
        scenario: its scenario; an empty one for a fact.
        today: its value; None if it has none.
        needed: the value nearest to today's at which the reading holds; None if there is none.
        holds: the intervals in which the reading holds.
        searched: the interval that was searched.
        sourced: the range that its source gives, if any.
    """

    input: Quantity
    scenario: Scenario
    today: float | None
    needed: float | None
    holds: tuple[Stretch, ...]
    searched: Stretch
    sourced: Stretch | None

    @property
    def inside(self) -> bool | None:
        """Whether the reading holds somewhere in the sourced range; None without such a range."""
        if self.sourced is None:
            return None
        low, high = self.sourced
        return any(start <= high * (1 + 1e-9) and stop >= low * (1 - 1e-9) for start, stop in self.holds)


def faults(claim: Claim, worked: Sequence[tuple[Reading, Sequence[Sought]]]) -> list[Problem]:
    """Find the inputs under `believe` that move no number, are derived, ambiguous or impossible to search."""
    problems: list[Problem] = []
    used: set[Place] = set()
    beliefs: dict[Place, Belief] = {}
    for reading, all_sought in worked:
        turning = (reading.turns_on.belief,) if reading.turns_on else ()
        for belief in (*reading.beliefs, *turning):
            place = belief.place
            beliefs[place] = belief
            touched = [sought for sought in all_sought if sought.places(belief)]
            for sought in touched:
                used.add(place)
                attempt(partial(_bounds, claim, belief, *_moved(belief, sought)[1:]), problems)
                if belief.input in sought.asked.facts:
                    continue
                if belief.scenario is None and len(sought.sides) == 2:
                    owner = sought.sides[-1].scenario.name
                    message = f"believe {belief.input}: say whose, such as {owner}/{belief.input}"
                    problems.append(placed(message, claim, belief))
                elif not is_input(belief.input, [sought.sides[p].scenario for p in sought.places(belief)]):
                    message = f"believe {belief.input}: is derived; name what it follows from"
                    problems.append(placed(message, claim, belief))
    for place, belief in beliefs.items():
        if place not in used:
            problems.append(placed(f"believe {belief.input}: no reading depends on it", claim, belief))
    return problems


def believed_of(claim: Claim, belief: Belief, all_sought: Sequence[Sought]) -> Believed | None:
    """Find where an input must be for a reading to hold; None if no number depends on the input."""
    moving = [(sought, sought.moved(belief)) for sought in all_sought]
    if all(curve is None for _, curve in moving):
        return None
    first = next(sought for sought, curve in moving if curve is not None)
    side, quantity, today, sourced = _moved(belief, first)
    low, high = _bounds(claim, belief, quantity, today, sourced)
    stretches: list[Stretch] = [(low, high)]
    for sought, curve in moving:
        if curve is None:
            stretches = stretches if sought.figure.holds else []
        else:
            for sign, end in ((">", sought.asked.claimed.low), ("<", sought.asked.claimed.high)):
                if end is not None:
                    sign += "" if sought.asked.claimed.strict else "="
                    stretches = _overlap(stretches, search(sign, low, high, curve, constant(end)).holds)
    needed = None
    if today is not None and stretches:
        ends = [min(max(today, start), stop) for start, stop in stretches]
        needed = min(ends, key=lambda end: (_apart(end, today), end))
    return Believed(quantity, side.scenario, today, needed, tuple(stretches), (low, high), sourced)


class _Moved(NamedTuple):
    """An input that moves a number: its side, its value, and the range that its source gives."""

    side: Side
    quantity: Quantity
    today: float | None
    sourced: Stretch | None


def _moved(belief: Belief, sought: Sought) -> _Moved:
    side = sought.sides[sought.places(belief)[0]]
    fact = sought.asked.facts.get(belief.input)
    quantity = fact.quantity if fact else MODEL.quantities[belief.input]
    today = fact.datum.value if fact else value_today(side.scenario, belief.input)
    source = fact.datum if fact else side.sourced.data.get(belief.input)
    return _Moved(side, quantity, today, source and source.ends)


def _bounds(
    claim: Claim, belief: Belief, quantity: Quantity, today: float | None, sourced: Stretch | None
) -> Stretch:
    if belief.between is not None:
        return belief.between
    if quantity.low is not None and quantity.high is not None:
        return quantity.low, quantity.high
    if today is not None and today > 0:
        return today / 10**DECADES, today * 10**DECADES
    if sourced is not None:
        return sourced
    message = f"believe {quantity.name}: has no value to search around; write '{quantity.name}: LOW to HIGH'"
    raise LlmcostError(placed(message, claim, belief))


def _overlap(one: Sequence[Stretch], other: Sequence[Stretch]) -> list[Stretch]:
    pairs = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return [(start, stop) for start, stop in pairs if start <= stop]


def _apart(value: float, today: float) -> float:
    """Return the size of a change, by its factor if there is one."""
    return abs(math.log(value / today)) if value > 0 < today else abs(value - today)

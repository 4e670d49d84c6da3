"""A verdict in a sentence, and how far a number lies from what is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from llmcost.analysis.claims.believe import Believed
from llmcost.analysis.claims.judge import Judged, Outcome
from llmcost.analysis.claims.reading import Figure, Off
from llmcost.engine.registry import Quantity
from llmcost.render import words
from llmcost.render.results.shared import unit_shown

EDGE: Final = 1e-12
"""Share of a search below which a stretch begins at its bound."""
MOST_NAMED: Final = 3
"""How many readings a sentence names; the table has them all."""
CLOSE: Final = 0.2
"""Below this part of what is claimed, a miss is told in percent and not as a factor."""


def sentence(judged: Judged) -> str:
    """Say the verdict in a sentence, with its condition, probability or distance."""
    several = len(judged.outcomes) > 1
    match judged.verdict:
        case "holds":
            return f"Holds in each of {len(judged.outcomes)} readings." if several else "Holds."
        case "holds only if":
            return _condition(judged)
        case "undecided":
            # All of them: the likeliest alone would speak for the claim.
            undecided = [outcome for outcome in judged.outcomes if outcome.verdict == "undecided"]
            shares = sorted(outcome.probability or 0.0 for outcome in undecided)
            share = " to ".join(dict.fromkeys(percent(end) for end in (shares[0], shares[-1])))
            named = f", as to {_quoted(undecided)}" if several else ""
            return f"Undecided{named}: it holds in {share} of the draws from the ranges of its inputs."
        case _:
            nearest = judged.nearest
            assert nearest is not None
            named = f", not even as to {_quoted([nearest])}" if several else ""
            missed = max(
                (f for f in nearest.figures if not f.holds),
                key=lambda f: float("inf") if f.off is None else f.off.distance,
            )
            return f"Does not hold{named}: {_miss(missed)}."


def _condition(judged: Judged) -> str:
    total = len(judged.outcomes)
    if judged.holding:
        share = f"{len(judged.holding)} of {total} readings"
        return f"Holds only if what is meant is {_quoted(judged.holding)}: {share}."
    reach: dict[object, tuple[Outcome, Believed]] = {}
    for outcome, believed in judged.within_reach:
        reach.setdefault((believed.input.name, believed.scenario.label, believed.holds), (outcome, believed))
    told = [
        f"{believed.input.name} of {believed.scenario.label} is {stretches(believed)}"
        + (f" (as to {_quoted([outcome])})" if total > 1 else "")
        for outcome, believed in list(reach.values())[:MOST_NAMED]
    ]
    return f"Holds only if {', or '.join(told)}, which its source allows."


def _quoted(outcomes: Sequence[Outcome]) -> str:
    names = [f"“{outcome.reading.name}”" for outcome in outcomes[:MOST_NAMED]]
    if len(outcomes) > MOST_NAMED:
        names.append(f"{len(outcomes) - MOST_NAMED} more")
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _miss(figure: Figure) -> str:
    if figure.off is None or figure.value is None:
        return f"{figure.quantity.name} is undefined ({figure.reason})"
    least = "least" if figure.off.difference <= 0 else "most"
    value, end = (with_unit(number, figure.quantity) for number in (figure.value, figure.off.end))
    return f"{value} is {distance(figure.off, figure.quantity)}, against {end} at {least}"


def distance(off: Off, quantity: Quantity) -> str:
    """Say how far off a number is: points between shares, percent where it is near, else a factor."""
    side = "low" if off.difference <= 0 else "high"
    if quantity.unit.startswith("share") and (off.factor is None or abs(off.factor - 1) < CLOSE):
        # A difference of shares is not a share of one.
        return f"too {side} by {words.significant(abs(off.difference) * 100)} points"
    if off.factor is not None and abs(off.factor - 1) < CLOSE:
        return f"too {side} by {percent(abs(off.factor - 1))}"
    if off.factor is not None:
        return f"too {side} by a factor of {words.significant(max(off.factor, 1 / off.factor))}"
    return f"too {side} by {with_unit(abs(off.difference), quantity)}"


def with_unit(value: float, quantity: Quantity) -> str:
    """Return a value with its unit."""
    unit = unit_shown(quantity.unit)
    return words.number(value, quantity) + (f" {unit}" if unit else "")


def percent(share: float | None) -> str:
    """Return a share of draws as a percentage."""
    return f"{words.significant((share or 0) * 100)}%"


def stretches(believed: Believed) -> str:
    """Where an input makes a reading hold; the bounds of the search are no bounds of it."""
    low, high = believed.searched
    # Where a bound is the one value at which nothing is defined, the stretch begins a hair above it.
    low += EDGE * (high - low)
    told = []
    for start, stop in believed.holds:
        first, last = (with_unit(end, believed.input) for end in (start, stop))
        if start > low and stop >= high:
            told.append(f"{first} or more")
        elif start <= low and stop < high:
            told.append(f"{last} or less")
        elif first == last:
            told.append(first)
        else:
            told.append(f"{words.number(start, believed.input)} to {last}")
    return " or ".join(told)

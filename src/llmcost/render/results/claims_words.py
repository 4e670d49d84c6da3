"""Puts verdicts into words, and how far a number is from the claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from llmcost.analysis.ask.reach import listed
from llmcost.analysis.claims.believe import Believed
from llmcost.analysis.claims.reading import Figure, Off
from llmcost.analysis.claims.threshold import Known, Threshold, ends_of
from llmcost.analysis.claims.verdict import Finding, Judged
from llmcost.engine.registry import Quantity
from llmcost.render import words
from llmcost.render.results.shared import rounded, span

EDGE: Final = 1e-12
"""A stretch begins at the bound of a search if it is this close, as a share of the search."""
MOST_NAMED: Final = 3
"""The most readings that a sentence names; the table has all."""
CLOSE: Final = 0.5
"""A miss smaller than this share of the value is given in percent, not as a factor."""


def sentence(judged: Judged) -> str:
    """Say the verdict in a sentence, with its condition, probabilities or distance, and how firm it is."""
    return f"{verdict_of(judged)} {basis_sentence(judged)}"


def verdict_of(judged: Judged) -> str:
    """Say the verdict in a sentence, with its condition, probabilities or distance."""
    several = len(judged.findings) > 1
    match judged.verdict:
        case "holds":
            return "Holds, whichever reading is meant." if several else "Holds."
        case "quotes its source":
            whose = {finding.reading.quotes or _source_of(finding) for finding in judged.findings}
            return f"Quotes its source: {', '.join(sorted(whose))}. There is nothing else to compare it with."
        case "holds only if":
            return _condition(judged)
        case "undecided":
            # All of them: the likeliest alone would favour the claim.
            undecided = [finding for finding in judged.findings if finding.verdict == "undecided"]
            told = [
                f"{percent(finding.probability)} of the draws"
                + (f" for {_quoted([finding])}" if several else "")
                for finding in undecided
            ]
            return f"Undecided: with inputs drawn from their ranges, it holds in {listed(told)}."
        case _:
            nearest = judged.nearest
            assert nearest is not None
            named = f", not even for {_quoted([nearest])}" if several else ""
            missed = max(
                (f for f in nearest.figures if not f.holds),
                key=lambda f: float("inf") if f.off is None else f.off.distance,
            )
            return f"Does not hold{named}: {_miss(missed)}."


def basis_sentence(judged: Judged) -> str:
    """Say on what basis a verdict rests, and name the figures if they are weak."""
    named = ""
    if words.is_weak(judged.basis):
        weak = judged.weak
        shown = [*weak[:MOST_NAMED], *(["others"] if len(weak) > MOST_NAMED else [])]
        named = f" ({', '.join(shown)})" if shown else ""
    said = "stated without a basis" if judged.basis == "stated" else judged.basis
    return f"The weakest figure behind this is {said}{named}."


def _source_of(finding: Finding) -> str:
    found = [f.asked.facts[n].datum.source for f in finding.figures for n in f.asked.facts]
    for figure in finding.figures:
        for term in figure.terms:
            found += [term.scenario.data[n].source for n in term.metric.metrics if n in term.scenario.data]
    return ", ".join(dict.fromkeys(filter(None, found))) or "it"


def _condition(judged: Judged) -> str:
    several = len(judged.findings) > 1
    turning = [finding for finding in judged.holding if finding.verdict == "holds only if"]
    meant = [finding for finding in judged.holding if finding.verdict != "holds only if"]
    told = [f"it means {_quoted(meant)}"] if meant else []
    for finding in turning[:MOST_NAMED]:
        assert finding.threshold is not None
        as_to = f", for {_quoted([finding])}" if several else ""
        told.append(f"{threshold(finding.threshold)}{as_to}")
    if told:
        quoting = [finding.reading.quotes for finding in meant if finding.verdict == "quotes its source"]
        named = ", ".join(dict.fromkeys(filter(None, quoting)))
        quoted = f", which quotes its source{f' ({named})' if named else ''}"
        quoted = quoted if len(quoting) == len(meant) > 0 else ""
        missed = [] if turning else _otherwise(judged)
        return f"Holds only if {', or '.join(told)}{quoted}.{''.join(missed)}"
    reach: dict[object, tuple[Finding, Believed]] = {}
    for finding, believed in judged.within_reach:
        reach.setdefault((believed.input.name, believed.scenario.label, believed.holds), (finding, believed))
    told = [
        f"{whose(believed)} is {stretches(believed)}" + (f" (for {_quoted([finding])})" if several else "")
        for finding, believed in list(reach.values())[:MOST_NAMED]
    ]
    return f"Holds only if {', or '.join(told)}, which its source allows."


def _otherwise(judged: Judged) -> list[str]:
    """Say in which direction the claim is off in the other readings, if they agree."""
    return [f" Otherwise it {judged.direction}."] if judged.direction else []


def whose(believed: Believed) -> str:
    """Name an input with its scenario; a fact has none."""
    return (
        f"{believed.input.name} of {believed.scenario.label}"
        if believed.scenario.data
        else believed.input.name
    )


def threshold(found: Threshold) -> str:
    """Say where a reading begins to hold, and what values are known."""
    believed = found.believed
    if not believed.holds:
        return f"{whose(believed)} has a value outside those searched"
    condition = f"{whose(believed)} is {stretches(believed)}"
    if found.varies is not None:
        (known,) = found.known
        return f"{condition}; among {found.varies} it is {known_range(known, believed.input)}"
    told = listed([f"{known_range(k, believed.input)}{_by(k)}" for k in found.known])
    return f"{condition}; published {'values are' if len(found.known) > 1 else 'is'} {told}"


def _by(known: Known) -> str:
    return f" ({known.datum.source})" if known.datum.source else ""


def known_range(known: Known, quantity: Quantity) -> str:
    """Return a known value or range, with its unit."""
    return span(*ends_of(known.datum), quantity)


def _quoted(findings: Sequence[Finding]) -> str:
    names = [f"“{finding.reading.name}”" for finding in findings[:MOST_NAMED]]
    if len(findings) > MOST_NAMED:
        names.append("another of the readings that hold")
    return listed(names, "or")


def _miss(figure: Figure) -> str:
    if figure.off is None or figure.value is None:
        return f"{figure.quantity.name} is undefined ({figure.reason})"
    least = "least" if figure.off.difference <= 0 else "most"
    value, end = (rounded(number, figure.quantity) for number in (figure.value, figure.off.end))
    return f"it {distance(figure.off, figure.quantity)}, {value} against {end} at {least}"


def distance(off: Off, quantity: Quantity) -> str:
    """Say in which direction and how far a claim is off: in points, percent, or as a factor."""
    value = off.end + off.difference
    by = abs(off.difference / value) if value else None
    if words.in_percent(quantity.unit) and (off.factor is None or by is None or by < CLOSE):
        amount = words.points(off.difference)
    elif off.factor is not None and by is not None and by < CLOSE:
        amount = percent(by)
    elif off.factor is not None:
        amount = f"a factor of {words.significant(max(off.factor, 1 / off.factor))}"
    else:
        amount = rounded(abs(off.difference), quantity)
    return f"{off.direction} by {amount}"


def marked(figure: Figure) -> str:
    """Return a number with its unit, and `~` if it is weak."""
    if figure.value is None:
        return "undefined"
    return words.mark(figure.basis) + rounded(figure.value, figure.quantity)


def percent(share: float | None) -> str:
    """Return a share of draws as a percentage."""
    return f"{words.significant((share or 0) * 100)}%"


def stretches(believed: Believed) -> str:
    """Return the values of an input that make a reading hold; the bounds of the search do not limit them."""
    low, high = believed.searched
    # If nothing is defined exactly at the bound, the stretch begins slightly above it.
    low += EDGE * (high - low)
    told = []
    for start, stop in believed.holds:
        first, last = (rounded(end, believed.input) for end in (start, stop))
        if start > low and stop >= high:
            told.append(f"{first} or more")
        elif start <= low and stop < high:
            told.append(f"{last} or less")
        else:
            told.append(first if first == last else span(start, stop, believed.input))
    return " or ".join(told)

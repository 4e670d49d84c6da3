"""Warnings before any figure: statements that disagree, and inputs without effect."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from llmcost.analysis.ask.caveats import Caveats, TwoMixes
from llmcost.analysis.ask.conflicts import Beyond, Conflict, Overruled
from llmcost.analysis.ask.reach import listed, sentences
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.report import Annotation, Document
from llmcost.render.results.shared import fields, reason_fields, rounded, seen, united

OTHERS: Final = "the other statements make it"


def warnings(found: Iterable[Caveats], *, named: bool = False) -> list[str]:
    """Return the warnings: conflicts, overridden statements, and inputs without effect.

    `named` says whether each begins with its scenario.
    """
    said = []
    for item in found:
        lines = [said_of(conflict) for conflict in item.conflicts if conflict.because is None]
        lines += map(_overruled, item.overruled)
        lines += map(_beyond, item.beyond)
        lines += sentences(item.no_effect)
        lines += map(_two_mixes, item.mixes)
        lines += [_left_out(item.left_out)] if item.left_out else []
        said += [f"{item.label}: {line}" if named else line for line in lines]
    return list(dict.fromkeys(said))


def acknowledged(found: Iterable[Caveats], *, named: bool = False) -> list[str]:
    """Return disagreements for which a file gives a reason, as notes."""
    return [
        f"{item.label}: {said_of(conflict)}" if named else said_of(conflict)
        for item in found
        for conflict in item.conflicts
        if conflict.because is not None
    ]


def said_of(conflict: Conflict) -> str:
    """Say in a sentence what is stated, what follows from other statements, and which is used."""
    quantity = MODEL.quantities[conflict.name]
    stated = conflict.stated
    ends = [stated.low, stated.high] if stated.low is not None else [stated.value]
    told = [end for end in (*ends, conflict.low, conflict.high) if end is not None and math.isfinite(end)]
    shown = words.number
    if len({words.number(value, quantity) for value in told}) < len(set(told)):
        shown = words.exact

    def span(low: float, high: float) -> str:
        if low == high:
            text = shown(low, quantity)
        elif math.isinf(high):
            text = f"at least {shown(low, quantity)}"
        elif math.isinf(low):
            text = f"at most {shown(high, quantity)}"
        else:
            text = f"{shown(low, quantity)} to {shown(high, quantity)}"
        return united(text, quantity)

    low, high = (stated.value if end is None else end for end in (stated.low, stated.high))
    here = span(low, high)
    reason = conflict.reason
    there = f"undefined: {reason}" if reason is not None else span(conflict.low, conflict.high)
    made = f"{OTHERS} {there}: {_way(conflict.formula, conflict.brief)}"
    if conflict.ruler is not None:
        return f"{conflict.ruler} overrides the file: {conflict.name} is {here}; {made}"
    if conflict.ruled:
        return f"{conflict.name}, stated as {here}, overrides {listed(conflict.ruled)}; {made}"
    if conflict.because is not None:
        return f"{conflict.name} is stated as {here}; {made}. Both are kept: {conflict.because}"
    return f"Conflict: {conflict.name} is stated as {here}; {made}"


def _two_mixes(item: TwoMixes) -> str:
    quantity = MODEL.quantities["workload.output_share"]
    workload, traffic = words.number(item.workload, quantity), words.number(item.traffic, quantity)
    return (
        f"{item.part}: its workload rules what a token costs ({workload} output), not the mix of its own "
        f"traffic ({traffic} output)"
    )


def _left_out(parts: Sequence[str]) -> str:
    return (
        f"cost.total leaves out what {listed(parts)} cost{'s' * (len(parts) == 1)}, which is no line here: "
        "state it as cost.inference"
    )


def _overruled(item: Overruled) -> str:
    quantity = MODEL.quantities[item.name]
    follows = rounded(item.follows, quantity)
    return f"{item.name} wins at every value; {OTHERS} {follows}: {_way(item.formula, item.brief)}"


def _beyond(item: Beyond) -> str:
    def shown(name: str, value: float) -> str:
        return rounded(value, MODEL.quantities[name])

    here = listed([f"{name} is {shown(name, value)}" for name, value in item.put.items()])
    low = (
        "it is too low"
        if [*item.put] == [item.name]
        else f"{item.name}, {shown(item.name, item.value)}, is too low"
    )
    return f"Where {here}, {low}: {item.formula} is {shown(item.name, item.least)}"


def _way(formula: str, inputs: Sequence[str]) -> str:
    return formula if all(name in formula for name in inputs) else f"{formula}, from {listed(inputs)}"


def located(conflict: Conflict) -> str:
    """Return the sentence after the place of the statement."""
    return ": ".join(filter(None, [str(seen(conflict.stated.place)), said_of(conflict)]))


def conflict_annotation(conflict: Conflict) -> Annotation:
    """Return the sentence as a remark at the place of the statement."""
    title = f"{conflict.name} contradicts other statements"
    return Annotation("error", title, said_of(conflict), seen(conflict.stated.place))


def caveats_document(found: Iterable[Caveats]) -> Document:
    """Return the keys `conflicts`, `no_effect` and, if needed, `too_little` of a document."""
    found = list(found)
    conflicts, without = [], []
    for item in found:
        conflicts += [conflict_document(conflict, item.label) for conflict in item.conflicts]
        without += [
            {"scenario": item.label} | fields(gap, "input:name stated:by partly") for gap in item.no_effect
        ]
    too_little = [
        {"scenario": item.label, **fields(b, "quantity:name value least formula"), "where": dict(b.put)}
        for item in found
        for b in item.beyond
    ]
    return {"conflicts": conflicts, "no_effect": without} | ({"too_little": too_little} if too_little else {})


def conflict_document(conflict: Conflict, label: str) -> Document:
    """Return a disagreement for scripts; infinite ends become null."""
    low, high = (None if math.isinf(end) else end for end in (conflict.low, conflict.high))
    return {
        "scenario": label,
        "quantity": conflict.name,
        "unit": MODEL.quantities[conflict.name].unit,
        "stated": conflict.stated.value,
        "follows": None if math.isinf(conflict.follows) else conflict.follows,
        **reason_fields(conflict.reason),
        "low": low,
        "high": high,
        **fields(conflict, "formula inputs because ruler ruled"),
    }

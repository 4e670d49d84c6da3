"""The numbers of a claim: which metrics and facts each is computed from, and what is claimed."""

from __future__ import annotations

import re
from typing import Any, Final

from llmcost.engine.registry import Quantity
from llmcost.engine.units import DIMENSIONLESS
from llmcost.formulas import MODEL
from llmcost.scenario.claims import COMPARED, AskedNumber, Fact, Facts, How
from llmcost.scenario.files.format import Field, Fields, Found, Kind
from llmcost.scenario.files.kinds import LINK, TEXT, choice, mapped, number, spelled
from llmcost.scenario.files.override import SET
from llmcost.scenario.files.problems import At
from llmcost.scenario.files.tree import Node, Scalar, Sequence
from llmcost.scenario.files.value import DATUM, read_datum
from llmcost.scenario.reference import Link
from llmcost.scenario.values.claimed_range import RELATIONS, Claimed, parse_claimed
from llmcost.scenario.values.expression import Expression, parse_expression
from llmcost.scenario.values.number import NotANumber, shorten


def _compared(node: Node, at: At) -> tuple[Link, ...] | None:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        at.expected(node, COMPARE.words, f" of {len(node.items)}" if isinstance(node, Sequence) else "")
        return None
    links = [LINK.read(item, at) for item in node.items]
    # If one of two scenarios cannot be read, the other is not checked against what is written for both.
    return tuple(link for link in links if link is not None) if None not in links else None


def _metrics(node: Node, at: At) -> tuple[Expression, ...] | None:
    items = node.items if isinstance(node, Sequence) else (node,)
    if not 1 <= len(items) <= 2:
        at.expected(node, METRIC.words, f" of {len(items)}")
        return None
    read = [_EXPRESSION.read(item, at) for item in items]
    return tuple(metric for metric in read if metric is not None) if None not in read else None


def _unit(text: str) -> str | None:
    plain = text.replace(" ", "").translate(str.maketrans("", "", "_×–%/-"))
    return text if len(text) <= 30 and (not plain or plain.isalnum()) else None


def _expression(node: Node, at: At) -> Expression | None:
    text = TEXT.read(node, at)
    if text is None:
        return None
    known = at.problems.expressions
    if text not in known:
        facts = {name: fact.quantity for name, fact in at.problems.facts.items()}
        try:
            known[text] = parse_expression(text, MODEL, facts)
        except NotANumber as error:
            at.fault(node, str(error))
    return known.get(text)


_EXPRESSION: Final = Kind("a metric, or arithmetic over metrics and facts", _expression, lambda _: str)
_NUMBER: Final = Kind("a number", TEXT.read, lambda _: float | str)
_UNIT: Final = spelled("a unit such as USD/Mtok", _unit)
COMPARE: Final = Kind(
    "a list of two scenarios such as [o1, deepseek-r1]", _compared, lambda _: tuple[str, str]
)
METRIC: Final = Kind("a metric, or a list of one for each scenario", _metrics, lambda _: str | list[str])
FACT: Final = Fields(
    "Fact",
    "a mapping such as {value: 60B, unit: USD, source: …}",
    "A number that belongs to no scenario, with its source.",
    *(field for field in DATUM.fields.values() if field.name != "unit"),
    Field("unit", _UNIT, "Its unit; absent: none."),
)


def _fact(node: Node, at: At) -> Fact | None:
    name = at.key
    at = At(at.problems, ": ".join(filter(None, [at.subject, name])))
    found = FACT.read(node, at)
    if found is None or found["value"] is None:
        return None
    quantity = Quantity(name, found["unit"] or "", "", low=None)
    datum = read_datum(found["value"], found, at._replace(quantity=quantity))
    return None if datum is None or not found.sound else Fact(quantity, datum)


def _no_fact(text: str) -> str | None:
    return None if _FACT.fullmatch(text) else f"'{shorten(text)}': a fact's name consists of a-z, 0-9 and _"


def read_facts(node: Node, at: At) -> Facts | None:
    """Read the facts, which the metrics that follow may use."""
    found = FACTS.read(node, at)
    at.problems.facts = found or {}
    return found


_FACT: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
FACTS: Final = mapped(
    Kind(FACT.words, _fact, lambda models: models.of(FACT)),
    "a mapping from names to numbers with their sources",
    "fact",
    refused=_no_fact,
)
ASKED: Final = (
    Field("scenario", LINK, "The scenario, named as in commands."),
    Field("compare", COMPARE, "Two scenarios to compare."),
    Field("metric", METRIC, "A metric, or arithmetic over metrics: + - * / ^ ( ), min(a, b), max(a, b)."),
    Field("as", choice(*COMPARED), "How to compare [a, b]: a ÷ b, 1 − b ÷ a, a − b."),
    Field("unit", _UNIT, "The unit of the result, if numbers without a unit change it."),
    Field("workload", LINK, "The mix to price."),
    Field("set", SET, "Overrides, as with --set."),
    Field("ranges", choice("draw", "ignore"), "Whether the inputs' ranges are drawn from; absent: draw."),
    Field("claimed", _NUMBER, f"A number alone, or one after {', '.join(RELATIONS)}."),
    Field("within", number(low=0), "The tolerance of 'about', such as 15%; absent: 10%."),
)
"""How a number is computed. A claim's keys apply to its readings too; an inner key wins."""
_IN_FORCE: Final = frozenset({*(field.name for field in ASKED), "believe", "turns_on"})

Scope = dict[str, tuple[Any, Node]]
"""The keys in force for a number: each with its value and its node."""


def scope_of(found: Found, outer: Scope) -> Scope:
    """Return the keys in force inside: an inner key cancels the outer ones that it replaces."""
    inner = {name: (found[name], node) for name, node in found.nodes.items() if name in _IN_FORCE}
    replaced = set()
    if "scenario" in inner or "compare" in inner:
        replaced |= {"scenario", "compare"}
    if "scenario" in inner and "as" not in inner:
        replaced.add("as")
    if "claimed" in inner:
        replaced.add("within")
    if "metric" in inner:
        replaced.add("unit")
    return {key: said for key, said in outer.items() if key not in replaced} | inner


def asked_number(node: Node, scope: Scope, at: At) -> AskedNumber | None:
    """Build a number from the keys in force."""
    before = len(at.problems.found)
    said = {key: value for key, (value, _) in scope.items()}
    sources = said.get("compare") or ((said["scenario"],) if said.get("scenario") else ())
    if "scenario" in scope and "compare" in scope:
        at.refuse(scope["compare"][1], "has both 'scenario' and 'compare'; one of them is enough")
    metrics: tuple[Expression, ...] = said.get("metric") or ()
    if (
        not {"scenario", "compare"} & scope.keys()
        and (metrics or "metric" not in scope)
        and not _of_facts(metrics)
    ):
        at.refuse(node, "has neither 'scenario' nor 'compare'")
    if "metric" not in scope:
        at.refuse(node, "has no 'metric'")
    elif sources and len(metrics) not in (0, len(sources)):
        if len(metrics) == 1:
            metrics *= len(sources)
        else:
            at.refuse(scope["metric"][1], f"'metric' takes one metric, got a list of {len(metrics)}")
    if "as" in scope and len(sources) == 1:
        at.refuse(scope["as"][1], "'as' is for comparisons; this is not one")
    how: How = said.get("as") or ("ratio" if len(sources) == 2 else "value")
    unit = _result_unit(scope, metrics, how, at)
    claimed = _claimed(node, scope, unit, at)
    if claimed is not None and _most_is_one(metrics, how):
        _refuse_above_one(claimed, scope["claimed"][1], at)
    if len(at.problems.found) > before or claimed is None or None in said.values():
        return None
    overrides = tuple(
        one._replace(origin=f"the reading sets {one.text}")
        for one in (said["set"].others.values() if "set" in said else ())
    )
    place, draws = at.place(scope["metric"][1]), said.get("ranges") != "ignore"
    facts = {name: at.problems.facts[name] for metric in metrics for name in metric.facts}
    if not any(metric.metrics for metric in metrics):
        sources, metrics = (), metrics[:1]
    return AskedNumber(
        sources, metrics, how, unit, claimed, said.get("workload"), overrides, draws, facts, place
    )


def _of_facts(metrics: tuple[Expression, ...]) -> bool:
    """Whether a number uses only facts, so that it needs no scenario."""
    return len(metrics) == 1 and not metrics[0].metrics


def _result_unit(scope: Scope, metrics: tuple[Expression, ...], how: How, at: At) -> str:
    if "unit" in scope:
        return scope["unit"][0] or ""
    alike = {"" if metric.unit in DIMENSIONLESS else metric.unit for metric in metrics}
    if len(alike) == 2:
        one, two = (metric.unit for metric in metrics)
        message = f"compares {one} with {two}; 'unit' says what both are, where the arithmetic makes them one"
        at.refuse(scope["metric"][1], message)
    return "×" if how == "ratio" else "share" if how == "saving" else metrics[0].unit if metrics else ""


def _claimed(node: Node, scope: Scope, unit: str, at: At) -> Claimed | None:
    if "claimed" not in scope:
        at.refuse(node, "has no 'claimed', such as 'about 30' or 'between 10 and 100'")
        return None
    text, written = scope["claimed"]
    within, margin = scope.get("within", (None, None))
    if within is not None and within >= 1 and isinstance(margin, Scalar):
        meant = f"; did you mean {within:g}%?" if within < 100 and "%" not in margin.text else ""
        said = shorten(margin.text)
        at.refuse(margin, f"'within' is a share of the number, and {said} is all of it or more{meant}")
    if text is None:
        return None
    try:
        return parse_claimed(text, within=within, unit=unit)
    except NotANumber as error:
        at.refuse(written, f"'claimed': {error}")
        return None


def _refuse_above_one(claimed: Claimed, node: Node, at: At) -> None:
    """Refuse a bound above 1 on a share: somebody wrote 90 for 90%."""
    end = claimed.high if claimed.low is None else claimed.low
    if end is not None and end > 1 and "%" not in claimed.text:
        said = f"'{shorten(claimed.text)}' of a number that cannot exceed 1"
        at.refuse(node, f"'claimed': {said}; 90% is written with its sign")


def _most_is_one(metrics: tuple[Expression, ...], how: How) -> bool:
    """Whether the number is a share of something: a saving, or a metric that cannot exceed 1."""
    quantities = [MODEL.quantities.get(metric.text) for metric in metrics]
    return how == "saving" or (how == "value" and [q and q.high for q in quantities] == [1])

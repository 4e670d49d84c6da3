"""Ledgers of claims: what was said, and the ways in which it can be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from llmcost.engine.registry import Quantity
from llmcost.engine.units import DIMENSIONLESS
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.scenario.claims import (
    COMPARED,
    VERDICTS,
    AskedNumber,
    Belief,
    Claim,
    Fact,
    Facts,
    How,
    Ledger,
    Reading,
    TurnsOn,
)
from llmcost.scenario.files.document import kind_said
from llmcost.scenario.files.format import At, Field, Fields, Found, Kind, Problems, kind_of
from llmcost.scenario.files.kept import composed
from llmcost.scenario.files.kinds import (
    AS_OF,
    CLAIMS,
    LINK,
    NOTE,
    TEXT,
    TITLE,
    URL,
    VERSION,
    choice,
    listed,
    mapped,
    nested,
    number,
    spelled,
)
from llmcost.scenario.files.override import SET
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence, compose, read_text
from llmcost.scenario.files.value import DATUM, read_datum
from llmcost.scenario.reference import Link
from llmcost.scenario.values.claimed_range import RELATIONS, Claimed, parse_claimed
from llmcost.scenario.values.expression import Expression, parse_expression
from llmcost.scenario.values.number import NotANumber, parse_amount, shorten


def is_ledger(path: Path) -> bool:
    """Whether a file says of itself that it is a ledger; what cannot be read is none."""
    try:
        text = read_text(path)
        node = compose(text, "") if CLAIMS in text else None
    except LlmcostError:
        return False
    keys = [key.text for key, _ in node.items] if isinstance(node, Mapping) else []
    return CLAIMS in keys or kind_said(node) == CLAIMS


def read_ledger(text: str, where: str) -> Ledger:
    """Read a ledger from YAML.

    Raises:
        LlmcostError: with every problem of the text, each with its line and column.
    """
    problems = Problems(where)
    found = LEDGER.read(composed(text, where), At(problems))
    if found is not None and not problems.found:
        used = {name for claim in found["claims"].values() for name in _used(claim)}
        for name, fact in problems.facts.items():
            if name not in used:
                problems.add(fact.datum.place, "no claim uses it", name)
    if found is None or problems.found:
        # What stands at a claim is put together once for each of its readings.
        raise LlmcostError(*dict.fromkeys(problems.sorted()))
    return Ledger(where, found["title"], found["note"], tuple(found["claims"].values()))


def _used(claim: Claim) -> Iterator[str]:
    """Yield the facts that a claim uses."""
    for reading in claim.readings:
        for asked in reading.asked:
            yield from asked.facts
        if reading.turns_on is not None:
            yield from (fact.quantity.name for fact in reading.turns_on.estimates)


def _compared(node: Node, at: At) -> tuple[Link, ...] | None:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        at.expected(node, COMPARE.words, f" of {len(node.items)}" if isinstance(node, Sequence) else "")
        return None
    links = [LINK.read(item, at) for item in node.items]
    # Of two scenarios one of which cannot be read, what is said of both must not be held against one.
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
    try:
        return parse_expression(
            text, MODEL, {name: fact.quantity for name, fact in at.problems.facts.items()}
        )
    except NotANumber as error:
        at.fault(node, str(error))
        return None


_EXPRESSION: Final = Kind("a metric, or arithmetic over metrics and facts", _expression, lambda _: str)
_NUMBER: Final = Kind("a number", TEXT.read, lambda _: float | str)
COMPARE: Final = Kind(
    "a list of two scenarios such as [o1, deepseek-r1]", _compared, lambda _: tuple[str, str]
)
METRIC: Final = Kind("a metric, or a list of one for each scenario", _metrics, lambda _: str | list[str])
FACT: Final = Fields(
    "Fact",
    "a mapping such as {value: 60B, unit: USD, source: …}",
    "A number that belongs to no scenario, with its source.",
    *(field for field in DATUM.fields.values() if field.name != "unit"),
    Field("unit", spelled("a unit such as USD/Mtok", lambda text: _unit(text)), "Its unit; absent: none."),
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


def _facts(node: Node, at: At) -> Facts | None:
    """Read the facts, of which the metrics that are read after them may be made."""
    found = _FACTS.read(node, at)
    at.problems.facts = found or {}
    return found


_FACT: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FACTS: Final = mapped(
    Kind(FACT.words, _fact, lambda models: models.of(FACT)),
    "a mapping from names to numbers with their sources",
    "fact",
    refused=_no_fact,
)
ASKED: Final = (
    Field("scenario", LINK, "The scenario that is spoken of, as commands take it."),
    Field("compare", COMPARE, "Two scenarios, in place of one."),
    Field("metric", METRIC, "A metric, or arithmetic over metrics: + - * / ^ ( )."),
    Field("as", choice(*COMPARED), "What a comparison [a, b] is: a ÷ b, 1 − b ÷ a, a − b."),
    Field(
        "unit",
        spelled("a unit such as USD/Mtok", _unit),
        "The unit of the result, where numbers without one make it another.",
    ),
    Field("workload", LINK, "The mix that is priced."),
    Field("set", SET, "Overrides, as --set takes them."),
    Field("ranges", choice("draw", "ignore"), "Whether the inputs' ranges are drawn from; absent: draw."),
    Field("claimed", _NUMBER, f"A number by itself, or one after {', '.join(RELATIONS)}."),
    Field("within", number(low=0), "How far 'about' reaches, such as 15%; 10% without it."),
)
"""How a number is worked out; what stands at a claim holds for its readings, and an inner key wins."""
_IN_FORCE: Final = frozenset({*(field.name for field in ASKED), "believe", "turns_on"})

Scope = dict[str, tuple[Any, Node]]
"""What is in force at a number, by key, with where it stands."""


def _scope(found: Found, outer: Scope) -> Scope:
    """Return what is in force inside: an inner key puts out of force what it stands in place of."""
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


def _asked(node: Node, scope: Scope, at: At) -> AskedNumber | None:
    """Put a number together from what is in force."""
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
    """Whether a number is made of facts alone, and needs no scenario."""
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
    """Refuse what no share can be, or all are: somebody wrote 90 for 90%."""
    end = claimed.high if claimed.low is None else claimed.low
    if end is not None and end > 1 and "%" not in claimed.text:
        said = f"'{shorten(claimed.text)}' of a number that cannot exceed 1"
        at.refuse(node, f"'claimed': {said}; 90% is written with its sign")


def _most_is_one(metrics: tuple[Expression, ...], how: How) -> bool:
    """Whether the number is a share of something: a saving, or a metric that cannot exceed 1."""
    quantities = [MODEL.quantities.get(metric.text) for metric in metrics]
    return how == "saving" or (how == "value" and [q and q.high for q in quantities] == [1])


def _beliefs(node: Node, at: At) -> tuple[Belief, ...] | None:
    if isinstance(node, Sequence):
        pairs: list[tuple[Node, Node | None]] = [(item, None) for item in node.items]
    elif isinstance(node, Mapping):
        pairs = list(node.items)
    else:
        at.expected(node, BELIEVE.words)
        return None
    return tuple(filter(None, (_belief(key, value, at) for key, value in pairs)))


def _belief(key: Node, value: Node | None, at: At) -> Belief | None:
    text = TEXT.read(key, at)
    if text is None:
        return None
    scenario, _, name = text.rpartition("/")
    fact = at.problems.facts.get(name)
    if fact is None and MODEL.quantities.find(name) is None:
        at.refuse(key, MODEL.unknown(shorten(name, 80), "input", hint=at.problems.few))
        return None
    quantity = fact.quantity if fact else MODEL.quantities[name]
    between = None
    if value is not None and not (isinstance(value, Scalar) and value.is_null):
        try:
            text = value.text if isinstance(value, Scalar) else ""
            amount = parse_amount(text, quantity, rates={}, bounded=False)
        except NotANumber as error:
            at.refuse(value, f"believe {name}: {error}")
            return None
        if amount.low is None or amount.high is None:
            at.refuse(value, f"believe {name}: where to search is LOW to HIGH, got {kind_of(value)}")
            return None
        between = (amount.low, amount.high)
    return Belief(scenario or None, name, between, at.place(key))


BELIEVE: Final = Kind(
    "a list of inputs, or a mapping from inputs to LOW to HIGH",
    _beliefs,
    lambda _: list[str] | dict[str, str | None],
)
_BELIEVE: Final = Field(
    "believe", BELIEVE, "Inputs of which you may have to believe something else: INPUT, or SCENARIO/INPUT."
)


TURNS_ON: Final = Fields(
    "TurnsOn",
    "a mapping with 'input', and with 'estimates' or 'varies'",
    "The input on which a reading turns, given as a threshold instead of drawn from its range.",
    Field("input", TEXT, "INPUT, or SCENARIO/INPUT.", required=True),
    Field("between", TEXT, "Where to search for the threshold: LOW to HIGH."),
    Field("estimates", listed(TEXT, "a list of facts", least=1), "What has been published of it: facts."),
    Field("varies", TEXT, "Among whom it differs, where its range is of different cases, not uncertainty."),
)


def _turns_on(found: Found) -> TurnsOn | None:
    estimates, varies = found["estimates"], found["varies"]
    if found.sound and (estimates is None) == (varies is None):
        found.refuse("takes one of 'estimates' and 'varies'")
    belief = _belief(found.nodes["input"], found.nodes.get("between"), found.at) if found["input"] else None
    facts = found.at.problems.facts
    for name in estimates or ():
        if name not in facts:
            found.refuse(f"no fact is called '{shorten(name)}'{found.at.meant(name, facts)}", "estimates")
    if not found.sound or belief is None:
        return None
    return TurnsOn(belief, tuple(facts[name] for name in estimates or ()), varies)


def _found(found: Found) -> Found:
    return found


_TURNS_ON: Final = Field("turns_on", nested(TURNS_ON, _turns_on), "The input on which the reading turns.")
NUMBER: Final = Fields(
    "Number", "a mapping with 'metric' and 'claimed'", "One of several numbers of a reading.", *ASKED
)
READING: Final = Fields(
    "Reading",
    "a mapping with 'metric' and 'claimed'",
    "One way to mean the claim.",
    *ASKED,
    NOTE,
    _BELIEVE,
    _TURNS_ON,
    Field("quotes", TEXT, "Whose number this is, where all that is found is that the claim repeats it."),
    Field(
        "all",
        listed(nested(NUMBER, _found), "a list of the numbers of a reading", least=1),
        "Several numbers, all of which must be what is claimed.",
    ),
)


def _reading(node: Node, at: At) -> Found | None:
    if isinstance(node, Scalar) and node.is_null:
        return Found(node, at)
    return READING.read(node, at)


def _no_reading(text: str) -> str | None:
    return None if text.strip() and len(text) <= 80 else "a reading's name has 1 to 80 characters"


READINGS: Final = mapped(
    Kind(READING.words, _reading, lambda models: models.of(READING) | None),
    "a mapping from names to ways to mean the claim",
    "reading",
    least=1,
    refused=_no_reading,
)


def _claim(found: Found) -> Claim:
    outer = _scope(found, {})
    readings = []
    for name, reading in (found["readings"] or {}).items():
        scope = _scope(reading, outer)
        numbers = [(one.node, _scope(one, scope)) for one in reading["all"] or ()]
        if "all" not in reading:
            numbers = [(reading.node, scope)]
        asked = filter(None, (_asked(node, inner, found.at) for node, inner in numbers))
        beliefs = scope["believe"][0] if "believe" in scope else None
        turns_on = scope["turns_on"][0] if "turns_on" in scope else None
        readings.append(
            Reading(
                name=" ".join(name.split()),
                note=reading["note"],
                asked=tuple(asked),
                beliefs=beliefs or (),
                turns_on=turns_on,
                quotes=reading["quotes"],
            )
        )
    return Claim(
        id=found.at.key,
        statement=found["statement"] or "",
        who=found["who"],
        when=found["when"],
        source=found["source"],
        url=found["url"],
        note=found["note"],
        readings=tuple(readings),
        expected=found["expect_verdict"],
        place=found.place,
    )


CLAIM: Final = Fields(
    "Claim",
    "a mapping with 'statement' and 'readings'",
    "What was said, by whom, and every way in which it can be meant.",
    Field("statement", TEXT, "What was said, in a sentence of your own.", required=True),
    Field("who", TEXT, "Who said it."),
    Field("when", AS_OF, "The date of it."),
    Field("source", TEXT, "Where it was said."),
    Field("url", URL, "Where to read it."),
    NOTE,
    *ASKED,
    _BELIEVE,
    _TURNS_ON,
    Field("readings", READINGS, "The ways in which the sentence can be meant, by name.", required=True),
    Field("expect_verdict", choice(*VERDICTS), "The verdict that is expected."),
)
LEDGER: Final = Fields(
    "llmcost claims",
    "a mapping with 'claims'",
    "What was said, and the ways in which it can be meant.",
    VERSION,
    Field("kind", choice(CLAIMS), "What tells it from a scenario."),
    TITLE,
    NOTE,
    Field(
        "facts",
        Kind(_FACTS.words, _facts, _FACTS.model),
        "Numbers that belong to no scenario, by name, each with its source.",
    ),
    Field(
        "claims",
        mapped(nested(CLAIM, _claim), "a mapping from ids to claims", "claim", least=1, subject=True),
        "The claims, by id.",
        required=True,
    ),
)

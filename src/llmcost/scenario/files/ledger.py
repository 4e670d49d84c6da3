"""Ledgers of claims: what was said, and what it may mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.scenario.claims import VERDICTS, Belief, Claim, Ledger, Reading, TurnsOn
from llmcost.scenario.files.asked_number import ASKED, FACTS, asked_number, read_facts, scope_of
from llmcost.scenario.files.cache import compose_cached
from llmcost.scenario.files.document import kind_said
from llmcost.scenario.files.format import Field, Fields, Found, Kind
from llmcost.scenario.files.kinds import (
    AS_OF,
    CLAIMS,
    NOTE,
    TEXT,
    TITLE,
    URL,
    VERSION,
    choice,
    listed,
    mapped,
    nested,
)
from llmcost.scenario.files.problems import At, Missing, Problems, kind_of
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence, compose, read_text
from llmcost.scenario.values.number import NotANumber, parse_amount, shorten


def is_ledger(path: Path) -> bool:
    """Whether a file says that it is a ledger; an unreadable file does not."""
    try:
        text = read_text(path)
        node = compose(text, "") if CLAIMS in text else None
    except LlmcostError:
        return False
    keys = [key.text for key, _ in node.items] if isinstance(node, Mapping) else []
    return CLAIMS in keys or kind_said(node) == CLAIMS


def read_ledger(text: str, where: str, missing: Missing = lambda key, link: None) -> Ledger:
    """Read a ledger from YAML.

    Raises:
        LlmcostError: with every problem of the text, each with its line and column.
    """
    problems = Problems(where)
    found = LEDGER.read(compose_cached(text, where), At(problems))
    if found is not None and not problems.found:
        used = {name for claim in found["claims"].values() for name in _used(claim)}
        for name, fact in problems.facts.items():
            if name not in used:
                problems.add(fact.datum.place, "no claim uses it", name)
    if problems.found:
        problems.check_links(missing)
    if found is None or problems.found:
        # The keys of a claim are read again for each of its readings.
        raise LlmcostError(*dict.fromkeys(problems.sorted()))
    return Ledger(where, found["title"], found["note"], tuple(found["claims"].values()))


def _used(claim: Claim) -> Iterator[str]:
    """Yield the facts that a claim uses."""
    for reading in claim.readings:
        for asked in reading.asked:
            yield from asked.facts
        if reading.turns_on is not None:
            yield from (fact.quantity.name for fact in reading.turns_on.estimates)


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
    "believe", BELIEVE, "Inputs that you may have to believe otherwise: INPUT, or SCENARIO/INPUT."
)


TURNS_ON: Final = Fields(
    "TurnsOn",
    "a mapping with 'input', and with 'estimates' or 'varies'",
    "The input that decides a reading: its threshold is found, and nothing is drawn.",
    Field("input", TEXT, "INPUT, or SCENARIO/INPUT.", required=True),
    Field("between", TEXT, "Where to search for the threshold: LOW to HIGH."),
    Field("estimates", listed(TEXT, "a list of facts", least=1), "Published estimates of it, as facts."),
    Field("varies", TEXT, "Among whom it differs, if its range covers different cases, not uncertainty."),
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


_TURNS_ON: Final = Field("turns_on", nested(TURNS_ON, _turns_on), "The input that decides the reading.")
NUMBER: Final = Fields(
    "Number", "a mapping with 'metric' and 'claimed'", "One of several numbers of a reading.", *ASKED
)
READING: Final = Fields(
    "Reading",
    "a mapping with 'metric' and 'claimed'",
    "One reading of the claim.",
    *ASKED,
    NOTE,
    _BELIEVE,
    _TURNS_ON,
    Field("quotes", TEXT, "Whose number this is, if the claim only repeats it."),
    Field(
        "all",
        listed(nested(NUMBER, lambda found: found), "a list of the numbers of a reading", least=1),
        "Several numbers, all of which must match the claim.",
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
    "a mapping from names to readings of the claim",
    "reading",
    least=1,
    refused=_no_reading,
)


def _claim(found: Found) -> Claim:
    outer = scope_of(found, {})
    readings = []
    for name, reading in (found["readings"] or {}).items():
        scope = scope_of(reading, outer)
        numbers = [(one.node, scope_of(one, scope)) for one in reading["all"] or ()]
        if "all" not in reading:
            numbers = [(reading.node, scope)]
        asked = filter(None, (asked_number(node, inner, found.at) for node, inner in numbers))
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
    "What was said, by whom, and every reading of it.",
    Field("statement", TEXT, "What was said, in a sentence of your own.", required=True),
    Field("who", TEXT, "Who said it."),
    Field("when", AS_OF, "The date when it was said."),
    Field("source", TEXT, "Where it was said."),
    Field("url", URL, "Where to read it."),
    NOTE,
    *ASKED,
    _BELIEVE,
    _TURNS_ON,
    Field("readings", READINGS, "The readings of the sentence, by name.", required=True),
    Field("expect_verdict", choice(*VERDICTS), "The verdict that is expected."),
)
LEDGER: Final = Fields(
    "llmcost claims",
    "a mapping with 'claims'",
    "What was said, and how it can be read.",
    VERSION,
    Field("kind", choice(CLAIMS), "The kind of file; marks it as not a scenario."),
    TITLE,
    NOTE,
    Field(
        "facts",
        Kind(FACTS.words, read_facts, FACTS.model),
        "Numbers that belong to no scenario, by name, each with its source.",
    ),
    Field(
        "claims",
        mapped(nested(CLAIM, _claim), "a mapping from ids to claims", "claim", least=1, subject=True),
        "The claims, by id.",
        required=True,
    ),
)

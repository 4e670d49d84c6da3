"""Scenario files: a header, quantities, variants and expectations."""

from __future__ import annotations

from collections.abc import Mapping as Map
from types import MappingProxyType
from typing import Final

from llmcost.engine.parts import split
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.correlation import Correlations
from llmcost.scenario.files.correlation import CORRELATIONS
from llmcost.scenario.files.expectation import EXPECT, Expectation, expectations_of
from llmcost.scenario.files.format import Field, Fields, Found, Kind, Others
from llmcost.scenario.files.kinds import (
    CLAIMS,
    LINK,
    NOTE,
    TESTS,
    TEXT,
    TITLE,
    VERSION,
    choice,
    listed,
    mapped,
    nested,
    not_a_name,
    quantities,
    spelled,
)
from llmcost.scenario.files.override import OVERRIDE
from llmcost.scenario.files.part import LINKS, PARTS, links_of
from llmcost.scenario.files.problems import At
from llmcost.scenario.files.timeline import TIMELINE, timeline_of
from llmcost.scenario.files.tree import Node, Scalar
from llmcost.scenario.files.value import EXCHANGE, VALUE
from llmcost.scenario.override import Override, relative
from llmcost.scenario.part import Part
from llmcost.scenario.reference import Link
from llmcost.scenario.timeline import Timeline
from llmcost.scenario.values.datum import Exchange, Series
from llmcost.scenario.values.number import NotANumber

KINDS: Final = (
    *("model", "company", "product", "infrastructure", "workload", "portfolio"),
    *("architecture", "accelerator"),
)


class Variant(NamedTuple):
    """A named what-if.

    Attributes:
        quantities: values that it replaces.
        changes: values that it scales, adds to or removes.
        links: the scenarios that it refers to, by key.
        conflicts: why a stated value is kept although other statements disagree, by quantity.
        parts: its changes to parts, by name.
    """

    quantities: Map[str, Series]
    changes: Map[str, Override] = MappingProxyType({})
    note: str | None = None
    links: Map[str, Link] = MappingProxyType({})
    timeline: Timeline = Timeline()
    conflicts: Map[str, str] = MappingProxyType({})
    parts: Map[str, Part] = MappingProxyType({})


class ScenarioFile(NamedTuple):
    """One scenario as written: nothing inherited, no date or variant chosen.

    `conflicts` says for each quantity why its value is kept although other statements disagree.
    """

    name: str
    where: str
    title: str | None = None
    kind: str | None = None
    note: str | None = None
    aliases: tuple[str, ...] = ()
    extends: Link | None = None
    quantities: Map[str, Series] = MappingProxyType({})
    variants: Map[str, Variant] = MappingProxyType({})
    expectations: tuple[Expectation, ...] = ()
    links: Map[str, Link] = MappingProxyType({})
    timeline: Timeline = Timeline()
    conflicts: Map[str, str] = MappingProxyType({})
    exchange: Exchange = MappingProxyType({})
    correlations: Correlations = MappingProxyType({})
    parts: Map[str, Part] = MappingProxyType({})

    @property
    def ranged(self) -> set[str]:
        """The quantities that have a range on some date or in some variant."""
        stated = [self.quantities, *(variant.quantities for variant in self.variants.values())]
        return {name for quantities in stated for name, series in quantities.items() if series.is_ranged}


def _varied(node: Node, at: At) -> Series | Override | None:
    """Read a variant's value, or its change to the existing one."""
    try:
        if isinstance(node, Scalar) and relative(node.text.strip(), at.stated, at.problems.fixed):
            return OVERRIDE.read(node, at)
    except NotANumber as error:
        at.refuse(node, str(error))
        return None
    return VALUE.read(node, at)


VARIED: Final = Kind("a value, or what changes it: '*2', +10%, +5B", _varied, VALUE.model)


def _undisputed(name: str) -> str | None:
    """Say why a quantity needs no reason, or return None."""
    part, base = split(name)
    if base in MODEL.formulas or (part and base in MODEL.rules.formulas["part"]):
        return None
    return "follows from nothing else, so nothing can disagree with it"


CONFLICTS: Final = Field(
    "conflicts",
    quantities(
        "Conflicts",
        "a mapping from quantities to why both values are kept",
        Others(TEXT, prefixed=True, veto=_undisputed),
    ),
    "By quantity, why its value is kept although other statements disagree.",
)


def _variant(found: Found) -> Variant:
    read = found.others.items()
    return Variant(
        quantities={name: value for name, value in read if isinstance(value, Series)},
        changes={name: value for name, value in read if isinstance(value, Override)},
        note=found["note"],
        links=links_of(found),
        timeline=timeline_of(found),
        conflicts=_conflicts(found),
        parts=found["parts"] or {},
    )


def _conflicts(found: Found) -> dict[str, str]:
    """Return why a value is kept although others disagree, by quantity."""
    read: Found | None = found["conflicts"]
    return read.others if read else {}


VARIANT: Final = Fields(
    "Variant",
    "a mapping from quantities to values",
    "A named what-if: its overrides of the scenario's values.",
    NOTE,
    *LINKS,
    *TIMELINE,
    CONFLICTS,
    PARTS,
    others=Others(VARIED, sections="section-"),
)


def _alias(text: str) -> str:
    """Read a name, or a price catalogue's `provider/model`."""
    provider, slash, model = text.partition("/")
    if why := not_a_name(text if not slash else model if not not_a_name(provider) else text):
        raise NotANumber(why)
    return text


def _parent(node: Node, at: At) -> Link | None:
    """Read the scenario that is inherited: all of it, with its dates and variants."""
    link = LINK.read(node, at)
    if link is not None and (link.reference.variants or link.reference.as_of):
        at.fault(node, f"inherits every date and variant; write '{link.reference.base}'")
    return link


SCENARIO: Final = Fields(
    "llmcost scenario",
    "a mapping such as 'price: …'",
    "What is known about a model, company, product, fleet or workload.",
    VERSION,
    TITLE,
    Field("kind", choice(*KINDS), "What kind of thing it describes."),
    Field("aliases", listed(spelled("a name", _alias), "a list such as [gpt4o]"), "Other names for it."),
    NOTE,
    Field("extends", LINK._replace(read=_parent), "The scenario that this one overrides."),
    *LINKS,
    EXCHANGE,
    *TIMELINE,
    CONFLICTS,
    CORRELATIONS,
    PARTS,
    Field(
        "variants",
        mapped(nested(VARIANT, _variant), "a mapping from names to overrides", "variant"),
        "Named what-ifs.",
    ),
    Field("expect", EXPECT, "Metrics of this scenario and the values they must have."),
    others=Others(VALUE, sections="section-"),
    elsewhere={
        "cases": f"; a file with test cases says 'kind: {TESTS}'",
        "claims": f"; a ledger of claims says 'kind: {CLAIMS}'",
        "gpu": "; 'accelerator: NAME' names one",
        "model": "; 'architecture: NAME' names one",
        "workload": "; '--workload NAME' prices it at a mix",
        "tests": f"; did you mean 'expect'? A file with test cases says 'kind: {TESTS}'",
    },
)


def scenario_of(node: Node, name: str, at: At) -> ScenarioFile | None:
    """Read a scenario from a document, and report its problems."""
    at.problems.convert_at({})
    found = SCENARIO.read(node, at)
    if found is None:
        return None
    if not found.nodes and not found.others and found.sound:
        found.refuse("is empty; a scenario starts with 'llmcost: 1'")
    return ScenarioFile(
        name=name,
        where=at.problems.where or name,
        title=found["title"],
        kind=found["kind"],
        note=found["note"],
        aliases=tuple(found["aliases"] or ()),
        extends=found["extends"],
        quantities=found.others,
        variants=found["variants"] or {},
        expectations=expectations_of(found["expect"]),
        links=links_of(found),
        timeline=timeline_of(found),
        conflicts=_conflicts(found),
        exchange=at.problems.exchange or {},
        correlations=found["correlations"] or {},
        parts=found["parts"] or {},
    )

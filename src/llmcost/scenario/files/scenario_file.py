"""From a YAML document to a scenario file: its header, quantities, variants and expectations."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args

from llmcost.engine.registry import Quantity, Registry
from llmcost.errors import LlmcostError, did_you_mean
from llmcost.scenario.files.expectation import Expectation, read_expectations
from llmcost.scenario.files.timeline import NO_INPUT, TIMELINE_KEYS, TimelineReader
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence, compose
from llmcost.scenario.reference import Link
from llmcost.scenario.timeline import Timeline
from llmcost.scenario.values.datum import Problems, kind_of, read_series, text_of
from llmcost.scenario.values.number import shorten
from llmcost.scenario.values.provenance import Series

FORMAT_VERSION: Final = "1"
Kind = Literal["model", "company", "product", "infrastructure", "workload"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
TESTS: Final = "tests"
"""The kind of a file that holds no scenario but test cases."""
CLAIMS: Final = "claims"
"""The kind of a file that holds no scenario but a ledger of claims, and the folder of such files."""
HEADER_KEYS: Final = (
    *("llmcost", "title", "kind", "aliases", "note", "extends", "supplier", "variants", "expect"),
    *TIMELINE_KEYS,
)
VARIANT_KEYS: Final = ("note", "supplier", *TIMELINE_KEYS)

_NAME: Final = re.compile(r"[^\W_][\w.-]*")


class Variant(NamedTuple):
    """A named what-if: the quantities it overrides, and the supplier if it has another one."""

    name: str
    quantities: Map[str, Series]
    note: str | None = None
    supplier: Link | None = None
    timeline: Timeline = Timeline()


class ScenarioFile(NamedTuple):
    """One scenario as written: nothing inherited, no date or variant chosen."""

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
    supplier: Link | None = None
    timeline: Timeline = Timeline()


def read_scenario(text: str, name: str, where: str, registry: Registry) -> ScenarioFile:
    """Read a scenario from YAML.

    Raises:
        LlmcostError: with every problem of the text, each with its line and column.
    """
    return scenario_of(compose(text, where), name, where, registry)


def scenario_of(node: Node, name: str, where: str, registry: Registry) -> ScenarioFile:
    """Read a scenario from a document.

    Raises:
        LlmcostError: with every problem of the document, each with its line and column.
    """
    reader = _Reader(registry, Problems(where))
    result = reader.read(node, name)
    if reader.problems.found:
        raise LlmcostError(*reader.problems.sorted())
    assert result is not None
    return result


def check_version(node: Node | None, problems: Problems) -> None:
    """Note a problem where a file is of another format version."""
    if node is not None and (node.text if isinstance(node, Scalar) else "") != FORMAT_VERSION:
        message = f"'llmcost' is the format version, which is {FORMAT_VERSION} here, got {kind_of(node)}"
        problems.add(node, message)


class _Reader:
    def __init__(self, registry: Registry, problems: Problems) -> None:
        self.registry = registry
        self.problems = problems

    def read(self, node: Node, name: str) -> ScenarioFile | None:
        if not isinstance(node, Mapping):
            self.problems.add(node, f"a scenario is a mapping such as 'price:', got {kind_of(node)}")
            return None
        header, quantities = self._split(node, HEADER_KEYS)
        check_version(header.get("llmcost"), self.problems)
        if len(quantities) + len(header) == 0 and not self.problems.found:
            self.problems.add(node, "is empty; a scenario starts with 'llmcost: 1'")
        return ScenarioFile(
            name=name,
            where=self.problems.where or name,
            title=self._text(header, "title"),
            kind=self._kind(header.get("kind")),
            note=self._text(header, "note"),
            aliases=self._aliases(header.get("aliases")),
            extends=self._link(header, "extends"),
            supplier=self._link(header, "supplier"),
            quantities=quantities,
            variants=self._variants(header.get("variants")),
            expectations=read_expectations(header.get("expect"), self.registry, self.problems),
            timeline=TimelineReader(self.registry, self.problems).read(header),
        )

    def _text(self, header: dict[str, Node], key: str) -> str | None:
        return text_of(header[key], self.problems, None, key) if key in header else None

    def _link(self, header: dict[str, Node], key: str) -> Link | None:
        text = self._text(header, key)
        return None if text is None else Link(text, self.problems.place(header[key]))

    def _kind(self, node: Node | None) -> str | None:
        if node is None:
            return None
        kind = text_of(node, self.problems, None, "kind")
        if kind is not None and kind not in KINDS:
            known = (*KINDS, TESTS)
            hint = did_you_mean(kind, known) or f"; allowed are {', '.join(known)}"
            self.problems.add(node, f"unknown kind '{shorten(kind)}'{hint}")
        return kind

    def _aliases(self, node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, Sequence):
            self.problems.add(node, f"'aliases' is a list such as [gpt4o], got {kind_of(node)}")
            return ()
        names = [text_of(item, self.problems, None, "aliases") for item in node.items]
        for item, name in zip(node.items, names, strict=True):
            if name is not None and not _NAME.fullmatch(name):
                self.problems.add(
                    item, f"'{shorten(name)}' is no name; letters, digits, '-', '_' and '.' are"
                )
        return tuple(name for name in names if name is not None)

    def _split(self, node: Mapping, keys: tuple[str, ...]) -> tuple[dict[str, Node], dict[str, Series]]:
        """Part a mapping into its named keys and its quantities, sectioned or dotted."""
        header: dict[str, Node] = {}
        quantities: dict[str, Series] = {}
        seen: dict[str, int] = {}
        for key, value in node.items:
            text = key.text
            if text in seen:
                self.problems.add(key, f"duplicate key '{shorten(text)}', first in line {seen[text]}")
                continue
            seen[text] = key.line
            if text in keys:
                header[text] = value
            elif text in self.registry.sections:
                self._section(key, value, quantities, seen)
            elif text in self.registry.quantities:
                self._quantity(value, self.registry.quantities[text], quantities)
            else:
                known = (*keys, *self.registry.sections, *self.registry.quantities)
                what = "quantity" if "." in text else "key"
                hint = did_you_mean(text, known) if self.problems.few else ""
                if text == "cases":
                    hint = f"; a file with test cases says 'kind: {TESTS}'"
                self.problems.add(key, f"unknown {what} '{shorten(text)}'{hint}")
        return header, quantities

    def _section(
        self, section: Scalar, node: Node, quantities: dict[str, Series], seen: dict[str, int]
    ) -> None:
        if isinstance(node, Scalar) and node.is_null:
            return
        if not isinstance(node, Mapping):
            names = [
                q.name.partition(".")[2]
                for q in self.registry.quantities.values()
                if q.section == section.text
            ]
            message = f"'{section.text}' holds quantities such as '{names[0]}', got {kind_of(node)}"
            self.problems.add(node, message)
            return
        for key, value in node.items:
            name = f"{section.text}.{key.text}"
            if name in seen:
                self.problems.add(key, f"duplicate key '{shorten(key.text)}', first in line {seen[name]}")
                continue
            seen[name] = key.line
            quantity = self.registry.quantities.get(name)
            if quantity is None:
                message = self.registry.unknown(shorten(name, 80), hint=self.problems.few)
                if key.text in HEADER_KEYS:
                    aside = f"'{key.text}' stands at the left margin, beside '{section.text}'"
                    message = f"unknown quantity '{name}'; {aside}"
                self.problems.add(key, message)
                continue
            self._quantity(value, quantity, quantities)

    def _quantity(self, node: Node, quantity: Quantity, quantities: dict[str, Series]) -> None:
        if quantity.name in self.registry.outcomes:
            self.problems.add(node, NO_INPUT, quantity.name)
            return
        series = read_series(node, quantity, self.problems)
        if series is not None:
            quantities[quantity.name] = series

    def _variants(self, node: Node | None) -> dict[str, Variant]:
        variants: dict[str, Variant] = {}
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return variants
        if not isinstance(node, Mapping):
            self.problems.add(node, f"'variants' maps names to quantities, got {kind_of(node)}")
            return variants
        for key, value in node.items:
            if not _NAME.fullmatch(key.text):
                message = f"'{shorten(key.text)}' is no name; letters, digits, '-', '_' and '.' are"
                self.problems.add(key, message)
                continue
            if key.text in variants:
                self.problems.add(key, f"duplicate variant '{key.text}'")
                continue
            if not isinstance(value, Mapping):
                message = f"variant '{key.text}' maps quantities to values, got {kind_of(value)}"
                self.problems.add(value, message)
                continue
            header, quantities = self._split(value, VARIANT_KEYS)
            timeline = TimelineReader(self.registry, self.problems).read(header)
            note, supplier = self._text(header, "note"), self._link(header, "supplier")
            variants[key.text] = Variant(key.text, quantities, note, supplier, timeline)
        return variants

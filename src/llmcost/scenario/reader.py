"""From a YAML document to a scenario file: its header, quantities, variants and expectations."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args

from llmcost.engine.registry import Quantity, Registry
from llmcost.errors import LlmcostError, did_you_mean
from llmcost.scenario.datum import Problems, fields, kind_of, read_series, text_of
from llmcost.scenario.document import Mapping, Node, Scalar, Sequence, compose, compose_any
from llmcost.scenario.number import NotANumber, parse_number, shorten
from llmcost.scenario.quantity import Datum, Series

FORMAT_VERSION: Final = "1"
Kind = Literal["model", "company", "product", "infrastructure", "workload"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
HEADER_KEYS: Final = ("llmcost", "title", "kind", "aliases", "note", "extends", "variants", "expect")
EXPECT_KEYS: Final = ("value", "within", "because")

_NAME: Final = re.compile(r"[^\W_][\w.-]*")


class Variant(NamedTuple):
    """A named what-if: the quantities it overrides."""

    name: str
    quantities: Map[str, Series]
    note: str | None = None


class Expectation(NamedTuple):
    """What a scenario says about one of its own metrics; `within` is relative."""

    metric: str
    value: float
    within: float
    because: str | None
    line: int
    column: int


class ScenarioFile(NamedTuple):
    """One scenario as written: nothing inherited, no date or variant chosen."""

    name: str
    where: str
    title: str | None = None
    kind: str | None = None
    note: str | None = None
    aliases: tuple[str, ...] = ()
    extends: str | None = None
    quantities: Map[str, Series] = MappingProxyType({})
    variants: Map[str, Variant] = MappingProxyType({})
    expectations: tuple[Expectation, ...] = ()
    extends_at: tuple[int, int] | None = None


def read_scenario(text: str, name: str, where: str, registry: Registry) -> ScenarioFile:
    """Read a scenario from YAML.

    Raises:
        LlmcostError: with every problem of the text, each with its line and column.
    """
    node = compose(text, where)
    reader = _Reader(registry, Problems(where))
    result = reader.read(node, name)
    if reader.problems.found:
        raise LlmcostError(*reader.problems.sorted())
    assert result is not None
    return result


class _Reader:
    def __init__(self, registry: Registry, problems: Problems) -> None:
        self.registry = registry
        self.problems = problems

    def read(self, node: Node, name: str) -> ScenarioFile | None:
        if not isinstance(node, Mapping):
            self.problems.add(node, f"a scenario is a mapping such as 'price:', got {kind_of(node)}")
            return None
        header, quantities = self._split(node, HEADER_KEYS)
        self._version(header.get("llmcost"))
        if len(quantities) + len(header) == 0 and not self.problems.found:
            self.problems.add(node, "is empty; a scenario starts with 'llmcost: 1'")
        return ScenarioFile(
            name=name,
            where=self.problems.where or name,
            title=self._text(header, "title"),
            kind=self._kind(header.get("kind")),
            note=self._text(header, "note"),
            aliases=self._aliases(header.get("aliases")),
            extends=self._text(header, "extends"),
            extends_at=(header["extends"].line, header["extends"].column) if "extends" in header else None,
            quantities=quantities,
            variants=self._variants(header.get("variants")),
            expectations=self._expectations(header.get("expect")),
        )

    def _text(self, header: dict[str, Node], key: str) -> str | None:
        return text_of(header[key], self.problems, None, key) if key in header else None

    def _version(self, node: Node | None) -> None:
        if node is None:
            return
        text = node.text if isinstance(node, Scalar) else ""
        if text != FORMAT_VERSION:
            shown = kind_of(node)
            message = f"'llmcost' is the format version, which is {FORMAT_VERSION} here, got {shown}"
            self.problems.add(node, message)

    def _kind(self, node: Node | None) -> str | None:
        if node is None:
            return None
        kind = text_of(node, self.problems, None, "kind")
        if kind is not None and kind not in KINDS:
            hint = did_you_mean(kind, KINDS) or f"; allowed are {', '.join(KINDS)}"
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
                self.problems.add(key, f"unknown {what} '{shorten(text)}'{did_you_mean(text, known)}")
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
                hint = did_you_mean(name, self.registry.quantities)
                self.problems.add(key, f"unknown quantity '{shorten(name, 80)}'{hint}")
                continue
            self._quantity(value, quantity, quantities)

    def _quantity(self, node: Node, quantity: Quantity, quantities: dict[str, Series]) -> None:
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
            header, quantities = self._split(value, ("note",))
            variants[key.text] = Variant(key.text, quantities, self._text(header, "note"))
        return variants

    def _expectations(self, node: Node | None) -> tuple[Expectation, ...]:
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return ()
        if not isinstance(node, Mapping):
            self.problems.add(node, f"'expect' maps metrics to values, got {kind_of(node)}")
            return ()
        found: dict[str, Expectation] = {}
        for key, value in node.items:
            quantity = self.registry.quantities.get(key.text)
            if quantity is None:
                self.problems.add(key, self.registry.unknown(shorten(key.text, 80), "metric"), "expect")
            elif key.text in found:
                self.problems.add(key, f"duplicate key '{key.text}'", "expect")
            else:
                expectation = self._expectation(key, value, quantity)
                if expectation is not None:
                    found[key.text] = expectation
        return tuple(found.values())

    def _expectation(self, key: Scalar, node: Node, quantity: Quantity) -> Expectation | None:
        subject = f"expect {quantity.name}"
        found = {"value": node}
        if isinstance(node, Mapping):
            found = fields(node, EXPECT_KEYS, self.problems, subject)
            if "value" not in found:
                self.problems.add(node, "has no 'value'", subject)
                return None
        value = self._number(found["value"], subject, percent=quantity.is_share)
        within = self._number(found["within"], subject, percent=True) if "within" in found else 1e-9
        because = text_of(found["because"], self.problems, subject, "because") if "because" in found else None
        if within is not None and within < 0:
            self.problems.add(found["within"], "'within' must not be negative", subject)
        if value is None or within is None:
            return None
        return Expectation(quantity.name, value, within, because, key.line, key.column)

    def _number(self, node: Node, subject: str, *, percent: bool) -> float | None:
        if not isinstance(node, Scalar) or node.is_null:
            self.problems.add(node, f"expected a number, got {kind_of(node)}", subject)
            return None
        try:
            return parse_number(node.text, percent=percent)
        except NotANumber as error:
            self.problems.add(node, str(error), subject)
            return None


class Override(NamedTuple):
    """One `PATH=VALUE`: a datum to put there, a factor on what is there, or (neither) its removal."""

    name: str
    option: str
    datum: Datum | None = None
    factor: float | None = None


_RELATIVE: Final = re.compile(
    r"^(?:(?P<times>[*/])\s*(?P<by>.+)|(?P<sign>[+-])\s*(?P<percent>[\d.,_]+)\s*%)$"
)


_NO_VALUE: Final = "a value is missing after '='; null removes what is there"


def read_override(text: str, registry: Registry) -> Override:
    """Read `PATH=VALUE`, VALUE as in YAML or relative: `*2`, `/2`, `+10%`, `-30%`; null removes.

    Raises:
        LlmcostError: naming the option, with every problem of the value.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    option = f"--set {shorten(text, 80)}"
    problems = Problems(option, located=False)
    if not equals:
        problems.add(None, "expected PATH=VALUE, such as serving.utilization=0.5")
    elif name not in registry.quantities:
        problems.add(None, registry.unknown(shorten(name, 80)))
    elif not value:
        problems.add(None, _NO_VALUE)
    else:
        override = _override(name, value, option, registry, problems)
        if override is not None:
            return override
    raise LlmcostError(*problems.found)


def _override(name: str, value: str, option: str, registry: Registry, problems: Problems) -> Override | None:
    if value in ("null", "Null", "NULL", "~"):
        return Override(name, option)
    relative = _RELATIVE.match(value)
    if relative is None:
        try:
            node = compose_any(value, option)
        except LlmcostError as error:
            for problem in error.problems:
                problems.add(None, problem.message, name)
            return None
        if node is None:
            problems.add(None, _NO_VALUE)
            return None
        series = read_series(node, registry.quantities[name], problems)
        if series is None or problems.found:
            return None
        if series.first_date is not None:
            problems.add(None, "takes one value, not dated ones", name)
            return None
        return Override(name, option, datum=series.entries[-1][1])
    try:
        if relative["times"]:
            by = parse_number(relative["by"], percent=True)
            if by <= 0:
                raise NotANumber(f"the factor must be above 0, got {by:g}")
            return Override(name, option, factor=by if relative["times"] == "*" else 1 / by)
        change = parse_number(relative["percent"], percent=False) / 100
        factor = 1 + change if relative["sign"] == "+" else 1 - change
        if factor < 0:
            raise NotANumber("cannot take away more than 100%")
        return Override(name, option, factor=factor)
    except NotANumber as error:
        problems.add(None, str(error), name)
        return None

"""The building blocks of file formats: tables of fields, and the one reader of mappings that uses them.

A field has a name, a way to read it, and a description. The JSON Schemas and the reference page are made from
the same tables.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Map
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from llmcost.engine.parts import SECTION, SHARE, split
from llmcost.engine.registry import Quantity
from llmcost.errors import Place, Problem, did_you_mean
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple, make
from llmcost.scenario.files.tree import Mapping, Node, Scalar
from llmcost.scenario.values.datum import Exchange, Provenance, newest_rates
from llmcost.scenario.values.number import NotANumber, shorten

if TYPE_CHECKING:
    import datetime as dt

    from llmcost.scenario.claims import Facts
    from llmcost.scenario.files.schema import Models
    from llmcost.scenario.reference import Link, Reference
    from llmcost.scenario.values.expression import Expression

T = TypeVar("T")
Missing = typing.Callable[[str, "Link"], str | None]
"""Says that the scenario that a file names under a key is missing, or returns None."""
ALIKE: Final = {
    "above": "gt min minimum over",
    "as_of": "date day",
    "at": "date day month when",
    "because": "reason why",
    "below": "lt max maximum under",
    "cases": "test tests",
    "claimed": "number said value",
    "claims": "entries ledger",
    "expect": "assert expectations expected expects test tests",
    "expect_verdict": "expect expected verdict",
    "extends": "base inherits parent",
    "note": "comment comments description notes",
    "parts": "components items lines",
    "price": "pricing rates tariff",
    "scenario": "model of",
    "source": "citation ref reference sources",
    "statement": "claim quote text",
    "title": "description label name",
    "traffic": "load requests tokens usage volume",
    "url": "href link",
    "value": "amount equal equals is number",
    "when": "date day said",
    "who": "author by speaker",
    "within": "margin tolerance",
}
"""Other words that people write for a key, which its spelling does not suggest."""
HINTED: Final = 100
"""Only the first problems of a file suggest what was meant: each suggestion takes milliseconds."""


class Problems:
    """Collects what is wrong with one file (or one option) as it is read.

    Attributes:
        exchange: the rates that the file states; None where they are not known yet.
        rates: the newest rate of each currency; None where they are not known yet.
        fixed: those rates that do not depend on the day, for numbers that are converted as they are read.
        facts: those of a ledger.
        expressions: those of a ledger that were read, by their text.
        links: the scenarios that it names, each with where that is said.
        references: those names, read.
    """

    def __init__(self, where: str | None, *, located: bool = True) -> None:
        self.where = where
        self.exchange: Exchange | None = None
        self.rates: dict[str, float] | None = None
        self.fixed: dict[str, float] = {}
        self.facts: Facts = {}
        self.expressions: dict[str, Expression] = {}
        self.links: list[tuple[At, Link]] = []
        self.references: dict[str, Reference] = {}
        self.located = located
        self.found: list[Problem] = []

    def convert_at(self, exchange: Exchange) -> None:
        """Set the exchange rates for everything that is read from here on."""
        self.exchange, self.rates = exchange, newest_rates(exchange)
        self.fixed = {code: rate for code, rate in self.rates.items() if len(exchange[code].entries) == 1}

    def place(self, node: Node | Place | None) -> Place:
        """Return the place of a node; inside an option there is no line or column."""
        if node is None or not self.located:
            return Place(self.where)
        return make(Place, (self.where, node.line, node.column))

    def add(self, node: Node | Place | None, message: str, subject: str | None = None) -> None:
        """Report a problem at a node."""
        self.found.append(Problem(message, *self.place(node), subject))

    def check_links(self, missing: Missing) -> None:
        """Note which of the scenarios that it names are missing."""
        for at, link in self.links:
            why = missing(at.key, link) if self.few else None
            if why is not None:
                at.refuse(link.place, why)

    @property
    def few(self) -> bool:
        """Whether there are few enough problems to suggest what was meant."""
        return len(self.found) < HINTED

    def sorted(self) -> tuple[Problem, ...]:
        """Return the problems in the order of the file."""
        return tuple(sorted(self.found, key=lambda p: (p.line or 0, p.column or 0)))


def kind_of(node: Node) -> str:
    """Describe a node in a word or two."""
    if not isinstance(node, Scalar):
        what = "mapping" if isinstance(node, Mapping) else "list"
        return f"a {what}" if node.items else f"an empty {what}"
    return "null" if node.is_null else f"'{shorten(node.text)}'"


class At(NamedTuple):
    """The current position of the reader.

    Attributes:
        problems: the problems found so far.
        subject: what messages are about.
        key: the key whose value is read; empty inside a list.
        quantity: the quantity that is read, if any.
        named: the key itself, if it is a name that the user chose.
    """

    problems: Problems
    subject: str | None = None
    key: str = ""
    quantity: Quantity | None = None
    named: Scalar | None = None

    def refuse(self, node: Node | Place | None, message: str) -> None:
        """Report a problem at a node or place."""
        self.problems.add(node, message, self.subject)

    def fault(self, node: Node, message: str) -> None:
        """Report a problem with the value of a key."""
        self.refuse(node, f"'{self.key}': {message}" if self.key else message)

    def expected(self, node: Node, words: str, hint: str = "") -> None:
        """Report that something else was expected."""
        named = self.key and self.key != self.subject
        said = f"'{self.key}' is {words}" if named else f"expected {words}"
        self.refuse(node, f"{said}, got {kind_of(node)}{hint}")

    def twice(self, key: Scalar, first: Scalar, hint: str = "") -> None:
        """Report a duplicate key."""
        self.refuse(key, f"duplicate key '{shorten(key.text)}', first in line {first.line}{hint}")

    def parsed(self, node: Node, parse: Callable[[str], T], words: str = "a number") -> T | None:
        """Return a parsed text; report a node that is no text, or what is wrong with it."""
        if not isinstance(node, Scalar) or node.is_null:
            self.expected(node, words)
            return None
        try:
            return parse(node.text)
        except NotANumber as error:
            self.fault(node, str(error))
            return None

    def place(self, node: Node) -> Place:
        """Return the place of a node."""
        return self.problems.place(node)

    @property
    def inside(self) -> At:
        """The position inside the value of the key."""
        return self._replace(subject=": ".join(filter(None, (self.subject, self.key))))

    @property
    def stated(self) -> Quantity:
        """The quantity that is read, where there must be one."""
        assert self.quantity is not None
        return self.quantity

    def meant(self, word: str, known: Iterable[str]) -> str:
        """Suggest the known word that means the same, or the closest, unless there are too many problems."""
        alike = next((name for name in known if word in ALIKE.get(name, "").split()), None)
        if alike is not None:
            return f"; did you mean '{alike}'?"
        return did_you_mean(word, known) if self.problems.few else ""


class Kind(typing.NamedTuple, Generic[T]):
    """One way to read a value.

    Attributes:
        words: what it is, after "is" or "expected": `a text`, `a date such as 2025-01-29`.
        read: returns the value, or None after reporting what is wrong.
        model: the Python type from which pydantic makes the schema.
    """

    words: str
    read: Callable[[Node, At], T | None]
    model: Callable[[Models], Any]


class Field(NamedTuple):
    """One key of a mapping: how to read it, what it is for, and a hint if it is missing (`without`).

    If a section has the same name, `nest` says that a mapping there belongs to the field.
    """

    name: str
    kind: Kind[Any]
    text: str
    required: bool = False
    without: str = ""
    nest: bool = False


STATED: Final = (SHARE, "parts.cost_per_month")
"""Quantities of a part that are not those of its scenario."""


def not_stated(name: str) -> str | None:
    """Say why a quantity cannot be stated, or return None."""
    prefix, own = split(name)
    if own.startswith(SECTION) and own not in STATED:
        return "follows from the parts, and cannot be stated"
    if own.startswith(SECTION) and not prefix:
        return f"is stated of a part: '{own.removeprefix(SECTION)}' belongs under 'parts:' in each"
    return "is an outcome of a projection, and cannot be stated" if name in MODEL.outcomes else None


class Others(NamedTuple):
    """How to read keys that are quantities, not fields.

    Attributes:
        kind: how their values are read.
        what: what an unknown name is called.
        prefixed: whether messages about a value name the mapping as well as the quantity.
        twice: what to do instead of naming one twice.
        veto: says why a quantity may not stand here, or returns None.
        null: whether null removes a value.
        sections: the prefix of sections in the schema; empty if sections are not allowed.
        rates: whether the growth rates and shares of trajectories are allowed too.
    """

    kind: Kind[Any]
    what: str = "quantity"
    prefixed: bool = False
    twice: str = ""
    veto: Callable[[str], str | None] = not_stated
    null: bool = False
    sections: str = ""
    rates: bool = False


Keyed = tuple[str, Scalar, Node]
"""The name of a quantity, its key, and its value."""


class Found:
    """A mapping as it was read.

    Attributes:
        node: the mapping, or the key that names it.
        at: where it is.
        nodes: the values of its fields, as they were written.
        values: the values of its valid fields.
        others: the values of its valid quantities, by name.
        bare: whether it has only fields.
        meant: the suggestions made for unknown keys.
    """

    __slots__ = ("at", "bare", "before", "meant", "node", "nodes", "others", "values")

    def __init__(self, node: Node, at: At) -> None:
        self.node = at.named or node
        self.at = at
        self.nodes: dict[str, Node] = {}
        self.values: dict[str, Any] = {}
        self.others: dict[str, Any] = {}
        self.bare = True
        self.meant = ""
        self.before = len(at.problems.found)

    def __contains__(self, name: str) -> bool:
        return name in self.nodes

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    @property
    def sound(self) -> bool:
        """Whether it has no problems."""
        return len(self.at.problems.found) == self.before

    def refuse(self, message: str, key: str | None = None) -> None:
        """Report a problem with the mapping, or with the value of one of its keys."""
        self.at.refuse(self.node if key is None else self.nodes[key], message)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.at.place(self.node)

    def provenance(
        self, place: Place | None = None, since: dt.date | None = None, shared: Found | None = None
    ) -> Provenance:
        """Return the provenance, from the fields of `SOURCES`; gaps are filled from `shared`."""
        said = self.values if shared is None else {**shared.values, **self.values}
        get = said.get
        return make(
            Provenance,
            (
                *(get("basis") or "stated", get("source"), get("url"), get("as_of"), get("note")),
                *(since, place or self.place, None),
            ),
        )


class Fields:
    """What a mapping may hold.

    Attributes:
        name: what a schema calls it.
        words: what it is, after "is" or "expected": `a mapping such as {…}`.
        text: what it is for.
        fields: its fields by name.
        others: how to read its other keys, if it may have any.
        title: the field that messages use as its name.
        elsewhere: hints for keys that belong elsewhere.
    """

    def __init__(
        self,
        name: str,
        words: str,
        text: str,
        *fields: Field,
        others: Others | None = None,
        title: str | None = None,
        elsewhere: Map[str, str] = MappingProxyType({}),
    ) -> None:
        self.name = name
        self.words = words
        self.text = text
        self.fields = {field.name: field for field in fields}
        self.others = others
        self.title = title
        self.elsewhere = elsewhere
        self.required = [field.name for field in fields if field.required]
        self.sections: Map[str, object] = MODEL.sections if others is not None and others.sections else {}
        # The files of a folder tend to have the same keys and quantities.
        self._told = lru_cache(maxsize=512)(self._tell)
        self._sought = lru_cache(maxsize=1024)(self._seek)

    def read(self, node: Node, at: At) -> Found | None:
        """Read a mapping; None if the node is not one."""
        if not isinstance(node, Mapping):
            at.expected(node, self.words)
            return None
        if self.title is not None:
            title = next((value for key, value in node.items if key.text == self.title), None)
            if isinstance(title, Scalar) and not title.is_null:
                at = at._replace(subject=f"{at.subject}: {shorten(title.text.strip())}")
        found = Found(node, at)
        keys = tuple([key.text for key, _ in node.items])
        others: list[Keyed] = []
        plain, read = self._told(keys)
        if plain:
            found.nodes = dict(zip(keys, [value for _, value in node.items], strict=True))
        else:
            others = self._keys(node, found)
            read = self._told(tuple(found.nodes))[1]
        problems, subject, _, quantity, _ = at
        nodes, values = found.nodes, found.values
        for field in read:
            value = field.kind.read(
                nodes[field.name], make(At, (problems, subject, field.name, quantity, None))
            )
            if value is not None:
                values[field.name] = value
        for name, key, stated in others:
            self._other(name, key, stated, found)
        if not plain:
            self._refuse_missing(found)
        return found

    def _tell(self, keys: tuple[str, ...]) -> tuple[bool, tuple[Field, ...]]:
        """Return whether the keys are all fields, complete and without duplicates; and the fields among them.

        These are in the order of the table, not of the file: an early field may say how to read the others.
        """
        fields = tuple(field for name, field in self.fields.items() if name in keys)
        own = all(field.nest or field.name not in self.sections for field in fields)
        return own and len(fields) == len(keys) and {*self.required} <= {*keys}, fields

    def _refuse_missing(self, found: Found) -> None:
        missing = [name for name in self.required if name not in found and f"'{name}'" not in found.meant]
        if missing:
            names = " and no ".join(f"'{name}'" for name in missing)
            found.refuse(f"has no {names}{self.fields[missing[0]].without if len(missing) == 1 else ''}")

    def _keys(self, node: Mapping, found: Found) -> list[Keyed]:
        """Separate the fields from the quantities, and return the quantities."""
        first: dict[str, Scalar] = {}
        others: list[Keyed] = []
        at, fields = found.at, self.fields
        for key, value in node.items:
            name = key.text
            if first.setdefault(name, key) is not key:
                at.twice(key, first[name], self.others.twice if self.others else "")
                continue
            section = name in self.sections and not (name in fields and fields[name].nest)
            # A field and a section may share a name: the section is the one that is a mapping.
            if name in fields and not (section and isinstance(value, Mapping)):
                found.nodes[name] = value
            elif self.others is None:
                hint = self.elsewhere.get(name) or at.meant(name, fields)
                found.meant += hint
                hint = hint or f"; allowed are {', '.join(fields)}"
                at.refuse(key, f"unknown key '{shorten(name)}'{hint}")
            elif section:
                others += self._section(key, value, first, at)
            else:
                others.append((name, key, value))
        found.bare = not others
        return others

    def _section(self, section: Scalar, node: Node, first: dict[str, Scalar], at: At) -> Iterator[Keyed]:
        if isinstance(node, Scalar) and node.is_null:
            return
        if not isinstance(node, Mapping):
            example = next(q.name for q in MODEL.quantities.values() if q.section == section.text)
            words = f"a mapping of quantities such as '{example.partition('.')[2]}'"
            at._replace(key=section.text).expected(node, words, self.elsewhere.get(section.text, ""))
            return
        for key, value in node.items:
            name = f"{section.text}.{key.text}"
            if first.setdefault(name, key) is not key:
                at.twice(key, first[name])
                continue
            if name not in MODEL.quantities and key.text in self.fields:
                aside = f"'{key.text}' is at the left margin, beside '{section.text}'"
                at.refuse(key, f"unknown quantity '{name}'; {aside}")
            else:
                yield name, key, value

    def _other(self, name: str, key: Scalar, node: Node, found: Found) -> None:
        at, others = found.at, self.others
        assert others is not None
        quantity, why = self._sought(name)
        if quantity is None:
            unknown = self._unknown(name, at, others)
            found.meant += unknown
            at.refuse(key, unknown)
            return
        subject = f"{at.subject} {name}" if others.prefixed else name
        inside = make(At, (at.problems, subject, "", quantity, key))
        if why is not None:
            inside.refuse(key, why)
            return
        null = others.null and isinstance(node, Scalar) and node.is_null
        value = None if null else others.kind.read(node, inside)
        if null or value is not None:
            found.others[name] = value

    def _seek(self, name: str) -> tuple[Quantity | None, str | None]:
        """Return the quantity of a name, and why it is not allowed here, if it is not."""
        assert self.others is not None
        find = MODEL.quantities.find if self.others.rates else MODEL.quantities.get
        quantity = find(name)
        return quantity, None if quantity is None else self.others.veto(name)

    def _unknown(self, name: str, at: At, others: Others) -> str:
        if not self.fields or "." in name:
            return MODEL.unknown(shorten(name, 80), others.what, hint=at.problems.few)
        hint = self.elsewhere.get(name) or at.meant(name, (*self.fields, *self.sections))
        if not hint and at.problems.few:
            hint = MODEL.meant(name) or at.meant(name, MODEL.quantities)
        if not hint:
            few = f"; allowed are quantities, {', '.join(self.fields)}"
            hint = "; 'llmcost schema' lists those that are allowed" if others.sections else few
        return f"unknown key '{shorten(name)}'{hint}"

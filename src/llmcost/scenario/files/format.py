"""The building blocks of file formats: tables of fields, and the one reader of mappings that uses them.

A field has a name, a way to read it, and a description. The JSON Schemas and the reference page are made from
the same tables.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from llmcost.engine.parts import SECTION, SHARE, split
from llmcost.engine.registry import Quantity
from llmcost.errors import Place
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple, make
from llmcost.scenario.files.problems import At
from llmcost.scenario.files.tree import Mapping, Node, Scalar
from llmcost.scenario.values.datum import Provenance
from llmcost.scenario.values.number import shorten

if TYPE_CHECKING:
    import datetime as dt

    from llmcost.scenario.files.schema import Models

T = TypeVar("T")


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

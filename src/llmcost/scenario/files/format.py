"""What formats are made of: fields, each described once, and the one walk that reads a mapping by them.

A field says what it is called, how it is read and what it is for. The reader walks the same tables from which
the JSON Schemas and the reference page are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, TypeVar

from llmcost.engine.registry import BASES, Basis, Quantity
from llmcost.errors import Place, did_you_mean
from llmcost.formulas import MODEL
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence
from llmcost.scenario.values.datum import Problems, fixed_rates, is_as_of, kind_of, parse_day
from llmcost.scenario.values.number import PURE, NotANumber, parse_number, shorten
from llmcost.scenario.values.provenance import Provenance

if TYPE_CHECKING:
    import datetime as dt

    from llmcost.scenario.files.schema import Models

T = TypeVar("T")


class At(NamedTuple):
    """Where one is in a text that is being read.

    Attributes:
        problems: what was found wrong so far.
        subject: what messages are about.
        key: the key whose value is read; empty inside a list.
        quantity: the quantity that is read, where it is one.
        named: the key itself, where it names one of several.
    """

    problems: Problems
    subject: str | None = None
    key: str = ""
    quantity: Quantity | None = None
    named: Scalar | None = None

    def refuse(self, node: Node | Place | None, message: str) -> None:
        """Note what is wrong at a node or place."""
        self.problems.add(node, message, self.subject)

    def fault(self, node: Node, message: str) -> None:
        """Note what is wrong with the value of a key."""
        self.refuse(node, f"'{self.key}': {message}" if self.key else message)

    def expected(self, node: Node, words: str, hint: str = "") -> None:
        """Note that something else was expected."""
        named = self.key and self.key != self.subject
        said = f"'{self.key}' is {words}" if named else f"expected {words}"
        self.refuse(node, f"{said}, got {kind_of(node)}{hint}")

    def place(self, node: Node) -> Place:
        """Return where a node stands."""
        return self.problems.place(node)

    @property
    def inside(self) -> At:
        """Where one is inside the value of the key."""
        return self._replace(subject=": ".join(filter(None, (self.subject, self.key))))

    @property
    def stated(self) -> Quantity:
        """The quantity that is read, where it must be one."""
        assert self.quantity is not None
        return self.quantity

    def meant(self, word: str, known: Iterable[str]) -> str:
        """Suggest the closest known word, unless a file has so many faults that this takes too long."""
        return did_you_mean(word, known) if self.problems.few else ""


class Kind(NamedTuple, Generic[T]):
    """One way to read a value.

    Attributes:
        words: what it is, after "is" or "expected": `a text`, `a date such as 2025-01-29`.
        read: returns the value, or None where it is wrong, which is noted.
        model: the Python type that pydantic makes a schema of.
    """

    words: str
    read: Callable[[Node, At], T | None]
    model: Callable[[Models], Any]


class Field(NamedTuple):
    """One key of a mapping: how its value is read, and what it is for."""

    name: str
    kind: Kind[Any]
    text: str
    required: bool = False


def not_stated(name: str) -> str | None:
    """Say why a quantity cannot be stated, or return None."""
    return "is an outcome of a projection, and cannot be stated" if name in MODEL.outcomes else None


class Others(NamedTuple):
    """How keys are read that are no fields, but quantities.

    Attributes:
        kind: how their values are read.
        what: what an unknown name is called.
        prefixed: whether messages about a value name the mapping as well as the quantity.
        twice: what to do instead of naming one twice.
        veto: says why a quantity may not stand here, or returns None.
        null: whether null takes a value away.
        sections: what a schema calls sections before their names; empty where there are none.
    """

    kind: Kind[Any]
    what: str = "quantity"
    prefixed: bool = False
    twice: str = ""
    veto: Callable[[str], str | None] = not_stated
    null: bool = False
    sections: str = ""


class Found:
    """What was read of a mapping.

    Attributes:
        node: the mapping, or the key that names it.
        at: where it is.
        nodes: the values of its fields, as they were written.
        values: the values of its fields that could be read.
        others: the values of its quantities that could be read, by name.
        bare: whether there are fields alone.
    """

    def __init__(self, node: Node, at: At) -> None:
        self.node = at.named or node
        self.at = at
        self.nodes: dict[str, Node] = {}
        self.values: dict[str, Any] = {}
        self.others: dict[str, Any] = {}
        self.bare = True
        self.before = len(at.problems.found)

    def __contains__(self, name: str) -> bool:
        return name in self.nodes

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    @property
    def sound(self) -> bool:
        """Whether nothing was found wrong with it."""
        return len(self.at.problems.found) == self.before

    def refuse(self, message: str, key: str | None = None) -> None:
        """Note what is wrong with it, or with the value of one of its keys."""
        self.at.refuse(self.node if key is None else self.nodes[key], message)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.at.place(self.node)

    def provenance(self, place: Place | None = None, since: dt.date | None = None) -> Provenance:
        """Return who says it, from the fields of `SOURCES`."""
        basis: Basis = self["basis"] or "stated"
        source, url, as_of, note = (self[name] for name in ("source", "url", "as_of", "note"))
        return Provenance(basis, source, url, as_of, note, since, place or self.place)


class Fields:
    """What a mapping may hold.

    Attributes:
        name: what a schema calls it.
        words: what it is, after "is" or "expected": `a mapping such as {…}`.
        text: what it is for.
        fields: its fields by name.
        others: how its further keys are read, if it has any.
        title: the field that names one of several in messages.
        elsewhere: what to say of keys that belong elsewhere.
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

    def read(self, node: Node, at: At) -> Found | None:
        """Read a mapping; None where it is none."""
        if not isinstance(node, Mapping):
            at.expected(node, self.words)
            return None
        if self.title is not None:
            name = next((value for key, value in node.items if key.text == self.title), None)
            if isinstance(name, Scalar) and not name.is_null:
                at = at._replace(subject=f"{at.subject}: {shorten(name.text.strip())}")
        found = Found(node, at)
        self._keys(node, found)
        return self.values(found)

    def values(self, found: Found) -> Found:
        """Read the values of the fields whose nodes were found."""
        problems, subject, _, quantity, _ = found.at
        missing = [repr(name) for name in self.required if name not in found.nodes]
        if missing:
            found.refuse(f"has no {' and no '.join(missing)}")
        for name, node in found.nodes.items():
            value = self.fields[name].kind.read(node, At(problems, subject, name, quantity))
            if value is not None:
                found.values[name] = value
        return found

    def _keys(self, node: Mapping, found: Found) -> None:
        """Tell fields and quantities apart, and read the quantities."""
        first: dict[str, int] = {}
        for key, value in node.items:
            name = key.text
            if name in first:
                twice = self.others.twice if self.others else ""
                found.at.refuse(key, f"duplicate key '{shorten(name)}', first in line {first[name]}{twice}")
                continue
            first[name] = key.line
            section = self.others is not None and bool(self.others.sections) and name in MODEL.sections
            # A field that is called as a section is: what is stated of the section is a mapping.
            if name in self.fields and not (section and isinstance(value, Mapping)):
                found.nodes[name] = value
            elif self.others is None:
                hint = found.at.meant(name, self.fields) or f"; allowed are {', '.join(self.fields)}"
                found.at.refuse(key, f"unknown key '{shorten(name)}'{hint}")
            elif section:
                self._section(key, value, first, found, self.others)
            else:
                self._other(name, key, value, found, self.others)

    def _section(
        self, section: Scalar, node: Node, first: dict[str, int], found: Found, others: Others
    ) -> None:
        if isinstance(node, Scalar) and node.is_null:
            return
        if not isinstance(node, Mapping):
            example = next(q.name for q in MODEL.quantities.values() if q.section == section.text)
            words = f"a mapping of quantities such as '{example.partition('.')[2]}'"
            found.at._replace(key=section.text).expected(node, words)
            return
        for key, value in node.items:
            name = f"{section.text}.{key.text}"
            if name in first:
                found.at.refuse(key, f"duplicate key '{shorten(key.text)}', first in line {first[name]}")
                continue
            first[name] = key.line
            if name not in MODEL.quantities and key.text in self.fields:
                aside = f"'{key.text}' stands at the left margin, beside '{section.text}'"
                found.at.refuse(key, f"unknown quantity '{name}'; {aside}")
            else:
                self._other(name, key, value, found, others)

    def _other(self, name: str, key: Scalar, node: Node, found: Found, others: Others) -> None:
        at = found.at
        found.bare = False
        quantity = MODEL.quantities.get(name)
        if quantity is None:
            at.refuse(key, self._unknown(name, at, others))
            return
        inside = At(at.problems, f"{at.subject} {name}" if others.prefixed else name, "", quantity, key)
        if (why := others.veto(name)) is not None:
            inside.refuse(key, why)
            return
        null = others.null and isinstance(node, Scalar) and node.is_null
        value = None if null else others.kind.read(node, inside)
        if null or value is not None:
            found.others[name] = value

    def _unknown(self, name: str, at: At, others: Others) -> str:
        if not self.fields or "." in name:
            return MODEL.unknown(shorten(name, 80), others.what, hint=at.problems.few)
        known = (*self.fields, *(MODEL.sections if others.sections else ()), *MODEL.quantities)
        hint = self.elsewhere.get(name) or at.meant(name, known)
        if not hint and not others.sections:
            hint = f"; allowed are quantities, {', '.join(self.fields)}"
        return f"unknown key '{shorten(name)}'{hint}"


def nested(fields: Fields, make: Callable[[Found], T | None]) -> Kind[T]:
    """A mapping with fields of its own."""

    def read(node: Node, at: At) -> T | None:
        below = isinstance(node, Mapping) and at.subject and at.key and at.named is None
        found = fields.read(node, at.inside if below else at)
        return None if found is None else make(found)

    return Kind(fields.words, read, lambda models: models.of(fields))


def quantities(name: str, words: str, others: Others) -> Kind[Found]:
    """A mapping from quantities to values; what was read stands in `others`."""
    fields = Fields(name, words, "", others=others)

    def read(node: Node, at: At) -> Found | None:
        if isinstance(node, Scalar) and node.is_null:
            return None
        return fields.read(node, at.inside if isinstance(node, Mapping) else at)

    return Kind(words, read, lambda models: models.of(fields) | None)


def listed(kind: Kind[T], words: str, least: int = 0) -> Kind[list[T]]:
    """A list; null is an empty one, and what cannot be read is left out."""

    def read(node: Node, at: At) -> list[T] | None:
        if isinstance(node, Scalar) and node.is_null and not least:
            return []
        if not isinstance(node, Sequence) or len(node.items) < least:
            at.expected(node, words)
            return None
        inside = at._replace(subject=at.subject or at.key, key="")
        read_items = (kind.read(item, inside) for item in node.items)
        return [item for item in read_items if item is not None]

    def model(models: Models) -> Any:
        items: Any = list[kind.model(models)]  # type: ignore[misc]
        return models.limited(items, min_length=least) if least else items | None

    return Kind(words, read, model)


def _text(node: Node, at: At, words: str = "a text") -> str | None:
    if not isinstance(node, Scalar):
        at.expected(node, words)
    elif node.is_null or not node.text.strip():
        at.refuse(node, f"'{at.key}' is empty" if at.key else "is empty")
    else:
        return node.text.strip()
    return None


TEXT: Final = Kind("a text", _text, lambda _: str)


def spelled(
    words: str,
    parse: Callable[[str], T | None],
    model: Callable[[Models], Any] = lambda _: str,
) -> Kind[T]:
    """A text of a certain form; `parse` returns None for any other, or says what is wrong (NotANumber)."""

    def read(node: Node, at: At) -> T | None:
        text = _text(node, at, words)
        try:
            value = None if text is None else parse(text)
        except NotANumber as error:
            at.fault(node, str(error))
            return None
        if value is None and text is not None:
            at.expected(node, words)
        return value

    return Kind(words, read, model)


def matching(pattern: str) -> Callable[[Models], Any]:
    """Return the type of texts with a pattern."""
    return lambda models: models.limited(str, pattern=pattern)


_NAME: Final = re.compile(r"[^\W_][\w.-]*")


def not_a_name(text: str) -> str | None:
    """Say why a text cannot be a name, of a variant, an alias or a claim; None where it can."""
    if _NAME.fullmatch(text):
        return None
    return f"'{shorten(text)}' is not a valid name; use letters, digits, '-', '_' and '.'"


def mapped(
    kind: Kind[T],
    words: str,
    what: str,
    least: int = 0,
    refused: Callable[[str], str | None] = not_a_name,
    subject: bool = False,
) -> Kind[dict[str, T]]:
    """A mapping from names of one's own to values; null is an empty one.

    `refused` says why a text is no such name, and `subject` tells whether messages begin with the name.
    """

    def read(node: Node, at: At) -> dict[str, T] | None:
        if isinstance(node, Scalar) and node.is_null and not least:
            return {}
        if not isinstance(node, Mapping) or len(node.items) < least:
            at.expected(node, words)
            return None
        found: dict[str, T] = {}
        first: dict[str, Scalar] = {}
        for key, value in node.items:
            name = key.text
            inside = at._replace(subject=name) if subject else at
            if why := refused(name):
                at.refuse(key, why)
            elif first.setdefault(name, key) is not key:
                at.refuse(key, f"duplicate {what} '{shorten(name)}', first in line {first[name].line}")
            elif (read := kind.read(value, inside._replace(key=name, named=key))) is not None:
                found[name] = read
        return found

    def model(models: Models) -> Any:
        values: Any = dict[str, kind.model(models)]  # type: ignore[misc]
        return models.limited(values, min_length=least) if least else values | None

    return Kind(words, read, model)


def choice(*allowed: str) -> Kind[str]:
    """One of some words."""
    words = f"one of {', '.join(allowed)}" if len(allowed) > 1 else f"'{allowed[0]}'"

    def read(node: Node, at: At) -> str | None:
        text = _text(node, at, words)
        if text is None or text in allowed:
            return text
        at.expected(node, words, at.meant(text, allowed))
        return None

    return Kind(words, read, lambda models: models.choice(allowed))


def whole(low: int, high: int) -> Kind[int]:
    """A whole number between two ends."""

    def read(node: Node, at: At) -> int | None:
        number = whole_number(node)
        if number is not None and low <= number <= high:
            return number
        at.expected(node, words)
        return None

    words = f"a whole number from {low:,} to {high:,}"
    return Kind(words, read, lambda models: models.limited(int, ge=low, le=high))


def number(quantity: Quantity = PURE, *, low: float | None = None, above: float | None = None) -> Kind[float]:
    """One number, no range."""

    def read(node: Node, at: At) -> float | None:
        if not isinstance(node, Scalar) or node.is_null:
            at.expected(node, "a number")
            return None
        try:
            value = parse_number(node.text, quantity, rates=fixed_rates(at.problems.exchange))
        except NotANumber as error:
            at.fault(node, str(error))
            return None
        if low is not None and value < low:
            at.fault(node, f"must not be {'negative' if low == 0 else f'below {low:g}'}, got {value:.12g}")
        elif above is not None and value <= above:
            at.fault(node, f"must be above {above:g}, got {value:.12g}")
        else:
            return value
        return None

    return Kind("a number", read, lambda _: float | str)


def once(
    items: Iterable[T], name: Callable[[T], str], place: Callable[[T], Place], what: str, at: At
) -> list[T]:
    """Return those of some named things whose name did not stand before."""
    first: dict[str, T] = {}
    for item in items:
        before = first.setdefault(name(item), item)
        if before is not item:
            message = f"duplicate {what} '{shorten(name(item))}', first in line {place(before).line}"
            at.refuse(place(item), message)
    return list(first.values())


def whole_number(node: Node) -> int | None:
    """Return the whole number that is written, or None."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def _if(test: Callable[[str], bool]) -> Callable[[str], str | None]:
    return lambda text: text if test(text) else None


DAY: Final = spelled("a date such as 2025-01-29", parse_day, matching(r"^\d{4}-\d{2}-\d{2}$"))
AS_OF: Final = spelled(
    "a date such as 2024-05-13 or 2024-05",
    _if(is_as_of),
    lambda models: int | matching(r"^\d{4}(-\d{2}(-\d{2})?)?$")(models),
)
URL: Final = spelled(
    "an address that starts with https:// or http://",
    _if(lambda text: text.startswith(("https://", "http://"))),
    matching("^https?://"),
)
SOURCES: Final = (
    Field("basis", choice(*BASES), "How firm the number is, strongest first."),
    Field("source", TEXT, "Where the number comes from."),
    Field("url", URL, "Where to read it."),
    Field("as_of", AS_OF, "The date that the number is about."),
    Field("note", TEXT, "What a reader must know about it."),
)
"""Who says something; wherever a number may stand, these may."""
VERSION: Final = Field(
    "llmcost",
    spelled(
        "the format version, which is 1 here", lambda text: 1 if text == "1" else None, lambda _: Literal[1]
    ),
    "Format version.",
)
TITLE: Final = Field("title", TEXT, "What it is, in a line.")
NOTE: Final = Field("note", TEXT, "What a reader must know.")
TESTS: Final = "tests"
"""The kind of a file that holds no scenario but test cases."""
CLAIMS: Final = "claims"
"""The kind of a file that holds no scenario but a ledger of claims, and the folder of such files."""

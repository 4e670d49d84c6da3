"""The kinds of values: texts, words, dates, numbers, lists, mappings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from llmcost.engine.registry import BASES, Quantity
from llmcost.errors import LlmcostError, Place
from llmcost.scenario.files.format import Field, Fields, Found, Kind, Others
from llmcost.scenario.files.problems import At
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence
from llmcost.scenario.reference import Link, parse_reference
from llmcost.scenario.values.dates import is_as_of, parse_day
from llmcost.scenario.values.number import PURE, NotANumber, parse_number, shorten

if TYPE_CHECKING:
    from llmcost.scenario.files.schema import Models

T = TypeVar("T")


def nested(fields: Fields, make: Callable[[Found], T | None]) -> Kind[T]:
    """A mapping with fields of its own."""

    def read(node: Node, at: At) -> T | None:
        below = isinstance(node, Mapping) and at.subject and at.key and at.named is None
        found = fields.read(node, at.inside if below else at)
        return None if found is None else make(found)

    return Kind(fields.words, read, lambda models: models.of(fields))


def quantities(name: str, words: str, others: Others) -> Kind[Found]:
    """A mapping from quantities to values, which end up in `others`."""
    fields = Fields(name, words, "", others=others)

    def read(node: Node, at: At) -> Found | None:
        if isinstance(node, Scalar) and node.is_null:
            return None
        return fields.read(node, at.inside if isinstance(node, Mapping) else at)

    return Kind(words, read, lambda models: models.of(fields) | None)


def listed(kind: Kind[T], words: str, least: int = 0) -> Kind[list[T]]:
    """A list; null is an empty one, and invalid items are left out."""

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
        return None
    text = node.text.strip()
    if text and not node.is_null:
        return text
    at.refuse(node, f"'{at.key}' is empty" if at.key else "is empty")
    return None


TEXT: Final = Kind("a text", _text, lambda _: str)


def spelled(
    words: str, parse: Callable[[str], T | None], model: Callable[[Models], Any] = lambda _: str
) -> Kind[T]:
    """A text of a certain form; `parse` returns None for any other, or raises NotANumber to say why."""

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
    """Return the type of texts that match a pattern."""
    return lambda models: models.limited(str, pattern=pattern)


_NAME: Final = re.compile(r"[^\W_][\w.-]*")


def not_a_name(text: str) -> str | None:
    """Say why a text cannot be the name of a variant, an alias or a claim, or return None."""
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
    """A mapping from names that the user chooses to values; null is an empty one.

    `refused` says why a text is not such a name; `subject` says whether messages begin with the name.
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
            read = kind.read(value, inside._replace(key=name, named=key))
            if read is not None and first.get(name) is key:
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
        value = at.parsed(node, lambda text: parse_number(text, quantity, rates=at.problems.fixed))
        if value is not None and low is not None and value < low:
            at.fault(node, f"must not be {'negative' if low == 0 else f'below {low:g}'}, got {value:.12g}")
        elif value is not None and above is not None and value <= above:
            at.fault(node, f"must be above {above:g}, got {value:.12g}")
        else:
            return value
        return None

    return Kind("a number", read, lambda _: float | str)


def once(
    items: Iterable[T], name: Callable[[T], str], place: Callable[[T], Place], what: str, at: At
) -> list[T]:
    """Return named things without duplicates, which are reported."""
    first: dict[str, T] = {}
    for item in items:
        before = first.setdefault(name(item), item)
        if before is not item:
            message = f"duplicate {what} '{shorten(name(item))}', first in line {place(before).line}"
            at.refuse(place(item), message)
    return list(first.values())


def whole_number(node: Node) -> int | None:
    """Return a node as a whole number, or None."""
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
    Field("as_of", AS_OF, "The date that the number refers to."),
    Field("note", TEXT, "What a reader must know about it."),
)
"""The source of a number; these fields are allowed wherever a number is."""
VERSION: Final = Field(
    "llmcost",
    spelled(
        "the format version, which is 1 here", lambda text: 1 if text == "1" else None, lambda _: Literal[1]
    ),
    "Format version.",
)
TITLE: Final = Field("title", TEXT, "What it is, in one line.")
NOTE: Final = Field("note", TEXT, "What a reader must know.")
TESTS: Final = "tests"
"""The kind of a file of test cases."""
CLAIMS: Final = "claims"
"""The kind of a ledger of claims, and the name of the folder of ledgers."""


def _link(node: Node, at: At) -> Link | None:
    text = TEXT.read(node, at)
    if text is None:
        return None
    if text == "-":
        at.fault(node, "a file cannot refer to standard input")
        return None
    place, known = at.place(node), at.problems.references
    try:
        if text not in known:
            known[text] = parse_reference(text, Path(place.file or "").parent)
    except LlmcostError as error:
        at.fault(node, str(error))
        return None
    link = Link(text, place, known[text])
    at.problems.links.append((at, link))
    return link


LINK: Final = Kind("the name or path of a scenario", _link, lambda _: str)

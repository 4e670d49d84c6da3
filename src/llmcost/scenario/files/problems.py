"""What is wrong with a file as it is read, and where the reader is: messages about values and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeVar

from llmcost.engine.registry import Quantity
from llmcost.errors import Place, Problem, did_you_mean
from llmcost.records import NamedTuple, make
from llmcost.scenario.files.tree import Mapping, Node, Scalar
from llmcost.scenario.values.datum import Exchange, newest_rates
from llmcost.scenario.values.number import NotANumber, shorten

if TYPE_CHECKING:
    from llmcost.scenario.claims import Facts
    from llmcost.scenario.reference import Link, Reference
    from llmcost.scenario.values.expression import Expression

T = TypeVar("T")
Missing = Callable[[str, "Link"], str | None]
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

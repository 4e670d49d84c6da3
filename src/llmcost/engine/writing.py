"""Graphs of expressions written out: as code, as text, or in any other dialect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar, Final, Protocol, TypeVar

from llmcost.engine.formula import Formula
from llmcost.engine.symbols import COMPARISONS, Graph, Root, graph_of_formula
from llmcost.reasons import Reason
from llmcost.records import NamedTuple

T = TypeVar("T")


class Dialect(Protocol[T]):
    """How each kind of node is written, given its written parts.

    `operation` and `call` take the operators and functions of `symbols`. A guard's value is undefined unless
    all its conditions hold; the first one that does not gives the reason. `shared` takes a part that occurs
    in several places, or in a branch, and returns how it is written there: as a name, say, or unchanged.
    """

    def input(self, name: str) -> T: ...
    def constant(self, value: float) -> T: ...
    def operation(self, operator: str, parts: Sequence[T]) -> T: ...
    def call(self, function: str, parts: Sequence[T]) -> T: ...
    def where(self, condition: T, yes: T, no: T) -> T: ...
    def guard(self, value: T, conditions: Sequence[T], reasons: Sequence[Reason]) -> T: ...
    def root(self, root: Root, parts: Sequence[T]) -> T: ...
    def shared(self, written: T) -> T: ...


def write(graph: Graph, dialect: Dialect[T], wanted: Sequence[int]) -> list[T]:
    """Return some nodes as they are written; each part they share is written once."""
    used = _uses(graph, wanted)
    written: dict[int, Any] = {}
    for place, (kind, what, parts) in enumerate(graph.nodes):
        if not used[place]:
            continue
        values = [written[part] for part in parts]
        match kind:
            case "input":
                found = dialect.input(what)
            case "constant":
                found = dialect.constant(what)
            case "operation":
                found = dialect.operation(what, values)
            case "call":
                found = dialect.call(what, values)
            case "where":
                found = dialect.where(*values)
            case "guard":
                found = dialect.guard(values[0], values[1:], what)
            case "root":
                found = dialect.root(what, values)
        written[place] = dialect.shared(found) if used[place] > 1 else found
    return [written[place] for place in wanted]


def _uses(graph: Graph, wanted: Sequence[int]) -> Counter[int]:
    """Count the places where each node occurs; a branch counts twice, since it is computed beforehand."""
    used = Counter(wanted)
    for place in range(len(graph.nodes) - 1, -1, -1):
        if used[place]:
            node = graph.nodes[place]
            for index, part in enumerate(node.parts):
                used[part] += 2 if node.kind == "where" and index else 1
    return used


class Text(NamedTuple):
    """An expression as text, and how tightly its outermost operator binds."""

    text: str
    level: int

    def within(self, level: int) -> str:
        """Return it as a part of an expression of some level: in brackets if it binds less tightly."""
        return self.text if self.level >= level else f"({self.text})"


ATOM: Final = 9
LEVELS: Final[dict[str, int]] = {
    "or": 0,
    "and": 1,
    **dict.fromkeys(COMPARISONS, 2),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "neg": 6,
    "**": 7,
}


class Infix:
    """A base for dialects that put operators between their parts, and brackets only where needed."""

    signs: ClassVar[dict[str, str]] = {}
    levels: ClassVar[dict[str, int]] = LEVELS

    def operation(self, operator: str, parts: Sequence[Text]) -> Text:
        """Write an operator; `+` or `*` can be chained, a power or comparison cannot."""
        level, sign = self.levels[operator], self.signs.get(operator, operator)
        if operator == "neg":
            return Text(f"{self.signs.get(operator, '-')}{parts[0].within(level)}", level)
        left, right = parts
        single = operator == "**" or operator in COMPARISONS
        return Text(f"{left.within(level + single)} {sign} {right.within(level + 1)}", level)

    def call(self, function: str, parts: Sequence[Text]) -> Text:
        return Text(f"{self.signs.get(function, function)}({', '.join(part.text for part in parts)})", ATOM)


class Readable(Infix):
    """One line for people, with the names of quantities and without guards."""

    signs: ClassVar[dict[str, str]] = {
        "*": "·",
        "-": "−",
        "neg": "−",
        "**": "^",
        "least": "min",
        "largest": "max",
    }

    def input(self, name: str) -> Text:
        return Text(name, ATOM)

    def constant(self, value: float) -> Text:
        text = "1e6" if value == 1e6 else f"{value:.12g}"
        return Text(text, LEVELS["neg"] if value < 0 else ATOM)

    def where(self, condition: Text, yes: Text, no: Text) -> Text:
        return Text(f"({yes.text} where {condition.text}, else {no.text})", ATOM)

    def guard(self, value: Text, conditions: Sequence[Text], reasons: Sequence[Reason]) -> Text:
        return value

    def root(self, root: Root, parts: Sequence[Text]) -> Text:
        return self.call(root.name, parts)

    def shared(self, written: Text) -> Text:
        return written


def readable(formula: Formula, present: Sequence[str] | None = None) -> str:
    """Return the formula as one line with quantity names, without the optional inputs that are absent."""
    if formula.text:
        return formula.text
    absent = () if present is None else [name for name in formula.inputs if name not in present]
    graph = graph_of_formula(formula, absent)
    return write(graph, Readable(), [graph.quantities[formula.quantity]])[0].text

"""Symbols: numbers that record how they are computed, in a graph of expressions.

Running a plan's formulas on symbols yields one graph. Its nodes are a list, each after its parts, and equal
expressions are one node, so a graph is read from front to back without recursion. `llmcost.engine.writing`
turns it into code or text.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NoReturn

from llmcost.engine.arithmetic import NumberKind
from llmcost.engine.formula import Formula
from llmcost.engine.plan import Plan
from llmcost.reasons import Reason
from llmcost.records import NamedTuple

NodeKind = Literal["input", "constant", "operation", "call", "where", "guard", "root"]

OPERATIONS: Final[dict[str, Callable[..., Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "and": operator.and_,
    "or": operator.or_,
}
"""The operators, as floats have them."""
PARTIAL: Final = frozenset({"/", "**", "round_up"})
"""Operators and functions that have no value for some numbers."""
COMPARISONS: Final = frozenset({"<", "<=", ">", ">=", "==", "!="})

FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "least": NumberKind.least,
    "largest": NumberKind.largest,
    "round_up": NumberKind.round_up,
    "abs": abs,
}
"""The functions by name, as floats have them."""


class Root(NamedTuple):
    """A root that `solve` finds on floats, which records only its residual.

    `residual(root, *arguments)` is plain arithmetic, so it can be run on symbols itself.
    """

    name: str
    solve: Callable[..., float]
    residual: Callable[..., Any]


class GraphNode(NamedTuple):
    """One part of a graph.

    Attributes:
        kind: what it is.
        what: an input's name, a constant's value, an operation's operator, a call's function, a guard's
            reasons (one for each condition), or a `Root`.
        parts: places of its parts; for `where` the condition, yes and no; for a guard the value and then
            the conditions, in the order in which they are checked.
    """

    kind: NodeKind
    what: Any = None
    parts: tuple[int, ...] = ()


ONE: Final = GraphNode("constant", 1.0)
NEUTRAL: Final = {"*": ONE, "/": ONE, "**": ONE, "-": GraphNode("constant", 0.0)}
"""The right operand of an operator that leaves the left one exactly as it is."""


class Graph:
    """Expressions with shared parts.

    Attributes:
        nodes: all nodes, each after its parts.
        quantities: the place of each quantity's node, including given ones.
    """

    def __init__(self) -> None:
        self.nodes: list[GraphNode] = []
        self.quantities: dict[str, int] = {}
        self._places: dict[GraphNode, int] = {}
        self._guards: list[tuple[int, Reason]] = []
        self._total: list[bool] = []

    def put(self, kind: NodeKind, what: Any = None, parts: tuple[int, ...] = ()) -> Symbol:
        """Return the symbol of a node, which is added unless it exists."""
        node = GraphNode(kind, what, parts)
        place = self._places.get(node)
        if place is None:
            place = self._places[node] = len(self.nodes)
            self.nodes.append(node)
            plain = kind in ("input", "constant", "operation", "call") and what not in PARTIAL
            self._total.append(plain and all(self._total[part] for part in parts))
        return Symbol(self, place)

    def lift(self, number: Any) -> int:
        """Return the place of a symbol or plain number."""
        if isinstance(number, Symbol):
            return number.place
        if isinstance(number, (int, float)):
            return self.put("constant", float(number)).place
        raise TypeError(f"{number!r} cannot stand beside symbols")

    def decided(self, place: int) -> bool | None:
        """Return whether a condition holds; None unless it consists of constants."""
        _, what, parts = self.nodes[place]
        if what in ("and", "or"):
            known = [self.decided(part) for part in parts]
            return None if None in known else (all if what == "and" else any)(known)
        nodes = [self.nodes[part] for part in parts]
        if what not in COMPARISONS or any(node.kind != "constant" for node in nodes):
            return None
        return bool(OPERATIONS[what](*(node.what for node in nodes)))

    def applied(self, kind: Literal["operation", "call"], what: str, parts: Sequence[Any]) -> Symbol:
        """Return an operation or call, or its result if all parts are constants and it has one."""
        places = tuple(map(self.lift, parts))
        nodes = [self.nodes[place] for place in places]
        if all(node.kind == "constant" for node in nodes) and what not in COMPARISONS:
            known = OPERATIONS if kind == "operation" else FUNCTIONS
            value = _number(known[what], [node.what for node in nodes])
            if value is not None:
                return self.put("constant", value)
        if len(nodes) == 2 and what in NEUTRAL:
            if nodes[1] == NEUTRAL[what]:
                return Symbol(self, places[0])
            if nodes[0] == NEUTRAL[what] and what == "*":
                return Symbol(self, places[1])
        return self.put(kind, what, places)

    def chosen(self, condition: int, yes: int, no: int) -> Symbol:
        """Return a choice, or a branch if constants decide and the other branch always has a value."""
        holds = self.decided(condition)
        if holds is not None and self._total[no if holds else yes]:
            return Symbol(self, yes if holds else no)
        return self.put("where", None, (condition, yes, no))

    def require(self, condition: Symbol, reason: Reason) -> None:
        """Record a guard of the formula that is being run."""
        if not self.decided(condition.place):
            self._guards.append((condition.place, Reason(reason.code)))  # its parameters are symbols here

    def run(self, function: Callable[..., Any], arguments: Iterable[Any]) -> Symbol:
        """Return the result of a formula's function, within its guards."""
        self._guards = []
        value = self.lift(function(*arguments))
        if not self._guards:
            return Symbol(self, value)
        conditions, reasons = zip(*self._guards, strict=True)
        return self.put("guard", reasons, (value, *conditions))


def _number(function: Callable[..., Any], parts: Sequence[float]) -> float | None:
    """Return the result on floats; None if it is not a finite number."""
    try:
        value = function(*parts)
    except ArithmeticError:
        return None
    if isinstance(value, complex) or not math.isfinite(value):
        return None
    return float(value)


class Symbol(NumberKind):
    """A node as a number: arithmetic on it adds nodes. It has no value, so comparisons are not decided."""

    __slots__ = ("graph", "place")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, graph: Graph, place: int) -> None:
        self.graph = graph
        self.place = place

    def __repr__(self) -> str:
        return f"Symbol({self.graph.nodes[self.place]})"

    def __bool__(self) -> NoReturn:
        raise TypeError("a symbol decides no comparison: formulas use where(…) and require(…)")

    def __abs__(self) -> Symbol:
        return self.graph.applied("call", "abs", [self])

    def __neg__(self) -> Symbol:
        return self.graph.applied("operation", "neg", [self])

    @staticmethod
    def where(condition: Any, yes: Any, no: Any) -> Symbol:
        graph = _graph(condition, yes, no)
        if isinstance(condition, bool):
            return Symbol(graph, graph.lift(yes if condition else no))
        return graph.chosen(*map(graph.lift, (condition, yes, no)))

    @staticmethod
    def least(*numbers: Any) -> Symbol:
        return _graph(*numbers).applied("call", "least", numbers)

    @staticmethod
    def largest(*numbers: Any) -> Symbol:
        return _graph(*numbers).applied("call", "largest", numbers)

    @staticmethod
    def round_up(value: Any, step: Any) -> Symbol:
        return _graph(value, step).applied("call", "round_up", [value, step])

    @staticmethod
    def require(condition: Any, reason: Reason) -> None:
        condition.graph.require(condition, reason)

    @staticmethod
    def root(solve: Callable[..., float], residual: Callable[..., Any], arguments: Sequence[Any]) -> Symbol:
        graph = _graph(*arguments)
        root = Root(solve.__name__, solve, residual)
        return graph.put("root", root, tuple(map(graph.lift, arguments)))


def _graph(*numbers: Any) -> Graph:
    return next(number.graph for number in numbers if isinstance(number, Symbol))


def _operator(name: str, *, reflected: bool = False) -> Callable[[Symbol, Any], Symbol]:
    def apply(self: Symbol, other: Any) -> Symbol:
        return self.graph.applied("operation", name, [other, self] if reflected else [self, other])

    return apply


for _method, _name in {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "pow": "**",
    "and": "and",
    "or": "or",
}.items():
    setattr(Symbol, f"__{_method}__", _operator(_name))
    setattr(Symbol, f"__r{_method}__", _operator(_name, reflected=True))
for _method, _name in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
    setattr(Symbol, f"__{_method}__", _operator(_name))


def graph_of(plan: Plan, fixed: Mapping[str, float] | None = None) -> Graph:
    """Run a plan's formulas on symbols; `fixed` given values are constants.

    The graph's `quantities` hold the plan's inputs and steps; several may share a node.
    """
    graph = Graph()
    known: dict[str, Symbol] = {}
    for name in plan.inputs:
        value = (fixed or {}).get(name)
        known[name] = graph.put("input", name) if value is None else graph.put("constant", float(value))
    for step in plan.steps:
        present = step.inputs
        arguments = (known[name] if name in present else None for name in step.formula.inputs)
        known[step.name] = graph.run(step.formula.function, arguments)
    graph.quantities = {name: symbol.place for name, symbol in known.items()}
    return graph


def graph_of_formula(formula: Formula, absent: Iterable[str] = ()) -> Graph:
    """Run one formula on symbols: its inputs become inputs of the graph, without the absent ones."""
    graph = Graph()
    left_out = set(absent)
    arguments = [None if name in left_out else graph.put("input", name) for name in formula.inputs]
    graph.quantities = {formula.quantity: graph.run(formula.function, arguments).place}
    return graph

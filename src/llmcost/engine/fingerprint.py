"""What a formula means, as a short hash: to tell whether it has changed since."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from llmcost.engine.formula import Formula
from llmcost.engine.parts import Over, added
from llmcost.engine.registry import Registry
from llmcost.engine.symbols import Graph, Root, graph_of_formula

LENGTH: Final = 16


def fingerprint(formula: Formula) -> str:
    """Return a hash of what a formula works out, of its guards and their reasons, and of when it is used.

    How it is written does not count: names, comments, the order of statements, helpers that it calls. Of a
    root it is the name and what the root makes zero that count, not the way it is found. It is the same on
    every version of Python.
    """
    conditions = (sorted(formula.optional), formula.inputs, formula.unless_given, formula.if_given)
    forms = [graph_of_formula(formula), *(graph_of_formula(formula, [name]) for name in _alone(formula))]
    marks = [_mark(graph, graph.quantities[formula.quantity]) for graph in forms]
    return _hash(conditions, *marks)[:LENGTH]


def fingerprint_of_rules(registry: Registry) -> str:
    """Return a hash of how parts make a whole, beside the formulas that serve in parts or wholes alone."""
    rules, some = registry.rules, ("parts.a.", "parts.b.")
    ways = {**{name: tuple(ways) for name, ways in rules.over.items()}, "": (Over(added, ("",), ""),)}
    over = [
        (name, [(fingerprint(way.formula(name, some)), way.among) for way in ways[name]])
        for name in sorted(ways)
    ]
    names = (
        *(rules.volumes, rules.lines, rules.without, rules.unassumed),
        [quantity.name for quantity in registry.quantities.values() if quantity.adds],
    )
    return _hash(over, sorted(map(sorted, rules.topics)), *map(sorted, names))[:LENGTH]


def _alone(formula: Formula) -> list[str]:
    """Return the optional inputs that may be absent while all others are there."""
    return sorted(formula.optional) if len(formula.inputs) > 1 else []


def _mark(graph: Graph, place: int) -> str:
    """Return a hash of a node and its parts, whatever places they have in the graph."""
    marks: list[str] = []
    for kind, what, parts in graph.nodes[: place + 1]:
        meant = _root(what, len(parts)) if isinstance(what, Root) else what
        marks.append(_hash(kind, meant, *(marks[part] for part in parts)))
    return marks[place]


def _root(root: Root, count: int) -> str:
    """Return a hash of a root's name and of what it makes zero, of so many arguments."""
    graph = Graph()
    zero = graph.run(root.residual, [graph.put("input", str(index)) for index in range(count + 1)])
    return _hash(root.name, _mark(graph, zero.place))


def _hash(*parts: Any) -> str:
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()

"""The meaning of a formula as a short hash, which tells whether the formula has changed."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from llmcost.engine.formula import Formula
from llmcost.engine.parts import Over, added
from llmcost.engine.registry import Registry
from llmcost.engine.symbols import Graph, Root, graph_of_formula

LENGTH: Final = 16


def fingerprint(formula: Formula) -> str:
    """Return a hash of a formula's arithmetic, its guards with their reasons, and when it is used.

    How it is written does not matter: names, comments, the order of statements, helper functions. A root
    counts by its name and residual, not by how it is found. The hash is the same on every Python version.
    """
    conditions = (sorted(formula.optional), formula.inputs, formula.unless_given, formula.if_given)
    alone = sorted(formula.optional) if len(formula.inputs) > 1 else []  # each may be absent alone
    forms = [graph_of_formula(formula), *(graph_of_formula(formula, [name]) for name in alone)]
    marks = [_mark(graph, graph.quantities[formula.quantity]) for graph in forms]
    return _hash(conditions, *marks)[:LENGTH]


def fingerprint_of_rules(registry: Registry) -> str:
    """Return a hash of how parts make a whole, without the formulas that apply only in parts or wholes."""
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


def _mark(graph: Graph, place: int) -> str:
    """Return a hash of a node and its parts that does not depend on their places in the graph."""
    marks: list[str] = []
    for kind, what, parts in graph.nodes[: place + 1]:
        meant = _root(what, len(parts)) if isinstance(what, Root) else what
        marks.append(_hash(kind, meant, *(marks[part] for part in parts)))
    return marks[place]


def _root(root: Root, count: int) -> str:
    """Return a hash of a root's name and its residual, which takes the root and `count` arguments."""
    graph = Graph()
    zero = graph.run(root.residual, [graph.put("input", str(index)) for index in range(count + 1)])
    return _hash(root.name, _mark(graph, zero.place))


def _hash(*parts: Any) -> str:
    return hashlib.sha256("\n".join(map(repr, parts)).encode()).hexdigest()

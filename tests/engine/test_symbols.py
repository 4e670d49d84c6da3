"""Graphs of expressions: parts that are the same are one, and a dialect writes them down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from calling import each
from llmcost.engine.arithmetic import largest, least, require, root_of, where
from llmcost.engine.compiled import Code
from llmcost.engine.formula import Formula
from llmcost.engine.plan import resolve
from llmcost.engine.symbols import Graph, GraphNode, Root, graph_of, graph_of_formula
from llmcost.engine.writing import write
from llmcost.formulas import MODEL
from llmcost.reasons import REASONS, Reason

FORMULAS = [formula for routes in MODEL.formulas.values() for formula in routes]


def test_what_is_the_same_is_one_node() -> None:
    graph = Graph()
    one: Any = graph.put("input", "one")
    two: Any = graph.put("input", "two")
    assert graph.put("input", "one").place == one.place
    product = one * two
    assert (one * two).place == product.place
    assert (two * one).place != product.place
    assert graph.nodes[product.place] == GraphNode("operation", "*", (one.place, two.place))


def test_every_node_stands_behind_its_parts() -> None:
    given = ["revenue.total", "cost.inference", "cost.staff", "market.price_elasticity", "cash.balance"]
    graph = graph_of(resolve(MODEL, given, MODEL.formulas))
    assert all(part < place for place, node in enumerate(graph.nodes) for part in node.parts)
    assert len(set(graph.nodes)) == len(graph.nodes)
    kinds = {node.kind for node in graph.nodes}
    assert kinds == {"input", "constant", "operation", "guard", "root"}


def test_numbers_alone_are_worked_out_and_what_changes_nothing_is_left_out() -> None:
    graph = Graph()
    x: Any = graph.put("input", "x")
    two: Any = graph.put("constant", 2.0)
    assert graph.nodes[(two * 3 + 1).place] == GraphNode("constant", 7.0)
    assert [item.place for item in (x * 1, 1 * x, x / 1, x - 0, x**1)] == [x.place] * 5
    # A number that there is not stays as it is written; so does what would lose the sign of a zero.
    assert graph.nodes[(two / 0).place].kind == "operation"
    assert (x + 0).place != x.place


def test_guards_keep_their_order_and_those_that_always_hold_are_left_out() -> None:
    def guarded(x: Any) -> Any:
        one: Any = graph.put("constant", 1.0)
        require(one < 2, "no_gain")
        require(x > 1, "too_large")
        require(x < 9, "earns_cash")
        return x + 1

    graph = Graph()
    kind, what, parts = graph.nodes[graph.run(guarded, [graph.put("input", "x")]).place]
    assert (kind, what) == ("guard", (Reason("too_large"), Reason("earns_cash")))
    assert [graph.nodes[part].what for part in parts] == ["+", ">", "<"]


def test_what_constants_decide_is_the_branch_unless_the_other_one_may_have_no_value() -> None:
    graph = Graph()
    x: Any = graph.put("input", "x")
    one: Any = graph.put("constant", 1.0)
    assert where(one < 2, x, x + 1).place == x.place
    assert where(one > 2, x, x + 1).place == (x + 1).place
    assert where((one < 2) & (one > 2), x, x + 1).place == (x + 1).place
    assert where((one < 2) | (one > 2), x, x + 1).place == x.place
    # Both branches are worked out on every kind of number.
    assert graph.nodes[where(one < 2, x, 1 / x).place].kind == "where"
    assert where(one < 2, 1 / x, x).place == (1 / x).place


def test_a_symbol_decides_nothing() -> None:
    x: Any = Graph().put("input", "x")
    decided: list[Callable[[], Any]] = [
        lambda: x > 1 and x < 2,
        lambda: not x,
        lambda: 0 < x < 1,
        lambda: max(x, 1),
    ]
    for undecided in decided:
        with pytest.raises(TypeError, match=r"^a symbol decides no comparison"):
            undecided()
    with pytest.raises(TypeError, match=r"^'1' cannot stand beside symbols$"):
        x + "1"


@each("formula", FORMULAS, lambda f: f"{f.quantity}-{f.function.__name__}")
def test_every_reason_of_a_guard_is_in_the_table(formula: Formula) -> None:
    graph = graph_of_formula(formula)
    for node in graph.nodes:
        if node.kind == "guard":
            assert all(reason.code in REASONS for reason in node.what)


class Cells:
    """A dialect as a spreadsheet might have it: what stands in several places gets a cell of its own."""

    def __init__(self) -> None:
        self.cells: list[str] = []

    def input(self, name: str) -> str:
        return name

    def constant(self, value: float) -> str:
        return f"{value:g}"

    def operation(self, operator: str, parts: Sequence[str]) -> str:
        return f"({operator.join(parts)})" if len(parts) == 2 else f"(-{parts[0]})"

    def call(self, function: str, parts: Sequence[str]) -> str:
        return f"{function}({';'.join(parts)})"

    def where(self, condition: str, yes: str, no: str) -> str:
        return f"IF({condition};{yes};{no})"

    def guard(self, value: str, conditions: Sequence[str], reasons: Sequence[Reason]) -> str:
        return f'IF(AND({";".join(conditions)});{value};"{reasons[0]}")'

    def root(self, root: Root, parts: Sequence[str]) -> str:
        return f"{root.name}({';'.join(parts)})"

    def shared(self, written: str) -> str:
        self.cells.append(written)
        return f"A{len(self.cells)}"


def solved(value: float) -> float:
    return value


def test_a_dialect_writes_each_kind_of_node_and_what_is_shared_once() -> None:
    def body(a: Any, b: Any) -> Any:
        require(b > 0, "nothing_sold")
        ratio = a / b
        root = root_of(solved, lambda root, value: root - value, ratio)
        return where(ratio < 2, -ratio, abs(b)) + root

    graph, cells = Graph(), Cells()
    value = graph.run(body, [graph.put("input", "a"), graph.put("input", "b")])
    (written,) = write(graph, cells, [value.place])
    assert cells.cells[:3] == ["b", "(a/A1)", "(-A2)"]
    assert written == 'IF(AND((A1>0));(IF((A2<2);A3;A4)+solved(A2));"nothing is sold")'
    assert cells.cells[3] == "abs(A1)"


def test_an_expression_of_any_depth_can_be_compiled() -> None:
    """Python's own parser gives up where brackets are nested too deep."""
    graph, code = Graph(), Code(["x"])
    value: Any = graph.put("input", "x")
    for step in range(2_000):
        value = where(least(value, step) / 2 < 1, value - 1, 2 - largest(value, 3))
    (written,) = write(graph, code, [value.place])
    assert isinstance(code.function([written])[1](5.0)[0], float)

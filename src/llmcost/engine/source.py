"""A formula's own source: shown in readable form, and inlined into compiled plans."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from llmcost.engine.arithmetic import add, require
from llmcost.engine.registry import Formula, quantity_name
from llmcost.engine.units import Constant


class Body(NamedTuple):
    """A formula body: conditions that must hold, each with its reason, and the expression returned."""

    guards: tuple[tuple[ast.expr, str], ...]
    result: ast.expr


@cache
def body(function: Callable[..., Any]) -> Body | None:
    """Parse a body that is nothing but `require(condition, "reason")` lines and one `return`.

    Returns None for any other body, and where the source cannot be had.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    (definition,) = tree.body
    if not isinstance(definition, ast.FunctionDef):
        return None
    guards: list[tuple[ast.expr, str]] = []
    result: ast.expr | None = None
    for statement in definition.body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                continue
            case ast.Expr(value=ast.Call(func=ast.Name(id="require"), args=[test, why])):
                guards.append((test, _reason(why, function)))
            case ast.Return(value=ast.expr() as expression):
                result = expression
            case _:
                return None
    if result is None or not all(_is_plain(tree, function) for tree in (*(g for g, _ in guards), result)):
        return None
    return Body(tuple(guards), result)


def _reason(node: ast.expr, function: Callable[..., Any]) -> str:
    """The text of a guard's reason, written there or named."""
    return str(function.__globals__[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node))


def _is_plain(expression: ast.expr, function: Callable[..., Any]) -> bool:
    """Whether it consists of parameters, constants and arithmetic, with `add` as the only call."""
    scope: dict[str, Any] = function.__globals__
    parameters: tuple[str, ...] = function.__code__.co_varnames
    for node in ast.walk(expression):
        match node:
            case ast.Call(func=ast.Name(id=name)) if scope.get(name) is not add:
                return False
            case ast.Name(id=name) if name not in parameters:
                if not isinstance(scope.get(name), (float, int)) and scope.get(name) not in (add, require):
                    return False
            case ast.Attribute() | ast.Subscript() | ast.Lambda():
                return False
            case _:
                pass
    return True


class Substitute(ast.NodeTransformer):
    """Replace parameters by other names, constants by their numbers, and `add` by plain sums.

    A parameter that maps to None is absent: it is dropped from sums.
    """

    def __init__(self, function: Callable[..., Any], names: Mapping[str, str | None]) -> None:
        self.scope: dict[str, Any] = function.__globals__
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.names:
            name = self.names[node.id]
            return ast.Constant(None) if name is None else ast.Name(name, ast.Load())
        value = self.scope[node.id]
        number = float(value)
        return ast.Constant(int(number) if isinstance(value, Constant) and number.is_integer() else number)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        lines: list[ast.expr] = [self.visit(argument) for argument in node.args]
        present = [line for line in lines if not (isinstance(line, ast.Constant) and line.value is None)]
        total = present[0]
        for line in present[1:]:
            total = ast.BinOp(total, ast.Add(), line)
        return total


def readable(formula: Formula, present: tuple[str, ...] | None = None) -> str:
    """Return the formula as one line over quantity names, without the optional inputs that are absent."""
    if formula.text:
        return formula.text
    parsed = body(formula.function)
    if parsed is None:
        return formula.description
    shown = formula.inputs if present is None else present
    parameters = formula.function.__code__.co_varnames[: len(formula.inputs)]
    names = {
        parameter: (quantity_name(parameter) if quantity_name(parameter) in shown else None)
        for parameter in parameters
    }
    copy = ast.parse(ast.unparse(parsed.result), mode="eval").body
    text = ast.unparse(ast.fix_missing_locations(Substitute(formula.function, names).visit(copy)))
    return text.replace(" * ", " · ").replace(" - ", " − ").replace("1000000", "1e6")

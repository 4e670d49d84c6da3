"""What a formula's code amounts to, as a short hash: to tell whether it has changed since."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType
from typing import Any, Final

from llmcost.engine.registry import Formula
from llmcost.errors import LlmcostError

LENGTH: Final = 16
_SILENT: Final = frozenset(
    {"ctx", "type_comment", "kind", "type_params", "decorator_list", "returns", "annotation"}
)
"""Fields of syntax trees that change nothing about what is worked out."""


def fingerprint(formula: Formula) -> str:
    """Return a hash of a formula's code, of everything it calls, and of when it is used.

    Comments, docstrings, formatting and annotations do not count; the values of constants do. It is the
    same on every version of Python.

    Raises:
        LlmcostError: if the source is not there, as in a stripped installation.
    """
    conditions = (sorted(formula.optional), formula.inputs, formula.unless_given, formula.if_given)
    parts = [repr(conditions), *_code(formula.function, set())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:LENGTH]


def _code(function: Callable[..., Any], seen: set[str]) -> Iterator[str]:
    """Yield the code of a function, then the constants and functions of this package that it uses."""
    name = f"{function.__module__}.{function.__qualname__}"
    if name in seen:
        return
    seen.add(name)
    definition = _definition(function)
    yield _canonical(definition)
    scope: dict[str, Any] = getattr(function, "__globals__", {})
    used = sorted({node.id for node in ast.walk(definition) if isinstance(node, ast.Name)} & scope.keys())
    for item in used:
        value = scope[item]
        if isinstance(value, (int, float)):
            yield f"{item}={float(value)!r}"
        elif isinstance(value, FunctionType) and value.__module__.startswith("llmcost."):
            yield from _code(value, seen)


def _definition(function: Callable[..., Any]) -> ast.FunctionDef:
    found = _definitions(function.__module__).get(function.__qualname__)
    if found is None:
        raise LlmcostError(
            f"the source of {function.__module__}.{function.__qualname__} is not there to be read"
        )
    return found


@cache
def _definitions(module: str) -> dict[str, ast.FunctionDef]:
    try:
        tree = ast.parse(inspect.getsource(importlib.import_module(module)))
    except (OSError, TypeError, SyntaxError):
        return {}
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _canonical(node: Any) -> str:
    """Write a syntax tree down in a form that does not depend on the version of Python."""
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return _canonical(ast.Assign([node.target], node.value))
    if isinstance(node, ast.AST):
        fields = [(name, getattr(node, name, None)) for name in node._fields if name not in _SILENT]
        written = [f"{name}={_canonical(_without_docstring(node, name, value))}" for name, value in fields]
        return f"{type(node).__name__}({','.join(part for part in written if not part.endswith('=-'))})"
    if isinstance(node, list):
        node = [item for item in node if not (isinstance(item, ast.AnnAssign) and item.value is None)]
        return f"[{','.join(map(_canonical, node))}]" if node else "-"
    return "-" if node is None else repr(node)


def _without_docstring(node: ast.AST, name: str, value: Any) -> Any:
    if (
        isinstance(node, ast.FunctionDef)
        and name == "body"
        and ast.get_docstring(node, clean=False) is not None
    ):
        return value[1:]
    return value

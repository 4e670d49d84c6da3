"""A plan as one straight-line Python function: the arithmetic of its formulas and nothing else."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llmcost.engine.plan import Plan, Step
from llmcost.engine.source import Substitute, body
from llmcost.engine.trace import call
from llmcost.reasons import Reason, Undefined

Values = tuple[float | None, ...]


class CompiledPlan:
    """Runs one plan again and again on new values.

    Attributes:
        inputs: names of the given values that are passed, in that order.
        targets: names of the results, in the order in which they come back.
        fast: the bare function: floats in, a tuple of floats out; raises an ArithmeticError where
            anything along the way is undefined. For inner loops that handle this themselves.
    """

    def __init__(self, plan: Plan, fixed: Mapping[str, float] | None = None) -> None:
        """Compile a plan; what depends on nothing but `fixed` given values is worked out right away."""
        self._fixed = {name: value for name, value in (fixed or {}).items() if name in plan.inputs}
        self.inputs = tuple(name for name in plan.inputs if name not in self._fixed)
        self.targets = plan.targets
        self._steps = plan.steps
        self.source, scope = write(plan, self._fixed)
        exec(compile(self.source, "<plan>", "exec"), scope)
        self.fast: Callable[..., tuple[float, ...]] = scope["plan"]

    def __call__(self, values: Sequence[float]) -> Values:
        """Return the targets for these given values; None where one is undefined."""
        try:
            results = self.fast(*values)
        except ArithmeticError:
            return self.explained(values)[0]
        if not math.isfinite(sum(results)):
            return self.explained(values)[0]
        return results

    def explained(self, values: Sequence[float]) -> tuple[Values, dict[str, Reason]]:
        """Evaluate step by step; return the targets and, by name, why a quantity is undefined."""
        known: dict[str, float | None] = {**self._fixed, **dict(zip(self.inputs, values, strict=True))}
        reasons: dict[str, Reason] = {}
        for step in self._steps:
            broken = next((name for name in step.inputs if known[name] is None), None)
            if broken is not None:
                known[step.name], reasons[step.name] = None, reasons[broken]
                continue
            try:
                known[step.name] = call(step.formula, known)
            except Undefined as why:
                known[step.name], reasons[step.name] = None, why.reason
        return tuple(known[name] for name in self.targets), reasons


def write(
    plan: Plan, fixed: Mapping[str, float] | None = None, *, arrays: bool = False
) -> tuple[str, dict[str, Any]]:
    """Write the function's source: one line a step, bodies inlined where they are plain expressions.

    What is but another name gets no line of its own; what consists of numbers alone is worked out here.
    For arrays a guard does not stop the function but leaves NaN where it fails.
    """
    numbers = {name: _literal(value) for name, value in (fixed or {}).items()}
    slots = {name: numbers.get(name, f"g{index}") for index, name in enumerate(plan.inputs)}
    arguments = ", ".join(slots[name] for name in plan.inputs if name not in numbers)
    scope: dict[str, Any] = {"Undefined": Undefined}
    lines: list[str] = []
    for index, step in enumerate(plan.steps):
        guards, value = _step(step, slots, f"f{index}", scope)
        if arrays:
            undefined = any(slots[name] == "nan" for name in step.inputs)
            value = "nan" if undefined else _numbers_folded(value, scope)
        if arrays and guards:
            value = f"where({' & '.join(f'({_elementwise(test)})' for test, _ in guards)}, {value}, nan)"
        elif guards:
            lines += [f"if not ({test}): raise Undefined({why!r})" for test, why in guards]
        value = _worked_out(value, scope)
        if _is_trivial(value):
            slots[step.name] = value
        else:
            slots[step.name] = f"v{index}"
            lines.append(f"v{index} = {value}")
    if arrays:
        lines = _kept_finite(lines)
    results = ", ".join(slots[name] for name in plan.targets)
    code = "\n    ".join([f"def plan({arguments}):", *lines, f"return ({results}{',' if results else ''})"])
    return code + "\n", scope


def _kept_finite(lines: list[str]) -> list[str]:
    """Make undefined what is infinite on the way and then divided by, or handed to a root: 1/inf is not 0."""
    watched: set[str] = set()
    trees = [ast.parse(line).body[0] for line in lines]
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Pow)):
            parts: list[ast.AST] = [node.right]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id[0] == "f":
            parts = list(node.args)
        else:
            continue
        watched |= {part.id for tree in parts for part in ast.walk(tree) if isinstance(part, ast.Name)}
    kept = []
    for line in lines:
        slot, _, value = line.partition(" = ")
        kept.append(f"{slot} = defined({value})" if slot in watched else line)
    return kept


def _literal(value: float) -> str:
    """A number as source, safe to stand anywhere in an expression."""
    return f"({float(value)!r})" if value < 0 else repr(float(value))


def _worked_out(value: str, scope: Mapping[str, Any]) -> str:
    """Return the number that an expression without variables stands for, or the expression as it is."""
    tree = ast.parse(value, mode="eval")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if names - scope.keys() or names & {"where", "nan", "defined"}:
        return value
    try:
        number = float(eval(compile(tree, "<number>", "eval"), {"__builtins__": {}, **scope}))
    except (ArithmeticError, TypeError):  # a broken power of a negative number is complex, and no number here
        return value
    return _literal(number) if math.isfinite(number) else value


def _numbers_folded(value: str, scope: Mapping[str, Any]) -> str:
    """Work out every part of an expression that has only numbers in it; nan where it has no value.

    Numbers alone would stop the function where columns only become infinite at a point. A divisor that is
    a quotient itself must not be infinite: dividing by it would give 0.
    """

    class Fold(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            node = super().generic_visit(node)
            if not isinstance(node, (ast.BinOp, ast.Call)):
                return node
            names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            if "nan" in names:
                return ast.Name("nan", ast.Load())
            if names - scope.keys():
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _divides(node.right):
                    node.right = ast.Call(ast.Name("defined", ast.Load()), [node.right], [])
                return node
            try:
                code = compile(ast.fix_missing_locations(ast.Expression(node)), "<number>", "eval")
                number = float(eval(code, {"__builtins__": {}, **scope}))
            except (ArithmeticError, TypeError):
                number = math.nan
            text = _literal(number) if math.isfinite(number) else "nan"
            return ast.parse(text, mode="eval").body

    tree = ast.fix_missing_locations(Fold().visit(ast.parse(value, mode="eval")))
    return ast.unparse(tree)


def _divides(expression: ast.expr) -> bool:
    return any(isinstance(part, (ast.Div, ast.Pow)) for part in ast.walk(expression))


def _is_trivial(value: str) -> bool:
    tree = ast.parse(value, mode="eval").body
    return isinstance(tree.operand if isinstance(tree, ast.UnaryOp) else tree, (ast.Name, ast.Constant))


def _step(
    step: Step, slots: dict[str, str], function: str, scope: dict[str, Any]
) -> tuple[list[tuple[str, str]], str]:
    """Return a step's guards, each with its reason, and the expression of its value."""
    formula = step.formula
    present = {name: slots[name] if name in step.inputs else None for name in formula.inputs}
    parsed = body(formula.function)
    if parsed is None:
        scope[function] = formula.function
        return [], f"{function}({', '.join(slot or 'None' for slot in present.values())})"
    parameters = formula.function.__code__.co_varnames[: len(formula.inputs)]
    names = dict(zip(parameters, present.values(), strict=True))

    def inline(expression: ast.expr) -> str:
        copy = ast.parse(ast.unparse(expression), mode="eval").body
        return ast.unparse(ast.fix_missing_locations(Substitute(formula.function, names).visit(copy)))

    guards = [(inline(test), why) for test, why in parsed.guards]
    return [(test, why) for test, why in guards if not _always_holds(test)], inline(parsed.result)


def _always_holds(test: str) -> bool:
    """Whether a guard has only numbers in it, and holds."""
    tree = ast.parse(test, mode="eval")
    if any(isinstance(node, ast.Name) for node in ast.walk(tree)):
        return False
    return bool(eval(compile(tree, "<guard>", "eval"), {"__builtins__": {}}))


def _elementwise(test: str) -> str:
    """Part a chained comparison, which arrays do not know, into comparisons joined by `&`."""
    tree = ast.parse(test, mode="eval").body
    if not isinstance(tree, ast.Compare) or len(tree.ops) == 1:
        return test
    sides = [tree.left, *tree.comparators]
    pairs = zip(sides, tree.ops, sides[1:], strict=False)
    return " & ".join(f"({ast.unparse(ast.Compare(left, [op], [right]))})" for left, op, right in pairs)

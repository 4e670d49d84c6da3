"""A plan as one straight-line Python function: the arithmetic of its formulas and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Final

from llmcost.engine.plan import Plan
from llmcost.engine.roots import Upward
from llmcost.engine.symbols import FUNCTIONS, Graph, Root, graph_of
from llmcost.engine.trace import work_out
from llmcost.engine.writing import ATOM, LEVELS, Infix, Text, write
from llmcost.reasons import Reason, Undefined

Values = tuple[float | None, ...]
LONG: Final = 400
"""Longer expressions get a line of their own, because Python limits how deep brackets nest."""


class Code(Infix):
    """Lines of Python on floats, and the names that they use."""

    signs: ClassVar[dict[str, str]] = {"least": "min", "largest": "max"}

    def __init__(self, inputs: Sequence[str]) -> None:
        self.slots = {name: f"g{index}" for index, name in enumerate(inputs)}
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {"Undefined": Undefined, "round_up": FUNCTIONS["round_up"]}

    def named(self, value: Any) -> str:
        """Return a name for a value that the lines use."""
        name = f"k{len(self.scope)}"
        self.scope[name] = value
        return name

    def input(self, name: str) -> Text:
        return Text(self.slots[name], ATOM)

    def constant(self, value: float) -> Text:
        return Text(repr(value), LEVELS["neg"] if value < 0 else ATOM)

    def operation(self, operator: str, parts: Sequence[Text]) -> Text:
        return self._short(super().operation(operator, parts))

    def call(self, function: str, parts: Sequence[Text]) -> Text:
        return self._short(super().call(function, parts))

    def _short(self, written: Text) -> Text:
        return self.shared(written) if len(written.text) > LONG else written

    def where(self, condition: Text, yes: Text, no: Text) -> Text:
        return self._short(Text(f"({yes.text} if {condition.text} else {no.text})", ATOM))

    def guard(self, value: Text, conditions: Sequence[Text], reasons: Sequence[Reason]) -> Text:
        for condition, reason in zip(conditions, reasons, strict=True):
            self.lines.append(f"if not ({condition.text}): raise Undefined({self.named(reason)})")
        return value

    def root(self, root: Root, parts: Sequence[Text]) -> Text:
        solve = _straight(root.solve, len(parts)) if isinstance(root.solve, Upward) else root.solve
        return Text(f"{self.named(solve)}({', '.join(part.text for part in parts)})", ATOM)

    def shared(self, written: Text) -> Text:
        """Give a part a line of its own, unless it is already a name or a number."""
        if written.text.isidentifier() or (written.text[-1].isdigit() and written.level == ATOM):
            return written
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {written.text}")
        return Text(name, ATOM)

    def function(self, results: Sequence[Text]) -> tuple[str, Callable[..., Any]]:
        """Return the source of a function of the inputs that returns a tuple, and the function itself."""
        return self.returning(f"({', '.join(item.text for item in results)}{',' if results else ''})")

    def returning(self, result: str) -> tuple[str, Callable[..., Any]]:
        """Return the source of a function of the inputs that returns an expression, and the function."""
        head, last = f"def plan({', '.join(self.slots.values())}):", f"return {result}"
        source = "\n    ".join([head, *self.lines, last]) + "\n"
        exec(compile(source, "<plan>", "exec"), self.scope)
        found: Callable[..., Any] = self.scope["plan"]
        return source, found


@lru_cache(maxsize=16)
def _straight(search: Upward, arguments: int) -> Upward:
    """Return a search with a compiled residual, which it evaluates a dozen times."""
    graph, names = Graph(), [str(number) for number in range(arguments + 1)]
    found, code = graph.run(search.residual, [graph.put("input", name) for name in names]), Code(names)
    (written,) = write(graph, code, [found.place])
    return Upward(search.__name__, code.returning(written.text)[1], search.most, search.reason)


class CompiledPlan:
    """Runs one plan repeatedly on new values.

    Attributes:
        inputs: names of the given values, in the order in which they are passed.
        targets: names of the results, in the order in which they are returned.
        source: the function as Python.
        fast: the bare function, from floats to a tuple of floats; it raises an ArithmeticError if any step
            is undefined. For inner loops that handle this themselves.
    """

    def __init__(self, plan: Plan, fixed: Mapping[str, float] | None = None) -> None:
        """Compile a plan; whatever depends only on `fixed` given values is computed right away."""
        self._fixed = {name: value for name, value in (fixed or {}).items() if name in plan.inputs}
        self.inputs = tuple(name for name in plan.inputs if name not in self._fixed)
        self.targets = plan.targets
        self._steps = plan.steps
        graph, code = graph_of(plan, self._fixed), Code(self.inputs)
        results = write(graph, code, [graph.quantities[name] for name in plan.targets])
        self.fast: Callable[..., tuple[float, ...]]
        self.source, self.fast = code.function(results)

    def __call__(self, values: Sequence[float]) -> Values:
        """Return the targets for these given values, with None for undefined ones."""
        try:
            results = self.fast(*values)
        except ArithmeticError:
            return self.explained(values)[0]
        return results if math.isfinite(sum(results)) else self.explained(values)[0]

    def explained(self, values: Sequence[float]) -> tuple[Values, dict[str, Reason]]:
        """Evaluate step by step; return the targets and, by name, why a quantity is undefined."""
        known: dict[str, float | None] = {**self._fixed, **dict(zip(self.inputs, values, strict=True))}
        reasons = work_out(self._steps, known)
        return tuple(known[name] for name in self.targets), reasons

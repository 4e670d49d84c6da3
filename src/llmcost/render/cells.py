"""Formulas for the cells of a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from llmcost.engine.plan import Step
from llmcost.engine.symbols import Root, graph_of_formula
from llmcost.engine.writing import ATOM, LEVELS, Infix, Text, write
from llmcost.reasons import Reason
from llmcost.records import NamedTuple

LONGEST: Final = 8192
"""The most characters of a formula in a cell."""


class Cells(Infix):
    """Formulas of a spreadsheet, over the cells of quantities.

    Operators bind as in a spreadsheet: a leading minus more tightly than a power. A guard that fails gives
    #N/A, and so does everything that depends on it. A root has no formula; `roots` collects them.
    """

    levels: ClassVar[dict[str, int]] = LEVELS | {"neg": 8}
    signs: ClassVar[dict[str, str]] = {
        "**": "^",
        "==": "=",
        "!=": "<>",
        "least": "MIN",
        "largest": "MAX",
        "abs": "ABS",
    }

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells
        self.roots: list[Root] = []
        self.chooses = False

    def input(self, name: str) -> Text:
        return Text(self.cells[name], ATOM)

    def constant(self, value: float) -> Text:
        return Text(f"{value:.17g}".replace("e", "E"), self.levels["neg"] if value < 0 else ATOM)

    def operation(self, operator: str, parts: Sequence[Text]) -> Text:
        if operator in ("and", "or"):
            return Text(f"{operator.upper()}({','.join(part.text for part in parts)})", ATOM)
        written = super().operation(operator, parts)
        return written._replace(text=written.text.replace(" ", ""))

    def call(self, function: str, parts: Sequence[Text]) -> Text:
        if function == "round_up":
            value, step = (part.within(self.levels["/"] + 1) for part in parts)
            return Text(f"-INT(-({value}/{step}-1E-9))*{step}", self.levels["*"])
        return Text(f"{self.signs[function]}({','.join(part.text for part in parts)})", ATOM)

    def where(self, condition: Text, yes: Text, no: Text) -> Text:
        self.chooses = True
        return Text(f"IF({condition.text},{yes.text},{no.text})", ATOM)

    def guard(self, value: Text, conditions: Sequence[Text], reasons: Sequence[Reason]) -> Text:
        asked = ",".join(condition.text for condition in conditions)
        holds = f"AND({asked})" if len(conditions) > 1 else asked
        return Text(f"IF({holds},{value.text},NA())", ATOM)

    def root(self, root: Root, parts: Sequence[Text]) -> Text:
        self.roots.append(root)
        return Text("NA()", ATOM)

    def shared(self, written: Text) -> Text:
        return written


class CellFormula(NamedTuple):
    """The formula of a cell; if `solved`, its value is only valid for the present inputs."""

    text: str
    solved: bool = False


def cell_formula(
    step: Step, value: float | None, cells: Mapping[str, str], values: Mapping[str, float | None]
) -> CellFormula:
    """Return the formula of a derived quantity, given the `cells` of its inputs.

    If it is found by search, or too long for a cell, the cell has its present value, and #N/A once an input
    changes.
    """
    formula, present = step.formula, step.inputs
    graph = graph_of_formula(formula, [name for name in formula.inputs if name not in present])
    dialect = Cells(cells)
    text = write(graph, dialect, [graph.quantities[formula.quantity]])[0].text
    if dialect.roots or len(text) > LONGEST - 500:
        same = ",".join(f"ABS({cells[n]}-{_number(values[n])})<=1E-9*ABS({cells[n]})" for n in present)
        known = value is not None and all(values[name] is not None for name in present)
        return CellFormula(f"IF(AND({same}),{_number(value)},NA())" if known else "NA()", solved=True)
    if dialect.chooses and present:
        # A spreadsheet ignores undefined inputs in a branch that is not taken; llmcost does not.
        counted = ",".join(cells[name] for name in present)
        text = f"IF(COUNT({counted})<{len(present)},NA(),{text})"
    return CellFormula(text)


def _number(value: float | None) -> str:
    return "NA()" if value is None else f"{value:.17g}".replace("e", "E")

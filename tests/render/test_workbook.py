"""A workbook computes what llmcost computes: as stated, and with its blue cells changed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from calling import Call, write
from llmcost import LlmcostError, evaluate, load, project
from llmcost.analysis.ask.evaluation import Evaluation
from llmcost.render.workbook import workbook

BOOK = "book.xlsx"
CHANGES: dict[str, list[dict[str, float]]] = {
    "wren": [
        {"serving.gpu_hour_cost": 11.25, "serving.utilization": 0.31},
        {"price.input_per_mtok": 0.0, "price.cached_input_per_mtok": 0.0, "workload.output_share": 1.0},
    ],
    "fleet": [
        {"price.input_per_mtok": 9.0, "price.output_per_mtok": 0.4},
        {"serving.gpus": 1e6},
    ],
    "seat": [{"market.price_elasticity": 0.4}, {"product.price_per_unit": 0.5}],
}
"""Of each scenario, what is changed at the same time as the others'."""


class Recalculated:
    """A workbook as another program computes it: by the cells in which quantities stand."""

    def __init__(self, tmp_path: Path, *evaluations: Evaluation) -> None:
        from formulas.excel import ExcelModel

        path = tmp_path / BOOK
        path.write_bytes(workbook(evaluations))
        self.model = ExcelModel().loads(str(path)).finish()
        self.solutions: dict[tuple[tuple[str, float], ...], Any] = {}
        book = openpyxl.load_workbook(path, data_only=True)
        self.cells = {
            (sheet, row[0].value, column): (
                f"'[{BOOK}]{sheet.upper()}'!{row[3 + column].coordinate}",
                row[3 + column],
            )
            for sheet in ("Inputs", "Model", "Months")
            if sheet in book.sheetnames
            for row in book[sheet].iter_rows(min_row=2)
            for column in range(len(row) - 3 if sheet == "Months" else len(evaluations))
            if row[3 + column].value is not None
        }

    def values(
        self, inputs: Sequence[Mapping[str, float]], column: int = 0, sheet: str = "Model"
    ) -> dict[str, float | None]:
        """Return what follows in a column once inputs of each scenario are changed; None for an error such
        as #N/A. On the sheet of months, the column is that of a month.
        """
        put = {
            self.cells["Inputs", name, scenario][0]: value
            for scenario, changed in enumerate(inputs)
            for name, value in changed.items()
        }
        key = tuple(sorted(put.items()))
        if key not in self.solutions:
            self.solutions[key] = self.model.calculate(inputs=put)
        solution = self.solutions[key]
        found: dict[str, float | None] = {}
        for (on, name, of), (cell, _) in self.cells.items():
            if on == sheet and of == column:
                value: Any = solution[cell].value[0, 0]
                found[name] = float(value) if isinstance(value, int | float) else None
        return found

    def solved(self, column: int = 0) -> set[str]:
        """Return what is a value found by search, by the look of its cell."""
        return {
            name
            for (sheet, name, of), (_, cell) in self.cells.items()
            if sheet == "Model" and of == column and cell.font.italic
        }


def same(found: Mapping[str, float | None], evaluation: Evaluation, apart: set[str] = frozenset()) -> int:  # type: ignore[assignment]
    """Hold every figure against the engine; return how many have a value."""
    for name, value in found.items():
        expected = evaluation.value(name)
        if name not in apart:
            assert value == (None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-12)), name
    return sum(value is not None for value in found.values())


def test_it_computes_what_llmcost_computes(tmp_path: Path) -> None:
    """Each scenario has a column."""
    scenarios = [load(name) for name in CHANGES]
    book = Recalculated(tmp_path, *map(evaluate, scenarios))
    stated = [book.values([], column) for column in range(len(scenarios))]
    for found, scenario in zip(stated, scenarios, strict=True):
        assert same(found, evaluate(scenario)) >= 5
    for changes in zip(*CHANGES.values(), strict=True):
        for column, (change, scenario) in enumerate(zip(changes, scenarios, strict=True)):
            changed = book.values(changes, column)
            same(changed, evaluate(scenario.replace(**change)), book.solved(column))
            assert changed != stated[column]


def test_what_was_solved_holds_only_as_long_as_its_inputs(tmp_path: Path) -> None:
    scenario = load("acme").replace(**{"market.price_elasticity": 0.5})
    book = Recalculated(tmp_path, evaluate(scenario))
    multiplier = "breakeven.api_only_multiplier"
    assert multiplier in book.solved()
    before, after = book.values([]), book.values([{"cost.staff": 2e9}])
    assert same(before, evaluate(scenario)) > 20
    assert after[multiplier] is None
    assert after["cost.total"] == 9e9


FLEETING = """
revenue: {api: 1200, subscription: 600}
cost: {inference: 600, training: 240, data: 60, other: 60}
cash.balance: 5000
compute.paid_gpu_hour: 2
horizon_months: 5
trajectory:
  {revenue.api: +5%/month, compute.paid_gpu_hour: {3: 4}, cost.data: follows revenue.total,
   cost.other: 5% of revenue.api}
"""
LEAVING = """
kind: product
product: {price_per_unit: 20, variable_cost_per_unit: 10, paying_share: 100%, units_per_month: 100,
          churn_per_month: 10%, new_units_per_month: 5, fixed_cost_per_month: 300}
cash.balance: 9000
horizon_months: 5
trajectory: {product.fixed_cost_per_month: +1%/month}
"""


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("extends: acme-plan\nhorizon_months: 14\ncash.credits: 6B\n", {"cost.inference": 1.7e9}),
        (FLEETING, {"revenue.api": 2400.0, "cost.training": 480.0, "follows.cost.other": 0.1}),
        (LEAVING, {"product.churn_per_month": 0.2, "product.units_per_month": 50.0}),
    ],
)
def test_months_follow_the_inputs(text: str, change: dict[str, float], tmp_path: Path) -> None:
    scenario = load(write(tmp_path / "plan.yaml", text))
    book = Recalculated(tmp_path, evaluate(scenario))
    growth = next(iter(scenario.timeline.rates))
    for changed in ({}, {**change, growth: 0.01}):
        rows = project(scenario.replace(**changed)).rows
        for month in (1, 3, len(rows) - 1):
            found, row = book.values([changed], month, "Months"), rows[month]
            assert found["cash at the end"] == pytest.approx(row.closing, rel=1e-9, abs=1e-3)
            for name in found.keys() & {"revenue.total", "cost.total"}:
                assert found[name] == pytest.approx(row.flows[name], rel=1e-9), (changed, month)


def sheets(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def test_the_same_scenario_gives_the_same_bytes() -> None:
    assert workbook([evaluate(load("wren"))]) == workbook([evaluate(load("wren"))])


def test_inputs_are_blue_and_say_where_they_are_from(tmp_path: Path) -> None:
    path = tmp_path / BOOK
    path.write_bytes(workbook([evaluate(load("acme"))]))
    book = openpyxl.load_workbook(path)
    rows = {row[0].value: row for row in book["Inputs"].iter_rows(min_row=2) if row[0].value}
    cell = rows["cost.inference"][3]
    assert (cell.value, cell.font.color.rgb) == (2e9, "FF0000FF")
    assert "1B to 2B" in cell.comment.text
    assert rows["cost.inference"][4].value == "reported"
    assert book.defined_names["company.gross_margin"].attr_text.startswith("Model!$D$")
    assert {"About", "Inputs", "Model", "Sources"} == {*book.sheetnames}


def test_the_first_sheet_says_what_the_others_are(tmp_path: Path) -> None:
    """Notes say whose they are where there are several scenarios; months are told of where there are some."""
    path = tmp_path / BOOK
    said = {}
    for names in (("wren",), ("wren", "acme"), ("acme-plan",)):
        path.write_bytes(workbook([evaluate(load(name)) for name in names]))
        cells = [row[0] for row in openpyxl.load_workbook(path)["About"].iter_rows()]
        assert [cell.value.split(":")[0] for cell in cells if cell.value and cell.font.b] == [*names]
        said[names] = [cell.value or "" for cell in cells]
    assert "The training figure is the final run only." in said["wren",]
    assert "wren: The training figure is the final run only." in said["wren", "acme"]
    month = [any("blue cells among them" in line for line in lines) for lines in said.values()]
    assert month == [False, False, True]


def test_nothing_that_a_file_says_is_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "trap.yaml"
    file.write_text(
        "title: '=HYPERLINK(\"http://x\")'\n"
        "price:\n  input_per_mtok: {value: 1, source: '=1+1', note: '=2+2', url: 'https://example.com/b'}\n"
        "  output_per_mtok: {value: 2, source: '+1', url: 'https://example.com/a'}\n"
    )
    texts = sheets(workbook([evaluate(load(str(file)))]))
    for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet4.xml"):
        assert "<f>" not in texts[name]


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(
        LlmcostError, match=r"a workbook needs the extra 'excel': pip install -e '\.\[excel\]'"
    ):
        workbook([evaluate(load("wren"))])


def test_export_writes_it_and_replaces_its_own_alone(tmp_path: Path, llmcost: Call) -> None:
    target = tmp_path / "model.xlsx"
    for _ in range(2):
        done = llmcost("export", "wren", "acme", "-o", str(target))
        assert (done.code, done.out, done.err) == (0, "", f"wrote {target}\n")
    book = openpyxl.load_workbook(target)
    book.save(target)  # as somebody does who has changed it
    edited = target.read_bytes()
    done = llmcost("export", "wren", "-o", str(target))
    assert done.code == 2
    assert "llmcost did not write it; --force replaces it" in done.err
    assert target.read_bytes() == edited


def test_a_workbook_does_not_go_to_a_terminal(monkeypatch: pytest.MonkeyPatch, llmcost: Call) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    done = llmcost("export", "wren")
    assert (done.code, done.err) == (2, "--format xlsx: is for a file: add -o NAME.xlsx\n")

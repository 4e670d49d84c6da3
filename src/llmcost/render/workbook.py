"""Scenarios as a workbook: inputs to change, formulas that recompute, and all sources."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import textwrap
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from llmcost.analysis.ask.evaluation import Evaluation, datum_of, formula_text
from llmcost.engine.registry import Quantity
from llmcost.engine.trace import Given, Node
from llmcost.errors import LlmcostError, missing_extra
from llmcost.formulas import MODEL
from llmcost.render.about import HEIGHT, LINE, SOLVED, about
from llmcost.render.cells import CellFormula, cell_formula
from llmcost.render.months import CASH, letters, months_of
from llmcost.render.results.shared import heading
from llmcost.render.words import clean, exact
from llmcost.scenario.values.datum import Datum

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

WIDEST: Final = 32_000
"""The most characters of text in a cell."""
INPUTS: Final = "Inputs"
MODEL_SHEET: Final = "Model"
SHEETS: Final = ("About", INPUTS, MODEL_SHEET, "Sources")
"""The sheets of every workbook; there may be others for months."""
FIRST: Final = 3
"""The column of the first scenario, after name, description and unit."""
CASH_ROW: Final = MODEL.quantities["cost.total"]._replace(description="", unit="USD")
"""A stand-in for the rows of cash, which are not quantities."""
SOURCE_COLUMNS: Final = {
    "Scenario": 22,
    "Quantity": 36,
    "As written": 22,
    "Low": 12,
    "High": 12,
    "Basis": 11,
    "Source": 60,
    "Link": 40,
    "Date": 12,
    "Note": 60,
}
Nodes = Mapping[str, Node]


def workbook(evaluations: Sequence[Evaluation]) -> bytes:
    """Return a workbook (.xlsx) with a column for each scenario.

    Raises:
        LlmcostError: if the extra `excel` is not installed.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise LlmcostError(missing_extra("excel", "a workbook")) from None
    file = io.BytesIO()
    # Texts from files never become formulas, links or numbers.
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(file, {"in_memory": True, **plain})
    book.set_properties({"title": clean(", ".join(item.scenario.label for item in evaluations))})
    # A fixed date, so that the same input gives the same file.
    book.set_properties({"created": dt.datetime(2000, 1, 1)})
    _Sheets(book, evaluations).write()
    book.close()
    with zipfile.ZipFile(file, "a") as whole:
        whole.comment = b"llmcost"  # a mark of llmcost, which is lost if the file is edited
    return file.getvalue()


class _Sheets:
    """The sheets of a workbook, and the cells of its quantities."""

    def __init__(self, book: Workbook, evaluations: Sequence[Evaluation]) -> None:
        self.book = book
        self.evaluations = evaluations
        self.nodes = [_wanted(item) for item in evaluations]
        names = MODEL.in_order(dict.fromkeys(name for nodes in self.nodes for name in nodes))
        # A quantity stated in one scenario and derived in another is on both sheets.
        self.names = {
            INPUTS: [name for name in names if any(_is_input(nodes, name) for nodes in self.nodes)],
            MODEL_SHEET: [name for name in names if any(_follows(nodes, name) for nodes in self.nodes)],
        }
        self.rows = {sheet: _rows(self.names[sheet]) for sheet in self.names}
        self.formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def write(self) -> None:
        """Write all sheets."""
        first = self.book.add_worksheet("About")
        inputs, model = (self.book.add_worksheet(name) for name in self.names)
        self._inputs(inputs)
        solved = self._model(model)
        stopped = self._months()
        self._sources(self.book.add_worksheet("Sources"))
        self._about(first, solved, stopped)
        for sheet in self.book.worksheets():
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
        (model if self.names[MODEL_SHEET] else inputs).activate()

    def format(self, **looks: Any) -> Format:
        """Return a format of cells, the same one for the same looks."""
        key = tuple(sorted(looks.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"font_name": "Calibri", "font_size": 10, **looks})
        return self.formats[key]

    def cell(self, name: str, column: int) -> str:
        """Return the cell of a quantity of a scenario."""
        sheet = INPUTS if _is_input(self.nodes[column], name) else MODEL_SHEET
        return f"{sheet}!${letters(FIRST + column)}${self.rows[sheet][name] + 1}"

    def _titles(self, sheet: Worksheet, first: int, titles: Iterable[tuple[str, int]], **looks: Any) -> None:
        """Write the titles of columns, each with its width."""
        for column, (title, width) in enumerate(titles, first):
            sheet.set_column(column, column, width)
            self._write(sheet, 0, column, clean(title), bold=True, bottom=1, **looks)

    def _write(self, sheet: Worksheet, row: int, column: int, text: str, **looks: Any) -> None:
        """Write a text."""
        sheet.write_string(row, column, _text(text), self.format(**looks))

    def _formula(
        self,
        sheet: Worksheet,
        place: tuple[int, int],
        formula: CellFormula,
        value: float | None,
        quantity: Quantity,
    ) -> None:
        """Write a formula and its present value."""
        looks: dict[str, Any] = {"num_format": _digits(value or 0.0, quantity)}
        if formula.solved:
            looks |= {"italic": True, "font_color": FAINT}
        shown = "#N/A" if value is None else value
        sheet.write_formula(*place, f"={formula.text}", self.format(**looks), shown)

    def _number(self, sheet: Worksheet, place: tuple[int, int], value: float, quantity: Quantity) -> None:
        """Write a number for users to change, in blue."""
        look = self.format(num_format=_digits(value, quantity), font_color=BLUE, bg_color=PAPER)
        sheet.write_number(*place, value, look)

    def _head(self, sheet: Worksheet, name: str, further: Sequence[tuple[str, int]]) -> None:
        """Write the titles of columns, and the sections between the rows."""
        wide = {"text_wrap": True, "valign": "top"}
        labels = [(item.scenario.label, 18) for item in self.evaluations]
        self._titles(sheet, 0, (("Quantity", 36), ("What it is", 52), ("Unit", 14)), **wide)
        self._titles(sheet, FIRST, labels, **wide, align="right")
        self._titles(sheet, FIRST + len(labels), further, **wide)
        sheet.freeze_panes(1, FIRST)
        sheet.repeat_rows(0)
        section = ""
        for quantity, row in self.rows[name].items():
            known = self._quantity(quantity)
            if known.section != section:
                section = known.section
                self._write(sheet, row - 1, 0, MODEL.sections.get(section, MOVES), bold=True)
            self._write(sheet, row, 0, quantity)
            self._write(sheet, row, 1, known.description, font_color=FAINT)
            self._write(sheet, row, 2, known.unit, font_color=FAINT)

    def _quantity(self, name: str) -> Quantity:
        return next(nodes[name].quantity for nodes in self.nodes if name in nodes)

    def _inputs(self, sheet: Worksheet) -> None:
        """Write the stated values and the defaults, in blue."""
        self._head(sheet, INPUTS, (("Basis", 11), ("Source", 60), ("Link", 40)))
        behind = FIRST + len(self.evaluations)
        for name, row in self.rows[INPUTS].items():
            quantity = self._quantity(name)
            said = False
            for column, nodes in enumerate(self.nodes, FIRST):
                if not _is_input(nodes, name):
                    continue
                node = nodes[name]
                assert node.value is not None
                self._number(sheet, (row, column), node.value, quantity)
                datum = datum_of(node)
                comment = _comment(datum, quantity)
                if comment:
                    sheet.write_comment(row, column, comment, {"x_scale": 2.4})
                self._name(name, f"={INPUTS}!${letters(column)}${row + 1}", column)
                if not said:  # the first scenario that has it; the sheet of sources has all
                    said = True
                    taken = f"default: {node.formula.description}" if node.formula else "no source stated"
                    source = datum.source if datum is not None and datum.source else taken
                    self._write(sheet, row, behind, "" if node.formula else node.basis, indent=1)
                    self._write(sheet, row, behind + 1, source)
                    _link(sheet, row, behind + 2, datum.url if datum is not None else None)

    def _model(self, sheet: Worksheet) -> list[str]:
        """Write the derived values; return the names of those that are solved, not computed."""
        self._head(sheet, MODEL_SHEET, (("Formula", 70), ("Basis", 11)))
        behind = FIRST + len(self.evaluations)
        solved: dict[str, None] = {}
        for name, row in self.rows[MODEL_SHEET].items():
            quantity = self._quantity(name)
            for column, nodes in enumerate(self.nodes, FIRST):
                if not _follows(nodes, name):
                    continue
                node = nodes[name]
                assert node.step is not None
                cells = {used: self._reference(used, column - FIRST) for used in node.step.inputs}
                values = {used: nodes[used].value for used in node.step.inputs}
                formula = cell_formula(node.step, node.value, cells, values)
                if formula.solved:
                    solved[name] = None
                    sheet.write_comment(row, column, SOLVED, {"x_scale": 2.4})
                if node.value is None:
                    sheet.write_comment(row, column, _text(f"undefined: {node.reason}"), {"x_scale": 2.4})
                self._formula(sheet, (row, column), formula, node.value, quantity)
                self._name(name, f"={MODEL_SHEET}!${letters(column)}${row + 1}", column)
            first = next(nodes[name] for nodes in self.nodes if _follows(nodes, name))
            self._write(sheet, row, behind, formula_text(first), font_color=FAINT, indent=1)
            self._write(sheet, row, behind + 1, first.basis if first.rooted else "")
        return list(solved)

    def _months(self) -> list[str]:
        """Write a sheet of months for each scenario with a timeline; return where they end early."""
        ended = []
        for column, item in enumerate(self.evaluations):
            nodes = self.nodes[column]
            stated = {
                name: (self.cell(name, column), node.value)
                for name, node in nodes.items()
                if node.value is not None
            }
            found = months_of(item.scenario, stated, FIRST)
            if found is None:
                continue
            if found.stopped:
                ended.append(f"{item.scenario.label}, month {len(found.labels) + 1} on: {found.stopped}")
            sheet = self.book.add_worksheet(f"Months {column + 1}" if len(self.nodes) > 1 else "Months")
            for place, label in enumerate(found.labels, FIRST):
                self._write(sheet, 0, place, label, bold=True, bottom=1, align="right")
            sheet.set_column(FIRST, FIRST + len(found.labels), 14)
            self._titles(sheet, 0, ((item.scenario.label, 36), ("What it is", 40), ("Unit", 14)))
            sheet.freeze_panes(1, FIRST)
            for name, row in found.rows.items():
                quantity = CASH_ROW if name in CASH else item.scenario.quantity(name)
                self._write(sheet, row, 0, name)
                self._write(sheet, row, 1, quantity.description, font_color=FAINT)
                self._write(sheet, row, 2, quantity.unit, font_color=FAINT)
                for place, entries in enumerate(found.columns, FIRST):
                    entry = entries.get(name)
                    if entry is not None and entry.formula is not None:
                        self._formula(sheet, (row, place), entry.formula, entry.value, quantity)
                    elif entry is not None and entry.value is not None:
                        self._number(sheet, (row, place), entry.value, quantity)
        return ended

    def _name(self, name: str, cell: str, column: int) -> None:
        """Define the name of a quantity for its cell of the first scenario."""
        if column == FIRST and _NAME.fullmatch(name):
            self.book.define_name(name, cell)

    def _reference(self, name: str, column: int) -> str:
        """Return how formulas refer to a quantity: by name if there is one scenario, else by cell."""
        return name if len(self.nodes) == 1 and _NAME.fullmatch(name) else self.cell(name, column)

    def _sources(self, sheet: Worksheet) -> None:
        """Write every stated number with its provenance."""
        self._titles(sheet, 0, SOURCE_COLUMNS.items())
        sheet.freeze_panes(1, 2)
        row = 0
        for item, nodes in zip(self.evaluations, self.nodes, strict=True):
            for name in self.names[INPUTS]:
                datum = datum_of(nodes[name]) if name in nodes else None
                if datum is None:
                    continue
                row += 1
                texts = (item.scenario.label, name, datum.text or f"{datum.value:.12g}")
                for column, text in enumerate(texts):
                    self._write(sheet, row, column, text)
                for column, end in ((3, datum.low), (4, datum.high)):
                    if end is not None:
                        digits = _digits(end, nodes[name].quantity)
                        sheet.write_number(row, column, end, self.format(num_format=digits))
                day = str(datum.since) if datum.since else datum.as_of
                for column, told in ((5, datum.basis), (6, datum.source), (8, day), (9, datum.note)):
                    self._write(sheet, row, column, told or "", indent=int(column == 5))
                _link(sheet, row, 7, datum.url)

    def _about(self, sheet: Worksheet, solved: Sequence[str], stopped: Sequence[str]) -> None:
        """Write what the workbook is, and what to know before reading any figure."""
        sheet.set_column(0, 0, LINE)
        titles = [heading(item.scenario) for item in self.evaluations]
        for row, title in enumerate(titles):
            self._write(sheet, row, 0, title, bold=True, font_size=14)
        moves = len(self.book.worksheets()) > len(SHEETS)
        for row, line in enumerate(
            about(self.evaluations, self.nodes, solved, stopped, moves), len(titles) + 1
        ):
            self._write(sheet, row, 0, line, text_wrap=True, valign="top")
            sheet.set_row(row, HEIGHT * (len(textwrap.wrap(line, LINE)) + 0.5))


MOVES: Final = "Over time"
"""The heading of growth rates and shares."""
BLUE: Final = "#0000FF"
FAINT: Final = "#595959"
PAPER: Final = "#F2F6FC"
_NAME: Final = re.compile(r"[a-z_]+(?:\.[a-z0-9_]+)+")
"""Names that a spreadsheet accepts; those with a month contain a dash."""


def _wanted(evaluation: Evaluation) -> Nodes:
    """Return the shown quantities of a scenario, and everything they depend on."""
    nodes: dict[str, Node] = {}
    for shown in evaluation.shown:
        if shown.name not in nodes:
            nodes |= {node.name: node for node in evaluation.trace.ancestry(shown.name)}
    scenario = evaluation.scenario
    for name, datum in scenario.data.items():
        if name in scenario.timeline.rates:  # later months only: nothing depends on it now
            given = Given(datum.value, datum.basis, datum)
            nodes[name] = Node(scenario.quantity(name), datum.value, datum.basis, given)
    return nodes


def _is_input(nodes: Nodes, name: str) -> bool:
    """Whether a quantity is stated or a default: a cell to change."""
    return name in nodes and (nodes[name].given is not None or nodes[name].is_default)


def _follows(nodes: Nodes, name: str) -> bool:
    return name in nodes and not _is_input(nodes, name)


def _rows(names: Sequence[str]) -> dict[str, int]:
    """Return the row of each quantity, leaving rows for headings and blank lines."""
    rows: dict[str, int] = {}
    section, row = "", 0
    for name in names:
        if MODEL.quantities[name].section != section:
            section = MODEL.quantities[name].section
            row += 2 if rows else 1
        row += 1
        rows[name] = row
    return rows


def _digits(value: float, quantity: Quantity) -> str:
    """Return a number format: three significant digits, thousands separators, shares as percentages."""
    size = abs(value) * (100 if quantity.is_share else 1)
    places = 2 if not size else max(0, min(9, 2 - math.floor(math.log10(size))))
    digits = "#,##0" + ("." + "0" * places if places else "")
    return f"{digits}%" if quantity.is_share else digits


def _comment(datum: Datum | None, quantity: Quantity) -> str:
    """Return a comment: the range, how it was written, and the note."""
    if datum is None:
        return ""
    told = []
    if datum.low is not None and datum.high is not None:
        ends = (exact(end, quantity) for end in (datum.low, datum.high))
        told.append(f"90% range: {' to '.join(ends)}")
    if datum.text is not None:
        told.append(f"written as {datum.text}")
    if datum.note:
        told.append(datum.note)
    return _text("\n".join(told))


def _link(sheet: Worksheet, row: int, column: int, url: str | None) -> None:
    """Write a link, unless it is too long for a spreadsheet."""
    if url and len(url) < 2000:
        sheet.write_url(row, column, url, string=_text(url)[:250])


def _text(text: str) -> str:
    return (text if text.isprintable() else "\n".join(map(clean, text.splitlines())))[:WIDEST]

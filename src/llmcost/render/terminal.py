"""A report on a terminal, or in the same form in a pipe or a file. The only module that knows rich."""

from __future__ import annotations

import io
import os
import shutil
from typing import TYPE_CHECKING, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from llmcost.render.report import Cell, Drawing, Report, Table, Tree, Views
from llmcost.render.words import clean, harmless

if TYPE_CHECKING:
    from rich.tree import Tree as RichTree

STYLES: Final = {
    "": "",
    "name": "",
    "good": "green",
    "bad": "red",
    "band": "bold magenta",
    "strong": "bold",
    "faint": "dim",
}
PIPE_WIDTH: Final = 100
GAP: Final = 3
PROSE_WIDTH: Final = 100


def write(views: Views, *, color: bool = False, width: int | None = None) -> str:
    """Return the report of a result as terminal text."""
    return render(views.report(), color=color, width=width)


def render(report: Report, *, color: bool, width: int | None = None) -> str:
    """Return a report as terminal text.

    A table is never cut: where the terminal is too narrow for its numbers, the lines are longer.
    """
    wide = width or terminal_width()
    console = Console(
        file=io.StringIO(),
        width=wide,
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for line in report.lines:
        console.print(_text(line), soft_wrap=True)
    if report.lines:
        console.print()
    for part in _parts(report):
        if isinstance(part, Table):
            console.width = max(wide, _least_width(part))
            console.print(_table(part))
        elif isinstance(part, Drawing):
            for drawn in part.lines:
                console.print(Text(clean(drawn)), soft_wrap=True)
        else:
            console.width = min(wide, PROSE_WIDTH)
            console.print(part)
    file = console.file
    assert isinstance(file, io.StringIO)
    return harmless("\n".join(line.rstrip() for line in file.getvalue().split("\n")))


def terminal_width() -> int:
    """Return the terminal's width, else COLUMNS, else 100."""
    if "COLUMNS" in os.environ or os.isatty(1):
        return max(40, shutil.get_terminal_size((PIPE_WIDTH, 24)).columns)
    return PIPE_WIDTH


def _parts(report: Report) -> list[RenderableType | Table | Drawing]:
    parts: list[RenderableType | Table | Drawing] = []
    if report.title:
        parts.append(Text(clean(report.title), style="bold"))
    parts += [Text(clean(sentence)) for sentence in report.lead]
    for block in report.blocks:
        if parts:
            parts.append("")
        if isinstance(block, Tree):
            parts.append(_tree(block))
        else:
            if block.title:
                parts.append(Text(clean(block.title), style="bold"))
            parts.append(block)
    for index, lines in enumerate((report.facts, report.notes)):
        if lines and parts:
            parts.append("")
        style = "" if index == 0 else "dim"
        parts += [Text(clean(line), style=style) for line in lines]
    return parts


def _text(cell: Cell) -> Text:
    return Text(clean(cell.text), style=STYLES[cell.style])


def _least_width(table: Table) -> int:
    """The width at which nothing but text that may wrap has to."""
    total = 0
    for index, column in enumerate(table.columns):
        texts = [column.title, *(row[index].text for row in table.rows if len(row) > index)]
        needed = max(map(cell_len, texts))
        total += (min(needed, column.least) if column.wrap else needed) + GAP
    return total


def _table(table: Table) -> RichTable:
    drawn = RichTable(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), header_style="bold"
    )
    for column in table.columns:
        drawn.add_column(
            Text(clean(column.title)),
            justify="right" if column.right else "left",
            no_wrap=not column.wrap,
            overflow="fold",
        )
    for row in table.rows:
        drawn.add_row(*map(_text, row))
    return drawn


def _line(tree: Tree) -> RenderableType:
    from rich.console import Group
    from rich.padding import Padding

    first = Text(" ").join(map(_text, tree.line))
    if not tree.details:
        return first
    return Group(first, *(Padding(_text(detail), (0, 0, 0, 2)) for detail in tree.details))


def _tree(tree: Tree) -> RichTree:
    from rich.tree import Tree as RichTree

    drawn = RichTree(_line(tree), guide_style="dim")
    pending = [(drawn, tree)]
    while pending:
        parent, node = pending.pop()
        pending += [(parent.add(_line(branch)), branch) for branch in node.branches]
    return drawn

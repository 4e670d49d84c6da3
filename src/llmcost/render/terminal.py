"""Reports as text, for terminals, pipes and files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from typing import Final

from llmcost.render import layout
from llmcost.render.layout import Line
from llmcost.render.report import Block, Report, Table, Tree, Views
from llmcost.render.words import clean, harmless

STYLES: Final = {"good": "32", "bad": "31", "band": "1;35", "strong": "1", "faint": "2"}
"""The look of each style, as parameters of an escape sequence."""
PIPE_WIDTH: Final = 100
PROSE_WIDTH: Final = 100


def write(views: Views, *, color: bool = False, width: int | None = None) -> str:
    """Return the report of a result as terminal text."""
    return render(views.report(), color=color, width=width)


def render(report: Report, *, color: bool, width: int | None = None) -> str:
    """Return a report as terminal text."""
    lines = _lines(report, width or terminal_width())
    return harmless("".join(f"{_text(line, color)}\n" for line in lines))


def terminal_width() -> int:
    """Return the terminal's width, else COLUMNS, else 100."""
    if "COLUMNS" in os.environ or os.isatty(1):
        return max(40, shutil.get_terminal_size((PIPE_WIDTH, 24)).columns)
    return PIPE_WIDTH


def _text(line: Line, color: bool) -> str:
    if not color:
        return "".join(text for text, _ in line).rstrip()
    return "".join(
        f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style in STYLES and text else text for text, style in line
    )


def _lines(report: Report, width: int) -> list[Line]:
    prose = min(width, PROSE_WIDTH)
    parts = [[[(clean(cell.text), cell.style)] for cell in report.lines]]
    parts.append(
        [
            *(layout.sentence(report.title, prose, "strong") if report.title else []),
            *(line for text in report.lead for line in layout.sentence(text, prose)),
        ]
    )
    parts += [_block(block, width) for block in report.blocks]
    parts.append([line for text in report.facts for line in layout.sentence(text, prose)])
    return _apart(part for part in parts if part)


def _apart(parts: Iterable[list[Line]]) -> list[Line]:
    lines: list[Line] = []
    for part in parts:
        lines += [[], *part] if lines else part
    return lines


def _block(block: Block, width: int) -> list[Line]:
    if isinstance(block, Tree):
        return layout.tree(block, width)
    title = layout.sentence(block.title, width, "strong") if block.title else []
    if isinstance(block, Table):
        return title + layout.table(block, width)
    return title + [[(clean(line), "")] for line in block.lines]

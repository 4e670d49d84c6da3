"""Fits tables, trees and sentences into a width. No word is ever broken.

A table that is too wide gives way in this order: its texts are wrapped; its columns move closer, a unit
closest to its number; those that allow it go beneath their row, or out, from the right; it is turned on its
side, if it allows that; it is set in pieces, each with its first column, and with the rows that have anything
there; at last each row becomes a list. Where a single word is too wide, it sticks out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, zip_longest
from typing import Final

from llmcost.render.report import Cell, Column, Style, Table, Tree
from llmcost.render.words import clean

ONE_WIDE: Final = frozenset(map(chr, range(32, 127))) | frozenset("–—×·…→←↑↓≥≤≈±−€£¥²³σ°─│├└")
"""Characters known to be one column wide."""
Piece = tuple[str, Style]
Line = list[Piece]
"""Pieces of text with styles; only the last may end in blanks."""

GAP: Final = 3
CLOSER: Final = 2
"""Blanks between columns, and in tables that would not fit otherwise."""
INDENT: Final = "  "


def width_of(text: str) -> int:
    """Return the width of a text on a screen."""
    if text.isascii() or ONE_WIDE.issuperset(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def sentence(text: str, width: int, style: Style = "") -> list[Line]:
    """Return a sentence as lines of at most a width."""
    return _wrapped([(clean(text), style)], width)


def table(shown: Table, width: int) -> list[Line]:
    """Return a table as lines of at most a width, or as near to it as its longest words allow."""
    shown = shown._replace(
        columns=[column._replace(title=clean(column.title)) for column in shown.columns],
        rows=[[cell._replace(text=clean(cell.text)) for cell in row] for row in shown.rows],
    )
    every = list(range(len(shown.columns)))
    kept, beneath = list(every), list[int]()
    while not _fits(shown, kept, width):
        yielding = [place for place in kept if shown.columns[place].narrow]
        if not yielding:
            break
        place = max(yielding, key=lambda place: (shown.columns[place].narrow != "beneath at last", place))
        kept.remove(place)
        if shown.columns[place].narrow != "out":
            beneath = sorted([*beneath, place])
    if _fits(shown, kept, width):
        return _drawn(shown, kept, beneath, width)
    if shown.turns:
        turned = _turned(shown)
        if _fits(turned, across := list(range(len(turned.columns))), width):
            return _drawn(turned, across, [], width)
    # In pieces, columns that could go beneath their rows are better kept.
    staying = [place for place in every if shown.columns[place].narrow != "out"]
    for places, below in ((staying, []), (kept, beneath)):
        first, *rest = _pieces(shown, places, width)
        if all(_fits(shown, piece, width) for piece in (first, *rest)):
            lines = _drawn(shown, first, below, width)
            for piece in rest:
                there = [row for row in shown.rows if len(row) < 2 or any(_texts_at(row, piece[1:]))]
                lines += [[], *_drawn(shown._replace(rows=there), piece, [], width)]
            return lines
    return [line for row in shown.rows for line in _list(shown, row, width)]


def _texts_at(row: Sequence[Cell], places: Sequence[int]) -> list[str]:
    return [row[place].text for place in places if place < len(row)]


GUIDES: Final = ("├── ", "└── ", "│   ", "    ")
NARROW: Final = ("├ ", "└ ", "│ ", "  ")
CLOSE: Final = ("├", "└", "│", " ")
"""Guides before a branch, before the last one, and before lines below each; narrower for deep trees."""


def tree(node: Tree, width: int) -> list[Line]:
    """Return a tree as lines of at most a width, with guides."""
    fitting = (guides for guides in (GUIDES, NARROW, CLOSE) if _reach(node, len(guides[0])) <= width)
    return _branches(node, width, next(fitting, NARROW), "", "")


def _branches(node: Tree, width: int, guides: tuple[str, str, str, str], first: str, rest: str) -> list[Line]:
    """Return a node and its branches as lines; `first` and `rest` precede the node's own lines."""
    label = [piece for cell in node.line for piece in ((clean(cell.text), cell.style), (" ", ""))][:-1]
    lines = [
        [(rest if place else first, "faint"), *line]
        for place, line in enumerate(_wrapped(label, width - len(rest)))
    ]
    for cell in node.details:
        told = sentence(cell.text, width - len(rest) - len(INDENT), cell.style)
        lines += [[(rest + INDENT, "faint"), *line] for line in told]
    for place, branch in enumerate(node.branches):
        last = place == len(node.branches) - 1
        before, below = guides[last], guides[2 + last]
        lines += _branches(branch, width, guides, rest + before, rest + below)
    return lines


def _reach(node: Tree, step: int) -> int:
    """Return the width that a tree needs for its longest words, with guides of a width."""
    words = [_longest_word(clean(cell.text)) for cell in node.line]
    words += [len(INDENT) + _longest_word(clean(cell.text)) for cell in node.details]
    return max([*words, *(step + _reach(branch, step) for branch in node.branches)])


def _wrapped(pieces: Sequence[Piece], width: int, indent: str = "") -> list[Line]:
    """Return text as lines of at most a width, the second and later ones indented."""
    if sum(width_of(text) for text, _ in pieces) <= width:
        return [list(pieces)]
    lines: list[Line] = [[]]
    used, spaced = 0, False
    for text, style in pieces:
        for place, word in enumerate(text.split(" ")):
            spaced = spaced or place > 0
            if not word:
                continue
            size = width_of(word) + (spaced and bool(lines[-1]))
            if spaced and lines[-1] and used + size > width:
                lines.append([])
                used, size = len(indent), size - 1
            elif spaced and lines[-1]:
                lines[-1].append((" ", style))
            lines[-1].append((word, style))
            used, spaced = used + size, False
    first, *rest = lines
    return [first, *([(indent, ""), *line] for line in rest)]


def _longest_word(text: str) -> int:
    return max(map(width_of, text.split(" ")))


def _texts(shown: Table, place: int) -> list[str]:
    """Return the title and cells of a column; a cell alone in its row may have any length."""
    cells = (row[place].text for row in shown.rows if len(row) > max(place, 1))
    return [shown.columns[place].title, *cells]


def _natural(shown: Table, place: int) -> int:
    return max(map(width_of, _texts(shown, place)))


def _tightest(shown: Table, place: int) -> int:
    column, natural = shown.columns[place], _natural(shown, place)
    if not column.wrap:
        return natural
    return max(min(natural, column.least), *map(_longest_word, _texts(shown, place)))


def _least(shown: Table, kept: Sequence[int], gap: int = CLOSER) -> int:
    """Return the least width of a table with some of its columns."""
    return sum(_tightest(shown, place) for place in kept) + sum(_gaps(shown, kept, gap))


def _gaps(shown: Table, kept: Sequence[int], gap: int) -> list[int]:
    """Return the blanks between columns; in a narrow table, a unit is one blank from its number."""
    pairs = pairwise(shown.columns[place] for place in kept)
    return [1 if gap == CLOSER and left.right and right.title == "unit" else gap for left, right in pairs]


def _fits(shown: Table, kept: Sequence[int], width: int) -> bool:
    return _least(shown, kept) <= width


def _widths(shown: Table, kept: Sequence[int], width: int, gap: int) -> list[int]:
    """Return the width of each column; texts share the space that is left."""
    widths = {place: _tightest(shown, place) for place in kept}
    left = width - sum(widths.values()) - sum(_gaps(shown, kept, gap))
    wanted = {place: _natural(shown, place) - widths[place] for place in kept}
    for count, place in enumerate(sorted(kept, key=wanted.__getitem__)):
        more = min(wanted[place], max(left, 0) // (len(kept) - count))
        widths[place] += more
        left -= more
    return [widths[place] for place in kept]


def _drawn(shown: Table, kept: Sequence[int], beneath: Sequence[int], width: int) -> list[Line]:
    gap = GAP if _least(shown, kept, GAP) <= width else CLOSER
    widths = _widths(shown, kept, width, gap)
    gaps = _gaps(shown, kept, gap)
    columns = [shown.columns[place] for place in kept]
    head = [Cell(column.title, "strong") for column in columns]
    lines = _row(head, columns, widths, gaps)
    lines.append([("─" * (sum(widths) + sum(gaps)), "")])
    for row in shown.rows:
        if len(row) <= 1:
            lines.append([(cell.text, cell.style) for cell in row])
            continue
        found = [*row, *[Cell("")] * (len(shown.columns) - len(row))]
        below = [found[place] for place in beneath if found[place].text]
        cells = [found[place] for place in kept]
        if not below or any(cell.text for cell in cells):
            lines += _row(cells, columns, widths, gaps)
        if below:
            told = _wrapped(_side_by_side(below), width - len(INDENT), INDENT)
            lines += [[(INDENT, ""), *line] for line in told]
    return lines


def _side_by_side(cells: Sequence[Cell]) -> list[Piece]:
    *most, last = cells
    found = [piece for cell in most for piece in ((f"{cell.text},", cell.style), (" ", ""))]
    return [*found, (last.text, last.style)]


def _row(
    cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], gaps: Sequence[int]
) -> list[Line]:
    """Return one row, which takes as many lines as its longest text."""
    folded = [_wrapped([(cell.text, cell.style)], size) for cell, size in zip(cells, widths, strict=True)]
    lines = []
    for parts in zip_longest(*folded):
        line: Line = []
        blank = 0
        for part, column, size, gap in zip(parts, columns, widths, [*gaps, 0], strict=True):
            room = size - sum(width_of(text) for text, _ in part or ())
            blank += room if column.right else 0
            if any(text for text, _ in part or ()):
                line += [(" " * blank, ""), *part] if blank else part
                blank = 0
            else:
                blank += size - room
            blank += gap + (0 if column.right else room)
        lines.append(line)
    return lines


def _turned(shown: Table) -> Table:
    """Return the table turned: each row becomes a column, under its first cell."""
    first, *rest = shown.columns
    columns = [Column(first.title), *(Column(row[0].text, right=True) for row in shown.rows)]
    rows = [
        [Cell(column.title, "faint"), *(row[place] if place < len(row) else Cell("") for row in shown.rows)]
        for place, column in enumerate(rest, 1)
    ]
    return shown._replace(columns=columns, rows=rows)


def _pieces(shown: Table, kept: Sequence[int], width: int) -> list[list[int]]:
    """Distribute the columns over pieces that begin with the first column and fit the width, if possible."""
    first, *rest = kept
    pieces = [[first]]
    for place in rest:
        if len(pieces[-1]) > 1 and not _fits(shown, [*pieces[-1], place], width):
            pieces.append([first])
        pieces[-1].append(place)
    return pieces


def _list(shown: Table, row: Sequence[Cell], width: int) -> list[Line]:
    """Return a row as a list: its first cell, then each other cell on its own line with its title."""
    if not row:
        return [[]]
    lines = _wrapped([(row[0].text, row[0].style)], width) if row[0].text else []
    for cell, column in zip(row[1:], shown.columns[1:], strict=False):
        if cell.text and column.narrow != "out":
            title: list[Piece] = [(column.title, "faint"), (": ", "faint")] if column.title else []
            told: list[Piece] = [*title, (cell.text, cell.style)]
            lines += [[(INDENT, ""), *line] for line in _wrapped(told, width - len(INDENT), INDENT)]
    return lines

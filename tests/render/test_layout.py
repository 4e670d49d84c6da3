"""Tables fit the terminal: no cell is broken inside a word, and nothing is padded."""

from __future__ import annotations

import random
import re
import shlex
import string
from collections import Counter

import pytest
from rich.cells import cell_len

from calling import Call, each
from commands import CASES
from llmcost.render import terminal
from llmcost.render.layout import ONE_WIDE, Line, table, tree, width_of
from llmcost.render.report import Cell, Column, Report, Table, Tree
from llmcost.render.terminal import render

WIDTHS = (60, 80, 120, 160)
TITLES = {
    *["change", "unit", "why", "kind", "variants", "description", "low", "high", "what", "it", "lacks"],
    *["range", "bound", "by", "users", "each", "replica"],
    "source",
    "value",
}
"""Words of the titles of columns that may go beneath their rows, or out."""


def words_of(text: str) -> Counter[str]:
    """Return the words of an output, without guides, rules, bars and what stands between cells."""
    return Counter(re.findall(r"[^\s─│├└█░,:]+", text))


@each("name", [name for name, case in CASES.items() if "table" in case.forms])
def test_every_verb_fits_every_width(name: str, llmcost: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its report is made once, and shown at each."""
    reports: list[Report] = []

    def keep(report: Report, **_: object) -> str:
        reports.append(report)
        return ""

    monkeypatch.setattr(terminal, "render", keep)
    assert llmcost(*shlex.split(CASES[name].command), "--format", "table").code == CASES[name].code
    (report,) = reports
    # What is said of a place in a file is a line, however long.
    apart = re.compile(r"\S+:\d+:\d+: |  " if name in ("check", "validate") else "(?!)")
    shown = {}
    for width in (*WIDTHS, 1000):
        text = render(report, color=False, width=width)
        lines = text.splitlines()
        assert [line for line in lines if line != line.rstrip()] == []
        assert [line for line in lines if width_of(line) > width and not apart.match(line)] == []
        shown[width] = words_of(text)
    for width in WIDTHS:
        missing = shown[1000] - shown[width]
        assert missing.keys() - TITLES == set(), width


def text_of(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


WIDE = Table(
    [
        Column("name"),
        Column("size", right=True),
        Column("unit", narrow="beneath"),
        Column("why", wrap=True, least=10, narrow="beneath"),
    ],
    [
        [Cell("Heading that is longer than any name")],
        [Cell("alpha"), Cell("1.00"), Cell("USD"), Cell("because of what was said before")],
        [Cell("beta"), Cell("-12.5"), Cell(""), Cell("")],
        [],
        [Cell(""), Cell(""), Cell(""), Cell("and this")],
    ],
)


def test_a_table_gives_way_step_by_step() -> None:
    assert text_of(table(WIDE, 80)) == [
        "name     size   unit   why",
        "──────────────────────────────────────────────────────",
        "Heading that is longer than any name",
        "alpha    1.00   USD    because of what was said before",
        "beta    -12.5",
        "",
        "                       and this",
    ]
    assert text_of(table(WIDE, 40))[3:5] == [
        "alpha    1.00   USD    because of what",
        "                       was said before",
    ]
    assert text_of(table(WIDE, 24)) == [
        "name     size   unit",
        "────────────────────",
        "Heading that is longer than any name",
        "alpha    1.00   USD",
        "  because of what was",
        "    said before",
        "beta    -12.5",
        "",
        "  and this",
    ]


def test_a_table_is_turned_or_set_in_pieces() -> None:
    columns = [Column("quarter"), *(Column(f"column{n}", right=True) for n in range(6))]
    rows = [[Cell("one"), *(Cell(f"{n}.5") for n in range(6))]]
    assert text_of(table(Table(columns, rows, turns=True), 30)) == [
        "quarter   one",
        "─────────────",
        *(f"column{n}   {n}.5" for n in range(6)),
    ]
    assert text_of(table(Table(columns, rows), 30)) == [
        "quarter   column0   column1",
        "───────────────────────────",
        "one           0.5       1.5",
        "",
        "quarter   column2   column3",
        "───────────────────────────",
        "one           2.5       3.5",
        "",
        "quarter   column4   column5",
        "───────────────────────────",
        "one           4.5       5.5",
    ]
    assert text_of(table(Table(columns, rows), 14)) == ["one", *(f"  column{n}: {n}.5" for n in range(6))]


def test_a_table_moves_closer_before_anything_gives_way() -> None:
    columns = [Column("name"), Column("size", right=True), Column("unit", narrow="beneath")]
    shown = Table(columns, [[Cell("alpha"), Cell("1.00"), Cell("USD")]])
    assert text_of(table(shown, 19))[2] == "alpha   1.00   USD"
    assert text_of(table(shown, 16))[2] == "alpha  1.00 USD"
    assert text_of(table(shown, 14))[2:] == ["alpha   1.00", "  USD"]


def test_in_pieces_units_stay_a_column_and_rows_without_anything_go() -> None:
    columns = [Column("name"), Column("unit", narrow="beneath"), *(Column(x * 9, right=True) for x in "abc")]
    rows = [[Cell(text) for text in row] for row in (("one", "USD", "1", "2", "3"), ("two", "", "4", "5"))]
    assert text_of(table(Table(columns, rows), 32)) == [
        "name  unit  aaaaaaaaa  bbbbbbbbb",
        "────────────────────────────────",
        "one   USD           1          2",
        "two                 4          5",
        "",
        "name   ccccccccc",
        "────────────────",
        "one            3",
    ]


def test_wide_characters_take_two_columns() -> None:
    columns = [Column("名前"), Column("x", right=True)]
    shown = Table(columns, [[Cell("値段"), Cell("1")], [Cell("ab"), Cell("2")]])
    assert text_of(table(shown, 40)) == ["名前   x", "────────", "値段   1", "ab     2"]


def test_a_tree_keeps_its_guides_where_it_is_wrapped() -> None:
    branch = Tree([Cell("one"), Cell("two three", "strong")], [Cell("four five")])
    shown = Tree([Cell("root")], branches=[branch, Tree([Cell("end")])])
    assert text_of(tree(shown, 14)) == [
        "root",
        "├── one two",
        "│   three",
        "│     four",
        "│     five",
        "└── end",
    ]


@each("seed", range(40))
def test_any_table_at_any_width_keeps_its_words_whole(seed: int) -> None:
    draw = random.Random(seed)
    letters = string.ascii_letters + "0123456789._%€値"

    def word() -> str:
        return "".join(draw.choice(letters) for _ in range(draw.randint(1, 12)))

    def text(most: int) -> str:
        return " ".join(word() for _ in range(draw.randint(1, most)))

    def column() -> Column:
        wrap, least = draw.random() < 0.4, draw.randint(1, 20)
        return Column(text(2), draw.random() < 0.5, wrap, least, draw.choice(["", "beneath"]))

    columns = [column() for _ in range(draw.randint(2, 8))]
    rows = []
    for _ in range(draw.randint(1, 6)):
        cells = [Cell(text(4) if draw.random() < 0.8 else "") for _ in columns]
        rows.append(cells if draw.random() < 0.9 else cells[:1])
    shown = Table(columns, rows, turns=draw.random() < 0.5)
    expected = words_of(" ".join(cell.text for row in rows for cell in row))
    for width in (10, 30, 60, 100):
        printed = render(Report(blocks=[shown]), color=False, width=width)
        assert not expected - words_of(printed)
        lines = printed.splitlines()
        assert all(line == line.rstrip() for line in lines)
        # Nothing sticks out but a heading, and a single word.
        heads = {row[0].text for row in rows if len(row) == 1}
        for line in lines:
            assert width_of(line) <= width or len(line.split()) <= 2 or line in heads


def test_characters_of_our_own_take_one_column() -> None:
    assert {cell_len(character) for character in ONE_WIDE} == {1}

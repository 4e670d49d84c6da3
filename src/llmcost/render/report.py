"""Reports for people, independent of the output form: sentences, tables, trees and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal

from llmcost.errors import Place
from llmcost.records import NamedTuple

Style = Literal["", "name", "good", "bad", "band", "strong", "faint", "bar"]
"""The meaning of a text, not its look: `name` is a vocabulary name, `band` lies in 10–100x, a `bar` is drawn
with characters in fixed positions."""


class Cell(NamedTuple):
    """A text with a meaning; `link` is an anchor on a page."""

    text: str
    style: Style = ""
    link: str = ""


class Column(NamedTuple):
    """The title and alignment of a column.

    `wrap` allows several lines of at least `least` characters. If the table is too wide, a column with
    `narrow` goes beneath the rows, or out.
    """

    title: str
    right: bool = False
    wrap: bool = False
    least: int = 24
    narrow: Literal["", "beneath", "beneath at last", "out"] = ""


def columns_of(*titles: str | Column) -> list[Column]:
    """Return the columns of a table; a title that begins with `>` is set on the right, as numbers are."""
    return [
        Column(title.removeprefix(">"), title.startswith(">")) if isinstance(title, str) else title
        for title in titles
    ]


class Table(NamedTuple):
    """Rows under columns, with an optional title.

    A row of one cell is a heading, an empty one is blank. If the form allows it, a `folded` table is shown on
    demand. One that `turns` may be transposed.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    folded: bool = False
    turns: bool = False


class Tree(NamedTuple):
    """A line, lines of detail below it, and branches."""

    line: Sequence[Cell]
    details: Sequence[Cell] = ()
    branches: Sequence[Tree] = ()


class Drawing(NamedTuple):
    """Lines of characters in fixed positions, with an optional title."""

    lines: Sequence[str]
    title: str = ""


Block = Table | Tree | Drawing


class Report(NamedTuple):
    """The whole output of a command: `lead` and `facts` are prose, `lines` are never wrapped."""

    title: str = ""
    lead: Sequence[str] = ()
    blocks: Sequence[Block] = ()
    facts: Sequence[str] = ()
    lines: Sequence[Cell] = ()


class Chapter(NamedTuple):
    """A part of a page: a title, prose, an overview, and a report under each heading."""

    title: str
    lead: Sequence[str]
    overview: Table
    sections: Sequence[tuple[str, Report]]


class Page(NamedTuple):
    """A page for reading elsewhere: a title, prose, and chapters."""

    title: str
    lead: Sequence[str]
    chapters: Sequence[Chapter]


Document = dict[str, Any]
"""A JSON document."""

Rows = list[Document]
"""Flat rows for CSV; keys may be missing."""


class Annotation(NamedTuple):
    """A remark at a place in a file, for reviewers of a change."""

    level: Literal["error", "warning"]
    title: str
    message: str
    place: Place = Place()


class TestCase(NamedTuple):
    """A test in a test report; without a failure it passed."""

    group: str
    name: str
    failure: str = ""
    detail: str = ""
    kind: str = ""
    file: str = ""
    line: int | None = None
    output: str = ""


class Views(NamedTuple):
    """The ways to show a result; only the wanted one is computed.

    `columns` name those of the rows, even if there are no rows. Markdown shows the `page`, and JSON lines the
    `records`, if these have more than the report and the rows. A gate also has the `cases` of a test report,
    `annotations` and a `summary`. Millions of rows are a `stream` in the forms of `streamed`. `warnings` are
    for forms without room for them. `files` are forms that only this result can make; the `aside` is told
    beside them. `chart` is a Vega-Lite specification. `code` is the exit code.
    """

    report: Callable[[], Report] = Report
    document: Callable[[], Document] = dict
    rows: Callable[[], Rows] = list
    columns: Sequence[str] = ()
    page: Callable[[], Report | Page] | None = None
    records: Callable[[], Rows] | None = None
    cases: Callable[[], Sequence[TestCase]] = list
    annotations: Callable[[], Sequence[Annotation]] = list
    summary: Callable[[], str] = str
    stream: Callable[[str], Iterator[str | bytes]] | None = None
    streamed: Sequence[str] = ()
    warnings: Callable[[], Sequence[str]] = list
    files: Mapping[str, Callable[[], str | bytes]] = MappingProxyType({})
    aside: Callable[[], Sequence[str]] = list
    chart: Callable[[], Document] | None = None
    code: int = 0


def later(module: str, function: str, *parts: Any) -> Callable[[], Any]:
    """Return a function that imports a module of this package and calls a function of it.

    Charts, pages and workbooks import modules of `results`, so these refer to them by name.
    """
    return lambda: getattr(import_module(f"llmcost.render.{module}"), function)(*parts)


def drawing(verb: str, *parts: Any) -> Callable[[], Document]:
    """Return a function that draws the result of a verb."""
    return later(f"charts.{verb}", "chart", *parts)

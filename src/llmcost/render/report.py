"""What a person is shown, before it is a screen or a page: sentences, tables, trees and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal

from llmcost.errors import Place
from llmcost.records import NamedTuple

Style = Literal["", "name", "good", "bad", "band", "strong", "faint", "bar"]
"""What a text means, not how it looks: `name` is a vocabulary name, `band` lies in 10–100x, a `bar` is drawn
with characters, each of which stands where it stands."""


class Cell(NamedTuple):
    """A text with a meaning; `link` is the place on a page that it leads to."""

    text: str
    style: Style = ""
    link: str = ""


class Column(NamedTuple):
    """A column's title and side.

    `wrap` allows its text to take several lines of at least `least` characters. Where a table is too wide, a
    column with `narrow` goes beneath the rows, or out.
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

    A row of one cell is a heading, an empty one is blank. Where it can be, a `folded` table is shown on
    demand. One that `turns` may be shown on its side.
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
    """Lines of characters that stand where they stand, with an optional title."""

    lines: Sequence[str]
    title: str = ""


Block = Table | Tree | Drawing


class Report(NamedTuple):
    """Everything one command has to say: `lead` and `facts` are prose, `lines` are never wrapped."""

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
"""What becomes JSON."""

Rows = list[Document]
"""What becomes CSV: flat rows, in which a key may be missing."""


class Annotation(NamedTuple):
    """A remark at a place in a file, for those who look at the change that brought it up."""

    level: Literal["error", "warning"]
    title: str
    message: str
    place: Place = Place()


class TestCase(NamedTuple):
    """One test as a test report has it; without a failure it passed."""

    group: str
    name: str
    failure: str = ""
    detail: str = ""
    kind: str = ""
    file: str = ""
    line: int | None = None
    output: str = ""


class Views(NamedTuple):
    """The ways to show one result; only the one that is wanted is worked out.

    `columns` name those of the rows, where there may be none of them. Markdown shows the `page` and JSON by
    the line the `records`, where they are more than the report and the rows. A gate also has the `cases` of a
    test report, `annotations` and a `summary`. What has millions of rows is `streamed` in those forms, and
    `points` says how many. `warnings` are for forms that have no room for them. `files` are forms of which
    only this result knows how they are made; the `aside` is told beside them. `chart` is what there is to
    see, as a Vega-Lite specification. `code` is the exit code.
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
    """Return what a function of a module of this package makes of a result, once it is wanted.

    Charts, pages and workbooks use the words of `results`. So results name them here and import none of them.
    """
    return lambda: getattr(import_module(f"llmcost.render.{module}"), function)(*parts)


def drawing(verb: str, *parts: Any) -> Callable[[], Document]:
    """Return what draws the result of a verb once it is wanted."""
    return later(f"charts.{verb}", "chart", *parts)

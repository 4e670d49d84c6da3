"""The table of output forms: what writes each, and the endings of its files."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Final

from llmcost.records import NamedTuple

if TYPE_CHECKING:
    from llmcost.render.report import Views

FILE_WIDTH: Final = 120
"""The width of a table in a file."""


class Form(NamedTuple):
    """A form of output: the function of this package that writes it, and its endings, the usual one first.

    A file begins with `head`, but a pipe does not. `mark` is a pattern at the beginning or end of files that
    only llmcost writes. A form without a writer belongs to one verb, in the `files` of its views. A `binary`
    form is for files, not for terminals.
    """

    writer: str = ""
    endings: tuple[str, ...] = ()
    mark: str = ""
    head: str = ""
    binary: bool = False


_OUR_JSON: Final = r'\A\{\s*"(?:format": "llmcost/|\$schema": "[^"]*",\s*"title": "llmcost )'

FORMS: Final = {
    "table": Form("terminal.write", (".txt",), r"^─{10,}$"),
    "json": Form("json.write", (".json",), _OUR_JSON),
    "jsonl": Form("json.write_rows", (".jsonl", ".ndjson")),
    # Excel recognizes UTF-8 by a byte order mark.
    "csv": Form("csv.write", (".csv",), head="\ufeff"),
    "markdown": Form("markdown.write", (".md", ".markdown"), r"^<!-- llmcost -->\n\Z"),
    "junit": Form("junit.write", (".xml",), '<testsuites name="llmcost"'),
    "github": Form("github.write"),
    "html": Form("html.write", (".html", ".htm"), r'<meta name="generator" content="llmcost">'),
    "svg": Form("drawn.svg", (".svg",), r"^<!-- llmcost -->\n\Z"),
    "png": Form("drawn.png", (".png",), "Software\\0llmcost", binary=True),
    "vega": Form("drawn.vega", (".vl.json", ".json"), r'"usermeta": \{\s*"made_by": "llmcost"'),
    "parquet": Form(endings=(".parquet",), mark="made_by.{1,4}llmcost", binary=True),
    "xlsx": Form(endings=(".xlsx",), mark=r"llmcost\Z", binary=True),
    "yaml": Form(endings=(".yaml", ".yml"), mark="^# (?:Written by 'llmcost |Imported by llmcost from )"),
}

FOREIGN: Final = (".pdf", ".xls")
"""Endings that are never allowed: no form writes such files."""


def written(
    views: Views, form: str, *, color: bool = False, width: int | None = None
) -> Iterable[str | bytes]:
    """Return a result in a form, in pieces; only tables depend on colour and width."""
    if form in views.files:
        return [views.files[form]()]
    if views.stream is not None and form in views.streamed:
        return views.stream(form)
    module, _, function = FORMS[form].writer.partition(".")
    write = getattr(import_module(f"llmcost.render.{module}"), function)
    return [write(views, color=color, width=width) if form == "table" else write(views)]

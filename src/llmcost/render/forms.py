"""Every form of output, described once: what writes it, and how its files end."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Final

from llmcost.records import NamedTuple

if TYPE_CHECKING:
    from llmcost.render.report import Views

FILE_WIDTH: Final = 120
"""Width of a table in a file, whatever the terminal."""


class Form(NamedTuple):
    """The function of this package that writes it, and the endings of its files, the usual one first.

    A file begins with `head`, which is not part of what a pipe gets. `mark` is a pattern of what only llmcost
    writes, in what a file begins or ends with. A form without a writer is one that a verb has for itself,
    among the `files` of its views. What is `binary` goes into a file, not to a terminal.
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
    # Excel takes a file for UTF-8 that begins with a byte order mark.
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
"""Endings of files that are something else, whatever is asked for."""


def written(
    views: Views, form: str, *, color: bool = False, width: int | None = None
) -> Iterable[str | bytes]:
    """Return a result in one of the forms, in pieces; all but a table are the same everywhere."""
    if form in views.files:
        return [views.files[form]()]
    if views.stream is not None and form in views.streamed:
        return views.stream(form)
    module, _, function = FORMS[form].writer.partition(".")
    write = getattr(import_module(f"llmcost.render.{module}"), function)
    return [write(views, color=color, width=width) if form == "table" else write(views)]

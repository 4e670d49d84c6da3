"""Every form of output, described once: the module that writes it, and how its files end."""

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
    """A module of this package that has `write(views)`, and the endings of its files, the usual one first.

    A file begins with `head`, which is not part of what a pipe gets. `mark` is a pattern of what only llmcost
    writes, in what a file begins or ends with. A form without a module is one that a verb has for itself,
    among the `files` of its views. What is `binary` goes into a file, not to a terminal.
    """

    module: str = ""
    endings: tuple[str, ...] = ()
    mark: str = ""
    head: str = ""
    binary: bool = False


_OUR_JSON: Final = r'\A\{\s*"(?:format": "llmcost/|\$schema": "[^"]*",\s*"title": "llmcost )'

FORMS: Final = {
    "table": Form("terminal", (".txt",), r"^─{10,}$"),
    "json": Form("json", (".json",), _OUR_JSON),
    "jsonl": Form("jsonl", (".jsonl", ".ndjson")),
    # Excel takes a file for UTF-8 that begins with a byte order mark.
    "csv": Form("csv", (".csv",), head="\ufeff"),
    "markdown": Form("markdown", (".md", ".markdown"), r"^<!-- llmcost -->\n\Z"),
    "junit": Form("junit", (".xml",), '<testsuites name="llmcost"'),
    "github": Form("github"),
    "html": Form("html", (".html", ".htm"), r'<meta name="generator" content="llmcost">'),
    "svg": Form("svg", (".svg",), r"^<!-- llmcost -->\n\Z"),
    "png": Form("png", (".png",), "Software\\0llmcost", binary=True),
    "vega": Form("vega", (".vl.json", ".json"), r'"usermeta": \{\s*"made_by": "llmcost"'),
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
    module = import_module(f"llmcost.render.{FORMS[form].module}")
    if form == "table":
        return [module.write(views, color=color, width=width)]
    return [module.write(views)]

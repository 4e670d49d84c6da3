"""Every form of output, described once: the module that writes it, and how its files end."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from llmcost.render.report import Views

FILE_WIDTH: Final = 120
"""Width of a table in a file, whatever the terminal."""


class Form(NamedTuple):
    """A module of this package that has `write(views)`, and the endings of its files, the usual one first."""

    module: str
    endings: tuple[str, ...] = ()


FORMS: Final = {
    "table": Form("terminal", (".txt",)),
    "json": Form("json", (".json",)),
    "jsonl": Form("jsonl", (".jsonl", ".ndjson")),
    "csv": Form("csv", (".csv",)),
    "markdown": Form("markdown", (".md", ".markdown")),
    "junit": Form("junit", (".xml",)),
    "github": Form("github"),
}


def written(views: Views, form: str, *, color: bool = False, width: int | None = None) -> Iterable[str]:
    """Return a result in one of the forms, as pieces of text; all but a table are the same everywhere."""
    if views.stream is not None and form in views.streamed:
        return views.stream(form)
    module = import_module(f"llmcost.render.{FORMS[form].module}")
    text: str = module.write(views, color=color, width=width) if form == "table" else module.write(views)
    return [text]

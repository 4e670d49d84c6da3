"""One result in the form that was asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

if TYPE_CHECKING:
    from llmcost.render.report import GateViews, Views

FILE_WIDTH: Final = 120
"""Width of a table in a file, whatever the terminal."""


class Format(StrEnum):
    """Output forms; all but the table are the same bytes everywhere."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


class Stream(StrEnum):
    """Output forms of what has rows enough to be streamed."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    markdown = "markdown"


def present(views: Views, form: Format, *, color: bool = False, width: int | None = None) -> str:
    """Return a result as text in one of the forms."""
    match form:
        case Format.table:
            from llmcost.render import terminal

            return terminal.render(views.report(), color=color, width=width)
        case Format.json:
            from llmcost.render import machine

            return machine.to_json(views.document())
        case Format.csv:
            from llmcost.render import machine

            return machine.to_csv(views.rows(), views.columns)
        case Format.markdown:
            from llmcost.render import markdown

            return markdown.render(views.report()) if views.page is None else markdown.page(views.page())
        case _:
            assert_never(form)


class GateFormat(StrEnum):
    """Output forms of a gate: those of any result, and those where CI looks."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    junit = "junit"
    github = "github"


def present_gate(shown: GateViews, form: GateFormat, *, color: bool = False, width: int | None = None) -> str:
    """Return the result of a gate as text in one of the forms."""
    match form:
        case GateFormat.markdown:
            from llmcost.render import markdown

            return markdown.render(shown.page())
        case GateFormat.junit:
            from llmcost.render import junit

            return junit.render(shown.cases())
        case GateFormat.github:
            from llmcost.render import github

            return github.render(shown.annotations(), shown.summary())
        case GateFormat.table | GateFormat.json | GateFormat.csv:
            return present(shown.views, Format(form.value), color=color, width=width)
        case _:
            assert_never(form)

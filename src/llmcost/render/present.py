"""One result in the form that was asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

if TYPE_CHECKING:
    from llmcost.render.report import Views

FILE_WIDTH: Final = 120
"""Width of a table in a file, whatever the terminal."""


class Format(StrEnum):
    """Output forms; all but the table are the same bytes everywhere."""

    table = "table"
    json = "json"
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

            return machine.to_csv(views.rows())
        case Format.markdown:
            from llmcost.render import markdown

            return markdown.render(views.report())
        case _:
            assert_never(form)

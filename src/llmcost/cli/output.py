"""How a result leaves the program: its form, and where it goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from llmcost.errors import LlmcostError, Problem, did_you_mean

if TYPE_CHECKING:
    from llmcost.render.report import Views
    from llmcost.verbs import Verb


def options(
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="How the result is written.", show_default=False),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to this file.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file, whatever it is.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")] = False,
) -> None:
    """Take the options of every verb that has a result."""


OPTIONS: Final = ("form", "output", "force", "no_color")
"""The names of those options, in the order in which `destination` takes them."""


class Destination(NamedTuple):
    """Where a result goes, and in which form."""

    form: str
    output: Path | None = None
    force: bool = False
    color: bool = False

    def send(self, views: Views) -> None:
        """Write a result there.

        Raises:
            LlmcostError: if the file cannot be written.
        """
        from llmcost.render.forms import FILE_WIDTH, written
        from llmcost.render.output import write_file, write_stdout

        if self.output is not None:
            write_file(self.output, written(views, self.form, width=FILE_WIDTH))
        else:
            write_stdout(written(views, self.form, color=self.color), machine=self.form != "table")


def destination(
    verb: Verb, form: str | None, output: str | None, force: bool, no_color: bool, *, inputs: Iterable[str]
) -> Destination:
    """Return where the options say that a result goes, which is none of what it is made of.

    Raises:
        LlmcostError: if the verb has no such form, or the file is one of its inputs.
    """
    if form is not None and form not in verb.forms:
        allowed = ", ".join(verb.forms)
        message = f"unknown format '{form}'; allowed are {allowed}{did_you_mean(form, verb.forms)}"
        raise LlmcostError(Problem(message, where="--format"))
    path = None if output is None else Path(output)
    if path is not None and any(_is_file(name, path) for name in inputs):
        message = "is an input of this command; write to another file"
        raise LlmcostError(Problem(message, where=str(path)))
    return Destination(form or verb.forms[0], path, force, not no_color and wants_color())


def _is_file(name: str, path: Path) -> bool:
    try:
        return path.samefile(name)
    except (OSError, ValueError):  # one of them is not there
        return False


def wants_color() -> bool:
    """Whether standard output is a terminal that is meant to show colours."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout is not None and sys.stdout.isatty())

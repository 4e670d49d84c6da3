"""The application: its verbs, and what becomes of errors."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated, Final

import typer

from llmcost.cli import files, questions
from llmcost.errors import LlmcostError

BAD_INPUT: Final = 2
INTERRUPTED: Final = 130

app = typer.Typer(
    name="llmcost",
    help="The unit economics of large language models: cost, margin, burn, break-even, each with its source.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(questions.compare)
app.command()(questions.show)
app.command()(questions.explain)
app.command()(questions.breakeven)
app.command("list")(files.list_)
app.command()(files.validate)
app.command()(files.schema)
app.command()(files.init)


def _version(asked: bool) -> None:
    if asked:
        from llmcost import __version__

        typer.echo(f"llmcost {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options that stand before the verb."""


# typer re-exports the leaves of its exception tree only.
_UsageError: type[Exception] = next(
    base for base in typer.BadParameter.__mro__ if base.__name__ == "UsageError"
)


def run() -> int:
    """Run one command and return its exit code: 0 fine, 1 a check failed, 2 bad input, 130 interrupted."""
    try:
        code = app(standalone_mode=False)
    except LlmcostError as error:
        _complain(str(problem) for problem in error.problems)
        return BAD_INPUT
    except _UsageError as error:
        _complain([_usage(error)])
        return BAD_INPUT
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _usage(error: BaseException) -> str:
    """One line for a wrong call, with the command whose help says more."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "llmcost"
    message = " ".join(error.format_message().split())  # type: ignore[attr-defined]
    return f"{message.rstrip('.')}; see '{command} --help'"


def _complain(lines: Iterable[str]) -> None:
    from llmcost.render.words import clean

    for line in lines:
        sys.stderr.write(f"{clean(line)}\n")

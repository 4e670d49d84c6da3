"""The application: its verbs, and what becomes of errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated, Final

import typer

from llmcost.errors import LlmcostError, Problem

BAD_INPUT: Final = 2
INTERNAL: Final = 70
INTERRUPTED: Final = 130

VERBS: Final = {
    "compare": "questions",
    "show": "questions",
    "explain": "questions",
    "breakeven": "questions",
    "sweep": "whatif",
    "solve": "whatif",
    "sensitivity": "whatif",
    "simulate": "whatif",
    "project": "projection",
    "check": "gate",
    "snapshot": "gate",
    "diff": "gate",
    "claims": "ledger",
    "list": "files",
    "validate": "files",
    "schema": "files",
    "init": "files",
}
"""Every verb and the module of its family, in the order of the help."""


def build(arguments: Sequence[str]) -> typer.Typer:
    """Return the application with the one verb that the arguments call, or with all of them.

    Reading the signature of every verb takes longer than most verbs do.
    """
    app = typer.Typer(
        name="llmcost",
        help="The unit economics of large language models: cost, margin, burn, each with its source.",
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    called = [arguments[0]] if arguments and arguments[0] in VERBS else list(VERBS)
    for verb in called:
        family = import_module(f"llmcost.cli.{VERBS[verb]}")
        app.command(verb)(getattr(family, verb if verb != "list" else "list_"))
    return app


def _version(asked: bool) -> None:
    if asked:
        from llmcost import __version__

        typer.echo(f"llmcost {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before the verb."""


# typer re-exports the leaves of its exception tree only.
_UsageError: type[Exception] = next(
    base for base in typer.BadParameter.__mro__ if base.__name__ == "UsageError"
)


def run() -> int:
    """Run one command and return its exit code: 0 fine, 1 a check failed, 2 bad input, 130 interrupted."""
    try:
        arguments = sys.argv[1:] or ["--help"]
        code = build(arguments)(arguments, prog_name="llmcost", standalone_mode=False)
    except LlmcostError as error:
        _complain(str(problem) for problem in error.problems)
        return BAD_INPUT
    except _UsageError as error:
        _complain([_usage(error)])
        return BAD_INPUT
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except OSError as error:
        # A name too long, a folder that must not be entered: what the system refuses, its user can mend.
        if os.environ.get("LLMCOST_DEBUG"):
            raise
        _complain([_refused(error)])
        return BAD_INPUT
    except Exception as error:
        if os.environ.get("LLMCOST_DEBUG"):
            raise
        _complain([f"internal error, {type(error).__name__}: {error}; LLMCOST_DEBUG=1 shows where"])
        return INTERNAL
    return code if isinstance(code, int) else 0


def _usage(error: Exception) -> str:
    """One line for a wrong call, with the command whose help says more."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "llmcost"
    message = " ".join(error.format_message().split())  # type: ignore[attr-defined]
    return f"{message.rstrip('.')}; see '{command} --help'"


def _refused(error: OSError) -> str:
    """One line for what the system refused, with the file, where it is about one."""
    from llmcost.scenario.values.number import shorten

    about = None if error.filename is None else shorten(str(error.filename), 80)
    return str(Problem(f"cannot be reached: {error.strerror or error}", where=about))


def _complain(lines: Iterable[str]) -> None:
    from llmcost.render.words import clean

    for line in lines if sys.stderr is not None else ():  # closed, as by 2>&-
        sys.stderr.write(f"{clean(line)}\n")

"""The application: its verbs, and the handling of errors."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from llmcost.cli import output
from llmcost.errors import LlmcostError, OldSpelling, Problem, did_you_mean
from llmcost.render.output import flush, silence, tell, working, write_stdout
from llmcost.verbs import VERBS

if TYPE_CHECKING:
    from llmcost.render.report import Views

BAD_INPUT: Final = 2
INTERNAL: Final = 70
INTERRUPTED: Final = 130


FIRST: Final = "\n".join(f"  llmcost {VERBS[verb].examples[0]}" for verb in ("compare", "show", "breakeven"))
"""Three commands to try."""


class Commands(TyperGroup):
    """The verbs; only the one that is called is imported, to start quickly."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the verbs."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        """Return the command of a verb."""
        return command(cmd_name) if cmd_name in VERBS else None

    def invoke(self, ctx: Any) -> Any:
        """Call a verb, with no files read so far."""
        from llmcost.scenario.files.tree import files_read

        files_read.clear()
        return super().invoke(ctx)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each verb with its line."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.line) for name, verb in VERBS.items()])


class Command(TyperCommand):
    """A verb with a result: its own parameters, and the options for the output."""

    def invoke(self, ctx: Any) -> int:
        """Compute the result and send it to its destination; return the exit code."""
        options = [ctx.params.pop(name) for name in output.OPTIONS]
        ctx.obj = output.destination(VERBS[self.name or ""], *options)
        with working():
            views: Views = super().invoke(ctx)
        ctx.obj.send(views)
        return views.code


@cache
def command(name: str) -> TyperCommand:
    """Return the command of a verb."""
    verb = VERBS[name]
    run = import_module(f"llmcost.cli.{name}{'_' * iskeyword(name)}").run
    examples = "\n".join(f"  llmcost {example}" for example in verb.examples)
    epilog = f"\b\nExamples:\n{examples}"
    if not verb.forms:
        return _made(name, run, TyperCommand, epilog)
    made = _made(name, run, Command, epilog)
    made.params += _made(name, output.options, TyperCommand).params
    for parameter in made.params:
        if parameter.name == "form":
            parameter.metavar = "|".join(verb.forms)
    return made


def _made(
    name: str, run: Callable[..., Any], kind: type[TyperCommand], epilog: str | None = None
) -> TyperCommand:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, cls=kind, help=run.__doc__, epilog=epilog)(run)
    made = typer.main.get_command(app)
    assert isinstance(made, TyperCommand)
    return made


def application() -> typer.Typer:
    """Return the application with all verbs."""
    app = typer.Typer(
        name="llmcost",
        cls=Commands,
        epilog=f"\b\nTry:\n{FIRST}",
        help="The unit economics of large language models: cost, margin, burn, each with its source.",
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    return app


def _version(asked: bool) -> None:
    if asked:
        from llmcost import __version__

        write_stdout(f"llmcost {__version__}\n", utf8=True)
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options before the verb."""


# typer does not re-export this base class.
_UsageError: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "UsageError")


def run() -> int:
    """Run one command and return its exit code: 0 fine, 1 a check failed, 2 bad input, 130 interrupted."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", OldSpelling)
        notes: dict[str, None] = {}
        warnings.showwarning = lambda message, *_, **__: notes.update({str(message): None})
        code = _run()
        for note in notes:
            tell(f"note: {note}")
    return code


def _run() -> int:
    try:
        arguments = sys.argv[1:] or ["--help"]
        code = application()(arguments, prog_name="llmcost", standalone_mode=False)
        flush()
    except LlmcostError as error:
        for problem in error.problems:
            tell(str(problem))
        return BAD_INPUT
    except _UsageError as error:
        tell(_usage(error))
        return BAD_INPUT
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except SystemExit:  # the reader of the help has gone
        silence(1)
        return 0
    except OSError as error:
        # A name that is too long, a folder without permission: errors that the user can fix.
        if os.environ.get("LLMCOST_DEBUG"):
            raise
        tell(_refused(error))
        return BAD_INPUT
    except Exception as error:
        if os.environ.get("LLMCOST_DEBUG"):
            raise
        tell(f"internal error, {type(error).__name__}: {error}; LLMCOST_DEBUG=1 shows where")
        return INTERNAL
    return code if isinstance(code, int) else 0


def _usage(error: Exception) -> str:
    """Return a line for a wrong call, with the command for help."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "llmcost"
    message = " ".join(error.format_message().split())  # type: ignore[attr-defined]
    message = message.replace("a valid int", "a whole number").replace("a valid float", "a number")
    verb = message.removeprefix("No such command '")
    meant = did_you_mean(verb.rstrip("'."), VERBS) if verb != message else ""
    return message.rstrip(".") + (meant or f"; see '{command} --help'")


def _refused(error: OSError) -> str:
    """Return a line for an error of the system, with the file if there is one."""
    from llmcost.scenario.values.number import shorten

    about = None if error.filename is None else shorten(str(error.filename), 80)
    return str(
        Problem(f"cannot be {'reached' if about else 'written'}: {error.strerror or error}", where=about)
    )

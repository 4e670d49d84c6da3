"""The verbs that stand guard in CI: check, snapshot, diff."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from llmcost.cli.options import (
    AsOfOption,
    GateFormatOption,
    NoColorOption,
    OutputOption,
    SetOption,
    WorkloadOption,
    complete_scenario,
    send_gate,
)
from llmcost.render.present import GateFormat

TargetsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH|SCENARIO...",
        help="Files, folders, names of scenarios, or - for standard input.",
        autocompletion=complete_scenario,
        show_default=False,
    ),
]


def check(
    targets: TargetsArgument,
    select: Annotated[
        str | None,
        typer.Option(
            "-k",
            metavar="WORDS",
            help="Only expectations whose name contains this; 'and', 'or' and 'not' work.",
            show_default=False,
        ),
    ] = None,
    stop: Annotated[bool, typer.Option("-x", "--exitfirst", help="Stop at the first that fails.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show what does not hold and the summary only.")
    ] = False,
    form: GateFormatOption = GateFormat.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Hold every 'expect:' of scenarios and test files against what follows; exit code 1 if one fails."""
    from llmcost.analysis.gates.check import check as run
    from llmcost.render.results.check import views

    result = run(*targets, select=select, stop=stop)
    send_gate(views(result, quiet=quiet), form, output, no_color)
    if not result.ok:
        raise typer.Exit(1)


def snapshot(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SCENARIO|PATH]...",
            help="Names of scenarios, files or folders; with --update those that FILE was taken of.",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Renew the snapshot in FILE.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a snapshot even in CI.")] = False,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
    output: OutputOption = None,
) -> None:
    """Record what scenarios state, what follows from it, and a fingerprint of every formula."""
    from llmcost.analysis.gates.snapshot import read, renewed
    from llmcost.analysis.gates.snapshot import snapshot as run
    from llmcost.errors import LlmcostError, Problem
    from llmcost.render.output import write_file, write_stdout
    from llmcost.scenario.files.snapshot import dump

    if update and output is None:
        raise LlmcostError("--update renews a file; name it with -o FILE")
    if output is not None and output.exists() and not force and _in_ci():
        message = "is a baseline that a job in CI should not renew; --force does it all the same"
        raise LlmcostError(Problem(message, where=str(output)))
    if update and output is not None and not targets:
        if set_ or workload or as_of:
            message = "--update keeps the options of the snapshot; name the scenarios to take another"
            raise LlmcostError(Problem(message, where=str(output)))
        result = renewed(read(output, trusted=False))
    elif targets:
        result = run(*targets, set=set_ or (), workload=workload, as_of=as_of)
    else:
        raise LlmcostError("name a scenario, a file or a folder to take a snapshot of")
    if output is not None:
        write_file(output, dump(result))
    else:
        write_stdout(dump(result), machine=True)


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def _is_file(name: str, path: Path) -> bool:
    try:
        return path.samefile(name)
    except (OSError, ValueError):  # one of them is not there
        return False


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A snapshot; or a scenario to be compared with another.",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ],
    after: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SCENARIO|PATH|FILE]...",
            help="What is recomputed (by default all that FILE was taken of), or one other snapshot.",
            autocompletion=complete_scenario,
            show_default=False,
        ),
    ] = None,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            "--tolerance",
            metavar="[METRIC=]AMOUNT",
            help="How far metrics may move: 1%, unit.gross_margin=0.5pp, cost.*=2%. Repeatable.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            metavar="any|above|regression",
            help="Fail on any difference, on moves above the tolerance, or on those for the worse.",
        ),
    ] = "above",
    form: GateFormatOption = GateFormat.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Say what moved since a snapshot and why; exit code 1 if it moved too far."""
    from llmcost.analysis.gates.diff import diff as run
    from llmcost.errors import LlmcostError, Problem
    from llmcost.render.results.diff import views

    if output is not None and any(_is_file(name, output) for name in (before, *(after or ()))):
        message = "is what is compared; the report would replace it, so name another file"
        raise LlmcostError(Problem(message, where=str(output)))
    result = run(before, *(after or ()), tolerance=tolerance or (), fail_on=fail_on)
    send_gate(views(result), form, output, no_color)
    if not result.ok:
        raise typer.Exit(1)

"""The command `snapshot`."""

from __future__ import annotations

import typer

from llmcost.cli.options import AS_OF, SET, WORKLOAD, argument, complete_scenario, flag
from llmcost.cli.output import Destination
from llmcost.render.report import Views


def run(
    context: typer.Context,
    targets: list[str] | None = argument(
        "[SCENARIO|PATH]...",
        "Names of scenarios, files or folders; with --update, by default those in FILE.",
        complete_scenario,
        default=None,
    ),
    update: bool = flag("--update", "Renew the snapshot in FILE."),
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Record what scenarios state, what follows from it, and a fingerprint of every formula.

    In CI, --force is needed to replace a snapshot.
    """
    from llmcost.analysis.gates.snapshot import read, renewed, snapshot
    from llmcost.errors import LlmcostError, Problem
    from llmcost.render.results.snapshot import views
    from llmcost.scenario.files.tree import files_read

    to: Destination = context.obj
    if update and to.output is None:
        raise LlmcostError("--update renews a file; name it with -o FILE")
    if to.output is not None and to.output.exists() and not to.force and _in_ci():
        message = "is a baseline, which a CI job should not renew; --force does so anyway"
        raise LlmcostError(Problem(message, where=str(to.output)))
    if update and to.output is not None and not targets:
        if set_ or workload or as_of:
            message = "--update keeps the options of the snapshot; name the scenarios to take another"
            raise LlmcostError(Problem(message, where=str(to.output)))
        before = read(to.output, trusted=False)
        files_read.clear()  # the file to renew may be overwritten
        return views(renewed(before))
    if not targets:
        raise LlmcostError("name a scenario, a file or a folder to take a snapshot of")
    return views(snapshot(*targets, set=set_ or (), workload=workload, as_of=as_of))


def _in_ci() -> bool:
    import os

    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")

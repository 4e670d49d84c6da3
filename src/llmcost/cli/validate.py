"""The command `validate`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import JobsOption
from llmcost.render.report import Views


def run(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders, or - .", show_default=False)
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Treat statements that disagree as errors, not warnings.")
    ] = False,
    jobs: JobsOption = 1,
) -> Views:
    """Check scenario files, test files and claims ledgers: every error of every file, a line each."""
    from llmcost.analysis.gates.validate import validate
    from llmcost.render.results.validate import views

    return views(validate(*paths, strict=strict, jobs=jobs))

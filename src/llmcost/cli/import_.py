"""The command `import`, whose name is a word of Python's."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.render.report import Views


def complete_format(incomplete: str) -> list[str]:
    """Complete the names of the formats."""
    from llmcost.scenario.imports.registry import MODULES

    return [name for name in MODULES if name.startswith(incomplete)]


def run(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files of one format.", show_default=False)
    ],
    as_: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="NAME",
            help="The format of the files; by default recognized from their content.",
            autocompletion=complete_format,
            show_default=False,
        ),
    ] = None,
    gpus: Annotated[
        str | None,
        typer.Option("--gpus", metavar="N", help="GPUs that were measured together.", show_default=False),
    ] = None,
    gpu_hour: Annotated[
        str | None,
        typer.Option("--gpu-hour", metavar="USD", help="What a GPU-hour costs.", show_default=False),
    ] = None,
    utilization: Annotated[
        str | None,
        typer.Option(
            "--utilization", metavar="SHARE", help="Busy share of the paid GPU time.", show_default=False
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="COLUMN", help="Make a part for each: day, customer, …", show_default=False
        ),
    ] = None,
    days: Annotated[
        str | None,
        typer.Option("--days", metavar="N", help="Days that a usage file covers.", show_default=False),
    ] = None,
) -> Views:
    """Turn a benchmark result, usage export or bill into a scenario, with the source of each number."""
    from llmcost.analysis.ask.importing import import_files
    from llmcost.render.results.imported import views
    from llmcost.scenario.imports.draft import Asked

    return views(import_files(files, as_, Asked(gpus, gpu_hour, utilization, by, days)))

"""The command `validate`."""

from __future__ import annotations

from llmcost.cli.options import JOBS, argument, flag
from llmcost.render.report import Views


def run(
    paths: list[str] = argument("PATH...", "Files, folders, or - for standard input."),
    strict: bool = flag("--strict", "Treat statements that disagree as errors, not warnings."),
    jobs: int = JOBS,
) -> Views:
    """Check scenario files, test files and claims ledgers: every error of every file, a line each."""
    from llmcost.analysis.gates.validate import validate
    from llmcost.render.results.validate import views

    return views(validate(*paths, strict=strict, jobs=jobs))

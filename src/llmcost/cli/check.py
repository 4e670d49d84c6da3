"""The command `check`."""

from __future__ import annotations

from llmcost.cli.options import JOBS, argument, complete_scenario, flag, option
from llmcost.render.report import Views


def run(
    targets: list[str] = argument(
        "PATH|SCENARIO...", "Files, folders, names of scenarios, or - for standard input.", complete_scenario
    ),
    select: str | None = option(
        "-k", "WORDS", "Only expectations whose name contains this; 'and', 'or' and 'not' work."
    ),
    stop: bool = flag("-x --exitfirst", "Stop at the first that fails."),
    if_any: bool = flag("--if-any", "Do not fail if there is nothing to test."),
    quiet: bool = flag("--quiet -q", "Show only what fails, and the summary."),
    jobs: int = JOBS,
) -> Views:
    """Test every `expect:` of scenarios and test files. The exit code is 1 if one fails."""
    from llmcost.analysis.gates.check import check
    from llmcost.render.results.check import views

    return views(check(*targets, select=select, stop=stop, if_any=if_any, jobs=jobs), quiet=quiet)

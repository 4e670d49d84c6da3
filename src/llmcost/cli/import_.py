"""The command `import`, which is a keyword in Python."""

from __future__ import annotations

from llmcost.cli.options import argument, option
from llmcost.render.report import Views


def complete_format(incomplete: str) -> list[str]:
    """Complete the names of the formats."""
    from llmcost.scenario.imports.registry import MODULES

    return [name for name in MODULES if name.startswith(incomplete)]


def run(
    files: list[str] = argument(
        "FILE...", "Your own files of one format, such as bench.json of 'vllm bench serve --save-result'."
    ),
    as_: str | None = option(
        "--as", "NAME", "The format of the files; by default recognized from their content.", complete_format
    ),
    gpus: str | None = option("--gpus", "N", "GPUs that were measured together."),
    gpu_hour: str | None = option("--gpu-hour", "USD", "What a GPU-hour costs."),
    utilization: str | None = option("--utilization", "SHARE", "Busy share of the paid GPU time."),
    by: str | None = option("--by", "COLUMN", "Make a part for each: day, customer, …"),
    days: str | None = option("--days", "N", "Days that a usage file covers."),
) -> Views:
    """Turn a benchmark result, usage export or bill into a scenario, with the source of each number."""
    from llmcost.analysis.ask.importing import import_files
    from llmcost.render.results.imported import views
    from llmcost.scenario.imports.draft import Asked

    return views(import_files(files, as_, Asked(gpus, gpu_hour, utilization, by, days)))

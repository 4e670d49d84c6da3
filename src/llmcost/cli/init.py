"""The command `init`."""

from __future__ import annotations

import shlex
from pathlib import Path

from llmcost.cli.options import argument, flag, option


def run(
    path: Path = argument("PATH", "The file to write."),
    kind: str = option("--kind", "KIND", "What it is about: model, product or company.", default="model"),
    force: bool = flag("--force", "Overwrite the file if it exists."),
) -> None:
    """Write a commented starter scenario, which an editor can check against the installed schema."""
    from llmcost.errors import LlmcostError, Problem
    from llmcost.render.file import write_file
    from llmcost.render.output import tell
    from llmcost.scenario.files.starter import starter

    if path.suffix.lower() not in (".yaml", ".yml"):
        raise LlmcostError(Problem("a scenario file ends in .yaml", where=str(path)))
    if path.exists() and not force:
        raise LlmcostError(Problem("exists already; --force overwrites it", where=str(path)))
    if not path.parent.is_dir():
        raise LlmcostError(Problem(f"there is no folder {path.parent}", where=str(path)))
    write_file(path, starter(path.stem, kind), "table", force=force)
    tell(f"next: llmcost show {shlex.quote(str(path) if '/' in str(path) else f'./{path}')}")

"""The examples of the pages: each is run, and what it prints stands below it.

A page is read from top to bottom, in one folder:

- ```` ```yaml ```` is a file, which must be valid; its first line may be its name, as `# NAME.yaml`
- ```` ```json NAME ````, and so on, is a file of that name, of whatever format
- ```` ```console ```` holds commands behind `$ `, and below each what it prints
- ```` ```sh ```` and ```` ```python ```` are run where ```` ```text ```` follows, which is what they print
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
GENERATED: Final = {"claims.md", "metrics.md"}
"""Pages in docs/ that `tasks.generated` writes whole."""
WIDTH: Final = "100"
ENVIRONMENT: Final = {"COLUMNS": WIDTH, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
Call = Callable[[list[str], Path], str]
"""Runs a program with its arguments in a folder, and returns what it prints."""

_BLOCK: Final = re.compile(r"^```(\w+(?: \S+)?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME: Final = re.compile(r"# (\S+\.ya?ml)\n")


def pages() -> list[Path]:
    """Return every page that people write: at the root and in docs/."""
    written = [page for page in (ROOT / "docs").glob("*.md") if page.name not in GENERATED]
    return [*sorted(ROOT.glob("*.md")), *sorted(written)]


def blocks(text: str) -> list[tuple[str, str]]:
    """Return (language, content) of every fenced block."""
    return _BLOCK.findall(text)


def renewed(text: str, folder: Path, call: Call) -> str:
    """Return a page with what its examples print now, run in a folder that is empty."""
    pieces: list[str] = []
    end = number = 0
    script: tuple[str, str] | None = None
    for match in _BLOCK.finditer(text):
        language, content = match.groups()
        if language == "console":
            parts = re.split(r"^(?=\$ )", content, flags=re.MULTILINE)
            content = "".join(_console(part, folder, call) for part in parts)
        elif language == "text" and script is not None:
            content = _ran(*script, folder, call)
        elif " " in language:
            (folder / language.partition(" ")[2]).write_text(content, encoding="utf-8")
        elif language == "yaml":
            number += 1
            named = _NAME.match(content)
            path = folder / (named[1] if named else f"example-{number}.yaml")
            path.write_text(content, encoding="utf-8")
            _valid(path, call)
        pieces += [text[end : match.start()], f"```{language}\n{content}```"]
        end = match.end()
        script = (language, content) if language in ("sh", "python") else None
    return "".join([*pieces, text[end:]])


def _console(part: str, folder: Path, call: Call) -> str:
    if not part.startswith("$ "):
        return part
    command = part.partition("\n")[0].removeprefix("$ ")
    return f"$ {command}\n{call(['bash', '-c', command], folder)}"


def _ran(language: str, content: str, folder: Path, call: Call) -> str:
    if language == "python":
        return call([sys.executable, "-c", content], folder)
    return call(["bash", "-c", content], folder)


def _valid(path: Path, call: Call) -> None:
    printed = call(["llmcost", "validate", path.name], path.parent)
    if printed != "1 file, no errors\n":
        raise ValueError(printed)


def process(command: list[str], folder: Path) -> str:
    """Run a command as a reader of the page would, and return what a terminal would show."""
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **ENVIRONMENT, "PATH": here},
        check=False,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.stdout

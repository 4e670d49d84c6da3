"""How long llmcost takes to start, as whole processes in turn.

    python benchmarks/startup.py

`llmcost compare gpt4o deepseek-v3` against importing the libraries it stands on (at most 1.3×), and
`llmcost --version` against an interpreter that does nothing (at most 5×). Run it in an environment into
which the wheel is installed: a source tree whose bytecode is not cached compiles itself at every start.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 25
FLOOR = "import typer, rich.console, rich.table, pydantic, yaml"


def seconds(command: list[str]) -> float:
    """Run a command once and return how long it took."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def report(name: str, command: list[str], floor: list[str], most: float) -> None:
    """Run two commands in turn and print the median of their ratios."""
    seconds(command), seconds(floor)
    pairs = [(seconds(command), seconds(floor)) for _ in range(ROUNDS)]
    ratio = statistics.median(one / other for one, other in pairs)
    took, least = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    print(f"{name:40} {took:6.0f} ms ÷ {least:4.0f} ms = {ratio:.2f}  (at most {most})")


def main() -> None:
    """Measure and print."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    beside = Path(sys.executable).with_name("llmcost")
    llmcost = str(beside) if beside.exists() else shutil.which("llmcost")
    if llmcost is None:
        raise SystemExit("llmcost is not installed")
    compare = [llmcost, "compare", "gpt4o", "deepseek-v3"]
    report("compare ÷ imports", compare, [sys.executable, "-c", FLOOR], 1.3)
    report("--version ÷ python -c pass", [llmcost, "--version"], [sys.executable, "-c", "pass"], 5)


if __name__ == "__main__":
    main()

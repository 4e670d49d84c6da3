"""How long llmcost takes to start, as whole processes in turn: CPU time, which other work disturbs least.

    python benchmarks/startup.py

`llmcost compare gpt4o deepseek-v3` against importing the libraries it stands on, with and without pydantic,
which it does not import; a short sweep, with numpy installed or not, and all bundled claims against that;
`llmcost --version` against an interpreter that does nothing; and `list` in a folder of 10,000 files. What
`compare` reads it finds kept as trees, and it is measured without that too. Run it in an environment into
which the wheel is installed: a source tree whose bytecode is not cached compiles itself at every start.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from gate import write

ROUNDS = 15
FLOOR = "import typer, rich.console, rich.table, yaml"
SWEEP = "sweep deepseek-v3 --vary serving.utilization=10%:90%:9 --metric unit.gross_margin"
FILES = 10_000


def seconds(command: list[str], folder: str | None = None) -> float:
    """Run a command once and return the CPU time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report(name: str, command: list[str], floor: list[str], most: float) -> None:
    """Run two commands in turn, both warm, and print the median of their ratios and the middle half."""
    seconds(command), seconds(floor)
    pairs = [(seconds(command), seconds(floor)) for _ in range(ROUNDS)]
    low, ratio, high = statistics.quantiles([one / other for one, other in pairs], n=4)
    took, least = (statistics.median(column) * 1000 for column in zip(*pairs, strict=True))
    spread = f"{low:.2f} to {high:.2f}"
    print(f"{name:36} {took:6.0f} ms ÷ {least:4.0f} ms = {ratio:.2f}, {spread}  (at most {most})")


def main() -> None:
    """Measure and print."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    beside = Path(sys.executable).with_name("llmcost")
    llmcost = str(beside) if beside.exists() else shutil.which("llmcost")
    if llmcost is None:
        raise SystemExit("llmcost is not installed")
    compare = [llmcost, "compare", "gpt4o", "deepseek-v3"]
    floor = [sys.executable, "-c", FLOOR]
    report("compare ÷ typer, rich, yaml", compare, floor, 1.25)
    report("compare ÷ those and pydantic", compare, [sys.executable, "-c", f"{FLOOR}, pydantic"], 1.0)
    report("compare ÷ itself, nothing kept", compare, ["env", "LLMCOST_NO_CACHE=1", *compare], 0.9)
    report("9-point sweep ÷ compare", [llmcost, *SWEEP.split()], compare, 1.1)
    report("all bundled claims ÷ compare", [llmcost, "claims"], compare, 3)
    report("--version ÷ python -c pass", [llmcost, "--version"], [sys.executable, "-c", "pass"], 5)
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "scenarios"), FILES)
        took = [seconds([llmcost, "list"], folder) for _ in range(3)]
    print(f"list in a folder of {FILES:,} files: {min(took):.2f} to {max(took):.2f} s  (at most 2)")


if __name__ == "__main__":
    main()

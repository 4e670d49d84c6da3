"""Build the wheel, install it into an environment of its own, and use it from an empty folder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PIP: Final = [sys.executable, "-m", "pip"]
QUIET: Final = ["--quiet", "--disable-pip-version-check"]
COMPARE: Final = ["compare", "gpt4o@2024-12-31", "deepseek-v3@2024-12-31"]
SCHEMA: Final = "from llmcost.scenario.files.starter import schema_path; print(schema_path())"
COUNT: Final = (
    "import llmcost, pathlib; p = pathlib.Path(llmcost.__file__).parent; print((p / 'py.typed').exists(),"
    "len(llmcost.list_scenarios()), len(llmcost.validate(p / 'bundled').files))"
)


def main() -> int:
    """Hold what the installed wheel says against what the source tree says; exit code 1 where they differ."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = installed(folder)
        empty = folder / "empty"
        empty.mkdir()

        def run(*command: str) -> str:
            done = subprocess.run(command, cwd=empty, check=True, text=True, stdout=subprocess.PIPE)
            return done.stdout

        said = run(str(python.with_name("llmcost")), *COMPARE)
        expected = run(sys.executable, "-m", "llmcost", *COMPARE)
        counted = run(str(python), "-c", COUNT)
        files = list((ROOT / "scenarios").rglob("*.yaml"))
        scenarios = [path for path in files if path.parent.name != "claims"]
        schema = run(str(python), "-c", SCHEMA)
        left = list(empty.iterdir())
    complaints = [
        *([] if said == expected else [f"the wheel and the source tree differ:\n{said}\n{expected}"]),
        *([] if counted == f"True {len(scenarios)} {len(files)}\n" else [f"files are missing: {counted}"]),
        *([] if "site-packages" in schema else [f"the schema is not installed: {schema}"]),
        *([] if not left else [f"files are left in the working folder: {left}"]),
    ]
    print("\n".join(complaints) or "the wheel works on its own")
    return int(bool(complaints))


def installed(folder: Path) -> Path:
    """Return the Python of an environment in which nothing but the wheel and what it needs is installed."""
    build = [*PIP, "wheel", *QUIET, "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*build, str(ROOT)], check=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv")
    python = folder / "venv" / "bin" / "python"
    subprocess.run([*PIP, "--python", str(python), "install", *QUIET, "--no-compile", str(wheel)], check=True)
    return python


if __name__ == "__main__":
    sys.exit(main())

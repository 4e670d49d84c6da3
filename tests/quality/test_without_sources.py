"""An installation of compiled files alone works as any other: nothing reads its own source."""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from calling import ROOT, Call, each

PACKAGE = ROOT / "src" / "llmcost"
READS_SOURCE = re.compile(r"^\s*(?:import|from)\s+(?:ast|inspect|dis|linecache|tokenize)\b|getsource", re.M)


def test_no_module_reads_python_source() -> None:
    found = [path.name for path in PACKAGE.rglob("*.py") if READS_SOURCE.search(path.read_text("utf-8"))]
    assert found == []


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the package and its scenarios, compiled, and the sources removed."""
    folder = tmp_path_factory.mktemp("compiled")
    shutil.copytree(PACKAGE, folder / "llmcost", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "scenarios", folder / "llmcost" / "bundled")
    assert compileall.compile_dir(folder, quiet=2, legacy=True)
    for path in folder.rglob("*.py"):
        path.unlink()
    (folder / "work").mkdir()
    return folder


def run(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "100", "NO_COLOR": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command,
        cwd=folder / "work",
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_the_compiled_package_that_runs(compiled: Path) -> None:
    where = run(compiled, "-c", "import llmcost; print(llmcost.__file__)").strip()
    assert Path(where) == compiled / "llmcost" / "__init__.pyc"


@each(
    "command",
    [
        "compare gpt4o deepseek-v3",
        "explain openai-2024 breakeven.api_only_multiplier",
        "sweep openai-2024 --vary market.price_elasticity=0:1:6 --metric breakeven.*_multiplier --format csv",
    ],
)
def test_what_it_prints_is_what_any_other_does(
    compiled: Path, command: str, llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    printed = run(compiled, "-m", "llmcost", *command.split())
    assert printed
    assert printed == llmcost(*command.split()).out


def test_snapshots_are_those_of_any_other(compiled: Path) -> None:
    run(compiled, "-m", "llmcost", "snapshot", "openai-2024", "-o", "before.json")
    assert "Nothing moved" in run(compiled, "-m", "llmcost", "diff", "before.json", "--fail-on", "any")
    marks = re.compile(r'"formulas": \{.*', re.S)
    ours = marks.search((ROOT / "scenarios" / "snapshot.json").read_text("utf-8"))
    theirs = marks.search((compiled / "work" / "before.json").read_text("utf-8"))
    assert ours is not None
    assert theirs is not None
    assert ours[0] == theirs[0]

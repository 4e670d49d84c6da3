"""What the documentation says is what happens: every command and every program in it is run."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tasks.generated import CODE, is_fresh

from calling import ROOT, Call, Done

WIDTH = "100"


def blocks(text: str) -> list[tuple[str, str]]:
    """Return (language, content) of every fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def console_examples(path: str) -> list[tuple[str, str]]:
    """Return (command, expected output) of every `$ ` line in a page's console blocks."""
    found = []
    for language, content in blocks((ROOT / path).read_text(encoding="utf-8")):
        if language == "console":
            for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                found.append((command, output))
    return found


def run(command: list[str], cwd: Path) -> str:
    """Run a command as a user of this page would, and return what it prints."""
    environment = {**os.environ, "COLUMNS": WIDTH, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, capture_output=True, cwd=cwd, env=environment, check=True, text=True, encoding="utf-8"
    )
    assert [line for line in done.stderr.splitlines() if not line.startswith("wrote ")] == []
    return done.stdout


EXAMPLES = console_examples("README.md")


def test_the_readme_has_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize(("command", "output"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_readme_command(
    command: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, llmcost: Call
) -> None:
    program, *arguments = shlex.split(command)
    assert program == "llmcost"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", WIDTH)
    monkeypatch.setenv("NO_COLOR", "1")
    assert llmcost(*arguments) == Done(0, output, "")


def test_readme_program(tmp_path: Path) -> None:
    """Each Python block prints what the text block after it says."""
    found = blocks((ROOT / "README.md").read_text(encoding="utf-8"))
    programs = [
        (program, after)
        for (language, program), (following, after) in itertools.pairwise(found)
        if (language, following) == ("python", "text")
    ]
    assert programs
    for program, output in programs:
        assert run([sys.executable, "-c", program], tmp_path) == output


def test_readme_shell_script(tmp_path: Path) -> None:
    """Each shell block that a text block follows prints what that says."""
    found = blocks((ROOT / "README.md").read_text(encoding="utf-8"))
    scripts = [
        (script, after) for (a, script), (b, after) in itertools.pairwise(found) if (a, b) == ("sh", "text")
    ]
    assert scripts
    for script, output in scripts:
        defined = f'llmcost() {{ "{sys.executable}" -m llmcost "$@"; }}\n{script}'
        assert run(["bash", "-c", defined], tmp_path) == output


def test_readme_scenario_validates(tmp_path: Path) -> None:
    found = [
        content for language, content in blocks((ROOT / "README.md").read_text("utf-8")) if language == "yaml"
    ]
    assert found
    for index, content in enumerate(found):
        (tmp_path / f"{index}.yaml").write_text(content, encoding="utf-8")
    printed = run([sys.executable, "-m", "llmcost", "validate", "."], tmp_path)
    assert len(found) > 1
    assert printed == f"{len(found)} files, no errors\n"


def test_readme_test_cases_pass(tmp_path: Path) -> None:
    found = blocks((ROOT / "README.md").read_text("utf-8"))
    (cases,) = [content for language, content in found if language == "yaml" and "kind: tests" in content]
    (tmp_path / "ours.llmcost.yaml").write_text(cases, encoding="utf-8")
    printed = run([sys.executable, "-m", "llmcost", "check", ".", "--quiet"], tmp_path)
    assert printed == "5 passed, 0 failed\n"


def test_ci_runs_the_readme_test_command() -> None:
    commands = [
        content.strip()
        for language, content in blocks((ROOT / "README.md").read_text("utf-8"))
        if language == "sh"
    ]
    tests = [command for command in commands if "tasks check" in command]
    assert len(tests) == 1
    assert tests[0] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", CODE)
def test_what_is_generated_from_code_is_fresh(name: str) -> None:
    assert is_fresh(name, CODE[name]), f"{name} is stale; run 'python -m tasks regenerate'"

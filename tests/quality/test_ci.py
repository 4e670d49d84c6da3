"""Where CI looks: the pre-commit hooks, and the steps of the GitHub action."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
import yaml
from tasks.examples import blocks

from calling import ROOT

SOURCES = [
    *("src", "scenarios", "scenario.schema.json", "pyproject.toml", "README.md", "LICENSE"),
    ".pre-commit-hooks.yaml",
]
ENVIRONMENT = {
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    "HOME": os.environ.get("HOME", "/"),
    "PYTHONUTF8": "1",
    "COLUMNS": "100",
    "NO_COLOR": "1",
    # The project is installed for real, and finds its dependencies where the tests have them: that a
    # clean environment gets them is the wheel's test, and compiling what is run once is no use.
    "PYTHONPATH": os.pathsep.join(
        [sysconfig.get_path("purelib"), str(distribution("model-prices").locate_file(""))]
    ),
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads the value the other way round
    "PIP_NO_COMPILE": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    **{name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))},
}
BELOW = """\
title: A model that is sold below cost
kind: model
price: {blended_per_mtok: 1}
serving: {cost_per_mtok: 1.25}
expect:
  unit.gross_margin: {above: 0%, because: "the board was told so"}
"""


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository that holds one scenario, which does not meet its expectation."""
    folder = tmp_path / "project"
    (folder / "scenarios").mkdir(parents=True)
    (folder / "scenarios" / "below.yaml").write_text(BELOW, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    return folder


def test_the_hooks_run(tmp_path: Path, project: Path) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, hooks / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, hooks / name)
    git(hooks, "init", "--quiet")
    git(hooks, "add", "--all")
    git(hooks, "commit", "--quiet", "--message", "hooks")
    command = ["pre-commit", "try-repo", str(hooks), "--all-files", "--verbose", "--color", "never"]
    environment = {**ENVIRONMENT, "PRE_COMMIT_HOME": str(tmp_path / "home")}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert re.search(r"llmcost validate\.+Passed", said), said
    assert re.search(r"llmcost check\.+Failed", said), said
    assert "1 file, no errors" in said
    assert "scenarios/below.yaml:6:3: FAILED unit.gross_margin of below" in said
    assert "\n0 passed, 1 failed\n" in said


CHEAP = """\
kind: model
aliases: [openai/gpt-4.1]
price: {input_per_mtok: 1, output_per_mtok: 2}
"""


def step(name: str) -> dict[str, Any]:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (found,) = [item for item in action["runs"]["steps"] if item["name"] == name]
    assert found["shell"] == "bash"
    return dict(found)


def run_step(
    name: str, folder: Path, temporary: Path, inputs: dict[str, str], **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a step's script as the runner does: inputs in the environment, bash with -eo pipefail."""
    chosen = step(name)
    assert "${{" not in chosen["run"], "an input inside a script could run anything"
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    values = {key: str(entry["default"]) for key, entry in action["inputs"].items()} | inputs
    passed = {
        key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: values[match[1]], text)
        for key, text in chosen.get("env", {}).items()
    }
    runner = {
        "RUNNER_TEMP": str(temporary),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
        "CI": "true",
    }
    script = temporary / "step.sh"
    script.write_text(chosen["run"], encoding="utf-8")
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=folder,
        env={**ENVIRONMENT, **runner, **passed, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_action_runs(tmp_path: Path, project: Path) -> None:
    temporary = tmp_path / "runner"
    temporary.mkdir()
    installed = run_step("Install llmcost", project, temporary, {})
    assert installed.returncode == 0, installed.stderr
    tool = str(temporary / "llmcost" / "bin" / "llmcost")

    checked = run_step("Check expectations", project, temporary, {"check": "scenarios/below.yaml\n\n"})
    assert checked.returncode == 1, checked.stderr
    annotation, summary = checked.stdout.splitlines()
    assert annotation.startswith(
        "::error file=scenarios/below.yaml,line=6,col=3,title=unit.gross_margin of below::"
        "expected  above 0%25%0A"
    )
    assert summary == "0 passed, 1 failed"

    taken = [tool, "snapshot", "scenarios", "-o", "base.json"]
    subprocess.run(taken, cwd=project, env=ENVIRONMENT, check=True)
    scenario = project / "scenarios" / "below.yaml"
    scenario.write_text(BELOW.replace("cost_per_mtok: 1.25", "cost_per_mtok: 1.50"), encoding="utf-8")
    options = {"snapshot": "base.json", "tolerance": "1%\nunit.markup=99%\n", "fail-on": "regression"}
    moved = run_step("Compare with the snapshot", project, temporary, options)
    assert moved.returncode == 1, moved.stderr
    *annotations, summary = moved.stdout.splitlines()
    assert re.fullmatch(r"\d+ moved, 0 added, 0 removed, \d+ failed", summary)
    (annotation,) = annotations
    assert annotation.startswith(
        "::error file=scenarios/below.yaml,line=4,col=26,title=serving.cost_per_mtok and "
    )
    told = {line.split(": ")[0] for line in annotation.split("::")[2].split("%0A")}
    assert told >= {"serving.cost_per_mtok", "unit.gross_profit_per_mtok", "unit.breakeven_multiplier"}
    assert "unit.markup" not in told, "it is let off"

    page = (temporary / "summary.md").read_text(encoding="utf-8")
    assert page.index("**llmcost check: 0 passed, 1 failed**") < page.index("**llmcost diff: 5 moved")
    assert "| **failed** | `unit.gross_margin` | -25.0% | -50.0% | -25.0 points, worse | serving.cost" in page

    broken = run_step("Check expectations", project, temporary, {"check": "no such file.yaml"})
    assert broken.returncode == 2
    assert broken.stderr == "no such file.yaml: there is no such file or folder\n"
    assert (
        broken.stdout == "::error title=llmcost check::no such file.yaml: there is no such file or folder\n"
    )

    (project / "scenarios" / "cheap.yaml").write_text(CHEAP, encoding="utf-8")
    held = run_step("Check prices", project, temporary, {"prices": "\ncheap\n"})
    assert held.returncode == 1, held.stderr
    assert held.stdout == (
        "::error title=llmcost prices::prices differ from those of price catalogues; the summary says where\n"
    )
    page = (temporary / "summary.md").read_text(encoding="utf-8")
    assert r"| `cheap` | input\_per\_mtok | 2025-06-11 | **1.00** | **2.00** | model-prices " in page
    (temporary / "python").symlink_to("/bin/true")  # what would install it once more
    found = f"{temporary}{os.pathsep}{ENVIRONMENT['PATH']}"
    unknown = run_step("Check prices", project, temporary, {"prices": "zzz"}, PATH=found)
    assert unknown.returncode == 2
    assert unknown.stdout.startswith("::error title=llmcost prices::no scenario is called 'zzz'")


def test_the_workflow_of_the_page_gates_a_bill(tmp_path: Path) -> None:
    """The steps run as they stand, up to the action's own; that it installs is the test above."""
    found = blocks((ROOT / "docs" / "imports.md").read_text(encoding="utf-8"))
    (workflow,) = [yaml.safe_load(content) for _, content in found if ".github/workflows/" in content]
    for language, content in found:
        name = language.partition(" ")[2] or (content.startswith("# ") and content.split("\n")[0][2:])
        if name in ("spend.jsonl", "heron.yaml", "budget.yaml"):
            (tmp_path / str(name)).write_text(content, encoding="utf-8")
    bought = (tmp_path / "budget.yaml").read_text(encoding="utf-8")
    (tmp_path / "budget.yaml").write_text(bought.replace("14k", "20"), encoding="utf-8")
    tool = tmp_path / "runner" / "llmcost" / "bin"
    tool.mkdir(parents=True)
    (tool / "llmcost").symlink_to(str(shutil.which("llmcost", path=ENVIRONMENT["PATH"])))
    checkout, install, imported, action = workflow["jobs"]["bill"]["steps"]
    assert (checkout["uses"], install["run"]) == ("actions/checkout@v5", "python -m pip install ./llmcost")
    subprocess.run(["bash", "-ec", imported["run"]], cwd=tmp_path, env=ENVIRONMENT, check=True)
    assert action["uses"] == "./llmcost"
    checked = run_step("Check expectations", tmp_path, tmp_path / "runner", action["with"])
    assert checked.returncode == 1, checked.stderr
    assert checked.stdout.startswith("::error file=budget.yaml,line=7,")
    assert "parts.cost_per_month" in (tmp_path / "runner" / "summary.md").read_text(encoding="utf-8")


def test_the_action_installs_and_names_every_input() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert action["runs"]["using"] == "composite"
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert used == set(action["inputs"])
    assert all(entry["description"] for entry in action["inputs"].values())

"""The pytest plugin, in projects of its own: off by default, and what it collects, selects and says.

What depends on what has been imported, or on workers, runs as a process of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

import llmcost.render.results.check as shown
from calling import each

pytest_plugins = ["pytester"]
LOADED = (yaml, shown)
"""A run within this process forgets what it has imported, which yaml's compiled part does not survive."""

OURS = """\
title: Ours
training.cost: 500
expect:
  training.cost: {value: 400, because: the budget}
"""
SUITE = """\
kind: tests
cases:
  - name: as it is
    scenario: ours
    expect: {training.cost: 500}
  - name: doubled
    scenario: ours.yaml
    set: {training.cost: "*2"}
    expect:
      training.cost: [1k, {below: 900}]
      training.gpus: {value: 5, severity: warn}
"""
IDS = [
    "t.llmcost.yaml::as it is::training.cost",
    "t.llmcost.yaml::doubled::training.cost",
    "t.llmcost.yaml::doubled::training.cost#2",
    "t.llmcost.yaml::doubled::training.gpus",
]
FAILURE = """\
t.llmcost.yaml:10:27: FAILED training.cost of doubled (ours)
  expected  below 900
  actual    1,000 USD (+11.1%)
"""
"""500 doubled is 1,000, a ninth above 900."""


QUICK = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-W", "default")
LEFT_OUT = (
    "PYTEST_ADDOPTS",
    "PYTEST_XDIST",
    "LLMCOST_",
    "COLUMNS",
    "FORCE_COLOR",
    "NO_COLOR",
    "CI",
    "GITHUB_",
)


class Run(NamedTuple):
    """What a run of pytest left behind."""

    code: int
    out: str

    @property
    def summary(self) -> str:
        """The last line, without the time it took."""
        return re.sub(r" in [\d.]+s.*", "", self.out.splitlines()[-1])


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project that holds one scenario."""
    for name in os.environ:
        if name.startswith(LEFT_OUT):
            monkeypatch.delenv(name)
    write(pytester.path, "pytest.ini", "[pytest]\n")
    write(pytester.path, "ours.yaml", OURS)
    return pytester.path


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


Pytest = Callable[..., Run]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Pytest:
    """Run pytest within this process, where the working directory is."""

    def call(*arguments: str) -> Run:
        done = pytester.runpytest_inprocess(*QUICK, *arguments)
        return Run(int(done.ret), f"{done.stdout.str()}\n{done.stderr.str()}".rstrip())

    return call


def run_apart(folder: Path, *arguments: str, program: tuple[str, ...] = ("-m", "pytest")) -> Run:
    """Run pytest as a process of its own."""
    done = subprocess.run(
        [sys.executable, *program, *QUICK, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    return Run(done.returncode, (done.stdout + done.stderr).decode())


def ids(done: Run) -> list[str]:
    return [line for line in done.out.splitlines() if "::" in line]


def test_a_project_without_test_files_imports_nothing_of_llmcost(project: Path) -> None:
    write(project, "test_a.py", "def test_a():\n    pass\n")
    program = (
        "import sys, pytest\n"
        "code = pytest.main(sys.argv[1:])\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('llmcost', 'yaml', 'typer', 'rich')))\n"
        "sys.exit(code)\n"
    )
    done = run_apart(project, "-q", "-p", "no:xdist", program=("-c", program))
    assert done.code == 0
    assert "1 passed" in done.out
    assert done.out.splitlines()[-1] == "['llmcost', 'llmcost.pytest_plugin']"


def test_items_are_named_after_case_and_metric(run: Pytest, project: Path) -> None:
    write(project, "t.llmcost.yaml", SUITE)
    done = run("--collect-only", "-q")
    assert done.code == 0
    assert ids(done) == IDS


def test_what_fails_says_what_the_command_line_says(run: Pytest, project: Path) -> None:
    write(project, "t.llmcost.yaml", SUITE)
    done = run("-v")
    assert done.code == 1
    assert done.summary.strip("= ") == "1 failed, 3 passed, 1 warning"
    assert f"\n{FAILURE}" in done.out
    assert "Traceback" not in done.out
    assert "ExpectationError" not in done.out
    said = subprocess.run(
        [sys.executable, "-m", "llmcost", "check", "t.llmcost.yaml", "-q", "-k", "training.cost"],
        cwd=project,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
    )
    assert said.returncode == 1
    assert said.stdout.decode().startswith(FAILURE)
    # A warning says as much, and where it stands.
    assert "ExpectationWarning: t.llmcost.yaml:11:7: WARNED training.gpus of doubled (ours)" in done.out
    assert "cannot be derived" in done.out


def test_warnings_can_be_made_errors(run: Pytest, project: Path) -> None:
    write(project, "t.llmcost.yaml", SUITE)
    done = run("-W", "error::llmcost.pytest_plugin.ExpectationWarning", "-k", "gpus")
    assert done.code == 1
    assert done.summary.strip("= ").startswith("1 failed, 3 deselected")
    assert "\nt.llmcost.yaml:11:7: WARNED training.gpus of doubled (ours)\n" in done.out
    assert "def runtest" not in done.out


@each(
    "words, chosen",
    [("doubled", [1, 2, 3]), ("gpus", [3]), ("doubled and not gpus", [1, 2]), ("llmcost", [0, 1, 2, 3])],
)
def test_selection_by_words(run: Pytest, project: Path, words: str, chosen: list[int]) -> None:
    write(project, "t.llmcost.yaml", SUITE)
    assert ids(run("--collect-only", "-q", "-k", words)) == [IDS[index] for index in chosen]


def test_selection_by_file_and_id(run: Pytest, project: Path) -> None:
    write(project, "t.llmcost.yaml", SUITE)
    write(project, "u.llmcost.yml", SUITE)
    assert ids(run("--collect-only", "-q", "t.llmcost.yaml")) == IDS
    done = run("-v", IDS[0])
    assert done.code == 0
    assert done.summary.strip("= ") == "1 passed"


def test_scenarios_are_collected_from_named_folders_only(run: Pytest, project: Path) -> None:
    write(project, "more/deep/a.yaml", OURS)
    write(project, "more/.hidden/b.yaml", "nonsense\n")
    write(project, "more/claims/c.yaml", "nonsense\n")
    write(project, "more/plain.yaml", "training.cost: 5\n")
    write(project, "elsewhere/d.yaml", OURS)
    write(project, "tests/test_a.py", "def test_a():\n    pass\n")
    write(project, "pytest.ini", "[pytest]\ntestpaths = tests\n")
    assert ids(run("--collect-only", "-q")) == ["tests/test_a.py::test_a"]
    inside = "more/deep/a.yaml::training.cost"
    for arguments in (("--llmcost", "more"), ("--llmcost=more/",), ("--llmcost", str(project / "more"))):
        found = ids(run("--collect-only", "-q", *arguments))
        assert sorted(found) == [inside, "tests/test_a.py::test_a"]
    found = ids(run("--collect-only", "-q", "tests/test_a.py", "--llmcost", "more"))
    assert sorted(found) == [inside, "tests/test_a.py::test_a"]
    found = ids(run("--collect-only", "-q", "--llmcost", "more", "--llmcost", "elsewhere"))
    assert sorted(found) == ["elsewhere/d.yaml::training.cost", inside, "tests/test_a.py::test_a"]
    done = run("--llmcost", "more")
    assert done.code == 1
    assert done.summary.strip("= ") == "1 failed, 1 passed"
    assert "more/deep/a.yaml:4:3: FAILED training.cost of a\n  expected  400\n" in done.out
    assert "\n  because   the budget\n" in done.out


def test_an_ending_in_capitals_is_collected_too(run: Pytest, project: Path) -> None:
    write(project, "more/a.YAML", OURS)
    assert ids(run("--collect-only", "-q", "--llmcost", "more")) == ["more/a.YAML::training.cost"]


def test_a_named_file_and_a_folder_that_is_collected_anyway(run: Pytest, project: Path) -> None:
    assert ids(run("--collect-only", "-q", "--llmcost", "ours.yaml")) == ["ours.yaml::training.cost"]
    write(project, "more/a.yaml", OURS)
    write(project, "more/t.llmcost.yaml", SUITE.replace("ours", "../ours", 1).replace("ours.yaml", "a"))
    done = run("--collect-only", "-q", "--llmcost", "more")
    assert sorted(ids(done)) == sorted(["more/a.yaml::training.cost", *(f"more/{name}" for name in IDS)])


def test_a_folder_that_is_not_there(run: Pytest) -> None:
    done = run("--llmcost", "nowhere")
    assert done.code == 4
    assert "ERROR: --llmcost nowhere: there is no such file or folder" in done.out
    assert "Traceback" not in done.out


def test_a_broken_file_is_an_error_of_collection_with_every_line(run: Pytest, project: Path) -> None:
    write(project, "t.llmcost.yaml", SUITE.replace("training.gpus", "training.gpsu").replace("1k,", "x,"))
    write(project, "u.llmcost.yaml", SUITE.replace("below: 900", "below: 9k"))
    done = run()
    assert done.code == 2
    assert (
        "\nt.llmcost.yaml:10:23: cases: doubled: expect training.cost: expected a number, got 'x'\n"
        in done.out
    )
    assert (
        "\nt.llmcost.yaml:11:7: cases: doubled: expect: unknown metric 'training.gpsu'; did you mean"
        in done.out
    )
    assert "ERROR collecting t.llmcost.yaml" in done.out
    assert "Traceback" not in done.out
    assert "CollectError" not in done.out


def test_a_case_that_cannot_be_run_is_a_plain_line(run: Pytest, project: Path) -> None:
    write(project, "t.llmcost.yaml", SUITE.replace("scenario: ours\n", "scenario: nowhere\n"))
    done = run()
    assert done.code == 1
    assert done.summary.strip("= ").startswith("2 failed, 2 passed")
    assert "\nt.llmcost.yaml:4:15: no scenario is called 'nowhere'" in done.out
    assert "Traceback" not in done.out
    assert "LlmcostError" not in done.out


def test_workers_collect_and_say_the_same(project: Path) -> None:
    write(project, "t.llmcost.yaml", SUITE)
    write(project, "more/a.yaml", OURS)
    done = run_apart(project, "-n", "2", "-rA", "--llmcost", "more")
    assert done.code == 1
    told = re.findall(r"^(PASSED|FAILED) (.+)$", done.out, flags=re.MULTILINE)
    names = [*IDS, "more/a.yaml::training.cost"]
    wanted = dict.fromkeys(names, "PASSED") | {IDS[2]: "FAILED", "more/a.yaml::training.cost": "FAILED"}
    assert {name.partition(" - ")[0]: status for status, name in told} == wanted
    assert f"\n{FAILURE}" in done.out
    assert done.summary.strip("= ") == "2 failed, 3 passed, 1 warning"


def test_paths_are_seen_from_where_pytest_was_started(
    run: Pytest, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        project,
        "deep/t.llmcost.yaml",
        SUITE.replace("ours.yaml", "../ours.yaml").replace(": ours\n", ": ../ours.yaml\n"),
    )
    done = run("deep")
    assert f"\ndeep/{FAILURE}" in done.out
    monkeypatch.chdir(project / "deep")
    done = run("--rootdir", str(project))
    assert f"\n{FAILURE}" in done.out


def test_hostile_text_is_spelled_out(run: Pytest, project: Path) -> None:
    text = '"\\e[31mred\\a\\u202e\\n::error::pwned"'
    write(
        project,
        "t.llmcost.yaml",
        f"kind: tests\ncases:\n  - {{name: {text}, scenario: ours, expect: {{training.cost: [500, "
        f"{{value: 1, because: {text}}}, {{undefined: {text}}}, "
        f"{{value: 1, because: {text}, severity: warn}}]}}}}\n"
        f"  - {{name: b, scenario: {text.replace(':', '')}, expect: {{training.cost: 1}}}}\n",
    )
    write(project, "u.llmcost.yaml", f"kind: tests\n{text}: 1\ncases:\n  - {{{text}: 1}}\n")
    done = run("-v", "--color=no", "--continue-on-collection-errors")
    assert done.code == 1
    assert "3 failed, 2 passed, 1 warning, 1 error" in done.summary
    assert [sign for sign in done.out if not sign.isprintable() and sign != "\n"] == []
    assert [line for line in done.out.splitlines() if line.lstrip().startswith("::")] == []

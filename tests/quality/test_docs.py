"""What the pages say is what happens: every example in them is run, and nothing generated is stale."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from tasks.examples import ENVIRONMENT, blocks, pages, process, renewed
from tasks.generated import CODE, is_fresh

from calling import ROOT, Call
from llmcost.analysis.ask.load import library

README = (ROOT / "README.md").read_text("utf-8")
SIMPLE = set("|;&<>$`\\")
"""Characters without which a line means to a shell what `shlex` says it does."""


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_examples_print_what_stands_below_them(
    page: Path, tmp_path: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def call(command: list[str], folder: Path) -> str:
        """Run a plain call of llmcost in this process, which is faster, and all else as it is."""
        words = shlex.split(command[-1]) if command[:2] == ["bash", "-c"] else command
        if words[0] != "llmcost" or (command[0] == "bash" and SIMPLE & set(command[-1].replace("<=", ""))):
            return process(command, folder)
        library.cache_clear()  # a file may have been written in between
        done = llmcost(*words[1:])
        assert done.code < 70, done
        return done.err + done.out

    text = page.read_text("utf-8")
    assert renewed(text, tmp_path, call) == text, "run 'python -m tasks regenerate', and read the difference"


def test_the_pages_show_what_llmcost_says() -> None:
    found = [
        content
        for page in pages()
        for language, content in blocks(page.read_text("utf-8"))
        if language == "console"
    ]
    assert len(found) >= 15


def test_ci_runs_the_readme_test_command() -> None:
    (command,) = [text.strip() for language, text in blocks(README) if language == "sh" and "tasks" in text]
    assert command.endswith("python -m tasks check")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", CODE)
def test_what_is_generated_from_code_is_fresh(name: str) -> None:
    assert is_fresh(name, CODE[name]), f"{name} is stale; run 'python -m tasks regenerate'"

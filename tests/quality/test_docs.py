"""What the pages say is what happens: every example in them is run, and nothing generated is stale."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from ast import Expr, Expression, Module, parse
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from tasks.examples import ENVIRONMENT, blocks, pages, process, renewed
from tasks.generated import CODE, is_fresh, is_same_picture
from tasks.pictures import PICTURES

from calling import ROOT, Call, each
from llmcost import load
from llmcost.analysis.ask.load import library

README = (ROOT / "README.md").read_text("utf-8")


def plain(command: str) -> tuple[list[str], int | None] | None:
    """Return the words of a call of llmcost, and how many lines a `head` behind it leaves; None for all else
    that a shell may be told.
    """
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.commenters, lexer.whitespace_split = "", True
    words = list(lexer)
    lines = None
    if words[-3:-1] == ["|", "head"]:
        *words, _, _, count = words
        lines = int(count.removeprefix("-"))
    told = any(set(word) <= set("|;&<>()") for word in words) or set("$`\\") & set(command)
    return None if told or words[0] != "llmcost" else (words, lines)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_examples_print_what_stands_below_them(
    page: Path, tmp_path: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def call(command: list[str], folder: Path) -> str:
        """Run a script or a plain call of llmcost in this process, which is faster, and all else as it is."""
        library.cache_clear()  # a file may have been written in between
        if command[0] == sys.executable:
            with redirect_stdout(io.StringIO()) as printed:
                exec(compile(command[-1], page.name, "exec"), {"__name__": "__main__"})
            return printed.getvalue()
        found = (command, None) if command[0] == "llmcost" else plain(command[-1])
        if found is None:
            return process(command, folder)
        words, lines = found
        done = llmcost(*words[1:])
        assert done.code < 70, done
        return done.err + "".join(done.out.splitlines(keepends=True)[:lines])

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


def test_a_percent_sign_follows_its_number_at_once() -> None:
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "scenarios").rglob("*.yaml"), *pages()]
    apart = re.compile(r"""[0-9}] %([\s.,;:!?)"'”–/]|$)""", re.MULTILINE)
    found = {
        path.name: apart.findall(path.read_text("utf-8").replace("index % POINTS", "")) for path in files
    }
    assert not {name: signs for name, signs in found.items() if signs}


def test_ci_runs_the_readme_test_command() -> None:
    (command,) = [text.strip() for language, text in blocks(README) if language == "sh" and "tasks" in text]
    assert command.endswith("python -m tasks check")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@each("name", CODE)
def test_what_is_generated_from_code_is_fresh(name: str) -> None:
    assert is_fresh(name, CODE[name]), f"{name} is stale; run 'python -m tasks regenerate'"


@each("name", PICTURES)
def test_a_picture_shows_what_is_drawn_now(name: str) -> None:
    assert is_same_picture(name, PICTURES[name]()), f"{name} is stale; run 'python -m tasks regenerate'"


def test_every_picture_is_shown_somewhere() -> None:
    shown = " ".join(page.read_text("utf-8") for page in pages())
    assert [name for name in PICTURES if name.removeprefix("docs/") not in shown] == []
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "docs/pictures").iterdir()} == set(PICTURES)


def test_the_notebook_runs() -> None:
    """Each cell in turn, without a kernel; what a cell ends in is shown, as a notebook would."""
    notebook = json.loads((ROOT / "docs" / "notebook.ipynb").read_text("utf-8"))
    assert notebook["nbformat"] == 4
    names: dict[str, Any] = {}
    shown = []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        assert cell["outputs"] == []  # nothing that could be stale
        *most, last = parse("".join(cell["source"])).body
        exec(compile(Module(most, []), "notebook", "exec"), names)
        if isinstance(last, Expr):
            shown.append(eval(compile(Expression(last.value), "notebook", "eval"), names))
        else:
            exec(compile(Module([last], []), "notebook", "exec"), names)
    compared, ratios, chart, strongest, share, rows, ladder, course = shown
    assert all("text/html" in found._repr_mimebundle_() for found in (compared, ladder, course))
    assert ratios[0] == 1
    assert repr(
        chart
    ) == "<Chart: What moves unit.gross_margin of deepseek-v3@2025-03-01: DeepSeek-V3 on " + (
        "DeepSeek's own API>"
    )
    assert strongest in load("deepseek-v3").data
    assert 0 < share < 1
    assert rows == 6

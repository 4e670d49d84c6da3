"""Every verb prints, of the scenarios in tests/world, what it printed when somebody last read it.

Each verb has a golden file as a table and as JSON; Markdown and the forms of CI once for each shape of what
is shown. To renew after a change: `python -m tasks regenerate`, then read the diff.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
from typing import Any

import pytest

from calling import ROOT, Call, each
from commands import CASES, Case
from llmcost.verbs import VERBS

GOLDEN = ROOT / "tests" / "golden"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))
ENDINGS = {
    "table": "txt",
    "json": "json",
    "csv": "csv",
    "markdown": "md",
    "junit": "xml",
    "github": "log",
    "yaml": "yaml",
}
FILES = [(name, form) for name, case in CASES.items() for form in case.forms.split()]
FIRST = {case.command.split()[0]: case for case in reversed(CASES.values())}
"""A case of each verb."""


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, llmcost: Call) -> Any:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")

    def call(case: Case, form: str) -> str:
        done = llmcost(*shlex.split(case.command), "--format", form)
        assert (done.code, done.err) == (case.code, "")
        return done.out

    return call


def golden(name: str, form: str) -> str:
    return (GOLDEN / f"{name}.{ENDINGS[form]}").read_text("utf-8")


@each("name, form", FILES)
def test_golden(name: str, form: str, printed: Any) -> None:
    """A gate that fails prints the whole of its result first."""
    text = printed(CASES[name], form)
    if UPDATE:
        (GOLDEN / f"{name}.{ENDINGS[form]}").write_text(text, encoding="utf-8")
    assert text == golden(name, form)


def test_no_golden_file_is_left_over() -> None:
    expected = {f"{name}.{ENDINGS[form]}" for name, form in FILES}
    left = {path.name for path in GOLDEN.iterdir()} - expected
    if UPDATE:
        for name in left:
            (GOLDEN / name).unlink()
        left = set()
    assert left == set()


def test_every_verb_has_a_table_and_a_document() -> None:
    found = {(CASES[name].command.split()[0], form) for name, form in FILES}
    wanted = {
        (name, form) for name, verb in VERBS.items() if "table" in verb.forms for form in ("table", "json")
    }
    assert wanted - found == set()


@each("name", [name for name, form in FILES if form == "json"])
def test_a_document_is_versioned_and_finite(name: str) -> None:
    """Read from the golden file with a parser that refuses NaN and Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    document = json.loads(golden(name, "json"), parse_constant=refuse)
    assert document["format"] == f"llmcost/{CASES[name].command.split()[0]}"
    assert document["version"] == 1


@each("verb", FIRST)
def test_csv_and_jsonl_have_the_same_rows(verb: str, printed: Any) -> None:
    """A field is empty where the row lacks its key. Markdown there is of each verb as well."""
    lines = [json.loads(line) for line in printed(FIRST[verb], "jsonl").splitlines()]
    rows = list(csv.DictReader(io.StringIO(printed(FIRST[verb], "csv"))))
    assert lines
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines, strict=True):
        assert {key for key, value in row.items() if value} <= line.keys()
    assert printed(FIRST[verb], "markdown").endswith("\n")


def test_the_document_of_compare_is_unrounded(printed: Any) -> None:
    """4 ÷ 0.1 and 16 ÷ 0.2, and the costs that follow from eight and from two thousand tokens a second."""
    document = json.loads(printed(CASES["compare"], "json"))
    rows = {row["metric"]: row for row in document["rows"]}
    assert document["scenarios"] == ["lark", "wren"]
    assert document["workload"] == "chat"
    assert rows["price.input_per_mtok"]["values"] == [2, 0.2]
    assert rows["price.input_per_mtok"]["ratios"] == [1.0, 2 / 0.2]
    assert rows["price.cached_input_per_mtok"]["ratios"] == [1.0, 1 / 0.05]
    assert rows["serving.cost_per_mtok"]["values"][1] == pytest.approx(0.21875, rel=1e-15)
    assert rows["training.cost"]["values"] == [100e6, 5e6]
    assert "intervals" not in rows["training.cost"], "nobody asked for them"

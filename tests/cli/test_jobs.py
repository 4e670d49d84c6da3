"""Files that processes share: the same bytes whatever their number."""

from __future__ import annotations

from pathlib import Path

import pytest

from calling import Call
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.tree import files_read

SCENARIO = """\
kind: model
price: {{input_per_mtok: {number}, output_per_mtok: {number}}}
expect:
  price.blended_per_mtok: {{above: 2, because: "we must live"}}
  price.input_per_mtok: {{between: [0, 9]}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand beside a folder of files: some fail, one is wrong in two ways."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("llmcost.scenario.finding.read_document", read_document)  # each time anew
    found = Path("many")
    found.mkdir()
    for number in range(1, 9):
        (found / f"m{number}.yaml").write_text(SCENARIO.format(number=number), encoding="utf-8")
    return found


@pytest.mark.parametrize("verb", ["check", "validate"])
@pytest.mark.parametrize("wrong", [False, True])
def test_the_result_is_the_same_whatever_the_number(
    verb: str, wrong: bool, folder: Path, llmcost: Call
) -> None:
    if wrong:
        (folder / "m3.yaml").write_text("price.input: 1\nkind: modle\n", encoding="utf-8")
    one = llmcost(verb, "many", "--format", "json")
    assert one.err.count("write 'between: 0 to 9'") == 8 - wrong
    assert llmcost(verb, "many", "--format", "json", "--jobs", "2") == one
    assert files_read >= {
        (status.st_dev, status.st_ino) for path in folder.iterdir() for status in [path.stat()]
    }
    assert one.code == {("check", False): 1, ("check", True): 2, ("validate", False): 0}.get((verb, wrong), 2)


def test_to_stop_early_takes_one_process(folder: Path, llmcost: Call) -> None:
    one = llmcost("check", "many", "--exitfirst")
    assert llmcost("check", "many", "--exitfirst", "-j", "4") == one
    assert one.code == 1

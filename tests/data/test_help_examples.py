"""The examples of the help work on the scenarios that come along."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from calling import ROOT, Call
from llmcost.verbs import VERBS

SCENARIO = "price: {blended_per_mtok: 4}\nserving: {cost_per_mtok: 3}\nexpect: {unit.gross_margin: 25%}\n"


@pytest.mark.parametrize("name", VERBS)
def test_the_examples_work(name: str, llmcost: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("scenarios").mkdir()
    for path in ("scenarios/ours.yaml", *(["my-model.yaml"] if name == "validate" else [])):
        Path(path).write_text(SCENARIO, encoding="utf-8")
    if name == "diff":
        assert llmcost("snapshot", "scenarios", "-o", "snapshot.json").code == 0
    sample = ROOT / "tests" / "imports" / "vllm-bench-serve.json"
    Path("bench.json").write_text(sample.read_text("utf-8"), encoding="utf-8")
    Path("fleets.csv").write_text("rent,serving.utilization\n2,50%\n", encoding="utf-8")
    for example in VERBS[name].examples:
        done = llmcost(*shlex.split(example))
        assert done.code == 0, (example, done.err)

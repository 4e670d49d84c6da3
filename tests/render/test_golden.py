"""Every command in every form prints what it printed when somebody last read it.

To renew after a change: `python -m tasks regenerate`, then read the diff.
"""

from __future__ import annotations

import json
import os

import pytest

from calling import ROOT
from llmcost.analysis.ask.load import library
from llmcost.cli.app import run

GOLDEN = ROOT / "tests" / "golden"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))

COMMANDS = {
    "compare": "compare gpt4o deepseek-v3",
    "compare-launch": "compare gpt4o deepseek-v3 --as-of 2025-01-29",
    "compare-three": "compare o1 deepseek-r1 gpt-4",
    "compare-companies": "compare openai-2024 anthropic-2024 openai-h1-2025",
    "compare-mixed": "compare gpt-4o deepseek-day",
    "compare-nothing-shared": "compare gpt-4o openai-2024",
    "compare-products": "compare chatgpt-plus chatgpt-pro",
    "compare-capital": "compare hyperscaler-capex hyperscaler-capex:spend-200b",
    "show-fleet": "show deepseek-day",
    "show-product": "show wrapper-startup --set product.supplier_price_multiplier=10",
    "show-capital": "show hyperscaler-capex:spend-200b",
    "show-company": "show openai-2024:azure-leak",
    "show-all": "show gpt-4 --all",
    "show-metric": "show openai-2024 --metric company --metric breakeven.*_multiplier",
    "show-set": "show deepseek-v3 --workload rag --set serving.gpu_hour_cost=*2 --metric unit",
    "explain": "explain openai-2024 breakeven.api_only_multiplier",
    "explain-dated": "explain gpt-4o@2024-06-01 price.blended_per_mtok",
    "explain-supplier": "explain wrapper-startup@2024-09-01 product.base_token_cost_per_unit",
    "explain-missing": "explain gpt-4 unit.gross_margin",
    "explain-undefined": "explain deepseek-day unit.markup --workload chat",
    "breakeven": "breakeven openai-2024",
    "breakeven-narrow": "breakeven openai-2024:epoch --payer uniform --compute paid --elasticity 0,0.9,1,1.5",
    "breakeven-no-inference": "breakeven anthropic-2024 --elasticity 0,0.5",
    "sweep-matrix": "sweep deepseek-v3 --vary serving.utilization=0:1:5 --vary serving.gpu_hour_cost=1,2,4 "
    "--metric unit.gross_margin",
    "sweep-scenarios": "sweep openai-2024 openai-2024:epoch --metric company.gross_margin "
    "--metric revenue.total",
    "sweep-band": "sweep openai-2024 --vary market.price_elasticity=0:1.2:7 "
    "--metric breakeven.api_only_multiplier --band 10:100",
    "solve": "solve openai-2024 --vary revenue.api --until company.operating_profit=0",
    "solve-inequality": "solve deepseek-v3 --vary serving.utilization --until unit.gross_margin>=50%",
    "sensitivity": "sensitivity openai-2024 --metric company.operating_margin",
    "simulate": "simulate openai-2024 --metric cost.total --metric company.net_burn_per_month --draws 500",
    "compare-uncertainty": "compare deepseek-v3 deepseek-r1 --uncertainty --draws 500",
    "project": "project openai-2024-projection:credits+round-2025 --by quarter --metric company.gross_margin",
    "project-bare": "project openai-2024 --months 6",
    "project-reprice": "project openai-2024-projection:api-6x --by year --months 24",
    "project-models": "project model-cohorts",
    "project-metric": "project deepseek-v3 --months 24 --by year --metric unit.gross_margin "
    "--trajectory serving.gpu_hour_cost=-30%/year",
    "simulate-project": "simulate openai-2024 --metric project.runway_months --months 36 --draws 200",
    "claims": "claims scenarios/claims/2024-09-subprime-ai-crisis.yaml",
    "claims-show": "claims show v3-53x-cheaper",
    "validate": "validate scenarios/workloads scenarios/companies/anthropic-2024.yaml",
    "list": "list",
    "list-kind": "list scenarios deepseek --kind model",
    "list-metrics": "list metrics margin",
    "list-inputs": "list inputs serving",
}
FORMS = {"table": "txt", "json": "json", "csv": "csv", "markdown": "md"}
FAILING = {
    "check": "check tests/expectations",
    "diff": "diff openai-2024 openai-2024:azure-leak+inference-2b --tolerance 5% --fail-on regression",
}
GATE_FORMS = {**FORMS, "junit": "xml", "github": "log"}


def output(
    command: str,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
    code: int = 0,
) -> str:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("LLMCOST_PATH", raising=False)
    monkeypatch.chdir(ROOT)
    library.cache_clear()  # one that another test has filled may stand in another folder
    monkeypatch.setattr("sys.argv", ["llmcost", *command.split()])
    assert run() == code
    printed, complaints = capfdbinary.readouterr()
    assert complaints == b""
    return printed.decode("utf-8")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", COMMANDS)
def test_golden(
    name: str, form: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = output(f"{COMMANDS[name]} --format {form}", capfdbinary, monkeypatch)
    path = GOLDEN / f"{name}.{FORMS[form]}"
    if UPDATE:
        path.write_text(printed, encoding="utf-8")
    assert printed == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", GATE_FORMS)
@pytest.mark.parametrize("name", FAILING)
def test_golden_of_what_fails(
    name: str, form: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate that fails prints the whole of its result first."""
    printed = output(f"{FAILING[name]} --format {form}", capfdbinary, monkeypatch, code=1)
    path = GOLDEN / f"{name}.{GATE_FORMS[form]}"
    if UPDATE:
        path.write_text(printed, encoding="utf-8")
    assert printed == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    expected = {f"{name}.{ending}" for name in COMMANDS for ending in FORMS.values()}
    expected |= {f"{name}.{ending}" for name in FAILING for ending in GATE_FORMS.values()}
    assert {path.name for path in GOLDEN.iterdir()} == expected


@pytest.mark.parametrize("name", [*COMMANDS, *FAILING])
def test_json_is_versioned_and_finite(name: str) -> None:
    """Read from the golden file with a parser that refuses NaN and Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    document = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"), parse_constant=refuse)
    assert document["format"] == f"llmcost/{(COMMANDS | FAILING)[name].split()[0]}"
    assert document["version"] == 1


def test_json_of_compare_is_unrounded() -> None:
    """2.50 ÷ 0.27, 1.25 ÷ 0.07 and 10 ÷ 1.10, to the last digit."""
    document = json.loads((GOLDEN / "compare.json").read_text("utf-8"))
    rows = {row["metric"]: row for row in document["rows"]}
    assert document["scenarios"] == ["gpt-4o", "deepseek-v3"]
    assert document["workload"] == "chat"
    assert rows["price.input_per_mtok"]["values"] == [2.5, 0.27]
    assert rows["price.input_per_mtok"]["ratios"] == [1.0, 2.5 / 0.27]
    assert rows["price.cached_input_per_mtok"]["ratios"] == [1.0, 1.25 / 0.07]
    assert rows["price.output_per_mtok"]["ratios"] == [1.0, 10 / 1.10]
    assert rows["training.cost"]["values"] == [100e6, 2_788_000 * 2.0]

"""The invented world is in order: its files are valid, and its figures are what one works out by hand."""

from __future__ import annotations

from calling import WORLD
from llmcost import check, claims, list_scenarios, validate
from llmcost.scenario.claims import VERDICTS

FOLDERS = ("companies", "infrastructure", "models", "products", "workloads")


def test_every_file_is_valid() -> None:
    result = validate(".")
    assert result.problems == ()
    assert len(result.files) == len(list(WORLD.rglob("*.yaml")))


def test_what_is_expected_of_the_scenarios_holds() -> None:
    result = check(*FOLDERS)
    assert [outcome.name for outcome in result.outcomes if outcome.status != "passed"] == []
    assert len(result.outcomes) > 10


def test_every_kind_of_verdict_is_there() -> None:
    verdicts = {judged.verdict for judged in claims("claims").judged}
    assert verdicts == {*VERDICTS}


def test_no_other_scenario_is_found() -> None:
    """Tests of code can name no bundled scenario, so that none of them depends on its figures."""
    names = {row.name for row in list_scenarios()}
    assert {"lark", "wren", "acme", "fleet", "seat"} <= names
    assert not {"gpt-4o", "deepseek-v3", "openai-2024"} & names

"""The schemas agree with the readers."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import yaml

from calling import ROOT


def plain(value: object) -> object:
    """Return what YAML read as JSON would have it: keys and dates are text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, datetime.date) else value


def read(text: str) -> object:
    return plain(yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def validator_of(name: str) -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads((ROOT / name).read_text("utf-8")))


def test_the_schema_agrees_with_the_reader() -> None:
    """Every bundled scenario passes the schema, and the schema refuses what an editor should underline."""
    validator = validator_of("scenario.schema.json")
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        if path.parent.name == "claims":
            continue
        faults = [fault.message for fault in validator.iter_errors(read(path.read_text("utf-8")))]
        assert faults == [], path
    for text in (
        "prise: {}",
        "price: {input: 1}",
        "price: {input_per_mtok: -1}",
        "serving: {utilization: 1.5}",
        "price: {input_per_mtok: {value: 1, basis: guessed}}",
        "price: {input_per_mtok: {value: 1, sauce: x}}",
        "price: {input_per_mtok: [1]}",
        "kind: modell",
        "llmcost: 2",
        "expect: {unit.margin: 1}",
        "variants: {a: {price.nothing: 1}}",
    ):
        assert not validator.is_valid(read(text)), text
    for text in ("price: {blended_per_mtok: 4}", "price.input_per_mtok: 3.7B", "expect: {unit.markup: 545%}"):
        assert validator.is_valid(read(text)), text


def test_the_schema_of_test_files_agrees_with_the_reader() -> None:
    validator = validator_of("tests.schema.json")
    loader = type("Plain", (yaml.BaseLoader,), {})  # dates stay texts, as in JSON
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n# \S+\n(llmcost: 1\nkind: tests\n.*?)```", page, flags=re.DOTALL)
    example = example.replace("llmcost: 1\n", "")
    assert validator.is_valid(yaml.load(example, loader))
    case = "kind: tests\ncases: [{name: a, scenario: gpt-4o, expect: {price.output_per_mtok: {above: '1'}}}]"
    assert validator.is_valid(yaml.load(case, loader))
    for fault in (
        case.replace("kind: tests", "kind: model"),
        case.replace("name: a, ", ""),
        case.replace("scenario", "scenarios"),
        case.replace("price.output_per_mtok", "price.output"),
        case.replace("above", "over"),
        "kind: tests",
        "kind: tests\ncases: []",
    ):
        assert not validator.is_valid(yaml.load(fault, loader)), fault


def test_the_schema_of_ledgers_agrees_with_the_reader() -> None:
    """The bundled ledgers pass, and of the fixtures what an editor can see is refused."""
    validator = validator_of("claims.schema.json")

    def faults(path: Path) -> list[str]:
        found = validator.iter_errors(read(path.read_text("utf-8")))
        return [fault.message for fault in found]

    ledgers = sorted((ROOT / "scenarios" / "claims").glob("*.yaml"))
    assert ledgers
    assert [path for path in ledgers if faults(path)] == []
    for name in (
        "no-claims",
        "kind-other",
        "version-unknown",
        "ledger-unknown-key",
        "claim-unknown-key",
        "claim-without-statement",
        "no-readings",
        "readings-empty",
        "reading-unknown-key",
        "all-unknown-key",
        "compare-one",
        "as-unknown",
        "set-unknown",
        "ranges-unknown",
        "believe-text",
        "verdict-unknown",
        "url-bad",
        "when-bad",
    ):
        assert faults(ROOT / "tests" / "bad_claims" / f"{name}.yaml"), name

"""The project's own standards: style, types, layers, and a wheel that works on its own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-m", "ruff", "check", "."],
        [sys.executable, "-m", "ruff", "format", "--check", "."],
        [sys.executable, "-m", "mypy"],
        [str(BIN / "lint-imports")],
    ],
    ids=["ruff check", "ruff format", "mypy", "import-linter"],
)
def test_standard(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean virtual environment with nothing but the built wheel and its dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    quiet = ["--quiet", "--disable-pip-version-check"]
    build = [sys.executable, "-m", "pip", "wheel", *quiet, "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", *quiet, str(wheel)], check=True, capture_output=True)
    return python


def test_the_wheel_runs_the_main_job_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    command = [str(installed.with_name("llmcost")), "compare", "gpt4o", "deepseek-v3"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "tests" / "golden" / "compare.txt").read_text(encoding="utf-8")
    assert not list(tmp_path.iterdir())


def test_the_wheel_brings_every_scenario_and_is_typed(installed: Path, tmp_path: Path) -> None:
    program = (
        "import llmcost, pathlib; p = pathlib.Path(llmcost.__file__).parent; print((p / 'py.typed').exists(),"
        "len(llmcost.list_scenarios()), len(llmcost.validate(p / 'bundled').files))"
    )
    done = subprocess.run(
        [str(installed), "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    count = len(list((ROOT / "scenarios").rglob("*.yaml")))
    assert done.stdout == f"True {count} {count}\n"


def test_the_schema_agrees_with_the_reader() -> None:
    """Every bundled scenario passes the schema, and the schema refuses what an editor should underline."""
    import datetime
    import json

    import jsonschema
    import yaml

    validator = jsonschema.Draft202012Validator(
        json.loads((ROOT / "scenario.schema.json").read_text("utf-8"))
    )

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {str(key): plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return str(value) if isinstance(value, datetime.date) else value

    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        faults = [
            fault.message for fault in validator.iter_errors(plain(yaml.safe_load(path.read_text("utf-8"))))
        ]
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
        assert not validator.is_valid(plain(yaml.safe_load(text))), text
    for text in ("price: {blended_per_mtok: 4}", "price.input_per_mtok: 3.7B", "expect: {unit.markup: 545%}"):
        assert validator.is_valid(plain(yaml.safe_load(text))), text

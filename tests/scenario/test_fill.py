"""What a header key takes from the scenario that it names, whatever it fills."""

from __future__ import annotations

from pathlib import Path

import pytest

from calling import each, refusal
from llmcost.errors import LlmcostError, Place
from llmcost.scenario.fill import FILLS, Fill
from llmcost.scenario.library import Library
from llmcost.scenario.reference import Link, Reference, parse_reference
from llmcost.scenario.settled import Scenario

RENT = "serving.gpu_hour_cost"
RATE = "serving.decode_tokens_per_gpu_second"
ACCELERATOR = Fill("accelerator", "The GPU.", {RENT: RENT, RATE: RATE}, "accelerator", "accelerator")
LISTS = "'llmcost list scenarios --kind accelerator'"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    others = (fill for fill in FILLS if fill.key not in ("accelerator", "efficiency_of"))
    monkeypatch.setattr("llmcost.scenario.library.FILLS", (ACCELERATOR, *others))
    for path, text in {
        "scenarios/accelerators/a100.yaml": f"kind: accelerator\naliases: [ampere]\n{RENT}: 1\n{RATE}: 500\n",
        "scenarios/models/a100.yaml": f"kind: model\n{RENT}: 99\n",
        "scenarios/models/other.yaml": f"kind: model\naliases: [gpu]\n{RENT}: 88\n",
        "mine.yaml": f"kind: model\n{RATE}: {{value: 700, source: our own}}\n",
    }.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")


def filled(name: str) -> Scenario:
    """Return mine.yaml as it is with `accelerator: NAME` in its header."""
    shelf = Library()
    file = shelf.read(Path("mine.yaml"))
    link = Link(name, Place("mine.yaml", 1, 14), parse_reference(name))
    return shelf.settle(file._replace(links={"accelerator": link}), Reference("mine"))


@each("name", ["a100", "A-100", "ampere", "scenarios/accelerators/a100.yaml"])
def test_it_fills_what_is_not_stated_from_its_own_kind(name: str) -> None:
    data = filled(name).data
    assert (data[RENT].value, data[RENT].source) == (1, "accelerator a100")
    assert (data[RATE].value, data[RATE].source) == (700, "our own")


@each(
    "name, said",
    [
        ("a1000", f"accelerator: no accelerator is called 'a1000'; {LISTS} lists them"),
        ("gpu", f"accelerator: 'gpu' is of kind model, not accelerator; {LISTS} lists those"),
        ("mine.yaml", "accelerator: 'mine.yaml' is this scenario itself"),
        ("no.yaml", "accelerator: no.yaml: there is no such file or folder"),
        ("a100:big", "accelerator: a100: unknown variant 'big'; it has none"),
    ],
)
def test_what_cannot_fill_is_refused_where_it_is_named(name: str, said: str) -> None:
    assert refusal(filled, name) == f"mine.yaml:1:14: {said}"


def test_what_states_nothing_of_use_is_refused() -> None:
    Path("scenarios/accelerators/bare.yaml").write_text("kind: accelerator\ntitle: x\n", encoding="utf-8")
    with pytest.raises(LlmcostError, match=f"bare states none of {RENT}, {RATE}"):
        filled("bare")


def test_a_key_is_known_once_the_vocabulary_has_what_it_fills() -> None:
    assert [fill.key for fill in FILLS][:1] == ["supplier"]
    assert all(fill.takes for fill in FILLS)


def test_an_alternative_is_named_in_a_file_as_a_supplier_is() -> None:
    Path("api.yaml").write_text(
        "price.input_per_mtok: {values: {2025-01-01: 4, 2026-01-01: 3}, source: list}\n"
        "price.output_per_mtok: 9\n",
        encoding="utf-8",
    )
    Path("own.yaml").write_text(
        "kind: model\nalternative: ./api.yaml\nalternative.output_per_mtok: 8\n"
        "variants: {dear: {alternative.input_per_mtok: '*2'}, other: {alternative: ./own-api.yaml}}\n",
        encoding="utf-8",
    )
    Path("own-api.yaml").write_text("price.input_per_mtok: 1\n", encoding="utf-8")

    def paid(reference: str) -> tuple[float, float]:
        data = Library().load(reference).data
        return data["alternative.input_per_mtok"].value, data["alternative.output_per_mtok"].value

    assert paid("own.yaml") == (3, 8)
    assert paid("own.yaml@2025-06-01") == (4, 8)
    assert paid("own.yaml:dear") == (6, 8)
    assert paid("own.yaml:other") == (1, 8)
    source = Library().load("own.yaml").data["alternative.input_per_mtok"].source
    assert source == "list price of api, list"

"""YAML as a tree: what is refused, at which place, and how soon."""

from __future__ import annotations

import time

import pytest
import yaml

from calling import each, refusal
from llmcost.errors import LlmcostError
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.ledger import read_ledger

LONG = "x" * 1_000_000


def complaint(text: str) -> str:
    return refusal(read_document, text, "x", "x.yaml")


@each(
    "use", ["{price.input_per_mtok: {value: 1, note: *a}}", "{price.input_per_mtok: *a}", "{note: *a}", "*a"]
)
def test_a_long_text_that_aliases_repeat_is_refused_at_once(use: str) -> None:
    variants = "".join(f"  v{number}: {use}\n" for number in range(10_000))
    start = time.process_time()
    said = complaint(f'title: "x"\nnote: &a "{LONG}"\nvariants:\n{variants}')
    assert "grows beyond 200,000 values, most of them through aliases" in said
    assert time.process_time() - start < 2


def test_a_long_text_in_a_ledger_too() -> None:
    claims = "".join(f"  c{number}: {{statement: *a, url: *a, who: *a}}\n" for number in range(10_000))
    start = time.process_time()
    with pytest.raises(LlmcostError, match="grows beyond"):
        read_ledger(f'kind: claims\nnote: &a "{LONG}"\nclaims:\n{claims}', "x.yaml")
    assert time.process_time() - start < 2


def test_a_long_text_alone_is_read() -> None:
    read = read_document(f'note: "{LONG}"\nprice.input_per_mtok: 1\n', "x", "x.yaml")
    assert getattr(read, "note", "") == LONG


TEXTS = ("title", "note", "extends", "supplier", "start", "kind", "aliases", "url", "as_of", "unit", "basis")


@each("key", TEXTS)
def test_no_text_takes_long_however_it_goes_on(key: str) -> None:
    for part in (" ", "1", "@", ":", "a@", "-", "a.", "/", "x ", "+", "%", "1 to "):
        long = part * (100_000 // len(part)) + "!"
        field = f'price.input_per_mtok: {{value: 1, {key}: "{long}"}}'
        start = time.process_time()
        complaint(f'{field}\n{key}: "{long}"\nx: 1\n')
        assert time.process_time() - start < 1, (key, part)


@each("value", ['"x%s!/"', '"+%s8%%/month"', "{at: 1, cost.staff: '*%s!'}", "{growth: 'x%s/', source: y}"])
def test_no_trajectory_takes_long(value: str) -> None:
    start = time.process_time()
    complaint(f"trajectory: {{revenue.api: {value % (' ' * 100_000)}}}\nx: 1\n")
    assert time.process_time() - start < 1


@pytest.mark.parametrize("code", ["\\U00110000", "\\Uffffffff", "\\ud800", "\\udfff"])
@pytest.mark.parametrize("libyaml", [True, False])
def test_an_escape_of_no_character(code: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not libyaml:
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    said = complaint(f'kind: model\ntitle: "{code}"\n')
    assert said.startswith("x.yaml:2:")
    assert said.endswith("is not YAML: found invalid Unicode character escape code")


@each(
    "text, said",
    [
        (
            "note: |\n  Head\n  =======\nprice: %5\n",
            "x.yaml:4:8: is not YAML: this character is not allowed here",
        ),
        (
            'note: "a\n\n=======\n\tb"\nprice: %5\n',
            "x.yaml:5:8: is not YAML: this character is not allowed here",
        ),
        (
            "price:\n<<<<<<< mine\n  a: 1\n=======\n  a: 2\n>>>>>>> theirs\n",
            "x.yaml:2:1: is not YAML: there is a merge conflict here, '<<<<<<<'",
        ),
        (
            "price:\n\tinput_per_mtok: 1\n",
            "x.yaml:2:1: is not YAML: this character is not allowed here; indent with spaces, not tabs",
        ),
    ],
)
def test_what_is_not_to_blame_is_not_blamed(text: str, said: str) -> None:
    assert complaint(text) == said

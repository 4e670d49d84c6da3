"""Whatever a file holds, it is read or refused with the place; and what is dumped is read back."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calling import scenario_in
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.scenario.files.override import read_override
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.files.tree import decode
from llmcost.scenario.values.datum import DISTRIBUTIONS, Datum

VALID: Final = """\
# yaml-language-server: $schema=../scenario.schema.json
llmcost: 1
title: "Modèle d'essai: décembre"
kind: model
aliases: [essai, test-model]
note: >-
  A note over
  two lines.
price:
  input_per_mtok: {value: $2.50, basis: disclosed, source: "price list", url: "https://example.com/prices"}
  output_per_mtok:
    unit: USD/Mtok
    values:
      2024-05-13: {value: 15, as_of: 2024-05}
      2024-10-02: 10
      2025-01-01: null
traffic: &traffic
  input_tokens_per_day: 608B
  cached_input_share: 56.3%
serving:
  gpu_hour_cost: 2 to 4
  utilization: {value: 50%, low: 30%, high: 0.7, dist: pert, note: 'so to "say"'}
training.gpu_hours: 2664k + 119k + 5k
variants:
  dear: {serving.gpu_hour_cost: 3.70, note: Market rate}
  other: {traffic: *traffic}
expect:
  training.gpu_hours: {value: 2.788M, within: 0.1%, because: their report}
"""

WORDS: Final = [
    *("llmcost: 1", "price:", "  input_per_mtok: ", "serving.utilization: ", "variants:", "expect:", "  - "),
    *("&a", "*a", "<<: ", "!!int ", "? ", ": ", "{", "}", "[", "]", '"', "'", "|", ">", "#", "%", "@", "\n"),
    *("---\n", "...\n", "\t", "  ", "1e400", ".nan", "2 to 1", "12:30", "yes", "null", "2024-05-13", "é"),
    *("\x00", "\x85", "\u2028", "\ufeff", "\ud800", "\U0001f600", "\\x", "\r", "value: ", "values: ", "27%"),
]


def complaints(text: str) -> tuple[Problem, ...]:
    """Read a text and return what is complained about."""
    try:
        scenario_in(text, "fuzz", "fuzz.yaml")
    except LlmcostError as error:
        return error.problems or (Problem("is refused without a word"),)
    return ()


def faults(text: str) -> list[str]:
    """Read a text and return the complaints that have no place in it, are no printable line, or leave the
    order of the file.
    """
    last = len(text.splitlines()) + 1
    found = complaints(text)
    places = [(problem.line or 0, problem.column or 0) for problem in found]
    return [
        repr(problem)
        for problem, place, sound in zip(found, places, sorted(places), strict=True)
        if problem.where != "fuzz.yaml"
        or place != sound
        or not 1 <= place[0] <= last
        or not 1 <= place[1] <= len(text) + 1
        or not str(problem).isprintable()
    ]


@pytest.fixture(params=["libyaml", "pure Python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with both parsers that PyYAML has."""
    if request.param == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


FUZZ: Final = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_what_the_mutations_start_from_is_valid() -> None:
    assert complaints(VALID) == ()


@pytest.mark.usefixtures("parser")
@FUZZ
@given(st.text(st.characters(), max_size=200))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    assert faults(text) == []


@pytest.mark.usefixtures("parser")
@FUZZ
@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
def test_any_heap_of_yaml_is_read_or_refused_with_its_place(text: str) -> None:
    assert faults(text) == []


def is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(
    st.binary(max_size=200)
    | st.builds(bytes.__add__, st.sampled_from([b"\xef\xbb\xbf", b"title: "]), st.binary())
)
def test_any_bytes_are_decoded_or_refused_with_their_place(data: bytes) -> None:
    body = data.removeprefix(b"\xef\xbb\xbf")
    readable = max(length for length in range(len(body) + 1) if is_utf_8(body[:length]))
    try:
        text = decode(data, "fuzz.yaml")
    except LlmcostError as error:
        messages = [str(problem) for problem in error.problems]
    else:
        assert text == body.decode()
        return
    before = body[:readable].decode().split("\n")
    assert messages == [
        f"fuzz.yaml:{len(before)}:{len(before[-1]) + 1}: "
        f"is not UTF-8: byte 0x{body[readable]:02x} here; save the file as UTF-8"
    ]


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """Return the valid scenario with a few lines or characters lost, doubled or replaced."""
    text = VALID
    for _ in range(draw(st.integers(1, 4))):
        by_line = draw(st.booleans())
        parts = text.splitlines(keepends=True) if by_line else list(text)
        at = draw(st.integers(0, len(parts)))
        other = draw(
            st.sampled_from(WORDS) | st.sampled_from(VALID.splitlines(keepends=True)) | st.text(max_size=3)
        )
        match draw(st.sampled_from(["delete", "double", "replace", "insert", "cut"])):
            case "delete":
                parts[at : at + 1] = []
            case "double":
                parts[at:at] = parts[at : at + 1]
            case "replace":
                parts[at : at + 1] = [other]
            case "insert":
                parts.insert(at, other)
            case _:
                parts[at:] = []
        text = "".join(parts)
    return text


@pytest.mark.usefixtures("parser")
@settings(FUZZ, max_examples=120)
@given(mutations())
def test_a_damaged_scenario_is_read_or_refused_with_its_place(text: str) -> None:
    assert faults(text) == []


@given(
    st.sampled_from(sorted(MODEL.quantities)),
    st.lists(st.sampled_from(WORDS), max_size=6).map("".join) | st.text(),
)
def test_any_override_is_read_or_refused_in_one_line_each(name: str, value: str) -> None:
    try:
        override = read_override(f"{name}={value}")
    except LlmcostError as error:
        problems = error.problems
    else:
        assert override.name == name
        return
    assert problems
    for problem in problems:
        assert (problem.line, problem.column) == (None, None)
        assert str(problem).startswith("--set ")
        assert str(problem).isprintable()


# --- what is dumped is read back -------------------------------------------------------------------

# PyYAML itself does not read back all the line ends of Unicode that it writes.
TEXTS: Final = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x85\u2028\u2029"), min_size=1, max_size=30
).filter(str.strip)
DAYS: Final = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))
BASES: Final = st.sampled_from(["disclosed", "reported", "stated", "estimated", "assumed"])
Given = dict[str, Any]


def amounts(name: str) -> st.SearchStrategy[float]:
    quantity = MODEL.quantities[name]
    least, most = quantity.low or 0.0, quantity.high or 1e30
    smallest = max(least, 1e-30)
    if quantity.unit == "USD/Mtok":
        smallest, most = 1e-4, 1e5
    return st.just(least) | st.floats(smallest, most)


@st.composite
def data(draw: st.DrawFn, name: str) -> Given:
    """Return what is said about one number, as a dictionary with the keys of the file."""
    low, value, high = sorted(draw(st.tuples(amounts(name), amounts(name), amounts(name))))
    found: Given = {"value": value}
    if low < high and draw(st.booleans()):
        found |= {"low": low, "high": high}
        if value in (low, high):
            found["dist"] = draw(st.sampled_from(["triangular", "uniform", "pert", "fixed"]))
        elif low > 0 and draw(st.booleans()):
            found["dist"] = draw(st.sampled_from(DISTRIBUTIONS))
    optional = {
        "basis": BASES,
        "source": TEXTS,
        "note": TEXTS,
        "url": TEXTS.map("https://example.com/{}".format),
        "as_of": DAYS.map(str) | DAYS.map(lambda day: str(day)[:7]) | DAYS.map(lambda day: str(day)[:4]),
    }
    return found | {key: draw(strategy) for key, strategy in optional.items() if draw(st.booleans())}


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """Return a scenario as a dictionary: some quantities bare, some described, some dated."""
    result: dict[str, Any] = {"llmcost": 1}
    for name in draw(st.lists(st.sampled_from(sorted(MODEL.inputs)), unique=True, max_size=6)):
        section, _, key = name.partition(".")
        match draw(st.sampled_from(["bare", "described", "dated", "ended"])):
            case "bare":
                value: Any = draw(amounts(name))
            case "described":
                value = draw(data(name))
            case "dated":
                value = {"values": draw(st.dictionaries(DAYS, data(name), min_size=1, max_size=3))}
            case _:
                value = None
        if draw(st.booleans()):
            result[name] = value
        else:
            result.setdefault(section, {})[key] = value
    return result


def stated(datum: Datum) -> Given:
    """Return what a datum says as a dictionary with the keys of the file."""
    keys = ("value", "low", "high", "dist", "basis", "source", "url", "as_of", "note")
    return {key: getattr(datum, key) for key in keys if getattr(datum, key) is not None}


def as_written(entry: Given) -> Given:
    """Return a dictionary of the file with the one default, and texts without spaces around them."""
    trimmed = {key: value.strip() if isinstance(value, str) else value for key, value in entry.items()}
    return {"basis": "stated", **trimmed}


def flat(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return the quantities of a dictionary by their full names."""
    found = {name: value for name, value in scenario.items() if "." in name}
    for section, inner in scenario.items():
        if isinstance(inner, dict) and "." not in section:
            found |= {f"{section}.{key}": value for key, value in inner.items()}
    return found


def check(file: ScenarioFile, written: dict[str, Any]) -> None:
    assert set(file.quantities) == set(written)
    for name, value in written.items():
        entries = dict(file.quantities[name].entries)
        if isinstance(value, dict) and "values" in value:
            found = {day: stated(datum) for day, datum in entries.items() if datum is not None}
            assert found == {day: as_written(entry) for day, entry in value["values"].items()}
            assert list(entries) == sorted(value["values"])
            continue
        (datum,) = entries.values()
        if value is None:
            assert datum is None
        else:
            assert datum is not None
            assert stated(datum) == as_written(value if isinstance(value, dict) else {"value": value})


@given(scenarios(), st.booleans(), st.sampled_from([None, True, False]), st.sampled_from([20, 80, 1000]))
def test_what_is_dumped_is_read_back(
    written: dict[str, Any], unicode: bool, flow: bool | None, width: int
) -> None:
    text = yaml.safe_dump(
        written, allow_unicode=unicode, default_flow_style=flow, width=width, sort_keys=False
    )
    quantities = flat(written)
    if not quantities:
        assert complaints(text) == ()
        return
    check(scenario_in(text, "dumped", "dumped.yaml"), quantities)


@given(st.sampled_from(sorted(MODEL.inputs)), st.data())
def test_a_range_is_read_back(name: str, draws: st.DataObject) -> None:
    low, high = sorted(
        draws.draw(st.tuples(amounts(name), amounts(name)).filter(lambda ends: ends[0] != ends[1]))
    )
    text = yaml.safe_dump({name: f"{low!r} to {high!r}"})
    (entry,) = scenario_in(text, "dumped", "dumped.yaml").quantities[name].entries
    datum = entry[1]
    assert datum is not None
    assert (datum.low, datum.high) == (low, high)
    assert low <= datum.value <= high

"""Snapshots: what is written, that it reads back as it was, and what a bad one is told."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calling import WORLD, Call, Done, each, refusal, write
from llmcost import LlmcostError, snapshot
from llmcost.analysis.gates.snapshot import fingerprints, read
from llmcost.engine.registry import BASES
from llmcost.formulas import MODEL
from llmcost.scenario.files.snapshot import FORMAT, Recorded, RecordedScenario, Snapshot, dump, read_snapshot

SHOP: Final = """\
llmcost: 1
title: A shop
revenue: {api: 10M, subscription: {value: 30M, basis: reported}}
cost:
  inference: {value: 5M, low: 4M, high: 8M}
  staff: 10M
cash: {balance: 9M}
variants:
  larger: {cost.staff: 20M}
"""
MODEL_FILE: Final = """\
llmcost: 1
price:
  input_per_mtok: {values: {2024-01-01: 3, 2025-01-01: 2}}
  output_per_mtok: 8
"""
TESTS: Final = """\
llmcost: 1
kind: tests
cases:
  - {name: revenue, scenario: ./shop.yaml, expect: {revenue.total: 40M}}
"""
EDITED: Final = "it was edited by hand"


@pytest.fixture
def folder(home: Path) -> Path:
    """A working directory with a shop, a model in a folder, and tests beside them."""
    write("shop.yaml", SHOP)
    write("models/model.yaml", MODEL_FILE)
    write("models/shop.test.yaml", TESTS.replace("./", "../"))
    return home


def reread(taken: Snapshot) -> Snapshot:
    return read_snapshot(dump(taken), "")


# What is written


def test_the_whole_file(folder: Path) -> None:
    """Two inputs and what follows from them: 10/40 and so on, by hand."""
    write("tiny.yaml", "llmcost: 1\nrevenue: {api: 10, subscription: 30}\n")
    head = dump(snapshot("tiny.yaml")).partition('  "formulas": {\n')[0]
    assert head == (
        "{\n"
        '  "format": "llmcost/snapshot",\n'
        '  "version": 1,\n'
        '  "targets": ["tiny.yaml"],\n'
        '  "as_of": null,\n'
        '  "set": [],\n'
        '  "workload": null,\n'
        '  "scenarios": {\n'
        '    "tiny.yaml": {\n'
        '      "scenario": "tiny",\n'
        '      "workload": "chat",\n'
        '      "inputs": {\n'
        '        "revenue.api": {"value": 10.0, "unit": "USD", "basis": "stated"},\n'
        '        "revenue.subscription": {"value": 30.0, "unit": "USD", "basis": "stated"}\n'
        "      },\n"
        '      "metrics": {\n'
        '        "breakeven.kept_revenue": {"value": 30.0, "unit": "USD", "basis": "stated"},\n'
        '        "company.api_inference_share": {"value": 0.25, "unit": "share", "basis": "stated"},\n'
        '        "revenue.api_share": {"value": 0.25, "unit": "share", "basis": "stated"},\n'
        '        "revenue.lines": {"value": 40.0, "unit": "USD", "basis": "stated"},\n'
        '        "revenue.total": {"value": 40.0, "unit": "USD", "basis": "stated"}\n'
        "      }\n"
        "    }\n"
        "  },\n"
    )


def test_what_is_recorded(folder: Path) -> None:
    taken = snapshot("shop.yaml", "models")
    assert taken.targets == ("shop.yaml", "models")
    assert list(taken.scenarios) == ["shop.yaml", "models/model.yaml"]
    shop = taken.scenarios["shop.yaml"]
    assert (shop.label, shop.workload) == ("shop", "chat")
    assert shop.inputs["cost.inference"] == Recorded(5e6, "USD", "stated", None, 4e6, 8e6)
    assert shop.inputs["revenue.subscription"] == Recorded(30e6, "USD", "reported")
    # 40 − 15, in millions
    assert shop.metrics["company.operating_profit"] == Recorded(25e6, "USD", "stated")
    runway = shop.metrics["company.runway_months"]
    assert runway == Recorded(None, "month", reason="earns cash", reason_code="earns_cash")
    assert dict(taken.formulas) == fingerprints()
    assert not shop.inputs.keys() & shop.metrics.keys()


def test_every_scenario_of_a_library_reads_back_as_it_was() -> None:
    taken = snapshot(f"{WORLD}:*")
    assert len(taken.scenarios) > 20
    assert reread(taken) == taken


TEXT: Final = st.text(max_size=12)
NAME: Final = st.text(min_size=1, max_size=12)
FLOAT: Final = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def recorded(draw: st.DrawFn, *, defined: bool) -> Recorded:
    basis = st.sampled_from(BASES)
    if defined or draw(st.booleans()):
        ends = st.none() | FLOAT
        return Recorded(draw(FLOAT), draw(TEXT), draw(basis), None, draw(ends), draw(ends))
    return Recorded(None, draw(TEXT), None, draw(NAME))


def entries(*, defined: bool) -> st.SearchStrategy[dict[str, Recorded]]:
    known = st.sampled_from(sorted(MODEL.quantities))

    def in_its_unit(found: dict[str, Recorded]) -> dict[str, Recorded]:
        units = {name: quantity.unit for name, quantity in MODEL.quantities.items()}
        return {name: entry._replace(unit=units.get(name, entry.unit)) for name, entry in found.items()}

    return st.dictionaries(NAME | known, recorded(defined=defined), max_size=2).map(in_its_unit)


RECORDS: Final = st.builds(RecordedScenario, NAME, TEXT, entries(defined=True), entries(defined=False))
SNAPSHOTS: Final = st.builds(
    Snapshot,
    st.lists(NAME, min_size=1, max_size=3).map(tuple),
    st.dictionaries(NAME, RECORDS, min_size=1, max_size=2),
    st.dictionaries(NAME, TEXT, max_size=2),
    st.none() | st.dates().map(str),
    st.lists(TEXT, max_size=2).map(tuple),
    st.none() | TEXT,
    st.just(""),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(SNAPSHOTS)
def test_whatever_there_is_to_record_reads_back_as_it_was(taken: Snapshot) -> None:
    assert reread(taken) == taken
    assert json.loads(dump(taken))["format"] == FORMAT
    assert len(dump(taken).split("\n")) == 13 + len(taken.formulas) + sum(
        8 + bool(record.links) + len(record.inputs) + len(record.metrics)
        for record in taken.scenarios.values()
    )


def test_numbers_are_not_rounded_and_names_are_sorted(folder: Path) -> None:
    write("third.yaml", "llmcost: 1\nrevenue: {api: 1, other: 2}\n")
    text = dump(snapshot("third.yaml", "shop.yaml", "wren"))
    assert f'"revenue.api_share": {{"value": {1 / 3!r},' in text
    document = json.loads(text)
    assert list(document["scenarios"]) == ["shop.yaml", "third.yaml", "wren"]
    assert list(document["formulas"]) == sorted(document["formulas"])
    for record in document["scenarios"].values():
        for section in ("inputs", "metrics"):
            assert list(record[section]) == sorted(record[section])
    assert document["targets"] == ["third.yaml", "shop.yaml", "wren"]


def test_one_quantity_is_one_line_so_that_a_change_reads_well(folder: Path) -> None:
    before = dump(snapshot("models/model.yaml", "shop.yaml")).splitlines()
    write("models/model.yaml", MODEL_FILE.replace("8", "9"))
    after = dump(snapshot("models/model.yaml", "shop.yaml")).splitlines()
    assert len(before) == len(after)
    changed = [new.strip() for old, new in zip(before, after, strict=True) if old != new]
    # Workload chat: a quarter output. 0.75 · 2 + 0.25 · 9
    assert changed == [
        '"price.output_per_mtok": {"value": 9.0, "unit": "USD/Mtok", "basis": "stated"},',
        '"price.blended_per_mtok": {"value": 3.75, "unit": "USD/Mtok", "basis": "stated"},',
    ]


def test_options_are_recorded_and_hold(folder: Path) -> None:
    taken = snapshot(
        "models/model.yaml", as_of="2024-06-01", set=["price.output_per_mtok=*2"], workload="rag"
    )
    assert (taken.as_of, taken.set, taken.workload) == ("2024-06-01", ("price.output_per_mtok=*2",), "rag")
    record = taken.scenarios["models/model.yaml"]
    assert record.workload == "rag"
    assert record.inputs["price.input_per_mtok"].value == 3
    assert record.inputs["price.output_per_mtok"].value == 16
    assert reread(taken) == taken


# Which scenarios


def test_a_folder_stands_for_its_scenarios_and_not_for_its_tests(folder: Path) -> None:
    assert list(snapshot("models").scenarios) == ["models/model.yaml"]
    assert sorted(snapshot(".").scenarios) == ["models/model.yaml", "shop.yaml"]
    assert sorted(snapshot("./models/").scenarios) == ["models/model.yaml"]


def test_what_is_named_twice_is_recorded_once(folder: Path) -> None:
    taken = snapshot("models", "models/model.yaml", "models/", "lark", "l-ark", "LARK")
    assert sorted(taken.scenarios) == ["lark", "models/model.yaml"]


def test_variants_and_dates_of_one_file_are_told_apart(folder: Path) -> None:
    taken = snapshot("shop.yaml", "shop.yaml:larger", "acme", "acme:leak")
    assert sorted(taken.scenarios) == ["acme", "acme:leak", "shop.yaml", "shop.yaml:larger"]
    assert [taken.scenarios[key].inputs["cost.staff"].value for key in ("shop.yaml", "shop.yaml:larger")] == [
        10e6,
        20e6,
    ]


def test_a_star_stands_for_every_variant(folder: Path) -> None:
    """Of a file, of all files of a folder, and of a name; each as it is as well."""
    Path("models/more.yaml").write_text("extends: ../shop.yaml\nvariants: {smaller: {cost.staff: 5M}}\n")
    assert sorted(snapshot("shop.yaml:*").scenarios) == ["shop.yaml", "shop.yaml:larger"]
    assert sorted(snapshot("models:*@2025-06-01").scenarios) == [
        "models/model.yaml@2025-06-01",
        "models/more.yaml:larger@2025-06-01",
        "models/more.yaml:smaller@2025-06-01",
        "models/more.yaml@2025-06-01",
    ]
    taken = snapshot("lark:*")
    assert sorted(taken.scenarios) == ["lark", "lark:batch"]
    assert taken.targets == ("lark:*",)
    staff = {
        key: record.inputs["cost.staff"].value for key, record in snapshot("shop.yaml:*").scenarios.items()
    }
    assert staff == {"shop.yaml": 10e6, "shop.yaml:larger": 20e6}


def test_dates_of_one_folder_are_told_apart(folder: Path) -> None:
    taken = snapshot("models@2024-06-01", "models")
    prices = {key: record.inputs["price.input_per_mtok"].value for key, record in taken.scenarios.items()}
    assert sorted(prices.values(), key=str) == [2.0, 3.0]


@pytest.mark.parametrize(
    ("targets", "messages"),
    [
        (["-"], ["-: standard input cannot be read again later; give a file"]),
        (["nowhere.yaml"], ["nowhere.yaml: there is no such file or folder"]),
        (["zzz"], ["no scenario is called 'zzz'; 'llmcost list' shows what there is"]),
        (["shop.yaml:zzz"], ["shop: unknown variant 'zzz'; it has larger"]),
        (
            ["shop.yaml:*+larger"],
            ["shop.yaml:*+larger: '*' stands for each variant alone, and takes no other"],
        ),
        (["nowhere.yaml:*"], ["nowhere.yaml: there is no such file or folder"]),
        (
            ["models/shop.test.yaml"],
            ["models/shop.test.yaml: is a file of tests, not a scenario; 'llmcost check' runs it"],
        ),
        (
            ["shop.yaml", "zzz", "-"],
            [
                "no scenario is called 'zzz'; 'llmcost list' shows what there is",
                "-: standard input cannot be read again later; give a file",
            ],
        ),
        (["empty"], ["empty: contains no scenario file (.yaml or .yml)"]),
        (["tests"], ["there is no scenario in tests"]),
    ],
)
def test_what_cannot_be_recorded(folder: Path, targets: list[str], messages: list[str]) -> None:
    Path("empty").mkdir()
    Path("tests").mkdir()
    write("tests/one.yaml", TESTS.replace("./", "../"))
    assert refusal(snapshot, *targets).splitlines() == messages


def test_every_fault_of_every_file_is_named_and_nothing_is_written(folder: Path, llmcost: Call) -> None:
    Path("models/broken.yaml").write_text(
        "llmcost: 1\nprice: {inptu: 1}\ncost: {staff: -1}\n", encoding="utf-8"
    )
    done = llmcost("snapshot", "models", "-o", "s.json")
    assert (done.code, done.out) == (2, "")
    assert [line.partition(": ")[0] for line in done.err.splitlines()] == [
        "models/broken.yaml:2:9",
        "models/broken.yaml:3:15",
    ]
    assert not Path("s.json").exists()


# The same bytes everywhere


def python(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "llmcost", *arguments],
        cwd=cwd,
        env={**{k: v for k, v in os.environ.items() if k != "CI"}, "LLMCOST_PATH": str(WORLD), **environment},
        capture_output=True,
        check=False,
        timeout=60,
    )


def test_the_same_bytes_whatever_the_hash_seed_locale_time_zone_and_folder(folder: Path) -> None:
    Path("else/where").mkdir(parents=True)
    targets = ("snapshot", "acme", "wren@2024-07-01", "--set", "company.period_months=12")
    seeds = {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}
    other = {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}
    shown = python(*targets, cwd=folder, **seeds).stdout
    python(*targets, "-o", "s.json", cwd=folder / "else/where", **other)
    assert (folder / "else/where/s.json").read_bytes() == shown
    here = snapshot("acme", "wren@2024-07-01", set=["company.period_months=12"])
    assert dump(here).encode() == shown


# Renewing


def test_update_renews_with_the_same_targets_and_options(folder: Path, llmcost: Call) -> None:
    options = ("--as-of", "2024-06-01", "--set", "price.output_per_mtok=*2", "--workload", "rag")
    assert llmcost("snapshot", "models", *options, "-o", "s.json") == Done(0, "", "wrote s.json\n")
    before = read("s.json")
    write("models/model.yaml", MODEL_FILE.replace("8", "9"))
    write("models/second.yaml", MODEL_FILE)
    assert llmcost("snapshot", "--update", "-o", "s.json") == Done(0, "", "wrote s.json\n")
    after = read("s.json")
    assert (after.targets, after.as_of, after.set, after.workload) == (
        before.targets,
        before.as_of,
        before.set,
        before.workload,
    )
    assert sorted(after.scenarios) == ["models/model.yaml", "models/second.yaml"]
    assert after.scenarios["models/model.yaml"].inputs["price.output_per_mtok"].value == 18
    assert after.scenarios["models/second.yaml"] == before.scenarios["models/model.yaml"]._replace(
        label="second"
    )


def test_update_takes_other_targets_where_some_are_named(folder: Path, llmcost: Call) -> None:
    llmcost("snapshot", "models", "-o", "s.json")
    assert llmcost("snapshot", "shop.yaml", "--update", "-o", "s.json").code == 0
    assert read("s.json").targets == ("shop.yaml",)


def test_update_renews_what_was_edited_by_hand(folder: Path, llmcost: Call) -> None:
    llmcost("snapshot", "shop.yaml", "-o", "s.json")
    sound = Path("s.json").read_text(encoding="utf-8")
    write("s.json", sound.replace("25000000.0", "26000000.0"))
    assert llmcost("snapshot", "--update", "-o", "s.json").code == 0
    assert Path("s.json").read_text(encoding="utf-8") == sound


@each(
    "arguments, message",
    [
        (["--update"], "--update renews a file; name it with -o FILE"),
        (["--update", "-o", "no.json"], "no.json: cannot be read: No such file or directory"),
        (
            ["--update", "-o", "s.json", "--workload", "rag"],
            "s.json: --update keeps the options of the snapshot; name the scenarios to take another",
        ),
        (["-o", "new.json"], "name a scenario, a file or a folder to take a snapshot of"),
        (["shop.yaml", "-o", "models"], "models: is a folder, not a file"),
        (["shop.yaml", "-o", "no/s.json"], "no/s.json: cannot be written: No such file or directory"),
    ],
)
def test_a_wrong_call_is_one_line(folder: Path, llmcost: Call, arguments: list[str], message: str) -> None:
    llmcost("snapshot", "models", "-o", "s.json")
    assert llmcost("snapshot", *arguments) == Done(2, "", f"{message}\n")


@pytest.mark.parametrize("arguments", [["--update"], ["shop.yaml"]])
def test_a_baseline_is_not_renewed_in_ci(
    folder: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    llmcost("snapshot", "shop.yaml", "-o", "s.json")
    Path("s.json").chmod(0o640)
    before = Path("s.json").read_bytes()
    write("shop.yaml", SHOP.replace("10M", "11M"))
    monkeypatch.setenv("CI", "true")
    refused = "s.json: is a baseline, which a CI job should not renew; --force does so anyway\n"
    assert llmcost("snapshot", *arguments, "-o", "s.json") == Done(2, "", refused)
    assert Path("s.json").read_bytes() == before
    assert llmcost("snapshot", *arguments, "-o", "s.json", "--force") == Done(0, "", "wrote s.json\n")
    assert Path("s.json").read_bytes() != before
    assert Path("s.json").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("word", "code"), [("1", 2), ("TRUE", 2), ("false", 0), ("0", 0), ("", 0)])
def test_what_counts_as_ci(
    folder: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch, word: str, code: int
) -> None:
    monkeypatch.setenv("CI", word)
    assert llmcost("snapshot", "shop.yaml", "-o", "s.json").code == 0, "the first one is no baseline yet"
    assert llmcost("snapshot", "shop.yaml", "-o", "s.json").code == code


# Atomic

HALF_WRITTEN: Final = """
import sys, time
from pathlib import Path
from llmcost.render.file import write_file

def pieces():
    yield "x" * 1_000_000
    print("written", flush=True)
    time.sleep(60)
    yield "}"

write_file(Path(sys.argv[1]), pieces(), "json", force=True)
"""


def test_a_process_killed_in_the_middle_leaves_the_old_file_byte_for_byte(
    folder: Path, llmcost: Call
) -> None:
    llmcost("snapshot", "shop.yaml", "-o", "s.json")
    before = Path("s.json").read_bytes()
    with subprocess.Popen([sys.executable, "-c", HALF_WRITTEN, "s.json"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=20) == -signal.SIGKILL
    assert Path("s.json").read_bytes() == before
    assert llmcost("diff", "s.json").code == 0
    assert list(snapshot("shop.yaml", ".").scenarios), "what is left behind is no scenario"


def test_a_snapshot_that_cannot_be_taken_leaves_the_old_file(folder: Path, llmcost: Call) -> None:
    llmcost("snapshot", "shop.yaml", "-o", "s.json")
    before = Path("s.json").read_bytes()
    write("shop.yaml", "llmcost: 1\ncost: {staff: -1}\n")
    assert llmcost("snapshot", "--update", "-o", "s.json").code == 2
    assert Path("s.json").read_bytes() == before
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


# Bad input

TINY: Final = dump(
    Snapshot(
        targets=("tiny.yaml",),
        scenarios={
            "tiny.yaml": RecordedScenario(
                "tiny",
                "chat",
                {"revenue.api": Recorded(10.0, "USD", "stated", None, 9.0, 11.0)},
                {
                    "company.runway_months": Recorded(
                        None, "month", reason="earns cash", reason_code="earns_cash"
                    ),
                    "revenue.lines": Recorded(10.0, "USD", "stated"),
                },
            ),
            "wide.yaml": RecordedScenario(
                "wide", "chat", {"revenue.api": Recorded(20.0, "USD", "stated")}, {}
            ),
        },
        formulas={"revenue.lines/revenue_lines": "0123456789abcdef"},
    )
)
"""The lines of it, counted from 1: targets 4, tiny.yaml 9, revenue.api 13, the metrics 16 and 17, wide.yaml
20 with revenue.api in 24, the fingerprint 31."""


API: Final = '{"value": 10.0, "low": 9.0, "high": 11.0, "unit": "USD", "basis": "stated"}'
WIDE: Final = '{"value": 20.0, "unit": "USD", "basis": "stated"}'


def entry(**changes: object) -> str:
    return json.dumps(json.loads(API) | changes, ensure_ascii=False)


BAD: Final[dict[str, tuple[str, str, str]]] = {
    "another-format": (
        "llmcost/snapshot",
        "llmcost/show",
        "1: is not a snapshot; 'llmcost snapshot' writes one",
    ),
    "another-version": (
        '"version": 1',
        '"version": 2',
        "3: is of format version 2, and this llmcost reads 1; take a new snapshot",
    ),
    "version-true": (
        '"version": 1',
        '"version": true',
        "3: is of format version true, and this llmcost reads 1; take a new snapshot",
    ),
    "version-missing": ('  "version": 1,\n', "", f"1: has no 'version'; {EDITED}"),
    "targets-of-numbers": ('["tiny.yaml"]', "[1]", f"4: 'targets' is not a list of texts; {EDITED}"),
    "targets-empty": ('["tiny.yaml"]', "[]", f"4: 'targets' is empty; {EDITED}"),
    "as-of": ('"as_of": null', '"as_of": "June"', "5: 'as_of' is a date such as 2025-01-29, got 'June'"),
    "set": ('"set": []', '"set": null', f"6: 'set' is not a list of texts; {EDITED}"),
    "missing-keys": ('  "as_of": null,\n  "set": [],\n', "", f"1: has no 'as_of'; {EDITED}"),
    "unknown-key": (
        '  "set": [],\n',
        '  "set": [],\n  "notes": 1,\n',
        f"7: has an unknown 'notes'; {EDITED}",
    ),
    "missing-section": ('"inputs"', '"input"', f"9: has no 'inputs'; {EDITED}"),
    "value-true": (API, entry(value=True), f"13: revenue.api: 'value' is not a number; {EDITED}"),
    "value-too-large": (
        API,
        API.replace("10.0", "1e999"),
        f"13: revenue.api: 'value' is not a number; {EDITED}",
    ),
    "value-of-5000-digits": (
        API,
        API.replace("10.0", "1" * 5000),
        f"13: revenue.api: 'value' is not a number; {EDITED}",
    ),
    "nan": (API, API.replace("10.0", "NaN"), f"13: 'NaN' is not a number; {EDITED}"),
    "minus-infinity": (WIDE, WIDE.replace("20.0", "-Infinity"), f"24: '-Infinity' is not a number; {EDITED}"),
    "input-without-value": (
        API,
        entry(value=None),
        f"13: revenue.api: has neither a value nor a reason; {EDITED}",
    ),
    "metric-without-reason": (
        ', "reason": "earns cash"',
        "",
        f"16: company.runway_months: has neither a value nor a reason; {EDITED}",
    ),
    "reason-number": (
        '"reason": "earns cash"',
        '"reason": 5',
        f"16: company.runway_months: 'reason' is not a text; {EDITED}",
    ),
    "missing-unit": (API, API.replace('"unit": "USD", ', ""), f"13: revenue.api: has no 'unit'; {EDITED}"),
    "bare-number": (API, "10.0", f"13: revenue.api: is not a mapping; {EDITED}"),
    "unknown-key-of-an-entry": (API, entry(note="x"), f"13: revenue.api: has an unknown 'note'; {EDITED}"),
    "unknown-basis": (
        WIDE,
        WIDE.replace("stated", "guessed"),
        f"24: revenue.api: 'basis' is not one of disclosed, reported, stated, estimated, assumed; {EDITED}",
    ),
    "wrong-unit": (
        WIDE,
        WIDE.replace("USD", "EUR"),
        "24: revenue.api: is in EUR here and in USD now; take a new snapshot",
    ),
    "key-twice": (
        WIDE,
        f'{WIDE},\n        "revenue.api": {WIDE}',
        f"25: 'revenue.api' is there twice; {EDITED} or merged",
    ),
    "key-twice-in-a-line": (
        WIDE,
        WIDE.replace('"unit"', '"value": 1.0, "unit"'),
        f"24: 'value' is there twice; {EDITED} or merged",
    ),
    "scenario-twice": (
        '    "wide.yaml": {',
        '    "tiny.yaml": {',
        f"20: 'tiny.yaml' is there twice; {EDITED} or merged",
    ),
    "conflict": (
        '    "wide.yaml": {',
        '<<<<<<< HEAD\n    "wide.yaml": {',
        "20:1: is not JSON: there is a merge conflict here, '<<<<<<<'",
    ),
    "missing-comma": ('"set": [],', '"set": []', "7:3: is not JSON: Expecting ',' delimiter"),
    "fingerprint": ('"0123456789abcdef"', "5", f"31: a fingerprint is a text; {EDITED}"),
}


@each("fault", BAD)
def test_each_fault_is_one_line_that_names_the_line(folder: Path, llmcost: Call, fault: str) -> None:
    old, new, message = BAD[fault]
    assert TINY.count(old) >= 1
    write("s.json", TINY.replace(old, new, 1))
    assert llmcost("diff", "s.json", "s.json") == Done(2, "", f"s.json:{message}\n")


@each(
    "data, message",
    [
        (b" \n\n", "is empty; 'llmcost snapshot' writes one"),
        (TINY.encode("utf-16"), "1:1: is not UTF-8: byte 0xff here; save the file as UTF-8"),
        (b"[1, 2]", "1: is not a snapshot; 'llmcost snapshot' writes one"),
        (b"llmcost: 1\n", "1:1: is not JSON: Expecting value"),
        (b"[" * 100_000, "is not a snapshot: it is nested too deep"),
        (TINY.encode() + b"}", "34:1: is not JSON: Extra data"),
    ],
)
def test_what_is_no_snapshot(folder: Path, llmcost: Call, data: bytes, message: str) -> None:
    Path("s.json").write_bytes(data)
    done = llmcost("diff", "s.json")
    place = "s.json:" if message[0].isdigit() else "s.json: "
    assert done == Done(2, "", f"{place}{message}\n")


def test_a_folder_and_a_missing_file(folder: Path, llmcost: Call) -> None:
    Path("folder.json").mkdir()
    assert llmcost("diff", "folder.json") == Done(2, "", "folder.json: cannot be read: Is a directory\n")
    assert llmcost("diff", "no.json") == Done(2, "", "no.json: cannot be read: No such file or directory\n")


def test_windows_line_ends_and_a_byte_order_mark_are_no_fault(folder: Path, llmcost: Call) -> None:
    llmcost("snapshot", "shop.yaml", "-o", "s.json")
    text = Path("s.json").read_text(encoding="utf-8")
    Path("s.json").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert llmcost("diff", "s.json").code == 0


def test_keys_in_another_order_are_no_fault(folder: Path, llmcost: Call) -> None:
    """As a formatter of JSON leaves them; the lines are then those of that file."""
    text = dump(snapshot("shop.yaml"))
    Path("s.json").write_text(json.dumps(json.loads(text), indent=1, sort_keys=True), encoding="utf-8")
    assert llmcost("diff", "s.json").code == 0


WHOLE: Final = dump(snapshot(WORLD / "companies" / "acme.yaml"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, len(WHOLE) - 3))
def test_a_snapshot_cut_off_anywhere_is_one_line(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(WHOLE[:cut], encoding="utf-8")
    with pytest.raises(LlmcostError) as refused:
        read(path)
    (problem,) = refused.value.problems
    assert problem.where == str(path)
    assert "\n" not in str(problem)
    if WHOLE[:cut].strip():
        assert re.match(r"is not JSON: |is cut off: the snapshot ends in the middle$", problem.message)
        assert problem.line is not None
        assert 1 <= problem.line <= WHOLE[:cut].count("\n") + 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(0, len(TINY) - 1),
    text=st.text(st.sampled_from('{}[]",:0123456789.eE-+ntrufalsNI \n\\'), max_size=3),
    size=st.integers(0, 4),
)
def test_a_snapshot_edited_anywhere_is_read_or_refused(at: int, text: str, size: int) -> None:
    try:
        read_snapshot(TINY[:at] + text + TINY[at + size :], "s.json")
    except LlmcostError as refused:
        (problem,) = refused.problems
        assert problem.where == "s.json"
        assert "\n" not in str(problem)


def line_of(text: str, wanted: str) -> int:
    (number,) = [number for number, line in enumerate(text.splitlines(), 1) if wanted in line]
    return number


@each("metric", ["company.operating_profit", "company.runway_months"])
def test_a_metric_that_does_not_follow_from_the_inputs_was_edited(
    folder: Path, llmcost: Call, metric: str
) -> None:
    text = dump(snapshot("models/model.yaml", "shop.yaml"))
    sound = next(line for line in text.splitlines() if f'"{metric}"' in line)
    value = {"company.operating_profit": "25000000.0", "company.runway_months": "undefined"}[metric]
    false = (
        f'        "{metric}": {{"value": 3.0, "unit": "{MODEL.quantities[metric].unit}", "basis": "stated"}},'
    )
    write("s.json", text.replace(sound, false))
    line = line_of(text, sound)
    message = f"{metric}: the inputs recorded here give {value}; was it edited by hand?"
    assert llmcost("diff", "s.json") == Done(2, "", f"s.json:{line}: {message}\n")


def test_a_metric_that_is_left_out_was_edited(folder: Path, llmcost: Call) -> None:
    """It would be `added` and never fail, whatever it has become since."""
    text = dump(snapshot("models/model.yaml", "shop.yaml"))
    lost = next(line for line in text.splitlines() if '"company.operating_profit"' in line)
    write("s.json", text.replace(f"{lost}\n", ""))
    line = [number for number, line in enumerate(text.splitlines(), 1) if '"metrics": {' in line][1]
    message = "company.operating_profit follows from the inputs recorded here and is left out"
    assert llmcost("diff", "s.json") == Done(2, "", f"s.json:{line}: {message}; was it edited by hand?\n")


def test_an_input_that_does_not_lead_to_the_metrics_was_edited(folder: Path, llmcost: Call) -> None:
    """The first metric that says so is named: the revenue that is kept, 31 in place of 30."""
    text = dump(snapshot("acme", "shop.yaml"))
    sound = '"revenue.subscription": {"value": 30000000.0'
    Path("s.json").write_text(text.replace(sound, sound.replace("30", "31")), encoding="utf-8")
    done = llmcost("diff", "s.json")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    shop = line_of(text, '"shop.yaml": {')
    number = int(done.err.split(":")[1])
    assert number > shop
    assert "the inputs recorded here give" in done.err


def test_lines_are_those_of_the_scenario_that_is_meant(folder: Path, llmcost: Call) -> None:
    """A target, a label and a folder may be spelt as keys are."""
    Path("scenarios").mkdir()
    write("scenarios/shop.yaml", SHOP)
    Path("metrics").mkdir()
    write("metrics/inputs.yaml", SHOP)
    targets = ("scenarios", "metrics", "acme", "shop")
    text = dump(snapshot(*targets))
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith('    "shop": {'))
    at = next(n for n in range(start, len(lines)) if '"company.gross_profit"' in lines[n])
    lines[at] = lines[at].replace("35000000.0", "1.0")
    write("s.json", "\n".join(lines))
    done = llmcost("diff", "s.json")
    assert done.err == (
        f"s.json:{at + 1}: company.gross_profit: the inputs recorded here give 35000000.0; "
        "was it edited by hand?\n"
    )


def test_a_snapshot_of_a_later_llmcost_may_hold_what_this_one_does_not_know() -> None:
    """Other quantities and formulas are read; what they mean is not this version's to say."""
    record = RecordedScenario(
        "a", "own", {"future.rate": Recorded(1.0, "X")}, {"future.cost": Recorded(2.0, "Y")}
    )
    later = Snapshot(("a",), {"a": record}, {"future.cost/cost": "0" * 16})
    assert reread(later) == later


@each("start", ["a", "b", "c", "d", "e"])
def test_of_several_wrong_keys_the_first_of_the_alphabet_is_named(start: str) -> None:
    """Whatever the hash seed: the order of a set would be another one each time."""
    wrong = {f"{start}{sign}": 1 for sign in "zyxwvutsrqponmlkjihgfedcba"}
    for text, line in ((TINY.replace(API, entry(**wrong)), "13: revenue.api"), (None, "1")):
        whole = text or json.dumps({**json.loads(TINY), **wrong})
        assert (
            refusal(read_snapshot, whole, "s.json") == f"s.json:{line}: has an unknown '{start}a'; {EDITED}"
        )


def test_the_public_function_takes_paths(folder: Path) -> None:
    taken: Any = snapshot(folder / "shop.yaml")
    assert list(taken.scenarios) == [(folder / "shop.yaml").as_posix()]

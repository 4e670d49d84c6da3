"""Test reports in JUnit's XML: held against a schema, and read back by a consumer's library."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import junitparser
import pytest

from calling import each
from llmcost.analysis.gates.check import check
from llmcost.render import junit
from llmcost.render.report import TestCase as Shown
from llmcost.render.results.check import views

pytestmark = pytest.mark.usefixtures("home")

OURS = """\
title: Ours
training.cost: 500
cost.staff: 20
expect:
  training.cost: [500, {value: 400, because: so}, {value: 1, severity: warn}]
  cost.staff: 20
"""
THEIRS = """\
kind: tests
cases:
  - {name: doubled, scenario: ours, set: {training.cost: "*2"}, expect: {training.cost: 1000}}
  - {name: not there, scenario: ours, expect: {revenue.total: {above: 1}}}
"""
HOSTILE = [
    "\x00\x01\x08\x0b\x1b[31m\x7f\x85\x9b",
    "\ud800\udfff",
    "\ufffe\uffff\ufdd0\U0001fffe",
    "😀 👩‍👩‍👧 é \u202e\u200b\ufeff",
    "]]></failure><!-- <script>&amp;'\" <?x?>",
    "a\nb\tc\r\nd\u2028e\u2029f",
]


@cache
def schema() -> Any:
    import xmlschema

    return xmlschema.XMLSchema(Path(__file__).with_name("junit.xsd"))


def write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")


def report(*targets: str, quiet: bool = False) -> str:
    return junit.write(views(check(*targets), quiet=quiet))


def read(text: str) -> junitparser.JUnitXml:
    """Return the report as a consumer reads it, once the schema has accepted it."""
    schema().validate(text)
    found = junitparser.JUnitXml.fromstring(text.encode())
    assert isinstance(found, junitparser.JUnitXml)
    return found


def suites(xml: junitparser.JUnitXml) -> list[junitparser.TestSuite]:
    return [suite for suite in xml if isinstance(suite, junitparser.TestSuite)]


def all_tests(xml: junitparser.JUnitXml) -> list[junitparser.TestCase]:
    return [case for suite in suites(xml) for case in suite if isinstance(case, junitparser.TestCase)]


def shown(text: str) -> Shown:
    return Shown(
        text, text, failure=text, detail=f"{text}\n{text}", kind=text, file=text, line=3, output=text
    )


def test_a_report_is_what_the_schema_says_and_counts_right() -> None:
    write(ours=OURS, theirs=THEIRS)
    xml = read(report("ours.yaml", "theirs.yaml"))
    assert (xml.name, xml.tests, xml.failures, xml.errors, xml.skipped) == ("llmcost", 6, 2, 0, 0)
    assert [(s.name, s.tests, s.failures, s.errors, s.skipped) for s in suites(xml)] == [
        ("ours.yaml", 4, 1, 0, 0),
        ("theirs.yaml", 2, 1, 0, 0),
    ]
    before = [(s.tests, s.failures, s.errors, s.skipped) for s in suites(xml)]
    xml.update_statistics()  # type: ignore[no-untyped-call]
    assert [(s.tests, s.failures, s.errors, s.skipped) for s in suites(xml)] == before
    assert (xml.tests, xml.failures) == (6, 2)


def test_names_places_and_messages() -> None:
    write(ours=OURS, theirs=THEIRS)
    found = all_tests(read(report("ours.yaml", "theirs.yaml")))
    assert [(case.classname, case.name) for case in found] == [
        ("ours.yaml", "ours::training.cost"),
        ("ours.yaml", "ours::training.cost#2"),
        ("ours.yaml", "ours::training.cost#3"),
        ("ours.yaml", "ours::cost.staff"),
        ("theirs.yaml", "theirs::doubled::training.cost"),
        ("theirs.yaml", "theirs::not there::revenue.total"),
    ]
    assert [case.is_passed for case in found] == [True, False, True, True, True, False]
    (failure,) = found[1].result
    assert isinstance(failure, junitparser.Failure)
    assert failure.type == "expectation"
    # 500 is a quarter above 400
    assert failure.message == "training.cost of ours: expected 400, got 500 USD (+25.0%)"
    assert failure.text == "ours.yaml:5:24\nexpected  400\nactual    500 USD (+25.0%)\nbecause   so"
    (failure,) = found[5].result
    assert failure.message is not None
    assert failure.message.startswith(
        "revenue.total of not there (ours): expected above 1, got cannot be derived: lacks "
    )


def test_file_and_line() -> None:
    write(ours=OURS)
    found = schema().to_dict(report("ours.yaml"))
    assert isinstance(found, dict)
    places = [(case["@file"], case["@line"]) for case in found["testsuite"][0]["testcase"]]
    assert places == [("ours.yaml", 5), ("ours.yaml", 5), ("ours.yaml", 5), ("ours.yaml", 6)]


def test_a_warning_is_output_of_a_test_that_passed() -> None:
    write(ours=OURS)
    case = all_tests(read(report("ours.yaml")))[2]
    assert case.is_passed
    assert case.system_out is not None
    assert case.system_out.startswith(
        "warning: training.cost of ours: expected 1, got 500 USD (+49,900%)\nours.yaml:5:"
    )


def test_quiet_leaves_no_test_out() -> None:
    write(ours=OURS)
    assert report("ours.yaml", quiet=True) == report("ours.yaml")


def test_the_same_bytes_every_time() -> None:
    write(ours=OURS, theirs=THEIRS)
    assert report("ours.yaml", "theirs.yaml") == report("ours.yaml", "theirs.yaml")
    assert " time=" not in report("ours.yaml")


def test_files_of_one_name_are_told_apart(home: Path) -> None:
    for folder in ("a", "b"):
        (home / folder).mkdir()
        (home / folder / "ours.yaml").write_text(OURS, encoding="utf-8")
    assert [suite.name for suite in suites(read(report("a", "b")))] == ["a/ours.yaml", "b/ours.yaml"]


def test_scenarios_with_expectations_of_many_forms() -> None:
    xml = read(report("wren", "acme"))
    assert xml.failures == 0
    assert xml.tests == len(all_tests(xml)) > 5


@each("text", HOSTILE)
def test_any_text_makes_a_valid_report(text: str) -> None:
    written = junit.render([shown(text), shown("plain")])
    written.encode()
    xml = read(written)
    assert (xml.tests, xml.failures) == (2, 2)
    hostile, plain = all_tests(xml)
    assert plain.result[0].message == "plain"
    for value in (hostile.name, hostile.classname, hostile.result[0].message, hostile.system_out):
        assert value
        assert [sign for sign in value if sign < " " and sign != "\n"] == []


def test_markup_is_read_back_as_it_was() -> None:
    (case,) = all_tests(read(junit.render([shown(HOSTILE[4])])))
    assert case.name == case.result[0].message == HOSTILE[4]
    assert case.result[0].text == f"{HOSTILE[4]}\n{HOSTILE[4]}"


def test_emoji_and_accents_are_read_back_as_they_were() -> None:
    (case,) = all_tests(read(junit.render([shown("😀 é")])))
    assert case.name == case.result[0].message == case.system_out == "😀 é"


def test_no_tests_are_a_report_too() -> None:
    assert read(junit.render([])).tests == 0


@each("text", [text for text in HOSTILE if "\ud800" not in text])
def test_hostile_files_make_a_valid_report(text: str) -> None:
    quoted = '"' + "".join(f"\\U{ord(sign):08x}" for sign in text) + '"'
    write(
        ours=f"title: {quoted}\ntraining.cost: {{value: 5, source: {quoted}}}\n",
        theirs=f"kind: tests\ncases:\n  - {{name: {quoted}, scenario: ours, expect: {{training.cost: "
        f"[{{value: 1, because: {quoted}}}, {{undefined: {quoted}}}, "
        f"{{value: 1, because: {quoted}, severity: warn}}]}}}}\n",
    )
    xml = read(report("theirs.yaml"))
    assert (xml.tests, xml.failures) == (3, 2)


def test_the_schema_refuses_what_is_no_report() -> None:
    good = junit.render([shown("a")])
    schema().validate(good)
    for before, after in (
        (' tests="1"', ""),
        (' failures="1"', ' failures="-1"'),
        (' classname="a"', ""),
        (' message="a"', ""),
        ('line="3"', 'line="0"'),
        ("<testcase", '<testcase colour="red"'),
        ("<system-out>", "<skipped/><system-out>"),
        ("    </testcase>", "    </testcase>" + good.split("\n")[3] + "</testcase>"),
    ):
        assert before in good
        assert not schema().is_valid(good.replace(before, after)), before

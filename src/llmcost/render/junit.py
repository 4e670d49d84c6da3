"""Test reports in JUnit XML, for CI servers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from llmcost.render.report import TestCase, Views
from llmcost.render.words import clean, harmless


def write(views: Views) -> str:
    """Return the cases of a gate as a test report."""
    return render(views.cases())


def render(cases: Sequence[TestCase]) -> str:
    """Return a report with a suite for each group, without times: the same cases give the same bytes."""
    groups = [(name, list(inside)) for name, inside in groupby(cases, key=lambda case: case.group)]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{_counts('llmcost', cases)}>"]
    for name, inside in groups:
        lines.append(f"  <testsuite{_counts(name, inside)}>")
        lines += [line for case in inside for line in _case(case)]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _counts(name: str, cases: Sequence[TestCase]) -> str:
    failures = sum(bool(case.failure) for case in cases)
    return _attributes({"name": name, "tests": len(cases), "failures": failures, "errors": 0, "skipped": 0})


def _case(case: TestCase) -> list[str]:
    place = {"file": case.file or None, "line": case.line}
    head = f"    <testcase{_attributes({'classname': case.group, 'name': case.name, **place})}"
    inside = []
    if case.failure:
        about = _attributes({"message": case.failure, "type": case.kind})
        inside.append(f"      <failure{about}>{_text(case.detail)}</failure>")
    if case.output:
        inside.append(f"      <system-out>{_text(case.output)}</system-out>")
    return [f"{head}>", *inside, "    </testcase>"] if inside else [f"{head}/>"]


def _attributes(values: dict[str, object]) -> str:
    return "".join(
        f" {key}={quoteattr(_allowed(clean(str(value))))}"
        for key, value in values.items()
        if value is not None
    )


def _text(text: str) -> str:
    return escape(_allowed("\n".join(map(clean, text.split("\n")))))


def _allowed(text: str) -> str:
    """Spell out two code points that XML does not allow, besides control characters."""
    return harmless(text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff"))

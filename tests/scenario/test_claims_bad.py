"""Every message about a ledger: what stands in `bad_claims/`, and exactly what is said about it.

Each file of `bad_claims/` holds one fault. A line that does not name its file is about the fixture itself and
begins behind its path.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from calling import TESTS, Call, each, refusal
from llmcost.analysis.claims.judge import claims
from llmcost.analysis.gates.validate import validate

BAD: Final = Path("bad_claims")

ALLOWED: Final = "holds, holds only if, does not hold, undecided, quotes its source"
PROBLEMS: Final[dict[str, tuple[str, ...]]] = {
    "all-empty": ("11:14: x: 'all' is a list of the numbers of a reading, got an empty list",),
    "all-text": ("11:15: x: expected a mapping with 'metric' and 'claimed', got 'price.output_per_mtok'",),
    "all-unknown-key": (
        "11:16: x: unknown key 'believe'; allowed are scenario, compare, metric, as, unit, "
        "workload, set, ranges, claimed, within",
    ),
    "as-of-one": ("7:9: x: 'as' is for comparisons; this is not one",),
    "as-unknown": ("7:9: x: 'as' is one of ratio, saving, difference, got 'ration'; did you mean 'ratio'?",),
    "believe-derived": ("7:15: x: believe revenue.total: is derived; name what it follows from",),
    "believe-no-number": ("6:38: x: believe price.output_per_mtok: a number is missing",),
    "believe-nowhere-to-search": (
        "7:15: x: believe training.other_cost: has no value to search around; write "
        "'training.other_cost: LOW to HIGH'",
    ),
    "believe-of-another": ("7:15: x: believe price.output_per_mtok: no reading depends on it",),
    "believe-one-number": (
        "6:38: x: believe price.output_per_mtok: where to search is LOW to HIGH, got '5'",
    ),
    "believe-text": (
        "6:14: x: 'believe' is a list of inputs, or a mapping from inputs to LOW to HIGH, got "
        "'price.output_per_mtok'",
    ),
    "believe-unknown": (
        "6:15: x: unknown input 'price.outputs_per_mtok'; did you mean 'price.output_per_mtok'?",
    ),
    "believe-unused": ("6:15: x: believe cost.inference: no reading depends on it",),
    "believe-whose": (
        "7:15: x: believe price.output_per_mtok: say whose, such as lark/price.output_per_mtok",
    ),
    "claim-text": ("3:6: x: expected a mapping with 'statement' and 'readings', got 'said'",),
    "claim-unknown-key": ("6:5: x: unknown key 'statment'; did you mean 'statement'?",),
    "claim-without-statement": ("3:3: x: has no 'statement'",),
    "claimed-arithmetic": ("8:14: x: 'claimed': expected one plain number, got '30 + 30'",),
    "claimed-between-backwards": ("8:14: x: 'claimed': a range goes from low to high, got '100 to 10'",),
    "claimed-between-one": ("8:14: x: 'claimed': expected 'between LOW and HIGH', got 'between 60'",),
    "claimed-missing": ("9:7: x: has no 'claimed', such as 'about 30' or 'between 10 and 100'",),
    "claimed-other-words": (
        "7:20: x: 'claimed': expected a number, got 'around 30'; did you mean 'about 30'?",
        "8:20: x: 'claimed': expected a number, got '~ 30'; did you mean 'about 30'?",
        "9:20: x: 'claimed': expected a number, got 'at lest 30'; did you mean 'at least 30'?",
        "10:20: x: 'claimed': expected a number, got 'up to 30'; did you mean 'at most 30'?",
        "11:20: x: 'claimed': expected a number, got 'from 30 to 40'; did you mean '30 to 40'?",
    ),
    "claimed-percent": (
        "8:14: x: 'claimed': '60%': a percentage is allowed only for shares, or as a factor, "
        "as in 5000 * 10%",
    ),
    "claimed-words": ("8:14: x: 'claimed': expected a number, got 'a lot'",),
    "claims-empty": ("2:8: 'claims' is a mapping from ids to claims, got null",),
    "claims-list": ("2:9: 'claims' is a mapping from ids to claims, got a list",),
    "compare-one-null": ("6:21: x: 'compare' is empty",),
    "compare-one": (
        "6:14: x: 'compare' is a list of two scenarios such as [o1, deepseek-r1], got a list of 1",
    ),
    "compare-text": ("6:14: x: 'compare' is a list of two scenarios such as [o1, deepseek-r1], got 'owl'",),
    "compare-units": (
        "7:13: x: compares USD/Mtok with USD; 'unit' says what both are, where the arithmetic makes them one",
    ),
    "duplicate-claim": ("4:3: duplicate claim 'x', first in line 3",),
    "duplicate-reading": ("11:7: x: duplicate reading 'r', first in line 10",),
    "fact-named": (
        "3:3: 'per.token': a fact's name consists of a-z, 0-9 and _",
        "4:8: big: has no 'value'; a range alone is written LOW to HIGH",
        "5:25: odd: 'unit' is a unit such as USD/Mtok, got '|'",
        "13:17: x: 'metric': no fact is called 'larg'; did you mean 'large'?",
    ),
    "fact-unused": ("3:18: large: no claim uses it",),
    "id-bad": ("3:3: '53 times' is not a valid name; use letters, digits, '-', '_' and '.'",),
    "kind-other": ("1:7: 'kind' is 'claims', got 'model'",),
    "ledger-unknown-key": ("2:1: unknown key 'titel'; did you mean 'title'?",),
    "metric-missing": ("9:7: x: has no 'metric'",),
    "metric-not-derivable": (
        "7:13: x: unit.gross_margin of owl: lacks serving.gpu_hour_cost, "
        "serving.prefill_tokens_per_gpu_second, serving.decode_tokens_per_gpu_second, "
        "serving.utilization",
    ),
    "metric-three": ("7:13: x: 'metric' is a metric, or a list of one for each scenario, got a list of 3",),
    "metric-two": ("7:13: x: 'metric' takes one metric, got a list of 2",),
    "metric-units": (
        "7:13: x: 'metric': its units do not fit: price.output_per_mtok in USD/Mtok; a number "
        "has no unit unless you write one, as in $5",
    ),
    "metric-unknown": (
        "7:13: x: 'metric': unknown metric 'price.outputs_per_mtok'; did you mean 'price.output_per_mtok'?",
    ),
    "no-claims": ("1:1: has no 'claims'",),
    "no-readings": ("4:3: x: has no 'readings'",),
    "not-a-mapping": ("1:1: expected a mapping with 'claims', got a list",),
    "ranges-unknown": ("7:13: x: 'ranges' is one of draw, ignore, got 'none'; did you mean 'ignore'?",),
    "reading-name-long": ("10:7: x: a reading's name has 1 to 80 characters",),
    "reading-text": ("10:10: x: 'r' is a mapping with 'metric' and 'claimed', got 'output'",),
    "reading-unknown-key": ("11:9: x: unknown key 'metrik'; did you mean 'metric'?",),
    "readings-empty": (
        "9:15: x: 'readings' is a mapping from names to readings of the claim, got an empty mapping",
    ),
    "scenario-and-compare": ("7:14: x: has both 'scenario' and 'compare'; one of them is enough",),
    "scenario-bad-date": ("6:15: x: 'scenario': owl@soon: expected a date such as 2025-01-29, got 'soon'",),
    "scenario-broken": (
        "bad_claims/../bad/number-negative.yaml:2:19: price.input_per_mtok: must not be negative, got -1",
    ),
    "scenario-missing": ("9:7: x: has neither 'scenario' nor 'compare'",),
    "scenario-stdin": ("6:15: x: 'scenario': a file cannot refer to standard input",),
    "scenario-too-early": (
        "6:15: x: lark: has nothing dated 2023-01-01 or earlier; its first date is 2024-01-01",
    ),
    "scenario-unknown-variant": ("6:15: x: wren: unknown variant 'of-peak'; did you mean 'off-peak'?",),
    "scenario-unknown": ("6:15: x: no scenario is called 'wrenn'; did you mean 'wren'?",),
    "set-bad-value": ("7:34: x: set price.output_per_mtok: must not be negative, got -1",),
    "set-list": (
        "7:10: x: 'set' is a mapping from quantities to values, such as {serving.utilization: 50%}, got a "
        "list",
    ),
    "set-nothing-to-scale": (
        "7:32: x: set serving.utilization: there is nothing to scale in owl: it is not stated and cannot be "
        "derived",
    ),
    "set-unknown": (
        "7:11: x: set: unknown quantity 'price.outputs_per_mtok'; did you mean 'price.output_per_mtok'?",
    ),
    "six-errors": (
        "6:11: x: 'when' is a date such as 2024-05-13 or 2024-05, got 'last year'",
        "7:10: x: 'url' is an address that starts with https:// or http://, got 'www.example.com'",
        "9:13: x: 'metric': unknown metric 'price.outputs_per_mtok'; did you mean 'price.output_per_mtok'?",
        "10:14: x: 'claimed': expected a number, got 'a lot'",
        f"11:21: x: 'expect_verdict' is one of {ALLOWED}, got 'hold'; did you mean 'holds'?",
        "14:19: x: 'ranges' is one of draw, ignore, got 'none'; did you mean 'ignore'?",
    ),
    "turns-on": (
        "12:19: x: turns_on: takes one of 'estimates' and 'varies'",
        "17:22: x: turns_on: no fact is called 'measure'; did you mean 'measured'?",
    ),
    "turns-on-unit": ("13:18: x: rent is in USD, market.price_elasticity in –",),
    "turns-on-no-range": ("10:16: x: price.input_per_mtok of owl is not a range, which 'varies' needs",),
    "unit-bad": ("7:11: x: 'unit' is a unit such as USD/Mtok, got '|'",),
    "url-bad": ("6:10: x: 'url' is an address that starts with https:// or http://, got 'www.example.com'",),
    "verdict-unknown-without-suggestion": (f"6:21: x: 'expect_verdict' is one of {ALLOWED}, got 'zzz'",),
    "verdict-unknown": (f"6:21: x: 'expect_verdict' is one of {ALLOWED}, got 'hold'; did you mean 'holds'?",),
    "version-unknown": ("1:10: 'llmcost' is the format version, which is 1 here, got '2'",),
    "when-bad": ("6:11: x: 'when' is a date such as 2024-05-13 or 2024-05, got 'last year'",),
    "within-more-than": ("8:14: x: 'claimed': 'within' belongs to 'about' or to a number by itself",),
    "within-negative": ("9:13: x: 'within': must not be negative, got -0.05",),
    "within-words": ("9:13: x: 'within': expected a number, got 'a bit'",),
    "workload-unknown": ("7:15: no workload is called 'chatt'; did you mean 'chat'?",),
}


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in the project's folder, so that paths are relative to it."""
    monkeypatch.chdir(TESTS)


def expected(name: str) -> list[str]:
    """Return the lines that are printed about a fixture, with its path in front."""
    return [line if line.startswith("bad") else f"{BAD}/{name}.yaml:{line}" for line in PROBLEMS[name]]


@each("name", PROBLEMS)
def test_messages(name: str) -> None:
    assert refusal(claims, BAD / f"{name}.yaml").splitlines() == expected(name)


@each("name", [name for name in PROBLEMS if name != "not-a-mapping"])
def test_validate_says_the_same(name: str) -> None:
    assert [str(problem) for problem in validate(BAD / f"{name}.yaml").problems] == expected(name)


def test_every_fixture_is_in_the_table_and_every_entry_has_a_fixture() -> None:
    assert {path.name for path in BAD.iterdir()} == {f"{name}.yaml" for name in PROBLEMS}


def test_the_errors_of_all_ledgers_are_reported_at_once() -> None:
    lines = refusal(claims, BAD).splitlines()
    assert set(lines) >= {line for name in ("url-bad", "when-bad", "six-errors") for line in expected(name)}


def test_the_command_prints_them(llmcost: Call) -> None:
    said = "".join(f"{line}\n" for line in expected("six-errors"))
    assert llmcost("claims", str(BAD / "six-errors.yaml")) == (2, "", said)

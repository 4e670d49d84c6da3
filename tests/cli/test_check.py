"""`llmcost check`: what is run, what it says, its exit codes, and its forms."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from pathlib import Path

import pytest

from calling import WORLD, Call, each, refusal, write
from llmcost.analysis.gates.check import Checked, check, selector
from llmcost.analysis.gates.validate import validate
from llmcost.errors import LlmcostError
from llmcost.scenario import finding
from llmcost.scenario.files.tree import read_text
from llmcost.scenario.library import Library
from llmcost.verbs import DRAWN, GATE

OURS = """\
title: Ours
training:
  gpus: 1k
  days: 10
  gpu_hour_cost: 2
variants:
  owned: {training.gpu_hour_cost: 1.5}
"""
"""1,000 GPUs · 10 days · 24 hours are 240,000 GPU-hours, at 2 USD each 480,000 USD, at 1.50 360,000."""

HOSTILE = (
    "\x1b[31mred\x07 | <script>alert(1)</script> `t` %0A ::error::no \u202e\n"
    "::error::pwned\n"
    "9 passed, 0 failed"
)
"""As a YAML double-quoted text it is what `json.dumps` writes."""


@pytest.fixture(autouse=True)
def here(home: Path) -> Path:
    """Stand in an empty folder that holds `ours.yaml`."""
    write("ours.yaml", OURS)
    return home


def expecting(*lines: str) -> str:
    """Return the scenario with expectations, each a line at column 3 from line 9 on."""
    return OURS + "expect:\n" + "".join(f"  {line}\n" for line in lines)


def cases(*texts: str) -> str:
    return "kind: tests\ncases:\n" + "".join(f"  - {text}\n" for text in texts)


def case(name: str, scenario: str, **rest: str) -> str:
    """Return one case in flow style."""
    more = "".join(f", {key}: {value}" for key, value in rest.items())
    return f"{{name: {name}, scenario: {scenario}{more}}}"


def names(result: Checked) -> list[str]:
    return [outcome.name for outcome in result.outcomes]


# Exit codes and text


def test_what_holds_is_exit_0(llmcost: Call) -> None:
    write("ours.yaml", expecting("training.cost: 480k", "training.gpu_hours: 1k * 10 * 24"))
    done = llmcost("check", "ours.yaml")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "file        passed   failed   warned\n"
        "────────────────────────────────────\n"
        "ours.yaml        2\n"
        "\n"
        "2 passed, 0 failed\n"
    )


def test_a_failure_word_for_word(llmcost: Call) -> None:
    write(
        "ours.yaml",
        expecting(
            'training.cost: {value: 400k + 80k, within: 5%, variant: owned, because: "the budget of May"}'
        ),
    )
    done = llmcost("check", "ours.yaml")
    assert (done.code, done.err) == (1, "")
    # 480,000 ± 5 % is 456,000 to 504,000; 360,000 is a quarter less than 480,000
    assert done.out == (
        "ours.yaml:9:3: FAILED training.cost of ours:owned [variant=owned]\n"
        "  expected  400k + 80k within 5%: 456,000 to 504,000\n"
        "  actual    360,000 USD (-25.0%)\n"
        "  because   the budget of May\n"
        "    = training.compute_cost\n"
        "    training.compute_cost = 360,000 USD\n"
        "      = training.gpu_hours · training.gpu_hour_cost\n"
        "      training.gpu_hours = 240,000 GPU-hours\n"
        "      training.gpu_hour_cost = 1.5 USD/GPU-hour (ours.yaml:7)\n"
        "\n"
        "file        passed   failed   warned\n"
        "────────────────────────────────────\n"
        "ours.yaml                 1\n"
        "\n"
        "0 passed, 1 failed\n"
    )


@each(
    "line, said",
    [
        ("training.cost: 400k", "480,000 USD (+20.0%)"),
        ("training.cost: {above: 600k}", "480,000 USD (-20.0%)"),
        ("training.cost: {between: 1 to 2}", "480,000 USD (+479,998)"),
        ("training.cost: 0", "480,000 USD (+480,000)"),
        ("training.cost: {undefined: no cost}", "480,000 USD"),
        ("training.cost_per_mtok: 5", "cannot be derived: lacks training.lifetime_tokens"),
        ("serving.utilization: 50%", "cannot be derived"),
        (
            "training.payback_days: {value: 5, set: {traffic.revenue_per_day: 1, serving.cost_per_day: 2}}",
            "undefined: ",
        ),
    ],
)
def test_what_is_said_of_the_actual_value(llmcost: Call, line: str, said: str) -> None:
    write("ours.yaml", expecting(line))
    done = llmcost("check", "ours.yaml", "-q")
    assert done.code == 1
    (actual,) = [row for row in done.out.splitlines() if row.startswith("  actual")]
    assert actual.startswith(f"  actual    {said}")


def test_a_share_is_off_in_percent_and_in_points(llmcost: Call) -> None:
    write("m.yaml", "unit.gross_margin: 60%\nexpect: {unit.gross_margin: {value: 50%, within: 1pp}}\n")
    out = llmcost("check", "m.yaml", "-q").out
    assert "\n  expected  50% within 1pp: 49% to 51%\n  actual    60% (+20.0%, +10.0 points)\n" in out


def test_a_warning_is_shown_and_does_not_fail(llmcost: Call) -> None:
    write("ours.yaml", expecting("training.cost: 480k", "training.gpu_hours: {value: 1, severity: warn}"))
    done = llmcost("check", "ours.yaml")
    assert done.code == 0
    assert done.out.startswith("ours.yaml:10:3: WARNED training.gpu_hours of ours\n  expected  1\n")
    assert done.out.endswith("\n1 warning, which does not fail\n1 passed, 0 failed\n")
    result = check("ours.yaml")
    assert result.ok
    assert [outcome.status for outcome in result.outcomes] == ["passed", "warned"]
    write("ours.yaml", expecting("training.gpu_hours: {value: 240k, severity: warn}"))
    assert llmcost("check", "ours.yaml").out.endswith("\n\n1 passed, 0 failed\n")


@pytest.mark.parametrize("arguments", [(), ("--quiet",), ("-x",), ("--no-color",)])
@pytest.mark.parametrize(
    "line", ["training.cost: 480k", "training.cost: 1", "training.cost: {value: 1, severity: warn}"]
)
def test_the_summary_stands_alone_on_its_line(llmcost: Call, line: str, arguments: tuple[str, ...]) -> None:
    write("ours.yaml", expecting(line))
    out = llmcost("check", "ours.yaml", *arguments).out
    assert [row for row in out.splitlines() if re.search(r"\d passed", row)] == [out.splitlines()[-1]]
    assert re.fullmatch(r"\d passed, \d failed", out.splitlines()[-1])


def test_the_summary_stays_on_one_line_of_a_narrow_terminal(
    llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    write("ours.yaml", expecting("training.cost: 1"))
    out = llmcost("check", "ours.yaml").out
    assert out.endswith("\n\n0 passed, 1 failed\n")
    assert "ours.yaml:9:3: FAILED training.cost of ours\n" in out


def test_quiet_shows_what_does_not_hold_and_the_summary(llmcost: Call) -> None:
    write("ours.yaml", expecting("training.cost: 480k"))
    assert llmcost("check", "ours.yaml", "--quiet").out == "1 passed, 0 failed\n"
    write("ours.yaml", expecting("training.cost: 480k", "training.gpus: 5"))
    out = llmcost("check", "ours.yaml", "-q").out
    assert out == (
        "ours.yaml:10:3: FAILED training.gpus of ours\n"
        "  expected  5\n"
        "  actual    1,000 GPUs (+19,900%)\n"
        "\n"
        "1 passed, 1 failed\n"
    )


def test_colours_only_where_they_are_wanted(llmcost: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    write("ours.yaml", expecting("training.cost: 1"))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[31m" in llmcost("check", "ours.yaml").out
    assert "\x1b" not in llmcost("check", "ours.yaml", "--no-color").out


# An empty run, and bad input


def test_an_empty_run_is_exit_2(llmcost: Call) -> None:
    write("other.yaml", "title: x\nexpect: {}\n")
    for targets, said in (
        (("ours.yaml",), "ours.yaml"),
        (("ours.yaml", "other.yaml"), "ours.yaml, other.yaml"),
    ):
        done = llmcost("check", *targets)
        assert (done.code, done.out) == (2, "")
        assert done.err == f"nothing to check: there is no 'expect:' in {said}\n"


def test_a_selection_of_nothing_is_exit_2(llmcost: Call) -> None:
    write("ours.yaml", expecting("training.cost: 480k", "training.gpus: 1k"))
    done = llmcost("check", "ours.yaml", "-k", "margin")
    assert (done.code, done.out) == (2, "")
    assert done.err == "-k 'margin' selects none of 2 expectations\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("zzz",), "no scenario is called 'zzz'; 'llmcost list' shows what there is"),
        (("larkk",), "no scenario is called 'larkk'; did you mean 'lark'?"),
        (("scenarios",), "scenarios: there is no such file or folder"),
        (("zzz.yaml",), "zzz.yaml: there is no such file or folder"),
        (("./zzz/",), "./zzz/: there is no such file or folder"),
        (("empty",), "empty: contains no scenario file (.yaml or .yml)"),
        (("lark:cheap",), "lark:cheap: expectations name their own variant and date; check 'lark'"),
        (("lark@2025-01-01",), "lark@2025-01-01: expectations name their own variant and date; check 'lark'"),
        (
            ("./ours.yaml:owned",),
            "./ours.yaml:owned: expectations name their own variant and date; check './ours.yaml'",
        ),
        (("",), "'': a scenario's name is missing"),
        (("x" * 5000,), f"{'x' * 79}…: is too long for a name"),
        ((), "Missing argument 'PATH|SCENARIO...'; see 'llmcost check --help'"),
        (("ours.yaml", "-k", ""), "-k '': a word is missing"),
        (("ours.yaml", "-k", "not"), "-k 'not': a word is missing"),
        (
            ("ours.yaml", "--format", "xml"),
            f"--format: unknown format 'xml'; allowed are {', '.join((*GATE, *DRAWN))}",
        ),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_2(llmcost: Call, arguments: tuple[str, ...], said: str) -> None:
    Path("empty").mkdir()
    done = llmcost("check", *arguments)
    assert done == (2, "", f"{said}\n")


def test_every_problem_of_every_file_at_once_and_nothing_on_standard_output(llmcost: Call) -> None:
    write("a.yaml", "training.cost: -1\nexpect:\n  training.cots: 5\n")
    write(
        "b.yaml",
        expecting("training.cost: {value: 1, variant: ownd}", "training.gpus: {value: 1, workload: z}"),
    )
    write("c.yaml", cases(case("one", "nowhere", expect="{training.cost: 1}"), "{name: two}"))
    write("d.yaml", expecting("training.cost: 5"))
    done = llmcost("check", "a.yaml", "b.yaml", "c.yaml", "d.yaml", "e.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "a.yaml:1:16: training.cost: must not be negative, got -1",
        "a.yaml:3:3: expect: unknown metric 'training.cots'; did you mean 'training.cost'?",
        "b.yaml:9:3: b: unknown variant 'ownd'; did you mean 'owned'?",
        "b.yaml:10:39: no workload is called 'z'; there are chat, rag, own",
        "c.yaml:3:27: cases: one: no scenario is called 'nowhere'; did you mean 'others'?",
        "c.yaml:4:5: cases: two: has no 'scenario' and no 'expect'",
        "e.yaml: there is no such file or folder",
    ]


def test_a_failure_hides_no_problem_though_the_first_failure_stops() -> None:
    write("a.yaml", "training.cost: -1\n")
    write("b.yaml", expecting("training.cost: 5"))
    said = "a.yaml:1:16: training.cost: must not be negative, got -1"
    assert refusal(check, "a.yaml", "b.yaml", stop=True) == said


def test_what_is_not_selected_is_not_complained_about() -> None:
    write("b.yaml", expecting("training.cost: {value: 1, variant: ownd}", "training.gpus: 1k"))
    assert names(check("b.yaml", select="gpus")) == ["b::training.gpus"]


@each(
    "text, said",
    [
        (case("a", "nowhere", expect="{training.cost: 1}"), "3:25: no scenario is called 'nowhere'"),
        (case("a", "./zzz.yaml", expect="{training.cost: 1}"), "3:25: zzz.yaml: there is no such file"),
        (
            case("a", '":"', expect="{training.cost: 1}"),
            "3:25: cases: a: 'scenario': :: a scenario's name is missing",
        ),
        (
            case("a", '"-"', expect="{training.cost: 1}"),
            "3:25: cases: a: 'scenario': a file cannot refer to standard input",
        ),
        (case("a", "'ours.yaml:ownd'", expect="{training.cost: 1}"), "3:52: ours: unknown variant 'ownd'"),
        (
            case("a", "ours", variant="ownd", expect="{training.cost: 1}"),
            "3:55: ours: unknown variant 'ownd'",
        ),
        (case("a", "ours", workload="rga", expect="{training.cost: 1}"), "3:41: no workload is called 'rga'"),
        (
            case("a", "ours", set='{cost.data: "*2"}', expect="{training.cost: 1}"),
            "3:48: cases: a: set cost.data: there is nothing to scale in ours: it is not stated and cannot "
            "be derived",
        ),
        (
            case("a", "ours", expect="{training.cost: 1, training.gpus: {value: 1, variant: ownd}}"),
            "3:58: ours: unknown variant 'ownd'",
        ),
    ],
)
def test_what_keeps_a_case_from_running_is_said_at_its_place(text: str, said: str) -> None:
    path = write("t.yaml", cases(text))
    complaint = refusal(check, path)
    assert complaint.startswith(f"t.yaml:{said}")
    assert list(map(str, validate(path).problems)) == [complaint]


def test_a_case_s_unknown_variant_is_one_problem_however_much_is_expected() -> None:
    expect = "{training.cost: 1, training.gpus: 1, training.days: 1}"
    path = write("t.yaml", cases(case("a", "ours", variant="ownd", expect=expect)))
    assert len(refusal(check, path).splitlines()) == 1
    assert len(validate(path).problems) == 1


# What is run


def test_files_folders_names_and_several_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    write("scenarios/named.yaml", expecting("training.cost: 480k"))
    write("more/deep/a.yml", expecting("training.cost: 480k"))
    write("more/b.yaml", expecting("training.gpus: 1k"))
    write("more/.hidden/c.yaml", "nonsense\n")
    write("more/notes.txt", "nonsense\n")
    result = check("NAMED", "more", Path("ours.yaml"))
    assert names(result) == ["named::training.cost", "b::training.gpus", "a::training.cost"]
    assert [outcome.expectation.place.file for outcome in result.outcomes] == [
        "scenarios/named.yaml",
        "more/b.yaml",
        "more/deep/a.yml",
    ]
    monkeypatch.chdir("more")
    assert names(check(".")) == ["b::training.gpus", "a::training.cost"]


def test_scenarios_of_the_library_are_run_by_name() -> None:
    assert check("wren", "acme").ok


def test_standard_input(llmcost: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (expecting("training.cost: 1"), cases(case("a", "ours", expect="{training.cost: 1}"))):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        done = llmcost("check", "-", "-q")
        assert done.code == 1
        assert done.out.startswith("<stdin>:")
        assert done.out.endswith("\n0 passed, 1 failed\n")


def test_what_is_given_twice_is_run_once(here: Path) -> None:
    write("scenarios/ours.yaml", expecting("training.cost: 480k"))
    folder = here / "scenarios"
    (here / "link").symlink_to(folder)
    targets: list[str | Path] = [
        "ours",
        "scenarios",
        "./scenarios/ours.yaml",
        folder,
        "link",
        "scenarios/../scenarios",
    ]
    assert names(check(*targets)) == ["ours::training.cost"]


def test_a_child_has_its_parent_s_values_and_variants_and_its_own_expectations() -> None:
    write("ours.yaml", expecting("training.cost: 480k"))
    write(
        "child.yaml",
        "extends: ours\ntraining.gpus: 2k\nexpect:\n"
        "  training.cost:\n"
        "    - 960k\n"
        "    - {value: 720k, variant: owned}\n",
    )
    result = check("child.yaml")
    assert result.ok
    assert names(result) == ["child::training.cost", "child::training.cost[variant=owned]"]


def test_conditions_take_effect() -> None:
    write(
        "dated.yaml",
        "price.input_per_mtok: {values: {2024-01-01: 4, 2025-01-01: 2}}\n"
        "price.output_per_mtok: 10\n"
        "variants:\n"
        "  a: {price.output_per_mtok: 20}\n"
        "  b: {price.input_per_mtok: 1}\n"
        "expect:\n"
        "  price.input_per_mtok:\n"
        "    - 2\n"
        "    - {value: 4, as_of: 2024-12-31}\n"
        "    - {value: 3, set: {price.input_per_mtok: '*1.5'}}\n"
        "    - {value: 2.2, set: {price.input_per_mtok: +10%}}\n"
        "    - {value: 5, as_of: 2024-12-31, set: {price.input_per_mtok: 5}}\n"
        "  price.blended_per_mtok:\n"
        "    - 0.75 * 2 + 0.25 * 10\n"  # chat: a quarter is output
        "    - {value: 0.5 * 2 + 0.5 * 10, set: {workload.output_share: 50%}}\n"
        "    - {value: 0.75 * 2 + 0.25 * 20, variant: a}\n"
        "    - {value: 0.75 * 1 + 0.25 * 20, variant: a+b}\n"
        "    - {value: 0.1 * 2 + 0.9 * 10, workload: wordy}\n"
        "  serving.cost_per_mtok: {undefined: x, severity: warn}\n",
    )
    write("scenarios/wordy.yaml", "kind: workload\nworkload: {output_share: 90%, cached_input_share: 0}\n")
    import llmcost.analysis.ask.load as loading

    loading.library.cache_clear()
    try:
        result = check("dated.yaml")
    finally:
        loading.library.cache_clear()
    assert [(o.name, o.actual) for o in result.outcomes if o.status != "passed"] == [
        ("dated::serving.cost_per_mtok", None)
    ]
    assert len(result.outcomes) == 11


def test_a_test_file_looks_beside_itself_first() -> None:
    write("deep/tests/lark.yaml", "price.input_per_mtok: 7\n")
    write("deep/other.yaml", "price.input_per_mtok: 8\nvariants:\n  v: {price.input_per_mtok: 9}\n")
    write(
        "deep/tests/t.llmcost.yaml",
        cases(
            case("a name", "lark", expect="{price.input_per_mtok: 7}"),
            case("a path", "../other.yaml", expect="{price.input_per_mtok: 8}"),
            case("a variant", "'../other.yaml:v'", expect="{price.input_per_mtok: 9}"),
            case("a key", "../other.yaml", variant="v", expect="{price.input_per_mtok: 9}"),
            case("bundled", "owl", set="{price.input_per_mtok: 5}", expect="{price.input_per_mtok: 5}"),
            case("removed", "lark", set="{price.input_per_mtok: null}", expect="{price.input_per_mtok: 7}"),
        ),
    )
    result = check("deep/tests/t.llmcost.yaml")
    assert [outcome.status for outcome in result.outcomes] == ["passed"] * 5 + ["failed"]
    assert names(result)[0] == "t.llmcost::a name::price.input_per_mtok"
    assert [outcome.scenario for outcome in result.outcomes[1:4]] == ["other", "other:v", "other:v"]
    assert result.outcomes[5].reason == "cannot be derived: not stated"


def test_a_case_s_set_is_overruled_by_its_expectation_s() -> None:
    write(
        "t.yaml",
        cases(
            case(
                "a",
                "ours",
                set="{training.gpus: 2k}",
                expect="{training.cost: [960k, {value: 1440k, set: {training.gpus: 3k}}, "
                "{value: 1920k, set: {training.gpus: '*2'}}]}",
            )
        ),
    )
    assert check("t.yaml").ok


def test_the_same_twice_has_two_names() -> None:
    write("ours.yaml", expecting("training.cost: [480k, {above: 1}, {below: 1M, variant: owned}]"))
    assert names(check("ours.yaml")) == [
        "ours::training.cost",
        "ours::training.cost#2",
        "ours::training.cost[variant=owned]",
    ]


# Selection


@each(
    "words, chosen",
    [
        ("cost", "acd"),
        ("COST", "acd"),
        ("training.gpus", "b"),
        ("not cost", "b"),
        ("cost and not owned", "ac"),
        ("cost and owned", "d"),
        ("gpus or owned", "bd"),
        ("gpus or cost and owned", "bd"),
        ("not cost or not training", "bc"),
        ("variant=owned", "d"),
        ("some name", "c"),
        ("s::", "abcd"),
    ],
)
def test_selection_by_words(words: str, chosen: str) -> None:
    listed = {
        "a": "ours::training.cost",
        "b": "ours::training.gpus",
        "c": "t.tests::Some name::cost.total",
        "d": "ours::training.cost[variant=owned]",
    }
    matches = selector(words)
    assert "".join(key for key, name in listed.items() if matches(name)) == chosen


@each("words", ["", " ", "not", "a and not", "a or ", "not  ", " and b"])
def test_a_missing_word(words: str) -> None:
    with pytest.raises(LlmcostError, match="a word is missing"):
        selector(words)


@each("words", ["not (a or b)", "(a or b) and c", "c and (a or b)"])
def test_parentheses_do_not_pass_for_parts_of_words(words: str) -> None:
    said = f"-k '{words}': parentheses do not group words; 'and' binds before 'or'"
    assert refusal(selector, words) == said


def test_stopping_at_the_first_failure(llmcost: Call) -> None:
    lines = ["training.cost: {value: 1, severity: warn}", "training.gpus: 1", "training.days: 1"]
    write("a.yaml", expecting(*lines))
    write("b.yaml", expecting(*lines))
    done = llmcost("check", "a.yaml", "b.yaml", "-x")
    assert done.code == 1
    assert done.out.endswith("\n0 passed, 1 failed\n")
    assert [outcome.status for outcome in check("a.yaml", "b.yaml", stop=True).outcomes] == [
        "warned",
        "failed",
    ]
    assert len(check("a.yaml", "b.yaml").outcomes) == 6


# Forms


def test_csv_says_what_json_says(llmcost: Call) -> None:
    write("ours.yaml", expecting("training.cost: 600k", "training.gpus: {above: 1}"))
    plain = list(csv.DictReader(io.StringIO(llmcost("check", "ours.yaml", "--format", "csv").out)))
    results = json.loads(llmcost("check", "ours.yaml", "--format", "json").out)["results"]
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in results] == plain


@each("failures, folded", [(20, 0), (21, 1), (45, 25)])
def test_markdown_folds_what_is_beyond_twenty_rows(llmcost: Call, failures: int, folded: int) -> None:
    write("ours.yaml", expecting(f"training.cost: [{', '.join(['1'] * failures)}]", "training.days: 10"))
    quiet = llmcost("check", "ours.yaml", "--format", "markdown", "--quiet").out
    assert "1 passed</summary>" not in quiet
    out = llmcost("check", "ours.yaml", "--format", "markdown").out
    before, mark, after = out.partition(f"<details><summary>{folded} more that do not hold</summary>\n\n|")
    assert before.count("**failed**") == failures - folded
    assert after.count("**failed**") == folded
    assert bool(mark) == bool(folded)
    assert out.count("<details>") == out.count("</details>") == bool(folded) + 1, "what passed has its own"


def test_github(llmcost: Call) -> None:
    write("a,b:c/ours.yaml", expecting("training.cost: 600k", "training.gpus: {value: 5, severity: warn}"))
    done = llmcost("check", "a,b:c", "--format", "github")
    assert done.code == 1
    first, second, last = done.out.splitlines()
    assert first.startswith(
        "::error file=a%2Cb%3Ac/ours.yaml,line=9,col=3,title=training.cost of ours::"
        "expected  600k%0Aactual    480,000 USD (-20.0%25)%0A  = training.compute_cost%0A"
    )
    assert second.startswith("::warning file=a%2Cb%3Ac/ours.yaml,line=10,col=3,title=training.gpus of ours::")
    assert last == "0 passed, 1 failed"


def test_paths_in_annotations_are_seen_from_the_working_directory(llmcost: Call, here: Path) -> None:
    write("ours.yaml", expecting("training.cost: 600k"))
    out = llmcost("check", str(here / "ours.yaml"), "--format", "github").out
    assert out.startswith("::error file=ours.yaml,line=9,")
    assert llmcost("check", str(here / "ours.yaml")).out.startswith("ours.yaml:9:3: FAILED ")


# Untrusted text


@pytest.fixture
def hostile() -> str:
    """Return a test file whose every text is hostile, and each of whose three expectations fails."""
    text = json.dumps(HOSTILE)
    write(
        "theirs.yaml",
        f"title: {text}\nnote: {text}\ntraining.cost: {{value: 1, source: {text}, note: {text}}}\n",
    )
    expect = (
        f"{{training.cost: [{{value: 2, because: {text}}}, {{undefined: {text}}}, "
        f"{{value: 3, because: {text}, severity: warn}}]}}"
    )
    write("t.yaml", f"title: {text}\n" + cases(f"{{name: {text}, scenario: theirs, expect: {expect}}}"))
    return "t.yaml"


@each("form", ["table", "json", "csv", "markdown", "junit", "github"])
def test_hostile_text_in_every_form(llmcost: Call, hostile: str, form: str) -> None:
    done = llmcost("check", hostile, "--format", form)
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    if form != "json":  # which holds texts as they are, its own escapes aside
        assert [sign for sign in done.out if not sign.isprintable() and sign != "\n"] == []
        assert [line for line in lines if "9 passed" in line and len(line) < 30] == []
    commands = [line for line in lines if line.lstrip().startswith("::")]
    assert len(commands) == (3 if form == "github" else 0)
    assert sum(line == "0 passed, 2 failed" for line in lines) == (form in ("table", "github"))
    if form == "markdown":
        assert "<script" not in re.sub(r"\\<", "", done.out)
        tables = [line for line in lines if line.startswith("|")]
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {8}
    if form == "junit":
        assert "<script" not in done.out
    if form == "github":
        assert [line for line in lines if "%0A ::error" in line] == []


def test_hostile_text_in_complaints(llmcost: Call) -> None:
    text = json.dumps(HOSTILE)
    write(
        "t.yaml",
        f"kind: tests\n{text}: 1\ncases:\n"
        f"  - {{name: {text}, scenario: {text}, variant: {text}, workload: {text}, expect: {{{text}: 1}}}}\n"
        f"  - {{name: {text}, scenario: {text}, expect: {{training.cost: {text}}}}}\n",
    )
    done = llmcost("check", "t.yaml")
    assert (done.code, done.out) == (2, "")
    assert [line for line in done.err.splitlines() if not line.startswith("t.yaml:")] == []
    assert [sign for sign in done.err if not sign.isprintable() and sign != "\n"] == []
    write("t.yaml", cases(f"{{name: a, scenario: {text}, expect: {{training.cost: 1}}}}"))
    done = llmcost("check", "t.yaml")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err[:-1].isprintable()


# Files


@pytest.mark.parametrize(
    ("form", "ending"),
    [
        ("table", "txt"),
        ("json", "json"),
        ("csv", "csv"),
        ("markdown", "md"),
        ("junit", "xml"),
        ("github", "log"),
    ],
)
def test_a_file_holds_what_a_pipe_gets_and_is_whole(llmcost: Call, form: str, ending: str) -> None:
    write("ours.yaml", expecting("training.cost: 600k", "training.days: 10"))
    printed = llmcost("check", "ours.yaml", "--format", form)
    path = write(f"result.{ending}", "before")
    done = llmcost("check", "ours.yaml", "--format", form, "--output", path.name, "--force")
    assert (done.code, done.out, done.err) == (1, "", f"wrote {path.name}\n")
    assert path.read_text(encoding="utf-8-sig") == printed.out
    assert sorted(item.name for item in Path().iterdir()) == ["ours.yaml", path.name]


def test_a_file_is_left_as_it_was_where_the_input_is_bad(llmcost: Call) -> None:
    path = write("result.txt", "before")
    assert llmcost("check", "ours.yaml", "-o", "result.txt").code == 2
    assert path.read_text(encoding="utf-8") == "before"
    assert llmcost("check", "zzz.yaml", "-o", "result.txt").code == 2
    assert path.read_text(encoding="utf-8") == "before"
    assert sorted(item.name for item in Path().iterdir()) == ["ours.yaml", "result.txt"]


def test_a_file_that_cannot_be_written(llmcost: Call) -> None:
    write("ours.yaml", expecting("training.cost: 480k"))
    done = llmcost("check", "ours.yaml", "-o", "nowhere/result.txt")
    assert done == (2, "", "nowhere/result.txt: cannot be written: No such file or directory\n")


def test_the_same_bytes_whatever_the_width_and_the_time_zone(
    llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("ours.yaml", expecting("training.cost: 600k", "training.days: 10"))
    for form in ("json", "csv", "markdown", "junit", "github"):
        monkeypatch.delenv("COLUMNS", raising=False)
        wide = llmcost("check", "ours.yaml", "--format", form).out
        monkeypatch.setenv("COLUMNS", "45")
        monkeypatch.setenv("TZ", "Pacific/Chatham")
        assert llmcost("check", "ours.yaml", "--format", form).out == wide


# Many files


def test_a_library_keeps_no_more_than_it_says(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "KEPT", 9)
    folder = here / "many"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:04}-parent.yaml").write_text(OURS, encoding="utf-8")
        (folder / f"{number:04}.yaml").write_text(
            f"extends: ./{number:04}-parent.yaml\ntraining.gpus: 8\nexpect: {{training.gpus: 8}}\n",
            encoding="utf-8",
        )
    library = Library()
    result = check(folder, library=library)
    assert result.ok
    assert len(result.outcomes) == 20
    assert len(library._files) == 9


@each("own", ["", "aliases: [other-{}]\n"])
def test_the_work_per_file_does_not_grow_with_the_number_of_files(
    own: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0

    def counted(path: Path, *, glance: bool = False) -> str:
        nonlocal reads
        reads += 1
        return read_text(path, glance=glance)

    monkeypatch.setattr(finding, "read_text", counted)
    for number in range(50):
        write(
            f"many/{number}.yaml", own.format(number) + "extends: lark\nexpect: {price.input_per_mtok: 2}\n"
        )
    assert check("many", library=Library([WORLD])).ok
    assert reads < 50 * 4 + 60  # those of the library are read for their aliases once


def test_what_passed_holds_on_to_no_derivation() -> None:
    write("ours.yaml", expecting("training.cost: 480k", "training.gpus: 5"))
    assert [outcome.why is None for outcome in check("ours.yaml").outcomes] == [True, False]


# Neighbours: validate and show


def test_validate_reads_test_files_and_the_conditions_of_expectations(llmcost: Call) -> None:
    write("ours.yaml", expecting("training.cost: 5"))
    write("t.yaml", cases(case("a", "ours", expect="{training.cost: 1}")))
    done = llmcost("validate", ".")
    assert (done.code, done.err) == (0, "")
    assert done.out == "2 files, no errors\n"
    write("ours.yaml", expecting("training.cost: {value: 1, variant: ownd}"))
    done = llmcost("validate", ".")
    assert done.code == 2
    assert done.out.splitlines()[0] == "ours.yaml:9:3: ours: unknown variant 'ownd'; did you mean 'owned'?"


@each("command", [("show",), ("explain",), ("breakeven",)])
def test_a_test_file_is_no_scenario(llmcost: Call, command: tuple[str, ...]) -> None:
    write("x.llmcost.yaml", cases(case("a", "ours", expect="{training.cost: 1}")))
    metric = ("training.cost",) if command == ("explain",) else ()
    done = llmcost(*command, "x.llmcost.yaml", *metric)
    assert done == (2, "", "x.llmcost.yaml: is a file of tests, not a scenario; 'llmcost check' runs it\n")


def test_a_test_file_in_a_folder_of_scenarios_is_in_nobody_s_way(llmcost: Call) -> None:
    write("scenarios/x.llmcost.yaml", cases(case("a", "../ours.yaml", expect="{training.cost: 480k}")))
    assert "x.llmcost" not in llmcost("list").out
    assert check("scenarios").ok
    assert llmcost("show", "lark").code == 0


def test_an_outcome_is_traced_to_where_it_begins_and_what_moves(llmcost: Call) -> None:
    """12 a month is earned and 24 spent; revenue grows a tenth each month, and 5 come in in month 2."""
    write(
        "course.yaml",
        "revenue: {api: 144}\ncost: {staff: 288}\ncash: {balance: 20}\nhorizon_months: 3\n"
        "trajectory: {revenue.api: +10%/month}\nevents: [{at: 2, cash.balance: +5}]\n"
        "expect: {project.cash_low: {above: 0}}\n",
    )
    code, out, _ = llmcost("check", "course.yaml")
    assert code == 1
    told = out[out.index("actual") :]
    assert "= the projection to month 3; revenue.api +10%/month; month 2: cash.balance +5" in told
    assert re.search(r"company.net_burn_per_month = ~?12 USD/month", told)
    assert "cost.total = 288 USD" in told
    assert "cash.balance = 20 USD (course.yaml:3)" in told


def test_a_number_is_no_distance_away_from_being_undefined() -> None:
    write("ours.yaml", expecting("training.cost: {undefined: earns cash}"))
    (outcome,) = check("ours.yaml").outcomes
    assert (outcome.status, outcome.deviation, outcome.relative_deviation) == ("failed", None, None)


def test_an_end_may_be_the_metric_of_another_scenario(llmcost: Call) -> None:
    """A chat costs 3.50 with lark and 0.35 with wren, whose input is 0.20."""
    Path("t.yaml").write_text(
        """\
kind: tests
cases:
  - name: cheap
    scenario: wren
    expect:
      price.blended_per_mtok:
        - {below: lark/price.blended_per_mtok, above: price.input_per_mtok}
        - {below: lark/price.blended_per_mtok, above: 2, set: {price.output_per_mtok: 9}, severity: warn}
        - {above: lark/price.blended_per_mtok, because: nobody believes it}
  - {name: dearer, scenario: acme-plan, expect: {project.cash_low: {below: acme-plan:round/project.cash_low}}}
""",
        encoding="utf-8",
    )
    done = llmcost("check", "t.yaml")
    assert done.code == 1
    assert "expected  above lark/price.blended_per_mtok (3.5)" in done.out
    assert "actual    0.35 USD/Mtok (-90.0%)" in done.out
    assert "3 passed, 1 failed" in done.out


@each(
    "end, said",
    [
        ("larkk/price.blended_per_mtok", "no scenario is called 'larkk'; did you mean 'lark'?"),
        ("lark/price.blended", "unknown metric 'price.blended'; did you mean 'price.blended_per_mtok'?"),
        (
            "lark/serving.gpu_hour_cost",
            "serving.gpu_hour_cost is in USD/GPU-hour, price.blended_per_mtok in USD/Mtok",
        ),
        ("owl/serving.cost_per_mtok", "lacks serving.gpu_hour_cost"),
    ],
)
def test_an_end_that_cannot_be_read_is_refused_by_check_and_validate(
    end: str, said: str, llmcost: Call
) -> None:
    expect = f"{{price.blended_per_mtok: {{below: {end}}}}}"
    text = f"kind: tests\ncases:\n  - {{name: a, scenario: wren, expect: {expect}}}\n"
    write("t.yaml", text)
    for verb in ("check", "validate"):
        done = llmcost(verb, "t.yaml")
        assert done.code == 2
        assert said in done.out + done.err

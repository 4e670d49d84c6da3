"""Where results go: files, devices, pipes whose reader has gone, and the logs of CI services."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from calling import Call, Done, each
from llmcost.render.forms import FORMS
from llmcost.render.markdown import line, render
from llmcost.render.report import Cell, Report, Tree
from llmcost.render.words import harmless
from llmcost.verbs import SEEN, VERBS

PROGRAM = f'"{sys.executable}" -m llmcost'
FAILING = "price: {blended_per_mtok: 2}\nexpect: {price.blended_per_mtok: 3}\n"
_ENDINGS = [FORMS[name].endings[0] for name in SEEN]
WRITE = f"write {', '.join(_ENDINGS[:-1])} or {_ENDINGS[-1]}"
EVIL = "::stop-commands::x ##[error]y ##vso[task.complete]z"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a scenario of which an expectation fails."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    Path("bad.yaml").write_text(FAILING, encoding="utf-8")
    Path("wrong.yaml").write_text("prise: 1\n", encoding="utf-8")
    return tmp_path


def bash(script: str) -> subprocess.CompletedProcess[bytes]:
    """Run a shell script in which `llmcost` is this one, and the code of a pipe is that of its worst part."""
    script = f'llmcost() {{ {PROGRAM} "$@"; }}; set -o pipefail; {script}'
    return subprocess.run(["bash", "-c", script], capture_output=True, check=False, timeout=60)


# The form of a file


@each(
    "target, start",
    [
        ("x.json", '{\n  "format": "llmcost/show"'),
        ("x.csv", "\ufeffscenario,metric,"),
        ("x.md", "**lark"),
        ("x.txt", "lark"),
        ("x.jsonl", '{"scenario": "lark"'),
    ],
)
def test_the_ending_of_a_file_chooses_the_form(here: Path, llmcost: Call, target: str, start: str) -> None:
    assert llmcost("show", "lark", "-o", target) == Done(0, "", f"wrote {target}\n")
    assert Path(target).read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize("ending", ["xlsx", "yaml", "pdf"])
@pytest.mark.parametrize("form", [(), ("--format", "json")])
def test_what_cannot_be_written_is_refused(
    here: Path, llmcost: Call, ending: str, form: tuple[str, ...]
) -> None:
    done = llmcost("show", "lark", "-o", f"x.{ending}", *form)
    assert done == Done(2, "", f"x.{ending}: cannot write .{ending}; {WRITE}\n")
    assert not Path(f"x.{ending}").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("show", "owl", "-o", "x.md", "--format", "csv"),
            "x.md: ends in .md, but --format is csv; leave one out",
        ),
        (
            ("show", "owl", "-o", "x.log"),
            f"x.log: cannot write .log; {WRITE}, or name the format with --format",
        ),
        (("show", "owl", "-o", "x"), f"x: has no ending; {WRITE}, or name the format with --format"),
        (("schema", "-o", "x.csv"), "x.csv: cannot write .csv; write .json"),
        (("snapshot", "owl", "-o", "x.md"), "x.md: cannot write .md; write .json"),
        (("show", "owl", "-o", "x.xml"), f"x.xml: cannot write .xml; {WRITE}"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_ending_and_a_format_that_do_not_go_together(
    here: Path, llmcost: Call, arguments: tuple[str, ...], said: str
) -> None:
    assert llmcost(*arguments) == Done(2, "", f"{said}\n")
    assert sorted(path.name for path in here.iterdir()) == ["bad.yaml", "wrong.yaml"]


def test_a_format_may_have_any_other_ending(here: Path, llmcost: Call) -> None:
    assert llmcost("show", "lark", "-o", "x.log", "--format", "json").code == 0
    assert json.loads(Path("x.log").read_text())["scenario"] == "lark"


# What is replaced


@each("target", ["x.json", "x.jsonl", "x.csv", "x.md", "x.txt"])
def test_only_what_llmcost_has_written_is_replaced(here: Path, llmcost: Call, target: str) -> None:
    path = Path(target)
    path.write_text("metric,mine\nnotes,1\n", encoding="utf-8")
    refused = f"{target}: exists already, and llmcost did not write it; --force replaces it\n"
    assert llmcost("show", "lark", "-o", target) == Done(2, "", refused)
    assert path.read_text(encoding="utf-8") == "metric,mine\nnotes,1\n"
    for command in (("lark", "--force"), ("lark",), ("owl", "--metric", "price")):
        assert llmcost("show", *command, "-o", target) == Done(0, "", f"wrote {target}\n")
    path.write_text("", encoding="utf-8")
    assert llmcost("show", "lark", "-o", target).code == 0


def test_junit_and_schemas_are_known_again(here: Path, llmcost: Call) -> None:
    for _ in range(2):
        assert llmcost("check", "bad.yaml", "-o", "x.xml").code == 1
        assert llmcost("schema", "--claims", "-o", "schema.json").code == 0
        assert llmcost("list", "metrics", "-o", "list.csv").code == 0


@pytest.mark.parametrize(
    "command",
    [
        "show ./in.json -o in.json --force",
        "show ./in.json:half -o ./in.json --force",
        "compare lark ./in.json -o link.json --force",
        "show child.yaml -o in.json --force",
        "check in.json -o in.json --force",
        "validate in.json -o in.json --force",
        "snapshot in.json -o in.json --force",
        "show in.json -o in.json",
    ],
)
def test_no_result_replaces_its_own_input(here: Path, llmcost: Call, command: str) -> None:
    text = '{"price": {"blended_per_mtok": 2}, "variants": {"half": {"price.blended_per_mtok": 1}},'
    text += ' "expect": {"price.blended_per_mtok": 2}}'
    Path("in.json").write_text(text, encoding="utf-8")
    Path("child.yaml").write_text("extends: ./in.json\n", encoding="utf-8")
    Path("link.json").symlink_to("in.json")
    done = llmcost(*command.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("is an input of this command; write to another file\n")
    assert Path("in.json").read_text(encoding="utf-8") == text


def test_standard_input_is_an_input(here: Path) -> None:
    done = bash("llmcost show - -o in.json --force < in.json")
    assert done.returncode != 0
    Path("in.json").write_text("price: {blended_per_mtok: 2}\n", encoding="utf-8")
    done = bash("llmcost show - -o in.json --force < in.json")
    assert (done.returncode, done.stderr) == (
        2,
        b"in.json: is an input of this command; write to another file\n",
    )
    assert Path("in.json").read_text(encoding="utf-8") == "price: {blended_per_mtok: 2}\n"


# Devices, pipes and links


@each(
    "script",
    [
        "llmcost show lark --format json -o /dev/stdout | cat",
        "llmcost show lark --format json -o - | cat",
        "llmcost show lark --format json -o >(cat) | cat",
        "mkfifo pipe; cat pipe & llmcost show lark --format json -o pipe; wait",
        "llmcost show lark --format json -o /dev/stdout > out; cat out",
    ],
)
def test_a_result_goes_through_a_pipe(here: Path, script: str) -> None:
    done = bash(script)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["scenario"] == "lark"


def test_standard_output_as_a_file_is_appended_to(here: Path) -> None:
    done = bash("echo first > out; llmcost list -o /dev/stdout >> out; head -1 out")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"first\n", b"")


@each(
    "script, said",
    [
        (
            "ln -s a.txt b; ln -s b a.txt; llmcost show lark -o a.txt",
            "a.txt: cannot be written: Too many levels of",
        ),
        ("llmcost show lark -o /dev/full", "/dev/full: cannot be written: No space left on device"),
        ("llmcost show lark -o bad.yaml/x.txt", "bad.yaml/x.txt: cannot be written: Not a directory"),
        ("llmcost show lark -o /dev/fd/77", "/dev/fd/77: cannot be written: Bad file descriptor"),
        ("llmcost list > /dev/full", "standard output: cannot be written: No space left on device"),
        ("llmcost --version > /dev/full", "standard output: cannot be written: No space left on device"),
        ("llmcost --help > /dev/full", "cannot be written: No space left on device"),
        ("llmcost --version >&-", "standard output: is closed"),
        ("llmcost show lark >&-", "standard output: is closed"),
        ("llmcost show - <&-", "<stdin>: is closed"),
    ],
)
def test_what_cannot_be_written_is_one_line(here: Path, script: str, said: str) -> None:
    done = bash(script)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(said)
    assert done.stderr.count(b"\n") == 1


# A reader that has gone, and a closed standard error


@each(
    "command, code",
    [
        ("check bad.yaml | head -c 1 > /dev/null", 1),
        ("validate wrong.yaml | true", 2),
        ("diff lark owl --fail-on any | head -1 > /dev/null", 1),
        ("show lark | true", 0),
        ("check --help | true", 0),
    ],
)
def test_the_verdict_survives_a_reader_that_has_gone(here: Path, command: str, code: int) -> None:
    done = bash(f"llmcost {command}")
    assert (done.returncode, done.stderr) == (code, b"")


@each(
    "command, code",
    [
        (
            "sweep lark --vary workload.output_share=0:1:5 --metric price.blended_per_mtok --format csv 2>&-",
            0,
        ),
        ("solve lark --vary price.input_per_mtok --until price.blended_per_mtok=3 2>&-", 0),
        ("solve lark --vary price.input_per_mtok --until price.blended_per_mtok=0.01 --value 2>/dev/full", 1),
        ("check bad.yaml 2>&-", 1),
        ("show lark -o out.json 2>/dev/full", 0),
        ("init new.yaml 2>&-", 0),
        ("show nobody 2>/dev/full", 2),
    ],
)
def test_nobody_needs_standard_error(here: Path, command: str, code: int) -> None:
    assert bash(f"llmcost {command}").returncode == code


# Interrupts and signals

LONG = ("sweep", "lark", "--vary", "workload.output_share=0:1:5000", "--vary", "price.input_per_mtok=1:9:999")


@each("number, code", {"SIGTERM": -15, "SIGHUP": -1, "SIGINT": 130, "SIGKILL": -9}.items())
def test_a_signal_leaves_nothing_behind(here: Path, number: str, code: int) -> None:
    command = [sys.executable, "-m", "llmcost", *LONG, "--metric", "price.blended_per_mtok", "-o", "out.csv"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        while process.poll() is None and not any(path.name.startswith(".") for path in here.iterdir()):
            time.sleep(0.01)
        process.send_signal(getattr(signal, number))
        assert process.wait(timeout=30) == code
    if number == "SIGKILL":  # which nothing can answer: the next writer cleans up
        assert any(path.name.startswith(".") for path in here.iterdir())
        assert bash("llmcost show lark -o other.json").returncode == 0
        Path("other.json").unlink()
    assert sorted(path.name for path in here.iterdir()) == ["bad.yaml", "wrong.yaml"]


def test_a_writer_leaves_alone_what_another_is_writing(here: Path) -> None:
    command = [sys.executable, "-m", "llmcost", *LONG[:3], "workload.output_share=0:1:100000"]
    with subprocess.Popen([*command, "--metric", "price.blended_per_mtok", "-o", "out.csv"]) as process:
        while not any(path.name.startswith(".") for path in here.iterdir()):
            assert process.poll() is None
            time.sleep(0.01)
        assert bash("llmcost show lark -o other.json").returncode == 0
        assert process.wait(timeout=60) == 0
    with Path("out.csv").open(encoding="utf-8-sig") as file:
        assert sum(1 for _ in csv.reader(file)) == 100_001


def test_an_interrupt_while_importing_is_130() -> None:
    program = (
        "import sys, os, signal\n"
        "class Hook:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Hook())\n"
        "from llmcost.__main__ import main; sys.argv = ['llmcost', 'list']; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


# What comes from a file begins no command


IN_A_LOG = ("table", "json", "jsonl", "csv", "markdown", "junit", "github")
OF_NO_SCENARIO = ("import", "init", "list", "schema", "size")


@each(
    "verb, form",
    [
        (verb, form)
        for verb in VERBS
        if verb not in OF_NO_SCENARIO
        for form in IN_A_LOG
        if form == "table" or form in VERBS[verb].forms
    ],
)
def test_no_line_is_a_command_to_ci(here: Path, llmcost: Call, verb: str, form: str) -> None:
    said = json.dumps(EVIL)
    Path("evil.yaml").write_text(
        f"title: {said}\nnote: {said}\n"
        f"price: {{blended_per_mtok: {{value: 2 to 3, source: {said}, note: {said}, url: 'https://x.y/{EVIL}'}}}}\n"
        f"serving: {{cost_per_mtok: 1}}\n"
        f"expect: {{unit.gross_margin: {{value: 3, because: {said}}}}}\nbogus{said}: 1\n"
        if verb == "validate"
        else f"title: {said}\nnote: {said}\n"
        f"price: {{blended_per_mtok: {{value: 2 to 3, source: {said}, note: {said}}}}}\n"
        f"serving: {{cost_per_mtok: {{value: 1, note: {said}}}}}\n"
        f"revenue: {{api: 10}}\ncost: {{inference: 20}}\ncash: {{balance: 5}}\n"
        f"expect: {{unit.gross_margin: {{value: 0.9, because: {said}}}}}\n",
        encoding="utf-8",
    )
    ledger = "llmcost: 1\nkind: claims\ntitle: EVIL\nclaims:\n  x:\n    statement: EVIL\n    who: EVIL\n"
    ledger += "    note: EVIL\n    when: 2025-01-01\n    scenario: evil.yaml\n    metric: unit.gross_margin\n"
    ledger = f"{ledger}    claimed: 1\n    readings: {{EVIL: {{}}}}\n".replace("EVIL", said)
    twin = Path("evil.yaml").read_text("utf-8").replace("2 to 3", "3 to 4")
    Path("twin.yaml").write_text(twin, encoding="utf-8")
    Path("ledger.yaml").write_text(ledger, encoding="utf-8")
    Path("t.csv").write_text(f"price.blended_per_mtok,x\n1,{said}\n", encoding="utf-8")
    asked = {
        "apply": "evil.yaml t.csv --metric unit.gross_margin",
        "compare": "evil.yaml lark",
        "explain": "evil.yaml unit.gross_margin",
        "selfhost": "evil.yaml lark",
        "sweep": "evil.yaml --vary price.blended_per_mtok=1,2 --metric unit.gross_margin",
        "solve": "evil.yaml --vary price.blended_per_mtok --until unit.gross_margin=0",
        "sensitivity": "evil.yaml --metric unit.gross_margin",
        "simulate": "evil.yaml --metric unit.gross_margin --draws 100",
        "diff": "evil.yaml twin.yaml",
        "claims": "ledger.yaml",
    }.get(verb, "evil.yaml")
    options = ("--format", form) if form in VERBS[verb].forms else ()
    done = llmcost(verb, *asked.split(), *options)
    assert done.code in ((2,) if verb == "validate" else (0, 1)), done.err
    for text in (done.out, done.err):
        for shown in text.splitlines():
            assert not re.search(r"##\w*\[", shown), shown
            if not (form == "github" and re.match(r"::(error|warning|notice) ", shown)):
                assert not shown.lstrip().startswith("::"), shown


def test_json_says_the_same_as_before(here: Path, llmcost: Call) -> None:
    text = f"price: {{blended_per_mtok: {{value: 2, note: '{EVIL}'}}}}\n"
    Path("evil.yaml").write_text(text, encoding="utf-8")
    done = llmcost("explain", "./evil.yaml", "price.blended_per_mtok", "--format", "json")
    assert json.loads(done.out)["tree"]["note"] == EVIL


def test_harmless_text_stays_as_it_is() -> None:
    for text in ("a::b", "# heading", "x ## y", "std::vector", ":", "1: 2"):
        assert harmless(text) == text


# Markdown and CSV


@each(
    "text, shown",
    [
        ("---", "\\---"),
        ("===", "\\==="),
        ("- item", "\\- item"),
        ("+ item", "\\+ item"),
        ("1. item", "1\\. item"),
        ("12) item", "12\\) item"),
        ("2024 was", "2024 was"),
        ("ask @someone", "ask @&#8203;someone"),
        ("@org/team", "@&#8203;org/team"),
        ("a@b.c", "a@b.c"),
        ("see #12", "see \\#&#8203;12"),
        ("# heading", "\\# heading"),
        ("&lt;b", "\\&lt;b"),
        ("a & b", "a & b"),
    ],
)
def test_markdown_of_a_line_is_a_line(text: str, shown: str) -> None:
    assert line(text) == shown
    branch = Report("", blocks=[Tree([Cell(text)], details=[Cell(text)])])
    assert render(branch).splitlines() == [f"- {shown}  ", f"  {shown}"]


@each("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_no_field_is_a_formula(here: Path, llmcost: Call, start: str) -> None:
    Path("x.yaml").write_text(
        f"price: {{blended_per_mtok: {{value: 2, source: '{start}1+1'}}}}\n", encoding="utf-8"
    )
    done = llmcost("explain", "./x.yaml", "price.blended_per_mtok", "--format", "csv")
    (row,) = csv.DictReader(done.out.splitlines())
    assert row["source"] == f"'{start}1+1"

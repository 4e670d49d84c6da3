"""The command line as a shell sees it: exit codes, streams, pipes, terminals and locales."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calling import ROOT, WORLD, Call, each
from llmcost import starter
from llmcost.formulas import MODEL
from llmcost.verbs import SEEN

COMMAND = [sys.executable, "-m", "llmcost"]
REVENUES = sum(quantity.section == "revenue" for quantity in MODEL.quantities.values())
HOSTILE = "\x1b[31mred\x1b[0m \x07bell [bold]markup[/bold] | pipe `tick` <b> \u202e"


def shell(
    *arguments: str, stdin: bytes | None = None, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run llmcost as a process of its own."""
    clean = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**clean, **environment},
        check=False,
    )


@pytest.fixture
def complaint(llmcost: Call) -> Callable[..., str]:
    """Make a call that must fail with 2 and print nothing but its complaint, which is returned."""

    def fails(*arguments: str) -> str:
        done = llmcost(*arguments)
        assert (done.code, done.out) == (2, "")
        assert "Traceback" not in done.err
        return done.err

    return fails


def test_version_in_both_ways() -> None:
    fast, slow = shell("--version"), shell("--version", "show")
    assert fast.returncode == slow.returncode == 0
    assert fast.stdout == slow.stdout
    assert fast.stdout.startswith(b"llmcost 0.")


def test_version_imports_neither_typer_nor_yaml() -> None:
    program = (
        "import sys; sys.argv = ['llmcost', '--version']\ntry:\n from llmcost.__main__ import main; main()\n"
    )
    program += "except SystemExit: print(sorted({'typer', 'yaml', 'rich', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_compare_does_not_import_pydantic_or_what_other_verbs_need() -> None:
    program = "import sys; sys.argv = ['llmcost', 'compare', 'lark', 'owl']\n"
    program += "from llmcost.cli.app import run\nrun()\n"
    program += "unwanted = {'pydantic', 'llmcost.analysis.ask.breakeven', 'llmcost.cli.show'}\n"
    program += "print(sorted(unwanted & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_importing_the_package_imports_no_library() -> None:
    program = "import sys, llmcost\n"
    program += "print(sorted(m for m in sys.modules if m.startswith(('llmcost.', 'yaml', 'typer'))))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"


@each(
    "arguments, expected",
    [
        (["foo"], "No such command 'foo'; see 'llmcost --help'\n"),
        (["shw"], "No such command 'shw'; did you mean 'show'?\n"),
        (
            ["compare", "larc", "wrem"],
            "no scenario is called 'larc'; did you mean 'lark'?\n"
            "no scenario is called 'wrem'; did you mean 'wren'?\n",
        ),
        (["show"], "Missing argument 'SCENARIO'; see 'llmcost show --help'\n"),
        (["compare", "lark"], "compare takes two scenarios or more\n"),
        (["show", "larc"], "no scenario is called 'larc'; did you mean 'lark'?\n"),
        (
            ["show", "lark", "--metric", "total"],
            "unknown metric 'total'; did you mean 'revenue.total' or 'cost.total'?\n",
        ),
        (
            ["show", "lark", "--metric", "runway"],
            "unknown metric 'runway'; did you mean 'company.runway_months'?\n",
        ),
        (["explain", "owl", "revenue"], f"explain takes one metric; 'revenue' matches {REVENUES}\n"),
        (
            ["breakeven", "acme", "--elasticity", "0,x"],
            "--elasticity 0,x: expected a number, got 'x'\n",
        ),
        (
            ["breakeven", "acme", "--boundary", "cash"],
            "unknown boundary 'cash'; allowed are inference, cogs, cogs+training, total\n",
        ),
        (
            ["breakeven", "acme", "--payer", "api"],
            "unknown payer 'api'; allowed are uniform, api-only\n",
        ),
        (["list", "metrics", "--kind", "model"], "--kind is for scenarios; metrics have none\n"),
        (["list", "--kind", "modell"], "unknown kind 'modell'; did you mean 'model'?\n"),
        (["validate", "nowhere"], "nowhere: there is no such file or folder\n"),
        (
            ["validate", "lark:half"],
            "lark:half: is a scenario's name, and files are validated; its file is "
            f"{WORLD / 'models' / 'lark.yaml'}\n",
        ),
        (["init", "a.txt"], "a.txt: a scenario file ends in .yaml\n"),
        (
            ["show", "owl", "--output", "no/such/x.txt"],
            "no/such/x.txt: cannot be written: No such file or directory\n",
        ),
        (
            ["show", "owl", "--set", "price.output=1", "--set", "price.input_per_mtok=-1"],
            "--set price.output=1: unknown quantity 'price.output'; did you mean 'price.output_per_mtok'?\n"
            "--set price.input_per_mtok=-1: price.input_per_mtok: must not be negative, got -1\n",
        ),
    ],
)
def test_bad_calls(
    arguments: list[str],
    expected: str,
    tmp_path: Path,
    complaint: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert complaint(*arguments) == expected


def test_unknown_option_and_format_suggest(complaint: Callable[..., str]) -> None:
    assert "--format" in complaint("show", "owl", "--frmat", "json")
    said = f"--format: unknown format 'jso'; allowed are {', '.join(SEEN)}; did you mean 'json'?"
    assert complaint("show", "owl", "--format", "jso") == f"{said}\n"


def test_output_is_what_a_pipe_gets(tmp_path: Path, llmcost: Call) -> None:
    for form in ("json", "csv", "markdown"):
        target = tmp_path / form
        done = llmcost("compare", "lark", "owl", "--format", form, "--output", str(target))
        assert (done.code, done.out, done.err) == (0, "", f"wrote {target}\n")
        bom = "\ufeff" if form == "csv" else ""
        assert target.read_text("utf-8") == bom + llmcost("compare", "lark", "owl", "--format", form).out


def test_output_through_a_link_keeps_the_link(tmp_path: Path, llmcost: Call) -> None:
    (tmp_path / "real.json").write_text("")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    llmcost("show", "owl", "--format", "json", "--output", str(tmp_path / "link.json"))
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["scenario"] == "owl"


def test_a_closed_pipe_is_no_error() -> None:
    """The reader is gone before the first byte is written."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*COMMAND, "list", "metrics"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_standard_input() -> None:
    done = shell("show", "-", "--metric", "unit.gross_margin", "--format", "json", stdin=CHEAP)
    values = json.loads(done.stdout)["values"]
    assert values["unit.gross_margin"]["value"] == pytest.approx(1 - 3 / 4)
    broken = shell("show", "-", stdin=b"price: {input_per_mtok: -1}")
    assert broken.returncode == 2
    assert broken.stderr == b"<stdin>:1:25: price.input_per_mtok: must not be negative, got -1\n"


CHEAP = b"price: {blended_per_mtok: 4}\nserving: {cost_per_mtok: 3}\n"


def on_terminal(*arguments: str, columns: str = "80", **environment: str) -> str:
    """Run llmcost on a pseudo-terminal and return what it shows there."""
    master, slave = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
    shell = {**clean, "TERM": "xterm", "COLUMNS": columns, **environment}
    process = subprocess.Popen([*COMMAND, *arguments], stdout=slave, stderr=slave, env=shell)
    os.close(slave)
    shown = b""
    while True:
        ready, _, _ = select.select([master], [], [], 20)
        try:
            chunk = os.read(master, 65536) if ready else b""
        except OSError:  # Linux says so when the other end is closed
            break
        if not chunk:
            break
        shown += chunk
    os.close(master)
    assert process.wait() == 0
    return shown.decode()


def test_colours_on_a_terminal_only() -> None:
    assert "\x1b[" in on_terminal("show", "acme")
    assert "\x1b[" not in on_terminal("show", "acme", NO_COLOR="1")
    assert "\x1b[" not in on_terminal("show", "acme", TERM="dumb")
    assert "\x1b[" not in on_terminal("show", "acme", "--no-color")
    assert b"\x1b[" not in shell("show", "acme").stdout


@each("columns", [40, 80])
def test_no_number_is_cut_on_any_terminal(columns: int) -> None:
    shown = on_terminal("compare", "lark", "wren", "--no-color", columns=str(columns))
    assert columns < 80 or max(len(line) for line in shown.splitlines()) <= columns
    for number in ("8.00", "0.800", "10.0×", "20.0×", "4.00×", "~75.0%", "~37.5%", "~5.00M"):
        assert number in shown
    assert "…" not in shown


def test_a_locale_without_unicode() -> None:
    done = shell("breakeven", "acme", PYTHONIOENCODING="latin-1", LC_ALL="C")
    assert done.returncode == 0
    assert "e = 0.5" in done.stdout.decode("latin-1")
    ascii_only = shell("breakeven", "acme", PYTHONIOENCODING="ascii")
    assert b"2.00x" in ascii_only.stdout
    assert ascii_only.stdout.decode("ascii")


def test_machine_formats_are_the_same_bytes_everywhere(llmcost: Call) -> None:
    commands = [f"compare acme beta --format {form}" for form in ("json", "csv", "markdown")]
    commands.append("claims show prices-3-to-30x claims/essay.yaml --format json")
    program = "import sys; from llmcost.cli.app import run\n"
    program += f"for command in {commands}: sys.argv = ['llmcost', *command.split()]; assert run() == 0"
    printed = "".join(llmcost(*command.split()).out for command in commands).encode()
    for setting in (
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Pacific/Kiritimati", "COLUMNS": "40"},
        {"PYTHONHASHSEED": "3", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "COLUMNS": "200"},
    ):
        environment = {**os.environ, **setting}
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env=environment
        )
        assert done.stdout == printed


def test_interrupt_is_130() -> None:
    process = subprocess.Popen(
        [*COMMAND, "show", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    # More than a pipe holds: once all of it is written, the command is there and waits for the rest.
    process.stdin.write(b"#" * 1_000_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in complaints


def test_untrusted_text_is_escaped_for_each_form(
    tmp_path: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    quoted = json.dumps(HOSTILE)
    (tmp_path / "x.yaml").write_text(
        f"title: {quoted}\nprice: {{input_per_mtok: {{value: 1, source: {quoted}, note: '=1+1'}}}}\n",
        encoding="utf-8",
    )
    for form in ("table", "csv", "markdown"):
        for verb in (["show", "./x.yaml"], ["explain", "./x.yaml", "price.input_per_mtok"]):
            shown = llmcost(*verb, "--format", form).out
            assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    page = llmcost("explain", "./x.yaml", "price.input_per_mtok", "--format", "markdown").out
    assert "\\<b\\>" in page
    assert "\\`tick\\`" in page
    assert "\\| pipe" in page
    screen = llmcost("show", "./x.yaml").out
    assert "[bold]markup[/bold]" in screen
    document = json.loads(llmcost("explain", "./x.yaml", "price.input_per_mtok", "--format", "json").out)
    assert document["tree"]["source"] == HOSTILE.strip()


@each("form", ["json", "jsonl", "csv", "snapshot"])
def test_a_file_s_name_does_nothing_to_a_screen(
    form: str, tmp_path: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "a\x9b31m\u202eb"
    (tmp_path / f"{name}.yaml").write_text(
        "price: {input_per_mtok: 2, output_per_mtok: 3}\n", encoding="utf-8"
    )
    asked = ("--vary", "price.input_per_mtok=1,2", "--metric", "price.blended_per_mtok", "--format", form)
    call = ("snapshot",) if form == "snapshot" else ("sweep", *asked)
    shown = llmcost(*call, f"./{name}.yaml").out
    assert not {"\x9b", "\u202e"} & set(shown)
    if form == "snapshot":
        assert name in json.loads(shown)["scenarios"][f"{name}.yaml"]["scenario"]


def test_what_states_nothing_says_so(tmp_path: Path, llmcost: Call) -> None:
    for kind, said in (
        ("portfolio", "No part is stated; a portfolio adds up the parts listed under 'parts:'"),
        ("model", "Nothing is stated"),
    ):
        (tmp_path / "empty.yaml").write_text(f"kind: {kind}\n", "utf-8")
        assert said in llmcost("show", str(tmp_path / "empty.yaml")).out


def test_init_writes_a_scenario_that_validates(
    tmp_path: Path, complaint: Callable[..., str], llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = llmcost("init", "mine.yaml")
    assert done.code == 0
    assert done.out == ""
    assert "wrote mine.yaml" in done.err
    first = (tmp_path / "mine.yaml").read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema={(ROOT / 'scenario.schema.json').as_uri()}"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]
    assert "show './my own.yaml'\n" in llmcost("init", "my own.yaml").err
    assert llmcost("validate", ".").out == "2 files, no errors\n"
    assert llmcost("compare", "./mine.yaml", "./mine.yaml:half-price").code == 0
    assert "mine is compared with itself" in llmcost("compare", "mine.yaml", "./mine.yaml").out
    assert complaint("init", "mine.yaml") == "mine.yaml: exists already; --force overwrites it\n"
    (tmp_path / "mine.yaml").write_text("mine")
    assert llmcost("init", "mine.yaml", "--force").code == 0
    assert (tmp_path / "mine.yaml").read_text() != "mine"


def test_each_kind_of_starter_is_whole(here: Path, llmcost: Call) -> None:
    """What is commented out is right too."""
    for kind in ("model", "product", "company"):
        path = here / f"{kind}.yaml"
        assert llmcost("init", path.name, "--kind", kind).code == 0
        lines = path.read_text("utf-8").replace("supplier: gpt-4o", "supplier: lark").splitlines()
        path.write_text("\n".join([*lines[:9], *(line.removeprefix("# ") for line in lines[9:])]), "utf-8")
        done = llmcost("check", path.name)
        assert (done.code, done.err) == (0, ""), done.out
    assert "allowed are model, product, company" in llmcost("init", "x.yaml", "--kind", "gpu").err


def test_a_starter_says_how_to_get_a_schema_where_none_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmcost.scenario.files.starter.schema_path", lambda: None)
    first = starter("mine").splitlines()[0]
    assert first == "# 'llmcost schema -o scenario.schema.json' writes what lets an editor check this file"


def test_schema_goes_to_a_file_too(tmp_path: Path, llmcost: Call) -> None:
    target = tmp_path / "s.json"
    assert llmcost("schema", "--claims", "--output", str(target)).code == 0
    assert target.read_text("utf-8") == llmcost("schema", "--claims").out
    assert json.loads(target.read_text())["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def complete(*words: str) -> list[str]:
    """Return what bash would offer for the last word."""
    done = shell(
        _LLMCOST_COMPLETE="complete_bash",
        COMP_WORDS=" ".join(["llmcost", *words]),
        COMP_CWORD=str(len(words)),
    )
    return done.stdout.decode().split()


def test_completion_of_commands_scenarios_variants_metrics_and_workloads() -> None:
    assert complete("comp") == ["compare"]
    assert complete("compare", "vint") == ["vintages"]
    assert "wren:off-peak" in complete("show", "wren:off")
    assert complete("explain", "owl", "unit.gross_m") == ["unit.gross_margin"]
    assert complete("show", "owl", "--workload", "ra") == ["rag"]
    assert complete("show", "owl", "--set", "serving.util") == ["serving.utilization="]


def test_undefined_is_null_with_a_reason(
    tmp_path: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text("revenue: {api: 10}\ncost: {inference: 4}\ncash: {balance: 1}\n")
    document = json.loads(llmcost("show", "./x.yaml", "--format", "json").out)
    assert document["values"]["company.runway_months"] == {
        "value": None,
        "unit": "month",
        "reason": "earns cash",
        "reason_code": "earns_cash",
    }


@each("call", ["init {0}.yaml", "snapshot lark -o {0}", "diff {0}", "diff lark {0}", "claims {0}"])
def test_a_name_too_long_for_the_system_is_one_line(call: str, complaint: Callable[..., str]) -> None:
    said = complaint(*call.format("a" * 300).split())
    assert said == f"{'a' * 79}…: cannot be reached: File name too long\n"


def test_a_folder_that_cannot_be_read_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complaint: Callable[..., str], llmcost: Call
) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "x.yaml").write_text("price.output_per_mtok: 1\nexpect: {price.output_per_mtok: 1}\n")
    scan = os.scandir

    def locked(path: str) -> object:
        if Path(path).name == "below":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", locked)
    assert complaint("check", str(tmp_path)).endswith("below: cannot be reached: Permission denied\n")
    monkeypatch.setenv("LLMCOST_PATH", str(tmp_path))
    assert llmcost("show", "lark").code == 0  # is found elsewhere


def test_no_result_replaces_a_scenario_in_capitals_or_behind_a_link(tmp_path: Path, llmcost: Call) -> None:
    path, link = tmp_path / "ours.YAML", tmp_path / "result.txt"
    path.write_text("price: {blended_per_mtok: 2}\n", encoding="utf-8")
    link.symlink_to(path)
    for target in (path, link):
        assert llmcost("show", "lark", "-o", str(target)).code == 2
    assert path.read_text(encoding="utf-8") == "price: {blended_per_mtok: 2}\n"
    assert llmcost("diff", str(path), str(path)).code == 0

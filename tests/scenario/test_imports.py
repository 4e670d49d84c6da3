"""Files of benchmarks as scenarios: each number from its field, and what no file says left open."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from calling import ROOT, Call, Done, each
from llmcost.analysis.ask.evaluation import evaluate
from llmcost.analysis.ask.importing import Imported, import_files
from llmcost.analysis.ask.load import load
from llmcost.scenario.imports.draft import Asked
from llmcost.scenario.imports.registry import MODULES, formats

SAMPLES = ROOT / "tests" / "imports"
RATE = "serving.tokens_per_gpu_second"
SHARE = "serving.measured_output_share"
CACHED = "serving.measured_cached_input_share"
GPUS = "serving.gpus_per_replica"


def imported(name: str, **asked: str) -> Imported:
    return import_files([str(SAMPLES / name)], asked=Asked(**asked))


def values(result: Imported, folder: Path, reference: str = "") -> dict[str, float]:
    """Return what the scenario states, read back from a file."""
    path = folder / "imported.yaml"
    path.write_text(result.text, encoding="utf-8")
    return {name: datum.value for name, datum in load(f"{path}{reference}").data.items()}


# Worked out by hand from the fields of each sample: (1,000,000 + 250,000) / 200 s is 6,250 tok/s on 8 GPUs;
# 858.346 output tokens come with four times as many of input; 4 requests a second of 550 tokens and 400 out.
@each(
    "name, variant, asked, expected",
    [
        ("vllm-bench-serve.json", "", {"gpus": "8"}, {RATE: 781.25, SHARE: 0.2, GPUS: 8}),
        ("genai-perf.json", "", {"gpus": "2"}, {RATE: 1300, SHARE: 400 / 2600, GPUS: 2}),
        ("inferencex.json", "", {}, {RATE: 1500, SHARE: 0.5, GPUS: 8}),
        ("inferencex.json", ":concurrency-512", {}, {RATE: 6000, SHARE: 1 / 9, GPUS: 24}),
        ("inferencex-database.json", "", {}, {RATE: 900, SHARE: 8 / 9}),
        ("aiconfigurator-agg.csv", ":concurrency-96", {}, {RATE: 4291.73, SHARE: 0.2, CACHED: 0, GPUS: 4}),
        (
            "aiconfigurator-disagg.csv",
            ":concurrency-216",
            {},
            {RATE: 4158.975, SHARE: 0.2, CACHED: 0, GPUS: 8},
        ),
        (
            "sglang-bench-serving.jsonl",
            ":concurrency-8",
            {},
            {RATE: (21290.875070321883 + 6813.0800225030025) / 4, SHARE: 8 / 33, GPUS: 4},
        ),
    ],
)
def test_a_benchmark_is_one_mixed_rate(
    name: str, variant: str, asked: dict[str, str], expected: dict[str, float], tmp_path: Path
) -> None:
    found = values(imported(name, **asked), tmp_path, variant)
    assert found == {key: pytest.approx(value, rel=1e-9) for key, value in expected.items()}


def test_what_a_server_reads_and_writes_at_once_is_paid_for_once(tmp_path: Path) -> None:
    """1,000 tok/s in and 1,000 out together, on one GPU at 3.60 USD an hour: 0.50 USD/Mtok, and not 1.00."""
    run = {"num_prompts": 10, "duration": 10, "total_token_throughput": 2000, "completed": 10}
    path = tmp_path / "bench.json"
    path.write_text(json.dumps(run | {"total_input_tokens": 10_000, "total_output_tokens": 10_000}), "utf-8")
    asked = Asked(gpus="1", gpu_hour="3.60", utilization="100%")
    (tmp_path / "ours.yaml").write_text(import_files([str(path)], asked=asked).text, encoding="utf-8")
    cost = evaluate(load(str(tmp_path / "ours.yaml"))).value("serving.cost_per_mtok")
    assert cost == pytest.approx(0.50, rel=1e-12)


def test_every_number_has_its_field_and_day() -> None:
    stated = {item.name: item for item in imported("vllm-bench-serve.json", gpus="8").draft.stated}
    assert stated[RATE].source == "vllm-bench-serve.json: total_token_throughput; GPUs: --gpus 8"
    assert (stated[RATE].value, stated[RATE].as_of) == ("6250 / 8", "2026-11-20")
    assert stated[SHARE].source == "vllm-bench-serve.json: total_output_tokens, total_input_tokens"


def test_what_no_file_says_is_asked_for_and_never_guessed(llmcost: Call, tmp_path: Path) -> None:
    done = llmcost("import", str(SAMPLES / "vllm-bench-serve.json"), "-o", str(tmp_path / "ours.yaml"))
    assert done.code == 0
    assert [line.partition(" is not stated")[0] for line in done.err.splitlines()[1:]] == [
        f"note: {RATE}",
        "note: serving.gpu_hour_cost",
        "note: serving.utilization",
    ]
    assert "  # tokens_per_gpu_second: 6250 / 8\n" in (tmp_path / "ours.yaml").read_text("utf-8")
    assert llmcost("validate", str(tmp_path / "ours.yaml")).code == 0
    filled = imported("vllm-bench-serve.json", gpus="8", gpu_hour="1.9 to 2.4", utilization="40%")
    assert not filled.draft.gaps
    assert values(filled, tmp_path)["serving.gpu_hour_cost"] == pytest.approx((1.9 * 2.4) ** 0.5)


def test_of_several_runs_the_slowest_holds_and_none_takes_from_another(tmp_path: Path) -> None:
    result = imported("sglang-bench-serving.jsonl")
    assert [variant.name for variant in result.draft.variants] == ["concurrency-8", "concurrency-16"]
    slowest = values(result, tmp_path)
    assert slowest[RATE] == values(result, tmp_path, ":concurrency-16")[RATE]
    assert slowest[RATE] < values(result, tmp_path, ":concurrency-8")[RATE]
    assert CACHED in slowest
    assert CACHED not in values(result, tmp_path, ":concurrency-8")


def test_a_model_is_estimated_and_says_so() -> None:
    result = imported("aiconfigurator-agg.csv")
    assert result.draft.note[0] == "Modelled by AIConfigurator, not measured."
    assert result.draft.stated[0].basis == "estimated"


def test_a_file_cannot_be_told_a_different_number_of_gpus(llmcost: Call) -> None:
    done = llmcost("import", str(SAMPLES / "inferencex-database.json"), "--gpus", "many")
    assert done.code == 2
    assert done.err.startswith("--gpus: expected a whole number of 1 or more, got 'many'")
    done = llmcost("import", str(SAMPLES / "aiconfigurator-disagg.csv"), "--gpus", "8")
    assert "num_total_gpus says that 4 GPUs were measured, and --gpus 8 another" in done.err


def test_a_file_that_is_named_twice_would_count_twice(llmcost: Call) -> None:
    name = str(SAMPLES / "openai-usage.json")
    done = llmcost("import", name, os.path.relpath(name))
    assert done.code == 2
    assert done.err.endswith("openai-usage.json: is named twice, so its contents would count twice\n")


def test_an_option_about_another_kind_of_file_is_refused(llmcost: Call) -> None:
    done = llmcost("import", str(SAMPLES / "vllm-bench-serve.json"), "--by", "day", "--days", "3")
    assert done.code == 2
    assert [line.partition(";")[0] for line in done.err.splitlines()] == [
        "--by: says something of a usage export or bill",
        "--days: says something of a usage export or bill",
    ]
    done = llmcost("import", str(SAMPLES / "openai-usage.json"), "--gpu-hour", "3")
    assert done == (
        2,
        "",
        "--gpu-hour: says something of a benchmark; openai-usage.json is usage or costs of OpenAI\n",
    )


@each("gpus", ["0", "-8", "8.5"])
def test_gpus_are_whole(gpus: str, llmcost: Call) -> None:
    done = llmcost("import", str(SAMPLES / "vllm-bench-serve.json"), "--gpus", gpus)
    assert done == (2, "", f"--gpus: expected a whole number of 1 or more, got '{gpus}'\n")


@each("path", sorted(SAMPLES.glob("*.[jc]s*")))
def test_what_can_be_imported_says_so_where_a_scenario_is_asked_for(path: Path, llmcost: Call) -> None:
    done = llmcost("show", str(path))
    assert (done.code, done.out) == (2, "")
    assert f"'llmcost import {path}' reads benchmarks, usage exports and bills" in done.err
    assert done.err.count("\n") == 1


# Bad files: one line, with the place and what was expected


def bench(**changes: Any) -> str:
    run = {"num_prompts": 10, "duration": 10, "total_token_throughput": 2000, "total_input_tokens": 10_000}
    return json.dumps(run | {"total_output_tokens": 10_000} | changes)


@each(
    "text, said",
    [
        ("", "f: is empty; expected JSON, JSON lines or a table (CSV)"),
        ("hello\n", "f:1: is neither JSON nor a table: its first line has no comma"),
        ("a,b\n", "f:1: has a header and no row"),
        ("[]", "f:1:1: is a list without an object in it"),
        (bench()[:-20], "f:1:98: is not JSON: unterminated string starting at; the file may be cut off"),
        ('{"a": 1}\n{"a": 2}\n{"a"', "f:3:5: is not JSON: expecting ':' delimiter; the file may be cut off"),
        ('{"a": 1}\n[2]\n', "f:2:1: expected a JSON object on each line"),
        ('{"a": {"b": 1}}', "f: is of no format that llmcost knows (it has a); --as forces one of "),
        (
            bench(total_output_tokens=-5),
            "f:1:121: total_output_tokens: expected a number of 0 or more, got -5",
        ),
        (
            bench(total_input_tokens=10**400),
            "f:1:91: total_input_tokens: expected at most 1e+18, got a number of 401 digits",
        ),
        (bench(total_input_tokens="many"), "f:1:91: total_input_tokens: expected a number, got many"),
        (
            bench().replace("total_output_tokens", "total_output_token"),
            "f:1:1: has no 'total_output_tokens'; did you mean 'total_output_token'?",
        ),
        (
            bench(total_output_tokens=0, total_input_tokens=0),
            "f:1:1: counts no token: total_output_tokens and total_input_tokens are 0",
        ),
        (bench(total_input_sequences=3), "f:1:1: is a benchmark of embeddings, which writes no tokens"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_is_wrong_is_one_line_with_its_place(text: str, said: str, llmcost: Call) -> None:
    Path("f").write_text(text, encoding="utf-8")
    done = llmcost("import", "f", "-o", "ours.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1
    assert not Path("ours.yaml").exists()


@each(
    "name, column",
    [("anthropic-usage.json", "output_tokens"), ("openai-usage.json", "input_tokens")],
)
@pytest.mark.usefixtures("here")
def test_a_column_that_changed_its_name_is_not_taken_for_none(name: str, column: str, llmcost: Call) -> None:
    """The first row has it still, so that the format is known by it."""
    head, found, rest = (SAMPLES / name).read_text("utf-8").partition(f'"{column}"')
    Path(name).write_text(head + found + rest.replace(found, f'"{column}_used"'), encoding="utf-8")
    done = llmcost("import", name, "-o", "ours.yaml")
    assert (done.code, done.out) == (2, "")
    assert f": has no '{column}'; did you mean '{column}_used'?\n" in done.err
    assert not Path("ours.yaml").exists()


TABLE = "isl,osl,seq/s,tokens/s/gpu,num_total_gpus,prefix\n"


@each(
    "text, said",
    [
        (
            f"{TABLE}10,10,1,5,1,0\n10,10,1,5\n",
            "f:3: has 4 fields, where the header has 6; the file may be cut off\n",
        ),
        (f'{TABLE}10,10,1,5,1,"0\n', "f:2: is not CSV: unexpected end of data; the file may be cut off\n"),
        (f"{TABLE}10,10,1,-5,1,0\n", "f:2: tokens/s/gpu: expected a number of 0 or more, got -5\n"),
        (f"{TABLE}10,10,1,1e400,1,0\n", "f:2: tokens/s/gpu: expected at most 1e+18, got 1e400\n"),
        (
            f"{TABLE}10,x,1,5,1,20\n0,10,1,5,1,0\n",
            "f:2: osl: expected a number, got x\nf:2: prefix: expected at most isl (10), got 20\n"
            "f:3: isl: expected a number of 1 or more, got 0\n",
        ),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_fault_of_a_table_has_its_line_and_column(text: str, said: str, llmcost: Call) -> None:
    Path("f").write_text(text, encoding="utf-8")
    assert llmcost("import", "f") == Done(2, "", said)


def test_many_faults_are_counted(llmcost: Call, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(TABLE + "1,1,1,x,1,0\n" * 30, encoding="utf-8")
    lines = llmcost("import", str(path)).err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == f"{path}: 10 more like these"


def test_what_is_no_text_in_a_file_is_refused(llmcost: Call, tmp_path: Path) -> None:
    import os

    (tmp_path / "latin").write_bytes('{"a": "é"}'.encode("latin-1"))
    (tmp_path / "wide").write_bytes("day,sum\n1,2\n".encode("utf-16-be"))
    (tmp_path / "unpacked.gz").write_bytes(b"day,sum\n1,2\n")
    os.mkfifo(tmp_path / "fifo")
    said = {
        "wide": "wide:1:1: is not text: byte 0x00 here; save the file as UTF-8\n",
        "unpacked.gz": "unpacked.gz: is not a gzip file that can be read: Not a gzipped file\n",
        "latin": "latin:1:8: is not UTF-8: byte 0xe9 here; save the file as UTF-8\n",
        "fifo": "fifo: is not a regular file\n",
        "nothing": "nothing: cannot be read: No such file or directory\n",
        ".": ": cannot be read: Is a directory\n",
    }
    for name, message in said.items():
        done = llmcost("import", str(tmp_path / name))
        assert done.code == 2
        assert done.err.endswith(message), done.err


def test_files_of_two_formats_are_not_mixed(llmcost: Call) -> None:
    vllm, sglang = (
        str(SAMPLES / f"{name}") for name in ("vllm-bench-serve.json", "sglang-bench-serving.jsonl")
    )
    message = (
        "is results of SGLang's bench_serving, and vllm-bench-serve.json is a result of vllm bench serve"
    )
    assert llmcost("import", vllm, sglang) == Done(2, "", f"{sglang}: {message}; import each on its own\n")


def test_a_format_can_be_forced(llmcost: Call) -> None:
    path = str(SAMPLES / "vllm-bench-serve.json")
    assert llmcost("import", path, "--as", "vllm").code == 0
    done = llmcost("import", path, "--as", "vlm")
    assert done == Done(
        2, "", f"--as: unknown format 'vlm'; allowed are {', '.join(MODULES)}; did you mean 'vllm'?\n"
    )
    assert "has no 'input_throughput'" in llmcost("import", path, "--as", "sglang").err


def test_every_sample_is_of_one_format_and_read_again() -> None:
    for path in SAMPLES.iterdir():
        if path.suffix != ".md":
            assert f"{path.name}" in (SAMPLES / "README.md").read_text("utf-8")
            usage = path.with_name(path.name.replace("costs", "usage"))  # which a report of costs belongs to
            files = [str(path), *([str(usage)] if usage != path else [])]
            assert import_files(files).text.startswith("# Imported by llmcost from ")
    assert [each.name for each in formats()] == list(MODULES)

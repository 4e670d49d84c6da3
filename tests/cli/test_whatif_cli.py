"""The what-if commands as a shell sees them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from calling import Call, each

SWEEP = ("sweep", "wren", "--vary", "serving.utilization=0:1:3", "--metric", "unit.gross_margin")
SOLVE = ("solve", "acme", "--vary", "revenue.api", "--until", "company.operating_profit = 0")
SENSITIVITY = ("sensitivity", "acme", "--metric", "company.operating_margin")
SIMULATE = ("simulate", "acme", "--metric", "company.operating_margin", "--draws", "200")
UNCERTAIN = ("compare", "acme", "acme:herald", "--uncertainty", "--draws", "1000")


def test_the_numbers_of_a_sweep_in_every_machine_form(llmcost: Call) -> None:
    command = ("sweep", "acme", "--vary", "cost.staff=0,1B,9B", "--metric", "company.operating_profit")
    expected = [(0.0, -3e9), (1e9, -4e9), (9e9, -12e9)]
    plain = list(csv.DictReader(io.StringIO(llmcost(*command, "--format", "csv").out)))
    lines = llmcost(*command, "--format", "jsonl").out.splitlines()
    rows = json.loads(llmcost(*command, "--format", "json").out)["rows"]
    assert [json.loads(line) for line in lines] == rows
    for found in (plain, rows):
        assert [float(r["cost.staff"]) for r in found] == [a for a, _ in expected]
        profits = [float(r["company.operating_profit"]) for r in found]
        assert profits == pytest.approx([b for _, b in expected], rel=1e-12)


def test_an_undefined_point_is_an_empty_cell_with_its_reason_in_json(llmcost: Call) -> None:
    rows = list(csv.reader(io.StringIO(llmcost(*SWEEP, "--format", "csv").out)))
    assert [row[1:] for row in rows[:2]] == [["serving.utilization", "unit.gross_margin"], ["0.0", ""]]
    first, second = json.loads(llmcost(*SWEEP, "--format", "json").out)["rows"][:2]
    assert first["unit.gross_margin"] is None
    assert first["reasons"] == {"unit.gross_margin": "division by zero: serving.utilization is 0"}
    assert "reasons" not in second
    assert "–" in llmcost(*SWEEP).out


def test_a_sweep_as_parquet_has_null_where_a_point_is_undefined(llmcost: Call, tmp_path: Path) -> None:
    """A chat costs 0.21875 of its 0.35 at half busy, and half of that when it is always busy."""
    file = tmp_path / "points.parquet"
    for _ in range(2):  # a file of ours may be written again
        done = llmcost(*SWEEP, "--vary", "serving.gpu_hour_cost=1.80", "-o", str(file))
        assert (done.code, done.err) == (0, f"wrote {file}\n")
    found = pq.read_table(file).to_pydict()
    margin = found.pop("unit.gross_margin")
    assert margin == [None, pytest.approx(1 - 0.21875 / 0.35), pytest.approx(1 - 0.21875 / 2 / 0.35)]
    assert found == {
        "scenario": ["wren"] * 3,
        "serving.utilization": [0.0, 0.5, 1.0],
        "serving.gpu_hour_cost": [1.8] * 3,
    }


def test_two_inputs_and_one_metric_are_a_matrix_with_its_band_marked(llmcost: Call) -> None:
    command = (
        *("sweep", "acme", "--vary", "cost.staff=0,1B", "--vary", "revenue.api=1B,2B,3B"),
        *("--metric", "company.cost_per_revenue_dollar", "--format", "markdown", "--band", "1.5 to 1.9"),
    )
    out = llmcost(*command).out
    # 7 and 8 over 4, 5 and 6
    shown = [cell.strip(" *\\") for line in out.splitlines() for cell in line.split("|")[1:-1]]
    for inside in (7 / 4, 8 / 5):
        assert any(c.strip("[]\\*").startswith(f"{inside:.2f}") and "[" in c for c in shown), (inside, shown)
    assert any(c.startswith(f"{8 / 4:.2f}") for c in shown)
    assert any(c.startswith(f"{7 / 6:.2f}") for c in shown)


def test_a_solution_as_a_bare_number(llmcost: Call) -> None:
    done = llmcost(*SOLVE, "--value")
    assert (done.code, done.err) == (0, "")
    assert float(done.out) == pytest.approx(5e9, rel=1e-12)
    assert done.out.count("\n") == 1
    document = json.loads(llmcost(*SOLVE, "--format", "json").out)
    assert document["solution"] == float(done.out)
    assert abs(document["residual"]) < 1e-3
    assert len(document["solutions"]) == 1


def test_nothing_found_is_exit_1(llmcost: Call) -> None:
    hopeless = (
        *("solve", "acme", "--vary", "revenue.api", "--between", "1B to 2B"),
        *("--until", "company.gross_margin = 99%"),
    )
    told = "No solution between 1.00B and 2.00B USD: company.gross_margin runs from 50% to 60%."
    table = llmcost(*hopeless)
    assert table.code == 1
    assert told in " ".join(table.out.split())
    bare = llmcost(*hopeless, "--value")
    assert (bare.code, bare.out, bare.err) == (1, "", f"{told}\n")
    document = json.loads(llmcost(*hopeless, "--format", "json").out)
    assert (document["solution"], document["outcome"]) == (None, told)


def test_a_simulation_repeats_itself(llmcost: Call) -> None:
    one = llmcost(*SIMULATE, "--seed", "3", "--format", "json").out
    assert llmcost(*SIMULATE, "--seed", "3", "--format", "json").out == one
    assert llmcost(*SIMULATE, "--seed", "4", "--format", "json").out != one
    assert llmcost(*SIMULATE, "--sampling", "random", "--format", "json").out != one


def test_intervals_of_a_comparison(llmcost: Call) -> None:
    rows = json.loads(llmcost(*UNCERTAIN, "--format", "json").out)["rows"]
    drawn = {row["metric"]: row for row in rows if "intervals" in row}
    # The first states revenue as certain; the second as 4 to 5, most likely 4
    low, high = drawn["revenue.total"]["intervals"][1]
    assert drawn["revenue.total"]["intervals"][0] is None
    assert low == pytest.approx(5e9 - 1e9 * 0.95**0.5, rel=2e-3)
    assert high == pytest.approx(5e9 - 1e9 * 0.05**0.5, rel=2e-3)
    # The least of the second is what the first states.
    assert drawn["revenue.total"]["first_lower"] == [None, pytest.approx(1, abs=3e-3)]


def test_a_comparison_with_uncertainty_has_it_in_every_form(llmcost: Call) -> None:
    rows = csv.DictReader(io.StringIO(llmcost(*UNCERTAIN, "--format", "csv").out))
    (row,) = (row for row in rows if row["metric"] == "revenue.total")
    one, other = UNCERTAIN[1:3]
    assert (row[f"{one} 5%"], row[f"{one} 95%"]) == ("", "")
    assert float(row[f"{other} 5%"]) == pytest.approx(5e9 - 1e9 * 0.95**0.5, rel=2e-3)
    assert float(row[f"{other} 95%"]) == pytest.approx(5e9 - 1e9 * 0.05**0.5, rel=2e-3)
    assert float(row[f"{one} below {other}"]) == pytest.approx(1, abs=3e-3)


BAD = [
    ("sweep", "wren", "--metric", "unit.markup"),
    ("sweep", "wren", "--vary", "serving.utilization=0.5"),
    (*SWEEP, "--vary", "serving.utilization=0.1"),
    (*SWEEP, "--vary", "serving.gpu_hour_cost=1:2:40M"),
    (*SWEEP, "--vary", "serving.gpu_hour_cost=1,2", "--zip"),
    (*SWEEP, "--metric", "unit.markp"),
    (*SWEEP, "--band", "5"),
    (*SWEEP, "--format", "xml"),
    ("solve", "acme", "--vary", "revenue.api", "--until", "nonsense"),
    ("solve", "acme", "--vary", "revenue.api", "--until", "cost.total = nobody/cost.total"),
    (*SOLVE, "--between", "2 to 1"),
    ("sensitivity", "acme", "--metric", "company.nothing"),
    ("sensitivity", "acme", "--metric", "company"),
    (*SENSITIVITY, "--by", "0"),
    ("simulate", "acme"),
    ("simulate", "lark", "--metric", "price.input_per_mtok"),
    (*SIMULATE, "--draws", "0"),
    (*SIMULATE, "--where", "nonsense"),
    (*SIMULATE, "--sampling", "sobol"),
    (*SIMULATE, "--set", "cost.staff=5 to 1"),
]


@each("arguments", BAD)
def test_bad_input_is_one_line_and_nothing_else(
    llmcost: Call, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    done = llmcost(*arguments, "--output", str(target))
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert done.err.endswith("\n")
    assert len(done.err) > 10
    assert "Traceback" not in done.err
    assert "internal error" not in done.err
    assert list(tmp_path.iterdir()) == []


# What only a process of its own shows

LONG = (
    *("sweep", "acme", "--vary", "revenue.api=1B:2B:5000", "--vary", "cost.staff=1B:2B:2000"),
    *("--metric", "company.operating_profit"),
)


def started(*arguments: str, unbuffered: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "llmcost", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )


@each("form", ["csv", "jsonl"])
def test_a_reader_that_stops_early_is_no_error(form: str) -> None:
    process = started(*LONG, "--format", form)
    assert process.stdout is not None
    assert process.stderr is not None
    lines = [process.stdout.readline() for _ in range(4)]
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=20) == 0
    assert err == b""
    assert all(line.endswith(b"\n") for line in lines)
    # 1 + 3 − (2 + 3 + 2 + 1)
    last = lines[1].decode()
    value = json.loads(lines[0])["company.operating_profit"] if form == "jsonl" else last.split(",")[-1]
    assert float(value) == pytest.approx(-4e9, rel=1e-12)


@each("unbuffered", ["", "1"])
def test_an_interrupt_leaves_whole_lines_and_130(unbuffered: str) -> None:
    process = started(*LONG, "--format", "csv", unbuffered=unbuffered)
    assert process.stdout is not None
    assert process.stderr is not None
    head = b""
    while head.count(b"\n") < 100:
        read = os.read(process.stdout.fileno(), 10_000)
        assert read, process.stderr.read()
        head += read
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read()
    err = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(timeout=20) == 130
    assert b"Traceback" not in err
    text = (head + rest).decode()
    assert text.endswith("\n")
    rows = list(csv.reader(io.StringIO(text)))
    assert {len(row) for row in rows} == {4}
    assert 1 < len(rows) < 10_000_000


def test_an_interrupt_leaves_no_half_written_file(tmp_path: Path) -> None:
    process = started(*LONG, "--format", "csv", "--output", str(tmp_path / "out.csv"))
    deadline = time.monotonic() + 60
    while not any(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert any(tmp_path.iterdir()), "nothing was being written, so nothing could be left behind"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_band_of_runways_ends_before_the_horizon(llmcost: Call) -> None:
    command = "sweep acme --months 12 --vary cash.balance=1B,100B --metric project.runway_months --band"
    assert llmcost(*command.split(), "0 to 11").code == 0
    done = llmcost(*command.split(), "0 to 12")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("--band: project.runway_months is counted up to the horizon of 12 months")

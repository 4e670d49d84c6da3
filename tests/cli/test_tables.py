"""`apply`: tables in three forms, in and out; a bad row leaves nothing behind."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from calling import WORLD, Call, each
from llmcost.scenario import tables

pytestmark = pytest.mark.usefixtures("world")
TABLE = 'who,serving.utilization,rent\na,50%,2.0\n"b, ""c""",0.25,2.5\n\nd,0,1.5\ne,,2\n'
HALF = b'{"serving.utilization": 0.5}\n'
ASKED = ("--map", "rent=serving.gpu_hour_cost", "--metric", "unit.gross_margin")


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(TABLE, encoding="utf-8")
    return Path("t.csv")


def rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@each("pieces", [2, 100])
def test_csv_by_hand(table: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch, pieces: int) -> None:
    """At 1.80 USD and half busy a chat costs 0.21875 of 0.35: at 2.00 it is 0.24306."""
    monkeypatch.setattr(tables, "ROWS", pieces)
    assert llmcost("apply", "wren", str(table), *ASKED, "-o", "out.csv").err == "wrote out.csv\n"
    found = rows("out.csv")
    assert [row["who"] for row in found] == ["a", 'b, "c"', "d", "e"]
    assert [row["serving.utilization"] for row in found] == ["50%", "0.25", "0", ""]
    assert float(found[0]["unit.gross_margin"]) == pytest.approx(1 - 0.21875 / 1.8 * 2 / 0.35)
    assert [row["unit.gross_margin"] for row in found[2:]] == ["", ""]


@each(
    "text",
    [
        "a,b\n1,2\n3,4\n5,6\n7,8",
        "a,b\r\n1,2\r\n,\r\n5,6\r\n",
        'a,b\n1,2\n3,4\n5,"6\n\n6"\n7,8\n',
        '"a\n",b\n1,"2\n\n\n"\n\n\n\n3, 4 \n',
        "a,b\r1,2\r3,4\r5,6\r",
        "a\n1\n\n2\n3\n",
    ],
)
def test_the_cells_of_csv_and_their_lines_are_those_of_a_csv_reader(
    table: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(tables, "ROWS", 2)
    table.write_text(text, encoding="utf-8", newline="")
    reader, expected = csv.reader(io.StringIO(text, newline=""), strict=True), []
    next(reader)
    before = reader.line_num
    for row in reader:
        if row:
            expected.append((before + 1, *row))
        before = reader.line_num
    found = [
        row
        for piece in tables.open_table(table).pieces()
        for row in zip(piece.lines, *piece.columns.values(), strict=True)
    ]
    assert found == expected


def test_to_standard_output(table: Path, llmcost: Call) -> None:
    done = llmcost("apply", "wren", str(table), *ASKED, "--reasons")
    assert done.out.splitlines()[0] == (
        "who,serving.utilization,rent,unit.gross_margin,unit.gross_margin_reason"
    )
    assert done.out.splitlines()[3:] == ["d,0,1.5,,division_by_zero", "e,,2,,lacks"]


def test_every_form_from_every_form(table: Path, llmcost: Call) -> None:
    """Parquet holds quantities as numbers; the margins are the same to the bit whatever the way."""
    margins = {}
    for first in ("jsonl", "parquet", "csv"):
        assert llmcost("apply", "wren", str(table), *ASKED, "-o", f"one.{first}").code == 0
        for second in ("jsonl", "parquet", "csv"):
            metric = ("--map", "rent=serving.gpu_hour_cost", "--metric", "serving.cost_per_mtok")
            done = llmcost("apply", "wren", f"one.{first}", *metric, "-o", f"two-{first}.{second}")
            assert done.code == 0, done
            margins[first, second] = read(f"two-{first}.{second}")
    assert len({json.dumps(found) for found in margins.values()}) == 1


def read(path: str) -> list[list[float | None]]:
    """Return the last two columns: what was worked out first, and then."""
    if path.endswith("parquet"):
        found = pq.read_table(path).to_pylist()
    elif path.endswith("jsonl"):
        found = [json.loads(line) for line in Path(path).read_text().splitlines()]
    else:
        found = rows(path)
    return [[float(v) if v not in ("", None) else None for v in list(row.values())[-2:]] for row in found]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "t.csv",
            b"serving.utilization,b\n0.5,1\n1.5,2\n",
            "t.csv:3: serving.utilization: must lie between 0 and 1",
        ),
        (
            "t.csv",
            b'serving.utilization,b\n0.5,"1\n2"\nx,2\n',
            "t.csv:4: serving.utilization: expected a number, got 'x'",
        ),
        ("t.csv", b"serving.utilization,b\n0.5,1\n0.5\n", "t.csv:3: has 1 field, the header 2"),
        ("t.csv", b'serving.utilization\n"0.5\n', "t.csv:2: cannot be read: unexpected end of data"),
        ("t.csv", b"serving.utilization,a,a\n", "t.csv:1: has two columns 'a'"),
        ("t.csv", b"", "t.csv: is empty: it has no columns"),
        ("t.csv", b"serving.utilization;b\n0,5;1\n", "t.csv:1: has semicolons between its columns; save it"),
        ("t.csv", b"serving.utilisation,b\n", "t.csv:1: unknown quantity 'serving.utilisation'; did you"),
        (
            "t.csv",
            "serving.utilization,b\n0.5,é\n".encode("latin-1"),
            "t.csv:2: is not UTF-8: byte 0xe9 here",
        ),
        ("t.csv", b"serving.utilization\n1e400\n", "t.csv:2: serving.utilization: is too large"),
        ("t.csv", b"serving.utilization\n" + b"9" * 400 + b"\n", "t.csv:2: serving.utilization: "),
        ("t.csv", b"serving.utilization\n0.5 EUR\n", "t.csv:2: serving.utilization: "),
        (
            "t.jsonl",
            HALF + b'{"serving.utilization": true}\n',
            "t.jsonl:2: serving.utilization: expected a number, got true",
        ),
        (
            "t.jsonl",
            HALF + b'{"serving.utilization": 1e400}\n',
            "t.jsonl:2: serving.utilization: must be a finite number",
        ),
        ("t.jsonl", HALF + b'{"b": 1}\n', "t.jsonl:2: has 'b', which the first line does not have"),
        ("t.jsonl", HALF + b'{"serv\n', "t.jsonl:2:2: is not JSON: Unterminated string"),
        ("t.jsonl", HALF + b"[1]\n", "t.jsonl:2: each line must be an object"),
        ("t.jsonl", b'{"a": ' + b"[" * 100_000 + b"\n", "t.jsonl:1: is not JSON: "),
        ("t.parquet", b"PAR1", "t.parquet: is not Parquet: "),
        ("t.txt", b"", "t.txt: is not a table; a table ends in .csv, .jsonl, .ndjson, .parquet"),
    ],
)
def test_a_bad_table_leaves_nothing_behind(
    table: Path, llmcost: Call, name: str, content: bytes, message: str
) -> None:
    Path(name).write_bytes(content)
    printed = llmcost("apply", "wren", name, "--metric", "unit.gross_margin")
    done = llmcost("apply", "wren", name, "--metric", "unit.gross_margin", "-o", "out.csv")
    assert (done.code, done.out) == (2, "")
    assert printed == done
    assert done.err.startswith(message)
    assert done.err.count("\n") == 1
    assert sorted(path.name for path in Path().iterdir()) == sorted({"t.csv", name})


@each(
    "arguments, message",
    [
        (["t.csv"], "apply needs --metric NAME\n"),
        (["t.csv", *ASKED, "--map", "x"], "--map x: expected COLUMN=QUANTITY\n"),
        (["t.csv", *ASKED, "-o", "t.csv"], "t.csv: is an input of this command; write to another file\n"),
        (["none.csv", *ASKED], "none.csv: cannot be read: No such file or directory\n"),
        ([".", *ASKED], ".: is not a table; a table ends in .csv, .jsonl, .ndjson, .parquet\n"),
        (
            ["t.csv", *ASKED, "-o", "out.xlsx"],
            "out.xlsx: cannot write .xlsx; write .csv, .jsonl or .parquet\n",
        ),
    ],
)
def test_what_is_refused(table: Path, llmcost: Call, arguments: list[str], message: str) -> None:
    done = llmcost("apply", "wren", *arguments)
    assert (done.code, done.out, done.err) == (2, "", message)
    assert Path("t.csv").read_text() == TABLE


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_an_interrupt_leaves_the_file_that_was_there(
    table: Path, llmcost: Call, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    assert llmcost("apply", "wren", str(table), *ASKED, "-o", f"out.{form}").code == 0
    before = Path(f"out.{form}").read_bytes()
    whole = tables._csv_pieces

    def interrupted(*arguments: Any) -> Iterator[tables.Piece]:
        yield next(whole(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(tables, "_csv_pieces", interrupted)
    done = llmcost("apply", "wren", str(table), *ASKED, "-o", f"out.{form}")
    assert (done.code, done.out, done.err) == (130, "", "")
    assert Path(f"out.{form}").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == sorted((f"out.{form}", "t.csv"))


def test_what_a_column_cannot_move_is_said(table: Path, llmcost: Call) -> None:
    Path("t.csv").write_text("serving.gpus\n8\n")
    done = llmcost("apply", "wren", "t.csv", "--metric", "price.blended_per_mtok")
    assert "warning: serving.gpus has no effect: price.blended_per_mtok does not depend on it" in done.err


def test_a_table_that_apply_wrote_may_be_written_again(table: Path, llmcost: Call) -> None:
    for name in ("out.csv", "out.jsonl", "out.parquet"):
        for _ in range(2):
            assert llmcost("apply", "wren", str(table), *ASKED, "-o", name).err == f"wrote {name}\n"
    pq.write_table(pq.read_table("out.parquet").replace_schema_metadata(), "other.parquet")
    done = llmcost("apply", "wren", str(table), *ASKED, "-o", "other.parquet")
    assert "exists already, and llmcost did not write it" in done.err


def test_a_table_without_rows(table: Path, llmcost: Call) -> None:
    Path("t.csv").write_text("serving.utilization\n")
    for name in ("out.csv", "out.jsonl", "out.parquet"):
        assert llmcost("apply", "wren", "t.csv", "--metric", "unit.gross_margin", "-o", name).code == 0
    assert Path("out.csv").read_text("utf-8-sig") == "serving.utilization,unit.gross_margin\n"
    assert Path("out.jsonl").read_text() == ""
    assert pq.read_table("out.parquet").column_names == ["serving.utilization", "unit.gross_margin"]


def test_how_many_rows_there_are_for_progress(table: Path, llmcost: Call) -> None:
    llmcost("apply", "wren", str(table), *ASKED, "-o", "out.parquet")
    assert tables.open_table(Path("out.parquet")).rows() == 4
    assert tables.open_table(table).rows() == TABLE.count("\n")


def test_months_of_a_fleet_by_hand(table: Path, llmcost: Call) -> None:
    """800M tokens of 4.375e-4 seconds keep 4.05 busy, half of the time: three replicas of 4, 576 a day."""
    done = llmcost(
        *("apply", "nest", str(WORLD / "tables/months.csv"), "--map", "rent=serving.gpu_hour_cost"),
        *("--metric", "serving.gpus_required", "--metric", "alternative.savings_per_month"),
    )
    header, *lines = csv.reader(done.out.splitlines())
    assert header[-2:] == ["serving.gpus_required", "alternative.savings_per_month"]
    assert [line[:-2] for line in lines][1] == [
        "2025-02",
        "600M",
        "200M",
        "2.00",
        "more of it, three replicas",
    ]
    assert [float(value or "nan") for value in lines[1][-2:]] == pytest.approx(
        [12, (600 * 2 + 200 * 8 - 576) * 365 / 12 - 6_000]
    )
    assert [line[-2:] for line in lines][2] == ["", ""]

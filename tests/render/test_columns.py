"""Columns as lines: the same text as row by row."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest

from calling import each
from llmcost.render import columns
from llmcost.render.columns import Texts, csv_cells, csv_rows, json_rows, json_texts
from llmcost.render.csv import lines
from llmcost.scenario.files.json_text import json_text

LABELS = ["plain", "50% s %s", 'a "b", c', "=1+1", "::error::##[group]"]
INPUT = [0.1, -0.0, 1e300, 2.0, 0.1]
METRIC = [1 / 3, None, -0.0, 5e-324, 1e16]


@each("label", LABELS)
def test_csv_as_row_by_row(label: str) -> None:
    text = csv_rows(label, [Texts().again(INPUT), Texts.once(METRIC, "")])
    assert text == lines([label, *row] for row in zip(INPUT, METRIC, strict=True))
    assert [row[1:] for row in csv.reader(io.StringIO(text))][:2] == [["0.1", repr(1 / 3)], ["0.0", ""]]


@each("label", LABELS)
def test_json_as_row_by_row(label: str) -> None:
    rows = list(
        json_rows(["x%s", "y"], [Texts().again(INPUT), Texts.once(METRIC, "null")], ("scenario", label))
    )
    assert [json.loads(row) for row in rows] == [
        {"scenario": label, "x%s": one, "y": other} for one, other in zip(INPUT, METRIC, strict=True)
    ]
    assert not any("##" in row or "-0.0" in row for row in rows)


def test_texts_of_what_comes_again_are_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "KEPT", 3)
    texts = Texts()
    for start in range(0, 8, 2):
        assert texts.again(np.array([start, start + 1, start], float)) == [
            f"{start}.0",
            f"{start + 1}.0",
            f"{start}.0",
        ]
        assert len(texts._known) <= 3


@each(
    "column",
    [
        ["a", 'b"', "ü"],
        ["##[x]", "b"],
        ["\x1b[1m", "\u202e"],
        [1, True, None],
        METRIC,
        [],
        [[-0.0, "##"], {"a": 1}],
    ],
)
def test_cells_as_json_one_by_one(column: list[object]) -> None:
    assert json_texts(column) == [json_text(cell) for cell in column]


def test_json_without_columns_in_common() -> None:
    assert list(json_rows(["a"], [["1"]])) == ['{"a": 1}']
    with pytest.raises(ValueError, match="JSON"):
        json_texts([math.inf])


@pytest.mark.parametrize(
    "column",
    [["a", "", "ü"], ["a,b", "c", ""], ['a"', "b", "c"], ["a\r", "\n", " "], METRIC[:3], [1, True, None]],
)
@pytest.mark.parametrize("width", [1, 2])
def test_cells_as_a_csv_writer_writes_them(column: list[object], width: int) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(zip(*[column] * width, strict=True))
    assert csv_cells([column] * width) == file.getvalue()

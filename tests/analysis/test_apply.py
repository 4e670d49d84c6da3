"""A scenario on every row of a table: what the public API gives, to the bit, in whatever the rows came."""

from __future__ import annotations

import functools
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from calling import each, refusal
from llmcost import LlmcostError, apply, evaluate, load
from llmcost.analysis.whatif import prepared
from llmcost.engine.trace import Node

pytestmark = pytest.mark.usefixtures("world")
METRICS = ["unit.gross_margin", "serving.cost_per_mtok"]
ROWS: dict[str, list[Any]] = {
    "customer": ["a", "b", "c", "d"],
    "serving.utilization": [0.5, 0.25, None, 0.0],
    "rent": [2.0, None, 3.0, 1.5],
}
RENT = {"rent": "serving.gpu_hour_cost"}


def by_the_api(scenario: str, rows: dict[str, list[Any]], names: dict[str, str], metric: str) -> list[Any]:
    """Evaluate the scenario anew for each row, a quantity that is not stated taken out."""
    found = []
    for values in zip(*(rows[name] for name in names), strict=True):
        put = dict(zip(names.values(), values, strict=True))
        evaluation = evaluate(load(scenario).replace(**put), [metric])
        node: Node | None = evaluation.trace.nodes.get(metric)
        found.append(None if node is None else node.value)
    return found


COLUMNS = {"serving.utilization": "serving.utilization", "rent": "serving.gpu_hour_cost"}


def test_rows_are_what_evaluate_gives_to_the_bit() -> None:
    done = apply("wren", pa.table(ROWS), metrics=METRICS, map=RENT)
    for metric in METRICS:
        expected = by_the_api("wren", ROWS, COLUMNS, metric)
        assert done.column(metric).to_pylist() == expected
        assert expected[0] is not None
        assert expected[1:] == [None, None, None]


def test_many_rows_are_what_evaluate_gives_to_the_bit() -> None:
    """A fleet in whole replicas, with a column that may be stated or not: it follows where it is not."""
    steps = range(40)
    rows: dict[str, list[Any]] = {
        "traffic.input_tokens_per_day": [1e7 * 1.3**step for step in steps],
        "serving.utilization": [None if step % 3 else 0.01 + step / 50 for step in steps],
    }
    metrics = [
        "alternative.savings_per_month",
        "serving.gpus_required",
        "alternative.breakeven_tokens_per_day",
    ]
    done = apply("nest", pa.record_batch(rows), metrics=metrics)
    for metric in metrics:
        expected = by_the_api("nest", rows, {name: name for name in rows}, metric)
        assert done.column(metric).to_pylist() == expected
        assert sum(value is not None for value in expected) > 30


def test_a_fleet_that_is_too_small_leaves_what_does_not_rest_on_it() -> None:
    rows = {"traffic.input_tokens_per_day": [1e8, 1e13], "serving.gpus": [100.0, 100.0]}
    done = apply("nest", rows, metrics=["alternative.blended_per_mtok", "serving.bill_per_day"], reasons=True)
    assert list(done["serving.bill_per_day_reason"]) == [None, "fleet_too_small"]
    assert not np.isnan(done["alternative.blended_per_mtok"]).any()


def test_why_a_metric_has_no_value_is_a_column() -> None:
    done = apply("wren", ROWS, metrics=["unit.gross_margin"], map=RENT, reasons=True)
    assert list(done["unit.gross_margin_reason"]) == [None, "lacks", "lacks", "division_by_zero"]


def test_what_goes_in_comes_out() -> None:
    import pandas as pd
    import polars as pl

    batch = pa.record_batch(ROWS)
    run = functools.partial(apply, load("wren"), metrics=METRICS, map=RENT)
    first = run(batch)
    assert isinstance(first, pa.RecordBatch)
    expected = first.to_pydict()
    assert list(expected) == [*ROWS, *METRICS]
    assert run(pa.table(batch)).to_pydict() == expected
    reader = run(pa.RecordBatchReader.from_batches(batch.schema, [batch, batch]))
    assert isinstance(reader, pa.RecordBatchReader)
    assert [one.to_pydict() for one in reader] == [expected, expected]
    frame = run(pl.DataFrame(ROWS))
    assert isinstance(frame, pl.DataFrame)
    assert frame.to_dict(as_series=False) == expected
    table = run(pd.DataFrame(ROWS, index=[7, 8, 9, 10]))
    assert list(table.index) == [7, 8, 9, 10]
    margins = table["unit.gross_margin"].tolist()
    assert [None if math.isnan(m) else m for m in margins] == expected["unit.gross_margin"]
    assert run(batch.slice(0, 0)).num_rows == 0


def test_whatever_hands_over_an_arrow_stream() -> None:
    class Stream:
        def __arrow_c_stream__(self, requested: Any = None) -> Any:
            return pa.table(ROWS).__arrow_c_stream__(requested)

    done = apply("wren", Stream(), metrics=METRICS, map=RENT)
    assert isinstance(done, pa.Table)
    assert done.num_columns == 5


def test_text_and_whole_numbers_are_read_as_in_a_file() -> None:
    rows = {"serving.utilization": ["50%", "0.5"], "serving.gpu_hour_cost": ["2", "2 USD/GPU-hour"]}
    done = apply("wren", pa.table(rows), metrics=METRICS)
    assert (
        done.column(METRICS[0]).to_pylist()
        == [
            apply("wren", {"serving.utilization": [0.5], "serving.gpu_hour_cost": [2]}, metrics=METRICS)[
                METRICS[0]
            ][0]
        ]
        * 2
    )


def test_without_numpy_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {name: ROWS[name] for name in ROWS}
    expected = apply("wren", rows, metrics=METRICS, map=RENT, reasons=True)
    monkeypatch.setattr(prepared, "has_numpy", lambda: False)
    monkeypatch.setattr("llmcost.analysis.whatif.grid.has_numpy", lambda: False)
    monkeypatch.setattr("llmcost.analysis.whatif.apply._kept", [])
    done = apply("wren", rows, metrics=METRICS, map=RENT, reasons=True)
    for name, column in done.items():
        assert type(column) is list
        assert column == [None if v != v else v for v in expected[name]]


@each(
    "rows, options, message",
    [
        (
            {"serving.utilization": [0.5, 1.5]},
            {},
            "row 2: serving.utilization: must lie between 0 and 1, got 1.5",
        ),
        ({"serving.utilization": [0.5, -1]}, {}, "row 2: serving.utilization: must not be negative, got -1"),
        ({"serving.utilization": [0.5, math.inf]}, {}, "row 2: serving.utilization: must be a finite number"),
        ({"serving.utilization": [0.5, 10**400]}, {}, "row 2: serving.utilization: must be a finite number"),
        ({"serving.utilization": [0.5, "x"]}, {}, "row 2: serving.utilization: expected a number, got 'x'"),
        ({"serving.utilization": [True]}, {}, "row 1: serving.utilization: expected a number, got true"),
        ({"serving.utilization": [[1]]}, {}, r"row 1: serving.utilization: expected a number, got [1]"),
        (
            {"serving.utilisation": [0.5]},
            {},
            "column: unknown quantity 'serving.utilisation'; did you mean 'serving.utilization'?",
        ),
        (
            {"rent": [2.0], "n": [1]},
            {},
            "no column is a quantity; there are rent, n: say map COLUMN=QUANTITY, such as "
            "price=price.input_per_mtok",
        ),
        ({"rent": [2.0]}, {"map": {"ren": "serving.gpu_hour_cost"}}, "map: there is no column 'ren'"),
        ({"rent": [2.0]}, {"map": {"rent": "nothing"}}, "unknown input 'nothing'"),
        ({"unit.gross_margin": [2.0]}, {}, "wren: unit.gross_margin is both an input and a metric"),
        (
            {"a": [2.0], "serving.gpu_hour_cost": [1]},
            {"map": {"a": "serving.gpu_hour_cost"}},
            "wren: serving.gpu_hour_cost is given twice",
        ),
        (
            {"project.cash_end": [2.0]},
            {"map": {"project.cash_end": "project.cash_end"}},
            "project.cash_end is an outcome of a projection and cannot be set",
        ),
        (
            {"serving.utilization": [0.5], "unit.gross_margin_reason": [""]},
            {"reasons": True},
            "metric: there is a column 'unit.gross_margin_reason' already",
        ),
    ],
)
def test_what_is_refused(rows: dict[str, Any], options: dict[str, Any], message: str) -> None:
    assert message in refusal(apply, "wren", rows, metrics=["unit.gross_margin"], **options)


@each(
    "table, message",
    [
        (
            {"serving.utilization": [0.5, 0.6], "who": ["a"]},
            "columns differ in length: serving.utilization has 2",
        ),
        ({"serving.utilization": 0.5}, "serving.utilization: expected a column, got float"),
        ({"serving.utilization": [0.5], "who": "a"}, "who: expected a column, got str"),
        ({"serving.utilization": np.array(0.5)}, "serving.utilization: expected a column, got ndarray"),
        (
            [{"serving.utilization": 0.5}],
            "expected a table (Arrow batches, a DataFrame of pandas or polars, ",
        ),
    ],
)
def test_what_is_no_table_is_refused(table: Any, message: str) -> None:
    assert refusal(apply, "wren", table, metrics=["unit.gross_margin"]).startswith(message)


def test_a_plan_takes_and_gives_numbers_and_arrays() -> None:
    scenario = load("wren")
    plan = scenario.plan(["serving.utilization", "serving.gpu_hour_cost"], METRICS)
    at = evaluate(scenario.replace(**{"serving.utilization": 0.3, "serving.gpu_hour_cost": 2.1}), METRICS)
    assert plan(0.3, 2.1) == tuple(map(at.value, METRICS))
    assert plan(0, 2.1) == (None, None)
    assert plan(None, 2.1) == plan(0.5, math.nan) == (None, None)
    margins, costs = plan(np.array([[0.3, 0.0], [np.nan, 0.3]]), 2.1)
    assert margins.shape == costs.shape == (2, 2)
    assert margins[0, 0] == margins[1, 1] == at.value("unit.gross_margin")
    assert np.isnan(margins).tolist() == [[False, True], [True, False]]
    assert pickle.loads(pickle.dumps(plan))(0.3, 2.1) == plan(0.3, 2.1)


@each("name", ["acme-plan", "vintages", "nest", "seat"])
def test_a_scenario_can_be_pickled(name: str) -> None:
    scenario = load(name)
    assert pickle.loads(pickle.dumps(scenario)) == scenario


@each(
    "values, message",
    [
        ((1.5, 2.0), "wren: serving.utilization: must lie between 0 and 1, got 1.5"),
        ((np.array([0.5, 2.0]), 2.0), "value 2: serving.utilization: must lie between 0 and 1, got 2"),
        ((0.5, math.inf), "wren: serving.gpu_hour_cost: must be a finite number"),
        ((0.5,), "wren: takes 2 values (serving.utilization, serving.gpu_hour_cost), got 1"),
        (("50%", 2.0), "wren: serving.utilization: expected a number or an array of them, got '50%'"),
    ],
)
def test_a_plan_refuses_what_a_file_would(values: tuple[Any, ...], message: str) -> None:
    plan = load("wren").plan(["serving.utilization", "serving.gpu_hour_cost"], METRICS)
    assert refusal(plan, *values) == message


def test_a_plan_of_arrays_without_numpy_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmcost.analysis.whatif.prepared.has_numpy", lambda: False)
    plan = load("wren").plan(["serving.utilization"], METRICS)
    with pytest.raises(LlmcostError, match="a plan of arrays needs the extra 'fast'"):
        plan([0.5, 0.6])


def test_a_section_asks_for_what_there_is_of_it() -> None:
    found = load("wren").plan(["serving.utilization"], ["unit"]).metrics
    assert "unit.gross_margin" in found
    assert all(name.startswith("unit.") for name in found)
    bare = {"training.compute_cost": None, "training.gpu_hours": None}
    plan = load("wren", set=bare).plan(["serving.utilization"], ["unit.*"])
    assert "unit.loaded_margin" not in plan.metrics
    assert "unit.gross_margin" in plan.metrics
    with pytest.raises(LlmcostError, match=r"unit\.loaded_margin: lacks"):
        load("wren", set=bare).plan(["serving.utilization"], ["unit", "unit.loaded_margin"])


def test_a_plan_through_a_projection() -> None:
    plan = load("acme-plan").plan(["cost.staff"], ["project.cash_end", "company.gross_margin"])
    alone = plan(1e9)
    assert plan(np.array([1e9, 2e9]))[0][0] == alone[0]


def test_on_a_dask_cluster_of_two_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scenario goes along with the task: the workers find none of its files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LLMCOST_PATH", raising=False)
    from dask.distributed import Client, LocalCluster

    rows = [pa.record_batch({"serving.utilization": [0.1 * n, 0.05 * n]}) for n in range(1, 5)]
    run = functools.partial(apply, load("wren"), metrics=METRICS)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster,
        Client(cluster) as client,
    ):
        found = client.gather(client.map(run, rows))
    assert [one.to_pydict() for one in found] == [run(one).to_pydict() for one in rows]

"""Rows of usage as a bill, against DuckDB alone: `python benchmarks/imports.py [ROWS]`.

Both read the same compressed Parquet file or CSV and make the same sums of it by model and day, in one pass.
The import counts requests that used tokens, looks at every number for one that cannot be, and makes a
scenario of the sums. The target is 1.2 times what DuckDB takes by the row; what an import takes whatever the
rows (a connection, the prices, the scenario) is told apart by importing a file of a few. Both stream, so 100
million rows take ten times what 10 million do.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb

from llmcost.analysis.ask.importing import import_files

ROWS: Final = {"parquet": 5_000_000, "csv.gz": 1_500_000}
"""As many as end in half a minute, and more than what is read without DuckDB."""
FEW: Final = 1000
TARGET: Final = 1.2
ALONE: Final = """
SELECT model_permaslug, CAST(CAST(created_at AS TIMESTAMP) AS DATE) AS day, count(*), sum(tokens_prompt),
       sum(tokens_completion), sum(tokens_reasoning), sum(tokens_cached), sum(cost_total)
FROM '{path}' GROUP BY ALL
"""
"""What a person would write, who trusts the file."""


def write(path: Path, rows: int) -> None:
    """Write an activity export of OpenRouter with some rows, of 20 models over 30 days."""
    duckdb.sql(
        f"""
        COPY (
            SELECT 'gen-' || i AS generation_id,
                   TIMESTAMP '2026-11-01' + INTERVAL (i % 2592000) SECOND AS created_at,
                   0.01 AS cost_total, 1000 + i % 5000 AS tokens_prompt, 100 + i % 900 AS tokens_completion,
                   i % 100 AS tokens_reasoning, i % 1000 AS tokens_cached,
                   'lab/heron-' || (i % 20) AS model_permaslug
            FROM range({rows}) AS t(i)
        ) TO '{path}'
        """
    )


def taken(work: Callable[[], object]) -> float:
    """Return the CPU seconds of the best of three, of all threads: other work does not count in."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main() -> int:
    """Compare, and return 1 where the target is missed."""
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few.parquet"
        write(few, FEW)
        fixed = taken(lambda: import_files([str(few)]))
        print(f"An import of {FEW:,} rows: {fixed:.2f} s of CPU, which any has to spend")
        for ending, usual in ROWS.items():
            rows = int(sys.argv[1]) if len(sys.argv) > 1 else usual
            path = Path(folder) / f"activity.{ending}"
            write(path, rows)
            alone = taken(lambda path=path: duckdb.execute(ALONE.format(path=path)).fetchall())  # type: ignore[misc]
            ours = taken(lambda path=path: import_files([str(path)]))  # type: ignore[misc]
            by_row = max(ours - fixed, 0.0) / alone
            missed |= by_row > TARGET
            print(
                f"{rows:,} rows, {ending}: DuckDB {alone:.2f} s, import {ours:.2f} s, {ours / alone:.2f}x; "
                f"by the row {by_row:.2f}x"
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())

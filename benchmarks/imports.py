"""Rows of usage as a bill, against DuckDB alone: `python benchmarks/imports.py [ROWS]`.

Both read the same compressed Parquet file or CSV and make the same sums of it by model and day, in one pass.
The import counts requests that used tokens, looks at every number for one that cannot be, and makes a
scenario of the sums. The target is 1.2 times what DuckDB takes by the row; what an import takes whatever the
rows (a connection, the prices, the scenario) is told apart by importing a file of a few. Exit code 1 says
that the median of the rounds misses it. Both stream, so 100 million rows take ten times what 10 million do.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

import duckdb

from llmcost.analysis.ask.importing import import_files
from timing import ROUNDS, cpu, seconds, spread, tell

SIZES: Final = {"parquet": 5_000_000, "csv.gz": 1_500_000}
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


def by_turns(path: Path) -> tuple[list[float], list[float]]:
    """Return the CPU seconds, of all threads, that DuckDB alone and an import take, each in turn."""

    def alone() -> None:
        duckdb.execute(ALONE.format(path=path)).fetchall()

    def ours() -> None:
        import_files([str(path)])

    alone()
    ours()
    rounds = [(cpu(alone), cpu(ours)) for _ in range(ROUNDS)]
    return [one for one, _ in rounds], [other for _, other in rounds]


def main() -> int:
    """Compare, and return 1 where the target is missed."""
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few.parquet"
        write(few, FEW)
        fixed = seconds(lambda: import_files([str(few)]))
        tell(f"an import of {FEW:,} rows, which any has to spend", fixed, "s")
        for ending, usual in SIZES.items():
            rows = int(sys.argv[1]) if len(sys.argv) > 1 else usual
            path = Path(folder) / f"activity.{ending}"
            write(path, rows)
            alone, ours = by_turns(path)
            tell(f"{rows:,} rows, {ending}: DuckDB alone", spread(alone), "s")
            pairs = list(zip(ours, alone, strict=True))
            tell("  import ÷ DuckDB alone", spread([one / other for one, other in pairs]))
            by_row = spread([max(one - fixed.middle, 0.0) / other for one, other in pairs])
            tell("  the same by the row", by_row, held=f"at most {TARGET}")
            missed |= by_row.middle > TARGET
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())

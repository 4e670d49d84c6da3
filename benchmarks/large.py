"""How fast large numbers of draws, rows and points are: the public functions and the command.

    pip install '.[bench,all]' && python benchmarks/large.py

Each line says what it times. Ratios are of CPU time within this one run, in turns, after a warm-up of both.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from llmcost import apply, evaluate, load, simulate, solve, sweep
from llmcost.engine.arrays import each
from llmcost.engine.sampling_columns import inverse_normal
from llmcost.formulas.repricing import multiplier
from llmcost.formulas.repricing_columns import multipliers
from llmcost.scenario.values.datum import Datum
from timing import ratio, seconds, spread, tell

METRIC = "unit.gross_margin"
RANGES = {
    "serving.gpu_hour_cost": Datum(2.28, 1.3, 4.0),
    "serving.prefill_tokens_per_gpu_second": Datum(4243.0, 2000.0, 9000.0),
    "serving.decode_tokens_per_gpu_second": Datum(671.0, 300.0, 1500.0),
    "serving.utilization": Datum(0.55, 0.3, 0.8, "uniform"),
}
COMPANY = "openai-2024"
MARGIN = "company.operating_margin"


def roots() -> None:
    """Break-even prices: the function of columns, floats one by one, and a sweep that people call."""
    count = 100_000
    cost = np.linspace(1e9, 3e9, count)
    for elasticity in (0.5, 0.99, 1.5, 3.0):
        amounts = [np.full(count, value) for value in (3.7e9, 0.0, 2e9)]
        columns = [*amounts, cost, np.full(count, elasticity), np.full(count, 0.2)]
        tell(
            f"a root of columns, elasticity {elasticity:g}",
            seconds(partial(multipliers, *columns)),
            "µs",
            "at most 2",
            1e6 / count,
        )
        few = [column[:: count // 1000] for column in columns]
        tell(
            "  the same on floats, one by one",
            seconds(partial(each(multiplier), *few)),
            "µs",
            scale=1e6 / len(few[0]),
        )

    def points(elasticity: float) -> None:
        vary: dict[str, Any] = {"cost.training": cost, "market.price_elasticity": [elasticity]}
        for _ in sweep(COMPANY, vary=vary, metrics=["breakeven.uniform_multiplier"]).chunks():
            pass

    for elasticity in (0.5, 1.5):
        found = seconds(partial(points, elasticity))
        tell(f"a point of a sweep of it, elasticity {elasticity:g}", found, "µs", "at most 2", 1e6 / count)


def simulate_by_hand(count: int, source: np.random.Generator) -> dict[str, Any]:
    """The same simulation as one would write it with numpy: Latin hypercube, percentiles, mean, deviation."""

    def uniform() -> Any:
        return (source.permutation(count) + source.random(count)) / count

    def lognormal(low: float, high: float) -> Any:
        middle, spread = np.log(low * high) / 2, np.log(high / low) / 2 / 1.6448536269514722
        return np.exp(middle + spread * inverse_normal(uniform()))

    rent, prefill, decode = lognormal(1.3, 4.0), lognormal(2000, 9000), lognormal(300, 1500)
    cost = (0.75 * rent / prefill + 0.25 * rent / decode) / 3600 / (0.3 + 0.5 * uniform()) * 1e6
    margin = 1 - cost / (0.75 * 0.27 + 0.25 * 1.10)
    return {
        "percentiles": np.percentile(margin, (5, 25, 50, 75, 95)),
        "mean": margin.mean(),
        "std": margin.std(),
    }


def simulations_at_large() -> None:
    """`simulate`, with all that it reports, against numpy by hand; and without numpy."""
    model, count = load("deepseek-v3", workload="chat").with_data(RANGES), 1_000_000
    source = np.random.default_rng(0)

    def ours(draws: int = count) -> object:
        return simulate(model, metrics=[METRIC], draws=draws)

    found = ratio(ours, lambda: simulate_by_hand(count, source), 5)
    tell(f"simulate {count:,} draws ÷ numpy by hand", found, "×", "at most 3")
    with patch("llmcost.analysis.whatif.simulate.has_numpy", lambda: False):
        tell("simulate 100,000 draws without numpy", seconds(lambda: ours(100_000), 3), "s", "at most 1.5")
    for draws in (100_000, 1_000_000, 3_000_000):
        code = f"import llmcost as l; l.simulate({COMPANY!r}, metrics=[{MARGIN!r}], draws={draws})"
        tell(f"memory of simulate {draws:,} draws, a process of its own", memory(code), "MB")


PEAK = """
import atexit, re, sys
tell = lambda: sys.stderr.write(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
atexit.register(tell)
"""
"""Has a process tell the most memory that it has taken, in kB; what it was forked from does not count."""


def memory(code: str) -> Any:
    """Return the most memory that some Python takes in a process of its own, in MB; Linux alone tells."""
    run = [sys.executable, "-c", PEAK + code]
    told = [
        subprocess.run(run, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True) for _ in range(2)
    ]
    return spread([int(one.stderr.split()[-1]) / 1024 for one in told])


def command_seconds(command: list[str], out: Path) -> float:
    """Return the CPU time of a command of its own, whose output goes to a file."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with out.open("wb") as file:
        subprocess.run(command, stdout=file, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def output(folder: Path) -> None:
    """The commands `sweep` and `apply` with a million rows of output, start-up and writing included."""
    vary = ["--vary", "cost.inference=2B:6B:1000", "--vary", "revenue.api=1B:3B:1000"]
    command = [sys.executable, "-m", "llmcost", "sweep", COMPANY, *vary, "--metric", MARGIN, "--format"]
    for form in ("csv", "jsonl", "parquet"):
        found = spread([command_seconds([*command, form], folder / "out") for _ in range(3)])
        tell(f"llmcost sweep, 1,000,000 rows as {form}", found, "s", "at most 2.2")
    start = f"import runpy; sys.argv[:] = {[*command[2:], 'csv', '-o', '/dev/null']!r}; "
    tell("  memory, as csv", memory(f"{start}runpy.run_module('llmcost', run_name='__main__')"), "MB")
    table, source = folder / "table.csv", np.random.default_rng(0)
    values = np.column_stack([source.uniform(2e9, 6e9, 1_000_000), source.uniform(1e9, 3e9, 1_000_000)])
    np.savetxt(table, values, "%.17g", ",", header="cost.inference,revenue.api", comments="")
    command = [sys.executable, "-m", "llmcost", "apply", COMPANY, str(table), "--metric", MARGIN, "--format"]
    for form in ("csv", "jsonl", "parquet"):
        found = spread([command_seconds([*command, form], folder / "out") for _ in range(3)])
        tell(f"llmcost apply, 1,000,000 rows of csv as {form}", found, "s")


def margin_by_hand(columns: dict[str, Any]) -> Any:
    """The operating margin as one would write it with numpy, the other lines added up before."""
    revenue = columns["revenue.api"] + 2.7e9
    return (revenue - (columns["cost.inference"] + 4.7e9)) / revenue


def rows() -> None:
    """Tables and lists: the public functions, from arrays and from lists."""
    company, count, source = load(COMPANY), 300_000, np.random.default_rng(0)
    arrays = {
        "cost.inference": source.uniform(2e9, 6e9, count),
        "revenue.api": source.uniform(1e9, 3e9, count),
    }
    lists = {name: column.tolist() for name, column in arrays.items()}

    def zipped(vary: dict[str, Any]) -> None:
        for _ in sweep(company, vary=vary, metrics=[MARGIN], zip=True).chunks():
            pass

    ours = partial(apply, company, arrays, metrics=[MARGIN])
    np.testing.assert_allclose(ours()[MARGIN], margin_by_hand(arrays), rtol=1e-12)
    found = ratio(ours, partial(margin_by_hand, arrays))
    tell("apply, two arrays ÷ numpy by hand", found, "×", "at most 2")
    for kind, columns in (("arrays", arrays), ("lists", lists)):
        found = seconds(partial(apply, company, columns, metrics=[MARGIN]))
        tell(f"a row of apply, two {kind}", found, "ns", "at most 150", 1e9 / count)
        found = seconds(partial(zipped, columns))
        tell(f"a point of sweep(zip=True), two {kind}", found, "ns", "at most 100", 1e9 / count)


def evaluations() -> None:
    """One evaluation after another: a plan of a scenario, and evaluating the scenario anew."""
    company = load(COMPANY)
    plan = company.plan(["cost.inference"], [MARGIN])
    found = seconds(lambda: [plan(3e9) for _ in range(20_000)])
    tell("a call of scenario.plan(inputs, metrics)", found, "µs", "at most 10", 1e6 / 20_000)

    def anew() -> None:
        for _ in range(200):
            evaluate(company.replace(**{"cost.inference": 3e9}))

    tell("evaluate(scenario.replace(…)), all metrics", seconds(anew, 5), "µs", scale=1e6 / 200)
    model, utilization = load("deepseek-v3"), "serving.utilization"

    def by_hand() -> None:
        """Halve the range of the answer until its ends are neighbours, as somebody would with a plan."""
        margin, low, high = model.plan([utilization], [METRIC]), 1e-6, 1.0
        while (middle := (low + high) / 2) not in (low, high):
            low, high = (middle, high) if margin(middle)[0] < 0.5 else (low, middle)

    found = ratio(partial(solve, model, vary=utilization, until=f"{METRIC} = 50%"), by_hand)
    tell("solve, all its roots, ÷ one by halving a plan's range", found)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        roots()
        simulations_at_large()
        rows()
        evaluations()
        output(Path(folder))


if __name__ == "__main__":
    main()

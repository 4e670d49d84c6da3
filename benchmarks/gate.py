"""How fast the gate reads and checks a folder of scenarios, and how much memory it takes for it.

    pip install . && python benchmarks/gate.py [FILES]

The measure is `yaml.load` with libyaml's safe loader on the same files in the same run, each round paired
with a round of that, in CPU time; peak memory is that of a process of its own. What
`--jobs` saves is time on a clock, so it is measured on one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from llmcost import check, diff, snapshot, validate
from llmcost.scenario.files.snapshot import dump

FILES = 1000
ROUNDS = 5
COSTS = ("inference", "training", "data", "staff", "sales_marketing", "general", "other")
SCENARIO = """\
llmcost: 1
title: Model {number} on rented GPUs
kind: model
price:
  input_per_mtok:
    basis: disclosed
    values:
      2025-01-01: {{value: 0.{low}, source: "price list"}}
      2025-06-01: {{value: 0.{high}, source: "price list", url: https://example.com/prices}}
  output_per_mtok: {{value: 2.{high}, basis: disclosed, source: "price list"}}
serving:
  gpu_hour_cost: {{value: 1.70 to 2.35, basis: reported, source: "rents of an H100"}}
  prefill_tokens_per_gpu_second: 73.7k / 8
  decode_tokens_per_gpu_second: 300 to 1500
  utilization: 4{digit}%
training:
  gpu_hours: 2664k + 119k + 5k
  gpu_hour_cost: {{value: 2.00, basis: assumed, source: "our own", note: "what a renter pays"}}
variants:
  owned: {{serving.gpu_hour_cost: 1.70}}
expect:
  training.cost: {{value: 5.576M, within: 0.1%}}
  unit.gross_margin: {{above: 20%, because: "below it we do not sell"}}
  unit.breakeven_multiplier: {{between: 0.1 to 0.9, variant: owned}}
"""
PEAK = (
    "import resource, sys, llmcost; llmcost.{verb}(sys.argv[1]);"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
)


def write(folder: Path, count: int) -> None:
    """Write scenarios, no two alike."""
    folder.mkdir()
    for number in range(count):
        text = SCENARIO.format(number=number, low=100 + number, high=300 + number, digit=number % 10)
        (folder / f"model-{number:05}.yaml").write_text(text, encoding="utf-8")


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def on_the_clock(work: Callable[[], object]) -> float:
    """Return the shortest of some times that pass until some work is done."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def paired(work: Callable[[], object], floor: Callable[[], object]) -> tuple[float, list[float]]:
    """Return the median of some work's time, and its ratios to the floor's in the same round, both warm."""
    work(), floor()
    rounds = [(seconds(work), seconds(floor)) for _ in range(ROUNDS)]
    return statistics.median(one for one, _ in rounds), sorted(a / b for a, b in rounds)


def peak(verb: str, folder: Path) -> int:
    """Return the peak memory of a process that does it, in KiB."""
    command = [sys.executable, "-c", PEAK.format(verb=verb), str(folder)]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def sixteen_moved(folder: Path) -> float:
    """Return how long it takes to tell the parts of sixteen inputs in everything that they move."""
    names = (*COSTS, "noncash", "revenue_share", "research_and_development", "unsplit_compute")
    before, after = folder / "before.yaml", folder / "after.yaml"
    for path, factor in ((before, 1.0), (after, 1.1)):
        costs = "".join(f"  {name}: {factor * (place + 1) * 1e8}\n" for place, name in enumerate(names))
        path.write_text(
            f"llmcost: 1\nkind: company\ncost:\n{costs}"
            f"revenue: {{api: {factor * 1e9}, subscription: {factor * 3e9}, other: {factor * 1e8}}}\n"
            f"cash.balance: {factor * 5e9}\nmarket.price_elasticity: {factor * 0.5}\n",
            encoding="utf-8",
        )
    return statistics.median(seconds(lambda: diff(before, after)) for _ in range(ROUNDS))


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name, "few"), Path(name, "many")
        write(few, count)
        write(many, 4 * count)
        paths = sorted(few.iterdir())

        def load_all() -> None:
            for path in paths:
                yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)

        base = Path(name, "base.json")
        base.write_text(dump(snapshot(few)), encoding="utf-8")
        for title, work, aim in (
            ("validate", lambda: validate(few), "3"),
            ("check, three expectations a file", lambda: check(few), "2.4"),
            ("snapshot", lambda: snapshot(few), "–"),
            ("diff against it", lambda: diff(base), "2.5"),
        ):
            taken, ratios = paired(work, load_all)
            middle, spread = statistics.median(ratios), f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
            print(
                f"{title}: {taken / count * 1e3:.2f} ms a file, {middle:.2f} × yaml.load, {spread}, aim {aim}"
            )
        print(
            f"diff of 16 moved inputs: {sixteen_moved(Path(name)) * 1000:.0f} ms for all they move (aim 30)"
        )
        for verb in ("validate", "check"):
            small, large = peak(verb, few), peak(verb, many)
            print(f"{verb}: peak memory {small // 1024} MB, with 4 × the files {large / small:.2f} × that")
        for title, shared in (("validate", validate), ("check", check)):
            one, two = (on_the_clock(partial(shared, many, jobs=jobs)) for jobs in (1, 2))
            cores = os.cpu_count()
            print(f"{title} --jobs 2, {4 * count} files: {two / one:.2f} × the time of one, {cores} cores")


if __name__ == "__main__":
    main()

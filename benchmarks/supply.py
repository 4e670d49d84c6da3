"""How far modelled rates are from measured ones: by kind of run, by model and by accelerator.

    python benchmarks/supply.py
    python benchmarks/supply.py --sweep

Prints the error of each row of data/measured.csv, exp(|ln(modelled / measured)|) − 1, as median and 90th
percentile, so that twice too high and twice too low both count 100 %. No constant is fitted to a single
model or accelerator. `--sweep` works out a million deployments on arrays, against one by one.
"""

from __future__ import annotations

import csv
import math
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from llmcost.analysis.ask.load import library
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.plan import resolve
from llmcost.errors import Place
from llmcost.formulas import MODEL
from llmcost.scenario.reference import Link, parse_reference
from llmcost.scenario.settled import Scenario

MEASURED: Final = Path(__file__).parent / "data" / "measured.csv"
UNFAMILIAR: Final = ("qwen3.5-397b-a17b",)
"""Models with linear attention, which the formulas do not know."""
HOPPER: Final = ("h100", "h200", "h800", "h20", "mi300x", "mi325x")
"""Accelerators that do not multiply in 4 bits."""
LIMITS: Final = {"median": 0.15, "p90": 0.40}
"""What is to be held on aggregated rows without unfamiliar attention."""
MEMORY: Final = {"gb200": 198.7e9}
"""What the machines had that were measured, where it is not the data sheet's."""
CONTEXT: Final = 4989.0
"""Mean context of DeepSeek's published day, where a row states none."""
EVERYBODY: Final = 1e7
"""Users who come at once, where a run sends all requests at the start: memory decides."""


class Row(NamedTuple):
    """A measured run and what the formulas say of it, both in tokens per GPU-second."""

    kind: str
    model: str
    chip: str
    measured: float
    modelled: float

    @property
    def error(self) -> float:
        """How far the modelled rate is off, up or down."""
        return math.exp(abs(math.log(self.modelled / self.measured))) - 1


Run = Mapping[str, str]
"""A line of the file."""


def rows() -> list[Row]:
    """Return every measured row with its modelled rate."""
    with MEASURED.open(encoding="utf-8") as file:
        return [_row(run) for run in csv.DictReader(file)]


def familiar(found: Iterable[Row]) -> list[Row]:
    """Return the aggregated rows of models whose attention the formulas know."""
    return [row for row in found if row.kind == "aggregated" and row.model not in UNFAMILIAR]


def spread(found: Iterable[Row]) -> tuple[float, float]:
    """Return median and 90th percentile of the errors of some rows."""
    errors = sorted(row.error for row in found)
    place = 0.9 * (len(errors) - 1)
    low = math.floor(place)
    high = errors[min(low + 1, len(errors) - 1)]
    return statistics.median(errors), errors[low] + (high - errors[low]) * (place - low)


def _row(run: Run) -> Row:
    kind = run["mode"].partition(" (")[0]
    given, target = _given(run, kind)
    plan = _plan(frozenset(given), target)
    values = [given[name] for name in plan.inputs]
    modelled = plan(values)[0]
    if modelled is None:
        raise ValueError(f"row {run['row']}: {plan.explained(values)[1]}")
    return Row(kind, run["model"], run["chip"], float(run["output_tput_per_gpu"]), modelled)


def _given(run: Run, kind: str) -> tuple[dict[str, float], str]:
    """Return what a run states, and the rate that it measured."""
    dense, experts, context, products = _bits(run)
    factor = float(run["length_factor"])
    given = {
        **_stated("serving-efficiency", None, "efficiency"),
        **_stated(run["model"], "architecture", "model"),
        **_stated(run["chip"], "accelerator", "gpu"),
        "deployment.weight_bits": dense,
        "deployment.expert_weight_bits": experts,
        "deployment.kv_bits": context,
        "deployment.math_bits": products,
        "deployment.attention_data_parallel": float(run["dp_attention"]),
        "deployment.gpus_per_replica": float(run["gpus"]),
        "deployment.input_tokens_per_request": float(run["isl"] or CONTEXT) * factor,
        "deployment.output_tokens_per_request": float(run["osl"] or 0) * factor,
        "deployment.concurrency": float(run["concurrency"] or EVERYBODY),
    }
    # The software of an accelerator is what is being measured.
    given.pop("gpu.software", None)
    if run["chip"] in MEMORY:
        given["gpu.memory"] = MEMORY[run["chip"]]
    if kind == "disaggregated":
        prefill, decode = float(run["prefill_workers"]), float(run["decode_workers"])
        given |= {
            "deployment.prefill_replicas": prefill,
            "deployment.prefill_gpus_per_replica": float(run["prefill_gpus"]) / prefill,
            "deployment.decode_replicas": decode,
            "deployment.gpus_per_replica": float(run["decode_gpus"]) / decode,
            "deployment.users": given.pop("deployment.concurrency"),
        }
    rates = {"decode pool": "serving.decode", "prefill pool": "serving.prefill"}
    return given, f"{rates.get(kind, 'deployment.output')}_tokens_per_gpu_second"


def _bits(run: Run) -> tuple[float, float, float, float]:
    """Return the bits of dense weights, experts, keys and values, and products of a run."""
    model, precision = run["model"], run["precision"]
    match precision:
        case "bf16":
            return 16, 16, 16, 16
        case "fp8":
            return 8, 8, (8 if model.startswith(("deepseek", "llama")) else 16), 8
        case "fp4" if model.startswith("gpt-oss"):
            return (16, 4.25, 16, 16) if run["chip"] in HOPPER else (16, 4.25, 8, 8)
        case "fp4" if model.startswith(("llama-2", "llama-3", "qwen3-32b")):
            return 4.5, 4.5, 8, 4
        case "fp4":
            return 12, 4.5, 8, 4
        case "q4_k_m":
            return 4.9, 4.9, 16, 16
        case _:
            raise ValueError(f"row {run['row']}: unknown precision {precision}")


@cache
def _stated(name: str, kind: str | None, section: str) -> dict[str, float]:
    link = Link(name, Place(), parse_reference(name))
    scenario = library().settle(library().linked(link, kind), link.reference)
    return {
        quantity: datum.value
        for quantity, datum in scenario.data.items()
        if quantity.startswith(f"{section}.") and not MODEL.quantities[quantity].unit.startswith("USD")
    }


@cache
def _plan(given: frozenset[str], target: str) -> CompiledPlan:
    return CompiledPlan(resolve(MODEL, given, [target]))


def _table(title: str, found: Iterable[Row], group: Callable[[Row], str]) -> None:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        groups[group(row)].append(row)
    print(f"\n{title:24} {'rows':>5} {'median':>7} {'p90':>7} {'modelled/measured':>18}")
    for name, members in sorted(groups.items(), key=lambda item: -len(item[1])):
        median, ninety = spread(members)
        ratio = math.exp(statistics.median(math.log(row.modelled / row.measured) for row in members))
        print(f"{name:24} {len(members):5} {median:7.0%} {ninety:7.0%} {ratio:18.2f}")


MILLION: Final = 1_000_000
SAMPLE: Final = 20_000
SWEPT: Final = ("serving.prefill_tokens_per_gpu_second", "deployment.tokens_per_second_per_user")
USERS: Final = "deployment.concurrency"
RANGES: Final = {
    USERS: (1, 1000),
    "deployment.min_tokens_per_second_per_user": (5, 60),
    "deployment.input_tokens_per_request": (100, 10_000),
    "deployment.output_tokens_per_request": (100, 10_000),
    "gpu.memory_bandwidth": (1e12, 8e12),
    "efficiency.model_factor": (0.67, 1.5),
}


def sweep() -> int:
    """Print how long a million deployments take; return 1 for more than ten seconds."""
    stated = library().load("deepseek-v3-on-h200")
    of_users = _million("with so many users", stated, [name for name in RANGES if "min_" not in name])
    sought = [name for name in RANGES if name != USERS]
    at_target = _million("with users sought at a target speed", stated.replace(**{USERS: None}), sought)
    return int(max(of_users, at_target) > 10)


def _million(what: str, scenario: Scenario, varied: list[str]) -> float:
    import numpy as np

    from llmcost.analysis.whatif.grid import CHUNK, Grid

    rng = np.random.default_rng(0)
    columns = [rng.uniform(*RANGES[name], MILLION) for name in varied]
    points = Grid(scenario, varied, SWEPT)
    sample = [column[:SAMPLE] for column in columns]
    points.columns(sample)
    start = time.process_time()
    for first in range(0, MILLION, CHUNK):
        points.columns([column[first : first + CHUNK] for column in columns])
    on_arrays = time.process_time() - start
    start = time.process_time()
    points.one_by_one([column.tolist() for column in sample])
    ratio = (time.process_time() - start) * MILLION / SAMPLE / on_arrays
    print(f"a million deployments {what}: {on_arrays:.1f} s, {ratio:.1f} times as fast as one by one")
    return on_arrays


def main() -> int:
    """Print the errors; return 1 where they are larger than they may be."""
    if sys.argv[1:] == ["--sweep"]:
        return sweep()
    start = time.perf_counter()
    found = rows()
    seconds = time.perf_counter() - start
    known = familiar(found)
    print(f"{len(found)} measured runs, modelled in {seconds:.1f} s")
    _table("kind of run", found, lambda row: row.kind)
    _table("aggregated, by model", [row for row in found if row.kind == "aggregated"], lambda row: row.model)
    _table("aggregated, by chip", known, lambda row: row.chip)
    median, ninety = spread(known)
    print(f"\naggregated, familiar attention: {len(known)} rows, median {median:.1%}, p90 {ninety:.1%}")
    for factor in (1.25, 1.5, 2.0):
        within = sum(row.error <= factor - 1 for row in known) / len(known)
        print(f"within a factor of {factor:g}: {within:.0%}")
    return int(median > LIMITS["median"] or ninety > LIMITS["p90"])


if __name__ == "__main__":
    sys.exit(main())

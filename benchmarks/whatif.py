"""How fast what-ifs are: against Hamilton, against numpy written by hand, and against squigglepy.

    pip install '.[bench]' && python benchmarks/whatif.py

Prints ratios taken within this one run, each with the middle half of its rounds and what is to be held.
"""

from __future__ import annotations

import sys
import types
from typing import Any

import numpy as np

from llmcost import load, simulate, sweep
from llmcost.analysis.ask.load import over_months
from llmcost.analysis.projection.names import CORE
from llmcost.analysis.projection.run import Projector
from llmcost.analysis.whatif import grid as points_module
from llmcost.analysis.whatif.grid import CHUNK
from llmcost.analysis.whatif.over_time import GridOverTime
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.plan import resolve
from llmcost.formulas import MODEL
from llmcost.scenario.values.datum import Datum
from timing import ratio, seconds, tell

GIVEN = {
    "price.input_per_mtok": 2.5,
    "price.output_per_mtok": 10.0,
    "workload.output_share": 0.25,
    "workload.cached_input_share": 0.0,
    "price.cached_input_per_mtok": 1.25,
    "serving.gpu_hour_cost": 2.0,
    "serving.prefill_tokens_per_gpu_second": 9000.0,
    "serving.decode_tokens_per_gpu_second": 1800.0,
    "serving.utilization": 0.5,
}
METRIC = "unit.gross_margin"


def hamilton_module() -> types.ModuleType:
    """The graph of `unit.gross_margin` as Hamilton functions: the names are its edges."""
    source = """
def prefill_cost(gpu_hour: float, prefill: float, utilization: float) -> float:
    return gpu_hour / (3600 * prefill * utilization) * 1e6

def decode_cost(gpu_hour: float, decode: float, utilization: float) -> float:
    return gpu_hour / (3600 * decode * utilization) * 1e6

def cost(prefill_cost: float, decode_cost: float, output_share: float) -> float:
    return (1 - output_share) * prefill_cost + output_share * decode_cost

def price(input_price: float, cached: float, output_price: float, output_share: float, hits: float) -> float:
    return (1 - output_share) * ((1 - hits) * input_price + hits * cached) + output_share * output_price

def margin(price: float, cost: float) -> float:
    return 1 - cost / price
"""
    module = types.ModuleType("margin_graph")
    sys.modules[module.__name__] = module
    exec(source, module.__dict__)
    for item in vars(module).values():
        if isinstance(item, types.FunctionType):
            item.__module__ = module.__name__
    return module


def against_hamilton() -> None:
    """Evaluations a second of the same graph."""
    from hamilton import base, driver

    names = ("input_price", "output_price", "output_share", "hits", "cached", "gpu_hour", "prefill", "decode")
    inputs = dict(zip((*names, "utilization"), GIVEN.values(), strict=True))
    built = driver.Driver({}, hamilton_module(), adapter=base.SimplePythonGraphAdapter(base.DictResult()))
    plan = CompiledPlan(resolve(MODEL, GIVEN, [METRIC]))
    values = [GIVEN[name] for name in plan.inputs]
    theirs = built.execute(["margin"], inputs=inputs)["margin"]
    ours = plan(values)[0]
    if ours is None or abs(ours - theirs) > 1e-12:
        raise SystemExit(f"the two do not compute the same: {ours} and {theirs}")
    found = ratio(
        lambda: [built.execute(["margin"], inputs=inputs) for _ in range(200)],
        lambda: [plan(values) for _ in range(20_000)],
    )
    tell("evaluations a second ÷ Hamilton's", found, held="floor 50", scale=100)


def against_numpy() -> None:
    """A million points of a serving metric, against the same expression by hand in the same chunks."""
    count = 1_000_000
    utilization = np.linspace(0.1, 0.9, count)
    rate = np.linspace(1.0, 4.0, count)

    def by_hand() -> float:
        total = 0.0
        for start in range(0, count, CHUNK):
            u, g = utilization[start : start + CHUNK], rate[start : start + CHUNK]
            prefill = g / (3600 * 9000.0 * u) * 1e6
            decode = g / (3600 * 1800.0 * u) * 1e6
            cost = (1 - 0.25) * ((1 - 0.0) * prefill + 0.0 * prefill) + 0.25 * decode
            price = (1 - 0.25) * ((1 - 0.0) * 2.5 + 0.0 * 1.25) + 0.25 * 10.0
            total += float(np.sum(1 - cost / price))
        return total

    from llmcost.engine.arrays import ArrayPlan

    fixed = {k: v for k, v in GIVEN.items() if k not in ("serving.utilization", "serving.gpu_hour_cost")}
    plan = ArrayPlan(resolve(MODEL, GIVEN, [METRIC]), fixed)
    columns = {"serving.utilization": utilization, "serving.gpu_hour_cost": rate}

    def compiled() -> float:
        total = 0.0
        for start in range(0, count, CHUNK):
            total += float(np.sum(plan([columns[name][start : start + CHUNK] for name in plan.inputs])[0]))
        return total

    if abs(by_hand() - compiled()) > 1e-6 * count:
        raise SystemExit("the two do not compute the same")
    tell("speed of an array plan ÷ numpy by hand", ratio(by_hand, compiled, 15), held="floor 0.8")


def million_points() -> None:
    """A sweep of a million points of one company metric, output aside."""
    vary = ["cost.inference=2B:6B:1000", "revenue.api=1B:3B:1000"]

    def run() -> None:
        for _ in sweep("openai-2024", vary=vary, metrics=["company.operating_margin"]).chunks():
            pass

    tell("sweep of 1,000,000 points", seconds(run), "s", "at most 1")


def against_squigglepy() -> None:
    """Time per draw of a small model: margin from three lognormal ranges and one uniform."""
    import squigglepy as sq

    draws = 100_000
    model = load("deepseek-v3", workload="chat").with_data(
        {
            "serving.gpu_hour_cost": Datum(2.28, 1.3, 4.0),
            "serving.prefill_tokens_per_gpu_second": Datum(4243.0, 2000.0, 9000.0),
            "serving.decode_tokens_per_gpu_second": Datum(671.0, 300.0, 1500.0),
            "serving.utilization": Datum(0.55, 0.3, 0.8, "uniform"),
        }
    )
    price = 0.75 * 0.27 + 0.25 * 1.10

    def theirs() -> Any:
        rate, prefill = sq.lognorm(1.3, 4.0), sq.lognorm(2000, 9000)
        decode, utilization = sq.lognorm(300, 1500), sq.uniform(0.3, 0.8)

        def margin() -> float:
            g, u = sq.sample(rate), sq.sample(utilization)
            p, d = sq.sample(prefill), sq.sample(decode)
            cost = 0.75 * g / (3600 * p * u) + 0.25 * g / (3600 * d * u)
            return float(1 - cost * 1e6 / price)

        return sq.sample(margin, n=1_000)

    def columns() -> Any:
        g, u = sq.sample(sq.lognorm(1.3, 4.0), n=draws), sq.sample(sq.uniform(0.3, 0.8), n=draws)
        p, d = sq.sample(sq.lognorm(2000, 9000), n=draws), sq.sample(sq.lognorm(300, 1500), n=draws)
        return 1 - (0.75 * g / (3600 * p * u) + 0.25 * g / (3600 * d * u)) * 1e6 / price

    def ours() -> None:
        simulate(model, metrics=[METRIC], draws=draws)

    tell("time per draw ÷ squigglepy's, as a function", ratio(ours, theirs, 3), held="at most 1", scale=0.01)
    tell("time per draw ÷ squigglepy's, as columns", ratio(ours, columns))


def by_hand(months: int, inference: Any, training: Any, growth: Any) -> Any:
    """The months of openai-2024-projection as one would write them on columns, for their lowest cash."""
    inference, training, growth = inference / 12, training / 12, 1 + growth
    api, subscription = np.full_like(growth, 1e9 / 12), 2.7e9 / 12
    staff, other, marketing, double = 1.5e9 / 12, 0.2e9 / 12, 0.0, 2 ** (1 / 12)
    cash, low = np.full_like(growth, 6.6e9), np.full_like(growth, np.inf)
    gone, even = np.full_like(growth, np.nan), np.full_like(growth, np.nan)
    burnt, needed, earned = np.zeros_like(growth), np.zeros_like(growth), np.zeros_like(growth)
    for month in range(1, months + 1):
        late = month >= 13
        if month > 1:
            api, subscription = api * (double if late else growth), subscription * (double if late else 1.104)
            inference, training = (
                inference * (double if late else 1.112),
                training * (double if late else 1.137),
            )
            staff *= double if late else 1.137
            other, marketing = (other * double, marketing * double) if late else (other, marketing)
        if month == 7:
            marketing = 4e9 / 12
        profit = api + subscription - (inference + training + staff + other + marketing)
        after = cash + profit
        first = np.isnan(gone) & (after < 0)
        gone = np.where(first, month - 1 + np.maximum(cash, 0) / -profit, gone)
        even = np.where(np.isnan(even) & (profit >= 0), month, even)
        cash, burnt, earned = after, burnt - profit, earned + profit
        low, needed = np.minimum(low, cash), np.maximum(needed, burnt)
    return low, gone, even, needed, cash, earned


def projections() -> None:
    """Months by themselves against their bare formulas, and draws at once against numpy by hand."""
    projector = Projector(load("openai-2024-projection"), ["cost.inference"])
    months = projector.run([4e9])
    plan = CompiledPlan(resolve(MODEL, months[0].state, CORE))
    values = [months[0].state[name] for name in plan.inputs]
    steps = 20 * len(months)
    found = ratio(
        lambda: [projector.run([4e9 + cost]) for cost in range(20)],
        lambda: [plan(values) for _ in range(steps)],
    )
    tell("a month of a projection ÷ its formulas", found)
    varied = ["cost.inference", "cost.training", "trajectory.revenue.api"]
    length, draws = 120, 10_000
    points = GridOverTime(over_months(load("openai-2024-projection"), length), varied, sorted(MODEL.outcomes))
    source = np.random.default_rng(0)
    columns = [source.uniform(low, high, draws) for low, high in ((2e9, 4e9), (3e9, 5e9), (0.05, 0.15))]
    lists = [column.tolist() for column in columns]
    low = np.array(points.one_by_one(lists)[sorted(MODEL.outcomes).index("project.cash_low")])
    assert np.allclose(low, by_hand(length, *columns)[0])
    found = ratio(lambda: points.one_by_one(lists), lambda: by_hand(length, *columns))
    tell(f"{length} months × {draws:,} draws ÷ numpy by hand", found, held="at most 5")


def main() -> None:
    """Measure and print."""
    against_hamilton()
    against_numpy()
    million_points()
    projections()
    assert points_module.has_numpy()
    against_squigglepy()


if __name__ == "__main__":
    main()

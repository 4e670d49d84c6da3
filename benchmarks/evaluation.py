"""How fast a compiled plan is, against the same arithmetic written by hand in one function.

    python benchmarks/evaluation.py

Both derive everything that follows from the scenario openai-2024. Prints evaluations per second and the
ratio compiled ÷ by hand; the floor to hold is 0.7.
"""

from __future__ import annotations

import statistics
import timeit

from llmcost import load
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.plan import resolve
from llmcost.engine.trace import evaluate
from llmcost.formulas import MODEL

ROUNDS = 15
CALLS = 20_000


class NotPossible(ArithmeticError):
    """What the hand-written function raises where a result has no meaning."""


def by_hand(
    api: float,
    subscription: float,
    inference: float,
    training: float,
    staff: float,
    other: float,
    months: float,
    credit: float,
    funding: float,
    paid: float,
    market: float,
) -> tuple[float, ...]:
    """Everything that follows from openai-2024, as one would write it without a formula engine."""
    revenue = api + subscription
    api_share = api / revenue
    owed = 0.0
    elasticity = 0.0
    kept = revenue - api
    api_inference = inference * api_share
    ratio = market / paid
    inference_at_market = inference * ratio
    api_inference_at_market = inference_at_market * api_share
    training_at_market = training * ratio
    cost = inference + training + staff + other
    compute = inference + training
    cost_at_market = cost + compute * (ratio - 1)
    covered_at_market = cost + cost_at_market - cost
    other_cost = cost - inference
    other_cost_at_market = covered_at_market - inference_at_market
    if not elasticity <= 0 or not owed < 1:
        raise NotPossible
    uniform = cost / (1 - owed) / revenue
    uniform_at_market = covered_at_market / (1 - owed) / revenue
    if not cost > (1 - owed) * kept or not covered_at_market > (1 - owed) * kept:
        raise NotPossible
    api_only = (cost / (1 - owed) - kept) / api
    api_only_at_market = (covered_at_market / (1 - owed) - kept) / api
    gross_profit = revenue - inference
    gross_margin = 1 - inference / revenue
    operating_profit = revenue - cost
    operating_margin = 1 - cost / revenue
    per_dollar = cost / revenue
    burn_in_cash = (cost - revenue) / months
    payable = compute / months
    used = min(credit, payable)
    burn = burn_in_cash - used
    if not burn_in_cash > 0:
        raise NotPossible
    if funding * payable < credit * (burn_in_cash - payable):
        runway = funding / (burn_in_cash - payable)
    else:
        runway = (funding + credit) / burn_in_cash
    credits_months = credit / payable
    discount = 1 - paid / market
    return (
        revenue,
        api_share,
        kept,
        api_inference,
        ratio,
        inference_at_market,
        api_inference_at_market,
        training_at_market,
        cost,
        compute,
        cost_at_market,
        covered_at_market,
        other_cost,
        other_cost_at_market,
        uniform,
        uniform_at_market,
        api_only,
        api_only_at_market,
        gross_profit,
        gross_margin,
        operating_profit,
        operating_margin,
        per_dollar,
        burn_in_cash,
        payable,
        used,
        burn,
        runway,
        credits_months,
        discount,
    )


INPUTS = (
    "revenue.api",
    "revenue.subscription",
    "cost.inference",
    "cost.training",
    "cost.staff",
    "cost.other",
    "company.period_months",
    "cash.credits",
    "cash.committed_funding",
    "compute.paid_gpu_hour",
    "compute.market_gpu_hour",
)


def main() -> None:
    """Measure and print."""
    given = load("openai-2024").given
    given = {name: given[name] for name in INPUTS}
    trace = evaluate(MODEL, given)
    targets = [step.name for step in trace.plan.steps if trace.nodes[step.name].rooted]
    plan = CompiledPlan(resolve(MODEL, given, targets))
    hand_values = [given[name].value for name in INPUTS]
    plan_values = [given[name].value for name in plan.inputs]
    expected = {round(value, 6) for value in by_hand(*hand_values)}
    missing = expected - {round(value, 6) for value in plan(plan_values) if value is not None}
    if missing:
        raise SystemExit(f"the two do not compute the same: {missing}")
    hand, compiled = [], []
    for _ in range(ROUNDS):
        hand.append(CALLS / timeit.timeit(lambda: by_hand(*hand_values), number=CALLS))
        compiled.append(CALLS / timeit.timeit(lambda: plan(plan_values), number=CALLS))
    ratios = [c / h for c, h in zip(compiled, hand, strict=True)]
    print(f"formulas in the plan    {len(targets)}")
    print(f"by hand                 {statistics.median(hand):12,.0f} evaluations/s")
    print(f"compiled plan           {statistics.median(compiled):12,.0f} evaluations/s")
    print(f"compiled ÷ by hand      {statistics.median(ratios):12.2f}  (floor 0.7)")


if __name__ == "__main__":
    main()

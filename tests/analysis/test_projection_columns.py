"""All draws of a projection at once are what each is by itself, to the last digit."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calling import made
from llmcost import Scenario, simulate
from llmcost.analysis.whatif import over_time
from llmcost.analysis.whatif.over_time import GridOverTime
from llmcost.formulas import MODEL
from llmcost.reasons import Reason

OUTCOMES = sorted(MODEL.outcomes)
HORIZON = "horizon_months: 18\n"


def both_ways(
    scenario: Scenario, varied: list[str], columns: list[list[float]], *, ends: bool = False
) -> tuple[list[list[float | None]], dict[str, Counter[Reason]]]:
    """Return outcomes and reasons by columns, once they are seen to be those of each point by itself."""
    grid = GridOverTime(scenario, varied, OUTCOMES)
    found: list[tuple[list[list[float | None]], dict[str, Counter[Reason]]]] = []
    for many in (10**9, 1):
        reasons: dict[str, Counter[Reason]] = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(over_time, "MANY", many)
            patch.setattr(over_time, "CHUNK", 7)
            found.append((grid.one_by_one(columns, reasons, ends=ends), reasons))
    assert found[0] == found[1]
    return found[1]


AMOUNTS = st.integers(0, 10**6).map(float)


@settings(max_examples=25)
@given(data=st.data())
def test_columns_are_what_each_point_is(data: st.DataObject) -> None:
    """Growth, credits, shares, a repricing, costs that follow, a rate that rises: all that can move."""
    money = [data.draw(AMOUNTS) for _ in range(8)]
    payer = data.draw(st.sampled_from(["uniform", "api-only"]))
    at = [data.draw(st.integers(1, 18)) for _ in range(3)]
    text = (
        f"revenue: {{api: {money[0]!r}, subscription: {money[1]!r}}}\n"
        f"cost: {{inference: {money[2]!r}, training: {money[3]!r}, staff: {money[4]!r}}}\n"
        "cost.data: 10\ncost.other: 5\n"
        f"cash: {{balance: {money[5]!r}, credits: {money[6]!r}, committed_funding: {money[7]!r}}}\n"
        "compute.paid_gpu_hour: 2\nmarket.price_elasticity: 0.5\n"
        "trajectory:\n  revenue.api: +10%/month\n  cost.data: follows revenue.total\n"
        "  cost.other: 5% of revenue.api\n  cost.training: x3/year\n"
        f"events:\n  - {{at: {at[0]}, cash.credits: -{data.draw(AMOUNTS)!r}}}\n"
        f"  - {{at: {at[1]}, reprice: {{payer: {payer}, multiplier: 3}}}}\n"
        f"  - {{at: {at[2]}, compute.paid_gpu_hour: 3, cash.balance: -100}}\n"
    )
    varied = ["revenue.api", "cost.inference", "cash.credits", "trajectory.revenue.api"]
    varied += ["market.price_elasticity", "compute.paid_gpu_hour", "follows.cost.other"]
    sizes = [money[0], money[2], money[6], 0.1, 0.5, 2.0, 0.05]
    factors = st.lists(st.sampled_from([0.0, 0.3, 1.0, 1.7, 4.0]), min_size=9, max_size=9)
    columns = [[size * factor for factor in data.draw(factors)] for size in sizes]
    both_ways(made(HORIZON + text), varied, columns, ends=data.draw(st.booleans()))


def test_totals_that_are_held_and_moved() -> None:
    """Inference of 130 leaves nothing of a total of 120, and one of 90 rises beyond it."""
    text = "revenue.total: 100\ncost: {total: 120, inference: 60}\ncash.balance: 50\n"
    values = [0.0, 30.0, 60.0, 90.0, 120.0, 130.0, 10.0, 20.0]
    found, reasons = both_ways(made(HORIZON + text), ["cost.inference"], [values])
    assert reasons["project.cash_end"] == {Reason("below_lines", ("cost.total",)): 1}
    moved = text + "trajectory: {cost.total: -5%/month, cost.inference: +2%/month}\n"
    _, reasons = both_ways(made(HORIZON + moved), ["cost.inference"], [values])
    assert sum(reasons["project.cash_end"].values()) > 1
    assert found[OUTCOMES.index("project.cash_end")][0] == pytest.approx(50 - 18 / 12 * 20)


def test_what_moves_out_of_its_bounds() -> None:
    """A churn that rises above all units is no draw any more."""
    text = (
        "product:\n  {price_per_unit: 20, variable_cost_per_unit: 10, paying_share: 50%,\n"
        "   units_per_month: 9, churn_per_month: 5%, new_units_per_month: 3, fixed_cost_per_month: 100}\n"
        "trajectory: {product.churn_per_month: +15%/month}\ncash.balance: 100\n"
    )
    churn = [0.0, 0.05, 0.1, 0.2, 0.5, 1.0]
    _, reasons = both_ways(made(HORIZON + text), ["product.churn_per_month"], [churn])
    assert sum(reasons["project.cash_end"].values()) == 4  # 1.15¹⁷ = 10.8: beyond 9.3 %


def test_simulations_do_not_depend_on_how_they_are_run() -> None:
    text = (
        "revenue: {api: 900 to 1500}\ncost: {inference: 600 to 1200, staff: 300}\n"
        "cash: {balance: 50 to 200, credits: 100 to 1000}\n"
        "trajectory: {revenue.api: -2% to +4%/month, cost.inference: +1%/month}\n"
    )
    scenario = made(HORIZON + text)
    found = []
    for many in (10**9, 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(over_time, "MANY", many)
            found.append(simulate(scenario, metrics=OUTCOMES, draws=300).to_dicts())
    assert found[0] == found[1]

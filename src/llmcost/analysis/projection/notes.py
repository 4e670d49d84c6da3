"""What a reader of a projection must know: its assumptions, and what moves nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from llmcost.analysis.ask.reach import NoEffect, without_effect
from llmcost.analysis.projection.checks import leading
from llmcost.analysis.projection.names import (
    AGE,
    AGED,
    ANSWER,
    BALANCE,
    BURN,
    CHARGES,
    CHURN,
    COMMITTED,
    COMPUTE_LINES,
    CORE,
    CREDITS,
    ELASTICITY,
    INFERENCE_SHARE,
    LIFE,
    LINES,
    NEW_UNITS,
    NONCASH,
    PERIOD,
    RATE,
    REVENUE_LINES,
    SPEND,
    STOCK_COMPENSATION,
    STOCKS,
    UNITS,
)
from llmcost.analysis.projection.outcomes import breaks_even, cash_still_falls, outcomes
from llmcost.analysis.projection.plan import MonthlyPlan
from llmcost.analysis.projection.run import Month
from llmcost.engine.parts import inside, split
from llmcost.engine.registry import WEAK
from llmcost.formulas import MODEL
from llmcost.formulas.price_change import OWED_ON_REVENUE
from llmcost.formulas.projection import FLOWS, first_year
from llmcost.formulas.vocabulary import NO_COMPUTE
from llmcost.scenario.timeline import Growth

Note = tuple[str, str]
"""The subject, usually a quantity, and the note on it."""

SURPRISE: Final = 0.02
"""A first year that differs from the stated one by more than this share is reported."""

OF_REVENUE: Final = ("cost.inference", *OWED_ON_REVENUE)
"""Costs that a reader expects to move with revenue."""


def notes(plan: MonthlyPlan, months: Sequence[Month], metrics: Sequence[str]) -> tuple[Note, ...]:
    """Say how the months of this scenario were computed.

    Args:
        plan: the plan of the run.
        months: the resulting months.
        metrics: the metrics shown besides revenue, cost and cash.
    """
    return (
        *_of_the_start(plan, months),
        *_of_what_moves(plan, months, metrics),
        *_of_cash(plan, months),
        *_of_repricing(plan, months[-1]),
        *_of_lines(plan, months),
        *_of_the_end(plan, months),
    )


def _of_the_start(plan: MonthlyPlan, months: Sequence[Month]) -> Iterator[Note]:
    timeline, data = plan.scenario.timeline, plan.scenario.data
    if timeline.months is None and timeline.horizon is None:
        yield "months", f"{len(months)}, as neither --months nor horizon_months says how many"
    if any(BURN in month.targets or "cost.total" in month.targets for month in months):
        yield "month 1", "the period's monthly average; growth starts in month 2"
    for name, value in plan.replaced().items():
        if name in data and not math.isclose(value, data[name].value, rel_tol=1e-9):
            yield name, "the stated value has no effect: month 1 has another value"


def _of_what_moves(plan: MonthlyPlan, months: Sequence[Month], metrics: Sequence[str]) -> Iterator[Note]:
    used = {trajectory.name for trajectory, _ in plan.schedule.trajectories}
    names = months[0].state.keys() | months[-1].state.keys()
    for name, trajectory in plan.scenario.timeline.trajectories.items():
        if trajectory is not None and name not in used:
            yield name, f"{plan.scenario.absent[name]}, so its trajectory moves nothing"
    for prefix, part in plan.scenario.of.items():
        if part.timeline.moving or part.timeline.events:
            yield prefix[:-1], "its own trajectories and events have no effect here; state them for the whole"
    for gap in idle(plan, months[-1], metrics):
        if not gap.by:
            yield gap.name, "moves here, but neither revenue, cost nor cash depends on it"
    for item in plan.turnover:
        prefix, _ = split(item.units)
        mix = {*item.churn.targets} - names
        said = [
            "the parts' mean churn counts, and their shares stay as they are" if mix else "",
            "" if item.churn.targets else f"nobody leaves: {inside(prefix, CHURN)} is not stated",
            "" if item.new.targets else f"none are won: {inside(prefix, NEW_UNITS)} is not stated",
        ]
        yield item.units, "; ".join(filter(None, ["moves by churn and new units", *said]))
    felt = {split(name)[1].partition(".")[0] for name in plan.months[0].core.inputs}
    if plan.turnover and "product" not in felt and {"revenue.total", "cost.total"} & {*months[0].targets}:
        why = "has no effect here, as lines of a company are stated"
        remedy = "state its revenue and cost as lines, or these as product.fixed_cost_per_month"
        yield "product", f"{why}: {remedy}"
    for name in MODEL.in_order(used):
        prefix, base = split(name)
        if base in UNITS and names & {inside(prefix, CHURN), inside(prefix, NEW_UNITS)}:
            yield name, "moves by its trajectory, not by churn and new units"
    if plan.charges is not None:
        yield (
            SPEND,
            "each purchase adds to what is in use, and has a charge and an age of its own for its life",
        )
        if "capex.gpus" in plan.base.keys() - plan.moved:
            yield "capex.gpus", "stays the same whatever is bought: only named quantities move"
    elif plan.ages and {*CHARGES, *AGED} & {*metrics} and _outlived(months[-1]):
        yield SPEND, "bought once: its charge continues after its life, as if it were replaced"
    yield from _of_yearly_growth(plan)
    for name, datum in plan.scenario.timeline.rates.items():
        if plan.base[name] != datum.value:
            yield (
                name,
                f"{plan.scenario.data[name].text or f'{plan.base[name]:.4g}'} in place of {datum.text}",
            )
    for trajectory, _ in plan.schedule.trajectories:
        if trajectory.listed and len(trajectory.steps) < len(months):
            yield trajectory.name, f"the last of its {len(trajectory.steps)} values applies to the end"


def _outlived(last: Month) -> bool:
    """Whether capital bought before the first month has reached the end of its life."""
    age, life = last.state.get(AGE), last.state.get(LIFE)
    return isinstance(age, float) and isinstance(life, float) and age > life


def idle(plan: MonthlyPlan, last: Month, metrics: Sequence[str]) -> list[NoEffect]:
    """Return the moved quantities that do not move the shown figures, or not all of them."""
    felt = {*STOCKS, *ANSWER, *metrics} | ({RATE} if plan.bills else set())
    moved = [name for name in _moved(plan) if name not in felt]
    worked_out = plan.charges.targets if plan.charges is not None else ()  # they follow from purchases
    given = {name: value for name, value in last.state.items() if name not in worked_out}
    return without_effect(given, moved, (*CORE, *LINES, *metrics, *plan.drivers.values()))


def _of_yearly_growth(plan: MonthlyPlan) -> Iterator[Note]:
    """Say what the first year adds up to, if yearly growth in month 1 makes that very different."""
    if plan.base.get(PERIOD, 12.0) != 12 or plan.schedule.months < 12:
        return
    for trajectory, steps in plan.schedule.trajectories:
        step, flow = steps.get(1), plan.base.get(trajectory.name)
        if not isinstance(step, Growth) or step.months != 12 or trajectory.name not in FLOWS or not flow:
            continue
        if any(1 < month <= 12 for month in steps):
            continue
        whole = first_year(flow / 12, plan.base[step.name], step.months)
        if abs(whole - flow) > SURPRISE * flow:
            begun = f"{_amount(flow)} a year in month 1, growing {step.rate.text} month by month"
            yield trajectory.name, f"{begun}: months 1 to 12 add up to {_amount(whole)}"


def _amount(usd: float) -> str:
    for suffix, size in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(usd) >= size:
            return f"{usd / size:.3g}{suffix}"
    return f"{usd:.3g}"


def _moved(plan: MonthlyPlan) -> dict[str, None]:
    """Return the quantities that trajectories and events move, in the order of the file."""
    trajectories = [trajectory.name for trajectory, _ in plan.schedule.trajectories]
    effects = [effect.name for _, event in plan.schedule.events for effect in event.effects]
    return dict.fromkeys([*trajectories, *effects])


def _of_cash(plan: MonthlyPlan, months: Sequence[Month]) -> Iterator[Note]:
    data = plan.scenario.data
    if any(month.closing is not None for month in months):
        if COMMITTED in data:
            yield COMMITTED, "counts as received at the start of month 1"
        if COMMITTED in data and BALANCE not in data:
            yield BALANCE, "not stated, so none is counted"
    for month, event in plan.schedule.events:
        for effect in event.effects:
            if effect.name == BALANCE and effect.kind == "set":
                said = f"set to {effect.text} in month {month}: the difference counts as funding"
                yield BALANCE, f"{said}; +{effect.text} adds to what is there"
    if BURN in data:
        yield BURN, "stated, so it does not follow from revenue and cost, and credits do not lower it"
    elif plan.draws_credits and not {*COMPUTE_LINES} & {*months[-1].targets}:
        yield CREDITS, f"not drawn on: {NO_COMPUTE}"
    elif plan.draws_credits:
        yield CREDITS, "pay for inference and training while they last"
        if NONCASH in data and STOCK_COMPENSATION not in months[0].targets:
            yield NONCASH, f"all of it counts as credits used: {STOCK_COMPENSATION} is not stated"


def _of_repricing(plan: MonthlyPlan, last: Month) -> Iterator[Note]:
    """Say what is assumed about demand and the API's inference, if the scenario does not state it."""
    if any(event.reprice is not None for _, event in plan.schedule.events):
        for name, driver in plan.drivers.items():
            if name not in plan.fixed:
                yield name, f"follows {driver} by volume: a change of price alone does not move it"
    repricings = [event.reprice for _, event in plan.schedule.events if event.reprice is not None]
    if repricings and not last.state.get(ELASTICITY):
        why = "is 0" if ELASTICITY in last.state else "is not stated"
        yield "reprice", f"demand does not respond to price: {ELASTICITY} {why}"
    elif INFERENCE_SHARE not in plan.scenario.data and any(r.payer != "uniform" for r in repricings):
        yield INFERENCE_SHARE, "not stated, so the API's share of revenue is used"


def _of_lines(plan: MonthlyPlan, months: Sequence[Month]) -> Iterator[Note]:
    data, moved = plan.scenario.data, _moved(plan)
    for total in plan.held:
        yield total, "moves with its lines; the part that no line includes stays the same"
    if moved.keys() & {*REVENUE_LINES, "revenue.total"}:
        for line in OF_REVENUE:
            if line in data and len({month.state.get(line) for month in months}) == 1:
                yield line, "stays the same while revenue moves: only named quantities move"
    lines = [line for line in COMPUTE_LINES if line in months[0].state and line not in plan.fixed]
    if RATE in moved and lines:
        yield RATE, f"{' and '.join(lines)} {'moves' if len(lines) == 1 else 'move'} with it"


def _of_the_end(plan: MonthlyPlan, months: Sequence[Month]) -> Iterator[Note]:
    data, later = plan.scenario.data, plan.schedule.later
    profits = [breaks_even(month) for month in months]
    if True in profits and False in profits[profits.index(True) :]:
        again = profits.index(False, profits.index(True)) + 1
        yield "project.breakeven_month", f"month {again} loses money again"
    if cash_still_falls(outcomes(months), months):
        yield (
            "project.funding_needed",
            f"the cash still falls in month {len(months)}: a longer projection needs more",
        )
    # The basis of a trajectory is shown beside it.
    stated = [name for name in leading(plan.scenario) if name in MODEL.quantities]
    weak = [name for name in stated if data[name].basis in WEAK]
    if weak:
        yield "estimated or assumed", ", ".join(weak)
    if later:
        what = "event or step lies" if later == 1 else "events or steps lie"
        yield "not reached", f"{later} {what} beyond month {len(months)}"

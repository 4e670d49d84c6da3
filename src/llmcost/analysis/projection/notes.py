"""What a reader of a projection must know: what was taken for granted, and what moves nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from llmcost.analysis.projection.months import (
    BALANCE,
    BURN,
    COMMITTED,
    COMPUTE_LINES,
    CORE,
    CREDITS,
    ELASTICITY,
    INFERENCE_SHARE,
    LINES,
    NONCASH,
    RATE,
    REVENUE_LINES,
    STOCKS,
    Course,
    Month,
    leading,
    replaced,
)
from llmcost.analysis.projection.outcomes import breaks_even
from llmcost.engine.plan import resolve
from llmcost.formulas import MODEL

Remark = tuple[str, str]
"""What it is about, mostly a quantity, and what is said of it."""

OF_REVENUE: Final = ("cost.inference", "cost.revenue_share", "company.revenue_share")
"""Costs that a reader expects to move with revenue."""


def remarks(course: Course, months: Sequence[Month], metrics: Sequence[str]) -> tuple[Remark, ...]:
    """Say how the months were worked out, as far as this scenario is concerned.

    Args:
        course: what was run.
        months: what came of it.
        metrics: what is shown beside revenue, cost and cash.
    """
    return (
        *_of_the_start(course, months),
        *_of_what_moves(course, months, metrics),
        *_of_cash(course, months),
        *_of_repricing(course, months[-1]),
        *_of_lines(course, months),
        *_of_the_end(course, months),
    )


def _of_the_start(course: Course, months: Sequence[Month]) -> Iterator[Remark]:
    timeline, data = course.scenario.timeline, course.scenario.data
    if timeline.months is None and timeline.horizon is None:
        yield "months", f"{len(months)}, as neither --months nor horizon_months says how many"
    if any(BURN in month.targets or "cost.total" in month.targets for month in months):
        yield "month 1", "the period's monthly average; growth sets in with month 2"
    for name, value in replaced(course).items():
        if name in data and not math.isclose(value, data[name].value, rel_tol=1e-9):
            yield name, "what is stated counts for nothing: month 1 has another value"


def _of_what_moves(course: Course, months: Sequence[Month], metrics: Sequence[str]) -> Iterator[Remark]:
    used = {motion.name for motion, _ in course.schedule.motions}
    for name, motion in course.scenario.timeline.motions.items():
        if motion is not None and name not in used:
            yield name, f"{course.scenario.absent[name]}, so its trajectory moves nothing"
    for name in _without_effect(course, months[-1], metrics):
        yield name, "moves here, and neither revenue, cost nor cash follows from it"
    for motion, _ in course.schedule.motions:
        if motion.listed and len(motion.steps) < len(months):
            yield motion.name, f"the last of its {len(motion.steps)} values holds to the end"


def _without_effect(course: Course, last: Month, metrics: Sequence[str]) -> list[str]:
    """Return what moves and moves none of what is shown."""
    shown = resolve(MODEL, last.state, (*CORE, *LINES, *metrics)).inputs
    felt = {*shown, *STOCKS, RATE, ELASTICITY, INFERENCE_SHARE}
    return [name for name in _moved(course) if name not in felt]


def _moved(course: Course) -> dict[str, None]:
    """Return what a trajectory or an event names."""
    motions = [motion.name for motion, _ in course.schedule.motions]
    changes = [change.name for _, event in course.schedule.events for change in event.changes]
    return dict.fromkeys([*motions, *changes])


def _of_cash(course: Course, months: Sequence[Month]) -> Iterator[Remark]:
    data = course.scenario.data
    if any(month.closing is not None for month in months):
        if COMMITTED in data:
            yield COMMITTED, "counts as received at the start of month 1"
        if COMMITTED in data and BALANCE not in data:
            yield BALANCE, "not stated, so none is counted"
    for month, event in course.schedule.events:
        for change in event.changes:
            if change.name == BALANCE and change.kind == "set":
                said = f"put to {change.text} in month {month}: the difference counts as funding"
                yield BALANCE, f"{said}; +{change.text} adds to what is there"
    if BURN in data:
        yield BURN, "stated, so it does not follow from revenue and cost; neither do credits lower it"
    elif CREDITS in data and NONCASH in data:
        yield CREDITS, "not drawn on: cost.noncash is stated, and counts the credits used up"
    elif course.draws_credits and not any(line in months[-1].state for line in COMPUTE_LINES):
        yield CREDITS, "not drawn on: neither cost.inference nor cost.training is stated"
    elif course.draws_credits:
        yield CREDITS, "pay for inference and training for as long as there are any"


def _of_repricing(course: Course, last: Month) -> Iterator[Remark]:
    """Say what stands in where a scenario does not say how demand answers, and whose inference it is."""
    repricings = [event.reprice for _, event in course.schedule.events if event.reprice is not None]
    if repricings and not last.state.get(ELASTICITY):
        why = "is 0" if ELASTICITY in last.state else "is not stated"
        yield "reprice", f"demand does not answer: {ELASTICITY} {why}"
    elif INFERENCE_SHARE not in course.scenario.data and any(r.payer != "uniform" for r in repricings):
        yield INFERENCE_SHARE, "not stated, so it is taken from the API's share of revenue"


def _of_lines(course: Course, months: Sequence[Month]) -> Iterator[Remark]:
    data, moved = course.scenario.data, _moved(course)
    for total in course.held:
        yield total, "moves with its lines; the part that no line holds stays as it is"
    if moved.keys() & {*REVENUE_LINES, "revenue.total"}:
        for line in OF_REVENUE:
            if line in data and len({month.state.get(line) for month in months}) == 1:
                yield line, "stays as it is while revenue moves: only what is named does"
    stated = {motion.name for motion, _ in course.schedule.motions if motion.stated}
    lines = [line for line in COMPUTE_LINES if line in months[0].state and line not in stated]
    if RATE in moved and lines:
        yield RATE, f"{' and '.join(lines)} {'moves' if len(lines) == 1 else 'move'} with it"


def _of_the_end(course: Course, months: Sequence[Month]) -> Iterator[Remark]:
    data, later = course.scenario.data, course.schedule.later
    profits = [breaks_even(month) for month in months]
    if True in profits and False in profits[profits.index(True) :]:
        again = profits.index(False, profits.index(True)) + 1
        yield "project.breakeven_month", f"month {again} loses money again"
    weak = [name for name in leading(course.scenario) if data[name].basis in ("estimated", "assumed")]
    if weak:
        yield "estimated or assumed", ", ".join(weak)
    if later:
        what = "event or step lies" if later == 1 else "events or steps lie"
        yield "not reached", f"{later} {what} beyond month {len(months)}"

"""How firm a projection is: as the weakest of what it follows from, and of what moves that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from llmcost.analysis.projection.months import (
    BALANCE,
    BURN,
    COMMITTED,
    COMPUTE_LINES,
    CREDITS,
    ELASTICITY,
    INFERENCE_SHARE,
    NONCASH,
    PERIOD,
    PROFIT,
    RATE,
    REVENUES,
    Course,
    Month,
)
from llmcost.engine.registry import Basis, weakest
from llmcost.engine.trace import Given
from llmcost.engine.trace import evaluate as trace_of
from llmcost.formulas import MODEL

REPRICED: Final = (*REVENUES, "cost.inference", "cost.revenue_share", "company.revenue_share")


def firmness_of(
    course: Course, months: Sequence[Month], flows: Sequence[str], metrics: Iterable[str]
) -> dict[str, Basis]:
    """Return how firm flows, metrics, cash and outcomes are: as the weakest of what they follow from."""
    last = months[-1]
    # The length of a month is no matter of anybody's word.
    firm: dict[str, Basis] = {PERIOD: "disclosed", **_moved_firmness(course)}
    for total in course.held:
        firm[total.replace("total", "unallocated")] = firm[total]
    if course.draws_credits:
        firm[NONCASH] = _weakest(firm, (CREDITS, *COMPUTE_LINES))
    state = {name: Given(value, firm.get(name, "stated")) for name, value in last.state.items()}
    nodes = trace_of(MODEL, state, [*flows, BURN]).nodes
    found = {name: nodes[name].basis for name in (*flows, BURN) if name in nodes}
    # What comes in is stated as funding or as cash that an event adds.
    if COMMITTED in firm or BALANCE in firm:
        found[COMMITTED] = _weakest(firm, (COMMITTED, BALANCE))
    firm[BALANCE] = _weakest(firm | found, (BALANCE, COMMITTED, BURN))
    for name, value in ((BALANCE, last.closing), (CREDITS, last.credits_left)):
        if value is not None:
            state[name] = Given(value, firm.get(name, "stated"))
    nodes = trace_of(MODEL, state, metrics).nodes
    found |= {name: nodes[name].basis for name in metrics if name in nodes}
    found |= {name: firm[name] for name in (BALANCE, NONCASH, CREDITS) if name in firm}
    for name in sorted(MODEL.outcomes):
        needs = {
            "project.breakeven_month": (PROFIT,),
            "project.funding_needed": (PROFIT, BURN),
            "project.operating_profit": (PROFIT,),
        }
        cash = (PROFIT, BALANCE) if name == "project.funding_gap" else (BALANCE,)
        found[name] = _weakest(found, needs.get(name, cash))
    return found


def _weakest(firm: Mapping[str, Basis], names: Iterable[str]) -> Basis:
    return weakest([firm[name] for name in names if name in firm] or ["stated"])


def _moved_firmness(course: Course) -> dict[str, Basis]:
    """How firm each given value is with what moves it: trajectories, events, and what those pull along."""
    firm: dict[str, Basis] = {name: datum.basis for name, datum in course.scenario.data.items()}

    def move(names: Iterable[str], basis: Basis) -> None:
        for name in names:
            firm[name] = weakest([basis, firm.get(name, basis)])

    for motion, _ in course.schedule.motions:
        move([motion.name], motion.provenance.basis)
    for _, event in course.schedule.events:
        basis = event.provenance.basis
        move([change.name for change in event.changes], basis)
        if event.reprice is not None:
            answer = _weakest(firm, (ELASTICITY, INFERENCE_SHARE))
            move(firm.keys() & {*REPRICED}, weakest([basis, answer]))
    moved = {motion.name for motion, _ in course.schedule.motions}
    moved |= {change.name for _, event in course.schedule.events for change in event.changes}
    if RATE in moved:
        move(firm.keys() & {*COMPUTE_LINES}, firm[RATE])
    return firm

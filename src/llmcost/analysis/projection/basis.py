"""How firm a projection is: as firm as the weakest of its inputs, and of what moves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from llmcost.analysis.projection.names import (
    ANSWER,
    BALANCE,
    BURN,
    COMMITTED,
    COMPUTE_LINES,
    CREDITS,
    CREDITS_USED,
    NEEDS,
    NONCASH,
    PERIOD,
    PRODUCT_FLOWS,
    RATE,
    STOCK_COMPENSATION,
)
from llmcost.analysis.projection.plan import MonthlyPlan, unallocated
from llmcost.analysis.projection.run import Month
from llmcost.engine.plan import resolve
from llmcost.engine.registry import Basis, weakest
from llmcost.engine.trace import Given
from llmcost.engine.trace import evaluate as trace_of
from llmcost.formulas import MODEL
from llmcost.formulas.price_change import OWED_ON_REVENUE, REPRICED

MOVED_BY_PRICE: Final = (*REPRICED["uniform"], "cost.inference", *OWED_ON_REVENUE)


def basis_of(
    plan: MonthlyPlan, months: Sequence[Month], flows: Sequence[str], metrics: Iterable[str]
) -> dict[str, Basis]:
    """Return the basis of flows, metrics, cash and outcomes: the weakest of their inputs."""
    last = months[-1]
    # The length of a month is certain.
    known: dict[str, Basis] = {PERIOD: "disclosed", **_given_basis(plan)}
    for total in plan.held:
        known[unallocated(total)] = known[total]
    state = {name: Given(value, known.get(name, "stated")) for name, value in last.state.items()}
    shown = (*flows, *PRODUCT_FLOWS.values(), BURN, NONCASH, STOCK_COMPENSATION, CREDITS_USED)
    nodes = trace_of(MODEL, state, shown).nodes
    found = {name: nodes[name].basis for name in shown if name in nodes and nodes[name].rooted}
    found = {name: found[other] for name, other in PRODUCT_FLOWS.items() if other in found} | found
    # Funding is committed, or cash that an event adds.
    if COMMITTED in known or BALANCE in known:
        found[COMMITTED] = _weakest(known, (COMMITTED, BALANCE))
    known[BALANCE] = _weakest(known | found, (BALANCE, COMMITTED, BURN))
    for name, value in ((BALANCE, last.closing), (CREDITS, last.credits_left)):
        if value is not None:
            state[name] = Given(value, known.get(name, "stated"))
    nodes = trace_of(MODEL, state, metrics).nodes
    found |= {name: nodes[name].basis for name in metrics if name in nodes}
    found |= {name: known[name] for name in (BALANCE, CREDITS) if name in known}
    for name, needed in NEEDS.items():
        found[name] = _weakest(found, (needed,))
    return found


def _weakest(known: Mapping[str, Basis], names: Iterable[str]) -> Basis:
    return weakest([known[name] for name in names if name in known] or ["stated"])


def _given_basis(plan: MonthlyPlan) -> dict[str, Basis]:
    """Return the basis of each given value, with the trajectories, events and drivers that move it."""
    known: dict[str, Basis] = {name: datum.basis for name, datum in plan.scenario.data.items()}

    def weaken(names: Iterable[str], basis: Basis) -> None:
        for name in names:
            known[name] = weakest([basis, known.get(name, basis)])

    for trajectory, _ in plan.schedule.trajectories:
        weaken([trajectory.name], trajectory.provenance.basis)
    for item in plan.turnover:
        weaken([item.units], _weakest(known, (*item.churn.inputs, *item.new.inputs)))
    for _, event in plan.schedule.events:
        basis = event.provenance.basis
        weaken([effect.name for effect in event.effects], basis)
        if event.reprice is not None:
            answer = _weakest(known, ANSWER)
            weaken(known.keys() & {*MOVED_BY_PRICE}, weakest([basis, answer]))
    for name in {*plan.start.targets} - {PERIOD, *known}:
        known[name] = _weakest(known, plan.start.inputs)
    for name, driver in plan.drivers.items():
        weaken([name], _weakest(known, (driver, *resolve(MODEL, plan.base, [driver]).inputs)))
    if plan.charges is not None:
        for name in plan.charges.targets:
            known[name] = _weakest(known, plan.charges.inputs)
    if RATE in plan.moved:
        weaken(known.keys() & {*COMPUTE_LINES}, known[RATE])
    return known

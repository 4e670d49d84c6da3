"""The problems of a scenario's months, and which questions they can answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmcost.analysis.projection.names import ANSWER, CHURN, CORE, NEW_UNITS, PERIOD, RUNWAY, STOCKS, UNITS
from llmcost.engine.parts import inside, split
from llmcost.engine.plan import resolve
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.reasons import reason_of
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import Follows

if TYPE_CHECKING:
    from llmcost.analysis.projection.run import Month, Projector

# The modules that run months are imported only when they run: most checks need no months.


def check_months(scenario: Scenario) -> list[Month]:
    """Run a scenario through its months, to find what is wrong on the way.

    Raises:
        LlmcostError: for contradictions and unknown names, and for the first month that cannot be computed,
            each at its place.
    """
    from llmcost.analysis.projection.run import Projector

    return run_as_stated(Projector(scenario))


def run_as_stated(projector: Projector) -> list[Month]:
    """Return the months at current inputs.

    Raises:
        LlmcostError: for the first month that cannot be computed, at its place.
    """
    from llmcost.analysis.projection.givens import Broken

    try:
        return projector.run()
    except Broken as broken:
        raise LlmcostError(broken.problem) from None
    except ArithmeticError as error:
        raise LlmcostError(Problem(str(reason_of(error)), projector.plan.scenario.label)) from None


def check_reach(
    metric: str, end: float, scenario: Scenario, option: str, *, sure_at_horizon: bool = True
) -> None:
    """Refuse to ask for a runway that no projection of this length can show.

    Args:
        metric: the requested metric.
        end: the runway with which it is compared.
        scenario: the scenario with the horizon.
        option: the option that requests it.
        sure_at_horizon: whether `end` may be the horizon itself.

    Raises:
        LlmcostError: naming the horizon.
    """
    length = scenario.timeline.length
    if metric == RUNWAY and (end > length or (end == length and not sure_at_horizon)):
        message = f"{metric} is counted up to the horizon of {length} months; --months sets another"
        raise LlmcostError(Problem(message, option))


def check_varied(scenario: Scenario, names: Sequence[str], option: str) -> None:
    """Refuse to vary stated quantities to which month 1 gives another value.

    Raises:
        LlmcostError: naming each of them.
    """
    from llmcost.analysis.projection.plan import plan_months

    replaced = plan_months(scenario, names).replaced()
    message = "month 1 takes it from the trajectory or an event, so varying it has no effect"
    problems = [Problem(message, option, subject=name) for name in names if name in replaced]
    if problems:
        raise LlmcostError(*problems)


def month_targets(scenario: Scenario) -> tuple[str, ...]:
    """Return the quantities that a scenario's months depend on directly."""
    timeline = scenario.timeline
    targets = [*CORE, "cost.compute", *STOCKS, PERIOD]
    if any(event.reprice is not None for event in timeline.events or ()):
        targets += [*ANSWER, "revenue.api"]
    for trajectory in timeline.moving:
        targets.append(trajectory.name)
        targets += [step.driver for _, step in trajectory.steps if isinstance(step, Follows)]
        targets += trajectory.rates
    for prefix, base in map(split, scenario.data):
        if base in UNITS:
            targets += [inside(prefix, CHURN), inside(prefix, NEW_UNITS)]
    return tuple(dict.fromkeys(targets))


def leading(scenario: Scenario) -> tuple[str, ...]:
    """Return the given quantities that a scenario's months depend on."""
    return resolve(MODEL, scenario.data, month_targets(scenario)).inputs

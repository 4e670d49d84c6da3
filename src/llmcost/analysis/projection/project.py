"""A projection: revenue, cost and cash by month, quarter or year, and when the cash runs out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, get_args

from llmcost.analysis.ask.caveats import Caveats, caveats
from llmcost.analysis.ask.evaluation import Evaluation, why_missing
from llmcost.analysis.ask.load import load, over_months
from llmcost.analysis.ask.reach import NoEffect
from llmcost.analysis.projection.basis import basis_of
from llmcost.analysis.projection.checks import month_targets, run_as_stated
from llmcost.analysis.projection.models import Cohorts, cohorts
from llmcost.analysis.projection.names import BURN, COST, LINES, NONCASH, REVENUE, STOCK_COMPENSATION
from llmcost.analysis.projection.notes import idle, notes
from llmcost.analysis.projection.outcomes import Outcome, outcomes
from llmcost.analysis.projection.periods import FLOW_COLUMNS, MetricsOverTime, Period, periods
from llmcost.analysis.projection.plan import MonthlyPlan
from llmcost.analysis.projection.run import Month, Projector
from llmcost.engine.parts import split
from llmcost.engine.plan import resolve
from llmcost.engine.registry import Basis, Quantity
from llmcost.engine.trace import evaluate as trace_of
from llmcost.errors import LlmcostError, Problem, texts_in
from llmcost.formulas import MODEL
from llmcost.formulas.projection import FLOWS
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.schedule import Schedule
from llmcost.scenario.settled import Scenario

By = Literal["month", "quarter", "year"]
BYS: Final[tuple[By, ...]] = get_args(By)
OF_PRODUCT: Final = "product.profit_per_month"


class Projection(NamedTuple):
    """The result of `project`.

    Attributes:
        scenario: the projected scenario.
        schedule: the number of months, their start, and what moves in which month.
        by: the length of a row: month, quarter or year, counted from the start.
        metrics: the requested metrics.
        rows: the periods, if the scenario has revenue, cost, burn or metrics.
        cash: USD at the end of each month; empty if it is not known.
        outcomes: the metrics of the section `project`; empty without revenue and cost.
        models: each model as a company, if the scenario has models.
        notes: what a reader must know about the calculation, each with its subject.
        basis: how firm columns, metrics and outcomes are, by name; that of cash is at `cash.balance`.
        no_effect: moves without effect on the shown figures, because a quantity in between is stated.
        moved: for each month, the levels of the quantities that moved.
    """

    scenario: Scenario
    schedule: Schedule
    by: By
    metrics: tuple[Quantity, ...]
    rows: tuple[Period, ...]
    cash: tuple[float, ...]
    outcomes: Mapping[str, Outcome]
    models: Cohorts | None
    notes: tuple[tuple[str, str], ...]
    basis: Mapping[str, Basis]
    no_effect: tuple[NoEffect, ...] = ()
    moved: tuple[Mapping[str, float], ...] = ()

    @property
    def caveats(self) -> Caveats:
        """What a reader must know before the months: conflicts, overrides and moves without effect."""
        names = [*month_targets(self.scenario), *(metric.name for metric in self.metrics)]
        found = caveats(self.scenario, names).at(self.scenario, names, self.moved)
        return found._replace(no_effect=(*(gap for gap in found.no_effect if gap.by), *self.no_effect))

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one row per period, for pandas and polars."""
        return [row.to_dict(self.flows) for row in self.rows]

    @property
    def flows(self) -> tuple[str, ...]:
        """The names of the flows that any row has: revenue and its lines, cost lines, cost, profit."""
        return tuple(name for name in FLOW_COLUMNS if any(name in row.flows for row in self.rows))


def project(
    scenario: Scenario | str,
    *,
    months: int | None = None,
    by: str = "month",
    metrics: Iterable[str] = (),
    trajectory: Sequence[str] | Mapping[str, str] = (),
) -> Projection:
    """Project a scenario month by month.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        months: how many, 1 to 1,200; by default the scenario's own `horizon_months`, else 60.
        by: what the rows are: month, quarter or year, counted from the start.
        metrics: names, sections or patterns to follow as well.
        trajectory: more trajectories, as `["revenue.api=+8%/month"]` or as a mapping, which override
            the scenario's own.

    Raises:
        LlmcostError: for an unknown name, an error in the timeline, a month that cannot be computed, and a
            scenario with nothing to project.
    """
    loaded = load(scenario) if isinstance(scenario, str) else scenario
    texts = [f"{k}={v}" for k, v in trajectory.items()] if isinstance(trajectory, Mapping) else trajectory
    loaded = over_months(loaded, months, texts_in(texts, "trajectory"))
    if by not in BYS:
        raise LlmcostError(Problem(f"unknown period '{by}'; allowed are {', '.join(BYS)}", "--by"))
    projector = Projector(loaded, lines=(*LINES, NONCASH, STOCK_COMPENSATION))
    plan, found = projector.plan, run_as_stated(projector)
    known = any(name in month.targets for month in found for name in (REVENUE, COST, BURN))
    followed = MetricsOverTime(plan.scenario, found, texts_in(metrics, "metrics") or _unasked(plan, known))
    models = loaded.timeline.models
    if not known and not followed.names and not models:
        raise LlmcostError(_nothing(loaded))
    shown = known or bool(followed.names)
    unknown = [(OF_PRODUCT, _lacks(loaded))] if plan.turnover and not known else []
    return Projection(
        scenario=plan.scenario,
        schedule=plan.schedule,
        by=next(item for item in BYS if item == by),
        metrics=tuple(MODEL.quantities[name] for name in followed.names),
        rows=tuple(periods(plan, found, by, followed)) if shown else (),
        cash=tuple(month.closing for month in found if month.closing is not None),
        outcomes=_outcomes(plan, found) if known else {},
        models=cohorts(models) if models else None,
        notes=(*notes(plan, found, followed.names), *followed.notes(by), *unknown) if shown else (),
        basis=basis_of(plan, found, FLOW_COLUMNS, followed.names),
        no_effect=tuple(gap for gap in idle(plan, found[-1], followed.names) if gap.by) if shown else (),
        moved=tuple(_moved(plan.scenario, month) for month in found),
    )


def _unasked(plan: MonthlyPlan, known: bool) -> tuple[str, ...]:
    """Return the default metrics: moving units with their contribution, or a bill."""
    followed: tuple[str, ...] = ("parts.cost_per_month",) if plan.scenario.of and not known else ()
    if plan.turnover:
        units = dict.fromkeys(split(item.units)[1] for item in plan.turnover)
        followed = (*units, "product.contribution_per_month")
    return resolve(MODEL, {*plan.base, *plan.moved}, followed).targets if followed else ()


def _nothing(scenario: Scenario) -> Problem:
    """Say why there is nothing to project, or what a product's profit lacks."""
    if "product" in {split(name)[1].partition(".")[0] for name in scenario.data}:
        return Problem(_lacks(scenario), scenario.label, subject=OF_PRODUCT)
    message = "has neither revenue nor cost nor models to project; --metric follows what it has"
    return Problem(message, scenario.label)


def _lacks(scenario: Scenario) -> str:
    """Say what the profit of a product lacks."""
    return why_missing(Evaluation(scenario, trace_of(MODEL, scenario.given, [OF_PRODUCT])), OF_PRODUCT)


def _moved(scenario: Scenario, month: Month) -> dict[str, float]:
    """Return the quantities, except flows, that differ from their stated values."""
    stated = scenario.data
    return {
        name: value
        for name, value in month.state.items()
        if name in stated and value != stated[name].value and name not in FLOWS
    }


def _outcomes(plan: MonthlyPlan, months: Sequence[Month]) -> dict[str, Outcome]:
    """Return the outcomes; one that cannot be computed says what it lacks."""
    lacking = {name: Reason("lacks", (what,)) for name, what in plan.lacking().items()}
    return {
        name: Outcome(None, reason=lacking[name]) if name in lacking else found
        for name, found in outcomes(months).items()
    }

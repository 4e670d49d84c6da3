"""What a board needs: headlines, the inputs that matter most, and the months to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from llmcost.analysis.ask.breakeven import Ladder, breakeven
from llmcost.analysis.ask.compare import Comparison, compare
from llmcost.analysis.ask.evaluation import Evaluation, evaluate
from llmcost.analysis.ask.sources import Sources, sources
from llmcost.analysis.projection.project import Projection, project
from llmcost.analysis.whatif.sensitivity import Sensitivity, sensitivity
from llmcost.analysis.whatif.uncertainty import Interval, Uncertainty, headlines, intervals, uncertainty
from llmcost.errors import LlmcostError
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario

HEADLINES: Final = (
    *("parts.cost_per_month", "parts.tokens_per_month", "parts.largest_cost_share"),
    *("unit.gross_margin", "unit.breakeven_multiplier", "price.blended_per_mtok", "serving.cost_per_mtok"),
    *("product.gross_margin", "product.blended_margin", "product.survivable_multiplier"),
    *("product.profit_per_month", "revenue.total", "cost.total", "company.gross_margin"),
    *("company.operating_profit", "company.runway_months", "breakeven.uniform_multiplier"),
    *("capex.spend", "capex.revenue_required_per_year", "capex.revenue_multiple_required"),
    "alternative.savings_per_month",
)
"""The metrics that come first, if a scenario has them."""
MOST_HEADLINES: Final = 8
QUESTIONS: Final = (
    *("company.operating_profit", "product.profit_per_month", "product.gross_margin"),
    *("unit.gross_margin", "capex.revenue_multiple_required", "alternative.savings_per_month"),
    *("parts.cost_per_month", "price.blended_per_mtok"),
)
"""The metric of the sensitivity: the first of these that a scenario has."""
DRAWS: Final = 2_000


class Brief(NamedTuple):
    """One scenario for those who decide.

    Attributes:
        evaluation: the scenario and everything that follows from it.
        headlines: the metrics that come first.
        ranges: the 5–95% intervals of metrics that rest on a range.
        moved: what moves the main metric; None if nothing does.
        projection: its projection; None without revenue and cost.
        ladder: its break-even ladder; None without revenue and cost.
        sources: the sources of its numbers.
    """

    evaluation: Evaluation
    headlines: tuple[str, ...]
    ranges: Mapping[str, Interval]
    moved: Sensitivity | None
    projection: Projection | None
    ladder: Ladder | None
    sources: Sources

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.evaluation.scenario


class Briefing(NamedTuple):
    """The result of `report`: each scenario, and several of them side by side."""

    briefs: tuple[Brief, ...]
    comparison: Comparison | None
    spread: Uncertainty | None

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios."""
        return tuple(brief.scenario for brief in self.briefs)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each headline of each scenario, for pandas and polars."""
        rows = []
        for brief in self.briefs:
            for name in brief.headlines:
                low, high = brief.ranges.get(name, (None, None))
                node = brief.evaluation[name]
                rows.append(
                    {
                        "scenario": brief.scenario.label,
                        "metric": name,
                        "value": node.value,
                        "unit": node.quantity.unit,
                        "low": low,
                        "high": high,
                        "basis": node.basis,
                    }
                )
        return rows


def briefing(*scenarios: Scenario | str, metric: str | None = None, months: int | None = None) -> Briefing:
    """Gather the contents of a report about scenarios.

    Args:
        scenarios: one or more, loaded or named as for `load`.
        metric: the metric to report; by default, what suits the kind of scenario.
        months: the length of the projection; by default, the scenario's own horizon.

    Raises:
        LlmcostError: for an unknown scenario or metric, or a metric that a scenario does not have.
    """
    if not scenarios:
        raise LlmcostError("report takes a scenario")
    briefs = tuple(_brief(scenario, metric, months) for scenario in scenarios)
    loaded = [brief.scenario for brief in briefs]
    mixes = {scenario.workload for scenario in loaded}
    side = compare(*loaded, workload=mixes.pop() if len(mixes) == 1 else None) if len(briefs) > 1 else None
    return Briefing(briefs, side, None if side is None else uncertainty(side))


def _brief(scenario: Scenario | str, metric: str | None, months: int | None) -> Brief:
    found = evaluate(scenario)
    loaded = found.scenario
    known = [name for name in HEADLINES if name in found and found.value(name) is not None]
    asked = metric or next((name for name in QUESTIONS if name in known), None)
    moved = None if asked is None else sensitivity(loaded, asked)
    uncertain = any(datum.is_uncertain for datum in loaded.data.values())
    return Brief(
        evaluation=found,
        headlines=tuple(known[:MOST_HEADLINES]),
        ranges={**intervals(found, draws=DRAWS), **headlines(found)} if uncertain else {},
        moved=moved if moved is not None and moved.influences else None,
        projection=project(loaded, months=months, by="quarter") if _is_company(found) else None,
        ladder=breakeven(loaded) if _is_company(found) else None,
        sources=sources(loaded),
    )


def _is_company(found: Evaluation) -> bool:
    """Whether it has revenue and cost, which a projection and a ladder need."""
    return all(name in found and found.value(name) is not None for name in ("revenue.total", "cost.total"))

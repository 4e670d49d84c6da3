"""What a projection comes to at many points of some inputs, beside metrics that need no projection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from llmcost.analysis.projection.outcomes import Outcome, outcomes
from llmcost.analysis.projection.run import Projector
from llmcost.analysis.whatif.grid import Points
from llmcost.engine.compiled import Values
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.reasons import Reason, reason_of
from llmcost.scenario.settled import Scenario


class ProjectedPoints:
    """Does what `Points` does where some metrics are of the section `project`: a point is a whole projection.

    Attributes:
        metrics: what is evaluated, in the order in which it comes back.

    Raises:
        LlmcostError: for a metric that cannot be derived, and for whatever is wrong with the timeline.
    """

    def __init__(self, scenario: Scenario, varied: Sequence[str], metrics: Sequence[str]) -> None:
        self.metrics = tuple(metrics)
        self._projected = [name for name in metrics if name in MODEL.outcomes]
        self._plain = Points(scenario, varied, [name for name in metrics if name not in MODEL.outcomes])
        self._projector = Projector(scenario, varied)
        lacking = self._projector.plan.lacking()
        lost = [name for name in self._projected if name in lacking]
        if lost:
            raise LlmcostError(
                *(Problem(f"lacks {lacking[name]}", scenario.label, subject=name) for name in lost)
            )

    def _found(self, values: Sequence[float]) -> tuple[dict[str, float | None], dict[str, Reason]]:
        """Return the projected metrics at one point, and why some are undefined."""
        try:
            found = outcomes(self._projector.run(values))
        except ArithmeticError as error:
            return dict.fromkeys(self._projected), dict.fromkeys(self._projected, reason_of(error))
        reasons = {name: item.reason for name, item in found.items() if item.reason is not None}
        return {name: item.value for name, item in found.items()}, reasons

    def at(self, values: Sequence[float]) -> Values:
        """Return the metrics at one point; None where one is undefined."""
        found, _ = self._found(values)
        found |= dict(zip(self._plain.metrics, self._plain.at(values), strict=True))
        return tuple(found[name] for name in self.metrics)

    def reasons(self, values: Sequence[float]) -> dict[str, Reason]:
        """Return why metrics are undefined at a point, by metric."""
        reasons = self._found(values)[1] | self._plain.reasons(values)
        return {name: reasons[name] for name in self.metrics if name in reasons}

    def columns(self, columns: Sequence[Any]) -> list[list[float | None]]:
        """Return the metrics at many points, a column each; takes a column for each varied input."""
        return self.one_by_one([item if isinstance(item, list) else item.tolist() for item in columns])

    def one_by_one(
        self,
        columns: Sequence[Sequence[float]],
        reasons: dict[str, Counter[Reason]] | None = None,
        *,
        ends: bool = False,
    ) -> list[list[float | None]]:
        """Return what `columns` does, as `Points.one_by_one` does."""
        results: dict[str, list[float | None]] = {name: [] for name in self._projected}
        for values in zip(*columns, strict=True) if columns else [()]:
            found, why = self._found(values)
            for name, column in results.items():
                column.append(why[name].end if ends and name in why else found[name])
                if reasons is not None and name in why:
                    reasons.setdefault(name, Counter())[why[name]] += 1
        plain = self._plain.one_by_one(columns, reasons, ends=ends)
        results |= dict(zip(self._plain.metrics, plain, strict=True))
        return [results[name] for name in self.metrics]


def projected_outcome(scenario: Scenario, metric: str) -> Outcome:
    """Return what one metric of the section `project` comes to.

    Raises:
        LlmcostError: for a metric that cannot be derived, and for whatever is wrong with the timeline.
    """
    projector = Projector(scenario)
    lacking = projector.plan.lacking()
    if metric in lacking:
        raise LlmcostError(Problem(f"lacks {lacking[metric]}", scenario.label, subject=metric))
    try:
        return outcomes(projector.run())[metric]
    except ArithmeticError as error:
        return Outcome(None, reason=reason_of(error))

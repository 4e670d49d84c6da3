"""The causes of a change: from the value before to the one after, part by part."""

from __future__ import annotations

from typing import Final

from llmcost.analysis.ask.compare import ROWS
from llmcost.analysis.gates.changes import Diff, Move, ScenarioDiff
from llmcost.formulas import MODEL
from llmcost.render.charts import look
from llmcost.render.charts.waterfall import Waterfall, WaterfallStep, adding_up, drawn, rows
from llmcost.render.results.diff import named
from llmcost.render.results.shared import grouped, titled

MOST: Final = 6
"""The most metrics in a chart."""
MOST_PARTS: Final = 8
FIRST: Final = {
    "unit.gross_margin",
    "company.operating_profit",
    "product.gross_margin",
    *(name for names in ROWS.values() for name in names),
}
"""The main metrics, which are drawn before intermediate ones."""


def chart(result: Diff) -> look.Spec:
    """Return a waterfall for each metric that moved, failures first."""
    moved = [
        (scenario, move)
        for scenario in result.scenarios
        for move in scenario.moves
        if move.parts and move.before is not None and move.after is not None
    ]
    moved.sort(key=lambda item: (not item[1].failed, item[1].metric not in FIRST))
    if not moved:
        raise look.nothing("no derived figure moved")
    several = len({scenario.label for scenario, _ in moved}) > 1
    waterfalls: list[Waterfall] = []
    for scenario, move in moved[:MOST]:
        quantity = MODEL.quantities[move.metric]
        assert move.before is not None
        assert move.after is not None
        shown = move.parts[:MOST_PARTS]
        steps = [
            WaterfallStep("before", move.before, whole=True),
            *(WaterfallStep(named(part, 2), part.change) for part in shown),
            WaterfallStep("after", move.after, whole=True),
        ]
        label = f"{scenario.label}: " if several else ""
        failed = " – fails the gate" if move.failed else ""
        title = f"{label}{titled(quantity)}{failed}"
        waterfalls.append((rows(adding_up(steps, "the rest"), quantity), quantity, title))
    left = len(moved) - len(waterfalls)
    subtitle = [f"{left} more moved; the table has them."] if left else []
    return look.whole(
        f"What moved from {result.before} to {result.after}",
        *drawn(waterfalls),
        subtitle=subtitle,
        caption=_caption(moved[:MOST]),
        alike=True,
    )


def _caption(moved: list[tuple[ScenarioDiff, Move]]) -> list[str]:
    known = {scenario.key: scenario.scenario for scenario, _ in moved}
    metrics = grouped((scenario.key, move.metric) for scenario, move in moved)
    return look.caption([(one, metrics[key]) for key, one in known.items() if one is not None], [])

"""From price to profit: what a token, a unit sold and a company earn, minus each cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from llmcost.analysis.ask.evaluation import Evaluation, datum_of
from llmcost.analysis.ask.parts import parts_of
from llmcost.analysis.projection.names import COST_LINES, REVENUE_LINES
from llmcost.records import NamedTuple
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.charts.waterfall import Waterfall, WaterfallStep, adding_up, drawn, rows
from llmcost.render.results.shared import heading, marked, unit_shown
from llmcost.render.results.show import Ranges


class Margin(NamedTuple):
    """The way from a price to a profit: earnings, costs, and what is left; `share` is the margin."""

    earned: Sequence[str]
    whole: str
    taken: Sequence[str]
    left: str
    share: str


MARGINS: Final = (
    Margin(
        (),
        "price.blended_per_mtok",
        ("serving.cost_per_mtok",),
        "unit.gross_profit_per_mtok",
        "unit.gross_margin",
    ),
    Margin(
        (),
        "product.price_per_unit",
        ("product.token_cost_per_unit", "product.other_cost_per_unit"),
        "product.contribution_per_unit",
        "product.gross_margin",
    ),
    Margin(
        (*REVENUE_LINES, "revenue.unallocated"),
        "revenue.total",
        COST_LINES,
        "company.operating_profit",
        "company.operating_margin",
    ),
)
PARTS_COST: Final = "parts.cost_per_month"
REST: Final = {"product.price_per_unit": "revenue share"}
"""The name of the unexplained rest, if it has one."""


def chart(result: Evaluation, ranges: Ranges) -> look.Spec:
    """Return waterfalls from price to profit for a token, a unit and a company, as far as known."""
    shown: list[str] = []
    said = []
    waterfalls: list[Waterfall] = []
    for margin in MARGINS:
        if not all(_value(result, name) is not None for name in (margin.whole, margin.left)):
            continue
        taken = [name for name in margin.taken if _value(result, name)]
        if not taken:
            continue
        quantity = result[margin.whole].quantity
        earned = [name for name in margin.earned if _value(result, name)]
        steps = [_step(result, name, 1, ranges) for name in earned] if len(earned) > 1 else []
        steps += [
            _step(result, margin.whole, 1, ranges)._replace(whole=True),
            *(_step(result, name, -1, ranges) for name in taken),
            _step(result, margin.left, 1, ranges)._replace(whole=True),
        ]
        steps = adding_up(steps, REST.get(margin.whole, "the rest"))
        waterfalls.append((rows(steps, quantity), quantity, unit_shown(quantity.unit)))
        shown += [margin.whole, margin.left]
        share = _value(result, margin.share)
        if share is not None:
            told = words.number(share, result[margin.share].quantity)
            interval = ranges.get(margin.share)
            if interval is not None:
                told += f" ({words.between(interval, result[margin.share].quantity)})"
            said.append(f"{margin.share} {told}")
            shown.append(margin.share)
    parts = _parts(result)
    panels, datasets = drawn(waterfalls)
    if parts:
        datasets["parts"] = parts
        panels.insert(0, look.bars("parts", parts, result[PARTS_COST].quantity))
        shown.append(PARTS_COST)
    if not waterfalls and not parts:
        raise look.nothing("it needs a price and the cost of serving, or revenue and cost, or parts")
    subtitle = [f"{'; '.join(said)}."] if said else []
    if any("low" in row for found in datasets.values() for row in found):
        subtitle.append("A line with ends is the 90% interval of a range.")
    return look.whole(
        f"{'From price to profit' if waterfalls else 'What it costs, by part'}: {heading(result.scenario)}",
        panels,
        datasets,
        subtitle=subtitle,
        caption=look.caption([(result.scenario, shown)], [result.caveats(shown)]),
        alike=True,
    )


def _parts(result: Evaluation) -> list[dict[str, Any]]:
    """Return the cost of each part, and its share of the total."""
    rows = []
    for part in parts_of(result):
        node = part.nodes.get(PARTS_COST)
        if part.name is None or node is None or node.value is None:
            continue
        share = "" if part.cost_share is None else f" ({words.significant(part.cost_share * 100)}%)"
        rows.append({"name": part.name, "value": node.value, "label": f"{marked(node)}{share}"})
    return rows if len(rows) > 1 else []


def _value(result: Evaluation, name: str) -> float | None:
    node = result.trace.nodes.get(name)
    return None if node is None else node.value


def _step(result: Evaluation, name: str, sign: int, ranges: Ranges) -> WaterfallStep:
    node = result[name]
    assert node.value is not None
    datum = datum_of(node)
    low, high = ranges.get(name, (None, None)) if datum is None else (datum.low, datum.high)
    ends = sorted(sign * end for end in (low, high) if end is not None)
    return WaterfallStep(name, sign * node.value, False, *(ends if len(ends) == 2 else (None, None)))

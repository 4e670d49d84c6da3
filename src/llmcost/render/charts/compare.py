"""Scenarios side by side: a panel for each metric, with a bar and a range for each scenario."""

from __future__ import annotations

import math
from typing import Any, Final

from llmcost.analysis.ask.compare import Comparison
from llmcost.analysis.ask.reach import listed
from llmcost.analysis.whatif.uncertainty import Uncertainty
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.results.compare import Margins, margin_row
from llmcost.render.results.shared import distinct, marked

MOST: Final = 8
"""The most metrics in a chart."""
LEFT_OUT: Final = frozenset({"company.period_months"})


def chart(result: Comparison, uncertainty: Uncertainty | None = None, margins: Margins = ()) -> look.Spec:
    """Return a panel for each metric that at least two scenarios have."""
    margin = margin_row(result)
    spreads = {margin.quantity.name: margins} if margin and margins else {}
    spreads |= {spread.metric: spread.intervals for spread in uncertainty.spreads} if uncertainty else {}
    names = distinct(result.labels)
    panels: list[look.Spec] = []
    datasets, shown = {}, []
    drawn = [row for row in result.rows if sum(value is not None for value in row.values) > 1]
    drawn = [row for row in drawn if row.quantity.name not in LEFT_OUT]
    for row in drawn[:MOST]:
        intervals = spreads.get(row.quantity.name, [None] * len(names))
        bars: list[dict[str, Any]] = []
        for place, (name, node) in enumerate(zip(names, row.nodes, strict=True)):
            if node is None or node.value is None:
                bars.append({"name": name, "value": None, "label": "–"})
                continue
            bar: dict[str, Any] = {"name": name, "value": node.value, "label": marked(node)}
            datum = result.scenarios[place].data.get(row.quantity.name) if node.given else None
            interval = intervals[place] or (datum and datum.ends)
            if interval is not None and all(map(math.isfinite, interval)):
                bar |= {"low": interval[0], "high": interval[1]}
                bar["label"] += f" ({words.between(interval, row.quantity)})"
            bars.append(bar)
        data = f"metric{len(panels)}"
        datasets[data] = bars
        shown.append(row.quantity.name)
        panels.append(look.bars(data, bars, row.quantity))
    if not panels:
        raise look.nothing("no metric has a value in two of them")
    subtitle = []
    if result.uses_workload:
        subtitle.append(f"Priced on the {result.workload} workload.")
    if any("low" in bar for bars in datasets.values() for bar in bars):
        subtitle.append("A line with ends is the 90% interval.")
    if any("~" in bar["label"] for bars in datasets.values() for bar in bars):
        subtitle.append("~ rests on an estimate or assumption.")
    if drawn[MOST:]:
        subtitle.append(f"The table has {len(drawn) - MOST} more.")
    first, *others = names
    return look.whole(
        f"{first} against {listed(others)}",
        panels,
        datasets,
        subtitle=[" ".join(subtitle)],
        caption=look.caption([(s, shown) for s in result.scenarios], result.caveats),
    )

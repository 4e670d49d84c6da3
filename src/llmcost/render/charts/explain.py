"""The composition of a figure: a waterfall for each sum on the way to it."""

from __future__ import annotations

from itertools import islice
from typing import Final

from llmcost.analysis.ask.explain import Explanation
from llmcost.render.charts import look
from llmcost.render.charts.waterfall import Waterfall, WaterfallStep, drawn, rows
from llmcost.render.results.shared import heading, titled, with_unit

MOST: Final = 5
"""The most sums in a chart, the nearest to the figure first."""


def chart(result: Explanation) -> look.Spec:
    """Return a waterfall for each sum or mean on the way to a figure.

    Raises:
        LlmcostError: if there is no sum on the way.
    """
    name = result.tree.name
    sums = list(islice(result.sums, MOST))
    if not sums:
        raise look.nothing(
            f"nothing behind {name} adds up from parts; "
            f"'llmcost sensitivity {result.scenario.label} --metric {name}' has what moves it"
        )
    waterfalls: list[Waterfall] = []
    for whole, terms in sums:
        steps = [WaterfallStep(term.name, amount) for term, amount in terms]
        steps.append(WaterfallStep(whole.name, whole.value or 0.0, whole=True))
        waterfalls.append((rows(steps, whole.quantity), whole.quantity, titled(whole.quantity)))
    shown = "undefined" if result.tree.value is None else with_unit(result.tree.value, result.tree.quantity)
    return look.whole(
        f"What {name} is made of: {heading(result.scenario)}",
        *drawn(waterfalls),
        subtitle=[f"{name} is {shown}. A part of a mean counts with its weight."],
        caption=look.caption([(result.scenario, [name])], [result.evaluation.caveats([name])]),
        alike=True,
    )

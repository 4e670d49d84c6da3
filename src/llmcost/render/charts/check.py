"""Expectations: a band for each, with the actual value on it."""

from __future__ import annotations

import math
from typing import Final

from llmcost.analysis.gates.check import Checked, Status, Tested
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.charts import bands, look
from llmcost.render.results.check import summary

MOST: Final = 25
"""The most expectations in a chart."""
FARTHEST: Final = 1.0
"""The largest deviation on the axis, as a share of the expected value."""
NEAREST: Final = 0.01
"""The smallest end of the axis."""
EXACT: Final = 1e-6
"""A narrower band only makes up for rounding."""
LOOKS: Final[dict[str, str]] = {"passed": look.BLUE, "failed": look.RED, "warned": look.ORANGE}
ORDER: Final[tuple[Status, ...]] = ("failed", "warned", "passed")


def chart(result: Checked) -> look.Spec:
    """Return bands as deviations from the expected number, failures first, then the closest calls.

    Raises:
        LlmcostError: if no expectation is a number other than 0.
    """
    found = [(outcome, row) for outcome in result.outcomes if (row := _row(outcome)) is not None]
    if not found:
        raise look.nothing("no expectation of a number other than 0 has a value")
    found.sort(key=lambda pair: (ORDER.index(pair[0].status), _room(pair[1])))
    shown = [row for _, row in found[:MOST]]
    ends = [abs(end) for row in shown for end in (row.low, row.high, row.points[0][0]) if end is not None]
    reach = max(NEAREST, min(FARTHEST, max(ends))) * 1.08
    axis = {
        "title": "deviation from the expected value",
        "labelExpr": "(datum.value > 0 ? '+' : '') + format(datum.value, ',.3~%')",
        "tickCount": 7,
    }
    spec, datasets = bands.panel("", shown, axis, (-reach, reach), LOOKS, aim=0.0)
    subtitle = ["The band is the allowed range, with the number beside it."]
    if len(found) > len(shown):
        subtitle.append(f"{len(found) - len(shown)} more pass by a wider margin; the table has them.")
    if len(result.outcomes) > len(found):
        left = len(result.outcomes) - len(found)
        subtitle.append(f"{left} without an expected number other than 0 are left out.")
    if reach > FARTHEST:
        subtitle.append("Values farther off are drawn at the edge.")
    return look.whole(
        f"Expectations: {summary(result)}",
        [spec],
        datasets,
        subtitle=[" ".join(subtitle)],
        caption=[look.MADE],
    )


def _row(outcome: Tested) -> bands.BandRow | None:
    """Return an expectation as deviations from its number, or from the middle of its range."""
    expected = outcome.expectation
    ends = [end for end in (expected.low, expected.high) if end is not None]
    aim = expected.value if expected.value is not None else sum(ends) / len(ends) if ends else None
    if outcome.actual is None or expected.undefined is not None or not aim:
        return None

    def off(value: float | None) -> float | None:
        return None if value is None else (value - aim) / abs(aim)

    quantity = MODEL.quantities[expected.metric]
    # The label of a scenario contains its date and variant, unlike the name of a case.
    setting = expected.setting if outcome.case else expected.setting._replace(as_of=None, variants=())
    of = f"{outcome.case or outcome.scenario}{f' [{setting}]' if str(setting) else ''}"
    return bands.BandRow(
        bands.named(expected.metric, of),
        off(expected.low),
        off(expected.high),
        [(off(outcome.actual) or 0.0, outcome.status)],
        words.number(outcome.actual, quantity),
    )


def _room(row: bands.BandRow) -> float:
    """Return the distance from a value to the nearest end of its band, as a share; infinite without one."""
    value = row.points[0][0]
    ends = [end for end in (row.low, row.high) if end is not None]
    width = max(ends) - min(ends) if len(ends) > 1 else abs(value)
    return min(abs(value - end) for end in ends) / width if width > EXACT else math.inf

"""Cash over time as a bar chart of characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from llmcost.analysis.projection.project import Projection
from llmcost.render.report import Drawing
from llmcost.render.results.shared import usd
from llmcost.scenario.timeline import month_name

CHART_WIDTH: Final = 48
CHART_HEIGHT: Final = 10
WIDEST_BAR: Final = 3


def cash_bars(result: Projection) -> Drawing:
    """Return the cash at the end of each month as bars, up from zero or, for debt, down."""
    cash = result.cash
    every = -(-len(cash) // CHART_WIDTH)
    shown = [cash[min(start + every, len(cash)) - 1] for start in range(0, len(cash), every)]
    wide = min(WIDEST_BAR, CHART_WIDTH // len(shown))
    top, bottom = max(0.0, *shown), max(0.0, *(-value for value in shown))
    if not top + bottom:
        top = 1.0
    above = max(round(CHART_HEIGHT * top / (top + bottom)), 1) if top else 0
    below = max(CHART_HEIGHT - above, 1) if bottom else 0
    step = max(top / above if above else 0.0, bottom / below if below else 0.0)
    above, below = (max(math.ceil(end / step - 0.5), 1) if end else 0 for end in (top, bottom))
    lines = [_bars(shown, level, step, wide) for level in range(above, 0, -1)]
    lines.append((0.0, "─" * wide * len(shown)))
    lines += [_bars(shown, -level, step, wide) for level in range(1, below + 1)]
    labels = [usd(value) for value, _ in lines]
    margin = max(map(len, labels))
    drawn = [
        f"{label if index % 2 == above % 2 else '':>{margin}} │{bars}".rstrip()
        for index, (label, (_, bars)) in enumerate(zip(labels, lines, strict=True))
    ]
    first, last = month_label(result, 1), month_label(result, len(cash))
    ruler = first + last.rjust(max(wide * len(shown) - len(first), len(last) + 1))
    drawn.append(f"{'':>{margin}}  {ruler}")
    step_words = "each month" if every == 1 else f"every {every} months"
    return Drawing(drawn, title=f"Cash at the end of {step_words}, USD")


def _bars(values: Sequence[float], level: int, step: float, wide: int) -> tuple[float, str]:
    """Return the height and the row of a level: filled by bars that reach at least half of it.

    Next to zero, any cash or debt fills the level, so that one can see which it is.
    """
    sign, bar = (1, "█") if level > 0 else (-1, "░")
    least = (abs(level) - 0.5) * step if abs(level) > 1 else 0.0
    cells = (bar if sign * value > 0 and sign * value >= least else " " for value in values)
    return level * step, "".join(cell * wide for cell in cells)


def month_label(result: Projection, month: int) -> str:
    """Return the date of a month of a projection, or its number if the projection has no start."""
    start = result.schedule.start
    return str(month) if start is None else month_name(start + month - 1)

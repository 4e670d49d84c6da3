"""Claims: for many, how far each reading is from the claim; for one, all its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from llmcost.analysis.claims.reading import Figure, off_by
from llmcost.analysis.claims.verdict import Claims, Judged
from llmcost.render import words
from llmcost.render.charts import bands, look
from llmcost.render.results.claims import count, show_command
from llmcost.render.results.claims_words import verdict_of
from llmcost.scenario.claims import Verdict
from llmcost.scenario.values.claimed_range import Claimed

MOST: Final = 100
"""The most claims in a chart."""
BEYOND: Final = 1.5
"""The factor by which an axis continues after the last value."""
FARTHEST: Final = 1000.0
"""The largest factor from the claim on the axis."""
LOOKS: Final[dict[str, str]] = {
    "holds": look.BLUE,
    "does not hold": look.RED,
    "undecided": look.ORANGE,
    "holds only if": look.GREEN,
    "quotes its source": look.GREY,
}


def chart(result: Claims) -> look.Spec:
    """Return a row for each claim, or for each number of the only one.

    Raises:
        LlmcostError: if no number can be drawn.
    """
    return _one(result.judged[0]) if len(result.judged) == 1 else _all(result)


def _all(result: Claims) -> look.Spec:
    """Return a row for each claim, with its readings as multiples of the claim."""
    rows = []
    for judged in result.judged[:MOST]:
        points = [
            (factor, finding.verdict)
            for finding in judged.findings
            for figure in finding.figures
            for value in finding.values_of(figure)
            if (factor := _factor(value, figure.asked.claimed)) is not None
        ]
        if points:
            rows.append(bands.BandRow(bands.named(judged.claim.id), 1.0, 1.0, points, judged.verdict))
    if not rows:
        raise look.nothing("no claim is of a number above 0 that has a value")
    ends = [1.0, *(factor for row in rows for factor, _ in row.points)]
    low, high = max(min(ends), 1 / FARTHEST) / BEYOND, min(max(ends), FARTHEST) * BEYOND
    axis = {
        "title": "computed number, as a multiple of the claim",
        "values": look.log_ticks(low, high),
        "labelExpr": "format(datum.value, ',.4~r') + '×'",
    }
    spec, datasets = bands.panel("", rows, axis, (low, high), LOOKS, aim=1.0, log=True)
    subtitle = [
        "Each point is a reading. At 1× it matches the claim; on the left the claim "
        "overstates, on the right it understates. The verdict is beside it."
    ]
    left = len(result.judged) - len(rows)
    if left:
        subtitle.append(f"{left} are not drawn: more than {MOST}, or not of a number above 0.")
    if max(ends) > FARTHEST or min(ends) < 1 / FARTHEST:
        subtitle.append(f"Values farther off than {FARTHEST:,.0f}× are drawn at the edge.")
    made = [*look.credited(filter(None, map(_said, result.judged)), "llmcost claims"), look.MADE]
    return look.whole(count(result), [spec], datasets, subtitle=[" ".join(subtitle)], caption=made)


def _factor(value: float, claimed: Claimed) -> float | None:
    return 1.0 if claimed.holds(value) else off_by(value, claimed).factor


def _one(judged: Judged) -> look.Spec:
    """Return each number of each reading with its claimed band, with one axis for each unit."""
    by_unit: dict[str, list[tuple[Figure, bands.BandRow]]] = {}
    for finding in judged.findings:
        for figure in finding.figures:
            values = finding.values_of(figure)
            if not values:
                continue
            claimed, several = figure.asked.claimed, len(finding.figures) > 1
            what: Verdict = finding.verdict if not several else "holds" if figure.holds else "does not hold"
            shown = " to ".join(dict.fromkeys(words.number(v, figure.quantity) for v in _ends(values)))
            name = bands.named(finding.reading.name, *([figure.quantity.name] if several else []))
            row = bands.BandRow(name, claimed.low, claimed.high, [(value, what) for value in values], shown)
            by_unit.setdefault(figure.quantity.unit, []).append((figure, row))
    if not by_unit:
        raise look.nothing("no reading has a value")
    panels: list[look.Spec] = []
    datasets: dict[str, list[dict[str, Any]]] = {}
    for place, found in enumerate(by_unit.values()):
        rows = [row for _, row in found]
        quantity = found[0][0].quantity
        names = {figure.quantity.name for figure, _ in found}
        ends = [end for row in rows for end in (row.low, row.high, *(value for value, _ in row.points))]
        low, high = _ends(end for end in ends if end is not None)
        log = look.spans_decades(low, high)
        low, high = (low / BEYOND, high * BEYOND) if log else look.padded([low, high])
        titled = quantity._replace(name=names.pop() if len(names) == 1 else "what follows")
        more = {"values": look.log_ticks(low, high)} if log else {}
        spec, data = bands.panel(f"unit{place}", rows, look.axis(titled, **more), (low, high), LOOKS, log=log)
        panels.append(spec)
        datasets |= data
    return look.whole(
        f"“{judged.claim.statement}”",
        panels,
        datasets,
        subtitle=[f"{verdict_of(judged)} The bands show the claim."],
        caption=_caption(judged),
    )


def _ends(values: Iterable[float]) -> tuple[float, float]:
    found = list(values)
    return min(found), max(found)


def _caption(judged: Judged) -> list[str]:
    sources = (item.datum.source for item in judged.cited if item.datum.source)
    cited = look.credited(sources, show_command(judged.claim.id, [judged]))
    return [*filter(None, [_said(judged)]), *cited, look.MADE]


def _said(judged: Judged) -> str:
    """Return who said it, where and when, as far as known."""
    claim = judged.claim
    return ", ".join(filter(None, (claim.who, claim.source, claim.when)))

"""The break-even ladder: the multiplier of prices over the elasticity, for each boundary."""

from __future__ import annotations

from typing import Any, Final

from llmcost.analysis.ask.breakeven import BAND, NEEDED, Ladder, Rung
from llmcost.formulas.breakeven import BOUNDARIES
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.results.shared import fields, heading

SIZE: Final = (280, 220)
"""The size in pixels of a panel, one for each payer and compute rate."""
MOST: Final = 10_000.0
"""The highest multiplier on the scale; a higher one is drawn at its end."""


def chart(result: Ladder) -> look.Spec:
    """Return the ladder on a logarithmic scale; boundaries that never break even are in a row above it."""
    rungs = [rung for rung in result.rungs if _kind(rung)]
    if not rungs:
        raise look.nothing("no boundary has a multiplier")
    finite = [rung.multiplier for rung in rungs if rung.multiplier]
    low = max(min([0.8, *finite]), 1 / MOST)
    high = max(BAND[1] * 1.5, min(max([1.0, *finite]), MOST))
    never, covered = high * 2.2, low / 2.2
    floor = low / 3.5 if any(_kind(rung) == "covered" for rung in rungs) else low
    span = max(result.elasticities) - min(result.elasticities) or 1.0
    rows = [_row(rung, {"never": never, "beyond": high, "covered": covered}, span * 0.018) for rung in rungs]
    y: look.Spec = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [floor, high * 3.5], "nice": False},
        "axis": {
            "title": "prices times",
            "values": look.log_ticks(low, high),
            "labelExpr": "format(datum.value, ',~r') + '×'",
        },
    }
    x = look.field(
        "x",
        "quantitative",
        scale={"domain": look.padded(result.elasticities, 0.07), "nice": False},
        axis={"title": "price elasticity of demand, ε", "format": "~g", "grid": False},
    )
    parts = list(dict.fromkeys((rung.compute, rung.payer) for rung in rungs))
    shown = [name for name in BOUNDARIES if name in {rung.boundary for rung in rungs}]
    color, shape = (look.told_apart(shown, channel, "Covering", "boundary") for channel in ("color", "shape"))
    at = {"x": x, "y": y | {"field": "y"}, "color": color}
    point = at | {"shape": shape} | look.tooltip("boundary", "elasticity", "label")
    finite_alone = {"filter": "datum.kind == 'multiplier' || datum.kind == 'beyond'"}
    layers = [
        look.still("rect", {"y": y | {"datum": BAND[0]}, "y2": {"datum": BAND[1]}}, color=look.BAND),
        # Lines have different dashes, as they may coincide; a dash channel would spoil the legend.
        *(
            {"transform": [{"filter": f"datum.boundary == '{boundary}'"}, finite_alone]}
            | look.layer("line", at, strokeWidth=2, strokeDash=look.DASHES[place])
            for place, boundary in enumerate(shown)
        ),
        look.layer("point", point, size=44, filled=True, opacity=1),
        *(
            look.still("text", {"x": {"value": 0}, "y": y | {"datum": row}}, align="right", dx=-8, text=word)
            for word, row in (("never", never), ("covered", covered))
            if word in {row["kind"] for row in rows}
        ),
    ]
    title = {"fontSize": 11, "fontWeight": "normal", "offset": 4}
    panels = [
        {
            "title": {"text": f"{payer} payer, compute at the {compute} rate", **title},
            "width": SIZE[0] if len(parts) > 1 else look.WIDTH,
            "height": SIZE[1],
            "data": look.named("rungs"),
            "transform": [{"filter": f"datum.compute == '{compute}' && datum.payer == '{payer}'"}],
            "layer": layers,
        }
        for compute, payer in parts
    ]
    inside = sum(rung.in_band for rung in result.rungs)
    subtitle = [
        f"Factor on prices that covers a cost. The band is 10–100×; {inside} of "
        f"{len(result.rungs)} answers are in it."
    ]
    if any(row["kind"] == "beyond" for row in rows):
        subtitle.append(f"A value shown at {words.multiplier(high)} is that or more.")
    return look.whole(
        f"Break-even multipliers of {heading(result.scenario)}",
        [{"hconcat": panels[start : start + 2], "spacing": 24} for start in range(0, len(panels), 2)],
        {"rungs": rows},
        subtitle=subtitle,
        caption=look.caption([(result.scenario, NEEDED)], [result.evaluation.caveats(NEEDED)]),
        alike=True,
    )


def _kind(rung: Rung) -> str:
    """Return the kind of a rung: multiplier, beyond the scale, never, covered, or empty if unknown."""
    if rung.result is None:
        return ""
    if rung.result.covered:
        return "covered"
    if rung.multiplier is None:
        return "never"
    return "multiplier" if rung.multiplier <= MOST else "beyond"


def _row(rung: Rung, rows: dict[str, float], step: float) -> dict[str, Any]:
    """Return the row of data for a rung; rungs in one row are moved apart."""
    kind = _kind(rung)
    beside = (list(BOUNDARIES).index(rung.boundary) - 1.5) * step if kind in ("never", "covered") else 0.0
    return {
        **fields(rung, "boundary payer compute elasticity"),
        "kind": kind,
        "multiplier": rung.multiplier,
        "label": kind if rung.multiplier is None else words.multiplier(rung.multiplier),
        "x": rung.elasticity + beside,
        "y": rows.get(kind, rung.multiplier),
    }

"""Self-host or buy: monthly bills over the volume, where they cross, and today's traffic."""

from __future__ import annotations

from typing import Any, Final

from llmcost.analysis.ask.evaluation import Evaluation, value_in
from llmcost.analysis.ask.selfhost import BILLS, OWN, TRAFFIC, Decision
from llmcost.analysis.whatif.grid import Grid
from llmcost.engine.parts import split
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.formulas.fleet import FULL
from llmcost.render import words
from llmcost.render.charts import look
from llmcost.render.results.selfhost import API_BILL, CAPACITY, OWN_BILL, VOLUME
from llmcost.render.results.shared import distinct, heading

STEPS: Final = 240
"""The number of points of each line."""
AROUND: Final = 4.0
"""The factor by which the axis continues beyond the relevant volumes."""
OWN_NAME: Final = "your own"
MOST: Final = len(look.COLORS) - 1
"""The most APIs that can be told apart, besides your own deployment."""
Rows = list[dict[str, Any]]


def chart(result: Decision) -> look.Spec:
    """Return a line for your own deployment and one for each API, on logarithmic axes.

    Raises:
        LlmcostError: if there are too many APIs to tell apart, or no bill is known.
    """
    if len(result.offers) > MOST:
        raise LlmcostError(f"a chart shows at most {MOST} APIs, got {len(result.offers)}")
    own, today = result.own, value_in(result.own, TRAFFIC)
    crossings = [value_in(offer.evaluation, VOLUME) for offer in result.offers]
    limit = value_in(own, CAPACITY)
    matter = [volume for volume in (today, limit, *crossings) if volume]
    if not matter:
        raise look.nothing("neither the traffic nor the break-even volume is known")
    low, high = min(matter) / AROUND, max(matter) * AROUND
    volumes = [low * (high / low) ** (step / (STEPS - 1)) for step in range(STEPS)]
    lines: Rows = [
        {"name": OWN_NAME, "x": volume, "y": bill}
        for volume, bill in _bills(own, OWN_BILL, volumes)
        if limit is None or volume <= limit * FULL
    ]
    points: Rows = []
    names = distinct([OWN_NAME, *(offer.label for offer in result.offers)])
    for name, offer, crossing in zip(names[1:], result.offers, crossings, strict=True):
        lines += [
            {"name": name, "x": volume, "y": bill}
            for volume, bill in _bills(offer.evaluation, API_BILL, volumes)
        ]
        for volume, bill in _bills(offer.evaluation, API_BILL, [crossing] if crossing else []):
            label = f"from {words.number(volume, MODEL.quantities[TRAFFIC])}"
            points.append({"name": name, "x": volume, "y": bill, "label": label, "side": "less"})
    if not lines:
        raise look.nothing("no bill has a value")
    ends = [row["y"] for row in lines]
    x = look.along("x", MODEL.quantities[TRAFFIC], low, high, log=True, grid=False)
    billed = MODEL.quantities[OWN_BILL]._replace(name="bill")
    y = look.along("y", billed, min(ends) / 1.5, max(ends) * 1.5, log=True)
    layers: list[look.Spec] = [
        *([look.rule(today, color=look.GREY, strokeDash=[2, 2])] if today else []),
        look.layer("line", {"x": x, "y": y, **look.lines_told_apart(names)}, data="lines", strokeWidth=2),
        *look.points({"x": x, "y": y}),
    ]
    subtitle = ["Where your own line is lower, self-hosting is cheaper."]
    if today:
        shown = words.number(today, MODEL.quantities[TRAFFIC])
        subtitle.append(f"The dotted line is today's traffic, {shown}.")
    if limit is not None and limit < high:
        subtitle.append(f"The fleet serves no more than {words.number(limit, MODEL.quantities[CAPACITY])}.")
    return look.whole(
        f"Self-host or buy: {heading(result.scenario)}",
        [look.panel(layers, 280)],
        {"lines": lines, "points": points},
        subtitle=[" ".join(subtitle)],
        caption=look.caption(
            [(o.evaluation.scenario._replace(label=o.label), (*OWN, *BILLS)) for o in result.offers],
            result.caveats,
        ),
    )


def _bills(found: Evaluation, bill: str, volumes: list[float]) -> list[tuple[float, float]]:
    """Return some volumes of the same mix, each with its bill."""
    today = value_in(found, TRAFFIC)
    stated = [name for name in found.scenario.data if _is_volume(name)] if today else []
    grid = Grid(found.scenario, stated or [TRAFFIC], [bill], limits=())
    bills = []
    for volume in volumes:
        scale = volume / today if today else 1.0
        at = [found.scenario.data[name].value * scale for name in stated] or [volume]
        bills.append((volume, grid.at(at)[0]))
    return [(volume, value) for volume, value in bills if value is not None]


def _is_volume(name: str) -> bool:
    return split(name)[1].startswith("traffic.") and MODEL.quantities[name].adds

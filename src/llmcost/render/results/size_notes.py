"""Notes on the figures of `size`: how they were computed, and where not to trust them."""

from __future__ import annotations

import math
from pathlib import Path

from llmcost.analysis.ask.size import Sizing
from llmcost.analysis.ask.size_inputs import RENTS
from llmcost.analysis.ask.trust import (
    FAST,
    FIRST_TOKEN,
    SOFTWARE,
    TOO_FAST,
    UNFAMILIAR,
    too_wide,
    unfamiliar,
    untried,
)
from llmcost.scenario.finding import normalise


def notes_of(sizing: Sizing) -> list[str]:
    """Return the notes on the figures: how they were computed, and where not to trust them."""
    notes = ["Rates are modelled, not measured"]
    if sizing.band is not None and sizing.target is not None:
        low, high = sizing.band
        notes[0] += f"; the range covers measured ones {high:g} or {low:g} times as high"
    if sizing.target is not None:
        if sizing.meeting:
            busy = "for users who never pause; else state --utilization"
            if sizing.utilization is not None:
                busy = f"GPUs busy for at most {sizing.utilization:.3g} of the time"
            notes.append(f"USD/Mtok: of output, input included, {busy}")
        if sizing.meeting and not sizing.headroom:
            notes.append("No spare capacity is counted; --headroom 20% would")
        if sizing.target > FAST:
            notes.append(TOO_FAST)
        notes.append(FIRST_TOKEN)
    elif any(point.load.speed > FAST for point in sizing.curve):
        notes.append(TOO_FAST)
    shapes_shown = [*(item.shape for item in sizing.meeting), *(point.shape for point in sizing.curve)]
    beyond = [shape.accelerator for shape in shapes_shown if shape.gpus > _domain(sizing, shape.accelerator)]
    if beyond:
        notes.append(too_wide(", ".join(dict.fromkeys(beyond))))
    shown = dict.fromkeys(shape.accelerator for shape in shapes_shown)
    raw = [name for name in shown if SOFTWARE not in sizing.accelerators[name].data]
    if raw:
        notes.append(untried(", ".join(raw)))
    if any(shape.data_parallel for shape in shapes_shown):
        notes.append(
            "DP: each GPU handles attention for its own users; experts are spread over all GPUs, equally busy"
        )
    model = sizing.architecture
    shape = Path(model.where).stem
    if model.where and normalise(shape) != normalise(model.name):
        notes.append(f"{model.name} has the shape of {shape}")
    if unfamiliar(model.data):
        notes.append(UNFAMILIAR)
    if any(rent is None for rent in sizing.rents.values()):
        names = ", ".join(name for name, rent in sizing.rents.items() if rent is None)
        kind = "" if sizing.rent == "given" else f" ({sizing.rent})"
        notes.append(f"No rent on file{kind}: {names}; --gpu-hour-cost states one")
    if sizing.unpriced:
        others = " or ".join(f"--rent {kind}" for kind in RENTS if kind != sizing.rent)
        notes.append(f"Left out, no rent on file ({sizing.rent}): {', '.join(sizing.unpriced)}; {others}")
    return notes


def _domain(sizing: Sizing, name: str) -> float:
    datum = sizing.accelerators[name].data.get("gpu.scale_up_domain")
    return math.inf if datum is None else datum.value

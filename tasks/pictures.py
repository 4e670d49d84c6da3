"""The charts that the pages show."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any, Final

from llmcost import breakeven, compare, evaluate, sensitivity, simulate

V3: Final = "deepseek-v3@2025-03-01"
COMPANY: Final = "openai-2025:research-compute@2026-10-01"
COMPARED: Final = ("price.blended_per_mtok", "serving.cost_per_mtok", "unit.gross_margin")


def _drawn(result: Any) -> str:
    svg: str = result.plot().svg()
    return f"{svg.rstrip()}\n"


PICTURES: Final[dict[str, Callable[[], str]]] = {
    "docs/pictures/ladder.svg": lambda: _drawn(breakeven(COMPANY, computes=["paid"])),
    "docs/pictures/tornado.svg": lambda: _drawn(sensitivity(V3, "unit.gross_margin")),
    "docs/pictures/compare.svg": lambda: _drawn(compare("gpt-4o@2025-03-01", V3, metrics=COMPARED)),
    "docs/pictures/margin.svg": lambda: _drawn(evaluate(COMPANY)),
    "docs/pictures/spread.svg": lambda: _drawn(
        simulate("openai-2024", metrics=["breakeven.uniform_multiplier"], draws=2000)
    ),
}
"""Each file, and what it shows now."""


def texts(svg: str) -> list[str]:
    """Return the texts of a picture. Where they stand depends on the fonts of a machine."""
    return [
        "".join(element.itertext()) for element in ET.fromstring(svg).iter() if element.tag.endswith("text")
    ]

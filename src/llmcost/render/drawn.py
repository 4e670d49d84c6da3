"""Charts drawn by vl-convert, without a browser and without a network: the extra `charts`."""

from __future__ import annotations

import importlib.util
import json
import zlib
from types import ModuleType
from typing import Any, Final

from llmcost.errors import LlmcostError, missing_extra
from llmcost.render.json import to_json
from llmcost.render.report import Document, Views

VERSION: Final = "5.20"
"""The version of Vega-Lite for the specifications."""
MARK: Final = "<!-- llmcost -->"
_START: Final = 33
"""The bytes of a PNG's signature and first chunk, after which a text chunk may be inserted."""
SCALE: Final = 2
"""The scale of a PNG: enough for a slide and for print."""


def specification(views: Views) -> Document:
    """Return the chart of a result as a Vega-Lite specification.

    Raises:
        LlmcostError: if there is nothing to draw.
    """
    if views.chart is None:
        raise LlmcostError("there is no chart of this, only a table: --format csv, or to_dicts() in Python")
    return views.chart()


def vega(views: Views) -> str:
    """Return the specification of a result's chart as JSON."""
    return to_json(specification(views))


def svg(views: Views) -> str:
    """Return the chart of a result as SVG, with a mark of llmcost."""
    return f"{svg_of(specification(views)).rstrip()}\n{MARK}\n"


def png(views: Views) -> bytes:
    """Return the chart of a result as PNG, with a mark of llmcost."""
    drawn = png_of(specification(views))
    return drawn[:_START] + _text(b"Software", b"llmcost") + drawn[_START:]


def _text(key: bytes, value: bytes) -> bytes:
    """Return a text chunk: its length, type, text and checksum."""
    said = b"tEXt" + key + b"\0" + value
    return (len(said) - 4).to_bytes(4) + said + zlib.crc32(said).to_bytes(4)


def can_draw() -> bool:
    """Whether the extra `charts` is installed."""
    return importlib.util.find_spec("vl_convert") is not None


def svg_of(chart: Document) -> str:
    """Return a chart as SVG.

    Raises:
        LlmcostError: where the extra `charts` is not installed.
    """
    drawn: str = _converter("a chart as SVG").vegalite_to_svg(
        json.dumps(chart), vl_version=VERSION, allowed_base_urls=[]
    )
    return drawn


def png_of(chart: Document) -> bytes:
    """Return a chart as PNG.

    Raises:
        LlmcostError: where the extra `charts` is not installed.
    """
    drawn: bytes = _converter("a chart as PNG").vegalite_to_png(
        json.dumps(chart), vl_version=VERSION, scale=SCALE, allowed_base_urls=[]
    )
    return drawn


def scripts() -> str:
    """Return the scripts that draw a chart in a page, as `vegaEmbed`, so that the page needs no network.

    Raises:
        LlmcostError: where the extra `charts` is not installed.
    """
    bundle: str = _converter("a page with a chart").javascript_bundle(vl_version=VERSION)
    return bundle


def _converter(purpose: str) -> ModuleType:
    if not can_draw():
        raise LlmcostError(missing_extra("charts", purpose))
    import vl_convert

    found: Any = vl_convert
    assert isinstance(found, ModuleType)
    return found

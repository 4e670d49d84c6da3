"""The chart of a result as PNG."""

from __future__ import annotations

import zlib
from typing import Final

from llmcost.render.drawn import png_of, specification
from llmcost.render.report import Views

_START: Final = 33
"""Bytes of a PNG's signature and of its first chunk, after which a text may stand."""


def write(views: Views) -> bytes:
    """Return the chart as PNG, with a note of what has written it.

    Raises:
        LlmcostError: where there is nothing to draw, or the extra `charts` is not installed.
    """
    drawn = png_of(specification(views))
    return drawn[:_START] + _text(b"Software", b"llmcost") + drawn[_START:]


def _text(key: bytes, value: bytes) -> bytes:
    """Return a chunk of text: its length, its kind, what it says, and a checksum."""
    said = b"tEXt" + key + b"\0" + value
    return (len(said) - 4).to_bytes(4) + said + zlib.crc32(said).to_bytes(4)

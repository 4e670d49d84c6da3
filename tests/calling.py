"""Calling llmcost within this process, as several tests do; the fixture is in conftest.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
WORLD: Final = ROOT / "tests" / "world"


class Done(NamedTuple):
    """What a call left behind."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]

"""How benchmarks time: CPU time, side by side, after a warm-up of each, with the spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

ROUNDS = 7

Work = Callable[[], object]


class Spread(NamedTuple):
    """A median, and between which values the middle half of the rounds lies."""

    middle: float
    low: float
    high: float


def cpu(work: Work) -> float:
    """Return the CPU time of some work, in seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def spread(values: list[float]) -> Spread:
    """Return where some values lie."""
    low, middle, high = statistics.quantiles(values, n=4)
    return Spread(middle, low, high)


def seconds(work: Work, rounds: int = ROUNDS) -> Spread:
    """Return the CPU time of some work after a warm-up."""
    work()
    return spread([cpu(work) for _ in range(rounds)])


def ratio(ours: Work, floor: Work, rounds: int = ROUNDS) -> Spread:
    """Return the CPU time of one work over that of another: in turns, after a warm-up of both."""
    ours(), floor()
    return spread([cpu(ours) / cpu(floor) for _ in range(rounds)])


def tell(what: str, found: Spread, unit: str = "", held: str = "for scale", scale: float = 1.0) -> None:
    """Print a line: what, the median, the middle half, and what is to be held."""
    middle, low, high = (value * scale for value in found)
    print(f"{what:52} {middle:9.3g} {unit:3} [{low:.3g} to {high:.3g}]  ({held})", flush=True)

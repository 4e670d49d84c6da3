"""Work on many files, divided among processes, with the same result for any number of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar

from llmcost.errors import OldSpelling
from llmcost.scenario.files.tree import files_read

T = TypeVar("T")
R = TypeVar("R")
SHARES: Final = 4
"""Parts for each process, so that none waits long for another."""
Told = tuple[R, list[str], set[tuple[int, int]]]
"""The result of a part, the warnings of old spellings, and the files that were read."""


def in_parts(work: Callable[[Sequence[T]], R], items: Sequence[T], jobs: int) -> list[R]:
    """Return the results of some work on consecutive parts of a list, which together make up the list."""
    if jobs <= 1 or len(items) < 2:
        return [work(items)]
    from concurrent.futures import ProcessPoolExecutor

    count = min(jobs * SHARES, len(items))
    parts = [items[len(items) * i // count : len(items) * (i + 1) // count] for i in range(count)]
    results = []
    with ProcessPoolExecutor(min(jobs, count)) as pool:
        for result, spellings, read in pool.map(partial(_told, work), parts):
            results.append(result)
            files_read.update(read)
            for text in spellings:
                warnings.warn(OldSpelling(text), stacklevel=2)
    return results


def _told(work: Callable[[Sequence[T]], R], part: Sequence[T]) -> Told[R]:
    """Do a part in its own process, and keep what the caller's process has to record."""
    files_read.clear()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", OldSpelling)
        result = work(part)
    return result, [str(item.message) for item in caught], set(files_read)

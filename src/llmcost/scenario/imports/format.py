"""The description of a format: its name, how to recognize it, and how to read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from llmcost.records import NamedTuple
from llmcost.scenario.imports.content import Content
from llmcost.scenario.imports.draft import Asked, Draft

if TYPE_CHECKING:
    from llmcost.scenario.imports.usage import Bill


class RawTable(NamedTuple):
    """The columns of tables whose rows may be summed before they are read.

    Attributes:
        keys: columns to group by.
        times: columns to group by day.
        ends: the same, for ends that a row does not include.
        sums: columns to sum, of each group of names the first that a row has; `a.b` is b in JSON in column a.
        by: columns to group by if `--by` says so, by its word.
        amounts: columns to sum that may be negative.
        counted: the name for the number of rows; empty if a row is not a request. Rows whose first two sums
            are 0 are not counted.
    """

    keys: tuple[str, ...]
    times: tuple[str, ...]
    sums: tuple[tuple[str, ...], ...]
    by: Mapping[str, tuple[str, ...]] = {}
    amounts: tuple[str, ...] = ()
    counted: str = ""
    ends: tuple[str, ...] = ()


def having(*sets: tuple[str, ...]) -> Callable[[Content], bool]:
    """Return a test for a format: whether the first record has all keys or columns of one of the sets."""
    return lambda content: any(content.has(*names) for names in sets)


class Format(NamedTuple):
    """A format of another tool.

    Attributes:
        name: the word for `--as`.
        words: a short description of a file.
        detect: whether a file has this format, by its keys or columns.
        read: makes a scenario, or a summary of usage, from files.
        table: how DuckDB sums files that are too large for memory; None if it cannot.
    """

    name: str
    words: str
    detect: Callable[[Content], bool]
    read: Callable[[Sequence[Content], Asked], Draft | Bill]
    table: RawTable | None = None

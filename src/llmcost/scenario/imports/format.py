"""What a format is: its name, how it is told from others, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from llmcost.records import NamedTuple
from llmcost.scenario.imports.content import Content
from llmcost.scenario.imports.draft import Asked, Draft

if TYPE_CHECKING:
    from llmcost.scenario.imports.usage import Bill


class RawTable(NamedTuple):
    """Columns of rows that may be summed before they are read.

    Attributes:
        keys: those that tell rows apart.
        times: those of which the day does.
        ends: the same, of times that a row does not reach.
        sums: those that are summed, of each row the first of some names that it has; `a.b` is b in JSON in
            the column a.
        by: those that `--by` may ask for, by its word.
        amounts: those that are summed too, and may be below 0.
        counted: the name under which the number of rows is read; nothing where a row is no
            request. Rows of which the first two sums are 0 are not counted.
    """

    keys: tuple[str, ...]
    times: tuple[str, ...]
    sums: tuple[tuple[str, ...], ...]
    by: Mapping[str, tuple[str, ...]] = {}
    amounts: tuple[str, ...] = ()
    counted: str = ""
    ends: tuple[str, ...] = ()


def having(*sets: tuple[str, ...]) -> Callable[[Content], bool]:
    """Return what tells a format by its first record, which has all keys or columns of one of some sets."""
    return lambda content: any(content.has(*names) for names in sets)


class Format(NamedTuple):
    """A format of another tool.

    Attributes:
        name: as `--as` takes it.
        words: what a file of it is, in a few words.
        detect: whether a file is of this format, by its keys or columns.
        read: the scenario that files of it make, or the usage that they hold.
        table: how DuckDB sums files of it that are too large to be read whole; None where it cannot.
    """

    name: str
    words: str
    detect: Callable[[Content], bool]
    read: Callable[[Sequence[Content], Asked], Draft | Bill]
    table: RawTable | None = None

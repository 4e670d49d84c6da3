"""What a format is: its name, how it is told from others, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from llmcost.scenario.imports.content import Content
from llmcost.scenario.imports.draft import Asked, Draft


class Format(NamedTuple):
    """A format of another tool.

    Attributes:
        name: as `--as` takes it.
        words: what a file of it is, in a few words.
        reference: where the format is described.
        version: of the tool or schema that it was read from.
        detect: whether a file is of this format, by its keys or columns.
        read: the scenario that files of it make.
    """

    name: str
    words: str
    reference: str
    version: str
    detect: Callable[[Content], bool]
    read: Callable[[Sequence[Content], Asked], Draft]

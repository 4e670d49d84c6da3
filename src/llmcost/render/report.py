"""What a person is shown, before it is a screen or a page: sentences, tables, trees and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Style = Literal["", "name", "good", "bad", "band", "strong", "faint"]
"""What a text means, not how it looks: `name` is a vocabulary name, `band` lies in 10–100x."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text with a meaning."""

    text: str
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title and side; `wrap` allows its text to take several lines."""

    title: str
    right: bool = False
    wrap: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, with an optional title."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """A line, lines of detail below it, and branches."""

    line: Sequence[Cell]
    details: Sequence[Cell] = ()
    branches: Sequence[Tree] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one command has to say."""

    title: str = ""
    lead: Sequence[str] = ()
    blocks: Sequence[Table | Tree] = ()
    notes: Sequence[str] = ()
    facts: Sequence[str] = field(default=())

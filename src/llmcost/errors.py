"""What can go wrong, as values: a problem has a place, a subject and one clear sentence."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Problem(NamedTuple):
    """One fault in what the user wrote.

    `where` is a file path or an option such as `--set a=1`; `line` and `column` count from 1 and are
    absent where there is no file. `subject` is the quantity or key that the message is about.
    """

    message: str
    where: str | None = None
    line: int | None = None
    column: int | None = None
    subject: str | None = None

    def __str__(self) -> str:
        place = [str(part) for part in (self.where, self.line, self.column) if part is not None]
        head = [":".join(place)] if place else []
        if self.subject:
            head.append(self.subject)
        return ": ".join([*head, self.message])


class LlmcostError(Exception):
    """Bad input or usage: everything that was found wrong, each problem one line.

    Attributes:
        problems: the problems in the order in which a reader of the file meets them.
    """

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            Problem(item) if isinstance(item, str) else item for item in problems
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Undefined(ArithmeticError):
    """A quantity has all its inputs and still no value; the message is the reason."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the closest known word, or an empty string."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""

"""What can go wrong, as values: a problem has a place, a subject and one clear sentence."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Final, TypeVar

from llmcost.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

S = TypeVar("S")
T = TypeVar("T")


class Option(str):
    """An option as it was given, such as `--set a=1`, in the place of a file's path."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The option's own name, such as `set` or `as-of`."""
        return self.partition(" ")[0].removeprefix("--")


class Place(NamedTuple):
    """Where something was written.

    `file` is a path, or an option in its place; `line` and `column` count from 1 and are absent where there
    is no file.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in self if part is not None)


class Problem(NamedTuple):
    """One fault in what the user wrote.

    `where`, `line` and `column` are its place; `subject` is the quantity or key that the message is about.
    """

    message: str
    where: str | None = None
    line: int | None = None
    column: int | None = None
    subject: str | None = None

    @property
    def place(self) -> Place:
        """Where the fault is."""
        return Place(self.where, self.line, self.column)

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.place), self.subject, self.message)))


class LlmcostError(Exception):
    """Bad input or usage: everything that is wrong, one line per problem.

    As a text, it names arguments of functions in place of options: `as_of` for `--as-of`.

    Attributes:
        problems: the problems, each once, in the order in which a reader of the file meets them.
    """

    def __init__(self, *problems: Problem | str) -> None:
        found = (Problem(item) if isinstance(item, str) else item for item in problems)
        self.problems: tuple[Problem, ...] = tuple(dict.fromkeys(found))
        super().__init__(*self.problems)

    def __str__(self) -> str:
        text = "\n".join(map(str, self.problems))
        return _OPTION.sub(lambda m: (m[1] and ARGUMENTS.get(m[1], m[1].replace("-", "_"))) or m[0], text)


_OPTION: Final = re.compile(r"'llmcost [^']*'|(?<![\w-])--([a-z][a-z-]*)")
"""An option, or a command that may have some."""
ARGUMENTS: Final = {
    "accelerator": "accelerators",
    "cached": "cached_input_share",
    "huge": "force",
    "precision": "precisions",
}
"""Arguments of functions whose names differ from the option."""


def attempt(step: Callable[[], T], problems: list[Problem]) -> T | None:
    """Return the result of a step; if it fails, return None and add its problems to those of other steps."""
    try:
        return step()
    except LlmcostError as error:
        problems += error.problems
        return None


def each(step: Callable[[S], T], items: Iterable[S]) -> list[T]:
    """Return the result of a step for each item.

    Raises:
        LlmcostError: with the problems of all items for which it fails, each once.
    """
    problems: list[Problem] = []
    found: list[T] = []
    for item in items:
        try:
            found.append(step(item))
        except LlmcostError as error:
            problems += error.problems
    if problems:
        raise LlmcostError(*problems)
    return found


def missing_extra(extra: str, purpose: str) -> Problem:
    """Say that something needs an extra that is not installed, and how to get it.

    What the extra stands for is read from the installed package, so that it is listed once.
    """
    from importlib.metadata import PackageNotFoundError, requires

    try:
        listed = requires("llmcost") or []
    except PackageNotFoundError:
        listed = []
    parts = (line.partition(";") for line in listed)
    mine = f'extra == "{extra}"'
    needed = " ".join(
        f"'{name.strip()}'" for name, _, marker in parts if marker.replace("'", '"').strip() == mine
    )
    elsewhere = f", or anywhere: pip install {needed}" if needed else ""
    own = f"pip install -e '.[{extra}]' in the folder of llmcost"
    return Problem(f"{purpose} needs the extra '{extra}': {own}{elsewhere}")


def texts_in(texts: Iterable[str], what: str) -> tuple[str, ...]:
    """Return texts, such as names, as a tuple.

    Raises:
        LlmcostError: for a single text, which would be read letter by letter.
    """
    if isinstance(texts, str):
        raise LlmcostError(f"{what}: expected a list, got {texts!r}; write [{texts!r}]")
    return tuple(texts)


class OldSpelling(FutureWarning):
    """Something is written in a way that the next release no longer reads."""


def old_spelling(where: Place | str | None, old: str, new: str) -> None:
    """Warn of an old spelling that still works, with the new one."""
    place = f"{where}: " if where else ""
    message = f"{place}write '{new}' in place of '{old}', which the next release no longer reads"
    warnings.warn(message, OldSpelling, stacklevel=2)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the closest known word, or an empty string."""
    found = closest(word, known)
    return f"; did you mean '{found}'?" if found else ""


def closest(word: str, known: Iterable[str]) -> str:
    """Return the closest known word, or an empty string.

    A number in a name is its version or size: what has another one is something else.
    """
    import difflib

    numbers = re.findall(r"\d+", word)
    alike = [name for name in known if not numbers or re.findall(r"\d+", name) == numbers]
    matcher = difflib.SequenceMatcher(b=word)
    best = (0.6, "")
    for name in alike:  # as `get_close_matches` does, but nothing is worked out of what cannot be closer
        matcher.set_seq1(name)
        bounds = (matcher.real_quick_ratio, matcher.quick_ratio)
        if all(bound() >= best[0] for bound in bounds):
            best = max(best, (matcher.ratio(), name))
    return best[1]


def there_are(word: str, known: Iterable[str], command: str) -> str:
    """Return the names that contain a word, with the command that lists all; else the closest name."""
    names = list(known)
    holding = [name for name in names if word.strip("-") and word.casefold() in name.casefold()]
    if len(holding) < 2:
        return f"; did you mean '{holding[0]}'?" if holding else did_you_mean(word, names)
    shown = holding if len(holding) <= 4 else [*holding[:3], f"{len(holding) - 3} more"]
    return f"; there are {', '.join(shown[:-1])} and {shown[-1]}: '{command}' lists them"

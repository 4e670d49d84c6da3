"""References to scenarios, on the command line and in files."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import Final

from llmcost.errors import LlmcostError, Option, Place, Problem, closest
from llmcost.records import NamedTuple
from llmcost.scenario.values.dates import parse_day
from llmcost.scenario.values.number import shorten


class Reference(NamedTuple):
    """A reference to a scenario: a name, path or `-`, with variants and a date."""

    base: str
    variants: tuple[str, ...] = ()
    as_of: dt.date | None = None


class Link(NamedTuple):
    """A reference in a file or an option, and its place."""

    text: str
    place: Place
    reference: Reference

    @property
    def beside(self) -> Path | None:
        """The file that contains it, to which paths are relative; None for an option."""
        file = self.place.file
        return None if file is None or isinstance(file, Option) else Path(file)


ENDINGS: Final = (".yaml", ".yml")


def is_path(name: str) -> bool:
    """Whether a reference is to a file by its path, rather than by a name."""
    return name.lower().endswith(ENDINGS) or "/" in name or os.sep in name


def exists(path: Path) -> bool:
    """Whether there is a file or folder; False for an impossible path."""
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or with a NUL in it
        return False


NO_FILE: Final = "there is no such file or folder"


def no_file(name: str) -> str:
    """Say that there is no such file, and suggest one of a similar name in the same folder."""
    return f"{NO_FILE}{meant_file(name)}"


def meant_file(name: str, folder: Path | None = None) -> str:
    """Return `; did you mean 'lab.yaml'?` if the folder has a file of a similar name, or nothing."""
    upper, last = os.path.split(name)
    try:
        beside = sorted(((folder or Path()) / upper).iterdir())
    except (OSError, ValueError):  # no folder, or not readable
        return ""
    known = {_bare(path.name): path.name for path in beside if is_path(path.name) and exists(path)}
    found = closest(_bare(last), known)
    return f"; did you mean '{name.removesuffix(last)}{known[found]}'?" if found else ""


def _bare(name: str) -> str:
    """Return a name without an ending of letters; digits after a dot are a version."""
    return re.sub(r"\.[a-z]{1,8}$", "", name.casefold())


_PARTS: Final = re.compile(r"[:@][^:@]*")


def parse_reference(text: str, folder: Path | None = None) -> Reference:
    """Read `name`, `name@DATE`, `name:variant+variant`, a path or `-`, in any combination.

    An existing path, relative to the `folder`, may contain any characters.

    Raises:
        LlmcostError: naming the part that cannot be read.
    """
    if len(text) > MOST_CHARACTERS:
        raise LlmcostError(Problem("is too long for a name", where=shorten(text, 80)))
    base = _base(text, folder or Path())
    if not base:
        raise LlmcostError(Problem("a scenario's name is missing", where=text or "''"))
    variants: list[str] = []
    as_of: dt.date | None = None
    for part in _PARTS.findall(text[len(base) :]):
        mark, word = part[0], part[1:]
        if mark == "@":
            if as_of is not None:
                raise LlmcostError(Problem("has two dates; one is enough", where=text))
            as_of = read_date(word, text)
        else:
            variants += word.split("+")
    if "" in variants:
        raise LlmcostError(Problem("a variant's name is missing after ':' or '+'", where=text))
    return Reference(base, tuple(variants), as_of)


def _base(text: str, folder: Path) -> str:
    """Return the part of a reference that names a file."""
    cuts = [match.start() for match in _PARTS.finditer(text)]
    for end in reversed([*cuts[-MOST_PARTS:], len(text)] if cuts else []):
        if end and exists(folder / text[:end]):
            return text[:end]
    ending = next((at for at in cuts if text[:at].lower().endswith(ENDINGS)), None)
    if ending is None and not text.lower().endswith(ENDINGS):
        ending = next(iter(cuts), None)
    return text if ending is None else text[:ending]


MOST_CHARACTERS: Final = 4096
"""The longest reference, which may be a path."""
MOST_PARTS: Final = 16
"""A path is tried before only so many `:` and `@` of a reference, the last ones."""


def read_date(word: str, where: str) -> dt.date:
    """Return a date.

    Raises:
        LlmcostError: if `word` is no date of the form 2025-01-29.
    """
    day = parse_day(word)
    if day is None:
        raise LlmcostError(Problem(f"expected a date such as 2025-01-29, got '{word}'", where=where))
    return day

"""What names a scenario: on the command line, and in the files that refer to another."""

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
    """What names a scenario: a name, path or `-`, with variants and a date."""

    base: str
    variants: tuple[str, ...] = ()
    as_of: dt.date | None = None


class Link(NamedTuple):
    """Another scenario, as a file or an option refers to it, and where that was written."""

    text: str
    place: Place
    reference: Reference

    @property
    def beside(self) -> Path | None:
        """The file that it stands in, from which paths are seen; None for an option."""
        return (
            None if self.place.file is None or isinstance(self.place.file, Option) else Path(self.place.file)
        )


ENDINGS: Final = (".yaml", ".yml")


def is_path(name: str) -> bool:
    """Whether a reference is to a file by its path, rather than by a name."""
    return name.lower().endswith(ENDINGS) or "/" in name or os.sep in name


def exists(path: Path) -> bool:
    """Whether there is a file or folder; what no path can be is none."""
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or with a NUL in it
        return False


NO_FILE: Final = "there is no such file or folder"


def no_file(name: str, folder: Path | None = None) -> str:
    """Say that there is no file of a name, and which is meant: one beside it that is written almost so."""
    return f"{NO_FILE}{meant_file(name, folder)}"


def meant_file(name: str, folder: Path | None = None) -> str:
    """Return `; did you mean 'lab.yaml'?` where such a file lies where another was looked for, or nothing."""
    upper, last = os.path.split(name)
    try:
        beside = sorted(((folder or Path()) / upper).iterdir())
    except (OSError, ValueError):  # no folder, or not to be read
        return ""
    known = {_bare(path.name): path.name for path in beside if is_path(path.name) and exists(path)}
    found = closest(_bare(last), known)
    return f"; did you mean '{name.removesuffix(last)}{known[found]}'?" if found else ""


def _bare(name: str) -> str:
    """Return a name without an ending of letters; numbers behind a dot are a version."""
    return re.sub(r"\.[a-z]{1,8}$", "", name.casefold())


_PARTS: Final = re.compile(r"[:@][^:@]*")


def parse_reference(text: str, folder: Path | None = None) -> Reference:
    """Read `name`, `name@DATE`, `name:variant+variant`, a path or `-`, in any combination.

    A path that is there, as seen from the `folder`, is one whatever characters it has in it.

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
"""Of a reference, which may be a path."""
MOST_PARTS: Final = 16
"""Of a reference with more than so many marks, not every beginning is tried as a path."""


def read_date(word: str, where: str) -> dt.date:
    """Return a date.

    Raises:
        LlmcostError: if `word` is no date of the form 2025-01-29.
    """
    day = parse_day(word)
    if day is None:
        raise LlmcostError(Problem(f"expected a date such as 2025-01-29, got '{word}'", where=where))
    return day

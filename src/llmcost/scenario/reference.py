"""What names a scenario: on the command line, and in the files that refer to another."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

from llmcost.errors import LlmcostError, Place, Problem
from llmcost.scenario.values.datum import parse_day


class Reference(NamedTuple):
    """What names a scenario: a name, path or `-`, with variants and a date."""

    base: str
    variants: tuple[str, ...] = ()
    as_of: dt.date | None = None


class Link(NamedTuple):
    """Another scenario, as a file refers to it, and where that was written."""

    text: str
    place: Place


_REFERENCE: Final = re.compile(
    r"^(?P<base>-|.*?\.(?i:ya?ml)(?=[:@]|$)|[^:@]*)(?P<rest>(?:[:@][^:@]*)*)$", re.DOTALL
)


def parse_reference(text: str) -> Reference:
    """Read `name`, `name@DATE`, `name:variant+variant`, a path or `-`, in any combination.

    Raises:
        LlmcostError: naming the part that cannot be read.
    """
    match = _REFERENCE.match(text)
    if match is None or not match["base"]:
        raise LlmcostError(Problem("a scenario's name is missing", where=text or "''"))
    variants: list[str] = []
    as_of: dt.date | None = None
    for part in re.findall(r"[:@][^:@]*", match["rest"]):
        mark, word = part[0], part[1:]
        if mark == "@":
            if as_of is not None:
                raise LlmcostError(Problem("has two dates; one is enough", where=text))
            as_of = read_date(word, text)
        else:
            variants += word.split("+")
    if "" in variants:
        raise LlmcostError(Problem("a variant's name is missing after ':' or '+'", where=text))
    return Reference(match["base"], tuple(variants), as_of)


def read_date(word: str, where: str) -> dt.date:
    """Return a date.

    Raises:
        LlmcostError: if `word` is no date of the form 2025-01-29.
    """
    day = parse_day(word)
    if day is None:
        raise LlmcostError(Problem(f"expected a date such as 2025-01-29, got '{word}'", where=where))
    return day

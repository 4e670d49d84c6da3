"""Usage exports and bills: tokens by price class, requests, days, and amounts billed.

Each format yields `Row`s, which are summed here by model, and by the column of `--by`. No key, name or prompt
is kept. This module knows no prices: the sums are compared with list prices elsewhere.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.records import NamedTuple
from llmcost.scenario.imports.content import Content, Record, names_of
from llmcost.scenario.imports.draft import Asked

READ: Final = ("input", "cached", "written", "written_1h")
"""Price classes of input; each token is in one of them."""
WRITTEN: Final = ("output", "reasoning")
CLASSES: Final = (*READ, *WRITTEN)
WORDS: Final = {
    "input": "input",
    "cached": "cache reads",
    "written": "cache writes",
    "written_1h": "cache writes kept for an hour",
    "output": "output",
    "reasoning": "reasoning",
}
NEEDED: Final = ("input", "output")
"""Classes that a row usually must have; the others may be missing."""
INSIDE: Final = (("input", READ[1:]), ("output", WRITTEN[1:]))
"""Classes that a total includes, in formats with totals."""
TIERS: Final = ("batch", "flex", "priority")
"""Tiers of which a workload has a share; everything else is standard."""


class Row(NamedTuple):
    """A row of usage, or a part of one.

    Attributes:
        record: its record.
        model: its name in the file.
        tokens: by class, each token in one.
        requests: None if the format does not count them.
        days: the first and the last day.
        tier: the tier of the tokens, `standard` or one of `TIERS`; None if a bill does not say.
        provider: the seller of the model, if the file says so.
        billed: in USD.
        billed_as: the class that was billed, if the file says so.
    """

    record: Record
    model: str
    tokens: Mapping[str, float]
    requests: float | None = None
    days: tuple[str, str] | None = None
    tier: str | None = "standard"
    provider: str | None = None
    billed: float | None = None
    billed_as: str | None = None


class Sum:
    """The sums of rows of one model at one tier."""

    def __init__(self, group: str, provider: str | None, model: str, tier: str | None) -> None:
        self.group = group
        self.provider = provider
        self.model = model
        self.tier = tier
        self.tokens = dict.fromkeys(CLASSES, 0.0)
        self.requests: float | None = None
        self.billed: float | None = None
        self.billed_as: dict[str, float] = {}

    def add(self, row: Row) -> None:
        """Add a row."""
        for name, tokens in row.tokens.items():
            self.tokens[name] += tokens
        if row.requests is not None:
            self.requests = (self.requests or 0.0) + row.requests
        if row.billed is not None:
            self.billed = (self.billed or 0.0) + row.billed
            if row.billed_as is not None:
                self.billed_as[row.billed_as] = self.billed_as.get(row.billed_as, 0.0) + row.billed

    def bill(self, other: Sum, part: float = 1.0) -> None:
        """Add what was billed elsewhere, or a part of it."""
        self.billed = (self.billed or 0.0) + (other.billed or 0.0) * part
        for kind, amount in other.billed_as.items():
            self.billed_as[kind] = self.billed_as.get(kind, 0.0) + amount * part

    @property
    def read(self) -> float:
        """All input tokens."""
        return sum(self.tokens[name] for name in READ)

    @property
    def written(self) -> float:
        """All output tokens."""
        return sum(self.tokens[name] for name in WRITTEN)


class Bill(NamedTuple):
    """The sums of files of usage.

    Attributes:
        tool: the tool that wrote them.
        sums: for each model and tier, and for each group of `--by`.
        days: how many days they cover; None if they do not say.
        first: the first day, as YYYY-MM-DD.
        last: the last one.
        files: their names.
        fields: where each class, the requests and the bill come from.
        notes: what a reader must know of the format.
        findings: what else was found, a sentence each.
    """

    tool: str
    sums: Sequence[Sum]
    days: int | None
    first: str | None
    last: str | None
    files: str
    fields: Mapping[str, str]
    notes: Sequence[str] = ()
    findings: Sequence[str] = ()

    def source(self, *kinds: str) -> str:
        """Return the files, and the fields of some classes, each once."""
        names = [name for kind in kinds for name in self.fields.get(kind, "").split(", ") if name]
        return f"{self.files}: {', '.join(dict.fromkeys(names))}"


Names = Mapping[str, tuple[str, ...]]
"""Columns or keys by what they contain; of several, the first that a row has."""


def reader(
    tool: str,
    rows: Callable[[Content], Iterable[Row]],
    tokens: Names,
    fields: Mapping[str, str],
    notes: Sequence[str] = (),
    by: Names = MappingProxyType({}),
) -> Callable[[Sequence[Content], Asked], Bill]:
    """Return a reader of usage files, given a function that yields the rows of one.

    Args:
        tool: the tool that wrote them.
        rows: yields the rows of a file.
        tokens: the columns of each class of tokens.
        fields: where the requests and the bill come from as sources name them, and classes elsewhere.
        notes: what a reader must know of the format.
        by: the names of the columns by which `--by` can split, besides the day.
    """

    places = {**{kind: names[0] for kind, names in tokens.items()}, **fields}

    def read(contents: Sequence[Content], asked: Asked) -> Bill:
        names = _by(asked.by, by)
        sums: dict[tuple[str, str, str, str], Sum] = {}
        first = last = None
        masked = Masked(asked.by or "")
        for content in contents:
            for row in rows(content):
                if row.days is not None:
                    first = min(filter(None, (first, row.days[0])))
                    last = max(filter(None, (last, row.days[1])))
                used = any(row.tokens.values())
                if not used and not row.billed:
                    continue  # no usage, but its days count
                if used and not row.model:
                    row.record.refuse("does not say which model was used; export usage by model")
                    continue
                group = "" if names is None else masked.of(_group(row, names))
                key = (group, row.provider or "", row.model, row.tier or "")
                if key not in sums:
                    sums[key] = Sum(group, row.provider, row.model, row.tier)
                sums[key].add(row)
            content.faults.tell()
        if not sums:
            raise LlmcostError(Problem("contains no usage of a model", contents[0].where))
        files = names_of(contents)
        found = [sums[key] for key in sorted(sums)]
        return Bill(tool, found, _span(first, last), first, last, files, places, notes, masked.told())

    return read


def _by(asked: str | None, known: Names) -> tuple[str, ...] | None:
    if asked is None:
        return None
    allowed = {**known, "day": ()}
    if asked not in allowed:
        meant = did_you_mean(asked, allowed)
        message = f"'{asked}' is not a column of such a file; allowed are {', '.join(allowed)}{meant}"
        raise LlmcostError(Problem(message, "--by"))
    return allowed[asked]


def _group(row: Row, names: tuple[str, ...]) -> str:
    if not names:
        return row.days[0] if row.days else "no day"
    found = row.record.get(*names)
    if isinstance(found, str) and found.startswith("["):
        with suppress(ValueError):
            found = json.loads(found)
    tags = found if isinstance(found, list) else [found]
    return ", ".join(str(tag).strip() for tag in tags if isinstance(tag, str | int | float)) or "none"


_PERSONAL: Final = re.compile(r"\S+@\S+\.\w+|(?:sk|pk|rk|key)[-_][\w-]{6,}")


class Masked:
    """Names of groups, in which email addresses and keys are replaced by numbers."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.numbers: dict[str, str] = {}

    def of(self, group: str) -> str:
        """Return the name under which a group is written."""
        if not _PERSONAL.search(group):
            return group
        return self.numbers.setdefault(group, f"{self.what}-{len(self.numbers) + 1}")

    def told(self) -> list[str]:
        """Say what was replaced."""
        count = len(self.numbers)
        words = (
            f"{count} names that are addresses or keys are not copied: {self.what}-1 and so on replace them"
        )
        return [words] if count else []


def _span(first: str | None, last: str | None) -> int | None:
    if first is None or last is None:
        return None
    return (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days + 1


# What formats share


def days_of(record: Record, start: Sequence[str], end: Sequence[str] = ()) -> tuple[str, str] | None:
    """Return the first and last day of a row, from two times; a bucket does not include its end.

    Times are ISO 8601, or seconds since 1970. An invalid one is a fault.
    """
    first = _moment(record, start)
    if first is None:
        return None
    last = _moment(record, end) if end else None
    until = first if last is None or last <= first else last - dt.timedelta(seconds=1)
    return first.date().isoformat(), until.date().isoformat()


def _moment(record: Record, names: Sequence[str]) -> dt.datetime | None:
    found = record.get(*names)
    if found is None:
        return None
    text = str(found).strip()
    try:
        if re.fullmatch(r"\d{9,10}(\.0*)?", text):
            return dt.datetime.fromtimestamp(float(text), dt.UTC)
        moment = dt.datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except (ValueError, OverflowError):
        record.refuse(f"expected a day or time such as 2026-11-26, got {text[:40]}", record.name(*names))
        return None
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def results_of(page: Record, start: str, end: str) -> Iterator[Record]:
    """Yield the results of a page, each with the times of its bucket; for an empty bucket only the times."""
    for bucket in page.below("data"):
        times = {name: bucket.values.get(name) for name in (start, end)}
        results = list(bucket.below("results"))
        for result in results:
            yield result._replace(values={**times, **result.values})
        if not results:
            yield bucket._replace(values=times)


def dollars(record: Record, amount: str, currency: Sequence[str], of: float = 1.0) -> float | None:
    """Return an amount in USD; another currency is a fault. `of` is the value of its unit in USD."""
    value = record.number(amount, least=-1e18)
    code = record.text(*currency) if currency else None
    if value is not None and code is not None and code.upper() != "USD":
        record.refuse(f"expected USD, got {code[:10]}; convert the amounts first", record.name(*currency))
        return None
    return None if value is None else value * of


def tokens_of(
    record: Record, names: Names, needed: Collection[str] = NEEDED, *, inside: bool = False
) -> dict[str, float]:
    """Return the tokens of a row by class, each token in one.

    Args:
        record: the row.
        names: the columns of each class.
        needed: required classes.
        inside: whether input includes cache reads and writes, and output includes reasoning. A part that
            is larger than its total is a fault.
    """
    found = {
        kind: record.needed(*called) if kind in needed else record.number(*called) or 0.0
        for kind, called in names.items()
    }
    for total, kinds in INSIDE if inside else ():
        parts = [kind for kind in kinds if kind in found]
        part, name = sum(found[kind] for kind in parts), record.name(*names[total])
        if part > found[total] * (1 + 1e-9) and record.get(name) is not None:
            what = f"is {found[total]:,.15g}, and {' and '.join(parts)} tokens in it are {part:,.15g}"
            record.refuse(what, name)
        found[total] = max(found[total] - part, 0.0)
    return found


def unpacked(record: Record, *names: str) -> Record:
    """Return a row with some values parsed if they are JSON texts, as in CSV and some exports."""
    read: dict[str, object] = {}
    for name in names:
        packed = record.values.get(name)
        if isinstance(packed, str) and packed.strip():
            try:
                read[name] = json.loads(packed)
            except ValueError:
                record.refuse("expected JSON", name)
                read[name] = {}
    return record._replace(values={**record.values, **read}) if read else record


def requests_in(record: Record, tokens: Mapping[str, float]) -> float:
    """Return the requests of a row: the count if rows were summed, else one if it used tokens."""
    counted = record.number("requests")
    return float(any(tokens.values())) if counted is None else counted


def tier_of(text: str | None) -> str:
    """Return the tier of a word; the standard one if it is unknown."""
    word = (text or "").strip().lower()
    return word if word in TIERS else "standard"

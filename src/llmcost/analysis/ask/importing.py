"""Files of other tools as scenarios: benchmarks, and usage and bills compared with list prices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from llmcost.analysis.ask.evaluation import evaluate
from llmcost.analysis.ask.load import library, load
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.files.document import read_document
from llmcost.scenario.imports.content import Content, names_of
from llmcost.scenario.imports.draft import Asked, Draft, PartDraft, Stated, yaml_text
from llmcost.scenario.imports.format import Format
from llmcost.scenario.imports.registry import read_files
from llmcost.scenario.imports.usage import READ, TIERS, WORDS, WRITTEN, Bill, Sum
from llmcost.scenario.library import CATALOGUES, UNPRICED

PRICES: Final = {
    "input": "price.input_per_mtok",
    "cached": "price.cached_input_per_mtok",
    "written": "price.cache_write_per_mtok",
    "written_1h": "price.cache_write_1h_per_mtok",
    "output": "price.output_per_mtok",
    "reasoning": "price.reasoning_per_mtok",
}
SAME_AS: Final = {"cached": "input", "written": "input", "written_1h": "written", "reasoning": "output"}
"""The class whose price a class of token has if the list does not state one."""
SHARES: Final = {
    "cached": "traffic.cached_input_share",
    "written": "traffic.cache_write_share",
    "written_1h": "traffic.cache_write_1h_share",
}
LONG: Final = "price.long_context_above"
LONGER: Final = {
    **dict.fromkeys(READ, "price.long_context_input_multiplier"),
    **dict.fromkeys(WRITTEN, "price.long_context_output_multiplier"),
}
"""The factor on the price of a class of token in requests above that length."""
APART: Final = 0.01
"""A bill that differs from the list by more than this share is reported."""

Prices = Mapping[str, float | None]


class BillLine(NamedTuple):
    """The usage of one model, its bill, and its cost at list prices.

    Attributes:
        name: the name of the part.
        sum: the usage and bill in the files.
        reference: the scenario with the prices; None if no price is known.
        prices: its prices, by quantity.
        listed: the cost at list prices in USD, by class of token; None if it is unknown.
        told: how much the bill differs, and why.
    """

    name: str
    sum: Sum
    reference: str | None
    prices: Prices
    listed: Mapping[str, float] | None
    told: str = ""

    @property
    def total(self) -> float | None:
        """The cost of all tokens at list prices."""
        return None if self.listed is None else sum(self.listed.values())


class Imported(NamedTuple):
    """Files as a scenario: their format, the draft, its text, and the lines of a bill."""

    files: tuple[str, ...]
    format: Format
    draft: Draft
    text: str
    bill: Bill | None = None
    lines: tuple[BillLine, ...] = ()


def import_files(paths: Sequence[str], wanted: str | None = None, asked: Asked | None = None) -> Imported:
    """Read files of one format as a scenario.

    Args:
        paths: the files.
        wanted: the name of their format; by default, it is recognized from their content.
        asked: what options state in addition.

    Raises:
        LlmcostError: for files that cannot be read, or are of unknown or different formats, with the places.
    """
    asked = asked or Asked()
    found, contents, said = read_files(paths, wanted, asked)
    bill = said if isinstance(said, Bill) else None
    lines: tuple[BillLine, ...] = ()
    if isinstance(said, Bill):
        lines, said = _priced(said, asked, contents)
    names = names_of(contents)
    text = yaml_text(said, f"Imported by llmcost from {names}: {found.words}")
    read_document(text, "imported", f"the scenario of {names}")
    return Imported(tuple(paths), found, said, text, bill, lines)


def _priced(bill: Bill, asked: Asked, contents: Sequence[Content]) -> tuple[tuple[BillLine, ...], Draft]:
    """Return the lines of a bill, with their cost at list prices, and the scenario of its parts."""
    days = bill.days if asked.days is None else asked.whole("days")
    if days is None:
        message = "does not say which days it covers; state how many with --days N"
        raise LlmcostError(Problem(message, contents[0].where))
    used = [item for item in bill.sums if item.read + item.written > 0]
    if not used:
        message = "has billed amounts but no tokens; import the usage with it"
        raise LlmcostError(Problem(message, contents[0].where))
    lines = tuple(_line(name, item, bill.last) for name, item in zip(_names(used), used, strict=True))
    left = [item for item in bill.sums if item.read + item.written <= 0 and not _allotted(item, lines)]
    lines = tuple(_compared(lines))
    findings = [*bill.findings, *filter(None, (line.told for line in lines)), *_left(left)]
    findings += _unknown_length(lines)
    span = f"{bill.first} to {bill.last}" if bill.first else f"{days} days"
    note = [f"{bill.tool}, {span}: {days} day{'s' if days != 1 else ''}.", *bill.notes]
    note += [f"{finding}." for finding in findings]
    if any(line.sum.billed is not None for line in lines):
        note.append("cost_per_month is what was billed, at 365/12 days a month.")
    parts = [_part(line, days, bill) for line in lines]
    title = f"What {bill.tool} counted" + (f", {span}" if bill.first else "")
    return lines, Draft(title, "portfolio", note, [], parts=parts, findings=findings)


def _left(sums: Sequence[Sum]) -> Iterator[str]:
    """Say what was billed for anything other than a model's tokens."""
    billed: dict[str, float] = {}
    for item in sums:
        billed[item.model] = billed.get(item.model, 0.0) + (item.billed or 0.0)
    for model, amount in billed.items():
        if amount:
            what = f"'{model}'" if model else "what the file does not name"
            yield f"{money(amount)} was billed for {what}, which has no tokens here: it is left out"


# The cost at list prices


def _line(name: str, item: Sum, day: str | None) -> BillLine:
    found = (_prices(base, day) for base in _candidates(item.model, item.provider))
    reference, prices = next(filter(None, found), (None, {}))
    amounts = _amounts(item, prices)
    known = {kind: amount for kind, amount in amounts.items() if amount is not None}
    listed = known if reference is not None and len(known) == len(amounts) else None
    return BillLine(name, item, reference, prices, listed)


def _allotted(bill: Sum, lines: Sequence[BillLine]) -> bool:
    """Add a bill to the usage of the same model, and return whether there was any.

    If a bill does not tell tiers apart, it is divided among them in proportion to list prices.
    """
    same = [line for line in lines if _whose(line.sum) == _whose(bill)]
    if not same:
        return False
    weights = [] if any(line.listed is None for line in same) else [line.total or 0.0 for line in same]
    if not sum(weights):
        weights = [line.sum.read + line.sum.written for line in same]
    for line, weight in zip(same, weights, strict=True):
        line.sum.bill(bill, weight / sum(weights))
    return True


def _whose(item: Sum) -> tuple[str, str | None, str]:
    return item.group, item.provider, item.model


def _lacking(line: BillLine) -> str:
    """Say which price of the used tokens is unknown; nothing if all are known."""
    item, prices = line.sum, line.prices
    if line.reference is None:
        billed = "" if item.billed is None else f", billed {money(item.billed)}"
        size = f"{_count(item.read)} tokens in, {_count(item.written)} out"
        return f"no price of '{item.model}' is known ({size}{billed})"
    amounts = _amounts(item, prices)
    if None in amounts.values():
        lacking = next((PRICES[kind] for kind in amounts if prices[PRICES[kind]] is None), "")
        if not lacking and _factor(item, prices) is not None:
            lacking = next(LONGER[kind] for kind in amounts if prices.get(LONGER[kind]) is None)
        lacking = lacking or f"price.{item.tier}_multiplier"
        return f"{line.name}: the list of {line.reference} has no {lacking}"
    return ""


def _prices(base: str, day: str | None) -> tuple[str, dict[str, float | None]] | None:
    """Return the reference of a model's list, and its prices on a day; None if there is none."""
    try:
        if library().find(base) is None and not any(catalogue(base) for catalogue in CATALOGUES):
            return None
        name = library().file(base).name if "/" not in base else base
    except LlmcostError:
        return None  # two files have that name, or one cannot be read: no price is certain
    for reference in (f"{name}@{day}", name) if day else (name,):
        try:
            evaluation = evaluate(load(reference))
        except LlmcostError:
            continue  # its first price is later
        if not any(price.startswith("price.") for price in evaluation.scenario.data):
            return None
        names = [*PRICES.values(), *(f"price.{tier}_multiplier" for tier in TIERS), LONG, *LONGER.values()]
        nodes = evaluation.trace.nodes
        prices = {price: nodes[price].value if price in nodes else None for price in names}
        for kind, other in SAME_AS.items():
            if prices[PRICES[kind]] is None:
                prices[PRICES[kind]] = prices[PRICES[other]]
        return reference, prices
    return None


_SUFFIX: Final = re.compile(r"(?:-\d{8}|-\d{4}-\d\d-\d\d|@\d{8}|-latest|-v\d+(?::\d+)?|:\d+)+$")
_PREFIX: Final = re.compile(
    r"^(?:(?:us|eu|apac|global)\.)?(?:anthropic|meta|amazon|mistral|openai|google)[./]"
)


def _candidates(model: str, provider: str | None) -> Iterator[str]:
    """Yield names under which prices may be found: the model's own, and without prefix or date."""
    for name in dict.fromkeys((model, _SUFFIX.sub("", model), _SUFFIX.sub("", _PREFIX.sub("", model)))):
        if provider and name:
            yield f"{provider}/{name}"
        if name:
            yield name


def _amounts(item: Sum, prices: Prices) -> dict[str, float | None]:
    """Return the cost of each used class of token by the list."""
    return {kind: _amount(item, kind, prices) for kind in PRICES if item.tokens[kind]}


def _amount(item: Sum, kind: str, prices: Prices, at: str | None = None) -> float | None:
    """Return the cost of a class of token by the list, at its own price or that of another class."""
    price, factor = prices.get(PRICES[at or kind]), _factor(item, prices)
    longer = prices.get(LONGER[kind]) if _is_long(item, prices) else 1.0
    if price is None or factor is None or longer is None:
        return None
    return item.tokens[kind] * price / 1e6 * factor * longer


def _factor(item: Sum, prices: Prices) -> float | None:
    """Return the tier's factor on prices; None if the list does not state it."""
    return prices.get(f"price.{item.tier}_multiplier") if item.tier in TIERS else 1.0


def _is_long(item: Sum, prices: Prices) -> bool:
    """Whether requests are longer on average than the list's threshold; False if nobody counted them."""
    above = prices.get(LONG)
    return above is not None and bool(item.requests) and item.read / (item.requests or 1.0) > above


def _unknown_length(lines: Sequence[BillLine]) -> Iterator[str]:
    """Say which prices depend on a length of requests that the files do not state."""
    for line in lines:
        above = line.prices.get(LONG)
        if above is not None and line.sum.requests is None:
            yield (
                f"{line.name}: the list has other prices for requests above {_count(above)} tokens, and the "
                "file does not count requests; all are assumed to be shorter, and the part asks for "
                "traffic.input_tokens_per_request"
            )


# Where a bill differs, and why


def _compared(lines: Sequence[BillLine]) -> Iterator[BillLine]:
    """Yield the lines, telling what they lack, or for the first line of a model how much its bill differs."""
    models: dict[tuple[str, str], list[BillLine]] = {}
    for line in lines:
        models.setdefault((line.sum.group, line.sum.model), []).append(line)
    for line in lines:
        same = models[line.sum.group, line.sum.model]
        whole = same[0] is line and not any(map(_lacking, same))
        yield line._replace(told=_difference(same) if whole else _lacking(line))


def _difference(lines: Sequence[BillLine]) -> str:
    """Say by how much a model's bill differs from the list, and what would explain it."""
    billed = [line.sum.billed for line in lines if line.sum.billed is not None]
    total, paid = sum(line.total or 0.0 for line in lines), sum(billed)
    if len(billed) < len(lines) or _alike(paid, total):
        return ""
    name = " ".join(filter(None, (lines[0].sum.group, lines[0].sum.model)))
    said = f"{name}: billed {money(paid)} where the price list says {money(total)}"
    why = _why(lines, total, paid)
    if why:
        return f"{said}: {why}"
    kinds = []
    for kind in PRICES:
        one = sum(line.sum.billed_as.get(kind, 0.0) for line in lines)
        other = sum((line.listed or {}).get(kind, 0.0) for line in lines)
        if any(line.sum.billed_as for line in lines) and not _alike(one, other):
            kinds.append(f"{WORDS[kind]} {money(one)} in place of {money(other)}")
    if kinds:
        return f"{said}: {', '.join(kinds)}"
    return f"{said}, which is {paid / total:.3g} times as much" if total else said


def _why(lines: Sequence[BillLine], total: float, paid: float) -> str | None:
    """Return the simplest explanation by one or two kinds of token that were charged differently."""
    ways: dict[str, float] = {}
    for line in lines:
        item, prices, listed = line.sum, line.prices, line.listed or {}
        for kind, at, words in _WAYS:
            charged = 0.0 if at is None else _amount(item, kind, prices, at)
            if kind in listed and charged is not None:
                ways[words] = ways.get(words, 0.0) + charged - listed[kind]
        factor = _factor(item, prices)
        if factor is not None and factor < 1:
            words = f"the discount of the {item.tier} tier was not applied"
            ways[words] = ways.get(words, 0.0) + sum(listed.values()) * (1 / factor - 1)
    for number in (1, 2):
        for chosen in combinations(ways, number):
            if _alike(paid, total + sum(ways[words] for words in chosen)):
                return " and ".join(chosen)
    return None


_WAYS: Final = (
    ("cached", "input", "cache reads were charged as input"),
    ("written", "input", "cache writes were charged as input"),
    ("written_1h", "input", "cache writes kept for an hour were charged as input"),
    ("written_1h", "written", "cache writes kept for an hour were charged as those kept for minutes"),
    ("written", "written_1h", "cache writes were charged as those kept for an hour"),
    ("cached", None, "cache reads were not charged"),
    ("written", None, "cache writes were not charged"),
    ("reasoning", None, "reasoning was not charged"),
)
"""Ways in which a kind of token may have been charged other than by the list."""


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= APART * abs(other)


# The scenario


def _part(line: BillLine, days: int, bill: Bill) -> PartDraft:
    item = line.sum
    read, written = item.read, item.written
    named: dict[str, tuple[float, float, tuple[str, ...]]] = {
        "traffic.input_tokens_per_day": (read, days, READ),
        "traffic.output_tokens_per_day": (written, days, WRITTEN),
    }
    for kind, name in SHARES.items():
        # If cache reads were counted, it is worth stating that there were none.
        if item.tokens[kind] or (kind == "cached" and kind in bill.fields and read):
            named[name] = (item.tokens[kind], read, (kind, *READ))
    if item.tokens["reasoning"]:
        named["traffic.reasoning_share"] = (item.tokens["reasoning"], written, WRITTEN)
    if item.requests is not None:
        named["traffic.requests_per_day"] = (item.requests, days, ("requests",))
    if item.requests and line.prices.get(LONG) is not None:
        # A list with long-context prices needs a length: the mean, because the rows are summed.
        named["traffic.input_tokens_per_request"] = (read, item.requests, ("requests", *READ))
        named["traffic.output_tokens_per_request"] = (written, item.requests, ("requests", *WRITTEN))
    stated = [
        Stated(
            name,
            f"{count:.15g} / {of:.15g}",
            bill.source(*(kind for kind in kinds if item.tokens.get(kind) != 0)),
        )
        for name, (count, of, kinds) in named.items()
        if name in MODEL.quantities
    ]
    if item.tier in TIERS:
        stated.append(Stated(f"traffic.{item.tier}_share", "100%", bill.source("tier")))
    cost = None
    if item.billed is not None:
        value = f"{item.billed:.10g} * 365 / 12 / {days}"
        cost = Stated("cost_per_month", value, bill.source("billed"), bill.last, line.told or None)
    note = "" if cost is not None else line.told
    return PartDraft(line.name, line.reference or UNPRICED, stated, cost, note)


_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9-]+")


def _names(sums: Sequence[Sum]) -> list[str]:
    """Return a unique name for each part: the model, after its group if there is one."""
    names: list[str] = []
    for item in sums:
        tier = item.tier if item.tier in TIERS else ""
        whole = " ".join(filter(None, (item.group, item.model, tier)))
        name = base = _NOT_IN_NAMES.sub("-", whole).strip("-") or "model"
        number = 1
        while name in names:
            number += 1
            name = f"{base}-{number}"
        names.append(name)
    return names


# Words


def money(amount: float) -> str:
    """Return an amount in USD for a sentence."""
    return f"{amount:,.2f} USD" if abs(amount) >= 0.1 else f"{amount:.3g} USD"


def _count(tokens: float) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if tokens >= size:
            return f"{tokens / size:.3g}{letter}"
    return f"{tokens:.3g}"

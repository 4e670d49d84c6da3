"""Parts of a whole: `parts.support.price.input_per_mtok` is the `price.input_per_mtok` of the part `support`.

A part has every quantity and formula of a scenario, under names of its own; parts may have parts. The whole
follows from its parts: by sums, by weighted means, and then by the usual formulas. So one plan leads from the
figures of the parts to those of the whole, on every kind of number.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, Final, Literal

from llmcost.engine.arithmetic import add
from llmcost.engine.formula import Formula
from llmcost.records import NamedTuple

if TYPE_CHECKING:
    from llmcost.engine.registry import Registry

SECTION: Final = "parts."
SHARE: Final = "parts.share"
Scope = Literal["anywhere", "part", "whole"]
"""Where a formula applies: in any scenario, only in parts, or only in scenarios that have parts."""


@lru_cache(maxsize=8192)
def split(name: str) -> tuple[str, str]:
    """Return the prefix of the part that a name belongs to, and the name inside that part.

    `parts.support.share` is the `parts.share` of `parts.support.`; a name outside parts belongs to ``.
    """
    prefix = ""
    while name.startswith(SECTION) and name.count(".") > 1:
        _, part, rest = name.split(".", 2)
        prefix += f"{SECTION}{part}."
        name = rest if "." in rest else SECTION + rest
    return prefix, name


def inside(prefix: str, name: str) -> str:
    """Return the full name of a part's quantity; the inverse of `split`."""
    if prefix and name.startswith(SECTION) and name.count(".") == 1:
        return prefix + name.removeprefix(SECTION)
    return prefix + name


class Over(NamedTuple):
    """How a whole's quantity follows from its parts: `function` takes one tuple of `columns` for each part.

    Only parts count that state something about the topic of `among`, or of the last column without one.
    """

    function: Callable[[Sequence[tuple[Any, ...]]], Any]
    columns: tuple[str, ...]
    about: str
    among: str | None = None

    def formula(self, name: str, prefixes: Sequence[str]) -> Formula:
        """Return it as a formula over the parts with these prefixes."""
        names = tuple(inside(prefix, column) for prefix in prefixes for column in self.columns)
        width = len(self.columns)

        def over(*values: Any) -> Any:
            return self.function([values[at : at + width] for at in range(0, len(values), width)])

        return Formula(name, over, names, frozenset(), self.about)


def added(rows: Sequence[tuple[Any, ...]]) -> Any:
    """Return the sum over the parts that have a value."""
    return add(*(value for (value,) in rows))


def averaged(rows: Sequence[tuple[Any, ...]]) -> Any:
    """Return the mean of the last column, weighted by the product of the other columns."""
    weights = [reduce(operator.mul, row[:-1]) for row in rows]
    return add(*(weight * row[-1] for weight, row in zip(weights, rows, strict=True))) / add(*weights)


def same(value: Any) -> Any:
    """Return a part's value where it is its whole's."""
    return value


def portion(whole: Any, own: Any, *shares: Any) -> Any:
    """Return a part's portion of the whole's volume: its own share over all parts' shares."""
    return whole * own / add(*shares)


def rest(*shares: Any) -> Any:
    """Return the share that the other parts leave over."""
    return 1 - add(*shares)


class Parts:
    """The parts that occur in the names of given quantities.

    Attributes:
        below: by the prefix of a whole, the names of its parts, sorted.
    """

    def __init__(self, given: Iterable[str]) -> None:
        found: dict[str, set[str]] = {}
        self._sections: dict[str, set[str]] = {}
        names = frozenset(given)
        inside = {name for name in names if name.startswith(SECTION)}
        self._own: dict[str, set[str]] = {"": {*names.difference(inside)}}
        for name in inside:
            prefix, base = split(name)
            self._own.setdefault(prefix, set()).add(base)
            while prefix:
                self._sections.setdefault(prefix, set()).add(base.partition(".")[0])
                # `parts.a.parts.b.` is the part b of `parts.a.`
                upper, _, part = prefix[:-1].rpartition(SECTION)
                found.setdefault(upper, set()).add(part)
                prefix = upper
        self.below: dict[str, tuple[str, ...]] = {key: tuple(sorted(parts)) for key, parts in found.items()}

    def own(self, prefix: str) -> set[str]:
        """Return the names stated by a whole or part itself, not by its parts."""
        return self._own.get(prefix, set())

    def of(self, prefix: str) -> tuple[str, ...]:
        """Return the prefix of each part of a whole."""
        return tuple(f"{prefix}{SECTION}{part}." for part in self.below.get(prefix, ()))

    def stating(self, prefix: str, sections: frozenset[str] | None) -> tuple[str, ...]:
        """Return the prefixes of the parts that state something in some sections; of all parts for None."""
        found = self.of(prefix)
        if sections is None:
            return found
        return tuple(prefix for prefix in found if not sections.isdisjoint(self._sections[prefix]))


class Rules:
    """How wholes follow from parts: what the vocabulary declares besides formulas.

    Attributes:
        formulas: by scope and quantity, formulas that apply only in parts, or only in wholes.
        over: by quantity, the ways in which it follows from the parts.
        volumes: quantities that a mix divides among its parts by their shares.
        topics: sections about the same thing; parts that state none of them do not count in its sums.
        lines: quantities that a part has none of unless it states them, so that sums may leave it out.
        without: quantities that a whole never has.
        unassumed: quantities without a default in parts.
    """

    def __init__(self) -> None:
        self.formulas: dict[Scope, dict[str, list[Formula]]] = {"part": {}, "whole": {}}
        self.over: dict[str, list[Over]] = {}
        self.volumes: frozenset[str] = frozenset()
        self.topics: tuple[frozenset[str], ...] = ()
        self.lines: frozenset[str] = frozenset()
        self.without: frozenset[str] = frozenset()
        self.unassumed: frozenset[str] = frozenset()

    def topic(self, name: str) -> frozenset[str] | None:
        """Return the sections about the same thing as a quantity; None if every part counts."""
        section = name.partition(".")[0]
        return next((topic for topic in self.topics if section in topic), None)


def routes(registry: Registry, name: str, parts: Parts) -> Sequence[Formula]:
    """Return the routes of a quantity in a scenario with parts, in the order in which they are tried."""
    prefix, base = split(name)
    rules = registry.rules
    own = registry.formulas.get(base, ())
    topic = rules.topic(base)
    assumed = [formula for formula in own if not formula.inputs]
    found = [formula for formula in own if formula.inputs]
    first: list[Formula] = []
    last: list[Formula] = []
    if parts.of(prefix):
        if base in rules.without:
            return []
        first += _of_whole(registry, prefix, base, parts)
        if topic is not None and parts.stating(prefix, topic):
            assumed = []  # defaults are for what nobody states, and the parts do state something
    if prefix:
        first += _of_part(prefix, base, parts, rules.volumes)
        last = _handed_down(registry, prefix, base)
        assumed = [] if base in rules.unassumed else assumed
        of_part = rules.formulas["part"].get(base, ())
        first += [_moved(formula, prefix) for formula in of_part if formula.stand_in is None]
        assumed = [*(formula for formula in of_part if formula.stand_in is not None), *assumed]
    return [*first, *(_moved(f, prefix) for f in found), *last, *(_moved(f, prefix) for f in assumed)]


def _of_whole(registry: Registry, prefix: str, base: str, parts: Parts) -> list[Formula]:
    """Return the formulas by which a whole's quantity follows from its parts."""
    rules = registry.rules
    found = [_moved(formula, prefix) for formula in rules.formulas["whole"].get(base, ())]
    ways = list(rules.over.get(base, ()))
    on_top = registry.ancestors(base) & parts.own(prefix) - rules.volumes
    if registry.quantities[base].adds and not any(registry.quantities[name].adds for name in on_top):
        ways.insert(0, Over(added, (base,), "All parts together"))
    for way in ways:
        members = parts.stating(prefix, rules.topic(way.among or way.columns[-1]))
        if not members:
            continue
        formula = way.formula(inside(prefix, base), members)
        if way.function is not added:
            found.append(formula)
        else:
            lines = base in rules.lines
            found.insert(0, formula._replace(optional=frozenset(formula.inputs)) if lines else formula)
    return found


def portions(name: str, parts: Parts, volumes: frozenset[str]) -> list[Formula]:
    """Return how a part of a mix gets a volume from the whole's, by its share; nothing for other quantities.

    A part that has parts is left out: there the sum of its own parts comes first.
    """
    prefix, base = split(name)
    alone = prefix and base in volumes and not parts.of(prefix)
    return _of_part(prefix, base, parts, volumes) if alone else []


def _of_part(prefix: str, base: str, parts: Parts, volumes: frozenset[str]) -> list[Formula]:
    """Return how a part of a mix gets its volume from its share, or its share from the others'."""
    upper = prefix[:-1].rpartition(SECTION)[0]
    name, above, own = inside(prefix, base), inside(upper, base), inside(prefix, SHARE)
    shares = tuple(inside(part, SHARE) for part in parts.of(upper))
    if base == SHARE and shares[1:]:
        others = tuple(item for item in shares if item != name)
        return [Formula(name, rest, others, frozenset(), "What the other parts leave", if_given=others)]
    if base in volumes:
        about = "The part's share of what the whole has"
        return [Formula(name, portion, (above, own, *shares), frozenset(), about, if_given=(above,))]
    return []


def _handed_down(registry: Registry, prefix: str, base: str) -> list[Formula]:
    """Return how a part takes a value from its whole, if it neither states nor can derive it."""
    if base not in registry.inputs or registry.quantities[base].adds or base.startswith(SECTION):
        return []
    above = inside(prefix[:-1].rpartition(SECTION)[0], base)
    return [
        Formula(inside(prefix, base), same, (above,), frozenset(), "What the whole states", if_given=(above,))
    ]


@lru_cache(maxsize=8192)
def _moved(formula: Formula, prefix: str) -> Formula:
    """Return a formula with its names inside a part."""

    def moved(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(inside(prefix, name) for name in names)

    return formula._replace(
        quantity=inside(prefix, formula.quantity),
        inputs=moved(formula.inputs),
        optional=frozenset(moved(formula.optional)),
        unless_given=moved(formula.unless_given),
        if_given=moved(formula.if_given),
    )


def quantities_inside(names: Iterable[str], parts: Parts) -> list[str]:
    """Return the names that some quantities have in each part."""
    prefixes = [f"{upper}{SECTION}{part}." for upper, below in parts.below.items() for part in below]
    return [inside(prefix, name) for prefix in sorted(prefixes) for name in names]

"""Parts of a whole: `parts.support.price.input_per_mtok` is the `price.input_per_mtok` of the part `support`.

A part has every quantity and formula that a scenario has, under its own names; parts may have parts. What the
whole has follows from its parts: sums of what adds up, means by the right weights, and then the formulas
themselves. So one plan leads from the figures of the parts to the whole, on every kind of number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from llmcost.engine.formula import Formula
from llmcost.records import NamedTuple

if TYPE_CHECKING:
    from llmcost.engine.registry import Registry

SECTION: Final = "parts."
SHARE: Final = "parts.share"
Scope = Literal["anywhere", "part", "whole"]
"""Where a formula serves: in any scenario, or only in what is a part, or has parts."""


@lru_cache(maxsize=8192)
def split(name: str) -> tuple[str, str]:
    """Return the part that a name belongs to, as what its names begin with, and the quantity there.

    `parts.support.share` is the `parts.share` of `parts.support.`; a name outside parts belongs to ``.
    """
    prefix = ""
    while name.startswith(SECTION) and name.count(".") > 1:
        _, part, rest = name.split(".", 2)
        prefix += f"{SECTION}{part}."
        name = rest if "." in rest else SECTION + rest
    return prefix, name


def inside(prefix: str, name: str) -> str:
    """Return the name of a part's quantity; the reverse of `split`."""
    if prefix and name.startswith(SECTION) and name.count(".") == 1:
        return prefix + name.removeprefix(SECTION)
    return prefix + name


class Over(NamedTuple):
    """What a whole has of its parts: `function` takes a tuple a part, of its quantities `columns`.

    The parts that count are those that state anything of the topic of `among`, or of the last column.
    """

    function: Callable[[Sequence[tuple[Any, ...]]], Any]
    columns: tuple[str, ...]
    about: str
    among: str | None = None

    def formula(self, name: str, prefixes: Sequence[str]) -> Formula:
        """Return it as a formula over some parts."""
        names = tuple(inside(prefix, column) for prefix in prefixes for column in self.columns)
        width = len(self.columns)

        def over(*values: Any) -> Any:
            rows = [tuple(values[at : at + width]) for at in range(0, len(values), width)]
            return self.function(rows)

        return Formula(name, over, names, frozenset(), self.about)


def added(rows: Sequence[tuple[Any, ...]]) -> Any:
    """Return the sum over all parts that have any."""
    return total([value for (value,) in rows if value is not None])


def averaged(rows: Sequence[tuple[Any, ...]]) -> Any:
    """Return the mean of the last column, by the product of the columns before it."""
    weights = [_product(row[:-1]) for row in rows]
    return total([weight * row[-1] for weight, row in zip(weights, rows, strict=True)]) / total(weights)


def total(values: Sequence[Any]) -> Any:
    """Return the sum of some numbers of any kind."""
    found = values[0]
    for value in values[1:]:
        found = found + value
    return found


def _product(values: Sequence[Any]) -> Any:
    found = values[0]
    for value in values[1:]:
        found = found * value
    return found


def same(value: Any) -> Any:
    """Return what a part takes over from its whole."""
    return value


def portion(whole: Any, own: Any, *shares: Any) -> Any:
    """Return a part's share of what the whole has, by its share among those of all parts."""
    return whole * own / total(shares)


def rest(*shares: Any) -> Any:
    """Return the share that the other parts leave."""
    return 1 - total(shares)


class Parts:
    """The parts that the names of what is given speak of.

    Attributes:
        below: by what the names of a whole begin with, its parts' names, sorted.
    """

    def __init__(self, given: Iterable[str]) -> None:
        found: dict[str, set[str]] = {}
        stated: dict[str, set[str]] = {}
        names = frozenset(given)
        inside = {name for name in names if name.startswith(SECTION)}
        self._own: dict[str, set[str]] = {"": {*names.difference(inside)}}
        for name in inside:
            prefix, base = split(name)
            self._own.setdefault(prefix, set()).add(base)
            while prefix:
                stated.setdefault(prefix, set()).add(base.partition(".")[0])
                # `parts.a.parts.b.` is the part b of `parts.a.`
                upper, _, part = prefix[:-1].rpartition(SECTION)
                found.setdefault(upper, set()).add(part)
                prefix = upper
        self.below: dict[str, tuple[str, ...]] = {key: tuple(sorted(parts)) for key, parts in found.items()}
        self._stated = stated

    def own(self, prefix: str) -> frozenset[str] | set[str]:
        """Return what is stated of a whole or part itself, not of its parts."""
        return self._own.get(prefix, frozenset())

    def of(self, prefix: str) -> tuple[str, ...]:
        """Return what the names of each part of a whole begin with."""
        return tuple(f"{prefix}{SECTION}{part}." for part in self.below.get(prefix, ()))

    def speaking(self, prefix: str, sections: frozenset[str] | None) -> tuple[str, ...]:
        """Return the parts of which anything of some sections is stated; all, without sections."""
        found = self.of(prefix)
        if sections is None:
            return found
        return tuple(part for part in found if not sections.isdisjoint(self._stated.get(part, ())))


class Rules:
    """How parts and wholes hang together: what the vocabulary says beside its formulas.

    Attributes:
        formulas: by scope and quantity, formulas that serve only in parts, or only in wholes.
        over: by quantity, how a whole has it from its parts.
        volumes: what a part of a mix has of the whole's, by its share.
        topics: sections that are about the same thing: a part that states none of them has no say in sums.
        lines: what adds up over the parts that have it, for a part that does not state it has none.
        without: what a whole does not have, whatever its parts have.
        unassumed: what nothing is assumed for in a part.
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
        """Return the sections that are about what a quantity is about; None where all are."""
        section = name.partition(".")[0]
        return next((topic for topic in self.topics if section in topic), None)


def routes(registry: Registry, name: str, parts: Parts) -> Sequence[Formula]:
    """Return the formulas by which a quantity of a scenario with parts may follow, in the order of trial."""
    prefix, base = split(name)
    rules = registry.rules
    own: list[Formula] = list(registry.formulas.get(base, ()))
    topic = rules.topic(base)
    assumed = [formula for formula in own if not formula.inputs]
    found = [formula for formula in own if formula.inputs]
    first: list[Formula] = []
    if parts.of(prefix):
        if base in rules.without:
            return []
        first += _of_whole(registry, prefix, base, parts)
        if topic is not None and parts.speaking(prefix, topic):
            assumed = []  # it is for where nothing is stated, and the parts do state something
    last: list[Formula] = []
    if prefix:
        first += _of_part(prefix, base, parts, rules.volumes)
        last = _handed_down(registry, prefix, base)
        assumed = [] if base in rules.unassumed else assumed
        of_part = rules.formulas["part"].get(base, ())
        first += [_moved(formula, prefix) for formula in of_part if formula.stand_in is None]
        assumed = [*(formula for formula in of_part if formula.stand_in is not None), *assumed]
    return [*first, *(_moved(f, prefix) for f in found), *last, *(_moved(f, prefix) for f in assumed)]


def _of_whole(registry: Registry, prefix: str, base: str, parts: Parts) -> list[Formula]:
    """Return how a whole has a quantity from its parts."""
    rules = registry.rules
    found = [_moved(formula, prefix) for formula in rules.formulas["whole"].get(base, ())]
    ways = list(rules.over.get(base, ()))
    on_top = registry.ancestors(base) & parts.own(prefix) - rules.volumes
    if registry.quantities[base].adds and not any(registry.quantities[name].adds for name in on_top):
        ways.insert(0, Over(added, (base,), "All parts together"))
    for way in ways:
        members = parts.speaking(prefix, rules.topic(way.among or way.columns[-1]))
        if members and way.function is added:
            formula = way.formula(inside(prefix, base), members)
            lines = base in rules.lines
            found.insert(0, formula._replace(optional=frozenset(formula.inputs)) if lines else formula)
        elif members:
            found.append(way.formula(inside(prefix, base), members))
    return found


def portions(name: str, parts: Parts, volumes: frozenset[str]) -> list[Formula]:
    """Return how a part of a mix has a volume by its share of the whole's; nothing for other quantities.

    What is itself a whole has the sum of its parts first.
    """
    prefix, base = split(name)
    alone = prefix and base in volumes and not parts.of(prefix)
    return _of_part(prefix, base, parts, volumes) if alone else []


def _of_part(prefix: str, base: str, parts: Parts, volumes: frozenset[str]) -> list[Formula]:
    """Return what a part of a mix has by its share."""
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
    """Return what a part takes from its whole, where it neither states it nor has what it follows from."""
    if base not in registry.inputs or registry.quantities[base].adds or base.startswith(SECTION):
        return []
    above = inside(prefix[:-1].rpartition(SECTION)[0], base)
    return [
        Formula(inside(prefix, base), same, (above,), frozenset(), "What the whole states", if_given=(above,))
    ]


@lru_cache(maxsize=8192)
def _moved(formula: Formula, prefix: str) -> Formula:
    """Return a formula as it is inside a part."""

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
    """Return what each part has a name for, of some quantities."""
    prefixes = [f"{upper}{SECTION}{part}." for upper, below in parts.below.items() for part in below]
    return [inside(prefix, name) for prefix in sorted(prefixes) for name in names]

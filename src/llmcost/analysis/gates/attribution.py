"""Why a metric moved: its change is divided among the inputs and formulas that changed.

Each input's part is its Shapley value: the difference it makes, averaged over all orders in which the inputs
could have changed one after the other. It is the only rule whose parts add up to the whole, which treats
equal inputs equally, and which gives nothing to inputs that make no difference (L. S. Shapley, "A value for
n-person games", 1953).

It needs a value for every set of inputs, so each additional input doubles the work. Above some number of
inputs, those that matter least are taken together, and their part is divided among them by two values for
each: the change it causes if it changes first, and if it changes last. The mean of the two is the Shapley
value as far as inputs act alone or in pairs; the rest is divided by the sizes of both. So an additional input
takes two more values, not twice as many; equal inputs stay equal, and the parts add up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import repeat
from typing import Final, Literal

from llmcost.analysis.gates.snapshot import reach
from llmcost.analysis.whatif.over_time import GridOverTime
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.plan import resolve
from llmcost.engine.symbols import graph_of
from llmcost.engine.trace import Given
from llmcost.engine.trace import evaluate as run
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario

EXACT: Final = 12
"""Inputs whose parts are Shapley values; of more, those that matter least are taken together."""
SEARCHED: Final = 8
"""The same if a search finds each value, which takes ten times as long."""
COURSES: Final = 6
"""The same if each value takes a whole projection, which is even slower."""
NOISE: Final = 1e-13
"""A part that is a smaller share of the metric is only rounding."""
WORTH_COMPILING: Final = 3
"""From this many groups on, compiling a plan for their coalitions pays."""

Values = Mapping[str, float]
Group = tuple[str, ...]
"""Inputs that are taken together."""
Marginal = Mapping[str, tuple[float, float] | None]
"""The change of a metric by each input: if it changes first, and if it changes last."""
Coalitions = list[float | None]
"""A metric's value for each set of groups that have changed; the bits of the index are the set."""


class Contribution(NamedTuple):
    """A part of a change, in the metric's unit, and the inputs or formulas that cause it.

    In an outcome of a projection, `projection` is the part that no input causes but its course, or code.
    """

    kind: Literal["input", "inputs", "formula", "projection", "all"]
    names: tuple[str, ...]
    change: float


class Change(NamedTuple):
    """A metric that moved, from one number to another."""

    metric: str
    old: float
    new: float


def attribute(
    changes: Iterable[Change], old: Values, new: Values, formulas: Mapping[str, Collection[str]]
) -> dict[str, tuple[Contribution, ...]]:
    """Return the parts of each change, largest first; they add up to it.

    Args:
        changes: the metrics that moved.
        old, new: the stated values before and after.
        formulas: by metric, the names of the formulas on the way to it whose code has changed.
    """
    moved = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    alike: dict[tuple[tuple[str, ...], int], list[Change]] = {}
    for change in changes:
        players = tuple(sorted(moved & reach(change.metric, {*old, *new})))
        most = SEARCHED if len(players) > SEARCHED and _is_searched(change.metric, old) else EXACT
        alike.setdefault((players, most), []).append(change)
    found: dict[str, tuple[Contribution, ...]] = {}
    for (players, most), together in alike.items():
        metrics = [change.metric for change in together]
        groups, marginals = _grouped(players, most, _valued(metrics, len(players)), old, new)
        tables = coalitions(groups, metrics, old, new)
        for change, marginal in zip(together, marginals, strict=False):
            ways = tuple(formulas.get(change.metric, ()))
            found[change.metric] = _in_order(_parts(change, groups, tables[change.metric], ways, marginal))
    return found


def _in_order(parts: Iterable[Contribution]) -> tuple[Contribution, ...]:
    return tuple(sorted(parts, key=lambda part: (-abs(part.change), part.names)))


def _parts(
    change: Change, groups: Sequence[Group], table: Coalitions, formulas: tuple[str, ...], marginal: Marginal
) -> list[Contribution]:
    """Divide one change: first the part of the formulas, at the old inputs, then those of the inputs."""
    everything = tuple(name for group in groups for name in group)
    start = table[0] if formulas else change.old
    if start is None:
        return [Contribution("all", (*formulas, *everything), change.new - change.old)]
    parts = (
        [Contribution("formula", formulas, start - change.old)] if formulas and start != change.old else []
    )
    table = [start, *table[1:-1], change.new] if groups else [start]
    if None in table:
        return [*parts, Contribution("inputs", everything, change.new - start)]
    values = [value for value in table if value is not None]
    return [*parts, *_shares(groups, values, marginal)]


def _shares(groups: Sequence[Group], table: Sequence[float], marginal: Marginal) -> list[Contribution]:
    """Divide the change of a metric among groups, and the part of a group among its inputs."""
    scale = max(map(abs, table))
    shares = zip(groups, shapley(table), strict=True)
    parts = (part for group, share in shares for part in _among(group, share, marginal, NOISE * scale))
    return [part for part in parts if abs(part.change) > NOISE * scale]


def _among(group: Group, share: float, marginal: Marginal, noise: float) -> list[Contribution]:
    """Divide the part of a group; it stays one part if an input's change is undefined, or none moves it.

    A change of at most `noise` is only rounding.
    """
    if len(group) == 1:
        return [Contribution("input", group, share)]
    made = [pair for name in group if (pair := marginal[name]) is not None]
    sizes = [size if (size := abs(first) + abs(last)) > noise else 0.0 for first, last in made]
    if len(made) < len(group) or not any(sizes):
        return [Contribution("inputs", group, share)]
    means = [(first + last) / 2 for first, last in made]
    each = (share - math.fsum(means)) / math.fsum(sizes)
    return [
        Contribution("input", (name,), mean + each * size)
        for name, mean, size in zip(group, means, sizes, strict=True)
    ]


def attribute_outcomes(
    changes: Sequence[Change], old: Values, new: Values, scenario: Scenario
) -> dict[str, tuple[Contribution, ...]]:
    """Return the parts of each change of a projection's outcomes; they add up to it.

    The stated values change from old to new in the projection of `scenario` as it is now; the outcome of the
    old values there, less the recorded one, is due to trajectories, events and code. There are no parts if
    inputs were added or removed, or if values on the way have no outcome.
    """
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    if not all(name in old and name in new for name in names):
        return {}
    metrics = [change.metric for change in changes]
    try:
        grid = GridOverTime(scenario, names, metrics)

        def at(given: Values) -> Sequence[float | None]:
            return grid.at([given[name] for name in names])

        groups, marginals = _grouped(names, COURSES, at, old, new)
        rows = [at(_given(groups, index, old, new)) for index in range(1 << len(groups))]
    except LlmcostError:
        # Inputs that cannot be moved alone cannot be told apart.
        return {}
    found = {}
    for change, column, marginal in zip(changes, zip(*rows, strict=True), marginals, strict=False):
        values = [value for value in column if value is not None]
        if len(values) < 1 << len(groups):
            continue
        values[-1] = change.new
        parts = _shares(groups, values, marginal)
        rest = values[0] - change.old
        if abs(rest) > NOISE * max(abs(change.old), *map(abs, values)):
            parts.append(Contribution("projection", (), rest))
        found[change.metric] = _in_order(parts)
    return found


def shapley(table: Sequence[float]) -> list[float]:
    """Return each player's Shapley value from the value of every coalition.

    `table[s]` is the value if the players in the bits of `s` have joined; there are 2^n entries. The sum of
    what a player adds to each coalition without it, weighted by the coalition's size, equals the sum over
    coalitions with it by one weight, less the sum over all coalitions by another.
    """
    count = len(table).bit_length() - 1
    joined, without = _weights(count)
    gained = [value - table[0] for value in table]
    weighted = [value * weight for value, weight in zip(gained, joined, strict=True)]
    common = math.fsum(value * weight for value, weight in zip(gained, without, strict=True))
    shares = []
    for _ in range(count):  # the last player's coalitions are the second half; then that player is summed out
        half = len(weighted) // 2
        first, second = weighted[:half], weighted[half:]
        shares.append(math.fsum(second) - common)
        weighted = [one + other for one, other in zip(first, second, strict=True)]
    return shares[::-1]


@cache
def _weights(count: int) -> tuple[list[float], list[float]]:
    """Return, for each coalition of `count` players, its weight for its members and its weight for all."""
    orders = math.factorial(count)
    # The share of all orders in which exactly some `size` players come before a certain one.
    later = [math.factorial(size) * math.factorial(count - size - 1) / orders for size in range(count)]
    without = [*later, 0.0]
    joined = [now + before for now, before in zip(without, [0.0, *later], strict=True)]
    sizes = [index.bit_count() for index in range(1 << count)]
    return [joined[size] for size in sizes], [without[size] for size in sizes]


def coalitions(
    groups: Sequence[Group], metrics: Sequence[str], old: Values, new: Values
) -> dict[str, Coalitions]:
    """Return each metric's value for every set of groups that have changed; None if it has none.

    Added or removed inputs change which formulas can be used, so sets that differ in them need their own
    plans.
    """
    names = [name for group in groups for name in group]
    if len(groups) >= WORTH_COMPILING and all(name in old and name in new for name in names):
        return _by_columns(groups, metrics, old, new)
    tables: dict[str, Coalitions] = {metric: [None] * (1 << len(groups)) for metric in metrics}
    alike: dict[frozenset[str], list[tuple[int, Values]]] = {}
    for index in range(1 << len(groups)):
        given = _given(groups, index, old, new)
        alike.setdefault(frozenset(given), []).append((index, given))
    for given_names, cases in alike.items():
        evaluate = _evaluating(given_names, metrics, len(cases))
        for index, given in cases:
            for metric, value in evaluate(given).items():
                tables[metric][index] = value
    return tables


def _by_columns(
    groups: Sequence[Group], metrics: Sequence[str], old: Values, new: Values
) -> dict[str, Coalitions]:
    """Do what `coalitions` does with a single plan, for groups that neither add nor remove an input."""
    size = 1 << len(groups)
    columns: dict[str, list[float]] = {}
    for place, group in enumerate(groups):
        run = 1 << place
        for name in group:
            columns[name] = ([old[name]] * run + [new[name]] * run) * (size // run // 2)
    fixed = {name: value for name, value in old.items() if name not in columns}
    plan = CompiledPlan(resolve(MODEL, old, metrics), fixed)
    passed = zip(*(columns[name] for name in plan.inputs), strict=True) if plan.inputs else [()] * size
    rows = zip(*map(plan, passed), strict=True)
    tables: dict[str, Coalitions] = {metric: [None] * size for metric in metrics}
    return tables | {name: list(column) for name, column in zip(plan.targets, rows, strict=True)}


def _given(groups: Sequence[Group], index: int, old: Values, new: Values) -> Values:
    given = dict(old)
    for place, group in enumerate(groups):
        if index >> place & 1:
            for name in group:
                if name in new:
                    given[name] = new[name]
                else:
                    given.pop(name, None)
    return given


def _evaluating(
    given: Collection[str], metrics: Sequence[str], times: int
) -> Callable[[Values], dict[str, float | None]]:
    if times < 1 << WORTH_COMPILING:

        def traced(values: Values) -> dict[str, float | None]:
            trace = run(MODEL, {name: Given(value) for name, value in values.items()}, metrics)
            return {name: node.value for name in metrics if (node := trace.nodes.get(name)) is not None}

        return traced
    plan = CompiledPlan(resolve(MODEL, given, metrics))

    def compiled(values: Values) -> dict[str, float | None]:
        return dict(zip(plan.targets, plan([values[name] for name in plan.inputs]), strict=True))

    return compiled


def _valued(metrics: Sequence[str], times: int) -> Callable[[Values], Sequence[float | None]]:
    """Return what works out some metrics, a number of times, whatever is given."""
    evaluate = cache(lambda names: _evaluating(names, metrics, times))

    def at(given: Values) -> Sequence[float | None]:
        found = evaluate(frozenset(given))(given)
        return [found.get(metric) for metric in metrics]

    return at


def _is_searched(metric: str, given: Values) -> bool:
    """Whether a metric, or a quantity on the way to it, is the root of a search."""
    return any(node.kind == "root" for node in graph_of(resolve(MODEL, given, [metric])).nodes)


def _grouped(
    names: Sequence[str], most: int, at: Callable[[Values], Sequence[float | None]], old: Values, new: Values
) -> tuple[list[Group], Iterable[Marginal]]:
    """Take the inputs that matter least together, if there are many; return the marginals too.

    An input matters as much as the largest relative change of a metric that it causes, first or last. Those
    that matter as much as the first of the group are in it too. `at` returns the metrics for given values.
    """
    if len(names) <= most:
        return [(name,) for name in names], repeat({})
    before, after = at(old), at(new)
    first = {name: at(_given([(name,)], 1, old, new)) for name in names}
    last = {name: at(_given([(name,)], 1, new, old)) for name in names}
    marginals: list[Marginal] = [
        {name: _made(was, first[name][place], last[name][place], now) for name in names}
        for place, (was, now) in enumerate(zip(before, after, strict=True))
    ]
    scales = [max(abs(was or 0.0), abs(now or 0.0)) or 1.0 for was, now in zip(before, after, strict=True)]
    matter = {
        name: max(
            math.inf if (pair := made[name]) is None else max(map(abs, pair)) / scale
            for made, scale in zip(marginals, scales, strict=True)
        )
        for name in names
    }
    ranked = sorted(names, key=lambda name: (-matter[name], name))
    apart, least = most - 1, matter[ranked[most - 1]]
    while apart and least < math.inf and math.isclose(matter[ranked[apart - 1]], least):
        apart -= 1
    return [*((name,) for name in ranked[:apart]), tuple(sorted(ranked[apart:]))], marginals


def _made(
    before: float | None, with_it: float | None, without: float | None, after: float | None
) -> tuple[float, float] | None:
    if before is None or with_it is None or without is None or after is None:
        return None
    return with_it - before, after - without

"""A plan over whole columns of points, with numpy, which is an optional extra.

The graph of the same formulas is written as code for columns. Only in columns is an undefined value NaN;
callers turn it into None and ask the float plan for the reason. Numpy does only what every machine rounds
alike: powers are computed point by point, so columns agree with floats to the last digit. Roots at many
points are found all at once if their solver has a version for columns, and agree to about 1e-13.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from typing import Any, ClassVar, Final

import numpy as np

from llmcost.engine.arithmetic import KINDS, ROUNDING, NumberKind
from llmcost.engine.compiled import Code
from llmcost.engine.plan import Plan
from llmcost.engine.roots import FAR, LEAP, WIDTH, Upward, on_columns
from llmcost.engine.symbols import COMPARISONS, Graph, Root, graph_of
from llmcost.engine.writing import ATOM, LEVELS, Text, write

Column = Any
"""A float array of one dimension, or a float that is the value at every point."""

MANY: Final = 512
"""From this many points on, roots are found all at once; fewer are as fast, and more exact, one by one."""


class ArrayPlan:
    """Runs one plan on columns.

    Attributes:
        inputs: names of the given values, in the order in which they are passed.
        targets: names of the results, in the order in which they are returned.
    """

    def __init__(self, plan: Plan, fixed: Mapping[str, float] | None = None) -> None:
        """Compile a plan; whatever depends only on `fixed` given values is computed right away."""
        numbers = {name: value for name, value in (fixed or {}).items() if name in plan.inputs}
        self.inputs = tuple(name for name in plan.inputs if name not in numbers)
        self.targets = plan.targets
        graph, code = for_columns(graph_of(plan, numbers)), ColumnCode(self.inputs)
        results = write(graph, code, [graph.quantities[name] for name in plan.targets])
        self._run: Callable[..., tuple[Column, ...]] = code.function(results)[1]

    def __call__(self, values: Sequence[Column]) -> tuple[Column, ...]:
        """Return the targets as columns, with NaN for undefined values."""
        with np.errstate(all="ignore"):
            results = self._run(*(np.float64(v) if isinstance(v, float) else v for v in values))
            return tuple(defined(column) for column in results)


def for_columns(graph: Graph) -> Graph:
    """Return a graph whose every node is one operation or call on columns.

    Floats raise an error on division by zero; columns go on with infinity. Whatever may be infinite becomes
    NaN before it divides anything, is compared or passed on, so that nothing finite follows from it. An
    expression of constants without a value is NaN at every point.
    """
    found = Graph()
    nan = found.put("constant", math.nan).place
    at: list[int] = []
    infinite: set[int] = set()

    def sound(places: Iterable[int]) -> tuple[int, ...]:
        return tuple(found.put("call", "defined", (p,)).place if p in infinite else p for p in places)

    def put(kind: Any, what: Any, parts: tuple[int, ...], *, may_be_infinite: bool = False) -> int:
        place = found.put(kind, what, parts).place
        if may_be_infinite:
            infinite.add(place)
        return place

    for kind, what, parts in graph.nodes:
        here = tuple(at[part] for part in parts)
        match kind:
            case "operation" if what in COMPARISONS:
                place = put(kind, what, sound(here))
            case "operation" | "call" if nan in here or all(
                found.nodes[part].kind == "constant" for part in here
            ):
                place = nan
            case "operation" if what == "/":
                place = put(kind, what, (here[0], *sound(here[1:])), may_be_infinite=True)
            case "operation" if what == "**":
                place = put("call", "power", sound(here))
            case "operation":
                place = put(kind, what, here, may_be_infinite=not infinite.isdisjoint(here))
            case "where":
                asked = (at[part] for part in _asked(graph, parts[0]))
                place = put("call", "chosen", (here[0], *sound((*here[1:], *asked))))
            case "guard":
                holds = reduce(lambda one, other: put("operation", "and", (one, other)), here[1:])
                place = put("call", "where", (holds, *sound(here[:1]), nan))
            case _:
                place = put(kind, what, sound(here))
        at.append(place)
    found.quantities = {name: at[place] for name, place in graph.quantities.items()}
    return found


def _asked(graph: Graph, place: int) -> Iterator[int]:
    """Yield the nodes that a condition compares."""
    node = graph.nodes[place]
    for part in node.parts:
        if node.what in COMPARISONS:
            yield part
        else:
            yield from _asked(graph, part)


class Columns(NumberKind):
    """Plain columns, in functions that do not raise errors at single points."""

    @staticmethod
    def where(condition: Column, yes: Column, no: Column) -> Column:
        return np.where(condition, yes, no)

    @staticmethod
    def least(*numbers: Column) -> Column:
        return reduce(np.minimum, numbers)

    @staticmethod
    def largest(*numbers: Column) -> Column:
        return reduce(np.maximum, numbers)

    @staticmethod
    def round_up(value: Column, step: Column) -> Column:
        return np.ceil(value / step - ROUNDING) * step

    @staticmethod
    def root(
        solve: Callable[..., float], residual: Callable[..., Any], arguments: Sequence[Column]
    ) -> Column:
        return roots(solve)(*arguments)


class Exact(np.ndarray):
    """An array whose powers are computed point by point."""

    def __pow__(self, exponent: Column) -> Column:  # type: ignore[override]
        return _power(self, exponent).view(Exact)

    def __rpow__(self, base: Column) -> Column:  # type: ignore[override]
        return _power(base, self).view(Exact)


def _power(base: Column, exponent: Column) -> Column:
    return point_by_point(pow, *np.broadcast_arrays(base, exponent))


def point_by_point(function: Callable[..., float], *columns: Column) -> Column:
    """Apply a function of floats to columns; numpy's own may differ from it in the last digit."""
    return np.fromiter(map(function, *(column.tolist() for column in columns)), float, columns[0].size)


KINDS[np.ndarray] = KINDS[Exact] = Columns


class ColumnCode(Code):
    """Lines of Python on columns."""

    signs: ClassVar[dict[str, str]] = {"and": "&", "or": "|"}
    levels: ClassVar[dict[str, int]] = {**LEVELS, "and": 3, "or": 3}

    def __init__(self, inputs: Sequence[str]) -> None:
        super().__init__(inputs)
        self.scope |= {name: getattr(Columns, name) for name in ("where", "least", "largest", "round_up")}
        self.scope |= {"nan": math.nan, "abs": np.abs, "defined": defined, "chosen": chosen}
        self.scope["power"] = each(pow)

    def root(self, root: Root, parts: Sequence[Text]) -> Text:
        return Text(f"{self.named(roots(root.solve))}({', '.join(part.text for part in parts)})", ATOM)


def roots(solve: Callable[..., float]) -> Callable[..., Column]:
    """Return a function that finds the same roots as `solve`, but for columns."""
    if isinstance(solve, Upward):
        return partial(_upward, solve)
    alone, twin = each(solve), on_columns(solve)

    def over(*columns: Column) -> Column:
        spread = np.broadcast_arrays(*columns)
        if spread[0].size < MANY:
            return alone(*spread)
        return twin(*(column.ravel() for column in spread)).reshape(spread[0].shape)

    return over


def defined(column: Column) -> Column:
    """Return a column with NaN in place of infinity."""
    if np.isfinite(np.sum(column)):
        return column
    return np.where(np.isfinite(column), column, np.nan)


def chosen(condition: Column, yes: Column, no: Column, *asked: Column) -> Column:
    """Return one column or the other; NaN where either, or a value that the condition uses, is undefined."""
    found: Column = np.where(condition, yes, no)
    for column in (yes, no, *asked):
        found = np.where(np.isnan(column), np.nan, found)
    return found


def each(function: Callable[..., Any]) -> Callable[..., Column]:
    """Return a function of floats as one of columns, with NaN where it or an argument has no value."""

    def at(*point: float) -> float:
        if any(map(math.isnan, point)):
            return math.nan
        try:
            value = function(*point)
        except ArithmeticError:
            return math.nan
        return math.nan if isinstance(value, complex) else value

    def over(*columns: Column) -> Column:
        spread = np.broadcast_arrays(*columns)
        points = zip(*(column.ravel().tolist() for column in spread), strict=True)
        return np.fromiter((at(*point) for point in points), float, spread[0].size).reshape(spread[0].shape)

    return over


def _upward(search: Upward, *columns: Column) -> Column:
    """Do the steps of `search` at all points at once."""
    shape = np.broadcast_shapes(*(np.shape(column) for column in columns))
    found = np.full(math.prod(shape), np.nan)
    varied = {
        number: np.broadcast_to(column, shape).ravel()
        for number, column in enumerate(columns)
        if np.ndim(column)
    }

    def at(x: Column, points: Column) -> Column:
        arguments = [varied[n][points] if n in varied else column for n, column in enumerate(columns)]
        return np.asarray(search.residual(x.view(Exact), *arguments))

    with np.errstate(all="ignore"):
        here, low, high = np.arange(found.size), np.ones(found.size), np.full(found.size, 2.0)
        at_low, at_high = at(low, here), np.full(found.size, np.nan)
        here = rising = here[at_low <= 0]
        while rising.size:
            rising = rising[high[rising] < search.most]
            at_high[rising] = at(high[rising], rising)
            rising = rising[at_high[rising] <= 0]
            low[rising], at_low[rising] = high[rising], at_high[rising]
            high[rising] *= np.where(high[rising] < FAR, 2.0, LEAP)
        found[here] = search.most
        here = here[high[here] < search.most]
        ends = (column[here] for column in (low, high, at_low, at_high))
        found[here] = _crossings(lambda x, live: at(x, here[live]), *ends)
    return found.reshape(shape)


def _crossings(
    function: Callable[[Column, Column], Column], low: Column, high: Column, at_low: Column, at_high: Column
) -> Column:
    """Do the steps of `crossing` for each pair of ends; `function` also takes the pairs that remain."""
    live, a, b, at_a, at_b = np.arange(low.size), high, low, at_high, at_low
    found = np.where(at_a == 0, a, np.where(at_b == 0, b, np.nan))
    left = np.isnan(found) & ((at_a < 0) != (at_b < 0))
    part = np.full(low.size, 0.5)
    for _ in range(200):
        live, a, b, at_a, at_b, part = (column[left] for column in (live, a, b, at_a, at_b, part))
        if not live.size:
            break
        x = a + part * (b - a)
        value = function(x, live)
        same = (value < 0) == (at_a < 0)
        c, at_c = Columns.where(same, a, b), Columns.where(same, at_a, at_b)
        b, at_b = Columns.where(same, b, a), Columns.where(same, at_b, at_a)
        a, at_a = x, value
        best = Columns.where(np.abs(at_a) < np.abs(at_b), a, b)
        found[live] = best
        least = WIDTH * np.maximum(1.0, np.abs(best)) / np.abs(b - a)
        left = (at_a != 0) & ~(least > 0.5)
        place, height = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
        curved = (height * height < place) & ((1 - height) * (1 - height) < 1 - place)
        curve = at_a / (at_b - at_a) * at_c / (at_b - at_c)
        curve = curve + (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
        part = np.minimum(np.maximum(np.where(curved, curve, 0.5), least), 1 - least)
    return found

"""The values of a varied input: `a,b,c`, `START:STOP:N` or `START:STOP:N:log`, checked as in a file."""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from llmcost.analysis.whatif.evaluate import inputs_of
from llmcost.analysis.whatif.grid import numpy_pays
from llmcost.engine.parts import SECTION, SHARE, Parts, inside, split
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError, Problem, each
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.parts import misplaced
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.number import (
    NotANumber,
    out_of_bounds,
    parse_number,
    parse_range,
    rise,
    rough_ends,
    shorten,
)

MOST_POINTS: Final = 50_000_000
MOST_ROUNDED: Final = 10_000
"""With up to this many values of an input, those between its ends are `tidy`."""
NOISE: Final = 1e-15
"""Relative: what a few operations on floats add."""
NAMED: Final = 6
"""Inputs that an error message names."""


class Axis(NamedTuple):
    """An input and its values: those `listed`, or evenly spaced ones from `start` to `stop`."""

    quantity: Quantity
    size: int
    listed: array[float] = array("d")
    start: float = 0.0
    stop: float = 0.0
    log: bool = False

    @property
    def name(self) -> str:
        """The input's name."""
        return self.quantity.name

    def value(self, index: int) -> float:
        """Return the value at a position, 0 to size − 1; the last is `stop` itself."""
        if self.listed:
            return self.listed[index]
        if index == self.size - 1:
            return self.stop
        part = index / (self.size - 1)
        if self.log:
            return float(self.start * (self.stop / self.start) ** part)
        return self.start + (self.stop - self.start) * part

    @property
    def ends(self) -> Sequence[float]:
        """The least and the greatest of its values; all of them, if one is not a number."""
        return _ends(self.listed) if self.listed else (self.start, self.stop)

    def column(self, start: int, stop: int, stride: int, *, columns: bool) -> Any:
        """Return the values at points start to stop of a grid that repeats each value `stride` times."""
        if not columns:
            return [self.value(index // stride % self.size) for index in range(start, stop)]
        import numpy as np

        places = np.arange(start, stop)
        if stride > 1:
            places //= stride
        if (stop - 1) // stride >= self.size:  # dividing takes longer than all else here
            places %= self.size
        if self.listed:
            return np.frombuffer(self.listed)[places]
        if self.log:  # numpy's powers differ in the last digit from those of floats
            distinct, back = np.unique(places, return_inverse=True)
            return np.fromiter(map(self.value, distinct.tolist()), float, distinct.size)[back]
        found = self.start + (self.stop - self.start) * (places / (self.size - 1))
        found[places == self.size - 1] = self.stop
        return found


def read_axis(text: str) -> Axis:
    """Read `PATH=SPEC`.

    Raises:
        LlmcostError: naming the option and what is wrong.
    """
    where = f"--vary {shorten(text, 80)}"
    name, equals, spec = (part.strip() for part in text.partition("="))
    if not equals or not spec:
        raise LlmcostError(
            Problem("expected PATH=SPEC, SPEC such as 0.1,0.5 or 0.1:0.9:9 or 1:100:5:log", where)
        )
    return axis(name, spec, where)


def tidy(value: float) -> float:
    """Return a number of up to 12 digits without the noise of floats: 0.3 for 0.30000000000000004."""
    short = float(f"{value:.12g}")
    return short if abs(value - short) <= NOISE * abs(short) else value


def bounds(between: tuple[float, float] | str, quantity: Quantity, where: str) -> tuple[float, float]:
    """Return the ends of `LOW to HIGH`, or two numbers, as far as a quantity may go there.

    Raises:
        LlmcostError: saying what is wrong with them.
    """
    try:
        low, high = parse_range(between, quantity, where) if isinstance(between, str) else between
    except NotANumber as error:
        raise LlmcostError(Problem(str(error), where)) from None
    fault = out_of_bounds(low, quantity) or out_of_bounds(high, quantity)
    if fault:
        raise LlmcostError(Problem(fault, where, subject=quantity.name))
    if not low < high:
        raise LlmcostError(Problem(f"goes from low to high, got {low:g} to {high:g}", where))
    return low, high


def axis(name: str, spec: str | Iterable[float], where: str) -> Axis:
    """Return the axis of an input from a SPEC or from numbers.

    Raises:
        LlmcostError: saying what is wrong with the name or the values.
    """
    quantity = MODEL.quantities.find(name)
    if quantity is None:
        raise LlmcostError(Problem(MODEL.unknown(shorten(name, 80), "input"), where))
    try:
        found = _read(quantity, spec) if isinstance(spec, str) else _listed(quantity, spec)
    except NotANumber as error:
        raise LlmcostError(Problem(str(error), where)) from None
    fault = next((fault for fault in (out_of_bounds(end, quantity) for end in found.ends) if fault), None)
    if fault:
        raise LlmcostError(Problem(fault, where, subject=name))
    return found


def _ends(values: array[float]) -> Sequence[float]:
    """Return the least and the greatest value, between which all others lie; all, if one is not finite."""
    if numpy_pays(len(values)):
        import numpy as np

        column = np.frombuffer(values)
        if np.isfinite(column.sum()):
            return float(column.min()), float(column.max())
    elif math.isfinite(sum(values)):
        return min(values), max(values)
    return values


def _listed(quantity: Quantity, values: Iterable[float]) -> Axis:
    own: Any = values
    if hasattr(own, "dtype"):
        listed = array("d", own.astype(float).tobytes())
    else:
        own = own if isinstance(own, list) else list(own)
        try:
            listed = array("d", own)
        except TypeError:
            listed = array("d", map(float, own))
    if not listed:
        raise NotANumber("there is no value")
    return Axis(quantity, len(listed), listed)


def _read(quantity: Quantity, spec: str) -> Axis:
    if ":" not in spec:
        ends = spec.split(" to ") if " to " in spec else rough_ends(spec) or ()
        if len(ends) == 2 and "," not in spec and rise(ends[0], ends[1], quantity):
            raise NotANumber(f"takes values, not a range; did you mean '{ends[0]}:{ends[1]}:9'?")
        return _listed(quantity, [parse_number(word, quantity, bounded=False) for word in spec.split(",")])
    start, stop, *rest = spec.split(":")
    if not 1 <= len(rest) <= 2:
        raise NotANumber("expected START:STOP:N or START:STOP:N:log")
    first, last = (parse_number(end, quantity, bounded=False) for end in (start, stop))
    count = parse_number(rest[0])
    if not count.is_integer() or count < 1:
        raise NotANumber(f"N must be a whole number of 1 or more, got {shorten(rest[0].strip())}")
    if len(rest) == 2 and rest[1].strip() != "log":
        raise NotANumber(f"expected 'log' or nothing after N, got '{shorten(rest[1])}'")
    log = len(rest) == 2
    if first == last:
        raise NotANumber("START and STOP are the same")
    if count == 1:
        raise NotANumber("N must be 2 or more to get from START to STOP; for one value write it alone")
    if log and min(first, last) <= 0:
        raise NotANumber("a log scale needs START and STOP above 0")
    found = Axis(quantity, int(count), start=first, stop=last, log=log)
    if found.size > MOST_ROUNDED:
        return found
    inner = (tidy(found.value(index)) for index in range(1, found.size - 1))
    return found._replace(listed=array("d", [first, *inner, last]))


def check_axes(axes: Sequence[Axis], scenarios: Sequence[Scenario]) -> None:
    """Refuse an input that is varied twice, and a derived metric that not every scenario states.

    Raises:
        LlmcostError: naming each.
    """
    problems: list[Problem] = []
    seen: set[str] = set()
    for item in axes:
        if item.name in seen:
            problems.append(Problem(f"{item.name} is varied twice", "--vary"))
        seen.add(item.name)
        if not is_input(item.name, scenarios):
            problems.append(Problem(not_an_input(item.name, scenarios), "--vary"))
        elif split(item.name)[1] == SHARE and not all(gives_way(one, item.name) for one in scenarios):
            message = "the shares of all parts would not add up to 100%"
            message += "; 'share: rest' in another part gives way"
            problems.append(Problem(message, "--vary", subject=item.name))
    if problems:
        raise LlmcostError(*problems)


def gives_way(scenario: Scenario, share: str) -> bool:
    """Whether another part of a mix takes the rest, so that a share can be varied alone."""
    upper = share.rpartition(f"{SECTION}")[0]
    siblings = Parts(scenario.data).of(upper)
    return any(inside(part, SHARE) not in scenario.data for part in siblings)


def is_input(name: str, scenarios: Sequence[Scenario]) -> bool:
    """Whether a quantity may be varied: an input, or a derived one that every scenario states."""
    return name in MODEL.inputs or all(name in scenario.data for scenario in scenarios)


def not_an_input(name: str, scenarios: Sequence[Scenario]) -> str:
    """Say that a quantity is derived, and from what, if that is known."""
    if wrong := next(filter(None, (misplaced(scenario, name) for scenario in scenarios)), ""):
        return f"{name}: {wrong}"
    if name not in MODEL.quantities:
        known = dict.fromkeys(rate for scenario in scenarios for rate in scenario.timeline.rates)
        return f"no trajectory states {name}" + (f"; there are {', '.join(known)}" if known else "")
    inputs = list(dict.fromkeys(item for scenario in scenarios for item in inputs_of(scenario, [name])))
    return f"{name} is derived; vary what it follows from{': ' if inputs else ''}{named(inputs)}"


def named(inputs: Sequence[str]) -> str:
    """Return some names, and how many more there are."""
    rest = f" and {len(inputs) - NAMED} more" if len(inputs) > NAMED else ""
    return f"{', '.join(inputs[:NAMED])}{rest}"


def read_axes(vary: Sequence[str] | Mapping[str, str | Iterable[float]]) -> list[Axis]:
    """Read every axis, from `PATH=SPEC` texts or a mapping.

    Raises:
        LlmcostError: with the problems of all of them.
    """
    if isinstance(vary, Mapping):
        return each(lambda item: axis(*item, f"--vary {item[0]}"), vary.items())
    return each(read_axis, vary)


def grid_size(axes: Sequence[Axis], *, zipped: bool) -> int:
    """Return the number of points of a grid.

    Raises:
        LlmcostError: if axes that move together differ in length.
    """
    if zipped:
        counts = {item.size for item in axes}
        if len(counts) > 1:
            told = ", ".join(f"{item.name} has {item.size}" for item in axes)
            raise LlmcostError(Problem(f"the inputs must have equally many values: {told}", "--zip"))
        return counts.pop() if counts else 1
    return math.prod(item.size for item in axes)


def corners_of(axes: Sequence[Axis], *, zipped: bool) -> Iterator[dict[str, float]]:
    """Yield the corners of a grid; if inputs move together, their first and last values."""
    ends = [(item.value(0), item.value(item.size - 1)) if zipped else item.ends for item in axes]
    for corner in zip(*ends, strict=True) if zipped else itertools.product(*ends):
        yield {item.name: value for item, value in zip(axes, corner, strict=True)}

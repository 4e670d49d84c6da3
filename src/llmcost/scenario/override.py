"""What is put in place of a scenario's own values: `--set PATH=VALUE`, and `set:` in a file."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from llmcost.engine.registry import BASES, Quantity, Registry
from llmcost.errors import LlmcostError, Option, Place, Problem
from llmcost.scenario.files.timeline import NO_INPUT
from llmcost.scenario.files.tree import Node, Scalar, compose_any
from llmcost.scenario.values.datum import Problems, out_of_bounds, read_series
from llmcost.scenario.values.number import LARGEST, SMALLEST, NotANumber, parse_number, shorten
from llmcost.scenario.values.provenance import Datum


class Override(NamedTuple):
    """One `PATH=VALUE`: a datum to put there, a factor on what is there, or (neither) its removal.

    `text` is what was written, and `place` where.
    """

    name: str
    place: Place
    datum: Datum | None = None
    factor: float | None = None
    text: str = ""

    @property
    def origin(self) -> str:
        """What a value owes to it: the option, or the line of a file."""
        return str(self.place._replace(column=None))

    def scaled(self, before: Datum, quantity: Quantity) -> Datum:
        """Return a datum multiplied by the factor, which is nobody's word any more but the asker's.

        Raises:
            LlmcostError: where the factor moves it out of the quantity's bounds, or out of the numbers.
        """
        assert self.factor is not None
        found = before.scaled(self.factor)
        for value in (found.value, found.low, found.high):
            fault = None if value is None else out_of_bounds(value, quantity)
            if value is not None and abs(value) > LARGEST:
                fault = f"is too large; the limit is {LARGEST:.0e}"
            elif value is not None and self.factor and before.value and abs(found.value) < SMALLEST:
                fault = f"is too close to zero; the limit is {SMALLEST:.0e}"
            if fault:
                raise LlmcostError(self.refusal(fault, self.name))
        basis = max(before.basis, "stated", key=BASES.index)
        return found.credited(f"{self.origin}, on {before.source}" if before.source else self.origin, basis)

    def refusal(self, message: str, subject: str | None = None) -> Problem:
        """Return a problem of it, at the option or where it stands in a file."""
        return Problem(message, *self.place, f"set {self.name}" if self.place.line is not None else subject)


_RELATIVE: Final = re.compile(
    r"^(?:(?P<times>[*/])\s*(?P<by>.+)|(?P<sign>[+-])\s*(?P<percent>[\d.,_]+)\s*%)$"
)
_NO_VALUE: Final = "a value is missing after '='; null removes what is there"


def read_override(text: str, registry: Registry) -> Override:
    """Read `PATH=VALUE`, VALUE as in YAML or relative: `*2`, `/2`, `+10%`, `-30%`; null removes.

    Raises:
        LlmcostError: naming the option, with every problem of the value.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    option = Option(f"--set {shorten(text, 80)}")
    problems = Problems(option, located=False)
    if not equals:
        problems.add(None, "expected PATH=VALUE, such as serving.utilization=0.5")
    elif name not in registry.quantities:
        problems.add(None, registry.unknown(shorten(name, 80)))
    elif name in registry.outcomes:
        problems.add(None, NO_INPUT, name)
    elif not value:
        problems.add(None, _NO_VALUE)
    else:
        override = _read(name, value, registry, problems)
        if override is not None:
            return override
    raise LlmcostError(*problems.found)


def override_of(key: Scalar, node: Node, registry: Registry, problems: Problems) -> Override | None:
    """Read one entry of a `set:` mapping, its problems noted at their places."""
    name = key.text
    if name not in registry.quantities:
        problems.add(key, registry.unknown(shorten(name, 80), hint=problems.few), "set")
        return None
    if name in registry.outcomes:
        problems.add(key, NO_INPUT, f"set {name}")
        return None
    text = node.text if isinstance(node, Scalar) else ""
    if isinstance(node, Scalar) and (node.is_null or _RELATIVE.match(text)):
        inner = Problems(problems.where, located=False)
        override = _read(name, "null" if node.is_null else text, registry, inner)
        for problem in inner.found:
            problems.add(node, problem.message, f"set {name}")
        return override and override._replace(place=problems.place(node))
    before = len(problems.found)
    series = read_series(node, registry.quantities[name], problems)
    if series is None or len(problems.found) > before:
        return None
    if series.first_date is not None:
        problems.add(node, "takes one value, not dated ones", f"set {name}")
        return None
    text = f"{name}={shorten(text or 'given')}"
    return Override(name, problems.place(node), datum=series.entries[-1][1], text=text)


def _read(name: str, value: str, registry: Registry, problems: Problems) -> Override | None:
    written = f"{name}={shorten(value)}"
    place = Place(problems.where)
    if value in ("null", "Null", "NULL", "~"):
        return Override(name, place, text=written)
    relative = _RELATIVE.match(value)
    if relative is None:
        try:
            node = compose_any(value, problems.where or "")
        except LlmcostError as error:
            for problem in error.problems:
                problems.add(None, problem.message, name)
            return None
        if node is None:
            problems.add(None, _NO_VALUE)
            return None
        series = read_series(node, registry.quantities[name], problems)
        if series is None or problems.found:
            return None
        if series.first_date is not None:
            problems.add(None, "takes one value, not dated ones", name)
            return None
        return Override(name, place, datum=series.entries[-1][1], text=written)
    try:
        return Override(name, place, factor=_factor(relative), text=written)
    except NotANumber as error:
        problems.add(None, str(error), name)
        return None


def _factor(relative: re.Match[str]) -> float:
    """Return what `*2`, `/2`, `+10%` or `-30%` multiplies by."""
    if relative["times"]:
        by = parse_number(relative["by"], percent=True)
        if by <= 0:
            raise NotANumber(f"the factor must be above 0, got {by:g}")
        return by if relative["times"] == "*" else 1 / by
    change = parse_number(relative["percent"], percent=False) / 100
    factor = 1 + change if relative["sign"] == "+" else 1 - change
    if factor < 0:
        raise NotANumber("cannot take away more than 100%")
    return factor

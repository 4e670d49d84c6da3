"""What is put in place of a scenario's own values: `--set PATH=VALUE`, `set:` in a file, and variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from llmcost.engine.registry import BASES, Quantity
from llmcost.errors import LlmcostError, Option, Place, Problem
from llmcost.formulas import MODEL
from llmcost.scenario.files.format import At, Kind, Others, Problems, not_stated
from llmcost.scenario.files.kinds import quantities
from llmcost.scenario.files.tree import Node, Scalar, compose_any
from llmcost.scenario.files.value import VALUE
from llmcost.scenario.values.datum import Datum, fixed_rates
from llmcost.scenario.values.grammar import in_range
from llmcost.scenario.values.growth import parse_growth
from llmcost.scenario.values.number import NotANumber, out_of_bounds, parse_number, shorten
from llmcost.scenario.values.provenance import Provenance


class Relative(NamedTuple):
    """What changes a value: `*2`, `/2`, `+10%` and `-30%` scale it, `+5B` and `-1B` add to it."""

    kind: Literal["scale", "add"]
    amount: float


def relative(
    text: str, quantity: Quantity, rates: Mapping[str, float], *, takes: bool = False
) -> Relative | None:
    """Read what changes a value; None for anything else. `takes` tells whether -1B does: it may be a value.

    Raises:
        NotANumber: for a factor that is not above 0, and for less than nothing.
    """
    sign, rest = text[:1], text[1:].strip()
    if sign in ("*", "/") and rest:
        by = parse_number(rest)
        if by <= 0:
            raise NotANumber(f"the factor must be above 0, got {by:g}")
        return Relative("scale", by if sign == "*" else 1 / by)
    if sign not in ("+", "-") or not (rest[:1].isdecimal() or rest[:1] in "$€£¥."):
        return None
    if rest.endswith("%"):
        change = parse_number(f"{sign}{rest}")
        if change < -1:
            raise NotANumber("cannot take away more than 100%")
        return Relative("scale", 1 + change)
    if sign == "-" and not takes:
        return None
    return Relative("add", parse_number(f"{sign}{rest}", quantity, rates=rates, bounded=False))


class Override(NamedTuple):
    """A datum to put in place of what is there, a change of it, or (neither) its removal.

    `months` are those of the period of a growth, where one is written; else it is that of the scenario's own.
    `text` is what was written, and `place` where; `origin` is what a value owes to it, and `subject` what
    messages about it begin with.
    """

    name: str
    place: Place
    datum: Datum | None = None
    months: int | None = None
    change: Relative | None = None
    text: str = ""
    origin: str = ""
    subject: str | None = None

    @property
    def said(self) -> str:
        """What was asked for, as it is told: the option, or the entry of a `set:` in a file."""
        return str(self.place) if self.place.line is None else f"set {self.text}"

    def changed(self, before: Datum, quantity: Quantity) -> Datum:
        """Return a datum scaled or added to, which is nobody's word any more but the asker's.

        Raises:
            LlmcostError: where the change moves it out of the quantity's bounds, or out of the numbers.
        """
        assert self.change is not None
        found = before.changed(*self.change)
        for value in (found.value, found.low, found.high):
            try:
                fault = None if value is None else out_of_bounds(in_range(value), quantity)
            except NotANumber as error:
                fault = str(error)
            if fault:
                raise LlmcostError(self.refusal(fault, self.name))
        basis = max(before.basis, "stated", key=BASES.index)
        return found.credited(f"{self.origin}, on {before.source}" if before.source else self.origin, basis)

    def refusal(self, message: str, subject: str | None = None) -> Problem:
        """Return a problem of it, at the option or where it stands in a file."""
        return Problem(message, *self.place, self.subject if self.place.line is not None else subject)


def _override(node: Node, at: At) -> Override | None:
    quantity = at.quantity
    assert quantity is not None
    written = node.text.strip() if isinstance(node, Scalar) else "given"
    text = f"{quantity.name}={shorten(written)}"
    place = at.place(node)
    core = Override(
        quantity.name, place, text=text, origin=str(place._replace(column=None)), subject=at.subject
    )
    if isinstance(node, Scalar) and node.is_null:
        return core._replace(text=f"{quantity.name}=null")
    try:
        if quantity.section == "trajectory" and isinstance(node, Scalar) and "/" in written[1:]:
            growth = parse_growth(written)
            value, low, high = growth.rate[:3]
            rate = Datum(value, low, high, text=written, provenance=Provenance(place=at.place(node)))
            return core._replace(datum=rate, months=growth.months)
        rates = fixed_rates(at.problems.exchange)
        change = relative(written, quantity, rates) if isinstance(node, Scalar) else None
    except NotANumber as error:
        at.refuse(node, str(error))
        return None
    if change is not None:
        return core._replace(change=change)
    before = len(at.problems.found)
    series = VALUE.read(node, at)
    if series is None or len(at.problems.found) > before:
        return None
    if series.first_date is not None:
        at.refuse(node, "takes one value, not dated ones")
        return None
    return core._replace(datum=series.entries[-1][1])


OVERRIDE: Final = Kind("a value, what changes it (*2, +10%, +5B), or null", _override, VALUE.model)
SET: Final = quantities(
    "Set",
    "a mapping from quantities to values, such as {serving.utilization: 50%}",
    Others(OVERRIDE, prefixed=True, rates=True),
)
_NO_VALUE: Final = "a value is missing after '='; null removes what is there"


def read_override(text: str) -> Override:
    """Read `PATH=VALUE`, VALUE as in YAML or relative: `*2`, `/2`, `+10%`, `-30%`, `+5B`; null removes.

    Raises:
        LlmcostError: naming the option, with every problem of the value.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    problems = Problems(Option(f"--set {shorten(text, 80)}"), located=False)
    quantity = MODEL.quantities.find(name)
    if not equals:
        problems.add(None, "expected PATH=VALUE, such as serving.utilization=0.5")
    elif quantity is None:
        problems.add(None, MODEL.unknown(shorten(name, 80)))
    elif (why := not_stated(name)) is not None:
        problems.add(None, why, name)
    else:
        # To YAML, a star begins an alias.
        node = Scalar(value, True, 1, 1) if value[:1] == "*" else _composed(value, name, problems)
        if node is None and not problems.found:
            problems.add(None, _NO_VALUE)
        override = None if node is None else _override(node, At(problems, name, "", quantity))
        if override is not None:
            return override
    raise LlmcostError(*problems.found)


def _composed(value: str, name: str, problems: Problems) -> Node | None:
    if value in ("null", "Null", "NULL", "~"):
        return Scalar(value, True, 1, 1)
    try:
        return compose_any(value, problems.where or "")
    except LlmcostError as error:
        for problem in error.problems:
            problems.add(None, problem.message, name)
        return None

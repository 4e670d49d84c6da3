"""Reads overrides: `--set PATH=VALUE`, and `set:` in a file."""

from __future__ import annotations

from typing import Final

from llmcost.errors import LlmcostError, Option
from llmcost.formulas import MODEL
from llmcost.scenario.files.format import Kind, Others, not_stated
from llmcost.scenario.files.kinds import quantities
from llmcost.scenario.files.problems import At, Problems
from llmcost.scenario.files.tree import Node, Scalar, compose_any
from llmcost.scenario.files.value import VALUE
from llmcost.scenario.fill import FILLS
from llmcost.scenario.override import Override, relative
from llmcost.scenario.values.datum import Datum, Provenance
from llmcost.scenario.values.growth import parse_growth
from llmcost.scenario.values.number import NotANumber, shorten


def _override(node: Node, at: At) -> Override | None:
    quantity = at.stated
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
        rates = at.problems.fixed
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
    elif name in {fill.key for fill in FILLS}:
        problems.add(None, f"'{name}' names another scenario; set it in the file or in a variant")
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

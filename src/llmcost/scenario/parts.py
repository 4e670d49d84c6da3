"""A scenario put together of its parts: their values under their names, and whether they make a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from llmcost.engine.parts import SECTION, SHARE, inside
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.scenario.part import REST, Part
from llmcost.scenario.values.datum import Datum, Series

if TYPE_CHECKING:
    from llmcost.scenario.settled import Scenario

ROUNDING: Final = 1e-6
"""How far shares may be from 100 % together: as far as they are rounded when they are worked out."""
NO_SIZE: Final = frozenset(("product.fixed_cost_per_month", "serving.fixed_cost_per_month"))
"""What adds up and still tells nothing of how much of something there is."""


class Settled(NamedTuple):
    """A part with its scenario, on the day that is asked for."""

    name: str
    part: Part
    scenario: Scenario
    share: Datum | str | None


def put_together(scenario: Scenario, settle: Callable[[str, Part], Scenario]) -> Scenario:
    """Return a scenario with the values of its parts.

    What the scenario states of a part itself, such as a variant's `parts.support.share`, comes first.

    Args:
        settle: finds and settles the scenario of a part.

    Raises:
        LlmcostError: with everything that is wrong with the parts, each where it is written.
    """
    problems: list[Problem] = []
    found: list[Settled] = []
    for name, part in scenario.parts.items():
        try:
            found.append(Settled(name, part, settle(name, part), _on(part.share, scenario.as_of)))
        except LlmcostError as error:
            problems += error.problems
    if not problems:
        problems = [*_misfits(found), *_unknown(scenario)]
    if problems:
        raise LlmcostError(*problems)
    mix = any(item.share is not None for item in found)
    data: dict[str, Datum] = {}
    absent: dict[str, str] = {}
    for item in found:
        prefix = f"{SECTION}{item.name}."
        own = {name: datum for name, datum in item.scenario.data.items() if name in MODEL.quantities}
        if mix:
            own = {name: datum for name, datum in own.items() if name not in MODEL.rules.volumes}
        data |= {inside(prefix, name): datum for name, datum in own.items()}
        absent |= {inside(prefix, name): why for name, why in item.scenario.absent.items()}
        if isinstance(item.share, Datum):
            data[inside(prefix, SHARE)] = item.share
        cost = _on(item.part.cost, scenario.as_of)
        if isinstance(cost, Datum):
            data[f"{prefix}cost_per_month"] = cost
    stated = [name for name in scenario.data if name.endswith(".share") and name in data]
    whole = scenario._replace(
        data={**data, **scenario.data},
        absent={**absent, **scenario.absent},
        of={f"{SECTION}{item.name}.": item.scenario for item in found},
    )
    return give_way(whole, stated) if stated else whole


def _on(series: Series | str | None, day: dt.date | None) -> Datum | str | None:
    if not isinstance(series, Series):
        return series
    found = series.at(day)
    return found if isinstance(found, Datum) else None


def _misfits(parts: list[Settled]) -> list[Problem]:
    """Say what keeps parts from making a whole: they have shares that add up, or each has a volume."""
    found: list[Problem] = []

    def refuse(item: Settled, message: str) -> None:
        found.append(Problem(message, *item.part.place, f"parts: {item.name}"))

    shared = [item for item in parts if item.share is not None]
    for item in parts if shared else ():
        volumes = [name for name in item.part.set if name in MODEL.rules.volumes]
        if item.share is None:
            message = f"has no share, and {shared[0].name} has one; all parts have a share, or none has"
            refuse(item, f"{message} ('share: rest' takes what the others leave)")
        elif volumes:
            override = item.part.set[volumes[0]][-1]
            message = f"has a share, and {volumes[0]} as well; a part of a mix has its share of the whole's"
            found.append(Problem(message, *override.place, f"parts: {item.name}"))
        elif _is_product(item) != _is_product(parts[0]):
            what = "a product" if _is_product(item) else "no product"
            message = f"is {what}, unlike {parts[0].name}: their shares would be of different things"
            refuse(item, f"{message}; state a volume of each in place of shares")
    for item in parts if not shared else ():
        if not any(_is_size(name) for name in item.scenario.data) and item.part.cost is None:
            message = "has neither a share nor a volume; state 'share: …' in all parts, or in 'set' of this"
            refuse(item, f"{message} one such as traffic.tokens_per_day or product.units_per_month")
    if shared and not found:
        found += _not_all(shared)
    lengths = {item.scenario.data.get("company.period_months") for item in parts if _is_company(item)}
    months = {12.0 if datum is None else datum.value for datum in lengths}
    if len(months) > 1:
        last = next(item for item in parts if _is_company(item))
        told = " and ".join(f"{length:g}" for length in sorted(months))
        refuse(last, f"the companies' figures are of {told} months; parts have one company.period_months")
    return found


def _not_all(shared: list[Settled]) -> list[Problem]:
    """Say that shares do not make a whole."""
    rests = [item for item in shared if item.share == REST]
    if len(rests) > 1:
        message = f"only one part takes what the others leave; {rests[0].name} does already"
        return [Problem(message, *rests[1].part.place, f"parts: {rests[1].name}")]
    stated = [item.share for item in shared if isinstance(item.share, Datum)]
    together = sum(datum.value for datum in stated)
    if together > 1 + ROUNDING or (not rests and together < 1 - ROUNDING):
        hint = "" if rests or together > 1 else "; 'share: rest' takes what the others leave"
        message = f"the shares of all parts add up to {together * 100:.6g}%, not to 100%{hint}"
        return [Problem(message, *stated[-1].place, f"parts: {shared[-1].name}")]
    return []


def _is_product(item: Settled) -> bool:
    return any(name.startswith("product.") for name in item.scenario.data)


def _is_company(item: Settled) -> bool:
    return any(name.startswith(("revenue.", "cost.")) for name in item.scenario.data)


def _is_size(name: str) -> bool:
    quantity = MODEL.quantities.get(name)
    return quantity is not None and quantity.adds and name not in NO_SIZE and quantity.section != "training"


def _unknown(scenario: Scenario) -> list[Problem]:
    """Say what is stated of parts that there are not."""
    return [
        Problem(unknown_part(scenario, name), *scenario.data[name].place, name)
        for name in scenario.data
        if unknown_part(scenario, name)
    ]


def unknown_part(scenario: Scenario, name: str) -> str:
    """Say that a name is of a part that there is not; nothing where there is."""
    if not name.startswith(SECTION) or name.count(".") < 2:
        return ""
    part = name.split(".")[1]
    if part in scenario.parts:
        return ""
    known = ", ".join(scenario.parts)
    return f"{scenario.label} has no part '{part}'; " + (f"it has {known}" if known else "it has no parts")


def give_way(scenario: Scenario, stated: list[str]) -> Scenario:
    """Return a mix in which the shares that are not among those `stated` fill what these leave.

    They keep their proportions. A part that takes the rest does so by itself.

    Raises:
        LlmcostError: where that is less than nothing, or nobody is left to fill it.
    """
    upper = stated[-1].split(".")[:-2]
    siblings = [name for name in scenario.data if name.split(".")[:-2] == upper and name.endswith(".share")]
    siblings = [name for name in siblings if name.count(".") == stated[-1].count(".")]
    fixed = sum(scenario.data[name].value for name in siblings if name in stated)
    others = [name for name in siblings if name not in stated]
    depth = len(upper)
    parts = scenario.parts if depth == 1 else {}
    rest = any(part.share == REST for part in parts.values())
    left = 1 - fixed
    if rest:
        left -= sum(scenario.data[name].value for name in others)
        if left >= -ROUNDING:
            return scenario
    before = sum(scenario.data[name].value for name in others)
    if left < -ROUNDING or (left > ROUNDING and before <= 0):
        message = (
            f"the shares of all parts add up to {(fixed + (before if rest else 0)) * 100:.6g}%, not to 100%"
        )
        raise LlmcostError(Problem(message, *scenario.data[stated[-1]].place, stated[-1]))
    factor = max(left, 0.0) / before if before > 0 else 1.0
    if rest or factor == 1:
        return scenario
    return scenario.with_data({name: scenario.data[name].changed("scale", factor) for name in others})

"""A scenario put together of its parts: their values under their names, and whether they make a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from collections.abc import Mapping as Map
from typing import TYPE_CHECKING, Final

from llmcost.engine.parts import SECTION, SHARE, inside, split
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.formulas.parts import OWN_FLEET
from llmcost.records import NamedTuple
from llmcost.scenario.part import REST, Part
from llmcost.scenario.values.datum import Datum, Series
from llmcost.scenario.values.provenance import Provenance

if TYPE_CHECKING:
    from llmcost.scenario.settled import Scenario

ROUNDING: Final = 1e-6
"""How far shares may be from 100% together: as far as they are rounded when they are worked out."""
NO_SIZE: Final = frozenset(("product.fixed_cost_per_month", "serving.fixed_cost_per_month"))
"""What adds up and still tells nothing of how much of something there is."""

SERVERS: Final = frozenset(("company", "product", "infrastructure"))
"""Kinds that serve with their parts; other wholes are bills, which buy them."""
BILLED: Final = Provenance(
    source="llmcost: your own fleet", note="None is stated, so all traffic of the fleet counts as billed."
)

BOUGHT: Final = Provenance(
    source="llmcost: a model that you buy", note="What is bought brings no revenue itself."
)
BRINGING: Final = frozenset(("price", "product", "revenue", "cost"))
"""Sections of what a part may bring something by."""


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
        problems = _misfits(found)
    scenario = scenario._replace(of={f"{SECTION}{item.name}.": item.scenario for item in found})
    if not problems:
        problems = _misplaced(scenario)
    if problems:
        raise LlmcostError(*problems)
    mix = any(item.share is not None for item in found)
    data: dict[str, Datum] = {}
    absent: dict[str, str] = {}
    for item in found:
        prefix = f"{SECTION}{item.name}."
        own = {name: datum for name, datum in item.scenario.data.items() if name in MODEL.quantities}
        own = _whose_fleet(scenario, item, own)
        if mix:
            own = {name: datum for name, datum in own.items() if name not in MODEL.rules.volumes}
        data |= {inside(prefix, name): datum for name, datum in own.items()}
        absent |= {inside(prefix, name): why for name, why in item.scenario.absent.items()}
        if isinstance(item.share, Datum):
            data[inside(prefix, SHARE)] = item.share
        cost = _on(item.part.cost, scenario.as_of)
        if isinstance(cost, Datum):
            data[f"{prefix}cost_per_month"] = cost
    data |= _sold_by_others(found, data)
    stated = [name for name in scenario.data if name.startswith(SECTION) and name.endswith(".share")]
    whole = scenario._replace(data={**data, **scenario.data}, absent={**absent, **scenario.absent})
    for name in stated:
        whole = give_way(whole, [*stated, name])
    return whole


def _whose_fleet(whole: Scenario, item: Settled, own: dict[str, Datum]) -> dict[str, Datum]:
    """Return what a part states, with whose fleet it runs on told by what is stated of it.

    A bill is of models, which are bought at their price, on a fleet that is their seller's. An
    `infrastructure` is one's own fleet, as is all that a company or product serves, and what a part's `set`
    says of a fleet: its bill is the cost, and its price is what others pay, of all tokens or of a
    `traffic.billed_share`.
    """
    runs = whole.kind in SERVERS or item.scenario.kind == "infrastructure"
    if not runs and not any(name.startswith("serving.") for name in item.part.set):
        return {name: datum for name, datum in own.items() if name not in OWN_FLEET}
    served = any(name.startswith("serving.") for name in (*own, *whole.data))
    if not served or item.scenario.parts or "traffic.billed_share" in own:
        return own
    return own | {"traffic.billed_share": Datum(1.0, provenance=BILLED._replace(place=item.part.place))}


def _sold_by_others(parts: list[Settled], data: Map[str, Datum]) -> dict[str, Datum]:
    """Return that what is bought beside fleets whose tokens are sold brings nothing itself."""
    prefixes = {f"{SECTION}{item.name}.": item for item in parts}
    sells = {prefix for prefix in prefixes if f"{prefix}traffic.billed_share" in data}
    return {
        f"{prefix}revenue_per_month": Datum(0.0, provenance=BOUGHT._replace(place=item.part.place))
        for prefix, item in prefixes.items()
        if sells and prefix not in sells and not item.scenario.parts
        if {"price"} == {name.partition(".")[0] for name in item.scenario.data} & BRINGING
    }


def _on(series: Series | str | None, day: dt.date | None) -> Datum | str | None:
    return series.in_force(day) if isinstance(series, Series) else series


def _misfits(parts: list[Settled]) -> list[Problem]:
    """Say what keeps parts from making a whole: they have shares that add up, or each has a volume."""
    found: list[Problem] = []

    def refuse(item: Settled, message: str) -> None:
        found.append(Problem(message, *item.part.place, f"parts: {item.name}"))

    shared = [item for item in parts if item.share is not None]
    for item in parts if shared else ():
        volumes = [name for name in item.part.set if name in MODEL.rules.volumes]
        if item.share is None:
            message = f"has no share, and {shared[0].name} has one; either all parts have a share, or none"
            refuse(item, f"{message} ('share: rest' takes what the others leave)")
        elif volumes:
            override = item.part.set[volumes[0]][-1]
            message = f"has a share, and {volumes[0]} as well; in a mix, parts have only shares"
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


def _misplaced(scenario: Scenario) -> list[Problem]:
    """Say what is stated of parts, or of their shares, that there are not."""
    return [
        Problem(why, *scenario.data[name].place, name)
        for name in scenario.data
        if (why := misplaced(scenario, name))
    ]


def misplaced(scenario: Scenario, name: str) -> str:
    """Say that a name is of a part that there is not, or of the share of one that has a volume of its own."""
    whole, base = scenario, name
    while base.startswith(SECTION) and base.count(".") > 1:
        _, part, base = base.split(".", 2)
        if part not in whole.parts:
            known = ", ".join(whole.parts)
            return f"{whole.label} has no part '{part}'; it has {known or 'no parts'}"
        if base == "share" and all(item.share is None for item in whole.parts.values()):
            told = f"the parts of {whole.label} have volumes of their own, and no shares"
            return f"{told}; to make it a mix, state 'share: …' in each"
        whole = whole.of.get(f"{SECTION}{part}.", whole)
    return ""


def give_way(scenario: Scenario, stated: list[str]) -> Scenario:
    """Return a mix in which the shares that are not among those `stated` fill what these leave.

    They keep their proportions. A part that takes the rest does so by itself, unless its share is stated.

    Raises:
        LlmcostError: where that is less than nothing, or nobody is left to fill it.
    """
    last = stated[-1]
    upper = split(last)[0][:-1].rpartition(SECTION)[0]
    whole = scenario
    for part in upper.removesuffix(".").replace(SECTION, "").split(".") if upper else ():
        whole = whole.of[f"{SECTION}{part}."]
    shares = {inside(f"{upper}{SECTION}{name}.", SHARE): part.share for name, part in whole.parts.items()}
    if last not in scenario.data:
        return scenario
    fixed = sum(scenario.data[name].value for name in shares if name in stated and name in scenario.data)
    others = [name for name in shares if name not in stated and name in scenario.data]
    before = sum(scenario.data[name].value for name in others)
    rest = any(share == REST and name not in stated for name, share in shares.items())
    left = 1 - fixed - (before if rest else 0)
    if left < -ROUNDING or (left > ROUNDING and before <= 0 and not rest):
        message = f"the shares of all parts add up to {(1 - left) * 100:.6g}%, not to 100%"
        raise LlmcostError(Problem(message, *scenario.data[last].place, last))
    factor = max(left, 0.0) / before if before > 0 else 1.0
    if rest or factor == 1:
        return scenario
    return scenario.with_data({name: scenario.data[name].changed("scale", factor) for name in others})

"""Builds a scenario from its parts: collects their values, and checks that they make a whole."""

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
from llmcost.scenario.values.datum import Datum, Provenance, Series

if TYPE_CHECKING:
    from llmcost.scenario.settled import Scenario

ROUNDING: Final = 1e-6
"""How far the sum of shares may be from 100%, because of rounding."""
NO_SIZE: Final = frozenset(("product.fixed_cost_per_month", "serving.fixed_cost_per_month"))
"""Quantities that add up but say nothing about volume."""

SERVERS: Final = frozenset(("company", "product", "infrastructure"))
"""Kinds of wholes that serve with their parts; any other is a bill, which buys them."""
BILLED: Final = Provenance(
    source="llmcost: your own fleet", note="None is stated, so all traffic of the fleet counts as billed."
)

BOUGHT: Final = Provenance(
    source="llmcost: a model that you buy", note="What is bought brings no revenue itself."
)
BRINGING: Final = frozenset(("price", "product", "revenue", "cost"))
"""Sections that may earn something."""


class Settled(NamedTuple):
    """A part with its scenario and share, on the day in question."""

    name: str
    part: Part
    scenario: Scenario
    share: Datum | str | None


def put_together(scenario: Scenario, settle: Callable[[str, Part], Scenario]) -> Scenario:
    """Return a scenario with the values of its parts.

    The scenario's own statements about parts, such as a variant's `parts.support.share`, take precedence.

    Args:
        settle: finds and settles the scenario of a part.

    Raises:
        LlmcostError: with everything that is wrong with the parts, each at its place.
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
    """Return the values of a part, without a fleet that is not yours.

    A bill is for models bought at their price; their fleet is the seller's. The fleet is your own in an
    `infrastructure`, in the parts of a company or product, and if `set` states something about it. Then its
    bill is the cost, and the price is what others pay, for all tokens or for a `traffic.billed_share`.
    """
    runs = whole.kind in SERVERS or item.scenario.kind == "infrastructure"
    if not runs and not any(name.startswith("serving.") for name in item.part.set):
        return {name: datum for name, datum in own.items() if name not in OWN_FLEET}
    served = any(name.startswith("serving.") for name in (*own, *whole.data))
    if not served or item.scenario.parts or "traffic.billed_share" in own:
        return own
    return own | {"traffic.billed_share": Datum(1.0, provenance=BILLED._replace(place=item.part.place))}


def _sold_by_others(parts: list[Settled], data: Map[str, Datum]) -> dict[str, Datum]:
    """Return a revenue of 0 for parts that are bought, if other parts are fleets that sell tokens."""
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
    """Say why parts do not make a whole: either their shares add up, or each has a volume."""
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
    """Say that the shares do not add up."""
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
    if name in ("revenue.total", "cost.total"):
        return True
    quantity = MODEL.quantities.get(name)
    return quantity is not None and quantity.adds and name not in NO_SIZE and quantity.section != "training"


def _misplaced(scenario: Scenario) -> list[Problem]:
    """Say which statements are about parts, or about shares, that do not exist."""
    return [
        Problem(why, *scenario.data[name].place, name)
        for name in scenario.data
        if (why := misplaced(scenario, name))
    ]


def misplaced(scenario: Scenario, name: str) -> str:
    """Say that a name refers to an unknown part, or to the share of a part with its own volume."""
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
    """Return a mix in which the other shares are scaled to fill what the `stated` ones leave.

    They keep their proportions. If a part takes the rest, only that part changes, unless its share is stated.

    Raises:
        LlmcostError: if less than nothing is left, or no part is left to fill it.
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

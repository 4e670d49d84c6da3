"""Quantities and formulas: the vocabulary, and how one quantity follows from others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, TypeVar, get_args

from llmcost.engine.formula import Formula, Number, StandIn
from llmcost.engine.parts import Parts, Rules, Scope, quantities_inside, routes, split
from llmcost.engine.units import DIMENSIONLESS, same_unit
from llmcost.errors import LlmcostError, did_you_mean, there_are
from llmcost.records import NamedTuple

Basis = Literal["disclosed", "reported", "stated", "estimated", "assumed"]
BASES: Final[tuple[Basis, ...]] = get_args(Basis)
"""How firm a number is, strongest first."""
WEAK: Final[tuple[Basis, ...]] = ("estimated", "assumed")

F = TypeVar("F", bound=Callable[..., Number])
Direction = Literal["up", "down"]


class Quantity(NamedTuple):
    """A name, a unit and a description.

    `low` and `high` bound a stated value. `worse` is the direction in which a seller of tokens does not want
    it to move, all else equal; None if that depends. `adds` tells whether a whole has the sum of its parts:
    tokens, requests, units, GPUs, revenue, cost. A stated value must not be below the first known quantity
    among `least`.
    """

    name: str
    unit: str
    description: str
    low: float | None = 0.0
    high: float | None = None
    worse: Direction | None = None
    adds: bool = False
    least: tuple[str, ...] = ()

    @property
    def section(self) -> str:
        """The part of the name before the dot."""
        return self.name.partition(".")[0]

    @property
    def is_share(self) -> bool:
        """Whether percentages are allowed: shares, margins and other plain ratios, and shares per year."""
        return self.unit in DIMENSIONLESS or self.unit.startswith("share/")


class Quantities(dict[str, Quantity]):
    """Quantities by name, in the order of declaration.

    Growth in a trajectory is a quantity too: `trajectory.revenue.api`, or `trajectory.revenue.api.2025-07` in
    a later step. So is a share of what is followed: `follows.cost.inference`; and so are the quantities of
    parts: `parts.support.price.input_per_mtok` is a price like any other. All of these are found by name, but
    not listed.
    """

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and super().__contains__(split(name)[1]))

    def get(self, name: str, default: Any = None) -> Any:
        """Return a quantity, also of a part."""
        found = super().get(name, default)
        return self[name] if found is default and name in self else found

    def __missing__(self, name: str) -> Quantity:
        prefix, own = split(name)
        if prefix and super().__contains__(own):
            return self[own]._replace(name=name)
        kind, _, rest = name.partition(".")
        base, _, step = rest.rpartition(".")
        moved = rest if rest in self else base
        if moved not in self or (moved != rest and step.strip("0123456789-")):
            raise KeyError(name)
        if kind == "trajectory":
            about = f"Growth of {moved}, per period as written"
            return Quantity(name, "share/period", about, low=-1.0)
        if kind == "follows":
            return Quantity(name, "share", f"Share of the quantity that {moved} follows")
        raise KeyError(name)

    def find(self, name: str) -> Quantity | None:
        """Return a quantity, also of a part or a trajectory; None if there is none."""
        try:
            return self[name]
        except KeyError:
            return None


class AlsoInParts(set[str]):
    """Names of quantities, which stand for those inside parts too."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(split(name)[1] if isinstance(name, str) else name)


def quantity_name(parameter: str) -> str:
    """Return the quantity that a parameter stands for: `price_input_per_mtok` is `price.input_per_mtok`."""
    return parameter.replace("_", ".", 1)


def weakest(bases: list[Basis]) -> Basis:
    """Return the weakest basis; without any, it is an assumption."""
    return max(bases, key=BASES.index, default="assumed")


class Registry:
    """The vocabulary and its formulas; `complete` checks that nothing is missing or circular.

    Attributes:
        quantities: everything that has a name, given or derived.
        formulas: by quantity, its routes in the order in which they are tried.
        sections: titles by section, in the order in which they are shown.
        inputs: quantities that scenarios are expected to state; any other may be stated too.
        outcomes: metrics that only a projection yields; they cannot be stated.
        rules: how wholes follow from parts.
        details: quantities that are shown only if something else rests on them.
    """

    def __init__(self) -> None:
        self.quantities = Quantities()
        self.formulas: dict[str, list[Formula]] = {}
        self.sections: dict[str, str] = {}
        self.inputs: set[str] = AlsoInParts()
        self.rules = Rules()
        self.outcomes: set[str] = set()
        self.details: set[str] = set()
        self._positions: dict[str, int] = {}
        self._ancestors: dict[str, frozenset[str]] = {}

    def section(self, name: str, title: str) -> None:
        """Name a section; sections and their quantities are shown in the order of declaration."""
        self.sections[name] = title

    def given(self, name: str, unit: str, description: str, **terms: Any) -> None:
        """Declare a quantity that scenarios may state, with `terms` of `Quantity`; shares are at most 1."""
        if name in self.quantities:
            raise LlmcostError(f"two quantities are named '{name}'")
        if unit.startswith("share"):
            terms = {"high": 1.0, **terms}
        self.quantities[name] = Quantity(name, unit, description, **terms)
        self.inputs.add(name)

    def declare(self, table: str) -> list[str]:
        """Declare the quantities of a table, which scenarios may state, and return their names.

        A row is `name [unit, marks] description`; indented lines continue it. Marks are `from 1`, `to 1` and
        `any sign` for its bounds, `worse up` or `worse down`, `adds`, `at least` with names, and `outcome`
        for a result of projections, which has no formula and cannot be stated.

        Raises:
            LlmcostError: for any other mark.
        """
        names = []
        for row in filter(None, table.replace("\n    ", " ").splitlines()):
            head, _, description = row.partition("] ")
            name, _, terms = head.partition(" [")
            unit, *marks = terms.split(", ")
            found: dict[str, Any] = {}
            for mark in marks:
                match mark.split():
                    case ["from" | "to" as end, number]:
                        limit = float(number) if "." in number else int(number)
                        found["low" if end == "from" else "high"] = limit
                    case ["any", "sign"]:
                        found["low"] = None
                    case ["worse", "up" | "down" as direction]:
                        found["worse"] = direction
                    case ["at", "least", *others]:
                        found["least"] = tuple(others)
                    case ["adds"]:
                        found["adds"] = True
                    case ["outcome"]:
                        self.outcomes.add(name)
                    case _:
                        raise LlmcostError(f"'{name}' has the unknown mark '{mark}'")
            self.given(name, unit, description, **found)
            names.append(name)
        self.inputs -= self.outcomes
        return names

    def formula(
        self,
        name: str,
        *,
        unit: str | None = None,
        bounds: tuple[float | None, float | None] | None = None,
        note: str | None = None,
        unless_given: tuple[str, ...] = (),
        if_given: tuple[str, ...] = (),
        inputs: tuple[str, ...] | None = None,
        optional: tuple[str, ...] = (),
        about: str | None = None,
        text: str | None = None,
        worse: Direction | None = None,
        stand_in: StandIn | None = None,
        reference: str | None = None,
        adds: bool = False,
        least: tuple[str, ...] = (),
        scope: Scope = "anywhere",
        detail: bool = False,
    ) -> Callable[[F], F]:
        """Register the decorated function as a way to derive `name`, and return it unchanged.

        Several formulas of one quantity are its routes, tried in the order of their definition. The first
        one states its unit, unless the quantity is declared as an input. `bounds` limit a value that is
        stated instead of derived; without them it must not be negative, and a share not exceed 1. Bounds,
        `worse`, `adds` and `least` belong to the first route. A formula without inputs is a `guess` unless
        `stand_in` says otherwise. `scope` limits it to parts, or to scenarios that have parts. A `detail`
        is shown only if something rests on it.

        The inputs are the function's parameters, optional where they have a default, and its docstring
        describes it. A function that serves several quantities states `inputs`, `optional` and `about`.

        Raises:
            LlmcostError: at import, if the unit is missing, or routes disagree on it or are in two modules.
        """

        def register(function: F) -> F:
            code = function.__code__
            parameters = code.co_varnames[: code.co_argcount]
            used = tuple(map(quantity_name, parameters)) if inputs is None else inputs
            last = len(function.__defaults__ or ()) if inputs is None else 0
            said = " ".join((about or function.__doc__ or "").split())
            kept = self.formulas if scope == "anywhere" else self.rules.formulas[scope]
            routes = kept.setdefault(name, [])
            if detail:
                self.details.add(name)
            known = self.quantities.get(name)
            if routes and routes[0].function.__module__ != function.__module__:
                raise LlmcostError(f"two quantities are named '{name}'")
            if known is not None:
                if unit is not None and not same_unit(known.unit, unit):
                    raise LlmcostError(f"'{name}' is declared in {known.unit} and derived in {unit}")
            elif unit is None:
                raise LlmcostError(f"'{name}' has no unit")
            else:
                summary = said if about else (function.__doc__ or "").strip().partition("\n")[0]
                low, high = bounds or (0.0, 1.0 if unit == "share" else None)
                self.quantities[name] = Quantity(
                    name, unit, summary.rstrip("."), low, high, worse, adds, least
                )
            routes.append(
                Formula(
                    quantity=name,
                    function=function,
                    inputs=used,
                    optional=frozenset((*optional, *used[len(used) - last :])),
                    description=said,
                    note=note,
                    unless_given=unless_given,
                    if_given=if_given,
                    text=text,
                    stand_in=stand_in or (None if used else "guess"),
                    reference=reference,
                )
            )
            return function

        return register

    def routes(self, name: str, given: Iterable[str] | Parts) -> Sequence[Formula]:
        """Return the routes of a quantity, also of a part or whole, in the order in which they are tried."""
        parts = given if isinstance(given, Parts) else Parts(given)
        return routes(self, name, parts) if parts.below else self.formulas.get(name, ())

    def derives(self, name: str) -> bool:
        """Whether a quantity has any formula, also in a part or over parts."""
        return split(name)[1] in {*self.formulas, *self.rules.over}.union(*self.rules.formulas.values())

    def ancestors(self, name: str) -> frozenset[str]:
        """Return all quantities that may lead to a quantity, by any formula."""
        if name not in self._ancestors:
            found: set[str] = set()
            pending = [name]
            while pending:
                used = {item for route in self.formulas.get(pending.pop(), ()) for item in route.inputs}
                pending += used - found
                found |= used
            self._ancestors[name] = frozenset(found)
        return self._ancestors[name]

    def everything(self, given: Iterable[str]) -> list[str]:
        """Return all metrics except outcomes, also those of the parts among the given quantities."""
        names = [name for name in self.quantities if name not in self.outcomes]
        parts = Parts(given)
        return [*names, *quantities_inside(names, parts)] if parts.below else names

    def complete(self) -> Registry:
        """Check that every name is known, every section titled, and no formula circular.

        Raises:
            LlmcostError: naming the formula and the name, or the cycle.
        """
        kept = (self.formulas, *self.rules.formulas.values())
        for route in (route for by_name in kept for found in by_name.values() for route in found):
            for used in (*route.inputs, *route.unless_given, *route.if_given):
                if used not in self.quantities:
                    hint = did_you_mean(used, self.quantities)
                    raise LlmcostError(f"the formula of '{route.quantity}' uses unknown '{used}'{hint}")
        for name, quantity in self.quantities.items():
            if quantity.section not in self.sections:
                raise LlmcostError(f"'{name}' is in no declared section")
        self._refuse_cycles()
        return self

    def _refuse_cycles(self) -> None:
        done: set[str] = set()

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                raise LlmcostError(f"formulas in a circle: {' → '.join((*path[path.index(name) :], name))}")
            if name in done:
                return
            for route in self.formulas.get(name, ()):
                for used in route.inputs:
                    if used not in route.if_given:  # these are given, never derived
                        visit(used, (*path, name))
            done.add(name)

        for name in self.formulas:
            visit(name, ())

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Sort names in vocabulary order: by section, and inputs before derived quantities."""
        if len(self._positions) != len(self.quantities):
            sections = list(self.sections)
            by_section = sorted(self.quantities.values(), key=lambda item: sections.index(item.section))
            self._positions = {quantity.name: index for index, quantity in enumerate(by_section)}
        last = len(self._positions)

        def place(name: str) -> tuple[str, int]:
            prefix, own = split(name)
            return prefix, self._positions.get(own, last)

        return sorted(names, key=place)

    def meant(self, name: str) -> str:
        """Suggest the quantities whose names end in a name, else one that begins with it, or nothing."""
        # `total` for cost.total; `runway` for company.runway_months, which can be stated, unlike project's.
        ended = [known for known in self.quantities if known.endswith(f".{name}")]
        begun = [known for known in self.quantities if f".{name}_" in f".{known}"]
        many = [f"{name}s"] if f"{name}s" in self.quantities else []
        found = many or ended[:4] or sorted(begun, key=self.outcomes.__contains__)[:1]
        return "; did you mean '" + "' or '".join(found) + "'?" if found else ""

    def unknown(self, name: str, what: str = "quantity", *, hint: bool = True) -> str:
        """Say that `name` is unknown, and suggest a name that ends or begins with it, or the closest one."""
        if name in self.sections:
            full = next(known for known in self.quantities if known.startswith(f"{name}."))
            return f"unknown {what} '{name}': it is a section; names are written in full, such as '{full}'"
        if not hint:
            return f"unknown {what} '{name}'"
        prefix, own = split(name)
        if prefix:
            meant = did_you_mean(own, self.quantities)
            return f"unknown {what} '{name}'{meant.replace(chr(39), chr(39) + prefix, 1)}"
        meant = self.meant(name)
        if not meant and what == "metric":
            meant = there_are(name, self.quantities, f"llmcost list metrics {name}")
        elif not meant:
            meant = did_you_mean(name, self.quantities)
        if not meant:
            section = name.partition(".")[0]
            lists = f"llmcost list {'metrics' if what == 'metric' else 'inputs'}"
            meant = f"; '{lists}{f' {section}.' if section in self.sections else ''}' shows what there is"
        return f"unknown {what} '{name}'{meant}"

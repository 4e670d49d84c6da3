"""Which formula derives which quantity from the given ones: resolved once, then run as often as needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from llmcost.engine.formula import Formula
from llmcost.engine.parts import Parts, portions, split
from llmcost.engine.registry import Registry
from llmcost.records import NamedTuple


class Passed(NamedTuple):
    """A route that could not be taken: what it lacks, or which given value rules it out."""

    formula: Formula
    lacking: tuple[str, ...]
    reason: str | None = None


class Step(NamedTuple):
    """One quantity of a plan and the formula chosen for it; `inputs` are the formula's inputs that exist."""

    name: str
    formula: Formula
    inputs: tuple[str, ...]
    passed: tuple[Passed, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """The optional inputs that do not exist."""
        return tuple(name for name in self.formula.inputs if name not in self.inputs)


class Missing(NamedTuple):
    """A quantity that cannot be derived, with every route and what it lacks."""

    name: str
    routes: tuple[Passed, ...]


class Plan(NamedTuple):
    """The steps that lead from given values to the targets, in the order of evaluation.

    Attributes:
        inputs: given quantities that the steps use, or that are targets themselves.
        steps: the derived quantities, each after its inputs.
        missing: targets and intermediate quantities that cannot be derived.
        targets: the requested quantities that are given or can be derived.
    """

    inputs: tuple[str, ...]
    steps: tuple[Step, ...]
    missing: Mapping[str, Missing]
    targets: tuple[str, ...]

    def __hash__(self) -> int:
        return hash((self.inputs, self.targets))

    def behind(self, names: Iterable[str]) -> dict[str, None]:
        """Return some names and everything that leads to them, each once, nearest first."""
        used = {step.name: step.inputs for step in self.steps}
        found: dict[str, None] = {}
        pending = list(names)
        for name in pending:
            if name not in found:
                found[name] = None
                pending += used.get(name, ())
        return found

    def depends_on(self, section: str, *names: str) -> bool:
        """Whether a given or default value in a section, also of a part, leads to any of some names."""
        return any(split(used)[1].startswith(f"{section}.") for used in self.behind(names))

    def ahead(self, names: Iterable[str]) -> set[str]:
        """Return some names and everything that they lead to."""
        found = set(names)
        for step in self.steps:
            if not found.isdisjoint(step.inputs):
                found.add(step.name)
        return found


class _Resolver:
    def __init__(self, registry: Registry, given: frozenset[str]) -> None:
        self.registry = registry
        self.given = given
        self.parts = Parts(given)
        self.found: dict[str, bool] = {}
        self.inputs: list[str] = []
        self.steps: dict[str, Step] = {}
        self.missing: dict[str, Missing] = {}

    def can(self, name: str) -> bool:
        known = self.found.get(name)
        if known is None:
            known = self.found[name] = self._settle(name)
        return known

    def _settle(self, name: str) -> bool:
        if name in self.given:
            self.inputs.append(name)
            return True
        passed: list[Passed] = []
        for formula in self.registry.routes(name, self.parts):
            verdict = self._try(formula)
            if not isinstance(verdict, Passed):
                self.steps[name] = Step(name, formula, verdict, tuple(passed))
                return True
            passed.append(verdict)
        self.missing[name] = Missing(name, tuple(passed))
        return False

    def _is_stated(self, name: str) -> bool:
        """Whether a quantity is given: itself, a line of some part, or a volume that parts share."""
        prefix, base = split(name)
        parts = [prefix]
        for part in parts if base in self.registry.rules.lines else ():
            parts += self.parts.of(part)
        return any(base in self.parts.own(part) for part in parts) or any(
            self.given.issuperset(formula.if_given) and all(map(self.can, formula.inputs))
            for formula in portions(name, self.parts, self.registry.rules.volumes)
        )

    def _try(self, formula: Formula) -> tuple[str, ...] | Passed:
        for name in formula.unless_given:
            if name in self.given:
                return Passed(formula, (), f"{name} is stated, so it does not follow from these inputs")
        absent = tuple(name for name in formula.if_given if not self._is_stated(name))
        if absent:
            return Passed(formula, absent, "must be stated")
        present = tuple(name for name in formula.inputs if self.can(name))
        lacking = tuple(name for name in formula.required if name not in present)
        if lacking:
            return Passed(formula, lacking)
        if formula.inputs and not present:
            return Passed(formula, formula.inputs, "at least one of these is needed")
        return present


def resolve(registry: Registry, given: Iterable[str], targets: Iterable[str] | None = None) -> Plan:
    """Choose the route of every target: a given value wins, then the first formula that has its inputs.

    Without targets, all quantities except outcomes are targets. The choice depends on which quantities are
    given, never on their values, so one plan serves a whole sweep.
    """
    wanted = None if targets is None else tuple(dict.fromkeys(targets))
    return _resolve(registry, frozenset(given), wanted)


@lru_cache(maxsize=128)
def _resolve(registry: Registry, given: frozenset[str], targets: tuple[str, ...] | None) -> Plan:
    resolver = _Resolver(registry, given)
    wanted = registry.everything(given) if targets is None else targets
    reached = tuple(name for name in wanted if resolver.can(name))
    # Routes that failed have left inputs and steps behind that nothing uses.
    whole = Plan(tuple(resolver.inputs), tuple(resolver.steps.values()), resolver.missing, reached)
    used = whole.behind(reached)
    return whole._replace(
        inputs=tuple(name for name in whole.inputs if name in used),
        steps=tuple(step for step in whole.steps if step.name in used),
    )

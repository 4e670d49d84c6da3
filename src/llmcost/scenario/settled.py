"""A scenario ready for evaluation: parents, variants and date applied, one value for each quantity."""

from __future__ import annotations

import copyreg
import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from llmcost.engine.registry import Quantity
from llmcost.engine.trace import Given, evaluate
from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.correlation import Correlations, check_correlations
from llmcost.scenario.files.expectation import Expectation
from llmcost.scenario.files.override import read_override
from llmcost.scenario.files.scenario_file import ScenarioFile, Variant
from llmcost.scenario.override import Override
from llmcost.scenario.part import Parts, merged
from llmcost.scenario.parts import give_way, misplaced
from llmcost.scenario.reference import Link, Reference
from llmcost.scenario.timeline import Timeline
from llmcost.scenario.values.datum import Datum, Exchange, Provenance, Series
from llmcost.scenario.values.growth import MONTHS, in_months
from llmcost.scenario.values.units import yen

if TYPE_CHECKING:
    from llmcost.analysis.whatif.prepared import Prepared


def _read_only(values: dict[str, object]) -> MappingProxyType[str, object]:
    return MappingProxyType(values)


# Scenarios are pickled for other processes, and contain read-only mappings.
copyreg.pickle(MappingProxyType, lambda proxy: (_read_only, (dict(proxy),)))


class Ruling(NamedTuple):
    """An override of a file's value: the option or variant, and the value before, if any.

    `asked` says whether it comes from an option, not from a variant.
    """

    said: str
    before: Datum | None
    asked: bool = False


class Scenario(NamedTuple):
    """The values on one date, with some variants applied.

    Attributes:
        name: the file's name without folder and ending.
        label: what the user asked for, which distinguishes scenarios of one file.
        data: the stated values by quantity.
        absent: quantities that are stated for other dates only, with the reason.
        as_of: the date asked for; None for the newest values.
        workload: the workload applied: a name, `own`, or None if none has been chosen.
        where: the file, for messages.
        links: the scenarios that its header names, by key, which fill in what it does not state.
        timeline: how it moves.
        conflicts: why a stated value is kept although other statements disagree, by quantity.
        correlations: how uncertain quantities are correlated, by pair.
        ruling: the option or variant that overrides the file's own value, by quantity.
        exchange: USD for one of each other currency.
        parts: its parts; their values are in `data`, under `parts.NAME.`.
        of: each part, by the prefix of its names.
    """

    name: str
    label: str
    data: Mapping[str, Datum]
    absent: Mapping[str, str]
    title: str | None = None
    kind: str | None = None
    note: str | None = None
    variants: tuple[str, ...] = ()
    as_of: dt.date | None = None
    workload: str | None = None
    where: str = ""
    expectations: tuple[Expectation, ...] = ()
    links: Mapping[str, Link] = MappingProxyType({})
    timeline: Timeline = Timeline()
    conflicts: Mapping[str, str] = MappingProxyType({})
    ruling: Mapping[str, Ruling] = MappingProxyType({})
    exchange: Exchange = MappingProxyType({})
    correlations: Correlations = MappingProxyType({})
    parts: Parts = MappingProxyType({})
    of: Mapping[str, Scenario] = MappingProxyType({})

    def replace(self, **values: object) -> Scenario:
        """Return a copy of the scenario with some values replaced.

        Values are numbers or texts as for `--set` (`0.5`, `"50%"`, `"*2"`); None removes a quantity:
        `scenario.replace(**{"serving.utilization": 0.5})`.

        Raises:
            LlmcostError: with every unknown name and value that is not allowed, scaled ones included.
        """
        found = self
        problems: list[Problem] = []
        for name, value in values.items():
            try:
                override = read_override(f"{name}={'null' if value is None else value}")
                found = found.overridden(override)
            except LlmcostError as error:
                problems += error.problems
        if problems:
            raise LlmcostError(*problems)
        return found

    def overridden(self, override: Override, *, asked: bool = True) -> Scenario:
        """Return a copy with one override; a relative one changes the stated value, or else the derived one.

        `asked` says whether it comes from an option, not from a variant.

        Raises:
            LlmcostError: if there is nothing to change, or the value is then out of bounds.
        """
        found = self._overridden(override, asked=asked)
        if not override.name.endswith(".share") or not override.name.startswith("parts."):
            return found
        # Shares set before by options stay, so that two overrides work like one.
        asked_for = [name for name, rule in found.ruling.items() if rule.asked and name != override.name]
        return give_way(found, [*asked_for, override.name])

    def _overridden(self, override: Override, *, asked: bool) -> Scenario:
        name = override.name
        if wrong := misplaced(self, name):
            raise LlmcostError(override.refusal(wrong))
        if name not in MODEL.quantities:
            override = self._moving(override)
        first = self.ruling[name].before if name in self.ruling else self.data.get(name)
        ruled = self
        if asked:
            ruled = self._replace(ruling={**self.ruling, name: Ruling(override.said, first, asked=True)})
        if override.change is None:
            datum = override.datum
            if datum is not None and datum.foreign is not None and datum.foreign.rate is None:
                datum = self._in_dollars(datum, override)
            if datum is not None and datum.source is None:
                datum = datum.credited(override.origin)
            return ruled.with_data({name: datum})
        before = self.data.get(name)
        if before is None:
            node = evaluate(MODEL, self.given, [name]).nodes.get(name)
            if node is None or node.value is None:
                reason = str(node.reason) if node else "it is not stated and cannot be derived"
                raise LlmcostError(override.refusal(f"there is nothing to scale in {self.label}: {reason}"))
            before = Datum(node.value, provenance=Provenance(node.basis, "the derived value"))
        return ruled.with_data({name: override.changed(before, MODEL.quantities[name])})

    def _in_dollars(self, datum: Datum, override: Override) -> Datum:
        """Return a datum in USD, at the exchange rate in the scenario."""
        assert datum.foreign is not None
        code = datum.foreign.currency
        rates = datum.foreign.rates or self.exchange.get((code == "¥" and yen(self.exchange)) or code)
        if rates is None:
            message = f"{self.label} states no rate of {code}; write 'exchange: {{{code}: …}}' in its file"
            raise LlmcostError(override.refusal(message, override.name))
        found = datum.in_dollars(rates, self.as_of)
        if isinstance(found, str):
            raise LlmcostError(override.refusal(found, override.name))
        return found

    def _moving(self, override: Override) -> Override:
        """Return an override of a growth, converted to the period in the scenario.

        Raises:
            LlmcostError: if the scenario has no such growth or share, or it would be removed.
        """
        if override.name not in self.data:
            kind, _, rest = override.name.partition(".")
            known = [name for name in self.timeline.rates if name.startswith(f"{kind}.")]
            told = f"it has {', '.join(known)}" if known else f"--trajectory {rest}=+8%/month gives one"
            raise LlmcostError(override.refusal(f"{self.label} has no {override.name}; {told}"))
        if override.datum is None and override.change is None:
            raise LlmcostError(override.refusal("cannot be removed; 0% stops it", override.name))
        own = self.timeline.period_of(override.name)
        if override.datum is None or override.months is None or own is None:
            return override
        datum, months = override.datum, override.months
        low, high = (None if end is None else in_months(end, months, own) for end in (datum.low, datum.high))
        return override._replace(
            datum=datum._replace(value=in_months(datum.value, months, own), low=low, high=high)
        )

    def plan(self, inputs: Iterable[str], metrics: Iterable[str]) -> Prepared:
        """Return some metrics as a function of some quantities, to be called again and again.

        It takes and gives numbers or numpy arrays, in the units of the vocabulary, and can be pickled:
        `scenario.plan(["serving.utilization"], ["unit.gross_margin"])(0.5)`.

        Raises:
            LlmcostError: for an unknown or repeated name, or a metric that cannot be derived.
        """
        made: Prepared = import_module("llmcost.analysis.whatif.prepared").Prepared(self, inputs, metrics)
        return made  # it is in a higher layer, so it is imported by name

    def quantity(self, name: str) -> Quantity:
        """Return a quantity; the unit of a growth is the one in this scenario, such as share/month.

        Raises:
            KeyError: if there is none.
        """
        found = MODEL.quantities[name]
        months = self.timeline.period_of(name)
        if months is None:
            return found
        return found._replace(unit=f"share/{next(word for word, size in MONTHS.items() if size == months)}")

    @property
    def given(self) -> dict[str, Given]:
        """The stated values in the form that the engine takes."""
        return {name: Given(datum.value, datum.basis, datum) for name, datum in self.data.items()}

    @property
    def own(self) -> Scenario:
        """The scenario without the overrides of options and variants."""
        if not self.ruling:
            return self
        return self._replace(ruling={}).with_data({name: rule.before for name, rule in self.ruling.items()})

    @property
    def in_force_since(self) -> dt.date | None:
        """The date asked for, else the newest date among the dated values in force."""
        return self.as_of or max((d.since for d in self.data.values() if d.since is not None), default=None)

    def with_data(self, data: Mapping[str, Datum | None], *, workload: str | None = None) -> Scenario:
        """Return a copy with some values replaced, or removed if None."""
        stated = {name: datum for name, datum in {**self.data, **data}.items() if datum is not None}
        absent = {name: why for name, why in self.absent.items() if name not in stated}
        return self._replace(data=stated, absent=absent, workload=workload or self.workload)


def inherit(child: ScenarioFile, parent: ScenarioFile) -> ScenarioFile:
    """Return the child with its gaps filled from its parent."""
    return child._replace(
        kind=child.kind or parent.kind,
        variants={**parent.variants, **child.variants},
        exchange={**parent.exchange, **child.exchange},
        correlations={**parent.correlations, **child.correlations},
        **_over(child, parent),
    )


def _over(upper: ScenarioFile | Variant, lower: ScenarioFile) -> dict[str, Any]:
    """Return the fields of a child or a variant, merged over those of the file below."""
    return {
        "quantities": {**lower.quantities, **upper.quantities},
        "links": {**lower.links, **upper.links},
        "timeline": upper.timeline.over(lower.timeline),
        "conflicts": {**lower.conflicts, **upper.conflicts},
        "parts": merged(upper.parts, lower.parts),
    }


def settle(
    file: ScenarioFile,
    reference: Reference,
    as_of: dt.date | None,
    filled: Callable[[Scenario], Scenario] | None = None,
) -> Scenario:
    """Choose variants and the date; a date in the reference wins over `as_of`.

    Relative changes of variants come last, once `filled` has added values of other scenarios.

    Raises:
        LlmcostError: for an unknown variant, a date before the first dated value, or an impossible change.
    """
    day = reference.as_of or as_of
    own, before = file, file.quantities
    changes: dict[str, list[Override]] = {}
    notes = [file.note]
    ruled: dict[str, str] = {}
    for name in reference.variants:
        variant = file.variants.get(name)
        if variant is None:
            known = ", ".join(file.variants)
            hint = did_you_mean(name, file.variants) or (f"; it has {known}" if known else "; it has none")
            raise LlmcostError(Problem(f"unknown variant '{name}'{hint}", where=file.name))
        file = file._replace(**_over(variant, file))
        for stated in variant.quantities:
            changes.pop(stated, None)
        for changed, override in variant.changes.items():
            changes.setdefault(changed, []).append(override)
        notes.append(variant.note and f"{name}: {variant.note}")
        ruled.update(dict.fromkeys((*variant.quantities, *variant.changes), f"variant {name}"))
    parts = merged(file.parts, {})
    layers = [own.parts, *(file.variants[name].parts for name in reference.variants)]
    named = [part for layer in layers for part in layer.values()]
    if named and not parts:
        raise LlmcostError(Problem("no part is left; a whole needs at least one", *named[-1].place, "parts"))
    if day is not None:
        _refuse_too_early(file.name, file.quantities, day)
    data: dict[str, Datum] = {}
    absent: dict[str, str] = {}
    for name, series in file.quantities.items():
        found = series.at(day)
        if isinstance(found, str):
            absent[name] = found
        else:
            data[name] = found
    data |= file.timeline.rates
    label = file.name
    if reference.variants:
        label += ":" + "+".join(reference.variants)
    if reference.as_of is not None:
        label += f"@{reference.as_of}"
    scenario = Scenario(
        name=file.name,
        label=label,
        data=data,
        absent=absent,
        title=file.title,
        kind=file.kind,
        note=" ".join(filter(None, notes)) or None,
        variants=reference.variants,
        as_of=day,
        where=file.where,
        expectations=() if reference.variants or day else file.expectations,
        links=file.links,
        timeline=file.timeline,
        conflicts=file.conflicts,
        correlations=file.correlations,
        ruling={
            name: Ruling(said, before[name].in_force(day) if name in before else None)
            for name, said in ruled.items()
        },
        exchange=file.exchange,
        parts=parts,
    )
    if filled is not None:
        scenario = filled(scenario)
    if file.correlations:
        uncertain = (name for name, datum in scenario.data.items() if datum.is_uncertain)
        check_correlations(file.correlations, file.ranged.union(uncertain))
    for override in itertools.chain.from_iterable(changes.values()):
        scenario = scenario.overridden(override, asked=False)
    return scenario


def _refuse_too_early(name: str, quantities: Mapping[str, Series], day: dt.date) -> None:
    firsts = [series.first_date for series in quantities.values() if series.first_date is not None]
    if firsts and day < min(firsts):
        raise LlmcostError(
            Problem(f"has nothing dated {day} or earlier; its first date is {min(firsts)}", where=name)
        )

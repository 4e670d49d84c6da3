"""Take a snapshot: stated and derived figures of scenarios, with a fingerprint of every formula."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from llmcost.analysis.ask.conflicts import conflicts
from llmcost.analysis.ask.evaluation import evaluate, shown_names
from llmcost.analysis.ask.load import prepare
from llmcost.analysis.projection.models import Rate, cohorts
from llmcost.analysis.projection.outcomes import Outcome, outcomes
from llmcost.analysis.projection.run import Projector
from llmcost.engine.fingerprint import fingerprint, fingerprint_of_rules
from llmcost.engine.parts import Parts, split
from llmcost.engine.plan import Plan, resolve
from llmcost.engine.registry import Direction
from llmcost.engine.trace import Node, of_interest, work_out
from llmcost.errors import LlmcostError, Option, Problem
from llmcost.formulas import MODEL
from llmcost.reasons import Reason, reason_of
from llmcost.records import NamedTuple, make
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.files.snapshot import Recorded, RecordedScenario, Snapshot, line_in, read_snapshot
from llmcost.scenario.files.test_file import CaseFile
from llmcost.scenario.files.tree import read_text
from llmcost.scenario.finding import files_of
from llmcost.scenario.library import Library
from llmcost.scenario.reference import Reference, is_path, parse_reference, read_date
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import Timeline
from llmcost.scenario.values.datum import Datum

LARGEST_FILE: Final = 256 * 1024 * 1024
RULES: Final = "parts/rules"
"""The key of the rules of parts among the fingerprints of formulas."""
EVERY: Final = "*"
"""The variant that stands for a scenario without and with each of its variants."""


class Taken(NamedTuple):
    """A snapshot and its scenarios, by the same keys, except those known before."""

    snapshot: Snapshot
    scenarios: Mapping[str, Scenario]


def snapshot(
    *targets: str | Path,
    as_of: str | None = None,
    set: Iterable[str] = (),  # noqa: A002  (the name of the option it stands for)
    workload: str | None = None,
) -> Snapshot:
    """Record the stated and derived figures of scenarios.

    Args:
        targets: names of scenarios, files, and folders of them; test files in a folder are skipped.
            With `:*` after it, a target includes each variant of its scenarios.
        as_of, set, workload: as `load` takes them; they are recorded, and used again by `diff`.

    Raises:
        LlmcostError: with every problem of every file; then nothing is recorded.
    """
    return take(map(str, targets), as_of=as_of, overrides=tuple(set), workload=workload).snapshot


def take(
    targets: Iterable[str],
    *,
    as_of: str | None = None,
    overrides: tuple[str, ...] = (),
    workload: str | None = None,
    known: Mapping[str, RecordedScenario] = MappingProxyType({}),
) -> Taken:
    """Return a snapshot with its scenarios; `known` are records of them by the current formulas.

    Raises:
        LlmcostError: as `snapshot` does.
    """
    asked = tuple(map(_plain, targets))
    day = read_date(as_of, Option("--as-of")) if as_of is not None else None
    records: dict[str, RecordedScenario] = {}
    scenarios: dict[str, Scenario] = {}
    problems: list[Problem] = []
    library = Library()
    for target in asked:
        for load_one in _loaders(target, day, library, problems):
            try:
                key, settled = load_one()
                scenario = prepare(settled, set=overrides, workload=workload)
                records[key] = record(scenario, known.get(key))
                if key not in known or records[key].metrics is not known[key].metrics:
                    scenarios[key] = scenario
            except LlmcostError as error:
                problems += error.problems
    if problems:
        raise LlmcostError(*problems)
    if not records:
        raise LlmcostError(f"there is no scenario in {', '.join(asked)}")
    return Taken(Snapshot(asked, records, fingerprints(), as_of, overrides, workload), scenarios)


def _plain(target: str) -> str:
    """Return a path spelled the same on every system, and still a path: `./gpt4o` is not the name `gpt4o`."""
    plain = Path(target).as_posix() if os.sep in target else target
    return plain if plain == target or is_path(plain.partition(":")[0]) else f"./{plain}"


Keyed = tuple[str, Scenario]
Loader = Callable[[], Keyed]


def _loaders(target: str, day: dt.date | None, library: Library, problems: list[Problem]) -> Iterator[Loader]:
    """Yield a function for each scenario of a target, which returns the key and the scenario."""
    try:
        reference = parse_reference(target)
        if reference.base == "-":
            raise LlmcostError(Problem("standard input cannot be read again later; give a file", where="-"))
        if EVERY in reference.variants and len(reference.variants) > 1:
            message = f"'{EVERY}' stands for each variant alone, and takes no other"
            raise LlmcostError(Problem(message, where=target))
        path = library.locate(reference.base)
        named = path is None or not (is_path(reference.base) or path == Path(reference.base))
        whole = None if path is not None and path.is_dir() else library.file(reference.base)
    except LlmcostError as error:
        problems += error.problems
        return

    def settled(file: ScenarioFile, base: str | None, ending: str, variants: tuple[str, ...]) -> Keyed:
        scenario = library.settle(file, Reference(file.name, variants, reference.as_of), day)
        return scenario.label if base is None else base + ending, scenario

    def each(file: ScenarioFile, base: str | None) -> Iterator[Loader]:
        if EVERY not in reference.variants:
            yield partial(settled, file, base, target[len(reference.base) :], reference.variants)
            return
        date = f"@{reference.as_of}" if reference.as_of else ""
        yield partial(settled, file, base, date, ())
        for name in file.variants:
            yield partial(settled, file, base, f":{name}{date}", (name,))

    if whole is not None:
        yield from each(whole, None if named else reference.base)
        return
    for file in files_of(path) if path is not None else ():
        try:
            document = library.document(file, keep=False)
            if not isinstance(document, CaseFile):
                yield from each(library.complete(document), Path(document.where).as_posix())
        except LlmcostError as error:
            problems += error.problems


def record(scenario: Scenario, before: RecordedScenario | None = None) -> RecordedScenario:
    """Return the stated and derived figures of one scenario.

    Figures recorded `before` by the current formulas are not computed again if the statements are the same.
    """
    plan = resolve(MODEL, scenario.data)
    shown = shown_names(plan, scenario)
    stated = [name for name in shown if name in scenario.data]
    stated += [name for name in scenario.data if split(name)[0]]
    inputs = {name: _stated(scenario.data[name], MODEL.quantities[name].unit) for name in stated}
    for name in scenario.timeline.rates:
        inputs[name] = _stated(scenario.data[name], scenario.quantity(name).unit)
    links = {key: link.text for key, link in scenario.links.items()}
    links |= {f"parts.{name}": part.scenario.text for name, part in scenario.parts.items() if part.scenario}
    metrics = _contradicted(scenario)
    new = RecordedScenario(scenario.label, scenario.workload or "", inputs, metrics, links)
    still = before is not None and not metrics and _holds(before, new, scenario)
    if before is not None and still and before.metrics.keys() == set(shown).difference(inputs):
        return new._replace(metrics=before.metrics)
    nodes = evaluate(scenario).trace.nodes
    metrics = {name: _recorded(nodes[name]) for name in shown if name not in inputs} | metrics
    return new._replace(metrics=metrics | _over_time(scenario) | _modelled(scenario))


def _holds(before: RecordedScenario, new: RecordedScenario, scenario: Scenario) -> bool:
    """Whether two records have the same statements, and nothing else determines their figures."""
    unmoved = scenario.timeline == Timeline() and not scenario.parts
    return (
        unmoved
        and before.inputs == new.inputs
        and (before.workload, before.links) == (new.workload, new.links)
        and all(entry.value is not None for entry in before.metrics.values())
    )


def _stated(datum: Datum, unit: str) -> Recorded:
    return make(Recorded, (datum.value, unit, datum.basis, None, datum.low, datum.high, None))


def _contradicted(scenario: Scenario) -> dict[str, Recorded]:
    """Return the values that follow for stated quantities which contradict other statements."""
    found = {}
    for conflict in conflicts(scenario):
        value = None if conflict.reason else conflict.follows
        unit = MODEL.quantities[conflict.name].unit
        found[f"{OF_CONFLICTS}{conflict.name}]"] = recorded(value, unit, conflict.reason)
    return found


def _recorded(node: Node) -> Recorded:
    if node.value is None:
        return recorded(None, node.quantity.unit, node.reason)
    return Recorded(node.value, node.quantity.unit, node.basis)


def recorded(value: float | None, unit: str, reason: Reason | None) -> Recorded:
    """Return the record of a value, or of the reason why there is none."""
    if reason is None:
        return Recorded(value, unit)
    return Recorded(value, unit, reason=str(reason), reason_code=reason.code)


def _over_time(scenario: Scenario) -> dict[str, Recorded]:
    """Return the outcomes of the scenario's own projection, if it states one.

    Without them, a change of a trajectory would change no figure.
    """
    timeline = scenario.timeline
    if not timeline.events and not timeline.moving:
        return {}
    projector = Projector(scenario)
    names = sorted(MODEL.outcomes - projector.plan.lacking().keys())
    try:
        found = outcomes(projector.run()) if names else {}
    except ArithmeticError as error:
        found = dict.fromkeys(names, Outcome(None, reason=reason_of(error)))
    return {name: _outcome(name, found[name]) for name in names}


def _outcome(name: str, found: Outcome) -> Recorded:
    """Record an outcome; a runway that exceeds the horizon cannot be compared and has no value."""
    value, reason = (None, Reason("beyond_horizon")) if found.beyond else (found.value, found.reason)
    return recorded(value, MODEL.quantities[name].unit, reason)


MODEL_FIGURES: Final[Mapping[str, tuple[str, Direction | None]]] = {
    "training": ("USD", None),
    "revenue": ("USD", "down"),
    "serving": ("USD", "up"),
    "profit": ("USD", "down"),
    "payback_years": ("year", "up"),
    "irr": ("share/year", "down"),
}
"""The figures of each model of a scenario, not in the vocabulary, with their unit and bad direction."""
OF_CONFLICTS: Final = "conflicts["
"""The beginning of names of contradicting values: `conflicts[serving.utilization]`."""
OF_MODELS: Final = "models["
"""The beginning of names of figures of models: `models[NAME].profit`."""


def worse_of(name: str) -> Direction | None:
    """Return the direction in which a quantity, or a figure of a scenario's models, gets worse."""
    if name in MODEL.quantities:
        return MODEL.quantities[name].worse
    _, worse = MODEL_FIGURES.get(name.rpartition(".")[2], ("", None))
    return worse if name.startswith(OF_MODELS) else None


def _modelled(scenario: Scenario) -> dict[str, Recorded]:
    """Return the figures of each model of a scenario, so that its changes are seen."""
    found = {}
    for account in cohorts(scenario.timeline.models or ()).models:
        rates = {"payback_years": account.payback, "irr": account.irr}
        for name, (unit, _) in MODEL_FIGURES.items():
            value, reason = rates[name] if name in rates else Rate(getattr(account, name))
            found[f"{OF_MODELS}{account.cohort.name}].{name}"] = recorded(value, unit, reason)
    return found


@cache
def fingerprints() -> dict[str, str]:
    """Return the fingerprint of every formula and its place among the routes, by `quantity/function`.

    Formulas only for parts or wholes are at `quantity/part.function` and `quantity/whole.function`, and the
    other rules of parts at `parts/rules`.
    """
    scopes = {"": MODEL.formulas, **{f"{scope}.": kept for scope, kept in MODEL.rules.formulas.items()}}
    marks = {
        f"{name}/{scope}{formula.function.__name__}": f"{fingerprint(formula)}.{place}"
        for scope, kept in scopes.items()
        for name, routes in kept.items()
        for place, formula in enumerate(routes, 1)
    }
    return {**marks, RULES: fingerprint_of_rules(MODEL)}


def read(path: str | Path, *, trusted: bool = True) -> Snapshot:
    """Read a snapshot file; `trusted` refuses figures that were edited.

    Raises:
        LlmcostError: if it cannot be read, or differs from what `llmcost snapshot` wrote, with the line.
    """
    text = read_text(Path(path), most=LARGEST_FILE)
    found = read_snapshot(text, str(path))
    if trusted:
        _refuse_edited(found, text)
    return found


def renewed(old: Snapshot) -> Snapshot:
    """Return a snapshot of the same targets under the same options, taken now.

    Raises:
        LlmcostError: as `snapshot` does.
    """
    return take(old.targets, as_of=old.as_of, overrides=old.set, workload=old.workload).snapshot


def _refuse_edited(found: Snapshot, text: str) -> None:
    """Refuse a snapshot whose metrics do not follow from its inputs, as far as formulas are unchanged.

    A missing metric would not be compared, and merging branches easily loses a line.

    Raises:
        LlmcostError: with the first such metric of each scenario, and its line.
    """
    changed = {mark.partition("/")[0] for mark, _ in found.formulas.items() ^ fingerprints().items()}
    problems = []
    for key, old in found.scenarios.items():
        known = {name: entry.value for name, entry in old.inputs.items() if MODEL.quantities.find(name)}
        sound = list(filter(_follows, old.metrics))
        plan = resolve(MODEL, known)
        values = {name: known[name] for name in plan.inputs}
        work_out(plan.steps, values)
        left_out = [name for name in _following(plan) if name not in old.metrics]
        if changed:
            sound = [name for name in sound if not reach(name, known) & changed]
            left_out = [name for name in left_out if not reach(name, known) & changed]
        if left_out:
            message = (
                f"{left_out[0]} follows from the inputs recorded here and is left out; was it edited by hand?"
            )
            problems.append(Problem(message, found.where, line_in(text, key, "metrics")))
            continue
        for name in sound:
            recorded, value = old.metrics[name].value, values.get(name)
            if recorded != value and not _same(recorded, value):
                shown = "undefined" if value is None else f"{value!r}"
                message = f"{name}: the inputs recorded here give {shown}; was it edited by hand?"
                problems.append(Problem(message, found.where, line_in(text, key, "metrics", name)))
                break
    if problems:
        raise LlmcostError(*problems)


@lru_cache(maxsize=128)
def _following(plan: Plan) -> list[str]:
    """Return the derived quantities that a snapshot records, by a plan for everything."""
    return [
        name
        for name in of_interest(MODEL, plan)
        if name not in plan.inputs and not split(name)[0] and MODEL.quantities[name].section != "workload"
    ]


@lru_cache(maxsize=4096)
def _follows(name: str) -> bool:
    """Whether a metric follows from stated values, without a projection."""
    return name in MODEL.quantities and name not in MODEL.outcomes


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-300)


def reach(name: str, given: Iterable[str] = ()) -> frozenset[str]:
    """Return every quantity on which any route to `name` depends, and `name` itself.

    With parts among the given quantities, this includes the quantities inside them, under both names, and the
    rules of parts.
    """
    names = frozenset(given)
    return _reach(name, names if any(split(item)[0] for item in names) else frozenset())


@lru_cache(maxsize=2048)
def _reach(name: str, given: frozenset[str]) -> frozenset[str]:
    parts = Parts(given)
    found: set[str] = set()
    pending = [name]
    while pending:
        current = pending.pop()
        if current not in found:
            found.add(current)
            for formula in MODEL.routes(current, parts):
                pending += [*formula.inputs, *formula.unless_given, *formula.if_given]
    rules = (RULES.partition("/")[0],) if parts.below else ()
    return frozenset((*found, *(split(item)[1] for item in found), *rules))

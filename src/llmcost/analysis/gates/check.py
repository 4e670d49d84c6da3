"""Expectations compared with actual values: the `expect:` blocks of scenarios and the cases of test files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

from llmcost.analysis.ask.conflicts import Conflict, conflicts
from llmcost.analysis.ask.evaluation import evaluate, why_missing
from llmcost.analysis.ask.explain import Derivation, derivation
from llmcost.analysis.ask.load import prepare
from llmcost.analysis.ask.reach import NoEffect, asked, without_effect
from llmcost.analysis.gates.jobs import in_parts
from llmcost.analysis.gates.targets import Target, paths_of, read_targets
from llmcost.analysis.whatif.over_time import outcome_over_time
from llmcost.engine.plan import resolve
from llmcost.engine.trace import work_out
from llmcost.errors import LlmcostError, Option, Place, Problem, attempt
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.files.expectation import Expectation, Setting
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.files.test_file import Case, CaseFile
from llmcost.scenario.library import Library
from llmcost.scenario.reference import Reference
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.number import shorten

Status = Literal["passed", "failed", "warned"]
NEAREST: Final = 2
"""Levels of the derivation that a failure shows."""
BEGINNING: Final = ("company.net_burn_per_month", "cash.balance", "cash.committed_funding", "cash.credits")
"""Quantities with which a projection begins."""


class Item(NamedTuple):
    """One expectation and the scenario that it is about, not yet evaluated.

    Attributes:
        name: the name by which it is selected: file, case and metric, with its own conditions.
        source: the scenario file, or the case of a test file that names one.
        expectation: what is expected.
        setting: all conditions, including those of the case.
    """

    name: str
    source: ScenarioFile | Case
    expectation: Expectation
    setting: Setting

    @property
    def case(self) -> str | None:
        """The case's name, for an expectation of a test file."""
        return self.source.name if isinstance(self.source, Case) else None


class Tested(NamedTuple):
    """The outcome of one expectation.

    Attributes:
        name: the expectation's name.
        scenario: the scenario's label; `case` is the test file's name for it.
        expectation: what was expected.
        status: whether it holds; `warned` if it does not but should only warn.
        actual: the metric's value in its unit; None if there is none.
        reason: why there is none, or why it is only a lower bound.
        why: the nearest part of the derivation, if it does not hold.
    """

    name: str
    scenario: str
    case: str | None
    expectation: Expectation
    status: Status
    actual: float | None
    reason: Reason | str | None
    why: Derivation | None = None

    @property
    def deviation(self) -> float | None:
        """How far the value is from what was expected, in its unit; None if that is unknown."""
        if self.actual is None or self.expectation.undefined is not None:
            return None
        return self.expectation.deviation(self.actual)

    @property
    def relative_deviation(self) -> float | None:
        """The deviation as a share of the expected number; None without one, or if it is 0."""
        aim, deviation = self.expectation.aim, self.deviation
        return None if deviation is None or not aim else deviation / abs(aim)


class Checked(NamedTuple):
    """The outcome of every expectation that was tested.

    `conflicts` are the disagreements within the scenarios, each with the label of the first that has it.
    `no_effect` are overrides that do not move the expected metrics, each with its place.
    """

    outcomes: tuple[Tested, ...]
    conflicts: tuple[tuple[str, Conflict], ...] = ()
    no_effect: tuple[tuple[Place, NoEffect], ...] = ()

    def having(self, status: Status) -> list[Tested]:
        """Return the outcomes of one status."""
        return [outcome for outcome in self.outcomes if outcome.status == status]

    @property
    def ok(self) -> bool:
        """Whether nothing failed and no scenario contradicts itself; warnings do not count."""
        return not self.having("failed") and not self.conflicts


def check(
    *targets: str | Path,
    select: str | None = None,
    stop: bool = False,
    if_any: bool = False,
    library: Library | None = None,
    jobs: int = 1,
) -> Checked:
    """Test every expectation of some scenarios, test files and folders.

    Args:
        targets: names of scenarios, files, folders, or `-` for standard input.
        select: words that the names of expectations must contain, with `and`, `or` and `not`.
        stop: whether to stop at the first that fails.
        if_any: whether to accept that there is nothing to check.
        library: where scenarios are found; by default, the usual places.
        jobs: processes that share the files, with the same result; `stop` uses one.

    Raises:
        LlmcostError: with everything that prevents expectations from being checked, in all files; also if
            there is nothing to check.
    """
    shelf = library or Library()
    selector(select)
    problems: list[Problem] = []
    paths = paths_of(targets, shelf)
    alone = stop or Path("-") in paths
    work = partial(_check, shelf, select, stop)
    outcomes: list[Tested] = []
    found: dict[tuple[Place, str], tuple[str, Conflict]] = {}
    idle: list[tuple[Place, NoEffect]] = []
    seen = 0
    for part in in_parts(work, paths, 1 if alone else jobs):
        if part.stopped:
            return Checked(part.outcomes)
        outcomes += part.outcomes
        for place, conflict in part.conflicts.items():
            found.setdefault(place, conflict)
        idle += part.idle
        problems += part.problems
        seen += part.seen
    if problems:
        raise LlmcostError(*problems)
    if not outcomes and not found and not (if_any and not seen):
        raise LlmcostError(_nothing(targets, select, seen))
    return Checked(tuple(outcomes), tuple(found.values()), tuple(idle))


class _Part(NamedTuple):
    """The outcome of some of the files; `seen` counts all their expectations, selected or not."""

    outcomes: tuple[Tested, ...]
    conflicts: dict[tuple[Place, str], tuple[str, Conflict]]
    idle: list[tuple[Place, NoEffect]]
    problems: tuple[Problem, ...]
    seen: int
    stopped: bool = False


def _check(shelf: Library, select: str | None, stop: bool, paths: Sequence[Target]) -> _Part:
    outcomes: list[Tested] = []
    found: dict[tuple[Place, str], tuple[str, Conflict]] = {}
    idle: list[tuple[Place, NoEffect]] = []
    problems: list[Problem] = []
    wanted = selector(select)
    seen = 0
    for document in read_targets(paths, shelf, problems):
        items = items_of(document)
        seen += len(items)
        evaluated: list[tuple[Setting, Scenario]] = []
        try:
            chosen = [item for item in items if wanted(item.name)]
            for outcome in outcomes_of(chosen, shelf, evaluated, idle):
                outcomes.append(outcome)
                if stop and not problems and outcome.status == "failed":
                    return _Part(tuple(outcomes), found, idle, (), seen, stopped=True)
        except LlmcostError as error:
            problems += error.problems
        if isinstance(document, ScenarioFile):
            evaluated.sort(key=lambda pair: pair[0] != Setting())  # a file as it is comes first
            if not select and (not evaluated or evaluated[0][0] != Setting()):
                # Faults of a file without conditions are for `validate` to report.
                alone = attempt(partial(shelf.settle, document, Reference(document.name)), [])
                evaluated[:0] = [(Setting(), alone)] if alone is not None else []
        for _, scenario in evaluated:
            for conflict in conflicts(scenario):
                if conflict.is_open:
                    found.setdefault((conflict.stated.place, conflict.name), (scenario.label, conflict))
    return _Part(tuple(outcomes), found, idle, tuple(problems), seen)


def _nothing(targets: Iterable[str | Path], select: str | None, seen: int) -> str:
    if seen:
        return f"-k '{shorten(select or '')}' selects none of {seen} expectation{'s' if seen != 1 else ''}"
    said = ", ".join(shorten(str(target), 80) for target in targets)
    return f"nothing to check: there is no 'expect:' in {said}"


def items_of(document: ScenarioFile | CaseFile) -> list[Item]:
    """Return the expectations of a file, in its order, with unique names."""
    parts: list[tuple[ScenarioFile | Case, tuple[Expectation, ...], Setting, str]]
    if isinstance(document, CaseFile):
        parts = [
            (case, case.expectations, case.setting, f"{document.name}::{case.name}")
            for case in document.cases
        ]
    else:
        parts = [(document, document.expectations, Setting(), document.name)]
    items: list[Item] = []
    taken: dict[str, int] = {}
    for source, expectations, outer, stem in parts:
        for expectation in expectations:
            own = str(expectation.setting)
            name = f"{stem}::{expectation.metric}" + (f"[{own}]" if own else "")
            taken[name] = count = taken.get(name, 0) + 1
            unique = name if count == 1 else f"{name}#{count}"
            items.append(Item(unique, source, expectation, expectation.setting.within(outer)))
    return items


def alike(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield together neighbours about one scenario under the same conditions."""
    for _, group in groupby(items, key=lambda item: (id(item.source), item.setting)):
        yield list(group)


def outcomes_of(
    items: Iterable[Item],
    library: Library,
    evaluated: list[tuple[Setting, Scenario]] | None = None,
    idle: list[tuple[Place, NoEffect]] | None = None,
) -> Iterator[Tested]:
    """Yield the outcome of each item; neighbours under the same conditions share an evaluation.

    `evaluated` is filled with the scenarios under their conditions, `idle` with overrides without effect.

    Raises:
        LlmcostError: after the last outcome, with everything that prevented evaluations.
    """
    problems: list[Problem] = []
    for together in alike(items):
        scenario = attempt(partial(scenario_of, together[0], library), problems)
        if scenario is None:
            continue
        if evaluated is not None:
            evaluated.append((together[0].setting, scenario))
        plan = resolve(MODEL, scenario.data, [item.expectation.metric for item in together])
        values: dict[str, float | None] = {name: scenario.data[name].value for name in plan.inputs}
        reasons = work_out(plan.steps, values)
        for item in together:
            if idle is not None and scenario.ruling and item.expectation.metric not in MODEL.outcomes:
                gaps = without_effect(scenario.data, asked(scenario), [item.expectation.metric])
                idle += [(item.expectation.place, gap) for gap in gaps if gap.by]
            expectation = attempt(partial(held_against, item, scenario, library), problems)
            if expectation is not None:
                yield _outcome(item, expectation, scenario, values, reasons)
    if problems:
        raise LlmcostError(*problems)


def scenario_of(item: Item, library: Library) -> Scenario:
    """Return the scenario that an item is about, under its conditions.

    Raises:
        LlmcostError: located at the expectation or its case, if it is not found or a condition fails.
    """
    source, setting, expectation = item.source, item.setting, item.expectation
    place = expectation.place
    try:
        if isinstance(source, Case):
            place = source.scenario.place
            reference, file = source.scenario.reference, library.linked(source.scenario)
            place = expectation.place
        else:
            reference, file = Reference(source.name), source
        chosen = Reference(
            reference.base, setting.variants or reference.variants, setting.as_of or reference.as_of
        )
        settled = library.settle(file, chosen)
        return prepare(settled, overrides=setting.overrides, workload=setting.workload)
    except LlmcostError as error:
        raise LlmcostError(*(_located(problem, place) for problem in error.problems)) from None


def held_against(item: Item, scenario: Scenario, library: Library) -> Expectation:
    """Return an expectation with numbers as ends: metrics that are named as ends are evaluated.

    Another scenario is priced at the same workload and date, unless it names its own.

    Raises:
        LlmcostError: located at the end, if it cannot be evaluated or has no value.
    """
    expectation, setting = item.expectation, item.setting
    if not expectation.against:
        return expectation
    ends: dict[str, float] = {}
    problems: list[Problem] = []
    text = expectation.text
    for form, other in expectation.against.items():
        try:
            found = scenario
            if other.link is not None:
                found = prepare(
                    library.load(other.link, setting.as_of), workload=setting.workload or scenario.workload
                )
            ends[form] = _value_of(other.metric, found)
            text = text.replace(f"{form} {other.text}", f"{form} {other.text} ({ends[form]:.6g})")
        except LlmcostError as error:
            problems += (_located(problem, other.place) for problem in error.problems)
    if problems:
        raise LlmcostError(*problems)
    low, high = ends.get("above", expectation.low), ends.get("below", expectation.high)
    return expectation._replace(low=low, high=high, text=text)


def _value_of(metric: str, scenario: Scenario) -> float:
    """Return a metric's value.

    Raises:
        LlmcostError: if it has none.
    """
    if metric in MODEL.outcomes:
        value, _, reason, _ = outcome_over_time(scenario, metric)
    else:
        node = evaluate(scenario, [metric])[metric]
        value, reason = node.value, node.reason
    if value is None:
        raise LlmcostError(Problem(f"is undefined: {reason}", scenario.label, subject=metric))
    return value


def _located(problem: Problem, place: Place) -> Problem:
    """Place a problem without a line at the expectation that causes it."""
    if problem.line is not None:
        return problem
    said = "" if isinstance(problem.where, Option) else problem.where
    subject = ": ".join(filter(None, [said, problem.subject])) or None
    return Problem(problem.message, *place, subject=subject)


def _outcome(
    item: Item,
    expectation: Expectation,
    scenario: Scenario,
    values: Mapping[str, float | None],
    reasons: Mapping[str, Reason],
) -> Tested:
    metric = expectation.metric
    projected = metric in MODEL.outcomes
    month: int | None = None
    reason: Reason | str | None
    if projected:
        actual, month, reason, beyond = outcome_over_time(scenario, metric)
    else:
        actual, reason, beyond = values.get(metric), reasons.get(metric), False
    holds = expectation.holds(actual, reason)
    why: Derivation | None = None
    if beyond:
        # The runway is longer than the horizon: an expectation with an upper end may not hold.
        holds = holds and expectation.high is None
        reason = Reason("beyond_horizon")
    elif metric not in values and not projected:
        reason = f"cannot be derived: {why_missing(evaluate(scenario, [metric]), metric)}"
    if not holds and projected:
        why = _lead_up(scenario, metric, actual, month)
    elif not holds:
        why = derivation(evaluate(scenario, [metric]), metric, depth=NEAREST)
    status: Status = "passed" if holds else "warned" if expectation.warn else "failed"
    return Tested(item.name, scenario.label, item.case, expectation, status, actual, reason, why)


def _lead_up(scenario: Scenario, metric: str, value: float | None, month: int | None) -> Derivation:
    """Describe a projection that leads to an outcome: its beginning, and what moves."""
    timeline = scenario.timeline
    said = [f"{trajectory.name} {trajectory.text}" for trajectory in timeline.moving]
    for event in timeline.events or ():
        at = f"month {event.at.text}"
        said += [f"{at}: {effect.name} {effect.text}" for effect in event.effects]
        if event.reprice is not None:
            said.append(f"{at}: reprice {event.reprice.payer} *{event.reprice.multiplier:g}")
    reached = f" to month {month}" if month is not None else ""
    beginning = evaluate(scenario, BEGINNING)
    return Derivation(
        MODEL.quantities[metric],
        value,
        formula="; ".join([f"the projection{reached}", *(said or ["nothing moves"])]),
        inputs=tuple(
            derivation(beginning, name, depth=NEAREST - 1)
            for name in BEGINNING
            if name in beginning.trace.nodes
        ),
    )


def selector(text: str | None) -> Callable[[str], bool]:
    """Return a test for names from words joined by `and`, `or` and `not`, as in `pytest -k`.

    Raises:
        LlmcostError: if a word is missing.
    """
    if text is None:
        return lambda name: True
    choices = [[term.split() for term in part.split(" and ")] for part in text.split(" or ")]
    for part in choices:
        for words in part:
            if not words or words == ["not"]:
                raise LlmcostError(Problem("a word is missing", where=f"-k '{shorten(text)}'"))
            if words[words[0] == "not"].startswith("("):
                message = "parentheses do not group words; 'and' binds before 'or'"
                raise LlmcostError(Problem(message, where=f"-k '{shorten(text)}'"))

    def term(words: list[str], name: str) -> bool:
        refuse = words[0] == "not"
        return (" ".join(words[refuse:]).lower() in name.lower()) != refuse

    return lambda name: any(all(term(words, name) for words in part) for part in choices)

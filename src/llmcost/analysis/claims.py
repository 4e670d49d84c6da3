"""Claims put to the test: what was said, worked out in every way it can be meant, and the verdict.

A reading holds where its value is what is claimed and, if inputs that lead to it are ranges, at least 95 % of
the draws from them are too; it does not hold where its value is not and at most 5 % of the draws are; else
the ranges straddle the claim and it is undecided. Ranges are 90 % intervals, hence the 5 %. A reading with
several numbers holds where all of them do, and is drawn as a whole.

The verdict on a claim follows from its readings, in this order and whatever their own order is:

1. **holds**: every reading holds.
2. **holds only if**: some readings hold. The condition is that one of those is meant.
3. **undecided**: no reading holds, and some are undecided. The probability is that of the likeliest.
4. **holds only if**: all readings fail as they stand, but one input, named by `believe`, makes one of them
   true within the range that its source gives. The condition is that value.
5. **does not hold**: by how much is the distance of the nearest reading from the nearest end of what is
   claimed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from llmcost.analysis.conditions import Condition
from llmcost.analysis.evaluation import Evaluation, datum_of, evaluate, why_missing
from llmcost.analysis.loading import DEFAULT_WORKLOAD, library, load
from llmcost.analysis.points import Points
from llmcost.analysis.simulate import sample, uncertain_inputs
from llmcost.analysis.solve import DECADES, search
from llmcost.analysis.vary import is_input
from llmcost.engine.plan import resolve
from llmcost.engine.registry import Basis, Quantity, weakest
from llmcost.errors import LlmcostError, Problem, Undefined, did_you_mean
from llmcost.formulas import MODEL
from llmcost.scenario.claims import (
    Belief,
    Claim,
    Claimed,
    Ledger,
    Part,
    Reading,
    Source,
    Verdict,
    read_ledger,
)
from llmcost.scenario.document import read_text
from llmcost.scenario.expression import Expression
from llmcost.scenario.library import is_path, ledger_paths, normalise
from llmcost.scenario.number import shorten
from llmcost.scenario.quantity import Datum
from llmcost.scenario.reader import CLAIMS
from llmcost.scenario.scenario import Scenario, parse_reference

DRAWS: Final = 2000
SEED: Final = 0
SURE: Final = 0.95
"""The share of the draws from which on a reading is taken to hold."""


class Term(NamedTuple):
    """What a metric, or arithmetic over metrics, comes to in one scenario; None where it is undefined."""

    scenario: Scenario
    metric: Expression
    evaluation: Evaluation
    value: float | None


class Off(NamedTuple):
    """How far a value lies from the nearest end of what is claimed.

    Attributes:
        end: that end.
        difference: value less end.
        factor: value over end; None unless both are above zero.
    """

    end: float
    difference: float
    factor: float | None

    @property
    def distance(self) -> float:
        """How far off it is, to tell nearer from farther: the logarithm of the factor, where there is one."""
        if self.factor is not None:
            return abs(math.log(self.factor))
        return abs(self.difference) / max(abs(self.end), 1e-300)


class Figure(NamedTuple):
    """One number of a reading.

    Attributes:
        part: what was asked.
        quantity: its unit, under the text of the metric as its name.
        terms: what it is made of, one for each scenario.
        value: the number; None where it is undefined.
        reason: why it is undefined.
        basis: the weakest basis among the figures that lead here.
        off: how far it is from what is claimed; None where it is not.
    """

    part: Part
    quantity: Quantity
    terms: tuple[Term, ...]
    value: float | None
    reason: str | None
    basis: Basis
    off: Off | None

    @property
    def holds(self) -> bool:
        """Whether the value is what is claimed."""
        return self.value is not None and self.part.claimed.holds(self.value)


class Believed(NamedTuple):
    """What one input would have to be for a reading to hold, all else as it is.

    Attributes:
        input: which.
        scenario: whose.
        today: its value; None where it has none.
        needed: the nearest value to today's that will do; None where none does, or there is no value today.
        holds: the stretches of the search in which the reading holds.
        searched: from where to where.
        sourced: the range that its source gives, if it gives one.
    """

    input: Quantity
    scenario: Scenario
    today: float | None
    needed: float | None
    holds: tuple[tuple[float, float], ...]
    searched: tuple[float, float]
    sourced: tuple[float, float] | None

    @property
    def inside(self) -> bool | None:
        """Whether a value that will do lies within the sourced range; None where there is no such range."""
        if self.sourced is None:
            return None
        low, high = self.sourced
        return any(start <= high * (1 + 1e-9) and stop >= low * (1 - 1e-9) for start, stop in self.holds)


class Outcome(NamedTuple):
    """One reading, worked out; `probability` is the share of draws in which it holds, if any were made."""

    reading: Reading
    verdict: Verdict
    figures: tuple[Figure, ...]
    probability: float | None
    believed: tuple[Believed, ...]

    @property
    def distance(self) -> float:
        """How far the reading is from what is claimed, by its farthest number."""
        return max((math.inf if f.off is None else f.off.distance) for f in self.figures if not f.holds)


class Cited(NamedTuple):
    """A stated number that leads to a claim's figures."""

    scenario: Scenario
    quantity: Quantity
    datum: Datum


class Judged(NamedTuple):
    """A claim and its verdict."""

    claim: Claim
    verdict: Verdict
    outcomes: tuple[Outcome, ...]

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the ledger records, if it records one."""
        return self.claim.expected in (None, self.verdict)

    @property
    def holding(self) -> tuple[Outcome, ...]:
        """The readings that hold."""
        return tuple(outcome for outcome in self.outcomes if outcome.verdict == "holds")

    @property
    def likeliest(self) -> Outcome | None:
        """The undecided reading that holds in most draws."""
        undecided = [o for o in self.outcomes if o.verdict == "undecided" and o.probability is not None]
        return max(undecided, key=lambda o: (o.probability or 0.0, o.reading.name), default=None)

    @property
    def within_reach(self) -> tuple[tuple[Outcome, Believed], ...]:
        """The inputs that make a reading true within the range that their source gives."""
        return tuple((o, believed) for o in self.outcomes for believed in o.believed if believed.inside)

    @property
    def nearest(self) -> Outcome | None:
        """The reading that misses by least, where all of them miss."""
        if self.holding:
            return None
        missed = [o for o in self.outcomes if any(not figure.holds for figure in o.figures)]
        return min(missed, key=lambda o: (o.distance, o.reading.name), default=None)

    @property
    def cited(self) -> tuple[Cited, ...]:
        """Every stated number that leads to a figure, each once."""
        # What a reading sets may be the very value that the scenario states, and has another source.
        found: dict[tuple[str, str, float, str | None], Cited] = {}
        for outcome in self.outcomes:
            for figure in outcome.figures:
                for term in figure.terms:
                    for item in _cited(term):
                        key = item.scenario.name, item.quantity.name, item.datum.value, item.datum.source
                        found.setdefault(key, item)
        return tuple(found.values())


class Claims(NamedTuple):
    """The result of `claims`: the ledgers that were read, and every claim with its verdict."""

    ledgers: tuple[Ledger, ...]
    judged: tuple[Judged, ...]

    @property
    def unexpected(self) -> tuple[Judged, ...]:
        """The claims whose verdict is not the one that the ledger records."""
        return tuple(item for item in self.judged if not item.as_expected)

    @property
    def ok(self) -> bool:
        """Whether every verdict is the one recorded."""
        return not self.unexpected

    def rows(self) -> list[tuple[Any, ...]]:
        """Return a row for each number of each reading, in the order of `to_dicts`."""
        return [tuple(row.values()) for row in self.to_dicts()]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each number of each reading, as pandas and polars take them."""
        return [
            {
                "claim": judged.claim.id,
                "verdict": judged.verdict,
                "expected": judged.claim.expected,
                "reading": outcome.reading.name,
                "reading_verdict": outcome.verdict,
                "probability": outcome.probability,
                "metric": figure.quantity.name,
                "scenarios": " / ".join(term.scenario.label for term in figure.terms),
                "as": figure.part.how,
                "unit": figure.quantity.unit,
                "claimed": figure.part.claimed.text,
                "value": figure.value,
                "reason": figure.reason,
                "factor": figure.off.factor if figure.off else None,
                "difference": figure.off.difference if figure.off else None,
            }
            for judged in self.judged
            for outcome in judged.outcomes
            for figure in outcome.figures
        ]


def claims(*paths: str | Path, only: Iterable[str] = ()) -> Claims:
    """Work out every claim of some ledgers.

    Args:
        paths: ledgers and folders of them; without any, those in the `claims` folders of ./scenarios, of
            LLMCOST_PATH, and of what comes along.
        only: the ids of the claims that are wanted; all without it.

    Raises:
        LlmcostError: with everything that is wrong with the ledgers, the scenarios and metrics that they
            name included, and for an unknown id.
    """
    return judge(read_ledgers(*paths), only=only)


def read_ledgers(*paths: str | Path) -> tuple[Ledger, ...]:
    """Read ledgers, each path a file or a folder; of two claims of one id in a search the first wins.

    Raises:
        LlmcostError: with every problem of every file, and for an id that two of the named files have.
    """
    ledgers: list[Ledger] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for path in _expand(paths):
        try:
            ledger = read_ledger(read_text(path), str(path), MODEL)
        except LlmcostError as error:
            problems += error.problems
            continue
        fresh = []
        for claim in ledger.claims:
            if claim.id not in seen:
                fresh.append(claim)
            elif paths:
                message = f"duplicate claim '{claim.id}', first in {seen[claim.id]}"
                problems.append(Problem(message, claim.where, claim.line, claim.column))
            seen.setdefault(claim.id, f"{claim.where}:{claim.line}")
        ledgers.append(ledger._replace(claims=tuple(fresh)))
    if problems:
        raise LlmcostError(*problems)
    return tuple(ledgers)


def _expand(paths: Sequence[str | Path]) -> list[Path]:
    if not paths:
        return [path for folder in library().folders for path in ledger_paths(folder / CLAIMS)]
    found: list[Path] = []
    for item in map(Path, paths):
        if item.is_dir():
            below = ledger_paths(item)
            if not below:
                raise LlmcostError(Problem("holds no ledger (.yaml or .yml)", where=str(item)))
            found += below
        elif item.exists():
            found.append(item)
        else:
            raise LlmcostError(Problem("there is no such file or folder", where=str(item)))
    return list(dict.fromkeys(found))


def judge(ledgers: Sequence[Ledger], *, only: Iterable[str] = ()) -> Claims:
    """Work out the claims of ledgers that have been read.

    Raises:
        LlmcostError: as `claims` does.
    """
    every = {claim.id: claim for ledger in ledgers for claim in ledger.claims}
    wanted = list(dict.fromkeys(only))
    unknown = [name for name in wanted if name not in every]
    if unknown:
        raise LlmcostError(
            *(f"no claim is called '{shorten(name)}'{did_you_mean(name, every)}" for name in unknown)
        )
    chosen = [every[name] for name in wanted] if wanted else list(every.values())
    problems: dict[Problem, None] = {}
    judged = []
    for claim in chosen:
        try:
            judged.append(_judge(claim))
        except LlmcostError as error:
            problems.update(dict.fromkeys(error.problems))
    if problems:
        raise LlmcostError(*problems)
    return Claims(tuple(ledgers), tuple(judged))


def _judge(claim: Claim) -> Judged:
    worked: list[tuple[Reading, list[_Meter]]] = []
    problems: list[Problem] = []
    for reading in claim.readings:
        meters = []
        for part in reading.parts:
            try:
                meters.append(_Meter(part, _sides(claim, part)))
            except LlmcostError as error:
                problems += error.problems
        worked.append((reading, meters))
    if not problems:
        problems = _unused(claim, worked)
    if problems:
        raise LlmcostError(*problems)
    outcomes = tuple(_outcome(claim, reading, meters) for reading, meters in worked)
    return Judged(claim, _verdict(outcomes), outcomes)


def _verdict(outcomes: Sequence[Outcome]) -> Verdict:
    verdicts = {outcome.verdict for outcome in outcomes}
    if verdicts == {"holds"}:
        return "holds"
    if "holds" in verdicts:
        return "holds only if"
    if "undecided" in verdicts:
        return "undecided"
    if any(believed.inside for outcome in outcomes for believed in outcome.believed):
        return "holds only if"
    return "does not hold"


def _outcome(claim: Claim, reading: Reading, meters: Sequence[_Meter]) -> Outcome:
    figures = tuple(meter.figure() for meter in meters)
    probability = _probability(meters)
    stands = all(figure.holds for figure in figures)
    verdict: Verdict
    if stands and (probability is None or probability >= SURE):
        verdict = "holds"
    elif not stands and (probability is None or probability <= 1 - SURE):
        verdict = "does not hold"
    else:
        verdict = "undecided"
    believed: list[Believed | None] = []
    if verdict != "holds":
        believed = [_believe(claim, belief, meters) for belief in reading.beliefs]
    return Outcome(reading, verdict, figures, probability, tuple(filter(None, believed)))


def _probability(meters: Sequence[_Meter]) -> float | None:
    """Return the share of the draws in which every number is what is claimed; None without any range."""
    drawn = [meter.drawn() for meter in meters]
    if all(column is None for column in drawn):
        return None
    columns = [
        [meter.figure().holds] * DRAWS if column is None else column
        for meter, column in zip(meters, drawn, strict=True)
    ]
    return sum(all(row) for row in zip(*columns, strict=True)) / DRAWS


class _Side(NamedTuple):
    """One scenario of a number; `sourced` is it before anything was overridden."""

    scenario: Scenario
    sourced: Scenario
    metric: Expression
    evaluation: Evaluation


def _sides(claim: Claim, part: Part) -> tuple[_Side, ...]:
    sides = []
    problems: list[Problem] = []
    workload = part.workload or (DEFAULT_WORKLOAD if len(part.sources) == 2 else None)
    for source, metric in zip(part.sources, part.metrics, strict=True):
        try:
            name = _resolved(source, claim)
            sourced = load(name, workload=workload)
            scenario = _credited(load(name, workload=workload, set=part.set), part)
        except LlmcostError as error:
            problems += (
                problem
                if problem.line is not None
                else _placed(str(problem).removeprefix("--"), claim, source)
                for problem in error.problems
            )
            continue
        evaluation = evaluate(scenario, metric.metrics)
        for name in metric.metrics:
            if name not in evaluation:
                message = f"{name} of {scenario.label}: {why_missing(evaluation, name)}"
                problems.append(_placed(message, claim, part))
        sides.append(_Side(scenario, sourced, metric, evaluation))
    if problems:
        raise LlmcostError(*problems)
    return tuple(sides)


def _credited(scenario: Scenario, part: Part) -> Scenario:
    """Name the reading, and not an option, as the source of what it sets: a supposition of its own."""
    data: dict[str, Datum | None] = {}
    for text in part.set:
        datum = scenario.data.get(text.partition("=")[0])
        if datum is not None and datum.source is not None:
            told = datum.source.replace("--set ", "the reading sets ", 1)
            data[text.partition("=")[0]] = datum._replace(source=told, basis="assumed")
    return scenario.with_data(data)


def _resolved(source: Source, claim: Claim) -> str:
    """Return a reference with a path in it seen from the ledger's own folder."""
    if is_path(parse_reference(source.text).base):
        return str(Path(claim.where).parent / source.text)
    return source.text


def _placed(message: str, claim: Claim, at: Source | Part | Belief) -> Problem:
    return Problem(message, claim.where, at.line, at.column, claim.id)


Value = Callable[[float], float | None]


class _Meter:
    """Works out one number of a reading: as it stands, over draws, and as an input moves."""

    def __init__(self, part: Part, sides: tuple[_Side, ...]) -> None:
        self.part = part
        self.sides = sides
        self._figure: Figure | None = None

    def figure(self) -> Figure:
        """Return the number as it stands."""
        if self._figure is None:
            self._figure = self._work_out()
        return self._figure

    def _work_out(self) -> Figure:
        part, terms, reason = self.part, [], None
        for side in self.sides:
            nodes = [side.evaluation[name] for name in side.metric.metrics]
            undefined = next((node for node in nodes if node.value is None), None)
            value = None
            try:
                if undefined is not None:
                    raise Undefined(undefined.reason or "undefined")
                value = side.metric.at({node.name: node.value for node in nodes if node.value is not None})
            except Undefined as why:
                reason = reason or str(why)
            terms.append(Term(side.scenario, side.metric, side.evaluation, value))
        value = None
        if reason is None:
            try:
                value = _made(part, [term.value for term in terms if term.value is not None])
            except Undefined as why:
                reason = str(why)
        bases = [side.evaluation[name].basis for side in self.sides for name in side.metric.metrics]
        name = " / ".join(dict.fromkeys(metric.text for metric in part.metrics))
        quantity = Quantity(name, part.unit, "", low=None)
        off = None if value is None or part.claimed.holds(value) else _off(value, part.claimed)
        return Figure(part, quantity, tuple(terms), value, reason, weakest(bases), off)

    def drawn(self) -> list[bool] | None:
        """Return for each draw whether the number is what is claimed; None where there is no range."""
        if not self.part.draws:
            return None
        uncertain = [uncertain_inputs(side.scenario, side.metric.metrics) for side in self.sides]
        if not any(uncertain):
            return None
        columns = [self._column(side, own) for side, own in zip(self.sides, uncertain, strict=True)]
        return [self._holds(row) for row in zip(*columns, strict=True)]

    def _column(self, side: _Side, uncertain: Sequence[Quantity]) -> list[float | None]:
        if not uncertain:
            (value,) = (term.value for term in self.figure().terms if term.scenario is side.scenario)
            return [value] * DRAWS
        names = [quantity.name for quantity in uncertain]
        columns = [_drawn(side.scenario.data[quantity.name], quantity) for quantity in uncertain]
        found = Points(side.scenario, names, side.metric.metrics).one_by_one(columns)
        if side.metric.is_metric:
            return found[0]
        return [_at(side.metric, row) for row in zip(*found, strict=True)]

    def _holds(self, values: Sequence[float | None]) -> bool:
        value = self._made(values)
        return value is not None and self.part.claimed.holds(value)

    def _made(self, values: Sequence[float | None]) -> float | None:
        there = [value for value in values if value is not None]
        try:
            return _made(self.part, there) if len(there) == len(values) else None
        except Undefined:
            return None

    def places(self, belief: Belief) -> list[int]:
        """Return which of the scenarios an input belongs to and moves the number through."""
        return [
            place
            for place, side in enumerate(self.sides)
            if (belief.scenario is None or normalise(belief.scenario) == normalise(side.scenario.name))
            and belief.input
            in resolve(MODEL, {*side.scenario.data, belief.input}, side.metric.metrics).inputs
        ]

    def moved(self, belief: Belief) -> Value | None:
        """Return the number as a function of an input; None where it does not depend on it."""
        places = self.places(belief)
        if not places:
            return None
        points = {
            place: Points(self.sides[place].scenario, [belief.input], self.sides[place].metric.metrics)
            for place in places
        }
        fixed = [term.value for term in self.figure().terms]
        known: dict[float, float | None] = {}

        def at(x: float) -> float | None:
            if x not in known:
                values = [
                    _at(side.metric, points[place].at([x])) if place in points else fixed[place]
                    for place, side in enumerate(self.sides)
                ]
                known[x] = self._made(values)
            return known[x]

        return at


@lru_cache(maxsize=64)
def _drawn(datum: Datum, quantity: Quantity) -> tuple[float, ...]:
    """Return the draws from one fact, which several readings share as a rule."""
    return tuple(sample(datum, quantity, DRAWS, SEED, "lhs"))


def _at(metric: Expression, row: Sequence[float | None]) -> float | None:
    if metric.is_metric:
        return row[0]
    values = {name: value for name, value in zip(metric.metrics, row, strict=True) if value is not None}
    try:
        return metric.at(values) if len(values) == len(metric.metrics) else None
    except Undefined:
        return None


def _made(part: Part, values: Sequence[float]) -> float:
    """Return what a comparison amounts to.

    Raises:
        Undefined: where it divides by zero, or by a number below it.
    """
    if part.how == "value":
        return values[0]
    first, second = values
    if part.how == "difference":
        return first - second
    above, below = (first, second) if part.how == "ratio" else (second, first)
    if below <= 0:
        raise Undefined("divides by what is not above zero")
    return above / below if part.how == "ratio" else 1 - above / below


def _off(value: float, claimed: Claimed) -> Off:
    end = claimed.low if claimed.low is not None and value <= claimed.low else claimed.high
    assert end is not None
    return Off(end, value - end, value / end if value > 0 < end else None)


def _unused(claim: Claim, worked: Sequence[tuple[Reading, Sequence[_Meter]]]) -> list[Problem]:
    """Find the inputs under `believe` that move no number, are derived, or could be either scenario's."""
    problems: dict[Problem, None] = {}
    used: set[tuple[int, int]] = set()
    beliefs: dict[tuple[int, int], Belief] = {}
    for reading, meters in worked:
        for belief in reading.beliefs:
            place = belief.line, belief.column
            beliefs[place] = belief
            touched = [meter for meter in meters if meter.places(belief)]
            for meter in touched:
                used.add(place)
                if belief.scenario is None and len(meter.sides) == 2:
                    owner = meter.sides[-1].scenario.name
                    message = f"believe {belief.input}: say whose, such as {owner}/{belief.input}"
                    problems[_placed(message, claim, belief)] = None
                elif not is_input(belief.input, [meter.sides[p].scenario for p in meter.places(belief)]):
                    message = f"believe {belief.input}: is derived; name what it follows from"
                    problems[_placed(message, claim, belief)] = None
    for place, belief in beliefs.items():
        if place not in used:
            problems[_placed(f"believe {belief.input}: no reading depends on it", claim, belief)] = None
    return list(problems)


def _believe(claim: Claim, belief: Belief, meters: Sequence[_Meter]) -> Believed | None:
    """Find where an input must be for a reading to hold; None where no number of it depends on the input."""
    moving = [(meter, meter.moved(belief)) for meter in meters]
    if all(at is None for _, at in moving):
        return None
    quantity = MODEL.quantities[belief.input]
    meter, place = next((meter, meter.places(belief)[0]) for meter, at in moving if at is not None)
    side = meter.sides[place]
    today = _today(side, belief.input)
    source = side.sourced.data.get(belief.input)
    sourced = None
    if source is not None and source.low is not None and source.high is not None:
        sourced = source.low, source.high
    low, high = _bounds(claim, belief, quantity, today, sourced)
    stretches: list[tuple[float, float]] = [(low, high)]
    for meter, at in moving:
        if at is None:
            stretches = stretches if meter.figure().holds else []
        else:
            for sign, end in ((">", meter.part.claimed.low), ("<", meter.part.claimed.high)):
                if end is not None:
                    sign += "" if meter.part.claimed.strict else "="
                    stretches = _overlap(stretches, _where(quantity, side, at, sign, end, low, high))
    needed = None
    if today is not None and stretches:
        ends = [min(max(today, start), stop) for start, stop in stretches]
        needed = min(ends, key=lambda end: (_apart(end, today), end))
    return Believed(quantity, side.scenario, today, needed, tuple(stretches), (low, high), sourced)


def _today(side: _Side, name: str) -> float | None:
    """Return an input's value: as stated, or the default that stands in."""
    found = evaluate(side.scenario, [name])
    return found.value(name) if name in found else None


def _bounds(
    claim: Claim,
    belief: Belief,
    quantity: Quantity,
    today: float | None,
    sourced: tuple[float, float] | None,
) -> tuple[float, float]:
    if belief.between is not None:
        return belief.between
    if quantity.low is not None and quantity.high is not None:
        return quantity.low, quantity.high
    if today is not None and today > 0:
        return today / 10**DECADES, today * 10**DECADES
    if sourced is not None:
        return sourced
    message = f"believe {quantity.name}: has no value to search around; write '{quantity.name}: LOW to HIGH'"
    raise LlmcostError(_placed(message, claim, belief))


def _where(
    quantity: Quantity, side: _Side, at: Value, sign: str, end: float, low: float, high: float
) -> tuple[tuple[float, float], ...]:
    condition = Condition(side.metric.text, sign, end, "")
    return search(side.scenario, quantity, condition, low, high, at, lambda _: end).holds


def _overlap(
    one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    pairs = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return [(start, stop) for start, stop in pairs if start <= stop]


def _apart(value: float, today: float) -> float:
    """How large a change is: by its factor where there is one."""
    return abs(math.log(value / today)) if value > 0 < today else abs(value - today)


def _cited(term: Term) -> Iterator[Cited]:
    for metric in term.metric.metrics:
        for node in term.evaluation.trace.ancestry(metric):
            datum = datum_of(node)
            if datum is not None:
                yield Cited(term.scenario, node.quantity, datum)

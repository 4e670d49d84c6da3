"""What moved between two snapshots: each quantity, by how much, why, and whether that fails a gate."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, get_args

from llmcost.analysis.gates.attribution import Change, Contribution, attribute, attribute_outcomes
from llmcost.analysis.gates.snapshot import OF_CONFLICTS, fingerprints, reach, worse_of
from llmcost.formulas import MODEL
from llmcost.reasons import REASONS
from llmcost.records import NamedTuple
from llmcost.scenario.files.snapshot import Recorded, RecordedScenario, Snapshot
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.growth import MONTHS, in_months
from llmcost.scenario.values.tolerance import EXACT, Tolerance

FailOn = Literal["any", "above", "regression"]
FAIL_ON: Final[tuple[str, ...]] = get_args(FailOn)
Status = Literal["moved", "added", "removed", "undefined", "defined", "restated"]


class Move(NamedTuple):
    """One quantity that changed.

    Attributes:
        metric: its name; `given` tells a stated value from a derived one.
        unit: its unit.
        status: its value moved; it was added or removed; it became `undefined`, or stayed so with a reason
            that is no longer good news or now is; it became `defined`; or only its basis or range changed,
            or whether it is stated (`restated`).
        switched: whether it is stated and was derived, or the other way round.
        old, new: what it was and is; None if it does not exist.
        parts: the causes of the change, in the metric's unit, for a derived value that moved.
        beyond: whether the change exceeds the tolerance.
        worse: whether it went in the bad direction; None if that depends.
        failed: whether it fails the gate.
    """

    metric: str
    given: bool
    unit: str
    status: Status
    old: Recorded | None
    new: Recorded | None
    switched: bool = False
    parts: tuple[Contribution, ...] = ()
    beyond: bool = True
    worse: bool | None = None
    failed: bool = False

    @property
    def before(self) -> float | None:
        """Its value before, in its unit."""
        return self.old.value if self.old is not None else None

    @property
    def after(self) -> float | None:
        """Its value after, in its unit."""
        return self.new.value if self.new is not None else None

    @property
    def change(self) -> float | None:
        """How far it moved, in its unit."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def relative(self) -> float | None:
        """How far it moved as a share of its value before; None if that was 0."""
        return None if self.change is None or not self.before else self.change / abs(self.before)


class ScenarioDiff(NamedTuple):
    """What moved in one scenario.

    Attributes:
        key: its key in the snapshot.
        label: its name for readers.
        status: `same`, `moved`, `added` or `removed`.
        moves: stated values first, then in vocabulary order.
        unchanged: the quantities that did not change.
        workload: the mix that is priced.
        links: by header key, such as `supplier`, the scenarios named before and after, if they differ.
        failed: whether the scenario itself fails the gate, because it was added or removed.
        scenario: the scenario as it is now, if it was read and has changed.
    """

    key: str
    label: str
    status: Literal["same", "moved", "added", "removed"]
    moves: tuple[Move, ...] = ()
    unchanged: tuple[str, ...] = ()
    workload: str = ""
    links: Mapping[str, tuple[str | None, str | None]] = MappingProxyType({})
    failed: bool = False
    scenario: Scenario | None = None


class Diff(NamedTuple):
    """The result of `diff`.

    Attributes:
        before, after: what was compared, in words.
        scenarios: each scenario, in the order of the keys.
        changed, added, removed: formulas whose code changed, as `quantity/function`.
        fail_on: what the gate fails on; None if there is no gate.
        left_out: what else the snapshot records, if scenarios to recompute were named.
    """

    before: str
    after: str
    scenarios: tuple[ScenarioDiff, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    fail_on: FailOn | None
    left_out: tuple[str, ...] = ()

    @property
    def moves(self) -> list[Move]:
        """Every move of every scenario."""
        return [move for scenario in self.scenarios for move in scenario.moves]

    @property
    def failures(self) -> int:
        """How many quantities, scenarios and, where any difference fails it, formulas fail the gate."""
        formulas = (*self.changed, *self.added, *self.removed) if self.fail_on == "any" else ()
        failed = sum(move.failed for move in self.moves) + sum(s.failed for s in self.scenarios)
        return failed + len(formulas)

    @property
    def ok(self) -> bool:
        """Whether nothing fails the gate."""
        return not self.failures


class Gate(NamedTuple):
    """How far each metric may move, and what fails."""

    tolerance: Tolerance
    own: Mapping[str, Tolerance]
    fail_on: FailOn | None

    def of(self, metric: str) -> Tolerance:
        """Return the tolerance that holds for a metric."""
        return self.own.get(metric, self.tolerance)


def compare_snapshots(
    old: Snapshot,
    new: Snapshot,
    gate: Gate,
    before: str,
    after: str,
    scenarios: Mapping[str, Scenario] = MappingProxyType({}),
) -> Diff:
    """Compare two recorded snapshots; `scenarios` are those of which `new` was taken."""
    changed = tuple(
        sorted(m for m in old.formulas.keys() & new.formulas.keys() if old.formulas[m] != new.formulas[m])
    )
    added = tuple(sorted(new.formulas.keys() - old.formulas.keys()))
    removed = tuple(sorted(old.formulas.keys() - new.formulas.keys()))
    touched = (*changed, *added, *removed)
    known = new.formulas == fingerprints()
    labels = _labels(old, new)
    found = []
    for key in sorted({*old.scenarios, *new.scenarios}):
        one, other = old.scenarios.get(key), new.scenarios.get(key)
        if one is not None and other is not None:
            compared = compare_records(
                key, one, other, touched, gate, known=known, scenario=scenarios.get(key)
            )
            found.append(compared._replace(label=labels[key]))
        else:
            status: Literal["added", "removed"] = "added" if one is None else "removed"
            failed = gate.fail_on == "any" or (status == "removed")
            record = one or other
            assert record is not None
            found.append(ScenarioDiff(key, labels[key], status, workload=record.workload, failed=failed))
    return Diff(before, after, tuple(found), changed, added, removed, gate.fail_on)


def _labels(old: Snapshot, new: Snapshot) -> dict[str, str]:
    """Return each scenario's label, or its key if files with the same name share the label."""
    labels = {key: record.label for key, record in {**old.scenarios, **new.scenarios}.items()}
    times = Counter(labels.values())
    return {key: label if times[label] == 1 else key for key, label in labels.items()}


def compare_records(
    key: str,
    old: RecordedScenario,
    new: RecordedScenario,
    touched: Sequence[str],
    gate: Gate,
    *,
    known: bool = True,
    scenario: Scenario | None,
) -> ScenarioDiff:
    """Compare one scenario; without `known`, the new values come from other versions of the formulas."""
    old = _in_the_same_periods(old, new)
    moves: list[Move] = []
    unchanged: list[str] = []
    old_all, new_all = {**old.inputs, **old.metrics}, {**new.inputs, **new.metrics}
    names = _in_order(frozenset((*old_all, *new_all)))
    if old.inputs == new.inputs and old.metrics == new.metrics:
        unchanged, names = names, []
    for name in names:
        if (name in old.inputs) == (name in new.inputs) and old_all.get(name) == new_all.get(name):
            unchanged.append(name)
            continue
        given = name in new.inputs or (name not in new_all and name in old.inputs)
        switched = (name in old.inputs) != (name in new.inputs)
        move = _move(name, given, old_all.get(name), new_all.get(name), switched=switched)
        if move is None:
            unchanged.append(name)
        else:
            moves.append(move)
    moves.sort(key=lambda move: not move.given)
    parts = _attributed(moves, old, new, touched, known) if moves else {}
    if scenario is not None:
        changes = [change for change in _derived(moves) if change.metric in MODEL.outcomes]
        parts |= attribute_outcomes(changes, _stated(old), _stated(new), scenario) if changes else {}
    judged = tuple(_judge(move._replace(parts=parts.get(move.metric, ())), gate) for move in moves)
    status: Literal["moved", "same"] = "moved" if judged else "same"
    workload = new.workload if new.workload == old.workload else f"{old.workload} → {new.workload}"
    keys = sorted({*old.links, *new.links})
    links = {key: (old.links.get(key), new.links.get(key)) for key in keys}
    changed = {key: ends for key, ends in links.items() if ends[0] != ends[1]}
    return ScenarioDiff(key, new.label, status, judged, tuple(unchanged), workload, changed)


def _in_the_same_periods(old: RecordedScenario, new: RecordedScenario) -> RecordedScenario:
    """Return a record with every growth in the period in which it is stated now."""
    inputs = dict(old.inputs)
    growths = [name for name in inputs if name not in MODEL.quantities and name in new.inputs]
    for name in growths:
        entry, now = inputs[name], new.inputs[name]
        months, other = (MONTHS.get(item.unit.removeprefix("share/")) for item in (entry, now))
        if months and other and months != other:
            ends = (entry.value, entry.low, entry.high)
            value, low, high = (None if end is None else in_months(end, months, other) for end in ends)
            inputs[name] = entry._replace(value=value, low=low, high=high, unit=now.unit)
    return old._replace(inputs=inputs) if growths else old


@lru_cache(maxsize=128)  # files of a folder often have the same figures
def _in_order(names: frozenset[str]) -> list[str]:
    """Sort names in vocabulary order, followed by those it no longer knows."""
    known = MODEL.in_order(name for name in names if name in MODEL.quantities)
    return [*known, *sorted(names - set(known))]


def _move(
    name: str, given: bool, old: Recorded | None, new: Recorded | None, *, switched: bool
) -> Move | None:
    status: Status
    if old is None or new is None:
        status = "added" if old is None else "removed"
    elif old.value is None and new.value is None:
        # A different reason is not a move, unless only one of the two is good news.
        if _is_good(old) == _is_good(new):
            return None
        status = "undefined"
    elif old.value is None or new.value is None:
        status = "defined" if old.value is None else "undefined"
    elif not math.isclose(old.value, new.value, rel_tol=EXACT.amount, abs_tol=0.0):
        status = "moved"
    elif switched or (given and old[1:] != new[1:]):
        # A value that replaces a formula's result no longer follows that formula's inputs.
        status = "restated"
    else:
        return None
    record = new or old
    assert record is not None
    both = old is not None and new is not None
    return Move(name, given, record.unit, status, old, new, switched=switched and both)


def _attributed(
    moves: Sequence[Move], old: RecordedScenario, new: RecordedScenario, touched: Sequence[str], known: bool
) -> dict[str, tuple[Contribution, ...]]:
    """Return the parts of every derived value that moved."""
    # Outcomes of a projection do not follow from stated values by formulas alone.
    changes = [change for change in _derived(moves) if MODEL.derives(change.metric)]
    before, after = _stated(old), _stated(new)
    names = {*before, *after}
    on_the_way = {
        change.metric: [mark for mark in touched if mark.partition("/")[0] in reach(change.metric, names)]
        for change in changes
    }
    if known:
        return attribute(changes, before, after, on_the_way)
    moved = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return {
        change.metric: (Contribution("all", (*on_the_way[change.metric], *moved), change.new - change.old),)
        for change in changes
    }


def _derived(moves: Iterable[Move]) -> list[Change]:
    """Return the derived values that moved."""
    return [
        Change(move.metric, move.before, move.after)
        for move in moves
        if move.status == "moved" and not move.given and move.before is not None and move.after is not None
    ]


def _stated(record: RecordedScenario) -> dict[str, float]:
    return {name: entry.value for name, entry in record.inputs.items() if entry.value is not None}


def _is_good(entry: Recorded | None) -> bool:
    """Whether a quantity is undefined because things are better than it can express."""
    meaning = REASONS.get(entry.reason_code or "") if entry is not None and entry.value is None else None
    return meaning is not None and meaning.good


def _judge(move: Move, gate: Gate) -> Move:
    """Say whether a move exceeds the tolerance, goes the wrong way, and fails the gate."""
    worse: bool | None = None
    beyond = move.status not in ("added", "restated")
    if move.metric.startswith(OF_CONFLICTS):
        beyond, worse = True, {"added": True, "removed": False}.get(move.status)
    elif move.status == "moved":
        assert move.change is not None
        assert move.before is not None
        beyond = abs(move.change) > gate.of(move.metric).around(move.before)
        bad = worse_of(move.metric)
        if bad is not None:
            worse = (move.change > 0) == (bad == "up")
    elif move.status == "undefined" and _is_good(move.new):
        worse = False
    elif move.status in ("defined", "undefined") and _is_good(move.old):
        worse = True
    match gate.fail_on:
        case "any":
            failed = True
        case "above":
            failed = beyond
        case "regression":
            failed = beyond and (worse is True or (worse is None and move.status in ("removed", "undefined")))
        case None:
            failed = False
    return move._replace(beyond=beyond, worse=worse, failed=failed)

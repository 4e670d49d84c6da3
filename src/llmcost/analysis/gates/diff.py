"""What moved since a snapshot, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from llmcost.analysis.ask.evaluation import select_metrics
from llmcost.analysis.gates.changes import FAIL_ON, Diff, Gate, compare_records, compare_snapshots
from llmcost.analysis.gates.snapshot import EVERY, LARGEST_FILE, fingerprints, read, take
from llmcost.errors import LlmcostError, Option, Problem
from llmcost.formulas import MODEL
from llmcost.scenario.files.snapshot import Snapshot, line_in, line_of
from llmcost.scenario.files.tree import read_bytes, read_text
from llmcost.scenario.finding import normalise
from llmcost.scenario.reference import ENDINGS, is_path, parse_reference
from llmcost.scenario.values.number import NotANumber, shorten
from llmcost.scenario.values.tolerance import EXACT, parse_tolerance


def diff(
    before: str | Path, *after: str | Path, tolerance: Iterable[str] = (), fail_on: str | None = None
) -> Diff:
    """Compare a snapshot with what its scenarios give now, or two snapshots, or two scenarios.

    Args:
        before: a snapshot file; or a scenario, with another as `after`.
        after: scenarios and folders to recompute, by default those in the snapshot; or one other
            snapshot.
        tolerance: `1%` for every metric, `METRIC=0.5pp` or `METRIC=2%` for one, a section or a pattern.
        fail_on: `any` difference, a move `above` the tolerance, or a `regression`: a move above it in the
            direction that is bad for the metric. By default `above` if there is a snapshot; two scenarios are
            compared without failing.

    Raises:
        LlmcostError: for a file that cannot be read, a scenario that has disappeared, or a bad tolerance.
    """
    gate = read_gate(tolerance, fail_on)
    first, rest = str(before), [str(item) for item in after]
    if not is_snapshot(first):
        if len(rest) != 1 or is_snapshot(rest[0]):
            message = "is not a snapshot file; name one, or two scenarios to compare"
            if len(rest) == 1:
                message = "is not a snapshot file; the snapshot comes first"
            raise LlmcostError(Problem(message, where=shorten(first, 80)))
        return _two_scenarios(first, rest[0], gate)
    if fail_on is None:
        gate = gate._replace(fail_on="above")
    old = read(first)
    if len(rest) == 1 and is_snapshot(rest[0]):
        return compare_snapshots(old, read(rest[0]), gate, first, rest[0])
    return _recomputed(old, rest, gate, first)


def is_snapshot(name: str) -> bool:
    """Whether a name means a snapshot file: any name in .json, or a file that begins like JSON."""
    path = Path(name)
    if name.endswith(".json") or not (path.is_file() or path.is_relative_to("/dev")):
        return name.endswith(".json")
    return read_bytes(path, LARGEST_FILE).lstrip().startswith(b"{")


def read_gate(tolerances: Iterable[str], fail_on: str | None) -> Gate:
    """Read the options of the gate.

    Raises:
        LlmcostError: with all their problems.
    """
    problems: list[Problem] = []
    general, own = EXACT, {}
    for text in tolerances:
        name, equals, amount = (part.strip() for part in text.rpartition("="))
        try:
            if not equals:
                general = parse_tolerance(amount, None)
                continue
            for metric in select_metrics([name]):
                own[metric] = parse_tolerance(amount, MODEL.quantities[metric])
        except NotANumber as error:
            problems.append(Problem(str(error), where=f"--tolerance {shorten(text, 80)}"))
        except LlmcostError as error:
            where = f"--tolerance {shorten(text, 80)}"
            problems += [Problem(problem.message, where) for problem in error.problems]
    if fail_on is not None and fail_on not in FAIL_ON:
        problems.append(Problem(f"is one of {', '.join(FAIL_ON)}, got '{shorten(fail_on)}'", "--fail-on"))
    if problems:
        raise LlmcostError(*problems)
    return Gate(general, own, fail_on)  # type: ignore[arg-type]


def _two_scenarios(one: str, other: str, gate: Gate) -> Diff:
    first, second = take([one]), take([other])
    for taken, name in ((first, one), (second, other)):
        if len(taken.scenarios) != 1:
            raise LlmcostError(Problem("means several scenarios; name one", where=shorten(name, 80)))
    ((_, old),) = first.snapshot.scenarios.items()
    ((key, new),) = second.snapshot.scenarios.items()
    label = f"{old.label} → {new.label}" if old.label != new.label else f"{one} → {other}"
    found = compare_records(key, old, new._replace(label=label), (), gate, scenario=second.scenarios[key])
    moved = found._replace(scenario=second.scenarios[key])
    return Diff(old.label, new.label, (moved,), (), (), (), gate.fail_on)


def _recomputed(old: Snapshot, targets: Sequence[str], gate: Gate, where: str) -> Diff:
    known = old.scenarios if old.formulas == fingerprints() else {}
    try:
        taken = take(
            targets or old.targets, as_of=old.as_of, overrides=old.set, workload=old.workload, known=known
        )
    except LlmcostError as error:
        # Targets on the command line are the user's error; those of the snapshot have disappeared since.
        if targets or any(problem.line is not None for problem in error.problems):
            raise
        text = _text(where)
        raise LlmcostError(*(_not_again(problem, where, text) for problem in error.problems)) from None
    new = taken.snapshot
    kept = dict(old.scenarios)
    if targets:
        kept = {
            key: record
            for key, record in kept.items()
            if key in new.scenarios or any(_lies_in(key, target) for target in new.targets)
        }
        if not kept and len(old.scenarios) == len(new.scenarios) == 1:  # one scenario against another
            ((_, before),), ((key, _),) = old.scenarios.items(), new.scenarios.items()
            kept = {key: before}
        if not kept:
            held = ", ".join(shorten(key, 80) for key in list(old.scenarios)[:5])
            raise LlmcostError(Problem(f"holds none of {', '.join(targets)}; it holds {held}", where))
    lost = [key for key in kept if key not in new.scenarios]
    if lost:
        text, said = _text(where), "has disappeared; if that is intended, take a new snapshot"
        raise LlmcostError(
            *(Problem(f"'{shorten(key, 80)}' {said}", where, line_in(text, key)) for key in lost)
        )
    options = [f"--set {text}" for text in old.set]
    options += [
        f"--{name} {value}" for name, value in (("as-of", old.as_of), ("workload", old.workload)) if value
    ]
    now = f"now ({', '.join(options)})" if options else "now"
    found = compare_snapshots(old._replace(scenarios=kept), new, gate, where, now, taken.scenarios)
    return found._replace(
        scenarios=tuple(item._replace(scenario=taken.scenarios.get(item.key)) for item in found.scenarios),
        left_out=tuple(sorted(old.scenarios.keys() - kept.keys())),
    )


def _text(where: str) -> str:
    return read_text(Path(where), most=LARGEST_FILE)


def _not_again(problem: Problem, where: str, text: str) -> Problem:
    """Say that a target or option of a snapshot no longer exists, with its line."""
    key = problem.where.name.replace("-", "_") if isinstance(problem.where, Option) else "targets"
    return Problem(f"cannot be taken again: {problem}", where, line_of(text, key))


def _lies_in(key: str, target: str) -> bool:
    """Whether a target matches the scenario with a key."""
    here, wanted = parse_reference(key), parse_reference(target)
    every = wanted.variants == (EVERY,) and len(here.variants) <= 1
    if not (every or here.variants == wanted.variants) or here.as_of != wanted.as_of:
        return False
    inside = here.base.lower().endswith(ENDINGS) and Path(wanted.base) in Path(here.base).parents
    # A name ignores case and marks, a path does not.
    named = not is_path(wanted.base) and normalise(here.base) == normalise(wanted.base)
    return inside or named or here.base == wanted.base

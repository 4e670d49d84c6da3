"""The ledgers of some files and folders, or of the folders in which scenarios are found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from llmcost.analysis.ask.load import library
from llmcost.errors import LlmcostError, Problem, each, there_are
from llmcost.scenario.claims import Ledger
from llmcost.scenario.files.kinds import CLAIMS
from llmcost.scenario.files.ledger import is_ledger, read_ledger
from llmcost.scenario.files.tree import read_text
from llmcost.scenario.finding import ledger_paths
from llmcost.scenario.reference import NO_FILE, is_path, meant_file, no_file


def read_ledgers(*paths: str | Path, if_any: bool = False) -> tuple[Ledger, ...]:
    """Read ledgers from files and folders; without any, of two claims with one id the first wins.

    Raises:
        LlmcostError: with every problem of every file, and for an id that is in two of the named files.
    """
    ledgers: list[Ledger] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for path in _expand(paths, if_any=if_any):
        try:
            ledger = read_ledger(read_text(path), str(path), library().fresh().missing)
        except LlmcostError as error:
            problems += error.problems
            continue
        fresh = []
        for claim in ledger.claims:
            if claim.id not in seen:
                fresh.append(claim)
            elif paths:
                message = f"duplicate claim '{claim.id}', first in {seen[claim.id]}"
                problems.append(Problem(message, *claim.place))
            seen.setdefault(claim.id, str(claim.place._replace(column=None)))
        ledgers.append(ledger._replace(claims=tuple(fresh)))
    if problems:
        raise LlmcostError(*problems)
    return tuple(ledgers)


def _expand(paths: Sequence[str | Path], *, if_any: bool = False) -> list[Path]:
    if not paths:
        return [path for folder in library().fresh().folders for path in ledger_paths(folder / CLAIMS)]
    found = each(partial(_ledgers_at, if_any=if_any), map(Path, paths))
    return list(dict.fromkeys(path for ledgers in found for path in ledgers))


def _ledgers_at(path: Path, *, if_any: bool) -> list[Path]:
    if not path.is_dir():
        if not path.exists():
            raise LlmcostError(Problem(_no_ledger(str(path)), where=str(path)))
        return [path]
    below = [ledger for ledger in _below(path) if not if_any or is_ledger(ledger)]
    if not below and not if_any:
        raise LlmcostError(Problem("contains no ledger (.yaml or .yml)", where=str(path)))
    return below


def _no_ledger(name: str) -> str:
    """Say what is wrong with a path that does not exist: it may be the id of a claim."""
    known = [claim.id for ledger in read_ledgers() for claim in ledger.claims]
    if name in known:
        return f"is a claim and not a file; run 'llmcost claims show {name}'"
    if is_path(name):
        return no_file(name)
    hint = there_are(name, known, "llmcost claims")
    if hint:
        return f"is neither a file nor a claim{hint}"
    return NO_FILE + (meant_file(name) or "; 'llmcost claims' lists all claims")


def _below(folder: Path) -> list[Path]:
    """Return the ledgers of a folder; in a folder of scenarios, also those in its `claims`."""
    if not (folder / CLAIMS).is_dir():
        return ledger_paths(folder)
    return [*filter(is_ledger, ledger_paths(folder)), *ledger_paths(folder / CLAIMS)]

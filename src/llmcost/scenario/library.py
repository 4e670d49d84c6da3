"""Where scenarios are found: a path, ./scenarios, the folders in LLMCOST_PATH, and those that come along."""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

from llmcost.engine.registry import Registry
from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.scenario.files.scenario_file import CLAIMS, ScenarioFile
from llmcost.scenario.files.test_file import Suite, read_document
from llmcost.scenario.files.tree import MAX_BYTES, decode, read_text
from llmcost.scenario.reference import Link, Reference, parse_reference
from llmcost.scenario.settled import Scenario, inherit, settle
from llmcost.scenario.supplier import supplied
from llmcost.scenario.values.number import shorten

ENDINGS = (".yaml", ".yml")
NOT_SCENARIOS = frozenset({CLAIMS})
"""Folders of the library that hold files of another kind."""
MOST_PARENTS = 32
"""Files of which each may extend the next."""
KEPT = 256
"""Files that are kept in memory: enough for every parent, however many files a folder holds."""


def bundled_folder() -> Path:
    """Return the folder of the scenarios that come with llmcost, installed or in a source tree."""
    installed = Path(__file__).parents[1] / "bundled"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "scenarios"


def normalise(name: str) -> str:
    """Return a name as it is compared: `gpt4o`, `gpt-4o` and `GPT_4o` are one."""
    return re.sub(r"[-_.]", "", name).casefold()


def search_folders() -> list[Path]:
    """Return the folders that are searched, in order; those that do not exist are left out."""
    named = [Path(part) for part in os.environ.get("LLMCOST_PATH", "").split(os.pathsep) if part]
    folders: list[Path] = []
    for folder in (Path("scenarios"), *named, bundled_folder()):
        if folder.is_dir() and not any(folder.samefile(known) for known in folders):
            folders.append(folder)
    return folders


def _refuse(error: OSError) -> NoReturn:
    raise error


def scenario_paths(
    folder: Path, *, ledgers: bool = False, onerror: Callable[[OSError], None] | None = _refuse
) -> Iterator[Path]:
    """Yield the scenario files below a folder, those of a folder before those further down, each sorted by
    name; hidden folders are passed over. With `ledgers`, the files of the folders that hold claims too.

    Raises:
        OSError: for a folder that cannot be read, unless `onerror` says otherwise: what it holds must not go
            unchecked.
    """
    passed_over = frozenset() if ledgers else NOT_SCENARIOS
    for root, names, files in os.walk(folder, onerror=onerror):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in passed_over)
        for file in sorted(files):
            if file.lower().endswith(ENDINGS) and not file.startswith("."):
                yield Path(root, file)


def files_below(target: str | Path, *, ledgers: bool = False) -> list[Path]:
    """Return the files that a path stands for, a folder's sorted; none for `-` and for a mere name.

    A folder's are its scenario and test files; with `ledgers`, those of claims too.

    Raises:
        LlmcostError: for a path that does not exist, and a folder without scenario files.
    """
    path = Path(target)
    if str(target) == "-":
        return []
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise LlmcostError(Problem("is too long for a name", where=shorten(str(target), 80))) from None
    if path.is_dir():
        below = list(scenario_paths(path, ledgers=ledgers))
        if not below:
            raise LlmcostError(Problem("holds no scenario file (.yaml or .yml)", where=str(target)))
        return below
    if path.is_file():
        return [path]
    if is_path(str(target)):
        raise LlmcostError(Problem("there is no such file or folder", where=str(target)))
    return []


def ledger_paths(folder: Path) -> list[Path]:
    """Return the claims ledgers that stand in a folder itself, sorted by path."""
    return [path for path in _files_in(folder) if not path.name.startswith(".") and path.is_file()]


class Library:
    """Finds and reads scenarios; the files read last are kept.

    Attributes:
        registry: the vocabulary that the files are read against.
        folders: searched in order; a name found in one hides it in the next.
    """

    def __init__(self, registry: Registry, folders: list[Path] | None = None) -> None:
        self.registry = registry
        self.folders = search_folders() if folders is None else folders
        self._stems: dict[Path, list[tuple[str, Path]]] = {}
        self._neighbours: dict[Path, list[tuple[str, Path]]] = {}
        self._aliased: dict[str, dict[str, list[Path]]] = {}
        self._files: dict[str, ScenarioFile | Suite] = {}
        self._stdin: ScenarioFile | Suite | None = None

    def load(self, text: str, as_of: dt.date | None = None) -> Scenario:
        """Find, read and settle the scenario that `text` names.

        Raises:
            LlmcostError: if it is not found, or with every problem of its file.
        """
        reference = parse_reference(text)
        return self.settle(self.file(reference.base), reference, as_of)

    def file(self, base: str) -> ScenarioFile:
        """Return the scenario file, parents included, that a name, path or `-` stands for."""
        return self.complete(self._read_base(base))

    def complete(self, file: ScenarioFile, children: tuple[ScenarioFile, ...] = ()) -> ScenarioFile:
        """Return a file with its parents' values.

        Raises:
            LlmcostError: with the chain, where a parent is missing or is its own ancestor; and for a chain
                that is too long.
        """
        if file.extends is None:
            return file
        chain = (*children, file)
        named, place = file.extends
        trail = shorten(" → ".join([*(link.name for link in chain), named]), 400)

        def refuse(message: str) -> LlmcostError:
            return LlmcostError(Problem(message, *place))

        if len(chain) > MOST_PARENTS:
            raise refuse(f"extends: more than {MOST_PARENTS} files, each of which extends the next")
        if named == "-":
            raise refuse("extends: a parent is not read from standard input")
        try:
            parent = self._read_beside(named, file.where)
        except LlmcostError as error:
            if any(problem.line is not None for problem in error.problems):
                raise
            if normalise(named) == normalise(Path(file.where).stem):
                raise refuse(f"extends itself: {trail}") from None
            raise refuse(f"extends: {trail}: {error.problems[0].message}") from None
        if any(_same(Path(parent.where), Path(link.where)) for link in chain):
            raise refuse(f"extends itself: {trail}")
        return inherit(file, self.complete(parent, chain))

    def settle(self, file: ScenarioFile, reference: Reference, as_of: dt.date | None = None) -> Scenario:
        """Choose variants and the date, and take from the supplier, if there is one, what it charges then.

        Raises:
            LlmcostError: as `settle` does, and where the supplier is not found or has no prices.
        """
        scenario = settle(file, reference, as_of, self.registry)
        named = scenario.supplier
        if named is None:
            return scenario
        try:
            return supplied(scenario, self._supplier(named, scenario))
        except LlmcostError as error:
            if any(problem.line is not None for problem in error.problems):
                raise
            message = f"supplier: {error.problems[0]}"
            raise LlmcostError(Problem(message, *named.place)) from None

    def _supplier(self, named: Link, scenario: Scenario) -> Scenario:
        chosen = parse_reference(named.text)
        if chosen.base == "-":
            raise LlmcostError("a supplier is not read from standard input")
        itself = LlmcostError(f"'{shorten(chosen.base, 80)}' is this scenario itself")
        try:
            found = self.complete(self._read_beside(chosen.base, named.place.file or ""))
        except LlmcostError:
            if normalise(chosen.base) == normalise(Path(named.place.file or "").stem):
                raise itself from None
            raise
        if _same(Path(found.where), Path(scenario.where)):
            raise itself
        return settle(found, chosen, scenario.as_of)

    def _read_beside(self, name: str, where: str) -> ScenarioFile:
        if is_path(name):
            return self.read(Path(where).parent / name)
        return self._read_base(name, child=Path(where))

    def _read_base(self, base: str, child: Path | None = None) -> ScenarioFile:
        if base == "-":
            return self._read_stdin()
        if is_path(base):
            return self.read(Path(base))
        path = self.find(base, child)
        if path is None:
            raise LlmcostError(Problem(self._not_found(base)))
        return self.read(path)

    def _read_stdin(self) -> ScenarioFile:
        return _scenario_in(self.stdin())

    def stdin(self) -> ScenarioFile | Suite:
        """Return what standard input holds, which is read once.

        Raises:
            LlmcostError: with every problem of the text.
        """
        if self._stdin is None:
            if sys.stdin is None:
                raise LlmcostError(Problem("is closed", where="<stdin>"))
            text = decode(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>")
            self._stdin = read_document(text, "stdin", "<stdin>", self.registry)
        return self._stdin

    def read(self, path: Path) -> ScenarioFile:
        """Read one scenario file, without its parents.

        Raises:
            LlmcostError: with every problem of the file.
        """
        return _scenario_in(self.document(path))

    def document(self, path: Path) -> ScenarioFile | Suite:
        """Read one file: a scenario, without its parents, or test cases.

        Raises:
            LlmcostError: with every problem of the file.
        """
        key = str(path)
        if key not in self._files:
            found = read_document(read_text(path), path.stem, key, self.registry)
            if len(self._files) >= KEPT:
                del self._files[next(iter(self._files))]
            self._files[key] = found
        return self._files[key]

    def beside(self, name: str, where: str) -> ScenarioFile:
        """Return the scenario, parents included, that a name or path stands for in the file `where`.

        Raises:
            LlmcostError: if it is not found, or with every problem of its file.
        """
        if name == "-":
            raise LlmcostError("the scenario of a case is not read from standard input")
        return self.complete(self._read_beside(name, where))

    def find(self, name: str, child: Path | None = None) -> Path | None:
        """Return the path of the scenario that a name or alias stands for, or None.

        A child looks beside itself first, and never finds itself: a file of one's own may extend the
        bundled scenario of the same name.

        Raises:
            LlmcostError: if two files of one folder tree go by that name.
        """
        wanted = normalise(name)
        places = [(str(folder), self._index(folder)) for folder in self.folders]
        if child is not None:
            places.insert(0, (f"beside {child.parent}", self._beside(child.parent)))
        for key, stems in places:
            found = [path for stem, path in stems if stem == wanted]
            hits = [path for path in found if child is None or not _same(path, child)]
            if not hits:
                found = self._aliases(key, stems).get(wanted, [])
                hits = [path for path in found if child is None or not _same(path, child)]
            if len(hits) > 1:
                both = " and ".join(map(str, hits[:2]))
                raise LlmcostError(Problem(f"'{name}' stands for both {both}; give the path"))
            if hits:
                return hits[0]
        return None

    def _index(self, folder: Path) -> list[tuple[str, Path]]:
        if folder not in self._stems:
            # A name is looked for where one may look; only who names the folder must hear of the rest.
            below = scenario_paths(folder, onerror=None)
            self._stems[folder] = [(normalise(path.stem), path) for path in below]
        return self._stems[folder]

    def _beside(self, folder: Path) -> list[tuple[str, Path]]:
        if folder not in self._neighbours:
            self._neighbours[folder] = [(normalise(path.stem), path) for path in _files_in(folder)]
        return self._neighbours[folder]

    def _aliases(self, key: str, stems: list[tuple[str, Path]]) -> dict[str, list[Path]]:
        """Return the files of a place by alias; each is read for that once, however many ask."""
        if key not in self._aliased:
            by_alias: dict[str, list[Path]] = {}
            for _, path in stems:
                try:
                    text = read_text(path)
                    if "aliases" not in text:
                        continue
                    file = self.read(path)
                except LlmcostError:
                    continue  # a broken file has no say in what other files are called
                for alias in dict.fromkeys(map(normalise, file.aliases)):
                    by_alias.setdefault(alias, []).append(path)
            self._aliased[key] = by_alias
        return self._aliased[key]

    def all_files(self) -> list[ScenarioFile]:
        """Return every scenario that can be named, by kind and name; hidden and broken ones left out."""
        found: dict[str, ScenarioFile | None] = {}
        for folder in self.folders:
            for stem, path in self._index(folder):
                if stem not in found:
                    try:
                        found[stem] = self.complete(self.read(path))
                    except LlmcostError:
                        found[stem] = None  # it hides others all the same; `validate` says what is wrong
        return sorted(filter(None, found.values()), key=lambda file: (file.kind or "", file.name))

    def names(self) -> list[str]:
        """Return the names of all scenarios, without reading them."""
        return sorted({path.stem for folder in self.folders for _, path in self._index(folder)})

    def _not_found(self, name: str) -> str:
        hint = did_you_mean(name, self.names()) or "; 'llmcost list' shows what there is"
        return f"no scenario is called '{shorten(name, 80)}'{hint}"


def _scenario_in(document: ScenarioFile | Suite) -> ScenarioFile:
    if isinstance(document, Suite):
        message = "is a file of tests, not a scenario; 'llmcost check' runs it"
        raise LlmcostError(Problem(message, document.where))
    return document


def _files_in(folder: Path) -> list[Path]:
    paths = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in paths if path.suffix.lower() in ENDINGS)


def _same(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except (OSError, ValueError):  # one of them is not there
        return False


def is_path(name: str) -> bool:
    """Whether a reference is to a file by its path, rather than by a name."""
    return name.lower().endswith(ENDINGS) or "/" in name or os.sep in name

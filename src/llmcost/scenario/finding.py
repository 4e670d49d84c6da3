"""Finds and reads scenario files: by path, beside the file that refers to them, in ./scenarios, in the
folders of LLMCOST_PATH, and among the bundled ones.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn, Self

from llmcost.errors import LlmcostError, Problem, closest, there_are
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.files.cache import compose_cached
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.kinds import CLAIMS
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.files.test_file import CaseFile
from llmcost.scenario.files.tree import MAX_BYTES, compose, decode, read_text
from llmcost.scenario.fill import FILLS, OF_OWN_KIND
from llmcost.scenario.reference import ENDINGS, NO_FILE, Link, exists, is_path, meant_file
from llmcost.scenario.values.number import shorten

FOLDER: Final = "scenarios"
"""The folder of the user's own files."""
NOT_SCENARIOS = frozenset({CLAIMS})
"""Folders of the library with files of another kind."""
RECENT: Final = 100_000_000
"""Nanoseconds within which two changes of a folder may get the same time stamp."""
KEPT = 256
"""Files kept in memory: enough for all parents, however many files a folder has."""
FAMILIES: Final = {
    "gpt": "openai",
    "claude": "anthropic",
    "gemini": "google",
    "grok": "xai",
    "deepseek": "deepseek",
    "mistral": "mistral",
    "qwen": "alibaba",
    "kimi": "moonshotai",
    "glm": "zai",
    "minimax": "minimax",
}
"""Who sells a family of models, as price catalogues name them."""


def bundled_folder() -> Path:
    """Return the folder of the scenarios that come with llmcost, installed or in a source tree."""
    installed = Path(__file__).parents[1] / "bundled"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "scenarios"


def normalise(name: str) -> str:
    """Return a name in the form used for comparisons: `gpt4o`, `gpt-4o` and `GPT_4o` are the same."""
    return re.sub(r"[-_.]", "", name).casefold()


def search_folders() -> list[Path]:
    """Return the folders to search, in order; those that do not exist are left out."""
    named = [Path(part) for part in os.environ.get("LLMCOST_PATH", "").split(os.pathsep) if part]
    folders: list[Path] = []
    for folder in (Path(FOLDER), *named, bundled_folder()):
        if folder.is_dir() and not any(folder.samefile(known) for known in folders):
            folders.append(folder)
    return folders


def _refuse(error: OSError) -> NoReturn:
    raise error


def scenario_paths(
    folder: Path, *, ledgers: bool = False, onerror: Callable[[OSError], None] = _refuse
) -> Iterator[Path]:
    """Yield the regular scenario files below a folder: its own first, then those of its subfolders, by name.

    Hidden folders are skipped, and so are folders of claims unless `ledgers` is set.

    Raises:
        OSError: for a folder that cannot be read, whose files must not go unchecked; unless `onerror` says
            otherwise.
    """
    try:
        with os.scandir(folder) as entries:
            shown = (entry for entry in entries if not entry.name.startswith("."))
            found = sorted(shown, key=lambda entry: entry.name)
    except OSError as error:
        onerror(error)
        return
    passed_over = frozenset() if ledgers else NOT_SCENARIOS
    for entry in found:
        # For links in a loop, `Path.is_file` returns False; that of an entry raises an error.
        if entry.name.lower().endswith(ENDINGS) and (
            entry.is_file(follow_symlinks=False) or Path(entry).is_file()
        ):
            yield folder / entry.name
    for entry in found:
        if entry.is_dir(follow_symlinks=False) and entry.name not in passed_over:
            yield from scenario_paths(folder / entry.name, ledgers=ledgers, onerror=onerror)


def files_of(path: Path, *, ledgers: bool = False) -> list[Path]:
    """Return a file, or the scenario and test files of a folder, sorted; with `ledgers`, claims too.

    Raises:
        LlmcostError: for a folder without scenario files.
    """
    if not path.is_dir():
        return [path]
    below = list(scenario_paths(path, ledgers=ledgers))
    if not below:
        raise LlmcostError(Problem("contains no scenario file (.yaml or .yml)", where=str(path)))
    return below


def ledger_paths(folder: Path) -> list[Path]:
    """Return the claims ledgers directly in a folder, sorted by path."""
    return [path for path in _files_in(folder) if not path.name.startswith(".")]


Stems = list[tuple[str, Path]]
"""Files, each with its name in the form used for comparisons."""


class Index(NamedTuple):
    """The files of a folder, and when it and its subfolders last changed; empty if that was just now."""

    stems: Stems
    changed: dict[Path, tuple[int, int]]

    @classmethod
    def of(cls, folder: Path, paths: Iterable[Path]) -> Index:
        """Return the index of files in a folder or below it."""
        stems = [(normalise(path.stem), path) for path in paths]
        within = {folder, *(path.parent for _, path in stems)}
        changed = {place: _changed(place) for place in within}
        recent = max(when for when, _ in changed.values()) > time.time_ns() - RECENT
        return cls(stems, {} if recent else changed)

    @property
    def holds(self) -> bool:
        """Whether no file has been added or removed since."""
        return bool(self.changed) and all(_changed(name) == then for name, then in self.changed.items())


def _changed(folder: Path) -> tuple[int, int]:
    """Return when files were last added or removed, in ns, and the inode of the folder; zeros without one."""
    try:
        found = folder.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


class Finder:
    """Finds and reads scenario files, each as written; the latest are kept.

    Attributes:
        folders: searched in order; a name found in one hides it in the next.
    """

    def __init__(self, folders: list[Path] | None = None) -> None:
        self.folders = search_folders() if folders is None else folders
        self._own = folders is not None
        self._indexes: dict[tuple[Path, bool], Index] = {}
        self._kinds: dict[Path, str | None] = {}
        self._aliased: dict[str, tuple[Stems, Stems]] = {}
        self._files: dict[str, tuple[str, ScenarioFile | CaseFile]] = {}
        self._stdin: bytes | None = None
        self._asking = False

    def fresh(self) -> Self:
        """Forget whatever has changed since it was found, and return itself: files may be new or gone."""
        if not self._own:
            self.folders = search_folders()
        self._indexes = {key: index for key, index in self._indexes.items() if index.holds}
        self._kinds.clear()
        bundled = str(bundled_folder())  # other files may have new aliases
        self._aliased = {key: found for key, found in self._aliased.items() if key == bundled}
        return self

    def locate(self, base: str, child: Path | None = None, kind: str | None = None) -> Path | None:
        """Return the path of the file or folder of a name or path, or None.

        `-` is standard input, and what looks like a path is one; anything else is first tried as a name, then
        as a path.

        Raises:
            LlmcostError: if two files of one folder tree go by that name.
        """
        if base == "-":
            return Path(base)
        path = Path(base) if child is None else child.parent / base
        if is_path(base):
            return path if exists(path) else self.find(base, child, kind)
        return self.find(base, child, kind) or (path if exists(path) else None)

    def paths(self, base: str) -> list[Path]:
        """Return the files of a name, a path, a folder or `-`.

        Raises:
            LlmcostError: if there is none.
        """
        path = self.locate(base)
        if path is None:
            raise LlmcostError(self._not_found(base))
        return files_of(path)

    def read(self, path: Path) -> ScenarioFile:
        """Read one scenario file, without its parents.

        Raises:
            LlmcostError: with every problem of the file.
        """
        return scenario_in(self.document(path))

    def document(self, path: Path, *, keep: bool = True, thorough: bool = False) -> ScenarioFile | CaseFile:
        """Read one file: a scenario, without its parents, or test cases; `thorough` as in `read_document`.

        A walk through a folder need not `keep` its files: a file that others refer to is kept then.

        Raises:
            LlmcostError: with every problem of the file.
        """
        key = str(path)
        text, found = self._files.get(key, ("", None))
        stdin = key == "-"
        now = self._read_stdin() if stdin else read_text(path)  # a file may have been edited since
        if found is None or now != text:
            name, where, tree = ("stdin", "<stdin>", compose) if stdin else (path.stem, key, compose_cached)
            found = read_document(now, name, where, tree, self.missing, thorough=thorough)
            if keep and len(self._files) >= KEPT:
                del self._files[next(iter(self._files))]
            if keep:
                self._files[key] = now, found
        return found

    def _read_stdin(self) -> str:
        if self._stdin is None:
            if sys.stdin is None:
                raise LlmcostError(Problem("is closed", where="<stdin>"))
            self._stdin = sys.stdin.buffer.read(MAX_BYTES + 1)
        return decode(self._stdin, "<stdin>")

    def find(self, name: str, child: Path | None = None, kind: str | None = None) -> Path | None:
        """Return the path of the scenario of a name or alias, or None.

        A child looks beside itself first, and never finds itself: your own file may extend the bundled
        scenario of the same name. Scenarios with a separate namespace, such as architectures, are found only
        if no other has the name.

        Raises:
            LlmcostError: if two files of one folder tree go by that name.
        """
        wanted = normalise(name)
        places = [(str(folder), self._index(folder)) for folder in self.folders]
        if child is not None:
            places.insert(0, (f"beside {child.parent}", self._index(child.parent, beside=True)))
        aside: Path | None = None
        for key, stems in places:
            for by_alias in (False, True):  # no file is opened for its aliases if one has the name
                named = [path for stem, path in stems if stem == wanted]
                found = self._aliases(key, stems, wanted) if by_alias else named
                hits = [path for path in found if child is None or not is_same(path, child)]
                if kind is not None:
                    hits = [path for path in hits if self._kind(path) == kind]
                elif OF_OWN_KIND:
                    ordinary = [path for path in hits if self._kind(path) not in OF_OWN_KIND]
                    aside = aside or next((path for path in hits if path not in ordinary), None)
                    hits = ordinary
                if len(hits) > 1:
                    raise LlmcostError(Problem(_ambiguous(name, hits)))
                if hits:
                    return hits[0]
        return aside

    def _kind(self, path: Path) -> str | None:
        if path not in self._kinds:
            self._kinds[path] = None
            with suppress(LlmcostError):
                self._kinds[path] = self.read(path).kind
        return self._kinds[path]

    def _of_kind(self, kind: str) -> list[Path]:
        """Return the files of a kind, the first of each name; files without the word are not parsed."""
        found: dict[str, Path] = {}
        for folder in self.folders:
            for stem, path in self._index(folder):
                if stem not in found and kind in text_of(path) and self._kind(path) == kind:
                    found[stem] = path
        return list(found.values())

    def _index(self, folder: Path, *, beside: bool = False) -> Stems:
        """Return the files below a folder, or only those directly in it (`beside` a file)."""
        index = self._indexes.get((folder, beside))
        if index is None:
            # A search skips unreadable folders; only a folder named by the user must be readable.
            paths = _files_in(folder) if beside else scenario_paths(folder, onerror=lambda error: None)
            index = self._indexes[folder, beside] = Index.of(folder, paths)
        return index.stems

    def _aliases(self, key: str, stems: Stems, wanted: str) -> list[Path]:
        """Return the files in one place that have an alias; only files that contain the word are parsed."""
        of, aliased = self._aliased.get(key, (None, []))
        if of is not stems:
            texts = ((text_of(path), path) for _, path in stems)
            aliased = [
                (normalise("".join(_ALIASES.findall(text))), path)
                for text, path in texts
                if "aliases" in text
            ]
            self._aliased[key] = stems, aliased
        found = []
        for text, path in aliased:
            if wanted in text:
                try:
                    file = self.read(path)
                except LlmcostError:
                    continue  # a broken file must not hide others
                if wanted in map(normalise, file.aliases):
                    found.append(path)
        return found

    def names(self) -> list[str]:
        """Return the names of all scenarios, without reading them."""
        return sorted({path.stem for folder in self.folders for _, path in self._index(folder)})

    def missing(self, key: str, link: Link) -> str | None:
        """Say that the scenario that a file names under a key is missing, or return None.

        Names of price catalogues, and of the file itself, are checked when they are loaded.
        """
        base, kind = link.reference.base, next((fill.kind for fill in FILLS if fill.key == key), None)
        itself = normalise(base) == normalise(Path(link.place.file or "").stem)
        if self._asking or itself or (key, base) == ("workload", "own"):
            return None
        self._asking = True  # files opened in the search are not checked
        try:
            there = self.locate(base, link.beside, kind)
            if there or ("/" in base and not base.lower().endswith(ENDINGS)):
                return None
            fault = self._not_found(base, link.beside, key if key == "workload" else kind)
        except LlmcostError as error:
            fault = error.problems[0]
        finally:
            self._asking = False
        return str(fault) if key == "scenario" else f"{key}: {fault}"

    def _not_found(self, name: str, child: Path | None = None, kind: str | None = None) -> Problem:
        folder = None if child is None else child.parent
        if is_path(name) or name == FOLDER:
            where = str(name if folder is None else folder / name)
            hint = meant_file(name, folder) or self._meant_name(name) or _meant_seller(name)
            return Problem(f"{NO_FILE}{hint}", where=shorten(where, 400))
        if kind is not None:
            return self._not_of_kind(name, kind)
        if name in MODEL.quantities:
            return Problem(f"'{name}' is a metric, not a scenario; the scenario comes first")
        known = self.names()
        hint = there_are(name, known, f"llmcost list scenarios {name}") or meant_file(name, folder)
        hint = hint or _how_to_get(name, known)
        return Problem(f"no scenario is called '{shorten(name, 80)}'{hint}")

    def _meant_name(self, path: str) -> str:
        """Suggest a scenario's name in place of a path that ends in it."""
        name = Path(path).stem
        return f"; did you mean '{name}'?" if path.lower().endswith(ENDINGS) and name in self.names() else ""

    def _not_of_kind(self, name: str, kind: str) -> Problem:
        lists = f"llmcost list scenarios --kind {kind}"
        other = self.find(name)
        if other is not None:
            found = self._kind(other)
            said = f"is of kind {found}, not {kind}" if found else f"is not of kind {kind}"
            return Problem(f"'{name}' {said}; '{lists}' lists those")
        known = sorted(name for path in self._of_kind(kind) for name in (path.stem, *self.read(path).aliases))
        hint = there_are(name, known, f"{lists} {name}") or f"; '{lists}' lists them"
        return Problem(f"no {kind} is called '{shorten(name, 80)}'{hint}")


_ALIASES = re.compile(r"aliases(.*?)(?=\n[A-Za-z]|\Z)", re.DOTALL)
"""The text of the `aliases` key, up to the next top-level line; possibly more."""


def _ambiguous(name: str, paths: Sequence[Path]) -> str:
    """Say which files a name matches: several of one name, or several with one alias."""
    names = [path.stem for path in paths]
    if len(set(map(normalise, names))) < len(names):
        return f"'{name}' matches both {paths[0]} and {paths[1]}; give the path"
    return f"'{name}' matches {', '.join(names[:-1])} and {names[-1]}; use one of these names"


def _meant_seller(name: str) -> str:
    """Suggest a `provider/model` for one without a model, or with a misspelt seller."""
    seller, slash, model = name.casefold().partition("/")
    if not slash or not re.fullmatch("[a-z-]+", seller) or Path(seller).is_dir():
        return ""
    from llmcost.scenario.catalogues import SELLERS

    if not model:
        return f"; a model of that seller is '{seller}/MODEL'" if seller in SELLERS else ""
    found = closest(seller, SELLERS)
    return f"; did you mean '{found}/{model}'?" if found else ""


def _how_to_get(name: str, known: Iterable[str]) -> str:
    """Say how to list scenarios of the same family, and how to start your own."""
    stem = re.match("[a-z]{3,}", name.casefold())
    alike = stem is not None and any(other.casefold().startswith(stem[0]) for other in known)
    if stem is None or not alike or not re.fullmatch(r"[\w.-]{1,80}", name):
        return "; 'llmcost list' shows what there is"
    kin = (
        f"; 'llmcost list scenarios {stem[0]}' lists related ones, 'llmcost init {name}.yaml' begins your own"
    )
    seller = FAMILIES.get(stem[0])
    listed = f", '{seller}/{name}' looks in price catalogues (the extra 'prices')" if seller else ""
    return kin + listed


def scenario_in(document: ScenarioFile | CaseFile) -> ScenarioFile:
    if isinstance(document, CaseFile):
        message = "is a file of tests, not a scenario; 'llmcost check' runs it"
        raise LlmcostError(Problem(message, document.where))
    return document


def text_of(path: Path) -> str:
    """Return the text of a file; empty if it cannot be read."""
    try:
        return read_text(path, glance=True)
    except LlmcostError:
        return ""


def _files_in(folder: Path) -> list[Path]:
    """Return the scenario files directly in a folder, sorted by path."""
    paths = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in paths if path.suffix.lower() in ENDINGS and path.is_file())


def is_same(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except (OSError, ValueError):  # one of them does not exist
        return False

"""Loads scenarios: finds the files, and adds what they inherit, what their header names, and their parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from llmcost.errors import LlmcostError, Place, Problem
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.fill import FILLS, OF_OWN_KIND
from llmcost.scenario.finding import Finder, is_same, normalise, scenario_in, text_of
from llmcost.scenario.part import Part
from llmcost.scenario.parts import put_together
from llmcost.scenario.reference import Link, Reference, parse_reference
from llmcost.scenario.settled import Scenario, inherit, settle
from llmcost.scenario.values.number import shorten
from llmcost.scenario.workload import put_workload

if TYPE_CHECKING:
    from llmcost.scenario.files.heading import Heading

MOST_PARENTS = 32
"""The most files of which each extends the next."""
UNPRICED = "unpriced"
"""The name in bills for a model without a known price: a scenario that states nothing."""


def _unpriced(name: str) -> ScenarioFile | None:
    if name != UNPRICED:
        return None
    text = "llmcost: 1\ntitle: A model of which no price is known\nkind: model\n"
    return scenario_in(read_document(text, name, name))


def _listed(name: str) -> ScenarioFile | None:
    """Return a model of a price catalogue; catalogues are imported only for a name with a slash."""
    if "/" not in name:
        return None
    from llmcost.scenario.catalogues import look_up

    return look_up(name)


def _is_located(error: LlmcostError) -> bool:
    """Whether an error already says where in a file the fault is."""
    return any(problem.line is not None for problem in error.problems)


CATALOGUES: Final[list[Callable[[str], ScenarioFile | None]]] = [_unpriced, _listed]
"""Searched for `provider/model` if no file has that name; each returns a scenario or None."""


class Library(Finder):
    """Finds and loads scenarios, with everything they take from others."""

    def load(self, scenario: str | Link, as_of: dt.date | None = None) -> Scenario:
        """Find, read and settle the scenario of a reference, or of a link in a file.

        Raises:
            LlmcostError: if it is not found, or with every problem of its file.
        """
        link = scenario if isinstance(scenario, Link) else Link(scenario, Place(), parse_reference(scenario))
        return self.settle(self.linked(link), link.reference, as_of)

    def file(self, base: str) -> ScenarioFile:
        """Return the scenario file of a name, path or `-`, parents included.

        Raises:
            LlmcostError: if it is not found, or with every problem of its file.
        """
        return self.linked(Link(base, Place(), Reference(base)))

    def linked(self, link: Link, kind: str | None = None) -> ScenarioFile:
        """Return the scenario file of a link, parents included; if a `kind` is given, only of that kind.

        Raises:
            LlmcostError: if it is not found, or with every problem of its file.
        """
        return self.complete(self._read_linked(link, kind))

    def complete(self, file: ScenarioFile, children: tuple[ScenarioFile, ...] = ()) -> ScenarioFile:
        """Return a file with its parents' values.

        Raises:
            LlmcostError: with the chain, if a parent is missing, its own ancestor, or one too many.
        """
        if file.extends is None:
            return file
        named, place, _ = file.extends
        line = (*children, file)
        trail = shorten(" → ".join([*(heir.name for heir in line), named]), 400)

        def refuse(message: str) -> LlmcostError:
            return LlmcostError(Problem(message, *place))

        if len(line) > MOST_PARENTS:
            raise refuse(f"extends: more than {MOST_PARENTS} files, each of which extends the next")
        try:
            parent = self._read_linked(file.extends)
        except LlmcostError as error:
            if _is_located(error):
                raise
            if normalise(named) == normalise(Path(file.where).stem):
                raise refuse(f"extends itself: {trail}") from None
            raise refuse(f"extends: {trail}: {error.problems[0].message}") from None
        if any(is_same(Path(parent.where), Path(heir.where)) for heir in line):
            raise refuse(f"extends itself: {trail}")
        return inherit(file, self.complete(parent, line))

    def settle(self, file: ScenarioFile, reference: Reference, as_of: dt.date | None = None) -> Scenario:
        """Choose variants and the date, and fill in from the scenarios that the header names.

        Raises:
            LlmcostError: as `settle` does, and if such a scenario is not found or states nothing useful.
        """
        return settle(file, reference, as_of, self._filled)

    def _filled(self, scenario: Scenario, wholes: tuple[str, ...] = ()) -> Scenario:
        problems: list[Problem] = []
        for fill in FILLS if scenario.links else ():
            link = scenario.links.get(fill.key)
            if link is None:
                beside = (scenario.links[key] for key in fill.beside if key in scenario.links)
                place = next((found.place for found in beside), None)
                if fill.usual is None or place is None:
                    continue
                link = Link(fill.usual, place, parse_reference(fill.usual))
            try:
                other = self._other(link, [scenario.where], fill.kind)
                scenario = fill.fill(scenario, settle(other, link.reference, scenario.as_of))
            except LlmcostError as error:
                if _is_located(error):
                    raise
                problems.append(Problem(f"{fill.key}: {error.problems[0]}", *link.place))
        if problems:
            raise LlmcostError(*problems)
        if not scenario.parts:
            return scenario
        inside = (*wholes, scenario.where)
        return put_together(scenario, lambda name, part: self._part(name, part, scenario.as_of, inside))

    def _part(self, name: str, part: Part, day: dt.date | None, wholes: tuple[str, ...]) -> Scenario:
        """Return the scenario of a part, with the part's own workload and overrides applied."""
        subject, link = f"parts: {name}", part.scenario
        if link is None:
            raise LlmcostError(Problem("has no 'scenario'", *part.place, subject))
        try:
            file = self._other(link, wholes)
            file = file._replace(links={**file.links, **part.links})
            found = settle(file, link.reference, day, partial(self._filled, wholes=wholes))
        except LlmcostError as error:
            if _is_located(error):
                raise
            raise LlmcostError(Problem(str(error.problems[0]), *link.place, subject)) from None
        if part.workload is not None:
            found = put_workload(found, part.workload, self)
        for override in chain.from_iterable(part.set.values()):
            found = found.overridden(override, asked=False)
        return found

    def _other(self, link: Link, files: Iterable[str], kind: str | None = None) -> ScenarioFile:
        """Return the file of a link, which must not be one of the `files` that refer to it."""
        itself = LlmcostError(f"'{shorten(link.reference.base, 80)}' is this scenario itself")
        try:
            found = self.linked(link, kind)
        except LlmcostError as error:
            own = normalise(link.reference.base) == normalise(Path(link.place.file or "").stem)
            raise (itself if own and not _is_located(error) else error) from None
        if any(is_same(Path(found.where), Path(file)) for file in files):
            raise itself
        return found

    def _read_linked(self, link: Link, kind: str | None = None) -> ScenarioFile:
        base, child = link.reference.base, link.beside
        path = self.locate(base, child, kind)
        if path is not None:
            return self.read(path)
        if kind is None:
            for catalogue in CATALOGUES:
                if (found := catalogue(base)) is not None:
                    return found
        raise LlmcostError(self._not_found(base, child, kind))

    def of_kind(self, kind: str) -> list[ScenarioFile]:
        """Return the scenarios of a kind with a separate namespace, by name; broken ones are left out."""
        files = [self.complete(self.read(path)) for path in self._of_kind(kind)]
        return sorted(files, key=lambda file: file.name)

    def headings(self) -> list[Heading]:
        """Return the headings of all scenarios that are neither hidden nor broken, by kind and name."""
        from llmcost.scenario.files.heading import read_heading

        # A name refers to one scenario, and to one more in each separate namespace.
        found: dict[tuple[str, str | None], Heading | None] = {}
        for folder in self.folders:
            for stem, path in self._index(folder):
                heading = read_heading(text_of(path), path.stem, str(path))
                kind = heading.kind if heading is not None else None
                key = (stem, kind if kind in OF_OWN_KIND else None)
                if key not in found:  # a broken one still hides others; `validate` says what is wrong
                    found[key] = self._inherited(heading) if heading is not None else None
        return sorted(filter(None, found.values()), key=lambda heading: (heading.kind or "", heading.name))

    def _inherited(self, heading: Heading) -> Heading | None:
        """Return a heading with the kind and variants of its parents; None if one is missing."""
        if heading.extends is None:
            return heading
        name, where, _, kind, _, variants, extends = heading
        try:
            whole = self.complete(ScenarioFile(name, where, kind=kind, extends=extends))
        except LlmcostError:
            return None
        return heading._replace(
            kind=whole.kind, variants=tuple({**whole.variants, **dict.fromkeys(variants)})
        )

    def all_files(self, *kinds: str) -> list[ScenarioFile]:
        """Return the scenarios that can be named, of all kinds or some, in the order of `headings`."""
        found = []
        for heading in self.headings():
            if kinds and heading.kind not in kinds:
                continue
            with suppress(LlmcostError):
                found.append(self.complete(self.read(Path(heading.where))))
        return found

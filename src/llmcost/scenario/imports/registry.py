"""The formats there are, which of them a file is of, and the scenario that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Final, NamedTuple

from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.imports.content import Content, read_content
from llmcost.scenario.imports.draft import Asked, Draft, yaml_text
from llmcost.scenario.imports.format import Format

MODULES: Final = ("vllm", "sglang", "aiperf", "inferencex", "aiconfigurator", "config_json")
"""A module of this package for each format, its `FORMAT`. The first that knows a file reads it."""


class Imported(NamedTuple):
    """Files as a scenario: the format they are of, the draft, and its text."""

    files: tuple[str, ...]
    format: Format
    draft: Draft
    text: str


def formats() -> list[Format]:
    """Return every format."""
    return [import_module(f"llmcost.scenario.imports.{name}").FORMAT for name in MODULES]


def import_files(paths: Sequence[str], wanted: str | None = None, asked: Asked | None = None) -> Imported:
    """Read files of one format as a scenario.

    Args:
        paths: the files.
        wanted: the name of their format; without one it is found from what they hold.
        asked: what options state beside them.

    Raises:
        LlmcostError: for files that cannot be read, of an unknown format, or of several; with the places.
    """
    forced = None if wanted is None else _named(wanted)
    contents = [read_content(path) for path in paths]
    found = [(content, forced or _detected(content)) for content in contents]
    first = found[0][1]
    for content, other in found:
        if other.name != first.name:
            message = f"is {other.words}, and {contents[0].file} is {first.words}; import each on its own"
            raise LlmcostError(Problem(message, content.where))
    draft = first.read(contents, asked or Asked())
    for content in contents:
        content.faults.tell()
    names = ", ".join(content.file for content in contents)
    text = yaml_text(draft, f"Imported by llmcost from {names}: {first.words}")
    _checked(text, names)
    return Imported(tuple(paths), first, draft, text)


def _named(name: str) -> Format:
    known = {each.name: each for each in formats()}
    if name not in known:
        message = f"unknown format '{name}'; allowed are {', '.join(known)}{did_you_mean(name, known)}"
        raise LlmcostError(Problem(message, "--as"))
    return known[name]


def _detected(content: Content) -> Format:
    known = formats()
    found = next((each for each in known if each.detect(content)), None)
    if found is None:
        keys = [str(key) for key in content.first.values][:4]
        has = f"it has {', '.join(keys)}, …" if keys else "it has no key"
        message = f"is of no format that llmcost knows ({has}); --as forces one of "
        raise LlmcostError(Problem(message + ", ".join(each.name for each in known), content.where))
    return found


def _checked(text: str, where: str) -> ScenarioFile:
    """Read what was made, which must be valid."""
    from llmcost.scenario.files.document import read_document

    read = read_document(text, "imported", f"the scenario of {where}")
    assert isinstance(read, ScenarioFile)
    return read

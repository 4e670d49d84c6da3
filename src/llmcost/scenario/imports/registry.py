"""All formats: which one a file has, and what it makes of the file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.scenario.imports.content import Content, read_content
from llmcost.scenario.imports.draft import Asked, Draft
from llmcost.scenario.imports.format import Format
from llmcost.scenario.imports.large import is_large, read_large, small_files
from llmcost.scenario.imports.usage import Bill

MODULES: Final = (
    *("vllm", "sglang", "aiperf", "inferencex", "aiconfigurator", "config_json"),
    *("openai", "anthropic", "litellm", "langfuse", "openrouter", "ccusage", "focus"),
)
"""The modules of this package with a `FORMAT`. The first that recognizes a file reads it."""
OF_RUNS: Final = ("gpus", "gpu_hour", "utilization")
OF_USAGE: Final = ("by", "days")
"""The options for benchmarks, and those for usage and bills: fields of `Asked`."""


def formats() -> list[Format]:
    """Return every format."""
    return [import_module(f"llmcost.scenario.imports.{name}").FORMAT for name in MODULES]


def read_files(
    paths: Sequence[str], wanted: str | None, asked: Asked
) -> tuple[Format, list[Content], Draft | Bill]:
    """Read files of one format: return it, their contents, and the scenario or usage made from them.

    Raises:
        LlmcostError: with the places, for unreadable files, an unknown format, or several formats.
    """
    forced = None if wanted is None else _named(wanted)
    seen: set[str] = set()
    paths = [path for named in paths for path in small_files(named) or [named]]
    for path in paths:
        if os.path.realpath(path) in seen:
            raise LlmcostError(Problem("is named twice, so its contents would count twice", path))
        seen.add(os.path.realpath(path))
    found: list[tuple[Content, Format]] = []
    for path in paths:
        content = None if is_large(path) else read_content(path)
        if content is None:
            found.append(read_large(path, [forced] if forced else formats(), asked.by))
        else:
            found.append((content, forced or _detected(content)))
    contents, first = [content for content, _ in found], found[0][1]
    for content, other in found:
        if other.name != first.name:
            message = f"is {other.words}, and {contents[0].file} is {first.words}; import each on its own"
            raise LlmcostError(Problem(message, content.where))
    said = first.read(contents, asked)
    idle = [option for option in (OF_RUNS if isinstance(said, Bill) else OF_USAGE) if getattr(asked, option)]
    if idle:
        about = "a benchmark" if isinstance(said, Bill) else "a usage export or bill"
        message = f"says something of {about}; {contents[0].file} is {first.words}"
        raise LlmcostError(*(Problem(message, f"--{option.replace('_', '-')}") for option in idle))
    for content in contents:
        content.faults.tell()
    return first, contents, said


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
        keys = [str(key) for key in content.first.values]
        keys = [*keys[:4], *["…"] * (len(keys) > 4)]
        has = f"it has {', '.join(keys)}" if keys else "it has no key"
        message = f"is of no format that llmcost knows ({has}); --as forces one of "
        raise LlmcostError(Problem(message + ", ".join(each.name for each in known), content.where))
    return found

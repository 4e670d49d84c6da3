"""A scenario as an import makes it: what a file says, each with its source, and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from llmcost.errors import LlmcostError, Option, Place, Problem
from llmcost.formulas import MODEL
from llmcost.scenario.files.json_text import json_text
from llmcost.scenario.values.number import NotANumber, parse_amount


class Stated(NamedTuple):
    """A quantity that a file states: its value as it is written, its source, and the day it is about."""

    name: str
    value: str
    source: str
    as_of: str | None = None
    note: str | None = None
    basis: str | None = None


class Gap(NamedTuple):
    """A quantity that a file does not state: why, the option that states it, and how a scenario does."""

    name: str
    words: str
    option: str
    written: str

    def __str__(self) -> str:
        return f"{self.name} is not stated: {self.words}; {self.option} states it"


class Variant(NamedTuple):
    """A run that a file holds beside the one that the scenario is about."""

    name: str
    note: str
    stated: Sequence[Stated]


class Draft(NamedTuple):
    """A scenario to be written: its header, what it states, what it lacks, and what else is to be said."""

    title: str
    kind: str
    note: Sequence[str]
    stated: Sequence[Stated]
    gaps: Sequence[Gap] = ()
    variants: Sequence[Variant] = ()
    header: Mapping[str, str] = {}
    findings: Sequence[str] = ()


class Asked(NamedTuple):
    """What the options say that no file does: texts as they were given."""

    gpus: str | None = None
    gpu_hour: str | None = None
    utilization: str | None = None

    def stated(self, option: str, name: str) -> Stated | None:
        """Return what an option states of a quantity, or None where it was not given.

        Raises:
            LlmcostError: if it is no value that the quantity can have.
        """
        text: str | None = getattr(self, option)
        if text is None:
            return None
        written = f"--{option.replace('_', '-')} {text}"
        try:
            parse_amount(text, MODEL.quantities[name], rates={})
        except NotANumber as error:
            raise LlmcostError(Problem(str(error), *Place(Option(written)))) from None
        return Stated(name, text, written)


def yaml_text(draft: Draft, about: str) -> str:
    """Return a draft as a scenario file; `about` says in a line where it comes from."""
    lines = [f"# {about}", "llmcost: 1", f"title: {json_text(draft.title)}", f"kind: {draft.kind}"]
    lines += [f"{key}: {value}" for key, value in draft.header.items()]
    if draft.note:
        lines += ["note: >-", *(f"  {_folded(sentence)}" for sentence in draft.note)]
    names = [*(item.name for item in draft.stated), *(gap.name for gap in draft.gaps)]
    sections = list(dict.fromkeys(name.partition(".")[0] for name in names))
    for section in sections:
        inside = [item for item in draft.stated if item.name.startswith(f"{section}.")]
        lacking = [gap for gap in draft.gaps if gap.name.startswith(f"{section}.")]
        lines += ["", f"{section}:" if inside else f"# {section}:"]
        lines += [line for item in inside for line in _entry(item, item.name.partition(".")[2])]
        for gap in lacking:
            lines += [f"  # {gap.words[0].upper()}{gap.words[1:]}: {gap.option}, or here:"]
            lines += [f"  # {gap.name.partition('.')[2]}: {gap.written}"]
    if draft.variants:
        lines += ["", "variants:"]
        for variant in draft.variants:
            lines += [f"  {variant.name}:", f"    note: {json_text(variant.note)}"]
            lines += [f"  {line}" for item in variant.stated for line in _entry(item, item.name)]
    return "\n".join(lines) + "\n"


def _entry(item: Stated, key: str) -> list[str]:
    if item.value == "null":
        return [f"  {key}: null"]
    lines = [f"  {key}:", f"    value: {item.value}"]
    rest = {"basis": item.basis, "source": item.source, "as_of": item.as_of, "note": item.note}
    plain = ("basis", "as_of")
    return lines + [
        f"    {name}: {text if name in plain else json_text(text)}" for name, text in rest.items() if text
    ]


def _folded(sentence: str) -> str:
    """A sentence inside a folded text: on one line, and beginning with nothing that YAML takes for more."""
    return " ".join(json_text(sentence)[1:-1].replace('\\"', '"').split())

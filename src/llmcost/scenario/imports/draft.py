"""The draft of a scenario: what a file states, with sources, and what it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmcost.errors import LlmcostError, Option, Place, Problem
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.files.json_text import json_text
from llmcost.scenario.values.number import NotANumber, parse_amount, shorten


class Stated(NamedTuple):
    """A quantity that a file states: its value as written, its source, and its date."""

    name: str
    value: str
    source: str
    as_of: str | None = None
    note: str | None = None
    basis: str | None = None


class Gap(NamedTuple):
    """A quantity that a file lacks: why, the option that states it, and an example for a scenario."""

    name: str
    words: str
    option: str
    written: str

    def __str__(self) -> str:
        return f"{self.name} is not stated: {self.words}; {self.option} states it"


class VariantDraft(NamedTuple):
    """A run of a file, as a variant."""

    name: str
    note: str
    stated: Sequence[Stated]


class PartDraft(NamedTuple):
    """A part of a portfolio: its name, scenario, overrides, cost and note."""

    name: str
    scenario: str
    stated: Sequence[Stated]
    cost: Stated | None = None
    note: str = ""


class Draft(NamedTuple):
    """A scenario to write: its header, what it states, what it lacks, and findings."""

    title: str
    kind: str
    note: Sequence[str]
    stated: Sequence[Stated]
    gaps: Sequence[Gap] = ()
    variants: Sequence[VariantDraft] = ()
    header: Mapping[str, str] = {}
    findings: Sequence[str] = ()
    parts: Sequence[PartDraft] = ()


class Asked(NamedTuple):
    """Options that state what files lack, as given."""

    gpus: str | None = None
    gpu_hour: str | None = None
    utilization: str | None = None
    by: str | None = None
    days: str | None = None

    def whole(self, option: str) -> int:
        """Return an option as a whole number of 1 or more.

        Raises:
            LlmcostError: if it is not one.
        """
        text = str(getattr(self, option))
        if not (text.isascii() and text.isdigit() and 0 < len(text) <= 5 and int(text)):
            message = f"expected a whole number of 1 or more, got '{shorten(text)}'"
            raise LlmcostError(Problem(message, f"--{option}"))
        return int(text)

    def stated(self, option: str, name: str) -> Stated | None:
        """Return the quantity that an option states; None if it was not given.

        Raises:
            LlmcostError: if the quantity cannot have that value.
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
    """Return a draft as a scenario file; `about` is its first comment."""
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
    if draft.parts:
        lines += ["", "parts:"]
        for part in draft.parts:
            lines += [f"  {part.name}:", f"    scenario: {part.scenario}", "    set:"]
            lines += [f"    {line}" for item in part.stated for line in _entry(item, item.name)]
            if part.cost is not None:
                lines += [f"  {line}" for line in _entry(part.cost, part.cost.name)]
            if part.note:
                lines.append(f"    note: {json_text(part.note)}")
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
    """Return a sentence for a folded YAML text, on one line."""
    return " ".join(json_text(sentence)[1:-1].replace('\\"', '"').split())

"""Reads the parts of a scenario: `parts: {support: {scenario: gpt-4o, share: 70%}}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from llmcost.formulas import MODEL
from llmcost.scenario.files.format import Field, Fields, Found, Kind
from llmcost.scenario.files.kinds import LINK, NOTE, mapped, nested
from llmcost.scenario.files.override import SET
from llmcost.scenario.files.problems import At
from llmcost.scenario.files.tree import Node, Scalar
from llmcost.scenario.files.value import VALUE
from llmcost.scenario.fill import FILLS
from llmcost.scenario.part import REST, Part
from llmcost.scenario.reference import Link
from llmcost.scenario.values.datum import Series
from llmcost.scenario.values.number import shorten

if TYPE_CHECKING:
    from llmcost.scenario.files.schema import Models


def _of_a_quantity(name: str, *words: str) -> Kind[Series | str]:
    """A value of a quantity, or one of some words."""

    def read(node: Node, at: At) -> Series | str | None:
        if isinstance(node, Scalar) and node.text.strip() in words:
            return node.text.strip()
        return VALUE.read(node, at.inside._replace(key="", quantity=MODEL.quantities[name]))

    def model(models: Models) -> Any:
        models.quantity = MODEL.quantities[name]
        return VALUE.model(models) | models.choice(words) if words else VALUE.model(models)

    return Kind(" or ".join(("a value", *(f"'{word}'" for word in words))), read, model)


LINKS: Final = tuple(Field(fill.key, LINK, fill.text) for fill in FILLS)


def links_of(found: Found) -> dict[str, Link]:
    """Return the links in the fields of `LINKS`, by key."""
    return {field.name: link for field in LINKS if (link := found[field.name]) is not None}


PART: Final = Fields(
    "Part",
    "a mapping such as {scenario: gpt-4o, share: 70%}",
    "Another scenario as a part of this one.",
    Field("scenario", LINK, "The scenario: name, name@DATE, name:variant, provider/model, or path."),
    Field(
        "share",
        _of_a_quantity("parts.share", REST),
        "Its share of the whole's volume, in a mix: all parts have one, together 100%. `rest` takes what the"
        " others leave. Without shares each part has a volume of its own, and the whole is their sum.",
    ),
    Field("workload", LINK, "The mix of its tokens: a workload."),
    *LINKS,
    Field("set", SET, "Overrides of the scenario's values; also relative: '*2', +10%."),
    Field(
        "cost_per_month",
        _of_a_quantity("parts.cost_per_month"),
        "Its known cost in a month, such as a bill; absent: derived.",
    ),
    NOTE,
)
_NAME: Final = re.compile(r"[^\W_][\w-]*")


def _not_a_part(text: str) -> str | None:
    if _NAME.fullmatch(text):
        return None
    return f"'{shorten(text)}' is not a valid name of a part; use letters, digits, '-' and '_'"


def _part(found: Found) -> Part:
    chosen = found["set"]
    return Part(
        place=found.place,
        scenario=found["scenario"],
        share=found["share"],
        cost=found["cost_per_month"],
        workload=found["workload"],
        links=links_of(found),
        set={name: (override,) for name, override in chosen.others.items()} if chosen else {},
    )


_MAPPING: Final = nested(PART, _part)


def _read(node: Node, at: At) -> Part | None:
    if isinstance(node, Scalar) and node.is_null:
        return Part(at.place(at.named or node), gone=True)
    return _MAPPING.read(node, At(at.problems, f"parts: {at.key}", named=at.named))


PARTS: Final = Field(
    "parts",
    mapped(
        Kind(PART.words, _read, lambda models: models.of(PART) | None),
        "a mapping from names to parts, at least one",
        "part",
        least=1,
        refused=_not_a_part,
    ),
    "The scenarios that it consists of, by name; in a variant, null removes one.",
    nest=True,
)

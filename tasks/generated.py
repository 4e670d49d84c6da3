"""Every file that is generated, and what it should hold now."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from llmcost import claims, schema
from llmcost.analysis.claims.verdict import Claims
from llmcost.analysis.gates.snapshot import read, renewed
from llmcost.engine.formula import Formula
from llmcost.engine.registry import Quantity
from llmcost.engine.writing import readable
from llmcost.formulas import MODEL
from llmcost.render.markdown import page
from llmcost.render.results import claims as results
from llmcost.scenario.files.schema import schema_text
from llmcost.scenario.files.snapshot import dump
from tasks import examples, formats
from tasks.pictures import PICTURES, texts

ROOT: Final = Path(__file__).parents[1]

HEAD = """\
# Metrics

Every quantity that llmcost knows, by section: what scenarios state and what follows from it. This page is
generated from the vocabulary and the formulas themselves.

Any quantity may be stated, those with a formula included; a stated value always wins. If a quantity has
several formulas, the first whose inputs can all be resolved is used, and `llmcost explain` says which.
Money is USD, Mtok is 1,000,000 tokens, shares lie in 0..1.
"""


def metrics() -> str:
    """Return docs/metrics.md."""
    parts = [HEAD]
    for section, title in MODEL.sections.items():
        parts.append(f"## {title}\n")
        inside = [quantity for quantity in MODEL.quantities.values() if quantity.section == section]
        parts.append("\n".join(_entry(quantity) for quantity in inside) + "\n")
    return "\n".join(parts)


def _entry(quantity: Quantity) -> str:
    head = f"- **`{quantity.name}`** [{quantity.unit}] {quantity.description}."
    return "\n".join([head, *(_route(formula) for formula in MODEL.formulas.get(quantity.name, ()))])


def _route(formula: Formula) -> str:
    text = readable(formula)
    conditions = [f"if {name} is stated" for name in formula.if_given]
    if formula.unless_given:
        conditions.append(f"unless {', '.join(formula.unless_given)} is stated")
    if formula.note:
        conditions.append(formula.note)
    if formula.reference:
        conditions.append(f"reference: {formula.reference}")
    said = f" ({'; '.join(conditions)})" if conditions else ""
    return f"  - `{text}`{said}" if formula.inputs else f"  - default: `{text}`"


def ledgers(judged: Claims | None = None) -> str:
    """Return docs/claims.md: every bundled claim with its verdict, which may have been worked out before."""
    return page(results.page(judged or claims()))


def snapshot() -> str:
    """Return what scenarios/snapshot.json would be if it were taken now."""
    return dump(renewed(read(ROOT / SNAPSHOT, trusted=False)))


CLAIMS: Final = "docs/claims.md"
SNAPSHOT: Final = "scenarios/snapshot.json"
CODE: Final[dict[str, Callable[[], str]]] = {
    "docs/metrics.md": metrics,
    "docs/formats.md": formats.page,
    "scenario.schema.json": lambda: schema_text(schema()),
    "claims.schema.json": lambda: schema_text(schema(claims=True)),
    "tests.schema.json": lambda: schema_text(schema(tests=True)),
}
"""What changes with the code alone."""
DATA: Final[dict[str, Callable[[], str]]] = {
    CLAIMS: ledgers,
    SNAPSHOT: snapshot,
}
"""What changes with the bundled figures too."""


def stale() -> Iterator[tuple[str, str]]:
    """Yield the name of each file that is not what it should be, and what it should be.

    The pages' examples come last: what they print is looked at when all else is fresh.
    """
    for name, text in (CODE | DATA).items():
        if not is_fresh(name, text):
            yield name, text()
    for name, picture in PICTURES.items():
        if not is_same_picture(name, drawn := picture()):
            yield name, drawn
    for path in examples.pages():
        page = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            text_now = examples.renewed(page, Path(folder), examples.process)
        if text_now != page:
            yield str(path.relative_to(ROOT)), text_now


def is_same_picture(name: str, drawn: str) -> bool:
    """Return whether a picture, named from the root of the repository, says what that one says."""
    path = ROOT / name
    return path.is_file() and texts(path.read_text(encoding="utf-8")) == texts(drawn)


def is_fresh(name: str, text: Callable[[], str]) -> bool:
    """Return whether a file, named from the root of the repository, holds that text."""
    path = ROOT / name
    return path.is_file() and path.read_text(encoding="utf-8") == text()

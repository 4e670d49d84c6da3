"""Write what is generated: docs/metrics.md and the schemas, and docs/claims.md from the ledgers.

    python docs/generate.py

The tests fail while any of them is not what this writes.
"""

from __future__ import annotations

from pathlib import Path

from llmcost import claims, schema
from llmcost.engine.registry import Formula, Quantity
from llmcost.engine.source import readable
from llmcost.formulas import MODEL
from llmcost.render.machine import to_json
from llmcost.render.markdown import page
from llmcost.render.results import claims as results

ROOT = Path(__file__).parents[1]

HEAD = """\
# Metrics

Every quantity that llmcost knows, by section: what scenarios state and what follows from it. This page is
generated from the vocabulary and the formulas themselves.

Any quantity may be stated, those with a formula included; a stated value always wins. Where a quantity has
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
    conditions = [f"if {name} is given" for name in formula.if_given]
    if formula.unless_given:
        conditions.append(f"unless {', '.join(formula.unless_given)} is given")
    if formula.note:
        conditions.append(formula.note)
    said = f" ({'; '.join(conditions)})" if conditions else ""
    return f"  - `{text}`{said}" if formula.inputs else f"  - default: `{text}`"


def main() -> None:
    """Write all of them."""
    (ROOT / "docs" / "metrics.md").write_text(metrics(), encoding="utf-8")
    (ROOT / "docs" / "claims.md").write_text(page(results.page(claims())), encoding="utf-8")
    (ROOT / "claims.schema.json").write_text(to_json(schema(claims=True)), encoding="utf-8")
    (ROOT / "tests.schema.json").write_text(to_json(schema(tests=True)), encoding="utf-8")
    (ROOT / "scenario.schema.json").write_text(to_json(schema()), encoding="utf-8")


if __name__ == "__main__":
    main()

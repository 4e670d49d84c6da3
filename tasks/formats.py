"""The reference page of formats, from the tables that the readers walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from llmcost.render.forms import FORMS, Form
from llmcost.scenario.files import snapshot
from llmcost.scenario.files.format import Fields
from llmcost.scenario.files.schema import FORMATS, Models
from llmcost.verbs import VERBS

HEAD: Final = """\
# Formats

Every file that llmcost reads, key by key. This page is generated from the tables that the readers walk, as
are the JSON Schemas (`llmcost schema`, `--tests`, `--claims`). The quantities that scenarios state are listed
in [metrics.md](metrics.md).

A key that is not listed is an error, and so is a duplicate key. Keys in bold are required.

Output formats are listed [at the end](#output), exit codes [in CI](ci.md#exit-codes).
"""
TITLES: Final = {
    "scenarios": "Scenario files",
    "tests": "Test files (`kind: tests`)",
    "claims": "Ledgers (`kind: claims`)",
}
SNAPSHOTS: Final = {
    "Snapshots": snapshot.SNAPSHOT,
    "A scenario in a snapshot": snapshot.RECORD,
    "A quantity in a snapshot": snapshot.ENTRY,
}


def page() -> str:
    """Return docs/formats.md."""
    parts = [HEAD]
    seen: set[str] = set()
    for form, fields in FORMATS.items():
        for part in _parts(fields):
            if part.name not in seen:
                seen.add(part.name)
                title = f"## {TITLES[form]}" if part is fields else f"### {part.name}"
                parts.append("\n\n".join(filter(None, (title, part.text, _table(_rows(part))))))
    for title, items in SNAPSHOTS.items():
        rows = ((f"`{key}`", item.words, item.text) for key, item in items.items())
        parts.append(f"{'##' if title == 'Snapshots' else '###'} {title}\n\n{_table(rows)}")
    return "\n".join([*parts, OUTPUT, *map(_form, FORMS.items())]) + "\n"


def _form(item: tuple[str, Form]) -> str:
    name, form = item
    verbs = [verb for verb, about in VERBS.items() if name in about.forms]
    some = "all results" if len(verbs) > len(VERBS) / 2 else ", ".join(f"`{verb}`" for verb in verbs)
    return f"| `{name}` | {' '.join(f'`{ending}`' for ending in form.endings)} | {some} |"


OUTPUT: Final = """\
## Output

`--format` chooses a format, and `-o FILE` the format of the file's ending.

| format | endings | of |
|---|---|---|"""


def _rows(fields: Fields) -> Iterable[tuple[str, str, str]]:
    for field in fields.fields.values():
        name = f"**`{field.name}`**" if field.required else f"`{field.name}`"
        yield name, field.kind.words, field.text
    if fields.others is not None:
        name = f"any {fields.others.what}"
        where = ", in full or below its section" if fields.others.sections else ""
        yield name, fields.others.kind.words, f"Its name is the key{where}."


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join(
        ["| key | takes | what it is for |", "|---|---|---|", *(f"| {line} |" for line in lines), ""]
    )


def _parts(fields: Fields) -> Iterable[Fields]:
    listing = _Listing()
    listing.of(fields)
    return listing.found.values()


class _Listing(Models):
    """Goes through the fields as the schema does, and only notes which there are."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Fields] = {}

    def of(self, fields: Fields) -> Any:
        """Note what a mapping may hold, and what its values are made of."""
        if fields.name not in self.found:
            self.found[fields.name] = fields
            super().of(fields)
        return object

    def _model(self, name: str, text: str, fields: Mapping[str, Any]) -> Any:
        return object

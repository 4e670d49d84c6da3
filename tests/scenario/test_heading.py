"""What a scenario is, told by the lines of its file: the same as when all of it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from calling import WORLD, Call, each
from llmcost.errors import LlmcostError
from llmcost.scenario.files import heading
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.heading import read_heading
from llmcost.scenario.files.scenario_file import ScenarioFile

PRICE: Final = "price.input_per_mtok: 1\n"
TEXTS: Final = (
    PRICE,
    f"llmcost: 1\ntitle: A model, in short\nkind: model\naliases: [one, two]\n{PRICE}",
    f'title: "Quoted"   \nkind: "model"\n{PRICE}',
    f"title: 'it''s'\nkind: model # of ours\n{PRICE}",
    f"# first\n\ntitle: >\n  over\n  lines\n\nkind: model\n{PRICE}",
    f"{PRICE}variants:\n  a: {{price.input_per_mtok: 2}}\n  # said\n  b:\n    price.input_per_mtok: 3\n",
    f"{PRICE}variants: {{a: {{price.input_per_mtok: 2}}, 'b': {{price.input_per_mtok: 2}}}}\n",
    f"{PRICE}variants:\n  'a': {{price.input_per_mtok: 2}}\n",
    f"{PRICE}variants:\nkind: model\n",
    f"title: plain\n  goes on\naliases:\n  - one\n- two\n{PRICE}",
    f"aliases:\n- one\n- two\nkind: model\n{PRICE}",
    # Looks like keys, and is none
    f'note: "a text\nkind: model\nends"\n{PRICE}',
    f"note: 'a text\n\nkind: model\n ends'\n{PRICE}",
    f"note: |\n  kind: company\n{PRICE}",
    f"aliases: [one,\ntwo]\n{PRICE}",
    "price: {input_per_mtok: 1, # said\n# more\noutput_per_mtok: 2}\nkind: model\n",
    f"{PRICE}variants:\n  a: {{price.input_per_mtok: 2,\n  price.output_per_mtok: 3}}\n  b: {{}}\n",
    # Other ways to write it
    "{kind: model, price.input_per_mtok: 1}\n",
    f"---\nkind: model\n{PRICE}...\n",
    f"kind: &k model\ntitle: *k\n{PRICE}",
    f"'kind': model\n{PRICE}",
    f"kind: model\r\ntitle: x\r\n{PRICE}",
    f"title: null words\nnote: null and void\n{PRICE}",
    f"title: 'a\tb'\n{PRICE}",
    f"kind:    model   \ntitle:\n  beneath\n{PRICE}",
    f"title: Größe 日本\n{PRICE}",
    # What is no scenario
    f"title: ~\n{PRICE}",
    f"kind: nothing\n{PRICE}",
    f"kind: model\nkind: model\n{PRICE}",
    f"llmcost: 2\n{PRICE}",
    f"titel: x\n{PRICE}",
    f"title: a: b\n{PRICE}",
    f"title: \x85\n{PRICE}",
    "kind: tests\ncases: [{name: a, scenario: b, expect: {price.input_per_mtok: 1}}]\n",
    f"{PRICE}variants:\n  a b: {{}}\n",
    f"{PRICE}variants:\n  a: {{}}\n  a: {{}}\n",
    f"{PRICE}aliases: one\n",
    f"{PRICE}extends: 'a@b@c'\n",
    "",
    "just words\n",
    f"title: *gone\n{PRICE}",
)


Told = tuple[object, ...] | None


def told(text: str) -> Told:
    """Return what the heading of a file says, its parent without where it is named."""
    found = read_heading(text, "mine", "mine.yaml")
    return None if found is None else (*found[:-1], found.extends and found.extends.text)


def whole(text: str) -> Told:
    """Return the same of what is read as a whole."""
    try:
        found = read_document(text, "mine", "mine.yaml")
    except LlmcostError:
        return None
    if not isinstance(found, ScenarioFile):
        return None
    extends = found.extends and found.extends.text
    return (found.name, found.where, found.title, found.kind, found.aliases, tuple(found.variants), extends)


@each("text", TEXTS)
def test_the_lines_say_what_the_whole_file_says(text: str) -> None:
    assert told(text) == whole(text)


def test_values_are_not_read_for_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(heading, "read_document")
    text = f"{PRICE}serving.utilization: 4711%\nkind: model\nvariants:\n  a: {{serving.utilization: x}}\n"
    found = read_heading(text, "mine", "mine.yaml")
    assert found is not None
    assert (found.kind, found.variants) == ("model", ("a",))


@pytest.mark.usefixtures("here")
def test_a_list_has_the_kind_and_variants_of_the_parents(llmcost: Call) -> None:
    for name, text in {
        "base": f"kind: model\n{PRICE}variants: {{a: {{price.input_per_mtok: 2}}}}\n",
        "child": "extends: base\nvariants: {b: {price.input_per_mtok: 2}}\n",
        "orphan": "extends: nobody\n",
    }.items():
        Path("scenarios").mkdir(exist_ok=True)
        Path("scenarios", f"{name}.yaml").write_text(text, encoding="utf-8")
    done = llmcost("list", "scenarios", "--kind", "model", "--format", "csv")
    rows = [line.split(",") for line in done.out.splitlines()]
    assert [row[0] for row in rows if row[-1].startswith("scenarios/")] == ["base", "child"]
    assert next(row for row in rows if row[0] == "child")[4] == "a b"


def test_every_scenario_of_the_world_is_listed_as_it_is() -> None:
    texts = [path.read_text("utf-8") for path in sorted(WORLD.rglob("*.yaml"))]
    assert len(texts) > 20
    assert [text for text in texts if told(text) != whole(text)] == []

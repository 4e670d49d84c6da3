"""Where scenarios are found, and what becomes of dates, variants, parents, overrides and workloads."""

from __future__ import annotations

import datetime as dt
import io
import os
import sys
from pathlib import Path
from typing import Final

import pytest

from calling import each, refusal, write
from llmcost.analysis.ask.load import load, prepare
from llmcost.errors import LlmcostError
from llmcost.scenario.finding import files_of
from llmcost.scenario.library import MOST_PARENTS, Library
from llmcost.scenario.reference import Reference, parse_reference
from llmcost.scenario.settled import Scenario

pytestmark = pytest.mark.usefixtures("home")

INPUT: Final = "price.input_per_mtok"
OUTPUT: Final = "price.output_per_mtok"
CACHED: Final = "price.cached_input_per_mtok"
MAY: Final = dt.date(2024, 5, 13)


def priced(path: str | Path, price: float, more: str = "") -> Path:
    """Write a scenario that can be told by its price."""
    return write(path, f"{INPUT}: {price}\n{more}")


def price_of(name: str) -> float:
    """Return the price of the scenario that a fresh library finds."""
    return Library().load(name).data[INPUT].value


def refused(name: str) -> str:
    return refusal(Library().load, name)


def standard_input(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


# --- references ------------------------------------------------------------------------------------

REFERENCES: Final = {
    "gpt4o@2024-05-13": Reference("gpt4o", as_of=MAY),
    "openai-2024:market-compute": Reference("openai-2024", ("market-compute",)),
    "openai-2024:a+b": Reference("openai-2024", ("a", "b")),
    "openai-2024:a:b": Reference("openai-2024", ("a", "b")),
    "openai-2024:a+b@2024-05-13": Reference("openai-2024", ("a", "b"), MAY),
    "openai-2024@2024-05-13:a+b": Reference("openai-2024", ("a", "b"), MAY),
    "x.yaml": Reference("x.yaml"),
    "./folder/x.yml:a@2024-05-13": Reference("./folder/x.yml", ("a",), MAY),
    "a:b/x.yaml": Reference("a:b/x.yaml"),
    "a@b/x.yaml@2024-05-13:a": Reference("a@b/x.yaml", ("a",), MAY),
    "-": Reference("-"),
    "-@2024-05-13:a+b": Reference("-", ("a", "b"), MAY),
    "gpt-4.1": Reference("gpt-4.1"),
}

BAD_REFERENCES: Final = {
    "": "'': a scenario's name is missing",
    ":a": ":a: a scenario's name is missing",
    "x:": "x:: a variant's name is missing after ':' or '+'",
    "x:a+": "x:a+: a variant's name is missing after ':' or '+'",
    "x:+a": "x:+a: a variant's name is missing after ':' or '+'",
    "x@2024": "x@2024: expected a date such as 2025-01-29, got '2024'",
    "x@2024-02-30": "x@2024-02-30: expected a date such as 2025-01-29, got '2024-02-30'",
    "x@yesterday:a": "x@yesterday:a: expected a date such as 2025-01-29, got 'yesterday'",
    "x@2024-05-13@2024-05-14": "x@2024-05-13@2024-05-14: has two dates; one is enough",
    "x@2024-05-13:a@2024-05-13": "x@2024-05-13:a@2024-05-13: has two dates; one is enough",
}


@each("text, wanted", REFERENCES.items())
def test_references(text: str, wanted: Reference) -> None:
    assert parse_reference(text) == wanted


@each("text, message", BAD_REFERENCES.items())
def test_bad_references(text: str, message: str) -> None:
    assert refusal(parse_reference, text) == message


# --- finding ---------------------------------------------------------------------------------------


def test_the_nearest_folder_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = Library().load("lark")
    assert not Path(bundled.where).is_relative_to(home.parent)

    priced(home.parent / "second" / "lark.yaml", 102)
    monkeypatch.setenv("LLMCOST_PATH", str(home.parent / "second"))
    assert price_of("lark") == 102

    priced(home.parent / "first" / "lark.yaml", 101)
    monkeypatch.setenv(
        "LLMCOST_PATH", os.pathsep.join([str(home.parent / "first"), str(home.parent / "second")])
    )
    assert price_of("lark") == 101

    priced("scenarios/lark.yaml", 100)
    assert price_of("lark") == 100

    priced("lark.yaml", 99)
    assert price_of("lark") == 100  # a name is no path
    for path in ("lark.yaml", "./lark.yaml", str(home / "lark.yaml"), "scenarios/../lark.yaml"):
        assert price_of(path) == 99


def test_folders_that_do_not_exist_are_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    priced(home.parent / "real" / "mine.yaml", 7)
    parts = ["", str(home.parent / "nowhere"), "", str(home.parent / "real")]
    monkeypatch.setenv("LLMCOST_PATH", os.pathsep.join(parts))
    assert price_of("mine") == 7


@each("name", ["gpt-4o", "gpt4o", "GPT-4o", "GPT_4O", "gpt.4o", "Gpt--4-o"])
def test_names_ignore_case_hyphens_underscores_and_dots(name: str) -> None:
    priced("scenarios/models/gpt-4o.yaml", 7)
    assert price_of(name) == 7


@each("name", ["omni", "OMNI", "o-m-n-i", "GPT-4-Omni"])
def test_aliases_ignore_them_as_well(name: str) -> None:
    priced("scenarios/gpt-4o.yaml", 7, "aliases: [Omni, gpt4_omni]\n")
    assert price_of(name) == 7


def test_a_name_comes_before_an_alias_of_the_same_folder() -> None:
    priced("scenarios/a.yaml", 1, "aliases: [b]\n")
    priced("scenarios/b.yaml", 2)
    assert price_of("b") == 2


def test_an_alias_hides_the_name_in_a_later_folder() -> None:
    priced("scenarios/mine.yaml", 7, "aliases: [gpt-4o]\n")
    assert price_of("gpt4o") == 7


def test_two_files_of_one_name_are_ambiguous_and_the_path_tells_them_apart() -> None:
    priced("scenarios/one/gpt-4o.yaml", 1)
    priced("scenarios/two/GPT4o.yml", 2)
    said = "'gpt4o' matches both scenarios/one/gpt-4o.yaml and scenarios/two/GPT4o.yml; give the path"
    assert refused("gpt4o") == said
    assert price_of("scenarios/two/GPT4o.yml") == 2


def test_two_files_of_one_alias_are_ambiguous() -> None:
    priced("scenarios/one.yaml", 1, "aliases: [omni]\n")
    priced("scenarios/two.yaml", 2, "aliases: [Omni]\n")
    assert refused("omni") == "'omni' matches one and two; use one of these names"
    assert price_of("one") == 1


def test_a_broken_file_has_no_say_in_what_others_are_called() -> None:
    write("scenarios/broken.yaml", "aliases: [mine]\nnonsense: 1\n")
    priced("scenarios/right.yaml", 7, "aliases: [mine]\n")
    assert price_of("mine") == 7
    assert refused("broken") == (
        "scenarios/broken.yaml:2:1: unknown key 'nonsense'; 'llmcost schema' lists those that are allowed"
    )


def test_hidden_files_and_files_of_another_kind_are_not_found() -> None:
    for path in (".hidden.yaml", ".git/secret.yaml", "claims/claim.yaml", "notes.txt"):
        priced(Path("scenarios") / path, 7)
    for name in ("hidden", "secret", "claim", "notes"):
        assert refused(name).startswith(f"no scenario is called '{name}'")


def test_what_is_not_found_gets_a_suggestion() -> None:
    priced("scenarios/my-model.yaml", 7)
    assert refused("my-modle") == "no scenario is called 'my-modle'; did you mean 'my-model'?"
    assert refused("zzzzzz") == "no scenario is called 'zzzzzz'; 'llmcost list' shows what there is"


@each("name", ["lab.yamll", "lab.yml", "lab.txt", "lab", "LAB.yaml", "laab.yaml"])
def test_a_file_that_is_written_almost_so_is_meant(name: str) -> None:
    priced("lab.yaml", 7)
    priced("sub/lab.yaml", 7)
    assert refused(name).endswith("; did you mean 'lab.yaml'?")
    said = f"./sub/{name}: there is no such file or folder; did you mean './sub/lab.yaml'?"
    assert refused(f"./sub/{name}") == said


def test_another_version_is_not_meant() -> None:
    priced("heron-5.yaml", 7)
    priced("lab.yaml", 7)
    for name in ("heron-5.5", "heron-6.yaml", "zzz.yaml", "openai/"):
        assert "did you mean" not in refused(name)
    assert refused("opnai/heron-5").endswith("did you mean 'openai/heron-5'?")


def test_a_path_that_cannot_be_read(home: Path) -> None:
    (home / "folder.yaml").mkdir()
    assert refused("./nowhere.yaml") == "./nowhere.yaml: there is no such file or folder"
    assert refused("folder/mine") == "folder/mine: there is no such file or folder"
    assert refused("./folder.yaml") == "folder.yaml: cannot be read: Is a directory"


def test_a_path_with_a_nul_is_refused() -> None:
    assert len(refused("./a\0.yaml").splitlines()) == 1
    write("scenarios/mine.yaml", 'extends: "parent\\0.yaml"\n')
    assert len(refused("mine").splitlines()) == 1


def test_the_catalogue_passes_over_what_is_hidden_or_broken(home: Path) -> None:
    priced("scenarios/gpt-4o.yaml", 1, "kind: product\n")
    priced("scenarios/a-model.yaml", 2, "kind: model\n")
    write("scenarios/broken.yaml", "nonsense: 1\n")
    write("scenarios/nul.yaml", 'extends: "parent\\0.yaml"\n')
    priced("elsewhere/gpt_4o.yaml", 3)
    priced("elsewhere/company.yaml", 4, "kind: company\n")
    found = Library([home / "scenarios", home / "elsewhere"]).all_files()
    assert [file.name for file in found] == ["company", "a-model", "gpt-4o"]


@each("link", ["other.yaml", ".#mine.yaml"])
def test_a_link_that_leads_nowhere_is_in_nobodys_way(link: str) -> None:
    priced("scenarios/base.yaml", 7)
    write("scenarios/mine.yaml", "extends: base\n")
    Path("scenarios", link).symlink_to("user@host.1234:1700000000")
    assert price_of("mine") == 7


# --- standard input --------------------------------------------------------------------------------


def test_a_file_that_was_edited_is_read_again(home: Path) -> None:
    """Its size and, within a tick of the clock, its time stay the same."""
    path, held = home / "edited.yaml", Library([])
    for price in (1, 2):
        path.write_text(f"price.input_per_mtok: {price}\n")
        os.utime(path, ns=(0, 0))
        assert held.load(str(path)).data["price.input_per_mtok"].value == price


def test_a_file_that_has_become_a_model_is_noticed() -> None:
    """Accelerators are found by their names only where one is looked for."""
    priced("scenarios/base.yaml", 7, "kind: accelerator\n")
    held = Library()
    assert held.find("base", kind="accelerator") is not None
    priced("scenarios/base.yaml", 7)
    assert held.fresh().find("base", kind="accelerator") is None
    assert held.load("base").data[INPUT].value == 7


def test_an_alias_written_into_a_file_that_was_read_is_noticed() -> None:
    priced("scenarios/base.yaml", 7)
    held = Library()
    with pytest.raises(LlmcostError, match="no scenario is called 'other'"):
        held.load("other")
    priced("scenarios/base.yaml", 7, "aliases: [other]\n")
    assert held.fresh().load("other").data[INPUT].value == 7


def test_standard_input_is_a_scenario_and_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, f"{INPUT}: 7\nvariants: {{half: {{{INPUT}: 3.5}}}}\n")
    library = Library()
    assert library.load("-").data[INPUT].value == 7
    half = library.load("-:half")
    assert half.data[INPUT].value == 3.5
    assert half.label == "stdin:half"


def test_what_is_wrong_with_standard_input_has_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    standard_input(monkeypatch, f"\n{INPUT}: -7\n")
    assert refused("-") == f"<stdin>:2:23: {INPUT}: must not be negative, got -7"


def test_standard_input_may_extend(monkeypatch: pytest.MonkeyPatch) -> None:
    priced("scenarios/base.yaml", 7)
    standard_input(monkeypatch, f"extends: base\n{OUTPUT}: 9\n")
    assert {name: datum.value for name, datum in Library().load("-").data.items()} == {INPUT: 7, OUTPUT: 9}


# --- parents ---------------------------------------------------------------------------------------


def test_a_child_inherits_and_overrides() -> None:
    write(
        "scenarios/parent.yaml",
        """
        title: The parent
        kind: model
        note: The parent's note
        aliases: [mother]
        price: {input_per_mtok: 1, output_per_mtok: 2, cached_input_per_mtok: 0.5}
        variants:
          dear: {price.input_per_mtok: 100}
          cheap: {price.input_per_mtok: 0.1}
        expect: {price.output_per_mtok: 2}
        """,
    )
    write(
        "scenarios/child.yaml",
        """
        extends: parent
        price: {input_per_mtok: 10, cached_input_per_mtok: null}
        variants:
          cheap: {price.input_per_mtok: 0.2}
        """,
    )
    library = Library()
    child = library.load("child")
    assert {name: datum.value for name, datum in child.data.items()} == {INPUT: 10, OUTPUT: 2}
    assert child.absent == {CACHED: "set to null"}
    assert child.kind == "model"
    assert (child.name, child.title, child.note, child.expectations) == ("child", None, None, ())
    assert library.load("child:dear").data[INPUT].value == 100
    assert library.load("child:cheap").data[INPUT].value == 0.2
    assert library.load("parent").data[INPUT].value == 1
    assert library.load("mother").name == "parent"


def test_a_value_knows_the_file_it_was_written_in() -> None:
    priced("scenarios/parent.yaml", 1)
    write("scenarios/child.yaml", f"extends: parent\n{OUTPUT}: 2\n")
    data = Library().load("child").data
    assert data[INPUT].place == ("scenarios/parent.yaml", 1, 23)
    assert data[OUTPUT].place == ("scenarios/child.yaml", 2, 24)


def test_a_file_of_ones_own_may_extend_the_bundled_one_of_its_name() -> None:
    bundled = Library().load("lark")
    write("scenarios/lark.yaml", f"extends: lark\n{INPUT}: 100\n")
    own = Library().load("lark")
    assert own.where == "scenarios/lark.yaml"
    assert own.data[INPUT].value == 100
    assert own.data[OUTPUT] == bundled.data[OUTPUT]


def test_a_parent_beside_the_child_comes_first(home: Path) -> None:
    priced("scenarios/base.yaml", 1)
    priced(home.parent / "project" / "base.yaml", 2)
    write(home.parent / "project" / "child.yaml", "extends: base\n")
    assert price_of(str(home.parent / "project" / "child.yaml")) == 2


def test_a_path_in_extends_starts_at_the_child() -> None:
    priced("project/common/base.yaml", 1)
    priced("common/base.yaml", 2)
    write("project/models/child.yaml", "extends: ../common/base.yaml\n")
    assert price_of("project/models/child.yaml") == 1


def test_a_parents_errors_have_the_parents_place() -> None:
    write("scenarios/parent.yaml", f"{INPUT}: -1\nnonsense: 1\n")
    write("scenarios/child.yaml", "extends: parent\n")
    assert refused("child").splitlines() == [
        f"scenarios/parent.yaml:1:23: {INPUT}: must not be negative, got -1",
        "scenarios/parent.yaml:2:1: unknown key 'nonsense'; 'llmcost schema' lists those that are allowed",
    ]


def test_a_missing_ancestor_is_named_with_the_chain() -> None:
    write("scenarios/child.yaml", "extends: parent\n")
    write("scenarios/parent.yaml", "extends: grandparent\n")
    assert refused("child") == (
        "scenarios/parent.yaml:1:10: extends: child → parent → grandparent: "
        "no scenario is called 'grandparent'; did you mean 'parent'?"
    )


@each(
    "files, trail",
    [
        ({"a": "b", "b": "a"}, "a → b → a"),
        ({"a": "b", "b": "c", "c": "a"}, "a → b → c → a"),
        ({"a": "b", "b": "c", "c": "b"}, "a → b → c → b"),
        ({"a": "./a.yaml"}, "a → ./a.yaml"),
        ({"a": "../scenarios/a.yaml"}, "a → ../scenarios/a.yaml"),
        ({"a": "b", "b": "../scenarios/a.yaml"}, "a → b → ../scenarios/a.yaml"),
    ],
)
def test_ancestors_in_a_circle(files: dict[str, str], trail: str) -> None:
    for name, parent in files.items():
        write(f"scenarios/{name}.yaml", f"extends: {parent}\n")
    message = refused("a")
    assert message.endswith(f": extends itself: {trail}")
    assert message.startswith("scenarios/")


def test_nobody_is_told_to_extend_himself() -> None:
    write("scenarios/only.yaml", "extends: only\n")
    message = refused("only")
    assert message.startswith("scenarios/only.yaml:1:10: extends")
    assert "only → only" in message
    assert "did you mean" not in message


# --- dates -----------------------------------------------------------------------------------------


@pytest.fixture
def timeline(home: Path) -> None:
    write(
        "scenarios/timeline.yaml",
        """
        price:
          input_per_mtok:
            basis: disclosed
            source: price list
            values:
              2024-08-06: {value: 2.50, source: blog}
              2024-05-13: 5
              2025-01-01: null
          output_per_mtok: {values: {2024-05-13: 15, 2024-10-02: 10}}
          cached_input_per_mtok: {values: {2024-10-02: 1.25}}
        serving.gpu_hour_cost: 2
        variants:
          later: {price.input_per_mtok: {values: {2026-01-01: 1}}}
        expect: {price.output_per_mtok: 10}
        """,
    )


DAYS: Final[dict[str, dict[str, float]]] = {
    "2024-05-13": {INPUT: 5, OUTPUT: 15},
    "2024-08-05": {INPUT: 5, OUTPUT: 15},
    "2024-08-06": {INPUT: 2.5, OUTPUT: 15},
    "2024-10-01": {INPUT: 2.5, OUTPUT: 15},
    "2024-10-02": {INPUT: 2.5, OUTPUT: 10, CACHED: 1.25},
    "2024-12-31": {INPUT: 2.5, OUTPUT: 10, CACHED: 1.25},
    "2025-01-01": {OUTPUT: 10, CACHED: 1.25},
    "2999-12-31": {OUTPUT: 10, CACHED: 1.25},
}


@pytest.mark.usefixtures("timeline")
@each("day, prices", DAYS.items())
def test_the_values_in_force_on_a_day(day: str, prices: dict[str, float]) -> None:
    for scenario in (
        load(f"timeline@{day}"),
        load("timeline", as_of=day),
        load("timeline", as_of=dt.date.fromisoformat(day)),
    ):
        found = {name: datum.value for name, datum in scenario.data.items() if name.startswith("price.")}
        assert found == prices
        assert scenario.data["serving.gpu_hour_cost"].value == 2
        assert scenario.as_of == dt.date.fromisoformat(day)
        assert scenario.in_force_since == scenario.as_of


@pytest.mark.usefixtures("timeline")
def test_without_a_date_the_newest_values_hold() -> None:
    scenario = load("timeline")
    assert {name: datum.value for name, datum in scenario.data.items() if name.startswith("price.")} == {
        OUTPUT: 10,
        CACHED: 1.25,
    }
    assert scenario.as_of is None
    assert scenario.in_force_since == dt.date(2024, 10, 2)
    assert scenario.data[OUTPUT].since == dt.date(2024, 10, 2)


@pytest.mark.usefixtures("timeline")
def test_what_is_absent_has_a_reason() -> None:
    assert load("timeline").absent == {INPUT: "ended on 2025-01-01"}
    assert load("timeline@2024-05-13").absent == {CACHED: "no value before 2024-10-02"}
    assert load("timeline@2024-10-02").absent == {}


@pytest.mark.usefixtures("timeline")
def test_a_date_in_the_reference_wins() -> None:
    scenario = load("timeline@2024-05-13", as_of="2024-08-06")
    assert scenario.data[INPUT].value == 5
    assert scenario.as_of == MAY
    assert scenario.label == "timeline@2024-05-13"


@pytest.mark.usefixtures("timeline")
def test_before_the_first_date_there_is_nothing() -> None:
    message = "timeline: has nothing dated 2024-05-12 or earlier; its first date is 2024-05-13"
    assert refusal(load, "timeline@2024-05-12") == message
    assert refusal(load, "timeline", as_of="2024-05-12") == message


def test_a_scenario_without_dates_holds_on_every_day() -> None:
    priced("scenarios/undated.yaml", 7)
    assert load("undated@1999-12-31").data[INPUT].value == 7


@pytest.mark.usefixtures("timeline")
@each("day", ["2024", "13.05.2024", "2024-02-30", "", "tomorrow"])
def test_a_bad_date(day: str) -> None:
    assert refusal(load, "timeline", as_of=day) == f"as_of: expected a date such as 2025-01-29, got '{day}'"


@pytest.mark.usefixtures("timeline")
def test_dated_values_share_their_source_and_may_have_their_own() -> None:
    first = load("timeline@2024-05-13").data[INPUT]
    second = load("timeline@2024-08-06").data[INPUT]
    assert (first.basis, first.source, first.since) == ("disclosed", "price list", MAY)
    assert (second.basis, second.source, second.since) == ("disclosed", "blog", dt.date(2024, 8, 6))
    assert (first.place.line, second.place.line) == (7, 6)


@pytest.mark.usefixtures("timeline")
def test_expectations_hold_for_the_scenario_as_it_stands_only() -> None:
    assert [expectation.metric for expectation in load("timeline").expectations] == [OUTPUT]
    assert load("timeline@2024-05-13").expectations == ()
    assert load("timeline:later").expectations == ()


@pytest.mark.usefixtures("timeline")
def test_a_variant_may_have_dates_of_its_own() -> None:
    assert load("timeline:later").data[INPUT].value == 1
    early = load("timeline:later@2024-08-06")
    assert INPUT not in early.data
    assert early.absent[INPUT] == "no value before 2026-01-01"


# --- variants --------------------------------------------------------------------------------------


@pytest.fixture
def variants(home: Path) -> None:
    write(
        "scenarios/base.yaml",
        """
        price: {input_per_mtok: 1, output_per_mtok: 4}
        variants:
          cheap: {price.input_per_mtok: 0.5}
          dear:
            note: Twice the price
            price: {input_per_mtok: 2, output_per_mtok: 8}
          silent: {price.output_per_mtok: null}
        """,
    )


@pytest.mark.usefixtures("variants")
@each(
    "reference, wanted, label",
    [
        ("base", {INPUT: 1, OUTPUT: 4}, "base"),
        ("base:cheap", {INPUT: 0.5, OUTPUT: 4}, "base:cheap"),
        ("base:dear+cheap", {INPUT: 0.5, OUTPUT: 8}, "base:dear+cheap"),
        ("base:cheap+dear", {INPUT: 2, OUTPUT: 8}, "base:cheap+dear"),
        ("base:cheap:dear", {INPUT: 2, OUTPUT: 8}, "base:cheap+dear"),
        ("base:silent", {INPUT: 1}, "base:silent"),
        ("scenarios/base.yaml:cheap", {INPUT: 0.5, OUTPUT: 4}, "base:cheap"),
        ("base@2024-05-13:cheap", {INPUT: 0.5, OUTPUT: 4}, "base:cheap@2024-05-13"),
    ],
)
def test_variants_override(reference: str, wanted: dict[str, float], label: str) -> None:
    scenario = Library().load(reference)
    assert {name: datum.value for name, datum in scenario.data.items()} == wanted
    assert scenario.label == label
    assert scenario.name == "base"


@pytest.mark.usefixtures("variants")
def test_unknown_variants() -> None:
    assert refused("base:cheep") == "base: unknown variant 'cheep'; did you mean 'cheap'?"
    assert refused("base:zzz") == "base: unknown variant 'zzz'; it has cheap, dear, silent"
    assert refused("base:cheap+zzz") == "base: unknown variant 'zzz'; it has cheap, dear, silent"
    priced("scenarios/plain.yaml", 1)
    assert refused("plain:zzz") == "plain: unknown variant 'zzz'; it has none"


# --- overrides -------------------------------------------------------------------------------------


@pytest.fixture
def shop(home: Path) -> None:
    write(
        "scenarios/shop.yaml",
        """
        price:
          input_per_mtok: {value: 2, basis: disclosed, source: price list}
          output_per_mtok: {value: 1 to 4, basis: assumed}
        traffic: {input_tokens_per_day: 3M, output_tokens_per_day: 1M}
        serving.utilization: 50%
        """,
    )


def set_on_shop(*options: str) -> Scenario:
    return load("shop", set=options)


@pytest.mark.usefixtures("shop")
@each(
    "option, value",
    [
        (f"{INPUT}=5", 5.0),
        (f" {INPUT} = 5 ", 5.0),
        (f"{INPUT}=1 / 4", 0.25),
        (f"{INPUT}=+5", 7.0),
        (f"{INPUT}=*2", 4.0),
        (f"{INPUT}=*1 / 4", 0.5),
        (f"{INPUT}=*25%", 0.5),
        (f"{INPUT}=/2", 1.0),
        (f"{INPUT}=+10%", 2.2),
        (f"{INPUT}=+ 10 %", 2.2),
        (f"{INPUT}=-30%", 1.4),
        (f"{INPUT}=-100%", 0.0),
        (f"{INPUT}=+1,000%", 22.0),
        (f"{INPUT}={{value: 6}}", 6.0),
    ],
)
def test_overrides(option: str, value: float) -> None:
    datum = set_on_shop(option).data[INPUT]
    assert datum.value == pytest.approx(value, rel=1e-12)
    assert (datum.low, datum.high) == (None, None)


@pytest.mark.usefixtures("shop")
def test_a_plain_override_is_a_stated_value_of_the_options() -> None:
    datum = set_on_shop(f"{INPUT}=5").data[INPUT]
    assert (datum.basis, datum.source) == ("stated", f"--set {INPUT}=5")


@pytest.mark.usefixtures("shop")
def test_a_range_and_a_mapping_as_overrides() -> None:
    span = set_on_shop(f"{INPUT}=2 to 8").data[INPUT]
    assert (span.low, span.high, span.text) == (2.0, 8.0, "2 to 8")
    assert span.value == pytest.approx(4.0, rel=1e-14)
    full = set_on_shop(f"{INPUT}={{value: 3, low: 2, high: 8, basis: estimated, source: a friend}}").data[
        INPUT
    ]
    assert (full.low, full.value, full.high) == (2.0, 3.0, 8.0)
    assert (full.basis, full.source) == ("estimated", "a friend")


@pytest.mark.usefixtures("shop")
def test_a_relative_override_scales_the_range_and_keeps_what_is_weak() -> None:
    scaled = set_on_shop(f"{OUTPUT}=*2").data[OUTPUT]
    assert (scaled.low, scaled.value, scaled.high) == (2.0, 4.0, 8.0)
    assert (scaled.basis, scaled.source) == ("assumed", f"--set {OUTPUT}=*2")
    firm = set_on_shop(f"{INPUT}=*2").data[INPUT]
    assert (firm.basis, firm.source) == ("stated", f"--set {INPUT}=*2, on price list")


@pytest.mark.usefixtures("shop")
@each("null", ["null", "~", "Null"])
def test_null_removes(null: str) -> None:
    scenario = set_on_shop(f"{INPUT}={null}")
    assert INPUT not in scenario.data
    assert scenario.data[OUTPUT].value == 2.0


@pytest.mark.usefixtures("shop")
def test_a_relative_override_of_a_derived_value() -> None:
    datum = set_on_shop("traffic.tokens_per_day=*2").data["traffic.tokens_per_day"]
    assert datum.value == 8e6
    assert (datum.basis, datum.source) == ("stated", "--set traffic.tokens_per_day=*2, on the derived value")
    weak = set_on_shop("traffic.revenue_per_day=*2").data["traffic.revenue_per_day"]
    assert weak.value == pytest.approx(2 * (3 * 2 + 1 * 2), rel=1e-12)
    assert weak.basis == "assumed"


@pytest.mark.usefixtures("shop")
def test_overrides_come_one_after_the_other() -> None:
    assert set_on_shop(f"{INPUT}=5", f"{INPUT}=*3", f"{INPUT}=-20%").data[INPUT].value == pytest.approx(12.0)
    assert set_on_shop(f"{INPUT}=*3", f"{INPUT}=5").data[INPUT].value == 5.0
    both = set_on_shop(
        "traffic.input_tokens_per_day=*2", "traffic.output_tokens_per_day=*0.5", "traffic.tokens_per_day=/5"
    )
    assert both.data["traffic.tokens_per_day"].value == pytest.approx(1.3e6, rel=1e-12)


@pytest.mark.usefixtures("shop")
def test_overrides_as_a_mapping() -> None:
    scenario = load("shop", set={INPUT: 5, OUTPUT: "*2", "serving.utilization": 0.25, CACHED: 0.0005})
    found = {name: scenario.data[name].value for name in (INPUT, OUTPUT, CACHED, "serving.utilization")}
    assert found == {INPUT: 5.0, OUTPUT: 4.0, CACHED: 0.0005, "serving.utilization": 0.25}


@pytest.mark.usefixtures("shop")
def test_an_override_ends_an_absence() -> None:
    write("scenarios/ended.yaml", f"{INPUT}: {{values: {{2024-05-13: 5, 2025-01-01: null}}}}\n")
    assert INPUT in load("ended").absent
    scenario = load("ended", set=[f"{INPUT}=3"])
    assert scenario.data[INPUT].value == 3.0
    assert scenario.absent == {}


NO_OVERRIDES: Final = {
    # what stands before the value
    INPUT: f"set {INPUT}: expected PATH=VALUE, such as serving.utilization=0.5",
    "": "set : expected PATH=VALUE, such as serving.utilization=0.5",
    f"{INPUT}=": f"set {INPUT}=: a value is missing after '='; null removes what is there",
    "serving.utilisation=0.5": (
        "set serving.utilisation=0.5: unknown quantity 'serving.utilisation'; "
        "did you mean 'serving.utilization'?"
    ),
    "zzz=0.5": "set zzz=0.5: unknown quantity 'zzz'; 'llmcost list inputs' shows what there is",
    "price={input_per_mtok: 5}": (
        "set price={input_per_mtok: 5}: unknown quantity 'price': it is a section; "
        "names are written in full, such as 'price.input_per_mtok'"
    ),
    # the value
    f"{INPUT}=-1": f"set {INPUT}=-1: {INPUT}: must not be negative, got -1",
    f"{INPUT}=27%": (
        f"set {INPUT}=27%: {INPUT}: '27%': a percentage is allowed only for shares, or as a factor, "
        "as in 5000 * 10%"
    ),
    f"{INPUT}=[5]": f"set {INPUT}=[5]: {INPUT}: expected a number or a mapping, got a list",
    f"{INPUT}={{}}": f"set {INPUT}={{}}: {INPUT}: has no 'value'; a range alone is written LOW to HIGH",
    f"{INPUT}={{value: 5": f"set {INPUT}={{value: 5: {INPUT}: is not YAML: expected ',' or '}}' here",
    f"{INPUT}={{values: {{2024-05-13: 5}}}}": (
        f"set {INPUT}={{values: {{2024-05-13: 5}}}}: {INPUT}: takes one value, not dated ones"
    ),
    "serving.utilization=40": (
        "set serving.utilization=40: serving.utilization: must lie between 0 and 1, got 40; "
        "did you mean '40%'?"
    ),
    # relative ones
    f"{INPUT}=*0": f"set {INPUT}=*0: {INPUT}: the factor must be above 0, got 0",
    f"{INPUT}=*x": f"set {INPUT}=*x: {INPUT}: expected a number, got 'x'",
    f"{INPUT}=-101%": f"set {INPUT}=-101%: {INPUT}: cannot take away more than 100%",
    f"{INPUT}=*1 to 2": f"set {INPUT}=*1 to 2: {INPUT}: expected one number, got the range '1 to 2'",
    # nothing to scale
    "serving.gpus=*2": (
        "set serving.gpus=*2: there is nothing to scale in shop: it is not stated and cannot be derived"
    ),
}


@pytest.mark.usefixtures("shop")
@each("option, message", NO_OVERRIDES.items())
def test_bad_overrides_name_the_option(option: str, message: str) -> None:
    assert refusal(set_on_shop, option) == message


@pytest.mark.usefixtures("shop")
def test_several_bad_overrides_are_reported_at_once() -> None:
    assert refusal(
        set_on_shop, f"{INPUT}=-1", f"{OUTPUT}=5", "zzz=1", f"{CACHED}={{valu: 1, basis: x}}"
    ).splitlines() == [
        f"set {INPUT}=-1: {INPUT}: must not be negative, got -1",
        "set zzz=1: unknown quantity 'zzz'; 'llmcost list inputs' shows what there is",
        f"set {CACHED}={{valu: 1, basis: x}}: {CACHED}: unknown key 'valu'; did you mean 'value'?",
        f"set {CACHED}={{valu: 1, basis: x}}: {CACHED}: 'basis' is one of disclosed, reported, stated, "
        "estimated, assumed, got 'x'",
    ]


@pytest.mark.usefixtures("shop")
def test_nothing_to_scale_where_the_derived_value_is_undefined() -> None:
    options = ("traffic.input_tokens_per_day=0", "traffic.output_tokens_per_day=0", "traffic.output_share=*2")
    message = refusal(set_on_shop, *options)
    assert message.startswith(
        "set traffic.output_share=*2: there is nothing to scale in shop: division by zero"
    )


@pytest.mark.usefixtures("shop")
@each("option", ["serving.utilization=*3", "serving.utilization=+150%"])
def test_a_share_cannot_be_scaled_above_one(option: str) -> None:
    message = refusal(set_on_shop, option)
    assert message.startswith(f"set {option}: serving.utilization: must lie between 0 and 1, got 1.")


@pytest.mark.usefixtures("shop")
def test_a_derived_share_cannot_be_scaled_above_one() -> None:
    message = refusal(set_on_shop, "traffic.output_share=*5")
    assert message.startswith(
        "set traffic.output_share=*5: traffic.output_share: must lie between 0 and 1, got 1.25"
    )


@pytest.mark.usefixtures("shop")
@each("factor", ["*1e30", "/1e30"])
def test_scaling_again_and_again_never_leaves_the_numbers(factor: str) -> None:
    message = refusal(set_on_shop, *[f"{INPUT}={factor}"] * 12)
    assert message.startswith(f"set {INPUT}={factor}: {INPUT}: is too ")


@pytest.mark.usefixtures("shop")
@each("text", ["\udcff", "5\udcff", "{value: 5, source: \udcff}"])
def test_an_option_that_is_not_utf_8_is_refused(text: str) -> None:
    assert len(refusal(set_on_shop, f"{INPUT}={text}").splitlines()) == 1


@pytest.mark.usefixtures("shop")
@each("value", ["# 5", "---", "--- # five"])
def test_an_option_that_holds_no_value(value: str) -> None:
    said = f"set {INPUT}={value}: a value is missing after '='; null removes what is there"
    assert refusal(set_on_shop, f"{INPUT}={value}") == said


def test_an_override_may_not_bring_a_total_below_its_lines() -> None:
    write("scenarios/firm.yaml", "revenue:\n  api: 1B\n  subscription: 2.7B\n  total: 4B\n")
    said = "scenarios/firm.yaml:4:10: revenue.total: 4000000000 is below the sum of its lines, 4700000000"
    assert refusal(load, "firm", set=["revenue.api=*2"]) == said
    said = "set revenue.total=3B: revenue.total: 3000000000 is below the sum of its lines, 3700000000"
    assert refusal(load, "firm", set=["revenue.total=3B"]) == said
    assert load("firm", set=["revenue.api=*2", "revenue.total=5B"]).data["revenue.total"].value == 5e9


# --- workloads -------------------------------------------------------------------------------------

SHARE: Final = "workload.output_share"
CACHE: Final = "workload.cached_input_share"


def test_without_traffic_the_workload_is_chat() -> None:
    priced("scenarios/plain.yaml", 7)
    scenario = load("plain")
    assert scenario.workload == "chat"
    assert scenario.data[SHARE].value == 0.25
    assert scenario.data[CACHE].value == 0


@each("line", ["traffic.input_tokens_per_day: 3", "workload.output_share: 10%"])
def test_with_a_mix_of_its_own_that_is_the_workload(line: str) -> None:
    priced("scenarios/mixed.yaml", 7, line)
    scenario = load("mixed")
    assert scenario.workload == "own"
    assert len(scenario.data) == 2


@each("asked, name, share", [("chat", "chat", 1 / 4), ("CHAT", "chat", 1 / 4), ("rag", "rag", 1 / 10)])
def test_a_workload_that_is_asked_for(asked: str, name: str, share: float) -> None:
    priced("scenarios/mixed.yaml", 7, "traffic: {input_tokens_per_day: 3, output_tokens_per_day: 2}\n")
    scenario = load("mixed", workload=asked)
    assert scenario.workload == name
    assert scenario.data[SHARE].value == pytest.approx(share)
    assert scenario.data["traffic.input_tokens_per_day"].value == 3


def test_own_puts_nothing_on_a_scenario() -> None:
    priced("scenarios/plain.yaml", 7)
    scenario = load("plain", workload="own")
    assert scenario.workload == "own"
    assert set(scenario.data) == {INPUT}


def test_a_workload_of_ones_own() -> None:
    priced("scenarios/plain.yaml", 7)
    write("scenarios/Long_Reads.yaml", f"kind: workload\n{SHARE}: 1%\n{INPUT}: 1000\n")
    scenario = load("plain", workload="long-reads")
    assert scenario.workload == "Long_Reads"
    assert scenario.data[SHARE].value == 0.01
    assert scenario.data[INPUT].value == 7  # nothing but the mix is taken from it


def test_a_workload_never_keeps_what_another_one_said() -> None:
    priced("scenarios/mixed.yaml", 7, f"{SHARE}: 50%\n{CACHE}: 90%\n")
    write("scenarios/lean.yaml", f"kind: workload\n{SHARE}: 10%\n")
    write("scenarios/cached.yaml", f"kind: workload\n{CACHE}: 70%\n")
    lean = load("mixed", workload="lean")
    assert lean.data[SHARE].value == 0.1
    assert CACHE not in lean.data
    cached = load("mixed", workload="cached")
    assert cached.data[CACHE].value == 0.7
    assert SHARE not in cached.data
    again = prepare(cached, workload="lean")
    assert again.data[SHARE].value == 0.1
    assert CACHE not in again.data


def test_a_workload_that_was_chosen_stays() -> None:
    priced("scenarios/plain.yaml", 7)
    scenario = prepare(load("plain", workload="rag"))
    assert scenario.workload == "rag"
    assert scenario.data[SHARE].value == 0.1


def test_overrides_come_on_top_of_the_workload() -> None:
    priced("scenarios/plain.yaml", 7)
    scenario = load("plain", workload="chat", set=[f"{SHARE}=*2", f"{CACHE}=30%"])
    assert scenario.data[SHARE].value == 0.5
    assert scenario.data[CACHE].value == 0.3


def test_unknown_workloads() -> None:
    priced("scenarios/plain.yaml", 7)
    said = "workload: no workload is called 'zzz'; there are chat, rag, own"
    assert refusal(load, "plain", workload="zzz") == said
    said = "workload: no workload is called 'chatt'; did you mean 'chat'?"
    assert refusal(load, "plain", workload="chatt") == said
    said = "workload: 'plain' in scenarios/plain.yaml states no workload.* quantity"
    assert refusal(load, "plain", workload="plain") == said


def test_a_broken_workload() -> None:
    priced("scenarios/plain.yaml", 7)
    write("scenarios/mix.yaml", f"kind: workload\n{SHARE}: 40\n")
    said = f"scenarios/mix.yaml:2:24: {SHARE}: must lie between 0 and 1, got 40; did you mean '40%'?"
    assert refusal(load, "plain", workload="mix") == said


def test_a_variant_says_what_it_changes(tmp_path: Path) -> None:
    """A note is about the file as it stands; a variant that takes away what it speaks of must say so."""
    path = tmp_path / "a.yaml"
    chosen = "variants: {b: {note: Two., cost.staff: 2}, c: {cost.data: 3}, d: {note: Four., cost.data: 4}}"
    path.write_text(f"llmcost: 1\nnote: One.\ncost: {{staff: 1}}\n{chosen}\n", encoding="utf-8")
    assert load(str(path)).note == "One."
    assert load(f"{path}:b+c+d").note == "One. b: Two. d: Four."


def test_a_chain_of_parents_has_an_end(tmp_path: Path) -> None:
    (tmp_path / "p0.yaml").write_text("price.output_per_mtok: 7\n", encoding="utf-8")
    for number in range(1, MOST_PARENTS + 2):
        text = f"extends: ./p{number - 1}.yaml\n"
        (tmp_path / f"p{number}.yaml").write_text(text, encoding="utf-8")
    shelf = Library([tmp_path])
    assert shelf.load(f"p{MOST_PARENTS}").data["price.output_per_mtok"].value == 7
    with pytest.raises(LlmcostError) as caught:
        shelf.load(f"p{MOST_PARENTS + 1}")
    place = f"{tmp_path / 'p1.yaml'}:1:10"
    assert str(caught.value) == f"{place}: extends: more than 32 files, each of which extends the next"


def test_an_ending_in_capitals_is_an_ending(tmp_path: Path) -> None:
    path = tmp_path / "B.YAML"
    path.write_text(
        "price.output_per_mtok: 7\nvariants: {dear: {price.output_per_mtok: 9}}\n", encoding="utf-8"
    )
    assert files_of(tmp_path) == [path]
    assert load(f"{path}:dear").data["price.output_per_mtok"].value == 9


def test_a_file_that_comes_or_goes_is_noticed_by_the_same_process(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LlmcostError, match="no scenario is called 'quartz'"):
        load("quartz")
    write("scenarios/quartz.yaml", f"llmcost: 1\n{INPUT}: 1\n")
    assert load("quartz").data[INPUT].value == 1
    write("scenarios/agate.yaml", f"llmcost: 1\naliases: [onyx]\n{INPUT}: 2\n")
    assert load("onyx").data[INPUT].value == 2
    write("scenarios/child.yaml", f"llmcost: 1\nextends: agate\n{OUTPUT}: 3\n")
    assert load("child").data[INPUT].value == 2
    write("other/quartz.yaml", f"llmcost: 1\n{INPUT}: 4\n")
    monkeypatch.setenv("LLMCOST_PATH", "other")
    assert load("quartz").data[INPUT].value == 1
    Path("scenarios/quartz.yaml").unlink()
    assert load("quartz").data[INPUT].value == 4


@each(
    "said, centre",
    [
        ("", 20),
        (", dist: lognormal", 20),
        (", dist: uniform", 25),
        (", dist: normal", 25),
        (", dist: pert", 25),
    ],
)
def test_a_range_has_the_centre_that_its_distribution_has(said: str, centre: float) -> None:
    """√(10 · 40) is 20."""
    write("scenarios/range.yaml", f"llmcost: 1\n{INPUT}: {{value: 10 to 40{said}}}\n")
    assert load("range").data[INPUT].value == pytest.approx(centre)

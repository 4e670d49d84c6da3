"""What names a scenario: names, paths, variants and dates, in every verb and every file alike."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from calling import Call, each, write
from llmcost import check, evaluate, load, snapshot
from llmcost.analysis.ask.load import library
from llmcost.errors import LlmcostError
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.library import Library
from llmcost.scenario.reference import Reference, parse_reference

pytestmark = pytest.mark.usefixtures("home")

INPUT = "price.input_per_mtok"
BLENDED = "price.blended_per_mtok"


def priced(path: str, price: float, more: str = "") -> Path:
    return write(path, f"price: {{input_per_mtok: {price}, output_per_mtok: {price}}}\n{more}")


def price_of(reference: str) -> float:
    return load(reference).data[INPUT].value


# A path is a path in every verb


@each("path", ["./o.w.l", "x.conf", "./x.conf", "job@2/mine", "job@2/mine.yaml", "a:b/c"])
def test_a_file_is_that_file_in_every_verb(path: str, llmcost: Call) -> None:
    priced(path, 7, "expect: {price.input_per_mtok: 7}\n")
    named = path if "/" in path else f"./{path}"
    assert price_of(named) == 7
    assert [record.inputs[INPUT].value for record in snapshot(named).scenarios.values()] == [7]
    assert check(named).ok
    for words in (("show",), ("validate",), ("check",), ("compare", "owl"), ("snapshot",), ("explain",)):
        more = (BLENDED,) if words == ("explain",) else ()
        done = llmcost(*words, named, *more)
        assert (done.code, done.err) == (0, ""), words


def test_a_folder_whose_name_looks_like_a_date_is_a_folder() -> None:
    priced("job@2/a.yaml", 1, "expect: {price.input_per_mtok: 1}\n")
    assert list(snapshot("./job@2").scenarios) == ["job@2/a.yaml"]
    assert check("./job@2").ok
    assert check("job@2").ok


def test_a_path_takes_variants_and_dates_as_a_name_does() -> None:
    dated = "price.input_per_mtok: {values: {2024-01-01: 3, 2025-01-01: 2}}\n"
    write("x.conf", dated + "variants: {half: {price.input_per_mtok: 1}}\n")
    assert price_of("./x.conf@2024-06-01") == 3
    assert price_of("./x.conf:half") == 1
    assert list(snapshot("./x.conf:half").scenarios) == ["./x.conf:half"]


def test_a_bare_word_is_a_name_first_and_a_file_where_nothing_has_the_name() -> None:
    priced("o-w-l", 7)
    priced("bench.conf", 8)
    assert price_of("o-w-l") == price_of("owl") != 7
    assert price_of("bench.conf") == 8
    assert list(snapshot("o-w-l").scenarios) == ["owl"]


def test_the_longest_beginning_that_is_there_is_the_path() -> None:
    priced("a:b@2024-01-01", 1)
    assert parse_reference("a:b@2024-01-01") == Reference("a:b@2024-01-01")
    assert parse_reference("a:b@2024-01-01:c") == Reference("a:b@2024-01-01", ("c",))


@each("mark", ["@", ":", "a@", "a:", "/", ".", "-"])
def test_a_long_reference_is_refused_at_once(mark: str) -> None:
    with pytest.raises(LlmcostError, match="is too long for a name"):
        parse_reference(mark * 300_000)


# Paths in files are seen from the file


def test_paths_in_a_file_are_seen_from_the_file_whatever_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    priced("books/prices/api.yaml", 4)
    write("books/mine.yaml", "extends: prices/api.yaml\nkind: model\n")
    write("books/app.yaml", "kind: product\nsupplier: ./prices/api.yaml\n")
    write("books/mix.yaml", "kind: workload\nworkload: {output_share: 50%}\n")
    write(
        "books/sub/a.llmcost.yaml",
        "kind: tests\ncases:\n"
        "  - {name: a, scenario: ../mine.yaml, workload: ../mix.yaml, expect: {price.blended_per_mtok: 4}}\n"
        "  - {name: b, scenario: ../app.yaml, expect: {product.input_cost_per_mtok: 4}}\n",
    )
    assert check("books/sub/a.llmcost.yaml").ok
    monkeypatch.chdir("books/sub")
    assert check("a.llmcost.yaml").ok
    monkeypatch.chdir("..")
    assert check("sub/a.llmcost.yaml").ok
    assert check("sub").ok


def test_a_name_in_a_file_is_looked_for_beside_it_first() -> None:
    priced("scenarios/api.yaml", 1)
    priced("books/api.yaml", 2)
    write("books/mix.yaml", "kind: workload\nworkload: {output_share: 0}\n")
    write("books/chat.yaml", "kind: workload\nworkload: {output_share: 0}\n")
    write("books/mine.yaml", "extends: api\n")
    write(
        "books/t.yaml",
        "kind: tests\ncases: [{name: a, scenario: api, workload: mix, expect: {price.input_per_mtok: 2}}]\n",
    )
    assert price_of("books/mine.yaml") == 2
    assert check("books/t.yaml").ok


# A workload by its path


def test_a_workload_is_named_by_a_path_as_well(llmcost: Call) -> None:
    write("api.yaml", "price: {input_per_mtok: 1, output_per_mtok: 3}\n")
    write("mymix.yaml", "kind: workload\nworkload: {output_share: 50%}\n")
    assert evaluate(load("api.yaml", workload="mymix.yaml"), [BLENDED])[BLENDED].value == 2
    done = llmcost("show", "api.yaml", "--workload", "./mymix.yaml", "--metric", BLENDED)
    assert done.code == 0
    assert "2.00" in done.out


@each(
    "workload, said",
    [
        ("nomix.yaml", "nomix.yaml: there is no such file or folder"),
        ("chta", "--workload: no workload is called 'chta'; did you mean 'chat'?"),
        ("owl", "--workload: 'owl' states no workload.* quantity"),
        ("bad.yaml", "bad.yaml:1:1: unknown key 'wrkload'; did you mean 'workload'?"),
    ],
)
def test_what_is_no_workload(workload: str, said: str, llmcost: Call) -> None:
    write("bad.yaml", "wrkload: {output_share: 1}\n")
    done = llmcost("show", "owl", "--workload", workload)
    assert (done.code, done.out, done.err) == (2, "", f"{said}\n")


# Only regular files are opened


def test_what_is_no_regular_file_is_passed_over(home: Path, llmcost: Call) -> None:
    priced("scenarios/mine.yaml", 5, "aliases: [my-own]\n")
    os.mkfifo("scenarios/pipe.yaml")
    os.mkfifo("scenarios/owl.yaml")
    Path("scenarios/ring.yaml").symlink_to("ring.yaml")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("scenarios/end.yaml")
        assert price_of("my-own") == 5
        assert price_of("owl") == evaluate("owl").scenario.data[INPUT].value != 5
        assert {"pipe", "end", "ring"}.isdisjoint(Library().names())
        assert llmcost("list").code == 0
        assert llmcost("validate", "scenarios").code == 0
        assert llmcost("show", "pipe").err.startswith("no scenario is called 'pipe'")
        for name in ("pipe", "end"):
            done = llmcost("show", f"scenarios/{name}.yaml")
            assert (done.code, done.err) == (2, f"scenarios/{name}.yaml: is not a regular file\n")
        reader, writer = os.pipe()
        os.write(writer, b"price.blended_per_mtok: 1\n")
        os.close(writer)
        assert llmcost("validate", f"/dev/fd/{reader}").out == "1 file, no errors\n"
        os.close(reader)
        done = llmcost("show", "scenarios/ring.yaml")
        assert (done.code, done.err) == (2, "scenarios/ring.yaml: there is no such file or folder\n")


# Kinds that are looked for among themselves


def test_an_architecture_gives_way_to_a_model_of_its_name() -> None:
    priced("scenarios/models/deep.yaml", 1, "kind: model\n")
    priced("scenarios/architectures/deep.yaml", 2, "kind: architecture\naliases: [deeper, flat]\n")
    priced("scenarios/models/flat.yaml", 3, "kind: model\n")
    shelf = Library()
    assert price_of("deep") == 1
    assert price_of("deeper") == 2
    assert price_of("flat") == 3
    assert shelf.find("deep", kind="architecture") == Path("scenarios/architectures/deep.yaml")
    assert shelf.find("flat", kind="architecture") == Path("scenarios/architectures/deep.yaml")
    assert shelf.find("deep", kind="accelerator") is None


# Price catalogues


def test_a_catalogue_is_asked_for_what_no_file_has(monkeypatch: pytest.MonkeyPatch) -> None:
    def catalogue(name: str) -> ScenarioFile | None:
        asked.append(name)
        return library().read(Path("api.yaml"))._replace(name=name) if name == "acme/api" else None

    asked: list[str] = []
    monkeypatch.setattr("llmcost.scenario.library.CATALOGUES", [catalogue])
    priced("api.yaml", 9)
    priced("here/api", 8)
    assert price_of("acme/api") == 9
    assert load("acme/api").label == "acme/api"
    assert price_of("here/api") == 8
    with pytest.raises(LlmcostError, match="acme/none: there is no such file or folder"):
        load("acme/none")
    assert "here/api" not in asked


def test_a_file_of_ones_own_may_have_a_catalogue_s_name_as_its_alias() -> None:
    priced("scenarios/mine.yaml", 6, "aliases: [acme/api]\n")
    assert price_of("acme/api") == 6

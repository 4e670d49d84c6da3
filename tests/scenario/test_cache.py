"""Trees of files that were read before: never another than that of the text that stands in the file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from calling import WORLD
from llmcost.errors import LlmcostError
from llmcost.scenario.files import cache
from llmcost.scenario.files.cache import compose_cached
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.tree import Node, compose
from llmcost.scenario.library import Library

TEXT: Final = "a: [1, 'two', \"3\\n\\0\"]\nb: &x {c: ~, Größe: €}\nd: *x\ne: |\n  f\n  g\n"


class Parser:
    """Counts how often a text is parsed."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, text: str, where: str) -> Node:
        self.times += 1
        return compose(text, where)


@pytest.fixture
def parser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Parser]:
    """Keep trees in a folder of the test's own."""
    monkeypatch.delenv("LLMCOST_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = Parser()
    monkeypatch.setattr(cache, "compose", found)
    monkeypatch.setattr("llmcost.scenario.finding.read_document", read_document)  # each time anew
    cache._store.cache_clear()
    yield found
    cache._store.cache_clear()


def slots() -> list[Path]:
    folder = cache.folder()
    assert folder is not None
    return sorted(folder.iterdir())


def test_a_tree_is_the_same_when_it_was_kept(parser: Parser) -> None:
    texts = [TEXT, *(path.read_text("utf-8") for path in sorted(WORLD.rglob("*.yaml"))[:5])]
    for place, text in [*enumerate(texts)] * 2:
        assert compose_cached(text, f"{place}.yaml") == compose(text, "x.yaml")
    assert parser.times == len(texts)


def test_a_file_that_changes_within_a_tick_of_its_clock_is_read_again(parser: Parser, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    for price in "123":
        path.write_text(f"price.input_per_mtok: {price}\n", encoding="utf-8")
        os.utime(path, ns=(0, 0))  # the same size, the same time
        assert Library().load(str(path)).data["price.input_per_mtok"].value == float(price)
    assert parser.times == 3
    assert Library().load(str(path)).data["price.input_per_mtok"].value == 3
    assert parser.times == 3


def test_what_is_damaged_is_read_again(parser: Parser) -> None:
    whole = compose_cached(TEXT, "mine.yaml")
    good = slots()[0].read_bytes()
    for place in range(0, len(good), len(good) // 9):
        for bad in (
            good[:place],
            good[:place] + bytes([good[place] ^ 4]) + good[place + 1 :],
            b"\xff" * place,
        ):
            for slot in slots():
                slot.write_bytes(bad)
            assert compose_cached(TEXT, "mine.yaml") == whole
            cache._store.cache_clear()
    assert good in {slot.read_bytes() for slot in slots()}


def test_files_that_share_a_slot_are_both_kept(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        cache._Store, "slots", lambda store, where: (store.folder / "0", store.folder / where[0])
    )
    for _ in range(3):
        compose_cached("a: 1\n", "one.yaml"), compose_cached("a: 2\n", "two.yaml")
    assert parser.times == 2


def test_what_another_version_kept_is_read_again(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    compose_cached(TEXT, "mine.yaml")
    monkeypatch.setattr("llmcost.__version__", "0.0.1")
    cache._store.cache_clear()
    assert compose_cached(TEXT, "mine.yaml") == compose(TEXT, "mine.yaml")
    assert parser.times == 2


def test_nothing_that_is_wrong_is_kept(parser: Parser) -> None:
    for _ in range(2):
        with pytest.raises(LlmcostError, match=r"mine\.yaml:2:1"):
            compose_cached("a: 1\n\tb: 2\n", "mine.yaml")
    assert slots() == []


@pytest.mark.parametrize("wrong", ["a file", "anyone's", "no folder", "full"])
def test_without_a_folder_of_ones_own_nothing_is_kept(
    parser: Parser, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cache" / "llmcost" / "trees"
    if wrong == "a file":
        folder.parent.mkdir(parents=True)
        folder.write_text("")
    elif wrong == "anyone's":
        folder.mkdir(parents=True)
        folder.chmod(0o777)
    elif wrong == "no folder":
        monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/none")
    else:
        monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "no space")))
    for _ in range(2):
        assert compose_cached(TEXT, "mine.yaml") == compose(TEXT, "mine.yaml")
    assert parser.times == 2
    assert not folder.is_dir() or slots() == []


def test_one_variable_switches_it_off(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMCOST_NO_CACHE", "1")
    compose_cached(TEXT, "mine.yaml")
    assert cache._store() is None


def test_many_at_once_are_in_nobodys_way(parser: Parser) -> None:
    texts = [f"a: {number}\n" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: compose_cached(text, "mine.yaml"), texts * 10))
    assert found == [compose(text, "mine.yaml") for text in texts * 10]
    assert len(slots()) <= 2


def test_a_folder_of_thousands_is_not_cached(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "NEW", 5)
    for number in range(20):
        compose_cached(f"a: {number}\n", f"{number}.yaml")
    assert len(slots()) == 5


def test_the_folder_is_the_users_alone(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    compose_cached(TEXT, "mine.yaml")
    folder = cache.folder()
    assert folder is not None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # is to be ignored, says its specification
    monkeypatch.setenv("HOME", "/home/anna")
    for platform, usual in {"linux": ".cache", "darwin": "Library/Caches"}.items():
        monkeypatch.setattr("sys.platform", platform)
        assert cache.folder() == Path("/home/anna", usual, "llmcost", "trees")
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert cache.folder() == Path("/local/llmcost/trees")
    monkeypatch.delenv("LOCALAPPDATA")
    assert cache.folder() is None

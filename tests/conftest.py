"""Settings of the tests as a whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import settings

from calling import ROOT, WORLD, Call, Done
from llmcost.analysis.ask.load import library
from llmcost.cli import app
from llmcost.scenario import finding
from llmcost.scenario.files import schema as schemas
from llmcost.scenario.files.document import read_document

# Commands that run as processes of their own start in half the time where bytecode is kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Tests leave nothing in the folder in which a user's files are kept as trees.
os.environ["LLMCOST_NO_CACHE"] = "1"

# The same examples every time: a run fails for what changed, and not for what was drawn. Whoever looks
# for what these do not show asks for others: LLMCOST_EXPLORE=1.
settings.register_profile(
    "gate", max_examples=40, derandomize=True, database=None, print_blob=True, deadline=None
)
settings.register_profile("explore", max_examples=400, print_blob=True, deadline=None)
settings.load_profile("explore" if os.environ.get("LLMCOST_EXPLORE") else "gate")

# What a text says is worked out once, however many tests read it; what is wrong with it, each time.
vars(finding)["read_document"] = lru_cache(2048)(read_document)
vars(schemas)["schema"] = lru_cache(schemas.schema)


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """Stand in tests/world, whose scenarios are the only ones: no figure that changes breaks a test of code.

    Only the tests of the bundled figures, and of pages about them, stand at the root of the repository.
    """
    library.cache_clear()  # what the process has found so far
    monkeypatch.delenv("LLMCOST_PATH", raising=False)
    if request.path.parent.name in ("data", "quality"):
        monkeypatch.chdir(ROOT)
    else:
        monkeypatch.chdir(WORLD)
        monkeypatch.setenv("LLMCOST_PATH", str(WORLD))  # for what runs as a process of its own
        # The finder last: what is imported here for the first time must take the real one.
        for module in ("analysis.ask.deployment_file", "render.results.shared", "scenario.finding"):
            monkeypatch.setattr(f"llmcost.{module}.bundled_folder", lambda: WORLD)
    yield
    library.cache_clear()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def home(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder of an empty folder, with a library that has seen nothing yet."""
    folder = here / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("LLMCOST_PATH", raising=False)
    library.cache_clear()
    return folder


@pytest.fixture
def llmcost(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Call:
    """Call llmcost within this process, outside of CI."""
    for name in ("CI", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["llmcost", *arguments])
        code = app.run()
        out, err = capfdbinary.readouterr()
        return Done(code, out.decode(errors="replace"), err.decode())

    return call

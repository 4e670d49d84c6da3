"""Fingerprints of formulas: what changes them, what does not, and that every Python agrees on them."""

from __future__ import annotations

import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from llmcost.analysis.gates import snapshot
from llmcost.engine.fingerprint import LENGTH, fingerprint, fingerprint_of_rules
from llmcost.engine.formula import Formula
from llmcost.engine.registry import Registry
from llmcost.formulas import MODEL

SRC: Final = Path(__file__).parents[2] / "src"

SMALL: Final = '''\
from llmcost.engine.arithmetic import require, root_of, where
from llmcost.engine.registry import Registry
from llmcost.engine.units import Constant

REGISTRY = Registry()
REGISTRY.section("a", "A")
for name in ("a.rate", "a.tokens", "a.other"):
    REGISTRY.given(name, "–", "")
formula = REGISTRY.formula

SCALE = Constant(1e6, "tok/Mtok")
LIMIT = 3


def doubled(value):
    """Twice as much."""
    return 2 * value


def zero(root, value):
    return root - value


def solved(value):
    return value  # solved


def solved_anew(value):
    return value


def helped(value):
    return doubled(value) + LIMIT


@formula("a.cost", unit="–")
def cost(a_rate, a_tokens, a_other=None):
    """What it costs."""
    # every token
    return a_rate * helped(a_tokens) / SCALE
'''

COUNT: Final = itertools.count()


def module_of(text: str, folder: Path) -> ModuleType:
    """Import a text as a module."""
    name = f"probe_{next(COUNT)}"
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def mark_of(text: str, folder: Path, quantity: str = "a.cost") -> str:
    registry: Registry = module_of(text, folder).REGISTRY
    return fingerprint(registry.formulas[quantity][0])


def edited(*changes: tuple[str, str]) -> str:
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


BODY: Final = "    return a_rate * helped(a_tokens) / SCALE\n"
HEAD: Final = "def cost(a_rate, a_tokens, a_other=None):"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(edited(("    # every token\n", "    # each and every token\n\n")), id="comment"),
        pytest.param(edited(('    """What it costs."""\n', "")), id="no-docstring"),
        pytest.param(edited(("What it costs.", "What it costs.\n\n    At length.\n    ")), id="docstring"),
        pytest.param(edited(('    """Twice as much."""\n', "")), id="docstring-of-helper"),
        pytest.param(
            edited((BODY, "    return (\n        (a_rate * helped( a_tokens ))\n        / SCALE\n    )\n")),
            id="formatting",
        ),
        pytest.param(edited(("Constant(1e6,", "Constant(1_000_000.0,")), id="spelling-of-a-number"),
        pytest.param(edited(('Constant(1e6, "tok/Mtok")', "1000000")), id="another-type-of-constant"),
        pytest.param(
            edited(
                (HEAD, 'def cost(\n    a_rate: float, a_tokens: float, a_other: "float" = None\n) -> float:')
            ),
            id="annotations",
        ),
        pytest.param(edited(("def doubled(value):", "def doubled(value: float) -> float:")), id="of-helper"),
        pytest.param(edited(("LIMIT = 3", "LIMIT = 3\nUNUSED = 4")), id="unused-constant"),
        pytest.param(
            edited(('@formula("a.cost", unit="–")', '@formula("a.cost", unit="–", note="x")')), id="note"
        ),
        pytest.param(
            edited(('@formula("a.cost", unit="–")', '@formula("a.cost", unit="–", text="rate · tokens")')),
            id="readable-form",
        ),
        pytest.param(
            edited(("def doubled(value):", "def other(value):\n    return 1\n\n\ndef doubled(value):")),
            id="unused-helper",
        ),
    ],
)
def test_what_leaves_a_fingerprint_as_it_is(text: str, tmp_path: Path) -> None:
    assert text != SMALL
    assert mark_of(text, tmp_path) == mark_of(SMALL, tmp_path)


SAME: Final = {
    "a-local": edited((BODY, "    total = helped(a_tokens)\n    return a_rate * total / SCALE\n")),
    "an-annotated-local": edited(
        (BODY, "    total: float = helped(a_tokens)\n    return a_rate * total / SCALE\n")
    ),
    "the-order-of-statements": edited(
        (BODY, "    scale = SCALE\n    total = helped(a_tokens)\n    return a_rate * total / scale\n")
    ),
    "a-number-in-place-of-its-name": edited((BODY, BODY.replace("SCALE", "1e6"))),
    "a-helper-written-out": edited((BODY, "    return a_rate * (2 * a_tokens + LIMIT) / SCALE\n")),
    "a-default-of-a-helper": edited(("def doubled(value):", "def doubled(value, more=1):")),
    "a-guard-that-always-holds": edited((BODY, f"    require(SCALE > 1, 'too_large')\n{BODY}")),
}


@pytest.mark.parametrize("way", SAME)
def test_another_way_to_write_the_same_leaves_a_fingerprint_as_it_is(way: str, tmp_path: Path) -> None:
    assert mark_of(SAME[way], tmp_path) == mark_of(SMALL, tmp_path)


GUARD: Final = f"    require(a_rate < 1, 'too_large')\n{BODY}"
CHANGES: Final = {
    "operator": edited((BODY, BODY.replace("/", "*"))),
    "order": edited((BODY, "    return helped(a_tokens) * a_rate / SCALE\n")),
    "parentheses": edited((BODY, "    return a_rate * (helped(a_tokens) / SCALE)\n")),
    "constant": edited(("Constant(1e6,", "Constant(1e3,")),
    "constant-by-a-digit": edited(("Constant(1e6,", "Constant(1000000.0000000001,")),
    "constant-of-a-helper": edited(("LIMIT = 3", "LIMIT = 4")),
    "helper": edited(("doubled(value) + LIMIT", "doubled(value) - LIMIT")),
    "helper-of-a-helper": edited(("2 * value", "3 * value")),
    "required": edited(("a_other=None", "a_other")),
    "another-input": edited((HEAD, HEAD.replace("a_other", "a_another")), ('"a.other"', '"a.another"')),
    "what-is-left-out": edited((BODY, "    return a_rate * helped(a_tokens) / SCALE + (a_other is None)\n")),
    "unless-given": edited(('unit="–")\ndef cost', 'unit="–", unless_given=("a.other",))\ndef cost')),
    "if-given": edited(('unit="–")\ndef cost', 'unit="–", if_given=("a.other",))\ndef cost')),
    "guard": edited((BODY, GUARD)),
    "operator-of-a-guard": edited((BODY, GUARD.replace("<", "<="))),
    "reason-of-a-guard": edited((BODY, GUARD.replace("too_large", "earns_cash"))),
    "another-guard": edited((BODY, f"    require(a_tokens < 1, 'too_large')\n{GUARD}")),
    "order-of-guards": edited((BODY, f"{GUARD[: -len(BODY)]}    require(a_tokens < 1, 'too_large')\n{BODY}")),
    "branch": edited((BODY, BODY.replace("helped(a_tokens)", "where(a_tokens < 1, 1, helped(a_tokens))"))),
    "root": edited((BODY, BODY.replace("helped(a_tokens)", "root_of(solved, zero, a_tokens)"))),
    "name-of-a-root": edited(
        (BODY, BODY.replace("helped(a_tokens)", "root_of(solved_anew, zero, a_tokens)"))
    ),
    "equation-of-a-root": edited(
        (BODY, BODY.replace("helped(a_tokens)", "root_of(solved, zero, a_tokens)")),
        ("return root - value", "return root + value"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_a_fingerprint(change: str, tmp_path: Path) -> None:
    assert mark_of(CHANGES[change], tmp_path) != mark_of(SMALL, tmp_path)


def test_no_two_changes_look_alike(tmp_path: Path) -> None:
    marks = {mark_of(text, tmp_path) for text in [SMALL, *CHANGES.values()]}
    assert len(marks) == len(CHANGES) + 1


def test_how_a_root_is_found_does_not_count(tmp_path: Path) -> None:
    other = CHANGES["root"].replace("return value  # solved", "return value + 0.0")
    assert other != CHANGES["root"]
    assert mark_of(other, tmp_path) == mark_of(CHANGES["root"], tmp_path)


def formulas() -> list[Formula]:
    everywhere = (MODEL.formulas, *MODEL.rules.formulas.values())
    return [formula for kept in everywhere for routes in kept.values() for formula in routes]


def test_every_formula_has_a_fingerprint_of_its_own() -> None:
    marks = snapshot.fingerprints()
    assert len(marks) == len(formulas()) + 1  # how parts make a whole
    assert {name.partition("/")[0] for name in marks} == {"parts", *(f.quantity for f in formulas())}
    for name, mark in marks.items():
        assert re.match(rf"[0-9a-f]{{{LENGTH}}}", mark), name
    # No two of one quantity are alike; of two quantities they may be, as of two costs without a price.
    for routes in MODEL.formulas.values():
        assert len({fingerprint(formula) for formula in routes}) == len(routes)


@pytest.mark.parametrize(
    ("where", "metric", "changed"),
    [
        (MODEL.formulas, "company.runway_months", "company.runway_months"),
        (MODEL.rules.formulas["part"], "parts.cost_per_month", "parts.cost_per_month"),
        (MODEL.rules.over, "price.blended_per_mtok", "parts"),
    ],
)
def test_the_order_of_routes_counts(
    monkeypatch: pytest.MonkeyPatch, where: dict[str, list[Any]], metric: str, changed: str
) -> None:
    """Which route comes first decides which is taken, as the code of a formula does."""
    before = snapshot.fingerprints()
    monkeypatch.setitem(where, metric, where[metric][::-1])
    snapshot.fingerprints.cache_clear()
    try:
        after = snapshot.fingerprints()
    finally:
        snapshot.fingerprints.cache_clear()
    differ = {name.partition("/")[0] for name in before if before[name] != after.get(name)}
    assert differ == {changed}


def test_what_a_rule_of_parts_works_out_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint_of_rules(MODEL)
    (way,) = MODEL.rules.over["parts.losing_share"][:1]
    other = way._replace(function=lambda rows: 1 - way.function(rows))
    monkeypatch.setitem(MODEL.rules.over, "parts.losing_share", [other])
    assert fingerprint_of_rules(MODEL) != before


FINGERPRINTS: Final = {"a.cost": "2d54e3160f317303", "company.gross_margin": "9aabc0672192c1e7"}
"""Written down once: whoever changes how fingerprints are made changes every snapshot there is."""

PROBE: Final = """
import importlib.util, sys
from llmcost.engine.fingerprint import fingerprint, fingerprint_of_rules
from llmcost.formulas import MODEL

spec = importlib.util.spec_from_file_location("llmcost.probe", sys.argv[1])
probe = sys.modules["llmcost.probe"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(probe)
print(sys.version_info[:2])
print(fingerprint(probe.REGISTRY.formulas["a.cost"][0]))
for kept in (MODEL.formulas, *MODEL.rules.formulas.values()):
    for routes in kept.values():
        for formula in routes:
            print(formula.quantity, formula.function.__name__, fingerprint(formula))
print(fingerprint_of_rules(MODEL))
"""


def pythons() -> dict[str, str]:
    """Return the interpreters of the supported versions that are installed, this one first."""
    found = {"{}.{}".format(*sys.version_info): sys.executable}
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")]
    for minor in range(11, 16):
        version = f"3.{minor}"
        below = [path for root in roots for path in sorted(root.glob(f"{version}.*/bin/python"))]
        named = shutil.which(f"python{version}")
        for candidate in [*map(str, below), *([named] if named else [])]:
            if version not in found and works(candidate):
                found[version] = candidate
    return found


def works(python: str) -> bool:
    """Whether an interpreter starts at all: a shim may stand for a version that is not installed."""
    try:
        return subprocess.run([python, "-c", "pass"], capture_output=True, timeout=20).returncode == 0
    except OSError:
        return False


PYTHONS: Final = pythons()


def test_this_python_is_among_those_asked() -> None:
    assert PYTHONS["{}.{}".format(*sys.version_info)] == sys.executable


@pytest.mark.parametrize("version", PYTHONS)
def test_every_python_finds_the_same(version: str, tmp_path: Path) -> None:
    path = tmp_path / "probe.py"
    path.write_text(SMALL, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(SRC), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [PYTHONS[version], "-c", PROBE, str(path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    shown, small, *lines = done.stdout.splitlines()
    assert shown == f"({version.replace('.', ', ')})"
    assert small == FINGERPRINTS["a.cost"]
    here = [f"{f.quantity} {f.function.__name__} {fingerprint(f)}" for f in formulas()]
    assert lines == [*here, fingerprint_of_rules(MODEL)]


def test_the_fingerprints_written_down(tmp_path: Path) -> None:
    assert mark_of(SMALL, tmp_path) == FINGERPRINTS["a.cost"]
    assert fingerprint(MODEL.formulas["company.gross_margin"][0]) == FINGERPRINTS["company.gross_margin"]


def test_an_optimised_python_finds_the_same(tmp_path: Path) -> None:
    """With -OO docstrings are gone."""
    path = tmp_path / "probe.py"
    path.write_text(SMALL, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-OO", "-c", PROBE, str(path)],
        env={**os.environ, "PYTHONPATH": str(SRC), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[1] == FINGERPRINTS["a.cost"]

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
from types import FunctionType, ModuleType
from typing import Final

import pytest

from llmcost.analysis.gates import snapshot
from llmcost.engine.fingerprint import LENGTH, fingerprint
from llmcost.engine.registry import Formula, Registry
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL

SRC: Final = Path(__file__).parents[2] / "src"

SMALL: Final = '''\
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
    """Import a text as a module of the package, since only those are followed."""
    name = f"llmcost.probe_{next(COUNT)}"
    path = folder / f"{name.rpartition('.')[2]}.py"
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
                (
                    HEAD,
                    'def cost(\n    a_rate: float, a_tokens: float, a_other: "float" = None\n) -> float:',
                )
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


def test_an_annotation_inside_a_body_leaves_it_as_it_is(tmp_path: Path) -> None:
    plain = edited((BODY, "    total = helped(a_tokens)\n    return a_rate * total / SCALE\n"))
    annotated = edited((BODY, "    total: float = helped(a_tokens)\n    return a_rate * total / SCALE\n"))
    declared = edited(
        (BODY, "    total: float\n    total = helped(a_tokens)\n    return a_rate * total / SCALE\n")
    )
    assert mark_of(annotated, tmp_path) == mark_of(plain, tmp_path) == mark_of(declared, tmp_path)


CHANGES: Final = {
    "operator": edited((BODY, BODY.replace("/", "*"))),
    "order": edited((BODY, "    return helped(a_tokens) * a_rate / SCALE\n")),
    "parentheses": edited((BODY, "    return a_rate * (helped(a_tokens) / SCALE)\n")),
    "number": edited((BODY, BODY.replace("SCALE", "1e6"))),
    "constant": edited(("Constant(1e6,", "Constant(1e3,")),
    "constant-by-a-digit": edited(("Constant(1e6,", "Constant(1000000.0000000001,")),
    "constant-of-a-helper": edited(("LIMIT = 3", "LIMIT = 4")),
    "helper": edited(("doubled(value) + LIMIT", "doubled(value) - LIMIT")),
    "helper-of-a-helper": edited(("2 * value", "3 * value")),
    "default-of-a-helper": edited(("def doubled(value):", "def doubled(value, more=1):")),
    "required": edited(("a_other=None", "a_other")),
    "optional": edited(("a_tokens, a_other=None", "a_tokens=None, a_other=None")),
    "another-input": edited((HEAD, HEAD.replace("a_other", "a_another")), ('"a.other"', '"a.another"')),
    "unless-given": edited(('unit="–")\ndef cost', 'unit="–", unless_given=("a.other",))\ndef cost')),
    "if-given": edited(('unit="–")\ndef cost', 'unit="–", if_given=("a.other",))\ndef cost')),
    "guard": edited((BODY, f"    if a_rate > 1:\n        return 0.0\n{BODY}")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_a_fingerprint(change: str, tmp_path: Path) -> None:
    assert mark_of(CHANGES[change], tmp_path) != mark_of(SMALL, tmp_path)


def test_no_two_changes_look_alike(tmp_path: Path) -> None:
    marks = {mark_of(text, tmp_path) for text in [SMALL, *CHANGES.values()]}
    assert len(marks) == len(CHANGES) + 1


def test_helpers_that_call_each_other_come_to_an_end(tmp_path: Path) -> None:
    circular = edited(("    return 2 * value", "    return helped(value - 1) if value > 0 else 0"))
    assert mark_of(circular, tmp_path) != mark_of(SMALL, tmp_path)
    assert mark_of(circular, tmp_path) == mark_of(circular, tmp_path)


def test_a_formula_whose_source_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an installation of compiled files alone."""
    module = ModuleType("llmcost.probe_without_source")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec("def cost(a_rate):\n    return a_rate\n", module.__dict__)
    with pytest.raises(LlmcostError) as refused:
        fingerprint(Formula("a.cost", module.cost, ("a.rate",), frozenset()))
    assert str(refused.value) == f"the source of {module.__name__}.cost is not there to be read"


def formulas() -> list[Formula]:
    return [formula for routes in MODEL.formulas.values() for formula in routes]


def test_every_formula_has_a_fingerprint_of_its_own() -> None:
    marks = snapshot.fingerprints()
    assert len(marks) == len(formulas())
    assert {name.partition("/")[0] for name in marks} == set(MODEL.formulas)
    for name, mark in marks.items():
        assert re.match(rf"[0-9a-f]{{{LENGTH}}}", mark), name
    # No two of one quantity are alike; of two quantities they may be, as of two costs without a price.
    for routes in MODEL.formulas.values():
        assert len({fingerprint(formula) for formula in routes}) == len(routes)


def test_the_order_of_routes_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which route comes first decides which is taken, as the code of a formula does."""
    metric = "company.runway_months"
    before = snapshot.fingerprints()
    monkeypatch.setitem(MODEL.formulas, metric, MODEL.formulas[metric][::-1])
    snapshot.fingerprints.cache_clear()
    try:
        after = snapshot.fingerprints()
    finally:
        snapshot.fingerprints.cache_clear()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed
    assert {name.partition("/")[0] for name in changed} == {metric}


def names_used(function: FunctionType, seen: dict[FunctionType, set[str]]) -> None:
    """Collect the global names that a function and the package's functions it calls use."""
    if function in seen:
        return
    seen[function] = set(function.__code__.co_names) & function.__globals__.keys()
    for name in seen[function]:
        value = function.__globals__[name]
        if isinstance(value, FunctionType) and value.__module__.startswith("llmcost."):
            names_used(value, seen)


def test_nothing_that_formulas_use_escapes_their_fingerprints() -> None:
    """Numbers and functions are followed; texts are reasons; classes hold results and work nothing out.

    A list or a mapping of numbers would go unnoticed: it has to become a function or constants.
    """
    seen: dict[FunctionType, set[str]] = {}
    for formula in formulas():
        assert isinstance(formula.function, FunctionType)
        names_used(formula.function, seen)
    others = {}
    for function, names in seen.items():
        for name in names:
            value = function.__globals__[name]
            if not isinstance(value, (int, float, str, FunctionType, ModuleType)):
                others[name] = value
    assert set(others) == {"Reason", "Repricing", "Undefined"}


FINGERPRINTS: Final = {
    "a.cost": "98ce7ee6e79e7585",
    "company.gross_margin": "17a3e7801561a2f8",
}
"""Written down once: whoever changes how fingerprints are made changes every snapshot there is."""

PROBE: Final = """
import importlib.util, sys
from llmcost.engine.fingerprint import fingerprint
from llmcost.formulas import MODEL

spec = importlib.util.spec_from_file_location("llmcost.probe", sys.argv[1])
probe = sys.modules["llmcost.probe"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(probe)
print(sys.version_info[:2])
print(fingerprint(probe.REGISTRY.formulas["a.cost"][0]))
for routes in MODEL.formulas.values():
    for formula in routes:
        print(formula.quantity, formula.function.__name__, fingerprint(formula))
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
    assert lines == here


def test_the_fingerprints_written_down(tmp_path: Path) -> None:
    assert mark_of(SMALL, tmp_path) == FINGERPRINTS["a.cost"]
    assert fingerprint(MODEL.formulas["company.gross_margin"][0]) == FINGERPRINTS["company.gross_margin"]


def test_an_optimised_python_finds_the_same(tmp_path: Path) -> None:
    """With -OO docstrings are gone from the functions, not from the source."""
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

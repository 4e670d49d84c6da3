"""The tasks of this repository.

python -m tasks check         everything that CI runs, the tests last
python -m tasks test [...]    pytest, with its own arguments
python -m tasks lint          ruff: rules and format
python -m tasks types         mypy
python -m tasks layers        import-linter: imports go one way
python -m tasks wheel         build the wheel, and use it in an environment of its own
python -m tasks regenerate    renew reference pages, schemas, the snapshot, examples in pages and
                              golden files; with --check, only say what is stale
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
PYTHON: Final = [sys.executable, "-m"]
GOLDEN: Final = "tests/render/test_golden.py"


class Finished(NamedTuple):
    """A task that ran: what it is called, whether all is well, and what it printed."""

    name: str
    ok: bool
    printed: str
    seconds: float


def commands() -> dict[str, list[list[str]]]:
    """Return the commands of each task that runs beside the tests, the slowest first."""
    return {
        "types": [[*PYTHON, "mypy"]],
        "wheel": [[*PYTHON, "tasks.wheel"]],
        "lint": [[*PYTHON, "ruff", "check", "."], [*PYTHON, "ruff", "format", "--check", "."]],
        "layers": [[str(Path(sys.executable).with_name("lint-imports"))]],
    }


def finish(name: str) -> Finished:
    """Run the commands of a task, as far as they succeed, and keep what they print."""
    began = time.monotonic()
    printed = ""
    for command in commands()[name]:
        done = subprocess.run(
            command, cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        printed += done.stdout
        if done.returncode != 0:
            return Finished(name, False, printed, time.monotonic() - began)
    return Finished(name, True, printed, time.monotonic() - began)


def check(arguments: list[str]) -> int:
    """Run everything, whatever the others say: two at a time, the tests once only the slowest is left."""
    with ThreadPoolExecutor(2) as pool:
        slowest, *others = [pool.submit(finish, name) for name in commands()]
        failed = [done.result().name for done in others if not say(done.result())]
        code = test(arguments)
        failed += [slowest.result().name] * (not say(slowest.result()))
    if failed:
        print(f"failed beside the tests: {', '.join(failed)}", file=sys.stderr)
    return code or bool(failed)


def say(done: Finished) -> bool:
    """Print how a task went, what it printed only where it failed; return whether it is well."""
    print(f"{done.name:8}{'ok' if done.ok else 'FAILED':8}{done.seconds:6.1f} s", flush=True)
    if not done.ok:
        print(done.printed, flush=True)
    return done.ok


def test(arguments: list[str]) -> int:
    """Run the tests."""
    return subprocess.run([*PYTHON, "pytest", *arguments], cwd=ROOT, check=False).returncode


def regenerate(arguments: list[str]) -> int:
    """Renew everything that is generated; with --check, say what is stale and exit with 1."""
    from tasks import generated

    os.chdir(ROOT)
    only_check = arguments == ["--check"]
    if arguments and not only_check:
        return usage()
    stale = False
    for name, text in generated.stale():
        stale = True
        if not only_check:
            (ROOT / name).write_text(text, encoding="utf-8")
        print(f"{'stale' if only_check else 'wrote'} {name}", flush=True)
    environment = {**os.environ, "UPDATE_GOLDEN": "" if only_check else "1"}
    # What reads golden files would, beside what writes them, read one before it is there.
    writers = [f"{GOLDEN}::test_golden", f"{GOLDEN}::test_no_golden_file_is_left_over"]
    command = [*PYTHON, "pytest", "-q", *([GOLDEN] if only_check else writers)]
    golden = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    return golden or (only_check and stale)


def usage() -> int:
    """Say what there is to run."""
    print(__doc__, file=sys.stderr)
    return 2


def main(arguments: list[str]) -> int:
    """Run the task that the first argument names."""
    name, *rest = arguments or [""]
    tasks: dict[str, Callable[[list[str]], int]] = {"check": check, "test": test, "regenerate": regenerate}
    if name in tasks:
        return tasks[name](rest)
    if name in commands() and not rest:
        done = finish(name)
        print(done.printed, end="")
        return int(not done.ok)
    return usage()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

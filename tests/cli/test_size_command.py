"""The command `size`: what must be said, and what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from calling import Call

SIZE = ("size", "finch", "--accelerator", "anvil", "--users", "150")
TARGET = ("--min-tokens-per-second", "20")


def test_users_and_a_target_are_needed_but_for_the_curve(llmcost: Call) -> None:
    done = llmcost("size", "finch")
    assert (done.code, done.err) == (2, "--users: is needed\n--min-tokens-per-second: is needed\n")
    curve = ("size", "finch", "--pareto", "--gpus", "1")
    assert llmcost(*curve).code == 0
    assert "a deployment needs a target" in llmcost(*curve, "-o", "never.yaml").err
    assert llmcost("size", "finch", "--pareto", "--users", "5").err == "--min-tokens-per-second: is needed\n"


def test_numbers_are_read_as_elsewhere(llmcost: Call) -> None:
    done = llmcost(
        "size", "finch", "--accelerator", "anvil, mill", "--users", "1.5k", *TARGET, "--headroom", "20%"
    )
    assert "for 1,500 users at 20 tokens a second each" in done.out
    assert llmcost(*SIZE, "--min-tokens-per-second", "x").err == (
        "--min-tokens-per-second x: expected a number, got 'x'\n"
    )
    wrong = llmcost(*SIZE, *TARGET, "--gpus", "1.5", "--headroom", "x", "--choice", "1").err.splitlines()
    assert wrong == [
        "--choice: says which deployment is written: add -o FILE.yaml",
        "--gpus 1.5: the number of GPUs must be whole, got 1.5",
        "--headroom x: expected a number, got 'x'",
    ]
    some = ("--cached", "150%", "--gpu-hour-cost", "anvil=-2,nothing=1,mill=x", "--as-of", "2024-13-01")
    assert llmcost("size", "nobody", "--rent", "free", *some).err.splitlines() == [
        "--users: is needed",
        "--min-tokens-per-second: is needed",
        "--gpu-hour-cost x: expected a number, got 'x'",
        "--as-of: expected a date such as 2025-01-29, got '2024-13-01'",
        "--rent: unknown rent 'free'; allowed are on-demand, contract, owned",
        "no architecture is called 'nobody'; 'llmcost list scenarios --kind architecture' lists them",
        "--cached: must be at least 0% and below 100%, got 1.5",
    ]
    assert llmcost(*SIZE, *TARGET, "--gpu-hour-cost", "anvil=-2,nothing=1").err.splitlines() == [
        "no accelerator is called 'nothing'; 'llmcost list scenarios --kind accelerator' lists them",
        "--gpu-hour-cost: anvil: must be above 0, got -2",
    ]
    for costs in ("anvil=1,anvil=2", "anvil=1,ANVIL=2"):
        assert llmcost(*SIZE, *TARGET, "--gpu-hour-cost", costs).err == (
            "--gpu-hour-cost: anvil: has two costs\n"
        )
    assert llmcost(*SIZE, *TARGET, "--gpu-hour-cost", "anvil=").err == (
        "--gpu-hour-cost anvil=: expected USD, or NAME=USD,NAME=USD\n"
    )


def test_the_chosen_one_becomes_a_file(llmcost: Call, tmp_path: Path) -> None:
    path = tmp_path / "deployment.yaml"
    assert llmcost(*SIZE, *TARGET, "-o", str(path)).err == f"wrote {path}\n"
    assert llmcost("check", str(path)).code == 0
    assert llmcost(*SIZE, *TARGET, "--choice", "2", "-o", str(path)).code == 0  # its own file it may replace
    before = path.read_text("utf-8")
    assert "number 2 of" in before
    assert "meet the target, got 99" in llmcost(*SIZE, *TARGET, "--choice", "99", "-o", str(path)).err
    fast = ("--min-tokens-per-second", "1k")
    done = llmcost(*SIZE, *fast, "-o", str(path))
    assert (done.code, done.err) == (2, "nothing meets the target, so there is no deployment to write\n")
    assert path.read_text("utf-8") == before


@pytest.mark.usefixtures("here")
def test_a_file_that_lies_beside_what_is_read_may_be_replaced(llmcost: Call, tmp_path: Path) -> None:
    Path("ours.yaml").write_text("llmcost: 1\nkind: accelerator\nextends: anvil-80\n", encoding="utf-8")
    call = ("size", "finch", "--accelerator", "ours.yaml", "--users", "9", *TARGET, "-o", "deployment.yaml")
    assert "is an input of this command" in llmcost(*call[:-1], "ours.yaml", "--force").err
    assert llmcost(*call).code == 0
    assert llmcost(*call).code == 0
    # An accelerator of one's own is named by its path, from wherever the file is read.
    assert f'accelerator: "{tmp_path / "ours.yaml"}"\n' in Path("deployment.yaml").read_text("utf-8")

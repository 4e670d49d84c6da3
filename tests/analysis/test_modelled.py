"""A measured rate beside a deployment, on perch of tests/world: a step of 50 users takes 33 ms."""

from __future__ import annotations

import json

import pytest

from calling import Call
from llmcost import evaluate, load
from llmcost.analysis.ask.modelled import modelled
from llmcost.analysis.whatif.uncertainty import headlines

DECODE = "serving.decode_tokens_per_gpu_second"


def test_the_model_is_held_against_the_measurement() -> None:
    (item,) = modelled(load("perch", set={DECODE: 3000}))
    assert (item.name, item.stated) == (DECODE, 3000)
    assert item.follows == pytest.approx(50 / 0.033)
    # Twice as fast as the model says; with that factor it says the same.
    assert item.factor == pytest.approx(3000 / (50 / 0.033))
    again = load("perch", set={"efficiency.model_factor": item.factor})
    assert evaluate(again).value(DECODE) == pytest.approx(3000)


def test_nothing_is_held_against_a_scenario_without_one_of_both() -> None:
    assert modelled(load("perch")) == []
    assert modelled(load("lark")) == []


def test_users_that_follow_from_a_target_move_with_the_factor() -> None:
    target = {"deployment.concurrency": None, "deployment.min_tokens_per_second_per_user": 20}
    (item,) = modelled(load("perch", set={**target, DECODE: 3000}))
    assert item.factor is None
    assert "efficiency.model_factor" not in str(item)


def test_show_says_it(llmcost: Call) -> None:
    call = ("show", "perch", "--set", f"{DECODE}=3000", "--metric", DECODE)
    said = (
        "the model gives 1,515, 0.505 times the stated value; state efficiency.model_factor 1.98 instead, and"
    )
    assert said in " ".join(llmcost(*call).out.split())
    (found,) = json.loads(llmcost(*call, "--format", "json").out)["modelled"]
    assert found["factor"] == pytest.approx(1.98)


def test_a_modelled_rate_is_shown_with_its_range() -> None:
    low, high = headlines(evaluate("perch"))[DECODE]
    # The factor lies between a half and two, nine times in ten.
    assert 50 / 0.033 * 0.45 < low < 50 / 0.033 * 0.6
    assert 50 / 0.033 * 1.7 < high < 50 / 0.033 * 2.1
    assert DECODE not in headlines(evaluate(load("perch", set={DECODE: "1000 to 2000"})))


def test_where_it_cannot_be_trusted_is_said_where_it_is_asked(llmcost: Call) -> None:
    said = {
        "efficiency.model_factor=3": "Above 75 tokens per second and user",
        "gpu.scale_up_domain=0.5": "More GPUs than share a fast link (1, and 0.5 do)",
        "model.index_topk=10": "Attention is sparse or linear",
    }
    for setting, told in said.items():
        for call in (("show", "perch", "--metric", DECODE), ("explain", "perch", DECODE)):
            assert (told in llmcost(*call).out, told in llmcost(*call, "--set", setting).out) == (False, True)
    assert "sparse" not in llmcost("show", "perch", "--set", "model.index_topk=10", "--metric", "model").out

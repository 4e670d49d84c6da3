"""Sizing, on finch and anvil of tests/world, whose rates are worked out by hand.

With one anvil in 8 bits and requests of 1,000 in and 1,000 out: a step takes 10 ms, 20 ms to read 10 GB at
half of 1 TB/s, and 60 µs for the 30 MB of context of each user (20,000 bytes a token, 1,500 tokens). Prefill
takes 20 TFLOP at 100 TFLOP/s, 0.2 s, and 20 GFLOP of attention at 50, 0.4 ms. N users get a token every
(N − 1)·0.2004/1000 + 0.03 + N·0.00006 s, which is 50 ms at N = 77.57.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calling import Call, each, refusal
from llmcost import LlmcostError, check, evaluate, load, size
from llmcost.analysis.ask.deployment_file import scenario_text
from llmcost.analysis.ask.deployments import precision, precisions_of, sizes
from llmcost.analysis.ask.size import Sizing, at_levels

SMALL = {"accelerators": ["anvil"], "precisions": ["fp8"], "gpus": [1], "input_tokens": 1000}


def sized(users: float = 150, speed: float | None = 20, **options: object) -> Sizing:
    found = {**SMALL, "output_tokens": 1000, **options}
    return size("finch", users=users, min_tokens_per_second=speed, **found)  # type: ignore[arg-type]


def test_users_of_a_replica_gpus_and_the_bill() -> None:
    (item,) = sized().configurations
    assert item.load is not None
    assert item.fleet is not None
    assert item.load.users == 77
    # (40 − 11) GB over 30 MB
    assert item.max_users == 966
    seconds = 0.2004 + 1000 * (0.03 + 77 * 0.00006) / 77
    assert item.load.output == pytest.approx(1000 / seconds)
    assert (item.fleet.replicas, item.fleet.gpus) == (2, 2)
    assert item.fleet.usd_per_month == pytest.approx(2 * 2 * 730)
    # 75 users of each replica, who are a little faster than 77 would be.
    with_75 = 0.2004 + 1000 * (0.03 + 75 * 0.00006) / 75
    assert item.fleet.utilization == pytest.approx(seconds / with_75)
    per = 2 / 3600 / (1000 / with_75) * 1e6
    assert item.fleet.usd_per_output_mtok == pytest.approx(per)
    assert item.fleet.usd_per_mtok == pytest.approx(per / 2)


def test_the_range_is_that_of_the_model_factor() -> None:
    (item,) = sized().configurations
    # Twice as fast: (N − 1)·0.1002 ms + 15 ms + N·30 µs is 50 ms at N = 269.6.
    # Half as fast, one user takes 60 ms.
    assert item.best is not None
    assert item.best.gpus == 1
    assert item.worst is None


def test_a_speed_that_none_reaches_leaves_no_fleet(llmcost: Call) -> None:
    command = "size crane --users 5 --min-tokens-per-second 400 --format json"
    document = json.loads(llmcost(*command.split()).out)
    assert document["meeting"] == 0
    assert document["deployments"]
    for name in ("gpus", "replicas", "utilization", "usd_per_month", "usd_per_output_mtok"):
        assert {item[name] for item in document["deployments"]} == {None}


def test_headroom_and_utilization() -> None:
    (item,) = sized(headroom=0.1, utilization=0.5).configurations
    assert item.fleet is not None
    assert item.fleet.replicas == 3  # 165 users
    assert item.fleet.utilization == 0.5
    (busy,) = sized(users=10, utilization=0.5).configurations
    assert busy.fleet is not None
    with_10, with_77 = (0.2004 + 1000 * (0.03 + n * 0.00006) / n for n in (10, 77))
    assert busy.fleet.utilization == pytest.approx(with_77 / with_10)


def test_what_limits_it() -> None:
    (target,) = sized().configurations
    assert target.limit == "bandwidth"
    (memory,) = sized(speed=1).configurations
    assert memory.load is not None
    assert (memory.limit, memory.load.users) == ("memory", 966)
    (prefill,) = sized(output_tokens=10, speed=2).configurations
    assert prefill.limit == "compute"
    (slow,) = sized(speed=50).configurations
    assert slow.load is not None
    assert (slow.meets, slow.limit, slow.load.users) == (False, "bandwidth", 1)
    assert slow.load.speed == pytest.approx(1 / 0.03006)
    assert str(slow.reason) == "one user alone is slower than the target"
    (large,) = sized(precisions=["bf16"], set=["model.parameters=30B"]).configurations
    assert (large.load, large.limit) == (None, "memory")


def test_cheapest_first_then_the_closest() -> None:
    found = sized(gpus=[1, 2, 4], speed=25)
    costs = [item.fleet.usd_per_month for item in found.meeting if item.fleet]
    assert costs == sorted(costs)  # type: ignore[type-var]
    speeds = [item.load.speed for item in sized(gpus=[1, 2, 4], speed=500).configurations if item.load]
    assert len(speeds) == 3
    assert speeds == sorted(speeds, reverse=True)


def test_an_accelerator_without_a_rent() -> None:
    everything = sized(accelerators=None)
    assert everything.unpriced == ("mill",)
    assert list(everything.accelerators) == ["anvil"]
    named = sized(accelerators=["anvil", "mill"], precisions=["int4"], speed=5)
    unpriced = named.meeting[-1]
    assert unpriced.shape.accelerator == "mill"
    assert unpriced.fleet is not None
    assert unpriced.fleet.usd_per_month is None
    by_contract = sized(accelerators=["anvil", "mill"], precisions=["int4"], speed=5, rent="contract")
    assert [rent.value for rent in by_contract.rents.values() if rent] == [1.5, 0.5]
    stated = sized(gpu_hour_cost={"anvil-80": 3})
    assert stated.meeting[0].fleet is not None
    assert stated.meeting[0].fleet.usd_per_month == pytest.approx(2 * 3 * 730)


def test_a_workload_states_the_mix() -> None:
    request = sized(workload="rag", input_tokens=None, output_tokens=100).request
    assert request.output_tokens == 100
    mix = evaluate(load("lark", workload="rag"), ["workload"])
    assert request.output_share == pytest.approx(mix.value("workload.output_share"))
    assert request.cached_share == pytest.approx(mix.value("workload.cached_input_share"))


def test_the_curve_holds_what_no_other_point_beats() -> None:
    points = sized(speed=None, gpus=[1, 2], curve=True).curve
    speeds = [point.load.speed for point in points]
    outputs = [point.load.output for point in points]
    assert speeds == sorted(speeds, reverse=True)
    assert outputs == sorted(outputs)
    levels = {level: point for _, level, point in at_levels(points)}
    assert levels[20].load.output >= 1000 / (0.2004 + 1000 * (0.03 + 77 * 0.00006) / 77) * (1 - 1e-9)
    assert 200 not in levels


def test_precisions_are_those_of_model_and_accelerator() -> None:
    old, new = {"gpu.flops_16bit": 1.0}, {f"gpu.flops_{bits}bit": 1.0 for bits in (16, 8, 4)}
    wide, narrow, four = ({"model.native_weight_bits": bits} for bits in (16.0, 8.0, 4.25))
    assert [p.name for p in precisions_of({**old, **wide})] == ["bf16"]
    assert [p.name for p in precisions_of({**new, **wide})] == ["bf16", "fp8", "fp4"]
    assert [p.name for p in precisions_of({**old, **narrow})] == ["fp8"]
    assert [p.name for p in precisions_of({**new, **four})] == ["fp4"]
    # Weights of 8 bits on what multiplies in 16 alone; experts of 4 bits keep their attention in more.
    assert precision("fp8", {**old, **narrow})[1:] == (8, 8, 16, 16)
    assert precision("fp4", {**new, **wide})[1:] == (4.5, 4.5, 8, 4)
    assert precision("fp4", {**new, "model.num_experts": 8.0})[1:] == (12, 4.5, 8, 4)
    assert precision("fp4", {**new, "model.num_experts": 8.0, **four})[1:] == (16, 4.25, 8, 8)
    assert precision("int4", {**old, "model.num_experts": 8.0})[1:] == (16, 4.25, 16, 16)


def test_sizes_go_as_far_as_a_fast_link_or_a_server() -> None:
    link = {"gpu.interconnect_bandwidth": 1.0}
    assert sizes({}) == [1]
    assert sizes({**link, "gpu.scale_up_domain": 2}) == [1, 2, 4, 8]
    assert sizes({**link, "gpu.scale_up_domain": 72}) == [1, 2, 4, 8, 16, 32, 64]


def test_heads_are_shared_out_evenly_and_attention_is_apart_with_experts_alone() -> None:
    found = size("crane", users=1, min_tokens_per_second=1, accelerators=["anvil"], gpus=[1, 4, 8])
    laid_out = {(item.shape.gpus, item.shape.data_parallel) for item in found.configurations}
    assert laid_out == {(1, False), (4, False), (4, True), (8, False), (8, True)}
    with pytest.raises(
        LlmcostError, match="heads evenly, and are more than its 10 experts; allowed are 1 to 10"
    ):
        size("crane", users=1, min_tokens_per_second=1, accelerators=["anvil"], gpus=[16])


def test_what_limits_a_layout_that_cannot_run() -> None:
    alone = sized(set={"gpu.interconnect_bandwidth": None}, gpus=[2]).configurations
    assert {(item.limit, item.reason and item.reason.code) for item in alone} == {
        ("communication", "no_interconnect")
    }
    (coarse,) = sized(set={"deployment.math_bits": 4, "gpu.flops_4bit": None}).configurations
    assert coarse.limit == "compute"


@each("choice", [1, 2])
def test_the_file_holds_the_same_figures(choice: int, tmp_path: Path) -> None:
    found = size(
        "crane",
        users=150,
        min_tokens_per_second=20,
        accelerators=["anvil"],
        headroom=0.2,
        utilization=0.4,
        cached_input_share=0.5,
        set={"efficiency.model_factor": 0.9},
    )
    item = found.meeting[choice - 1]
    path = tmp_path / "deployment.yaml"
    path.write_text(scenario_text(found, item, choice), encoding="utf-8")
    assert [o.status for o in check(str(path)).outcomes] == ["passed"] * 8
    figures = evaluate(str(path))
    assert item.load is not None
    assert item.fleet is not None
    assert figures.value("deployment.concurrency") == item.load.users
    assert figures.value("serving.gpus") == item.fleet.gpus
    assert figures.value("serving.cost_per_month") == pytest.approx(item.fleet.usd_per_month)
    assert figures.value("serving.cost_per_mtok") == pytest.approx(item.fleet.usd_per_mtok)
    assert figures.value("deployment.tokens_per_second_per_user") == pytest.approx(item.load.speed)


@each(
    "options, said",
    [
        ({"set": ["gpu.memory=0"]}, "set gpu.memory=0: gpu.memory: must be at least 1, got 0"),
        ({"set": ["model.parameters=0"]}, "model.parameters: must be at least 1, got 0"),
        ({"accelerators": ["anvill"]}, "no accelerator is called 'anvill'; did you mean 'anvil'?"),
        ({"accelerators": ["finch"]}, "'finch' is of kind architecture, not accelerator"),
        ({"precisions": ["fp9"], "rent": "spot"}, "rent: unknown rent 'spot'"),
        ({"precisions": ["fp9"], "rent": "spot"}, "precisions: unknown precision 'fp9'"),
        ({"users": 2.5}, "users: must be a whole number from 1 to 10,000,000,000, got 2.5"),
        ({"utilization": 1.5}, "utilization: must be above 0% and at most 100%, got 1.5"),
        ({"headroom": -1}, "headroom: must not be below 0, got -1"),
        ({"gpus": [0]}, "gpus: a replica has at least one GPU, got 0"),
        ({"accelerators": [], "precisions": []}, "accelerators: names nothing\nprecisions: names nothing"),
        ({"gpus": [3]}, "gpus: 3 GPUs cannot share 8 attention heads evenly; allowed are 1, 2, 4, 8"),
        ({"input_tokens": 0}, "input_tokens: must be 1 or more, got 0"),
        ({"cached_input_share": 1}, "cached_input_share: must be at least 0% and below 100%, got 1"),
        ({"gpu_hour_cost": -1}, "gpu_hour_cost: must be above 0, got -1"),
        ({"gpu_hour_cost": {"mill": 1}}, "mill is not among the accelerators asked for: anvil"),
        ({"set": ["deployment.gpus_per_replica=3"]}, "deployment.gpus_per_replica: cannot be set here: gpus"),
        ({"set": ["model.vocab_size=null"]}, "lacks model.vocab_size"),
        ({"workload": "own"}, "workload own: an architecture has no traffic of its own"),
        ({"workload": "rag"}, "give input_tokens or output_tokens, not both"),
    ],
)
def test_what_cannot_be_sized(options: dict[str, object], said: str) -> None:
    assert said in refusal(sized, **options)


def test_that_weights_do_not_fit_is_said_before_what_is_too_slow(here: Path) -> None:
    """101 GB into 40; and of a token's 21 GB one anvil reads at half of 1 TB/s, so 40 are too many."""
    lengths = "input_tokens_per_request: 1000, output_tokens_per_request: 1000"
    deployment = f"{{gpus_per_replica: 1, weight_bits: 8, {lengths}"
    (here / "crane-on-one.yaml").write_text(
        "llmcost: 1\nkind: infrastructure\narchitecture: crane\naccelerator: anvil\n"
        f"deployment: {deployment}, min_tokens_per_second_per_user: 40}}\n",
        encoding="utf-8",
    )
    node = evaluate("./crane-on-one.yaml").trace.nodes
    assert str(node["deployment.concurrency"].reason) == "the weights do not fit into the memory of a replica"

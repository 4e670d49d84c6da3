"""The bill is the cost: unit costs add up to it at any mix, cache and rate, and move as they should."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drawn import Values, run, some, value
from llmcost.engine.trace import Trace

shares = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(1e-6, 1.0))
parts = st.floats(1e-3, 0.999)

POOLS = {
    "serving.prefill_tokens_per_gpu_second": st.floats(100.0, 1e5),
    "serving.decode_tokens_per_gpu_second": st.floats(10.0, 1e4),
}
MIXED = {
    "serving.tokens_per_gpu_second": st.floats(100.0, 1e5),
    "serving.measured_output_share": parts,
    "serving.output_cost_weight": st.floats(0.1, 50.0),
}
TRAFFIC = {
    "traffic.input_tokens_per_day": st.floats(1e6, 1e10),
    "traffic.output_tokens_per_day": st.floats(1e6, 1e10),
}
RENT = {"serving.gpu_hour_cost": st.floats(0.1, 10.0)}
HITS = {
    "traffic.cached_input_share": shares,
    "serving.measured_cached_input_share": st.one_of(st.just(0.0), parts),
    "serving.cached_input_cost_ratio": shares,
    "serving.fixed_cost_per_month": st.floats(0.0, 1e6),
}
ASKED = {"workload.output_share": shares, "workload.cached_input_share": shares}
PLANNED = {
    "serving.peak_to_average": st.floats(1.0, 10.0),
    "serving.headroom": shares,
    "serving.gpus_per_replica": st.floats(1.0, 64.0),
}


def with_fleet(values: Values, spare: float) -> Values:
    """State a fleet that is so much larger than what its traffic keeps busy."""
    busy = value(run(values), "serving.busy_gpus")
    return {**values, "serving.gpus": busy * (1 + spare)}


def spent(trace: Trace, values: Values) -> float:
    """The day's tokens, each at what it costs."""
    hits = values.get("traffic.cached_input_share", 0.0)
    tokens = values["traffic.input_tokens_per_day"]
    return (
        tokens * (1 - hits) * value(trace, "serving.cost_per_input_mtok")
        + tokens * hits * value(trace, "serving.cost_per_cached_input_mtok")
        + values["traffic.output_tokens_per_day"] * value(trace, "serving.cost_per_output_mtok")
    ) / 1e6


ANY = {**HITS, **ASKED}
served = st.one_of(some(TRAFFIC, RENT, POOLS, optional=ANY), some(TRAFFIC, RENT, MIXED, optional=ANY))


# Adds up


@given(served, st.floats(0.0, 20.0), st.one_of(st.none(), parts))
def test_the_tokens_of_a_day_cost_what_the_fleet_does(
    values: Values, spare: float, utilization: float | None
) -> None:
    """At any mix and share of hits, whatever they cost and whatever busy share is stated besides."""
    stated = {} if utilization is None else {"serving.utilization": utilization}
    fleet = {**with_fleet(values, spare), **stated}
    trace = run(fleet)
    bill = 24 * fleet["serving.gpus"] * fleet["serving.gpu_hour_cost"]
    bill += fleet.get("serving.fixed_cost_per_month", 0.0) * 12 / 365
    assert value(trace, "serving.cost_per_day") == pytest.approx(bill, rel=1e-12)
    assert spent(trace, fleet) == pytest.approx(bill, rel=1e-9)


@given(served, st.fixed_dictionaries({"serving.utilization": parts}, optional=PLANNED))
def test_the_tokens_of_a_day_cost_what_the_gpus_they_need_do(values: Values, planned: Values) -> None:
    stated = {**values, **planned}
    trace = run(stated)
    assert spent(trace, stated) == pytest.approx(value(trace, "serving.cost_per_day"), rel=1e-9)
    size = planned.get("serving.gpus_per_replica")
    if size is not None:
        replicas = value(trace, "serving.gpus_required") / size
        assert replicas == pytest.approx(round(replicas), rel=1e-9)


@given(served, st.floats(0.0, 20.0))
def test_at_its_own_mix_a_million_tokens_cost_their_part_of_the_bill(values: Values, spare: float) -> None:
    own = {
        name: number for name, number in with_fleet(values, spare).items() if not name.startswith("workload.")
    }
    trace = run(own)
    each = value(trace, "serving.cost_per_day") / value(trace, "traffic.tokens_per_day") * 1e6
    assert value(trace, "serving.cost_per_mtok") == pytest.approx(each, rel=1e-9)


@given(served, st.floats(0.0, 20.0))
def test_a_mix_costs_what_its_parts_do(values: Values, spare: float) -> None:
    trace = run(with_fleet(values, spare))
    output, hits = value(trace, "workload.output_share"), value(trace, "workload.cached_input_share")
    total = (1 - output) * (
        (1 - hits) * value(trace, "serving.cost_per_input_mtok")
        + hits * value(trace, "serving.cost_per_cached_input_mtok")
    ) + output * value(trace, "serving.cost_per_output_mtok")
    assert value(trace, "serving.cost_per_mtok") == pytest.approx(total, rel=1e-9)


@given(served, st.floats(0.0, 20.0), st.floats(1e-3, 10.0))
def test_busy_and_idle_gpus_are_the_fleet_and_a_larger_one_is_needed_above_it(
    values: Values, spare: float, beyond: float
) -> None:
    fleet = with_fleet(values, spare)
    trace = run(fleet)
    busy, idle = value(trace, "serving.busy_gpus"), value(trace, "serving.idle_gpus")
    assert busy + idle == pytest.approx(fleet["serving.gpus"], rel=1e-12)
    assert value(trace, "serving.utilization") == pytest.approx(1 / (1 + spare), rel=1e-9)
    small = run({**fleet, "serving.gpus": busy / (1 + beyond)})
    for name in ("serving.utilization", "serving.cost_per_mtok", "serving.bill_per_day"):
        reason = small.nodes[name].reason
        assert reason is not None
        assert reason.code == "fleet_too_small"
    assert str(small.nodes["serving.utilization"].reason) == (
        f"the fleet is too small: {busy:,.6g} GPUs are busy, {busy / (1 + beyond):,.6g} are there"
    )


@given(served, st.floats(0.0, 20.0))
def test_a_fleet_serves_its_capacity_and_no_more(values: Values, spare: float) -> None:
    fleet = with_fleet(values, spare)
    full = value(run(fleet), "serving.capacity_tokens_per_day")
    more = full / value(run(fleet), "traffic.tokens_per_day")
    grown = {name: number * (more if name in TRAFFIC else 1) for name, number in fleet.items()}
    assert value(run(grown), "serving.utilization") == pytest.approx(1, rel=1e-9)


@given(served, st.floats(0.0, 20.0), st.floats(0.01, 100.0), shares)
def test_the_volume_that_pays_for_the_fleet_does(
    values: Values, spare: float, price: float, billed: float
) -> None:
    prices = {
        "price.input_per_mtok": price,
        "price.output_per_mtok": 4 * price,
        "traffic.billed_share": billed,
    }
    fleet = {**with_fleet(values, spare), **prices}
    trace = run(fleet)
    volume = trace.nodes["serving.breakeven_tokens_per_day"]
    capacity = value(trace, "serving.capacity_tokens_per_day")
    if volume.value is None:
        most = capacity / 1e6 * value(trace, "traffic.revenue_per_mtok")
        assert most < value(trace, "serving.cost_per_day") * (1 + 1e-6)
        return
    assert volume.value <= capacity * (1 + 1e-6)
    times = volume.value / value(trace, "traffic.tokens_per_day")
    there = run({name: number * (times if name in TRAFFIC else 1) for name, number in fleet.items()})
    assert value(there, "traffic.revenue_per_day") == pytest.approx(
        value(there, "serving.cost_per_day"), rel=1e-9
    )


# Moves as it should


@given(served, st.floats(0.0, 20.0), st.floats(0.0, 1.0), st.booleans())
def test_a_better_cache_never_raises_the_cost(
    values: Values, spare: float, better: float, fleet: bool
) -> None:
    stated = with_fleet(values, spare) if fleet else {**values, "serving.utilization": 0.5}
    name = "workload.cached_input_share"
    hits = stated.get(name, 0.0)
    before = value(run({**stated, name: hits}), "serving.cost_per_mtok")
    after = value(run({**stated, name: hits + better * (1 - hits)}), "serving.cost_per_mtok")
    assert after <= before * (1 + 1e-9)


# Self-host or buy


@given(served, st.floats(0.0, 20.0), st.floats(0.01, 100.0))
def test_from_the_break_even_volume_the_fleet_is_cheaper(values: Values, spare: float, price: float) -> None:
    fleet = {**with_fleet(values, spare), "alternative.blended_per_mtok": price}
    trace = run(fleet)
    volume = trace.nodes["alternative.breakeven_tokens_per_day"]
    assume(volume.value is not None)
    assert volume.value is not None
    times = volume.value / value(trace, "traffic.tokens_per_day")
    there = run({name: number * (times if name in TRAFFIC else 1) for name, number in fleet.items()})
    cost = value(there, "serving.cost_per_month")
    assert value(there, "alternative.savings_per_month") == pytest.approx(0, abs=1e-9 * cost)


@given(
    some(TRAFFIC, RENT, POOLS, {"serving.fixed_cost_per_month": st.floats(0.0, 1e5)}),
    parts,
    st.floats(1.0, 64.0),
    st.floats(0.01, 100.0),
)
def test_in_whole_replicas_no_smaller_volume_is_cheaper(
    values: Values, utilization: float, size: float, price: float
) -> None:
    """By a search over replicas, each filled and each just begun."""
    stated = {**values, "serving.utilization": utilization, "serving.gpus_per_replica": size}
    trace = run({**stated, "alternative.blended_per_mtok": price})
    found = trace.nodes["alternative.breakeven_tokens_per_day"]
    replica = 24 * size * values["serving.gpu_hour_cost"]
    served = size * utilization * 86_400 / value(trace, "serving.seconds_per_traffic_token")
    fixed = values["serving.fixed_cost_per_month"] * 12 / 365
    if found.value is None:
        assert served * price / 1e6 <= replica * (1 + 1e-9)
        return

    def own(volume: float) -> float:
        return max(math.ceil(volume / served - 1e-9), 1) * replica + fixed

    assert own(found.value) == pytest.approx(found.value * price / 1e6, rel=1e-9)
    last = math.floor(found.value / served * (1 - 1e-9))
    for count in range(max(1, last - 200), last + 1):
        assert own(count * served) >= count * served * price / 1e6 * (1 - 1e-9)
    always = value(trace, "alternative.always_cheaper_tokens_per_day")
    assert always >= found.value * (1 - 1e-9)
    assert own(always) == pytest.approx(always * price / 1e6, rel=1e-9)
    full = math.ceil(always / served - 1e-9)
    for count in range(full, full + 50):  # just above so many full replicas one more is paid for
        assert own(count * served) + replica <= count * served * price / 1e6 * (1 + 1e-9)
    if full > 1:
        before = full - 1
        assert own(before * served) + replica >= before * served * price / 1e6 * (1 - 1e-9)


@given(served, st.floats(0.0, 20.0), st.floats(0.01, 100.0))
def test_at_the_break_even_rent_nothing_is_saved_and_nothing_lost(
    values: Values, spare: float, price: float
) -> None:
    fleet = {
        **with_fleet(values, spare),
        "alternative.blended_per_mtok": price,
        "price.blended_per_mtok": price,
    }
    trace = run(fleet)
    rent = trace.nodes["alternative.breakeven_gpu_hour_cost"]
    if rent.value is not None:
        there = run({**fleet, "serving.gpu_hour_cost": rent.value})
        cost = value(there, "alternative.cost_per_month")
        assert value(there, "alternative.savings_per_month") == pytest.approx(0, abs=1e-9 * cost)
    own = trace.nodes["unit.breakeven_gpu_hour_cost"]
    if own.value is not None:
        there = run({**fleet, "serving.gpu_hour_cost": own.value})
        assert value(there, "unit.gross_profit_per_mtok") == pytest.approx(0, abs=1e-9 * price)

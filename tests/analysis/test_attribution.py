"""Attribution: parts that add up, treat equals equally, and give nothing to what makes no difference."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from llmcost import diff, load, snapshot
from llmcost.analysis.gates import attribution
from llmcost.analysis.gates.attribution import (
    EXACT,
    Change,
    Contribution,
    _among,
    attribute,
    attribute_outcomes,
    coalitions,
    shapley,
)
from llmcost.analysis.gates.snapshot import reach
from llmcost.engine.trace import Given, evaluate
from llmcost.formulas import MODEL
from llmcost.scenario.files.snapshot import dump

Values = Mapping[str, float]

LINES: Final = (
    *("revenue.api", "revenue.subscription", "revenue.other"),
    *("cost.inference", "cost.revenue_share", "cost.training", "cost.data", "cost.staff"),
    *("cost.sales_marketing", "cost.general", "cost.other"),
)
"""Eleven amounts; profit is the sum of the first three less that of the rest."""


def derived(values: Values) -> dict[str, float]:
    """Return every metric that follows from some values and is defined."""
    nodes = evaluate(MODEL, {name: Given(value) for name, value in values.items()}).nodes
    return {name: node.value for name, node in nodes.items() if node.step and node.value is not None}


def parts_of(metric: str, old: Values, new: Values, formulas: tuple[str, ...] = ()) -> list[Contribution]:
    change = Change(metric, derived(old)[metric], derived(new)[metric])
    return list(attribute([change], old, new, {metric: formulas})[metric])


def plain(parts: Iterable[Contribution]) -> dict[str, float]:
    return {" ".join(part.names): part.change for part in parts}


def shares(parts: Iterable[Contribution]) -> dict[str, Any]:
    """Return approximate parts by name, to be compared with those worked out by hand."""
    return {name: pytest.approx(change, rel=1e-9, abs=1e-12) for name, change in plain(parts).items()}


# Games from textbooks


def game(count: int, worth: Any) -> list[float]:
    """Return the table of a game: the worth of every coalition of players 0 to count − 1."""
    return [
        float(worth({player for player in range(count) if index >> player & 1}))
        for index in range(1 << count)
    ]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(game(3, lambda s: 2 in s and len(s) > 1), [1 / 6, 1 / 6, 4 / 6], id="gloves"),
        pytest.param(game(4, lambda s: sum(10.0**p for p in s)), [1, 10, 100, 1000], id="additive"),
        pytest.param([2 * 5, 3 * 5, 2 * 7, 3 * 7], [6, 5], id="product"),
        pytest.param(game(3, lambda s: len(s) >= 2), [1 / 3, 1 / 3, 1 / 3], id="majority"),
        pytest.param(game(3, lambda s: {0, 1} <= s), [1 / 2, 1 / 2, 0], id="a-player-without-a-say"),
        # A runway of 8, 11 and 13: each stretch is paid by those that need it.
        pytest.param(
            game(3, lambda s: max((8, 11, 13)[p] for p in s) if s else 0),
            [8 / 3, 8 / 3 + 3 / 2, 8 / 3 + 3 / 2 + 2],
            id="airport",
        ),
        # A council of five permanent members and ten others; 9 votes, with all the permanent ones.
        pytest.param(
            game(5, lambda s: {0, 1} <= s and len(s) >= 3),
            [9 / 20, 9 / 20, 1 / 30, 1 / 30, 1 / 30],
            id="veto",
        ),
        pytest.param([3, 10], [7], id="alone"),
        pytest.param([5], [], id="nobody"),
    ],
)
def test_games_worked_out_by_hand(table: list[float], expected: list[float]) -> None:
    assert shapley(table) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@settings(max_examples=15)
@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.floats(-1e9, 1e9), min_size=1 << n, max_size=1 << n)))
def test_shares_are_the_mean_over_all_orders(table: list[float]) -> None:
    count = len(table).bit_length() - 1
    sums = [0.0] * count
    orders = list(itertools.permutations(range(count)))
    for order in orders:
        here = 0
        for player in order:
            sums[player] += table[here | 1 << player] - table[here]
            here |= 1 << player
    size = max(map(abs, table))
    assert shapley(table) == pytest.approx([total / len(orders) for total in sums], abs=1e-9 * size)
    assert math.fsum(shapley(table)) == pytest.approx(table[-1] - table[0], abs=1e-9 * size)


# Metrics by hand


def test_a_product_is_shared_by_the_mean_of_the_other_factor() -> None:
    """24 · gpus · days: gpus 2 → 3 with days 5 → 7 is 24 · (5 + 7)/2, and days 24 · 2 · (2 + 3)/2."""
    old = {"training.gpus": 2.0, "training.days": 5.0}
    new = {"training.gpus": 3.0, "training.days": 7.0}
    found = parts_of("training.gpu_hours", old, new)
    assert shares(found) == {"training.gpus": 24 * 6, "training.days": 24 * 5}
    assert [part.kind for part in found] == ["input", "input"]
    assert [part.names for part in found] == [("training.gpus",), ("training.days",)], "the largest first"


def test_a_sum_is_shared_line_by_line() -> None:
    old = {"revenue.api": 10.0, "revenue.subscription": 30.0, "cost.staff": 5.0, "cost.inference": 7.0}
    new = {"revenue.api": 14.0, "revenue.subscription": 29.0, "cost.staff": 15.0, "cost.inference": 7.0}
    assert shares(parts_of("company.operating_profit", old, new)) == {
        "cost.staff": -10,
        "revenue.api": 4,
        "revenue.subscription": -1,
    }


def test_a_quotient() -> None:
    """c/r: 6/3 → 8/4. The cost first 8/3 − 6/3, or last 8/4 − 6/4; and so the revenue."""
    old, new = {"cost.total": 6.0, "revenue.total": 3.0}, {"cost.total": 8.0, "revenue.total": 4.0}
    old, new = old | {"cost.staff": 1.0}, new | {"cost.staff": 1.0}
    change = Change("company.cost_per_revenue_dollar", 2.0, 2.0 + 1e-3)
    moved = new | {"cost.total": 8.004}
    found = attribute([change], old, moved, {})[change.metric]
    cost = ((8.004 / 3 - 2) + (8.004 / 4 - 6 / 4)) / 2
    assert shares(list(found)) == {"cost.total": cost, "revenue.total": 1e-3 - cost}


def test_an_input_that_is_overruled_makes_no_difference() -> None:
    """From no profit at all to 7 billion: what rounding leaves of staff and data is no part."""
    old = {"cost.total": 9e9, "revenue.total": 9e9, "cost.staff": 10.0, "cost.data": 5.0}
    new = {"cost.total": 9e9, "revenue.total": 16e9, "cost.staff": 20.0, "cost.data": 6.0}
    assert {"cost.staff", "cost.data"} <= reach("company.operating_profit")
    assert shares(parts_of("company.operating_profit", old, new)) == {"revenue.total": 7e9}
    # Three of them alone: all that moved it is a formula whose code has changed.
    lines = dict.fromkeys(("cost.staff", "cost.data", "cost.other"), 1.0)
    change = Change("company.operating_profit", -1e9, 0.0)
    found = attribute([change], old | lines, old | dict.fromkeys(lines, 2.0), {change.metric: ("code",)})
    assert found[change.metric] == (Contribution("formula", ("code",), 1e9),)


def test_inputs_that_are_added_and_removed() -> None:
    """50 → 45 of cost: staff 20 gone, data 10 come, training 30 → 35."""
    old = {"cost.training": 30.0, "cost.staff": 20.0}
    new = {"cost.training": 35.0, "cost.data": 10.0}
    assert shares(parts_of("cost.total", old, new)) == {
        "cost.staff": -20,
        "cost.data": 10,
        "cost.training": 5,
    }
    lines = {"cost.staff": 20.0, "cost.data": 10.0, "cost.other": 5.0}
    alone = {"cost.training": 3.0}
    assert shares(parts_of("cost.total", alone, alone | lines)) == lines
    assert shares(parts_of("cost.total", alone | lines, alone)) == {
        name: -amount for name, amount in lines.items()
    }


def test_an_input_that_opens_another_route() -> None:
    """A stated compute cost in place of gpu-hours · rate: 100 · 2 → 260, and the data stay 40."""
    old = {"training.gpu_hours": 100.0, "training.gpu_hour_cost": 2.0, "training.other_cost": 40.0}
    new = old | {"training.compute_cost": 260.0}
    assert shares(parts_of("training.cost", old, new)) == {"training.compute_cost": 60}
    moved = new | {"training.gpu_hour_cost": 3.0}
    # The rate counts only while the compute cost is not stated: +100, in one order of two.
    assert shares(parts_of("training.cost", old, moved)) == {
        "training.compute_cost": 10,
        "training.gpu_hour_cost": 50,
    }


def test_a_stated_quantity_that_is_derived_now() -> None:
    """cost.total was stated as 100 and is now the sum of its lines, 40 + 25."""
    old = {"cost.total": 100.0, "cost.staff": 40.0, "cost.data": 20.0, "revenue.total": 10.0}
    new = {"cost.staff": 40.0, "cost.data": 25.0, "revenue.total": 10.0}
    # Without the total the data count: 5 in one order of two.
    found = parts_of("company.operating_profit", old, new)
    assert shares(found) == {"cost.total": 37.5, "cost.data": -2.5}


@pytest.mark.parametrize("reverse", [False, True])
def test_where_only_one_order_is_defined_the_inputs_have_one_part_together(reverse: bool) -> None:
    """All revenue moves from the API to subscriptions: in between there may be none to divide by."""
    old = {"revenue.api": 10.0, "revenue.subscription": 0.0, "cost.inference": 5.0}
    new = {"revenue.api": 0.0, "revenue.subscription": 20.0, "cost.inference": 5.0}
    if reverse:
        old, new = new, old
    (part,) = parts_of("company.gross_margin", old, new)
    assert (part.kind, part.names) == ("inputs", ("revenue.api", "revenue.subscription"))
    assert part.change == pytest.approx(-0.25 if reverse else 0.25)
    # What is defined in every order is told apart all the same.
    signs = -1 if reverse else 1
    assert shares(parts_of("revenue.total", old, new)) == {
        "revenue.subscription": signs * 20,
        "revenue.api": signs * -10,
    }


# Properties


AMOUNTS: Final = st.floats(1.0, 1e6)
METRICS: Final = (
    *("company.operating_profit", "company.operating_margin", "company.gross_margin"),
    *("company.net_burn_per_month", "revenue.api_share", "cost.total", "cost.inference_at_market"),
    *("breakeven.uniform_multiplier", "breakeven.api_only_multiplier"),
)


@st.composite
def accounts(draw: st.DrawFn, most: int = 6) -> tuple[Values, Values]:
    """Return an account before and after: some lines moved, some added, some removed."""
    names = draw(st.lists(st.sampled_from(LINES), min_size=2, max_size=most, unique=True))
    old = {"revenue.api": draw(AMOUNTS), "cost.inference": draw(AMOUNTS), "company.period_months": 12.0}
    old |= {"compute.paid_gpu_hour": 1.3, "compute.market_gpu_hour": draw(st.floats(1.0, 9.0))}
    new = dict(old)
    if draw(st.booleans()):
        new["market.price_elasticity"] = draw(st.sampled_from([0.0, 0.3, 0.5]))
    for name in names:
        before, after = (draw(st.none() | AMOUNTS if name not in old else AMOUNTS) for _ in range(2))
        old, new = ({**values} for values in (old, new))
        for values, amount in ((old, before), (new, after)):
            values.pop(name, None)
            if amount is not None:
                values[name] = amount
    return old, new


def changes_between(old: Values, new: Values) -> list[Change]:
    before, after = derived(old), derived(new)
    return [
        Change(metric, before[metric], after[metric])
        for metric in METRICS
        if metric in before and metric in after and before[metric] != after[metric]
    ]


@settings(max_examples=15)
@given(accounts())
def test_parts_add_up_to_the_whole_change(account: tuple[Values, Values]) -> None:
    old, new = account
    changes = changes_between(old, new)
    found = attribute(changes, old, new, {})
    assert set(found) == {change.metric for change in changes}
    differing = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    for change in changes:
        parts = found[change.metric]
        sizes = [abs(change.old), abs(change.new), *(abs(part.change) for part in parts)]
        assert math.fsum(part.change for part in parts) == pytest.approx(
            change.new - change.old, rel=1e-9, abs=1e-9 * max(sizes)
        )
        named = [name for part in parts for name in part.names]
        assert len(named) == len(set(named))
        assert set(named) <= differing & reach(change.metric)
        assert [abs(part.change) for part in parts] == sorted(
            (abs(part.change) for part in parts), reverse=True
        )


@settings(max_examples=15)
@given(accounts(most=4))
def test_there_and_back_again_the_parts_are_the_same_with_the_other_sign(
    account: tuple[Values, Values],
) -> None:
    old, new = account
    changes = changes_between(old, new)
    there = attribute(changes, old, new, {})
    back = attribute([Change(c.metric, c.new, c.old) for c in changes], new, old, {})
    for change in changes:
        size = 1e-9 * max(
            abs(change.old), abs(change.new), *(abs(p.change) for p in there[change.metric]), 1e-9
        )
        forth = {part.names: part.change for part in there[change.metric]}
        returned = {part.names: -part.change for part in back[change.metric]}
        for names in forth.keys() | returned.keys():
            assert forth.get(names, 0.0) == pytest.approx(returned.get(names, 0.0), rel=1e-6, abs=size)


@settings(max_examples=15)
@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_what_is_alike_has_the_same_part(before: float, after: float, one: float, other: float) -> None:
    """Staff and data, from the same amount to the same amount, whatever else moves."""
    assume(before != after)
    old = {"cost.staff": before, "cost.data": before, "cost.inference": one, "revenue.api": other}
    new = {"cost.staff": after, "cost.data": after, "cost.inference": other, "revenue.api": one}
    for change in changes_between(old, new):
        parts = {part.names: part.change for part in attribute([change], old, new, {})[change.metric]}
        size = max(abs(change.old), abs(change.new), 1e-9)
        assert parts.get(("cost.staff",), 0.0) == pytest.approx(
            parts.get(("cost.data",), 0.0), rel=1e-6, abs=1e-9 * size
        )


@settings(max_examples=15)
@given(accounts(most=3), AMOUNTS)
def test_what_makes_no_difference_has_no_part(account: tuple[Values, Values], amount: float) -> None:
    """Prices per token lead to none of these metrics; a line under a stated total to no profit."""
    old, new = account
    old, new = dict(old), dict(new) | {"price.output_per_mtok": amount}
    for metric, parts in attribute(changes_between(old, new), old, new, {}).items():
        assert all("price.output_per_mtok" not in part.names for part in parts), metric
    total = {"cost.total": 1e9, "revenue.total": 1e9}
    stated = {**old, **total}, {**new, **total, "revenue.total": 2e9}
    change = Change("company.operating_profit", 0.0, 1e9)
    (part,) = attribute([change], *stated, {})[change.metric]
    assert part == Contribution("input", ("revenue.total",), 1e9)


# More inputs than can be told apart


def test_of_more_than_twelve_the_least_share_out_what_they_make_together() -> None:
    """Burn = (lines − noncash − revenue)/period; one of the two that move it least is new."""
    old = {name: 100.0 * (place + 1) for place, name in enumerate(LINES)}
    old |= {"cost.noncash": 50.0, "company.period_months": 12.0}
    new = {name: value + 12 * 2.0**place for place, (name, value) in enumerate(old.items())}
    new["company.period_months"] = 6.0
    new["cost.data"], new["cost.noncash"] = 0.12, old["cost.noncash"] + 0.24
    del old["cost.data"]
    found = parts_of("company.net_burn_per_month", old, new)
    assert len(found) == EXACT + 1 == 13
    # 0.12 more of data and 0.24 more that is no cash, over 12 months or 6: as (0.12/12 + 0.12/6)/2
    assert (shares(found)["cost.data"], shares(found)["cost.noncash"]) == (0.015, -0.03)
    change = derived(new)["company.net_burn_per_month"] - derived(old)["company.net_burn_per_month"]
    assert math.fsum(part.change for part in found) == pytest.approx(change, rel=1e-9)
    assert {name for part in found for name in part.names} == set(new)


def test_of_a_projection_all_are_told_apart(tmp_path: Path) -> None:
    """Eight lines rise by 12, 24, 48 … a year: by 1, 2, 4 … a month, for ten months."""
    lines = [name for name in LINES if name.startswith("cost.")]
    old = dict.fromkeys(lines, 1200.0) | {"cash.balance": 90_000.0, "revenue.other": 0.0}
    new = old | {name: 1200.0 + 12 * 2.0**place for place, name in enumerate(lines)}
    path = tmp_path / "plan.yaml"
    path.write_text("".join(f"{name}: {value}\n" for name, value in {"horizon_months": 10, **new}.items()))
    change = Change("project.cash_end", 90_000 - 8000, 90_000 - 8000 - 10 * 255)
    (parts,) = attribute_outcomes([change], old, new, load(str(path))).values()
    assert shares(parts) == {name: -10 * 2.0**place for place, name in enumerate(lines)}
    # What is not there both times has no months to go through.
    for before, after in ((old, new | {"revenue.api": 1.0}), (old | {"revenue.api": 1.0}, new)):
        assert attribute_outcomes([change], before, after, load(str(path))) == {}
    # Lines under a stated total move nothing, and from no cash to 7 billion rounding is no part.
    old = {"cash.balance": 0.0, "cost.total": 12.0, "cost.staff": 1.0, "cost.data": 2.0}
    old |= {"revenue.total": 12.0}
    new = old | {"cash.balance": 7e9, "cost.staff": 2.0, "cost.data": 3.0}
    path.write_text("".join(f"{name}: {value}\n" for name, value in {"horizon_months": 10, **new}.items()))
    change = Change("project.cash_end", 0.0, 7e9)
    (parts,) = attribute_outcomes([change], old, new, load(str(path))).values()
    assert shares(list(parts)) == {"cash.balance": 7e9}


def test_twelve_are_all_told_apart() -> None:
    old = dict.fromkeys((*LINES, "cost.noncash"), 100.0)
    new = {name: 100.0 + place + 1 for place, name in enumerate(old)}
    found = parts_of("company.net_burn_per_month", old, new)
    assert len(found) == 12
    assert {part.kind for part in found} == {"input"}
    assert {part.names[0]: round(part.change * 12, 9) for part in found} == {
        name: (1 if name.startswith("cost") and name != "cost.noncash" else -1) * (place + 1.0)
        for place, name in enumerate(old)
    }


def test_of_what_a_search_finds_the_parts_are_near_shapleys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The multiplier at which costs are covered, (costs − other revenue)/API revenue, by ten inputs."""
    old = {name: 100.0 * (place + 1) for place, name in enumerate(LINES) if name != "cost.revenue_share"}
    old["market.price_elasticity"] = 0.3
    new = {name: value + 2.0**place for place, (name, value) in enumerate(old.items())}
    new |= {"market.price_elasticity": 0.3, "cost.data": old["cost.data"] + 1e-3}
    found = plain(parts_of("breakeven.uniform_multiplier", old, new))
    before, after = (derived(values)["breakeven.uniform_multiplier"] for values in (old, new))
    assert math.fsum(found.values()) == pytest.approx(after - before, rel=1e-9)
    monkeypatch.setattr(attribution, "SEARCHED", 12)
    exact = plain(parts_of("breakeven.uniform_multiplier", old, new))
    assert found == pytest.approx(exact, rel=1e-3)
    assert found != exact


def test_what_matters_to_any_of_the_metrics_has_its_shapley_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs are 1010 and API revenue 10 of 100: 0.1 more is a thousandth of one, a hundredth of the other."""
    old = {"revenue.api": 10.0, "revenue.subscription": 40.0, "revenue.other": 50.0, "cost.training": 300.0}
    old |= {"cost.inference": 300.0, "cost.staff": 300.0, "cost.general": 100.0, "cost.data": 5.0}
    old |= {"cost.sales_marketing": 5.0, "market.price_elasticity": 0.0}
    new = {name: value * 1.2 for name, value in old.items()}
    new |= {"revenue.api": 10.1, "cost.data": 8.0, "cost.sales_marketing": 7.0}
    names = ("breakeven.uniform_multiplier", "breakeven.api_only_multiplier")
    changes = [Change(name, derived(old)[name], derived(new)[name]) for name in names]
    few = attribute(changes, old, new, {})
    monkeypatch.setattr(attribution, "SEARCHED", 12)
    for name, parts in attribute(changes, old, new, {}).items():
        exact, found = plain(parts), plain(few[name])
        far = {item for item in exact if found[item] != pytest.approx(exact[item], rel=1e-12)}
        assert far <= {"cost.data", "cost.sales_marketing"}
        assert found == pytest.approx(exact, rel=1e-3)


def test_a_group_of_which_one_makes_nothing_known_has_one_part() -> None:
    group = ("a", "b")
    together = [Contribution("inputs", group, 3.0)]
    assert _among(group, 3.0, {"a": None, "b": (1.0, 1.0)}, 0.0) == together
    assert _among(group, 3.0, {"a": (0.0, 0.0), "b": (0.0, 0.0)}, 0.0) == together
    # 3 is 1 more than 5 − 3: a gets 5/8 of it.
    assert shares(_among(group, 3.0, {"a": (5.0, 5.0), "b": (-3.0, -3.0)}, 0.0)) == {"a": 5.625, "b": -2.625}
    # What first and last cancels is an effect, and what only rounding causes is none.
    assert shares(_among(group, 3.0, {"a": (2.0, -2.0), "b": (0.0, 1e-15)}, 1e-14)) == {"a": 3.0, "b": 0.0}


def test_equal_inputs_stay_equal_among_those_that_matter_least(monkeypatch: pytest.MonkeyPatch) -> None:
    """The margin, by five inputs: the third and fourth in order of size are equal. It is the same back."""
    old = {"revenue.api": 100.0, "revenue.other": 50.0, "cost.staff": 10.0, "cost.data": 10.0}
    new = {"revenue.api": 200.0, "revenue.other": 120.0, "cost.staff": 19.0, "cost.data": 19.0}
    old, new = old | {"cost.other": 5.0}, new | {"cost.other": 6.0}
    monkeypatch.setattr(attribution, "EXACT", 4)
    there, back = (
        plain(parts_of("company.operating_margin", *values)) for values in ((old, new), (new, old))
    )
    assert len(there) == 5
    assert there["cost.staff"] == pytest.approx(there["cost.data"], rel=1e-12)
    assert there == pytest.approx({name: -change for name, change in back.items()}, rel=1e-12)


def test_coalitions_are_what_follows_from_their_inputs() -> None:
    """In a column each, as one by one: groups of one and of two, some of whose sets have no value."""
    metrics = ["company.operating_margin", "breakeven.uniform_multiplier", "company.runway_months"]
    old = {
        "revenue.api": 1.0,
        "revenue.other": 0.0,
        "cost.staff": 9.0,
        "cost.training": 1.0,
        "cash.balance": 5.0,
    }
    new = {
        "revenue.api": 0.0,
        "revenue.other": 40.0,
        "cost.staff": 12.0,
        "cost.training": 2.0,
        "cash.balance": 7.0,
    }
    groups = [("revenue.api",), ("cost.staff", "cost.training"), ("revenue.other",), ("cash.balance",)]
    found = coalitions(groups, metrics, old, new)
    for index in range(16):
        changed = [name for place, group in enumerate(groups) if index >> place & 1 for name in group]
        expected = derived({**old, **{name: new[name] for name in changed}})
        assert {m: found[m][index] for m in metrics} == {m: pytest.approx(expected.get(m)) for m in metrics}
    assert None in found["breakeven.uniform_multiplier"]


# Formulas that changed

SHOP: Final = """\
llmcost: 1
revenue: {api: 10, subscription: 30}
cost: {inference: 5, staff: 10}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("shop.yaml")
    path.write_text(SHOP, encoding="utf-8")
    return path


def as_if(path: Path, formulas: list[str], **values: float) -> str:
    """Write a snapshot as an older version took it: with other code, and what came of it then."""
    document = json.loads(dump(snapshot(path)))
    for mark in formulas:
        assert mark in document["formulas"]
        document["formulas"][mark] = "0123456789abcdef"
    for metric, value in values.items():
        document["scenarios"]["shop.yaml"]["metrics"][metric.replace("_", ".", 1)]["value"] = value
    Path("s.json").write_text(json.dumps(document), encoding="utf-8")
    return "s.json"


PROFIT: Final = "company.operating_profit/operating_profit"


def test_a_formula_that_changed_is_a_part_of_its_own(shop: Path) -> None:
    """It gave 24 of 40 − 15, and gives 25."""
    found = diff(as_if(shop, [PROFIT], company_operating_profit=24.0))
    (move,) = found.moves
    assert move.parts == (Contribution("formula", (PROFIT,), 1.0),)
    assert found.changed == (PROFIT,)


def test_a_formula_and_inputs_that_changed_together(shop: Path) -> None:
    """The formula is what it makes of the old inputs, 25 − 24; the inputs are shared from there, 33 − 25."""
    before = as_if(shop, [PROFIT], company_operating_profit=24.0)
    shop.write_text(SHOP.replace("30", "35").replace("5,", "2,"), encoding="utf-8")
    moves = {move.metric: move for move in diff(before).moves}
    assert moves["company.operating_profit"].parts == (
        Contribution("input", ("revenue.subscription",), 5.0),
        Contribution("input", ("cost.inference",), 3.0),
        Contribution("formula", (PROFIT,), 1.0),
    )
    assert moves["company.gross_profit"].parts == (
        Contribution("input", ("revenue.subscription",), 5.0),
        Contribution("input", ("cost.inference",), 3.0),
    )


def test_a_formula_on_the_way_counts_for_all_that_follows(shop: Path) -> None:
    """cogs was 6 where it is 5; gross profit and margin follow, operating profit does not."""
    mark = "company.cogs/cogs"
    found = diff(
        as_if(shop, [mark], company_cogs=6.0, company_gross_profit=34.0, company_gross_margin=34 / 40)
    )
    assert {move.metric: [(p.kind, p.names) for p in move.parts] for move in found.moves} == {
        "company.cogs": [("formula", (mark,))],
        "company.gross_profit": [("formula", (mark,))],
        "company.gross_margin": [("formula", (mark,))],
    }
    assert [move.change for move in found.moves] == pytest.approx([-1, 1, 0.025])


def test_a_formula_whose_code_changed_without_effect_has_no_part(shop: Path) -> None:
    before = as_if(shop, [PROFIT])
    assert diff(before).moves == []
    assert diff(before).changed == (PROFIT,)
    assert diff(before).ok
    shop.write_text(SHOP.replace("30", "35"), encoding="utf-8")
    moves = {move.metric: move for move in diff(before).moves}
    assert moves["company.operating_profit"].parts == (Contribution("input", ("revenue.subscription",), 5.0),)


def test_two_formulas_that_changed_are_one_part(shop: Path) -> None:
    marks = ["company.cogs/cogs", "company.gross_profit/gross_profit"]
    found = diff(as_if(shop, marks, company_gross_profit=33.0))
    (move,) = found.moves
    assert move.parts == (Contribution("formula", tuple(marks), 2.0),)


def test_a_metric_that_new_formulas_cannot_work_out_from_the_old_inputs(shop: Path) -> None:
    """The old version had a margin of 0 where there was no revenue; now that is undefined."""
    shop.write_text(SHOP.replace("10, subscription: 30", "0"), encoding="utf-8")
    document = json.loads(dump(snapshot(shop)))
    mark = "company.operating_margin/operating_margin"
    document["formulas"][mark] = "0" * 16
    document["scenarios"]["shop.yaml"]["metrics"]["company.operating_margin"] = {
        "value": 0.0,
        "unit": "share",
        "basis": "stated",
    }
    Path("s.json").write_text(json.dumps(document), encoding="utf-8")
    shop.write_text(SHOP, encoding="utf-8")
    moves = {move.metric: move for move in diff("s.json").moves}
    (part,) = moves["company.operating_margin"].parts
    assert part.kind == "all"
    assert part.names == (mark, "revenue.api", "revenue.subscription")
    # 1 − 15/40
    assert part.change == pytest.approx(0.625)

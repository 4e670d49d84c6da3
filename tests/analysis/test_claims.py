"""Claims: what is claimed, each verdict by hand, and what one would have to believe."""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calling import ROOT, Call
from llmcost import LlmcostError, breakeven, claims, evaluate, load, validate
from llmcost.analysis.claims.judge import Claims, Judged, Outcome
from llmcost.cli.app import run
from llmcost.cli.claims import complete_claim
from llmcost.reasons import Reason
from llmcost.render import markdown
from llmcost.render.results import claims as shown
from llmcost.render.results.claims_words import sentence
from llmcost.scenario.claims import VERDICTS
from llmcost.scenario.files.ledger import read_ledger
from llmcost.scenario.values.claimed_range import parse_claimed
from llmcost.scenario.values.number import NotANumber
from llmcost.verbs import ANY

# A small company whose price is sure and whose cost is a range with as much on either side of 10.
SCENARIO = """\
price: {input_per_mtok: 4, output_per_mtok: 16}
revenue.total: 100
cost.total: {value: 10, low: 8, high: 12, dist: uniform}
cash.balance: 45
variants:
  dear: {price.input_per_mtok: 8}
  free: {price.input_per_mtok: 0}
"""


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("LLMCOST_PATH", raising=False)


def write(folder: Path, text: str) -> Path:
    """Write a ledger of one claim, `x`, and the scenario that it is about, beside it."""
    (folder / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    path = folder / "ledger.yml"
    body = "".join(f"    {line}\n" for line in text.strip().splitlines())
    path.write_text(f"llmcost: 1\nkind: claims\nclaims:\n  x:\n    statement: said\n{body}", encoding="utf-8")
    return path


def judge(folder: Path, text: str) -> Judged:
    return claims(write(folder, text)).judged[0]


def by_name(judged: Judged) -> dict[str, Outcome]:
    return {outcome.reading.name: outcome for outcome in judged.outcomes}


def value_of(outcome: Outcome) -> float:
    (figure,) = outcome.figures
    assert figure.value is not None
    return figure.value


@pytest.fixture(scope="module")
def bundled() -> Claims:
    return claims(ROOT / "scenarios" / "claims")


def of(bundled: Claims, name: str) -> Judged:
    return next(judged for judged in bundled.judged if judged.claim.id == name)


# What is claimed


@pytest.mark.parametrize(
    ("text", "low", "high", "strict"),
    [
        ("about 30", 27, 33, False),
        ("about 3B", 2.7e9, 3.3e9, False),
        ("about -5", -5.5, -4.5, False),
        ("between 10 and 100", 10, 100, False),
        ("10 to 100", 10, 100, False),
        ("10 to 100x", 10, 100, False),
        ("between 10x and 100×", 10, 100, False),
        ("between 10% and 1", 0.1, 1, False),
        ("more than 3B", 3e9, None, True),
        ("at least 3B", 3e9, None, False),
        ("less than  6M", None, 6e6, True),
        ("at most 24", None, 24, False),
        ("53", 52.5, 53.5, False),
        ("53x", 52.5, 53.5, False),
        ("5.6M", 5.55e6, 5.65e6, False),
        ("1.10", 1.095, 1.105, False),
        ("0.07", 0.065, 0.075, False),
        ("96%", 0.955, 0.965, False),
        ("2,500", 2499.5, 2500.5, False),
        ("1.5e3", 1450, 1550, False),
        ("-2.7B", -2.75e9, -2.65e9, False),
        ("$5.6M", 5.55e6, 5.65e6, False),
    ],
)
def test_what_is_claimed(text: str, low: float | None, high: float | None, strict: bool) -> None:
    claimed = parse_claimed(text, unit="USD" if "$" in text else "")
    assert claimed.low == (None if low is None else pytest.approx(low, rel=1e-12))
    assert claimed.high == (None if high is None else pytest.approx(high, rel=1e-12))
    assert claimed.strict == strict


def test_within_replaces_what_the_wording_allows() -> None:
    assert parse_claimed("about 30", within=0.5)[1:3] == (15, 45)
    assert parse_claimed("30", within=0.1)[1:3] == (27, 33)
    assert parse_claimed("30", within=0)[1:3] == (30, 30)
    with pytest.raises(NotANumber, match="'within' belongs to"):
        parse_claimed("at least 30", within=0.1)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2-3", "2 to 3"),
        ("2 – 3x", "2x to 3x"),
        ("$10..$100", r"\$10 to \$100"),
        ("about 5-6", "5 to 6"),
        ("at least 10-100x", "10 to 100x"),
        ("less than 2-3", "2 to 3"),
        ("> 2", "more than 2"),
        ("<= 5M", "at most 5M"),
    ],
)
def test_a_range_or_a_sign_is_no_number_and_never_arithmetic(text: str, meant: str) -> None:
    with pytest.raises(NotANumber, match=f"did you mean '{meant}'"):
        parse_claimed(text, unit="USD" if "$" in text else "")


def test_a_difference_is_no_range() -> None:
    found = parse_claimed("about 8.7B - 3.7B")
    assert [found.low, found.high] == pytest.approx([4.5e9, 5.5e9])
    assert parse_claimed("at least 1 - 52%").low == pytest.approx(0.48)


@pytest.mark.parametrize("text", ["-2.7B", "1e-3", "about -3"])
def test_a_sign_of_the_number_itself_is_no_range(text: str) -> None:
    assert parse_claimed(text).low is not None


def test_within_is_less_than_the_number_itself(tmp_path: Path) -> None:
    text = """
compare: [gpt-4o, deepseek-v3]
claimed: about 1
within: 15
readings:
  output: {metric: price.output_per_mtok}
"""
    with pytest.raises(LlmcostError, match="did you mean 15%"):
        judge(tmp_path, text)
    with pytest.raises(LlmcostError, match=r"150% is all of it or more$"):
        judge(tmp_path, text.replace("15", "150%"))


@pytest.mark.parametrize("said", ["about 90", "more than 90", "less than 90", "90", "53"])
def test_a_share_is_claimed_as_a_percentage(said: str, tmp_path: Path) -> None:
    text = f"""
compare: [gpt-4o, deepseek-v3]
claimed: {said}
readings:
  output: {{metric: price.output_per_mtok, as: saving}}
"""
    with pytest.raises(LlmcostError, match="90% is written with its sign"):
        judge(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("between 10 and 100", (10, 100, 10 - 1e-10, 55), (9.99, 100.01, -10)),
        ("more than 3", (3.001, 1e9), (3, 3 + 1e-10, 2)),
        ("less than 3", (2.999, -1e9), (3, 3 - 1e-10, 4)),
        ("at least 3", (3, 3 - 1e-10, 4), (2.999,)),
        ("more than 0", (1e-20,), (0, -1e-20)),
    ],
)
def test_the_ends_of_what_is_claimed(
    text: str, inside: tuple[float, ...], outside: tuple[float, ...]
) -> None:
    claimed = parse_claimed(text)
    assert [value for value in inside if not claimed.holds(value)] == []
    assert [value for value in outside if claimed.holds(value)] == []


# Verdicts


def test_holds(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
claimed: between 4 and 16
readings:
  input: {metric: price.input_per_mtok}
  output: {metric: price.output_per_mtok}
""",
    )
    assert judged.verdict == "holds"
    assert [value_of(outcome) for outcome in judged.outcomes] == [4, 16]
    assert sentence(judged) == "Holds in each of 2 readings."


def test_holds_only_if_one_reading_is_meant(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
claimed: 16
readings:
  input: {metric: price.input_per_mtok}
  output: {metric: price.output_per_mtok}
""",
    )
    assert judged.verdict == "holds only if"
    assert [outcome.reading.name for outcome in judged.holding] == ["output"]
    assert judged.nearest is None
    assert sentence(judged) == "Holds only if what is meant is “output”: 1 of 2 readings."


def test_does_not_hold_and_by_how_much(tmp_path: Path) -> None:
    """4 and 16 against 20 to 40: the nearest is 16, a factor of 1.25 and a difference of 4 below 20."""
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
claimed: between 20 and 40
readings:
  input: {metric: price.input_per_mtok}
  output: {metric: price.output_per_mtok}
""",
    )
    assert judged.verdict == "does not hold"
    nearest = judged.nearest
    assert nearest is not None
    assert (nearest.reading.name, nearest.figures[0].off) == ("output", (20, -4, 0.8))
    assert sentence(judged) == (
        "Does not hold, not even as to “output”: 16.0 USD/Mtok is too low by 20.0%, against 20.0 USD/Mtok "
        "at least."
    )


def test_what_is_missed_by_a_share_is_told_in_points(tmp_path: Path, llmcost: Call) -> None:
    """A margin of 62.6 % is 62.6 points above 0, and not 62.6 % of anything.

    At a utilization of exactly 0 nothing is served and no margin is defined.
    """
    path = write(
        tmp_path,
        """
scenario: deepseek-v3
claimed: less than 0
metric: unit.gross_margin
set: {serving.gpu_hour_cost: 2, serving.utilization: 100%}
believe: [serving.utilization]
readings:
  margin: {}
""",
    )
    (outcome,) = claims(path).judged[0].outcomes
    assert outcome.figures[0].value == pytest.approx(0.626026, rel=1e-5)
    out = llmcost("claims", "show", "x", str(path)).out
    assert "too high by 62.6 points" in out
    assert "“margin”: 37.4% or less, against 100%" in out


def test_undecided_with_the_probability(tmp_path: Path) -> None:
    """Half of an interval with as much on either side of 10 lies above 10."""
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
claimed: more than 10
metric: cost.total
readings:
  cost: {}
""",
    )
    assert judged.verdict == "undecided"
    assert judged.likeliest is not None
    assert judged.likeliest.probability == pytest.approx(0.5, abs=1e-3)
    assert sentence(judged) == ("Undecided: it holds in 50.0% of the draws from the ranges of its inputs.")


def test_undecided_names_every_reading_that_is(bundled: Claims) -> None:
    assert sentence(of(bundled, "pro-loses-money")) == (
        "Undecided, as to “tokens at o1's price” or “tokens at what they may cost OpenAI”: it holds "
        "in 40.6% to 72.8% of the draws from the ranges of its inputs."
    )


def test_ranges_may_be_ignored(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
metric: cost.total
claimed: at least 10
ranges: ignore
readings:
  cost: {}
""",
    )
    assert (judged.verdict, judged.outcomes[0].probability) == ("holds", None)


@pytest.mark.parametrize(
    ("claimed", "verdict", "least", "most"),
    [
        # Of an even spread from 8 to 12, (12 − x) / 4 lies above x.
        ("more than 7", "holds", 1, 1),
        ("more than 8.15", "holds", 0.9625, 0.9625),
        ("more than 8.25", "undecided", 0.9375, 0.9375),
        ("more than 11.75", "undecided", 0.0625, 0.0625),
        ("more than 11.85", "does not hold", 0.0375, 0.0375),
        ("more than 13", "does not hold", 0, 0),
    ],
)
def test_the_ranges_straddle_a_claim_between_a_twentieth_and_the_rest(
    tmp_path: Path, claimed: str, verdict: str, least: float, most: float
) -> None:
    text = f"scenario: ./s.yaml\nmetric: cost.total\nclaimed: {claimed}\nreadings:\n  cost:"
    (outcome,) = judge(tmp_path, text).outcomes
    assert outcome.verdict == verdict
    assert outcome.probability is not None
    assert least - 1e-3 <= outcome.probability <= most + 1e-3


def test_an_input_without_a_sourced_range_is_no_condition(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
metric: price.input_per_mtok
claimed: at least 5
believe: {price.input_per_mtok: 1 to 20}
readings:
  r:
""",
    )
    assert judged.verdict == "does not hold"
    (believed,) = judged.outcomes[0].believed
    assert believed.inside is None
    assert believed.sourced is None
    assert (believed.today, believed.needed, believed.holds) == (4, 5, ((5, 20),))


def test_the_sourced_range_is_that_of_the_file_whatever_a_reading_sets(tmp_path: Path) -> None:
    """A rate of 3.44 makes (rate / 1.30 − 1) · 4B 6.6B; the file gives 3.40 to 4.00 for it."""
    judged = judge(
        tmp_path,
        """
scenario: openai-2024
metric: cost.inference_at_market - cost.inference
set: {cost.inference: 4B, compute.market_gpu_hour: 3.70}
claimed: about 6B
believe: [compute.market_gpu_hour, compute.paid_gpu_hour]
readings:
  extra: {}
""",
    )
    assert judged.verdict == "holds only if"
    market, paid = judged.outcomes[0].believed
    assert list(*market.holds) == pytest.approx([1.30 * (1 + 5.4 / 4), 1.30 * (1 + 6.6 / 4)], rel=1e-9)
    assert market.needed == pytest.approx(3.445, rel=1e-9)
    assert (market.sourced, market.inside) == ((3.40, 4.00), True)
    assert paid.needed == pytest.approx(3.70 / (1 + 6.6 / 4), rel=1e-9)
    assert paid.inside is None
    assert sentence(judged) == (
        "Holds only if compute.market_gpu_hour of openai-2024 is 3.06 to 3.45 USD/GPU-hour, which its source "
        "allows."
    )


def test_an_input_is_shown_under_the_variant_whose_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The 2B of the variant has no range, and the 4B of openai-2024 has."""
    _, printed, _ = command("claims show compute-7b", capsys, monkeypatch)
    assert "cost.inference of openai-2024:spend-9b: no range is sourced" in printed


@pytest.mark.parametrize(("claimed", "needed"), [("at least 4", 4 * 1.30), ("at most 2", 2 * 1.30)])
def test_an_input_outside_its_range_is_no_condition(claimed: str, needed: float, tmp_path: Path) -> None:
    """The file gives 3.40 to 4.00: neither more nor less than that is within reach."""
    judged = judge(
        tmp_path,
        f"""
scenario: openai-2024
metric: compute.market_ratio
claimed: {claimed}
believe: [compute.market_gpu_hour]
readings:
  ratio: {{set: {{compute.market_gpu_hour: 3.70}}}}
""",
    )
    assert judged.verdict == "does not hold"
    (believed,) = judged.outcomes[0].believed
    assert believed.needed == pytest.approx(needed, rel=1e-9)
    assert believed.inside is False


def test_a_reading_of_several_numbers_holds_where_all_do(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
readings:
  both:
    all: &both
      - {metric: price.input_per_mtok, claimed: 4}
      - {metric: price.output_per_mtok, claimed: 16}
  dear:
    scenario: ./s.yaml:dear
    all: *both
""",
    )
    assert judged.verdict == "holds only if"
    found = by_name(judged)
    assert [figure.holds for figure in found["both"].figures] == [True, True]
    assert [figure.holds for figure in found["dear"].figures] == [False, True]


def test_several_numbers_are_drawn_as_one(tmp_path: Path) -> None:
    """A cost above 10 and below 11 at once: an eighth of the mass and more, and never both halves."""
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
readings:
  both:
    all:
      - {metric: cost.total, claimed: more than 10}
      - {metric: cost.total, claimed: less than 10}
""",
    )
    assert judged.outcomes[0].probability == 0
    assert judged.verdict == "does not hold"


def test_what_a_reading_sets_is_assumed(bundled: Claims) -> None:
    (figure,) = by_name(of(bundled, "price-cuts-deepen-the-loss"))["all prices halved, demand stays"].figures
    assert figure.basis == "assumed"


def test_an_undefined_number_does_not_hold_and_says_why(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
readings:
  runway: {metric: company.runway_months, claimed: more than 1, ranges: ignore}
  ratio: {compare: [./s.yaml, ./s.yaml:free], metric: price.input_per_mtok, claimed: more than 1}
""",
    )
    assert judged.verdict == "does not hold"
    reasons = [outcome.figures[0].reason for outcome in judged.outcomes]
    assert reasons == [Reason("earns_cash"), Reason("not_above_zero")]
    assert "is undefined (" in sentence(judged)


@pytest.mark.parametrize(("how", "value"), [("ratio", 0.5), ("saving", 1 - 8 / 4), ("difference", -4.0)])
def test_what_a_comparison_amounts_to(tmp_path: Path, how: str, value: float) -> None:
    judged = judge(
        tmp_path,
        f"""
compare: [./s.yaml, ./s.yaml:dear]
as: {how}
metric: price.input_per_mtok
claimed: more than -1000
readings:
  r:
""",
    )
    assert value_of(judged.outcomes[0]) == pytest.approx(value, rel=1e-12)


def test_two_metrics_may_be_compared(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        """
compare: [./s.yaml:dear, ./s.yaml]
metric: [price.input_per_mtok, price.output_per_mtok]
claimed: 0.5
readings:
  r:
""",
    )
    assert (judged.verdict, value_of(judged.outcomes[0])) == ("holds", 0.5)


def test_a_comparison_is_made_on_the_chat_workload_and_on_another_where_named(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        """
compare: [./s.yaml, ./s.yaml:dear]
metric: price.blended_per_mtok
claimed: more than 0
readings:
  chat: {}
  reasoning: {workload: reasoning}
""",
    )
    chat, reasoning = (value_of(outcome) for outcome in judged.outcomes)
    assert chat == pytest.approx((3 * 4 + 16) / (3 * 8 + 16))
    assert reasoning == pytest.approx((4 + 3 * 16) / (8 + 3 * 16))


def test_the_innermost_says_how_a_number_is_worked_out(tmp_path: Path) -> None:
    judged = judge(
        tmp_path,
        """
scenario: ./s.yaml
metric: price.input_per_mtok
claimed: about 4
within: 50%
readings:
  outer: {}
  inner: {claimed: about 4}
  compared: {compare: [./s.yaml:dear, ./s.yaml], as: difference, claimed: 4}
""",
    )
    reach = [(o.figures[0].part.claimed.low, o.figures[0].part.claimed.high) for o in judged.outcomes]
    assert reach == [(2, 6), (pytest.approx(3.6), pytest.approx(4.4)), (3.5, 4.5)]
    assert judged.verdict == "holds"


READINGS = {
    "holds": "{metric: price.output_per_mtok}",
    "undecided": "{metric: cost.total * 1.6}",
    "fails": "{metric: price.input_per_mtok}",
}


@pytest.mark.parametrize(
    ("names", "verdict"),
    [
        (("holds",), "holds"),
        (("undecided",), "undecided"),
        (("fails",), "does not hold"),
        (("holds", "undecided"), "holds only if"),
        (("holds", "fails"), "holds only if"),
        (("undecided", "fails"), "undecided"),
        (("holds", "undecided", "fails"), "holds only if"),
    ],
)
def test_the_verdict_follows_from_the_readings_whatever_their_order(
    tmp_path: Path, names: tuple[str, ...], verdict: str
) -> None:
    for order in itertools.permutations(names):
        lines = "".join(f"\n  {name}: {READINGS[name]}" for name in order)
        judged = judge(tmp_path, f"scenario: ./s.yaml\nclaimed: at least 16\nreadings:{lines}")
        assert {o.reading.name: o.verdict for o in judged.outcomes} == {
            name: {"holds": "holds", "undecided": "undecided", "fails": "does not hold"}[name]
            for name in names
        }
        assert judged.verdict == verdict


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-4, 1e5), st.floats(1e-4, 1e5), st.sampled_from(["ratio", "saving", "difference"]))
def test_a_claim_moved_to_the_computed_value_holds(
    tmp_path_factory: pytest.TempPathFactory, one: float, other: float, how: str
) -> None:
    folder = tmp_path_factory.mktemp("moved", numbered=True)
    for name, price in (("a", one), ("b", other)):
        (folder / f"{name}.yaml").write_text(f"price.input_per_mtok: {price!r}\n", encoding="utf-8")
    text = "compare: [./a.yaml, ./b.yaml]\nmetric: price.input_per_mtok\nas: {}\nclaimed: {}\nreadings:\n  r:"
    value = value_of(judge(folder, text.format(how, "more than -1e20")).outcomes[0])
    plain = f"{value:.25f}"
    for claimed in (f"at least {plain}", f"at most {plain}"):
        if value == 0 or abs(value) > 1e-9:
            assert judge(folder, text.format(how, claimed)).verdict == "holds"


# The claims that come along


def test_every_claim_says_who_said_it_when_and_records_its_verdict(bundled: Claims) -> None:
    assert len(bundled.judged) == 23
    for judged in bundled.judged:
        claim = judged.claim
        assert claim.statement.endswith(".")
        assert claim.who
        assert claim.when
        assert claim.source or "forum" in claim.who
        assert bool(claim.url) == bool(claim.source)
        assert claim.expected in VERDICTS
    assert bundled.ok
    assert [item.claim.id for item in bundled.judged if item.verdict != item.claim.expected] == []


def test_every_claim_rests_on_sourced_figures(bundled: Claims) -> None:
    for judged in bundled.judged:
        assert judged.cited
        assert [item.quantity.name for item in judged.cited if not item.datum.source] == []


def test_a_source_is_cited_although_a_reading_sets_the_same_value(bundled: Claims) -> None:
    """Two of the three readings of `jevons` set the elasticity, one of them to the 0 of the scenario."""
    cited = [item.datum for item in of(bundled, "jevons").cited]
    assert [(datum.value, datum.low, datum.high) for datum in cited] == [
        (0, None, None),
        (1.11, None, None),
        (0, 0, 1.11),
    ]
    assert "NBER" in (cited[-1].source or "")


def test_53_times_cheaper_is_sonnets_output_at_the_launch_price(bundled: Claims) -> None:
    judged = of(bundled, "v3-53x-cheaper")
    assert {name: value_of(outcome) for name, outcome in by_name(judged).items()} == {
        "output of Claude 3.5 Sonnet, launch price": pytest.approx(15 / 0.28),
        "output of GPT-4o, launch price": pytest.approx(10 / 0.28),
        "input of Claude 3.5 Sonnet, launch price": pytest.approx(3 / 0.14),
        "input of GPT-4o, launch price": pytest.approx(2.50 / 0.14),
        "output of Claude 3.5 Sonnet, price from February 2025": pytest.approx(15 / 1.10),
        "output of GPT-4o, price from February 2025": pytest.approx(10 / 1.10),
        "input of GPT-4o from the cache, price from February 2025": pytest.approx(1.25 / 0.07),
        "a chat with Claude 3.5 Sonnet, launch price": pytest.approx((3 * 3 + 15) / (3 * 0.14 + 0.28)),
        "a chat with GPT-4o, launch price": pytest.approx((3 * 2.50 + 10) / (3 * 0.14 + 0.28)),
    }
    assert judged.verdict == "holds only if"
    assert [o.reading.name for o in judged.holding] == ["output of Claude 3.5 Sonnet, launch price"]


def test_the_account_of_mid_2024_gives_a_range_of_revenue(bundled: Claims) -> None:
    """3.65 to 3.75B round to 3.7B, in the lower half of 3.5 to 4.5B; 8.5B of cost less that rounds to 5B.

    Revenue is as likely to exceed x as (4.5 − x)²: 0.85² − 0.75² between the two.
    """
    outcome = by_name(of(bundled, "lost-5b-on-3.7b"))["the account of mid-2024"]
    assert outcome.verdict == "undecided"
    assert outcome.probability == pytest.approx(0.16, abs=0.01)


def test_53_times_cheaper_needs_another_price(bundled: Claims) -> None:
    """About 53 is 47.7 to 58.3, so 10 USD of GPT-4o's output against 0.17 to 0.21."""
    outcome = by_name(of(bundled, "v3-53x-cheaper"))["output of GPT-4o, price from February 2025"]
    (believed,) = outcome.believed
    assert believed.today == 1.10
    assert list(*believed.holds) == pytest.approx([10 / 58.3, 10 / 47.7])
    assert believed.needed == pytest.approx(10 / 47.7)


def test_ten_to_a_hundred_times_shows_the_rungs_of_the_ladder(bundled: Claims) -> None:
    judged = of(bundled, "api-prices-10-to-100x")
    found = {name: value_of(outcome) for name, outcome in by_name(judged).items()}
    assert list(found.values()) == [
        pytest.approx(4.0 * 6 / 35),
        pytest.approx(4.0 / 3.7),
        pytest.approx(4.0 * 3.70 / 1.30 * 6 / 35),
        pytest.approx(8.7 / 3.7),
        pytest.approx((8.7 + 7 * (3.70 / 1.30 - 1)) / 3.7),
        pytest.approx(4.0 - 2.7),
        pytest.approx(4.0 * 3.70 / 1.30 - 2.7),
        pytest.approx(7.0 - 2.7),
        # m − K·√m − V = 0, where V is the API's 6/35 of 4.0 and K = 7.0 − V − 2.7
        pytest.approx((((kept := 4.3 - 24 / 35) + math.sqrt(kept**2 + 4 * 24 / 35)) / 2) ** 2),
        pytest.approx(7.0 * 3.70 / 1.30 - 2.7),
        pytest.approx(6.0),
        pytest.approx(8.7 + 7 * (3.70 / 1.30 - 1) - 2.7),
        pytest.approx(29.6, abs=0.05),
        pytest.approx(292, abs=0.5),
        pytest.approx(6.0),
    ]
    rungs = {
        (rung.boundary, rung.payer, rung.compute): rung.multiplier
        for rung in breakeven("openai-2024", elasticities=[0.0]).rungs
    }
    assert found["the API covers inference"] == pytest.approx(rungs["inference", "api-only", "paid"])
    assert found["the API covers inference and training"] == pytest.approx(
        rungs["cogs+training", "api-only", "paid"]
    )
    assert found["the API covers all cost, compute at the market rate"] == pytest.approx(
        rungs["total", "api-only", "market"]
    )
    assert [o.reading.name for o in judged.holding] == [
        "the API covers inference and training, compute at the market rate",
        "the API covers all cost, compute at the market rate",
        "the API covers all cost, demand answers with 0.5",
    ]


def test_when_the_credits_are_used_up(bundled: Claims) -> None:
    found = by_name(of(bundled, "more-credits-by-2025"))
    expected = {
        "used since January 2024, and gone when 2025 begins": (20, "does not hold"),
        "used since January 2024": (20, "holds"),
        "used since January 2024, with 13B of credits": (26, "does not hold"),
        "used since September 2024, when the essay was written": (20, "does not hold"),
        "used since September 2024, with 3B of training": (120 / 7, "does not hold"),
    }
    assert list(found) == list(expected)
    for name, (months, verdict) in expected.items():
        assert value_of(found[name]) == pytest.approx(months)
        assert found[name].verdict == verdict


def test_ten_to_a_hundred_times_shows_the_elasticities_at_which_it_becomes_true(bundled: Claims) -> None:
    (believed,) = by_name(of(bundled, "api-prices-10-to-100x"))["the API covers all cost"].believed
    ((low, high),) = believed.holds
    assert (round(low, 2), round(high, 2)) == (0.24, 0.64)
    for elasticity, times in ((low, 10), (high, 100)):
        scenario = load("openai-2024", set={"market.price_elasticity": elasticity})
        found = evaluate(scenario).value("breakeven.api_only_multiplier")
        assert found == pytest.approx(times, rel=1e-6)
    assert (believed.today, believed.sourced, believed.inside) == (0, (0, 1.11), True)


def test_half_the_price_deepens_no_loss_where_serving_costs_half_as_much(bundled: Claims) -> None:
    """Half of 3.7B of revenue is lost and half of 4B of inference saved; below 3.7B of it less is saved."""
    outcome = by_name(of(bundled, "price-cuts-deepen-the-loss"))[
        "all prices halved because serving costs half as much, demand stays"
    ]
    assert value_of(outcome) == pytest.approx((4.0e9 - 3.7e9) / 2)
    assert outcome.believed[0].needed == pytest.approx(3.7e9)


def test_6b_is_shown_as_the_whole_bill_and_as_the_extra(bundled: Claims) -> None:
    found = {name: value_of(o) for name, o in by_name(of(bundled, "servers-6b-a-year")).items()}
    year = 350e3 * 365 * 24
    assert found == {
        "the whole bill": pytest.approx(4e9 * 3.70 / 1.30),
        "the whole bill, with 2B of inference": pytest.approx(2e9 * 3.70 / 1.30),
        "the extra": pytest.approx(4e9 * 2.40 / 1.30),
        "the extra on 4B, where others pay 3.40": pytest.approx(4e9 * 2.10 / 1.30),
        "the extra on 4B, at two and a half times the rate": pytest.approx(6e9),
        "the extra on 2B of inference": pytest.approx(2e9 * 2.40 / 1.30),
        "the whole bill of 350,000 servers": pytest.approx(year * 3.70),
        "the extra on 350,000 servers": pytest.approx(year * 2.40),
    }


@pytest.mark.parametrize(
    ("name", "reading", "value"),
    [
        ("rate-2.5x-cheaper", "others pay between 3.40 and 4.00", 3.70 / 1.30),
        ("r1-30x-cheaper", "the price of output", 60 / 2.19),
        ("r1-30x-cheaper", "the price of input from the cache", 7.50 / 0.14),
        ("r1-96-percent-cheaper", "the price of output", 1 - 2.19 / 60),
        ("r1-96-percent-cheaper", "the price of input from the cache", 1 - 0.14 / 7.50),
        ("r1-96-percent-cheaper", "the price of a chat", 1 - (3 * 0.55 + 2.19) / (3 * 15 + 60)),
        ("more-credits-by-2025", "used since January 2024", 10 / 6 * 12),
        ("copilot-no-business", "1% pay 50 USD", 440e6 * 0.01 * 50 * 12 / (69.6e9 * 4)),
        (
            "copilot-no-business",
            "1% pay 50 USD, against the year that was known when the essay was written",
            440e6 * 0.01 * 50 * 12 / 245.1e9,
        ),
        ("anthropic-loses-2.7b", "the loss as it was reported", 2.7e9),
        ("compute-7b", "reports of early 2025, 2B and 3B", 5e9),
        ("jevons", "demand answers as in the one published estimate", 10**0.11),
        ("price-cuts-deepen-the-loss", "all prices halved, demand stays", -1.85e9),
        (
            "10b-do-not-carry-340b",
            "OpenAI would be valued at more years of its profit than Microsoft",
            34 / ((3.3e12 * 0.938 * 3.3e12) ** 0.5 / (4 * 31.7e9)),
        ),
        ("10b-do-not-carry-340b", "OpenAI's year would earn less than Microsoft's quarter", 10 / 31.7),
    ],
)
def test_readings_worked_out_by_hand(bundled: Claims, name: str, reading: str, value: float) -> None:
    assert value_of(by_name(of(bundled, name))[reading]) == pytest.approx(value, rel=1e-9)


def test_after_tax_microsoft_is_valued_at_as_many_years_of_profit(bundled: Claims) -> None:
    outcome = by_name(of(bundled, "10b-do-not-carry-340b"))[
        "OpenAI would be valued at more years of its profit than Microsoft, after tax"
    ]
    assert value_of(outcome) == pytest.approx(34 / (3.3e12 * 0.938**0.5 / (4 * 24.1e9)))
    assert outcome.verdict == "undecided"


def test_the_final_run_takes_57_days(bundled: Claims) -> None:
    cost, days = by_name(of(bundled, "v3-trained-for-5.6m"))[
        "the final run, at the rent that DeepSeek assumes"
    ].figures
    assert cost.value == pytest.approx(5.576e6)
    assert days.value == pytest.approx(2788e3 / 2048 / 24)
    assert days.quantity.unit == "day"


# Commands and forms


def command(
    arguments: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["llmcost", *arguments.split()])
    code = run()
    printed = capsys.readouterr()
    return code, printed.out, printed.err


UNEXPECTED = """
scenario: ./s.yaml
metric: price.input_per_mtok
claimed: 5
readings:
  r:
expect_verdict: holds
"""


@pytest.mark.parametrize("form", ANY)
def test_a_verdict_that_is_not_the_one_recorded_fails_after_the_report(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, UNEXPECTED)
    code, printed, complaints = command(f"claims {path} --format {form}", capsys, monkeypatch)
    assert (code, complaints) == (1, "")
    assert "does not hold" in printed
    if form in ("table", "markdown"):
        assert "x: the verdict is 'does not hold', and the ledger expects 'holds'" in " ".join(
            printed.split()
        )
    assert validate(path).ok  # the ledger itself is in order


def test_one_claim_that_is_not_as_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, printed, _ = command(f"claims show x {write(tmp_path, UNEXPECTED)}", capsys, monkeypatch)
    assert code == 1
    assert "The ledger expects 'holds'" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("claims show", "'claims show' takes the id of a claim; 'llmcost claims' lists them\n"),
        (
            "claims show v3-53x-cheeper",
            "no claim is called 'v3-53x-cheeper'; did you mean 'v3-53x-cheaper'?\n",
        ),
        ("claims nowhere.yaml", "nowhere.yaml: there is no such file or folder\n"),
        ("claims src", "src: holds no ledger (.yaml or .yml)\n"),
        (
            "claims tests/cases/unit.yaml",
            "tests/cases/unit.yaml:3:1: expected a mapping with 'claims', got a list\n",
        ),
    ],
)
def test_usage(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(arguments, capsys, monkeypatch) == (2, "", message)


def test_a_ledger_of_ones_own_is_found_beside_those_that_come_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine" / "claims"
    folder.mkdir(parents=True)
    body = "{statement: said, scenario: o1, metric: price.output_per_mtok, claimed: 60, readings: {r: }}"
    (folder / "own.yaml").write_text(f"claims:\n  own: {body}\n  jevons: {body}\n", encoding="utf-8")
    program = (
        "import llmcost; found = llmcost.claims(only=['own', 'jevons']).judged;"
        "print(*[(judged.claim.id, judged.verdict) for judged in found])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={"LLMCOST_PATH": str(tmp_path / "mine"), "PYTHONPATH": str(ROOT / "src")},
        encoding="utf-8",
    )
    assert done.stdout == "('own', 'holds') ('jevons', 'holds')\n"


def test_an_id_that_two_named_ledgers_have_is_an_error(tmp_path: Path) -> None:
    first = write(tmp_path, UNEXPECTED)
    second = tmp_path / "second.yaml"
    second.write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(LlmcostError) as caught:
        claims(first, second)
    assert str(caught.value) == f"{second}:4:3: duplicate claim 'x', first in {first}:4"


def test_the_ids_of_claims_are_completed() -> None:
    assert complete_claim("sho") == ["show"]
    assert complete_claim("v3-") == [
        "v3-53x-cheaper",
        "v3-prices",
        "v3-trained-for-5.6m",
        "v3-under-6m-in-two-months",
    ]


def test_rows_are_what_pandas_takes(bundled: Claims) -> None:
    dicts = bundled.to_dicts()
    assert [tuple(row.values()) for row in dicts] == bundled.rows()
    row = next(row for row in dicts if row["reading"] == "output of GPT-4o, launch price")
    assert row["value"] == 10 / 0.28
    assert row["factor"] == pytest.approx(10 / 0.28 / 47.7)


def test_foreign_text_is_escaped(tmp_path: Path) -> None:
    text = UNEXPECTED.replace("  r:", '  "a | <b>*c*": {note: "`x` [y](z)"}')
    result = claims(write(tmp_path, text))
    page = markdown.write(shown.views(result))
    assert r"a \| \<b\>\*c\*" in page
    assert r"\`x\` \[y\](z)" in page


def test_links_on_the_page_lead_to_its_headings(bundled: Claims) -> None:
    page = markdown.write(shown.views(bundled))
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    anchors = ["".join(c for c in heading if c.isalnum() or c in "-_") for heading in headings]
    assert headings == [judged.claim.id for judged in bundled.judged]
    assert [anchor for anchor in anchors if f"](<#{anchor}>)" not in page] == []


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-m", "llmcost", "claims", "show", "servers-6b-a-year", "--format", "json"],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert json.loads(outputs.pop())["ok"] is True


LEDGER = (ROOT / "scenarios" / "claims" / "2024-09-subprime-ai-crisis.yaml").read_text("utf-8")


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, len(LEDGER)),
    st.integers(0, 40),
    st.text(alphabet="abcx019 :,.[]{}-+*/%'\"&#|>\n", max_size=12),
)
def test_a_damaged_ledger_is_read_or_refused_with_its_place(start: int, length: int, put: str) -> None:
    text = LEDGER[:start] + put + LEDGER[start + length :]
    try:
        read_ledger(text, "damaged.yaml")
        problems = []
    except LlmcostError as error:
        problems = [problem for problem in error.problems if problem.line is None]
    assert problems == []


def test_a_folder_of_scenarios_stands_for_the_ledgers_in_its_claims(tmp_path: Path) -> None:
    """`claims scenarios` and `validate scenarios` reach what nobody would name by itself in CI."""
    folder = tmp_path / "scenarios" / "claims"
    folder.mkdir(parents=True)
    (folder.parent / "model.yaml").write_text("price: {blended_per_mtok: 1}\n", encoding="utf-8")
    body = "{statement: s, scenario: o1, metric: price.output_per_mtok, claimed: 60, readings: {r: {}}}"
    (folder / "own.yaml").write_text(f"kind: claims\nclaims:\n  own: {body}\n", encoding="utf-8")
    assert [judged.claim.id for judged in claims(folder.parent).judged] == ["own"]
    beside = folder.parent / "beside.yaml"
    beside.write_text(f"kind: claims\nclaims:\n  beside: {body}\n", encoding="utf-8")
    assert [judged.claim.id for judged in claims(folder.parent).judged] == ["beside", "own"]
    beside.unlink()
    assert [Path(file).name for file in validate(folder.parent).files] == ["model.yaml", "own.yaml"]
    (folder / "own.yaml").write_text(f"kind: claims\nclaims:\n  own: {body}x\n", encoding="utf-8")
    assert not validate(folder.parent).ok

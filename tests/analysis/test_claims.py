"""Claims: what is claimed, each verdict by hand, and what one would have to believe."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calling import ROOT, WORLD, Call, each, refusal
from llmcost import LlmcostError, claims, validate
from llmcost.analysis.claims.verdict import Claims, Finding, Judged
from llmcost.cli.claims import complete_claim
from llmcost.reasons import Reason
from llmcost.render import markdown
from llmcost.render.results import claims as shown
from llmcost.render.results.claims_words import sentence
from llmcost.scenario.files.ledger import read_ledger
from llmcost.scenario.values.claimed_range import parse_claimed
from llmcost.scenario.values.number import NotANumber
from llmcost.verbs import ANY

# A small company whose price is sure and whose cost is a range with as much on either side of 10.
FIRM = " The weakest figure behind this is stated without a basis."
SCENARIO = """\
price: {input_per_mtok: 4, output_per_mtok: 16}
revenue.total: 100
cost.total: {value: 10, low: 8, high: 12, dist: uniform}
cash.balance: 45
variants:
  dear: {price.input_per_mtok: 8}
  free: {price.input_per_mtok: 0}
"""


def write(folder: Path, text: str) -> Path:
    """Write a ledger of one claim, `x`, and the scenario that it is about, beside it."""
    (folder / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    path = folder / "ledger.yml"
    body = "".join(f"    {line}\n" for line in text.strip().splitlines())
    path.write_text(f"llmcost: 1\nkind: claims\nclaims:\n  x:\n    statement: said\n{body}", encoding="utf-8")
    return path


def judged_in(folder: Path, text: str) -> Judged:
    return claims(write(folder, text)).judged[0]


Judge = Callable[[str], Judged]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judge the claim that a text makes."""
    return lambda text: judged_in(tmp_path, text)


def by_name(judged: Judged) -> dict[str, Finding]:
    return {finding.reading.name: finding for finding in judged.findings}


def value_of(finding: Finding) -> float:
    (figure,) = finding.figures
    assert figure.value is not None
    return figure.value


@pytest.fixture
def essay() -> Claims:
    return claims(WORLD / "claims")


# What is claimed


@each(
    "text, low, high, strict",
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
        ("0.07", 0.065, 0.075, False),
        ("96%", 0.955, 0.965, False),
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


def test_what_never_happens_is_more_than_any_number() -> None:
    """A price that nothing reaches is above 10 and below nothing."""
    for text, above, below in (
        ("between 10 and 100", False, False),
        ("more than 10", True, False),
        ("at least 10", True, False),
        ("less than 100", False, True),
        ("at most 100", False, True),
        ("about 30", False, False),
    ):
        claimed = parse_claimed(text)
        assert (claimed.holds(math.inf), claimed.holds(-math.inf)) == (above, below), text
        assert claimed.each([math.inf, -math.inf]) == [above, below], text


def test_within_replaces_what_the_wording_allows() -> None:
    assert parse_claimed("about 30", within=0.5)[1:3] == (15, 45)
    assert parse_claimed("30", within=0.1)[1:3] == (27, 33)
    assert parse_claimed("30", within=0)[1:3] == (30, 30)
    with pytest.raises(NotANumber, match="'within' belongs to"):
        parse_claimed("at least 30", within=0.1)


@each(
    "text, meant",
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


@each("text", ["-2.7B", "1e-3", "about -3"])
def test_a_sign_of_the_number_itself_is_no_range(text: str) -> None:
    assert parse_claimed(text).low is not None


def test_within_is_less_than_the_number_itself(judge: Judge) -> None:
    text = """
compare: [lark, wren]
claimed: about 1
within: 15
readings:
  output: {metric: price.output_per_mtok}
"""
    with pytest.raises(LlmcostError, match="did you mean 15%"):
        judge(text)
    with pytest.raises(LlmcostError, match=r"150% is all of it or more$"):
        judge(text.replace("15", "150%"))


@each("said", ["about 90", "more than 90", "less than 90", "90", "53"])
def test_a_share_is_claimed_as_a_percentage(said: str, judge: Judge) -> None:
    text = f"""
compare: [lark, wren]
claimed: {said}
readings:
  output: {{metric: price.output_per_mtok, as: saving}}
"""
    with pytest.raises(LlmcostError, match="90% is written with its sign"):
        judge(text)


@each(
    "text, inside, outside",
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
    assert claimed.each((*inside, None, *outside)) == [True] * len(inside) + [False] * (1 + len(outside))


# Verdicts


def test_holds(judge: Judge) -> None:
    judged = judge("""
scenario: ./s.yaml
claimed: between 4 and 16
readings:
  input: {metric: price.input_per_mtok}
  output: {metric: price.output_per_mtok}
""")
    assert judged.verdict == "holds"
    assert [value_of(finding) for finding in judged.findings] == [4, 16]
    assert sentence(judged) == f"Holds, whichever reading is meant.{FIRM}"


def test_holds_only_if_one_reading_is_meant(judge: Judge) -> None:
    judged = judge("""
scenario: ./s.yaml
claimed: 16
readings:
  input: {metric: price.input_per_mtok}
  output: {metric: price.output_per_mtok}
""")
    assert judged.verdict == "holds only if"
    assert [finding.reading.name for finding in judged.holding] == ["output"]
    assert judged.nearest is None
    assert sentence(judged) == f"Holds only if it means “output”. Otherwise it overstates.{FIRM}"


def test_does_not_hold_and_by_how_much(judge: Judge) -> None:
    """4 and 16 against 20 to 40: the nearest is 16, a factor of 1.25 and a difference of 4 below 20."""
    judged = judge("""
scenario: ./s.yaml
claimed: between 20 and 40
readings:
  input: {metric: price.input_per_mtok}
  output: {metric: price.output_per_mtok}
""")
    assert judged.verdict == "does not hold"
    nearest = judged.nearest
    assert nearest is not None
    assert (nearest.reading.name, nearest.figures[0].off) == ("output", (20, -4, 0.8))
    assert sentence(judged) == (
        "Does not hold, not even for “output”: it overstates by 25.0%, 16.0 USD/Mtok against 20.0 USD/Mtok "
        f"at least.{FIRM}"
    )


def test_what_is_missed_by_a_share_is_told_in_points(tmp_path: Path, llmcost: Call) -> None:
    """A margin of 68.75 % is 68.8 points above 0, and not 68.8 % of anything.

    At a utilization of exactly 0 nothing is served and no margin is defined.
    """
    path = write(
        tmp_path,
        """
scenario: wren
claimed: less than 0
metric: unit.gross_margin
set: {serving.gpu_hour_cost: 1.8, serving.utilization: 100%}
believe: [serving.utilization]
readings:
  margin: {}
""",
    )
    (finding,) = claims(path).judged[0].findings
    assert finding.figures[0].value == pytest.approx(0.6875, rel=1e-9)
    out = llmcost("claims", "show", "x", str(path)).out
    assert "understates by 68.8 points" in out
    assert "“margin”: 31.2% or less, against 100%" in out


def test_undecided_with_the_probability(judge: Judge) -> None:
    """Half of an interval around 10 lies above 10: 254 of 509 draws, and one is 10."""
    judged = judge("""
scenario: ./s.yaml
claimed: more than 10
metric: cost.total
readings:
  cost: {}
""")
    assert judged.verdict == "undecided"
    assert judged.likeliest is not None
    assert judged.likeliest.probability == 254 / 509
    assert sentence(judged) == (
        f"Undecided: with inputs drawn from their ranges, it holds in 49.9% of the draws.{FIRM}"
    )


def test_undecided_names_every_reading_that_is(judge: Judge) -> None:
    """Half of the interval from 8 to 12 lies above 10, and three quarters above 9."""
    judged = judge("""
scenario: ./s.yaml
metric: cost.total
readings:
  much: {claimed: more than 10}
  less: {claimed: more than 9}
""")
    assert sentence(judged) == (
        "Undecided: with inputs drawn from their ranges, it holds in 49.9% of the draws for “much” and "
        f"75.0% of the draws for “less”.{FIRM}"
    )


def test_ranges_may_be_ignored(judge: Judge) -> None:
    judged = judge("""
scenario: ./s.yaml
metric: cost.total
claimed: at least 10
ranges: ignore
readings:
  cost: {}
""")
    assert (judged.verdict, judged.findings[0].probability) == ("holds", None)


@each(
    "claimed, verdict, least, most",
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
    judge: Judge, claimed: str, verdict: str, least: float, most: float
) -> None:
    text = f"scenario: ./s.yaml\nmetric: cost.total\nclaimed: {claimed}\nreadings:\n  cost:"
    (finding,) = judge(text).findings
    assert finding.verdict == verdict
    assert finding.probability is not None
    assert least - 1e-3 <= finding.probability <= most + 1e-3


def test_an_input_without_a_sourced_range_is_no_condition(judge: Judge) -> None:
    judged = judge("""
scenario: ./s.yaml
metric: price.input_per_mtok
claimed: at least 5
believe: {price.input_per_mtok: 1 to 20}
readings:
  r:
""")
    assert judged.verdict == "does not hold"
    (believed,) = judged.findings[0].believed
    assert believed.inside is None
    assert believed.sourced is None
    assert (believed.today, believed.needed, believed.holds) == (4, 5, ((5, 20),))


def test_the_sourced_range_is_that_of_the_file_whatever_a_reading_sets(judge: Judge) -> None:
    """A rate of 3.2 makes (rate / 1 − 1) · 2B 4.4B; the file gives 2.50 to 3.50 for it."""
    judged = judge("""
scenario: acme
metric: cost.inference_at_market - cost.inference
set: {cost.inference: 2B, compute.market_gpu_hour: 3.40}
claimed: about 4B
believe: [compute.market_gpu_hour, compute.paid_gpu_hour]
readings:
  extra: {}
""")
    assert judged.verdict == "holds only if"
    market, paid = judged.findings[0].believed
    assert list(*market.holds) == pytest.approx([1 + 3.6 / 2, 1 + 4.4 / 2], rel=1e-9)
    assert market.needed == pytest.approx(3.2, rel=1e-9)
    assert (market.sourced, market.inside) == ((2.50, 3.50), True)
    assert paid.needed == pytest.approx(3.40 / (1 + 4.4 / 2), rel=1e-9)
    assert paid.inside is None
    assert sentence(judged) == (
        "Holds only if compute.market_gpu_hour of acme is 2.80 to 3.20 USD/GPU-hour, which its source "
        "allows. The weakest figure behind this is assumed (cost.inference, compute.market_gpu_hour)."
    )


def test_an_input_is_shown_under_the_variant_whose_it_is(tmp_path: Path, llmcost: Call) -> None:
    """The 2B of the variant has no range, and the 2B of acme has."""
    path = write(
        tmp_path,
        """
metric: cost.inference
claimed: 3B
believe: [cost.inference]
readings:
  one: {scenario: acme}
  other: {scenario: "acme:totals"}
""",
    )
    printed = llmcost("claims", "show", "x", str(path)).out
    assert "cost.inference of acme:totals: no source gives a range" in printed


@each("claimed, needed", [("at least 4", 4), ("at most 2", 2)])
def test_an_input_outside_its_range_is_no_condition(claimed: str, needed: float, judge: Judge) -> None:
    """The file gives 2.50 to 3.50: neither more nor less than that is within reach."""
    judged = judge(f"""
scenario: acme
metric: compute.market_ratio
claimed: {claimed}
believe: [compute.market_gpu_hour]
readings:
  ratio: {{set: {{compute.market_gpu_hour: 3}}}}
""")
    assert judged.verdict == "does not hold"
    (believed,) = judged.findings[0].believed
    assert believed.needed == pytest.approx(needed, rel=1e-9)
    assert believed.inside is False


def test_a_reading_of_several_numbers_holds_where_all_do(judge: Judge) -> None:
    judged = judge("""
scenario: ./s.yaml
readings:
  both:
    all: &both
      - {metric: price.input_per_mtok, claimed: 4}
      - {metric: price.output_per_mtok, claimed: 16}
  dear:
    scenario: ./s.yaml:dear
    all: *both
""")
    assert judged.verdict == "holds only if"
    found = by_name(judged)
    assert [figure.holds for figure in found["both"].figures] == [True, True]
    assert [figure.holds for figure in found["dear"].figures] == [False, True]


def test_several_numbers_are_drawn_as_one(judge: Judge) -> None:
    """A cost above 10 and below 11 at once: an eighth of the mass and more, and never both halves."""
    judged = judge("""
scenario: ./s.yaml
readings:
  both:
    all:
      - {metric: cost.total, claimed: more than 10}
      - {metric: cost.total, claimed: less than 10}
""")
    assert judged.findings[0].probability == 0
    assert judged.verdict == "does not hold"


def test_what_a_reading_sets_is_assumed(judge: Judge) -> None:
    text = "scenario: ./s.yaml\nmetric: cost.total\nclaimed: 5\nreadings:\n  told: {set: {cost.total: 5}}"
    (figure,) = judge(text).findings[0].figures
    assert figure.basis == "assumed"


def test_a_source_is_cited_although_a_reading_sets_the_same_value(judge: Judge) -> None:
    """Two of the three readings set the elasticity, one of them to the 0 of the scenario."""
    text = """
scenario: acme
metric: market.price_elasticity
claimed: 0
readings:
  none: {set: {market.price_elasticity: 0}}
  paper: {scenario: "acme:elastic"}
  any: {}
"""
    cited = [item.datum for item in judge(text).cited]
    assert [(datum.value, datum.low, datum.high) for datum in cited] == [
        (0, None, None),
        (1.2, None, None),
        (0, 0, 1.2),
    ]
    assert cited[-1].source == "an essay, and a paper for the high end"


def test_an_undefined_number_does_not_hold_and_says_why(judge: Judge) -> None:
    judged = judge("""
scenario: ./s.yaml
readings:
  runway: {metric: company.runway_months, claimed: more than 1, ranges: ignore}
  ratio: {compare: [./s.yaml, ./s.yaml:free], metric: price.input_per_mtok, claimed: more than 1}
""")
    assert judged.verdict == "does not hold"
    reasons = [finding.figures[0].reason for finding in judged.findings]
    assert reasons == [Reason("earns_cash"), Reason("not_above_zero")]
    assert "is undefined (" in sentence(judged)


@each("how, value", [("ratio", 0.5), ("saving", 1 - 8 / 4), ("difference", -4.0)])
def test_what_a_comparison_amounts_to(judge: Judge, how: str, value: float) -> None:
    judged = judge(f"""
compare: [./s.yaml, ./s.yaml:dear]
as: {how}
metric: price.input_per_mtok
claimed: more than -1000
readings:
  r:
""")
    assert value_of(judged.findings[0]) == pytest.approx(value, rel=1e-12)


def test_two_metrics_may_be_compared(judge: Judge) -> None:
    judged = judge("""
compare: [./s.yaml:dear, ./s.yaml]
metric: [price.input_per_mtok, price.output_per_mtok]
claimed: 0.5
readings:
  r:
""")
    assert (judged.verdict, value_of(judged.findings[0])) == ("holds", 0.5)


def test_a_comparison_is_made_on_the_chat_workload_and_on_another_where_named(judge: Judge) -> None:
    judged = judge("""
compare: [./s.yaml, ./s.yaml:dear]
metric: price.blended_per_mtok
claimed: more than 0
readings:
  chat: {}
  rag: {workload: rag}
""")
    chat, rag = (value_of(finding) for finding in judged.findings)
    assert chat == pytest.approx((3 * 4 + 16) / (3 * 8 + 16))
    assert rag == pytest.approx((9 * 4 + 16) / (9 * 8 + 16))


def test_the_innermost_says_how_a_number_is_worked_out(judge: Judge) -> None:
    judged = judge("""
scenario: ./s.yaml
metric: price.input_per_mtok
claimed: about 4
within: 50%
readings:
  outer: {}
  inner: {claimed: about 4}
  compared: {compare: [./s.yaml:dear, ./s.yaml], as: difference, claimed: 4}
""")
    reach = [(o.figures[0].asked.claimed.low, o.figures[0].asked.claimed.high) for o in judged.findings]
    assert reach == [(2, 6), (pytest.approx(3.6), pytest.approx(4.4)), (3.5, 4.5)]
    assert judged.verdict == "holds"


READINGS = {
    "holds": "{metric: price.output_per_mtok}",
    "undecided": "{metric: cost.total * 1.6}",
    "fails": "{metric: price.input_per_mtok}",
}


@each(
    "names, verdict",
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
    judge: Judge, names: tuple[str, ...], verdict: str
) -> None:
    for order in itertools.permutations(names):
        lines = "".join(f"\n  {name}: {READINGS[name]}" for name in order)
        judged = judge(f"scenario: ./s.yaml\nclaimed: at least 16\nreadings:{lines}")
        assert {o.reading.name: o.verdict for o in judged.findings} == {
            name: {"holds": "holds", "undecided": "undecided", "fails": "does not hold"}[name]
            for name in names
        }
        assert judged.verdict == verdict


@given(st.floats(1e-4, 1e5), st.floats(1e-4, 1e5), st.sampled_from(["ratio", "saving", "difference"]))
def test_a_claim_moved_to_the_computed_value_holds(
    tmp_path_factory: pytest.TempPathFactory, one: float, other: float, how: str
) -> None:
    folder = tmp_path_factory.mktemp("moved", numbered=True)
    for name, price in (("a", one), ("b", other)):
        (folder / f"{name}.yaml").write_text(f"price.input_per_mtok: {price!r}\n", encoding="utf-8")
    text = "compare: [./a.yaml, ./b.yaml]\nmetric: price.input_per_mtok\nas: {}\nclaimed: {}\nreadings:\n  r:"
    value = value_of(judged_in(folder, text.format(how, "more than -1e20")).findings[0])
    plain = f"{value:.25f}"
    for claimed in (f"at least {plain}", f"at most {plain}"):
        if value == 0 or abs(value) > 1e-9:
            assert judged_in(folder, text.format(how, claimed)).verdict == "holds"


# Commands and forms


UNEXPECTED = """
scenario: ./s.yaml
metric: price.input_per_mtok
claimed: 5
readings:
  r:
expect_verdict: holds
"""


@each("form", ANY)
def test_a_verdict_that_is_not_the_one_recorded_fails_after_the_report(
    form: str, tmp_path: Path, llmcost: Call
) -> None:
    path = write(tmp_path, UNEXPECTED)
    code, printed, complaints = llmcost("claims", str(path), "--format", form)
    assert (code, complaints) == (1, "")
    assert "does not hold" in printed
    if form in ("table", "markdown"):
        said = "x: the verdict is 'does not hold', and the ledger expects 'holds'"
        assert said in " ".join(printed.split())
    assert validate(path).ok  # the ledger itself is in order
    done = llmcost("claims", "show", "x", str(path))
    assert done.code == 1
    assert "The ledger expects 'holds'" in done.out


@each(
    "arguments, message",
    [
        ("claims show", "'claims show' takes the id of a claim; 'llmcost claims' lists them\n"),
        (
            "claims show wren-20x-cheeper",
            "no claim is called 'wren-20x-cheeper'; did you mean 'wren-20x-cheaper'?\n",
        ),
        (
            "claims show nothing claims/essay.yaml",
            "no claim is called 'nothing'; 'llmcost claims claims/essay.yaml' lists all claims\n",
        ),
        ("claims nowhere.yaml", "nowhere.yaml: there is no such file or folder\n"),
        ("claims ../data", "../data: contains no ledger (.yaml or .yml)\n"),
        (
            "claims ../cases/unit.yaml",
            "../cases/unit.yaml:3:1: expected a mapping with 'claims', got a list\n",
        ),
    ],
)
def test_usage(arguments: str, message: str, llmcost: Call) -> None:
    assert llmcost(*arguments.split()) == (2, "", message)


def test_a_ledger_of_ones_own_is_found_beside_those_that_come_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine" / "claims"
    folder.mkdir(parents=True)
    body = "{statement: said, scenario: owl, metric: price.output_per_mtok, claimed: 60, readings: {r: }}"
    (folder / "own.yaml").write_text(f"claims:\n  own: {body}\n  lost-4b: {body}\n", encoding="utf-8")
    program = (
        "import llmcost; found = llmcost.claims(only=['own', 'lost-4b']).judged;"
        "print(*[(judged.claim.id, judged.verdict) for judged in found])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env={
            "LLMCOST_PATH": os.pathsep.join([str(tmp_path / "mine"), str(WORLD)]),
            "PYTHONPATH": str(ROOT / "src"),
        },
        encoding="utf-8",
    )
    assert done.stdout == "('own', 'holds') ('lost-4b', 'holds')\n"


def test_an_id_that_two_named_ledgers_have_is_an_error(tmp_path: Path) -> None:
    first = write(tmp_path, UNEXPECTED)
    second = tmp_path / "second.yaml"
    second.write_text(first.read_text(encoding="utf-8"), encoding="utf-8")
    assert refusal(claims, first, second) == f"{second}:4:3: duplicate claim 'x', first in {first}:4"


def test_the_ids_of_claims_are_completed() -> None:
    assert complete_claim("sho") == ["show"]
    assert complete_claim("tra") == ["trained-for-5m"]


def test_rows_are_what_pandas_takes(essay: Claims) -> None:
    dicts = essay.to_dicts()
    assert [tuple(row.values()) for row in dicts] == essay.rows()
    row = next(row for row in dicts if row["reading"] == "the price of output at launch")
    assert row["value"] == 16 / 0.2
    assert row["factor"] == pytest.approx(80 / 22)


def test_foreign_text_is_escaped(tmp_path: Path) -> None:
    text = UNEXPECTED.replace("  r:", '  "a | <b>*c*": {note: "`x` [y](z)"}')
    result = claims(write(tmp_path, text))
    page = markdown.write(shown.views(result))
    assert r"a \| \<b\>\*c\*" in page
    assert r"\`x\` \[y\](z)" in page


def test_links_on_the_page_lead_to_its_headings(essay: Claims) -> None:
    page = markdown.write(shown.views(essay))
    headings = [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")]
    anchors = ["".join(c for c in heading if c.isalnum() or c in "-_") for heading in headings]
    assert headings == [judged.claim.id for judged in essay.judged]
    assert [anchor for anchor in anchors if f"](<#{anchor}>)" not in page] == []
    assert "## From an essay on Acme, and what was said of it\n" in page


LEDGER = (WORLD / "claims" / "essay.yaml").read_text("utf-8")


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
    body = "{statement: s, scenario: owl, metric: price.output_per_mtok, claimed: 60, readings: {r: {}}}"
    (folder / "own.yaml").write_text(f"kind: claims\nclaims:\n  own: {body}\n", encoding="utf-8")
    assert [judged.claim.id for judged in claims(folder.parent).judged] == ["own"]
    beside = folder.parent / "beside.yaml"
    beside.write_text(f"kind: claims\nclaims:\n  beside: {body}\n", encoding="utf-8")
    assert [judged.claim.id for judged in claims(folder.parent).judged] == ["beside", "own"]
    beside.unlink()
    assert [Path(file).name for file in validate(folder.parent).files] == ["model.yaml", "own.yaml"]
    (folder / "own.yaml").write_text(f"kind: claims\nclaims:\n  own: {body}x\n", encoding="utf-8")
    assert not validate(folder.parent).ok


# Direction, basis, quotations


@each(
    "metric, claimed, direction, said",
    [
        ("price.output_per_mtok", "less than 8", "understates", "understates by a factor of 2.00"),
        ("price.output_per_mtok", "about 20", "overstates", "overstates by 12.5%"),
        # A loss of 90 where 60 are claimed is understated, and one of 120 overstated.
        ("cost.total - revenue.total", "about -60", "understates", "understates by 24.0 USD"),
        ("cost.total - revenue.total", "about -120", "overstates", "overstates by 18.0 USD"),
    ],
)
def test_a_claim_that_is_off_has_a_direction(
    metric: str, claimed: str, direction: str, said: str, tmp_path: Path, judge: Judge, llmcost: Call
) -> None:
    text = f"scenario: ./s.yaml\nmetric: {metric}\nclaimed: {claimed}\nranges: ignore\nreadings:\n  r:"
    judged = judge(text)
    assert (judged.direction, judged.findings[0].direction) == (direction, direction)
    assert said in sentence(judged)
    path = str(tmp_path / "ledger.yml")
    (told,) = json.loads(llmcost("claims", "show", "x", path, "--format", "json").out)["claims"]
    assert (told["direction"], told["basis"]) == (direction, "stated")
    assert told["readings"][0]["numbers"][0]["off"]["direction"] == direction
    assert f"{direction}, stated" in llmcost("claims", path).out


def test_readings_that_miss_either_way_have_no_direction(judge: Judge) -> None:
    judged = judge("""
scenario: ./s.yaml
claimed: 8
readings:
  input: {metric: price.input_per_mtok}
  output: {metric: price.output_per_mtok}
""")
    assert [finding.direction for finding in judged.findings] == ["overstates", "understates"]
    assert judged.direction is None


FACTS = """\
llmcost: 1
kind: claims
facts:
  bill: {value: 8.67B, unit: USD, basis: reported, source: a leak, url: https://example.com/leak}
  share: {value: 0.8658B, unit: USD, basis: reported, source: a leak}
  rate: {value: 20%, unit: share, basis: assumed, source: what is said}
  loose: {value: 1 to 3, basis: estimated, source: a guess, dist: uniform}
claims:
  twice:
    statement: said
    claimed: about 2
    readings:
      of what the share makes: {metric: bill / (share / rate)}
  quoted:
    statement: said
    claimed: 8.67B
    readings:
      the bill: {metric: bill}
  loose:
    statement: said
    claimed: more than 2
    believe: [loose]
    readings:
      r: {metric: loose}
  money:
    statement: said
    scenario: acme
    ranges: ignore
    claimed: about 0
    readings:
      left of 12B: {metric: 12B - cost.total - revenue.total}
"""


def test_facts_are_numbers_with_their_sources(tmp_path: Path, llmcost: Call) -> None:
    """8.67 over 0.8658 / 20 % = 4.329 is 2.0028; acme costs 8B and earns 4B."""
    path = tmp_path / "facts.yaml"
    path.write_text(FACTS, encoding="utf-8")
    found = {item.claim.id: item for item in claims(path).judged}
    assert value_of(found["twice"].findings[0]) == pytest.approx(2.00277, rel=1e-5)
    assert (found["twice"].verdict, found["twice"].basis, found["twice"].weak) == (
        "holds",
        "assumed",
        ("rate",),
    )
    quoted = found["quoted"]
    assert sentence(quoted).startswith("Quotes its source: a leak. There is nothing else to compare it with.")
    loose = found["loose"]
    assert loose.findings[0].probability == pytest.approx(0.5, abs=1e-3)
    (believed,) = loose.findings[0].believed
    assert list(believed.sourced or ()) == [1, 3]
    money = found["money"]
    assert money.basis == "reported"
    assert [item.verdict for item in (quoted, loose, money)] == ["quotes its source", "undecided", "holds"]
    printed = llmcost("claims", "show", "twice", str(path)).out
    assert "bill / (share / rate) = 8.67B / (865.8M / 20%) = 2" in printed
    assert "https://example.com/leak" in printed


def test_a_projection_is_worked_out_and_drawn(judge: Judge) -> None:
    """Cash of 45 is below 100 wherever the draws of cost, 8 to 12 a year, put its end."""
    judged = judge("""
scenario: ./s.yaml
claimed: more than 10B
readings:
  r: {metric: 10B + project.cash_end}
""")
    (finding,) = judged.findings
    assert (finding.verdict, finding.probability) == ("holds", 1)


@each(
    "text, verdict",
    [
        # Nobody's own number, and what follows from nothing else.
        ("metric: cost.inference\nclaimed: 2B", "quotes its source"),
        (
            "all: [{metric: cost.staff, claimed: 1B}, {metric: cost.staff / 2, claimed: 0.5B}]",
            "quotes its source",
        ),
        ("all: [{metric: cost.staff, claimed: 1B}, {metric: cost.total, claimed: 8B}]", "holds"),
        ("metric: cost.total - revenue.total\nclaimed: 4B", "holds"),
        ("metric: cost.total - revenue.total\nclaimed: 4B\nquotes: the Gazette", "quotes its source"),
        ("metric: cost.inference\nclaimed: 3B", "does not hold"),
    ],
)
def test_what_only_repeats_what_is_stated_quotes_its_source(text: str, verdict: str, judge: Judge) -> None:
    body = "".join(f"\n    {line}" for line in text.split("\n"))
    judged = judge(f"scenario: acme\nranges: ignore\nreadings:\n  r:{body}")
    assert judged.verdict == verdict


# Thresholds

JEVONS = """
scenario: acme
metric: 0.1 ^ (1 - market.price_elasticity)
claimed: more than 1
readings:
  spending:
    turns_on:
      input: market.price_elasticity
      between: 0 to 3
      estimates: ESTIMATES
"""


@each(
    "estimates, verdict, known",
    [
        ("[few, paper, report]", "holds only if", [False, True, None]),
        ("[paper]", "holds", [True]),
        ("[few]", "does not hold", [False]),
    ],
)
def test_a_threshold_is_told_beside_what_is_published(
    estimates: str, verdict: str, known: list[bool | None], tmp_path: Path
) -> None:
    """0.1^(1 − ε) exceeds 1 where ε does: 0.06 makes it 0.115, 1.11 makes it 1.288."""
    path = write(tmp_path, JEVONS.replace("ESTIMATES", estimates))
    used = {
        "few": "{value: 0.06, basis: estimated, source: a platform}",
        "paper": "{value: 1.11, basis: estimated, source: a paper}",
        "report": "{value: 0.9 to 1.6, basis: reported, source: a report}",
    }
    facts = "".join(f"  {name}: {said}\n" for name, said in used.items() if name in estimates)
    path.write_text(
        path.read_text()
        .replace("claims:\n", f"facts:\n{facts}claims:\n", 1)
        .replace("kind: facts", "kind: claims"),
        encoding="utf-8",
    )
    judged = claims(path).judged[0]
    (finding,) = judged.findings
    assert finding.threshold is not None
    assert (judged.verdict, finding.probability) == (verdict, None)
    assert list(*finding.threshold.believed.holds) == pytest.approx([1, 3], rel=1e-6)
    assert [item.holds for item in finding.threshold.known] == known
    if "few" in estimates:
        assert list(finding.threshold.known[0].values) == pytest.approx([0.1148], rel=1e-3)
    if verdict == "holds only if":
        assert sentence(judged) == (
            "Holds only if market.price_elasticity of acme is 1.00 or more; published values are 0.0600 (a "
            "platform), 1.11 (a paper) and 0.900 to 1.60 (a report). The weakest figure behind this "
            "is estimated (market.price_elasticity)."
        )


def test_what_differs_among_buyers_is_no_doubt_about_one_number(tmp_path: Path, llmcost: Call) -> None:
    """Others pay 2.50 to 3.50 where acme pays 1: about 2.5 times is true of those who pay up to 2.75."""
    path = write(
        tmp_path,
        """
scenario: acme
metric: compute.market_ratio
claimed: about 2.5
readings:
  r: {turns_on: {input: compute.market_gpu_hour, varies: buyers}}
""",
    )
    judged = claims(path).judged[0]
    assert (judged.verdict, judged.basis) == ("holds only if", "reported")
    assert sentence(judged).startswith(
        "Holds only if compute.market_gpu_hour of acme is 2.25 to 2.75 USD/GPU-hour; among buyers it is 2.50 "
        "to 3.50 USD/GPU-hour."
    )
    printed = llmcost("claims", "show", "x", str(path)).out
    assert "Among buyers, compute.market_gpu_hour of acme differs, for “r”" in printed
    assert "gives 2.50× to 3.50×: holds for part of it" in " ".join(printed.split())


@each("named", ["s", "./s.yaml", "s.yaml"])
def test_whose_an_input_is_is_said_as_scenarios_are_named(named: str, judge: Judge) -> None:
    judged = judge(f"""
compare: [./s.yaml, lark]
metric: price.output_per_mtok
claimed: about 1
believe: [{named}/price.output_per_mtok]
readings:
  r:
""")
    assert judged.findings[0].believed[0].needed == pytest.approx(8.8)

"""Price catalogues behind one adapter: small ones made up, in the formats of the real ones."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from calling import Call, each, refusal
from llmcost.analysis.ask.load import library, load
from llmcost.analysis.ask.prices import check_prices, prices
from llmcost.errors import LlmcostError
from llmcost.scenario.catalogues import genai_prices, model_prices
from llmcost.scenario.values.datum import Datum


def rates(day: str, basis: str, **values: Any) -> dict[str, Any]:
    return {
        "valid_from": f"{day}T16:00:00Z",
        "valid_from_basis": basis,
        "source": f"https://x.example/{day}",
        **values,
    }


STANDARD = [
    {"start": None, "rates": rates("2026-03-01", "first observed", input=4.0, output=20.0, cache_write=5.0)},
    {
        "start": "2026-05-01T00:00:00Z",
        "rates": rates(
            "2026-05-01",
            "documented",
            input=2.0,
            output=10.0,
            cache_read=0.2,
            cache_write=2.5,
            cache_write_1h_multiple=2.0,
            tiers=[{"above": 200_000, "input": 4.0, "output": 15.0}],
        ),
    },
]
NO_CACHE = [
    {"start": None, "rates": rates("2026-03-01", "documented", input=4.0, output=20.0, cache_read=0.0)}
]
BATCH = [{"start": None, "rates": rates("2026-05-01", "documented", input=1.0, output=6.0)}]
DEAR_HOURS = {"provider": "tern", "valid_from": "2026-06-01T00:00:00Z", "peak_multiplier": 2.0}
CHEAP_HOURS = {
    "provider": "gull",
    "valid_from": "2026-04-01T00:00:00Z",
    "valid_until": "2026-05-01T00:00:00Z",
    "off_peak_multiplier": {"gull-1": 0.25},
}
THINKING = [{"start": None, "rates": rates("2026-03-01", "documented", input=4.0, output=30.0)}]
SNAPSHOT = {
    "prices": {
        "heron": {"heron-2.5": {"standard": STANDARD, "batch": BATCH}, "heron-3": {"standard": STANDARD}},
        "tern": {"tern-1": {"standard": STANDARD[:1]}},
        "gull": {"gull-1": {"standard": STANDARD[:1], "thinking": THINKING}},
        "old": {"old-1": {"standard": NO_CACHE}},
    },
    "schedules": {"schedule": [DEAR_HOURS, CHEAP_HOURS]},
}


class Listed(SimpleNamespace):
    """A model of genai-prices."""

    def is_match(self, name: str) -> bool:
        return bool(name == f"{self.id}-latest")


def from_day(day: dt.date, **values: Any) -> SimpleNamespace:
    return SimpleNamespace(constraint=SimpleNamespace(start_date=day), prices=SimpleNamespace(**values))


def always(**values: Any) -> SimpleNamespace:
    return SimpleNamespace(constraint=None, prices=SimpleNamespace(**values))


NEWEST = dt.date(2026, 6, 9)
IN_BATCHES = SimpleNamespace(
    when={"processing": "batch"}, constraint=None, prices=SimpleNamespace(input_mtok=0.5, output_mtok=1.0)
)
PROVIDERS = {
    "host": SimpleNamespace(
        pricing_urls=["https://host.example"],
        models=[
            Listed(
                id="open-7b",
                prices=SimpleNamespace(input_mtok=1.0, output_mtok=2.0),
                price_variants=[IN_BATCHES],
            ),
            Listed(
                id="rising",
                prices=[
                    always(input_mtok=2.0, output_mtok=4.0),
                    from_day(dt.date(2026, 12, 1), input_mtok=4.0, output_mtok=8.0),
                ],
                price_variants=None,
            ),
            Listed(
                id="fallen",
                prices=[
                    always(input_mtok=9.0, output_mtok=9.0),
                    from_day(NEWEST, input_mtok=1.0, output_mtok=1.0),
                ],
                price_variants=None,
            ),
        ],
    )
}


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Put made-up catalogues in place, and stand in an empty folder."""
    monkeypatch.setattr(model_prices, "data", lambda: SNAPSHOT)
    monkeypatch.setattr(genai_prices, "data", lambda: PROVIDERS)
    monkeypatch.setattr(genai_prices, "newest", lambda: NEWEST)
    monkeypatch.setattr("importlib.metadata.version", lambda name: "9.9")
    monkeypatch.chdir(tmp_path)
    library.cache_clear()
    yield
    library.cache_clear()


def prices_on(reference: str) -> dict[str, float]:
    data = load(reference).data
    return {
        name.removeprefix("price."): datum.value for name, datum in data.items() if name.startswith("price.")
    }


def test_tiers_batches_and_caches_come_over_whole() -> None:
    assert prices_on("heron/heron-2.5") == {
        "input_per_mtok": 2,
        "output_per_mtok": 10,
        "cached_input_per_mtok": 0.2,
        "cache_write_per_mtok": 2.5,
        "cache_write_1h_per_mtok": 4,
        # Half of input and 0.6 of output: the dearer of the two.
        "batch_multiplier": 0.6,
        "long_context_above": 200_000,
        "long_context_input_multiplier": 2,
        "long_context_output_multiplier": 1.5,
    }


def test_a_cache_hit_that_costs_nothing_is_no_price() -> None:
    assert "price.cached_input_per_mtok" not in load("old/old-1").data


def test_a_price_says_where_it_is_from() -> None:
    datum = load("heron/heron-2.5@2026-04-01").data["price.input_per_mtok"]
    assert (datum.value, datum.basis, datum.source) == (4, "reported", "model-prices 9.9, first observed")
    assert (datum.since, datum.url) == (dt.date(2026, 3, 1), "https://x.example/2026-03-01")
    datum = load("heron/heron-2.5").data["price.input_per_mtok"]
    assert (datum.value, datum.basis, datum.source) == (2, "disclosed", "model-prices 9.9, documented")


@each("reference", ["heron/heron-2.5@2026-02-28", "host/open-7b@2026-06-08", "host/fallen@2026-06-08"])
def test_a_date_before_the_first_known_price_is_an_error(reference: str) -> None:
    with pytest.raises(LlmcostError, match="has nothing dated"):
        load(reference)


def test_the_price_of_the_peak_is_taken_with_what_other_hours_cost_of_it() -> None:
    assert prices_on("tern/tern-1") == {
        "input_per_mtok": 8,
        "output_per_mtok": 40,
        "cache_write_per_mtok": 10,
        "off_peak_multiplier": 0.5,
    }
    assert prices_on("tern/tern-1@2026-05-01")["output_per_mtok"] == 20


def test_hours_are_cheap_as_long_as_they_are_said_to_be_and_thinking_has_its_own_price() -> None:
    known = {"input_per_mtok": 4, "output_per_mtok": 20, "cache_write_per_mtok": 5, "reasoning_per_mtok": 30}
    assert prices_on("gull/gull-1") == known
    assert prices_on("gull/gull-1@2026-04-30") == {**known, "off_peak_multiplier": 0.25}


def test_hosts_and_announced_prices_of_the_other_catalogue() -> None:
    assert prices_on("host/open-7b") == {"input_per_mtok": 1, "output_per_mtok": 2, "batch_multiplier": 0.5}
    assert prices_on("host/open-7b-latest") == prices_on("host/open-7b")
    assert prices_on("host/rising@2026-11-30")["output_per_mtok"] == 4
    assert prices_on("host/rising")["output_per_mtok"] == 8


def test_ones_own_file_comes_first() -> None:
    Path("ours.yaml").write_text("aliases: [heron/heron-3]\nprice.input_per_mtok: 7\n", encoding="utf-8")
    Path("scenarios").mkdir()
    Path("ours.yaml").rename("scenarios/ours.yaml")
    library.cache_clear()
    assert prices_on("heron/heron-3") == {"input_per_mtok": 7}


@each(
    "reference, said",
    [
        ("heron/heron-4", "no price catalogue has heron/heron-4; of that family it has heron-3, heron-2.5"),
        ("heron/heron", "no price catalogue has heron/heron; of that family it has heron-3, heron-2.5"),
        ("heron/heron-2-5-x", "no price catalogue has heron/heron-2-5-x; did you mean heron-2.5?"),
        ("nobody/heron-3", "nobody/heron-3: there is no such file or folder"),
    ],
)
def test_no_suggestion_changes_a_version(reference: str, said: str) -> None:
    assert refusal(load, reference) == said


def test_without_the_extra_a_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_prices, "data", lambda: None)
    monkeypatch.setattr(genai_prices, "data", lambda: None)
    with pytest.raises(LlmcostError, match=r"a price of openai/gpt-9 needs the extra 'prices': pip install"):
        load("openai/gpt-9")
    with pytest.raises(LlmcostError, match="'prices check' needs the extra 'prices'"):
        check_prices()


def test_a_history() -> None:
    found = [
        (str(p.since), p.datum and p.datum.value)
        for p in prices("heron/heron-2.5").prices
        if "output_per" in p.name
    ]
    assert found == [("2026-03-01", 20), ("2026-05-01", 10)]
    assert all(isinstance(price.datum, Datum) for price in prices("heron/heron-2.5").prices)


def test_differences_are_mended_or_explained(llmcost: Call) -> None:
    Path("scenarios").mkdir()
    own = Path("scenarios/mine.yaml")
    text = (
        "kind: model\naliases: [host/open-7b]\n"
        "price.input_per_mtok: {value: 1, source: list}\nprice.output_per_mtok: {value: 3, source: list}\n"
    )
    own.write_text(text, encoding="utf-8")
    done = llmcost("prices", "check", "mine")
    assert done.code == 1
    assert "mine    output_per_mtok   2026-06-09   3.00    2.00   genai-prices 9.9" in done.out
    assert "Models checked: 1. Differences that no note explains: 1; explained: 0." in done.out
    library.cache_clear()
    saying = "genai-prices: output_per_mtok 2"
    assert f"add '{saying}' and the reason to its note" in done.out
    # The catalogue's name alone explains nothing, nor does another price, nor what it had before.
    for note, code in {
        "genai-prices has another price.": 1,
        "genai-prices: input_per_mtok 2.": 1,
        "genai-prices: output_per_mtok 2.5.": 1,
        "genai-prices: output_per_mtok none.": 1,
        "model-prices: output_per_mtok 2.": 1,
        f"Ours is by contract. {saying}.": 0,
        "genai-prices: input_per_mtok 1, output_per_mtok 2.00; see the contract": 0,
    }.items():
        library.cache_clear()
        own.write_text(text + f"note: {json.dumps(note)}\n", encoding="utf-8")
        done = llmcost("prices", "check", "mine")
        assert (note, done.code) == (note, code)
        assert f"that no note explains: {code}; explained: {1 - code}." in done.out


def test_a_model_in_no_catalogue_says_so(llmcost: Call) -> None:
    Path("scenarios").mkdir()
    own = Path("scenarios/mine.yaml")
    text = "kind: model\naliases: [host/closed-9b]\nprice.input_per_mtok: {value: 1, source: list}\n"
    own.write_text(text, encoding="utf-8")
    assert llmcost("prices", "check", "mine").code == 1
    library.cache_clear()
    own.write_text(text + "note: No catalogue lists it.\n", encoding="utf-8")
    assert llmcost("prices", "check", "mine").code == 0


def test_a_history_is_a_table_with_a_row_a_day(llmcost: Call) -> None:
    lines = [line.split() for line in llmcost("prices", "heron/heron-2.5").out.splitlines()]
    assert ["2026-03-01", "4.00", "–", "5.00", "20.0"] in [line[:5] for line in lines]
    assert ["2026-05-01", "2.00", "0.200", "2.50", "10.0"] in [line[:5] for line in lines]


def test_the_prices_of_a_day_alone(llmcost: Call) -> None:
    rows = llmcost("prices", "heron/heron-2.5@2026-04-01", "--format", "jsonl").out.splitlines()
    assert [(row["since"], row["value"]) for row in map(json.loads, rows)] == [
        ("2026-03-01", 4),
        ("2026-03-01", 20),
        ("2026-03-01", 5),
    ]
    done = llmcost("prices", "heron/heron-2.5@2026-02-28")
    assert (done.code, "has nothing dated 2026-02-28 or earlier" in done.err) == (2, True)

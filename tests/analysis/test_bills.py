"""Usage exports and bills as portfolios: tokens by what they are charged as, beside what list prices say.

heron costs 2 USD/Mtok for input, 0.20 for cache reads, and 16 for output; its list has no other price.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calling import ROOT, Call, Done, each
from llmcost.analysis.ask.evaluation import evaluate
from llmcost.analysis.ask.importing import Imported, import_files
from llmcost.analysis.ask.load import library, load
from llmcost.errors import LlmcostError
from llmcost.scenario.catalogues import genai_prices, model_prices
from llmcost.scenario.imports.draft import Asked
from llmcost.scenario.imports.focus import meaning
from llmcost.scenario.imports.langfuse import kind_of
from llmcost.scenario.imports.large import _told as told_of
from llmcost.scenario.imports.large import read_large
from llmcost.scenario.imports.registry import formats

SAMPLES = ROOT / "tests" / "imports"
MONTH = 365 / 12
HERON = (
    "llmcost: 1\nkind: model\nprice: {input_per_mtok: 2, cached_input_per_mtok: 0.2, output_per_mtok: 16}\n"
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The price lists are those of these files, whatever extras are installed.
    monkeypatch.setattr(model_prices, "data", lambda: None)
    monkeypatch.setattr(genai_prices, "data", lambda: None)
    monkeypatch.chdir(tmp_path)
    Path("scenarios").mkdir()
    Path("scenarios/heron.yaml").write_text(HERON, encoding="utf-8")
    library.cache_clear()


def imported(*names: str, **asked: str) -> Imported:
    return import_files([str(SAMPLES / name) for name in names], asked=Asked(**asked))


# Each worked out by hand: tokens by class in the order input, cached, written, written for an hour, output,
# reasoning; requests; what was billed, and what heron's list says.
@each(
    "names, expected",
    [
        (
            ("openai-usage.json",),
            {
                "heron-2026-01-15-batch": ((1e6, 0, 0, 0, 2e5, 0), 100, None, None),
                "heron-2026-01-15": ((1.5e6, 1.5e6, 0, 0, 4e5, 0), 900, None, 9.7),
            },
        ),
        (
            ("openai-usage.csv", "openai-costs.csv"),
            {
                "heron-2026-01-15-batch": ((1e6, 0, 0, 0, 2e5, 0), 100, 14.9 * 1.2 / 4.6, None),
                "heron-2026-01-15": ((1.5e6, 1.5e6, 0, 0, 4e5, 0), 900, 14.9 * 3.4 / 4.6, 9.7),
            },
        ),
        (
            ("anthropic-usage.json", "anthropic-costs.json"),
            {
                "heron-20260115-batch": ((1e6, 0, 0, 0, 5e5, 0), None, 5.0, None),
                "heron-20260115": ((2e5, 1.4e6, 3e5, 1e5, 5e5, 0), None, 9.83, 9.48),
            },
        ),
        (("litellm-spend-logs.jsonl",), {"heron": ((1.2e5, 1.8e5, 0, 0, 3.5e4, 5e3), 2, 1.24, 0.916)}),
        (("langfuse-observations.jsonl",), {"heron": ((2e4, 1.8e5, 0, 0, 1.5e4, 5e3), 1, 0.396, 0.396)}),
        (("openrouter-activity.csv",), {"heron-20260115": ((3e5, 0, 0, 0, 2.5e4, 5e3), 2, 1.08, 1.08)}),
        (("openrouter-activity.json",), {"heron-20260115": ((2e5, 0, 0, 0, 1.5e4, 5e3), 5, 0.72, 0.72)}),
        (("focus.csv",), {"heron": ((2e6, 1e6, 0, 0, 1e5, 0), None, 5.8, 5.8)}),
        (
            ("ccusage-daily.json",),
            {
                "claude-haiku-4-5-20251001": ((6e3, 0, 0, 0, 1.2e3, 0), None, None, None),
                "claude-sonnet-4-5-20250929": ((6480, 455400, 72000, 0, 8640, 0), None, None, None),
            },
        ),
    ],
)
def test_usage_is_counted_by_what_it_is_charged_as(names: tuple[str, ...], expected: dict[str, Any]) -> None:
    lines = imported(*names).lines
    assert [line.name for line in lines] == list(expected)
    for line in lines:
        tokens, requests, billed, listed = expected[line.name]
        assert tuple(line.sum.tokens.values()) == tokens
        assert line.sum.requests == requests
        assert line.sum.billed == (None if billed is None else pytest.approx(billed))
        assert line.total == (None if listed is None else pytest.approx(listed))


def test_a_bill_becomes_parts_with_traffic_and_what_was_billed() -> None:
    Path("bill.yaml").write_text(imported("litellm-spend-logs.jsonl").text, encoding="utf-8")
    bill = evaluate(load("./bill.yaml"))
    assert bill.value("parts.heron.traffic.input_tokens_per_day") == 150_000
    assert bill.value("parts.heron.traffic.cached_input_share") == pytest.approx(0.6)
    assert bill.value("parts.heron.traffic.requests_per_day") == 1
    assert bill.value("parts.cost_per_month") == pytest.approx(1.24 * MONTH / 2)


def test_without_a_bill_list_prices_say_what_it_costs() -> None:
    usage = json.loads((SAMPLES / "openai-usage.json").read_text("utf-8"))
    del usage["data"][0]["results"][1]
    Path("u.json").write_text(json.dumps(usage), encoding="utf-8")
    Path("bill.yaml").write_text(import_files(["u.json"]).text, encoding="utf-8")
    assert evaluate(load("./bill.yaml")).value("parts.cost_per_month") == pytest.approx(9.7 * MONTH / 2)


def test_a_bill_that_differs_says_why() -> None:
    result = imported("litellm-spend-logs.jsonl")
    said = "heron: billed 1.24 USD where the price list says 0.92 USD: cache reads were charged as input"
    assert result.draft.findings == [said]
    assert f"  {said}.\n" in result.text


def test_a_tier_without_a_price_is_said() -> None:
    said = "heron-2026-01-15-batch: the list of heron@2026-11-02 has no price.batch_multiplier"
    assert imported("openai-usage.json").draft.findings == [said]


def spend(**changes: Any) -> str:
    row = {"request_id": "r", "call_type": "c", "model": "heron", "startTime": "2026-11-01T09:00:00Z"}
    return (
        json.dumps(row | {"prompt_tokens": 1_000_000, "completion_tokens": 0, "spend": 2.0} | changes) + "\n"
    )


def told(text: str, **asked: str) -> str:
    Path("f.jsonl").write_text(text, encoding="utf-8")
    return "\n".join(import_files(["f.jsonl"], asked=Asked(**asked)).draft.findings)


def test_a_bill_without_an_explanation_is_told_as_a_ratio() -> None:
    assert told(spend()) == ""
    assert told(spend(spend=3.0)).endswith("the price list says 2.00 USD, which is 1.5 times as much")


def test_an_unknown_model_is_named_and_has_no_price() -> None:
    result = imported("ccusage-daily.json")
    assert (
        result.draft.findings[1]
        == "no price of 'claude-sonnet-4-5-20250929' is known (534k tokens in, 8.64k out)"
    )
    Path("bill.yaml").write_text(result.text, encoding="utf-8")
    with pytest.raises(LlmcostError, match=r"parts.cost_per_month: lacks parts.claude-haiku"):
        evaluate(load("./bill.yaml")).value("parts.cost_per_month")
    assert told(spend(model="owlet")) == "no price of 'owlet' is known (1M tokens in, 0 out, billed 2.00 USD)"


def test_what_was_billed_for_no_tokens_is_said() -> None:
    said = "2.50 USD was billed for 'web search', which has no tokens here: it is left out"
    assert imported("openai-usage.json", "openai-costs.json").draft.findings[-1] == said


def test_a_column_splits_the_bill() -> None:
    assert [line.name for line in imported("litellm-spend-logs.jsonl", by="customer").lines] == [
        "acme-heron",
        "beta-heron",
    ]
    days = imported("openrouter-activity.csv", by="day").lines
    assert [line.name for line in days] == ["2026-11-01-heron-20260115", "2026-11-02-heron-20260115"]
    with pytest.raises(
        LlmcostError, match="'custommer' is not a column of such a file; allowed are customer"
    ):
        imported("litellm-spend-logs.jsonl", by="custommer")


def test_nobody_is_copied() -> None:
    for path in SAMPLES.iterdir():
        if path.suffix != ".md":
            assert "secret" not in import_files([str(path), *_beside(path)]).text
    text = spend(end_user="ann@example.com") + spend(end_user="sk-abcdef123") + spend(end_user="acme")
    Path("f.jsonl").write_text(text, encoding="utf-8")
    result = import_files(["f.jsonl"], asked=Asked(by="customer"))
    assert [line.name for line in result.lines] == ["acme-heron", "customer-1-heron", "customer-2-heron"]
    assert result.draft.findings[0].startswith("2 names that are addresses or keys are not copied")


def _beside(path: Path) -> list[str]:
    """The usage that a report of costs belongs to."""
    usage = path.with_name(path.name.replace("costs", "usage"))
    return [] if usage == path else [str(usage)]


def test_days_without_usage_count() -> None:
    assert imported("openai-usage.json").bill is not None
    assert imported("openai-usage.json").bill.days == 2  # type: ignore[union-attr]
    assert "1000000 / 4\n" in imported("openai-usage.json", days="4").text


@each(
    "text, said",
    [
        (spend(prompt_tokens=-5), "f.jsonl:1:111: prompt_tokens: expected a number of 0 or more, got -5"),
        (spend(prompt_tokens="1e400"), "f.jsonl:1:111: prompt_tokens: expected at most 1e+18, got 1e400"),
        (
            spend(startTime="yesterday"),
            "f.jsonl:1:70: startTime: expected a day or time such as 2026-11-26, got yesterday",
        ),
        (spend(model=""), "f.jsonl:1:1: does not say which model was used; export usage by model"),
        (
            spend(metadata={"usage_object": {"cache_read_input_tokens": 2_000_000}}),
            "f.jsonl:1:111: prompt_tokens: is 1,000,000, and cached and written tokens in it are 2,000,000",
        ),
        (spend(metadata="{"), "f.jsonl:1:170: metadata: expected JSON"),
        (spend(prompt_tokens=0, spend=0), "f.jsonl: contains no usage of a model"),
        (spend(prompt_tokens=0), "f.jsonl: has billed amounts but no tokens; import the usage with it"),
        (spend(startTime=None), "f.jsonl: does not say which days it covers; state how many with --days N"),
        (
            spend() + spend().replace("prompt_tokens", "promt_tokens"),
            "f.jsonl:2:1: has no 'prompt_tokens'; did you mean 'promt_tokens'?",
        ),
    ],
)
def test_what_is_wrong_with_usage_has_its_place(text: str, said: str, llmcost: Call) -> None:
    Path("f.jsonl").write_text(text, encoding="utf-8")
    assert llmcost("import", "f.jsonl", "-o", "bill.yaml") == Done(2, "", f"{said}\n")
    assert not Path("bill.yaml").exists()


def test_another_currency_is_refused_where_it_stands(llmcost: Call) -> None:
    rows = (SAMPLES / "focus.csv").read_text("utf-8").replace("1.60,acct-secret,USD", "1.60,acct-secret,EUR")
    Path("f.csv").write_text(rows, encoding="utf-8")
    said = "f.csv:3: BillingCurrency: expected USD, got EUR; convert the amounts first\n"
    assert llmcost("import", "f.csv") == Done(2, "", said)


def test_costs_alone_are_no_usage(llmcost: Call) -> None:
    done = llmcost("import", str(SAMPLES / "openai-costs.json"))
    assert done.code == 2
    assert done.err.endswith("has billed amounts but no tokens; import the usage with it\n")


@each(
    "old, new, said",
    [
        ('"2026-11-03"', '"2026-11"', ":3:5: is a report of months, whose days are not known; "),
        ('"modelsUsed"', '"tokenCounts"', ":3:5: is a report of blocks, which lack what a model used; "),
        (": 2720", ": 2721", ":5:22: inputTokens: is 2,721, and its models come to 2,720\n"),
    ],
)
def test_reports_of_ccusage_that_do_not_tell_days_and_models(
    llmcost: Call, old: str, new: str, said: str
) -> None:
    assert f"ccusage-daily.json{said}" in llmcost("import", sample("ccusage-daily.json", (old, new))).err


def test_reports_of_the_successor_of_ccusage() -> None:
    """It names the day of a report `period`, and that of a session in its metadata."""
    name, date = "ccusage-daily.json", '"date": "2026-11-03"'
    session = '"metadata": {"lastActivity": "2026-11-03T23:30:00.000Z"}, "period": "s-1"'
    for changes in ([('"date"', '"period"')], [(date, session), ('"daily"', '"session"')]):
        found = import_files([sample(name, *changes)])
        assert found.bill is not None
        assert (found.bill.first, found.bill.days) == ("2026-11-03", 3)
        assert [line.sum.tokens for line in found.lines] == [line.sum.tokens for line in imported(name).lines]


def test_what_a_bill_in_focus_holds_besides_used_tokens(llmcost: Call) -> None:
    """Hours, tokens bought ahead and tokens left unused are no use; a correction may have no quantity."""
    head, used, *_ = (SAMPLES / "focus.csv").read_text("utf-8").splitlines()
    lacking = used.replace(",2000,1K Tokens,4.00", ",,1K Tokens,4.00").replace(",2000,1K", ",,1K")

    def bill(*rows: str) -> str:
        lines = [f"{head},ChargeClass,CommitmentDiscountStatus", f"{used},,", *rows]
        Path("f.csv").write_text("\n".join(lines), encoding="utf-8")
        return "f.csv"

    found = import_files(
        [
            bill(
                f"{used.replace('Tokens', 'Hours')},,",
                f"{used.replace(',Usage,', ',Purchase,')},,",
                f"{used},,Unused",
                f"{lacking.replace('4.00,acct', '-1.00,acct')},Correction,",
            )
        ]
    )
    assert [(line.sum.read, line.sum.billed) for line in found.lines] == [(2e6, 3.0)]
    said = "12.00 USD was billed for 'other services', which has no tokens here: it is left out"
    assert said in found.draft.findings
    done = llmcost("import", bill(f"{lacking},,"))
    assert (done.code, done.err) == (2, "f.csv:3: has no 'ConsumedQuantity'\n")


@each(
    "words, expected",
    [
        ("gpt 4o 0806 Inp glbl Tokens", ("input", "gpt-4o-0806", "standard")),
        ("gpt-4o-0806-cached-Inp-glbl", ("cached", "gpt-4o-0806", "standard")),
        ("gpt 4o 0806 Batch Outp glbl Tokens", ("output", "gpt-4o-0806", "batch")),
        ("USE1-Claude3Haiku-output-tokens", ("output", "claude3haiku", "standard")),
        ("USE1-ClaudeSonnet4.5-cache-read-input-token-count", ("cached", "claude-sonnet4.5", "standard")),
        ("USE1-ClaudeSonnet4.5-cache-write-input-token-count", ("written", "claude-sonnet4.5", "standard")),
        ("Virtual Machine", (None, "virtual-machine", "standard")),
    ],
)
def test_what_a_sku_stands_for(words: str, expected: tuple[str | None, str, str]) -> None:
    assert meaning(words) == expected


@each(
    "key, kind",
    [
        ("input", "input"),
        ("input_cached_tokens", "cached"),
        ("cache_read_input_tokens", "cached"),
        ("cache_creation_input_tokens", "written"),
        ("input_cache_creation_1h", "written_1h"),
        ("input_ephemeral_5m_input_tokens", "written"),
        ("input_ephemeral_1h_input_tokens", "written_1h"),
        ("output_reasoning_tokens", "reasoning"),
        ("output", "output"),
        ("total", None),
        ("audio_seconds", None),
    ],
)
def test_what_a_kind_of_token_of_langfuse_stands_for(key: str, kind: str | None) -> None:
    assert kind_of(key) == kind


def test_a_bill_is_shown_with_what_list_prices_say(llmcost: Call) -> None:
    done = llmcost("import", str(SAMPLES / "litellm-spend-logs.jsonl"), "--format", "csv")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1].startswith(
        "heron,heron,2.0,120000.0,180000.0,0.0,0.0,35000.0,5000.0,1.24,0.916,"
    )


# What is too large to be read whole is summed by DuckDB first


@pytest.fixture
def _all_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmcost.scenario.imports.large.MOST_BYTES", 0)


def packed(*names: str) -> list[str]:
    """Return compressed copies of samples."""
    for name in names:
        Path(f"{name}.gz").write_bytes(gzip.compress((SAMPLES / name).read_bytes()))
    return [f"{name}.gz" for name in names]


def sample(name: str, *changes: tuple[str, str]) -> str:
    """Write a sample with some changes, and return where."""
    text = (SAMPLES / name).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path(name).write_text(text, encoding="utf-8")
    return name


def rows(*changes: dict[str, Any]) -> str:
    Path("rows.jsonl").write_text("".join(spend(**each) for each in changes), encoding="utf-8")
    return "rows.jsonl"


@pytest.mark.parametrize(
    ("write", "by"),
    [
        (lambda: packed("openrouter-activity.csv"), None),
        (lambda: packed("litellm-spend-logs.jsonl"), "customer"),
        (lambda: packed("litellm-spend-logs.jsonl"), "feature"),
        (lambda: packed("openai-usage.csv", "openai-costs.csv"), None),
        # A day ends in Greenwich, wherever its times were taken.
        (lambda: [sample("openrouter-activity.csv", ("02 09:00:00.000", "02T23:00:00-05:00"))], "day"),
        # Charged by the month: thirty days, of which each has a thirtieth.
        (lambda: [sample("focus.csv", ("-11-02T00:00:00Z,2026-11-01", "-12-01T00:00:00Z,2026-11-01"))], None),
        # What stands under one name here stands under another there, or was not counted at all.
        (
            lambda: [
                rows(
                    {
                        "metadata": {"usage_object": {"cache_read_input_tokens": 300}},
                        "request_tags": ["a", "b"],
                    },
                    {"metadata": {"additional_usage_values": {"cache_read_input_tokens": 5}}},
                    {"prompt_tokens": 0, "spend": 7},
                    {"startTime": 1793608200, "request_tags": '["a"]'},
                )
            ],
            "feature",
        ),
    ],
)
def test_duckdb_sums_what_python_does(
    write: Callable[[], list[str]], by: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(by=by)
    files = write()
    small = import_files(files, asked=asked)
    monkeypatch.setattr("llmcost.scenario.imports.large.MOST_BYTES", 0)
    large = import_files(files, asked=asked)
    assert [line.name for line in small.lines] == [line.name for line in large.lines]
    for one, other in zip(small.lines, large.lines, strict=True):
        assert (one.sum.tokens, one.sum.requests) == (other.sum.tokens, other.sum.requests)
        assert (one.sum.billed, one.total) == pytest.approx((other.sum.billed, other.total))
    assert small.bill is not None
    assert large.bill is not None
    assert (small.bill.days, small.draft.findings) == (large.bill.days, large.draft.findings)


def test_what_the_first_rows_do_not_show() -> None:
    """A column that is quoted, or a key that is new, far behind what DuckDB looks at to tell the format."""
    head, first, second = (SAMPLES / "openrouter-activity.csv").read_text("utf-8").splitlines()
    text = "\n".join([head, *[first] * 21_000, second.replace("Lab,", '"Lab, Inc.",')])
    Path("f.csv.gz").write_bytes(gzip.compress(text.encode(), 1))
    late = spend(metadata={"usage_object": {"cache_read_input_tokens": 9}}, new=1)
    Path("f.jsonl.gz").write_bytes(gzip.compress((spend(metadata={}) * 21_000 + late).encode(), 1))
    for name, cached in (("f.csv.gz", 0), ("f.jsonl.gz", 9)):
        content, found = read_large(name, formats(), None)
        (item,) = found.read([content], Asked()).sums  # type: ignore[union-attr]
        assert (item.requests, item.tokens["cached"]) == (21_001, cached)


def test_a_pattern_is_every_file_of_it_and_parquet_is_a_table() -> None:
    import duckdb

    for number in (1, 2):
        sample = SAMPLES / "openrouter-activity.csv"
        duckdb.sql(f"COPY (SELECT * FROM read_csv('{sample}')) TO 'a{number}.parquet'")
    assert import_files(["a*.parquet"]).lines[0].sum.requests == 4


def test_small_files_of_a_pattern_are_read_whole_and_their_faults_have_lines(
    llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)  # none of it takes the extra
    for number in range(6):
        Path(f"{number}").mkdir()
        text = (SAMPLES / ACTIVITY).read_text("utf-8")
        Path(f"{number}/a{number % 5}.csv").write_text(text, encoding="utf-8")
    found = import_files(["[0-5]/a*.csv"])
    assert found.lines[0].sum.requests == 12
    assert found.text.startswith("# Imported by llmcost from a0.csv and 4 other files: ")
    assert llmcost("import", "[0-5]/a?.csv", "1/a1.csv").err.startswith("1/a1.csv: is named twice, ")
    assert llmcost("import", "[0-5]/b*.csv").err == "[0-5]/b*.csv: no file is of this pattern\n"
    Path("3/a3.csv").write_text(text[:-30], encoding="utf-8")
    assert llmcost("import", "*/a*.csv").err.startswith("3/a3.csv:3: has ")


ACTIVITY = "openrouter-activity.csv"
BOUNDS = "openrouter-activity.csv:3: tokens_prompt: expected "


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda: sample(ACTIVITY, (",100000,", ",-5,")), f"{BOUNDS}a number of 0 or more, got -5"),
        (lambda: sample(ACTIVITY, (",100000,", ",1e400,")), f"{BOUNDS}at most 1e+18, got inf"),
        (lambda: sample(ACTIVITY, (",100000,", ",,")), f"{ACTIVITY}:3: has no 'tokens_prompt'"),
        (lambda: sample(ACTIVITY, (",100000,", ",many,")), ACTIVITY),
        (
            lambda: sample("focus.csv", ("1.60,acct-secret,USD", "1.60,acct-secret,EUR")),
            "focus.csv:3: BillingCurrency: expected USD, got EUR; convert the amounts first",
        ),
        (
            lambda: rows({}, {"startTime": "yesterday"}),
            "rows.jsonl:2: startTime: expected a day or time such as 2026-11-26, got yesterday",
        ),
        (lambda: rows({}, {"prompt_tokens": 10**400}), "rows.jsonl:2: prompt_tokens: expected at most 1e+18"),
        (
            lambda: rows({}, {"prompt_tokens": "many"}),
            "rows.jsonl:2: prompt_tokens: expected a number, got many",
        ),
    ],
)
@pytest.mark.usefixtures("_all_is_large")
def test_a_fault_of_a_large_table_has_its_line(write: Callable[[], str], said: str, llmcost: Call) -> None:
    done = llmcost("import", write(), "-o", "bill.yaml")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1
    assert "secret" not in done.err
    assert not Path("bill.yaml").exists()


@pytest.mark.usefixtures("_all_is_large")
def test_a_fault_of_one_of_many_large_tables_has_its_file_and_line(llmcost: Call) -> None:
    text = (SAMPLES / "focus.csv").read_text("utf-8")
    Path("a.csv").write_text(text, "utf-8")
    Path("b.csv").write_text(text.replace("1.60,acct-secret,USD", "1.60,acct-secret,EUR"), "utf-8")
    said = "b.csv:3: BillingCurrency: expected USD, got EUR; convert the amounts first"
    assert llmcost("import", "?.csv").err.startswith(said)


@each(
    "message, said",
    [
        (
            "Conversion Error: CSV Error on Line: 7\nOriginal Line: secret\n"
            'Error when converting column "tokens". Could not convert string "many" to \'BIGINT\'\n',
            "f.csv:7: tokens: expected a number, got many",
        ),
        (
            "Invalid Input Error: CSV Error on Line: 7\nOriginal Line: secret\n"
            "Expected Number of Columns: 24 Found: 12\n",
            "f.csv:7: has 12 fields, where the header has 24; the file may be cut off",
        ),
        (
            "Invalid Input Error: CSV Error on Line: 7\nOriginal Line: secret\n"
            "Invalid unicode (byte sequence mismatch) detected.",
            "f.csv:7: is not UTF-8; save the file as UTF-8",
        ),
        (
            "IO Error: Unexpected end of GZIP stream: f.csv",
            "f.csv: is not a gzip file that can be read: it may be cut off",
        ),
        (
            'Invalid Input Error: Malformed JSON in file "f", at byte 91 in line 3: unexpected end of data. ',
            "f.csv:2: is not JSON: unexpected end of data",
        ),
        ("IO Error: of a new kind.\nmore", "f.csv: is a table that cannot be read: of a new kind"),
    ],
)
def test_what_duckdb_says_is_told_in_a_line(message: str, said: str) -> None:
    assert str(told_of(Exception(message), "f.csv")) == said


@pytest.mark.usefixtures("_all_is_large")
def test_what_duckdb_cannot_read_is_one_line(llmcost: Call) -> None:
    Path("f.parquet").write_bytes(b"PAR1 and no more")
    Path("g.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    for name, said in (
        ("f.parquet", "f.parquet: is a table that cannot be read: "),
        (
            "g.csv.gz",
            "g.csv.gz: is of no format whose tables llmcost sums (openai, litellm, openrouter, focus); ",
        ),
        ("x*.csv", "x*.csv: no file is of this pattern\n"),
        ("h.parquet", "h.parquet: cannot be read: No such file or directory\n"),
    ):
        done = llmcost("import", name)
        assert done.code == 2
        assert done.err.startswith(said)
        assert done.err.count("\n") == 1


@pytest.mark.usefixtures("_all_is_large")
def test_without_duckdb_a_large_table_says_what_it_needs(
    llmcost: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    done = llmcost("import", *packed("focus.csv"))
    assert done.code == 2
    assert done.err.startswith("to read focus.csv.gz needs the extra 'data': ")


def test_a_small_packed_file_needs_no_duckdb(llmcost: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    (path,) = packed("litellm-spend-logs.jsonl")
    assert import_files([path]).lines[0].sum.requests == 2
    Path("cut.json.gz").write_bytes(Path(path).read_bytes()[:60])
    Path("bare.json.gz").write_text("{}", encoding="utf-8")
    for name in ("cut.json.gz", "bare.json.gz"):
        done = llmcost("import", name)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert done.err.startswith(f"{name}: is not a gzip file that can be read: ")


# The whole price list: writes at 2.50 and 4.00, reasoning at 20, half price in batches


RICH = HERON.rstrip("}\n") + (
    ", cache_write_per_mtok: 2.5, cache_write_1h_per_mtok: 4, reasoning_per_mtok: 20, "
    "batch_multiplier: 50%}\n"
)


def rich(more: str = "") -> None:
    Path("scenarios/heron.yaml").write_text(RICH.replace("}", f"{more}}}"), encoding="utf-8")
    library.cache_clear()


@each(
    "name, expected",
    [
        ("openai-usage.json", {"-2026-01-15-batch": (2 + 3.2) / 2, "-2026-01-15": 3 + 0.3 + 6.4}),
        ("anthropic-usage.json", {"-20260115-batch": (2 + 8) / 2, "-20260115": 0.4 + 0.28 + 0.75 + 0.4 + 8}),
        ("litellm-spend-logs.jsonl", {"": 0.24 + 0.036 + 0.56 + 0.1}),
        ("langfuse-observations.jsonl", {"": 0.04 + 0.036 + 0.24 + 0.1}),
        ("openrouter-activity.csv", {"-20260115": 0.6 + 0.4 + 0.1}),
        ("focus.csv", {"": 4 + 0.2 + 1.6}),
        ("ccusage-daily.json", {"": 0.01296 + 0.09108 + 0.18 + 0.13824}),
    ],
)
def test_every_kind_of_token_and_tier_is_priced_in_the_part(name: str, expected: dict[str, float]) -> None:
    rich()
    text = (SAMPLES / name).read_text("utf-8").replace("claude-sonnet-4-5-20250929", "heron")
    Path(name).write_text(text.replace("claude-haiku-4-5-20251001", "osprey"), encoding="utf-8")
    result = import_files([name])
    Path("bill.yaml").write_text(result.text, encoding="utf-8")
    bill = evaluate(load("./bill.yaml"))
    assert result.bill is not None
    lines = {line.name: line.total for line in result.lines if line.reference}
    assert lines == {f"heron{end}": pytest.approx(cost) for end, cost in expected.items()}
    for end, cost in expected.items():
        part = f"parts.heron{end}"
        tokens = bill.value(f"{part}.traffic.tokens_per_day")
        price = bill.value(f"{part}.price.blended_per_mtok")
        assert tokens is not None
        assert price is not None
        assert tokens * price / 1e6 * (result.bill.days or 0) == pytest.approx(cost)


NOT_GIVEN = "the discount of the batch tier was not applied"


def test_a_discount_that_was_not_given_is_named() -> None:
    rich()
    costs = json.loads((SAMPLES / "anthropic-costs.json").read_text("utf-8"))
    for bucket in costs["data"]:
        for item in bucket["results"]:
            if item["service_tier"] == "batch":
                item["amount"] = str(2 * float(item["amount"]))
    Path("c.json").write_text(json.dumps(costs), encoding="utf-8")
    usage = str(SAMPLES / "anthropic-usage.json")
    agreed = import_files([usage, str(SAMPLES / "anthropic-costs.json")]).draft.findings
    assert [said for said in agreed if "price list says" in said] == []
    said = import_files([usage, "c.json"]).draft.findings[0]
    assert said.endswith("billed 19.83 USD where the price list says 14.83 USD: " + NOT_GIVEN)


@each(
    "used, billed, said",
    [
        (
            {"cache_read_input_tokens": 322_223},  # 0.0644 in place of 0.6444, beside 0.1156 of input
            0.76,
            "billed 0.76 USD where the price list says 0.18 USD: cache reads were charged as input",
        ),
        ({"cache_creation_input_tokens": 100_000}, 0.56, "cache writes were charged as input"),
        ({"cache_creation_input_tokens": 100_000}, 0.76, "charged as those kept for an hour"),
    ],
)
def test_what_was_charged_otherwise_is_named(used: dict[str, int], billed: float, said: str) -> None:
    rich()
    tokens = 322_223 + 57_800 if billed == 0.76 and "read" in said else 280_000
    row = spend(prompt_tokens=tokens, spend=billed, metadata={"usage_object": used})
    assert told(row).endswith(said)


def test_long_requests_are_priced_as_such() -> None:
    """150,000 tokens a request on average: input costs twice as much, output half as much again."""
    rich(", long_context_above: 100k, long_context_input_multiplier: 2, long_context_output_multiplier: 1.5")
    result = imported("litellm-spend-logs.jsonl")
    cost = (0.24 + 0.036) * 2 + (0.56 + 0.1) * 1.5
    assert result.lines[0].total == pytest.approx(cost)
    Path("bill.yaml").write_text(result.text, encoding="utf-8")
    bill = evaluate(load("./bill.yaml"))
    price = bill.value("parts.heron.price.blended_per_mtok")
    assert price is not None
    assert price * 0.34 == pytest.approx(cost)  # of 340,000 tokens
    assert "other prices for requests above 100k tokens" in imported("focus.csv").draft.findings[-1]


# What is imported is gated


def test_a_bill_that_grows_fails(llmcost: Call) -> None:
    Path("budget.yaml").write_text(
        "llmcost: 1\nkind: portfolio\nextends: ./bill.yaml\nexpect: {parts.cost_per_month: {below: 20}}\n",
        "utf-8",
    )
    Path("bill.yaml").write_text(told_text(spend()), encoding="utf-8")
    assert llmcost("check", "budget.yaml").code == 1  # 2 USD a day are 60.83 a month
    Path("bill.yaml").write_text(told_text(spend(prompt_tokens=100_000, spend=0.2)), encoding="utf-8")
    assert llmcost("check", "budget.yaml").code == 0
    assert llmcost("snapshot", "bill.yaml", "-o", "before.json").code == 0
    Path("bill.yaml").write_text(told_text(spend(prompt_tokens=200_000, spend=0.4)), encoding="utf-8")
    done = llmcost("diff", "before.json", "--tolerance", "10%")
    assert done.code == 1
    assert "parts.cost_per_month" in done.out


def test_a_bill_that_disagrees_with_its_list_fails_until_it_says_why(llmcost: Call) -> None:
    Path("bill.yaml").write_text(told_text(spend(spend=3.0)), encoding="utf-8")
    budget = (
        "llmcost: 1\nkind: portfolio\nextends: ./bill.yaml\nexpect: {parts.cost_per_month: {below: 200}}\n"
    )
    Path("budget.yaml").write_text(budget, encoding="utf-8")
    assert llmcost("check", "budget.yaml").code == 1
    said = "conflicts: {parts.heron.cost_per_month: the invoice has a surcharge}\n"
    Path("budget.yaml").write_text(budget + said, encoding="utf-8")
    assert llmcost("check", "budget.yaml").code == 0


def told_text(text: str) -> str:
    told(text)
    return import_files(["f.jsonl"]).text


def test_what_an_import_has_written_is_replaced_and_what_somebody_else_has_is_not(llmcost: Call) -> None:
    asked = ("import", str(SAMPLES / "litellm-spend-logs.jsonl"), "-o", "bill.yaml")
    assert llmcost(*asked).code == 0
    assert llmcost(*asked).err.startswith("wrote bill.yaml")
    Path("bill.yaml").write_text("llmcost: 1\n", encoding="utf-8")
    assert "llmcost did not write it" in llmcost(*asked).err

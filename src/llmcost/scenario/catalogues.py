"""Price catalogues that others keep, behind one adapter: `provider/model` as a scenario with a history.

The extra `prices` brings two: model-prices, which dates what it knows, and genai-prices, which knows more
sellers. They are imported only when a name asks for them. A price holds from the first day on that a
catalogue gives for it, never before: what has no date holds from the newest day of the catalogue on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from typing import Any, Final, NamedTuple

from llmcost.engine.registry import Basis
from llmcost.errors import LlmcostError, Problem, missing_extra
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.values.datum import Datum, Series
from llmcost.scenario.values.provenance import Provenance

SELLERS: Final = frozenset(
    [
        "alibaba",
        "anthropic",
        "aws",
        "azure",
        "cerebras",
        "cohere",
        "deepseek",
        "fireworks",
        "google",
        "groq",
        "meta",
        "minimax",
        "mistral",
        "moonshotai",
        "novita",
        "openai",
        "openrouter",
        "perplexity",
        "together",
        "x-ai",
        "xai",
        "zai",
    ]
)
"""Sellers by whose names a reference is known to be meant for a catalogue, though none is installed."""
ALSO: Final[Mapping[str, str]] = {"xai": "x-ai", "x-ai": "xai"}
"""Sellers whom the catalogues know by two names."""
TIER_NAMES: Final = {"batch": "batch", "flex": "flex", "fast": "priority", "priority": "priority"}
"""The modes of catalogues, by the tier whose multiplier they are."""

Prices = Mapping[str, float]


class Quote(NamedTuple):
    """What a catalogue says of one day on.

    Attributes:
        since: the day.
        prices: what is known from then on, by its field in `price.*`; what is not there has ended.
        evidence: how the day is known: documented, first observed, models.dev commit, undated.
        url: where it stands.
    """

    since: dt.date
    prices: Prices
    evidence: str
    url: str | None


class Found(NamedTuple):
    """A model in a catalogue.

    Attributes:
        catalogue: its name and version.
        quotes: what it says, oldest first.
    """

    catalogue: str
    quotes: tuple[Quote, ...]


def look_up(reference: str) -> ScenarioFile | None:
    """Return the scenario of `provider/model`; None for what is no such name, or of a seller nobody knows.

    Raises:
        LlmcostError: where a catalogue knows the seller and not the model, with the nearest of its names; and
            where the extra is not installed, with how to get it.
    """
    named = re.fullmatch(r"([a-z][a-z0-9-]*)/([\w.:/-]+)", reference, re.IGNORECASE)
    if named is None or reference.endswith((".yaml", ".yml")):
        return None
    provider, model = named[1].lower(), named[2]
    if not installed():
        if provider in SELLERS:
            raise LlmcostError(missing_extra("prices", f"a price of {reference}"))
        return None
    found = next(find(provider, model), None)
    if found is not None:
        return _scenario(f"{provider}/{model}", found)
    names = models_of(provider)
    if not names:
        return None
    raise LlmcostError(Problem(f"no price catalogue has {reference}{nearest(model, names)}"))


def find(provider: str, model: str) -> Iterator[Found]:
    """Yield what each catalogue says of a model, the dated one first."""
    for catalogue in (_model_prices, _genai_prices):
        found = catalogue(provider, model)
        if found is not None and found.quotes:
            yield found


def installed() -> bool:
    """Whether there is any catalogue."""
    return _snapshot() is not None or _providers() is not None


def models_of(provider: str) -> list[str]:
    """Return the names by which catalogues know the models of a seller."""
    names = set(_listed(provider))
    seller = _seller(provider)
    if seller is not None:
        names.update(model.id for model in seller.models)
    return sorted(names)


def nearest(model: str, names: list[str]) -> str:
    """Return a hint at the nearest of the same family; another version is never what was meant."""
    words = _words(model)

    def likeness(name: str) -> tuple[int, float, float]:
        alike = SequenceMatcher(None, _last(name), _last(model)).ratio()
        return len(set(words) & set(_words(name))), -abs(_number(name) - _number(model)), alike

    kin = [name for name in names if words and _words(name)[:1] == words[:1]]
    kin.sort(key=likeness, reverse=True)
    same = [name for name in kin if _version(name) == _version(model)]
    if same:
        return f"; did you mean {', '.join(same[:3])}?"
    return f"; of that family it has {', '.join(kin[:4])}" if kin else f"; it has {', '.join(names[:4])}"


def _last(name: str) -> str:
    return name.casefold().rpartition("/")[2]


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", _last(name))


def _number(name: str) -> float:
    return float(".".join(_version(name)[:2]) or 0)


def _version(name: str) -> list[str]:
    """Return the numbers of a name, without the date of a release."""
    return [number for number in re.findall(r"\d+", _last(name)) if len(number) < len("250101")]


def _alike(name: str) -> str:
    return re.sub(r"[-_.]", "", name).casefold()


def _scenario(reference: str, found: Found) -> ScenarioFile:
    """Return what a catalogue says as a scenario file, each price with its source, evidence and address."""
    where = f"{found.catalogue}: {reference}"
    series: dict[str, Series] = {}
    fields = dict.fromkeys(field for quote in found.quotes for field in quote.prices)
    for field in fields:
        entries: list[tuple[dt.date | None, Datum | None]] = []
        last: float | None = None
        for quote in found.quotes:
            value = quote.prices.get(field)
            if value == last:
                continue
            last = value
            entries.append((quote.since, None if value is None else _datum(value, quote, found)))
        series[f"price.{field}"] = Series(tuple(entries))
    title = f"{reference}, as {found.catalogue} has it"
    return ScenarioFile(reference, where, title=title, kind="model", quantities=series)


def _datum(value: float, quote: Quote, found: Found) -> Datum:
    basis: Basis = "disclosed" if quote.evidence == "documented" else "reported"
    source = f"{found.catalogue}, {quote.evidence}"
    return Datum(value, provenance=Provenance(basis, source, quote.url, since=quote.since))


# model-prices: a compiled history, with modes and hours of the day


@cache
def _snapshot() -> Any:
    """Return the data that come with model-prices; None where it is not installed."""
    try:
        from importlib.resources import files

        text = (files("model_prices") / "snapshot.json").read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        return None
    import json

    return json.loads(text)


def _model_prices(provider: str, model: str) -> Found | None:
    data, known = _snapshot(), _listed(provider)
    name = next((item for item in known if _alike(item) == _alike(model)), None)
    if name is None:
        return None
    modes = {mode: _timeline(intervals) for mode, intervals in known[name].items()}
    hours = [item for item in data["schedules"]["schedule"] if item["provider"] == provider]
    first = modes["standard"][0][0] if modes.get("standard") else None
    if first is None:
        return None
    moments = {moment for line in modes.values() for moment, _ in line}
    moments |= {_moment(item[key]) for item in hours for key in ("valid_from", "valid_until") if key in item}
    quotes: dict[dt.date, Quote] = {}
    for moment in sorted(moment for moment in moments if moment >= first):
        rates = _at(modes["standard"], moment)
        if rates is None:
            quotes[moment.date()] = Quote(moment.date(), {}, "ended", None)
            continue
        others = {TIER_NAMES[mode]: _at(line, moment) for mode, line in modes.items() if mode in TIER_NAMES}
        thinking = _at(modes["thinking"], moment) if "thinking" in modes else None
        prices = _fields(rates, others, thinking)
        prices = _by_the_hour(prices, name, moment, hours)
        quotes[moment.date()] = Quote(moment.date(), prices, rates["valid_from_basis"], rates["source"])
    from importlib.metadata import version

    return Found(f"model-prices {version('model-prices')}", tuple(quotes[day] for day in sorted(quotes)))


def _listed(provider: str) -> Mapping[str, Any]:
    """Return the models of a seller in model-prices."""
    prices = (_snapshot() or {"prices": {}})["prices"]
    found: Mapping[str, Any] = prices.get(provider) or prices.get(ALSO.get(provider), {})
    return found


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


Line = list[tuple[dt.datetime, Any]]


def _timeline(intervals: list[dict[str, Any]]) -> Line:
    """Return rates by the moment from which they hold; those of all time hold from their own date on."""
    found = []
    for interval in intervals:
        rates, start = interval["rates"], interval["start"]
        begins = _moment(start) if start else None
        if rates is not None:
            dated = _moment(rates["valid_from"])
            begins = dated if begins is None or begins < dated else begins
        if begins is not None:
            found.append((begins, rates))
    return found


def _at(line: Line, moment: dt.datetime) -> Any:
    return next((rates for begins, rates in reversed(line) if begins <= moment), None)


def _fields(rates: Any, others: Mapping[str, Any], thinking: Any) -> dict[str, float]:
    """Return the fields of a price list; a tier that is not the same for input and output is the dearer."""
    found = {"input_per_mtok": rates["input"], "output_per_mtok": rates["output"]}
    for field, key in (("cached_input_per_mtok", "cache_read"), ("cache_write_per_mtok", "cache_write")):
        if rates.get(key) is not None:
            found[field] = rates[key]
    if rates.get("cache_write") and rates.get("cache_write_1h_multiple"):
        found["cache_write_1h_per_mtok"] = rates["input"] * rates["cache_write_1h_multiple"]
    for tier, other in others.items():
        if other is not None and rates["input"] and rates["output"]:
            times = max(other["input"] / rates["input"], other["output"] / rates["output"])
            found[f"{tier}_multiplier"] = round(times, 6)
    if thinking is not None and thinking["output"] != rates["output"]:
        found["reasoning_per_mtok"] = thinking["output"]
    _long(found, rates.get("tiers") or [])
    return found


def _long(found: dict[str, float], tiers: list[dict[str, Any]]) -> None:
    """Put the threshold of long context in place: the first one, at the dearest of what lies above."""
    if tiers and found["input_per_mtok"] and found["output_per_mtok"]:
        found["long_context_above"] = float(min(tier["above"] for tier in tiers))
        for key in ("input", "output"):
            times = (
                max(tier.get(key) or found[f"{key}_per_mtok"] for tier in tiers) / found[f"{key}_per_mtok"]
            )
            found[f"long_context_{key}_multiplier"] = round(times, 6)


def _by_the_hour(
    prices: dict[str, float], name: str, moment: dt.datetime, hours: list[dict[str, Any]]
) -> dict[str, float]:
    """Return prices of the peak, with a multiplier of off-peak hours where the seller has them then."""
    for item in hours:
        ends = _moment(item["valid_until"]) if "valid_until" in item else None
        if _moment(item["valid_from"]) > moment or (ends is not None and moment >= ends):
            continue
        if "peak_multiplier" in item:
            times = item["peak_multiplier"]
            raised = {f: v * times if f.endswith("_per_mtok") else v for f, v in prices.items()}
            return {**raised, "off_peak_multiplier": 1 / times}
        if name in item.get("off_peak_multiplier", {}):
            return {**prices, "off_peak_multiplier": item["off_peak_multiplier"][name]}
    return prices


# genai-prices: many sellers, few dates


@cache
def _providers() -> Any:
    """Return the sellers of genai-prices by name; None where it is not installed."""
    try:
        from genai_prices.data import providers
    except ModuleNotFoundError:
        return None
    return {provider.id: provider for provider in providers}


@cache
def _newest() -> dt.date:
    """Return the newest day of genai-prices that is not one of the announced ones, the first of a month."""
    days = {
        price.constraint.start_date
        for provider in _providers().values()
        for model in provider.models
        for price in (model.prices if isinstance(model.prices, list) else ())
        if hasattr(price.constraint, "start_date")
    }
    newest: dt.date = max(day for day in days if day.day != 1)
    return newest


def _seller(provider: str) -> Any:
    """Return a seller of genai-prices; None where it does not know one of that name."""
    providers = _providers() or {}
    return providers.get(provider) or providers.get(ALSO.get(provider))


def _genai_prices(provider: str, model: str) -> Found | None:
    seller = _seller(provider)
    if seller is None:
        return None
    known = next((item for item in seller.models if _alike(item.id) == _alike(model)), None)
    known = known or next((item for item in seller.models if item.is_match(model)), None)
    if known is None:
        return None
    dated, peak = _dated(known.prices)
    url = next(iter(seller.pricing_urls or ()), None)
    quotes = []
    for day in sorted(dated):
        prices = _of_genai(dated[day], known.price_variants or [], day)
        if not {"input_per_mtok", "output_per_mtok"} & prices.keys():
            continue
        if peak is not None and day == max(day for day in dated if day <= _newest()):
            prices = _at_the_peak(prices, _of_genai(peak, [], day))
        evidence = "undated" if day == _newest() else "dated by the catalogue"
        quotes.append(Quote(day, prices, evidence, url))
    from importlib.metadata import version

    return Found(f"genai-prices {version('genai-prices')}", tuple(quotes))


def _dated(listed: Any) -> tuple[dict[dt.date, Any], Any]:
    """Return prices by the day from which they hold, and those of some hours of the day.

    One without a day is of no earlier day than the newest of the catalogue, and of none where a later one
    has been in force since.
    """
    if not isinstance(listed, list):
        return {_newest(): listed}, None
    starts = {
        item.constraint.start_date: item.prices for item in listed if hasattr(item.constraint, "start_date")
    }
    hours = [item.prices for item in listed if hasattr(item.constraint, "start_time")]
    undated = [item.prices for item in listed if item.constraint is None]
    if undated and not any(day <= _newest() for day in starts):
        starts[_newest()] = undated[-1]
    return starts, hours[-1] if hours else None


def _at_the_peak(prices: dict[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Return the prices of dearer hours; cheaper ones, which may never have been ended, are left out."""
    one, two = prices.get("output_per_mtok"), other.get("output_per_mtok")
    if not one or not two or two <= one:
        return prices
    raised = {field: other.get(field, price) for field, price in prices.items()}
    return {**raised, "off_peak_multiplier": round(one / two, 6)}


def _base(price: Any) -> float:
    return float(getattr(price, "base", price))


GENAI: Final = {
    "input_per_mtok": "input_mtok",
    "cached_input_per_mtok": "cache_read_mtok",
    "cache_write_per_mtok": "cache_write_mtok",
    "cache_write_1h_per_mtok": "cache_write_1h_mtok",
    "output_per_mtok": "output_mtok",
    "reasoning_per_mtok": "output_reasoning_mtok",
}
"""The keys of genai-prices by our fields."""
VARIANTS: Final = {
    ("processing", "batch"): "batch",
    ("service_tier", "flex"): "flex",
    ("service_tier", "priority"): "priority",
    ("service_tier", "fast"): "priority",
    ("speed", "fast"): "priority",
}
"""What the context of a price says in genai-prices, by the tier that it is."""


def _of_genai(price: Any, variants: list[Any], day: dt.date) -> dict[str, float]:
    """Return the fields of a price list in genai-prices, as they are on a day."""
    found: dict[str, float] = {}
    for field, key in GENAI.items():
        value = getattr(price, key, None)
        if value is not None:
            found[field] = _base(value)
    if getattr(price, "requests_kcount", None) is not None:
        found["per_request"] = _base(price.requests_kcount) / 1000
    for variant in variants:
        tier = VARIANTS.get(next(iter(variant.when.items())))
        times = [
            _base(getattr(variant.prices, key)) / found[field]
            for field, key in (("input_per_mtok", "input_mtok"), ("output_per_mtok", "output_mtok"))
            if getattr(variant.prices, key, None) is not None and found.get(field)
        ]
        start = getattr(variant.constraint, "start_date", None)
        if tier is not None and times and (start is None or start <= day):
            found.setdefault(f"{tier}_multiplier", round(max(times), 6))
    steps = {
        key: getattr(getattr(price, f"{key}_mtok", None), "tiers", None) or [] for key in ("input", "output")
    }
    above = [step.start for tiers in steps.values() for step in tiers]
    if above and found.get("input_per_mtok") and found.get("output_per_mtok"):
        found["long_context_above"] = float(min(above))
        for key, tiers in steps.items():
            base = found[f"{key}_per_mtok"]
            dearest = max([base, *(float(step.price) for step in tiers)])
            found[f"long_context_{key}_multiplier"] = round(dearest / base, 6)
    return found

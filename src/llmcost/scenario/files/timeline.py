"""What a file says about time: `start`, `horizon_months`, `trajectory`, `events` and `models`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmcost.engine.registry import Quantity
from llmcost.engine.units import same_unit
from llmcost.errors import LlmcostError, Option, Place
from llmcost.formulas import MODEL
from llmcost.scenario.files.format import Field, Fields, Found, Kind, Others, not_stated
from llmcost.scenario.files.kinds import (
    SOURCES,
    TEXT,
    choice,
    listed,
    nested,
    number,
    once,
    quantities,
    whole,
    whole_number,
)
from llmcost.scenario.files.problems import At, Problems
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence, compose_any
from llmcost.scenario.files.value import NUMBER
from llmcost.scenario.override import relative
from llmcost.scenario.timeline import (
    MOST_MONTHS,
    Cohort,
    Effect,
    Event,
    Follows,
    Growth,
    Reprice,
    Step,
    Timeline,
    Trajectory,
    When,
    month_name,
)
from llmcost.scenario.values.dates import parse_day
from llmcost.scenario.values.datum import DISTRIBUTIONS, Datum, Distribution, Provenance
from llmcost.scenario.values.growth import likely, looks_like_growth, meant, parse_follows, parse_growth
from llmcost.scenario.values.number import DOLLARS, Amount, NotANumber, shorten

if TYPE_CHECKING:
    from llmcost.scenario.files.schema import Models

Steps = list[tuple[When, Step]]
PAYERS: Final = ("uniform", "api-only")


def _calendar(node: Node) -> int | None:
    """Return the calendar month of `2025-06` or `2025-06-15`, counted from year 0; None if it is neither."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    day = parse_day(f"{text}-01" if len(text) == 7 else text)
    return None if day is None else day.year * 12 + day.month - 1


def _start(node: Node, at: At) -> When | None:
    calendar = _calendar(node)
    if calendar is None:
        at.expected(node, START.words)
        return None
    return When(1, calendar, month_name(calendar), at.place(node))


def _month(node: Node, at: At) -> When | None:
    count, calendar = whole_number(node), _calendar(node)
    if calendar is not None and isinstance(node, Scalar):
        return When(None, calendar, node.text.strip(), at.place(node))
    if count:
        return When(count, None, str(count), at.place(node))
    at.expected(node, MONTH.words)
    return None


def _year(node: Node, at: At) -> When | None:
    year = _YEARS.read(node, at)
    return None if year is None else When(year, None, str(year), at.place(node))


_YEARS: Final = whole(1, 9999)
START: Final = Kind(
    "a month such as 2025-01", _start, lambda models: models.limited(str, pattern=r"^\d{4}-\d{2}")
)
MONTH: Final = Kind("a month such as 6 or a date such as 2025-06", _month, lambda _: int | str)


def _rate(node: Node, at: At, suffix: str = "") -> Growth | Follows | None:
    """Read a growth, or what a quantity follows."""
    name, place = at.stated.name, at.place(node)
    try:
        if isinstance(node, Scalar) and (follows := parse_follows(node.text)) is not None:
            share = None if follows.share is None else _datum(follows.share, place)
            found = Follows(follows.driver, f"follows.{name}{suffix}", share, place)
            fault = _not_followed(found, at.stated, at)
            if fault is not None:
                at.refuse(node, fault)
            return found if fault is None else None
        if not isinstance(node, Scalar) or not looks_like_growth(node.text, is_share=False):
            hint = likely(node.text, MODEL.quantities) if isinstance(node, Scalar) else ""
            at.expected(node, TRAJECTORY.words, f"; did you mean '{hint}'?" if hint else "")
            return None
        growth = parse_growth(node.text)
    except NotANumber as error:
        at.refuse(node, str(error))
        return None
    return Growth(f"trajectory.{name}{suffix}", _datum(growth.rate, place), growth.months)


def _datum(amount: Amount, place: Place) -> Datum:
    return Datum(amount.value, amount.low, amount.high, text=amount.text, provenance=Provenance(place=place))


def _with_source(steps: Steps, dist: Distribution | None, provenance: Provenance) -> Steps:
    """Return the steps with the distribution and source that apply to all of them."""

    def sourced(datum: Datum) -> Datum:
        return datum.drawn_as(dist)._replace(provenance=provenance._replace(place=datum.place))

    found: Steps = []
    for when, step in steps:
        if isinstance(step, Growth):
            found.append((when, step._replace(rate=sourced(step.rate))))
        elif isinstance(step, Follows) and step.share is not None:
            found.append((when, step._replace(share=sourced(step.share))))
        else:
            found.append((when, step))
    return found


def _not_followed(found: Follows, quantity: Quantity, at: At) -> str | None:
    """Say why a quantity may not be followed, or return None."""
    driver = MODEL.quantities.get(found.driver)
    if driver is None:
        return MODEL.unknown(shorten(found.driver, 80), hint=at.problems.few)
    if found.driver.startswith("cash."):
        return f"cannot follow {found.driver}: it is a stock, which follows from burn and funding"
    if driver.name == quantity.name or not_moving(driver.name) is not None:
        return f"cannot follow {found.driver}"
    if found.share is not None and not same_unit(driver.unit, quantity.unit):
        units = f"one is in {quantity.unit}, the other in {driver.unit}"
        return f"cannot be a share of {found.driver}: {units}"
    return None


def _steps(node: Node, at: At) -> Steps | None:
    """Read a growth, steps by month, or a value for each month."""
    at = at._replace(key="")
    first = When(1, None, "1", at.place(node))
    if isinstance(node, Scalar):
        rate = _rate(node, at)
        return None if rate is None else [(first, rate)]
    if not node.items:
        at.refuse(node, "is empty")
    steps: Steps = []
    if isinstance(node, Sequence):
        for month, item in enumerate(node.items, start=1):
            value = NUMBER.read(item, at)
            if value is not None:
                steps.append((first._replace(number=month, text=str(month)), value))
        return steps or None
    seen: set[str] = set()
    for key, item in node.items:
        if key.text == "follows" and isinstance(item, Scalar):
            at.refuse(key, f"'follows' is no month; did you mean 'follows {shorten(item.text.strip())}'?")
            continue
        when = _month(key, at)
        kind = meant(item.text.strip(), is_share=at.stated.is_share) if isinstance(item, Scalar) else None
        step: Step | None
        if kind is None:
            step = NUMBER.read(item, at)
        else:
            # The first rate is named after the trajectory alone, later ones after their month too.
            step = _rate(item, at, f".{key.text.strip()}" if kind in seen else "")
            seen.add(kind)
        if when is not None and step is not None:
            steps.append((when, step))
    return steps or None


def _trajectory(node: Node, at: At) -> Trajectory | None:
    """Read how one quantity moves: steps, or a mapping that holds them with their source."""
    body, provenance = node, Provenance()
    if isinstance(node, Mapping) and any(key.text in SOURCED.fields for key, _ in node.items):
        found = SOURCED.read(node, at._replace(named=None))
        if found is None or ("growth" in found) == ("values" in found):
            at.refuse(
                node, "has both 'growth' and 'values'" if found and "growth" in found else "has no 'growth'"
            )
            return None
        body, provenance = found.nodes.get("growth") or found.nodes["values"], found.provenance()
        steps: Steps | None = found["growth"] or found["values"]
        steps = steps and _with_source(steps, found["dist"], provenance)
    else:
        steps = _steps(node, at)
    if not steps:
        return None
    text, listed_ = _described(body), isinstance(body, Sequence)
    return Trajectory(at.stated.name, tuple(steps), text, provenance._replace(place=at.place(body)), listed_)


def _described(node: Node) -> str:
    """How a trajectory was written, on one line."""
    if isinstance(node, Scalar):
        return node.text.strip()
    if isinstance(node, Sequence):
        return f"{len(node.items)} monthly values"
    return ", ".join(f"{key.text}: {one.text.strip()}" for key, one in node.items if isinstance(one, Scalar))


def _model_of_steps(models: Models) -> Any:
    months: Any = models.limited(str, pattern=r"^(\d+|\d{4}-\d{2}(-\d{2})?)$")
    by_month: Any = dict[months, float | str]
    return models.named(
        "Steps",
        lambda: (
            models.limited(str, pattern=r"^([-+x×*]|follows |.* of )")
            | models.limited(list[float | str], min_length=1)
            | models.limited(by_month, min_length=1)
        ),
    )


STEPS: Final = Kind("a growth, steps by month, or a value for each month", _steps, _model_of_steps)
SOURCED: Final = Fields(
    "SourcedTrajectory",
    "a mapping such as {growth: +8%/month, source: …}",
    "How a quantity moves, with its source.",
    Field("growth", STEPS, "Such as +8%/month, x2 to x3/year, follows revenue.api or 40% of revenue.total."),
    Field("values", STEPS, "Values or growth by month or date, or a value for each month."),
    Field("dist", choice(*DISTRIBUTIONS), "The distribution over the range of a growth."),
    *SOURCES,
)
TRAJECTORY: Final = Kind(
    "a growth such as +8%/month, steps such as {7: 0.42} or a list",
    _trajectory,
    lambda models: models.named("Trajectory", lambda: _model_of_steps(models) | models.of(SOURCED) | None),
)


def not_moving(name: str) -> str | None:
    """Say why nothing may move a quantity, or return None."""
    fixed = name == "company.period_months"
    return "cannot move: it makes flows monthly" if fixed else not_stated(name)


def _not_growing(name: str) -> str | None:
    if name.startswith("cash."):
        return "is a stock, which follows from burn and funding; an event moves it, a trajectory does not"
    return not_moving(name)


def _change(node: Node, at: At) -> Effect | None:
    """Read what an event does to a quantity: set it, add to it or scale it."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    try:
        moved = relative(text, at.stated, at.problems.fixed, takes=True)
    except NotANumber as error:
        at.refuse(node, str(error))
        return None
    if moved is not None:
        return Effect(at.stated.name, moved.kind, moved.amount, shorten(text), at.place(node))
    value = NUMBER.read(node, at)
    return None if value is None else Effect(at.stated.name, "set", value, shorten(text), at.place(node))


CHANGE: Final = Kind("a number, or what changes it: *2, +10%, +5B", _change, lambda _: float | str)


def _repriced(found: Found) -> Reprice | None:
    payer, multiplier = found["payer"], found["multiplier"]
    return None if payer is None or multiplier is None else Reprice(payer, multiplier, found.place)


REPRICING: Final = Fields(
    "Repricing",
    "a mapping such as {payer: api-only, multiplier: 6}",
    "Multiplies prices; demand responds.",
    Field("payer", choice(*PAYERS), "Whose prices it multiplies.", required=True),
    Field("multiplier", number(above=0), "The factor on prices.", required=True),
)


def _event(found: Found) -> Event | None:
    if "at" in found and "reprice" not in found and found.bare:
        found.refuse("moves nothing: it has no quantity and no 'reprice'")
    if found["at"] is None:
        return None
    return Event(found["at"], tuple(found.others.values()), found["reprice"], found.provenance())


EVENT: Final = Fields(
    "Event",
    "a mapping such as {at: 6, cash.balance: +1B}",
    "What happens in one month: quantities set (5B), added to (+5B, -1B) or scaled (*2, +10%).",
    Field("at", MONTH, "The month in which it happens: its number, or a date.", required=True),
    Field("reprice", nested(REPRICING, _repriced), "Multiplies prices from that month on."),
    *SOURCES,
    others=Others(CHANGE, veto=not_moving),
    elsewhere={"set": "; quantities stand beside 'at'"},
)


def _amounts(node: Node, at: At) -> float | tuple[float, ...] | None:
    """Read amounts by period, or a total."""
    if not isinstance(node, Sequence):
        return _MONEY.read(node, at)
    if len(node.items) > MOST_MONTHS:
        at.refuse(node, f"'{at.key}' has more than {MOST_MONTHS:,} values")
        return None
    values = [_MONEY.read(item, at._replace(key="")) for item in node.items]
    return tuple(value for value in values if value is not None)


_MONEY: Final = number(DOLLARS, low=0)
AMOUNTS: Final = Kind("a total, or a list of numbers", _amounts, lambda _: float | str | list[float | str])


def _cohort(found: Found) -> Cohort | None:
    if ("year" in found) == ("month" in found):
        found.refuse("has both 'year' and 'month'" if "year" in found else "has no 'year' and no 'month'")
    training, revenue, serving = (_spread(found, key) for key in ("training_cost", "revenue", "serving_cost"))
    if not found.sound:
        return None
    at, yearly = found["year"] or found["month"], "year" in found
    return Cohort(found["name"], at, yearly, training, revenue, serving, found.provenance())


def _spread(found: Found, key: str) -> tuple[float, ...]:
    """Return amounts by period; a total is spread evenly over the life, except for training."""
    amounts: float | tuple[float, ...] = found[key] or ()
    if isinstance(amounts, tuple):
        return amounts
    if key == "training_cost":
        return (amounts,)
    if "life" not in found:
        found.refuse(f"'{key}' is a total, and 'life' does not say over how many periods it comes in", key)
    life = found["life"] or 1
    return (0.0, *[amounts / life] * life)


COHORT: Final = Fields(
    "Model",
    "a mapping with a name, its training and what it earned",
    "A model as a company; lists are by year or month, the first entry that of its training.",
    Field("name", TEXT, "What the model is called.", required=True),
    Field(
        "year", Kind(_YEARS.words, _year, _YEARS.model), "The year of its training, where lists are by year."
    ),
    Field("month", MONTH, "The month of its training, where lists are by month."),
    Field("training_cost", AMOUNTS, "USD.", required=True),
    Field("revenue", AMOUNTS, "USD by period, or a total."),
    Field("serving_cost", AMOUNTS, "USD by period, or a total."),
    Field("life", whole(1, MOST_MONTHS), "Periods over which totals come in, after the first."),
    *SOURCES,
    title="name",
)
_MODELS: Final = listed(nested(COHORT, _cohort), "a list of models")


def _models(node: Node, at: At) -> tuple[Cohort, ...] | None:
    read = _MODELS.read(node, at)
    if read is None:
        return None
    at = at._replace(subject="models")
    found = once(read, lambda one: one.name, lambda one: one.provenance.place, "model", at)
    if len({(one.yearly, one.at.calendar is None) for one in found}) > 1:
        at.refuse(node, "count their time differently; state years, months or dates for all of them")
    return tuple(found)


TIMELINE: Final = (
    Field("start", START, "The month of the start."),
    Field("horizon_months", whole(1, MOST_MONTHS), "Months of a projection; absent: 60."),
    Field(
        "trajectory",
        quantities(
            "Trajectories",
            "a mapping from quantities to growth such as +8%/month",
            Others(TRAJECTORY, veto=_not_growing, null=True),
        ),
        "How quantities move, month by month.",
    ),
    Field(
        "events",
        listed(nested(EVENT, _event), "a list such as [{at: 6, cash.balance: +1B}]"),
        "What happens in which month.",
    ),
    Field("models", Kind(_MODELS.words, _models, _MODELS.model), "Models, each a company of its own."),
)


def timeline_of(found: Found) -> Timeline:
    """Return what the fields of `TIMELINE` say."""
    trajectories = found["trajectory"]
    return Timeline(
        start=found["start"],
        horizon=found["horizon_months"],
        trajectories=trajectories.others if trajectories is not None else {},
        events=None if found["events"] is None else tuple(found["events"]),
        models=found["models"],
    )


def read_trajectory(text: str) -> Trajectory:
    """Read `PATH=GROWTH`, steps or a list, written as in a file.

    Raises:
        LlmcostError: naming the option and what is wrong.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    problems = Problems(Option(f"--trajectory {shorten(text, 80)}"), located=False)
    node = compose_any(value, problems.where or "") if equals and value else None
    if node is not None:
        # The same reader as for files, so that the messages are the same.
        mapping = Mapping(((Scalar(name, True, 1, 1), node),), 1, 1)
        found: Any = TIMELINE[2].kind.read(mapping, At(problems))
        trajectory: Trajectory | None = found and found.others.get(name)
        if trajectory is not None and not problems.found:
            return trajectory
    if not problems.found:
        problems.add(None, "expected PATH=GROWTH, such as revenue.api=+8%/month")
    raise LlmcostError(*problems.found)

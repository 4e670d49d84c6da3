"""The entries of an `expect:` block: what a metric must be, and under which conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from llmcost.engine.registry import Quantity
from llmcost.engine.units import same_unit
from llmcost.errors import Place, old_spelling
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.files.format import Field, Fields, Found, Kind, Others
from llmcost.scenario.files.kinds import DAY, LINK, TEXT, choice, quantities, spelled
from llmcost.scenario.files.override import SET
from llmcost.scenario.files.problems import At
from llmcost.scenario.files.tree import Node, Scalar, Sequence
from llmcost.scenario.override import Override
from llmcost.scenario.reference import Link
from llmcost.scenario.values.grammar import METRIC
from llmcost.scenario.values.number import Amount, NotANumber, parse_amount, shorten
from llmcost.scenario.values.tolerance import EXACT, Tolerance, parse_tolerance

if TYPE_CHECKING:
    from llmcost.scenario.files.schema import Models

FORMS: Final = ("value", "between", "above", "below", "undefined")


class Setting(NamedTuple):
    """The conditions under which a metric is evaluated."""

    as_of: dt.date | None = None
    variants: tuple[str, ...] = ()
    workload: Link | None = None
    overrides: tuple[Override, ...] = ()

    def within(self, outer: Setting) -> Setting:
        """Return the setting with gaps filled from `outer`; overrides of both apply, outer first."""
        return Setting(
            self.as_of or outer.as_of,
            self.variants or outer.variants,
            self.workload or outer.workload,
            (*outer.overrides, *self.overrides),
        )

    def __str__(self) -> str:
        """The settings as a file writes them: `variant=owned, workload=rag`; empty if there are none."""
        if not any(self):
            return ""
        said = {
            "as_of": self.as_of,
            "variant": "+".join(self.variants),
            "workload": self.workload and self.workload.text,
        }
        parts = [f"{key}={value}" for key, value in said.items() if value]
        return ", ".join([*parts, *(override.text for override in self.overrides)])


class Other(NamedTuple):
    """A metric used as a bound, of the same scenario or of a named one."""

    text: str
    metric: str
    link: Link | None
    place: Place


class Expectation(NamedTuple):
    """What one metric must be.

    Attributes:
        metric: the metric's name.
        text: the expectation as written, such as `5.576M within 0.1%`.
        value: the number expected, if there is one; `low` and `high` are then its tolerance.
        low, high: the bounds between which the metric must lie; None for no bound.
        open: whether it must not equal a bound (`above`, `below`).
        against: metrics used as bounds, by `above` and `below`.
        undefined: for a metric that must be undefined, the code of the reason or a part of its sentence.
        setting: the conditions.
        warn: whether it only warns.
        because: why it is expected, in the author's words.
        place: where it was written.
    """

    metric: str
    text: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    open: bool = False
    against: Mapping[str, Other] = MappingProxyType({})
    undefined: str | None = None
    setting: Setting = Setting()
    warn: bool = False
    because: str | None = None
    place: Place = Place()

    def holds(self, actual: float | None, reason: Reason | None) -> bool:
        """Whether a metric's value, or the reason why it has none, is as expected."""
        if self.undefined is not None:
            if actual is not None or reason is None:
                return False
            return self.undefined == reason.code or self.undefined.lower() in str(reason).lower()
        if actual is None:
            return False
        if self.open:
            above = self.low is None or actual > self.low
            return above and (self.high is None or actual < self.high)
        # A stated bound allows for rounding; a tolerance already includes it.
        slack = EXACT if self.value is None else Tolerance(0.0, True, "")
        above = self.low is None or actual >= self.low - slack.around(self.low)
        return above and (self.high is None or actual <= self.high + slack.around(self.high))

    def deviation(self, actual: float) -> float:
        """Return how far a value lies from the expected number, or from the nearest bound, in its unit."""
        if self.value is not None:
            return actual - self.value
        if self.low is not None and actual <= self.low:
            return actual - self.low
        if self.high is not None and actual >= self.high:
            return actual - self.high
        return 0.0

    @property
    def aim(self) -> float | None:
        """The number by which a deviation is divided: the value, or the bound if there is only one."""
        if self.value is not None:
            return self.value
        ends = [end for end in (self.low, self.high) if end is not None]
        return ends[0] if len(ends) == 1 else None


def _variants(text: str) -> tuple[str, ...]:
    names = tuple(word.strip() for word in text.split("+"))
    if "" in names:
        raise NotANumber("a variant's name is missing next to '+'")
    return names


SETTING: Final = (
    Field("as_of", DAY, "The date whose values are used."),
    Field("variant", spelled("the name of a variant", _variants), "The variant; several are joined with +."),
    Field("workload", LINK, "The mix to price."),
    Field("set", SET, "Overrides, as with --set."),
)
"""The conditions under which a scenario is evaluated."""


def setting_of(found: Found) -> Setting:
    """Return what the fields of `SETTING` say."""
    overrides = found["set"].others.values() if found["set"] else ()
    return Setting(found["as_of"], found["variant"] or (), found["workload"], tuple(overrides))


def _amount(node: Node, at: At) -> Amount | None:
    """Read a number or a range within the metric's bounds."""
    if not isinstance(node, Scalar) or node.is_null:
        at.expected(node, "a number")
        return None
    rates = at.problems.fixed
    try:
        amount = parse_amount(node.text, at.stated, rates=rates).in_dollars(rates)
    except NotANumber as error:
        at.refuse(node, f"{error}{_meant(node.text)}")
        return None
    text = " ".join(node.text.split())
    return amount if amount.text == text else amount._replace(text=text)


def _meant(text: str) -> str:
    """Suggest the right form to somebody who wrote a condition, such as `> 5`."""
    stripped = text.strip()
    if stripped[:1] in ("<", ">"):
        number = shorten(stripped[1:].removeprefix("=").strip())
        return f"; did you mean {{{'above' if stripped[0] == '>' else 'below'}: {number}}}?" if number else ""
    return '; did you mean {undefined: "part of the reason"}?' if stripped == "undefined" else ""


def _against(node: Node, at: At) -> Amount | Other | None:
    """Read a bound: a number, METRIC, or SCENARIO/METRIC."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    named, _, metric = text.rpartition("/")
    if not isinstance(node, Scalar) or METRIC.fullmatch(metric) is None:
        return _end(node, at)
    if metric not in MODEL.quantities:
        at.fault(node, MODEL.unknown(shorten(metric, 80), "metric", hint=at.problems.few))
        return None
    unit = MODEL.quantities[metric].unit
    if not same_unit(unit, at.stated.unit):
        at.fault(node, f"{metric} is in {unit}, {at.stated.name} in {at.stated.unit}")
        return None
    link = LINK.read(node._replace(text=named), at) if named else None
    return None if named and link is None else Other(text, metric, link, at.place(node))


def _end(node: Node, at: At) -> Amount | None:
    amount = _amount(node, at)
    if amount is not None and amount.low is not None:
        at.fault(node, f"expected one number, got the range '{shorten(amount.text or '')}'")
        return None
    return amount


def _between(node: Node, at: At) -> tuple[Amount, Amount] | None:
    """Read two bounds: LOW to HIGH, or a list of two."""
    if isinstance(node, Scalar) and not node.is_null:
        amount = _amount(node, at)
        if amount is None or amount.low is None or amount.high is None:
            if amount is not None:
                at.expected(node, BETWEEN.words)
            return None
        low, _, high = (amount.text or "").partition(" to ")
        return Amount(amount.low, text=low), Amount(amount.high, text=high)
    if not isinstance(node, Sequence) or len(node.items) != 2:
        at.expected(node, BETWEEN.words, f" of {len(node.items)}" if isinstance(node, Sequence) else "")
        return None
    one, two = (_end(item, at._replace(key="")) for item in node.items)
    if one is None or two is None:
        return None
    if not one.value < two.value:
        at.refuse(node, f"'between' goes from low to high, got {one.text} and {two.text}")
        return None
    new = f"between: {one.text} to {two.text}"
    old_spelling(at.place(node), f"between: [{one.text}, {two.text}]", new)
    return one, two


def _tolerance(node: Node, at: At) -> Tolerance | None:
    return at.parsed(node, lambda text: parse_tolerance(text, at.quantity), "a tolerance such as 5%")


AMOUNT: Final = Kind("a number, arithmetic, or a range LOW to HIGH", _amount, lambda _: float | str)
END: Final = Kind("a number, METRIC or SCENARIO/METRIC", _against, lambda _: float | str)
BETWEEN: Final = Kind("a range LOW to HIGH", _between, lambda _: str | tuple[float | str, float | str])
EXPECTED: Final = Fields(
    "Expected",
    "a mapping such as {value: 75%, within: 5%}",
    "What a metric must be: one of value, between, above and below, undefined.",
    Field("value", AMOUNT, "What the metric must be."),
    Field(
        "within",
        Kind("a tolerance such as 5%, 0.02 or 2pp", _tolerance, lambda _: float | str),
        "Tolerance: 5% is relative, 0.02 in the metric's unit, 2pp for shares.",
    ),
    Field("between", BETWEEN, "The ends between which it must lie, both included."),
    Field("above", END, "It must be above this: a number, METRIC or SCENARIO/METRIC."),
    Field("below", END, "It must be below this: a number, METRIC or SCENARIO/METRIC."),
    Field("undefined", TEXT, "It must be undefined, for the reason with this code or these words."),
    *SETTING,
    Field("severity", choice("error", "warn"), "Whether it fails or only warns; absent: error."),
    Field("because", TEXT, "The reason, shown when it does not hold."),
)


def _expectation(node: Node, at: At, place: Place) -> Expectation | None:
    quantity = at.stated
    if isinstance(node, Scalar):
        amount = _amount(node, at)
        return None if amount is None else _valued(quantity, amount, None)._replace(place=place)
    found = EXPECTED.read(node, at)
    core = None if found is None else _form(found, quantity)
    if found is None or core is None:
        return None
    warn = found["severity"] == "warn"
    return core._replace(setting=setting_of(found), because=found["because"], warn=warn, place=place)


def _form(found: Found, quantity: Quantity) -> Expectation | None:
    """Return the expectation, which must have exactly one form; `above` and `below` count as one."""
    forms = [key for key in found.nodes if key in FORMS]
    if not forms:
        if found.sound:
            found.refuse(f"says nothing about the metric; it needs one of {', '.join(FORMS)}")
        return None
    if len(forms) > 1 and set(forms) != {"above", "below"}:
        said = " and ".join(f"'{form}'" for form in forms)
        found.refuse(f"has {said}; use one of them", forms[1])
        return None
    if "within" in found and "value" not in found:
        found.refuse(f"'within' belongs to 'value', not to '{forms[0]}'", "within")
    if any(found[form] is None for form in forms):
        return None
    if "value" in found:
        return _within(found, quantity)
    if "undefined" in found:
        return Expectation(quantity.name, f"undefined: {found['undefined']}", undefined=found["undefined"])
    if "between" in found:
        low, high = found["between"]
        return Expectation(quantity.name, f"between {low.text} and {high.text}", None, low.value, high.value)
    above: Amount | Other | None = found["above"]
    below: Amount | Other | None = found["below"]
    if isinstance(above, Amount) and isinstance(below, Amount) and above.value >= below.value:
        found.refuse(f"nothing lies above {above.text} and below {below.text}", "below")
        return None
    ends = {"above": above, "below": below}
    text = " and ".join(f"{form} {end.text}" for form, end in ends.items() if end is not None)
    low_, high_ = (end.value if isinstance(end, Amount) else None for end in ends.values())
    against = {form: end for form, end in ends.items() if isinstance(end, Other)}
    return Expectation(quantity.name, text, low=low_, high=high_, open=True, against=against)


def _within(found: Found, quantity: Quantity) -> Expectation | None:
    """Return an expected value with its tolerance."""
    amount: Amount = found["value"]
    tolerance: Tolerance | None = found["within"]
    if "within" not in found:
        return _valued(quantity, amount, None)
    if tolerance is None:
        return None
    if amount.low is not None:
        found.refuse("'within' does not go with a range", "within")
        return None
    if amount.value == 0 and tolerance.relative:
        found.refuse("'within': a share of 0 is 0; give an amount in the metric's unit", "within")
        return None
    reach = tolerance.around(amount.value)
    if quantity.low == 0 and amount.value and reach > amount.value:
        # Nothing would be too low. Usually a percentage was meant: `within: 1` for 1%.
        plain = not tolerance.text.strip("0123456789.") and reach >= 1
        meant = f"did you mean '{tolerance.text}%'?" if plain else "'below' states an upper end alone"
        found.refuse(f"'within': {tolerance.text} reaches below 0, where it cannot go; {meant}", "within")
        return None
    return _valued(quantity, amount, tolerance)


def _valued(quantity: Quantity, amount: Amount, tolerance: Tolerance | None) -> Expectation:
    """Return the expectation of a number, or of a range, which means `between`."""
    text = amount.text or ""
    if amount.low is not None:
        return Expectation(quantity.name, text, low=amount.low, high=amount.high)
    reach = (tolerance or EXACT).around(amount.value)
    text = text if tolerance is None else f"{text} within {tolerance.text}"
    return Expectation(quantity.name, text, amount.value, amount.value - reach, amount.value + reach)


def _expectations(node: Node, at: At) -> list[Expectation] | None:
    """Read one expectation of a metric, or a list of them, each with its own place."""
    items = [(i, i) for i in node.items] if isinstance(node, Sequence) else [(node, at.named or node)]
    if not items:
        at.refuse(node, "the list is empty")
    inside = at._replace(named=None)
    read = (_expectation(item, inside, at.place(place)) for item, place in items)
    return [one for one in read if one is not None]


def _model(models: Models) -> Any:
    one: Any = float | str | models.of(EXPECTED)
    return models.named("Expectation", lambda: one | models.limited(list[one], min_length=1))


EXPECT: Final = quantities(
    "Expect",
    "a mapping from metrics to values",
    Others(
        Kind("a value, what it must be, or a list of these", _expectations, _model),
        what="metric",
        prefixed=True,
        twice="; a list holds several",
        veto=lambda name: None,
    ),
)


def expectations_of(expect: Found | None) -> tuple[Expectation, ...]:
    """Return the expectations of an `expect:` block."""
    if expect is None:
        return ()
    return tuple(one for several in expect.others.values() for one in several)

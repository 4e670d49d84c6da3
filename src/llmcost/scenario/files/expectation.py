"""What a metric is expected to be, and under which conditions: the entries of an `expect:` block."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

from llmcost.engine.registry import Quantity, Registry
from llmcost.errors import Place
from llmcost.reasons import Reason
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence
from llmcost.scenario.override import Override, override_of
from llmcost.scenario.values.datum import Problems, fields, kind_of, out_of_bounds, parse_day, text_of
from llmcost.scenario.values.number import NotANumber, parse_amount, parse_number, shorten

SETTING_KEYS: Final = ("as_of", "variant", "workload", "set")
FORM_KEYS: Final = ("value", "between", "above", "below", "undefined")
EXPECT_KEYS: Final = (*FORM_KEYS, "within", *SETTING_KEYS, "severity", "because")
SEVERITIES: Final = ("error", "warn")
_FORMS: Final = "'value', 'between', 'above', 'below' or 'undefined'"


class Tolerance(NamedTuple):
    """How far a number may lie from another: a share of it, or an amount in the metric's own unit."""

    amount: float
    relative: bool
    text: str

    def around(self, value: float) -> float:
        """Return how far from `value` it reaches, in the unit of `value`."""
        return self.amount * abs(value) if self.relative else self.amount


EXACT: Final = Tolerance(1e-9, True, "")
"""What rounding may do to a number that is meant to be the same."""


class Setting(NamedTuple):
    """The conditions under which a metric is evaluated."""

    as_of: dt.date | None = None
    variants: tuple[str, ...] = ()
    workload: str | None = None
    overrides: tuple[Override, ...] = ()

    def within(self, outer: Setting) -> Setting:
        """Return it with what it leaves unsaid taken from `outer`; overrides of both apply, outer first."""
        return Setting(
            self.as_of or outer.as_of,
            self.variants or outer.variants,
            self.workload or outer.workload,
            (*outer.overrides, *self.overrides),
        )

    def __str__(self) -> str:
        """What is set, in the words of the file: `variant=owned, workload=rag`; empty where nothing is."""
        said = {
            "as_of": self.as_of,
            "variant": "+".join(self.variants),
            "workload": self.workload,
        }
        parts = [f"{key}={value}" for key, value in said.items() if value]
        return ", ".join([*parts, *(override.text for override in self.overrides)])


class Expectation(NamedTuple):
    """What one metric must be.

    Attributes:
        metric: the metric's name.
        text: the expectation as written, such as `5.576M within 0.1%`.
        value: the number expected, where one is; `low` and `high` then say how far off is allowed.
        low, high: the ends between which the metric must lie, as far as there are any.
        open: whether it must not equal an end (`above`, `below`).
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
    undefined: str | None = None
    setting: Setting = Setting()
    warn: bool = False
    because: str | None = None
    place: Place = Place()

    def holds(self, actual: float | None, reason: Reason | None) -> bool:
        """Whether a metric's value, or for an undefined one the reason, is what is expected."""
        if self.undefined is not None:
            if actual is not None or reason is None:
                return False
            return self.undefined == reason.code or self.undefined.lower() in str(reason).lower()
        if actual is None:
            return False
        if self.open:
            above = self.low is None or actual > self.low
            return above and (self.high is None or actual < self.high)
        # An end that was written is met where but a rounding is between; a tolerance has that inside.
        slack = EXACT if self.value is None else Tolerance(0.0, True, "")
        above = self.low is None or actual >= self.low - slack.around(self.low)
        return above and (self.high is None or actual <= self.high + slack.around(self.high))

    def deviation(self, actual: float) -> float:
        """Return how far a value lies from the number expected, or from the nearest end, in its unit."""
        if self.value is not None:
            return actual - self.value
        if self.low is not None and actual <= self.low:
            return actual - self.low
        if self.high is not None and actual >= self.high:
            return actual - self.high
        return 0.0

    @property
    def aim(self) -> float | None:
        """The number that a deviation is a share of: the value, or the end where there is but one."""
        if self.value is not None:
            return self.value
        ends = [end for end in (self.low, self.high) if end is not None]
        return ends[0] if len(ends) == 1 else None


def read_expectations(node: Node | None, registry: Registry, problems: Problems) -> tuple[Expectation, ...]:
    """Read an `expect:` block: metrics, each with an expectation or a list of them."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return ()
    if not isinstance(node, Mapping):
        problems.add(node, f"'expect' maps metrics to values, got {kind_of(node)}")
        return ()
    found: list[Expectation] = []
    seen: dict[str, int] = {}
    for key, value in node.items:
        quantity = registry.quantities.get(key.text)
        if quantity is None:
            problems.add(key, _unknown(key.text, registry, hint=problems.few), "expect")
            continue
        if key.text in seen:
            message = f"duplicate key '{key.text}', first in line {seen[key.text]}; a list holds several"
            problems.add(key, message, "expect")
            continue
        seen[key.text] = key.line
        several = isinstance(value, Sequence)
        if isinstance(value, Sequence) and not value.items:
            problems.add(value, "the list is empty", f"expect {quantity.name}")
        for item in value.items if isinstance(value, Sequence) else [value]:
            expectation = _expectation(item, quantity, registry, problems)
            if expectation is not None:
                found.append(expectation._replace(place=problems.place(item if several else key)))
    return tuple(found)


def _unknown(name: str, registry: Registry, *, hint: bool) -> str:
    if name in registry.sections:
        full = next(known for known in registry.quantities if known.startswith(f"{name}."))
        return f"'{name}' is a section; metrics are written in full, such as '{full}'"
    return registry.unknown(shorten(name, 80), "metric", hint=hint)


def read_setting(
    found: dict[str, Node], registry: Registry, problems: Problems, subject: str | None
) -> Setting:
    """Read `as_of`, `variant`, `workload` and `set` from a mapping's values by key."""
    texts = {
        key: text_of(found[key], problems, subject, key)
        for key in ("as_of", "variant", "workload")
        if key in found
    }
    day = None
    if (written := texts.get("as_of")) is not None:
        day = parse_day(written)
        if day is None:
            message = f"'as_of' is a date such as 2025-01-29, got '{shorten(written)}'"
            problems.add(found["as_of"], message, subject)
    variants = tuple(word.strip() for word in (texts.get("variant") or "").split("+") if texts.get("variant"))
    if "" in variants:
        problems.add(found["variant"], "a variant's name is missing beside '+'", subject)
    overrides = _overrides(found.get("set"), registry, problems, subject)
    return Setting(day, variants, texts.get("workload"), overrides)


def _overrides(
    node: Node | None, registry: Registry, problems: Problems, subject: str | None
) -> tuple[Override, ...]:
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        example = "{serving.utilization: 50%}"
        problems.add(
            node, f"'set' maps quantities to values, such as {example}, got {kind_of(node)}", subject
        )
        return ()
    found: dict[str, Override] = {}
    for key, value in node.items:
        if key.text in found:
            problems.add(key, f"'set': duplicate key '{key.text}'", subject)
            continue
        override = override_of(key, value, registry, problems)
        if override is not None:
            found[key.text] = override
    return tuple(found.values())


def _expectation(
    node: Node, quantity: Quantity, registry: Registry, problems: Problems
) -> Expectation | None:
    subject = f"expect {quantity.name}"
    if not isinstance(node, Mapping):
        return _value(node, None, quantity, problems, subject)
    before = len(problems.found)
    found = fields(node, EXPECT_KEYS, problems, subject)
    setting = read_setting(found, registry, problems, subject)
    because = text_of(found["because"], problems, subject, "because") if "because" in found else None
    warn = _severity(found.get("severity"), problems, subject)
    core = _form(node, found, quantity, problems, subject, fine=len(problems.found) == before)
    return core and core._replace(setting=setting, because=because, warn=warn)


def _severity(node: Node | None, problems: Problems, subject: str) -> bool:
    text = text_of(node, problems, subject, "severity") if node is not None else None
    if node is not None and text is not None and text not in SEVERITIES:
        message = f"'severity' is one of {', '.join(SEVERITIES)}, got '{shorten(text)}'"
        problems.add(node, message, subject)
    return text == "warn"


def _form(
    node: Mapping,
    found: dict[str, Node],
    quantity: Quantity,
    problems: Problems,
    subject: str,
    *,
    fine: bool,
) -> Expectation | None:
    """Read the one form in which an expectation is stated; `above` and `below` go together."""
    forms = [key for key in found if key in FORM_KEYS]
    if not forms:
        if fine:
            problems.add(node, f"says nothing of the metric; it needs {_FORMS}", subject)
        return None
    if len(forms) > 1 and set(forms) != {"above", "below"}:
        said = " and ".join(f"'{form}'" for form in forms)
        problems.add(found[forms[1]], f"has {said}, of which one is enough", subject)
        return None
    if "within" in found and "value" not in found:
        problems.add(found["within"], f"'within' belongs to 'value', not to '{forms[0]}'", subject)
    if "value" in found:
        return _value(found["value"], found.get("within"), quantity, problems, subject)
    if "undefined" in found:
        reason = text_of(found["undefined"], problems, subject, "undefined")
        if reason is None:
            return None
        return Expectation(quantity.name, f"undefined: {reason}", undefined=reason)
    if "between" in found:
        return _between(found["between"], quantity, problems, subject)
    ends = {form: _number(found[form], quantity, problems, subject) for form in forms}
    if None in ends.values():
        return None
    low, high = ends.get("above"), ends.get("below")
    if low is not None and high is not None and low >= high:
        message = f"nothing lies above {_written(found['above'])} and below {_written(found['below'])}"
        problems.add(found["below"], message, subject)
        return None
    text = " and ".join(f"{form} {_written(found[form])}" for form in ("above", "below") if form in found)
    return Expectation(quantity.name, text, low=low, high=high, open=True)


def _value(
    node: Node, margin: Node | None, quantity: Quantity, problems: Problems, subject: str
) -> Expectation | None:
    """Read a number with its tolerance, or a range, which stands for `between`."""
    text = _scalar(node, problems, subject)
    tolerance = EXACT if margin is None else _tolerance(margin, quantity, problems, subject)
    if text is None or tolerance is None:
        return None
    try:
        amount = parse_amount(text, percent=quantity.is_share)
    except NotANumber as error:
        problems.add(node, f"{error}{_meant(text)}", subject)
        return None
    for end in (amount.value,) if amount.low is None or amount.high is None else (amount.low, amount.high):
        fault = out_of_bounds(end, quantity, hint="%" not in text)
        if fault:
            problems.add(node, fault, subject)
            return None
    shown = " ".join(text.split())
    if amount.low is not None:
        if margin is not None:
            problems.add(margin, "'within' does not go with a range", subject)
            return None
        return Expectation(quantity.name, shown, low=amount.low, high=amount.high)
    if amount.value == 0 and margin is not None and tolerance.relative:
        problems.add(margin, "'within': a share of 0 is 0; give an amount in the metric's unit", subject)
        return None
    reach = tolerance.around(amount.value)
    if margin is not None and quantity.low == 0 and amount.value and reach > amount.value:
        # Nothing would be too low, and what was meant is as a rule a percentage: `within: 1` for 1%.
        message = f"'within': {tolerance.text} reaches below 0, where it cannot go"
        plain = re.fullmatch(r"[\d.]+", tolerance.text) and reach >= 1
        meant = f"; did you mean {tolerance.text}%?" if plain else "; 'below' states an upper end alone"
        problems.add(margin, f"{message}{meant}", subject)
        return None
    return Expectation(
        quantity.name,
        f"{shown} within {tolerance.text}" if tolerance.text else shown,
        value=amount.value,
        low=amount.value - reach,
        high=amount.value + reach,
    )


_BOUND: Final = re.compile(r"^(?P<sign>[<>])=?\s*(?P<number>.+)$")


def _meant(text: str) -> str:
    """Suggest the form that somebody had in mind who wrote an expectation as a condition."""
    bound = _BOUND.match(text.strip())
    if bound:
        form = "above" if bound["sign"] == ">" else "below"
        return f"; did you mean {{{form}: {shorten(bound['number'])}}}?"
    return '; did you mean {undefined: "part of the reason"}?' if text.strip() == "undefined" else ""


def _between(node: Node, quantity: Quantity, problems: Problems, subject: str) -> Expectation | None:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        got = f"a list of {len(node.items)}" if isinstance(node, Sequence) else kind_of(node)
        problems.add(node, f"'between' is a list of two numbers, such as [10, 100], got {got}", subject)
        return None
    low, high = (_number(item, quantity, problems, subject) for item in node.items)
    if low is None or high is None:
        return None
    written = [_written(item) for item in node.items]
    if not low < high:
        problems.add(node, f"'between' goes from low to high, got {written[0]} and {written[1]}", subject)
        return None
    return Expectation(quantity.name, f"between {written[0]} and {written[1]}", low=low, high=high)


def _scalar(node: Node, problems: Problems, subject: str) -> str | None:
    if isinstance(node, Scalar) and not node.is_null:
        return node.text
    problems.add(node, f"expected a number, got {kind_of(node)}", subject)
    return None


def _number(node: Node, quantity: Quantity, problems: Problems, subject: str) -> float | None:
    text = _scalar(node, problems, subject)
    if text is None:
        return None
    try:
        value = parse_number(text, percent=quantity.is_share)
    except NotANumber as error:
        problems.add(node, str(error), subject)
        return None
    fault = out_of_bounds(value, quantity, hint="%" not in text)
    if fault:
        problems.add(node, fault, subject)
        return None
    return value


def _written(node: Node) -> str:
    return " ".join(node.text.split()) if isinstance(node, Scalar) else ""


_POINTS: Final = re.compile(r"^(?P<number>.+?)\s*pp$")


def parse_tolerance(text: str, quantity: Quantity | None) -> Tolerance:
    """Read a tolerance: `5%` is relative; `0.5pp`, for shares, and a bare number are amounts in the unit.

    Without a quantity, since it is meant for all of them, only a percentage makes sense.

    Raises:
        NotANumber: saying what is wrong with it.
    """
    written = " ".join(text.split())
    points = _POINTS.match(written)
    if points:
        if quantity is None or quantity.unit != "share":
            what = quantity.name if quantity is not None else "every metric"
            raise NotANumber(f"percentage points are for shares, which {what} is not; use a percentage")
        if "%" in points["number"]:
            raise NotANumber(f"percentage points are written as 2pp, got '{shorten(written)}'")
        amount = parse_number(points["number"], percent=False) / 100
    else:
        amount = parse_number(written, percent=True)
        if quantity is None and "%" not in written:
            raise NotANumber(f"for every metric it is a percentage, such as 1%, got '{shorten(written)}'")
    if amount < 0:
        raise NotANumber(f"must not be negative, got '{shorten(written)}'")
    relative = "%" in written
    bounded = quantity is not None and quantity.unit == "share" and quantity.high == 1
    if bounded and not relative and amount >= 1:
        shown = shorten(written)
        hint = "" if points else f"; did you mean {shown}% of the value, or {shown}pp?"
        raise NotANumber(f"{shown} is more than a share can be off{hint}")
    return Tolerance(amount, relative, written)


def _tolerance(node: Node, quantity: Quantity, problems: Problems, subject: str) -> Tolerance | None:
    text = _scalar(node, problems, subject)
    if text is None:
        return None
    try:
        return parse_tolerance(text, quantity)
    except NotANumber as error:
        problems.add(node, f"'within': {error}", subject)
        return None

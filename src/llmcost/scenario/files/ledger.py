"""Reading a ledger: from YAML to claims, every problem at its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from llmcost.engine.registry import Registry
from llmcost.engine.units import DIMENSIONLESS
from llmcost.errors import LlmcostError, did_you_mean
from llmcost.scenario.claims import (
    COMPARED,
    VERDICTS,
    Belief,
    Claim,
    How,
    Ledger,
    Part,
    Reading,
    Verdict,
)
from llmcost.scenario.files.scenario_file import CLAIMS, check_version
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence, compose, read_text
from llmcost.scenario.override import read_override
from llmcost.scenario.reference import Link, parse_reference
from llmcost.scenario.values.claimed_range import Claimed, parse_claimed
from llmcost.scenario.values.datum import Problems, fields, is_as_of, kind_of, text_of
from llmcost.scenario.values.expression import Expression, parse_expression
from llmcost.scenario.values.number import NotANumber, parse_amount, parse_number, shorten

LEDGER_KEYS: Final = ("llmcost", "kind", "title", "note", "claims")
PART_KEYS: Final = (
    "scenario",
    "compare",
    "metric",
    "as",
    "unit",
    "workload",
    "set",
    "ranges",
    "claimed",
    "within",
)
READING_KEYS: Final = (*PART_KEYS, "note", "believe", "all")
SAID_KEYS: Final = ("statement", "who", "when", "source", "url", "note")
CLAIM_KEYS: Final = (*SAID_KEYS, *PART_KEYS, "believe", "readings", "expect_verdict")
_ID: Final = re.compile(r"[^\W_][\w.-]*")
_UNIT: Final = re.compile(r"[\w×–%/ -]{1,30}")


def is_ledger(path: Path) -> bool:
    """Whether a file says of itself that it is a ledger; what cannot be read is none."""
    try:
        text = read_text(path)
        node = compose(text, "") if CLAIMS in text else None
    except LlmcostError:
        return False
    return isinstance(node, Mapping) and any(
        key.text == CLAIMS or (key.text == "kind" and isinstance(value, Scalar) and value.text == CLAIMS)
        for key, value in node.items
    )


def read_ledger(text: str, where: str, registry: Registry) -> Ledger:
    """Read a ledger from YAML.

    Raises:
        LlmcostError: with every problem of the text, each with its line and column.
    """
    node = compose(text, where)
    reader = _Reader(registry, Problems(where))
    ledger = reader.read(node)
    if reader.problems.found:
        # What stands at a claim is read once for each of its readings.
        raise LlmcostError(*dict.fromkeys(reader.problems.sorted()))
    assert ledger is not None
    return ledger


class _Reader:
    def __init__(self, registry: Registry, problems: Problems) -> None:
        self.registry = registry
        self.problems = problems

    def read(self, node: Node) -> Ledger | None:
        if not isinstance(node, Mapping):
            self.problems.add(node, f"a ledger is a mapping with 'claims:', got {kind_of(node)}")
            return None
        found = fields(node, LEDGER_KEYS, self.problems)
        check_version(found.get("llmcost"), self.problems)
        kind = found.get("kind")
        if kind is not None and not (isinstance(kind, Scalar) and kind.text == CLAIMS):
            self.problems.add(kind, f"a ledger has 'kind: {CLAIMS}', got {kind_of(kind)}")
        claims = found.get("claims")
        if claims is None:
            self.problems.add(node, "has no 'claims'")
        elif not isinstance(claims, Mapping) or not claims.items:
            self.problems.add(claims, f"'claims' maps ids to claims, got {kind_of(claims)}")
        return Ledger(
            where=self.problems.where or "",
            title=self._text(found, "title"),
            note=self._text(found, "note"),
            claims=self._claims(claims) if isinstance(claims, Mapping) else (),
        )

    def _text(self, found: dict[str, Node], key: str, subject: str | None = None) -> str | None:
        return text_of(found[key], self.problems, subject, key) if key in found else None

    def _claims(self, node: Mapping) -> tuple[Claim, ...]:
        claims: dict[str, Claim | None] = {}
        first: dict[str, int] = {}
        for key, value in node.items:
            if not _ID.fullmatch(key.text):
                message = f"'{shorten(key.text)}' is no id; letters, digits, '-', '_' and '.' are"
                self.problems.add(key, message)
            elif key.text in first:
                message = f"duplicate claim '{key.text}', first in line {first[key.text]}"
                self.problems.add(key, message)
            else:
                first[key.text] = key.line
                claims[key.text] = self._claim(key, value)
        return tuple(filter(None, claims.values()))

    def _claim(self, key: Scalar, node: Node) -> Claim | None:
        subject = key.text
        if not isinstance(node, Mapping):
            self.problems.add(node, f"a claim is a mapping with 'statement:', got {kind_of(node)}", subject)
            return None
        found = fields(node, CLAIM_KEYS, self.problems, subject)
        said = {name: self._text(found, name, subject) for name in SAID_KEYS}
        if "statement" not in found:
            self.problems.add(key, "has no 'statement'", subject)
        self._check_said(found, said, subject)
        return Claim(
            id=key.text,
            statement=said["statement"] or "",
            who=said["who"],
            when=said["when"],
            source=said["source"],
            url=said["url"],
            note=said["note"],
            readings=self._readings(key, found, subject),
            expected=self._expected(found.get("expect_verdict"), subject),
            place=self.problems.place(key),
        )

    def _check_said(self, found: dict[str, Node], said: dict[str, str | None], subject: str) -> None:
        url, when = said["url"], said["when"]
        if url is not None and not url.startswith(("https://", "http://")):
            message = f"'url' must start with https:// or http://, got '{shorten(url)}'"
            self.problems.add(found["url"], message, subject)
        if when is not None and not is_as_of(when):
            message = f"'when' is a date such as 2024-09 or 2025-01-29, got '{shorten(when)}'"
            self.problems.add(found["when"], message, subject)

    def _expected(self, node: Node | None, subject: str) -> Verdict | None:
        if node is None:
            return None
        text = text_of(node, self.problems, subject, "expect_verdict")
        verdict = next((verdict for verdict in VERDICTS if verdict == text), None)
        if verdict is None and text is not None:
            hint = did_you_mean(text, VERDICTS) or f"; allowed are {', '.join(VERDICTS)}"
            self.problems.add(node, f"unknown verdict '{shorten(text)}'{hint}", subject)
        return verdict

    def _readings(self, key: Scalar, claim: dict[str, Node], subject: str) -> tuple[Reading, ...]:
        node = claim.get("readings")
        if node is None or (isinstance(node, Mapping) and not node.items):
            self.problems.add(key, "has no 'readings', so there is nothing to work out", subject)
            return ()
        if not isinstance(node, Mapping):
            message = f"'readings' maps names to ways to mean the claim, got {kind_of(node)}"
            self.problems.add(node, message, subject)
            return ()
        outer = {name: value for name, value in claim.items() if name in (*PART_KEYS, "believe")}
        readings: dict[str, Reading] = {}
        for name, value in node.items:
            text = " ".join(name.text.split())
            if not text or len(text) > 80:
                self.problems.add(name, "a reading's name has 1 to 80 characters", subject)
            elif text in readings:
                self.problems.add(name, f"duplicate reading '{shorten(text)}'", subject)
            elif isinstance(value, Mapping) or (isinstance(value, Scalar) and value.is_null):
                readings[text] = self._reading(text, name, value, outer, subject)
            else:
                self.problems.add(value, f"a reading is a mapping, got {kind_of(value)}", subject)
        return tuple(readings.values())

    def _reading(self, text: str, key: Scalar, node: Node, outer: dict[str, Node], subject: str) -> Reading:
        own = fields(node, READING_KEYS, self.problems, subject) if isinstance(node, Mapping) else {}
        merged = _within(outer, own)
        listed = own.get("all")
        parts: list[Part | None] = []
        if listed is None:
            parts.append(self._part(key, merged, subject))
        elif not isinstance(listed, Sequence) or not listed.items:
            self.problems.add(listed, f"'all' lists the numbers of a reading, got {kind_of(listed)}", subject)
        else:
            for item in listed.items:
                if isinstance(item, Mapping):
                    inner = fields(item, PART_KEYS, self.problems, subject)
                    parts.append(self._part(item, _within(merged, inner), subject))
                else:
                    self.problems.add(item, f"expected a mapping, got {kind_of(item)}", subject)
        return Reading(
            name=text,
            note=self._text(own, "note", subject),
            parts=tuple(part for part in parts if part is not None),
            beliefs=self._beliefs(merged.get("believe"), subject),
        )

    def _part(self, at: Node, found: dict[str, Node], subject: str) -> Part | None:
        before = len(self.problems.found)
        sources = self._sources(at, found, subject)
        metrics = self._metrics(at, found, len(sources), subject)
        how = self._how(found, len(sources), subject)
        unit = self._unit(at, found, metrics, how, subject)
        claimed = self._claimed(at, found, unit, subject)
        if claimed is not None and self._most_is_one(metrics, how):
            self._refuse_above_one(claimed, found["claimed"], subject)
        overrides = self._overrides(found.get("set"), subject)
        draws = self._draws(found.get("ranges"), subject)
        workload = self._text(found, "workload", subject)
        if len(self.problems.found) > before or claimed is None:
            return None
        place = self.problems.place(found["metric"])
        return Part(sources, metrics, how, unit, claimed, workload, overrides, draws, place)

    def _sources(self, at: Node, found: dict[str, Node], subject: str) -> tuple[Link, ...]:
        one, two = found.get("scenario"), found.get("compare")
        if one is not None and two is not None:
            self.problems.add(two, "has both 'scenario' and 'compare'; one of them is enough", subject)
            return ()
        if one is None and two is None:
            self.problems.add(at, "has neither 'scenario' nor 'compare'", subject)
            return ()
        nodes: tuple[Node, ...] = (one,) if one is not None else ()
        if isinstance(two, Sequence):
            nodes = two.items
        if two is not None and len(nodes) != 2:
            message = f"'compare' is a list of two scenarios such as [o1, deepseek-r1], got {kind_of(two)}"
            if isinstance(two, Sequence):
                message += f" of {len(nodes)}"
            self.problems.add(two, message, subject)
            return ()
        sources = []
        for node in nodes:
            text = text_of(node, self.problems, subject, "compare" if two is not None else "scenario")
            if text is None:
                continue
            try:
                if parse_reference(text).base == "-":
                    self.problems.add(node, "a claim's scenario is not read from standard input", subject)
                sources.append(Link(text, self.problems.place(node)))
            except LlmcostError as error:
                self.problems.add(node, str(error), subject)
        # Of two scenarios one of which cannot be read, what is said of both must not be held against one.
        return tuple(sources) if len(sources) == len(nodes) else ()

    def _metrics(self, at: Node, found: dict[str, Node], count: int, subject: str) -> tuple[Expression, ...]:
        node = found.get("metric")
        if node is None:
            self.problems.add(at, "has no 'metric'", subject)
            return ()
        nodes = node.items if isinstance(node, Sequence) else (node,)
        if isinstance(node, Sequence) and count and len(nodes) != count:
            each = "one for each scenario" if count == 2 else "one metric"
            self.problems.add(node, f"'metric' takes {each}, got a list of {len(nodes)}", subject)
            return ()
        metrics = []
        for item in nodes:
            text = text_of(item, self.problems, subject, "metric")
            if text is not None:
                try:
                    metrics.append(parse_expression(text, self.registry))
                except NotANumber as error:
                    self.problems.add(item, f"'metric': {error}", subject)
        return tuple(metrics * count if len(metrics) == 1 else metrics)

    def _how(self, found: dict[str, Node], count: int, subject: str) -> How:
        if "as" not in found:
            return "ratio" if count == 2 else "value"
        text = text_of(found["as"], self.problems, subject, "as")
        how = next((how for how in COMPARED if how == text), None)
        if how is None and text is not None:
            hint = did_you_mean(text, COMPARED) or f"; allowed are {', '.join(COMPARED)}"
            self.problems.add(found["as"], f"unknown 'as: {shorten(text)}'{hint}", subject)
        elif count == 1:
            self.problems.add(found["as"], "'as' says what a comparison amounts to; this is none", subject)
        return how or "ratio"

    def _unit(
        self, at: Node, found: dict[str, Node], metrics: tuple[Expression, ...], how: How, subject: str
    ) -> str:
        if "unit" in found:
            text = text_of(found["unit"], self.problems, subject, "unit")
            if text is not None and not _UNIT.fullmatch(text):
                self.problems.add(found["unit"], f"'{shorten(text)}' is no unit", subject)
            return text or ""
        if len({_alike(metric.unit) for metric in metrics}) == 2:
            one, two = (metric.unit for metric in metrics)
            message = (
                f"compares {one} with {two}; 'unit' says what both are, where the arithmetic makes them one"
            )
            self.problems.add(found.get("metric", at), message, subject)
        return "×" if how == "ratio" else "share" if how == "saving" else metrics[0].unit if metrics else ""

    def _claimed(self, at: Node, found: dict[str, Node], unit: str, subject: str) -> Claimed | None:
        node = found.get("claimed")
        if node is None:
            self.problems.add(at, "has no 'claimed', such as 'about 30' or 'between 10 and 100'", subject)
            return None
        text = text_of(node, self.problems, subject, "claimed")
        within = text_within = None
        try:
            if "within" in found:
                text_within = text_of(found["within"], self.problems, subject, "within")
                within = None if text_within is None else parse_number(text_within, percent=True)
        except NotANumber as error:
            self.problems.add(found["within"], f"'within': {error}", subject)
        if within is not None and within < 0:
            self.problems.add(found["within"], "'within' must not be negative", subject)
        elif within is not None and within >= 1:
            meant = f"; did you mean {within:g}%?" if within < 100 and "%" not in (text_within or "") else ""
            said = shorten(text_within or "")
            message = f"'within' is a share of the number, and {said} is all of it or more{meant}"
            self.problems.add(found["within"], message, subject)
        if text is None:
            return None
        try:
            return parse_claimed(text, within=within, percent=unit in DIMENSIONLESS)
        except NotANumber as error:
            self.problems.add(node, f"'claimed': {error}", subject)
            return None

    def _refuse_above_one(self, claimed: Claimed, node: Node, subject: str) -> None:
        """Refuse what no share can be, or all are: somebody wrote 90 for 90%."""
        end = claimed.high if claimed.low is None else claimed.low
        if end is not None and end > 1 and "%" not in claimed.text:
            said = f"'{shorten(claimed.text)}' of a number that cannot exceed 1"
            self.problems.add(node, f"'claimed': {said}; 90% is written with its sign", subject)

    def _most_is_one(self, metrics: tuple[Expression, ...], how: How) -> bool:
        """Whether the number is a share of something: a saving, or a metric that cannot exceed 1."""
        quantities = [self.registry.quantities.get(metric.text) for metric in metrics]
        return how == "saving" or (how == "value" and [q and q.high for q in quantities] == [1])

    def _overrides(self, node: Node | None, subject: str) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, Mapping):
            message = f"'set' maps quantities to values as --set takes them, got {kind_of(node)}"
            self.problems.add(node, message, subject)
            return ()
        found: dict[str, str] = {}
        for key, value in node.items:
            if key.text in found:
                self.problems.add(key, f"duplicate key '{shorten(key.text)}'", subject)
            elif not isinstance(value, Scalar):
                self.problems.add(value, f"expected a number, got {kind_of(value)}", f"{subject}: {key.text}")
            else:
                text = f"{key.text}={'null' if value.is_null else value.text}"
                try:
                    read_override(text, self.registry)
                except LlmcostError as error:
                    for problem in error.problems:
                        named = problem.subject is not None
                        place = value if named else key
                        said = f"{subject}: {problem.subject}" if named else subject
                        self.problems.add(place, problem.message, said)
                found[key.text] = text
        return tuple(found.values())

    def _draws(self, node: Node | None, subject: str) -> bool:
        if node is None:
            return True
        text = text_of(node, self.problems, subject, "ranges")
        if text not in (None, "draw", "ignore"):
            self.problems.add(node, f"'ranges' is draw or ignore, got '{shorten(text)}'", subject)
        return text != "ignore"

    def _beliefs(self, node: Node | None, subject: str) -> tuple[Belief, ...]:
        if node is None:
            return ()
        if isinstance(node, Sequence):
            pairs: list[tuple[Node, Node | None]] = [(item, None) for item in node.items]
        elif isinstance(node, Mapping):
            pairs = list(node.items)
        else:
            self.problems.add(node, f"'believe' lists inputs, got {kind_of(node)}", subject)
            return ()
        beliefs = (self._belief(key, value, subject) for key, value in pairs)
        return tuple(belief for belief in beliefs if belief is not None)

    def _belief(self, key: Node, value: Node | None, subject: str) -> Belief | None:
        text = text_of(key, self.problems, subject, "believe")
        if text is None:
            return None
        scenario, _, name = text.rpartition("/")
        if name not in self.registry.quantities:
            fault = self.registry.unknown(shorten(name, 80), "input", hint=self.problems.few)
            self.problems.add(key, fault, subject)
            return None
        between = None
        if value is not None and not (isinstance(value, Scalar) and value.is_null):
            percent = self.registry.quantities[name].is_share
            try:
                amount = parse_amount(value.text if isinstance(value, Scalar) else "", percent=percent)
            except NotANumber as error:
                self.problems.add(value, f"believe {name}: {error}", subject)
                return None
            if amount.low is None or amount.high is None:
                message = f"believe {name}: where to search is LOW to HIGH, got {kind_of(value)}"
                self.problems.add(value, message, subject)
                return None
            between = (amount.low, amount.high)
        return Belief(scenario or None, name, between, self.problems.place(key))


def _within(outer: dict[str, Node], inner: dict[str, Node]) -> dict[str, Node]:
    """Return what is in force inside: an inner key wins, and puts out of force what it stands in place of."""
    replaced = set()
    if "scenario" in inner or "compare" in inner:
        replaced |= {"scenario", "compare"}
    if "scenario" in inner and "as" not in inner:
        replaced.add("as")
    if "claimed" in inner:
        replaced.add("within")
    if "metric" in inner:
        replaced.add("unit")
    return {key: value for key, value in outer.items() if key not in replaced} | inner


def _alike(unit: str) -> str:
    return "" if unit in DIMENSIONLESS else unit

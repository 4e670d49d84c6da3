"""Reading `models:`, each of which is a company of its own: what it cost to train, earned and cost since."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as Map
from typing import Final

from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence
from llmcost.scenario.timeline import (
    MOST_MONTHS,
    Cohort,
    When,
)
from llmcost.scenario.values.datum import (
    SOURCE_KEYS,
    Problems,
    fields,
    kind_of,
    provenance_of,
    read_sources,
    text_of,
)
from llmcost.scenario.values.number import NotANumber, parse_number, shorten

_MODEL_KEYS: Final = ("name", "year", "month", "training_cost", "revenue", "serving_cost", "life")


class CohortReader:
    """Reads the models of one scenario; `when` reads a month."""

    def __init__(
        self,
        problems: Problems,
        when: Callable[[Node, str], When | None],
    ) -> None:
        self.problems = problems
        self.when = when

    def read(self, node: Node) -> tuple[Cohort, ...]:
        """Return the models, their problems noted."""
        if isinstance(node, Scalar) and node.is_null:
            return ()
        if not isinstance(node, Sequence):
            self.problems.add(node, f"'models' is a list of models, got {kind_of(node)}")
            return ()
        found: dict[str, Cohort] = {}
        for item in node.items:
            cohort = self._model(item)
            if cohort is not None and cohort.name in found:
                line = found[cohort.name].provenance.place.line
                message = f"duplicate model '{shorten(cohort.name)}', first in line {line}"
                self.problems.add(item, message, "models")
            elif cohort is not None:
                found[cohort.name] = cohort
        kinds = {(cohort.yearly, cohort.at.calendar is None) for cohort in found.values()}
        if len(kinds) > 1:
            message = "count their time differently; state years, months or dates for all of them"
            self.problems.add(node, message, "models")
        return tuple(found.values())

    def _model(self, node: Node) -> Cohort | None:
        if not isinstance(node, Mapping):
            self.problems.add(node, f"a model is a mapping with a name, got {kind_of(node)}", "models")
            return None
        before = len(self.problems.found)
        found = fields(node, (*_MODEL_KEYS, *SOURCE_KEYS), self.problems, "models")
        name = text_of(found["name"], self.problems, "models", "name") if "name" in found else None
        subject = f"models: {shorten(name)}" if name else "models"
        for key in ("name", "training_cost"):
            if key not in found:
                self.problems.add(node, f"has no '{key}'", subject)
        if ("year" in found) == ("month" in found):
            message = "has both 'year' and 'month'" if "year" in found else "has no 'year' and no 'month'"
            self.problems.add(node, message, subject)
        when = self._trained(found, subject)
        life = self._life(found["life"], subject) if "life" in found else None
        lists = {
            key: self._amounts(found[key], subject, key, life) if key in found else ()
            for key in ("training_cost", "revenue", "serving_cost")
        }
        sources = read_sources(found, subject, self.problems)
        if len(self.problems.found) > before or name is None or when is None:
            return None
        return Cohort(
            name,
            when,
            "year" in found,
            lists["training_cost"],
            lists["revenue"],
            lists["serving_cost"],
            provenance_of(sources, self.problems.place(node)),
        )

    def _trained(self, found: Map[str, Node], subject: str) -> When | None:
        if "month" in found:
            return self.when(found["month"], subject)
        if "year" not in found:
            return None
        year = whole(found["year"])
        if year is None or year < 1:
            message = f"'year' is a number such as 1 or 2024, got {kind_of(found['year'])}"
            self.problems.add(found["year"], message, subject)
            return None
        return When(year, None, str(year), self.problems.place(found["year"]))

    def _life(self, node: Node, subject: str) -> int:
        life = whole(node)
        if life is None or not 1 <= life <= MOST_MONTHS:
            message = f"'life' is a number of years or months from 1 to {MOST_MONTHS:,}, got {kind_of(node)}"
            self.problems.add(node, message, subject)
            return 1  # a total that stands beside it is not to blame
        return life

    def _amounts(self, node: Node, subject: str, key: str, life: int | None) -> tuple[float, ...]:
        """Read a list by period, or a total, which is spread evenly over the life; training comes at once."""
        if isinstance(node, Sequence):
            if len(node.items) > MOST_MONTHS:
                self.problems.add(node, f"'{key}' has more than {MOST_MONTHS:,} values", subject)
                return ()
            values = [self._amount(item, subject) for item in node.items]
            return tuple(value for value in values if value is not None)
        total = self._amount(node, subject)
        if total is None or key == "training_cost":
            return () if total is None else (total,)
        if life is None:
            message = f"'{key}' is a total, and 'life' does not say over how many periods it comes in"
            self.problems.add(node, message, subject)
            return ()
        return (0.0, *[total / life] * life)

    def _amount(self, node: Node, subject: str) -> float | None:
        if not isinstance(node, Scalar) or node.is_null:
            self.problems.add(node, f"expected a number, got {kind_of(node)}", subject)
            return None
        try:
            value = parse_number(node.text, percent=False)
        except NotANumber as error:
            self.problems.add(node, str(error), subject)
            return None
        if value < 0:
            self.problems.add(node, f"must not be negative, got {value:.12g}", subject)
            return None
        return value


def whole(node: Node) -> int | None:
    """Return the whole number that is written, or None."""
    if not isinstance(node, Scalar) or not re.fullmatch(r"\d{1,6}", node.text.strip()):
        return None
    return int(node.text)

"""What may stand for a quantity: a number, null, or a mapping with `value` or dated `values`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmcost.scenario.files.format import Field, Fields, Kind
from llmcost.scenario.files.kinds import SOURCES, TEXT, choice, number
from llmcost.scenario.values.datum import read_series
from llmcost.scenario.values.provenance import DISTRIBUTIONS

if TYPE_CHECKING:
    from llmcost.scenario.files.schema import Models

_NUMBER: Final = Kind(
    "a number, 3.7B, 27%, arithmetic, or a range LOW to HIGH", number().read, lambda _: float | str
)
_UNIT: Final = Field("unit", TEXT, "The unit of the number, converted to the vocabulary's.")
ENTRY: Final = Fields(
    "Entry",
    "a mapping with 'value'",
    "A dated number with its source.",
    Field("value", _NUMBER, "A number, 3.7B, 27%, arithmetic, or a range LOW to HIGH.", required=True),
    Field("low", number(), "Low end of the 90 % interval."),
    Field("high", number(), "High end of the 90 % interval."),
    Field("dist", choice(*DISTRIBUTIONS), "Distribution over the range."),
    *SOURCES,
)
DATUM: Final = Fields(
    "Datum", "a mapping with 'value'", "One number with its source.", *ENTRY.fields.values(), _UNIT
)


def _dates(models: Models) -> Any:
    return models.limited(dict[str, models.of(ENTRY) | float | str | None], min_length=1)  # type: ignore[misc]


DATED: Final = Fields(
    "Dated",
    "a mapping with 'values'",
    "Values by the date from which each is in force; append, never overwrite.",
    Field(
        "values",
        Kind("a mapping from dates to values", lambda node, at: None, _dates),
        "Values by date, such as 2024-05-13: 5.",
        required=True,
    ),
    *SOURCES,
    _UNIT,
)


def written(models: Models) -> Any:
    """Return the type of what may stand for a quantity besides a plain number."""
    text = models.limited(str, pattern=r"^[-+*/\s]*([$€£¥₹(.\d]|[A-Z]{3}\s*\d)")
    return models.named("Written", lambda: text | models.of(DATUM) | models.of(DATED) | None)


VALUE: Final = Kind(
    "a number, a range LOW to HIGH, a mapping with 'value' or dated 'values', or null",
    lambda node, at: read_series(node, at.stated, at.problems),
    lambda models: models.bounded(written(models)),
)

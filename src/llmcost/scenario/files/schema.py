"""The JSON Schemas of scenario files, test files and ledgers: from the vocabulary and what is read."""

from __future__ import annotations

from typing import Any, Final, Literal

from llmcost.engine.registry import Quantity, Registry

SCHEMA_FILE: Final = "scenario.schema.json"
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_MONTHS: Final = r"^(\d+|\d{4}-\d{2}(-\d{2})?)$"
_TEXT_OF_NUMBER: Final = r"^[-+\s]*[$(.\d]"


def schema(registry: Registry) -> dict[str, Any]:
    """Return the JSON Schema as a document.

    It completes and checks names, units, bases and bounds of plain numbers. What numbers written as text
    amount to, and what files mean together, only the reader knows: `llmcost validate`.
    """
    definitions, header, timeline = _models()
    stated = {name: q for name, q in registry.quantities.items() if name not in registry.outcomes}
    moves = {name: {"$ref": "#/$defs/Trajectory"} for name in stated}
    timeline["trajectory"] |= {"type": ["object", "null"], "additionalProperties": False, "properties": moves}
    definitions["Event"]["properties"] |= {name: {"type": ["number", "string"]} for name in stated}
    sections: dict[str, Any] = {}
    for section, title in registry.sections.items():
        names = [q for q in stated.values() if q.section == section]
        if not names:
            continue
        sections[section] = {
            "title": title,
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {q.name.partition(".")[2]: {"$ref": f"#/$defs/{q.name}"} for q in names},
        }
    dotted = {name: {"$ref": f"#/$defs/{name}"} for name in stated}
    variant = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "note": {"type": "string"},
            "supplier": header["supplier"],
            **timeline,
            **_refer(sections),
            **dotted,
        },
    }
    definitions |= {q.name: _quantity(q) for q in stated.values()}
    definitions |= {f"section-{name}": body for name, body in sections.items()}
    definitions["variant"] = variant
    return {
        "$schema": _DRAFT,
        "title": "llmcost scenario",
        "description": "What is known about a model, company, product, fleet or workload.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **header,
            **timeline,
            **_refer(sections),
            "variants": {
                "description": "Named what-ifs: the quantities that each overrides.",
                "type": ["object", "null"],
                "additionalProperties": {"$ref": "#/$defs/variant"},
            },
            "expect": {
                "description": "Metrics of this scenario and the values they must have.",
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": {name: {"$ref": "#/$defs/Expectation"} for name in registry.quantities},
            },
            **dotted,
        },
        "$defs": definitions,
    }


def suite_schema(registry: Registry) -> dict[str, Any]:
    """Return the JSON Schema of test files as a document; expectations are those of scenario files."""
    from llmcost.scenario.files.expectation import SETTING_KEYS

    whole = schema(registry)
    definitions = {name: whole["$defs"][name] for name in ("Expectation", "Expected")}
    conditions = {key: definitions["Expected"]["properties"][key] for key in SETTING_KEYS}
    text = {"type": "string"}
    case = {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "scenario", "expect"],
        "properties": {
            "name": text | {"description": "What the case is called, and selected by."},
            "scenario": text | {"description": "A name, or a path as seen from this file."},
            **conditions,
            "expect": whole["properties"]["expect"],
        },
    }
    return {
        "$schema": _DRAFT,
        "title": "llmcost tests",
        "description": "What is expected of scenarios, under conditions.",
        "type": "object",
        "additionalProperties": False,
        "required": ["kind", "cases"],
        "properties": {
            "llmcost": {"const": 1, "description": "Format version."},
            "kind": {"const": "tests"},
            "title": text,
            "note": text,
            "cases": {"type": "array", "items": case, "minItems": 1},
        },
        "$defs": definitions,
    }


def ledger_schema(registry: Registry) -> dict[str, Any]:
    """Return the JSON Schema of claims ledgers as a document.

    It completes and checks keys, and the names of the quantities that a reading sets. Scenarios, metrics and
    what is claimed only the reader knows: `llmcost validate`.
    """
    from llmcost.scenario.claims import COMPARED, VERDICTS
    from llmcost.scenario.values.claimed_range import RELATIONS

    text = {"type": "string"}
    number = {"type": ["number", "string"]}
    metric = {"type": "string", "description": "A metric, or arithmetic over metrics: + - * / ^ ( )."}
    part: dict[str, Any] = {
        "scenario": text | {"description": "The scenario that is spoken of, as commands take it."},
        "compare": {
            "description": "Two scenarios, in place of one.",
            "type": "array",
            "items": text,
            "minItems": 2,
            "maxItems": 2,
        },
        "metric": {"anyOf": [metric, {"type": "array", "items": metric, "minItems": 1, "maxItems": 2}]},
        "as": {
            "enum": list(COMPARED),
            "description": "What a comparison [a, b] is: a ÷ b, 1 − b ÷ a, a − b.",
        },
        "unit": text | {"description": "The unit of the result, where numbers without one make it another."},
        "workload": text | {"description": "The mix that is priced."},
        "set": {
            "description": "Overrides, as --set takes them.",
            "type": "object",
            "propertyNames": {"enum": list(registry.quantities)},
            "additionalProperties": {"type": ["number", "string", "null"]},
        },
        "ranges": {"enum": ["draw", "ignore"], "description": "Whether the inputs' ranges are drawn from."},
        "claimed": number | {"description": f"A number by itself, or one after {', '.join(RELATIONS)}."},
        "within": number | {"description": "How far 'about' reaches, such as 15%; 10% without it."},
    }
    believe = {
        "description": "Inputs that one may have to believe otherwise: INPUT, or SCENARIO/INPUT.",
        "anyOf": [
            {"type": "array", "items": text},
            {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        ],
    }
    reading = {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            **part,
            "note": text,
            "believe": believe,
            "all": {
                "description": "Several numbers, all of which must be what is claimed.",
                "type": "array",
                "items": {"type": "object", "additionalProperties": False, "properties": part},
                "minItems": 1,
            },
        },
    }
    claim = {
        "type": "object",
        "additionalProperties": False,
        "required": ["statement", "readings"],
        "properties": {
            "statement": text | {"description": "What was said, in a sentence of one's own."},
            "who": text,
            "when": {"type": ["string", "integer"], "pattern": "^\\d{4}(-\\d{2}(-\\d{2})?)?$"},
            "source": text,
            "url": text | {"pattern": "^https?://"},
            "note": text,
            **part,
            "believe": believe,
            "readings": {
                "description": "The ways in which the sentence can be meant, by name.",
                "type": "object",
                "minProperties": 1,
                "additionalProperties": reading,
            },
            "expect_verdict": {"enum": list(VERDICTS)},
        },
    }
    return {
        "$schema": _DRAFT,
        "title": "llmcost claims",
        "description": "What was said, and the ways in which it can be meant.",
        "type": "object",
        "additionalProperties": False,
        "required": ["claims"],
        "properties": {
            "llmcost": {"const": 1, "description": "Format version."},
            "kind": {"const": "claims"},
            "title": text,
            "note": text,
            "claims": {"type": "object", "minProperties": 1, "additionalProperties": claim},
        },
    }


def _refer(sections: dict[str, Any]) -> dict[str, Any]:
    return {name: {"$ref": f"#/$defs/section-{name}"} for name in sections}


def _quantity(quantity: Quantity) -> dict[str, Any]:
    bounds = {"minimum": quantity.low, "maximum": quantity.high}
    return {
        "description": f"{quantity.description} [{quantity.unit}]",
        "anyOf": [
            {"type": "number"} | {key: bound for key, bound in bounds.items() if bound is not None},
            {"$ref": "#/$defs/Written"},
        ],
    }


def _models() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return the definitions of the datum's shapes, and the properties of the header and of the timeline.

    The models live here, inside the one function that needs them: importing pydantic and building them
    takes longer than a whole comparison.
    """
    import datetime as dt

    from pydantic import BaseModel, ConfigDict, Field
    from pydantic.json_schema import models_json_schema

    from llmcost.engine.registry import Basis
    from llmcost.scenario.files.scenario_file import Kind
    from llmcost.scenario.values.provenance import Distribution

    closed = ConfigDict(extra="forbid")

    class Sourced(BaseModel):
        model_config = closed
        basis: Basis | None = Field(None, description="How firm the number is, strongest first.")
        source: str | None = Field(None, description="Where the number comes from.")
        url: str | None = Field(None, pattern="^https?://", description="Where to read it.")
        as_of: dt.date | str | None = Field(None, description="The date that the number is about.")
        note: str | None = Field(None, description="What a reader must know about it.")

    class Datum(Sourced):
        """One number with its source."""

        value: float | str = Field(description="A number, 3.7B, 27%, arithmetic, or a range LOW to HIGH.")
        low: float | str | None = Field(None, description="Low end of the 90 % interval.")
        high: float | str | None = Field(None, description="High end of the 90 % interval.")
        dist: Distribution | None = Field(None, description="Distribution over the range.")
        unit: str | None = Field(None, description="Checked against the vocabulary.")

    class Entry(Sourced):
        """A dated number."""

        value: float | str
        low: float | str | None = None
        high: float | str | None = None
        dist: Distribution | None = None

    class Dated(Sourced):
        """Values by the date from which each is in force; append, never overwrite."""

        values: dict[dt.date, Entry | float | str | None] = Field(min_length=1)
        unit: str | None = Field(None, description="Checked against the vocabulary.")

    class Expected(BaseModel):
        """What a metric must be: one of value, between, above and below, undefined."""

        model_config = closed
        value: float | str | None = Field(None, description="A number, arithmetic, or a range LOW to HIGH.")
        within: float | str | None = Field(
            None, description="Tolerance: 5% is relative, 0.02 in the metric's unit, 2pp for shares."
        )
        between: tuple[float | str, float | str] | None = Field(None, description="Two ends, included.")
        above: float | str | None = Field(None, description="It must be above this.")
        below: float | str | None = Field(None, description="It must be below this.")
        undefined: str | None = Field(
            None, description="It must be undefined, for the reason with this code or these words."
        )
        as_of: dt.date | None = Field(None, description="The date whose values are meant.")
        variant: str | None = Field(None, description="The variant that is meant, several with +.")
        workload: str | None = Field(None, description="The mix that is priced.")
        set: dict[str, Any] | None = Field(None, description="Overrides, as with --set.")
        severity: Literal["error", "warn"] = Field("error", description="Whether it fails or warns only.")
        because: str | None = Field(None, description="Why; shown when it does not hold.")

    class Header(BaseModel):
        llmcost: int = Field(1, ge=1, le=1, description="Format version.")
        title: str | None = Field(None, description="What the scenario is, in a line.")
        kind: Kind | None = Field(None, description="What it is a scenario of.")
        note: str | None = Field(None, description="What a reader must know.")
        aliases: list[str] | None = Field(None, description="Other names it goes by.")
        extends: str | None = Field(None, description="Name or path of the scenario that this one overrides.")
        supplier: str | None = Field(None, description="The scenario whose list prices a product pays.")

    number = float | str
    month = int | str

    class Trajectory(Sourced):
        """How a quantity moves, with its source."""

        growth: str | None = Field(None, description="Such as +8%/month, -30%/year or x3/year.")
        values: dict[str, number] | list[number] | None = Field(
            None, description="Values or growth by month or date, or a value for each month."
        )

    class Repricing(BaseModel):
        """Prices that are multiplied, demand answering."""

        model_config = closed
        payer: Literal["uniform", "api-only"] = Field(description="Whose prices are multiplied.")
        multiplier: number = Field(description="What they are multiplied by.")

    class Event(Sourced):
        """What happens in one month: quantities set (5B), added to (+5B, -1B) or scaled (*2, +10%)."""

        at: month = Field(description="The month's number, or a date.")
        reprice: Repricing | None = None

    class Model(Sourced):
        """A model as a company; lists are by year or month, the first entry that of its training."""

        name: str
        year: int | None = Field(None, ge=1, description="The year of its training, where lists are by year.")
        month: int | str | None = Field(
            None, description="The month of its training, where lists are by month."
        )
        training_cost: number | list[number] = Field(description="USD.")
        revenue: number | list[number] | None = Field(None, description="USD by period, or a total.")
        serving_cost: number | list[number] | None = Field(None, description="USD by period, or a total.")
        life: int | None = Field(
            None, ge=1, description="Periods over which totals come in, after the first."
        )

    class Moving(BaseModel):
        start: dt.date | str | None = Field(None, description="The month of the start, such as 2025-01.")
        horizon_months: int | None = Field(None, ge=1, description="Months of a projection; absent: 60.")
        trajectory: None = Field(None, description="How quantities move, month by month.")
        events: list[Event] | None = Field(None, description="What happens in which month.")
        models: list[Model] | None = Field(None, description="Models, each a company of its own.")

    models: list[Any] = [
        (model, "validation") for model in (Datum, Dated, Expected, Header, Trajectory, Moving)
    ]
    definitions: dict[str, Any] = models_json_schema(models)[1]["$defs"]
    header = definitions.pop("Header")["properties"]
    timeline = definitions.pop("Moving")["properties"]
    timeline["trajectory"] = {"description": timeline["trajectory"]["description"]}
    definitions["SourcedTrajectory"] = definitions.pop("Trajectory")
    months = {"type": "object", "patternProperties": {_MONTHS: {"type": ["number", "string"]}}}
    definitions["Trajectory"] = {
        "anyOf": [
            {"type": "string", "pattern": r"^[-+x×*]"},
            {"type": "null"},
            {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 1},
            months | {"additionalProperties": False, "minProperties": 1},
            {"$ref": "#/$defs/SourcedTrajectory"},
        ]
    }
    definitions["Written"] = {
        "anyOf": [
            {"type": "string", "pattern": _TEXT_OF_NUMBER},
            {"type": "null"},
            {"$ref": "#/$defs/Datum"},
            {"$ref": "#/$defs/Dated"},
        ]
    }
    definitions["Expectation"] = {
        "anyOf": [
            {"type": "number"},
            {"type": "string"},
            {"$ref": "#/$defs/Expected"},
            {"type": "array", "items": {"$ref": "#/$defs/Expectation"}, "minItems": 1},
        ]
    }
    return definitions, header, timeline

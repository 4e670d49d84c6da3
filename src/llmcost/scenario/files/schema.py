"""The JSON Schemas of scenario files, test files and ledgers, made by pydantic from their fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from llmcost.engine.registry import Quantity
from llmcost.formulas import MODEL
from llmcost.scenario.files.format import Fields, Others
from llmcost.scenario.files.json_text import json_text
from llmcost.scenario.files.ledger import LEDGER
from llmcost.scenario.files.scenario_file import SCENARIO
from llmcost.scenario.files.test_file import CASE_FILE

OF_A_PART: Final = r"^parts\.[^.]+\."
"""The beginning of the name of a quantity inside a part."""
FORMATS: Final = {"scenarios": SCENARIO, "tests": CASE_FILE, "claims": LEDGER}
"""Every YAML format, by the word for its files."""


def schema(form: str = "scenarios") -> dict[str, Any]:
    """Return the JSON Schema of a format as a document.

    It completes and checks names, units, words and the bounds of plain numbers. Numbers written as text, and
    references between files, are checked only by `llmcost validate`.
    """
    models = Models()
    found = models.document(models.of(FORMATS[form]))
    title = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FORMATS[form].name}
    return title | found


class Models:
    """Makes pydantic models from fields, and one schema from the models.

    pydantic is imported only when a schema is wanted: importing it takes longer than a comparison.
    """

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.quantity: Quantity

    def document(self, model: Any) -> dict[str, Any]:
        """Return the schema of a model, without useless titles and defaults."""
        from pydantic.json_schema import GenerateJsonSchema

        class Plain(GenerateJsonSchema):
            def field_title_should_be_set(self, schema: Any) -> bool:
                return False

            def default_schema(self, schema: Any) -> dict[str, Any]:
                return self.generate_inner(schema["schema"])

            def model_schema(self, schema: Any) -> dict[str, Any]:
                found = super().model_schema(schema)
                found.pop("title", None)
                return found

        found: dict[str, Any] = model.model_json_schema(schema_generator=Plain)
        return found

    def of(self, fields: Fields) -> Any:
        """Return the model of a mapping."""

        def make() -> Any:
            found = {
                field.name: (field.kind.model(self), field.text, field.required)
                for field in fields.fields.values()
            }
            others = self._others(fields.others)
            for name in found.keys() & others.keys():
                kind, text, required = found[name]
                others[name] = (kind | others[name][0], text, required)
            return self._model(fields.name, fields.text, found | others)

        return self.once(fields.name, make)

    def _others(self, others: Others | None) -> dict[str, tuple[Any, str, bool]]:
        if others is None:
            return {}
        found: dict[str, tuple[Any, str, bool]] = {}
        stated = [quantity for quantity in MODEL.quantities.values() if others.veto(quantity.name) is None]
        for quantity in stated:
            self.quantity = quantity
            found[quantity.name] = (others.kind.model(self), "", False)
        for section, title in MODEL.sections.items() if others.sections else ():
            inside = {q.name.partition(".")[2]: found[q.name] for q in stated if q.section == section}
            if inside:
                name = f"{others.sections}{section}"
                section_model = self.once(name, lambda: self._model(name, title, inside))  # noqa: B023
                found[section] = (section_model | None, "", False)
        return found

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return the thing of a name, which is made when it is first needed."""
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    def named(self, name: str, kind: Callable[[], Any]) -> Any:
        """Return a type that the schema defines once, by name."""
        from typing_extensions import TypeAliasType

        return self.once(name, lambda: TypeAliasType(name, kind()))

    def _model(self, name: str, text: str, fields: dict[str, tuple[Any, str, bool]]) -> Any:
        from pydantic import ConfigDict, Field, create_model

        closed = ConfigDict(extra="forbid", protected_namespaces=(), defer_build=True)
        if any("." in key for key in fields):  # full names of quantities, so those inside parts too
            closed["json_schema_extra"] = {"patternProperties": {OF_A_PART: {}}}
        read: dict[str, Any] = {
            key: (kind, Field(... if required else None, description=said or None))
            for key, (kind, said, required) in fields.items()
        }
        return create_model(name, __config__=closed, __doc__=text or None, **read)

    def limited(self, base: Any, **limits: Any) -> Any:
        """Return a type within limits, such as `pattern`, `ge` and `le`."""
        from pydantic import Field

        return Annotated[base, Field(**limits)]

    def choice(self, allowed: tuple[str, ...]) -> Any:
        """Return the type of a choice of words."""
        return Literal[allowed]

    def bounded(self, others: Any) -> Any:
        """Return the type of a quantity: a number within its bounds, or something else."""
        from pydantic import Field

        quantity = self.quantity
        number = Annotated[float, Field(ge=quantity.low, le=quantity.high)]
        text = f"{quantity.description} [{quantity.unit}]"
        name = quantity.name.replace(".", "-")
        return self.named(name, lambda: Annotated[number | others, Field(description=text)])


def schema_text(document: dict[str, Any]) -> str:
    """Return a JSON Schema as text, one key or definition a line."""
    lines = []
    for key, value in document.items():
        if key in ("properties", "$defs"):
            inside = ",\n".join(f"    {json_text(name)}: {json_text(body)}" for name, body in value.items())
            lines.append(f"  {json_text(key)}: {{\n{inside}\n  }}")
        else:
            lines.append(f"  {json_text(key)}: {json_text(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"

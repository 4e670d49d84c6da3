"""Workflow commands of GitHub Actions, which show as annotations at a file's line and column."""

from __future__ import annotations

from llmcost.render.report import Annotation, Views
from llmcost.render.words import clean, harmless


def write(views: Views) -> str:
    """Return a workflow command for each annotation, and the summary on a line of its own."""
    lines = [*map(_command, views.annotations()), harmless(clean(views.summary()))]
    return "".join(f"{line}\n" for line in lines)


def _command(annotation: Annotation) -> str:
    places = {"file": annotation.file, "line": annotation.line, "col": annotation.column}
    properties = {**places, "title": annotation.title}
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    return f"::{annotation.level} {written}::{_data(annotation.message)}"


def _data(text: str) -> str:
    """Escape a message: lines stay lines, and nothing in it can start another command."""
    return "%0A".join(harmless(clean(line)).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    return harmless(clean(text)).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")

"""Workflow commands of GitHub Actions, which become annotations in files."""

from __future__ import annotations

import os
from pathlib import Path

from llmcost.render.report import Annotation, Views
from llmcost.render.words import clean, harmless


def write(views: Views) -> str:
    """Return a workflow command for each annotation, and the summary on a line of its own."""
    lines = [*map(_command, views.annotations()), harmless(clean(views.summary()))]
    return "".join(f"{line}\n" for line in lines)


def in_repository(file: str) -> str:
    """Return the path of a file in the repository; empty if it is not one of its files."""
    top = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    path = Path(file).resolve()
    if not file or not path.is_relative_to(top):
        return ""
    below = path.relative_to(top)
    # Installed packages below the repository's folder do not belong to it.
    installed = any(part.startswith(".") or part == "site-packages" for part in below.parts[:-1])
    return "" if installed else below.as_posix()


def _command(annotation: Annotation) -> str:
    place = annotation.place
    file = in_repository(place.file or "")
    places = {"file": file, "line": file and place.line, "col": file and place.column}
    properties = {**places, "title": annotation.title}
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    return f"::{annotation.level} {written}::{_data(annotation.message)}"


def _data(text: str) -> str:
    """Escape a message: it keeps its lines, and cannot start another command."""
    return "%0A".join(harmless(clean(line)).replace("%", "%25") for line in text.split("\n"))


def _property(text: str) -> str:
    return harmless(clean(text)).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")

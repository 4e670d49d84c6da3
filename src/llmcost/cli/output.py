"""The output of results: their form and destination."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from llmcost.cli.options import flag, option
from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.records import NamedTuple

if TYPE_CHECKING:
    from llmcost.render.report import Views
    from llmcost.verbs import Verb


def options(
    form: str | None = option("--format", "FORMAT", "The format of the output."),
    output: str | None = option("--output -o", "FILE", "Write to this file."),
    force: bool = flag("--force", "Replace the file, whoever wrote it."),
    no_color: bool = flag("--no-color", "No colours; NO_COLOR does the same."),
) -> None:
    """Take the options of every verb that has a result."""


OPTIONS: Final = ("form", "output", "force", "no_color")
"""The names of these options, in the order of the parameters of `destination`."""


ROWS: Final = ("csv", "jsonl", "parquet")
"""Forms with only rows; warnings go to standard error."""


class Destination(NamedTuple):
    """The destination of a result, and its form."""

    form: str
    output: Path | None = None
    force: bool = False
    color: bool = False

    def send(self, views: Views) -> None:
        """Write a result there.

        Raises:
            LlmcostError: if the file cannot be written.
        """
        from llmcost.render.file import write_file
        from llmcost.render.forms import FILE_WIDTH, written
        from llmcost.render.output import tell, write_stdout

        if self.form in ROWS:
            for line in views.warnings():
                tell(f"warning: {line}")
        if self.output is None:
            write_stdout(written(views, self.form, color=self.color), utf8=self.form != "table")
        else:
            write_file(self.output, written(views, self.form, width=FILE_WIDTH), self.form, force=self.force)
        for line in views.aside() if self.form in views.files else ():
            tell(f"note: {line}")


def destination(verb: Verb, form: str | None, output: str | None, force: bool, no_color: bool) -> Destination:
    """Return the destination that the options name. The ending of a file gives its form.

    Raises:
        LlmcostError: if the verb has no such form, or the ending belongs to another.
    """
    if form is not None and form not in verb.forms:
        from llmcost.render.forms import FORMS

        allowed = f"allowed are {', '.join(verb.forms)}"
        message = f"unknown format '{form}'; {allowed}{did_you_mean(form, verb.forms)}"
        if form in FORMS:
            message = f"this command has no format '{form}'; {allowed}"
        raise LlmcostError(Problem(message, where="--format"))
    if output in (None, "-"):
        return Destination(
            _for_stdout(form or verb.forms[0], output), None, force, not no_color and wants_color()
        )
    return Destination(_form_of(verb, form, output), Path(output), force)


def _for_stdout(form: str, output: str | None) -> str:
    """Return a form, unless it is binary and would go to a terminal."""
    from llmcost.render.forms import FORMS

    if FORMS[form].binary and output is None and (sys.stdout is None or sys.stdout.isatty()):
        ending = FORMS[form].endings[0]
        raise LlmcostError(Problem(f"is for a file: add -o NAME{ending}", where=f"--format {form}"))
    return form


def _form_of(verb: Verb, form: str | None, output: str) -> str:
    from llmcost.render.file import is_device
    from llmcost.render.forms import FOREIGN, FORMS

    ending, name = Path(output).suffix.lower(), Path(output).name.lower()
    sizes = {
        known: max((len(end) for end in FORMS[known].endings if ending and name.endswith(end)), default=0)
        for known in FORMS
    }
    fitting = sorted((known for known in sizes if sizes[known]), key=lambda known: -sizes[known])
    meant = next((known for known in fitting if known in verb.forms), next(iter(fitting), None))
    if form in fitting or (form is None and meant in verb.forms):
        return form or str(meant)
    if form is not None and meant is None and ending not in FOREIGN:
        return form
    if not ending and is_device(Path(output)):
        return verb.forms[0]
    if meant in verb.forms:
        raise LlmcostError(Problem(f"ends in {ending}, but --format is {form}; leave one out", where=output))
    endings = [FORMS[name].endings[0] for name in verb.forms if FORMS[name].endings]
    *most, last = endings
    allowed = f"{', '.join(most)} or {last}" if most else last
    message = f"cannot write {ending}; write {allowed}" if ending else f"has no ending; write {allowed}"
    if meant is None and ending not in FOREIGN:
        message += ", or name the format with --format"
    raise LlmcostError(Problem(message, where=output))


def wants_color() -> bool:
    """Whether to use colours on standard output."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout is not None and sys.stdout.isatty())

"""What `snapshot` has to say: the snapshot as it is written, so that `diff` can read it."""

from __future__ import annotations

from llmcost.render.report import Report, Views
from llmcost.scenario.files.snapshot import Snapshot, dump


def views(result: Snapshot) -> Views:
    """Return the one way to show a snapshot."""
    return Views(Report, dict, list, stream=lambda _: iter([dump(result)]), streamed=("json",))

"""The commented scenario that `llmcost init` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SCHEMA_FILE: Final = "scenario.schema.json"
_TEMPLATE: Final = """\
{schema}
llmcost: 1                           # format version
title: {title}
kind: model                          # model | company | product | infrastructure | workload

# State what you know and leave out the rest. Give each number its source:
#   {{value: 2.50, basis: disclosed, source: "price list", url: "https://…", note: "…"}}
# basis is disclosed | reported | stated | estimated | assumed; without one it is 'stated'.
# Numbers may be 3.7B, 27%, 1_000, $2.50, 2664k + 119k, or a range: 300 to 1500.

price:                               # USD per million tokens
  input_per_mtok: {{value: 2.50, note: "replace with your price"}}
  output_per_mtok: {{value: 10.00, note: "replace with your price"}}
# cached_input_per_mtok: 1.25        # absent: same as input

serving:                             # what it costs to serve the tokens
  gpu_hour_cost: {{value: 2 to 4, basis: assumed, note: "replace with your rate"}}
  prefill_tokens_per_gpu_second: {{value: 4000, basis: assumed, note: "replace with a measurement"}}
  decode_tokens_per_gpu_second: {{value: 700, basis: assumed, note: "replace with a measurement"}}
  utilization: {{value: 40%, basis: assumed, note: "share of paid GPU time at those rates; it has no default"}}

# traffic:                           # what the fleet really serves
#   input_tokens_per_day: 3B
#   output_tokens_per_day: 1B
#   cached_input_share: 50%

variants:                            # named what-ifs: llmcost show PATH:half-price
  half-price:
    price.input_per_mtok: 1.25
    price.output_per_mtok: 5.00

# expect:                            # what must hold
#   unit.gross_margin: {{value: 75%, within: 5%}}
"""


def schema_path() -> Path | None:
    """Return the schema of scenario files that came with llmcost, installed or in a source tree."""
    package = Path(__file__).parents[2]
    return next(
        (path for path in (package / SCHEMA_FILE, package.parents[1] / SCHEMA_FILE) if path.is_file()), None
    )


def schema_line() -> str:
    """Return the first line of a scenario, by which an editor checks it."""
    path = schema_path()
    line = "# 'llmcost schema -o scenario.schema.json' writes what lets an editor check this file"
    return line if path is None else f"# yaml-language-server: $schema={path.resolve().as_uri()}"


def starter(name: str) -> str:
    """Return a valid scenario to fill in; its first line lets an editor check it."""
    title = "".join(sign if sign.isalnum() else " " for sign in name).strip() or "My model"
    return _TEMPLATE.format(title=f'"{title}"', schema=schema_line())

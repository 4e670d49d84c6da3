"""The commented scenario that `llmcost init` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from llmcost.errors import LlmcostError
from llmcost.scenario.values.number import shorten

SCHEMA_FILE: Final = "scenario.schema.json"
_HEAD: Final = """\
{schema}
llmcost: 1                           # format version
title: {title}
kind: {kind:<31}# model | company | product | infrastructure | workload

# State what you know and leave out the rest. Give each number its source:
#   {{value: 2.50, basis: disclosed, source: "price list", url: "https://…", note: "…"}}
# basis is disclosed | reported | stated | estimated | assumed; without one it is 'stated'.
# Numbers may be 3.7B, 27%, 1_000, $2.50, 2664k + 119k, or a range: 300 to 1500.

"""
_BODIES: Final = {
    "model": """\
price:                               # USD per million tokens
  input_per_mtok: {value: 2.50, note: "replace with your price"}
  output_per_mtok: {value: 10.00, note: "replace with your price"}
#   cached_input_per_mtok: 1.25      # absent: same as input

serving:                             # what it costs to serve the tokens
  gpu_hour_cost: {value: 2 to 4, basis: assumed, note: "replace with your rate"}
  prefill_tokens_per_gpu_second: {value: 4000, basis: assumed, note: "replace with a measurement"}
  decode_tokens_per_gpu_second: {value: 700, basis: assumed, note: "replace with a measurement"}
  utilization: {value: 40%, basis: assumed, note: "share of paid GPU time at those rates; it has no default"}

# traffic:                           # what the fleet really serves
#   input_tokens_per_day: 3B
#   output_tokens_per_day: 1B
#   cached_input_share: 50%

variants:                            # named what-ifs: llmcost show PATH:half-price
  half-price:
    price.input_per_mtok: 1.25
    price.output_per_mtok: 5.00

# expect:                            # what must hold
#   unit.gross_margin: {value: 75%, within: 5%}
""",
    "product": """\
supplier: gpt-4o                     # whose list prices you pay; 'llmcost list scenarios --kind model' has more

product:                             # a unit is a seat-month, a conversation, whatever you sell
  price_per_unit: {value: 20, note: "replace with your price"}
  input_tokens_per_unit: {value: 1M to 3M, basis: assumed, note: "replace with a measurement"}
  output_tokens_per_unit: {value: 300k, basis: assumed, note: "replace with a measurement"}
  other_cost_per_unit: {value: 2, basis: assumed, note: "hosting and support"}
  paying_share: {value: 50%, basis: assumed, note: "free units cost money too"}
  units_per_month: 5000              # free ones included
  fixed_cost_per_month: 20k

# cash: {balance: 1M}                # with it, a runway
# trajectory:                        # how things move: llmcost project PATH
#   product.units_per_month: +5%/month

variants:                            # named what-ifs: llmcost show PATH:dearer-tokens
  dearer-tokens: {product.supplier_price_multiplier: 2}

# expect:                            # what must hold
#   product.gross_margin: {above: 50%}
""",
    "company": """\
revenue:                             # USD in a year, or in company.period_months
  api: {value: 12M, note: "replace with yours"}
  subscription: {value: 24M, note: "replace with yours"}
cost:
  inference: {value: 15M to 20M, basis: assumed, note: "replace with yours"}
  training: {value: 12M, basis: assumed, note: "replace with yours"}
  staff: {value: 15M, basis: assumed, note: "replace with yours"}
cash: {balance: 20M}

# trajectory:                        # how things move: llmcost project PATH
#   revenue.api: +4%/month
#   cost.inference: follows revenue.total

variants:                            # named what-ifs: llmcost show PATH:no-training
  no-training: {cost.training: 0}

# expect:                            # what must hold
#   company.runway_months: {above: 12}
""",
}
KINDS: Final = tuple(_BODIES)
"""The kinds of scenario that there is a starter for."""


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


def starter(name: str, kind: str = "model") -> str:
    """Return a valid scenario to fill in; its first line lets an editor check it.

    Raises:
        LlmcostError: for a kind that has no starter.
    """
    if kind not in _BODIES:
        raise LlmcostError(f"there is no starter of kind '{shorten(kind)}'; allowed are {', '.join(KINDS)}")
    title = "".join(sign if sign.isalnum() else " " for sign in name).strip() or f"My {kind}"
    return _HEAD.format(title=f'"{title}"', schema=schema_line(), kind=kind) + _BODIES[kind]

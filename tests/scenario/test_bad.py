"""Every message of the reader: what stands in `bad/`, and exactly what is said about it.

Each file of `bad/` holds one fault, and the table gives what `llmcost validate` says about it. A line
that does not name its file is about the fixture itself and begins behind its path. Positions are
counted by hand: a line and a column, both from 1, in characters.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import yaml

from calling import TESTS, Call, each, refusal
from llmcost.analysis.gates.validate import Validation, validate
from llmcost.errors import LlmcostError
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.problems import HINTED

BAD: Final = Path("bad")

PROBLEMS: Final[dict[str, tuple[str, ...]]] = {
    "alias-bomb": ("7:14: grows beyond 200,000 values, most of them through aliases",),
    "alias-of-itself-in-mapping": ("2:19: the alias '*price' refers to itself",),
    "alias-of-itself": ("3:5: the alias '*all' refers to itself",),
    "alias-undefined": ("2:19: the alias '*launch' has no anchor",),
    "aliases-bad-names": (
        "1:18: aliases: 'gpt 4o' is not a valid name; use letters, digits, '-', '_' and '.'",
        "1:26: aliases: is empty",
        "1:30: aliases: expected a name, got a list",
        "1:40: aliases: '_4o' is not a valid name; use letters, digits, '-', '_' and '.'",
        "1:45: aliases: 'gpt:4o' is not a valid name; use letters, digits, '-', '_' and '.'",
    ),
    "aliases-text": ("1:10: 'aliases' is a list such as [gpt4o], got 'gpt4o'",),
    "as-of-bad": (
        "2:40: price.input_per_mtok: 'as_of' is a date such as 2024-05-13 or 2024-05, got 'May 2024'",
        "3:39: price.output_per_mtok: 'as_of' is a date such as 2024-05-13 or 2024-05, got '2024-13'",
        "4:44: price.cached_input_per_mtok: 'as_of' is a date such as 2024-05-13 or 2024-05, got "
        "'2023-02-29'",
    ),
    "basis-empty": ("2:40: price.input_per_mtok: 'basis' is empty",),
    "basis-unknown-without-suggestion": (
        "2:40: price.input_per_mtok: 'basis' is one of disclosed, reported, stated, estimated, assumed, "
        "got 'zzz'",
    ),
    "basis-unknown": (
        "2:40: price.input_per_mtok: 'basis' is one of disclosed, reported, stated, estimated, assumed, "
        "got 'disclosd'; did you mean 'disclosed'?",
    ),
    "capex-bounds": (
        "2:20: capex.cost_of_capital: must lie between 0 and 1, got 10; did you mean '10%'?",
        "3:25: capex.operating_cost_share: must not be negative, got -0.05",
        "4:22: capex.useful_life_years: '50%': a percentage is allowed only for shares, or as "
        "a factor, as in 5000 * 10%",
        "5:28: capex.spend: expected the unit USD, got 'USD/year'",
    ),
    "control-character-after-accents": ("2:11: is not YAML: control character U+0007",),
    "dated-without-values": (
        "3:5: price.input_per_mtok: dated values stand under 'values', such as {values: {2024-05-13: 5}}",
        "5:11: 'workload' is a mapping of quantities such as 'output_share', got 'chat'; '--workload NAME' "
        "prices it at a mix",
    ),
    "deep-nesting-of-mappings": ("17:33: is nested deeper than 16 levels",),
    "deep-nesting": ("1:22: is nested deeper than 16 levels",),
    "dist-lognormal-from-zero": (
        "2:41: price.input_per_mtok: 'dist: lognormal' needs a range above 0",
        "4:48: company.net_burn_per_month: 'dist: lognormal' needs a range above 0",
    ),
    "dist-without-range": ("2:39: price.input_per_mtok: 'dist: lognormal' needs a range",),
    "duplicate-date": ("6:7: price.input_per_mtok: duplicate date 2024-05-13",),
    "duplicate-datum-key": ("4:5: price.input_per_mtok: duplicate key 'value', first in line 3",),
    "duplicate-dotted": ("3:1: duplicate key 'price.input_per_mtok', first in line 2",),
    "duplicate-expectation-key": ("2:46: expect training.cost: duplicate key 'within', first in line 2",),
    "duplicate-expectation": (
        "3:3: expect: duplicate key 'training.cost', first in line 2; a list holds several",
    ),
    "duplicate-in-variant": ("5:7: duplicate key 'input_per_mtok', first in line 3",),
    "duplicate-key": ("3:1: duplicate key 'title', first in line 1",),
    "duplicate-quantity": ("4:3: duplicate key 'input_per_mtok', first in line 2",),
    "duplicate-sectioned": ("3:3: duplicate key 'input_per_mtok', first in line 1",),
    "duplicate-variant": ("4:3: duplicate variant 'half', first in line 3",),
    "empty-mapping": ("1:1: is empty; a scenario starts with 'llmcost: 1'",),
    "empty-sections": ("1:1: is empty; a scenario starts with 'llmcost: 1'",),
    "empty": ("1:1: is empty; a scenario starts with 'llmcost: 1'",),
    "encoding-after-byte-order-mark": ("1:11: is not UTF-8: byte 0xe9 here; save the file as UTF-8",),
    "encoding-utf-16": ("1:1: is not UTF-8: byte 0xff here; save the file as UTF-8",),
    "events-bad": (
        "5:9: events: 'at' is a month such as 6 or a date such as 2025-06, got 'soon'",
        "7:5: events: has no 'at'",
        "8:5: events: moves nothing: it has no quantity and no 'reprice'",
        "10:5: events: unknown quantity 'cash.balanc'; did you mean 'cash.balance'?",
        "11:5: events: unknown key 'pricing'; allowed are quantities, at, reprice, basis, source, url, "
        "as_of, note",
        "13:19: cash.balance: expected a number, got 'lots'",
        "14:18: revenue.api: cannot take away more than 100%",
        "16:18: revenue.api: the factor must be above 0, got 0",
        "17:5: events: expected a mapping such as {at: 6, cash.balance: +1B}, got a list",
    ),
    "events-below-zero": ("4:28: cost.training: in month 6 it must not be negative, got -83333333.3333",),
    "events-beyond-default-horizon": (
        "4:10: events: month 61 lies beyond the horizon of 60 months; 'horizon_months' sets another",
    ),
    "events-company-period": ("4:13: company.period_months: cannot move: it makes flows monthly",),
    "events-duplicate-key": ("6:5: events: duplicate key 'cash.balance', first in line 5",),
    "events-mapping": ("2:9: 'events' is a list such as [{at: 6, cash.balance: +1B}], got a mapping",),
    "events-not-given": (
        "4:28: cost.training: is not stated, so there is nothing to scale; set it instead",
        "5:25: cost.staff: is not stated, so there is nothing to add to; set it instead",
        "7:24: cost.data: is not stated, so there is nothing to scale; set it instead",
    ),
    "events-other-words": (
        "4:6: events: unknown key 'month'; did you mean 'at'?",
        "4:16: events: unknown key 'set'; quantities stand beside 'at'",
    ),
    "events-outside-horizon": (
        "6:10: events: month 13 lies beyond the horizon of 12 months; 'horizon_months' sets another",
        "7:10: events: 2026-01 lies beyond the horizon of 12 months; 'horizon_months' sets another",
        "8:10: events: 2024-12-31 lies before the start of the projection, 2025-01",
    ),
    "events-twice": (
        "10:33: cash.balance: two events of month 6 move it, first in line 9",
        "11:28: cost.training: its trajectory already says what it is; an event contradicts it",
        "13:22: reprice: two events of month 9 move it, first in line 12",
    ),
    "expect-above-bad": (
        "2:26: expect training.cost: expected a number, got 'lots'",
        "3:26: expect training.gpus: 'below' is a number, got a list",
        "4:26: expect training.days: 'above': expected one number, got the range '1 to 2'",
    ),
    "expect-above-below": (
        "2:36: expect training.cost: nothing lies above 5 and below 5",
        "3:26: expect training.gpus: nothing lies above 2k and below 1k",
    ),
    "expect-as-of-early": (
        "4:3: expect-as-of-early: has nothing dated 2024-12-31 or earlier; its first date is 2025-01-01",
    ),
    "expect-as-of-empty": ("2:36: expect training.cost: 'as_of' is empty",),
    "expect-as-of": ("2:36: expect training.cost: 'as_of' is a date such as 2025-01-29, got '2025-13-01'",),
    "expect-bad-value": (
        "2:26: expect training.cost: unknown suffix or unit 'm' in '5.576m'; did you mean '5.576M'?",
    ),
    "expect-bad-within": (
        "2:42: expect training.cost: 'within': expected a number, got 'a bit'",
        "3:47: expect training.gpu_hours: 'within' is a tolerance such as 5%, got null",
    ),
    "expect-because-empty": ("2:43: expect training.cost: 'because' is empty",),
    "expect-between-reversed": (
        "2:28: expect training.cost: a range goes from low to high, got '2M to 1M'",
        "3:28: expect training.gpus: a range goes from low to high, got '2 to 2'",
    ),
    "expect-between-wrong": (
        "2:28: expect training.cost: 'between' is a range LOW to HIGH, got a list of 3",
        "3:28: expect training.gpus: 'between' is a range LOW to HIGH, got '5'",
        "4:28: expect training.days: expected a number, got 'x to 2'; allowed are digits with "
        "k, M, B, T or %, a unit, and + - * / ( )",
    ),
    "expect-empty": (
        "2:17: expect training.cost: expected a number, got null",
        "3:22: expect unit.gross_margin: the list is empty",
    ),
    "expect-list": ("1:9: 'expect' is a mapping from metrics to values, got a list",),
    "expect-negative-within": ("2:42: expect training.cost: 'within': must not be negative, got '-1%'",),
    "expect-out-of-bounds": (
        "2:26: expect training.cost: must not be negative, got -1",
        "3:30: expect unit.gross_margin: must not exceed 1, got 80; did you mean '80%'?",
        "4:34: expect serving.utilization: must lie between 0 and 1, got 10; did you mean '10% to 80%'?",
        "5:26: expect workload.output_share: must lie between 0 and 1, got 80; did you mean '0.1% to 80%'?",
        "6:18: expect training.gpus: must not be negative, got -5",
    ),
    "expect-range": ("2:44: expect training.cost: 'within' does not go with a range",),
    "expect-section": ("2:3: expect: unknown metric 'zzz'; 'llmcost list metrics' shows what there is",),
    "expect-set-dated": ("2:50: expect training.cost: set training.gpus: takes one value, not dated ones",),
    "expect-set-duplicate": (
        "2:53: expect training.cost: set: duplicate key 'training.gpus', first in line 2",
    ),
    "expect-set-factor": (
        "5:22: expect training.cost: set training.gpus: the factor must be above 0, got 0",
        "6:22: expect training.cost: set training.days: the factor must be above 0, got -2",
        "7:19: expect training.cost: set cost.staff: expected a number, got 'x'",
        "8:18: expect training.cost: set cost.data: cannot take away more than 100%",
    ),
    "expect-set-list": (
        "2:34: expect training.cost: 'set' is a mapping from quantities to values, such as "
        "{serving.utilization: 50%}, got a list",
    ),
    "expect-set-nothing-to-scale": (
        "3:47: expect training.cost: set cost.staff: there is nothing to scale in "
        "expect-set-nothing-to-scale: it is not stated and cannot be derived",
    ),
    "expect-set-out-of-bounds": (
        "3:62: expect serving.utilization: set serving.utilization: must lie between 0 and 1, got 1.2",
    ),
    "expect-set-unknown": (
        "2:35: expect training.cost: set: unknown quantity 'training.cots'; did you mean 'training.cost'?",
    ),
    "expect-set-value": ("2:50: expect training.cost: set training.gpus: must not be negative, got -1",),
    "expect-severity": (
        "2:39: expect training.cost: 'severity' is one of error, warn, got 'warning'; did you mean 'warn'?",
    ),
    "expect-two-forms": (
        "2:36: expect training.cost: has 'value' and 'above'; use one of them",
        "3:38: expect training.gpus: has 'below' and 'between'; use one of them",
    ),
    "expect-undefined-empty": ("2:30: expect training.cost: 'undefined' is empty",),
    "expect-unknown-key-without-suggestion": (
        "2:19: expect training.cost: unknown key 'zzz'; allowed are value, within, between, above, below, "
        "undefined, as_of, variant, workload, set, severity, because",
    ),
    "expect-unknown-key": ("2:34: expect training.cost: unknown key 'witin'; did you mean 'within'?",),
    "expect-unknown-metric": (
        "2:3: expect: unknown metric 'unit.gross_margn'; did you mean 'unit.gross_margin'?",
    ),
    "expect-variant-list": ("2:38: expect training.cost: 'variant' is the name of a variant, got a list",),
    "expect-variant-missing": (
        "2:38: expect training.cost: 'variant': a variant's name is missing next to '+'",
    ),
    "expect-variant-none": ("5:7: expect-variant-none: unknown variant 'owned'; it has none",),
    "expect-variant-unknown": ("5:3: expect-variant-unknown: unknown variant 'ownd'; did you mean 'owned'?",),
    "expect-within-elsewhere": ("2:37: expect training.cost: 'within' belongs to 'value', not to 'above'",),
    "expect-within-points": (
        "2:37: expect training.cost: 'within': percentage points are for shares, which training.cost "
        "is not; use a percentage",
        "3:37: expect training.gpus: 'within': must not be negative, got '-1%'",
        "4:42: expect unit.gross_margin: 'within': percentage points are written as 2pp, got '2%pp'",
    ),
    "expect-within-too-wide": (
        "2:43: expect unit.gross_margin: 'within': 5 is more than a share can be off; did you "
        "mean '5%' of the value, or '5pp'?",
        "3:45: expect serving.utilization: 'within': 100pp is more than a share can be off",
    ),
    "expect-without-value": (
        "2:18: expect training.cost: says nothing about the metric; it needs one of value, between, above, "
        "below, undefined",
    ),
    "expect-workload-unknown": ("3:39: no workload is called 'chta'; did you mean 'chat'?",),
    "extends-a-variant": ("1:10: 'extends': inherits every date and variant; write 'lark'",),
    "extends-broken": ("bad/number-negative.yaml:2:19: price.input_per_mtok: must not be negative, got -1",),
    "extends-cycle-one": (
        "bad/extends-cycle-two.yaml:1:10: extends itself: extends-cycle-one → extends-cycle-two "
        "→ extends-cycle-one",
    ),
    "extends-cycle-two": (
        "bad/extends-cycle-one.yaml:1:10: extends itself: extends-cycle-two → extends-cycle-one "
        "→ extends-cycle-two",
    ),
    "extends-empty": ("1:9: 'extends' is empty",),
    "extends-itself-around-a-corner": (
        "1:10: extends itself: extends-itself-around-a-corner → ../bad/extends-itself-around-a-corner.yaml",
    ),
    "extends-itself-by-name": ("1:10: extends itself: extends-itself-by-name → extends-itself-by-name",),
    "extends-itself": ("1:10: extends itself: extends-itself → ./extends-itself.yaml",),
    "extends-list": ("1:10: 'extends' is a text, got a list",),
    "extends-missing-grandparent": (
        "bad/extends-missing.yaml:1:10: extends: extends-missing-grandparent → extends-missing → "
        "zzz-nowhere: no scenario is called 'zzz-nowhere'; 'llmcost list' shows what there is",
    ),
    "extends-missing-path": (
        "1:10: extends: extends-missing-path → ./zzz-nowhere.yaml: there is no such file or folder",
    ),
    "extends-missing-with-suggestion": (
        "1:10: extends: extends-missing-with-suggestion → larkk: no scenario is called 'larkk'; "
        "did you mean 'lark'?",
    ),
    "extends-missing": (
        "1:10: extends: extends-missing → zzz-nowhere: no scenario is called 'zzz-nowhere'; 'llmcost "
        "list' shows what there is",
    ),
    "extends-nul": ("1:10: extends: extends-nul → parent .yaml: there is no such file or folder",),
    "key-is-list": ("2:5: a key must be a name, not a list or a mapping",),
    "key-is-mapping": ("2:1: a key must be a name, not a list or a mapping",),
    "kind-list": (
        "1:7: 'kind' is one of model, company, product, infrastructure, workload, portfolio, architecture, "
        "accelerator, got a list",
    ),
    "kind-unknown": (
        "1:7: 'kind' is one of model, company, product, infrastructure, workload, portfolio, architecture, "
        "accelerator, got 'modle'; did you mean 'model'?",
    ),
    "list": ("2:1: expected a mapping such as 'price: …', got a list",),
    "models-bad": (
        "3:5: models: has no 'name'",
        "4:5: models: a: has no 'year' and no 'month'",
        "5:5: models: b: has both 'year' and 'month'",
        "6:5: models: c: has no 'training_cost'",
        "7:39: models: d: 'training_cost': must not be negative, got -100",
        "8:21: models: e: 'year' is a whole number from 1 to 9,999, got 'one'",
        "9:53: models: f: 'revenue' is a total, and 'life' does not say over how many periods it comes in",
        "10:64: models: g: 'life' is a whole number from 1 to 1,200, got 'many'",
        "11:40: models: h: expected a number, got 'much'",
        "12:39: models: i: 'training_cost' is a number, got a mapping",
        "13:42: models: j: unknown key 'revnue'; did you mean 'revenue'?",
        "14:5: models: expected a mapping with a name, its training and what it earned, got 'model'",
    ),
    "models-mapping": ("2:9: 'models' is a list of models, got a mapping",),
    "models-twice": (
        "3:3: models: count their time differently; state years, months or dates for all of them",
        "4:5: models: duplicate model 'a', first in line 3",
    ),
    "note-empty": ("1:7: 'note' is empty",),
    "number-boolean-off": ("2:19: price.input_per_mtok: expected a number, got the boolean 'Off'",),
    "number-boolean-true": ("2:19: price.input_per_mtok: expected a number, got the boolean 'true'",),
    "number-clock": (
        "2:19: price.input_per_mtok: expected a number, got '12:30', which reads as a time of day",
    ),
    "number-date": ("2:19: price.input_per_mtok: expected a number, got the date '2024-05-13'",),
    "number-decimal-comma": (
        "2:19: price.input_per_mtok: expected a number, got '2,50'; commas separate thousands "
        "only, as in 1,300",
    ),
    "number-deep-parentheses": ("2:19: price.input_per_mtok: is nested deeper than 30 levels",),
    "number-divide-by-zero": ("2:19: price.input_per_mtok: divides by zero: '5 / (2 - 2)'",),
    "number-dollar-without-digits": ("2:19: price.input_per_mtok: expected a number, got '$.'",),
    "number-escape-sequence": (
        "2:19: price.input_per_mtok: expected a number, got ' [31mred [0m'; allowed are "
        "digits with k, M, B, T or %, a unit, and + - * / ( )",
        "3:20: price.output_per_mtok: expected a number, got the date '2024-05-13  [31m'",
    ),
    "number-euro": (
        "2:19: price.input_per_mtok: '€2.50' is in EUR; state its rate first, such as "
        "'exchange: {EUR: {value: 0.5, source: ECB}}' if one is 0.5 USD",
    ),
    "number-extra-parenthesis": ("2:19: price.input_per_mtok: a '(' is missing in '2 * 3 + 4)'",),
    "number-leading-zero": (
        "2:19: price.input_per_mtok: '007' has a leading zero, which YAML reads as octal",
    ),
    "number-list": ("2:19: price.input_per_mtok: expected a number or a mapping, got a list",),
    "number-margin-above-one": ("2:17: unit.gross_margin: must not exceed 1, got 84; did you mean '84%'?",),
    "number-markup-below-minus-one": ("2:11: unit.markup: must be at least -1, got -1.5",),
    "number-missing-operand": ("2:19: price.input_per_mtok: expected a number at the end of '5 *'",),
    "number-missing-operator": ("2:19: price.input_per_mtok: expected an operator in '2 3'",),
    "number-missing-parenthesis": ("2:19: price.input_per_mtok: a ')' is missing in '2 * (3 + 4'",),
    "number-nan": ("2:19: price.input_per_mtok: must be a finite number, got '.nan'",),
    "number-range-otherwise": (
        "2:33: serving.decode_tokens_per_gpu_second: must not be negative, got -1200; did you mean '300 to "
        "1500'?",
        "3:18: serving.gpu_hour_cost: expected a number, got '2–3'; did you mean '2 to 3'?",
        "4:34: serving.prefill_tokens_per_gpu_second: expected a number, got '2k..9k'; did you mean '2k to "
        "9k'?",
        "5:23: serving.output_cost_weight: has no 'value'; a range alone is written LOW to HIGH",
    ),
    "key-of-the-top-in-section": (
        "1:11: unknown quantity 'product.supplier'; 'supplier' is at the left margin, beside 'product'",
    ),
    "name-that-begins-another": (
        "1:11: unknown quantity 'product.units'; did you mean 'product.units_per_month'?",
        "2:14: trajectory: unknown quantity 'revenue': it is a section; names are written in full, such as "
        "'revenue.api'",
    ),
    "yaml-merge-conflict": ("2:1: is not YAML: there is a merge conflict here, '<<<<<<<'",),
    "number-negative-range": ("2:19: price.input_per_mtok: must not be negative, got -5",),
    "number-negative": ("2:19: price.input_per_mtok: must not be negative, got -1",),
    "number-operator-first": ("2:19: price.input_per_mtok: expected a number before '*' in '(* 5)'",),
    "number-overflow": ("2:19: price.input_per_mtok: is too large; the limit is 1e+30",),
    "number-percent-on-price": (
        "2:19: price.input_per_mtok: '27%': a percentage is allowed only for shares, or as a "
        "factor, as in 5000 * 10%",
    ),
    "number-power": ("2:19: price.input_per_mtok: expected a number before '*' in '2 ** 3'",),
    "number-product-too-large": ("2:19: price.input_per_mtok: is too large; the limit is 1e+30",),
    "number-quoted-empty": ("2:19: price.input_per_mtok: a number is missing",),
    "number-share-above-one": (
        "2:16: serving.utilization: must lie between 0 and 1, got 27; did you mean '27%'?",
    ),
    "number-share-far-above-one": ("2:16: serving.utilization: must lie between 0 and 1, got 270",),
    "number-share-negative": ("2:16: serving.utilization: must not be negative, got -0.1",),
    "number-share-range-above-one": ("2:16: serving.utilization: must lie between 0 and 1, got 1.5",),
    "number-spaced-thousands": ("2:9: training.gpus: expected an operator in '1 000'; did you mean '1000'?",),
    "number-text": ("2:19: price.input_per_mtok: expected a number, got 'cheap'",),
    "number-too-large": ("2:19: price.input_per_mtok: is too large; the limit is 1e+30",),
    "number-too-long": ("2:19: price.input_per_mtok: is longer than 200 characters",),
    "number-too-small": ("2:19: price.input_per_mtok: is too close to zero; the limit is 1e-30",),
    "number-underflow": ("2:19: price.input_per_mtok: is too close to zero; the limit is 1e-30",),
    "number-unknown-suffix": (
        "2:10: revenue.total: unknown suffix or unit 'b' in '3.7b'; did you mean '3.7B'?",
    ),
    "number-value-list": ("2:27: price.input_per_mtok: expected a number, got a list",),
    "number-value-null": (
        "2:27: price.input_per_mtok: 'value' is empty; write null in place of the whole mapping",
    ),
    "number-with-unit": (
        "2:19: price.input_per_mtok: '2.50 USD/GPU-hour' is in USD/GPU-hour; expected "
        "USD/Mtok (tok, ktok and Btok work too)",
    ),
    "missing-beside-bad-values": (
        "1:11: supplier: no scenario is called 'zzz-nobody'; 'llmcost list' shows what there is",
        "2:25: product.price_per_unit: expected a number, got 'abc'",
        "4:17: parts: a: no scenario is called 'larkk'; did you mean 'lark'?",
        "4:34: parts: a: workload: no workload is called 'chta'; did you mean 'chat'?",
        "4:40: parts: a: unknown key 'shares'; did you mean 'share'?",
        "6:33: expect product.gross_margin: above: no scenario is called 'larkk'; did you mean 'lark'?",
    ),
    "parts-bad-values": (
        "2:3: 'a.b' is not a valid name of a part; use letters, digits, '-' and '_'",
        "3:23: parts: b: unknown key 'shares'; did you mean 'share'?",
        "3:64: parts: b: set price.input_per_mtok: must not be negative, got -1",
        "3:68: parts: b: set: unknown quantity 'price.zzz'; 'llmcost list inputs price.' shows what there is",
        "4:17: parts: c: 'scenario' is a text, got a list",
        "4:32: parts: c: share: must lie between 0 and 1, got 1.4",
        "5:6: parts: d: expected a mapping such as {scenario: gpt-4o, share: 70%}, got 'lark'",
        "6:30: parts: e: share: expected a number, got 'remainder'",
        "6:57: parts: e: cost_per_month: must not be negative, got -5",
    ),
    "parts-itself": (
        "3:17: parts: a: 'parts-itself' is this scenario itself",
        "4:17: parts: b: './parts-itself.yaml' is this scenario itself",
    ),
    "parts-list": ("1:8: 'parts' is a mapping from names to parts, at least one, got a list",),
    "parts-of-nothing": (
        "3:3: parts: b: has neither a share nor a volume; state 'share: …' in all parts, or "
        "in 'set' of this one such as traffic.tokens_per_day or product.units_per_month",
    ),
    "parts-of-two-kinds": (
        "3:3: parts: b: is a product, unlike a: their shares would be of different things; "
        "state a volume of each in place of shares",
    ),
    "parts-one-without-share": (
        "3:3: parts: b: has no share, and a has one; either all parts have a share, or none "
        "('share: rest' takes what the others leave)",
    ),
    "parts-share-and-volume": (
        "2:65: parts: a: has a share, and traffic.tokens_per_day as well; in a mix, parts have only shares",
    ),
    "parts-shares-short": (
        "3:30: parts: b: the shares of all parts add up to 90%, not to 100%; 'share: rest' "
        "takes what the others leave",
    ),
    "parts-shares-too-much": ("3:30: parts: c: the shares of all parts add up to 120%, not to 100%",),
    "parts-stated-of-the-whole": (
        "2:1: parts.cost_per_month: is stated of a part: 'cost_per_month' belongs under 'parts:' in each",
        "3:1: parts.losing_share: follows from the parts, and cannot be stated",
    ),
    "parts-two-rests": ("3:3: parts: b: only one part takes what the others leave; a does already",),
    "parts-unknown-part": ("4:25: parts.b.share: parts-unknown-part:more has no part 'b'; it has a",),
    "parts-unknown-quantity": (
        "4:10: unknown quantity 'parts.a.price.inputt_per_mtok'; did you mean "
        "'parts.a.price.input_per_mtok'?",
        "4:44: parts.a.losing_share: follows from the parts, and cannot be stated",
    ),
    "parts-unknown-scenario": (
        "2:17: parts: a: no scenario is called 'larkk'; did you mean 'lark'?",
        "3:17: parts: b: bad/zzz.yaml: there is no such file or folder",
        "4:17: parts: c: lark: unknown variant 'batchh'; did you mean 'batch'?",
        "5:45: no workload is called 'zzz-chat'; did you mean 'chat'?",
        "6:45: supplier: no scenario is called 'zzz-nobody'; 'llmcost list' shows what there is",
    ),
    "parts-without-scenario": ("2:3: parts: a: has no 'scenario'",),
    "product-bounds": (
        "2:18: product.units_carried: must be at least 1, got 0.5",
        "3:17: product.paying_share: must lie between 0 and 1, got 20; did you mean '20%'?",
        "4:17: product.gross_margin: must not exceed 1, got 1.5",
        "5:19: product.price_per_unit: must not be negative, got -1",
    ),
    "outcome-stated": (
        "3:3: project.runway_months: is an outcome of a projection, and cannot be stated",
        "4:1: project.cash_low: is an outcome of a projection, and cannot be stated",
    ),
    "range-bad-ends": (
        "2:38: price.input_per_mtok: must not be negative, got -1",
        "2:48: price.input_per_mtok: expected a number, got 'three'",
        "3:45: price.cached_input_per_mtok: expected a number, got a list",
        "3:56: price.cached_input_per_mtok: expected a number, got null",
        "4:39: price.output_per_mtok: 'low' is one number, got the range '1 to 2'",
    ),
    "range-forgotten-percent": (
        "2:16: serving.utilization: '0.1 to 30%' has a percent sign at one end alone; did you "
        "mean '0.1% to 30%'?",
    ),
    "range-forgotten-suffix": (
        "2:10: revenue.total: '3.5 to 4.5B' spans a factor of 1.29e+09; did you mean '3.5B to 4.5B'?",
    ),
    "range-high-alone": ("3:5: price.input_per_mtok: has 'high' alone; a range needs 'low' and 'high'",),
    "range-low-above-high": ("2:38: price.input_per_mtok: 'low' must be below 'high', got 3 and 2",),
    "range-low-alone": ("2:19: price.input_per_mtok: has 'low' alone; a range needs 'low' and 'high'",),
    "range-one-sided": (
        "2:33: price.input_per_mtok: a 'value' at the end of its range needs 'dist: triangular', "
        "'uniform' or 'pert'",
    ),
    "range-reversed-over-lines": ("2:19: price.input_per_mtok: a range goes from low to high, got '2 to 1'",),
    "range-reversed-percent": ("2:16: serving.utilization: a range goes from low to high, got '20 to 10%'",),
    "range-reversed": ("2:19: price.input_per_mtok: a range goes from low to high, got '2 to 1'",),
    "range-twice": ("2:19: price.input_per_mtok: has a range as 'value' and 'low' and 'high' as well",),
    "range-value-outside": (
        "2:27: price.input_per_mtok: 'value' must lie between 'low' and 'high', got 2.5 outside 3 to 4",
    ),
    "reprice-bad": (
        "5:22: events: 'reprice' is a mapping such as {payer: api-only, multiplier: 6}, got '6'",
        "6:22: events: reprice: has no 'multiplier'",
        "7:30: events: reprice: 'payer' is one of uniform, api-only, got 'api_only'; did you mean "
        "'api-only'?",
        "8:30: events: reprice: 'payer' is one of uniform, api-only, got 'zzz'",
        "9:51: events: reprice: 'multiplier': must be above 0, got 0",
        "10:51: events: reprice: 'multiplier': expected a number, got 'six'",
        "11:39: events: reprice: unknown key 'multipler'; did you mean 'multiplier'?",
    ),
    "reprice-nothing": ("5:22: reprice: there is no revenue.api to reprice",),
    "reprice-of-stated-values": (
        "7:22: reprice: the trajectory of cost.inference already says what it is; a repricing contradicts it",
    ),
    "reprice-without-inference": (
        "6:22: reprice: cost.inference is not stated, so it is unknown how cost responds to volume",
    ),
    "section-list": ("2:3: 'serving' is a mapping of quantities such as 'gpu_hour_cost', got a list",),
    "section-number": ("1:8: 'price' is a mapping of quantities such as 'input_per_mtok', got '2.50'",),
    "source-empty": (
        "2:41: price.input_per_mtok: 'source' is empty",
        "3:40: price.output_per_mtok: 'source' is empty",
        "4:45: price.cached_input_per_mtok: 'source' is a text, got a mapping",
    ),
    "supplier-bad-date": (
        "2:11: 'supplier': lark@2024-13-01: expected a date such as 2025-01-29, got '2024-13-01'",
    ),
    "supplier-before-its-first-price": (
        "2:11: supplier: lark: has nothing dated 2023-01-01 or earlier; its first date is 2024-01-01",
    ),
    "supplier-broken": ("bad/number-negative.yaml:2:19: price.input_per_mtok: must not be negative, got -1",),
    "supplier-empty": ("1:10: 'supplier' is empty",),
    "supplier-itself-around-a-corner": (
        "bad/supplier-of-its-child.yaml:2:11: supplier: 'supplier-itself-around-a-corner' is this "
        "scenario itself",
    ),
    "supplier-itself-by-path": ("2:11: supplier: './supplier-itself-by-path.yaml' is this scenario itself",),
    "supplier-itself": ("2:11: supplier: 'supplier-itself' is this scenario itself",),
    "supplier-list": ("1:11: 'supplier' is a text, got a list",),
    "supplier-missing-name": ("2:11: 'supplier': :batch: a scenario's name is missing",),
    "supplier-missing-path": ("2:11: supplier: bad/zzz-nowhere.yaml: there is no such file or folder",),
    "supplier-of-its-child": (
        "2:11: supplier: supplier-itself-around-a-corner states none of price.input_per_mtok, "
        "price.cached_input_per_mtok, price.output_per_mtok",
    ),
    "supplier-of-variant-list": ("4:15: 'supplier' is a text, got a list",),
    "supplier-of-variants": (
        "2:11: supplier: no scenario is called 'zzz-nowhere'; 'llmcost list' shows what there is",
        "6:15: supplier: no scenario is called 'zzz-elsewhere'; 'llmcost list' shows what there is",
    ),
    "supplier-standard-input": ("2:11: 'supplier': a file cannot refer to standard input",),
    "supplier-unknown-variant": ("2:11: supplier: lark: unknown variant 'bulk'; it has batch",),
    "supplier-unknown-with-suggestion": (
        "2:11: supplier: no scenario is called 'larkk'; did you mean 'lark'?",
    ),
    "supplier-without-prices": (
        "2:11: supplier: acme states none of price.input_per_mtok, price.cached_input_per_mtok, "
        "price.output_per_mtok",
    ),
    "start-bad": (
        "2:8: 'start' is a month such as 2025-01, got 'January'",
        "3:17: 'horizon_months' is a whole number from 1 to 1,200, got '0'",
    ),
    "tag-on-number": ("2:19: has the YAML tag 'tag:yaml.org,2002:float'; tags have no meaning here",),
    "tag-python": (
        "2:8: has the YAML tag 'tag:yaml.org,2002:python/object/apply:os.system'; tags have no meaning here",
    ),
    "ten-errors": (
        "1:10: 'llmcost' is the format version, which is 1 here, got '2'",
        "2:1: unknown key 'tilte'; did you mean 'title'?",
        "3:7: 'kind' is one of model, company, product, infrastructure, workload, portfolio, "
        "architecture, accelerator, got 'gadget'",
        "5:19: price.input_per_mtok: must not be negative, got -1",
        "6:3: unknown quantity 'price.outptu_per_mtok'; did you mean 'price.output_per_mtok'?",
        "7:34: price.cached_input_per_mtok: expected a number, got '12:30', which reads as a time of day",
        "9:16: serving.utilization: must lie between 0 and 1, got 85; did you mean '85%'?",
        "10:35: serving.gpu_hour_cost: expected the unit USD/GPU-hour (second, day, month and "
        "year work too), got 'USD/hour'",
        "12:3: 'half price' is not a valid name; use letters, digits, '-', '_' and '.'",
        "14:3: expect: unknown metric 'training.costs'; did you mean 'training.cost'?",
    ),
    "tests-called-tests": ("2:1: unknown key 'tests'; did you mean 'cases'?",),
    "tests-case-bad-setting": (
        "5:12: cases: a: 'as_of' is a date such as 2025-01-29, got 'May 2024'",
        "6:14: cases: a: 'variant': a variant's name is missing next to '+'",
        "7:15: cases: a: 'workload' is empty",
        "8:10: cases: a: 'set' is a mapping from quantities to values, such as {serving.utilization: 50%}, "
        "got 'chat'",
    ),
    "tests-case-bad-texts": ("3:12: cases: 'name' is a text, got a list", "3:27: cases: 'scenario' is empty"),
    "tests-case-duplicate": ("4:5: duplicate case 'a', first in line 3",),
    "tests-case-expects-nothing": (
        "3:39: cases: a: expects nothing; name a metric and its value",
        "4:39: cases: b: expects nothing; name a metric and its value",
        "5:39: cases: c: 'expect' is a mapping from metrics to values, got '5'",
    ),
    "tests-case-missing": (
        "3:5: cases: a: has no 'scenario' and no 'expect'",
        "4:5: cases: has no 'name' and no 'expect'",
    ),
    "tests-case-text": (
        "3:5: cases: expected a mapping with 'name', 'scenario' and 'expect', got 'lark'",
        "4:5: cases: expected a mapping with 'name', 'scenario' and 'expect', got a list",
    ),
    "tests-case-unknown-key": ("3:31: cases: a: unknown key 'variants'; did you mean 'variant'?",),
    "tests-cases-mapping": (
        "3:3: 'cases' is a list of cases, each with 'name', 'scenario' and 'expect', got a mapping",
    ),
    "tests-cases-without-kind": ("2:1: unknown key 'cases'; a file with test cases says 'kind: tests'",),
    "tests-in-a-scenario": (
        "1:1: unknown key 'tests'; did you mean 'expect'? A file with test cases says 'kind: tests'",
    ),
    "tests-scenario-bad-reference": (
        "3:25: cases: a: 'scenario': lark@soon: expected a date such as 2025-01-29, got 'soon'",
        "4:25: cases: b: 'scenario': lark:: a variant's name is missing after ':' or '+'",
        "5:25: cases: c: 'scenario': :lark: a scenario's name is missing",
    ),
    "tests-scenario-broken": (
        "bad/number-negative.yaml:2:19: price.input_per_mtok: must not be negative, got -1",
    ),
    "tests-scenario-is-tests": (
        "4:15: bad/tests-scenario-is-tests.yaml: is a file of tests, not a scenario; 'llmcost check' runs it",
    ),
    "tests-scenario-missing-path": ("4:15: bad/../zzz-nowhere.yaml: there is no such file or folder",),
    "tests-scenario-stdin": ("3:25: cases: a: 'scenario': a file cannot refer to standard input",),
    "tests-scenario-unknown": ("4:15: no scenario is called 'larkk'; did you mean 'lark'?",),
    "tests-set-total-below-lines": (
        "5:26: revenue.total: 1000000000 is below the sum of its lines, 4000000000",
    ),
    "tests-set-unknown": (
        "5:11: cases: a: set: unknown quantity 'price.zzz'; 'llmcost list inputs price.' shows what there is",
    ),
    "tests-unknown-key": ("2:1: unknown key 'expect'; allowed are llmcost, kind, title, note, cases",),
    "tests-variant-unknown": ("7:7: acme: unknown variant 'heralt'; did you mean 'herald'?",),
    "tests-version": (
        "1:10: 'llmcost' is the format version, which is 1 here, got '2'",
        "3:8: 'title' is a text, got a list",
        "4:7: 'note' is empty",
    ),
    "tests-without-cases": ("1:1: has no 'cases'",),
    "text": ("1:1: expected a mapping such as 'price: …', got '2.50 USD per million tokens'",),
    "title-empty": ("1:7: 'title' is empty",),
    "title-list": ("1:8: 'title' is a text, got a list",),
    "total-below-lines-in-variant": (
        "4:10: revenue.total: 3700000000 is below the sum of its lines, 4700000000 (in "
        "total-below-lines-in-variant:boom)",
    ),
    "total-below-lines-with-variants": (
        "4:10: revenue.total: 3500000000 is below the sum of its lines, 3700000000",
    ),
    "total-below-lines": (
        "4:10: revenue.total: 3500000000 is below the sum of its lines, 3700000000",
        "8:10: cost.total: 4000000000 is below the sum of its lines, 5000000000",
    ),
    "total-of-variant-below-lines": (
        "6:17: cost.total: 4000000000 is below the sum of its lines, 5000000000 (in "
        "total-of-variant-below-lines:thrift)",
    ),
    "trajectory-bad-growth": (
        "5:16: revenue.api: unknown period 'monht'; did you mean 'month'?",
        "6:18: revenue.other: unknown period 'decade'; allowed are month, quarter, year",
        "7:25: revenue.subscription: cannot shrink by 100% or more, got '-100%/year'",
        "8:18: cost.training: the factor must be above 0, got 'x0/year'",
        "9:19: cost.inference: expected a growth such as +8%/month, steps such as {7: 0.42} "
        "or a list, got '5B'",
        "10:15: cost.staff: expected an operator in '2.0.1'",
    ),
    "trajectory-bad-steps": (
        "6:19: cost.training: expected a month such as 6 or a date such as 2025-06, got '0'",
        "6:26: cost.training: expected a month such as 6 or a date such as 2025-06, got '2025-13'",
        "6:39: cost.training: expected a month such as 6 or a date such as 2025-06, got 'soon'",
        "7:23: cost.inference: must not be negative, got -1",
        "7:30: cost.inference: expected one number, got the range '1 to 2'",
        "8:15: cost.staff: is empty",
        "9:14: cost.data: has both 'growth' and 'values'",
        "10:24: serving.utilization: has no 'growth'",
    ),
    "trajectory-date-without-start": (
        "4:19: cost.training: '2025-03' is a date, and 'start' does not say when month 1 is",
    ),
    "trajectory-follow": (
        "4:19: cost.inference: expected a growth such as +8%/month, steps such as {7: 0.42} or a list, got "
        "'follow revenue.api'; did you mean 'follows revenue.api'?",
        "5:19: cost.staff: expected a growth such as +8%/month, steps such as {7: 0.42} or a list, got "
        "'tracks revenue.api'; did you mean 'follows revenue.api'?",
        "6:14: cost.data: expected a growth such as +8%/month, steps such as {7: 0.42} or a list, got "
        "'2x/year'; did you mean 'x2/year'?",
        "7:18: cost.training: expected a growth such as +8%/month, steps such as {7: 0.42} or a list, got "
        "'+8% per month'; did you mean '+8%/month'?",
        "8:15: cost.other: expected a growth such as +8%/month, steps such as {7: 0.42} or a list, got "
        "'50% revenue.api'; did you mean '50% of revenue.api'?",
        "9:16: revenue.api: expected a growth such as +8%/month, steps such as {7: 0.42} or a list, got "
        "'5% a month'; did you mean '+5%/month'?",
    ),
    "trajectory-growth-without-period": (
        "5:16: revenue.api: a growth needs its period; did you mean '+8%/month' or '+8%/year'?",
        "6:18: revenue.other: a growth needs a sign; did you mean '+8%/month'?",
        "7:18: cost.training: a growth needs its period; did you mean 'x3/month' or 'x3/year'?",
        "8:19: cost.staff: a growth needs its period; did you mean '+5%/month' or '+5%/year'?",
        "8:27: cost.staff: a growth needs its period; did you mean 'x2/month' or 'x2/year'?",
        "9:14: cost.data: a growth needs a sign; did you mean '+8%/month'?",
    ),
    "trajectory-list": (
        "2:13: 'trajectory' is a mapping from quantities to growth such as +8%/month, got a list",
    ),
    "trajectory-not-given": (
        "5:19: cost.inference: is not stated, so there is nothing to grow; state it, or set it "
        "from some month on",
        "6:15: cost.staff: is not stated, so there is nothing to grow; state it, or set it "
        "from some month on",
    ),
    "trajectory-older-than-its-value": (
        "7:26: price.output_per_mtok: its value is dated 2025-02-08, after the start of the "
        "projection, 2024-12; --as-of takes an older one",
    ),
    "trajectory-out-of-bounds": (
        "4:24: serving.utilization: in month 16 it must lie between 0 and 1, got 1.03946408971",
    ),
    "trajectory-outside-horizon": (
        "6:19: cost.training: 2024-12 lies before the start of the projection, 2025-01",
        "6:32: cost.training: 2027-01 lies beyond the horizon of 24 months; 'horizon_months' sets another",
        "7:32: cost.staff: has two steps in 2025-03-15",
    ),
    "trajectory-too-large": ("4:18: cost.training: in month 9 it is too large; the limit is 1e+30",),
    "trajectory-total-below-lines": ("5:15: cost.total: in month 7 it is below the sum of its lines",),
    "trajectory-unknown-quantity": (
        "6:3: trajectory: unknown quantity 'revenue.app'; did you mean 'revenue.api'?",
        "8:3: trajectory: duplicate key 'revenue.api', first in line 7",
        "9:3: cash.balance: is a stock, which follows from burn and funding; an event moves "
        "it, a trajectory does not",
        "10:3: company.period_months: cannot move: it makes flows monthly",
        "11:3: project.cash_low: is an outcome of a projection, and cannot be stated",
    ),
    "two-documents": ("3:1: contains more than one document; one file is one scenario",),
    "unit-empty": (
        "2:39: price.input_per_mtok: 'unit' is empty",
        "3:40: price.output_per_mtok: 'unit' is a text, got a list",
    ),
    "unit-wrong": (
        "2:27: price.input_per_mtok: 2500000 USD/Mtok is above 100,000; did you mean '2.50 "
        "USD/Mtok'? If not, write '2500000 USD/Mtok'",
    ),
    "unknown-dated-key": (
        "4:30: price.input_per_mtok: unknown key 'unit'; allowed are value, low, high, dist, "
        "basis, source, url, as_of, note",
    ),
    "unknown-datum-key-without-suggestion": (
        "2:33: price.input_per_mtok: unknown key 'zzz'; allowed are value, low, high, dist, basis, source, "
        "url, as_of, note, unit",
    ),
    "unknown-datum-key": ("2:33: price.input_per_mtok: unknown key 'sorce'; did you mean 'source'?",),
    "unknown-key-long": (
        "1:1: unknown key 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'; "
        "'llmcost schema' lists those that are allowed",
    ),
    "unknown-key-merge": ("2:1: unknown key '<<'; 'llmcost schema' lists those that are allowed",),
    "unknown-key-without-suggestion": (
        "2:1: unknown key 'zzz'; 'llmcost schema' lists those that are allowed",
    ),
    "unknown-key": ("2:1: unknown key 'tittle'; did you mean 'title'?",),
    "unknown-quantity-dotted": (
        "1:1: unknown quantity 'serving.utilisation'; did you mean 'serving.utilization'?",
    ),
    "unknown-quantity-without-suggestion": (
        "2:3: unknown quantity 'price.zzz'; 'llmcost list inputs price.' shows what there is",
    ),
    "unknown-quantity": (
        "2:3: unknown quantity 'price.inptu_per_mtok'; did you mean 'price.input_per_mtok'?",
    ),
    "unknown-section": ("2:1: unknown key 'prices'; did you mean 'price'?",),
    "url-bad": (
        "2:38: price.input_per_mtok: 'url' is an address that starts with https:// or http://, got "
        "'javascript:alert(1)'",
        "3:37: price.output_per_mtok: 'url' is an address that starts with https:// or http://, got "
        "'www.example.com'",
    ),
    "values-bad-date": (
        "4:7: price.input_per_mtok: expected a date such as 2024-05-13, got '2024-13-01'",
        "5:7: price.input_per_mtok: expected a date such as 2024-05-13, got 'May 2024'",
        "6:7: price.input_per_mtok: expected a date such as 2024-05-13, got '2024-05'",
    ),
    "values-both": ("3:5: price.input_per_mtok: unknown key 'value'; one of 'value' and 'values' is enough",),
    "values-empty": ("2:28: price.input_per_mtok: 'values' maps dates to values, such as 2024-05-13: 5",),
    "values-entry-bad": (
        "4:19: price.input_per_mtok: expected a number or a mapping, got a list",
        "5:19: price.input_per_mtok: must not be negative, got -2.5",
        "6:27: price.input_per_mtok: expected a number, got null",
    ),
    "values-entry-without-value": (
        "4:19: price.input_per_mtok: has no 'value'; a range alone is written LOW to HIGH",
    ),
    "values-neither": ("2:19: price.input_per_mtok: has no 'value'; a range alone is written LOW to HIGH",),
    "values-nothing": ("2:19: price.input_per_mtok: has no 'value'; a range alone is written LOW to HIGH",),
    "values-range-outside": (
        "4:5: price.input_per_mtok: unknown key 'low'; it belongs to each of the dated values",
        "5:5: price.input_per_mtok: unknown key 'high'; it belongs to each of the dated values",
        "6:5: price.input_per_mtok: unknown key 'dist'; it belongs to each of the dated values",
    ),
    "variant-bad-names": (
        "2:3: 'half price' is not a valid name; use letters, digits, '-', '_' and '.'",
        "3:3: 'a+b' is not a valid name; use letters, digits, '-', '_' and '.'",
        "4:3: 'half ' is not a valid name; use letters, digits, '-', '_' and '.'",
    ),
    "variant-bad-value": (
        "2:31: serving.utilization: must lie between 0 and 1, got 50; did you mean '50%'?",
    ),
    "variant-empty": ("2:8: 'half' is a mapping from quantities to values, got null",),
    "variant-note-empty": ("2:16: 'note' is empty",),
    "variant-number": ("2:9: 'half' is a mapping from quantities to values, got '1.25'",),
    "variant-unknown-key": ("2:10: unknown key 'title'; 'llmcost schema' lists those that are allowed",),
    "variant-unknown-quantity": (
        "2:10: unknown quantity 'price.imput_per_mtok'; did you mean 'price.input_per_mtok'?",
    ),
    "variants-list": ("1:11: 'variants' is a mapping from names to overrides, got a list",),
    "version-fraction": ("1:10: 'llmcost' is the format version, which is 1 here, got '1.0'",),
    "version-list": ("1:10: 'llmcost' is the format version, which is 1 here, got a list",),
    "version-missing": ("2:9: 'llmcost' is empty",),
    "version-unknown": ("1:10: 'llmcost' is the format version, which is 1 here, got '2'",),
    "yaml-bad-character": ("2:8: is not YAML: this character is not allowed here",),
    "yaml-key-in-list": ("3:3: is not YAML: expected '-' here; check the indentation",),
    "yaml-missing-colon": ("2:1: is not YAML: expected ':' after this key",),
    "yaml-missing-value": ("2:1: is not YAML: a value is missing here",),
    "yaml-second-colon": ("2:14: is not YAML: a second ':' in one line, or wrong indentation",),
    "yaml-tab": ("3:1: is not YAML: this character is not allowed here; indent with spaces, not tabs",),
    "yaml-unclosed-brace": ("3:1: is not YAML: expected ',' or '}' here",),
    "yaml-unclosed-bracket": ("3:1: is not YAML: expected ',' or ']' here",),
    "yaml-unclosed-quote": ("5:1: is not YAML: the file ends inside a quoted text",),
    "yaml-unknown-escape": ("1:11: is not YAML: found unknown escape character",),
    "yaml-wrong-indentation": ("3:2: is not YAML: expected a key here; check the indentation",),
}


def expected(name: str) -> list[str]:
    """Return the lines that are printed about a fixture, with its path in front."""
    return [line if line.startswith("bad") else f"{BAD}/{name}.yaml:{line}" for line in PROBLEMS[name]]


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in the project's folder, so that paths are relative to it."""
    monkeypatch.chdir(TESTS)


def lines(result: Validation) -> list[str]:
    return [str(problem) for problem in result.problems]


@each("name", PROBLEMS)
def test_messages(name: str) -> None:
    assert lines(validate(BAD / f"{name}.yaml")) == expected(name)


def test_every_fixture_is_in_the_table_and_every_entry_has_a_fixture() -> None:
    assert {path.name for path in BAD.iterdir()} == {f"{name}.yaml" for name in PROBLEMS}


def test_every_entry_holds_messages_of_one_printable_line() -> None:
    assert [name for name, messages in PROBLEMS.items() if not messages] == []
    assert [line for messages in PROBLEMS.values() for line in messages if not line.isprintable()] == []


PARSED: Final = ("alias", "control", "deep", "empty", "key", "tag", "two", "yaml")


@each("name", [name for name in PROBLEMS if name.startswith(PARSED)])
def test_without_libyaml_what_is_no_yaml_is_refused_as_well(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    problems = validate(BAD / f"{name}.yaml").problems
    assert problems
    assert [problem for problem in problems if (problem.line or 0) < 1 or (problem.column or 0) < 1] == []


def test_the_command_prints_every_problem_with_its_path(llmcost: Call) -> None:
    done = llmcost("validate", str(BAD))
    names = sorted(PROBLEMS, key=lambda name: f"{name}.yaml")
    wanted = list(dict.fromkeys(line for name in names for line in expected(name)))
    *printed, count = [line for line in done.out.splitlines() if line]
    assert (done.code, done.err) == (2, "")
    assert [line for line in printed if not line.startswith(f"{BAD}/")] == []
    assert printed == wanted
    assert count == f"{len(names)} files, {len(wanted)} errors"


def test_a_good_file_beside_bad_ones_is_not_complained_about(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("price.input_per_mtok: 2.50\n", encoding="utf-8")
    (tmp_path / "bad.yml").write_text("price.input_per_mtok: -1\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no scenario", encoding="utf-8")
    result = validate(tmp_path)
    assert result.files == (str(tmp_path / "bad.yml"), str(tmp_path / "good.yaml"))
    assert lines(result) == [
        f"{tmp_path / 'bad.yml'}:1:23: price.input_per_mtok: must not be negative, got -1"
    ]
    assert not result.ok


def test_a_good_file_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text("price.input_per_mtok: 2.50\n", encoding="utf-8")
    result = validate(path, tmp_path)
    assert result.ok
    assert result.files == (str(path),)


def test_a_missing_path() -> None:
    assert refusal(validate, BAD, "nowhere") == "nowhere: there is no such file or folder"


def test_a_folder_without_scenarios(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no scenario", encoding="utf-8")
    assert refusal(validate, tmp_path) == f"{tmp_path}: contains no scenario file (.yaml or .yml)"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * (4 * 1024 * 1024) + b"\n")
    assert lines(validate(path)) == [f"{path}: is larger than 4 MiB"]


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    text = b"price.input_per_mtok: 2.50 #"
    path.write_bytes(text + b"." * (4 * 1024 * 1024 - len(text)))
    assert lines(validate(path)) == []


def test_a_broken_file_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"price:\n  input_per_mtok: -1\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert lines(validate("-")) == ["<stdin>:2:19: price.input_per_mtok: must not be negative, got -1"]


def test_standard_input_that_is_not_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"kind: model\ntitle: \xff\n")))
    assert lines(validate("-")) == ["<stdin>:2:8: is not UTF-8: byte 0xff here; save the file as UTF-8"]


def test_a_parent_is_never_read_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "child.yaml"
    path.write_text('extends: "-"\n', encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"price.input_per_mtok: 2.50\n")))
    assert len(lines(validate(path))) == 1


def test_windows_line_ends_move_no_position(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"title: x\r\nprice:\r\n  input_per_mtok: -1\r\n")
    assert lines(validate(path)) == [f"{path}:3:19: price.input_per_mtok: must not be negative, got -1"]


def test_a_file_whose_name_is_not_utf_8_in_json(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.yaml"
    try:
        with open(path, "wb") as file:  # noqa: PTH123  (pathlib takes no bytes)
            file.write(b"nonsense: 1\n")
    except OSError:
        pytest.skip("this file system holds UTF-8 names only")
    done = subprocess.run(
        [sys.executable, "-m", "llmcost", "validate", str(tmp_path), "--format", "json"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr
    assert done.returncode == 2
    assert (
        json.loads(done.stdout)["problems"][0]["message"]
        == "unknown key 'nonsense'; 'llmcost schema' lists those that are allowed"
    )


def test_a_text_without_end_is_refused_unread() -> None:
    text = f'price.input_per_mtok: "1{" " * 30_000}x"\n'
    with pytest.raises(LlmcostError, match="is longer than 200 characters"):
        read_document(text, "long", "long.yaml")


def test_a_lone_surrogate_is_refused_like_any_control_character() -> None:
    assert refusal(read_document, "kind: model\ntitle: a\ud800b\n", "surrogate", "x.yaml").splitlines() == [
        "x.yaml:2:9: is not YAML: control character U+D800"
    ]


@each("block", ["{0}: 1", "expect:\n  price.{0}: 1"])
def test_only_so_many_problems_of_a_file_say_what_was_meant(block: str) -> None:
    """Finding that takes milliseconds, and a file may hold a hundred thousand of them."""
    head, newline, line = block.rpartition("\n")
    letters = "abcdefghijklmnopqrstuvwxyz"
    keys = [f"input_per_mtok{one}{other}" for one in letters for other in letters][: HINTED + 5]
    text = head + newline + "\n".join(line.format(key) for key in keys) + "\n"
    with pytest.raises(LlmcostError) as caught:
        read_document(text, "long", "long.yaml")
    meant = ["did you mean" in problem.message for problem in caught.value.problems]
    assert meant == [True] * HINTED + [False] * 5

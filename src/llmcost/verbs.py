"""Every verb, described once: its line in the help, its examples, and the forms its result takes.

The command of a verb is `run` in `cli/VERB.py`, what it shows is `views` in `render/results/VERB.py`.
"""

from __future__ import annotations

from typing import Final

from llmcost.records import NamedTuple

ANY: Final = ("table", "json", "jsonl", "csv", "markdown")
"""The forms of any result."""
DRAWN: Final = ("html", "svg", "png", "vega")
SEEN: Final = (*ANY, *DRAWN)
"""The forms of a result of which there is something to see."""
GATE: Final = (*ANY, "junit", "github")
"""The forms of a result that CI looks at."""


class Verb(NamedTuple):
    """A verb's line in the help, two calls of it, the public class of its result, and its result's forms.

    The first of the forms is the usual one.
    """

    line: str
    examples: tuple[str, str]
    result: str = ""
    forms: tuple[str, ...] = ANY


VERBS: Final = {
    "compare": Verb(
        "Put scenarios side by side",
        ("compare gpt-4o deepseek-v3", "compare gpt-4o deepseek-v3 --workload agent -o prices.csv"),
        "Comparison",
        SEEN,
    ),
    "show": Verb(
        "Show everything that follows from a scenario",
        ("show deepseek-v3", "show openai-2024 --metric company"),
        "Evaluation",
        SEEN,
    ),
    "explain": Verb(
        "Show how a figure is derived",
        (
            "explain deepseek-v3 unit.gross_margin",
            "explain openai-2024 breakeven.api_only_multiplier",
        ),
        "Explanation",
        SEEN,
    ),
    "sources": Verb(
        "List the sources of a scenario",
        ("sources openai-2024", "sources deepseek-v3 -o sources.csv"),
        "Sources",
    ),
    "breakeven": Verb(
        "Show how far prices would have to rise",
        ("breakeven openai-2024", "breakeven openai-2024 --boundary total --elasticity 0,0.5,1"),
        "Ladder",
        SEEN,
    ),
    "selfhost": Verb(
        "Compare your own deployment with APIs",
        (
            "selfhost deepseek-day gpt-4o deepseek-v3",
            "selfhost deepseek-day gpt-4o --set traffic.input_tokens_per_day=*0.1",
        ),
        "Decision",
        SEEN,
    ),
    "size": Verb(
        "Find the cheapest deployment for a target",
        (
            "size llama-3.3-70b --accelerator h100,b200 --users 500 --min-tokens-per-second 20",
            "size deepseek-v3 --accelerator h200 --users 192 --min-tokens-per-second 20 -o deployment.yaml",
        ),
        "Sizing",
        (*SEEN, "yaml"),
    ),
    "sweep": Verb(
        "Evaluate metrics over a grid of inputs",
        (
            "sweep deepseek-v3 --vary serving.utilization=10%:90%:9 --metric unit.gross_margin",
            "sweep gpt-4o o1 --vary workload.output_share=0.1,0.3,0.5 --metric price.blended_per_mtok",
        ),
        "Sweep",
        (*SEEN, "parquet"),
    ),
    "solve": Verb(
        "Find the input that meets a target",
        (
            "solve deepseek-v3 --vary serving.utilization --until 'unit.gross_margin >= 50%'",
            "solve openai-2024 --vary revenue.api --until company.operating_profit=0 --value",
        ),
        "Solved",
        SEEN,
    ),
    "sensitivity": Verb(
        "Rank the inputs that move a metric",
        (
            "sensitivity deepseek-v3 --metric unit.gross_margin",
            "sensitivity openai-2024 --metric company.operating_profit --by 20%",
        ),
        "Sensitivity",
        SEEN,
    ),
    "simulate": Verb(
        "Draw from every range: how sure is a metric?",
        (
            "simulate openai-2024 --metric cost.total",
            "simulate openai-2024 --metric company.operating_profit --where 'company.operating_profit > -6B'",
        ),
        "Simulation",
        SEEN,
    ),
    "project": Verb(
        "Run a scenario forward, month by month",
        (
            "project openai-2024 --months 36 --by quarter",
            "project openai-2024 --trajectory revenue.api=+8%/month --by year",
        ),
        "Projection",
        SEEN,
    ),
    "apply": Verb(
        "Evaluate metrics on each row of a table",
        (
            "apply deepseek-v3 fleets.csv --metric unit.gross_margin -o margins.csv",
            "apply deepseek-v3 fleets.csv --map rent=serving.gpu_hour_cost --metric unit.markup -o out.jsonl",
        ),
        forms=("csv", "jsonl", "parquet"),
    ),
    "check": Verb(
        "Test what scenarios expect",
        ("check scenarios", "check scenarios -k margin"),
        "Checked",
        (*GATE, *DRAWN),
    ),
    "snapshot": Verb(
        "Record figures, to compare with later",
        ("snapshot scenarios -o snapshot.json", "snapshot --update -o snapshot.json"),
        "Snapshot",
        ("json",),
    ),
    "diff": Verb(
        "Say what changed since a snapshot, and why",
        ("diff snapshot.json --tolerance 1%", "diff gpt-4o@2024-06-01 gpt-4o"),
        "Diff",
        (*GATE, *DRAWN),
    ),
    "report": Verb(
        "Write a page for a board",
        (
            "report openai-2024 -o openai.html",
            "report deepseek-v3 gpt-4o --workload agent -o models.html",
        ),
        "Briefing",
        ("html", "table", "json", "jsonl", "csv", "markdown"),
    ),
    "export": Verb(
        "Write a workbook that computes",
        (
            "export deepseek-v3 -o deepseek-v3.xlsx",
            "export openai-2024 openai-2024:azure-leak -o openai.xlsx",
        ),
        forms=("xlsx",),
    ),
    "page": Verb(
        "Write a page with sliders that computes",
        (
            "page openai-2024 -o openai.html",
            "page deepseek-v3 --vary 'serving.utilization=10% to 90%' --metric unit -o v3.html",
        ),
        forms=("html",),
    ),
    "claims": Verb(
        "Test claims against the arithmetic", ("claims", "claims show v3-53x-cheaper"), "Claims", SEEN
    ),
    "import": Verb(
        "Turn a benchmark or a bill into a scenario",
        ("import bench.json --gpus 8 --gpu-hour 2.10", "import bench.json --gpus 8 -o ours.yaml"),
        forms=("yaml", *ANY),
    ),
    "prices": Verb(
        "Show list prices over time, and check them",
        ("prices gpt-4o deepseek-v3", "prices check"),
        "Prices",
        SEEN,
    ),
    "list": Verb("List scenarios, metrics or inputs", ("list scenarios deepseek", "list metrics margin")),
    "validate": Verb(
        "Check files for errors",
        ("validate scenarios", "validate my-model.yaml --format json"),
        "Validation",
    ),
    "schema": Verb(
        "Print the JSON Schema of a file format",
        ("schema", "schema --claims -o claims.schema.json"),
        forms=("json",),
    ),
    "init": Verb(
        "Write a scenario to start from", ("init my-model.yaml", "init my-app.yaml --kind product"), forms=()
    ),
}
"""In the order of the help."""

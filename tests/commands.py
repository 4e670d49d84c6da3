"""Commands on the world of `tests/world`, of every verb at least one, and what they are tried in."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """A command, the forms in which it has a golden file, and its exit code."""

    command: str
    forms: str = "table"
    code: int = 0


CASES = {
    "compare": Case("compare lark wren", "table csv markdown"),
    "compare-launch": Case("compare lark wren --as-of 2024-02-01"),
    "compare-three": Case("compare owl wren lark"),
    "compare-companies": Case("compare acme beta acme-half"),
    "compare-mixed": Case("compare lark fleet"),
    "compare-nothing-shared": Case("compare owl acme"),
    "compare-products": Case("compare pass pass-pro"),
    "compare-capital": Case("compare capital capital:spend-200b"),
    "compare-uncertainty": Case(
        "compare lark wren --uncertainty --draws 500 --metric unit.gross_margin --metric unit.markup",
        "table json",
    ),
    "show-fleet": Case("show fleet"),
    "show-product": Case("show seat --set product.supplier_price_multiplier=10"),
    "show-conflict": Case("show overstated --set product.supplier_price_multiplier=*2", "table json"),
    "show-capital": Case("show capital:spend-200b"),
    "show-company": Case("show acme:leak"),
    "show-all": Case("show owl --all --metric unit", "table json"),
    "show-metric": Case("show acme --metric company --metric breakeven.*_multiplier", "table markdown"),
    "show-set": Case("show wren --workload rag --set serving.gpu_hour_cost=*2 --metric unit"),
    "explain": Case("explain acme breakeven.api_only_multiplier", "table markdown"),
    "explain-dated": Case("explain lark@2024-02-01 price.blended_per_mtok", "table json"),
    "explain-supplier": Case("explain seat@2024-09-01 product.base_token_cost_per_unit", "table json"),
    "explain-missing": Case("explain owl traffic.revenue_per_day"),
    "explain-undefined": Case("explain fleet unit.markup --workload rag", "table json"),
    "report": Case("report lark wren", "table json"),
    "sources": Case("sources acme", "table markdown"),
    "sources-few": Case("sources beta", "json"),
    "breakeven": Case("breakeven acme"),
    "breakeven-narrow": Case(
        "breakeven acme:low-inference --payer uniform --compute paid --elasticity 0,0.9,1,1.5", "table json"
    ),
    "breakeven-no-inference": Case("breakeven acme-half --elasticity 0,0.5"),
    "selfhost": Case("selfhost nest lark wren", "table csv"),
    "selfhost-one": Case("selfhost nest wren", "json"),
    "selfhost-too-small": Case(
        "selfhost nest --set serving.gpus=1 --set traffic.output_tokens_per_day=60M", "table json"
    ),
    "selfhost-no-traffic": Case("selfhost wren lark --set serving.gpus=8"),
    "size": Case(
        "size finch --accelerator anvil,mill --users 150 --min-tokens-per-second 20 --precision fp8",
        "table csv markdown",
    ),
    "size-few": Case(
        "size finch --accelerator anvil,mill --users 150 --min-tokens-per-second 20 --precision fp8 --gpus 2",
        "json",
    ),
    "size-none-meets": Case("size crane --users 5 --min-tokens-per-second 400"),
    "size-curve": Case("size finch --accelerator anvil --gpus 1,2 --pareto", "table json csv"),
    "explain-supply": Case("explain perch serving.prefill_tokens_per_gpu_second"),
    "sweep-matrix": Case(
        "sweep wren --vary serving.utilization=0:1:5 --vary serving.gpu_hour_cost=1,2,4 "
        "--metric unit.gross_margin",
        "table json csv",
    ),
    "sweep-scenarios": Case("sweep acme acme:leak --metric company.gross_margin --metric revenue.total"),
    "sweep-band": Case(
        "sweep acme --vary market.price_elasticity=0:1.2:7 "
        "--metric breakeven.api_only_multiplier --band '10 to 100'"
    ),
    "solve": Case("solve acme --vary revenue.api --until company.operating_profit=0", "table json"),
    "solve-inequality": Case("solve wren --vary serving.utilization --until unit.gross_margin>=50%"),
    "sensitivity": Case("sensitivity acme --metric company.operating_margin", "table json"),
    "simulate": Case(
        "simulate acme --metric cost.total --metric company.net_burn_per_month --draws 500",
        "table markdown",
    ),
    "simulate-one": Case("simulate acme --metric company.net_burn_per_month --draws 500", "json"),
    "simulate-project": Case("simulate acme --metric project.runway_months --months 36 --draws 200"),
    "project": Case(
        "project acme-plan:credits+round --by quarter --months 12 --metric company.gross_margin",
        "table json markdown",
    ),
    "project-bare": Case("project acme --months 6"),
    "project-reprice": Case("project acme-plan:api-5x --by year --months 24", "table csv"),
    "project-models": Case("project vintages", "table json"),
    "project-metric": Case(
        "project wren --months 24 --by year --metric unit.gross_margin "
        "--trajectory serving.gpu_hour_cost=-30%/year"
    ),
    "claims": Case("claims claims/essay.yaml"),
    "claims-show": Case("claims show prices-3-to-30x claims/essay.yaml", "table json"),
    "validate": Case("validate workloads companies/beta.yaml products/overstated.yaml", "table json"),
    "import": Case("import ../imports/vllm-bench-serve.json --gpus 8 --gpu-hour 2.10", "table json"),
    "import-runs": Case("import ../imports/aiconfigurator-agg.csv"),
    "prices": Case("prices lark", "table json csv"),
    "list": Case("list"),
    "list-kind": Case("list scenarios wren --kind model", "table json"),
    "list-metrics": Case("list metrics margin", "table json"),
    "list-inputs": Case("list inputs workload"),
    "check": Case("check expectations", "table json markdown junit github", 1),
    "diff": Case("diff acme acme:leak --tolerance 5% --fail-on regression", "table markdown junit github", 1),
    "diff-models": Case("diff wren wren:market-compute --tolerance 5% --fail-on regression", "json", 1),
}

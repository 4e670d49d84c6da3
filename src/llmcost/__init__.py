"""llmcost: the unit economics of large language models, with a source for every number.

Everything the command line does is a function here:

    from llmcost import compare, evaluate, load

    v3 = load("deepseek-v3", set={"serving.utilization": 0.5})
    print(evaluate(v3).value("unit.gross_margin"))
    print(compare("gpt4o", v3).row("price.output_per_mtok").ratios)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmcost.analysis.breakeven import Ladder, breakeven
    from llmcost.analysis.catalog import list_inputs, list_metrics, list_scenarios, schema
    from llmcost.analysis.check import Checked, check
    from llmcost.analysis.claims import Claims, claims
    from llmcost.analysis.compare import Comparison, compare
    from llmcost.analysis.diff import diff
    from llmcost.analysis.evaluation import Evaluation, evaluate
    from llmcost.analysis.explain import Derivation, Explanation, explain
    from llmcost.analysis.loading import load
    from llmcost.analysis.moves import Diff
    from llmcost.analysis.project import Projection, project
    from llmcost.analysis.sensitivity import Sensitivity, sensitivity
    from llmcost.analysis.simulate import Simulation, simulate
    from llmcost.analysis.snapshot import snapshot
    from llmcost.analysis.solve import Solved, solve
    from llmcost.analysis.sweep import Sweep, sweep
    from llmcost.analysis.uncertainty import Uncertainty, uncertainty
    from llmcost.analysis.validate import Validation, validate
    from llmcost.errors import LlmcostError, Problem
    from llmcost.scenario.scenario import Scenario
    from llmcost.scenario.starter import starter

__version__ = "0.1.0"

_HOME = {
    "Ladder": "analysis.breakeven",
    "breakeven": "analysis.breakeven",
    "list_inputs": "analysis.catalog",
    "list_metrics": "analysis.catalog",
    "list_scenarios": "analysis.catalog",
    "Checked": "analysis.check",
    "check": "analysis.check",
    "Claims": "analysis.claims",
    "claims": "analysis.claims",
    "Comparison": "analysis.compare",
    "compare": "analysis.compare",
    "Diff": "analysis.moves",
    "diff": "analysis.diff",
    "Evaluation": "analysis.evaluation",
    "evaluate": "analysis.evaluation",
    "Derivation": "analysis.explain",
    "Explanation": "analysis.explain",
    "explain": "analysis.explain",
    "load": "analysis.loading",
    "Projection": "analysis.project",
    "project": "analysis.project",
    "Sensitivity": "analysis.sensitivity",
    "sensitivity": "analysis.sensitivity",
    "Simulation": "analysis.simulate",
    "simulate": "analysis.simulate",
    "snapshot": "analysis.snapshot",
    "Solved": "analysis.solve",
    "solve": "analysis.solve",
    "Sweep": "analysis.sweep",
    "sweep": "analysis.sweep",
    "Uncertainty": "analysis.uncertainty",
    "uncertainty": "analysis.uncertainty",
    "Validation": "analysis.validate",
    "validate": "analysis.validate",
    "LlmcostError": "errors",
    "Problem": "errors",
    "schema": "analysis.catalog",
    "Scenario": "scenario.scenario",
    "starter": "scenario.starter",
}

__all__ = [
    "Checked",
    "Claims",
    "Comparison",
    "Derivation",
    "Diff",
    "Evaluation",
    "Explanation",
    "Ladder",
    "LlmcostError",
    "Problem",
    "Projection",
    "Scenario",
    "Sensitivity",
    "Simulation",
    "Solved",
    "Sweep",
    "Uncertainty",
    "Validation",
    "__version__",
    "breakeven",
    "check",
    "claims",
    "compare",
    "diff",
    "evaluate",
    "explain",
    "list_inputs",
    "list_metrics",
    "list_scenarios",
    "load",
    "project",
    "schema",
    "sensitivity",
    "simulate",
    "snapshot",
    "solve",
    "starter",
    "sweep",
    "uncertainty",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import llmcost` costs next to nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'llmcost' has no attribute '{name}'")
    value = getattr(import_module(f"llmcost.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

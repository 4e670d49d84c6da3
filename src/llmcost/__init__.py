"""llmcost: the unit economics of large language models, with a source for every number.

Everything the command line does is a function here:

    from llmcost import compare, evaluate, load

    v3 = load("deepseek-v3", set={"serving.utilization": 0.5})
    print(evaluate(v3).value("unit.gross_margin"))
    print(compare("gpt4o", v3).row("price.output_per_mtok").ratios)
"""

from __future__ import annotations

TYPE_CHECKING = False  # to type checkers it is true; importing `typing` for it would take time
if TYPE_CHECKING:
    from typing import Any

    from llmcost.analysis.ask.breakeven import Ladder, breakeven
    from llmcost.analysis.ask.catalog import list_inputs, list_metrics, list_scenarios, schema
    from llmcost.analysis.ask.compare import Comparison, compare
    from llmcost.analysis.ask.evaluation import Evaluation, evaluate
    from llmcost.analysis.ask.explain import Derivation, Explanation, explain
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.claims.judge import Claims, claims
    from llmcost.analysis.gates.changes import Diff
    from llmcost.analysis.gates.check import Checked, check
    from llmcost.analysis.gates.diff import diff
    from llmcost.analysis.gates.snapshot import snapshot
    from llmcost.analysis.gates.validate import Validation, validate
    from llmcost.analysis.projection.project import Projection, project
    from llmcost.analysis.whatif.sensitivity import Sensitivity, sensitivity
    from llmcost.analysis.whatif.simulate import Simulation, simulate
    from llmcost.analysis.whatif.solve import Solved, solve
    from llmcost.analysis.whatif.sweep import Sweep, sweep
    from llmcost.analysis.whatif.uncertainty import Uncertainty, uncertainty
    from llmcost.errors import LlmcostError, Problem
    from llmcost.scenario.files.starter import starter
    from llmcost.scenario.settled import Scenario

__version__ = "0.1.0"

_HOME = {
    "Ladder": "analysis.ask.breakeven",
    "breakeven": "analysis.ask.breakeven",
    "list_inputs": "analysis.ask.catalog",
    "list_metrics": "analysis.ask.catalog",
    "list_scenarios": "analysis.ask.catalog",
    "Checked": "analysis.gates.check",
    "check": "analysis.gates.check",
    "Claims": "analysis.claims.judge",
    "claims": "analysis.claims.judge",
    "Comparison": "analysis.ask.compare",
    "compare": "analysis.ask.compare",
    "Diff": "analysis.gates.changes",
    "diff": "analysis.gates.diff",
    "Evaluation": "analysis.ask.evaluation",
    "evaluate": "analysis.ask.evaluation",
    "Derivation": "analysis.ask.explain",
    "Explanation": "analysis.ask.explain",
    "explain": "analysis.ask.explain",
    "load": "analysis.ask.load",
    "Projection": "analysis.projection.project",
    "project": "analysis.projection.project",
    "Sensitivity": "analysis.whatif.sensitivity",
    "sensitivity": "analysis.whatif.sensitivity",
    "Simulation": "analysis.whatif.simulate",
    "simulate": "analysis.whatif.simulate",
    "snapshot": "analysis.gates.snapshot",
    "Solved": "analysis.whatif.solve",
    "solve": "analysis.whatif.solve",
    "Sweep": "analysis.whatif.sweep",
    "sweep": "analysis.whatif.sweep",
    "Uncertainty": "analysis.whatif.uncertainty",
    "uncertainty": "analysis.whatif.uncertainty",
    "Validation": "analysis.gates.validate",
    "validate": "analysis.gates.validate",
    "LlmcostError": "errors",
    "Problem": "errors",
    "schema": "analysis.ask.catalog",
    "Scenario": "scenario.settled",
    "starter": "scenario.files.starter",
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
    from importlib import import_module

    value = getattr(import_module(f"llmcost.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

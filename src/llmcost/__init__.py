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

    from llmcost.analysis.ask.breakeven import Ladder as Ladder
    from llmcost.analysis.ask.breakeven import breakeven as breakeven
    from llmcost.analysis.ask.catalog import list_inputs as list_inputs
    from llmcost.analysis.ask.catalog import list_metrics as list_metrics
    from llmcost.analysis.ask.catalog import list_scenarios as list_scenarios
    from llmcost.analysis.ask.catalog import schema as schema
    from llmcost.analysis.ask.compare import Comparison as Comparison
    from llmcost.analysis.ask.compare import compare as compare
    from llmcost.analysis.ask.evaluation import Evaluation as Evaluation
    from llmcost.analysis.ask.evaluation import evaluate as evaluate
    from llmcost.analysis.ask.explain import Derivation as Derivation
    from llmcost.analysis.ask.explain import Explanation as Explanation
    from llmcost.analysis.ask.explain import explain as explain
    from llmcost.analysis.ask.load import load as load
    from llmcost.analysis.ask.prices import PriceCheck as PriceCheck
    from llmcost.analysis.ask.prices import Prices as Prices
    from llmcost.analysis.ask.prices import check_prices as check_prices
    from llmcost.analysis.ask.prices import prices as prices
    from llmcost.analysis.ask.selfhost import Decision as Decision
    from llmcost.analysis.ask.selfhost import selfhost as selfhost
    from llmcost.analysis.ask.size import Sizing as Sizing
    from llmcost.analysis.ask.size import size as size
    from llmcost.analysis.ask.sources import Sources as Sources
    from llmcost.analysis.ask.sources import sources as sources
    from llmcost.analysis.claims.judge import claims as claims
    from llmcost.analysis.claims.verdict import Claims as Claims
    from llmcost.analysis.gates.changes import Diff as Diff
    from llmcost.analysis.gates.check import Checked as Checked
    from llmcost.analysis.gates.check import check as check
    from llmcost.analysis.gates.diff import diff as diff
    from llmcost.analysis.gates.snapshot import snapshot as snapshot
    from llmcost.analysis.gates.validate import Validation as Validation
    from llmcost.analysis.gates.validate import validate as validate
    from llmcost.analysis.projection.project import Projection as Projection
    from llmcost.analysis.projection.project import project as project
    from llmcost.analysis.whatif.apply import apply as apply
    from llmcost.analysis.whatif.briefing import Briefing as Briefing
    from llmcost.analysis.whatif.briefing import briefing as briefing
    from llmcost.analysis.whatif.prepared import Prepared as Prepared
    from llmcost.analysis.whatif.sensitivity import Sensitivity as Sensitivity
    from llmcost.analysis.whatif.sensitivity import sensitivity as sensitivity
    from llmcost.analysis.whatif.simulate import Simulation as Simulation
    from llmcost.analysis.whatif.simulate import simulate as simulate
    from llmcost.analysis.whatif.solve import Solved as Solved
    from llmcost.analysis.whatif.solve import solve as solve
    from llmcost.analysis.whatif.sweep import Sweep as Sweep
    from llmcost.analysis.whatif.sweep import sweep as sweep
    from llmcost.analysis.whatif.uncertainty import Uncertainty as Uncertainty
    from llmcost.analysis.whatif.uncertainty import uncertainty as uncertainty
    from llmcost.errors import LlmcostError as LlmcostError
    from llmcost.errors import Problem as Problem
    from llmcost.scenario.files.snapshot import Snapshot as Snapshot
    from llmcost.scenario.files.starter import starter as starter
    from llmcost.scenario.settled import Scenario as Scenario

__version__ = "0.1.0"

_PUBLIC = {
    "analysis.ask.breakeven": "Ladder breakeven",
    "analysis.ask.catalog": "list_inputs list_metrics list_scenarios schema",
    "analysis.gates.check": "Checked check",
    "analysis.claims.verdict": "Claims",
    "analysis.claims.judge": "claims",
    "analysis.ask.compare": "Comparison compare",
    "analysis.gates.changes": "Diff",
    "analysis.gates.diff": "diff",
    "analysis.ask.evaluation": "Evaluation evaluate",
    "analysis.ask.explain": "Derivation Explanation explain",
    "analysis.ask.load": "load",
    "analysis.ask.selfhost": "Decision selfhost",
    "analysis.ask.sources": "Sources sources",
    "analysis.projection.project": "Projection project",
    "analysis.whatif.apply": "apply",
    "analysis.whatif.prepared": "Prepared",
    "analysis.whatif.briefing": "Briefing briefing",
    "analysis.whatif.sensitivity": "Sensitivity sensitivity",
    "analysis.whatif.simulate": "Simulation simulate",
    "analysis.ask.size": "Sizing size",
    "analysis.gates.snapshot": "snapshot",
    "analysis.whatif.solve": "Solved solve",
    "analysis.whatif.sweep": "Sweep sweep",
    "analysis.whatif.uncertainty": "Uncertainty uncertainty",
    "analysis.ask.prices": "PriceCheck Prices check_prices prices",
    "analysis.gates.validate": "Validation validate",
    "errors": "LlmcostError Problem",
    "scenario.settled": "Scenario",
    "scenario.files.snapshot": "Snapshot",
    "scenario.files.starter": "starter",
}
"""By module, the names that it has for everybody."""

_HOME = {name: module for module, names in _PUBLIC.items() for name in names.split()}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import llmcost` costs next to nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'llmcost' has no attribute '{name}'")
    from importlib import import_module

    value = getattr(import_module(f"llmcost.{_HOME[name]}"), name)
    globals()[name] = value
    _equip()
    return value


def _equip() -> None:
    """Give the classes of results that have been imported their short `repr`, and what notebooks show."""
    from sys import modules

    for name, home in _HOME.items():
        module = modules.get(f"llmcost.{home}")
        if name[0].isupper() and name not in _EQUIPPED and hasattr(module, name):
            from llmcost.render.notebook import equip

            _EQUIPPED.add(name)
            if not issubclass(getattr(module, name), Exception) and name != "Problem":
                equip(getattr(module, name))


_EQUIPPED: set[str] = set()


def __dir__() -> list[str]:
    return __all__

"""What a scenario takes from another that its header names, where it does not state it itself.

supplier: openai/gpt-4o        # product.* costs: list prices of the day
alternative: deepseek-v3       # alternative.* prices: list prices of the day
architecture: llama-3.3-70b    # model.*
accelerator: h100-sxm          # gpu.*
efficiency_of: serving-efficiency   # efficiency.*, energy.*; the usual one beside the two above
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.formulas.price_list import LIST, PRICE, SUPPLIER
from llmcost.records import NamedTuple

if TYPE_CHECKING:
    from llmcost.scenario.settled import Scenario
    from llmcost.scenario.values.datum import Datum


class Fill(NamedTuple):
    """A header key that names another scenario.

    Attributes:
        key: the key, which messages begin with.
        text: what it is for.
        takes: what is taken: each quantity that it fills, and the other scenario's quantity that fills it.
        credit: what the source of such a value begins with; the scenario's name follows.
        kind: the kind among which alone the scenario is looked for.
        usual: the scenario that is taken where the header does not name one, but a key of `beside`.
        beside: those keys.
    """

    key: str
    text: str
    takes: Mapping[str, str]
    credit: str
    kind: str | None = None
    usual: str | None = None
    beside: tuple[str, ...] = ()

    def fill(self, scenario: Scenario, other: Scenario) -> Scenario:
        """Return the scenario with what the other states in place of what it does not state itself.

        Each value keeps its basis, range and date, and says in its source whose it is.

        Raises:
            LlmcostError: where the other states nothing of it.
        """
        taken = {name: other.data[of] for name, of in self.takes.items() if of in other.data}
        if not taken:
            raise LlmcostError(f"{other.label} states none of {', '.join(list(self.takes.values())[:3])}")
        missing = {name: datum for name, datum in taken.items() if name not in scenario.data}
        return scenario.with_data({name: self._credited(datum, other) for name, datum in missing.items()})

    def _credited(self, datum: Datum, other: Scenario) -> Datum:
        owner = f"{self.credit} {other.label}"
        return datum.credited(", ".join(filter(None, [owner, datum.source])), owner=owner)


def _named(section: str, of: str) -> dict[str, str]:
    """Return the inputs of a section, each with the quantity of another section by the same name."""
    names = [name for name in MODEL.quantities if name.startswith(f"{section}.") and name in MODEL.inputs]
    return {name: f"{of}.{name.removeprefix(f'{section}.')}" for name in names}


_PAID: Final = {SUPPLIER.fields[field]: PRICE.fields[field] for field in LIST}
_DECLARED: Final = (
    Fill("supplier", "The scenario whose list prices a product pays.", _PAID, "list price of"),
    Fill(
        "alternative",
        "The scenario whose list prices your own traffic would pay elsewhere.",
        _named("alternative", "price"),
        "list price of",
    ),
    Fill(
        "architecture", "The model that is served.", _named("model", "model"), "architecture", "architecture"
    ),
    Fill("accelerator", "The GPU that serves it.", _named("gpu", "gpu"), "accelerator", "accelerator"),
    Fill(
        "efficiency_of",
        "The share of the peak that serving reaches, and the price of power; absent: serving-efficiency.",
        _named("efficiency", "efficiency") | _named("energy", "energy"),
        "efficiency",
        usual="serving-efficiency",
        beside=("architecture", "accelerator"),
    ),
)
FILLS: Final = tuple(fill for fill in _DECLARED if fill.takes)
"""Header keys in the order in which they fill; each is known once the vocabulary has what it fills."""
MANY: Final = 4
"""How many values of one scenario are called by its name."""


def in_brief(names: Sequence[str], data: Mapping[str, Datum]) -> tuple[str, ...]:
    """Return names of stated quantities, in place of many that one header key has filled what it names."""
    owners = [data[name].provenance.owner if name in data else None for name in names]
    held = Counter(owners)
    told = (
        owner if owner and held[owner] >= MANY else name for name, owner in zip(names, owners, strict=True)
    )
    return tuple(dict.fromkeys(told))


OF_OWN_KIND: Final = frozenset(fill.kind for fill in _DECLARED if fill.kind is not None)
"""Kinds of scenarios that a name stands for only where they are asked for, or where nothing else has it."""

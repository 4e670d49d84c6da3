"""Header keys that fill in from other scenarios what a scenario does not state itself.

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
        key: the key; messages begin with it.
        text: what it is for.
        takes: the quantities that it fills, each with the other scenario's quantity to take.
        credit: the beginning of the source of such a value; the scenario's name follows.
        kind: the only kind of scenario that it may name, if there is one.
        usual: the scenario to take if the header does not name one, but has a key of `beside`.
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
        """Return the scenario with its gaps filled from the other.

        Each value keeps its basis, range and date, and its source names the other scenario.

        Raises:
            LlmcostError: if the other states none of the quantities.
        """
        taken = {name: other.data[of] for name, of in self.takes.items() if of in other.data}
        if not taken:
            raise LlmcostError(f"{other.label} states none of {', '.join(list(self.takes.values())[:3])}")
        owner = f"{self.credit} {other.label}"
        missing = {
            name: datum.credited(", ".join(filter(None, [owner, datum.source])), owner=owner)
            for name, datum in taken.items()
            if name not in scenario.data
        }
        return scenario.with_data(missing)


def _named(section: str, of: str) -> dict[str, str]:
    """Return the inputs of a section, each with the quantity of the same name in another section."""
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
"""The header keys, in the order in which they fill."""
MANY: Final = 4
"""From so many values of one scenario on, a list names the scenario instead."""


def in_brief(names: Sequence[str], data: Mapping[str, Datum]) -> tuple[str, ...]:
    """Return names of stated quantities; many from one filled-in scenario are replaced by its name."""
    owners = [data[name].provenance.owner if name in data else None for name in names]
    held = Counter(owners)
    told = (
        owner if owner and held[owner] >= MANY else name for name, owner in zip(names, owners, strict=True)
    )
    return tuple(dict.fromkeys(told))


OF_OWN_KIND: Final = frozenset(fill.kind for fill in _DECLARED if fill.kind is not None)
"""Kinds that a name refers to only if they are asked for, or if nothing else has the name."""

"""What a product pays where its supplier is another scenario."""

from __future__ import annotations

import datetime as dt

import pytest

from calling import each, refusal, write
from llmcost.analysis.ask import load as loading
from llmcost.analysis.ask.evaluation import evaluate
from llmcost.analysis.ask.explain import explain
from llmcost.analysis.ask.load import load
from llmcost.analysis.gates.validate import validate

pytestmark = pytest.mark.usefixtures("home")

INPUT = "product.input_cost_per_mtok"
CACHED = "product.cached_input_cost_per_mtok"
OUTPUT = "product.output_cost_per_mtok"


def paid(reference: str, as_of: str | None = None) -> tuple[float | None, ...]:
    """What a fresh library has the product pay: input, cached input, output."""
    loading.library.cache_clear()
    data = load(reference, as_of=as_of).data
    return tuple(data[name].value if name in data else None for name in (INPUT, CACHED, OUTPUT))


def test_list_prices_are_what_is_paid() -> None:
    write("mine.yaml", "supplier: lark\n")
    assert paid("mine.yaml") == (2, 1, 8)


def test_prices_are_those_of_the_day() -> None:
    write("mine.yaml", "supplier: lark\n")
    assert paid("mine.yaml", "2024-06-01") == (4, None, 16)
    assert paid("mine.yaml@2024-07-01") == (2, None, 8)
    assert paid("mine.yaml", "2024-10-01") == (2, 1, 8)


def test_a_supplier_may_have_a_date_and_variants_of_its_own() -> None:
    write("mine.yaml", 'supplier: "lark@2024-06-01:batch"\n')
    assert paid("mine.yaml", "2025-01-01") == (1, None, 4)
    write("mine.yaml", 'supplier: "lark@2024-06-01"\n')
    assert paid("mine.yaml", "2025-01-01") == (4, None, 16)


def test_what_is_stated_wins() -> None:
    write("mine.yaml", "supplier: lark\nproduct: {input_cost_per_mtok: 7}\n")
    assert paid("mine.yaml") == (7, 1, 8)


def test_what_a_variant_removes_is_the_suppliers_again() -> None:
    write(
        "mine.yaml",
        """
        supplier: lark
        product: {input_cost_per_mtok: 7}
        variants:
          listed: {product.input_cost_per_mtok: null}
        """,
    )
    assert paid("mine.yaml:listed") == (2, 1, 8)


def test_an_override_wins_over_the_supplier() -> None:
    write("mine.yaml", "supplier: lark\n")
    scenario = load("mine.yaml", set=[f"{OUTPUT}=*2", f"{INPUT}=1"])
    assert scenario.data[OUTPUT].value == 16.0
    assert scenario.data[INPUT].value == 1.0
    assert scenario.data[OUTPUT].source == f"--set {OUTPUT}=*2, on list price of lark, Lark price list"


def test_a_price_says_whose_it_is_and_keeps_its_basis_and_date() -> None:
    write("mine.yaml", "supplier: lark\n")
    datum = load("mine.yaml").data[CACHED]
    assert datum.source == "list price of lark, Lark price list"
    assert datum.basis == "disclosed"
    assert datum.since == dt.date(2024, 10, 1)
    assert datum.note == "The day on which the cache was introduced."
    found = explain("mine.yaml", CACHED).tree.datum
    assert found is not None
    assert found.source == datum.source


def test_a_price_without_a_source_says_whose_it_is() -> None:
    write("scenarios/theirs.yaml", "price: {input_per_mtok: 3 to 5}\n")
    write("mine.yaml", "supplier: theirs\n")
    datum = load("mine.yaml").data[INPUT]
    assert (datum.source, datum.basis, datum.low, datum.high) == ("list price of theirs", "stated", 3.0, 5.0)


def test_without_a_cache_price_cached_input_costs_what_input_does() -> None:
    write("mine.yaml", "supplier: owl\n")
    assert paid("mine.yaml") == (30.0, None, 60.0)
    assert evaluate("mine.yaml").value(CACHED) == 30.0


def test_a_variant_may_have_another_supplier() -> None:
    write(
        "mine.yaml",
        """
        supplier: lark
        variants:
          on-wren: {supplier: wren}
          on-owl: {supplier: owl}
          dear: {product.price_per_unit: 50}
        """,
    )
    assert paid("mine.yaml:on-wren") == (0.2, 0.05, 0.8)
    assert paid("mine.yaml:dear") == (2, 1, 8)
    assert paid("mine.yaml:dear+on-wren") == (0.2, 0.05, 0.8)
    assert paid("mine.yaml:on-wren+on-owl") == (30, None, 60)


def test_a_variant_alone_may_have_a_supplier() -> None:
    write("mine.yaml", "product: {price_per_unit: 20}\nvariants:\n  bought: {supplier: lark}\n")
    assert paid("mine.yaml") == (None, None, None)
    assert paid("mine.yaml:bought") == (2, 1, 8)


def test_a_supplier_is_inherited_and_overridden() -> None:
    write("scenarios/parent.yaml", "supplier: lark\nproduct: {price_per_unit: 20}\n")
    write("scenarios/child.yaml", "extends: parent\nproduct: {price_per_unit: 30}\n")
    write("scenarios/other.yaml", "extends: parent\nsupplier: wren\n")
    assert paid("child") == (2, 1, 8)
    assert paid("other") == (0.2, 0.05, 0.8)


def test_a_path_is_read_from_where_the_file_lies() -> None:
    write("models/ours.yaml", "price: {input_per_mtok: 1, output_per_mtok: 4}\n")
    write("products/mine.yaml", "supplier: ../models/ours.yaml\n")
    write("products/deep/child.yaml", "extends: ../mine.yaml\n")
    assert paid("products/mine.yaml") == (1.0, None, 4.0)
    assert paid("products/deep/child.yaml") == (1.0, None, 4.0)


def test_a_file_may_go_by_the_name_of_its_supplier() -> None:
    write("scenarios/lark.yaml", "supplier: lark\nproduct: {price_per_unit: 20}\n")
    assert paid("lark") == (2, 1, 8)


def test_a_supplier_of_a_supplier_does_not_matter() -> None:
    write("scenarios/one.yaml", "supplier: two\nprice: {input_per_mtok: 1}\n")
    write("scenarios/two.yaml", "supplier: one\nprice: {input_per_mtok: 2}\n")
    assert paid("one")[0] == 2.0
    assert paid("two")[0] == 1.0


@each(
    "supplier, complaint",
    [
        ("zzz", "supplier: no scenario is called 'zzz'; 'llmcost list' shows what there is"),
        ("mine", "supplier: 'mine' is this scenario itself"),
        ("chat", "supplier: chat states none of price.input_per_mtok"),
    ],
)
def test_a_supplier_that_cannot_be_is_refused_where_it_is_named(supplier: str, complaint: str) -> None:
    write("scenarios/mine.yaml", f"title: x\nsupplier: {supplier}\n")
    for call in (lambda: load("mine"), lambda: evaluate("mine")):
        assert refusal(call).startswith(f"scenarios/mine.yaml:2:11: {complaint}")


def test_a_day_before_the_suppliers_first_price_is_refused() -> None:
    write("mine.yaml", "supplier: lark\n")
    assert refusal(load, "mine.yaml", as_of="2023-12-31") == (
        "mine.yaml:1:11: supplier: lark: has nothing dated 2023-12-31 or earlier; "
        "its first date is 2024-01-01"
    )


def test_only_a_variant_with_a_bad_supplier_is_refused() -> None:
    write("mine.yaml", "supplier: lark\nvariants:\n  other: {supplier: zzz}\n")
    assert paid("mine.yaml") == (2, 1, 8)
    problems = [str(problem) for problem in validate("mine.yaml").problems]
    assert problems == [
        "mine.yaml:3:21: supplier: no scenario is called 'zzz'; 'llmcost list' shows what there is"
    ]

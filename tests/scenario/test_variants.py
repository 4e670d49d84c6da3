"""What variants do to values: put others in place, scale them, add to them, take them away."""

from __future__ import annotations

from pathlib import Path

import pytest

from calling import each, write
from llmcost.analysis.ask.load import library, load
from llmcost.analysis.gates.validate import validate
from llmcost.errors import LlmcostError

BASE = """\
price.input_per_mtok: {value: 4, basis: disclosed, source: list}
price.output_per_mtok: {values: {2024-01-01: 20, 2025-01-01: 10}}
serving.utilization: 40% to 60%
variants:
  dear: {price.input_per_mtok: "*2"}
  more: {price: {input_per_mtok: +50%}}
  plus: {price.input_per_mtok: +1}
  half: {price.input_per_mtok: "/2", price.output_per_mtok: "/2"}
  fixed: {price.input_per_mtok: 7}
  gone: {price.input_per_mtok: null}
  busy: {serving.utilization: +20%}
"""


@pytest.fixture(autouse=True)
def base(home: Path) -> None:
    write("x.yaml", BASE)


def value(variants: str, name: str = "price.input_per_mtok") -> float:
    library.cache_clear()
    return load(f"x.yaml:{variants}").data[name].value


@each(
    "variants, expected",
    [
        ("dear", 8),
        ("more", 6),
        ("plus", 5),
        ("half", 2),
        ("dear+plus", 9),
        ("plus+dear", 10),
        ("dear+dear", 16),
        ("dear+fixed", 7),
        ("fixed+dear", 14),
    ],
)
def test_variants_scale_and_add_in_their_order(variants: str, expected: float) -> None:
    assert value(variants) == pytest.approx(expected, rel=1e-12)


def test_the_value_of_the_day_is_scaled() -> None:
    assert value("half@2024-06-01", "price.output_per_mtok") == 10
    assert value("half@2025-06-01", "price.output_per_mtok") == 5


def test_a_range_is_scaled_as_a_whole() -> None:
    busy = load("x.yaml:busy").data["serving.utilization"]
    assert [busy.low, busy.high] == pytest.approx([0.48, 0.72])


def test_what_is_scaled_says_by_what_and_keeps_its_source() -> None:
    datum = load("x.yaml:dear").data["price.input_per_mtok"]
    assert (datum.basis, datum.source) == ("stated", "x.yaml:5, on list")


def test_what_a_supplier_fills_in_is_scaled_after_it() -> None:
    app = "supplier: ./x.yaml\nvariants: {ten: {product.input_cost_per_mtok: '*10'}}\n"
    write("app.yaml", app)
    assert load("app.yaml:ten").data["product.input_cost_per_mtok"].value == 40


def test_a_derived_value_is_scaled_where_none_is_stated() -> None:
    text = "revenue: {api: 3, other: 2}\nvariants: {twice: {revenue.total: '*2'}}\n"
    write("y.yaml", text)
    assert load("y.yaml:twice").data["revenue.total"].value == 10


@each(
    "variant, said",
    [
        ("{price.input_per_mtok: '*0'}", "2:38: price.input_per_mtok: the factor must be above 0, got 0"),
        ("{price.input_per_mtok: '*x'}", "2:38: price.input_per_mtok: expected a number, got 'x'"),
        ("{price.input_per_mtok: -200%}", "2:38: price.input_per_mtok: cannot take away more than 100%"),
        ("{price.input_per_mtok: -1}", "2:38: price.input_per_mtok: must not be negative, got -1"),
        ("{price.input_per_mtok: *2}", "2:38: the alias '*2' has no anchor; a factor is quoted: '*2'"),
        (
            "{cost.staff: '*2'}",
            "2:28: cost.staff: there is nothing to scale in z:v: it is not stated and cannot be derived",
        ),
        ("{serving.utilization: +300%}", "2:37: serving.utilization: must lie between 0 and 1, got 2"),
    ],
)
def test_what_cannot_be_is_said_at_its_place(variant: str, said: str) -> None:
    Path("z.yaml").write_text(
        f"extends: x.yaml\nvariants: {{v: {variant}}}\nserving.utilization: 50%\n", encoding="utf-8"
    )
    assert [str(problem) for problem in validate("z.yaml").problems] == [f"z.yaml:{said}"]


def test_a_variant_that_nobody_asked_for_does_no_harm() -> None:
    text = "price.input_per_mtok: 1\nvariants: {bad: {cost.staff: '*2'}}\n"
    write("w.yaml", text)
    assert load("w.yaml").data["price.input_per_mtok"].value == 1
    with pytest.raises(LlmcostError, match="nothing to scale"):
        load("w.yaml:bad")

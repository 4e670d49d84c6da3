"""A page computes what llmcost computes, wherever its sliders are put."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from py_mini_racer import MiniRacer

from calling import Call, each
from llmcost import LlmcostError, evaluate, load
from llmcost.analysis.whatif.sliders import Sliders, sliders
from llmcost.render.page import page

POINTS: dict[str, tuple[list[str], list[str], list[dict[str, float]]]] = {
    "wren": (
        ["serving.utilization=10% to 90%", "serving.gpu_hour_cost", "price.output_per_mtok"],
        ["unit.gross_margin", "serving.cost_per_mtok", "unit.breakeven_multiplier"],
        [
            {"serving.utilization": 0.17},
            {"serving.gpu_hour_cost": 9.5, "price.output_per_mtok": 0.25},
            {"serving.utilization": 0.0},
        ],
    ),
    "acme": (
        ["market.price_elasticity", "revenue.api=10M to 10B", "cost.training", "cost.staff"],
        ["breakeven.*_multiplier", "company.net_burn_per_month", "company.runway_months"],
        [
            {"market.price_elasticity": 0.7},
            {"market.price_elasticity": 0.3, "revenue.api": 4e9, "cost.training": 4e9},
            {"market.price_elasticity": 1.15, "cost.staff": 5e9},
            {"market.price_elasticity": 0.8, "revenue.api": 9e9, "cost.staff": 0.0},
        ],
    ),
    "seat": (
        ["market.price_elasticity=0 to 1.5", "product.price_per_unit", "product.pass_through_share=0 to 1"],
        ["product.*"],
        [
            {"market.price_elasticity": 0.4, "product.pass_through_share": 0.5},
            {"product.price_per_unit": 7.5},
            {"product.price_per_unit": 90.0, "market.price_elasticity": 1.3},
        ],
    ),
    "fleet": (
        ["serving.gpus", "serving.gpu_hour_cost", "traffic.input_tokens_per_day"],
        ["unit.*", "serving.cost_per_day"],
        [{"serving.gpu_hour_cost": 0.5}, {"serving.gpus": 1.0}, {"traffic.input_tokens_per_day": 3e9}],
    ),
}


class Browser:
    """The script of a page, without the page."""

    def __init__(self, text: str) -> None:
        model = re.search(r'<script id="model">(.*?)</script>', text, re.DOTALL)
        data = re.search(r'id="data">(.*?)</script>', text, re.DOTALL)
        assert model is not None
        assert data is not None
        self.data = json.loads(data[1])
        self.engine = MiniRacer()
        self.engine.eval(f"{model[1]}; var DATA = {data[1]};")

    def at(self, moved: Mapping[str, float]) -> tuple[dict[str, float | None], dict[str, str]]:
        """Return the metrics, None where one is undefined, and the reasons."""
        put = {slider["name"]: slider["value"] for slider in self.data["sliders"]} | dict(moved)
        found = self.engine.eval(
            f"(() => {{ const [known, reasons] = compute(Object.assign({{}}, DATA.fixed, {json.dumps(put)}), "
            "DATA.limits); return JSON.stringify([Object.fromEntries(DATA.metrics.map((metric) => "
            "[metric.name, known[metric.name]])), reasons]); })()"
        )
        values, reasons = json.loads(str(found))  # JSON has no NaN: it is null
        return values, reasons


def made(name: str) -> tuple[Sliders, Browser]:
    vary, metrics, _ = POINTS[name]
    result = sliders(name, vary=vary, metrics=metrics)
    return result, Browser(page(result))


@pytest.mark.parametrize("name", POINTS)
def test_it_computes_what_llmcost_computes(name: str) -> None:
    result, browser = made(name)
    defined = 0
    for point in [{}, *POINTS[name][2]]:
        values, reasons = browser.at(point)
        expected = result.grid.at([point.get(item.quantity.name, item.value) for item in result.sliders])
        for quantity, value in zip(result.metrics, expected, strict=True):
            found = values[quantity.name]
            assert (found is None) == (value is None), (quantity.name, point)
            if value is None:
                assert reasons[quantity.name]
            else:
                defined += 1
                assert found == pytest.approx(value, rel=1e-9, abs=1e-15), (quantity.name, point)
    assert defined > len(POINTS[name][2])


def test_what_is_undefined_says_why(tmp_path: Path) -> None:
    file = tmp_path / "busy.yaml"
    file.write_text(
        "price: {input_per_mtok: 0.27, output_per_mtok: 1.10}\n"
        "serving: {gpus: 8000, gpu_hour_cost: 2, prefill_tokens_per_gpu_second: 9000, "
        "decode_tokens_per_gpu_second: 1800}\n"
        "traffic: {input_tokens_per_day: 300B, output_tokens_per_day: 100B}\n"
    )
    result = sliders(str(file), vary=["serving.gpus"], metrics=["unit.gross_margin"])
    browser = Browser(page(result))
    # 191,000 USD a day are earned and 384,000 paid: a margin of 1 - 384/191.
    assert browser.at({})[0]["unit.gross_margin"] == pytest.approx(1 - 384 / 191, rel=1e-9)
    # 1,029 GPUs are busy.
    values, reasons = browser.at({"serving.gpus": 500.0})
    assert values == {"unit.gross_margin": None}
    assert reasons["unit.gross_margin"] == "the fleet is too small"


def test_without_being_asked_it_takes_what_moves_the_headline_most() -> None:
    result = sliders("acme")
    assert [quantity.name for quantity in result.metrics] == [
        "company.gross_margin",
        "company.runway_months",
        "breakeven.uniform_multiplier",
        "breakeven.api_only_multiplier",
    ]
    first = result.sliders[0]
    assert (first.quantity.name, first.low, first.high, first.stated) == ("cost.inference", 1e9, 2e9, True)


def test_what_the_supplier_asks_of_all_parts_gets_a_slider(tmp_path: Path) -> None:
    file = tmp_path / "plans.yaml"
    plan = "{scenario: seat, share: 50%, set: {product.price_per_unit: PRICE}}"
    file.write_text(
        "llmcost: 1\nkind: product\nproduct: {units_per_month: 1000}\nparts:\n"
        f"  small: {plan.replace('PRICE', '10')}\n  large: {plan.replace('PRICE', '20')}\n",
        "utf-8",
    )
    name = "product.supplier_price_multiplier"
    result = sliders(str(file), metrics=["product.gross_margin"])
    (supplier,) = (slider for slider in result.sliders if slider.quantity.name == name)
    assert (supplier.value, supplier.low, supplier.high) == (1.0, 0.5, 2.0)
    (asked,) = sliders(str(file), vary=[f"{name}=1 to 3"], metrics=["product.gross_margin"]).sliders
    assert (asked.value, asked.low, asked.high) == (1.0, 1.0, 3.0)


def test_a_slider_without_a_range_goes_from_half_to_twice_within_bounds() -> None:
    found = sliders("wren", vary=["price.output_per_mtok", "serving.utilization"], metrics=["unit.markup"])
    value = evaluate(load("wren")).value("price.output_per_mtok")
    assert value is not None
    assert found.sliders[0][1:] == (value, value / 2, value * 2, False)
    assert found.sliders[1].high <= 1


def test_a_page_says_at_which_end_of_a_slider_the_fleet_is_too_small(tmp_path: Path) -> None:
    """17.28e9 / 9,000 / 86,400 and 5.184e9 / 1,800 / 86,400 are 55.6 busy GPUs, 83.3 at a peak of 1.5."""
    path = tmp_path / "fleet.yaml"
    path.write_text(
        "price: {input_per_mtok: 2, output_per_mtok: 8}\n"
        "serving: {gpus: 100, gpu_hour_cost: 2, peak_to_average: 1.5}\n"
        "serving.prefill_tokens_per_gpu_second: 9k\n"
        "serving.decode_tokens_per_gpu_second: 1.8k\n"
        "traffic: {input_tokens_per_day: 17.28B, output_tokens_per_day: 5.184B}\n"
    )
    (low,) = sliders(str(path), vary=["serving.gpus"], metrics=["unit.gross_margin"]).caveats.beyond
    assert low.put == {"serving.gpus": 50.0}
    assert low.least == pytest.approx(250 / 3)


@each(
    "vary, metrics, said",
    [
        (["serving.utilisation"], [], "did you mean 'serving.utilization'?"),
        (["serving.utilization=10% to 190%"], [], "must lie between 0 and 1, got 1.9"),
        (["serving.utilization=0.5"], [], "expected LOW to HIGH, got '0.5'"),
        (["serving.utilization=0.5 to 0.5"], [], "range"),
        (
            ["capex.spend"],
            [],
            "wren gives it no value (not stated); what moves unit.gross_margin is workload.",
        ),
        (["serving.busy_gpus"], [], "is derived; vary what it follows from"),
        (
            ["serving.cost_per_mtok"],
            [],
            "follows from: serving.gpu_hour_cost, serving.prefill_tokens_per_gpu_second",
        ),
        (["serving.utilization"] * 2, [], "is there twice"),
        ([], ["project.runway_months"], "only a projection yields it"),
        ([], ["unit.loaded_margin"], "lacks"),
    ],
)
def test_what_cannot_be_moved_or_shown_is_refused(vary: list[str], metrics: list[str], said: str) -> None:
    with pytest.raises(LlmcostError, match=re.escape(said)):
        sliders("wren", vary=vary, metrics=metrics)


def test_no_text_of_a_file_is_markup(tmp_path: Path) -> None:
    file = tmp_path / "trap.yaml"
    file.write_text(
        "title: '</script><script>alert(1)</script>'\n"
        "note: '<img src=x onerror=alert(2)>'\n"
        "price: {input_per_mtok: {value: 1, source: '</script><b>'}, output_per_mtok: 2}\n"
    )
    text = page(sliders(str(file), vary=["price.input_per_mtok"], metrics=["price.blended_per_mtok"]))
    assert text.count("<script") == text.count("</script>") == 3
    assert "<img" not in text
    assert "<b>" not in text
    assert Browser(text).data["title"].endswith("</script><script>alert(1)</script>")


def test_it_asks_nothing_of_a_network() -> None:
    text = page(sliders("wren"))
    assert "default-src 'none'" in text
    for tag in re.findall(r"<[^>]*>", text.split('id="data">')[0]):
        assert "src=" not in tag
        assert "href=" not in tag


def test_the_verb_writes_it(tmp_path: Path, llmcost: Call) -> None:
    target = tmp_path / "acme.html"
    for _ in range(2):
        done = llmcost("page", "acme", "--vary", "revenue.api=1B to 4B", "-o", str(target))
        assert (done.code, done.out, done.err) == (0, "", f"wrote {target}\n")
    command = Browser(target.read_text("utf-8")).data["command"]
    assert command.startswith("llmcost show acme --metric company.gross_margin")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_shows_the_state_of_its_address_and_answers_to_a_slider(tmp_path: Path) -> None:
    target = tmp_path / "acme.html"
    found = page(sliders("acme", vary=["market.price_elasticity=0 to 0.8", "revenue.api=1B to 4B"]))
    slide = 'slider.value = 0.75; slider.dispatchEvent(new Event("input"))'
    mover = f'const slider = document.getElementById("slider-market.price_elasticity"); {slide}'
    target.write_text(found.replace("</body>", f"<script>{mover}</script></body>"), "utf-8")
    where = f"{target.as_uri()}#revenue.api=2500000000&market.price_elasticity=0.5"
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    shown = subprocess.run(
        ["chromium", *options, profile, "--virtual-time-budget=2000", "--dump-dom", where],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    metrics = re.search(r'<tbody id="metrics">(.*?)</tbody>', shown, re.DOTALL)
    assert metrics is not None
    scenario = load("acme").replace(**{"revenue.api": 2.5e9, "market.price_elasticity": 0.6})
    values: Any = re.findall(r"data-name=\"([a-z._]+)\".*?data-value=\"([^\"]+)\"", metrics[1])
    assert len(values) == 4
    for name, value in values:
        assert float(value) == pytest.approx(evaluate(scenario).value(name), rel=1e-9)
    assert "--set revenue.api=2500000000" in html.unescape(shown)
    # The first metric, a margin, does not answer to the first slider.
    assert '<h2 id="curve-title">breakeven.uniform_multiplier over market.price_elasticity</h2>' in shown

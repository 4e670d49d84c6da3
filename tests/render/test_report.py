"""A page for a board: all of it in one file, and nothing that a text of a file could do to it."""

from __future__ import annotations

import base64
import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from calling import Call, Done

HOSTILE = """\
kind: company
title: "<script>alert(1)</script>"
note: "</p><img src=x onerror=alert(2)> see https://example.org/?a=1&b=<2>"
revenue: {total: {value: 4B, source: "\\"><svg onload=alert(3)>", url: "https://example.org/\\"onmouseover=x"}}
cost: {total: {value: 6B to 9B, basis: assumed, source: "javascript:alert(4)"}}
cash: {balance: 10B}
"""


PAGES: list[str] = []


class Reader(HTMLParser):
    """Collects the elements of a page, with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(re.sub(r"(?s)<style>.*?</style>", "", page))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += data


def pictures(page: str) -> list[str]:
    """Return the pictures of a page as SVG."""
    return [base64.b64decode(data).decode() for data in re.findall(r"svg\+xml;base64,([^\"]+)", page)]


@pytest.fixture
def page(llmcost: Call) -> str:
    """The page of acme, made once."""
    if not PAGES:
        done = llmcost("report", "acme")
        assert (done.code, done.err) == (0, "")
        PAGES.append(done.out)
    return PAGES[0]


def test_a_report_has_all_that_a_board_asks(page: str) -> None:
    """A loss of 4B on 4B of revenue, between -5B and -3B; what moves it, and where it comes from."""
    text = " ".join(Reader(page).text.split())
    for said in (
        "acme: Acme in 2024",
        "-4.00B USD",
        "company.operating_profit",
        "The inputs that matter most",
        "revenue.subscription 3.00B USD 2.70B 3.30B -4.30B -3.70B reported",
        "8 more do not move it",
        "Month by month",
        "How far prices would have to rise",
        "Sources",
        "The Gazette",
        "How to reproduce",
        "llmcost report acme -o report.html",
        "llmcost explain acme revenue.total",
    ):
        assert said in text
    assert len(pictures(page)) == 4


def test_a_report_on_a_file_names_it_in_its_commands(llmcost: Call, here: Path) -> None:
    """Token costs cannot rise at all where other cost is more than the price, in any draw."""
    product = (
        "price_per_unit: 1, base_token_cost_per_unit: 1 to 2, other_cost_per_unit: 2, paying_share: 100%"
    )
    product += ", units_per_month: 1, fixed_cost_per_month: 0"
    (here / "ours.yaml").write_text(f"kind: product\nproduct: {{{product}}}\n", encoding="utf-8")
    text = " ".join(Reader(llmcost("report", "./ours.yaml").out).text.split())
    assert "llmcost explain ours.yaml product.gross_margin" in text
    assert "loses money even if its tokens cost nothing" in text
    assert "none to none" not in text


def test_a_report_of_several_puts_them_side_by_side(llmcost: Call) -> None:
    done = llmcost(*shlex.split("report lark wren --workload rag --set serving.utilization=60%"))
    text = " ".join(Reader(done.out).text.split())
    assert "Side by side" in text
    # 0.9 · (1 + 0.5) + 0.8 against 0.9 · (0.1 + 0.025) + 0.08
    assert "wren is 11.2× cheaper than lark on the rag workload." in text
    assert "report lark wren --workload rag --set serving.utilization=60% -o report.html" in text
    assert len(pictures(done.out)) == 5


def test_conflicts_come_before_any_figure(llmcost: Call) -> None:
    done = llmcost("report", "overstated", "--set", "product.supplier_price_multiplier=*2")
    assert 0 < done.out.index('<p class="warn">') < done.out.index('class="cards"')


def test_an_input_that_nobody_states_is_told_as_a_default(llmcost: Call, tmp_path: Path) -> None:
    """What moves the margin of a pass is a supplier's price multiplier that is 1 where none is stated."""
    done = llmcost("report", "pass-pro", "-o", str(tmp_path / "page.html"))
    assert done.code == 0, done.err
    page = (tmp_path / "page.html").read_text()
    assert re.search(r"product\.supplier_price_multiplier.{0,400}default", page)


def test_a_bill_begins_with_its_total_and_says_what_moves_it(llmcost: Call, tmp_path: Path) -> None:
    """30 + 10 a month; a tenth more of the larger part is 3 more."""
    bill = tmp_path / "bill.yaml"
    bill.write_text(
        "kind: portfolio\nparts:\n"
        "  one: {scenario: lark, set: {traffic.requests_per_day: 1}, cost_per_month: 30}\n"
        "  two: {scenario: lark, set: {traffic.requests_per_day: 1}, cost_per_month: 10}\n",
        encoding="utf-8",
    )
    done = llmcost("report", str(bill))
    assert done.code == 0, done.err
    assert re.search(r'class="big">40\.0<small> USD/month.*?class="big">75\.0%', done.out)
    text = " ".join(Reader(done.out).text.split())
    assert "The inputs that matter most" in text
    assert "37.0 43.0" in text


def test_a_hostile_file_does_nothing_to_a_page(llmcost: Call, tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(HOSTILE, encoding="utf-8")
    page = llmcost("report", str(file)).out
    read = Reader(page)
    assert {tag for tag, _ in read.elements}.isdisjoint({"script", "svg", "iframe", "object", "form"})
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    links = [attributes.get("href") or "" for tag, attributes in read.elements if tag == "a"]
    assert links
    assert all(link.startswith("https://example.org/") for link in links)
    sources = [attributes.get("src") or "" for tag, attributes in read.elements if tag == "img"]
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert "<script>alert(1)</script>" in read.text  # shown as it is
    for picture in pictures(page):
        assert "<script" not in picture


def test_a_report_needs_the_extra_and_says_so(llmcost: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmcost.render.drawn.can_draw", lambda: False)
    done = llmcost("report", "acme")
    assert (done.code, done.out) == (2, "")
    assert "needs the extra 'charts'" in done.err
    assert llmcost("report", "acme", "--format", "json").code == 0


def test_a_report_of_what_is_not_there(llmcost: Call) -> None:
    assert llmcost("report", "acme", "--metric", "unit.gross_margin") == Done(
        2, "", llmcost("sensitivity", "acme", "--metric", "unit.gross_margin").err
    )


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_shows_a_report(page: str, tmp_path: Path) -> None:
    """Every picture is drawn, and nothing is refused by the policy of the page."""
    source = tmp_path / "x.html"
    probe = (
        "<script>document.title = [...document.images].every(i => i.naturalWidth > 300)"
        " + ' ' + (document.documentElement.scrollWidth <= innerWidth)</script></body>"
    )
    tried = page.replace("img-src data:", "img-src data:; script-src 'unsafe-inline'")
    source.write_text(tried.replace("</body>", probe), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    browser = ["chromium", *options, "--window-size=1200,900", "--virtual-time-budget=1000"]
    shown = subprocess.run(
        [*browser, "--dump-dom", source.as_uri()], capture_output=True, check=True, timeout=60
    ).stdout.decode()
    assert "<title>true true</title>" in shown

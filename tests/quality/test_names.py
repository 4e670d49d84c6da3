"""Names in the sources: each class can be told by its name alone."""

from __future__ import annotations

import re
from collections import Counter

from calling import ROOT

CLASS = re.compile(r"^class (\w+)", re.M)


def test_no_class_name_stands_twice() -> None:
    sources = (ROOT / "src").rglob("*.py")
    names = Counter(name for path in sources for name in CLASS.findall(path.read_text("utf-8")))
    assert len(names) > 100
    assert [name for name, count in names.items() if count > 1] == []

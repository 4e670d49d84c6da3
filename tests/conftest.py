"""Settings of the tests as a whole."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from llmcost.analysis.loading import library

# Commands that run as processes of their own start in half the time where bytecode is kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# In CI the same examples every time: a job fails for what changed, and not for what was drawn. New
# examples are drawn everywhere else.
settings.register_profile("ci", derandomize=True, database=None, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(autouse=True)
def fresh_library() -> None:
    """Look for scenarios anew: another test may have stood in another folder."""
    library.cache_clear()

"""Tuples with named fields are what `typing.NamedTuple` makes."""

from __future__ import annotations

import pickle
import typing

import pytest

from llmcost.records import NamedTuple


class Mine(NamedTuple):
    """A record."""

    name: str
    size: int = 2
    text: str | None = None

    @property
    def double(self) -> int:
        """Twice the size."""
        return 2 * self.size


class Theirs(typing.NamedTuple):
    """A record."""

    name: str
    size: int = 2
    text: str | None = None


def test_a_record_is_what_typing_makes() -> None:
    mine, theirs = Mine("a", text="b"), Theirs("a", text="b")
    assert tuple(mine) == tuple(theirs) == ("a", 2, "b")
    assert (repr(mine), mine._asdict()) == (repr(theirs).replace("Theirs", "Mine"), theirs._asdict())
    for name in ("_fields", "_field_defaults", "__doc__", "__module__", "__slots__", "__match_args__"):
        assert getattr(Mine, name) == getattr(Theirs, name), name
    assert (Mine.__qualname__, Mine.__bases__, type(Mine)) == ("Mine", (tuple,), type)


def test_a_record_has_the_methods_of_its_class() -> None:
    assert Mine("a", 3).double == 6
    assert Mine("a")._replace(size=5) == ("a", 5, None)


def test_a_record_can_be_pickled() -> None:
    found = pickle.loads(pickle.dumps(Mine("a")))
    assert (type(found), found) == (Mine, ("a", 2, None))


def test_a_record_is_refused_without_a_field_that_it_needs() -> None:
    with pytest.raises(TypeError, match="name"):
        Mine()  # type: ignore[call-arg]

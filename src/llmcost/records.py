"""Tuples with named fields, as `typing.NamedTuple` makes them, in a third of its time.

That compiles each annotation when it makes a class, which nothing here asks for: of a hundred such classes
that is a tenth of the time in which a short command is done.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")
make: Callable[[type[T], tuple[Any, ...]], T] = tuple.__new__  # type: ignore[assignment]
"""Makes a record of all of its fields in order, in a third of the time of a call: where every value of every
file needs one."""

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple

    class _Made(type):
        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", {})
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            for key, value in body.items():
                if key not in fields and key != "__module__":
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Made):
        """The base of a class whose annotated names are the fields of a tuple, in their order."""

"""Rows as Parquet, in batches, so that memory use stays constant; needs the extra `data`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from llmcost.scenario.tables import arrow


def pieces(batches: Iterator[Any], empty: Any) -> Iterator[bytes]:
    """Yield a file of Arrow batches of one schema, which is `empty` if there are none."""
    pa = arrow("a Parquet file")
    first = next(batches, None)
    sink = _Sink()
    writer = pa.parquet.ParquetWriter(sink, empty if first is None else first.schema)
    while first is not None:
        writer.write_batch(first)
        yield sink.take()
        first = next(batches, None)
    writer.add_key_value_metadata({"made_by": "llmcost"})
    writer.close()
    yield sink.take()


class _Sink(io.RawIOBase):
    """A file that buffers what is written until `take` is called."""

    def __init__(self) -> None:
        self.held: list[bytes] = []
        self.length = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self.held.append(piece)
        self.length += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self.length

    def take(self) -> bytes:
        held, self.held = b"".join(self.held), []
        return held

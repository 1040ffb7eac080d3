"""Files that appear whole, written piece by piece."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL.PngImagePlugin import putchunk

from stslidr.files.atomic import write_atomically
from stslidr.files.label_png import SIGNATURE

Row = dict[str, Any]
"""One row of a table."""


@contextmanager
def open_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write; it appears under its name when the block ends without error.

    Raises:
        FileAccessError: if it cannot be written or the disk is full; names the file.
    """
    with write_atomically(path) as partial, partial.open('wb') as stream:
        yield stream


class JsonArray:
    """A table that is written row by row: a JSON array with one row a line."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._before = b'[\n'

    def append(self, row: Row) -> None:
        """Write one row."""
        self._stream.write(self._before + json.dumps(row).encode())
        self._before = b',\n'

    def close(self) -> None:
        """Write the end of the array; the stream stays open."""
        self._stream.write(b'[]\n' if self._before == b'[\n' else b'\n]\n')


@contextmanager
def json_array(path: Path) -> Iterator[JsonArray]:
    """Open a table to write; it appears under its name when the block ends without error."""
    with open_whole(path) as stream:
        table = JsonArray(stream)
        yield table
        table.close()


def write_grey_png(path: Path, size: tuple[int, int], strips: Iterable[np.ndarray]) -> None:
    """Write a grey PNG image of 8 bits of which only one strip is in memory.

    Args:
        path: the image.
        size: (width, height), pixels.
        strips: uint8 (rows, width), from top to bottom, `height` rows in all.
    """
    width, height = size
    compressor = zlib.compressobj()
    with open_whole(path) as stream:
        stream.write(SIGNATURE)
        header = width.to_bytes(4, 'big') + height.to_bytes(4, 'big') + bytes([8, 0, 0, 0, 0])
        putchunk(stream, b'IHDR', header)
        for strip in strips:
            unfiltered = np.zeros((len(strip), 1), dtype=np.uint8)
            rows = compressor.compress(np.hstack([unfiltered, strip]).tobytes())
            if rows:
                putchunk(stream, b'IDAT', rows)
        putchunk(stream, b'IDAT', compressor.flush())
        putchunk(stream, b'IEND', b'')

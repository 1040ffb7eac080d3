"""Label maps as PNG images of 8 or 16 bits, written so that they load fast."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stslidr.errors import InputError, MissingFileError

SIGNATURE = b'\x89PNG\r\n\x1a\n'
HIGHEST_ID = 'highest_id'
GREY_MODES = ('L', 'I;16', 'I')
"""Pillow's modes of a PNG image with one grey channel of 8 or 16 bits."""


class LabelSummary(NamedTuple):
    """What a manifest needs to know of one label map."""

    size: tuple[int, int]
    """(height, width) in pixels."""
    highest_id: int


def encode_labels(labels: NDArray[np.integer[Any]]) -> bytes:
    """Encode a label map as a grey PNG image: 8 bits when the ids fit, else 16.

    Rows are not filtered (Pillow would filter them): label maps then load about 2.5 times faster
    and are smaller. The highest id is noted in a text chunk ahead of the pixels.

    Args:
        labels: integers (H, W) from 0 to 65535.

    Raises:
        InputError: if it is not such an array.
    """
    if labels.ndim != 2 or labels.size == 0 or labels.dtype.kind not in 'iu':
        raise InputError(
            f'a label map is a non-empty integer array (H, W), not {labels.dtype} {labels.shape}'
        )
    lowest, highest = int(labels.min()), int(labels.max())
    if lowest < 0 or highest > 0xFFFF:
        raise InputError(f'label map ids go from {lowest} to {highest}, outside 0 to 65535')
    height, width = labels.shape
    samples = np.ascontiguousarray(labels, dtype='u1' if highest <= 0xFF else '>u2')
    unfiltered = np.zeros((height, 1), np.uint8)
    rows = np.hstack([unfiltered, samples.view(np.uint8).reshape(height, -1)])
    header = struct.pack('>IIBBBBB', width, height, 8 * samples.itemsize, 0, 0, 0, 0)
    return SIGNATURE + b''.join(
        [
            _chunk(b'IHDR', header),
            _chunk(b'tEXt', f'{HIGHEST_ID}\0{highest}'.encode('latin1')),
            _chunk(b'IDAT', zlib.compress(rows.tobytes(), level=6)),
            _chunk(b'IEND', b''),
        ]
    )


def read_labels(path: str | Path) -> NDArray[np.integer[Any]]:
    """Read a label map, of ours or any other grey PNG image.

    Returns:
        (H, W), uint8 or of a wider integer type; read-only.

    Raises:
        MissingFileError: if there is no such file.
        InputError: if it cannot be read or is no grey image; names the file.
    """
    with _opened(path) as image:
        return np.asarray(image)


def summarise_labels(path: str | Path) -> LabelSummary:
    """Size and highest id of a label map: from its header where we wrote it, else from its pixels.

    Raises:
        MissingFileError: if there is no such file.
        InputError: if it cannot be read or is no grey image; names the file.
    """
    with _opened(path) as image:
        noted = str(image.info.get(HIGHEST_ID, ''))
        highest = int(noted) if noted.isdecimal() else int(np.asarray(image).max())
        return LabelSummary((image.height, image.width), highest)


@contextmanager
def _opened(path: str | Path) -> Iterator[Image.Image]:
    """Open a grey image; what goes wrong in reading it becomes an error that names the file.

    Raises:
        MissingFileError: if there is no such file.
        InputError: if it cannot be read or is no grey image.
    """
    try:
        with Image.open(path) as image:
            if image.mode not in GREY_MODES:
                raise TypeError(f'a {image.mode} image, where one grey channel is expected')
            yield image
    except FileNotFoundError:
        raise MissingFileError(f'label map {path} does not exist') from None
    except Exception as error:  # damaged files fail in many ways
        raise InputError(f'label map {path} cannot be read: {error}') from error


def _chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG file: length, kind, data, checksum of kind and data."""
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))

"""Camera images."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stslidr.errors import InputError, MissingFileError

PNG_END = b'IEND\xaeB`\x82'
MOST_PIXELS = 2**27
"""Of an image that is read. Pillow has such a limit too, but nuscenes-devkit lifts it for all."""
DEEP = ('I', 'F')
"""How Pillow's modes of 16 and 32 bits begin, which it clips to 255."""


def image_size(path: str | Path) -> tuple[int, int]:
    """Size of an image as (height, width) in pixels, from its header; the pixels are not read.

    Raises:
        MissingFileError: if there is no such file.
        InputError: if its header cannot be read, or states too many pixels; names the file.
    """
    with _opened(path) as image:
        return image.height, image.width


def read_image(path: str | Path, expected_size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Read an image as it is stored: an orientation in its metadata turns nothing.

    Args:
        path: the image, of any format and colour mode of 8 bits that Pillow converts to RGB.
        expected_size: (height, width) that the info file states, None where it does not.

    Returns:
        uint8 (H, W, 3), RGB, writable.

    Raises:
        MissingFileError: if there is no such file.
        InputError: if it cannot be read, is truncated, has another size, or more than 8 bits per
            channel; names the file.
    """
    with _opened(path) as image:
        size = image.height, image.width
        if expected_size is not None and size != tuple(expected_size):
            raise InputError(
                f'image {path} is {size[0]} x {size[1]} (height x width) where the info file '
                f'states {expected_size[0]} x {expected_size[1]}'
            )
        if image.mode.startswith(DEEP):
            raise InputError(
                f'image {path} has more than 8 bits per channel (mode {image.mode}), of which the '
                'conversion to RGB would leave little but white: scale it to 8 bits'
            )
        try:
            return np.array(image.convert('RGB'))
        except Exception as error:  # each format's decoder has its own ways to fail
            raise InputError(f'image {path} cannot be read: {error}') from error


def is_whole_png(path: str | Path) -> bool:
    """Whether there is a PNG that was written to its end."""
    try:
        with open(path, 'rb') as file:
            file.seek(-len(PNG_END), os.SEEK_END)
            return file.read() == PNG_END
    except (FileNotFoundError, OSError):  # shorter than that
        return False


@contextmanager
def _opened(path: str | Path) -> Iterator[Image.Image]:
    """Open an image and read its header.

    Raises:
        MissingFileError: if there is no such file.
        InputError: if its header cannot be read, or states more than `MOST_PIXELS`.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f'image {path} does not exist')
    try:
        image = Image.open(path)
    except Exception as error:  # UnidentifiedImageError, and others for damaged headers
        raise InputError(f'image {path} cannot be read: {error}') from error
    with image:
        if image.width * image.height > MOST_PIXELS:
            raise InputError(
                f'image {path} states {image.height} x {image.width} pixels (height x width), '
                f'more than {MOST_PIXELS:,}: it is damaged, or made to fill the memory'
            )
        yield image

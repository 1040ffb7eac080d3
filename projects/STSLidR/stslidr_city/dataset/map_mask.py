"""The map of a scene, as the devkit's `MapMask` reads it: where a car may drive."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_dilation

from stslidr_city.dataset.writing import write_grey_png

PIXELS_A_METRE = 10
BLOCK = 5
"""Pixels a side of the blocks that are asked for at their corners only, away from any edge."""
STRIP_PIXELS = 2**20
FOREGROUND = 255

Driveable = Callable[[np.ndarray], np.ndarray]
"""World points (N, 2) in metres -> bool (N,), whether a car may drive there."""


def write_map_mask(path: Path, size: tuple[float, float], driveable: Driveable) -> None:
    """Write a grey PNG image, 255 where a car may drive and 0 elsewhere, 0.1 m a pixel.

    Every pixel is right within half a metre of an edge between the two, and elsewhere unless
    something narrower than that lies alone. Only a few rows are in memory at a time.

    Args:
        path: the image.
        size: extent (x, y) of the scene, metres; the map covers it from (0, 0) on.
        driveable: is asked for points in this extent, and up to 0.1 m beyond.
    """
    width, height = (math.ceil(extent * PIXELS_A_METRE) + 1 for extent in size)
    write_grey_png(path, (width, height), _strips(_Pixels(width, height, driveable)))


class _Pixels:
    """Pixels, asked where the devkit looks points up: at column x / 0.1 m, row height - y / 0.1 m.

    Rows and columns beyond the image stand for its outermost ones.
    """

    def __init__(self, width: int, height: int, driveable: Driveable) -> None:
        self.width, self.height, self._driveable = width, height, driveable

    def are_driveable(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Ask for pixels: two int (...) -> bool (...)."""
        x = np.clip(columns, 0, self.width - 1) / PIXELS_A_METRE
        y = (self.height - np.clip(rows, 0, self.height - 1)) / PIXELS_A_METRE
        return self._driveable(np.stack([x.ravel(), y.ravel()], axis=-1)).reshape(x.shape)


def _strips(pixels: _Pixels) -> Iterator[np.ndarray]:
    """uint8 (rows, width): the mask from top to bottom, some rows of blocks at a time."""
    blocks = math.ceil(pixels.height / BLOCK)
    step = max(1, STRIP_PIXELS // (pixels.width * BLOCK))
    for top in range(0, blocks, step):
        bottom = min(top + step, blocks)
        mask = _block_rows(pixels, top, bottom)
        mask = mask[: pixels.height - top * BLOCK, : pixels.width]
        yield np.where(mask, FOREGROUND, 0).astype(np.uint8)


def _block_rows(pixels: _Pixels, top: int, bottom: int) -> np.ndarray:
    """The mask, bool (rows, columns), in the rows of blocks from `top` to before `bottom`.

    Blocks whose corners differ, and those around them, are asked pixel by pixel.
    """
    corner_rows = BLOCK * np.arange(top - 1, bottom + 2)
    corner_columns = BLOCK * np.arange(math.ceil(pixels.width / BLOCK) + 1)
    corners = pixels.are_driveable(*np.meshgrid(corner_rows, corner_columns, indexing='ij'))
    vertical, horizontal = corners[1:] != corners[:-1], corners[:, 1:] != corners[:, :-1]
    mixed = vertical[:, 1:] | vertical[:, :-1] | horizontal[1:] | horizontal[:-1]
    near_edge = binary_dilation(mixed, np.ones((3, 3)))[1:-1]
    mask = _enlarge(corners[1:-2, :-1])
    rows, columns = np.nonzero(_enlarge(near_edge))
    mask[rows, columns] = pixels.are_driveable(rows + BLOCK * top, columns)
    return mask


def _enlarge(blocks: np.ndarray) -> np.ndarray:
    """Each block as its pixels."""
    return blocks.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)

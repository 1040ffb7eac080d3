"""Painters without their noise, and measures of bitmaps.

Without noise a bitmap is bare geometry: cells, joints, stripes and panes, each of one colour. That
can be held against arithmetic texel by texel.
"""

from __future__ import annotations

import sys
from typing import NamedTuple
from unittest import mock

import numpy as np
from scipy.ndimage import label

from stslidr_city.appearance.patterns import SIZE

LINE = 100
"""The row that is cracked where cracks are drawn by `one_crack`."""


def no_noise(rng, slope, stretch=(1.0, 1.0), lowest=1.0):
    return np.zeros((SIZE, SIZE), np.float32)


def no_cracks(rng, width, share):
    return np.zeros((SIZE, SIZE), np.float32)


def one_crack(rng, width, share):
    lines = np.zeros((SIZE, SIZE), np.float32)
    lines[LINE] = 1
    return lines


def skeleton(painter, look, seed=0, cracks=no_cracks):
    """What a painter draws where its noise is zero and its cracks are drawn by `cracks`."""
    module = sys.modules[painter.__module__]
    with (
        mock.patch.object(module, 'fractal_noise', no_noise),
        mock.patch.object(module, 'cracks', cracks),
    ):
        return painter(np.random.default_rng(seed), look)


def drawn(painter, look, seed=0):
    """What a painter draws."""
    return painter(np.random.default_rng(seed), look)


class Bond(NamedTuple):
    """Courses in float64: the number of each texel's cell, its place in it, and its border."""

    number: np.ndarray
    across: np.ndarray
    up: np.ndarray
    border: np.ndarray


def bond(rows, columns, shifts=(0,)):
    """Cells in rows, each shifted along by its share of a cell, float64 (SIZE, SIZE) in texels."""
    v, u = np.mgrid[:SIZE, :SIZE] + 0.5
    row, up = np.divmod(v, SIZE / rows)
    shift = np.array(shifts)[row.astype(int) % len(shifts)] * SIZE / columns
    column, across = np.divmod(u + shift, SIZE / columns)
    border = np.min([up, SIZE / rows - up, across, SIZE / columns - across], axis=0)
    number = (row * columns + column % columns).astype(int)
    return Bond(number, across * columns / SIZE, up * rows / SIZE, border)


def values_by_cell(values, number, inside):
    """The one value of each cell's inside; an error if it has several."""
    order = np.argsort(number[inside], kind='stable')
    cells, first = np.unique(number[inside][order], return_index=True)
    spread = [np.ptp(each) for each in np.split(values[inside][order], first[1:])]
    assert max(spread) < 1e-5
    return dict(zip(cells.tolist(), values[inside][order][first].tolist(), strict=True))


def pieces(mask):
    """Connected pieces of a mask on the torus: bool (SIZE, SIZE) -> sizes in texels, ascending."""
    numbers, count = label(mask)
    leads_to = list(range(count + 1))

    def root(number):
        while leads_to[number] != number:
            number = leads_to[number]
        return number

    for first, last in ((numbers[0], numbers[-1]), (numbers[:, 0], numbers[:, -1])):
        for one, other in zip(first.tolist(), last.tolist(), strict=True):
            if one and other:
                leads_to[root(one)] = root(other)
    roots = np.array([root(number) for number in range(count + 1)])
    sizes = np.bincount(roots[numbers].ravel(), minlength=count + 1)[1:]
    return np.sort(sizes[sizes > 0])


def likeness(bitmap, texels):
    """Correlation of the brightness with that some texels further: up the rows, along a row."""
    brightness = bitmap[..., :3].sum(axis=-1)
    brightness = (brightness - brightness.mean()) / brightness.std()
    return tuple((brightness * np.roll(brightness, texels, axis)).mean() for axis in (0, 1))


def waves(line):
    """How many waves the strongest period of a line (SIZE,) has, the mean left out."""
    return int(np.abs(np.fft.rfft(line - line.mean())).argmax())

"""Patterns that repeat without a seam: fractal noise, cells, courses of bricks, cracks.

A pattern is a square of SIZE x SIZE texels, row first; what leaves it on one side comes in on the
other. Rows grow with v (upwards on a wall), columns with u.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

SIZE = 256


@dataclass(frozen=True)
class Cells:
    """A square divided into cells: each texel's cell and its distance from the cell's border.

    Args:
        index: int64 (SIZE, SIZE), number of the cell.
        border: float32 (SIZE, SIZE), distance to the nearest border in texels.
        across: float32 (SIZE, SIZE), place in the cell along u, 0 to 1 (0 where cells are round).
        up: float32 (SIZE, SIZE), place in the cell along v.
    """

    index: np.ndarray
    border: np.ndarray
    across: np.ndarray
    up: np.ndarray


def fractal_noise(
    rng: np.random.Generator,
    slope: float,
    stretch: tuple[float, float] = (1.0, 1.0),
    lowest: float = 1.0,
) -> np.ndarray:
    """Noise whose amplitude falls with the frequency, of mean 0 and standard deviation 1.

    Args:
        rng: what draws it.
        slope: amplitude = frequency ** -slope: 0 is white noise, 1 clouds, 2 soft hills.
        stretch: how much longer its grains are along u and along v.
        lowest: below this many waves a square there is nothing.

    Returns:
        float32 (SIZE, SIZE).
    """
    rows = np.fft.fftfreq(SIZE, 1 / SIZE)[:, None] * stretch[1]
    columns = np.fft.rfftfreq(SIZE, 1 / SIZE)[None] * stretch[0]
    frequency = np.hypot(rows, columns)
    amplitude = np.maximum(frequency, lowest) ** -slope * (frequency >= lowest)
    waves = np.fft.rfft2(rng.standard_normal((SIZE, SIZE))) * amplitude
    noise = np.fft.irfft2(waves, (SIZE, SIZE))
    return ((noise - noise.mean()) / noise.std()).astype(np.float32)


def scattered_cells(rng: np.random.Generator, count: int) -> Cells:
    """Cells around `count` scattered points: pebbles, leaves, irregular slabs."""
    points = rng.uniform(0, SIZE, (count, 2))
    texels = np.moveaxis(np.mgrid[:SIZE, :SIZE], 0, -1).reshape(-1, 2) + 0.5
    distances, nearest = cKDTree(points, boxsize=SIZE).query(texels, k=2)
    border = (distances[:, 1] - distances[:, 0]) / 2
    zeros = np.zeros((SIZE, SIZE), np.float32)
    return Cells(
        nearest[:, 0].reshape(SIZE, SIZE),
        border.reshape(SIZE, SIZE).astype(np.float32),
        zeros,
        zeros,
    )


def courses(rows: int, columns: int, shifts: Sequence[float] = (0.0,)) -> Cells:
    """Rectangular cells in rows, of which every one is shifted along by its share of a cell.

    Args:
        rows: number of rows, a multiple of `len(shifts)` lest there be a seam.
        columns: number of cells per row.
        shifts: shift of the rows, taken in turn.
    """
    place = (np.arange(SIZE, dtype=np.float32) + 0.5) / SIZE
    v = np.broadcast_to((place * rows)[:, None], (SIZE, SIZE))
    row = v.astype(np.int64)
    u = place[None] * columns + np.asarray(shifts, np.float32)[row % len(shifts)]
    column = np.floor(u).astype(np.int64)
    across, up = u - column, v - row
    border = np.minimum(
        np.minimum(across, 1 - across) * (SIZE / columns), np.minimum(up, 1 - up) * (SIZE / rows)
    )
    return Cells(
        row * columns + column % columns,
        border.astype(np.float32),
        across.astype(np.float32),
        up.astype(np.float32),
    )


def cracks(rng: np.random.Generator, width: float, share: float) -> np.ndarray:
    """Wandering lines of about `width` texels: 1 on a line, 0 off it, float32 (SIZE, SIZE).

    Args:
        rng: what draws them.
        width: in texels.
        share: how much of the square has any, 0 to 1.
    """
    field = fractal_noise(rng, 1.7, lowest=2)
    steps = [(np.roll(field, -1, axis) - np.roll(field, 1, axis)) / 2 for axis in (0, 1)]
    distance = np.abs(field) / np.maximum(np.hypot(*steps), 1e-3)
    region = fractal_noise(rng, 2.0)
    inside = smooth_step(region, *np.quantile(region, [1 - share, min(1.0, 1.05 - share)]))
    return np.clip(width / 2 + 0.5 - distance, 0, 1) * inside


def smooth_step(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise from 0 at `low` to 1 at `high`, float32."""
    ramp = np.clip((values - low) / max(high - low, 1e-6), 0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)


def blended(field: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A field (SIZE, SIZE) at places (M,) given in texels, any numbers, blended linearly."""
    left, low = np.floor(u), np.floor(v)
    share_u, share_v = u - left, v - low
    columns = [(left.astype(np.int64) + step) & (SIZE - 1) for step in (0, 1)]
    rows = [((low.astype(np.int64) + step) & (SIZE - 1)) * SIZE for step in (0, 1)]
    flat = field.reshape(-1)
    lower, upper = (
        flat.take(row + columns[0]) * (1 - share_u) + flat.take(row + columns[1]) * share_u
        for row in rows
    )
    return lower + (upper - lower) * share_v


def linear(*colour: float) -> np.ndarray:
    """A colour picked on a screen (sRGB, 0 to 255) in linear light, float32 (3,)."""
    return ((np.asarray(colour, np.float32) / 255) ** 2.2).astype(np.float32)


def painted(colour: np.ndarray, brightness: np.ndarray | float, gloss: float = 0.0) -> np.ndarray:
    """A bitmap (SIZE, SIZE, 4) of one colour (3,) or many (SIZE, SIZE, 3) times a brightness."""
    bitmap = np.full((SIZE, SIZE, 4), gloss, np.float32)
    bitmap[..., :3] = colour * np.broadcast_to(brightness, (SIZE, SIZE))[..., None]
    return bitmap


def covered(below: np.ndarray, above: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Bitmap `above` laid over `below` where `share` (SIZE, SIZE) is 1, blended in between."""
    return below + (above - below) * share[..., None]


def stained(bitmap: np.ndarray, *stain: float) -> np.ndarray:
    """The bitmap seen through a stain, a screen colour as in `linear`."""
    return bitmap * np.append(linear(*stain), np.float32(1))

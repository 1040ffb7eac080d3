"""Bitmaps of what one walks and drives on.

A painter draws look number `look` of its material: float (SIZE, SIZE, 4), red, green, blue in
linear light and the share of the material's gloss.
"""

from __future__ import annotations

import numpy as np

from stslidr_city.appearance.patterns import (
    SIZE,
    Cells,
    courses,
    covered,
    cracks,
    fractal_noise,
    linear,
    painted,
    scattered_cells,
    smooth_step,
    stained,
)

ASPHALTS = [
    (92, 92, 94),
    (112, 110, 108),
    (74, 75, 79),
    (104, 103, 98),
    (126, 125, 124),
    (98, 93, 90),
]
CONCRETES = [
    (152, 149, 143),
    (138, 136, 133),
    (164, 159, 149),
    (126, 125, 122),
    (146, 148, 150),
    (118, 115, 109),
]
SLABS = [
    (158, 154, 146),
    (142, 142, 143),
    (168, 152, 132),
    (152, 120, 104),
    (128, 127, 124),
    (174, 170, 162),
]
GRASSES = [
    ((82, 94, 52), (128, 126, 80)),
    ((70, 86, 46), (96, 104, 60)),
    ((104, 108, 64), (150, 140, 96)),
    ((88, 102, 66), (118, 112, 76)),
    ((124, 120, 82), (158, 146, 108)),
    ((74, 84, 52), (112, 102, 72)),
]
SOILS = [(122, 100, 76), (140, 122, 98), (104, 84, 64), (150, 128, 96), (120, 112, 100)]
PEBBLES = [(150, 146, 138), (132, 122, 108), (164, 156, 144), (118, 118, 120)]


def asphalt(rng: np.random.Generator, look: int) -> np.ndarray:
    """Grain and soiling; odd looks are cracked, every third has been dug up and patched."""
    grain = fractal_noise(rng, 0.3, lowest=24)
    wear = fractal_noise(rng, 1.4)
    bitmap = painted(linear(*ASPHALTS[look]), 1 + 0.16 * grain + 0.09 * wear)
    chips = smooth_step(fractal_noise(rng, 0.2), 2.3, 2.8)
    bitmap = covered(bitmap, painted(linear(178, 172, 160), 1.0), 0.5 * chips)
    if look % 2:
        lines = cracks(rng, 1.5, 0.3)
        bitmap = covered(bitmap, painted(linear(48, 48, 50), 1.0), 0.6 * lines)
    if look % 3 == 2:
        patch = _patch(rng)
        bitmap = covered(bitmap, bitmap * float(rng.choice([0.85, 1.14])), patch)
    oil = smooth_step(fractal_noise(rng, 1.8, lowest=2), 1.6, 2.6)
    return covered(bitmap, bitmap * 0.8, oil)


def concrete(rng: np.random.Generator, look: int) -> np.ndarray:
    """Stained slabs, of which half are divided by joints."""
    stains = fractal_noise(rng, 1.5)
    streaks = fractal_noise(rng, 1.0, stretch=(1, 5), lowest=2)
    grain = fractal_noise(rng, 0.2, lowest=30)
    bitmap = painted(linear(*CONCRETES[look]), 1 + 0.10 * stains + 0.05 * streaks + 0.06 * grain)
    slabs = courses(2, 2) if look % 2 else courses(1, 1)
    bitmap = _jointed(bitmap, slabs, rng, 0.06, width=1.3, joint=(84, 82, 78))
    lines = cracks(rng, 1.2, 0.2)
    bitmap = covered(bitmap, bitmap * 0.45, lines)
    dirt = smooth_step(fractal_noise(rng, 1.4, lowest=3), 1.0, 3.2)
    return covered(bitmap, stained(bitmap, 190, 182, 170), dirt)


def paving(rng: np.random.Generator, look: int) -> np.ndarray:
    """Square slabs, small setts in rows, or irregular flags, with dark joints."""
    layouts = [
        courses(8, 8),
        courses(16, 8, (0, 0.5)),
        courses(6, 4, (0, 0.33, 0.67)),
        courses(16, 8, (0, 0.5)),
        None,
        courses(4, 4),
    ]
    cells = layouts[look] or scattered_cells(rng, 70)
    brightness = 1 + 0.09 * fractal_noise(rng, 1.2) + 0.07 * fractal_noise(rng, 0.2, lowest=30)
    bitmap = painted(linear(*SLABS[look]), brightness)
    bitmap = _jointed(bitmap, cells, rng, 0.14, width=1.5, joint=(78, 74, 68))
    moss = smooth_step(fractal_noise(rng, 1.5, lowest=2), 1.3, 2.4)
    return covered(bitmap, stained(bitmap, 190, 200, 160), moss)


def grass(rng: np.random.Generator, look: int) -> np.ndarray:
    """Tufts in two greens, dry or bare patches, dark gaps between the blades."""
    fresh, dry = (linear(*colour) for colour in GRASSES[look])
    tufts = fractal_noise(rng, 0.7, lowest=4)
    blades = fractal_noise(rng, 0.1, stretch=(1.0, 0.35), lowest=30)
    patches = smooth_step(fractal_noise(rng, 1.6) + 0.4 * tufts, -0.2, 1.6)
    bitmap = painted(fresh, 1.0)
    bitmap = covered(bitmap, painted(dry, 1.0), patches)
    bare = smooth_step(fractal_noise(rng, 1.3, lowest=2), 1.7, 2.3)
    bitmap = covered(bitmap, painted(linear(126, 106, 80), 1.0), 0.8 * bare)
    return bitmap * np.clip(1 + 0.26 * blades + 0.22 * tufts, 0.25, 1.9)[..., None]


def soil(rng: np.random.Generator, look: int) -> np.ndarray:
    """Clods and stones, damp in places, with some weeds."""
    clods = fractal_noise(rng, 0.9, lowest=3)
    grain = fractal_noise(rng, 0.1, lowest=20)
    bitmap = painted(linear(*SOILS[look]), np.clip(1 + 0.2 * clods + 0.14 * grain, 0.3, 2))
    damp = smooth_step(fractal_noise(rng, 1.6), 0.3, 1.8)
    bitmap = covered(bitmap, bitmap * 0.62, damp)
    weeds = smooth_step(fractal_noise(rng, 1.0, lowest=6), 1.5, 2.2) * (0.4 + 0.6 * (look % 2))
    return covered(bitmap, painted(linear(98, 108, 60), 1 + 0.2 * grain), weeds)


def gravel(rng: np.random.Generator, look: int) -> np.ndarray:
    """Pebbles of many tones with shade between them."""
    cells = scattered_cells(rng, 2600)
    tone = 1 + 0.25 * rng.standard_normal(2600)
    round_off = 0.45 + 0.55 * smooth_step(cells.border, 0, 1.8)
    brightness = np.clip(tone[cells.index], 0.4, 1.8) * round_off
    return painted(linear(*PEBBLES[look]), brightness * (1 + 0.1 * fractal_noise(rng, 1.4)))


def road_paint(rng: np.random.Generator, look: int) -> np.ndarray:
    """White paint on asphalt, from fresh (look 0) to nearly half worn off (look 3)."""
    grain = fractal_noise(rng, 0.4, lowest=20)
    bitmap = painted(linear(226, 225, 220), 1 + 0.05 * grain + 0.06 * fractal_noise(rng, 1.5))
    wear = fractal_noise(rng, 0.8, lowest=2) + 0.5 * grain
    worn = smooth_step(wear, *np.quantile(wear, [0.95 - 0.16 * look, 1 - 0.12 * look]))
    bitmap = covered(bitmap, painted(linear(104, 103, 101), 1 + 0.15 * grain), 0.85 * worn)
    dirt = smooth_step(fractal_noise(rng, 1.5), 0.0, 2.5)
    return covered(bitmap, bitmap * 0.7, dirt)


def _patch(rng: np.random.Generator) -> np.ndarray:
    """A rectangle of new asphalt with frayed edges: 1 inside, 0 outside."""
    fray = 1.5 * fractal_noise(rng, 0.8, lowest=8)
    half = rng.uniform(0.12, 0.33, size=2) * SIZE
    away = np.abs(np.mgrid[:SIZE, :SIZE] - SIZE / 2) - half[:, None, None]
    return np.clip(0.5 - away.max(axis=0) + fray, 0, 1).astype(np.float32)


def _jointed(
    bitmap: np.ndarray,
    cells: Cells,
    rng: np.random.Generator,
    spread: float,
    width: float,
    joint: tuple[int, int, int],
) -> np.ndarray:
    """Give each cell a tone of its own (standard deviation `spread`) and a joint around it."""
    tones = 1 + spread * rng.standard_normal(int(cells.index.max()) + 1)
    toned = bitmap * np.clip(tones, 0.5, 1.5).astype(np.float32)[cells.index][..., None]
    filled = np.clip(width - cells.border, 0, 1)
    return covered(toned, painted(linear(*joint), 1.0), 0.85 * filled)

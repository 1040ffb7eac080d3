"""Bitmaps of plants, people and manufactured things; painters as in `ground_textures`."""

from __future__ import annotations

import numpy as np

from stslidr_city.appearance.patterns import (
    SIZE,
    courses,
    covered,
    cracks,
    fractal_noise,
    linear,
    painted,
    scattered_cells,
    smooth_step,
)

WOODS = [
    (172, 136, 96),
    (132, 98, 70),
    (150, 140, 126),
    (108, 84, 66),
    (186, 160, 120),
    (90, 82, 74),
]
BARKS = [(112, 98, 82), (134, 124, 110), (92, 76, 62), (150, 146, 138), (120, 98, 74)]
LEAVES = [
    ((74, 98, 42), (118, 132, 64)),
    ((58, 82, 40), (90, 108, 54)),
    ((96, 110, 46), (150, 148, 70)),
    ((66, 88, 54), (106, 118, 80)),
    ((112, 104, 56), (150, 132, 78)),
    ((84, 86, 50), (126, 104, 62)),
    ((52, 70, 42), (78, 92, 58)),
    ((108, 116, 72), (146, 146, 98)),
]
SKINS = [
    (224, 186, 160),
    (204, 158, 126),
    (170, 122, 92),
    (132, 90, 66),
    (98, 66, 50),
    (214, 172, 148),
]
HAIRS = [(46, 40, 36), (74, 54, 40), (112, 84, 56), (166, 136, 92), (140, 136, 132), (30, 28, 28)]


def metal(rng: np.random.Generator, look: int) -> np.ndarray:
    """Plain sheet, galvanised, corrugated, rusty, brushed, or painted and chipped."""
    dirt = 1 + 0.05 * fractal_noise(rng, 1.3) + 0.03 * fractal_noise(rng, 0.1, lowest=30)
    bitmap = painted(linear(206, 207, 208), dirt, gloss=1.0)
    if look == 1:
        spangles = scattered_cells(rng, 400)
        bitmap[..., :3] *= rng.uniform(0.6, 1.0, 400)[spangles.index][..., None]
    elif look == 2:
        ridges = courses(1, 12)
        bitmap[..., :3] *= (0.72 + 0.28 * np.sin(2 * np.pi * ridges.across))[..., None]
    elif look == 3:
        rust = smooth_step(fractal_noise(rng, 1.0, lowest=2), 0.1, 1.0)
        rusty = painted(linear(134, 92, 66), 1 + 0.2 * fractal_noise(rng, 0.7))
        bitmap = covered(bitmap, rusty, rust)
    elif look == 4:
        bitmap[..., :3] *= (0.8 + 0.08 * fractal_noise(rng, 0.4, stretch=(12, 1)))[..., None]
    elif look == 5:
        chipped = smooth_step(fractal_noise(rng, 0.8, lowest=4), 1.7, 1.9)
        bitmap = covered(bitmap, painted(linear(110, 96, 84), dirt), chipped)
    return bitmap


def car_paint(rng: np.random.Generator, look: int) -> np.ndarray:
    """Even; clean, metallic, or dusty and splashed along the way."""
    brightness = 1 + 0.02 * fractal_noise(rng, 1.6)
    if look == 1:
        brightness = brightness + 0.05 * fractal_noise(rng, 0.0)
    bitmap = painted(linear(240, 240, 240), brightness, gloss=1.0)
    dust = smooth_step(fractal_noise(rng, 1.2), 0.2, 2.5) * [0.0, 0.1, 0.5, 0.8][look]
    return covered(bitmap, painted(linear(168, 156, 140), 1.0, gloss=0.2), dust)


def chrome(rng: np.random.Generator, look: int) -> np.ndarray:
    """Polished or matt."""
    return painted(linear(150, 152, 156), 1 + 0.06 * fractal_noise(rng, 1.2), gloss=1 - 0.5 * look)


def rubber(rng: np.random.Generator, look: int) -> np.ndarray:
    """Nearly black, dusty to a degree."""
    tread = 1 - 0.4 * np.clip(1.5 - courses(16, 8, (0, 0.5)).border, 0, 1)
    brightness = tread * (1 + 0.15 * fractal_noise(rng, 1.0))
    return painted(linear(*[(44, 44, 46), (58, 56, 54), (74, 70, 66)][look]), brightness)


def plastic(rng: np.random.Generator, look: int) -> np.ndarray:
    """Nearly white and smooth; scuffed, faded or soiled."""
    faded = 1 + 0.04 * fractal_noise(rng, 1.5)
    bitmap = painted(linear(232, 232, 230), faded, gloss=1.0)
    scuffs = smooth_step(fractal_noise(rng, 0.6, stretch=(3, 1), lowest=3), 1.0, 2.2)
    bitmap = covered(bitmap, painted(linear(150, 146, 140), 1.0), scuffs * 0.25 * look)
    dirt = smooth_step(fractal_noise(rng, 1.3), 0.3, 2.2) * (0.2 * look)
    return covered(bitmap, painted(linear(110, 100, 88), 1.0), dirt)


def cloth(rng: np.random.Generator, look: int) -> np.ndarray:
    """Nearly white; plain, striped, checked, mottled, knitted or denim, with soft folds."""
    u, v = courses(1, 1).across, courses(1, 1).up
    folds = 1 + 0.14 * fractal_noise(rng, 1.8, stretch=(1, 2.5))
    weave = 1 + 0.05 * fractal_noise(rng, 0.0)
    drawn = [
        lambda: 1.0,
        lambda: 0.55 + 0.45 * (np.sin(2 * np.pi * 8 * v) > 0),
        lambda: 1 - 0.25 * ((np.sin(12 * np.pi * u) > 0) * 1.0 + (np.sin(12 * np.pi * v) > 0)),
        lambda: 0.6 + 0.4 * smooth_step(fractal_noise(rng, 0.9, lowest=5), -0.2, 0.2),
        lambda: 0.85 + 0.15 * np.sin(2 * np.pi * 32 * u) * np.sin(2 * np.pi * 32 * v),
        lambda: 0.85 + 0.1 * fractal_noise(rng, 0.3, stretch=(0.3, 2), lowest=10),
    ][look]()
    return painted(linear(226, 224, 220), folds * weave * drawn)


def skin(rng: np.random.Generator, look: int) -> np.ndarray:
    """Soft blotches."""
    return painted(linear(*SKINS[look]), 1 + 0.06 * fractal_noise(rng, 1.4))


def hair(rng: np.random.Generator, look: int) -> np.ndarray:
    """Strands downwards."""
    strands = fractal_noise(rng, 0.4, stretch=(1, 10), lowest=4)
    return painted(linear(*HAIRS[look]), np.clip(1 + 0.25 * strands, 0.4, 2))


def wood(rng: np.random.Generator, look: int) -> np.ndarray:
    """Boards with grain along them, upright (even looks) or lying."""
    boards = courses(1, 8)
    grain = fractal_noise(rng, 0.7, stretch=(1, 12), lowest=3)
    tones = 1 + 0.12 * rng.standard_normal(8)
    brightness = tones[boards.index] * (1 + 0.14 * grain)
    brightness = brightness * (1 - 0.6 * np.clip(1.5 - boards.border, 0, 1))
    brightness = brightness * (1 + 0.08 * fractal_noise(rng, 1.4))
    bitmap = painted(linear(*WOODS[look]), np.clip(brightness, 0.1, 2))
    return bitmap if look % 2 == 0 else np.ascontiguousarray(bitmap.transpose(1, 0, 2))


def bark(rng: np.random.Generator, look: int) -> np.ndarray:
    """Ridges upwards with deep furrows."""
    ridges = fractal_noise(rng, 0.8, stretch=(1, 4), lowest=4)
    furrows = cracks(rng, 3.0, 0.8)
    brightness = np.clip(1 + 0.3 * ridges, 0.3, 2) * (1 - 0.5 * furrows)
    bitmap = painted(linear(*BARKS[look]), brightness)
    moss = smooth_step(fractal_noise(rng, 1.4), 1.0, 2.2)
    return covered(bitmap, painted(linear(104, 110, 72), brightness), 0.7 * moss)


def leaves(rng: np.random.Generator, look: int) -> np.ndarray:
    """Leaves in two tones, bright twigs and dark gaps, in clumps of half a metre."""
    cells = scattered_cells(rng, 2200)
    tone = rng.standard_normal(2200)[cells.index].astype(np.float32)
    clumps = fractal_noise(rng, 1.2, lowest=4)
    depth = 0.8 * clumps + 0.35 * tone + 0.35 * fractal_noise(rng, 0.5, lowest=12)
    shaded, lit = (linear(*colour) for colour in LEAVES[look])
    bitmap = covered(painted(shaded, 1.0), painted(lit, 1.0), smooth_step(depth, -0.8, 1.5))
    gaps = 1 - smooth_step(depth, -1.3, -0.1)
    brightness = (1 - 0.85 * gaps) * (0.75 + 0.25 * smooth_step(cells.border, 0, 2))
    brightness = brightness * np.clip(1.05 + 0.4 * clumps + 0.15 * tone, 0.3, 2.2)
    return bitmap * brightness[..., None]


def retroreflector(rng: np.random.Generator, look: int) -> np.ndarray:
    """Bright foil: plain, hatched, with a dark bar, or with a border, as signs and bands have."""
    u, v = courses(1, 1).across, courses(1, 1).up
    bitmap = painted(linear(240, 240, 238), 1 + 0.03 * fractal_noise(rng, 1.4))
    marks = [
        np.zeros((SIZE, SIZE), bool),
        (u + v) * 4 % 1 < 0.5,
        (np.abs(v - 0.5) < 0.12),
        (v * 2 % 1 < 0.12) | (u * 2 % 1 < 0.12),
    ][look]
    return covered(bitmap, painted(linear(120, 60, 56), 1.0), marks.astype(np.float32))


def lamp(rng: np.random.Generator, look: int) -> np.ndarray:
    """A ribbed lens, clear or milky."""
    ribs = 0.8 + 0.2 * np.sin(2 * np.pi * 12 * courses(1, 1).across)
    brightness = (1 + 0.04 * fractal_noise(rng, 1.2)) * (ribs if look == 0 else 1.0)
    return painted(linear(236, 236, 232), brightness, gloss=1.0)

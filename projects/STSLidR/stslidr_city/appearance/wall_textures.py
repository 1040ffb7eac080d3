"""Bitmaps of walls, facades and roofs; painters as in `ground_textures`."""

from __future__ import annotations

from typing import NamedTuple

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
)

BRICKS = [
    ((146, 80, 62), (172, 164, 152)),
    ((118, 70, 58), (150, 140, 130)),
    ((176, 140, 100), (180, 172, 156)),
    ((128, 112, 100), (96, 92, 88)),
    ((182, 176, 166), (150, 148, 144)),
    ((156, 98, 68), (90, 82, 76)),
]
PLASTERS = [(232, 228, 218), (224, 216, 196), (214, 214, 214), (226, 206, 178), (200, 196, 188)]
STONES = [(176, 168, 150), (150, 148, 146), (188, 172, 142), (132, 128, 122), (164, 150, 136)]
TILES = [
    (152, 84, 60),
    (112, 68, 56),
    (88, 90, 96),
    (134, 122, 110),
    (108, 104, 100),
    (124, 86, 68),
]


class Facade(NamedTuple):
    """Rows of windows: storeys and bays in the square, share of a bay that is window, colours."""

    storeys: int
    bays: int
    width: float
    height: float
    wall: tuple[int, int, int]
    frame: tuple[int, int, int]
    pattern: str


FACADES = [
    Facade(3, 4, 0.46, 0.52, (222, 214, 196), (236, 234, 228), 'plain'),
    Facade(3, 3, 0.62, 0.50, (150, 84, 66), (228, 226, 220), 'brick'),
    Facade(3, 5, 0.86, 0.62, (150, 152, 154), (70, 72, 76), 'plain'),
    Facade(3, 2, 0.94, 0.46, (176, 172, 164), (120, 122, 124), 'concrete'),
    Facade(3, 4, 0.40, 0.60, (182, 168, 142), (96, 84, 70), 'stone'),
    Facade(3, 3, 0.50, 0.46, (206, 196, 184), (88, 60, 46), 'plain'),
    Facade(3, 6, 0.55, 0.72, (120, 118, 114), (200, 200, 198), 'concrete'),
    Facade(3, 4, 0.50, 0.50, (116, 72, 60), (60, 62, 64), 'brick'),
    Facade(3, 2, 0.40, 0.40, (212, 212, 210), (140, 140, 138), 'plain'),
    Facade(3, 3, 0.80, 0.74, (96, 98, 102), (156, 158, 160), 'stone'),
]


def brick(rng: np.random.Generator, look: int) -> np.ndarray:
    """Running bond, 25 cm by 8 cm at a period of 2 m."""
    colour, mortar = BRICKS[look]
    bitmap = _bricks(rng, courses(26, 8, (0, 0.5)), linear(*colour), 0.17)
    return _mortared(rng, bitmap, courses(26, 8, (0, 0.5)), linear(*mortar), 1.3)


def plaster(rng: np.random.Generator, look: int) -> np.ndarray:
    """Nearly white; run-down streaks, cracks, and spots where it has come off."""
    streaks = fractal_noise(rng, 1.1, stretch=(1, 6), lowest=2)
    brightness = 1 + 0.05 * fractal_noise(rng, 1.4) + 0.05 * streaks
    brightness = brightness + 0.03 * fractal_noise(rng, 0.1, lowest=30)
    bitmap = painted(linear(*PLASTERS[look]), brightness)
    lines = cracks(rng, 1.0, 0.15)
    bitmap = covered(bitmap, bitmap * 0.5, lines)
    flaked = smooth_step(fractal_noise(rng, 1.2, lowest=2), 2.0, 2.15) * (look % 2)
    return covered(bitmap, painted(linear(160, 148, 132), 1 + 0.1 * streaks), flaked)


def stone(rng: np.random.Generator, look: int) -> np.ndarray:
    """Rubble masonry or hewn blocks."""
    cells = scattered_cells(rng, 110) if look % 2 else courses(8, 5, (0, 0.5, 0.2, 0.7))
    bitmap = _bricks(rng, cells, linear(*STONES[look]), 0.15)
    bitmap = bitmap * (1 + 0.1 * fractal_noise(rng, 1.0))[..., None]
    return _mortared(rng, bitmap, cells, linear(112, 106, 98), 1.8)


def glass(rng: np.random.Generator, look: int) -> np.ndarray:
    """A curtain wall of dark panes and mullions; look 0 is one pane without any."""
    tint = [(40, 46, 50), (52, 64, 70), (44, 56, 52), (66, 66, 70)][look]
    panes = [courses(1, 1), courses(4, 4), courses(2, 6), courses(4, 3)][look]
    ripples = 1 + 0.06 * fractal_noise(rng, 1.6)
    if look == 0:
        return painted(linear(*tint), ripples, gloss=1.0)
    tones = 1 + 0.25 * rng.standard_normal(int(panes.index.max()) + 1)
    brightness = np.clip(tones, 0.5, 1.8)[panes.index] * (0.85 + 0.3 * panes.up)
    bitmap = painted(linear(*tint), brightness * ripples, gloss=1.0)
    mullion = painted(linear(110, 112, 114), 1.0, gloss=0.2)
    return covered(bitmap, mullion, np.clip(2.2 - panes.border, 0, 1))


def windows(rng: np.random.Generator, look: int) -> np.ndarray:
    """Storeys of 3.2 m with framed windows; curtains, blinds and dark rooms behind the panes."""
    facade = FACADES[look]
    bays = courses(facade.storeys, facade.bays)
    wall = _facade_wall(rng, facade)
    inside = _inside_opening(facade, bays)
    sill = _sill_shadow(facade, bays)
    wall[..., :3] *= (1 - 0.35 * sill)[..., None]
    bitmap = covered(wall, painted(linear(*facade.frame), 1.0), np.clip(inside + 0.5, 0, 1))
    panes = _rooms(rng, bays, facade)
    mullion = np.abs(bays.across - 0.5) * (SIZE / facade.bays) < 0.9
    shown = np.clip(inside - 1.2, 0, 1) * ~(mullion & (facade.width > 0.42))
    return covered(bitmap, panes, shown)


def roof_tiles(rng: np.random.Generator, look: int) -> np.ndarray:
    """Rows of tiles that overlap: dark under each lower edge."""
    cells = courses(10, 10, (0, 0.5)) if look % 2 else courses(8, 14)
    bitmap = _bricks(rng, cells, linear(*TILES[look]), 0.13)
    bulge = 0.8 + 0.2 * np.sin(np.pi * cells.across)
    step = 0.55 + 0.45 * smooth_step(cells.up, 0.0, 0.25)
    weather = 1 + 0.12 * fractal_noise(rng, 1.2)
    return bitmap * (bulge * step * weather)[..., None]


def _bricks(
    rng: np.random.Generator, cells: Cells, colour: np.ndarray, spread: float
) -> np.ndarray:
    """Cells of one colour whose tone and hue vary by `spread`, with grain."""
    count = int(cells.index.max()) + 1
    tones = (
        1 + spread * rng.standard_normal((count, 1)) + spread / 4 * rng.standard_normal((count, 3))
    )
    grain = 1 + 0.08 * fractal_noise(rng, 0.5, lowest=8)
    return painted(colour * np.clip(tones, 0.4, 1.7)[cells.index], grain)


def _mortared(
    rng: np.random.Generator, bitmap: np.ndarray, cells: Cells, mortar: np.ndarray, width: float
) -> np.ndarray:
    """Put mortar of a width in texels between the cells, and weather the whole."""
    filled = np.clip(width - cells.border, 0, 1)
    bitmap = covered(bitmap, painted(mortar, 1.0), filled)
    return bitmap * (1 + 0.07 * fractal_noise(rng, 1.4))[..., None]


def _facade_wall(rng: np.random.Generator, facade: Facade) -> np.ndarray:
    """The wall around the windows."""
    weather = (
        1
        + 0.05 * fractal_noise(rng, 1.3)
        + 0.05 * fractal_noise(rng, 1.0, stretch=(1, 6), lowest=2)
    )
    wall = painted(linear(*facade.wall), weather)
    layouts = {
        'brick': (64, 30, (0, 0.5), 0.12),
        'stone': (24, 12, (0, 0.5), 0.08),
        'concrete': (facade.storeys, facade.bays, (0.5,), 0.05),
    }
    if facade.pattern in layouts:
        rows, columns, shifts, spread = layouts[facade.pattern]
        cells = courses(rows, columns, shifts)
        tones = 1 + spread * rng.standard_normal(rows * columns)
        joint = 0.12 * np.clip(1.2 - cells.border, 0, 1)
        wall[..., :3] *= (tones[cells.index] * (1 - joint))[..., None].astype(np.float32)
    return wall


def _inside_opening(facade: Facade, bays: Cells) -> np.ndarray:
    """Depth inside the window opening in texels, negative outside."""
    across = (facade.width / 2 - np.abs(bays.across - 0.5)) * (SIZE / facade.bays)
    up = (facade.height / 2 - np.abs(bays.up - 0.55)) * (SIZE / facade.storeys)
    return np.minimum(across, up)


def _sill_shadow(facade: Facade, bays: Cells) -> np.ndarray:
    """A band just below each window, 1 inside."""
    below = 0.55 - facade.height / 2 - bays.up
    beside = np.abs(bays.across - 0.5) < facade.width / 2
    return ((below > 0) & (below < 0.05) & beside).astype(np.float32)


def _rooms(rng: np.random.Generator, bays: Cells, facade: Facade) -> np.ndarray:
    """What is seen through the panes: dark rooms, some with curtains or a blind let down."""
    count = facade.storeys * facade.bays
    rooms = painted(linear(52, 58, 64), rng.uniform(0.4, 1.5, count)[bays.index], gloss=1.0)
    curtain_tone = rng.uniform(0.45, 1.0, count)[bays.index]
    folds = 0.85 + 0.15 * np.sin(bays.across * 60)
    curtains = painted(linear(214, 206, 190), curtain_tone * folds, gloss=0.45)
    drawn = rng.uniform(0, 0.35, count) * (rng.random(count) < 0.45)
    at_side = np.abs(bays.across - 0.5) > facade.width / 2 * (1 - 2 * drawn[bays.index])
    lowered = rng.uniform(0.1, 1.0, count) * (rng.random(count) < 0.35)
    under_blind = bays.up > 0.55 + facade.height * (0.5 - lowered[bays.index])
    return covered(rooms, curtains, (at_side | under_blind).astype(np.float32))

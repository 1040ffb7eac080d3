"""What light comes off the surfaces toward the camera: sun, shadows, sky, mirrors, haze."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from stslidr_city.appearance.illumination import Illumination
from stslidr_city.appearance.materials import MATERIALS, chunks, dither
from stslidr_city.raycasting.casting import cast
from stslidr_city.raycasting.rays import ParallelRays, RayGrid
from stslidr_city.raycasting.surface import Surface
from stslidr_city.solids.solids import SceneObject

NEAR_EXTENT = 44.0  # metres, width of the fine shadow map; the coarse one is COARSER times as wide
COARSER = 4
BIAS = 0.03  # metres, what a surface may lie behind itself; plus a share of the map's spacing
STEEPEST = 8.0  # metres of depth a metre across, beyond which a slope is not followed
SOFT_SIDE = 4  # soft shadows average 4 x 4 places
SKY_HIDDEN = 0.35  # share of the sky's light that is missing in a shadow
LEAST_GLOSS = 0.01
SUN_SPOT = 160.0  # exponent: the sun's reflection is about 10 degrees wide
WET_GLOSS = 0.06
WET_DARKENING = 0.4
LEVEL = 0.95  # upward component of a normal above which water stays


class ShadowLayer(NamedTuple):
    """How far light comes along parallel rays on a square grid.

    Args:
        depth: float32 (rows, columns), distance from each ray's start to what it meets, inf if
            nothing.
        start: float64 (3,), where the ray of row 0, column 0 starts, in the world.
        column_step: float64 (3,), from one column's start to the next one's.
        row_step: float64 (3,), likewise from row to row.
        direction: float64 (3,), unit, away from the sun.
    """

    depth: np.ndarray
    start: np.ndarray
    column_step: np.ndarray
    row_step: np.ndarray
    direction: np.ndarray

    def lit(
        self, points: np.ndarray, normals: np.ndarray, softness: float, jitter: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """How much of the sun points see, and whether they lie on the map.

        Each place of the map that is looked up is compared with the plane through the point, not
        with the point itself: a slanted plane casts no shadow on itself.

        Args:
            points: float32 (M, 3) relative to `start`.
            normals: float32 (M, 3).
            softness: width of the shadows' edges in metres.
            jitter: float32 (M,) of 0 to 1, shifts the places of soft shadows from point to point.

        Returns:
            float32 (M,) from 0 in shadow to 1, and bool (M,).
        """
        spacing = float(np.linalg.norm(self.column_step))
        axes = np.stack([self.column_step, self.row_step]) / spacing**2
        column, row = (points @ axes.T.astype(np.float32)).T
        inside = (
            (column >= 0)
            & (column < self.depth.shape[1] - 1)
            & (row >= 0)
            & (row < self.depth.shape[0] - 1)
        )
        steps = np.stack([self.direction, self.column_step, self.row_step]).astype(np.float32)
        away, along_column, along_row = (normals @ steps.T).T
        away = np.minimum(away, np.float32(-1e-3))
        steepest = np.float32(STEEPEST * spacing)
        slopes = [
            np.clip(-along / away, -steepest, steepest) for along in (along_column, along_row)
        ]
        depth = points @ self.direction.astype(np.float32) - np.float32(BIAS + spacing / 4)
        share = np.zeros(len(points), np.float32)
        for at_column, at_row, weight in _places(column, row, softness / spacing, jitter):
            plane = depth + slopes[0] * (at_column - column) + slopes[1] * (at_row - row)
            share += weight * (self._depth_at(at_row, at_column) > plane)
        return share, inside

    def _depth_at(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Depth (M,) at whole rows and columns (M,), those outside moved to the border."""
        rows, columns = self.depth.shape
        row = np.clip(row, 0, rows - 1).astype(np.int64)
        column = np.clip(column, 0, columns - 1).astype(np.int64)
        return self.depth.reshape(-1).take(row * columns + column)


class ShadowMap:
    """Where the sun shines at one time: layers from fine to coarse around one place.

    Args:
        layers: the first one that holds a point says whether it is lit; a point in none is lit.
        softness: width of the shadows' edges in metres.
    """

    def __init__(self, layers: Sequence[ShadowLayer], softness: float) -> None:
        self._layers = tuple(layers)
        self._softness = softness

    def lit(self, surface: Surface, centre: np.ndarray) -> np.ndarray:
        """How much of the sun each point of a surface sees, facing it or not.

        Args:
            surface: M points relative to `centre`.
            centre: float64 (3,), the centre of the surface's ray grid in the world.

        Returns:
            float32 (M,) from 0 in shadow to 1; 0 where the surface faces away from the sun.
        """
        lit = np.ones(len(surface.points), np.float32)
        for chunk in chunks(len(lit)):
            lit[chunk] = self._lit(surface, np.asarray(centre), chunk)
        return lit

    def _lit(self, surface: Surface, centre: np.ndarray, chunk: slice) -> np.ndarray:
        """The same for a chunk of the points."""
        normals = surface.normals[chunk]
        toward = normals @ -self._layers[0].direction.astype(np.float32)
        lit = (toward > 0).astype(np.float32)
        left = np.flatnonzero(toward > 0)
        for layer in self._layers:
            shift = (centre - layer.start).astype(np.float32)
            share, inside = layer.lit(
                surface.points[chunk][left] + shift,
                normals[left],
                self._softness,
                dither(surface.ray[chunk][left]),
            )
            lit[left[inside]] = share[inside]
            left = left[~inside]
        return lit


def shadow_map(
    objects: Sequence[SceneObject],
    centre: np.ndarray,
    illumination: Illumination,
    time: float,
    spacing: float,
) -> ShadowMap:
    """Cast rays from the sun.

    Args:
        objects: what throws shadows.
        centre: (3,), the middle of the area, in the world.
        illumination: where the sun is.
        time: seconds in the scene.
        spacing: metres between the rays near the centre; the cost grows as its inverse square.
    """
    direction = -np.asarray(illumination.sun_direction, np.float64)
    layers = []
    for factor in (1, COARSER):
        grid = ParallelRays(
            np.asarray(centre, np.float64), direction, NEAR_EXTENT * factor, spacing * factor, time
        )
        layers.append(_layer(grid, cast(grid, objects).distance))
    return ShadowMap(layers, illumination.shadow_softness)


def shade(
    surface: Surface, grid: RayGrid, albedo: np.ndarray, lit: np.ndarray, illumination: Illumination
) -> np.ndarray:
    """Light from the points toward the centre of the grid.

    Args:
        surface: M points.
        grid: the rays that hit them.
        albedo: float32 (M, 4), colour and gloss, as `MaterialLibrary.albedo` gives them.
        lit: float32 (M,), how much of the sun they see.
        illumination: of the scene.

    Returns:
        float32 (M, 3), radiance in linear light.
    """
    radiance = np.empty((len(albedo), 3), np.float32)
    directions = grid.directions.reshape(-1, 3)
    emission = np.array([MATERIALS[part.material].emission for part in surface.parts], np.float32)
    for chunk in chunks(len(albedo)):
        normals = surface.normals[chunk]
        colour, gloss = _moistened(albedo[chunk], normals, illumination.wetness)
        radiance[chunk] = colour * _diffuse_light(normals, lit[chunk], illumination)
        glowing = emission[surface.part[chunk]]
        if glowing.any():
            radiance[chunk] += colour * glowing[:, None]
        shiny = np.flatnonzero(gloss > LEAST_GLOSS)
        if len(shiny):
            at = shiny + chunk.start
            radiance[at] = _mirrored(
                radiance[at],
                directions[surface.ray[at]],
                normals[shiny],
                gloss[shiny],
                lit[at],
                illumination,
            )
        clear = np.exp(surface.distance[chunk] * np.float32(-illumination.haze))
        haze = np.array(illumination.horizon_colour, np.float32)
        radiance[chunk] = haze + (radiance[chunk] - haze) * clear[:, None]
    return radiance


def _places(
    column: np.ndarray, row: np.ndarray, reach: float, jitter: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray | np.float32]]:
    """Whole columns and rows to look up around a place, and their weights, which add up to 1.

    Args:
        column: float32 (M,), with fractions.
        row: float32 (M,).
        reach: width of the shadows' edges in steps of the map.
        jitter: float32 (M,) of 0 to 1.
    """
    if reach <= SOFT_SIDE:
        middle_column, middle_row = np.rint(column), np.rint(row)
        column_shares = _spline_shares(column - middle_column)
        for step_row, row_share in enumerate(_spline_shares(row - middle_row), -1):
            for step_column, column_share in enumerate(column_shares, -1):
                yield middle_column + step_column, middle_row + step_row, row_share * column_share
        return
    stride = np.float32(reach / SOFT_SIDE)
    shifts = (np.arange(SOFT_SIDE, dtype=np.float32) - SOFT_SIDE / 2) * stride
    column = column + jitter * stride
    row = row + (jitter * 16 % 1) * stride
    for across in shifts:
        for up in shifts:
            yield np.rint(column + across), np.rint(row + up), np.float32(1 / SOFT_SIDE**2)


def _spline_shares(fraction: np.ndarray) -> list[np.ndarray]:
    """Weights of the places before, at and after a rounded one, by the quadratic spline."""
    return [(0.5 - fraction) ** 2 / 2, 0.75 - fraction**2, (0.5 + fraction) ** 2 / 2]


def _layer(grid: ParallelRays, depth: np.ndarray) -> ShadowLayer:
    """The depths along parallel rays, with the rays' places."""
    starts = grid.offsets.astype(np.float64)
    rows, columns = depth.shape
    return ShadowLayer(
        depth,
        grid.centre + starts[0, 0],
        column_step=(starts[0, -1] - starts[0, 0]) / max(columns - 1, 1),
        row_step=(starts[-1, 0] - starts[0, 0]) / max(rows - 1, 1),
        direction=grid.directions[0, 0].astype(np.float64),
    )


def _diffuse_light(normals: np.ndarray, lit: np.ndarray, illumination: Illumination) -> np.ndarray:
    """What falls on surfaces, float32 (M, 3): sun by the cosine, sky and ground by the normal.

    What hides the sun hides a part of the sky as well; the more so, the more the surface faces it.
    """
    sun = np.array(illumination.sun_direction, np.float32)
    facing = np.clip(normals @ sun, 0, None)
    hidden = np.float32(SKY_HIDDEN) * (1 - lit) * np.minimum(3 * facing, 1)
    light = illumination.ambient(normals) * (1 - hidden)[:, None]
    light += (facing * lit)[:, None] * np.array(illumination.sun_colour, np.float32)
    return light


def _moistened(
    albedo: np.ndarray, normals: np.ndarray, wetness: float
) -> tuple[np.ndarray, np.ndarray]:
    """Colour (M, 3) and gloss (M,) of surfaces: level ones are darker and shinier when wet."""
    colour, gloss = albedo[:, :3], albedo[:, 3]
    if wetness <= 0:
        return colour, gloss
    water = wetness * (normals[:, 2] > LEVEL).astype(np.float32)
    return colour * (1 - WET_DARKENING * water)[:, None], np.maximum(gloss, WET_GLOSS * water)


def _mirrored(
    radiance: np.ndarray,
    directions: np.ndarray,
    normals: np.ndarray,
    gloss: np.ndarray,
    lit: np.ndarray,
    illumination: Illumination,
) -> np.ndarray:
    """Lay the mirror image of sky, houses and sun over the diffuse radiance (M, 3).

    The mirror reflectance rises to 1 at grazing angles, after Schlick; less on what is hardly
    glossy, which is rough.
    """
    cosine = np.clip(-np.einsum('ij,ij->i', directions, normals), 0, 1)
    mirrored = directions + 2 * cosine[:, None] * normals
    grazing = (1 - gloss) * (1 - cosine) ** 5 * gloss / (gloss + np.float32(0.05))
    share = (gloss + grazing)[:, None]
    sun = np.array(illumination.sun_direction, np.float32)
    spot = np.clip(mirrored @ sun, 0, 1) ** np.float32(SUN_SPOT) * lit * gloss
    image = radiance * (1 - share) + share * illumination.surroundings(mirrored)
    return image + (6 * spot)[:, None] * np.array(illumination.sun_colour, np.float32)

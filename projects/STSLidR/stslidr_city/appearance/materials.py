"""What surfaces are made of: colour and gloss in the cameras, reflectance in the LiDAR.

A point takes its place on its material's texture from its coordinates in its object's frame: the
two that run across the dominant axis of the surface, in metres, plus an offset that follows from
the part's material, look and tint. So it looks the same in each frame and from each process.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from statistics import NormalDist
from typing import NamedTuple
from zlib import crc32

import numpy as np

from stslidr.core.seeding import derive_seed
from stslidr_city.appearance.patterns import SIZE, fractal_noise
from stslidr_city.appearance.textures import LEVELS, PAINTERS, TextureAtlas
from stslidr_city.appearance.wall_textures import FACADES
from stslidr_city.raycasting.surface import Surface
from stslidr_city.solids.solids import Part

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
VARIATION_PERIOD = 47.0  # metres; no multiple of a texture's period
CHUNK = 1 << 15  # points at a time: their intermediate values stay in the cache
BEAM_ANGLE = 3e-3  # radians; the LiDAR's pulse is about 3 cm wide at 10 m
MIRROR_LOSS = 2.5  # how fast the LiDAR's echo weakens with gloss, which sends the pulse elsewhere
HIGHEST_MIRROR_LOSS = 0.8


class Material(NamedTuple):
    """What holds for all looks of a material.

    Args:
        looks: number of textures; `Part.look` counts modulo this.
        period: metres after which the texture repeats.
        reflectance: mean LiDAR reflectance of a surface that is hit head-on, 0 to 1.
        spread: standard deviation of the logarithm of the reflectance, over parts and points.
        gloss: mirror reflectance head-on where the texture is fully glossy, 0 to 1.
        emission: light given off, in units of the albedo under full day light.
        upright: rows of the texture keep their height above the solid's ground, as courses do.
        panes: for facades, columns and rows of panes on each look's texture. The texture is
            stretched and shifted so that a part's sides hold whole panes.
        variation: strength of the brightness changes over tens of metres.
    """

    looks: int
    period: float
    reflectance: float
    spread: float
    gloss: float = 0.0
    emission: float = 0.0
    upright: bool = False
    panes: tuple[tuple[int, int], ...] = ()
    variation: float = 0.0


# Near white, made to be tinted: car_paint, plaster, metal, plastic, cloth, road_paint,
# retroreflector, lamp. The others bring their colours along; a tint near 1 varies them.
MATERIALS = {
    'asphalt': Material(6, 5.0, 0.082, 0.45, variation=0.20),
    'concrete': Material(6, 4.0, 0.13, 0.45, variation=0.15),
    'paving': Material(6, 3.2, 0.105, 0.45, variation=0.15),
    'brick': Material(6, 2.0, 0.18, 0.45, upright=True, variation=0.10),
    'plaster': Material(5, 5.0, 0.22, 0.45, variation=0.15),
    'stone': Material(5, 2.4, 0.17, 0.40, upright=True, variation=0.12),
    'glass': Material(4, 6.0, 0.05, 0.60, gloss=0.35, panes=((1, 1), (4, 4), (6, 2), (3, 4))),
    'windows': Material(
        10,
        9.6,
        0.155,
        0.50,
        gloss=0.25,
        variation=0.10,
        panes=tuple((facade.bays, facade.storeys) for facade in FACADES),
    ),
    'metal': Material(6, 2.0, 0.20, 0.45, gloss=0.10, variation=0.05),
    'car_paint': Material(4, 3.0, 0.16, 0.60, gloss=0.08),
    'chrome': Material(2, 1.0, 0.12, 0.70, gloss=0.60),
    'rubber': Material(3, 0.8, 0.05, 0.30),
    'plastic': Material(4, 1.5, 0.15, 0.45, gloss=0.03),
    'cloth': Material(6, 0.8, 0.16, 0.50),
    'skin': Material(6, 0.5, 0.20, 0.25),
    'hair': Material(6, 0.4, 0.08, 0.40),
    'wood': Material(6, 1.6, 0.19, 0.30, variation=0.10),
    'bark': Material(5, 1.2, 0.15, 0.35),
    'leaves': Material(8, 2.4, 0.16, 0.55, variation=0.15),
    'grass': Material(6, 3.2, 0.14, 0.45, variation=0.25),
    'soil': Material(5, 4.0, 0.11, 0.45, variation=0.20),
    'gravel': Material(4, 2.4, 0.125, 0.45, variation=0.15),
    'road_paint': Material(4, 3.0, 0.33, 0.40, variation=0.15),
    'roof_tiles': Material(6, 2.4, 0.16, 0.30, variation=0.10),
    'retroreflector': Material(4, 1.0, 0.75, 0.40),
    'lamp': Material(2, 0.5, 0.10, 0.50, gloss=0.10, emission=0.7),
}
FIRST_SLOTS = dict(
    zip(MATERIALS, np.cumsum([0, *(m.looks for m in MATERIALS.values())]).tolist(), strict=False)
)


class MaterialLibrary:
    """The textures of one dataset, drawn when they are first needed.

    Args:
        seed: of the dataset. A texture follows from it, its material and its look alone.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._atlas = TextureAtlas(sum(material.looks for material in MATERIALS.values()))
        self._variation = fractal_noise(self._generator('variation', 0), 1.5)

    def albedo(self, surface: Surface, footprint: np.ndarray) -> np.ndarray:
        """Colour and gloss of points.

        Args:
            surface: M points.
            footprint: float32 (M,), width of a pixel on the surface in metres, see `footprints`.

        Returns:
            float32 (M, 4): red, green and blue albedo in linear light, and the mirror reflectance
            head-on, all 0 to 1.

        Raises:
            KeyError: if a part's material has no such name.
        """
        table = self._table(surface.parts)
        colours = np.empty((len(surface.part), 4), np.float32)
        for chunk in chunks(len(colours)):
            texture, variation = self._texture(surface, footprint, table, chunk)
            texture *= table.tint[surface.part[chunk]]
            texture[:, :3] *= variation[:, None]
            np.clip(texture, 0, 1, out=colours[chunk])
        return colours

    def reflectance(self, surface: Surface, rng: np.random.Generator) -> np.ndarray:
        """What share of a LiDAR pulse comes back from surfaces hit head-on, before the range.

        It varies from part to part, over the texture, and at random from point to point.

        Args:
            surface: M points.
            rng: draws the random share.

        Returns:
            float32 (M,), 0 to 1.

        Raises:
            KeyError: if a part's material has no such name.
        """
        table = self._table(surface.parts)
        footprint = footprints(surface, BEAM_ANGLE)
        reflectance = rng.standard_normal(len(surface.part), dtype=np.float32)
        for chunk in chunks(len(reflectance)):
            texture, variation = self._texture(surface, footprint, table, chunk)
            part = surface.part[chunk]
            relative = (texture[:, :3] @ LUMINANCE) * variation / table.luminance[part]
            mirrored = MIRROR_LOSS * texture[:, 3] * table.tint[part, 3]
            reflectance[chunk] = (
                np.exp(table.speckle[part] * reflectance[chunk])
                * table.reflectance[part]
                * np.sqrt(relative)
                * (1 - np.minimum(mirrored, HIGHEST_MIRROR_LOSS))
            )
        return np.minimum(reflectance, 1)

    def _generator(self, name: str, look: int) -> np.random.Generator:
        """The generator that draws one texture."""
        return np.random.default_rng(derive_seed(self._seed, crc32(name.encode()), look))

    def _slot(self, part: Part) -> int:
        """Where in the atlas the part's texture is; draws it if it is not there yet."""
        look = part.look % MATERIALS[part.material].looks
        slot = FIRST_SLOTS[part.material] + look
        if not self._atlas.holds(slot):
            painter = PAINTERS[part.material]
            self._atlas.store(slot, painter(self._generator(part.material, look), look))
        return slot

    def _table(self, parts: tuple[Part, ...]) -> _PartTable:
        """What holds for each part as a whole."""
        slots = [self._slot(part) for part in parts]
        means = np.array([self._atlas.mean(slot)[:3] for slot in slots], np.float32)
        luminance = np.maximum(means.reshape(-1, 3) @ LUMINANCE, 1e-3)
        rows = [_part_row(part.material, part.look, part.tint) for part in parts]
        frames = [_frame(part) for part in parts]
        columns = np.array(rows, np.float32).reshape(-1, len(PART_COLUMNS)).T
        values = dict(zip(PART_COLUMNS, columns, strict=True))
        return _PartTable(
            slot=np.array(slots, np.int64),
            tint=np.stack([values.pop(name) for name in TINT_COLUMNS], axis=1),
            luminance=luminance,
            reflectance=values.pop('reflectance') * (luminance / 0.2) ** np.float32(0.15),
            origin=np.array([origin for origin, _ in frames], np.float32).reshape(-1, 3),
            stretch=np.array([stretch for _, stretch in frames], np.float32).reshape(-1, 3),
            **values,
        )

    def _texture(
        self, surface: Surface, footprint: np.ndarray, table: _PartTable, chunk: slice
    ) -> tuple[np.ndarray, np.ndarray]:
        """Texture (m, 4) of a chunk of points, and the brightness factor (m,) of their place."""
        part = surface.part[chunk]
        places = (surface.local[chunk] - table.origin[part]) * table.stretch[part]
        across, up = box_coordinates(places, surface.local_normals[chunk])
        variation = 1 + table.variation[part] * self._variation_at(across, up)
        scale = table.scale[part]
        fineness = np.log2(np.maximum(footprint[chunk] * scale * SIZE, 1e-6))
        levels = np.floor(fineness + dither(surface.ray[chunk])).astype(np.int64)
        texture = self._atlas.sample(
            table.slot[part], across * scale, up * scale, np.clip(levels, 0, LEVELS - 1)
        )
        return texture, np.clip(variation, 0.4, 1.6, dtype=np.float32)

    def _variation_at(self, across: np.ndarray, up: np.ndarray) -> np.ndarray:
        """The noise that changes over tens of metres, at places in metres."""
        column, row = (
            (place * np.float32(SIZE / VARIATION_PERIOD)).astype(np.int64) & (SIZE - 1)
            for place in (across, up)
        )
        return self._variation.reshape(-1).take(row * SIZE + column)


def footprints(surface: Surface, pixel_angle: float) -> np.ndarray:
    """Width in metres, float32 (M,), of a pixel or a beam of `pixel_angle` radians on the points.

    On a slanted surface it is longer than wide; this is the geometric mean.
    """
    slant = np.sqrt(np.maximum(surface.incidence, np.float32(0.02)))
    return surface.distance * np.float32(pixel_angle) / slant


def box_coordinates(points: np.ndarray, normals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two coordinates across the dominant axis of the normal; on walls the second is the height.

    On roofs the second runs down the slope.

    Args:
        points: float32 (M, 3) in the object's frame.
        normals: float32 (M, 3) in the object's frame.

    Returns:
        float32 (M,) and (M,), copies.
    """
    x, y, z = points.T
    along_x, along_y, along_z = np.abs(normals).T
    flat = along_z >= np.maximum(along_x, along_y)
    turned = along_x > along_y
    return np.where(turned, y, x), np.where(flat, np.where(turned, x, y), z)


def chunks(count: int) -> Iterator[slice]:
    """Slices that cover `count` points."""
    return (slice(start, start + CHUNK) for start in range(0, count, CHUNK))


class _PartTable(NamedTuple):
    """A row for each part of a surface."""

    slot: np.ndarray
    tint: np.ndarray  # (P, 4), the material's gloss last
    luminance: np.ndarray  # of the texture's mean
    reflectance: np.ndarray
    scale: np.ndarray  # repeats a metre
    variation: np.ndarray
    speckle: np.ndarray
    origin: np.ndarray  # (P, 3), what the texture starts from in the object's frame
    stretch: np.ndarray  # (P, 3), metres of texture a metre of part


TINT_COLUMNS = ('red', 'green', 'blue', 'gloss')
PART_COLUMNS = (*TINT_COLUMNS, 'reflectance', 'scale', 'variation', 'speckle')


@lru_cache(maxsize=1 << 15)
def _part_row(material_name: str, look: int, tint: tuple[float, float, float]) -> tuple[float, ...]:
    """What `PART_COLUMNS` names, of a part."""
    material = MATERIALS[material_name]
    rank = _part_draws(material_name, look, tint)[3]
    spread = 0.75 * material.spread * NormalDist().inv_cdf(rank)
    darkness = 0.4 + 0.6 * float(np.dot(tint, LUMINANCE)) ** 0.5
    reflectance = material.reflectance * darkness * float(np.exp(spread))
    return (
        *tint,
        material.gloss,
        reflectance,
        1 / material.period,
        material.variation,
        0.65 * material.spread,
    )


@lru_cache(maxsize=1 << 15)
def _part_draws(material: str, look: int, tint: tuple[float, float, float]) -> tuple[float, ...]:
    """Four numbers between 0 and 1 that look random and follow from the part alone."""
    digest = blake2b(f'{material} {look} {tint}'.encode(), digest_size=16).digest()
    return tuple((word + 0.5) / 2**32 for word in np.frombuffer(digest, '<u4').tolist())


def _frame(part: Part) -> tuple[list[float], list[float]]:
    """Where a part's texture starts, in its object's frame, and its stretch along x, y, z."""
    material = MATERIALS[part.material]
    draws = _part_draws(part.material, part.look, part.tint)
    if material.panes:
        return _fitted_frame(part, material, draws[0])
    z = 0.0 if material.upright else draws[2]
    return [-share * material.period for share in (*draws[:2], z)], [1.0, 1.0, 1.0]


def _fitted_frame(part: Part, material: Material, draw: float) -> tuple[list[float], list[float]]:
    """The same where whole panes go on each side; sides narrower than half a pane show its edge."""
    columns, rows = material.panes[part.look % material.looks]
    low, high = part.shape.bounds.tolist()
    origin, stretch = [], []
    for start, stop, count in zip(low, high, (columns, columns, rows), strict=True):
        pane = material.period / count
        panes = round((stop - start) / pane)
        stretch.append(panes * pane / (stop - start) if panes else 1.0)
        origin.append(start - int(draw * count) * pane / stretch[-1])
    return origin, stretch


def dither(ray: np.ndarray) -> np.ndarray:
    """A number in [0, 1) for each ray that looks random: it hides where mip levels change."""
    bits = ray.astype(np.uint32)
    for factor in (0x7FEB352D, 0x846CA68B):  # a well-mixing integer hash
        bits ^= bits >> np.uint32(16)
        bits *= np.uint32(factor)
    return (bits >> 8).astype(np.float32) / np.float32(2**24)

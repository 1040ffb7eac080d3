"""Points of a sweep paired with the pixels of six cameras."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stslidr.core.geometry import rigid_transform
from stslidr.core.pairing import PointPixelPairs, pair_points
from stslidr_studies.benchmark.case import BenchmarkedPart, Case

CAMERAS, FOCAL, SIZE, MIN_DEPTH = 6, 1266.0, (900, 1600), 1.0
Pairs = list[NDArray[np.int64]]


def published_pairs(
    points: NDArray[np.float64], lidar2cam: NDArray[np.float64], cam2img: NDArray[np.float64]
) -> Pairs:
    """SLidR's: camera by camera, as the devkit projects; (P, 4): point, image, row, column."""
    found = []
    for number, (transform, intrinsic) in enumerate(zip(lidar2cam, cam2img, strict=True)):
        moved = transform[:3, :3] @ points.T + transform[:3, 3:]
        depths = moved[2]
        view = np.eye(4)
        view[:3, :3] = intrinsic
        pixels = (view @ np.concatenate([moved, np.ones((1, len(points)))]))[:3]
        pixels = pixels / pixels[2:3].repeat(3, 0).reshape(3, len(points))
        mask = np.ones(len(points), dtype=bool)
        for condition in (
            depths > MIN_DEPTH,
            pixels[0] > 0,
            pixels[0] < SIZE[1] - 1,
            pixels[1] > 0,
            pixels[1] < SIZE[0] - 1,
        ):
            mask = np.logical_and(mask, condition)
        seen = np.where(mask)[0]
        rounded = np.round(pixels[1::-1, mask].T).astype(np.int64)
        image = np.full((len(seen), 1), number)
        found.append(np.concatenate([seen[:, None], image, rounded], axis=1))
    return found


def make_case(size: int, device: str) -> Case:
    """`size` points around six cameras that look outward."""
    draw = np.random.default_rng(size)
    angles, ranges = draw.uniform(0, 2 * np.pi, size), draw.exponential(15.0, size) + 1.0
    places = [ranges * np.cos(angles), ranges * np.sin(angles), draw.normal(-1.0, 1.0, size)]
    points = np.stack(places, axis=1).astype(np.float32).astype(np.float64)
    intrinsic = [[FOCAL, 0, SIZE[1] / 2], [0, FOCAL, SIZE[0] / 2], [0, 0, 1]]
    cam2img = np.tile(np.array(intrinsic), (CAMERAS, 1, 1))
    transforms = []
    for number in range(CAMERAS):
        half = number * np.pi / CAMERAS
        turned = rigid_transform([np.cos(half), 0, 0, -np.sin(half)], draw.normal(0, 0.3, 3))
        forward = np.eye(4)
        forward[:3, :3] = [[0, -1, 0], [0, 0, -1], [1, 0, 0]]  # x ahead to z ahead
        transforms.append(forward @ turned)
    lidar2cam = np.stack(transforms)
    sizes = np.tile(SIZE, (CAMERAS, 1))

    def ours() -> PointPixelPairs:
        return pair_points(points, lidar2cam, cam2img, sizes, MIN_DEPTH)

    return Case(ours, lambda: published_pairs(points, lidar2cam, cam2img), compare)


def compare(ours: PointPixelPairs, published: Pairs) -> dict[str, float]:
    """Share of the pairs that only one of both has."""
    own = np.column_stack([ours.points, ours.images, ours.pixels])
    one, other = (set(map(tuple, rows.tolist())) for rows in (own, np.concatenate(published)))
    return {'pairs': len(one ^ other) / len(one | other)}


PAIRING = BenchmarkedPart(
    'pairing',
    'points paired with the pixels of six cameras',
    'points',
    34_688,
    (8_672, 17_344, 34_688, 69_376),
    make_case,
    devices=('cpu',),
)

"""Which LiDAR point is seen at which pixel of which camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stslidr.core.geometry import project_points
from stslidr.errors import InputError


@dataclass(frozen=True, eq=False)
class PointPixelPairs:
    """P pairs of a LiDAR point and the pixel that shows it.

    Attributes:
        points: int64 (P,), index into the sweep.
        images: int64 (P,), index of the camera in the sample.
        pixels: int64 (P, 2), (row, column) in that camera's image.
    """

    points: NDArray[np.int64]
    images: NDArray[np.int64]
    pixels: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together (ValueError)."""
        count = len(self.points)
        shapes = self.points.shape, self.images.shape, self.pixels.shape
        if shapes != ((count,), (count,), (count, 2)):
            raise ValueError(f'pairs need points (P,), images (P,) and pixels (P, 2), got {shapes}')

    def __len__(self) -> int:
        """Number of pairs P."""
        return len(self.points)

    def select(self, mask_or_index: NDArray[np.bool_] | NDArray[np.int64]) -> PointPixelPairs:
        """The pairs that a bool mask (P,) or an int index (any length) picks, in its order."""
        return PointPixelPairs(
            self.points[mask_or_index], self.images[mask_or_index], self.pixels[mask_or_index]
        )

    def count_per_image(self, num_images: int) -> NDArray[np.int64]:
        """Pairs of each camera, int64 (num_images,); 0 for a camera that has none."""
        return np.bincount(self.images, minlength=num_images).astype(np.int64)

    def keep_points(self, kept: NDArray[np.bool_]) -> PointPixelPairs:
        """Follow a sweep from which only the points of the bool mask `kept` (N,) remain.

        Pairs of dropped points go; the others point at their point's new place.
        """
        remaining = self.select(kept[self.points])
        new_place = np.cumsum(kept) - 1
        return PointPixelPairs(new_place[remaining.points], remaining.images, remaining.pixels)


def pair_points(
    points: ArrayLike,
    lidar2cam: ArrayLike,
    cam2img: ArrayLike,
    image_sizes: ArrayLike,
    min_depth: float = 1.0,
) -> PointPixelPairs:
    """Pair the points of a sweep with the pixels of all cameras, in one float64 projection.

    A point at (u, v) in a W x H image is kept if depth > min_depth, 0 < u < W - 1 and
    0 < v < H - 1; its pixel is (round(v), round(u)), half to even. A point that two cameras see
    gives two pairs; NaN and infinite points give none.

    Args:
        points: (N, 3) in the LiDAR frame, metres.
        lidar2cam: (C, 4, 4) LiDAR frame -> camera frames.
        cam2img: (C, 3, 3) intrinsic matrices.
        image_sizes: (C, 2), (height, width) of each image in pixels.
        min_depth: metres along the optical axis.

    Returns:
        Pairs sorted by image, then by point.

    Raises:
        ValueError: if the cameras' arrays disagree in number or shape.
    """
    points, lidar2cam, cam2img = (
        np.asarray(array, dtype=np.float64) for array in (points, lidar2cam, cam2img)
    )
    project_points(points[:0], lidar2cam, cam2img)  # refuses wrong shapes
    sizes = np.asarray(image_sizes)
    if sizes.shape != (len(lidar2cam), 2):
        raise InputError(
            f'{len(lidar2cam)} cameras need image_sizes ({len(lidar2cam)}, 2) as '
            f'(height, width), got {sizes.shape}'
        )
    last = sizes[:, ::-1] - 1  # (C, 2), (u, v) of the last pixel
    if len(lidar2cam) == 0:
        return PointPixelPairs(*(np.zeros(shape, np.int64) for shape in (0, 0, (0, 2))))
    candidates = _may_be_seen(points, lidar2cam, cam2img, last, min_depth)
    found = []
    for camera, (near, (right, bottom)) in enumerate(zip(candidates, last, strict=True)):
        seen = near.nonzero()[0]
        one = slice(camera, camera + 1)
        (positions,), (depths,) = project_points(points[seen], lidar2cam[one], cam2img[one])
        u, v = positions.T
        inside = (u > 0) & (u < right) & (v > 0) & (v < bottom) & (depths > min_depth)
        kept = inside.nonzero()[0]
        pixels = np.rint([v[kept], u[kept]]).astype(np.int64).T
        found.append((seen[kept], np.full(len(kept), camera), pixels))
    return PointPixelPairs(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _may_be_seen(
    points: NDArray[np.float64],
    lidar2cam: NDArray[np.float64],
    cam2img: NDArray[np.float64],
    last: NDArray[np.int64],
    min_depth: float,
) -> NDArray[np.bool_]:
    """Points that a camera may show, bool (C, N): all that it does, and a few at the borders.

    One float32 product for all cameras, without a division: u < W - 1 is U < (W - 1) Z. What
    rounding can shift is allowed for; the few that come through are decided in float64.
    """
    homogeneous = np.ones((4, len(points)), dtype=np.float32)
    homogeneous[:3] = points.T
    whole = np.isfinite(homogeneous).all()
    finite = np.ones(len(points), bool) if whole else np.isfinite(homogeneous).all(axis=0)
    pinhole = np.array_equal(cam2img[:, 2], np.tile((0.0, 0.0, 1.0), (len(cam2img), 1)))
    if min_depth < 0 or not pinhole or not finite.any():  # Z is no depth, or not above 0
        return np.tile(finite, (len(cam2img), 1))
    if not whole:
        homogeneous[:, ~finite] = 0.0
    projections = cam2img @ lidar2cam[:, :3]  # (C, 3, 4): (U, V, Z) = (u Z, v Z, Z)
    farthest = np.abs(homogeneous).max(axis=1)
    slack = 64 * np.finfo(np.float32).eps * (np.abs(projections) @ farthest)  # (C, 3)
    products = projections.reshape(-1, 4).astype(np.float32) @ homogeneous
    across, down, depth = products.reshape(len(projections), 3, -1).transpose(1, 0, 2)
    width, height = last.T.astype(np.float32)[:, :, None]
    slack_u, slack_v, slack_z = slack.T.astype(np.float32)[:, :, None]
    may: NDArray[np.bool_] = depth > np.float32(min_depth) - slack_z
    may &= finite
    may &= across > -slack_u
    may &= down > -slack_v
    may &= across < width * depth + (slack_u + width * slack_z)
    may &= down < height * depth + (slack_v + height * slack_z)
    return may

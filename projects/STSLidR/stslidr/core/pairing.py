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
    positions, depths = project_points(points, lidar2cam, cam2img)
    sizes = np.asarray(image_sizes)
    if sizes.shape != (len(depths), 2):
        raise InputError(
            f'{len(depths)} cameras need image_sizes ({len(depths)}, 2) as '
            f'(height, width), got {sizes.shape}'
        )
    last = sizes[:, None, ::-1] - 1  # (C, 1, 2), (u, v) of the last pixel
    inside = np.all((positions > 0) & (positions < last), axis=2)  # False for NaN
    images, seen = np.nonzero(inside & (depths > min_depth))
    pixels = np.rint(positions[images, seen, ::-1]).astype(np.int64)
    return PointPixelPairs(seen, images, pixels)

"""Augmentations of a paired sample as pure functions of their draws.

A crop box is (top, left, height, width) in pixels of the image that it is cut from.
"""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch.nn import functional

from stslidr.core.pairing import PointPixelPairs

Labels = TypeVar('Labels', NDArray[Any], torch.Tensor)
CROP_TRIES = 10


def outside_cuboid(
    points: NDArray[Any], fraction: float, centre: NDArray[Any]
) -> NDArray[np.bool_]:
    """Points that survive when one cuboid is cut out of the sweep, bool (N,).

    The cuboid has `fraction` of the sweep's extent as its edge along each axis. Only points
    strictly inside go, so that a fraction of 0 drops none. As published, in the points' precision.

    Args:
        points: (N, 3), metres, in the frame whose axes the cuboid follows.
        fraction: edge length over extent, the same for all three axes.
        centre: (3,), the cuboid's centre, metres.
    """
    if len(points) == 0:
        return np.ones(0, dtype=bool)
    extent = points.max(axis=0) - points.min(axis=0)
    half = extent * float(fraction) / 2
    inside: NDArray[np.bool_] = np.all((points > centre - half) & (points < centre + half), axis=1)
    return ~inside


def crop_pairs(
    pairs: PointPixelPairs, boxes: ArrayLike, size: tuple[int, int]
) -> tuple[PointPixelPairs, NDArray[np.bool_]]:
    """Follow the images when each is cropped to its box and resized.

    A pixel p becomes round((p - (top, left)) * size / (height, width)), half to even, and its pair
    stays if that lies in the new image.

    Args:
        pairs: P pairs.
        boxes: (C, 4), one box for each camera.
        size: (height, width) of the new images.

    Returns:
        The pairs that stay, in their order, and the bool mask (P,) that picks them.
    """
    own = np.asarray(boxes)[pairs.images]
    scale = np.asarray(size) / own[:, 2:]
    pixels = np.rint((pairs.pixels - own[:, :2]) * scale).astype(np.int64)
    kept = np.all((pixels >= 0) & (pixels < size), axis=1)
    return PointPixelPairs(pairs.points, pairs.images, pixels).select(kept), kept


def flip_pairs(pairs: PointPixelPairs, flipped: ArrayLike, width: ArrayLike) -> PointPixelPairs:
    """Follow the images when some are mirrored left to right: column -> width - 1 - column.

    Args:
        pairs: P pairs.
        flipped: bool (C,), which cameras' images are mirrored.
        width: of the images in pixels, one number or (C,).
    """
    mirrored = np.asarray(flipped, dtype=bool)
    widths = np.broadcast_to(width, mirrored.shape)[pairs.images]
    rows, columns = pairs.pixels.T
    columns = np.where(mirrored[pairs.images], widths - 1 - columns, columns)
    return PointPixelPairs(pairs.points, pairs.images, np.stack((rows, columns), axis=1))


def crop_image(image: torch.Tensor, box: ArrayLike, size: tuple[int, int]) -> torch.Tensor:
    """Cut `box` out of a float image (D, H, W) and resize it: bilinear, without antialiasing.

    Returns:
        (D, *size), as torchvision's `resized_crop(..., antialias=False)` gives it for tensors.
    """
    top, left, height, width = (int(edge) for edge in np.asarray(box))
    region = image[None, :, top : top + height, left : left + width]
    return functional.interpolate(region, size, mode='bilinear', align_corners=False)[0]


def crop_labels(labels: Labels, box: ArrayLike, size: tuple[int, int]) -> Labels:
    """Cut `box` out of a label map (H, W) and resize it by nearest neighbour.

    Returns:
        Labels (*size) of the same type, those that torch's `interpolate(mode='nearest')` picks.
    """
    top, left, height, width = (int(edge) for edge in np.asarray(box))
    rows = top + _nearest(height, size[0])
    columns = left + _nearest(width, size[1])
    cropped: Labels = labels[rows[:, None], columns[None, :]]
    return cropped


def _nearest(length: int, new_length: int) -> NDArray[np.int64]:
    """Which of `length` cells torch's nearest interpolation takes for each new cell, int64."""
    cells = torch.arange(length, dtype=torch.float32)  # torch refuses to interpolate integers
    picked = functional.interpolate(cells[None, None], new_length, mode='nearest')
    nearest: NDArray[np.int64] = picked[0, 0].numpy().astype(np.int64)
    return nearest


def draw_crop_box(
    height: int, width: int, area: tuple[float, float], ratio: tuple[float, float]
) -> tuple[int, int, int, int]:
    """Draw a crop box as torchvision's `RandomResizedCrop.get_params` does, from `np.random`.

    The area is uniform, the aspect ratio log-uniform and the place uniform over where the box
    fits. After ten boxes that are too large comes the largest central box within `ratio`.

    Args:
        height: of the image, pixels.
        width: of the image, pixels.
        area: least and greatest share of the image's area.
        ratio: least and greatest width / height.

    Returns:
        (top, left, height, width) in pixels.
    """
    for _ in range(CROP_TRIES):
        box_area = height * width * np.random.uniform(*area)
        aspect = math.exp(np.random.uniform(math.log(ratio[0]), math.log(ratio[1])))
        box_width = round(math.sqrt(box_area * aspect))
        box_height = round(math.sqrt(box_area / aspect))
        if 0 < box_width <= width and 0 < box_height <= height:
            top = np.random.randint(height - box_height + 1)
            left = np.random.randint(width - box_width + 1)
            return int(top), int(left), box_height, box_width
    box_height, box_width = height, width
    if width / height < ratio[0]:
        box_height = round(width / ratio[0])
    elif width / height > ratio[1]:
        box_width = round(height * ratio[1])
    return (height - box_height) // 2, (width - box_width) // 2, box_height, box_width

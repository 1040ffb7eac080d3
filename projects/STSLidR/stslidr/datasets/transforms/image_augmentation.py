"""Augmentation of the camera images, their superpixel maps and their pairs.

Images are tensors (3, H, W), uint8 as read and float32, still from 0 to 255, once resized; label
maps are tensors (H, W). Boxes are (top, left, height, width) in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import torch

from stslidr.contracts.dataset import KeyframeResults
from stslidr.core.augmentation import crop_image, crop_labels, crop_pairs, draw_crop_box, flip_pairs
from stslidr.core.pairing import PointPixelPairs
from stslidr.datasets.pipeline import Phase
from stslidr.errors import InputError

Number = TypeVar('Number', int, float)


@dataclass
class ResizeImages:
    """Bring every whole image to one size, bilinearly; label maps by nearest neighbour.

    Args:
        size: (height, width) of the result.

    Raises:
        InputError: if ``size`` is not two positive integers.
    """

    phase: ClassVar[Phase] = Phase.AUGMENT
    requires: ClassVar[tuple[str, ...]] = ('images', 'image_sizes', 'pairs')

    size: Sequence[int]

    def __post_init__(self) -> None:
        """Check the settings."""
        _check_size(self)

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Change ``images``, ``superpixels`` (where loaded), ``pairs`` and ``image_sizes``."""
        return _crop(results, _whole_images(results['image_sizes']), _two(self.size))


@dataclass
class RandomResizedCropImages:
    """Crop every image at random and bring the crop to one size.

    Boxes are drawn until more than ``min_pairs`` of the image's pairs, or more than
    ``min_fraction`` of them, lie in the box. After ``max_tries`` draws the whole image is taken,
    as it is at once for an image without pairs.

    Args:
        size: (height, width) of the result.
        area: range of the box's share of the image's area.
        ratio: range of the box's width / height.
        min_pairs: so many pairs are enough, whatever their share.
        min_fraction: such a share is enough, however few they are.
        max_tries: boxes drawn for an image.

    Raises:
        InputError: for an empty or impossible range, size, share or number.
    """

    phase: ClassVar[Phase] = Phase.AUGMENT
    requires: ClassVar[tuple[str, ...]] = ('images', 'image_sizes', 'pairs')

    size: Sequence[int] = (224, 416)
    area: Sequence[float] = (0.3, 1.0)
    ratio: Sequence[float] = (14 / 9, 17 / 9)
    min_pairs: int = 1024
    min_fraction: float = 0.75
    max_tries: int = 100

    def __post_init__(self) -> None:
        """Check the settings."""
        _check_size(self)
        _check_range('area', self.area, 1.0)
        _check_range('ratio', self.ratio, float('inf'))
        if self.min_pairs < 0 or not 0 <= self.min_fraction < 1 or self.max_tries < 1:
            raise InputError(
                'RandomResizedCropImages: min_pairs >= 0, 0 <= min_fraction < 1 and max_tries >= 1 '
                f'must hold, not {self.min_pairs}, {self.min_fraction}, {self.max_tries}'
            )

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Change ``images``, ``superpixels`` (where loaded), ``pairs`` and ``image_sizes``."""
        boxes = _whole_images(results['image_sizes'])
        for image in range(len(boxes)):
            pairs = results['pairs'].select(results['pairs'].images == image)
            if len(pairs):
                boxes[image] = self._draw_box(image, pairs, boxes)
        return _crop(results, boxes, _two(self.size))

    def _draw_box(self, image: int, pairs: PointPixelPairs, whole: np.ndarray) -> np.ndarray:
        """Draw a box that keeps enough pairs of one image; its row of ``whole`` if none does."""
        boxes = whole.copy()
        height, width = whole[image, 2:].tolist()
        enough = min(self.min_pairs, self.min_fraction * len(pairs))
        for _ in range(self.max_tries):
            boxes[image] = draw_crop_box(height, width, _two(self.area), _two(self.ratio))
            _, kept = crop_pairs(pairs, boxes, _two(self.size))
            if kept.sum() > enough:
                return boxes[image]
        return whole[image]


@dataclass
class RandomFlipImages:
    """Mirror every image left to right with a probability of its own.

    Args:
        prob: probability, in [0, 1].

    Raises:
        InputError: if ``prob`` is none.
    """

    phase: ClassVar[Phase] = Phase.AUGMENT
    requires: ClassVar[tuple[str, ...]] = ('images', 'image_sizes', 'pairs')

    prob: float = 0.5

    def __post_init__(self) -> None:
        """Check the settings."""
        if not 0 <= self.prob <= 1:
            raise InputError(f'RandomFlipImages: prob {self.prob} is not in [0, 1]')

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Change ``images``, ``superpixels`` (where loaded) and ``pairs``."""
        flipped = np.random.random(len(results['images'])) < self.prob
        for key in ('images', 'superpixels'):
            if key in results:
                results[key] = [
                    pixels.flip(-1) if flip else pixels
                    for pixels, flip in zip(results[key], flipped, strict=True)
                ]
        results['pairs'] = flip_pairs(results['pairs'], flipped, results['image_sizes'][:, 1])
        return results


def _two(values: Sequence[Number]) -> tuple[Number, Number]:
    """The two values of a pair, as a config's list has them."""
    first, second = values
    return first, second


def _whole_images(image_sizes: np.ndarray) -> np.ndarray:
    """Boxes (C, 4) of whole images, from their (height, width) (C, 2)."""
    return np.concatenate([np.zeros_like(image_sizes), image_sizes], axis=1)


def _crop(results: KeyframeResults, boxes: np.ndarray, size: tuple[int, int]) -> KeyframeResults:
    """Crop each image, label map and pair of a sample to its box (C, 4), brought to ``size``."""
    crops = boxes.tolist()
    results['images'] = [
        _crop_image(image, box, size) for image, box in zip(results['images'], crops, strict=True)
    ]
    if 'superpixels' in results:
        results['superpixels'] = [
            crop_labels(labels, box, size)
            for labels, box in zip(results['superpixels'], crops, strict=True)
        ]
    results['pairs'], _ = crop_pairs(results['pairs'], boxes, size)
    results['image_sizes'] = np.tile(np.array(size, dtype=np.int64), (len(boxes), 1))
    return results


def _crop_image(image: torch.Tensor, box: Sequence[int], size: tuple[int, int]) -> torch.Tensor:
    """Crop in the image's own type, so that only the box is converted to float32."""
    top, left, height, width = box
    region = image[:, top : top + height, left : left + width].float()
    return crop_image(region, (0, 0, height, width), size)


def _check_size(transform: ResizeImages | RandomResizedCropImages) -> None:
    size = transform.size
    if len(size) != 2 or not all(isinstance(edge, int) and edge > 0 for edge in size):
        raise InputError(
            f'{type(transform).__name__}: size is (height, width) in whole pixels, not {size}'
        )
    transform.size = tuple(size)


def _check_range(name: str, limits: Sequence[float], highest: float) -> None:
    if len(limits) != 2 or not 0 < limits[0] <= limits[1] <= highest:
        raise InputError(
            f'RandomResizedCropImages: {name} is a range (low, high) above 0 and at most '
            f'{highest}, not {limits}'
        )

"""Superpixel generators: from an image to a label map.

A generator is any object like `SuperpixelGenerator`; entered in `METHODS` it is offered by
`tools/create_superpixels.py`. It is sent to worker processes, so it must pickle.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any, Protocol

import numpy as np

from stslidr.errors import InputError

PUBLISHED_SEGMENTS = 150


class SuperpixelGenerator(Protocol):
    """What `tools/create_superpixels.py` needs of a method."""

    @property
    def name(self) -> str:
        """The method's name in `METHODS` and in the manifest."""

    @property
    def parameters(self) -> dict[str, Any]:
        """All that its labels depend on besides the image, as plain JSON values."""

    @property
    def library(self) -> str:
        """The distribution whose code decides the labels."""

    @property
    def library_version(self) -> str:
        """The version of `library`."""

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Labels, integers (H, W) from 0, of an image, uint8 (H, W, 3) RGB."""


@dataclass(frozen=True)
class Slic:
    """SLIC (Achanta et al., TPAMI 2012) exactly as scikit-image 0.18 computes it.

    The defaults are those of the maps that SLidR published, which were made with 0.18.2.

    Args:
        n_segments: about how many superpixels; the highest id can be above or below.
        compactness: weight of distance in the image plane against distance in CIELAB colour.
        sigma: standard deviation in pixels of the Gaussian that smooths the image.
    """

    n_segments: int = PUBLISHED_SEGMENTS
    compactness: float = 6.0
    sigma: float = 3.0

    name = 'slic'
    library = 'scikit-image'

    def __post_init__(self) -> None:
        """Check the settings."""
        _check_segments(self.n_segments)

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings, and what else the labels follow from."""
        return {**asdict(self), 'start_label': 0, 'colour_range': 'CIELAB, as scikit-image 0.18'}

    @property
    def library_version(self) -> str:
        """The installed version of scikit-image."""
        return metadata.version(self.library)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Labels, int64 (H, W) from 0, of an image, uint8 (H, W, 3) RGB.

        Since 0.19 `slic` stretches its input to the range 0 to 1 before anything else: with an
        RGB image that changes the contrast, and so the labels. A Lab image it only shifts and
        divides by max - min, which a compactness divided by the same number undoes: SLIC compares
        colour / compactness with distance. So the conversion to Lab is done out here.
        """
        from skimage.color import rgb2lab
        from skimage.segmentation import slic
        from skimage.util import img_as_float

        lab = rgb2lab(img_as_float(image))
        divisor = float(np.ptp(lab)) or 1.0
        return slic(
            lab,
            n_segments=self.n_segments,
            compactness=self.compactness / divisor,
            sigma=self.sigma,
            start_label=0,
            convert2lab=False,
        )


@dataclass(frozen=True)
class Grid:
    """Cells of a regular grid that ignores the image: shows what the shape of superpixels gives.

    Args:
        n_segments: at most how many cells.
    """

    n_segments: int = PUBLISHED_SEGMENTS

    name = 'grid'
    library = 'stslidr'
    library_version = '1'  # of the rule below

    def __post_init__(self) -> None:
        """Check the settings."""
        _check_segments(self.n_segments)

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings."""
        return asdict(self)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Labels, int64 (H, W), row by row from 0; the cells are about square."""
        height, width = image.shape[:2]
        rows = max(1, min(round(math.sqrt(self.n_segments * height / width)), self.n_segments))
        columns = self.n_segments // rows
        row = np.arange(height) * rows // height
        column = np.arange(width) * columns // width
        return row[:, None] * columns + column


METHODS: dict[str, Callable[[int], SuperpixelGenerator]] = {'slic': Slic, 'grid': Grid}
"""Name -> generator with the published settings, given the number of segments."""


def _check_segments(n_segments: int) -> None:
    """Raise ValueError unless there is at least one segment."""
    if n_segments < 1:
        raise InputError(f'the number of segments is {n_segments}, it must be at least 1')

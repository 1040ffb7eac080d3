"""Reading a sample's files: sweep, camera images, superpixel maps."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from mmdet3d.structures.points import LiDARPoints

from stslidr.contracts.dataset import KeyframeResults
from stslidr.datasets.pipeline import Phase
from stslidr.datasets.transforms.intensity import (
    INTENSITY,
    check_columns,
    check_intensity,
    check_range,
    check_scaling,
)
from stslidr.errors import InputError
from stslidr.files.images import read_image
from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr.files.sweeps import read_sweep


@dataclass
class LoadSweep:
    """Read the sweep: ``points``, `LiDARPoints` of x, y, z in metres and then the features.

    Args:
        load_dim: float32 columns of the file.
        use_dim: columns to use, or how many of the first: x, y, z and at least one feature, of
            which the first is taken for the intensity.
        intensity_scale: factor on the intensity; pretraining and whatever uses its weights must
            agree on the scale.
        intensity_offset: added to the scaled intensity.
        intensity_range: lowest and highest value that the file's fourth column may have, before it
            is scaled, such as (0, 255) in nuScenes; in a file with another number of columns,
            coordinates stand there. None: any value.

    Raises:
        InputError: if ``use_dim`` has fewer than four columns or one that the file lacks, a
            scale that is 0 or not finite, or a range without a value; when called, for a sweep that
            is not as the info file says.
    """

    phase: ClassVar[Phase] = Phase.LOAD
    requires: ClassVar[tuple[str, ...]] = ('lidar_path',)

    load_dim: int
    use_dim: int | Sequence[int] = 4
    intensity_scale: float = 1.0
    intensity_offset: float = 0.0
    intensity_range: Sequence[float] | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        if isinstance(self.use_dim, int):
            self.use_dim = range(self.use_dim)
        self.use_dim = list(self.use_dim)
        outside = [column for column in self.use_dim if not 0 <= column < self.load_dim]
        if len(self.use_dim) < 4 or outside:
            raise InputError(
                f'LoadSweep: use_dim {self.use_dim} must give x, y, z and a feature, each below '
                f'load_dim {self.load_dim}'
            )
        check_scaling(
            self.intensity_scale, self.intensity_offset, type(self).__name__, 'intensity_'
        )
        check_range(self.intensity_range, type(self).__name__)

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Add ``points``."""
        path = results['lidar_path']
        check_columns(path, results.get('num_pts_feats'), self.load_dim, type(self).__name__)
        columns = read_sweep(path, self.load_dim, results.get('num_points'))
        check_intensity(columns[:, INTENSITY], self.intensity_range, path, self.load_dim)
        sweep = columns[:, self.use_dim]
        sweep[:, INTENSITY] = sweep[:, INTENSITY] * self.intensity_scale + self.intensity_offset
        results['points'] = LiDARPoints(sweep, points_dim=sweep.shape[1])
        return results


class LoadCameras:
    """Read the images: ``images``, one uint8 tensor (3, H, W) in RGB for each of C cameras.

    ``image_sizes``, int64 (C, 2), holds their (height, width). Where the info file states a size,
    the image must have it: the intrinsics belong to that size.
    """

    phase: ClassVar[Phase] = Phase.LOAD
    requires: ClassVar[tuple[str, ...]] = ('cameras',)

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Add ``images`` and ``image_sizes``."""
        images = [read_image(camera['path'], camera['size']) for camera in results['cameras']]
        results['image_sizes'] = np.array([image.shape[:2] for image in images], dtype=np.int64)
        results['images'] = [torch.from_numpy(image).permute(2, 0, 1) for image in images]
        return results

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return f'{type(self).__name__}()'


@dataclass
class LoadSuperpixels:
    """Read the label maps: ``superpixels``, one int32 tensor (H, W) for each camera.

    Args:
        folder: where ``<token>.png`` of each camera image and the manifest are, relative to the
            dataset's ``data_root`` unless absolute.
        num_superpixels: ids must lie below it; the loss has as many slots per image.

    Raises:
        InputError: if ``num_superpixels`` is not positive; when called, for an image without a
            token and for a map of another size or with too many ids.
        MissingFileError: when called, if the folder, its manifest or a map is absent.
    """

    phase: ClassVar[Phase] = Phase.LOAD
    requires: ClassVar[tuple[str, ...]] = ('cameras', 'image_sizes', 'data_root')

    folder: str
    num_superpixels: int

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.num_superpixels < 1:
            raise InputError(f'LoadSuperpixels: num_superpixels {self.num_superpixels} is below 1')
        self._maps: SuperpixelMaps | None = None

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Add ``superpixels`` and ``num_superpixels``."""
        if self._maps is None:  # at the first sample: a config can be built before its maps
            self._maps = SuperpixelMaps(os.path.join(results['data_root'], self.folder))
        labels = []
        for camera, size in zip(results['cameras'], results['image_sizes'].tolist(), strict=True):
            if camera['token'] is None:
                raise InputError(
                    f'{camera["path"]}: the info file has no sample_data_token for it, after which '
                    f'its superpixel map in {self._maps.folder} is named'
                )
            labels.append(self._maps.load(camera['token'], tuple(size), self.num_superpixels))
        results['superpixels'] = [torch.from_numpy(label) for label in labels]
        results['num_superpixels'] = self.num_superpixels
        return results

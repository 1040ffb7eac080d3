"""The end of the pipeline: a sample as tensors."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from stslidr.contracts.dataset import KeyframeResults, PackedSample
from stslidr.datasets.pipeline import Phase
from stslidr.errors import InputError


class PackPairedSample:
    """Keep what a training step needs, as tensors: a `PackedSample`. Its ``seed`` is drawn here."""

    phase: ClassVar[Phase] = Phase.PACK
    requires: ClassVar[tuple[str, ...]] = (
        'points',
        'pairs',
        'images',
        'image_sizes',
        'voxel_index',
    )

    def __call__(self, results: KeyframeResults) -> PackedSample:
        """Return the packed sample.

        Raises:
            InputError: if the sample's images differ in size.
        """
        sizes = np.unique(results['image_sizes'], axis=0)
        if len(sizes) > 1:
            raise InputError(
                f'the images of a sample differ in size, {sizes.tolist()}: put '
                'RandomResizedCropImages or ResizeImages into the pipeline'
            )
        index, pairs = results['voxel_index'], results['pairs']
        features = results['points'].tensor[:, 3:]
        superpixels = results.get('superpixels')
        return {
            'inputs': {
                'voxels': features[torch.from_numpy(index.first_point)],
                'coors': torch.from_numpy(index.coordinates),
                'images': torch.stack(results['images']).float().contiguous(),
                'superpixels': None if superpixels is None else torch.stack(superpixels).int(),
                'pair_voxels': torch.from_numpy(index.point2voxel[pairs.points]),
                'pair_images': torch.from_numpy(pairs.images),
                'pair_pixels': torch.from_numpy(pairs.pixels),
                'num_superpixels': results.get('num_superpixels', 0),
                'seed': int(np.random.randint(2**31)),
            }
        }

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return f'{type(self).__name__}()'

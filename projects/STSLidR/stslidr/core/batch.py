"""What one training step consumes: voxels, images, superpixels and the pairs between them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import torch

from stslidr.errors import InputError


@dataclass
class PairedBatch:
    """Sweeps and camera images of a batch, and which voxel is seen at which pixel.

    V voxels of all sweeps, I images (all cameras of all samples, sample-major), P pairs.

    Args:
        voxels: float32 (V, F), the features of each voxel's first point.
        coors: int32 (V, 4), rows (batch, axis0, axis1, axis2) of the voxel grid.
        batch_size: number of sweeps; ``coors[:, 0]`` lies below it.
        images: float32 (I, 3, H, W), RGB, normalised for the image encoder.
        superpixels: int64 (I, H, W), ids counted from 0 in each image, or None when the loss needs
            none.
        pair_voxels: int64 (P,), row of ``voxels``.
        pair_images: int64 (P,), row of ``images``.
        pair_pixels: int64 (P, 2), (row, column) in that image.
        num_superpixels: slots per image; every id in ``superpixels`` lies below. 0 without them.
        seed: what random draws inside the step follow from.

    Raises:
        ValueError: a tensor whose shape or dtype is not the one above, or, where the tensors are on
            the CPU and looking costs no synchronisation, an index out of range.
    """

    voxels: torch.Tensor
    coors: torch.Tensor
    batch_size: int
    images: torch.Tensor
    superpixels: torch.Tensor | None
    pair_voxels: torch.Tensor
    pair_images: torch.Tensor
    pair_pixels: torch.Tensor
    num_superpixels: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        """Check shapes, dtypes and, on the CPU, index ranges."""
        self._check_shapes()
        if self.voxels.device.type == 'cpu':
            self._check_ranges()

    @property
    def device(self) -> torch.device:
        """Where the tensors live."""
        return self.voxels.device

    @property
    def num_pairs(self) -> int:
        """P, which may be 0."""
        return len(self.pair_voxels)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> PairedBatch:
        """Return the batch with every tensor on ``device``."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        moved: dict[str, Any] = {  # `replace` has no type for some of the fields
            name: value.to(device, non_blocking=non_blocking)
            for name, value in values.items()
            if isinstance(value, torch.Tensor)
        }
        return replace(self, **moved)

    def _check_shapes(self) -> None:
        num_voxels, num_pairs = len(self.voxels), len(self.pair_voxels)
        images_shape = tuple(self.images.shape)
        expected = {
            'voxels': (torch.float32, (num_voxels, *self.voxels.shape[1:2])),
            'coors': (torch.int32, (num_voxels, 4)),
            'images': (torch.float32, (*images_shape[:1], 3, *images_shape[2:4])),
            'pair_voxels': (torch.int64, (num_pairs,)),
            'pair_images': (torch.int64, (num_pairs,)),
            'pair_pixels': (torch.int64, (num_pairs, 2)),
        }
        if self.superpixels is not None:
            expected['superpixels'] = (torch.int64, (*images_shape[:1], *images_shape[2:4]))
        if self.voxels.dim() != 2 or self.images.dim() != 4:
            raise ValueError(
                'PairedBatch: voxels are (V, F) and images (I, 3, H, W), not '
                f'{tuple(self.voxels.shape)} and {images_shape}'
            )
        for name, (dtype, shape) in expected.items():
            tensor = getattr(self, name)
            if tensor.dtype != dtype or tuple(tensor.shape) != shape:
                raise ValueError(
                    f'PairedBatch.{name} is {tensor.dtype} {tuple(tensor.shape)}, '
                    f'expected {dtype} {shape}'
                )

    def _check_ranges(self) -> None:
        height, width = self.images.shape[2:]
        limits = (
            ('coors[:, 0]', self.coors[:, 0], self.batch_size),
            ('pair_voxels', self.pair_voxels, len(self.voxels)),
            ('pair_images', self.pair_images, len(self.images)),
            ('pair_pixels rows', self.pair_pixels[:, 0], height),
            ('pair_pixels columns', self.pair_pixels[:, 1], width),
        )
        for name, index, size in limits:
            _check_range(name, index, size)
        if self.superpixels is not None:
            _check_range(
                'superpixels',
                self.superpixels,
                self.num_superpixels,
                f' by num_superpixels = {self.num_superpixels}: raise it or create the '
                'superpixels anew',
            )


def _check_range(name: str, index: torch.Tensor, size: int, advice: str = '') -> None:
    if not index.numel():
        return
    lowest, highest = (int(limit) for limit in index.aminmax())
    if lowest < 0 or highest >= size:
        raise InputError(
            f'PairedBatch.{name} spans {lowest}..{highest}, allowed is 0..{size - 1}{advice}'
        )

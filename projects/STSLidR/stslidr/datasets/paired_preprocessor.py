"""Packed samples to the batch of one training step."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import torch
from mmengine.model import BaseDataPreprocessor

from stslidr.contracts.dataset import PackedInputs
from stslidr.core.batch import PairedBatch
from stslidr.core.seeding import derive_seed
from stslidr.errors import InputError


class PairedDataPreprocessor(BaseDataPreprocessor):
    """Join samples, move them to the model's device and normalise their images.

    Samples may differ in their number of cameras, but not in the size of their images.

    Args:
        mean: of each of the channels R, G, B, of images scaled to 0..1.
        std: likewise.

    Raises:
        InputError: if these are not three numbers each, in 0..1, the deviations above 0.
    """

    def __init__(
        self,
        mean: Sequence[float] = (0.485, 0.456, 0.406),
        std: Sequence[float] = (0.229, 0.224, 0.225),
    ) -> None:
        """Check and keep the statistics."""
        super().__init__()
        if not (
            len(mean) == len(std) == 3 and min(mean) >= 0 and min(std) > 0 and max(*mean, *std) <= 1
        ):
            raise InputError(
                'data_preprocessor: mean and std are three numbers each, R, G, B, for images '
                f'scaled to 0..1, not {mean} and {std}'
            )
        for name, values in (('mean', mean), ('std', std)):
            self.register_buffer(name, torch.tensor(values).view(3, 1, 1), persistent=False)

    def forward(
        self, data: dict[str, dict[str, list[Any]]], training: bool = False
    ) -> dict[str, Any]:
        """Join what `PackPairedSample` made and ``pseudo_collate`` listed.

        Args:
            data: ``inputs``, for each entry of a packed sample the list over the samples.
            training: mmengine's flag; a batch is the same either way.

        Returns:
            ``inputs``: the `PairedBatch`; ``data_samples``: None, as there are no labels.

        Raises:
            InputError: if samples lack an entry of `PackedInputs`, images of the batch differ in
                size, or only some samples have superpixels.
        """
        batch = _join(data['inputs']).to(self.device)
        batch.images.div_(255).sub_(self.mean).div_(self.std)
        return {'inputs': batch, 'data_samples': None}


def _join(samples: dict[str, list[Any]]) -> PairedBatch:
    """Concatenate samples, counting voxels and images on from sample to sample."""
    missing = sorted(PackedInputs.__required_keys__ - samples.keys())
    if missing:
        raise InputError(
            f'the packed samples lack {", ".join(missing)}: see stslidr/contracts/dataset.py'
        )
    sizes = {tuple(images.shape[-2:]) for images in samples['images']}
    if len(sizes) > 1:
        raise InputError(
            f'the images of a batch differ in size, {sorted(sizes)}: put RandomResizedCropImages '
            'or ResizeImages into the pipeline'
        )
    return PairedBatch(
        voxels=torch.cat(samples['voxels']),
        coors=torch.cat(
            [
                torch.nn.functional.pad(coors, (1, 0), value=sample)
                for sample, coors in enumerate(samples['coors'])
            ]
        ),
        batch_size=len(samples['coors']),
        images=torch.cat(samples['images']),
        superpixels=_join_superpixels(samples['superpixels']),
        pair_voxels=_join_counted(samples['pair_voxels'], samples['voxels']),
        pair_images=_join_counted(samples['pair_images'], samples['images']),
        pair_pixels=torch.cat(samples['pair_pixels']),
        num_superpixels=max(samples['num_superpixels']),
        seed=derive_seed(*samples['seed']),
    )


def _join_counted(indices: list[torch.Tensor], counted: list[torch.Tensor]) -> torch.Tensor:
    """Concatenate indices into tensors that are concatenated themselves."""
    offsets = accumulate((len(tensor) for tensor in counted[:-1]), initial=0)
    return torch.cat([index + offset for index, offset in zip(indices, offsets, strict=True)])


def _join_superpixels(maps: list[torch.Tensor | None]) -> torch.Tensor | None:
    loaded = [labels for labels in maps if labels is not None]
    if not loaded:
        return None
    if len(loaded) < len(maps):
        raise InputError(
            f'{len(maps) - len(loaded)} of {len(maps)} samples of a batch have no superpixels'
        )
    return torch.cat(loaded).long()

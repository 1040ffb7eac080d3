"""Point-to-pixel distillation: PPKT (arXiv 2104.04687), as in SLidR's release."""

from __future__ import annotations

from typing import Any

import torch

from stslidr.contracts.criterion import ContrastiveResult
from stslidr.core.batch import PairedBatch
from stslidr.distillation.distiller import Distiller
from stslidr.errors import InputError


class PointPixelDistiller(Distiller):
    """Contrast a random set of points with the pixels that show them.

    Args:
        num_pairs: pairs drawn from the batch without replacement; all there are, if fewer.
        **kwargs: the parts, see :class:`Distiller`.

    Raises:
        InputError: ``num_pairs`` below 1, or a criterion that needs superpixels.
    """

    anchors = 'sampled_pairs'

    def __init__(self, num_pairs: int = 4096, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if num_pairs < 1:
            raise InputError(f'num_pairs must be at least 1, not {num_pairs}')
        if self.criterion.needs_similarity:
            raise InputError(
                'PPKT knows no superpixel similarity: criterion.tolerance must be "none" and '
                'criterion.class_balance False'
            )
        self.num_pairs = num_pairs

    def distill(self, batch: PairedBatch) -> ContrastiveResult:
        """Embed, draw pairs, contrast."""
        drawn = self.draw_pairs(batch)
        voxel_embeddings = self.embed_voxels(batch)
        pixel_embeddings = self.embed_pixels(self.image_encoder(batch.images), batch)
        rows, columns = batch.pair_pixels[drawn].unbind(1)
        return self.contrast(
            voxel_embeddings[batch.pair_voxels[drawn]],
            pixel_embeddings[batch.pair_images[drawn], :, rows, columns],
            None,
        )

    def draw_pairs(self, batch: PairedBatch) -> torch.Tensor:
        """Return the int64 indices of the pairs to contrast, drawn from ``batch.seed``."""
        generator = torch.Generator().manual_seed(batch.seed)
        order = torch.randperm(batch.num_pairs, generator=generator)
        return order[: self.num_pairs].to(batch.device)

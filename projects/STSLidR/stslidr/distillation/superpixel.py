"""Superpixel-to-superpoint distillation: SLidR (CVPR 2022) and ST-SLidR (CVPR 2023)."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from stslidr.core.batch import PairedBatch
from stslidr.core.pooling import labels_to_stride, pool_image_map, pool_mean, superpixel_slots
from stslidr.core.similarity import cosine_similarity
from stslidr.distillation.distiller import Distiller
from stslidr.distillation.gather import gather_rows
from stslidr.errors import InputError
from stslidr.losses.contrastive import ContrastiveResult


class PooledBatch(NamedTuple):
    """The M superpixels of a batch that hold a paired point."""

    superpoints: torch.Tensor
    """(M, D): mean embedding of the paired points of each superpixel."""
    superpixels: torch.Tensor
    """(M, D): mean embedding of all pixels of each superpixel."""
    context: torch.Tensor
    """(M, C2): mean frozen feature of each superpixel."""


class SuperpixelDistiller(Distiller):
    """Contrast superpoints with superpixels (arXiv 2301.05709, equations 1 to 8).

    Args:
        gather: in training, contrast with the superpixels of all processes; the published runs do
            not.
        permute_superpixels: a control, not a method: pair each superpoint with a superpixel drawn
            anew in each step. What is learnt with it does not come from the matching.
        **kwargs: the parts, see :class:`Distiller`.
    """

    anchors = 'occupied_superpixels'

    def __init__(
        self, gather: bool = False, permute_superpixels: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.gather = gather
        self.permute_superpixels = permute_superpixels

    def distill(self, batch: PairedBatch) -> ContrastiveResult:
        """Embed, pool, contrast.

        Raises:
            InputError: the batch carries no superpixels.
        """
        pooled = self.pool(batch)
        if self.permute_superpixels:
            pooled = permute(pooled, batch.seed)
        if self.gather and self.training:  # in validation processes may have no batch left
            pooled = PooledBatch(*map(gather_rows, pooled))
        needed = self.criterion.needs_similarity
        similarity = cosine_similarity(pooled.context) if needed else None
        return self.criterion(pooled.superpoints, pooled.superpixels, similarity)

    def pool(self, batch: PairedBatch) -> PooledBatch:
        """Pool embeddings and frozen features over the occupied superpixels of ``batch``.

        A superpixel without a paired point is left out; so is, where the criterion asks for
        similarities, one that vanishes in the label map at the encoder's stride.
        """
        if batch.superpixels is None:
            raise InputError(
                'the batch holds no superpixels: add LoadSuperpixels to the pipeline of '
                'train_dataloader.dataset'
            )
        num_slots = len(batch.images) * batch.num_superpixels
        slots = superpixel_slots(batch.superpixels, batch.num_superpixels)

        voxel_embeddings = self.embed_voxels(batch)
        rows, columns = batch.pair_pixels.unbind(1)
        pair_slots = slots[batch.pair_images, rows, columns]
        superpoints, num_points = pool_mean(
            voxel_embeddings[batch.pair_voxels], pair_slots, num_slots
        )

        features = self.image_encoder(batch.images)
        superpixels, _ = pool_image_map(self.embed_pixels(features, batch), slots, num_slots)
        context, num_pixels = pool_image_map(
            features, labels_to_stride(slots, features.shape[-2:]), num_slots
        )

        used = num_points > 0
        if self.criterion.needs_similarity:
            used &= num_pixels > 0
        return PooledBatch(superpoints[used], superpixels[used], context[used])


def permute(pooled: PooledBatch, seed: int) -> PooledBatch:
    """Return ``pooled`` with its superpixel embeddings in a random order drawn from ``seed``."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(pooled.superpixels), generator=generator)
    return pooled._replace(superpixels=pooled.superpixels[order.to(pooled.superpixels.device)])

"""Superpixel-to-superpoint distillation: SLidR (CVPR 2022) and ST-SLidR (CVPR 2023)."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from stslidr.contracts.criterion import ContrastiveResult, Similarity
from stslidr.core.batch import PairedBatch
from stslidr.core.feature_similarity import CosineRows, cosine_similarity
from stslidr.core.pooling import pair_slots, pool_labelled_maps, pool_mean
from stslidr.distillation.distiller import Distiller, check_size
from stslidr.distillation.gather import gather_rows
from stslidr.errors import InputError


class PooledBatch(NamedTuple):
    """The M superpixels of a batch that hold a paired point."""

    superpoint_embeddings: torch.Tensor
    """(M, D): mean embedding of the paired points of each superpixel."""
    superpixel_embeddings: torch.Tensor
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
        return self.contrast(
            pooled.superpoint_embeddings,
            pooled.superpixel_embeddings,
            self._similarity(pooled.context),
        )

    def _similarity(self, context: torch.Tensor) -> torch.Tensor | Similarity | None:
        """The cosines of frozen features, in the form that the criterion reads."""
        if not self.criterion.needs_similarity:
            return None
        if getattr(self.criterion, 'similarity_in_rows', False):
            return CosineRows(context)
        return cosine_similarity(context)

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
        labels, num_superpixels = batch.superpixels, batch.num_superpixels
        voxel_embeddings = self.embed_voxels(batch)
        superpoint_embeddings, num_points = pool_mean(
            voxel_embeddings[batch.pair_voxels],
            pair_slots(labels, batch.pair_images, batch.pair_pixels, num_superpixels),
            len(batch.images) * num_superpixels,
        )

        features = self.image_encoder(batch.images)
        superpixel_embeddings = self._embed_superpixels(features, labels, batch)
        context, num_cells = pool_labelled_maps(features, labels, num_superpixels)

        used = num_points > 0
        if self.criterion.needs_similarity:
            used &= num_cells > 0
        return PooledBatch(superpoint_embeddings[used], superpixel_embeddings[used], context[used])

    def _embed_superpixels(
        self, features: torch.Tensor, labels: torch.Tensor, batch: PairedBatch
    ) -> torch.Tensor:
        """Return the (I * S, D) mean embeddings of the pixels of each superpixel.

        A head that has ``pool`` and ``size_of``, as `ImageHead`, makes no map of all pixels.
        """
        head: Any = self.image_head
        if not hasattr(head, 'pool'):
            embeddings = self.embed_pixels(features, batch)
            return pool_labelled_maps(embeddings, labels, batch.num_superpixels)[0]
        check_size(head.size_of(features), batch)
        return head.pool(features, labels, batch.num_superpixels)


def permute(pooled: PooledBatch, seed: int) -> PooledBatch:
    """Return ``pooled`` with its superpixel embeddings in a random order drawn from ``seed``."""
    generator = torch.Generator().manual_seed(seed)
    embeddings = pooled.superpixel_embeddings
    order = torch.randperm(len(embeddings), generator=generator).to(embeddings.device)
    return pooled._replace(superpixel_embeddings=embeddings[order])

"""What all pretraining methods share: two encoders, two heads, one contrastive criterion."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from stslidr.contracts.checks import check_result, check_rows
from stslidr.contracts.criterion import ContrastiveResult, Criterion, Similarity
from stslidr.contracts.encoders import ImageEncoder, PointBackbone
from stslidr.core.batch import PairedBatch
from stslidr.errors import InputError


class Distiller(nn.Module):
    """Student and teacher of a camera-to-LiDAR distillation.

    Plain torch; ``stslidr.pretrainer`` makes mmengine models of its subclasses.

    Args:
        backbone: a torch module that is a `PointBackbone` with C3 channels.
        point_head: (V, C3) -> unit rows (V, D).
        image_encoder: a torch module that is an `ImageEncoder` with C2 channels.
        image_head: (I, C2, h, w) -> unit pixels (I, D, H, W).
        criterion: a torch module that is a `Criterion`.
        **kwargs: for the next class in the method resolution order.
    """

    anchors = 'anchors'
    """What a row of the contrast is, in the words of the log."""

    def __init__(
        self,
        backbone: PointBackbone,
        point_head: nn.Module,
        image_encoder: ImageEncoder,
        image_head: nn.Module,
        criterion: Criterion,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.backbone = backbone
        self.point_head = point_head
        self.image_encoder = image_encoder
        self.image_head = image_head
        self.criterion = criterion

    def embed_voxels(self, batch: PairedBatch) -> torch.Tensor:
        """Return the (V, D) unit embeddings of the batch's voxels."""
        features = self.backbone(batch.voxels, batch.coors)
        return self.point_head(check_rows(features, batch.voxels, self.backbone))

    def embed_pixels(self, features: torch.Tensor, batch: PairedBatch) -> torch.Tensor:
        """Return the (I, D, H, W) unit embeddings of all pixels from the frozen ``features``.

        Raises:
            InputError: the head's output is not of the images' size.
        """
        embeddings = self.image_head(features)
        check_size(tuple(embeddings.shape[-2:]), batch)
        return embeddings

    def contrast(
        self,
        points: torch.Tensor,
        pixels: torch.Tensor,
        similarity: torch.Tensor | Similarity | None,
    ) -> ContrastiveResult:
        """Return what the criterion says of (M, D) embeddings that belong together row by row.

        Raises:
            InputError: it does not report what a `Criterion` must.
        """
        return check_result(self.criterion(points, pixels, similarity), self.criterion)

    def distill(self, batch: PairedBatch) -> ContrastiveResult:
        """Return loss and statistics of one batch; each method says how."""
        raise TypeError(f'{type(self).__name__} does not say what it distils')


def check_size(size: tuple[int, ...], batch: PairedBatch) -> None:
    """Refuse embeddings of another size than the images'.

    Raises:
        InputError: says what to choose.
    """
    if size != tuple(batch.images.shape[-2:]):
        raise InputError(
            f'image_head gives maps of {size} for images of '
            f'{tuple(batch.images.shape[-2:])}: choose an image size that is a multiple of the '
            "image encoder's stride, and image_head.scale equal to that stride"
        )

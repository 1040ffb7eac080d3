"""The two trained 1x1 projections into the common embedding space, each with an L2 norm."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stslidr.core.upsampled_pooling import pool_unit_pixels


def l2_normalize(features: Tensor, dim: int) -> Tensor:
    """Divide by the Euclidean norm along ``dim``, in float32.

    There is no epsilon: wherever the norm is positive the result is exactly x / ||x||, as in the
    published student. Where it is 0 the result is 0 and the gradient finite (published: NaN).
    """
    features = features.float()
    norm = torch.linalg.vector_norm(features, dim=dim, keepdim=True)
    return features / norm.masked_fill(norm == 0, 1)


class PointHead(nn.Module):
    """Point embeddings: a linear layer with bias, then the L2 norm of each row.

    Weight and bias start from U(+-1 / sqrt(in_channels)), which is both MinkowskiEngine's draw for
    the published 1x1 convolution and torch's for ``nn.Linear``. Computes in float32, also under
    autocast.
    """

    def __init__(self, in_channels: int = 96, embed_dims: int = 64) -> None:
        """Project ``in_channels`` of the point backbone to ``embed_dims``."""
        super().__init__()
        self.projection = nn.Linear(in_channels, embed_dims)

    def forward(self, features: Tensor) -> Tensor:
        """Map (V, in_channels) features to (V, embed_dims) float32 rows of length 1 (or 0)."""
        with torch.autocast(features.device.type, enabled=False):
            return l2_normalize(self.projection(features.float()), dim=1)


class ImageHead(nn.Module):
    """Pixel embeddings: 1x1 convolution with bias, bilinear upsampling (corners aligned), L2 norm.

    Starts from torch's default for ``nn.Conv2d``, as published. Computes in float32, also under
    autocast.
    """

    def __init__(self, in_channels: int, embed_dims: int = 64, scale: int = 4) -> None:
        """Build the head.

        Args:
            in_channels: channels of the image encoder's feature map.
            embed_dims: channels of the embedding.
            scale: upsampling factor, the stride of the image encoder (dilated ResNet-50: 4,
                plain: 32).
        """
        super().__init__()
        self.projection = nn.Conv2d(in_channels, embed_dims, kernel_size=1)
        self.scale = scale

    def forward(self, features: Tensor) -> Tensor:
        """Map (I, in_channels, h, w) to (I, embed_dims, scale * h, scale * w) float32."""
        with torch.autocast(features.device.type, enabled=False):
            embeddings = F.interpolate(
                self._project(features),
                scale_factor=self.scale,
                mode='bilinear',
                align_corners=True,
            )
            return l2_normalize(embeddings, dim=1)

    def _project(self, features: Tensor) -> Tensor:
        return self.projection(features.float())

    def size_of(self, features: Tensor) -> tuple[int, int]:
        """Height and width of the embeddings of such a feature map, (I, in_channels, h, w)."""
        height, width = features.shape[-2:]
        return self.scale * height, self.scale * width

    def pool(self, features: Tensor, labels: Tensor, num_superpixels: int) -> Tensor:
        """Means over superpixels of the embeddings, which are not made.

        Args:
            features: (I, in_channels, h, w).
            labels: as `superpixel_slots` takes them, (I, scale * h, scale * w).
            num_superpixels: S, ids an image may use.

        Returns:
            float32 (I * S, embed_dims), as `pool_labelled_maps` has them of `forward`.
        """
        with torch.autocast(features.device.type, enabled=False):
            return pool_unit_pixels(self._project(features), labels, num_superpixels)[0]

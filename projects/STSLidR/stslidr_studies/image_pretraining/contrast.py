"""Superpixels of two views of an image, contrasted with those of a batch."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from stslidr.core.pooling import pool_labelled_maps
from stslidr.encoders.heads import l2_normalize
from stslidr.encoders.resnet import PLAIN_STRIDE, SmallResNet
from stslidr.encoders.weights import random_weights
from stslidr.losses.contrastive import TolerantContrastiveLoss

TRAINING_STRIDE = 8
"""Dilation computes at stride 4 what stride 8 computes for four shifts of the image, so the weights
serve both, and stride 8 costs a quarter."""
HIDDEN_CHANNELS = 256
EMBED_DIMS = 64


class SuperpixelLoss(NamedTuple):
    """What `SuperpixelContrast` returns."""

    loss: Tensor
    """Scalar, with a graph."""
    matched: float
    """Share of the superpixels whose nearest in the other view is themselves."""


class SuperpixelContrast(nn.Module):
    """The small ResNet and a projection that is dropped after training.

    Features are pooled over each superpixel that both views show, projected by two layers and
    contrasted by InfoNCE in both directions: the positive is the same superpixel in the other
    view, the negatives are all others of the batch.

    Attributes:
        network: the encoder.
    """

    def __init__(self, temperature: float, seed: int) -> None:
        """Draw the initial weights from `seed`; torch's global generator is left as it was.

        Raises:
            InputError: if the temperature is not above 0.
        """
        super().__init__()
        start = random_weights(seed, partial(SmallResNet, PLAIN_STRIDE))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network = SmallResNet(TRAINING_STRIDE)
            self.network.load_state_dict(start)
            # a fifth faster on CPU; torch's stubs leave this overload out
            self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            self.projection = nn.Sequential(
                nn.Linear(self.network.out_channels, HIDDEN_CHANNELS, bias=False),
                nn.BatchNorm1d(HIDDEN_CHANNELS),
                nn.ReLU(),
                nn.Linear(HIDDEN_CHANNELS, EMBED_DIMS),
            )
        self.criterion = TolerantContrastiveLoss(temperature)

    def forward(self, views: Tensor, labels: Tensor, num_superpixels: int) -> SuperpixelLoss:
        """Contrast two views of each of I images.

        Args:
            views: normalised RGB, (2 * I, 3, H, W), the two views of an image side by side.
            labels: superpixel ids, int64 (2 * I, H, W).
            num_superpixels: every id lies below it.
        """
        maps = self.network(views)
        means, counts = pool_labelled_maps(maps, labels, num_superpixels)
        means = means.unflatten(0, (-1, 2, num_superpixels))
        in_both = (counts > 0).view(-1, 2, num_superpixels).all(dim=1)
        pooled = torch.cat([means[:, 0][in_both], means[:, 1][in_both]])
        one, other = l2_normalize(self.projection(pooled), dim=1).chunk(2)
        there, back = self.criterion(one, other), self.criterion(other, one)
        return SuperpixelLoss(
            (there.loss + back.loss) / 2, float(there.statistics['top1_matching'])
        )

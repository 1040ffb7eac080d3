"""What every frozen image encoder (teacher) does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from typing_extensions import Self

from stslidr.errors import InputError


class FeatureNetwork(nn.Module):
    """Normalised RGB (I, 3, H, W) to a feature map (I, C, h, w).

    Attributes:
        out_channels: C.
        stride: image pixels per feature cell.
    """

    out_channels: int
    stride: int


class FrozenImageEncoder(nn.Module):
    """A network that never changes: in eval mode for ever, outside every graph.

    ``train()`` leaves it in eval mode (mmengine calls it at every epoch), and ``forward`` returns
    to it (mmengine's conversion to SyncBatchNorm builds norms in training mode), so batch-norm
    statistics do not drift; no parameter requires a gradient, so no optimiser keeps a state for it.

    A subclass calls `freeze` in its constructor and says where its weights come from: together an
    `ImageEncoder`.

    Attributes:
        network: the network.
        out_channels: channels of the feature map.
        stride: image pixels per feature cell.
    """

    network: FeatureNetwork
    out_channels: int
    stride: int

    def freeze(self, build: Callable[[], FeatureNetwork], weights: Mapping[str, Tensor]) -> None:
        """Take the network that ``build`` gives, with ``weights``, its state dict."""
        # Built without memory and filled by assignment: one copy of the weights, and no draw from
        # the global generator, so that the student's start does not depend on the teacher.
        with torch.device('meta'):
            self.network = build()
        self.network.load_state_dict(weights, assign=True)
        self.requires_grad_(False)
        self.train(False)
        self.out_channels = self.network.out_channels
        self.stride = self.network.stride

    def train(self, mode: bool = True) -> Self:
        """Stay in eval mode, whatever ``mode`` says."""
        return super().train(False)

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Map normalised RGB (I, 3, H, W) to features >= 0, without a graph.

        Returns:
            (I, out_channels, H / stride, W / stride).
        """
        self.train(False)
        features: Tensor = self.network(images)
        return features


def warn_untrained(checkpoint: str | Path | None, trained: tuple[str, ...]) -> None:
    """Log what weights='random' means.

    Args:
        checkpoint: as the config has it.
        trained: names of weights to choose instead.

    Raises:
        InputError: if there is a checkpoint, which nothing would read.
    """
    if checkpoint is not None:
        raise InputError(f"weights='random' reads no file: drop checkpoint={str(checkpoint)!r}")
    logging.getLogger(__name__).warning(
        "weights='random': the image encoder is UNTRAINED, its features mean nothing. "
        'For a test or a demonstration only; choose one of %s.',
        ', '.join(trained),
    )

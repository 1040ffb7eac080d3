"""The frozen image encoder (teacher)."""

from __future__ import annotations

import logging
from pathlib import Path

import torch
from torch import Tensor, nn

from stslidr.encoders.resnet import ResNet50
from stslidr.encoders.weights import PUBLISHED, WEIGHT_LAYOUTS, load_published, random_weights

CHECKPOINT_FOLDER = 'checkpoints'


class FrozenResNet50(nn.Module):
    """A pretrained ResNet-50 that never changes: in eval mode for ever, outside every graph.

    ``train()`` leaves it in eval mode (mmengine calls it at every epoch), and ``forward`` returns
    to it (mmengine's conversion to SyncBatchNorm builds norms in training mode), so batch-norm
    statistics do not drift; no parameter requires a gradient, so no optimiser keeps a state for it.

    Attributes:
        out_channels: channels of the feature map, 2048.
        stride: image pixels per feature cell, 4 (dilated) or 32.
    """

    def __init__(
        self, weights: str, checkpoint: str | Path | None = None, dilated: bool = True
    ) -> None:
        """Build the network and read its weights.

        Args:
            weights: one of ``WEIGHT_LAYOUTS``, the method whose published file is read; or
                'random', an untrained network that needs no file, for tests and demonstrations
                only (it logs a warning).
            checkpoint: path of the file; by default its published name in ``checkpoints/``.
            dilated: stride 4 (SLidR, ST-SLidR) instead of 32 (PPKT).

        Raises:
            FileNotFoundError: the file is missing.
            ValueError: it does not hold these weights (see ``load_published``), ``weights`` is
                unknown, or 'random' comes with a checkpoint.
        """
        super().__init__()
        # Built without memory and filled by assignment: one copy of the weights, and no draw from
        # the global generator, so that the student's start does not depend on the teacher.
        with torch.device('meta'):
            self.network = ResNet50(dilated)
        self.network.load_state_dict(_state_dict(weights, checkpoint), assign=True)
        self.requires_grad_(False)
        self.train(False)
        self.out_channels = self.network.out_channels
        self.stride = self.network.stride

    def train(self, mode: bool = True) -> FrozenResNet50:
        """Stay in eval mode, whatever ``mode`` says."""
        return super().train(False)

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Map (I, 3, H, W) normalised RGB to (I, 2048, H / stride, W / stride), without a graph."""
        self.train(False)
        return self.network(images)


def _state_dict(weights: str, checkpoint: str | Path | None) -> dict[str, Tensor]:
    """Weights by torchvision's names, from the file or drawn."""
    if weights == 'random':
        if checkpoint is not None:
            raise ValueError(f"weights='random' reads no file: drop checkpoint={str(checkpoint)!r}")
        logging.getLogger(__name__).warning(
            "weights='random': the image encoder is UNTRAINED, its features mean nothing. "
            'For a test or a demonstration only; choose one of %s.',
            ', '.join(WEIGHT_LAYOUTS),
        )
        return random_weights()
    if checkpoint is None and weights in PUBLISHED:
        checkpoint = Path(CHECKPOINT_FOLDER, PUBLISHED[weights].file_name)
    return load_published(checkpoint, weights)

"""The frozen image encoders (teachers)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from stslidr.encoders.resnet import PLAIN_STRIDE, STEM_STRIDE, ResNet, ResNet50, SmallResNet
from stslidr.encoders.small_weights import load_small_weights
from stslidr.encoders.weights import WEIGHT_LAYOUTS, find_weights, load_published, random_weights
from stslidr.errors import InputError

SMALL_WEIGHTS = ('synthetic', 'random')


class FrozenImageEncoder(nn.Module):
    """A network that never changes: in eval mode for ever, outside every graph.

    ``train()`` leaves it in eval mode (mmengine calls it at every epoch), and ``forward`` returns
    to it (mmengine's conversion to SyncBatchNorm builds norms in training mode), so batch-norm
    statistics do not drift; no parameter requires a gradient, so no optimiser keeps a state for it.

    Attributes:
        out_channels: channels of the feature map.
        stride: image pixels per feature cell.
    """

    def _freeze(self, build: Callable[[], ResNet], weights: dict[str, Tensor]) -> None:
        """Take the network that `build` gives, with `weights` by torchvision's names."""
        # Built without memory and filled by assignment: one copy of the weights, and no draw from
        # the global generator, so that the student's start does not depend on the teacher.
        with torch.device('meta'):
            self.network = build()
        self.network.load_state_dict(weights, assign=True)
        self.requires_grad_(False)
        self.train(False)
        self.out_channels = self.network.out_channels
        self.stride = self.network.stride

    def train(self, mode: bool = True) -> FrozenImageEncoder:
        """Stay in eval mode, whatever ``mode`` says."""
        return super().train(False)

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Map normalised RGB (I, 3, H, W) to features >= 0, without a graph.

        Returns:
            (I, out_channels, H / stride, W / stride).
        """
        self.train(False)
        return self.network(images)


class FrozenResNet50(FrozenImageEncoder):
    """A pretrained ResNet-50, frozen: 2048 channels, stride 4 (dilated) or 32."""

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
            MissingFileError: the file is missing.
            InputError: it does not hold these weights (see ``load_published``), ``weights`` is
                unknown, or 'random' comes with a checkpoint.
        """
        super().__init__()
        self._freeze(partial(ResNet50, dilated), _resnet50_weights(weights, checkpoint))


class FrozenSmallResNet(FrozenImageEncoder):
    """A small ResNet, trained on synthetic images and frozen: 128 channels, stride 4 or 32.

    For demonstrations and comparisons on synthetic data, where no published weights are at hand:
    see docs/image_encoder.md.
    """

    def __init__(
        self, weights: str, checkpoint: str | Path | None = None, dilated: bool = True
    ) -> None:
        """Build the network and read its weights.

        Args:
            weights: 'synthetic', weights that ``tools/train_image_encoder.py`` made without any
                label; or 'random', an untrained network (it logs a warning).
            checkpoint: path of another file of that tool; by default the repository's own.
            dilated: stride 4 (SLidR, ST-SLidR) instead of 32 (PPKT).

        Raises:
            MissingFileError: the file is missing.
            InputError: it does not hold these weights (see ``load_small_weights``), ``weights`` is
                unknown, or 'random' comes with a checkpoint.
        """
        super().__init__()
        if weights not in SMALL_WEIGHTS:
            raise InputError(
                f'weights {weights!r} of the small ResNet are unknown; choose of '
                f'{", ".join(SMALL_WEIGHTS)}'
            )
        if weights == 'random':
            _warn_untrained(checkpoint, SMALL_WEIGHTS[:1])
            values = random_weights(build=partial(SmallResNet, PLAIN_STRIDE))
        else:
            values = load_small_weights(checkpoint)
        stride = STEM_STRIDE if dilated else PLAIN_STRIDE
        self._freeze(partial(SmallResNet, stride), values)


def _resnet50_weights(weights: str, checkpoint: str | Path | None) -> dict[str, Tensor]:
    """Weights by torchvision's names, from the file or drawn."""
    if weights == 'random':
        _warn_untrained(checkpoint, WEIGHT_LAYOUTS)
        return random_weights()
    return load_published(find_weights(weights, checkpoint), weights)


def _warn_untrained(checkpoint: str | Path | None, trained: tuple[str, ...]) -> None:
    """Log what weights='random' means.

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

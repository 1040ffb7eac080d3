"""The frozen image encoders of the shipped configs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from stslidr.contracts.encoders import ImageWeights
from stslidr.encoders.frozen import FrozenImageEncoder, warn_untrained
from stslidr.encoders.resnet import PLAIN_STRIDE, STEM_STRIDE, ResNet50, SmallResNet
from stslidr.encoders.small_weights import load_small_weights
from stslidr.encoders.weight_words import describe_random, describe_unknown, read_from
from stslidr.encoders.weights import (
    PUBLISHED,
    WEIGHT_LAYOUTS,
    find_published,
    load_published,
    random_weights,
)
from stslidr.errors import InputError

SMALL_WEIGHTS = ('synthetic', 'random')


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
        self.freeze(partial(ResNet50, dilated), _resnet50_weights(weights, checkpoint))

    @classmethod
    def describe_weights(
        cls, weights: str = '', checkpoint: str | Path | None = None, **others: Any
    ) -> ImageWeights:
        """Say where the weights come from, see `ImageEncoder`."""
        if weights == 'random':
            return describe_random(checkpoint)
        if weights not in PUBLISHED:
            return describe_unknown(weights, checkpoint)
        published = PUBLISHED[weights]
        return ImageWeights(
            weights,
            f'with the published weights {weights}{read_from(checkpoint)}, trained on photographs '
            'by its authors.',
            file=find_published(weights, checkpoint),
            source=published.source,
            published_name=published.file_name,
            licence=published.licence,
            uses_labels=published.uses_labels,
        )


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
            warn_untrained(checkpoint, SMALL_WEIGHTS[:1])
            values = random_weights(build=partial(SmallResNet, PLAIN_STRIDE))
        else:
            values = load_small_weights(checkpoint)
        stride = STEM_STRIDE if dilated else PLAIN_STRIDE
        self.freeze(partial(SmallResNet, stride), values)

    @classmethod
    def describe_weights(
        cls, weights: str = '', checkpoint: str | Path | None = None, **others: Any
    ) -> ImageWeights:
        """Say where the weights come from, see `ImageEncoder`."""
        if weights == 'random':
            return describe_random(checkpoint)
        if weights != 'synthetic':
            return describe_unknown(weights, checkpoint)
        return ImageWeights(
            weights,
            f'trained without labels on other synthetic scenes{read_from(checkpoint)} '
            '(docs/image_encoder.md has the command that makes it).',
            file=None if checkpoint is None else Path(checkpoint),
            uses_labels=False,
        )


def _resnet50_weights(weights: str, checkpoint: str | Path | None) -> dict[str, Tensor]:
    """Weights by torchvision's names, from the file or drawn."""
    if weights == 'random':
        warn_untrained(checkpoint, WEIGHT_LAYOUTS)
        return random_weights()
    return load_published(find_published(weights, checkpoint), weights)

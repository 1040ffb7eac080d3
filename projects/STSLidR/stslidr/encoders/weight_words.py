"""What an image encoder says of its weights, where it has no more to say than others."""

from __future__ import annotations

from pathlib import Path

from stslidr.contracts.encoders import ImageWeights


def read_from(checkpoint: str | Path | None) -> str:
    """The place of a named file, in words; '' where none is named."""
    return f' from {checkpoint}' if checkpoint else ''


def describe_random(checkpoint: str | Path | None) -> ImageWeights:
    """Weights that nobody trained."""
    return ImageWeights(
        'random',
        'with random weights: nobody trained it. Its batch norms are calibrated on noise, so that '
        'its features differ from place to place, but they mean nothing more than a random filter '
        'bank gives.',
        file=None if checkpoint is None else Path(checkpoint),
        uses_labels=False,
    )


def describe_unknown(weights: str, checkpoint: str | Path | None) -> ImageWeights:
    """Weights of which nothing is known but what the config says."""
    return ImageWeights(
        weights,
        f'with the weights {weights!r}{read_from(checkpoint)}.',
        file=None if checkpoint is None else Path(checkpoint),
    )

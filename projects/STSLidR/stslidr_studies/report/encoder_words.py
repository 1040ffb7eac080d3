"""What the frozen image encoder of a pretraining is, in words."""

from __future__ import annotations

from mmengine.config import Config

from stslidr.encoders.weights import PUBLISHED


def encoder_of(config: Config) -> tuple[str, str]:
    """Class and weights of a pretraining's image encoder."""
    encoder = config.model.image_encoder
    return encoder.type, encoder.get('weights', '')


def describe_encoder(config: Config) -> str:
    """One or two sentences on the image encoder of a pretraining: what it is and where it is from.

    Args:
        config: of the pretraining.
    """
    kind, weights = encoder_of(config)
    checkpoint = config.model.image_encoder.get('checkpoint')
    file = f' from {checkpoint}' if checkpoint else ''
    begin = f'The frozen image encoder is a {kind.removeprefix("Frozen")} '
    if weights == 'random':
        return begin + (
            'with random weights: nobody trained it. Its batch norms are calibrated on '
            'noise, so that its features differ from place to place, but they mean '
            'nothing more than a random filter bank gives.'
        )
    if weights == 'synthetic':
        return begin + (
            f'trained without labels on other synthetic scenes{file} '
            '(docs/image_encoder.md has the command that makes it).'
        )
    if weights in PUBLISHED:
        return begin + (
            f'with the published weights {weights}{file}, trained on photographs by its authors.'
        )
    return begin + f'with the weights {weights!r}{file}.'

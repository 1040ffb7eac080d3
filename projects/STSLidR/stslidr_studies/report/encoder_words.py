"""What the frozen image encoder of a pretraining is, in words."""

from __future__ import annotations

from mmengine.config import Config

from stslidr_studies.study.image_weights import describe_image_weights


def encoder_of(config: Config) -> tuple[str, str]:
    """Class of a pretraining's image encoder, and what the class calls its weights."""
    weights = describe_image_weights(config)
    return config.model.image_encoder.type, weights.name if weights else ''


def describe_encoder(config: Config) -> str:
    """One or two sentences on the image encoder of a pretraining: what it is and where it is from.

    Args:
        config: of the pretraining.
    """
    weights = describe_image_weights(config)
    kind = encoder_of(config)[0].removeprefix('Frozen')
    return f'The frozen image encoder is a {kind} {weights.words if weights else ""}'

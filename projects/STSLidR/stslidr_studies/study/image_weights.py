"""What the image encoder of a config says of its weights."""

from __future__ import annotations

from mmengine.config import Config

from stslidr.contracts.encoders import ImageWeights
from stslidr.encoders.weight_words import describe_unknown
from stslidr.running.config_file import import_modules


def describe_image_weights(config: Config) -> ImageWeights | None:
    """Ask the class of the image encoder, found in the registry; nothing is built.

    A class that is not registered, or does not say, is told by its config's ``weights`` and
    ``checkpoint``.

    Args:
        config: of a pretraining, or of anything else.

    Returns:
        What it says; None where the model has no image encoder.

    Raises:
        UserError: a module of the config's ``custom_imports`` cannot be imported.
    """
    encoder = config.get('model', {}).get('image_encoder')
    if not encoder:
        return None
    from mmdet3d.registry import MODELS  # seconds, which a command's --help need not wait for

    import_modules(config.get('custom_imports'), config.filename or 'config')
    settings = {key: value for key, value in encoder.items() if key != 'type'}
    encoder_class = MODELS.get(encoder.get('type', ''))
    if hasattr(encoder_class, 'describe_weights'):
        return encoder_class.describe_weights(**settings)
    return describe_unknown(settings.get('weights', ''), settings.get('checkpoint'))

"""Train the small image encoder on images and superpixels; no label is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from stslidr.core.seeding import seeded
from stslidr.errors import InputError
from stslidr_studies.image_pretraining.contrast import SuperpixelContrast, SuperpixelLoss
from stslidr_studies.image_pretraining.settings import TrainingSettings
from stslidr_studies.image_pretraining.superpixel_images import SuperpixelImages
from stslidr_studies.image_pretraining.views import change_colours, draw_geometry, normalize

WEIGHT_DECAY = 1e-4


def train_encoder(
    model: SuperpixelContrast, images: SuperpixelImages, settings: TrainingSettings
) -> Iterator[SuperpixelLoss]:
    """Train the model in place, a step for each result.

    On one machine the same model, images and settings give the same weights.

    Raises:
        MissingFileError: if an image or its superpixel map is not there.
        InputError: if one is damaged; names the file. If the loss is not finite.
    """
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=WEIGHT_DECAY)
    model.train()
    for iteration in range(settings.iterations):
        for group in optimizer.param_groups:
            group['lr'] = settings.rate_at(iteration)
        views, labels = draw_batch(images, iteration, settings)
        result = model(views, labels, images.num_superpixels)
        if not result.loss.isfinite():
            raise InputError(
                f'the loss of step {iteration + 1} is {result.loss.item()}: lower the learning '
                f'rate, {settings.learning_rate}, or raise the temperature'
            )
        optimizer.zero_grad()
        result.loss.backward()
        optimizer.step()
        yield result


def draw_batch(
    images: SuperpixelImages, iteration: int, settings: TrainingSettings
) -> tuple[Tensor, Tensor]:
    """The views of a step, which depend on seed and iteration alone.

    Images come in a new random order in each pass over them.

    Returns:
        Normalised float32 RGB (2 * I, 3, H, W), the two views of an image side by side, and int64
        superpixel ids (2 * I, H, W).
    """
    indices = [
        _shuffled(len(images), place // len(images), settings.seed)[place % len(images)]
        for place in range(iteration * settings.batch_size, (iteration + 1) * settings.batch_size)
    ]
    with seeded(settings.seed, iteration):
        drawn = []
        for index in indices:
            image, labels = images[index]
            drawn += [draw_geometry(image, labels, settings.views) for _ in range(2)]
        views = change_colours(torch.stack([view for view, _ in drawn]), settings.views)
    views = normalize(views).contiguous(memory_format=torch.channels_last)
    return views, torch.stack([labels for _, labels in drawn])


@lru_cache(maxsize=2)
def _shuffled(count: int, epoch: int, seed: int) -> list[int]:
    """The order of the images in a pass over them."""
    return np.random.default_rng([seed, epoch]).permutation(count).tolist()

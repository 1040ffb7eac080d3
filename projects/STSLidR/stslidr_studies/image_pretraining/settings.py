"""How the small image encoder is trained, and how its views of an image differ."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from stslidr.core.seeding import MAX_SEED
from stslidr.errors import InputError

WARM_UP = 20
"""Steps in which the learning rate rises."""


@dataclass(frozen=True)
class ViewSettings:
    """How strongly views differ.

    Attributes:
        size: (height, width) of a view.
        area: least and greatest share of the image that a view shows.
        ratio: least and greatest width / height of what it shows.
        brightness: factors are drawn from 1 -+ this; so for contrast and saturation.
        contrast: see brightness.
        saturation: see brightness.
        hue: colours turn about the grey axis by up to this angle, radians.
        grey: probability of a view without colour.
        blur: probability of a Gaussian blur.
        blur_sigma: least and greatest standard deviation of it, pixels.
    """

    size: tuple[int, int] = (112, 208)
    area: tuple[float, float] = (0.2, 1.0)
    ratio: tuple[float, float] = (4 / 3, 20 / 9)
    brightness: float = 0.4
    contrast: float = 0.4
    saturation: float = 0.4
    hue: float = 0.4
    grey: float = 0.2
    blur: float = 0.3
    blur_sigma: tuple[float, float] = (0.3, 1.2)


@dataclass(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes:
        iterations: steps.
        batch_size: images of a step; each gives two views.
        learning_rate: highest of AdamW; it rises over `WARM_UP` steps and falls by a cosine.
        temperature: of the contrastive loss.
        seed: of all draws.
        views: how the views differ.
    """

    iterations: int = 600
    batch_size: int = 16
    learning_rate: float = 3e-3
    temperature: float = 0.1
    seed: int = 0
    views: ViewSettings = field(default_factory=ViewSettings)

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            InputError: if there is no step, no image in a step, or no finite learning rate above
                0; if the seed lies outside [0, 2**32).
        """
        if self.iterations < 1 or self.batch_size < 1 or not 0 < self.learning_rate < math.inf:
            raise InputError(
                'at least one iteration, a batch of one image and a learning rate above 0 are '
                f'needed, not {self.iterations}, {self.batch_size} and {self.learning_rate}'
            )
        if not 0 <= self.seed < MAX_SEED:
            raise InputError(f'seed {self.seed} is not from 0 to {MAX_SEED - 1}')

    def rate_at(self, iteration: int) -> float:
        """Learning rate of a step, counted from 0."""
        warm = min(1.0, (iteration + 1) / WARM_UP)
        cosine = (1 + math.cos(math.pi * iteration / self.iterations)) / 2
        return self.learning_rate * warm * cosine

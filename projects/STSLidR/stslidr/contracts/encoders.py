"""What a point backbone and an image encoder must offer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor


class PointBackbone(Protocol):
    """The network that is pretrained, under MMDetection3D's contract for voxels."""

    out_channels: int
    """C, columns of the output; the point head takes it as its input."""

    def __call__(self, voxels: Tensor, coors: Tensor) -> Tensor:
        """Compute one feature a voxel, (V, C), rows in the order of the input.

        Args:
            voxels: float32 (V, F), features of each voxel; V may be 0.
            coors: int32 (V, 4), rows (batch, axis0, axis1, axis2), which may be negative but for
                the batch.
        """


@dataclass(frozen=True)
class ImageWeights:
    """Where an image encoder's weights come from; told without building it.

    Args:
        name: what a config calls the weights.
        words: what completes the sentence "The frozen image encoder is a ResNet50 ...".
        file: what is read, whether it is there or not; None where no file is read, or one of the
            package.
        source: where the file is found, a public address; None where it is not published.
        published_name: name of the public file; None where it is not published.
        licence: of the published file; None where it is not known, or nothing is published.
        uses_labels: whether anybody's labels were used in training; None where it is not known.
    """

    name: str
    words: str
    file: Path | None = None
    source: str | None = None
    published_name: str | None = None
    licence: str | None = None
    uses_labels: bool | None = None


class ImageEncoder(Protocol):
    """The frozen teacher."""

    out_channels: int
    """C, channels of the feature map; the image head takes it as its input."""
    stride: int
    """Image pixels per feature cell; the image head scales up by it."""

    def __call__(self, images: Tensor) -> Tensor:
        """Map float32 images (I, 3, H, W) to features (I, C, H / stride, W / stride), no graph.

        Args:
            images: RGB, normalised by the data preprocessor's mean and std.
        """

    @classmethod
    def describe_weights(cls, **settings: Any) -> ImageWeights:
        """Say what the encoder's config, without its ``type``, makes it read.

        It is asked for configs that were never built: it reads no file and raises for no value.
        """

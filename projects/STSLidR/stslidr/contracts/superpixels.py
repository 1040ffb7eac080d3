"""What a superpixel generator must offer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class SuperpixelGenerator(Protocol):
    """What `tools/create_superpixels.py` needs of a method; it must pickle."""

    @property
    def name(self) -> str:
        """The method's name in the manifest."""

    @property
    def parameters(self) -> dict[str, Any]:
        """All that its labels depend on besides the image, as plain JSON values."""

    @property
    def library(self) -> str:
        """The distribution whose code decides the labels."""

    @property
    def library_version(self) -> str:
        """The version of `library`."""

    def __call__(self, image: NDArray[np.uint8], path: Path) -> NDArray[Any]:
        """Labels, integers (H, W) from 0.

        Args:
            image: uint8 (H, W, 3), RGB.
            path: the image's file, for a method that finds labels by its name.
        """

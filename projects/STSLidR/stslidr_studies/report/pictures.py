"""Pictures as they are written into the report: bytes, size, and words for who cannot see them."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

JPEG_QUALITY = 82


@dataclass(frozen=True)
class Picture:
    """An encoded picture.

    Args:
        data: content of an image file.
        kind: 'png' or 'jpeg'.
        size: (width, height) in pixels.
        alt: what it shows, in words.
    """

    data: bytes
    kind: str
    size: tuple[int, int]
    alt: str

    @property
    def uri(self) -> str:
        """The picture as a ``data:`` address."""
        return f'data:image/{self.kind};base64,{base64.b64encode(self.data).decode()}'


def photograph(image: np.ndarray, alt: str) -> Picture:
    """Encode an image, uint8 (H, W, 3) RGB, as JPEG."""
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, 'jpeg', quality=JPEG_QUALITY, optimize=True)
    return Picture(stream.getvalue(), 'jpeg', (image.shape[1], image.shape[0]), alt)


def drawing(figure: Figure, alt: str) -> Picture:
    """Encode a matplotlib figure as PNG of at most 256 colours, which halves its size."""
    stream = io.BytesIO()
    figure.savefig(stream, format='png', facecolor=figure.get_facecolor())
    image = Image.open(stream).convert('RGB').quantize(256, dither=Image.Dither.NONE)
    stream = io.BytesIO()
    image.save(stream, 'png', optimize=True)
    return Picture(stream.getvalue(), 'png', image.size, alt)

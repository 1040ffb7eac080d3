"""What a synthetic data set is made from, within limits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stslidr.errors import InputError

MAX_SCENES = 9_999  # their names have four digits
MAX_KEYFRAMES = 1_000  # 500 s; the next scene's time stamps begin 600 s later
HIGHEST_SEED = 2**32 - 1  # of stslidr.core.seeding, which would load torch
SMALLEST_IMAGE = (64, 36)
LARGEST_SIDE = 8_192
MOST_PIXELS = 16_000_000  # a worker needs some 400 bytes for each
WIDEST = 4  # times as wide as high, or as high as wide


@dataclass(frozen=True)
class Parameters:
    """All that the bytes of a data set follow from.

    Args:
        scenes: number of scenes.
        keyframes: number of keyframes in each scene, half a second apart.
        seed: of all draws.
        image_size: (width, height) of all cameras, pixels.
        diagnostics: write class and depth maps of the images too.

    Raises:
        InputError: if a number is out of its range; names the option.
    """

    scenes: int
    keyframes: int
    seed: int
    image_size: tuple[int, int]
    diagnostics: bool = False

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name, low, high in (
            ('scenes', 1, MAX_SCENES),
            ('keyframes', 1, MAX_KEYFRAMES),
            ('seed', 0, HIGHEST_SEED),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise InputError(f'--{name} {value}: it must be from {low} to {high}')
        smallest_width, smallest_height = SMALLEST_IMAGE
        width, height = self.image_size
        if not (
            smallest_width <= width <= LARGEST_SIDE and smallest_height <= height <= LARGEST_SIDE
        ):
            raise InputError(
                f'--image-size {width}x{height}: it must be from '
                f'{smallest_width}x{smallest_height} to {LARGEST_SIDE}x{LARGEST_SIDE} pixels'
            )
        if width * height > MOST_PIXELS or not 1 / WIDEST <= width / height <= WIDEST:
            raise InputError(
                f'--image-size {width}x{height}: it must have at most {MOST_PIXELS:,} pixels and '
                f'an aspect ratio from 1:{WIDEST} to {WIDEST}:1'
            )

    @property
    def num_keyframes(self) -> int:
        """Keyframes of all scenes."""
        return self.scenes * self.keyframes

    def as_json(self) -> dict[str, int | str | bool]:
        """The parameters by name, as the manifest states them."""
        return {
            'scenes': self.scenes,
            'keyframes': self.keyframes,
            'seed': self.seed,
            'image_size': '{}x{}'.format(*self.image_size),
            'diagnostics': self.diagnostics,
        }


def parse_image_size(text: str) -> tuple[int, int]:
    """Parse `WxH` to (width, height).

    Raises:
        InputError: if the text has another form.
    """
    match = re.fullmatch(r'([0-9]{1,9})x([0-9]{1,9})', text)
    if not match:
        raise InputError(
            f'--image-size {text!r} is not of the form WxH in pixels, such as 1600x900'
        )
    return int(match[1]), int(match[2])

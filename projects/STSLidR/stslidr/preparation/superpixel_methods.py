"""Superpixel generators: from an image to a label map.

A generator is any `SuperpixelGenerator`. Those in `METHODS` have names for
`tools/create_superpixels.py`; one of your own is named `package.module:Name` there.
"""

from __future__ import annotations

import inspect
import json
import math
import numbers
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from stslidr.contracts.checks import check_part
from stslidr.contracts.superpixels import SuperpixelGenerator
from stslidr.errors import InputError, UserError
from stslidr.tooling.user_modules import import_user_module

PUBLISHED_SEGMENTS = 150


@dataclass(frozen=True)
class Slic:
    """SLIC (Achanta et al., TPAMI 2012) exactly as scikit-image 0.18 computes it.

    The defaults are those of the maps that SLidR published, which were made with 0.18.2.

    Args:
        n_segments: about how many superpixels; the highest id can be above or below.
        compactness: weight of distance in the image plane against distance in CIELAB colour.
        sigma: standard deviation in pixels of the Gaussian that smooths the image.
    """

    n_segments: int = PUBLISHED_SEGMENTS
    compactness: float = 6.0
    sigma: float = 3.0

    name = 'slic'
    library = 'scikit-image'

    def __post_init__(self) -> None:
        """Check the settings."""
        _check_segments(self.n_segments)
        _check_number('compactness', self.compactness, lambda value: value > 0, 'above 0')
        _check_number('sigma', self.sigma, lambda value: value >= 0, 'at least 0')

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings, and what else the labels follow from."""
        return {**asdict(self), 'start_label': 0, 'colour_range': 'CIELAB, as scikit-image 0.18'}

    @property
    def library_version(self) -> str:
        """The installed version of scikit-image."""
        return metadata.version(self.library)

    def __call__(self, image: np.ndarray, path: Path | None = None) -> np.ndarray:
        """Labels, int64 (H, W) from 0, of an image, uint8 (H, W, 3) RGB.

        Since 0.19 `slic` stretches its input to the range 0 to 1 before anything else: with an
        RGB image that changes the contrast, and so the labels. A Lab image it only shifts and
        divides by max - min, which a compactness divided by the same number undoes: SLIC compares
        colour / compactness with distance. So the conversion to Lab is done out here.
        """
        from skimage.color import rgb2lab
        from skimage.segmentation import slic
        from skimage.util import img_as_float

        lab = rgb2lab(img_as_float(image))
        divisor = float(np.ptp(lab)) or 1.0
        return slic(
            lab,
            n_segments=self.n_segments,
            compactness=self.compactness / divisor,
            sigma=self.sigma,
            start_label=0,
            convert2lab=False,
        )


@dataclass(frozen=True)
class Grid:
    """Cells of a regular grid that ignores the image: shows what the shape of superpixels gives.

    Args:
        n_segments: at most how many cells.
    """

    n_segments: int = PUBLISHED_SEGMENTS

    name = 'grid'
    library = 'stslidr'
    library_version = '1'  # of the rule below

    def __post_init__(self) -> None:
        """Check the settings."""
        _check_segments(self.n_segments)

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings."""
        return asdict(self)

    def __call__(self, image: np.ndarray, path: Path | None = None) -> np.ndarray:
        """Labels, int64 (H, W), row by row from 0; the cells are about square."""
        height, width = image.shape[:2]
        rows = max(1, min(round(math.sqrt(self.n_segments * height / width)), self.n_segments))
        columns = self.n_segments // rows
        row = np.arange(height) * rows // height
        column = np.arange(width) * columns // width
        return row[:, None] * columns + column


METHODS: dict[str, Callable[..., SuperpixelGenerator]] = {'slic': Slic, 'grid': Grid}
"""Name -> generator, given its settings; without any it has the published ones."""


def build_generator(method: str, settings: dict[str, Any]) -> SuperpixelGenerator:
    """Make a generator.

    Args:
        method: a name in `METHODS`, or ``package.module:Name`` of a class or function that returns
            a generator.
        settings: keyword arguments for it.

    Raises:
        MissingFileError: the module is not there.
        InputError: there is no such method, it does not take a setting or a value of one, it or
            its module fails, or what it returns is no `SuperpixelGenerator`.
    """
    factory = METHODS[method] if method in METHODS else _import_factory(method)
    said = f'superpixel method {method}'
    try:
        inspect.signature(factory).bind(**settings)
    except (TypeError, ValueError) as error:  # some functions in C have no signature
        raise InputError(f'{said}: {error}') from error
    try:
        generator: SuperpixelGenerator = factory(**settings)
        check_part(generator, SuperpixelGenerator, said)
        _check_described(generator)
    except UserError as error:
        text = str(error)
        raise InputError(text if text.startswith(said) else f'{said}: {text}') from error
    except Exception as error:  # a user's own may raise anything; a fault of ours goes through
        if method in METHODS:
            raise
        raise InputError(f'{said} cannot be made: {error!r}') from error
    return generator


def _import_factory(method: str) -> Callable[..., Any]:
    module_name, colon, name = method.partition(':')
    if not colon:
        raise InputError(
            f'superpixel method {method!r} is unknown: choose of {", ".join(METHODS)}, or name '
            'your own as package.module:Name'
        )
    module = import_user_module(module_name, f'superpixel method {method}: {module_name}')
    if not hasattr(module, name):
        raise InputError(f'superpixel method {method}: {module_name} has no {name!r}')
    factory = getattr(module, name)
    if not callable(factory):
        raise InputError(f'superpixel method {method}: {name} cannot be called')
    return factory


def _check_described(generator: SuperpixelGenerator) -> None:
    """Raise InputError unless what the manifest says of a generator can stand in JSON."""
    for name in ('name', 'parameters', 'library', 'library_version'):
        value = getattr(generator, name)
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(f'{name} is {value!r}, which JSON does not take: {error}') from error


def _check_segments(n_segments: int) -> None:
    """Raise InputError unless `n_segments` is a whole number from 1 on."""
    whole = isinstance(n_segments, numbers.Integral) and not isinstance(n_segments, bool)
    if not whole or n_segments < 1:
        raise InputError(f'n_segments is {n_segments!r}: it must be a whole number of at least 1')


def _check_number(name: str, value: float, fits: Callable[[float], bool], needed: str) -> None:
    """Raise InputError unless a setting is a finite number that fits."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not real or not abs(value) < math.inf or not fits(value):
        raise InputError(f'{name} is {value!r}: it must be a number {needed}')

"""Rules about the intensity, the fourth column of a sweep, that several transforms share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stslidr.errors import InputError

INTENSITY = 3
"""Its column, counted from 0."""


def check_scaling(scale: float, offset: float, owner: str, prefix: str = '') -> None:
    """Refuse a scaling of the intensity, scale * intensity + offset, that loses it.

    Args:
        scale: factor.
        offset: added to the scaled intensity.
        owner: the transform, for the error.
        prefix: what its parameters' names begin with.

    Raises:
        InputError: if the scale is 0 or a number is not finite.
    """
    if not (np.isfinite([scale, offset]).all() and scale):
        raise InputError(
            f'{owner}: {prefix}scale {scale} must be finite and not 0, {prefix}offset {offset} '
            'finite'
        )


def is_within(intensity: np.ndarray, low: float, high: float) -> bool:
    """Whether all intensities (N,) are from `low` to `high`; true of none."""
    return not len(intensity) or bool(low <= intensity.min() and intensity.max() <= high)


def check_range(allowed: Sequence[float] | None, owner: str) -> None:
    """Refuse a range that holds no value, for `owner`, the transform.

    Raises:
        InputError: it does not go from a lower to a higher number.
    """
    if allowed is not None:
        low, high = allowed
        if not low < high:
            raise InputError(f'{owner}: intensity_range ({low}, {high}) holds no value')


def check_intensity(
    intensity: np.ndarray, allowed: Sequence[float] | None, path: str, load_dim: int
) -> None:
    """Refuse a sweep whose fourth column is no intensity.

    Args:
        intensity: the column (N,), as it stands in the file.
        allowed: lowest and highest value; None allows any.
        path: the sweep.
        load_dim: columns that were read.

    Raises:
        InputError: a value lies outside; names the file and the likely cause.
    """
    if allowed is None or is_within(intensity, *allowed):
        return
    low, high = allowed
    raise InputError(
        f'sweep {path}: the fourth column goes from {intensity.min():g} to {intensity.max():g}, an '
        f'intensity from {low:g} to {high:g}: the file has another number of columns than '
        f'{load_dim} (no intensity?), or another scale'
    )


def check_columns(path: str, stated: int | None, load_dim: int, owner: str) -> None:
    """Refuse a sweep that the info file states other columns of than a transform reads.

    Args:
        path: the sweep.
        stated: columns that the info file states, None if it states none.
        load_dim: columns that the transform reads.
        owner: the transform, for the error.

    Raises:
        InputError: if the two differ.
    """
    if stated is not None and stated != load_dim:
        raise InputError(
            f'{path}: the info file states {stated} columns, {owner} has load_dim={load_dim}'
        )

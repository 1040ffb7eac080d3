"""Echoes that belong elsewhere, and echoes that do not come back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stslidr.corruptions.returns import COUNT, Corrupted, LidarReturns, keep
from stslidr.errors import InputError

SPREAD = 3.0
"""Of a disturbed return: metres along each axis, and counts of intensity (nuScenes-C)."""
FEWEST = 10
"""Classes with no more points than this lose none (nuScenes-C)."""


def crosstalk(sweep: LidarReturns, rng: np.random.Generator, share: float) -> Corrupted:
    """Pulses of other LiDARs disturb a share of the returns, as in nuScenes-C.

    Each of x, y, z in metres moves by 3 N(0, 1), the intensity by 3 N(0, 1) counts. The latter
    stops at 0 and 1 (release: no limits, and 3 N(0, 1) also where intensities run from 0 to 1).

    Args:
        sweep: N returns; all stay.
        rng: draws which, and by how much.
        share: of the returns, rounded down to a whole number.
    """
    number = len(sweep)
    order = rng.permutation(number)
    shift = SPREAD * rng.normal(size=(number, 4))
    noise = np.zeros(number, dtype=bool)
    noise[order[: int(share * number)]] = True
    intensity = np.clip(sweep.intensity + COUNT * shift[:, 3], 0, 1)
    return Corrupted(
        np.where(noise[:, None], sweep.xyz + shift[:, :3], sweep.xyz),
        np.where(noise, intensity, sweep.intensity),
        np.arange(number),
        noise,
    )


def incomplete_echo(
    sweep: LidarReturns, rng: np.random.Generator, share: float, classes: Sequence[int]
) -> Corrupted:
    """Dark vehicles do not return a share of their echoes, as in nuScenes-C.

    Of each class with more than 10 points that share is dropped, rounded down to a whole number.

    Args:
        sweep: N returns, with labels.
        rng: draws which.
        share: of the points of each class.
        classes: the vehicles.

    Raises:
        InputError: if the sweep has no labels.
    """
    if sweep.labels is None:
        raise InputError(
            'incomplete_echo drops points of vehicles, which their labels tell: this sweep has no '
            'labels (leave this corruption out where there are none, as in prediction)'
        )
    kept = np.ones(len(sweep), dtype=bool)
    for label in classes:
        points = np.flatnonzero(sweep.labels == label)
        if len(points) > FEWEST:
            kept[rng.permutation(points)[: int(share * len(points))]] = False
    return keep(sweep, kept)

"""Beams that are not there: missing ones, and a sensor with fewer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stslidr.corruptions.returns import Corrupted, LidarReturns, keep

CYCLE = 4


def beam_missing(
    sweep: LidarReturns, rng: np.random.Generator, beams: int, candidates: Sequence[int]
) -> Corrupted:
    """Some beams, drawn for each sweep, return nothing, as in nuScenes-C.

    Differs from the release: drawn without replacement, so that as many go as are named (there 24
    draws of 27 rings hit 16 of them on average). A heavier severity loses the same and more.

    Args:
        sweep: N returns.
        rng: draws the beams.
        beams: how many.
        candidates: rings they are drawn from; the outermost ones stay.
    """
    lost = rng.permutation(np.asarray(candidates))[:beams]
    return keep(sweep, ~np.isin(sweep.ring, lost))


def cross_sensor(sweep: LidarReturns, rng: np.random.Generator, kept: Sequence[int]) -> Corrupted:
    """A sensor with fewer beams and half the azimuth resolution, after nuScenes-C.

    Of each ring that stays, every second return in the order of azimuth goes.

    Differs from the release: it drops every second row of the file. nuScenes writes its rows
    column by column, an even number of rings stays, so that this drops every second ring once
    more and leaves the azimuth resolution as it was. Its heavy severity keeps the rings 0, 5, 9,
    13 and so on, some of which the light one drops; it counts SemanticKITTI's from the top.

    Args:
        sweep: N returns.
        rng: draws with which return of a ring to begin.
        kept: which of four neighbouring rings stay, counted from 0 at the bottom.
    """
    azimuth = np.arctan2(sweep.xyz[:, 1], sweep.xyz[:, 0])
    order = np.lexsort((azimuth, sweep.ring))
    rings = sweep.ring[order]
    place = np.empty(len(sweep), dtype=np.int64)
    place[order] = np.arange(len(sweep)) - np.searchsorted(rings, rings)
    sparse = place % 2 == rng.integers(2)
    return keep(sweep, sparse & np.isin(sweep.ring % CYCLE, kept))

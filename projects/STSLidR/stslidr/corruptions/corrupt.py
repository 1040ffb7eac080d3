"""One corruption of one severity, drawn from one seed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

import numpy as np

from stslidr.core.seeding import derive_seed
from stslidr.corruptions.beams import beam_missing, cross_sensor
from stslidr.corruptions.echoes import crosstalk, incomplete_echo
from stslidr.corruptions.motion import motion_blur
from stslidr.corruptions.profiles import SEVERITIES, Profile
from stslidr.corruptions.returns import Corrupted, LidarReturns, keep
from stslidr.corruptions.weather import fog, snow
from stslidr.corruptions.wet_ground import wet_ground
from stslidr.errors import InputError

MODELS: Mapping[str, Callable[..., Corrupted]] = {
    'fog': fog,
    'snow': snow,
    'motion_blur': motion_blur,
    'beam_missing': beam_missing,
    'crosstalk': crosstalk,
    'incomplete_echo': incomplete_echo,
    'cross_sensor': cross_sensor,
    'wet_ground': wet_ground,
}
KINDS = tuple(MODELS)


def check_names(kind: str, severity: str) -> None:
    """Refuse a corruption or a severity that there is not.

    Raises:
        InputError: naming those that there are.
    """
    for what, name, names in (('corruption', kind, KINDS), ('severity', severity, SEVERITIES)):
        if name not in names:
            raise InputError(f'unknown {what} {name!r}; there are: {", ".join(names)}')


def corrupt(
    sweep: LidarReturns, kind: str, severity: str, profile: Profile, seed: int
) -> Corrupted:
    """Corrupt a sweep.

    The draws follow from the seed, the corruption and the positions of the returns alone: each
    sweep has its own, wherever its file lies and whichever process reads it. Severities share
    them, so that a heavier one contains the lighter.

    Args:
        sweep: N returns.
        kind: one of `KINDS`.
        severity: 'light', 'moderate' or 'heavy'.
        profile: of the data set, whose parameters to take; it has all of `KINDS`.
        seed: in [0, 2**32).

    Raises:
        InputError: for an unknown name, a seed outside its range, and incomplete echo of a sweep
            without labels.
    """
    check_names(kind, severity)
    identity = zlib.crc32(np.ascontiguousarray(sweep.xyz, dtype='<f4').tobytes())
    rng = np.random.default_rng(derive_seed(seed, zlib.crc32(kind.encode()), identity))
    if not len(sweep):
        return keep(sweep, np.ones(0, dtype=bool))
    return MODELS[kind](sweep, rng, **profile.levels[kind][severity])

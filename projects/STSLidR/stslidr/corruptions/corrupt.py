"""One corruption of one severity, drawn from one seed."""

from __future__ import annotations

import zlib

import numpy as np

from stslidr.core.seeding import derive_seed
from stslidr.corruptions.beams import beam_missing, cross_sensor
from stslidr.corruptions.echoes import crosstalk, incomplete_echo
from stslidr.corruptions.motion import motion_blur
from stslidr.corruptions.profiles import PROFILES, SEVERITIES
from stslidr.corruptions.returns import Corrupted, LidarReturns, keep
from stslidr.corruptions.weather import fog, snow
from stslidr.corruptions.wet_ground import wet_ground
from stslidr.errors import InputError

MODELS = {
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


def check_names(kind: str, severity: str, profile: str) -> None:
    """Refuse a corruption, a severity or a profile that there is not.

    Raises:
        InputError: naming those that there are.
    """
    for what, name, names in (
        ('corruption', kind, KINDS),
        ('severity', severity, SEVERITIES),
        ('profile', profile, tuple(PROFILES)),
    ):
        if name not in names:
            raise InputError(f'unknown {what} {name!r}; there are: {", ".join(names)}')


def corrupt(sweep: LidarReturns, kind: str, severity: str, profile: str, seed: int) -> Corrupted:
    """Corrupt a sweep.

    The draws follow from the seed, the corruption and the positions of the returns alone: each
    sweep has its own, wherever its file lies and whichever process reads it. Severities share
    them, so that a heavier one contains the lighter.

    Args:
        sweep: N returns.
        kind: one of `KINDS`.
        severity: 'light', 'moderate' or 'heavy'.
        profile: 'nuscenes' or 'semantickitti', whose parameters to take.
        seed: in [0, 2**32).

    Raises:
        InputError: for an unknown name, a seed outside its range, and incomplete echo of a sweep
            without labels.
    """
    check_names(kind, severity, profile)
    identity = zlib.crc32(np.ascontiguousarray(sweep.xyz, dtype='<f4').tobytes())
    rng = np.random.default_rng(derive_seed(seed, zlib.crc32(kind.encode()), identity))
    if not len(sweep):
        return keep(sweep, np.ones(0, dtype=bool))
    return MODELS[kind](sweep, rng, **PROFILES[profile].levels[kind][severity])

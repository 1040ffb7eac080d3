"""A sample's way through its transforms, checked when it is built.

Pairs hold for the points and the images that they were made from. A transform that moves points or
pixels therefore either runs before pairing, where it must leave the calibration true, or after it
and carries the pairs along. `Phase` says which of these a transform does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum

from mmdet3d.registry import TRANSFORMS
from mmengine.dataset import Compose

from stslidr.contracts.dataset import KeyframeResults
from stslidr.errors import InputError


class Phase(IntEnum):
    """What a transform does, in the order in which a pipeline must do it."""

    LOAD = 0
    """Reads files; the geometry is the info file's."""
    PAIR = 1
    """Projects the raw sweep into the raw images. Once."""
    AUGMENT = 2
    """Moves points or pixels and keeps the pairs true."""
    VOXELIZE = 3
    """Fixes which voxel each point is in. Once."""
    PACK = 4
    """Makes the tensors of a training step. Once, at the end."""


MMDET3D_PHASES = {'GlobalRotScaleTrans': Phase.AUGMENT, 'RandomFlip3D': Phase.AUGMENT}
"""MMDetection3D's transforms that move points in place, so that pairs by row stay true."""

ONCE = (Phase.PAIR, Phase.VOXELIZE, Phase.PACK)


class PairedPipeline(Compose):
    """mmengine's Compose that refuses an order of transforms that would break pairs.

    A transform states its phase in a class attribute ``phase`` and the results that it reads in
    ``requires``. One without a phase, from another library, may stand before pairing only.

    Args:
        transforms: config dicts of registered transforms, or callables.

    Raises:
        InputError: when built, if phases run backwards, if one that is needed once is missing or
            there twice, or if a transform after pairing does not say that it keeps pairs.
    """

    def __init__(self, transforms: Iterable[dict | Callable]) -> None:
        """Build the transforms and check their order."""
        # Compose would look in mmengine's own registry where no default scope is set.
        super().__init__(
            [TRANSFORMS.build(step) if isinstance(step, dict) else step for step in transforms]
        )
        _check_order(self.transforms)

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Apply the transforms one after the other.

        Raises:
            InputError: if a transform needs a result that no earlier one wrote, or leaves no point
                of the sweep.
        """
        for transform in self.transforms:
            missing = [key for key in getattr(transform, 'requires', ()) if key not in results]
            if missing:
                raise InputError(
                    f'{_name(transform)} needs {", ".join(missing)}, which no earlier transform of '
                    f'the pipeline has made; there are: {", ".join(sorted(results))}'
                )
            results = transform(results)
            if 'points' in results and len(results['points']) == 0:
                raise InputError(f'{_name(transform)} leaves no point of the sweep')
        return results


def _name(transform: Callable) -> str:
    return type(transform).__name__


def _phase_of(transform: Callable) -> Phase | None:
    if _name(transform) == 'RandomFlip3D' and getattr(transform, 'sync_2d', False):
        raise InputError(
            "RandomFlip3D with sync_2d=True ties the sweep's flip to that of an image; "
            'set sync_2d=False'
        )
    return getattr(transform, 'phase', MMDET3D_PHASES.get(_name(transform)))


def _check_order(transforms: Iterable[Callable]) -> None:
    latest, latest_name = Phase.LOAD, 'the start'
    seen = []
    for transform in transforms:
        name, phase = _name(transform), _phase_of(transform)
        if phase is None and latest < Phase.PAIR:
            continue
        if phase is None:
            raise InputError(
                f'{name} comes after {latest_name}, but does not say that it keeps pairs: move it '
                'before the pairing, or give its class `phase = Phase.AUGMENT` if it does'
            )
        if phase < latest:
            raise InputError(
                f'{name} ({phase.name}) comes after {latest_name} ({latest.name}), which would '
                f'break the pairs; the order is {", ".join(Phase.__members__)}'
            )
        if phase in ONCE and phase in seen:
            raise InputError(f'{name} after {latest_name}: {phase.name} happens exactly once')
        latest, latest_name = phase, name
        seen.append(phase)
    missing = [phase.name for phase in ONCE if phase not in seen]
    if missing:
        raise InputError(f'the pipeline has no transform of phase {", ".join(missing)}')

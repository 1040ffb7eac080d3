"""Voxels of the augmented sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

from typing_extensions import TypedDict

from stslidr.contracts.dataset import KeyframeResults
from stslidr.core.voxels import GridSettings, VoxelGrid, voxelize
from stslidr.datasets.pipeline import Phase
from stslidr.errors import InputError


class VoxelizeSweep:
    """Cut the sweep into voxels: ``voxel_index``, a `VoxelIndex`.

    Args:
        kind: 'cylindrical' or 'cartesian', see `VoxelGrid`.
        size: edge lengths: (rho in metres, phi in degrees, z in metres) or (x, y, z) in metres.

    Raises:
        InputError: for another kind, or sizes that are not three positive numbers; when called, for
            a sweep without points or with one so far away that a batch of such has too many cells.

    Attributes:
        batch_size: sweeps in a batch; the runner sets it before a loader starts.
    """

    phase: ClassVar[Phase] = Phase.VOXELIZE
    requires: ClassVar[tuple[str, ...]] = ('points',)

    def __init__(self, kind: str = VoxelGrid.kind, size: Sequence[float] = VoxelGrid.size) -> None:
        """Check and keep the grid."""
        self.grid = VoxelGrid(kind, cast('tuple[float, float, float]', tuple(size)))  # it checks
        self.batch_size = 1

    def __call__(self, results: KeyframeResults) -> KeyframeResults:
        """Add ``voxel_index``."""
        positions = results['points'].tensor[:, :3].numpy()
        if not len(positions):
            raise InputError('no point of the sweep is left to make voxels of')
        coordinates = self.grid.coordinates(positions)
        self.grid.check_extent(coordinates, positions, self.batch_size)
        results['voxel_index'] = voxelize(coordinates)
        return results

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return f'{type(self).__name__}(kind={self.grid.kind!r}, size={self.grid.size})'


class VoxelMetainfo(TypedDict, total=False):
    """What a data set says of the voxels of its pipeline."""

    voxel_grid: GridSettings


def voxel_metainfo(transforms: Iterable[Callable]) -> VoxelMetainfo:
    """What a dataset's `metainfo`, and so every checkpoint, says of the voxels of its pipeline.

    Returns:
        ``voxel_grid``, as `VoxelGrid.describe` gives it; nothing where no step makes voxels.
    """
    grids = [step.grid for step in transforms if isinstance(step, VoxelizeSweep)]
    return {'voxel_grid': grids[-1].describe()} if grids else {}


def configured_grids(steps: Any) -> Iterator[VoxelGrid]:
    """Yield the grid of each `VoxelizeSweep` in a pipeline's config, also within `TestTimeAug`."""
    if isinstance(steps, Mapping):
        if steps.get('type') in (VoxelizeSweep, VoxelizeSweep.__name__):
            yield VoxelGrid(**{key: steps[key] for key in ('kind', 'size') if key in steps})
        steps = list(steps.values())
    if isinstance(steps, list | tuple):
        for step in steps:
            yield from configured_grids(step)

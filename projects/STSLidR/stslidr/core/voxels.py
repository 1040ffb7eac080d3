"""Voxel grids over a sweep; a voxel carries the features of its first point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from typing_extensions import TypedDict

from stslidr.errors import InputError

KINDS = ('cylindrical', 'cartesian')
INT32 = np.iinfo(np.int32)
INT64 = np.iinfo(np.int64)
MAX_CELLS = 2**32
"""Cells of the grids of a batch up to which spconv's indices can be trusted."""
MARGIN = 32
"""Cells that a network which halves its grid four times adds along an axis, at most."""


class GridSettings(TypedDict):
    """A `VoxelGrid` in plain types."""

    kind: str
    size: list[float]


@dataclass(frozen=True)
class VoxelGrid:
    """How space is cut into voxels.

    Attributes:
        kind: 'cylindrical' with axes (rho, phi, z), or 'cartesian' with axes (x, y, z).
        size: edge lengths along these axes: metres, but degrees for phi. As published, phi = 180
            is a cell of its own and the cells at -180 and 179 degrees are no neighbours.
    """

    kind: str = 'cylindrical'
    size: tuple[float, float, float] = (0.1, 1.0, 0.1)

    def __post_init__(self) -> None:
        """Refuse another kind, and edges that are not three positive lengths (ValueError)."""
        if self.kind not in KINDS:
            raise InputError(f'voxel `kind` must be one of {KINDS}, got {self.kind!r}')
        if np.shape(self.size) != (3,) or not all(0 < edge < np.inf for edge in self.size):
            raise InputError(f'voxel `size` must be three positive lengths, got {self.size}')
        object.__setattr__(self, 'size', tuple(float(edge) for edge in self.size))

    def __str__(self) -> str:
        """The grid in words, such as ``cylindrical (0.1, 1.0, 0.1)``."""
        return f'{self.kind} {self.size}'

    def describe(self) -> GridSettings:
        """The grid in plain types, to be stored; `VoxelGrid(**description)` rebuilds it."""
        return {'kind': self.kind, 'size': list(self.size)}

    def coordinates(self, points: ArrayLike) -> NDArray[np.int32]:
        """Cell of each point, int32 (N, 3): floor of the position divided by the edge lengths.

        The arithmetic is float32 in the published order, so that points on a cell's border fall
        where they fell there: sqrt(x^2 + y^2) / size and atan2(y, x) * 180 / pi / size.

        Args:
            points: (N, 3), x, y, z in the LiDAR frame in metres.

        Raises:
            InputError: if a point is not finite or lies too far out for int32.
        """
        with np.errstate(over='ignore', invalid='ignore'):  # refused below
            points = np.asarray(points, dtype=np.float32)
            if points.ndim != 2 or points.shape[1] != 3:
                raise ValueError(f'points must be (N, 3), got {points.shape}')
            axes = self._polar(*points.T) if self.kind == 'cylindrical' else points.T
            cells = [
                np.floor(axis / np.float32(edge))
                for axis, edge in zip(axes, self.size, strict=True)
            ]
        for cell in cells:
            if not np.all(np.abs(cell) < -float(INT32.min)):  # NaN fails as well
                raise InputError(
                    'a point is not finite or its voxel index exceeds int32; '
                    f'clean the sweep or enlarge the voxel `size` {self.size}'
                )
        coordinates: NDArray[np.int32] = np.stack(cells, axis=1).astype(np.int32)
        return coordinates

    def check_extent(
        self, coordinates: NDArray[np.int32], points: ArrayLike, num_grids: int
    ) -> None:
        """Refuse a sweep so wide that a batch of such has more than `MAX_CELLS` cells.

        Args:
            coordinates: (N, 3), the cell of each point, N >= 1.
            points: (N, 3), x, y, z in the LiDAR frame in metres.
            num_grids: sweeps in a batch.

        Raises:
            InputError: it is too wide; names the farthest point.
        """
        extent = coordinates.max(axis=0).astype(np.int64) - coordinates.min(axis=0) + 1
        if num_grids * math.prod((extent + MARGIN).tolist()) <= MAX_CELLS:
            return
        points = np.asarray(points, dtype=np.float64)
        ranges = np.linalg.norm(points, axis=1)
        farthest = int(ranges.argmax())
        place = ', '.join(f'{value:.1f}' for value in points[farthest].tolist())
        raise InputError(
            f'the sweep spans {" x ".join(map(str, extent.tolist()))} voxels, and a batch of '
            f'{num_grids} such has more than 2**32: its farthest point, number {farthest}, is '
            f'{ranges[farthest]:.1f} m away, at ({place}). Remove stray points (PointsRangeFilter '
            f'crops), enlarge the voxel size {self.size}, or take smaller batches'
        )

    @staticmethod
    def _polar(x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """Cylindrical coordinates: rho in metres, phi in degrees from -180 to 180, z in metres."""
        degrees = np.arctan2(y, x) * np.float32(180) / np.float32(np.pi)
        return np.sqrt(x**2 + y**2), degrees, z


@dataclass(frozen=True, eq=False)
class VoxelIndex:
    """Which voxel each of a sweep's N points is in, for its V occupied voxels.

    Attributes:
        coordinates: int32 (V, 3), each cell once, in the order of their first points.
        point2voxel: int64 (N,), the voxel of each point.
        first_point: int64 (V,), ascending: the first point of each voxel in file order, whose
            features (and downstream whose label) the voxel carries.
    """

    coordinates: NDArray[np.int32]
    point2voxel: NDArray[np.int64]
    first_point: NDArray[np.int64]


def voxelize(coordinates: NDArray[Any]) -> VoxelIndex:
    """Group the points that share a cell.

    Args:
        coordinates: integers (N, 3), the cell of each point; N may be 0.

    Raises:
        InputError: if they are no integers (N, 3) or exceed int32.
    """
    coordinates = np.asarray(coordinates)
    if coordinates.ndim != 2 or coordinates.shape[1] != 3 or coordinates.dtype.kind not in 'iu':
        raise ValueError(
            'voxel coordinates must be integers (N, 3), '
            f'got {coordinates.dtype} {coordinates.shape}'
        )
    if len(coordinates) == 0:
        none = np.empty(0, dtype=np.int64)
        return VoxelIndex(np.empty((0, 3), dtype=np.int32), none, none)
    axes = [np.ascontiguousarray(axis) for axis in coordinates.T]
    if any(axis.min() < INT32.min or axis.max() > INT32.max for axis in axes):
        raise InputError('voxel coordinates exceed int32; enlarge the voxel `size`')
    order, starts = _sort_by_cell([axis.astype(np.int64) for axis in axes])

    firsts = order[starts]  # the sort is stable: the first of each cell in file order
    is_first = np.zeros(len(order), dtype=bool)
    is_first[firsts] = True
    rank = np.cumsum(is_first) - 1  # voxel of each first point
    point2voxel = np.empty(len(order), dtype=np.int64)
    point2voxel[order] = rank[firsts][np.cumsum(starts) - 1]
    first_point = np.flatnonzero(is_first)
    return VoxelIndex(coordinates[first_point].astype(np.int32), point2voxel, first_point)


def _sort_by_cell(axes: list[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Stable order (N,) that brings cells together, and bool (N,): where in it a cell starts."""
    lows = [int(axis.min()) for axis in axes]
    extents = [int(axis.max()) - low + 1 for axis, low in zip(axes, lows, strict=True)]
    if math.prod(extents) <= INT64.max:  # one key a cell sorts fastest
        _, extent1, extent2 = extents
        axes = [((axes[0] - lows[0]) * extent1 + axes[1] - lows[1]) * extent2 + axes[2] - lows[2]]
    order = np.lexsort(axes)
    starts = np.zeros(len(order), dtype=bool)
    starts[0] = True
    for axis in axes:
        ordered = axis[order]
        starts[1:] |= ordered[1:] != ordered[:-1]
    return order, starts

"""Cast the rays of a grid at a scene's objects: which part each ray meets first, and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stslidr_city.raycasting.placement import Placements, place
from stslidr_city.raycasting.rays import RayGrid
from stslidr_city.raycasting.windows import Window
from stslidr_city.solids.shapes import Shape
from stslidr_city.solids.solids import SceneObject

CHUNK = 16_384  # rays at a time, so that what is computed for them stays in the cache
BOUND_SLACK = 1e-3  # metres by which lower bounds of distances are lowered, for rounding
NOT_COUNTED = -1


@dataclass(frozen=True)
class Hits:
    """What the rays of a grid meet first.

    Of surfaces at exactly the same distance the one of the first object, then of its first part,
    counts as met.

    Attributes:
        distance: float32 (rows, columns), metres along the ray; inf where nothing is met.
        object: int32 (rows, columns), index into the objects; -1 where nothing is met.
        part: int32 (rows, columns), index into that object's `solid.parts`; -1 likewise.
        unoccluded: int64 (objects,), number of rays that meet the object if nothing stands before
            it; `NOT_COUNTED` for objects that have no `instance`.
    """

    distance: np.ndarray
    object: np.ndarray
    part: np.ndarray
    unoccluded: np.ndarray


@dataclass(frozen=True)
class _Target:
    """One part of an object that some rays may meet."""

    number: int  # by object, then part: decides between equal distances
    object: int
    part: int
    shape: Shape
    windows: list[Window]
    nearest: float


def cast(grid: RayGrid, objects: Sequence[SceneObject]) -> Hits:
    """Find what each ray of the grid meets first.

    An object moves straight on while the rays are cast: it is where it stands in the middle of the
    grid's times, plus its velocity then times the time since.

    Args:
        grid: the rays.
        objects: the scene near the grid.
    """
    placements = place(grid, objects)
    targets = _targets(grid, objects, placements)
    canvas = _Canvas(grid)
    met_alone: dict[int, list[np.ndarray]] = defaultdict(list)
    for target in sorted(targets, key=lambda each: each.nearest):
        counted = objects[target.object].instance >= 0
        for rays in canvas.rays_before(target, unhidden_only=not counted):
            starts, directions = placements.local_rays(grid, target.object, rays)
            distances = target.shape.distances(starts, directions)
            canvas.draw(target, rays, distances)
            if counted:
                met_alone[target.object].append(rays[distances < np.inf])
    unoccluded = np.array(
        [0 if each.instance >= 0 else NOT_COUNTED for each in objects], dtype=np.int64
    )
    for index, met in met_alone.items():
        unoccluded[index] = len(np.unique(np.concatenate(met)))
    return canvas.hits(targets, unoccluded)


def _targets(
    grid: RayGrid, objects: Sequence[SceneObject], placements: Placements
) -> list[_Target]:
    """The parts that some rays may meet, by object and part."""
    bounds = np.array([each.solid.bounds for each in objects]).reshape(-1, 2, 3)
    corners = placements.corners(grid, np.arange(len(objects)), bounds)
    in_sight = [index for index, windows in enumerate(grid.windows_of(corners)) if windows]
    candidates = [
        (index, part) for index in in_sight for part in range(len(objects[index].solid.parts))
    ]
    if not candidates:
        return []
    shapes = [objects[index].solid.parts[part].shape for index, part in candidates]
    corners = placements.corners(
        grid, np.array(candidates)[:, 0], np.stack([shape.bounds for shape in shapes])
    )
    windows, nearest = grid.windows_of(corners), grid.nearest(corners).tolist()
    return [
        _Target(number, *candidates[number], shapes[number], windows[number], nearest[number])
        for number in range(len(candidates))
        if windows[number]
    ]


class _Canvas:
    """The nearest hits so far, drawn one target after the other."""

    def __init__(self, grid: RayGrid) -> None:
        self._distances = np.full(grid.shape, np.inf, dtype=np.float32)
        self._numbers = np.full(grid.shape, -1, dtype=np.int32)
        self._rays = np.arange(self._distances.size).reshape(grid.shape)

    def rays_before(self, target: _Target, unhidden_only: bool) -> Iterator[np.ndarray]:
        """Flat indices (N,) of the rays in the target's windows, some at a time.

        Args:
            target: the part to meet.
            unhidden_only: leave out rays that have met something nearer than the target can be.
        """
        bound = np.float32(target.nearest * (1 - 1e-6) - BOUND_SLACK)
        for rows, columns in target.windows:
            step = max(1, CHUNK // (columns.stop - columns.start))
            for top in range(rows.start, rows.stop, step):
                window = slice(top, min(top + step, rows.stop)), columns
                rays = self._rays[window]
                rays = rays[self._distances[window] >= bound] if unhidden_only else rays.ravel()
                if len(rays):
                    yield rays

    def draw(self, target: _Target, rays: np.ndarray, distances: np.ndarray) -> None:
        """Note the target where it is nearest: distances (N,) of rays (N,), inf where missed."""
        all_distances, numbers = self._distances.ravel(), self._numbers.ravel()
        drawn = all_distances[rays]
        candidates = np.flatnonzero((distances <= drawn) & (distances < np.inf))
        if not len(candidates):
            return
        chosen = rays[candidates]
        first = (distances[candidates] < drawn[candidates]) | (target.number < numbers[chosen])
        chosen = chosen[first]
        all_distances[chosen] = distances[candidates][first]
        numbers[chosen] = target.number

    def hits(self, targets: Sequence[_Target], unoccluded: np.ndarray) -> Hits:
        """What has been drawn; `targets` holds at least those that were."""
        size = max((target.number for target in targets), default=-1) + 1
        object_of, part_of = (np.full(size + 1, -1, dtype=np.int32) for _ in range(2))
        for target in targets:
            object_of[target.number], part_of[target.number] = target.object, target.part
        # the number -1 of rays without a hit takes the last entry
        return Hits(self._distances, object_of[self._numbers], part_of[self._numbers], unoccluded)

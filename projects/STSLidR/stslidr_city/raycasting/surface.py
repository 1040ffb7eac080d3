"""The points of surfaces that rays hit, with what shading and LiDAR returns need of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stslidr_city.raycasting.casting import Hits
from stslidr_city.raycasting.placement import Placements, place
from stslidr_city.raycasting.rays import RayGrid
from stslidr_city.solids.solids import Part, SceneObject


@dataclass(frozen=True)
class Surface:
    """One entry for each of the M rays that hit something, in the order of the rays.

    Attributes:
        ray: int64 (M,), flat index into rows * columns of the grid, ascending.
        distance: float32 (M,), metres along the ray.
        points: float32 (M, 3), relative to the grid's centre, world's orientation.
        local: float32 (M, 3), the same points in the frame of the object that was hit.
        normals: float32 (M, 3), outward unit normals in the world's orientation.
        local_normals: float32 (M, 3), the same in the object's frame.
        incidence: float32 (M,), cosine of the angle between the normal and the way back along
            the ray, 0 to 1.
        object: int32 (M,), index into the objects.
        category: uint8 (M,), nuScenes-lidarseg category index.
        part: int32 (M,), index into `parts`.
        parts: the parts that were hit, by object and place in the solid. A part of a solid that
            two objects share stands here twice.
        part_object: int32 (len(parts),), the object of each.
    """

    ray: np.ndarray
    distance: np.ndarray
    points: np.ndarray
    local: np.ndarray
    normals: np.ndarray
    local_normals: np.ndarray
    incidence: np.ndarray
    object: np.ndarray
    category: np.ndarray
    part: np.ndarray
    parts: tuple[Part, ...]
    part_object: np.ndarray


def surface(grid: RayGrid, hits: Hits, objects: Sequence[SceneObject]) -> Surface:
    """Describe what `hits = cast(grid, objects)` has found."""
    ray = np.flatnonzero(hits.object.ravel() >= 0)
    distance, owner = hits.distance.ravel()[ray], hits.object.ravel()[ray]
    directions = grid.directions_of(ray)
    points = grid.starts_of(ray) + distance[:, None] * directions
    placements = place(grid, objects)
    local = _to_local(grid, placements, ray, owner, points)
    part, pairs = _distinct_parts(owner, hits.part.ravel()[ray], objects)
    parts = tuple(objects[index].solid.parts[number] for index, number in pairs.tolist())
    local_normals = _normals(parts, part, local)
    normals = _turn(placements.rotations, owner, local_normals)
    incidence = -np.einsum('ij,ij->i', normals, np.broadcast_to(directions, normals.shape))
    categories = np.array([each.solid.category for each in objects], dtype=np.uint8)
    return Surface(
        ray,
        distance,
        points,
        local,
        normals,
        local_normals,
        np.clip(incidence, 0, 1),
        owner,
        categories[owner],
        part,
        parts,
        pairs[:, 0].astype(np.int32),
    )


def _to_local(
    grid: RayGrid, placements: Placements, ray: np.ndarray, owner: np.ndarray, points: np.ndarray
) -> np.ndarray:
    """Points (M, 3) in the frames of their objects at the times of their rays, float32 (M, 3)."""
    moved = points - placements.positions.astype(np.float32)[owner]
    if len(grid.times) > 1:
        passed = (grid.times_of(ray) - grid.mid_time)[:, None]
        moved -= (passed * placements.velocities[owner]).astype(np.float32)
    return _turn(placements.rotations.transpose(0, 2, 1), owner, moved)


def _turn(rotations: np.ndarray, owner: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Vectors (M, 3), each by its owner's rotation (K, 3, 3) around z, float32 (M, 3)."""
    cos, sin = (rotations[:, row, 0].astype(np.float32)[owner] for row in range(2))
    turned = vectors.astype(np.float32)
    turned[:, 0] = cos * vectors[:, 0] - sin * vectors[:, 1]
    turned[:, 1] = sin * vectors[:, 0] + cos * vectors[:, 1]
    return turned


def _distinct_parts(
    owner: np.ndarray, part: np.ndarray, objects: Sequence[SceneObject]
) -> tuple[np.ndarray, np.ndarray]:
    """Number the pairs of object (M,) and part (M,) that occur.

    Returns:
        int32 (M,) index into the distinct pairs, int64 (D, 2), which are in ascending order.
    """
    counts = np.array([len(each.solid.parts) for each in objects], dtype=np.int32)
    first = np.cumsum(counts) - counts
    keys = first.astype(np.int32)[owner] + part
    occurring = np.flatnonzero(np.bincount(keys, minlength=counts.sum()))
    numbers = np.zeros(counts.sum(), dtype=np.int32)
    numbers[occurring] = np.arange(len(occurring))
    owners = np.searchsorted(first, occurring, side='right') - 1
    return numbers[keys], np.stack([owners, occurring - first[owners]], axis=1)


def _normals(parts: Sequence[Part], part: np.ndarray, local: np.ndarray) -> np.ndarray:
    """Outward unit normals (M, 3) at points (M, 3) of `parts`, numbered by `part` (M,)."""
    normals = np.empty_like(local)
    # numpy sorts short integers in linear time
    order = np.argsort(part.astype(np.min_scalar_type(len(parts))), kind='stable')
    ends = np.concatenate([[0], np.cumsum(np.bincount(part, minlength=len(parts)))])
    for number, each in enumerate(parts):
        members = order[ends[number] : ends[number + 1]]
        normals[members] = each.shape.normals(local[members])
    return normals

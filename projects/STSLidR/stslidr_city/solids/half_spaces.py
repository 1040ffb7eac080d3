"""Half-spaces and corners of convex polygons and polyhedra: {p: normal . p <= offset}."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.spatial import ConvexHull, QhullError

RELATIVE_TOLERANCE = 1e-9  # of lengths, when corners are tested against faces


def edge_half_planes(polygon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit normals (P, 2), outward, and offsets (P,) of a convex polygon's edges, float64.

    Args:
        polygon: (P, 2), corners in order, in either sense.

    Raises:
        ValueError: if there are fewer than three corners, two neighbours coincide, or the polygon
            is not convex.
    """
    if polygon.ndim != 2 or polygon.shape[1] != 2 or len(polygon) < 3:
        raise ValueError(f'a polygon is (P, 2) with P >= 3, got {polygon.shape}')
    edges = np.roll(polygon, -1, axis=0) - polygon
    following = np.roll(edges, -1, axis=0)
    area = _cross(polygon, np.roll(polygon, -1, axis=0)).sum() / 2
    lengths = np.linalg.norm(edges, axis=1, keepdims=True)
    if not (lengths > 0).all() or area == 0:
        raise ValueError(f'a polygon has coinciding corners or no area:\n{polygon}')
    normals = np.sign(area) * np.stack([edges[:, 1], -edges[:, 0]], axis=1) / lengths
    offsets = (normals * polygon).sum(axis=1)
    slack = RELATIVE_TOLERANCE * np.abs(polygon - polygon[0]).max()
    turns_inward = np.sign(area) * _cross(edges, following) < -slack * lengths[:, 0]
    if turns_inward.any() or (polygon @ normals.T > offsets + slack).any():
        raise ValueError(f'a polygon is not convex:\n{polygon}')
    return normals, offsets


def hull_half_spaces(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit normals (F, 3) and offsets (F,) of the convex hull of (V, 3) points, float64.

    Triangles that lie in one plane become one face.

    Raises:
        ValueError: if the points are fewer than four or lie in a plane.
    """
    try:
        planes = ConvexHull(points).equations
    except (QhullError, ValueError) as error:
        raise ValueError(f'points (V, 3) that span no volume have no hull:\n{points}') from error
    first = np.unique(planes.round(9), axis=0, return_index=True)[1]
    planes = planes[np.sort(first)]
    return planes[:, :3], -planes[:, 3]


def vertices_of_half_spaces(normals: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Corners (V, 3) of an intersection of half-spaces: unit normals (F, 3), offsets (F,).

    Every three faces are intersected, which is meant for few of them.

    Raises:
        ValueError: if the intersection is empty or reaches to infinity.
    """
    if not _spans_all_directions(normals):
        raise ValueError(f'half-spaces with these normals reach to infinity:\n{normals}')
    triples = np.array(list(combinations(range(len(normals)), 3)))
    matrices = normals[triples]
    regular = np.abs(np.linalg.det(matrices)) > RELATIVE_TOLERANCE
    points = np.linalg.solve(matrices[regular], offsets[triples][regular][..., None])[..., 0]
    slack = RELATIVE_TOLERANCE * max(1.0, np.abs(offsets).max())
    points = points[(points @ normals.T <= offsets + slack).all(axis=1)]
    if len(points) == 0:
        raise ValueError('half-spaces have no point in common')
    return points


def _spans_all_directions(normals: np.ndarray) -> bool:
    """Whether each direction has a normal less than 90 degrees away."""
    try:
        return bool((ConvexHull(normals).equations[:, 3] < -RELATIVE_TOLERANCE).all())
    except (QhullError, ValueError):
        return False


def _cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Cross products of the rows of two (P, 2) arrays."""
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]

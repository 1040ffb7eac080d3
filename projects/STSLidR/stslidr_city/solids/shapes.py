"""Convex shapes in a solid's frame: distances along rays, and normals.

Everything is vectorised over rays. A distance leads to where a ray enters the shape; a ray that
misses, or that starts inside, has the distance inf: nothing is seen from within.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from stslidr_city.solids.half_spaces import (
    edge_half_planes,
    hull_half_spaces,
    vertices_of_half_spaces,
)


class Shape(ABC):
    """A convex shape in its solid's frame (x forward, y left, z up, metres); immutable.

    Attributes:
        bounds: float64 (2, 3), lowest and highest corner of the box around it.
    """

    bounds: np.ndarray

    @abstractmethod
    def distances(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Distance along each ray to the point where it enters the shape.

        Args:
            origins: float32 (N, 3), or (1, 3) for rays with a common start.
            directions: float32 (N, 3) unit vectors, or (1, 3) for parallel rays.

        Returns:
            float32 (N,), metres, more than 0; inf for rays that miss or start inside.
        """

    @abstractmethod
    def normals(self, points: np.ndarray) -> np.ndarray:
        """Outward unit normals, float32 (N, 3), at `points` on the surface, float32 (N, 3)."""


class Polyhedron(Shape):
    """The points p with normals @ p <= offsets.

    Args:
        normals: (F, 3), outward, of any length.
        offsets: (F,), in units of the normals' length.
        vertices: (V, 3), its corners where they are known; otherwise they are computed.

    Raises:
        ValueError: if a normal is zero, or the half-spaces have an empty or unbounded intersection.
    """

    def __init__(
        self, normals: ArrayLike, offsets: ArrayLike, vertices: ArrayLike | None = None
    ) -> None:
        normals = np.asarray(normals, dtype=np.float64)
        lengths = np.linalg.norm(normals, axis=1)
        if not (lengths > 0).all():
            raise ValueError('a face of a polyhedron has the normal zero')
        self._normals = _frozen(normals / lengths[:, None])
        self._offsets = _frozen(np.asarray(offsets, dtype=np.float64) / lengths)
        self._normals32 = _frozen(self._normals.astype(np.float32))
        if vertices is None:
            vertices = vertices_of_half_spaces(self._normals, self._offsets)
        vertices = np.asarray(vertices, dtype=np.float64)
        self.bounds = _frozen(np.stack([vertices.min(axis=0), vertices.max(axis=0)]))

    @classmethod
    def box(cls, minimum: ArrayLike, maximum: ArrayLike) -> Polyhedron:
        """The box between two corners (3,).

        Raises:
            ValueError: if the box is empty or flat.
        """
        minimum, maximum = (np.asarray(corner, dtype=np.float64) for corner in (minimum, maximum))
        if not (minimum < maximum).all():
            raise ValueError(f'a box from {minimum} to {maximum} has no volume')
        normals = np.concatenate([np.eye(3), -np.eye(3)])
        return cls(normals, np.concatenate([maximum, -minimum]), np.stack([minimum, maximum]))

    @classmethod
    def prism(
        cls, profile: ArrayLike, y_min: float, y_max: float, taper: float = 0.0
    ) -> Polyhedron:
        """A side profile extruded across.

        Args:
            profile: (P, 2), corners of a convex polygon in (x, z), in either sense.
            y_min: right side, at the profile's lowest point.
            y_max: left side, at the profile's lowest point.
            taper: metres by which each side leans in from the profile's lowest point up to its
                highest.

        Raises:
            ValueError: if the profile is not convex, or nothing is left of the width.
        """
        profile = np.asarray(profile, dtype=np.float64)
        edges, edge_offsets = edge_half_planes(profile)
        low, high = profile[:, 1].min(), profile[:, 1].max()
        if not y_max - y_min > max(0.0, 2 * taper):
            raise ValueError(f'a prism from y = {y_min} to {y_max}, taper {taper}, has no width')
        lean = taper / (high - low)
        inset = lean * (profile[:, 1] - low)
        normals = np.concatenate(
            [np.insert(edges, 1, 0.0, axis=1), [(0.0, 1.0, lean), (0.0, -1.0, lean)]]
        )
        offsets = np.concatenate([edge_offsets, [y_max + lean * low, -y_min + lean * low]])
        sides = [np.insert(profile, 1, y, axis=1) for y in (y_min + inset, y_max - inset)]
        return cls(normals, offsets, np.concatenate(sides))

    @classmethod
    def slab(cls, polygon: ArrayLike, z_min: float, z_max: float) -> Polyhedron:
        """A horizontal plate.

        Args:
            polygon: (P, 2), corners of its convex outline in (x, y), in either sense.
            z_min: its lower side.
            z_max: its upper side.

        Raises:
            ValueError: if the outline is not convex or the plate has no thickness.
        """
        polygon = np.asarray(polygon, dtype=np.float64)
        edges, edge_offsets = edge_half_planes(polygon)
        if not z_min < z_max:
            raise ValueError(f'a slab from z = {z_min} to {z_max} has no thickness')
        normals = np.concatenate(
            [[(0.0, 0.0, 1.0), (0.0, 0.0, -1.0)], np.insert(edges, 2, 0.0, axis=1)]
        )
        sides = [np.insert(polygon, 2, z, axis=1) for z in (z_min, z_max)]
        return cls(normals, np.concatenate([[z_max, -z_min], edge_offsets]), np.concatenate(sides))

    @classmethod
    def hull(cls, vertices: ArrayLike) -> Polyhedron:
        """The convex hull of (V, 3) points.

        Raises:
            ValueError: if they lie in a plane.
        """
        vertices = np.asarray(vertices, dtype=np.float64)
        return cls(*hull_half_spaces(vertices), vertices)

    def distances(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """See `Shape.distances`.

        The ray enters where it has crossed the last of the faces that it moves into; there it
        must lie behind all others.
        """
        with np.errstate(all='ignore'):
            if len(origins) == 1:
                starts = origins.T.astype(np.float64)
                gaps: np.ndarray = self._offsets[:, None] - self._normals @ starts
                seen = gaps[:, 0] < 0  # only these faces can be entered, and all of them must be
                return self._enter(gaps.astype(np.float32), directions, seen)
            gaps = self._offsets.astype(np.float32)[:, None] - self._normals32 @ origins.T
            if len(directions) == 1:
                faces = np.less(self._normals32 @ directions[0], 0)
                return self._enter(gaps, directions, faces)
            return self._enter_any(gaps, directions)

    def _enter(self, gaps: np.ndarray, directions: np.ndarray, faces: np.ndarray) -> np.ndarray:
        """Distances (N,) where all rays enter through the same `faces` (F,) bool, if at all.

        Args:
            gaps: float32 (F, N) or (F, 1), way from the rays' starts to the faces' planes.
            directions: float32 (N, 3) or (1, 3).
            faces: those that a ray that enters has before it.
        """
        count = max(gaps.shape[1], len(directions))
        if not faces.any():
            return np.full(count, np.inf, dtype=np.float32)
        speeds = self._normals32[faces] @ directions.T
        entered = np.where(speeds < 0, gaps[faces] / speeds, np.float32(np.inf)).max(axis=0)
        speeds = self._normals32[~faces] @ directions.T
        inside = (entered * speeds <= gaps[~faces]).all(axis=0) & (entered > 0)
        return np.where(inside, entered, np.float32(np.inf))

    def _enter_any(self, gaps: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Distances (N,) where each ray, with its own gaps (F, N), enters through any face."""
        speeds = self._normals32 @ directions.T
        never = np.where(gaps < 0, np.float32(np.inf), np.float32(-np.inf))
        entered = np.where(speeds < 0, gaps / speeds, never).max(axis=0)
        inside = ((entered * speeds <= gaps) | (speeds < 0)).all(axis=0) & (entered > 0)
        return np.where(inside, entered, np.float32(np.inf))

    def normals(self, points: np.ndarray) -> np.ndarray:
        """See `Shape.normals`: the normal of the face that a point is nearest to."""
        heights = points @ self._normals32.T - self._offsets.astype(np.float32)
        return self._normals32[heights.argmax(axis=1)]


class Ellipsoid(Shape):
    """An ellipsoid along the solid's axes.

    Args:
        center: (3,), metres.
        radii: (3,), metres.

    Raises:
        ValueError: if a radius is not positive.
    """

    def __init__(self, center: ArrayLike, radii: ArrayLike) -> None:
        self._center = _frozen(np.array(center, dtype=np.float64))
        self._radii = _frozen(np.array(radii, dtype=np.float64))
        if self._center.shape != (3,) or self._radii.shape != (3,) or not (self._radii > 0).all():
            raise ValueError(
                f'an ellipsoid at {center!r} needs three positive radii, got {radii!r}'
            )
        self.bounds = _frozen(np.stack([self._center - self._radii, self._center + self._radii]))

    def distances(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """See `Shape.distances`.

        In units of the radii the shape is a sphere. The ray is cut half a chord before its point
        nearest to the centre, so that no large numbers cancel.
        """
        scaled_origins = ((origins - self._center) / self._radii).astype(np.float32)
        scaled_directions = directions / self._radii.astype(np.float32)
        squares = _dot(scaled_directions, scaled_directions)
        nearest = -_dot(scaled_origins, scaled_directions) / squares
        points = scaled_origins + nearest[:, None] * scaled_directions
        with np.errstate(invalid='ignore'):
            entered = nearest - np.sqrt((1 - _dot(points, points)) / squares)
        return np.where(entered > 0, entered, np.float32(np.inf))

    def normals(self, points: np.ndarray) -> np.ndarray:
        """See `Shape.normals`: the gradient of the implicit equation."""
        gradient = (points - self._center) / self._radii**2
        return _unit(gradient).astype(np.float32)


class Frustum(Shape):
    """A cone cut at both ends, or a cylinder, around an axis of any direction.

    Args:
        base: (3,), centre of one end, metres.
        top: (3,), centre of the other end, metres.
        base_radius: radius at `base`, metres; 0 is a tip.
        top_radius: radius at `top`, metres; 0 is a tip.

    Raises:
        ValueError: if the ends coincide, a radius is negative or both are zero.
    """

    def __init__(
        self, base: ArrayLike, top: ArrayLike, base_radius: float, top_radius: float
    ) -> None:
        base, top = (np.asarray(end, dtype=np.float64) for end in (base, top))
        height = float(np.linalg.norm(top - base))
        if not (height > 0 and min(base_radius, top_radius) >= 0 < max(base_radius, top_radius)):
            raise ValueError(
                f'a frustum from {base}, radius {base_radius}, to {top}, radius '
                f'{top_radius}, has no volume'
            )
        self._base, self._height, self._radius = _frozen(base.copy()), height, float(base_radius)
        self._widening = (top_radius - base_radius) / height
        self._axes = _frozen(_axes_around((top - base) / height))
        across = np.sqrt(np.maximum(0.0, 1 - self._axes[2] ** 2))  # extent of a unit disc
        self.bounds = _frozen(
            np.stack(
                [
                    np.minimum(base - base_radius * across, top - top_radius * across),
                    np.maximum(base + base_radius * across, top + top_radius * across),
                ]
            )
        )

    def distances(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """See `Shape.distances`.

        In the frame of the axis (z from the base up) a ray enters through the mantle, the base
        or the top. The quadratic of the mantle is formed at the ray's point nearest to the middle.
        """
        turned = (directions @ self._axes.T.astype(np.float32)).T
        starts = ((origins - self._base) @ self._axes.T).astype(np.float32).T
        middle = np.float32(self._height / 2)
        nearest = -(
            starts[0] * turned[0] + starts[1] * turned[1] + (starts[2] - middle) * turned[2]
        )
        points = starts + nearest * turned
        with np.errstate(all='ignore'):
            mantle = self._enter_mantle(points, turned)
            base = self._enter_end(points, turned, 0.0, self._radius, turned[2] > 0)
            top_radius = self._radius + self._widening * self._height
            top = self._enter_end(points, turned, self._height, top_radius, turned[2] < 0)
            entered = nearest + np.minimum(np.minimum(mantle, base), top)
        return np.where(entered > 0, entered, np.float32(np.inf))

    def _enter_mantle(self, points: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """Signed way (N,) from points to the mantle, inf where the ray does not enter there.

        Args:
            points: (3, N), on the rays, in the frame of the axis.
            directions: (3, N).
        """
        (x, y, z), (dx, dy, dz) = points, directions
        widening, height = np.float32(self._widening), np.float32(self._height)
        radius = np.float32(self._radius) + widening * z
        quadratic = dx * dx + dy * dy - (widening * dz) ** 2
        half_linear = x * dx + y * dy - widening * dz * radius
        constant = x * x + y * y - radius * radius
        root = np.sqrt(half_linear * half_linear - quadratic * constant)
        # of two equal forms of the root with falling distance to the axis, the one that adds
        way = np.where(
            half_linear < 0, constant / (root - half_linear), -(half_linear + root) / quadratic
        )
        crossing = z + way * dz
        return np.where((crossing >= 0) & (crossing <= height), way, np.float32(np.inf))

    def _enter_end(
        self,
        points: np.ndarray,
        directions: np.ndarray,
        end: float,
        radius: float,
        entering: np.ndarray,
    ) -> np.ndarray:
        """Signed way (N,) from points to the disc at z = `end`, inf where it is not `entering`."""
        way = (np.float32(end) - points[2]) / directions[2]
        x, y = points[0] + way * directions[0], points[1] + way * directions[1]
        on_disc = entering & (x * x + y * y <= np.float32(radius) ** 2)
        return np.where(on_disc, way, np.float32(np.inf))

    def normals(self, points: np.ndarray) -> np.ndarray:
        """See `Shape.normals`: of the mantle, the base or the top, whichever is nearest."""
        local = (points - self._base) @ self._axes.T
        distance = np.maximum(np.hypot(local[:, 0], local[:, 1]), np.finfo(np.float64).tiny)
        slope = np.hypot(1.0, self._widening)
        heights = np.stack(
            [
                (distance - self._radius - self._widening * local[:, 2]) / slope,
                -local[:, 2],
                local[:, 2] - self._height,
            ]
        )
        mantle = (
            np.column_stack(
                [local[:, :2] / distance[:, None], np.full(len(local), -self._widening)]
            )
            / slope
        )
        nearest = heights.argmax(axis=0)[:, None]
        ends = np.where(nearest == 1, -1.0, 1.0) * np.array([0.0, 0.0, 1.0])
        return (np.where(nearest == 0, mantle, ends) @ self._axes).astype(np.float32)


def _axes_around(axis: np.ndarray) -> np.ndarray:
    """Rotation (3, 3) whose rows are two directions across and the unit vector `axis`."""
    across = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    across /= np.linalg.norm(across)
    return np.stack([across, np.cross(axis, across), axis])


def _dot(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Scalar products (N,) of the rows of two arrays (N, 3) or (1, 3)."""
    return first[:, 0] * second[:, 0] + first[:, 1] * second[:, 1] + first[:, 2] * second[:, 2]


def _unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (N, 3) at length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _frozen(array: np.ndarray) -> np.ndarray:
    """The array, no longer writable."""
    array.setflags(write=False)
    return array

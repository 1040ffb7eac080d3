"""Putting a solid together: shapes one by one, then its origin in the middle of the footprint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from stslidr_city.catalog.finishes import Finish
from stslidr_city.solids.shapes import Ellipsoid, Frustum, Polyhedron, Shape
from stslidr_city.solids.solids import Part, Solid

Span = tuple[float, float]
"""Lowest and highest coordinate along an axis, metres."""
Point = Sequence[float] | np.ndarray
"""(3,) x, y, z."""


class _Piece(NamedTuple):
    """A part that does not know yet where the origin will be: `make` moves it by (3,)."""

    make: Callable[[np.ndarray], Shape]
    bounds: np.ndarray
    finish: Finish


class Model:
    """A solid in the making. Coordinates are those of the solid, but for a shift along x and y."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []

    def box(self, finish: Finish, x: Span, y: Span, z: Span) -> None:
        """Add a box along the axes."""
        bounds = np.array([x, y, z], dtype=np.float64).T
        self._add(finish, bounds, lambda shift: Polyhedron.box(*(bounds + shift)))

    def prism(self, finish: Finish, profile: Sequence[Span], y: Span) -> None:
        """Add a side view, a convex polygon of (x, z), drawn out across."""
        outline = np.asarray(profile, dtype=np.float64)
        (x_min, z_min), (x_max, z_max) = outline.min(axis=0), outline.max(axis=0)
        bounds = np.array([[x_min, y[0], z_min], [x_max, y[1], z_max]])
        self._add(
            finish,
            bounds,
            lambda shift: Polyhedron.prism(
                outline + shift[[0, 2]], y[0] + shift[1], y[1] + shift[1]
            ),
        )

    def slab(self, finish: Finish, outline: Sequence[Span], z: Span) -> None:
        """Add a ground plan, a convex polygon of (x, y), drawn up."""
        plan = np.asarray(outline, dtype=np.float64)
        bounds = np.column_stack([np.stack([plan.min(axis=0), plan.max(axis=0)]), z])
        self._add(finish, bounds, lambda shift: Polyhedron.slab(plan + shift[:2], z[0], z[1]))

    def hull(self, finish: Finish, vertices: Sequence[Point] | np.ndarray) -> None:
        """Add the convex hull of (V, 3) points."""
        points = np.asarray(vertices, dtype=np.float64)
        self._add(
            finish,
            np.stack([points.min(axis=0), points.max(axis=0)]),
            lambda shift: Polyhedron.hull(points + shift),
        )

    def loft(
        self, finish: Finish, base: tuple[Span, Span], top: tuple[Span, Span], z: Span
    ) -> None:
        """Add what spans from one rectangle (x, y) at z[0] to another one at z[1]."""
        self.hull(
            finish,
            [
                (x, y, height)
                for rectangle, height in zip((base, top), z, strict=True)
                for x in rectangle[0]
                for y in rectangle[1]
            ],
        )

    def ellipsoid(self, finish: Finish, center: Point, radii: Point) -> None:
        """Add an ellipsoid along the axes."""
        middle, reach = np.asarray(center, np.float64), np.asarray(radii, np.float64)
        self._add(
            finish,
            np.stack([middle - reach, middle + reach]),
            lambda shift: Ellipsoid(middle + shift, reach),
        )

    def frustum(
        self,
        finish: Finish,
        base: Point,
        top: Point,
        radius: float,
        top_radius: float | None = None,
    ) -> None:
        """Add a capped cone from `base` to `top`; a cylinder if there is no `top_radius`."""
        first, last = np.asarray(base, np.float64), np.asarray(top, np.float64)
        radii = radius, radius if top_radius is None else top_radius
        axis = (last - first) / np.linalg.norm(last - first)
        reach = np.sqrt(np.clip(1 - axis**2, 0, None))  # of a disc of radius 1 across the axis
        ends = np.stack(
            [
                first - radii[0] * reach,
                first + radii[0] * reach,
                last - radii[1] * reach,
                last + radii[1] * reach,
            ]
        )
        self._add(
            finish,
            np.stack([ends.min(axis=0), ends.max(axis=0)]),
            lambda shift: Frustum(first + shift, last + shift, *radii),
        )

    def wheel(self, finish: Finish, x: float, y: Span, radius: float) -> None:
        """Add a disc that stands on the ground, its axle along y."""
        self.frustum(finish, (x, y[0], radius), (x, y[1], radius), radius)

    def solid(self, category: int, centred: bool = True) -> Solid:
        """The solid of what was added.

        Args:
            category: index in `categories.CATEGORIES`.
            centred: whether to move it so that the origin lies in the middle of its bounds in x
                and y. What stands on one foot, such as a lamp with an arm, has the origin there.
        """
        lowest = np.min([piece.bounds[0] for piece in self._pieces], axis=0)
        highest = np.max([piece.bounds[1] for piece in self._pieces], axis=0)
        shift = -(lowest + highest) / 2 if centred else np.zeros(3)
        shift[2] = 0
        parts = tuple(Part(piece.make(shift), *piece.finish) for piece in self._pieces)
        return Solid(parts, category)

    def _add(self, finish: Finish, bounds: np.ndarray, make: Callable[[np.ndarray], Shape]) -> None:
        self._pieces.append(_Piece(make, bounds, finish))


def draw_size(rng: np.random.Generator, mean: Point, spread: float = 0.04) -> np.ndarray:
    """Sizes (float64, metres) about `mean`, with a common and a single factor of sigma `spread`.

    The factors end at 2.5 sigma.
    """
    means = np.asarray(mean, dtype=np.float64)
    factors = np.clip(rng.normal(size=len(means) + 1), -2.5, 2.5)
    return means * (1 + spread * factors[0]) * (1 + spread / 2 * factors[1:])


def both_sides(inner: float, outer: float) -> tuple[Span, Span]:
    """The spans in y that reach from `inner` to `outer` on the left and on the right."""
    return (inner, outer), (-outer, -inner)


def across(width: float) -> Span:
    """The span of `width` about 0."""
    return -width / 2, width / 2

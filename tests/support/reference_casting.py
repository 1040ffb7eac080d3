"""Ray casting in float64 by search, and random shapes to try it on.

A shape is known by its gauge: a convex function of the position, negative inside, zero on the
surface, in metres near it. Along a ray the gauge is convex as well: its least value is found by
thirds, the way in by halves. Nothing here knows the closed forms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stslidr_city.solids.shapes import Ellipsoid, Frustum, Polyhedron, Shape
from stslidr_city.solids.solids import Part, Pose, SceneObject, Solid, Standing

REACH = 600.0
NOW = 3.0  # seconds in the scene, about when all rays of tests are cast
GRAZING = 1e-4  # metres: float32 need not decide whether such rays hit
Gauge = Callable[[np.ndarray], np.ndarray]


class Sample(NamedTuple):
    """A shape and its gauge, (N, 3) -> (N,)."""

    shape: Shape
    gauge: Gauge


@dataclass(frozen=True)
class Straight:
    """Moves straight on and passes `pose` at `NOW`."""

    pose: Pose
    velocity: tuple[float, float]

    def pose_at(self, time):
        x, y, z, yaw = self.pose
        passed = time - NOW
        return Pose(x + self.velocity[0] * passed, y + self.velocity[1] * passed, z, yaw)

    def velocity_at(self, time):
        return self.velocity


def box(rng) -> Sample:
    middle, half = rng.uniform(-1, 1, 3), rng.uniform(0.05, 3, 3)
    return Sample(
        Polyhedron.box(middle - half, middle + half),
        lambda points: (np.abs(points - middle) - half).max(axis=1),
    )


def octahedron(rng) -> Sample:
    middle, radius = rng.uniform(-1, 1, 3), rng.uniform(0.2, 3)
    corners = middle + radius * np.concatenate([np.eye(3), -np.eye(3)])
    return Sample(
        Polyhedron.hull(corners),
        lambda points: (np.abs(points - middle).sum(axis=1) - radius) / np.sqrt(3),
    )


def prism(rng) -> Sample:
    """A trapezium in (x, z) whose sides lean in."""
    length, roof, height, width = rng.uniform(1, 3, 4)
    taper = rng.uniform(0, 0.4) * width
    profile = [(0, 1), (length + roof, 1), (roof, 1 + height), (0, 1 + height)]

    def gauge(points):
        x, y, z = points.T
        back = (length * (z - 1) + height * (x - length - roof)) / np.hypot(length, height)
        sides = (np.abs(y) - width + taper * (z - 1) / height) / np.hypot(1, taper / height)
        return np.stack([-x, 1 - z, z - 1 - height, back, sides]).max(axis=0)

    return Sample(Polyhedron.prism(profile[:: rng.choice([-1, 1])], -width, width, taper), gauge)


def slab(rng) -> Sample:
    """A regular polygon's plate."""
    radius, phase, thickness = rng.uniform(1, 4), rng.uniform(0, 1), rng.uniform(0.05, 1)
    count = int(rng.integers(3, 9))
    angles = phase + 2 * np.pi * np.arange(count) / count
    polygon = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    middles = angles + np.pi / count
    across = np.stack([np.cos(middles), np.sin(middles)], axis=1)

    def gauge(points):
        around = (points[:, :2] @ across.T).max(axis=1) - radius * np.cos(np.pi / count)
        return np.maximum(around, np.abs(points[:, 2] - thickness / 2) - thickness / 2)

    return Sample(Polyhedron.slab(polygon[:: rng.choice([-1, 1])], 0, thickness), gauge)


def ellipsoid(rng) -> Sample:
    center, radii = rng.uniform(-1, 1, 3), rng.uniform(0.1, 2, 3)
    return Sample(
        Ellipsoid(center, radii),
        lambda points: radii.min() * (np.linalg.norm((points - center) / radii, axis=1) - 1),
    )


def frustum(rng) -> Sample:
    """A cone with a tip, a cylinder or something between, some along the solid's axes."""
    base, way = rng.uniform(-1, 1, 3), rng.normal(size=3)
    if rng.random() < 0.5:
        way = np.eye(3)[rng.integers(3)] * rng.choice([-1, 1])
    height = rng.uniform(0.1, 6)
    way = way / np.linalg.norm(way)
    lower = rng.uniform(0.05, 2)
    upper = rng.choice([0.0, lower, rng.uniform(0.05, 2)])
    if rng.random() < 0.5:
        lower, upper = upper, lower

    def gauge(points):
        along = (points - base) @ way
        aside = np.linalg.norm(points - base - along[:, None] * way, axis=1)
        mantle = aside - lower - (upper - lower) * along / height
        return np.stack(
            [mantle / np.hypot(1, (upper - lower) / height), -along, along - height]
        ).max(axis=0)

    return Sample(Frustum(base, base + height * way, lower, upper), gauge)


MAKERS = (box, octahedron, prism, slab, ellipsoid, frustum)


def search(gauge: Gauge, origins: np.ndarray, directions: np.ndarray):
    """Distance (N,) to where rays (N, 3) enter, inf if missed, and the gauge's least value (N,)."""

    def along(distances):
        return gauge(origins + distances[:, None] * directions)

    low, high = np.zeros(len(directions)), np.full(len(directions), REACH)
    for _ in range(45):
        third = (high - low) / 3
        falls = along(low + third) > along(high - third)
        low, high = np.where(falls, low + third, low), np.where(falls, high, high - third)
    deepest, least = high, along(high)
    outside, inside = np.zeros_like(deepest), deepest
    for _ in range(36):
        half = (outside + inside) / 2
        beyond = along(half) < 0
        outside, inside = np.where(beyond, outside, half), np.where(beyond, half, inside)
    hit = (least < 0) & (along(np.zeros_like(deepest)) > 0)
    return np.where(hit, inside, np.inf), least


class Reference(NamedTuple):
    """Distances (N, T) of T parts along N rays, the gauges' least values, and (object, part)."""

    distances: np.ndarray
    least: np.ndarray
    pairs: list[tuple[int, int]]

    def grazing(self):
        """bool (N, T): whether float32 may decide otherwise about hit and miss."""
        return np.abs(self.least) < GRAZING


def random_scene(rng, count: int, home: np.ndarray, speed: float):
    """Objects of one to three random shapes around `home`, and a dict from shape to gauge.

    They stand, or move at about `speed`; every other one has an instance.
    """
    objects, gauges = [], {}
    for number in range(count):
        samples = [MAKERS[rng.integers(len(MAKERS))](rng) for _ in range(rng.integers(1, 4))]
        gauges.update(samples)
        pose = Pose(*(home + rng.uniform(-1, 1, 3) * (12, 12, 2)), rng.uniform(-4, 4))
        motion = Straight(pose, tuple(rng.normal(size=2) * speed)) if speed else Standing(pose)
        solid = Solid(tuple(Part(sample.shape, 'metal') for sample in samples), number % 32)
        objects.append(SceneObject(solid, motion, number if number % 2 else -1))
    return objects, gauges


def to_object(each: SceneObject, times, mid_time: float, points):
    """World points (N, 3) in the object's frame at times (N,): straight on from `mid_time`."""
    x, y, z, yaw = each.motion.pose_at(mid_time)
    passed = np.asarray(times) - mid_time
    velocity = each.motion.velocity_at(mid_time)
    moved = points - np.stack(
        [x + velocity[0] * passed, y + velocity[1] * passed, np.full_like(passed, z)], axis=1
    )
    return turned(moved, -yaw)


def turned(vectors, yaw: float):
    """Vectors (N, 3) turned by `yaw` around z."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    return vectors @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]).T


def reference_cast(objects, gauges, origins, directions, times) -> Reference:
    """All parts along all rays: origins, directions (N, 3) in the world, times (N,)."""
    mid_time = (times.min() + times.max()) / 2
    distances, least, pairs = [], [], []
    for index, each in enumerate(objects):
        local = to_object(each, times, mid_time, origins)
        yaw = each.motion.pose_at(mid_time).yaw
        for number, part in enumerate(each.solid.parts):
            found = search(gauges[part.shape], local, turned(directions, -yaw))
            distances.append(found[0])
            least.append(found[1])
            pairs.append((index, number))
    return Reference(np.stack(distances, axis=1), np.stack(least, axis=1), pairs)

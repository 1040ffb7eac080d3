"""Questions to a solid that points alone answer: what its parts hold, and what hangs together."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.spatial import cKDTree

FAR = 100.0  # metres; further than any part of the catalog reaches
TOWARD = np.float32([[0.36, 0.48, 0.8]])


def build_all(builder, seeds=range(6), **given):
    """Solids of one builder, one for each seed."""
    return [builder(np.random.default_rng(seed), **given) for seed in seeds]


def holds(shape, points):
    """Whether points (N, 3) lie in a convex shape: from far on both sides it begins before them."""
    points = np.atleast_2d(points).astype(np.float64)
    before = shape.distances((points - FAR * TOWARD).astype(np.float32), TOWARD)
    behind = shape.distances((points + FAR * TOWARD).astype(np.float32), -TOWARD)
    return (before <= FAR) & (behind <= FAR)


def held(parts, points):
    """Whether any of the parts holds each of the points (N, 3)."""
    return np.any([holds(part.shape, points) for part in parts], axis=0)


def volume(parts, count=20000, seed=0):
    """Cubic metres that the parts fill together, by points spread over the box about them."""
    corners = np.stack([part.shape.bounds for part in parts])
    low, high = corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)
    points = np.random.default_rng(seed).uniform(low, high, (count, 3))
    return float(held(parts, points).mean() * np.prod(high - low))


def asymmetry(parts, count=4000, seed=0):
    """Share of the points in the parts whose mirror images about y = 0 lie in none of them."""
    corners = np.stack([part.shape.bounds for part in parts])
    low, high = corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)
    points = np.random.default_rng(seed).uniform(low, high, (count, 3))
    inside = points[held(parts, points)]
    return 1 - held(parts, inside * (1, -1, 1)).mean()


def touch(first, second, slack=0.02, count=1500):
    """Whether two parts come within about `slack` metres; by points where their boxes meet."""
    low = np.maximum(first.shape.bounds[0], second.shape.bounds[0]) - slack
    high = np.minimum(first.shape.bounds[1], second.shape.bounds[1]) + slack
    if (low > high).any():
        return False
    points = np.random.default_rng(0).uniform(low, high, (count, 3))
    in_first, in_second = holds(first.shape, points), holds(second.shape, points)
    if (in_first & in_second).any():
        return True
    if not in_first.any() or not in_second.any():
        return False
    return bool(cKDTree(points[in_first]).query(points[in_second])[0].min() <= 1.5 * slack)


def pieces(parts, slack=0.02):
    """The groups of indices of parts that hang together, with gaps of up to `slack` metres."""
    group = list(range(len(parts)))
    for i, j in combinations(range(len(parts)), 2):
        if group[i] != group[j] and touch(parts[i], parts[j], slack):
            group = [group[i] if each == group[j] else each for each in group]
    return [[i for i, each in enumerate(group) if each == name] for name in sorted(set(group))]


def bounds_of(parts):
    """(P, 2, 3): lowest and highest corners, part by part."""
    return np.stack([part.shape.bounds for part in parts])


def made_of(solid, material, tint=None):
    """Parts of one material, and of one tint if that is given."""
    return [
        part
        for part in solid.parts
        if part.material == material and (tint is None or part.tint == tint)
    ]


def seen(solid, origins, direction):
    """The parts that parallel rays from (N, 3) meet first, one for each; None where they pass."""
    origins = np.atleast_2d(origins).astype(np.float32)
    toward = np.asarray(direction, np.float64) / np.linalg.norm(direction)
    rays = origins, np.tile(toward.astype(np.float32), (len(origins), 1))
    distances = np.stack([part.shape.distances(*rays) for part in solid.parts])
    nearest, depth = distances.argmin(axis=0), distances.min(axis=0)
    return [
        solid.parts[index] if np.isfinite(each) else None
        for index, each in zip(nearest, depth, strict=True)
    ]


def first_met(solid, origin, direction):
    """The part that a ray meets first and the distance; (None, inf) if it meets none."""
    direction = np.asarray(direction, np.float64) / np.linalg.norm(direction)
    ray = np.float32([origin]), direction[None].astype(np.float32)
    distances = [float(part.shape.distances(*ray)[0]) for part in solid.parts]
    nearest = int(np.argmin(distances))
    return (solid.parts[nearest] if np.isfinite(distances[nearest]) else None), distances[nearest]

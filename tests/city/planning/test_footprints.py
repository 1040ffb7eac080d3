"""Overlaps against points spread over the rectangles."""

from __future__ import annotations

import numpy as np

from stslidr_city.planning.footprints import Claims, overlap, turned_rectangles_overlap


def test_turned_rectangles_against_points_inside():
    """A fine grid of points on the one, taken into the other's frame."""
    rng = np.random.default_rng(0)
    count, size, other_size = 300, (4.0, 1.8), (7.0, 2.5)
    centres, others = rng.uniform(-4, 4, (2, count, 2))
    yaws, other_yaws = rng.uniform(-4, 4, (2, count))
    found = turned_rectangles_overlap(centres, yaws, size, others, other_yaws, other_size)
    unit = np.stack(np.meshgrid(*[np.linspace(-0.5, 0.5, 121)] * 2), axis=-1).reshape(-1, 2)

    def turn(angle):
        return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    for index in range(count):
        points = centres[index] + (unit * size) @ turn(yaws[index]).T
        local = (points - others[index]) @ turn(other_yaws[index])
        depth = (np.array(other_size) / 2 - np.abs(local)).min(axis=1).max()
        if abs(depth) > 0.05:  # the grid of points is 0.03 m fine
            assert found[index] == (depth > 0)
    assert 50 < found.sum() < 250


def test_claims_give_ground_once():
    rng = np.random.default_rng(1)
    claims, taken = Claims([(0, 0, 2, 2)]), [(0, 0, 2, 2)]
    for low in rng.uniform(-5, 5, (60, 2)):
        rectangle = (*low.tolist(), *(low + rng.uniform(0.2, 2, 2)).tolist())
        x, y = np.meshgrid(
            *(np.linspace(rectangle[i] + 1e-6, rectangle[i + 2] - 1e-6, 40) for i in (0, 1))
        )
        blocked = any(((x > a) & (x < c) & (y > b) & (y < d)).any() for a, b, c, d in taken)
        assert claims.claim(rectangle) != blocked
        if not blocked:
            taken.append(rectangle)
    assert overlap((0, 0, 1, 1), (0.5, 0.5, 2, 2)) and not overlap((0, 0, 1, 1), (1, 0, 2, 1))

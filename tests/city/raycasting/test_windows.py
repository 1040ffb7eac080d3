"""Bounds in images and angles against dense samples of hulls; runs and boxes exhaustively."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from stslidr_city.raycasting.windows import (
    NEAR,
    PIXEL_SLACK,
    angular_bounds,
    box_windows,
    image_bounds,
    runs,
    wrapped,
)

CAM2IMG = np.array([[40.0, 0.0, 31.5], [0.0, 40.0, 17.5], [0.0, 0.0, 1.0]])


def hulls(rng, count, reach, half=(0.2, 3)):
    """Corners (count, 8, 3) of boxes, turned at will, around places as far as `reach`."""
    signs = np.array(list(product((-1, 1), repeat=3)))
    corners = signs * rng.uniform(*half, (count, 1, 3))
    turns = np.linalg.qr(rng.normal(size=(count, 3, 3)))[0]
    return corners @ turns + rng.normal(size=(count, 1, 3)) * reach


def inside(corners, rng, count=3000):
    """Random points (count, 3) of one hull, many of them on edges and at corners."""
    shares = rng.dirichlet(np.full(len(corners), 0.2), count)
    return np.concatenate([corners, shares @ corners])


def on_edges(corners, count=400):
    """Points (N, 3) on all lines between two corners: no point of the hull is further out."""
    share = np.linspace(0, 1, count)[:, None, None]
    pairs = np.array([(i, j) for i in range(len(corners)) for j in range(i)])
    start, end = corners[pairs[:, 0]], corners[pairs[:, 1]]
    return (start + share * (end - start)).reshape(-1, 3)


def test_image_bounds_hold_every_point_before_the_camera_and_no_more():
    """Hulls before, behind and around the camera; bounds are those of points on their edges."""
    rng = np.random.default_rng(0)
    corners = hulls(rng, 60, (4, 3, 6))
    low, high = image_bounds(corners, CAM2IMG)
    kinds = set()
    for index, hull in enumerate(corners):
        points = on_edges(hull)
        before = points[points[:, 2] >= NEAR]
        cut = (hull[:, 2] < NEAR).sum()
        kinds.add('whole' if cut == 0 else 'behind' if cut == 8 else 'cut')
        if not len(before):
            assert (low[index] == np.inf).all() and (high[index] == -np.inf).all()
            continue
        pixels = (before @ CAM2IMG.T)[:, :2] / before[:, 2:]
        assert (pixels.min(axis=0) >= low[index] - 1e-6).all()
        assert (pixels.max(axis=0) <= high[index] + 1e-6).all()
        if cut == 0:
            assert np.allclose(pixels.min(axis=0), low[index])
            assert np.allclose(pixels.max(axis=0), high[index])
    assert kinds == {'whole', 'behind', 'cut'}


def test_a_hull_through_the_near_plane_is_cut_there():
    """A rod from behind the camera to before it, to the right: it comes in from the far right."""
    rod = np.array([[[1.0, 0.0, -1.0], [1.0, 0.0, 4.0]]])
    low, high = image_bounds(rod, CAM2IMG)
    assert low[0] == pytest.approx([31.5 + 40 / 4, 17.5])
    assert high[0] == pytest.approx([31.5 + 40 / NEAR, 17.5])


@pytest.mark.parametrize('shape', [(1, 1), (4, 7)])
def test_box_windows_hold_just_the_pixels_within_the_bounds(shape):
    """All bounds on a lattice of quarters, inside and beyond the grid."""
    rows, columns = shape
    rng = np.random.default_rng(1)
    low = rng.integers(-8, 4 * max(shape) + 8, (500, 2)) / 4
    high = low + rng.integers(-2, 12, (500, 2)) / 4
    for (left, top), (right, bottom), found in zip(
        low, high, box_windows(low, high, shape), strict=True
    ):
        expected = [
            (row, column)
            for row in range(rows)
            for column in range(columns)
            if top - PIXEL_SLACK <= row <= bottom + PIXEL_SLACK
            and left - PIXEL_SLACK <= column <= right + PIXEL_SLACK
        ]
        pixels = [
            (row, column)
            for window in found
            for row in range(*window[0].indices(rows))
            for column in range(*window[1].indices(columns))
        ]
        assert pixels == expected
        assert len(found) == bool(expected)


def test_infinite_bounds_are_no_window_or_the_whole_grid():
    nothing, everything = box_windows(
        np.array([[np.inf, np.inf], [-1e9, -1e9]]),
        np.array([[-np.inf, -np.inf], [1e9, 1e9]]),
        (3, 5),
    )
    assert nothing == [] and everything == [(slice(0, 3), slice(0, 5))]


@pytest.mark.parametrize('spread', [(0.0, 0.0), (0.6, 0.05)])
def test_angular_bounds_hold_every_point_seen_from_every_viewpoint(spread):
    """Viewpoints anywhere within the spread, points anywhere in the hull."""
    rng = np.random.default_rng(2)
    corners = hulls(rng, 80, (6, 6, 1.5))
    azimuth, width, lowest, highest = angular_bounds(corners, spread)
    narrow = 0
    for index, hull in enumerate(corners):
        points = inside(hull, rng)
        radius, rise = spread
        turn = rng.uniform(0, 2 * np.pi, len(points))
        away = radius * np.sqrt(rng.random(len(points)))
        viewpoints = np.column_stack(
            [away * np.cos(turn), away * np.sin(turn), rng.uniform(-rise, rise, len(points))]
        )
        x, y, z = (points - viewpoints).T
        off = np.abs(wrapped(np.arctan2(y, x) - azimuth[index]))
        elevation = np.arctan2(z, np.hypot(x, y))
        assert off.max() <= width[index] + 1e-9
        assert lowest[index] - 1e-9 <= elevation.min()
        assert elevation.max() <= highest[index] + 1e-9
        narrow += width[index] < np.pi / 2
    assert 20 < narrow < 80  # others stand around the axis or near it


def test_azimuths_from_one_viewpoint_are_exact():
    """Half the width and the middle of the directions to the corners, away from the axis."""
    rng = np.random.default_rng(3)
    corners = hulls(rng, 50, 1)
    turn = rng.uniform(0, 2 * np.pi, 50)
    corners[..., :2] += 12 * np.stack([np.cos(turn), np.sin(turn)], axis=1)[:, None]
    azimuth, width, _, _ = angular_bounds(corners, (0.0, 0.0))
    for index, hull in enumerate(corners):
        off = wrapped(np.arctan2(hull[:, 1], hull[:, 0]) - turn[index])
        assert width[index] == pytest.approx(np.ptp(off) / 2)
        middle = turn[index] + (off.min() + off.max()) / 2
        assert wrapped(azimuth[index] - middle) == pytest.approx(0, abs=1e-9)


def test_a_hull_around_the_axis_is_seen_all_around():
    plate = np.array([[[-5, -5, -2], [5, -5, -2], [5, 5, -2], [-5, 5, -2.0]]])
    _, width, lowest, highest = angular_bounds(plate, (0.0, 0.0))
    assert width[0] == np.pi
    assert lowest[0] == pytest.approx(-np.pi / 2)
    assert highest[0] == pytest.approx(np.arctan2(-2, np.hypot(5, 5)))


def test_angles_are_the_same_within_a_half_turn():
    angles = np.linspace(-20, 20, 4001)
    found = wrapped(angles)
    assert found.min() >= -np.pi and found.max() < np.pi
    assert np.allclose(np.exp(1j * found), np.exp(1j * angles))


def test_runs_of_every_mask_of_nine():
    for number in range(2**9):
        mask = np.array([number >> bit & 1 for bit in range(9)], bool)
        stretches = runs(mask)
        assert [i for each in stretches for i in range(9)[each]] == mask.nonzero()[0].tolist()
        gaps = zip(stretches[:-1], stretches[1:], strict=True)
        assert all(first.stop < second.start for first, second in gaps)

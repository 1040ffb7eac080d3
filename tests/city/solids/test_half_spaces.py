"""Polygons, hulls and corners of half-spaces against closed forms; what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import Delaunay

from stslidr_city.solids.half_spaces import (
    edge_half_planes,
    hull_half_spaces,
    vertices_of_half_spaces,
)

SQUARE = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]])


@pytest.mark.parametrize('sense', [1, -1])
def test_edges_of_a_rectangle(sense):
    normals, offsets = edge_half_planes(SQUARE[::sense])
    found = {(*normal, offset) for normal, offset in zip(normals.tolist(), offsets, strict=True)}
    assert found == {(0, -1, 0), (1, 0, 2), (0, 1, 1), (-1, 0, 0)}


@pytest.mark.parametrize(
    'polygon',
    [
        [(0, 0), (2, 0), (1, 0.5), (2, 2)],  # a dent
        [(0, 0), (1, 1), (1, 0), (0, 1)],  # crosses itself
        [(0, 0), (0, 0), (1, 0), (0, 1)],  # a corner twice
        [(0, 0), (1, 0), (2, 0)],  # no area
        [(0, 0), (1, 0)],
        [(np.cos(4 * np.pi * k / 5), np.sin(4 * np.pi * k / 5)) for k in range(5)],  # a pentagram
    ],
)
def test_other_polygons_are_refused(polygon):
    with pytest.raises(ValueError, match='polygon'):
        edge_half_planes(np.array(polygon, dtype=float))


def test_a_corner_on_an_edge_is_allowed():
    normals, offsets = edge_half_planes(np.insert(SQUARE, 1, [1, 0], axis=0))
    assert len(normals) == 5
    assert (SQUARE @ normals.T - offsets < 1e-12).all()


def test_a_cubes_hull_has_six_faces():
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 2) for z in (0, 3)], dtype=float)
    normals, offsets = hull_half_spaces(corners)
    assert len(normals) == 6
    assert sorted(offsets.round(12)) == [0, 0, 0, 1, 2, 3]


def test_hull_holds_what_delaunay_holds():
    rng = np.random.default_rng(0)
    corners, points = rng.normal(size=(12, 3)), rng.normal(size=(4000, 3))
    normals, offsets = hull_half_spaces(corners)
    inside = (points @ normals.T <= offsets).all(axis=1)
    assert 100 < inside.sum() < 3900
    assert np.array_equal(inside, Delaunay(corners).find_simplex(points) >= 0)


@pytest.mark.parametrize(
    'points', [np.eye(3), np.random.default_rng(0).normal(size=(9, 3)) * (1, 1, 0)]
)
def test_a_flat_hull_is_refused(points):
    with pytest.raises(ValueError, match='no volume'):
        hull_half_spaces(points)


def test_corners_of_an_octahedron():
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
    corners = vertices_of_half_spaces(signs / np.sqrt(3), np.full(8, 2 / np.sqrt(3)))
    expected = 2 * np.concatenate([np.eye(3), -np.eye(3)])
    assert {tuple(each) for each in corners.round(9) + 0.0} == {tuple(each) for each in expected}


def test_unbounded_and_empty_intersections_are_refused():
    cube = np.concatenate([np.eye(3), -np.eye(3)])
    with pytest.raises(ValueError, match='infinity'):
        vertices_of_half_spaces(cube[:5], np.ones(5))
    with pytest.raises(ValueError, match='infinity'):
        vertices_of_half_spaces(cube[:2], np.ones(2))
    with pytest.raises(ValueError, match='no point'):
        vertices_of_half_spaces(cube, np.array([1, 1, 1, -2, 1, 1.0]))

"""Voxels of the real keyframe against MinkowskiEngine's, and of small clouds against a dict."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stslidr.core.voxels import VoxelGrid, voxelize

INT32 = np.iinfo(np.int32)


def voxelize_by_dict(coordinates):
    """First point of each cell, and the cell's number in order of appearance, point by point."""
    cells, first_point, point2voxel = {}, [], []
    for index, cell in enumerate(map(tuple, np.asarray(coordinates).tolist())):
        if cell not in cells:
            cells[cell] = len(cells)
            first_point.append(index)
        point2voxel.append(cells[cell])
    return list(cells), point2voxel, first_point


def check_against_dict(coordinates):
    voxels = voxelize(coordinates)
    cells, point2voxel, first_point = voxelize_by_dict(coordinates)
    assert voxels.coordinates.tolist() == [list(cell) for cell in cells]
    assert voxels.point2voxel.tolist() == point2voxel
    assert voxels.first_point.tolist() == first_point
    assert voxels.coordinates.dtype == np.int32 and voxels.coordinates.shape[1] == 3
    assert voxels.point2voxel.dtype == voxels.first_point.dtype == np.int64


def test_voxels_of_the_keyframe_are_the_published_ones(keyframe_root):
    """Row by row: the cells, their order, and the intensity of each cell's first point."""
    (path,) = (keyframe_root / 'samples' / 'LIDAR_TOP').glob('*.bin')
    sweep = np.fromfile(path, np.float32).reshape(-1, 5)
    published = np.load(keyframe_root / '../../fixtures/minkowski/real.npz')
    voxels = voxelize(VoxelGrid().coordinates(sweep[:, :3]))
    assert len(voxels.coordinates) == 15947
    assert np.array_equal(voxels.coordinates, published['in_coords'][:, 1:])
    assert np.array_equal(sweep[voxels.first_point, 3], published['in_feats'][:, 0])
    check_against_dict(VoxelGrid('cartesian', (0.1, 0.1, 0.1)).coordinates(sweep[:, :3]))


@given(arrays(np.int64, st.tuples(st.integers(0, 40), st.just(3)), elements=st.integers(-3, 3)))
@settings(max_examples=80, deadline=None)
def test_crowded_cells_match_the_dict(coordinates):
    check_against_dict(coordinates)


@given(
    arrays(
        np.int32,
        st.tuples(st.integers(0, 30), st.just(3)),
        elements=st.sampled_from([INT32.min, INT32.min + 1, -1, 0, INT32.max]),
    )
)
@settings(max_examples=80, deadline=None)
def test_cells_at_both_ends_of_int32_match_the_dict(coordinates):
    """More cells than an int64 can number, so that no single key serves."""
    check_against_dict(coordinates)


@pytest.mark.parametrize('top', [2**21 - 1, 2**21, 2**21 + 1])
def test_extents_about_2_to_the_63_match_the_dict(top):
    corners = [(a, b, c) for a in (0, 1, top) for b in (0, 1, top) for c in (0, 1, top)]
    check_against_dict(np.array(corners + corners[::-1]))


def test_a_large_cloud_matches_the_dict():
    rng = np.random.default_rng(0)
    check_against_dict(rng.integers(-20, 20, size=(100_000, 3)).astype(np.int16))


@pytest.mark.parametrize(
    'coordinates',
    [
        np.array([[0, 0, 2**31]]),
        np.array([[-(2**31) - 1, 0, 0]]),
        np.array([[0, 2**40, 0], [0, 0, 0]]),
        np.array([[0, 0, 2**63]], dtype=np.uint64),
    ],
)
def test_cells_beyond_int32_are_refused(coordinates):
    with pytest.raises(ValueError, match='int32'):
        voxelize(coordinates)


@pytest.mark.parametrize(
    'coordinates',
    [np.zeros((4, 3)), np.zeros((4, 4), int), np.zeros(3, int), np.zeros((4, 3), bool)],
)
def test_what_are_no_cells_is_refused(coordinates):
    with pytest.raises(ValueError, match='integers'):
        voxelize(coordinates)


def test_a_turn_around_the_origin():
    """rho 1 m in cells of 0.5 m: no point may sit on a border but on those of phi."""
    degrees = [0, 0.5, 1, 45.5, 90.5, 179.5, -0.5, -1, -1.5, -90.5, -179.5]
    radians = np.radians(degrees)
    points = np.stack((1.2 * np.cos(radians), 1.2 * np.sin(radians), np.full(11, -0.01)), axis=1)
    cells = VoxelGrid('cylindrical', (0.5, 1.0, 0.1)).coordinates(points)
    assert cells[:, 0].tolist() == [2] * 11
    assert cells[:, 2].tolist() == [-1] * 11
    inner = [0, 1, 3, 4, 5, 6, 8, 9, 10]  # whole degrees may fall to either side
    assert cells[inner, 1].tolist() == [math.floor(degrees[index]) for index in inner]


def test_phi_of_exactly_180_is_its_own_cell():
    """y = +0 and y = -0 lie on the two ends: cells 180 and -180 of 361."""
    cells = VoxelGrid().coordinates([[-3, 0.0, 0], [-3, -0.0, 0], [-3, 1e-30, 0], [3, -0.0, 0]])
    assert cells[:, 1].tolist() == [180, -180, 180, 0]


def test_origin_and_sizes():
    assert VoxelGrid().coordinates([[0, 0, 0]]).tolist() == [[0, 0, 0]]
    point = [[3, 4, -1.1]]
    assert VoxelGrid(size=(2.0, 10.0, 0.5)).coordinates(point).tolist() == [[2, 5, -3]]
    assert VoxelGrid('cartesian', (2.0, 3.0, 0.5)).coordinates(point).tolist() == [[1, 1, -3]]


def test_cartesian_cells_are_floors_also_below_zero():
    grid = VoxelGrid('cartesian', (0.5, 0.25, 2.0))  # exact in binary
    points = np.array(
        [[-0.5, -0.25, -2], [-0.51, -0.26, -2.01], [-1e-20, 0, -1e-20], [0.49, 0.25, 1.99]]
    )
    assert grid.coordinates(points).tolist() == [[-1, -1, -1], [-2, -2, -2], [-1, 0, -1], [0, 1, 0]]


def test_arithmetic_is_float32():
    """The float32 number nearest to 0.7 is below it: 7 cells in float32, 6.9999998 in float64."""
    assert math.floor(np.float64(np.float32(0.7)) / 0.1) == 6
    assert VoxelGrid().coordinates([[0.7, 0.0, 0.7]]).tolist() == [[7, 0, 7]]
    rng = np.random.default_rng(0)
    points = rng.uniform(-50, 50, size=(2000, 3)).astype(np.float32)
    grid = VoxelGrid('cartesian', (0.1, 0.2, 0.3))
    expected = [
        [
            math.floor(np.float32(value) / np.float32(edge))
            for value, edge in zip(point, grid.size, strict=True)
        ]
        for point in points
    ]
    assert grid.coordinates(points).tolist() == expected


@pytest.mark.parametrize('kind', ['cylindrical', 'cartesian'])
@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf, 3e8, -3e8, 1e30, 1e300])
def test_points_too_far_out_are_refused(kind, bad):
    """0.1 m cells reach int32's end at 2.1e8 m; the error says what to do."""
    grid = VoxelGrid(kind, (0.1, 1.0, 0.1) if kind == 'cylindrical' else (0.1, 0.1, 0.1))
    for axis in range(3):
        point = np.ones(3)
        point[axis] = bad
        with pytest.raises(ValueError, match='clean the sweep or enlarge'):
            grid.coordinates([[1, 1, 1], point])


def test_empty_sweep():
    cells = VoxelGrid().coordinates(np.empty((0, 3)))
    assert cells.shape == (0, 3) and cells.dtype == np.int32
    voxels = voxelize(cells)
    assert voxels.coordinates.shape == (0, 3)
    assert len(voxels.point2voxel) == len(voxels.first_point) == 0


def test_other_shapes_of_points_are_refused():
    for shape in ((4, 4), (3,), (2, 3, 3)):
        with pytest.raises(ValueError, match='points must be'):
            VoxelGrid().coordinates(np.zeros(shape))


@pytest.mark.parametrize(
    'kind, size, key',
    [
        ('spherical', (0.1, 1, 0.1), 'kind'),
        ('cartesian', (0.1, 0.1), 'size'),
        ('cartesian', 0.1, 'size'),
        ('cartesian', (0.1, 0, 0.1), 'size'),
        ('cartesian', (0.1, -1, 0.1), 'size'),
        ('cylindrical', (0.1, np.nan, 0.1), 'size'),
        ('cylindrical', (np.inf, 1, 0.1), 'size'),
    ],
)
def test_bad_grids_are_refused_by_key(kind, size, key):
    with pytest.raises(ValueError, match=f'`{key}`'):
        VoxelGrid(kind, size)


def test_a_grid_describes_itself():
    grid = VoxelGrid('cartesian', [1, 2, 3])
    assert grid.describe() == {'kind': 'cartesian', 'size': [1.0, 2.0, 3.0]}
    assert VoxelGrid(**grid.describe()) == grid
    assert VoxelGrid() == VoxelGrid('cylindrical', (0.1, 1.0, 0.1))

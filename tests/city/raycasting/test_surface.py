"""Surface points, their normals and parts against the gauges and the grid's own rays."""

from __future__ import annotations

import numpy as np
import pytest
from grids import CAM2IMG, GRIDS, HOME, camera_pose, pinhole

from stslidr.core.geometry import invert_rigid, project_points
from stslidr_city.raycasting.casting import cast
from stslidr_city.raycasting.rays import PinholeRays
from stslidr_city.raycasting.surface import surface
from support.reference_casting import NOW, random_scene, to_object, turned


@pytest.fixture(scope='module', params=GRIDS, ids=lambda maker: maker.__name__)
def case(request):
    """A grid with its rays, moving objects, gauges, hits and their surface."""
    rng = np.random.default_rng(11)
    rays = request.param(rng)
    objects, gauges = random_scene(rng, 20, HOME, 10.0)
    hits = cast(rays.grid, objects)
    return rays, objects, gauges, hits, surface(rays.grid, hits, objects)


def test_entries_are_the_rays_that_hit(case):
    rays, objects, _, hits, found = case
    assert np.array_equal(found.ray, np.flatnonzero(np.isfinite(hits.distance)))
    assert np.array_equal(found.distance, hits.distance[np.isfinite(hits.distance)])
    assert np.array_equal(found.object, hits.object.ravel()[found.ray])
    expected = [objects[index].solid.category for index in found.object]
    assert np.array_equal(found.category, expected)
    dtypes = [
        (found.ray, np.int64),
        (found.object, np.int32),
        (found.part, np.int32),
        (found.part_object, np.int32),
        (found.category, np.uint8),
    ]
    floats = (
        found.distance,
        found.points,
        found.local,
        found.normals,
        found.local_normals,
        found.incidence,
    )
    for array, dtype in [*dtypes, *((array, np.float32) for array in floats)]:
        assert array.dtype == dtype
    count = len(found.ray)
    assert count > 100
    assert found.points.shape == found.local.shape == found.normals.shape == (count, 3)


def test_parts_are_those_that_were_hit(case):
    _, objects, _, hits, found = case
    assert set(found.part.tolist()) == set(range(len(found.parts)))
    assert len(found.part_object) == len(found.parts)
    assert np.array_equal(found.part_object[found.part], found.object)
    numbers = hits.part.ravel()[found.ray]
    for entry in range(0, len(found.ray), 7):
        part = objects[found.object[entry]].solid.parts[numbers[entry]]
        assert found.parts[found.part[entry]] is part


def test_points_lie_on_their_rays_and_surfaces(case):
    rays, objects, gauges, _, found = case
    world = rays.origins[found.ray] + found.distance[:, None] * rays.directions[found.ray]
    assert np.abs(rays.grid.centre + found.points - world).max() < 2e-4
    for index in np.unique(found.object):
        mine = found.object == index
        local = to_object(
            objects[index], rays.times[found.ray][mine], rays.grid.mid_time, world[mine]
        )
        assert np.abs(found.local[mine] - local).max() < 3e-4
    for number, part in enumerate(found.parts):
        gauge = gauges[part.shape](found.local[found.part == number].astype(np.float64))
        assert np.abs(gauge).max() < 3e-4


def test_normals_turn_with_their_object_and_face_the_ray(case):
    rays, objects, _, _, found = case
    for number, part in enumerate(found.parts):
        mine = found.part == number
        assert np.array_equal(found.local_normals[mine], part.shape.normals(found.local[mine]))
        yaw = objects[found.part_object[number]].motion.pose_at(0).yaw
        assert np.abs(turned(found.local_normals[mine], yaw) - found.normals[mine]).max() < 1e-6
    cosine = -(found.normals * rays.directions[found.ray]).sum(axis=1)
    assert (cosine > -0.02).mean() > 0.99
    assert np.abs(found.incidence - np.clip(cosine, 0, 1)).max() < 1e-6


def test_camera_points_project_onto_their_pixels():
    """A full-size camera: each surface point within a thousandth of its pixel."""
    rng = np.random.default_rng(2)
    pose = camera_pose(rng)
    cam2img = CAM2IMG * [[10.0], [10.0], [1.0]]
    grid = PinholeRays(pose, cam2img, (360, 640), NOW)
    objects, _ = random_scene(rng, 20, HOME, 10.0)
    found = surface(grid, cast(grid, objects), objects)
    world = grid.centre + found.points.astype(np.float64)
    pixels, depths = project_points(world, invert_rigid(pose)[None], cam2img[None])
    rows, columns = np.divmod(found.ray, 640)
    assert len(rows) > 5000
    assert np.abs(pixels[0] - np.stack([columns, rows], axis=1)).max() < 1e-3
    assert (depths > 0).all()


def test_nothing_hit_gives_an_empty_surface():
    grid = pinhole(np.random.default_rng(0)).grid
    found = surface(grid, cast(grid, []), [])
    assert found.parts == () and len(found.part_object) == 0
    assert found.points.shape == found.normals.shape == (0, 3)
    objects, _ = random_scene(np.random.default_rng(0), 20, HOME, 0.0)
    assert len(surface(grid, cast(grid, []), objects).ray) == 0

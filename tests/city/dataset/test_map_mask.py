"""The map mask, asked as the devkit asks it."""

import math

import numpy as np
import pytest
from nuscenes.utils.map_mask import MapMask

from stslidr_city.dataset import map_mask
from stslidr_city.dataset.map_mask import write_map_mask
from stslidr_city.planning.world import SceneWorld


def in_disc_or_lane(points):
    disc = np.hypot(points[:, 0] - 12.0, points[:, 1] - 5.0) < 4.0
    return disc | (np.abs(points[:, 1] - 20.0 - points[:, 0] / 9) < 1.5)


def pixel_by_pixel(size, driveable):
    """The mask with every pixel asked: the point that the devkit finds in row r, column c."""
    width, height = (math.ceil(extent * 10) + 1 for extent in size)
    rows, columns = np.mgrid[:height, :width]
    points = np.stack([columns / 10, (height - rows) / 10], axis=-1).reshape(-1, 2)
    return np.where(driveable(points), 255, 0).reshape(height, width)


@pytest.mark.parametrize('strip_pixels', [1, 5000, 2**20])
@pytest.mark.parametrize('size', [(31.27, 26.0), (0.3, 40.0), (30.0, 0.1)])
def test_every_pixel(tmp_path, monkeypatch, strip_pixels, size):
    monkeypatch.setattr(map_mask, 'STRIP_PIXELS', strip_pixels)
    write_map_mask(tmp_path / 'map.png', size, in_disc_or_lane)
    mask = MapMask(str(tmp_path / 'map.png')).mask()
    np.testing.assert_array_equal(mask, pixel_by_pixel(size, in_disc_or_lane))


def test_devkit_finds_the_driveable_surface(tmp_path):
    size = (31.27, 26.0)
    write_map_mask(tmp_path / 'map.png', size, in_disc_or_lane)
    mask = MapMask(str(tmp_path / 'map.png'))
    points = np.random.default_rng(0).uniform([0, 0.06], size, (20_000, 2))
    rounded = in_disc_or_lane(np.round(points / 0.1) * 0.1)
    found = mask.is_on_mask(points[:, 0], points[:, 1])
    assert (found != rounded).mean() < 1e-3, 'but for points half-way between two pixels'
    assert 0.1 < rounded.mean() < 0.9
    assert (found != in_disc_or_lane(points)).mean() < 0.02, 'and those at an edge'


def test_a_part_of_the_city(tmp_path):
    world = SceneWorld(3, 0, 2)
    corner = world.ego.pose_at(0.0)[:2, 3] - 25.0

    def driveable(points):
        return world.driveable(points + corner)

    write_map_mask(tmp_path / 'map.png', (50.0, 50.0), driveable)
    mask = MapMask(str(tmp_path / 'map.png')).mask()
    expected = pixel_by_pixel((50.0, 50.0), driveable)
    assert 0.05 < (expected > 0).mean() < 0.95
    np.testing.assert_array_equal(mask, expected)

"""PairPointsWithPixels, VoxelizeSweep and PackPairedSample: what each hands to the next."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmdet3d.structures.points import LiDARPoints

from stslidr.core.pairing import PointPixelPairs
from stslidr.datasets.transforms.packing import PackPairedSample
from stslidr.datasets.transforms.point_pixel_pairs import PairPointsWithPixels
from stslidr.datasets.transforms.voxelization import VoxelizeSweep


def one_camera(points, depth=10.0):
    """A camera at the LiDAR's origin that looks along z, 100 pixels a unit tangent, 60 x 80."""
    sweep = np.column_stack([points, np.arange(len(points))]).astype(np.float32)
    cam2img = np.array([[100.0, 0, 40], [0, 100, 30], [0, 0, 1]])
    return {
        'points': LiDARPoints(sweep, points_dim=4),
        'image_sizes': np.array([[60, 80]]),
        'cameras': [{'lidar2cam': np.eye(4), 'cam2img': cam2img}],
    }


def test_pixels_of_points_by_hand():
    sample = one_camera([[0, 0, 10], [1, 2, 10], [-1, 0.06, 10], [0, 0, -10], [5, 0, 10]])
    pairs = PairPointsWithPixels()(sample)['pairs']
    assert pairs.points.tolist() == [0, 1, 2]
    assert pairs.images.tolist() == [0, 0, 0]
    assert pairs.pixels.tolist() == [[30, 40], [50, 50], [31, 30]]


@pytest.mark.parametrize(('min_depth', 'kept'), [(0, [0, 1, 2]), (1.0, [1, 2]), (2.0, [2])])
def test_points_nearer_than_min_depth_do_not_pair(min_depth, kept):
    sample = one_camera([[0, 0, 0.5], [0, 0, 1.5], [0, 0, 2.5]])
    assert PairPointsWithPixels(min_depth)(sample)['pairs'].points.tolist() == kept


@pytest.mark.parametrize('min_depth', [-1, float('nan')])
def test_a_negative_depth_is_refused(min_depth):
    with pytest.raises(ValueError, match='min_depth'):
        PairPointsWithPixels(min_depth)


def test_voxels_of_either_grid():
    points = [[1.04, 0.01, 0.0], [1.06, 0.01, 0.05], [0.0, -2.0, -0.01], [1.14, 0.001, 0.0]]
    cylindrical = VoxelizeSweep()(one_camera(points))['voxel_index']
    assert cylindrical.coordinates.tolist() == [[10, 0, 0], [20, -90, -1], [11, 0, 0]]
    assert cylindrical.point2voxel.tolist() == [0, 0, 1, 2]
    cartesian = VoxelizeSweep('cartesian', (1.0, 1.0, 1.0))(one_camera(points))['voxel_index']
    assert cartesian.coordinates.tolist() == [[1, 0, 0], [0, -2, -1]]


@pytest.mark.parametrize(
    ('kind', 'size'), [('spherical', (1, 1, 1)), ('cartesian', (1, 1)), ('cartesian', (0, 1, 1))]
)
def test_senseless_voxels_are_refused(kind, size):
    with pytest.raises(ValueError, match='spherical|size'):
        VoxelizeSweep(kind, size)


def packable(image_sizes=((4, 6), (4, 6)), superpixels=True):
    sample = one_camera([[1.04, 0.01, 0.0], [1.06, 0.01, 0.05], [0.0, -2.0, -0.01]])
    sample.update(
        image_sizes=np.array(image_sizes),
        images=[
            torch.full((3, *size), camera, dtype=torch.uint8)
            for camera, size in enumerate(image_sizes)
        ],
        pairs=PointPixelPairs(
            np.array([0, 2, 1]), np.array([0, 0, 1]), np.array([[1, 2], [3, 5], [0, 0]])
        ),
    )
    if superpixels:
        sample['superpixels'] = [torch.zeros(size, dtype=torch.int32) for size in image_sizes]
        sample['num_superpixels'] = 150
    return VoxelizeSweep()(sample)


def test_a_packed_sample():
    np.random.seed(4)
    packed = PackPairedSample()(packable())
    assert list(packed) == ['inputs']
    inputs = packed['inputs']
    assert inputs['voxels'].tolist() == [[0.0], [2.0]]  # of the first point in each voxel
    assert inputs['coors'].tolist() == [[10, 0, 0], [20, -90, -1]]
    assert inputs['coors'].dtype == torch.int32
    assert inputs['pair_voxels'].tolist() == [0, 1, 0]
    assert inputs['pair_images'].tolist() == [0, 0, 1]
    assert inputs['pair_pixels'].tolist() == [[1, 2], [3, 5], [0, 0]]
    assert inputs['images'].shape == (2, 3, 4, 6)
    assert inputs['images'].dtype == torch.float32
    assert inputs['images'].is_contiguous()
    assert inputs['superpixels'].shape == (2, 4, 6)
    assert inputs['num_superpixels'] == 150
    np.random.seed(4)
    assert inputs['seed'] == np.random.randint(2**31)


def test_a_sample_without_superpixels_packs_none():
    inputs = PackPairedSample()(packable(superpixels=False))['inputs']
    assert (inputs['superpixels'], inputs['num_superpixels']) == (None, 0)


def test_images_of_unequal_size_do_not_pack():
    with pytest.raises(ValueError, match=r'\[\[4, 6\], \[5, 6\]\]: put RandomResizedCrop'):
        PackPairedSample()(packable(image_sizes=((4, 6), (5, 6))))

"""PackVoxelSegInputs, and VoxelizeSweep in a pipeline that knows no pairs."""

import copy

import numpy as np
import pytest
import torch
from mmdet3d.structures.points import LiDARPoints

from stslidr.core.voxels import VoxelGrid
from stslidr.datasets.transforms.packing_segmentation import PackVoxelSegInputs
from stslidr.datasets.transforms.voxelization import VoxelizeSweep, voxel_metainfo

SIZE = (2.0, 30.0, 1.0)


def make_results(columns=4, labels=True, count=300):
    rng = np.random.default_rng(4)
    points = rng.uniform(-9, 9, (count, columns)).astype(np.float32)
    results = {
        'points': LiDARPoints(torch.from_numpy(points), points_dim=columns),
        'sample_idx': 3,
        'token': 'sample',
        'sample_data_token': 'sweep',
        'scene_name': 'scene-0001',
        'lidar_path': 'folder/sweep.bin',
        'num_pts_feats': 5,
        'pcd_horizontal_flip': True,
        'seg_label_mapping': np.arange(9),
        'lidar_points': {'lidar_path': 'folder/sweep.bin'},
    }
    if labels:
        results['pts_semantic_mask'] = rng.integers(0, 17, count)
        results['eval_ann_info'] = {'pts_semantic_mask': results['pts_semantic_mask'].copy()}
    return results


def pack(results):
    return PackVoxelSegInputs()(VoxelizeSweep(size=SIZE)(results))


@pytest.mark.parametrize('columns', [4, 5])
def test_a_voxel_has_the_features_and_the_label_of_its_first_point(columns):
    results = make_results(columns)
    points, labels = results['points'].tensor.clone(), results['pts_semantic_mask']
    packed = pack(results)
    inputs, sample = packed['inputs'], packed['data_samples']
    cells = VoxelGrid('cylindrical', SIZE).coordinates(points[:, :3].numpy()).tolist()
    firsts = [index for index, cell in enumerate(cells) if cells.index(cell) == index]
    assert 20 < len(firsts) < len(points)
    assert inputs['coors'].tolist() == [cells[first] for first in firsts]
    assert torch.equal(inputs['voxels'], points[firsts, 3:])
    assert sample.gt_pts_seg.voxel_semantic_mask.tolist() == labels[firsts].tolist()
    assert [inputs['coors'][voxel].tolist() for voxel in sample.point2voxel_map] == cells
    assert torch.equal(inputs['points'], points)
    assert sample.gt_pts_seg.pts_semantic_mask.tolist() == labels.tolist()
    dtypes = (
        inputs['voxels'].dtype,
        inputs['coors'].dtype,
        sample.point2voxel_map.dtype,
        sample.gt_pts_seg.voxel_semantic_mask.dtype,
    )
    assert dtypes == (torch.float32, torch.int32, torch.int64, torch.int64)


def test_whose_sweep_it_is_and_how_it_was_turned():
    sample = pack(make_results())['data_samples']
    assert sample.metainfo == {
        'sample_idx': 3,
        'token': 'sample',
        'sample_data_token': 'sweep',
        'scene_name': 'scene-0001',
        'lidar_path': 'folder/sweep.bin',
        'num_pts_feats': 5,
        'pcd_horizontal_flip': True,
    }
    assert len(sample.eval_ann_info['pts_semantic_mask']) == 300


def test_without_labels():
    packed = pack(make_results(labels=False))
    assert packed['data_samples'].eval_ann_info is None
    assert not {'pts_semantic_mask', 'voxel_semantic_mask'} & set(
        packed['data_samples'].gt_pts_seg.keys()
    )
    labelled = pack(make_results())
    for name, value in packed['inputs'].items():
        assert torch.equal(value, labelled['inputs'][name])


def test_augmented_copies():
    """MMDetection3D's test-time augmentation may hand over a list."""
    copies = [VoxelizeSweep(size=SIZE)(make_results()) for _ in range(2)]
    copies[1]['points'].flip('horizontal')
    copies[1] = VoxelizeSweep(size=SIZE)(copies[1])
    packed = PackVoxelSegInputs()(copy.deepcopy(copies))
    assert isinstance(packed, list) and len(packed) == 2
    first, second = (entry['inputs'] for entry in packed)
    assert torch.equal(first['points'][:, 1], -second['points'][:, 1])
    assert not torch.equal(first['coors'], second['coors'])


def test_what_metainfo_says_of_the_voxels():
    assert voxel_metainfo([abs, VoxelizeSweep('cartesian', (1, 2, 3)), PackVoxelSegInputs()]) == {
        'voxel_grid': {'kind': 'cartesian', 'size': [1.0, 2.0, 3.0]}
    }
    assert voxel_metainfo([abs]) == {}

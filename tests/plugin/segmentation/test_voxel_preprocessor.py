"""Packed sweeps are joined as they are: no voxel is made anew, none changes its sample."""

import torch
from mmdet3d.structures import Det3DDataSample

from stslidr.segmentation.voxel_preprocessor import VoxelSegDataPreprocessor


def packed(sizes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    inputs = {'points': [], 'voxels': [], 'coors': []}
    for voxels in sizes:
        inputs['points'].append(torch.rand(3 * voxels, 4, generator=generator))
        inputs['voxels'].append(torch.rand(voxels, 1, generator=generator))
        coors = torch.randint(-9, 9, (voxels, 3), generator=generator)
        inputs['coors'].append(coors.int())
    return {'inputs': inputs, 'data_samples': [Det3DDataSample() for _ in sizes]}


def test_sweeps_are_joined_with_their_number_before_each_cell():
    data = packed([4, 0, 7])
    joined = VoxelSegDataPreprocessor()(data)
    voxels = joined['inputs']['voxels']
    assert torch.equal(voxels['voxels'], torch.cat(data['inputs']['voxels']))
    assert torch.equal(voxels['coors'][:, 1:], torch.cat(data['inputs']['coors']))
    assert voxels['coors'].dtype == torch.int32
    assert voxels['coors'][:, 0].tolist() == [0] * 4 + [2] * 7
    assert [len(sample.batch_idx) for sample in joined['data_samples']] == [4, 0, 7]
    for own, points in zip(joined['inputs']['points'], data['inputs']['points'], strict=True):
        assert torch.equal(own, points)


def test_no_state_is_saved():
    assert not VoxelSegDataPreprocessor().state_dict()

"""CameraLidarDataset: any rig, draws that follow from the key, and errors that name the file."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate

from stslidr.core.pairing import pair_points
from stslidr.core.seeding import SampleKey
from stslidr.datasets.paired_preprocessor import PairedDataPreprocessor
from stslidr.datasets.pretraining import CameraLidarDataset
from stslidr.datasets.transforms.loading import LoadCameras, LoadSweep
from stslidr.datasets.transforms.point_pixel_pairs import PairPointsWithPixels
from stslidr.files.infos import read_infos
from support.idle_transforms import idle

RIGS = {
    1: [(90, 160)],
    3: [(90, 160), (64, 64), (200, 120)],
    7: [(60 + 7 * camera, 130 - 9 * camera) for camera in range(7)],
}


def equal(left, right):
    """Whether two packed samples or collated batches are the same, bit by bit."""
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, torch.Tensor):
        return left.dtype == right.dtype and torch.equal(left, right)
    return left == right


# -- what a sample holds ---------------------------------------------------------------------------


@pytest.mark.parametrize('cameras', [1, 3, 7])
def test_any_number_of_cameras_each_of_its_own_size(make_rig, cameras):
    rig = make_rig(RIGS[cameras], samples=2)
    batch = PairedDataPreprocessor()(pseudo_collate([rig.dataset()[0], rig.dataset()[1]]))['inputs']
    assert batch.images.shape == (2 * cameras, 3, 24, 32)
    assert batch.superpixels.shape == (2 * cameras, 24, 32)
    assert set(batch.pair_images.tolist()) == set(range(2 * cameras))
    voxel_sample = batch.coors[batch.pair_voxels, 0].long()
    assert torch.equal(batch.pair_images // cameras, voxel_sample)


def test_pairs_of_a_sample_without_augmentation_are_those_of_the_info_file(make_rig):
    rig = make_rig([(90, 160), (90, 160)])
    inputs = rig.dataset(rig.pipeline(augmented=False))[0]['inputs']
    sweep = np.fromfile(rig.path('pts'), '<f4').reshape(-1, 5)
    infos = list(rig.infos['data_list'][0]['images'].values())
    pairs = pair_points(
        sweep[:, :3],
        [info['lidar2cam'] for info in infos],
        [info['cam2img'] for info in infos],
        [(90, 160)] * 2,
    )
    assert len(pairs) > 300
    assert inputs['pair_images'].tolist() == pairs.images.tolist()
    assert inputs['pair_pixels'].tolist() == pairs.pixels.tolist()
    rows, columns = inputs['pair_pixels'].T
    shown = inputs['images'][inputs['pair_images'], :, rows, columns]
    assert shown[:, 0].tolist() == rows.tolist()
    assert shown[:, 1].tolist() == columns.tolist()
    assert shown[:, 2].tolist() == inputs['pair_images'].tolist()
    labels = inputs['superpixels'][inputs['pair_images'], rows, columns]
    assert torch.equal(labels, (rows // 20 * 16 + columns // 20).int())


def test_the_cameras_asked_for_in_the_order_asked_for(make_rig):
    rig = make_rig(RIGS[3])
    info = rig.dataset(cameras=['eye2', 'eye0']).get_data_info(0)
    assert [camera['name'] for camera in info['cameras']] == ['eye2', 'eye0']
    assert [camera['size'] for camera in info['cameras']] == [(200, 120), (90, 160)]


def test_no_label_is_read_or_kept(make_rig):
    info = make_rig().dataset().get_data_info(0)
    assert set(info) == {
        'data_root',
        'sample_idx',
        'token',
        'lidar_path',
        'num_points',
        'num_pts_feats',
        'cameras',
    }


def test_sizes_that_the_info_file_lacks_come_from_the_images(make_rig):
    rig = make_rig(RIGS[3])
    with_sizes = rig.dataset()[SampleKey(0, 1, 2)]
    for camera in rig.infos['data_list'][0]['images'].values():
        del camera['height'], camera['width']
    del rig.infos['data_list'][0]['lidar_points']['num_points']
    rig.write_infos()
    assert equal(rig.dataset()[SampleKey(0, 1, 2)], with_sizes)


def test_entries_without_an_image_are_no_cameras(make_rig):
    rig = make_rig()
    expected = rig.dataset()[0]
    rig.infos['data_list'][0]['images'].update(
        CAM0={'cam2img': np.eye(4).tolist(), 'height': 9}, R0_rect=np.eye(4).tolist()
    )
    rig.write_infos()
    assert equal(rig.dataset()[0], expected)


def test_a_sample_without_any_pair_still_makes_a_batch(make_rig):
    rig = make_rig(RIGS[3])
    pipeline = [
        PairPointsWithPixels(min_depth=1000) if isinstance(step, PairPointsWithPixels) else step
        for step in rig.pipeline()
    ]
    batch = PairedDataPreprocessor()(pseudo_collate([rig.dataset(pipeline)[0]]))['inputs']
    assert batch.num_pairs == 0
    assert batch.images.shape == (3, 3, 24, 32)


def test_indices_from_the_end_and_beyond_it(make_rig):
    dataset = make_rig(samples=3).dataset()
    assert equal(dataset[-1], dataset[2])
    with pytest.raises(IndexError):
        dataset[3]


@pytest.mark.parametrize('shape', [(3, 4), (4, 4)])
def test_an_offset_in_the_intrinsics_moves_the_camera(make_rig, shape):
    """KITTI's P = K [I | t]: the pixel of a point is that of P @ lidar2cam."""
    rig = make_rig([(90, 160)])
    camera = rig.infos['data_list'][0]['images']['eye0']
    projection = np.eye(4)[: shape[0]]
    projection[:3, :3] = camera['cam2img']
    projection[:3, 3] = (-30.0, 4.0, 0.1)
    camera['cam2img'] = projection.tolist()
    rig.write_infos()
    read = rig.dataset().get_data_info(0)['cameras'][0]
    points = np.random.default_rng(0).uniform((4, -3, -2, 1), (20, 3, 2, 1), (50, 4)).T
    points[3] = 1
    expected = projection[:3] @ np.array(camera['lidar2cam']) @ points
    seen = read['cam2img'] @ (read['lidar2cam'] @ points)[:3]
    np.testing.assert_allclose(seen[:2] / seen[2], expected[:2] / expected[2], rtol=1e-12)


def test_intensity_scale_and_offset_change_the_feature_alone(make_rig):
    rig = make_rig()
    plain = rig.dataset(rig.pipeline())[0]['inputs']
    scaled = rig.dataset(rig.pipeline(intensity_scale=1 / 256, intensity_offset=1))[0]['inputs']
    torch.testing.assert_close(scaled.pop('voxels'), plain.pop('voxels') / 256 + 1)
    assert equal(scaled, plain)


def test_prefixes_of_another_rig_may_stay_beside_those_in_use(make_rig):
    """Dicts of inherited configs merge: a command line cannot take entries away."""
    rig = make_rig()
    further = rig.dataset(data_prefix={'CAM_FRONT': 'samples/CAM_FRONT', **rig.data_prefix})
    assert equal(further[0], rig.dataset()[0])


def test_paths_may_be_absolute_and_prefixes_too(make_rig, monkeypatch, tmp_path_factory):
    rig = make_rig()
    pipeline = rig.pipeline(superpixels=False)
    expected = rig.dataset(pipeline)[0]
    rig.data_prefix = {sensor: str(rig.root / folder) for sensor, folder in rig.data_prefix.items()}
    monkeypatch.chdir(tmp_path_factory.mktemp('elsewhere'))
    elsewhere = rig.dataset(pipeline, data_root='', ann_file=str(rig.root / 'infos.pkl'))
    assert equal(elsewhere[0], expected)


# -- draws -----------------------------------------------------------------------------------------


def test_a_key_decides_every_draw(make_rig):
    dataset = make_rig(samples=2).dataset()
    first = dataset[SampleKey(0, 3, 5)]
    np.random.seed(1)
    torch.manual_seed(1)
    assert equal(dataset[SampleKey(0, 3, 5)], first)
    for other in (SampleKey(0, 4, 5), SampleKey(0, 3, 6)):
        assert not equal(dataset[other]['inputs']['images'], first['inputs']['images'])
        assert dataset[other]['inputs']['seed'] != first['inputs']['seed']
    assert equal(dataset[0], dataset[SampleKey(0, 0, 0)])


def test_loading_a_sample_leaves_the_outer_draws_alone(make_rig):
    dataset = make_rig().dataset()
    np.random.seed(7)
    expected = np.random.random(3)
    np.random.seed(7)
    dataset[0]
    assert np.random.random(3).tolist() == expected.tolist()


def test_the_number_of_workers_changes_nothing(make_rig, load_batches):
    dataset = make_rig(samples=5).dataset()
    keys = [SampleKey(index, epoch, 11) for epoch in range(2) for index in (3, 0, 4, 2, 1, 3)]
    alone = load_batches(dataset, keys, workers=0)
    for workers, persistent in ((1, False), (2, True)):
        np.random.seed(workers)
        assert equal(load_batches(dataset, keys, workers, persistent), alone)


# -- MMDetection3D's own parts ---------------------------------------------------------------------


def test_mmdet3d_rotation_and_flips_in_the_pipeline(make_rig):
    from mmdet3d.datasets.transforms import GlobalRotScaleTrans, RandomFlip3D

    rig = make_rig(RIGS[3])
    steps = rig.pipeline()
    turned = [
        *steps[:4],
        GlobalRotScaleTrans(rot_range=[0, 2 * np.pi], scale_ratio_range=[1, 1]),
        RandomFlip3D(sync_2d=False, flip_ratio_bev_horizontal=0.5, flip_ratio_bev_vertical=0.5),
        *steps[4:],
    ]
    plain, rotated = rig.dataset(steps)[0]['inputs'], rig.dataset(turned)[0]['inputs']
    assert rotated['voxels'].shape[1] == 1
    assert not torch.equal(rotated['coors'], plain['coors'])
    assert rotated['images'].shape == plain['images'].shape
    assert equal(rig.dataset(turned)[0]['inputs'], rotated)
    with pytest.raises(ValueError, match=r'PairPointsWithPixels \(PAIR\) comes after Global'):
        rig.dataset([*turned[:3], turned[4], turned[3], *turned[5:]])


def test_mmdet3d_info_file_of_the_real_keyframe(keyframe_root):
    infos = read_infos(keyframe_root / 'mmdet3d_infos.pkl')['data_list'][0]
    dataset = CameraLidarDataset(
        'mmdet3d_infos.pkl',
        str(keyframe_root),
        pipeline=[LoadSweep(load_dim=5), LoadCameras(), *map(idle, ('PAIR', 'VOXELIZE', 'PACK'))],
    )
    loaded = dataset[0]
    assert dataset.metainfo['dataset'] == infos.get('dataset', 'nuscenes')
    assert loaded['points'].shape == (34688, 4)
    assert loaded['image_sizes'].tolist() == [[900, 1600]] * 6
    assert [camera['name'] for camera in loaded['cameras']] == list(infos['images'])
    assert loaded['points'].tensor[:, 3].max() == 255

"""Labelled sweeps: what a sample holds, where its files lie, and what decides its draws."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from mmdet3d.registry import DATASETS
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader

import stslidr.plugin  # noqa: F401
from stslidr.core.seeding import SampleKey
from stslidr.datasets.labelled_datasets import LidarSegKittiDataset, LidarSegNuScenesDataset
from stslidr.datasets.labelled_sweeps import metainfo_of
from stslidr.files.infos import read_infos
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from support.labelled_samples import AUGMENTATION, loading_pipeline, same_sample
from support.tiny_labelled import make_labelled_nuscenes

CONFIG = Path(__file__).parents[3] / 'configs' / '_base_' / 'datasets' / 'nuscenes_lidarseg.py'


def test_nuscenes_sample(nuscenes, nuscenes_root):
    dataset = nuscenes()
    infos = read_infos(nuscenes_root / 'nuscenes_infos_train.pkl')['data_list']
    records = json.loads((nuscenes_root / 'v1.0-tiny' / 'lidarseg.json').read_text())
    files = {record['sample_data_token']: record['filename'] for record in records}
    assert len(dataset) == len(infos) == 8
    for index, info in enumerate(infos):
        sample = dataset.get_data_info(index)
        assert (
            sample['lidar_path']
            == sample['lidar_points']['lidar_path']
            == str(nuscenes_root / 'samples/LIDAR_TOP' / info['lidar_points']['lidar_path'])
        )
        assert sample['lidar_points']['num_points'] == info['lidar_points']['num_points']
        assert sample['num_pts_feats'] == sample['lidar_points']['num_pts_feats'] == 5
        assert (sample['token'], sample['scene_name']) == (info['token'], info['scene_name'])
        assert sample['sample_idx'] == index
        # the devkit finds the label file by the token of the sweep
        assert sample['pts_semantic_mask_path'] == str(
            nuscenes_root / files[sample['sample_data_token']]
        )


def test_semantickitti_sample(kitti, kitti_root):
    dataset = kitti()
    assert len(dataset) == 9
    sample = dataset.get_data_info(5)
    assert sample['lidar_path'] == str(kitti_root / 'sequences/10/velodyne/000000.bin')
    assert sample['pts_semantic_mask_path'] == str(kitti_root / 'sequences/10/labels/000000.label')
    assert sample['scene_name'] == '10'
    assert sample['sample_data_token'] is None


def test_prefixes_are_relative_or_absolute_or_absent(kitti, kitti_root):
    expected = kitti().get_data_info(2)
    prefixes = {'pts': '', 'pts_semantic_mask': str(kitti_root), 'CAM_FRONT': 'of another rig'}
    sample = kitti(data_prefix=prefixes).get_data_info(2)
    for key in ('lidar_path', 'pts_semantic_mask_path'):
        assert sample[key] == expected[key]
    moved = kitti(data_prefix={'pts': 'moved', 'pts_semantic_mask': '/labels'}).get_data_info(2)
    assert moved['lidar_path'] == str(kitti_root / 'moved/sequences/00/velodyne/000002.bin')
    assert moved['pts_semantic_mask_path'] == '/labels/sequences/00/labels/000002.label'


def test_the_labels_of_the_version_that_the_info_file_states(tmp_path):
    """Two versions in one root, of the same scenes: by name alone, neither's labels are wrong."""
    for version in ('v1.0-one', 'v1.0-two'):
        make_labelled_nuscenes(tmp_path / version, {'scene-a': 2}, version)
        shutil.copytree(tmp_path / version, tmp_path / 'root', dirs_exist_ok=True)
        shutil.copy(
            tmp_path / version / 'nuscenes_infos_train.pkl', tmp_path / 'root' / f'{version}.pkl'
        )
    for version in ('v1.0-one', 'v1.0-two'):
        dataset = LidarSegNuScenesDataset(
            f'{version}.pkl', str(tmp_path / 'root'), loading_pipeline(5)
        )
        for index in range(2):
            path = Path(dataset.get_data_info(index)['pts_semantic_mask_path'])
            assert path.parent == tmp_path / 'root' / 'lidarseg' / version
            assert path.is_file()


def test_an_info_file_that_states_no_version(nuscenes, copied_infos, nuscenes_root):
    ann_file = copied_infos(lambda infos: infos['metainfo'].pop('version'))
    with pytest.raises(
        ValueError,
        match=r'infos\.pkl: label files lie in .*lidarseg/\{version\}., but the file does not '
        r'state the version',
    ):
        nuscenes(ann_file=ann_file)
    assert len(nuscenes(ann_file=ann_file, test_mode=True, load_eval_anns=False)) == 8
    named = nuscenes(ann_file=ann_file, data_prefix={'pts_semantic_mask': 'lidarseg/v1.0-tiny'})
    assert same_sample(named[0], nuscenes()[0])


def test_the_real_keyframe(keyframe_root, tmp_path):
    create_nuscenes_infos(keyframe_root, 'v1.0-mini', tmp_path)
    dataset = LidarSegNuScenesDataset(
        str(tmp_path / 'nuscenes_infos_train.pkl'), str(keyframe_root), loading_pipeline(5)
    )
    packed = dataset[0]
    assert packed['inputs']['points'].shape == (34688, 4)
    classes = packed['data_samples'].gt_pts_seg.pts_semantic_mask
    assert len(classes) == 34688
    present = {dataset.metainfo['classes'][index] for index in classes.unique() if index < 16}
    assert {'car', 'pedestrian', 'truck'} <= present
    assert dataset.get_data_info(0)['sample_data_token'] == '9d9bf11fb0e144c8b446d54a8a00184f'


@pytest.mark.parametrize('kind', ['nuscenes', 'kitti'])
def test_points_and_classes_of_the_files(request, kind):
    dataset = request.getfixturevalue(kind)()
    label_format = dataset.label_format
    info, packed = dataset.get_data_info(2), dataset[2]
    sweep = np.fromfile(info['lidar_path'], '<f4').reshape(-1, info['num_pts_feats'])[:, :4]
    sweep[:, 3] += kind == 'kitti'
    assert np.array_equal(packed['inputs']['points'].numpy(), sweep)
    raw = np.fromfile(info['pts_semantic_mask_path'], label_format.dtype)
    expected = [label_format.class_of_raw[label & 0xFFFF] for label in raw.tolist()]
    assert packed['data_samples'].gt_pts_seg.pts_semantic_mask.tolist() == expected


def test_metainfo_without_any_file():
    """`init_model` asks for it where the data set is not."""
    for cls, load_dim, car in ((LidarSegNuScenesDataset, 5, 3), (LidarSegKittiDataset, 4, 0)):
        dataset = DATASETS.build(
            dict(
                type=cls.__name__,
                ann_file='none.pkl',
                data_root='/nowhere',
                label_split='1pct',
                pipeline=loading_pipeline(load_dim),
                test_mode=True,
                lazy_init=True,
            )
        )
        assert dataset.metainfo['classes'][car] == 'car'
        assert dataset.metainfo['palette'] == [list(c) for c in cls.METAINFO['palette']]
        with pytest.raises(FileNotFoundError, match=r'/nowhere/none\.pkl does not exist'):
            len(dataset)


def test_an_unknown_key_is_an_error():
    with pytest.raises(TypeError, match='scene_idxs'):
        DATASETS.build(
            dict(
                type='LidarSegNuScenesDataset',
                ann_file='',
                data_root='',
                pipeline=[],
                scene_idxs=None,
            )
        )


def test_a_key_decides_every_draw(nuscenes):
    dataset = nuscenes(pipeline=loading_pipeline(5, AUGMENTATION))
    first = dataset[SampleKey(1, 3, 5)]
    np.random.seed(1)
    assert same_sample(dataset[SampleKey(1, 3, 5)], first)
    assert not same_sample(dataset[SampleKey(1, 4, 5)], first)
    assert not same_sample(dataset[SampleKey(1, 3, 6)], first)
    assert same_sample(dataset[-1], dataset[SampleKey(len(dataset) - 1, 0, 0)])
    with pytest.raises(IndexError):
        dataset[len(dataset)]


def test_the_number_of_workers_changes_nothing(kitti):
    dataset = kitti(pipeline=loading_pipeline(4, AUGMENTATION))
    keys = [SampleKey(index, epoch, 11) for epoch in range(2) for index in (3, 0, 4, 3)]
    alone, shared = (
        list(
            DataLoader(
                dataset, batch_size=2, sampler=keys, num_workers=workers, collate_fn=pseudo_collate
            )
        )
        for workers in (0, 2)
    )
    assert len(alone) == 4
    for left, right in zip(alone, shared, strict=True):
        for points, others in zip(left['inputs']['points'], right['inputs']['points'], strict=True):
            assert torch.equal(points, others)


def test_labels_stay_with_their_points(nuscenes):
    """Rotation and flips keep a point's height, and so its class."""
    plain, turned = nuscenes()[0], nuscenes(pipeline=loading_pipeline(5, AUGMENTATION))[0]
    assert not same_sample(plain, turned)
    assert torch.equal(plain['inputs']['points'][:, 2:], turned['inputs']['points'][:, 2:])
    assert torch.equal(
        plain['data_samples'].gt_pts_seg.pts_semantic_mask,
        turned['data_samples'].gt_pts_seg.pts_semantic_mask,
    )


def test_a_dataset_can_be_sent_to_another_process(kitti):
    dataset = kitti(label_split='50pct')
    assert same_sample(pickle.loads(pickle.dumps(dataset))[3], dataset[3])


def test_some_of_the_samples(nuscenes):
    assert same_sample(nuscenes(indices=[4, 1])[0], nuscenes()[4])
    assert len(nuscenes(indices=3)) == 3


@pytest.mark.parametrize('kind', [LidarSegNuScenesDataset, LidarSegKittiDataset])
def test_what_mmdetection3d_is_told_follows_the_record(kind):
    record = kind.record
    assert metainfo_of(record) == kind.METAINFO
    meta = metainfo_of(record)
    assert meta['classes'] == record.classes and len(meta['palette']) == len(record.classes)
    assert meta['seg_valid_class_ids'] == tuple(range(len(record.classes)))
    assert meta['max_label'] == max(record.labels.class_of_raw) == max(meta['seg_label_mapping'])

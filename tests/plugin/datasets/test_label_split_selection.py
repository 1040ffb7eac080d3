"""Datasets of a named part of the labels: which samples, and where its hash goes."""

import logging

import pytest
import torch
from mmengine.logging import MMLogger

import stslidr.plugin  # noqa: F401
from stslidr.datasets.labelled_datasets import LidarSegKittiDataset
from stslidr.files.label_split_file import hash_names
from stslidr.running.checkpoint_saving import to_plain


def test_scenes_of_a_label_split(nuscenes):
    dataset = nuscenes(label_split='50pct')
    names = [dataset.get_data_info(index)['scene_name'] for index in range(len(dataset))]
    assert sorted(names) == ['scene-a'] * 3 + ['scene-b'] * 2  # second and fourth of scene.json
    metainfo = dataset.metainfo
    assert metainfo['label_split'] == '50pct'
    assert metainfo['label_split_sha256'] == hash_names(['scene-a', 'scene-b'])
    assert metainfo['num_labelled_samples'] == 5
    assert len(nuscenes(label_split='100pct')) == len(nuscenes())
    assert nuscenes(label_split='50pct', indices=2).metainfo['num_labelled_samples'] == 2


def test_frames_of_a_label_split(kitti):
    dataset = kitti(label_split='25pct')
    paths = [dataset.get_data_info(index)['lidar_path'] for index in range(len(dataset))]
    assert [path.split('sequences/')[1] for path in paths] == [
        '00/velodyne/000000.bin',
        '00/velodyne/000004.bin',
        '10/velodyne/000003.bin',
    ]
    assert len(kitti(label_split='1pct')) == 1


def test_a_plain_checkpoint_holds_what_was_trained_on(kitti, tmp_path):
    meta = {'dataset_meta': kitti(label_split='50pct').metainfo}
    torch.save(to_plain(meta, 'meta'), tmp_path / 'checkpoint.pth')
    loaded = torch.load(tmp_path / 'checkpoint.pth', weights_only=True)['dataset_meta']
    assert (loaded['label_split'], loaded['num_labelled_samples']) == ('50pct', 5)
    assert loaded['label_split_sha256'] == hash_names(
        [
            f'sequences/{name}.bin'
            for name in (
                '00/velodyne/000000',
                '00/velodyne/000002',
                '00/velodyne/000004',
                '10/velodyne/000001',
                '10/velodyne/000003',
            )
        ]
    )
    assert loaded['classes'] == LidarSegKittiDataset.METAINFO['classes']


def test_the_hash_goes_into_the_log_once(nuscenes, caplog):
    logger = MMLogger.get_instance('label-split-test')
    logger.addHandler(caplog.handler)
    dataset = nuscenes(label_split='25pct')
    for _ in range(2):
        dataset.full_init()
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    assert len(said) == 1
    for part in ('25pct', '2 samples', hash_names(['scene-b'])):
        assert part in said[0]


def test_an_empty_label_split(nuscenes):
    with pytest.raises(ValueError, match="'1pct' of 'train' is empty.* 1 in 100 of 4 scenes"):
        nuscenes(label_split='1pct')
    with pytest.raises(ValueError, match="no label split '3pct' .* has 25pct, 50pct, 100pct"):
        nuscenes(label_split='3pct')


def test_label_splits_are_of_the_split_that_is_trained_on(kitti):
    for split in ('val', 'trainval'):
        with pytest.raises(ValueError, match=f"label splits for train, but none for '{split}'"):
            kitti(ann_file=f'semantickitti_infos_{split}.pkl', label_split='100pct')


def test_a_label_split_whose_scenes_are_not_all_there(nuscenes, copied_infos):
    def drop_a_scene(infos):
        infos['data_list'] = [
            info for info in infos['data_list'] if info['scene_name'] != 'scene-a'
        ]

    ann_file = copied_infos(drop_a_scene)
    assert len(nuscenes(ann_file=ann_file, label_split='25pct')) == 2
    with pytest.raises(
        ValueError,
        match=r'infos\.pkl has no sample of 1 of the 2 names of label '
        r"split '50pct': scene-a",
    ):
        nuscenes(ann_file=ann_file, label_split='50pct')


def test_an_info_file_that_does_not_state_its_split(nuscenes, copied_infos):
    ann_file = copied_infos(lambda infos: infos['metainfo'].pop('split'))
    assert len(nuscenes(ann_file=ann_file)) == 8
    with pytest.raises(ValueError, match=r"infos\.pkl does not state its split, .*'50pct'"):
        nuscenes(ann_file=ann_file, label_split='50pct')


def test_an_info_file_without_its_label_splits(nuscenes, copied_infos, tmp_path):
    ann_file = copied_infos(lambda infos: None)
    (tmp_path / 'nuscenes_label_splits.json').unlink()
    with pytest.raises(FileNotFoundError, match=r'label_splits\.json does not exist: tools/create'):
        nuscenes(ann_file=ann_file, label_split='50pct')

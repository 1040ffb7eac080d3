"""Labels and entries that are not there: an error where they are needed, else none."""

from types import SimpleNamespace

import pytest

import stslidr.plugin  # noqa: F401


@pytest.fixture
def bare_infos(copied_infos):
    """An info file without the label files of one scene."""

    def forget_labels(infos):
        for info in infos['data_list']:
            if info['scene_name'] == 'scene-a':
                del info['pts_semantic_mask_path']

    return copied_infos(forget_labels)


@pytest.mark.parametrize('mode', [dict(), dict(test_mode=True)], ids=['train', 'test'])
def test_training_and_scores_need_labels(nuscenes, bare_infos, mode):
    with pytest.raises(
        ValueError,
        match=r'infos\.pkl names no label file for 3 of 8 sweeps: '
        r'scene-a__sample-\d+\.pcd\.bin',
    ):
        nuscenes(ann_file=bare_infos, **mode)


def test_prediction_needs_none(nuscenes, bare_infos):
    dataset = nuscenes(ann_file=bare_infos, test_mode=True, load_eval_anns=False)
    assert len(dataset) == 8
    for index in range(8):
        packed = dataset[index]
        assert packed['data_samples'].eval_ann_info is None
        assert 'pts_semantic_mask' not in packed['data_samples'].gt_pts_seg


def test_a_label_split_needs_no_other_labels(nuscenes, bare_infos):
    assert len(nuscenes(ann_file=bare_infos, label_split='25pct')) == 2


def test_a_label_file_that_is_named_but_absent(nuscenes, copied_infos):
    def misname(infos):
        infos['data_list'][0]['pts_semantic_mask_path'] = 'absent_lidarseg.bin'

    dataset = nuscenes(ann_file=copied_infos(misname))
    with pytest.raises(FileNotFoundError, match=r'v1\.0-tiny/absent_lidarseg\.bin does not exist'):
        dataset[0]


@pytest.mark.parametrize(
    ('change', 'said'),
    [
        (lambda infos: infos['data_list'].clear(), 'no samples in data_list'),
        (lambda infos: infos['data_list'][1].pop('lidar_points'), "has no entry 'lidar_points'"),
        (lambda infos: infos['data_list'][1].update(pts_semantic_mask_path=7), 'mask_path is 7'),
        (
            lambda infos: infos['data_list'][1]['lidar_points'].update(num_points='x'),
            'num_points is',
        ),
    ],
)
def test_refused_info_files(nuscenes, copied_infos, change, said):
    with pytest.raises(ValueError, match=rf'infos\.pkl.*{said}'):
        nuscenes(ann_file=copied_infos(change))


def test_info_files_of_mmdet3d(nuscenes_root, nuscenes, copied_infos):
    """They have neither scenes nor tokens of sweeps."""

    def forget(infos):
        for info in infos['data_list']:
            del info['scene_name'], info['lidar_points']['sample_data_token']

    dataset = nuscenes(ann_file=copied_infos(forget))
    sample = SimpleNamespace(**dataset.get_data_info(0))
    assert sample.scene_name is None and sample.sample_data_token is None
    with pytest.raises(ValueError, match="has no entry 'scene_name'"):
        nuscenes(ann_file=dataset.ann_file, label_split='50pct')

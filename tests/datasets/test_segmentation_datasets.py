"""nuScenes-lidarseg and SemanticKITTI as MMDetection3D's own transforms and metrics see them."""

from __future__ import annotations

import json
import logging
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmdet3d.datasets import SemanticKittiDataset
from mmdet3d.evaluation import SegMetric
from mmdet3d.registry import DATASETS, TRANSFORMS
from mmengine.config import ConfigDict
from mmengine.dataset import pseudo_collate
from mmengine.logging import MMLogger
from mmengine.registry import DefaultScope
from torch.utils.data import DataLoader

import stslidr.plugin  # noqa: F401
from stslidr.core.seeding import SampleKey
from stslidr.datasets.segmentation import LidarSegKittiDataset, LidarSegNuScenesDataset
from stslidr.engine.checkpoints import to_plain
from stslidr.files.infos import read_infos, write_infos
from stslidr.files.label_split_file import hash_names
from stslidr.files.point_labels import LIDARSEG, SEMANTIC_KITTI
from stslidr.preparation.nuscenes import create_nuscenes_infos
from support.tiny_labelled import NUSCENES_PREFIX, make_labelled_kitti, make_labelled_nuscenes

SCENES = {'scene-c': 2, 'scene-a': 3, 'scene-d': 1, 'scene-b': 2}
SEQUENCES = {'00': 5, '08': 2, '10': 4}
AUGMENTATION = [
    dict(type='GlobalRotScaleTrans', rot_range=[0, 2 * np.pi], scale_ratio_range=[1.0, 1.0]),
    dict(type='RandomFlip3D', sync_2d=False, flip_ratio_bev_horizontal=0.5,
         flip_ratio_bev_vertical=0.5),
]
PACK = dict(type='Pack3DDetInputs', keys=['points', 'pts_semantic_mask'])


def pipeline(load_dim, augmentation=()):
    """Our pipeline: the loaders that the configs have, and MMDetection3D's packing."""
    return [
        dict(type='CheckSweepFile', load_dim=load_dim,
             intensity_range=(0, 255 if load_dim == 5 else 1)),
        dict(type='LoadPointsFromFile', coord_type='LIDAR', load_dim=load_dim, use_dim=4),
        dict(type='IntensityFeature', offset=5 - load_dim),
        dict(type='LoadPointLabels'),
        *augmentation,
        PACK,
    ]


@pytest.fixture(scope='module')
def nuscenes_root(tmp_path_factory):
    root = tmp_path_factory.mktemp('nuscenes')
    make_labelled_nuscenes(root, SCENES)
    return root


@pytest.fixture(scope='module')
def kitti_root(tmp_path_factory):
    root = tmp_path_factory.mktemp('kitti')
    make_labelled_kitti(root, SEQUENCES)
    return root


@pytest.fixture
def nuscenes(nuscenes_root):
    """Function (settings) -> the dataset over the made-up nuScenes."""
    return lambda **settings: LidarSegNuScenesDataset(**{
        'ann_file': 'nuscenes_infos_train.pkl', 'data_root': str(nuscenes_root),
        'data_prefix': NUSCENES_PREFIX, 'pipeline': pipeline(5), **settings})


@pytest.fixture
def kitti(kitti_root):
    """Function (settings) -> the dataset over the made-up SemanticKITTI."""
    return lambda **settings: LidarSegKittiDataset(**{
        'ann_file': 'semantickitti_infos_train.pkl', 'data_root': str(kitti_root),
        'pipeline': pipeline(4), **settings})


@pytest.fixture
def copied_infos(nuscenes_root, tmp_path):
    """Function (change) -> path of an info file whose data list was changed, and its splits."""
    def make(change):
        infos = read_infos(nuscenes_root / 'nuscenes_infos_train.pkl')
        change(infos)
        write_infos(tmp_path / 'infos.pkl', infos['metainfo'], infos['data_list'])
        name = 'nuscenes_label_splits.json'
        (tmp_path / name).write_bytes((nuscenes_root / name).read_bytes())
        return str(tmp_path / 'infos.pkl')
    return make


def equal(left, right):
    return (torch.equal(left['inputs']['points'], right['inputs']['points'])
            and torch.equal(left['data_samples'].gt_pts_seg.pts_semantic_mask,
                            right['data_samples'].gt_pts_seg.pts_semantic_mask))


# -- what a sample holds ---------------------------------------------------------------------------

def test_nuscenes_sample(nuscenes, nuscenes_root):
    dataset = nuscenes()
    infos = read_infos(nuscenes_root / 'nuscenes_infos_train.pkl')['data_list']
    records = json.loads((nuscenes_root / 'v1.0-tiny' / 'lidarseg.json').read_text())
    files = {record['sample_data_token']: record['filename'] for record in records}
    assert len(dataset) == len(infos) == 8
    for index, info in enumerate(infos):
        sample = dataset.get_data_info(index)
        assert sample['lidar_path'] == sample['lidar_points']['lidar_path'] == str(
            nuscenes_root / 'samples/LIDAR_TOP' / info['lidar_points']['lidar_path'])
        assert sample['lidar_points']['num_points'] == info['lidar_points']['num_points']
        assert sample['num_pts_feats'] == sample['lidar_points']['num_pts_feats'] == 5
        assert (sample['token'], sample['scene_name']) == (info['token'], info['scene_name'])
        assert sample['sample_idx'] == index
        # the devkit finds the label file by the token of the sweep
        assert sample['pts_semantic_mask_path'] == str(
            nuscenes_root / files[sample['sample_data_token']])


def test_semantickitti_sample(kitti, kitti_root):
    dataset = kitti()
    assert len(dataset) == 9
    sample = dataset.get_data_info(5)
    assert sample['lidar_path'] == str(kitti_root / 'sequences/10/velodyne/000000.bin')
    assert sample['pts_semantic_mask_path'] == str(
        kitti_root / 'sequences/10/labels/000000.label')
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


def test_the_real_keyframe(keyframe_root, tmp_path):
    create_nuscenes_infos(keyframe_root, 'v1.0-mini', tmp_path)
    dataset = LidarSegNuScenesDataset(
        str(tmp_path / 'nuscenes_infos_train.pkl'), str(keyframe_root), pipeline(5),
        {'pts': 'samples/LIDAR_TOP', 'pts_semantic_mask': 'lidarseg/v1.0-mini'})
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


# -- MMDetection3D's own parts ---------------------------------------------------------------------

@pytest.mark.parametrize(('kind', 'dtype'), [('nuscenes', 'uint8'), ('kitti', 'int32')])
def test_mmdet3d_loads_the_same_classes(request, kind, dtype):
    dataset = request.getfixturevalue(kind)
    ours = pipeline(5 if kind == 'nuscenes' else 4)
    theirs = [*ours[:3],
              dict(type='LoadAnnotations3D', with_bbox_3d=False, with_label_3d=False,
                   with_seg_3d=True, seg_3d_dtype=f'np.{dtype}', seg_offset=2**16,
                   dataset_type={'kitti': 'semantickitti'}.get(kind, kind)),
              dict(type='PointSegClassMapping'), *ours[4:]]
    for mode in (dict(), dict(test_mode=True)):
        expected, found = dataset(pipeline=theirs, **mode), dataset(pipeline=ours, **mode)
        for index in range(len(expected)):
            assert equal(expected[index], found[index])
            scored = [sample['data_samples'].eval_ann_info if mode else {'pts_semantic_mask': []}
                      for sample in (expected[index], found[index])]
            np.testing.assert_array_equal(*(info['pts_semantic_mask'] for info in scored))


@pytest.mark.parametrize(('kind', 'classes', 'label_format'), [
    ('nuscenes', 16, LIDARSEG), ('kitti', 19, SEMANTIC_KITTI)])
def test_metainfo(request, kind, classes, label_format):
    metainfo = request.getfixturevalue(kind)().metainfo
    assert len(metainfo['classes']) == len(metainfo['palette']) == classes
    assert metainfo['ignore_index'] == classes
    assert metainfo['label2cat'] == dict(enumerate(metainfo['classes']))
    assert metainfo['seg_valid_class_ids'] == tuple(range(classes))
    assert metainfo['max_label'] == max(metainfo['seg_label_mapping'])
    assert metainfo['seg_label_mapping'] == label_format.class_of_raw
    assert metainfo['split'] == 'train'
    assert 'label_split' not in metainfo


def test_mmdet3d_semantickitti_accepts_the_metainfo_and_maps_alike(kitti):
    ours = kitti()
    metainfo = {key: ours.metainfo[key] for key in ('classes', 'seg_label_mapping', 'max_label')}
    with pytest.raises(ValueError, match='other-vehicle'):  # they have a bus instead
        SemanticKittiDataset(metainfo=metainfo, lazy_init=True)
    theirs = SemanticKittiDataset.get_seg_label_mapping(None, metainfo)
    known = list(SEMANTIC_KITTI.class_of_raw)
    assert np.array_equal(theirs[known], ours.seg_label_mapping[known])


@pytest.mark.parametrize('kind', ['nuscenes', 'kitti'])
def test_seg_metric_scores_a_prediction(request, kind):
    """Half of the first class is predicted as the second, and ignored points as anything."""
    dataset = request.getfixturevalue(kind)(test_mode=True)
    metric = SegMetric()
    metric.dataset_meta = dataset.metainfo
    truths, predictions = [], []
    for index in range(len(dataset)):
        truth = dataset[index]['data_samples'].eval_ann_info['pts_semantic_mask']
        predicted = np.where(truth == len(dataset.metainfo['classes']), index % 3, truth)
        predicted[np.flatnonzero(truth == 0)[::2]] = 1
        metric.process({}, [{'pred_pts_seg': {'pts_semantic_mask': torch.from_numpy(predicted)},
                             'eval_ann_info': {'pts_semantic_mask': truth}}])
        truths, predictions = [*truths, *truth], [*predictions, *predicted]
    truth, predicted = np.array(truths), np.array(predictions)
    scored = truth < len(dataset.metainfo['classes'])
    expected = []
    for number in range(len(dataset.metainfo['classes'])):
        hit, said = (truth == number) & scored, (predicted == number) & scored
        expected.append((hit & said).sum() / (hit | said).sum())
    scores = metric.compute_metrics(metric.results)
    np.testing.assert_allclose(
        [scores[name] for name in dataset.metainfo['classes']], expected, rtol=1e-12)
    assert 0 < scores[dataset.metainfo['classes'][1]] < 1
    assert scores[dataset.metainfo['classes'][2]] == 1
    np.testing.assert_allclose(scores['miou'], np.mean(expected), rtol=1e-12)


@pytest.mark.parametrize('kind', ['nuscenes', 'kitti'])
def test_visualiser_paints_the_classes(request, kind, monkeypatch):
    from mmdet3d.visualization import Det3DLocalVisualizer

    drawn = []
    monkeypatch.setattr(Det3DLocalVisualizer, 'draw_seg_mask', lambda _, mask: drawn.append(mask))
    monkeypatch.setattr(Det3DLocalVisualizer, '_initialize_o3d_vis', lambda *_, **__: None)
    dataset = request.getfixturevalue(kind)()
    visualizer = Det3DLocalVisualizer(name=f'painted-{kind}')
    visualizer.dataset_meta = dataset.metainfo
    packed = dataset[0]
    visualizer.add_datasample(
        'sweep', dict(points=packed['inputs']['points']), packed['data_samples'],
        draw_pred=False, vis_task='lidar_seg')
    classes = packed['data_samples'].gt_pts_seg.pts_semantic_mask.numpy()
    kept = classes < dataset.label_format.ignored
    assert 0 < kept.sum() < len(kept)
    np.testing.assert_array_equal(
        drawn[0][:, 3:], np.array(dataset.metainfo['palette'])[classes[kept]])


@pytest.mark.parametrize('kind', ['nuscenes', 'kitti'])
@pytest.mark.parametrize('as_file', [True, False])
def test_the_inferencers_pipeline(request, kind, as_file):
    """As `LidarSeg3DInferencer` changes it, for a file and for an array."""
    from mmdet3d.apis import LidarSeg3DInferencer

    dataset = request.getfixturevalue(kind)(test_mode=True)
    load_dim = 5 if kind == 'nuscenes' else 4
    config = ConfigDict(test_dataloader=dict(dataset=dict(pipeline=pipeline(load_dim))))
    inferencer = LidarSeg3DInferencer.__new__(LidarSeg3DInferencer)
    with DefaultScope.overwrite_default_scope('mmdet3d'):
        changed = inferencer._init_pipeline(config)
    assert [type(step).__name__ for step in changed.transforms][:2] == [
        'CheckSweepFile', 'LidarDet3DInferencerLoader']
    path = dataset.get_data_info(0)['lidar_path']
    points = np.fromfile(path, '<f4').reshape(-1, load_dim)[:, :4]
    packed = changed({'points': path if as_file else points})
    assert torch.equal(packed['inputs']['points'], dataset[0]['inputs']['points'])
    assert 'pts_semantic_mask' not in packed['data_samples'].gt_pts_seg


def test_the_pipeline_of_inference_segmentor(nuscenes):
    """It hands over a path alone, and drops transforms that are not in our pipeline."""
    path = nuscenes().get_data_info(0)['lidar_path']
    results = {'lidar_points': {'lidar_path': path}}
    for step in pipeline(5):
        results = TRANSFORMS.build(step)(results)
    assert torch.equal(results['inputs']['points'], nuscenes()[0]['inputs']['points'])


def test_metainfo_without_any_file():
    """`init_model` asks for it where the data set is not."""
    for cls, load_dim, car in ((LidarSegNuScenesDataset, 5, 3), (LidarSegKittiDataset, 4, 0)):
        dataset = DATASETS.build(dict(
            type=cls.__name__, ann_file='none.pkl', data_root='/nowhere', label_split='1pct',
            pipeline=pipeline(load_dim), test_mode=True, lazy_init=True))
        assert dataset.metainfo['classes'][car] == 'car'
        assert dataset.metainfo['palette'] == [list(c) for c in cls.METAINFO['palette']]
        with pytest.raises(FileNotFoundError, match=r'/nowhere/none\.pkl does not exist'):
            len(dataset)


def test_an_unknown_key_is_an_error():
    with pytest.raises(TypeError, match='scene_idxs'):
        DATASETS.build(dict(type='LidarSegNuScenesDataset', ann_file='', data_root='',
                            pipeline=[], scene_idxs=None))


# -- draws -----------------------------------------------------------------------------------------

def test_a_key_decides_every_draw(nuscenes):
    dataset = nuscenes(pipeline=pipeline(5, AUGMENTATION))
    first = dataset[SampleKey(1, 3, 5)]
    np.random.seed(1)
    assert equal(dataset[SampleKey(1, 3, 5)], first)
    assert not equal(dataset[SampleKey(1, 4, 5)], first)
    assert not equal(dataset[SampleKey(1, 3, 6)], first)
    assert equal(dataset[-1], dataset[SampleKey(len(dataset) - 1, 0, 0)])
    with pytest.raises(IndexError):
        dataset[len(dataset)]


def test_the_number_of_workers_changes_nothing(kitti):
    dataset = kitti(pipeline=pipeline(4, AUGMENTATION))
    keys = [SampleKey(index, epoch, 11) for epoch in range(2) for index in (3, 0, 4, 3)]
    alone, shared = (
        list(DataLoader(dataset, batch_size=2, sampler=keys, num_workers=workers,
                        collate_fn=pseudo_collate)) for workers in (0, 2))
    assert len(alone) == 4
    for left, right in zip(alone, shared, strict=True):
        for points, others in zip(left['inputs']['points'], right['inputs']['points'], strict=True):
            assert torch.equal(points, others)


def test_labels_stay_with_their_points(nuscenes):
    """Rotation and flips keep a point's height, and so its class."""
    plain, turned = nuscenes()[0], nuscenes(pipeline=pipeline(5, AUGMENTATION))[0]
    assert not equal(plain, turned)
    assert torch.equal(plain['inputs']['points'][:, 2:], turned['inputs']['points'][:, 2:])
    assert torch.equal(plain['data_samples'].gt_pts_seg.pts_semantic_mask,
                       turned['data_samples'].gt_pts_seg.pts_semantic_mask)


def test_a_dataset_can_be_sent_to_another_process(kitti):
    dataset = kitti(label_split='50pct')
    assert equal(pickle.loads(pickle.dumps(dataset))[3], dataset[3])


def test_some_of_the_samples(nuscenes):
    assert equal(nuscenes(indices=[4, 1])[0], nuscenes()[4])
    assert len(nuscenes(indices=3)) == 3


# -- label splits ----------------------------------------------------------------------------------

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
        '00/velodyne/000000.bin', '00/velodyne/000004.bin', '10/velodyne/000003.bin']
    assert len(kitti(label_split='1pct')) == 1


def test_a_plain_checkpoint_holds_what_was_trained_on(kitti, tmp_path):
    meta = {'dataset_meta': kitti(label_split='50pct').metainfo}
    torch.save(to_plain(meta, 'meta'), tmp_path / 'checkpoint.pth')
    loaded = torch.load(tmp_path / 'checkpoint.pth', weights_only=True)['dataset_meta']
    assert (loaded['label_split'], loaded['num_labelled_samples']) == ('50pct', 5)
    assert loaded['label_split_sha256'] == hash_names(
        [f'sequences/{name}.bin' for name in (
            '00/velodyne/000000', '00/velodyne/000002', '00/velodyne/000004',
            '10/velodyne/000001', '10/velodyne/000003')])
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
        infos['data_list'] = [info for info in infos['data_list']
                              if info['scene_name'] != 'scene-a']

    ann_file = copied_infos(drop_a_scene)
    assert len(nuscenes(ann_file=ann_file, label_split='25pct')) == 2
    with pytest.raises(ValueError, match=r"infos\.pkl has no sample of 1 of the 2 names of label "
                                         r"split '50pct': scene-a"):
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


# -- labels that are not there ---------------------------------------------------------------------

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
    with pytest.raises(ValueError, match=r'infos\.pkl names no label file for 3 of 8 sweeps: '
                                         r'scene-a__sample-\d+\.pcd\.bin'):
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


@pytest.mark.parametrize(('change', 'said'), [
    (lambda infos: infos['data_list'].clear(), 'no samples in data_list'),
    (lambda infos: infos['data_list'][1].pop('lidar_points'), "has no entry 'lidar_points'"),
    (lambda infos: infos['data_list'][1].update(pts_semantic_mask_path=7), 'mask_path is 7'),
    (lambda infos: infos['data_list'][1]['lidar_points'].update(num_points='x'), 'num_points is'),
])
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

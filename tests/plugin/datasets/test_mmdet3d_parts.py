"""MMDetection3D's own transforms, metric, visualiser and inferencers on the labelled datasets."""

import numpy as np
import pytest
import torch
from mmdet3d.datasets import SemanticKittiDataset
from mmdet3d.evaluation import SegMetric
from mmdet3d.registry import TRANSFORMS
from mmengine.config import ConfigDict
from mmengine.registry import DefaultScope

import stslidr.plugin  # noqa: F401
from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI_LABELS
from support.labelled_samples import loading_pipeline, same_sample


@pytest.mark.parametrize(('kind', 'dtype'), [('nuscenes', 'uint8'), ('kitti', 'int32')])
def test_mmdet3d_loads_the_same_classes(request, kind, dtype):
    dataset = request.getfixturevalue(kind)
    ours = loading_pipeline(5 if kind == 'nuscenes' else 4)
    theirs = [
        *ours[:3],
        dict(
            type='LoadAnnotations3D',
            with_bbox_3d=False,
            with_label_3d=False,
            with_seg_3d=True,
            seg_3d_dtype=f'np.{dtype}',
            seg_offset=2**16,
            dataset_type={'kitti': 'semantickitti'}.get(kind, kind),
        ),
        dict(type='PointSegClassMapping'),
        *ours[4:],
    ]
    for mode in (dict(), dict(test_mode=True)):
        expected, found = dataset(pipeline=theirs, **mode), dataset(pipeline=ours, **mode)
        for index in range(len(expected)):
            assert same_sample(expected[index], found[index])
            scored = [
                sample['data_samples'].eval_ann_info if mode else {'pts_semantic_mask': []}
                for sample in (expected[index], found[index])
            ]
            np.testing.assert_array_equal(*(info['pts_semantic_mask'] for info in scored))


@pytest.mark.parametrize(
    ('kind', 'classes', 'label_format'),
    [('nuscenes', 16, LIDARSEG), ('kitti', 19, SEMANTIC_KITTI_LABELS)],
)
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
    known = list(SEMANTIC_KITTI_LABELS.class_of_raw)
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
        metric.process(
            {},
            [
                {
                    'pred_pts_seg': {'pts_semantic_mask': torch.from_numpy(predicted)},
                    'eval_ann_info': {'pts_semantic_mask': truth},
                }
            ],
        )
        truths, predictions = [*truths, *truth], [*predictions, *predicted]
    truth, predicted = np.array(truths), np.array(predictions)
    scored = truth < len(dataset.metainfo['classes'])
    expected = []
    for number in range(len(dataset.metainfo['classes'])):
        hit, said = (truth == number) & scored, (predicted == number) & scored
        expected.append((hit & said).sum() / (hit | said).sum())
    scores = metric.compute_metrics(metric.results)
    np.testing.assert_allclose(
        [scores[name] for name in dataset.metainfo['classes']], expected, rtol=1e-12
    )
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
        'sweep',
        dict(points=packed['inputs']['points']),
        packed['data_samples'],
        draw_pred=False,
        vis_task='lidar_seg',
    )
    classes = packed['data_samples'].gt_pts_seg.pts_semantic_mask.numpy()
    kept = classes < dataset.label_format.ignored
    assert 0 < kept.sum() < len(kept)
    np.testing.assert_array_equal(
        drawn[0][:, 3:], np.array(dataset.metainfo['palette'])[classes[kept]]
    )


@pytest.mark.parametrize('kind', ['nuscenes', 'kitti'])
@pytest.mark.parametrize('as_file', [True, False])
def test_the_inferencers_pipeline(request, kind, as_file):
    """As `LidarSeg3DInferencer` changes it, for a file and for an array."""
    from mmdet3d.apis import LidarSeg3DInferencer

    dataset = request.getfixturevalue(kind)(test_mode=True)
    load_dim = 5 if kind == 'nuscenes' else 4
    config = ConfigDict(test_dataloader=dict(dataset=dict(pipeline=loading_pipeline(load_dim))))
    inferencer = LidarSeg3DInferencer.__new__(LidarSeg3DInferencer)
    with DefaultScope.overwrite_default_scope('mmdet3d'):
        changed = inferencer._init_pipeline(config)
    assert [type(step).__name__ for step in changed.transforms][:2] == [
        'CheckSweepFile',
        'LidarDet3DInferencerLoader',
    ]
    path = dataset.get_data_info(0)['lidar_path']
    points = np.fromfile(path, '<f4').reshape(-1, load_dim)[:, :4]
    packed = changed({'points': path if as_file else points})
    assert torch.equal(packed['inputs']['points'], dataset[0]['inputs']['points'])
    assert 'pts_semantic_mask' not in packed['data_samples'].gt_pts_seg


def test_the_pipeline_of_inference_segmentor(nuscenes):
    """It hands over a path alone, and drops transforms that are not in our pipeline."""
    path = nuscenes().get_data_info(0)['lidar_path']
    results = {'lidar_points': {'lidar_path': path}}
    for step in loading_pipeline(5):
        results = TRANSFORMS.build(step)(results)
    assert torch.equal(results['inputs']['points'], nuscenes()[0]['inputs']['points'])

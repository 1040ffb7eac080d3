"""PointSegMetric against loops, MMDetection3D's SegMetric, and itself in two processes."""

import json
import math

import numpy as np
import pytest
import torch
from torch import distributed, multiprocessing

from stslidr.evaluation.confusion import SegScores, confusion_matrix
from stslidr.evaluation.segmentation_metric import PointSegMetric, describe

CLASSES = ('car', 'road', 'tree', 'tram')
META = dict(classes=CLASSES, ignore_index=4, label2cat=dict(enumerate(CLASSES)))


def make_sweep(number, rng):
    """A sweep of points up to 70 m away, labels without a tram, the ignored among them."""
    count = int(rng.integers(50, 90))
    return dict(
        points=torch.from_numpy(rng.uniform(-40, 40, (count, 4)).astype(np.float32)),
        labels=rng.choice([0, 1, 2, 4], count),
        predictions=torch.from_numpy(rng.integers(0, 3, count)),
        path=f'sweeps/{number}.bin',
        scene=('night', 'day', None)[number % 3],
    )


def make_sweeps(count=5):
    rng = np.random.default_rng(3)
    return [make_sweep(number, rng) for number in range(count)]


def feed(metric, sweeps):
    """Hand over sweeps in batches of two, as a test loop does."""
    metric.dataset_meta = META
    for start in range(0, len(sweeps), 2):
        batch = sweeps[start : start + 2]
        metric.process(
            dict(inputs=dict(points=[sweep['points'] for sweep in batch])),
            [
                dict(
                    lidar_path=sweep['path'],
                    scene_name=sweep['scene'],
                    eval_ann_info=dict(pts_semantic_mask=sweep['labels'].copy()),
                    pred_pts_seg=dict(pts_semantic_mask=sweep['predictions']),
                )
                for sweep in batch
            ],
        )
    return metric


def scores_of(sweeps):
    return feed(PointSegMetric(), sweeps).evaluate(len(sweeps))


def test_bands_are_those_of_a_loop_over_points():
    sweeps = make_sweeps()
    metric = feed(PointSegMetric(range_edges=(20, 40)), sweeps)
    metrics = metric.evaluate(len(sweeps))
    bands = {name: np.zeros((4, 4), int) for name in ('0-20m', '20-40m', '40+m')}
    for sweep in sweeps:
        for point, label, guess in zip(
            sweep['points'].tolist(), sweep['labels'], sweep['predictions'], strict=True
        ):
            distance = math.hypot(*point[:3])
            band = '0-20m' if distance < 20 else '20-40m' if distance < 40 else '40+m'
            if label < 4:
                bands[band][label, guess] += 1
    for name, counts in {**bands, 'all': sum(bands.values())}.items():
        expected, found = SegScores.of(counts), metric.report[name]
        assert found['num_points'] == counts.sum() > 0
        assert found['iou'] == {
            label: None if np.isnan(value) else value
            for label, value in zip(CLASSES, expected.iou, strict=True)
        }
        key = 'seg/miou' if name == 'all' else f'seg/miou/{name}'
        assert metrics[key] == found['miou'] == expected.miou
    assert metrics['seg/accuracy'] == metric.report['all']['accuracy']
    assert metrics['seg/iou/road'] == metric.report['all']['iou']['road']


def test_each_scene_has_the_matrix_that_a_loop_over_its_points_gives():
    sweeps = make_sweeps(7)
    metric = feed(PointSegMetric(), sweeps)
    metric.evaluate(len(sweeps))
    expected = {name: np.zeros((4, 4), int) for name in ('2.bin', '5.bin', 'day', 'night')}
    for number, sweep in enumerate(sweeps):
        name = ('night', 'day', f'{number}.bin')[number % 3]
        for label, guess in zip(sweep['labels'], sweep['predictions'], strict=True):
            if label < 4:
                expected[name][label, guess] += 1
    found = metric.report['confusion']
    assert found == {name: counts.tolist() for name, counts in expected.items()}
    assert list(found) == sorted(found)
    overall = SegScores.of(np.sum([found[name] for name in found], axis=0))
    assert overall.miou == metric.report['all']['miou']
    assert overall.num_points == metric.report['all']['num_points']


def test_scores_are_those_of_mmdetection3d():
    """Its metric knows neither bands nor a missing prediction, but the same means."""
    from mmdet3d.evaluation import SegMetric

    sweeps = make_sweeps()
    ours, theirs = scores_of(sweeps), feed(SegMetric(), sweeps).evaluate(len(sweeps))
    assert ours['seg/miou'] == pytest.approx(theirs['miou'], rel=1e-12)
    assert ours['seg/accuracy'] == pytest.approx(theirs['acc'], rel=1e-12)
    assert ours['seg/class_accuracy'] == pytest.approx(theirs['acc_cls'], rel=1e-12)
    for name in CLASSES[:3]:
        assert ours[f'seg/iou/{name}'] == pytest.approx(theirs[name], rel=1e-12)
    assert math.isnan(theirs['tram']) and 'seg/iou/tram' not in ours


def test_nothing_that_is_not_defined_is_logged():
    sweeps = make_sweeps()
    for sweep in sweeps:
        sweep['points'] = sweep['points'] / 10  # nothing beyond 20 m
    metric = feed(PointSegMetric(), sweeps)
    metrics = metric.evaluate(len(sweeps))
    assert all(math.isfinite(value) for value in metrics.values())
    assert 'seg/miou/0-20m' in metrics and 'seg/miou/40+m' not in metrics
    assert metric.report['40+m']['miou'] is None and metric.report['all']['absent'] == ['tram']
    json.dumps(metric.report, allow_nan=False)


def test_the_table_names_what_never_occurs():
    scores = {
        'all': SegScores.of(confusion_matrix(np.array([0, 1]), np.array([0, 2]), 4)),
        '40+m': SegScores.of(np.zeros((4, 4), int)),
    }
    *table, note = describe(scores, CLASSES).splitlines()
    assert 'published code counts an IoU of 1' in note and note.endswith(': tram')
    cells = {
        row.split('|')[1].strip(): [cell.strip() for cell in row.split('|')[2:4]]
        for row in table
        if '|' in row
    }
    assert cells['car'] == ['100.00', '-'] and cells['tram'] == ['-', '-']
    assert cells['mIoU'] == ['33.33', '-'] and cells['labelled points'] == ['2', '0']


def test_every_sweep_needs_labels_and_predictions_for_all_points():
    sweep = make_sweeps(1)[0]
    for change, said in (
        (dict(predictions=sweep['predictions'][:-1]), r'0\.bin: \d+ predictions and \d+ labels'),
        (dict(labels=sweep['labels'][:-1]), r'0\.bin: \d+ predictions and \d+ labels'),
        (dict(points=sweep['points'][:-1]), r'0\.bin: .* points: one of each'),
        (dict(predictions=sweep['predictions'] + 9), r'0\.bin: predictions run from 9 to'),
    ):
        with pytest.raises(ValueError, match=said):
            scores_of([{**sweep, **change}])


@pytest.mark.parametrize('info', [None, {}])
def test_a_sweep_without_labels_is_named(info):
    metric = PointSegMetric()
    metric.dataset_meta = META
    sample = dict(lidar_path='a/b.bin', eval_ann_info=info)
    with pytest.raises(ValueError, match=r'a/b\.bin: there are no labels .*load_eval_anns'):
        metric.process(dict(inputs=dict(points=[torch.zeros(3, 4)])), [sample])


def test_sweeps_without_a_labelled_point_are_no_score():
    sweeps = make_sweeps(2)
    for sweep in sweeps:
        sweep['labels'][:] = 4
    with pytest.raises(ValueError, match='none of the 2 sweeps has a labelled point'):
        scores_of(sweeps)


def test_of_augmented_copies_the_first_says_the_distance():
    sweep = make_sweeps(1)[0]
    plain, copies = feed(PointSegMetric(), [sweep]), PointSegMetric()
    copies.dataset_meta = META
    copies.process(
        dict(inputs=[dict(points=[sweep['points']]), dict(points=[sweep['points'] * 3])]),
        [
            dict(
                lidar_path='a/0.bin',
                scene_name='night',
                eval_ann_info=dict(pts_semantic_mask=sweep['labels']),
                pred_pts_seg=dict(pts_semantic_mask=sweep['predictions']),
            )
        ],
    )
    (scene, counts), (plain_scene, plain_counts) = copies.results[0], plain.results[0]
    assert scene == plain_scene == 'night'
    np.testing.assert_array_equal(counts, plain_counts)


@pytest.mark.parametrize('edges', [(0, 20), (40, 20), (-1,), (20, 20)])
def test_bands_must_ascend(edges):
    with pytest.raises(ValueError, match='positive and ascending'):
        PointSegMetric(range_edges=edges)


def run_rank(rank, folder):
    torch.set_num_threads(1)
    distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/store', rank=rank, world_size=2
    )
    sweeps = make_sweeps()
    metric = feed(PointSegMetric(), sweeps[rank::2])  # one has three sweeps, the other two
    metrics = metric.evaluate(len(sweeps))
    with open(f'{folder}/{rank}.json', 'w') as file:
        json.dump([metrics, metric.report], file)
    distributed.destroy_process_group()


def test_two_processes_score_as_one_does(tmp_path):
    multiprocessing.spawn(run_rank, (str(tmp_path),), nprocs=2)
    first, second = (json.loads((tmp_path / f'{rank}.json').read_text()) for rank in range(2))
    metric = feed(PointSegMetric(), make_sweeps())
    assert first[0] == second[0] == metric.evaluate(5)
    assert first[1] == metric.report and second[1] is None
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []

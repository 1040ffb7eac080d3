"""Separability against scikit-learn's scores, Bayes' rule by counting, and loops over points."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import jaccard_score

from stslidr.files.infos import read_infos, write_infos
from stslidr.files.label_png import encode_labels
from stslidr.files.lidarseg_classes import CLASS_OF_RAW
from stslidr.inspection.keyframe_files import list_keyframes
from stslidr_studies.separability.class_samples import LabelledRows
from stslidr_studies.separability.separability import (
    NUM_CLASSES,
    ReadColoursOfMaps,
    iou_of_labelled_classes,
    measure_separability,
    read_colours_at_points,
    read_point_values,
)
from support.tiny_data import SIZES, make_tiny_data

TOOL = Path(__file__).parents[3] / 'tools' / 'measure_separability.py'
BUS, CAR, TRUCK, ROAD = 2, 3, 9, 10
RAW_IDS = (0, 17, 23, 24, 31)
"""Noise, car, truck, driveable surface, ego vehicle."""


@pytest.fixture(scope='module')
def labelled(tmp_path_factory):
    """Four keyframes said to be of nuScenes, with random labels and class maps."""
    data = make_tiny_data(tmp_path_factory.mktemp('labelled'), num_keyframes=4, num_points=400)
    rng = np.random.default_rng(2)
    infos = read_infos(data.root / data.ann_file)
    (data.root / 'maps').mkdir()
    for index, sample in enumerate(infos['data_list']):
        sample['lidar_points']['lidar_path'] = f'sweeps/{index}.bin'
        rng.choice(RAW_IDS, 400).astype(np.uint8).tofile(data.root / f'{index}_labels.bin')
        for name, image in sample['images'].items():
            image['img_path'] = f'{name}/{index}.png'
            labels = rng.choice(RAW_IDS, SIZES[name])
            path = data.root / 'maps' / f'{image["sample_data_token"]}.png'
            path.write_bytes(encode_labels(labels))
    for name, part in (('training', slice(0, 3)), ('held_out', slice(3, 4))):
        write_infos(data.root / f'{name}.pkl', {'dataset': 'nuscenes'}, infos['data_list'][part])
    return data.root


def weighted_rows(features, classes, counts=None):
    counts = np.bincount(classes, minlength=NUM_CLASSES) if counts is None else counts
    return LabelledRows(np.asarray(features), np.asarray(classes), np.asarray(counts))


@pytest.mark.parametrize('seed', range(5))
def test_iou_is_that_of_scikit_learn(seed):
    """Random weights; classes 1 and 4 have no row, yet 4 is predicted."""
    rng = np.random.default_rng(seed)
    classes = rng.choice([0, 2, 3, 5], 500)
    predictions = np.where(rng.random(500) < 0.5, classes, rng.choice([0, 2, 3, 4], 500))
    weights = rng.uniform(0, 5, 500)
    iou = iou_of_labelled_classes(classes, predictions, weights, 6)
    present = [0, 2, 3, 5]
    expected = jaccard_score(
        classes, predictions, labels=present, average=None, sample_weight=weights
    )
    np.testing.assert_allclose(iou[present], expected, rtol=1e-12)
    assert np.isnan(iou[[1, 4]]).all()


def bayes_iou(training, held_out, prior):
    """IoU of the rule that takes the class with the highest prior-weighted count of a value."""
    present = sorted({label for _, label in training})
    totals = {
        label: sum(c for (_, other), c in training.items() if other == label) for label in present
    }
    cells = {
        value: max(
            present,
            key=lambda label, value=value: (
                training.get((value, label), 0) / totals[label] * totals[label] ** prior
            ),
        )
        for value in {value for value, _ in training}
    }
    scores = []
    for label in sorted({label for _, label in held_out}):
        right = sum(c for (v, other), c in held_out.items() if other == label == cells[v])
        union = sum(c for (v, other), c in held_out.items() if label in (other, cells[v]))
        scores.append(right / union)
    return scores


def rows_of(table):
    values = [value for (value, _), count in table.items() for _ in range(count)]
    classes = [label for (_, label), count in table.items() for _ in range(count)]
    return weighted_rows(np.array(values, float)[:, None], np.array(classes))


TRAINING = {
    (0, CAR): 900,
    (1, CAR): 300,
    (0, ROAD): 5000,
    (1, ROAD): 700,
    (2, ROAD): 100,
    (1, TRUCK): 60,
    (2, TRUCK): 40,
}
HELD_OUT = {
    (0, CAR): 400,
    (1, CAR): 500,
    (2, CAR): 10,
    (0, ROAD): 4000,
    (1, ROAD): 300,
    (2, ROAD): 100,
    (1, TRUCK): 30,
    (2, TRUCK): 30,
}


def test_the_best_classifier_finds_what_bayes_rule_finds():
    """One feature of three values: trees with any prior can do no other than count."""
    found = measure_separability(rows_of(TRAINING), rows_of(HELD_OUT))
    expected = {
        name: np.mean(bayes_iou(TRAINING, HELD_OUT, prior))
        for name, prior in (('natural', 1), ('square root', 0.5), ('balanced', 0))
    }
    assert len(set(expected.values())) == 3, 'the priors must matter here'
    for name, miou in expected.items():
        assert found.mious[f'decision tree, {name} prior'] == pytest.approx(miou), name
        assert found.mious[f'gradient boosting, {name} prior'] == pytest.approx(miou), name
    assert found.miou == pytest.approx(max(expected.values()))
    best = max(expected, key=expected.__getitem__)
    assert found.best.endswith(f'{best} prior')
    assert np.flatnonzero(~np.isnan(found.iou)).tolist() == [CAR, TRUCK, ROAD]


def test_classes_that_training_never_showed_are_left_out():
    unknown = {**HELD_OUT, (0, BUS): 700}
    found = measure_separability(rows_of(TRAINING), rows_of(unknown))
    assert np.flatnonzero(~np.isnan(found.iou)).tolist() == [CAR, TRUCK, ROAD]
    assert 0 < found.miou < measure_separability(rows_of(TRAINING), rows_of(HELD_OUT)).miou
    with pytest.raises(ValueError, match='no class in common'):
        measure_separability(rows_of(TRAINING), rows_of({(0, BUS): 5}))


def test_rows_that_were_left_out_count_by_their_class():
    """A tenth of the road's rows, with its true count, gives the score of all rows."""
    few = {key: count // (10 if key[1] == ROAD else 1) for key, count in HELD_OUT.items()}
    all_rows, kept = rows_of(HELD_OUT), rows_of(few)
    kept = weighted_rows(kept.features, kept.classes, all_rows.counts)
    training = rows_of(TRAINING)
    assert measure_separability(training, kept).miou == pytest.approx(
        measure_separability(training, all_rows).miou
    )


def test_point_values_are_intensity_and_height(labelled):
    features, classes = read_point_values(list_keyframes(labelled / 'training.pkl', labelled)[1])
    sweep = np.fromfile(labelled / 'sweeps/1.bin', np.float32).reshape(-1, 4)
    raw = np.fromfile(labelled / '1_labels.bin', np.uint8)
    assert classes.tolist() == [CLASS_OF_RAW[label] for label in raw.tolist()]
    for (intensity, height), (_, _, z, i) in zip(features.tolist(), sweep.tolist(), strict=True):
        assert (intensity, height) == (i, z)


def test_colours_at_points_are_those_of_the_loop(labelled):
    features, classes = read_colours_at_points(
        list_keyframes(labelled / 'held_out.pkl', labelled)[0]
    )
    sweep = np.fromfile(labelled / 'sweeps/3.bin', np.float32).reshape(-1, 4)
    raw = np.fromfile(labelled / '3_labels.bin', np.uint8)
    expected = []
    for heading, (camera, (height, width)) in zip((1, -1), SIZES.items(), strict=True):
        image = np.array(Image.open(labelled / camera / '3.png'))
        for (x, y, z, _), label in zip(sweep.tolist(), raw.tolist(), strict=True):
            depth = heading * x
            if depth > 1:
                u = width / 2 * -heading * y / depth + width / 2
                v = width / 2 * -z / depth + height / 2
                if 0 < u < width - 1 and 0 < v < height - 1:
                    expected.append((image[round(v), round(u)].tolist(), CLASS_OF_RAW[label]))
    assert len(expected) > 100
    assert list(zip(features.tolist(), classes.tolist(), strict=True)) == expected


def test_colours_of_class_maps_are_all_pixels(labelled):
    keyframe = list_keyframes(labelled / 'held_out.pkl', labelled)[0]
    features, classes = ReadColoursOfMaps(labelled / 'maps')(keyframe)
    start = 0
    for camera, (height, width) in SIZES.items():
        image = np.array(Image.open(labelled / camera / '3.png'))
        raw = np.array(Image.open(labelled / 'maps' / f'{camera.lower()}3.png'))
        for row, column in ((0, 0), (height - 1, width - 1), (7, 5)):
            place = start + row * width + column
            assert features[place].tolist() == image[row, column].tolist()
            assert classes[place] == CLASS_OF_RAW[int(raw[row, column])]
        start += height * width
    assert len(features) == len(classes) == start


def test_a_class_map_that_does_not_fit_is_named(labelled, tmp_path):
    keyframe = list_keyframes(labelled / 'held_out.pkl', labelled)[0]
    for labels in (np.zeros((4, 5), int), np.full(SIZES['LEFT'], 32)):
        (tmp_path / 'left3.png').write_bytes(encode_labels(labels))
        with pytest.raises(ValueError, match='left3.png'):
            ReadColoursOfMaps(tmp_path)(keyframe)


def run_tool(*arguments):
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, arguments)],
        cwd='/',
        capture_output=True,
        text=True,
        check=False,
    )


def test_tool_reports_counts_and_chance_for_noise(labelled, tmp_path):
    """Random labels: the best classifier is about as good as guessing."""
    ended = run_tool(
        labelled / 'training.pkl',
        labelled / 'held_out.pkl',
        '--root',
        labelled,
        '--class-maps',
        labelled / 'maps',
        '--rows',
        60,
        '--json',
        tmp_path / 'found.json',
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads((tmp_path / 'found.json').read_text())
    raw = np.concatenate([np.fromfile(labelled / f'{i}_labels.bin', np.uint8) for i in range(3)])
    expected = np.bincount([CLASS_OF_RAW[label] for label in raw.tolist()], minlength=17)[:16]
    assert found['training_points'] == expected.tolist()
    for mious in found['miou'].values():
        assert len(mious) == 6 and 0.1 < max(mious.values()) < 0.3
    assert f'| car | {expected[CAR]} |' in ended.stdout
    assert 'orders of magnitude' in ended.stdout and 'held-out scenes, colour: 100%' in ended.stderr


def test_tool_says_what_is_missing(labelled, tmp_path):
    infos = read_infos(labelled / 'training.pkl')
    for sample in infos['data_list']:
        del sample['pts_semantic_mask_path']
    write_infos(tmp_path / 'unlabelled.pkl', infos['metainfo'], infos['data_list'])
    ended = run_tool(tmp_path / 'unlabelled.pkl', labelled / 'held_out.pkl', '--root', labelled)
    assert ended.returncode == 1 and 'Traceback' not in ended.stderr
    last = ended.stderr.splitlines()[-1]
    assert last.startswith('error: ') and 'unlabelled.pkl' in last and 'lidarseg' in last


def test_another_data_set_is_refused(labelled, tmp_path):
    infos = read_infos(labelled / 'training.pkl')
    for metainfo in ({}, {'dataset': 'semantickitti'}):
        write_infos(tmp_path / 'other.pkl', metainfo, infos['data_list'])
        with pytest.raises(ValueError, match=r'other.pkl.*nuScenes'):
            read_point_values(list_keyframes(tmp_path / 'other.pkl', labelled)[0])

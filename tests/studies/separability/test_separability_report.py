"""The report on separability: its table is read back, and its numbers are plain JSON."""

import json
import math

import numpy as np
import pytest

from stslidr.files.lidarseg_classes import CLASS_NAMES
from stslidr_studies.separability.class_samples import LabelledRows
from stslidr_studies.separability.separability import (
    NUM_CLASSES,
    Separability,
    iou_of_labelled_classes,
)
from stslidr_studies.separability.separability_report import markdown_report, separability_as_json

TRAINING = np.arange(1, NUM_CLASSES + 1) * 1000
HELD_OUT = np.where(np.arange(NUM_CLASSES) % 5 == 0, 0, 20)


def rows(counts):
    return LabelledRows(np.zeros((1, 1)), np.zeros(1, dtype=np.int64), counts)


def separability(seed, best='tree'):
    iou = np.random.default_rng(seed).uniform(0, 1, NUM_CLASSES)
    iou[HELD_OUT == 0] = np.nan
    return Separability(best, iou, {'tree': float(np.nanmean(iou)), 'boosting': 0.0123})


FOUND = {'colour': separability(1), 'intensity and height': separability(2)}


def report():
    return markdown_report(rows(TRAINING), rows(HELD_OUT), FOUND)


def table():
    """Heading, alignment and rows of the table, without the blanks."""
    lines = [line for line in report().splitlines() if line.startswith('|')]
    return [[cell.strip() for cell in line[1:-1].split('|')] for line in lines]


def test_each_class_has_a_row_with_counts_share_and_iou():
    heading, alignment, *body = table()
    assert heading[-2:] == ['IoU from colour', 'IoU from intensity and height']
    assert alignment == ['--', *['--:'] * 5] and len(body) == NUM_CLASSES + 1
    for number, (name, row) in enumerate(zip(CLASS_NAMES, body, strict=False)):
        assert row[0] == name and row[1] == f'{TRAINING[number]:,}'
        assert float(row[2].removesuffix(' %')) == pytest.approx(
            100 * TRAINING[number] / TRAINING.sum(), rel=5e-3
        )
        assert row[3] == str(HELD_OUT[number])
        for cell, result in zip(row[4:], FOUND.values(), strict=True):
            iou = result.iou[number]
            assert cell == ('-' if math.isnan(iou) else f'{100 * iou:.1f}')


def test_the_last_row_is_the_mean_of_the_best():
    name, *empty, colour, other = table()[-1]
    assert name == 'mean of those in both' and empty == ['', '', '']
    assert colour == f'{100 * FOUND["colour"].miou:.1f}'
    assert other == f'{100 * FOUND["intensity and height"].miou:.1f}'


def test_all_classifiers_and_the_span_of_the_classes_stand_below():
    text = report()
    span = math.log10(TRAINING.max() / TRAINING.min())
    assert f'span {span:.1f} orders of magnitude in the training scenes, 0.0 in the held' in text
    assert f'mIoU from colour: tree {100 * FOUND["colour"].miou:.1f}; boosting 1.2' in text
    assert text.count('mIoU from') == len(FOUND)


def test_the_numbers_go_through_json():
    numbers = separability_as_json(rows(TRAINING), rows(HELD_OUT), FOUND)
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    assert numbers['classes'] == list(CLASS_NAMES)
    assert numbers['training_points'] == TRAINING.tolist()
    assert numbers['held_out_points'] == HELD_OUT.tolist()
    assert numbers['best'] == {'colour': 'tree', 'intensity and height': 'tree'}
    for seen, result in FOUND.items():
        assert numbers['miou'][seen] == result.mious
        for stored, iou in zip(numbers['iou_of_best'][seen], result.iou, strict=True):
            assert stored == (None if math.isnan(iou) else iou)


@pytest.mark.parametrize('seed', range(3))
def test_a_class_without_a_row_has_no_iou_even_if_it_is_predicted(seed):
    """In :func:`stslidr.evaluation.confusion.class_iou` it would have 0."""
    rng = np.random.default_rng(seed)
    classes, predictions = rng.integers(0, 3, 50), rng.integers(0, 5, 50)
    weights = rng.uniform(0.1, 2, 50)
    found = iou_of_labelled_classes(classes, predictions, weights, 6)
    assert np.isnan(found[3:]).all()
    for number in range(3):
        one, other = classes == number, predictions == number
        expected = weights[one & other].sum() / weights[one | other].sum()
        assert found[number] == pytest.approx(expected)

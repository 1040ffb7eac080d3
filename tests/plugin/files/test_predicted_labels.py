"""Prediction files against the benchmarks' own tables."""

import numpy as np
import pytest
from nuscenes.eval.lidarseg.utils import LidarsegClassMapper

from stslidr.files import lidarseg_classes
from stslidr.files.point_labels import LIDARSEG, SEMANTIC_KITTI, read_point_labels
from stslidr.files.predicted_labels import (
    encode_predictions,
    lidarseg_submission_path,
    semantickitti_submission_path,
    write_predictions,
)


class DevkitTables:
    """As much of a nuScenes as the devkit's mapper asks for: the 32 categories."""

    lidarseg_name2idx_mapping = {name: raw for raw, name in lidarseg_classes.RAW_NAMES.items()}
    category = [dict(name=name) for name in lidarseg_classes.RAW_NAMES.values()]


def test_lidarseg_ids_are_those_of_the_devkit():
    devkit = LidarsegClassMapper(DevkitTables()).coarse_name_2_coarse_idx_mapping
    ids = encode_predictions(np.arange(16), LIDARSEG)
    assert ids.dtype == np.uint8
    assert dict(zip(lidarseg_classes.CLASS_NAMES, ids.tolist(), strict=True)) == {
        name: index for name, index in devkit.items() if index
    }


def test_semantickitti_ids_mean_the_classes_that_were_predicted(tmp_path):
    classes = np.random.default_rng(0).integers(0, 19, 500)
    path = tmp_path / 'new' / '000000.label'
    write_predictions(path, classes, SEMANTIC_KITTI)
    assert path.stat().st_size == 4 * 500
    raw = read_point_labels(path, SEMANTIC_KITTI, 500)
    np.testing.assert_array_equal(SEMANTIC_KITTI.class_table[raw], classes)
    assert raw.max() < 252, 'standing objects stand for their classes'


@pytest.mark.parametrize(('label_format', 'ignored'), [(LIDARSEG, 16), (SEMANTIC_KITTI, 19)])
def test_only_classes_are_written(label_format, ignored):
    assert len(encode_predictions(np.zeros(0, int), label_format)) == 0
    for wrong in (ignored, -1):
        with pytest.raises(ValueError, match=f'from 0 to {ignored - 1}'):
            encode_predictions(np.array([wrong]), label_format)


def test_places_in_a_submission(tmp_path):
    place = lidarseg_submission_path('o', 'val', 'abc').as_posix()
    assert place == 'o/lidarseg/val/abc_lidarseg.bin'
    sweep = '/data/sequences/08/velodyne/000123.bin'
    place = semantickitti_submission_path('o', sweep).as_posix()
    assert place == 'o/sequences/08/predictions/000123.label'
    for elsewhere in ('000123.bin', 'velodyne/000123.bin', '/data/08/000123.bin'):
        with pytest.raises(ValueError, match=elsewhere):
            semantickitti_submission_path('o', elsewhere)

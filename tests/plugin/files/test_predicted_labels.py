"""Prediction files against the benchmarks' own tables."""

import numpy as np
import pytest
from nuscenes.eval.lidarseg.utils import LidarsegClassMapper

from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI_LABELS
from stslidr.files import lidarseg_classes
from stslidr.files.point_labels import read_point_labels
from stslidr.files.predicted_labels import encode_predictions, write_predictions


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
    write_predictions(path, classes, SEMANTIC_KITTI_LABELS)
    assert path.stat().st_size == 4 * 500
    raw = read_point_labels(path, SEMANTIC_KITTI_LABELS, 500)
    np.testing.assert_array_equal(SEMANTIC_KITTI_LABELS.class_table[raw], classes)
    assert raw.max() < 252, 'standing objects stand for their classes'


@pytest.mark.parametrize(('label_format', 'ignored'), [(LIDARSEG, 16), (SEMANTIC_KITTI_LABELS, 19)])
def test_only_classes_are_written(label_format, ignored):
    assert len(encode_predictions(np.zeros(0, int), label_format)) == 0
    for wrong in (ignored, -1):
        with pytest.raises(ValueError, match=f'from 0 to {ignored - 1}'):
            encode_predictions(np.array([wrong]), label_format)

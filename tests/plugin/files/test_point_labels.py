"""Label files: what is read, and broken ones."""

import numpy as np
import pytest

from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.dataset_records.registry import find_label_format
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI_LABELS
from stslidr.files.point_labels import LabelFormat, read_point_labels


def write(path, labels, label_format):
    np.asarray(labels).astype(label_format.dtype).tofile(path)
    return path


@pytest.mark.parametrize(
    ('label_format', 'highest'), [(LIDARSEG, 31), (SEMANTIC_KITTI_LABELS, 259)]
)
def test_table_of_classes(label_format, highest):
    """Known ids have their class, and whatever lies between them is ignored."""
    assert find_label_format(label_format.name) is label_format
    assert label_format.class_table.dtype == np.int64
    assert label_format.class_table.tolist() == [
        label_format.class_of_raw.get(raw, label_format.ignored) for raw in range(highest + 1)
    ]


def test_lidarseg_file(tmp_path):
    path = write(tmp_path / 'a.bin', range(32), LIDARSEG)
    read = read_point_labels(path, LIDARSEG, 32)
    assert read.dtype == np.int64
    assert read.tolist() == list(range(32))


def test_semantickitti_file_without_its_instances(tmp_path):
    raw = np.array(sorted(SEMANTIC_KITTI_LABELS.class_of_raw))
    path = write(
        tmp_path / 'a.label', raw + (np.arange(34) * 1927 % 65536 << 16), SEMANTIC_KITTI_LABELS
    )
    assert read_point_labels(path, SEMANTIC_KITTI_LABELS, 34).tolist() == raw.tolist()


@pytest.mark.parametrize('label_format', [LIDARSEG, SEMANTIC_KITTI_LABELS], ids=lambda f: f.name)
def test_another_length_than_the_sweep(tmp_path, label_format):
    path = write(tmp_path / 'a.bin', [0] * 10, label_format)
    for points in (9, 11):
        with pytest.raises(ValueError, match=f'{path} has 10 labels, its sweep {points} points$'):
            read_point_labels(path, label_format, points)
    empty = write(tmp_path / 'b.bin', [], label_format)
    with pytest.raises(ValueError, match=f'{empty} has 0 labels, its sweep 3 points$'):
        read_point_labels(empty, label_format, 3)


def test_a_sweep_of_three_columns_read_as_four(tmp_path):
    path = write(tmp_path / 'a.label', [10] * 12, SEMANTIC_KITTI_LABELS)
    with pytest.raises(ValueError, match='12 labels, its sweep 9 points: .* lack its intensity'):
        read_point_labels(path, SEMANTIC_KITTI_LABELS, 9)


def test_a_label_cut_in_two(tmp_path):
    path = write(tmp_path / 'a.label', [10] * 3, SEMANTIC_KITTI_LABELS)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=f'{path} has 11 bytes, .* multiple of 4.*truncated'):
        read_point_labels(path, SEMANTIC_KITTI_LABELS, 3)


@pytest.mark.parametrize(
    ('label_format', 'labels', 'said'),
    [
        (LIDARSEG, [1, 32, 255, 32], 'ids 32, 255 for 3 of 4 points, which lidarseg'),
        (
            SEMANTIC_KITTI_LABELS,
            [10, 12, 260],
            'ids 12, 260 for 2 of 3 points, which semantickitti',
        ),
        (SEMANTIC_KITTI_LABELS, range(1, 9), r'ids 2, 3, 4, 5, 6, \.\.\. for 7 of 8 points'),
    ],
)
def test_unknown_ids(tmp_path, label_format, labels, said):
    path = write(tmp_path / 'a.bin', labels, label_format)
    with pytest.raises(ValueError, match=f'{path} .*{said}'):
        read_point_labels(path, label_format, len(labels))


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=f'label file {tmp_path}/none.bin does not exist'):
        read_point_labels(tmp_path / 'none.bin', LIDARSEG, 3)


def test_a_raw_id_too_high_for_a_table_is_refused():
    values = dict(name='wide', dtype='<u4', semantic_bits=32, ignored=1)
    values |= dict(written_ids=(0,), ending='.x')
    assert len(LabelFormat(class_of_raw={2**20 - 1: 0}, **values).class_table) == 2**20
    with pytest.raises(ValueError, match=f'raw id {2**32 - 1} is above {2**20 - 1}'):
        LabelFormat(class_of_raw={0: 0, 2**32 - 1: 1}, **values)

"""Sweeps: read as they were written, and each way a file can be broken is named."""

import re
import struct

import numpy as np
import pytest

from stslidr.files.sweeps import count_points, read_sweep


def write_sweep(path, points=7, features=5):
    sweep = np.random.default_rng(points).normal(size=(points, features)).astype('<f4')
    path.write_bytes(sweep.tobytes())
    return sweep


@pytest.mark.parametrize('features', [3, 4, 5])
def test_values(tmp_path, features):
    path = tmp_path / 'sweep.bin'
    written = write_sweep(path, 11, features)
    read = read_sweep(path, features, expected_points=11)
    assert read.dtype == np.float32
    assert read.shape == (11, features)
    np.testing.assert_array_equal(read, written)
    assert count_points(path, features) == 11


def test_byte_order_and_row_order(tmp_path):
    path = tmp_path / 'sweep.bin'
    path.write_bytes(struct.pack('<8f', 1, 2, 3, 4, -1.5, 0, 1e-3, 255))
    expected = np.float32([[1, 2, 3, 4], [-1.5, 0, 1e-3, 255]])
    np.testing.assert_array_equal(read_sweep(str(path), 4), expected)


def test_result_may_be_changed(tmp_path):
    path = tmp_path / 'sweep.bin'
    written = write_sweep(path)
    read_sweep(path, 5)[:] = 0
    np.testing.assert_array_equal(read_sweep(path, 5), written)


def test_real_sweep_against_the_devkit(keyframe_root):
    from nuscenes.utils.data_classes import LidarPointCloud

    path = next((keyframe_root / 'samples' / 'LIDAR_TOP').glob('*.bin'))
    read = read_sweep(path, 5, expected_points=34688)
    np.testing.assert_array_equal(read[:, :4], LidarPointCloud.from_file(str(path)).points.T)


def test_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path / 'none.bin'))):
        read_sweep(tmp_path / 'none.bin', 5)


def test_empty(tmp_path):
    path = tmp_path / 'sweep.bin'
    path.write_bytes(b'')
    with pytest.raises(ValueError, match=rf'{re.escape(str(path))} is empty'):
        read_sweep(path, 5)


@pytest.mark.parametrize('cut', [1, 4, 19])
def test_truncated_within_a_row(tmp_path, cut):
    path = tmp_path / 'sweep.bin'
    write_sweep(path)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(ValueError, match=rf'{re.escape(str(path))} has {140 - cut} bytes'):
        read_sweep(path, 5)


def test_truncated_by_whole_rows(tmp_path):
    path = tmp_path / 'sweep.bin'
    write_sweep(path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match=rf'{re.escape(str(path))} has 5 points .* states 7'):
        read_sweep(path, 5, expected_points=7)
    assert len(read_sweep(path, 5)) == 5, 'without a stated number nothing can be told'


def test_other_number_of_features_whose_size_divides(tmp_path):
    path = tmp_path / 'sweep.bin'
    write_sweep(path, points=20, features=4)
    with pytest.raises(ValueError, match='16 points .* states 20'):
        read_sweep(path, 5, expected_points=20)


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize('column', [0, 4])
def test_not_finite(tmp_path, value, column):
    path = tmp_path / 'sweep.bin'
    sweep = write_sweep(path)
    sweep[[2, 5], column] = value
    path.write_bytes(sweep.tobytes())
    with pytest.raises(ValueError, match=rf'{re.escape(str(path))} has 2 of 7 points with NaN'):
        read_sweep(path, 5)

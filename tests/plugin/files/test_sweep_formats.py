"""What is no raw sweep of so many columns is told from one that is."""

import io
import os
from pathlib import Path

import numpy as np
import pytest

from stslidr.errors import InputError
from stslidr.files.sweep_formats import likely_columns
from stslidr.files.sweeps import read_sweep


def scan(columns, points=4_000, seed=0):
    """Rings around a sensor, one point after the other, with features of other scales."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 16 * np.pi, points)
    radius = 15 + 5 * np.sin(3 * angle) + rng.normal(0, 0.02, points)
    features = [rng.integers(0, 256, points) * 1.0 for _ in range(columns - 3)]
    height = np.repeat(np.linspace(-2, 1, 8), points // 8)
    made = np.stack([radius * np.cos(angle), radius * np.sin(angle), height, *features], axis=1)
    return made.astype('<f4')


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'a.bin'


@pytest.mark.parametrize('columns', range(3, 9))
@pytest.mark.parametrize('shuffled', [False, True])
def test_sweeps_pass(path, columns, shuffled):
    sweep = scan(columns)
    if shuffled:
        np.random.default_rng(1).shuffle(sweep)
    sweep.tofile(path)
    assert np.array_equal(read_sweep(path, columns), sweep)
    assert likely_columns(sweep) == columns


def test_random_and_tiny_sweeps_pass(path):
    rng = np.random.default_rng(0)
    for points in (1, 5, 100, 3_000):
        for columns in (4, 5, 6):
            sweep = rng.uniform(-50, 50, (points, columns)).astype('<f4')
            sweep[rng.random(sweep.shape) < 0.2] = 0
            sweep.tofile(path)
            assert len(read_sweep(path, columns)) == points


@pytest.mark.parametrize(('stored', 'read'), [(4, 5), (5, 4), (4, 6), (6, 4), (3, 4), (4, 3)])
def test_another_number_of_columns(path, stored, read):
    scan(stored, points=4_800).tofile(path)
    with pytest.raises(InputError, match=f'as {read} columns, .* repeat every {stored}'):
        read_sweep(path, read)


@pytest.mark.parametrize('dtype', ['<f8', '>f4', '<i4', '<i2', '<f2', '>f8'])
def test_another_type(path, dtype):
    scan(5).astype(dtype).tofile(path)
    with pytest.raises(InputError, match=r'a\.bin.*(no little-endian float32|NaN|repeat every)'):
        read_sweep(path, 5)


def npy(sweep):
    content = io.BytesIO()
    np.save(content, sweep)
    return content.getvalue()


@pytest.mark.parametrize(
    ('content', 'format_name'),
    [
        (npy(scan(5)), r'an \.npy file'),
        (b'# .PCD v0.7 - Point Cloud Data\n' + bytes(89), r'a \.pcd file'),
        (b'VERSION .7\nFIELDS x y z\n' + bytes(97), r'a \.pcd file'),
        (b'ply\nformat binary_little_endian 1.0\n' + bytes(84), r'a \.ply file'),
        (b'LASF' + bytes(96), r'a \.las'),
        (b'PK\x03\x04' + bytes(96), r'a zip or \.npz'),
        (b'\x1f\x8b\x08\x00' + bytes(96), 'a file that gzip'),
        (b'1.0 2.0 3.0 4.0 0.5\n' * 50, 'text'),
    ],
)
def test_another_format(path, content, format_name):
    path.write_bytes(content[: len(content) // 20 * 20])
    with pytest.raises(InputError, match=rf'sweep .*a\.bin is {format_name}.*tofile'):
        read_sweep(path, 5)


@pytest.mark.parametrize(
    ('variable', 'pattern', 'columns'),
    [
        ('STSLIDR_TEST_DATA', '**/LIDAR_TOP/*.pcd.bin', 5),
        ('STSLIDR_TEST_SEMANTICKITTI', '**/velodyne/*.bin', 4),
    ],
)
def test_real_sweeps(path, variable, pattern, columns):
    if variable not in os.environ:
        pytest.skip(f'{variable} is not set: real sweeps were NOT looked at')
    found = sorted(Path(os.environ[variable]).glob(pattern))
    assert found
    for file in found:
        sweep = read_sweep(file, columns)
        for other in (4, 5, 6):
            if other != columns and sweep.size >= other:
                sweep.reshape(-1)[: sweep.size // other * other].tofile(path)
                with pytest.raises(InputError, match=f'its values repeat every {columns}'):
                    read_sweep(path, other)

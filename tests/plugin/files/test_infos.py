"""Info files: what is written comes back, and a pickle that would run something is refused."""

import os
import pickle
import subprocess

import numpy as np
import pytest

from stslidr.files.infos import read_infos, write_infos

VALUES = {
    'array': np.arange(12, dtype=np.float32).reshape(3, 4),
    'fortran': np.asfortranarray(np.arange(6).reshape(2, 3)),
    'big_endian': np.arange(3, dtype='>i4'),
    'text': np.array(['a', 'b']),
    'scalar': np.float64(1.5),
    'flag': np.bool_(True),
    'plain': [1, 2.5, 'name', None, (True, b'\xff\x00'), {3, 4}, frozenset([5]), 1 + 2j],
    'arrays': {'nested': [(np.arange(2), {'deep': np.arange(3)}), np.int64(3), np.str_('ab')]},
    'nothing': [np.empty((0, 3), np.float32), np.array('', dtype='U4'), np.float16(0.5)],
}


def pickled(content, protocol=2, numpy_core='numpy.core'):
    """A pickle as another numpy would write it: only the module's name differs."""
    data = pickle.dumps(content, protocol=protocol)
    return data.replace(b'numpy._core', b'numpy.core').replace(b'numpy.core', numpy_core.encode())


def as_infos(**sample):
    return {'metainfo': {'dataset': 'any'}, 'data_list': [sample]}


def assert_same(read, expected):
    assert type(read) is type(expected)
    if isinstance(expected, dict):
        assert list(read) == list(expected)
        for key in expected:
            assert_same(read[key], expected[key])
    elif isinstance(expected, list | tuple):
        assert len(read) == len(expected)
        for one, other in zip(read, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, np.ndarray):
        assert read.dtype.newbyteorder('=') == expected.dtype.newbyteorder('=')
        np.testing.assert_array_equal(read, expected)
    else:
        assert read == expected


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_reads_every_protocol(tmp_path, protocol):
    path = tmp_path / 'infos.pkl'
    data = pickle.dumps(as_infos(**VALUES), protocol=protocol)
    path.write_bytes(data)
    sample, expected = read_infos(path)['data_list'][0], pickle.loads(data)['data_list'][0]
    assert sample.keys() == VALUES.keys()
    for name in VALUES:
        assert_same(sample[name], expected[name])


@pytest.mark.parametrize('numpy_core', ['numpy.core', 'numpy._core'])
@pytest.mark.parametrize('protocol', [2, 3])
def test_reads_files_of_numpy_1_and_2(tmp_path, numpy_core, protocol):
    path = tmp_path / 'infos.pkl'
    data = pickled(as_infos(**VALUES), protocol, numpy_core)
    assert f'{numpy_core}.multiarray'.encode() in data
    path.write_bytes(data)
    assert_same(read_infos(path)['data_list'][0]['array'], VALUES['array'])
    assert_same(read_infos(path)['data_list'][0]['scalar'], VALUES['scalar'])


def test_reads_mmdet3d_file(keyframe_root):
    path = keyframe_root / 'mmdet3d_infos.pkl'
    infos = read_infos(path)
    assert repr(infos) == repr(pickle.loads(path.read_bytes()))  # holds NaN, unequal to itself
    assert infos['metainfo']['info_version'] == '1.1'


def test_round_trip_overwrites_whole_file(tmp_path):
    path = tmp_path / 'infos.pkl'
    write_infos(path, {'split': 'old'}, [{'token': str(number)} for number in range(1000)])
    write_infos(path, {'split': 'new'}, ({'token': 'a'},))
    assert read_infos(path) == {'metainfo': {'split': 'new'}, 'data_list': [{'token': 'a'}]}
    assert os.listdir(tmp_path) == ['infos.pkl']


class Call:
    """Pickles as a call of any function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    ('function', 'arguments', 'named'),
    [
        (os.system, ('touch {marker}',), 'system'),
        (eval, ('open("{marker}", "w")',), 'builtins.eval|__builtin__.eval'),
        (exec, ('open("{marker}", "w")',), 'exec'),
        (getattr, (1, 'real'), 'getattr'),
        (__import__, ('antigravity',), '__import__'),
        (subprocess.run, (['touch', '{marker}'],), r'\w+\.run'),
        (np.load, ('{marker}',), 'numpy.*load'),
    ],
)
@pytest.mark.parametrize('protocol', [2, 4])
def test_refuses_calls_and_names_them(tmp_path, function, arguments, named, protocol):
    marker, path = tmp_path / 'marker', tmp_path / 'infos.pkl'
    arguments = [
        argument.format(marker=marker) if isinstance(argument, str) else argument
        for argument in arguments
    ]
    path.write_bytes(pickle.dumps(as_infos(x=Call(function, *arguments)), protocol=protocol))
    with pytest.raises(ValueError, match=rf'infos\.pkl is refused.*({named})'):
        read_infos(path)
    assert not marker.exists()


def test_refuses_other_codecs(tmp_path):
    path = tmp_path / 'infos.pkl'
    path.write_bytes(pickled(as_infos(x=b'\xff')).replace(b'latin1', b'utf-16'))
    with pytest.raises(ValueError, match=r'infos\.pkl is refused.*utf-16'):
        read_infos(path)


def test_refuses_classes_of_its_own_package(tmp_path):
    path = tmp_path / 'infos.pkl'
    path.write_bytes(pickle.dumps(as_infos(x=tmp_path)))
    with pytest.raises(ValueError, match=r'the global pathlib\S*PosixPath'):
        read_infos(path)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'none\.pkl.*create_data'):
        read_infos(tmp_path / 'none.pkl')


@pytest.mark.parametrize(
    'damage',
    [
        lambda data: b'',
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: b'PK\x03\x04' + data,
        lambda data: b'not a pickle at all',
    ],
)
def test_damaged_file(tmp_path, damage):
    path = tmp_path / 'infos.pkl'
    path.write_bytes(damage(pickle.dumps(as_infos(**VALUES), protocol=2)))
    with pytest.raises(ValueError, match=r'infos\.pkl is no readable pickle'):
        read_infos(path)


@pytest.mark.parametrize(
    ('content', 'said'),
    [
        ({'infos': [], 'metadata': {}}, 'before v1.1'),
        ([{'token': 'a'}], 'metainfo'),
        ({'data_list': []}, 'metainfo'),
        ({'metainfo': {}}, 'data_list'),
        ({'metainfo': {}, 'data_list': {'a': 1}}, 'data_list'),
        ({'metainfo': {}, 'data_list': ['a']}, 'data_list'),
    ],
)
def test_other_layouts(tmp_path, content, said):
    path = tmp_path / 'infos.pkl'
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=rf'infos\.pkl.*{said}'):
        read_infos(path)

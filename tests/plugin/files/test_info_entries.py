"""Entries of info files: what is read, how samples are named, which cameras are listed."""

from __future__ import annotations

import numpy as np
import pytest

from stslidr.errors import InputError
from stslidr.files.info_entries import InfoEntry, camera_entries, sample_entries


def test_values_of_the_right_type_are_read():
    entry = InfoEntry(
        'here',
        {
            'name': 'a',
            'empty': '',
            'none': None,
            'rows': np.int32(4),
            'width': 6,
            'identity': [[1, 0], [0, 1]],
            'inner': {'rows': 5},
        },
    )
    assert entry.text('name') == entry.optional_text('name') == 'a'
    assert entry.optional_text('empty') == ''
    assert entry.optional_text('none') is entry.optional_text('absent') is None
    assert entry.optional_number('none') is entry.optional_number('absent') is None
    assert entry.optional_number('rows') == 4 and type(entry.optional_number('rows')) is int
    assert entry.child('inner') == InfoEntry('here, inner', {'rows': 5})
    identity = entry.matrix('identity', (3, 3), (2, 2))
    assert identity.dtype == np.float64 and identity.tolist() == [[1, 0], [0, 1]]


def test_a_matrix_is_a_copy():
    stored = np.eye(2)
    InfoEntry('here', {'m': stored}).matrix('m', (2, 2))[0, 0] = 7
    assert stored[0, 0] == 1


@pytest.mark.parametrize(
    ('values', 'size'),
    [({'height': 3, 'width': 4}, (3, 4)), ({'height': 3}, None), ({'width': 4}, None), ({}, None)],
)
def test_a_size_needs_height_and_width(values, size):
    assert InfoEntry('here', values).image_size() == size


@pytest.mark.parametrize('key', ['name', 'inner', 'matrix'])
def test_an_absent_entry_is_named(key):
    read = {'name': InfoEntry.text, 'inner': InfoEntry.child, 'matrix': InfoEntry.matrix}[key]
    with pytest.raises(ValueError, match=f"^here has no entry '{key}'$"):
        read(InfoEntry('here', {}), key)


@pytest.mark.parametrize(
    'value',
    [
        None,
        'text',
        5,
        {},
        [[1, 2], [3]],
        [['1', '2'], ['3', '4']],
        [[1, None], [0, 1]],
        [[True, False], [False, True]],
        [[1j, 0], [0, 1]],
        [[10**400, 0], [0, 1]],
        [],
        [1, 2],
        np.eye(3),
        [[1, 0], [0, np.inf]],
        np.array([[b'1', b'0'], [b'0', b'1']]),
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused(value):
    with pytest.raises(ValueError, match='^here: m '):
        InfoEntry('here', {'m': value}).matrix('m', (2, 2))


def test_samples_are_named_by_token_index_or_position():
    samples = [{'token': 'a', 'sample_idx': 5}, {'sample_idx': 6, 'token': None}, {}]
    assert [entry.where for entry in sample_entries('infos.pkl', samples)] == [
        'infos.pkl: sample a',
        'infos.pkl: sample 6',
        'infos.pkl: sample 2',
    ]


def test_cameras_are_entries_with_an_image():
    images = {
        'CAM0': {'height': 4},
        'CAM1': {'img_path': ''},
        'CAM2': {'img_path': 'a.png'},
        'CAM3': {'img_path': None},
        'R0_rect': [[1.0]],
    }
    assert camera_entries(InfoEntry('here', {'images': images})) == {
        'CAM2': InfoEntry('here, CAM2', {'img_path': 'a.png'})
    }


def test_a_nest_that_doubles_is_no_matrix_and_no_name():
    nest = [1.0]
    for _ in range(100):
        nest = [nest, nest]
    entry = InfoEntry('here', {'m': nest, 'token': nest})
    with pytest.raises(InputError, match='here: m is .*expected a matrix'):
        entry.matrix('m', (2, 2))
    with pytest.raises(InputError, match='here: token is .*expected text or a whole number'):
        entry.optional_name('token')
    (named,) = sample_entries('infos.pkl', [{'token': nest}])
    assert named.where == 'infos.pkl: sample 0'


@pytest.mark.parametrize('name', ['abc', 7, None])
def test_a_name_is_text_or_a_number(name):
    assert InfoEntry('here', {'token': name}).optional_name('token') == name

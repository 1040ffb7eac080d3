"""Pictures of a keyframe; tests/tools/test_draw_keyframe.py looks at what is in them."""

import pytest

from stslidr.errors import InputError
from stslidr.inspection.keyframe_files import list_keyframes
from stslidr.inspection.keyframe_pictures import write_pictures
from support.tiny_data import make_tiny_data


@pytest.fixture
def data(tmp_path):
    return make_tiny_data(tmp_path / 'data', num_keyframes=1)


def keyframe_of(data):
    (keyframe,) = list_keyframes(data.root / data.ann_file, data.root, data.data_prefix)
    return keyframe


def test_each_file_is_named_as_it_is_written(data, tmp_path):
    written = write_pictures(keyframe_of(data), data.root / data.superpixels, tmp_path / 'o', 100)
    for name in ('images', 'pairs'):
        assert next(written) == f'{tmp_path}/o_{name}.jpg'
        assert (tmp_path / f'o_{name}.jpg').stat().st_size > 1000
    assert list(written) == [], 'no labels'


def test_a_camera_without_a_token_has_no_superpixels(data, tmp_path):
    keyframe = keyframe_of(data)
    for camera in keyframe.entry.values['images'].values():
        del camera['sample_data_token']
    with pytest.raises(InputError, match='the info file has no sample_data_token of it'):
        list(write_pictures(keyframe, data.root / data.superpixels, tmp_path / 'o', 100))


def test_a_sample_without_cameras_has_no_sheet(data, tmp_path):
    keyframe = keyframe_of(data)
    keyframe.entry.values['images'] = {}
    with pytest.raises(InputError, match='the sample has no camera'):
        list(write_pictures(keyframe, data.root / data.superpixels, tmp_path / 'o', 100))

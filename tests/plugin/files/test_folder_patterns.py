"""Folders by camera and version, and where a file lies."""

import pytest

from stslidr.errors import InputError
from stslidr.files.folder_patterns import camera_folder, find_file, version_folder


def test_a_camera_and_a_version_take_their_places():
    assert camera_folder('samples/{camera}', 'CAM_BACK') == 'samples/CAM_BACK'
    assert camera_folder('images', 'CAM_BACK') == 'images'
    assert version_folder('lidarseg/{version}', 'v1.0-mini', 'a') == 'lidarseg/v1.0-mini'


@pytest.mark.parametrize('version', [None, '', 1, b'v1.0'])
def test_a_version_that_is_not_stated(version):
    assert version_folder('lidarseg', version, 'a.pkl: labels lie') == 'lidarseg'
    with pytest.raises(InputError, match=r"a\.pkl: labels lie in 'lidarseg/\{version\}', but"):
        version_folder('lidarseg/{version}', version, 'a.pkl: labels lie')


def test_a_path_under_the_root_comes_before_that_in_the_folder(tmp_path):
    (tmp_path / 'a.bin').touch()
    assert find_file(tmp_path, 'a.bin', 'samples/LIDAR_TOP') == tmp_path / 'a.bin'
    assert find_file(tmp_path, 'b.bin', 'x') == tmp_path / 'x' / 'b.bin'
    (tmp_path / 'b.bin').mkdir()
    assert find_file(tmp_path, 'b.bin', 'x') == tmp_path / 'x' / 'b.bin', 'a folder is no file'

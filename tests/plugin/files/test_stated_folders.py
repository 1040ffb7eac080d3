"""What an info file may state of folders, and the folder that a sensor's paths start from."""

import pytest

from stslidr.errors import InputError
from stslidr.files.stated_folders import split_folder, stated_folders


@pytest.mark.parametrize('metainfo', [{}, {'folders': None}, {'folders': {}}])
def test_nothing_stated(metainfo):
    assert stated_folders('a.pkl', metainfo) == {}


def test_folders_below_the_root():
    folders = {'pts': 'lidar', 'EYE': '.', 'CAM_FRONT': 'images/scene 1'}
    assert stated_folders('a.pkl', {'folders': folders}) == folders


@pytest.mark.parametrize('folder', ['/etc', '..', 'samples/../..', '', 'a\0b'])
def test_a_folder_outside_of_the_root_is_refused(folder):
    with pytest.raises(InputError, match=r'a\.pkl: metainfo\.folders\.pts is .* no path below'):
        stated_folders('a.pkl', {'folders': {'pts': folder}})


@pytest.mark.parametrize('stated', ['lidar', ['lidar'], {'pts': 3}, {3: 'lidar'}, {'pts': None}])
def test_what_is_no_dict_of_texts_is_refused(stated):
    with pytest.raises(InputError, match=r'a\.pkl: metainfo\.folders is no dict of sensor'):
        stated_folders('a.pkl', {'folders': stated})


@pytest.mark.parametrize(
    ('names', 'folder'),
    [
        (['samples/TOP/a.bin', 'samples/TOP/b.bin'], 'samples/TOP'),
        (['samples/TOP/1/a.bin', 'samples/TOP/b.bin'], 'samples/TOP'),
        ([], 'samples/TOP'),
        (['samples/TOP_2/a.bin', 'samples/TOP_2/b.bin'], 'samples/TOP_2'),
        (['samples/1/TOP/a.bin', 'samples/2/TOP/a.bin', 'samples/TOP/a.bin'], 'samples'),
        (['lidar/a.bin'], 'lidar'),
        (['a.bin', 'lidar/a.bin'], '.'),
        (['lidar/a.bin', 'samples/TOP/a.bin'], '.'),
        (['a.bin'], '.'),
    ],
)
def test_the_folder_that_paths_start_from(names, folder):
    assert split_folder(names, 'samples/TOP') == folder

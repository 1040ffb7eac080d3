"""What a file names stays in its folder, by the name alone."""

from pathlib import PurePosixPath

import pytest

from stslidr.errors import InputError
from stslidr.files.contained_paths import contained
from stslidr.files.info_entries import InfoEntry


@pytest.mark.parametrize('name', ['a.bin', 'a/b/c.png', './a', 'a..b', '...', PurePosixPath('a/b')])
def test_names_below_a_folder(name):
    assert contained(name, 'here: x is') == str(name)


@pytest.mark.parametrize(
    'name', ['', '/etc/passwd', '..', '../a', 'a/../../b', 'a/..', '../../..', 'a\0b', '//x']
)
def test_names_that_lead_out(name):
    with pytest.raises(InputError, match='here: x is .*no path below a folder'):
        contained(name, 'here: x is')
    if name:
        with pytest.raises(InputError, match='points: lidar_path is .*no path below'):
            InfoEntry('a.pkl, lidar_points', {'lidar_path': name}).path('lidar_path')

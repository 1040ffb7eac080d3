"""What a file names stays in its folder, by the name alone."""

from pathlib import PurePosixPath

import pytest

from stslidr.errors import InputError
from stslidr.files.contained_paths import contained, inside
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


def test_a_file_of_results_is_no_link_to_elsewhere(tmp_path):
    folder, elsewhere = tmp_path / 'results', tmp_path / 'elsewhere'
    folder.mkdir()
    elsewhere.mkdir()
    (elsewhere / 'log').write_text('secret')
    (folder / 'log').symlink_to(elsewhere / 'log')
    (folder / 'sub').symlink_to(elsewhere)
    (folder / 'new').symlink_to(tmp_path / 'not there')
    (folder / 'circle').symlink_to(folder / 'circle')
    for name in ('log', 'sub/log', 'new', 'circle'):
        with pytest.raises(InputError, match=f'{name} (is a link to .*, outside of|leads nowhere)'):
            inside(folder / name, folder)
    (folder / 'own').write_text('')
    (folder / 'last').symlink_to(folder / 'own')
    (tmp_path / 'linked').symlink_to(folder)
    for name in ('own', 'last', 'yet to come'):
        assert inside(tmp_path / 'linked' / name, tmp_path / 'linked').name == name

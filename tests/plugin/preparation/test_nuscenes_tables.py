"""The tables of a version folder as the devkit itself reads them; damaged ones are named."""

import shutil

import pytest
from nuscenes import NuScenes

from stslidr.errors import InputError, MissingFileError
from stslidr.preparation.nuscenes_layout import CAMERAS, IMAGE_FOLDER, LIDAR, SWEEP_FOLDER
from stslidr.preparation.nuscenes_tables import READ_TABLES, UNREAD_TABLES, KeyframeTables
from support.tiny_nuscenes import edit_table, make_tiny_nuscenes

VERSION = 'v1.0-tiny'


@pytest.fixture(scope='module')
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp('nuscenes')
    make_tiny_nuscenes(root, {'scene-a': 2, 'scene-b': 1}, VERSION, lidarseg=True)
    return root


@pytest.fixture
def root(whole, tmp_path):
    """A copy of the tables alone, which a test may damage."""
    shutil.copytree(whole / VERSION, tmp_path / VERSION)
    return tmp_path


def test_records_are_those_of_the_devkit(whole):
    ours, devkit = KeyframeTables(whole, VERSION), NuScenes(VERSION, str(whole), verbose=False)
    for table in READ_TABLES:
        assert getattr(ours, table) == getattr(devkit, table), table
    for sample in devkit.sample:
        assert ours.get('sample', sample['token'])['data'] == sample['data']
    assert len(ours.lidarseg) == len(devkit.lidarseg) == 3
    assert all(getattr(ours, table) == [] for table in UNREAD_TABLES if table != 'map')
    assert len(ours.map) == 1  # the devkit wants one


def test_no_file_but_the_tables_is_needed(root):
    assert len(KeyframeTables(root, VERSION).sample) == 3
    (root / VERSION / 'lidarseg.json').unlink()
    assert KeyframeTables(root, VERSION).lidarseg == []


def test_files_lie_where_the_layout_says(whole):
    tables = KeyframeTables(whole, VERSION)
    folders = {LIDAR: SWEEP_FOLDER, **{name: IMAGE_FOLDER.format(camera=name) for name in CAMERAS}}
    found = tables.sample[0]['data']
    assert found.keys() == folders.keys()
    for channel, token in found.items():
        name = tables.get('sample_data', token)['filename']
        assert name.rpartition('/')[0] == folders[channel]


def test_what_is_missing_is_named(root, tmp_path):
    with pytest.raises(MissingFileError, match='absent is no folder'):
        KeyframeTables(tmp_path / 'absent', VERSION)
    with pytest.raises(MissingFileError, match=f'v2 does not exist; versions in .*: {VERSION}'):
        KeyframeTables(root, 'v2')
    for name in ('sensor', 'instance'):
        (root / VERSION / f'{name}.json').unlink()
    with pytest.raises(MissingFileError, match='lacks the tables sensor.json, instance.json'):
        KeyframeTables(root, VERSION)


@pytest.mark.parametrize('content', ['{', '{}', '[1]', 'null'])
def test_damaged_tables_are_named(root, content):
    (root / VERSION / 'sample.json').write_text(content)
    with pytest.raises(InputError, match=r'sample\.json'):
        KeyframeTables(root, VERSION)


def test_tables_that_do_not_fit_together(root):
    with pytest.raises(InputError, match=r"scene\.json has no row 'absent'"):
        KeyframeTables(root, VERSION).get('scene', 'absent')
    edit_table(root / VERSION, 'sample_data', lambda table: table[0].pop('calibrated_sensor_token'))
    with pytest.raises(InputError, match='do not fit together'):
        KeyframeTables(root, VERSION)

"""The version folder: whole tables or none, and a list of files that shows what has gone."""

from __future__ import annotations

import errno
import json
import shutil
from dataclasses import replace

import pytest
from fake_dataset import contents
from fake_recorder import FakeRecorder
from foreign_keys import check_tables, read_tables

from stslidr.errors import FileAccessError, InputError, MissingFileError
from stslidr.files.synthetic_manifest import VERSION
from stslidr_city.dataset import version_folder
from stslidr_city.dataset.keyframe_rows import FOLDER
from stslidr_city.dataset.keyframe_writing import MakeKeyframe
from stslidr_city.dataset.layout import KeyframeKey
from stslidr_city.dataset.parameters import Parameters
from stslidr_city.dataset.version_folder import (
    FILES,
    SPLITS,
    TABLE_FILES,
    UNFINISHED,
    incomplete_keyframes,
    write_version_folder,
)

PARAMETERS = Parameters(scenes=2, keyframes=3, seed=7, image_size=(64, 36))
KEYS = [KeyframeKey(scene, index) for scene in range(2) for index in range(3)]


@pytest.fixture(scope='module')
def recorded_once(tmp_path_factory):
    """A root whose keyframes are made and whose tables are not."""
    root = tmp_path_factory.mktemp('recorded')
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr('os.fsync', lambda descriptor: None)
        for key in KEYS:
            MakeKeyframe(root, PARAMETERS, FakeRecorder(7))(key)
    return root


@pytest.fixture
def recorded(recorded_once, tmp_path, monkeypatch):
    """A copy of it."""
    monkeypatch.setattr('os.fsync', lambda descriptor: None)
    return shutil.copytree(recorded_once, tmp_path / 'root')


@pytest.fixture
def complete(recorded):
    """The same with its tables."""
    write_version_folder(recorded, PARAMETERS)
    return recorded


def incomplete(root):
    return list(incomplete_keyframes(root, PARAMETERS))


def files_of(root, key):
    """Path -> size of a keyframe's files, as the list states them."""
    lines = (root / VERSION / FILES).read_text().splitlines()[1:]
    (entry,) = (
        entry
        for entry in map(json.loads, lines)
        if (entry['scene'], entry['keyframe']) == (key.scene, key.index)
    )
    return entry['files']


def test_tables_have_nuscenes_fields_unique_tokens_and_no_key_without_a_record(complete):
    check_tables(read_tables(complete / VERSION))


def test_nothing_but_the_tables_is_in_the_folder(complete):
    names = {path.name for path in (complete / VERSION).iterdir()}
    assert names == {*TABLE_FILES, FILES} and len(TABLE_FILES) == 15
    assert not (complete / UNFINISHED).exists()
    assert json.loads((complete / VERSION / SPLITS).read_text()) == {
        'synthetic_train': ['synthetic-0001'],
        'synthetic_val': ['synthetic-0002'],
    }


def test_every_record_stands_on_a_line_of_its_own(complete):
    """So that a table can be looked at and compared by lines."""
    for table in (complete / VERSION).glob('*.json'):
        if table.name != SPLITS:
            first, *rows, last = table.read_text().splitlines()
            assert first == '[' and last == ']'
            assert [json.loads(row.removesuffix(',')) for row in rows] == json.loads(
                table.read_text()
            )


def test_the_list_of_files_states_the_sizes_of_tables_and_files(complete):
    lines = (complete / VERSION / FILES).read_text().splitlines()
    assert json.loads(lines[0]) == {
        'tables': {name: (complete / VERSION / name).stat().st_size for name in TABLE_FILES}
    }
    assert len(lines) == 1 + len(KEYS)
    for key in KEYS:
        files = files_of(complete, key)
        assert len(files) == 8 + (key.index == 0)
        assert all((complete / name).stat().st_size == size for name, size in files.items())
    assert incomplete(complete) == []


def test_the_tables_follow_from_the_records_alone(complete):
    before = contents(complete / VERSION)
    shutil.rmtree(complete / VERSION)
    write_version_folder(complete, PARAMETERS)
    assert contents(complete / VERSION) == before


def test_what_an_earlier_run_left_half_done_is_not_taken_over(recorded):
    (recorded / UNFINISHED).mkdir()
    (recorded / UNFINISHED / 'scene.json').write_text('[{"half": ')
    (recorded / UNFINISHED / 'of-an-older-version.json').write_text('[]')
    write_version_folder(recorded, PARAMETERS)
    assert not (recorded / VERSION / 'of-an-older-version.json').exists()
    assert len(json.loads((recorded / VERSION / 'scene.json').read_text())) == 2


@pytest.mark.parametrize('key', [KEYS[0], KEYS[4]])
def test_a_record_that_has_gone_is_an_error_and_leaves_no_version_folder(recorded, key):
    path = recorded / FOLDER / f'synthetic-{key.scene + 1:04d}' / f'{key.index:04d}.json'
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(InputError, match=f'rows of {key} under .* have gone: run the same'):
        write_version_folder(recorded, PARAMETERS)
    assert not (recorded / VERSION).exists()
    path.write_bytes(kept)
    write_version_folder(recorded, PARAMETERS)
    assert incomplete(recorded) == []


def test_a_damaged_record_is_an_error_as_well(recorded):
    path = recorded / FOLDER / 'synthetic-0002' / '0002.json'
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match='keyframe 2 of synthetic-0002'):
        write_version_folder(recorded, PARAMETERS)


@pytest.mark.parametrize('step', ['write_bytes', 'open_whole', 'json_array'])
def test_a_full_disk_leaves_no_version_folder(recorded, monkeypatch, step):
    """Under the splits, the list of files, or a table."""

    def full(*arguments):
        raise FileAccessError(errno.ENOSPC, 'No space left on device', str(arguments[0]))

    with monkeypatch.context() as patched, pytest.raises(FileAccessError, match='No space left'):
        patched.setattr(version_folder, step, full)
        write_version_folder(recorded, PARAMETERS)
    assert not (recorded / VERSION).exists()
    write_version_folder(recorded, PARAMETERS)
    check_tables(read_tables(recorded / VERSION))


@pytest.mark.parametrize('number', [0, 1, 7, 8])
def test_a_keyframe_lacks_any_of_its_files(complete, number):
    """Sweep, labels, an image or the map: gone, cut, or longer than it was."""
    file = complete / list(files_of(complete, KEYS[3]))[number]
    whole = file.read_bytes()
    for damaged in (b'', whole[:-1], whole + b'\0'):
        file.write_bytes(damaged)
        assert incomplete(complete) == [KEYS[3]]
    file.unlink()
    assert incomplete(complete) == [KEYS[3]]
    file.write_bytes(whole)
    assert incomplete(complete) == []


def test_incomplete_keyframes_come_in_order(complete):
    for key in (KEYS[5], KEYS[0], KEYS[2]):
        (complete / next(iter(files_of(complete, key)))).unlink()
    assert incomplete(complete) == [KEYS[0], KEYS[2], KEYS[5]]


def test_missing_tables_are_named_together(complete):
    for name in ('ego_pose.json', 'log.json', FILES):
        (complete / VERSION / name).unlink()
    with pytest.raises(
        MissingFileError, match='lacks log.json, ego_pose.json, files.jsonl: delete'
    ):
        incomplete(complete)


@pytest.mark.parametrize('name', ['category.json', 'sample_data.json', SPLITS])
def test_a_table_of_another_size_is_an_error(complete, name):
    table = complete / VERSION / name
    table.write_bytes(table.read_bytes() + b' ')
    with pytest.raises(InputError, match=f'{name} changed.*delete this folder'):
        incomplete(complete)


def test_tables_of_fewer_or_longer_scenes_are_an_error(complete):
    """The list of a data set with other numbers does not fit these."""
    for other in (replace(PARAMETERS, scenes=3), replace(PARAMETERS, keyframes=4)):
        with pytest.raises(InputError, match='damaged.*makes all keyframes anew'):
            list(incomplete_keyframes(complete, other))


@pytest.mark.parametrize(
    'line, text',
    [
        (0, '{"tables": {}}'),
        (0, '{"tables": null}'),
        (0, '[]'),
        (2, '{"scene": 0, "keyframe": 1}'),
        (2, '{"scene": 0, "keyframe": 1, "files": []}'),
        (2, '{"scene": 0, "keyframe": 1, "files": {"a": "b"'),
        (3, '{"scene": 1, "keyframe": 2, "files": {}}'),
    ],
)
def test_a_line_that_is_no_entry_is_an_error(complete, line, text):
    path = complete / VERSION / FILES
    lines = path.read_text().splitlines()
    lines[line] = text
    path.write_text('\n'.join(lines) + '\n')
    with pytest.raises(InputError, match=f'{VERSION} is damaged.*delete this folder and run'):
        incomplete(complete)

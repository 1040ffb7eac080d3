"""Files that are there and cannot be read, folders that cannot be made, targets not writable."""

import os

import pytest

from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.errors import FileAccessError, InputError
from stslidr.files.access import make_folder, readable
from stslidr.files.atomic import check_can_write, write_bytes
from stslidr.files.hashing import hash_file
from stslidr.files.json_file import read_json
from stslidr.files.point_labels import read_point_labels
from stslidr.files.sweeps import read_sweep


@pytest.mark.parametrize(
    'read',
    [hash_file, read_json, lambda path: read_point_labels(path, LIDARSEG, 3)],
    ids=['hash', 'json', 'labels'],
)
def test_a_folder_in_the_place_of_a_file_is_named(tmp_path, read):
    with pytest.raises(FileAccessError, match=f'{tmp_path} cannot be read: Is a directory'):
        read(tmp_path)


def test_a_sweep_that_may_not_be_read_is_named(tmp_path, monkeypatch):
    path = tmp_path / 'a.bin'
    path.write_bytes(bytes(16))

    def refuse(*args, **kwargs):
        raise PermissionError(13, 'Permission denied', str(path))

    monkeypatch.setattr('numpy.fromfile', refuse)
    with pytest.raises(FileAccessError, match=f'sweep {path} cannot be read: Permission denied'):
        read_sweep(path, 4)


def test_missing_files_mistakes_and_faults_go_through():
    for error in (FileNotFoundError('x'), InputError('x'), ValueError('x')):
        with pytest.raises(type(error), match='^x$'), readable('file', 'y'):
            raise error


def test_folders_that_can_and_cannot_be_made(tmp_path):
    make_folder('work dir', tmp_path / 'a' / 'b')
    make_folder('work dir', tmp_path / 'a' / 'b')
    assert (tmp_path / 'a' / 'b').is_dir()
    (tmp_path / 'file').touch()
    for path in (tmp_path / 'file', tmp_path / 'file' / 'c', '/proc/absent'):
        with pytest.raises(FileAccessError, match=f'work dir {path} cannot be made'):
            make_folder('work dir', path)


def test_a_target_is_tried_without_a_trace(tmp_path):
    path = tmp_path / 'made' / 'x.json'
    check_can_write(path)
    assert os.listdir(path.parent) == []
    write_bytes(path, b'old')
    check_can_write(path)
    assert path.read_bytes() == b'old' and os.listdir(path.parent) == ['x.json']
    with pytest.raises(FileAccessError, match=f"Is a directory: '{tmp_path}'"):
        check_can_write(tmp_path)
    for target in (path / 'y', '/proc/x.json'):
        with pytest.raises(FileAccessError):
            check_can_write(target)

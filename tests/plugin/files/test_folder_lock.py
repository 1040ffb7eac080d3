"""One process at a time writes to a folder."""

import os
import subprocess
import sys

import pytest

from stslidr.errors import InputError
from stslidr.files import folder_lock
from stslidr.files.folder_lock import LOCK, hold_folder


def test_a_held_folder_is_refused_by_the_name_of_its_holder(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_lock, 'PATIENCE', 0.2)
    with (
        hold_folder(tmp_path / 'out', 'work dir'),
        pytest.raises(ValueError, match=f'work dir .*out is in use: process {os.getpid()}'),
        hold_folder(tmp_path / 'out', 'work dir'),
    ):
        pass
    with hold_folder(tmp_path / 'out', 'work dir'):
        pass


def test_a_child_that_outlives_the_guard_keeps_the_lock(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_lock, 'PATIENCE', 0.2)
    with hold_folder(tmp_path / 'out', 'work dir', keep_for_children=True) as lock:
        orphan = subprocess.Popen(
            [sys.executable, '-c', 'input()'], pass_fds=[lock], stdin=subprocess.PIPE
        )
    with pytest.raises(ValueError, match='is in use'), hold_folder(tmp_path / 'out', 'work dir'):
        pass
    orphan.communicate(b'\n')
    with hold_folder(tmp_path / 'out', 'work dir'):
        pass


def test_a_child_that_lives_on_does_not_keep_it_unless_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_lock, 'PATIENCE', 0.2)
    with hold_folder(tmp_path, 'work dir') as lock:
        child = subprocess.Popen(
            [sys.executable, '-c', 'input()'], pass_fds=[lock], stdin=subprocess.PIPE
        )
    with hold_folder(tmp_path, 'work dir'):
        pass
    child.communicate(b'\n')


def test_a_lock_that_is_a_link_to_elsewhere_is_not_followed(tmp_path):
    other = tmp_path / 'other'
    other.write_text('kept')
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out' / LOCK).symlink_to(other)
    refused = pytest.raises(InputError, match='is a link to .*other')
    with refused, hold_folder(tmp_path / 'out', 'work dir'):
        pass
    assert other.read_text() == 'kept'
